"""Ragged batches in PyTorch: each row as if it were alone, in outputs, states and gradients."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.nn import padded
from seqtool.nn.pooling import Pooling
from seqtool.nn.ragged import real_steps
from seqtool.nn.recurrent import Recurrent, top

CELLS = ["lstm", "gru", "rnn", "peephole"]
FEATURES = 3


def one_by_one(module, x, lengths, state):
    """Run each row alone, without padding; outputs with zeros behind, and the states side by side."""
    outputs, states = torch.zeros(*x.shape[:2], module.outputs, dtype=x.dtype), []
    for row, length in enumerate(lengths.tolist()):
        before = None if state is None else tuple(tensor[:, row : row + 1] for tensor in state)
        y, after = module(x[row : row + 1, :length], before)
        outputs = outputs.index_put((torch.tensor(row), torch.arange(length)), y[0])
        states.append(after)
    return outputs, tuple(torch.cat(parts, dim=1) for parts in zip(*states, strict=True))


@st.composite
def setups(draw):
    """A module in double precision, inputs with anything in the padding, lengths, perhaps a state."""
    lengths = torch.tensor(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)))
    steps = int(lengths.max()) + draw(st.integers(0, 2))
    layers, bidirectional = draw(st.integers(1, 2)), draw(st.booleans())
    torch.manual_seed(draw(st.integers(0, 1000)))
    module = Recurrent(draw(st.sampled_from(CELLS)), FEATURES, 4, layers, bidirectional=bidirectional).double()
    x = torch.randn(len(lengths), steps, FEATURES, dtype=torch.double)
    state = None
    if draw(st.booleans()):
        shape = (layers * module.directions, len(lengths), 4)
        state = tuple(torch.randn(shape, dtype=torch.double) for _ in module.widths)
    return module, x, lengths, state


@settings(max_examples=60, deadline=None)
@given(setups())
def test_a_row_is_computed_as_if_it_were_alone(setup):
    module, x, lengths, state = setup
    made, wanted = (
        run(*given) for run, given in ((module, (x, state, lengths)), (one_by_one, (module, x, lengths, state)))
    )
    torch.testing.assert_close(made, wanted, rtol=1e-10, atol=1e-12)
    padding = ~real_steps(lengths, x.shape[1], x.device)
    assert (made[0][padding] == 0).all()


@settings(max_examples=25, deadline=None)
@given(setups())
def test_padding_has_no_gradient_and_rows_have_that_of_their_own(setup):
    module, x, lengths, state = setup
    found = []
    for run in (lambda: module(x, state, lengths), lambda: one_by_one(module, x, lengths, state)):
        x.requires_grad_().grad = None
        y, after = run()
        total = y.sin().sum() + sum(tensor.cos().sum() for tensor in after)
        found.append(torch.autograd.grad(total, [x, *module.parameters()]))
    torch.testing.assert_close(*found, rtol=1e-9, atol=1e-11)


@settings(max_examples=20, deadline=None)
@given(setups())
def test_packed_rows_are_computed_as_padded_ones_are(setup):
    """A GPU is given packed ones."""
    module, x, lengths, state = setup
    wanted = module(x, state, lengths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(padded, "DEVICES", ())
        torch.testing.assert_close(module(x, state, lengths), wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("devices", [("cpu",), ()])
@pytest.mark.parametrize("cell", CELLS)
def test_dropped_weights_are_the_same_for_all_rows(cell, devices, monkeypatch):
    monkeypatch.setattr(padded, "DEVICES", devices)
    torch.manual_seed(0)
    module = Recurrent(cell, FEATURES, 6, 2, bidirectional=True, weight_drop=0.5).train()
    x, lengths = torch.randn(3, 7, FEATURES), torch.tensor([7, 2, 4])

    def run(lengths):
        torch.manual_seed(3)
        return module(x, None, lengths)[0]

    ragged, plain = run(lengths), run(None)
    torch.testing.assert_close(ragged[0], plain[0])
    assert not torch.allclose(ragged[1, :2], plain[1, :2])  # its second direction begins elsewhere
    torch.testing.assert_close(run(lengths), ragged, rtol=0, atol=0)
    ragged.sum().backward()
    dropped = next(w.grad for name, w in module.rnn.named_parameters() if "weight_hh" in name)
    assert 0.2 < (dropped == 0).float().mean() < 0.8


@pytest.mark.parametrize("cell", CELLS)
def test_in_bf16_the_answers_are_near_and_gradients_come(cell):
    torch.manual_seed(0)
    module = Recurrent(cell, FEATURES, 8, 2, bidirectional=True)
    x, lengths = torch.randn(3, 7, FEATURES), torch.tensor([7, 2, 4])
    exact, _ = module(x, None, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        y, _ = module(x, None, lengths)
        pooled = Pooling("attention", 16, 2)(y, lengths)
    torch.testing.assert_close(y.float(), exact, rtol=0, atol=0.05)
    pooled.float().sum().backward()
    assert all(torch.isfinite(weights.grad).all() for weights in module.parameters())


def test_scrn_says_that_it_reads_no_padding():
    with pytest.raises(ValueError, match="scrn reads no padded rows"):
        Recurrent("scrn", 2, 3, 1, context=2, alpha=0.5)(torch.zeros(2, 3, 2), None, torch.tensor([3, 1]))


@settings(max_examples=40, deadline=None)
@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_pooling_sees_real_steps_alone(lengths, seed):
    torch.manual_seed(seed)
    lengths = torch.tensor(lengths)
    y = torch.randn(len(lengths), int(lengths.max()) + 1, 4) - 3  # below the zeros of padding
    y[~real_steps(lengths, y.shape[1], y.device)] = 100.0
    attention = Pooling("attention", 4)
    query = attention.query.weight[0].detach()
    for row, length in enumerate(lengths):
        real = y[row, :length]
        torch.testing.assert_close(Pooling("max", 4)(y, lengths)[row], real.max(dim=0).values)
        torch.testing.assert_close(Pooling("last", 4)(y, lengths)[row], real[-1])
        both = Pooling("last", 4, 2)(y, lengths)[row]
        torch.testing.assert_close(both, torch.cat([real[-1, :2], real[0, 2:]]))
        scores = [float(torch.exp(query @ step)) for step in real]
        mean = sum(score * step for score, step in zip(scores, real, strict=True)) / sum(scores)
        torch.testing.assert_close(attention(y, lengths)[row], mean)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_last_outputs_are_the_state_s(cell, bidirectional):
    torch.manual_seed(0)
    module = Recurrent(cell, FEATURES, 4, 2, bidirectional=bidirectional)
    lengths = torch.tensor([5, 1, 3])
    y, state = module(torch.randn(3, 5, FEATURES), None, lengths)
    torch.testing.assert_close(
        Pooling("last", module.outputs, module.directions)(y, lengths), top(state, module.directions)
    )
