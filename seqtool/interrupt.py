"""Ctrl-C, told apart from a KeyboardInterrupt that the code of a plugin raises."""

from __future__ import annotations

import signal
from types import FrameType

_listening = False


class Pressed(KeyboardInterrupt):
    """What Ctrl-C raises once `listen` was called."""


def listen() -> None:
    """From here on Ctrl-C raises `Pressed`, where the process heeds it at all."""
    global _listening
    _listening = True
    # a shell starts what runs in the background with SIGINT ignored: it stays so
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _press)


def is_pressed(error: BaseException) -> bool:
    """Whether an exception is a person's Ctrl-C; in a program that never called `listen` nothing tells them apart."""
    return isinstance(error, Pressed) or (isinstance(error, KeyboardInterrupt) and not _listening)


def _press(number: int, frame: FrameType | None) -> None:
    raise Pressed
