"""Ragged batches: padding, the sampler that keeps lengths together, batches on a device."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.batches import Padded
from seqtool.data.splits import LengthSampler
from seqtool.nn.ragged import Ragged, real_steps, reverse_rows

ROWS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=7), min_size=1, max_size=9)


def arrays(rows):
    return [np.array(row) for row in rows]


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, fill=st.sampled_from([0, -100]))
def test_padded_rows_are_the_rows_and_fill_behind(rows, fill):
    made = Padded.of(arrays(rows), fill)
    longest = max(map(len, rows))
    assert made.values.tolist() == [row + [fill] * (longest - len(row)) for row in rows]
    assert made.lengths.tolist() == [len(row) for row in rows]
    assert (made.values.dtype, made.lengths.dtype) == (np.int64, np.int32)


@pytest.mark.parametrize("rows", [[], [[1], []]])
def test_nothing_is_no_batch(rows):
    with pytest.raises(ValueError, match="at least one"):
        Padded.of(arrays(rows))


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, data=st.data())
def test_a_batch_of_ragged_rows_is_the_padded_batch(rows, data):
    indices = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=6))
    values, lengths = Ragged(arrays(rows), torch.device("cpu")).batch(torch.tensor(indices), fill=-1)
    wanted = Padded.of([np.array(rows[index]) for index in indices], -1)
    np.testing.assert_array_equal(values, wanted.values)
    np.testing.assert_array_equal(lengths, wanted.lengths)
    assert real_steps(lengths, values.shape[1], values.device).tolist() == (wanted.values >= 0).tolist()
    turned = reverse_rows(values[:, :, None], lengths)[:, :, 0]
    for row, index, length in zip(turned, indices, lengths, strict=True):
        assert row[:length].tolist() == rows[index][::-1]
        assert (row[length:] == -1).all()


def epoch(sampler):
    return [sampler.order()[chosen].tolist() for chosen in (sampler.next() for _ in range(sampler.steps))]


LENGTHS = st.lists(st.integers(1, 30), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(lengths=LENGTHS, records=st.integers(1, 12), tokens=st.integers(1, 100), seed=st.integers(0, 2**32 - 1))
def test_every_record_comes_once_an_epoch_within_the_limits_beside_records_of_its_length(
    lengths, records, tokens, seed
):
    sampler = LengthSampler(lengths, records=records, tokens=tokens, seed=seed)
    for _ in range(3):
        batches = epoch(sampler)
        assert sampler.at_epoch_end
        assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
        spans = []
        for batch in batches:
            held = [lengths[index] for index in batch]
            assert len(batch) <= records
            assert len(batch) == 1 or len(batch) * max(held) <= tokens
            spans.append((min(held), max(held)))
        spans.sort()
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_no_two_batches_of_the_same_neighbours_would_fit_into_one():
    """Limits are used: of 100 records of 5 steps and 64 tokens, 12 fit a batch."""
    sampler = LengthSampler([5] * 100, records=50, tokens=64, seed=0)
    assert sorted(map(len, epoch(sampler))) == [4] + [12] * 8


def test_batches_and_their_members_are_drawn_anew_by_seed_and_epoch():
    def made(seed):
        sampler = LengthSampler([1, 2, 3, 4] * 25, records=10, tokens=1000, seed=seed)
        return [epoch(sampler) for _ in range(3)]

    one, again, other = made(3), made(3), made(4)
    assert one == again
    assert one != other
    assert one[0] != one[1]
    members = [{frozenset(batch) for batch in batches} for batches in one]
    assert members[0] != members[1]
    places = [[len(set(batch) & set(range(0, 100, 4))) for batch in batches] for batches in one]
    assert places[0] != places[1]  # the shortest do not come first each time


@settings(max_examples=30, deadline=None)
@given(lengths=LENGTHS, steps=st.integers(0, 70))
def test_a_restored_sampler_goes_on_as_the_first_would_have(lengths, steps):
    first, second = (LengthSampler(lengths, records=4, tokens=40, seed=5) for _ in range(2))
    for _ in range(steps):
        first.next()
    second.load_state_dict(first.state_dict())
    assert second.at_epoch_end == first.at_epoch_end
    for _ in range(25):
        one, two = first.next(), second.next()
        assert first.order()[one].tolist() == second.order()[two].tolist()
    assert first.state_dict() == second.state_dict()
