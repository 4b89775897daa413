"""SCRN against its equations, written out step by step in float64; its operators against the layer."""

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spox import Tensor, argument, build

from seqtool.graph.model import plain_bytes
from seqtool.graph.scrn import Scrn
from seqtool.nn.recurrent import Recurrent
from seqtool.nn.scrn import SCRN, scan


def by_hand(module, x, h0, s0):
    """Mikolov 2015, equations 1 to 3: outputs [h; s] [B,T,H+S] and the state."""
    alpha, after = module.alpha, []
    for layer, (context, rnn) in enumerate(zip(module.contexts, module.rnns, strict=True)):
        width = context.out_features
        p, a = rnn.weight_ih_l0[:, :width], rnn.weight_ih_l0[:, width:]
        h, s, outputs = h0[layer], s0[layer], []
        for t in range(x.shape[1]):
            s = (1 - alpha) * x[:, t] @ context.weight.T + alpha * s
            h = torch.tanh(s @ p.T + x[:, t] @ a.T + h @ rnn.weight_hh_l0.T + rnn.bias_ih_l0 + rnn.bias_hh_l0)
            outputs.append(torch.cat([h, s], dim=-1))
        x = torch.stack(outputs, dim=1)
        after.append((h, s))
    return x, tuple(torch.stack(parts) for parts in zip(*after, strict=True))


@settings(max_examples=15, deadline=None)
@given(
    layers=st.integers(1, 3), batch=st.integers(1, 4), steps=st.sampled_from([1, 2, 63, 64, 65, 130]),
    alpha=st.sampled_from([0.0, 0.5, 0.95, 0.999]), seed=st.integers(0, 9),
)  # fmt: skip
def test_outputs_state_and_gradients_are_those_of_the_equations(layers, batch, steps, alpha, seed):
    torch.manual_seed(seed)
    module = SCRN(3, 5, layers, context=4, alpha=alpha).double()
    x, h, s = (torch.randn(*shape).double().requires_grad_() for shape in (
        (batch, steps, 3), (layers, batch, 5), (layers, batch, 4)
    ))  # fmt: skip
    wanted = [*module.parameters(), x, h, s]
    results, gradients = [], []
    for made, state in (module(x, (h, s)), by_hand(module, x, h, s)):
        results.append([made, *state])
        total = sum((tensor * torch.linspace(-1, 2, tensor.numel()).view_as(tensor)).sum() for tensor in results[-1])
        gradients.append(torch.autograd.grad(total, wanted))
    for one, other in zip(results[0] + list(gradients[0]), results[1] + list(gradients[1]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-10)


def test_a_first_state_of_none_is_zeros():
    torch.manual_seed(0)
    module, x = SCRN(3, 5, 2, context=4, alpha=0.9), torch.randn(2, 7, 3)
    one, other = module(x), module(x, (torch.zeros(2, 2, 5), torch.zeros(2, 2, 4)))
    torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_the_context_forgets_at_the_rate_alpha():
    """An impulse of 1 stands at 0.1 * 0.9^t after t more steps, across chunks too."""
    impulse = torch.zeros(1, 200, 1, dtype=torch.float64)
    impulse[0, 0] = 1
    np.testing.assert_allclose(scan(impulse, None, 0.9)[0, :, 0], 0.1 * 0.9 ** np.arange(200), rtol=1e-12)


def test_the_context_is_kept_in_float32_under_autocast():
    """In bfloat16 a context of 100 would not move by 0.05."""
    with torch.autocast("cpu", torch.bfloat16):
        made = scan(torch.full((1, 1, 1), 101.0, dtype=torch.bfloat16), torch.full((1, 1), 100.0), 0.95)
    assert made.dtype == torch.float32
    assert made.item() == pytest.approx(100.05)


@pytest.mark.parametrize("layers", [1, 2])
def test_the_operators_take_and_give_the_state(layers):
    torch.manual_seed(0)
    module = Recurrent("scrn", 3, 8, layers, context=5, alpha=0.95).eval()
    x = argument(Tensor(np.float32, ("T", "B", 3)))
    state = tuple(argument(Tensor(np.float32, (layers, "B", width))) for width in module.widths)
    lengths = argument(Tensor(np.int32, ("B",)))
    y, (h, s) = Scrn(module)(x, state, lengths)
    model = build({"x": x, "h": state[0], "s": state[1], "lengths": lengths}, {"y": y, "h_out": h, "s_out": s})
    session = onnxruntime.InferenceSession(plain_bytes(model))
    first = tuple(torch.randn(layers, 4, width) for width in module.widths)
    values, counts = torch.randn(4, 9, 3), np.array([9, 0, 4, 1], np.int32)
    feeds = {"x": values.transpose(0, 1).numpy(), "h": first[0].numpy(), "s": first[1].numpy(), "lengths": counts}
    y, *after = session.run(None, feeds)
    for row, count in enumerate(counts):
        before = tuple(tensor[:, row : row + 1] for tensor in first)
        with torch.no_grad():
            expected, last = module(values[row : row + 1, :count], before) if count else (torch.zeros(1, 0, 13), before)
        np.testing.assert_allclose(y[:count, row], expected[0], atol=2e-6)
        for one, other in zip(after, last, strict=True):
            np.testing.assert_allclose(one[:, row], other[:, 0], atol=2e-6)
