"""A sweep on a page of 100 columns: results by case, and ranges of posts over all plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fte_alloc import numbers as show
from fte_alloc.inputs.overrides import command_line
from fte_alloc.language import _, ngettext, pgettext
from fte_alloc.names import ROLE_NAMES, SWEEP_STATUS
from fte_alloc.programme.data import place_code
from fte_alloc.questions.answer import Grid, Line, Page
from fte_alloc.questions.document import Document, last_year_rows, page_head
from fte_alloc.questions.inputs_in_words import assumed_figures_lines, input_in_words
from fte_alloc.questions.sweep.cases import DEMAND

#: Largest numbers of cases shown, and of keys with which cases are shown.
MOST_CASES, MOST_KEYS = 25, 3
#: Figures of a case, and how they are written.
_FIGURES: Mapping[str, Callable[[float], str]] = {
    "expected_contracts": lambda value: show.count(value, 1),
    "rate": show.rate,
    "state_eur": show.million,
    "used_fte": show.fte,
}
#: Posts whose range over all plans is less than this count as equal [FTE].
STEADY_FTE = 0.05


def sweep_page(document: Document) -> Page:
    """Text page of ``sweep``: ranges of results, table of cases, posts by case."""
    page = _head(document)
    if document["ranges"]:
        page += [Line(""), *_cases(document), *_posts_by_case(document), Line("")]
    return [*page, *assumed_figures_lines(document)]


def unproved_sentence(document: Document) -> str:
    """Sentence with the numbers of cases without a proved best plan, by status; else empty."""
    kinds = ", ".join(
        _("{status}: {count}").format(status=_(SWEEP_STATUS[status]), count=show.count(n))
        for status, n in document["by_status"].items()
        if status != "optimal"
    )
    text = _("Not every case has a proved best plan ({kinds}).")
    if document["by_status"].get("infeasible") == (count := len(document["cases"])) > 1:
        text = _("None of the {count} cases has a plan.")
    return text.format(kinds=kinds, count=show.count(count)) if kinds else ""


def _head(document: Document) -> Page:
    """Title with number and proof of the cases, and the least and greatest of their figures."""
    count, ranges, left = len(document["cases"]), document["ranges"], unproved_sentence(document)
    # All factors of demand are named once.
    kinds = dict.fromkeys(
        _("contracts") if _is_demand_key(key) else input_in_words(key, {})
        for key in document["keys"]
    )
    cases = ngettext("{count} case", "{count} cases", count).format(count=show.count(count))
    named = {"scenario": page_head(document), "count": cases, "keys": ", ".join(kinds)}
    title = _("{scenario} – {count}: {keys}").format(**named)
    claim = ""
    if ranges:
        by_solver = _in_steps(document) and document["by_solver"]
        claim = _("each plan proved to {gap} or better")
        if by_solver:
            claim = _("each plan in steps best by the solver's bound, to {gap} or better")
        claim = claim.format(gap=show.gap(document["largest_relative_gap"], in_steps=by_solver))
    page: Page = [Line(title, "warn" if left else "good", right=claim)]
    if left:
        page += [Line(left, "warn"), *_why_not(document)]
    if ranges:
        figures = {}
        for key, write in _FIGURES.items():
            ends = {end: write(ranges[key][end]) for end in ("least", "greatest")}
            text = _("{least} to {greatest}") if len({*ends.values()}) > 1 else "{least}"
            figures[key] = text.format(**ends)
        text = _(
            "Contracts covered: {expected_contracts}; national rate: {rate}; State money: "
            "{state_eur} M EUR; network: {used_fte} FTE."
        )
        page.append(Line(text.format(**figures)))
        if len(document["years"]) > 1:
            text = _("{scenario}: figures of {year}")
            last = {"scenario": document["scenario"], "year": document["years"][-1]}
            page.append(Line(text.format(**last)))
    return page


def _is_demand_key(key: str) -> bool:
    return key.startswith(f"{DEMAND}.")


def _in_steps(document: Document) -> bool:
    """Whether posts of any case come in steps."""
    steps = [document["step_fte"], *(case.get("posts.step_fte") or 0 for case in document["cases"])]
    return any(step not in (0, "none") for step in steps)


def _why_not(document: Document) -> Page:
    """Warning about steps, and the command that explains the first infeasible case, if any."""
    case = next((case for case in document["cases"] if case["status"] == "infeasible"), None)
    if case is None:
        return []
    text = _("No plan in steps: by the solver's word where continuous posts have one.")
    page: Page = [Line(text, "warn")] if _in_steps(document) else []
    if not any(map(_is_demand_key, document["keys"])):
        changed = {key: case[key] for key in document["keys"] if case[key] is not None}
        inputs = document["inputs"]
        again = command_line("solve", {**inputs, "overrides": inputs["overrides"] | changed})
        page.append(Line(_("Why there is none: {command}").format(command=again), whole=True))
    return page


def _cases(document: Document) -> Page:
    """Table of some cases, evenly spread; empty where cases have more than ``MOST_KEYS`` keys."""
    cases, keys = document["cases"], document["keys"]
    if len(keys) > MOST_KEYS:
        return []
    last, rows = len(cases) - 1, []
    for n in sorted({round(n * last / (MOST_CASES - 1)) for n in range(MOST_CASES)}):
        case = cases[n]
        values = (case[key] for key in keys)
        row = [_("as it is") if v is None else show.plain_value(v) for v in values]
        row.append(_(SWEEP_STATUS[case["status"]]))
        planned = case["objective"] is not None
        rows.append(row + [write(case[key]) if planned else "" for key, write in _FIGURES.items()])
    text = _("{shown} of {count} cases, evenly spaced; --format csv and --out FILE.csv give all.")
    title = text.format(shown=len(rows), count=show.count(len(cases)))
    figures = (_("plan"), _("contracts"), _("rate"), _("State, M EUR"), _("network FTE"))
    named = [key if _is_demand_key(key) else input_in_words(key, {}) for key in keys]
    grid = Grid([*named, *figures], rows, left=0, left_too=[len(keys)])
    return [Line(title if len(rows) < len(cases) else _("Cases"), "head"), grid, Line("")]


def _posts_by_case(document: Document) -> Page:
    """New posts of the last year: table of those that differ by plan, sentence on the others."""
    rows: list[list[str]] = []
    alike: dict[tuple[str, str], list[str]] = {}  # codes by role and number
    for post in last_year_rows(document, "posts"):
        role = _(ROLE_NAMES[post["role"]])
        least, median, greatest = (post[f"{end}_fte"] for end in ("least", "median", "greatest"))
        if greatest - least < STEADY_FTE:
            fte = show.fte(median) if median >= STEADY_FTE else ""
            alike.setdefault((role, fte), []).append(place_code(post))
            continue
        name = f"{post['territory'] or post['area']} {post['name']}"
        spread = map(show.fte, (least, median, greatest))
        rows.append([name, role, *spread, show.rate(post["share_at_least"], 0)])
    page: Page = []
    if rows:
        title = _("New posts of {year} over all plans, FTE").format(year=document["years"][-1])
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
    return page
