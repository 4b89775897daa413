"""`--state FILE`: a stream that goes on from call to call."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.cli.output import note, warn
from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.data.series import Series
    from seqtool.families.forecasting.runner import Runner, State
    from seqtool.runtime.state import Stream


def go_on(runner: Runner, series: Series, path: Path) -> tuple[Series, Stream]:
    """Return the rows that the stream has not read and where it stands; a file that is not there begins one.

    Raises `UsageError` where the model carries no state or the file is another's, `DataError` where nothing is new.
    """
    if not runner.stateful:
        raise UsageError(
            "this model carries no state: it reads a window each time",
            cure="leave out --state, or train with --network autoregressive --stateful",
        )
    import numpy as np

    from seqtool.families.forecasting.unread import unread
    from seqtool.runtime.state import Stream, read_stream

    if series.step is None and runner.step is not None:
        series = replace(series, step=np.timedelta64(runner.step, "s"))
    if not path.exists():
        return series, Stream(runner.first_state())
    stream = read_stream(path, runner.first_state(), runner.model.sha256)
    new, lost = unread(series, stream.last)
    if lost:
        warn(f"{lost} steps are missing after {stream.last}: read as missing values")
    note(f"goes on after {stream.last or 'the rows read before'} with {len(new.values)} rows")
    return new, stream


def keep(runner: Runner, path: Path, state: State, read: Series) -> None:
    """Write where the stream stands, once the answer is out."""
    from seqtool.runtime.state import Stream, write_stream

    sys.stdout.flush()
    last = "" if read.times is None else str(read.times[-1])
    write_stream(path, Stream(state, last), runner.model.sha256)
