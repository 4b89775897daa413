"""The picture of where each token of a translation looked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from seqtool.report.plots import figure, save
from seqtool.report.tables import cut_middle

if TYPE_CHECKING:
    from seqtool.types import Singles

NAME = 18  # characters
MOST = 80  # tokens of a side: nobody can read more, and a picture of thousands does not fit into memory


def picture(weights: Singles, source: Sequence[str], target: Sequence[str], path: Path) -> Path:
    """Draw attention [U,T], the translation down and its source across; raises `MissingExtra` without matplotlib."""
    across, down = ([cut_middle(token, NAME) for token in side[:MOST]] for side in (source, target or ["(empty)"]))
    room = 0.12 * max(map(width, across)) + 1.1  # inches below the axis, for the slanted names
    inches = max(4.5, 0.35 * len(across) + 2.5)
    drawn, (axis,) = figure(height=0.3 * max(len(down), 5) + room, width=inches)
    axis.grid(visible=False)
    shown = [list(row[:MOST]) for row in weights[:MOST]] if len(target) else [[0.0] * len(across)]
    image = axis.imshow(shown, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    drawn.colorbar(
        image, ax=axis, label="share of the attention", shrink=0.8, fraction=0.7 / inches, aspect=25, pad=0.02
    )
    # No formulas: a token may be $.
    axis.set_xticks(range(len(across)), across, rotation=60, ha="right", rotation_mode="anchor", parse_math=False)
    axis.set_yticks(range(len(down)), down, parse_math=False)
    axis.set(xlabel=_side("source", source), ylabel=_side("translation", target))
    return save(drawn, path)


def _side(name: str, tokens: Sequence[str]) -> str:
    return name if len(tokens) <= MOST else f"{name} (the first {MOST} of {len(tokens):,} tokens)"


def width(name: str) -> int:
    """Return the width of a token in characters: Chinese, Japanese and Korean ones are twice as wide."""
    return len(name) + sum(east_asian_width(character) in "WF" for character in name)
