"""Translation: a sentence of one language in, a sentence of another out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqtool.families.family import Family

FAMILY = Family(
    name="translation",
    verb="translate",
    summary="a sentence of one language in, a sentence of another out",
    package=__name__,
    abilities=frozenset({"int8", "sampling", "attention"}),
    vocabularies=("joint", "source", "target"),
    suffix=".tsv",
    sides=True,
)

if TYPE_CHECKING:
    from seqtool.families.phases import hold
    from seqtool.families.translation import config, data, export, model, pipe, report, runner, scores

    hold(config, data, model, export, runner, report, scores, pipe)
