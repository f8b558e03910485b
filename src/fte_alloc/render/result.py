"""The result of a command, which is rendered in a format only when it is written."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fte_alloc.questions.answer import Answer, Page

#: Formats of every result, with their file name endings.
FORMATS = {"table": ".txt", "csv": ".csv", "csv-fr": ".csv", "json": ".json", "markdown": ".md"}
FORMATS |= {"xlsx": ".xlsx"}
#: Further formats of results with a picture, and of those with a page for a browser.
DRAWN = {"svg": ".svg", "html": ".html"}
PAGE = {"html": ".html"}


@dataclass(frozen=True)
class Result:
    """The result of a command.

    document : the JSON document, or a function that returns it
    answer : function that returns the answer, or only its page
    columns, rows : column names of CSV; function that returns its rows, by column name
    book : function that returns the answer of a workbook, if that is another one
    web : function that returns the answer for a browser, with its picture, if there is one
    exit_code : exit code of the command
    remark : sentence printed on stderr after the result
    is_written : whether the result has been printed or written already
    """

    document: Any = None
    answer: Callable[[], Answer | Page] = list
    columns: Sequence[str] = ()
    rows: Callable[[], Iterable[Mapping[str, Any]]] = list
    book: Callable[[], Answer] | None = None
    web: Callable[[], Answer] | None = None
    exit_code: int = 0
    remark: str = ""
    is_written: bool = False

    def if_proved(self, status: str, otherwise: str) -> Result:
        """The result, with a remark and exit code 4 if *status* is not ``optimal``."""
        return self if status == "optimal" else replace(self, exit_code=4, remark=otherwise)

    def page(self) -> Page:
        """The sentences and tables of the answer."""
        made = self.answer()
        return made if isinstance(made, list) else made.page()

    def made(self, form: str) -> str | bytes:
        """The text or bytes of the result in a format, such as ``json``, ``xlsx`` or ``svg``."""
        from fte_alloc.questions.answer import Answer, Plot
        from fte_alloc.render import data, html, markdown, svg

        if form == "json":
            return data.as_json(self.document() if callable(self.document) else self.document)
        if form in ("csv", "csv-fr"):
            table = data.as_csv if form == "csv" else data.as_french_csv
            return table(self.columns, self.rows())
        if form == "xlsx":
            from fte_alloc.render import workbook

            made = (self.book or self.answer)()
            if isinstance(made, Answer) and made.sheets:
                return workbook.workbook(made)
            return workbook.page_workbook(self.page(), self.columns, self.rows())
        if form == "html" and self.web:
            return html.html_page(self.web())
        if form == "svg" and self.web:
            return svg.svg(next(block for block in self.web().blocks if isinstance(block, Plot)))
        if form == "markdown":
            return markdown.markdown(self.page())
        from fte_alloc.render.terminal import print_page

        print_page(self.page(), buffer := io.StringIO())
        return buffer.getvalue()
