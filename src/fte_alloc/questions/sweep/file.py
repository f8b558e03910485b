"""A sweep on disk: rows kept as they come, the file whole or not there.

Rows are appended to ``FILE.part`` and safe at once; at the end, or when somebody interrupts, the
file is written anew in the order of the cases and put in place. After a crash the next sweep finds
the rows in ``FILE.part`` and runs only what is missing.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from fte_alloc import files
from fte_alloc.errors import mistaken
from fte_alloc.files import os_reason
from fte_alloc.language import _
from fte_alloc.names import NO_PLAIN_FILE
from fte_alloc.questions.sweep.rows import Row

_SHA256 = re.compile("[0-9a-f]{64}")


class SweepFile:
    """The rows of a sweep in a CSV file.

    columns : names of all columns; the first are the varied values, the last says of which inputs
        a row speaks
    """

    def __init__(self, path: str | os.PathLike[str], columns: Sequence[str]) -> None:
        self.path, self.part, self.columns = Path(path), Path(f"{path}.part"), tuple(columns)

    def read(self, cases: Collection[Row], inputs_sha256: str) -> dict[Row, Row]:
        """The rows that are there, by the cells of their values, whether they hold or not.

        Raises InputError where a file is of something else: nothing of it shall be lost.
        """
        rows: dict[Row, Row] = {}
        files.spare(str(self.part), files.have_been_read)
        try:
            for kept in filter(Path.exists, (self.path, self.part)):
                rows |= self._read(kept, cases, inputs_sha256)
        except OSError as error:
            raise mistaken(str(self.path), os_reason(error)) from None
        return rows

    def _read(self, path: Path, cases: Collection[Row], inputs_sha256: str) -> dict[Row, Row]:
        """The rows of a file; a last line that was cut off is left out."""
        if not path.is_file():
            raise mistaken(str(path), _(NO_PLAIN_FILE))
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if path == self.part and whole != data:
            os.truncate(path, len(whole))  # or the next row would be written behind it
        if not data.strip() or (not whole and path == self.part):
            return {}
        text = whole.decode("utf-8-sig", errors="replace")
        try:
            head, *lines = map(tuple, csv.reader(io.StringIO(text, newline="")))
        except (csv.Error, ValueError):
            head = ()
        if head != self.columns:
            said = _("is not of this sweep: its columns are others; give another --out")
            raise mistaken(str(path), said)
        keys, rows = len(next(iter(cases))), {}
        for number, row in enumerate(lines, start=2):
            if not row:
                continue
            if row[-1] != inputs_sha256 and _SHA256.fullmatch(row[-1]):
                said = _("is of other inputs, or no row of a sweep; give another --out")
                raise mistaken(f"{path}:{number}", said)
            if row[:keys] not in cases:
                said = _("is of a case that is not asked for: {case}; give another --out")
                raise mistaken(f"{path}:{number}", said, case=" ".join(row[:keys]))
            rows[row[:keys]] = row
        return rows

    def keep(self, rows: Sequence[Row]) -> None:
        """Put rows where no crash can take them."""
        fresh = not self.part.exists() or self.part.stat().st_size == 0
        with self.part.open("a", encoding="utf-8", newline="") as file:
            file.write(_csv([self.columns, *rows] if fresh else rows))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, rows: Iterable[Row]) -> None:
        """Write the file whole."""
        files.write_whole(self.path, _csv([self.columns, *rows]).encode())
        self.part.unlink(missing_ok=True)


def _csv(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
