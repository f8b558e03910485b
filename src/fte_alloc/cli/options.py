"""What may be typed: arguments, options, formats and examples of every question, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from fte_alloc import language
from fte_alloc.cli.typed import Number, Whole

#: Formats of every question, with their endings.
FORMATS = {"table": ".txt", "csv": ".csv", "csv-fr": ".csv", "json": ".json", "markdown": ".md"}
FORMATS |= {"xlsx": ".xlsx"}
#: A picture, and a page for a browser, of the questions that have them.
DRAWN = {"svg": ".svg", "html": ".html"}

LANG = click.Option(
    ["--lang"],
    type=click.Choice(list(language.LANGUAGES)),
    expose_value=False,  # read by main, before anything is said
    help="Language of what is said. Default: that of LC_ALL, LC_MESSAGES, LANG, LANGUAGE.",
)

_FILE = click.Path(readable=False)
_LINES = click.Choice(["territory", "area"])
_SHARE = Number(min=0, max=1)
_PLACES = click.Choice(["region", "departement"])
_YEAR = Whole(min=2010, max=2029)


def _argument(name: str, metavar: str | None = None, **more: Any) -> click.Parameter:
    return click.Argument([name], metavar=metavar, **more)


def _option(names: str, metavar: str | None, text: str, **more: Any) -> click.Parameter:
    return click.Option(names.split(), metavar=metavar, help=text, **more)


_MODEL = _option("--model", "DIR", "Write the lines into the model of this folder.", type=_FILE)


@dataclass(frozen=True)
class Question:
    """A question of the command line.

    file : the one here with the function of its name, whose docstring says what it answers
    own : its own arguments and options
    examples : of command lines, without the name of the programme
    formats : those it has, with their endings
    is_loading : whether it loads scenarios, whose inputs may be changed
    is_limited : whether it may be stopped after a time
    explains : whether it says of a scenario without a plan why there is none, in place of a result
    """

    file: str
    own: Sequence[click.Parameter]
    examples: Sequence[str]
    formats: Mapping[str, str] = field(default_factory=lambda: FORMATS)
    is_loading: bool = True
    is_limited: bool = False
    explains: bool = False

    def shared(self) -> list[click.Parameter]:
        """The options that it has in common with others."""
        if not self.formats:
            return [LANG]
        endings = " ".join(dict.fromkeys(self.formats.values()))
        change = "Change an input, such as posts.cap_fte=600. Repeatable."
        stop = "Stop after this long; the plan is then shown as not proved (exit 4)."
        form = "How to print. Default: table, or the ending of --out. xlsx needs --out."
        out = f"Write to FILE; its ending ({endings}) sets the format."
        least = Number(min=0)
        quiet = "No warnings and no progress."
        loading = [_option("--set overrides", "KEY=VALUE", change, multiple=True)]
        limited = [_option("--time-limit time_limit_s", "SECONDS", stop, type=least)]
        return [
            *(loading if self.is_loading else []),
            _option("--format form", None, form, type=click.Choice(list(self.formats))),
            _option("--out", "FILE", out, type=_FILE),
            *(limited if self.is_limited else []),
            *([_option("--quiet", None, quiet, is_flag=True)] if self.is_loading else []),
            LANG,
        ]


QUESTIONS = {
    "check": Question(
        "commands",
        [_argument("scenarios", "[SCENARIO]...", nargs=-1)],
        ["check reference", "check --format json"],
    ),
    "show": Question(
        "commands",
        [
            _argument("scenario", required=False),
            _option(
                "--key part", "TEXT", "Only keys that contain TEXT.", default="", show_default=False
            ),
        ],
        ["show", "show reference --key budget"],
    ),
    "new": Question(
        "commands",
        [
            _argument("name"),
            _option(
                "--from base", "SCENARIO", "Whose figures it is filled with.", default="reference"
            ),
        ],
        ["new study.xlsx", "new study --from tight-budget"],
        {},
    ),
    "verify": Question(
        "commands",
        [
            _argument("plan", "PLAN.json", type=_FILE),
            _option(
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
            _argument("scenario"),
            _option(
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
            _argument("scenario"),
            _option(
                "--posts",
                "FILE",
                "New posts: workbook of solve, table (CSV, .xlsx, .ods) or saved plan.",
                required=True,
                type=_FILE,
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
            _argument("scenario"),
            _option("--territory", "CODE", "Explain one territory, by code or name."),
            _option("--area", "CODE", "Explain one area: a region of several territories."),
            _option(
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
            _argument("scenario"),
            _option(
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
            _argument("plans", "PLAN...", nargs=-1, required=True),
            _option(
                "--why", None, "Say what each change of an input did to the figures.", is_flag=True
            ),
            _option("--territory", "CODE", "With --why: to the posts of one, too."),
            _option("--area", "CODE", "With --why: to the posts of an area, too."),
        ],
        [
            "compare reference state-first tight-budget",
            "compare reference --set budget.state_eur_per_year=4500000 --why",
        ],
        is_limited=True,
    ),
    "regret": Question(
        "several",
        [
            _argument("scenarios", "SCENARIO SCENARIO...", nargs=-1, required=True),
            _option("--relative", None, "Measure regret as a share of each optimum.", is_flag=True),
            _option(
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
            _argument("scenario"),
            _option(
                "--vary varied",
                "KEY=LOW:HIGH:STEP",
                "Values of an input, or KEY=VALUE,VALUE,... Repeatable: every value with every "
                "other.",
                multiple=True,
            ),
            _option(
                "--cases cases_file",
                "FILE.csv",
                "Cases from a file: a column for every key, a row for every case.",
                type=_FILE,
            ),
            _option(
                "--sample draws",
                "DRAWS",
                "Draw this many cases of what is uncertain (a Latin hypercube).",
                type=Whole(min=1),
            ),
            _option(
                "--uncertain",
                "KEY=LOW:HIGH",
                "An uncertain input, or KEY=20%; demand: every territory's contracts. Repeatable.",
                multiple=True,
            ),
            _option("--seed", None, "Seed of the draws.", type=Whole(min=0), default=0),
            _option(
                "--at-least at_least_fte",
                "FTE",
                "Tell in which share of the plans a post has this many new FTE.",
                type=Number(min=0),
                default=1.0,
            ),
            _option("--jobs", None, "Processes at work.", type=Whole(min=1), default=1),
            _option("--cluster", "tcp://...", "Work on a Dask cluster (extra dask)."),
        ],
        [
            "sweep reference --vary posts.cap_fte=540:600:20",
            "sweep reference --sample 20 --uncertain coverage.contracts_per_fte=20%",
        ],
    ),
    "weights": Question(
        "commands",
        [
            _argument("scenario"),
            _option(
                "--tolerance tolerance_fte",
                "FTE",
                "By how much a post may move before it counts. In steps, any other plan counts.",
                type=Number(min=0.01),
                default=0.5,
            ),
            _option(
                "--weight keys",
                "KEY",
                "Look at this weight only: weights.territory.53, 53 or Bretagne. Repeatable.",
                multiple=True,
            ),
            _option("--path", "KEY=LOW:HIGH", "Trace the posts along one weight instead."),
            _option(
                "--explain-plan plan",
                "FILE.csv",
                "Find the nearest weights under which the plan typed in FILE.csv is the best one.",
                type=_FILE,
            ),
            _option(
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
            _argument("kind", "decp", type=click.Choice(["decp"])),
            _argument("paths", "FILE...", nargs=-1, required=True, type=_FILE),
            _option("--year", None, "Only contracts notified in this year.", type=_YEAR),
            _option(
                "--min-amount min_amount_eur",
                "EUR",
                "Only contracts of at least this amount.",
                type=Number(min=0),
                default=90_000,
            ),
            _option("--by", None, "What a territory is.", type=_PLACES, default="region"),
            _option(
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
            _argument("scenario"),
            _option("--rate", "SHARE", "Rate observed, such as 0.223.", type=_SHARE, required=True),
            _MODEL,
        ],
        ["calibrate reference --rate 0.223", "calibrate half-posts --rate 0.187 --format json"],
    ),
}
