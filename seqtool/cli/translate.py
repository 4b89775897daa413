"""`seqtool translate`: a line in, its translation out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seqtool.cli.options import DeviceOption, JsonOption, StrictOption, ThreadsOption, need_plots
from seqtool.cli.output import note, warn
from seqtool.cli.verbs import ModelOption, TaskArgument, open_runner
from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.families.translation.answers import Lines
    from seqtool.families.translation.runner import Runner
    from seqtool.families.translation.texts import Sources

BeamOption = Annotated[
    int, typer.Option(help="hypotheses followed side by side: more is slower, often better; 1: greedy")
]
PenaltyOption = Annotated[
    float,
    typer.Option(help="log p of a translation is divided by its length to this power; 0: short ones win, 2: long ones"),
]
LongestOption = Annotated[
    int, typer.Option("--max-length", help="tokens of a translation at most; 0: twice those of its source and 10")
]
ScoresOption = Annotated[
    bool, typer.Option("--scores", help="a tab and the score behind each translation; nearer 0: surer")
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace-unknown", help="write the word of the source for a word that the model does not know")
]
PlotOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE.png", help="draw what the first translation looked at; the model needs attention"),
]
BestOption = Annotated[int, typer.Option(metavar="N", help="the N best, or N samples, in an object (needs --json)")]
AlignmentOption = Annotated[
    bool, typer.Option("--alignment", help="where in the source each token looked most (needs --json)")
]
SampleOption = Annotated[bool, typer.Option("--sample", help="draw translations, do not search (needs --json)")]
TemperatureOption = Annotated[float | None, typer.Option(help="of --sample (left out: 1); below 1: likelier tokens")]
SeedOption = Annotated[int | None, typer.Option(help="of --sample (left out: 0): another seed, other translations")]

SAMPLES = 10_000
"""Of a line, at most: they are all in memory at the same time."""


def command(
    task: TaskArgument = None,
    model: ModelOption = None,
    beam: BeamOption = 5,
    length_penalty: PenaltyOption = 1.0,
    max_length: LongestOption = 0,
    scores: ScoresOption = False,
    replace_unknown: ReplaceOption = False,
    attention_plot: PlotOption = None,
    n_best: BestOption = 0,
    alignment: AlignmentOption = False,
    sample: SampleOption = False,
    temperature: TemperatureOption = None,
    seed: SeedOption = None,
    json: JsonOption = False,
    strict: StrictOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    """Translate each line of a pipe, a sentence: a line out for each line in.

    seqtool translate < letters.de > letters.en

    --sample needs a model exported with --sampling; --alignment, --attention-plot and --replace-unknown one exported
    with --attention.
    """
    _refuse(n_best, beam, sample=sample, json=json, drawn={"--temperature": temperature, "--seed": seed})
    for name, given in (("--n-best", n_best), ("--alignment", alignment), ("--sample", sample)):
        if given and not json:
            raise UsageError(f"{name} answers by objects: it needs --json", cure=f"add --json, or leave {name} out")
    if attention_plot is not None:
        need_plots()
    _, _, runner = open_runner("translation", model, task, device, threads)
    from seqtool.families.translation.answers import Lines, Wanted
    from seqtool.families.translation.runner import Request
    from seqtool.families.translation.texts import Sources

    looking = {"--alignment": alignment, "--attention-plot": attention_plot, "--replace-unknown": replace_unknown}
    _needs(runner, looking, sample=sample, replace=replace_unknown)
    request = Request(beam, length_penalty, max_length, 1.0 if temperature is None else temperature, seed or 0)
    runner.check(request)
    wanted = Wanted(
        scores=scores, best=n_best, alignment=alignment, replaced=replace_unknown, sampled=sample,
        pictured=attention_plot is not None, json=json,
    )  # fmt: skip
    sources = Sources(runner, runner.room(request))
    _answer(Lines(runner, sources, request, wanted), sources, attention_plot, json=json, strict=strict)


def tell_unknown(sources: Sources) -> None:
    """Say what of the lines the model does not know."""
    if sources.unseen:
        total, most = sum(sources.unseen.values()), sources.unseen.most_common(8)
        more = len(sources.unseen) - len(most)
        named = ", ".join(repr(one) for one, _ in most) + (f" and {more:,} others" if more else "")
        times = "once" if total == 1 else f"{total:,} times"
        warn(f"{times} read as unknown, because the model's vocabulary lacks it: {named}")


def _refuse(best: int, beam: int, *, sample: bool, json: bool, drawn: Mapping[str, object]) -> None:
    """Raise `UsageError` for options that do not go together."""
    what, most, more = ("samples", SAMPLES, "") if sample else (f"a beam of {beam}", beam, ", or a larger --beam")
    if best < 0 or best > max(most, 1):
        raise UsageError(f"--n-best {best} of {what} cannot be", cure=f"--n-best 1 to {most}{more}")
    for name, value in drawn.items():
        if value is not None and not sample:
            raise UsageError(f"{name} is for drawn translations", cure=f"add --sample --json, or leave {name} out")


def _needs(runner: Runner, looking: Mapping[str, object], *, sample: bool, replace: bool) -> None:
    """Raise `UsageError` for what the file was not exported for."""
    for name, wanted in looking.items():
        if wanted and not runner.attends:
            raise UsageError(
                f"{name}: this file does not tell what it looks at",
                cure="seqtool export --attention, then -m that file",
            )
    if sample and not runner.samples:
        raise UsageError("this file searches, it does not draw", cure="seqtool export --sampling, then -m that file")
    if replace and runner.target.kind == "subwords":
        raise UsageError(
            "this model spells words by their pieces: none is unknown as a whole", cure="leave --replace-unknown out"
        )


def _answer(lines: Lines, sources: Sources, plot: Path | None, *, json: bool, strict: bool) -> None:
    from seqtool.cli.pipe import answer_pipe

    try:
        answer_pipe(lines.verb(), hint="each line is translated", json=json, strict=strict)
    finally:
        tell_unknown(sources)
    if plot is not None:
        _draw(lines, plot)


def _draw(lines: Lines, plot: Path) -> None:
    from seqtool.report.attention import picture

    if lines.first is None:
        warn("no line was translated: there is no picture")
        return
    number, seen = lines.first
    picture(seen.attention, seen.source, seen.target, plot)
    note(f"picture of line {number}: {plot}")
