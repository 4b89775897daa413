"""Sentences on a device, the loss of their tags, and what a network makes of held-out ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.data.splits import LengthSampler
from seqtool.families.tagging.data import TagPart, tag_ids
from seqtool.families.tagging.network import Spelled, Tagger
from seqtool.families.tagging.words import spell
from seqtool.nn.ragged import Ragged, real_steps

AT_ONCE, TOKENS = 64, 4096
"""Sentences, and words with their padding, of a batch that is not trained on."""
NONE = -1
"""The tag of padding, and of a tag that the training part never had."""


class Sentences:
    """Words as numbers on a device; each different word is spelled once, whatever its place."""

    def __init__(
        self, sentences: Sequence[Sequence[str]], encoders: Mapping[str, Any], device: torch.device, *, spelled: bool
    ) -> None:
        self.device = device
        self.words = Ragged([encoders["words"].encode(words) for words in sentences], device)
        self.forms: Ragged | None = None
        if spelled:
            forms = Vocabulary.fit(sentences, size=sum(map(len, sentences)))
            self.forms = Ragged([forms.encode(words) for words in sentences], device)
            nothing = [spell("", encoders["characters"])] * (forms.size - len(forms.tokens))  # PAD, UNK
            self.spelling = Ragged([*nothing, *(spell(form, encoders["characters"]) for form in forms.tokens)], device)

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor, Spelled | None]:
        """Return words [B,T], their lengths [B] on the host, and the different ones by their characters."""
        words, lengths = self.words.batch(indices)
        if self.forms is None:
            return words, lengths, None
        different, which = torch.unique(self.forms.batch(indices)[0], return_inverse=True)
        return words, lengths, Spelled(*self.spelling.batch(different), which)

    def batches(self) -> Iterator[Tensor]:
        """Yield indices [B] of all sentences, those of one length together."""
        sampler = LengthSampler(self.words.lengths.numpy(), records=AT_ONCE, tokens=TOKENS, seed=0)
        order = torch.from_numpy(sampler.order())
        for _ in range(sampler.steps):
            yield order[sampler.next()]


class Objective:
    """The mean cross-entropy over the real words of a batch."""

    def __init__(
        self, network: Tagger, train: TagPart, validation: TagPart, encoders: Mapping[str, Any], device: torch.device
    ) -> None:
        self.network, self.device = network, device
        spelled = network.spelling is not None
        self.train, self.validation = (
            Sentences(part.words, encoders, device, spelled=spelled) for part in (train, validation)
        )
        self.train_tags, self.validation_tags = (
            Ragged([tag_ids(tags, encoders["tags"]) for tags in part.tags], device) for part in (train, validation)
        )

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean cross-entropy, nats a word, of the sentences `indices` [B]."""
        words, lengths, spelled = self.train.batch(indices)
        if self.network.config.word_dropout:
            dropped = torch.rand(words.shape, device=self.device) < self.network.config.word_dropout
            words = words.masked_fill(dropped, UNK)
        tags, _ = self.train_tags.batch(indices, fill=NONE)
        logits = self.network(words, lengths, spelled)
        return cross_entropy(logits.float().flatten(0, 1), tags.flatten(), ignore_index=NONE)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the figures of the validation part: "loss", nats a word, "error", the share of words that is wrong."""
        nats, right = torch.zeros(2, dtype=torch.float64, device=self.device)
        for indices in self.validation.batches():
            logits = self.network(*self.validation.batch(indices)).float()
            tags, _ = self.validation_tags.batch(indices, fill=NONE)
            nats += cross_entropy(logits.flatten(0, 1), tags.flatten(), ignore_index=NONE, reduction="sum")
            right += ((logits.argmax(-1) == tags) & (tags != NONE)).sum()
        known = max(1, int((self.validation_tags.flat != NONE).sum()))
        return {"loss": nats.item() / known, "error": 1 - right.item() / len(self.validation_tags.flat)}

    def state_dict(self) -> dict[str, Tensor]:
        """Return nothing: batches depend on the sampler alone."""
        return {}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""


def tagger_of(
    network: Tagger, encoders: Mapping[str, Any]
) -> Callable[[Sequence[Sequence[str]]], list[NDArray[np.int64]]]:
    """Return what maps the words [T] of sentences to the ids [T] of their most likely tags."""
    device = next(network.parameters()).device

    @torch.no_grad()
    def tag(sentences: Sequence[Sequence[str]]) -> list[NDArray[np.int64]]:
        read = Sentences(sentences, encoders, device, spelled=network.spelling is not None)
        found: list[NDArray[np.int64]] = [np.zeros(0, np.int64)] * len(sentences)
        for indices in read.batches():
            words, lengths, spelled = read.batch(indices)
            best = network(words, lengths, spelled).argmax(-1)
            flat = best[real_steps(lengths, words.shape[1], device)].cpu().numpy()
            for place, ids in zip(indices.tolist(), np.split(flat, np.cumsum(lengths.numpy())[:-1]), strict=True):
                found[place] = ids
        return found

    return tag
