"""The check of an export: ragged sources of several shapes, translated by the network in PyTorch, step by step.

Once without rules, and once with all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqtool.data.batches import Padded
from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD
from seqtool.families.family import ExportOptions
from seqtool.graph.check import Case
from seqtool.graph.rules import NONE
from seqtool.graph.rules_check import Asked, off, on
from seqtool.types import Array, Flags, Floats, Ids, Singles

if TYPE_CHECKING:
    from torch import Tensor

    from seqtool.families.translation.network import Translator
    from seqtool.nn.recurrent import State

PENALTY = 0.7  # the power of the length by which log p is divided
TEMPERATURE = 0.8
# Hypotheses whose log p differ by less may change places in the last bits: such a search is not compared.
CLOSE = 1e-3
CLEAR = 1.0  # how far a drawn token lies above the others
PREFIX, SHORTEST = 2, 3  # tokens, where rules are on
TRIES = 20  # sources that are drawn at most until the choice among the beams is clear


class Shape(NamedTuple):
    """A batch: its sources, tokens of the longest, beams, tokens of the longest translation and longest target."""

    batch: int
    length: int
    beams: int
    longest: int
    scored: int


SHAPES = (Shape(1, 7, 3, 9, 4), Shape(4, 9, 4, 12, 0), Shape(3, 2, 1, 5, 1), Shape(2, 30, 2, 20, 6))


def probe(network: Translator, encoders: TranslationEncoders, options: ExportOptions) -> list[Case]:
    """Return a case for each shape with the network's own answers; with `options.sampling` also drawn ones."""
    import torch

    network.eval()
    rng = np.random.default_rng(0)
    with torch.no_grad():
        searches = [_case(network, rng, shape, 0, options) for shape in SHAPES]
        alone = [shape._replace(beams=1) for shape in SHAPES if options.sampling]
        draws = [_case(network, rng, shape, shape.longest, options) for shape in alone]
        ruled = [_case(network, rng, shape, 0, options, rules=True) for shape in SHAPES]
        return searches + draws + ruled + [_case(network, rng, one, one.longest, options, rules=True) for one in alone]


def _case(
    network: Translator, rng: np.random.Generator, shape: Shape, draws: int, options: ExportOptions, *,
    rules: bool = False,
) -> Case:  # fmt: skip
    """Return a case with `draws` steps of noise; 0: searched."""
    vocabulary = network.vocabularies[1]
    asked = on(rng, vocabulary, EOS + 1, shortest=SHORTEST, eos=EOS) if rules else off(vocabulary)
    free = np.flatnonzero((asked.banned[:, EOS + 1 :] >= 0).all(axis=0)) + EOS + 1
    prefixes = rng.choice(free, (shape.batch, PREFIX if rules else 0))
    limits = np.append(rng.integers(1, shape.longest + 1, shape.batch - 1), shape.longest)
    limits = np.maximum(limits, prefixes.shape[1] + 2 if rules else 1)  # so that there are as many sequences as beams
    noise = rng.gumbel(size=(draws, shape.batch, vocabulary)).astype(np.float32)
    # one by one, though the file gets a batch: an effect of a neighbour's padding would show
    rows = [
        _clear(network, rng, shape, int(limit), noise[:, row], Ruled(asked, prefixes[row]))
        for row, limit in enumerate(limits)
    ]
    sources = Padded.of([row.source for row in rows])
    targets = _targets(rng, shape, vocabulary)
    feeds: dict[str, Array] = {
        "source": sources.values,
        "lengths": sources.lengths,
        "max_length": np.array([row.limit for row in rows]),
        "beam_size": np.array(shape.beams),
        "length_penalty": np.array(PENALTY, np.float32),
        "target": targets,
        **asked.feeds(),
        "min_length": np.array(asked.shortest),
        "prefix": prefixes,
    }
    if options.sampling:
        feeds |= {"noise": noise, "temperature": np.array(TEMPERATURE, np.float32)}
        feeds |= {"top_k": np.array(0), "top_p": np.array(1, np.float32)}
    answers, units = _together(rows, sources.values.shape[1], options.attention)
    likely = [_likely(network, row.source, target) for row, target in zip(rows, targets, strict=True)]
    answers["target_log_probabilities"], units["target_log_probabilities"] = np.array(likely), np.ones(1)
    return Case(feeds, answers, units)


def _targets(rng: np.random.Generator, shape: Shape, vocabulary: int) -> Ids:
    """Draw a target [B,U] of any length for each source, EOS at its end."""
    targets = np.full((shape.batch, shape.scored), PAD)
    for row in targets if shape.scored else ():
        length = rng.integers(1, shape.scored + 1)
        row[:length] = [*rng.integers(EOS, vocabulary, length - 1), EOS]
    return targets


class Ruled(NamedTuple):
    """The rules of a translation, and its first tokens [P]."""

    asked: Asked
    prefix: Ids

    def likely(self, logits: Floats, ids: Ids) -> Floats:
        """Return log p [K,V] of the next tokens of beams ids [K,U] from logits [K,V]."""
        step = ids.shape[1]
        forced = int(self.prefix[step]) if step < len(self.prefix) else NONE
        return np.stack([self.asked.likely(row, one.tolist(), forced) for row, one in zip(logits, ids, strict=True)])


def _clear(
    network: Translator, rng: np.random.Generator, shape: Shape, limit: int, noise: Singles, ruled: Ruled
) -> Written:
    """Draw sources until the network's choice is clear; noise [N,V] is raised to make it clear."""
    # To a network that has learnt little all symbols are about as likely, and many steps have a close call:
    # translations get shorter with each try.
    for left in range(TRIES, 0, -1):
        length = shape.length if limit == shape.longest else rng.integers(1, shape.length + 1)
        source = np.append(rng.integers(EOS, network.vocabularies[0], length - 1), EOS)
        if len(noise):
            return _drawn(network, source, limit, noise, ruled)
        short = max(-(-limit * left // TRIES), len(ruled.prefix) + 2 if len(ruled.prefix) else 1)
        written = _searched(network, source, short, shape.beams, ruled)
        if written.clear:
            break
    return written


def _together(rows: Sequence[Written], length: int, attention: bool) -> tuple[dict[str, Array], dict[str, Floats]]:
    """Return the answers of a batch, padded, and their units."""
    beams, steps = len(rows[0].ids), max(row.ids.shape[1] for row in rows)
    ids = np.full((len(rows), beams, steps), PAD)
    seen = np.zeros((*ids.shape, length))
    # with an infinite unit an unclear choice agrees with any answer
    unit = np.array([1.0 if row.clear else np.inf for row in rows])[:, None, None]
    for place, row in enumerate(rows):
        ids[place, :, : row.ids.shape[1]] = row.ids
        seen[place, :, : row.ids.shape[1], : len(row.source)] = row.attention
    answers: dict[str, Array] = {"ids": ids, "scores": np.array([row.scores for row in rows])}
    units = {"ids": unit, "scores": unit[..., 0]}
    if attention:
        answers["attention"], units["attention"] = seen, unit[..., None]
    return answers, units


def _likely(network: Translator, source: Ids, target: Ids) -> Floats:
    """Return log p [U] of a target's tokens, 0 in padding."""
    import torch

    chosen = np.zeros(len(target))
    real = target[target != PAD]
    if len(real):
        device = next(network.parameters()).device
        before = torch.tensor([[BOS, *real[:-1]]], device=device)
        logits = network(torch.tensor(source, device=device)[None], torch.tensor([len(source)]), before)
        likely = logits[0].double().log_softmax(-1).cpu().numpy()
        chosen[: len(real)] = likely[np.arange(len(real)), real]
    return chosen


@dataclass(frozen=True)
class Written:
    """The network's K translations of one source, the best first: ids [K,U], scores [K], attention [K,U,T]."""

    source: Ids
    limit: int
    ids: Ids
    scores: Floats
    attention: Floats
    clear: bool  # whether no two hypotheses were ever close


class _Beams:
    """K beams of one source side by side in the network."""

    def __init__(self, network: Translator, source: Ids, beams: int) -> None:
        import torch

        self.network, self.device = network, next(network.parameters()).device
        memory = network.encode(torch.tensor(source, device=self.device)[None], torch.tensor([len(source)]))
        self._memory = memory._replace(
            outputs=memory.outputs.repeat(beams, 1, 1),
            keys=None if memory.keys is None else memory.keys.repeat(beams, 1, 1),
            mask=memory.mask.repeat(beams, 1),
            state=tuple(tensor.repeat(1, beams, 1) for tensor in memory.state),
        )
        self._state: State | None = None
        self._fed: Tensor | None = None
        self._length = len(source)
        self.ids, self.seen = np.zeros((beams, 0), np.int64), np.zeros((beams, 0, len(source)))
        self.totals: Floats = np.append(0.0, np.full(beams - 1, -np.inf))
        self.ended: Flags = np.zeros(beams, np.bool_)

    def logits(self) -> Floats:
        """Read the last token of each beam; return the logits [K,V] of the next."""
        import torch

        last = self.ids[:, -1] if self.ids.shape[1] else np.full(len(self.ids), BOS)
        before = torch.tensor(last, device=self.device)[:, None]
        step = self.network.decode(before, self._memory, self._state, self._fed)
        self._state, self._fed = step.state, step.fed
        weights = np.zeros((len(last), 1, self._length)) if step.weights is None else step.weights.cpu().numpy()
        self.seen = np.concatenate([self.seen, weights * ~self.ended[:, None, None]], axis=1)
        return np.asarray(self.network.logits(step.features)[:, 0].double().cpu())

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


def _searched(network: Translator, source: Ids, limit: int, count: int, ruled: Ruled) -> Written:
    """Search as the file does. Also return whether the choice was unambiguous at each step."""
    beams, clear = _Beams(network, source, count), True
    while beams.ids.shape[1] < limit and not beams.ended.all():
        likely = ruled.likely(beams.logits(), beams.ids)
        # a beam that has ended keeps its sum: only padding follows, which costs nothing
        likely[beams.ended] = -np.inf
        likely[beams.ended, PAD] = 0
        sums = (beams.totals[:, None] + likely).ravel()
        # one more than the beam: the first one outside may be a close call too
        places = np.argsort(-sums, kind="stable")[: count + 1]
        clear = clear and _apart(sums[places])
        rows, tokens = np.divmod(places[:count], likely.shape[1])
        beams.follow(rows, tokens, sums[places[:count]])
    return beams.written(source, limit, clear)


def _drawn(network: Translator, source: Ids, limit: int, noise: Singles, ruled: Ruled) -> Written:
    """Draw as the file does; raise the drawn token's noise, so that it lies clearly above the others."""
    beams = _Beams(network, source, 1)
    while beams.ids.shape[1] < limit and not beams.ended.all():
        likely = ruled.likely(beams.logits(), beams.ids)[0]
        step = noise[beams.ids.shape[1]]
        token = np.argmax(likely + TEMPERATURE * step, keepdims=True)
        step[token] += CLEAR / TEMPERATURE
        beams.follow(np.zeros(1, np.int64), token, beams.totals + likely[token])
    return beams.written(source, limit, clear=True)


def _apart(values: Floats) -> bool:
    real = values[np.isfinite(values)]
    return bool((np.diff(real) < -CLOSE).all())
