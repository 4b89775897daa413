"""Runs side by side: what differs, what they scored, what they cost, and when their scores cannot be compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqtool.report.compared import Compared
from seqtool.report.family_scores import Rows, part_words, same_unit, score_rows, scored_on
from seqtool.report.plots import several_curves
from seqtool.report.tables import columns, cut, cut_middle

WIDTH = 100
"""Characters of a line that a table of up to four runs keeps to."""
NARROWEST = 8
NONE = "-"


def common_split(runs: Sequence[Compared]) -> str:
    """Return the split to show: test where every run that has scores has those, else validation."""
    scored = [run for run in runs if run.scores]
    return "test" if scored and all("test" in run.scores for run in scored) else "validation"


def tables(runs: Sequence[Compared], split: str) -> list[str]:
    """Return the lines of one table in three parts: differences of configuration, scores of `split`, cost."""
    parts = {
        "differences": _different(runs),
        f"{split} scores": [score_rows(run, split) for run in runs],
        "cost": [_cost(run) for run in runs],
    }
    labels = [label for found in parts.values() for rows in found for _, label in rows]
    first = max(map(len, [*parts, *labels]))
    room = max(NARROWEST, (WIDTH - first) // len(runs) - 2)
    cells: list[list[str]] = []
    for title, found in parts.items():
        cells += [[""] * (1 + len(runs))] * bool(cells) + [[title, *_names(runs, room)], *_aligned(found, room)]
    return columns(cells)


def records(runs: Sequence[Compared], split: str) -> list[dict[str, Any]]:
    """Return one JSON object a run: settings that differ, scores of `split` (None without), cost."""
    different = _different_settings(runs)
    return [
        {
            "run": run.name, "task": run.task, "preset": run.preset, "seed": run.seed, "data": run.data,
            "configuration": {name: run.settings[name] for name in different if name in run.settings},
            "scores": run.scores.get(split), "cost": dataclasses.asdict(run.cost),
        }
        for run in runs
    ]  # fmt: skip


def picture(runs: Sequence[Compared], path: Path) -> Path:
    """Draw the loss curves of all runs into one picture; raises `MissingExtra` without matplotlib."""
    unit = "loss (network units)" if _one_unit(runs) else "loss (the runs' units differ)"
    return several_curves({run.name: run.metrics for run in runs}, path, unit)


def warnings(runs: Sequence[Compared], split: str) -> list[str]:
    """Say which runs have no scores, and why scores or losses cannot be compared."""
    said = [f"{run.name} has no {split} scores: its training has not finished" for run in runs if not run.scores]
    if split == "validation" and any("test" in run.scores for run in runs):
        names = ", ".join(run.name for run in runs if "test" not in run.scores)
        said.append(f"not exported: {names}; so these are the scores of the validation split")
    scored = [run for run in runs if split in run.scores]
    if len({(run.family, run.sums) for run in scored}) > 1:
        said.append("the runs were scored on different data: their scores cannot be compared")
    elif len({scored_on(run, split) for run in scored}) > 1:
        what = part_words(scored[0].family)
        said.append(f"the runs were scored on different {what}: their scores cannot be compared")
    if not _one_unit(runs):
        said.append("the losses are in different units (another task, data or scaling): they cannot be compared")
    return said


def _one_unit(runs: Sequence[Compared]) -> bool:
    return all(same_unit(runs[0], run) for run in runs[1:])


def _aligned(found: Sequence[Rows], room: int) -> list[list[str]]:
    """Lay a part's columns side by side, in order of place: what one run lacks is "-", a long cell is cut."""
    keys = sorted(dict.fromkeys(key for rows in found for key in rows), key=lambda key: key[0])
    cells = [[label, *(cut(rows.get((place, label), NONE), room) for rows in found)] for place, label in keys]
    return cells or [["none", *[""] * len(found)]]


def _names(runs: Sequence[Compared], room: int) -> list[str]:
    """Return the runs' names cut to `room`; numbered in the order given where two would look the same."""
    names = [cut_middle(run.name, room) for run in runs]
    if len(set(names)) == len(names):
        return names
    return [f"{n} {cut_middle(run.name, room - len(f'{n} '))}" for n, run in enumerate(runs, start=1)]


def _different_settings(runs: Sequence[Compared]) -> list[str]:
    names = dict.fromkeys(name for run in runs for name in run.settings)
    return [name for name in names if any(run.settings.get(name) != runs[0].settings.get(name) for run in runs)]


def _different(runs: Sequence[Compared]) -> list[Rows]:
    about = [
        {"task": run.task, "preset": run.preset or NONE, "seed": str(run.seed), "data": _data(run, runs)}
        for run in runs
    ]  # fmt: skip
    keep = [name for name in about[0] if len({one[name] for one in about}) > 1]
    settings = _different_settings(runs)
    return [
        _rows({name: one[name] for name in keep})
        | _rows({name: _setting(run.settings[name]) for name in settings if name in run.settings})
        for one, run in zip(about, runs, strict=True)
    ]


def _rows(cells: Mapping[str, str]) -> Rows:
    """Return cells whose order is their own."""
    return {(0, label): cell for label, cell in cells.items()}


def _data(run: Compared, runs: Iterable[Compared]) -> str:
    """Return the name of a run's data; with its sums where another run has other data of that name."""
    name: str = run.data["name"]
    same_name = {other.sums for other in runs if other.data["name"] == name}
    return name if len(same_name) == 1 else " ".join([*(sha256[:8] for _, sha256 in run.sums), name])


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(str, value)) or NONE
    return str(value) if value != "" else NONE


def _cost(run: Compared) -> Rows:
    cost = run.cost
    rows = {"training": f"{cost.seconds:,.1f} s", "steps": f"{cost.steps:,}", "best step": f"{cost.best_step:,}"}
    if cost.parameters is not None:
        rows |= {"parameters": f"{cost.parameters:,}", "model file, bytes": f"{cost.bytes:,}"}
    return _rows(rows)
