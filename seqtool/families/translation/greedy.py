"""Greedy translations in PyTorch, for the figures of a training: the most likely token at each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqtool.data.encoders.vocabulary import BOS, EOS, PAD
from seqtool.data.splits import LengthSampler
from seqtool.families.translation.limits import LIMIT_EXTRA, LIMIT_FACTOR
from seqtool.families.translation.network import Translator
from seqtool.nn.ragged import Ragged

AT_ONCE, TOKENS = 128, 8192
"""Sources, and tokens with their padding, of a batch that is not trained on."""


@torch.no_grad()
def greedy(network: Translator, source: Tensor, lengths: Tensor) -> Tensor:
    """Translate source [B,T] of `lengths` [B], on the host: ids [B,U] without BOS, EOS kept, then PAD.

    A row has `LIMIT_FACTOR` times the tokens of its source, and `LIMIT_EXTRA`, at most.
    """
    memory, device = network.encode(source, lengths), source.device
    limits = (LIMIT_FACTOR * lengths + LIMIT_EXTRA).to(device)
    token = torch.full((len(source), 1), BOS, device=device)
    ended = torch.zeros(len(source), dtype=torch.bool, device=device)
    state, fed, made = None, None, []
    while not bool(ended.all()):
        features, _, state, fed = network.decode(token, memory, state, fed)
        token = network.logits(features).argmax(-1).masked_fill(ended[:, None], PAD)
        made.append(token)
        ended = ended | (token[:, 0] == EOS) | (len(made) >= limits)
    return torch.cat(made, dim=1)


def batches(lengths: Any) -> list[Tensor]:
    """Return the places [B] of all records in batches, those of similar lengths [N] or [N,S] together."""
    sampler = LengthSampler(lengths, records=AT_ONCE, tokens=TOKENS, seed=0)
    order = torch.from_numpy(sampler.order())
    return [order[sampler.next()] for _ in range(sampler.steps)]


def translate(network: Translator, sources: Ragged) -> list[list[int]]:
    """Return the ids [U] of each translation, without EOS; the network is in evaluation mode meanwhile."""
    found: list[list[int]] = [[] for _ in sources.lengths]
    training = network.training
    network.eval()
    for indices in batches(sources.lengths.numpy()):
        for place, ids in zip(indices.tolist(), greedy(network, *sources.batch(indices)).tolist(), strict=True):
            found[place] = [one for one in ids if one not in (PAD, EOS)]
    network.train(training)
    return found


def translator_of(network: Translator, encoders: Mapping[str, Any]) -> Callable[[Sequence[str]], list[str]]:
    """Return what maps texts to their greedy translations."""
    device = next(network.parameters()).device

    def of(texts: Sequence[str]) -> list[str]:
        rows = [np.append(encoders["source"].encode(text), EOS) for text in texts]
        return [encoders["target"].decode(ids) for ids in translate(network, Ragged(rows, device))] if rows else []

    return of
