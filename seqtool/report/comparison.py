"""Runs side by side: what differs, what they scored, what they cost, and when their scores cannot be compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.report.compared import Compared
from seqtool.report.plots import several_curves
from seqtool.report.report import Rows
from seqtool.report.tables import columns, cut, cut_middle
from seqtool.runs import sound
from seqtool.say import listing

if TYPE_CHECKING:
    from seqtool.types import Json

WIDTH = 100  # characters of a line; a table of five or more runs may be wider
NARROWEST = 8  # characters of a column
NONE = "-"


def common_split(runs: Sequence[Compared]) -> str:
    """Return the split to show: test where every run that has scores has those of test, else validation."""
    scored = [run for run in runs if run.scores]
    return "test" if scored and all("test" in run.scores for run in scored) else "validation"


def tables(runs: Sequence[Compared], split: str) -> list[str]:
    """Return the lines of one table in three parts: differences of configuration, scores of `split`, cost."""
    reports = [run.report(split) for run in runs]
    parts: dict[str, Sequence[Rows]] = {
        "differences": _different(runs),
        f"{split} scores": [{} if report is None else report.rows() for report in reports],
        "cost": [_cost(run) for run in runs],
    }
    labels = [label for part in parts.values() for rows in part for _, label in rows]
    first = max(map(len, [*parts, *labels]))
    room = max(NARROWEST, (WIDTH - first) // len(runs) - 2)  # two blanks before each column
    cells: list[list[str]] = []
    for title, part in parts.items():
        if cells:
            cells.append([""] * (1 + len(runs)))
        cells += [[title, *_names(runs, room)], *_aligned(part, room)]
    return columns(cells)


def records(runs: Sequence[Compared], split: str) -> list[Json]:
    """Return one JSON object for each run: settings that differ, scores of `split` (None without), cost."""
    different = _different_settings(runs)
    return [
        {
            "run": run.name, "task": run.task, "preset": run.preset, "seed": run.seed, "data": run.data,
            "configuration": {name: run.settings[name] for name in different if name in run.settings},
            "scores": _shown(run, split), "cost": dataclasses.asdict(run.cost),
        }
        for run in runs
    ]  # fmt: skip


def _shown(run: Compared, split: str) -> Json | None:
    """Return the scores of a split without what they keep for the answers of a file."""
    kept = getattr(run.scoring, "FOR_ANSWERS", ())
    scores = run.scores.get(split)
    return None if scores is None else {name: value for name, value in scores.items() if name not in kept}


def picture(runs: Sequence[Compared], path: Path) -> Path:
    """Draw the loss curves of all runs into one picture; raises `MissingExtra` without matplotlib."""
    unit = "loss (network units)" if _one_unit(runs) else "loss (the runs' units differ)"
    chosen = {run.name: str(run.settings.get("metric", "")) for run in runs}
    return several_curves({run.name: run.metrics for run in runs}, path, unit, chosen)


def warnings(runs: Sequence[Compared], split: str) -> list[str]:
    """Return one sentence for each run without scores, and for each reason why scores or losses cannot be compared."""
    texts = [f"{run.name} has no {split} scores: its training has not finished" for run in runs if not run.scores]
    if split == "validation" and any("test" in run.scores for run in runs):
        names = ", ".join(run.name for run in runs if "test" not in run.scores)
        texts.append(f"not exported: {names}; so these are the scores of the validation split")
    scored = [run for run in runs if split in run.scores]
    if len({(run.family, run.sums) for run in scored}) > 1:
        texts.append("the runs were scored on different data: their scores cannot be compared")
    elif not _measured_alike(scored, split):  # the same files, cut or read in another way
        what = scored[0].scoring.PARTS if scored[0].scoring else "parts of the data"
        texts.append(f"the runs were scored on different {what}: their scores cannot be compared")
    if not _one_unit(runs):
        texts.append(f"the losses are in different units ({_why(runs)}): they cannot be compared")
    return texts


def _why(runs: Sequence[Compared]) -> str:
    """Return why the losses of runs are in different units."""
    first = runs[0]
    if any((first.family, first.task, first.sums) != (run.family, run.task, run.sums) for run in runs):
        return "another task, data or scaling"
    units = [name for name in getattr(first.scoring, "UNITS", ()) if name in _different_settings(runs)]
    return f"other {listing([name.replace('_', ' ') for name in units])}" if units else "another task, data or scaling"


def _measured_alike(runs: Sequence[Compared], split: str) -> bool:
    # read from files: the values may have no hash
    return all(_measured_on(run, split) == _measured_on(runs[0], split) for run in runs[1:])


def _measured_on(run: Compared, split: str) -> object:
    report = run.report(split)
    with sound("encoders/encoders.json", run.folder):
        return None if report is None else report.measured_on(run)


def _one_unit(runs: Sequence[Compared]) -> bool:
    return all(_same_unit(runs[0], run) for run in runs[1:])


def _same_unit(first: Compared, second: Compared) -> bool:
    """Whether the losses of two runs may share an axis."""
    # A task may have a loss of its own, and other data have another scale.
    if (first.family, first.task, first.sums) != (second.family, second.task, second.sums):
        return False
    if first.scoring is None:
        return first.encoders == second.encoders
    with sound("encoders/encoders.json", first.folder, second.folder):
        return first.scoring.same_unit(first, second)


def _aligned(part: Sequence[Rows], room: int) -> list[list[str]]:
    """Lay a part's columns side by side, in order of place: "-" where a run lacks a row, long cells cut."""
    # A stable sort: rows of one place stay in the order in which the first run has them.
    keys = sorted(dict.fromkeys(key for rows in part for key in rows), key=lambda key: key[0])
    cells = [[label, *(cut(rows.get((place, label), NONE), room) for rows in part)] for place, label in keys]
    return cells or [["none", *[""] * len(part)]]


def _names(runs: Sequence[Compared], room: int) -> list[str]:
    """Return the runs' names cut to `room`; with numbers where two would look the same."""
    names = [cut_middle(run.name, room) for run in runs]
    if len(set(names)) == len(names):
        return names
    return [f"{n} {cut_middle(run.name, room - len(f'{n} '))}" for n, run in enumerate(runs, start=1)]


def _different_settings(runs: Sequence[Compared]) -> list[str]:
    names = dict.fromkeys(name for run in runs for name in run.settings)
    return [name for name in names if any(run.settings.get(name) != runs[0].settings.get(name) for run in runs)]


def _different(runs: Sequence[Compared]) -> list[Rows]:
    facts = [
        {"task": run.task, "preset": run.preset or NONE, "seed": str(run.seed), "data": _data(run, runs)}
        for run in runs
    ]  # fmt: skip
    different = [name for name in facts[0] if len({cells[name] for cells in facts}) > 1]
    names = _different_settings(runs)
    settings = [{name: _setting(run.settings[name]) for name in names if name in run.settings} for run in runs]
    return [
        _rows({name: cells[name] for name in different} | extra) for cells, extra in zip(facts, settings, strict=True)
    ]


def _rows(cells: Mapping[str, str]) -> Rows:
    return {(0, label): cell for label, cell in cells.items()}  # of one place: they keep their order


def _data(run: Compared, runs: Sequence[Compared]) -> str:
    """Return the name of a run's data; with its sums where the name stands for different data."""
    name: str = run.data["name"]
    if earlier := run.data.get("earlier"):  # of a model that went on
        name = f"{name} after {', '.join(str(data['name']) for data in earlier)}"
    if len({rival.sums for rival in runs if rival.data["name"] == run.data["name"]}) == 1:
        return name
    return " ".join([*(sha256[:8] for _, sha256 in run.sums), name])


def _setting(value: object) -> str:
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
