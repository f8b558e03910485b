"""What the simulator of a workbook works with: effort, tables of contracts, limits as formulas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fte_alloc.language import _
from fte_alloc.names import PRICED_LIMITS, of_limit
from fte_alloc.programme.data import given, per_post
from fte_alloc.programme.judge import FTE_TOLERANCE
from fte_alloc.programme.limits import RATE, Limit
from fte_alloc.questions.answer import Line, Table
from fte_alloc.questions.cells import Cell, Column, Content, Row, sums
from fte_alloc.questions.plan import Plan
from fte_alloc.questions.solve.effort_table import effort_tables

#: Contracts by which a least rate may be missed: the tables are no more exact.
_CONTRACTS = 0.01
#: Facilitators and coordinators, in names of columns.
ROLES = "fc"


@dataclass(frozen=True)
class Judged:
    """A limit, what the plan has of it, how much it allows, by how much it may be missed."""

    limit: Limit
    value: float
    amount: float
    slack: float

    def broken(self, value: str, amount: str) -> str:
        """The formula for whether formulas of value and amount break it."""
        least, most = (value, amount) if self.limit.is_floor else (amount, value)
        slack = _CONTRACTS if self.limit.quantity == RATE else self.slack
        return f"{most}-{least}>{repr(slack).upper()}"


class Working:
    """A plan of one year in areas of one territory each, ready for formulas; arrays are [I].

    new : facilitators and coordinators of the plan
    fixed : those in place and renewed
    tops : the most that may be typed: a quarter more than limits allow, and one
    tables : contracts against effort, as far as posts may be typed
    effort : effective facilitators of the plan
    read : what the tables give for it: interval, share of it, contracts, one more brings
    covered : contracts of the plan by the tables
    contracts, best : contracts there are, and those of the plan by the judge
    limits : the limits of each territory; those of several under None
    """

    def __init__(self, plan: Plan) -> None:
        p = self.p = plan.problem
        self.plan, of, where = plan, plan.evaluation, p.area_of
        x, z = of.new_facilitators_fte[:, 0] + 0.0, of.new_coordinators_fte[where, 0] + 0.0
        f, c = p.fixed_facilitators_fte, p.fixed_coordinators_fte[where]
        most_f, most_c = (np.ceil(1.25 * (most[:, 0] - 1.0) + 1.0) for most in p.most_new_fte)
        self.new, self.fixed, self.tops = (x, z), (f, c), (most_f, most_c[where])

        # Effort of the plan, what it brings by the tables, and by the judge.
        eta, gain = p.first_year_effectiveness, p.productivity_gain
        self.tables = effort_tables(p, f + eta * most_f + gain * (f + most_f))
        supported = np.minimum(f + x, p.supports_fte * (c + z))
        self.effort = f + eta * x + gain * supported
        self.read: list[tuple[int, float, float, float]] = []
        for table, effort, is_helped in zip(
            self.tables, self.effort.tolist(), f + x < p.supports_fte * (c + z), strict=True
        ):
            *place, slope = table.read(effort)
            self.read.append((*place, slope * (eta + gain * is_helped)))
        self.covered = sum(covered for *_where, covered, _more in self.read)
        self.contracts = p.contracts_per_year[:, 0].sum(axis=1)
        self.best = of.expected_contracts[:, 0].sum(axis=1)

        # Limits by territory; floors are not negated here.
        self._line_of = np.argsort(where).tolist()  # the territory of each area
        self.limits: dict[int | None, list[Judged]] = {i: [] for i in (None, *range(len(x)))}
        for one, value, amount, slack in of.limits():
            sign = -1.0 if one.is_floor else 1.0
            lines = {*one.territories, *(self._line_of[a] for a in one.areas)}
            whole = one.is_national(p.shape) and one.quantity != RATE
            line = None if len(lines) > 1 or one.is_share or whole else lines.pop()
            self.limits[line].append(Judged(one, sign * value, sign * amount, slack))

    def sum(self, one: Limit, line: int | None = None) -> str:
        """What a limit adds up, as a formula; of one territory as its line has it."""
        terms = [repr(given(self.p, one))] if given(self.p, one) else []
        each = per_post(self.p, one.quantity)
        for role, places, per in zip(ROLES, one.places, each, strict=True):
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

    def everywhere(self, one: Limit) -> str:
        """What a limit on a share is a share of, as a formula."""
        every = tuple(range(self.p.shape[0])), tuple(range(self.p.shape[1]))
        t, c = (at if own else () for at, own in zip(every, one.places, strict=True))
        return self.sum(replace(one, territories=t, areas=c))

    def _tests(self, i: int) -> list[tuple[str, str]]:
        """What breaks a limit of a line, as a formula and in words."""
        found = []
        for one in self.limits[i]:
            value = "{covered}" if one.limit.quantity == RATE else self.sum(one.limit, i)
            broken = one.broken(f"({value})", repr(one.amount))
            found.append((broken, of_limit(PRICED_LIMITS, one.limit.name)))
        for role, step in zip(ROLES, self.p.steps_fte, strict=True):
            nearest = f"{step!r}*ROUND({{new_{role}}}/{step!r},0)"
            off = f"ABS({{new_{role}}}-{nearest})>{repr(FTE_TOLERANCE).upper()}"
            found += [(off, _("not in steps"))] if step > 0 else []
        top = float(self.tops[0][i]) + FTE_TOLERANCE
        beyond = f"OR({{new_f}}<0,{{new_c}}<0,{{new_f}}>{top!r})"
        texts = ",".join(f"ISTEXT({{simulator:your_{role}#{i}}})" for role in ROLES)
        return [*found, (beyond, _("beyond the table")), (f"OR({texts})", _("not a number"))]

    # -- the sheet -----------------------------------------------------------------------------

    def sheet(self) -> Table:
        """The formulas, with the tables of contracts against effort below."""
        p, knots, rows = self.p, list[Row](), list[Row]()
        keys = ("at_effort", "covered", "bend")
        for i, table in enumerate(self.tables):
            rows.append(self._row(i, len(knots)))
            for at in zip(table.efforts_fte, table.contracts, [*table.bends, None], strict=True):
                knots.append({"code": p.territories[i], **dict(zip(keys, at, strict=True))})
        summed = [f"{of}_{role}" for of in ("new", "all") for role in ROLES]
        amounts = {
            _("effectiveness of a new post in its first year"): p.first_year_effectiveness,
            _("gain of a supported facilitator"): p.productivity_gain,
            _("facilitators that a coordinator supports, FTE"): p.supports_fte,
        }
        rules: list[Row] = [{"figure": name, "amount": one} for name, one in amounts.items()]
        about = _(
            "Effort: posts in place and renewed, new ones by their effectiveness, and the gain of "
            "those whom coordinators can support. Contracts: read from the table below, on a "
            "parabola over the interval that the effort lies in."
        )
        told = [Column("figure", span=2), Column("amount", "value")]
        parts = [Column("code", "code"), *(Column(key, "fine") for key in keys)]
        return Table(
            "",
            [
                Column("code", "code"),
                Column("name"),
                *(Column(key, "fine_fte", width=13) for key in (*summed, "effective", "read_at")),
                Column("interval", "whole", width=10),
                Column("passed", "fine", width=10),
                Column("covered", "fine"),
                Column("brings", "fine"),
                Column("broken", "whole", width=10),
                Column("limits", width=30),
            ],
            rows,
            {"code": _("Total"), **sums(rows, [*summed, "covered", "broken"])},
            name="working",
            sheet=(_("Simulator - working"), _("the formulas of the simulator, and its tables")),
            locked=True,
            above=[Line(about), Table("", told, rules, name="rules")],
            below=[Table(_("Contracts covered, by effort"), parts, knots, name="knots")],
        )

    def _row(self, i: int, first: int) -> Row:
        """The formulas of a line.

        first : the row in which its table begins
        """
        table, last = self.tables[i], first + len(self.tables[i].bends)
        eta, u, m = (f"{{rules:amount#{n}}}" for n in range(3))
        at, y, bend = (
            f"{{knots:{key}#{first}}}:{{knots:{key}#{last}}}"
            for key in ("at_effort", "covered", "bend")
        )
        ends = f"{{knots:at_effort#{first}}}", f"{{knots:at_effort#{last}}}"
        rise, width = (f"(INDEX({of},{{interval}}+1)-INDEX({of},{{interval}}))" for of in (y, at))
        bent, helped = f"4*INDEX({bend},{{interval}})", f"({eta}+IF({{all_f}}<{m}*{{all_c}},{u},0))"
        works = f"{{all_f}}-{{new_f}}+{eta}*{{new_f}}+{u}*MIN({{all_f}},{m}*{{all_c}})"
        there = f"INDEX({y},{{interval}})+{{passed}}*({rise}+{bent}*(1-{{passed}}))"
        row: dict[str, Content] = {"code": self.p.territories[i], "name": self.p.territory_names[i]}
        for role, fixed, new in zip(ROLES, self.fixed, self.new, strict=True):
            typed, plan = (f"{{simulator:{of}_{role}#{i}}}" for of in ("your", "plan"))
            row[f"new_{role}"] = Cell(new[i], f"IF(ISNUMBER({typed}),{typed},{plan})")
            all_of = f"{{simulator:fixed_{role}#{i}}}+{{new_{role}}}"
            row[f"all_{role}"] = Cell(fixed[i] + new[i], all_of)
        n, passed, covered, brings = self.read[i]
        effort, tests = self.effort[i], self._tests(i)
        within = min(max(effort, table.efforts_fte[0]), table.efforts_fte[-1])
        words = "&".join(f'IF({test},"; {text}","")' for test, text in tests)
        kept = _("kept")
        for key, value, formula in (
            ("effective", effort, works),
            ("read_at", within, f"MAX({ends[0]},MIN({ends[1]},{{effective}}))"),
            ("interval", n + 1, f"MIN({last - first},MATCH({{read_at}},{at},1))"),
            ("passed", passed, f"({{read_at}}-INDEX({at},{{interval}}))/{width}"),
            ("covered", covered, there),
            ("brings", brings, f"{helped}*({rise}+{bent}*(1-2*{{passed}}))/{width}"),
            ("broken", 0.0, "+".join(f"({test})" for test, __ in tests)),
        ):
            row[key] = Cell(value, formula)
        return row | {"limits": Cell(kept, f'IF({{broken}}=0,"{kept}",MID({words},3,200))')}
