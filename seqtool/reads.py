"""What readers take and give: a file, its records, and what a person should know of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from seqtool.findings import Finding

__all__ = ["DataFile", "Finding", "Read", "Reader", "Side"]

R = TypeVar("R")

Side = Literal["", "source", "target"]
"""The sides of pairs: what is read, and what is written."""


@dataclass(frozen=True)
class DataFile:
    """One file to be read: its path on this machine and the label of its column, or the part of the records that it is.

    `start` and `step`: time of the first row and seconds between rows, for a file that has no time stamps of its own.
    `side`: which side of pairs it holds, line for line; "" for both, or where there are no pairs.
    """

    path: Path
    label: str = ""
    start: str = ""
    step: int = 0
    side: Side = ""


@dataclass(frozen=True)
class Read(Generic[R]):
    """What a reader makes of a file: the records that can be used, and findings."""

    records: tuple[R, ...]
    findings: tuple[Finding, ...] = ()


Reader = Callable[[Path], Read[Any]]
"""From a file to its records: `Sentence`, `Labelled` or `Pair`, as the task's family takes them."""
