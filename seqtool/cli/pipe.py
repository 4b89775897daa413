"""What every verb does with its pipe: standard input through `runtime/stream.py` to standard output."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from seqtool.cli.output import emit, emit_json, note, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from seqtool.runtime.records import Record
    from seqtool.runtime.stream import Verb

    Join = Callable[[Iterable[Record | None]], Iterator[Record | None]]


def answer_pipe(verb: Verb, *, hint: str, json: bool = False, strict: bool = False, join: Join | None = None) -> None:
    """Answer each line of standard input by one line on standard output, as text or as JSON.

    `hint` tells a person at a terminal what to type. With `strict` the first record that is refused, cut or no UTF-8
    raises `DataError`. `join` makes records of several lines; their answers then have as many.
    """
    from seqtool.runtime.records import read_records
    from seqtool.runtime.stream import Output, answer_all

    if sys.stdin.isatty():
        note(hint)
    output = Output(write=emit_json if json else emit, flush=sys.stdout.flush, say=warn, json=json)
    records = read_records(sys.stdin.fileno(), verb.limit, reader_of_output=_pipe_out())
    answer_all(verb, records if join is None else join(records), output, strict=strict)


def _pipe_out() -> int | None:
    """Return stdout's descriptor where it is a pipe that can be watched."""
    try:
        descriptor = sys.stdout.fileno()
    except OSError:  # no real stream: a test's
        return None
    return descriptor if os.name == "posix" and stat.S_ISFIFO(os.fstat(descriptor).st_mode) else None
