"""`nn.LSTM` over padded rows, as fast on a processor as without padding."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from seqtool.nn.ragged import real_steps, reverse_rows

CLOSED = 1e4
"""What shuts a gate for good, or opens it: its sigmoid is 0, or 1."""


class LSTM(nn.LSTM):
    """`nn.LSTM` with batch first, that knows how long its rows are.

    PyTorch runs a packed batch on a processor step by step, three times as slow as a padded one, which oneDNN runs
    whole. So rows are padded here: in padding one more input closes the input gates and opens the forget gates, and
    the cells stay what they are; a second direction reads each row from its own end.
    """

    def forward(  # type: ignore[override]  # a third input
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Run x [B,T,F] from (h, c), each [L*D,B,H], zeros when None; return outputs [B,T,D*H] and (h, c) after T.

        lengths [B]: the steps that are no padding, 1 to T; outputs are zero in padding, the state is that after each
        row's last step.
        """
        if lengths is None:
            y, after = super().forward(x, state)
            return y, after
        real = real_steps(lengths, x.shape[1], x.device)[:, :, None].to(x.dtype)
        places = self.num_layers * (1 + self.bidirectional)
        h, c = state if state is not None else (x.new_zeros(places, len(x), self.hidden_size),) * 2
        directions = ("", "_reverse")[: 1 + self.bidirectional]
        finals: list[tuple[Tensor, Tensor]] = []
        for layer in range(self.num_layers):
            outputs = []
            for direction in directions:
                place = len(finals)
                first = h[place : place + 1], c[place : place + 1]
                made, final = self._direction(x, real, lengths, first, f"_l{layer}{direction}")
                outputs.append(made)
                finals.append(final)
            x = torch.cat(outputs, dim=-1)
            if self.dropout and layer < self.num_layers - 1:
                x = dropout(x, self.dropout, self.training)
        h, c = (torch.cat(parts) for parts in zip(*finals, strict=True))
        return x, (h, c)

    def _direction(
        self, x: Tensor, real: Tensor, lengths: Tensor, first: tuple[Tensor, Tensor], suffix: str
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Run one layer in one direction; return outputs [B,T,H], and h and c after it, each [1,B,H]."""
        w, r, b, recurrent_b = (
            getattr(self, name + suffix) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        reverse = suffix.endswith("_reverse")
        given = torch.cat((reverse_rows(x, lengths) if reverse else x, 1 - real.to(x.dtype)), dim=-1)
        gates = torch.tensor([-CLOSED, CLOSED, 0.0, 0.0], dtype=w.dtype, device=w.device)
        w = torch.cat((w, gates.repeat_interleave(self.hidden_size)[:, None]), dim=1)
        y, _, c = torch.lstm(given, first, (w, r, b, recurrent_b), True, 1, 0.0, self.training, False, True)
        h = y[torch.arange(len(y), device=y.device), lengths.to(y.device) - 1]
        y = y * real
        return (reverse_rows(y, lengths) if reverse else y), (h[None], c)
