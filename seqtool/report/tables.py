"""Score tables as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align rows of cells: the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows
    ]


def forecast_scores(scores: Mapping[str, Any]) -> list[str]:
    """Return a forecaster's scores as lines: a table a horizon, then the verdict."""
    lines = [
        f"{scores['split']} split of {scores['data']}: {scores['from']} to {scores['to']}, {scores['origins']} origins"
    ]
    for horizon, rows in scores["horizons"].items():
        cells = [[f"horizon {horizon}", "RMSE", "MAE", "MASE", "sMAPE %", "skill"]]
        for name, row in rows.items():
            cells.append(
                [
                    name,
                    *(number(row[key]) for key in ("rmse", "mae", "mase", "smape")),
                    f"{row['skill']:+.3f}",
                ]
            )
        lines += ["", *columns(cells)]
    if len(scores["horizons"]) > 1:
        whole = ", ".join(f"{name} {number(rmse)}" for name, rmse in scores["path"].items())
        lines += ["", f"RMSE over the whole path: {whole}"]
    return [*lines, "", *scores["verdict"]]


def number(value: float) -> str:
    """Return a score as text: four digits, from a thousand on all before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def cut(text: str, room: int) -> str:
    """Return a text as one line of at most `room` characters."""
    line = text.replace("\n", "\\n").replace("\t", "\\t")
    return line if len(line) <= room else line[: room - 1] + "…"


def cut_middle(text: str, room: int) -> str:
    """Return a text as one line of at most `room` characters with both of its ends: names differ at the end."""
    line = cut(text, len(text) * 2)
    return line if len(line) <= room else f"{line[: (room - 1) // 2]}…{line[len(line) - room // 2 :]}"
