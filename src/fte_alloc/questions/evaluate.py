"""The answer of ``evaluate``: coverage, cost and broken limits of posts that users give."""

from __future__ import annotations

from collections.abc import Sequence

from fte_alloc import numbers as show
from fte_alloc.language import _, ngettext, pgettext
from fte_alloc.names import IMPOSSIBLE_BY_SOLVER, ROLE_NAMES, STOP_REASONS
from fte_alloc.programme.data import ROLES
from fte_alloc.programme.limits import Violation
from fte_alloc.programme.objectives import OBJECTIVES, is_stage_by_solver
from fte_alloc.questions.answer import Answer, Line, Page, Table
from fte_alloc.questions.cells import Column, Row, difference_cells
from fte_alloc.questions.document import SOME_FTE, Document, last_year_rows, page_head
from fte_alloc.questions.inputs_in_words import assumed_figures_lines
from fte_alloc.questions.objectives_in_words import (
    objective_name,
    objective_text,
    objective_with_unit,
    proof_claim,
)
from fte_alloc.questions.places import place_key, place_labels, place_lines
from fte_alloc.questions.solve.answer import buyers_line, summary_lines
from fte_alloc.questions.solve.tables import posts_tables


def evaluation_answer(document: Document) -> Answer:
    """``Answer`` of ``evaluate``: figures of given posts, broken limits, loss to the optimum."""
    tone = "bad" if document["violations"] else "plain"
    title = Line(page_head(document), tone, _("JUDGED, not optimised"))
    best = document["optimum"] or {}
    stages = best.get("stages")
    in_steps = stages and is_stage_by_solver(stages[0])
    head = [title, *summary_lines(document), *_verdict(document)]
    head += [Line(*proof_claim(best))] if in_steps else []
    table = _compared_posts(document, best) if "posts" in best else posts_tables(document)[-1]
    foot = [buyers_line(document), *assumed_figures_lines(document)]
    return Answer(title.text, [*head, *broken_limits(document), table, *foot])


def _verdict(document: Document) -> Page:
    """Lines on the distance of the given posts from the best plan, as far as it is known."""
    optimum = document["optimum"]
    if optimum is None and document["impossible"] is None:
        return []  # no best plan was sought
    if optimum is None:
        text = _("No plan at all keeps every limit of this scenario; nothing to compare with.")
        unproved = [_(IMPOSSIBLE_BY_SOLVER)] if document["impossible"] == "solver" else []
        return [Line(sentence, "warn") for sentence in (text, *unproved)]
    objective, best, loss = optimum["objective"], optimum["value"], document["loss"]
    judged, years, unit = optimum["judged"], document["years"], optimum["unit"]
    value = objective_with_unit(optimum, judged, years)
    words = {"value": value, "best": objective_text(objective, best)}
    if loss is None:
        bound, none = optimum["bound"], pgettext("bound", "none")
        words["bound"] = none if bound is None else objective_with_unit(optimum, bound)
        words["reason"] = _(STOP_REASONS[optimum["reason"]])
        text = _("It reaches {value}, the best found {best}, bound {bound}; not proved: {reason}.")
        return [Line(text.format(**words), "warn")]
    if abs(loss) <= 1e-6 * max(1.0, abs(best)):
        return [Line(_("This plan is as good as the best: {value}.").format(**words), "good")]
    digits, shift = (2, 2) if unit == "rate" else (OBJECTIVES[objective].digits, 0)
    change = (
        f"{show.difference(best, judged, digits, shift)} {show.unit_after(judged - best, unit)}"
    )
    change += f" ({show.rate_change((judged - best) / abs(best), 2)})" if best else ""
    words |= {"value": objective_text(objective, judged), "change": change}
    if (stage := optimum["stages"][0])["concede"]:
        in_plan = objective_text(objective, stage["in_plan"])
        words["best"] += _(" ({in_plan} in the plan below)").format(in_plan=in_plan)
    text = _("This plan, {objective}: {value}; best within the limits {best}: {change}.")
    text = text.format(objective=objective_name(optimum, years), **words)
    return [Line(text, "plain" if loss > 0 else "warn")]


def broken_limits(document: Document) -> Page:
    """Lines on the limits that the given posts break, or one line that they keep all."""
    broken = document["violations"]
    if not broken:
        return [Line(_("It keeps every limit."), "good")]
    names, several = place_labels(document["posts"]), len(document["years"]) > 1
    text = ngettext("It breaks {count} limit:", "It breaks {count} limits:", len(broken))
    page: Page = [Line(text.format(count=len(broken)), "bad")]
    alike: dict[tuple[str, str], list[Violation]] = {}  # which share a line
    for violation in (Violation(**row) for row in broken):
        year = str(violation.year) if several else ""
        alike.setdefault((violation.sentence("", year), year), []).append(violation)
    for (_sentence, year), each in alike.items():
        places = [names[place_key(vars(violation))] for violation in each if violation.area]
        where = "".join(_(", {name}").format(name=name) for name in places)
        if len(places) > 1:
            where = _(", {count} places").format(count=len(places))
        page.append(Line("  " + each[0].sentence(where, year)))
        page += [Line(" " * 11 + ", ".join(places))] if len(places) > 1 else []
    return page


def _compared_posts(document: Document, best: Document) -> Table:
    """Table of new posts, given and in the best plan, without posts that print as 0 in both."""
    is_best = best["status"] == "optimal"
    columns = [
        Column("place", page=_("New posts, FTE")),
        Column("v1", "fte", page=_("this plan")),
        Column("v0", "fte", page=_("best") if is_best else _("best found")),
        Column("d1", "fte_change", page=_("difference")),
    ]
    plans = last_year_rows(document, "posts"), best["posts"]
    mine, theirs = ({(place_key(p), p["role"]): p for p in posts} for posts in plans)
    shown = {p for p in mine if max(of[p]["new_fte"] for of in (mine, theirs)) >= SOME_FTE}

    def line(label: str, posts: Sequence[tuple[str, str]]) -> Row:
        this, there = (sum(of[post]["new_fte"] for post in posts) for of in (mine, theirs))
        row = {"place": label, "v1": this, "v0": there}
        return row | difference_cells(row, "fte", 1)

    lines = [
        line(f"{place.label}, {_(ROLE_NAMES[role])}", [(place.keys[0], role)])
        for place in place_lines(mine.values())
        for role in sorted(ROLES)
        if (place.keys[0], role) in shown
    ]
    return Table("", columns, lines, line(_("Total"), [*mine]))
