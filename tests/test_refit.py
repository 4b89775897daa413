"""The refit: a second training on the training and validation part, for as long as the first took to its best."""

import json
import os
import shutil
import signal

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from sklearn.linear_model import Ridge
from torch import nn

from seqtool.data.splits import Sampler
from seqtool.errors import NotFound
from seqtool.families.choose import sample_of
from seqtool.families.family import ExportOptions, configured
from seqtool.families.forecasting import data as phase
from seqtool.families.forecasting.autoregression import fill_forward
from seqtool.families.forecasting.model import Objective
from seqtool.families.forecasting.model import network as build
from seqtool.families.forecasting.report import Report
from seqtool.families.load import runner_of
from seqtool.nn.highway import Highway
from seqtool.plugins import load_task
from seqtool.reads import DataFile
from seqtool.runs import read_metrics
from seqtool.runtime.model import open_model
from seqtool.task import Data
from seqtool.training import checkpoint
from seqtool.training.export import export_task
from seqtool.training.loop import Trainer
from seqtool.training.optimisers import learning_rate, optimiser
from seqtool.training.run import TrainOptions, resume, train
from seqtool.training.setup import reproducible

TINY = {
    "hidden": 4, "window": 8, "horizon": 4, "epochs": 3, "batch": 64, "evaluate_every": 7, "dropout": 0.2, "layers": 2,
    "schedule": "one-cycle", "patience": 4, "refit": True,
}  # fmt: skip


@pytest.fixture
def task():
    return load_task("bitcoin")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(task, out, data=None, **settings):
    config = configured(task, options={**TINY, **settings})
    return train(task, config, data or sample_of(task), TrainOptions(out=out, seed=3, device="cpu", threads=1))


def weights(run, which="last"):
    step = getattr(checkpoint.index(run / "checkpoints"), which)
    return load_file(run / "checkpoints" / str(step) / "network.safetensors")


def same(left, right):
    return left.keys() == right.keys() and all(np.array_equal(left[name], right[name], equal_nan=True) for name in left)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run whose refit was never stopped: do not write."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        start(load_task("bitcoin"), folder / "run")
    return folder / "run"


def stop_at(monkeypatch, number, stop):
    """Call `stop()` after a number of steps of the refit."""
    original = Trainer.step

    def step(trainer):
        original(trainer)
        if trainer.run.name == "refit" and trainer.step_number == number:
            stop()

    monkeypatch.setattr(Trainer, "step", step)
    return lambda: monkeypatch.setattr(Trainer, "step", original)


@pytest.mark.parametrize("settings", [{}, {"network": "direct", "highway": 5, "patience": 0}])
def test_it_is_the_training_that_one_would_write_by_hand(task, folder, settings):
    fit = start(task, folder / "run", **settings)
    config = configured(task, options={**TINY, **settings})
    splits = phase.load(task, config, sample_of(task))
    both = phase.joined(config, splits).train
    epochs = fit.best_step / -(-len(splits.train) // 64)
    steps = round(epochs * -(-len(both) // 64))
    planned = round(3 * -(-len(both) // 64))
    assert json.loads((folder / "run" / "run.json").read_text())["refit"]["steps"] == steps
    reproducible(3, 1)
    network = build(config, splits.encoders)
    objective = Objective(network, both, splits.validation, torch.device("cpu"), 3)
    if "highway" in settings:
        z, target, *_ = objective.train(torch.arange(len(both)))
        best = weights(folder / "run", "best")["core.highway.penalty"]
        network.core.highway.fit((z, target), (z, target), float(best))
        nn.init.zeros_(network.core.output.weight)
        nn.init.zeros_(network.core.output.bias)
    by_hand, sampler = optimiser(network, config), Sampler(len(both), 64, 3)
    network.train()
    for step in range(steps):
        by_hand.param_groups[0]["lr"] = learning_rate(config, step, planned)
        chosen = sampler.next()
        by_hand.zero_grad()
        objective.loss(torch.as_tensor(sampler.order()[chosen])).backward()
        nn.utils.clip_grad_norm_(network.parameters(), config.clip, foreach=True)
        by_hand.step()
    made = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    assert same(made, weights(folder / "run" / "refit"))


def test_its_windows_cover_both_parts_and_no_row_of_the_test(task):
    config = configured(task, options=TINY)
    splits = phase.load(task, config, sample_of(task))
    both = phase.joined(config, splits)
    known = splits.validation.values
    np.testing.assert_array_equal(both.train.values, known)
    assert len(both.train) == len(known) - 8 - 4 + 1  # each window between the first row and the last
    assert both.train.origins[-1] + 4 == len(known)
    assert splits.test.origins[0] >= len(known)
    assert (both.test, both.encoders) == (splits.test, splits.encoders)


def test_the_test_part_changes_nothing(task, folder):
    """The newest fifth of the file doubled: encoders and refitted weights are the same, bit for bit."""
    lines = sample_of(task).files[0].path.read_text().splitlines()
    table = [line.split(",") for line in lines]
    column = table[0].index("Close")
    for row in table[1 + (len(table) - 1) * 8 // 10 + 1 :]:
        row[column] = str(2 * float(row[column])) if row[column] else ""
    (folder / "a.csv").write_text("\n".join(lines))
    (folder / "b.csv").write_text("\n".join(",".join(row) for row in table))
    for name in "ab":
        start(task, folder / name, Data((DataFile(folder / f"{name}.csv"),)), epochs=1, columns=("Close",))
    assert same(weights(folder / "a" / "refit"), weights(folder / "b" / "refit"))
    encoders = [(folder / name / "encoders" / "encoders.json").read_text() for name in "ab"]
    assert encoders[0] == encoders[1]


@pytest.mark.parametrize("number", [3, 7])
def test_interrupted_and_resumed_it_ends_with_the_same_weights(task, folder, whole, monkeypatch, number):
    go_on = stop_at(monkeypatch, number, lambda: os.kill(os.getpid(), signal.SIGINT))
    cut = start(task, folder / "cut")
    go_on()
    assert (cut.interrupted, cut.step, cut.run) == (signal.SIGINT, number, folder / "cut")
    with pytest.raises(NotFound, match="the refit did not finish"):
        export_task(task, folder / "cut", ExportOptions(), scores=False)
    assert not resume(task, folder / "cut", device="cpu").interrupted
    assert same(weights(whole / "refit"), weights(folder / "cut" / "refit"))
    untimed = [
        [{k: v for k, v in line.items() if k != "seconds"} for line in read_metrics(run / "refit")]
        for run in (whole, folder / "cut")
    ]
    assert untimed[0] == untimed[1]


def test_killed_before_its_first_checkpoint_it_begins_again(task, folder, whole, monkeypatch):
    def killed():
        raise MemoryError

    go_on = stop_at(monkeypatch, 5, killed)
    with pytest.raises(MemoryError):
        start(task, folder / "cut")
    go_on()
    resume(task, folder / "cut", device="cpu")
    assert same(weights(whole / "refit"), weights(folder / "cut" / "refit"))


def test_export_takes_the_refitted_weights_and_says_so(task, folder, whole):
    shutil.copytree(whole, folder / "run")
    start(task, folder / "plain", refit=False)
    assert same(weights(folder / "run"), weights(folder / "plain"))  # the first fit is what it is without
    history = np.linspace(90, 110, 8)[None, :, None]
    answers = {}
    for run, which in (("run", "best"), ("run", "last"), ("plain", "last")):
        made = export_task(task, folder / run, ExportOptions(), which=which, scores=False)
        assert made.manifest.config["refit"] is (run == "run" and which == "best")
        answers[run, which] = runner_of(open_model(made.path, device="cpu")).forecast_batch(history, 4).forecast
    np.testing.assert_array_equal(answers["run", "last"], answers["plain", "last"])
    config = configured(task, options=TINY)
    network = build(config, phase.load(task, config, sample_of(task)).encoders)
    network.load_state_dict({k: torch.as_tensor(v) for k, v in weights(folder / "run" / "refit").items()})
    made, _ = network.eval()(torch.as_tensor(history), 4)
    np.testing.assert_allclose(answers["run", "best"], made.detach().numpy(), rtol=1e-5)


def test_its_rivals_are_fitted_again_with_the_lags_chosen_before(task, folder, whole):
    """By scikit-learn, on the rows of training and validation; the scores say that all was refitted."""
    shutil.copytree(whole, folder / "run")
    first, again = (
        json.loads((folder / "run" / name / "baselines.json").read_text())["autoregression"] for name in ("", "refit")
    )
    kept = ("logarithm", "difference", "lags", "penalty")
    assert [first[key] for key in kept] == [again[key] for key in kept]
    splits = phase.load(task, configured(task, options=TINY), sample_of(task))
    levels = np.log(fill_forward(splits.validation.values[None])[0, :, 0])
    apart = first["difference"]
    steps = levels[apart:] - levels[:-apart] if apart else levels
    if first["lags"]:
        reach = max(first["lags"])
        x = np.stack([steps[reach - lag : len(steps) - lag] for lag in first["lags"]], axis=1)
        model = Ridge(alpha=first["penalty"] * steps[reach:].var()).fit(x, steps[reach:])
        np.testing.assert_allclose(again["weights"][0], model.coef_, rtol=1e-6, atol=1e-9)
        assert again["intercept"][0] == pytest.approx(model.intercept_)
    else:
        assert again["intercept"][0] == pytest.approx(steps.mean())
    manifest = export_task(task, folder / "run", ExportOptions()).manifest
    assert manifest.scores["baselines"]["autoregression"] == again
    assert any(line.startswith("refitted: ") for line in Report.from_json(manifest.scores["test"]).lines())
    manifest = export_task(task, folder / "run", ExportOptions(), which="last").manifest
    assert manifest.scores["baselines"]["autoregression"] == first
    assert "refit" not in manifest.scores["test"]


def test_a_penalty_given_is_taken_as_it_is():
    """Ridge by the normal equations in numpy, on data whose own best penalty is another."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(60, 6, 1))
    target = np.concatenate([z[:, -2:] * 0.5, z[:, :1]], axis=1) + rng.normal(size=(60, 3, 1))
    parts = [tuple(torch.as_tensor(one[rows]) for one in (z, target)) for rows in (slice(40), slice(40, 60))]
    highway = Highway(lags=4, horizon=3).double()
    assert highway.penalty.isnan()
    highway.fit(*parts)
    chosen = highway.penalty.item()
    highway.fit(*parts, penalty=0.37)
    assert highway.penalty.item() == 0.37 != chosen
    x, y = z[:40, -4:, 0], target[:40, :, 0]
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    ridge = x.T @ x + 0.37 * np.diag(x.T @ x).mean() * np.eye(4)
    np.testing.assert_allclose(highway.linear.weight.T, np.linalg.solve(ridge, x.T @ y), rtol=1e-6)
