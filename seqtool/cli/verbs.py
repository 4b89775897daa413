"""What the verbs that run a model file share: their options, the model, the pipe."""

from __future__ import annotations

import dataclasses
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from seqtool.cli.groups import parameters_of, with_parameters
from seqtool.cli.options import (
    DeviceOption,
    IsolateOption,
    JsonOption,
    StrictOption,
    ThreadsOption,
    TimeLimitOption,
    offered_models,
    offered_tasks,
)
from seqtool.say import emit, emit_json, note, stdout, warn

if TYPE_CHECKING:
    from seqtool.families.family import Family
    from seqtool.runtime.records import Record
    from seqtool.runtime.stream import Verb

    Join = Callable[[Iterable[Record | None]], Iterator[Record | None]]

_TASK = "use the newest model of this task"
TaskArgument = Annotated[str | None, Argument(metavar="[TASK]", help=_TASK, autocompletion=offered_tasks)]
_MODEL = Option("-m", "--model", metavar="FILE", help="model file or run folder", autocompletion=offered_models)
ModelOption = Annotated[str | None, _MODEL]


class Call:
    """The options that every verb has, and what they do."""

    def __init__(
        self,
        task: TaskArgument = None,
        model: ModelOption = None,
        json: JsonOption = False,
        strict: StrictOption = False,
        device: DeviceOption = "auto",
        threads: ThreadsOption = None,
        isolate: IsolateOption = False,
        time_limit: TimeLimitOption = None,
    ) -> None:
        self.task, self.model = task, model
        self.json, self.strict = json, strict
        self.device, self.threads = device, threads
        self.isolate, self.time_limit = isolate, time_limit

    def open(self, *families: str) -> tuple[Any, Path]:
        """Open the model; return its runner and its path, and warn of a model of a sample.

        Raises `NotFound` where there is no model, `UsageError` where it is of none of `families` or not of the task,
        and where the word of the task is a file.
        """
        # Not at the top: --help and a usage error need none of these.
        from seqtool.errors import UsageError
        from seqtool.families.family import find
        from seqtool.families.load import find_model, runner_of
        from seqtool.machine import keep_freed_memory
        from seqtool.runtime.model import open_model

        if self.task and os.path.isfile(self.task):  # noqa: PTH113 - Path.is_file raises for a long name
            from seqtool import plugins  # slow, and few files are called like a task

            if self.task not in plugins.names():
                word = "-m" if self.task.endswith(".onnx") else "--data" if "forecasting" in families else "<"
                raise UsageError(f"{self.task} is a file, not a task", cure=f"{word} {self.task}")
        path = find_model(self.model, task=self.task or "", family=families)
        keep_freed_memory()  # here, not in `open_model`: a program that uses that one has a memory of its own
        model = open_model(
            path, device=self.device, threads=self.threads or 0, time_limit=self.time_limit, isolate=self.isolate
        )
        runner = runner_of(model, families)
        manifest = runner.model.manifest
        if self.task and manifest.task != self.task:
            what = f"this is a model of {manifest.task}, not of {self.task}"
            raise UsageError(what, where=str(path), cure=f"leave {self.task} out, or give another -m FILE")
        if manifest.data.get("sample"):
            answers = find(manifest.family).answers
            warn(f"this model was trained on a simulated sample: its {answers} say nothing about real data")
        return runner, path

    def answer(self, verb: Verb, hint: str, join: Join | None = None, *, encoding: str = "") -> None:
        """Answer each line of standard input by one line on standard output, as text or as JSON.

        hint: what a person at a terminal is told to type. join: passes the records on, or makes one of several lines;
        its answer then has as many. encoding: of lines that are not UTF-8. With --strict the first record that is
        refused, cut or not valid UTF-8 raises `DataError`.
        """
        from seqtool.runtime.records import read_records
        from seqtool.runtime.stream import Output, answer_all

        if sys.stdin.isatty():
            note(hint)
        output = Output(write=_write, flush=stdout().flush, say=warn, json=self.json)
        records = read_records(sys.stdin.fileno(), verb.limit, reader_of_output=_pipe_out(), encoding=encoding)
        answer_all(verb, records if join is None else join(records), output, strict=self.strict)


def _write(answer: str | Mapping[str, object]) -> None:
    if isinstance(answer, str):
        emit(answer)
    else:
        emit_json(answer)


def _pipe_out() -> int | None:
    """Return stdout's descriptor where it is a pipe that can be watched."""
    try:
        descriptor = stdout().fileno()
    except OSError:  # a test's stream, which has no descriptor
        return None
    return descriptor if os.name == "posix" and stat.S_ISFIFO(os.fstat(descriptor).st_mode) else None


def verb(function: Callable[..., None]) -> Callable[..., None]:
    """Give `function(call, ...)` the options of `Call`, behind its own ones."""
    specific, shared = parameters_of(function), parameters_of(Call)
    del specific["call"]

    def command(**values: Any) -> None:
        call = Call(**{name: values.pop(name) for name in shared})
        function(call, **values)

    return with_parameters(command, {**specific, **shared}.values(), function.__doc__)


def _held(answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the answers of a plugin's family, held against what a line can be; raises `TypeError` or `ValueError`."""
    from seqtool.runtime.stream import Refusal

    def held(records: Any) -> Any:
        answers = answer(records)
        if isinstance(answers, (str, Mapping)):  # its letters or keys would be taken for answers
            raise TypeError(f"the answers are a {type(answers).__name__}, not a list")
        answers = list(answers)
        for given in answers:
            if not isinstance(given, (str, Mapping, Refusal, type(None))):
                raise TypeError(f"an answer is a {type(given).__name__}, not a text, an object or a Refusal")
            # more than \n ends a line: \r, and what Unicode has
            if isinstance(given, str) and len(f"{given}.".splitlines()) > 1:
                raise ValueError("an answer has a line end: one line answers one line")
        return answers

    return held


def _hold_sizes(verb: Verb) -> None:
    """Raise `ValueError` for a size of a plugin's verb that is no number of anything: -1 would cut a letter off."""
    for name in ("limit", "budget", "window", "workers"):
        size = getattr(verb, name)
        if not isinstance(size, int) or size < 1:
            raise ValueError(f"Verb.{name} is {size!r:.40}, not a whole number above 0")


def verb_of(family: Family) -> Callable[..., None]:
    """Return the command that answers lines by the models of a plugin's family."""

    def command(call: Call) -> None:
        runner, _ = call.open(family.name)
        verb = family.pipe.verb(runner, json=call.json)
        _hold_sizes(verb)
        call.answer(dataclasses.replace(verb, answer=_held(verb.answer)), "each line is answered")

    command.__doc__ = f"Answer each line of a pipe by a {family.name} model: {family.summary}."
    return verb(command)
