"""`seqtool score`: how likely each line is, a line out for each line in."""

from __future__ import annotations

import sys

from seqtool.cli.generate import tell_unseen
from seqtool.cli.options import DeviceOption, JsonOption, StrictOption, ThreadsOption
from seqtool.cli.output import note
from seqtool.cli.verbs import ModelOption, TaskArgument, open_runner


def command(
    task: TaskArgument = None,
    model: ModelOption = None,
    json: JsonOption = False,
    strict: StrictOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    r"""Score each line of a pipe: nats, bits per character and perplexity, a tab between them; all lines on stderr.

    The first symbol of a line is taken as given. A line end within it is written as \n and a backslash as \\.
    """
    _, _, runner = open_runner("generation", model, task, device, threads)
    from seqtool.cli.pipe import answer_pipe
    from seqtool.families.generation.answers import Prompts, Scores

    prompts = Prompts(runner)
    scores = Scores(runner, prompts, json=json)
    if sys.stdin.isatty():
        note("each line is scored")
    try:
        answer_pipe(scores.verb(), json=json, strict=strict)
    finally:
        tell_unseen(prompts)
        if scores.lines:
            note(scores.summary())
