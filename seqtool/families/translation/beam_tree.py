"""The tree of hypotheses that a search went through, asked of the file itself: numpy and ONNX Runtime only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from seqtool.data.encoders.vocabulary import EOS
from seqtool.report.beam_tree import Node

if TYPE_CHECKING:
    from seqtool.families.translation.search import Graph, Request, Source
    from seqtool.types import Ids, Singles

    Sequence = tuple[int, ...]

MOST = 80  # steps: nobody can read more


def beam_tree(
    graph: Graph, source: Source, request: Request, name: Callable[[int], str]
) -> tuple[list[list[Node]], int]:
    """Return the hypotheses in the beam after each step, `MOST` steps at most, and how many steps there were.

    Those that follow the same one stand together, the likeliest first, in the order of what they follow.
    """
    ids, scores = graph.beam(source.ids, source.prefix, request)
    last = dict(_hypotheses(ids, scores))
    answer, begun = next(iter(last)), {whole[:end] for whole in last for end in range(len(whole) + 1)}
    steps: list[list[Node]] = []
    before: dict[Sequence, int] = {(): 0}
    for number in range(1, min(ids.shape[1], MOST) + 1):
        # a search that must end after this step is the same up to it, and its scores without penalty are log p
        stopped = graph.beam(source.ids, source.prefix, replace(request, length_penalty=0.0, max_length=number))
        # shorter ones ended at a step before, where they stand already
        grown = [(whole, log_p) for whole, log_p in _hypotheses(*stopped) if len(whole) == number]
        grown.sort(key=lambda pair: before[pair[0][:-1]])
        steps.append([
            Node(name(whole[-1]), log_p, before[whole[:-1]], whole in begun, whole == answer[:number], last.get(whole))
            for whole, log_p in grown
        ])  # fmt: skip
        before = {whole: place for place, (whole, _) in enumerate(grown)}
    return steps, ids.shape[1]


def _hypotheses(ids: Ids, scores: Singles) -> Iterator[tuple[Sequence, float]]:
    """Yield sequences up to their EOS and their scores; where there are fewer than K, the others have -inf."""
    for row, score in zip(ids.tolist(), scores.tolist(), strict=True):
        if score > -np.inf:
            yield tuple(row[: row.index(EOS) + 1] if EOS in row else row), score
