"""`seqtool translate`: a line in, its translation out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from seqtool.cli.options import BanOption, NoRepeatOption, RepetitionOption, banned_in, require_plots
from seqtool.cli.verbs import Call, verb
from seqtool.errors import UsageError
from seqtool.say import counted, note, warn

if TYPE_CHECKING:
    from seqtool.families.translation.pipe import Lines, Sources

BeamOption = Annotated[int, Option(help="hypotheses kept at each step; more: slower, often better; 1: greedy search")]
_PENALTY = "divide log p of a translation by its length to this power; 0 favours short ones, 2 long ones"
PenaltyOption = Annotated[float, Option(help=_PENALTY)]
LongestOption = Annotated[int, Option(help="most tokens of a translation; 0: twice those of its source, plus 10")]
ScoresOption = Annotated[bool, Option("--scores", help="add a tab and a score to each translation; nearer 0: surer")]
_REPLACE = "write the source's word, or characters, in place of what the model does not know"
ReplaceOption = Annotated[bool, Option("--replace-unknown", help=_REPLACE)]
_PLOT = "draw the attention of the first translation; needs a model exported with --attention"
PlotOption = Annotated[Path | None, Option(metavar="FILE.png", help=_PLOT)]
BestOption = Annotated[int, Option(metavar="N", help="list the N best, or N samples (needs --json); 0: no list")]
_ALIGNMENT = "give for each token the place in the source that it attends to most (needs --json)"
AlignmentOption = Annotated[bool, Option("--alignment", help=_ALIGNMENT)]
_PREFIX = "what every translation begins with"
PrefixOption = Annotated[str, Option(metavar="TEXT", help=_PREFIX)]
_COLUMN = "a line is a source, a tab and what its translation begins with"
ColumnOption = Annotated[bool, Option("--prefix-column", help=_COLUMN)]
_LEAST = "least tokens of a translation, the end not counted"
LeastOption = Annotated[int, Option(metavar="N", help=_LEAST)]
SampleOption = Annotated[bool, Option("--sample", help="draw translations at random, do not search (needs --json)")]
_TEMPERATURE = "temperature of --sample (left out: 1); below 1: likelier tokens; 0: always the likeliest"
TemperatureOption = Annotated[float | None, Option(help=_TEMPERATURE)]
_TOP_K = "let --sample draw among this number of the likeliest tokens (left out, or 0: among all)"
TopKOption = Annotated[int | None, Option(help=_TOP_K)]
_TOP_P = "let --sample draw among the likeliest tokens whose probabilities add up to this share (left out, or 1: all)"
TopPOption = Annotated[float | None, Option(help=_TOP_P)]
SeedOption = Annotated[int | None, Option(help="seed of --sample (left out: 0); another seed, other translations")]


@verb
def command(
    call: Call,
    beam: BeamOption = 5,
    length_penalty: PenaltyOption = 1.0,
    max_length: LongestOption = 0,
    min_length: LeastOption = 0,
    prefix: PrefixOption = "",
    prefix_column: ColumnOption = False,
    no_repeat: NoRepeatOption = 0,
    repetition_penalty: RepetitionOption = 1.0,
    ban: BanOption = None,
    scores: ScoresOption = False,
    replace_unknown: ReplaceOption = False,
    attention_plot: PlotOption = None,
    n_best: BestOption = 0,
    alignment: AlignmentOption = False,
    sample: SampleOption = False,
    temperature: TemperatureOption = None,
    top_k: TopKOption = None,
    top_p: TopPOption = None,
    seed: SeedOption = None,
) -> None:
    """Translate each line of a pipe, a sentence: writes one line for each line.

    seqtool translate < letters.de > letters.en

    --sample needs a model exported with --sampling; --alignment, --attention-plot and --replace-unknown need one
    exported with --attention.
    """
    draws = {"--temperature": temperature, "--top-k": top_k, "--top-p": top_p, "--seed": seed}
    for name, value in draws.items():
        if value is not None and not sample:
            raise UsageError(f"{name} is for drawn translations", cure=f"add --sample --json, or leave {name} out")
    for name, asked in (("--n-best", n_best), ("--alignment", alignment), ("--sample", sample)):
        if asked and not call.json:
            raise UsageError(f"{name} answers by objects: it needs --json", cure=f"add --json, or leave {name} out")
    if prefix and prefix_column:
        raise UsageError("--prefix and --prefix-column are both given", cure="leave one of them out")
    if attention_plot is not None:
        require_plots()
    banned = banned_in(ban)
    runner, _ = call.open("translation")
    from seqtool.families.translation.pipe import Lines, Sources, Wanted
    from seqtool.families.translation.search import Request
    from seqtool.runtime.first_line import warned_of_first
    from seqtool.runtime.first_rows import paired

    request = Request(
        beam, length_penalty, max_length, 1.0 if temperature is None else temperature, seed or 0,
        top_k=top_k or 0, top_p=1.0 if top_p is None else top_p, sample=sample,
        n_best=n_best, attention=alignment or attention_plot is not None, replace_unknown=replace_unknown,
        prefix=prefix, min_length=min_length, no_repeat=no_repeat, repetition_penalty=repetition_penalty, ban=banned,
    )  # fmt: skip
    runner.check(request, prefixed=prefix_column)
    wanted = Wanted(scores=scores, alignment=alignment, pictured=attention_plot is not None, json=call.json)
    sources = Sources(runner, request, column=prefix_column)
    lines = Lines(runner, sources, request, wanted)
    try:
        rows = (lambda _: "") if prefix_column else paired
        call.answer(lines.verb(), "each line is translated", join=partial(warned_of_first, rows=rows))
    finally:  # after Ctrl-C too
        warn_unknown(sources)
    if attention_plot is not None:
        _draw(lines, attention_plot)


def warn_unknown(sources: Sources) -> None:
    """Warn of the symbols in the lines that the model does not know."""
    if sources.unseen:
        total, most = sum(sources.unseen.values()), sources.unseen.most_common(8)
        more = len(sources.unseen) - len(most)
        named = ", ".join(repr(symbol) for symbol, _ in most) + (f" and {counted(more, 'other')}" if more else "")
        times = "once" if total == 1 else f"{total:,} times"
        warn(f"{times} read as unknown, because the model's vocabulary lacks it: {named}")


def _draw(lines: Lines, plot: Path) -> None:
    from seqtool.report.attention import picture

    if lines.first is None:
        warn("no line was translated: there is no picture")
        return
    number, first = lines.first
    assert first.attention is not None  # the request asked for it
    picture(first.attention, first.source_tokens or [], first.tokens or [], plot)
    note(f"picture of line {number}: {plot}")
