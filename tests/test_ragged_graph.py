"""Ragged batches in the graph: what PyTorch computes, and the same bits for a row whatever stands beside it."""

import numpy as np
import onnxruntime
import pytest
import spox.opset.ai.onnx.v20 as op
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spox import Tensor, argument, build

from seqtool.graph import recurrent as graph
from seqtool.graph.basic import Linear, first_rows, pad_single_row
from seqtool.graph.model import plain_bytes
from seqtool.graph.pooling import Pooling as Twin
from seqtool.nn.pooling import Pooling
from seqtool.nn.ragged import real_steps
from seqtool.nn.recurrent import Recurrent, top

CELLS = ["lstm", "gru", "rnn", "peephole"]
KINDS = ["last", "max", "attention"]
FEATURES, HIDDEN = 5, 7


def opened(made):
    session = onnxruntime.InferenceSession(plain_bytes(made), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda x, lengths: dict(zip(names, session.run(names, {"x": x, "lengths": lengths}), strict=True))


def network(cell, bidirectional, kind, layers=1, hidden=HIDDEN):
    torch.manual_seed(0)
    recurrent = Recurrent(cell, FEATURES, hidden, layers, bidirectional=bidirectional)
    modules = recurrent, Pooling(kind, recurrent.outputs, recurrent.directions), torch.nn.Linear(recurrent.outputs, 3)
    return [module.eval().requires_grad_(False) for module in modules]


def graph_of(recurrent, pooling, linear):
    """x [B,T,F], lengths [B] -> outputs [B,T,D*H] and the classes' scores [B,3], both as a family writes them."""
    x, lengths = argument(Tensor(np.float32, ("B", "T", FEATURES))), argument(Tensor(np.int32, ("B",)))
    rows, known = op.transpose(pad_single_row(x), perm=[1, 0, 2]), pad_single_row(lengths)
    twin = graph.operators(recurrent)
    outputs = op.transpose(twin(rows, lengths=known)[0], perm=[1, 0, 2])
    scores = Linear(linear)(Twin(pooling)(twin, rows, known))
    return opened(
        build(
            {"x": x, "lengths": lengths},
            {"outputs": first_rows(outputs, lengths), "scores": first_rows(scores, lengths)},
        )
    )


def batch(lengths, extra=0, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(len(lengths), max(lengths) + extra, FEATURES)).astype(np.float32)
    return x, np.array(lengths, np.int32)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (2, False), (1, True), (2, True)])
def test_the_operators_read_ragged_rows_as_pytorch_does(cell, layers, bidirectional):
    modules = network(cell, bidirectional, "last", layers)
    recurrent = modules[0]
    x, lengths = argument(Tensor(np.float32, ("T", "B", FEATURES))), argument(Tensor(np.int32, ("B",)))
    twin = graph.operators(recurrent)
    y, state = twin(x, lengths=lengths)
    last = twin.last(x, lengths=lengths)
    named = {f"{name}_{i}": one for name, some in (("state", state), ("last", last)) for i, one in enumerate(some)}
    run = opened(build({"x": x, "lengths": lengths}, {"y": y, **named}))
    for given_lengths, extra in [([4, 1, 6], 0), ([1, 1], 3), ([9] * 5, 0), ([2, 20, 3, 1], 2)]:
        rows, known = batch(given_lengths, extra)
        wanted, after = recurrent(torch.from_numpy(rows), None, torch.from_numpy(known).long())
        found = run(rows.transpose(1, 0, 2), known)
        np.testing.assert_allclose(found["y"].transpose(1, 0, 2), wanted, atol=2e-6)
        for i, tensor in enumerate(after):
            np.testing.assert_allclose(found[f"state_{i}"], tensor, atol=2e-6)
            np.testing.assert_allclose(found[f"last_{i}"], tensor, atol=2e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_blocks_of_ragged_rows_give_the_state_of_one_call_bit_for_bit(cell, monkeypatch):
    gates = {"lstm": 4, "gru": 3, "rnn": 1, "peephole": 4}[cell]
    monkeypatch.setattr(graph, "BLOCK", gates * HIDDEN * 12)  # 3 rows: 4 steps a block
    recurrent = network(cell, False, "last", 2)[0]
    x, lengths = argument(Tensor(np.float32, ("T", "B", FEATURES))), argument(Tensor(np.int32, ("B",)))
    twin = graph.operators(recurrent)
    whole, blocks = twin(x, lengths=lengths)[1], twin.last(x, lengths=lengths)
    run = opened(build({"x": x, "lengths": lengths}, {"whole": whole[0], "blocks": blocks[0]}))
    for given_lengths in [[1, 4, 12], [5, 3, 13], [8, 8, 8]]:
        rows, known = batch(given_lengths, extra=1)
        found = run(rows.transpose(1, 0, 2), known)
        np.testing.assert_array_equal(found["whole"], found["blocks"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("cell", "bidirectional"), [("lstm", True), ("gru", False), ("peephole", True)])
def test_pooling_is_pytorch_s(kind, cell, bidirectional):
    recurrent, pooling, linear = modules = network(cell, bidirectional, kind)
    run = graph_of(*modules)
    for lengths, extra in [([4, 1, 6], 0), ([3], 0), ([1], 0), ([2, 70, 3, 1], 5)]:
        x, known = batch(lengths, extra)
        on_host = torch.from_numpy(known).long()
        y, state = recurrent(torch.from_numpy(x), None, on_host)
        np.testing.assert_allclose(run(x, known)["outputs"], y, atol=2e-6)
        np.testing.assert_allclose(run(x, known)["scores"], linear(pooling(y, on_host)), atol=5e-6)
        if kind == "last":
            torch.testing.assert_close(pooling(y, on_host), top(state, recurrent.directions))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("cell", "bidirectional", "hidden"),
    [("lstm", True, 7), ("gru", True, 24), ("rnn", False, 9), ("peephole", False, 64)],
)
@settings(max_examples=8, deadline=None)
@given(lengths=st.lists(st.integers(1, 75), min_size=2, max_size=9), extra=st.integers(0, 40), data=st.data())
def test_a_row_has_the_same_bits_alone_and_in_any_company(kind, cell, bidirectional, hidden, lengths, extra, data):
    key = kind, cell, bidirectional, hidden
    if key not in RUNS:
        RUNS[key] = graph_of(*network(cell, bidirectional, kind, hidden=hidden))
    run = RUNS[key]
    x, known = batch(lengths, extra, seed=len(lengths))
    together = run(x, known)
    some = data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1, max_size=4))
    shorter = run(x[some][:, : known[some].max()], known[some])
    for place, row in enumerate(some):
        alone = run(x[row : row + 1, : known[row]], known[row : row + 1])
        for name, cut in (("outputs", known[row]), ("scores", None)):
            np.testing.assert_array_equal(alone[name][0], together[name][row][:cut])
            np.testing.assert_array_equal(shorter[name][place][:cut], together[name][row][:cut])
    padding = ~real_steps(torch.from_numpy(known), x.shape[1], torch.device("cpu")).numpy()
    assert (together["outputs"][padding] == 0).all()


RUNS: dict = {}
