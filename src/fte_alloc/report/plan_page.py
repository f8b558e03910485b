"""One plan on a page: posts, coverage with its bound, who pays, what limits and at what price."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.analysis.side import last_year
from fte_alloc.programme.judge import FTE_TOLERANCE, Violation
from fte_alloc.programme.limits import AT_LEAST, OWN, as_typed
from fte_alloc.report import numbers as show
from fte_alloc.report.names import buyer_of, gained, inputs_of, territory_words, title_of
from fte_alloc.report.pages import Grid, Line, Page
from fte_alloc.scenario.limits import sense_of
from fte_alloc.scenario.overrides import command
from fte_alloc.search.document import OBJECTIVE_UNITS

Document = Mapping[str, Any]
#: Contracts covered by posts in place at the scenario's objective, then with the new ones.
_WITH_AND_WITHOUT = ("status_quo_contracts", "expected_contracts")
_DIGITS = {"state_cost": 0, "posts": 2, "change": 2}


def plan_page(document: Document) -> Page:
    """The page of ``solve``."""
    page: Page = [_title(document, *proof(document))]
    if reason := document.get("reason"):
        page.append(Line(words.NOT_BEST.format(reason=words.STOP_REASONS[reason]), "bad"))
    page += _summary(document)
    page += _stages(document)
    page += rounding_lines(document)
    page.append(_posts_grid(document))
    page.append(_by_buyer(document))
    page += _held_legend(document)
    page += next_lines(document)
    page += _limit_lines(document)
    page += regional_line(document)
    return page


def evaluation_page(document: Document, best: Document | None) -> Page:
    """The page of ``evaluate``: a plan typed by hand, against the best one."""
    tone = "bad" if document["violations"] else "plain"
    page: Page = [_title(document, words.JUDGED, tone)]
    page += _summary(document)
    page += _verdict(document)
    if best is not None and best["stages"] and best["stages"][0]["relaxation_bound"] is not None:
        page.append(Line(*proof(best)))
    page += broken_limits(document)
    page.append(_posts_grid(document) if best is None else _against(document, best))
    page.append(_by_buyer(document))
    page += regional_line(document)
    return page


def _title(document: Document, right: str, tone: str) -> Line:
    title = words.TITLE.format(scenario=document["scenario"], title=title_of(document))
    return Line(title, tone, right)


def proof(document: Document) -> tuple[str, str]:
    """What is proved of the plan, in one sentence, and its tone."""
    stages = document["stages"]
    if document["status"] != "optimal":
        if not stages:
            return words.NOT_PROVED_AT_ALL, "bad"
        undecided = document.get("reason") == "rounds"
        claim = words.UNDECIDED if undecided else words.NOT_PROVED
        return claim.format(gap=show.gap(stages[0]["relative_gap"])), "bad"
    first = stages[0]
    if first["relaxation_bound"] is not None:
        bound, relaxed = (
            objective_value(first["objective"], first[key]) for key in ("bound", "relaxation_bound")
        )
        if first["unit"] != OBJECTIVE_UNITS[first["objective"]]:
            bound = with_unit(first, first["bound"])
        return words.IN_STEPS.format(bound=bound, relaxed=relaxed), "good"
    claim = stage_claim(document, first)
    if "shortfall" in first["objective"] and first["bound"] == 0 and len(stages) > 1:
        claim = words.PROVED_REACHED.format(claim=stage_claim(document, stages[1]))
    return words.PROVED_BEST.format(claim=claim), "good"


def stage_claim(document: Document, stage: Mapping[str, Any]) -> str:
    """What no plan can do better than a stage."""
    objective, years = stage["objective"], document["years"]
    template = words.PROVED[objective]
    if objective == "coverage" and document["coverage"]["weighted"]:
        template = words.PROVED_WEIGHTED
    over = ""
    if len(years) > 1 and objective != "worst_rate":
        over = words.OVER_YEARS.format(first=years[0], last=years[-1])
    return template.format(bound=objective_value(objective, stage["bound"])) + over


def objective_value(objective: str, value: float) -> str:
    """A value of an objective as a page shows it."""
    if objective == "worst_rate":
        return show.rate(value, 2)
    return show.count(value, _DIGITS.get(objective, 1))


def _summary(document: Document) -> Page:
    coverage, network, money = (document[k] for k in ("coverage", "network", "money"))
    page: Page = []
    for year in document.get("by_year", []):
        page.append(
            Line(
                words.YEAR_LINE.format(
                    year=year["year"],
                    contracts=show.count(year["coverage"]["expected_contracts"]),
                    rate=show.rate(year["coverage"]["rate"]),
                    new=show.fte(year["network"]["new_fte"]),
                    used=show.fte(year["network"]["used_fte"]),
                    state=show.million(year["money"]["state_eur"]),
                )
            )
        )
    target = ""
    if coverage["target_rate"] is not None:
        share = show.share(coverage["target_rate"])
        missing = coverage["target_rate"] * coverage["contracts"] - coverage["expected_contracts"]
        target = words.TARGET_REACHED.format(target=share)
        if missing >= 0.5:
            target = words.TARGET_SHORT.format(target=share, missing=show.count(missing))
    before = no_new_post(coverage)
    before_rate = before / coverage["contracts"] if coverage["contracts"] else None
    page.append(
        Line(
            words.COVERED.format(
                contracts=show.count(coverage["expected_contracts"]),
                all=show.count(coverage["contracts"]),
                rate=show.rate(coverage["rate"]),
                before=show.count(before),
                before_rate=show.rate(before_rate),
                target=target,
            ).rstrip()
        )
    )
    page += _gained(coverage)
    cap = words.NO_CAP
    if network["cap_fte"] is not None:
        unused = _unused_fte(network)
        template = words.OF_CAP if unused >= 0.05 else words.OF_CAP_ALL
        shown = show.fte(abs(unused))
        over = network["used_fte"] - network["cap_fte"]
        if over > 10 * FTE_TOLERANCE:
            over = -unused if unused <= -0.05 else over
            template, shown = words.OF_CAP_OVER, show.telling(over, over, 1)
        cap = template.format(cap=show.plain_value(network["cap_fte"]), unused=shown)
    budget = ""
    if money["state_budget_eur"] is not None:
        budget = words.OF_BUDGET.format(budget=show.million(money["state_budget_eur"]))
    page.append(
        Line(
            words.NETWORK.format(
                used=show.fte(network["used_fte"]),
                cap=cap,
                state=show.million(money["state_eur"]),
                budget=budget,
                partners=show.million(money["partners_eur"]),
            )
        )
    )
    return page


def with_unit(stage: Document, value: float) -> str:
    """A value of the objective of a stage as a page shows it, with its unit."""
    shown, unit = objective_value(stage["objective"], value), stage["unit"]
    return shown if unit == "rate" else f"{shown} {show.unit_after(value, unit)}"


def no_new_post(coverage: Document) -> float:
    """Contracts covered with no new post; files of earlier versions know them for their weights."""
    return float(coverage.get("no_new_post_contracts", coverage["status_quo_contracts"]))


def redirected(coverage: Document) -> float:
    """Contracts gained by directing the effort of posts in place at the scenario's objective."""
    return float(coverage["status_quo_contracts"]) - no_new_post(coverage)


def _gained(coverage: Document) -> Page:
    """What the effort of posts in place does, and what new posts do, where both do something."""
    if not show.rounded(redirected(coverage)):
        return []
    ends = (no_new_post(coverage), *(coverage[key] for key in _WITH_AND_WITHOUT))
    changes = (show.difference(*ends[:2]), show.difference(*ends[1:]))
    lines = (words.EFFORT_GAINS, words.NEW_POSTS_GAIN)
    return [
        Line(line.format(change=change, contracts=show.count(end)))
        for line, change, end in zip(lines, changes, ends[1:], strict=True)
    ]


def _unused_fte(network: Document) -> float:
    """What is left of the cap beside the posts as they are shown."""
    return float(network["cap_fte"] - show.rounded(network["used_fte"], 1))


def _stages(document: Document) -> Page:
    """What each stage reached, its bound, and what is left between them."""
    page: Page = []
    for number, stage in enumerate(document["stages"], start=1):
        objective, concede = stage["objective"], ""
        if stage["concede"]:
            concede = words.STAGE_CONCEDED.format(
                concede=show.share(stage["concede"]),
                in_plan=objective_value(objective, stage["in_plan"]),
            )
        text = words.STAGE_LINE.format(
            number=number,
            objective=_objective_name(document, objective),
            value=objective_value(objective, stage["value"]),
            whose=words.STAGE_BOUND
            if stage["relaxation_bound"] is None
            else words.STAGE_SOLVER_BOUND,
            bound=objective_value(objective, stage["bound"]),
            gap=show.gap(stage["relative_gap"], in_steps=stage["relaxation_bound"] is not None),
            concede=concede,
        )
        page.append(Line(text))
    return page


def rounding_lines(document: Document) -> Page:
    """What steps cost at most against continuous posts."""
    rounding = document.get("rounding")
    if not rounding:
        return []
    step = rounding["step_fte"]
    steps = words.STEP_NAMES.get(step, words.STEPS_OF.format(step=show.plain_value(step)))
    loss = amount_at_most(rounding["objective"], rounding["unit"], rounding["loss"])
    share = show.share_at_most(rounding["relative_loss"])
    return [Line(words.ROUNDING.format(steps=steps, loss=loss, share=share))]


def amount_at_most(objective: str, unit: str, value: float) -> str:
    """A difference of an objective that is a limit, rounded up, with its unit."""
    if objective == "worst_rate":
        return f"{show.at_most(100 * value, 2)} {show.unit_after(value, unit)}"
    return f"{show.at_most(value, _DIGITS.get(objective, 1))} {show.unit_after(value, unit)}"


def _objective_name(document: Document, objective: str) -> str:
    if objective == "coverage" and not document["coverage"]["weighted"]:
        objective = "contracts"
    return words.OBJECTIVES[objective]


def _posts_grid(document: Document) -> Grid:
    """Posts and rate of every territory in the last year."""
    several = len(document["years"]) > 1
    fte = words.FTE_IN.format(year=document["years"][-1]) if several else words.FTE
    headings = [h.format(fte=fte) for h in words.FTE_HEADINGS]
    posts = {(p["role"], p["territory"]): p for p in last_year(document, "posts")}
    territories = last_year(document, "territories")
    areas = _area_shares(territories)
    weighted = any(abs(row["weight"] - 1) > 1e-12 for row in territories)
    if weighted:
        headings.insert(7, words.WEIGHT)
    rows, sums = [], [0.0] * 5
    for row in territories:
        code = row["territory"]
        facilitator = posts["facilitator", code]
        coordinator = posts["coordinator", row["area"]] if areas[row["area"]] == code else None
        counted = [p for p in (facilitator, coordinator) if p]
        figures = [
            sum(p["existing_fte"] for p in counted),
            sum(p["committed_fte"] for p in counted),
            facilitator["new_fte"],
            coordinator["new_fte"] if coordinator else 0.0,
        ]
        figures.append(sum(figures))
        sums = [a + b for a, b in zip(sums, figures, strict=True)]
        held = " ".join(words.of_limit(words.HELD, name) for name in row["held_by"])
        weight = [show.count(row["weight"], 2)] if weighted else []
        rows.append(
            [
                f"{code} {row['name']}",
                *map(show.fte, figures),
                show.rate(row["rate"]),
                *weight,
                held,
            ]
        )
    held = " ".join(words.of_limit(words.HELD, name) for name in binding_nationally(document))
    rate = show.rate(document["coverage"]["rate"])
    rows.append([words.COUNTRY, *map(show.fte, sums), rate, *([""] if weighted else []), held])
    return Grid(headings, rows, left_too=(len(headings) - 1,), total=True)


def _area_shares(territories: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The territory in whose row an area's coordinators are shown: its first."""
    first: dict[str, str] = {}
    for row in territories:
        first.setdefault(row["area"], row["territory"])
    return first


def binding_nationally(document: Document) -> list[str]:
    """National limits without room for more; in steps, for one step more."""
    network, money = document["network"], document["money"]
    values = document.get("inputs", {}).get("values", {})
    step = values.get("posts.step_fte") or 0.0
    new = network["new_fte"] + network["committed_fte"]
    step_eur = step * money["state_eur"] / new if new else 0.0
    binding = []
    budget = money["state_budget_eur"]
    if budget is not None and money["state_eur"] + step_eur >= budget * (1 - 1e-6):
        binding.append("budget")
    if network["cap_fte"] is not None and network["used_fte"] + step >= network["cap_fte"] - 1e-4:
        binding.append("cap")
    return binding


def _by_buyer(document: Document) -> Line:
    rates = []
    for segment in last_year(document, "segments"):
        weight = ""
        if segment["weight"] != 1:
            weight = words.SEGMENT_WEIGHT.format(weight=show.plain_value(segment["weight"]))
        rates.append(f"{buyer_of(document, segment)} {show.rate(segment['rate'])}{weight}")
    return Line(words.BY_BUYER.format(rates="   ".join(rates)))


def _held_legend(document: Document) -> Page:
    held = {name for row in last_year(document, "territories") for name in row["held_by"]}
    known = [name for name in words.HELD_MEANING if name in held]
    own = sorted(name for name in held if name.startswith(OWN))
    meanings = [words.of_limit(words.HELD_MEANING, name) for name in (*known, *own)]
    said = words.SEMICOLON.join(meanings)
    return [Line(words.HELD_LEGEND.format(meanings=said))] if meanings else []


# -- prices ----------------------------------------------------------------------------------------


def next_lines(document: Document) -> Page:
    """What more money and a higher cap would bring."""
    prices = document["prices"]
    if document["status"] != "optimal":
        return []
    if prices and all(p["up"] is None and p["down"] is None for p in prices):
        return [Line(words.NO_PRICES_IN_STEPS)]
    page: Page = []
    said: dict[str, list[int]] = {}
    for year in document["years"]:
        sentences = [
            sentence
            for p in prices
            if p["year"] == year and p["constraint"] in ("budget", "cap")
            if (sentence := _national_price(document, p))
        ]
        for text in reversed(sentences):  # the budget, then the cap
            said.setdefault(text, []).append(year)
    sentences = [
        text
        if len(years) == len(document["years"])
        else words.NEXT_IN.format(years=", ".join(map(str, years)), sentence=text)
        for text, years in said.items()
    ]
    if sum(map(len, sentences)) < 95:
        page += [Line(" ".join(sentences))] if sentences else []
    else:
        page += [Line(text) for text in sentences]
    return page


def _limit_lines(document: Document) -> Page:
    """What each other limit costs."""
    costs = _limit_costs(document) if document["status"] == "optimal" else []
    heads = [words.LIMITS_COST, " " * 11 + "{limits}"]
    page: Page = [Line(heads[min(n, 1)].format(limits=cost)) for n, cost in enumerate(costs)]
    own = [p for p in document["prices"] if p["constraint"].startswith(OWN) and p["up"] is not None]
    works = {p["constraint"] for p in own if any(typed_price(p).values())}
    edge = {p["constraint"] for p in own if p["down"] is None} - works
    idle = {p["constraint"] for p in own} - works - edge
    for text, limits in ((words.LIMITS_EDGE, edge), (words.LIMITS_IDLE, idle)):
        names = ", ".join(words.of_limit(words.HELD, name) for name in sorted(limits))
        page += [Line(text.format(names=names))] if limits else []
    return page


def _national_price(document: Document, price: Mapping[str, Any]) -> str:
    year = next((y for y in document.get("by_year", []) if y["year"] == price["year"]), document)
    network, money = year["network"], year["money"]
    unit = _unit_of(price)
    gain = typed_price(price)["one_more"] or 0.0
    if price["constraint"] == "budget":
        unused = money["state_budget_eur"] - money["state_eur"]
        if unused > 0.5:
            return words.NEXT_MONEY_UNUSED.format(unused=show.count(unused))
        if not _shows(10 * gain, unit):
            return words.NEXT_MONEY_NONE
        worth = price_worth(price, 10 * gain)
        return words.NEXT_MONEY.format(gain=_gain(10 * gain, unit), worth=worth)
    if gain == 0:
        return words.NEXT_FTE_NONE.format(unused=show.fte(_unused_fte(network)))
    return words.NEXT_FTE.format(gain=_gain(gain, unit), worth=price_worth(price, gain))


def _gain(value: float, unit: str) -> str:
    if unit == "rate":
        return show.count(100 * value, 3)
    return show.count(value, 0 if value >= 10 else 1)


def _unit_of(price: Mapping[str, Any]) -> str:
    return str(price["unit"]).split(" per ", maxsplit=1)[0]


def price_worth(price: Mapping[str, Any], gain: float = 2.0) -> str:
    """What a price gains, in words.

    gain : how much, where it stands before them
    """
    return gained(price["stage"], _unit_of(price), gain)


def typed_price(price: Mapping[str, Any]) -> dict[str, Any]:
    """A price by one more and by one less as typed; of earlier documents, in its year alone."""
    alone = as_typed(sense_of(price), price["up"], price["down"])
    sides = dict(zip(("one_more", "one_less"), alone, strict=True))
    return {side: price.get(side, gain) for side, gain in sides.items()}


def _loosened(price: Mapping[str, Any]) -> float:
    """What a limit loosened by one of the number as typed brings."""
    side = "one_less" if sense_of(price) == AT_LEAST else "one_more"
    return typed_price(price)[side] or 0.0


def _limit_costs(document: Document) -> list[str]:
    """For each kind of local limit that costs something, where it costs most."""
    names = {row["territory"]: row["name"] for row in document["posts"]}
    costs = []
    own = dict.fromkeys(p["constraint"] for p in document["prices"])
    own = {name: words.of_limit(words.HELD, name) for name in own if name.startswith(OWN)}
    for constraint, limit in {**words.LIMIT_NAME, **own}.items():
        each = {p["territory"]: p for p in document["prices"] if p["constraint"] == constraint}
        priced = sorted(
            (p for p in each.values() if _shows(_loosened(p), _unit_of(p))),
            # Equal prices differ by rounding: the first by code is named.
            key=lambda p: (-round(math.log(_loosened(p)), 5), p["territory"]),
        )
        if not priced:
            continue
        most, gain = priced[0], _loosened(priced[0])
        where = f"{most['territory']} {names.get(most['territory'], '')}"
        others = ""
        if len(priced) > 1:
            others = words.plural(words.OTHERS, len(priced) - 1).format(count=len(priced) - 1)
        costs.append(
            (words.LIMIT_COST_FLOOR if sense_of(most) == AT_LEAST else words.LIMIT_COST).format(
                limit=limit,
                gain=_gain(gain, _unit_of(most)),
                worth=price_worth(most, gain),
                per=words.LIMIT_PER[str(most["unit"]).partition(" per ")[2]],
                where=constraint if constraint in own else where,
                others=others,
            )
        )
    return costs


def _shows(gain: float, unit: str) -> bool:
    """Whether a gain is not 0 once printed."""
    return any(digit in _gain(gain, unit) for digit in "123456789")


def regional_line(document: Document) -> Page:
    """How many regional figures are assumptions: on every page that depends on them."""
    figures = document.get("regional_figures")
    if not figures or not figures["total"]:
        return []
    total, assumed = figures["total"], figures["assumption"]
    says = {
        "total": total,
        "assumed": assumed,
        "territorial": territory_words(inputs_of(document).get("territory", ""))[2],
    }
    if not assumed:
        return [Line(words.REGIONAL_NONE_ASSUMED.format(**says))]
    told = words.REGIONAL_ALL_ASSUMED if assumed == total else words.REGIONAL_SOME_ASSUMED
    each = words.REGIONAL_EACH.format(command=command("check", document["inputs"]))
    return [Line(told.format(**says), "warn"), Line(each, "warn", whole=True)]


# -- evaluation ------------------------------------------------------------------------------------


def _verdict(document: Document) -> Page:
    optimum = document["optimum"]
    if optimum is None:
        by_solver = document["impossible"] == "solver"
        told = [words.EVAL_NO_OPTIMUM, *[words.IMPOSSIBLE_BY_SOLVER] * by_solver]
        return [Line(sentence, "warn") for sentence in told]
    objective, best, loss = optimum["objective"], optimum["value"], document["loss"]
    if loss is None:
        known = words.NOTHING_PROVED
        if optimum["bound"] is not None:
            known = with_unit(optimum, optimum["bound"])
        found = words.EVAL_FOUND.format(
            value=with_unit(optimum, optimum["judged"]),
            best=with_unit(optimum, best),
            bound=known,
            reason=words.STOP_REASONS[optimum["reason"]],
        )
        return [Line(found, "warn")]
    value = optimum["bound"] - loss if _maximised(objective) else optimum["bound"] + loss
    if abs(loss) <= 1e-6 * max(1.0, abs(best)):
        return [Line(words.EVAL_BEST.format(best=with_unit(optimum, best)), "good")]
    if loss < 0:
        return [
            Line(
                words.EVAL_BETTER.format(
                    value=with_unit(optimum, value), best=objective_value(objective, best)
                ),
                "warn",
            )
        ]
    share = show.rate(abs(loss / best), 2) if best else "–"
    digits, shift = (2, 2) if objective == "worst_rate" else (_DIGITS.get(objective, 1), 0)
    ends = [show.rounded(reached, digits, shift) for reached in (value, best)]
    page: Page = [
        Line(
            words.EVAL_LOSS.format(
                value=with_unit(optimum, value),
                best=objective_value(objective, best),
                loss=objective_value(objective, abs(ends[1] - ends[0]) / 10**shift),
                share=share,
            )
        )
    ]
    if optimum["unit"] != OBJECTIVE_UNITS[objective]:
        covered = [document["coverage"]["expected_contracts"], optimum["expected_contracts"]]
        says = dict(zip(("value", "best"), map(show.count, covered), strict=True))
        change = show.difference(covered[1], covered[0])
        page.append(Line(words.EVAL_COUNTED.format(change=change, **says)))
    return page


def _maximised(objective: str) -> bool:
    return objective in ("coverage", "contracts", "worst_rate")


def broken_limits(document: Document) -> Page:
    """Every limit that a plan typed by hand breaks, or that it breaks none."""
    broken = document["violations"]
    if not broken:
        return [Line(words.EVAL_OK, "good")]
    names = {row["territory"]: row["name"] for row in document["posts"]}
    several = len(document["years"]) > 1
    page: Page = [
        Line(words.plural(words.EVAL_BROKEN, len(broken)).format(count=len(broken)), "bad")
    ]
    said: dict[str, list[Violation]] = {}  # what is the same in several places is said once
    for row in broken:
        v = Violation(**row)
        said.setdefault(v.sentence("", str(v.year) if several else ""), []).append(v)
    _, territories, _ = territory_words(inputs_of(document).get("territory", ""))
    for alike in said.values():
        where = [f"{v.territory} {names.get(v.territory or '', '')}".rstrip() for v in alike]
        place = words.ITEM_WHERE.format(name=where[0]) if alike[0].territory else ""
        if len(alike) > 1:
            place = words.ITEM_WHERE_MANY.format(count=len(alike), territories=territories)
        year = str(alike[0].year) if several else ""
        page.append(Line("  " + alike[0].sentence(place, year)))
        page += [Line(" " * 11 + ", ".join(where))] if len(alike) > 1 else []
    return page


def _against(document: Document, best: Document) -> Grid:
    """New posts of a plan typed by hand and of the best one."""
    mine, theirs = (
        {(p["territory"], p["role"]): p for p in last_year(d, "posts")} for d in (document, best)
    )
    rows = []
    for (code, role), post in sorted(mine.items()):
        ours, other = post["new_fte"], theirs[code, role]["new_fte"]
        if max(ours, other) >= 0.05:
            rows.append(
                [
                    f"{code} {post['name']}, {words.ROLES[role]}",
                    show.fte(ours),
                    show.fte(other),
                    show.difference(other, ours, 1),
                ]
            )
    totals = [sum(p["new_fte"] for p in d.values()) for d in (mine, theirs)]
    change = show.difference(totals[1], totals[0], 1)
    rows.append([words.COUNTRY, *map(show.fte, totals), change])
    headings = list(words.EVAL_HEADINGS)
    if best["status"] != "optimal":
        headings[2] = words.EVAL_BEST_FOUND
    return Grid(headings, rows, total=True)
