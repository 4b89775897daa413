"""Encoders of text: nothing is lost, the order is fixed, what is unseen is shown, what is no text is refused."""

from __future__ import annotations

import base64
import json
import random
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.alphabet import shown
from seqtool.data.encoders.sentencepiece import SentencePiece
from seqtool.data.encoders.symbols import Bigrams, Characters, Words
from seqtool.data.encoders.texts import Bytes, fit, from_json
from seqtool.errors import DataError, ModelError

TRAINING = "the cat sat on the mat.\nthe dog, the cat and the mat sat.\n\n" * 20
KINDS = ("characters", "bytes", "bigrams", "words", "sentencepiece")
FITTED = {kind: fit(kind, TRAINING, 400) for kind in KINDS}

any_text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\u2581"), max_size=60)
seen_text = st.text(sorted(set(TRAINING)), max_size=60)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(text=seen_text)
def test_decode_undoes_encode_for_any_text_of_seen_characters(kind, text):
    encoder = FITTED[kind]
    ids = encoder.encode(text)
    assert ids.dtype == np.int64
    assert ids.ndim == 1
    assert ids.size == 0 or (ids.min() >= 0 and ids.max() < encoder.size)
    assert encoder.decode(ids) == text
    assert encoder.unseen(text) == {}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(text=any_text)
def test_only_unseen_characters_are_lost_and_they_are_counted(kind, text):
    encoder = FITTED[kind]
    lost = encoder.unseen(text)
    expected = "".join("\ufffd" if one in lost else one for one in text)
    assert encoder.decode(encoder.encode(text)) == expected
    assert sum(lost.values()) == int((encoder.encode(text) == encoder.unk).sum()) * (encoder.unk is not None)
    assert not set(lost) & set(TRAINING)
    assert lost == {} or kind in ("characters", "bigrams", "words")


@pytest.mark.parametrize("kind", KINDS)
def test_json_gives_the_same_encoder(kind):
    encoder = FITTED[kind]
    again = from_json(json.loads(json.dumps(encoder.to_json())))
    assert type(again) is type(encoder)
    assert again.size == encoder.size
    assert again.encode("the cat, a dog!").tolist() == encoder.encode("the cat, a dog!").tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_text_gives_the_same_vocabulary(kind):
    assert fit(kind, TRAINING, 400).to_json() == FITTED[kind].to_json()


def test_characters_are_in_the_order_of_code_points_after_unk():
    encoder = Characters.fit("cabbage")
    assert encoder.symbols == ("a", "b", "c", "e", "g")
    assert encoder.encode("gaxe").tolist() == [5, 1, 0, 4]
    assert encoder.decode([5, 1, 0, 4]) == "ga\ufffde"
    assert encoder.size == 6


def test_a_vocabulary_of_another_order_still_finds_its_characters():
    assert Characters(("c", "a", "b")).encode("abcd").tolist() == [2, 3, 1, 0]


def test_bigrams_are_pairs_at_a_fixed_phase_and_an_unseen_pair_is_two_characters():
    encoder = Bigrams.fit("abcabd")
    assert encoder.symbols == ("ab", "bd", "ca", "a", "b", "c", "d")
    assert encoder.encode("abca").tolist() == [1, 3]
    assert encoder.encode("bcab?").tolist() == [5, 6, 1, 0]


def test_words_are_the_most_frequent_with_the_blank_before_them_and_rare_ones_are_spelled():
    encoder = Words.fit("a bee, a bee, a fly", 14)
    assert encoder.symbols[:2] == (" a", " bee")
    assert [encoder.decode([one]) for one in encoder.encode("a bee fly")] == ["a", " bee", " ", "f", "l", "y"]
    assert Words.fit("a bee, a bee, a fly", 10).symbols == (" a", " ", ",", "a", "b", "e", "f", "l", "y")


def test_bytes_that_are_no_utf_8_become_replacement_characters():
    assert Bytes().encode("é").tolist() == [0xC3, 0xA9]
    assert Bytes().decode([0xC3, 65]) == "\ufffdA"


def test_sentencepiece_keeps_blanks_and_line_ends_and_shortens():
    encoder = FITTED["sentencepiece"]
    assert encoder.decode(encoder.encode("  the  cat\n\n the ")) == "  the  cat\n\n the "
    assert len(encoder.encode(TRAINING)) < 0.8 * len(TRAINING)
    assert encoder.unseen("a\u2581b") == {"\u2581": 1}


def test_too_many_characters_are_no_text():
    noise = "".join(map(chr, random.Random(0).sample(range(0x4E00, 0x9FFF), 10_001)))
    with pytest.raises(DataError, match="10,001 different characters, more than 10,000") as caught:
        Characters.fit(noise)
    assert "U+9FF" in caught.value.where
    assert "UTF-8" in caught.value.cure


def test_too_many_pairs_are_no_vocabulary():
    dice = random.Random(0)
    noise = "".join(chr(0x4E00 + dice.randrange(400)) for _ in range(150_000))
    with pytest.raises(DataError, match="different pairs of characters, more than 50,000"):
        Bigrams.fit(noise)


@pytest.mark.parametrize("kind", ["characters", "bigrams", "words"])
@pytest.mark.parametrize(("text", "said"), [("", "empty"), ("aaaa", "'a' again and again")])
def test_one_character_is_no_vocabulary(kind, text, said):
    with pytest.raises(DataError, match=said):
        fit(kind, text, 400)


@pytest.mark.parametrize("kind", ["words", "sentencepiece"])
def test_a_vocabulary_too_small_is_refused_with_the_size_that_will_do(kind):
    with pytest.raises(DataError) as caught:
        fit(kind, TRAINING, 10)
    enough = int(re.search(r"--vocabulary ([0-9]+)", caught.value.cure)[1])
    assert fit(kind, TRAINING, enough).decode([1]) != ""


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"kind": "runes"},
        {"kind": ["characters"]},
        {"kind": "characters"},
        {"kind": "characters", "symbols": "abc"},
        {"kind": "characters", "symbols": []},
        {"kind": "characters", "symbols": ["a", "bc"]},
        {"kind": "bigrams", "symbols": ["a", "a"]},
        {"kind": "words", "symbols": ["a", ""]},
        {"kind": "sentencepiece", "model": "***"},
        {"kind": "sentencepiece", "model": base64.b64encode(b"no model").decode()},
    ],
)
def test_a_damaged_encoder_is_refused_in_words(stored):
    with pytest.raises(ModelError, match="the stored encoder is damaged"):
        from_json(stored)


def test_unseen_characters_are_shown_escaped_and_counted():
    assert shown({"é": 3, "\x1b": 1}) == "'é' (U+00E9) 3 times, '\\x1b' (U+001B)"
    assert shown({chr(200 + n): 1 for n in range(20)}).endswith("and 12 others")


def test_a_type_of_each_kind():
    assert [type(one) for one in FITTED.values()] == [Characters, Bytes, Bigrams, Words, SentencePiece]
