"""`seqtool score`: how likely each line is, a line out for each line in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from seqtool.cli.options import DeviceOption, JsonOption, StrictOption, ThreadsOption
from seqtool.cli.output import note
from seqtool.cli.verbs import ModelOption, TaskArgument, open_runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from seqtool.families.generation.answers import Scores
    from seqtool.families.generation.runner import Runner as LanguageRunner
    from seqtool.families.translation.pair_scores import PairScores
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
    made = _pairs(runner, json=json) if opened.manifest.family == "translation" else _texts(runner, json=json)
    from seqtool.cli.pipe import answer_pipe

    try:
        answer_pipe(made.scores.verb(), hint=made.hint, json=json, strict=strict)
    finally:
        made.tell()
        if made.scores.totals.lines:
            note(made.scores.totals.summary())


class _Scoring(NamedTuple):
    """What answers the lines, what a person is told to type, and what says what the model does not know."""

    scores: Scores | PairScores
    hint: str
    tell: Callable[[], None]


def _texts(runner: LanguageRunner, *, json: bool) -> _Scoring:
    from seqtool.cli.generate import tell_unseen
    from seqtool.families.generation.answers import Prompts, Scores

    prompts = Prompts(runner)
    return _Scoring(Scores(runner, prompts, json=json), "each line is scored", lambda: tell_unseen(prompts))


def _pairs(runner: PairRunner, *, json: bool) -> _Scoring:
    from seqtool.cli.translate import tell_unknown
    from seqtool.families.translation.pair_scores import PairScores
    from seqtool.families.translation.texts import Sources

    sources, hint = Sources(runner), "each line is scored: a source, a tab, its translation"
    return _Scoring(PairScores(runner, sources, json=json), hint, lambda: tell_unknown(sources))
