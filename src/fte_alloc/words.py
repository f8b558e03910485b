"""Every sentence the tool says, apart from the logic that decides to say it.

Templates for ``str.format``; numbers are formatted before they are put in.
"""

# -- input mistakes: what is, what was expected, how to put it right ----------------------------

EXPECTED_TEXT = "expected a text in quotes"
EXPECTED_CONCEDE = "a share of at least 0 and below 1"
EXPECTED_NUMBER = "a number"
EXPECTED = {
    "amount": "a number of at least 0",
    "positive": "a number above 0",
    "rate": "a rate between 0 and 1",
    "number": "a number",
    "draws": "a whole number from 1 to 1000",
    "text": "a text in quotes",
    "curve": '"saturating" or "table"',
    "years": "a list of years, such as [2023, 2024]",
}
OR_NONE = ' (or "none")'
IS_EXPECTED = "is {value}, expected {expected}"
DID_YOU_MEAN = "; did you mean {name}?"
UNKNOWN_KEY = "unknown key{hint}"
SET_SYNTAX = "expected KEY=VALUE, such as posts.cap_fte=600"

NO_SUCH_FILE = "no such file"
IS_A_DIRECTORY = "is a directory, expected a file"
NOT_TEXT = "is not a text file in UTF-8; save it as CSV UTF-8"
NOT_UTF8 = "is not in UTF-8; save the file in UTF-8"
READ_AS_CP1252 = "not in UTF-8, read as Windows-1252; check the accents, or save it as CSV UTF-8"
BROKEN_TOML = "not valid TOML: {error}"
BROKEN_CSV = "not valid CSV: {error}"
NO_COLUMNS = "no columns found, expected {columns} separated by commas or semicolons"
NO_ROWS = "has no rows under its header"
ROW_LENGTH = (
    "has {cells} cells, expected {columns}; a decimal comma needs semicolons between the cells"
)
COLUMN_MISSING = "column {column} is missing"
COLUMN_TWICE = "column {column} stands twice"
COLUMN_UNNAMED = "a column has no name"
DECIMAL_COMMA_AMONG_COMMAS = (
    "a decimal point: commas separate the cells here; or put semicolons between the cells"
)
PERCENT_SIGN = "a share such as 0.12, without a percent sign"
THOUSANDS_SEPARATORS = "a number without separators between thousands"
MIXED_DECIMALS = (
    "{point} has a decimal point and {comma} (line {line}) a decimal comma; use one of them"
)
NO_MODEL = 'says no model; add model = "france-2023" or another'
EXTENDS_ONE = "extends: expected the name of one scenario, in quotes"
CYCLE = "extends: goes round in a circle: {names}"
NONE_AT_HAND = 'no {kind} "{name}": no {kind} at all in the working directory or the package'
UNKNOWN_NAME = 'no {kind} "{name}" in ./{kind}s or the installed package{hint}\nAvailable: {known}'
ONLY_IN_MODELS = "belongs in a model, not in a scenario"
ONLY_IN_SCENARIOS = "belongs in a scenario; a model has territories.csv and contracts.csv"

LONG_FORM = (
    "is {value}, expected the long form of a model: "
    '{{ value = …, unit = "…", status = "…", source = "…" }}'
)
BARE_VALUE = "a scenario gives the bare value, without unit and status"
QUANTITY_LACKS = "lacks {key}; a number of a model has value, unit and status"
WRONG_UNIT = 'unit is "{unit}", expected "{expected}"'
WRONG_STATUS = "status is {status}, expected published, derived or assumption"
NEEDS_SOURCE = "is {status}, which needs a source"
NEEDS_NOTE = "is an assumption, which needs a note with its reason"
UNKNOWN_SOURCE = 'source "{source}" is not among [sources]{hint}'
COLUMN_WITHOUT_STATUS = (
    "column {column} has no unit and status in model.toml under [tables.{table}]{hint}"
)
REQUIRED_MISSING = "is missing ({text})"

UNKNOWN_TERRITORY = "no such territory in {model}{hint}"
UNKNOWN_TERRITORY_IN_TABLE = "{code} is not in territories.csv{hint}"
UNKNOWN_SEGMENT = "no such kind of buyer{hint}; the model has {known}"
UNKNOWN_SEGMENT_IN_TABLE = "{segment} is not among [coverage.segments] of the model{hint}"
LEADING_ZERO = "; did a spreadsheet drop the leading zero of {code}?"
BAD_CODE = 'code "{code}": expected letters, digits, hyphens or underscores'
CODE_TWICE = "code {code} stands twice"
CODES_COLLIDE = "codes {code} and {other} differ only by a hyphen; rename one"
MORE_ROWS = " (and {count} more rows)"
PAIR_TWICE = "contracts of {pair} stand twice"
NOT_A_YEAR = '"{year}" is not a year of four digits'
EMPTY_BY_YEAR = "is an empty table, expected a value or one a year"
UNKNOWN_YEAR = "{year} is not among the years ({known})"
YEARS_CONSECUTIVE = "are {years}, expected years that follow one another, each once"
YEARS_MISSING = "has no value for {years}"
STAGES_LIST = "expected one [[stages]] table or more"
STAGE_ONE_SENSE = "expected either maximise or minimise"
STAGE_TWICE = "{objective} is served twice"
STAGE_NEEDS_TARGET = "needs coverage.target_rate in every year"
STAGE_NEEDS_PLAN = "needs reference_plan, a posts file to measure the change from"
UNKNOWN_OBJECTIVE = "is {objective}, expected one of {known}{hint}"
OTHER_SENSE = "{objective} can only be {other}d, expected {other} = {objective}"
FLOOR_ABOVE_CEILING = "is {floor}, above {key} = {ceiling} ({origin})"
NO_SEGMENTS = "has no [coverage.segments] table"
NO_CONTRACTS = "every count of contracts is 0"
WEIGHTS_ALL_ZERO = "every {kind} weight is 0; nothing is left to maximise"
UNKNOWN_INDICATOR = "no such indicator column of rates in territories.csv{hint} (there: {known})"
INDICATOR_NOT_A_RATE = 'is a head count; an indicator must be a rate or a share (unit "1"): {known}'
INDICATOR_LACKS = "needs the column {column} in territories.csv; empty or missing for {codes}"
CURVE_START = "curve of {pair}: expected points from effort 0 with contracts of at least 0"
CURVE_TWICE = "curve of {pair}: effort {effort} stands twice"
CURVE_NOT_CONCAVE = (
    "curve of {pair}: lines {lines} are not increasing and concave (each step must bring no more "
    "than the one before)"
)
CURVE_MISSING = "no curve for {pair}"
CURVE_ABOVE_CONTRACTS = "the curve reaches {most} of {contracts} contracts, a rate above 1"
UNKNOWN_ROLE = 'role "{role}", expected facilitator or coordinator{hint}'
POST_TWICE = "{role} {code} {year} stands twice"
NOT_A_PLAN = "is not a saved plan (fte-alloc solve … --out PLAN.json)"

# -- solving -------------------------------------------------------------------------------------

NOTHING_LIMITS_POSTS = (
    "nothing limits the {role} posts of {code}: set a cap, a budget, a growth limit or a maximum"
)
NO_PLAN_POSSIBLE = "no plan is possible."
STOPPED_WITHOUT_PLAN = "stopped at the time limit before any plan was found; nothing is proved."
PLAN_FAILS_CHECK = "the plan found does not pass the independent check: {violation}"
BOUNDS_DISAGREE = "the two bounds of a stage do not agree"
UNBOUNDED = "the programme is unbounded"

# -- pages -------------------------------------------------------------------------------------

PROVED = {
    "coverage": "PROVED BEST: no plan covers more than {bound}",
    "contracts": "PROVED BEST: no plan covers more than {bound}",
    "worst_rate": "PROVED BEST: no plan lifts the lowest rate above {bound}",
    "shortfall": "PROVED BEST: no plan misses the target by less than {bound}",
    "territorial_shortfall": "PROVED BEST: no plan misses the targets by less than {bound}",
    "state_cost": "PROVED BEST: no plan costs the State less than {bound} EUR",
    "posts": "PROVED BEST: no plan opens fewer than {bound} FTE",
    "change": "PROVED BEST: no plan moves fewer than {bound} FTE",
}
IN_STEPS = "BEST by the solver's bound: {bound}; without steps {relaxed} is proved"
OVER_YEARS = " in {first}–{last}"
PROVED_WEIGHTED = "PROVED BEST: no plan exceeds {bound} weighted contracts"
NOT_PROVED = "STOPPED, NOT PROVED: at most {gap} from the best"
NOT_PROVED_AT_ALL = "STOPPED, NOT PROVED"
JUDGED = "JUDGED, not optimised"
TITLE = "{scenario}: {title}"
COVERED = (
    "Contracts  {contracts} of {all} = {rate}    no new post: {before} = {before_rate}    {target}"
)
TARGET_SHORT = "{target} target: {missing} short"
TARGET_REACHED = "{target} target reached"
NETWORK = "Network    {used} FTE{cap}   State {state}{budget} M EUR   partners {partners} M EUR"
OF_CAP = " of {cap}, {unused} unused"
OF_CAP_ALL = " of {cap}, all used"
NO_CAP = " (no cap)"
OF_BUDGET = " of {budget}"
YEAR_LINE = (
    "{year}       {contracts} contracts = {rate}   {new} new FTE in post   {used} FTE"
    "   State {state} M EUR"
)
STAGE_LINE = "Stage {number}    {objective}: {value}{concede}, proved to {gap}"
STAGE_CONCEDED = " (gives up {concede}: {in_plan} in the plan)"
STAGE_SOLVER = " (solver's bound; {bound} without steps)"
OBJECTIVES = {
    "coverage": "contracts covered, weighted",
    "contracts": "contracts covered",
    "worst_rate": "lowest rate",
    "shortfall": "distance to the target",
    "territorial_shortfall": "distances to the target",
    "state_cost": "State money, EUR",
    "posts": "new posts, FTE",
    "change": "posts moved, FTE",
}
FTE_HEADINGS = (
    "{fte}",
    "in place",
    "renewed",
    "NEW facil.",
    "NEW coord.",
    "total",
    "rate",
    "held by",
)
FTE, FTE_IN = "FTE", "FTE in {year}"
COUNTRY = "Total"
HELD = {
    "growth": "growth",
    "span": "span",
    "max_new": "maximum",
    "partners": "partners",
    "budget": "budget",
    "cap": "cap",
}
HELD_MEANING = {
    "growth": "growth: can recruit no more this year",
    "span": "span: coordinators can support no more",
    "max_new": "maximum: its own limit on new posts",
    "partners": "partners: they can pay no more",
}
HELD_LEGEND = "Held by    {meanings}"
BY_BUYER = "By buyer   {rates}"
NEXT_MONEY = "Next 10,000 EUR of State money: about {gain} {unit} more."
NEXT_MONEY_NONE = "More State money: no gain."
NEXT_MONEY_UNUSED = "More State money: none, {unused} EUR are unused."
NEXT_FTE = "One more FTE of cap: about {gain} {unit} more."
NEXT_FTE_NONE = "More cap: none, {unused} FTE are unused."
NEXT_IN = "In {years}: {sentence}"
NO_PRICES_IN_STEPS = "Plans in steps have no prices: posts do not answer small changes."
LIMITS_COST = "Limits     {limits}"
LIMIT_COST = {
    "growth": "growth: {where}, {gain} {unit} per FTE more to recruit",
    "max_new": "maximum: {where}, {gain} {unit} per FTE more",
    "min_new": "minimum: {where}, {gain} {unit} per FTE less",
    "partners": "partners: {where}, {gain} {unit} per 1,000 EUR more",
    "coordinator_required": "required coordinator: {where}, {gain} {unit} per FTE less",
    "coordinator_max": "most coordinators: {where}, {gain} {unit} per FTE more",
    "least": "least rate: {where}, {gain} {unit} per 0.01 less",
}
IN_SEVERAL = "in {count} of them, most in {where}"
TERRITORIAL = {"region": "regional"}
REGIONAL_ALL_ASSUMED = (
    "All {total} {territorial} posts and counts are ASSUMED: none is published "
    "(fte-alloc check {scenario})."
)
REGIONAL_SOME_ASSUMED = (
    "{assumed} of {total} {territorial} posts and counts are ASSUMED (fte-alloc check {scenario})."
)
REGIONAL_NONE_ASSUMED = "None of the {total} {territorial} posts and counts is assumed."
UNITS = {"rate": "points"}

# evaluate
EVAL_LOSS = "This plan reaches {value}; the best reaches {best}: {loss} less ({share})."
EVAL_BEST = "This plan is as good as the best: {best}."
EVAL_BETTER = "It reaches {value}, more than the best within the limits ({best}), by breaking some."
EVAL_NO_OPTIMUM = "No plan at all keeps every limit of this scenario; nothing to compare with."
EVAL_OK = "It keeps every limit."
EVAL_BROKEN = "It breaks {count} limit(s):"
EVAL_HEADINGS = ("New posts, FTE", "this plan", "best", "difference")
VIOLATION = "  {limit}{where}{year}: {value}, limit {bound}"
LIMIT_NAMES = {
    "cap": "cap (FTE)",
    "budget": "State budget (EUR)",
    "growth": "growth (FTE a year)",
    "min_new": "least new facilitators (FTE)",
    "max_new": "most new facilitators (FTE)",
    "keep_facilitator": "facilitators are kept (FTE)",
    "keep_coordinator": "coordinators are kept (FTE)",
    "nonnegative_facilitator": "no negative facilitators (FTE)",
    "nonnegative_coordinator": "no negative coordinators (FTE)",
    "partners": "partners' money (EUR)",
    "least": "least contracts covered",
    "supported": "facilitators to support (FTE)",
    "span": "support of coordinators (FTE)",
    "coordinator_required": "required coordinators (FTE)",
    "coordinator_max": "most coordinators (FTE)",
    "step_facilitator": "facilitators in steps (FTE off)",
    "step_coordinator": "coordinators in steps (FTE off)",
}

# compare
COMPARE_INPUTS = "Inputs that differ"
COMPARE_INPUTS_FROM = "Inputs that differ from {baseline}"
NOT_SET = "none"
COMPARE_SAME_INPUTS = "No input differs."
COMPARE_MORE_INPUTS = "… and {count} more (fte-alloc compare --format csv lists them all)"
COMPARE_RESULTS = "Results"
COMPARE_DIFFERENCES = "Differences to {baseline}"
COMPARE_POSTS = "New posts, FTE"
COMPARE_POSTS_CHANGES = "New posts, FTE: {baseline}, then changes to it"
DIFFERENCE, CONTRACTS = "difference", "contracts"
RESULT_NAMES = {
    "expected_contracts": "expected contracts",
    "rate": "coverage rate",
    "lowest": "lowest {territory}",
    "lowest_code": "  which one",
    "state_eur": "State, EUR",
    "partners_eur": "partners, EUR",
    "used_fte": "network, FTE",
    "new_fte": "new posts, FTE",
    "missing": "contracts short of the target",
}
LOWEST_SAME = " ({code} in all)"
EFFORT_ONLY = "No post moves; only the effort between kinds of buyer does."
NONE_OF_THEM = "none"
MOVED = "{gain} gain; {lose} lose; {keep} keep theirs."
MOVED_FROM = "{scenario}: {sentence}"
NO_POST_MOVES = "No post moves."
ONE_PROVED = "The plan is proved best"
ALL_PROVED = "All plans proved best"
BOTH_PROVED = "Both plans proved best"
OWN_OBJECTIVES = ", each by its own objective"
NOT_ALL_PROVED = "Not proved best: {names}"
REGIONAL_ASSUMED_SHORT = "; regional data assumed."
REGIONAL_KNOWN_SHORT = "."
BREAKS_LIMITS = "{scenario} breaks {count} limits (such as {first}): shown for reference only."
FAILED = "{scenario}: {reason}"
COMPARE_NEEDS_TWO = "compare needs two plans, or one scenario with --set"

# check and show
CHECK_OK = "{scenario}: {title}. The files are valid."
CHECK_COUNTS = (
    "{published} numbers published, {derived} derived, {assumption} assumed"
    "{scenario_set}{default_set}."
)
CHECK_SCENARIO = ", {count} set by the scenario"
CHECK_DEFAULT = ", {count} left at their default"
CHECK_HEADINGS = ("{status}", "value", "unit", "source or reason")
STATUS_HEADINGS = {
    "published": "PUBLISHED",
    "derived": "DERIVED",
    "assumption": "ASSUMED",
    "scenario": "SET BY A SCENARIO",
}
CHECK_MANY = "{count} values"
WARNING = "warning: {text}"
UNUSED_SOURCE = "source {code} is not cited by any number"
LEAST_RATE_ABOVE_CEILING = "least_rate {rate} is above the highest rate feasible there, {ceiling}"
SHOW_MODEL = "model {model}; read from {files}"
SHOW_HEADINGS = ("key", "value", "unit", "status", "set at")
SHOW_SCENARIOS = "Scenarios at hand"
SHOW_MODELS = "Models at hand"
UNREADABLE = "(cannot be read)"
SHOW_LIST_HEADINGS = ("name", "title", "file")

# command line
MISTAKES = "{count} mistake{s}; nothing was solved."
SEE_KEYS = "All keys with their values and origins: fte-alloc show {scenario}"
UNKNOWN_EXTENSION = "--out {path}: expected an ending among {known}"
FORMAT_CONFLICT = "--format {format} and --out {path} disagree; leave out --format"
CANNOT_WRITE = "--out {path}: {reason}"
INTERRUPTED = "Interrupted."
NO_PLAN = "{scenario}: no plan is possible."
NO_PLAN_WHY = "No allocation of posts satisfies every limit of the scenario at once."
STOPPED = "{scenario}: stopped at the time limit; the plan shown is not proved best."
NOTHING_TO_CHECK = "no scenario at hand"
