"""What a planner can type wrong, and the sentence that says so: file, line, value, remedy.

Most cases are in ``input_mistakes.txt``; here are those that need another file, or many rows.
"""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
from conftest import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limit_arrays import arrays_of
from tables import each

import fte_alloc as fa
from fte_alloc.errors import Mistake
from fte_alloc.inputs.codes import PostCodes
from fte_alloc.inputs.draft import limited_mistakes
from fte_alloc.inputs.load import load
from fte_alloc.inputs.overrides import parse_override
from fte_alloc.inputs.plan_files import read_plan, read_posts
from fte_alloc.language import few
from fte_alloc.texts import visible

ROOT = Path(__file__).resolve().parents[1]
MODEL = "models/france-2023"
TERRITORIES, CONTRACTS = f"{MODEL}/territories.csv", f"{MODEL}/contracts.csv"
MINE = "scenarios/mine.toml"
#: The first two lines of most scenarios here; what follows starts on line 3.
START = 'title = "Mine"\nmodel = "france-2023"\n'
EMPTY = "; leave the cell empty where it is not known"
NOWHERE = "in ./scenarios or the installed package"
NO_TOML = (
    "is not valid TOML; write key = value or [table], with plain spaces, and straight quotes "
    "around texts and around names with accents or spaces"
)
CODES = [
    row.split(",")[0] for row in (ROOT / TERRITORIES).read_text(encoding="utf-8").splitlines()[1:]
]


#: The shipped model and scenarios, by path.
SHIPPED = {
    str(path.relative_to(ROOT)): path.read_bytes()
    for room in ("models", "scenarios")
    for path in sorted((ROOT / room).rglob("*"))
    if path.is_file()
}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Copies of the shipped model and scenarios, and the working directory beside them."""
    monkeypatch.chdir(tmp_path)
    afresh()
    return tmp_path


def afresh() -> None:
    """The working directory with the shipped model and scenarios, and nothing else in it."""
    for path in sorted(Path().rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif str(path) not in SHIPPED:
            path.unlink()
    for name, data in SHIPPED.items():
        path = Path(name)
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def mistakes(scenario="mine", *sets: str) -> list[str]:
    """What loading says, one text a mistake."""
    with pytest.raises(fa.InputError) as error:
        load(scenario, dict(map(parse_override, sets)))
    assert str(error.value) == "\n".join(map(str, error.value.mistakes))
    assert error.value.exit_code == 5
    return [str(mistake) for mistake in error.value.mistakes]


def mine(text: str | bytes, start: str = START) -> None:
    """Write the scenario ``mine``."""
    Path(MINE).write_bytes(text if isinstance(text, bytes) else (start + text).encode())


def edit(name: str, old: str, new: str) -> int:
    """Replace a text in a file of the model; the line where the new one starts."""
    path = Path(MODEL, name)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())
    return text[: text.index(old)].count("\n") + 1


def rewrite(name: str, change) -> None:
    """Change, or with "" drop, every row of a table of the model after its header."""
    path = Path(MODEL, name)
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_bytes("\n".join([header, *filter(None, map(change, rows)), ""]).encode())


def at_hand() -> str:
    """The names that are listed where one is not found."""
    names = sorted(path.stem for path in Path("scenarios").glob("*.toml"))
    return "Available: " + few(names, 12)


# -- cases kept as text ----------------------------------------------------------------------------


def written_cases() -> dict[str, tuple[list[str], list[str]]]:
    """What is typed and what is told, by title."""
    text = (ROOT / "tests" / "input_mistakes.txt").read_text(encoding="utf-8")
    cases = {}
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        typed, told = block.split("\n---\n")
        title, *lines = typed.split("\n")
        assert title not in cases
        cases[title] = (lines, told.split("\n\n")[0].rstrip("\n").split("\n"))
    return cases


CASES = written_cases()


def type_case(case: str) -> list[str]:
    """Write what a case types, in a folder as shipped; what it gives to ``--set``."""
    afresh()
    typed, _ = CASES[case]
    start, lines = START, []
    for line in typed:
        change = re.fullmatch(r"@ (\S+): (.*) =>( .*)?", line)
        if change:
            name, old, new = change.groups()
            old, new = (text.replace("\\n", "\n") for text in (old, (new or "")[1:]))
            edit(name, old, new)
        elif line == "@ bare":
            start = ""
        else:
            lines.append(line)
    mine("\n".join(lines), start)
    return [case.removeprefix("--set ")] if case.startswith("--set ") else []


@each("case", CASES)
def test_what_is_typed_wrong_is_told(folder, case):
    sets = type_case(case)

    def numbered(found: re.Match[str]) -> str:
        rows = Path(found[1]).read_text(encoding="utf-8").splitlines()
        line = next(n for n, row in enumerate(rows, 1) if row.startswith(found[2]))
        return f"{found[1]}:{line}{found[3]}"

    told = CASES[case][1]
    expected = [re.sub(r"([\w/.-]+):<(.+?)>(:|\))", numbered, line) for line in told]
    expected = [line.replace("Available: <scenarios>", at_hand()) for line in expected]
    expected = [line.replace("<here>", str(Path.cwd())) for line in expected]
    assert "\n".join(mistakes("mine", *sets)) == "\n".join(expected)


def test_there_are_many_such_cases():
    assert len(CASES) > 100


# -- the scenario's file ---------------------------------------------------------------------------


@each(
    ("text", "expected"),
    [
        ("\nposts.cap_fte = " + "9" * 5000, ":4: a number has thousands of digits"),
        (
            "x = " + "[" * 3000,
            ": not valid TOML: brackets within brackets, too deep to read",
        ),
        (
            "posts.cap_fte =\u00a0600",
            f':3: "posts.cap_fte =\u00a0600" {NO_TOML}',
        ),
        (b"", ': says no model; add model = "france-2023" or another'),
        (
            b"\xef\xbb\xbf" + (START + "[posts]\n\ncap_ft = 1\n").replace("\n", "\r\n").encode(),
            ":5: posts.cap_ft: unknown key; did you mean cap_fte?",
        ),
        (
            (START + "[posts]\ncap_fte = 0,5\nstep_fte = 1\n").replace("\n", "\r\n").encode(),
            ":4: 0,5 is not written as a number; write 0.5",
        ),
        (START.encode("utf-16"), ":1: is not in UTF-8; save the file in UTF-8"),
        ("a = 1\nb = 'é'".encode("cp1252"), ":2: is not in UTF-8; save the file in UTF-8"),
    ],
)
def test_a_scenario_file_that_is_odd_all_through(folder, text, expected):
    mine(text)
    assert mistakes() == [MINE + expected]


def test_a_circle_of_three(folder):
    mine("extends = 'b'", start="")
    Path("scenarios/b.toml").write_text("extends = 'c'")
    Path("scenarios/c.toml").write_text("title = 'c'\nextends = 'mine'")
    what = "extends: goes round in a circle: mine → b → c → mine"
    assert mistakes() == [f"scenarios/c.toml:2: {what}"]


def test_a_broken_parent_does_not_hide_what_is_wrong_in_the_child(folder):
    mine("extends = 'b'\nposts.cap_ft = 1", start="")
    Path("scenarios/b.toml").write_text("model = \n")
    assert mistakes() == [
        f"{MINE}:2: posts.cap_ft: unknown key; did you mean cap_fte?",
        f'scenarios/b.toml:1: "model =" {NO_TOML}',
    ]


def test_the_parent_is_blamed_for_what_the_parent_says(folder):
    mine("extends = 'b'\nposts.cap_ft = 1", start="")
    Path("scenarios/b.toml").write_text("model = 'france-2023'\nposts.step_fte = -1")
    assert mistakes() == [
        f"{MINE}:2: posts.cap_ft: unknown key; did you mean cap_fte?",
        "scenarios/b.toml:2: posts.step_fte: is -1, expected a number of at least 0",
    ]


@each(
    ("name", "hint"),
    [
        ("refrence", "; did you mean reference?"),
        ("Reference", "; did you mean reference?"),
        ("zzz", ""),
        ("", ""),
        ("france-2023", "; it is a model, expected a scenario that names it"),
    ],
)
def test_a_scenario_name_that_means_nothing(folder, name, hint):
    Path("draft.toml").write_text(START)
    assert mistakes(name) == [f'No scenario "{name}" {NOWHERE}{hint}\n{at_hand()}']


NO_SCENARIO = "is no file of a scenario; these end in .toml, .xlsx, .xls, .ods, .csv"


@each(
    ("name", "what"),
    [
        ("folder/plan.json", f"folder/plan.json: {NO_SCENARIO}"),
        ("README.md", f"README.md: {NO_SCENARIO}"),
        ("folder", f'No scenario "folder" {NOWHERE}'),
        ("hexagone", f'No scenario "hexagone" {NOWHERE}'),
    ],
)
def test_a_file_of_another_kind_is_no_scenario(folder, name, what):
    afresh()
    Path("folder").mkdir()
    shutil.copytree(MODEL, "hexagone")
    for file in ("folder/plan.json", "README.md"):
        Path(file).touch()
    (told,) = mistakes(name)
    assert told.splitlines()[0] == what


@each("place", ["models/own", "study/models/own", "study/own", "away/models/own"])
def test_a_model_is_found_here_or_beside_the_file_that_names_it(folder, place):
    """Here first, then beside it, in models/ there or next to its folder; then in the package."""
    afresh()
    home = Path("away/scenarios" if place.startswith("away") else "study")
    home.mkdir(parents=True)
    scenario = home / "mine.toml"
    scenario.write_text('model = "own"\n')
    assert 'no model "own"' in mistakes(scenario)[0]
    shutil.copytree(MODEL, place)
    assert f"{place}/model.toml" in fa.load(scenario).inputs.files
    if place != "models/own":
        shutil.copytree(MODEL, "models/own")
        assert "models/own/model.toml" in fa.load(scenario).inputs.files


@each(
    ("path", "expected"),
    [
        ("nowhere/mine.toml", "no such file; looked for in "),
        ("a\0b.toml", "no such file"),
        ("MINE.TOML", 'says no model; add model = "france-2023" or another'),
        ("scenarios/", "is a directory, expected a file"),
        (f"{MODEL}/model.toml", "is a model, expected a scenario: a file that names its model"),
    ],
)
def test_a_scenario_path_that_is_no_scenario(folder, path, expected):
    Path("MINE.TOML").touch()
    (told,) = mistakes(path)
    assert told.startswith(f"{visible(path.rstrip('/'))}: {expected}")


def test_a_missing_file_is_said_to_be_looked_for_where(folder):
    assert mistakes("regins.xlsx") == [f"regins.xlsx: no such file; looked for in {Path.cwd()}"]


def test_a_territory_of_another_model_is_refused(folder):
    from fte_alloc.questions.places import typed_place_code

    with pytest.raises(fa.InputError) as error:
        typed_place_code(fa.load("reference"), "territory", "Ain")
    said = "--territory Ain: no such territory in reference"
    assert str(error.value).splitlines()[-1] == said


# -- --set -----------------------------------------------------------------------------------------


@each("text", ["posts.cap_fte", "=600", "posts..cap_fte=1", " =1", ".a=1"])
def test_a_set_that_is_no_key_and_value(text):
    with pytest.raises(fa.InputError) as error:
        parse_override(text)
    assert str(error.value) == f"--set {text}: expected KEY=VALUE, such as posts.cap_fte=600"


def test_two_sets_for_one_region_under_two_names(folder):
    first, second = "territories.53.least_rate=0.1", "territories.Bretagne.least_rate=0.2"
    what = f"is given twice, here and in --set {first}; keep one"
    assert mistakes("reference", first, second) == [f"--set {second}: {what}"]


def without_coordinators() -> None:
    path = Path(MODEL, "model.toml")
    before, after = path.read_text(encoding="utf-8").split("[posts.coordinator]")
    path.write_bytes((before + "[budget]" + after.split("[budget]")[1]).encode())


def test_coordinators_for_a_model_that_has_none(folder):
    """What is missing is told where the scenario begins to have coordinators."""
    without_coordinators()
    mine("[posts.coordinator]\nsupports_fte = 20\nproductivity_gain = 0.2")
    lacking = [
        "posts.coordinator.cost_eur_per_fte: is missing (c, full cost of a coordinator)",
        "posts.coordinator.state_rate: is missing (ρ, State's share of a coordinator's cost)",
    ]
    assert mistakes() == [f"{MINE}:4: {what}" for what in lacking]
    key = "posts.coordinator.max_fte_per_area=2"
    assert mistakes("reference", key) == [f"--set {key}: {what}" for what in lacking]
    mine("[posts.coordinator]\nsupports_fte = 20\ncost_eur_per_fte = 50_000\nstate_rate = 0.5")
    assert fa.load("mine").grant_eur_per_fte[1][0, 0] == 25_000


def test_renewed_coordinators_in_a_model_that_has_no_cost_for_them(folder):
    without_coordinators()
    mine("[territories.53]\ncommitted_coordinators_fte = 1")
    what = "needs [posts.coordinator] in the model, to say what they cost"
    assert mistakes() == [f"{MINE}:4: territories.53.committed_coordinators_fte: {what}"]


# -- the model's file ------------------------------------------------------------------------------


def test_a_model_without_its_kinds_of_buyer(folder):
    path = Path(MODEL, "model.toml")
    before, after = path.read_text(encoding="utf-8").split("[coverage.segments.state_hospital]")
    path.write_bytes((before + "# Columns" + after.split("# Columns")[1]).encode())
    assert mistakes("reference") == [f"{MODEL}/model.toml: has no [coverage.segments] table"]


def test_a_model_that_does_not_say_what_its_columns_are(folder):
    path = Path(MODEL, "model.toml")
    before, after = path.read_text(encoding="utf-8").split("[tables.territories]")
    path.write_bytes((before + "# Sources" + after.split("# Sources")[1]).encode())
    columns = Path(TERRITORIES).read_text(encoding="utf-8").split("\n")[0].split(",")[2:]
    what = "columns without unit and status in model.toml"
    assert mistakes("reference") == [
        f"{TERRITORIES}:1: {what}, [tables.territories]: {', '.join(columns)}",
        f"{CONTRACTS}:1: {what}, [tables.contracts]: contracts_per_year",
    ]


def test_a_horizon_longer_than_a_limit_by_year(folder):
    line = edit("model.toml", "value = 585", "value = { 2023 = 585 }")
    mine("years = [2023, 2024]")
    what = 'posts.cap_fte: has no value for 2024; give one, or "none" for no limit'
    assert mistakes() == [f"{MODEL}/model.toml:{line}: {what}"]
    mine("years = [2023, 2024]\nposts.cap_fte.2024 = 'none'")
    assert list(arrays_of(fa.load("mine")).cap_fte) == [585, float("inf")]


def test_a_horizon_longer_than_the_contracts_by_year(folder):
    rewrite("contracts.csv", lambda row: f"{row},2023")
    edit("contracts.csv", "contracts_per_year", "contracts_per_year,year")
    mine("years = [2023, 2024]")
    pairs = "01 state_hospital, 02 state_hospital, 03 state_hospital and 51 others"
    assert mistakes() == [f"{CONTRACTS}: no contracts of 2024 for {pairs}"]


@each("name", ["model.toml", "territories.csv", "contracts.csv"])
def test_a_model_folder_without_one_of_its_files(folder, name):
    """One message about the file; what cannot be known without it is let pass."""
    afresh()
    Path(MODEL, name).rename(Path(MODEL, f"{name}.bak"))
    mine("posts.cap_ft = 1\n[territories.53]\nleast_rate = 0.1\n[contracts.53]\nlocal = 3")
    assert mistakes() == [
        f"{MINE}:3: posts.cap_ft: unknown key; did you mean cap_fte?",
        f"{MODEL}/{name}: no such file; looked for in {Path(MODEL).absolute()}",
    ]


def test_a_directory_for_a_table(folder):
    Path(CONTRACTS).unlink()
    Path(CONTRACTS).mkdir()
    assert mistakes("reference") == [f"{CONTRACTS}: is a directory, expected a file"]


# -- the model's tables ----------------------------------------------------------------------------


def local_rows(change):
    return lambda row: change(row) if ",local," in row else row


def after_point(row: str) -> str:
    head, _, count = row.rpartition(",")
    return f"{head},{f'{int(count):,}'.replace(',', '.')}"


ROWS = {
    "a buyer misspelt in every row": (
        "contracts.csv",
        local_rows(lambda row: row.replace("local", "locl")),
        (
            'contracts.csv:20: segment: "locl" is not among [coverage.segments] of the model; '
            "did you mean local (local authorities)?"
        ),
    ),
    "every count negative": (
        "contracts.csv",
        local_rows(lambda row: row.replace("local,", "local,-")),
        ("contracts.csv:20: contracts_per_year: is -1011, expected a number of at least 0"),
    ),
    "decimal commas among commas": (
        "territories.csv",
        lambda row: row.replace(".", ","),
        (
            "territories.csv:2: expected 9 cells, found 14; a decimal comma needs semicolons "
            "between the cells"
        ),
    ),
    "no row for a buyer": (
        "contracts.csv",
        local_rows(lambda row: ""),
        (
            "contracts.csv: no row for 01 local, 02 local, 03 local and 15 others; "
            "write 0 where there are none"
        ),
    ),
    "every count 0": (
        "contracts.csv",
        lambda row: row.rpartition(",")[0] + ",0",
        "contracts.csv:20: contracts.01.local: every count of contracts is 0",
    ),
    "a point between thousands": (
        "contracts.csv",
        after_point,
        (
            'contracts.csv:7: contracts_per_year: is "3.212", which can be read in two ways; write '
            "3212 if the mark parts the thousands, 3.2120, with one more 0, if it is "
            "the decimal one"
        ),
    ),
    "codes that differ by a hyphen only": (
        ("contracts.csv", "territories.csv"),
        lambda row: re.sub("^52,", "5-3,", re.sub("^53,", "5_3,", row)),
        (
            "territories.csv:14: territories.5_3.name: codes 5_3 and 5-3 are too alike to be told "
            "apart; rename one"
        ),
    ),
}


@each("case", ROWS)
def test_one_slip_in_many_rows_is_told_in_six_lines_at_most(folder, case):
    afresh()
    names, change, expected = ROWS[case]
    for name in [names] if isinstance(names, str) else names:
        rewrite(name, change)
    told = mistakes("reference")
    assert (told[0], len(told) <= 6) == (f"{MODEL}/{expected}", True)


@each("name", ["contracts.csv", "territories.csv"])
def test_a_code_whose_zeros_a_spreadsheet_dropped_is_read(folder, name):
    afresh()
    before = fa.load("reference")
    rewrite(name, lambda row: row.removeprefix("0"))
    mine("contracts.1.local = 1011")
    after = fa.load("mine")
    assert sorted(after.contracts_per_year[:, 0].tolist()) == sorted(
        before.contracts_per_year[:, 0].tolist()
    )


SAID = 'status = "assumption", note = "a trial"'
#: A model of four territories whose tables end with a total: codes FR.
DEMO = {
    "model.toml": f"""\
title = "Quatre territoires et une ligne de total"
territory = "region"
years = [2023]

[posts]
cap_fte = {{ value = 400, unit = "FTE", {SAID} }}
step_fte = {{ value = 0, unit = "FTE", {SAID} }}
[posts.facilitator]
cost_eur_per_fte = {{ value = 46_000, unit = "EUR/(FTE.yr)", {SAID} }}
state_rate = {{ value = 0.70, unit = "1", {SAID} }}
[posts.coordinator]
cost_eur_per_fte = {{ value = 55_000, unit = "EUR/(FTE.yr)", {SAID} }}
state_rate = {{ value = 0.70, unit = "1", {SAID} }}
[budget]
state_eur_per_year = {{ value = 400_000, unit = "EUR/yr", {SAID} }}
[coverage]
contracts_per_fte = {{ value = 84, unit = "contracts/(FTE.yr)", {SAID} }}
[coverage.segments.state]
name = "State"
floor_rate = {{ value = 0.03, unit = "1", {SAID} }}
ceiling_rate = {{ value = 0.7, unit = "1", {SAID} }}
[coverage.segments.local]
name = "local"
floor_rate = {{ value = 0.03, unit = "1", {SAID} }}
ceiling_rate = {{ value = 0.5, unit = "1", {SAID} }}
[tables.territories]
population = {{ unit = "inhabitants", {SAID} }}
existing_facilitators_fte = {{ unit = "FTE", {SAID} }}
[tables.contracts]
contracts_per_year = {{ unit = "contracts/yr", {SAID} }}
""",
    "territories.csv": """\
code,name,population,existing_facilitators_fte
01,Guadeloupe,384160,3.0
2A,Corse-du-Sud,158507,1.5
53,Bretagne,3449370,13.25
11,Île-de-France,12463067,7.75
FR,Ensemble,16455124,25.5
""",
    "contracts.csv": """\
territory,segment,contracts_per_year
01,state,120
01,local,1400
2A,state,80
2A,local,900
53,state,700
53,local,9080
11,state,2600
11,local,15000
FR,state,3500
FR,local,26380
""",
}


def test_the_total_row_of_a_reported_case(tmp_path, monkeypatch, capsys):
    """votingworks/arlo, pull request 1233; CrestApps/CrestApps.Core, pull request 160."""
    for name, text in DEMO.items():
        path = tmp_path / "models" / "demo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "demo.toml").write_text('model = "demo"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for command in ("solve", "check"):
        code, out, err = run(capsys, command, "demo.toml")
        assert (code, out) == (5, "")
        # The reported figure is no sum: 20 inhabitants too many.
        total = '"Ensemble" is 16455124, but the rows add up to 16455104'
        assert f"models/demo/territories.csv:6: {total}; correct it, or delete the row" in err
    table = Path("models/demo/territories.csv")
    table.write_text(DEMO["territories.csv"].replace("16455124", "16455104"), encoding="utf-8")
    problem = fa.load("demo.toml")
    assert problem.territories == ("01", "11", "2A", "53")
    (warning,) = problem.inputs.warnings
    said = 'models/demo/territories.csv:6: "Ensemble" is the sum of other rows and is set aside'
    assert str(warning) == said
    for name in ("territories.csv", "contracts.csv"):
        rows = [row for row in DEMO[name].splitlines() if not row.startswith("FR,")]
        Path("models/demo", name).write_text("\n".join(rows), encoding="utf-8")
    plan = fa.solve(fa.load("demo.toml"))
    assert plan.problem.contracts_per_year.sum() == 29_880
    assert plan.problem.existing_facilitators_fte.sum() == 25.5
    assert plan.expected_contracts == pytest.approx(3753.7, abs=0.05)


def add_rows(code: str, name: str, of=CODES, places: int = 6, factor: float = 1.0) -> None:
    """Write a territory whose figures are the sums of those of others."""
    for table, keys in ((TERRITORIES, 1), (CONTRACTS, 2)):
        rows = list(csv.reader(Path(table).read_text("utf-8").splitlines()))
        head, found = rows[0], {}
        for row in rows[1:]:
            if row[0] in of:
                found.setdefault(tuple(row[1:keys]), []).append(row)
        for key, group in found.items():
            summed = [code, *key]
            for column in range(keys, len(head)):
                numbers = [row[column] for row in group]
                if head[column] in ("name", "area"):
                    summed.append(name if head[column] == "name" else "")
                elif all(numbers):
                    summed.append(str(round(factor * sum(map(float, numbers)), places)))
                else:
                    summed.append("")
            rows.append(summed)
        with Path(table).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)


@each(
    ("code", "name", "of", "rows"),
    [
        ("99", "Hexagone et outre-mer", CODES, "all other rows"),
        ("M", "Sud sans la Corse", CODES[-4:], ", ".join(CODES[-4:])),
    ],
)
def test_a_row_that_sums_others_is_no_territory(folder, code, name, of, rows):
    afresh()
    add_rows(code, name, of)
    shown = f"{code} ({name})"
    (told,) = mistakes("reference")
    line = Path(TERRITORIES).read_text("utf-8").count("\n")
    assert told.startswith(f"{TERRITORIES}:{line}: {shown} is the sum of {rows}: ")
    assert f"({CONTRACTS}:{3 * len(CODES) + 2})" in told


@each(
    ("code", "name", "of"),
    [
        ("FR", "Ensemble", CODES),
        ("TOTAL", "France", CODES),
        ("FR", "France entière", CODES),
        ("S", "Sous-total", CODES[-2:]),
    ],
)
def test_a_total_that_is_called_so_is_set_aside_with_its_contracts(folder, code, name, of):
    afresh()
    add_rows(code, name, of)
    inputs = fa.load("reference").inputs
    assert list(inputs.area_of) == CODES
    warning = str(inputs.warnings[0])
    assert warning.startswith(f"{TERRITORIES}:{len(CODES) + 2}: ")
    assert warning.endswith("is the sum of other rows and is set aside")


@each("of", [CODES, CODES[-1:]])
def test_a_total_that_is_called_so_and_is_none_is_refused(folder, of):
    afresh()
    add_rows("T", "Ensemble", of, factor=0.9)
    (told,) = mistakes("reference")
    assert told.startswith(f'{TERRITORIES}:{len(CODES) + 2}: "Ensemble" is ')
    assert told.endswith("but the rows add up to 68350798; correct it, or delete the row")


def test_few_contracts_add_up_to_no_total(folder):
    """Counts of one or two are the sum of nearly any others, to what rounding may do."""
    afresh()
    counts = {"84,local": 3, "84,state_hospital": 1, "02,local": 1, "32,operators": 1}
    rewrite(
        "contracts.csv",
        lambda row: re.sub(r"^(\d+,\w+),.*", lambda at: f"{at[1]},{counts.get(at[1], 0)}", row),
    )
    assert fa.load("reference").contracts_per_year.sum() == 6


@each(
    ("code", "name", "of", "factor"),
    [
        ("FR", "Hexagone", CODES, 0.9),
        ("98", "Monaco", CODES[-1:], 1.0),  # as large as its neighbour
        ("98", "Monaco", CODES[-2:], 1.0),  # as large as two of them
    ],
)
def test_a_territory_as_large_as_others_is_one(folder, code, name, of, factor):
    afresh()
    add_rows(code, name, of, factor=factor)
    assert code in fa.load("reference").territories


def test_a_budget_that_was_meant_in_millions_is_asked_about(folder):
    warned = [
        str(w) for w in fa.load("reference", {"budget.state_eur_per_year": 4.8}).inputs.warnings
    ]
    assert warned == [
        "--set budget.state_eur_per_year=4.8: is 4.8 EUR a year; for millions of EUR write 4800000"
    ]
    assert fa.load("reference", {"budget.state_eur_per_year": 4.8e6}).inputs.warnings == ()


def test_only_the_first_of_many_unknown_territories_are_guessed(folder):
    """To guess what each of 40,000 is takes 20 s."""
    mine("".join(f"[territories.Bretagne{n}]\nleast_rate = 0.1\n" for n in range(200)))
    told = mistakes()
    assert len(told) == 6
    assert all("did you mean 53 (Bretagne)?" in what for what in told[:5])
    assert told[5] == (
        f"{MINE}: 195 more rows like these: 13, 15, 17, 19, 21, 23, 25, 27, 29, 31 and 185 others"
    )


def test_many_unknown_codes_take_five_lines(folder):
    """Another nation's table, 18 codes in 3 rows each: five rows are told, of 49 the lines."""
    rewrite("contracts.csv", lambda row: f"D{row}")
    told = mistakes("reference")
    assert len(told) == 6
    first = 'territory: "D01" is not in territories.csv; did you mean 01 (Guadeloupe)?'
    assert told[0] == f"{CONTRACTS}:2: {first}"
    assert told[5] == (
        f"{CONTRACTS}: 49 more rows like these: 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 and 39 others"
    )


@each(
    ("data", "expected"),
    [
        (
            b"",
            (":1: no row of headings found, expected territory, segment, contracts_per_year"),
        ),
        (b"territory,segment,contracts_per_year\n", ": has no rows under its header"),
        (b"PK\x03\x04\x00\x00", ": is not a text file in UTF-8; save it as CSV UTF-8"),
        ("territory\n".encode("utf-16"), ": is not a text file in UTF-8; save it as CSV UTF-8"),
        (b"territory,\x81", ": is not a text file in UTF-8; save it as CSV UTF-8"),
        (
            b"territory;segment;contracts_per_year;year\n01;local;5;20x3\n",
            ':2: year: "20x3" is not a year of four digits',
        ),
    ],
)
def test_a_table_that_is_none(folder, data, expected):
    Path(CONTRACTS).write_bytes(data)
    assert mistakes("reference") == [CONTRACTS + expected]


@each("typed", ['"0,0595"', "5.95 %", "5.95%"])
def test_a_number_as_people_type_it_is_read(folder, typed):
    afresh()
    before = fa.load("reference").inputs.value("territories.53.unemployment_rate")
    edit("territories.csv", "3449370,0.0595", f'"3,449,370",{typed}')
    read = fa.load("reference").inputs.column
    assert (read("unemployment_rate")["53"], read("population")["53"]) == (before, 3449370)


def test_decimal_points_beside_decimal_commas(folder):
    """Each can be read in one way only; what could be read in two is refused."""
    before = fa.load("reference").inputs.values
    text = Path(TERRITORIES).read_text(encoding="utf-8").replace(",", ";").replace(".", ",")
    Path(TERRITORIES).write_text(text, encoding="utf-8")
    line = edit("territories.csv", "0,0595", "0.0595")
    assert fa.load("reference").inputs.values == before
    edit("territories.csv", "3449370", "3.449")
    (told,) = mistakes("reference")
    what = 'population: is "3.449", which can be read in two ways; write 3449 if'
    assert told.startswith(f"{TERRITORIES}:{line}: {what}")


def test_a_row_over_two_lines_is_told_at_its_first(folder):
    line = edit("territories.csv", "Pays de la Loire,3907156", '"Pays de\nla Loire",x')
    what = 'population: is "x", expected a number' + EMPTY
    assert mistakes("reference") == [f"{TERRITORIES}:{line}: {what}"]


def test_a_name_that_two_regions_share(folder):
    edit("territories.csv", "Pays de la Loire", "Bretagne")
    mine("[territories.bretagne]\nleast_rate = 0.1")
    what = "no such territory in france-2023; it may mean 52 (Bretagne), 53 (Bretagne)"
    assert mistakes() == [f"{MINE}:3: territories.bretagne: {what}: give the code"]


def test_an_indicator_that_a_region_lacks(folder):
    edit("territories.csv", ",93372,0.0271,", ",93372,,")
    mine("[weights.indicators]\nqpv_share = 1")
    what = "needs the column qpv_share in territories.csv; empty or missing for 53"
    assert mistakes() == [f"{MINE}:4: weights.indicators.qpv_share: {what}"]


def test_an_indicator_that_cannot_be_read_is_told_once(folder):
    line = edit("territories.csv", ",93372,0.0271,", ",93372,x,")
    mine("[weights.indicators]\nqpv_share = 1")
    assert mistakes() == [f'{TERRITORIES}:{line}: qpv_share: is "x", expected a number' + EMPTY]


def test_an_indicator_that_is_0_everywhere(folder):
    mine(
        "[weights.indicators]\nqpv_share = 1\n"
        + "".join(f"[territories.{code}]\nqpv_share = 0\n" for code in CODES)
    )
    what = "column qpv_share has the mean 0 over inhabitants, expected one above 0"
    assert mistakes() == [f"{MINE}:4: weights.indicators.qpv_share: {what}"]


def test_weights_that_leave_nothing(folder):
    """Weight 0 everywhere but in a region without contracts."""
    zero = "".join(f"{code} = 0\n" for code in CODES if code != "53")
    none = "[contracts.53]\nlocal = 0\noperators = 0\nstate_hospital = 0"
    mine(f"[weights.territory]\n{zero}{none}")
    what = "weights leave every contract at 0; nothing is left to maximise"
    assert mistakes() == [f"{MINE}:4: {what}"]


RISING = (
    "expected efforts from 0 on, each once, and contracts that increase, no step by more than the "
    "one before"
)
CURVES = {
    "start": ("01,local,1,5", 2, f"curve of 01 local: lines 2: {RISING}"),
    "twice": ("01,local,0,5\n01,local,0,6", 3, f"curve of 01 local: lines 2, 3: {RISING}"),
    "convex": (
        "01,local,0,5\n01,local,1,6\n01,local,2,9",
        4,
        f"curve of 01 local: lines 2, 3, 4: {RISING}",
    ),
    "word": ("01,local,0,x", 2, 'contracts: is "x", expected a number'),
    "empty": ("01,local,,4", 2, "effort_fte: is empty, expected a number"),
    "buyer": (
        "01,locl,0,4",
        2,
        (
            'segment: "locl" is not among [coverage.segments] of the model; '
            "did you mean local (local authorities)?"
        ),
    ),
}
CURVE_COLUMN = (
    '[tables.curves]\ncontracts = { unit = "contracts/yr", status = "assumption", '
    'note = "a test" }\n[tables.contracts]'
)


@each("case", CURVES)
def test_curves_that_are_none(folder, case):
    afresh()
    rows, line, expected = CURVES[case]
    edit("model.toml", "[tables.contracts]", CURVE_COLUMN)
    Path(MODEL, "curves.csv").write_text(f"territory,segment,effort_fte,contracts\n{rows}\n")
    told = [f"{MODEL}/curves.csv:{line}: {expected}"]
    assert mistakes("reference", "coverage.curve=table") == told


def test_curves_that_lack_or_reach_too_far(folder):
    edit("model.toml", "[tables.contracts]", CURVE_COLUMN)
    rows = "territory,segment,effort_fte,contracts\n01,local,0,99999\n"
    Path(MODEL, "curves.csv").write_text(rows)
    assert mistakes("reference", "coverage.curve=table") == [
        f"{MODEL}/curves.csv: no curve for 01 operators, 01 state_hospital, 02 local and 50 others",
        f"{MODEL}/curves.csv:2: curve of 01 local: reaches 99999 of 1011 contracts, a rate above 1",
    ]


# -- plans typed by hand ---------------------------------------------------------------------------

PLANS = {
    "not a role": ("53,helper,1", 'role: "helper", expected facilitator or coordinator'),
    "a role misspelt": (
        "53,facilitatr,1",
        'role: "facilitatr", expected facilitator or coordinator; did you mean facilitator?',
    ),
    "a region that is not": (
        "Bretange,facilitator,1",
        'territory: "Bretange" is no territory of the scenario; did you mean 53 (Bretagne)?',
    ),
    "a word": ("53,facilitator,one", 'new_fte: is "one", expected a number; write 0 for none'),
    "an empty cell": ("53,facilitator,", "new_fte: is empty, expected a number"),
    "a negative post": ("53,facilitator,-1", "new_fte: is -1, expected a number of at least 0"),
    "a post twice": (
        "53,facilitator,1\nBretagne,facilitator,2",
        "53 (Bretagne) facilitator, 2023 stands twice (first on line 2)",
    ),
}


def plan_mistakes(name: str) -> str:
    problem = fa.load("reference")
    with pytest.raises(fa.InputError) as error:
        read_posts(Path(name), PostCodes.of(problem), problem.years)
    return str(error.value)


@each("case", PLANS)
def test_a_plan_is_told_what_is_wrong(folder, case):
    rows, expected = PLANS[case]
    Path("plan.csv").write_text(f"territory,role,new_fte\n{rows}\n")
    line = 3 if "twice" in case else 2
    assert plan_mistakes("plan.csv") == f"plan.csv:{line}: {expected}"


def test_mistakes_of_a_plan_stand_in_the_order_of_its_lines(folder):
    Path("plan.csv").write_text("territory,role,new_fte\nX,facilitator,1\n53,facilitator,x\n")
    places = [line.split(" ")[0] for line in plan_mistakes("plan.csv").split("\n")]
    assert places == ["plan.csv:2:", "plan.csv:3:"]


def test_a_code_without_its_leading_zero_is_read_in_a_plan(folder):
    problem = fa.load("reference")
    for heading in ("territory,role,new_fte", "Région,fonction,postes nouveaux"):
        Path("plan.csv").write_text(f"{heading}\n1,facilitator,2\n", encoding="utf-8")
        read = read_posts(Path("plan.csv"), PostCodes.of(problem), problem.years)
        assert read == {("facilitator", "01", 2023): 2}


def test_a_table_of_regions_that_is_no_csv_is_told_with_its_line(folder):
    Path("regions.csv").write_text('Région;ETP en poste\n53;2\n"52;3\n', encoding="utf-8")
    assert mistakes("regions.csv") == [
        "regions.csv:3: not valid CSV: quotes are not closed, or something stands behind them"
    ]


@each("year", ["2024", "²", "2023.0"])
def test_a_plan_of_another_year(folder, year):
    rows = "".join(f"{code},facilitator,1,{year}\n" for code in CODES)
    Path("plan.csv").write_text("territory,role,new_fte,year\n" + rows, encoding="utf-8")
    what = f'"{year}" is not a year of four digits'
    if year == "2024":
        what = "2024 is not among the years (2023)"
    told = plan_mistakes("plan.csv").split("\n")
    others = "7, 8, 9, 10, 11, 12, 13, 14, 15, 16 and 3 others"
    assert told[0] == f"plan.csv:2: year: {what}"
    assert told[5] == f"plan.csv: 13 more rows like these: {others}"


def test_mistakes_with_and_without_a_hint_are_alike_in_french():
    """French writes a space before the semicolon of a hint."""
    hints = ["", "\N{NARROW NO-BREAK SPACE}; vouliez-vous dire Orne ?"]
    rows = [Mistake(f"plan.csv:{n}", f"« {n} » est inconnu{hints[n % 2]}") for n in range(9)]
    *_, others = limited_mistakes(rows)
    assert (others.where, others.count) == ("plan.csv", 4)


@each(
    ("text", "line"),
    [("", ":1"), ("{", ":1"), ("[1]", ""), ('{"format": "other"}', ""), ("[" * 100_000, "")],
)
def test_a_saved_plan_that_is_none(folder, text, line):
    Path("plan.json").write_text(text)
    with pytest.raises(fa.InputError) as error:
        read_plan(Path("plan.json"))
    what = "is not a saved plan (fte-alloc solve … --out PLAN.json)"
    assert str(error.value) == f"plan.json{line}: {what}"


@each(
    ("posts", "expected"),
    [
        ("{}", ""),
        ("5", ": is not a saved plan (fte-alloc solve … --out PLAN.json)"),
        ('[{"role": "x"}]', ": is not a saved plan (fte-alloc solve … --out PLAN.json)"),
        (
            '[{"territory": "53", "role": "facilitator", "year": 2023, "new_fte": NaN}]',
            ":posts:1: new_fte: is nan, expected a number of at least 0",
        ),
    ],
)
def test_the_posts_of_a_saved_plan(folder, posts, expected):
    Path("plan.json").write_text(f'{{"format": "fte-alloc/plan/1", "posts": {posts}}}')
    if expected:
        assert plan_mistakes("plan.json") == f"plan.json{expected}"
    else:
        problem = fa.load("reference")
        assert read_posts(Path("plan.json"), PostCodes.of(problem), problem.years) == {}


def test_the_reference_plan_is_told_with_the_line_that_names_it(folder):
    mine("reference_plan = 'plan.csv'\nposts.cap_ft = 1")
    Path("scenarios/plan.csv").write_text("territory,role,new_fte\n54,facilitator,1\n")
    what = 'territory: "54" is no territory of the scenario'
    assert mistakes() == [
        f"{MINE}:3: reference_plan: scenarios/plan.csv:2: {what}",
        f"{MINE}:4: posts.cap_ft: unknown key; did you mean cap_fte?",
    ]


# -- all at once -----------------------------------------------------------------------------------


def test_mistakes_of_every_file_appear_in_one_run(folder):
    """Scenario, model, both tables and two --set: file by file, line by line, --set last."""
    mine(
        "[budget]\nstate_eur_per_yaer = 1\n\n[territories.54]\nleast_rate = 1\n\n[posts]\n"
        "cap_fte = -5\n[weights.segment]\nlocal = true"
    )
    unit = edit("model.toml", 'unit = "EUR/yr"', 'unit = "kEUR/yr"')
    rate = edit("territories.csv", "3449370,0.0595", "3449370,n.c.")
    count = edit("contracts.csv", "53,local,9080", "53,local,9 O80")
    years = "are [2023, 2025], expected years that follow one another, each once"
    assert mistakes("mine", "posts.cap_ft=600", "years=[2023, 2025]") == [
        f"{MINE}:4: budget.state_eur_per_yaer: unknown key; did you mean state_eur_per_year?",
        f"{MINE}:6: territories.54: no such territory in france-2023",
        f'{MINE}:10: posts.cap_fte: is -5, expected a number of at least 0 (or "none")',
        f"{MINE}:12: weights.segment.local: is true, expected a number of at least 0",
        (
            f'{MODEL}/model.toml:{unit}: budget.state_eur_per_year: unit is "kEUR/yr", '
            'expected "EUR/yr"'
        ),
        f'{TERRITORIES}:{rate}: unemployment_rate: is "n.c.", expected a number' + EMPTY,
        f'{CONTRACTS}:{count}: contracts_per_year: is "9 O80", expected a number',
        "--set posts.cap_ft=600: unknown key; did you mean posts.cap_fte?",
        f"--set years=[2023, 2025]: {years}",
    ]


# -- whatever is typed -----------------------------------------------------------------------------

RICH = f"""{START}years = [2023, 2024]
reference_plan = "plan.csv"
[posts]
cap_fte = {{ 2023 = 600, 2024 = 610 }}
coordinator.max_fte_per_area = "none"
[weights]
segment = {{ local = 2.0 }}
indicators.qpv_share = 0.25
territory."Île-de-France" = 2
year.2024 = 0.5
[territories.53]
min_new_facilitators_fte = 3
area = "W"
[contracts.53]
local = 8000
[[stages]]
maximise = "worst_rate"
concede = 0.01
[[stages]]
minimise = "change"
"""
FILES = {
    MINE: RICH,
    "scenarios/plan.csv": "territory,role,year,new_fte\n53,facilitator,2023,1.5\n",
    **{
        f"{MODEL}/{name}": (ROOT / MODEL / name).read_text(encoding="utf-8")
        for name in ("model.toml", "territories.csv", "contracts.csv")
    },
}
PIECES = [
    *"\n,;.=\"'[]{}#059-_ aé\u00a0%\r\t\0",
    *("nan", "inf", "true", "1e400", "-1", "2023-01-01", '"""', "[[", "{}", "[]", '"none"'),
    "9" * 30,
]


@st.composite
def slips(draw):
    """A file of the model or the scenario with a few slips of the finger."""
    name = draw(st.sampled_from(sorted(FILES)))
    text = FILES[name]
    for _ in range(draw(st.integers(1, 3))):
        rows = text.split("\n")
        at, row = draw(st.integers(0, len(text))), draw(st.integers(0, len(rows) - 1))
        other = draw(st.integers(0, len(rows) - 1))
        kind = draw(st.sampled_from(["delete", "insert", "replace", "cut", "drop", "copy", "swap"]))
        if kind == "cut":
            text = text[:at]
        elif kind in ("delete", "insert", "replace"):
            piece = "" if kind == "delete" else draw(st.sampled_from(PIECES))
            text = text[:at] + piece + text[at + (kind != "insert") :]
        else:
            if kind == "drop":
                del rows[row]
            elif kind == "copy":
                rows.insert(other, rows[row])
            else:
                rows[row], rows[other] = rows[other], rows[row]
            text = "\n".join(rows)
    return name, text


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A folder whose files are written again and again."""
    folder = tmp_path_factory.mktemp("desk")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    fa.load(folder / MINE)
    return folder


def any_slip(desk, slip) -> None:
    name, text = slip
    (desk / name).write_bytes(text.encode())
    try:
        told = _told(desk / MINE)
    finally:
        (desk / name).write_text(FILES[name], encoding="utf-8")
    assert all(mistake.what for mistake in told)


def slipping(times: int) -> settings:
    return settings(deadline=None, max_examples=times, suppress_health_check=[HealthCheck.too_slow])


@slipping(40)
@given(slip=slips())
def test_any_slip_gives_a_problem_or_a_message(desk, slip):
    any_slip(desk, slip)


@pytest.mark.slow
@slipping(400)
@given(slip=slips())
def test_any_of_many_slips_gives_a_problem_or_a_message(desk, slip):
    any_slip(desk, slip)


def _told(path: Path):
    try:
        fa.load(path)
    except fa.InputError as error:
        return error.mistakes
    return []
