"""Electricity: the seasonal scaling, the highway, NumPy files, the recipe's row and the default."""

import itertools

import numpy as np
import onnxruntime
import pytest
import torch
from sklearn.linear_model import Ridge

from seqtool.data.encoders.scaler import Scaler
from seqtool.data.series import Series
from seqtool.data.tables import read_table
from seqtool.errors import DataError, UsageError
from seqtool.families.family import configured, presets_of
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import load, split
from seqtool.families.forecasting.export import graph
from seqtool.families.forecasting.model import Objective
from seqtool.families.forecasting.network import Forecaster, call
from seqtool.nn.highway import PENALTIES, Highway
from seqtool.plugins import load_task

SEASON = 12


def load_like(count, features=1, seed=0):
    rng = np.random.default_rng(seed)
    wave = np.sin(np.arange(count + seed) * 2 * np.pi / SEASON)[seed:, None]
    return 50 + 10 * wave + np.cumsum(rng.normal(0, 0.5, (count, features)), axis=0)


def seasonal(features=1, **settings):
    torch.manual_seed(0)
    config = ForecastingConfig(**{
        "hidden": 8, "window": 30, "horizon": 8, "season": SEASON, "scaling": "seasonal-difference",
        "network": "direct", "highway": 10, **settings,
    })  # fmt: skip
    scaler = Scaler.fit(config.scaling, load_like(300, features), tuple("ab"[:features]), season=SEASON)
    return Forecaster(config, scaler), scaler, config


@pytest.mark.parametrize("network", ["direct", "seq2seq"])
@pytest.mark.parametrize("steps", [1, 8, 12, 31])
def test_seasonal_differences_in_the_graph_beyond_one_season_too(network, steps):
    highway = 10 if network == "direct" else 0
    module, scaler, _ = seasonal(2, network=network, highway=highway, horizon=31)
    if module.core.__class__.__name__ == "Direct":
        torch.nn.init.normal_(module.core.highway.linear.weight, std=0.2)
    data = graph(module, scaler).SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    history = np.stack([load_like(34, 2, seed) for seed in range(3)])
    history[1, 5] = history[2, -3, 0] = np.nan
    feeds = {"history": history, "horizon": np.array(steps)}
    answer = session.run(None, feeds)[0]
    assert answer.shape == (3, steps, 2)
    np.testing.assert_allclose(
        answer, call(module)({"history": history, "horizon": np.array(steps)})["forecast"], rtol=3e-6
    )
    alone = np.concatenate([session.run(None, {**feeds, "history": feeds["history"][i : i + 1]})[0] for i in range(3)])
    np.testing.assert_array_equal(alone, answer)


@pytest.mark.parametrize("kind", ["seasonal-difference", "min-max"])
def test_the_network_scales_as_numpy_does(kind):
    module, _, _ = seasonal(scaling=kind)
    scaler = Scaler.fit(kind, load_like(300), ("a",), season=SEASON)
    module = Forecaster(module.config, scaler)
    series = load_like(70, seed=3)
    history, future = series[:30], series[30:]
    x, y = (torch.as_tensor(part[None], dtype=torch.float32) for part in (history, future))
    np.testing.assert_allclose(module.scaling.encode(x)[0].numpy(), scaler.encode(history), rtol=1e-3, atol=1e-4)
    z = module.scaling.encode_future(x, y)
    np.testing.assert_allclose(module.scaling.decode(x, z)[0].numpy(), future, rtol=1e-5)
    np.testing.assert_allclose(scaler.decode(history, z[0].double().numpy()), future, rtol=1e-5)


def test_min_max_maps_the_training_part_to_zero_and_one():
    scaler = Scaler.fit("min-max", np.array([[2.0], [6.0], [4.0]]), ("a",))
    np.testing.assert_allclose(scaler.encode(np.array([[2.0], [6.0], [4.0]])).ravel(), [0, 1, 0.5])


def test_the_highway_is_the_ridge_regression_of_scikit_learn():
    generator = torch.Generator().manual_seed(0)
    z, target = (torch.randn(200, length, 2, generator=generator) for length in (15, 4))
    target = target + z[:, -4:] * torch.tensor([1.0, 0.5, -0.3, 0.2])[:, None]
    highway = Highway(lags=6, horizon=4)
    error = highway.fit((z[:150], target[:150]), (z[150:], target[150:]))
    x, y = (part.transpose(1, 2).reshape(-1, part.shape[1]).double().numpy() for part in (z[:, -6:], target))
    train, held = slice(0, 300), slice(300, None)
    unit = ((x[train] - x[train].mean(axis=0)) ** 2).sum(axis=0).mean()
    fits = [Ridge(alpha=penalty * unit).fit(x[train], y[train]) for penalty in PENALTIES]
    errors = [np.mean((fit.predict(x[held]) - y[held]) ** 2) for fit in fits]
    best = fits[int(np.argmin(errors))]
    assert error == pytest.approx(min(errors), rel=1e-9)
    np.testing.assert_allclose(highway.linear.weight.numpy(), best.coef_, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(highway.linear.bias.numpy(), best.intercept_, rtol=1e-4, atol=1e-6)


def test_a_prepared_network_begins_at_the_line():
    """Before the first step the forecast is the highway's alone; training leaves the highway as it is."""
    module, _scaler, config = seasonal(validation=0.2, test=0.2)
    parts = split(Series(("a",), load_like(300), None, None, ()), config)
    objective = Objective(module, parts.train, parts.validation, torch.device("cpu"), seed=0)
    objective.prepare(None)
    z, _target, *_ = objective.train(torch.arange(5))
    torch.testing.assert_close(module.core(z, 8), module.core.highway(z))
    line = module.core.highway.linear.weight.clone()
    optimiser = torch.optim.Adam(module.parameters(), lr=0.01)
    objective.loss(torch.arange(5)).backward()
    optimiser.step()
    assert not torch.equal(module.core(z, 8), module.core.highway(z))
    assert torch.equal(module.core.highway.linear.weight, line)


@pytest.mark.parametrize("gap", [-1, 0, 5, 30])
def test_the_gap_counts_between_targets(gap):
    """Every row is unique, so targets and histories can be found again in the whole series."""
    _, _, config = seasonal(gap=gap, validation=0.25, test=0.25)
    values = np.arange(400.0)[:, None] ** 1.5
    parts = split(Series(("a",), values, None, None, ()), config)
    rows = {value: row for row, value in enumerate(values[:, 0])}
    ends = []
    for part in (parts.train, parts.validation, parts.test):
        _, future = part.batch(np.arange(len(part)))
        ends.append((rows[future[0, 0, 0]], rows[future[-1, -1, 0]]))
    wanted = 30 if gap < 0 else gap
    assert [start - stop - 1 for (_, stop), (start, _) in itertools.pairwise(ends)] == [wanted, wanted]


@pytest.mark.parametrize(("settings", "said"), [
    ({"window": SEASON}, "leaves no differences"),
    ({"highway": 19}, "the highway reads 19 steps"),
    ({"network": "seq2seq"}, "has no highway beside"),
])  # fmt: skip
def test_a_window_too_short_is_refused(settings, said):
    _, _, config = seasonal(**settings)
    with pytest.raises(UsageError, match=said):
        split(Series(("a",), load_like(300), None, None, ()), config)


def test_a_numpy_file_is_a_table(tmp_path):
    one, two, bad = tmp_path / "one.npy", tmp_path / "two.npy", tmp_path / "bad.npy"
    np.save(one, np.array([1.5, np.nan, 3.25]))
    np.save(two, np.array([[1, 2], [3, 4]]))
    np.save(bad, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert read_table(one).columns == {"value": ["1.5", "nan", "3.25"]}
    assert read_table(two).columns == {"column_1": ["1.0", "3.0"], "column_2": ["2.0", "4.0"]}
    with pytest.raises(DataError, match="Object arrays cannot be loaded"):
        read_table(bad)
    one.write_bytes(one.read_bytes()[:-3])
    with pytest.raises(DataError, match="a damaged NumPy file"):
        read_table(one)


def test_the_recipe_s_row_stands_in_its_preset():
    row = {
        "window": 20, "hidden": 10, "layers": 1, "horizon": 1, "network": "direct", "cell": "lstm",
        "scaling": "min-max", "optimiser": "adam", "batch": 96, "max_steps": 5000, "test": 0.3,
    }  # fmt: skip
    streams = {**row, "network": "autoregressive", "stateful": True, "batch": 4}
    task = load_task("electricity")
    for name, wanted in {"stateless": row, "stateful": streams}.items():
        config = configured(task, preset=presets_of(task)[name])
        assert {field: getattr(config, field) for field in wanted} == wanted
    assert row["max_steps"] == pytest.approx(5 * 0.7 * 140_256 / 96, rel=0.03)  # the recipe's five epochs
    assert set(presets_of(task)) == {"default", "global", "global-direct", "quarter-hour", "stateful", "stateless"}


def test_the_sample_is_trained_exported_and_forecast(cli, tmp_path, monkeypatch):
    """The default preset's form, small, through every command; the highway is in the file."""
    monkeypatch.chdir(tmp_path)
    small = ["--hidden", "4", "--max-steps", "2"]
    assert cli("train", "electricity", "--sample", *small).returncode == 0
    answer = cli("export")
    assert answer.returncode == 0, answer.stderr
    assert "The model beats the last value over 48 steps" in answer.stderr
    (tmp_path / "sample.csv").write_bytes(load_task("electricity").sample())
    rows = cli("forecast", "electricity", "--data", "sample.csv", "--horizon", "3").stdout.splitlines()
    assert rows[0] == "time,Load"
    assert [row.partition(",")[0] for row in rows[1:]] == [
        "2024-03-25T00:00:00",
        "2024-03-25T00:30:00",
        "2024-03-25T01:00:00",
    ]


@pytest.mark.data
def test_the_naive_figures_of_taylor_are_the_known_ones(tmp_path):
    """Last week repeated has an RMSE of 797 over the 48-step paths of the last 30 %: origins are counted right."""
    from seqtool.families.choose import choose
    from seqtool.families.forecasting.baselines import baselines

    task = load_task("electricity")
    config = configured(task, preset=presets_of(task)["default"])
    test = load(task, config, choose(task, config)).test
    _, truth = test.batch(np.arange(len(test)))
    error = baselines({"season": 336}, 1, 48)["seasonal"].over(test) - truth
    assert np.sqrt(np.mean(error**2)) == pytest.approx(797, abs=0.5)


@pytest.mark.data
def test_the_half_hours_of_taylor_are_dated_and_those_of_the_client_are_not(cli):
    """4032 half hours from 5 June 2000 on end on 27 August, as the file's own page says."""
    said = cli("check", "electricity").stdout
    assert "counted from 2000-06-05T00:00:00, 30 minutes a row" in said
    assert "4032 rows of Y, 2000-06-05T00:00:00 to 2000-08-27T23:30:00" in said
    assert "1000 rows of value, 1 to 1000" in cli("check", "electricity", "--preset", "stateless").stdout


@pytest.mark.data
def test_a_forecast_of_taylor_is_dated(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--hidden", "4", "--max-steps", "2", "--source", "taylor"]
    assert cli("train", "electricity", *small).returncode == 0
    assert cli("export", "--no-scores").returncode == 0
    answer = cli("forecast", "electricity", "--horizon", "2")
    assert [row.partition(",")[0] for row in answer.stdout.splitlines()[1:]] == [
        "2000-08-28T00:00:00",
        "2000-08-28T00:30:00",
    ]
