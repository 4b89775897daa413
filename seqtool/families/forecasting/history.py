"""The history that a model is to continue: from a pipe, from files, or from what it was trained on.

The columns are chosen by one rule wherever the table comes from: by the model's names where they are all
there; a single series may bear any name that is found as in training.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqtool.data.long_table import series_names
from seqtool.data.series import Series, TextTable, clean, stamped
from seqtool.errors import NotFound, UsageError

if TYPE_CHECKING:
    from seqtool.task import DataFile

USUAL = ("close", "value", "y")


def from_table(table: TextTable, columns: Sequence[str], config: Mapping[str, Any], where: str) -> Series:
    """Make one table into the history of a model of `columns`, trained with `config`."""
    time_column, id_column = (_there(table, config.get(name, "")) for name in ("time_column", "id_column"))
    found = series_names(table, id_column) if id_column else tuple(table)
    chosen = _matching(found, columns)
    series = clean(
        table,
        columns=chosen,
        preferred=USUAL,
        time_column=time_column,
        id_column=id_column,
        where=where,
        for_training=False,
    )
    if len(chosen) == len(series.columns) > 1:
        return replace(series, columns=tuple(columns))  # in the model's order, maybe in another spelling
    return _align(series, columns)


def _there(table: TextTable, name: str) -> str:
    """Return a column's own spelling, "" where there is none of that name."""
    return next((column for column in table if column.casefold() == name.casefold()), "")


def from_files(files: Sequence[DataFile], columns: Sequence[str], config: Mapping[str, Any]) -> Series:
    """Read one file, or join several as the training did."""
    from seqtool.data.tables import read_series, read_table

    if len(files) == 1:
        series = from_table(read_table(files[0].path), columns, config, str(files[0].path))
        return stamped(series, files[0].start, files[0].step)
    series = read_series(
        files,
        columns=config.get("columns", ()),
        preferred=USUAL,
        time_column=config.get("time_column", ""),
        id_column=config.get("id_column", ""),
        for_training=False,
    )
    return _align(series, columns)


def _align(series: Series, wanted: Sequence[str]) -> Series:
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


def _matching(found: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Choose columns by name; the last ones of a table without names; () to let `clean` find a single series."""
    by_name = {name.lower(): name for name in found} | {name: name for name in found}
    matched = [by_name.get(name, by_name.get(name.lower(), "")) for name in wanted]
    if all(matched):
        return tuple(matched)
    nameless = all(name.startswith("column_") for name in found)
    if nameless and len(found) >= len(wanted):
        return tuple(found[-len(wanted) :])
    if len(wanted) == 1:
        return ()
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
    from seqtool.task import DataFile

    run = model.parent / "run.json"
    try:
        remembered = json.loads(run.read_text(encoding="utf-8"))["data"]
        labels = [file["label"] for file in remembered["files"]]
        return tuple(DataFile(Path(path), label) for path, label in zip(remembered["paths"], labels, strict=True))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotFound("nothing to continue", where=str(model), cure="pipe a table in, or give --data FILE") from error
