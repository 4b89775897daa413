"""The bitcoin task's data: the simulated sample and the named sources."""

from __future__ import annotations

import re

import numpy as np
import pytest
from seqtool_bitcoin.sample import simulated_prices
from seqtool_bitcoin.sources import SOURCES

from seqtool.data.clean import clean
from seqtool.data.grid import Grid
from seqtool.data.number_table import parse_table
from seqtool.data.sources import fetch
from seqtool.data.tables import read_series


def returns(seed: int, days: int = 6000) -> np.ndarray:
    prices = clean(parse_table(simulated_prices(days, seed).decode())).values[:, 0]
    return np.diff(np.log(prices))


def test_the_sample_is_a_clean_daily_series():
    one = clean(parse_table(simulated_prices().decode()))
    assert (one.columns, one.values.shape) == (("Close",), (1500, 1))
    assert one.grid == Grid(seconds=86400)
    assert (one.values > 0).all()
    assert {found.level for found in one.findings} == {"note"}


def test_the_same_seed_gives_the_same_bytes():
    assert simulated_prices(200, 7) == simulated_prices(200, 7)
    assert simulated_prices(200, 7) != simulated_prices(200, 8)
    assert simulated_prices(100, 7) == b"".join(simulated_prices(200, 7).splitlines(keepends=True)[:101])
    assert simulated_prices(2).startswith(b"Date,Close\n2020-01-01,10000.0000\n2020-01-02,")


def test_the_sample_behaves_as_a_currency_does():
    """Volatility clusters, tails are fat, the direction has no memory."""
    for seed in range(3):
        r = returns(seed)
        spread = abs(r) - abs(r).mean()
        assert 0.02 < r.std() < 0.06  # a day; bitcoin's own is about 0.035
        assert (spread[1:] * spread[:-1]).mean() / (spread**2).mean() > 0.1
        assert (r**4).mean() / r.var() ** 2 > 4
        assert abs(np.corrcoef(r[1:], r[:-1])[0, 1]) < 0.1


def test_every_source_is_pinned_to_a_commit_and_a_sum():
    assert SOURCES[0].name == "btc-usd"  # the default of the task
    assert len({source.name for source in SOURCES}) == len(SOURCES) == 5
    for source in SOURCES:
        assert source.home.startswith("https://")
        assert source.licence
        for file in source.files:
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
            assert re.fullmatch(r"https://raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/[^ ]+", file.url)


@pytest.mark.data
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_source_reads_from_the_mirror(source):
    files = fetch(source, offline=True)
    one = read_series(files)
    assert one.columns == (("USD", "EUR") if source.name == "btc-usd-eur" else ("Close",))
    assert one.grid == Grid(seconds=86400)
    days = [one.stamps()[0], one.stamps()[-1]]
    assert re.findall(r"\d{4}-\d\d-\d\d", source.summary) == days
