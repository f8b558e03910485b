"""Charts of a workbook: each on a sheet of its own, over the cells of a table."""

from __future__ import annotations

from fte_alloc.questions.answer import Chart
from fte_alloc.render.xlsx import Book, Sheet
from fte_alloc.texts import visible

#: More bars than this are thin ones, on a page in portrait; more columns bear codes for names.
_LONG_CHART = 30
#: Marks of a chart, again from the start where there are more series.
_MARKS = ("diamond", "circle", "triangle", "square", "x", "plus")
_COLOURS = ("#C55A11", "#548235", "#7030A0", "#7F6000", "#404040", "#C00000")


def chart_sheet(book: Book, name: str, chart: Chart) -> Sheet:
    """A new sheet with a chart of a table that has its place, on one page."""
    sheet, table = book.sheet(name, [12.0] * (11 if chart.marks else 9)), book.tables[chart.table]
    sheet.writer.fit_to_pages(1, 1)
    is_long, lies = table.count > _LONG_CHART, not chart.marks
    by = "code" if is_long and chart.marks else "name"
    at = {"categories": f"={table.range(by)}"}
    drawn = book.writer.add_chart({"type": "bar" if lies else "column", "subtype": "stacked"})
    for key, (series, colour) in chart.bars.items():
        if key in table.columns:
            says = {"name": series, "values": f"={table.range(key)}"}
            fill = {"fill": {"color": colour}, "gap": 40 if lies else 60}
            drawn.add_series({**at, **says, **fill})
    marks = book.writer.add_chart({"type": "line"})
    for n, (key, series) in enumerate(chart.marks.items()):
        look = {"type": _MARKS[n % len(_MARKS)], "size": 7}
        look |= {side: {"color": _COLOURS[n % len(_COLOURS)]} for side in ("fill", "border")}
        says = {"name": visible(series), "values": f"={table.range(key)}"}
        marks.add_series({**at, **says, "line": {"none": True}, "marker": look})
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    figures = {
        "num_format": "#,##0",
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
    }
    if lies:
        if is_long:
            sheet.writer.set_portrait()
        size = {"size": 8 if is_long else 9}
        drawn.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": size})
        drawn.set_x_axis(figures)
        height = 140 + (16 if is_long else 25) * table.count
        drawn.set_size({"width": 800, "height": height})
    else:
        drawn.combine(marks)
        drawn.set_y_axis(figures)
        drawn.set_size({"width": 980, "height": 600})
    drawn.set_legend({"position": "bottom"})
    sheet.writer.insert_chart(0, 0, drawn, {"object_position": 2})
    return sheet
