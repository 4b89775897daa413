"""The linear part beside a classifier: its features and tables against scikit-learn, its graph, its mix, its bounds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.numpy import load_file
from scipy.special import softmax
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from seqtool.data.bootstrap import Difference
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.texts import fit as fit_texts
from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.data.grams import Sizes, grams
from seqtool.data.labelled import Labelled
from seqtool.errors import ModelError, SeqtoolError
from seqtool.families.classification import linear, rivals
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.encoders import ClassificationEncoders, Mix, Reader
from seqtool.families.classification.export import build, graph, probe
from seqtool.families.classification.features import Features
from seqtool.families.classification.mix import SCALES, likeliest
from seqtool.families.classification.model import Classifier, network
from seqtool.families.classification.part import TextPart
from seqtool.families.classification.rivals import BIGRAMS
from seqtool.families.classification.runner import NETWORK, WHOLE, WIDE, Predict
from seqtool.families.classification.scores import MAJORITY, baselines, score_part, verdict
from seqtool.families.family import ExportOptions
from seqtool.graph.model import plain_bytes
from seqtool.nn.wide import Wide

WORDS = ("good", "goods", "bad", "badly", "not", "a", "film", "films", "plot", "was", "filmed", "really", "real")
CONFIG = ClassificationConfig(embedding=5, hidden=6, wide=1 << 15)


def sentences(count: int, seed: int = 0) -> list[str]:
    """Return texts of different words."""
    dice = np.random.default_rng(seed)
    return [" ".join(dice.permutation(WORDS)[: dice.integers(1, 8)]) for _ in range(count)]


def part_of(texts, names=("neg", "pos"), encoder=None, seed=1) -> TextPart:
    dice = np.random.default_rng(seed)
    labels = [names[int("good" in text) if dice.random() < 0.8 else int(dice.integers(len(names)))] for text in texts]
    records = [Labelled(text, label, 1) for text, label in zip(texts, labels, strict=True)]
    return TextPart.of(records, Reader(encoder or Vocabulary(WORDS), lower=True), Labels(names))


def fitted(names=("neg", "pos"), encoder=None, config=CONFIG):
    """Return a classifier with a fitted linear part, and its training part."""
    train = part_of(sentences(200), names, encoder)
    encoders = ClassificationEncoders(train.reader.encoder, train.labels, mix=Mix(0.4, 1.5))
    torch.manual_seed(3)
    made = network(config, encoders)
    made.wide.set(linear.fit(made.wide.sizes, train, part_of(sentences(50, 5), names, encoder), np.ones(len(names))))
    return made.eval(), encoders, train


def ragged(rows, padding=0, fill=3):
    lengths = np.array([len(row) for row in rows], np.int32)
    tokens = np.full((len(rows), lengths.max() + padding), fill)
    for place, row in zip(tokens, rows, strict=True):
        place[: len(row)] = row
    return {"tokens": tokens, "lengths": lengths}


def session(made, *, int8=False):
    return onnxruntime.InferenceSession(plain_bytes(graph(made, int8=int8)), providers=["CPUExecutionProvider"])


def test_words_and_pairs_are_the_features_of_scikit_learn():
    """Of texts that say no word twice; products of rows do not tell the order of the columns."""
    train, others = part_of(sentences(60)), part_of(sentences(20, 9))
    shape = Sizes(len(WORDS) + 2, 1, 1 << 20, 2, characters=False)
    features = Features(shape, train.reader.encoder, train.ids)
    theirs = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+").fit(train.texts)
    found, asked = features(train.ids), theirs.transform(train.texts)
    np.testing.assert_allclose((found @ found.T).toarray(), (asked @ asked.T).toarray(), atol=1e-12)
    again = features(others.ids)
    assert again.multiply(again).sum(axis=1) == pytest.approx(1)
    unseen = len(set(theirs.build_analyzer()(" ".join(others.texts))) - set(theirs.vocabulary_))
    assert unseen  # pairs that training never had make a text longer, and say nothing


def test_characters_are_the_parts_of_words_that_scikit_learn_counts():
    train = part_of(sentences(60))
    shape = Sizes(len(WORDS) + 2, 1, 1 << 12, 2, characters=True)
    features = Features(shape, train.reader.encoder, train.ids)
    found = features(train.ids)[:, shape.vocabulary + shape.buckets :]
    count = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).fit(train.texts)
    counts = count.transform(train.texts).toarray()
    rarity = np.log((1 + 60) / (1 + (counts > 0).sum(axis=0))) + 1
    by_word = count.transform(WORDS).toarray().astype(float)
    by_word = np.where(by_word > 0, 1 + np.log(np.maximum(by_word, 1)), 0) * rarity * (counts.sum(axis=0) > 1)
    for row, text in enumerate(train.texts):
        vectors = by_word[[WORDS.index(word) for word in text.split()]]
        asked = vectors.sum(axis=0) / np.sqrt((vectors**2).sum())
        assert sorted(found[row].data) == pytest.approx(sorted(asked[asked > 0]))


@pytest.mark.parametrize("names", [("neg", "pos"), ("a", "b", "c")])
@pytest.mark.parametrize("encoder", ["words", "characters"])
def test_the_tables_give_what_scikit_learn_decides(names, encoder):
    texts = sentences(120)
    how = fit_texts(encoder, "\n".join(texts), 100) if encoder != "words" else None
    train, validation, other = (
        part_of(t, names, how) for t in (texts, sentences(30, 7), [*sentences(30, 8), "x y", ""])
    )
    shape = linear.sizes(replace(CONFIG, encoder=encoder), train.reader.encoder, len(names))
    assert (shape.characters, shape.most) == ((True, 2) if encoder == "words" else (False, 4))
    tables = linear.fit(shape, train, validation, np.ones(len(names)))
    wide = Wide(shape)
    wide.set(tables)
    features = Features(shape, train.reader.encoder, train.ids)
    model = LogisticRegression(C=wide.chosen[0].item(), max_iter=300).fit(features(train.ids), train.gold)
    asked = model.decision_function(features(other.ids))
    asked = asked * _scale(model, features(validation.ids), validation.gold)
    for row, decided in zip(other.ids, asked, strict=True):
        logits = wide(torch.from_numpy(row)[None], torch.tensor([len(row)]))[0].numpy()
        np.testing.assert_allclose(logits[1] - logits[0] if len(names) == 2 else logits, decided, atol=1e-4)


def _scale(model, x, gold) -> float:
    """Return the scale of the logits that is the likeliest, with a weak belief that it is about 1."""
    losses = []
    for scale in SCALES:
        logits = np.reshape(scale * model.decision_function(x), (len(gold), -1))
        logits = np.pad(logits, ((0, 0), (1, 0))) if logits.shape[1] == 1 else logits
        losses.append(log_loss(gold, softmax(logits, axis=1), normalize=False) + 2 * np.log(scale) ** 2)
    return SCALES[int(np.argmin(losses))]


def test_the_penalty_is_the_likeliest_on_validation_and_a_refit_keeps_it():
    train, validation = part_of(sentences(80)), part_of(sentences(40, 7), seed=2)
    shape = linear.sizes(CONFIG, train.reader.encoder, 2)
    features = Features(shape, train.reader.encoder, train.ids)
    losses = []
    for penalty in linear.PENALTIES:
        model = LogisticRegression(C=penalty, max_iter=300).fit(features(train.ids), train.gold)
        odds = model.decision_function(features(validation.ids))
        chances = 1 / (1 + np.exp(-_scale(model, features(validation.ids), validation.gold) * odds))
        losses.append(-np.log(np.where(validation.gold, chances, 1 - chances)).sum())
    chosen = linear.fit(shape, train, validation, np.ones(2))["chosen"]
    assert chosen[0] == linear.PENALTIES[int(np.argmin(losses))]
    again = linear.fit(shape, train, train, np.ones(2), np.array([0.123, 1.7]))
    model = LogisticRegression(C=0.123, max_iter=300).fit(features(train.ids), train.gold)
    assert again["chosen"].tolist() == [0.123, 1.7]
    assert again["bias"] == pytest.approx(1.7 * model.intercept_, abs=1e-4)


def test_runs_of_tokens_are_those_of_plain_python():
    ids = np.array([5, 0, 199_999, 3])
    code = lambda run: run[0] if len(run) == 1 else (code(run[:-1]) * 1_000_003 + run[-1]) % (2**31 - 1)  # noqa: E731
    runs = [tuple(ids[k : k + n].tolist()) for n in (2, 3, 4) for k in range(4 - n + 1)]
    assert grams(ids, 4, 1000).tolist() == [code(run) % 1000 for run in runs]
    assert grams(ids[:1], 2, 10).tolist() == []


@pytest.mark.parametrize("names", [("neg", "pos"), ("a", "b", "c")])
@pytest.mark.parametrize("encoder", ["words", "characters"])
def test_the_graph_computes_what_the_network_does(names, encoder):
    how = fit_texts(encoder, "\n".join(sentences(200)), 100) if encoder != "words" else None
    made, encoders, _ = fitted(names, how, replace(CONFIG, encoder=encoder))
    running = session(made)
    assert [one.name for one in running.get_outputs()] == [WHOLE, WIDE, NETWORK]
    for case in probe(made, encoders, ExportOptions()):
        found = dict(zip((WHOLE, WIDE, NETWORK), running.run(None, case.feeds), strict=True))
        assert found.keys() == case.answers.keys()
        for name, chances in found.items():
            np.testing.assert_allclose(chances, case.answers[name], atol=1e-5)


def test_a_file_that_reads_texts_answers_by_both_parts():
    made, encoders, _ = fitted()
    options = ExportOptions(text_input=True)
    running = onnxruntime.InferenceSession(plain_bytes(build(made, encoders, options)))
    names = [one.name for one in running.get_outputs()]
    assert names == ["label", WHOLE, WIDE, NETWORK]
    for case in probe(made, encoders, options):
        found = dict(zip(names, running.run(None, case.feeds), strict=True))
        assert found.pop("label").tolist() == case.answers["label"].tolist()
        for name, chances in found.items():
            np.testing.assert_allclose(chances, case.answers[name], atol=1e-5)


@pytest.mark.parametrize("int8", [False, True])
def test_an_answer_has_the_same_bits_in_any_batch(int8):
    made, _, _ = fitted()
    running, dice = session(made, int8=int8), np.random.default_rng(0)
    rows = [dice.integers(0, len(WORDS) + 2, length) for length in (1, 2, 2, 3, 9, 40, 1, 17)]
    alone = [np.stack(running.run(None, ragged([row])))[:, 0] for row in rows]
    for padding, fill in ((0, 0), (3, 5), (60, 1)):
        together = np.stack(running.run(None, ragged(rows, padding, fill)))
        np.testing.assert_array_equal(together, np.stack(alone, axis=1))


def test_the_mix_is_said_by_the_parts():
    made, _, train = fitted()
    whole, wide, own = (np.log(chances) for chances in session(made).run(None, ragged(train.ids[:20])))
    odds = lambda logits: logits[:, 1] - logits[:, 0]  # noqa: E731
    np.testing.assert_allclose(odds(whole), 1.5 * (0.6 * odds(wide) + 0.4 * odds(own)), atol=1e-4)


def test_the_mix_leaves_out_a_part_that_knows_nothing_and_sharpens_what_is_too_careful():
    dice = np.random.default_rng(0)
    logits = dice.normal(0, 2, 3000)
    gold = (dice.random(3000) < 1 / (1 + np.exp(-logits))).astype(np.int64)
    chances = lambda odds: np.stack([1 / (1 + np.exp(odds)), 1 / (1 + np.exp(-odds))], axis=1)  # noqa: E731
    knows, noise = chances(logits / 2), chances(dice.normal(0, 2, 3000))
    (first, second) = (likeliest(knows, noise, gold, np.ones(2)), likeliest(noise, knows, gold, np.ones(2)))
    assert (first.share, second.share) == (0, 1)
    assert first.scale == pytest.approx(2, rel=0.1)
    few = likeliest(knows[:1], knows[:1], (logits[:1] > 0).astype(np.int64), np.ones(2))
    assert few.scale < 1.6  # one text says little of how certain answers may be
    unseen = np.full(10, 2)  # a label that training never had
    assert likeliest(knows[:10], noise[:10], unseen, np.ones(2)).scale == pytest.approx(1)


def test_bounds_leave_fewer_buckets_then_no_characters_then_no_linear_part():
    texts = [f"w{n} w{n * 7 % 5000} w{n * 11 % 5000}" for n in range(5000)]
    few = part_of(sentences(30))
    assert linear.settled(CONFIG, few) == {"wide": linear.FEWEST_BUCKETS}  # so few pairs need no more
    assert linear.findings(CONFIG, few) == []
    assert linear.settled(replace(CONFIG, wide=0), few) == {}
    encoder = Vocabulary(tuple(f"w{n}" for n in range(5000)))

    def with_classes(count: int):
        names = tuple(f"c{n:04}" for n in range(count))
        records = [Labelled(text, names[n % count], 1) for n, text in enumerate(texts)]
        part = TextPart.of(records, Reader(encoder, lower=True), Labels(names))
        config = replace(CONFIG, wide=1 << 14)
        found = replace(config, **linear.settled(config, part))
        said = " ".join(finding.text for finding in linear.findings(config, part))
        return found.wide, found.wide_characters, said

    assert with_classes(20) == (1 << 14, True, "")
    wide, characters, said = with_classes(250)
    assert (wide, characters) == (1 << 12, True)
    assert "5,000 texts, 5,002 tokens, 250 classes): it has 4,096 buckets in the place of 16,384" in said
    wide, characters, said = with_classes(400)
    assert (wide, characters) == (1 << 12, False)
    assert "no characters of words (--no-wide-characters)" in said
    assert with_classes(1000)[0] == 0
    assert "it is left out (--wide 0)" in with_classes(1000)[2]


def test_a_mix_comes_back_and_a_damaged_one_is_refused():
    encoders = ClassificationEncoders(Vocabulary(WORDS), Labels(("n", "p")), mix=Mix(0.3, 1.25))
    stored = json.loads(json.dumps(encoders.to_json()))
    assert ClassificationEncoders.from_json(stored) == encoders
    assert "mix" not in replace(encoders, mix=None).to_json()
    for damaged in ([], {"share": 2.0, "scale": 1.0}, {"share": 0.5}, {"share": 0.5, "scale": "1"}, {"scale": 0}):
        with pytest.raises(ModelError):
            ClassificationEncoders.from_json({**stored, "mix": damaged})


STORED = {"counts": [10, 10], "penalty": 1.0, "tf_idf": {"penalty": 3.0}}


def test_scores_tell_both_parts_apart():
    part = part_of(["good film", "bad film", "good plot", "bad plot"] * 5)
    sure = np.array([[0.1, 0.9] if gold else [0.9, 0.1] for gold in part.gold])
    other = sure[:, ::-1]
    predict = Predict(lambda ids: {WHOLE: sure, WIDE: sure, NETWORK: other})
    counts = {**STORED, "counts": np.bincount(part.gold, minlength=2).tolist()}
    report = score_part(predict, part, counts, split="test", data="toys", threshold=0.5, train=part)
    assert list(report.whole) == ["model", "wide part", "network", MAJORITY, BIGRAMS, rivals.TF_IDF]
    assert [report.whole[name]["accuracy"] for name in ("model", "wide part", "network")] == [1, 1, 0]
    assert report.best_baseline in (MAJORITY, BIGRAMS, rivals.TF_IDF)
    assert report.verdict[0].startswith(
        "The network adds nothing to the wide part that can be told from chance: 100.0 %"
    )
    damaged = {**counts, "tf_idf": {}}
    with pytest.raises(SeqtoolError, match="damaged"):
        score_part(predict, part, damaged, split="test", data="toys", threshold=0.5, train=part)


def test_the_verdict_is_silent_of_the_wide_part_where_the_network_adds_to_it():
    better = Difference(-0.1, -0.15, -0.05)
    right = {"model": 0.8, MAJORITY: 0.7, "wide part": 0.7}
    assert len(verdict({MAJORITY: better, "wide part": better}, right, MAJORITY)) == 2


def test_tf_idf_is_that_of_scikit_learn_on_words_or_on_characters():
    train, other = part_of(sentences(80)), part_of(sentences(30, 4))
    theirs = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True)
    model = LogisticRegression(C=3.0, max_iter=1000).fit(theirs.fit_transform(train.texts), train.gold)
    asked = model.predict_proba(theirs.transform(other.texts))
    np.testing.assert_allclose(rivals.TfIdf(train).fit(3.0).predict(other), asked, atol=1e-4)
    chinese = ["这部电影非常好看,我很喜欢。", "这部电影太难看了"] * 20
    unspaced = part_of(chinese)
    theirs = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)
    gold = np.array([0, 1] * 20)
    model = LogisticRegression(C=3.0, max_iter=1000).fit(theirs.fit_transform(chinese), gold)
    ours = rivals.TfIdf(replace(unspaced, gold=gold)).fit(3.0).predict(unspaced)
    np.testing.assert_allclose(ours, model.predict_proba(theirs.transform(chinese)), atol=1e-4)


def test_the_network_learns_the_same_with_and_without_a_wide_part(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["train", "sentiment", "--sample", "--hidden", "4", "--embedding", "4", "--max-steps", "12"]
    for name, wide in (("without", "0"), ("beside", "4096")):
        assert cli(*small, "--wide", wide, "--out", name).returncode == 0
    without, beside = (load_file(f"{name}/checkpoints/12/network.safetensors") for name in ("without", "beside"))
    assert {name for name in beside if name.startswith("wide.")} == beside.keys() - without.keys()
    for name, weights in without.items():
        np.testing.assert_array_equal(weights, beside[name])
    assert "mix" not in json.loads(Path("without/encoders/encoders.json").read_text())
    assert cli("export", "without", "--no-scores").returncode == 0
    outputs = onnxruntime.InferenceSession("without/model.onnx").get_outputs()
    assert [one.name for one in outputs] == [WHOLE]
    refused = cli("export", "without", "--baseline", "wide part")
    assert (refused.returncode, "no linear part" in refused.stderr) == (2, True)


def test_a_bare_runtime_answers_as_classify_does_and_scores_name_the_parts(cli, seqtool_cmd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--hidden", "4", "--embedding", "4", "--max-steps", "12", "--refit"]
    assert cli("train", "sentiment", "--sample", *small, "--out", "run").returncode == 0
    stored = json.loads(Path("run/encoders/encoders.json").read_text())
    penalties = {tuple(load_file(path)["wide.chosen"]) for path in Path("run").glob("**/network.safetensors")}
    assert len(penalties) == 1  # that of the first training
    exported = cli("export", "run")
    assert exported.returncode == 0, exported.stderr
    assert re.search(r"\nwide part +\d", exported.stderr)
    assert re.search(r"\nnetwork +\d", exported.stderr)
    assert re.search(r"\nTF-IDF +\d", exported.stderr)
    ids = {word: number for number, word in enumerate(stored["encoder"]["tokens"], start=2)}
    lines = ["the plot was good", "nobody found the xyzzy dull", "no"]
    feeds = ragged([[ids.get(word, UNK) for word in line.split()] for line in lines])
    chances = onnxruntime.InferenceSession("run/model.onnx").run(None, feeds)[0]
    answer = seqtool_cmd("classify", "-m", "run/model.onnx", "--all", "--json", stdin="\n".join(lines) + "\n")
    found = [json.loads(line)["probabilities"] for line in answer.stdout.splitlines()]
    asked = [[row[name] for name in stored["labels"]["names"]] for row in found]
    np.testing.assert_allclose(chances, asked, atol=6e-5)
    assert cli("export", "run", "--baseline", "wide part").returncode == 0
    linear_file = onnxruntime.InferenceSession("run/model-wide-part.onnx")
    assert [one.name for one in linear_file.get_outputs()] == [WHOLE]
    parts = onnxruntime.InferenceSession("run/model.onnx").run([WIDE], feeds)[0]
    np.testing.assert_array_equal(linear_file.run(None, feeds)[0], parts)
    refused = cli("export", "run", "--baseline", "ridge")
    assert (refused.returncode, "--baseline 'wide part'" in refused.stderr) == (2, True)
    again = cli("evaluate", "run/model.onnx", "--data", _file(tmp_path, lines), "--json")
    assert again.returncode == 0, again.stderr
    assert list(json.loads(again.stdout)["whole"]) == ["model", "wide part", "network", MAJORITY]


def _file(folder: Path, lines: list[str]) -> Path:
    path = folder / "new.tsv"
    path.write_text("".join(f"{'positive' if n % 2 else 'negative'}\t{line}\n" for n, line in enumerate(lines * 3)))
    return path


def test_runs_without_a_mix_are_exported_as_the_network_alone():
    """A training that was interrupted before its end has no mix yet."""
    made, encoders, train = fitted()
    early = replace(encoders, mix=None)
    alone = Classifier(CONFIG, made.vocabulary, 2, UNK, made.wide.sizes).eval()
    alone.load_state_dict(made.state_dict())
    model = build(alone, early, ExportOptions())
    whole, _, own = onnxruntime.InferenceSession(plain_bytes(model)).run(None, ragged(train.ids[:9]))
    np.testing.assert_array_equal(whole, own)


def test_baselines_keep_the_penalty_of_tf_idf():
    class Parts:
        train, validation = part_of(sentences(60)), part_of(sentences(30, 6))

    stored = baselines(CONFIG, Parts, None)
    assert stored["tf_idf"]["penalty"] in rivals.TfIdf.PENALTIES
    assert baselines(CONFIG, Parts, stored)["tf_idf"] == stored["tf_idf"]


def test_rivals_of_many_classes_read_fewer_features():
    few, many = part_of(sentences(20)), part_of(sentences(20), tuple(f"c{n:03}" for n in range(77)))
    assert rivals.most_features(few) == rivals.FEATURES
    assert rivals.most_features(many) * 77 <= rivals.WEIGHTS
