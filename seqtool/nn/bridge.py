"""From an encoder's final state to a decoder's first."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn

from seqtool.nn.recurrent import State


class Bridge(nn.Module):
    """Hand the encoder's state over: as it is from one direction, through tanh(W [forward; backward]) from two
    (Bahdanau 2015, appendix A.2.2), with one W a state tensor."""

    def __init__(self, hidden: int, directions: int, tensors: int) -> None:
        super().__init__()
        self.directions = directions
        count = tensors if directions > 1 else 0
        self.maps = nn.ModuleList(nn.Linear(directions * hidden, hidden) for _ in range(count))

    def forward(self, state: State) -> State:
        """Map each tensor from [L*D, B, H] to [L, B, H]."""
        if self.directions == 1:
            return state
        return _through(self.maps, _beside(state, self.directions))


class StateBridge(nn.Module):
    """Hand over a state whose directions together are as wide as the decoder: side by side (`copy`), through
    tanh(W s) with one W a state tensor (`dense`), or not at all (`zero`)."""

    def __init__(self, kind: Literal["copy", "dense", "zero"], width: int, directions: int, tensors: int) -> None:
        """Take the width D*H of the encoder's state, the decoder's too."""
        super().__init__()
        self.kind, self.directions = kind, directions
        self.maps = nn.ModuleList(nn.Linear(width, width) for _ in range(tensors if kind == "dense" else 0))

    def forward(self, state: State) -> State:
        """Map each tensor from [L*D,B,H] to [L,B,D*H]."""
        beside = _beside(state, self.directions)
        if self.kind == "zero":
            return tuple(torch.zeros_like(tensor) for tensor in beside)
        return _through(self.maps, beside) if self.kind == "dense" else beside


def _beside(state: State, directions: int) -> State:
    """[L*D,B,H] -> [L,B,D*H]."""
    # PyTorch puts the directions of a layer one after the other
    return tuple(torch.cat([tensor[d::directions] for d in range(directions)], dim=-1) for tensor in state)


def _through(maps: nn.ModuleList, state: State) -> State:
    return tuple(torch.tanh(linear(tensor)) for tensor, linear in zip(state, maps, strict=True))
