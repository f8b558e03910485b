"""The CSV file of a sweep: rows are appended as they come, and written in order at the end.

After a crash the next sweep reads the rows in the file and solves only the missing cases.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from fte_alloc.errors import mistaken
from fte_alloc.files import have_been_read, os_reason, refuse_overwriting, write_whole
from fte_alloc.language import _
from fte_alloc.names import NO_PLAIN_FILE
from fte_alloc.questions.sweep.rows import Row

_SHA256 = re.compile("[0-9a-f]{64}")


class SweepFile:
    """The rows of a sweep in a CSV file.

    columns : names of all columns: the varied keys first, the hash of the inputs last
    """

    def __init__(self, path: str | os.PathLike[str], columns: Sequence[str]) -> None:
        self.path, self.columns = Path(path), tuple(columns)

    def read(self, cases: Collection[Row], inputs_sha256: str) -> dict[Row, Row]:
        """Rows by the cells of their varied values; a last line that was cut off is removed.

        Raises InputError where the file is not of this sweep, so that it is not overwritten.
        """
        refuse_overwriting(str(self.path), have_been_read)
        try:
            if not self.path.exists():
                return {}
            if not self.path.is_file():
                raise mistaken(str(self.path), _(NO_PLAIN_FILE))
            data = self.path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            rows = {}
            if data.strip() and not _csv([self.columns]).encode().startswith(data):
                rows = self._rows(whole, cases, inputs_sha256)
            os.truncate(self.path, len(whole) if rows else 0)  # else a row continues a cut line
        except OSError as error:
            raise mistaken(str(self.path), os_reason(error)) from None
        return rows

    def _rows(self, data: bytes, cases: Collection[Row], inputs_sha256: str) -> dict[Row, Row]:
        content = io.StringIO(data.decode("utf-8-sig", errors="replace"), newline="")
        try:
            head, *lines = map(tuple, csv.reader(content))
        except (csv.Error, ValueError):
            head = ()
        if head != self.columns:
            text = _("is not of this sweep: its columns are others; give another --out")
            raise mistaken(str(self.path), text)
        keys, rows = len(next(iter(cases))), {}
        for number, row in enumerate(lines, start=2):
            if not row:
                continue
            if row[-1] != inputs_sha256 and _SHA256.fullmatch(row[-1]):
                text = _("is of other inputs, or no row of a sweep; give another --out")
                raise mistaken(f"{self.path}:{number}", text)
            if row[:keys] not in cases:
                text = _("is of a case that is not asked for: {case}; give another --out")
                raise mistaken(f"{self.path}:{number}", text, case=" ".join(row[:keys]))
            rows[row[:keys]] = row
        return rows

    def keep(self, rows: Sequence[Row]) -> None:
        """Append rows and sync them to disk, so that a crash loses none."""
        fresh = not self.path.exists() or self.path.stat().st_size == 0
        with self.path.open("a", encoding="utf-8", newline="") as file:
            file.write(_csv([self.columns, *rows] if fresh else rows))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, rows: Iterable[Row]) -> None:
        """Write the file anew, from all rows."""
        write_whole(self.path, _csv([self.columns, *rows]).encode())


def _csv(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
