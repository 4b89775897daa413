"""Attention against its formulas, written out for a query and a step at a time."""

import numpy as np
import onnxruntime
import pytest
import torch
from spox import Tensor, argument, build

from seqtool.graph.attention import Attention as Twin
from seqtool.graph.model import plain_bytes
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


def test_a_worked_example_of_dot_attention():
    """Three encoder states that fit the decoder's by 1, 1 and 3: the shares are 1, 1 and e^2 of 2 + e^2.

    A book gives them as 0.106, 0.106 and 0.786, cut behind the third digit.
    """
    memory, query = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]]), torch.tensor([[[1.0, 1.0]]])
    attention, mask = Attention("dot", 2, 2), torch.ones(1, 3, dtype=torch.bool)
    context, weights = attention(query, attention.keys(memory), memory, mask)
    assert (weights[0, 0] * 1000).int().tolist() == [106, 106, 786]
    # 0.10651 (1, 0) + 0.10651 (0, 1) + 0.78699 (2, 1)
    np.testing.assert_allclose(context[0, 0], [1.68048, 0.89349], atol=2e-5)
    session = attention_session(attention)
    exported = session.run(None, {"query": query.numpy(), "memory": memory.numpy(), "real": mask.numpy()})[0]
    np.testing.assert_allclose(exported, weights, atol=1e-6)
    assert (exported[0, 0] * 1000).astype(int).tolist() == [106, 106, 786]


def attention_session(attention):
    """The twin in a graph: weights [B,U,T] of query [B,U,H] over memory [B,T,M]; `real` [B,T] is no padding."""
    query, memory = (argument(Tensor(np.float32, ("B", steps, 2))) for steps in "UT")
    real, twin = argument(Tensor(np.bool_, ("B", "T"))), Twin(attention, 2)
    weights = twin.weights(query, twin.keys(memory), real)
    return onnxruntime.InferenceSession(
        plain_bytes(build({"query": query, "memory": memory, "real": real}, {"weights": weights}))
    )


def test_the_scalars_begin_where_tensorflow_nmt_begins():
    assert Attention("scaled_luong", 16, 8).g.item() == 1
    assert Attention("normed_bahdanau", 16, 8).g.item() == 0.25


def test_a_dot_product_needs_one_width():
    with pytest.raises(ValueError, match="not 4 and 3"):
        Attention("dot", 4, 3)
