"""Answers as HTML: one file that loads no other; only pages with sliders have a script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape

from fte_alloc import language
from fte_alloc.language import _
from fte_alloc.questions.answer import (
    Answer,
    Bars,
    Block,
    Grid,
    Line,
    Map,
    Page,
    Picture,
    Plot,
    Section,
    Sliders,
    Table,
)
from fte_alloc.render.sliders import slider_scripts
from fte_alloc.render.svg import style_sheet, svg
from fte_alloc.texts import xml_escaped


def html_page(answer: Answer) -> str:
    """An answer as an HTML document, with its pictures inside."""
    return f"""<!doctype html>
<html lang="{language.in_force()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{xml_escaped(answer.title)}</title>
<style>
{style_sheet("page")}{style_sheet("pictures")}{style_sheet("sliders")}</style>
</head>
<body>
<main>
{_html_of(answer.blocks)}
</main>
</body>
</html>
"""


def html_part(page: Page) -> str:
    """A page as an HTML fragment for another document, such as a notebook."""
    start = f'<div class="fte-alloc" lang="{language.in_force()}">'
    rules = f"<style>.fte-alloc{{{style_sheet('page')}{style_sheet('notebook')}}}</style>"
    return "\n".join([start, rules, _html_of(page), "</div>"])


def _html_of(blocks: Iterable[Block]) -> str:
    return "\n".join(_Document().blocks(blocks))


class _Document:
    """Writer of HTML: level of the next heading, first map drawn, whose outlines later ones use."""

    level, outlines = 2, ""

    def blocks(self, blocks: Iterable[Block]) -> Iterator[str]:
        for block in blocks:
            if isinstance(block, list):
                yield from self.blocks(block)
            elif isinstance(block, Line):
                yield from self.sentence(block)
            elif isinstance(block, Grid):
                yield from _table(block)
            elif isinstance(block, Table):
                yield from self.blocks([Line(block.title, "head"), block.grid()] * block.page)
            elif isinstance(block, Sliders):
                text = escape(_("The sliders need a browser with scripts."))
                yield from ("<div data-moves>", *self.blocks(block.own[:1]), "</div>")
                yield f'<section id="sliders"><noscript><p>{text}</p></noscript></section>'
                yield from ("<div data-moves>", *self.blocks(block.own[1:]), "</div>")
                pages = ((why, _html_of(there or ())) for why, there in block.positions())
                yield slider_scripts(block, _html_of(block.own), pages)
            elif isinstance(block, Section):
                yield f'<section id="{xml_escaped(block.anchor)}"{" class=sheet" * block.is_sheet}>'
                yield from self.sentence(Line(block.title, "head"))
                self.level += 1
                yield from self.blocks(block.blocks)
                self.level -= 1
                yield "</section>"
            elif not isinstance(block, Plot) or block.across:
                yield from self.picture(block)

    def picture(self, picture: Picture) -> Iterator[str]:
        """A picture; the panels of a map stand beside or below each other, as the width allows."""
        caption = f"<figcaption>{xml_escaped(picture.title)}</figcaption>"
        yield f"<figure>{caption if isinstance(picture, Bars) else ''}"
        if isinstance(picture, Map):
            yield '<div class="panels">'
            for n, (heading, of) in enumerate(picture.values.items()):
                name, title = f"{picture.name}-{n}", _(": ").join([picture.title, heading])
                links = picture.links if n else {}  # once is enough for those who tab through
                one = replace(picture, name=name, title=title, values={heading: of}, links=links)
                yield svg(one, self.outlines)
                self.outlines = self.outlines or name
            yield "</div>"
        else:
            yield svg(picture, "")
        yield "</figure>"

    def sentence(self, line: Line) -> Iterator[str]:
        """A line as a title with its claim, a heading, or a paragraph with its label in bold."""
        text, name = escape(line.text.strip()), _attribute("id", line.name)
        if not text and not line.name:
            return
        if line.right:
            level = 1 if self.level == 2 else self.level
            yield f"<h{level}>{text}</h{level}>"
            yield f'<p class="claim {line.tone}"{name}>{escape(line.right)}</p>'
            return
        if line.tone == "head":
            yield f"<h{self.level}{name}>{text}</h{self.level}>"
            return
        label, gap, rest = text.partition("  ")
        if gap and rest:
            text = f"<strong>{label}</strong> " + re.sub(" {2,}", _("; "), rest.strip())
        tone = "more" if line.text.startswith(" ") else line.tone
        text = f"<code>{text}</code>" if line.whole else text
        yield f"<p{name}>{text}</p>" if tone == "plain" else f'<p class="{tone}"{name}>{text}</p>'


def _table(grid: Grid) -> Iterator[str]:
    """A grid as an HTML table whose first column holds the row headers."""
    yield f'<div class="wide" tabindex="0"><table{_attribute("id", grid.name)}>'
    if any(grid.headings):
        keys = grid.columns if grid.name else [""] * len(grid.headings)
        cells = (
            f'<th scope="col"{_left(grid, j)}{_attribute("data-column", key)}>{_broken(head)}</th>'
            for j, (key, head) in enumerate(zip(keys, grid.headings, strict=True))
        )
        yield f"<thead><tr>{''.join(cells)}</tr></thead>"
    yield "<tbody>"
    for number, (first, *rest) in enumerate(grid.rows):
        total = ' class="total"' if grid.total and number == len(grid.rows) - 1 else ""
        key, link = (each[number] if number < len(each) else "" for each in (grid.keys, grid.links))
        label = f'<a href="#{xml_escaped(link)}">{_broken(first)}</a>' if link else _broken(first)
        cells = (f"<td{_left(grid, j)}>{_broken(one)}</td>" for j, one in enumerate(rest, start=1))
        row = f'<th scope="row">{label}</th>{"".join(cells)}'
        yield f"<tr{total}{_attribute('data-place', key)}>{row}</tr>"
    yield "</tbody></table></div>"


def _left(grid: Grid, j: int) -> str:
    return " class=left" if j and j in grid.left_too else ""


def _attribute(name: str, value: str) -> str:
    return f' {name}="{xml_escaped(value)}"' if value else ""


def _broken(text: str) -> str:
    """A text of a cell, escaped, its line breaks and leading spaces kept."""
    inside = escape(text).replace("\n", "<br>")
    return "\u00a0" * (len(text) - len(text.lstrip(" "))) + inside.lstrip(" ")
