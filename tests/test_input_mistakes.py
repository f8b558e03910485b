"""What a planner can type wrong, and the sentence that says so: file, line, value, remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fte_alloc as fa
from fte_alloc.scenario import parse_override
from fte_alloc.scenario.plans import PostCodes, read_plan, read_posts

ROOT = Path(__file__).resolve().parents[1]
MODEL = Path("models/france-2023")
MINE = "scenarios/mine.toml"
#: The first two lines of most scenarios here; what follows starts on line 3.
START = 'title = "Mine"\nmodel = "france-2023"\n'
REGIONS = "01 02 03 04 06 11 24 27 28 32 44 52 53 75 76 84 93 94".split()


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Copies of the shipped model and scenarios, and the working directory beside them."""
    shutil.copytree(ROOT / "models", tmp_path / "models")
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mistakes(scenario="mine", *sets: str) -> list[str]:
    """What loading says, one line a mistake."""
    with pytest.raises(fa.InputError) as error:
        fa.load(scenario, dict(map(parse_override, sets)))
    assert str(error.value) == "\n".join(map(str, error.value.mistakes))
    assert error.value.exit_code == 5
    return [str(mistake) for mistake in error.value.mistakes]


def mine(text: str | bytes, start: str = START) -> None:
    """Write the scenario ``mine``."""
    data = text if isinstance(text, bytes) else (start + text).encode()
    Path(MINE).write_bytes(data)


def edit(name: str, old: str, new: str) -> int:
    """Replace a text in a file of the model; the line where the new one starts."""
    path = MODEL / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())
    return text[: text.index(old)].count("\n") + 1


def rewrite(name: str, change) -> None:
    """Change every line of a table of the model after its header."""
    path = MODEL / name
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_bytes("\n".join([header, *map(change, rows), ""]).encode())


# -- the scenario's file ---------------------------------------------------------------------------

BUYERS = "no such kind of buyer in france-2023 (local, operators, state_hospital)"
NO_STAGES = (
    'expected one [[stages]] table or more, or a whole list such as [{ maximise = "coverage" }]'
)

SCENARIOS = {
    # keys
    "unknown key": (
        "[budget]\nstate_eur_per_yaer = 1",
        ["4: budget.state_eur_per_yaer: unknown key; did you mean state_eur_per_year?"],
    ),
    "unknown table, told once": (
        "[post]\ncap_fte = 600\nstep_fte = 1",
        ["3: post: unknown key; did you mean posts?"],
    ),
    "wrong case": (
        "[Territories.53]\nleast_rate = 0.1",
        ["3: Territories: unknown key; did you mean territories?"],
    ),
    "singular for plural": (
        "[territory.53]\nleast_rate = 0.1",
        ["3: territory: is a table, expected a text in quotes; did you mean territories?"],
    ),
    "right key in the wrong table": (
        "[budget]\ncap_fte = 600\nyears = [2023]",
        [
            "4: budget.cap_fte: unknown key; did you mean posts.cap_fte?",
            "5: budget.years: unknown key; did you mean years?",
        ],
    ),
    "half a key": (
        "[budget]\nstate = 1",
        ["4: budget.state: unknown key; did you mean state_eur_per_year?"],
    ),
    "two brackets for one": (
        "[[posts]]\ncap_fte = 600",
        ["3: posts: is [{ cap_fte = 600 }], expected a table: [posts]"],
    ),
    "a number for a table": ("posts = 5", ["3: posts: is 5, expected a table: [posts]"]),
    "a region's count without its buyer": (
        "[contracts]\n53 = 100",
        ["4: contracts.53: is 100, expected a table: [contracts.53]"],
    ),
    "a table of models": (
        "[sources.x]\ntitle = 'y'\n[tables.territories]\nz = 1",
        [
            "3: sources: belongs in a model, not in a scenario",
            "5: tables: belongs in a model, not in a scenario",
        ],
    ),
    "inline tables and dotted keys": (
        "posts = { cap_ft = 1, step_fte = true }\nbudget.state_eur_per_yeer = 3",
        [
            "3: posts.cap_ft: unknown key; did you mean cap_fte?",
            "3: posts.step_fte: is true, expected a number of at least 0",
            "4: budget.state_eur_per_yeer: unknown key; did you mean state_eur_per_year?",
        ],
    ),
    # values
    "a negative number": (
        "posts.cap_fte = -1",
        ['3: posts.cap_fte: is -1, expected a number of at least 0 (or "none")'],
    ),
    "nan and infinities": (
        "[posts]\ncap_fte = nan\nstep_fte = inf\n[weights.indicators]\nqpv_share = -inf",
        [
            '4: posts.cap_fte: is nan, expected a number of at least 0 (or "none")',
            "5: posts.step_fte: is inf, expected a number of at least 0",
            "7: weights.indicators.qpv_share: is -inf, expected a number",
        ],
    ),
    "huge numbers": (
        "[posts]\ncap_fte = 99999999999999999999\nstep_fte = 1e400",
        [
            "4: posts.cap_fte: is 99999999999999999999, expected a number of at most "
            '1,000,000,000,000 (or "none")',
            "5: posts.step_fte: is inf, expected a number of at least 0",
        ],
    ),
    "thousands of digits": (
        "\n[posts]\ncap_fte = " + "9" * 5000,
        ["5: a number has thousands of digits"],
    ),
    "a boolean, a date, a list, a table": (
        "[posts]\ncap_fte = true\nstep_fte = 2023-05-03\n[coverage]\ndemand_cv = [0.1]\n"
        "draws = { a = 1 }",
        [
            '4: posts.cap_fte: is true, expected a number of at least 0 (or "none")',
            "5: posts.step_fte: is 2023-05-03, expected a number of at least 0",
            "7: coverage.demand_cv: is [0.1], expected a number of at least 0",
            "8: coverage.draws: is a table, expected a whole number from 1 to 1000",
        ],
    ),
    "a percentage for a rate": (
        "coverage.target_rate = 30",
        [
            "3: coverage.target_rate: is 30, expected a rate between 0 and 1 "
            '(or "none"); 30 % is written 0.3'
        ],
    ),
    "numbers in quotes": (
        '[posts]\ncap_fte = "600"\nstep_fte = "0,5"',
        [
            '4: posts.cap_fte: is "600", expected a number of at least 0 (or "none"); '
            "write 600, without quotes",
            '5: posts.step_fte: is "0,5", expected a number of at least 0; write 0.5',
        ],
    ),
    "none where there is no limit": (
        'posts.step_fte = "none"',
        ['3: posts.step_fte: is "none", expected a number of at least 0'],
    ),
    "draws": (
        "[coverage]\ndraws = 9.5\ncurve = 'sigmoid'",
        [
            "4: coverage.draws: is 9.5, expected a whole number from 1 to 1000",
            '5: coverage.curve: is "sigmoid", expected "saturating" or "table"',
        ],
    ),
    "the long form of a model": (
        "posts.cap_fte = { value = 600, unit = 'FTE' }",
        ["3: posts.cap_fte: expected the bare value here, without unit and status"],
    ),
    "a curve of points that is not there": (
        "coverage.curve = 'table'",
        ['3: coverage.curve: is "table", which needs models/france-2023/curves.csv'],
    ),
    # years
    "one year for a list": (
        "years = 2023",
        ["3: years: is 2023, expected a list of years, such as [2023, 2024]"],
    ),
    "years in quotes, no years": (
        "years = ['2023']",
        ['3: years: is ["2023"], expected a list of years, such as [2023, 2024]'],
    ),
    "a gap between the years": (
        "years = [2025, 2023]",
        ["3: years: are [2023, 2025], expected years that follow one another, each once"],
    ),
    "years that are not there": (
        "posts.cap_fte = { 2023 = 600, 2026 = 610, next = 1 }\n[weights.year]\n2024 = 2",
        [
            '3: posts.cap_fte.next: "next" is not a year of four digits',
            "3: posts.cap_fte.2026: 2026 is not among the years (2023)",
            "5: weights.year.2024: 2024 is not among the years (2023)",
        ],
    ),
    "no year at all": (
        "posts.cap_fte = {}",
        ["3: posts.cap_fte: is an empty table, expected a value or one a year"],
    ),
    "by year what has no years": (
        "posts.step_fte = { 2023 = 1 }",
        ["3: posts.step_fte: is a table, expected a number of at least 0"],
    ),
    "a limit for one year of two": (
        "years = [2023, 2024]\n[posts.facilitator]\nstate_ceiling_eur_per_fte = { 2024 = 30_000 }",
        [
            "5: posts.facilitator.state_ceiling_eur_per_fte: has no value for 2023; "
            'give one, or "none" for no limit'
        ],
    ),
    # codes
    "a region that is not": (
        "\n\n\n[territories.54]\nmin_new_facilitators_fte = 3\nleast_rate = 9",
        ["6: territories.54: no such territory in france-2023; did you mean 53 (Bretagne)?"],
    ),
    "a region misspelt": (
        "[territories.Bretange]\nleast_rate = 0.2\n[weights.territory]\nCorsica = 2\nXyz = 1",
        [
            "3: territories.Bretange: no such territory in france-2023; "
            "did you mean 53 (Bretagne)?",
            "6: weights.territory.Corsica: no such territory in france-2023; "
            "did you mean 94 (Corse)?",
            "7: weights.territory.Xyz: no such territory in france-2023",
        ],
    ),
    "a region without its leading zero": (
        "contracts.1.local = 5",
        ["3: contracts.1: no such territory in france-2023; did you mean 01 (Guadeloupe)?"],
    ),
    "one region under two names": (
        "[territories.53]\nleast_rate = 0.1\n[territories.bretagne]\nleast_rate = 0.2",
        [
            "6: territories.bretagne.least_rate: is given twice, here and as "
            "territories.53.least_rate; keep one"
        ],
    ),
    "a column that is not": (
        "[territories.53]\nleast_rat = 0.2\nunemploiment_rate = 0.1\narea = 'a b'",
        [
            "4: territories.53.least_rat: unknown key; did you mean least_rate?",
            "5: territories.53.unemploiment_rate: unknown key; did you mean unemployment_rate?",
            '6: territories.53.area: code "a b": expected letters, digits, hyphens or underscores',
        ],
    ),
    "buyers that are not": (
        "[weights.segment]\nlocla = 2\n[coverage.segments.schools]\nfloor_rate = 0.1\n"
        "[contracts.53]\nState = 3",
        [
            f"4: weights.segment.locla: {BUYERS}; did you mean local (local authorities)?",
            f"5: coverage.segments.schools: {BUYERS}",
            f"8: contracts.53.State: {BUYERS}",
        ],
    ),
    "indicators that are not": (
        "[weights.indicators]\nqpv_shar = 1\npopulation = 1",
        [
            "4: weights.indicators.qpv_shar: no such column of rates in territories.csv "
            "(qpv_share, unemployment_rate); did you mean qpv_share?",
            "5: weights.indicators.population: cannot weigh; an indicator must be a rate or a "
            'share (unit "1"): qpv_share, unemployment_rate',
        ],
    ),
    # values together
    "a floor above its ceiling": (
        "[coverage.segments.local]\nfloor_rate = 0.5\nceiling_rate = 0.4\n"
        "[territories.53]\nmin_new_facilitators_fte = 5\nmax_new_facilitators_fte = 3",
        [
            "4: coverage.segments.local.floor_rate: is 0.5, above "
            "coverage.segments.local.ceiling_rate = 0.4 (scenarios/mine.toml:5)",
            "7: territories.53.min_new_facilitators_fte: is 5, above "
            "territories.53.max_new_facilitators_fte = 3 (scenarios/mine.toml:8)",
        ],
    ),
    "weights that are all 0": (
        "[weights.segment]\nlocal = 0\noperators = 0\nstate_hospital = 0\n[weights.year]\n2023 = 0",
        [
            "4: weights.segment.local: every segment weight is 0; nothing is left to maximise",
            "8: weights.year.2023: every year weight is 0; nothing is left to maximise",
        ],
    ),
    "territories that all weigh 0": (
        "[weights.territory]\n" + "".join(f"{code} = 0\n" for code in REGIONS),
        ["4: weights.territory.01: every territory weight is 0; nothing is left to maximise"],
    ),
    # stages
    "stages as a table": ("[stages]\nmaximise = 'coverage'", [f"3: stages: {NO_STAGES}"]),
    "a stage without its sense": (
        "stages = ['coverage', { concede = 0.1 }]",
        [
            '3: stages.1: is "coverage", expected a table such as { maximise = "coverage" }',
            "3: stages.2: expected either maximise or minimise",
        ],
    ),
    "stages misspelt": (
        "[[stages]]\nmaximize = 'coverage'\n[[stages]]\nminimise = 'coverage'\n"
        "[[stages]]\nmaximise = 'covrage'\n[[stages]]\nmaximise = 'contracts'\nconcede = 30\n"
        "[[stages]]\nminimise = 'posts'\n[[stages]]\nminimise = 'posts'",
        [
            "4: stages.1.maximize: unknown key; did you mean maximise?",
            '6: stages.2.minimise: coverage can only be maximised: maximise = "coverage"',
            '8: stages.3.maximise: is "covrage", expected one of coverage, contracts, '
            "worst_rate; did you mean coverage?",
            "11: stages.4.concede: is 30, expected a share of at least 0 and below 1",
            "15: stages.6.minimise: posts is served twice",
        ],
    ),
    "stages without what they measure": (
        "stages = [\n  { minimise = 'shortfall' },\n  { minimise = 'change' },\n]\n"
        "coverage.target_rate = 'none'",
        [
            "4: stages.1.minimise: needs coverage.target_rate in every year",
            "5: stages.2.minimise: needs reference_plan, a posts file to measure the change from",
        ],
    ),
    "a reference plan that is not there": (
        "reference_plan = 'plan.csv'",
        ["3: reference_plan: scenarios/plan.csv: no such file"],
    ),
    # not TOML
    "cut off after the sign": (
        "[posts]\ncap_fte =",
        ["4: cap_fte has no value after its equals sign"],
    ),
    "cut off in a list": (
        "stages = [\n{ maximise = 'coverage' },\n",
        ["4: the file ends inside a value; close its bracket or its quotes"],
    ),
    "cut off in a text": (
        'note = """a\nb\n',
        ["4: the file ends inside a value; close its bracket or its quotes"],
    ),
    "a bracket missing": ("[posts\ncap_fte = 1", ["3: a bracket is missing; expected [posts]"]),
    "quotes missing at the end": ('a = "b\n', ["3: the quotes are not closed on this line"]),
    "no quotes": (
        "territory = région",
        ['3: région is a text; put it in quotes: "région"'],
    ),
    "typographic quotes": (
        "territory = “region”",
        ['3: typographic quotes; write straight ones: "…"'],
    ),
    "a decimal comma": ("posts.cap_fte = 600,5", ["3: 600,5 has a decimal comma; write 600.5"]),
    "spaces between thousands": (
        "budget.state_eur_per_year = 5 400 000  # EUR",
        ["3: 5 400 000 has spaces; write 5_400_000"],
    ),
    "a percent sign": ("coverage.target_rate = 30 %", ["3: 30 % is written 0.3"]),
    "True for true": ("x = True", ["3: True is written true"]),
    "a no-break space": (
        "posts.cap_fte =\u00a0600",
        ["3: a no-break space stands here; type a plain space in its place"],
    ),
    "a name without quotes": (
        "[territories.Île-de-France]\nleast_rate = 0.2",
        ['3: a name with accents, spaces or apostrophes needs quotes: "Île-de-France"'],
    ),
    "a name with spaces": (
        "weights.territory.Pays de la Loire = 2",
        ['3: a name with accents, spaces or apostrophes needs quotes: "Pays de la Loire"'],
    ),
    "a key twice": (
        "[posts]\ncap_fte = 1\nstep_fte = 1\ncap_fte = 2",
        ["6: cap_fte stands twice (first on line 4); keep one"],
    ),
    "a table twice": (
        "[posts]\ncap_fte = 1\n[budget]\n[posts]\nstep_fte = 1",
        ["6: [posts] stands twice (first on line 3); put its keys together under one"],
    ),
    "two keys on a line": (
        "posts.cap_fte = 1 posts.step_fte = 2",
        ["3: something stands after the value; write one key = value a line"],
    ),
    "no sign": ("cap_fte 600", ["3: expected key = value"]),
    "brackets without end": (
        "x = " + "[" * 3000,
        [": not valid TOML: brackets within brackets, too deep to read"],
    ),
}


@pytest.mark.parametrize("case", SCENARIOS)
def test_a_scenario_file_is_told_what_is_wrong(folder, case):
    text, expected = SCENARIOS[case]
    mine(text)
    assert mistakes() == [f"{MINE}{'' if line[0] == ':' else ':'}{line}" for line in expected]


def test_one_mistake_of_a_table_is_not_told_for_every_key_in_it(folder):
    mine("[territory.53]\nleast_rate = 'a'\nname = 3\n[territories.54]\nleast_rate = 'a'\nx = 1")
    assert len(mistakes()) == 2


def test_a_mark_at_the_head_and_windows_line_ends_keep_the_lines_right(folder):
    mine(b"\xef\xbb\xbf" + (START + "[posts]\n\ncap_ft = 1\n").replace("\n", "\r\n").encode())
    assert mistakes() == [f"{MINE}:5: posts.cap_ft: unknown key; did you mean cap_fte?"]


@pytest.mark.parametrize(
    ("data", "line"),
    [(START.encode("utf-16"), 1), ("title = 'x'\nmodel = 'é'".encode("cp1252"), 2)],
)
def test_a_scenario_in_another_encoding(folder, data, line):
    mine(data)
    assert mistakes() == [f"{MINE}:{line}: is not in UTF-8; save the file in UTF-8"]


# -- names, parents, models ------------------------------------------------------------------------

AT_HAND = "Available: " + ", ".join(
    sorted([*(path.stem for path in (ROOT / "scenarios").glob("*.toml")), "mine"])
)
NOWHERE = "in ./scenarios or the installed package"
NO_MODEL = f'{MINE}: says no model; add model = "france-2023" or another'

LINKS = {
    "an empty file": ("", [NO_MODEL]),
    "no model, and more": (
        "[posts]\ncap_ft = 1",
        [NO_MODEL, f"{MINE}:2: posts.cap_ft: unknown key; did you mean cap_fte?"],
    ),
    "the wrong types": (
        "title = 5\nmodel = 3\nextends = ['reference']",
        [
            f"{MINE}:1: title: is 5, expected a text in quotes",
            f"{MINE}:2: model: is 3, expected a text in quotes",
            f'{MINE}:3: extends: is ["reference"], expected a text in quotes',
        ],
    ),
    "empty texts": (
        "title = ''\nmodel = ''",
        [
            f'{MINE}:1: title: is "", expected a text in quotes',
            f'{MINE}:2: model: is "", expected a text in quotes',
        ],
    ),
    "a model that is not there": (
        "model = 'france-2022'\nposts.cap_ft = 1\nterritories.54.least_rate = 0.1",
        [
            f'{MINE}:1: model: no model "france-2022" in ./models or the installed package; '
            "did you mean france-2023?\nAvailable: france-2023",
            f"{MINE}:2: posts.cap_ft: unknown key; did you mean cap_fte?",
        ],
    ),
    "a model without quotes": (
        "model = france-2023",
        [f'{MINE}:1: france-2023 is a text; put it in quotes: "france-2023"'],
    ),
    "a scenario for a model": (
        "model = 'scenarios/reference.toml'",
        [f"{MINE}:1: model: scenarios/reference.toml is not the folder of a model"],
    ),
    "a parent that is not there": (
        "extends = 'refrence'",
        [
            f'{MINE}:1: extends: no scenario "refrence" {NOWHERE}; did you mean reference?\n'
            f"{AT_HAND}"
        ],
    ),
    "a parent's path that is not there": (
        "extends = 'refrence.toml'",
        ["scenarios/refrence.toml: no such file; did you mean scenarios/reference.toml?"],
    ),
    "itself": ("extends = 'mine'", [f"{MINE}:1: extends: goes round in a circle: mine → mine"]),
    "a model for a parent": (
        "extends = '../models/france-2023/model.toml'",
        [
            "models/france-2023/model.toml: is a model, expected a scenario: a file that names "
            "its model"
        ],
    ),
}


@pytest.mark.parametrize("case", LINKS)
def test_links_of_a_scenario_are_told(folder, case):
    text, expected = LINKS[case]
    mine(text, start="")
    assert mistakes() == expected


def test_a_circle_of_three(folder):
    mine("extends = 'b'", start="")
    Path("scenarios/b.toml").write_text("extends = 'c'")
    Path("scenarios/c.toml").write_text("title = 'c'\nextends = 'mine'")
    assert mistakes() == [
        "scenarios/c.toml:2: extends: goes round in a circle: mine → b → c → mine"
    ]


def test_a_broken_parent_does_not_hide_what_is_wrong_in_the_child(folder):
    mine("extends = 'b'\nposts.cap_ft = 1", start="")
    Path("scenarios/b.toml").write_text("model = \n")
    assert mistakes() == [
        f"{MINE}:2: posts.cap_ft: unknown key; did you mean cap_fte?",
        "scenarios/b.toml:1: model has no value after its equals sign",
    ]


def test_the_parent_is_blamed_for_what_the_parent_says(folder):
    mine("extends = 'b'\nposts.cap_ft = 1", start="")
    Path("scenarios/b.toml").write_text("model = 'france-2023'\nposts.step_fte = -1")
    assert mistakes() == [
        f"{MINE}:2: posts.cap_ft: unknown key; did you mean cap_fte?",
        "scenarios/b.toml:2: posts.step_fte: is -1, expected a number of at least 0",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("refrence", f'No scenario "refrence" {NOWHERE}; did you mean reference?\n'),
        ("Reference", f'No scenario "Reference" {NOWHERE}; did you mean reference?\n'),
        ("zzz", f'No scenario "zzz" {NOWHERE}\n'),
        ("", f'No scenario "" {NOWHERE}\n'),
        (
            "france-2023",
            f'No scenario "france-2023" {NOWHERE}; it is a model, expected a scenario that '
            "names it\n",
        ),
        ("draft", f'No scenario "draft" {NOWHERE}; did you mean draft.toml?\n'),
    ],
)
def test_a_scenario_name_that_means_nothing(folder, name, expected):
    Path("draft.toml").write_text(START)
    assert mistakes(name) == [expected + AT_HAND.replace(", mine", "")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("scenarios/refrence.toml", "no such file; did you mean scenarios/reference.toml?"),
        ("scenarios/reference", "no such file; did you mean scenarios/reference.toml?"),
        ("nowhere/mine.toml", "no such file"),
        ("a\0b.toml", "no such file"),
        ("scenarios/", "is a directory, expected a file"),
        (
            "models/france-2023/model.toml",
            "is a model, expected a scenario: a file that names its model",
        ),
    ],
)
def test_a_scenario_path_that_is_no_scenario(folder, path, expected):
    assert mistakes(path) == [f"{path.rstrip('/')}: {expected}"]


# -- --set -----------------------------------------------------------------------------------------

SETS = {
    "posts.cap_ft=600": "unknown key; did you mean posts.cap_fte?",
    "post.cap_fte=600": "unknown key; did you mean posts.cap_fte?",
    "cap_fte=600": "unknown key; did you mean posts.cap_fte?",
    "budget.state=5": "unknown key; did you mean budget.state_eur_per_year?",
    "territories.53.least_rat=0.2": "unknown key; did you mean territories.53.least_rate?",
    "territories.54.least_rate=0.2": "no such territory in france-2023; "
    "did you mean 53 (Bretagne)?",
    "contracts.53.locl=2": f"{BUYERS}; did you mean local (local authorities)?",
    "posts.cap_fte=600,5": 'is "600,5", expected a number of at least 0 (or "none"); write 600.5',
    "posts.cap_fte=": 'is "", expected a number of at least 0 (or "none")',
    "posts.cap_fte=-5": 'is -5, expected a number of at least 0 (or "none")',
    "posts.step_fte=half": 'is "half", expected a number of at least 0',
    "budget.state_eur_per_year=5 400 000": 'is "5 400 000", expected a number of at least 0 '
    '(or "none"); write 5400000',
    "coverage.target_rate=30%": 'is "30%", expected a rate between 0 and 1 (or "none"); write 0.3',
    "posts.cap_fte.next=600": '"next" is not a year of four digits',
    "posts.cap_fte.2030=600": "2030 is not among the years (2023)",
    "posts=5": "is 5, expected a table: [posts]",
    "years=2024": "is 2024, expected a list of years, such as [2023, 2024]",
    "stages.1.concede=0.1": NO_STAGES,
    "stages=coverage": NO_STAGES,
    "model=france-2023": "belongs in the scenario's file; --set cannot change it",
    "tables.contracts=1": "belongs in a model, not in a scenario",
    "coverage.segments.local.ceiling_rate=0.02": "is 0.02, below "
    "coverage.segments.local.floor_rate = 0.03 (models/france-2023/model.toml:{floor})",
    "weights.segment.local=nan": "is nan, expected a number of at least 0",
}


@pytest.mark.parametrize("text", SETS)
def test_a_set_is_told_as_it_was_typed(folder, text):
    rows = (MODEL / "model.toml").read_text(encoding="utf-8").splitlines()
    floor = rows.index("[coverage.segments.local]") + 1
    floor += next(n for n, row in enumerate(rows[floor:], 1) if row.startswith("floor_rate"))
    assert mistakes("reference", text) == [f"--set {text}: {SETS[text].replace("{floor}", str(floor))}"]


@pytest.mark.parametrize("text", ["posts.cap_fte", "=600", "posts..cap_fte=1", " =1", ".a=1"])
def test_a_set_that_is_no_key_and_value(text):
    with pytest.raises(fa.InputError) as error:
        parse_override(text)
    assert str(error.value) == f"--set {text}: expected KEY=VALUE, such as posts.cap_fte=600"


def test_two_sets_for_one_region_under_two_names(folder):
    first, second = "territories.53.least_rate=0.1", "territories.Bretagne.least_rate=0.2"
    assert mistakes("reference", first, second) == [
        f"--set {second}: is given twice, here and as territories.53.least_rate; keep one"
    ]


def test_coordinators_for_a_model_that_has_none(folder):
    """One message at the first key, naming what is missing; none about the model."""
    path = MODEL / "model.toml"
    before, after = path.read_text(encoding="utf-8").split("[posts.coordinator]")
    path.write_bytes((before + "[budget]" + after.split("[budget]")[1]).encode())
    mine("[posts.coordinator]\nsupports_fte = 20\nproductivity_gain = 0.2")
    what = (
        "france-2023 has no coordinators; give posts.coordinator.cost_eur_per_fte and "
        "posts.coordinator.state_rate too, or take this out"
    )
    assert mistakes() == [f"{MINE}:4: posts.coordinator.supports_fte: {what}"]
    key = "posts.coordinator.max_fte_per_area=2"
    assert mistakes("reference", key) == [f"--set {key}: {what}"]
    fa.load("reference")


def test_renewed_coordinators_in_a_model_that_has_no_cost_for_them(folder):
    path = MODEL / "model.toml"
    before, after = path.read_text(encoding="utf-8").split("[posts.coordinator]")
    path.write_bytes((before + "[budget]" + after.split("[budget]")[1]).encode())
    mine("[territories.53]\ncommitted_coordinators_fte = 1")
    assert mistakes() == [
        f"{MINE}:4: territories.53.committed_coordinators_fte: needs [posts.coordinator] in the "
        "model, to say what they cost"
    ]


# -- the model's numbers ---------------------------------------------------------------------------

CAP = "posts.cap_fte"
NUMBERS = {
    "no unit": (
        '585, unit = "FTE", ',
        "585, ",
        f"{CAP}: lacks unit; a number of a model has value, unit and status",
    ),
    "unit misspelt": ("585, unit", "585, unti", f"{CAP}.unti: unknown key; did you mean unit?"),
    "wrong unit": (
        'unit = "EUR/yr"',
        'unit = "kEUR/yr"',
        'budget.state_eur_per_year: unit is "kEUR/yr", expected "EUR/yr"',
    ),
    "wrong status": (
        '585, unit = "FTE", status = "published"',
        '585, unit = "FTE", status = "publishd"',
        f'{CAP}: status is "publishd", expected published, derived or assumption; '
        "did you mean published?",
    ),
    "no source": (
        'status = "published", source = "call-2023", note = "whole',
        'status = "published", note = "whole',
        f"{CAP}: is published, which needs a source",
    ),
    "no reason": (
        '"assumption", note = "continuous posts; no half-post rule is published"',
        '"assumption"',
        "posts.step_fte: is an assumption, which needs a note with its reason",
    ),
    "a source of another type": (
        'source = "call-2023", note = "whole',
        'source = 5, note = "whole',
        f"{CAP}.source: is 5, expected a text in quotes",
    ),
    "a source that is not, told once": (
        "[sources.call-2023]",
        "[sources.cal-2023]",
        f'{CAP}: source "call-2023" is not among [sources]; did '
        "you mean cal-2023? (cited by 1 more number)",
    ),
    "a bare number": (
        "step_fte = { value = 0,",
        "step_fte = 0 # {",
        "posts.step_fte: is 0, expected the long form of a model: { value = …, "
        'unit = "…", status = "…", source = "…" }',
    ),
    "a bad value": (
        "value = 585",
        "value = '585'",
        f'{CAP}: is "585", expected a number of at least 0 (or "none"); write 585, without quotes',
    ),
    "a required key misspelt": (
        "state_rate    ",
        "state_rte    ",
        "posts.facilitator.state_rte: unknown key; did you mean state_rate?",
    ),
    "a required key missing": (
        "cost_eur_per_fte         =",
        "# ",
        "posts.facilitator.cost_eur_per_fte: is missing (c, full cost of a facilitator)",
    ),
    "a decimal comma": ("value = 0.70", "value = 0,70", "0,70 has a decimal comma; write 0.70"),
    "years of another type": (
        "years = [2023]",
        "years = [2023.5]",
        "years: is [2023.5], expected a list of years, such as [2023, 2024]",
    ),
    "a column that is not in the table": (
        "unemployment_rate ",
        "unemployment_rat ",
        "tables.territories.unemployment_rat: no such column in "
        "territories.csv; did you mean unemployment_rate?",
    ),
    "a column without its form": (
        "[tables.contracts]\n",
        "[tables.contracts]\nx = 1\n",
        'tables.contracts.x: is 1, expected { unit = "…", status = "…", source = "…" }',
    ),
    "a table of scenarios": (
        "[posts]",
        "[territories.53]\nleast_rate = 0.1\n[posts]",
        "territories: belongs in a scenario; a model has territories.csv and contracts.csv",
    ),
    "a link of scenarios": (
        "years = ",
        "extends = 'x'\nyears = ",
        "extends: belongs in a scenario, not in a model",
    ),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_a_model_is_told_what_is_wrong(folder, case):
    old, new, expected = NUMBERS[case]
    line = edit("model.toml", old, new)
    line += 1 if case == "a column without its form" else 0
    line -= 1 if case == "a required key missing" else 0  # the table that lacks it
    if case == "a source that is not, told once":
        rows = (MODEL / "model.toml").read_text(encoding="utf-8").splitlines()
        line = next(n for n, row in enumerate(rows, 1) if row.startswith("cap_fte"))
    assert mistakes("reference") == [f"models/france-2023/model.toml:{line}: {expected}"]


def test_a_model_without_its_kinds_of_buyer(folder):
    path = MODEL / "model.toml"
    before, after = path.read_text(encoding="utf-8").split("[coverage.segments.state_hospital]")
    path.write_bytes((before + "# Columns" + after.split("# Columns")[1]).encode())
    what = "models/france-2023/model.toml: has no [coverage.segments] table"
    assert mistakes("reference") == [what]


def test_a_model_that_does_not_say_what_its_columns_are(folder):
    path = MODEL / "model.toml"
    before, after = path.read_text(encoding="utf-8").split("[tables.territories]")
    path.write_bytes((before + "# Sources" + after.split("# Sources")[1]).encode())
    columns = (MODEL / "territories.csv").read_text(encoding="utf-8").split("\n")[0].split(",")[2:]
    assert mistakes("reference") == [
        f"models/france-2023/territories.csv:1: columns {', '.join(columns)} need unit and status "
        "in model.toml, under [tables.territories]",
        "models/france-2023/contracts.csv:1: column contracts_per_year needs unit and status in "
        "model.toml, under [tables.contracts]",
    ]


def test_a_horizon_longer_than_a_limit_by_year(folder):
    line = edit("model.toml", "value = 585", "value = { 2023 = 585 }")
    mine("years = [2023, 2024]")
    assert mistakes() == [
        f"models/france-2023/model.toml:{line}: posts.cap_fte: has no value for 2024; give one, "
        'or "none" for no limit'
    ]
    mine("years = [2023, 2024]\nposts.cap_fte.2024 = 'none'")
    assert list(fa.load("mine").cap_fte) == [585, float("inf")]
