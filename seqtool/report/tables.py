"""Score tables as plain text."""

from __future__ import annotations

from collections.abc import Sequence


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align rows of cells: the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows
    ]


def number(value: float | None) -> str:
    """Return a score as text with four digits, or all before the point; a dash where it is not known."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # %g would write 1e+04


def cut(text: str, room: int) -> str:
    """Return a text as one line of at most `room` characters."""
    line = text.replace("\n", "\\n").replace("\t", "\\t")
    return line if len(line) <= room else line[: room - 1] + "…"


def cut_middle(text: str, room: int) -> str:
    """Return a text as one line of at most `room` characters that keeps both ends: names of runs differ at the end."""
    line = cut(text, 2 * len(text))  # escaped, not cut: each character becomes two at most
    return line if len(line) <= room else f"{line[: (room - 1) // 2]}…{line[len(line) - room // 2 :]}"
