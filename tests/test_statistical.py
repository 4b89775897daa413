"""Baselines of statistics: what they continue, what they see, and how the commands name them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from seqtool.families.forecasting.statistical import NAMES, statistical

SMALL = ("--epochs", "1", "--hidden", "2", "--max-steps", "2", "--window", "30", "--horizon", "4")


def cycle(count, season, seed=0):
    """A rising line, a season and a little noise [T,1]."""
    step = np.arange(count)
    noise = 0.1 * np.random.default_rng(seed).normal(size=count)
    return (100 + 0.2 * step + 10 * np.sin(2 * np.pi * step / season) + noise)[:, None]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("season", [12, 48])
def test_a_line_and_a_season_are_continued_from_any_origin(name, season):
    """48 is more than the models have themselves; Theta halves the slope of the line, the others keep it."""
    values = cycle(12 * season, season)
    rival = statistical((name,), values[: 9 * season], season)[name]
    for origin in (9 * season, 10 * season + 5):
        path = rival(values[None, :origin], season)
        assert np.sqrt(np.mean((path[0] - values[origin : origin + season]) ** 2)) < 1.5
    assert np.sqrt(np.mean((values[9 * season - 1] - values[9 * season : 10 * season]) ** 2)) > 7


def test_nothing_after_the_origin_is_seen_and_columns_are_alone():
    values = np.hstack([cycle(200, 12), 5 * cycle(200, 12, seed=1)])
    rival = statistical(("theta",), values[:150], 12)["theta"]
    alone = statistical(("theta",), values[:150, 1:], 12)["theta"]
    path = rival(values[None, :170], 6)
    np.testing.assert_allclose(alone(values[None, :170, 1:], 6)[..., 0], path[..., 1])
    both = rival(np.stack([values[:170], values[20:190]]), 6)
    np.testing.assert_allclose(both[0], path[0])


def test_gaps_take_the_value_before_and_a_history_may_start_late():
    values = cycle(200, 12)
    rival = statistical(("ets",), values[:150], 12)["ets"]
    gapped, filled = values[:170].copy(), values[:170].copy()
    gapped[160], filled[160] = np.nan, values[159]
    np.testing.assert_allclose(rival(gapped[None], 6), rival(filled[None], 6))
    late = np.concatenate([np.full((40, 1), np.nan), filled])
    np.testing.assert_allclose(rival(late[None], 6), rival(filled[None], 6))


def test_one_that_cannot_be_fitted_is_left_out_and_said(capsys):
    from statsforecast import models

    class Broken(models.AutoARIMA):
        def fit(self, y, X=None):
            raise Exception("no model was able to be fitted")

    original, models.AutoARIMA = models.AutoARIMA, Broken
    try:
        assert list(statistical(("ets", "arima"), cycle(100, 12), 12)) == ["ets"]
    finally:
        models.AutoARIMA = original
    said = "warning: baselines: arima is left out: it cannot be fitted (no model was able to be fitted)"
    assert said in capsys.readouterr().err


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    """A folder with a table whose season only a rival of statistics, or a long training, can have."""
    folder = tmp_path_factory.mktemp("months")
    rows = [f"{1990 + n // 12}-{1 + n % 12:02d}-01,{value:.2f}" for n, value in enumerate(cycle(300, 12)[:, 0])]
    (folder / "months.csv").write_text("date,sales\n" + "\n".join(rows) + "\n")
    return folder


@pytest.fixture
def trained(months, cli, monkeypatch):
    """The folder, with a run that has ets and theta beside its network, and its file."""
    monkeypatch.chdir(months)
    if not Path("own").exists():
        words = (*SMALL, "--from-data", "", "--baselines", "ets,theta", "--out", "own")
        assert (answer := cli("train", "forecast", "--data", "months.csv", *words)).returncode == 0, answer.stderr
        assert "fitting the baseline ets: 210 steps, 1 series" in answer.stderr
        assert (answer := cli("export", "own")).returncode == 0, answer.stderr
    return months


def test_they_stand_in_tables_and_in_the_verdict(trained, cli):
    scores = json.loads(cli("evaluate", "own", "--json").stdout)
    assert list(scores["whole"])[-2:] == ["ets", "theta"]
    assert scores["best_baseline"] in ("ets", "theta", "ridge", "autoregression")
    text = cli("evaluate", "own").stdout
    assert "\nets " in text
    assert "\ntheta " in text


def test_a_rolling_origin_takes_those_that_it_is_asked_for(trained, cli):
    stored = json.loads(cli("evaluate", "own", "--json").stdout)
    answer = cli("evaluate", "own", "--backtest", "--json")
    assert "ets" not in json.loads(answer.stdout)["whole"]
    again = json.loads(cli("evaluate", "own", "--backtest", "--baselines", "ets,theta", "--json").stdout)
    assert again["whole"] == stored["whole"]
    answer = cli("evaluate", "own", "--backtest", "--baselines", "theta", "--data", "months.csv", "--json")
    assert "theta" in json.loads(answer.stdout)["whole"]  # fitted to the training part, over another table


def test_the_first_sentence_offers_no_file_where_there_is_none():
    from seqtool.data.bootstrap import Difference
    from seqtool.families.forecasting.scores import verdict

    worse = Difference(0.3, 0.1, 0.5)
    opening = verdict({"last value": worse, "ets": worse}, "ets", 4)[0]
    assert opening == "The best forecast over 4 steps is that of a baseline: ets (no model file holds it)."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "own", "--baseline", "ets"), "the baseline ets is of a library: no model file holds it"),
        (("evaluate", "own", "--backtest", "--baselines", "est"), "did you mean 'ets'?"),
        (("evaluate", "own", "--baselines", "ets"), "add --backtest, or leave --baselines out"),
        (
            ("check", "forecast", "--data", "months.csv", "--baselines", "prophet"),
            "must be a list of ets, theta, arima",
        ),
    ],
)
def test_what_is_no_baseline_is_refused(trained, cli, words, said):
    answer = cli(*words)
    assert answer.returncode == 2
    assert said in answer.stderr


def test_the_library_is_asked_for_before_a_training(trained, cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "statsforecast", None)
    monkeypatch.delitem(sys.modules, "statsforecast.models", raising=False)
    for words in (
        ("train", "forecast", "--data", "months.csv", *SMALL, "--baselines", "ets", "--out", "other"),
        ("evaluate", "own", "--backtest", "--baselines", "ets"),
    ):
        answer = cli(*words)
        assert answer.returncode != 0
        assert "the baseline ets needs statsforecast" in answer.stderr
        assert 'pip install "seqtool[stats]", or leave out --baselines' in answer.stderr
    assert not Path("other").exists()
