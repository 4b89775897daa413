"""Weight-drop: which weights it drops, when, and that gradients follow."""

import numpy as np
import pytest
import torch

from seqtool.nn.recurrent import Recurrent

CELLS = ["lstm", "gru", "rnn", "peephole", "scrn"]


def module(cell, share=0.5, **settings):
    torch.manual_seed(0)
    return Recurrent(cell, 3, 6, 2, weight_drop=share, context=4, alpha=0.9, **settings)


@pytest.mark.parametrize("cell", CELLS)
def test_without_training_nothing_is_dropped(cell):
    dropped, plain, x = module(cell).eval(), module(cell, 0.0).eval(), torch.randn(2, 5, 3)
    torch.testing.assert_close(dropped(x), plain(x), rtol=0, atol=0)
    assert dropped.state_dict().keys() == plain.state_dict().keys()


@pytest.mark.parametrize("cell", CELLS)
def test_one_mask_of_the_recurrent_weights_holds_for_a_whole_batch(cell):
    """A dropped weight has no gradient, a kept one the gradient of the network with the kept weights doubled."""
    made, x = module(cell).train(), torch.randn(8, 11, 3)
    y, _ = made(x)
    y.square().sum().backward()
    twin = module(cell, 0.0)
    for (name, one), other in zip(made.rnn.named_parameters(), twin.rnn.parameters(), strict=True):
        if "weight_hh" in name:
            kept = (one.grad != 0).to(one.dtype)
            assert 0.2 < kept.mean() < 0.8
            other.data = 2 * one.data * kept
    expected, _ = twin(x)
    torch.testing.assert_close(y, expected)
    expected.square().sum().backward()
    for (name, one), other in zip(made.rnn.named_parameters(), twin.rnn.parameters(), strict=True):
        scale = 2 * (one.grad != 0) if "weight_hh" in name else 1.0
        torch.testing.assert_close(one.grad, other.grad * scale)


def test_each_batch_draws_anew_and_the_seed_decides():
    made, x = module("lstm").train(), torch.randn(2, 5, 3)
    torch.manual_seed(3)
    first, second = made(x)[0], made(x)[0]
    torch.manual_seed(3)
    again = made(x)[0]
    assert not torch.equal(first, second)
    assert torch.equal(first, again)


def numeric(function, tensor, places):
    """Central differences of a scalar function at some places of a tensor."""
    flat, found = tensor.data.view(-1), []
    for place in places:
        kept = flat[place].item()
        values = []
        for shifted in (kept + 1e-6, kept - 1e-6):
            flat[place] = shifted
            values.append(function().item())
        flat[place] = kept
        found.append((values[0] - values[1]) / 2e-6)
    return np.array(found)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_slopes(cell):
    """In float64, of every weight, from a state, with the same mask at each evaluation."""
    made, x = module(cell, 0.3).double().train(), torch.randn(2, 6, 3).double()
    state = tuple(torch.randn(2, 2, width).double() for width in made.widths)

    def total():
        torch.manual_seed(5)
        y, after = made(x, state)
        return y.sin().sum() + sum(tensor.cos().sum() for tensor in after)

    gradients = torch.autograd.grad(total(), list(made.parameters()))
    with torch.no_grad():
        for gradient, parameter in zip(gradients, made.parameters(), strict=True):
            places = np.linspace(0, parameter.numel() - 1, 4).astype(int)
            np.testing.assert_allclose(gradient.view(-1)[places], numeric(total, parameter, places), atol=1e-7)
