"""Coverage curves by hand: values, slopes, their inverse, and the straight pieces above them."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from tables import each

from fte_alloc.programme.curves import (
    SaturatingCurves,
    TableCurves,
    best_curve_effort,
    demand_draws,
)

CERTAIN = np.ones(1)


def saturating(contracts, floor=0.0, ceiling=1.0, per_fte=20.0, draws=CERTAIN) -> SaturatingCurves:
    contracts = np.atleast_1d(np.asarray(contracts, dtype=float))
    floor, ceiling, per_fte = (
        np.broadcast_to(np.asarray(number, dtype=float), contracts.shape).copy()
        for number in (floor, ceiling, per_fte)
    )
    return SaturatingCurves(contracts, floor, ceiling, per_fte, np.asarray(draws, dtype=float))


def many_curves(cv: float = 0.15) -> SaturatingCurves:
    """200 curves of every size: 1 to 3e4 contracts, 1 to 300 contracts per FTE."""
    random = np.random.default_rng(7)
    floor = random.uniform(0.0, 0.4, 200)
    return SaturatingCurves(
        10 ** random.uniform(0.0, 4.5, 200),
        floor,
        floor + random.uniform(0.05, 0.6, 200),
        10 ** random.uniform(0.0, 2.5, 200),
        demand_draws(cv, 9),
    )


def widths(curves: SaturatingCurves) -> np.ndarray:
    """(β − α) n / h: effort after which about 1/e of what can be covered is left [FTE]."""
    room = (curves.ceiling_rate - curves.floor_rate) * curves.contracts
    return room / curves.contracts_per_fte


# -- values by hand --------------------------------------------------------------------------------


def test_value_of_a_certain_curve_is_the_hand_computed_one():
    """n = 100, α = 0.1, β = 0.7, h = 30: (β−α)n = 60 contracts, 60/30 = 2 FTE.

    G(k) = 10 + 60 (1 − e^(−k/2)): 10 at 0; 10 + 60 · 0.6321205588 = 47.927233528 at 2 FTE;
    10 + 60 · 0.8646647168 = 61.879883006 at 4 FTE; 70 in the end. With k = 2 ln 2 half of the 60
    is covered: 40.
    """
    curves = saturating(100, 0.1, 0.7, 30)
    efforts = np.array([[0.0, 2.0, 4.0, 2.0 * math.log(2.0), 1000.0]])
    by_hand = [[10.0, 47.927233528, 61.879883006, 40.0, 70.0]]
    np.testing.assert_allclose(curves.value(efforts), by_hand, rtol=1e-10)


def test_slope_of_a_certain_curve_is_the_hand_computed_one():
    """G′(k) = h e^(−k/2) with h = 30: 30 at 0, 15 at 2 ln 2, 30/e = 11.0363832351 at 2 FTE."""
    curves = saturating(100, 0.1, 0.7, 30)
    efforts = np.array([[0.0, 2.0 * math.log(2.0), 2.0]])
    np.testing.assert_allclose(curves.slope(efforts), [[30.0, 15.0, 11.0363832351]], rtol=1e-11)


def test_value_under_two_demands_is_their_mean():
    """Draws 1/2 and 3/2 of n = 80, α = 0.25, β = 0.75, h = 40: 40 · d_j = 20 and 60 to cover.

    G(1) = 20 + ½ [20 (1 − e^(−40/20)) + 60 (1 − e^(−40/60))]
         = 20 + ½ [20 · 0.8646647168 + 60 · 0.4865828810] = 20 + ½ [17.293294335 + 29.194972858]
         = 43.2441335965.  G′(1) = 40 · ½ [e^(−2) + e^(−2/3)] = 20 · 0.6487524023 = 12.975048046.
    """
    curves = saturating(80, 0.25, 0.75, 40, draws=[0.5, 1.5])
    one = np.array([1.0])
    assert curves.value(one)[0] == pytest.approx(43.2441335965, rel=1e-10)
    assert curves.slope(one)[0] == pytest.approx(12.975048046, rel=1e-10)


def test_two_demand_draws_are_the_means_of_the_two_halves():
    """σ = 1: s² = ln 2, s = 0.8325546112. Below the median: 2 Φ(−s) = erfc(s/√2)
    = erfc(0.5887050113) = 0.4050959664; above it the rest of 2: 1.5949040336.
    """
    drawn = demand_draws(1.0, 2)
    s = math.sqrt(math.log(2.0))
    assert drawn[0] == pytest.approx(math.erfc(s / math.sqrt(2.0)), rel=1e-14)
    assert drawn.tolist() == pytest.approx([0.4050959664, 1.5949040336], rel=1e-9)


def test_one_draw_or_certain_demand_is_the_mean_itself():
    assert demand_draws(0.0, 9).tolist() == [1.0]
    assert demand_draws(0.3, 1).tolist() == [1.0]


def test_first_slope_is_contracts_per_fte_whatever_the_demand():
    """While nearly all contracts are uncovered an FTE adds h: G′(0) = h, and G(0) = α n."""
    curves = many_curves(cv=0.7)
    none = np.zeros(200)
    np.testing.assert_allclose(curves.slope(none), curves.contracts_per_fte, rtol=1e-14)
    np.testing.assert_allclose(curves.value(none), curves.floor_rate * curves.contracts, rtol=1e-14)


def test_value_never_exceeds_the_ceiling_and_reaches_it():
    curves = many_curves()
    ceiling = curves.ceiling_rate * curves.contracts
    much = widths(curves)[:, None] * np.array([0.1, 1.0, 10.0, 1000.0])
    value = curves.value(much)
    assert np.all(value <= ceiling[:, None] * (1 + 1e-14))
    np.testing.assert_allclose(value[:, -1], ceiling, rtol=1e-12)


def test_uncertain_demand_covers_less_than_certain_demand():
    """φ(k; n) is concave in n, so its mean over draws lies below (Jensen)."""
    certain, uncertain = many_curves(cv=0.0), many_curves(cv=0.5)
    effort = widths(certain)
    assert np.all(uncertain.value(effort) < certain.value(effort))


def test_one_effort_a_curve_or_several_give_the_same_numbers():
    curves = many_curves()
    effort = widths(curves)[:, None] * np.array([0.0, 0.5, 3.0])
    for measure in (curves.value, curves.slope):
        together = measure(effort)
        assert together.shape == (200, 3)
        for j in range(3):
            np.testing.assert_array_equal(measure(effort[:, j]), together[:, j])


# -- slopes and their inverse ----------------------------------------------------------------------


@each("cv", [0.0, 0.15, 0.8])
def test_slope_is_the_finite_difference_of_the_value(cv):
    curves = many_curves(cv)
    width = widths(curves)[:, None]
    effort = width * np.random.default_rng(1).uniform(0.01, 5.0, (200, 10))
    step = 1e-5 * width
    difference = (curves.value(effort + step) - curves.value(effort - step)) / (2 * step)
    # A central difference is off by step²/6 · G‴ ≈ 1e-10 h, and by rounding of G / step.
    slack = 1e-8 * curves.contracts_per_fte[:, None]
    assert np.all(np.abs(curves.slope(effort) - difference) <= slack)


@each("cv", [0.0, 0.15, 0.8])
def test_curves_rise_and_bend_down(cv):
    curves = many_curves(cv)
    effort = widths(curves)[:, None] * np.linspace(0.0, 10.0, 101)
    assert np.all(np.diff(curves.value(effort)) > 0)
    assert np.all(np.diff(curves.slope(effort)) < 0)


@each("cv", [0.0, 0.15, 0.8])
def test_effort_at_slope_inverts_the_slope(cv):
    curves = many_curves(cv)
    random = np.random.default_rng(2)
    for most in (1e-6, 1.0, 5.0, 20.0):
        effort = widths(curves) * random.uniform(0.0, most, 200)
        found = curves.effort_at_slope(curves.slope(effort))
        # The slope's own digits end at 1e-16 h, and that is 1e-16 widths of effort near 0.
        width = widths(curves)
        np.testing.assert_allclose(found / width, effort / width, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(curves.slope(found), curves.slope(effort), rtol=1e-11)


def test_effort_at_slope_is_the_hand_computed_one():
    """G′(k) = 30 e^(−k/2) = 15 at k = 2 ln 2 = 1.3862943611; 30 e^(−10) at 20 FTE."""
    curves = saturating([100, 100, 100], 0.1, 0.7, 30)
    found = curves.effort_at_slope(np.array([15.0, 30.0 * math.exp(-10.0), 30.0]))
    assert found.tolist() == pytest.approx([1.3862943611, 20.0, 0.0], rel=1e-10)


def test_effort_at_a_slope_that_is_never_met_is_none_or_endless():
    """Steeper than h: no effort. Slope 0 or less: reached by no finite effort."""
    curves = saturating([100, 100, 100, 100], 0.1, 0.7, 30, draws=demand_draws(0.15, 9))
    found = curves.effort_at_slope(np.array([30.0001, np.inf, 0.0, -1.0]))
    assert found.tolist() == [0.0, 0.0, np.inf, np.inf]


@each(
    "curves",
    [
        saturating(0.0, 0.1, 0.7, 30),
        saturating(100.0, 0.4, 0.4, 30),
        saturating(100.0, 0.1, 0.7, 0.0),
    ],
)
def test_curves_with_nothing_to_gain_are_flat(curves):
    """Covered is what is covered without anybody: 0, 40 and 10 contracts; slope 0 throughout."""
    start = float(curves.floor_rate[0] * curves.contracts[0])
    effort = np.array([[0.0, 1e-9, 1.0, 1e6]])
    assert curves.value(effort).tolist() == [[start] * 4]
    assert curves.slope(effort).tolist() == [[0.0] * 4]
    assert curves.effort_at_slope(np.array([1.0])).tolist() == [0.0]
    pieces = curves.pieces(np.array([[1.0, 2.0]]), np.array([10.0]))
    assert pieces.start.tolist() == [start]
    assert np.all(pieces.slopes == 0)
    assert pieces.lengths.sum() == pytest.approx(10.0, rel=1e-15)


# -- pieces ----------------------------------------------------------------------------------------


def envelope(pieces, effort: np.ndarray) -> np.ndarray:
    """Value of the pieces, filled in their order: effort (C, N) → (C, N)."""
    ends = np.cumsum(pieces.lengths, axis=1)
    begins = ends - pieces.lengths
    filled = np.clip(effort[..., None] - begins[:, None], 0.0, pieces.lengths[:, None])
    return pieces.start[:, None] + (pieces.slopes[:, None] * filled).sum(axis=2)


def points_of(curves: SaturatingCurves, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Ascending points (200, M) and the most effort (200,) of a way to choose tangents."""
    random = np.random.default_rng(3)
    most = 8.0 * widths(curves)
    far = np.sort(random.uniform(0.0, 1.0, (200, 6)), axis=1) * most[:, None]
    near = far[:, 2:3] + 1e-5 * np.arange(7)
    points = {
        "random": far,
        "1e-5 FTE apart": near,
        "far and near": np.sort(np.concatenate([far, near], axis=1), axis=1),
        "repeated": np.repeat(far, 2, axis=1),
        "at no effort and at the end": np.stack([0 * most, most], axis=1),
    }[kind]
    return np.minimum(points, most[:, None]), most


KINDS = ("random", "1e-5 FTE apart", "far and near", "repeated", "at no effort and at the end")


@each(("cv", "kind"), product((0.0, 0.15, 0.8), KINDS))
def test_pieces_lie_nowhere_below_the_curve(cv, kind):
    curves = many_curves(cv)
    points, most = points_of(curves, kind)
    pieces = curves.pieces(points, most)
    grid = most[:, None] * np.linspace(0.0, 1.0, 60)
    between = 0.5 * (points[:, 1:] + points[:, :-1])
    near = points[:, :1] + 1e-5 * np.linspace(-2.0, 8.0, 41)
    effort = np.clip(np.concatenate([grid, points, between, near], axis=1), 0.0, most[:, None])
    value = curves.value(effort)
    rounding = 1e-13 * np.maximum(1.0, value)
    assert np.all(envelope(pieces, effort) >= value - rounding)


@each(("cv", "kind"), product((0.0, 0.15, 0.8), KINDS))
def test_pieces_touch_the_curve_at_the_points_and_at_no_effort(cv, kind):
    curves = many_curves(cv)
    points, most = points_of(curves, kind)
    touch = np.concatenate([np.zeros((200, 1)), points], axis=1)
    reached = envelope(curves.pieces(points, most), touch)
    np.testing.assert_allclose(reached, curves.value(touch), rtol=1e-13, atol=1e-13)


@each("kind", KINDS)
def test_pieces_have_decreasing_slopes_and_fill_all_the_effort(kind):
    curves = many_curves()
    points, most = points_of(curves, kind)
    pieces = curves.pieces(points, most)
    assert np.all(pieces.lengths >= 0)
    np.testing.assert_allclose(pieces.lengths.sum(axis=1), most, rtol=1e-14)
    assert np.all(np.diff(pieces.slopes, axis=1) <= 0)
    np.testing.assert_array_equal(pieces.start, curves.floor_rate * curves.contracts)


def test_tangents_meet_where_computed_by_hand():
    """G(k) = 60 (1 − e^(−k/2)): the tangents at 0 and at 2 are 30 k and G(2) + (30/e)(k − 2).

    30 k = 60 − 60/e + 30 k/e − 60/e gives k = 2 (1 − 2/e) / (1 − 1/e) = 0.8360465863. The last
    piece goes on to the most effort, 5.
    """
    pieces = saturating(100, 0.0, 0.6, 30).pieces(np.array([[2.0]]), np.array([5.0]))
    meet = 2.0 * (1.0 - 2.0 / math.e) / (1.0 - 1.0 / math.e)
    assert meet == pytest.approx(0.8360465863, rel=1e-9)
    assert pieces.lengths[0].tolist() == pytest.approx([meet, 5.0 - meet], rel=1e-13)
    assert pieces.slopes[0].tolist() == pytest.approx([30.0, 30.0 / math.e], rel=1e-14)


def test_neighbouring_tangents_meet_halfway():
    """Tangents at a and a + 1e-5 meet at a + gap/2 · (1 + O(gap/width)): within 1e-5 of half."""
    curves = many_curves()
    at = widths(curves)[:, None]
    pieces = curves.pieces(np.concatenate([at, at + 1e-5], axis=1), 8.0 * at[:, 0])
    meet = np.cumsum(pieces.lengths, axis=1)[:, 1]
    share = (meet - at[:, 0]) / 1e-5
    wide = widths(curves) < 10.0  # beyond, 1e-5 is not a difference of doubles to 1e-5 of itself
    assert wide.sum() > 50
    np.testing.assert_allclose(share[wide], 0.5, atol=1e-3)


def test_points_beyond_the_most_effort_change_nothing_within_it():
    curves = saturating(100, 0.0, 0.6, 30)
    most = np.array([3.0])
    pieces = curves.pieces(np.array([[1.0, 2.5, 7.0]]), most)
    assert pieces.lengths.sum() == pytest.approx(3.0, rel=1e-15)
    effort = np.linspace(0.0, 3.0, 301)[None, :]
    assert np.all(envelope(pieces, effort) >= curves.value(effort) - 1e-13)
    assert envelope(pieces, np.array([[2.5]]))[0, 0] == pytest.approx(
        curves.value(np.array([2.5]))[0], rel=1e-14
    )


# -- the effort a price asks for -------------------------------------------------------------------


def test_best_effort_is_where_value_less_price_is_greatest():
    """2 G(k) − 10 k with G′ = 30 e^(−k/2): slope 5 at k = 2 ln 6 = 3.5835189385."""
    curves = saturating([100, 100, 100, 100], 0.0, 0.6, 30)
    worth = np.array([2.0, 2.0, 0.0, 2.0])
    price = np.array([10.0, 100.0, 1.0, 0.0])
    found = best_curve_effort(curves, worth, price, np.full(4, 50.0))
    assert found.tolist() == pytest.approx([2.0 * math.log(6.0), 0.0, 0.0, 50.0], rel=1e-10)


# -- tables ----------------------------------------------------------------------------------------


def tables() -> TableCurves:
    """Slopes 10, 4, 1 up to 2, 5 and 9 FTE; one of two points; one point that stays at 7."""
    return TableCurves(
        ((0.0, 2.0, 5.0, 9.0), (0.0, 4.0), (0.0,)),
        ((3.0, 23.0, 35.0, 39.0), (0.0, 6.0), (7.0,)),
    )


def test_table_value_is_on_straight_lines_and_flat_after_the_last_point():
    """First table: 3 + 10·1 = 13 at 1; 23 + 4·1 = 27 at 3; 35 + 1·2 = 37 at 7; 39 from 9 on."""
    effort = np.array([[0, 1, 2, 3, 5, 7, 9, 20]] * 3, dtype=float)
    assert tables().value(effort).tolist() == [
        [3.0, 13.0, 23.0, 27.0, 35.0, 37.0, 39.0, 39.0],
        [0.0, 1.5, 3.0, 4.5, 6.0, 6.0, 6.0, 6.0],
        [7.0] * 8,
    ]
    assert tables().value(np.array([1.0, 3.0, 3.0])).tolist() == [13.0, 4.5, 7.0]


def test_table_slope_is_the_one_to_the_right():
    effort = np.array([[0, 1, 2, 4.9, 5, 9, 20]] * 3, dtype=float)
    assert tables().slope(effort).tolist() == [
        [10.0, 10.0, 4.0, 4.0, 1.0, 0.0, 0.0],
        [1.5, 1.5, 1.5, 0.0, 0.0, 0.0, 0.0],
        [0.0] * 7,
    ]
    assert tables().slope(np.array([2.0, 4.0, 0.0])).tolist() == [4.0, 0.0, 0.0]


@each(
    ("slope", "effort"),
    [
        (11.0, [0.0, 0.0, 0.0]),
        (10.0, [0.0, 0.0, 0.0]),
        (9.9, [2.0, 0.0, 0.0]),
        (4.0, [2.0, 0.0, 0.0]),
        (1.5, [5.0, 0.0, 0.0]),
        (1.0, [5.0, 4.0, 0.0]),
        (0.5, [9.0, 4.0, 0.0]),
        (0.0, [9.0, 4.0, 0.0]),
        (-0.1, [np.inf, np.inf, np.inf]),
    ],
)
def test_table_effort_at_slope_is_the_least_after_which_no_line_is_steeper(slope, effort):
    assert tables().effort_at_slope(np.full(3, slope)).tolist() == effort


def test_table_effort_at_slope_agrees_with_the_slope():
    curves = tables()
    for slope in np.linspace(0.0, 12.0, 49):
        found = curves.effort_at_slope(np.full(3, slope))
        assert np.all(curves.slope(found) <= slope)
        before = np.maximum(found - 1e-9, 0.0)
        assert np.all((curves.slope(before) > slope) | (found == 0))


@each("most", [3.0, 5.0, 9.0, 30.0])
def test_table_pieces_are_the_table_itself(most):
    curves = tables()
    assert curves.exact_pieces
    pieces = curves.pieces(np.array([[1.0]] * 3), np.full(3, most))
    effort = np.repeat(np.linspace(0.0, most, 91)[None, :], 3, axis=0)
    np.testing.assert_allclose(envelope(pieces, effort), curves.value(effort), rtol=1e-14)
    np.testing.assert_allclose(pieces.lengths.sum(axis=1), most, rtol=1e-15)
    assert np.all(np.diff(pieces.slopes, axis=1) <= 0)
    assert np.all(pieces.lengths >= 0)
    assert pieces.start.tolist() == [3.0, 0.0, 7.0]


def test_tables_need_no_more_pieces_than_they_have_lines():
    """Whatever the points asked for: the longest table has three lines and its flat end."""
    few = tables().pieces(np.array([[1.0]] * 3), np.full(3, 30.0))
    many = tables().pieces(np.linspace(0, 1, 50)[None, :].repeat(3, 0), np.full(3, 30.0))
    np.testing.assert_array_equal(few.slopes, many.slopes)
    np.testing.assert_array_equal(few.lengths, many.lengths)
    used = few.lengths[0] > 0
    assert few.lengths[0][used].tolist() == [2.0, 3.0, 4.0, 21.0]
    assert few.slopes[0][used].tolist() == [10.0, 4.0, 1.0, 0.0]


@each(
    ("efforts", "contracts", "fault"),
    [
        ([0.0], [5.0], None),
        ([0.0, 1.0, 2.0], [0.0, 2.0, 3.0], None),
        ([0.0, 1.0, 2.0], [0.0, 2.0, 4.0], None),
        ([0.0, 1.0, 2.0], [0.0, 2.0, 2.0], None),
        ([0.0, 1.0, 2.0], [0.0, 2.0, 4.1], 2),
        ([0.0, 1.0, 2.0], [0.0, 2.0, 1.9], 2),
        ([0.0, 1.0], [3.0, 2.0], 1),
        ([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 5.0, 8.0, 12.0, 20.0], 3),
        ([0.0, 1.0, 2.0, 3.0], [0.0, 0.0, 0.0, 1.0], 3),
        ([0.0, 0.5, 2.0], [0.0, 1.0, 3.5], None),
        ([0.0, 0.5, 2.0], [0.0, 1.0, 4.5], 2),
    ],
)
def test_first_fault_is_the_first_point_that_falls_or_bends_up(efforts, contracts, fault):
    """For instance 0, 5, 8, 12, 20: rises of 5, 3, 4, 8; the point after the 3 bends up."""
    assert TableCurves.first_fault(efforts, contracts) == fault


def test_first_fault_takes_thirds_and_tenths_on_a_line_for_a_line():
    """Collinear in decimals, not in binary: 0.1 + 0.2 ≠ 0.3 is no fault."""
    for step in (0.1, 1 / 3, 0.7):
        efforts = [j * step for j in range(12)]
        assert TableCurves.first_fault(efforts, [3.0 * e for e in efforts]) is None


@each("first", [1e3, 1e4, 1e5])
def test_first_fault_takes_points_on_a_line_for_a_line_far_above_zero(first):
    """1000.0, 1000.1, 1000.2 …: rises of 0.1 between doubles that are 1e-13 apart differ by 1e-12.

    Digits that a double does not hold are no fault of the table.
    """
    for rise in (0.1, 0.3, 0.7):
        contracts = [round(first + rise * j, 1) for j in range(8)]
        assert TableCurves.first_fault([float(j) for j in range(8)], contracts) is None
