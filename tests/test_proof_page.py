"""``docs/proof.md`` can be done again by hand: every sum in its blocks is right to its last digit.

That its numbers are those of a real solve is tested with the other generated documents.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
import second_statement as proof
from conftest import ROOT
from limit_arrays import arrays_of
from proof_example import plan, problem
from tables import each

from fte_alloc.questions.verify.verify import verify_document

PAGE = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n(.*?)```", PAGE, flags=re.DOTALL)
SUMS = re.findall(r"((?:[\d.,()]+|[−+·/ ])*[\d)]) = (−?[\d.,]+\d|−?\d)", PAGE)


def value(text: str) -> float:
    """A sum of plain numbers, with + − · / and brackets."""
    plain = text.replace("·", "*").replace("−", "-").replace(",", "").strip()
    assert re.fullmatch(r"[\d.+\-*/() ]+", plain), plain
    return float(eval(plain))


def test_the_page_has_sums_of_all_kinds():
    assert len(BLOCKS) == 5
    assert len(SUMS) >= 25


@each(("left", "right"), SUMS)
def test_every_sum_is_right(left, right):
    assert value(left) == pytest.approx(value(right), rel=1e-9, abs=1e-9)


def test_the_bound_of_the_page_is_that_of_the_proof_and_of_the_plan():
    (stage,) = plan().stages
    bounds = [float(text) for text in re.findall(r"^bound .* = ([\d.]+)$", PAGE, re.MULTILINE)]
    assert bounds[0] == pytest.approx(stage.bound, rel=1e-9)
    assert bounds[0] == pytest.approx(proof.stage_bound(problem(), 0, stage.duals), rel=1e-9)
    assert bounds[0] == pytest.approx(stage.value, rel=1e-9)
    assert bounds[1] > bounds[0]
    assert verify_document(plan().document, problem()).accepted


def test_the_plan_of_the_page_is_the_best_by_trying_all_others():
    """Every allocation of tenths of posts that the budget pays for."""
    p, reached = problem(), plan().stages[0].value
    for north in np.arange(0, 2.01, 0.1):
        south = arrays_of(p).state_eur_per_year[0] / p.grant_eur_per_fte[0][0, 0] - north
        judged = p.judge(np.array([[north], [south]]), np.zeros((2, 1)))
        assert judged.objective("coverage") <= reached + 1e-9
