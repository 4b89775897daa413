"""The classifier: its twin in ONNX, answers that do not depend on neighbours, its loss, its dropouts."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.data.splits import Splits
from seqtool.errors import DataError, UsageError
from seqtool.families.classification import scores
from seqtool.families.classification.answers import decided
from seqtool.families.classification.config import ClassificationConfig, refuse
from seqtool.families.classification.data import check, held_out, joined, load
from seqtool.families.classification.encoders import ClassificationEncoders
from seqtool.families.classification.export import build, graph, probe, text_graph
from seqtool.families.classification.model import (
    Classifier,
    Objective,
    class_weights,
    network,
    objective,
    predictor,
)
from seqtool.families.classification.part import TextPart
from seqtool.families.family import ExportOptions
from seqtool.graph.model import plain_bytes
from seqtool.nn.basic import SpatialDropout
from seqtool.reads import DataFile
from seqtool.task import Data, Task

VOCABULARY, CLASSES = 11, 3
TASK = Task("toys", "", "classification")
ENCODERS = ClassificationEncoders(Vocabulary(tuple("abcdefghi")), Labels(("x", "y", "z")))
PLAIN, TEXTS = ExportOptions(), ExportOptions(text_input=True)


def classifier(**settings) -> Classifier:
    torch.manual_seed(3)
    made = Classifier(ClassificationConfig(**{"embedding": 5, "hidden": 6, **settings}), VOCABULARY, CLASSES, UNK)
    with torch.no_grad():
        made.embedding.weight *= 10
        made.output.weight *= 4
    return made.eval()


def session(network, *, int8=False):
    return onnxruntime.InferenceSession(plain_bytes(graph(network, int8=int8)), providers=["CPUExecutionProvider"])


def run(made, rows, padding=0):
    lengths = np.array([len(row) for row in rows], np.int32)
    tokens = np.full((len(rows), lengths.max() + padding), 7)
    for place, row in zip(tokens, rows, strict=True):
        place[: len(row)] = row
    return made.run(None, {"tokens": tokens, "lengths": lengths})[0]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "peephole"])
@pytest.mark.parametrize("pooling", ["last", "max", "attention"])
def test_the_graph_computes_what_the_network_does(cell, pooling):
    for bidirectional, layers in ((False, 1), (True, 2)):
        network = classifier(cell=cell, pooling=pooling, bidirectional=bidirectional, layers=layers)
        made = session(network)
        for case in probe(network, ENCODERS, PLAIN):
            (found,) = made.run(None, case.feeds)
            np.testing.assert_allclose(found, case.answers["probabilities"], atol=1e-5)
            assert found.sum(axis=1) == pytest.approx(1, abs=1e-5)


SESSIONS = {
    (pooling, int8): session(classifier(pooling=pooling, bidirectional=pooling != "last"), int8=int8)
    for pooling, int8 in itertools.product(("last", "max", "attention"), (False, True))
}
ROWS = st.lists(st.lists(st.integers(0, VOCABULARY - 1), min_size=1, max_size=9), min_size=1, max_size=6)


@pytest.mark.parametrize("key", SESSIONS, ids=str)
@given(rows=ROWS, padding=st.integers(0, 20))
@settings(max_examples=12)
def test_padding_and_neighbours_change_no_bit(key, rows, padding):
    made = SESSIONS[key]
    together = run(made, rows, padding)
    for row, answer in zip(rows, together, strict=True):
        np.testing.assert_array_equal(run(made, [row])[0], answer)


def test_a_batch_of_many_and_one_long_text_among_short_ones_change_no_bit():
    dice = np.random.default_rng(0)
    rows = [dice.integers(0, VOCABULARY, length).tolist() for length in (*dice.integers(1, 12, 100), 600)]
    for made in SESSIONS.values():
        together = run(made, rows)
        for place in (0, 57, 100):
            np.testing.assert_array_equal(run(made, [rows[place]])[0], together[place])


def test_int8_takes_less_than_half_of_the_bytes_and_answers_nearly_the_same():
    torch.manual_seed(3)
    network = Classifier(ClassificationConfig(embedding=64, hidden=6), 500, CLASSES, UNK).eval()
    full, small = (len(plain_bytes(graph(network, int8=int8))) for int8 in (False, True))
    assert small < 0.5 * full
    case = probe(network, ENCODERS, PLAIN)[1]
    (found,) = session(network, int8=True).run(None, case.feeds)
    np.testing.assert_allclose(found, case.answers["probabilities"], atol=0.02)


def part(golds, texts=None) -> TextPart:
    dice = np.random.default_rng(1)
    ids = tuple(dice.integers(0, VOCABULARY, length) for length in dice.integers(1, 8, len(golds)))
    return TextPart(tuple(texts or map(str, golds)), ids, np.array(golds), None, Labels(("a", "b", "c")))


def test_the_loss_is_the_mean_cross_entropy_over_texts_each_weighed_by_its_class():
    train = part([0, 0, 0, 1, 1, 2])
    chances = predictor(classifier(), ENCODERS)(train.ids)
    nats = -np.log(chances[np.arange(6), train.gold])
    for weights, expected in (("none", nats.mean()), ("balanced", (nats * [2 / 3, 2 / 3, 2 / 3, 1, 1, 2]).mean())):
        network = classifier(class_weights=weights)
        objective = Objective(network, Splits(train, train, train, ENCODERS), torch.device("cpu"))
        assert objective.loss(torch.arange(6)).item() == pytest.approx(expected, rel=1e-5)
        figures = objective.evaluate()
        assert figures["loss"] == pytest.approx(expected, rel=1e-5)
        assert figures["accuracy"] == pytest.approx((chances.argmax(axis=1) == train.gold).mean())


def test_every_class_weighs_the_same_in_a_balanced_loss_and_one_never_seen_nothing():
    weights = class_weights("balanced", part([0] * 8 + [1] * 2))
    assert weights[:2].tolist() == [10 / 16, 10 / 4]
    assert (weights * torch.tensor([8, 2, 0])).sum() == 10


def test_word_dropout_reads_tokens_as_unknown_in_training_alone():
    network, tokens = classifier(word_dropout=0.5), torch.randint(2, VOCABULARY, (400, 20))
    seen = []
    network.embedding.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    lengths = torch.full((400,), 20)
    network(tokens, lengths)
    network.train()(tokens, lengths)
    assert torch.equal(seen[0], tokens)
    changed = seen[1] != tokens
    assert changed.float().mean() == pytest.approx(0.5, abs=0.03)
    assert (seen[1][changed] == UNK).all()


def test_spatial_dropout_leaves_out_the_same_units_at_all_steps():
    x = torch.ones(50, 7, 40)
    layer = SpatialDropout(0.25)
    made = layer(x)
    assert torch.equal(made, made[:, :1].expand_as(made))
    assert made.unique().tolist() == pytest.approx([0, 4 / 3])
    assert (made == 0).float().mean() == pytest.approx(0.25, abs=0.03)
    assert torch.equal(layer.eval()(x), x)


def test_of_two_classes_the_threshold_decides_of_more_the_largest():
    two = np.array([[0.4, 0.6], [0.5, 0.5], [0.05, 0.95]])
    assert decided(two).tolist() == [1, 0, 1]
    assert decided(two, 0.9).tolist() == [0, 0, 1]
    assert decided(np.array([[0.2, 0.4, 0.4]]), 0.9).tolist() == [1]


def test_settings_that_do_not_go_together_are_refused():
    with pytest.raises(UsageError, match="never unknown"):
        refuse(ClassificationConfig(encoder="sentencepiece", word_dropout=0.1), 2)
    with pytest.raises(UsageError, match="there are 3"):
        refuse(ClassificationConfig(threshold=0.7), 3)


TEXT = "".join(f"{label}\t{words} {number}\n" for number in range(20) for label, words in (("x", "Ja ja"), ("y", "no")))


@pytest.mark.parametrize("encoder", ["words", "characters", "sentencepiece"])
def test_texts_become_ids_in_three_parts_and_every_text_has_a_token(tmp_path, encoder):
    (tmp_path / "a.tsv").write_text(TEXT)
    config = ClassificationConfig(encoder=encoder, vocabulary=300, at_least=1, validation=0.2, test=0.2)
    splits = load(TASK, config, Data((DataFile(tmp_path / "a.tsv"),)))
    assert [len(one.texts) for one in (splits.train, splits.validation, splits.test)] == [24, 8, 8]
    reader = splits.train.reader
    assert (reader.read("Ja ja") == reader.read("ja JA")).all()
    for text in ("\x01", "\ufffd", "ja" * 100):
        assert len(reader.read(text)) >= 1
    assert splits.encoders.labels.names == ("x", "y")
    assert ClassificationEncoders.from_json(json.loads(json.dumps(splits.encoders.to_json()))) == splits.encoders
    part, _ = held_out(TASK, config, splits.encoders, [DataFile(tmp_path / "a.tsv")])
    assert len(part.ids) == 40
    assert {ids.tobytes() for ids in part.ids} >= {ids.tobytes() for ids in splits.test.ids}
    whole = joined(config, splits)
    assert len(whole.train.ids) == len(whole.train.gold) == 32


def test_a_word_of_the_validation_part_is_unknown(tmp_path):
    for name, text in (("train", "a\tone two\nb\tthree two\n"), ("dev", "a\tone four\n"), ("test", "c\ttwo\n")):
        (tmp_path / f"{name}.tsv").write_text(text)
    config = ClassificationConfig(at_least=1)
    splits = load(TASK, config, Data(tuple(DataFile(tmp_path / f"{name}.tsv") for name in ("train", "dev", "test"))))
    assert splits.validation.ids[0][1] == UNK
    assert splits.validation.unknown == 0.5


def test_a_label_that_training_never_had_is_no_class_and_its_texts_count_as_wrong(tmp_path):
    parts = {"train": "b\tone two\nd\tthree two\n", "dev": "d\tone four\na\tfive\n", "test": "c\ttwo\nd\tthree\n"}
    for name, text in parts.items():
        (tmp_path / f"{name}.tsv").write_text(text)
    config = ClassificationConfig(at_least=1, class_weights="balanced")
    splits = load(TASK, config, Data(tuple(DataFile(tmp_path / f"{name}.tsv") for name in parts)))
    assert splits.encoders.labels.names == splits.train.labels.names == ("b", "d")
    assert (splits.validation.labels.names, splits.test.labels.names) == (("b", "d", "a"), ("b", "d", "c"))
    net = network(config, splits.encoders)
    figures = objective(net, splits, torch.device("cpu"), seed=0).evaluate()
    assert 0 <= figures["accuracy"] <= 0.5
    assert 20 < figures["loss"] < 100
    stored = scores.baselines(config, splits, None)
    assert stored["counts"] == [1, 1]
    whole = joined(config, splits)
    assert whole.train.labels.decode(whole.train.gold) == ["b", "d", "d"]
    for kept in (stored, scores.baselines(config, whole, stored)):  # as after a training, and after a refit
        report = scores.score(predictor(net, splits.encoders), splits, "test", kept, config, "here")
        assert all(0 <= figures["accuracy"] <= 0.5 for figures in report.whole.values())
        assert report.classes["c"]["recall"] == 0.0


def test_a_label_without_a_text_in_a_part_is_said_in_check_and_in_the_scores(tmp_path):
    parts = {"train": "b\tone two\nd\tthree two\n", "dev": "d\tone four\nb\tfive\n", "test": "d\tthree\nd\tsix\n"}
    for name, text in parts.items():
        (tmp_path / f"{name}.tsv").write_text(text)
    config, data = ClassificationConfig(at_least=1), Data(tuple(DataFile(tmp_path / f"{name}.tsv") for name in parts))
    (absent,) = [found for found in check(TASK, config, data) if found.code == "absent-labels"]
    assert (absent.level, absent.text) == ("warning", "the test part has no text of b: scores say nothing about them")
    splits = load(TASK, config, data)
    predict = predictor(network(config, splits.encoders), splits.encoders)
    stored = scores.baselines(config, splits, None)
    test, other = (scores.score(predict, splits, part, stored, config, "here") for part in ("test", "validation"))
    assert test.details()[-1] == "no text of b was scored: the scores say nothing about it"
    assert "scores say" not in other.details()[-1]


def test_check_counts_the_tokens_of_the_encoder(tmp_path):
    parts = {"train": "b\tone two\nd\tthree\n", "dev": "d\ttoo\nb\ttree\n", "test": "d\tzzzz\nb\twhere\n"}
    for name, text in parts.items():
        (tmp_path / f"{name}.tsv").write_text(text)
    data = Data(tuple(DataFile(tmp_path / f"{name}.tsv") for name in parts))
    said = {found.code: found.text for found in check(TASK, ClassificationConfig(encoder="characters"), data)}
    assert "44.4 % of the test part are characters unknown" in said["unknown-words"]
    assert said["longest-record"].startswith("7 characters;")
    assert said["sizes"].endswith("28 characters")


def test_a_file_is_read_by_the_options_of_the_training(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("What was bad,Mood\n" + "".join(f"a film of number {n},m{n % 3}\n" for n in range(20)))
    with pytest.raises(DataError, match="the first row"):
        held_out(TASK, ClassificationConfig(), ENCODERS, [DataFile(path)])
    moods = replace(ENCODERS, labels=Labels(("m0", "m1", "m2")))
    content, _ = held_out(TASK, ClassificationConfig(header="yes"), moods, [DataFile(path)])
    assert len(content.texts) == 20


def test_a_file_that_reads_texts_answers_as_the_network_does_of_the_words():
    network = classifier(lower=True)
    made = onnxruntime.InferenceSession(plain_bytes(build(network, ENCODERS, TEXTS)))
    for case in probe(network, ENCODERS, TEXTS):
        label, chances = made.run(None, case.feeds)
        np.testing.assert_allclose(chances, case.answers["probabilities"], atol=1e-5)
        assert label.tolist() == case.answers["label"].tolist()
    line = np.array(["a b zz", "C", ""], dtype=object)
    _, chances = made.run(None, {"text": line})
    np.testing.assert_array_equal(chances, run(session(network), [[2, 3, UNK], [4], [UNK]]))


def test_a_text_file_of_two_classes_decides_at_the_threshold():
    torch.manual_seed(3)
    network = Classifier(ClassificationConfig(embedding=5, hidden=6), VOCABULARY, 2, UNK).eval()
    words, text = Vocabulary(tuple("abcdefghi")), np.array(["a b", "c"], dtype=object)
    plain = onnxruntime.InferenceSession(plain_bytes(text_graph(network, words, Labels(("n", "p")), 0.5)))
    chance = float(plain.run(["probabilities"], {"text": text})[0][0, 1])
    for threshold, label in ((chance - 1e-3, "p"), (chance + 1e-3, "n")):
        model = text_graph(network, words, Labels(("n", "p")), threshold)
        made = onnxruntime.InferenceSession(plain_bytes(model))
        assert made.run(["label"], {"text": text})[0][0] == label
