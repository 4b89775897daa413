"""Attention against its formulas, written out for a query and a step at a time."""

import numpy as np
import pytest
import torch

from seqtool.nn.attention import Attention


def score(attention, q, m):
    """Return the score of a query [H] and a step [M], float64."""
    p = {name: weights.detach().double().numpy() for name, weights in attention.named_parameters()}
    if attention.kind == "dot":
        return q @ m
    if attention.kind in ("luong", "scaled_luong"):
        return p.get("g", 1.0) * (q @ (p["memory.weight"] @ m))
    inside = p["query.weight"] @ q + p["memory.weight"] @ m + p.get("b", 0.0)
    v = p["v"] if attention.kind == "bahdanau" else p["g"] * p["v"] / np.sqrt((p["v"] ** 2).sum())
    return v @ np.tanh(inside)


@pytest.mark.parametrize("kind", ["dot", "luong", "scaled_luong", "bahdanau", "normed_bahdanau"])
def test_each_kind_is_its_formula(kind):
    torch.manual_seed(0)
    width = 4 if kind == "dot" else 3
    attention = Attention(kind, 4, width)
    for parameter in attention.parameters():  # scalars and biases too
        torch.nn.init.normal_(parameter)
    query, memory = torch.randn(2, 5, 4), torch.randn(2, 6, width)
    lengths = [6, 2]
    mask = torch.arange(6) < torch.tensor(lengths)[:, None]
    context, weights = attention(query, attention.keys(memory), memory, mask)
    q, m = query.double().numpy(), memory.double().numpy()
    for row, length in enumerate(lengths):
        for step in range(5):
            raised = np.exp([score(attention, q[row, step], m[row, t]) for t in range(length)])
            shares = raised / raised.sum()
            np.testing.assert_allclose(weights[row, step, :length].detach(), shares, atol=1e-6)
            np.testing.assert_allclose(context[row, step].detach(), shares @ m[row, :length], atol=1e-6)
    assert not weights[1, :, 2:].any()


def test_the_scalars_begin_where_tensorflow_nmt_begins():
    assert Attention("scaled_luong", 16, 8).g.item() == 1
    assert Attention("normed_bahdanau", 16, 8).g.item() == 0.25


def test_a_dot_product_needs_one_width():
    with pytest.raises(ValueError, match="not 4 and 3"):
        Attention("dot", 4, 3)
