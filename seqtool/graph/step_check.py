"""A cell from outside is held against its PyTorch layer step by step: int8 files are made of single steps."""

from __future__ import annotations

import numpy as np
import torch
from spox import Tensor, argument, build
from torch import nn

from seqtool.cells import BUILT_IN, state_names
from seqtool.errors import SeqtoolError, foreign
from seqtool.graph.cells import Cells
from seqtool.graph.check import TOLERANCE
from seqtool.graph.model import plain_bytes
from seqtool.nn.recurrent import Recurrent
from seqtool.runtime.session import session
from seqtool.types import Array, Singles

ROWS, STEPS = 3, 5


def check_steps(network: nn.Module) -> None:
    """Compare single steps of every cell from outside with its layer; raises `SeqtoolError` where they differ.

    Those of two directions aside: a decoding loop has one.
    """
    for module in network.modules():
        if isinstance(module, Recurrent) and module.cell not in BUILT_IN and module.directions == 1:
            _check(module)


def _check(module: Recurrent) -> None:
    x = torch.randn(ROWS, STEPS, module.features, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        outputs, after = module(x)
    wanted = [outputs.numpy(), *(tensor.numpy() for tensor in after)]
    vectors = x.reshape(ROWS * STEPS, -1).numpy()
    symbols = np.arange(ROWS * STEPS).reshape(ROWS, STEPS)
    # by vectors, and by symbols whose products are looked up: the two ways in which a loop takes a step
    for inputs, table in ((x.numpy(), None), (symbols, vectors)):
        with foreign(f"the step of the cell {module.cell!r} fails"):
            given = _run(module, inputs, table)
        if shapes := [array.shape for array, other in zip(given, wanted, strict=True) if array.shape != other.shape]:
            raise _disagreement(module, f"it gives a shape {list(shapes[0])}")
        worst = np.max([np.abs(array - other).max() for array, other in zip(given, wanted, strict=True)])
        if not worst <= TOLERANCE:  # NaN is a disagreement too
            raise _disagreement(module, f"it differs by {worst:.2g}")


def _run(module: Recurrent, inputs: Array, vectors: Singles | None) -> list[Array]:
    """Read inputs [B,T,F], or symbols [B,T] of a table, step by step; return outputs [B,T,H] and the last state."""
    cells, names = Cells(module, vectors=vectors), state_names(module.cell)
    shape = (None, module.features) if vectors is None else (None,)
    x = argument(Tensor(inputs.dtype, shape))
    state = [argument(Tensor(np.float32, (module.layers, None, width))) for width in module.widths]
    y, flat = cells.step(x, cells.split(state))
    after = dict(zip((f"after_{name}" for name in names), cells.join(flat), strict=True))
    model = build({"x": x, **dict(zip(names, state, strict=True))}, {"y": y, **after})
    running = session(plain_bytes(model), "cpu", 1)
    before = [np.zeros((module.layers, ROWS, width), np.float32) for width in module.widths]
    outputs = []
    for step in range(STEPS):
        output, *before = running.run(["y", *after], {"x": inputs[:, step], **dict(zip(names, before, strict=True))})
        outputs.append(output)
    return [np.stack(outputs, axis=1), *before]


def _disagreement(module: Recurrent, reason: str) -> SeqtoolError:
    what = f"the step of the cell {module.cell!r} does not compute what its PyTorch layer does: {reason}"
    return SeqtoolError(what, cure="export without --int8, which takes no single steps")
