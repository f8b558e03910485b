"""A document for a browser: one file that needs no other, and no script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape

from fte_alloc import language
from fte_alloc.questions.answer import (
    Answer,
    Bars,
    Block,
    Grid,
    Line,
    Map,
    Plot,
    Section,
    Table,
)
from fte_alloc.render.svg import svg
from fte_alloc.texts import visible

_STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;margin:0 auto;
 max-width:60rem;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}h3{font-size:1rem;margin-top:1.5rem}
a{color:#0b5394}a:focus-visible,[tabindex]:focus-visible{outline:3px solid #a03c00}
.claim{font-weight:bold}.good{color:#1e6b34}.warn{background:#fff2cc;padding:.25rem .5rem}
.bad{color:#a61c1c}
figure{margin:1rem 0}svg{width:100%;height:auto}
.panels{display:flex;flex-wrap:wrap;gap:1rem}.panels svg{flex:1 1 20rem;max-width:29rem}
svg.bars{max-width:44rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.15rem .6rem;text-align:right;vertical-align:bottom;overflow-wrap:normal}
th[scope=row],th:first-child,.left{text-align:left;font-weight:normal}
thead th,thead th:first-child{border-bottom:1px solid #1b1b1b;font-weight:bold}
tbody tr:nth-child(even){background:#f4f6f8}
.total th,.total td{border-top:1px solid #1b1b1b;font-weight:bold}
@page{size:A4;margin:15mm}
@media print{body{font-size:10pt;max-width:none;padding:0}.sheet{break-before:page}
 figure,tr{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}th,td{padding:0 .3rem}}
"""


def html_page(answer: Answer) -> str:
    """An answer as HTML, its pictures drawn in place."""
    parts = [
        "<!doctype html>",
        f'<html lang="{language.in_force()}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(visible(answer.title))}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        *_Document().blocks(answer.blocks),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


class _Document:
    """The body of a document in the making.

    level : of the heading that is due
    outlines : name of the map whose outlines others take, once it is drawn
    """

    level, outlines = 2, ""

    def blocks(self, blocks: Iterable[Block]) -> Iterator[str]:
        """Blocks in turn."""
        for block in blocks:
            if isinstance(block, list):
                yield from self.blocks(block)
            elif isinstance(block, Line):
                yield from self.sentence(block)
            elif isinstance(block, Grid):
                yield from _table(block)
            elif isinstance(block, Table):
                if block.page:
                    yield from self.sentence(Line(block.title, "head"))
                    yield from _table(block.grid())
            elif isinstance(block, Section):
                yield from self.section(block)
            else:
                yield from self.picture(block)

    def section(self, section: Section) -> Iterator[str]:
        """A part with its heading; headings in it are of the level below."""
        kind = ' class="sheet"' if section.is_sheet else ""
        yield f'<section id="{escape(section.anchor)}"{kind}>'
        yield from self.sentence(Line(section.title, "head"))
        self.level += 1
        yield from self.blocks(section.blocks)
        self.level -= 1
        yield "</section>"

    def picture(self, picture: Plot | Map | Bars) -> Iterator[str]:
        """A picture; the panels of a map beside or below each other, as there is room."""
        if isinstance(picture, Plot) and picture.across is None:
            return
        if not isinstance(picture, Map):
            yield f"<figure>\n{svg(picture)}</figure>"
            return
        yield f"<figure><figcaption>{escape(visible(picture.title))}</figcaption>"
        yield '<div class="panels">'
        for n, (heading, values) in enumerate(picture.panels.items()):
            last = n == len(picture.panels) - 1
            name, title = f"{picture.name}-{n}", f"{picture.title}: {heading}"
            links = picture.links if last else {}
            panel = replace(picture, name=name, title=title, panels={heading: values}, links=links)
            yield svg(panel, self.outlines)
            self.outlines = self.outlines or name
        yield "</div></figure>"

    def sentence(self, line: Line) -> Iterator[str]:
        """A sentence; a title with what is claimed of it, a heading, a label in bold."""
        text, name = escape(line.text.strip()), f' id="{escape(line.name)}"' if line.name else ""
        if not text:
            return
        if line.right:
            yield f"<h1>{text}</h1>"
            yield f'<p class="claim {line.tone}"{name}>{escape(line.right)}</p>'
            return
        if line.tone == "head":
            yield f"<h{self.level}{name}>{text}</h{self.level}>"
            return
        label, gap, rest = text.partition("  ")
        if gap and rest:
            text = f"<strong>{label}</strong> {re.sub(' {2,}', '; ', rest.strip())}"
        tone = "" if line.tone == "plain" else f' class="{line.tone}"'
        yield f"<p{tone}{name}>{f'<code>{text}</code>' if line.whole else text}</p>"


def _table(grid: Grid) -> Iterator[str]:
    """A grid as a table; its first column names the rows."""
    name = f' id="{escape(grid.name)}"' if grid.name else ""
    yield f'<div class="wide" tabindex="0"><table{name}>'
    if any(grid.headings):
        keys = grid.columns if grid.name else [""] * len(grid.headings)
        cells = (
            f'<th scope="col"{_attribute("column", key)}>{_broken(heading)}</th>'
            for key, heading in zip(keys, grid.headings, strict=True)
        )
        yield f"<thead><tr>{''.join(cells)}</tr></thead>"
    yield "<tbody>"
    for number, (first, *others) in enumerate(grid.rows):
        total = ' class="total"' if grid.total and number == len(grid.rows) - 1 else ""
        key, link = (of[number] if number < len(of) else "" for of in (grid.keys, grid.links))
        label = f'<a href="#{escape(link)}">{_broken(first)}</a>' if link else _broken(first)
        cells = (
            f"<td{' class=left' if j in grid.left_too else ''}>{_broken(cell)}</td>"
            for j, cell in enumerate(others, start=1)
        )
        row = f'<th scope="row">{label}</th>{"".join(cells)}'
        yield f"<tr{total}{_attribute('place', key)}>{row}</tr>"
    yield "</tbody></table></div>"


def _attribute(name: str, value: str) -> str:
    return f' data-{name}="{escape(value)}"' if value else ""


def _broken(text: str) -> str:
    """A text of a cell, with its line breaks and with spaces at its start."""
    inside = escape(text).replace("\n", "<br>")
    return "\u00a0" * (len(text) - len(text.lstrip(" "))) + inside.lstrip(" ")
