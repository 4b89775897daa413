"""Inputs for the check of an export: several shapes, ragged sources and targets, searched and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD
from seqtool.families.translation.plain_search import PENALTY, TEMPERATURE, Floats, Ids, Written, drawn, searched
from seqtool.graph.check import Case


class Shape(NamedTuple):
    """Sources, tokens of the longest, beams, tokens of the longest translation and of the longest target."""

    batch: int
    length: int
    beams: int
    longest: int
    scored: int


SHAPES = (Shape(1, 7, 3, 9, 4), Shape(4, 9, 4, 12, 0), Shape(3, 2, 1, 5, 1), Shape(2, 30, 2, 20, 6))
TRIES = 20
"""Sources that are drawn at most until the beam's choice among them is clear."""


def probe(network: Any, *, sampling: bool = False, attention: bool = False) -> list[Case]:
    """Return cases of four batch sizes, lengths and numbers of beams with the network's own answers."""
    import torch

    network.eval()
    rng = np.random.default_rng(0)
    with torch.no_grad():
        cases = [_case(network, rng, shape, 0, sampling, attention) for shape in SHAPES]
        alone = [shape._replace(beams=1) for shape in SHAPES if sampling]
        return cases + [_case(network, rng, shape, shape.longest, True, attention) for shape in alone]


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
            return drawn(network, source, limit, noise)
        written = searched(network, source, -(-limit * left // TRIES), shape.beams)
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
