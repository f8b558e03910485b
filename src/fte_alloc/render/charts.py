"""Maps in shades and bars, as parts of SVG pictures.

What a script may move has an address: a place of a map is an element with ``data-place`` and the
class of its shade, its figure the text in it, ``data-limits`` of the picture the limits between
shades; a bar is a ``rect`` with ``data-series`` in the element of its place, its figure the text
after it; ``data-left``, ``data-start`` and ``data-per-unit`` of the picture say how long it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from fte_alloc.questions.answer import Bars, Map
from fte_alloc.questions.cells import KINDS
from fte_alloc.render.drawing import frame, line, of, safe, text_at

#: Of one hue, told apart without colour; black text can be read on each.
_SHADES = ("#f4f8fc", "#d6e5f3", "#b0cfe8", "#84b3d9", "#5a97c8")
_MAP_STYLE = ".map text{font:30px system-ui,sans-serif;fill:#1b1b1b;paint-order:stroke}" + (
    ".map .figure{stroke:#fff;stroke-width:5px;stroke-opacity:.7}.map .head{font-size:38px}"
    ".map [data-place]{stroke:#3a3a3a;stroke-width:1.2}.map .label,.map .head{stroke:none}"
    ".map a:focus,.map a:hover{stroke-width:4}"
    + "".join(f".map .shade{n}{{fill:{shade}}}" for n, shade in enumerate(_SHADES))
)
#: Above the outlines, for the heading; a swatch of the legend; where the legend begins.
_HEAD, _SWATCH, _LEGEND = 60.0, 40.0, (10.0, 700.0)

_FILLS = ("#fff", "#0b5394", "#d9822b", "#6aa84f", "#8e7cc3", "#595959")
_BARS_STYLE = (
    ".bars text{font:12px system-ui,sans-serif;fill:#1b1b1b}.bars .axis{stroke:#1b1b1b}"
    ".bars .grid{stroke:#d9d9d9}.bars rect[data-series]{stroke:#1b1b1b;stroke-width:.7}"
    + "".join(f'.bars [data-series="{n}"]{{fill:{fill}}}' for n, fill in enumerate(_FILLS))
)
#: From where to where bars go, how high one is, room between groups, above and below all.
_LEFT, _RIGHT, _BAR, _GAP, _TOP, _BOTTOM = 205.0, 515.0, 13.0, 7.0, 30.0, 10.0


def shaded_map(chart: Map, outlines: str = "") -> Iterator[str]:
    """A map, its panels side by side.

    outlines : the name of a map before it in the same document, whose outlines it takes
    """
    width, height = chart.size
    size = (width * len(chart.panels), height + _HEAD)
    limits = " ".join(map(repr, chart.limits))
    yield from frame(chart, "map", _MAP_STYLE, size, f' data-limits="{limits}"')
    written = KINDS[chart.kind].written
    for n, (heading, values) in enumerate(chart.panels.items()):
        yield f'<g transform="translate({of(width * n)} {of(_HEAD)})">'
        yield text_at(width / 2, -20, heading, kind="head")
        for code, outline in chart.outlines.items():
            value, said = values.get(code), safe(chart.names[code])
            shade = "" if value is None else f' class="shade{chart.shade(value)}"'
            figure = "–" if value is None else written(value)
            to = chart.links.get(code) if n == len(chart.panels) - 1 else None
            tag, link = ("a", f' href="#{safe(to)}"') if to else ("g", "")
            yield f'<{tag}{link} data-place="{safe(code)}"{shade}><title>{said}</title>'
            at = f' transform="{outline.at}"' if outline.at else ""
            if n or outlines:
                yield f'<use href="#{outlines or chart.name}-{safe(code)}"/>'
            else:
                fixed = f'{at} vector-effect="non-scaling-stroke"'
                yield f'<path id="{chart.name}-{safe(code)}"{fixed} d="{outline.path}"/>'
            yield f"{text_at(*outline.label, figure, kind='figure')}</{tag}>"
        yield from _legend(chart)
        yield "</g>"


def _legend(chart: Map) -> Iterator[str]:
    """Which figures each shade stands for."""
    written, (x, y) = KINDS[chart.kind].written, _LEGEND
    ends = [f"< {written(chart.limits[0])}", *(f"≥ {written(limit)}" for limit in chart.limits)]
    for n, said in enumerate(ends):
        top = y + n * (_SWATCH + 4)
        size = f'width="{of(_SWATCH)}" height="30"'
        yield f'<rect class="shade{n}" x="{of(x)}" y="{of(top)}" {size}/>'
        yield text_at(x + _SWATCH + 10, top + 25, said, 1)


def bars(chart: Bars) -> Iterator[str]:
    """Bars that lie, a group a place."""
    count, written = len(chart.series), KINDS[chart.kind].written
    most = max((v for of in chart.series.values() for v in of.values()), default=0.0)
    per_unit = round((_RIGHT - 45 - _LEFT) / max(most - chart.start, 1e-9), 4)
    head, step = _TOP + 16 * count, count * _BAR + _GAP
    bottom = head + step * len(chart.labels)
    more = f' data-left="{of(_LEFT)}" data-start="{of(chart.start)}" data-per-unit="{per_unit!r}"'
    yield from frame(chart, "bars", _BARS_STYLE, (_RIGHT + 20, bottom + _BOTTOM), more)
    for n, name in enumerate(chart.series):
        yield f'<rect data-series="{n}" x="{of(_LEFT)}" y="{8 + 16 * n}" width="16" height="10"/>'
        yield text_at(_LEFT + 24, 17 + 16 * n, name, 1)
    for m, (key, label) in enumerate(chart.labels.items()):
        top = head + step * m
        yield f'<g data-place="{safe(key)}">'
        said = text_at(_LEFT - 8, top + count * _BAR / 2 + 4, label, -1)
        to = chart.links.get(key)
        yield f'<a href="#{safe(to)}">{said}</a>' if to else said
        for n, values in enumerate(chart.series.values()):
            value, y = values.get(key, 0.0), top + n * _BAR
            long = max(value - chart.start, 0.0) * per_unit
            place = f'x="{of(_LEFT)}" y="{of(y)}" width="{of(long)}" height="{of(_BAR - 2)}"'
            yield f'<rect data-series="{n}" {place}/>'
            yield text_at(_LEFT + long + 5, y + 10, written(value), 1)
        yield "</g>"
    yield line("axis", _LEFT, head - 4, _LEFT, bottom)
