"""Whether blanks part the words of texts: one rule for all who ask."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.data.languages import SOLID

MOST_LOOKED = 1000
"""Texts that are looked at, evenly spread."""
LONGEST = 2
"""Times the length of the median text: of a longer one so much is looked at, so that few long texts decide nothing."""
FEWEST_BLANKS = 1 / 20
"""Of the characters: texts with fewer have words of 20 characters, or are a word each."""
SHARE = 1 / 4
"""Of the letters, Chinese characters counted twice: so many of scripts without blanks make it a script of the texts."""
CLAUSE = 5
"""Letters, counted so, of what stands between blanks: words have fewer than four on average, clauses many more."""
_BLANKS = re.compile(r"[\s\u200b]+")
_HAN = "\u3400"


def unspaced(texts: Sequence[str]) -> bool:
    """Return whether no blanks part the words of texts, as in Chinese, Japanese, Thai, Khmer, and in lists of names.

    Texts of such a script whose words somebody parted by blanks are no such texts.
    """
    looked = [*filter(None, map(str.strip, texts[:: max(1, len(texts) // MOST_LOOKED)]))]
    lengths = sorted(map(len, looked))
    most = LONGEST * lengths[(len(lengths) - 1) // 2] if lengths else 0
    cut = [[part for part in _BLANKS.split(text[:most]) if part] for text in looked]
    return _has_few_blanks(cut) or _has_clauses([part for parts in cut for part in parts])


def _has_few_blanks(cut: Sequence[Sequence[str]]) -> bool:
    """Return whether blanks are few in texts, each cut into what stands between blanks."""
    blanks = sum(len(parts) - 1 for parts in cut if parts)
    return blanks < FEWEST_BLANKS * (blanks + sum(len(part) for parts in cut for part in parts))


def _has_clauses(parts: Sequence[str]) -> bool:
    """Return whether what stands between blanks is clauses of a script without them, not words."""
    counts = [count for part in parts if (count := sum(map(_weight, SOLID.findall(part))))]
    others = sum(letter.isalpha() and not SOLID.match(letter) for part in parts for letter in part)
    return bool(counts) and sum(counts) >= max(SHARE * (sum(counts) + others), CLAUSE * len(counts))


def _weight(letter: str) -> int:
    """Return how much a letter counts: a Chinese character says about what two letters of Thai do, a mark nothing."""
    return (2 if letter >= _HAN else 1) if letter.isalpha() else 0
