"""The picture of a beam search: a tree of hypotheses, one column a step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from seqtool.report.attention import width
from seqtool.report.plots import figure, save
from seqtool.report.tables import cut_middle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME = 14  # characters of a token
PAGE = 15.0  # inches; a longer search goes on in a band below
ROOM = 0.36  # of a column's width, on both sides of its middle, for a token; lines slant between these rooms
DROPPED, KEPT, BEST = "#9aa2a8", "#2b3238", "#0072b2"


class Node(NamedTuple):
    """A hypothesis: its last token, log p up to it, and the place of what it follows in the step before.

    kept: whether a hypothesis of the last beam begins with it; best: whether the answer does. score: at the last token
    of a hypothesis of the last beam, log p / length^penalty.
    """

    token: str
    log_p: float
    parent: int
    kept: bool
    best: bool
    score: float | None = None

    @property
    def colour(self) -> str:
        """The colour of its text, and of the line to it."""
        return BEST if self.best else KEPT if self.kept else DROPPED


def picture(steps: Sequence[Sequence[Node]], searched: int, path: Path) -> Path:
    """Draw the hypotheses behind each step, U lists of K at most; raises `MissingExtra` without matplotlib.

    searched: the number of steps of the search, of which the picture has the first U.
    """
    columns = [[Node("<s>", 0.0, 0, kept=True, best=True)], *steps]
    inches = 0.085 * max(width(_name(node)) for column in columns for node in column) + 0.6
    band = min(len(columns), max(2, int(PAGE / inches)))
    # the last column of a band is the first one of the next
    starts = range(0, max(1, len(columns) - 1), band - 1)
    tallest = max(map(len, columns))
    drawn, axes = figure(len(starts), height=0.42 * tallest + 0.3, width=max(6.0, band * inches))
    for axis, start in zip(axes, starts, strict=True):
        axis.set_axis_off()
        axis.set(xlim=(-0.5, band - 0.5), ylim=(tallest / 2, -tallest / 2))
        _band(axis, columns[start : start + band])
    whole = "" if searched == len(steps) else f"; the first {len(steps)} of {searched:,} steps"
    told = "below a token: log p so far; in brackets: score of the whole; bold: the translation; grey: dropped"
    drawn.supxlabel(told + whole, fontsize=8)
    return save(drawn, path)


def _band(axis: Axes, columns: Sequence[Sequence[Node]]) -> None:
    """Draw some columns, each around the middle of its axis."""
    places = [[row - (len(column) - 1) / 2 for row in range(len(column))] for column in columns]
    for x, column in enumerate(columns):
        for y, node in zip(places[x], column, strict=True):
            if x:
                above = places[x - 1][node.parent]
                across = [x - 1, x - 1 + ROOM, x - ROOM, x]
                thick = 2.0 if node.best else 0.9
                axis.plot(across, [above, above, y, y], color=node.colour, linewidth=thick, zorder=2 + node.best)
            _write(axis, x, y, node)


def _write(axis: Axes, x: float, y: float, node: Node) -> None:
    score = "" if node.score is None else f" ({node.score:.2f})"
    weight, behind = "bold" if node.best else "normal", {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    # No formulas: a token may be $.
    token = axis.text(x, y - 0.05, _name(node), ha="center", va="bottom", fontsize=9, color=node.colour, weight=weight)
    number = axis.text(x, y + 0.02, f"{node.log_p:.2f}{score}", ha="center", va="top", fontsize=7, color=node.colour)
    for text in (token, number):
        text.set(parse_math=False, bbox=behind, zorder=4)


def _name(node: Node) -> str:
    return cut_middle(node.token, NAME)
