"""Where things lie, and how a file is written so that no half of it is ever seen."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from seqtool.errors import SeqtoolError


def fsync_folder(folder: Path) -> None:
    """Make a rename inside `folder` durable (a no-op where folders cannot be opened)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success fsync it and rename it over `path`.

    Raises `SeqtoolError` when the disk refuses (full, read-only); nothing is left behind then.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # In the same folder: a rename over a border of file systems would be a copy, and not atomic.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
        os.close(descriptor)
    except OSError as error:
        raise _refused(path, error) from error
    temporary = Path(name)
    try:
        yield temporary
        # Without fsync a rename may reach the disk before the bytes do, and a power cut leaves an empty file.
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        fsync_folder(path.parent)
    except OSError as error:
        # what writes the file may run the code of a plugin, whose own faults are no refusal of the disk
        if error.errno is None or error.filename not in (None, name, str(path), str(path.parent)):
            raise
        raise _refused(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """Return the process's umask (mkstemp ignores it, a user expects it)."""
    # The system has no call that reads the mask without setting one.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refused(path: Path, error: OSError) -> SeqtoolError:
    reason = error.strerror or str(error)
    return SeqtoolError(f"cannot write: {reason}", where=str(path), cure="free space or choose another place")


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 `text` to `path`, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def append_text(path: Path, text: str) -> None:
    """Add UTF-8 `text` to the end of a log; raises `SeqtoolError` when the disk refuses."""
    try:
        with path.open("a", encoding="utf-8", newline="") as stream:
            stream.write(text)
    except OSError as error:
        raise _refused(path, error) from error
