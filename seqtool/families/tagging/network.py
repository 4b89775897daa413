"""Taggers in PyTorch: words in, the scores of each word's tags out."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqtool.data.encoders.vocabulary import PAD
from seqtool.families.tagging.config import TaggingConfig
from seqtool.nn.recurrent import Recurrent, top

GROUPS = 3
"""Parts, by length, in which words are spelled: one long word would pad all others."""


class Spelled(NamedTuple):
    """The W different words of a batch by their characters.

    characters [W,M] and lengths [W] (on the host) spell them; which [B,T] says where each stands.
    """

    characters: Tensor
    lengths: Tensor
    which: Tensor


class Spelling(nn.Module):
    """A word's vector from its characters: the last states of an LSTM in both directions (Ling 2015)."""

    def __init__(self, alphabet: int, size: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(alphabet, size, padding_idx=PAD)
        self.recurrent = Recurrent("lstm", size, hidden, 1, bidirectional=True)

    def forward(self, characters: Tensor, lengths: Tensor) -> Tensor:
        """Read characters [W,M] of `lengths` [W], on the host; return vectors [W,2C]."""
        order = lengths.argsort(stable=True)
        parts = [self._read(characters, lengths, some) for some in order.chunk(GROUPS)]
        return torch.cat(parts)[order.argsort().to(characters.device)]

    def _read(self, characters: Tensor, lengths: Tensor, some: Tensor) -> Tensor:
        """Read the words `some` [W'], padded to the longest of them alone."""
        own = lengths[some]
        letters = characters[some.to(characters.device), : int(own.max())]
        _, state = self.recurrent(self.embedding(letters), lengths=own)
        return top(state, 2)


class Tagger(nn.Module):
    """Word vectors, with what the characters say beside them, recurrent layers, output (Plank 2016).

    As an `encoder-decoder` a first recurrent stack reads the sentence into one vector, its last state, and a second
    one is given that vector at each step, as often as there are words.
    """

    def __init__(self, config: TaggingConfig, vocabulary: int, alphabet: int, tags: int) -> None:
        super().__init__()
        self.config, self.vocabulary, self.alphabet, self.tags = config, vocabulary, alphabet, tags
        self.embedding = nn.Embedding(vocabulary, config.embedding, padding_idx=PAD)
        self.spelling = Spelling(alphabet, config.characters, config.character_hidden) if config.characters else None
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        inputs = config.embedding + (2 * config.character_hidden if config.characters else 0)
        self.recurrent = self._stack(inputs)
        self.decoder = self._stack(self.recurrent.outputs) if config.network == "encoder-decoder" else None
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(self.recurrent.outputs, tags)

    def _stack(self, features: int) -> Recurrent:
        config = self.config
        return Recurrent(
            config.cell, features, config.hidden, config.layers, dropout=config.dropout,
            bidirectional=config.bidirectional, weight_drop=config.weight_drop,
        )  # fmt: skip

    def forward(self, words: Tensor, lengths: Tensor, spelled: Spelled | None = None) -> Tensor:
        """Read words [B,T] of `lengths` [B], on the host; return the logits of their tags [B,T,C]."""
        x = self.embedding(words)
        if self.spelling is not None and spelled is not None:
            vectors = self.spelling(spelled.characters, spelled.lengths)
            x = torch.cat((x, vectors[spelled.which]), dim=-1)
        y, state = self.recurrent(self.embedding_dropout(x), lengths=lengths)
        if self.decoder is None:
            return self._logits(self.dropout(y))
        whole = self.dropout(top(state, self.recurrent.directions))
        return self._logits(self.decoder(whole[:, None].expand(-1, words.shape[1], -1), lengths=lengths)[0])

    def _logits(self, y: Tensor) -> Tensor:
        logits: Tensor = self.output(y)
        return logits
