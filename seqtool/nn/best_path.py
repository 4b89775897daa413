"""The likeliest path through the logits of a sentence, of those whose steps may follow one another (Viterbi 1967)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqtool.types import Flags

FORBIDDEN = -1e4
"""What a forbidden step costs: finite, so that labels which nothing may follow still end in an answer."""


class BestPath(nn.Module):
    """Chooses a label at each step.

    allowed: flags [K+1,K+1], whether the label of a column may follow that of a row; the last row holds those that may
    come first, the last column those that may come last.
    """

    costs: Tensor

    def __init__(self, allowed: Flags) -> None:
        super().__init__()
        # follows from the labels, so that no checkpoint needs it
        costs = torch.where(torch.from_numpy(allowed), 0.0, FORBIDDEN)
        self.register_buffer("costs", costs, persistent=False)

    def forward(self, logits: Tensor, lengths: Tensor) -> Tensor:
        """Return the ids [B,T] of the path through logits [B,T,K] of `lengths` [B], on the host; 0 in padding."""
        steps, lengths = self.costs[:-1, :-1], lengths.to(logits.device)
        best = _shifted(logits[:, 0] + self.costs[-1, :-1])
        stay = torch.arange(logits.shape[2], device=logits.device).expand_as(best)
        back = [stay]
        for step in range(1, logits.shape[1]):
            reached, before = (best[:, :, None] + steps).max(dim=1)
            real = (lengths > step)[:, None]
            best = torch.where(real, _shifted(reached + logits[:, step]), best)
            back.append(torch.where(real, before, stay))
        label = (best + self.costs[:-1, -1]).argmax(dim=1, keepdim=True)
        path = []
        for before in reversed(back):
            path.append(label)
            label = before.gather(1, label)
        real = torch.arange(logits.shape[1], device=logits.device) < lengths[:, None]
        return torch.cat(path[::-1], dim=1).masked_fill(~real, 0)


def _shifted(best: Tensor) -> Tensor:
    # the sums of a long sentence would lose the last bits of its words
    return best - best.amax(dim=1, keepdim=True)
