"""The tokeniser: its rules one by one, and that cutting twice is cutting once."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqtool.data.tokenize import tokenize

CASES = {
    "I don't like it, it's bad!!": "I do n't like it , it 's bad !!",
    "We'll see... (perhaps)": "We 'll see ... ( perhaps )",
    "CAN'T YOU'RE he'd": "CA N'T YOU 'RE he 'd",
    "She said \u201cno\u201d.": "She said \u201c no \u201d .",
    "don\u2019t": "do n't",
    "rock'n'roll l'homme re-imagining AT&T": "rock'n'roll l'homme re-imagining AT&T",
    "3.50 1,234.5 10:30 50% $5 2nd": "3.50 1,234.5 10:30 50 % $ 5 2nd",
    "the U.S. and e.g. this.": "the U.S. and e.g. this .",
    "see https://a.example/b?c=d, now": "see https://a.example/b?c=d, now",
    "great😀😀 film": "great 😀 😀 film",
    "Grüße, ñandú, e\u0301t\u00e9": "Grüße , ñandú , e\u0301t\u00e9",
    "हिन्दी में": "हिन्दी में",
    "-lrb- a -rrb- -- b": "-lrb- a -rrb- -- b",
    "you 've n't 's ``so'' '": "you 've n't 's `` so '' '",
    "a\tb\u00a0c\u3000d": "a b c d",
    "a\x00b\x1bc\u200bd": "a b c d",
    "": "",
    " \t ": "",
    "\x01\x02": "",
}


@pytest.mark.parametrize("text", CASES)
def test_a_text_is_cut_as_stated(text):
    assert tokenize(text) == CASES[text].split(" ") if CASES[text] else tokenize(text) == []


@given(st.text(st.sampled_from("asb''\u2019nntt.,:-&3 \t!?`(lr)é\u0301😀\x00\u3000中/"), max_size=30))
@example("n'n't")
@example("a'sn't")
@settings(max_examples=300)
def test_cutting_the_tokens_again_changes_nothing_and_loses_nothing(text):
    tokens = tokenize(text)
    assert tokenize(" ".join(tokens)) == tokens
    kept = "".join(text.replace("\u2019", "'").replace("\x00", "").split())
    assert "".join(tokens) == kept


def test_a_megabyte_without_a_blank_is_cut_in_no_time():
    """No rule goes back and forth: a pattern that did would take hours here."""
    for text in ("x" * 1_000_000, "a'" * 500_000, "1." * 500_000, "n't" * 300_000, "-lrb" * 250_000, "'" * 1_000_000):
        assert "".join(tokenize(text)) == text
