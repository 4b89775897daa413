"""Translators in PyTorch: source and target tokens in, the scores of each next target token out."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqtool.data.encoders.vocabulary import PAD
from seqtool.families.translation.config import TranslationConfig
from seqtool.nn.attention import Attention
from seqtool.nn.bridge import StateBridge
from seqtool.nn.initial import uniform
from seqtool.nn.ragged import real_steps
from seqtool.nn.recurrent import State, state_tensors
from seqtool.nn.stack import Stack


class Memory(NamedTuple):
    """What an encoder hands to a decoder.

    outputs [B,T,H], their keys [B,T,A] (None without attention), mask [B,T] true where a step is real, and the
    decoder's first state, each [L,B,H].
    """

    outputs: Tensor
    keys: Tensor | None
    mask: Tensor
    state: State


class Decoded(NamedTuple):
    """What a decoder makes of U steps: features [B,U,A], the weights [B,U,T] of attention, and what the next call
    takes: the state after, and the last features [B,A] where the input is fed.
    """

    features: Tensor
    weights: Tensor | None
    state: State
    fed: Tensor | None


class Translator(nn.Module):
    """Encoder, bridge, decoder (Sutskever 2014), attention after the decoder's last layer (Luong 2015), output.

    Features are tanh(`combine` [context; query]), Luong's eq. 5. Without attention they are the query itself; where a
    tied output makes them narrower or wider, `combine` maps the query alone.
    """

    def __init__(self, config: TranslationConfig, source: int, target: int) -> None:
        """Take the sizes of the two vocabularies, equal where they are one."""
        super().__init__()
        self.config, self.vocabularies = config, (source, target)
        size, hidden = config.embedding, config.hidden
        self.features = hidden if config.tied == "none" else size
        """A, the last axis of the features."""
        self.target_embedding = nn.Embedding(target, size, padding_idx=PAD)
        own = config.tied != "all"
        self.source_embedding = nn.Embedding(source, size, padding_idx=PAD) if own else self.target_embedding
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        directions = 2 if config.bidirectional else 1
        self.encoder = self._stack(size, hidden // directions, config.bidirectional)
        self.bridge = StateBridge(config.bridge, hidden, directions, state_tensors(config.cell))
        self.decoder = self._stack(size + self.features * config.input_feeding, hidden, False)
        self.attention = None if config.attention == "none" else Attention(config.attention, hidden, hidden)
        seen = 2 * hidden if self.attention else hidden
        combined = self.attention is not None or self.features != hidden
        self.combine = nn.Linear(seen, self.features, bias=False) if combined else None
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(self.features, target)
        _initialise(self)

    def _stack(self, inputs: int, hidden: int, bidirectional: bool) -> Stack:
        config = self.config
        return Stack(
            config.cell, inputs, hidden, config.layers,
            bidirectional=bidirectional, dropout=config.dropout, residual=config.residual,
        )  # fmt: skip

    def encode(self, source: Tensor, lengths: Tensor) -> Memory:
        """Read source [B,T] of `lengths` [B], on the host."""
        outputs, state = self.encoder(self.embedding_dropout(self.source_embedding(source)), lengths=lengths)
        keys = self.attention.keys(outputs) if self.attention else None
        return Memory(outputs, keys, real_steps(lengths, source.shape[1], source.device), self.bridge(state))

    def decode(
        self, target_in: Tensor, memory: Memory, state: State | None = None, fed: Tensor | None = None
    ) -> Decoded:
        """Read target_in [B,U] from `state` and the features `fed` [B,A]; from the memory's and zeros when None."""
        x = self.embedding_dropout(self.target_embedding(target_in))
        state = memory.state if state is None else state
        if not self.config.input_feeding:
            query, state = self.decoder(x, state)
            return Decoded(*self._attend(query, memory), state, None)
        fed = x.new_zeros(len(x), self.features) if fed is None else fed
        made = []
        for step in range(x.shape[1]):
            query, state = self.decoder(torch.cat((x[:, step], fed.to(x.dtype)), dim=-1)[:, None], state)
            made.append(self._attend(query, memory))
            fed = made[-1][0][:, 0]
        features, weights = (torch.cat(parts, dim=1) for parts in zip(*made, strict=True))
        return Decoded(features, weights, state, fed)

    def _attend(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor | None]:
        """Return the features [B,U,A] of queries [B,U,H], and the weights [B,U,T] of attention."""
        weights = None
        if self.attention is not None and memory.keys is not None:
            context, weights = self.attention(query, memory.keys, memory.outputs, memory.mask)
            query = torch.cat((context, query), dim=-1)
        return query if self.combine is None else torch.tanh(self.combine(query)), weights

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits [...,V] of the next tokens from features [...,A]."""
        logits: Tensor = self.output(self.dropout(features))
        return logits

    def forward(self, source: Tensor, lengths: Tensor, target_in: Tensor) -> Tensor:
        """Return the logits [B,U,V] of each next token after target_in [B,U]."""
        return self.logits(self.decode(target_in, self.encode(source, lengths)).features)


@torch.no_grad()
def _initialise(network: Translator) -> None:
    """Draw tokens' vectors so that tied outputs begin near zero; tie; then what the configuration asks for."""
    config, embeddings = network.config, (network.source_embedding, network.target_embedding)
    for embedding in dict.fromkeys(embeddings):
        nn.init.normal_(embedding.weight, std=config.embedding**-0.5)
    nn.init.zeros_(network.output.bias)
    if config.tied != "none":
        network.output.weight = network.target_embedding.weight
    if config.initial_range:
        uniform(network, config.initial_range)
    for embedding in embeddings:
        embedding.weight[PAD] = 0
    if config.cell == "lstm" and config.forget_bias:
        _raise_forget_gates(network, config.forget_bias)


def _raise_forget_gates(network: Translator, amount: float) -> None:
    """Add to one of the two biases; PyTorch's gates stand in the order i, f, g, o."""
    for name, bias in network.named_parameters():
        if "bias_ih" in name:
            bias.chunk(4)[1].add_(amount)
