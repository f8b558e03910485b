"""Pages as Markdown: paragraphs and pipe tables."""

from __future__ import annotations

import re

from fte_alloc.language import _
from fte_alloc.questions.answer import Line, Page

#: Characters that Markdown would interpret: anywhere in a text (addresses become links), and
#: at the start of a paragraph, after the number of a list too.
_MARKS = re.compile(
    r"[\\`*|<\[\]~#]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.|:(?=//)"
    r"|(?<=mailto):|(?<=xmpp):|(?<=[\w.+-])@(?=\w)",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"^(\d{1,9}(?=[.)](\s|$))|(?=>|[+=-]([\s=-]|$)))")


def markdown(page: Page) -> str:
    """A page as Markdown."""
    out: list[str] = []
    for block in page:
        if isinstance(block, Line):
            out += _paragraphs(block)
            continue
        ends = ["---" if j in block.left_too else "---:" for j in range(len(block.headings))]
        lines = [list(block.headings), ends, *[list(row) for row in block.rows]]
        out += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in lines] + [""]
    while out and not out[-1]:
        out.pop()
    return "\n".join(out).replace("\n```\n\n```\n", "\n") + "\n"  # lines to paste are one block


def _paragraphs(line: Line) -> list[str]:
    """A line as Markdown: a title, a paragraph with its label in bold, or an item of a list."""
    text = _escaped(line.text)
    if not text:
        return []
    text = _BLOCK.sub(r"\g<0>\\", text)
    if line.tone == "head":
        return [f"## {re.sub(' {2,}', ' ', text)}", ""]
    if line.right:
        return [f"# {text}", "", f"**{_escaped(line.right)}**", ""]
    if line.whole:
        fence = "`" * (1 + max(map(len, re.findall("`{2,}", line.text)), default=2))
        return [fence, line.text.strip(), fence, ""]
    if line.text.startswith(" "):
        return [f"- {_apart(text)}", ""]
    label, gap, rest = text.partition("  ")
    return [f"**{label}** {_apart(rest.strip())}" if gap and rest else text, ""]


def _apart(text: str) -> str:
    """A text with semicolons in place of gaps of three or more spaces."""
    return re.sub(r" {3,}", _("; "), text)


def _cell(text: str) -> str:
    """A cell; leading spaces are kept, since they indent a row under the one above."""
    inside = _escaped(text).replace("\n", " ")
    return "\u00a0" * (len(text) - len(text.lstrip(" "))) + inside if inside else ""


def _escaped(text: str) -> str:
    """A text on one line, everything that Markdown or HTML would interpret escaped."""
    one_line = " ".join(text.replace(".\n  ", ".").split("\n"))
    return _MARKS.sub(r"\\\g<0>", one_line.strip())
