"""The network of a tagger, from words to logits of their tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from seqtool.data.affixes import buckets
from seqtool.data.encoders.vocabulary import PAD
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.nn.affixes import Affixes
from seqtool.nn.best_path import BestPath
from seqtool.nn.recurrent import Recurrent, top
from seqtool.nn.word_table import WordTable
from seqtool.types import Flags

GROUPS = 3
"""Groups of words of similar length: each is spelled as one batch."""


NONE = -1
"""The id of the tag in padding, and of a tag that the training part lacks."""


class Told(NamedTuple):
    """Of a batch: nats [] and words that are right [], summed; the ids [B,T] of tags and their probabilities [B,T]."""

    nats: Tensor
    right: Tensor
    ids: Tensor
    chances: Tensor


class Spelled(NamedTuple):
    """The W different words of a batch: characters [W,M] and lengths [W] (on the host).

    which [B,T] is the index of the word at each place.
    """

    characters: Tensor
    lengths: Tensor
    which: Tensor


class Spelling(nn.Module):
    """Makes a word's vector of its characters: the last states of an LSTM in both directions (Ling 2015)."""

    def __init__(self, alphabet: int, size: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(alphabet, size, padding_idx=PAD)
        self.recurrent = Recurrent("lstm", size, hidden, 1, bidirectional=True)

    def forward(self, characters: Tensor, lengths: Tensor) -> Tensor:
        """Return the vectors [W,2C] of characters [W,M] with `lengths` [W], on the host."""
        # in a single group one long word would pad all the rest
        order = lengths.argsort(stable=True)
        vectors: list[Tensor] = []
        for words in order.chunk(GROUPS):
            letters = characters[words.to(characters.device), : int(lengths[words].max())]
            _, state = self.recurrent(self.embedding(letters), lengths=lengths[words])
            vectors.append(top(state, 2))
        return torch.cat(vectors)[order.argsort().to(characters.device)]


class Output(nn.Linear):
    """The last layer of a field: from what the recurrent layers tell of words to logits of their tags [B,T,C].

    allowed: which tag may follow which, as `BestPath` takes it; None: any may follow any. Whatever is made of logits in
    training stands here; its twin is `graph_parts.Output`.
    """

    def __init__(self, features: int, tags: int, allowed: Flags | None = None) -> None:
        super().__init__(features, tags)
        self.path = None if allowed is None else BestPath(allowed)

    def loss(self, y: Tensor, tags: Tensor) -> Tensor:
        """Return the mean cross-entropy [] over the words with a known tag, in nats; y [B,T,D*H], tags [B,T]."""
        return cross_entropy(self(y).float().flatten(0, 1), tags.flatten(), ignore_index=NONE)

    def told(self, y: Tensor, lengths: Tensor, tags: Tensor) -> Told:
        """Return the answers for y [B,T,D*H] of `lengths` [B], on the host, and how far they are from `tags` [B,T]."""
        logits = self(y).float()
        nats = cross_entropy(logits.flatten(0, 1), tags.flatten(), ignore_index=NONE, reduction="sum")
        ids = self._chosen(logits, lengths)
        right = ((ids == tags) & (tags != NONE)).sum()
        return Told(nats, right, ids, logits.softmax(-1).gather(-1, ids[..., None]).squeeze(-1))

    def answers(self, y: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return ids [B,T] and all probabilities [B,T,C] for y [B,T,D*H] of `lengths` [B], on the host."""
        logits = self(y).float()
        return self._chosen(logits, lengths), logits.softmax(-1)

    def _chosen(self, logits: Tensor, lengths: Tensor) -> Tensor:
        """Return the likeliest tags [B,T], of those that may follow one another."""
        ids: Tensor = logits.argmax(-1) if self.path is None else self.path(logits, lengths)
        return ids


class Tagger(nn.Module):
    """Vectors of words and of their spelling, recurrent layers, an output for each field of tags (Plank 2016).

    In an `encoder-decoder` a first stack reads the sentence into one vector, its last state, and a second stack reads
    that vector at each step.
    """

    def __init__(self, config: TaggingConfig, encoders: TaggingEncoders) -> None:
        super().__init__()
        vocabulary, alphabet = encoders.words.size, encoders.alphabet
        self.config, self.vocabulary, self.alphabet = config, vocabulary, len(alphabet)
        self.embedding = WordTable(vocabulary, config.embedding, padding_idx=PAD, frozen=config.freeze_vectors)
        self.spelling = (
            Spelling(len(alphabet), config.characters, config.character_hidden) if config.characters else None
        )
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        inputs = config.embedding + config.affixes + (2 * config.character_hidden if config.characters else 0)
        self.recurrent = self._stack(inputs)
        self.decoder = self._stack(self.recurrent.outputs) if config.network == "encoder-decoder" else None
        self.dropout = nn.Dropout(config.dropout)
        # the first keeps the name that runs with one field alone have given it
        self.output, *more = (
            Output(self.recurrent.outputs, labels.size, encoders.allowed(field))
            for field, labels in enumerate(encoders.fields)
        )
        self.more = nn.ModuleList(more)
        # drawn last: the weights of a network without them stay those of their seed
        self.affixes = Affixes(alphabet, buckets(encoders.forms), config.affixes) if config.affixes else None

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The last layer of each field, the main one first."""
        return (self.output, *cast("Iterable[Output]", self.more))

    def _stack(self, features: int) -> Recurrent:
        config = self.config
        return Recurrent(
            config.cell, features, config.hidden, config.layers, dropout=config.dropout,
            bidirectional=config.bidirectional, weight_drop=config.weight_drop,
        )  # fmt: skip

    def forward(self, words: Tensor, lengths: Tensor, spelled: Spelled | None = None) -> Tensor:
        """Return the logits [B,T,C] of the main field for words [B,T] with `lengths` [B], on the host."""
        logits: Tensor = self.output(self.read(words, lengths, spelled))
        return logits

    def read(self, words: Tensor, lengths: Tensor, spelled: Spelled | None = None) -> Tensor:
        """Return what the outputs take [B,T,D*H] for words [B,T] with `lengths` [B], on the host."""
        x = self.embedding(words)
        if self.spelling is not None and spelled is not None:
            made = [self.spelling(spelled.characters, spelled.lengths)]
            if self.affixes is not None:
                made.append(self.affixes(spelled.characters, spelled.lengths))
            x = torch.cat((x, torch.cat(made, dim=-1)[spelled.which]), dim=-1)
        y: Tensor
        y, state = self.recurrent(self.embedding_dropout(x), lengths=lengths)
        if self.decoder is None:
            y = self.dropout(y)
        else:
            whole = self.dropout(top(state, self.recurrent.directions))
            y, _ = self.decoder(whole[:, None].expand(-1, words.shape[1], -1), lengths=lengths)
        return y
