"""Tables of a model as planners keep them: CSV under headings that are not those of the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fte_alloc.errors import InputError
from fte_alloc.inputs.headings import key_of, model_headings, unit_of_key
from fte_alloc.inputs.sheets import read_sheets, row_of
from fte_alloc.inputs.tables import CsvCell, CsvTable, parse_table
from fte_alloc.inputs.typed import tables_of


def read_csv(
    data: bytes,
    name: str,
    required: Sequence[str],
    known: Sequence[str] | None,
    described: Iterable[str] = (),
) -> CsvTable:
    """As ``parse_table``; where headings are not those of the model, as people write them.

    Totals are set aside there, titles above the headings passed over, every heading is known.

    described : columns that the model describes, such as indicators

    Raises InputError with what the model expects where no headings are found that mean it.
    """
    try:
        return parse_table(data, name, required, known)
    except InputError as error:
        more = model_headings(described)
        (sheet,) = read_sheets(data, name, more)
        names = {"name": "territory", "code": "territory", "buyer": "segment"}
        names = names if "segment" in required else {}
        for table in tables_of([sheet], more):
            columns = {k: names.get(k, k.removeprefix("indicator.")) for k in table.headings}
            top = row_of(next(iter(table.headings.values()))[0])[1]
            used = {j for row, cells in sheet.rows.items() if row >= top for j in cells}
            if not {*required} <= {*columns.values()} or len(columns) < len(used):
                continue
            rows = []
            for row in table.rows:
                cells = dict[str, CsvCell]()
                for key, column in columns.items():
                    text = row[key].text
                    if unit := unit_of_key(key):
                        number = table.number(row[key], unit)
                        text = "" if number is None else repr(number)
                    elif column == "segment":
                        text = (key_of(text) or text).removeprefix("contracts.")
                    cells[column] = CsvCell(text, row[key].where)
                rows.append(cells)
            notes = (*sheet.notes, *table.aside)
            found = tuple(columns.values())
            return CsvTable(name, found, tuple(rows), ";", tuple(table.mistakes), notes)
        raise error from None
