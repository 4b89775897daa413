"""Text made plainer, as a configuration asks, in training and in prompts: lower case, ASCII alone, lines joined."""

from __future__ import annotations

import unicodedata

PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013", "-"),
        **dict.fromkeys("\u2014\u2015", "--"),
        "\u2026": "...",
        "\u00c6": "AE", "\u00e6": "ae", "\u0152": "OE", "\u0153": "oe", "\u00df": "ss", "\u00d8": "O", "\u00f8": "o",
    }
)  # fmt: skip


def fold(text: str, *, lower: bool = False, ascii: bool = False) -> str:
    """Return a text in lower case, in ASCII: quotes and dashes plain, letters without accents, the rest left out."""
    if ascii:
        text = unicodedata.normalize("NFKD", text.translate(PLAIN)).encode("ascii", "ignore").decode("ascii")
    return text.lower() if lower else text  # last: NFKD makes capitals of signs such as ™


def join_lines(text: str) -> str:
    """Return the stripped lines of a text in one, a blank between two; empty lines go."""
    return " ".join(filter(None, map(str.strip, text.split("\n"))))
