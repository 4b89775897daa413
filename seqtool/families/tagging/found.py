"""The entities of a tagged sentence, and how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from seqtool.data.entities import Scheme, spans


class Entity(NamedTuple):
    """An entity: its kind, the words `start` to `end` of a sentence, `end` is not one of them, and its probability."""

    kind: str
    start: int
    end: int
    score: float


def entities(tags: Sequence[str], scores: Sequence[float], scheme: Scheme | None = None) -> list[Entity]:
    """Return the entities of the tags [T] of a sentence, in order; scores: the tags' probabilities [T]."""
    return [Entity(*span, sureness(scores[span.start : span.end])) for span in spans(tags, scheme)]


def sureness(scores: Sequence[float]) -> float:
    """Return the probability of an entity whose words' tags have these."""
    return prod(scores)  # as if its words were independent of each other
