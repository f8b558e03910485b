"""Heading and meaning of every column and figure of a workbook."""

from __future__ import annotations

from fte_alloc.language import C_, N_
from fte_alloc.names import SIMULATOR_COLUMNS

#: Heading and meaning of every column.
BOOK_COLUMNS = {
    "scenario_name": C_("scenario", "a scenario that may come true"),
    "scenario_best": C_(
        "its best plan, {name}", "what the scenario's best plan reaches there, in {name}"
    ),
    "scenario_value": C_("this plan, {name}", "what this plan reaches there, in {name}"),
    "scenario_regret": C_("regret, {name}", "what its best plan reaches more, in {name}"),
    "scenario_best_counted": C_(
        "its best plan, contracts",
        "contracts that the scenario's best plan covers there, each counting as one",
    ),
    "scenario_value_counted": C_(
        "this plan, contracts", "contracts that this plan covers there, each counting as one"
    ),
    "scenario_share": C_("regret, share", "regret divided by what its best plan covers"),
    "scenario_other": C_(
        "regret of the best for {name}",
        "regret of the plan that is best for {name} alone; breaks: it is not possible there",
    ),
    "scenario_chance": C_("probability", "how likely the scenario is taken to be, for the average"),
    "posts_existing": C_(
        "in place, both roles, FTE",
        "facilitators and coordinators in place, paid by others; they count in the cap; empty "
        "where scenarios differ",
    ),
    "posts_committed": C_(
        "renewed, both roles, FTE",
        "facilitators and coordinators co-financed earlier, renewed; empty where scenarios differ",
    ),
    "posts_new": C_("NEW, both roles, FTE", "new facilitators and coordinators: what is decided"),
    "best_new": C_(
        "{name}: NEW, both roles, FTE", "new facilitators and coordinators of the best plan: {name}"
    ),
    "best_change": C_(
        "{name}: difference, FTE",
        "new posts of both roles of this plan less those of the best plan: {name}",
    ),
    "code": C_("code", "code of the territory"),
    "name": C_("name", "name of the territory"),
    "area": C_("area", "code of the area that shares its coordinators"),
    "existing_facilitators": C_(
        "facilit. in place, FTE", "facilitators in place, paid by others; they count in the cap"
    ),
    "existing_coordinators": C_(
        "coord. in place, FTE", "coordinators in place, paid by others; they count in the cap"
    ),
    "committed_facilitators": C_(
        "facilit. renewed, FTE",
        "facilitators co-financed earlier, renewed; they count in the cap and in the budget",
    ),
    "committed_coordinators": C_(
        "coord. renewed, FTE",
        "coordinators co-financed earlier, renewed; they count in the cap and in the budget",
    ),
    "new_facilitators": C_("NEW facilit., FTE", "new facilitators: what the plan decides"),
    "new_coordinators": C_("NEW coord., FTE", "new coordinators: what the plan decides"),
    "opened_facilitators": C_(
        "opened facilit., FTE", "new facilitators of the year less those of the year before"
    ),
    "opened_coordinators": C_(
        "opened coord., FTE", "new coordinators of the year less those of the year before"
    ),
    "contracts_in": C_("contracts, {name}", "contracts of {name} in the year"),
    "total": C_(
        "total, FTE", "all facilitators and coordinators of the line: in place, renewed and new"
    ),
    "contracts": C_("contracts", "contracts of public buyers in the year"),
    "covered": C_(
        "contracts covered", "contracts of the year expected to carry a social consideration"
    ),
    "rate": C_("rate", "contracts covered divided by contracts; empty where there are none"),
    "weight": C_("weight", "how much a covered contract counts in the objective; 1: as any other"),
    "state": C_("State, EUR", "what the State pays for renewed and new posts in the year"),
    "partners": C_(
        "partners, EUR", "what employers and others pay for renewed and new posts in the year"
    ),
    "held": C_(
        "held by",
        "what leaves no room for more. growth: can recruit no more this year; span: its "
        "coordinators can support no more, another post would be unsupported; maximum: its own "
        "limit on new posts; partners: they can pay no more; budget, cap: used up",
    ),
    "new_fte": C_("new FTE", "new posts of the role: what the plan decides"),
    "role": C_("role", "facilitator or coordinator"),
    "post_state": C_("State, EUR", "what the State pays for one FTE in a year"),
    "post_partners": C_("partners, EUR", "what employers and others pay for one FTE in a year"),
    "post_full": C_("full cost, EUR", "what one FTE costs in a year"),
    "figure": C_("figure", "what is counted"),
    "in_year": C_("{name}", "its value in {name}"),
    "unit": C_("unit", "unit of the value; 1: a share or a factor"),
    "means": C_("what it is", "what the figure means and where it comes from"),
    "year": C_("year", "the year"),
    "buyer": C_("kind of buyer", "kind of public buyer"),
    "objective": C_("objective", "what the plan serves, the first objective first"),
    "reached": C_("reached", "the best found; where something is given up, the plan has less"),
    "bound": C_("bound", "what no plan can do better than"),
    "claim": C_("in words", "what the bound says of all plans"),
    "gap": C_("gap ≤", "greatest distance between what is reached and the bound, relative"),
    "sheet": C_("sheet", "name of the sheet"),
    "holds": C_("what it holds", "what stands on the sheet"),
    "effort": C_(
        "effort for {name}, FTE",
        "effective facilitators who work for {name}; support of coordinators included",
    ),
    "covered_of": C_(
        "covered, {name}", "contracts of {name} expected to carry a social consideration"
    ),
    "effort_all": C_("effort, all, FTE", "effective facilitators for all kinds of buyer"),
    "covered_all": C_("covered, all", "contracts covered, of all kinds of buyer"),
    "limit": C_("limit", "what the plan may not exceed or fall short of"),
    "one_more": C_(
        "one more brings", "what the objective gains by one more of the number as typed"
    ),
    "one_less": C_(
        "one less brings", "what the objective gains by one less of the number as typed"
    ),
    "key": C_("key", "name of the input in files and for --set"),
    "value": C_("value", "value of the input; none: no such limit"),
    "status": C_(
        "status",
        "published, derived, reported, assumed, set by the scenario, or left at its default",
    ),
    "source": C_("source", "who published the figure, and where"),
    "note": C_("note", "what is to be known of the figure; the reason of an assumption"),
    "origin": C_("set at", "file and line, or option, that set the value"),
    "file": C_("file", "a file the plan was made from"),
    "hash": C_("SHA-256", "fingerprint of the file: any change of it gives another"),
    "column": C_("column", "heading of the column"),
    "meaning": C_("meaning", "what it means"),
    "scenario": C_("plan", "name of the plan"),
    "about": C_("title", "what the plan is about"),
    "proof": C_("what is proved", "what is proved of the plan"),
    "reason": C_("reason", "why it is not compared"),
    "value_in": C_("{name}", "value with {name}; none: no such limit; –: no such input"),
    "origin_in": C_("set at, {name}", "file and line that set the value in {name}"),
    "result": C_("result", "what is compared"),
    "result_of": C_("{name}", "result of {name}"),
    "change": C_("{name}: difference", "{name} less the first plan; rates: percentage points"),
    "posts_of": C_("{name}: new posts, both roles, FTE", "new posts of both roles in {name}"),
    "posts_change": C_(
        "{name}: difference, FTE", "new posts of both roles in {name} less those in the first plan"
    ),
    "contracts_of": C_("{name}, contracts", "contracts covered in {name}"),
    "contracts_change": C_(
        "{name}: difference, contracts", "contracts covered in {name} less those in the first plan"
    ),
    "group": C_("group of inputs", "the inputs that change together"),
    "amount": C_("amount", "what the change of these inputs makes of the difference"),
    "error": C_("standard error", "how far the amount may be off where it was sampled"),
    "plan": C_("plan", "a plan, made for the scenario of that name"),
    "values_in": C_("in {name}", "contracts the plan covers under the inputs of {name}"),
    "regrets_in": C_(
        "lost in {name}",
        "contracts the best plan for {name} covers there, less those this plan covers there",
    ),
    "fixed_f": C_(
        "facilit. in place and renewed, FTE", "facilitators in place and renewed: not decided here"
    ),
    "fixed_c": C_(
        "coord. in place and renewed, FTE", "coordinators in place and renewed: not decided here"
    ),
    "plan_f": (SIMULATOR_COLUMNS["plan_f"], N_("new facilitators of the plan")),
    "plan_c": (SIMULATOR_COLUMNS["plan_c"], N_("new coordinators of the plan")),
    "your_f": (
        SIMULATOR_COLUMNS["your_f"],
        N_("new facilitators to try; empty: those of the plan"),
    ),
    "your_c": (
        SIMULATOR_COLUMNS["your_c"],
        N_("new coordinators to try; empty: those of the plan"),
    ),
    "most": C_("at most facilit., FTE", "most new facilitators that the limits allow here"),
    "moved": C_("difference", "what the posts typed make more, or less, than the plan"),
    "brings": C_(
        "one facilit. more brings",
        "contracts covered by one more new facilitator here, limits aside; good for small changes",
    ),
    "limits": C_("limits", "kept, or which ones the posts break"),
    "yours": C_("your posts", "the figure with the posts typed"),
    "plans": C_("this plan", "the figure of the plan"),
    "allowed": C_("limit", "what the figure may not exceed, or not fall short of"),
    "left": C_("left", "what is left of the limit"),
    "new_f": C_("new facilit., FTE", "as typed, else as in the plan"),
    "new_c": C_("new coord., FTE", "as typed, else as in the plan"),
    "all_f": C_("all facilit., FTE", "in place, renewed and new"),
    "all_c": C_("all coord., FTE", "in place, renewed and new"),
    "effective": C_("effort, FTE", "effective facilitators: see above"),
    "interval": C_("interval", "the interval of the table that the effort lies in, from 1"),
    "passed": C_("share passed", "how far along the interval the effort is, from 0 to 1"),
    "broken": C_("limits broken", "how many limits of the territory the posts break"),
    "at_effort": C_("effort, FTE", "effort of the territory, ascending"),
    "bend": C_(
        "bend", "contracts by which the middle of the interval from here lies above the chord"
    ),
}
#: Headline figures: name and meaning.
BOOK_SUMMARY = {
    "contracts": C_("contracts", "contracts of public buyers in the year"),
    "expected_contracts": C_(
        "contracts covered",
        "contracts of the year expected to carry a social consideration, under this plan",
    ),
    "rate": C_("coverage rate", "contracts covered divided by contracts"),
    "status_quo": C_(
        "covered without new posts",
        "contracts covered by posts in place and renewed, their effort for the most contracts",
    ),
    "status_quo_rate": C_("rate without new posts", "the same, divided by contracts"),
    "gained": C_("gained by the plan", "contracts covered beyond those without new posts"),
    "target_rate": C_("target rate", "the share of contracts that is aimed at"),
    "missing": C_("short of the target", "contracts that the target asks for beyond those covered"),
    "existing_fte": C_(
        "posts in place", "facilitators and coordinators paid by others; they count in the cap"
    ),
    "committed_fte": C_(
        "renewed posts", "facilitators and coordinators co-financed earlier and renewed"
    ),
    "new_fte": C_("new posts", "facilitators and coordinators: what the plan decides"),
    "used_fte": C_("network", "all facilitators and coordinators: in place, renewed and new"),
    "cap_fte": C_("cap", "most posts in the whole network"),
    "unused_fte": C_("unused cap", "cap less network"),
    "state_eur": C_("State money", "what the State pays for renewed and new posts"),
    "state_budget_eur": C_("State budget", "most the State may pay"),
    "unused_eur": C_("unused budget", "State budget less State money"),
    "partners_eur": C_("partners' money", "what employers and others pay for those posts"),
    "full_cost_eur": C_("full cost", "State and partners together"),
    "state_share": C_("State's share", "State money divided by the full cost"),
}
#: Headings of the columns of data, where people read them; the rest have their keys.
DATA_COLUMNS = {
    **{
        key: key
        for key in (
            *(N_("repair"), N_("from"), N_("to"), N_("saved"), N_("recomputed"), N_("scenario")),
            *(N_("kind"), N_("title"), N_("now"), N_("needed"), N_("change"), N_("point")),
            *(N_("elbow"), N_("section"), N_("difference"), N_("slope")),
        )
    },
    "territory": N_("code"),
    "existing_fte": N_("FTE in place"),
    "committed_fte": N_("renewed FTE"),
    "new_fte": N_("new FTE"),
    "area": N_("area code"),
    "relative_change": N_("relative change"),
    "path": N_("figure"),
    "set_by_scenario": N_("set by the scenario"),
    "new_facilitators_fte": N_("new facilitators, FTE"),
    "new_coordinators_fte": N_("new coordinators, FTE"),
    "last_post_fte": N_("last post, FTE"),
    "last_post_gain": N_("gain of the last post"),
    "next_post_fte": N_("next post, FTE"),
    "next_post_gain": N_("gain of the next post"),
    "stopped_by": N_("stopped by"),
    "least_fte": N_("least, FTE"),
    "greatest_fte": N_("greatest, FTE"),
    "low": N_("low end"),
    "high": N_("high end"),
    "still": N_("does not move"),
    "upper_bound": N_("bound"),
    "relative_gap": N_("relative gap"),
    "inputs_sha256": N_("SHA-256 of the inputs"),
    "segment": N_("kind of buyer"),
    "contracts_per_year": N_("contracts a year"),
    "contracts_per_fte": N_("contracts per FTE"),
    "contracts_per_fte_before": N_("contracts per FTE in the model"),
    "rate_before": N_("rate with those of the model"),
    "facilitators_fte": N_("facilitators, FTE"),
    "coordinators_fte": N_("coordinators, FTE"),
    "price_to_next": N_("price up to the next point"),
    "distance_to_next": N_("distance up to the next point"),
    "end": N_("what happens at the end"),
    "fte": N_("move, FTE"),
}
