"""Batches answered side by side: ONNX Runtime lets go of the interpreter while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")
R = TypeVar("R")


class Workers:
    """`count` threads at most, made where there is more than one thing to do; leaving waits for nothing."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def map(self, function: Callable[[T], R], things: Sequence[T]) -> Iterable[R]:
        """Return what `function` makes of each, in order; raises what it raises, the first first."""
        if self._count == 1 or len(things) < 2:
            return map(function, things)
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # takes time to load, and few lines need none

            self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="worker")
        return self._pool.map(function, things)
