"""What the rules give for series, labelled texts and tagged sentences, and that short series train at the first try."""

import dataclasses
import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.config import load
from seqtool.data.grid import Grid
from seqtool.data.series import Series
from seqtool.errors import DataError
from seqtool.families.classification.sizes import sized as of_texts
from seqtool.families.family import find
from seqtool.families.forecasting.data import split
from seqtool.families.forecasting.sizes import Facts as Steps
from seqtool.families.forecasting.sizes import sized as of_steps
from seqtool.families.tagging.sizes import Facts as Words
from seqtool.families.tagging.sizes import sized as of_words

RULES = {
    "forecasting": (of_steps, lambda amount: Steps(amount, 7)),
    "classification": (of_texts, int),
    "tagging": (of_words, lambda amount: Words(amount, 16 * amount)),
}
each = pytest.mark.parametrize("family", RULES)


@functools.cache
def usual(family, **options):
    return load(find(family).config, preset=find(family).presets / "default.toml", options=options)


def settled(family, known, **options):
    config = usual(family, **options)
    return dataclasses.replace(config, **RULES[family][0](config, known))


@each
@given(amount=st.integers(1, 10**7))
def test_every_number_is_one_that_a_person_may_give(family, amount):
    rule, facts = RULES[family]
    config = usual(family)
    numbers = rule(config, facts(amount))
    assert numbers.pop("from_data") == ()
    assert set(numbers) == set(config.from_data) == set(config.FROM_DATA)
    load(find(family).config, options=numbers)


@pytest.mark.parametrize(
    ("family", "known"),
    [("forecasting", Steps(6000, 7)), ("classification", 6920), ("tagging", Words(12_544, 204_609))],
)
def test_the_whole_of_a_shared_set_has_the_numbers_of_the_preset(family, known):
    usually, rule = usual(family), settled(family, known)
    assert rule == dataclasses.replace(usually, from_data=())


@each
@given(one=st.integers(10, 10**6), other=st.integers(10, 10**6))
def test_more_data_never_have_smaller_batches_or_networks(family, one, other):
    less, more = (settled(family, RULES[family][1](amount)) for amount in sorted((one, other)))
    for name in ("hidden", "layers", "batch"):
        assert getattr(less, name) <= getattr(more, name), name


@pytest.mark.parametrize(("season", "horizon"), [(0, 14), (7, 14), (12, 12), (24, 24), (52, 14), (288, 14)])
def test_a_horizon_is_a_season_and_a_window_whole_seasons(season, horizon):
    config = settled("forecasting", Steps(5000, season))
    assert config.horizon == horizon
    assert config.highway <= config.window
    if horizon == season:
        assert config.window % season == config.highway % season == 0


def monthly(count):
    values = 100 + np.arange(count) + 10 * np.sin(2 * np.pi * np.arange(count) / 12)
    times = np.arange(count).astype("datetime64[M]").astype("datetime64[s]")
    return Series(("y",), values[:, None], times, Grid(months=1), ())


@given(count=st.integers(20, 400))
def test_a_series_of_few_steps_trains_at_the_first_try(count):
    """Brute force: what is refused has no room for any window at all."""
    config = usual("forecasting")
    try:
        splits = split(monthly(count), config)
    except DataError:
        assert count < 40
        return
    chosen = dataclasses.replace(config, **splits.settled)
    assert min(len(part) for part in (splits.train, splits.validation, splits.test)) >= 1
    assert chosen.horizon == 12 or count < 144
    assert config.from_data
    assert chosen.from_data == ()


def test_a_horizon_that_a_person_gives_stays():
    splits = split(monthly(80), usual("forecasting", horizon=3))
    assert splits.settled["window"] < 60
    assert "horizon" not in splits.settled
    with pytest.raises(DataError, match="no window of"):
        split(monthly(80), usual("forecasting", horizon=60))


def test_a_network_without_a_highway_gets_none():
    assert settled("forecasting", Steps(5000), network="seq2seq").highway == 0
