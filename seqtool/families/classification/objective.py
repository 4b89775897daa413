"""The loss of a classifier over batches of similar length, and its figures on the validation part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy, softmax

from seqtool.data.confusion import accuracy, confusion, macro_f1
from seqtool.data.splits import LengthSampler
from seqtool.families.classification.data import TextPart
from seqtool.families.classification.decision import answers
from seqtool.families.classification.network import Classifier
from seqtool.families.classification.reading import Ids
from seqtool.nn.ragged import Ragged

AT_ONCE, TOKENS = 256, 16_384
"""Texts, and tokens with their padding, that are read in one call outside of training."""


class Objective:
    """Cross-entropy, the mean over the texts of a batch, each weighing as its class does."""

    def __init__(self, network: Classifier, train: TextPart, validation: TextPart, device: torch.device) -> None:
        self.network, self.validation = network, validation
        self.smoothing = network.config.label_smoothing
        self.rows, self.gold = Ragged(train.ids, device), torch.as_tensor(train.gold, device=device)
        self.weights = class_weights(network.config.class_weights, train).to(device)

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean loss [], in nats, of the training texts `indices` [B]."""
        logits = self.network(*self.rows.batch(indices)).float()
        gold = self.gold[indices.to(self.gold.device)]
        losses = cross_entropy(logits, gold, label_smoothing=self.smoothing, reduction="none")
        return (losses * self.weights[gold]).mean()

    def evaluate(self) -> dict[str, float]:
        """Return the figures of the validation part; "loss" in nats, weighed as in training."""
        chances, gold = predictor_of(self.network)(self.validation.ids), self.validation.gold
        nats = -np.log(np.maximum(chances[np.arange(len(gold)), gold], np.finfo(np.float32).tiny))
        matrix = confusion(gold, answers(chances, self.network.config.threshold), chances.shape[1])
        weights = self.weights.cpu().numpy()[gold]
        return {"loss": float((nats * weights).mean()), "accuracy": accuracy(matrix), "macro_f1": macro_f1(matrix)}

    def state_dict(self) -> dict[str, Tensor]:
        """Return {}: nothing is carried from step to step."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on: there is nothing to remember."""


def class_weights(kind: str, train: TextPart) -> Tensor:
    """Return the weight [C] of a text of each class: 1, or `balanced` N / (C n) of its n texts, whose mean is 1."""
    counts = np.bincount(train.gold, minlength=train.labels.size)
    even = len(train.gold) / (np.count_nonzero(counts) * np.maximum(1, counts))
    return torch.as_tensor(even if kind == "balanced" else np.ones(len(counts)), dtype=torch.float32)


def predictor_of(network: Classifier) -> Callable[[Sequence[Ids]], NDArray[np.float64]]:
    """Return what maps the ids [T] of N texts to the probabilities of the classes [N,C]."""
    device = next(network.parameters()).device

    @torch.no_grad()
    def predict(texts: Sequence[Ids]) -> NDArray[np.float64]:
        rows = Ragged(texts, device)
        batches = LengthSampler(rows.lengths.numpy(), records=AT_ONCE, tokens=TOKENS, seed=0)
        chances = np.empty((len(texts), network.classes))
        for _ in range(batches.steps):
            chosen = batches.order()[batches.next()]
            logits = network(*rows.batch(torch.from_numpy(chosen)))
            chances[chosen] = softmax(logits.double(), dim=1).cpu().numpy()
        return chances

    return predict
