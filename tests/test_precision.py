"""Training with bfloat16 products: near float32, and as resumable."""

import pytest
import torch
from safetensors.numpy import load_file

from seqtool.families.choose import sample_of
from seqtool.families.family import configured
from seqtool.families.forecasting.model import Objective
from seqtool.plugins import load_task
from seqtool.runs import read_metrics
from seqtool.training import checkpoint
from seqtool.training.loop import Trainer
from seqtool.training.run import TrainOptions, resume, train

SMALL = {"hidden": 8, "window": 12, "horizon": 4, "epochs": 2, "max_steps": 12, "evaluate_every": 4}
NETWORKS = [
    {"network": "seq2seq", "cell": "lstm", "bidirectional": True, "dropout": 0.2, "layers": 2},
    {"network": "direct", "cell": "peephole", "scaling": "standard", "highway": 4},
    {"network": "autoregressive", "cell": "rnn", "stateful": True, "batch": 8, "scaling": "standard"},
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(out, **settings):
    task = load_task("bitcoin")
    config = configured(task, options={**SMALL, **settings})
    return task, train(task, config, sample_of(task), TrainOptions(out=out, device="cpu", threads=1))


def weights(run):
    step = checkpoint.index(run / "checkpoints").last
    return load_file(run / "checkpoints" / str(step) / "network.safetensors")


@pytest.mark.parametrize("settings", NETWORKS)
def test_bf16_trains_every_network_nearly_as_fp32(folder, settings):
    for precision in ("fp32", "bf16"):
        start(folder / precision, precision=precision, **settings)
    exact, near = (weights(folder / precision) for precision in ("fp32", "bf16"))
    assert all(near[name].dtype == exact[name].dtype for name in exact)
    assert any((exact[name] != near[name]).any() for name in exact)  # it was bf16 indeed
    for one, other in zip(read_metrics(folder / "fp32"), read_metrics(folder / "bf16"), strict=True):
        assert other["loss"] == pytest.approx(one["loss"], rel=0.05)
        assert other["train_loss"] == pytest.approx(one["train_loss"], rel=0.05)


def test_bf16_resumes_bit_for_bit(folder, monkeypatch):
    settings = NETWORKS[-1]
    task, whole = start(folder / "whole", precision="bf16", **settings)
    original = Trainer.step

    def step(trainer):
        original(trainer)
        if trainer.step_number == 6:
            raise KeyboardInterrupt  # between two evaluations: the last checkpoint is that of step 4

    monkeypatch.setattr(Trainer, "step", step)
    with pytest.raises(KeyboardInterrupt):
        start(folder / "cut", precision="bf16", **settings)
    monkeypatch.setattr(Trainer, "step", original)
    assert resume(task, folder / "cut", device="cpu").step == whole.step
    one, other = weights(folder / "whole"), weights(folder / "cut")
    assert all((one[name] == other[name]).all() for name in one)


def test_the_loss_and_what_is_evaluated_are_float32(folder, monkeypatch):
    """Autocast covers the products of a step, not its sum, and no evaluation."""
    steps, evaluations = set(), set()

    def watched(name, seen):
        original = getattr(Objective, name)

        def method(objective, *arguments):
            made = original(objective, *arguments)
            seen.add((getattr(made, "dtype", None), torch.is_autocast_enabled("cpu")))
            return made

        monkeypatch.setattr(Objective, name, method)

    watched("loss", steps)
    watched("evaluate", evaluations)
    start(folder / "run", precision="bf16", **NETWORKS[0])
    assert (steps, evaluations) == ({(torch.float32, True)}, {(None, False)})
