"""The sample: words of random letters and how many vowels they have."""

from __future__ import annotations

import random


def sample() -> bytes:
    dice = random.Random(0)
    words = ["".join(dice.choices("abcdefghijklmnoprstuw", k=dice.randint(1, 12))) for _ in range(400)]
    return "".join(f"{sum(letter in 'aeiou' for letter in word)}\t{word}\n" for word in words).encode()
