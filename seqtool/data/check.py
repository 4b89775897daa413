"""What the data check says: findings, each with a stable code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing that a person should know of the data before training on it."""

    level: Literal["note", "warning"]
    code: str
    """Stable and short, for programs: `newest-first`, `missing-stamps`, ..."""
    text: str
    """One sentence for people, with counts."""
