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
from collections.abc import Iterable, Sequence
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

    columns : names of all columns; the first *keys* of them are the varied values, the last says
        of which inputs a row speaks
    """

    def __init__(self, path: str, columns: Sequence[str], keys: int, inputs_sha256: str) -> None:
        self.path, self.part = Path(path), Path(f"{path}.part")
        self.columns, self.keys, self.inputs_sha256 = tuple(columns), keys, inputs_sha256
        self.rows: dict[Row, Row] = {}
        try:
            for kept in (self.path, self.part):
                if kept.exists():
                    self._read(kept)
        except OSError as error:
            raise mistaken(path, os_reason(error)) from None

    def _read(self, path: Path) -> None:
        """Take the rows of a file; a last line that was cut off is left out.

        Raises InputError where the file is of something else: nothing of it shall be lost.
        """
        if not path.is_file():
            raise mistaken(str(path), _(NO_PLAIN_FILE))
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if path == self.part and whole != data:
            os.truncate(path, len(whole))  # or the next row would be written behind it
        if not data.strip() or (not whole and path == self.part):
            return
        text = whole.decode("utf-8-sig", errors="replace")
        try:
            head, *rows = map(tuple, csv.reader(io.StringIO(text, newline="")))
        except (csv.Error, ValueError):
            head = ()
        if head != self.columns:
            said = _("is not of this sweep: its columns are others; give another --out")
            raise mistaken(str(path), said)
        for number, row in enumerate(rows, start=2):
            if row and row[-1] != self.inputs_sha256 and _SHA256.fullmatch(row[-1]):
                said = _("is of other inputs, or no row of a sweep; give another --out")
                raise mistaken(f"{path}:{number}", said)
            if len(row) >= self.keys:  # whatever else is wrong with it is found when it is judged
                self.rows[row[: self.keys]] = row

    def keep(self, rows: Sequence[Row]) -> None:
        """Put rows where no crash can take them."""
        self.rows.update((row[: self.keys], row) for row in rows)  # first: Ctrl-C may come now
        fresh = not self.part.exists() or self.part.stat().st_size == 0
        with self.part.open("a", encoding="utf-8", newline="") as file:
            file.write(_csv([self.columns, *rows] if fresh else rows))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, order: Iterable[Row]) -> None:
        """Write the file whole: the cases in their order, then whatever else it held."""
        first = {key: self.rows[key] for key in order if key in self.rows}
        whole = {key: row for key, row in self.rows.items() if len(row) == len(self.columns)}
        text = _csv([self.columns, *(first | whole).values()])
        files.write_whole(self.path, text.encode())
        self.part.unlink(missing_ok=True)


def _csv(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
