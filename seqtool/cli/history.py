"""Where `forecast` takes the table from that it continues."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqtool.cli.options import data_files
from seqtool.errors import DataError, UsageError

if TYPE_CHECKING:
    from seqtool.data.series import Series


def read_history(columns: Sequence[str], words: list[str] | None, manifest: Any, path: Path) -> Series:
    """Read the series of a model's columns [F] from --data, else from a pipe, else from what it was trained on.

    Raises `DataError` or `UsageError` where that is no table of them, `NotFound` where there is nothing.
    """
    from seqtool.families.forecasting import history

    if words == ["-"] or (not words and _piped()):
        from seqtool.data.text_table import parse_table

        return history.from_table(parse_table(_standard_input()), columns, manifest.config, "standard input")
    files = data_files(words) if words else history.trained_on(manifest, path)
    if any(str(file.path) == "-" for file in files):
        raise UsageError("standard input cannot be joined with files", cure="give one table, or files only")
    return history.from_files(files, columns, manifest.config)


def _piped() -> bool:
    """True where something was piped or redirected into us; a terminal or /dev/null is no table."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def _standard_input() -> str:
    raw = sys.stdin.buffer.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError("standard input is not valid UTF-8", cure="convert it with iconv") from error
    if not text.strip():
        raise DataError("standard input is empty", cure="pipe a table, or </dev/null to continue its training data")
    return text
