"""Score tables as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_SERIES = 8


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align rows of cells: the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows
    ]


def forecast_scores(scores: Mapping[str, Any]) -> list[str]:
    """Return a forecaster's scores as lines: a table a horizon and one of the whole path, then the verdict."""
    origins = f"{scores['origins']} origins"
    if scores.get("stride", 1) > 1:
        origins += f", one every {scores['stride']} steps"
    lines = [f"{scores['split']} split of {scores['data']}: {scores['from']} to {scores['to']}, {origins}"]
    if scores.get("refit"):
        lines.append("refitted: model and autoregression were trained again on the training and validation part")
    loss = scores.get("wql", {"horizons": {}})
    for horizon, rows in scores["horizons"].items():
        lines += ["", *_measures(f"horizon {horizon}", rows, loss["horizons"].get(horizon))]
    if len(scores["horizons"]) > 1:
        lines += ["", *_measures("whole path", scores["whole"], loss.get("path"))]
    if len(scores["series"]) > 1:
        lines += ["", *_each_series(scores["series"], scores["best_baseline"])]
    if scores.get("coverage"):
        lines += ["", *_coverage(scores["coverage"], scores["split"])]
    return [*lines, "", *scores["verdict"]]


def forecast_brief(scores: Mapping[str, Any]) -> list[str]:
    """Return the gist of a forecaster's scores: what they were measured on, a line a horizon, the verdict."""
    best = scores["best_baseline"]
    span = f"{scores['from']} to {scores['to']}, {scores['origins']:,} origins"
    lines = [f"{scores['split']} split of {scores['data']}: {span}"]
    for horizon, row in scores["horizons"].items():
        model, baseline = row["model"]["rmse"], row[best]["rmse"]
        lines.append(f"horizon {horizon}: RMSE {model:,.6g}, {best} {baseline:,.6g}")
    return [*lines, *scores["verdict"]]


def _measures(title: str, rows: Mapping[str, Mapping[str, float | None]], loss: float | None) -> list[str]:
    """Return a table of forecasters; the weighted quantile loss is the model's alone."""
    cells = [[title, "RMSE", "MAE", "MASE", "sMAPE %", "skill"]]
    for name, row in rows.items():
        cells.append([name, *(number(row[key]) for key in ("rmse", "mae", "mase", "smape")), _signed(row["skill"])])
    if loss is not None:
        added = ["WQL", number(loss), *["-"] * (len(rows) - 1)]
        cells = [[*line, cell] for line, cell in zip(cells, added, strict=True)]
    return columns(cells)


def _each_series(series: Mapping[str, Mapping[str, Mapping[str, float | None]]], best: str) -> list[str]:
    """Return a row a series over the whole path, `MOST_SERIES` at most, then a count of the others."""
    cells = [["series, whole path", "RMSE", f"{best} RMSE", "MASE", "skill"]]
    for name, rows in list(series.items())[:MOST_SERIES]:
        model = rows["model"]
        errors = [number(one["rmse"]) for one in (model, rows[best])]
        cells.append([cut_middle(name, 40), *errors, number(model["mase"]), _signed(model["skill"])])
    more = len(series) - MOST_SERIES
    return [*columns(cells), *([f"and {more} more series"] if more > 0 else [])]


def _coverage(coverage: Mapping[str, Mapping[str, Any]], split: str) -> list[str]:
    """Return a line an interval; on validation, where the intervals were fitted, it could hardly be otherwise."""
    which = "the truth it was fitted to" if split == "validation" else "the truth"
    lines = []
    for nominal, shares in coverage.items():
        at = ", ".join(f"horizon {horizon} {_percent(share)}" for horizon, share in shares["horizons"].items())
        lines.append(f"{100 * float(nominal):g} % interval: covers {_percent(shares['path'])} of {which} ({at})")
    return lines


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.3f}"


def number(value: float | None) -> str:
    """Return a score as text: four digits, from a thousand on all before the point; a dash where it is not known."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def cut(text: str, room: int) -> str:
    """Return a text as one line of at most `room` characters."""
    line = text.replace("\n", "\\n").replace("\t", "\\t")
    return line if len(line) <= room else line[: room - 1] + "…"


def cut_middle(text: str, room: int) -> str:
    """Return a text as one line of at most `room` characters with both of its ends: names differ at the end."""
    line = cut(text, len(text) * 2)
    return line if len(line) <= room else f"{line[: (room - 1) // 2]}…{line[len(line) - room // 2 :]}"
