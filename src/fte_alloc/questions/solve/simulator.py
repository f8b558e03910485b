"""Two sheets of a plan's workbook that compute contracts, money and limits of other posts.

The first sheet has a line per territory: the plan's posts, cells to type others, and the results.
The second sheet has the formulas. Stored values are those of the plan.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fte_alloc import numbers as show
from fte_alloc.language import _
from fte_alloc.names import LIMIT_NAMES, LIMIT_WORDS, limit_name
from fte_alloc.programme.data import per_post, without_new_posts
from fte_alloc.programme.limits import FTE, RATE, UNITS, Limit
from fte_alloc.programme.problem import FTE_TOLERANCE, Problem
from fte_alloc.questions.answer import Line, Table
from fte_alloc.questions.cells import Cell, Column, Content, Field, Row, difference_cell, sum_cells
from fte_alloc.questions.document import document_title
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.solve.effort_table import effort_tables

#: Tolerance of least rates, which allows for the error of the effort tables [contracts].
_CONTRACTS = 0.01
#: Letters of facilitators and coordinators in keys of columns.
_ROLES = "fc"


def why_no_simulator(problem: Problem) -> str:
    """Sentence on the reason why a problem's workbook has no simulator; empty if it has one."""
    share_rate = any(li.quantity == RATE and len(li.territories) > 1 for li in problem.limits)
    if len(problem.years) == 1 and problem.alone_in_area.all() and not share_rate:
        return ""
    return _(
        "There is no sheet to try other posts on: it is made for one year only, and not where "
        "territories share coordinators or a least rate."
    )


class Simulator:
    """Simulator of a plan of one year in which every area has one territory; arrays are [I].

    new : new facilitators and new coordinators of the plan [FTE]
    fixed : facilitators and coordinators in place and renewed [FTE]
    tops : most posts that may be typed, by role: 1.25 times what limits allow plus 1, rounded up
    tables : contracts against effort, up to the effort of these most posts
    effort : effective facilitators of the plan [FTE]
    read : by territory, ``EffortTable.read`` at this effort, but per facilitator FTE more
    covered : contracts of the plan by the tables, summed over territories
    contracts, best : all contracts, and those that the plan covers by its evaluation
    limits : limits by index of the territory, each with the plan's value, its amount and its
        tolerance; under None shares and limits of several territories
    """

    def __init__(self, plan: Plan) -> None:
        p = self.p = plan.problem
        self.plan, of, where = plan, plan.evaluation, p.area_of
        x, z = of.new_facilitators_fte[:, 0] + 0.0, of.new_coordinators_fte[where, 0] + 0.0
        f, c = p.fixed_facilitators_fte, p.fixed_coordinators_fte[where]
        most_f, most_c = (np.ceil(1.25 * (most[:, 0] - 1.0) + 1.0) for most in p.most_new_fte)
        self.new, self.fixed, self.tops = (x, z), (f, c), (most_f, most_c[where])

        # Effort of the plan, its contracts by the tables and by the evaluation.
        eta, gain = p.first_year_effectiveness, p.productivity_gain
        self.tables = effort_tables(p, f + eta * most_f + gain * (f + most_f))
        supported = np.minimum(f + x, p.supports_fte * (c + z))
        self.effort = f + eta * x + gain * supported
        per_post = eta + gain * (f + x < p.supports_fte * (c + z))
        efforts = zip(self.tables, self.effort.tolist(), per_post, strict=True)
        read = ((*table.read(effort), worth) for table, effort, worth in efforts)
        self.read = [(*at, slope * worth) for *at, slope, worth in read]
        self.covered = sum(covered for *_where, covered, _more in self.read)
        self.contracts = p.contracts_per_year[:, 0].sum(axis=1)
        self.best = of.expected_contracts[:, 0].sum(axis=1)

        # Limits by territory; floors are not negated as they are in an evaluation.
        self._line_of = np.argsort(where).tolist()  # the territory of each area
        self.limits: dict[int | None, list[tuple[Limit, float, float, float]]]
        self.limits = {i: [] for i in (None, *range(len(x)))}
        for one, value, amount, slack in of.limits():
            sign = -1.0 if one.is_floor else 1.0
            lines = {*one.territories, *(self._line_of[a] for a in one.areas)}
            whole = one.is_national(p.shape) and one.quantity != RATE
            line = None if len(lines) > 1 or one.is_share or whole else lines.pop()
            slack = _CONTRACTS if one.quantity == RATE else slack
            self.limits[line].append((one, sign * value, sign * amount, slack))

    # -- the sheet to type on ----------------------------------------------------------------------

    def sheet(self) -> Table:
        """Sheet with a line per territory: posts, cells to type others, contracts and money."""
        posts = [f"{of}_{role}" for of in ("fixed", "plan") for role in _ROLES]
        kept, yours = _("kept"), ["your_f", "your_c"]
        rows = [self._line(i) for i in range(self.p.shape[0])]
        summed = (*posts, "contracts", "covered", "state", "partners")
        total = {"code": _("Total")} | sum_cells(rows, summed)
        for role, new in zip(_ROLES, self.new, strict=True):
            total[f"your_{role}"] = Cell(float(new.sum()), f"{{working:new_{role}!}}")
        total |= _compared(self.covered, float(self.contracts.sum()), float(self.best.sum()))
        how = _(
            "Type new posts into the yellow cells; all figures follow. An empty cell keeps the "
            "plan's posts: clear it to go back. What breaks a limit turns red."
        )
        exact = _("Contracts are read from a table; all together they are off by at most {error}.")
        exact = exact.format(error=show.at_most(sum(table.error for table in self.tables), 2))
        about = self.plan.document
        title = _("Simulator: {title}").format(title=document_title(about) or about["scenario"])
        return Table(
            "",
            [
                Column("code", "code"),
                Column("name"),
                *(Column(key, "fine_fte", width=11) for key in (*posts, *yours, "most")),
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
                ("broken", [*yours, "limits"], f'NOT({{limits}}="{kept}")'),
                ("changed", ["name"], "OR(ISNUMBER({your_f}),ISNUMBER({your_c}))"),
                ("changed", ["moved"], "{moved}>0"),
                ("less", ["moved"], "{moved}<0"),
            ],
            locked=True,
            above=[Line(title, "title"), Line(how), Line(exact), self._figures()],
        )

    def _line(self, i: int) -> dict[str, Content]:
        p, a = self.p, int(self.p.area_of[i])
        contracts, best = float(self.contracts[i]), float(self.best[i])
        covered, brings = self.read[i][2:]
        row: dict[str, Content] = {"code": p.territories[i], "name": p.territory_names[i]}
        roles = zip(_ROLES, self.fixed, self.new, self.tops, p.steps_fte, strict=True)
        for role, fixed, new, top, step in roles:
            text = (
                _("From 0 to {top} in steps of {step}.") if step else _("A number from 0 to {top}.")
            )
            refusal = text.format(top=show.plain_value(top[i]), step=show.plain_value(step))
            hint = _("Empty: {plan}, as in the plan.").format(plan=show.count(new[i], 2))
            entry = Field(_("New posts, FTE"), hint, refusal, float(top[i]), step)
            row |= {f"fixed_{role}": fixed[i], f"plan_{role}": new[i]}
            row[f"your_{role}"] = Cell(None, entry=entry)
        row["most"] = float(np.floor(100 * (p.most_new_fte[0][i, 0] - 1.0) + 1e-9) / 100)
        row |= {"contracts": contracts} | _compared(covered, contracts, best)
        renewed = float(p.committed_facilitators_fte[i]), float(p.committed_coordinators_fte[a])
        for payer, per_fte in (("state", p.grant_eur_per_fte), ("partners", p.partner_share_eur)):
            value, terms = 0.0, list[str]()
            each = float(per_fte[0][i, 0]), float(per_fte[1][a, 0])
            for role, per, there, new in zip(_ROLES, each, renewed, self.new, strict=True):
                value += per * (there + new[i])
                terms.append(f"{per!r}*({there!r}+{{working:new_{role}#{i}}})")
            row[payer] = Cell(value, "+".join(terms))
        for key, known in (("covered", covered), ("brings", brings), ("limits", _("kept"))):
            row[key] = Cell(known, f"{{working:{key}#{i}}}")
        return row

    def _figures(self) -> Table:
        """Table of headline figures and of limits of several territories, for the posts typed."""
        contracts, best = float(self.contracts.sum()), float(self.best.sum())
        bad, good = _("BROKEN"), _("kept")
        ends = self.covered, "{simulator:covered!}", best
        rows = [_simulated_figure(_("Contracts covered"), "tenths", *ends)]
        if contracts:
            ends = self.covered / contracts, "{simulator:rate!}", best / contracts
            rows.append(_simulated_figure(_("Rate"), "fine_rate", *ends))
        for one, value, amount, slack in self.limits[None]:
            kind = "fine_fte" if UNITS[one.quantity] == FTE else "eur"
            name, ends = limit_name(LIMIT_NAMES, one.name), (value, self._sum(one), value)
            row = _simulated_figure(name, kind, *ends)
            row["allowed"] = Cell(amount, self._share_of(one), kind)
            left = difference_cell(amount, value, kind, ("{allowed}", "{yours}"))
            if one.is_floor:
                left = difference_cell(value, amount, kind, ("{yours}", "{allowed}"))
            row["left"] = replace(left, kind=kind)
            test = f'IF({_broken(one, slack, "{yours}", "{allowed}")},"{bad}","{good}")'
            rows.append(row | {"kept": Cell(good, test)})
        over = [f'({{kept#{n}}}="{bad}")' for n, row in enumerate(rows) if "kept" in row]
        broken = Cell(0.0, "+".join(["{working:broken!}", *over]), "whole")
        verdict = Cell(good, f'IF({{yours}}=0,"{good}","{bad}")')
        rows.append({"figure": _("Limits broken"), "yours": broken, "kept": verdict})
        fine = (Column(key, "fine") for key in ("yours", "plans", "moved", "allowed", "left"))
        columns = [Column("figure", span=2), *fine, Column("limits", key="kept")]
        return Table("", columns, rows, marks=[("broken", ["yours", "kept"], f'{{kept}}="{bad}"')])

    def _sum(self, one: Limit, line: int | None = None) -> str:
        """Formula of a limit's left-hand side; with *line*, for posts of the formula's own row."""
        terms = [repr(without_new_posts(self.p, one))] if without_new_posts(self.p, one) else []
        each = per_post(self.p, one.quantity)
        for role, places, per in zip(_ROLES, one.places, each, strict=True):
            lines = {j: self._line_of[j] if role == "c" else j for j in places}
            for amount in dict.fromkeys(per[list(places), 0].tolist()):
                same = [i for j, i in lines.items() if per[j, 0] == amount]
                cells = "+".join(f"{{working:new_{role}#{i}}}" for i in same)
                if line is not None:
                    cells = f"{{new_{role}}}"
                elif len(same) == len(per):
                    cells = f"{{working:new_{role}!}}"
                terms.append(cells if amount == 1 else f"{amount!r}*({cells})")
        return "+".join(terms)

    def _share_of(self, one: Limit) -> str:
        """Formula of the amount of a limit on a share; empty for other limits."""
        if not one.is_share:
            return ""
        t, c = one.everywhere(self.p.shape)
        return f"{one.amount!r}*({self._sum(replace(one, territories=t, areas=c))})"

    # -- the sheet that works it out ---------------------------------------------------------------

    def formulas_sheet(self) -> Table:
        """Workbook sheet with the simulator's formulas, above the tables of contracts by effort."""
        knots, rows = list[Row](), list[Row]()
        keys = ("at_effort", "covered", "bend")
        for i, table in enumerate(self.tables):
            rows.append(self._formulas(i, len(knots)))
            for at in zip(table.efforts_fte, table.contracts, [*table.bends, None], strict=True):
                knots.append({"code": self.p.territories[i], **dict(zip(keys, at, strict=True))})
        summed = [f"{of}_{role}" for of in ("new", "all") for role in _ROLES]
        about = _(
            "Effort: posts in place and renewed, new ones by their effectiveness, and the gain of "
            "those whom coordinators can support. Contracts: read from the table below, on a "
            "parabola over the interval that the effort lies in."
        )
        parts = [Column("code", "code"), *(Column(key, "fine") for key in keys)]
        return Table(
            "",
            [
                Column("code", "code"),
                Column("name"),
                *(Column(key, "fine_fte", width=13) for key in (*summed, "effective")),
                Column("interval", "whole", width=10),
                Column("passed", "fine", width=10),
                Column("covered", "fine"),
                Column("brings", "fine"),
                Column("broken", "whole", width=10),
                Column("limits", width=30),
            ],
            rows,
            {"code": _("Total"), **sum_cells(rows, [*summed, "covered", "broken"])},
            name="working",
            sheet=(_("Simulator - working"), _("the formulas of the simulator, and its tables")),
            locked=True,
            above=[Line(about), Line("")],
            below=[Table(_("Contracts covered, by effort"), parts, knots, name="knots")],
        )

    def _formulas(self, i: int, first: int) -> Row:
        """Line of formulas of territory *i*, whose effort table begins in row *first*."""
        p, last = self.p, first + len(self.tables[i].bends)
        eta, u, m = map(repr, (p.first_year_effectiveness, p.productivity_gain, p.supports_fte))
        at, y, bend = (
            f"{{knots:{key}#{first}}}:{{knots:{key}#{last}}}"
            for key in ("at_effort", "covered", "bend")
        )
        rise, width = (f"(INDEX({of},{{interval}}+1)-INDEX({of},{{interval}}))" for of in (y, at))
        bent, helped = f"4*INDEX({bend},{{interval}})", f"({eta}+IF({{all_f}}<{m}*{{all_c}},{u},0))"
        works = f"{{all_f}}-{{new_f}}+{eta}*{{new_f}}+{u}*MIN({{all_f}},{m}*{{all_c}})"
        interval = f"MATCH(MAX({{knots:at_effort#{first}}},{{effective}}),{at},1)"
        passed = f"({{effective}}-INDEX({at},{{interval}}))/{width}"
        there = f"INDEX({y},{{interval}})+{{passed}}*({rise}+{bent}*(1-{{passed}}))"
        row: dict[str, Content] = {"code": p.territories[i], "name": p.territory_names[i]}
        for role, fixed, new in zip(_ROLES, self.fixed, self.new, strict=True):
            typed, plan = (f"{{simulator:{of}_{role}#{i}}}" for of in ("your", "plan"))
            row[f"new_{role}"] = Cell(new[i], f"IF(ISNUMBER({typed}),{typed},{plan})")
            all_of = f"{{simulator:fixed_{role}#{i}}}+{{new_{role}}}"
            row[f"all_{role}"] = Cell(fixed[i] + new[i], all_of)
        n, share, covered, brings = self.read[i]
        tests, kept, gap = self._tests(i), _("kept"), _("; ")
        words = "&".join(f'IF({test},"{gap}{text}","")' for test, text in tests)
        for key, value, formula in (
            ("effective", self.effort[i], works),
            ("interval", n + 1, f"MIN({last - first},{interval})"),
            ("passed", share, f"MAX(0,MIN(1,{passed}))"),
            ("covered", covered, there),
            ("brings", brings, f"{helped}*({rise}+{bent}*(1-2*{{passed}}))/{width}"),
            ("broken", 0.0, "+".join(f"({test})" for test, __ in tests)),
            ("limits", kept, f'IF({{broken}}=0,"{kept}",MID({words},{len(gap) + 1},200))'),
        ):
            row[key] = Cell(value, formula)
        return row

    def _tests(self, i: int) -> list[tuple[str, str]]:
        """Tests of a territory's posts: a formula that is true where they fail, and the reason."""
        found = []
        for one, _value, amount, slack in self.limits[i]:
            value = "{covered}" if one.quantity == RATE else self._sum(one, i)
            broken = _broken(one, slack, f"({value})", repr(amount))
            found.append((broken, limit_name(LIMIT_WORDS, one.name)))
        for role, step in zip(_ROLES, self.p.steps_fte, strict=True):
            nearest = f"{step!r}*ROUND({{new_{role}}}/{step!r},0)"
            off = f"ABS({{new_{role}}}-{nearest})>{repr(FTE_TOLERANCE).upper()}"
            found += [(off, _("not in steps"))] if step > 0 else []
        top = float(self.tops[0][i]) + FTE_TOLERANCE
        beyond = f"OR({{new_f}}<0,{{new_c}}<0,{{new_f}}>{top!r})"
        texts = ",".join(f"ISTEXT({{simulator:your_{role}#{i}}})" for role in _ROLES)
        return [*found, (beyond, _("beyond the table")), (f"OR({texts})", _("not a number"))]


def _broken(limit: Limit, slack: float, value: str, amount: str) -> str:
    """Formula that is true where a limit is broken; *value*, *amount*: formulas of both sides."""
    least, most = (value, amount) if limit.is_floor else (amount, value)
    return f"{most}-{least}>{repr(slack).upper()}"


def _compared(covered: float, contracts: float, best: float) -> dict[str, Content]:
    """Cells of the rate and of the difference in contracts to the plan."""
    moved = difference_cell(covered, best, "tenths", ("{covered}", repr(best)))
    rate = Cell(covered / contracts, "{covered}/{contracts}") if contracts else None
    return {"rate": rate, "moved": moved}


def _simulated_figure(
    name: str, kind: str, value: float, formula: str, plan: float
) -> dict[str, Content]:
    cells = {"yours": Cell(value, formula, kind), "plans": Cell(plan, kind=kind)}
    moved = difference_cell(value, plan, kind, ("{yours}", "{plans}"))
    return {"figure": name, **cells, "moved": moved}
