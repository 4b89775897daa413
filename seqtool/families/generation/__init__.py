"""Generation: a text in, its continuation out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqtool.families.family import Family

FAMILY = Family(
    name="generation",
    verb="generate",
    summary="a text in, its continuation out",
    package=__name__,
    abilities=frozenset({"int8"}),
    vocabularies=("encoder",),
    suffix=".txt",
    folders="*.txt *.md",
    records=False,
)

if TYPE_CHECKING:
    from seqtool.families.generation import config, data, export, model, pipe, report, runner, scores
    from seqtool.families.phases import hold

    hold(config, data, model, export, runner, report, scores, pipe)
