"""Names of limits, roles and objectives, and sentences of several modules, marked for translation.

All texts of limits by their name are in this module: a new limit has an entry in each table.
"""

from __future__ import annotations

from collections.abc import Mapping

from fte_alloc.language import N_, _


def limit_name(texts: Mapping[str, str], constraint: str) -> str:
    """Text of a limit in a table of texts; for a user's limit, the entry ``own`` or its name."""
    if constraint in texts:
        return _(texts[constraint])
    return _(texts.get("own", "{name}")).replace("{name}", constraint.removeprefix("limits."))


LIMIT_RESERVED = N_("{name} is a built-in limit; call your own another name")
NO_PLAIN_FILE = N_("is a device, a socket or a pipe, expected a file")
NO_SUCH_PLACE = {
    "territory": N_("no such territory in {model}{hint}"),
    "area": N_("no such area in {model}{hint}"),
}
STAGE_NEEDS_PLAN = N_("needs reference_plan, a posts file to measure the change from")
UNKNOWN_OBJECTIVE = N_("is {objective}, expected one of {known}{hint}")
WEIGHTS_LEAVE_NOTHING = N_("weights leave every contract at 0; nothing is left to maximise")
NOTHING_LIMITS_POSTS = N_(
    "nothing limits the {role} posts of {code}: set a cap, a budget, a growth limit or a maximum"
)
STOP_REASONS = {
    "time limit": N_("stopped at the time limit"),
    "rounds": N_(
        "undecided: the figures are too large, too small or too far apart to settle the posts"
    ),
}
PLAN_FAILS_CHECK = N_("the plan found does not pass the independent check: {violation}")
ANSWER_NOT_PROVED = N_("HiGHS: no answer of the solver passes the check by arithmetic")
ROLE_NAMES = {"facilitator": N_("facilitator"), "coordinator": N_("coordinator")}
#: Columns of a workbook's simulator that are read back.
SIMULATOR_COLUMNS = {
    "plan_f": N_("plan: facilit., FTE"),
    "plan_c": N_("plan: coord., FTE"),
    "your_f": N_("YOUR facilit., FTE"),
    "your_c": N_("YOUR coord., FTE"),
}
LIMIT_WORDS = {
    "growth": N_("growth"),
    "span": N_("span"),
    "max_new": N_("maximum"),
    "min_new": N_("minimum"),
    "partners": N_("partners"),
    "coordinator_required": N_("required coordinator"),
    "coordinator_max": N_("most coordinators"),
    "least": N_("least rate"),
    "budget": N_("budget"),
    "cap": N_("cap"),
    "step_facilitator": N_("facilitators in steps"),
    "step_coordinator": N_("coordinators in steps"),
}
#: Keys of limits from below and from above, which "none" removes.
FLOOR_KEYS = r"coordinator_required\.|\.(?:required|at_least|least|min)_"
CEILING_KEYS = (
    r"limits\.(?:growth|coordinator_max)\.|\.(?:at_most|max|cap|state_eur|partner_capacity)_"
)
HELD_MEANING = {
    "growth": N_("growth: can recruit no more this year"),
    "span": N_("span: coordinators can support no more, another post would be unsupported"),
    "max_new": N_("maximum: its own limit on new posts"),
    "partners": N_("partners: they can pay no more"),
    "own": N_("{name}: a limit of the scenario's own"),
}
LIMIT_NAMES = {
    "cap": N_("cap (FTE)"),
    "budget": N_("State budget (EUR)"),
    "growth": N_("growth (FTE a year)"),
    "min_new": N_("least new facilitators (FTE)"),
    "max_new": N_("most new facilitators (FTE)"),
    "keep_facilitator": N_("facilitators are kept (FTE)"),
    "keep_coordinator": N_("coordinators are kept (FTE)"),
    "nonnegative_facilitator": N_("no negative facilitators (FTE)"),
    "nonnegative_coordinator": N_("no negative coordinators (FTE)"),
    "partners": N_("partners' money (EUR)"),
    "least": N_("least contracts covered"),
    "supported": N_("facilitators to support (FTE)"),
    "span": N_("support of coordinators (FTE)"),
    "coordinator_required": N_("required coordinators (FTE)"),
    "coordinator_max": N_("most coordinators (FTE)"),
    "step_facilitator": N_("facilitators in steps (FTE off)"),
    "step_coordinator": N_("coordinators in steps (FTE off)"),
}
IMPOSSIBLE_BY_SOLVER = N_(
    "Posts in steps: by the solver's word, confirmed without presolve. Without steps a plan exists."
)
ITEMS = {
    "budget": N_("State budget"),
    "cap": N_("cap of the network"),
    "partners": N_("partners' money{where}"),
    "growth": N_("recruitment in a year{where}"),
    "max_new": N_("most new facilitators{where}"),
    "min_new": N_("least new facilitators{where}"),
    "coordinator_max": N_("room for coordinators{where}"),
    "coordinator_required": N_("{coordinators}{where}"),
    "least": N_("least rate {rate}{where}"),
    "span": N_("a coordinator supports at most {quantity}"),
    "keep_facilitator": N_("posts once opened are kept"),
    "keep_coordinator": N_("posts once opened are kept"),
    "step_facilitator": N_("posts come in steps of {quantity}"),
    "step_coordinator": N_("posts come in steps of {quantity}"),
    "existing": N_("{fte} posts in place{where}"),
    "committed": N_("{fte} renewed posts{where}"),
    "own": N_("limit {name}"),
}
RESULT_NAMES = {
    "expected_contracts": N_("expected contracts"),
    "no_new_post": N_("  with no new post"),
    "redirected": N_("  by redirecting posts in place"),
    "gained": N_("  by new posts"),
    "rate": N_("coverage rate"),
    "lowest": N_("lowest {territory}"),
    "lowest_code": N_("  which one"),
    "state_eur": N_("State, EUR"),
    "partners_eur": N_("partners, EUR"),
    "used_fte": N_("network, FTE"),
    "new_fte": N_("new FTE, both roles"),
    "missing": N_("contracts short of the target"),
}
#: Columns of territories.csv that are indicators.
COLUMN_NAMES = {
    "unemployment_rate": N_("unemployment rate"),
    "qpv_inhabitants": N_("inhabitants of priority districts"),
    "qpv_share": N_("share of inhabitants in priority districts"),
}
#: Columns of territories that a workbook to fill in always has.
TERRITORY_HEADINGS = {
    "population": N_("population"),
    "existing_facilitators_fte": N_("facilit. in place, FTE"),
    "existing_coordinators_fte": N_("coord. in place, FTE"),
    "committed_facilitators_fte": N_("facilit. renewed, FTE"),
    "committed_coordinators_fte": N_("coord. renewed, FTE"),
    "min_new_facilitators_fte": N_("least new facilit., FTE"),
    "max_new_facilitators_fte": N_("most new facilit., FTE"),
    "partner_capacity_eur": N_("capacity of partners, EUR"),
    "least_rate": N_("least rate"),
}
STOPPED_WHY = {
    "growth": N_("It would get more, but growth holds it: it can recruit no more in a year."),
    "max_new": N_("It would get more, but its own limit on new posts holds it."),
    "partners": N_("It would get more, but its partners can pay no more."),
    "min_new": N_("It would get fewer, but must get at least so many."),
    "least": N_("It would get fewer, but its least rate asks for so many."),
    "coordinator": N_(
        "Its coordinator can support no more than {supported} facilitators; the next, unsupported, "
        "brings less here than elsewhere."
    ),
    "later": N_("By itself the next post brings nothing; the next objective decides: {objective}."),
    "elsewhere": N_("Another facilitator would bring no more here than elsewhere."),
    "worth_less": N_("Even the first facilitator would bring less here than elsewhere."),
    "no_room": N_("No plan within the limits has more facilitators here."),
    "own": N_("The limit {name} decides its number."),
}
STOPPED_BY = {
    "growth": N_("limit on recruitment"),
    "max_new": N_("its own limit"),
    "partners": N_("partners can pay no more"),
    "min_new": N_("must get so many at least"),
    "least": N_("its least rate asks for them"),
    "coordinator": N_("span from the next post on"),
    "later": N_("next brings nothing by itself"),
    "elsewhere": N_("next no more than elsewhere"),
    "worth_less": N_("even the first brings less"),
    "own": N_("limit {name}"),
}
REACHED = {
    "growth": N_("Growth     at most {limit} new facilitators a year."),
    "max_new": N_("Maximum    at most {limit} new facilitators."),
    "partners": N_("Partners   can pay at most {limit} EUR."),
    "min_new": N_("Minimum    at least {limit} new facilitators."),
    "least": N_("Least rate at least {limit} of its contracts."),
    "coordinator_required": N_("Required   at least {limit} new coordinator FTE."),
    "coordinator_max": N_("Most       at most {limit} new coordinator FTE{beside}."),
    "own": N_("Own limit  {name}, reached at {limit}."),
}
SWEEP_STATUS = {
    "optimal": N_("best plan"),
    "stopped": N_("not proved"),
    "infeasible": N_("no plan"),
    "invalid": N_("not valid"),
    "failed": N_("solver failed"),
}
#: Why a weight may move no further.
WEIGHT_ENDS = {"moves": N_("a post moves"), "stays": N_("no post moves"), "edge": N_("no weight")}
#: Statuses, whose codes are their English names.
STATUS_NAMES = {
    code: code
    for code in (
        *(N_("published"), N_("derived"), N_("reported"), N_("assumption")),
        *(N_("scenario"), N_("table"), N_("default")),
    )
}
GOES_NOT_WITH = N_("{option} does nothing with {other}; leave it out")
NO_CASES = N_("say what is varied: --vary, --cases, or --sample with --uncertain")
