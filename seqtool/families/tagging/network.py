"""The network of a tagger, from words to logits of their tags."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqtool.data.encoders.vocabulary import PAD
from seqtool.families.tagging.config import TaggingConfig
from seqtool.nn.recurrent import Recurrent, top
from seqtool.nn.word_table import WordTable

GROUPS = 3
"""Groups of words of similar length: each is spelled as one batch."""


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


class Tagger(nn.Module):
    """Vectors of words and of their spelling, recurrent layers, output (Plank 2016).

    In an `encoder-decoder` a first stack reads the sentence into one vector, its last state, and a second stack reads
    that vector at each step.
    """

    def __init__(self, config: TaggingConfig, vocabulary: int, alphabet: int, tags: int) -> None:
        super().__init__()
        self.config, self.vocabulary, self.alphabet, self.tags = config, vocabulary, alphabet, tags
        self.embedding = WordTable(vocabulary, config.embedding, padding_idx=PAD, frozen=config.freeze_vectors)
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
        """Return the logits [B,T,C] of the tags of words [B,T] with `lengths` [B], on the host."""
        x = self.embedding(words)
        if self.spelling is not None and spelled is not None:
            vectors = self.spelling(spelled.characters, spelled.lengths)
            x = torch.cat((x, vectors[spelled.which]), dim=-1)
        y, state = self.recurrent(self.embedding_dropout(x), lengths=lengths)
        if self.decoder is None:
            y = self.dropout(y)
        else:
            whole = self.dropout(top(state, self.recurrent.directions))
            y, _ = self.decoder(whole[:, None].expand(-1, words.shape[1], -1), lengths=lengths)
        logits: Tensor = self.output(y)
        return logits
