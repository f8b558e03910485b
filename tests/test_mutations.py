"""Workbooks changed at random: no traceback, and no number that is read as another."""

from __future__ import annotations

import io
import os
import random
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from conftest import cut_model

import fte_alloc as fa
from fte_alloc.cli import main
from fte_alloc.errors import InputError
from fte_alloc.inputs import book, sheets
from fte_alloc.inputs.sheets import read_sheets

#: Changes that each of four slow tests tries: 3,000 in all, 10,000 with MUTATIONS=2500.
TIMES = int(os.environ.get("MUTATIONS", "750"))
#: How a number may be typed; {whole} has no decimals, {tenths} one.
RIGHT = (
    ("{whole}", 0),
    ("{tenths}", 1),
    ("{comma}", 1),
    (" {comma}\u00a0", 1),
    ("{grouped}", 0),
    ("+{whole}", 0),
)
WRONG = (
    "{whole} x",
    "n.c.",
    "#REF!",
    "-{whole}",
    "{whole} {tenths}",
    "{tenths},",
    "1O{whole}",
    "{whole}?",
)
WRONG += ("{whole}-{whole}", "({whole})", "env. {whole}", "{comma} ,5", "oui", "{whole} %{whole}")


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A new workbook of three regions, its sheets, and the key of every cell with a figure.

    With few rows, there is more that a change can hit in each of them.
    """
    folder = tmp_path_factory.mktemp("new")
    path, few = folder / "study.xlsx", folder / "few.toml"
    cut_model(folder / "models" / "few", ("11", "53", "94"))
    few.write_text('title = "Few"\nmodel = "few"\n', encoding="utf-8")
    main(["new", str(path), "--from", str(few), "--lang", "fr"])
    read = read_sheets(path.read_bytes(), "study.xlsx")
    places = {}
    for key, entry in fa.load(path).inputs.entries.items():
        at = re.fullmatch(r".*, (.+)!([A-Z])(\d+)", entry.origin)
        if at and isinstance(entry.value, float):
            places[at[1], int(at[3]), ord(at[2]) - 64] = key
    return path, read, places


def with_cell(grids, place, value):
    """The sheets with another value in one cell."""
    name, row, column = place
    return [
        s if s.name != name else replace(s, rows={**s.rows, row: {**s.rows[row], column: value}})
        for s in grids
    ]


def moved(grids, rng):
    """The sheets with rows in another order, columns further right, and titles above."""
    found = []
    for sheet in grids:
        first, *others = sorted(sheet.rows)
        rng.shuffle(others)
        right, down = rng.randrange(4), rng.randrange(5)
        rows = {
            down + n: {j + right: v for j, v in sheet.rows[row].items()}
            for n, row in enumerate([first, *others], 2)
        }
        found.append(replace(sheet, rows={1: {1: "Campagne de 2026"}, **rows} if down else rows))
    return found


def try_cells(begun, monkeypatch, seed, times):
    path, grids, places = begun
    rng, chosen = random.Random(seed), sorted(places)
    read = fa.load(path).inputs.entries
    taken = refused = 0
    for __ in range(times):
        place, whole = rng.choice(chosen), rng.randrange(1, 9)
        is_wrong = rng.random() < 0.5
        form, digits = (rng.choice(WRONG), 0) if is_wrong else rng.choice(RIGHT)
        whole += 0 if digits else rng.choice([0, 0, 1000, 20_000])
        told = {
            "whole": whole,
            "tenths": f"{whole}.5",
            "comma": f"{whole},5",
            "grouped": f"{whole:,}".replace(",", "\u202f"),
        }
        number = whole + digits * 0.5
        text = form.format(**told)
        typed = number if rng.random() < 0.2 and not is_wrong else text
        made = with_cell(grids, place, typed)
        made = moved(made, rng) if rng.random() < 0.3 else made
        monkeypatch.setattr(book, "sheets_of", lambda *_, made=made: made)
        try:
            found = fa.load(path).inputs.entries
        except InputError as error:
            if not is_wrong and not re.search("expected|above", str(error)):
                raise
            refused += 1
            continue
        assert not is_wrong, (place, text)
        taken += 1
        key = places[place]
        assert found[key].value == number, (place, typed)
        assert {k for k in read if found[k].value != read[k].value} <= {key}
    return taken, refused


def test_a_cell_changed_is_a_number_seen_or_refused(begun, monkeypatch):
    taken, refused = try_cells(begun, monkeypatch, 1, 16)
    assert min(taken, refused) > 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_cells_changed_by_hundreds(begun, monkeypatch, seed):
    taken, refused = try_cells(begun, monkeypatch, seed, TIMES)
    assert min(taken, refused) > TIMES // 5


def damaged(data, rng):
    """A workbook with some bytes changed, within one of its parts or outside them."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    hit = rng.choice([name for name in archive.namelist() if name.endswith(".xml")])

    def hurt(part):
        part = bytearray(part)
        for __ in range(rng.choice([1, 1, 3, 30])):
            at, how = rng.randrange(len(part)), rng.randrange(4)
            if how == 0:
                part[at] = rng.randrange(256)
            elif how == 1:
                part[at : at + rng.choice([0, 4, 40])] = b"\x30"
            elif how == 2:
                part[at:at] = part[max(0, at - rng.randrange(1, 200)) : at]
            else:
                part[at] = ord(rng.choice('0123456789.,<>"/ e-'))
        return bytes(part)

    if rng.random() < 0.2:
        return hurt(data)
    with zipfile.ZipFile(made := io.BytesIO(), "w") as written:
        for name in archive.namelist():
            part = archive.read(name)
            written.writestr(name, hurt(part) if name == hit else part)
    return made.getvalue()


def try_bytes(begun, seed, times):
    rng, data = random.Random(seed), begun[0].read_bytes()
    path = begun[0].with_name("damaged.xlsx")
    refused = 0
    for __ in range(times):
        path.write_bytes(damaged(data, rng))
        try:
            fa.load(path)
        except InputError:
            refused += 1
    return refused


def test_a_damaged_workbook_is_refused_or_read(begun):
    assert try_bytes(begun, 1, 10) > 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_workbooks_damaged_by_hundreds(begun, seed):
    assert try_bytes(begun, seed, TIMES) > TIMES // 5


def refusal(folder, parts, name="bomb.xlsx"):
    """What is told of a workbook made of these parts."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            with archive.open(part, "w", force_zip64=True) as file:
                for chunk in data:
                    file.write(chunk)
    with pytest.raises(InputError) as refused:
        fa.load(path)
    return str(refused.value)


def test_a_workbook_that_unzips_to_too_much_is_refused(tmp_path, monkeypatch):
    cells = [b'<row><c r="A1"/>' + b"<c/>" * 250_000] * 5
    parts = {"xl/workbook.xml": [b""], "xl/worksheets/sheet1.xml": cells}
    assert "has more than 1,000,000 cells" in refusal(tmp_path, parts)
    parts["xl/worksheets/sheet1.xml"] = [b'<mergeCell ref="A1:XFD1048576"/>']
    assert "has more than 1,000,000 cells" in refusal(tmp_path, parts)
    parts["xl/worksheets/sheet1.xml"] = cells
    monkeypatch.setattr(sheets, "MOST_UNZIPPED", 2 << 20)
    assert "is larger than 2 MB unzipped" in refusal(tmp_path, parts)


@pytest.mark.slow
def test_an_old_workbook_of_ten_thousand_million_cells_is_refused(tmp_path):
    times = b'table:number-%s-repeated="99999"'
    cell = b'<table:table-cell office:value-type="float" %s/>' % (times % b"columns")
    row = b"<table:table-row %s>%s</table:table-row>" % (times % b"rows", cell)
    parts = {"content.xml": [b"<table:table >" + row]}
    assert "is no workbook, or a damaged one" in refusal(tmp_path, parts, "bomb.ods")


def test_links_formulas_and_macros_are_inert(begun):
    written = openpyxl.load_workbook(begun[0])
    sheet = written["Territoires"]
    sheet["D4"] = '=WEBSERVICE("http://127.0.0.1:9/"&CALL("a","b"))'
    sheet["O3"] = "='[other.xlsx]Sheet1'!A1"
    path = begun[0].with_name("links.xlsx")
    written.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    with pytest.raises(InputError, match="Territoires!D4: is a formula without a stored value"):
        fa.load(path)
