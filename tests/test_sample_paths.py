"""Networks with a distribution and their sample paths: PyTorch against the graph, one path against all of them."""

from __future__ import annotations

import csv
import functools
import itertools
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import polars
import pytest
import torch

import seqtool
from seqtool.data.calendar import CALENDAR
from seqtool.data.encoders.scaler import Scaler
from seqtool.data.series import Series
from seqtool.errors import UsageError
from seqtool.families.forecasting import sample_paths
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import split
from seqtool.families.forecasting.export import graph
from seqtool.families.forecasting.likelihood import gaussian, likelihood
from seqtool.families.forecasting.network import Forecaster, call
from seqtool.families.forecasting.objective import Objective
from seqtool.families.forecasting.windows import windows
from tests.shops import seqtool_in, shop, table, write

NAMES = ("hour", "weekday", "month")
TINY = Path(__file__).parent / "models" / "tiny-forecast.onnx"
SMALL = ("--preset", "global", "--window", "20", "--horizon", "6", "--hidden", "6", "--highway", "7", "--gap", "0")
SMALL += ("--max-steps", "40", "--device", "cpu", "--threads", "1")


def network_of(calendar=(), highway=0, **settings):
    """A network of two columns with a distribution, its weights far from those of the start."""
    torch.manual_seed(0)
    config = ForecastingConfig(
        network="autoregressive", distribution="gaussian", hidden=8, window=12, horizon=6, scaling="standard",
        calendar=calendar, highway=highway, **settings,
    )  # fmt: skip
    scaler = Scaler("standard", (5.0, -3.0), (2.0, 4.0))
    module = Forecaster(config, scaler).eval()
    for layer in (module.core.output, module.core.deviation):
        torch.nn.init.normal_(layer.weight, std=0.3)
    if highway:
        torch.nn.init.normal_(module.core.highway.linear.weight, std=0.2)
    return module, scaler


def drawn(calendar, batch, length, horizon):
    """What a file of two columns takes, with noise."""
    rng = np.random.default_rng(0)
    history = rng.normal(5, 2, (batch, length, 2))
    history[rng.random(history.shape) < 0.1] = np.nan
    feeds = {"history": history, "horizon": np.array(horizon)}
    if calendar:
        sizes = [CALENDAR[name] for name in calendar]
        feeds["covariates"] = rng.integers(0, sizes, (batch, length + horizon, len(sizes))).astype(np.float32)
    return {**feeds, "noise": rng.normal(size=(batch, horizon, 2)).astype(np.float32)}


def rows(feeds, chosen):
    """Take some of the batch."""
    return {name: value if name == "horizon" else value[chosen] for name, value in feeds.items()}


def run(opened, feeds):
    return opened.run(["forecast"], feeds)[0]


def session(network, scaler):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph(network, scaler).SerializeToString(), options)


FORMS = [
    *itertools.product(["lstm", "gru"], [1, 2], [(), NAMES], [0, 5], [False]),
    ("lstm", 1, (), 5, True),
    ("gru", 2, ("weekday",), 0, True),
]


@pytest.mark.parametrize(("cell", "layers", "calendar", "highway", "residual"), FORMS)
def test_the_graph_draws_what_the_network_draws(cell, layers, calendar, highway, residual):
    module, scaler = network_of(cell=cell, layers=layers, calendar=calendar, highway=highway, residual=residual)
    opened = session(module, scaler)
    for batch, length, horizon in ((3, 12, 6), (1, 25, 1), (5, 7, 4)):
        feeds = drawn(calendar, batch, length, horizon)
        answer = run(opened, feeds)
        np.testing.assert_allclose(answer, call(module)(feeds)["forecast"], rtol=2e-5, atol=2e-5)
        for row in range(batch):
            np.testing.assert_array_equal(run(opened, rows(feeds, slice(row, row + 1))), answer[row : row + 1])
        silent = run(opened, {**feeds, "noise": np.zeros_like(feeds.pop("noise"))})
        np.testing.assert_allclose(silent, call(module)(feeds)["forecast"], rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("kind", ["log-window", "window", "log-return"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_graph_of_a_pooled_network_draws_in_the_unit_of_each_series(kind, cell):
    torch.manual_seed(0)
    scaler = Scaler(kind, (0.0,), (0.1,))
    config = ForecastingConfig(
        network="autoregressive", distribution="gaussian", several="pooled", scaling=kind, cell=cell, hidden=8,
        window=20, horizon=6, highway=7,
    )  # fmt: skip
    module = Forecaster(config, scaler).eval()
    history = np.stack([shop(n, 20) for n in range(40)])[..., None]
    history[3:, :8] = np.nan
    noise = np.random.default_rng(0).normal(size=(40, 6, 1)).astype(np.float32)
    feeds = {"history": history, "horizon": np.array(6), "noise": noise}
    opened = session(module, scaler)
    answer = run(opened, feeds)
    np.testing.assert_allclose(answer, call(module)(feeds)["forecast"], rtol=1e-5)
    order = np.random.default_rng(0).permutation(40)
    np.testing.assert_array_equal(run(opened, rows(feeds, order)), answer[order])
    for row in (0, 3, 39):
        np.testing.assert_array_equal(run(opened, rows(feeds, slice(row, row + 1)))[0], answer[row])


def test_paths_of_one_step_have_the_mean_and_the_deviation_of_the_network():
    module, scaler = network_of(highway=5)
    feeds = drawn((), 1, 12, 1)
    z = torch.nan_to_num(module.scaling.encode(torch.as_tensor(feeds["history"])))
    with torch.no_grad():
        mean, deviation, _ = module.core.each_density(z, None, None)
        mean = mean[:, -1:] + module.core.highway(z)
    noise = np.random.default_rng(0).normal(size=(4000, 1, 2)).astype(np.float32)
    copies = {**feeds, "history": np.repeat(feeds["history"], 4000, axis=0), "noise": noise}
    paths = run(session(module, scaler), copies)[:, 0]
    unit, level = np.array(scaler.deviation), np.array(scaler.mean)
    wanted = deviation[0, -1].numpy() * unit
    # four standard errors of a mean, and of a deviation
    np.testing.assert_allclose(paths.mean(axis=0), mean[0, 0].numpy() * unit + level, atol=4 * wanted.max() / 4000**0.5)
    np.testing.assert_allclose(paths.std(axis=0), wanted, rtol=4 / 8000**0.5)


def test_the_second_step_follows_from_the_drawn_first():
    module, _ = network_of()
    z, noise = torch.randn(3, 9, 2), torch.randn(3, 2, 2)
    with torch.no_grad():
        path = module.core.continued(z, 2, None, None, noise)[0]
        mean, deviation, _ = module.core.each_density(torch.cat([z, path[:, :1]], dim=1), None, None)
    torch.testing.assert_close(path[:, 1], mean[:, -1] + deviation[:, -1] * noise[:, 1])


def test_the_loss_is_the_likelihood_of_what_is_known():
    rng = torch.Generator().manual_seed(0)
    mean, spread, truth = (torch.randn(4, 5, 2, generator=rng) for _ in range(3))
    truth[0, :3] = torch.nan
    mean.requires_grad_()
    deviation = spread.exp().requires_grad_()
    known = ~truth.isnan()
    wanted = -torch.distributions.Normal(mean, deviation).log_prob(torch.nan_to_num(truth))[known].mean()
    loss = gaussian(mean, deviation, truth)
    torch.testing.assert_close(loss, wanted)
    loss.backward()
    assert mean.grad.isfinite().all()
    assert deviation.grad.isfinite().all()
    assert not mean.grad[0, :3].any()


@pytest.mark.parametrize("highway", [0, 3])
def test_each_step_of_the_loss_is_told_from_the_truth_before_it(highway):
    module, _ = network_of(highway=highway, calendar=("hour",))
    z, target = torch.randn(2, 8, 2), torch.randn(2, 4, 2)
    codes = torch.randint(0, 24, (2, 12, 1)).float()
    calendar = module.indicators(codes, 0)
    true, densities = torch.cat([z, target], dim=1), []
    for step in range(max(1, highway), 12):
        mean, deviation, _ = module.core.each_density(true[:, :step], calendar[:, 1:], None)
        beside = module.core.highway(true[:, :step]) if highway else 0
        densities.append(torch.distributions.Normal(mean[:, -1:] + beside, deviation[:, -1:]))
    wanted = torch.cat([-d.log_prob(true[:, step : step + 1]) for step, d in enumerate(densities, max(1, highway))], 1)
    torch.testing.assert_close(likelihood(module.core, z, target, calendar), wanted.mean(), rtol=1e-4, atol=1e-4)


def test_a_training_finds_how_far_noise_is_spread():
    """Of standard normal noise the best density has a loss of log(2 pi e) / 2."""
    module, _ = network_of()
    for layer in (module.core.output, module.core.deviation):
        torch.nn.init.zeros_(layer.weight)
    values = np.array([5.0, -3.0]) + np.random.default_rng(0).normal(size=(900, 2)) * (2.0, 4.0)
    series = Series(("a", "b"), values, None, None, ())
    parts = [windows(series, part, 12, 6, "x") for part in (slice(0, 700), slice(700, 900))]
    objective = Objective(module, *parts, torch.device("cpu"), seed=0)
    before = objective.evaluate()["loss"]
    optimiser = torch.optim.Adam(module.parameters(), 0.01)
    for step in range(60):
        optimiser.zero_grad()
        objective.loss(torch.arange(step, len(parts[0]), 60)).backward()
        optimiser.step()
    entropy = math.log(2 * math.pi * math.e) / 2
    assert abs(objective.evaluate()["loss"] - entropy) < 0.1 < abs(before - entropy)
    with torch.no_grad():
        _, deviation, _ = module.core.each_density(torch.randn(50, 12, 2), None, None)
    assert deviation.mean().item() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("settings", "said", "cure"),
    [
        ({"network": "seq2seq"}, "only an autoregressive network", "--network autoregressive"),
        ({"network": "direct"}, "only an autoregressive network", "--network autoregressive"),
        ({"stateful": True}, "gives no distribution", "leave out --stateful"),
        ({"loss": "absolute"}, "is its likelihood", "leave out --loss"),
    ],
)
def test_what_gives_no_distribution_is_refused(settings, said, cure):
    wanted = {"network": "autoregressive", "scaling": "standard", "window": 12, "distribution": "gaussian", **settings}
    values = np.random.default_rng(0).uniform(1, 2, (200, 1))
    with pytest.raises(UsageError, match=said) as caught:
        split(Series(("a",), values, None, None, ()), ForecastingConfig(**wanted))
    assert cure in caught.value.cure


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with a pooled model of shops, a model of two columns with a calendar, and tables to continue."""
    folder = tmp_path_factory.mktemp("paths")
    write(folder / "shops.csv", {f"shop {n}": (shop(n, 140 - 2 * n), 2 * n) for n in range(12)})
    write(folder / "others.csv", {**{f"new {n}": (shop(60 + n, 60), n) for n in range(30)}, "single": ([5.0], 50)})
    days = np.datetime64("2024-01-01") + np.arange(150)
    pairs = np.stack([shop(1, 150), shop(2, 150)], axis=1)
    lines = [f"{day},{a:.6g},{b:.6g}" for day, (a, b) in zip(days, pairs, strict=True)]
    (folder / "pairs.csv").write_text("day,path,b\n" + "\n".join(lines) + "\n")
    joint = ("--several", "joint", "--columns", "path,b", "--calendar", "weekday", "--out", "joint")
    seqtool_in(
        folder,
        ("train", "forecast", "--data", "shops.csv", "--id-column", "shop", *SMALL, "--out", "run"),
        ("export", "run"),
        ("train", "forecast", "--data", "pairs.csv", *SMALL, *joint),
        ("export", "joint"),
    )
    return folder


@pytest.fixture
def answered(project, ok, monkeypatch):
    """Return `answered("-m", "run", ...)`: what `seqtool forecast` writes in the folder."""
    monkeypatch.chdir(project)
    return functools.partial(ok, "forecast")


def cells(answer):
    return {(row["shop"], row["time"], row["path"]): row["sales"] for row in table(answer)}


def test_a_path_is_the_same_whatever_else_is_asked_for(answered, tmp_path, monkeypatch):
    answer = answered("-m", "run", "--data", "others.csv", "--paths", "20")
    whole = cells(answer)
    assert answer.stdout.startswith("shop,time,path,sales\nnew 0,2024-03-01,1,")
    assert len(whole) == 31 * 20 * 6
    assert len(set(whole.values())) == 30 * 20 * 6 + 1
    assert all((cell == "") == (key[0] == "single") for key, cell in whole.items())
    assert "not-continued: 1 of 31 series cannot be continued" in answer.stderr
    lines = Path("others.csv").read_text().splitlines()
    alone, mixed = tmp_path / "alone.csv", tmp_path / "mixed.csv"
    alone.write_text("\n".join([lines[0], *(line for line in lines if ",new 7," in line)]) + "\n")
    mine = cells(answered("-m", "run", "--data", alone, "--paths", "3", "--horizon", "4"))
    assert len(mine) == 3 * 4
    assert mine.items() <= whole.items()
    mixed.write_text("\n".join([lines[0], *np.random.default_rng(0).permutation(lines[1:])]) + "\n")
    monkeypatch.setattr(sample_paths, "BATCH", 7)
    assert cells(answered("-m", "run", "--data", mixed, "--paths", "20")) == whole
    monkeypatch.setattr(sample_paths, "NUMBERS", 60)  # two at a time
    assert cells(answered("-m", "run", "--data", alone, "--paths", "3")).items() <= whole.items()
    other = cells(answered("-m", "run", "--data", alone, "--paths", "3", "--seed", "1"))
    assert not set(other.values()) & set(mine.values())


def test_every_door_gives_the_same_paths(answered):
    words = ("-m", "run", "--data", "shops.csv", "--paths", "2", "--seed", "9")
    whole = cells(answered(*words))
    objects = [json.loads(line) for line in answered(*words, "--json").stdout.splitlines()]
    assert list(objects[0]) == ["shop", "time", "path", "sales"]
    assert [type(value) for value in objects[0].values()] == [str, str, int, float]
    read = {(one["shop"], one["time"], str(one["path"])): f"{one['sales']:.12g}" for one in objects}
    assert read == whole
    frame = seqtool.load("run").forecast(polars.read_csv("shops.csv", try_parse_dates=True), paths=2, seed=9)
    assert frame.columns == ["shop", "time", "path", "sales"]
    assert {(a, b, str(c)): f"{d:.12g}" for a, b, c, d in frame.rows()} == whole


def test_one_vector_has_a_column_for_each_of_its_series(answered):
    rows = list(csv.reader(answered("-m", "joint", "--data", "pairs.csv", "--paths", "3").stdout.splitlines()))
    assert rows[0] == ["time", "path_", "path", "b"]
    assert [row[:2] for row in rows[1:]] == [[f"2024-05-{30 + n}" if n < 2 else f"2024-06-0{n - 1}", str(path)]
                                            for path in (1, 2, 3) for n in range(6)]  # fmt: skip
    frame = seqtool.load("joint").forecast(polars.read_csv("pairs.csv"), 6, paths=3)
    assert [[f"{a:.12g}", f"{b:.12g}"] for a, b in frame[:, 2:].rows()] == [row[2:] for row in rows[1:]]


def test_by_a_bare_session_zeros_give_the_forecast_and_noise_a_path(project):
    script = """
import numpy as np, onnxruntime
session = onnxruntime.InferenceSession("run/model.onnx")
print([value.name for value in session.get_inputs()])
history = np.exp(np.random.default_rng(0).normal(size=(1, 20, 1)))
feeds = {"history": np.repeat(history, 500, axis=0), "horizon": np.array(6)}
noise = np.random.default_rng(1).standard_normal((500, 6, 1), dtype=np.float32)
mean, paths = (session.run(["forecast"], {**feeds, "noise": drawn})[0] for drawn in (0 * noise, noise))
assert (mean == mean[0]).all() and (paths > 0).all()
print(abs(np.median(paths[:, 0]) / mean[0, 0, 0] - 1) < 0.1, len(np.unique(paths)))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=project, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["['history', 'horizon', 'noise']", "True 3000"]


def test_the_forecast_without_paths_is_the_path_of_the_means(answered, project):
    """Its quantiles lie around it, as those of any network."""
    rows = table(answered("-m", "run", "--data", "shops.csv", "--quantiles"))
    assert all(float(row["sales q0.1"]) < float(row["sales"]) < float(row["sales q0.9"]) for row in rows)
    values = np.array([shop(0, 140)[-20:]])[..., None].round(12)
    opened = onnxruntime.InferenceSession(project / "run/model.onnx")
    feeds = {"history": values, "horizon": np.array(6), "noise": np.zeros((1, 6, 1), np.float32)}
    wanted = opened.run(["forecast"], feeds)[0][0, :, 0]
    mine = [float(row["sales"]) for row in rows if row["shop"] == "shop 0"]
    np.testing.assert_allclose(mine, wanted, rtol=1e-3)  # the table has six digits


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-m", TINY, "--data", "pairs.csv", "--paths", "3"), "--network autoregressive --distribution gaussian"),
        (("-m", "run", "--data", "shops.csv", "--paths", "0"), "--paths 1 to 10000"),
        (("-m", "run", "--data", "shops.csv", "--paths", "10001"), "--paths 1 to 10000"),
        (("-m", "run", "--data", "shops.csv", "--paths", "2", "--seed", "-1"), "a seed of -1 cannot be"),
        (("-m", "run", "--data", "shops.csv", "--seed", "1"), "--seed is for sample paths"),
        (("-m", "run", "--data", "shops.csv", "--paths", "2", "--quantiles"), "--quantiles cannot go with it"),
        (("-m", "joint", "--data", "pairs.csv", "--paths", "2", "--plot", "p.png"), "--plot cannot go with it"),
        (("-m", "joint", "--paths", "2", "--follow"), "--paths cannot go with it"),
    ],
)
def test_what_cannot_be_drawn_is_said(project, cli, monkeypatch, words, said):
    monkeypatch.chdir(project)
    answer = cli("forecast", *words)
    assert answer.returncode == 2, answer.stderr
    assert said in answer.stderr


def test_a_file_without_a_distribution_takes_no_noise(project):
    config = ForecastingConfig(network="autoregressive", scaling="standard", hidden=4)
    scaler = Scaler("standard", (0.0,), (1.0,))
    module = Forecaster(config, scaler)
    assert [one.name for one in graph(module, scaler).graph.input] == ["history", "horizon"]
    with pytest.raises(UsageError, match="draws no sample paths"):
        seqtool.load(TINY).forecast(polars.DataFrame({"Close": np.arange(1.0, 40)}), 3, paths=2)
