"""Files → values: which file wins, how tables merge, what names and spreadsheets may say."""

from __future__ import annotations

import json
import random
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from conftest import slow
from limit_arrays import arrays_of
from tables import each

import fte_alloc as fa
from fte_alloc.inputs.codes import PostCodes
from fte_alloc.inputs.input_files import available, package_root, shown_path
from fte_alloc.inputs.overrides import parse_override
from fte_alloc.inputs.plan_files import read_posts
from fte_alloc.inputs.resolve import read_inputs
from fte_alloc.programme.objectives import DEFAULT_STAGES, Stage

ROOT = Path(__file__).resolve().parents[1]

SAID = 'unit = "{unit}", status = "assumption", note = "a test"'
NUMBERS = {
    "posts.cap_fte": ("100", "FTE"),
    "posts.facilitator.cost_eur_per_fte": ("40_000", "EUR/(FTE.yr)"),
    "posts.facilitator.state_rate": ("0.5", "1"),
    "budget.state_eur_per_year": ("1_000_000", "EUR/yr"),
    "coverage.contracts_per_fte": ("50", "contracts/(FTE.yr)"),
    "coverage.segments.town.floor_rate": ("0.1", "1"),
    "coverage.segments.state.floor_rate": ("0.2", "1"),
}
COLUMNS = {
    "territories": {
        "population": "inhabitants",
        "unemployment": "1",
        "poverty": "1",
        "existing_facilitators_fte": "FTE",
    },
    "contracts": {"contracts_per_year": "contracts/yr"},
}
TERRITORIES = """\
code,name,population,unemployment,poverty,existing_facilitators_fte
01,Île-du-Nord,100,0.05,0.2,3
2A,Côte d'Or,300,0.09,0.1,4.5
2B,Val,600,0.10,0.1,
"""
CONTRACTS = """\
territory,segment,contracts_per_year
01,town,50
2A,town,100
2B,town,300
01,state,10
2A,state,20
2B,state,20
"""


def model_toml(numbers=(), columns=COLUMNS, head="years = [2023]") -> str:
    """A small model; numbers replace or add to those above."""
    lines = [head]
    for key, (value, unit) in (NUMBERS | dict(numbers)).items():
        lines.append(f"{key} = {{ value = {value}, {SAID.format(unit=unit)} }}")
    for table, said in columns.items():
        for column, unit in said.items():
            lines.append(f"tables.{table}.{column} = {{ {SAID.format(unit=unit)} }}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def small(tmp_path, monkeypatch) -> Path:
    """A model of three territories and two kinds of buyer, and a scenario ``base``."""
    write("models/small/model.toml", model_toml(), tmp_path)
    write("models/small/territories.csv", TERRITORIES, tmp_path)
    write("models/small/contracts.csv", CONTRACTS, tmp_path)
    write("scenarios/base.toml", 'model = "small"\n', tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str | bytes, folder: Path = Path()) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def child(text: str, name: str = "child") -> None:
    write(f"scenarios/{name}.toml", f'extends = "base"\n{text}\n')


def loaded(name: str = "child", *sets: str):
    return fa.load(name, dict(map(parse_override, sets)))


def values(name: str = "child", *sets: str) -> dict:
    """Resolved values by key."""
    inputs = read_inputs(name, dict(map(parse_override, sets)))
    return {key: entry.value for key, entry in inputs.entries.items()}


# -- which file wins -------------------------------------------------------------------------------


def test_precedence_is_model_then_parent_then_scenario_then_set(small):
    assert values("base")["posts.cap_fte"] == 100
    write("scenarios/parent.toml", 'extends = "base"\nposts.cap_fte = 200\nposts.step_fte = 0.5\n')
    write("scenarios/child.toml", 'extends = "parent"\nposts.cap_fte = 300\n')
    write("scenarios/grandchild.toml", 'extends = "child"\nbudget.state_eur_per_year = 7\n')
    assert values("parent")["posts.cap_fte"] == 200
    assert values("child")["posts.cap_fte"] == 300
    found = values("grandchild", "posts.cap_fte=400")
    assert found["posts.cap_fte"] == 400
    assert found["posts.step_fte"] == 0.5
    assert found["budget.state_eur_per_year"] == 7
    assert found["posts.facilitator.cost_eur_per_fte"] == 40_000


def test_every_value_says_where_it_was_set(small):
    child("[posts]\nstep_fte = 1\n[territories.Val]\nleast_rate = 0.2")
    entries = read_inputs("child", {"posts.cap_fte": 400}).entries
    origins = {key: (entry.origin, entry.status) for key, entry in entries.items()}
    assert origins["posts.step_fte"] == ("scenarios/child.toml:3", "scenario")
    assert origins["territories.2B.least_rate"] == ("scenarios/child.toml:5", "scenario")
    assert origins["posts.cap_fte"] == ("--set posts.cap_fte=400", "scenario")
    assert origins["budget.state_eur_per_year"] == ("models/small/model.toml:5", "assumption")
    assert origins["territories.2A.population"] == ("models/small/territories.csv:3", "assumption")
    assert origins["contracts.2B.town"] == ("models/small/contracts.csv:4", "assumption")
    assert origins["weights.segment.town"] == ("default", "default")


def test_the_youngest_model_counts(small):
    shutil.copytree("models/small", "models/other")
    child('model = "other"')
    assert read_inputs("child").model == "other"
    assert read_inputs("child").model_title == "other"
    write("models/other/model.toml", 'title = "Other"\n' + model_toml())
    assert read_inputs("child").model_title == "Other"
    child('model = "other"\ntitle = "Mine"')
    inputs = read_inputs("child")
    assert (inputs.title, inputs.model_title) == ("Mine", "Other")


def test_tables_merge_by_key(small):
    write("scenarios/base.toml", 'model = "small"\nweights.segment = { town = 2, state = 3 }\n')
    child("weights.segment.state = 5\nterritories.01.least_rate = 0.1")
    found = values()
    assert found["weights.segment.town"] == 2
    assert found["weights.segment.state"] == 5
    assert found["territories.01.existing_facilitators_fte"] == 3
    assert found["territories.01.least_rate"] == 0.1


def test_lists_replace(small):
    stages = '[[stages]]\nmaximise = "worst_rate"\nconcede = 0.1\n[[stages]]\nminimise = "posts"\n'
    write("scenarios/base.toml", f'model = "small"\nyears = [2023, 2024, 2025]\n{stages}')
    assert loaded("base").stages == (Stage("worst_rate", 0.1), Stage("posts"))
    child('years = [2024]\nstages = [{ maximise = "contracts" }]')
    problem = loaded()
    assert problem.years == (2024,)
    assert problem.stages == (Stage("contracts"),)
    assert loaded("child", 'stages=[{minimise="state_cost"}]').stages == (Stage("state_cost"),)
    assert loaded("child", "years=[2025, 2024]").years == (2024, 2025)


def test_without_stages_there_are_the_usual_ones(small):
    assert loaded("base").stages == DEFAULT_STAGES


# -- years -----------------------------------------------------------------------------------------


def cap(text: str, *sets: str) -> list[float]:
    """The cap over 2023 and 2024 for a parent, a child and --set."""
    parent, _, rest = text.partition("|")
    years = "years = [2023, 2024]\n"
    write("scenarios/base.toml", f'model = "small"\n{years}{parent}\n')
    child(rest)
    return arrays_of(loaded("child", *sets)).cap_fte.tolist()


@each(
    ("text", "expected"),
    [
        ("", [100, 100]),
        ("posts.cap_fte = { 2024 = 120 }", [100, 120]),
        ("posts.cap_fte = 110|posts.cap_fte.2023 = 90", [90, 110]),
        ("posts.cap_fte = { 2023 = 1, 2024 = 2 }|posts.cap_fte = 3", [3, 3]),
        ("posts.cap_fte = { 2023 = 1, 2024 = 2 }|posts.cap_fte = { 2024 = 3 }", [1, 3]),
        ("posts.cap_fte = { 2023 = 1 }|posts.cap_fte = 'none'", [np.inf, np.inf]),
        ("posts.cap_fte = { 2024 = 'none' }", [100, np.inf]),
        ("posts.cap_fte = 'none'|posts.cap_fte = { 2023 = 5 }", [5, np.inf]),
    ],
)
def test_a_value_for_all_years_replaces_and_one_by_year_changes_only_its_year(
    small, text, expected
):
    assert cap(text) == expected


def test_years_and_set(small):
    assert cap("", "posts.cap_fte.2024=7") == [100, 7]
    assert cap("posts.cap_fte.2024 = 8", "posts.cap_fte=7") == [7, 7]
    assert cap("", "posts.cap_fte={2023 = 1, 2024 = 2}") == [1, 2]
    first, second = "posts.cap_fte.2024=9", "posts.cap_fte=8"
    assert cap("", first, second) == cap("", second, first) == [8, 9]


def test_a_model_by_year(small):
    numbers = {"posts.cap_fte": ("{ 2023 = 1, 2024 = 2, 2025 = 3 }", "FTE")}
    write("models/small/model.toml", model_toml(numbers))
    assert arrays_of(loaded("base")).cap_fte.tolist() == [1]
    child("years = [2024, 2025]\nposts.cap_fte.2025 = 9")
    assert arrays_of(loaded()).cap_fte.tolist() == [2, 9]


def test_a_table_by_year_of_equal_values_is_the_value(small):
    child("years = [2023, 2024]\nposts.cap_fte = 7")
    one = read_inputs("child").resolved_sha256
    child("years = [2023, 2024]\nposts.cap_fte = { 2023 = 7, 2024 = 7 }")
    assert read_inputs("child").resolved_sha256 == one


@each("number", ["7.0", "70e-1", "0x7", "+7"])
def test_a_number_is_the_same_however_it_is_written(small, number):
    child("posts.cap_fte = 7")
    one = read_inputs("child").resolved_sha256
    child(f"posts.cap_fte = {number}")
    assert read_inputs("child").resolved_sha256 == one


def test_a_child_may_drop_a_year_its_parent_speaks_of(small):
    text = "years = [2023, 2024]\nposts.cap_fte.2024 = 3\nweights.year.2024 = 2\n"
    write("scenarios/base.toml", f'model = "small"\n{text}')
    child("years = [2023]")
    found = values()
    assert found["posts.cap_fte"] == 100
    assert "weights.year.2024" not in found


def test_contracts_with_a_year_column(small):
    rows = CONTRACTS.replace("contracts_per_year", "contracts_per_year,year").splitlines()
    table = [rows[0], *(f"{row}," for row in rows[1:]), "2B,town,360,2024", "01,state,12,2023"]
    write("models/small/contracts.csv", "\n".join(table))
    child("years = [2023, 2024]\ncontracts.2A.town.2024 = 101")
    contracts = loaded().contracts_per_year  # [territory, year, segment], segments by code
    assert contracts[:, 0].tolist() == [[12, 50], [20, 100], [20, 300]]
    assert contracts[:, 1].tolist() == [[10, 50], [20, 101], [20, 360]]


# -- none, names, columns --------------------------------------------------------------------------


def test_none_removes_a_limit(small):
    child(
        "posts.cap_fte = 'none'\nbudget.state_eur_per_year = 'none'\n"
        "[territories.Val]\nleast_rate = 'none'\nmax_new_facilitators_fte = 'none'\n"
        "min_new_facilitators_fte = 'none'"
    )
    problem = loaded()
    assert np.isinf(arrays_of(problem).cap_fte).all()
    assert np.isinf(arrays_of(problem).state_eur_per_year).all()
    assert arrays_of(problem).least_rate.tolist() == [0, 0, 0]
    assert np.isinf(arrays_of(problem).max_new_facilitators_fte).all()
    assert arrays_of(problem).min_new_facilitators_fte.tolist() == [0, 0, 0]
    assert problem.inputs.entries["posts.cap_fte"].value is None
    assert arrays_of(fa.load("base", {"posts.cap_fte": None})).cap_fte.tolist() == [np.inf]


def test_any_column_of_a_territory_can_be_set(small):
    child("[territories.01]\nname = 'Nord'\narea = 'N'\npoverty = 0.5\npartner_capacity_eur = 9")
    found = values()
    assert found["territories.01.name"] == "Nord"
    assert found["territories.01.poverty"] == 0.5
    problem = loaded()
    assert problem.territory_names[0] == "Nord"
    assert problem.areas == ("2A", "2B", "N")
    assert arrays_of(problem).partner_capacity_eur.tolist() == [9, np.inf, np.inf]


@each("name", ["2A", "2a", "Côte d'Or", "cote d’or", "COTE D OR", "côte-d'or"])
def test_names_serve_wherever_codes_do(small, name):
    child(
        f'territories."{name}".least_rate = 0.3\ncontracts."{name}".town = 7\n'
        f'weights.territory."{name}" = 2'
    )
    found = values()
    assert found["territories.2A.least_rate"] == 0.3
    assert found["contracts.2A.town"] == 7
    assert found["weights.territory.2A"] == 2
    assert values("base", f"territories.{name}.least_rate=0.3")["territories.2A.least_rate"] == 0.3


def test_a_model_and_its_tables_may_use_names(small):
    numbers = {"weights.territory.val": ("2", "1")}
    write("models/small/model.toml", model_toml(numbers))
    write("models/small/contracts.csv", CONTRACTS.replace("01,", "ile du nord,"))
    found = values("base")
    assert found["contracts.01.town"] == 50
    assert found["weights.territory.2B"] == 2


def test_codes_come_before_names_in_any_order_of_rows(small):
    """A territory named like another's code does not take its place."""
    header, *rows = TERRITORIES.replace("Val", "01").splitlines()
    child("territories.01.least_rate = 0.3")
    for order in (rows, rows[::-1]):
        write("models/small/territories.csv", "\n".join([header, *order]))
        assert values()["territories.01.least_rate"] == 0.3


def test_an_empty_cell_is_the_default(small):
    table = TERRITORIES.replace("existing_fac", "least_rate,existing_fac").splitlines()
    rows = [table[0], *(row[::-1].replace(",", ",,", 1)[::-1] for row in table[1:])]
    write("models/small/territories.csv", "\n".join(rows))
    columns = {**COLUMNS, "territories": {**COLUMNS["territories"], "least_rate": "1"}}
    write("models/small/model.toml", model_toml(columns=columns))
    problem = loaded("base")
    assert problem.existing_facilitators_fte.tolist() == [3, 4.5, 0]
    assert arrays_of(problem).least_rate.tolist() == [0, 0, 0]
    assert "territories.01.least_rate" not in problem.inputs.entries


# -- --set -----------------------------------------------------------------------------------------


@each(
    ("text", "expected"),
    [
        ("posts.cap_fte=600", ("posts.cap_fte", 600)),
        (" posts.cap_fte = 6e2 ", ("posts.cap_fte", 600.0)),
        ("posts.cap_fte=5_400_000", ("posts.cap_fte", 5_400_000)),
        ("posts.cap_fte=none", ("posts.cap_fte", "none")),
        ('posts.cap_fte="none"', ("posts.cap_fte", "none")),
        ("years=[2023, 2024]", ("years", [2023, 2024])),
        ("posts.cap_fte={2023=1}", ("posts.cap_fte", {"2023": 1})),
        ("title=a = b", ("title", "a = b")),
        ("title=", ("title", "")),
        ("title=true", ("title", True)),
        ("title=1\nposts.cap_fte=2", ("title", "1\nposts.cap_fte=2")),
        ("territories.Pays de la Loire.x=1", ("territories.Pays de la Loire.x", 1)),
        ("title=" + "9" * 5000, ("title", "9" * 5000)),
        ("title=" + "[" * 5000, ("title", "[" * 5000)),
    ],
)
def test_a_set_is_read_as_toml_and_as_text_where_that_fails(text, expected):
    assert parse_override(text) == expected


def test_keys_of_a_set_may_be_quoted_and_tables_whole(small):
    assert values("base", 'territories."Val".least_rate=0.2')["territories.2B.least_rate"] == 0.2
    found = values("base", "weights={segment = {town = 2}, territory = {01 = 3}}")
    assert found["weights.segment.town"] == 2
    assert found["weights.territory.01"] == 3


def test_python_values_are_taken_as_toml_would_have_them(small):
    overrides = {
        "posts.cap_fte": np.int64(50),
        "budget.state_eur_per_year": np.float64(5e5),
        "years": (2023, 2024),
        "coverage.target_rate": {2023: 0.1, 2024: None},
    }
    problem = fa.load("base", overrides)
    assert arrays_of(problem).cap_fte.tolist() == [50, 50]
    assert problem.target_rate[0] == 0.1
    assert np.isnan(problem.target_rate[1])
    assert json.loads(json.dumps(problem.inputs.overrides))["years"] == [2023, 2024]
    assert problem.inputs.label.startswith("base + posts.cap_fte=50 + budget.state_eur_per_year=5")


def test_the_label_of_a_scenario_shows_what_was_set(small):
    inputs = read_inputs("base", {"posts.cap_fte": 60.0, "budget.state_eur_per_year": "none"})
    assert inputs.label == "base + posts.cap_fte=60 + budget.state_eur_per_year=none"
    assert read_inputs("scenarios/base.toml").label == "base"


# -- spreadsheets ----------------------------------------------------------------------------------


def french(text: str) -> str:
    """A table as a French spreadsheet writes it: semicolons, decimal commas, spaced thousands."""
    rows = []
    for row in text.splitlines():
        cells = [cell.replace(".", ",") for cell in row.split(",")]
        thousands = [
            f"{int(c):_}".replace("_", "\u202f") if c.isdecimal() and len(c) > 3 else c
            for c in cells
        ]
        rows.append(";".join(thousands))
    return "\n".join(rows) + "\n"


SPREADSHEETS = {
    "semicolons and decimal commas": lambda text: french(text).encode(),
    "a mark at the head": lambda text: b"\xef\xbb\xbf" + french(text).encode(),
    "Windows-1252": lambda text: french(text).replace("\u202f", "\u00a0").encode("cp1252"),
    "spaces between thousands": lambda text: french(text).replace("\u202f", " ").encode(),
    "Windows line ends": lambda text: french(text).replace("\n", "\r\n").encode(),
    "old Macintosh line ends": lambda text: text.replace("\n", "\r").encode(),
    "tabs": lambda text: french(text).replace(";", "\t").encode(),
    "sep=": lambda text: b"sep=;\r\n" + french(text).replace("\n", "\r\n").encode(),
    "quotes": lambda text: "\n".join(
        ",".join(f'"{cell}"' for cell in row.split(",")) for row in text.splitlines()
    ).encode(),
    "empty columns and rows": lambda text: "\n".join(
        f"{row};;" for row in ["", *french(text).splitlines(), ";;;;;;;;"]
    ).encode(),
    "an empty line at the head": lambda text: b"\n\n" + text.encode(),
}


@each("way", SPREADSHEETS)
def test_tables_of_french_spreadsheets_give_the_same_problem(way, tmp_path, monkeypatch):
    for name in ("models", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    plain = fa.load("need-first")
    for name in ("territories.csv", "contracts.csv"):
        path = Path("models/france-2023", name)
        path.write_bytes(SPREADSHEETS[way](path.read_text(encoding="utf-8")))
    same = fa.load("need-first")
    assert same.inputs.resolved_sha256 == plain.inputs.resolved_sha256
    assert np.array_equal(same.contracts_per_year, plain.contracts_per_year)
    assert np.array_equal(same.territory_weight, plain.territory_weight)
    warned = [str(warning) for warning in same.inputs.warnings]
    names = ("territories", "contracts") if way == "Windows-1252" else ()
    assert warned == [
        f"models/france-2023/{name}.csv: not in UTF-8, read as Windows-1252; check the accents, "
        "or save it as CSV UTF-8"
        for name in names
    ]


@each(
    ("cell", "number"),
    [("1 234,5", 1234.5), ("\u00a01\u00a0234 ", 1234), ("1e3", 1000), ("+.5", 0.5), ("12.", 12)],
)
def test_numbers_of_spreadsheets(small, cell, number):
    table = TERRITORIES.replace(",", ";").replace("2A;Côte d'Or;300", f"2A;Côte d'Or;{cell}")
    if "," in cell:
        table = table.replace(".", ",")
    write("models/small/territories.csv", table)
    assert values("base")["territories.2A.population"] == number


@each("mark", [",", "."])
def test_a_mark_that_may_part_thousands_is_a_decimal_one_only_beside_others(small, mark):
    """Alone 1,234 is refused; beside 0,05 it can only be a decimal of the same table."""
    table = TERRITORIES.replace(",", ";").replace(".", mark).replace("300", f"1{mark}234")
    write("models/small/territories.csv", table)
    write("models/small/contracts.csv", CONTRACTS)
    assert values("base")["territories.2A.population"] == 1.234
    table = CONTRACTS.replace(",", ";").replace("300", f"1{mark}234")
    write("models/small/contracts.csv", table)
    told = rf'is "1{mark}234", which can be read in two ways; write 1234 if'
    with pytest.raises(fa.InputError, match=told):
        loaded("base")


def test_a_column_like_a_known_one_is_warned_of(small):
    """``least_rates`` with unit 1 is an indicator by the rules, and hardly meant to be."""
    columns = {**COLUMNS["territories"], "least_rates": "1"}
    write("models/small/model.toml", model_toml(columns={**COLUMNS, "territories": columns}))
    table = TERRITORIES.replace("code,name", "least_rates,code,name").splitlines()
    write("models/small/territories.csv", "\n".join([table[0], *(f"0.1,{r}" for r in table[1:])]))
    warned = [str(warning) for warning in loaded("base").inputs.warnings]
    what = "column least_rates is read as an indicator; is least_rate meant?"
    assert warned == [f"models/small/territories.csv:1: {what}"]


# -- areas, weights, plans -------------------------------------------------------------------------


def test_an_area_has_one_name(small):
    """That given for any of its territories, else that of its only one, else its code."""
    rows = ["code,name,area,area_name", "2A,A,,", "01,N,W,", "2B,B,W,West"]
    write("models/small/territories.csv", "\n".join(rows))
    write("models/small/model.toml", model_toml(columns={"contracts": COLUMNS["contracts"]}))
    assert loaded("base").area_names == ("A", "West")
    write("models/small/territories.csv", "\n".join(rows).replace("West", ""))
    assert loaded("base").area_names == ("A", "W")
    write("models/small/territories.csv", "\n".join(rows).replace("W,\n", "W,Ouest\n"))
    with pytest.raises(fa.InputError) as error:
        loaded("base")
    assert str(error.value) == (
        "models/small/territories.csv:4: territories.2B.area_name: is West, but Ouest elsewhere in "
        "area W (models/small/territories.csv:3); give all its territories the same, or leave all "
        "but one blank"
    )


def test_areas_sum_the_coordinators_of_their_territories(small):
    """01 and 2B share the area W: 0.5 + 1 in place, 0 + 0.25 renewed; 2A is its own area."""
    rows = [
        "code,name,area,existing_coordinators_fte,committed_coordinators_fte",
        "2A,A,,2,1",
        "01,N,W,0.5,",
        "2B,B,W,1,0.25",
    ]
    write("models/small/territories.csv", "\n".join(rows))
    columns = dict.fromkeys(("existing_coordinators_fte", "committed_coordinators_fte"), "FTE")
    numbers = {
        "posts.coordinator.cost_eur_per_fte": ("50_000", "EUR/(FTE.yr)"),
        "posts.coordinator.state_rate": ("0.5", "1"),
        "posts.coordinator.max_fte_per_area": ("3", "FTE"),
        "posts.coordinator.required_fte_where_none": ("1", "FTE"),
    }
    write("models/small/model.toml", model_toml(numbers, {**COLUMNS, "territories": columns}))
    problem = loaded("base")
    assert problem.areas == ("2A", "W")
    assert problem.area_names == ("A", "W")
    assert problem.area_of.tolist() == [1, 0, 1]
    assert problem.existing_coordinators_fte.tolist() == [2, 1.5]
    assert problem.committed_coordinators_fte.tolist() == [1, 0.25]
    assert arrays_of(problem).max_new_coordinators_fte.tolist() == [
        0,
        1.25,
    ]  # 3 − 2 − 1, 3 − 1.5 − 0.25


def test_a_place_has_its_own_cost_and_rate_or_that_of_all(small):
    """2A costs 30 kEUR, of which half; 01 40 kEUR, of which 0.8, but the State pays 30 at most."""
    f, c = "facilitator_cost_eur_per_fte", "coordinator_cost_eur_per_fte"
    header = f"code,name,area,{f},facilitator_state_rate,{c}"
    rows = [header, "01,N,W,,0.8,", "2A,A,,30000,,", "2B,B,W,none,,60000"]
    write("models/small/territories.csv", "\n".join(rows))
    columns = dict.fromkeys((f, c), "EUR/(FTE.yr)")
    numbers = {
        "posts.facilitator.cost_eur_per_fte": ("{ 2023 = 40_000, 2024 = 50_000 }", "EUR/(FTE.yr)"),
        "posts.facilitator.state_ceiling_eur_per_fte": ("30_000", "EUR/(FTE.yr)"),
        "posts.coordinator.cost_eur_per_fte": ("50_000", "EUR/(FTE.yr)"),
        "posts.coordinator.state_rate": ("0.5", "1"),
    }
    said = {**COLUMNS, "territories": columns | {"facilitator_state_rate": "1"}}
    write("models/small/model.toml", model_toml(numbers, said, "years = [2023, 2024]"))
    problem = loaded("base")
    cost, grant = problem.cost_eur_per_fte, problem.grant_eur_per_fte
    assert cost[0].tolist() == [[40_000, 50_000], [30_000, 30_000], [40_000, 50_000]]
    assert grant[0].tolist() == [[30_000, 30_000], [15_000, 15_000], [20_000, 25_000]]
    assert cost[1].tolist() == [[50_000] * 2, [60_000] * 2]
    assert grant[1].tolist() == [[25_000] * 2, [30_000] * 2]
    own = problem.inputs.entries["territories.2A.facilitator_cost_eur_per_fte"]
    assert (own.status, own.origin) == ("assumption", "models/small/territories.csv:3")
    assert problem.inputs.regional()["total"] == 6  # contracts alone: costs are no posts
    # The key of all is that of places without their own; "none" makes one of them of a place.
    of_all = loaded("base", "posts.facilitator.cost_eur_per_fte=20_000").cost_eur_per_fte[0]
    assert of_all[:, 1].tolist() == [20_000, 30_000, 20_000]
    child('territories.2A.facilitator_cost_eur_per_fte = "none"')
    assert loaded().cost_eur_per_fte[0][:, 1].tolist() == [50_000] * 3
    child("territories.01.coordinator_cost_eur_per_fte = 50_000")
    with pytest.raises(fa.InputError) as refused:
        loaded()
    assert str(refused.value) == (
        "scenarios/child.toml:2: territories.01.coordinator_cost_eur_per_fte: is 50000, but 60000 "
        "elsewhere in area W (models/small/territories.csv:4); give all its territories the same, "
        "or leave all but one blank"
    )


def test_no_coordinator_table_means_no_coordinators(small):
    problem = loaded("base")
    assert arrays_of(problem).max_new_coordinators_fte.tolist() == [0, 0, 0]
    assert arrays_of(problem).required_coordinators_fte.tolist() == [0, 0, 0]


def test_indicator_weights_computed_by_hand(small):
    """Populations 100, 300, 600; contracts 60, 120, 320, 500 in all.

    Unemployment 0.05, 0.09, 0.10: mean (0.05·100 + 0.09·300 + 0.10·600)/1000 = 0.092.
    Poverty 0.2, 0.1, 0.1: mean (0.2·100 + 0.1·300 + 0.1·600)/1000 = 0.11.
    With b = 0.46 and 0.11, 1 + b₁(q₁/0.092 − 1) + b₂(q₂/0.11 − 1) is
    01: 1 + 0.25 − 0.46 + 0.20 − 0.11 = 0.88
    2A: 1 + 0.45 − 0.46 + 0.10 − 0.11 = 0.98
    2B: 1 + 0.50 − 0.46 + 0.10 − 0.11 = 1.03
    times the explicit weight 2 of 01: 1.76, 0.98, 1.03. Their mean over contracts is
    (1.76·60 + 0.98·120 + 1.03·320)/500 = (105.6 + 117.6 + 329.6)/500 = 1.1056.
    """
    child(
        "[weights.indicators]\nunemployment = 0.46\npoverty = 0.11\n"
        "[weights.territory]\nIle-du-Nord = 2"
    )
    weight = loaded().territory_weight
    assert weight == pytest.approx(np.array([1.76, 0.98, 1.03]) / 1.1056, rel=1e-12)
    assert weight @ np.array([60, 120, 320]) / 500 == pytest.approx(1, rel=1e-12)


def test_a_raised_weight_is_never_negative(small):
    """b = 3 on unemployment: 01 has 1 + 3 (0.05/0.092 − 1) = −0.37, taken as 0."""
    child("weights.indicators.unemployment = 3")
    weight = loaded().territory_weight
    assert weight[0] == 0
    assert weight @ np.array([60, 120, 320]) / 500 == pytest.approx(1, rel=1e-12)


def test_an_indicator_of_strength_0_asks_for_nothing(small):
    child("weights.indicators.poverty = 0\nweights.indicators.nothing = 0")
    assert loaded().territory_weight.tolist() == [1, 1, 1]


def test_every_weight_is_shown(small):
    child("years = [2023, 2024]\nweights.year.2024 = 0.5\nweights.segment.town = 2")
    found = {k: v for k, v in values().items() if k.startswith("weights.")}
    assert found == {
        "weights.segment.state": 1,
        "weights.segment.town": 2,
        "weights.year.2023": 1,
        "weights.year.2024": 0.5,
    }
    problem = loaded()
    assert problem.segment_weight.tolist() == [1, 2]
    assert problem.year_weight.tolist() == [1, 0.5]


def test_a_reference_plan_is_read_beside_the_file_that_names_it(small):
    write("plans/now.csv", "territory,role,new_fte\n01,facilitator,1.5\nval,facilitator,2\n")
    child('reference_plan = "../plans/now.csv"\nstages = [{ minimise = "change" }]')
    expected = {("facilitator", "01", 2023): 1.5, ("facilitator", "2B", 2023): 2}
    problem = loaded()
    assert problem.reference_posts == expected
    assert "plans/now.csv" in problem.inputs.files
    assert loaded("base", "reference_plan=plans/now.csv").reference_posts == expected
    assert loaded("base").reference_posts is None


def test_a_reference_plan_of_several_years_needs_them(small):
    write("scenarios/now.csv", "territory,role,new_fte\n01,facilitator,1.5\n")
    child("years = [2023, 2024]\nreference_plan = 'now.csv'")
    with pytest.raises(fa.InputError, match=r"now.csv:1: column year is missing"):
        loaded()
    write("scenarios/now.csv", "territory;role;new_fte;year\n01;facilitator;1,5;2024\n")
    assert loaded().reference_posts == {("facilitator", "01", 2024): 1.5}


def test_coordinators_of_a_plan_may_be_named_by_area_or_territory(small):
    """01 and 2A share the area W; 2B is its own. A facilitator has no area to stand for it."""
    child("territories.01.area = 'W'\nterritories.2A.area = 'W'")
    problem = loaded()
    codes = PostCodes.of(problem)
    assert codes.find("coordinator", "W") == "W"
    assert codes.find("coordinator", "cote d'or") == "W"
    assert codes.find("coordinator", "val") == codes.find("facilitator", "val") == "2B"
    assert codes.find("facilitator", "W") is None
    text = "territory,role,new_fte,note\nile du nord,coordinator,1,x\n2B,coordinator,0,\n"
    write("plan.csv", text)
    posts = read_posts(Path("plan.csv"), codes, problem.years)
    assert posts == {("coordinator", "W", 2023): 1, ("coordinator", "2B", 2023): 0}


def test_curves_of_points(small):
    pairs = [(t, s) for t in ("01", "2A", "2B") for s in ("town", "state")]
    rows = [f"{t},{s},{k},{y}" for t, s in pairs for k, y in ((2, 9), (0, 1), (1, 6))]
    table = ["territory,segment,effort_fte,contracts", *rows]
    write("models/small/curves.csv", "\n".join(table))
    columns = COLUMNS | {"curves": {"contracts": "contracts/yr"}}
    write("models/small/model.toml", model_toml(columns=columns))
    child("coverage.curve = 'table'")
    assert loaded().curves.value(np.full((6, 1), 1.5)).ravel().tolist() == [7.5] * 6
    shuffled = [table[0], *random.Random(1).sample(rows, len(rows))]
    before = read_inputs("child").resolved_sha256
    write("models/small/curves.csv", "\n".join(shuffled))
    assert read_inputs("child").resolved_sha256 == before


# -- labels, never positions -----------------------------------------------------------------------


def toml_leaves(tree: dict, path: tuple[str, ...] = ()):
    """Every value with its path; a table with ``status`` is one value, in long form."""
    for key, value in tree.items():
        if isinstance(value, dict) and "status" not in value:
            yield from toml_leaves(value, (*path, key))
        else:
            yield (*path, key), value


def toml_value(value, shuffle) -> str:
    if isinstance(value, dict):
        pairs = [f"{json.dumps(k)} = {toml_value(v, shuffle)}" for k, v in value.items()]
        return "{ " + ", ".join(shuffle(pairs)) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(one, shuffle) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def shuffled_toml(text: str, shuffle) -> str:
    """The same content, every key on its own line, in another order."""
    lines = [
        f"{'.'.join(map(json.dumps, path))} = {toml_value(value, shuffle)}"
        for path, value in toml_leaves(tomllib.loads(text))
    ]
    again = "\n".join(shuffle(lines))
    assert tomllib.loads(again) == tomllib.loads(text)
    return again


@pytest.mark.parametrize("seed", [1, slow(2)])
def test_shuffled_rows_and_keys_give_the_same_bytes(seed, tmp_path, monkeypatch):
    draw = random.Random(seed)

    def shuffle(items):
        return draw.sample(items, len(items))

    shutil.copytree(ROOT / "models", tmp_path / "models")
    scenario = (
        'title = "Mixed"\nmodel = "france-2023"\nbudget.state_eur_per_year = 5e6\n'
        "weights.indicators = { qpv_share = 0.25, unemployment_rate = 0.1 }\n"
        "weights.segment = { local = 2, operators = 0.5 }\nterritories.53.least_rate = 0.2\n"
        'stages = [{ maximise = "coverage", concede = 0.01 }, { minimise = "state_cost" }]\n'
    )
    write("scenarios/mixed.toml", scenario, tmp_path)
    monkeypatch.chdir(tmp_path)
    documents = []
    for _ in range(2):
        problem = fa.load("mixed")
        document = fa.solve(problem).document
        files = document["inputs"].pop("files")
        documents.append((problem.inputs.resolved_sha256, json.dumps(document), files))
        for name in ("territories.csv", "contracts.csv"):
            path = Path("models/france-2023", name)
            header, *rows = path.read_text(encoding="utf-8").splitlines()
            write(str(path), "\n".join([header, *shuffle(rows)]))
        for name in ("models/france-2023/model.toml", "scenarios/mixed.toml"):
            write(name, shuffled_toml(Path(name).read_text(encoding="utf-8"), shuffle))
    (hash_before, before, files_before), (hash_after, after, files_after) = documents
    assert hash_after == hash_before
    assert after == before
    assert files_after.keys() == files_before.keys()
    assert all(files_after[name] != files_before[name] for name in files_before)


def test_shuffled_columns_give_the_same_values(small):
    before = read_inputs("base").resolved_sha256
    for name in ("territories", "contracts"):
        path = Path(f"models/small/{name}.csv")
        rows = [row.split(",")[::-1] for row in path.read_text(encoding="utf-8").splitlines()]
        write(str(path), "\n".join(map(",".join, rows)))
    assert read_inputs("base").resolved_sha256 == before


# -- where files are -------------------------------------------------------------------------------


def test_files_here_come_before_those_beside_the_package(small, tmp_path, monkeypatch):
    assert available("models")["small"] == tmp_path / "models/small"
    assert available("models")["france-2023"] == package_root() / "models/france-2023"
    assert read_inputs("reference").files.keys() == {
        "package:models/france-2023/contracts.csv",
        "package:models/france-2023/model.toml",
        "package:models/france-2023/territories.csv",
        "package:scenarios/reference.toml",
    }
    write("scenarios/reference.toml", 'model = "small"\n')
    assert read_inputs("reference").model == "small"
    monkeypatch.chdir(tmp_path / "models")
    assert shown_path(tmp_path / "scenarios/base.toml") == "../scenarios/base.toml"


@each("model", ["small", "../models/small", "../models/small/model.toml", "models/small"])
def test_a_model_may_be_named_or_pointed_at(small, model):
    write("scenarios/base.toml", f'model = "{model}"\n')
    assert fa.load("base").inputs.model == "small"
    assert fa.load(Path("scenarios/base.toml")).inputs.model == "small"
    assert fa.load(small / "scenarios" / "base.toml").inputs.name == "base"


def test_the_state_pays_no_more_than_its_ceiling_per_post():
    """0.7 · 46,000 = 32,200 EUR, more than 30,000; 0.7 · 55,000 = 38,500, less than 40,000."""
    problem = fa.load(
        "reference",
        overrides={
            "posts.facilitator.state_ceiling_eur_per_fte": 30_000,
            "posts.coordinator.state_ceiling_eur_per_fte": 40_000,
        },
    )
    assert [of[0].tolist() for of in problem.grant_eur_per_fte] == [[30_000.0], [38_500.0]]
    assert problem.partner_share_eur[0][0].tolist() == [16_000.0]
