"""A sweep on a page of 100 columns: what came out, case by case, and how steady the posts are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fte_alloc import numbers as show
from fte_alloc.inputs.entries import command
from fte_alloc.language import _, ngettext, pgettext
from fte_alloc.names import ROLE_NAMES, SWEEP_STATUS
from fte_alloc.programme.data import code_of
from fte_alloc.programme.objectives import OBJECTIVES
from fte_alloc.questions.answer import Grid, Line, Page
from fte_alloc.questions.claims import regional_lines
from fte_alloc.questions.results import Document, last_year
from fte_alloc.questions.sweep.cases import DEMAND
from fte_alloc.questions.wording import headed, in_words

#: Cases shown, and keys that have a column of their own on the page.
MOST_CASES, MOST_KEYS = 20, 3
#: Figures of a case: how they are written in the sentence of their ranges and in the table.
_Write = Callable[[float], str]
_FIGURES: Mapping[str, tuple[_Write, _Write]] = {
    "expected_contracts": (show.count, lambda value: show.count(value, 1)),
    "rate": (show.rate, show.rate),
    "state_eur": (show.million, show.million),
    "used_fte": (show.fte, show.fte),
}
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
    """Which objective the bounds of the CSV are of, unless it is contracts."""
    first = document["first_stage"]
    if first == "coverage":
        weighted = any(case["unit"] == "weighted contracts" for case in document["cases"])
        text = _(
            "Contracts each count as one here; objective and upper_bound of the CSV are weighted "
            "contracts."
        )
        return [Line(text)] if weighted else []
    text = _(
        "objective, upper_bound and relative_gap of the CSV are those of the first stage, {stage}."
    )
    return [Line(text.format(stage=_(OBJECTIVES[first].name)))]


def _why_not(document: Document) -> Page:
    """The command that says why the first impossible case is."""
    case = next((case for case in document["cases"] if case["status"] == "infeasible"), None)
    if case is None:
        return []
    text = _("No plan in steps: by the solver's word where continuous posts have one.")
    page: Page = [Line(text, "warn")] if _in_steps(document) else []
    if any(map(_is_demand, document["keys"])):
        return page
    changed = {key: case[key] for key in document["keys"] if case[key] is not None}
    inputs = document["inputs"]
    again = command("solve", {**inputs, "overrides": inputs["overrides"] | changed})
    return [*page, Line(_("Why there is none: {command}").format(command=again), whole=True)]


def _is_demand(key: str) -> bool:
    """Whether a key is a factor of demand."""
    return key.startswith(f"{DEMAND}.")


def _in_steps(document: Document) -> bool:
    """Whether posts of any case come in steps."""
    steps = [document["step_fte"], *(case.get("posts.step_fte") or 0 for case in document["cases"])]
    return any(step not in (0, "none") for step in steps)


def not_all(document: Document) -> str:
    """How many cases have no proved best plan, and why; empty where all have one."""
    wanting = {status: n for status, n in document["by_status"].items() if status != "optimal"}
    kinds = ", ".join(
        _("{status}: {count}").format(status=_(SWEEP_STATUS[status]), count=show.count(n))
        for status, n in wanting.items()
    )
    number = sum(wanting.values())
    told = ngettext("{count} case", "{count} cases", number).format(count=show.count(number))
    text = _("{cases} have no proved best plan ({kinds}); their rows say so.")
    return text.format(cases=told, kinds=kinds) if wanting else ""


def _head(document: Document) -> Page:
    """How many cases, how well proved, and what came out of them at least and at most."""
    count = len(document["cases"])
    # What is varied, in one breath: factors of demand are one thing.
    kinds = dict.fromkeys(
        _("contracts") if _is_demand(key) else in_words(key, {}) for key in document["keys"]
    )
    title = _("{scenario} – {count}: {keys}").format(
        scenario=headed(document),
        count=ngettext("{count} case", "{count} cases", count).format(count=show.count(count)),
        keys=", ".join(kinds),
    )
    left = not_all(document)
    warnings: Page = [Line(left, "warn")] if left else []
    ranges = document["ranges"]
    if not ranges:
        none = _("No case has a plan.") if set(document["by_status"]) == {"infeasible"} else ""
        return [Line(title, "bad", right=none), *([] if none else warnings), *_why_not(document)]
    in_steps = _in_steps(document)
    by_solver = in_steps and document["by_solver"]
    gap = show.gap(document["largest_relative_gap"], in_steps=by_solver)
    text = _("each plan proved to {gap} or better")
    proved = text if left else _("each proved to {gap} or better")
    if by_solver:
        proved = _("each plan in steps best by the solver's bound, to {gap} or better")
    told = {}
    for key, (write, __) in _FIGURES.items():
        ends = {end: write(ranges[key][end]) for end in ("least", "greatest")}
        both = ends["least"] != ends["greatest"]
        told[key] = _("{least} to {greatest}").format(**ends) if both else ends["least"]
    text = _(
        "Contracts covered: {expected_contracts}; national rate: {rate}; State money: {state_eur} "
        "M EUR; network: {used_fte} FTE."
    )
    return [
        Line(title, "warn" if left else "good", right=proved.format(gap=gap)),
        *warnings,
        *(_why_not(document) if left else ()),
        Line(text.format(**told)),
    ]


def _cases(document: Document) -> Page:
    """Some cases, evenly taken, each in a line; nothing where they have too many values."""
    cases, keys = document["cases"], document["keys"]
    if len(keys) > MOST_KEYS or not document["ranges"]:
        return []
    last, rows = len(cases) - 1, []
    for n in sorted({round(n * last / (MOST_CASES - 1)) for n in range(MOST_CASES)}):
        case = cases[n]
        values = (case[key] for key in keys)
        row = [_("as it is") if v is None else show.plain_value(v) for v in values]
        row.append(_(SWEEP_STATUS[case["status"]]))
        planned = case["objective"] is not None
        told = (write(case[key]) if planned else "" for key, (_, write) in _FIGURES.items())
        rows.append([*row, *told])
    title = _("Cases")
    if len(rows) < len(cases):
        text = _(
            "{shown} of {count} cases, evenly taken; --format csv and --out FILE.csv have all."
        )
        title = text.format(shown=len(rows), count=show.count(len(cases)))
    figures = (_("plan"), _("contracts"), _("rate"), _("State, M EUR"), _("network FTE"))
    named = [key if _is_demand(key) else in_words(key, {}) for key in keys]
    grid = Grid([*named, *figures], rows, left=0, left_too=[len(keys)])
    return [Line(title, "head"), grid, Line("")]


def _posts(document: Document) -> Page:
    """How many posts each territory gets over all plans, in the last year."""
    rows: list[list[str]] = []
    alike: dict[tuple[str, str], list[str]] = {}  # codes by role and number
    for post in last_year(document, "posts"):
        role, ends = _(ROLE_NAMES[post["role"]]), ("least", "median", "greatest")
        least, median, greatest = (post[f"{end}_fte"] for end in ends)
        if greatest - least < STEADY_FTE:
            fte = show.fte(median) if median >= STEADY_FTE else ""
            alike.setdefault((role, fte), []).append(code_of(post))
            continue
        name = f"{post['territory'] or post['area']} {post['name']}"
        spread = map(show.fte, (least, median, greatest))
        rows.append([name, role, *spread, show.rate(post["share_at_least"], 0)])
    page: Page = []
    if rows:
        title = _("New posts over all plans, FTE")
        if len(document["years"]) > 1:
            text = _("New posts of {year} over all plans, FTE")
            title = text.format(year=document["years"][-1])
        share = _("at least {fte} FTE in").format(fte=show.fte(document["at_least_fte"]))
        few, most = pgettext("heading", "least"), pgettext("heading", "most")
        headings = ["", _("role"), few, _("median"), most, share]
        page += [Line(title, "head"), Grid(headings, rows, left_too=(1,))]
    if alike:
        some, none = _("{role} {fte} in {codes}"), _("no {role} in {codes}")
        same = " – ".join(
            (some if fte else none).format(role=role, fte=fte, codes=", ".join(codes))
            for (role, fte), codes in alike.items()
        )
        page.append(Line(_("The same in every plan: {posts}.").format(posts=same)))
    return [*page, Line("")] if page else []
