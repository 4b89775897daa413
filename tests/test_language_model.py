"""Language models: the network, truncated backpropagation through time, and the score of a held-out text."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from seqtool.data.encoders.texts import Bytes
from seqtool.data.splits import Sampler, Splits, Streams
from seqtool.errors import UsageError
from seqtool.families.generation.config import GenerationConfig, refuse
from seqtool.families.generation.data import TextPart
from seqtool.families.generation.encoders import GenerationEncoders
from seqtool.families.generation.model import LanguageModel, Objective, nats
from seqtool.training import checkpoint
from seqtool.training.loop import Trainer

CELLS = ["lstm", "gru", "rnn", "peephole", "scrn"]
V = 11
SMALL = {"hidden": 6, "layers": 2, "embedding": 5, "window": 4, "batch": 3}


def model(**settings):
    torch.manual_seed(0)
    return LanguageModel(GenerationConfig(**{**SMALL, **settings}), V)


def text(length, seed=0):
    return np.random.default_rng(seed).integers(0, V, length)


def objective(network, length=64, seed=0):
    config = network.config
    streams = Streams.of(length, config.batch, config.window)
    return Objective(network, splits(text(length), text(23, 1), 46), torch.device("cpu"), seed), streams


def splits(train, validation, characters):
    """Parts of ids; the validation part is that of so many characters."""
    parts = (TextPart(ids, Bytes(), "x" * count) for ids, count in ((train, 0), (validation, characters)))
    return Splits(*parts, TextPart(train[:2], Bytes(), "xx"), GenerationEncoders(Bytes()))


@pytest.mark.parametrize("settings", [
    *({"cell": cell, "context": 6} for cell in CELLS), {"embedding": 0}, {"tied": True}, {"tied": True, "embedding": 6},
])  # fmt: skip
def test_chunks_from_a_carried_state_are_one_pass(settings):
    network = model(**settings).eval()
    ids = torch.as_tensor(text(40).reshape(2, 20))
    with torch.no_grad():
        whole, last = network(ids)
        assert whole.shape == (2, 20, V)
        state, parts = None, []
        for chunk in ids.split([1, 7, 12], dim=1):
            logits, state = network(chunk, state)
            parts.append(logits)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole)
    for one, other in zip(state, last, strict=True):
        assert one.shape == (2, 2, 6)
        torch.testing.assert_close(one, other)


def test_a_one_hot_input_picks_a_column_of_the_first_weights():
    """An embedding that holds the identity computes the same; it is no weight of the model."""
    network = model(embedding=0).eval()
    twin = model(embedding=V).eval()
    twin.load_state_dict({**network.state_dict(), "embedding.weight": torch.eye(V)})
    ids = torch.as_tensor(text(9)[None])
    torch.testing.assert_close(network(ids)[0], twin(ids)[0])
    assert not [name for name in network.state_dict() if "embedding" in name]


def test_a_tied_output_reads_the_embedding():
    network = model(tied=True)
    assert network.projection.weight.shape == (5, 6)
    assert network.output.weight is network.embedding.weight
    assert len([p for p in network.parameters() if p.shape == (V, 5)]) == 1
    assert model(tied=True, hidden=5).projection is None
    loss = torch.nn.functional.cross_entropy(network(torch.as_tensor(text(50)[None]))[0][0], torch.as_tensor(text(50)))
    assert loss.item() == pytest.approx(math.log(V), abs=0.1)


def test_what_cannot_be_built_is_said_before_there_is_a_run(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = cli("train", "chargen", "--sample", "--tied", "--embedding", "0")
    assert answer.returncode == 2
    assert "one-hot input has no weights" in answer.stderr
    with pytest.raises(UsageError, match="5000 symbols are too many"):
        refuse(GenerationConfig(embedding=0), 5000)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("at_once", [1, 5, 2000])
def test_the_score_of_a_text_does_not_depend_on_the_chunks(at_once):
    network, ids = model().eval(), torch.as_tensor(text(23))
    told = nats(network, ids, at_once)
    with torch.no_grad():
        p = torch.softmax(network(ids[None, :-1])[0][0].double(), dim=-1)
    expected = [-math.log(row[symbol]) for row, symbol in zip(p.tolist(), ids[1:].tolist(), strict=True)]
    np.testing.assert_allclose(told, expected, rtol=1e-5)


@pytest.mark.parametrize(("cell", "length"), [("lstm", 50_001), ("scrn", 50_003), ("gru", 59_000)])
def test_a_long_text_in_rows_has_the_score_of_one_pass(cell, length):
    """Each symbol once, in its place, from a state that is nearly that of all text before it."""
    network, ids = model(cell=cell, context=6, initial_deviation=0.4).eval(), torch.as_tensor(text(length))
    with torch.no_grad():
        logits = network(ids[None, :-1])[0][0].double()
    expected = torch.nn.functional.cross_entropy(logits, ids[1:], reduction="none")
    torch.testing.assert_close(nats(network, ids), expected, rtol=1e-4, atol=1e-4)


def test_an_evaluation_reads_a_part_of_a_long_validation_text_and_the_score_all_of_it():
    body = "abcdefghij" * 14_000
    part = TextPart(np.frombuffer(body.encode(), np.uint8).astype(np.int64), Bytes(), body)
    assert part.measured().text == body[:100_000]
    assert part.measured().ids.tolist() == part.ids[:100_000].tolist()
    short = part.few(0.01)
    assert short.text == body[:1400]
    assert short.measured() is short


def test_figures_are_a_symbol_and_a_character():
    network = model().eval()
    made, _ = objective(network)
    figures = made.evaluate()
    loss = nats(network, torch.as_tensor(text(23, 1))).mean().item()
    assert figures["loss"] == loss
    assert figures["nats_per_character"] == pytest.approx(loss * 23 / 46)  # 23 symbols hold 46 characters
    assert figures["bits_per_character"] == pytest.approx(loss * 23 / 46 / math.log(2))
    assert figures["perplexity"] == pytest.approx(math.exp(loss))


def test_training_chunks_go_on_where_the_last_ended():
    """The losses of an epoch's chunks are those of one pass over each stream; the next epoch begins from zero."""
    network = model().eval()
    made, streams = objective(network)
    ids = torch.as_tensor(text(64))
    for _ in range(2):
        losses = [made.loss(torch.tensor([k])).item() for k in range(streams.chunks)]
        starts = streams.starts - int(made.shift)
        rows = torch.as_tensor(starts)[:, None] + torch.arange(streams.chunks * streams.chunk)
        with torch.no_grad():
            logits, _ = network(ids[rows])
        each = torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[rows + 1], reduction="none")
        np.testing.assert_allclose(losses, each.view(3, streams.chunks, -1).mean(dim=(0, 2)).detach(), rtol=1e-5)


def test_the_ends_of_chunks_move_from_epoch_to_epoch():
    made, streams = objective(model(), length=71)  # 10 symbols to spare
    seen = set()
    for _ in range(30):
        made.loss(torch.tensor([0]))
        made.loss(torch.tensor([1]))
        seen.add(int(made.shift))
    assert seen == set(range(streams.chunk))


def test_validation_leaves_the_training_state_alone():
    made, _ = objective(model().eval())
    made.loss(torch.tensor([0]))
    before = [tensor.clone() for tensor in made.state]
    first = made.evaluate()
    assert all(torch.equal(one, other) for one, other in zip(before, made.state, strict=True))
    made.loss(torch.tensor([1]))
    assert made.evaluate() == first


def nobody(name, values):
    """Hear of nothing."""


def trainer(folder, **settings):
    network = model(dropout=0.3, embedding_dropout=0.2, **settings)
    network.train()
    made, streams = objective(network)
    sampler = Sampler(streams.chunks, 1, 0, shuffled=False)
    config = GenerationConfig(**{**SMALL, "epochs": 4, "learning_rate": 0.01})
    return Trainer(network, made, sampler, config, folder, torch.device("cpu"))


@pytest.mark.parametrize(
    "settings", [{}, {"tied": True}, {"cell": "gru", "embedding": 0}, {"cell": "scrn", "weight_drop": 0.3}]
)
@pytest.mark.parametrize("stop", [3, 7, 12])
def test_a_training_that_stops_goes_on_bit_for_bit(tmp_path, settings, stop):
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole = trainer(tmp_path / "whole", **settings)
    whole.fit(nobody)
    cut = trainer(tmp_path / "cut", **settings)
    for _ in range(stop):
        cut.step()
        if cut.sampler.at_epoch_end:
            cut.evaluate()
    cut.save()
    again = trainer(tmp_path / "cut", **settings)
    again.restore(checkpoint.load(tmp_path / "cut" / "checkpoints", stop))
    again.fit(nobody)
    for one, other in zip(whole.network.parameters(), again.network.parameters(), strict=True):
        assert torch.equal(one, other)
    assert again.best == whole.best


def test_a_repeated_word_is_learned():
    """Of a text that repeats ten symbols the next is certain, once the state has seen where it stands."""
    torch.manual_seed(0)
    ids = np.tile([0, 1, 0, 2, 0, 3, 0, 4, 0, 5], 60)
    config = GenerationConfig(hidden=24, embedding=0, window=10, batch=4, learning_rate=0.02)
    network = LanguageModel(config, 6)
    made = Objective(network, splits(ids, ids[:101], 101), torch.device("cpu"), 0)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    losses = []
    for step in range(180):
        optimiser.zero_grad()
        made.loss(torch.tensor([step % 14])).backward()
        optimiser.step()
        if step % 60 == 59:
            losses.append(made.evaluate()["loss"])
    assert all(after < before for before, after in pairwise(losses))
    assert losses[-1] < 0.1
