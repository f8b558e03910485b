"""Output files: they are written whole or not at all, and never over a file that was read."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from fte_alloc.errors import mistaken
from fte_alloc.language import N_, _

if TYPE_CHECKING:
    from pathlib import Path

CANNOT_WRITE_WHY = {
    "ENOENT": N_("there is no folder {folder}; create it, or give another --out"),
    "EISDIR": N_("is a folder; give the name of a file in it"),
    "ENODEV": N_("is a device; give the name of a file"),
    "ENXIO": N_("is a pipe that nobody reads; give the name of a file"),
}
OS_REASONS = {
    "EACCES": N_("Permission denied"),
    "EBADF": N_("it is closed"),
    "EISDIR": N_("Is a directory"),
    "ENAMETOOLONG": N_("File name too long"),
    "ENOENT": N_("No such file or directory"),
    "ENOSPC": N_("No space left on device"),
    "ENOTDIR": N_("Not a directory"),
    "EROFS": N_("Read-only file system"),
}

#: The files that a command has read so far, by their real paths.
have_been_read: set[str] = set()


def refuse_overwriting(name: str, others: Iterable[str]) -> None:
    """Raise InputError if a file to write is one of *others*, even under another name."""
    for other in others:
        try:
            is_same = os.path.samefile(name, other)  # noqa: PTH121
        except (OSError, ValueError):  # a file is missing, or a name is not valid
            continue
        if is_same:
            text = _("this command reads {file}, the same file; give another --out")
            raise mistaken(f"--out {name}", text, file=other)


def refuse_unwritable(name: str) -> None:
    """Raise InputError if a file cannot be written; the check leaves no file changed."""
    with _os_errors_as_input_errors(name):
        path, mode = _target(name)
        if mode is None or stat.S_ISREG(mode):
            temporary = _temporary_file_beside(path)
            temporary.touch()
            temporary.unlink()


def write_whole(name: str | os.PathLike[str], data: bytes) -> None:
    """Write a file whole: under a temporary name in its folder, which is then renamed.

    For a link, its target is written; an existing file keeps its mode; data for a device or a pipe
    are written to it directly. Raises InputError.
    """
    with _os_errors_as_input_errors(name):
        path, mode = _target(name)
        if mode is not None and not stat.S_ISREG(mode):
            # Non-blocking: a pipe that nobody reads is refused.
            descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(descriptor, "wb") as device:
                if hasattr(os, "O_NONBLOCK"):
                    os.set_blocking(descriptor, True)
                device.write(data)
            return
        temporary = _temporary_file_beside(path)
        try:
            temporary.touch(0o666 if mode is None else stat.S_IMODE(mode) | stat.S_IWUSR)
            temporary.write_bytes(data)
            if mode is not None:
                temporary.chmod(stat.S_IMODE(mode))
            temporary.replace(path)
        finally:
            with suppress(OSError):
                temporary.unlink()


@contextmanager
def _os_errors_as_input_errors(name: str | os.PathLike[str]) -> Iterator[None]:
    """Turn an OSError inside the ``with`` block into an InputError about the output file."""
    try:
        yield
    except OSError as error:
        from pathlib import Path

        code = errno.errorcode.get(error.errno or 0, "")
        text = _("cannot be written ({reason}); give another --out")
        what = _(CANNOT_WRITE_WHY[code]) if code in CANNOT_WRITE_WHY else text
        folder, reason = Path(name).parent, os_reason(error)
        raise mistaken(f"--out {os.fspath(name)}", what, folder=folder, reason=reason) from None


def _target(name: str | os.PathLike[str]) -> tuple[Path, int | None]:
    """Path to which a file is written, and its present mode; the mode is None without a file."""
    from pathlib import Path

    path = Path(name)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "")
    if mode is None or stat.S_ISREG(mode):
        return (path.resolve() if path.is_symlink() else path), mode
    if not (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
        raise OSError(errno.ENODEV, "")
    return path, mode


def _temporary_file_beside(path: Path) -> Path:
    # A short name: that of the file may be as long as the system allows.
    return path.with_name(f".fte-alloc.{os.getpid()}.{threading.get_ident()}.tmp")


def os_reason(error: OSError) -> str:
    """The reason, in words, for which the system refuses to write or read a file."""
    name = errno.errorcode.get(error.errno or 0, "")
    return _(OS_REASONS[name]) if name in OS_REASONS else str(error.strerror or error)
