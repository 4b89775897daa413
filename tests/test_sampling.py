"""The one sampler of all graphs: what it draws, and that a part that is left out leaves no node."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from spox import Tensor, argument, build

from seqtool.graph.model import plain_bytes
from seqtool.graph.sampling import draw

ROWS, SYMBOLS = 50, 9
CUTS = [{}, {"top_k": 3}, {"top_k": 0}, {"top_k": 99}, {"top_p": 0.4}, {"top_p": 1.0}, {"top_k": 4, "top_p": 0.6}]


def sampler(*names, keepdims=False):
    """Build a graph of `draw` with the inputs that are named beside logits, noise and temperature."""
    inputs = {name: argument(Tensor(np.float32, ("B", "V"))) for name in ("logits", "noise")}
    inputs["temperature"] = argument(Tensor(np.float32, ()))
    cuts = {name: argument(Tensor(np.int64 if name == "top_k" else np.float32, ())) for name in names}
    model = build({**inputs, **cuts}, {"ids": draw(*inputs.values(), **cuts, keepdims=keepdims)})
    return model, onnxruntime.InferenceSession(plain_bytes(model), providers=["CPUExecutionProvider"])


def given(temperature):
    rng = np.random.default_rng(1)
    logits, noise = rng.normal(0, 2, (ROWS, SYMBOLS)), rng.gumbel(size=(ROWS, SYMBOLS))
    return {
        "logits": logits.astype(np.float32), "noise": noise.astype(np.float32),
        "temperature": np.array(temperature, np.float32),
    }  # fmt: skip


def by_hand(logits, noise, temperature, top_k=0, top_p=1.0):
    """One row."""
    order = np.argsort(-logits)[: top_k or None]
    chances = np.exp((logits[order] - logits.max()) / max(float(temperature), 1e-6))
    before = np.cumsum(chances / chances.sum()) - chances / chances.sum()
    kept = order[before < top_p] if top_p < 1 else order
    return kept[np.argmax(logits[kept] + temperature * noise[kept])]


@pytest.mark.parametrize("temperature", [0.0, 0.7, 3.0])
@pytest.mark.parametrize("cuts", CUTS, ids=str)
def test_it_draws_the_noisiest_of_what_is_left(temperature, cuts):
    feeds = given(temperature)
    settings = {name: np.array(value, np.int64 if name == "top_k" else np.float32) for name, value in cuts.items()}
    (ids,) = sampler(*cuts)[1].run(None, {**feeds, **settings})
    rows = zip(feeds["logits"], feeds["noise"], strict=True)
    assert ids.tolist() == [by_hand(logits, noise, temperature, **cuts) for logits, noise in rows]


@pytest.mark.parametrize(
    ("names", "absent"),
    [
        ((), {"If", "TopK", "Softmax"}),
        (("top_k",), {"Softmax", "CumSum"}),
        (("top_p",), {"Min"}),
        (("top_k", "top_p"), set()),
    ],
)
def test_what_is_left_out_leaves_no_node(names, absent):
    operators = set(all_operators(sampler(*names)[0].graph))
    assert not absent & operators
    assert ("TopK" in operators) == bool(names)


def all_operators(graph):
    for node in graph.node:
        yield node.op_type
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from all_operators(attribute.g)


def test_the_last_axis_can_be_kept():
    feeds = given(1.0)
    (flat,), (kept,) = (sampler(keepdims=keep)[1].run(None, feeds) for keep in (False, True))
    assert flat.shape == (ROWS,)
    np.testing.assert_array_equal(kept, flat[:, None])
