"""Lines of several sentences: where they are cut and torn, and how their translations are joined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.letter_case import Casing
from seqtool.data.encoders.sides import SourceForm, TranslationEncoders, parted_source, parted_target
from seqtool.data.sentences import sentences, torn
from seqtool.errors import ModelError
from seqtool.families.translation import lines
from seqtool.families.translation.lines import Line, joined
from seqtool.families.translation.search import Source, Translation

SENTENCES = {
    "Un chien. Deux chiens courent. Trois dorment.": ["Un chien.", "Deux chiens courent.", "Trois dorment."],
    "  Hallo!  Wie geht's? ": ["Hallo!", "Wie geht's?"],
    "他来了。我走了。": ["他来了。", "我走了。"],
    "1. Der Hund. 2. Die Katze!! ... \U0001f600": ["1. Der Hund.", "2. Die Katze!! ... \U0001f600"],
    "...": ["..."],
    "Das war alles. 7.": ["Das war alles. 7."],
    " ": [],
}  # fmt: skip


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_stand_without_their_blanks_and_have_letters(text):
    assert [text[start:end] for start, end in sentences(text, "en")] == SENTENCES[text]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab ,;é漢、\u2028", max_size=60), st.integers(1, 12))
def test_a_torn_text_loses_nothing_but_blanks_and_fits(text, most):
    def size(piece: str) -> int:
        return len("".join(piece.split()).encode())

    spans = torn(text.strip(), size, most)
    pieces = [text.strip()[start:end] for start, end in spans]
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece.strip() for piece in pieces)
    assert all(size(piece) <= most or len(piece) == 1 for piece in pieces)


def test_a_long_text_is_torn_behind_clauses_before_it_is_torn_between_words():
    text = "ein Mann, der lange läuft, und ein Hund; " + "x" * 30
    spans = torn(text, len, 27)
    assert [text[start:end] for start, end in spans] == ["ein Mann, der lange läuft,", "und ein Hund;", *["xxxxxx"] * 5]


def part(number: int, text: str, case: str = "") -> Source:
    return Source(text, 1, np.array([3]), number, text, case)


def test_the_score_of_a_joined_line_is_that_of_all_its_tokens():
    line = Line("A.  B.", (part(0, "A."), part(1, "B.")), ("", "  ", ""))
    log_p, steps, penalty = (-1.5, -4.0), (3, 5), 0.7
    answers = [Translation("", text, p / n**penalty, steps=n) for text, p, n in zip("ab", log_p, steps, strict=True)]
    whole = joined(line, answers, penalty)
    assert whole.translation == "a  b"
    assert whole.score == pytest.approx(sum(log_p) / sum(steps) ** penalty)
    assert joined(line, answers, 0.0).score == pytest.approx(sum(answer.score for answer in answers))


def test_one_sentence_keeps_every_bit_of_its_score():
    answer = Translation("A", "a", -math.pi, steps=3)
    assert joined(Line("A", (part(0, "A"),)), [answer], 1.0) == answer


def test_what_the_model_knows_nothing_of_stays_between_the_others():
    line = Line("? A.", (part(0, "A."),), ("\u6f22 ", ""))
    assert joined(line, [Translation("", "a.", -1.0, steps=2)], 1.0).translation == "\u6f22 a."


def test_ranks_and_attention_are_joined_part_by_part():
    line = Line("A. B.", (part(0, "A."), part(1, "B.")), ("", " ", ""))

    def one(text: str, place: int) -> Translation:
        return Translation("", text, -1.0, [text], [text.upper(), "</s>"], [place], np.eye(1, 2, place), steps=2)

    first, second = (one(text, 0)._replace(translations=(one(text, 0), one(text * 2, 1))) for text in "ab")
    whole = joined(line, [first, second], 1.0)
    assert [ranked.translation for ranked in whole.translations] == ["a b", "aa bb"]
    assert whole.source_tokens == ["A", "</s>", "B", "</s>"]
    assert (whole.alignment, whole.translations[1].alignment) == ([0, 2], [1, 3])
    np.testing.assert_array_equal(whole.attention, [[1, 0, 0, 0], [0, 0, 1, 0]])


@pytest.mark.parametrize(
    ("gap", "before", "after", "text"),
    [("", "A dog.", "It runs.", "A dog. It runs."), ("", "他来了。", "我走了。", "他来了。我走了。"),
     ("\t", "a", "b", "a b"), ("\xa0\xa0", "a", "b", "a\xa0\xa0b"), ("", "", "b", "b")],
)  # fmt: skip
def test_blanks_between_sentences_stay_and_one_is_put_where_the_target_needs_it(gap, before, after, text):
    cut = lines.cut(f"他来了。{gap}我走了。", "zh", len, 99, 99, 50)
    assert len(cut.parts) == 2
    line = Line("", (part(0, "A"), part(1, "B")), ("", *cut.gaps, ""))
    answers = [Translation("", one, -1.0, steps=1) for one in (before, after)]
    assert joined(line, answers, 1.0).translation == text


def test_a_row_of_numbers_that_is_torn_comes_back_as_it_was():
    copies = [part(0, "12")._replace(as_is=True), part(1, "34")._replace(as_is=True), part(2, "b")]
    answers = [Translation("", text, 0.0) for text in ("12", "34", "b")]
    assert joined(Line("", tuple(copies), ("", "", "", "")), answers, 1.0).translation == "1234 b"


def test_white_space_of_every_kind_parts_words():
    odd = "a\x0bb\x85c\xa0d\u2028e\u3000f\x1cg"
    assert parted_source(odd).split(" ") == list("abcdefg")
    assert parted_target(odd) == "a b c\xa0d e f g"
    encoders = TranslationEncoders(None, None)
    assert (encoders.read(odd).text, encoders.read_target(odd, {})) == (odd, odd)  # files of earlier versions


def test_a_line_says_what_was_done_to_it():
    two = Line("", (part(0, "A", "capitals"), part(1, "b")), ("", " ", ""), torn=1)
    assert two.marks == {"parts": 2, "torn": 1, "case": ["capitals", ""]}
    assert Line("", (part(0, "A", "title"),)).marks == {"case": "title"}
    assert Line("", (part(0, "A"),)).marks == {}


def test_a_form_comes_back_from_json():
    form = SourceForm(True, Casing(("der", "Mann"), True, True, ("capitals",)))
    assert SourceForm.from_json(form.to_json()) == form
    with pytest.raises(ModelError, match="damaged"):
        SourceForm.from_json({**form.to_json(), "single": "yes"})
