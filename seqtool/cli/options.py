"""Options that several commands share, and what they mean."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from seqtool.cli import complete
from seqtool.errors import MissingExtra

if TYPE_CHECKING:
    from seqtool.task import DataFile, Side, Task
    from seqtool.task_config import TaskConfig

Device = Literal["auto", "cpu", "cuda"]

DataOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[LABEL=]FILE",
        help="your own data file; repeat it to join several; LABEL names the column of one, or its part: train, "
        "validation, test",
    ),
]
SrcOption = Annotated[
    list[str] | None,
    typer.Option(
        "--src",
        metavar="[PART=]FILE",
        help="file of source sentences, one a line, with --tgt in place of --data; repeatable; PART: train, "
        "validation, test, or vocabulary for a file of words",
    ),
]
TgtOption = Annotated[
    list[str] | None,
    typer.Option("--tgt", metavar="[PART=]FILE", help="file of their translations, in the same lines"),
]
SIDES = ("src", "tgt")
"""The two, for commands of tasks whose records are no pairs."""
SampleOption = Annotated[bool, typer.Option("--sample", help="use the built-in sample: small, simulated, no download")]
PresetOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help='preset to start from (left out: "default" where the task has it)',
        autocompletion=complete.presets,
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="TOML file of configuration, stronger than the preset")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="set one field of the configuration; repeatable"),
]
ModelArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[MODEL]",
        help="model file, run folder or task (left out: the newest)",
        autocompletion=complete.models_and_runs,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object a line")]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="stop at the first line that cannot be used, with exit code 2")
]
DeviceOption = Annotated[Device, typer.Option(help="where to compute; cuda is a demand")]
ThreadsOption = Annotated[
    int | None,
    typer.Option(min=0, metavar="INTEGER", help="processor threads; 0 or left out: as many as help"),
]


def data_files(
    words: Sequence[str] | None, src: Sequence[str] | None = None, tgt: Sequence[str] | None = None
) -> tuple[DataFile, ...]:
    """Read `FILE` and `LABEL=FILE` words of --data, --src and --tgt; a path that exists as it stands has no label."""
    given: list[tuple[Side, str]] = [("", word) for word in words or ()]
    given += [("source", word) for word in src or ()]
    given += [("target", word) for word in tgt or ()]
    return tuple(_data_file(word, side) for side, word in given)


def _data_file(word: str, side: Side) -> DataFile:
    from seqtool.task import DataFile

    label, equals, path = word.partition("=")
    if not equals or not label or os.sep in label or Path(word).exists():
        return DataFile(Path(word), side=side)
    return DataFile(Path(path), label, side=side)


def default_preset(task: Task) -> str:
    """Return "default" when the task ships such a preset, else ""."""
    from seqtool import config

    return "default" if "default" in config.preset_files(task.presets) else ""


def preset_values(task: Task) -> dict[str, Any]:
    """Return the fields that the task's default preset sets, {} without one."""
    from seqtool import config

    name = default_preset(task)
    values = config.read_toml(config.preset(task.presets, name)) if name else {}
    return {key.replace("-", "_"): value for key, value in values.items()}


def configure(
    task: Task,
    *,
    preset: str | None,
    file: Path | None,
    assignments: Sequence[str] | None,
    options: Mapping[str, Any],
) -> tuple[TaskConfig, str]:
    """Merge preset, file, assignments and options; return the configuration and preset name ("" for none).

    Raises `UsageError` naming every fault, `NotFound` when `file` is not there.
    """
    from seqtool import config

    name = default_preset(task) if preset is None else preset
    path = config.preset(task.presets, name) if name else None
    merged = config.load(task.config, preset=path, file=file, assignments=tuple(assignments or ()), options=options)
    return merged, name


def need_plots() -> None:
    """Raise `MissingExtra` where matplotlib is not installed, before any work is done."""
    import importlib.util

    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtra("plots need matplotlib", cure='pip install "seqtool[train]"')
