"""Memory of a training: what a step frees serves the next one, and what none needs goes back."""

from __future__ import annotations

import time

from seqtool.memory import keep_freed_memory

SECONDS = 10.0
"""Between two times that free memory is given back."""


class FreedMemory:
    """Keeps freed memory for the steps to come; call it after each step.

    But blocks of ever new sizes, as batches of ragged rows need, leave ever more gaps in a heap that is kept: every ten
    seconds what is free is given back.
    """

    def __init__(self) -> None:
        """Keep freed memory, where the C library can."""
        self._library = keep_freed_memory()
        self._next = time.monotonic() + SECONDS

    def __call__(self) -> None:
        """Give back what is free, where it is time to."""
        if self._library is not None and time.monotonic() >= self._next:
            self._library.malloc_trim(0)
            self._next = time.monotonic() + SECONDS
