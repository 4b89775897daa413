"""A tagger's file against its network, word by word; batches, neighbours and looked-up spellings bit for bit."""

import dataclasses
import functools
import importlib.util
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.labels import Labels
from seqtool.errors import ModelError, UsageError
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.network import Spelled
from seqtool.families.tagging.runner import Runner
from seqtool.graph.model import to_bytes
from seqtool.runtime.model import open_model

MODELS = Path(__file__).parent / "models"
SMALL = {"embedding": 4, "characters": 3, "character_hidden": 3, "hidden": 5}
FORMS = {
    "lstm": SMALL,
    "two gru one way": SMALL | {"cell": "gru", "layers": 2, "bidirectional": False, "hidden": 17},
    "peephole": SMALL | {"cell": "peephole"},
    "two rnn": SMALL | {"cell": "rnn", "layers": 2},
    "words alone": SMALL | {"characters": 0},
    "encoder-decoder": SMALL | {"network": "encoder-decoder", "characters": 0, "bidirectional": False, "cell": "gru"},
    "two both ways encoder-decoder": SMALL | {"network": "encoder-decoder", "layers": 2},
}
SENTENCES = [
    ["The", "cat", "sat", "on", "a", "mat", "."],
    ["zebra"],
    ["THE", "Cat", "b\u00fcrste"],
    ["mat"] * 12 + ["unseen", "unseen", "x" * 50],
]


def load_generator():
    spec = importlib.util.spec_from_file_location("generate", MODELS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = load_generator()
TAGGERS = GENERATE.TAGGERS.to_json()


@pytest.fixture(scope="module")
def runners(tmp_path_factory):
    """name, int8 -> a runner of a file made for it."""
    folder = tmp_path_factory.mktemp("taggers")

    @functools.cache
    def make(name, int8=False):
        path = folder / f"{name}-{int8}.onnx"
        path.write_bytes(GENERATE.tiny_pos(TaggingConfig(**FORMS[name]), int8=int8))
        return Runner(open_model(path, device="cpu", threads=1))

    return make


def by_hand(config, words):
    """The network on one sentence, each of its words spelled alone: probabilities [T,C]."""
    network, encoders = GENERATE.tagger(config), GENERATE.TAGGERS
    known = {word: number for number, word in enumerate(encoders.words.tokens, start=2)}
    ids = torch.tensor([[known.get(word.lower(), 1) for word in words]])
    spelled = None
    if config.characters:
        letters = [torch.from_numpy(encoders.characters.encode(list(word[:20])))[None] for word in words]
        vectors = []
        for one in letters:
            _, (h, _) = network.spelling.recurrent.rnn(network.spelling.embedding(one))
            vectors.append(torch.cat([h[0, 0], h[1, 0]]))
        network.spelling.forward = lambda characters, lengths: torch.stack(vectors)
        spelled = Spelled(None, None, torch.arange(len(words))[None])
    with torch.no_grad():
        return network(ids, torch.tensor([len(words)]), spelled)[0].softmax(-1).numpy()


def tag(runner, sentences):
    """Ids and scores of each sentence, all in one call."""
    lengths = [len(words) for words in sentences]
    ((ids, scores, _),) = runner.call([word for words in sentences for word in words], lengths)
    ends = np.cumsum(lengths)[:-1]
    return list(zip(np.split(ids, ends), np.split(scores, ends), strict=True))


@pytest.mark.parametrize("name", FORMS)
def test_it_tells_what_the_network_tells(runners, name):
    config = TaggingConfig(**FORMS[name])
    for words, (ids, scores) in zip(SENTENCES, tag(runners(name), SENTENCES), strict=True):
        chances = by_hand(config, words)
        assert ids.tolist() == chances.argmax(-1).tolist()
        np.testing.assert_allclose(scores, chances.max(-1), atol=2e-6)


word = st.one_of(st.sampled_from(GENERATE.TAGGERS.forms.tokens), st.text("abcTz\u00e9", min_size=1, max_size=30))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(word, min_size=1, max_size=9), min_size=1, max_size=6), st.randoms())
@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("name", ["lstm", "two gru one way", "words alone", "two both ways encoder-decoder"])
def test_a_sentence_does_not_see_its_neighbours(runners, name, int8, sentences, dice):
    runner = runners(name, int8)
    together = tag(runner, sentences)
    order = list(range(len(sentences)))
    dice.shuffle(order)
    shuffled = dict(zip(order, tag(runner, [sentences[place] for place in order]), strict=True))
    for place, one in enumerate(together):
        alone = tag(runner, [sentences[place]])[0]
        for other in (alone, shuffled[place]):
            np.testing.assert_array_equal(one[0], other[0])
            np.testing.assert_array_equal(one[1], other[1])


def test_a_looked_up_spelling_has_the_bits_of_a_computed_one(runners):
    runner = runners("lstm")
    words = ["The", "cat", "sat"]
    forms, letters = runner.encoders.forms, runner.encoders.characters
    (usual,) = runner.call(words, [3])
    length = max(map(len, words))
    rows = [np.pad(letters.encode(list(one)), (0, length - len(one))) for one in words]
    outputs = runner.model.run(
        {
            "tokens": forms.size + np.arange(3)[None],
            "lengths": np.array([3], np.int32),
            "characters": np.array(rows),
            "character_lengths": np.array(list(map(len, words)), np.int32),
            "words": runner.encoders.words.encode(words),
        }
    )
    np.testing.assert_array_equal(outputs["tags"][0], usual[0])
    np.testing.assert_array_equal(outputs["scores"][0], usual[1])


def test_padding_has_no_tag_and_no_score(runners):
    runner = runners("words alone")
    tokens = np.array([[2, 3, 4], [5, 0, 0]])
    outputs = runner.model.run({"tokens": tokens, "lengths": np.array([3, 1], np.int32)})
    assert outputs["tags"][1, 1:].tolist() == [-1, -1]
    assert outputs["scores"][1, 1:].tolist() == [0, 0]
    assert (outputs["tags"][0] >= 0).all()


def test_every_sentence_is_tagged_in_its_place_whatever_the_batches(runners):
    runner = runners("lstm")
    rng = np.random.default_rng(0)
    sentences = [["cat", "mat", "new"][: rng.integers(1, 4)] * int(rng.integers(1, 60)) for _ in range(200)]
    for words, answer in zip(sentences, runner.predict(sentences)[0], strict=True):
        np.testing.assert_array_equal(answer.ids, runner.call(words, [len(words)])[0].ids)


def test_int8_has_small_tables_and_nearly_the_same_answers(runners):
    full, small = runners("lstm"), runners("lstm", True)
    assert "MatMulInteger" in small.model.file.operators
    assert small.model.file.weight_bytes < full.model.file.weight_bytes
    for (_, one), (_, other) in zip(tag(full, SENTENCES), tag(small, SENTENCES), strict=True):
        np.testing.assert_allclose(one, other, atol=0.1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"config": {}}, "does not say what a tagger needs .KeyError: 'field'"),
        ({"encoders": TAGGERS | {"tags": Labels(("A", "B")).to_json()}}, "tags that it has no names for"),
        ({"encoders": TAGGERS | {"words": Labels(("A",)).to_json()}}, "the stored vocabulary is damaged"),
        ({"encoders": {"words": TAGGERS["words"]}}, "the stored encoders are damaged .KeyError: 'forms'"),
        ({"encoders": {name: TAGGERS[name] for name in ("words", "forms", "tags")}}, "encoders have no characters"),
    ],
)
def test_a_file_whose_manifest_does_not_fit_is_refused_in_words(tmp_path, monkeypatch, changes, said):
    monkeypatch.setattr(GENERATE, "to_bytes", functools.partial(sealed, changes))
    (tmp_path / "a.onnx").write_bytes(GENERATE.tiny_pos(TaggingConfig(**SMALL)))
    with pytest.raises(ModelError, match=said):
        tag(Runner(open_model(tmp_path / "a.onnx", device="cpu")), SENTENCES)


def sealed(changes, model, manifest):
    return to_bytes(model, dataclasses.replace(manifest, **changes))


def test_a_file_may_have_tags_of_any_field_and_conllu_has_columns_for_two(tmp_path, monkeypatch, seqtool_cmd):
    monkeypatch.setattr(GENERATE, "to_bytes", functools.partial(sealed, {"config": {"field": "ner"}}))
    (tmp_path / "a.onnx").write_bytes(GENERATE.tiny_pos(TaggingConfig(**SMALL)))
    runner = Runner(open_model(tmp_path / "a.onnx", device="cpu"))
    assert runner.field == "ner"
    assert set(runner.tag(["the cat"])[0].tags) <= set(runner.labels)
    told = seqtool_cmd("tag", "-m", tmp_path / "a.onnx", "--conllu", stdin="1\tcat" + "\t_" * 8 + "\n")
    assert told.stderr == ""
    assert told.stdout.split("\t")[3] in runner.labels  # universal tags, whatever they are called


@pytest.mark.parametrize("name", ["lstm", "two gru one way", "two rnn"])
def test_threads_change_no_bit(tmp_path, runners, name):
    (tmp_path / "a.onnx").write_bytes(GENERATE.tiny_pos(TaggingConfig(**FORMS[name])))
    expected = tag(runners(name), SENTENCES)
    for threads in (2, 3):
        made = tag(Runner(open_model(tmp_path / "a.onnx", device="cpu", threads=threads)), SENTENCES)
        for one, other in zip(made, expected, strict=True):
            np.testing.assert_array_equal(one[0], other[0])
            np.testing.assert_array_equal(one[1], other[1])


def test_the_signature_is_the_public_one(runners):
    model = onnx.load_from_string(GENERATE.tiny_pos())
    shapes = {
        one.name: [axis.dim_param or axis.dim_value for axis in one.type.tensor_type.shape.dim]
        for one in (*model.graph.input, *model.graph.output)
    }
    assert shapes == {
        "tokens": ["B", "T"],
        "lengths": ["B"],
        "characters": ["W", "M"],
        "character_lengths": ["W"],
        "words": ["W"],
        "tags": ["B", "T"],
        "scores": ["B", "T"],
        "probabilities": ["B", "T", GENERATE.TAGGERS.tags.size],
    }


def test_a_file_that_reads_texts_tells_names_and_the_same_as_the_other(runners, tmp_path):
    config = TaggingConfig(**FORMS["words alone"])
    (tmp_path / "text.onnx").write_bytes(GENERATE.tiny_pos(config, text=True))
    texts, numbers = Runner(open_model(tmp_path / "text.onnx", device="cpu")), runners("words alone")
    given = [*SENTENCES, ["a b", "CAT", "\u00c4"], ["x\ty"], ["x\ny", "\u3000"]]
    for (ids, scores), (others, theirs) in zip(tag(texts, given), tag(numbers, given), strict=True):
        assert ids.tolist() == others.tolist()
        np.testing.assert_array_equal(scores, theirs)
    assert texts.tag(given) == numbers.tag(given)
    outputs = texts.model.run({"text": np.array(["The  cat", "mat"], dtype=object)})
    assert outputs["tags"].shape == (2, 2)
    assert outputs["tags"][1, 1] == ""
    assert set(outputs["tags"].ravel()) <= {"", *texts.labels}


def test_words_that_are_spelled_cannot_be_read_as_texts():
    with pytest.raises(UsageError, match="cannot spell words") as refused:
        GENERATE.tiny_pos(text=True)
    assert "--characters 0" in refused.value.cure


def test_a_file_whose_words_all_occurred_once_is_exported(tmp_path, cli, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sentences = [f"w{3 * n}/A w{3 * n + 1}/B w{3 * n + 2}/A" for n in range(40)]
    Path("once.txt").write_text("\n".join(sentences) + "\n")
    small = ("--characters", "0", "--hidden", "4", "--at-least", "2", "--max-steps", "2", "--out", "run")
    assert cli("train", "tag", "--data", "once.txt", *small).returncode == 0
    for options in ((), ("--text-input", "--out", "text.onnx")):
        exported = cli("export", "run", *options)
        assert exported.returncode == 0, exported.stderr
