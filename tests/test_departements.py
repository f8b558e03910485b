"""The model by département: the regional one spread, by rules that anyone can run again."""

from __future__ import annotations

import csv
import runpy
import tomllib
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT, run, solved
from tables import each

import fte_alloc as fa
from fte_alloc.questions.compare.answer import compare_answer
from fte_alloc.render.markdown import markdown

FINE, REGIONAL = (ROOT / "models" / n for n in ("france-2023-departements", "france-2023"))


#: The script that makes the tables.
MAKE = SimpleNamespace(**runpy.run_path(str(FINE / "make.py")))


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text(encoding="utf-8").splitlines()))


@cache
def problem() -> fa.Problem:
    """Of the scenario, posts continuous."""
    return fa.load(str(ROOT / "scenarios" / "departements.toml"), {"posts.step_fte": 0})


# -- the tables ------------------------------------------------------------------------------------


def test_the_script_makes_the_tables_as_they_stand():
    for name, text in MAKE.tables(rows(FINE, "territories.csv")).items():
        assert text == (FINE / name).read_text(encoding="utf-8"), name


def test_an_empty_rate_is_that_of_the_region():
    blank = [
        row | {"unemployment_rate": "" if row["code"] == "976" else row["unemployment_rate"]}
        for row in rows(FINE, "territories.csv")
    ]
    assert MAKE.tables(blank)["territories.csv"] == (FINE / "territories.csv").read_text("utf-8")


def test_facilitators_of_the_regional_model_are_spread_as_its_notes_say():
    """400, the coordinator not among them, half by population, half by QPV inhabitants."""
    found = rows(REGIONAL, "territories.csv")
    people, poor = ([int(row[c]) for row in found] for c in ("population", "qpv_inhabitants"))
    for column, total, of in (
        ("existing_facilitators_fte", 400, ((0.5, people), (0.5, poor))),
        ("committed_facilitators_fte", 82, ((1.0, people),)),
    ):
        told = [Decimal(row[column]) for row in found]
        assert sum(told) == total
        exact = [sum(w * total * c[i] / sum(c) for w, c in of) for i in range(len(found))]
        assert [float(fte) for fte in told] == pytest.approx(exact, abs=0.01), column


def test_largest_remainders_keep_the_sum():
    """100 hundredths as 1 : 1 : 1 leave one over, for the first; 10 as 1 : 6 are 1.43 and 8.57."""
    assert MAKE.spread("1.00", [Fraction(1)] * 3) == ["0.34", "0.33", "0.33"]
    assert MAKE.spread("10", [Fraction(1), Fraction(6)]) == ["1", "9"]


@each(
    "column",
    [
        *("population", "qpv_inhabitants", "existing_facilitators_fte"),
        *("committed_facilitators_fte", "existing_coordinators_fte"),
    ],
)
def test_figures_add_up_to_those_of_the_region(column):
    sums: Counter[str] = Counter()
    for row in rows(FINE, "territories.csv"):
        sums[row["area"]] += Decimal(row[column])
    regional = {row["code"]: Decimal(row[column]) for row in rows(REGIONAL, "territories.csv")}
    assert sums == regional


def test_contracts_add_up_to_those_of_the_region():
    area = {row["code"]: row["area"] for row in rows(FINE, "territories.csv")}
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows(FINE, "contracts.csv"):
        sums[area[row["territory"]], row["segment"]] += int(row["contracts_per_year"])
    regional = rows(REGIONAL, "contracts.csv")
    assert sums == {(r["territory"], r["segment"]): int(r["contracts_per_year"]) for r in regional}


def test_posts_in_place_follow_population_and_priority_districts():
    """Lozère: 200 × 76,486 / 68.35 million + 200 × 1,050 / 5.93 million = 0.26 FTE."""
    found = rows(FINE, "territories.csv")
    people, in_qpv = (sum(int(r[c]) for r in found) for c in ("population", "qpv_inhabitants"))
    raw = {
        r["code"]: 200 * int(r["population"]) / people + 200 * int(r["qpv_inhabitants"]) / in_qpv
        for r in found
    }
    assert round(raw["48"], 2) == 0.26
    for row in found:
        shown = float(row["existing_facilitators_fte"])
        assert shown == pytest.approx(raw[row["code"]], abs=0.012), row


# -- the model -------------------------------------------------------------------------------------


def test_it_is_the_regional_model_but_for_what_it_says():
    fine, regional = (
        tomllib.loads((m / "model.toml").read_text("utf-8")) for m in (FINE, REGIONAL)
    )
    changed = {
        f"{table}.{key}"
        for table, values in {
            **regional["posts"],
            **{k: regional[k] for k in ("budget", "coverage")},
        }.items()
        if isinstance(values, dict)
        for key, said in values.items()
        if isinstance(said, dict) and "value" in said
        if (fine["posts"] | fine)[table][key]["value"] != said["value"]
    }
    assert changed == {"facilitator.max_growth_fte", "coverage.contracts_per_fte"}
    assert fine["posts"]["cap_fte"] == regional["posts"]["cap_fte"]
    assert fine["coverage"]["segments"] == regional["coverage"]["segments"]
    for column, said in fine["tables"]["territories"].items():
        assert said["status"] == regional["tables"]["territories"][column]["status"]
    for said in (*fine["tables"]["territories"].values(), *fine["tables"]["contracts"].values()):
        assert said["source"] in fine["sources"]


def test_101_departements_lie_in_18_regions_that_bear_their_names():
    p, regions = problem(), rows(REGIONAL, "territories.csv")
    assert (len(p.territories), len(p.areas)) == (101, 18)
    assert dict(zip(p.areas, p.area_names, strict=True)) == {r["code"]: r["name"] for r in regions}
    assert p.fixed_coordinators_fte.tolist() == [float(area == "11") for area in p.areas]


def test_the_network_of_2022_reaches_the_published_rate():
    """22.3 %, as the regional model does with 84 contracts a facilitator and year instead of 85."""
    for p in (problem(), fa.load(str(ROOT / "scenarios" / "reference.toml"))):
        rate = p.status_quo.expected_contracts.sum() / p.contracts_per_year.sum()
        assert round(rate, 3) == 0.223


def test_even_the_smallest_departement_may_open_half_a_post():
    growth = np.array([limit.amount for limit in problem().limits if limit.name == "growth"])
    assert growth.min() >= 0.5
    regional = fa.load(str(ROOT / "scenarios" / "reference.toml"))
    most = sum(limit.amount for limit in regional.limits if limit.name == "growth")
    assert abs(growth.sum() / most - 1) < 0.06


def test_the_plan_in_half_posts_follows_the_regional_one():
    """No region moves by more than 5 FTE; less than the grant of half a post is left over."""
    fine, regional = solved("departements"), solved("reference")
    p, e = fine.problem, fine.evaluation
    found = np.bincount(p.area_of, e.new_facilitators_fte[:, 0])
    np.testing.assert_allclose(found, regional.evaluation.new_facilitators_fte[:, 0], atol=5.0)
    assert e.new_coordinators_fte.tolist() == regional.evaluation.new_coordinators_fte.tolist()
    assert 0 <= 5.4e6 - e.state_eur[0] < 0.5 * 32_200
    assert np.all(np.mod(e.new_facilitators_fte, 0.5) == 0)


def test_its_regions_stand_beside_those_of_the_regional_plan():
    """The areas are the same: plans of either are compared by them, coordinators once each."""
    compared = fa.compare([solved("reference"), solved("departements")])
    coarse, fine = compared.figures_by_place("posts")
    assert len(coarse) == len(fine) == 18
    assert coarse.keys() == fine.keys()
    for found, side in zip((coarse, fine), compared.sides, strict=True):
        assert sum(found.values()) == pytest.approx(side.document["network"]["new_fte"])
    page = markdown(compare_answer(compared).page())
    assert "lowest territory" in page
    assert "lowest region" not in page  # one of them is a département


def test_no_post_of_it_stands_twice():
    rows = solved("departements").document["posts"]
    assert len(rows) == 101 + 18
    assert len({(row["territory"], row["area"], row["role"]) for row in rows}) == len(rows)
    named = [(row["territory"], row["role"]) for row in rows if row["territory"]]
    assert len(set(named)) == len(named) == 101 + 5


@each(
    ("spoken", "told"), [("en", "8 mistakes to put right:"), ("fr", "8 erreurs à corriger\u00a0:")]
)
def test_regions_typed_for_departements_are_counted_alike(spoken, told, capsys, tmp_path):
    """Five are told with the départements of the region, the others by line, in every language."""
    typed = ["Bretagne", "Normandie", "Grand Est", "Occitanie", "Hauts-de-France", "PACA"]
    typed += ["Pays de la Loire", "Auvergne-Rhône-Alpes"]
    plan = tmp_path / "plan.csv"
    plan.write_text("territory,role,new_fte\n" + "".join(f"{r},facilitator,1\n" for r in typed))
    _, _, err = run(capsys, "--lang", spoken, "evaluate", "departements", "--posts", str(plan))
    lines = err.splitlines()
    assert (lines[0], len(lines)) == (told, 8)
    assert "(14, 27, 50, 61, 76)" in lines[3]
    assert "7, 8, 9" in lines[7]
