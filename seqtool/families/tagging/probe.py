"""Inputs for the check of an export: several shapes, ragged sentences, known and unknown words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import FIRST
from seqtool.families.tagging.words import LETTERS, spell
from seqtool.graph.check import Case

Tokens = NDArray[np.int64]

SHAPES = ((1, 7, 1), (4, 12, 3), (3, 1, 2), (6, 25, 9))
"""Sentences, words of the longest, words that the file does not know."""
CLOSE = 1e-3
"""Two tags whose logits differ by less may change places in the last bits; which is then not asked."""
TRIES = 100
UNKNOWN = "\ue000"
"""A word that no text has."""


def probe(network: Any, encoders: Mapping[str, Any]) -> list[Case]:
    """Return cases of four batch sizes and lengths with the network's own answers."""
    rng = np.random.default_rng(0)
    spelled = network.spelling is not None
    known = encoders["forms"].size if spelled else network.vocabulary
    cases = []
    for batch, length, others in SHAPES:
        feeds = _unknown(network, rng, others) if spelled else {}
        tokens = _drawn(rng, batch, length, np.arange(FIRST, known + others * spelled))
        cases.append(_case(network, encoders, tokens, feeds))
    return cases


def text_probe(network: Any, encoders: Mapping[str, Any]) -> list[Case]:
    """Return cases for a file that reads texts: words between blanks, one of them unknown; the names of the tags."""
    rng = np.random.default_rng(0)
    words = np.array(["", UNKNOWN, *encoders["words"].tokens], dtype=object)
    allowed = np.array([number for number, word in enumerate(words) if number and " " not in word])
    names = np.append(np.array(encoders["tags"].names, dtype=object), "")  # the last: of -1, padding
    cases = []
    for batch, length, _ in SHAPES:
        case = _clear(network, encoders, rng, batch, length, allowed)
        lengths = case.feeds["lengths"]
        texts = [" ".join(words[row[:end]]) for row, end in zip(case.feeds["tokens"], lengths, strict=True)]
        answers = {"tags": names[case.answers["tags"]], "scores": case.answers["scores"]}
        cases.append(Case({"text": np.array(texts, dtype=object)}, answers, {"scores": case.units["scores"]}))
    return cases


def _clear(
    network: Any, encoders: Mapping[str, Any], rng: np.random.Generator, batch: int, length: int, tokens: Tokens
) -> Case:
    """Draw sentences until no two tags are close: texts are compared as they are."""
    for _ in range(TRIES):
        case = _case(network, encoders, _drawn(rng, batch, length, tokens), {})
        if np.isfinite(case.units["tags"]).all():
            break
    return case


def _drawn(rng: np.random.Generator, batch: int, length: int, tokens: Tokens) -> Padded:
    """Draw sentences of tokens, the last of the full length."""
    lengths = np.append(rng.integers(1, length + 1, batch - 1), length)
    return Padded.of([rng.choice(tokens, one) for one in lengths])


def _case(network: Any, encoders: Mapping[str, Any], tokens: Padded, feeds: Mapping[str, NDArray[Any]]) -> Case:
    """Return sentences of tokens with the network's own answers, each read alone."""
    shape = tokens.values.shape
    answers = {"tags": np.full(shape, -1), "scores": np.zeros(shape)}
    units = {"tags": np.ones(shape), "scores": np.ones(1)}
    for row, length in enumerate(tokens.lengths):
        chances = _answer(network, encoders, tokens.values[row, :length], feeds)
        first, second = np.sort(chances, axis=-1)[:, ::-1][:, :2].T
        answers["tags"][row, :length] = chances.argmax(-1)
        answers["scores"][row, :length] = first
        units["tags"][row, :length] = np.where(np.log(first / second) < CLOSE, np.inf, 1)
    return Case({"tokens": tokens.values, "lengths": tokens.lengths, **feeds}, answers, units)


def _unknown(network: Any, rng: np.random.Generator, count: int) -> dict[str, NDArray[Any]]:
    """Return inputs for `count` words of random characters, one as long as can be, known as words or not."""
    lengths = np.append(rng.integers(1, 12, count - 1), LETTERS)
    spelled = Padded.of([rng.integers(1, network.alphabet, one) for one in lengths])
    return {
        "characters": spelled.values,
        "character_lengths": spelled.lengths,
        "words": rng.integers(1, network.vocabulary, count),
    }


def _answer(
    network: Any, encoders: Mapping[str, Any], tokens: Tokens, feeds: Mapping[str, NDArray[Any]]
) -> NDArray[np.float64]:
    """Let the network read one sentence; return the tags' probabilities [T,C]."""
    import torch

    from seqtool.families.tagging.network import Spelled

    device = next(network.parameters()).device
    words, spelled = tokens, None
    if network.spelling is not None:
        words, letters = _looked_up(encoders, tokens, feeds)
        which = torch.arange(len(tokens), device=device)[None]
        spelled = Spelled(torch.tensor(letters.values, device=device), torch.tensor(letters.lengths).long(), which)
    network.eval()
    with torch.no_grad():
        logits = network(torch.tensor(words, device=device)[None], torch.tensor([len(words)]), spelled)
    chances: NDArray[np.float64] = torch.softmax(logits[0].double(), dim=-1).cpu().numpy()
    return chances


def _looked_up(
    encoders: Mapping[str, Any], tokens: Tokens, feeds: Mapping[str, NDArray[Any]]
) -> tuple[NDArray[np.int64], Padded]:
    """Return the numbers [T] of tokens as words, and the characters of each."""
    forms, words, letters = encoders["forms"], [], []
    for token in tokens:
        if token < forms.size:
            form = forms.tokens[token - FIRST]
            words.append(encoders["words"].encode([form])[0])
            letters.append(spell(form, encoders["characters"]))
        else:
            place = token - forms.size
            words.append(feeds["words"][place])
            letters.append(feeds["characters"][place, : feeds["character_lengths"][place]])
    return np.array(words), Padded.of(letters)
