"""Rules of what a search or a sampler may write: every sequence that they leave, and none that they forbid."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.banned import FORBIDDEN, automaton, walked
from seqtool.data.kept_spans import JOIN, restored
from seqtool.errors import UsageError
from seqtool.families.rules import bans
from tests.toy_search import SYMBOLS, Toy, ask, first_states, without_padding

LETTERS = ["", "", "", "", "a", "b", "ab"]  # of the symbols of a toy; the first four are PAD, UNK, BOS and EOS
SPELLED = [letter.encode() for letter in LETTERS]
LIMIT = 4


def text_of(ids):
    return "".join(LETTERS[number] for number in ids)


def every_sequence(toy, h, allowed, penalty=1.0):
    """Return {sequence: log p} of all that end, and of those of `LIMIT` symbols, that `allowed` says yes to."""
    found = {}
    for length in range(1, LIMIT + 1):
        for ids in itertools.product(range(toy.vocabulary), repeat=length):
            complete = ids[-1] == SYMBOLS.eos or length == LIMIT
            if complete and SYMBOLS.eos not in ids[:-1] and allowed(ids):
                found[ids] = likely(toy, h, ids, penalty)
    return found


def likely(toy, h, ids, penalty):
    """Return log p of a sequence whose repeated symbols are penalised (Keskar et al. 2019, section 4.1)."""
    total, state, before = 0.0, h, SYMBOLS.bos
    for place, symbol in enumerate(ids):
        state = np.tanh(toy.embedding[before] + state @ toy.recurrent.astype(np.float64))
        logits = state @ toy.output
        seen = [number in ids[:place] for number in range(toy.vocabulary)]
        weaker = np.where(seen, np.where(logits > 0, logits / penalty, logits * penalty), logits)
        total, before = total + weaker[symbol] - np.logaddexp.reduce(weaker), symbol
    return total


def repeats(ids, once):
    grams = [ids[at : at + once] for at in range(len(ids) - once + 1)]
    return len(set(grams)) < len(grams)


ASKED = {
    "no symbol twice": ({"no_repeat": 1}, lambda ids: not repeats(ids, 1)),
    "no pair twice": ({"no_repeat": 2}, lambda ids: not repeats(ids, 2)),
    "three at least": ({"min_length": 3}, lambda ids: SYMBOLS.eos not in ids[:3]),
    "a banned symbol": ({"ban": ["b"]}, lambda ids: "b" not in text_of(ids)),
    "a text of two symbols or one": ({"ban": ["ab"]}, lambda ids: "ab" not in text_of(ids)),
    "two texts, one inside the other": ({"ban": ["aba", "bb"]}, lambda ids: not {"aba", "bb"} & parts(ids)),
    "all but the penalty": (
        {"no_repeat": 2, "min_length": 2, "ban": ["ba"]},
        lambda ids: not repeats(ids, 2) and SYMBOLS.eos not in ids[:2] and "ba" not in text_of(ids),
    ),
    "a penalty": ({"repetition_penalty": 2.5}, lambda ids: True),
}


def parts(ids):
    text = text_of(ids)
    return {text[start:end] for start in range(len(text)) for end in range(start + 1, len(text) + 1)}


def feeds(no_repeat=0, min_length=0, ban=(), repetition_penalty=1.0, prefix=None):
    asked = {
        "no_repeat": np.array(no_repeat), "min_length": np.array(min_length),
        "repetition_penalty": np.array(repetition_penalty, np.float32),
    }  # fmt: skip
    asked |= {"banned": automaton(ban, SPELLED)} if ban else {}
    return asked | ({} if prefix is None else {"prefix": np.array(prefix)})


@pytest.fixture(scope="module")
def toy():
    return Toy(len(LETTERS), seed=3)


@pytest.fixture(scope="module")
def session(toy):
    return toy.session()


@pytest.mark.parametrize("name", ASKED)
def test_a_wide_beam_finds_every_sequence_that_the_rules_leave_and_no_other(toy, session, name):
    asked, allowed = ASKED[name]
    h = first_states(2)
    ids, scores, _ = ask(session, h, [LIMIT] * 2, 1600, **feeds(**asked))
    for row in range(2):
        wanted = every_sequence(toy, h[row], allowed, asked.get("repetition_penalty", 1.0))
        found = {
            without_padding(one): score
            for one, score in zip(ids[row].tolist(), scores[row], strict=True)
            if score > -np.inf
        }
        assert found.keys() == wanted.keys()
        np.testing.assert_allclose([found[one] for one in wanted], [*wanted.values()], atol=1e-4)


def test_each_row_begins_with_its_own_prefix_whatever_else_is_asked(toy, session):
    h = first_states(3)
    prefixes = [[4, 4, 4], [5, -1, -1], [-1, -1, -1]]
    asked = feeds(no_repeat=1, ban=["ab"], prefix=prefixes)
    ids, scores, _ = ask(session, h, [LIMIT] * 3, 1600, **asked)

    def allowed(prefix):
        begun = tuple(number for number in prefix if number >= 0)
        rest = len(begun)
        return lambda ids: ids[:rest] == begun and not set(ids[rest:]) & set(begun) and not repeats(ids[rest:], 1)

    for row, prefix in enumerate(prefixes):
        wanted = every_sequence(toy, h[row], allowed(prefix))
        wanted = {one: score for one, score in wanted.items() if "ab" not in text_of(one)}
        found = {without_padding(one) for one in ids[row][scores[row] > -np.inf].tolist()}
        assert found == wanted.keys()


def test_a_sequence_ends_where_nothing_else_may_follow(toy, session):
    """Every symbol is banned after `a`, by its text or as one that came before: the least length gives way."""
    asked = feeds(no_repeat=1, min_length=4, ban=["ab", "aa", "b"], prefix=[[1, 0, 2, 4]])
    ids, _, _ = ask(session, first_states(1), [9], 2, **asked)
    assert without_padding(ids[0, 0].tolist()) == (1, 0, 2, 4, SYMBOLS.eos)


@pytest.mark.parametrize("name", ASKED)
def test_a_row_is_the_same_alone_and_among_others_with_every_rule(toy, session, name):
    asked, limits = feeds(**ASKED[name][0]), np.array([9, 3, 12, 5, 7])
    h, prefixes = first_states(5), np.array([[4], [-1], [5], [6], [-1]])
    whole = ask(session, h, limits, 3, 0.7, **asked, prefix=prefixes)
    for some in (np.array([4, 2, 0, 1, 3]), *np.arange(5)[:, None]):
        part = ask(session, h[some], limits[some], 3, 0.7, **asked, prefix=prefixes[some])
        steps = part[0].shape[2]
        np.testing.assert_array_equal(part[0], whole[0][some, :, :steps])
        np.testing.assert_array_equal(part[1], whole[1][some])


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(st.text("ab\u00e9", min_size=1, max_size=4), min_size=1, max_size=4),
    symbols=st.lists(st.text("ab\u00e9", min_size=1, max_size=3), min_size=1, max_size=6),
    data=st.data(),
)
def test_a_banned_text_is_found_however_it_is_cut_into_symbols(texts, symbols, data):
    spelled = [*(symbol.encode() for symbol in symbols), b"", b"\xc3", b"\xa9", b"x"]
    table = automaton(texts, spelled)
    ids = data.draw(st.lists(st.integers(0, len(spelled) - 1), max_size=9))
    written = b"".join(spelled[number] for number in ids)
    assert (walked(table, 0, ids) == FORBIDDEN) == any(text.encode() in written for text in texts)


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(st.text('ab" ', min_size=1, max_size=5).filter(str.strip), min_size=1, max_size=4),
    ids=st.lists(st.integers(0, 6), max_size=9),
)
def test_a_banned_text_is_found_where_the_vocabulary_parts_an_opening_mark_from_its_word(texts, ids):
    symbols = ["", JOIN, '"', " a", "a", " b", " "]
    table = automaton(bans(texts), [symbol.encode() for symbol in symbols], join=JOIN.encode())
    written = restored("".join(symbols[number] for number in ids), {})
    assert (walked(table, 0, ids) == FORBIDDEN) == any(text in written for text in bans(texts))


def test_what_leaves_nothing_and_what_is_too_much_is_refused():
    with pytest.raises(UsageError, match="leaves no symbol"):
        automaton(["a", "b"], [b"", b"a", b"b", b"ab"])
    with pytest.raises(UsageError, match="too many") as caught:
        automaton([f"{number:09}"[::-1] for number in range(1000)], [b"a"] * 10_000)
    assert "3,355 characters" in caught.value.cure
    with pytest.raises(UsageError, match="no text"):
        bans(["a", 3])
    assert bans([" a ", "", "b", "a"]) == ("a", "b")
