"""The picture of a confusion matrix, and the table of its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.report.plots import figure, save
from seqtool.report.tables import columns, cut_middle, number

if TYPE_CHECKING:
    from seqtool.types import Ids

WITH_NUMBERS = 20  # classes up to which there is room for counts
MOST = 60  # classes, the most frequent ones
NAME = 18  # characters
Classes = Mapping[str, Mapping[str, float | None]]
"""Class -> precision, recall, f1, count."""


def picture(matrix: Ids, names: Sequence[str], path: Path, title: str) -> Path:
    """Draw a matrix [C,C], the truth down and the answer across, as shares of each true class; return the path.

    Raises `MissingExtra` without matplotlib.
    """
    import numpy as np  # not at the top: `inspect` shows the table without it

    often = np.sort(np.argsort(-matrix.sum(axis=1), kind="stable")[:MOST])
    counts, labels = matrix[np.ix_(often, often)], [cut_middle(names[place], NAME) for place in often]
    # Of all answers, also those that are not drawn; a class without records divides by 1.
    shares = counts / np.maximum(1, matrix.sum(axis=1)[often, None])
    size = max(4.0, min(12.0, 2.0 + 0.45 * len(labels)))
    drawn, (axis,) = figure(height=size, width=size + 1.0)
    axis.grid(visible=False)
    image = axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    drawn.colorbar(image, ax=axis, label="share of the true class", shrink=0.8)
    places = range(len(labels))
    axis.set_xticks(places, labels, rotation=45 if len(labels) <= WITH_NUMBERS else 90, ha="right", parse_math=False)
    axis.set_yticks(places, labels, parse_math=False)
    axis.set(title=title, xlabel="answer", ylabel="truth")
    if len(labels) <= WITH_NUMBERS:
        for (row, column), count in np.ndenumerate(counts):
            color = "white" if shares[row, column] > 0.5 else "black"  # readable on the dark end of the scale
            axis.text(column, row, f"{count:,}", ha="center", va="center", color=color, fontsize=9)
    return save(drawn, path)


def class_table(classes: Classes, rival: str = "", of_rival: Classes | None = None, most: int = 60) -> list[str]:
    """Return a row for each class, the most frequent first: count, precision, recall and F1, all in percent.

    rival: whose figures stand behind them, `of_rival` of the same classes.
    """
    rows = sorted(classes.items(), key=lambda item: -(item[1]["count"] or 0))
    titles = ["precision %", "recall %", "F1 %"]
    cells = [["class", "records", *titles, *([f"{rival}: {titles[0]}", *titles[1:]] if of_rival else [])]]
    for name, row in rows[:most]:
        shown = [row, of_rival[name]] if of_rival else [row]
        shares = (_percent(figures[key]) for figures in shown for key in ("precision", "recall", "f1"))
        cells.append([cut_middle(name, 40), number(row["count"]), *shares])
    more = len(rows) - most
    return [*columns(cells), *([f"and {more} more classes"] if more > 0 else [])]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"
