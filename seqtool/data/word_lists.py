"""Cells that hold the words of a text as a list, as JSON and Python write it: `["so", "good"]`."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence


def joined_words(cells: Sequence[str | None]) -> list[str | None] | None:
    """Return the texts of cells that are all lists of words, a blank between the words; None where one is none."""
    full = [cell for cell in cells if cell]
    if not full or not all((cell[0], cell[-1]) == ("[", "]") for cell in full):
        return None
    texts: list[str | None] = []
    for cell in cells:
        words = _words(cell) if cell else []
        if words is None:
            return None
        texts.append(" ".join(words))
    return texts


def _words(cell: str) -> list[str] | None:
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return value if isinstance(value, list) and all(isinstance(word, str) for word in value) else None
    return None
