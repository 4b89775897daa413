"""Counting: a line of text in, a number out. Two features of a line and a linear layer: a family, not a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqtool.families.family import Family

FAMILY = Family(
    name="counting",
    verb="count",
    summary="a text in, a number out",
    package=__name__,
    suffix=".tsv",
)

if TYPE_CHECKING:
    from seqtool.families.phases import hold
    from seqtool_toy import config, data, export, model, pipe, report, runner, scores

    hold(config, data, model, export, runner, report, scores, pipe)
