"""Texts of strangers in messages."""

from __future__ import annotations


def printable(text: str, limit: int = 40) -> str:
    """Shorten a text and escape its control and bidi characters, to be shown in a message."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)
