"""Every sentence the tool says, apart from the logic that decides to say it.

Templates for ``str.format``; numbers are formatted before they are put in.
"""

# -- input mistakes: what is, what was expected, how to put it right ---------------------------------

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

# -- solving -----------------------------------------------------------------------------------------

NOTHING_LIMITS_POSTS = (
    "nothing limits the {role} posts of {code}: set a cap, a budget, a growth limit or a maximum"
)
NO_PLAN_POSSIBLE = "no plan is possible."
STOPPED_WITHOUT_PLAN = "stopped at the time limit before any plan was found; nothing is proved."
PLAN_FAILS_CHECK = "the plan found does not pass the independent check: {violation}"
BOUNDS_DISAGREE = "the two bounds of a stage do not agree"
UNBOUNDED = "the programme is unbounded"
