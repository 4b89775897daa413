"""Seasons: found where they were put, and none in noise, walks and prices."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas
import pytest
import seqtool_bitcoin
from seqtool_bitcoin.sample import simulated_prices
from seqtool_electricity.sample import simulated_load

from seqtool.data.grid import Grid
from seqtool.data.regular import grid_of
from seqtool.data.season import detect, seasons
from seqtool.data.series import Series
from seqtool.errors import UsageError
from seqtool.families.family import configured
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import read, shown_seasons, split
from seqtool.plugins import load_task

HALF_HOUR, HOUR, DAY = (tuple(Grid(seconds=seconds).seasons()) for seconds in (1800, 3600, 86_400))
SEEDS = range(100)
BITCOIN = Path(seqtool_bitcoin.__file__).parent / "presets" / "default.toml"


def column(sample: bytes) -> np.ndarray:
    return np.loadtxt(sample.decode().splitlines(), delimiter=",", skiprows=1, usecols=1)


def noise(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=count)


def with_gaps(values: np.ndarray, seed: int = 0) -> np.ndarray:
    """One value in ten missing."""
    return np.where(np.random.default_rng([seed, 1]).random(len(values)) < 0.1, np.nan, values)


def hourly(seed: int, count: int = 1000) -> np.ndarray:
    """A morning and an evening peak a day, and noise."""
    hour = np.arange(count) % 24
    peaks = 3 * np.exp(-(((hour - 9) / 3) ** 2)) + 2 * np.exp(-(((hour - 19) / 2) ** 2))
    return 10 + peaks + 0.5 * noise(seed, count)


@pytest.mark.parametrize("step", [HALF_HOUR, ()])
def test_a_load_has_a_week_because_last_week_foretells_it_better_than_yesterday(step):
    load = column(simulated_load())
    errors = {lag: np.mean((load[lag:] - load[:-lag]) ** 2) for lag in (48, 336)}
    assert errors[336] < errors[48] / 1.25
    assert detect(load, step) == 336
    assert detect(with_gaps(load), step) == 336


def test_five_days_of_a_load_have_no_three_weeks_and_so_a_day():
    assert detect(column(simulated_load())[: 5 * 48], HALF_HOUR) == 48


def test_prices_have_none():
    prices = column(simulated_prices())
    assert [detect(prices, step) for step in (DAY, ())] == [1, 1]
    assert detect(prices[:1000], DAY) == 1


@pytest.mark.parametrize("period", [4, 7, 12, 52])
def test_a_sine_in_noise_at_its_period(period):
    wave = np.sin(2 * np.pi * np.arange(1000) / period)
    found = [detect(wave + 0.3 * noise(seed, 1000)) for seed in range(20)]
    slack = period // 12  # a flat crest in noise: one lag beside is as good
    assert sum(min(one % period, -one % period) <= slack and one <= 4 * period for one in found) >= 19
    assert np.median(found) == pytest.approx(period, abs=max(slack, 1))


@pytest.mark.parametrize("step", [HOUR, ()])
def test_a_clean_sine_whose_period_is_no_whole_number(step):
    assert detect(np.sin(np.arange(11_000) / 100), step) == pytest.approx(200 * np.pi, abs=1)


def test_a_daily_cycle_of_hours_with_and_without_gaps():
    assert [detect(hourly(seed), HOUR) for seed in range(20)] == [24] * 20
    assert [detect(with_gaps(hourly(seed), seed), HOUR) for seed in range(20)].count(24) >= 19


@pytest.mark.parametrize("count", [60, 400, 2000])
@pytest.mark.parametrize("step", [HOUR, DAY, ()])
def test_noise_and_walks_have_none(count, step):
    """The calendar's own periods are tried first: they must not be found either."""
    for series in (lambda seed: noise(seed, count), lambda seed: np.cumsum(noise(seed, count))):
        assert sum(detect(series(seed), step) == 1 for seed in SEEDS) >= 95
    assert sum(detect(with_gaps(np.cumsum(noise(seed, count)), seed), step) == 1 for seed in SEEDS) >= 95


@pytest.mark.parametrize("values", [
    [], [1.0, 2.0], [5.0] * 50, [np.nan] * 50, np.arange(50.0), np.exp(np.arange(50.0)), [1.0, np.nan] * 20,
], ids=["empty", "two", "constant", "unknown", "line", "growth", "half unknown"])  # fmt: skip
def test_what_has_nothing_to_repeat(values):
    assert detect(np.array(values, dtype=np.float64), HOUR) == 1


def test_a_pattern_without_any_noise():
    assert detect(np.tile([1.0, 5, 2, 8, 3], 20)) == 5
    assert detect(np.tile([1.0, -1.0], 30)) == 2


def parts(values, **settings):
    config = ForecastingConfig(**{"window": 30, "horizon": 4, "scaling": "standard", **settings})
    return split(Series(("a",), values[:, None], None, None, ()), config)


def test_the_season_is_found_in_the_training_part_alone():
    """A week of seven in the first 70 %, a cycle of five after it."""
    steps = np.arange(1000)
    values = np.where(steps < 700, np.sin(2 * np.pi * steps / 7), np.sin(2 * np.pi * steps / 5)) + 0.2 * noise(0, 1000)
    encoders = parts(values).encoders
    assert (encoders.season, encoders.scaler.season) == (7, 7)
    assert parts(values, season=12).encoders.season == 12


def test_most_series_decide():
    seven = np.sin(2 * np.pi * np.arange(1000) / 7)[:, None] + 0.2 * noise(0, 3000).reshape(1000, 3)
    seven[:, 1] = noise(1, 1000)
    series = Series(("a", "b", "c"), seven, None, None, ())
    assert split(series, ForecastingConfig(scaling="standard")).encoders.season == 7


def test_without_a_season_there_are_no_seasonal_differences():
    with pytest.raises(UsageError, match="no season was found") as caught:
        parts(noise(0, 1000), scaling="seasonal-difference")
    assert "--season N" in caught.value.cure
    assert parts(noise(0, 1000)).encoders.season == 1


def test_what_was_found_is_said(cli):
    said = cli("check", "electricity", "--sample", "--season", "0").stdout
    shown = "note season: the training part shows a season of 336 steps (7 days); also of 48 steps (1 day); --season N"
    assert shown in said
    assert shown in cli("check", "electricity", "--sample").stdout  # of which the preset gives the first
    assert "no season was found" in cli("check", "bitcoin", "--sample", "--season", "0").stdout
    disagrees = "note season: the training part shows no week: no season was found; --season N"
    assert disagrees in cli("check", "bitcoin", "--sample").stdout
    assert "note season" not in cli("check", "bitcoin", "--sample", "--season", "7").stdout


def day_and_week(minutes: int, days: int) -> np.ndarray:
    """A sine of a day ten times as large as the noise; Saturdays and Sundays are lower by a third of it."""
    steps = np.arange(days * 1440 // minutes)
    weekend = steps * minutes // 1440 % 7 >= 5
    return 100 + 10 * np.sin(2 * np.pi * steps * minutes / 1440) - 3.0 * weekend + noise(0, len(steps))


@pytest.mark.parametrize("minutes", [1, 5, 10, 60])
def test_a_day_is_found_at_fine_steps_too(minutes):
    """From one minute to the next a day's change is a fiftieth of the noise."""
    usual, steps = Grid(seconds=60 * minutes).seasons(), np.arange(12 * 1440 // minutes)
    wave = 10 * np.sin(2 * np.pi * steps * minutes / 1440)
    for seed in range(20):
        assert detect(wave + noise(seed, len(steps)), usual) == 1440 // minutes
    for without in (lambda seed: noise(seed, len(steps)), lambda seed: np.cumsum(noise(seed, len(steps)))):
        assert sum(detect(without(seed), usual) == 1 for seed in range(40)) >= 38


@pytest.mark.parametrize("minutes", [5, 30, 60])
def test_a_day_and_a_week_are_both_seen(minutes):
    grid = Grid(seconds=60 * minutes)
    day, week = 1440 // minutes, 7 * 1440 // minutes
    values = day_and_week(minutes, 42)
    assert seasons(values, grid.seasons()) == [day, week]
    assert shown_seasons(np.stack([values, noise(1, len(values))], axis=1), grid.seasons()) == [day, week]
    assert shown_seasons(np.stack([values, *noise(1, 2 * len(values)).reshape(2, -1)], axis=1), grid.seasons()) == []


@pytest.mark.parametrize("period", [97, 144, 288, 1440])
@pytest.mark.parametrize("seed", range(3))
def test_a_long_period_in_noise_is_found_to_a_step_without_a_calendar(period, seed):
    """Eight periods of ten times the deviation of the noise: not one twice as long, nor one a few steps away."""
    noise = np.random.default_rng(seed).normal(size=8 * period)
    assert detect(50 + 10 * np.sin(2 * np.pi * np.arange(8 * period) / period) + noise) == pytest.approx(period, abs=1)


def test_a_long_period_without_a_calendar_is_found_about_right():
    steps = np.arange(12_000)
    for seed in range(10):
        wave = 10 * np.sin(2 * np.pi * steps / 900) + 3 * noise(seed, len(steps))
        assert detect(wave) == pytest.approx(900, rel=0.05)


@pytest.mark.parametrize(("offset", "season"), [("MS", 12), ("QE", 4), ("B", 5), ("D", 7), ("h", 168)])
def test_the_season_of_a_preset_follows_the_calendar_of_the_data(offset, season):
    """Bitcoin's week: months and quarters have none, so that the year is found that they show."""
    preset = configured(load_task("bitcoin"), preset=BITCOIN)
    config = dataclasses.replace(preset, scaling="standard", window=12, horizon=6)
    times = pandas.date_range("1990-01-01", periods=1200, freq=offset, unit="s").to_numpy().astype("datetime64[s]")
    values = np.sin(2 * np.pi * np.arange(1200) / season)[:, None] + 0.1 * noise(0, 1200)[:, None]
    assert config.season == "week"
    series = Series(("y",), values, times, grid_of(times), ())
    assert split(series, config).encoders.season == season
    assert split(series, dataclasses.replace(config, season=9)).encoders.season == 9


def test_what_was_found_is_kept_in_the_file_and_scored_again_with_it(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    days = np.datetime64("2024-01-01") + np.arange(300)
    values = 100 + np.tile([0.0, 1, 5, 2, 8, 3, 1], 43)[:300] + 0.1 * noise(0, 300)
    rows = [f"{day},{value}" for day, value in zip(days, values, strict=True)]
    (tmp_path / "week.csv").write_text("\n".join(["date,value", *rows]) + "\n")
    small = ["--network", "direct", "--window", "14", "--horizon", "2", "--hidden", "4", "--max-steps", "2"]
    assert cli("train", "bitcoin", "--data", "week.csv", "--season", "0", *small).returncode == 0
    assert cli("export").returncode == 0
    for words in (["evaluate"], ["evaluate", "--data", "week.csv"]):
        path = json.loads(cli(*words, "--json").stdout)["path"]
        assert path["seasonal"] < 0.2 < 2 < path["last value"]


@pytest.mark.data
@pytest.mark.parametrize(("task", "source", "season"), [("electricity", "taylor", 336), ("bitcoin", "btc-usd", 1)])
def test_the_seasons_of_real_series(task, source, season):
    from seqtool.families.choose import choose
    from seqtool.plugins import load_task

    loaded = load_task(task)
    config = ForecastingConfig(source=source)
    series = read(loaded, config, choose(loaded, config))
    assert detect(series.values[:, 0], series.grid.seasons()) == season
