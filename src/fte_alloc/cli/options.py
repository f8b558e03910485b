"""What may be typed: arguments, options, formats and examples of every question, as data."""

from __future__ import annotations

import click

from fte_alloc.cli.question import FILE, Number, Question, Whole, argument, option
from fte_alloc.render.result import DRAWN, FORMATS, PAGE

_LINES = click.Choice(["territory", "area"])
_SHARE = Number(min=0, max=1)
_PLACES = click.Choice(["region", "departement"])
_YEAR = Whole(min=2010, max=2029)


_MODEL = option("--model", "DIR", "Write the lines into the model of this folder.", type=FILE)

_VARY = option(
    "--vary varied",
    "KEY=LOW:HIGH:STEP",
    "Values of an input, or KEY=VALUE,VALUE,... Repeatable: every value with every other.",
    multiple=True,
)

QUESTIONS = {
    "check": Question(
        "commands",
        [argument("scenarios", "[SCENARIO]...", nargs=-1)],
        ["check reference", "check --format json"],
    ),
    "show": Question(
        "commands",
        [
            argument("scenario", required=False),
            option(
                "--key part", "TEXT", "Only keys that contain TEXT.", default="", show_default=False
            ),
        ],
        ["show", "show reference --key budget"],
    ),
    "new": Question(
        "commands",
        [
            argument("name"),
            option(
                "--from base", "SCENARIO", "Whose figures it is filled with.", default="reference"
            ),
        ],
        ["new study.xlsx", "new study --from tight-budget"],
        {},
    ),
    "verify": Question(
        "commands",
        [
            argument("plan", "PLAN.json", type=FILE),
            option(
                "--root",
                "DIR",
                "Look for the input files in DIR instead of here.",
                type=click.Path(exists=True, file_okay=False),
            ),
        ],
        ["verify plan.json", "verify plan.json --root . --format json"],
        is_loading=False,
    ),
    "solve": Question(
        "commands",
        [
            argument("scenario"),
            option(
                "--by", None, "A line a territory, or an area.", type=_LINES, default="territory"
            ),
        ],
        ["solve reference", "solve reference --set posts.cap_fte=560 --out plan.json"],
        is_limited=True,
        explains=True,
    ),
    "evaluate": Question(
        "commands",
        [
            argument("scenario"),
            option(
                "--posts",
                "FILE",
                "New posts: workbook of solve, table (CSV, .xlsx, .ods) or saved plan.",
                required=True,
                type=FILE,
            ),
        ],
        [
            "evaluate reference --posts my-posts.csv",
            "evaluate tight-budget --posts plan.json --format json",
        ],
    ),
    "explain": Question(
        "commands",
        [
            argument("scenario"),
            option("--territory", "CODE", "Explain one territory, by code or name."),
            option("--area", "CODE", "Explain one area: a region of several territories."),
            option(
                "--within",
                "SHARE",
                "How much worse than the best the plans may be that show how firm the posts are.",
                type=Number(min=0, max=1, max_open=True),
                default=0.001,
            ),
        ],
        ["explain reference", "explain reference --territory Bretagne"],
    ),
    "frontier": Question(
        "commands",
        [
            argument("scenario"),
            option(
                "--between",
                "FIRST:SECOND",
                "Two objectives, such as coverage:worst_rate; what SECOND costs is told in FIRST.",
                required=True,
            ),
        ],
        [
            "frontier reference --between coverage:worst_rate",
            "frontier tight-budget --between coverage:state_cost --out curve.html",
        ],
        FORMATS | DRAWN,
        is_limited=True,
        explains=True,
    ),
    "compare": Question(
        "several",
        [
            argument("plans", "PLAN...", nargs=-1, required=True),
            option(
                "--why", None, "Say what each change of an input did to the figures.", is_flag=True
            ),
            option("--territory", "CODE", "With --why: to the posts of one, too."),
            option("--area", "CODE", "With --why: to the posts of an area, too."),
        ],
        [
            "compare reference state-first tight-budget",
            "compare reference --set budget.state_eur_per_year=4500000 --why",
        ],
        is_limited=True,
    ),
    "report": Question(
        "several",
        [argument("scenarios", "SCENARIO...", nargs=-1, required=True), _VARY],
        [
            "report reference state-first tight-budget --out page.html",
            "report reference --vary posts.cap_fte=560:600:5 --out page.html",
        ],
        PAGE,
        is_limited=True,
        explains=True,
    ),
    "regret": Question(
        "several",
        [
            argument("scenarios", "SCENARIO SCENARIO...", nargs=-1, required=True),
            option("--relative", None, "Measure regret as a share of each optimum.", is_flag=True),
            option(
                "--probability chances",
                "NAME=SHARE",
                "How likely a scenario is, for the average. Repeatable; the others share what is "
                "left.",
                multiple=True,
            ),
        ],
        [
            "regret reference state-first need-first",
            "regret reference tight-budget --probability tight-budget=0.7 --relative",
        ],
        is_limited=True,
    ),
    "sweep": Question(
        "several",
        [
            argument("scenario"),
            _VARY,
            option(
                "--cases cases_file",
                "FILE.csv",
                "Cases from a file: a column for every key, a row for every case.",
                type=FILE,
            ),
            option(
                "--sample draws",
                "DRAWS",
                "Draw this many cases of what is uncertain (a Latin hypercube).",
                type=Whole(min=1),
            ),
            option(
                "--uncertain",
                "KEY=LOW:HIGH",
                "An uncertain input, or KEY=20%; demand: every territory's contracts. Repeatable.",
                multiple=True,
            ),
            option("--seed", None, "Seed of the draws.", type=Whole(min=0), default=0),
            option(
                "--at-least at_least_fte",
                "FTE",
                "Tell in which share of the plans a post has this many new FTE.",
                type=Number(min=0),
                default=1.0,
            ),
            option("--jobs", None, "Processes at work.", type=Whole(min=1), default=1),
            option("--cluster", "tcp://...", "Work on a Dask cluster (extra dask)."),
        ],
        [
            "sweep reference --vary posts.cap_fte=540:600:20",
            "sweep reference --sample 20 --uncertain coverage.contracts_per_fte=20%",
        ],
    ),
    "weights": Question(
        "commands",
        [
            argument("scenario"),
            option(
                "--tolerance tolerance_fte",
                "FTE",
                "By how much a post may move before it counts. In steps, any other plan counts.",
                type=Number(min=0.01),
                default=0.5,
            ),
            option(
                "--weight keys",
                "KEY",
                "Look at this weight only: weights.territory.53, 53 or Bretagne. Repeatable.",
                multiple=True,
            ),
            option("--path", "KEY=LOW:HIGH", "Trace the posts along one weight instead."),
            option(
                "--explain-plan plan",
                "FILE.csv",
                "Find the nearest weights under which the plan typed in FILE.csv is the best one.",
                type=FILE,
            ),
            option(
                "--measure",
                None,
                "With --explain-plan: weights are near by the sum of relative changes or the "
                "largest.",
                type=click.Choice(["total", "largest"]),
                default="total",
            ),
        ],
        [
            "weights state-first --weight weights.segment.state_hospital",
            "weights reference --path weights.territory.53=0.95:1.05",
        ],
        is_limited=True,
    ),
    "import": Question(
        "figures",
        [
            argument("kind", "decp", type=click.Choice(["decp"])),
            argument("paths", "FILE...", nargs=-1, required=True, type=FILE),
            option("--year", None, "Only contracts notified in this year.", type=_YEAR),
            option(
                "--min-amount min_amount_eur",
                "EUR",
                "Only contracts of at least this amount.",
                type=Number(min=0),
                default=90_000,
            ),
            option("--by", None, "What a territory is.", type=_PLACES, default="region"),
            option(
                "--column columns",
                "FIELD=HEADING",
                "Heading of a column, where it is not that of the format. Repeatable.",
                multiple=True,
            ),
            _MODEL,
        ],
        [
            "import decp decp-2024.csv --year 2024 --out contracts.csv",
            "import decp decp.json.gz --by departement --format json",
        ],
        is_loading=False,
    ),
    "calibrate": Question(
        "figures",
        [
            argument("scenario"),
            option("--rate", "SHARE", "Rate observed, such as 0.223.", type=_SHARE, required=True),
            _MODEL,
        ],
        ["calibrate reference --rate 0.223", "calibrate half-posts --rate 0.187 --format json"],
    ),
}
