"""BLEU of translators, the model FILE on the test part (beam 5), beside a copy of the source.

The default preset on Multi30k in both directions, and on Tatoeba's English-French pairs, which are more, for fewer
epochs. Then on Multi30k with and without attention, some 20 minutes of a core each: what attention is worth, both
curves in one picture (`RUNS/attention.png`). Runs are kept
in `--runs`, so that a job that was stopped goes on where it stood. With `--int8` the int8 file too. Needs the sources
(SEQTOOL_MIRROR, or a network).
"""

import argparse
import contextlib
import io
from pathlib import Path

from results import record

from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.plugins import load_task
from seqtool.report.plots import RUNS, figure, save
from seqtool.runs import read_metrics, read_run
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, resume, train

WITH, WITHOUT = "multi30k de-en, 10 epochs", "multi30k de-en, 10 epochs without attention"
JOBS = {
    "multi30k de-en": {"source": "multi30k"},
    "multi30k en-de": {"source": "multi30k", "reverse": True},
    WITH: {"source": "multi30k", "epochs": 10},
    WITHOUT: {"source": "multi30k", "epochs": 10, "attention": "none"},
    "tatoeba en-fr": {"source": "tatoeba-fr", "epochs": 6},
}


def folder_of(job):
    """Return the name of a job's run."""
    return job.replace(",", "").replace(" ", "-")


def trained(task, job, folder, options, seed, threads):
    """Train a job, go on with it, or leave it as it is where it has ended; return its run."""
    run = folder / folder_of(job)
    if (run / "scores.json").exists():
        return run
    if (run / "checkpoints").exists():
        resume(task, run, device="cpu")
        return run
    config = configured(task, preset=presets_of(task)["default"], options={**JOBS[job], **options})
    train(task, config, choose(task, config), TrainOptions("default", run, seed, "cpu", threads))
    return run


def measure(task, job, run, *, int8):
    """Export, print and record a run."""
    with contextlib.redirect_stderr(io.StringIO()):
        made = export_task(task, run, ExportOptions())
        path, manifest, worst = made.path, made.manifest, made.difference
        small = export_task(task, run, ExportOptions(int8=True)).manifest.scores if int8 else None
    test, described = manifest.scores["test"], read_run(run)
    model, copy = test["whole"]["model"], test["whole"][test["best_baseline"]]
    figures = {
        "seed": described.seed, "threads": described.threads,
        "minutes": round(described.training["seconds"] / 60, 1), "pairs": test["pairs"],
        "bleu": round(model["bleu"], 2), "chrf": round(model["chrf"], 2), "copy_bleu": round(copy["bleu"], 2),
        "numbers": test.get("numbers", 0), "numbers_kept": round(model.get("numbers", 100), 2),
        "percent_of_sources_seen": round(100 * test["seen"], 1), "tokens_per_s": test["tokens_per_second"],
        "export_difference": float(f"{worst:.1g}"), "bytes": path.stat().st_size,
        "signature": test["signatures"]["bleu"],
    }  # fmt: skip
    if small is not None:
        figures["int8_bleu"] = round(small["test"]["whole"]["model"]["bleu"], 2)
        figures["int8_speed"] = small["int8"]["speed"]
    print(job, figures, flush=True)
    for line in test["verdict"]:
        print(f"  {line}")
    seed = f", seed {described.seed}" if described.seed else ""
    record(f"translation, nmt default, {job}{seed}", figures)


def curves(runs, path):
    """Draw the validation BLEU of runs, by name, over their steps."""
    made, (axis,) = figure(height=4.5)
    for color, (name, run) in zip(RUNS, runs.items(), strict=False):
        metrics = read_metrics(run)
        axis.plot([line["step"] for line in metrics], [line["bleu"] for line in metrics], color=color, label=name)
    axis.set(title="greedy translations of the validation part", xlabel="step", ylabel="BLEU")
    axis.legend(frameon=False)
    save(made, path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="*", help=f"left out: all of {', '.join(JOBS)}")
    parser.add_argument("--runs", type=Path, default=Path("runs/translation"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="left out: the preset's")
    parser.add_argument("--int8", action="store_true")
    given = parser.parse_args()
    nmt = load_task("nmt")
    limits = {} if given.epochs is None else {"epochs": given.epochs}
    given.runs.mkdir(parents=True, exist_ok=True)
    for chosen in given.jobs or JOBS:
        done = trained(nmt, chosen, given.runs, limits, given.seed, given.threads)
        measure(nmt, chosen, done, int8=given.int8)
    both = {name: given.runs / folder_of(name) for name in (WITH, WITHOUT)}
    if all((run / "scores.json").exists() for run in both.values()):
        curves(both, given.runs / "attention.png")
