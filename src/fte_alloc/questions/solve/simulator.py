"""A plan's workbook that answers: posts are typed, and contracts, money and limits follow.

A line a territory has the plan's posts, cells for others, and what they bring; a second sheet works
that out. Stored values are those of the plan.
"""

from __future__ import annotations

import numpy as np

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.names import LIMIT_NAMES, of_limit
from fte_alloc.programme.limits import EUR, FTE, RATE, UNITS
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.answer import Line, Table
from fte_alloc.questions.cells import Cell, Column, Content, Field, difference, sums
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.solve.simulator_working import ROLES, Judged, Working
from fte_alloc.questions.wording import title_of


def no_simulator(problem: Problem) -> str:
    """Why a problem's workbook has no simulator; nothing where it has one."""
    if len(problem.years) > 1:
        return _("There is no sheet to try other posts on: it is made for one year only.")
    if not problem.alone_in_area.all():
        return _(
            "There is no sheet to try other posts on: where territories share coordinators, what a "
            "post brings depends on the others."
        )
    if any(one.quantity == RATE and len(one.territories) > 1 for one in problem.limits):
        return _(
            "There is no sheet to try other posts on: a rate that territories reach together "
            "decides how each of them uses its posts."
        )
    return ""


def simulator(plan: Plan) -> list[Table]:
    """The two sheets of a plan that can have them."""
    working = Working(plan)
    return [_sheet(working), working.sheet()]


def _sheet(w: Working) -> Table:
    """The sheet to type on."""
    p, kept = w.p, _("kept")
    rows = [_line(w, i) for i in range(p.shape[0])]
    posts = [f"{of}_{role}" for of in ("fixed", "plan") for role in ROLES]
    total = {"code": _("Total")} | sums(rows, (*posts, "contracts", "covered", "state", "partners"))
    for role, new in zip(ROLES, w.new, strict=True):
        total[f"your_{role}"] = Cell(float(new.sum()), f"{{working:new_{role}!}}")
    total |= _compared(w.covered, float(w.contracts.sum()), float(w.best.sum()))
    how = _(
        "Type new posts into the yellow cells; all figures follow. An empty cell keeps the plan's "
        "posts: clear it to go back. What breaks a limit turns red."
    )
    exact = _(
        "Contracts are read from a table, on the sheet with the formulas; all together they are "
        "off by at most {error}, as far as measured."
    )
    error = show.at_most(sum(table.error for table in w.tables), 2)
    title = _("Simulator: {title}").format(title=title_of(w.plan.document))
    return Table(
        "",
        [
            Column("code", "code"),
            Column("name"),
            *(Column(key, "fine_fte", width=11) for key in posts),
            *(Column(f"your_{role}", "fine_fte", width=11) for role in ROLES),
            Column("most", "fine_fte", width=11),
            Column("contracts", "contracts", width=10),
            Column("covered", "tenths", width=10),
            Column("rate", "rate"),
            Column("moved", "tenths_change", width=10),
            Column("brings", "tenths", width=11),
            Column("state", "eur"),
            Column("partners", "eur"),
            Column("limits", width=28),
        ],
        rows,
        total,
        name="simulator",
        sheet=(_("Simulator"), _("type other posts: contracts, money and limits follow")),
        marks=[
            ("broken", ["your_f", "your_c", "limits"], f'NOT({{limits}}="{kept}")'),
            ("changed", ["name"], "OR(ISNUMBER({your_f}),ISNUMBER({your_c}))"),
            ("changed", ["moved"], "{moved}>0"),
            ("less", ["moved"], "{moved}<0"),
        ],
        locked=True,
        above=[Line(title, "title"), Line(how), Line(exact.format(error=error)), _figures(w)],
    )


def _line(w: Working, i: int) -> dict[str, Content]:
    """A territory: posts, contracts and money."""
    p, a = w.p, int(w.p.area_of[i])
    contracts, best = float(w.contracts[i]), float(w.best[i])
    covered, brings = w.read[i][2:]
    most = float(np.floor(100 * (p.most_new_fte[0][i, 0] - 1.0) + 1e-9) / 100)
    row: dict[str, Content] = {"code": p.territories[i], "name": p.territory_names[i]}
    for role, fixed, new, top, step in zip(ROLES, w.fixed, w.new, w.tops, p.steps_fte, strict=True):
        entry = _entry(float(new[i]), float(top[i]), step)
        row |= {f"fixed_{role}": fixed[i], f"plan_{role}": new[i]}
        row[f"your_{role}"] = Cell(None, entry=entry)
    row |= {"most": most, "contracts": contracts} | _compared(covered, contracts, best)
    renewed = float(p.committed_facilitators_fte[i]), float(p.committed_coordinators_fte[a])
    for payer, per_fte in (("state", p.grant_eur_per_fte), ("partners", p.partner_share_eur)):
        value, terms = 0.0, list[str]()
        each = float(per_fte[0][i, 0]), float(per_fte[1][a, 0])
        for role, per, there, new in zip(ROLES, each, renewed, w.new, strict=True):
            value += per * (there + new[i])
            terms.append(f"{per!r}*({there!r}+{{working:new_{role}#{i}}})")
        row[payer] = Cell(value, "+".join(terms))
    for key, known in (("covered", covered), ("brings", brings), ("limits", _("kept"))):
        row[key] = Cell(known, f"{{working:{key}#{i}}}")
    return row


def _compared(covered: float, contracts: float, best: float) -> dict[str, Content]:
    """The rate of a line, and what it covers more than the plan."""
    moved = difference(covered, best, "tenths", ("{covered}", repr(best)))
    rate = Cell(covered / contracts, "{covered}/{contracts}") if contracts else None
    return {"rate": rate, "moved": moved}


def _entry(plan: float, top: float, step: float) -> Field:
    """What may be typed into a yellow cell."""
    text = _("From 0 to {top} in steps of {step}.") if step else _("A number from 0 to {top}.")
    refusal = text.format(top=show.plain_value(top), step=show.plain_value(step))
    hint = _("Empty: {plan}, as in the plan.").format(plan=show.count(plan, 2))
    return Field(_("New posts, FTE"), hint, refusal, top, step)


# -- the head --------------------------------------------------------------------------------------


def _figures(w: Working) -> Table:
    """Headline figures of the posts typed, and the limits of several territories."""
    of, contracts = w.plan.evaluation, float(w.p.contracts_per_year.sum())
    best = float(of.expected_contracts.sum())
    rows = [_figure(_("Contracts covered"), "tenths", w.covered, "{simulator:covered!}", best)]
    if contracts:
        ends = w.covered / contracts, "{simulator:rate!}", best / contracts
        rows.append(_figure(_("Rate"), "fine_rate", *ends))
    for judged in w.limits[None]:
        name, kind = of_limit(LIMIT_NAMES, judged.limit.name), _kind(judged.limit.quantity)
        row = _figure(name, kind, judged.value, w.sum(judged.limit), judged.value)
        rows.append(row | _kept(w, judged))
    bad, good = _("BROKEN"), _("kept")
    over = [f'({{kept#{n}}}="{bad}")' for n, row in enumerate(rows) if "kept" in row]
    broken = Cell(0.0, "+".join(["{working:broken!}", *over]), "whole")
    verdict = Cell(good, f'IF({{yours}}=0,"{good}","{bad}")')
    rows.append({"figure": _("Limits broken"), "yours": broken, "kept": verdict})
    numbers = ("yours", "plans", "moved", "allowed", "left")
    columns = [
        Column("figure", span=2),
        *(Column(key, "fine") for key in numbers),
        Column("limits", key="kept"),
    ]
    marks = [("broken", ["yours", "kept"], f'{{kept}}="{bad}"')]
    return Table("", columns, rows, marks=marks)


def _figure(name: str, kind: str, value: float, formula: str, plan: float) -> dict[str, Content]:
    """A figure of the posts typed, and of the plan."""
    moved = difference(value, plan, kind, ("{yours}", "{plans}"))
    cells = {"yours": Cell(value, formula, kind), "plans": Cell(plan, kind=kind)}
    return {"figure": name, **cells, "moved": moved}


def _kind(quantity: str) -> str:
    return {FTE: "fine_fte", EUR: "eur"}[UNITS[quantity]]


def _kept(w: Working, judged: Judged) -> dict[str, Content]:
    """A limit beside the figure it is about."""
    one, kind = judged.limit, _kind(judged.limit.quantity)
    formula = f"{one.amount!r}*({w.everywhere(one)})" if one.is_share else ""
    bad, good = _("BROKEN"), _("kept")
    test = f'IF({judged.broken("{yours}", "{allowed}")},"{bad}","{good}")'
    ends, keys = (judged.amount, judged.value), ("{allowed}", "{yours}")
    if one.is_floor:
        ends, keys = (judged.value, judged.amount), ("{yours}", "{allowed}")
    left = difference(*ends, kind, keys)
    cells = {"allowed": Cell(judged.amount, formula, kind), "kept": Cell(good, test)}
    return {**cells, "left": Cell(left.value, left.formula, kind)}
