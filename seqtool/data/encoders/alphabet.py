"""The characters of a text: the set of them, their code points, and a readable list of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seqtool.errors import DataError
from seqtool.say import counted
from seqtool.types import Ids

MOST_CHARACTERS = 10_000  # Chinese has about 5,000 in use, a text read in a wrong encoding has more


def alphabet(text: str) -> tuple[str, ...]:
    """Return the different characters of a text, in order; raises `DataError` where they are too many or one."""
    characters = tuple(sorted(set(text)))
    if len(characters) > MOST_CHARACTERS:
        raise DataError(
            f"the training text has {len(characters):,} different characters, more than {MOST_CHARACTERS:,}",
            where=f"among them {shown(dict.fromkeys(characters[-5:], 1))}",
            cure="is the file text, in UTF-8? convert it, or use --encoder bytes",
        )
    if len(characters) < 2:
        what = f"the training text is {characters[0]!r} again and again" if characters else "the training text is empty"
        raise DataError(what, cure="give a longer text")
    return characters


def code_points(text: str) -> Ids:
    """Return the code points [T] of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)


def shown(counts: Mapping[str, int], most: int = 8) -> str:
    """Return counted characters for people, the most frequent first: `'é' (U+00E9) 3 times`."""
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    named = [f"{char!r} (U+{ord(char):04X})" + (f" {count:,} times" if count > 1 else "") for char, count in first]
    more = len(counts) - most
    return ", ".join(named) + (f" and {counted(more, 'other')}" if more > 0 else "")
