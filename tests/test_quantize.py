"""The int8 linear layer: its numbers, its range, and that a row knows no neighbour."""

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spox import Tensor, argument, build

from seqtool.graph import quantize
from seqtool.graph.model import plain_bytes


def opened(function, dtype, shape):
    x = argument(Tensor(dtype, shape))
    model = build({"x": x}, {"y": function(x)})
    session = onnxruntime.InferenceSession(plain_bytes(model), providers=["CPUExecutionProvider"])
    return lambda value: session.run(None, {"x": value})[0]


def by_hand(x, matrix, bias):
    """The definition, in exact whole numbers."""
    scale = np.abs(matrix).max(axis=0).astype(np.float32) / np.float32(127)
    weights = np.round(matrix / scale).astype(int)
    step = np.abs(x).max(axis=-1, keepdims=True) * np.float32(1 / 63)
    return (np.round(x / step).astype(int) @ weights) * step * scale + bias


def test_it_is_the_product_of_whole_numbers():
    rng = np.random.default_rng(0)
    matrix, bias = rng.normal(0, 0.3, (37, 12)).astype(np.float32), rng.normal(size=12).astype(np.float32)
    run = opened(quantize.affine(matrix, bias), np.float32, ("B", 37))
    x = rng.standard_t(2, (50, 37)).astype(np.float32)
    np.testing.assert_allclose(run(x), by_hand(x, matrix, bias), rtol=1e-5, atol=1e-5)
    exact = x @ matrix + bias
    assert np.abs(run(x) - exact).std() < 0.05 * exact.std()


@settings(max_examples=15, deadline=None)
@given(rows=st.integers(1, 40), width=st.integers(1, 70), seed=st.integers(0, 99))
def test_a_row_is_the_same_in_any_batch(rows, width, seed):
    rng = np.random.default_rng(seed)
    run = opened(
        quantize.affine(rng.normal(size=(width, 9)).astype(np.float32), np.ones(9, np.float32)),
        np.float32,
        ("B", width),
    )
    x = (rng.normal(size=(rows, width)) * 10.0 ** rng.integers(-3, 4, (rows, 1))).astype(np.float32)
    together = run(x)
    for row in range(rows):
        np.testing.assert_array_equal(run(x[row : row + 1])[0], together[row])


def test_rows_of_zeros_and_columns_of_zeros_give_the_bias():
    matrix = np.eye(4, dtype=np.float32)
    matrix[:, 2] = 0
    run = opened(quantize.affine(matrix, np.arange(4, dtype=np.float32)), np.float32, ("B", 4))
    np.testing.assert_array_equal(run(np.zeros((2, 4), np.float32)), [[0, 1, 2, 3]] * 2)
    np.testing.assert_allclose(run(np.ones((1, 4), np.float32)), [[1, 2, 2, 4]], rtol=1e-6)


def test_no_processor_can_saturate():
    """Without VNNI two products are summed in 16 bits: whole numbers of 1 to 127 times those of -127 to 127."""
    numbers, _ = quantize.in_steps(np.random.default_rng(1).standard_cauchy((100, 10)).astype(np.float32), 0)
    assert np.abs(numbers.astype(int)).max() == 127
    largest = quantize.ZERO + quantize.ROW_STEPS
    assert (quantize.ZERO - quantize.ROW_STEPS, largest) == (1, 127)
    assert 2 * largest * 127 < 2**15


def test_a_table_gives_its_rows_and_as_an_output_its_transpose():
    rng = np.random.default_rng(2)
    table = (rng.normal(size=(20, 8)) * 10.0 ** rng.integers(-2, 3, (20, 1))).astype(np.float32)
    rows = quantize.Rows(table)
    found = opened(rows, np.int64, ("B",))(np.array([3, 0, 19, 3]))
    np.testing.assert_allclose(found, table[[3, 0, 19, 3]], atol=np.abs(table).max() / 250)
    for one, row in zip(found, table[[3, 0, 19, 3]], strict=True):
        assert np.abs(one - row).max() <= np.abs(row).max() / 250
    bias = np.zeros(20, np.float32)
    x = rng.normal(size=(5, 8)).astype(np.float32)
    out = opened(rows.as_output(bias), np.float32, ("B", 8))(x)
    wanted = x @ table.T
    assert (np.abs(out - wanted) <= 0.05 * np.abs(table).max(axis=1) * np.abs(x).sum(axis=1, keepdims=True)).all()
    assert np.corrcoef(out.ravel(), wanted.ravel())[0, 1] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("int8", [False, True])
def test_one_flag_chooses_the_twin_of_a_layer(int8):
    torch.manual_seed(0)
    embedding, linear = torch.nn.Embedding(30, 8).requires_grad_(False), torch.nn.Linear(8, 5).requires_grad_(False)
    look_up, apply = quantize.table(embedding.weight.numpy(), int8), quantize.linear(linear, int8)
    ids = np.array([[3, 0, 29], [3, 3, 1]])
    found = opened(lambda x: apply(look_up(x)), np.int64, ("B", "T"))(ids)
    exact = linear(embedding(torch.from_numpy(ids))).numpy()
    np.testing.assert_allclose(found, exact, atol=0.1 if int8 else 1e-6)
    assert (np.abs(found - exact).max() > 1e-4) == int8
    np.testing.assert_array_equal(found[0, 0], found[1, 1])
