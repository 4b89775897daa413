"""What readers take and give: a file, its records, and what a person should know of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from seqtool.errors import demand
from seqtool.say import printable

R = TypeVar("R")

LEVELS = ("note", "warning")
Side = Literal["", "source", "target"]
"""The sides of pairs: what is read, and what is written."""
Header = Literal["auto", "yes", "no"]
"""Whether the first row of a table names its columns."""
LATER = "later"
"""In the metadata of a field that older parts of data lack: where it is None, their sums stay as they are."""


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
class Finding:
    """One thing that a person should know about the data before training on it."""

    level: Literal["note", "warning"]
    code: str
    """Stable and short, for programs: `newest-first`, `missing-stamps`, ..."""
    text: str
    """One sentence for people, with counts."""

    def __post_init__(self) -> None:
        demand(self, str, "level", "code")
        if self.level not in LEVELS:
            raise ValueError(f"Finding.level is {printable(self.level)!r}, not note or warning")
        if not isinstance(self.text, str):
            raise TypeError(f"Finding.text is a {type(self.text).__name__}, not a str")
        # it may quote a file: what it quotes must not look like lines of ours, nor be obeyed by a terminal
        object.__setattr__(self, "text", printable(self.text, len(self.text)))


@dataclass(frozen=True)
class Read(Generic[R]):
    """What a reader makes of a file: the records that can be used, and findings."""

    records: tuple[R, ...]
    findings: tuple[Finding, ...] = ()


Reader = Callable[[Path], Read[Any]]
"""From a file to its records: `Sentence`, `Labelled` or `Pair`, as the task's family takes them."""
