"""A page for a browser: one file that needs no other, and no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from fte_alloc import language
from fte_alloc.questions.answer import Grid, Line, Page, Plot
from fte_alloc.render.svg import svg
from fte_alloc.texts import visible

_STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;margin:0 auto;
 max-width:60rem;padding:1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
.claim{font-weight:bold}.good{color:#1e6b34}.warn{background:#fff2cc;padding:.25rem .5rem}
.bad{color:#a61c1c}
figure{margin:1rem 0}svg{width:100%;height:auto}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.15rem .6rem;text-align:right;vertical-align:bottom}
th[scope=row],th:first-child{text-align:left;font-weight:normal}
thead th{border-bottom:1px solid #1b1b1b;font-weight:bold}
tbody tr:nth-child(even){background:#f4f6f8}
.total th,.total td{border-top:1px solid #1b1b1b;font-weight:bold}
"""


def html_page(page: Page, plot: Plot) -> str:
    """A page as HTML, its picture after the sentences at its head."""
    blocks = list(page)
    head = next((j for j, b in enumerate(blocks) if isinstance(b, Grid) or not b.text), len(blocks))
    parts = [
        "<!doctype html>",
        f'<html lang="{language.in_force()}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(visible(plot.title))}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        *_blocks(blocks[:head]),
        *([f"<figure>\n{svg(plot)}</figure>"] if plot.across else []),
        *_blocks(blocks[head:]),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _blocks(page: Page) -> Iterator[str]:
    for block in page:
        yield from _table(block) if isinstance(block, Grid) else _sentence(block)


def _sentence(line: Line) -> Iterator[str]:
    """A sentence; a title with what is claimed of it, a heading, a label in bold."""
    text = escape(line.text.strip())
    if not text:
        return
    if line.right:
        yield f"<h1>{text}</h1>"
        yield f'<p class="claim {line.tone}">{escape(line.right)}</p>'
        return
    if line.tone == "head":
        yield f"<h2>{text}</h2>"
        return
    label, gap, rest = text.partition("  ")
    if gap and rest:
        text = f"<strong>{label}</strong> {re.sub(' {2,}', '; ', rest.strip())}"
    tone = "" if line.tone == "plain" else f' class="{line.tone}"'
    yield f"<p{tone}>{text}</p>"


def _table(grid: Grid) -> Iterator[str]:
    """A grid as a table; its first column names the rows."""
    yield '<div class="wide" tabindex="0"><table>'
    if any(grid.headings):
        cells = (f'<th scope="col">{escape(heading)}</th>' for heading in grid.headings)
        yield f"<thead><tr>{''.join(cells)}</tr></thead>"
    yield "<tbody>"
    for number, (first, *others) in enumerate(grid.rows, start=1):
        total = ' class="total"' if grid.total and number == len(grid.rows) else ""
        cells = (f"<td>{escape(cell)}</td>" for cell in others)
        yield f'<tr{total}><th scope="row">{escape(first)}</th>{"".join(cells)}</tr>'
    yield "</tbody></table></div>"
