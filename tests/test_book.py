"""A workbook is a scenario: laid over its model, each value with the cell it comes from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from tables import each

import fte_alloc as fa
from fte_alloc import language
from fte_alloc.errors import InputError
from fte_alloc.inputs import book as module
from fte_alloc.questions.inputs_in_words import assumed_figures_lines

pytestmark = pytest.mark.usefixtures("search_once")

ROOT = Path(__file__).resolve().parents[1]
NAMES = [
    line.split(",")[:2]
    for line in (ROOT / "models/france-2023/territories.csv").read_text("utf-8").splitlines()[1:]
]
IN_POST = {code: 10.0 + n for n, (code, __) in enumerate(NAMES)}


def book(folder: Path, *sheets: list[list[object]], name: str = "study.xlsx") -> Path:
    """A workbook of so many sheets, as a planner would type it."""
    written = openpyxl.Workbook()
    written.remove(written.active)
    for n, rows in enumerate(sheets, start=1):
        sheet = written.create_sheet(f"Feuille {n}")
        for row in rows:
            sheet.append(row)
    written.save(folder / name)
    return folder / name


def emailed(change: dict[tuple[int, int], object] | None = None) -> list[list[object]]:
    """A table of eighteen regions as it comes by e-mail."""
    rows: list[list[object]] = [["Postes d'insertion, mars 2026"], [], ["Région", "ETP en poste"]]
    rows += [[name, IN_POST[code]] for code, name in NAMES]
    rows.append(["Total", sum(IN_POST.values())])
    for (row, column), value in (change or {}).items():
        while len(rows[row - 1]) < column:
            rows[row - 1].append(None)
        rows[row - 1][column - 1] = value
    return rows


def mistakes(path: Path) -> list[str]:
    """Everything that is wrong with a workbook, without its folder."""
    with pytest.raises(InputError) as refused:
        fa.load(path)
    return [
        m.what if "!" not in m.where else f"{m.where.rpartition('!')[2]}: {m.what}"
        for m in refused.value.mistakes
    ]


def test_a_table_sent_by_mail_is_laid_over_the_model(tmp_path):
    path = book(tmp_path, emailed())
    inputs = fa.load(path).inputs
    same = fa.load(
        "reference",
        {f"territories.{code}.existing_facilitators_fte": fte for code, fte in IN_POST.items()},
    ).inputs
    values, others = ({k: e.value for k, e in one.entries.items()} for one in (inputs, same))
    others.pop("title"), others.pop("title_fr"), values.pop("title"), values.pop("title_fr")
    assert values == others
    entry = inputs.entries["territories.53.existing_facilitators_fte"]
    assert entry.origin.endswith("study.xlsx, Feuille 1!B16")
    assert (entry.status, entry.unit, inputs.name) == ("reported", "FTE", "study")
    assert inputs.regional() == {"total": 108, "assumption": 90, "published": 0, "reported": 18}
    assert "do the posts in place include the renewed ones? 82 renewed FTE" in str(
        inputs.warnings[0]
    )
    assert [key for __, __, key in inputs.mapped] == ["name", "existing_facilitators_fte"]
    assert "is set aside" in inputs.notes[0]


SETTINGS = [["key", "value"], ["posts.cap_fte", 40], ["budget.state_eur_per_year", "0,6 M€"]]
#: What is wrong with an e-mailed table, by what was changed in it.
REFUSED = {
    "a region is missing": (
        {(4, 1): None, (4, 2): None, (22, 2): sum(IN_POST.values()) - 10},
        [],
        ["A3: no row for 01 (Guadeloupe); add it"],
    ),
    "an unknown region": (
        {(22, 1): "Wallonie", (22, 2): 3},
        [],
        ['A22: "Wallonie": no such territory in france-2023; a new one needs'],
    ),
    "misspelt regions, which are not missing, too": (
        {(4, 1): "Guadeloup", (9, 1): "Ailleurs", (10, 1): "Centre"},
        [],
        [
            'A4: "Guadeloup": no such territory in france-2023; did you mean 01 (Guadeloupe)?',
            'A9: "Ailleurs": no such territory in france-2023; a new one needs',
            'A10: "Centre": no such territory in france-2023; did you mean 24 (Centre-Val de L',
        ],
    ),
    "a rate in percent": (
        {(3, 3): "Taux minimal", (4, 3): 28},
        [],
        ["C4: territories.01.least_rate (Guadeloupe): is 28, expected"],
    ),
    "no heading of figures": (
        {(3, 2): "Effectif", (3, 3): "Code", **{(n, 3): None for n in range(4, 22)}},
        [],
        ['B3: column "Effectif" is not read; headings that are: FTE in place'],
    ),
    "a region twice": (
        {(22, 1): "PACA", (22, 2): 3},
        [],
        ["B22: territories.93.existing_facilitators_fte (Provence-Alpes-Côte d'Azur): is given"],
    ),
    "less than none": (
        {(4, 2): -10, (22, 2): None, (22, 1): None},
        [],
        ["B4: territories.01.existing_facilitators_fte (Guadeloupe): is -10, expected"],
    ),
    "contracts of all buyers": (
        {(3, 3): "Marchés", (4, 3): 5},
        [],
        ["C3: contracts are not parted by kind of buyer; write a column for each"],
    ),
    "a code of another region": (
        {(3, 3): "Code", (4, 3): 53},
        [],
        ['C4: code 53 is Bretagne, not "Guadeloupe"; correct one of them'],
    ),
    "an unknown status": (
        {(3, 3): "Statut", (4, 3): "sûr", (5, 3): "déclaré"},
        [],
        ['C4: is "sûr", expected published, derived, reported or assumed'],
    ),
    "published by nobody": (
        {(3, 3): "Statut", (4, 3): "publié"},
        [],
        ['C4: is "publié", which needs a source'],
    ),
    "an unknown key": (
        {},
        [["key", "value"], ["posts.cap_ftee", 40]],
        ["B2: posts.cap_ftee: unknown key; did you mean cap_fte?"],
    ),
    "a table and a key of it": (
        {},
        [["key", "value"], ["posts", 3], ["posts.cap_fte", 560]],
        ['B2: posts: is "3", expected a table: [posts]; its keys: posts.cap_fte'],
    ),
    "a key and its table": (
        {},
        [["key", "value"], ["posts.cap_fte", 560], ["posts", 3]],
        ['B3: posts: is "3", expected a table: [posts]; its keys: posts.cap_fte'],
    ),
    "a text for a number": (
        {},
        [["key", "value"], ["posts.cap_fte", "40 €"]],
        ['B2: is "40 €", expected a number'],
    ),
    "complete without a cap": (
        {(4, 1): None, (4, 2): None, (22, 1): None, (22, 2): None},
        [["clé", "valeur"], ["complete", "oui"], SETTINGS[2]],
        ["A3: posts.cap_fte is that of all territories of france-2023"],
    ),
    "no figures that are known": (
        {(3, 2): "Effectifs"},
        [],
        ["no table of territories found; its headings are such as region, FTE in place"],
    ),
}


@each("name", REFUSED)
def test_what_is_refused_is_told_with_its_cell(tmp_path, name):
    change, settings, told = REFUSED[name]
    said = mistakes(book(tmp_path, emailed(change), *([settings] if settings else [])))
    assert len(said) == len(told), said
    for one, sentence in zip(said, told, strict=True):
        assert one.startswith(sentence), one


def test_what_is_refused_in_french_is_french_with_the_cell_to_fill(tmp_path):
    rows = [["Région", "Marchés", "Taux minimal"], ["Bretagne", 13, 28], ["Corse", 2, None]]
    settings = [["clé", "valeur"], ["complete", "oui"], ["posts.cap_fte", None], SETTINGS[2]]
    with language.in_language("fr"):
        kinds, rate, cap = mistakes(book(tmp_path, rows, settings))
    assert "(État et hôpitaux, collectivités, opérateurs de réseaux)" in kinds
    assert rate.startswith("C2: territories.53.least_rate (Bretagne): vaut 28")
    assert rate.endswith("(ou sans limite)\u202f; 28\xa0% s’écrit 0,28")
    assert cap.startswith("B3: posts.cap_fte vaut pour tous les territoires")


def test_a_complete_table_of_some_territories(tmp_path):
    rows = [
        ["Région", "ETP en poste", "Postes reconduits"],
        ["Bretagne", 13, 4],
        ["Corse", "2,5", 0],
    ]
    problem = fa.load(book(tmp_path, rows, [*SETTINGS, ["complete", "oui"]]))
    assert problem.territories == ("53", "94")
    plan = fa.solve(problem)
    assert plan.status == "optimal"
    with pytest.raises(InputError, match=r"PACA.*: no such territory in study"):
        fa.explain(plan.problem, "PACA")
    with pytest.raises(InputError, match=r"no such territory in \S*study\.xlsx"):
        fa.load(tmp_path / "study.xlsx", {"territories.PACA.least_rate": 0.1})
    assert problem.inputs.value("budget.state_eur_per_year") == 600_000


def test_a_new_territory_has_contracts_of_its_own(tmp_path):
    rows = emailed({(3, 3): "Marchés État", (3, 4): "Collectivités", (3, 5): "Opérateurs"})
    rows[-1:] = [["Wallonie", 3, 100, 900, 40]]
    problem = fa.load(book(tmp_path, rows))
    at = problem.territories.index("wallonie")
    assert sorted(problem.contracts_per_year[at].ravel().tolist()) == [40, 100, 900]


def test_what_a_row_says_of_its_figures(tmp_path):
    change = {(3, 3): "Statut", (3, 4): "Source", (4, 3): "déclaré", (4, 4): "DREETS, 12 mars"}
    inputs = fa.load(book(tmp_path, emailed(change))).inputs
    entry = inputs.entries["territories.01.existing_facilitators_fte"]
    assert (entry.status, entry.source) == ("reported", "DREETS, 12 mars")


def test_a_result_is_no_scenario(tmp_path):
    path = book(tmp_path, [["a"]])
    written = openpyxl.load_workbook(path)
    written.create_sheet("Synthèse"), written.create_sheet("Dictionnaire")
    written.save(path)
    assert mistakes(path)[0].startswith(
        "is the result of a command, not a scenario; judge its posts"
    )


def test_contracts_in_rows_or_columns_are_the_same(tmp_path):
    read = fa.load("reference").inputs.value
    kinds = {"état": "state_hospital", "Collectivités": "local", "opérateurs": "operators"}
    wide = [
        ["Code", *kinds],
        *([c, *(read(f"contracts.{c}.{k}") + 1 for k in kinds.values())] for c, __ in NAMES),
    ]
    long = [["Territoire", "Type d'acheteur", "Marchés"]]
    long += [
        [name, kind, read(f"contracts.{c}.{kinds[kind]}") + 1]
        for c, name in NAMES
        for kind in kinds
    ]
    one, two = (fa.load(book(tmp_path, rows)).inputs for rows in (wide, long))
    assert one.resolved_sha256 == two.resolved_sha256
    assert one.regional() == {"total": 108, "assumption": 54, "published": 0, "reported": 54}
    assert one.value("contracts.53.local") == read("contracts.53.local") + 1


def test_a_column_of_other_statuses_is_not_ours(tmp_path):
    rows = emailed({(3, 3): "Statut", (4, 3): "validé", (5, 3): "en attente"})
    inputs = fa.load(book(tmp_path, rows)).inputs
    assert 'C3: column "Statut" is not read' in " ".join(map(str, inputs.warnings))
    assert inputs.regional()["reported"] == 18
    ours = emailed({(3, 3): "Statut", (4, 3): "estimé", (3, 4): "Source"})
    assert mistakes(book(tmp_path, ours)) == [
        'C4: is "estimé", expected published, derived, reported or assumed'
    ]


def test_rates_in_percent_and_limits_taken_away(tmp_path):
    rows = emailed({(3, 3): "Taux minimal (%)", (4, 3): "25 %", (5, 3): "aucun", (6, 3): 0.2})
    entries = fa.load(book(tmp_path, rows)).inputs.entries
    rates = [entries[f"territories.{code}.least_rate"].value for code in ("01", "02", "03")]
    assert rates == [0.25, None, 0.2]
    assert entries["territories.01.least_rate"].status == "scenario"


def test_what_is_not_seen_is_said(tmp_path):
    path = book(tmp_path, emailed({(3, 3): "ETP demandés", (4, 3): 5, (5, 2): None, (22, 2): None}))
    written = openpyxl.load_workbook(path)
    written.worksheets[0].row_dimensions[6].hidden = True
    written.create_sheet("Notes").append(["Effectifs", 12])
    written.worksheets[0].sheet_state = "hidden"
    written.save(path)
    told = [str(warning).rpartition(": ")[0] for warning in fa.load(path).inputs.warnings]
    said = " ".join(map(str, fa.load(path).inputs.warnings))
    assert len(told) == 6
    for sentence in (
        "hidden rows are read as the others: 6",
        "the hidden sheet Feuille 1 is read as the others",
        'C3: column "ETP demandés" is not read',
        "B3: empty for Martinique: what was there before is taken; write 0",
        "do the posts in place include the renewed ones?",
        "no table is read on the sheet Notes",
    ):
        assert sentence in said


def test_an_empty_cell_of_an_old_workbook_may_be_an_error(tmp_path, monkeypatch):
    path = book(tmp_path, emailed({(5, 2): None, (22, 2): None}))
    read = module.sheets_of
    monkeypatch.setattr(
        module, "sheets_of", lambda *a: [replace(s, sees_blanks=False) for s in read(*a)]
    )
    assert mistakes(path)[0].startswith("B5: is empty, or an error or a formula never computed")


def test_a_scenario_may_extend_a_workbook_and_be_verified(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    book(tmp_path, emailed())
    Path("mine.toml").write_text('extends = "./study.xlsx"\n[posts]\ncap_fte = 560\n', "utf-8")
    plan = fa.solve(fa.load("mine.toml"))
    assert fa.verify(plan.document).accepted
    changed = openpyxl.load_workbook("study.xlsx")
    changed.worksheets[0]["B5"] = 99
    changed.save("study.xlsx")
    assert not fa.verify(plan.document).accepted


def test_a_new_territory_without_all_its_contracts(tmp_path):
    rows = [["Territoire", "Acheteur", "Marchés"], *([c, "État", 5] for c, __ in NAMES)]
    kind, whole = mistakes(book(tmp_path, [*rows, ["Wallonie", "Armée", 5]]))
    assert kind.startswith(
        "C20: contracts.wallonie.Armée (Wallonie): no such kind of buyer in france-2023"
    )
    assert whole.startswith("A20: no row for wallonie local, wallonie operators, wallonie state")


def test_a_new_territory_may_have_a_code_alone(tmp_path):
    rows = [["Code", "Territoire", "Acheteur", "Marchés"]]
    rows += [["", name, "État", 5] for name, __ in NAMES]
    rows += [["98", None, kind, 7] for kind in ("État", "Collectivités", "Opérateurs")]
    inputs = fa.load(book(tmp_path, rows)).inputs
    assert inputs.codes("territories")["98"] == "98"
    assert inputs.value("contracts.98.local") == 7


def test_a_conflict_names_the_workbook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    book(tmp_path, emailed({(3, 3): "ETP reconduits", **{(n, 3): 9 for n in range(4, 22)}}))
    found = fa.diagnose("study.xlsx").document
    assert "study.xlsx" in {one["origin"] for one in found["conflict"][0]["items"]}


def test_departements_are_those_of_another_model(tmp_path):
    lines = (
        (ROOT / "models/france-2023-departements/territories.csv").read_text("utf-8").splitlines()
    )
    codes = [line.split(",")[0] for line in lines[1:]]
    rows = [["Département", "ETP en poste"], *([int(c) if c.isdecimal() else c, 2] for c in codes)]
    rows[1:] = [row for row in rows[1:] if row[0] not in (1, 2, 3, 4, 6)]
    (told,) = mistakes(book(tmp_path, [row for row in rows if not str(row[0]).isdecimal()]))
    assert told.startswith("A1: no row is a territory of france-2023; name the model of these")
    rows += [[c, 2] for c in (1, 2, 3, 4, 6)]
    problem = fa.load(book(tmp_path, rows, [["clé", "valeur"], ["extends", "departements"]]))
    assert problem.existing_facilitators_fte.tolist() == [2.0] * 101


def test_the_line_under_a_page_advises_no_command_that_fails(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = fa.solve(fa.load(book(tmp_path, emailed()))).document
    told = [line.text for line in assumed_figures_lines(document)]
    assert told == [
        "90 of 108 regional counts of posts and contracts are ASSUMED, 0 published, 18 reported.",
        "Each with its reason: fte-alloc check study.xlsx",
    ]
    Path("study.xlsx").unlink()
    assert [line.text for line in assumed_figures_lines(document)] == told[:1]


def test_a_row_of_figures_is_no_row_of_headings(tmp_path):
    """A key reads as a heading, and empty cells as those above: a row that has a number is none."""
    rows = [["valeur", "unité", "statut", "source", "clé"]]
    rows += [[55_001, "€/ETP/an", None, None, "posts.coordinator.cost_eur_per_fte"]]
    rows += [[560, "ETP", None, None, "posts.cap_fte"]]
    value = fa.load(book(tmp_path, emailed(), rows)).inputs.value
    assert (value("posts.coordinator.cost_eur_per_fte"), value("posts.cap_fte")) == (55_001, 560)
