"""Write each evaluation of a training as TensorBoard scalars under `<run>/tensorboard/`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqtool import hookimpl

# TensorBoard draws the tags of one folder side by side
TAGS = {"train_loss": "loss/training", "loss": "loss/validation"}
OF_TRAINING = {"learning_rate", "gradient_norm", "tokens_per_second"}
NO_FIGURES = {"step", "epoch", "seconds", "best", "best_step", "total"}

_writers: dict[Path, Any] = {}


@hookimpl
def run_event(event: str, run: Path, values: Mapping[str, Any]) -> None:
    """Open at "start", write at "epoch" (an evaluation), close at "end", interrupted or not.

    What is raised here ends this extension, not the training: seqtool says so once and goes on.
    """
    if event == "start":
        _writers[run] = _open(run / "tensorboard")
    elif event == "epoch":
        _write(_writers[run], values["step"], dict(_figures(values)))
    elif event == "end":
        _writers.pop(run).close()


def _figures(values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in values.items():
        if name not in NO_FIGURES:
            yield TAGS.get(name, name if name in OF_TRAINING else f"validation/{name}"), value


def _open(folder: Path) -> Any:
    # imported here: a program that only lists its plugins need not load it
    from tensorboardX import RecordWriter
    from tensorboardX.proto.event_pb2 import Event

    folder.mkdir(exist_ok=True)  # a resumed run adds a file: TensorBoard joins them
    writer = RecordWriter(str(folder / f"events.out.tfevents.{time.time_ns()}"))
    writer.write(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
    return writer


def _write(writer: Any, step: int, figures: Mapping[str, float]) -> None:
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary

    scalars = [Summary.Value(tag=tag, simple_value=value) for tag, value in figures.items()]
    writer.write(Event(wall_time=time.time(), step=step, summary=Summary(value=scalars)).SerializeToString())
    writer.flush()  # a training that is killed has written all that it has evaluated
