"""What may be typed: arguments, options, formats and examples of every question, as data."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import click
from click.core import ParameterSource

from fte_alloc import language
from fte_alloc.language import _


class _Finite(click.ParamType[Any]):
    """A number that is finite; what may have been meant is said where it is none."""

    def convert(self, value: Any, *context: Any) -> Any:
        """The number typed."""
        from fte_alloc.inputs import values

        read = super().convert
        try:
            number = read(value, *context)
        except click.BadParameter as error:
            what = error.message.rstrip(".")
            with suppress(click.BadParameter):
                for meant in values.meant(str(value)):
                    read(meant, *context)  # or it would be refused as well
                what += values.hint(str(value))
            raise click.BadParameter(what, *reversed(context)) from None
        if not math.isfinite(number):
            what = _("is {value}, expected {expected}").format(value=value, expected=_("a number"))
            raise click.BadParameter(what, *reversed(context))
        return number


class Number(_Finite, click.FloatRange):
    """A number of any option."""


class Whole(_Finite, click.IntRange):
    """A whole number of any option."""


#: A block a question: its name, the file here with the function of that name, which says what it
#: answers, and its flags (loading: of scenarios, whose inputs may be changed; limited in time;
#: explains why there is no plan; xlsx: has a workbook; drawn: has a picture); a row for every
#: argument or option with its name, form, metavar and help; examples. The last is for all.
_TABLE = """
[check] commands loading
scenarios | many | [SCENARIO]... |
fte-alloc check reference
fte-alloc check --format json

[show] commands loading
scenario | | |
--key part | = | TEXT | Only keys that contain TEXT.
fte-alloc show
fte-alloc show reference --key budget

[verify] commands
plan | file required | PLAN.json |
--root | folder | DIR | Look for the input files in DIR instead of here.
fte-alloc verify plan.json
fte-alloc verify plan.json --root . --format json

[solve] commands loading xlsx limited explains
scenario | required | |
fte-alloc solve reference
fte-alloc solve reference --set posts.cap_fte=560 --out plan.json

[evaluate] commands loading
scenario | required | |
--posts | file required | FILE | CSV with territory,role,new_fte (and year), or a saved plan.
fte-alloc evaluate reference --posts my-posts.csv
fte-alloc evaluate tight-budget --posts plan.json --format json

[explain] commands loading
scenario | required | |
--territory | | CODE | Explain one territory, by code or name.
--within | share =0.001 | SHARE | How much worse than the best the plans may be that show how \
firm the posts are.
fte-alloc explain reference
fte-alloc explain reference --territory Bretagne

[frontier] commands loading drawn limited explains
scenario | required | |
--between | required | FIRST:SECOND | Two objectives, such as coverage:worst_rate; what SECOND \
costs is told in FIRST.
fte-alloc frontier reference --between coverage:worst_rate
fte-alloc frontier tight-budget --between coverage:state_cost --out curve.html

[compare] several loading xlsx limited
plans | many required | PLAN... |
--why | flag | | Say what each change of an input did to the figures.
--territory | | CODE | With --why: to the posts of one, too.
fte-alloc compare reference state-first tight-budget
fte-alloc compare reference --set budget.state_eur_per_year=4500000 --why

[regret] several loading xlsx limited
scenarios | many required | SCENARIO SCENARIO... |
--relative | flag | | Measure regret as a share of each optimum.
--probability chances | many | NAME=SHARE | How likely a scenario is, for the average. \
Repeatable; the others share what is left.
fte-alloc regret reference state-first need-first
fte-alloc regret reference tight-budget --probability tight-budget=0.7 --relative

[sweep] several loading
scenario | required | |
--vary varied | many | KEY=LOW:HIGH:STEP | Values of an input, or KEY=VALUE,VALUE,... \
Repeatable: every value with every other.
--cases cases_file | file | FILE.csv | Cases from a file: a column for every key, a row for every \
case.
--sample draws | count | DRAWS | Draw this many cases of what is uncertain (a Latin hypercube).
--uncertain | many | KEY=LOW:HIGH | An uncertain input, or KEY=20%; demand: every territory's \
contracts. Repeatable.
--seed | seed =0 | | Seed of the draws.
--at-least at_least_fte | number =1.0 | FTE | Tell in which share of the plans a post has this \
many new FTE.
--jobs | count =1 | | Processes at work.
--cluster | | tcp://... | Work on a Dask cluster (extra dask).
fte-alloc sweep reference --vary posts.cap_fte=540:600:20
fte-alloc sweep reference --sample 20 --uncertain coverage.contracts_per_fte=20%

[weights] commands loading limited
scenario | required | |
--tolerance tolerance_fte | tolerance =0.5 | FTE | By how much a post may move before it counts. \
In steps, any other plan counts.
--weight keys | many | KEY | Look at this weight only: weights.territory.53, 53 or Bretagne. \
Repeatable.
--path | | KEY=LOW:HIGH | Trace the posts along one weight instead.
--explain-plan plan | file | FILE.csv | Find the nearest weights under which the plan typed in \
FILE.csv is the best one.
--measure | measure =total | | With --explain-plan: weights are near by the sum of relative \
changes or the largest.
fte-alloc weights state-first --weight weights.segment.state_hospital
fte-alloc weights reference --path weights.territory.53=0.95:1.05

[all]
--set overrides | many loading | KEY=VALUE | Change an input, such as posts.cap_fte=600. Repeatable.
--format form | | | How to print. Default: table, or the ending of --out.{needs}
--out | file | FILE | Write to FILE; its ending ({endings}) sets the format.
--time-limit time_limit_s | number limited | SECONDS | Stop after this long; the plan is then \
shown as not proved (exit 4).
--quiet | flag loading | | No warnings and no progress.
"""
#: Every question, and its file.
QUESTIONS = dict(re.findall(r"^\[(\w+)\] (\w+)", _TABLE, re.MULTILINE))
_TYPES: dict[str, click.ParamType[Any]] = {
    "file": click.Path(readable=False),
    "folder": click.Path(exists=True, file_okay=False),
    "number": Number(min=0),
    "share": Number(min=0, max=1, max_open=True),
    "tolerance": Number(min=0.01),
    "count": Whole(min=1),
    "seed": Whole(min=0),
    "measure": click.Choice(["total", "largest"]),
}
LANG = click.Option(
    ["--lang"],
    type=click.Choice(list(language.LANGUAGES)),
    expose_value=False,  # read by main, before anything is said
    help="Language of what is said. Default: that of LC_ALL, LC_MESSAGES, LANG, LANGUAGE.",
)

#: Formats of every question, with their endings.
FORMATS = {"table": ".txt", "csv": ".csv", "json": ".json", "markdown": ".md"}
#: A workbook, of the questions that have one.
XLSX = {"xlsx": ".xlsx"}
#: A picture, and a page for a browser, of the questions that have them.
DRAWN = {"svg": ".svg", "html": ".html"}


def question(name: str) -> tuple[set[str], list[click.Parameter], list[str]]:
    """The flags of a question, its own arguments and options, and its examples."""
    flags, *rows = _rows(name)
    own = [_parameter(row) for row in rows if "|" in row]
    return {*flags.split()}, own, [row for row in rows if "|" not in row]


def shared(flags: set[str], formats: Mapping[str, str]) -> list[click.Parameter]:
    """The options of a question beside its own.

    formats : those it has, with their endings
    """
    needs, endings = " xlsx needs --out." if "xlsx" in formats else "", " ".join(formats.values())
    found = [
        _parameter(row.format(needs=needs, endings=endings), formats)
        for row in _rows("all")[1:]
        if {"loading", "limited"}.intersection(row.split("|")[1].split()) <= flags
    ]
    return [*found, LANG]


def _rows(name: str) -> list[str]:
    """The lines of the table about a question; its flags first."""
    return _TABLE.partition(f"[{name}]")[2].partition("\n\n")[0].rstrip("\n").split("\n")


def _parameter(row: str, formats: Iterable[str] = ()) -> click.Parameter:
    """A row of the table as an argument or an option."""
    names, form, metavar, text = map(str.strip, row.split("|"))
    words = {word.partition("=")[0]: word.partition("=")[2] for word in form.split()}
    more: dict[str, Any] = {"metavar": metavar or None, "required": "required" in words}
    more["type"] = next((_TYPES[word] for word in words if word in _TYPES), None)
    if "" in words:
        more["default"] = words[""]
    if not names.startswith("--"):
        return click.Argument([names], nargs=-1 if "many" in words else 1, **more)
    if names.endswith(" form"):
        more["type"] = click.Choice(list(formats))
    if "flag" in words:
        more["is_flag"] = True
    return click.Option(names.split(), multiple="many" in words, help=text, **more)


def in_vain(sentence: str, other: str, *names: str) -> None:
    """Refuse options that were typed but do nothing, with another option or without it.

    sentence : says why, of *option* and *other*
    names : of the parameters

    Raises UsageError.
    """
    context = click.get_current_context()
    for option in context.command.params:
        typed = context.get_parameter_source(option.name or "") is not ParameterSource.DEFAULT
        if option.name in names and typed:
            raise click.UsageError(sentence.format(option=option.opts[0], other=other))
