"""The picture of a confusion matrix, and the table of its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.report.plots import figure, save
from seqtool.report.tables import columns, cut_middle, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seqtool.types import Floats, Ids

WITH_NUMBERS = 20  # classes up to which there is room for counts
MOST = 60  # classes, the most frequent ones
NAME = 18  # characters
TICKS = (0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1)
DARK = 0.3  # share of a cell on which white is easier to read than black
Classes = Mapping[str, Mapping[str, float | None]]
"""Class -> precision, recall, f1, count."""


def picture(matrix: Ids, names: Sequence[str], path: Path, title: str) -> Path:
    """Draw a matrix [C,C], the truth down and the answer across, as shares of each true class; return the path.

    A cell without records has no number: among zeros the mistakes would not be seen. Raises `MissingExtra` without
    matplotlib.
    """
    import numpy as np  # not at the top: `inspect` shows the table without it

    often = np.sort(np.argsort(-matrix.sum(axis=1), kind="stable")[:MOST])
    counts, labels = matrix[np.ix_(often, often)], [cut_middle(names[place], NAME) for place in often]
    # Of all answers, also those that are not drawn; a class without records divides by 1.
    shares = counts / np.maximum(1, matrix.sum(axis=1)[often, None])
    size = max(4.0, min(12.0, 2.0 + 0.45 * len(labels)))
    drawn, (axis,) = figure(height=size, width=size + 1.0)
    from matplotlib.colors import PowerNorm  # after `figure`, which says what lacks

    axis.grid(visible=False)
    # the root of a share: a mistake of one record in a hundred is to be seen
    image = axis.imshow(shares, cmap="Blues", norm=PowerNorm(0.5, 0, 1))
    drawn.colorbar(image, ax=axis, label="share of the true class", shrink=0.8, ticks=TICKS, format="%g")
    places, few = range(len(labels)), len(labels) <= WITH_NUMBERS
    turn, upright = (45, "top") if few else (90, "center")
    axis.set_xticks(places, labels, rotation=turn, rotation_mode="anchor", ha="right", va=upright, parse_math=False)
    axis.set_yticks(places, labels, parse_math=False)
    _lines_between(axis, len(labels))
    axis.set(title=title, xlabel="answer", ylabel="truth")
    if few:
        _write_counts(axis, counts, shares)
    return save(drawn, path)


def _lines_between(axis: Axes, classes: int) -> None:
    """Part the rows and the columns: the eye follows them to their names."""
    edges = [place - 0.5 for place in range(1, classes)]
    axis.set_xticks(edges, minor=True)
    axis.set_yticks(edges, minor=True)
    axis.tick_params(which="minor", length=0)
    axis.grid(which="minor", color="0.88", linewidth=0.5)
    axis.set_axisbelow(False)


def _write_counts(axis: Axes, counts: Ids, shares: Floats) -> None:
    """Write each count but zero into its cell."""
    size = 9 if counts.max() < 10_000 else 7  # a cell has room for five characters
    for row, column in zip(*counts.nonzero(), strict=True):
        color = "white" if shares[row, column] > DARK else "black"
        text = f"{counts[row, column]:,}"
        axis.text(column, row, text, ha="center", va="center", color=color, fontsize=size)


def class_table(
    classes: Classes, rival: str = "", of_rival: Classes | None = None, most: int = 60, noun: str = "records"
) -> list[str]:
    """Return a row for each class, the most frequent first: count, precision, recall and F1, all in percent.

    noun: what is counted. rival: whose figures stand behind them, `of_rival` of the same classes. Where classes have a
    `threshold`, the probability above which they are answered, it stands before them.
    """
    rows = sorted(classes.items(), key=lambda item: -(item[1]["count"] or 0))
    titles = ["precision %", "recall %", "F1 %"]
    above = ["above"] if any("threshold" in row for row in classes.values()) else []
    cells = [["class", noun, *above, *titles, *([f"{rival}: {titles[0]}", *titles[1:]] if of_rival else [])]]
    for name, row in rows[:most]:
        shown = [row, of_rival[name]] if of_rival else [row]
        shares = (_percent(figures[key]) for figures in shown for key in ("precision", "recall", "f1"))
        least = [f"{row['threshold'] or 0:.2f}"] if above else []
        cells.append([cut_middle(name, 40), number(row["count"]), *least, *shares])
    more = len(rows) - most
    return [*columns(cells), *([f"and {more} more classes"] if more > 0 else [])]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"
