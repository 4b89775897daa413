"""One step of each cell in a graph against the PyTorch layers whose twins they are."""

import numpy as np
import onnxruntime
import pytest
import spox.opset.ai.onnx.v20 as op
import torch
from spox import Tensor, argument, build

from seqtool.graph.cells import Cells, dense
from seqtool.graph.model import plain_bytes
from seqtool.nn.recurrent import Recurrent

CELLS = ["lstm", "gru", "rnn", "peephole", "scrn"]
E, H, S, V = 3, 8, 5, 7


def layers_of(cell, layers):
    torch.manual_seed(0)
    return Recurrent(cell, E, H, layers, context=S, alpha=0.9).eval()


def state_of(module, batch):
    return tuple(torch.randn(module.layers, batch, width) for width in module.widths)


def session(module, affine=dense, vectors=None):
    """Return a session of one step: x [B,E] or [B], state_* [L,B,H] -> y [B,H], after_*."""
    x = argument(Tensor(np.float32, ("B", E)) if vectors is None else Tensor(np.int64, ("B",)))
    state = [argument(Tensor(np.float32, (module.layers, "B", width))) for width in module.widths]
    cells = Cells(module, affine, vectors)
    y, after = cells.step(x, cells.split(state))
    names = {f"state_{i}": tensor for i, tensor in enumerate(state)}
    made = build({"x": x, **names}, {"y": y, **{f"after_{i}": tensor for i, tensor in enumerate(cells.join(after))}})
    return onnxruntime.InferenceSession(plain_bytes(made))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("table", [False, True])
def test_steps_are_the_layers_of_pytorch(cell, layers, table):
    module = layers_of(cell, layers)
    vectors = torch.randn(V, E)
    opened = session(module, vectors=vectors.numpy() if table else None)
    ids = torch.randint(V, (4, 6))
    state = state_of(module, 4)
    carried = [tensor.numpy() for tensor in state]
    outputs = []
    for t in range(6):
        x = ids[:, t].numpy() if table else vectors[ids[:, t]].numpy()
        y, *carried = opened.run(None, {"x": x, **{f"state_{i}": tensor for i, tensor in enumerate(carried)}})
        outputs.append(y)
    with torch.no_grad():
        expected, last = module(vectors[ids], state)
    np.testing.assert_allclose(np.stack(outputs, axis=1), expected, atol=3e-6)
    for one, other in zip(carried, last, strict=True):
        np.testing.assert_allclose(one, other, atol=3e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_a_row_does_not_depend_on_its_neighbours(cell):
    module = layers_of(cell, 2)
    opened = session(module)
    rng = np.random.default_rng(0)
    feeds = {"x": rng.normal(size=(9, E)).astype(np.float32)}
    feeds |= {f"state_{i}": tensor.numpy() for i, tensor in enumerate(state_of(module, 9))}
    whole = opened.run(None, feeds)
    for rows in ([0, 1], [8, 3], [2, 5, 7, 4]):
        part = opened.run(None, {k: v[rows] if k == "x" else v[:, rows] for k, v in feeds.items()})
        np.testing.assert_array_equal(part[0], whole[0][rows])
        for one, other in zip(part[1:], whole[1:], strict=True):
            np.testing.assert_array_equal(one, other[:, rows])


@pytest.mark.parametrize("cell", CELLS)
def test_every_product_with_weights_goes_through_the_given_one(cell):
    """An int8 product takes the place of all of them: a step with products of zero is one of zero weights."""
    module = layers_of(cell, 2)

    def nothing(matrix, bias):
        zeros = op.const(np.zeros(len(bias), dtype=np.float32))
        return lambda x: op.mul(op.matmul(x, op.const(np.zeros_like(matrix))), zeros)

    opened = session(module, nothing)
    for name, parameter in module.rnn.named_parameters():
        if "peephole" not in name:
            torch.nn.init.zeros_(parameter)
    x, state = torch.randn(4, E), state_of(module, 4)
    y, *_ = opened.run(None, {"x": x.numpy(), **{f"state_{i}": tensor.numpy() for i, tensor in enumerate(state)}})
    with torch.no_grad():
        np.testing.assert_allclose(y, module(x[:, None], state)[0][:, 0], atol=2e-6)
