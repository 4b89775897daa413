"""A language model of your own text, sampled symbol by symbol."""

from __future__ import annotations

from pathlib import Path

from seqtool import Task, hookimpl
from seqtool_chargen.sources import SOURCES

CHARGEN = Task(
    name="chargen",
    summary="learn a text and continue it, by characters, bytes, bigrams, words or pieces",
    family="generation",
    sources=SOURCES,
    examples=(
        "seqtool train chargen",
        "seqtool train chargen --data book.txt",
        "seqtool train chargen --preset grimm-rnncf",
    ),
    presets=Path(__file__).parent / "presets",
)


@hookimpl
def register_task() -> Task:
    """Give the task to seqtool."""
    return CHARGEN
