"""Classification: a text in, its label out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqtool.families.family import Family

FAMILY = Family(
    name="classification",
    verb="classify",
    summary="a text in, its label out",
    package=__name__,
    abilities=frozenset({"int8", "text_input"}),
    vocabularies=("encoder", "labels", "multi"),
    suffix=".tsv",
)

if TYPE_CHECKING:
    from seqtool.families.classification import config, data, export, model, pipe, report, runner, scores
    from seqtool.families.phases import hold

    hold(config, data, model, export, runner, report, scores, pipe)
