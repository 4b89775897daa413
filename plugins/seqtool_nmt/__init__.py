"""A sentence of one language in, its translation out."""

from __future__ import annotations

from pathlib import Path

from seqtool import Task, hookimpl
from seqtool_nmt.sources import SOURCES

NMT = Task(
    name="nmt",
    summary="translate sentences, learnt from two parallel files or a table of pairs",
    family="translation",
    sources=SOURCES,
    examples=(
        "seqtool train nmt --source multi30k",
        "seqtool train nmt --src de.txt --tgt en.txt",
        "seqtool train nmt --source tatoeba-fr",
    ),
    presets=Path(__file__).parent / "presets",
)


@hookimpl
def register_task() -> Task:
    """Give the task to seqtool."""
    return NMT
