"""The peephole LSTM against a cell written out in numpy, and against `nn.LSTM`."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.scaler import Scaler
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.network import Forecaster
from seqtool.nn.peephole import PeepholeLSTM
from seqtool.training.optimisers import optimiser


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def one_direction(x, h, c, w, r, b, p):
    """Gers and Schmidhuber 2000, step by step, for x [T,B,F]: outputs [T,B,H], h, c."""
    outputs = []
    for row in x:
        i, f, g, o = np.split(row @ w.T + h @ r.T + b, 4, axis=1)
        before = c
        c = sigmoid(f + p[1] * before) * before + sigmoid(i + p[0] * before) * np.tanh(g)
        h = sigmoid(o + p[2] * c) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs), h, c


def by_hand(module, x, h0, c0):
    """Run a whole `PeepholeLSTM` in numpy on tensors x [B,T,F], h0, c0: outputs [B,T,D*H], h and c [L*D,B,H]."""
    weights = {name: tensor.detach().double().numpy() for name, tensor in module.named_parameters()}
    y, finals = x.numpy().transpose(1, 0, 2), []
    for layer in range(module.num_layers):
        made = []
        for suffix in ("", "_reverse")[: 1 + module.bidirectional]:
            part = {name: weights[f"{name}_l{layer}{suffix}"] for name in ("weight_ih", "weight_hh", "weight_peephole")}
            b = weights[f"bias_ih_l{layer}{suffix}"] + weights[f"bias_hh_l{layer}{suffix}"]
            first = h0[len(finals)].numpy(), c0[len(finals)].numpy()
            given = y[::-1] if suffix else y
            out, *final = one_direction(given, *first, part["weight_ih"], part["weight_hh"], b, part["weight_peephole"])
            made.append(out[::-1] if suffix else out)
            finals.append(final)
        y = np.concatenate(made, axis=2)
    return y.transpose(1, 0, 2), *(np.stack(parts) for parts in zip(*finals, strict=True))


@st.composite
def setups(draw):
    """A module in double precision, an input [B,T,F] and a state that fit."""
    batch, steps, features, hidden = (draw(st.integers(1, most)) for most in (3, 4, 3, 3))
    layers, bidirectional = draw(st.integers(1, 2)), draw(st.booleans())
    torch.manual_seed(draw(st.integers(0, 1000)))
    module = PeepholeLSTM(features, hidden, layers, batch_first=True, bidirectional=bidirectional).double()
    h, c = torch.randn(2, layers * (1 + bidirectional), batch, hidden, dtype=torch.double)
    return module, torch.randn(batch, steps, features, dtype=torch.double), (h, c)


@given(setups())
@settings(max_examples=30, deadline=None)
def test_the_layers_compute_the_cell_of_gers(setup):
    module, x, state = setup
    y, after = module(x, state)
    for made, expected in zip((y, *after), by_hand(module, x, *state), strict=True):
        np.testing.assert_allclose(made.detach().numpy(), expected, rtol=1e-10, atol=1e-12)


@given(setups())
@settings(max_examples=12, deadline=None)
def test_the_gradient_written_out_is_that_of_finite_differences(setup):
    module, x, state = setup
    names = [name for name, _ in module.named_parameters()]
    inputs = [tensor.detach().clone().requires_grad_() for tensor in (x, *state, *module.parameters())]

    def run(x, h, c, *parameters):
        y, after = torch.func.functional_call(module, dict(zip(names, parameters, strict=True)), (x, (h, c)))
        return y, *after

    assert torch.autograd.gradcheck(run, inputs)


@given(setups())
@settings(max_examples=10, deadline=None)
def test_without_peepholes_it_is_the_lstm_of_pytorch(setup):
    module, x, state = setup
    plain = torch.nn.LSTM(
        module.input_size, module.hidden_size, module.num_layers, batch_first=True, bidirectional=module.bidirectional
    ).double()
    weights = {name: tensor for name, tensor in module.state_dict().items() if "peephole" not in name}
    assert weights.keys() == plain.state_dict().keys()
    plain.load_state_dict(weights)
    for name, parameter in module.named_parameters():
        if "peephole" in name:
            torch.nn.init.zeros_(parameter)
    for first in (state, None):  # None: zeros
        y, after = module(x, first)
        expected, (h, c) = plain(x, first)
        torch.testing.assert_close((y, *after), (expected, h, c), rtol=1e-10, atol=1e-12)


def test_dropout_acts_between_layers_and_in_training_only():
    torch.manual_seed(0)
    module = PeepholeLSTM(1, 64, 2, batch_first=True, dropout=0.5)
    x = torch.randn(1, 1, 1)
    seen = []
    module.weight_ih_l1.register_hook(lambda gradient: seen.append(gradient))
    module(x)[0].sum().backward()
    silent = (seen[0] == 0).all(dim=0).float().mean().item()  # a unit dropped below gives its weights no gradient
    assert 0.25 < silent < 0.75
    module.eval()
    torch.testing.assert_close(module(x), module(x), rtol=0, atol=0)
    module(x)[0].sum().backward()
    assert not (seen[1] == 0).all(dim=0).any()


def test_first_weights_are_drawn_as_pytorch_draws_them():
    torch.manual_seed(0)
    module = PeepholeLSTM(3, 100, 1, batch_first=True)
    for parameter in module.parameters():
        assert parameter.abs().max() <= 0.1
        assert parameter.std().item() == pytest.approx(0.2 / 12**0.5, rel=0.1)


def test_peepholes_are_weights_for_the_penalty_and_the_first_draw():
    config = ForecastingConfig(cell="peephole", hidden=64, l2=0.1, initial_deviation=0.05)
    module = Forecaster(config, Scaler("standard", (0.0,), (1.0,)))
    penalised, free = optimiser(module, config).param_groups
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    assert {names[id(p)].rpartition(".")[2] for p in penalised["params"]} == {
        "weight_ih_l0", "weight_hh_l0", "weight_peephole_l0", "weight"
    }  # fmt: skip
    assert all("bias" in names[id(p)] or names[id(p)] == "core.go" for p in free["params"])
    peepholes = module.core.encoder.rnn.weight_peephole_l0
    assert 0.05 < peepholes.abs().max() <= 0.1
    assert peepholes.std().item() == pytest.approx(0.05 * 0.88, rel=0.15)  # the deviation of a normal cut at two
