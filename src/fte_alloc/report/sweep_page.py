"""A sweep on a page of 100 columns: what came out, case by case, and how steady the posts are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.analysis.cases import DEMAND
from fte_alloc.report import numbers as show
from fte_alloc.report.claims import regional_lines
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.scenario.overrides import command

Document = Mapping[str, Any]
#: Cases shown, and keys that have a column of their own on the page.
MOST_CASES, MOST_KEYS = 20, 3
#: Posts that move by less than this over all plans are the same [FTE].
STEADY_FTE = 0.05


def sweep_page(document: Document) -> Page:
    """The page of ``sweep``."""
    return [
        *_head(document),
        Line(""),
        *_cases(document),
        *_posts(document),
        *_first_stage(document),
        *regional_lines(document),
    ]


def _first_stage(document: Document) -> Page:
    """What the proof is of, where it is not of contracts."""
    first = document["first_stage"]
    if first == "coverage":
        weighted = any(case["unit"] == "weighted contracts" for case in document["cases"])
        return [Line(words.SWEEP_WEIGHTED)] if weighted else []
    return [Line(words.SWEEP_FIRST_STAGE.format(stage=words.OBJECTIVES[first]))]


def _why_not(document: Document) -> Page:
    """The command that says why the first impossible case is."""
    case = next((case for case in document["cases"] if case["status"] == "infeasible"), None)
    keys = [key for key in document["keys"] if not key.startswith(f"{DEMAND}.")]
    if case is None:
        return []
    page: Page = [Line(words.SWEEP_NONE_IN_STEPS, "warn")] if _in_steps(document) else []
    if len(keys) < len(document["keys"]):
        return page
    inputs, changed = document["inputs"], {k: case[k] for k in keys if case[k] is not None}
    again = command("solve", {**inputs, "overrides": inputs["overrides"] | changed})
    return [*page, Line(words.SWEEP_WHY.format(command=again), whole=True)]


def _in_steps(document: Document) -> bool:
    """Whether posts of any case come in steps."""
    steps = [document["step_fte"], *(case.get("posts.step_fte") or 0 for case in document["cases"])]
    return any(step not in (0, "none") for step in steps)


def not_all(document: Document) -> str:
    """How many cases have no proved best plan, and why; empty where all have one."""
    wanting = {status: n for status, n in document["by_status"].items() if status != "optimal"}
    kinds = ", ".join(
        words.SWEEP_KIND.format(status=words.SWEEP_STATUS[status], count=show.count(n))
        for status, n in wanting.items()
    )
    number = sum(wanting.values())
    told = words.plural(words.SWEEP_CASES, number).format(count=show.count(number))
    return words.SWEEP_NOT_ALL.format(cases=told, kinds=kinds) if wanting else ""


def _head(document: Document) -> Page:
    """How many cases, how well proved, and what came out of them at least and at most."""
    cases, by_status = document["cases"], document["by_status"]
    count = words.plural(words.SWEEP_CASES, len(cases)).format(count=show.count(len(cases)))
    title = words.SWEEP_TITLE.format(
        scenario=document["scenario"], count=count, keys=_keys(document["keys"])
    )
    left = not_all(document)
    if not document["ranges"]:
        none = words.SWEEP_NO_PLAN if set(by_status) == {"infeasible"} else ""
        more = [] if none else [Line(left, "warn")]
        return [Line(title, "bad", right=none), *more, *_why_not(document)]
    wanting = left != ""
    in_steps = _in_steps(document)
    gap = show.gap(document["largest_relative_gap"], in_steps=in_steps)
    proved = words.SWEEP_PROVED_SOME if wanting else words.SWEEP_PROVED
    if in_steps:
        proved = words.SWEEP_IN_STEPS
    page: Page = [Line(title, "warn" if wanting else "good", right=proved.format(gap=gap))]
    if wanting:
        page.append(Line(left, "warn"))
        page += _why_not(document)
    least, most = ({k: v[end] for k, v in document["ranges"].items()} for end in _ENDS)
    page.append(
        Line(
            words.SWEEP_RANGES.format(
                least=show.count(least["expected_contracts"]),
                most=show.count(most["expected_contracts"]),
                least_rate=show.rate(least["rate"]),
                most_rate=show.rate(most["rate"]),
                least_eur=show.million(least["state_eur"]),
                most_eur=show.million(most["state_eur"]),
                least_fte=show.fte(least["used_fte"]),
                most_fte=show.fte(most["used_fte"]),
            )
        )
    )
    return page


_ENDS = ("least", "greatest")


def _keys(keys: Sequence[str]) -> str:
    """What is varied, in one breath: factors of demand are one thing."""
    kinds = list(dict.fromkeys(DEMAND if key.startswith(f"{DEMAND}.") else key for key in keys))
    return ", ".join(kinds)


def _cases(document: Document) -> Page:
    """Some cases, evenly taken, each in a line; nothing where they have too many values."""
    cases, keys = document["cases"], document["keys"]
    if len(keys) > MOST_KEYS or not document["ranges"]:
        return []
    last = len(cases) - 1
    taken = sorted(
        {round(n * last / (MOST_CASES - 1)) for n in range(MOST_CASES)} & {*range(last + 1)}
    )
    rows = []
    for n in taken:
        case = cases[n]
        values = [
            words.SWEEP_AS_IS if case[key] is None else show.plain_value(case[key]) for key in keys
        ]
        if case["objective"] is None:
            rows.append([*values, words.SWEEP_STATUS[case["status"]], "", "", "", ""])
            continue
        rows.append(
            [
                *values,
                words.SWEEP_STATUS[case["status"]],
                show.count(case["expected_contracts"], 1),
                show.rate(case["rate"]),
                show.million(case["state_eur"]),
                show.fte(case["used_fte"]),
            ]
        )
    page: Page = [Line(words.SWEEP_HEAD_CASES, "head")]
    if len(taken) < len(cases):
        page = [
            Line(
                words.SWEEP_SOME_CASES.format(shown=len(taken), count=show.count(len(cases))),
                "head",
            )
        ]
    return [
        *page,
        Grid([*keys, *words.SWEEP_HEADINGS], rows, left=0, left_too=[len(keys)]),
        Line(""),
    ]


def _posts(document: Document) -> Page:
    """How many posts each territory gets over all plans, in the last year."""
    year = document["years"][-1]
    rows, steady = [], []
    for post in document["posts"]:
        if post["year"] != year:
            continue
        name = f"{post['territory']} {post['name']}"
        if post["greatest_fte"] - post["least_fte"] < STEADY_FTE:
            steady.append(post)
            continue
        rows.append(
            [
                name,
                words.ROLES[post["role"]],
                show.fte(post["least_fte"]),
                show.fte(post["median_fte"]),
                show.fte(post["greatest_fte"]),
                show.rate(post["share_at_least"], 0),
            ]
        )
    heading = words.SWEEP_HEAD_POSTS
    if len(document["years"]) > 1:
        heading = words.SWEEP_POSTS_YEAR.format(year=year)
    first, role, *ends, share = words.SWEEP_POSTS_HEADINGS
    share = share.format(fte=show.fte(document["at_least_fte"]))
    page: Page = []
    if rows:
        grid = Grid([first, role, *ends, share], rows, left=2)
        page += [Line(heading, "head"), grid]
    if steady:
        page.append(Line(words.SWEEP_STEADY.format(posts=_steady(steady))))
    return [*page, Line("")] if page else []


def _steady(posts: Sequence[Mapping[str, Any]]) -> str:
    """Posts that are the same in every plan, those of one role and number together."""
    alike: dict[tuple[str, str], list[str]] = {}
    for post in posts:
        few = post["median_fte"] < STEADY_FTE
        key = words.ROLES[post["role"]], words.SWEEP_NONE if few else show.fte(post["median_fte"])
        alike.setdefault(key, []).append(post["territory"])
    return " – ".join(
        words.SWEEP_ALIKE.format(role=role, fte=fte, codes=", ".join(codes))
        for (role, fte), codes in alike.items()
    )
