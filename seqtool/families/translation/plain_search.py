"""A source translated by the network in PyTorch, step by step: what an exported file is held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.encoders.vocabulary import BOS, EOS, PAD

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]

PENALTY = 0.7
"""The power of the length by which log p is divided."""
TEMPERATURE = 0.8
CLOSE = 1e-3
"""Two hypotheses whose log p differ by less may change places in the last bits; the beam is then not asked for."""
CLEAR = 1.0
"""How far a drawn token lies above the others."""


@dataclass(frozen=True)
class Written:
    """What the network writes for one source: the best of K first, ids [K,U], scores [K], attention [K,U,T]."""

    source: Ids
    limit: int
    ids: Ids
    scores: Floats
    attention: Floats
    clear: bool
    """Whether no two hypotheses ever were close."""


class _Beams:
    """K beams of one source side by side, in the network."""

    def __init__(self, network: Any, source: Ids, beams: int) -> None:
        import torch

        self.network, self.device = network, next(network.parameters()).device
        memory = network.encode(torch.tensor(source, device=self.device)[None], torch.tensor([len(source)]))
        rows = [None if one is None else one.repeat(beams, *[1] * (one.dim() - 1)) for one in memory[:3]]
        self._memory = type(memory)(*rows, tuple(tensor.repeat(1, beams, 1) for tensor in memory.state))
        self._state: Any = None
        self._fed: Any = None
        self._length = len(source)
        self.ids, self.seen = np.zeros((beams, 0), np.int64), np.zeros((beams, 0, len(source)))
        self.totals, self.ended = np.append(0.0, np.full(beams - 1, -np.inf)), np.zeros(beams, bool)

    def logits(self) -> Floats:
        """Read the last token of each beam; return the logits [K,V] of the next."""
        import torch

        last = self.ids[:, -1] if self.ids.shape[1] else np.full(len(self.ids), BOS)
        made = self.network.decode(
            torch.tensor(last, device=self.device)[:, None], self._memory, self._state, self._fed
        )
        self._state, self._fed = made.state, made.fed
        weights = np.zeros((len(last), 1, self._length)) if made.weights is None else made.weights.cpu().numpy()
        self.seen = np.concatenate([self.seen, weights * ~self.ended[:, None, None]], axis=1)
        logits: Floats = self.network.logits(made.features)[:, 0].double().cpu().numpy()
        return logits

    def follow(self, rows: Ids, tokens: Ids, totals: Floats) -> None:
        """Let tokens [K] follow the beams `rows` [K]."""
        self.ids = np.concatenate([self.ids[rows], np.where(self.ended[rows], PAD, tokens)[:, None]], axis=1)
        self.seen, self.totals = self.seen[rows], totals
        self.ended = self.ended[rows] | (tokens == EOS)
        if self._state is not None:
            self._state = tuple(tensor[:, rows] for tensor in self._state)
        self._fed = None if self._fed is None else self._fed[rows]

    def written(self, source: Ids, limit: int, clear: bool) -> Written:
        """Sort the beams by their scores."""
        ends = [np.flatnonzero(row == EOS) for row in self.ids]
        lengths = np.array([end[0] + 1 if len(end) else self.ids.shape[1] for end in ends])
        scores = self.totals / lengths**PENALTY
        order = np.argsort(-scores, kind="stable")
        clear = clear and _apart(scores[order])
        return Written(source, limit, self.ids[order], scores[order], self.seen[order], clear)


def searched(network: Any, source: Ids, limit: int, count: int) -> Written:
    """Search as the file does; whether the choice was clear is told of every step."""
    beams, clear = _Beams(network, source, count), True
    while beams.ids.shape[1] < limit and not beams.ended.all():
        logits = beams.logits()
        likely = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        likely[beams.ended] = -np.inf
        likely[beams.ended, PAD] = 0
        sums = (beams.totals[:, None] + likely).ravel()
        places = np.argsort(-sums, kind="stable")[: count + 1]
        clear = clear and _apart(sums[places])
        rows, tokens = np.divmod(places[:count], likely.shape[1])
        beams.follow(rows, tokens, sums[places[:count]])
    return beams.written(source, limit, clear)


def drawn(network: Any, source: Ids, limit: int, noise: NDArray[np.float32]) -> Written:
    """Draw as the file does; put the drawn token's noise above that of the others."""
    beams = _Beams(network, source, 1)
    while beams.ids.shape[1] < limit and not beams.ended.all():
        logits = beams.logits()
        one = noise[beams.ids.shape[1]]
        token = np.argmax(logits[0] + TEMPERATURE * one, keepdims=True)
        one[token] += CLEAR / TEMPERATURE
        beams.follow(np.zeros(1, np.int64), token, beams.totals + logits[0, token] - np.logaddexp.reduce(logits[0]))
    return beams.written(source, limit, clear=True)


def _apart(values: Floats) -> bool:
    """Whether values, the largest first, lie apart."""
    real = values[np.isfinite(values)]
    return bool((np.diff(real) < -CLOSE).all())
