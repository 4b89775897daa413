"""The folder of a new run, which is gone again where nothing was trained."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from seqtool import runs
from seqtool.errors import SeqtoolError
from seqtool.locks import alone


@contextlib.contextmanager
def fresh(task: str, out: Path | None) -> Iterator[Path]:
    """Make the folder of a new run, which is then the newest; a failure before its first checkpoint undoes both.

    Raises what `runs.new_folder` raises.
    """
    began, there = runs.RUNS.exists(), out is not None and out.exists()
    folder = runs.new_folder(task, out)
    before: str | None = None
    with alone(folder / runs.WRITER, runs.BUSY):
        try:
            before = runs.latest()["run"]
            runs.note_run(folder)
            yield folder
        except BaseException:
            if not (folder / "checkpoints" / "index.json").exists():
                shutil.rmtree(folder, ignore_errors=True)
                if there:
                    folder.mkdir()
                _forget(folder, before, began)
            raise


def _forget(folder: Path, before: str | None, began: bool) -> None:
    """Make the run `before` the newest again, where no other has become so; began: whether runs/ was there."""
    with contextlib.suppress(SeqtoolError):  # a damaged list was said already
        runs.unnote_run(folder, before)
    if not began:
        with contextlib.suppress(OSError, SeqtoolError):  # another training may have begun
            if runs.latest() == {"run": None, "models": []}:
                (runs.RUNS / "latest.json").unlink(missing_ok=True)
            runs.RUNS.rmdir()
