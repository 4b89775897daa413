"""The graph of a language model against the network, symbol by symbol; chunks, batches and single rows bit for bit."""

import functools

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.export import graph
from seqtool.families.generation.model import LanguageModel
from seqtool.graph.model import plain_bytes

FORMS = {
    "lstm one-hot": (19, {"embedding": 0, "hidden": 12}),
    "two lstm tied": (23, {"embedding": 9, "hidden": 9, "layers": 2, "tied": True}),
    "gru projected": (30, {"embedding": 5, "hidden": 17, "cell": "gru", "tied": True}),
    "two rnn": (11, {"embedding": 4, "hidden": 33, "cell": "rnn", "layers": 2}),
    "peephole": (17, {"embedding": 8, "hidden": 6, "cell": "peephole"}),
    "scrn one-hot": (13, {"embedding": 0, "hidden": 7, "context": 5, "cell": "scrn"}),
    "two scrn": (21, {"embedding": 6, "hidden": 9, "context": 6, "alpha": 0.8, "cell": "scrn", "layers": 2}),
}
INT8 = {
    f"{name}, int8": FORMS[name] for name in ("lstm one-hot", "two lstm tied", "gru projected", "two rnn", "two scrn")
} | {"many symbols, int8": (1100, {"embedding": 6, "hidden": 10, "layers": 2}), "peephole, int8": FORMS["peephole"]}
ALL = FORMS | INT8
WAYS = {
    "plain": {},
    "greedy": {"temperature": 0.0},
    "cold": {"temperature": 0.5},
    "top_k": {"top_k": 3},
    "top_k above V": {"top_k": 1000, "temperature": 2.0},
    "top_p": {"top_p": 0.6},
    "all": {"temperature": 0.8, "top_k": 5, "top_p": 0.7},
}


class File:
    """A network, and its graph opened."""

    def __init__(self, vocabulary, fields, *, int8=False):
        torch.manual_seed(1)
        self.network = LanguageModel(GenerationConfig(**fields), vocabulary).eval()
        with torch.no_grad():  # first weights make every symbol as likely: let them differ
            self.network.output.weight *= 8
        self.vocabulary, self.model = vocabulary, graph(self.network, int8=int8)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        data = plain_bytes(self.model)
        self.session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self.states = [one.name for one in self.session.get_inputs() if one.name.startswith("state_")]

    def run(self, prompt, lengths, noise, state=None, temperature=1.0, top_k=0, top_p=1.0, **rules):
        state = state or [tensor.numpy() for tensor in self.network.zeros(len(prompt), torch.device("cpu"))]
        given = {
            "prompt": prompt, "lengths": np.array(lengths, np.int32), "noise": noise, "top_k": np.array(top_k),
            "temperature": np.array(temperature, np.float32), "top_p": np.array(top_p, np.float32),
            "repetition_penalty": np.array(1, np.float32), "no_repeat": np.array(0),
            "banned": np.zeros((1, self.vocabulary), np.int32), "written": np.zeros((len(prompt), 0), np.int64),
            "banned_state": np.zeros(len(prompt), np.int64), **rules,
        } | dict(zip(self.states, state, strict=True))  # fmt: skip
        ids, told, *after = self.session.run(None, given)
        return ids, told, after

    def draw(self, rng, batch, steps, length):
        return (
            rng.integers(0, self.vocabulary, (batch, length)),
            rng.gumbel(size=(steps, batch, self.vocabulary)).astype(np.float32),
        )


@pytest.fixture(scope="module")
def files():
    return functools.cache(lambda name: File(*ALL[name], int8=name in INT8))


form = pytest.mark.parametrize("name", FORMS)
any_form = pytest.mark.parametrize("name", ALL)


def same(state, other):
    for one, two in zip(state, other, strict=True):
        np.testing.assert_array_equal(one, two)


def by_hand(network, prompt, noise, temperature=1.0, top_k=0, top_p=1.0):
    """One row, one symbol at a time: ids, log-probabilities of the prompt, the state before the last symbol."""
    state, told, ids, symbol = None, [], [], prompt[0]
    with torch.no_grad():
        for following in prompt[1:]:
            logits, state = network(torch.tensor([[symbol]]), state)
            told.append(logits[0, 0].log_softmax(-1)[following].item())
            symbol = following
        for one in noise:
            logits, state = network(torch.tensor([[symbol]]), state)
            likely = (logits[0, 0].double() / max(temperature, 1e-9)).softmax(-1).numpy()
            symbol = allowed(likely, top_k, top_p)[0] if temperature == 0 else choose(likely, one, top_k, top_p)
            ids.append(symbol)
    return ids, told, state


def allowed(likely, top_k, top_p):
    """The symbols that may be drawn, the most likely first."""
    order = list(np.argsort(-likely)[: top_k or None])
    share = likely[order] / likely[order].sum()
    count = 1 + int((np.cumsum(share)[:-1] < top_p).sum())
    return order[:count] if top_p < 1 else order


def choose(likely, noise, top_k, top_p):
    places = sorted(allowed(likely, top_k, top_p))
    return places[int(np.argmax(np.log(likely[places]) + noise[places]))]


@form
@pytest.mark.parametrize("way", WAYS)
def test_it_draws_what_the_network_draws_symbol_by_symbol(files, name, way):
    file = files(name)
    lengths = [1, 6, 3]
    prompt, noise = file.draw(np.random.default_rng(2), 3, 12, 6)
    ids, told, after = file.run(prompt, lengths, noise, **WAYS[way])
    assert (ids.shape, told.shape) == ((12, 3), (3, 5))
    for row, length in enumerate(lengths):
        wanted, scores, state = by_hand(file.network, prompt[row, :length], noise[:, row], **WAYS[way])
        assert ids[:, row].tolist() == wanted
        np.testing.assert_allclose(told[row, : length - 1], scores, atol=2e-5)
        assert not told[row, length - 1 :].any()
        for one, other in zip(after, state, strict=True):
            np.testing.assert_allclose(one[:, row], other[:, 0], atol=2e-5)


@any_form
@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_chunks_are_one_call_bit_for_bit(files, name, chunk):
    file = files(name)
    lengths = [1, 4, 9, 2, 9]
    prompt, noise = file.draw(np.random.default_rng(3), 5, 40, 9)
    whole, _, last = file.run(prompt, lengths, noise, top_p=0.9)
    ids, state = [], None
    for start in range(0, 40, chunk):
        made, _, state = file.run(prompt, lengths, noise[start : start + chunk], state, top_p=0.9)
        ids.append(made)
        prompt, lengths = made[-1][:, None], [1] * 5
    np.testing.assert_array_equal(np.concatenate(ids), whole)
    same(state, last)


@any_form
@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_scores_in_chunks_are_those_of_one_call_bit_for_bit(files, name, chunk):
    file = files(name)
    text, nothing = file.draw(np.random.default_rng(4), 2, 0, 60)
    ids, whole, last = file.run(text, [60, 60], nothing)
    assert ids.shape == (0, 2)
    told, state = [], None
    for start in range(0, 59, chunk):
        seen = text[:, start : start + chunk + 1]
        _, some, state = file.run(seen, [seen.shape[1]] * 2, nothing, state)
        told.append(some)
    np.testing.assert_array_equal(np.concatenate(told, axis=1), whole)
    same(state, last)


@settings(max_examples=20, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(ALL)), seed=st.integers(0, 99))
def test_a_row_is_the_same_alone_in_any_batch_and_shuffled(files_of_all, data, name, seed):
    file = files_of_all[name]
    lengths = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=40))
    rng = np.random.default_rng(seed)
    prompt, noise = file.draw(rng, len(lengths), 6, max(lengths))
    zeros = file.network.zeros(len(lengths), torch.device("cpu"))
    state = [rng.normal(0, 0.5, tensor.shape).astype(np.float32) for tensor in zeros]
    ids, told, after = file.run(prompt, lengths, noise, state, top_k=4)
    order = rng.permutation(len(lengths))
    shuffled = file.run(
        prompt[order], np.array(lengths)[order], noise[:, order], [one[:, order] for one in state], top_k=4
    )
    np.testing.assert_array_equal(shuffled[0], ids[:, order])
    np.testing.assert_array_equal(shuffled[1], told[order])
    for row in order[:3]:
        length, one = lengths[row], slice(row, row + 1)
        alone = file.run(prompt[one, :length], [length], noise[:, one], [part[:, one] for part in state], top_k=4)
        np.testing.assert_array_equal(alone[0], ids[:, one])
        np.testing.assert_array_equal(alone[1], told[one, : length - 1])
        same([part[:, 0] for part in alone[2]], [part[:, row] for part in after])


@pytest.fixture(scope="module")
def files_of_all(files):
    return {name: files(name) for name in ALL}


def test_draws_follow_the_probabilities(files):
    """20,000 draws of one symbol, against the softmax at that temperature."""
    file, rows = files("lstm one-hot"), 20_000
    noise = np.random.default_rng(5).gumbel(size=(1, rows, file.vocabulary)).astype(np.float32)
    ids, _, _ = file.run(np.full((rows, 1), 3), [1] * rows, noise, temperature=1.5)
    with torch.no_grad():
        likely = (file.network(torch.tensor([[3]]))[0][0, 0] / 1.5).softmax(-1).numpy()
    np.testing.assert_allclose(np.bincount(ids[0], minlength=len(likely)) / rows, likely, atol=0.012)


@form
def test_each_weight_is_stored_once(files, name):
    file = files(name)
    stored = sum(map(int, (np.prod(one.dims) for one in tensors(file.model.graph) if len(one.dims) > 1)))
    own = {id(one): one.numel() for one in file.network.parameters() if one.dim() > 1}
    biases = sum(2 * one.numel() for one in file.network.recurrent.parameters() if one.dim() == 1)
    assert stored <= sum(own.values()) + biases + 100


@pytest.mark.parametrize("name", INT8)
def test_in_int8_each_matrix_is_stored_once_in_bytes(files, name):
    file = files(name)
    stored = list(tensors(file.model.graph))
    matrices = [one for one in stored if len(one.dims) == 2 and one.data_type == onnx.TensorProto.INT8]
    own = {id(one): one.numel() for one in file.network.parameters() if one.dim() == 2}
    looked_up = file.network.config.embedding and file.vocabulary <= 1024  # by what comes of it: V times G*H, not E
    sizes = sum(int(np.prod(one.dims)) for one in matrices)
    assert looked_up or sizes == sum(own.values())
    floats = sum(int(np.prod(one.dims)) for one in stored if one.data_type == onnx.TensorProto.FLOAT)
    assert floats <= 2 * sum(sum(one.dims) for one in matrices) + 100
    assert not {"LSTM", "GRU", "RNN", "MatMul"} & {node.op_type for node in nodes(file.model.graph)}


@pytest.mark.parametrize("name", INT8)
def test_int8_is_near_the_network(files, name):
    """Weights of 8 bits and rows of 7 change a score by little; a layer left out would change it by much."""
    file = files(name)
    text, nothing = file.draw(np.random.default_rng(6), 4, 0, 30)
    _, told, _ = file.run(text, [30] * 4, nothing)
    with torch.no_grad():
        likely = file.network(torch.from_numpy(text[:, :-1]))[0].log_softmax(-1).numpy()
    wanted = np.take_along_axis(likely, text[:, 1:, None], axis=2)[..., 0]
    assert np.abs(told - wanted).mean() < 0.03 * wanted.std()
    assert np.corrcoef(told.ravel(), wanted.ravel())[0, 1] > 0.998


def nodes(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from nodes(attribute.g)


def tensors(graph):
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from tensors(attribute.g)
