"""The picture of where each token of a translation looked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqtool.report.plots import figure, save
from seqtool.report.tables import cut_middle

NAME = 18


def picture(weights: Any, source: Sequence[str], target: Sequence[str], path: Path) -> Path:
    """Draw attention [U,T], the translation down and its source across; raises `MissingExtra` without matplotlib."""
    rows = [*target] or ["(empty)"]
    made, (axis,) = figure(height=max(3.0, 0.3 * len(rows) + 1.5), width=max(4.5, 0.35 * len(source) + 2.5))
    axis.grid(visible=False)
    shown = axis.imshow(weights if len(target) else [[0.0] * len(source)], cmap="Blues", vmin=0, vmax=1, aspect="auto")
    made.colorbar(shown, ax=axis, label="share of the attention", shrink=0.8)
    names = [cut_middle(one, NAME) for one in source]
    axis.set_xticks(range(len(source)), names, rotation=60, ha="right", parse_math=False)
    axis.set_yticks(range(len(rows)), [cut_middle(one, NAME) for one in rows], parse_math=False)
    axis.set(xlabel="source", ylabel="translation")
    return save(made, path)
