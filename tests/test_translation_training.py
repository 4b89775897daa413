"""The loss of a translator: real target tokens alone; held-out figures; greedy translations; batches of two lengths."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from seqtool.data.encoders.vocabulary import BOS, EOS
from seqtool.data.pairs import Pair
from seqtool.data.records import Parts
from seqtool.data.splits import LengthSampler
from seqtool.families.translation import model
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import sampler, split
from seqtool.families.translation.model import Objective, greedy, predictor
from seqtool.families.translation.model import network as network_of
from seqtool.runs import deciding, read_metrics
from seqtool.training import loop
from seqtool.training.loop import Trainer

SMALL = TranslationConfig(
    vocabulary_kind="words", joint=False, tied="output", vocabulary=20, embedding=8, hidden=16, layers=1,
    dropout=0.0, embedding_dropout=0.0, learning_rate=0.01, batch=2,
)  # fmt: skip
TRAIN = (
    "ein hund\ta dog",
    "eine katze schläft\ta cat sleeps",
    "ein hund schläft hier\tthe dog sleeps here",
    "ja\tyes it is",
)
VALIDATION = ("eine katze\ta cat", "ein hund schläft\ta dog sleeps")


def pairs(lines):
    return tuple(Pair(*line.split("\t"), number) for number, line in enumerate(lines, start=1))


def made(**changes):
    config = dataclasses.replace(SMALL, **changes)
    splits = split(Parts(pairs(TRAIN), pairs(VALIDATION), pairs(VALIDATION)), config)
    torch.manual_seed(0)
    network = network_of(config, splits.encoders)
    return network, Objective(network, splits, torch.device("cpu")), splits


def surprises(network, splits, part):
    """-log p [U] of each target token of each pair, one pair at a time, without padding; and all log p [U,V]."""
    for source, target in zip(part.source, part.target, strict=True):
        given = torch.tensor([BOS, *target])[None]
        logits = network(torch.from_numpy(source)[None], torch.tensor([len(source)]), given)[0]
        chances = torch.log_softmax(logits, -1)
        yield -chances[torch.arange(len(target) + 1), torch.tensor([*target, EOS])], chances


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_is_the_mean_over_real_target_tokens(smoothing):
    network, objective, splits = made(label_smoothing=smoothing)
    each = [
        (1 - smoothing) * own - smoothing * chances.mean(-1)
        for own, chances in surprises(network, splits, splits.train)
    ]
    torch.testing.assert_close(objective.loss(torch.arange(4)), torch.cat(each).mean())


def test_held_out_figures_know_no_smoothing():
    network, objective, splits = made(label_smoothing=0.2)
    figures = objective.evaluate()
    each = torch.cat([own for own, _ in surprises(network, splits, splits.validation)])
    assert figures["loss"] == pytest.approx(each.mean().item(), rel=1e-5)
    assert figures["perplexity"] == pytest.approx(each.double().mean().exp().item(), rel=1e-5)


def test_bleu_decides_where_there_are_enough_pairs_for_it(monkeypatch):
    _, objective, _ = made()
    assert deciding(objective.evaluate()) == "loss"
    monkeypatch.setattr(model, "FEW", len(VALIDATION))
    figures = objective.evaluate()
    assert (deciding(figures), figures["error"]) == ("error", 100 - figures["bleu"])


def test_the_log_has_tokens_of_both_sides_for_each_second_of_training(tmp_path, monkeypatch):
    """As tensorflow/nmt counts: ends are tokens, padding is none. An evaluation takes no time of it."""
    network, objective, splits = made()
    config = dataclasses.replace(SMALL, epochs=3)
    trainer = Trainer(network, objective, sampler(config, splits, 0), config, tmp_path, torch.device("cpu"))
    clock = [0.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda: clock[0])

    def slowed(method, seconds):
        def slow(*given):
            clock[0] += seconds
            return method(*given)

        return slow

    monkeypatch.setattr(Trainer, "step", slowed(Trainer.step, 0.25))
    monkeypatch.setattr(objective, "evaluate", slowed(objective.evaluate, 100))
    (tmp_path / "checkpoints").mkdir()
    trainer.fit(lambda name, values: None)
    sides = [side for line in TRAIN for side in line.split("\t")]
    tokens = sum(len(side.split()) + 1 for side in sides)
    speeds = [line["tokens_per_second"] for line in read_metrics(tmp_path)]
    assert speeds == [pytest.approx(tokens / (0.25 * trainer.sampler.steps), abs=0.05)] * 3


@pytest.mark.parametrize("changes", [{}, {"input_feeding": True}, {"attention": "none"}])
def test_greedy_takes_the_most_likely_token_until_the_end(changes):
    network, _, splits = made(**changes)
    network.eval()
    network.output.bias.data[EOS] += 0.3  # some end early
    lengths = torch.tensor([len(source) for source in splits.train.source])
    source = torch.zeros(4, 5, dtype=torch.int64)
    for row, ids in enumerate(splits.train.source):
        source[row, : len(ids)] = torch.from_numpy(ids)
    together = greedy(network, source, lengths)
    for row, length in enumerate(lengths.tolist()):
        written = [BOS]
        while written[-1] != EOS and len(written) <= 2 * length + 10:
            logits = network(source[row : row + 1, :length], lengths[row : row + 1], torch.tensor([written]))
            written.append(int(logits[0, -1].argmax()))
        expected = written[1:] + [0] * (together.shape[1] - len(written) + 1)
        assert together[row].tolist() == expected


def test_a_network_learns_what_it_is_shown_and_tells_of_it(tmp_path):
    network, objective, splits = made()
    config = dataclasses.replace(SMALL, epochs=60)
    splits = dataclasses.replace(splits, validation=splits.train)
    objective = Objective(network, splits, torch.device("cpu"))
    trainer = Trainer(network, objective, sampler(config, splits, 0), config, tmp_path, torch.device("cpu"))
    for _ in range(120):
        trainer.step()
    network.eval()
    assert objective.evaluate()["bleu"] == pytest.approx(100)
    assert predictor(network, splits.encoders)([pair.source for pair in splits.train.pairs]) == [
        pair.target for pair in splits.train.pairs
    ]
    network.train()
    assert objective.show(tmp_path, 120) == "  ein hund -> a dog"
    text = (tmp_path / "samples.txt").read_text(encoding="utf-8")
    assert text.startswith("--- step 120 ---\nsource       ein hund\nreference    a dog\ntranslation  a dog\n\n")
    assert network.training


def test_bf16_trains():
    _, objective, _ = made()
    with torch.autocast("cpu", torch.bfloat16):
        loss = objective.loss(torch.arange(4))
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(objective.loss(torch.arange(4)).item(), rel=0.02)


def test_two_lengths_order_the_records_and_count_for_the_budget():
    lengths = np.array([(5, 2), (3, 9), (5, 1), (3, 1), (5, 2), (3, 8)])
    found = LengthSampler(lengths, records=10, tokens=24, seed=0)
    batches = {frozenset(found.order()[found.next()].tolist()) for _ in range(found.steps)}
    # 3+8 steps of each of (3,1), (3,8): 22; a third, (3,9), would need 36; with (5,1) 28; of three of five 3 x 7 = 21
    assert batches == {frozenset({3, 5}), frozenset({1}), frozenset({0, 2, 4})}
