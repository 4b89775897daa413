"""From an encoder's final state to a decoder's first."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqtool.nn.recurrent import State


class Bridge(nn.Module):
    """Hand the encoder's state over: as it is from one direction, through tanh(W [forward; backward]) from two.

    The form for two directions follows Bahdanau 2015, appendix A.2.2, with one W a state tensor.
    """

    def __init__(self, hidden: int, directions: int, tensors: int) -> None:
        super().__init__()
        self.directions = directions
        self.maps = nn.ModuleList(
            nn.Linear(directions * hidden, hidden) for _ in range(tensors if directions > 1 else 0)
        )

    def forward(self, state: State) -> State:
        """Map each tensor from [L*D, B, H] to [L, B, H]."""
        if self.directions == 1:
            return state
        return tuple(self._merge(tensor, linear) for tensor, linear in zip(state, self.maps, strict=True))

    def _merge(self, tensor: Tensor, linear: nn.Module) -> Tensor:
        forward, backward = tensor[0::2], tensor[1::2]
        merged: Tensor = torch.tanh(linear(torch.cat([forward, backward], dim=-1)))
        return merged
