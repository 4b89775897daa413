"""What a person should know of the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seqtool.errors import demand
from seqtool.say import printable

LEVELS = ("note", "warning")


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
