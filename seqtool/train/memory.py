"""Memory of a training on Linux with glibc: what a step frees serves the next one, and what none needs goes back."""

from __future__ import annotations

import ctypes
import platform
import time
from collections.abc import Callable

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
"""Parameters of glibc's mallopt (malloc.h)."""
LARGEST, KEPT = 1 << 30, (1 << 31) - 1
"""Bytes: blocks up to so many come from the heap, of which so many stay when they are free."""
SECONDS = 10.0
"""Between two times that free memory is given back."""


class FreedMemory:
    """Keeps freed memory for the steps to come; call it after each step.

    By itself glibc hands large blocks back to the kernel, which maps and clears them again at each step. But blocks of
    ever new sizes, as batches of ragged rows need, leave ever more gaps in a heap that is kept: every ten seconds what
    is free is given back. Other systems and C libraries are left alone.
    """

    def __init__(self) -> None:
        """Ask glibc to keep freed memory."""
        self._trim: Callable[[int], int] | None = None
        self._next = time.monotonic() + SECONDS
        if platform.libc_ver()[0] == "glibc":
            library = ctypes.CDLL(None)
            library.mallopt(MMAP_THRESHOLD, LARGEST)
            library.mallopt(TRIM_THRESHOLD, KEPT)
            self._trim = library.malloc_trim

    def __call__(self) -> None:
        """Give back what is free, where it is time to."""
        if self._trim is not None and time.monotonic() >= self._next:
            self._trim(0)
            self._next = time.monotonic() + SECONDS
