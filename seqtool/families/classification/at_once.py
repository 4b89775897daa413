"""`--at-once 0`: how many tokens of a text are read at once; what `check` says of longer texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqtool.reads import Finding
from seqtool.say import counted
from seqtool.types import Ids

if TYPE_CHECKING:
    from seqtool.families.classification.config import ClassificationConfig

FEWEST, MOST = 32, 512
"""Tokens that are read at once where nobody says how many: as many as the longest text of the data has, within."""


def settled(config: ClassificationConfig, texts: Sequence[Ids]) -> dict[str, int]:
    """Return how many tokens are read at once, by all texts of the data given as ids [T]."""
    # a network of sentences answers a page badly: it never saw so many steps
    return {"at_once": config.at_once or min(MOST, max(FEWEST, *map(len, texts)))}


def findings(most: int, texts: Sequence[Ids], unit: str) -> list[Finding]:
    """Return a note of how many of all texts, given as ids [T], are read in pieces of at most `most` tokens."""
    long = sum(len(ids) > most for ids in texts)
    if not long:
        return []
    what = f"{long:,} of {counted(len(texts), 'text')} have more than {most:,} {unit}"
    return [Finding("note", "pieces", f"{what}: they are read in pieces, of which the answers are pooled (--at-once)")]
