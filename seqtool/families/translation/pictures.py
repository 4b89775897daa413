"""The picture of BLEU by length of the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqtool.report.plots import FORECAST, figure, save
from seqtool.report.translation_scores import span


def lengths_picture(rows: Sequence[Mapping[str, Any]], path: Path, title: str) -> Path:
    """Draw `lengths` of the scores, a bar a row with its number of pairs; raises `MissingExtra` without matplotlib."""
    made, (axis,) = figure()
    names = [span(row) for row in rows]
    bars = axis.bar(names, [row["bleu"] for row in rows], color=FORECAST)
    axis.bar_label(bars, [f"{row['pairs']:,}" for row in rows], fontsize=9)
    axis.set(title=title, xlabel="words of the source (above the bars: pairs)", ylabel="BLEU")
    return save(made, path)
