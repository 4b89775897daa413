"""Language models in PyTorch: symbols in, the scores of the next symbol out, at every step."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from seqtool.families.generation.config import GenerationConfig
from seqtool.nn.initial import truncated_normal
from seqtool.nn.one_hot import OneHotEmbedding
from seqtool.nn.recurrent import Recurrent, State


class LanguageModel(nn.Module):
    """Embedding, recurrent layers, output (Mikolov 2010); the state goes in and comes out.

    A tied output (Press and Wolf 2017) uses the embedding's weights; where H differs from the embedding's size E,
    a `projection` from H to E stands before it.
    """

    def __init__(self, config: GenerationConfig, vocabulary: int) -> None:
        super().__init__()
        self.config, self.vocabulary = config, vocabulary
        size = config.embedding or vocabulary
        self.embedding: nn.Embedding | OneHotEmbedding = (
            nn.Embedding(vocabulary, size) if config.embedding else OneHotEmbedding(vocabulary)
        )
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.recurrent = Recurrent(
            config.cell, size, config.hidden, config.layers, dropout=config.dropout, weight_drop=config.weight_drop,
            context=config.context, alpha=config.alpha,
        )  # fmt: skip
        width = self.recurrent.outputs
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(width, size) if config.tied and width != size else None
        self.output = nn.Linear(size if config.tied else width, vocabulary)
        if config.tied:
            nn.init.uniform_(self.embedding.weight, -0.1, 0.1)  # of N(0, 1) the first scores would be far apart
            self.output.weight = self.embedding.weight  # not one-hot: a parameter
        if config.initial_deviation:
            truncated_normal(self, config.initial_deviation)

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read ids [B,T] from `state` (zeros when None); return the logits of each next symbol [B,T,V], and the state.

        State: h (LSTM also c), each [L,B,H]; SCRN also s [L,B,S].
        """
        outputs, after = self.recurrent(self.embedding_dropout(self.embedding(ids)), state)
        outputs = self.dropout(outputs)
        if self.projection is not None:
            outputs = self.projection(outputs)
        logits: Tensor = self.output(outputs)
        return logits, after

    def zeros(self, rows: int, device: torch.device) -> State:
        """Return the first state of B rows, zeros."""
        return self.recurrent.zeros(rows, device)


@torch.no_grad()
def sample(network: LanguageModel, prompt: Tensor, temperatures: Sequence[float], count: int, seed: int) -> Tensor:
    """Continue a prompt [T] by N = `count` symbols, a row a temperature: ids [B,N]."""
    dice = torch.Generator().manual_seed(seed)
    divide = torch.tensor(temperatures)[:, None]
    logits, state = network(prompt.expand(len(temperatures), -1))
    drawn: list[Tensor] = []
    for _ in range(count):
        chances = torch.softmax(logits[:, -1].float().cpu() / divide, dim=-1)
        drawn.append(torch.multinomial(chances, 1, generator=dice))
        logits, state = network(drawn[-1].to(prompt.device), state)
    return torch.cat(drawn, dim=1)
