"""The training of a tagger: sentences on a device, the loss of their tags, what is predicted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from seqtool.data.bootstrap import f1_of
from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.data.entities import Scheme, are_entities
from seqtool.data.splits import LengthSampler
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.encoders import Answer, TaggingEncoders
from seqtool.families.tagging.entity_scores import Found
from seqtool.families.tagging.network import NONE, Spelled, Tagger
from seqtool.families.tagging.part import TagSplits, tag_ids
from seqtool.families.tagging.shown import Answered, shown
from seqtool.nn import objective as base
from seqtool.nn.ragged import Ragged, real_steps
from seqtool.paths import append_text
from seqtool.types import Array, Ids, Singles

AT_ONCE, TOKENS = 64, 4096
"""Most sentences, and most words with their padding, of a batch in evaluation."""


class Sentences:
    """The ids of words and of their characters on a device."""

    def __init__(
        self, sentences: Sequence[Sequence[str]], encoders: TaggingEncoders, device: torch.device, *, spelled: bool
    ) -> None:
        self.device = device
        self.words = Ragged([encoders.words.encode(words) for words in sentences], device)
        self.forms: Ragged | None = None
        if spelled:
            # spelling takes an LSTM of its own: each different word is spelled once, not at each of its places
            forms = Vocabulary.fit(sentences, size=sum(map(len, sentences)))
            self.forms = Ragged([forms.encode(words) for words in sentences], device)
            nothing = [encoders.spell("")] * (forms.size - len(forms.tokens))  # PAD, UNK
            self.spelling = Ragged([*nothing, *(encoders.spell(form) for form in forms.tokens)], device)

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor, Spelled | None]:
        """Return words [B,T], lengths [B] on the host, and the spelling of the different words."""
        words, lengths = self.words.batch(indices)
        if self.forms is None:
            return words, lengths, None
        # PAD is among them, with a spelling of its own: every place of the batch needs a vector
        different, which = torch.unique(self.forms.batch(indices)[0], return_inverse=True)
        return words, lengths, Spelled(*self.spelling.batch(different), which)

    def batches(self) -> Iterator[Tensor]:
        """Yield the indices [B] of batches of all sentences, similar lengths together."""
        sampler = LengthSampler(self.words.lengths.numpy(), records=AT_ONCE, tokens=TOKENS, seed=0)
        order = torch.from_numpy(sampler.order())
        for _ in range(sampler.steps):
            yield order[sampler.next()]


class Objective(base.Objective[Tagger, TaggingEncoders]):
    """Mean cross-entropy over the words of a batch, padding left out; its sum over the fields."""

    def __init__(self, network: Tagger, splits: TagSplits, device: torch.device) -> None:
        self.network, self.device, self.held_out, self.tags = network, device, splits.validation, splits.encoders.tags
        self.vectors, self.scheme = splits.vectors, splits.encoders.scheme()
        self.answered: list[Answered] = []
        """Of each validation sentence at the last evaluation."""
        self.wrong = 0.0
        """Share of wrong tags, of all fields, at the last evaluation."""
        encoders, parts = splits.encoders, (splits.train, splits.validation)
        spelled = network.spelling is not None
        self.train, self.validation = (Sentences(part.words, encoders, device, spelled=spelled) for part in parts)
        self.train_tags, self.validation_tags = (
            [
                Ragged([tag_ids(tags, labels) for tags in field], device)
                for field, labels in zip(part.fields, encoders.fields, strict=True)
            ]
            for part in parts
        )

    def prepare(self, first: Tagger | None) -> None:
        """Begin with the vectors of words that come from outside."""
        if self.vectors is not None:
            self.network.embedding.begin(self.vectors)

    def loss(self, indices: Tensor) -> Tensor:
        """Return the loss [], in nats per word, of the training sentences `indices` [B]."""
        words, lengths, spelled = self.train.batch(indices)
        if self.network.config.word_dropout:
            # the spelling stays: the network learns to rely on it where a word is unknown
            dropped = torch.rand(words.shape, device=self.device) < self.network.config.word_dropout
            words = words.masked_fill(dropped, UNK)
        y = self.network.read(words, lengths, spelled)
        first, *others = (
            output.loss(y, tags.batch(indices, fill=NONE)[0])
            for output, tags in zip(self.network.outputs, self.train_tags, strict=True)
        )
        return sum(others, start=first)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the figures of the validation part: "loss", nats per word, and "error".

        That is the share of wrong tags; where the main field marks entities, 1 less their F1.
        """
        fields = len(self.validation_tags)
        nats, right = torch.zeros(2, fields, dtype=torch.float64, device=self.device)
        found: dict[int, Answered] = {}
        for indices in self.validation.batches():
            words, lengths, spelled = self.validation.batch(indices)
            y = self.network.read(words, lengths, spelled)
            told = [
                output.told(y, lengths, tags.batch(indices, fill=NONE)[0])
                for output, tags in zip(self.network.outputs, self.validation_tags, strict=True)
            ]
            nats += torch.stack([one.nats for one in told])
            right += torch.stack([one.right for one in told])
            rows = zip(real_rows(told[0].ids, lengths), real_rows(told[0].chances, lengths), strict=True)
            found.update(zip(indices.tolist(), rows, strict=True))
        self.answered = [found[place] for place in range(len(found))]
        # a tag that training lacks is an error but has no loss: the network has no probability for it
        real = [max(1, int((tags.flat != NONE).sum())) for tags in self.validation_tags]
        loss = sum(some / count for some, count in zip(nats.tolist(), real, strict=True))
        self.wrong = 1 - right.sum().item() / sum(len(tags.flat) for tags in self.validation_tags)
        return {"loss": loss, "error": self.wrong if self.scheme is None else self._lost_entities(self.scheme)}

    def measures(self) -> tuple[str, ...]:
        """Return what may choose the best weights: F1 of entities where the main field marks them."""
        return "error", "loss", "accuracy", *(("entity_f1",) if self._marks_entities else ())

    def measure(self, name: str) -> float:
        """Return the share of right tags, or the F1 of entities."""
        return 1 - (self._lost_entities(self.scheme) if name == "entity_f1" else self.wrong)

    @property
    def _marks_entities(self) -> bool:
        return self.scheme is not None or are_entities(self.tags.names)

    def _lost_entities(self, scheme: Scheme | None) -> float:
        """Return 1 less the F1 of the entities of the main field: most words are none, and always right."""
        part, answers = self.held_out, [self.tags.decode(ids) for ids, _ in self.answered]
        return 1 - f1_of(Found.of(part.words, part.tags, answers, None, scheme).counts)

    def show(self, run: Path, step: int) -> str:
        """Add sentences of the last evaluation, tags of the main field, to `run`/samples.txt.

        Return the words around its surest mistake.
        """
        block, line = shown(self.held_out, self.tags, self.answered, step)
        append_text(run / base.SAMPLES, block)
        return line


def real_rows(values: Tensor, lengths: Tensor) -> list[Array]:
    """Return each of B rows of values [B,T] without its padding; `lengths` [B] on the host."""
    flat = values[real_steps(lengths, values.shape[1], values.device)].cpu().numpy()
    return np.split(flat, np.cumsum(lengths.numpy())[:-1])


def network(config: TaggingConfig, encoders: TaggingEncoders) -> Tagger:
    """Build the network for the sizes of its encoders."""
    return Tagger(config, encoders)


def objective(network: Tagger, splits: TagSplits, device: torch.device, seed: int) -> Objective:
    """Put the sentences on the device, for the training loop."""
    return Objective(network, splits, device)


def predictor(network: Tagger, encoders: TaggingEncoders) -> Callable[[Sequence[Sequence[str]]], list[list[Answer]]]:
    """Return a function from the words [T] of sentences to the answer to each, of each field."""
    device = next(network.parameters()).device

    @torch.no_grad()
    def tag(sentences: Sequence[Sequence[str]]) -> list[list[Answer]]:
        read = Sentences(sentences, encoders, device, spelled=network.spelling is not None)
        answers: list[dict[int, Answer]] = [{} for _ in network.outputs]
        for indices in read.batches():
            words, lengths, spelled = read.batch(indices)
            y = network.read(words, lengths, spelled)
            for output, field in zip(network.outputs, answers, strict=True):
                ids, chances = (real_rows(values, lengths) for values in output.answers(y, lengths))
                field.update(zip(indices.tolist(), map(_answer, ids, chances), strict=True))
        return [[field[place] for place in range(len(sentences))] for field in answers]

    return tag


def _answer(ids: Ids, chances: Singles) -> Answer:
    return Answer(ids, chances[np.arange(len(ids)), ids], chances)
