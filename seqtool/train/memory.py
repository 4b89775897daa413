"""Memory of a training on Linux: what a step gives back serves the next one."""

from __future__ import annotations

import ctypes
import sys

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
"""Parameters of glibc's mallopt (malloc.h)."""
LARGEST, KEPT = 1 << 30, (1 << 31) - 1
"""Bytes: blocks up to so many come from the heap, of which so many stay when they are free."""


def keep_freed_memory() -> None:
    """Ask glibc to keep freed memory.

    Else it hands large blocks back to the kernel, which maps and clears them again at each step of a training. Other
    systems and C libraries are left alone.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, LARGEST)
        mallopt(TRIM_THRESHOLD, KEPT)
