"""Prompts and states in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seqtool.errors import DataError, NotFound
from seqtool.families.generation.runner import Position, Runner
from seqtool.runtime.state import Stream, read_stream, write_stream


def read_prompt(path: Path, most: int) -> str:
    """Read a text of at most `most` characters, in UTF-8; raises `NotFound` or `DataError`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            text = stream.read(most + 1)
    except FileNotFoundError as error:
        raise NotFound("no such prompt file", where=str(path), cure="check the path") from error
    except UnicodeDecodeError as error:
        raise DataError("the prompt is no UTF-8", where=str(path), cure="convert it to UTF-8") from error
    except OSError as error:
        raise DataError(f"cannot read the prompt: {error.strerror}", where=str(path), cure="name a file") from error
    return text


def read_position(runner: Runner, path: Path) -> Position | None:
    """Return where a kept text stands, None where nothing is kept yet; raises as `read_stream` does."""
    if not path.exists():
        return None
    stream = read_stream(path, runner.first_state(), runner.model.sha256)
    symbol, _, step = stream.last.partition(" ")
    if not (symbol.isascii() and symbol.isdigit() and step.isascii() and step.isdigit()):
        raise DataError("the state file is damaged", where=str(path), cure="begin a new one")
    if int(symbol) >= runner.encoder.size:
        raise DataError("the state file is damaged", where=str(path), cure="begin a new one")
    return Position(np.array([int(symbol)]), dict(stream.tensors), int(step))


def keep_position(runner: Runner, path: Path, position: Position) -> None:
    """Write where a text stands: the state before its last symbol, that symbol, and how many were drawn."""
    last = f"{position.last[0]} {position.step}"
    write_stream(path, Stream(position.state, last), runner.model.sha256)
