"""Rows in and out of the command `forecast`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.series import Series
from seqtool.errors import NotFound, UsageError
from seqtool.task import DataFile

BARS = "▁▂▃▄▅▆▇█"


def cut_at(series: Series, stamp: str | None) -> Series:
    """Return the rows up to and with `stamp`; raises `UsageError` when no row bears it."""
    if stamp is None:
        return series
    stamps = series.stamps()
    if stamp not in stamps:
        raise UsageError(
            f"no row is stamped {stamp!r}",
            where=f"{stamps[0]} to {stamps[-1]}",
            cure="--at a stamp of the table",
        )
    stop = stamps.index(stamp) + 1
    times = None if series.times is None else series.times[:stop]
    return replace(series, values=series.values[:stop], times=times)


def align(series: Series, wanted: Sequence[str]) -> Series:
    """Put the columns into the order of the model; raises `UsageError` when they are others.

    A single series may bear any name.
    """
    if len(wanted) == len(series.columns) == 1:
        return series
    if set(series.columns) != set(wanted):
        raise UsageError(
            f"the model forecasts {', '.join(wanted)}; the table gives {', '.join(series.columns)}",
            cure="give the columns it was trained on, several files as LABEL=FILE",
        )
    order = [series.columns.index(name) for name in wanted]
    return replace(series, columns=tuple(wanted), values=series.values[:, order])


def matching(found: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Choose the columns of a table for a model: by name where they are there, else the last ones where the table
    has no names."""
    by_name = {name.lower(): name for name in found}
    if all(name.lower() in by_name for name in wanted):
        return tuple(by_name[name.lower()] for name in wanted)
    nameless = [name for name in found if name.startswith("column_")]
    if len(nameless) == len(found) >= len(wanted):
        return tuple(found[-len(wanted) :])
    if len(wanted) == 1:
        return ()  # one series: whatever `clean` finds
    raise UsageError(
        f"the table has no columns {', '.join(wanted)}",
        where=f"found: {', '.join(found)}",
        cure="name the columns as in training",
    )


def trained_on(manifest: Any, model: Path) -> tuple[DataFile, ...]:
    """Find the data that a model was trained on: its source, its task's sample, or the files its run remembers."""
    if manifest.data.get("source") or manifest.data.get("sample"):
        from seqtool.data.choose import recall
        from seqtool.plugins import load_task

        return recall(load_task(manifest.task), {**manifest.data, "paths": []}).files
    run = model.parent / "run.json"
    try:
        remembered = json.loads(run.read_text(encoding="utf-8"))["data"]
    except (OSError, ValueError, KeyError) as error:
        raise NotFound("nothing to continue", where=str(model), cure="pipe a table in, or give --data FILE") from error
    labels = [file["label"] for file in remembered["files"]]
    return tuple(DataFile(Path(path), label) for path, label in zip(remembered["paths"], labels, strict=True))


def sparkline(values: NDArray[np.float64], width: int = 60) -> str:
    """Draw values [N] as a line of blocks."""
    chosen = values[np.linspace(0, len(values) - 1, min(width, len(values))).round().astype(int)]
    low, high = float(chosen.min()), float(chosen.max())
    share = (chosen - low) / (high - low) if high > low else np.full(len(chosen), 0.5)
    return "".join(BARS[round(float(one) * (len(BARS) - 1))] for one in share)
