"""Beam search in a graph against every sequence there is, and against a plain search in Python."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.toy_search import HIDDEN, SYMBOLS, Toy, ask, first_states, without_padding


def every_sequence(toy, h, limit):
    """Return (log p, sequence) of all there are, the likeliest first: those that end, and those of `limit` symbols."""
    found = []
    for length in range(1, limit + 1):
        for ids in itertools.product(range(toy.vocabulary), repeat=length):
            if SYMBOLS.eos in ids[:-1] or (length < limit and ids[-1] != SYMBOLS.eos):
                continue
            total, state, before = 0.0, h, SYMBOLS.bos
            for symbol in ids:
                likely, state = toy.step(before, state)
                total, before = total + likely[symbol], symbol
            found.append((total, ids))
    return sorted(found, reverse=True)


def plain_beam(toy, h, limit, count, penalty):
    """Search one row, beam by beam; return (score, sequence, told) with the best first."""
    live = [(0.0, (), h, SYMBOLS.bos, False, [])]
    for step in range(limit):
        grown = []
        for total, ids, state, before, finished, told in live:
            if finished:
                grown.append((total, ids, state, before, True, told))
                continue
            likely, after = toy.step(before, state)
            grown += [
                (total + likely[s], (*ids, s), after, s, s == SYMBOLS.eos or step + 1 == limit, [*told, after])
                for s in range(toy.vocabulary)
            ]
        live = sorted(grown, key=lambda one: -one[0])[:count]
    scored = [(one[0] / max(len(one[1]), 1) ** penalty, one[1], one[5]) for one in live]
    return sorted(scored, key=lambda one: -one[0])


@pytest.mark.parametrize("seed", range(4))
def test_64_beams_find_every_sequence_of_three_symbols_out_of_four(seed):
    toy, h = Toy(4, seed), first_states(3, seed)
    ids, scores, _ = ask(toy.session(), h, [3, 3, 3], 64)
    assert (ids.shape, scores.shape) == ((3, 64, 3), (3, 64))
    for row in range(3):
        wanted = every_sequence(toy, h[row], 3)
        assert [without_padding(one) for one in ids[row, : len(wanted)]] == [one for _, one in wanted]
        np.testing.assert_allclose(scores[row, : len(wanted)], [total for total, _ in wanted], atol=1e-5)
        assert (scores[row, len(wanted) :] == -np.inf).all()


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(1, 9),
    vocabulary=st.integers(4, 7),
    limits=st.lists(st.integers(0, 9), min_size=1, max_size=5),
    penalty=st.sampled_from([0.0, 0.6, 1.0, 2.0]),
    seed=st.integers(0, 50),
)
def test_it_is_the_plain_search_row_by_row(count, vocabulary, limits, penalty, seed):
    toy, h = Toy(vocabulary, seed), first_states(len(limits), seed)
    ids, scores, told = ask(toy.session(), h, limits, count, penalty)
    steps = ids.shape[2]
    assert told.shape == (len(limits), count, steps, HIDDEN)
    assert steps <= max(limits)
    for row, limit in enumerate(limits):
        wanted = plain_beam(toy, h[row], limit, count, penalty)
        for place, (score, sequence, seen) in enumerate(wanted):
            np.testing.assert_allclose(scores[row, place], score, atol=1e-4)
            length = len(sequence)
            assert tuple(ids[row, place, :length]) == sequence
            assert not ids[row, place, length:].any()
            if length:
                np.testing.assert_allclose(told[row, place, :length], seen, atol=1e-4)
            assert not told[row, place, length:].any()
        assert (scores[row, len(wanted) :] == -np.inf).all()


def test_it_stops_when_all_beams_have_ended():
    toy = Toy(5)
    toy.embedding[:], toy.output[:] = 3, 0
    toy.output[:, SYMBOLS.eos] = 9  # the end is by far the likeliest
    ids, _, _ = ask(toy.session(), np.ones((2, HIDDEN)), [50, 40], 2)
    assert ids.shape[2] < 6


def test_a_row_is_the_same_alone_and_among_others():
    toy, limits = Toy(300, scale=0.7), np.array([9, 3, 30, 14, 30, 1, 22])
    h, session = first_states(7), toy.session()
    ids, scores, told = ask(session, h, limits, 5, 0.7)
    order = np.random.default_rng(1).permutation(7)
    for some in (order, order[:2], *np.split(order, 7)):
        part = ask(session, h[some], limits[some], 5, 0.7)
        steps = part[0].shape[2]
        np.testing.assert_array_equal(part[0], ids[some, :, :steps])
        np.testing.assert_array_equal(part[1], scores[some])
        np.testing.assert_array_equal(part[2], told[some, :, :steps])
