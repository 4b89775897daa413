"""Pairs on a device, the loss of their targets, and what a network makes of held-out ones."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from seqtool.data.encoders.vocabulary import BOS, EOS
from seqtool.data.splits import LengthSampler, Splits
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import PairPart
from seqtool.families.translation.greedy import batches, translate, translator_of
from seqtool.families.translation.network import Translator
from seqtool.nn.ragged import Ragged, real_steps

__all__ = ["Objective", "sampler", "translator_of"]

MOST_TRANSLATED = 2000
"""Validation pairs that BLEU is told from, evenly spread: decoding takes longer than a loss."""


class Pairs:
    """Sources and targets as ids on a device, each with its EOS."""

    def __init__(self, part: PairPart, device: torch.device) -> None:
        self.sources = Ragged(part.source, device)
        self.targets = Ragged([np.append(ids, EOS) for ids in part.target], device)
        self.lengths = lengths_of(part)


class Objective:
    """The mean cross-entropy over the real target tokens of a batch, label-smoothed in training."""

    def __init__(self, network: Translator, splits: Splits[PairPart], device: torch.device) -> None:
        self.network, self.device = network, device
        self.train, self.validation = (Pairs(part, device) for part in (splits.train, splits.validation))
        every = math.ceil(len(splits.validation.pairs) / MOST_TRANSLATED)
        self.chosen = Ragged(splits.validation.source[::every], device)
        self.references = [pair.target for pair in splits.validation.pairs[::every]]
        self.decode = splits.encoders["target"].decode

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean cross-entropy, nats a token, of the pairs `indices` [B]."""
        logits, wanted = self._predicted(self.train, indices)
        return cross_entropy(logits.float(), wanted, label_smoothing=self.network.config.label_smoothing)

    def _predicted(self, pairs: Pairs, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits [N,V] and the targets [N] of all real steps: padding is not worth a vocabulary."""
        source, lengths = pairs.sources.batch(indices)
        target, steps = pairs.targets.batch(indices)
        before = torch.cat((target.new_full((len(target), 1), BOS), target[:, :-1]), dim=1)
        features = self.network.decode(before, self.network.encode(source, lengths)).features
        real = real_steps(steps, target.shape[1], torch.device("cpu")).flatten().nonzero()[:, 0].to(self.device)
        return self.network.logits(features.flatten(0, 1)[real]), target.flatten()[real]

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the figures of the validation part: "loss", nats a token; "bleu", 0 to 100; "error", what it lacks."""
        import sacrebleu

        nats = torch.zeros((), dtype=torch.float64, device=self.device)
        for indices in batches(self.validation.lengths):
            nats += cross_entropy(*self._predicted(self.validation, indices), reduction="sum")
        translations = [self.decode(ids) for ids in translate(self.network, self.chosen)]
        bleu = sacrebleu.corpus_bleu(translations, [self.references]).score
        return {"loss": nats.item() / len(self.validation.targets.flat), "bleu": bleu, "error": 100 - bleu}

    def state_dict(self) -> dict[str, Tensor]:
        """Return nothing: batches depend on the sampler alone."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""


def lengths_of(part: PairPart) -> NDArray[np.int64]:
    """Return the lengths [N,2] of targets and sources, EOS counted: a step of a target costs more than a source's."""
    return np.array([(len(target) + 1, len(source)) for source, target in zip(part.source, part.target, strict=True)])


def sampler(config: TranslationConfig, train: PairPart, seed: int) -> LengthSampler:
    """Return what reads pairs of similar length together."""
    return LengthSampler(lengths_of(train), records=config.batch, tokens=config.tokens, seed=seed)
