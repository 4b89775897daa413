"""Whose fault it is: the plugin whose code an exception came through, so that every call needs no guard of its own."""

from __future__ import annotations

import errno
import sys
from traceback import walk_tb
from types import FrameType

from typer import Abort, Exit, TyperException

from seqtool.entries import CELLS, EXTENSIONS, FAMILIES, TASKS, outside
from seqtool.errors import SeqtoolError, reason
from seqtool.interrupt import is_pressed

_CONTRACT = "hold it against seqtool.testing, or update that plugin; SEQTOOL_DEBUG=1 shows where it fails"
_UPDATE = "update that plugin; SEQTOOL_DEBUG=1 shows where it fails"


def blamed(error: BaseException) -> SeqtoolError | None:
    """Return the error that names plugin and phase for what its code raised, None where no plugin is at fault."""
    said = isinstance(error, (SeqtoolError, TyperException, Exit, Abort))
    return None if said or _is_of_the_machine(error) else _fault(error)


def _is_of_the_machine(error: BaseException) -> bool:
    """Whether it is no plugin's fault: Ctrl-C, no memory, a full disk, a reader that left."""
    full = isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ENOSPC)
    return full or is_pressed(error) or isinstance(error, MemoryError)


def _fault(error: BaseException) -> SeqtoolError | None:
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    origins = outside(TASKS, FAMILIES, CELLS, EXTENSIONS)
    theirs = [place for place, frame in enumerate(frames) if _package(frame) in origins]
    if not theirs:
        return _given_fault(error, frames)
    callers = [_module(frame) for frame in frames[: theirs[0]] if _package(frame) == "seqtool"]
    # a command of a plugin may end as it likes: nothing of seqtool calls it but the root
    if callers[-1:] == ["seqtool.cli.root"] and not isinstance(error, Exception):
        return None
    last = frames[theirs[-1]]
    what = f"a plugin fails in {_place(last)}: {reason(error)}"
    return SeqtoolError(what, where=origins[_package(last)], cure=_UPDATE)


def _given_fault(error: BaseException, frames: list[FrameType]) -> SeqtoolError | None:
    """Return the error for what fails in seqtool itself while a family or a cell from outside is in use."""
    used = [origin for package, origin in outside(FAMILIES, CELLS).items() if package in sys.modules]
    if not used or not isinstance(error, Exception):
        return None
    own = [frame for frame in frames if _package(frame) == "seqtool"]
    what = f"a plugin gives what cannot be used in {_place(own[-1])}: {reason(error)}"
    return SeqtoolError(what, where=" or ".join(dict.fromkeys(used)), cure=_CONTRACT)


def _place(frame: FrameType) -> str:
    return f"{_module(frame)}, {frame.f_code.co_qualname}"


def _package(frame: FrameType) -> str:
    return _module(frame).partition(".")[0]


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
