"""The picture of where each token of a translation looked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from seqtool.report.plots import figure, save
from seqtool.report.tables import cut_middle

NAME = 18
MOST = 80
"""Tokens of a side that are drawn: more are not told apart, and a picture of thousands does not fit into memory."""


def picture(weights: Any, source: Sequence[str], target: Sequence[str], path: Path) -> Path:
    """Draw attention [U,T], the translation down and its source across; raises `MissingExtra` without matplotlib."""
    across, down = ([cut_middle(one, NAME) for one in side[:MOST]] for side in (source, target or ["(empty)"]))
    room = 0.12 * max(map(_width, across)) + 1.1  # inches below the axis, where the names lean
    width = max(4.5, 0.35 * len(across) + 2.5)
    made, (axis,) = figure(height=0.3 * max(len(down), 5) + room, width=width)
    axis.grid(visible=False)
    shown = [list(row[:MOST]) for row in weights[:MOST]] if len(target) else [[0.0] * len(across)]
    drawn = axis.imshow(shown, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    made.colorbar(drawn, ax=axis, label="share of the attention", shrink=0.8, fraction=0.7 / width, aspect=25, pad=0.02)
    axis.set_xticks(range(len(across)), across, rotation=60, ha="right", rotation_mode="anchor", parse_math=False)
    axis.set_yticks(range(len(down)), down, parse_math=False)
    axis.set(xlabel=_side("source", source), ylabel=_side("translation", target))
    return save(made, path)


def _side(name: str, tokens: Sequence[str]) -> str:
    return name if len(tokens) <= MOST else f"{name} (the first {MOST} of {len(tokens):,} tokens)"


def _width(name: str) -> int:
    """Return how many columns a name takes: Chinese, Japanese and Korean characters are twice as wide."""
    return sum(1 + (east_asian_width(one) in "WF") for one in name)
