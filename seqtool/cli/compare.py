"""`seqtool compare`: runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seqtool.cli import complete
from seqtool.cli.options import JsonOption
from seqtool.cli.output import emit, emit_json, note, warn

RunsArgument = Annotated[
    list[Path],
    typer.Argument(metavar="RUN RUN...", help="run folders, two or more", autocompletion=complete.runs),
]
PlotOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE.png", help="draw the loss curves of all runs (left out: no picture)"),
]


def command(runs: RunsArgument, json: JsonOption = False, plot: PlotOption = None) -> None:
    """Show runs side by side: settings that differ, scores, cost; with --plot their curves in one picture.

    The scores are those of the test split where every run was exported, else those of the validation split.
    """
    from seqtool.report import comparison
    from seqtool.report.compared import read

    compared = read(runs)
    split = comparison.common_split(compared)
    lines = comparison.tables(compared, split)
    for text in comparison.warnings(compared, split):
        warn(text)
    if plot is not None:
        note(f"picture: {comparison.picture(compared, plot)}")
    if json:
        for record in comparison.records(compared, split):
            emit_json(record)
        return
    for line in lines:
        emit(line)
