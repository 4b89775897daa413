"""Words and labels as numbers and back."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import PAD, UNK, Vocabulary
from seqtool.errors import DataError, ModelError

SENTENCES = [["the", "cat", "saw", "The", "dog"], ["the", "dog", "ran"], ["a", "cat"]]


def test_the_most_frequent_words_first_ties_by_code_point():
    assert Vocabulary.fit(SENTENCES, 100).tokens == ("cat", "dog", "the", "The", "a", "ran", "saw")
    assert Vocabulary.fit(SENTENCES, 100, lower=True).tokens == ("the", "cat", "dog", "a", "ran", "saw")
    assert Vocabulary.fit(SENTENCES, 100, at_least=2).tokens == ("cat", "dog", "the")
    assert Vocabulary.fit(SENTENCES, 2).tokens == ("cat", "dog")
    assert Vocabulary.fit([], 5).size == 2


def test_padding_and_the_unknown_share_their_ids_with_no_word():
    made = Vocabulary.fit(SENTENCES, 3)
    assert (PAD, UNK, made.size) == (0, 1, 5)
    assert made.encode(["cat", "dog", "the", "The", ""]).tolist() == [2, 3, 4, 1, 1]
    assert made.encode([]).tolist() == []
    lowered = Vocabulary.fit(SENTENCES, 3, lower=True)
    assert lowered.encode(["The", "CAT", "dog", "Mouse"]).tolist() == [2, 3, 4, 1]
    assert lowered.unknown(["The", "Mouse", "Mouse", "mouse"]) == Counter({"Mouse": 2, "mouse": 1})


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.text(min_size=1)), max_size=5), st.booleans())
def test_a_stored_vocabulary_gives_the_same_ids(sentences, lower):
    made = Vocabulary.fit(sentences, 4, lower=lower)
    stored = Vocabulary.from_json(json.loads(json.dumps(made.to_json())))
    assert stored == made
    for sentence in sentences:
        ids = made.encode(sentence)
        assert stored.encode(sentence).tolist() == ids.tolist()
        assert made.unknown(sentence).total() == (ids == UNK).sum()
        assert (ids != PAD).all()


def test_labels_are_sorted_and_told_back():
    labels = Labels.fit(["pos", "neg", "pos"])
    assert (labels.names, labels.size) == (("neg", "pos"), 2)
    assert labels.encode(["pos", "neg", "pos"]).tolist() == [1, 0, 1]
    assert labels.decode([1, 0]) == ["pos", "neg"]
    assert Labels.from_json(json.loads(json.dumps(labels.to_json()))) == labels


def test_a_label_never_seen_is_named():
    with pytest.raises(DataError, match="'neutral' never occurs") as caught:
        Labels.fit(["pos", "neg"]).encode(["pos", "neutral"])
    assert caught.value.where == "known: neg, pos"


@pytest.mark.parametrize(
    "stored",
    [{}, {"kind": "labels"}, {"kind": "labels", "names": "ab"}, {"kind": "labels", "names": ["a", "a"]},
     {"kind": "labels", "names": [1]}, {"kind": "words", "names": ["a"]}, None],
)  # fmt: skip
def test_damaged_labels_are_refused(stored):
    with pytest.raises(ModelError, match="labels is damaged"):
        Labels.from_json(stored)


@pytest.mark.parametrize("stored", [{"kind": "vocabulary", "tokens": ["a"]}, {"kind": "vocabulary", "lower": True}])
def test_a_damaged_vocabulary_is_refused(stored):
    with pytest.raises(ModelError, match="vocabulary is damaged"):
        Vocabulary.from_json(stored)
