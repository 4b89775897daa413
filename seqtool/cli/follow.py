"""`seqtool forecast --follow`: a line in, a line out, for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.families.forecasting.runner import Runner


def alone(options: Mapping[str, Any]) -> None:
    """Raise `UsageError` where an option was given that cannot go with --follow."""
    for name, value in options.items():
        if value:
            raise UsageError(
                f"--follow reads standard input line by line: {name} cannot go with it", cure="one of them"
            )


def answer_lines(runner: Runner, steps: int, *, json: bool, strict: bool) -> None:
    """Answer each line of standard input by a forecast of `steps`."""
    from seqtool.cli.pipe import answer_pipe
    from seqtool.families.forecasting.follow import verb

    answer_pipe(
        verb(runner, steps, json=json), hint="each line is a row, answered by its forecast", json=json, strict=strict
    )
