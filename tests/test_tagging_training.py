"""The loss of a tagger: real words alone, each different word spelled once; held-out figures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from seqtool.data.records import Parts
from seqtool.data.splits import LengthSampler
from seqtool.data.tagged import Sentence
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.data import joined, split
from seqtool.families.tagging.encoders import LETTERS
from seqtool.families.tagging.model import Objective, predictor
from seqtool.families.tagging.model import network as build
from seqtool.families.tagging.network import Spelled
from seqtool.training import checkpoint
from seqtool.training.loop import Trainer

SMALL = {"embedding": 4, "characters": 3, "character_hidden": 3, "hidden": 5}
TRAIN = ("the/D cat/N sat/V", "a/D cat/N", "cats/N", "the/D the/D cat/N sees/V a/D lamb/N", "Cat/N sat/V")
VALIDATION = ("the/D dog/N sat/V oddly/R", "a/D")


def sentences(lines):
    pairs = [[item.split("/") for item in line.split()] for line in lines]
    return tuple(
        Sentence(tuple(word for word, _ in row), tuple(tag for _, tag in row), number)
        for number, row in enumerate(pairs, start=1)
    )


def made(**fields):
    """A network and its objective over the sentences above."""
    config = TaggingConfig(**SMALL | fields)
    splits = split(Parts(sentences(TRAIN), sentences(VALIDATION), sentences(VALIDATION)), config)
    torch.manual_seed(0)
    network = build(config, splits.encoders)
    return network, Objective(network, splits, torch.device("cpu")), splits


def alone(network, words, encoders, unknown=False):
    """Logits [T,C] of one sentence without padding, each of its words spelled where it stands."""
    ids = torch.from_numpy(encoders.words.encode(words))[None]
    spelled = None
    if network.spelling is not None:
        rows = [encoders.spell(word) for word in words]
        lengths = torch.tensor([len(row) for row in rows])
        characters = torch.zeros(len(rows), int(lengths.max()), dtype=torch.int64)
        for row, one in zip(characters, rows, strict=True):
            row[: len(one)] = torch.from_numpy(one)
        spelled = Spelled(characters, lengths, torch.arange(len(words))[None])
    return network(torch.ones_like(ids) if unknown else ids, torch.tensor([len(words)]), spelled)[0]


@pytest.mark.parametrize("fields", [{}, {"characters": 0}, {"network": "encoder-decoder", "cell": "gru"}])
def test_the_loss_is_the_mean_over_real_words(fields):
    network, objective, splits = made(**fields)
    chosen = torch.tensor([3, 0, 2])
    told = [alone(network, splits.train.words[place], splits.encoders) for place in chosen]
    gold = [torch.from_numpy(splits.encoders.tags.encode(splits.train.tags[place])) for place in chosen]
    expected = cross_entropy(torch.cat(told), torch.cat(gold))
    loss = objective.loss(chosen)
    torch.testing.assert_close(loss, expected)
    ours = torch.autograd.grad(loss, list(network.parameters()))
    theirs = torch.autograd.grad(expected, list(network.parameters()))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4)


def test_word_dropout_takes_the_word_and_leaves_its_spelling():
    network, objective, splits = made(word_dropout=1 - 1e-9)
    told = alone(network, splits.train.words[0], splits.encoders, unknown=True)
    gold = torch.from_numpy(splits.encoders.tags.encode(splits.train.tags[0]))
    torch.testing.assert_close(objective.loss(torch.tensor([0])), cross_entropy(told, gold))


def test_held_out_figures_count_an_unseen_tag_as_wrong_and_leave_it_out_of_the_loss():
    network, objective, splits = made()
    network.eval()
    told = torch.cat([alone(network, words, splits.encoders) for words in splits.validation.words])
    names = splits.encoders.tags.names
    known = [place for place, tag in enumerate(["D", "N", "V", "R", "D"]) if tag in names]
    gold = torch.tensor([names.index(tag) for tag in ("D", "N", "V", "D")])
    figures = objective.evaluate()
    assert known == [0, 1, 2, 4]
    assert figures["loss"] == pytest.approx(cross_entropy(told[known], gold).item(), rel=1e-5)
    assert figures["error"] == pytest.approx(1 - (told[known].argmax(-1) == gold).sum().item() / 5)


def test_tags_of_sentences_come_in_their_order():
    network, _, splits = made()
    network.eval()
    given = [*splits.train.words, *splits.validation.words] * 20
    for words, (ids, _, _) in zip(given, predictor(network, splits.encoders)(given)[0], strict=True):
        np.testing.assert_array_equal(ids, alone(network, words, splits.encoders).argmax(-1))


def test_what_is_fitted_on_the_training_part_alone():
    network, _, splits = made(at_least=2, vocabulary=3)
    encoders = splits.encoders
    assert encoders.words.tokens == ("cat", "the", "a")  # sat is there twice too, and one too many
    assert "Cat" in encoders.forms.tokens
    assert "dog" not in encoders.forms.tokens
    assert "l" not in encoders.characters.tokens  # once
    assert encoders.tags.names == ("D", "N", "V")
    whole = joined(network.config, splits)
    assert len(whole.train.words) == 7
    assert whole.encoders is splits.encoders


def test_a_long_word_is_read_up_to_a_limit():
    _, _, splits = made()
    encoders = splits.encoders
    assert encoders.spell("a" * 1000).tolist() == encoders.characters.encode(["a"] * LETTERS).tolist()
    assert len(encoders.spell("")) == 1


def trainer(folder):
    folder.mkdir(exist_ok=True)
    network, objective, splits = made(dropout=0.3, embedding_dropout=0.2, word_dropout=0.3, weight_drop=0.2)
    config = TaggingConfig(**SMALL, epochs=3, learning_rate=0.01)
    lengths = [len(words) for words in splits.train.words]
    sampler = LengthSampler(lengths, records=2, tokens=100, seed=0)
    return Trainer(network, objective, sampler, config, folder, torch.device("cpu"))


def quiet(name, values):
    pass


def test_a_training_that_stops_goes_on_bit_for_bit(tmp_path):
    whole = trainer(tmp_path / "whole")
    whole.fit(quiet)
    cut = trainer(tmp_path / "cut")
    for _ in range(2):
        cut.step()
    cut.save()
    again = trainer(tmp_path / "cut")
    again.restore(checkpoint.load(tmp_path / "cut" / "checkpoints", 2))
    again.fit(quiet)
    for one, other in zip(whole.network.parameters(), again.network.parameters(), strict=True):
        assert torch.equal(one, other)
    assert again.best == whole.best


def test_the_weights_with_the_fewest_errors_are_kept_whatever_their_loss(tmp_path, monkeypatch):
    network, objective, splits = made(epochs=3)
    figures = iter([{"loss": 0.5, "error": 0.2}, {"loss": 0.9, "error": 0.1}, {"loss": 0.4, "error": 0.3}])
    monkeypatch.setattr(objective, "evaluate", lambda: next(figures))
    sampler = LengthSampler([len(words) for words in splits.train.words], records=2, tokens=100, seed=0)
    trainer = Trainer(network, objective, sampler, network.config, tmp_path, torch.device("cpu"))
    (tmp_path / "checkpoints").mkdir()
    fit = trainer.fit(quiet)
    assert (fit.best, fit.best_step) == (0.1, 2 * sampler.steps)
