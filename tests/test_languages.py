"""French and English: every text in both, the figures the same, the data untouched."""

from __future__ import annotations

import ast
import csv
import io
import itertools
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import catalogue
import pytest
from conftest import ROOT, SCENARIOS, one_in, run, slow, slow_but
from hypothesis import example, given
from hypothesis import strategies as st
from spreadsheet import opened
from tables import each
from test_input_mistakes import CASES, folder, mistakes, type_case  # noqa: F401

import fte_alloc as fa
from fte_alloc import language, names
from fte_alloc import numbers as show
from fte_alloc.cli import cli
from fte_alloc.inputs.schema import PARAMETERS
from fte_alloc.questions.column_names import BOOK_COLUMNS
from fte_alloc.questions.inputs_in_words import INPUT_UNITS
from fte_alloc.questions.places import territory_words
from fte_alloc.render.data import as_json

SRC = ROOT / "src" / "fte_alloc"
MODULES = sorted(SRC.rglob("*.py"))
#: What a page of French is set with: between thousands and before ; ? !, and before : % €.
THIN, WIDE = "\u202f", "\u00a0"


@pytest.fixture(autouse=True)
def english_again():
    yield
    language.use_language("en")


# -- sentences -------------------------------------------------------------------------------------


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def texts_of(path: Path) -> list[ast.JoinedStr]:
    """The f-strings of a module."""
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.JoinedStr)]


#: In which no text is looked up.
LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.cmpop, ast.boolop)


def said_wrongly(path: Path) -> list[str]:
    """Where a module translates while it is imported, or where extraction does not look."""
    found: list[str] = []

    def visit(node: ast.AST, *, later: bool, in_text: bool) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            body = node.body if isinstance(node.body, list) else [node.body]
            for child in ast.iter_child_nodes(node):
                visit(child, later=later or child in body, in_text=in_text)
            return
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("_", "ngettext", "pgettext"):
                formed = any(isinstance(argument, ast.JoinedStr) for argument in node.args)
                literal = any(isinstance(argument, ast.Constant) for argument in node.args)
                if (in_text and literal) or formed or not later:
                    found.append(f"{path.name}:{node.lineno}: {ast.unparse(node)}")
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, LEAVES):
                visit(child, later=later, in_text=in_text or isinstance(node, ast.JoinedStr))

    visit(tree_of(path), later=False, in_text=False)
    return found


@each("path", MODULES)
def test_texts_are_looked_up_when_they_are_said_and_stand_where_extraction_looks(path):
    assert said_wrongly(path) == []


def test_every_name_is_used():
    texts = (path.read_text("utf-8") for path in MODULES if path != SRC / "names.py")
    used = {word for text in texts for word in re.findall(r"\w+", text)}
    assert {name for name in vars(names) if name.isupper()} - used == set()


def test_one_and_several():
    pair = ("{count} mistake to put right:", "{count} mistakes to put right:")
    assert [language.ngettext(*pair, n) for n in (0, 1, 2)] == [pair[1], pair[0], pair[1]]
    one, several = FRENCH["", pair]
    with language.in_language("fr"):
        said = [language.ngettext(*pair, n) for n in (0, 1, 1.9, 2)]
    assert said == [one, one, one, several]


# -- the catalogue ---------------------------------------------------------------------------------

CATALOGUES = {code: catalogue.read(code, "po") for code in catalogue.LANGUAGES}
FRENCH = catalogue.said(CATALOGUES["fr"])


@each("code", catalogue.LANGUAGES)
def test_every_text_is_translated_and_nothing_else(code):
    """``python tests/regenerate.py`` adds what is new; then it wants translating."""
    here, expected = CATALOGUES[code], catalogue.expected(code)
    keys = [{(m.context or "", m.id) for m in c if m.id} for c in (here, expected)]
    assert not keys[1] - keys[0], "not in the catalogue: run tests/regenerate.py"
    assert not keys[0] - keys[1], "no longer said: run tests/regenerate.py"
    assert not here.obsolete, "no longer said: run tests/regenerate.py"
    for message in here:
        empty = not message.string or not all(message.string)
        assert not (message.id and empty), f"untranslated: {message.locations} {message.id}"
        assert not message.fuzzy or not message.id, f"fuzzy: {message.id}"


@each("code", catalogue.LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_text(code):
    compiled = catalogue.said(catalogue.read(code, "mo"))
    assert compiled == catalogue.said(CATALOGUES[code]), "out of date: run python hatch_build.py"


def placeholders(text: str) -> set[str]:
    fields = re.findall(r"(?<!\{)\{(\w+(?:!r)?)(?::[^{}]*)?\}(?!\})", text)
    return {*fields, *re.findall(r"%\(\w+\)\w", text)}


def forms(text: catalogue.MessageId) -> tuple[str, ...]:
    """A text; or its forms for one and for several."""
    return (text,) if isinstance(text, str) else text


def ends(text: str) -> list[str]:
    """The spaces a text starts and ends with."""
    return [re.match(r"\s*", text[::side])[0] for side in (1, -1)]


def test_translations_have_the_same_places_and_edges():
    for (_, text), said in FRENCH.items():
        for one, french in zip(forms(text), forms(said), strict=True):
            assert placeholders(one) == placeholders(french), french
            for gap, space in zip(ends(one), ends(french), strict=True):
                assert len(gap) == len(space) or space in (THIN, WIDE), f"a lost space: {french!r}"


def test_translations_keep_the_rules_of_french_setting():
    for said in FRENCH.values():
        for text in [said] if isinstance(said, str) else said:
            assert not re.search(r" [;:!?%€»]|« |\d \d{3}\b", text), f"may break: {text!r}"
            assert not re.search(r"[\w}][;?!](\s|$)|\w»|«\w", text), f"lacks a space: {text!r}"
            typed = re.sub(r"'(\{|fte-alloc)|(\}|\])'", "", text)  # quotes of a shell or a language
            assert "'" not in typed, f"apostrophe: {text!r}"


def test_one_thing_has_one_name_in_french():
    """State money is « crédits de l’État », the target « objectif », a grant « cofinancement »."""
    for (_, text), said in FRENCH.items():
        told = said if isinstance(said, str) else " ".join(said)
        assert not re.search("argent de l’État|\\bcible", told, re.IGNORECASE), told
        assert "State money" not in str(text) or "cofinancement" not in told, told


def test_the_same_english_may_be_said_in_two_ways():
    assert language.pgettext("slope", "rate") == "rate"
    with language.in_language("fr"):
        assert (language.pgettext("slope", "rate"), language._("rate")) == ("pente", "taux")
        assert language.pgettext("unknown", "unknown") == "unknown"


def test_french_counts_what_is_below_two_in_the_singular():
    with language.in_language("fr"):
        told = [show.unit_after(n, "contracts") for n in (0, 1.94, -1.5, 1.96, 2)]
        assert told == ["marché", "marché", "marché", "marchés", "marchés"]
        assert [show.unit_after(n, "rate") for n in (0.019, 0.02)] == ["point", "points"]
    assert [show.unit_after(n, "contracts") for n in (1, 1.5)] == ["contract", "contracts"]


# -- numbers ---------------------------------------------------------------------------------------


def test_numbers_in_both_languages():
    def numbers() -> list[str]:
        return [
            show.count(58366.28, 1),
            show.count(-1663),
            show.count_change(1663),
            show.fte(0.04),
            show.fte(9.944),
            show.rate(0.24771),
            show.rate(None),
            show.rate_change(-0.0753),
            show.share(0.005),
            show.million(5.4e6),
            show.plain_value(0.7),
            show.plain_value(None),
            show.plain_value("2,5"),
            show.quantity(show.four_decimals(5400000.0), "EUR"),
            show.quantity("9", "FTE"),
            show.quantity("0.5", "1"),
        ]

    assert numbers() == [
        *("58,366.3", "−1,663", "+1,663", "·", "9.9", "24.8%", "–", "−7.5%", "0.5%"),
        *("5.40", "0.7", "none", "2,5", "5,400,000 EUR", "9 FTE", "0.5"),
    ]
    with language.in_language("fr"):
        assert numbers() == [
            *(f"58{THIN}366,3", f"−1{THIN}663", f"+1{THIN}663", "·", "9,9", f"24,8{WIDE}%", "–"),
            *(f"−7,5{WIDE}%", f"0,5{WIDE}%", "5,40", "0,7", "sans", "2,5"),
            *(f"5{THIN}400{THIN}000{WIDE}€", f"9{WIDE}ETP", "0.5"),
        ]


@given(st.floats(-1e12, 1e12), st.integers(0, 4))
@example(0.35, 1)
@example(-2.675, 2)
def test_no_digit_depends_on_the_language(value, digits):
    """Babel and Python round halves each in their own way: both are given what is rounded."""
    plain = show.count(value, digits)
    with language.in_language("fr"):
        assert plain_number(show.count(value, digits)) == plain.replace(",", "")


def test_it_writes_numbers_as_babel_does():
    from babel.numbers import format_decimal

    with language.in_language("fr"):
        for value in (0, 7, 1234, 58366, 5400000, 123456789):
            assert show.count(value) == format_decimal(value, locale="fr")


def plain_number(text: str) -> str:
    """A French number in plain digits."""
    return text.replace(THIN, "").replace(",", ".")


def numbers_in(text: str, *, french: bool = False) -> Counter[str]:
    """Every number of a page, in plain digits."""
    if french:
        text = re.sub(r"(?<=\d)\u202f(?=\d)", "", text)
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    else:
        text = re.sub(r"(?<=\d),(?=\d)", "", text)
    return Counter(re.findall(r"\d+(?:\.\d+)*", text))


def formats_of(path: Path) -> list[str]:
    """Where a module writes a number by itself, in whatever language."""
    return [
        f"{path.name}:{node.lineno}: {ast.unparse(node)}"
        for text in texts_of(path)
        for node in text.values
        if isinstance(node, ast.FormattedValue)
        and node.format_spec is not None
        and re.search(r"[,.%\dfg]", ast.unparse(node.format_spec))
        and not re.search(r"[<>^]\d+|\.[01](g|e)", ast.unparse(node.format_spec))
    ]


def percent_signs_of(path: Path) -> list[str]:
    """Where a module puts a sign of percent behind a number by itself; French wants a space."""
    return [
        f"{path.name}:{node.lineno}: {ast.unparse(node)}"
        for node in texts_of(path)
        for number, after in itertools.pairwise(node.values)
        if isinstance(number, ast.FormattedValue)
        and isinstance(after, ast.Constant)
        and str(after.value).startswith("%")
    ]


#: Where numbers are written as they are typed: what works an answer out, and its mistakes.
AS_TYPED = (
    *("justify/fit.py", "justify/justify.py", "regret/comparable.py", "sides.py"),
    *("sweep/cases.py", "weights/path.py", "weights/weights.py"),
)


@each("path", [p for p in MODULES if p.relative_to(SRC).parts[0] in ("questions", "render")])
def test_pages_write_numbers_in_the_language(path):
    """Through ``numbers.py``; a gap such as 2e-12 is the same in all languages."""
    assert path.as_posix().endswith(AS_TYPED) or formats_of(path) == []
    assert percent_signs_of(path) == []


# -- workbooks -------------------------------------------------------------------------------------

#: Units and words of data that have no place in a French workbook; columns that hold data as such.
WORDS = "EUR|FTE|contracts|default|year|inhabitants|NEW|State"
NOT_FRENCH = re.compile(rf"\b({WORDS})\b(?!\.csv)|[^\u202f]; ")
TITLES = {tomllib.loads(f.read_text("utf-8"))["title_fr"] for f in ROOT.glob("scenarios/*.toml")}
AS_DATA = {"clé", "valeur"}


def unfrench(data: bytes) -> list[str]:
    """Texts of a workbook that a French reader stumbles over; what files say stays as it is."""
    found = []
    for sheet in opened(data).worksheets:
        of_data: set[int] = set()
        of_inputs = sheet.title == language._("Assumptions")
        inputs = {*SCENARIOS, *TITLES} if of_inputs else set()
        for row in sheet.iter_rows():
            for cell in row:
                text = cell.value
                if text in AS_DATA | inputs | {language._(BOOK_COLUMNS["meaning"][0])}:
                    of_data.add(cell.column)
                elif isinstance(text, str) and cell.column not in of_data:
                    found += [f"{sheet.title}: {text}"] if NOT_FRENCH.search(text) else []
    return found


@each(
    "arguments",
    [
        ("solve", "reference"),
        slow(("solve", "horizon-2025")),
        ("compare", "reference", "tight-budget"),
        slow(("regret", "reference", "cap-560")),
    ],
)
def test_workbooks_in_french_are_french(arguments, tmp_path, at_root, search_once, capsys):
    path = tmp_path / "book.xlsx"
    assert run(capsys, *arguments, "--lang", "fr", "--out", str(path))[0] == 0
    with language.in_language("fr"):
        assert unfrench(path.read_bytes()) == []


def test_every_unit_of_an_input_has_a_word():
    units = {parameter.unit for parameter in PARAMETERS} - {None, "1"}
    assert units <= INPUT_UNITS.keys()


# -- commands --------------------------------------------------------------------------------------

POSTS = "territory,role,new_fte\n53,facilitator,12.5\n"
POOR = "budget.state_eur_per_year=3000000"
#: Every command, in all its kinds of answer, and the code it ends with.
COMMANDS = {
    "solve": (0, "solve", "reference"),
    "solve weighted": (0, "solve", "need-first"),
    "solve steps": (0, "solve", "half-posts"),
    "solve years": (0, "solve", "horizon-2025"),
    "solve target": (0, "solve", "thirty-percent"),
    "solve rates": (0, "solve", "weakest-first"),
    "solve no limit": (0, "solve", "reference", "--set", "posts.cap_fte=none"),
    "solve stopped": (4, "solve", "reference", "--time-limit", "0"),
    "solve impossible": (3, "solve", "reference", "--set", POOR),
    "compare two": (0, "compare", "reference", "tight-budget"),
    "compare many": (0, "compare", "reference", "state-first", "weakest-first", "status-quo"),
    "compare set": (0, "compare", "reference", "--set", "posts.cap_fte=560"),
    "compare why": (0, "compare", "reference", "tight-budget", "--why"),
    "compare failing": (5, "compare", "reference", "tight-budget", "nirgends"),
    "regret": (0, "regret", "reference", "tight-budget"),
    "regret units": (0, "regret", "reference", "tight-budget", "need-first"),
    "evaluate": (1, "evaluate", "reference", "--posts", "POSTS"),
    "explain": (0, "explain", "reference"),
    "explain one": (0, "explain", "reference", "--territory", "53"),
    "explain free": (0, "explain", "reference", "--territory", "84"),
    "explain rates": (0, "explain", "weakest-first", "--territory", "44"),
    "explain nobody": (5, "explain", "reference", "--territory", "Bretange"),
    "verify": (0, "verify", "PLAN"),
    "verify steps": (0, "verify", "PLAN IN STEPS"),
    "verify changed": (1, "verify", "PLAN CHANGED"),
    "verify elsewhere": (1, "verify", "PLAN", "--root", "docs"),
    "verify nothing": (5, "verify", "nirgends.json"),
    "check": (0, "check", "reference"),
    "check all": (0, "check", "--quiet"),
    "check wrong": (5, "check", "--set", "posts.cap_ft=1"),
    "show": (0, "show", "tight-budget", "--key", "_fte"),
    "show names": (0, "show"),
    "mistakes": (5, "solve", "reference", "--set", "posts.cap_ft=1", "--set", "years=2"),
    "no such file": (5, "evaluate", "reference", "--posts", "nirgends/posts.csv"),
    "no command": (2, "solv"),
    "no argument": (2, "solve"),
    "no option": (2, "solve", "reference", "--formt", "csv"),
    "no such value": (2, "solve", "reference", "--format", "pdf"),
    "no such number": (2, "solve", "reference", "--time-limit", "x"),
    "negative": (2, "solve", "reference", "--time-limit", "-1"),
    "no value": (2, "solve", "reference", "--format"),
    "too many": (2, "solve", "reference", "encore"),
    "no such ending": (2, "solve", "reference", "--out", "plan.pdf"),
    "formats": (2, "solve", "reference", "--out", "plan.csv", "--format", "json"),
    "no folder": (5, "show", "--out", "nirgends/names.csv"),
    "one plan": (2, "compare", "reference"),
    "help": (0, "--help"),
    "version": (0, "--version"),
    **{f"{name} --help": (0, name, "--help") for name in sorted(cli.commands)},
}
#: Those whose answer is data too: one of each kind.
IN_DATA = (
    *("solve weighted", "solve impossible", "solve years", "solve stopped", "compare why"),
    *("compare failing", "regret", "evaluate", "explain one", "explain", "verify changed"),
    *("check", "check wrong", "show", "show names"),
)


def arguments_of(name: str, place: Path) -> tuple[int, list[str]]:
    """Expected exit code and arguments of a command."""
    code, *arguments = COMMANDS[name]
    given = {"POSTS": ("posts.csv", POSTS)} | {
        what: ("plan.json", saved_plan(what)) for what in arguments if what.startswith("PLAN")
    }
    for name_of_file, text in given.values():
        (place / name_of_file).write_text(text, encoding="utf-8")
    return code, [str(place / given[a][0]) if a in given else a for a in arguments]


@cache
def saved_plan(what: str) -> str:
    """A plan to verify: one as it is, one in steps, one with figures changed."""
    if what != "PLAN CHANGED":
        scenario = "half-posts" if what == "PLAN IN STEPS" else "reference"
        return as_json(fa.solve(fa.load(scenario)).document)
    changed = json.loads(saved_plan("PLAN"))
    changed["money"]["state_eur"] += 1
    changed["posts"][3]["new_fte"] = "deux"
    changed["territories"].pop()
    return as_json(changed)


def english_words() -> set[str]:
    """Words of English texts that no French one has."""
    spoken = [
        text
        for (_, ids), said in FRENCH.items()
        for text, french in zip(
            *([t] if isinstance(t, str) else t for t in (ids, said)), strict=True
        )
        if text != french
    ]
    french = " ".join(" ".join([s] if isinstance(s, str) else s) for s in FRENCH.values())
    return words_of(" ".join(spoken)) - words_of(french)


def words_of(text: str) -> set[str]:
    plain = re.sub(r"\{[^{}]*\}", " ", text)
    return {word.lower() for word in re.findall(r"[^\W\d_]{2,}", plain)}


ENGLISH = english_words()


def data_texts() -> list[str]:
    """Names and keys of the shipped files that have no French: shown as they are, longest first."""
    import tomllib

    def texts(value: object) -> list[str]:
        if isinstance(value, dict):
            said = {key: one for key, one in value.items() if key != "title"}
            below = ([one] if key == "name" else texts(one) for key, one in said.items())
            return [*said, *itertools.chain.from_iterable(below)]
        if isinstance(value, list):
            return [text for one in value for text in texts(one)]
        return [value] if isinstance(value, str) and ("", value) not in FRENCH else []

    found = list(SCENARIOS)
    for path in [*ROOT.glob("models/*/model.toml"), *ROOT.glob("scenarios/*.toml")]:
        found += texts(tomllib.loads(path.read_text(encoding="utf-8")))
    for path in ROOT.glob("models/*/territories.csv"):
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
        found += [row[column] for row in rows for column in ("name", "area_name") if column in row]
    return sorted({text for text in found if len(text) > 2}, key=len, reverse=True)


DATA = data_texts()
#: What stays as files and the command line write it.
CODES = re.compile(
    r"fte-alloc [^.)\n]*|\]\.\w+|^  [a-z]+  |\./\w+|--?[a-z]+(?:-[a-z]+)*(?:[ =]\S+)?"
    r"|[\w./<>-]*[\w>]\.[\w.\[\]-]+\S*"
    r"|\w*_\w*|\[\[?\w+\]?\]?|\"[^\"]*\"|'[^']*'|SCÉNARIO|PLAN|status-quo|coverage|maximise"
    r"|minimise|facilitator|coordinator|contracts/\S+|\w+ = \S+|published|derived|assumption"
    r"|territory,role|reference|concede|facteur|value|unit|status|population|extends|model\b"
    r"|years|stages|\bfte\b",
    re.MULTILINE,
)


def english_left(text: str) -> set[str]:
    """English words in a French text, apart from names, codes and values of files."""
    text = re.sub(r"\n {11}", " ", text.replace("-\n" + " " * 11, "-"))  # lines as they were
    text = re.sub(r"\S+\.(toml|csv)\b\S*", " ", text).replace(str(ROOT), " ")
    for known in DATA:
        text = text.replace(known, " ")
    return words_of(CODES.sub(" ", text)) & ENGLISH


def test_english_that_shows_through_is_found():
    assert english_left("Marchés  58 366 of 235 629") == {"of"}
    assert english_left("reference : no plan is possible") >= {"no", "is"}
    assert not english_left("reference : aucun plan n’est possible.")


#: Of those that are asked in both languages, the ones that take no time.
QUICK = (
    *("solve weighted", "compare two", "check wrong", "show", "mistakes", "no command", "negative"),
    *("no such value", "help", "version", *(name for name in COMMANDS if name.endswith("--help"))),
)
#: Those that say what shorter ones say, of another scenario.
LONG = ("explain free", "compare many", "regret units", "solve target")


@each("name", slow_but([name for name in COMMANDS if name not in LONG], *QUICK))
def test_a_command_speaks_french(name, capsys, tmp_path, at_root, search_once):
    expected, arguments = arguments_of(name, tmp_path)
    told = {}
    for spoken in ("en", "fr"):
        # Markdown does not cut notes of the model over several lines.
        form = ["--format", "markdown"] if arguments[0] == "check" and "-" not in name else []
        code, out, err = run(capsys, *arguments, *form, "--lang", spoken)
        assert code == (0 if name == "version" else expected)
        told[spoken] = out + err
    assert not english_left(told["fr"])
    assert told["fr"] != told["en"] or name == "version"
    if code != 2 and name != "version":
        assert numbers_in(told["fr"], french=True) == numbers_in(told["en"])


@each("name", slow_but(IN_DATA, "evaluate", "verify changed", "check", "show"))
def test_data_are_the_same_in_both_languages(name, capsys, tmp_path, at_root, search_once):
    _, arguments = arguments_of(name, tmp_path)
    for form in ("json", "csv"):
        told = [run(capsys, *arguments, "--format", form, "--lang", s)[:2] for s in ("en", "fr")]
        assert told[0] == told[1]
        assert form == "csv" or not told[0][1] or '"' in told[0][1]


@pytest.mark.slow
def test_a_plan_is_searched_alike_in_both_languages(capsys, at_root):
    asked = ("solve", "need-first", "--format", "json", "--lang")
    assert run(capsys, *asked, "en") == run(capsys, *asked, "fr")


def test_an_evaluation_taken_back_from_french_is_the_same(capsys, tmp_path, at_root, search_once):
    saved = tmp_path / "plan.csv"
    assert run(capsys, "solve", "reference", "--out", str(saved), "--lang", "fr")[0] == 0
    code, out, _ = run(capsys, "evaluate", "reference", "--posts", str(saved), "--lang", "fr")
    assert code == 0
    assert "Cette répartition vaut la meilleure" in out


def test_a_french_page_as_a_ministry_reads_it(capsys, at_root, search_once):
    code, out, err = run(capsys, "--lang", "fr", "solve", "reference")
    assert (code, err) == (0, "")
    lines = [line.replace(THIN, " ").replace(WIDE, " ") for line in out.splitlines()]
    assert lines[0] == "reference : France, appel à projets de 2023"
    assert lines[1] == "OPTIMUM DÉMONTRÉ : aucune répartition ne dépasse 58 366,3 marchés clausés"
    assert "58 366 clausés sur 235 629 = 24,8 %" in lines[2]
    assert "objectif 30 % : il manque 12 322 marchés" in lines[3]
    assert "565,4 ETP sur 585, 19,6 non utilisés   État 5,40 sur 5,40 M€" in lines[4]
    bretagne = next(line for line in lines if line.startswith("53 Bretagne"))
    figures = ["13,2", "4,1", "9,9", "1,0", "28,3", "25,1", "%"]
    assert bretagne.split()[2:] == [*figures, "recrutement"]
    assert "10 000 € de crédits de l’État en plus par an : environ +18 marchés." in lines
    assert "collectivités 20,4 %" in out.replace(WIDE, " ")


@each(
    "arguments",
    [
        ("solve", "own-limits"),
        *(slow(("solve", name)) for name in SCENARIOS if name != "own-limits"),
        slow(("compare", *SCENARIOS[:6])),
        slow(("compare", "departements", "own-limits", "weakest-first")),
        slow(("compare", "departements", "thirty-percent")),
        ("compare", "reference", "tight-budget"),
        slow(("explain", "reference")),
        slow(("regret", "reference", "state-first", "need-first")),
        slow(("weights", "reference")),
        slow(("sweep", "reference", "--vary", "posts.cap_fte=540,560")),
        ("evaluate", "reference", "--posts", "POSTS"),
        ("check", "reference"),
        ("show", "reference"),
        ("show",),
    ],
)
def test_french_pages_have_at_most_100_columns(arguments, capsys, tmp_path, at_root, search_once):
    posts = tmp_path / "posts.csv"
    posts.write_text(POSTS, encoding="utf-8")
    typed = [str(posts) if a == "POSTS" else a for a in arguments]
    _, out, _ = run(capsys, *typed, "--lang", "fr")
    assert max(map(len, out.splitlines())) <= 100


@each("name", [slow("poor"), "fast-growth", slow("beyond-reach")])
def test_a_page_about_an_impossible_scenario_grows_by_little(name, capsys, at_root):
    """Paths make these pages wide in any language."""
    wide = {}
    for spoken in ("en", "fr"):
        _, out, _ = run(capsys, "solve", f"tests/impossible/{name}.toml", "--lang", spoken)
        wide[spoken] = max(map(len, out.splitlines()))
    assert wide["fr"] <= max(100, wide["en"] + 15)


# -- mistakes --------------------------------------------------------------------------------------


@each("case", one_in(8, CASES))
def test_every_mistake_is_told_in_french_where_it_is(folder, case):  # noqa: F811
    sets = type_case(case)
    english_told = mistakes("mine", *sets)
    with language.in_language("fr"):
        told = mistakes("mine", *sets)
    assert len(told) == len(english_told)
    typed = words_of(" ".join([case, *CASES[case][0]]).replace("{", " "))
    place = re.compile(r"^[\w./-]+(:\d+)?: ")
    for french, text in zip(told, english_told, strict=True):
        named = place.sub("", french).replace(str(Path.cwd() / "scenarios"), "")
        assert not english_left(named) - typed
        assert (place.match(french) or [""])[0] == (place.match(text) or [""])[0]


def test_mistakes_in_french(folder, capsys):  # noqa: F811
    Path("scenarios/mine.toml").write_text(
        'model = "france-2023"\n[budget]\nstate_eur_per_yaer = 1\n[coverage]\ntarget_rate = 30\n'
        "[territories.54]\nleast_rate = 0.2\n",
        encoding="utf-8",
    )
    code, out, err = run(capsys, "solve", "mine", "--set", "posts.step_fte=-1", "--lang", "fr")
    assert (code, out) == (5, "")
    told = err.replace(THIN, " ").replace(WIDE, " ").splitlines()
    assert told[:2] == ["4 erreurs à corriger :", ""]
    assert told[2] == (
        "scenarios/mine.toml:3: budget.state_eur_per_yaer: clé inconnue ; "
        "vouliez-vous dire state_eur_per_year ?"
    )
    assert told[3] == (
        "scenarios/mine.toml:5: coverage.target_rate: vaut 30 ; "
        'saisir un taux entre 0 et 1 (ou "none") ; 30 % s’écrit 0.3'
    )
    assert told[4].startswith(
        "scenarios/mine.toml:6: territories.54: territoire inconnu dans france-2023"
    )
    assert told[5] == "--set posts.step_fte=-1: vaut -1 ; saisir un nombre positif ou nul"
    assert told[-1] == "Toutes les clés, leurs valeurs et leurs origines : fte-alloc show reference"
    code, _, err = run(capsys, "solve", "refrence", "--lang", "fr")
    assert code == 5
    assert err.startswith("1 erreur")
    assert f"Aucun scénario «{WIDE}refrence{WIDE}» dans ./scenarios" in err
    assert f"vouliez-vous dire reference{THIN}?" in err


def test_an_error_keeps_the_language_it_was_raised_in():
    with language.in_language("fr"), pytest.raises(fa.InputError) as error:
        fa.load("reference", {"posts.cap_ft": 1})
    assert "clé inconnue" in str(error.value)


# -- which language --------------------------------------------------------------------------------


@each(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_CA"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "fr_FR@euro"}, "fr"),
        ({"LANG": "fy_NL.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANGUAGE": "fr:en", "LANG": "POSIX"}, "en"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": ""}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": ""}, "fr"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "fr_FR.UTF-8"}, "fr"),
        ({"LANGUAGE": "fr:en"}, "fr"),
        ({"LANGUAGE": "fr:en", "LANG": "en_US.UTF-8"}, "fr"),
        ({"LANGUAGE": "en:fr", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANGUAGE": "br:fr:en", "LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANGUAGE": "de", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANGUAGE": "", "LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANGUAGE": "fr:en", "LANG": "C"}, "en"),
        ({"LANGUAGE": "fr:en", "LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_environment_chooses(environment, expected):
    assert language.language_of_environment(environment) == expected


@each(
    ("typed", "expected"),
    [
        (("show",), "Scénarios"),
        (("show", "--lang", "en"), "Scenarios"),
        (("show", "--lang=en"), "Scenarios"),
        (("--lang", "en", "show"), "Scenarios"),
        (("--lang", "en", "show", "--lang", "fr"), "Scénarios"),
    ],
)
def test_what_is_typed_counts_more(typed, expected, capsys, monkeypatch, at_root):
    monkeypatch.setenv("LANGUAGE", "fr")
    code, out, _ = run(capsys, *typed)
    assert code == 0
    assert out.startswith(expected)


def test_a_language_that_is_not_there_is_wrong_usage(capsys, at_root):
    code, out, err = run(capsys, "show", "--lang", "de")
    assert (code, out) == (2, "")
    assert "'de' is not one of" in err
    assert run(capsys, "show", "--lang")[0] == 2


def test_every_command_has_the_option():
    for command in (cli, *cli.commands.values()):
        assert "--lang" in [name for p in command.params for name in p.opts]


def test_a_command_leaves_nothing_behind(capsys, monkeypatch, at_root):
    import gettext

    monkeypatch.delenv("LANGUAGE")
    domain = gettext.textdomain()
    run(capsys, "solv", "--lang", "fr")
    assert (gettext.textdomain(), language.in_force()) == (domain, "en")
    assert "LANGUAGE" not in os.environ
    _, out, _ = run(capsys, "--help", "--lang", "en")
    assert out.startswith("Usage: ")


def test_from_python(capsys):
    fa.use_language("fr")
    with pytest.raises(fa.InputError, match="clé inconnue"):
        fa.load("reference", {"posts.cap_ft": 1})
    fa.use_language("en")
    with pytest.raises(fa.InputError, match="unknown key"):
        fa.load("reference", {"posts.cap_ft": 1})
    with pytest.raises(ValueError, match="unknown language 'de'; known: fr, en"):
        fa.use_language("de")


@each("encoding", ["cp1252", slow("ascii")])
def test_a_page_is_utf8_whatever_the_console_speaks(encoding, tmp_path):
    command = [sys.executable, "-m", "fte_alloc.cli", "check", "reference"]
    done = subprocess.run(
        [*command, "--lang", "fr"],
        capture_output=True,
        cwd=ROOT,
        timeout=120,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(SRC.parent)},
    )
    assert "5\u202f400\u202f000 €/an" in done.stdout.decode()


# -- names of a model ------------------------------------------------------------------------------


def titles(scenario: str, **sets: object) -> tuple[object, object]:
    entries = fa.load(scenario, {k.replace("__", "."): v for k, v in sets.items()}).inputs.entries
    return tuple(
        None if entry is None else entry.value for entry in map(entries.get, ("title", "title_fr"))
    )


def test_a_new_title_leaves_no_older_translation_behind(folder):  # noqa: F811
    assert titles("cap-560") == ("A lower cap", "Un plafond plus bas")
    mine = Path("scenarios/mine.toml")
    mine.write_text('title = "Mine"\nextends = "cap-560"\n', encoding="utf-8")
    assert titles("mine") == ("Mine", None)
    for keys in (
        ('title = "Mine"', 'title_fr = "Le mien"'),
        ('title_fr = "Le mien"', 'title = "Mine"'),
    ):
        mine.write_text("\n".join([*keys, 'extends = "cap-560"', ""]), encoding="utf-8")
        assert titles("mine") == ("Mine", "Le mien")
    mine.write_text('extends = "cap-560"\n', encoding="utf-8")
    assert titles("mine") == ("A lower cap", "Un plafond plus bas")
    assert titles("mine", title="Other") == ("Other", None)
    assert titles("mine", title="Other", title_fr="Autre") == ("Other", "Autre")


def test_a_scenario_without_a_title_is_called_by_its_name(folder, capsys):  # noqa: F811
    Path("mine.toml").write_text('extends = "reference"\nposts.cap_fte = 560\n', encoding="utf-8")
    assert fa.load("mine.toml").inputs.title == ""
    _, out, _ = run(capsys, "compare", "reference", "mine.toml", "--lang", "fr")
    assert re.search("Résultats +France, appel à projets de 2023 +mine +", out)
    _, out, _ = run(capsys, "check", "mine.toml", "--lang", "fr")
    assert out.startswith("mine. Les fichiers sont valides.")
    Path("grown.toml").write_text('extends = "mine.toml"\ntitle = "Grown"\n', encoding="utf-8")
    assert fa.load("grown.toml").inputs.title == "Grown"
    assert fa.load("grown.toml", {"title": "Other"}).inputs.title == "Other"


def test_names_without_translation_are_shown_as_they_are(folder, capsys):  # noqa: F811
    model = Path("models/france-2023/model.toml")
    text = model.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^(title|name)_fr .*\n", "", text)
    model.write_text(text.replace('"region"', '"bassin"'), encoding="utf-8")
    _, out, _ = run(capsys, "compare", "tight-budget", "cap-560", "--lang", "fr")
    assert "local authorities" in out
    assert "bassin au taux le plus bas" in out
    _, out, _ = run(capsys, "solve", "reference", "--set", "title=Mine", "--lang", "fr")
    assert out.startswith(f"reference + title=Mine{WIDE}: Mine\n")
    assert "données territoriales" in out


def test_what_a_row_is_called():
    assert territory_words("region") == ("region", "regions", "regional")
    assert territory_words("bassin") == ("bassin", "territories", "territorial")
    assert territory_words("") == ("territory", "territories", "territorial")
    with language.in_language("fr"):
        assert territory_words("region") == ("région", "régions", "régionales")
