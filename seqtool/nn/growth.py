"""The weights of a network for one whose vocabularies are larger: new symbols stand behind the known ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn


@runtime_checkable
class Grows(Protocol):
    """A module whose tables do not grow at the end of each axis."""

    def grown(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the module's weights, by their names in it, from those of a smaller one."""


@torch.no_grad()
def grown(network: nn.Module, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of a smaller network for `network`: rows and columns of known symbols are copied.

    Those of new symbols are the network's own, freshly drawn ones. The ids of both must agree: a matrix whose axis goes
    by symbols has those of known ones first.
    """
    own = network.state_dict()
    placed = {name: _placed(tensor, own[name]) for name, tensor in weights.items()}
    for prefix, module in network.named_modules():
        if isinstance(module, Grows):
            start = f"{prefix}." if prefix else ""
            inside = {name[len(start) :]: tensor for name, tensor in weights.items() if name.startswith(start)}
            placed |= {f"{start}{name}": tensor for name, tensor in module.grown(inside).items()}
    return placed


def _placed(known: Tensor, fresh: Tensor) -> Tensor:
    if known.shape == fresh.shape:
        return known
    whole = fresh.clone()
    whole[tuple(slice(size) for size in known.shape)] = known.to(fresh.device)
    return whole
