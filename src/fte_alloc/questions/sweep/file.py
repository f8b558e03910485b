"""The CSV file of a sweep: rows are saved as they come, and the file is never half written.

Rows are appended to ``FILE.part`` and synced to disk at once; at the end, or when the user
interrupts, the file is written anew in the order of the cases. After a crash the next sweep reads
the rows in ``FILE.part`` and solves only the missing cases.
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

    columns : names of all columns: the varied keys first, the hash of the inputs last
    """

    def __init__(self, path: str | os.PathLike[str], columns: Sequence[str]) -> None:
        self.path, self.part, self.columns = Path(path), Path(f"{path}.part"), tuple(columns)

    def read(self, cases: Collection[Row], inputs_sha256: str) -> dict[Row, Row]:
        """Rows of both files by the cells of their varied values; nothing is recomputed here.

        Raises InputError where a file is not of this sweep, so that its content is not overwritten.
        """
        rows: dict[Row, Row] = {}
        files.refuse_overwriting(str(self.part), files.have_been_read)
        try:
            for kept in filter(Path.exists, (self.path, self.part)):
                rows |= self._read(kept, cases, inputs_sha256)
        except OSError as error:
            raise mistaken(str(self.path), os_reason(error)) from None
        return rows

    def _read(self, path: Path, cases: Collection[Row], inputs_sha256: str) -> dict[Row, Row]:
        """Rows of one file, without a last line that was cut off."""
        if not path.is_file():
            raise mistaken(str(path), _(NO_PLAIN_FILE))
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if path == self.part and whole != data:
            os.truncate(path, len(whole))  # else the next row would continue this line
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
        """Append rows to ``FILE.part`` and sync it to disk, so that a crash loses none."""
        fresh = not self.part.exists() or self.part.stat().st_size == 0
        with self.part.open("a", encoding="utf-8", newline="") as file:
            file.write(_csv([self.columns, *rows] if fresh else rows))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, rows: Iterable[Row]) -> None:
        """Write the file from all rows and delete ``FILE.part``."""
        files.write_whole(self.path, _csv([self.columns, *rows]).encode())
        self.part.unlink(missing_ok=True)


def _csv(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
