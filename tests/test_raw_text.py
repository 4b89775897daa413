"""Raw text cut into sentences and words: the rules one by one, and places that give the words back."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqtool.data.places import Cut, places
from seqtool.data.raw_text import cut
from seqtool.data.sentences import WINDOW
from seqtool.data.tokenize import tokenize

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
THUMB, FLAG, ONE = "\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea", "1\ufe0f\u20e3"
SHALOM, MARHABA = "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627"
WORDS = {
    "Mr. Smith met Dr. Jones, Ph.D., at St. Mary's.": "Mr. Smith met Dr. Jones , Ph.D. , at St. Mary 's .",
    "J. R. Smith of Acme Inc. (Bros.)": "J. R. Smith of Acme Inc. ( Bros. )",
    "the U.S. and e.g. cats, dogs, etc.": "the U.S. and e.g. cats , dogs , etc.",
    "He met a mister.": "He met a mister .",
    "He said no.": "He said no .",
    "See https://a.example/b?c=d, or (www.x.org/y).": "See https://a.example/b?c=d , or ( www.x.org/y ) .",
    "HTTP://A.EXAMPLE/it's": "HTTP://A.EXAMPLE/it's",
    "Amazon.com's and x.de/y, the end.But": "Amazon.com 's and x.de/y , the end . But",
    "Mail a.b+c@mail.co.uk! @you": "Mail a.b+c@mail.co.uk ! @ you",
    "Read API.pdf.": "Read API.pdf .",
    ".50 3.50 1,234.5 1'000 3.5GB 5kg 100km/h 20°C 2nd": ".50 3.50 1,234.5 1'000 3.5GB 5kg 100km/h 20°C 2nd",
    "50% $5 \u20ac3.50, 3-4.": "50 % $ 5 \u20ac 3.50 , 3-4 .",
    "1/2 24/7 10:30 10:30pm 2024-05-30 30.5.2024": "1/2 24/7 10:30 10:30pm 2024-05-30 30.5.2024",
    "2024-05-30T10:30:00+02:00 2024-05-30T10:30:00.123Z": "2024-05-30T10:30:00+02:00 2024-05-30T10:30:00.123Z",
    "5+3 and/or the 1990's": "5 + 3 and / or the 1990 's",
    "don\u2019t I can't, we'll": "do n't I ca n't , we 'll",
    f"a {FAMILY}{THUMB}{FLAG}{ONE}.": f"a {FAMILY} {THUMB} {FLAG} {ONE} .",
    "e\u0301te\u0301, n\u0303and\u00fa": "e\u0301te\u0301 , n\u0303and\u00fa",
    "今日は。明日も": "今日は 。 明日も",
    f"{SHALOM}, {MARHABA}\u061f": f"{SHALOM} , {MARHABA}\u061f",
    "\U0001d54f\U00020000 x\u200by\x00z": "\U0001d54f\U00020000 x y z",
    "see... what?! no -- ==== -lrb-": "see ... what ? ! no -- ==== -lrb-",
    "": "",
    " \x01\u3000": "",
}  # fmt: skip


@pytest.mark.parametrize("text", WORDS)
def test_words_are_cut_as_stated(text):
    assert cut(text).words == WORDS[text].split()


SENTENCES = {
    "Mr. Smith sat. He left at 3.30 p.m. on Monday. \u201cReally?\u201d": [
        "Mr. Smith sat .", "He left at 3.30 p.m. on Monday .", "\u201c Really ? \u201d",
    ],
    "What?! No... Yes.": ["What ? !", "No ...", "Yes ."],
    "今日は。明日も。": ["今日は 。", "明日も 。"],
    "One\u2028two.\u2028Three": ["One two .", "Three"],
    "the cat": ["the cat"],
    "  ": [],
}  # fmt: skip


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_are_found(text):
    found = cut(text)
    assert [" ".join(found.words[first:last]) for first, last in found.sentences] == SENTENCES[text]


def test_a_language_has_abbreviations_of_its_own():
    text = "Das sind Katzen bzw. Hunde."
    assert "bzw." in cut(text, "de").words
    assert "bzw" in cut(text).words
    assert cut(text, "zz") == cut(text)  # one that sentencex does not know is read as English


def hold(text, found):
    """Hold the places of words against the text that they are from."""
    end = 0
    for word, start, stop in zip(found.words, found.starts, found.ends, strict=True):
        assert re.fullmatch(r"[\s\x00-\x1f\x7f-\xa0\u200b\ufeff]*", text[end:start])
        assert start < stop
        assert text[start:stop].replace("\u2019", "'") == word
        end = stop
    assert re.fullmatch(r"[\s\x00-\x1f\x7f-\xa0\u200b\ufeff]*", text[end:])
    assert [place for first, last in found.sentences for place in range(first, last)] == [*range(len(found.words))]
    assert all(first < last for first, last in found.sentences)


PIECES = [
    "Mr. ", "J.\u2028", "U.S. ", "n\u2019t", "\u2019s ", "http://", "a@b.com", "x.pdf", "3.5", "km/h", "°C", FAMILY,
    THUMB, FLAG, ONE, "e\u0301", "中。", "\u05d0\u200f", "\U0001d54f", "\u200b", "\x00", "\u3000", ". ", "? ", "\u201c",
    "\u201d", "(", ")", "'", "a", "The ", "etc.",
]  # fmt: skip


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=14).map("".join)),
       st.sampled_from(["en", "de", "fr", "kk", "ja", "zz"]))  # fmt: skip
@example("J.\u2028B.\u2028 \u2028. X", "en")
@example("\u00c9U.S. \u2028.\u2028", "kk")  # white space at which sentencex 1.0.32 itself fails
@settings(max_examples=500, deadline=None)
def test_each_word_stands_where_it_is_said_and_nothing_else_is_left(text, language):
    found = cut(text, language)
    hold(text, found)
    assert (found.starts, found.ends) == tuple(map(list, places(text.replace("\u2019", "'"), found.words)))


@given(st.text(st.sampled_from("asb ''nntt,-& \t!?`(lr)é\u0301中\u3000\x00"), max_size=30))
@settings(max_examples=300, deadline=None)
def test_texts_without_points_numbers_and_pictures_are_cut_as_classifiers_cut_them(text):
    assert cut(text).words == tokenize(text)


def test_a_long_line_is_searched_in_windows_that_cut_no_sentence():
    one = "Mr. Smith saw the cat of Dr. Jones. "
    text = one * 1000
    found = cut(text)
    assert len(text) > 10 * WINDOW
    assert [found.starts[first] for first, _ in found.sentences] == [*range(0, len(text), len(one))]
    endless = "word " * WINDOW
    assert cut(endless).sentences == [(0, WINDOW)]
    hold("x" * 10_000, cut("x" * 10_000))


def test_half_a_megabyte_of_anything_is_cut_in_seconds():
    """No rule goes back and forth: a pattern or a pair of quotes that did would take minutes."""
    begun = time.monotonic()
    for piece in (
        "a.",
        "a.b@",
        "http://)",
        "n\u2019t",
        "'",
        "1:",
        "Mr.)",
        f"{FAMILY}\u200d",
        "\u2018`a`",
        "\u2014\u0964",
    ):
        text = (piece * 100_000)[:100_000]
        hold(text, cut(text))
    assert time.monotonic() - begun < 60


def test_places_are_those_of_words_in_their_order():
    assert places("a  b a\u3000c", ["a", "b", "a\u3000c"]) == ([0, 3, 5], [1, 4, 8])
    assert places("", []) == ([], [])
    with pytest.raises(ValueError):
        places("a b", ["b", "a"])
    assert cut("a.") == Cut(["a", "."], [0, 1], [1, 2], [(0, 2)])
