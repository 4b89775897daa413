"""Translators in PyTorch: source and target tokens in, the scores of each next target token out."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seqtool.data.encoders.vocabulary import PAD
from seqtool.families.translation.config import TranslationConfig
from seqtool.nn.attention import Attention
from seqtool.nn.basic import uniform
from seqtool.nn.bridge import StateBridge
from seqtool.nn.ragged import real_steps
from seqtool.nn.recurrent import State, state_tensors
from seqtool.nn.stack import Stack


class Memory(NamedTuple):
    """Encoder outputs [B,T,H], their keys [B,T,A], the mask [B,T] of real steps, the decoder's first state [L,B,H]."""

    outputs: Tensor
    keys: Tensor | None
    mask: Tensor
    state: State


class Decoded(NamedTuple):
    """Features [B,U,A], attention's weights [B,U,T], and for the next call the state and the fed features [B,A]."""

    features: Tensor
    weights: Tensor | None
    state: State
    fed: Tensor | None


# Attention comes behind the decoder's last layer, so that no step waits for the attention of the one before: the
# decoder is one operator over all steps, attention two products. Input feeding gives that up.
class Translator(nn.Module):
    """Encoder, bridge, decoder (Sutskever 2014), attention after the decoder's last layer (Luong 2015), output.

    Features are tanh(`combine` [context; query]), Luong's eq. 5. Without attention they are the query itself; where a
    tied output needs another width, `combine` maps the query alone. source, target: sizes of the vocabularies.
    """

    def __init__(self, config: TranslationConfig, source: int, target: int) -> None:
        super().__init__()
        self.config, self.vocabularies = config, (source, target)
        size, hidden = config.embedding, config.hidden
        self.features = hidden if config.tied == "none" else size  # A, the last axis of the features
        self.target_embedding = nn.Embedding(target, size, padding_idx=PAD)
        self.source_embedding = self.target_embedding
        if config.tied != "all":
            self.source_embedding = nn.Embedding(source, size, padding_idx=PAD)
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        directions = 2 if config.bidirectional else 1
        # half of the units each way: both last states, side by side, are one state of the decoder
        stack = partial(Stack, config.cell, layers=config.layers, dropout=config.dropout, residual=config.residual)
        self.encoder = stack(size, hidden // directions, bidirectional=config.bidirectional)
        self.bridge = StateBridge(config.bridge, hidden, directions, state_tensors(config.cell))
        fed = self.features if config.input_feeding else 0
        self.decoder = stack(size + fed, hidden, bidirectional=False)
        self.attention = None if config.attention == "none" else Attention(config.attention, hidden, hidden)
        seen = 2 * hidden if self.attention else hidden
        combined = self.attention is not None or self.features != hidden
        self.combine = nn.Linear(seen, self.features, bias=False) if combined else None
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(self.features, target)
        _initialise(self)

    def encode(self, source: Tensor, lengths: Tensor) -> Memory:
        """Read source [B,T]; `lengths` [B] on the host."""
        outputs, state = self.encoder(self.embedding_dropout(self.source_embedding(source)), lengths=lengths)
        keys = self.attention.keys(outputs) if self.attention else None
        return Memory(outputs, keys, real_steps(lengths, source.shape[1], source.device), self.bridge(state))

    def decode(self, target: Tensor, memory: Memory, state: State | None = None, fed: Tensor | None = None) -> Decoded:
        """Read target [B,U] from `state` (the memory's when None) and the features `fed` [B,A] (zeros when None)."""
        x = self.embedding_dropout(self.target_embedding(target))
        state = memory.state if state is None else state
        if not self.config.input_feeding:
            query, state = self.decoder(x, state)
            return Decoded(*self._attend(query, memory), state, None)
        fed = x.new_zeros(len(x), self.features) if fed is None else fed
        attended = []
        for step in range(x.shape[1]):
            query, state = self.decoder(torch.cat((x[:, step], fed.to(x.dtype)), dim=-1)[:, None], state)
            attended.append(self._attend(query, memory))
            fed = attended[-1][0][:, 0]
        features, weights = (torch.cat(parts, dim=1) for parts in zip(*attended, strict=True))
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
    """Draw the tokens' vectors so that tied outputs begin near zero, tie, then draw and raise as `config` says."""
    config, embeddings = network.config, (network.source_embedding, network.target_embedding)
    for embedding in dict.fromkeys(embeddings):
        nn.init.normal_(embedding.weight, std=config.embedding**-0.5)
    nn.init.zeros_(network.output.bias)
    if config.tied != "none":
        network.output.weight = network.target_embedding.weight
    if config.initial_range:
        uniform(network, config.initial_range)
    # last: the draws and the tie above have overwritten the row of padding
    for embedding in embeddings:
        embedding.weight[PAD] = 0
    if config.cell == "lstm" and config.forget_bias:
        for name, bias in network.named_parameters():
            # PyTorch adds two biases, so one is raised; its gates come in the order i, f, g, o
            if "bias_ih" in name:
                bias.chunk(4)[1].add_(config.forget_bias)
