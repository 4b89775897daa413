"""Files of entities: no impossible answer, the likeliest possible one, the same in any batch; affixes as in PyTorch."""

from __future__ import annotations

import functools
import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from seqtool.config import to_dict
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.entities import impossible, may_follow
from seqtool.families.family import ExportOptions
from seqtool.families.tagging import export
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.encoders import LIMITS, TaggingEncoders, outputs
from seqtool.families.tagging.model import network, predictor
from seqtool.families.tagging.runner import Runner
from seqtool.graph.check import check
from seqtool.graph.model import plain_bytes, to_bytes
from seqtool.modelfile.manifest import Manifest, signature_of
from seqtool.runtime.model import open_model

TAGS = {
    "iob2": ("B-geo-pol", "B-per", "I-geo-pol", "I-per", "O"),
    "iob1": ("B-per", "I-geo-pol", "I-per", "O"),
    "bilou": ("B-per", "I-per", "L-per", "O", "U-geo", "U-per"),
}
UPOS = ("ADJ", "NOUN", "VERB")
TOKENS = tuple(f"w{n}" for n in range(30))
FORMS = (*TOKENS[:20], "Ann", "ANN", "Lee-Bo", "2024", "a", "\u00c9t\u00e9")
ALPHABET = tuple("abcdefghijklmnopqrstuvwxyzABCDELNO0123456789-.\u00e9\u00c9")
WORDS_ALONE = {"embedding": 6, "characters": 0, "hidden": 6, "layers": 1}
SPELLED = {"embedding": 5, "characters": 4, "character_hidden": 3, "affixes": 7, "hidden": 6, "layers": 1}


def encoders_of(schemes, *, spelled):
    """Encoders of one field for each scheme; None: tags of words alone."""
    first, *more = (Labels(TAGS[scheme] if scheme else UPOS) for scheme in schemes)
    return TaggingEncoders(
        words=Vocabulary(TOKENS, lower=True), forms=Vocabulary(FORMS), tags=first, more_tags=tuple(more),
        characters=Vocabulary(ALPHABET) if spelled else None, schemes=tuple(schemes),
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """schemes, options, int8, text -> the network, its encoders, and a runner of its file."""
    folder = tmp_path_factory.mktemp("entities")

    @functools.cache
    def make(schemes, *, affixes=False, int8=False, text=False):
        config = TaggingConfig(
            **(SPELLED if affixes else WORDS_ALONE), scheme="auto",
            tag_column=tuple(f"f{n}" for n in range(len(schemes))),
        )  # fmt: skip
        encoders = encoders_of(schemes, spelled=affixes)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            net = network(config, encoders).eval()
        with torch.no_grad():
            for output in net.outputs:
                output.weight *= 12  # so that the likeliest tags are often impossible
        options = ExportOptions(int8=int8, text_input=text)
        model = export.build(net, encoders, options)
        manifest = Manifest(
            task="tiny", family="tagging", config=to_dict(config), encoders=encoders.to_json(),
            signature=signature_of(plain_bytes(model)), limits=LIMITS,
            data={"source": "", "sample": False, "files": []}, scores={}, versions={"seqtool": "0", "torch": "0"},
            created="2026-01-02T03:04:05+00:00",
        )  # fmt: skip
        path = folder / f"{'-'.join(map(str, schemes))}-{affixes}-{int8}-{text}.onnx"
        path.write_bytes(to_bytes(model, manifest))
        opened = open_model(path, device="cpu", threads=1)
        if not int8:
            assert check(opened, export.probe(net, encoders, options)) < 1e-4
        return SimpleNamespace(network=net, encoders=encoders, runner=Runner(opened))

    return make


def drawn(seed, count, words=(*TOKENS, "new", "unheard")):
    dice = np.random.default_rng(seed)
    return [[str(word) for word in dice.choice(words, dice.integers(1, 9))] for _ in range(count)]


def best_of(logs, names, scheme):
    """The weight of the likeliest possible path through logs [T,C], a word at a time in Python."""
    starts = [may_follow(None, name, scheme) for name in names]
    best = {name: logs[0][n] if starts[n] else -np.inf for n, name in enumerate(names)}
    for step in logs[1:]:
        best = {
            name: step[n] + max(best[other] if may_follow(other, name, scheme) else -np.inf for other in names)
            for n, name in enumerate(names)
        }
    return max(weight if may_follow(name, None, scheme) else -np.inf for name, weight in best.items())


VARIANTS = {
    "iob2": (("iob2",), {}), "iob1": (("iob1",), {}), "bilou": (("bilou",), {}),
    "iob2 int8": (("iob2",), {"int8": True}), "bilou int8": (("bilou",), {"int8": True}),
    "iob2 of texts": (("iob2",), {"text": True}), "bilou of texts": (("bilou",), {"text": True}),
    "bilou with affixes": (("bilou",), {"affixes": True}),
    "iob2 with affixes int8": (("iob2",), {"affixes": True, "int8": True}),
    "two fields": ((None, "bilou"), {}), "two fields of entities of texts": (("iob1", "bilou"), {"text": True}),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_no_answer_is_impossible_and_each_is_the_likeliest_possible_one(made, name):
    schemes, options = VARIANTS[name]
    one = made(schemes, **options)
    sentences = drawn(1, 3000)
    odd = 0
    for field, (scheme, answers) in enumerate(zip(schemes, one.runner.predict(sentences), strict=True)):
        names = one.encoders.fields[field].names
        for number, (words, answer) in enumerate(zip(sentences, answers, strict=True)):
            assert answer.chances.shape == (len(words), len(names))
            np.testing.assert_allclose(answer.chances.sum(axis=1), 1, atol=1e-5)
            np.testing.assert_array_equal(answer.scores, answer.chances[np.arange(len(words)), answer.ids])
            greedy = answer.chances.argmax(axis=1)
            if scheme is None:
                assert (answer.ids == greedy).all()
                continue
            assert not impossible([names[label] for label in answer.ids], scheme)
            odd += impossible([names[label] for label in greedy], scheme) > 0
            if number < 400:
                logs = np.log(answer.chances.astype(np.float64))
                weight = logs[np.arange(len(words)), answer.ids].sum()
                assert weight == pytest.approx(best_of(logs, names, scheme), abs=1e-4)
    assert odd > 100  # there was something to mend


def test_the_oracle_is_the_best_of_all_paths():
    dice = np.random.default_rng(0)
    for scheme, names in TAGS.items():
        logs = dice.normal(size=(4, len(names)))
        paths = itertools.product(range(len(names)), repeat=4)
        possible = [path for path in paths if not impossible([names[label] for label in path], scheme)]
        best = max(sum(logs[place, label] for place, label in enumerate(path)) for path in possible)
        assert best_of(logs, names, scheme) == pytest.approx(best)


@pytest.mark.parametrize("name", ["iob2", "bilou int8", "bilou of texts", "bilou with affixes", "two fields"])
def test_an_answer_depends_on_its_sentence_alone(made, name):
    schemes, options = VARIANTS[name]
    runner = made(schemes, **options).runner
    sentences = drawn(2, 60)
    lengths = [*map(len, sentences)]
    told = runner.call([word for words in sentences for word in words], lengths)
    together = [answer.split(np.cumsum(lengths)[:-1]) for answer in told]
    for place, words in enumerate(sentences):
        alone = runner.call(words, [len(words)])
        beside = runner.call([*words, *["w3"] * 40], [len(words), 40])  # 40 words: padding behind the first
        for field, told in enumerate(alone):
            ends = np.array([len(words)])
            for other in (together[field][place], beside[field].split(ends)[0]):
                for mine, theirs in zip(told, other, strict=True):
                    np.testing.assert_array_equal(mine, theirs)


def test_padding_has_no_tag_no_score_and_no_probabilities(made):
    told = made((None, "bilou")).runner.model.run(
        {"tokens": np.array([[2, 3, 4], [5, 9, 9]]), "lengths": np.array([3, 1], np.int32)}
    )
    for field in (0, 1):
        tags, scores, chances = outputs(field)
        assert told[tags][1, 1:].tolist() == [-1, -1]
        assert not told[scores][1, 1:].any()
        assert not told[chances][1, 1:].any()
        np.testing.assert_allclose(told[chances][0].sum(-1), 1, atol=1e-6)
        np.testing.assert_allclose(told[chances][1, 0].sum(), 1, atol=1e-6)


MIXED = (*FORMS, "newish", "Berlin", "x" * 25, "C3PO", "\u6771\u4eac", "-", "ab", "ABC", "w99")


def test_affixes_of_stored_and_of_new_words_are_those_of_the_network(made):
    one = made(("bilou",), affixes=True)
    assert one.network.affixes is not None
    sentences = [list(MIXED), *([word] for word in MIXED), *drawn(4, 150, MIXED)]
    (told,), predicted = one.runner.predict(sentences), predictor(one.network, one.encoders)(sentences)[0]
    for mine, theirs in zip(told, predicted, strict=True):
        np.testing.assert_allclose(mine.chances, theirs.chances, atol=2e-5)
        assert (mine.ids == theirs.ids).all()
    # the affixes are used: words that only their ending parts have other answers
    first, second = one.runner.predict([["Berlin"], ["Berlid"]])[0]
    assert np.abs(first.chances - second.chances).max() > 1e-4


def test_affixes_in_int8_are_nearly_the_same(made):
    full, small = made(("iob2",), affixes=True), made(("iob2",), affixes=True, int8=True)
    sentences = drawn(5, 300, MIXED)
    (exact,), (rounded,) = full.runner.predict(sentences), small.runner.predict(sentences)
    assert small.runner.model.file.weight_bytes < full.runner.model.file.weight_bytes
    apart = np.concatenate([np.abs(a.chances - b.chances).ravel() for a, b in zip(exact, rounded, strict=True)])
    assert 0 < np.median(apart) < 0.02
    same = np.concatenate([a.ids == b.ids for a, b in zip(exact, rounded, strict=True)])
    assert same.mean() > 0.95
