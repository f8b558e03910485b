"""What the catalogues must hold: what the code marks, help, inputs, shipped models, and click.

``regenerate.py`` rewrites them with ``write``; ``test_languages.py`` says what they lack.
"""

from __future__ import annotations

import io
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po

from fte_alloc import language
from fte_alloc.cli import cli, translated_command
from fte_alloc.inputs.schema import PARAMETERS

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from hatch_build import compile_catalogues  # noqa: E402 - beside the package, not in it

#: One text, or the two forms that click has for one thing and for several.
MessageId = str | tuple[str, str]

#: Functions of ``language`` that mark texts, and which arguments are texts or contexts ("c").
KEYWORDS = {
    "_": None,
    "N_": None,
    "NN_": (1, 2),
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "NC_": ((1, "c"), 2),
    "C_": {None: (1,), 2: (2,), 3: (2,)},  # babel counts three with a comma at the end
}
#: What click, from 8.1 on, says by itself of commands such as ours.
CLICK: tuple[MessageId, ...] = (
    "%(prog)s, version %(version)s",
    "Commands",
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    "Error: {message}",
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    "Invalid value for {param_hint}: {message}",
    "Invalid value: {message}",
    "Missing argument",
    "Missing command.",
    "Missing option",
    "No such command {name!r}.",
    "No such option {name!r}.",
    "No such option: {name}",
    "Option {name!r} does not take a value.",
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    "Options",
    "Show this message and exit.",
    "Try '{command} {option}' for help.",
    "Usage:",
    "default: {default}",
    "required",
    "{name} {filename!r} does not exist.",
    "{name} {filename!r} is a directory.",
    "{name} {filename!r} is a file.",
    "{value!r} is not a valid {number_type}.",
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    "{value} is not in the range {range}.",
)
#: The languages there is a catalogue of, and the head of each.
LANGUAGES = tuple(code for code in language.LANGUAGES if code != language.ENGLISH)
PLURAL_FORMS = "nplurals=2; plural=(n > 1);"  # from babel 2.18 on, its own French has a third form
HEAD = """\
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def marked() -> Iterator[tuple[str, MessageId, str | None]]:
    """Every text that the code marks: its file, its English, its context."""
    folder = Path(language.__file__).parent
    for name, _, message, _, context in extract_from_dir(folder, keywords=KEYWORDS):
        yield name, message if isinstance(message, str) else tuple(message), context


def unmarked() -> Iterator[tuple[str, MessageId]]:
    """What is translated beside it: the help, what inputs are, and what click says."""
    list(cli.commands.values())  # imported with the real ``_``, which they keep
    heard: list[str] = []
    with patch("fte_alloc.cli._", lambda text: heard.append(text) or text):
        list(cli.commands.values())  # each is translated when it is looked up
        translated_command(cli)
    yield from (("help", text) for text in heard if text)
    for parameter in PARAMETERS:
        yield "inputs/schema.py", parameter.text
    yield from (("click", message) for message in CLICK)
    for file in sorted(ROOT.glob("models/*/model.toml")):
        place = f"models/{file.parent.name}"
        yield from ((place, text) for text in _told(tomllib.loads(file.read_text("utf-8"))))


def _told(value: Any, key: str = "") -> Iterator[str]:
    """The title of a model, titles and publishers of its sources, notes of its numbers."""
    if isinstance(value, dict):
        of_sources = value.pop("sources", {}) if not key else {}
        yield from (value["title"],) if not key else ()
        for source in of_sources.values():
            yield from (source[name] for name in ("title", "publisher") if name in source)
        for name, one in value.items():
            yield from _told(one, name)
    elif key == "note":
        yield value


def path(code: str, ending: str) -> Path:
    """The catalogue of a language: ``.po`` for people, ``.mo`` for the programme."""
    return Path(language.FOLDER) / code / "LC_MESSAGES" / f"{language.DOMAIN}.{ending}"


def read(code: str, ending: str) -> Catalog:
    """A catalogue as it stands."""
    with path(code, ending).open("rb") as file:
        return read_po(file, code) if ending == "po" else read_mo(file)


def expected(code: str) -> Catalog:
    """The catalogue as it should stand: what is spoken, with the translations there are."""
    old, new = read(code, "po"), Catalog(code)
    new.mime_headers = [("Plural-Forms", PLURAL_FORMS)]

    def known(message: MessageId, context: str | None = None) -> str | tuple[str, str]:
        entry = old.get(message if isinstance(message, str) else message[0], context=context)
        return entry.string if entry else ""

    for name, message, context in marked():
        new.add(message, known(message, context), locations=[(name, 0)], context=context)
    for name, message in unmarked():
        new.add(message, known(message), auto_comments=[name])
    return new


def write(code: str) -> None:
    """Rewrite the catalogue of a language: new texts untranslated, old ones gone."""
    catalogue = expected(code)
    text = io.BytesIO()
    write_po(text, catalogue, width=0, omit_header=True, include_lineno=False)
    head = HEAD.format(code=code, plural_forms=PLURAL_FORMS)
    path(code, "po").write_bytes(head.encode() + text.getvalue())
    compile_catalogues(ROOT)


def said(catalogue: Catalog) -> dict[tuple[str, MessageId], object]:
    """What a catalogue says, by context and English text; what it does not say is left out."""
    return {
        (_text(m.context), _hashable(m.id)): _hashable(m.string)
        for m in catalogue
        if m.id and any(m.string) and not m.fuzzy
    }


def _text(context: str | bytes | None) -> str:
    # babel reads a context of a .mo as bytes
    return context.decode() if isinstance(context, bytes) else context or ""


def _hashable(text: str | Sequence[str]) -> MessageId:
    return text if isinstance(text, str) else (text[0], text[1])
