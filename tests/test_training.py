"""The training loop: what it learns, what it remembers, and that a stop changes nothing."""

import json
import os
import signal
import threading
import time

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from seqtool.errors import SeqtoolError, UsageError
from seqtool.families.choose import sample_of
from seqtool.families.family import configured
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.plugins import load_task
from seqtool.reads import DataFile
from seqtool.runs import read_metrics
from seqtool.task import Data
from seqtool.task_config import TaskConfig
from seqtool.training import checkpoint
from seqtool.training.loop import Trainer
from seqtool.training.optimisers import learning_rate, optimiser
from seqtool.training.run import TrainOptions, resume, train

TINY = {
    "hidden": 4,
    "window": 8,
    "horizon": 4,
    "epochs": 2,
    "batch": 64,
    "evaluate_every": 7,
    "dropout": 0.2,
    "layers": 2,
}


@pytest.fixture
def task():
    return load_task("bitcoin")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(task, out, seed=0, **settings):
    config = configured(task, options={**TINY, **settings})
    data = sample_of(task)
    return train(task, config, data, TrainOptions(out=out, seed=seed, device="cpu", threads=1))


def last_weights(run):
    step = checkpoint.index(run / "checkpoints").last
    return load_file(run / "checkpoints" / str(step) / "network.safetensors")


def same(left, right):
    return left.keys() == right.keys() and all((left[name] == right[name]).all() for name in left)


def stop_at(monkeypatch, number, sent=signal.SIGINT):
    """Send ourselves a signal after a number of steps."""
    original = Trainer.step

    def step(trainer):
        original(trainer)
        if trainer.step_number == number:
            os.kill(os.getpid(), sent)

    monkeypatch.setattr(Trainer, "step", step)
    return lambda: monkeypatch.setattr(Trainer, "step", original)


@pytest.mark.parametrize("settings", [
    {}, {"optimiser": "rmsprop", "momentum": 0.5, "schedule": "one-cycle"}, {"optimiser": "adagrad"},
    {"optimiser": "sgd", "momentum": 0.9, "network": "direct"},
])  # fmt: skip
@pytest.mark.parametrize("step", [5, 7, 12])
def test_interrupted_and_resumed_equals_uninterrupted_bit_for_bit(task, folder, monkeypatch, settings, step):
    whole = start(task, folder / "whole", **settings)
    go_on = stop_at(monkeypatch, step)
    cut = start(task, folder / "cut", **settings)
    go_on()
    assert (cut.interrupted, cut.step) == (signal.SIGINT, step)
    resumed = resume(task, folder / "cut", device="cpu")
    assert resumed.step == whole.step
    assert not resumed.interrupted
    assert same(last_weights(folder / "whole"), last_weights(folder / "cut"))
    untimed = [
        [{k: v for k, v in line.items() if k != "seconds"} for line in read_metrics(folder / name)]
        for name in ("whole", "cut")
    ]
    assert untimed[0] == untimed[1]


@pytest.mark.parametrize("clip", [0.0, 0.01])
def test_the_log_has_the_norm_of_the_gradient_before_it_is_clipped(task, folder, monkeypatch, clip):
    """The mean over the steps; without clipping that of the last step alone."""
    norms, original = [], Trainer.step

    def step(trainer):
        loss = trainer.objective.loss

        def watched(indices):
            # hooks see each whole gradient before the loop changes it
            squares = []
            hooks = [p.register_hook(lambda g: squares.append(g.double().square().sum())) for p in trainer.parameters]
            value = loss(indices)
            norms.append((squares, hooks))
            return value

        trainer.objective.loss = watched
        original(trainer)
        trainer.objective.loss = loss
        squares, hooks = norms[-1]
        norms[-1] = torch.stack(squares).sum().sqrt().item()
        for hook in hooks:
            hook.remove()

    monkeypatch.setattr(Trainer, "step", step)
    start(task, folder / "run", clip=clip, max_steps=14)
    logged = [line["gradient_norm"] for line in read_metrics(folder / "run")]
    wanted = [np.mean(norms[:7]), np.mean(norms[7:])] if clip else [norms[6], norms[13]]
    assert max(norms) > 0.01
    assert logged == pytest.approx(wanted, rel=1e-5)


def test_a_run_of_a_version_that_kept_no_norms_goes_on(task, folder, monkeypatch):
    whole = start(task, folder / "whole")
    go_on = stop_at(monkeypatch, 10)
    start(task, folder / "cut")
    go_on()
    file = folder / "cut/checkpoints/10/random.safetensors"
    save_file({name: value for name, value in load_file(file).items() if name != "norms"}, file)
    (file.parent / "sums.json").unlink()
    assert resume(task, folder / "cut", device="cpu").step == whole.step
    assert same(last_weights(folder / "whole"), last_weights(folder / "cut"))
    has = ["gradient_norm" in line for line in read_metrics(folder / "cut")]
    assert has == [True, False, *[True] * (len(has) - 2)]  # no mean over some of its steps


def test_the_seed_alone_decides(task, folder):
    start(task, folder / "a", seed=1)
    start(task, folder / "b", seed=1)
    start(task, folder / "c", seed=2)
    assert same(last_weights(folder / "a"), last_weights(folder / "b"))
    assert not same(last_weights(folder / "a"), last_weights(folder / "c"))


def test_a_killed_writer_leaves_the_checkpoint_before(task, folder, monkeypatch):
    """The disk fills while the second checkpoint is written: the first still resumes to the same weights."""
    start(task, folder / "whole")
    calls = []
    original = checkpoint.save_file

    def full(tensors, path):
        calls.append(path)
        if len(calls) == 5:  # the optimiser of the second checkpoint
            raise OSError(28, "No space left on device")
        original(tensors, path)

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(SeqtoolError, match="cannot write a checkpoint"):
        start(task, folder / "cut")
    assert not list((folder / "cut" / "checkpoints").glob(".*"))
    monkeypatch.setattr(checkpoint, "save_file", original)
    resume(task, folder / "cut", device="cpu")
    assert same(last_weights(folder / "whole"), last_weights(folder / "cut"))


def test_half_a_line_of_metrics_is_dropped_on_resume(task, folder, monkeypatch):
    stop_at(monkeypatch, 9)()
    go_on = stop_at(monkeypatch, 9)
    start(task, folder / "cut")
    go_on()
    with (folder / "cut" / "metrics.jsonl").open("a") as stream:
        stream.write('{"step": 1')
    resume(task, folder / "cut", device="cpu")
    steps = [line["step"] for line in read_metrics(folder / "cut")]
    assert steps == sorted(set(steps))


def test_only_the_best_and_the_last_checkpoint_stay(task, folder):
    fit = start(task, folder / "run")
    kept = {path.name for path in (folder / "run" / "checkpoints").iterdir() if path.is_dir()}
    assert kept == {str(fit.best_step), str(fit.step)}
    best = min(read_metrics(folder / "run"), key=lambda line: line["loss"])
    assert (fit.best, fit.best_step) == (best["loss"], best["step"])


def test_patience_ends_a_training_that_gets_no_better(task, folder):
    fit = start(task, folder / "run", patience=2, epochs=50, evaluate_every=1, learning_rate=1e-12)
    metrics = read_metrics(folder / "run")
    assert not fit.interrupted
    assert fit.step == fit.best_step + 2 == len(metrics)


def test_a_run_folder_holds_what_is_promised(task, folder):
    start(task, folder / "run")
    run = folder / "run"
    described = json.loads((run / "run.json").read_text())
    assert described["data"]["sample"] is True
    assert described["training"]["steps"] > 0
    config = configured(task, file=run / "config.toml")
    assert config.hidden == 4
    scores = json.loads((run / "scores.json").read_text())
    assert list(scores) == ["validation"]  # the test split is the export's
    assert "simulated" in scores["validation"]["data"]
    assert sorted(path.name for path in (run / "plots").glob("*.png")) == ["curves.png", "windows.png"]
    assert not [path for path in run.rglob("*") if path.suffix in (".pt", ".pkl", ".pickle", ".bin")]


def test_a_divergence_is_said_in_words(task, folder):
    with pytest.raises(SeqtoolError, match="diverged") as raised:
        start(
            task,
            folder / "run",
            optimiser="sgd",
            learning_rate=100.0,
            clip=0.0,
            scaling="standard",
            momentum=0.99,
            epochs=30,
        )
    assert "--learning-rate" in raised.value.cure


def test_a_changed_file_is_not_resumed(task, folder, monkeypatch):
    file = folder / "mine.csv"
    file.write_bytes(task.sample())
    go_on = stop_at(monkeypatch, 5)
    config = configured(task, options=TINY)
    train(task, config, Data((DataFile(file),)), TrainOptions(out=folder / "run", device="cpu", threads=1))
    go_on()
    file.write_text(file.read_text().replace("1", "2"))
    with pytest.raises(SeqtoolError, match="has changed"):
        resume(task, folder / "run", device="cpu")


def test_another_tasks_run_is_not_resumed(task, folder):
    start(task, folder / "run", max_steps=1)
    described = json.loads((folder / "run" / "run.json").read_text())
    (folder / "run" / "run.json").write_text(json.dumps({**described, "task": "tides"}))
    with pytest.raises(UsageError, match="a run of tides"):
        resume(task, folder / "run", device="cpu")


def test_the_last_epoch_of_a_learnable_series_beats_the_first(task, folder):
    """A noiseless wave: the validation loss falls to a small part of where it began."""
    file = folder / "wave.csv"
    wave = 10 + np.sin(np.arange(400) * 2 * np.pi / 12)
    file.write_text("value\n" + "\n".join(f"{value:.6f}" for value in wave) + "\n")
    config = configured(task, options={
        "hidden": 16, "window": 24, "horizon": 6, "epochs": 40, "batch": 32, "scaling": "standard",
        "learning_rate": 0.01, "schedule": "one-cycle",
    })  # fmt: skip
    train(task, config, Data((DataFile(file),)), TrainOptions(out=folder / "run", device="cpu", threads=1))
    metrics = read_metrics(folder / "run")
    assert metrics[-1]["loss"] < 0.02 * metrics[0]["loss"]


def test_one_cycle_rises_to_its_peak_and_falls():
    config = TaskConfig(schedule="one-cycle", learning_rate=0.1)
    rates = [learning_rate(config, step, 100) for step in range(100)]
    torch_schedule = torch.optim.lr_scheduler.OneCycleLR(
        torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1),
        max_lr=0.1,
        total_steps=100,
        cycle_momentum=False,
    )
    assert rates[0] == pytest.approx(torch_schedule.get_last_lr()[0])
    assert max(rates) == pytest.approx(0.1)
    assert rates.index(max(rates)) == 30
    assert rates[30:] == sorted(rates[30:], reverse=True)
    assert rates[-1] < 0.001


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("luong5", {0: 1, 5999: 1, 6000: 1, 7199: 1, 7200: 1 / 2, 8400: 1 / 4, 10_800: 1 / 16, 11_999: 1 / 16}),
        ("luong10", {5999: 1, 6599: 1, 6600: 1 / 2, 11_400: 1 / 512, 11_999: 1 / 512}),
        ("luong234", {7999: 1, 8999: 1, 9000: 1 / 2, 10_000: 1 / 4, 11_000: 1 / 8, 11_999: 1 / 8}),
        ("exponential", {0: 1, 9999: 1, 10_000: 0.98, 11_999: 0.98}),
    ],
)
def test_the_schedules_of_tensorflow_nmt(schedule, rates):
    """Worked by hand for 12,000 steps at rate 1: `luong5` begins at 6,000 and halves each 1,200 steps, and so on."""
    config = TaskConfig(schedule=schedule, learning_rate=1.0)
    assert {step: learning_rate(config, step, 12_000) for step in rates} == pytest.approx(rates)


def test_the_inverse_square_root_rises_and_falls():
    config = TaskConfig(schedule="inverse-square-root", learning_rate=0.1, warm_up=0.04)
    rates = [learning_rate(config, step, 100) for step in range(100)]
    assert rates[:5] == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1 * 0.8**0.5])
    assert rates[15] == pytest.approx(0.05)
    assert rates[99] == pytest.approx(0.02)


def test_the_l2_penalty_leaves_biases_alone():
    network = torch.nn.Linear(3, 2)
    groups = optimiser(network, ForecastingConfig(l2=0.1)).param_groups
    assert [(group["weight_decay"], [p.dim() for p in group["params"]]) for group in groups] == [
        (0.1, [2]),
        (0.0, [1]),
    ]


def test_clipping_is_by_the_global_norm(task, folder):
    """With plain SGD at rate 1 a step moves all weights together by at most the clip."""
    before_after = []
    original = Trainer.step

    def step(trainer):
        before = torch.cat([p.detach().flatten().clone() for p in trainer.parameters])
        original(trainer)
        after = torch.cat([p.detach().flatten() for p in trainer.parameters])
        before_after.append((after - before).norm().item())

    Trainer.step = step
    try:
        start(
            task,
            folder / "run",
            optimiser="sgd",
            learning_rate=1.0,
            clip=0.01,
            scaling="standard",
            max_steps=3,
        )
    finally:
        Trainer.step = original
    assert all(length <= 0.01 * 1.001 for length in before_after)
    assert any(length >= 0.01 * 0.99 for length in before_after)


def test_a_second_interrupt_ends_at_once(task, folder, monkeypatch):
    """While a step takes for ever, the second Ctrl-C is not waited with."""
    original = Trainer.step

    def slow(trainer):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)
        original(trainer)

    assert threading.current_thread() is threading.main_thread()
    monkeypatch.setattr(Trainer, "step", slow)
    with pytest.raises(KeyboardInterrupt):
        start(task, folder / "run")


def test_the_mean_of_the_last_checkpoints_is_their_arithmetic_mean(task, folder):
    fit = start(task, folder / "run", keep=3)
    checkpoints = folder / "run" / "checkpoints"
    kept = sorted(int(path.name) for path in checkpoints.iterdir() if path.is_dir())[-3:]
    assert kept == [line["step"] for line in read_metrics(folder / "run")][-3:]
    assert kept[-1] == fit.step
    stored = [load_file(checkpoints / str(step) / "network.safetensors") for step in kept[1:]]
    for name, mean in checkpoint.weights(checkpoints, "average:2").items():
        np.testing.assert_allclose(mean, (stored[0][name] + stored[1][name]) / 2, rtol=1e-6, atol=1e-9)


def test_what_is_averaged_does_not_depend_on_an_interruption(task, folder, monkeypatch):
    start(task, folder / "whole", keep=3)
    go_on = stop_at(monkeypatch, 12)  # between two evaluations
    start(task, folder / "cut", keep=3)
    go_on()
    resume(task, folder / "cut", device="cpu")
    for which in ("best", "last", "average:3"):
        whole, cut = (checkpoint.weights(folder / name / "checkpoints", which) for name in ("whole", "cut"))
        assert same(whole, cut)


@pytest.mark.parametrize("which", ["average:0", "average:4", "average:", "average:x", "average:99999", "worst"])
def test_a_mean_of_what_was_not_kept_is_refused(task, folder, which):
    start(task, folder / "run", max_steps=14, keep=3)
    with pytest.raises(UsageError, match="cannot be made: 2 were kept" if which[-1] in "04" else "unknown checkpoint"):
        checkpoint.weights(folder / "run" / "checkpoints", which)
