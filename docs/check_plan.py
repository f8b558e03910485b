"""A saved plan checked for those who trust nobody: plain Python, nothing of fte_alloc, no solver.

python -S -I docs/check_plan.py models/france-2023 plan.json   # written from mathematics.md
Later stages, measured prices and the status quo are left to `verify`. Exit 1: refused, 2: unread.
"""

import csv
import hashlib
import json
import re
import sys
import tomllib
from collections import defaultdict, namedtuple
from itertools import pairwise
from math import expm1, inf, log1p, prod, sqrt
from operator import ge, gt, le, lt
from pathlib import Path
from statistics import NormalDist
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent))
from check_bounds import FTE, GAP, bound, can_reach, keeps, steps_bound, with_contracts

STEP_GAP = 1e-8  # of a solver's word
#: What a key means where nobody set it, by its last part or by what is before; other numbers are 0.
DEFAULTS = {"first_year_effectiveness": 1, "ceiling_rate": 1, "contracts_per_fte_factor": 1}
DEFAULTS |= {"draws": 9, "curve": "saturating", "maximise": "coverage", "minimise": None, "year": 1}
DEFAULTS |= {"weights.segment": 1, "weights.territory": 1, "weights.year": 1, "cap_fte": inf}
DEFAULTS |= {"state_eur_per_year": inf, "state_ceiling_eur_per_fte": inf, "max_fte_per_area": inf}
DEFAULTS |= {"max_new_facilitators_fte": inf, "partner_capacity_eur": inf, "target_rate": None}
DEFAULTS |= {"max_growth_share": None, "max_growth_fte": None, "territory": "region"}
default = lambda key: DEFAULTS.get(key.split(".")[-1], DEFAULTS.get(key.rpartition(".")[0], 0))
# Variables: (x, i, t), (z, a, t), (v, i, t), (k, i, s, t), (y, i, s, t), (rate), (short, t).
# Of posts (role, place); a share is one of all posts of its roles.
Limit = namedtuple("Limit", "name code posts quantity sense amount roles", defaults=["xz"])
Row = namedtuple("Row", "name terms sense limit")  # Σ coefficient · variable
BY_PLACE = {"growth": inf, "coordinator_max": inf, "coordinator_required": 0}  # what is no limit
ROLES, COMPARE = {"x": "facilitator", "z": "coordinator"}, {">=": ge, "<=": le, ">": gt, "<": lt}
QUANTITIES = {"new_fte": (1, 0, 0), "opened_fte": (1, 0, 0), "network_fte": (1, 1, 1)}
QUANTITIES |= {"state_eur": (1000, 0, 1), "partner_eur": (1000, 0, 1)}  # unit, e, g counted?
label = lambda *at: re.sub("[-.]", "_", "_".join(str(part) for part in at if part is not None))
number = lambda v: isinstance(v, int | float)
near = lambda a, b: a == b or (number(a) and number(b) and abs(a - b) <= GAP * max(1, abs(b)))
total = lambda terms, plan: sum(c * plan[v] for v, c in terms.items())


def data(values):
    """The inputs by their symbols in mathematics.md; a post is x in a territory, z in an area."""
    values = {k: BY_PLACE.get(f"{k}.".split(".")[1]) if v is None else v for k, v in values.items()}
    values = {key: value for key, value in values.items() if value is not None}
    get = lambda key, t=None: values.get(f"{key}.{t}", values.get(key, default(key)))
    codes = lambda head: sorted({key.split(".")[head.count(".")] for key in values if head in key})
    T, I, S = values["years"], codes("territories."), codes("coverage.segments.")
    a = {i: values.get(f"territories.{i}.area") or i for i in I}
    A, cells = sorted(set(a.values())), [(i, s, t) for i in I for s in S for t in T]
    inside = {("x", i): [i] for i in I} | {("z", b): [i for i in I if a[i] == b] for b in A}
    own = lambda at, c: [values[k] for i in inside[at] if (k := f"territories.{i}.{c}") in values]
    fte = lambda key, at: sum(own(at, f"{key}_{ROLES[at[0]]}s_fte"))
    e, g = ({at: fte(key, at) for at in inside} for key in ("existing", "committed"))
    places, posts = [*inside], [(*at, t) for t in T for at in inside]
    of = lambda c, role, t, at: max(own(at, f"{role}_{c}"), default=get(f"posts.{role}.{c}", t))
    euro = lambda c: {(r, j, t): of(c, ROLES[r], t, (r, j)) for r, j, t in posts}
    cost, rate, most = map(euro, ("cost_eur_per_fte", "state_rate", "state_ceiling_eur_per_fte"))
    grant = {at: min(rate[at] * cost[at], most[at]) for at in cost}  # s = min(ρ c, κ)
    eur = {"state_eur": grant, "partner_eur": {at: cost[at] - grant[at] for at in cost}}
    m, u = get("posts.coordinator.supports_fte"), get("posts.coordinator.productivity_gain")
    eta, step = get("posts.facilitator.first_year_effectiveness"), get("posts.step_fte")
    steps = {"x": step, "z": values.get("posts.coordinator.step_fte", step)}
    n = {(i, s, t): get(f"contracts.{i}.{s}", t) for i, s, t in cells}
    n_it = {(i, t): sum(n[i, s, t] for s in S) for i in I for t in T}
    asked = lambda t, of=I: (get("coverage.target_rate", t) or 0) * sum(n_it[i, t] for i in of)
    raised = dict.fromkeys(I, 1.0)  # ω_i ∝ max(0, 1 + Σ_k b_k (q_ik / q̄_k − 1)) × explicit weight
    for column in codes("weights.indicators."):
        people, q = ({i: get(f"territories.{i}.{c}") for i in I} for c in ("population", column))
        mean = sum(people[i] * q[i] for i in I) / sum(people.values())
        raised = {i: raised[i] + get(f"weights.indicators.{column}") * (q[i] / mean - 1) for i in I}
    omega = {i: max(0.0, raised[i]) * get(f"weights.territory.{i}") for i in I}  # of mean 1 below
    mean = sum(omega[i] * n_it[i, t] for i, t in n_it) / sum(n_it.values())
    delta, w = {t: get(f"weights.year.{t}") for t in T}, {s: get(f"weights.segment.{s}") for s in S}
    K, spread, G = get("coverage.draws"), sqrt(log1p(get("coverage.demand_cv") ** 2)), {}
    below = [NormalDist(spread).cdf(NormalDist().inv_cdf(j / K)) for j in range(1, K)]
    d = [K * (high - low) for low, high in pairwise([0.0, *below, 1.0])]  # means of quantile bins
    for i, s, t in cells:
        kind, factor = f"coverage.segments.{s}.", "contracts_per_fte_factor"
        keys = (f"territories.{i}.{factor}", kind + factor, "coverage.contracts_per_fte")
        floor, reach = (get(f"{kind}{key}_rate") * n[i, s, t] for key in ("floor", "ceiling"))
        points = get(f"curves.{i}.{s}", t)
        G[i, s, t] = curve(points, floor, reach - floor, prod(map(get, keys)), d)
    objectives = {"worst_rate": {("rate",): 1.0}, "shortfall": {("short", t): 1.0 for t in T}}
    objectives["territorial_shortfall"] = {("short", *at): 1.0 for at in n_it}
    objectives |= {"contracts": {("y", *c): 1 for c in cells}, "posts": dict.fromkeys(posts, 1)}
    objectives["state_cost"] = grant | {("one",): sum(c * g[at[:2]] for at, c in grant.items())}
    objectives["coverage"] = {("y", *c): delta[c[2]] * w[c[1]] * omega[c[0]] / mean for c in cells}
    least, concede = get("stages.1.minimise"), get("stages.1.concede")
    first, sign = (least, -1) if least else (get("stages.1.maximise"), 1)
    return SimpleNamespace(**locals())


def curve(points, floor, reach, h, d):
    """G(k) as in mathematics.md; with points (effort, contracts), straight between, then flat."""
    if points:
        ends = [*pairwise([*points, (inf, points[-1][1])])]
        return lambda k: min(y + (z - y) / (b - a) * (k - a) for (a, y), (b, z) in ends)
    per = h / len(d) if reach > 0 else 0.0
    scale = [reach * d_j / h if per else 1.0 for d_j in d]
    return lambda k: floor - per * sum(c * expm1(-k / c) for c in scale)


def limits(p, t):
    """The limits of a year, one line each; at most ∞, or at least 0, is none."""
    share, fte = (p.get(f"posts.facilitator.max_growth_{by}") for by in ("share", "fte"))
    here = lambda name, code, amount: p.values.get(f"limits.{name}.{code}", amount)
    c, alone = "posts.coordinator.", [i for i in p.I if [*p.a.values()].count(p.a[i]) == 1]
    most = p.get(c + "max_fte_per_area") if c + "supports_fte" in p.values else 0
    yield Limit("cap", None, p.places, "network_fte", "<=", p.get("posts.cap_fte", t))
    yield Limit("budget", None, p.places, "state_eur", "<=", p.get("budget.state_eur_per_year", t))
    for i in p.I:
        x, of = [("x", i)], f"territories.{i}."
        own = [*x, ("z", p.a[i])] if i in alone else x
        grown = inf if share is fte is None else (share or 0) * p.e["x", i] + (fte or 0)
        yield Limit("partners", i, own, "partner_eur", "<=", p.get(of + "partner_capacity_eur"))
        yield Limit("growth", i, x, "opened_fte", "<=", here("growth", i, grown))
        yield Limit("min_new", i, x, "new_fte", ">=", p.get(of + "min_new_facilitators_fte"))
        yield Limit("max_new", i, x, "new_fte", "<=", p.get(of + "max_new_facilitators_fte"))
        yield Limit("least", i, x, "rate", ">=", p.get(of + "least_rate"))
    for a in p.A:
        z, there = [("z", a)], p.e["z", a] + p.g["z", a]
        asked = here("coordinator_required", a, p.get(c + "required_fte_where_none"))
        room = max(0.0, here("coordinator_max", a, most) - there)
        yield Limit("coordinator_required", a, z, "new_fte", ">=", 0 if there else asked)
        yield Limit("coordinator_max", a, z, "new_fte", "<=", room)
    own = {key.split(".")[1] for key in p.values if key.startswith("limits.")}
    for name in sorted(own - BY_PLACE.keys()):  # [limits.NAME]: an amount, its places, its roles
        of = lambda key, none=None, name=name: p.values.get(f"limits.{name}.{key}", none)
        areas = of("areas", [of("area")] if of("area") else p.A)
        inside = [i for i in p.I if i in of("territories", p.I) and p.a[i] in areas]
        for column, sign, number in re.findall(r"(\w+)\s*([<>]=?)\s*(\S+)", of("where", "")):
            at = {i: p.values.get(f"territories.{i}.{column}") for i in inside}
            inside = [i for i in at if at[i] is not None and COMPARE[sign](at[i], float(number))]
        outside = {p.a[i] for i in p.I if i not in inside}
        key = next(key.split(".")[2] for key in p.values if f"limits.{name}.at_" in key)
        _, way, what = key.split("_", 2)
        roles = [role for role in ROLES if of("role", ROLES[role]) == ROLES[role]]
        posts = [("x", i) for i in inside] * ("x" in roles)
        posts += [("z", a) for a in p.A if a not in outside] * ("z" in roles and what != "rate")
        sense, what = {"least": ">=", "most": "<="}[way], {"fte": "new_fte"}.get(what, what)
        amount = of(f"{key}.{t}", of(key))
        yield Limit(f"limits.{name}", None, posts, what, sense, amount, roles)


def row_of(p, one, t):
    """The row of a limit, less what is in place: money in 1,000 EUR, a rate in contracts."""
    name = label(one.name, one.code, t)
    if one.quantity == "rate":
        terms = {("y", i, s, t): 1.0 for _, i in one.posts for s in p.S}
        return Row(name, terms, one.sense, one.amount * sum(p.n_it[i, t] for _, i in one.posts))
    if one.quantity == "share":
        of = [at for at in p.places if at[0] in one.roles]
        return Row(name, {(*at, t): (at in one.posts) - one.amount for at in of}, one.sense, 0.0)
    unit, with_e, with_g = QUANTITIES[one.quantity]
    terms, left = {}, one.amount / unit
    for r, place in one.posts:
        terms[r, place, t] = per = p.eur.get(one.quantity, {}).get((r, place, t), 1.0) / unit
        left -= per * (with_e * p.e[r, place] + with_g * p.g[r, place])
        if one.quantity == "opened_fte" and t > p.T[0]:
            terms[r, place, t - 1] = -per
    return Row(name, terms, one.sense, left)


def rows(p):
    """Every row of the programme without steps, those that define objectives too."""
    is_one = lambda one: one.amount < inf and (one.sense == "<=" or one.amount > 0)
    for t, later in ((t, t > p.T[0]) for t in p.T):
        yield from (row_of(p, one, t) for one in filter(is_one, limits(p, t)))
        for i in p.I:
            there, x, v = p.e["x", i] + p.g["x", i], ("x", i, t), ("v", i, t)
            effort = {("k", i, s, t): 1.0 for s in p.S} | {x: -p.eta, v: -p.u}
            effort |= {("x", i, t - 1): p.eta - 1} if later else {}
            worst = {("y", i, s, t): 1.0 for s in p.S} | {("rate",): -p.n_it[i, t]}
            yield Row(label("supported", i, t), {v: 1.0, x: -1.0}, "<=", there)
            yield Row(label("effort", i, t), effort, "<=", there)
            yield Row(label("worst", i, t), worst, ">=", 0.0)
        for a in p.A:
            v = {("v", i, t): 1.0 for i in p.I if p.a[i] == a} | {("z", a, t): -p.m}
            yield Row(label("span", a, t), v, "<=", p.m * (p.e["z", a] + p.g["z", a]))
        for r, place in p.places if later else ():
            terms = {(r, place, t): 1.0, (r, place, t - 1): -1.0}
            yield Row(label("keep", ROLES[r], place, t), terms, ">=", 0.0)
        for of in ([], *([i] for i in p.I)):  # the country, each territory
            short = {("y", i, s, t): 1.0 for i in of or p.I for s in p.S} | {("short", *of, t): 1.0}
            yield Row(label("target", *of, t), short, ">=", p.asked(t, of or p.I))


def flat(node, path=""):
    """Every value of a document by its path; a row of a list by what it is about."""
    if isinstance(node, list) and node and isinstance(node[0], dict):
        about = ("territory", "segment", "role", "objective", "constraint", "year")
        led = [{**row, "territory": row.get("area", row.get("territory"))} for row in node]
        node = [a if r.get("role") == "coordinator" else r for a, r in zip(led, node, strict=True)]
        node = {" ".join(str(row[key]) for key in about if row.get(key)): row for row in node}
    node = node["value"] if isinstance(node, dict) and {"value", "status"} <= node.keys() else node
    if not isinstance(node, dict):
        return {path: node}
    return {k: v for key, below in node.items() for k, v in flat(below, f"{path}.{key}").items()}


def decisions(p, saved):
    """x, z, k as saved, and what follows: y, v, the least rate, what falls short; one is 1."""
    plan = {(r, j, t): saved[f".posts.{j} {ROLES[r]} {t}.new_fte"] for r, j, t in p.posts}
    covered = defaultdict(float)
    for i, t in p.n_it:
        before = plan.get(("x", i, t - 1), 0.0)
        own = p.e["x", i] + p.g["x", i] + before + p.eta * (plan["x", i, t] - before)
        for s in p.S:
            k = plan["k", i, s, t] = saved[f".territories.{i} {t}.by_segment.{s}.effort_fte"]
            y = plan["y", i, s, t] = p.G[i, s, t](k)
            own, covered[i, t], covered[t,] = own - k, covered[i, t] + y, covered[t,] + y
        plan["v", i, t] = max(0.0, -own - FTE) / (p.u or 1)
    plan["rate",], plan["one",] = min(covered[at] / n for at, n in p.n_it.items() if n > 0), 1.0
    asked = {(t,): p.asked(t) for t in p.T} | {(i, t): p.asked(t, [i]) for i, t in p.n_it}
    short = {at: n - covered[at] for at, n in asked.items()}
    return plan | {("short", *at): s if s > GAP * asked[at] else 0.0 for at, s in short.items()}


def broken(p, plan, programme):
    """Every limit that is passed."""
    for row in programme:
        used = total(row.terms, plan)
        if not keeps(row, used):
            yield f"{row.name} is passed by {abs(used - row.limit):,.6f}"
    for v, fte in plan.items():
        step = p.steps.get(v[0], 0)
        off = abs(fte - step * round(fte / step)) if step else 0.0
        if not fte >= -FTE or off > FTE:
            yield f"{label(*v)} = {fte} is below 0, or not in steps"


def figures(p, plan):
    """What follows from inputs, posts and effort, by its path in the document."""
    row = lambda quantity, t: row_of(p, Limit("", None, p.places, quantity, "<=", 0), t)
    used = lambda row: total(row.terms, plan) - row.limit

    def cover(t, where, kinds):
        cells = [(i, s, t) for i in where for s in kinds]
        y, n = sum(plan["y", *cell] for cell in cells), sum(p.n[cell] for cell in cells)
        return {"expected_contracts": y, "contracts": n, "rate": y / n if n > 0 else None}

    ours = {"by_year": {}, "segments": {}, "territories": {}}
    for t in p.T:
        state, partners = (1000 * used(row(payer, t)) for payer in ("state_eur", "partner_eur"))
        money = {"state_eur": state, "partners_eur": partners, "full_cost_eur": state + partners}
        network = {"used_fte": used(row("network_fte", t)), "new_fte": used(row("new_fte", t))}
        year = {"coverage": cover(t, p.I, p.S), "network": network, "money": money}
        ours["by_year"] |= {str(t): year} if len(p.T) > 1 else {}
        ours["segments"] |= {f"{s} {t}": cover(t, p.I, [s]) for s in p.S}
        ours["territories"] |= {f"{i} {t}": cover(t, [i], p.S) for i in p.I}
    return ours | year


def model_values(folder):
    """What a model says, by key: model.toml and the tables beside it."""
    said, codes = flat(tomllib.loads((folder / "model.toml").read_text("utf-8"))), {}
    found = {k[1:]: v for k, v in said.items() if not k.startswith((".tables.", ".sources."))}
    for row in table(folder / "territories.csv"):
        codes |= {row["name"]: row["code"], row["code"]: row["code"]}
        found |= {f"territories.{row['code']}.{c}": cell for c, cell in row.items() if c != "code"}
    for name in ("contracts", "curves") if (folder / "curves.csv").exists() else ("contracts",):
        for row in table(folder / f"{name}.csv"):
            at = (name, codes[row["territory"]], row["segment"], row.get("year"))
            key = ".".join(filter(None, at))
            curve = [*found.get(key, []), [row.get("effort_fte"), row.get("contracts")]]
            found[key] = sorted(curve) if name == "curves" else row["contracts_per_year"]
    return found


def table(path):
    """The rows of a CSV file without their empty cells, numbers as numbers."""
    lines = path.read_text("utf-8-sig").splitlines()
    mark, text = max(",;\t", key=lines[0].count), "code name area territory segment year".split()
    is_text = lambda c: c.removesuffix("_name") in text
    for row in csv.DictReader(lines, delimiter=mark):
        yield {c: v if is_text(c) else float(v.replace(",", ".")) for c, v in row.items() if v}


def differences(model, values):
    """Inputs that are not the model's, each with what the model says."""
    years = [str(t) for t in values["years"]]
    base = lambda key: key.rpartition(".")[0] if key.rpartition(".")[2] in years else key
    for key in sorted({base(key) for key in [*values, *model] if not key.startswith("title")}):
        found = [[of.get(f"{key}.{t}", of.get(key)) for t in years] for of in (values, model)]
        ours, theirs = ([default(key) if v in (None, "none") else v for v in of] for of in found)
        if ours != theirs or ("limits." in key and (key in values) != (key in model)):
            yield f"{key} = {', '.join(dict.fromkeys(map(str, ours)))} (model: {theirs[0]})"


def check(folder, file):
    """Print what is found; return every reason to refuse the plan."""
    document = json.loads(file.read_text("utf-8-sig"))
    values, saved, stage = document["inputs"]["values"], flat(document), document["stages"][0]
    p = data(values)
    programme, plan = list(rows(p)), decisions(p, saved)
    changed = list(differences(model_values(folder), values))
    print(f"Inputs: {len(values)}, set by the scenario: {len(changed)}", *changed, sep="\n  ")
    wrong, ours = list(broken(p, plan, programme)), figures(p, plan)
    print(f"Limits: {len(programme)}, passed {len(wrong)}")
    if len(document["posts"]) != len(p.posts) or len(document["territories"]) != len(p.n_it):
        wrong.append("there are rows of posts or territories too many")
    for t, year in (ours["by_year"] or {p.T[0]: ours}).items():
        print(f"{t}:", *(f"{k} {v:,.4f}" for k, v in {**year["coverage"], **year["money"]}.items()))
    reached = total(p.objectives[p.first], plan)
    proved, most = bound(p, programme, stage["duals"])
    in_steps, best, gap = any(p.steps.values()), proved, GAP
    print(p.first, f"bound{' without steps' * in_steps} {proved:,.6f}, reached {reached:,.6f}")
    if in_steps and not stage.get("tables"):
        best, gap = stage["bound"], STEP_GAP  # a solver's word
    elif in_steps and p.first == "worst_rate":
        best = inf if can_reach(p, programme, most, plan, stage["bound"] + GAP) else stage["bound"]
    elif in_steps and p.first == "shortfall":
        sums = steps_bound(with_contracts(p), programme, most, stage["tables"], plan)
        best = max(0.0, p.asked(p.T[0]) - sums)
    elif in_steps:
        best = steps_bound(p, programme, most, stage["tables"], plan)
        print(p.first, f"bound in steps {best:,.6f}")
    said = {"objective": p.first, "in_plan": reached, "bound": best, "concede": p.concede}
    said |= {"relaxation_bound": proved} if in_steps else {}
    said |= {} if in_steps and p.concede else {"value": best if p.concede else reached}
    ours = flat(ours | {"stages": {stage["objective"]: said}})
    ours[".coverage.objective"] = total(p.objectives["coverage"], plan)
    ours[".coverage.upper_bound"] = best if p.first == "coverage" else None
    text = json.dumps(values, sort_keys=True, separators=(",", ":")).encode()
    ours[".inputs.resolved_sha256"] = hashlib.sha256(text).hexdigest()
    wrong += [f"{k[1:]} is {saved[k]}, not {v}" for k, v in ours.items() if not near(saved[k], v)]
    lost, above, gap = p.sign * (best - reached), p.sign * (best - proved), gap * max(1, abs(best))
    if not -gap <= lost <= p.concede * abs(best) + gap or above > gap:
        wrong.append(f"{reached} is reached of {best} that is possible")
    return wrong


def main(arguments):
    try:
        wrong = check(*map(Path, arguments))
    except Exception as error:  # noqa: BLE001 - whatever it is, the files are not as they must be
        print(f"cannot be read: {'nothing under ' * isinstance(error, LookupError)}{error}")
        return 2
    print("refused: " + "; ".join(wrong) if wrong else "accepted")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
