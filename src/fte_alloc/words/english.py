"""Every sentence the tool says, apart from the logic that decides to say it.

Templates for ``str.format``; numbers are formatted before they are put in. Pairs that differ in
number, one and several, are for ``words.plural``. Keys of tables are codes, never translated.
"""

# -- input mistakes: what is, what was expected, how to put it right ----------------------------

EXPECTED_NUMBER = "a number"
EXPECTED_AT_MOST = "a number of at most 1,000,000,000,000"
EXPECTED = {
    "amount": "a number of at least 0",
    "rate": "a rate between 0 and 1",
    "number": "a number",
    "draws": "a whole number from 1 to 1000",
    "text": "a text in quotes",
    "curve": '"saturating" or "table"',
    "role": '"facilitator" or "coordinator"',
    "code": 'a code, such as "44"',
    "codes": 'a list of codes, such as ["44", "52"]',
    "years": "a list of years, such as [2023, 2024]",
    "concede": "a share of at least 0 and below 1",
}
OR_NONE = ' (or "none")'
IS_EXPECTED = "is {value}, expected {expected}"
DID_YOU_MEAN = "; did you mean {name}?"
PERCENT_AS_SHARE = "; {percent} % is written {share}"
WRITE_NUMBER = "; write {number}"
WRITE_EITHER = "; write {number} or {other}, whichever is meant"
WITHOUT_QUOTES = "; write {number}, without quotes"
HUGE_NUMBER = "a huge number"
A_TABLE = "a table"
TABLE_EXPECTED = "is {value}, expected a table: [{key}]"
KEYS_BELOW = "; its keys: {keys}"
UNKNOWN_KEY = "unknown key{hint}"
LIMIT_AMOUNTS, LIMIT_PLACES = "amount", "kind of places"
LIMIT_TWO = 'is a second {kind} beside {other} ({origin}); keep one, set the other to "none"'
LIMIT_WITHOUT_AMOUNT = "no amount is given, such as at_most_fte = 2"
LIMIT_NEW_BY_SET = (
    "there is no such limit{hint}; a new one also needs territories, areas, area or where"
)
LIMIT_NOT_THERE = "there is no such limit to take away{hint}"
LIMIT_RESERVED = "{name} is a built-in limit; call your own another name"
LIMIT_RATE_HAS_NO_ROLE = "a rate counts contracts, not posts: leave role out"
LIMIT_RATE_IS_A_FLOOR = "a rate is demanded as at_least_rate; it cannot be forbidden"
LIMIT_PART_OF_AREA = (
    "a coordinator serves a whole area, and of {areas} only a part is among these places",
    "a coordinator serves a whole area, and of {areas} only parts are among these places",
)
UNKNOWN_AREA = "no area {code}{hint}; known: {known}"
WHERE_EXPECTED = (
    "{term}: expected a column, a comparison and a number, such as qpv_share >= 0.12; "
    "several with and"
)
WHERE_UNKNOWN_COLUMN = "no column {column} with numbers{hint}; known: {known}"
WHERE_NUMBER_EXPECTED = "is compared with {value}, expected a number"
WHERE_NOBODY = "picks no territory: {ranges}"
WHERE_RANGE = "{column} goes from {low} to {high}"
WHERE_BLANK = (
    "{count} territory has no {column} and is not picked",
    "{count} territories have no {column} and are not picked",
)
GIVEN_TWICE = "is given twice, here and as {other}; keep one"
SET_SYNTAX = "expected KEY=VALUE, such as posts.cap_fte=600"

NOT_WITH_SET = "belongs in the scenario's file; --set cannot change it"

NO_SUCH_FILE = "no such file{hint}"
IS_A_DIRECTORY = "is a directory, expected a file"
NO_PLAIN_FILE = "is a device, a socket or a pipe, expected a file"
TOO_LARGE = "is larger than {most} MB; no input of this tool is"
NOT_TEXT = "is not a text file in UTF-8; save it as CSV UTF-8"
NOT_UTF8 = "is not in UTF-8; save the file in UTF-8"
READ_AS_CP1252 = "not in UTF-8, read as Windows-1252; check the accents, or save it as CSV UTF-8"
BROKEN_TOML = "not valid TOML: {error}"
SYNTAX = {
    "Expected newline": "something stands after the value; write one key = value a line",
    "Expected '='": "expected key = value",
    "Invalid statement": "expected key = value, or a [table]",
    "Illegal character '\\n'": "the quotes are not closed on this line",
    "Unclosed array": "a list is not closed; it ends with ]",
    "Unclosed inline table": "a table in braces is not closed; it ends with } on the same line",
    "Duplicate inline table key": "a key stands twice between the braces; keep one",
    "Invalid value": "expected a number, true, false, a list, or a text in quotes",
    "Invalid date": "expected a date such as 2023-05-03",
    "Invalid initial character": "expected a key before the equals sign",
    "Expected ']": "a bracket is missing at the end of a [table]",
    "Unterminated string": "the quotes are not closed",
    "Unescaped": 'a backslash in a text is written twice: "\\\\"',
    "Invalid hex": "the code after a backslash is none of TOML's",
    "Escaped character": "the code after a backslash is none of TOML's",
    "Cannot mutate": "this table is closed already; put its keys together",
    "Cannot redefine": "this table is closed already; put its keys together",
    "Cannot overwrite": "a value stands here already; keep one",
    "Found invalid character": "a character stands here that TOML does not allow",
    "Illegal character": "a character stands here that TOML does not allow",
}
ENDS_EARLY = "the file ends inside a value; close its bracket or its quotes"
TOO_MANY_DIGITS = "a number has thousands of digits"
TOO_DEEP = "not valid TOML: brackets within brackets, too deep to read"
KEY_TWICE = "{key} stands twice{first}; keep one"
TABLE_TWICE = "{table} stands twice{first}; put its keys together under one"
FIRST_ON_LINE = " (first on line {line})"
STRAIGHT_QUOTES = 'typographic quotes; write straight ones: "…"'
NO_BREAK_SPACE = "a no-break space stands here; type a plain space in its place"
KEY_NEEDS_QUOTES = 'a name with accents, spaces or apostrophes needs quotes: "{part}"'
BRACKET_MISSING = "a bracket is missing; expected {header}"
DECIMAL_POINT = "{typed} has a decimal comma; write {point}"
NO_TOML_NUMBER = "{typed} is not written as a number"
NO_SPACES = "{typed} has spaces; write {joined}"
NO_PERCENT = "{percent} % is written {share}"
VALUE_MISSING = "{key} has no value after its equals sign"
TEXT_NEEDS_QUOTES = '{typed} is a text; put it in quotes: "{typed}"'
LOWER_CASE = "{typed} is written {lower}"
BROKEN_CSV = "not valid CSV: {error}"
CSV_ERRORS = {
    "unexpected end": "unexpected end of data",
    "expected after": "something stands after closing quotes",
    "field larger": "a cell is too long",
    "line contains NUL": "a null character",
}
NO_COLUMNS = "no columns found, expected {columns} separated by commas or semicolons"
NO_ROWS = "has no rows under its header"
HEADER_TWICE = "the header stands here again; take this row out"
ROW_LENGTH = "expected {columns} cells, found {cells}"
ROW_LENGTH_COMMAS = "; a decimal comma needs semicolons between the cells"
COLUMN_MISSING = "column {column} is missing{hint}"
IS_IT = "; is it {name}?"
COLUMN_UNKNOWN = "column {column}: unknown{hint}"
COLUMN_TWICE = "column {column} stands twice"
COLUMN_UNNAMED = "column {number} has no name"
EMPTY_CELL = "is empty, expected a number"
DECIMAL_COMMA_AMONG_COMMAS = (
    "a decimal point: commas separate the cells here; or put semicolons between the cells"
)
PERCENT_SIGN = "a share such as 0.12, without a percent sign"
THOUSANDS_SEPARATORS = "a number without separators between thousands"
MIXED_DECIMALS = (
    "{point} has a decimal point and {comma} (line {line}) a decimal comma; use one of them"
)
PERHAPS_THOUSANDS = (
    "{column}: {text} can be read in two ways; write {whole} if the mark parts the thousands, "
    "{decimal} if it is the decimal one"
)
TOTAL_ROW = (
    "{row} is the sum of {rows} in {figures}: a total would be planned for as one more territory; "
    "delete the row here and its rows in the other table ({place})"
)
ALL_OTHER_ROWS = "all other rows"
NO_MODEL = 'says no model; add model = "france-2023" or another'
MODEL_AS_SCENARIO = "is a model, expected a scenario: a file that names its model"
CYCLE = "extends: goes round in a circle: {names}"
NONE_AT_HAND = 'no {kind} "{name}": no {kind} at all in the working directory or the package'
UNKNOWN_NAME = 'no {kind} "{name}" in ./{folder} or the installed package{hint}\nAvailable: {known}'
NOT_A_SCENARIO = (
    'no scenario "{name}": it is {what}; expected the name of a scenario or its .toml file'
)
OTHER_KINDS = {
    "model": "the folder of a model, which a scenario names",
    "folder": "a folder",
    ".csv": "a table, such as evaluate --posts and sweep --cases take",
    ".json": "a JSON file, such as the plans that verify and compare take",
    ".xlsx": "a workbook; the tables of a model are read as .csv",
    ".xls": "a workbook; the tables of a model are read as .csv",
    ".ods": "a workbook; the tables of a model are read as .csv",
    "file": "a file of another kind",
}
FILE_KINDS = {"scenarios": "scenario", "models": "model"}
NO_MODEL_FOLDER = "{path} is not the folder of a model"
NAME_IS_MODEL = "; it is a model, expected a scenario that names it"
ONLY_IN_MODELS = "belongs in a model, not in a scenario"
LINK_IN_MODEL = "belongs in a scenario, not in a model"
ONLY_IN_SCENARIOS = "belongs in a scenario; a model has territories.csv and contracts.csv"

LONG_FORM = (
    "is {value}, expected the long form of a model: "
    '{{ value = …, unit = "…", status = "…", source = "…" }}'
)
COLUMN_FORM = 'is {value}, expected {{ unit = "…", status = "…", source = "…" }}'
BARE_VALUE = "expected the bare value here, without unit and status"
DOT_IN_COLUMN = "a column needs a name without a dot"
QUANTITY_LACKS = "lacks {key}; a number of a model has value, unit and status"
WRONG_UNIT = 'unit is "{unit}", expected "{expected}"'
WRONG_STATUS = "status is {status}, expected published, derived or assumption{hint}"
NEEDS_SOURCE = "is {status}, which needs a source"
NEEDS_NOTE = "is an assumption, which needs a note with its reason"
UNKNOWN_SOURCE = 'source "{source}" is not among [sources]{hint}'
MORE_NUMBERS = (" (cited by {count} more number)", " (cited by {count} more numbers)")
COLUMN_WITHOUT_STATUS = (
    "column {column} needs unit and status in model.toml, under [tables.{table}]"
)
COLUMNS_WITHOUT_STATUS = (
    "columns {column} need unit and status in model.toml, under [tables.{table}]"
)
NO_SUCH_COLUMN = "no such column in {file}{hint}"
INDICATOR_LIKE_COLUMN = "column {column} is read as an indicator; is {like} meant?"
REQUIRED_MISSING = "is missing ({text})"

UNKNOWN_TERRITORY = "no such territory in {model}{hint}"
UNKNOWN_TERRITORY_IN_TABLE = "{code} is not in territories.csv{hint}"
UNKNOWN_SEGMENT = "no such kind of buyer in {model} ({known}){hint}"
UNKNOWN_SEGMENT_IN_TABLE = "{segment} is not among [coverage.segments] of the model{hint}"
LEADING_ZERO = "; did a spreadsheet drop the leading zero of {code}?"
SEVERAL_MEANT = "; it may mean {codes}: give the code"
ZERO_DROPPED_THERE = "; it has {code}: did a spreadsheet drop the leading zero there?"
BAD_CODE = "code {code}: expected letters, digits, hyphens or underscores"
CODE_TWICE = "code {code} stands twice (first on line {line})"
CODES_COLLIDE = "codes {code} and {other} are too alike to be told apart; rename one"
MORE_ROWS = (" (and {count} more row)", " (and {count} more rows)")
PAIR_TWICE = "contracts of {pair} stand twice (first on line {line})"
CONTRACTS_MISSING = "no row for {pairs}; write 0 where there are none"
TERRITORY_WITHOUT_CONTRACTS = "{code} has no row in contracts.csv; add its counts, or drop it here"
CONTRACTS_OF_YEARS = "no contracts of {years} for {pairs}"
MORE_PAIRS = "{pairs} and {count} more"
AND = " and "
NOT_A_YEAR = '"{year}" is not a year of four digits'
EMPTY_BY_YEAR = "is an empty table, expected a value or one a year"
UNKNOWN_YEAR = "{year} is not among the years ({known})"
NO_COORDINATORS = "{model} has no coordinators; give {keys} too, or take this out"
COORDINATORS_WITHOUT_COST = "needs [posts.coordinator] in the model, to say what they cost"
YEARS_CONSECUTIVE = "are {years}, expected years that follow one another, each once"
YEARS_MISSING = "has no value for {years}"
YEARS_MISSING_LIMIT = 'has no value for {years}; give one, or "none" for no limit'
STAGES_LIST = (
    'expected one [[stages]] table or more, or a whole list such as [{ maximise = "coverage" }]'
)
STAGE_FORM = 'is {value}, expected a table such as {{ maximise = "coverage" }}'
STAGE_ONE_SENSE = "expected either maximise or minimise"
STAGE_TWICE = "{objective} is served twice"
STAGE_NEEDS_TARGET = "needs coverage.target_rate in every year"
STAGE_NEEDS_PLAN = "needs reference_plan, a posts file to measure the change from"
UNKNOWN_OBJECTIVE = "is {objective}, expected one of {known}{hint}"
OTHER_SENSE = '{objective} can only be {done}: {other} = "{objective}"'
SENSES = {"maximise": "maximised", "minimise": "minimised"}
FLOOR_ABOVE_CEILING = "is {value}, above {key} = {other} ({origin})"
CEILING_BELOW_FLOOR = "is {value}, below {key} = {other} ({origin})"
NO_SEGMENTS = "has no [coverage.segments] table"
NO_CONTRACTS = "every count of contracts is 0"
WEIGHTS_ALL_ZERO = "every {kind} weight is 0; nothing is left to maximise"
WEIGHT_KINDS = {"segment": "segment", "territory": "territory", "year": "year"}
UNKNOWN_INDICATOR = "no such column of rates in territories.csv ({known}){hint}"
INDICATOR_NOT_A_RATE = 'cannot weigh; an indicator must be a rate or a share (unit "1"): {known}'
WEIGHTS_LEAVE_NOTHING = "weights leave every contract at 0; nothing is left to maximise"
NO_POPULATION = "needs the column population in territories.csv; it is 0 everywhere"
INDICATOR_MEAN = "column {column} has the mean {mean} over inhabitants, expected one above 0"
INDICATOR_LACKS = "needs the column {column} in territories.csv; empty or missing for {codes}"
CURVE_START = "curve of {pair}: expected its first point at effort 0"
CURVE_TWICE = "curve of {pair}: effort {effort} stands twice"
CURVE_NOT_CONCAVE = (
    "curve of {pair}: lines {lines} are not increasing and concave (each step must bring no more "
    "than the one before)"
)
CURVES_NEEDED = 'is "table", which needs {file}'
CURVES_MISSING = "no curve for {pairs}"
CURVE_ABOVE_CONTRACTS = "curve of {pair}: reaches {most} of {contracts} contracts, a rate above 1"
UNKNOWN_ROLE = 'role "{role}", expected facilitator or coordinator{hint}'
POST_TWICE = "{post} stands twice (first on line {line})"
NOT_A_PLAN = "is not a saved plan (fte-alloc solve … --out PLAN.json)"

# -- solving -------------------------------------------------------------------------------------

NOTHING_LIMITS_POSTS = (
    "nothing limits the {role} posts of {code}: set a cap, a budget, a growth limit or a maximum"
)
NO_PLAN_POSSIBLE = "no plan is possible."
STAGE_LOST = "HiGHS: no plan found that keeps what an earlier stage has reached"
STOP_REASONS = {
    "time limit": "stopped at the time limit",
    "rounds": (
        "undecided: the figures are too large, too small or too far apart to settle the posts"
    ),
}
STOPPED_WITHOUT_PLAN = "{reason}; no plan was found and nothing is proved."
PLAN_FAILS_CHECK = "the plan found does not pass the independent check: {violation}"
BOUNDS_DISAGREE = "the two bounds of a stage do not agree"
ANSWER_NOT_PROVED = "HiGHS: no answer of the solver passes the check by arithmetic"
ROWS_WITHOUT_INPUT = "rows that no input sets contradict each other: {rows}"
ROLES = {"facilitator": "facilitator", "coordinator": "coordinator"}

# -- pages -------------------------------------------------------------------------------------

PERCENT = "{number}%"
QUANTITIES = {"EUR": "{number} EUR", "FTE": "{number} FTE"}
NO_LIMIT = "none"
SEMICOLON = "; "
PROVED_BEST = "PROVED BEST: {claim}"
PROVED_REACHED = "target reached; {claim}"
PROVED = {
    "coverage": "no plan covers more than {bound}",
    "contracts": "no plan covers more than {bound}",
    "worst_rate": "no plan lifts the lowest rate above {bound}",
    "shortfall": "no plan misses the target by less than {bound}",
    "territorial_shortfall": "no plan misses the targets by less than {bound}",
    "state_cost": "no plan costs the State less than {bound} EUR",
    "posts": "no plan opens fewer than {bound} FTE",
    "change": "no plan moves fewer than {bound} FTE",
}
IN_STEPS = "BEST by the solver's bound: {bound}; without steps {relaxed} is proved"
OVER_YEARS = " in {first}–{last}"
PROVED_WEIGHTED = "no plan exceeds {bound} weighted contracts"
NOT_PROVED = "STOPPED, NOT PROVED: the bound is {gap} away, relative"
NOT_BEST = "Not proved best: {reason}."
UNDECIDED = "UNDECIDED, NOT PROVED: the bound is {gap} away, relative"
NOT_PROVED_AT_ALL = "STOPPED, NOT PROVED"
JUDGED = "JUDGED, not optimised"
TITLE = "{scenario}: {title}"
COVERED = (
    "Contracts  {contracts} of {all} = {rate}    no new post: {before} = {before_rate}    {target}"
)
EFFORT_GAINS = (
    "Effort     {change} contracts: posts in place serve the scenario's objective and cover "
    "{contracts}"
)
NEW_POSTS_GAIN = "New posts  {change} contracts beside them: {contracts} in all"
TARGET_SHORT = "{target} target: {missing} short"
TARGET_REACHED = "{target} target reached"
NETWORK = "Network    {used} FTE{cap}   State {state}{budget} M EUR   partners {partners} M EUR"
OF_CAP = " of {cap}, {unused} unused"
OF_CAP_OVER = " of {cap}, {unused} too many"
OF_CAP_ALL = " of {cap}, all used"
NO_CAP = " (no cap)"
OF_BUDGET = " of {budget}"
YEAR_LINE = (
    "{year}       {contracts} contracts = {rate}   {new} new FTE of both roles   {used} FTE"
    "   State {state} M EUR"
)
STAGE_LINE = "Stage {number}    {objective}: {value}, {whose} {bound}, gap ≤ {gap}{concede}"
STAGE_CONCEDED = "; gives up {concede}: {in_plan} in the plan"
STAGE_BOUND, STAGE_SOLVER_BOUND = "bound", "solver's bound"
OBJECTIVES = {
    "coverage": "contracts covered, weighted",
    "contracts": "contracts covered",
    "worst_rate": "lowest rate",
    "shortfall": "distance to the target",
    "territorial_shortfall": "distances to the target",
    "state_cost": "State money, EUR",
    "posts": "new posts of both roles, FTE",
    "change": "posts moved, FTE",
}
FTE_HEADINGS = (
    "{fte}, both roles",
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
    "own": "{name}",
}
HELD_MEANING = {
    "growth": "growth: can recruit no more this year",
    "span": "span: coordinators can support no more",
    "max_new": "maximum: its own limit on new posts",
    "partners": "partners: they can pay no more",
    "own": "{name}: a limit of the scenario's own",
}
HELD_LEGEND = "Held by    {meanings}"
WEIGHT, SEGMENT_WEIGHT = "weight", " (weight {weight})"
BY_BUYER = "By buyer   {rates}"
NEXT_MONEY = "Next 10,000 EUR of State money: about +{gain} {worth}."
NEXT_MONEY_NONE = "More State money: no gain."
NEXT_MONEY_UNUSED = "More State money: none, {unused} EUR are unused."
NEXT_FTE = "One more FTE of cap: about +{gain} {worth}."
NEXT_FTE_NONE = "More cap: none, {unused} FTE are unused."
NEXT_IN = "In {years}: {sentence}"
NO_PRICES_IN_STEPS = "Plans in steps have no prices: posts do not answer small changes."
LIMITS_COST = "Limits     {limits}"
LIMIT_COST = "{limit} +{gain} {worth} for {per} more ({where}{others})"
LIMIT_COST_FLOOR = "{limit} +{gain} {worth} for {per} less ({where}{others})"
LIMIT_NAME = {
    "growth": "growth",
    "max_new": "maximum",
    "min_new": "minimum",
    "partners": "partners' money",
    "coordinator_required": "required coordinator",
    "coordinator_max": "most coordinators",
    "least": "least rate",
}
#: What a price is for, by the end of its unit.
LIMIT_PER = {
    "FTE": "1 FTE",
    "1000 EUR": "1,000 EUR",
    "0.01 of rate": "1 point",
    "0.01 of share": "1 point of share",
}
LIMITS_EDGE = "No room    {names}: a little stricter leaves no plan; looser changes nothing."
LIMITS_IDLE = "No effect  {names}: one more or one less changes nothing."
OTHERS = (", {count} other", ", {count} others")
#: What a row of territories.csv is: one, several, of it; and where a model has another word for it.
TERRITORIES = {
    "region": ("region", "regions", "regional"),
    "département": ("département", "départements", "departmental"),
}
TERRITORY = ("territory", "territories", "territorial")
REGIONAL_ALL_ASSUMED = (
    "All {total} {territorial} counts of posts and contracts are ASSUMED: none is published."
)
REGIONAL_SOME_ASSUMED = (
    "{assumed} of {total} {territorial} counts of posts and contracts are ASSUMED."
)
REGIONAL_NONE_ASSUMED = (
    "None of the {total} {territorial} counts of posts and contracts is assumed."
)
REGIONAL_EACH = "Each with its reason: {command}"
UNITS = {
    "rate": "points",
    "contracts": "contracts",
    "weighted contracts": "weighted contracts",
    "EUR": "EUR",
    "FTE": "FTE",
}
#: The same after a number below 2, which French counts in the singular.
UNITS_BELOW_TWO = {
    "rate": "points",
    "contracts": "contracts",
    "weighted contracts": "weighted contracts",
    "EUR": "EUR",
    "FTE": "FTE",
}

#: Units of inputs, as files write them.
INPUT_UNITS = {
    "EUR/yr": "EUR/yr",
    "EUR/(FTE.yr)": "EUR/(FTE.yr)",
    "contracts/yr": "contracts/yr",
    "contracts/(FTE.yr)": "contracts/(FTE.yr)",
    "inhabitants": "inhabitants",
    "FTE": "FTE",
}

# evaluate
EVAL_LOSS = "This plan reaches {value}; the best reaches {best}: {loss} less ({share})."
EVAL_COUNTED = "Each counting as one, it covers {value} contracts, the best {best}: {change}."
EVAL_BEST = "This plan is as good as the best: {best}."
EVAL_BETTER = "It reaches {value}, more than the best within the limits ({best}), by breaking some."
NOTHING_PROVED = "none"
EVAL_FOUND = (
    "This plan reaches {value}, the best plan found {best}, bound {bound}; not proved: {reason}."
)
EVAL_NO_OPTIMUM = "No plan at all keeps every limit of this scenario; nothing to compare with."
EVAL_OK = "It keeps every limit."
EVAL_BROKEN = ("It breaks {count} limit:", "It breaks {count} limits:")
EVAL_HEADINGS = ("New posts, FTE", "this plan", "best", "difference")
EVAL_BEST_FOUND = "best found"
VIOLATION = "{limit}{where}{year}: {value}, limit {bound} ({beyond} too much)"
VIOLATION_MINIMUM = "{limit}{where}{year}: {value}, minimum {bound} ({beyond} too little)"
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
    "own": "{name}",
}

# a scenario nothing can satisfy
IMPOSSIBLE = "{scenario}: no plan is possible."
IMPOSSIBLE_BY_SOLVER = (
    "Posts in steps: by the solver's word, confirmed without presolve. Without steps a plan exists."
)
IMPOSSIBLE_UNSURE = "the solver finds no plan, but nothing proves that there is none"
IMPOSSIBLE_CONFLICT = "These cannot hold together:"
IMPOSSIBLE_CONFLICT_MORE = "Nor can these:"
IMPOSSIBLE_NO_EFFORT = "This cannot be reached:"
ITEMS = {
    "budget": "State budget",
    "cap": "cap of the network",
    "partners": "partners' money{where}",
    "growth": "recruitment in a year{where}",
    "max_new": "most new facilitators{where}",
    "min_new": "least new facilitators{where}",
    "coordinator_max": "room for coordinators{where}",
    "coordinator_required": "{coordinators}{where}",
    "least": "least rate {rate}{where}",
    "span": "a coordinator can support",
    "keep_facilitator": "posts once opened are kept",
    "keep_coordinator": "posts once opened are kept",
    "step_facilitator": "posts come in steps of",
    "step_coordinator": "posts come in steps of",
    "existing": "{fte} posts in place{where}",
    "committed": "{fte} renewed posts{where}",
    "own": "limit {name}",
}
COORDINATORS = ("{count} coordinator", "{count} coordinators")
ITEM_WHERE, ITEM_WHERE_MANY = ", {name}", ", {count} {territories}"
ITEM_YEAR = " ({year})"
ITEM_RATES = "of each"
ITEM_LINES = "{file}, {count} lines"
ITEM_ROWS = "{file}, {count} rows"
ITEM_NEEDED, ITEM_EXCESS = "needed at least", "{excess} too much"
ITEM_NO_EFFORT = "no effort exceeds {rate}"
REPAIR_ONE = "Any ONE of these is enough (least change, rounded to the safe side):"
REPAIR_THE_ONE = "This is enough (least change, rounded to the safe side):"
REPAIR_ALL = "ALL of these together are enough (least relative sum, State rates kept: {sum}):"
REPAIR_CHANGE = "{before} → {after}"
REPAIR_FIRST = "Smallest in relative terms: the first."
REPAIR_TOGETHER = "Smallest in relative terms: the changes together."
REPAIR_NONE_ALONE = "No single change is enough."
REPAIR_NEVER = "Changing the {kinds} alone never helps."
REPAIR_NOTHING = "No change of the limits a scenario can set makes it possible."
REPAIR_KINDS = {
    "budget": "budget",
    "cap": "cap",
    "coordinator_required": "required coordinators",
    "state_rate": "State rates",
    "least": "least rates",
    "min_new": "minimum posts",
    "partners": "partners' money",
}
REPAIR_OR = " or "
REPAIR_TRY = "Try:  {command}"
# posts in steps
ROUNDING = "{steps} cost at most {loss} ({share}) against continuous posts: proved."
STEP_NAMES = {0.5: "Half posts", 1.0: "Whole posts"}
STEPS_OF = "Steps of {step} FTE"

# compare
TITLE_CHANGED = "{title}, changed"
COMPARE_INPUTS = "Inputs that differ"
COMPARE_INPUTS_FROM = "Inputs that differ from {baseline}"
COMPARE_SAME_INPUTS = "No input differs."
COMPARE_MORE_INPUTS = "… and {count} more (--format csv lists them all)"
COMPARE_RESULTS = "Results"
COMPARE_DIFFERENCES = "Differences to {baseline}"
COMPARE_POSTS = "New posts of both roles, FTE"
COMPARE_POSTS_CHANGES = "New posts of both roles, FTE: {baseline}, then changes to it"
DIFFERENCE, CONTRACTS = "difference", "contracts"
RESULT_NAMES = {
    "expected_contracts": "expected contracts",
    "no_new_post": "  with no new post",
    "redirected": "  by the aim of effort",
    "gained": "  by new posts",
    "rate": "coverage rate",
    "lowest": "lowest {territory}",
    "lowest_code": "  which one",
    "state_eur": "State, EUR",
    "partners_eur": "partners, EUR",
    "used_fte": "network, FTE",
    "new_fte": "new FTE, both roles",
    "missing": "contracts short of the target",
}
LOWEST_SAME = " ({code})"
NOTHING_MOVES = "No post moves."
FIGURES_OF = "{scenario}: figures of {year}"
NOTHING_LEFT = "Nothing is left to compare with {scenario}."
EFFORT_ONLY = "No post moves; only the effort between kinds of buyer does."
NONE_OF_THEM = "none"
NONE_THERE = "none"
MOVED = "{gain}; {lose}; {keep}."
MOVES = {
    "gain": ("{count} gains", "{count} gain"),
    "lose": ("{count} loses", "{count} lose"),
    "keep": ("{count} keeps its own", "{count} keep theirs"),
}
MOVED_FROM = "{scenario}: {sentence}"
ONE_PROVED = "The plan is proved best"
ALL_PROVED = "All plans proved best"
BOTH_PROVED = "Both plans proved best"
OWN_OBJECTIVES = ", each by its own objective"
NOT_ALL_PROVED = "Not proved best: {names}"
SOLVERS_BEST = "Best by the solver's bound, in steps: {names}"
REGIONAL_ASSUMED_SHORT = "; {territorial} counts of posts and contracts assumed."
REGIONAL_KNOWN_SHORT = "."
BREAKS_LIMITS = (
    "{scenario} breaks {count} limit ({first}): shown for reference only.",
    "{scenario} breaks {count} limits (such as {first}): shown for reference only.",
)
FAILED = "{scenario}: {reason}"
COMPARE_NEEDS_TWO = "compare needs two plans, or one scenario with --set"
STATUS_QUO_ALONE = (
    "status-quo is that of a scenario: name one before it, or a plan whose files are at hand"
)
# compare --why: what each change did
BRIDGE_HEADING = "Why {after} differs from {before}"
BRIDGE_CHANGE = "{start} → {end}:"
BRIDGE_PART, BRIDGE_BETWEEN = "{change} {amount}", " · "
BRIDGE_ERROR = "±{error}"
BRIDGE_LOWEST = "lowest {territory}, points"
BRIDGE_POSTS_OF = "{code} {name}, new FTE, both roles"
BRIDGE_SHAPLEY = (
    "Each change's effect is its average over all orders in which the changes can be made."
)
BRIDGE_SAMPLED = (
    "Averages over {orders} random orders of the changes, each with its standard error (±)."
)
BRIDGE_ORDERS_LEFT = "Averages over {orders} of the {all} orders in which the changes can be made."
BRIDGE_LEFT_OUT = {
    "unproved": "Orders left out: in between, a plan was not proved best.",
    "failed": "Orders left out: in between, the solver failed.",
}
BRIDGE_TOGETHER = {
    "impossible": "Told together: {names}. Between some of them no plan is possible.",
    "refused": "Told together: {names}. Between some of them the scenario makes no sense.",
    "unproved": "Told together: {names}. Between some of them no plan was proved best.",
    "failed": "Told together: {names}. Between some of them the solver failed.",
}
BRIDGE_NOTHING = "Nothing that decides a plan differs."
BRIDGE_MISSING = {
    "not_best": "Not told for {plan}: it is not the proved best plan of inputs that are known.",
    "no_inputs": "Not told for {plan}: its problem was given without the inputs it comes from.",
}
BRIDGE_PROGRESS = "scenarios in between"
CHANGE_NAMES = {
    "model": "model",
    "years": "years",
    "budget": "budget",
    "cap": "cap",
    "steps": "steps",
    "costs": "cost of posts",
    "state_share": "State's share",
    "growth": "growth",
    "first_year": "first-year effectiveness",
    "coordinators": "coordinators",
    "target": "target",
    "coverage": "coverage curves",
    "buyer_weights": "weights of buyers",
    "territory_weights": "weights of territories",
    "indicator_weights": "weights of indicators",
    "year_weights": "weights of years",
    "stages": "objectives",
    "reference_plan": "reference plan",
    "contracts": "contracts",
}
COLUMN_NAMES = {
    "area": "areas",
    "population": "population",
    "existing_facilitators_fte": "facilitators in place",
    "committed_facilitators_fte": "renewed facilitators",
    "existing_coordinators_fte": "coordinators in place",
    "committed_coordinators_fte": "renewed coordinators",
    "min_new_facilitators_fte": "minimum posts",
    "max_new_facilitators_fte": "maximum posts",
    "partner_capacity_eur": "partners' money",
    "least_rate": "least rates",
    "contracts_per_fte_factor": "contracts per FTE",
}
CHANGED_LIMIT = "limit {name}"
CHANGED_COLUMN = "column {column}"
# compare: plans in other worlds
CROSS_HEADING = "Each plan under each scenario: contracts it would cover"
CROSS_REGRET = "most lost"
CROSS_LOST = "Most lost: how many contracts fewer than a scenario's own best plan, at most."
CROSS_BREAKS = "*"
CROSS_BREAKS_MEANING = "*: breaks limits of that scenario."
CROSS_NOT_JUDGED = "–"
CROSS_NOT_JUDGED_MEANING = "–: not judged, its years or posts are others."
CROSS_DOMINATED = (
    "Never better than some other plan, and somewhere worse, where breaking limits is worst: "
    "{names}."
)
CROSS_LEAST = "Safest of the plans that keep all limits: {names}; contracts lost at most: {regret}."
CROSS_ALIKE = (
    "These scenarios differ in limits or objectives only: a plan covers the same number of "
    "contracts under each of them."
)
CROSS_ALIKE_BREAKS = "Limits of other scenarios are broken by: {names}."

# explain
THIS_PROBLEM = "this problem"
EXPLAIN_NOT_PROVED = "the plan is not proved best; nothing is explained."
# What a gain is, by objective.
WORTH = {
    "coverage": "contracts",
    "contracts": "contracts",
    "worst_rate": "points of lowest rate",
    "shortfall": "contracts nearer target",
    "territorial_shortfall": "contracts nearer targets",
    "state_cost": "EUR saved",
    "posts": "FTE saved",
    "change": "FTE moved less",
    "weighted": "weighted contracts",
}
#: The same after a number below 2, which French counts in the singular.
WORTH_BELOW_TWO = {
    "coverage": "contracts",
    "contracts": "contracts",
    "worst_rate": "points of lowest rate",
    "shortfall": "contracts nearer target",
    "territorial_shortfall": "contracts nearer targets",
    "state_cost": "EUR saved",
    "posts": "FTE saved",
    "change": "FTE moved less",
    "weighted": "weighted contracts",
}
VALUE_COUNTED = "{value} (unweighted {contracts})"
VALUE_REACHED = "{value} {objective}"
WHY_NATION = "{value}, {proof}"
PROVED_AS_BEST, BEST_OF_SOLVER = "proved best", "best by the solver's bound"
WHY_TITLE = "{code} {name}: {posts} new facilitators"
WHY_POSTS = (
    "Posts      {new} new facilitators beside {existing} in place and {committed} renewed; "
    "{coordinators} new coordinators."
)
WHY_COORDINATOR = (
    "           The last {fte} FTE of its coordinators bring {gain} {worth}, by their support."
)
WHY_COVERS = "Covers     {covered} of {contracts} contracts = {rate}. The plan: {value}, {proof}."
WHY_YEARS = "Figures of {year}. A post more or fewer is one in every year; money and cap likewise."
WHY = "Why {posts:<6} {reason}"
STOPPED_WHY = {
    "growth": "It would get more, but growth holds it: it can recruit no more in a year.",
    "max_new": "It would get more, but its own limit on new posts holds it.",
    "partners": "It would get more, but its partners can pay no more.",
    "min_new": "It would get fewer, but must get at least so many.",
    "least": "It would get fewer, but its least rate asks for so many.",
    "coordinator": (
        "Its coordinator can support no more than {supported} facilitators; the next, unsupported, "
        "brings less here than elsewhere."
    ),
    "later": "By itself the next post brings nothing; the next objective decides: {objective}.",
    "elsewhere": "No limit holds its facilitators; the next brings no more here than elsewhere.",
    "worth_less": "No limit holds its facilitators; even the first brings less than elsewhere.",
    "own": "The limit {name} keeps it from getting more or fewer.",
}
STOPPED_BY = {
    "growth": "limit on recruitment",
    "max_new": "its own limit",
    "partners": "partners can pay no more",
    "min_new": "must get so many at least",
    "least": "its least rate asks for them",
    "coordinator": "its coordinator is fully used",
    "later": "brings nothing by itself",
    "elsewhere": "next no more than elsewhere",
    "worth_less": "even the first brings less",
    "own": "limit {name}",
}
POST_HEADINGS = ("One post brings, {worth}", "here", "elsewhere", "the plan", "")
LAST_POST = "last: {after} instead of {before}"
NEXT_POST = "next: {after} instead of {before}"
PLAN_WITHOUT, PLAN_WITH = "{change} without it", "{change} with it"
GIVEN_WAY = "if {limits} gave way"
NOT_POSSIBLE, UNKNOWN = "not possible", "–"
LATER_STAGE = "           {post}: {objective}: {amount} {better}."
LAST, NEXT, BETTER, WORSE = "Without the last", "With the next", "better", "worse"
CONCEDED = "The first objective gives up {concede} of what it could reach: the plan keeps the rest."
ELSEWHERE_MEANING = (
    "Elsewhere: what all others lose by this post, or would gain without it; the plan: the "
    "difference."
)
GIVES_WAY = {
    "growth": "growth",
    "max_new": "its own limit",
    "partners": "partners",
    "min_new": "least posts",
    "least": "the least rate",
    "own": "limit {name}",
}
REACHED = {
    "growth": "Growth     at most {limit} new facilitators a year.",
    "max_new": "Maximum    at most {limit} new facilitators.",
    "partners": "Partners   can pay at most {limit} EUR.",
    "min_new": "Minimum    at least {limit} new facilitators.",
    "least": "Least rate at least {limit} of its contracts.",
    "coordinator_required": "Required   at least {limit} new coordinator FTE.",
    "coordinator_max": "Most       at most {limit} new coordinator FTE.",
    "own": "Own limit  {name}: {limit}.",
}
REACHED_WITHOUT = " If dropped here: {gain} {worth}, {posts} facilitators."
REACHED_WITHOUT_LED = " If dropped here: {gain} {worth}, {led} coordinators, {posts} facilitators."
REACHED_NOTHING = " If dropped here, nothing changes."
REACHED_UNKNOWN = " If dropped here, nothing would limit the posts."
SET_BY = "           {key} = {value} ({origin})"
MORE_HEADINGS = ("For {posts} here, one of these", "now", "needed", "set by")
MORE_NAMES = {
    "contracts": "its contracts, of all kinds",
    "cost": "cost of any facilitator, EUR",
    "weight": "its weight",
}
MORE_HELD = (
    "For {posts:<6} its contracts, its weight and the cost of a post do nothing: {limits} holds it."
)
MORE_RAISED = (
    "           {limit} raised from {low} to {high}, here alone: {gain} {worth}, {posts} "
    "facilitators."
)
MORE_RAISED_PARTNERS = (
    "           partners with {high} EUR instead of {low}: {gain} {worth}, {posts} facilitators."
)
MORE_IN_STEPS = "One more   is not searched for in plans in steps; --set posts.step_fte=0 does."
MORE_NOT_WITHIN = {
    "contracts": "none up to ×10",
    "weight": "none up to ×10",
    "cost": "none down to a tenth",
}
MORE_UNKNOWN = {"no_inputs": "needs a scenario", "no_effect": "counts for nothing"}
TIMES = "{needed} (×{factor})"
NEXT_HERE = (
    "Next       {state} EUR more, the grant of {fte} FTE, and room under the cap: {gain} {worth}, "
    "to"
)
NEXT_NONE = "Next       More money and a higher cap bring nothing: nobody is next."
NEXT_IMPOSSIBLE = "Next       With more money and a higher cap no plan was found."
SHARE = "{code} {name} {fte}"
SHARE_OF_BOTH = "{code} {name} {fte} ({facilitators} facil., {coordinators} coord.)"
OWN_SHARE = "           {code} {name} gets {fte} facilitators of it, rank {rank} of {many}."
OWN_SHARE_NONE = "           {code} {name} gets none of it."
OWN_RANGE = (
    "Firm?      With any number from {least} to {greatest} here, the best plan loses at most "
    "{within}."
)
IN_CONTINUOUS_POSTS = "           Ranges are of posts that do not come in steps."
NATION_BUDGET = "Money      {used} of {limit} EUR{left}. {last}{next}"
NATION_CAP = "Cap        {used} of {limit} FTE{left}. {last}{next}"
ALL_USED = ", all used"
LEFT_OVER = ", {unused} left over"
LEFT_OVER_SMALL = ", {unused} unused"
LAST_BRINGS = "The last {tranche} bring {gain} {worth}. "
NEXT_BRINGS = "The next {tranche} would bring {gain}, to"
NEXT_BRINGS_NOTHING = "{tranche} more would bring nothing."
NEXT_UNKNOWN = "With {tranche} more no plan was found."
TRANCHE_EUR, TRANCHE_FTE = "{amount} EUR", "{amount} FTE of cap"
NO_BUDGET, NO_CAP_LINE = "Money      no limit.", "Cap        none."
PRICE_OF_POST = (
    "Elsewhere  {state} EUR more, the grant of {fte} FTE, and room under the cap bring {gain} "
    "{worth}{where}."
)
PRICE_MEANS = (
    "           Where nothing holds a {territory}, its last post brings no less, its next no more."
)
NATIONAL = {
    "budget": "           The State's money is all used:",
    "cap": "           The cap of the network is reached:",
    "own": "           The limit {name} is reached:",
}
PRICE_GOES = ", to"
PRICE_OF_POST_NONE = "Elsewhere  With more money and a higher cap together the plan gains nothing."
PER_POST = "           Where less than a post is there, the last is told as if {fte} FTE were."
NATION_HEADINGS = ("FTE", "facil.", "coord.", "last", "next", "what stops it", "range")
NATION_LEGEND = (
    "New posts; {worth}: what the last post brings and the next would; range within {within}"
)
RANGE = "{least}–{greatest}"
NATION_COUNTS = "Stopped    {counts}."
COUNTED = "{count}: {reason}"
NATION_RANGE = (
    "Firm?      With any one number in one {territory}'s range, the best plan loses at most "
    "{within}{lost}."
)
NATION_LOST = " ({lost} {unit})"
NATION_WIDEST = "           The widest: {name}, from {least} to {greatest}."
NATION_FIRM = "Firm?      No {territory} moves by a tenth of a post within {within} of the best."

# regret
REGRET_NEEDS_TWO = "regret needs two scenarios or more"
REGRET_TWICE = "is given twice; keep one"
REGRET_UNKNOWN = "is none of the scenarios ({known})"
REGRET_SHARE = "expected a probability between 0 and 1"
REGRET_SUM = "probabilities add up to {total}, expected 1"
REGRET_SYNTAX = "expected NAME=SHARE, such as reference=0.5"
REGRET_OBJECTIVE = (
    "its first objective is {objective}; regret counts contracts: give stages that begin with "
    "coverage or contracts, or leave it out"
)
REGRET_STEPS = (
    "its posts come in steps; regret is proved for continuous posts: --set posts.step_fte=0, or "
    "leave it out"
)
REGRET_NOTHING = "nothing can be covered; a share of nothing says nothing: leave out --relative"
REGRET_DIFFERENT = {
    "years": (
        "plans other years than {other} ({here} only here, {there} only there); compare scenarios "
        "of the same years"
    ),
    "territories": (
        "has other territories than {other} ({here} only here, {there} only there); compare "
        "scenarios of the same territories"
    ),
    "areas": (
        "has other areas than {other} ({here} only here, {there} only there); compare scenarios of "
        "the same areas"
    ),
    "segments": (
        "has other kinds of buyer than {other} ({here} only here, {there} only there); compare "
        "scenarios of the same kinds"
    ),
    "roles": (
        "has other roles than {other} ({here} only here, {there} only there); compare scenarios of "
        "the same roles"
    ),
    "area_of": "places territories in other areas than {other} ({here}); give them the same areas",
}
REGRET_IMPOSSIBLE = "{scenario}: no plan is possible, whatever the others ask for."
REGRET_CONTRADICT = "No plan is possible in all of them: {names} contradict one another."
REGRET_LIMITS = "Each is possible by itself; these of their limits cannot hold together:"
REGRET_LIMIT = "  {scenario}: {limit}{where}{year}"
REGRET_LOOSEN = "Loosen one of them, or leave a scenario out; the best plan of one alone: {command}"
REGRET_STOPPED = "{reason}; the best plan of {scenario} is not proved."
REGRET_TITLE = "A safe plan for {count} scenarios"
REGRET_TITLE_NAMES = "A safe plan for {names}"
REGRET_PROVED = "PROVED: no plan keeps the largest regret below {bound}"
REGRET_PROVED_NOTHING = "PROVED: less than {amount} are lost anywhere"
REGRET_NOT_PROVED = "STOPPED, NOT PROVED: a plan may keep the largest regret down to {bound}"
REGRET_SAFE = "Loses      at most {regret}, whichever scenario comes true; most in {names}."
REGRET_NOTHING_LOST = "Loses      nothing: in every scenario it is as good as the best plan there."
REGRET_OF_OPTIMUM = "{amount} of the optimum"
REGRET_HEADINGS = ("", "optimum", "this plan", "regret")
REGRET_GRID = {
    "contracts": (
        "Contracts, and the regret of this plan and of the plan best for each scenario alone"
    ),
    "weighted contracts": (
        "Weighted contracts, and the regret of this plan and of the best for each scenario alone"
    ),
}
REGRET_GRID_COUNTED = "Contracts covered, each counting as one"
REGRET_LARGEST = "Largest regret"
REGRET_BREAKS = "breaks"
REGRET_BROKEN = "breaks     in {other}, the plan for {scenario} breaks {limit}{others}."
REGRET_MORE_BROKEN = "           … and {count} more such cases (--format json lists them)."
REGRET_POSTS = (
    "New posts of both roles, FTE: this plan, the one best on average and the best for each alone"
)
REGRET_POSTS_IN = (
    "New posts of both roles in {year}, FTE: this plan, the one best on average and the best for "
    "each alone"
)
REGRET_POST_HEADINGS = ("", "this plan", "on average")
REGRET_AVERAGE = (
    "Average    with {chances}, the best plan loses {average}, proved, and up to {largest} in "
    "{names}; the safe one loses {safe} on average."
)
REGRET_AVERAGE_OPEN = (
    "Average    with {chances}, the best plan found loses {average}, and up to {largest} in "
    "{names}; the safe one loses {safe} on average."
)
REGRET_EQUAL = "all scenarios equally likely"
REGRET_CHANCE = "{scenario} at {share}"
REGRET_UNITS = (
    "Units      The scenarios weigh contracts differently, so that their regrets are in different "
    "units; --relative measures each by its own optimum."
)
REGRET_MEANS = (
    "Regret     What the best plan for a scenario covers there and another does not, effort split "
    "anew. This plan keeps every limit of every scenario."
)

# frontier
FRONTIER_OBJECTIVES = "Objectives, and what each seeks"
FRONTIER_SEEKS = {
    "coverage": "most contracts covered, weighted as the scenario says",
    "contracts": "most contracts covered, all counting the same",
    "worst_rate": "highest coverage rate of the territory with the lowest",
    "shortfall": "fewest contracts short of the target, in total",
    "territorial_shortfall": "the same, no territory making up for another",
    "state_cost": "least State money",
    "posts": "fewest new posts of both roles",
    "change": "fewest FTE of both roles changed from the scenario's reference_plan",
}
FRONTIER_STEPS = (
    "posts come in steps, whose trade-off is no curve but scattered plans; for continuous posts: "
    "--set posts.step_fte=0"
)
FRONTIER_TWICE = "{objective} stands on both sides; expected two different ones of {known}"
FRONTIER_SYNTAX = (
    "is {typed}, expected two objectives with a colon between them, such as coverage:worst_rate; "
    "known: {known}"
)
FRONTIER_STOPPED = "{reason}; the ends of the curve are not proved."
FRONTIER_PROGRESS = "Points of the curve"
FRONTIER_TITLE = "{scenario}: {first} against {second}"
FRONTIER_PROVED = "PROVED: no plan is better at both"
FRONTIER_OPEN_TITLE = "STOPPED, NOT PROVED everywhere: {distance} of the way is open"
FRONTIER_NO_CONFLICT = (
    "No price   The two do not conflict, one plan is best at both ({first}; {second})."
)
FRONTIER_WHY = "           What one plan takes, and why: {command}"
FRONTIER_PRICE = "Price      {gain}: all of it costs {all}, the first half of the way {half}."
FRONTIER_GAINS = {
    "coverage": "The contracts covered, weighted, can rise from {worst} to {best}",
    "contracts": "The contracts covered can rise from {worst} to {best}",
    "worst_rate": "The lowest rate can rise from {worst} to {best}",
    "shortfall": "The distance to the target can fall from {worst} to {best}",
    "territorial_shortfall": "The distances to the target can fall from {worst} to {best}",
    "state_cost": "State money can fall from {worst} to {best}",
    "posts": "New posts can fall from {worst} to {best}",
    "change": "Posts moved can fall from {worst} to {best}",
}
FRONTIER_NEXT = "Next       {step} cost {prices}."
FRONTIER_MORE = {"maximise": "{step} more", "minimise": "{step} less"}
FRONTIER_AT = {
    "start": "{price} at the start",
    "elbow": "{price} at the elbow",
    "end": "{price} at the end",
}
FRONTIER_NAMES = {
    "coverage": "contracts covered, weighted",
    "contracts": "contracts covered",
    "worst_rate": "lowest rate",
    "shortfall": "distance to the target",
    "territorial_shortfall": "distances to the target",
    "state_cost": "State money",
    "posts": "new posts",
    "change": "posts moved",
}
FRONTIER_VALUE = "{objective}: {value}"
FRONTIER_ELBOW = (
    "Elbow      {gained} of that gain for {given} of its price ({first}; {second}). Up to there a "
    "step costs less than on average, from there on more."
)
FRONTIER_STRAIGHT = "Elbow      none: the curve is nearly straight."
FRONTIER_GRID = "{shown} of {count} points, each proved"
FRONTIER_GRID_ALL = "Its {count} points, each proved"
FRONTIER_HEADINGS = ("given up", "gained", "price: {unit}\nper {step}", "posts moved")
FRONTIER_COUNTED = "contracts,\nunweighted"
FRONTIER_NO_PRICE = "–: no price, the curve ends there and nothing more is to be gained."
FRONTIER_NUMBER = "{number} elbow"
FRONTIER_POSTS = "New facilitators and coordinators together, FTE, along the curve"
FRONTIER_POSTS_IN = "New facilitators and coordinators of {year} together, FTE, along the curve"
FRONTIER_BEST, FRONTIER_AT_ELBOW = "best: {objective}", "elbow"
FRONTIER_MEANS = (
    "Curve      Every point is proved by two bounds; between two, it is no further from a straight "
    "line than {distance} of the way between the ends. given up, gained: since the first point; "
    "posts moved: FTE of both roles that are elsewhere, or opened, or cut. All points: --format "
    "csv; their posts and proofs: --format json; drawn: --format html."
)
FRONTIER_AXIS = "{objective} ({better})"
FRONTIER_WITH_UNIT = "{objective}, {unit}"
FRONTIER_BETTER = {
    "right": "better to the right",
    "left": "better to the left",
    "up": "better upwards",
    "down": "better downwards",
}
FRONTIER_BEYOND = "no plan is here: proved"
FRONTIER_DESCRIPTION = "A curve of {count} points, from {first} to {last}. {price}"
FRONTIER_POINT = "{number}: {first}, {second}"
FRONTIER_NO_DRAWING = "No plan is possible: there is nothing to draw."
FRONTIER_NO_CURVE = "One plan is best at both: there is no curve to draw."
# weights
UNKNOWN_WEIGHT = "no such weight{hint}; weights are named as in {examples}; --format csv lists them"
SEVERAL_WEIGHTS = "may mean {keys}: give the key"
LEAST_TOLERANCE = "expected at least {least} FTE: posts are not known more closely than that"
PATH_SYNTAX = "expected KEY=LOW:HIGH, such as weights.territory.53=0.9:1.1"
PATH_ORDER = "expected a value and a higher one"
PATH_OR_WEIGHT = "--weight, --path and --explain-plan ask different things; give one of them"
WEIGHTS_NOT_PROVED = "stopped before the plan was proved best; nothing is said of its weights."
WEIGHTS_NOT_SOLVED = "the solver does not settle on a plan at some value of this weight"
WEIGHTS_OPEN = "stopped at the time limit; not looked at: {keys}."
WEIGHTS_INTERRUPTED = "Interrupted after {done} of {most} {what}; nothing is written."
PATH_OPEN = "stopped at the time limit; lines between the points may be further off than asked."
WEIGHTS_PROGRESS = "weights"
PATH_PROGRESS = "points"
WEIGHTS_TITLE = "How far a weight may move"
PATH_TITLE = "Posts along one weight"
WEIGHT_OF = {
    "segment": "weight of {name}",
    "year": "weight of {name}",
    "indicators": "coefficient of {name}",
    "territory": "weight of {name}",
}
WEIGHT_KINDS_HEAD = {
    "segment": "Kinds of buyer",
    "year": "Years",
    "indicators": "Coefficients of indicators",
    "territory": "Territories",
}
WEIGHTS_SAME = "moves no post by more than {tolerance} FTE"
WEIGHTS_SAME_STEPS = "gives the same plan"
WEIGHTS_CLAIM = {
    "both": "Tightest   any {weight} from {low} to {high} {same}.",
    "low": "Tightest   any {weight} from {low} up {same}.",
    "high": "Tightest   any {weight} up to {high} {same}.",
    "none": "Tightest   none: whatever the value of a weight shown here, it {same}.",
}
WEIGHTS_NO_STAGE = "No stage looks at weights: whatever their values, the plan is the same."
WEIGHTS_HEADINGS = ("", "now", "from", "to", "below,\nfirst", "rate", "above,\nfirst", "rate")
NO_END, NOBODY = "no end", "nobody"
WEIGHTS_STILL = "No effect  {weights}: multiplies all that can be covered, or nothing of it."
COORDINATOR_OF = "{code}c"
WEIGHTS_MEANS = (
    "From, to   between them no post moves by more than {tolerance} FTE while the other weights "
    "stay as they are; just beyond, the post named moves first, by so many FTE. As --set takes "
    "them, before weights of territories are rescaled."
)
WEIGHTS_MEANS_STEPS = (
    "From, to   between them the plan is the same while the other weights stay as they are; just "
    "beyond, another is better, and the post named differs most. As --set takes them, before "
    "weights of territories are rescaled."
)
WEIGHTS_RATE = (
    "Rate       FTE per unit of the weight, of that post, just where the weight is now; on the way "
    "to an end that is far it may turn."
)
WEIGHT_NO_RATE = {
    "steps": "Rate       none: posts in steps do not move steadily.",
    "table": "Rate       none: on curves given as tables posts move in jumps.",
    "concedes": "Rate       none: it is not worked out where coverage gives something up.",
    "held": "Rate       none: it is not worked out where a stage before coverage gives nothing up.",
    "tied": "Rate       –: not known where posts are tied.",
}
WEIGHTS_CODES = "Codes      {codes}."
WEIGHTS_LED = "c: coordinator"
WEIGHTS_CODE = "{code} {name}"
PATH_CLAIM = (
    "From {low} to {high}, {count} of {all} posts move by more than {tolerance} FTE. Between two "
    "of these {points} points none is further than that from a straight line."
)
PATH_CLAIM_STOPPED = (
    "Stopped after {points} values from {low} to {high}: over these, {count} of {all} posts move "
    "by more than {tolerance} FTE."
)
PATH_CLAIM_STEPS = "From {low} to {high}, posts that change: {count} of {all}."
PATH_NOBODY = "From {low} to {high}, no post moves by more than {tolerance} FTE."
PATH_MORE = (
    "{count} more post moves less: --format csv has all.",
    "{count} more posts move less: --format csv has all.",
)
# weights that justify a plan
JUSTIFY_OBJECTIVE = (
    "its first objective is {objective}, which weights of territories do not enter; give stages "
    "that begin with coverage"
)
JUSTIFY_STEPS = (
    "posts come in steps, whose best plan follows from no prices; ask about continuous posts: "
    "--set posts.step_fte=0"
)
JUSTIFY_TITLE = "{scenario}: weights that justify a plan"
JUSTIFY_PROVED = "PROVED: no smaller change of the weights does it"
JUSTIFY_REFUSED = "NO WEIGHTS JUSTIFY IT"
JUSTIFY_BREAKS = "BREAKS LIMITS: weights are not asked about"
JUSTIFY_UNNAMED = (
    "Unnamed    {count} of {all} posts is not in the plan as it was given; it counts as 0.",
    "Unnamed    {count} of {all} posts are not in the plan as it was given; they count as 0.",
)
JUSTIFY_AS_IS = "The plan is the best one with the weights as they are."
JUSTIFY_WITH = {
    "total": (
        "With {weights}, the plan is the best one; total relative change {distance}, and no "
        "smaller change does it (proved)."
    ),
    "largest": (
        "With {weights}, the plan is the best one; largest relative change {distance}, and no "
        "smaller change does it (proved)."
    ),
}
JUSTIFY_ONE = "{name} at {needed} instead of {now}"
JUSTIFY_MORE = "{first} and {count} more"
JUSTIFY_HEADINGS = ("Weights by name", "now", "needed", "change")
JUSTIFY_PASTE = "To paste into the scenario"
JUSTIFY_TYPED = (
    "Typed      to {fte} FTE: of the plans typed alike, the best for the present weights is taken."
)
JUSTIFY_TYPED_BEYOND = (
    "           It keeps all limits; the plan as it stands is beyond some by its rounding."
)
JUSTIFY_CHECK = (
    "Check      solved with these weights, no post differs by more than {fte} FTE from the plan."
)
JUSTIFY_CHECK_TIED = (
    "Check      solved with these weights, posts differ by up to {fte} FTE: other plans are as "
    "good in the first stage, and later stages choose one of them."
)
JUSTIFY_ASKED = (
    "Asked      the first stage alone; only ratios of weights matter, and indicators stay as they "
    "are."
)
JUSTIFY_SHARED = (
    "Support    coordinators share theirs among territories as under the present weights; other "
    "shares might be justified by nearer weights."
)
JUSTIFY_INDICATORS = (
    "Indicators alone would do, weights by name as they are: {weights}; relative change "
    "{distance}, proved the smallest."
)
JUSTIFY_INDICATORS_AS_IS = "Indicators need no change either."
JUSTIFY_INDICATORS_LOSE = (
    "Indicators alone would not do, weights by name as they are: the conditions of {posts} "
    "contradict each other. Nearest come {weights}: the plan then loses at most {loss}."
)
JUSTIFY_INDICATOR = "{name} {needed} (now {now})"
JUSTIFY_POST = "{role} in {name}{year}"
JUSTIFY_IN_YEAR = " in {year}"
JUSTIFY_ROLES = {
    "facilitator": ("facilitator", "facilitators"),
    "coordinator": ("coordinator", "coordinators"),
}
JUSTIFY_FTE_OF = "{fte} {post}"
JUSTIFY_REASON = "No weights justify the plan: {reason}."
JUSTIFY_ADD = "{taken} could be added, no post given up and no limit broken"
JUSTIFY_EXCHANGE = (
    "{given} could give way to {taken}, and no {territory} would cover less, some more{weighted}"
)
JUSTIFY_AMONG = (
    "with {given} fewer and {taken} more, among other moves, no {territory} would cover less, "
    "some more{weighted}"
)
JUSTIFY_WEIGHTED = " (contracts weighted by kind of buyer and year)"
JUSTIFY_CONDITIONS = "what {posts} ask of the weights contradicts each other"
JUSTIFY_LEFT = "Left       {eur} EUR of State money and {fte} FTE of the cap are not used."
JUSTIFY_LEFT_IN = (
    "Left       {eur} EUR of State money and {fte} FTE of the cap are not used in {year}."
)
JUSTIFY_NO_CAP = "any number of"
JUSTIFY_NEAREST = (
    "Nearest    found that weights justify: {fte} FTE of both roles moved (that no plan is nearer "
    "is not proved). It is the best one {weights}."
)
JUSTIFY_NEAREST_AS_IS = "with the weights as they are"
JUSTIFY_NEAREST_WITH = "with {weights}"
JUSTIFY_NEAREST_HEADINGS = ("New posts, FTE", "the plan", "nearest", "difference")

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
CHECK_MANY = ("{count} value", "{count} values")
WARNING = "warning: {text}"
UNUSED_SOURCE = "source {code} is not cited by any number"
LEAST_RATE_ABOVE_CEILING = "least_rate {rate} is above the highest rate feasible there, {ceiling}"
SHOW_MODEL = "model {model}; read from {files}"
SHOW_HEADINGS = ("key", "value", "unit", "status", "set at")
STATUSES = {
    "published": "published",
    "derived": "derived",
    "assumption": "assumption",
    "scenario": "scenario",
    "table": "table",
    "default": "default",
}
SHOW_KINDS = {"scenarios": "Scenarios at hand", "models": "Models at hand"}
UNREADABLE = "(cannot be read)"
SHOW_LIST_HEADINGS = ("title", "file")

# verify
NOT_THERE = "(not there)"
NO_FILE = "(no such file)"
NOT_READ = "(not read)"
NOT_INPUTS = "files that are inputs (outside the folder, so what is wrong in them is not shown)"
WAS_READ = "(read)"
SOME_TABLE, SOME_LIST = "a table", "a list of {count}"
FILE_EXPECTED = "the scenario's own file, one of inputs.files"
NUMBER_EXPECTED = "a number"
EFFORT_EXPECTED = "an effort of at least 0"
PRICE_EXPECTED = "a number of at least 0, or null"
PRICE_AT_MOST = "at most {most}, by the saved duals"
PRICE_AT_LEAST = "at least {least}, by the saved duals"
PRICE_LOSS = "a loss: {loss}"
STATUS_EXPECTED = "optimal or stopped"
NOT_REACHED = "not proved: {where} is not reached"
UNPROVED_PRICES = (
    "prices ({count} figures): measuring them needs a solver; that the duals allow them is checked"
)
UNPROVED_STEPS = "that no plan in steps does better: its bound is the solver's word"
UNPROVED_OWN = "what a stage that gives something up could reach: that plan is not saved"
UNPROVED_SOFTWARE = "which versions of the software were used"
UNPROVED_KEYS = "keys that this version does not know: {keys}"
VERIFY_TITLE = "{plan}: {scenario}"
ACCEPTED, REFUSED = "ACCEPTED", "NOT ACCEPTED"
VERIFY_ABOUT = ("Inputs", "Plan", "Bound")
VERIFY_INPUTS = (
    "The {files} files are byte for byte those the plan was made from, and give the same {values} "
    "values."
)
VERIFY_INPUTS_WERE_GIVEN = "The problem was given, not read from files."
VERIFY_NOT_READ = (
    "{names} cannot be read: it must be a file of at most 64 MB and, outside this folder and the "
    "package, a .toml or .csv."
)
VERIFY_CHANGED = (
    "{names} changed since the plan was made; solve again, or give the folder of the old files "
    "with --root DIR."
)
VERIFY_MISSING = "{names} not found; give the folder of the plan's files with --root DIR."
VERIFY_OTHERS = "{names} among the files saved, or among those read, but not both: solve again."
VERIFY_INPUTS_STRANGE = "The plan's inputs cannot be read again ({what}): solve again."
MORE_FILES = "{names} and {count} more"
VERIFY_PLAN = (
    "Its posts and their effort keep every limit, and the other {figures} figures follow from them."
)
VERIFY_PLAN_BREAKS = "Its posts and their effort break limits, {limits} in all."
VERIFY_PLAN_DIFFERS = (
    "Some figures, {figures} in all, do not follow from the inputs, the posts and their effort; "
    "the file was changed, or damaged: solve again."
)
VERIFY_PLAN_UNREAD = "Some of its posts or efforts, {figures} in all, are no numbers; not judged."
VERIFY_PLAN_NOT_CHECKED = "Not checked: it can only be judged by the inputs it was made from."
VERIFY_BOUND = (
    "The saved prices prove by arithmetic that {claim}; the plan reaches {value}{conceded}{rest}."
)
VERIFY_CONCEDED = ", giving up no more than the {concede} it may"
VERIFY_REST = ", and every later stage its own bound"
VERIFY_BOUND_STEPS = (
    "Without steps, the saved prices prove that {claim}; the plan reaches {value}, so steps cost "
    "at most {loss} ({share}); that no plan in steps does better is the solver's word."
)
VERIFY_BOUND_OPEN = "{claim}; the plan reaches {value}, so {possible}: it is {status}."
VERIFY_BOUND_DIFFERS = (
    "The saved prices do not prove what the plan claims; by arithmetic they prove that {claim}."
)
VERIFY_BOUND_BROKEN = "{claim} within the limits; by breaking them, the plan reaches {value}."
VERIFY_BOUND_NOT_CHECKED = "Not checked: there is no plan to compare it with."
VERIFY_BOUND_NONE = "The plan was stopped before any bound was proved, and claims none."
POSSIBLE_MORE = "at most {amount} ({share}) more are possible"
POSSIBLE_LESS = "at most {amount} ({share}) less are possible"
FEASIBLE_ONLY = "feasible, and not proved best"
STOPPED_ONLY = "a stopped plan, and says so"
VERIFY_STAGES = ("stage", "value", "bound saved", "bound recomputed", "gap ≤")
VERIFY_FINDINGS = ("not as it says", "saved", "recomputed")
VERIFY_MORE_FINDINGS = "… and {count} more (--format json lists them all)"
VERIFY_UNPROVED = "Not proved here: {what}."

# workbook
BOOK_PAGE, BOOK_LABEL = "page {page} of {pages}", "{label}: "
BOOK_SHEETS = {
    "summary": "Summary",
    "chart": "Chart",
    "buyers": "By buyer",
    "contracts": "Contracts",
    "limits": "Limits",
    "why": "Why",
    "cross": "Other worlds",
    "assumptions": "Assumptions",
    "dictionary": "Dictionary",
}
BOOK_TERRITORIES = {
    "region": "Regions",
    "département": "Départements",
    "territory": "Territories",
}
BOOK_ABOUT = (
    "Where co-financed posts go, what they are expected to bring, and who pays. Facilitators help "
    "public buyers put a social clause into their contracts; coordinators support them."
)
BOOK_MODEL = "Model: {model} ({title}). Years: {years}."
BOOK_YEARS = "Posts are those in post in the year, not only those opened in it."
BOOK_COMPARE = "Comparison: {names}"
BOOK_COMPARE_ABOUT = (
    "Plans side by side. Every difference is to the first, {baseline}; figures are those of the "
    "last year."
)
BOOK_FIGURES, BOOK_BUYERS, BOOK_STAGES = "Figures", "By kind of buyer", "What is proved"
BOOK_CONTENTS, BOOK_PLANS, BOOK_FAILED = "What is where", "Plans", "Not compared"
BOOK_FILES, BOOK_COSTS, BOOK_KEYS = "Files read", "What a post costs in a year", "Keys of inputs"
BOOK_MONEY = "State and partners: renewed and new posts times what one costs, by role."
BOOK_CHART = "New posts in {year}, FTE"
BOOK_SERIES = {"new_facilitators": "facilitators", "new_coordinators": "coordinators"}
BOOK_SAFE_SERIES = {
    "new_facilitators": "this plan: facilitators",
    "new_coordinators": "this plan: coordinators",
    "other": "best plan: {name}",
}
BOOK_AREA = "{name}: coordinators"
BOOK_UNPROVED = "No prices: the plan is not proved best."
BOOK_BOUND_IN_STEPS = "the bound is the solver's word; without steps {relaxed} is proved"
BOOK_NO_LIMITS = "No limit costs anything: a little more of any would bring nothing."
BOOK_LIMITS_ABOUT = (
    "What one more and one less of each number, as it is typed, would bring; a loss is negative. "
    "The rest is decided anew; good for small changes. An empty cell: no plan is possible there."
)
BOOK_LIMITS_YEARS = "Without a year, the number holds in every year."
BOOK_ASSUMPTIONS_ABOUT = (
    "Every input of the model. Published: a source states it. Derived: computed from published "
    "figures. Assumed: nobody has published it; the note gives the reason."
)
BOOK_ONLY_VALUES = "The plan was read from a file, which keeps values but not where they come from."
BOOK_BASELINE_SAYS = (
    "Unit, status, source, note and place are those of the first plan that has the input; coloured "
    "lines differ between plans."
)
BOOK_WHY = "{figure}: from {before} to {after}"
BOOK_WHY_ABOUT = "What makes the difference, one group of inputs after the other."
BOOK_CROSS_ABOUT = "Each plan (line) judged in the world of each scenario (column)."
BOOK_CROSS = {
    "values": "Contracts covered",
    "regrets": "Contracts lost against the best plan for that world",
    "violations": "Limits broken",
}
BOOK_RATE_OF, BOOK_RATE_UNIT = "rate, {name}", "% (points)"
BOOK_STATUS = {
    "published": "published",
    "derived": "derived",
    "assumption": "assumed",
    "scenario": "set by the scenario",
    "default": "default",
}
BOOK_ROLES = {"facilitator": "facilitator", "coordinator": "coordinator"}
#: Unit of a kind of column, as the dictionary gives it; texts have none.
BOOK_UNITS = {
    "year": "year",
    "fte": "FTE",
    "fte_change": "FTE",
    "contracts": "contracts a year",
    "contracts_change": "contracts a year",
    "tenths": "contracts",
    "weighted": "weighted contracts",
    "eur": "EUR a year",
    "eur_change": "EUR a year",
    "rate": "%",
    "rate_change": "percentage points",
    "fine_rate": "%",
    "tiny_rate": "%",
    "points": "percentage points",
    "fine": "see the column unit",
    "gap": "1",
    "value": "see the column unit",
    "whole": "see the column unit",
}
BOOK_PRICE_UNIT = "{unit} for {per}"
BOOK_PRICE_PER = {
    "FTE": "1 FTE",
    "1000 EUR": "1,000 EUR",
    "0.01 of rate": "1 point of rate",
    "0.01 of share": "1 point of share",
}
BOOK_PRICE_UNITS = {"rate": "% of contracts"}
#: Limits, as prices name them.
BOOK_LIMITS = {
    "cap": "cap of the network",
    "budget": "State budget",
    "growth": "growth: new facilitators in a year",
    "max_new": "most new facilitators",
    "min_new": "least new facilitators",
    "partners": "partners' money",
    "least": "least rate",
    "coordinator_required": "required coordinators",
    "coordinator_max": "most coordinators",
    "own": "{name}, a limit of the scenario's own",
}
#: Heading and meaning of every column.
BOOK_COLUMNS = {
    "world": ("scenario", "a scenario that may come true"),
    "world_best": (
        "its best plan, {name}",
        "what the scenario's best plan reaches there, in {name}",
    ),
    "world_value": ("this plan, {name}", "what this plan reaches there, in {name}"),
    "world_regret": ("regret, {name}", "what its best plan reaches more, in {name}"),
    "world_best_counted": (
        "its best plan, contracts",
        "contracts that the scenario's best plan covers there, each counting as one",
    ),
    "world_value_counted": (
        "this plan, contracts",
        "contracts that this plan covers there, each counting as one",
    ),
    "world_share": ("regret, share", "regret divided by what its best plan covers"),
    "world_other": (
        "regret of the best for {name}",
        "regret of the plan that is best for {name} alone; breaks: it is not possible there",
    ),
    "world_chance": ("probability", "how likely the scenario is taken to be, for the average"),
    "posts_existing": (
        "in place, both roles, FTE",
        (
            "facilitators and coordinators in place, paid by others; they count in the cap; empty "
            "where scenarios differ"
        ),
    ),
    "posts_committed": (
        "renewed, both roles, FTE",
        "facilitators and coordinators co-financed earlier, renewed; empty where scenarios differ",
    ),
    "posts_new": ("NEW, both roles, FTE", "new facilitators and coordinators: what is decided"),
    "best_facilitators": ("{name}: facilit., FTE", "new facilitators of the best plan: {name}"),
    "best_coordinators": ("{name}: coord., FTE", "new coordinators of the best plan: {name}"),
    "best_new": (
        "{name}: NEW, both roles, FTE",
        "new facilitators and coordinators of the best plan: {name}",
    ),
    "best_change": (
        "{name}: difference, FTE",
        "new posts of both roles of this plan less those of the best plan: {name}",
    ),
    "code": ("code", "code of the territory"),
    "name": ("name", "name of the territory"),
    "area": ("area", "code of the area that shares its coordinators"),
    "existing_facilitators": (
        "facilit. in place, FTE",
        "facilitators in place, paid by others; they count in the cap",
    ),
    "existing_coordinators": (
        "coord. in place, FTE",
        "coordinators in place, paid by others; they count in the cap",
    ),
    "committed_facilitators": (
        "facilit. renewed, FTE",
        "facilitators co-financed earlier, renewed; they count in the cap and in the budget",
    ),
    "committed_coordinators": (
        "coord. renewed, FTE",
        "coordinators co-financed earlier, renewed; they count in the cap and in the budget",
    ),
    "new_facilitators": ("NEW facilit., FTE", "new facilitators: what the plan decides"),
    "new_coordinators": ("NEW coord., FTE", "new coordinators: what the plan decides"),
    "opened_facilitators": (
        "opened facilit., FTE",
        "new facilitators of the year less those of the year before",
    ),
    "opened_coordinators": (
        "opened coord., FTE",
        "new coordinators of the year less those of the year before",
    ),
    "total": (
        "total, FTE",
        "all facilitators and coordinators of the line: in place, renewed and new",
    ),
    "contracts": ("contracts", "contracts of public buyers in the year"),
    "covered": (
        "contracts covered",
        "contracts of the year expected to carry a social consideration",
    ),
    "rate": ("rate", "contracts covered divided by contracts; empty where there are none"),
    "weight": ("weight", "how much a covered contract counts in the objective; 1: as any other"),
    "state": ("State, EUR", "what the State pays for renewed and new posts in the year"),
    "partners": (
        "partners, EUR",
        "what employers and others pay for renewed and new posts in the year",
    ),
    "share": ("share of State money", "State money of the line divided by that of all lines"),
    "held": (
        "held by",
        (
            "what leaves no room for more. growth: can recruit no more this year; span: its "
            "coordinators can support no more; maximum: its own limit on new posts; partners: "
            "they can pay no more; budget, cap: used up"
        ),
    ),
    "role": ("role", "facilitator or coordinator"),
    "post_state": ("State, EUR", "what the State pays for one FTE in a year"),
    "post_partners": ("partners, EUR", "what employers and others pay for one FTE in a year"),
    "post_full": ("full cost, EUR", "what one FTE costs in a year"),
    "figure": ("figure", "what is counted"),
    "in_year": ("{name}", "its value in {name}"),
    "unit": ("unit", "unit of the value; 1: a share or a factor"),
    "means": ("what it is", "what the figure means and where it comes from"),
    "year": ("year", "the year"),
    "buyer": ("kind of buyer", "kind of public buyer"),
    "objective": ("objective", "what the plan serves, the first objective first"),
    "reached": ("reached", "the best found; where something is given up, the plan has less"),
    "bound": ("bound", "what no plan can do better than"),
    "claim": ("in words", "what the bound says of all plans"),
    "gap": ("gap ≤", "greatest distance between what is reached and the bound, relative"),
    "sheet": ("sheet", "name of the sheet"),
    "holds": ("what it holds", "what stands on the sheet"),
    "effort": (
        "effort for {name}, FTE",
        "effective facilitators who work for {name}; support of coordinators included",
    ),
    "covered_of": (
        "covered, {name}",
        "contracts of {name} expected to carry a social consideration",
    ),
    "effort_all": ("effort, all, FTE", "effective facilitators for all kinds of buyer"),
    "covered_all": ("covered, all", "contracts covered, of all kinds of buyer"),
    "limit": ("limit", "what the plan may not exceed or fall short of"),
    "one_more": ("one more brings", "what the objective gains by one more of the number as typed"),
    "one_less": ("one less brings", "what the objective gains by one less of the number as typed"),
    "key": ("key", "name of the input in files and for --set"),
    "value": ("value", "value of the input; none: no such limit"),
    "status": (
        "status",
        "published, derived, assumed, set by the scenario, or left at its default",
    ),
    "source": ("source", "who published the figure, and where"),
    "note": ("note", "what is to be known of the figure; the reason of an assumption"),
    "origin": ("set at", "file and line, or option, that set the value"),
    "file": ("file", "a file the plan was made from"),
    "hash": ("SHA-256", "fingerprint of the file: any change of it gives another"),
    "column": ("column", "heading of the column"),
    "meaning": ("meaning", "what it means"),
    "scenario": ("plan", "name of the plan"),
    "about": ("title", "what the plan is about"),
    "proof": ("what is proved", "what is proved of the plan"),
    "reason": ("reason", "why it is not compared"),
    "value_in": ("{name}", "value with {name}; none: no such limit; –: no such input"),
    "origin_in": ("set at, {name}", "file and line that set the value in {name}"),
    "result": ("result", "what is compared"),
    "result_of": ("{name}", "result of {name}"),
    "change": ("{name}: difference", "{name} less the first plan; rates: percentage points"),
    "posts_of": ("{name}: new posts, both roles, FTE", "new posts of both roles in {name}"),
    "posts_change": (
        "{name}: difference, FTE",
        "new posts of both roles in {name} less those in the first plan",
    ),
    "contracts_of": ("{name}, contracts", "contracts covered in {name}"),
    "contracts_change": (
        "{name}: difference, contracts",
        "contracts covered in {name} less those in the first plan",
    ),
    "group": ("group of inputs", "the inputs that change together"),
    "amount": ("amount", "what the change of these inputs makes of the difference"),
    "error": ("standard error", "how far the amount may be off where it was sampled"),
    "plan": ("plan", "a plan, made for the scenario of that name"),
    "values_in": ("in {name}", "contracts the plan covers under the inputs of {name}"),
    "regrets_in": (
        "lost in {name}",
        "contracts the best plan for {name} covers there, less those this plan covers there",
    ),
    "violations_in": ("broken in {name}", "how many limits of {name} the plan breaks"),
}
#: Headline figures: name and meaning.
BOOK_SUMMARY = {
    "contracts": ("contracts", "contracts of public buyers in the year"),
    "expected_contracts": (
        "contracts covered",
        "contracts of the year expected to carry a social consideration, under this plan",
    ),
    "rate": ("coverage rate", "contracts covered divided by contracts"),
    "status_quo": (
        "covered without new posts",
        "contracts covered by posts in place and renewed, their effort for the most contracts",
    ),
    "status_quo_rate": ("rate without new posts", "the same, divided by contracts"),
    "redirected": (
        "gained by the aim of effort",
        (
            "what the effort of posts in place covers more, or less, where it serves the objective "
            "of the scenario instead of the most contracts"
        ),
    ),
    "gained": ("gained by the new posts", "contracts covered beyond those of the posts in place"),
    "target_rate": ("target rate", "the share of contracts that is aimed at"),
    "missing": ("short of the target", "contracts that the target asks for beyond those covered"),
    "existing_fte": (
        "posts in place",
        "facilitators and coordinators paid by others; they count in the cap",
    ),
    "committed_fte": (
        "renewed posts",
        "facilitators and coordinators co-financed earlier and renewed",
    ),
    "new_fte": ("new posts", "facilitators and coordinators: what the plan decides"),
    "used_fte": ("network", "all facilitators and coordinators: in place, renewed and new"),
    "cap_fte": ("cap", "most posts in the whole network"),
    "unused_fte": ("unused cap", "cap less network"),
    "state_eur": ("State money", "what the State pays for renewed and new posts"),
    "state_budget_eur": ("State budget", "most the State may pay"),
    "unused_eur": ("unused budget", "State budget less State money"),
    "partners_eur": ("partners' money", "what employers and others pay for those posts"),
    "full_cost_eur": ("full cost", "State and partners together"),
    "state_share": ("State's share", "State money divided by the full cost"),
}
BOOK_HOLDS = {
    "summary": "the plan in figures, and what is proved of it",
    "territories": "posts, contracts, money and what stands in the way, line by line",
    "chart": "new posts, line by line, as bars",
    "buyers": "effort and contracts covered, by kind of buyer",
    "contracts": "contracts covered, plan by plan",
    "posts": "new posts of both roles, plan by plan",
    "safe_posts": "posts of this plan, line by line, beside those of the best plans",
    "safe_chart": "new posts of this plan as columns, those of the best plans as marks",
    "limits": "what a little more of each limit would bring",
    "why": "what makes the difference between two plans",
    "cross": "every plan judged under the inputs of every other",
    "assumptions": "every input, with its source and status",
    "dictionary": "what every column means",
}
WORKBOOK_NEEDS_FILE = "--format xlsx needs --out FILE.xlsx"
NO_WORKBOOK = "{path}: not written; a workbook holds a plan, and there is none."

# command line
EXAMPLES = "Examples:"
GOES_WITH = "{option} goes with {other}"
GOES_NOT_WITH = "{option} does nothing with {other}; leave it out"
MISTAKES = ("{count} mistake to put right:", "{count} mistakes to put right:")
SEE_KEYS = "All keys with their values and origins: fte-alloc show {scenario}"
UNKNOWN_EXTENSION = "--out {path}: expected an ending among {known}"
FORMAT_CONFLICT = "--format {format} and --out {path} disagree; leave out --format"
CANNOT_WRITE = "cannot be written ({reason}); give another --out"
CANNOT_WRITE_WHY = {
    "ENOENT": "there is no folder {folder}; create it, or give another --out",
    "EISDIR": "is a folder; give the name of a file in it",
    "ENODEV": "is a device; give the name of a file",
    "ENXIO": "is a pipe that nobody reads; give the name of a file",
}
OUT_IS_READ = "this command reads {file}, the same file; give another --out"
RESULTS_REFUSED = "The result cannot be written to standard output ({reason})."
NO_WORKING_DIRECTORY = "the working directory is no longer there ({reason}); change to another"
SYSTEM_REFUSES = "the system refuses it ({reason})"
WRITTEN = "{path}: written{what}."
WRITTEN_ROWS = (", {count} row", ", {count} rows")
WRITTEN_SHEETS = (", {count} sheet", ", {count} sheets")
OS_REASONS = {
    "EACCES": "Permission denied",
    "EBADF": "it is closed",
    "EISDIR": "Is a directory",
    "ENAMETOOLONG": "File name too long",
    "ENOENT": "No such file or directory",
    "ENOSPC": "No space left on device",
    "ENOTDIR": "Not a directory",
    "EROFS": "Read-only file system",
}
INTERRUPTED = "Interrupted."
NO_PLAN = "{scenario}: no plan is possible."
NO_PLAN_WHY = "Why, and what would help: {command}"
FRONTIER_OPEN = "stopped at a limit; between some points the curve is not known closely."
REGRET_OPEN = "{reason}; the plan shown is not proved the safest."
STOPPED = "{scenario}: {reason}; the plan shown is not proved best."

# sweep
VARY_SYNTAX = "expected KEY=LOW:HIGH:STEP, or KEY=VALUE,VALUE,... such as posts.cap_fte=540:640:5"
NO_PLAIN_VALUE = '{value} cannot be varied: expected a number, a text, true, false or "none"'
DEMAND_OF_NOBODY = "no territory has this code{hint}"
DEMAND_FACTOR = "is {value}, expected a factor above 0, such as 1.1"
VARY_STEP = "the STEP is missing: expected KEY=LOW:HIGH:STEP, such as posts.cap_fte=540:640:5"
VARY_RANGE = "expected LOW below HIGH and a STEP above 0"
VARY_TWO = "--vary {text}: two values, {first} and {second}; for one: {one}"
VARY_MANY = "--vary {text}: {count} values; if the commas are decimal ones: {fewer}"
VALUE_TWICE = "has the value {value} twice; keep one"
VARIED_TWICE = "is varied twice; keep one"
TOO_MANY_CASES = "makes {count} cases, more than a million; take greater steps"
CASES_COLUMN = "column {column}: {key!r} is no key, such as posts.cap_fte"
NO_CASES = "say what is varied: --vary, --cases, or --sample with --uncertain"
SAMPLE_NEEDS_UNCERTAIN = "--sample needs --uncertain, and --uncertain needs --sample"
UNCERTAIN_SYNTAX = "expected KEY=LOW:HIGH, KEY=20%, demand or demand=15%"
UNCERTAIN_RANGE = "expected LOW below HIGH"
UNCERTAIN_PRESENT = "{key} has no number now, so no share of it can be taken; give LOW:HIGH"
UNCERTAIN_DEMAND = "expected a relative deviation above 0 and below 100%, such as demand=15%"
SWEEP_FILES_CHANGED = "is not what it was when the sweep began; begin again"
SWEEP_OTHER_COLUMNS = "is not of this sweep: its columns are others; give another --out"
SWEEP_OTHER_INPUTS = "is of other inputs, or no row of a sweep; give another --out"
WORKERS_DIE = "the processes at work keep dying; try --jobs 1"
NO_DASK = "--cluster needs the extra dask: pip install 'fte-alloc[dask]'"
CLUSTER_EMPTY = "--cluster needs the address of a Dask scheduler, such as tcp://127.0.0.1:8786"
CLUSTER_LOST = "the cluster has dropped the cases; what was finished is kept where --out was given"
NO_CLUSTER = "no scheduler answers: {reason}"
SWEEP_PROGRESS = "Solving cases"
SWEEP_SPEED = "{count} a second"
SWEEP_INTERRUPTED = (
    "Interrupted: {done} of {count} cases are in {path}; the same command goes on from there."
)
SWEEP_ANEW = (
    "{path}: {count} row was damaged or did not hold and was solved anew: {cases}",
    "{path}: {count} rows were damaged or did not hold and were solved anew: {cases}",
)
SWEEP_DROPPED = (
    "{path}: {count} row of another case was damaged or did not hold and was left out: {cases}",
    "{path}: {count} rows of other cases were damaged or did not hold and were left out: {cases}",
)
SWEEP_WRITTEN = "{path}: {count} cases, {new} of them solved now."
SWEEP_TITLE = "{scenario}: {count} of {keys}"
SWEEP_CASES = ("{count} case", "{count} cases")
SWEEP_PROVED = "each proved to {gap} or better"
SWEEP_IN_STEPS = "each plan in steps best by the solver's bound, to {gap} or better"
SWEEP_PROVED_SOME = "each plan proved to {gap} or better"
SWEEP_STATUS = {
    "optimal": "best plan",
    "stopped": "not proved",
    "infeasible": "no plan",
    "invalid": "not valid",
    "failed": "solver failed",
}
SWEEP_NO_PLAN = "No case has a plan."
SWEEP_NONE_IN_STEPS = "No plan in steps: by the solver's word where continuous posts have one."
SWEEP_NOT_ALL = "{cases} have no proved best plan ({kinds}); their rows say so."
SWEEP_RANGES = (
    "Contracts covered: {least} to {most}; national rate: {least_rate} to {most_rate}; State money:"
    " {least_eur} to {most_eur} M EUR; network: {least_fte} to {most_fte} FTE."
)
SWEEP_HEAD_CASES = "Cases"
SWEEP_SOME_CASES = (
    "{shown} of {count} cases, evenly taken; --format csv and --out FILE.csv have all."
)
SWEEP_HEADINGS = ("plan", "contracts", "rate", "State, M EUR", "network FTE")
SWEEP_HEAD_POSTS = "New posts over all plans, FTE"
SWEEP_POSTS_HEADINGS = ("", "role", "least", "median", "most", "at least {fte} FTE in")
SWEEP_POSTS_YEAR = "New posts of {year} over all plans, FTE"
SWEEP_KIND = "{status}: {count}"
SWEEP_AS_IS = "as it is"
SWEEP_WHY = "Why there is none: {command}"
SWEEP_LOST = "Nothing is kept without --out FILE.csv."
SWEEP_STEADY = "The same in every plan: {posts}."
SWEEP_NONE = "none"
SWEEP_ALIKE = "{role} {fte} in {codes}"
SWEEP_WEIGHTED = (
    "Contracts each count as one here; objective and upper_bound of the CSV are weighted contracts."
)
SWEEP_FIRST_STAGE = (
    "objective, upper_bound and relative_gap of the CSV are those of the first stage, {stage}."
)
