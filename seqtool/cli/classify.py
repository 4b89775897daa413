"""`seqtool classify`: a line in, its label and the probability of that out."""

from __future__ import annotations

from typing import Annotated

import typer

from seqtool.cli.options import DeviceOption, JsonOption, StrictOption, ThreadsOption
from seqtool.cli.verbs import ModelOption, TaskArgument, open_runner

EveryOption = Annotated[bool, typer.Option("--all", help="all classes with their probabilities, the most likely first")]
ThresholdOption = Annotated[
    float | None,
    typer.Option(
        metavar="P",
        help="of two classes answer the second only above this probability (left out: the model's own)",
    ),
]


def command(
    task: TaskArgument = None,
    model: ModelOption = None,
    every: EveryOption = False,
    threshold: ThresholdOption = None,
    json: JsonOption = False,
    strict: StrictOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    """Classify each line of a pipe: its label and how probable that is, a tab between them.

    The order of two classes is that of their names: of neg and pos, pos is the second.
    """
    _, _, runner = open_runner("classification", model, task, device, threads)
    from seqtool.cli.pipe import answer_pipe
    from seqtool.families.classification.answers import Classify

    classify = Classify(runner, threshold=runner.decide_at(threshold), every=every, json=json)
    answer_pipe(classify.verb(), hint="each line is classified", json=json, strict=strict)
