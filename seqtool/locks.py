"""Locks that belong to a living process: they go when it ends, however it ends, whatever the clocks say."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from seqtool.errors import SeqtoolError, UsageError
from seqtool.say import note

SAID, MOST = 2.0, 60.0  # seconds of waiting until it is said, and until it is given up
PAUSE = 0.02
# a run may be a stranger's: its lock must lead to no other file, which would be written into, and to no pipe
OWN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@contextlib.contextmanager
def waiting(path: Path) -> Iterator[None]:
    """Hold the lock `path`, for which other processes wait; raises `SeqtoolError` where one holds it for a minute."""
    began, said = time.monotonic(), False
    while (descriptor := _taken(path)) is None:
        waited = time.monotonic() - began
        if waited > MOST:
            raise SeqtoolError(f"{_holder(path)} holds the lock", where=str(path), cure="end that process")
        if waited > SAID and not said:
            note(f"waiting for {_holder(path)}, which holds {path}")
            said = True
        time.sleep(PAUSE)
    with _kept(path, descriptor):
        yield


@contextlib.contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Hold the lock `path`, which one process has at a time; raises `UsageError` where another one holds it."""
    descriptor = _taken(path)
    if descriptor is None:
        cure = "wait for its end, or end it"
        raise UsageError(f"{what} by {_holder(path)}", where=str(path.parent), cure=cure)
    with _kept(path, descriptor):
        yield


@contextlib.contextmanager
def _kept(path: Path, descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows keeps a file that is open
            path.unlink()  # while it is held: who waits for it sees that it is gone
        os.close(descriptor)


def _taken(path: Path) -> int | None:
    """Return the descriptor of a lock that is now ours; None where another one has it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | OWN, 0o666)
    except OSError as error:
        cure = "work in a folder of your own"
        raise SeqtoolError(f"cannot write: {error.strerror}", where=str(path), cure=cure) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        os.close(descriptor)
        raise SeqtoolError("the lock is no file of its own", where=str(path), cure="delete it")
    try:
        if _locked(descriptor) and _is_still(path, descriptor):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
            return descriptor
    except OSError as error:
        os.close(descriptor)
        cure = "work in a folder on another disk"
        raise SeqtoolError(f"cannot lock: {error.strerror}", where=str(path), cure=cure) from error
    os.close(descriptor)
    return None


if sys.platform == "win32":
    import msvcrt

    def _locked(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _is_still(path: Path, descriptor: int) -> bool:
    """Tell whether the file that was locked still has its name: who held it before has removed it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _holder(path: Path) -> str:
    """Name the process that holds a lock."""
    with contextlib.suppress(OSError, ValueError):
        return f"the process {int(path.read_bytes()[:20])}"
    return "another process"
