"""Encoders of lines that are translated: pieces of words, words, one or two vocabularies."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.subwords import Subwords
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD, UNK, TokenWords
from seqtool.errors import DataError, ModelError, NotFound

LINES = [f"the {what} sees a {whom} ." for what in ("dog", "cat", "old man") for whom in ("bird", "house", "tree")] * 5


@pytest.fixture(scope="module", params=["unigram", "bpe"])
def subwords(request) -> Subwords:
    return Subwords.fit(LINES, 40, request.param)


def test_subwords_give_their_training_text_back_and_keep_four_ids_free(subwords):
    for line in LINES[:9]:
        ids = subwords.encode(line)
        assert ids.dtype == np.int64
        assert ids.min() > EOS
        assert subwords.decode([BOS, *ids, EOS, PAD, PAD]) == line
        assert len(subwords.tokens(line)) == len(ids)
    assert (PAD, UNK, BOS, EOS) == (0, 1, 2, 3)
    assert subwords.size <= 40


def test_subwords_normalise_white_space_and_wide_letters(subwords):
    assert subwords.decode(subwords.encode("  the\u00a0 \uff44\uff4f\uff47 ")) == "the dog"


def test_subwords_count_the_characters_that_they_cannot_say(subwords):
    assert subwords.unknown("the 龍 dog 龍虎") == {"龍": 2, "虎": 1}
    assert subwords.encode("龍").tolist().count(UNK) == 1
    assert subwords.decode(subwords.encode("龍")) == ""


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(), max_size=40))
def test_no_text_is_too_odd_for_subwords(text):
    encoder = _SMALL
    ids = encoder.encode(text)
    assert len(ids) == len(encoder.tokens(text))
    assert ((ids >= 0) & (ids < encoder.size)).all()
    assert isinstance(encoder.decode(ids), str)
    assert isinstance(encoder.unknown(text).total(), int)


_SMALL = Subwords.fit(LINES, 40)


def test_lone_surrogates_nulls_and_ten_thousand_words_are_encoded(subwords):
    assert len(subwords.encode("\ud800 \0 dog")) == len(subwords.tokens("\ud800 \0 dog"))
    assert len(subwords.encode("dog " * 10_000)) >= 10_000
    assert subwords.encode("").size == 0


def test_a_vocabulary_that_is_too_small_or_too_large_is_refused_with_a_number():
    with pytest.raises(DataError) as small:
        Subwords.fit(LINES, 8)
    assert "--vocabulary" in small.value.cure
    assert Subwords.fit(LINES, 5000).size < 200  # unigram takes what there is
    assert Subwords.fit(LINES, 5000, "bpe").size < 5000
    with pytest.raises(DataError):
        Subwords.fit([], 100)


def test_words_are_the_most_frequent_ones_and_the_rest_is_unknown():
    words = TokenWords.fit(["b a a", "c b a", "d c"], 3)
    assert words.words == ("a", "b", "c")
    assert words.size == 7
    assert words.encode(" a d\tc ").tolist() == [4, UNK, 6]
    assert words.decode([BOS, 4, UNK, 6, EOS, PAD]) == "a <unk> c"
    assert words.tokens(" a d\tc ") == ["a", "d", "c"]
    assert words.unknown("a d d e") == {"d": 2, "e": 1}
    assert words.encode("").size == 0


def test_a_vocabulary_file_of_the_recipe_is_read_without_its_marks(tmp_path):
    file = tmp_path / "vocab.en"
    file.write_text("<unk>\n<s>\n</s>\nRachel\n:\nRachel\n\u200bodd\n", encoding="utf-8")
    words = TokenWords.read(file)
    assert words.words == ("Rachel", ":", "\u200bodd")
    assert words.encode("Rachel said :").tolist() == [4, UNK, 5]


@pytest.mark.parametrize("content", ["<unk>\n<s>\n</s>\n", "a\nb c\n"])
def test_a_file_that_is_no_vocabulary_is_refused(tmp_path, content):
    file = tmp_path / "vocab.en"
    file.write_text(content)
    with pytest.raises(DataError):
        TokenWords.read(file)
    with pytest.raises(NotFound):
        TokenWords.read(tmp_path / "none")


def test_encoders_of_both_sides_come_back_one_object_where_they_were_one(subwords):
    line = LINES[0]
    stored = TranslationEncoders(subwords, subwords).to_json()
    assert list(stored) == ["joint"]
    back = TranslationEncoders.from_json(stored)
    assert back.source is back.target
    assert back.source.encode(line).tolist() == subwords.encode(line).tolist()
    words = TokenWords.fit(LINES, 5)
    two = TranslationEncoders.from_json(TranslationEncoders(words, subwords).to_json())
    assert two.source == words
    assert two.target.encode(line).tolist() == subwords.encode(line).tolist()


@pytest.mark.parametrize(
    "stored",
    [
        {}, {"joint": {}}, {"joint": {"kind": "other"}}, {"joint": 3}, {"joint": {"kind": "subwords", "model": "!"}},
        {"joint": {"kind": "subwords", "model": base64.b64encode(b"nonsense").decode()}},
        {"source": {"kind": "token-words", "words": ["a"]}},
        {"source": {"kind": "token-words", "words": ["a", "a"]}, "target": {"kind": "token-words", "words": []}},
    ],
)  # fmt: skip
def test_a_damaged_vocabulary_is_a_damaged_model(stored):
    with pytest.raises(ModelError):
        TranslationEncoders.from_json(stored)
