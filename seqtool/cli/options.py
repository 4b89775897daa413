"""Options that several commands share, and what they mean."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from seqtool.errors import DataError, MissingExtra
from seqtool.machine import MOST_THREADS

if TYPE_CHECKING:
    from seqtool.reads import DataFile, Side

TRAINING = ("torch", "onnx", "safetensors")
SIDES = ("src", "tgt")
"""The options that only tasks on pairs have."""


def offered_tasks(incomplete: str) -> list[str]:
    """Return what the shell offers for a task."""
    from seqtool.cli import complete  # only a person who presses Tab needs it

    return complete.tasks(incomplete)


def offered_models(incomplete: str) -> list[str]:
    """Return what the shell offers for a model file or a run folder."""
    from seqtool.cli import complete

    return complete.models_and_runs(incomplete)


_DATA = (
    "your own data file; repeat the option to join several; LABEL: the name of its column, or the part that it is: "
    "train, validation or test"
)
DataOption = Annotated[list[str] | None, Option(metavar="[LABEL=]FILE", help=_DATA)]
_SRC = (
    "file of source sentences, one a line, given with --tgt in place of --data; repeatable; PART: train, validation, "
    "test, or vocabulary for a file of words"
)
SrcOption = Annotated[list[str] | None, Option("--src", metavar="[PART=]FILE", help=_SRC)]
_TGT = "file of their translations, on the same lines"
TgtOption = Annotated[list[str] | None, Option("--tgt", metavar="[PART=]FILE", help=_TGT)]
_MODEL = "model file, run folder or task (left out: the newest model)"
ModelArgument = Annotated[str | None, Argument(metavar="[MODEL]", help=_MODEL, autocompletion=offered_models)]
# The names of flags are spelled out: Typer would add --no-json and --no-strict.
JsonOption = Annotated[bool, Option("--json", help="write one JSON object a line")]
StrictOption = Annotated[bool, Option("--strict", help="stop with exit code 2 at the first line that cannot be used")]
_DEVICE = "where to compute; auto: on a GPU if there is one; cuda: on a GPU, or stop"
DeviceOption = Annotated[Literal["auto", "cpu", "cuda"], Option(help=_DEVICE)]
_THREADS = "processor threads; 0 or left out: as many as are useful"
ThreadsOption = Annotated[int | None, Option(min=0, max=MOST_THREADS, metavar="INTEGER", help=_THREADS)]
_ISOLATE = "run the model, a stranger's perhaps, in a process of its own: 2 GB of memory, 60 s a call"
IsolateOption = Annotated[bool, Option("--isolate", help=_ISOLATE)]
_LIMIT = "the most seconds that loading the model and each call of it may take (implies --isolate)"
TimeLimitOption = Annotated[float | None, Option("--time-limit", metavar="SECONDS", help=_LIMIT, show_default=False)]

_NO_REPEAT = "let no N symbols (tokens, as the model has them) come twice in a row of text; 0: off"
NoRepeatOption = Annotated[int, Option("--no-repeat", metavar="N", help=_NO_REPEAT)]
_REPETITION = "make symbols that were written before less likely: divide their scores by this number; 1: off"
RepetitionOption = Annotated[float, Option("--repetition-penalty", help=_REPETITION)]
_BAN = "a file of texts, one a line, that no answer contains, not even within a word"
BanOption = Annotated[Path | None, Option(metavar="FILE", help=_BAN)]


def banned_in(file: Path | None) -> tuple[str, ...]:
    """Return the texts in a file of --ban; raises what `read_lines` raises, and `DataError` where there are none."""
    if file is None:
        return ()
    from seqtool.data.decode import read_lines  # few pipes ban anything
    from seqtool.families.rules import bans

    if not (texts := bans(read_lines(file).records)):
        raise DataError("there are no texts in it", where=str(file), cure="give a text a line, or leave --ban out")
    return texts


def data_files(
    data: Sequence[str] | None, src: Sequence[str] | None = None, tgt: Sequence[str] | None = None
) -> tuple[DataFile, ...]:
    """Return the files of --data, --src and --tgt, each written as `FILE` or `LABEL=FILE`."""
    sides: dict[Side, Sequence[str] | None] = {"": data, "source": src, "target": tgt}
    return tuple(_data_file(word, side) for side, words in sides.items() for word in words or ())


def _data_file(word: str, side: Side) -> DataFile:
    from seqtool.reads import DataFile

    label, equals, path = word.partition("=")
    if not equals or not label or os.sep in label or Path(word).exists():  # a file may be called a=b.csv
        return DataFile(Path(word), side=side)
    return DataFile(Path(path), label, side=side)


def require(what: str, *libraries: str) -> None:
    """Raise `MissingExtra` where a library is not installed, before any work is done; imports none of them."""
    import importlib.util  # a pipe needs no extra

    missing = [name for name in libraries if importlib.util.find_spec(name) is None]
    if missing:
        where = f"not installed: {', '.join(missing)}"
        raise MissingExtra(what, where=where, cure='pip install "seqtool[train]"')


def require_plots() -> None:
    """Raise `MissingExtra` where matplotlib is not installed."""
    require("plots need matplotlib", "matplotlib")
