"""The translation network: fused steps against steps one by one, padding, ties, first weights, what cannot be built."""

import dataclasses

import pytest
import torch
from torch.nn.functional import linear

from seqtool.errors import UsageError
from seqtool.families.translation.config import TranslationConfig, refuse
from seqtool.families.translation.network import Translator

SMALL = TranslationConfig(embedding=6, hidden=8, dropout=0.0, embedding_dropout=0.0)
FORMS = {
    "default": {},
    "none": {"attention": "none", "tied": "none"},
    "none, tied": {"attention": "none", "layers": 1},
    "fed": {"input_feeding": True, "cell": "gru", "tied": "output"},
    "additive": {"attention": "normed_bahdanau", "bidirectional": False, "bridge": "dense", "residual": True},
    "dot": {"attention": "dot", "bridge": "zero", "tied": "none", "layers": 3},
}


def network(**changes):
    torch.manual_seed(0)
    return Translator(dataclasses.replace(SMALL, **changes), 11, 11).eval()


def batch(rows=3, steps=5):
    torch.manual_seed(1)
    lengths = torch.tensor([steps, 2, steps - 1][:rows])
    source = torch.randint(1, 11, (rows, steps)) * (torch.arange(steps) < lengths[:, None])
    return source, lengths, torch.randint(1, 11, (rows, 4))


@pytest.mark.parametrize("form", FORMS)
def test_all_steps_at_once_are_the_steps_one_by_one(form):
    model = network(**FORMS[form])
    source, lengths, target = batch()
    memory = model.encode(source, lengths)
    whole = model.decode(target, memory)
    state = fed = None
    for step in range(4):
        one = model.decode(target[:, step : step + 1], memory, state, fed)
        torch.testing.assert_close(one.features[:, 0], whole.features[:, step])
        if whole.weights is not None:
            torch.testing.assert_close(one.weights[:, 0], whole.weights[:, step])
        state, fed = one.state, one.fed
    for one, other in zip(state, whole.state, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("form", FORMS)
def test_padding_never_changes_a_row(form):
    model = network(**FORMS[form])
    model.target_embedding.weight.data[0] = 7.0  # a tied row of PAD is trained as an output
    source, lengths, target = batch()
    together = model(source, lengths, target)
    assert together.shape == (3, 4, 11)
    for row, length in enumerate(lengths.tolist()):
        alone = model(source[row : row + 1, :length], lengths[row : row + 1], target[row : row + 1])
        torch.testing.assert_close(together[row : row + 1], alone)


def test_a_step_is_what_luong_wrote():
    """One step of one layer from the encoder's outputs on, by hand."""
    model = network(layers=1, bidirectional=False, cell="gru")
    source, lengths, target = batch(rows=1)
    x = model.source_embedding(source)
    outputs, last = model.encoder.layers[0].rnn(x)
    query, _ = model.decoder.layers[0].rnn(model.target_embedding(target[:, :1]), last)
    scores = linear(outputs, model.attention.memory.weight)[0] @ query[0, 0]
    context = torch.softmax(scores, 0) @ outputs[0]
    features = torch.tanh(model.combine.weight @ torch.cat((context, query[0, 0])))
    expected = model.target_embedding.weight @ features + model.output.bias
    torch.testing.assert_close(model(source, lengths, target)[0, 0], expected)


def test_what_is_fed_reaches_the_next_step_alone():
    model = network(input_feeding=True)
    source, lengths, target = batch()
    before = model(source, lengths, target)
    model.decoder.layers[0].rnn.weight_ih_l0.data[:, SMALL.embedding :] += 1
    after = model(source, lengths, target)
    torch.testing.assert_close(before[:, 0], after[:, 0])
    assert not torch.allclose(before[:, 1], after[:, 1])


def test_the_states_of_both_directions_stand_side_by_side():
    model = network(layers=2)
    source, lengths, _ = batch()
    _, state = model.encoder(model.source_embedding(source), lengths=lengths)
    for own, given in zip(model.encode(source, lengths).state, state, strict=True):
        torch.testing.assert_close(
            own, torch.stack([torch.cat((given[0], given[1]), 1), torch.cat((given[2], given[3]), 1)])
        )


@pytest.mark.parametrize(("tied", "matrices"), [("none", 3), ("output", 2), ("all", 1)])
def test_ties_share_weights(tied, matrices):
    model = network(tied=tied)
    weights = model.source_embedding.weight, model.target_embedding.weight, model.output.weight
    assert len({id(one) for one in weights}) == matrices
    assert (weights[2] is weights[1]) == (tied != "none")


def test_first_weights_are_those_that_are_asked_for():
    model = network(initial_range=0.1, forget_bias=1.0, attention="scaled_luong", bridge="dense")
    weights = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    assert max(one.abs().max() for one in weights) <= 0.1
    for stack in (model.encoder, model.decoder):
        for layer in stack.layers:
            hidden = layer.hidden
            expected = torch.cat((torch.zeros(hidden), torch.ones(hidden), torch.zeros(2 * hidden)))
            torch.testing.assert_close(layer.rnn.bias_ih_l0 + layer.rnn.bias_hh_l0, expected)
    assert model.attention.g.item() == 1
    assert not model.target_embedding.weight[0].any()


@pytest.mark.parametrize("form", FORMS)
def test_bf16_keeps_to_the_answers_of_fp32(form):
    model = network(**FORMS[form])
    source, lengths, target = batch()
    with torch.autocast("cpu", torch.bfloat16):
        low = model(source, lengths, target)
    torch.testing.assert_close(low.float(), model(source, lengths, target), atol=0.05, rtol=0.05)
    low.float().sum().backward()
    assert all(torch.isfinite(one.grad).all() for one in model.parameters() if one.grad is not None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden": 7}, "two directions"),
        ({"joint": False}, "share their vectors"),
        ({"attention": "none", "input_feeding": True}, "nothing to feed"),
    ],
)
def test_what_cannot_be_built_is_refused(changes, words):
    refuse(SMALL)
    with pytest.raises(UsageError, match=words):
        refuse(dataclasses.replace(SMALL, **changes))
