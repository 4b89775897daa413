"""`--metric`: the figure that chooses the best weights and counts for `--patience`."""

import json
import re
from pathlib import Path

import pytest

from seqtool.errors import UsageError
from seqtool.families.choose import sample_of
from seqtool.families.family import configured
from seqtool.plugins import load_task
from seqtool.runs import read_metrics
from seqtool.training import checkpoint
from seqtool.training.loop import still_falling
from seqtool.training.run import TrainOptions, resume, train

TINY = {
    "bitcoin": {"hidden": 4, "window": 8, "horizon": 4, "epochs": 3, "evaluate_every": 7, "dropout": 0.2, "layers": 2},
    "sentiment": {
        "preset": None, "embedding": 4, "hidden": 4, "vocabulary": 100, "epochs": 3, "class_weights": "balanced",
    },
    "nmt": {"preset": None, "embedding": 8, "hidden": 8, "vocabulary": 120, "max_steps": 12, "evaluate_every": 4},
    "pos": {
        "preset": None, "embedding": 8, "hidden": 8, "characters": 4, "character_hidden": 4, "max_steps": 12,
        "evaluate_every": 3, "learning_rate": 0.02,
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def trained(name, out="run", **settings):
    task = load_task(name)
    options = {key: value for key, value in {**TINY[name], **settings}.items() if key != "preset"}
    where = TrainOptions(out=Path(out), device="cpu", threads=1)
    return train(task, configured(task, options=options), sample_of(task), where)


def chosen(out="run"):
    return checkpoint.index(Path(out) / "checkpoints").best


@pytest.mark.parametrize(("task", "metric", "better", "of"), [
    ("bitcoin", "rmse", min, lambda scores: scores["path"]["model"]),
    ("bitcoin", "mase", min, lambda scores: scores["whole"]["model"]["mase"]),
    ("bitcoin", "wql", min, lambda scores: scores["wql"]["path"]),
    ("sentiment", "macro_f1", max, lambda scores: scores["whole"]["model"]["macro_f1"]),
    ("sentiment", "log_loss", min, lambda scores: scores["whole"]["model"]["log_loss"]),
    ("nmt", "chrf", max, lambda scores: scores["whole"]["model"]["chrf"]),
    ("pos", "accuracy", max, lambda scores: scores["whole"]["model"]["accuracy"]),
])  # fmt: skip
def test_the_weights_of_the_best_figure_are_kept_and_it_is_that_of_the_report(task, metric, better, of, capfd):
    """The report counts it anew, by another path, from the weights that were chosen."""
    fit = trained(task, metric=metric)
    figures = {line["step"]: line[metric] for line in read_metrics(Path("run"))}
    assert len(figures) > 1
    assert figures[chosen()] == better(figures.values()) == fit.best
    scores = json.loads(Path("run/scores.json").read_text())["validation"]
    assert of(scores) == pytest.approx(fit.best, rel=1e-4)
    said = capfd.readouterr().err
    assert f"best on validation: {metric} {fit.best:.4f} at step {chosen()}" in said
    assert re.search(rf"^step .*  {metric} [-.0-9]+  best {fit.best:.4f}", said, re.MULTILINE)


def test_it_changes_what_is_chosen_and_nothing_that_is_trained():
    losses = []
    for metric in ("", "wql"):
        trained("bitcoin", f"run{metric}", metric=metric)
        losses.append([(line["train_loss"], line["loss"]) for line in read_metrics(Path(f"run{metric}"))])
    assert losses[0] == losses[1]


def test_patience_counts_by_it(monkeypatch):
    """The figure gets worse after the second evaluation, while the loss goes on falling."""
    from seqtool.families.classification.model import Objective

    given = iter([0.5, 0.7, 0.6, 0.7, 0.9])
    losses = iter([5.0, 4.0, 3.0, 2.0, 1.0])
    monkeypatch.setattr(
        Objective, "evaluate", lambda self: {"loss": next(losses), "accuracy": 0.5, "macro_f1": next(given)}
    )
    monkeypatch.setattr(Objective, "show", lambda self, run, step: "")
    fit = trained("sentiment", metric="macro_f1", patience=2, epochs=5)
    steps = [line["step"] for line in read_metrics(Path("run"))]
    assert (len(steps), fit.best, fit.best_step) == (4, 0.7, steps[1])


def test_a_resumed_training_remembers_the_best(interrupted):
    trained("bitcoin", "whole", metric="rmse")
    with interrupted(18), pytest.raises(KeyboardInterrupt):
        trained("bitcoin", "cut", metric="rmse")
    resume(load_task("bitcoin"), Path("cut"), device="cpu")
    assert chosen("cut") == chosen("whole")
    whole, cut = ([{**line, "seconds": 0} for line in read_metrics(Path(name))] for name in ("whole", "cut"))
    assert whole == cut


@pytest.mark.parametrize(("task", "metric", "named"), [
    ("bitcoin", "bleu", "loss or rmse or mae or mase or smape or wql"),
    ("pos", "entity_f1", "error or loss or accuracy"), ("sentiment", "f1", "loss or log_loss or accuracy or macro_f1"),
    ("nmt", "accuracy", "bleu or chrf or loss"),
])  # fmt: skip
def test_one_that_the_model_does_not_have_is_refused_before_the_first_step(task, metric, named):
    with pytest.raises(UsageError) as refused:
        trained(task, metric=metric)
    assert refused.value.cure == f"--metric {named}"
    assert not Path("run").exists()


def test_without_quantiles_there_is_no_loss_of_them():
    with pytest.raises(UsageError, match="no wql"):
        trained("bitcoin", metric="wql", quantiles=())


def test_run_and_file_say_what_chose(ok):
    trained("sentiment", metric="macro_f1")
    assert 'metric = "macro_f1"' in Path("run/config.toml").read_text()
    assert json.loads(Path("run/run.json").read_text())["config"]["metric"] == "macro_f1"
    ok("export", "run", "--no-scores")
    assert "chosen by  validation macro_f1" in re.sub("  +", "  ", ok("inspect", "run/model.onnx").stdout)


def test_a_figure_of_which_more_is_better_rises_as_a_loss_falls():
    rising = [-0.5, -0.6, -0.7, -0.8]
    assert still_falling(rising)
    assert not still_falling([*rising, -0.8, -0.801])
