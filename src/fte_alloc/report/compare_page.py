"""Plans side by side on a page of 100 columns, two or more of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from fte_alloc import words
from fte_alloc.analysis.compare import Comparison
from fte_alloc.analysis.side import Side, contracts, last_year, lowest, new_posts, results
from fte_alloc.report import numbers as show
from fte_alloc.report.names import buyer_of, in_steps, territory_words
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.report.why_page import bridge_page, cross_page
from fte_alloc.texts import Lines, visible

_MOST_INPUTS = 12
_WIDE = 26  # a change longer than this takes two lines


def compare_page(comparison: Comparison) -> Page:
    """The page of ``compare``."""
    two = len(comparison.sides) == 2
    page: Page = _inputs(comparison)
    page += [Line("")]
    page += [_results(comparison, with_difference=two)]
    if not two:
        page += [Line(""), _differences(comparison)]
    page += [Line(""), *bridge_page(comparison)]
    page += [*_posts(comparison), *cross_page(comparison)]
    page += closing(comparison)
    return page


def _headings(comparison: Comparison, first: str, *more: str) -> list[str]:
    return [first, *(side.name for side in comparison.sides), *more]


# -- inputs ----------------------------------------------------------------------------------------


def _inputs(comparison: Comparison) -> Page:
    differences = comparison.inputs
    if not differences:
        return [Line(words.COMPARE_SAME_INPUTS)]
    shown = differences[:_MOST_INPUTS]
    if len(comparison.sides) == 2:
        other = comparison.sides[1].name
        rows = [
            [
                d.key,
                *(show.plain_value(side.shown(d.key)) for side in comparison.sides),
                d.origin[other] or d.origin[comparison.baseline.name] or "",
            ]
            for d in shown
        ]
        headings = _headings(comparison, words.COMPARE_INPUTS, "")
        page: Page = [Grid(headings, rows, left_too=(3,))]
    else:
        rows = []
        for side in comparison.sides[1:]:
            base = comparison.baseline.name
            changed = [d for d in differences if d.values[side.name] != d.values[base]]
            rows.append([side.name, "", ""])
            for d in changed[:_MOST_INPUTS]:
                before, after = (
                    show.plain_value(one.shown(d.key)) for one in (comparison.baseline, side)
                )
                change = f"{before} → {after}"
                if len(change) > _WIDE:
                    change = Lines(f"{visible(before)} →\n{visible(after)}")
                rows.append([f"  {d.key}", change, d.origin[side.name] or ""])
            if len(changed) > _MOST_INPUTS:
                more = words.COMPARE_MORE_INPUTS.format(count=len(changed) - _MOST_INPUTS)
                rows.append([f"  {more}", "", ""])
        heading = words.COMPARE_INPUTS_FROM.format(baseline=comparison.baseline.name)
        return [Grid([heading, "", ""], rows, left_too=(1, 2))]
    if len(differences) > _MOST_INPUTS:
        count = len(differences) - _MOST_INPUTS
        page.append(Line(words.COMPARE_MORE_INPUTS.format(count=count)))
    return page


# -- results ---------------------------------------------------------------------------------------


def figures(
    comparison: Comparison, *, every: bool = False
) -> list[tuple[str, str, Callable[[float | None], str], Callable[[float, float], str]]]:
    """Headline figures: name, key in ``results``, how to show a value and a difference of two.

    every : what adds up to the contracts, too, where effort is directed as with no new post
    """
    document = comparison.baseline.document
    segments = last_year(document, "segments")
    contracts_, money, fte, rate = show.count, show.count, show.fte, show.rate
    change, tenths = show.difference, partial(show.difference, digits=1)
    points = partial(show.difference, digits=1, shift=2)
    names = words.RESULT_NAMES
    figures = [
        (names["expected_contracts"], "expected_contracts", contracts_, change),
        (names["no_new_post"], "no_new_post_contracts", contracts_, change),
        (names["redirected"], "redirected_contracts", _change, change),
        (names["gained"], "gained_contracts", _change, change),
        (names["rate"], "rate", rate, points),
        *((f"  {buyer_of(document, s)}", f"rate_{s['segment']}", rate, points) for s in segments),
        (_lowest_name(comparison), "lowest_rate", rate, points),
        (names["missing"], "missing_contracts", contracts_, change),
        (names["state_eur"], "state_eur", money, change),
        (names["partners_eur"], "partners_eur", money, change),
        (names["used_fte"], "used_fte", fte, tenths),
        (names["new_fte"], "new_fte", fte, tenths),
    ]
    known = results(document)
    aims = [results(side.document)["redirected_contracts"] for side in comparison.sides]
    told = {key for key, value in known.items() if value is not None}
    if not every and not any(show.rounded(aim or 0.0) for aim in aims):
        told -= {key for _, key, *_ in figures[1:4]}
    return [figure for figure in figures if figure[1] in told]  # type: ignore[misc]


def _change(value: float | None) -> str:
    return show.count_change(value or 0.0)


def _lowest_codes(comparison: Comparison) -> list[str]:
    rows = [lowest(side.document) for side in comparison.sides]
    return [str(row["territory"]) if row else "–" for row in rows]


def _lowest_name(comparison: Comparison) -> str:
    codes = _lowest_codes(comparison)
    territory, _, _ = territory_words(comparison.baseline.values.get("territory", ""))
    name = words.RESULT_NAMES["lowest"].format(territory=territory)
    return name + (words.LOWEST_SAME.format(code=codes[0]) if len(set(codes)) == 1 else "")


def _results(comparison: Comparison, with_difference: bool) -> Grid:
    read = [results(side.document) for side in comparison.sides]
    rows = []
    for name, key, value, difference in figures(comparison):
        row = [name, *(show_or_none(r.get(key), value) for r in read)]
        if with_difference:
            row.append(_difference(read[0].get(key), read[1].get(key), difference))
        rows.append(row)
        codes = _lowest_codes(comparison)
        if key == "lowest_rate" and len(set(codes)) > 1:
            last = [""] if with_difference else []
            rows.append([words.RESULT_NAMES["lowest_code"], *codes, *last])
    more = (words.DIFFERENCE,) if with_difference else ()
    return Grid(_headings(comparison, words.COMPARE_RESULTS, *more), rows)


def _differences(comparison: Comparison) -> Grid:
    read = [results(side.document) for side in comparison.sides]
    rows = [
        [name, *(_difference(read[0].get(key), r.get(key), difference) for r in read[1:])]
        for name, key, _, difference in figures(comparison)
    ]
    heading = words.COMPARE_DIFFERENCES.format(baseline=comparison.baseline.name)
    return Grid([heading, *(side.name for side in comparison.sides[1:])], rows)


def show_or_none(value: float | None, text: Callable[[float | None], str]) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else text(value)


def _difference(
    before: float | None, after: float | None, text: Callable[[float, float], str]
) -> str:
    return "–" if before is None or after is None else text(before, after)


# -- posts -----------------------------------------------------------------------------------------


def _posts(comparison: Comparison) -> Page:
    base, others = comparison.baseline, comparison.sides[1:]
    moved = {side.name: comparison.moved(side) for side in others}
    codes = sorted({code for changes in moved.values() for code in changes})
    if not codes:
        return []
    names = {row["territory"]: row["name"] for row in base.document["posts"]}
    posts = {side.name: new_posts(side.document) for side in comparison.sides}
    before = posts[base.name]
    rows = []
    if len(others) == 1:
        after, gained = posts[others[0].name], contracts(others[0].document)
        covered = contracts(base.document)
        for code in codes:
            gain = gained.get(code, 0.0) - covered.get(code, 0.0)
            rows.append(
                [
                    f"{code} {names.get(code, '')}",
                    show.fte(before.get(code, 0.0)),
                    show.fte(after.get(code, 0.0)),
                    show.difference(before.get(code, 0.0), after.get(code, 0.0), 1),
                    show.count_change(gain),
                ]
            )
        headings = _headings(comparison, words.COMPARE_POSTS, words.DIFFERENCE, words.CONTRACTS)
        return [Grid(headings, rows)]
    for code in codes:
        changes = [
            show.difference(before.get(code, 0.0), posts[side.name].get(code, 0.0), 1)
            if code in moved[side.name]
            else ""
            for side in others
        ]
        rows.append(
            [
                f"{code} {names.get(code, '')}",
                show.fte(before.get(code, 0.0)),
                *changes,
            ]
        )
    heading = words.COMPARE_POSTS_CHANGES.format(baseline=base.name)
    return [Line(heading, "head"), Grid(_headings(comparison, ""), rows)]


# -- closing ---------------------------------------------------------------------------------------


def closing(comparison: Comparison) -> Page:
    """How many gain and lose, who breaks limits, what is proved."""
    page: Page = []
    others = comparison.sides[1:]
    total = len(new_posts(comparison.baseline.document))
    years = {side.document["years"][-1] for side in comparison.sides}
    if len(years) > 1:
        page += [
            Line(words.FIGURES_OF.format(scenario=side.name, year=side.document["years"][-1]))
            for side in comparison.sides
        ]
    for side in others:
        changes = comparison.moved(side).values()
        gain, lose = (sum(s * c > 0 for c in changes) for s in (1, -1))
        sentence = words.EFFORT_ONLY if _effort_moves(comparison, side) else words.NOTHING_MOVES
        if changes:
            counts = {"gain": gain, "lose": lose, "keep": total - gain - lose}
            shown = {k: str(n) if n else words.NONE_OF_THEM for k, n in counts.items()}
            forms = {k: words.plural(words.MOVES[k], n or 2) for k, n in counts.items()}
            sentence = words.MOVED.format(**{k: forms[k].format(count=shown[k]) for k in counts})
        if len(others) > 1:
            sentence = words.MOVED_FROM.format(scenario=side.name, sentence=sentence)
        page.append(Line(sentence))
    for side in comparison.sides:
        broken = side.document.get("violations") or []
        if broken:
            first = words.of_limit(words.LIMIT_NAMES, broken[0]["constraint"])
            page.append(
                Line(
                    words.plural(words.BREAKS_LIMITS, len(broken)).format(
                        scenario=side.name, count=len(broken), first=first
                    ),
                    "warn",
                )
            )
    page.append(Line(_proved(comparison.sides), "plain"))
    return page


def _effort_moves(comparison: Comparison, side: Side) -> bool:
    """Whether kinds of buyer are served otherwise though no post moves."""
    before, after = (
        {(row["segment"], row["year"]): row["rate"] or 0.0 for row in s.document["segments"]}
        for s in (comparison.baseline, side)
    )
    return any(abs(rate - before.get(key, rate)) > 1e-4 for key, rate in after.items())


def _proved(sides: Sequence[Side]) -> str:
    plans = [side for side in sides if side.document["status"] != "judged"]
    unproved = [side.name for side in plans if side.document["status"] != "optimal"]
    assumed = any(side.document.get("regional_figures", {}).get("assumption") for side in sides)
    _, _, territorial = territory_words(sides[0].values.get("territory", ""))
    ending = words.REGIONAL_ASSUMED_SHORT.format(territorial=territorial)
    ending = ending if assumed else words.REGIONAL_KNOWN_SHORT
    best = [side for side in plans if side.name not in unproved]
    solvers = [side.name for side in best if in_steps(side.document)]
    told = ((words.NOT_ALL_PROVED, unproved), (words.SOLVERS_BEST, solvers))
    if said := [text.format(names=", ".join(names)) for text, names in told if names]:
        return words.SEMICOLON.join(said) + ending
    few = {1: words.ONE_PROVED, 2: words.BOTH_PROVED}
    text = few.get(len(plans), words.ALL_PROVED)
    return text + (words.OWN_OBJECTIVES if _objectives_differ(plans) else "") + ending


def _objectives_differ(plans: Sequence[Side]) -> bool:
    """Whether plans were made for different ends: other stages, or other weights."""

    def aim(side: Side) -> object:
        stages = [(s["objective"], s["concede"]) for s in side.document["stages"]]
        weights = {k: v for k, v in side.values.items() if k.startswith("weights.")}
        return stages, sorted(weights.items())

    return any(aim(side) != aim(plans[0]) for side in plans)
