"""How much of an answer is the network's and how much the linear part's: the likeliest mix on validation."""

from __future__ import annotations

import numpy as np

from seqtool.families.classification.encoders import Mix
from seqtool.types import Array, Floats, Ids

SHARES = np.arange(11) / 10
SCALES = 2 ** (np.arange(-16, 17) / 8)
LIKELY = 0.5
"""Standard deviation of the scale's logarithm before any text was seen: few texts would ask for a certain answer."""
LEAST = 1e-12


def likeliest(wide: Array, network: Array, gold: Ids, class_weights: Floats) -> Mix:
    """Return the mix of the least log loss over probabilities [N,C] of both parts; labels that training never had do
    not count."""
    known = np.flatnonzero(gold < wide.shape[1])
    first, second = (np.log(np.maximum(chances[known], LEAST)) for chances in (wide, network))
    weights, best, found = class_weights[gold[known]], np.inf, Mix(0.5, 1.0)
    for share in SHARES.tolist():
        logits = (1 - share) * first + share * second
        for scale in SCALES.tolist():
            nats = _nats(scale * logits, gold[known])
            loss = float((weights * nats).sum()) + 0.5 * (np.log(scale) / LIKELY) ** 2
            if loss < best:
                best, found = loss, Mix(share, scale)
    return found


def _nats(logits: Floats, gold: Ids) -> Floats:
    """Return -ln of the probability [N] of the true class, from logits [N,C]."""
    logits = logits - logits.max(axis=1, keepdims=True)
    nats: Floats = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(gold)), gold]
    return nats
