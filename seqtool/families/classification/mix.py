"""How much of an answer is the network's and how much the linear part's: the likeliest mix on validation."""

from __future__ import annotations

import numpy as np

from seqtool.families.classification import several
from seqtool.families.classification.encoders import Mix
from seqtool.types import Array, Floats, Ids

SHARES = np.arange(11) / 10
SCALES = 2 ** (np.arange(-16, 17) / 8)
LIKELY = 0.5
"""Standard deviation of the scale's logarithm before any text was seen: few texts would ask for a certain answer."""
LEAST = 1e-12


def likeliest(wide: Array, network: Array, gold: Array, class_weights: Floats) -> Mix:
    """Return the mix of the least log loss over probabilities [N,C] of both parts; gold: as in `TextPart`.

    Labels that training never had do not count.
    """
    if gold.ndim == 2:  # each of several labels is a question of its own
        gold, class_weights = several.questions(gold, wide.shape[1]), np.ones(2)
        wide, network = several.pairs(wide), several.pairs(network)
    known = np.flatnonzero(gold < wide.shape[1])
    first, second = (np.log(np.maximum(chances[known], LEAST)) for chances in (wide, network))
    tried = ((scaled((1 - share) * first + share * second, gold[known], class_weights), share) for share in SHARES)
    (_, scale), share = min(tried)
    return Mix(float(share), scale)


def joined(mix: Mix, wide: Array, network: Array) -> Floats:
    """Return the probabilities [N,C] of several labels that a mix of both parts' [N,C] gives."""
    first, second = (_logit(chances) for chances in (wide, network))
    logits = mix.scale * ((1 - mix.share) * first + mix.share * second)
    whole: Floats = 1 / (1 + np.exp(-logits))
    return whole


def _logit(chances: Array) -> Floats:
    sure = np.clip(chances.astype(np.float64), LEAST, 1 - LEAST)
    logits: Floats = np.log(sure) - np.log1p(-sure)
    return logits


def scaled(logits: Floats, gold: Ids, class_weights: Floats) -> tuple[float, float]:
    """Return the least loss of logits [N,C] over the scales, and its scale."""
    weights = class_weights[gold]
    return min(
        (float((weights * _nats(scale * logits, gold)).sum() + 0.5 * (np.log(scale) / LIKELY) ** 2), float(scale))
        for scale in SCALES
    )


def _nats(logits: Floats, gold: Ids) -> Floats:
    """Return -ln of the probability [N] of the true class, from logits [N,C]."""
    logits = logits - logits.max(axis=1, keepdims=True)
    nats: Floats = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(gold)), gold]
    return nats
