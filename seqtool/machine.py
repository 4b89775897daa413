"""What is asked of the machine: threads, and memory that is kept."""

from __future__ import annotations

import sys
from typing import Any

MOST_THREADS = 4096
MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
"""Parameters of glibc's mallopt (malloc.h)."""
LARGEST, KEPT = 1 << 30, (1 << 31) - 1
"""Bytes: blocks up to so many come from the heap, of which so many stay when they are free."""


def keep_freed_memory() -> Any:
    """Ask the C library to keep freed memory; return it, or None where it is not glibc: nothing is changed then.

    The kernel would map and clear it again. To open a model is to copy its weights three or four times: half of it was
    the clearing of pages.
    """
    import ctypes  # slow, and the number of threads alone needs none

    library: Any = ctypes.CDLL(None) if sys.platform == "linux" else None
    if not hasattr(library, "mallopt"):
        return None
    library.mallopt(MMAP_THRESHOLD, LARGEST)
    library.mallopt(TRIM_THRESHOLD, KEPT)
    return library
