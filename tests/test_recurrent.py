"""The recurrent operators against the PyTorch layers whose twins they are."""

import numpy as np
import onnxruntime
import pytest
import torch
from spox import Tensor, argument, build

from seqtool.graph import recurrent as graph
from seqtool.graph.model import plain_bytes
from seqtool.nn.recurrent import Recurrent, state_tensors

CELLS = ["lstm", "gru", "rnn", "peephole"]
FEATURES, HIDDEN = 3, 8


def opened(module, outputs):
    """Return a session of x [T,B,F] and the state before, with what `outputs(twin, x, state)` names."""
    x = argument(Tensor(np.float32, ("T", "B", FEATURES)))
    shape = (module.layers * module.directions, "B", HIDDEN)
    state = [argument(Tensor(np.float32, shape)) for _ in range(state_tensors(module.cell))]
    made = outputs(graph.operators(module), x, tuple(state))
    model = build({"x": x, **{f"state_{i}": tensor for i, tensor in enumerate(state)}}, made)
    return onnxruntime.InferenceSession(plain_bytes(model)), list(made)


def inputs(module, batch, steps):
    """Return x [B,T,F] and a state, as tensors and as what a session is fed."""
    x = torch.randn(batch, steps, FEATURES)
    shape = (module.layers * module.directions, batch, HIDDEN)
    state = tuple(torch.randn(shape) for _ in range(state_tensors(module.cell)))
    feeds = {f"state_{i}": tensor.numpy() for i, tensor in enumerate(state)}
    return x, state, {"x": x.transpose(0, 1).numpy(), **feeds}


def named(prefix, state):
    return {f"{prefix}_{i}": tensor for i, tensor in enumerate(state)}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (2, True)])
def test_the_operators_take_and_give_the_state(cell, layers, bidirectional):
    torch.manual_seed(0)
    module = Recurrent(cell, FEATURES, HIDDEN, layers, bidirectional=bidirectional).eval()

    def outputs(twin, x, state):
        y, after = twin(x, state)
        return {"y": y, **named("after", after)}

    session, names = opened(module, outputs)
    for batch, steps in [(1, 7), (3, 1), (5, 20)]:
        x, state, feeds = inputs(module, batch, steps)
        y, *after = session.run(names, feeds)
        with torch.no_grad():
            expected, last = module(x, state)
        np.testing.assert_allclose(y.transpose(1, 0, 2), expected, atol=2e-6)
        for one, other in zip(after, last, strict=True):
            np.testing.assert_allclose(one, other, atol=2e-6)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_blocks_of_steps_give_the_state_of_one_call_bit_for_bit(cell, layers, monkeypatch):
    torch.manual_seed(0)
    gates = {"lstm": 4, "gru": 3, "rnn": 1, "peephole": 4}[cell]
    monkeypatch.setattr(graph, "BLOCK", gates * HIDDEN * 12)  # 2 rows: 6 steps a block; 5 rows: 2; 20 rows: 1
    module = Recurrent(cell, FEATURES, HIDDEN, layers).eval()

    def outputs(twin, x, state):
        zeros = named("zeros", twin.last(x)) | named("zeros_whole", twin(x)[1])
        return named("blocks", twin.last(x, state)) | named("whole", twin(x, state)[1]) | zeros

    session, names = opened(module, outputs)
    for batch, steps in [(2, 1), (2, 6), (2, 17), (5, 8), (5, 9), (20, 3)]:
        made = dict(zip(names, session.run(names, inputs(module, batch, steps)[2]), strict=True))
        for i in range(state_tensors(cell)):
            np.testing.assert_array_equal(made[f"blocks_{i}"], made[f"whole_{i}"])
            np.testing.assert_array_equal(made[f"zeros_{i}"], made[f"zeros_whole_{i}"])
