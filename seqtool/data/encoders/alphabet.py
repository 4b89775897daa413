"""The characters of a text: which there are, as numbers, and as words for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError

MOST_CHARACTERS = 10_000
"""Different characters of a text; Chinese has about 5,000 in use, a text read in a wrong encoding has more."""


def alphabet(text: str) -> tuple[str, ...]:
    """Return the different characters of a text, in order; raises `DataError` where they are too many or one."""
    found = tuple(sorted(set(text)))
    if len(found) > MOST_CHARACTERS:
        raise DataError(
            f"the training text has {len(found):,} different characters, more than {MOST_CHARACTERS:,}",
            where=f"among them {shown(dict.fromkeys(found[-5:], 1))}",
            cure="is the file text, in UTF-8? convert it, or use --encoder bytes",
        )
    if len(found) < 2:
        raise DataError(
            "the training text is empty" if not found else f"the training text is {found[0]!r} again and again",
            cure="give a longer text",
        )
    return found


def code_points(text: str) -> NDArray[np.int64]:
    """Return the code points [T] of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)


def shown(counts: Mapping[str, int], most: int = 8) -> str:
    r"""Return counted characters as words, those that cannot be printed spelled out: `'é' (U+00E9) 3 times`."""
    named = [f"{one!r} (U+{ord(one):04X}){_times(count)}" for one, count in _first(counts.items(), most)]
    more = len(counts) - most
    return ", ".join(named) + (f" and {more:,} others" if more > 0 else "")


def _times(count: int) -> str:
    return f" {count:,} times" if count > 1 else ""


def _first(items: Iterable[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    return sorted(items, key=lambda item: (-item[1], item[0]))[:most]
