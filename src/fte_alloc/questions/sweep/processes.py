"""The chunks of a sweep in this process, in several, or in those of a cluster."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from fte_alloc.errors import SolverError, mistaken
from fte_alloc.language import _
from fte_alloc.questions.sweep.rows import Chunk, Row, run_chunk

#: Largest number of pools begun, each after a worker of the one before died; retries of a cluster.
MOST_POOLS = 5
#: Time limit for connecting to a cluster [s].
PATIENCE_S = 10
#: Signals that end a sweep: Ctrl-C and termination.
_ENDING = (signal.SIGINT, signal.SIGTERM)
Pool = Callable[[], AbstractContextManager[Executor]]


def run_chunks(chunks: Sequence[Chunk], jobs: int, pool: Pool | None) -> Iterator[list[Row]]:
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
