"""`seqtool score`: how likely each line is, a line out for each line in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from seqtool.cli.options import DeviceOption, JsonOption, StrictOption, ThreadsOption
from seqtool.cli.output import note
from seqtool.cli.verbs import ModelOption, TaskArgument, open_runner

if TYPE_CHECKING:
    from seqtool.families.generation.runner import Runner as LanguageRunner
    from seqtool.families.translation.runner import Runner as PairRunner


def command(
    task: TaskArgument = None,
    model: ModelOption = None,
    json: JsonOption = False,
    strict: StrictOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    r"""Score each line of a pipe: nats, bits per character and perplexity, a tab between them; all lines on stderr.

    To a language model a line is a text: its first symbol is taken as given, a line end within it is written as \n and
    a backslash as \\. To a translator it is a pair: a source, a tab and its translation.
    """
    _, opened, runner = open_runner(("generation", "translation"), model, task, device, threads)
    answer = _pairs if opened.manifest.family == "translation" else _texts
    answer(runner, json=json, strict=strict)


def _texts(runner: LanguageRunner, *, json: bool, strict: bool) -> None:
    from seqtool.cli.generate import tell_unseen
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
        if scores.totals.lines:
            note(scores.totals.summary())


def _pairs(runner: PairRunner, *, json: bool, strict: bool) -> None:
    from seqtool.cli.pipe import answer_pipe
    from seqtool.cli.translate import tell_unknown
    from seqtool.families.translation.pair_scores import PairScores
    from seqtool.families.translation.texts import Sources

    sources = Sources(runner)
    scores = PairScores(runner, sources, json=json)
    if sys.stdin.isatty():
        note("each line is scored: a source, a tab, its translation")
    try:
        answer_pipe(scores.verb(), json=json, strict=strict)
    finally:
        tell_unknown(sources)
        if scores.totals.lines:
            note(scores.totals.summary())
