"""Whether a sentence praises: a class for each line of text."""

from __future__ import annotations

from pathlib import Path

from seqtool import Task, hookimpl
from seqtool_sentiment.sources import SOURCES

SENTIMENT = Task(
    name="sentiment",
    summary="tell whether a text praises, or which class of your own it is of",
    family="classification",
    sources=SOURCES,
    examples=(
        "seqtool train sentiment",
        "seqtool train sentiment --data reviews.tsv",
        "seqtool train sentiment --preset umich-lstm",
    ),
    presets=Path(__file__).parent / "presets",
)


@hookimpl
def register_task() -> Task:
    """Give the task to seqtool."""
    return SENTIMENT
