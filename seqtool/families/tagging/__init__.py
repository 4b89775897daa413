"""Tagging: a sentence in, a tag for each of its words out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqtool.families.family import Family

FAMILY = Family(
    name="tagging",
    verb="tag",
    summary="a sentence in, a tag for each of its words out",
    package=__name__,
    abilities=frozenset({"int8", "text_input"}),
    vocabularies=("words", "characters", "tags", "more_tags"),
    suffix=".conllu",
)

if TYPE_CHECKING:
    from seqtool.families.phases import hold
    from seqtool.families.tagging import config, data, export, model, pipe, report, runner, scores

    hold(config, data, model, export, runner, report, scores, pipe)
