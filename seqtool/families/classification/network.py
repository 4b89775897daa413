"""Text classifiers in PyTorch: tokens in, the scores of the classes out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqtool.families.classification.config import ClassificationConfig
from seqtool.nn.pooling import Pooling
from seqtool.nn.recurrent import Recurrent
from seqtool.nn.spatial_dropout import SpatialDropout

DEVIATION = 0.1
"""Of the first vectors: those of N(0, 1) would drown what is learned of rare words."""


class Classifier(nn.Module):
    """Embedding, recurrent layers, pooling over the real steps, output.

    unknown: the id that word dropout (Iyyer 2015) puts in the place of others; None: there is none.
    """

    def __init__(self, config: ClassificationConfig, vocabulary: int, classes: int, unknown: int | None) -> None:
        super().__init__()
        self.config, self.vocabulary, self.classes, self.unknown = config, vocabulary, classes, unknown
        self.embedding = nn.Embedding(vocabulary, config.embedding)
        nn.init.normal_(self.embedding.weight, std=DEVIATION)
        self.embedding_dropout = SpatialDropout(config.embedding_dropout)
        self.recurrent = Recurrent(
            config.cell, config.embedding, config.hidden, config.layers, dropout=config.dropout,
            bidirectional=config.bidirectional, weight_drop=config.weight_drop,
        )  # fmt: skip
        self.pooling = Pooling(config.pooling, self.recurrent.outputs, self.recurrent.directions)
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(self.recurrent.outputs, classes)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Read tokens [B,T] of `lengths` [B], on the host; return the logits of the classes [B,C]."""
        if self.training and self.config.word_dropout and self.unknown is not None:
            tokens = tokens.masked_fill(
                torch.rand(tokens.shape, device=tokens.device) < self.config.word_dropout, self.unknown
            )
        y, _ = self.recurrent(self.embedding_dropout(self.embedding(tokens)), lengths=lengths)
        logits: Tensor = self.output(self.dropout(self.pooling(y, lengths)))
        return logits
