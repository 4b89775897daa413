"""Beginnings, endings and shapes of words: what the characters of an alphabet are to them, and their sizes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.data.encoders.vocabulary import FIRST, PAD, Vocabulary
from seqtool.data.grams import FACTOR, PRIME
from seqtool.types import Ids

LONGEST = 4
"""Characters of the longest beginning and ending."""
RUNS = 8
"""Runs of one kind of character in a shape: `Xxd` for `Ab12`."""
FEATURES = 2 * LONGEST + 1
LEAST_BITS, MOST_BITS = 8, 16
"""The table has two to the power of these rows, at least and at most."""
UPPER, LOWER, DIGIT, LETTER, MARKS = 1, 2, 3, 4, 5
"""Kinds of characters in a shape; other characters have kinds of their own, from MARKS on."""
RUN_FACTORS = np.array([pow(FACTOR, power, PRIME) for power in range(RUNS)], dtype=np.int64)


def folded(alphabet: Sequence[str]) -> Ids:
    """Return the id [A] of each character of an alphabet in lower case, its own where the alphabet lacks that."""
    ids = {character: number for number, character in enumerate(alphabet) if number >= FIRST}
    return np.array([ids.get(character.lower(), number) for number, character in enumerate(alphabet)], dtype=np.int64)


def kinds(alphabet: Sequence[str]) -> Ids:
    """Return the kind [A] of each character of an alphabet; PAD has none, and unknown ones one in common."""

    def kind(number: int, character: str) -> int:
        if number == PAD:
            return 0
        if character.isalpha():
            return UPPER if character.isupper() else LOWER if character.islower() else LETTER
        return DIGIT if character.isdigit() else MARKS + number

    return np.array([kind(number, character) for number, character in enumerate(alphabet)], dtype=np.int64)


def buckets(forms: Vocabulary) -> int:
    """Return the rows of a table for the affixes of words: about as many as there are different ones."""
    different = {word[:count] for word in forms.tokens for count in range(1, LONGEST + 1)}
    endings = {word[-count:] for word in forms.tokens for count in range(1, LONGEST + 1)}
    return 1 << min(MOST_BITS, max(LEAST_BITS, (len(different) + len(endings) - 1).bit_length()))
