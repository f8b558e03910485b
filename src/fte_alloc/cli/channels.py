"""Where a process writes: results on a descriptor of their own, everything else on stderr.

Whatever a library prints, on file descriptor 1 or with ``print``, goes to stderr. A descriptor that
cannot be written to raises nothing: what the system says is kept until the exit code is known.
"""

from __future__ import annotations

import io
import os
import select
import sys
from contextlib import suppress
from typing import Any

from fte_alloc.cli.output import say
from fte_alloc.files import os_reason
from fte_alloc.language import _


class Channel(io.RawIOBase):
    """A descriptor that raises nothing.

    refused : why the system no longer takes what is written
    """

    def __init__(self, descriptor: int) -> None:
        self._raw: Any = open(descriptor, "wb", buffering=0, closefd=False)  # noqa: SIM115
        self.refused: OSError | None = None

    def writable(self) -> bool:
        """Yes."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return int(self._raw.fileno())

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return bool(self._raw.isatty())

    def write(self, data: Any) -> int:
        """Write what the system takes at once, all of it where it takes nothing more."""
        while self.refused is None:
            try:
                written = self._raw.write(data)
                if written is not None:
                    return int(written)
                select.select([], [self], [])  # somebody made it non-blocking
            except OSError as error:
                self.refused = error
        return len(data)


def open_channels() -> None:
    """Keep results apart, once, unless somebody has put another stream in the place of stdout.

    ``sys.stdout`` becomes the results; file descriptor 1 becomes stderr, for worker processes too.
    """
    if sys.stdout is not sys.__stdout__ or _of(sys.stdout) is not None:
        return
    for descriptor, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None:  # closed: whatever is opened next must not take its number
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
            os.set_inheritable(descriptor, True)
    # Reading cannot be written to either: that is told like any other refusal.
    if sys.stdout:
        with suppress(OSError):
            sys.stdout.flush()  # what was printed before comes before
    results = os.dup(1) if sys.stdout else os.open(os.devnull, os.O_RDONLY)
    os.dup2(2, 1)
    sys.stdout = sys.__stdout__ = _stream(results, sys.stdout)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _stream(2, sys.stderr)  # type: ignore[misc]


def delivered(code: int) -> int:
    """The exit code, once the results are out: 5 where they are not, though somebody waits."""
    channel = _of(sys.stdout)
    if channel is None:
        return code
    sys.stdout.flush()
    error = channel.refused
    # A reader that has seen enough, as with | head, is no failure; Windows calls it EINVAL.
    left = isinstance(error, ConnectionError) or (os.name == "nt" and error and error.errno == 22)
    if error is None or left:
        return code
    text = _("The result cannot be written to standard output ({reason}).")
    say(text.format(reason=os_reason(error)))
    return 5


def _stream(descriptor: int, before: Any) -> io.TextIOWrapper:
    """A text stream on a channel, in the encoding there was; an old code page gets plain signs."""
    buffer = io.BufferedWriter(Channel(descriptor))
    encoding = before.encoding if before else "utf-8"
    is_chatty = descriptor == 2 or buffer.isatty()
    return io.TextIOWrapper(buffer, encoding, "plainer", line_buffering=is_chatty)


def _of(stream: Any) -> Channel | None:
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw if isinstance(raw, Channel) else None
