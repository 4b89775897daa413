"""Cells that only marks and ends of lines part: cut in one piece, as csv would cut them row by row."""

from __future__ import annotations

from collections.abc import Iterable

Column = list[str | None]


def plain_columns(pieces: Iterable[str], mark: str) -> tuple[list[Column], int]:
    """Return the columns of the first whole lines of a text, and how many characters these are.

    They end before the piece in which something else has to be looked at: a quote, a blank in front of a cell, a row of
    another width than the first. A cell that comes again and again is one object: that takes less memory and time.
    """
    columns: list[Column] = []
    seen: list[dict[str, str]] = []
    read = 0
    for piece in pieces:
        width = len(columns) or piece.partition("\n")[0].count(mark) + 1
        cells = _cut(piece, mark, width)
        if not cells:
            break
        parts = [cells[place :: width + 1] for place in range(width)]
        if not columns:
            columns = [[] for _ in parts]
            seen = [{} for _ in parts]
            repeated = [2 * len(set(part)) <= len(part) for part in parts]
        for column, part, known, again in zip(columns, parts, seen, repeated, strict=True):
            column.extend(map(known.setdefault, part, part) if again else part)
        read += len(piece)
    return columns, read


def _cut(piece: str, mark: str, width: int) -> list[str]:
    """Return the cells of whole lines, a line's end behind those of each; [] where they are more than parted."""
    blanks = () if mark == "\t" else (mark + " ", "\n ")  # csv leaves blanks in front of a cell out, but none of tabs
    if width < 2 or piece.startswith(" ") or any(sign in piece for sign in ('"', "\r", "\0", *blanks)):
        return []
    lines = piece if piece.endswith("\n") else piece + "\n"
    cells = lines.replace("\n", f"{mark}\n{mark}").split(mark)
    cells.pop()  # behind the last line
    ends = cells[width :: width + 1]
    whole = len(ends) * (width + 1) == len(cells) and ends.count("\n") == len(ends) == lines.count("\n")
    return cells if whole else []
