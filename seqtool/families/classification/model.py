"""Text classifiers in PyTorch, from tokens to logits of the classes; their training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, softmax

from seqtool.data.confusion import accuracy, confusion, macro_f1
from seqtool.data.grams import Sizes
from seqtool.data.splits import LengthSampler
from seqtool.families.classification import linear, pieces, several
from seqtool.families.classification.answers import answered, decided
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.encoders import LIMITS, ClassificationEncoders, Mix
from seqtool.families.classification.mix import joined, likeliest
from seqtool.families.classification.part import TextPart, TextSplits
from seqtool.families.classification.runner import NETWORK, WHOLE, WIDE, Predict, widened
from seqtool.families.classification.shown import shown
from seqtool.nn import objective as base
from seqtool.nn.basic import SpatialDropout
from seqtool.nn.pooling import Pooling
from seqtool.nn.ragged import Ragged
from seqtool.nn.recurrent import Recurrent
from seqtool.nn.wide import Wide
from seqtool.nn.word_table import WordTable
from seqtool.paths import append_text
from seqtool.types import Array, Ids

DEVIATION = 0.1
"""Standard deviation of the first vectors."""
AT_ONCE, TOKENS = 256, 16_384
"""Most texts, and most tokens with their padding, of a batch in evaluation."""


class Classifier(nn.Module):
    """Embedding, recurrent layers, pooling over the real steps, output.

    unknown: the id that word dropout (Iyyer 2015) puts in place of others; None where the encoder has no such id.
    wide: the shape of a linear part beside it, which answers too once there is a `mix`.
    """

    def __init__(
        self, config: ClassificationConfig, vocabulary: int, classes: int, unknown: int | None,
        wide: Sizes | None = None, mix: Mix | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.config, self.vocabulary, self.classes, self.unknown = config, vocabulary, classes, unknown
        self.embedding = WordTable(vocabulary, config.embedding, frozen=config.freeze_vectors)
        # vectors of N(0, 1), the default, would drown what is learned of rare words
        nn.init.normal_(self.embedding.weight, std=DEVIATION)
        self.embedding_dropout = SpatialDropout(config.embedding_dropout)
        self.recurrent = Recurrent(
            config.cell, config.embedding, config.hidden, config.layers, dropout=config.dropout,
            bidirectional=config.bidirectional, weight_drop=config.weight_drop,
        )  # fmt: skip
        self.pooling = Pooling(config.pooling, self.recurrent.outputs, self.recurrent.directions)
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(self.recurrent.outputs, classes)
        self.wide, self.mix = None if wide is None else Wide(wide), mix

    def parts(self, tokens: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        """Return the logits [B,C] of the whole for tokens [B,T] and `lengths` [B], on the host; and of each part."""
        network: Tensor = self(tokens, lengths)
        if self.wide is None:
            return {WHOLE: network}
        wide: Tensor = self.wide(tokens, lengths)
        return {WHOLE: network if self.mix is None else _mixed(self.mix, wide, network), WIDE: wide, NETWORK: network}

    def chances(self, logits: Tensor) -> Tensor:
        """Return the probabilities [B,C] of logits: of all classes together, or of each of several labels."""
        return torch.sigmoid(logits) if self.config.multi else softmax(logits, dim=1)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Return the network's own logits [B,C] for tokens [B,T] and `lengths` [B], on the host."""
        if self.training and self.config.word_dropout and self.unknown is not None:
            dropped = torch.rand(tokens.shape, device=tokens.device) < self.config.word_dropout
            tokens = tokens.masked_fill(dropped, self.unknown)
        y, _ = self.recurrent(self.embedding_dropout(self.embedding(tokens)), lengths=lengths)
        logits: Tensor = self.output(self.dropout(self.pooling(y, lengths)))
        return logits


def _mixed(mix: Mix, wide: Tensor, network: Tensor) -> Tensor:
    return mix.scale * ((1 - mix.share) * wide + mix.share * network)


class Objective(base.Objective[Classifier, ClassificationEncoders]):
    """Cross-entropy weighted by class, the mean over the texts of a batch."""

    def __init__(self, network: Classifier, splits: TextSplits, device: torch.device) -> None:
        self.network, self.train, self.validation = network, splits.train, splits.validation
        self.vectors = splits.vectors
        self.smoothing = network.config.label_smoothing
        rows, counts = pieces.all_cut(splits.train.ids, network.config.at_once)
        gold = splits.train.gold
        self.rows, self.gold = Ragged(rows, device), torch.as_tensor(gold.repeat(counts, axis=0), device=device)
        self.often = torch.as_tensor(gold.mean(axis=0), dtype=torch.float32, device=device)
        """Of several labels: how often each occurs [C]."""
        self.shares = torch.as_tensor(pieces.weights(rows, counts), dtype=torch.float32, device=device)
        self.weights = class_weights(network.config.class_weights, splits.train).to(device)
        self.predict = predictor(network, splits.encoders)
        self.answers: Array = np.zeros(0, np.int64)
        self.sure, self.nats = np.zeros(0), np.zeros(0)
        """What each validation text was answered at the last evaluation, as in `TextPart.gold`, and how surely [N].

        nats [N]: the log loss of each text with one label.
        """

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean loss [], in nats, of the training texts, or pieces of them, `indices` [B]."""
        logits = self.network(*self.rows.batch(indices)).float()
        # indices are on the host: there the lengths give the batch its shape
        here = indices.to(self.gold.device)
        gold = self.gold[here]
        if self.network.config.multi:
            wanted = torch.lerp(gold.float(), self.often.expand_as(logits), self.smoothing)
            losses = binary_cross_entropy_with_logits(logits, wanted, reduction="none").sum(dim=1)
            return (losses * self.shares[here]).mean()
        # the weights of `cross_entropy` divide by their own sum: in a batch of one class they would change nothing
        losses = cross_entropy(logits, gold, label_smoothing=self.smoothing, reduction="none")
        return (losses * self.weights[gold] * self.shares[here]).mean()

    def prepare(self, first: Classifier | None) -> None:
        """Begin with the vectors of tokens that come from outside, and fit the linear part.

        Its penalty and scale are chosen on validation, in a refit they are those of `first`.
        """
        if self.vectors is not None:
            self.network.embedding.begin(self.vectors)
        if (wide := self.network.wide) is not None:
            chosen = None if first is None or first.wide is None else first.wide.chosen.cpu().numpy()
            weights, most = self.weights.cpu().double().numpy(), self.network.config.at_once
            wide.set(linear.fit(wide.sizes, self.train, self.validation, weights, chosen, most))

    def calibrated(self, encoders: ClassificationEncoders) -> ClassificationEncoders:
        """Return the encoders with what is the best on validation: the mix of the linear part and the network, and the
        thresholds of several labels.
        """
        chances, gold = self.predict.outputs(self.validation.ids), self.validation.gold
        if self.network.wide is not None:
            mix = likeliest(chances[WIDE], chances[NETWORK], gold, self.weights.cpu().double().numpy())
            encoders = replace(encoders, mix=mix)
            chances |= {WHOLE: joined(mix, chances[WIDE], chances[NETWORK])} if self.network.config.multi else {}
        if self.network.config.multi:
            gold = gold[:, : self.network.classes]
            chosen = {name: several.thresholds(each, gold).tolist() for name, each in chances.items()}
            encoders = replace(encoders, thresholds=chosen)
        return encoders

    def evaluate(self) -> dict[str, float]:
        """Return the figures of the validation part; "loss" in nats, weighted as in training."""
        known, gold = self.predict(self.validation.ids), self.validation.gold
        if self.network.config.multi:
            wide = widened(known, gold.shape[1])
            self.answers = answered(wide, 0.5)
            self.sure = several.sureness(wide, self.answers != gold)
            return several.figures(wide, self.answers, gold)
        # labels that training never had come last: their probability is 0
        chances = widened(known, self.validation.labels.size)
        # in float32 a probability may be 0, whose logarithm is infinite
        nats = self.nats = -np.log(np.maximum(chances[np.arange(len(gold)), gold], np.finfo(np.float32).tiny))
        self.answers = decided(known, self.network.config.threshold)
        self.sure = known[np.arange(len(gold)), self.answers]
        matrix = confusion(gold, self.answers, chances.shape[1])
        unseen = np.ones(chances.shape[1] - known.shape[1], dtype=np.float32)
        weights = np.concatenate([self.weights.cpu().numpy(), unseen])[gold]
        return {"loss": float((nats * weights).mean()), "accuracy": accuracy(matrix), "macro_f1": macro_f1(matrix)}

    def measures(self) -> tuple[str, ...]:
        """Return what may choose the best weights; of several labels the loss is their log loss."""
        if self.network.config.multi:
            return "loss", "micro_f1", "macro_f1"
        return "loss", "log_loss", "accuracy", "macro_f1"

    def measure(self, name: str) -> float:
        """Return the log loss, nats a text: the loss without the weights of classes."""
        return float(self.nats.mean())

    def show(self, run: Path, step: int) -> str:
        """Add texts of the last evaluation to `run`/samples.txt; return its surest mistake as a line."""
        # the linear part joins the network's answers at the end, by a mix that is not known yet
        head = f"step {step}{', the network alone' if self.network.wide is not None else ''}"
        block, line = shown(self.validation, self.answers, self.sure, head)
        append_text(run / base.SAMPLES, block)
        return line


def class_weights(kind: str, train: TextPart) -> Tensor:
    """Return the weights [C] of the classes: 1, or if `balanced` N / (C n) for a class of n of the N texts."""
    if kind == "none":
        return torch.ones(train.labels.size)
    counts = np.bincount(train.gold, minlength=train.labels.size)
    # a class may have no texts in the training part: it would divide by zero
    even = len(train.gold) / (np.count_nonzero(counts) * np.maximum(1, counts))
    return torch.as_tensor(even, dtype=torch.float32)


def network(config: ClassificationConfig, encoders: ClassificationEncoders) -> Classifier:
    """Build the network for the sizes of its encoders."""
    reader, classes = encoders.reader(lower=config.lower), encoders.labels.size
    wide = linear.sizes(config, encoders.encoder, classes)
    return Classifier(config, encoders.encoder.size, classes, reader.unknown, wide, encoders.mix)


def objective(network: Classifier, splits: TextSplits, device: torch.device, seed: int) -> Objective:
    """Put the texts on the device, for the training loop."""
    return Objective(network, splits, device)


def predictor(network: Classifier, encoders: ClassificationEncoders, *, whole: bool = False) -> Predict:
    """Return a function from the ids [T] of N texts to the probabilities of the classes [N,C], of each part too.

    whole: it reads long texts whole too, as the graph of a file does.
    """
    device = next(network.parameters()).device

    @torch.no_grad()
    def outputs(texts: Sequence[Ids]) -> dict[str, Array]:
        rows = Ragged(texts, device)
        batches = LengthSampler(rows.lengths.numpy(), records=AT_ONCE, tokens=TOKENS, seed=0)
        found: dict[str, Array] = {}
        for _ in range(batches.steps):
            chosen = batches.order()[batches.next()]
            for name, logits in network.parts(*rows.batch(torch.from_numpy(chosen))).items():
                whole = found.setdefault(name, np.empty((len(texts), network.classes)))
                # in float64: rounding here must not count as a difference of the exported file
                whole[chosen] = network.chances(logits.double()).cpu().numpy()
        return found

    most, multi = network.config.at_once or LIMITS["tokens"], network.config.multi
    return Predict(outputs if whole else pieces.pooling(outputs, most, multi=multi), encoders.thresholds)
