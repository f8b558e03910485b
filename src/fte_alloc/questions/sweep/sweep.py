"""Solve many cases of one scenario in chunks, in one process or several, and save their rows.

Chunks depend on the list of cases alone, and each is solved from scratch, so that any number of
processes, and a sweep that is continued, give the same bytes. Rows are appended to the file as they
come, and written in order at the end: after a crash, only the missing cases are solved.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from fte_alloc.errors import InputError, SolverError, mistaken
from fte_alloc.inputs.load import load
from fte_alloc.inputs.values import is_number, toml_value
from fte_alloc.inputs.weighing import Weighing
from fte_alloc.language import _
from fte_alloc.names import NO_CASES, NO_PLAIN_FILE
from fte_alloc.output_files import have_been_read, os_reason, refuse_overwriting, write_whole
from fte_alloc.programme.problem import Problem
from fte_alloc.questions.document import Progress
from fte_alloc.questions.sweep.cases import Case, Cases, changes, written
from fte_alloc.questions.sweep.rows import Chunk, Row, Sweep, columns, holds, row_problem, run_chunk

#: Cases per chunk where a case takes a millisecond, and where it needs a search of its own.
QUICK_CHUNK, SLOW_CHUNK = 200, 5
#: Largest number of pools begun, each after a worker of the one before died; retries of a cluster.
MOST_POOLS = 5
#: Time limit for connecting to a cluster [s].
PATIENCE_S = 10
#: Signals that end a sweep: Ctrl-C and termination.
_ENDING = (signal.SIGINT, signal.SIGTERM)
_SHA256 = re.compile("[0-9a-f]{64}")

Pool = Callable[[], AbstractContextManager[Executor]]


def sweep(
    scenario: str | os.PathLike[str],
    cases: Cases | Mapping[str, Iterable[Any]],
    *,
    overrides: Mapping[str, Any] | None = None,
    at_least_fte: float = 1.0,
    out: str | os.PathLike[str] | None = None,
    jobs: int = 1,
    pool: Pool | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Solve every case of a scenario.

    cases : the cases, or lists of values by dotted key, of which all combinations are solved
    overrides : changes of inputs in all cases, by dotted key
    at_least_fte : new FTE of a post; the document has the share of plans with at least that many
    out : CSV file in which rows are saved as they come; rows in it that hold are kept, the others
        are solved again
    jobs : number of processes; with 1, this process solves all cases
    pool : makes the executor of the chunks, in place of processes
    progress : called with the number of cases done, and the number of all cases

    Raises InputError where the scenario or a varied key or value is not valid, or the file is of
    another sweep.
    """
    progress = progress or (lambda *_: None)
    if isinstance(cases, Mapping):
        values = [tuple(map(toml_value, given)) for given in cases.values()]
        cases = Cases(tuple(cases), tuple(product(*values)))
    if not cases.rows:
        raise mistaken("cases", _(NO_CASES))
    overrides = {key: toml_value(value) for key, value in (overrides or {}).items()}
    problem = load(scenario, overrides)
    check_sweep(scenario, overrides, problem, cases)
    chunks = _chunks(os.fspath(scenario), overrides, problem, cases)
    of_key = dict(zip(cases.cells, cases.rows, strict=True))
    file = SweepFile(out, columns(problem, cases.keys)) if out else None
    known = file.read(of_key, problem.inputs.resolved_sha256) if file else {}
    weighing = Weighing.of(problem)
    rows = {key: row for key, row in known.items() if holds(weighing, chunks[0], of_key[key], row)}
    kept, anew = len(rows), [key for key in of_key if key in known and key not in rows]
    missing = [chunk for chunk in chunks if not rows.keys() >= {*chunk.cases.cells}]
    try:
        for found in _run(missing, jobs, pool):
            new = [row for row in found if row[: len(cases.keys)] not in rows]
            rows |= {row[: len(cases.keys)]: row for row in new}  # before saving: Ctrl-C may come
            if file:
                file.keep(new)
            progress(len(rows), len(of_key))
    finally:
        if file:
            file.finish(rows[key] for key in of_key if key in rows)
        progress(len(rows), len(of_key))
    in_order = {key: rows[key] for key in of_key}
    return Sweep(problem, cases, in_order, len(rows) - kept, anew, at_least_fte)


def check_sweep(
    scenario: str | os.PathLike[str], overrides: Mapping[str, Any], problem: Problem, cases: Cases
) -> None:
    """Refuse wrong keys and values of a sweep before any case is solved.

    Raises InputError where the scenario cannot be read with the first case, or with an extreme or
    non-numeric value of a key. Values wrong only together make a row with status ``invalid``.
    """

    def fault(keys: Sequence[str], case: Case) -> InputError | None:
        """The error of some values, if any, without the ``--set`` that nobody typed."""
        try:
            load(scenario, {**overrides, **changes(problem, keys, case)})
        except InputError as error:
            error.reword(lambda text: text.removeprefix("--set "))
            return error
        return None

    if (wrong := fault(cases.keys, cases.rows[0])) is not None:
        raise wrong
    for n, key in enumerate(cases.keys):
        column = {case[n] for case in cases.rows}
        numbers = set(filter(is_number, column))
        ends = {min(numbers), max(numbers)} if numbers else set()
        for value in sorted(ends | (column - numbers - {None}), key=written):
            if (wrong := fault((key,), (value,))) is not None:
                case = next(case for case in cases.rows if case[n] == value)
                if fault(cases.keys, case) is not None:
                    raise wrong


# -- chunks ----------------------------------------------------------------------------------------


def _chunks(
    scenario: str, overrides: Mapping[str, Any], problem: Problem, cases: Cases
) -> list[Chunk]:
    """Chunks of the cases in their order, of one size whatever the processes and saved rows."""
    first = changes(problem, cases.keys, cases.rows[0])
    is_quick = row_problem(Weighing.of(problem), first) and not problem.in_steps
    size = QUICK_CHUNK if is_quick else SLOW_CHUNK
    given, sha256 = json.dumps(dict(overrides)), problem.inputs.resolved_sha256
    return [
        Chunk(scenario, given, sha256, Cases(cases.keys, cases.rows[at : at + size]))
        for at in range(0, len(cases.rows), size)
    ]


def _run(chunks: Sequence[Chunk], jobs: int, pool: Pool | None) -> Iterator[list[Row]]:
    """Rows of every chunk, in the order in which the chunks are finished.

    No chunk is cancelled here; the pool drops waiting chunks when its context ends. A pool of
    processes with a cancelled chunk whose workers are killed would end its own thread with a
    traceback, and leave workers running.
    """
    if pool is None and (jobs == 1 or len(chunks) == 1):
        yield from map(run_chunk, chunks)
        return
    left = dict.fromkeys(chunks)
    for attempt in range(MOST_POOLS):
        with pool() if pool else _processes(min(jobs, len(left))) as executor:
            try:
                with _interrupts_wait():  # processes begin here
                    futures = {executor.submit(run_chunk, chunk): chunk for chunk in left}
                for future in as_completed(futures):
                    rows = future.result()
                    del left[futures[future]]
                    yield rows
            except CancelledError:
                text = _(
                    "the cluster has dropped the cases; what was finished is kept where --out was "
                    "given"
                )
                raise SolverError(text) from None
            except BrokenProcessPool:
                if attempt == MOST_POOLS - 1:
                    raise SolverError(_("the processes at work keep dying; try --jobs 1")) from None
        if not left:
            return


@contextmanager
def _processes(jobs: int) -> Iterator[Executor]:
    """A pool of processes that ignore Ctrl-C, and are killed when the context ends by an error."""
    from multiprocessing import active_children, get_context

    others = active_children()
    executor = ProcessPoolExecutor(jobs, get_context("spawn"), _worker)
    try:
        yield executor
    except BaseException:
        for process in active_children():
            if process not in others:
                process.kill()  # its result is no longer needed
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Defer Ctrl-C and SIGTERM to the end of the context; processes begun in it block both."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    # Handlers note signals, too: a signal may reach another thread, which does not block it.
    before = {n: signal.signal(n, lambda number, _: came.append(number)) for n in _ENDING}
    _mask("SIG_BLOCK")
    try:
        yield
    finally:
        _mask("SIG_UNBLOCK")
        for ending, handler in before.items():
            signal.signal(ending, handler)
        for number in came:
            signal.raise_signal(number)


def _mask(how: str) -> None:
    """Block or unblock the signals of ``_ENDING``, where the system can."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(getattr(signal, how), _ENDING)


def _worker() -> None:
    """Set up a worker process: ignore Ctrl-C, and exit when the parent process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _mask("SIG_UNBLOCK")

    def watch() -> None:
        from multiprocessing import parent_process

        begun_by = parent_process()
        if begun_by is not None:
            begun_by.join()  # the system closes its pipe however the parent ends
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Executor on a Dask cluster; a chunk whose worker dies is given to another worker."""
    from distributed import Client

    client: Any = object.__new__(Client)
    try:
        client.__init__(address, timeout=PATIENCE_S, set_as_default=False)
    except BaseException as error:
        client.status = "closed"  # else Dask waits for the half-open client and prints a trace
        if not isinstance(error, Exception):
            raise
        what, reason = _("no scheduler answers: {reason}"), str(error).partition("\n")[0]
        raise mistaken(f"--cluster {address}", what, reason=reason) from None
    with client:
        executor = client.get_executor(pure=False, retries=MOST_POOLS)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)  # cancels what is not begun


# -- the file --------------------------------------------------------------------------------------


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
            if data.strip() and not _csv_lines([self.columns]).encode().startswith(data):
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
            file.write(_csv_lines([self.columns, *rows] if fresh else rows))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, rows: Iterable[Row]) -> None:
        """Write the file anew, from all rows."""
        write_whole(self.path, _csv_lines([self.columns, *rows]).encode())


def _csv_lines(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
