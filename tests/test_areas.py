"""Areas of several territories: lines of their own, two name spaces, old files still read."""

from __future__ import annotations

import copy
import csv
import importlib.util
import io
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, run, small_problem
from spreadsheet import opened
from tables import each
from test_workbook import agrees

import fte_alloc as fa
from fte_alloc.inputs.codes import PostCodes
from fte_alloc.inputs.plan_files import read_posts
from fte_alloc.questions.explain.page import explain_page
from fte_alloc.questions.explain.texts import posts_text
from fte_alloc.questions.places import place_lines, typed_place_code
from fte_alloc.questions.plan import solve
from fte_alloc.questions.solve.answer import plan_answer
from fte_alloc.questions.why.attribution import FIGURES
from fte_alloc.render.markdown import markdown
from fte_alloc.render.workbook import workbook

pytestmark = pytest.mark.usefixtures("search_once")

SAID = 'status = "assumption", note = "for tests"'
MODEL = """\
years = [2023]
territory = "département"
posts.cap_fte = { value = 30, unit = "FTE", SAID }
posts.facilitator.cost_eur_per_fte = { value = 40_000, unit = "EUR/(FTE.yr)", SAID }
posts.facilitator.state_rate = { value = 0.5, unit = "1", SAID }
posts.facilitator.max_growth_fte = { value = 2, unit = "FTE", SAID }
posts.coordinator.cost_eur_per_fte = { value = 60_000, unit = "EUR/(FTE.yr)", SAID }
posts.coordinator.state_rate = { value = 0.5, unit = "1", SAID }
posts.coordinator.supports_fte = { value = 5, unit = "FTE", SAID }
posts.coordinator.productivity_gain = { value = 0.2, unit = "1", SAID }
posts.coordinator.required_fte_where_none = { value = 1, unit = "FTE", SAID }
posts.coordinator.max_fte_per_area = { value = 1, unit = "FTE", SAID }
budget.state_eur_per_year = { value = 180_000, unit = "EUR/yr", SAID }
coverage.contracts_per_fte = { value = 40, unit = "contracts/(FTE.yr)", SAID }
coverage.segments.town.name = "towns"
tables.territories.existing_facilitators_fte = { unit = "FTE", SAID }
tables.territories.existing_coordinators_fte = { unit = "FTE", SAID }
tables.contracts.contracts_per_year = { unit = "contracts/yr", SAID }
""".replace("SAID", SAID)
#: 01, 84 and 93 are codes of territories and of areas, Guadeloupe is a name of both.
TERRITORIES = """\
code,name,area,area_name,existing_facilitators_fte,existing_coordinators_fte
01,Ain,84,Auvergne-Rhône-Alpes,1,
03,Allier,84,,2,
84,Vaucluse,93,Provence,3,0.5
13,Bouches-du-Rhône,93,Provence,1.5,0.5
971,Guadeloupe,01,Guadeloupe,0.5,
93,Seine-Saint-Denis,11,Île-de-France,4,
"""
CONTRACTS = "territory,segment,contracts_per_year\n" + "".join(
    f"{code},town,{n}\n"
    for code, n in {"01": 300, "03": 200, "84": 250, "13": 500, "971": 100, "93": 400}.items()
)
#: The same areas, each a territory.
REGIONS = "code,name,existing_facilitators_fte,existing_coordinators_fte\n" + "\n".join(
    ["84,Auvergne-Rhône-Alpes,3,", "93,Provence,4.5,1", "01,Guadeloupe,0.5,", "11,Île-de-France,4,"]
)
COUNTED = (
    "territory,segment,contracts_per_year\n84,town,500\n93,town,750\n01,town,100\n11,town,400\n"
)


def files(folder: Path) -> Path:
    """Two models of the same country, and a scenario of each."""
    for name, tables in {"fine": (TERRITORIES, CONTRACTS), "coarse": (REGIONS, COUNTED)}.items():
        place = folder / "models" / name
        place.mkdir(parents=True)
        (place / "model.toml").write_text(MODEL, encoding="utf-8")
        for table, text in zip(("territories", "contracts"), tables, strict=True):
            (place / f"{table}.csv").write_text(text, encoding="utf-8")
        (folder / f"{name}.toml").write_text(f'model = "{name}"\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return files(tmp_path_factory.mktemp("areas"))


@pytest.fixture(autouse=True)
def there(home, monkeypatch) -> None:
    monkeypatch.chdir(home)


@pytest.fixture(scope="module")
def plan(home):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        return solve(fa.load("fine.toml"))


def as_before(document: dict) -> dict:
    """A document as version 0.1 wrote it: the area of a coordinator stood as its territory."""
    document = json.loads(json.dumps(document))
    for row in (*document["posts"], *document["prices"]):
        area = row.pop("area")
        if "coordinator" in (row.get("role"), str(row.get("constraint")).split("_")[0]):
            row["territory"] = area
    return document


# -- data ------------------------------------------------------------------------------------------


def test_no_post_of_a_csv_stands_for_two(capsys):
    code, out, _ = run(capsys, "solve", "fine.toml", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert out.splitlines()[0].endswith(",new_fte,area")
    named = Counter((r["territory"], r["role"], r["year"]) for r in rows if r["territory"])
    areas = Counter((r["area"], r["year"]) for r in rows if r["role"] == "coordinator")
    assert {*named.values(), *areas.values()} == {1}
    assert len(rows) == 6 + 4
    led = {r["area"]: (r["territory"], r["name"]) for r in rows if r["role"] == "coordinator"}
    assert led == {
        "01": ("971", "Guadeloupe"),
        "11": ("93", "Île-de-France"),
        "84": ("", "Auvergne-Rhône-Alpes"),
        "93": ("", "Provence"),
    }


def test_posts_go_out_and_come_back(plan, tmp_path):
    for name in ("posts.csv", "posts.json"):
        path = tmp_path / name
        text = (
            json.dumps(plan.document) if name.endswith("json") else plan.posts.to_csv(index=False)
        )
        path.write_text(text, encoding="utf-8")
        read = read_posts(path, PostCodes.of(plan.problem), (2023,))
        assert plan.problem.evaluate(read).new_fte == pytest.approx(plan.evaluation.new_fte)
    again = plan.problem.evaluate(plan.posts)
    assert again.new_coordinators_fte.tolist() == plan.evaluation.new_coordinators_fte.tolist()
    assert again.new_facilitators_fte.tolist() == plan.evaluation.new_facilitators_fte.tolist()


def test_a_document_of_an_earlier_version_is_read_as_one_of_today(plan, tmp_path, capsys):
    old = as_before(plan.document)
    assert ("84", "coordinator") in {(r["territory"], r["role"]) for r in old["posts"]}
    assert fa.verify(old).accepted
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    code, out, _ = run(capsys, "compare", str(tmp_path / "old.json"), "fine.toml")
    assert code == 0
    assert "New posts are the same in all plans." in out
    posts = read_posts(tmp_path / "old.json", PostCodes.of(plan.problem), (2023,))
    assert posts["coordinator", "84", 2023] == plan.evaluation.new_coordinators_fte[2, 0]
    documents = (fa.read(tmp_path / "old.json").document, plan.document)
    answers = [markdown(plan_answer(document).page()) for document in documents]
    assert answers[0] == answers[1]


HEAD = "territory,role,new_fte,area\n"


@each(
    ("row", "post"),
    [
        ("01,facilitator,1,", ("facilitator", "01")),
        ("Guadeloupe,facilitator,1,", ("facilitator", "971")),
        ("Guadeloupe,facilitator,1,01", ("facilitator", "971")),
        ("Vaucluse,facilitator,1,Provence", ("facilitator", "84")),
        ("84,coordinator,1,", ("coordinator", "84")),  # a file of version 0.1
        (",coordinator,1,84", ("coordinator", "84")),
        (",coordinator,1,auvergne rhone alpes", ("coordinator", "84")),
        ("Ain,coordinator,1,", ("coordinator", "84")),
        ("971,coordinator,1,01", ("coordinator", "01")),
        ("93,coordinator,1,11", ("coordinator", "11")),  # the territory, not the area 93
        ("93,coordinator,1,", ("coordinator", "93")),  # of a file of version 0.1
        ("Guadeloupe,coordinator,1,", ("coordinator", "01")),
        ("01,facilitator,1,1034 km²", ("facilitator", "01")),  # no area: somebody's own column
    ],
)
def test_a_post_is_where_its_territory_and_its_area_say(row, post):
    Path("posts.csv").write_text(HEAD + row, encoding="utf-8")
    read = read_posts(Path("posts.csv"), PostCodes.of(fa.load("fine.toml")), (2023,))
    assert read == {(*post, 2023): 1.0}


@each(
    ("row", "said"),
    [
        ("01,facilitator,1,01", "area: 01 is not in 01"),
        ("13,coordinator,1,84", "area: 13 is not in 84"),
        (
            ",coordinator,1,Provense",
            'area: "Provense" is no area of the scenario; did you mean 93 (P',
        ),
        (",coordinator,1,", "no territory is named here, and 1 is not the sum of the rows"),
        (",facilitator,1,84", 'territory: "" is no territory of the scenario'),
    ],
)
def test_a_post_that_is_nowhere_or_in_two_places_is_refused(row, said):
    Path("posts.csv").write_text(HEAD + row, encoding="utf-8")
    with pytest.raises(fa.InputError) as error:
        read_posts(Path("posts.csv"), PostCodes.of(fa.load("fine.toml")), (2023,))
    assert f"posts.csv:2: {said}" in str(error.value)


def test_a_plan_is_proved_and_checked_by_arithmetic(plan, tmp_path, capsys):
    assert fa.verify(plan.document).accepted
    moved = copy.deepcopy(plan.document)
    next(r for r in moved["posts"] if r["area"] == "84" and not r["territory"])["new_fte"] = 0.5
    assert any("area 84" in one.path for one in fa.verify(moved).findings)
    spec = importlib.util.spec_from_file_location("check_plan", ROOT / "docs" / "check_plan.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name, document in {"new": plan.document, "old": as_before(plan.document)}.items():
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
        assert script.main(["models/fine", str(tmp_path / name)]) == 0
        assert capsys.readouterr().out.endswith("accepted\n")


def test_limits_and_prices_say_whose_they_are(plan):
    places = {(p["constraint"], p["territory"], p["area"]) for p in plan.document["prices"]}
    assert ("coordinator_required", None, "84") in places
    assert {("coordinator_required", "971", "01"), ("budget", None, None)} <= places
    nothing = plan.problem.evaluate({})
    broken = {(v.territory, v.area) for v in nothing.violations}
    assert broken == {("971", "01"), ("93", "11"), (None, "84")}
    assert "required coordinators (FTE), 84: 0" in nothing.violations[-1].sentence()


def test_a_limit_that_others_make_up_for_has_no_price(plan):
    """A little less in 01 is made up for by 03, where effort covers as much more.

    3 FTE on 300 contracts, 2 on 200, all supported: 40 e^(−40·1.2·3/300) = 40 e^(−40·1.2·2/200).
    """
    growth = [row for row in plan.document["prices"] if row["constraint"] == "growth"]
    assert max((row[side] for row in growth for side in ("up", "down")), default=0.0) < 1e-4
    best, lost = plan.expected_contracts, []
    for less in (1e-2, 1e-3):
        other = solve(fa.load("fine.toml", {"limits.growth.01": 2 - less}), priced=False)
        lost.append((best - other.expected_contracts) / less)
    assert lost[0] > 5 * lost[1] > 0
    short = solve(fa.load("fine.toml", {"limits.growth.01": 1}))
    (row,) = (row for row in short.document["prices"] if row["territory"] == "01")
    assert (row["constraint"], row["area"]) == ("growth", "84")
    more = solve(fa.load("fine.toml", {"limits.growth.01": 1 + 1e-4}), priced=False)
    gain = (more.expected_contracts - short.expected_contracts) / 1e-4
    assert [row["up"], row["down"]] == pytest.approx([gain, gain], abs=0.02)


# -- lines -----------------------------------------------------------------------------------------


def names_on(page: str) -> list[str]:
    """What stands first in the lines of the table of posts, from its heading to its total."""
    lines = page.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("FTE, both roles"))
    last = next(n for n, line in enumerate(lines) if line.startswith("Total"))
    return [re.split(r"(?<=\S) {2,}", line)[0] for line in lines[first + 1 : last + 1]]


LINES = [
    "971 Guadeloupe",
    "93 Seine-Saint-Denis",
    "84 Auvergne-Rhône-Alpes",
    "  01 Ain",
    "  03 Allier",
    "93 Provence",
    "  13 Bouches-du-Rhône",
    "  84 Vaucluse",
    "Total",
]
AREAS = ["01 Guadeloupe", "11 Île-de-France", "84 Auvergne-Rhône-Alpes", "93 Provence", "Total"]


def test_an_area_of_several_stands_above_its_territories_with_their_sum(capsys):
    _, out, _ = run(capsys, "solve", "fine.toml")
    assert names_on(out) == LINES
    cells = {line[:24].strip(): line[24:].split() for line in out.splitlines()}
    assert cells["93 Provence"][0] == "5.5"  # 3 + 1.5 facilitators, 1 coordinator in place
    assert cells["84 Vaucluse"][0] == "3.0"
    assert cells["84 Auvergne-Rhône-Alpes"][0] == "3.0"
    assert cells["01 Ain"][3] == "·"  # the coordinator is the area's
    assert cells["84 Auvergne-Rhône-Alpes"][3] == "1.0"
    assert cells["Total"][0] == "13.0"
    _, folded, _ = run(capsys, "solve", "fine.toml", "--by", "area")
    assert names_on(folded) == AREAS
    assert [line for line in folded.splitlines() if line.startswith(("84 A", "93 P", "Total"))] == [
        line for line in out.splitlines() if line.startswith(("84 A", "93 P", "Total"))
    ]
    _, text, _ = run(capsys, "solve", "fine.toml", "--format", "markdown")
    assert "| 84 Auvergne-Rhône-Alpes | 3.0 |" in text
    assert "| \u00a0\u00a001 Ain | 1.0 |" in text


def test_what_tables_fold_by_does_not_change_data(capsys):
    code, _, err = run(capsys, "solve", "fine.toml", "--by", "area", "--format", "csv")
    assert (code, "--by" in err) == (2, True)


@each("by_area", [False, True])
def test_a_workbook_adds_up_areas_by_formulas(plan, by_area):
    data = workbook(plan_answer(plan.document, by_area=by_area))
    agrees(data)
    lines = [row[:3] for row in opened(data)["Départements"].values]
    names = [(code, name) for code, name, *_ in lines[1 : 5 if by_area else 9]]
    if by_area:
        assert names == [tuple(line.split(" ", 1)) for line in AREAS[:-1]]
        return
    assert names == [
        (None if line[3:] in ("Auvergne-Rhône-Alpes", "Provence") else line.split()[0], name)
        for line in LINES[:-1]
        for name in [line.strip().split(" ", 1)[1]]
    ]
    assert [area for *_, area in lines[1:9]] == ["01", "11", "84", "84", "84", "93", "93", "93"]


def test_lines_of_one_territory_an_area_are_as_they_were():
    """A territory each, in the order of their codes, whatever the codes of the areas."""
    posts = [
        {"territory": code, "name": code, "role": role, "area": area}
        for role in ("facilitator", "coordinator")
        for code, area in (("B", "1"), ("A", "2"))
    ]
    assert [line.label for line in place_lines(posts)] == ["A A", "B B"]
    assert [line.label for line in place_lines(posts, by_area=True)] == ["1 B", "2 A"]


def test_a_plan_typed_by_hand_is_told_area_by_area(plan, capsys):
    rows = plan.posts[["territory", "role", "new_fte", "area"]].copy()
    rows.loc[rows["role"] == "coordinator", "new_fte"] = 0.0
    rows.to_csv("typed.csv", index=False)
    code, out, _ = run(capsys, "evaluate", "fine.toml", "--posts", "typed.csv")
    assert code == 1
    assert "required coordinators (FTE), 3 places: 0, minimum 1" in out
    assert "93 Seine-Saint-Denis, 971 Guadeloupe, 84 Auvergne-Rhône-Alpes" in out
    lines = [line.rstrip() for line in out.splitlines()]
    at = next(n for n, line in enumerate(lines) if line.startswith("84 Auvergne-Rhône-Alpes,"))
    assert lines[at].startswith("84 Auvergne-Rhône-Alpes, coordinator ")
    assert lines[at + 1].startswith("  01 Ain, facilitator")


# -- names and codes of two kinds ------------------------------------------------------------------


@each(
    ("kind", "text", "code"),
    [
        ("territory", "01", "01"),
        ("area", "01", "01"),
        ("territory", "Guadeloupe", "971"),
        ("area", "guadeloupe", "01"),
        ("area", "84", "84"),
        ("area", "Provence", "93"),
    ],
)
def test_each_kind_has_its_own_name_space(kind, text, code):
    assert typed_place_code(fa.load("fine.toml"), kind, text) == code


@each(
    ("kind", "text", "said"),
    [
        ("territory", "Provence", "no such territory in fine; an area is called so: --area 93"),
        ("territory", "11", "no such territory in fine; an area is called so: --area 11"),
        ("area", "Ain", "no such area in fine; a territory is called so: --territory 01"),
        ("area", "13", "no such area in fine; a territory is called so: --territory 13"),
        ("area", "Provense", "no such area in fine; did you mean 93 (Provence)?"),
    ],
)
def test_what_the_other_kind_is_called_is_said(kind, text, said):
    with pytest.raises(fa.InputError) as error:
        typed_place_code(fa.load("fine.toml"), kind, text)
    assert str(error.value) == f"--{kind} {text}: {said}"


@each(
    ("lines", "limits"),
    [
        ('[limits.a]\narea = "Guadeloupe"\nat_most_fte = 1', {"limits.a": ((4,), (0,))}),
        (
            '[limits.a]\nareas = ["84", "Guadeloupe"]\nat_most_fte = 1',
            {"limits.a": ((0, 1, 4), (0, 2))},
        ),
        ('[limits.a]\nterritories = ["84"]\nat_most_fte = 1', {"limits.a": ((3,), ())}),
        ("[limits.coordinator_max]\nProvence = 2", {"coordinator_max": 1.0}),
        ("[limits.growth]\n84 = 0.5", {"growth": 0.5}),
    ],
)
def test_limits_take_names_of_their_own_kind(lines, limits):
    """Territories 01 03 13 84 93 971 and areas 01 11 84 93, numbered from 0."""
    Path("limited.toml").write_text(f'model = "fine"\n{lines}\n', encoding="utf-8")
    problem = fa.load("limited.toml")
    for name, expected in limits.items():
        if name.startswith("limits."):
            (limit,) = (li for li in problem.limits if li.name == name)
            of = {"971": 5, "93": 4}
            assert of
            assert (limit.territories, limit.areas) == _numbered(expected)
        else:
            place = "93" if name == "coordinator_max" else "84"
            (limit,) = (li for li in problem.limits if (li.name, li.code) == (name, place))
            assert limit.amount == expected


def _numbered(expected):
    """971 is the sixth territory by code."""
    territories, areas = expected
    return tuple(5 if i == 4 else i for i in territories), areas


def test_a_limit_of_coordinators_is_of_no_territory():
    Path("limited.toml").write_text(
        'model = "fine"\n[limits.coordinator_required]\n13 = "none"\n', encoding="utf-8"
    )
    with pytest.raises(fa.InputError, match=r"coordinator_required\.13: no such area in fine"):
        fa.load("limited.toml")


# -- questions -------------------------------------------------------------------------------------


def test_a_territory_and_an_area_are_explained_each_by_its_own(plan):
    ain, area = fa.explain(plan, "01"), fa.explain(plan, area="84")
    assert (ain.document["territory"], ain.document["area"]) == ("01", "84")
    assert (area.document["territory"], area.document["area"]) == (None, "84")
    inside = area.document["territories"]
    assert [row["territory"] for row in inside] == ["01", "03"]
    assert area.document["new_facilitators_fte"] == sum(r["new_facilitators_fte"] for r in inside)
    assert area.document["contracts"] == 500
    assert area.document["existing_facilitators_fte"] == 3
    assert {limit["constraint"] for limit in area.document["limits"]} >= {"coordinator_max"}
    page = markdown(explain_page(area))
    assert "84 Auvergne-Rhône-Alpes:" in page
    assert "What posts bring" in page
    for found in (page, markdown(explain_page(ain))):
        assert "area: 1.0 new coordinators." in found


def test_one_post_more_in_an_area_is_put_where_it_harms_least(plan):
    """Forced to one FTE more than its best, the area loses, and no plan found by hand is better."""
    document = fa.explain(plan, area="93").document
    change = document["next_post"]["change_of_plan"]
    assert change is None or change < 0
    fewer = document["last_post"]
    assert fewer is None or fewer["change_of_plan"] <= 0


def test_a_post_more_in_an_area_moves_no_limit_of_one_territory():
    """Both territories have all that they may have: the area can have no more."""
    both = np.array([1.0, 2.0])
    plan = solve(small_problem(areas=("X", "X"), max_new_facilitators_fte=both))
    tried = fa.explain(plan, area="X").document["next_post"]
    assert (tried["change_of_plan"], tried["limits_given_way"]) == (None, [])


def test_an_area_that_is_one_territory_is_explained_as_that(plan):
    assert fa.explain(plan, area="Guadeloupe").document == fa.explain(plan, "971").document


def test_the_nation_is_explained_area_by_area(plan, capsys):
    done: list[tuple[int, int]] = []
    found = fa.explain(plan, progress=lambda *of: done.append(of))
    assert done == [(n, 6) for n in range(1, 7)]
    assert [(a["area"], a["territory"]) for a in found.document["areas"]] == [
        ("84", None),
        ("93", None),
    ]
    assert all(row["new_coordinators_fte"] == 0 for row in found.document["territories"][:4])
    assert found.columns[-1] == "area"
    assert [row["area"] for row in found.rows if not row["territory"]] == ["84", "93"]
    names = [line.split("|")[1].rstrip() for line in markdown(explain_page(found)).splitlines()
             if line.startswith("| ")]  # fmt: skip
    told = [name.replace("\u00a0", " ")[1:] for name in names[2:]]
    assert told == LINES[:-1]
    code, _, err = run(capsys, "explain", "fine.toml", "--territory", "01", "--area", "84")
    assert (code, "--area" in err) == (2, True)


def test_of_many_who_are_next_twenty_are_named_and_the_rest_counted():
    moves = [
        {
            "territory": f"{n:02}",
            "area": "1",
            "name": "x",
            "role": "facilitator",
            "change_fte": 0.3,
        }
        for n in range(30)
    ]
    told = posts_text(moves)
    assert told.count(" x +0.30") == 10
    assert told.endswith(" and 20 others")
    assert posts_text(moves[:10]).count(" x +0.30") == 10


def test_plans_are_compared_line_by_line_and_area_by_area(capsys):
    poorer = ("--set", "budget.state_eur_per_year=120000")
    why = ("--why", "--area", "84", "--territory", "84", "--format", "markdown")
    code, out, _ = run(capsys, "compare", "fine.toml", *poorer, *why)
    assert code == 0
    assert "84 Auvergne-Rhône-Alpes, new FTE, both roles |" in out
    assert "84 Vaucluse, new FTE, both roles |" in out
    _, text, _ = run(capsys, "compare", "fine.toml", *poorer, "--format", "csv")
    rows = [r for r in csv.DictReader(io.StringIO(text)) if r["section"] == "posts"]
    keys = [r["key"] for r in rows if r["scenario"] == "fine"]
    assert sorted(keys) == sorted(["01", "03", "13", "84", "93", "971", "area 84", "area 93"])


def test_plans_of_other_territories_are_compared_by_their_areas(plan, capsys):
    code, out, _ = run(capsys, "compare", "coarse.toml", "fine.toml")
    assert code == 0
    assert "Compared area by area: the plans divide the same areas differently." in out
    assert "contracts.01" not in out
    compared = fa.compare([solve(fa.load("coarse.toml")), plan])
    coarse, fine = compared.figures_by_place("posts")
    assert coarse.keys() == fine.keys() == {"area 01", "area 11", "area 84", "area 93"}
    assert sum(fine.values()) == pytest.approx(float(plan.evaluation.new_fte[0]))
    assert compared.cross_evaluation.values["fine"]["coarse"] is None  # 84 is another place there
    why = fa.compare(["coarse.toml", plan], why=True, territory="84", area="84")
    assert set(why.why[0].effects) == {*FIGURES, "new_fte.area 84"}
    agrees_with = run(capsys, "compare", "coarse.toml", "fine.toml", "--out", "both.xlsx")
    assert agrees_with[0] == 0
    agrees(Path("both.xlsx").read_bytes())


def test_other_questions_name_areas_as_such(plan, capsys, few_points):
    found = fa.regret({"one": plan.problem, "two": fa.load("fine.toml", {"posts.cap_fte": 25})})
    rows = {(r["territory"], r["area"]) for r in found.document["posts"]}
    assert {(None, "84"), ("971", "01"), ("01", "84")} <= rows
    _, out, _ = run(capsys, "frontier", "fine.toml", "--between", "coverage:state_cost")
    assert "\n84 Auvergne-Rhône-Alpes" in out
    assert "\n  01 Ain" in out
    weights = fa.weights(plan, keys=["weights.territory.01"])
    assert weights.document["names"]["area 84"] == "Auvergne-Rhône-Alpes"
    assert weights.document["names"]["84"] == "Vaucluse"
    code, out, _ = run(capsys, "solve", "fine.toml", "--set", "posts.cap_fte=10")
    assert code == 3
    code, out, _ = run(capsys, "sweep", "fine.toml", "--vary", "posts.cap_fte=20:22:1")
    assert code == 0
    assert "coordinator 1.0 in 01, 11, 84 – no coordinator in 93" in " ".join(out.split())
