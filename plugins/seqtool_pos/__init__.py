"""The part of speech of each word of a sentence."""

from __future__ import annotations

from pathlib import Path

from seqtool import Task, hookimpl
from seqtool_pos.sources import SOURCES

POS = Task(
    name="pos",
    summary="tag each word of a sentence, by upos or xpos, from CoNLL-U or word/TAG",
    family="tagging",
    sources=SOURCES,
    examples=(
        "seqtool train pos",
        "seqtool train pos --field xpos",
        "seqtool train pos --preset treebank-gru",
    ),
    presets=Path(__file__).parent / "presets",
)


@hookimpl
def register_task() -> Task:
    """Give the task to seqtool."""
    return POS
