"""The built-in samples of sentiment and pos, and their sources: readable, seeded, with something to learn."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from seqtool_pos.sources import SOURCES as TAGGED
from seqtool_sentiment.sources import SOURCES as LABELLED

from seqtool.data.labelled import read_labelled
from seqtool.data.records import Parts, cut
from seqtool.data.sources import fetch
from seqtool.data.tagged import read_tagged
from seqtool.families.classification import sample as sentiment
from seqtool.families.tagging import sample as pos


class Cuts:
    validation, test, split, fold = 0.1, 0.2, "distinct", 0


@pytest.fixture
def reviews(tmp_path):
    (tmp_path / "reviews.tsv").write_bytes(sentiment.sample())
    read = read_labelled(tmp_path / "reviews.tsv")
    assert [found.text for found in read.findings] == ["read as lines: the first tab ends the label"]
    return cut(Parts(read.records), lambda one: one.text, Cuts())


def test_both_samples_are_the_same_each_time_and_small():
    for make in (sentiment.sample, pos.sample):
        assert make() == make()
        assert make(50, seed=1) != make(50)
        assert 200_000 < len(make()) < 500_000


def test_a_bag_of_words_does_not_know_what_is_turned_round(reviews):
    """Naive Bayes over words: far from what the order of the words tells."""
    counts = {label: Counter() for label in sentiment.LABELS}
    for one in reviews.train:
        counts[one.label].update(set(one.text.split()))
    balance = Counter(one.label for one in (*reviews.train, *reviews.test))
    assert min(balance.values()) > 0.47 * balance.total()
    right = 0
    for one in reviews.test:
        scores = {
            label: sum(np.log(seen[word] + 1) for word in set(one.text.split())) for label, seen in counts.items()
        }
        right += max(scores, key=scores.get) == one.label
    assert 0.4 < right / len(reviews.test) < 0.7


def test_forms_are_several_parts_of_speech_and_the_test_has_new_words(tmp_path):
    (tmp_path / "sample.conllu").write_bytes(pos.sample())
    read = read_tagged(tmp_path / "sample.conllu", "xpos")
    assert [one.text for one in read.findings] == ["read as CoNLL-U"]
    parts = cut(Parts(read.records), lambda one: one.words, Cuts())
    tags: dict[str, Counter] = defaultdict(Counter)
    for one in parts.train:
        for word, tag in zip(one.words, one.tags, strict=True):
            tags[word][tag] += 1
    assert {"NN", "MD", "VB"} <= set(tags["can"])
    assert {"NN", "VBD"} <= set(tags["saw"])
    assert {"NN", "JJ", "VB"} <= set(tags["light"])
    pairs = [pair for one in parts.test for pair in zip(one.words, one.tags, strict=True)]
    usual = sum(word in tags and tags[word].most_common(1)[0][0] == tag for word, tag in pairs)
    assert 0.7 < usual / len(pairs) < 0.85
    assert 0.05 < sum(word not in tags for word, _ in pairs) / len(pairs) < 0.12


@pytest.mark.parametrize("source", [*LABELLED, *TAGGED], ids=lambda source: source.name)
def test_sources_are_pinned(source):
    for file in source.files:
        assert len(file.sha256) == 64
        assert file.url.startswith("https://raw.githubusercontent.com/")
    if len(source.files) > 1:
        assert [file.label for file in source.files] == ["train", "validation", "test"]


@pytest.mark.data
@pytest.mark.parametrize("source", [*LABELLED, *TAGGED], ids=lambda source: source.name)
def test_every_file_of_every_source_is_in_the_mirror(source):
    assert len(fetch(source, offline=True)) == len(source.files)
