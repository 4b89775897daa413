"""What a cell beside the values of a series says: one rule for tables and for lines of a stream."""

from __future__ import annotations

from collections.abc import Collection

from seqtool.data.reading import CATEGORY, Kind, Reading

YES = frozenset({"true", "yes", "y", "t", "ja", "wahr", "oui", "vrai", "si", "sí", "verdadero", "vero", "sim"})
NO = frozenset({"false", "no", "n", "f", "nein", "falsch", "non", "faux", "falso", "não", "nao"})


def marks_of(kind: Kind, reading: Reading) -> frozenset[str]:
    """Return what stands for a missing value; of a category a word such as none is a level, unless a person says so."""
    if kind == CATEGORY:
        return frozenset(mark.strip().casefold() for mark in reading.missing)
    return reading.written.missing


def text_of(cell: str | None, missing: Collection[str]) -> str:
    """Return the text of a cell, "" for a missing one."""
    text = "" if cell is None else cell.strip()
    if text.endswith(".0") and text[:-2].isdecimal():
        text = text[:-2]  # a code, or a flag, of a frame with missing values
    return "" if text.casefold() in missing else text


def flag_of(text: str) -> float | None:
    """Return the flag that a text of `text_of` says, NaN for none; None for a word that is neither yes nor no."""
    word = text.casefold()
    if word in YES or word == "1":
        return 1.0
    if word in NO or word == "0":
        return 0.0
    return None if word else float("nan")
