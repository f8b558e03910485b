"""Numbers as people type them: what was meant is told, nothing that is none is taken for one."""

from __future__ import annotations

import pytest
from conftest import run
from tables import each

import fte_alloc as fa
from fte_alloc.inputs.typed_numbers import possible_numbers


@each(
    ("meant", "typed"),
    [
        ("4500000", "4,5M|4.5M|4 500 000|4.5 M€|4500k|4,500,000|4500000 €|4.500.000|4'500'000"),
        (
            "4500000",
            "4,5 millions d'euros|€4.5M|4500 kEUR|4.5 MEUR|4.500.000,00",
        ),
        ("4500000", "4\u202f500\u202f000|4\u00a0500\u00a0000 EUR"),
        ("4500000000", "4,5 Md€|4.5G"),
        ("0.3", "30%|30 %|0,3|,3"),
        ("560", "560 FTE|560ETP|5.6e2|560."),
        ("-5.5", "-5,5|\u22125,5"),
        ("", "M|2023-05-03|nan|inf|4 5|12,34,56|1,5,2|0x10||1.234.56|5OO|58S|12 contracts"),
    ],
)
def test_what_is_meant_by_a_text(meant, typed):
    for text in typed.split("|"):
        assert possible_numbers(text) == ([meant] if meant else []), text
        key = "posts.cap_fte"
        with pytest.raises(fa.InputError) as error:
            fa.load("reference", {key: text})
        told = str(error.value)
        assert told.endswith(f"; write {meant}") if meant else "write" not in told


@each("typed", ["4,500", "4.500 €"])
def test_of_two_readings_both_are_told(typed):
    with pytest.raises(fa.InputError, match=r"; write 4500 or 4\.5, whichever is meant"):
        fa.load("reference", {"posts.cap_fte": typed})


@each(
    ("value", "told"),
    [
        ("4,5M", "4,5M is not written as a number; write 4500000"),
        ("4,500,000  # a year", "4,500,000 is not written as a number; write 4500000"),
        ("4.5 M€", "4.5 M€ is not written as a number; write 4500000"),
        ("4,500", "; write 4500 or 4.5"),
        ("4,55", "4,55 is not written as a number; write 4.55"),
    ],
)
def test_a_number_of_a_file_too(tmp_path, value, told):
    path = tmp_path / "mine.toml"
    path.write_text(f'extends = "reference"\n[budget]\nstate_eur_per_year = {value}\n', "utf-8")
    with pytest.raises(fa.InputError) as error:
        fa.load(path)
    assert "mine.toml:3: " in str(error.value)
    assert told in str(error.value)


#: Options up to their value, and the code with which what is no number is refused.
OPTIONS = [
    ("solve reference --time-limit=", 2),
    ("explain reference --within=", 2),
    ("weights reference --tolerance=", 2),
    ("weights reference --path=weights.territory.53=0.9:", 5),
    ("regret reference state-first --probability=reference=", 5),
    ("sweep reference --sample=3 --uncertain=coverage.contracts_per_fte=50:", 5),
    ("sweep reference --sample=3 --uncertain=demand=", 5),
    ("sweep reference --uncertain=demand --sample=", 2),
    ("sweep reference --sample=3 --uncertain=demand --seed=", 2),
    ("sweep reference --vary=posts.cap_fte=560 --jobs=", 2),
    ("sweep reference --vary=posts.cap_fte=560 --at-least=", 2),
    ("sweep reference --vary=posts.cap_fte=", 5),
    ("sweep reference --vary=posts.cap_fte=540:560:", 5),
    ("solve reference --set=posts.cap_fte=", 5),
]
RARE = ["-inf", "NaN", "1e999", " ", "0,x"]


@each(
    ("arguments", "code", "typed"),
    [
        (*option, typed)
        for n, option in enumerate(OPTIONS)
        for typed in ("nan", "inf", "", RARE[n % len(RARE)])
    ],
)
def test_what_is_no_finite_number_is_refused(capsys, arguments, code, typed):
    *words, option = arguments.split()
    found, out, err = run(capsys, *words, option + typed)
    assert (found, out) == (code, "")
    assert "Traceback" not in err


@each(
    ("arguments", "meant"),
    [
        ("solve reference --time-limit 0,5", "0.5"),
        ("sweep reference --vary posts.cap_fte=0,1:0,3:0,1", "0.1:0.3:0.1"),
        ("sweep reference --sample 3 --uncertain demand=20,5%", "20.5%"),
        ("sweep reference --sample 3 --uncertain coverage.contracts_per_fte=60,5:70", "60.5:70"),
        ("weights reference --path weights.territory.53=0,95:1,05", "0.95:1.05"),
        ("regret reference state-first --probability reference=0,5", "0.5"),
        ("calibrate reference --rate 22,3", "0.223 for 22,3 %"),
    ],
)
def test_a_decimal_comma_is_told(capsys, arguments, meant):
    code, _, err = run(capsys, *arguments.split())
    assert code in (2, 5)
    assert f"; write {meant}\n" in err


@each(
    "arguments",
    ["explain reference --within 1e3", "explain reference --within 4,5M"]
    + [f"sweep reference --uncertain demand --sample {typed}" for typed in ("0,15", "5%", "-0")],
)
def test_no_number_is_proposed_that_would_be_refused(capsys, arguments):
    code, _, err = run(capsys, *arguments.split())
    assert (code, "write" in err) == (2, False)


def test_a_list_stays_one(capsys):
    code, out, err = run(capsys, "sweep", "reference", "--vary", "coverage.target_rate=0,1")
    assert (code, err, "2 cases: coverage rate aimed at" in out) == (0, "", True)
