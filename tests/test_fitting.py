"""Series that are too short for a window: the printed cure is typed as it stands, until it ends in success."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from seqtool.config import load
from seqtool.data.grid import Grid
from seqtool.data.series import Series
from seqtool.data.splits import in_time_order
from seqtool.errors import DataError, SeqtoolError
from seqtool.families.family import config_of, presets_of
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import split
from seqtool.families.forecasting.fitting import fitting, with_history
from seqtool.task import Task

TASK = Task("forecast", "", "forecasting")


def short(rows: int, seed: int = 0, **words) -> Series:
    times = np.datetime64("2000-01-01", "s") + np.arange(rows) * np.timedelta64(1, "D")
    return Series(("y",), np.random.default_rng(seed).normal(size=(rows, 1)), times, Grid(86400), (), **words)


def typed(cure: str) -> dict[str, int]:
    """Return the first options that a cure prints."""
    return {name: int(value) for name, value in re.findall(r"--(\w+) (-?\d+)", re.split(r", or | \(|; ", cure)[0])}


def preset(name: str):
    return load(config_of(TASK), preset=presets_of(TASK)[name])


@pytest.mark.parametrize("name", ["default", "global-direct", "global"])
@pytest.mark.parametrize("words", [{}, {"gap": -1}, {"gap": 5}, {"validation": 9, "test": 5}])
@pytest.mark.parametrize("first", [{}, {"window": 20}, {"horizon": 40}])
def test_a_cure_for_a_short_series_ends_in_success(name, words, first):
    for rows in range(20, 121, 7 if words or first else 1):
        config, series = replace(preset(name), **words, **first), short(rows)
        for _ in range(4):
            try:
                parts = split(series, config)
            except SeqtoolError as error:
                if needed := re.match(r"give (\d+) rows", error.cure):
                    assert int(needed[1]) > len(series.values)
                    series = short(int(needed[1]))
                    continue
                config = replace(config, **typed(error.cure))
            else:
                assert min(map(len, (parts.train, parts.validation, parts.test))) >= 1
                break
        else:
            pytest.fail(f"a circle of cures for {rows} rows")


def test_one_message_names_all_numbers():
    with pytest.raises(DataError, match=r"no window of 56 \+ 14 steps fits into the training part of 51") as caught:
        split(short(72), replace(preset("default"), from_data=()))
    assert caught.value.cure == "--window 22 --horizon 3 --highway 22, or a longer series"


@pytest.mark.parametrize("gap", [-1, 0, 3, 40])
@pytest.mark.parametrize("lost", [0, 7])
def test_nothing_fits_only_where_brute_force_finds_nothing(gap, lost):
    config = ForecastingConfig(gap=gap, window=12, horizon=6)
    for rows in range(4, 120):
        parts = in_time_order(rows, 0.1, 0.2)

        def fits(window: int, horizon: int, parts=parts) -> bool:
            tried = [with_history(part, replace(config, window=window)) for part in parts]
            return all(part.stop - part.start >= window + horizon for part in tried)

        some = any(fits(window, horizon) for window in range(max(2, lost + 1), 13) for horizon in range(1, 7))
        found = fitting(config, parts, lost)
        assert (found is not None) == some
        assert found is None or (fits(found.window, found.horizon) and lost < found.window)
