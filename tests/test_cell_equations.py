"""Every cell of a stack against its equations, step by step in float64, gradients included."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.nn.recurrent import Recurrent


def lstm(x, h, c, w, r, b, recurrent_b):
    """Hochreiter and Schmidhuber 1997, with the forget gate of Gers 2000."""
    i, f, g, o = (x @ w.T + b + h @ r.T + recurrent_b).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def peephole(x, h, c, w, r, b, recurrent_b, p):
    """Gers and Schmidhuber 2000."""
    i, f, g, o = (x @ w.T + b + h @ r.T + recurrent_b).chunk(4, dim=-1)
    c = torch.sigmoid(f + p[1] * c) * c + torch.sigmoid(i + p[0] * c) * torch.tanh(g)
    return torch.sigmoid(o + p[2] * c) * torch.tanh(c), c


def gru(x, h, w, r, b, recurrent_b):
    """Cho 2014, the reset gate applied after the recurrent product."""
    given, carried = (x @ w.T + b).chunk(3, dim=-1), (h @ r.T + recurrent_b).chunk(3, dim=-1)
    reset, update = (torch.sigmoid(given[gate] + carried[gate]) for gate in (0, 1))
    return ((1 - update) * torch.tanh(given[2] + reset * carried[2]) + update * h,)


def rnn(x, h, w, r, b, recurrent_b):
    """Elman 1990."""
    return (torch.tanh(x @ w.T + b + h @ r.T + recurrent_b),)


EQUATIONS = {"lstm": lstm, "peephole": peephole, "gru": gru, "rnn": rnn}
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_peephole")


def by_hand(module, x, state):
    finals = []
    for layer in range(module.layers):
        weights = [getattr(module.rnn, f"{name}_l{layer}") for name in NAMES if hasattr(module.rnn, f"{name}_l{layer}")]
        now, outputs = [tensor[layer] for tensor in state], []
        for t in range(x.shape[1]):
            now = EQUATIONS[module.cell](x[:, t], *now, *weights)
            outputs.append(now[0])
        x = torch.stack(outputs, dim=1)
        finals.append(now)
    return x, tuple(torch.stack(parts) for parts in zip(*finals, strict=True))


@pytest.mark.parametrize("cell", EQUATIONS)
@settings(max_examples=6, deadline=None)
@given(layers=st.integers(1, 3), batch=st.integers(1, 4), steps=st.integers(1, 12), seed=st.integers(0, 9))
def test_outputs_state_and_gradients_are_those_of_the_equations(cell, layers, batch, steps, seed):
    torch.manual_seed(seed)
    module = Recurrent(cell, 3, 5, layers).double()
    x = torch.randn(batch, steps, 3).double().requires_grad_()
    state = tuple(torch.randn(layers, batch, 5).double().requires_grad_() for _ in module.widths)
    wanted = [*module.parameters(), x, *state]
    found = []
    for made, after in (module(x, state), by_hand(module, x, state)):
        total = sum((part * torch.linspace(-1, 2, part.numel()).view_as(part)).sum() for part in (made, *after))
        found.append([made, *after, *torch.autograd.grad(total, wanted)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)
