"""`--vectors`: rows of the table of words that begin with a file's, from the training to the answers of the file."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import numpy as np
import onnx
import pytest
import torch

import seqtool
from seqtool.config import load as load_config
from seqtool.data.encoders.vocabulary import FIRST, PAD, UNK
from seqtool.data.token_vectors import TokenVectors
from seqtool.errors import DataError, UsageError
from seqtool.families import vectors as outside
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.vectors import Kept
from seqtool.nn.word_table import WordTable
from seqtool.training import checkpoint

NOUNS, VERBS = ("cat", "dog", "eel", "fox", "gnu"), ("sees", "bites", "likes")
VECTORS = "".join(
    f"{word} {place + 0.5} {-place} 0.25\n" for place, word in enumerate(("the", "zebra", "Cat", "dog", *VERBS))
)


def values_of(word: str) -> np.ndarray:
    """What the file says of a word."""
    for line in VECTORS.splitlines():
        name, *numbers = line.split()
        if name == word:
            return np.array([float(number) for number in numbers], np.float32)
    raise KeyError(word)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with tagged sentences, labelled texts, vectors and words to keep."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = [("the", rng.choice(NOUNS), rng.choice(VERBS), "the", rng.choice(NOUNS)) for _ in range(60)]
    tags = ("DET", "NOUN", "VERB", "DET", "NOUN")
    (tmp_path / "tags.txt").write_text(
        "\n".join("".join(f"{word}\t{tag}\n" for word, tag in zip(row, tags, strict=True)) for row in rows)
    )
    texts = [f"{'good' if 'dog' in row else 'bad'}\t{' '.join(row)} {place}\n" for place, row in enumerate(rows)]
    (tmp_path / "texts.tsv").write_text("".join(texts))
    (tmp_path / "v.txt").write_text(VECTORS)
    (tmp_path / "keep.txt").write_text("Zebra\nunicorn\nthe\n")
    return tmp_path


TAG = ("train", "tag", "--data", "tags.txt", "--hidden", "4", "--layers", "1", "--batch", "8", "--split", "random")
CLASSIFY = ("train", "classify", "--data", "texts.tsv", "--hidden", "4", "--batch", "8", "--wide", "0")
SHORT = ("--vectors", "v.txt", "--max-steps", "4", "--threads", "1", "--device", "cpu")


def table_of(run, step="best") -> np.ndarray:
    return checkpoint.weights(run / "checkpoints", step)["embedding.weight"].numpy()


def words_of(run) -> list[str]:
    stored = json.loads((run / "encoders" / "encoders.json").read_text())
    return (stored["words"] if "words" in stored else stored["encoder"])["tokens"]


def row_of(run, word: str) -> int:
    return words_of(run).index(word) + FIRST


@pytest.mark.parametrize("command", [TAG, CLASSIFY], ids=["tag", "classify"])
def test_frozen_rows_stay_bit_for_bit_and_stand_in_the_file(folder, cli, command):
    frozen = ("--freeze-vectors", "--l2", "0.01", "--keep-words", "keep.txt")
    answer = cli(*command, *SHORT, *frozen, "--learning-rate", "0.05", "--out", "run")
    assert answer.returncode == 0, answer.stderr
    assert cli("export", "run").returncode == 0
    run, words = folder / "run", words_of(folder / "run")
    assert words[-1] == "zebra"  # of the words to keep the one that has a vector
    assert "unicorn" not in words
    (exported,) = (
        onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(run / "model.onnx").graph.initializer
        if tuple(tensor.dims) == (len(words) + FIRST, 3)
    )
    with_vector = {"the", "zebra", "dog", *VERBS} & {*words}
    for word in with_vector:  # `Cat` is none of the words, which are in lower case
        np.testing.assert_array_equal(exported[row_of(run, word)], values_of(word))
    np.testing.assert_array_equal(exported, table_of(run))
    fixed = checkpoint.weights(run / "checkpoints", "best")["embedding.fixed"].numpy()
    assert {words[place - FIRST] for place in np.flatnonzero(fixed)} == with_vector


@pytest.mark.parametrize("command", [TAG, CLASSIFY], ids=["tag", "classify"])
def test_vectors_are_trained_unless_frozen(folder, cli, command):
    assert cli(*command, *SHORT, "--learning-rate", "0.05", "--out", "run").returncode == 0
    row = table_of(folder / "run")[row_of(folder / "run", "the")]
    assert not np.array_equal(row, values_of("the"))
    np.testing.assert_allclose(row, values_of("the"), atol=4 * 0.05 * 1.1)
    assert "embedding.fixed" not in checkpoint.weights(folder / "run" / "checkpoints", "best")


def test_answers_are_those_of_the_rows_by_an_independent_computation(folder, cli):
    """A network of one tanh layer, in numpy: a word of `--keep-words` is read by its vector."""
    options = (
        "--cell",
        "rnn",
        "--no-bidirectional",
        "--characters",
        "0",
        "--keep-words",
        "keep.txt",
        "--freeze-vectors",
    )
    assert cli(*TAG, *SHORT, *options, "--out", "run").returncode == 0
    assert cli("export", "run").returncode == 0
    weights = {
        name: tensor.double().numpy() for name, tensor in checkpoint.weights(folder / "run/checkpoints", "best").items()
    }
    layer = {name.rsplit(".", 1)[-1]: value for name, value in weights.items() if name.startswith("recurrent")}
    h = np.zeros(4)
    for word in ("the", "zebra"):
        x = values_of(word).astype(np.float64)
        h = np.tanh(layer["weight_ih_l0"] @ x + layer["bias_ih_l0"] + layer["weight_hh_l0"] @ h + layer["bias_hh_l0"])
    logits = weights["output.weight"] @ h + weights["output.bias"]
    chances = np.exp(logits) / np.exp(logits).sum()
    (tagged,) = seqtool.load(folder / "run" / "model.onnx").tag(["the zebra"])
    assert tagged.scores[1] == pytest.approx(chances.max(), abs=1e-6)


def test_what_is_said_stored_and_shown(folder, cli):
    answer = cli(*TAG, *SHORT, "--keep-words", "keep.txt", "--out", "run")
    counts = Counter(line.split("\t")[0] for line in (folder / "tags.txt").read_text().splitlines() if line)
    stored = json.loads((folder / "run" / "run.json").read_text())["data"]["vectors"]
    assert (stored["name"], stored["width"], stored["words"], stored["found"]) == ("v.txt", 3, len(counts), 5)
    assert stored["keep"] | {"sha256": ""} == {"name": "keep.txt", "sha256": "", "words": 3, "found": 2}
    assert "vectors: v.txt: 5 of 9 words of the training part have a vector of 3 numbers (55.6 %;" in answer.stderr
    assert "vectors-capitals: v.txt: 1 other word stands there with capitals alone" in answer.stderr
    config = (folder / "run" / "config.toml").read_text()
    assert 'vectors = "v.txt"' in config
    assert 'keep_words = "keep.txt"' in config
    assert "embedding = 3" in config
    assert "vectors: v.txt: 5 of 9" in cli("check", "tag", "--data", "tags.txt", "--vectors", "v.txt").stdout
    assert cli("export", "run").returncode == 0
    assert "v.txt: 5 of 9 words of the training part" in cli("inspect", "run/model.onnx").stdout
    assert str(folder).encode() not in (folder / "run" / "model.onnx").read_bytes()


@pytest.mark.parametrize("command", [TAG, CLASSIFY], ids=["tag", "classify"])
def test_neither_resume_nor_refit_nor_export_asks_for_the_file_again(folder, cli, command):
    options = ("--refit", "--freeze-vectors", "--keep-words", "keep.txt", "--evaluate-every", "2", "--keep", "9")
    assert cli(*command, *SHORT, *options, "--out", "whole").returncode == 0
    shutil.copytree("whole", "left")
    shutil.rmtree("left/refit")  # as if it had been killed at the second step
    (folder / "left/checkpoints/index.json").write_text('{"best": 2, "last": 2, "kept": [2]}')
    record = json.loads((folder / "left/run.json").read_text())
    (folder / "left/run.json").write_text(json.dumps({**record, "refit": None}))
    for name in ("v.txt", "keep.txt"):
        (folder / name).unlink()
    answer = cli(command[0], command[1], "--resume", "left")
    assert answer.returncode == 0, answer.stderr
    for part in ("", "refit"):
        one, other = (checkpoint.weights(folder / run / part / "checkpoints", "last") for run in ("whole", "left"))
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)
    answer = cli("export", "left")  # scored on the test part, whose words are encoded by the run's own vocabulary
    assert answer.returncode == 0, answer.stderr
    table = table_of(folder / "left" / "refit", "last")
    np.testing.assert_array_equal(table[row_of(folder / "left", "zebra")], values_of("zebra"))


@pytest.mark.parametrize("first", [(), ("--init-from", "before")], ids=["vectors", "init-from"])
def test_a_run_killed_before_its_first_checkpoint_begins_with_the_same_weights(folder, cli, first):
    assert cli(*TAG, *SHORT, "--out", "before").returncode == 0
    assert cli(*TAG, *SHORT, *first, "--out", "whole").returncode == 0
    shutil.copytree("whole", "left")
    shutil.rmtree("left/checkpoints")  # as if it had been killed at its first step
    (folder / "left/metrics.jsonl").unlink()
    record = json.loads((folder / "left/run.json").read_text())
    (folder / "left/run.json").write_text(json.dumps({**record, "training": None}))
    (folder / "v.txt").unlink()
    answer = cli("train", "tag", "--resume", "left")
    assert answer.returncode == 0, answer.stderr
    assert "begins at its first step" in answer.stderr
    one, other = (checkpoint.weights(folder / run / "checkpoints", "last") for run in ("whole", "left"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_weights_of_a_run_come_before_those_of_the_file(folder, cli):
    assert cli(*TAG, *SHORT, "--learning-rate", "0.05", "--out", "first").returncode == 0
    answer = cli(*TAG, *SHORT, "--init-from", "first", "--learning-rate", "1e-9", "--out", "second")
    assert answer.returncode == 0, answer.stderr
    row = row_of(folder / "first", "the")
    np.testing.assert_allclose(table_of(folder / "second")[row], table_of(folder / "first")[row], atol=1e-6)
    assert words_of(folder / "second") == words_of(folder / "first")


def test_an_altered_vocabulary_and_lost_vectors_are_refused(folder, cli):
    assert cli(*TAG, *SHORT, "--refit", "--out", "run").returncode == 0
    encoders = folder / "run" / "encoders"
    kept = (encoders / outside.FILE).read_bytes()
    (encoders / outside.FILE).write_bytes(kept[:-40])
    assert "lost its vectors.npz, or it is damaged" in cli("train", "tag", "--resume", "run").stderr
    (encoders / outside.FILE).write_bytes(kept)
    text = (encoders / "encoders.json").read_text()
    (encoders / "encoders.json").write_text(text.replace('"fox"', '"fix"'))
    assert "encoders.json was changed after the training" in cli("train", "tag", "--resume", "run").stderr


def test_the_size_is_that_of_the_file_unless_somebody_gives_another(folder, cli):
    answer = cli(*TAG, *SHORT, "--embedding", "7")
    assert answer.returncode == 2
    assert "the vectors have 3 numbers, and --embedding says 7" in answer.stderr
    assert cli(*TAG, *SHORT, "--embedding", "3", "--out", "run").returncode == 0
    shown = cli("train", "tag", "--vectors", "v.txt", "--show-config").stdout
    (folder / "mine.toml").write_text(shown)
    assert "embedding = 0" in shown
    assert cli(*TAG, "--config", "mine.toml", "--max-steps", "1", "--out", "again").returncode == 0


@pytest.mark.parametrize("kind", [TaggingConfig, ClassificationConfig])
def test_options_without_a_file_of_vectors_are_refused(kind):
    for options, word in (
        ({"embedding": 0}, "vectors need a size"),
        ({"keep_words": "a.txt"}, "--keep-words is about a file of vectors"),
        ({"freeze_vectors": True}, "--freeze-vectors is about a file of vectors"),
    ):
        with pytest.raises(UsageError, match=word):
            load_config(kind, options=options)
    assert load_config(kind, defaults={"embedding": 9}, options={"vectors": "v"}).embedding == 0
    assert load_config(kind, defaults={"embedding": 9}).embedding == 9
    assert load_config(kind, assignments=("embedding=9",), options={"vectors": "v"}).embedding == 9


def chosen(folder, counts, *, size=100, at_least=2, kept=(), lines="a 1\nb 2\nc 3\nD 4\n", **fields):
    (folder / "w.txt").write_text(lines)
    config = TaggingConfig(vectors=str(folder / "w.txt"), embedding=0, **fields)
    return outside.vocabulary(config, Counter(counts), size, at_least, Kept(kept, folder / "w.txt"))


def test_which_words_have_a_place(folder):
    words, vectors = chosen(folder, {"x": 3, "b": 2, "a": 1, "y": 1})
    assert words == ("x", "b", "a")  # y: seen once, and no vector
    assert vectors.ids.tolist() == [3, 4]
    assert vectors.values.ravel().tolist() == [2, 1]
    assert (vectors.facts["found"], vectors.facts["words"]) == (2, 4)
    assert (vectors.facts["places_found"], vectors.facts["places"]) == (3, 7)
    assert chosen(folder, {"x": 3, "b": 2, "a": 1}, size=2)[0] == ("x", "b")
    assert chosen(folder, {"x": 3, "b": 2, "a": 1, "c": 1}, size=3)[0] == ("x", "b", "a")
    # those to keep come on top of the largest size
    assert chosen(folder, {"x": 3, "b": 2, "a": 1}, size=2, kept=("a", "c", "b", "q"))[0] == ("x", "b", "a", "c")
    assert chosen(folder, {"C": 3, "d": 2}, lower=False)[1].values.ravel().tolist() == [3]  # as written, then lower


def test_a_file_of_other_words_is_refused(folder):
    with pytest.raises(DataError, match="none of the words of the training part has a vector"):
        chosen(folder, {"x": 3, "y": 1}, kept=("a",))


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty"), ("\n", "no words in it"), ("a\nb c\n", "line 2 holds several")]
)
def test_a_file_of_words_to_keep_holds_one_a_line(folder, text, words):
    (folder / "keep.txt").write_text(text)
    config = TaggingConfig(vectors="v.txt", keep_words="keep.txt")
    with pytest.raises(DataError, match=words):
        outside.kept_words(config, lambda word: [word])


def test_characters_begin_with_vectors_too(folder, cli):
    rng = np.random.default_rng(0)
    rows = ["".join(rng.choice([*"好坏天地人大"], 6)) for _ in range(40)]
    (folder / "zh.tsv").write_text("".join(f"{'ja' if '好' in row else 'nein'}\t{row}\n" for row in rows))
    (folder / "zh.vec").write_text("3 2\n好 1.5 2\n坏 3 4\n海 5 6\n")
    line = ("train", "classify", "--data", "zh.tsv", "--vectors", "zh.vec", "--hidden", "3", "--max-steps", "2")
    answer = cli(*line, "--freeze-vectors", "--out", "run")
    assert answer.returncode == 0, answer.stderr
    assert "zh.vec: 2 of 6 characters of the training part have a vector" in answer.stderr
    stored = json.loads((folder / "run/encoders/encoders.json").read_text())["encoder"]["symbols"]
    assert table_of(folder / "run")[stored.index("好") + 1].tolist() == [1.5, 2]
    assert cli("export", "run").returncode == 0
    assert "--keep-words is for words, and the tokens are characters" in cli(*line, "--keep-words", "keep.txt").stderr
    assert (
        "--vectors is for words or characters" in cli(*line, "--encoder", "sentencepiece", "--word-dropout", "0").stderr
    )


def test_the_other_rows_get_the_spread_of_the_vectors():
    torch.manual_seed(0)
    plain = torch.nn.Embedding(200, 8, padding_idx=PAD)
    torch.manual_seed(0)
    table = WordTable(200, 8, padding_idx=PAD)
    assert torch.equal(plain.weight, table.weight)  # the same draws
    values = np.random.default_rng(0).normal(scale=0.03, size=(5, 8)).astype(np.float32)
    table.begin(TokenVectors(np.arange(10, 15), values, {}))
    factor = np.sqrt(np.square(values).mean()) / plain.weight[1:].square().mean().sqrt().item()
    torch.testing.assert_close(table.weight[UNK], factor * plain.weight[UNK])
    assert table.weight[15:].square().mean().sqrt().item() == pytest.approx(np.sqrt(np.square(values).mean()), rel=0.05)
    assert not table.weight[PAD].any()
    np.testing.assert_array_equal(table.weight[10:15].detach().numpy(), values)


@pytest.mark.parametrize("optimiser", ["adam", "sgd", "rmsprop", "adagrad"])
def test_no_optimiser_moves_frozen_rows(optimiser):
    from seqtool.training.optimisers import optimiser as made

    table = WordTable(6, 4, frozen=True)
    table.begin(TokenVectors(np.array([2, 3]), np.full((2, 4), -0.7, np.float32), {}))
    before = table.weight.detach().clone()
    config = TaggingConfig(optimiser=optimiser, momentum=0.9, l2=0.1, learning_rate=0.1)
    steps = made(torch.nn.Sequential(table), config)
    for _ in range(3):
        steps.zero_grad()
        table(torch.tensor([[2, 4], [3, 2]])).square().sum().backward()
        steps.step()
    assert torch.equal(table.weight[2:4], before[2:4])
    assert not torch.equal(table.weight[4], before[4])


@pytest.mark.parametrize(
    ("number", "warned"), [("0", True), ("1e30", True), ("3e38", True), ("0.2", False), ("20", False)]
)
def test_vectors_of_another_scale_are_warned_of(folder, number, warned):
    """A check said nothing, and the training diverged or learnt nothing."""
    _, found = chosen(folder, {"a": 5, "b": 4}, lines=f"a {number}\nb -{number}\n")
    assert ("vectors-scale" in [one.code for one in found.findings]) == warned
