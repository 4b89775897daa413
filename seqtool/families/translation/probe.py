"""Inputs for the check of an export: several shapes, ragged sources and targets, searched and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD
from seqtool.graph.check import Case

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


class Shape(NamedTuple):
    """Sources, tokens of the longest, beams, tokens of the longest translation and of the longest target."""

    batch: int
    length: int
    beams: int
    longest: int
    scored: int


SHAPES = (Shape(1, 7, 3, 9, 4), Shape(4, 9, 4, 12, 0), Shape(3, 2, 1, 5, 1), Shape(2, 30, 2, 20, 6))
PENALTY = 0.7
TEMPERATURE = 0.8
CLOSE = 1e-3
"""Two hypotheses whose log p differ by less may change places in the last bits; the beam is then not asked for."""
CLEAR = 1.0
"""How far a drawn token lies above the others."""
TRIES = 20


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


def probe(network: Any, *, sampling: bool = False, attention: bool = False) -> list[Case]:
    """Return cases of four batch sizes, lengths and numbers of beams with the network's own answers."""
    import torch

    network.eval()
    rng = np.random.default_rng(0)
    with torch.no_grad():
        cases = [_case(network, rng, shape, 0, sampling, attention) for shape in SHAPES]
        drawn = [shape._replace(beams=1) for shape in SHAPES if sampling]
        return cases + [_case(network, rng, shape, shape.longest, True, attention) for shape in drawn]


def _case(
    network: Any, rng: np.random.Generator, shape: Shape, draws: int, sampling: bool, attention: bool
) -> Case:  # fmt: skip
    """Return a batch of sources, each read alone by the network; with `draws` steps of noise where not 0."""
    asked = np.append(rng.integers(1, shape.longest + 1, shape.batch - 1), shape.longest)
    noise = rng.gumbel(size=(draws, shape.batch, network.vocabularies[1])).astype(np.float32)
    found = [_clear(network, rng, shape, int(limit), noise[:, row]) for row, limit in enumerate(asked)]
    sources = Padded.of([one.source for one in found])
    targets = _targets(rng, shape, network.vocabularies[1])
    feeds: dict[str, NDArray[Any]] = {
        "source": sources.values,
        "lengths": sources.lengths,
        "max_length": np.array([one.limit for one in found]),
        "beam_size": np.array(shape.beams),
        "length_penalty": np.array(PENALTY, np.float32),
        "target": targets,
    }
    if sampling:
        feeds |= {"noise": noise, "temperature": np.array(TEMPERATURE, np.float32)}
    answers, units = _together(found, sources.values.shape[1], attention)
    told = [_told(network, one.source, target) for one, target in zip(found, targets, strict=True)]
    return Case(
        feeds,
        answers | {"target_log_probabilities": np.array(told)},
        units | {"target_log_probabilities": np.ones(1)},
    )


def _targets(rng: np.random.Generator, shape: Shape, vocabulary: int) -> Ids:
    """Draw a target [B,U] of any length for each source, EOS at its end."""
    made = np.full((shape.batch, shape.scored), PAD)
    for row in made if shape.scored else ():
        length = rng.integers(1, shape.scored + 1)
        row[:length] = [*rng.integers(EOS, vocabulary, length - 1), EOS]
    return made


def _clear(network: Any, rng: np.random.Generator, shape: Shape, limit: int, noise: NDArray[np.float32]) -> Written:
    """Draw sources until the network's choice is clear, of ever shorter translations; make that of `noise` [N,V] clear.

    To a network that has learnt little all symbols are about as likely, and of many steps one is a close call.
    """
    for left in range(TRIES, 0, -1):
        length = shape.length if limit == shape.longest else rng.integers(1, shape.length + 1)
        source = np.append(rng.integers(EOS, network.vocabularies[0], length - 1), EOS)
        if len(noise):
            return _drawn(network, source, limit, noise)
        written = _searched(network, source, -(-limit * left // TRIES), shape.beams)
        if written.clear:
            break
    return written


def _together(found: Sequence[Written], length: int, attention: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answers of a batch, padded, and their units."""
    beams, steps = len(found[0].ids), max(one.ids.shape[1] for one in found)
    ids = np.full((len(found), beams, steps), PAD)
    seen = np.zeros((*ids.shape, length))
    unit = np.array([1.0 if one.clear else np.inf for one in found])[:, None, None]
    for row, one in enumerate(found):
        ids[row, :, : one.ids.shape[1]] = one.ids
        seen[row, :, : one.ids.shape[1], : len(one.source)] = one.attention
    answers = {"ids": ids, "scores": np.array([one.scores for one in found])}
    units = {"ids": unit, "scores": unit[..., 0]}
    if attention:
        answers["attention"], units["attention"] = seen, unit[..., None]
    return answers, units


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


def _searched(network: Any, source: Ids, limit: int, count: int) -> Written:
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


def _drawn(network: Any, source: Ids, limit: int, noise: NDArray[np.float32]) -> Written:
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


def _told(network: Any, source: Ids, target: Ids) -> Floats:
    """Return log p [U] of a target's tokens, 0 in padding."""
    import torch

    told = np.zeros(len(target))
    real = target[target != PAD]
    if len(real):
        device = next(network.parameters()).device
        before = torch.tensor([[BOS, *real[:-1]]], device=device)
        logits = network(torch.tensor(source, device=device)[None], torch.tensor([len(source)]), before)
        likely = logits[0].double().log_softmax(-1).cpu().numpy()
        told[: len(real)] = likely[np.arange(len(real)), real]
    return told
