"""Check whether several scenarios can have one allocation of posts, and report why they cannot."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fte_alloc import numbers as show
from fte_alloc.errors import InfeasibleError, InputError, Mistake
from fte_alloc.inputs.load import ProblemLike, loaded_problem
from fte_alloc.inputs.overrides import command_line
from fte_alloc.inputs.typed_numbers import finite_number, number_hint
from fte_alloc.language import N_, _, few
from fte_alloc.lp.conflict import conflict_of
from fte_alloc.lp.highs import OPTIMAL
from fte_alloc.lp.solving import CheckedProgramme
from fte_alloc.names import LIMIT_NAMES, NOTHING_LIMITS_POSTS, limit_name
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.places import place_key, place_labels
from fte_alloc.questions.posts import post_rows
from fte_alloc.search.feasibility import formulate_shared_posts, is_feasible
from fte_alloc.texts import visible

#: What scenarios must have in common: codes or numbers of a problem, by their name.
_SHARED: Mapping[str, Callable[[Problem], Iterable[Any]]] = {
    N_("years"): lambda p: p.years,
    N_("territories"): lambda p: p.territories,
    N_("areas of territories"): lambda p: (
        f"{code} → {p.areas[a]}" for code, a in zip(p.territories, p.area_of, strict=True)
    ),
    N_("kinds of buyer"): lambda p: p.segments,
    N_("roles"): lambda p: p.roles,
    N_("steps (posts.step_fte)"): lambda p: map(show.four_decimals, p.steps_fte),
}

#: Objectives that count contracts, in which regret can be measured.
COUNTING = ("coverage", "contracts")
#: Largest accepted distance of a sum of probabilities from 1.
ROUNDING = 1e-9


def problems_by_name(
    problems: Mapping[str, ProblemLike] | Iterable[ProblemLike],
) -> dict[str, Problem]:
    """Problems by name, in the order given; by label where two scenarios have the same name.

    Raises InputError where two labels are the same, too.
    """
    if isinstance(problems, Mapping):
        return {name: loaded_problem(one) for name, one in problems.items()}
    given = list(map(loaded_problem, problems))
    for key in ("name", "label"):
        names = [getattr(p.inputs, key) if p.inputs else _("this problem") for p in given]
        if len({*names}) == len(names):
            return dict(zip(names, given, strict=True))
    twice = sorted({name for name in names if names.count(name) > 1})
    raise InputError([Mistake(name, _("is given twice; keep one")) for name in twice])


def probability_by_name(names: Iterable[str], given: Mapping[str, float]) -> dict[str, float]:
    """Probability of every scenario; scenarios without a given one share the rest equally.

    Raises InputError for unknown names, and for probabilities outside [0, 1] or with a wrong sum.
    """
    names = list(names)
    unknown = _("is none of the scenarios ({known})").format(known=", ".join(names))
    mistakes = [Mistake(f"--probability {name}", unknown) for name in given if name not in names]
    mistakes += [
        Mistake(f"--probability {name}={share:g}", _("expected a probability between 0 and 1"))
        for name, share in given.items()
        if not 0 <= share <= 1
    ]
    total, open_ended = math.fsum(given.values()), [name for name in names if name not in given]
    if not mistakes and (total > 1 + ROUNDING or (not open_ended and total < 1 - ROUNDING)):
        text = _("probabilities add up to {total}, expected 1")
        mistakes.append(Mistake("--probability", text.format(total=f"{total:g}")))
    if mistakes:
        raise InputError(mistakes)
    left = max(0.0, 1.0 - total) / max(1, len(open_ended))
    return {name: given.get(name, left) for name in names}


def parse_probability(text: str) -> tuple[str, float]:
    """Name and probability of a ``--probability`` ``NAME=SHARE``; may raise InputError."""
    name, __, share = text.rpartition("=")
    try:
        return name, finite_number(share)
    except ValueError:
        what = _("expected NAME=SHARE, such as reference=0.5") + number_hint(share)
        raise InputError([Mistake(f"--probability {text}", what)]) from None


def refuse_incomparable(problems: Mapping[str, Problem]) -> None:
    """Refuse scenarios that have no plan in common, or in which regret cannot be measured.

    Raises InputError where they differ in years, places or steps or regret cannot be measured,
    InfeasibleError where no allocation is possible in all of them.
    """
    mistakes = [m for name, p in problems.items() for m in _immeasurable(name, p)]
    first, *others = problems.items()
    mistakes += [m for name, p in others for m in _different(name, p, *first)]
    if mistakes:
        raise InputError(mistakes)
    lines = [
        line.format(scenario=name, command=_command_of_scenario(p))
        for name, p in problems.items()
        if not is_feasible(p)
        for line in (
            _("{scenario}: no plan is possible, whatever the others ask for."),
            _("Why, and what would help: {command}"),
        )
    ]
    if not lines and not _allow_common_plan(problems):
        lines = _contradiction(problems)
    if lines:
        raise InfeasibleError("\n".join(map(visible, lines)))


def _command_of_scenario(p: Problem) -> str:
    return command_line("solve", p.inputs) if p.inputs else "fa.solve(problem)"


def _immeasurable(name: str, p: Problem) -> Iterator[Mistake]:
    """Mistakes in a scenario that leave its regret undefined."""
    objective = p.stages[0].objective
    if objective not in COUNTING:
        text = _(
            "its first objective is {objective}; regret counts contracts: give stages that begin "
            "with coverage or contracts, or leave it out"
        )
        yield Mistake(name, text.format(objective=objective))
    if p.unlimited():
        role, code = p.unlimited()[0]
        yield Mistake(name, _(NOTHING_LIMITS_POSTS).format(role=role, code=code))


def _different(name: str, p: Problem, first: str, q: Problem) -> Iterator[Mistake]:
    """Mistakes where a scenario differs from another in ``_SHARED``."""
    text = _("has other {what} than {other} ({apart}); compare scenarios of the same {what}")
    only = _("{codes} only in {of}")
    for what, codes in _SHARED.items():
        here, there = (list(map(str, codes(problem))) for problem in (p, q))
        if here != there:
            own = {name: {*here} - {*there}, first: {*there} - {*here}}
            told = (only.format(codes=few(sorted(c), 4), of=of) for of, c in own.items() if c)
            apart = _("; ").join(told)
            yield Mistake(name, text.format(what=_(what), other=first, apart=apart))


def _allow_common_plan(problems: Mapping[str, Problem]) -> bool:
    programme, _rows = formulate_shared_posts(problems)
    return CheckedProgramme(programme).checked().status == OPTIMAL


def _contradiction(problems: Mapping[str, Problem]) -> list[str]:
    """Sentences on scenarios that allow no common plan, and on their contradicting limits.

    Scenarios are dropped one by one while the remaining ones allow no plan.
    """
    kept = dict(problems)
    for name in problems:
        rest = {other: p for other, p in kept.items() if other != name}
        if rest and not _allow_common_plan(rest):
            kept = rest
    programme, rows = formulate_shared_posts(kept)
    places: dict[tuple[tuple[str, ...], str, int], list[Mapping[str, Any]]] = {}
    for row in conflict_of(programme):
        __, limit = rows[row]
        holders = tuple(scenario for scenario, other in rows.values() if other == limit)
        of = places.setdefault((holders, limit.name, limit.year), [])
        of.append(kept[holders[0]].place_of(limit))
    first = next(iter(kept.values()))
    labels = place_labels(post_rows(first, first.post_keys()))
    text = _("No plan is possible in all of them: {names} contradict one another.")
    lines = [text.format(names=_(" and ").join(kept))]
    lines.append(_("Each is possible by itself; these of their limits cannot hold together:"))
    for holders, name, year in sorted(places):
        here = [labels[place_key(at)] for at in places[holders, name, year] if at["area"]]
        line = _("  {scenario}: {limit}{where}{year}").format(
            scenario=_(" and ").join(holders),
            limit=limit_name(LIMIT_NAMES, name),
            where=f", {few(sorted(here), 4)}" if here else "",
            year=_(" ({year})").format(year=year) if len(first.years) > 1 else "",
        )
        lines.append(line)
    text = _("Loosen one of them, or leave a scenario out; the best plan of one alone: {command}")
    return [*lines, text.format(command=_command_of_scenario(first))]
