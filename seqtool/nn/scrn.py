"""RNN with slow context units: the structurally constrained recurrent network (Mikolov 2015, also RNN-CF)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

if TYPE_CHECKING:
    from seqtool.nn.recurrent import Sizes

CHUNK = 64  # steps of one matrix product: its cost grows with their square, the cost of the loop falls


def scrn(sizes: Sizes) -> SCRN:
    """Make the layers of the cell `scrn`."""
    return SCRN(
        sizes.features, sizes.hidden, sizes.layers, context=sizes.context, alpha=sizes.alpha, dropout=sizes.dropout
    )


class SCRN(nn.Module):
    """s_t = (1 - alpha) B x_t + alpha s_(t-1);  h_t = tanh(P s_t + A x_t + R h_(t-1) + b);  output [h_t; s_t].

    A linear layer on the output is U h_t + V s_t, as for any cell. The context s has no non-linearity, so it is a
    matrix product over time; h is an `nn.RNN` whose input is [s_t; x_t]. A layer above reads [h_t; s_t].
    """

    def __init__(
        self, features: int, hidden: int, layers: int, *, context: int, alpha: float, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.alpha, self.dropout = alpha, dropout
        self.widths, self.outputs = (hidden, context), hidden + context
        sizes = [features] + [hidden + context] * (layers - 1)
        self.contexts = nn.ModuleList(nn.Linear(size, context, bias=False) for size in sizes)
        self.rnns = nn.ModuleList(nn.RNN(context + size, hidden, batch_first=True) for size in sizes)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Run x [B,T,F] from h [L,B,H] and s [L,B,S], zeros when None; return [h; s] [B,T,H+S] and the state after."""
        finals = []
        for number, (context, rnn) in enumerate(zip(self.contexts, self.rnns, strict=True)):
            h, s = (None, None) if state is None else (state[0][number], state[1][number])
            if number and self.dropout:
                x = dropout(x, self.dropout, self.training)
            slow = scan(context(x), s, self.alpha)
            fast, after = rnn(torch.cat([slow, x.to(slow.dtype)], dim=-1), None if h is None else h[None])
            x = torch.cat([fast, slow.to(fast.dtype)], dim=-1)
            finals.append((after[0], slow[:, -1]))
        h, s = (torch.stack(parts) for parts in zip(*finals, strict=True))
        return x, (h, s)


def scan(inputs: Tensor, first: Tensor | None, alpha: float) -> Tensor:
    """Return s [B,T,S] of s_t = (1 - alpha) u_t + alpha s_(t-1) for u [B,T,S], from `first` [B,S], zeros when None.

    Within a chunk s = M u + alpha^(t+1) s_0 with M[t,k] = (1 - alpha) alpha^(t-k), k <= t.
    """
    # never in bfloat16: a running mean loses what is below its last bit
    inputs = inputs.float() if inputs.dtype == torch.bfloat16 else inputs
    carried = torch.zeros_like(inputs[:, 0]) if first is None else first.to(inputs.dtype)
    t = torch.arange(min(CHUNK, inputs.shape[1]), device=inputs.device, dtype=inputs.dtype)
    weights = (1 - alpha) * torch.tril(alpha ** (t[:, None] - t).clamp(min=0))
    decay = (alpha ** (t + 1))[:, None]
    chunks: list[Tensor] = []
    with torch.autocast(inputs.device.type, enabled=False):
        for chunk in torch.split(inputs, CHUNK, dim=1):
            count = chunk.shape[1]
            chunks.append(weights[:count, :count] @ chunk + decay[:count] * carried[:, None])
            carried = chunks[-1][:, -1]
    return torch.cat(chunks, dim=1)
