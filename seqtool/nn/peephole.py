"""LSTM whose gates see the cell (Gers and Schmidhuber 2000, "Recurrent nets that time and count")."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import dropout, linear

from seqtool.nn.ragged import real_steps, reverse_rows
from seqtool.nn.recurrent import Sizes, fused

State = tuple[Tensor, Tensor]


def peephole(sizes: Sizes) -> PeepholeLSTM:
    """Make the layers of the cell `peephole`."""
    return fused(PeepholeLSTM, sizes)


class PeepholeLSTM(nn.RNNBase):
    """`nn.LSTM` with diagonal peepholes: the input and forget gates see c_(t-1), the output gate sees c_t.

    Beside the parameters of `nn.LSTM` each layer and direction has `weight_peephole_l<k>` [3,H], its rows in the
    order i, f, o. All are drawn as PyTorch draws them, from U(-1/sqrt(H), 1/sqrt(H)).
    """

    def __init__(
        self,
        features: int,
        hidden: int,
        layers: int,
        *,
        batch_first: bool,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__(
            "LSTM", features, hidden, layers, batch_first=batch_first, dropout=dropout, bidirectional=bidirectional
        )
        for suffix in self._suffixes():
            # one matrix, not three vectors: the L2 penalty and the first draw take vectors for biases
            weights = nn.Parameter(torch.empty(3, hidden).uniform_(-(hidden**-0.5), hidden**-0.5))
            self.register_parameter(f"weight_peephole{suffix}", weights)

    def _suffixes(self) -> list[str]:
        """Return the endings of the parameters' names in the order of the state: l0, l0_reverse, l1, ..."""
        directions = ("", "_reverse") if self.bidirectional else ("",)
        return [f"_l{layer}{direction}" for layer in range(self.num_layers) for direction in directions]

    def forward(self, x: Tensor, state: State | None = None, lengths: Tensor | None = None) -> tuple[Tensor, State]:
        """Run x ([B,T,F] if batch first, else [T,B,F]) from (h, c), each [L*D,B,H], zeros when None.

        Return the outputs, like x with D*H features, and (h, c) after T. lengths [B]: the steps that are not padding,
        1 to T; outputs are zero in padding, the state is the one after each row's last step.
        """
        y = x.transpose(0, 1) if self.batch_first else x
        suffixes = self._suffixes()
        h, c = state if state is not None else (y.new_zeros(len(suffixes), y.shape[1], self.hidden_size),) * 2
        directions, finals = len(suffixes) // self.num_layers, []
        for layer in range(self.num_layers):
            outputs = []
            for place in range(layer * directions, (layer + 1) * directions):
                output, final = self._run(y, (h[place], c[place]), suffixes[place], lengths)
                outputs.append(output)
                finals.append(final)
            y = outputs[0] if directions == 1 else torch.cat(outputs, dim=-1)
            if self.dropout and layer < self.num_layers - 1:
                y = dropout(y, self.dropout, self.training)
        h, c = (torch.stack(parts) for parts in zip(*finals, strict=True))
        return (y.transpose(0, 1) if self.batch_first else y), (h, c)

    def _run(self, x: Tensor, state: State, suffix: str, lengths: Tensor | None) -> tuple[Tensor, State]:
        """Run one layer in one direction over x [T,B,F]; return outputs [T,B,H] and the last (h, c)."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_peephole")
        w, r, b, recurrent_b, p = (getattr(self, name + suffix) for name in names)
        reverse = suffix.endswith("_reverse")
        inputs = linear(_reversed(x, lengths) if reverse else x, w, b + recurrent_b).to(r.dtype)  # of all steps at once
        y, cells = _Scan.apply(inputs, *state, r, p)  # type: ignore[no-untyped-call]  # torch gives `apply` no types
        if lengths is None:
            last = y[-1], cells[-1]
        else:
            ends = lengths.to(x.device) - 1, torch.arange(len(lengths), device=x.device)
            last = y[ends], cells[ends]
            y = y * real_steps(lengths, len(y), y.device).T[:, :, None]
        return (_reversed(y, lengths) if reverse else y), last


def _reversed(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Turn x [T,B,F] round, each row within its length."""
    return x.flip(0) if lengths is None else reverse_rows(x.transpose(0, 1), lengths).transpose(0, 1)


class _Scan(torch.autograd.Function):
    """The recurrence alone, its gradient written out."""

    # A few operations a step, where PyTorch records fifteen; each sum over time is one operation at the end.

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, h: Tensor, c: Tensor, r: Tensor, p: Tensor) -> tuple[Tensor, Tensor]:
        """From inputs [T,B,4H] (gates i, f, g, o), h and c [B,H], r [4H,H], p [3,H] to outputs and cells [T,B,H]."""
        steps, batch, hidden = len(inputs), *h.shape
        gates = inputs.new_empty(steps, batch, 4, hidden)
        cells, outputs = (torch.cat([first[None], first.new_empty(steps, batch, hidden)]) for first in (c, h))
        all_cells, all_outputs = cells.unbind(), outputs.unbind()
        for t, (now, from_x) in enumerate(zip(gates.unbind(), inputs.unbind(), strict=True)):
            torch.addmm(from_x, all_outputs[t], r.T, out=now.view(batch, -1))
            now[:, :2].addcmul_(all_cells[t][:, None], p[:2]).sigmoid_()
            i, f, g, o = now.unbind(1)
            c = torch.mul(f, all_cells[t], out=all_cells[t + 1]).addcmul_(i, g.tanh_())
            torch.tanh(c, out=all_outputs[t + 1]).mul_(o.addcmul_(c, p[2]).sigmoid_())
        ctx.save_for_backward(gates, cells, outputs, r, p)
        ctx.set_materialize_grads(False)  # most losses look at the outputs alone
        return outputs[1:], cells[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_outputs: Tensor | None, d_cells: Tensor | None) -> tuple[Tensor, ...]:
        """Go back through time."""
        # every factor that does not depend on the gradient is made for all steps at once
        gates, cells, outputs, r, p = ctx.saved_tensors
        d_outputs = torch.zeros_like(outputs[1:]) if d_outputs is None else d_outputs
        before, after = cells[:-1], cells[1:].tanh()
        i, f, g, o = gates.unbind(2)
        by_cell = torch.stack([i * (1 - i) * g, f * (1 - f) * before, i * (1 - g * g)], dim=2)  # [T,B,3,H]
        by_output = o * (1 - o) * after
        through_output = o * (1 - after * after) + by_output * p[2]
        through_cell = f + by_cell[:, :, 0] * p[0] + by_cell[:, :, 1] * p[1]
        d_gates = torch.empty_like(gates)
        dh = dc = torch.zeros_like(cells[0])
        for t in range(len(gates) - 1, -1, -1):
            dh = dh + d_outputs[t]
            dc = torch.addcmul(dc if d_cells is None else dc + d_cells[t], dh, through_output[t])
            torch.mul(dc[:, None], by_cell[t], out=d_gates[t, :, :3])
            torch.mul(dh, by_output[t], out=d_gates[t, :, 3])
            dc, dh = dc * through_cell[t], d_gates[t].view(len(dh), -1) @ r
        flat = d_gates.flatten(2)
        seen = torch.stack([before, before, cells[1:]], dim=2)
        dp = (d_gates[:, :, [0, 1, 3]] * seen).sum(dim=(0, 1))
        return flat, dh, dc, flat.flatten(0, 1).T @ outputs[:-1].flatten(0, 1), dp
