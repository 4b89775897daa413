"""The end of a training: the best weights calibrated and scored beside the baselines, the pictures, what is said."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from torch import nn

from seqtool.data.part_sums import part_sum
from seqtool.data.splits import Encoders, Splits
from seqtool.errors import NotFound
from seqtool.families.family import Family
from seqtool.paths import write_text
from seqtool.report import plots
from seqtool.runs import HIGHER, deciding, decisive, read_metrics, read_run, write_run
from seqtool.say import counted, note
from seqtool.task_config import TaskConfig
from seqtool.training import checkpoint
from seqtool.training.loop import Fit, still_falling
from seqtool.training.setup import Setup
from seqtool.training.unchanged import read_baselines
from seqtool.types import Json

LONGER = {"--max-steps": "a higher --max-steps", "--max-minutes": "a higher --max-minutes", "": "more --epochs"}


def finish(setup: Setup, fit: Fit) -> None:
    """Calibrate the best weights, score the validation part beside the baselines, draw the pictures."""
    started = time.monotonic()
    if not (metrics := read_metrics(setup.run)):
        raise NotFound("the run has lost its metrics.jsonl", where=str(setup.run), cure="train again")
    network, encoders = _calibrated(setup, fit.best_step)
    family, config, splits = setup.family, setup.config, setup.splits
    stored, fitting = baselines_of(setup)
    predict = family.model.predictor(network, encoders)
    report = family.scores.score(predict, splits, "validation", stored, config, setup.data.name)
    write_text(setup.run / "scores.json", json.dumps({"validation": report.to_json()}, indent=1) + "\n")
    title = f"{setup.task.name} on {setup.data.name}"
    drawn = [plots.curves(metrics, setup.run / "plots" / "curves.png", title, family.report.LOSS, config.metric)]
    drawn += family.scores.pictures(predict, splits, config, setup.run / "plots", f"{title}, validation")
    ended = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": round(setup.trainer.seconds, 1),
        "steps": fit.step, "best_step": fit.best_step, "scoring_seconds": round(time.monotonic() - started, 1),
        "baselines_seconds": round(fitting, 1), "limit": fit.limit,
    }  # fmt: skip
    write_run(setup.run, replace(read_run(setup.run), training=ended))
    by = deciding(metrics[-1], config.metric)
    spent = f"{setup.trainer.seconds:.0f} s of training, {fitting:.1f} s of baselines"
    if fit.limit:
        most = config.steps(setup.trainer.sampler.steps)
        note(f"ended by {fit.limit} after {fit.step:,} of {counted(most, 'step')}")
    note(f"best on validation: {by} {fit.best:.4f} at step {fit.best_step}, {spent}")
    if still_falling([decisive(line, config.metric) for line in metrics]):
        change = "rising" if by in HIGHER else "falling"
        limit = "--max-steps" if fit.step == config.max_steps else fit.limit
        note(f"the training ended while {by} was still {change}: {LONGER[limit]} may make the model better")
    for line in report.lines():
        note(line)
    if not report.beats_best:
        rival = f"{report.best_baseline} ({report.MEASURES[report.main_measure]} {report.main(report.best_baseline)})"
        note(f"no-better: these data and settings give no more than {rival}")
        note(f"  seqtool check {setup.task.name} --curve, with the same data, says whether more would help")
    for path in drawn:
        note(f"picture: {path}")


def baselines_of(setup: Setup) -> tuple[Json, float]:
    """Return the baselines of a run, which it has from its beginning, and the seconds that they took."""
    record = read_run(setup.run)
    if (setup.run / "baselines.json").is_file():
        return read_baselines(setup.run), float((record.told or {}).get("baselines", 0.0))
    # a run that an earlier version began
    return fit_baselines(setup.family, setup.config, setup.splits, setup.run)


def fit_baselines(family: Family, config: TaskConfig, splits: Splits[Any, Any], run: Path | None) -> tuple[Json, float]:
    """Fit the baselines, and keep them in a run; return them as they are kept, and the seconds that it took."""
    note("fitting the baselines")
    began = time.monotonic()
    text = json.dumps(family.scores.baselines(config, splits, None))
    if run is not None:
        write_text(run / "baselines.json", f"{text}\n")
        write_run(run, replace(read_run(run), baselines=part_sum(json.loads(text))))
    stored: Json = json.loads(text)
    return stored, time.monotonic() - began


def _calibrated(setup: Setup, step: int) -> tuple[nn.Module, Encoders]:
    saved = checkpoint.load(setup.run / "checkpoints", step)
    setup.network.load_state_dict(saved.network)
    setup.network.eval()
    encoders = setup.trainer.objective.calibrated(setup.splits.encoders)
    keep_encoders(encoders, setup.run)
    # a new network: calibrated encoders may add to it, such as offsets of quantiles
    network: nn.Module = setup.family.model.network(setup.config, encoders).to(setup.trainer.device)
    checkpoint.into(network, saved.network, setup.run)
    return network.eval(), encoders


def keep_encoders(encoders: Encoders, run: Path) -> None:
    """Write the encoders of a run, and their sum into its record."""
    text = json.dumps(encoders.to_json())
    write_text(run / "encoders" / "encoders.json", f"{text}\n")
    write_run(run, replace(read_run(run), encoders=part_sum(json.loads(text))))
