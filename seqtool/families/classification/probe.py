"""Inputs for the check of an export: several shapes, ragged, with columns of padding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.families.classification.decision import answers
from seqtool.families.classification.reading import UNKNOWN
from seqtool.graph.check import Case

SHAPES = ((1, 7, 0), (4, 9, 2), (3, 1, 0), (5, 40, 1))
"""Batch, length of the longest text, columns of padding behind it."""


def probe(network: Any) -> list[Case]:
    """Return cases of four batch sizes and lengths with the network's own answers."""
    rng = np.random.default_rng(0)
    return [_case(network, rng, *shape) for shape in SHAPES]


def _case(network: Any, rng: np.random.Generator, batch: int, longest: int, padding: int) -> Case:
    from seqtool.families.classification.objective import predictor_of

    tokens = rng.integers(0, network.vocabulary, (batch, longest + padding))
    lengths = rng.integers(1, longest + 1, batch)
    lengths[0] = longest
    network.eval()
    alone = [predictor_of(network)([row[:length]]) for row, length in zip(tokens, lengths, strict=True)]
    feeds: dict[str, NDArray[Any]] = {"tokens": tokens, "lengths": lengths.astype(np.int32)}
    return Case(feeds, {"probabilities": np.concatenate(alone)}, {"probabilities": np.ones(1)})


def text_probe(network: Any, words: Vocabulary, labels: Labels) -> list[Case]:
    """Return cases of texts with the network's own answers: known words, unknown ones, and none at all."""
    rng = np.random.default_rng(0)
    return [_text_case(network, rng, words, labels, *shape[:2]) for shape in SHAPES]


def _text_case(
    network: Any, rng: np.random.Generator, words: Vocabulary, labels: Labels, batch: int, longest: int
) -> Case:
    from seqtool.families.classification.objective import predictor_of

    known = (*words.tokens, UNKNOWN)
    texts = [
        [known[place] for place in rng.integers(0, len(known), rng.integers(1, longest + 1))] for _ in range(batch)
    ]
    texts[-1] = texts[-1] if batch == 1 else []
    ids = [words.encode(text or [UNKNOWN]) for text in texts]
    network.eval()
    feeds: dict[str, NDArray[Any]] = {"text": np.array([" ".join(text) for text in texts], dtype=object)}
    chances = np.concatenate([predictor_of(network)([one]) for one in ids])
    names = labels.decode(answers(chances, network.config.threshold))
    found = {"probabilities": chances, "label": np.array(names, dtype=object)}
    return Case(feeds, found, {"probabilities": np.ones(1)})
