"""What no plan exceeds, for check_plan.py: by prices, and by tables of areas for plans in steps.

Written from mathematics.md. A territory covers at most level + price · effort at any price; tables
take the prices at the plan's posts and those next to them.
"""

from collections import defaultdict, namedtuple
from itertools import accumulate, pairwise
from math import ceil, exp, floor, inf, log, sqrt

GAP, FTE, SHARE = 1e-9, 1e-6, 1e-8  # of bounds; of a limit: posts, a share
SIGN = {"<=": 1, ">=": -1}
FAR = 2.0**12  # [FTE]
GOLDEN = (sqrt(5) - 1) / 2
Tangent = namedtuple("Tangent", "price level")


def keeps(row, used):
    """Whether a row is kept, but for rounding."""
    return SIGN[row.sense] * (row.limit - used) >= -FTE - SHARE * abs(row.limit)


def bound(p, programme, prices):
    """Σ price · limit + Σ max(0, d · most) + Σ sup_k (W G(k) − π k): no plan is better."""
    d = defaultdict(float, {v: p.sign * c for v, c in p.objectives[p.first].items()})
    most, total = defaultdict(lambda: inf), d.pop(("one",), 0.0)
    most["rate",] = max(p.G[cell](1e12) / n for cell, n in p.n.items() if n > 0)
    for row in programme:
        price = {"<=": max, ">=": min}[row.sense](p.sign * prices.get(row.name, 0.0), 0.0)
        total += price * row.limit
        less = sum(c * most[v] for v, c in row.terms.items() if c < 0)
        for v, c in row.terms.items():
            d[v] -= price * c
            if c > 0 and (row.sense == "<=" or v[0] == "short"):  # what the row leaves at most
                most[v] = min(most[v], max(0.0, row.limit - less) / c)
    total += sum(each * most[v] for v, each in d.items() if each > 0 and v[0] not in "ky")
    for cell in p.G:
        total += top(p, cell, d["y", *cell], -d["k", *cell], most["k", *cell])[0]
    return p.sign * total, most


def top(p, cell, w, price, most, turns=68):
    """The most that w G(k) − price · k is, which rises, then falls; and that k (golden section)."""
    gain = lambda k: w * p.G[cell](k) - price * k
    low, high, near, far = 0.0, most, most * (1 - GOLDEN), most * GOLDEN
    before, beyond = gain(near), gain(far)
    for _ in range(turns):
        if before < beyond:
            low, near, before, far = near, far, beyond, far + (1 - GOLDEN) * (high - far)
            beyond = gain(far)
        else:
            high, far, beyond, near = far, near, before, near - (1 - GOLDEN) * (near - low)
            before = gain(near)
    return max((gain(k), k) for k in (0.0, low, high, most))


def level(p, i, price, turns=68, of=None):
    """Σ_s sup_k (w_s G_s(k) − price · k) of a territory, and Σ_s k; of the first objective."""
    w, cells = p.objectives[of or p.first], [(i, s, p.T[0]) for s in p.S]
    tops = [top(p, cell, w["y", *cell], price, FAR, turns) for cell in cells]
    return sum(value for value, _ in tops), sum(k for _, k in tops)


def tangent(p, i, effort):
    """The tangent at an effort, by false position of the logarithm of its price."""
    w, cells = p.objectives[p.first], [(i, s, p.T[0]) for s in p.S]
    high = log(max(w["y", *c] * (p.G[c](1e-6) - p.G[c](0.0)) * 1e6 for c in cells))
    low, over = high - 30, lambda at: level(p, i, exp(at), 38)[1] - effort
    more, less = over(low), over(high)
    for _ in range(20):  # any price will do, and one that is near hardly less than the best
        at = (low * less - high * more) / (less - more)
        here = over(at)
        low, more, high, less = (
            (at, here, high, less / 2) if here > 0 else (low, more / 2, at, here)
        )
    return Tangent(exp(at), level(p, i, exp(at))[0])


def least_effort(p, programme, i):
    """What the least rate of a territory takes: contracts ≤ level + price · effort at any price."""
    cells = [(i, s, p.T[0]) for s in p.S]
    y, slope = {("y", *cell) for cell in cells}, lambda c: (p.G[c](1e-6) - p.G[c](0.0)) * 1e6
    asked = max([0, *(r.limit for r in programme if {*r.terms} == y and r.sense == ">=")])
    if asked <= sum(p.G[cell](0.0) for cell in cells):
        return 0.0
    low, high = 0.0, max(map(slope, cells))
    for _ in range(40):
        price = (low + high) / 2
        value, k = level(p, i, price, 45, "contracts")
        low, high = (price, high) if value + price * k > asked else (low, price)
    return max(0.0, asked - level(p, i, high, of="contracts")[0]) / high


def shared(p, programme, places):
    """Whether n and z steps in all keep the limits on sums of the posts of these places."""
    rows = []
    for row in programme:
        of = [{row.terms.get((*at, p.T[0]), 0) for at in places if at[0] == r} for r in "xz"]
        if {v[:2] for v in row.terms} <= {*places} and all(len(c) == 1 for c in of):
            rows.append((row, *(c.pop() * p.steps[r] for c, r in zip(of, "xz", strict=True))))
    return lambda n, z: all(keeps(row, per * n + per_z * z) for row, per, per_z in rows)


class Area:
    """What the territories of one area cover with so many steps."""

    def __init__(self, p, a, plan, low, high, least):
        self.p, self.a, self.of, (t,) = p, a, [i for i in p.I if p.a[i] == a], p.T
        self.low, self.high, self.alone, self.least = low, high, len(self.of) == 1, least
        led, self.tangents = round(plan["z", a, t] / p.steps["z"]), {}
        leds = range(max(low["z", a], led - 1), min(high["z", a], led + 1) + 1)
        for i in self.of:
            now, efforts = round(plan["x", i, t] / p.steps["x"]), set()
            for x in range(max(0, now - 2), now + 3):
                of = [self.effort(i, x, z) for z in leds]
                efforts |= {base + p.u * supply for base, supply in of}
                efforts |= {max(base, least[i]) for base, _ in of if not self.alone}
            self.tangents[i] = [tangent(p, i, effort) for effort in efforts]

    def support(self, z):
        """Facilitators that the coordinators support."""
        return self.p.m * (self.p.e["z", self.a] + self.p.g["z", self.a] + z * self.p.steps["z"])

    def effort(self, i, x, z):
        """Effort without support, and the facilitators of i that may have it."""
        there, new = self.p.e["x", i] + self.p.g["x", i], x * self.p.steps["x"]
        return there + self.p.eta * new, min(there + new, self.support(z))

    def needed(self, i, x):
        """Facilitators of i that have to be supported for its least rate."""
        return max(0.0, self.least[i] - self.effort(i, x, 0)[0]) / (self.p.u or 1)

    def least_support(self):
        """What all least rates take, by n: what each lacks is convex in its posts."""
        at = {i: range(self.low["x", i], self.high["x", i] + 1) for i in self.of}
        lack = [[self.needed(i, x) for x in some] for i, some in at.items()]
        steps = sorted(b - a for of in lack for a, b in pairwise(of))
        return [*accumulate(steps, initial=sum(of[0] for of in lack))]

    def line(self, sigma, z, low, high):
        """σ · support + the greatest Σ h by n: h is concave, so the steepest steps come first."""
        h = []
        for i in self.of:
            at = [sigma / self.p.u] if sigma and self.p.u else []
            some = [
                *self.tangents[i],
                *(Tangent(price, level(self.p, i, price)[0]) for price in at),
            ]
            steps = range(low["x", i], high["x", i] + 1)
            efforts = [(*self.effort(i, x, z), self.needed(i, x)) for x in steps]
            of = lambda base, supply, least, some=some: min(
                c + price * base + max(gain * supply, gain * min(least, supply))
                for price, c in some
                for gain in [price * self.p.u - sigma]
            )
            h.append([of(*effort) for effort in efforts])
        if not all(h):
            return {}
        steps = sorted((b - a for of in h for a, b in pairwise(of)), reverse=True)
        sums = accumulate(steps, initial=sigma * self.support(z) + sum(of[0] for of in h))
        return dict(enumerate(sums, sum(low["x", i] for i in self.of)))

    def leaf(self, tree, n, z, low, high):
        """What a tree proves of n and z."""
        if not isinstance(tree, dict):
            return self.line(max(0.0, float(tree)), z, low, high).get(n, -inf)
        x, steps = ("x", tree["territory"]), int(tree["steps"])
        below, above = high | {x: min(high[x], steps)}, low | {x: max(low[x], steps + 1)}
        sides = (tree["at_most"], low, below), (tree["more"], above, high)
        return max(self.leaf(side, n, z, *box) for side, *box in sides)

    def table(self, sigmas, branches):
        """The least of the lines by n and z."""
        table, box, asked = {}, (self.low, self.high), self.least_support()
        sigmas = [0.0, *(max(0.0, float(sigma)) for sigma in sigmas if not self.alone)]
        for z in range(self.low["z", self.a], self.high["z", self.a] + 1):
            lines = [self.line(sigma, z, *box) for sigma in sigmas]
            some = [n for n, v in zip(lines[0], asked, strict=True) if v <= self.support(z) + GAP]
            table |= {(n, z): min(line[n] for line in lines) for n in some}
        for of in branches:
            at = int(of["facilitator_steps"]), int(of["coordinator_steps"])
            table[at] = min(table[at], self.leaf(of["tree"], *at, *box))
        return table


def steps_bound(p, programme, most, tables, plan):
    """No plan in steps is better than the greatest sum of the tables of its areas."""
    (t,), best, low, high = p.T, {(0, 0): 0.0}, {}, {}
    for at in p.places:
        step, own = p.steps[at[0]], [r for r in programme if [*r.terms] == [(*at, t)]]
        least = [r.limit / c for r in own if r.sense == ">=" and (c := r.terms[*at, t]) > 0]
        low[at], high[at] = ceil(max([0, *least]) / step - GAP), floor(most[*at, t] / step + GAP)
    there = {i: p.e["x", i] + p.g["x", i] for i in p.I}
    least = {i: least_effort(p, programme, i) for i in p.I}
    for i in p.I:
        lack = least[i] - (1 + p.u) * there[i]  # also if all are supported
        steps = ceil(lack / ((p.eta + p.u) * p.steps["x"]) - GAP) if lack > 0 else 0
        low["x", i] = max(low["x", i], steps)
    if any(low[at] > high[at] for at in p.places):
        return -inf
    for a in p.A:
        branches = [of for of in tables["branches"] if of["area"] == a]
        area = Area(p, a, plan, low, high, least)
        fits = shared(p, programme, [*(("x", i) for i in area.of), ("z", a)])
        table, sums = area.table(tables["multipliers"].get(a, ()), branches), {}
        table = {at: value for at, value in table.items() if fits(*at)}
        for (n, z), before in best.items():
            for (more, more_z), value in table.items():
                at = n + more, z + more_z
                sums[at] = max(sums.get(at, -inf), before + value)
        best = sums
    fits = shared(p, programme, p.places)
    return max((value for at, value in best.items() if fits(*at)), default=-inf)


def with_contracts(p):
    """The same with all contracts counting alike in the first objective."""
    return type(p)(**vars(p) | {"first": "contracts"})


def can_reach(p, programme, most, plan, rate):
    """Whether a plan in steps may lift all territories to a rate."""
    y = lambda i, t: {("y", i, s, t): 1.0 for s in p.S}
    row = lambda at, n: programme[0]._replace(terms=y(*at), sense=">=", limit=rate * n)
    least = [row(at, n) for at, n in p.n_it.items() if n > 0]
    tables = {"multipliers": {}, "branches": []}
    return steps_bound(with_contracts(p), [*programme, *least], most, tables, plan) > -inf
