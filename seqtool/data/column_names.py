"""What looks like the name of a column."""

from __future__ import annotations

import re

LONGEST, WORDS = 30, 2  # characters and words of a name
_SENTENCE = re.compile(r"[.?!\u2026\u3002\uff01\uff1f]$|[,;:\"\u201c-\u201e\u00ab\u00bb]")


def is_name(cell: str, words: int = WORDS) -> bool:
    """Tell whether a cell may be a name: short, of few words, with letters, and without the marks of a sentence."""
    short = len(cell) <= LONGEST and len(cell.split()) <= words
    return short and any(map(str.isalpha, cell)) and _SENTENCE.search(cell) is None
