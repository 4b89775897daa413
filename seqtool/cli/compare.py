"""`seqtool compare`: runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from seqtool.cli import complete
from seqtool.cli.options import JsonOption
from seqtool.say import emit, emit_json, note, warn

if TYPE_CHECKING:
    from seqtool.report.compared import Scoring

_RUNS = "run folders, two or more"
RunsArgument = Annotated[list[Path], Argument(metavar="RUN RUN...", help=_RUNS, autocompletion=complete.runs)]
_PLOT = "draw the loss curves of all runs (left out: no picture)"
PlotOption = Annotated[Path | None, Option(metavar="FILE.png", help=_PLOT)]


def command(runs: RunsArgument, json: JsonOption = False, plot: PlotOption = None) -> None:
    """Show runs side by side: settings that differ, scores, cost; with --plot their loss curves in one picture.

    The scores are those of the test split where every run was exported, else those of the validation split.
    """
    from seqtool.report import comparison
    from seqtool.report.compared import read

    compared = read(runs, _scoring)
    split = comparison.common_split(compared)
    lines = comparison.tables(compared, split)  # first: damaged scores raise before anything is printed
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


def _scoring(family: str) -> Scoring | None:
    from seqtool.errors import SeqtoolError
    from seqtool.families.family import find

    try:
        return find(family).report
    except SeqtoolError:  # its plugin is gone; settings, cost and curves can still be compared
        return None
