"""`seqtool translate`: a line in, its translation out."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Option

from seqtool.cli.options import BanOption, NoRepeatOption, RepetitionOption, banned_in, require_plots
from seqtool.cli.verbs import Call, verb
from seqtool.errors import UsageError
from seqtool.say import counted, emit, note, warn

if TYPE_CHECKING:
    from seqtool.families.translation.pipe import Lines, Sources
    from seqtool.families.translation.runner import Runner
    from seqtool.families.translation.search import Request, Translation

WIDEST = 20  # beams of a picture: nobody can read more
BeamOption = Annotated[int, Option(help="hypotheses kept at each step; more: slower, often better; 1: greedy search")]
_PENALTY = "divide log p of a translation by its length to this power; 0 favours short ones, 2 long ones"
PenaltyOption = Annotated[float, Option(help=_PENALTY)]
LongestOption = Annotated[int, Option(help="most tokens of a translation; 0: twice those of its source, plus 10")]
ScoresOption = Annotated[bool, Option("--scores", help="add a tab and a score to each translation; nearer 0: surer")]
_REPLACE = "write the source's word, or characters, in place of what the model does not know"
ReplaceOption = Annotated[bool, Option("--replace-unknown", help=_REPLACE)]
_PLOT = "draw the attention of the first translation; needs a model exported with --attention"
PlotOption = Annotated[Path | None, Option(metavar="FILE.png", help=_PLOT)]
_TREE = f"draw the search for the first translation as a tree; beams up to {WIDEST}"
TreeOption = Annotated[Path | None, Option(metavar="FILE.png", help=_TREE)]
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
_NO_SPLIT = "translate a line as one sentence (left out: its sentences apart, where the model learnt single ones)"
NoSplitOption = Annotated[bool, Option("--no-split", help=_NO_SPLIT)]
_LANGUAGE = "the language of the lines, by which sentences are found: en, de, fr, ... (left out: the model's, else en)"
LanguageOption = Annotated[str | None, Option(metavar="CODE", help=_LANGUAGE, show_default=False)]
_MARKUP = "translate the text of a document, all of standard input: srt, vtt, markdown or html; its marks stay"
MarkupOption = Annotated[Literal["srt", "vtt", "markdown", "html"] | None, Option(help=_MARKUP, show_default=False)]


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
    beam_plot: TreeOption = None,
    n_best: BestOption = 0,
    alignment: AlignmentOption = False,
    sample: SampleOption = False,
    temperature: TemperatureOption = None,
    top_k: TopKOption = None,
    top_p: TopPOption = None,
    seed: SeedOption = None,
    no_split: NoSplitOption = False,
    language: LanguageOption = None,
    markup: MarkupOption = None,
) -> None:
    """Translate each line of a pipe, its sentences one by one: writes one line for each line.

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
    if language is not None and no_split:
        raise UsageError(
            "--language says how sentences are found, which --no-split keeps together", cure="leave one out"
        )
    if markup is not None:
        pictures = {"--attention-plot": attention_plot, "--beam-plot": beam_plot}
        others = {"--json": call.json, "--scores": scores, "--prefix-column": prefix_column, **pictures}
        if name := next(filter(others.get, others), ""):
            raise UsageError(f"--markup writes a document: {name} cannot go with it", cure="leave one of them out")
    if beam_plot is not None and sample:
        raise UsageError("drawn translations have no beam", cure="leave --sample or --beam-plot out")
    if beam_plot is not None and beam > WIDEST:
        cure = f"--beam 1 to {WIDEST}, or leave --beam-plot out"
        raise UsageError(f"a picture of {beam:,} beams cannot be read", cure=cure)
    plots = attention_plot, beam_plot
    if any(plots):
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
        split=not no_split, language=language or "",
        prefix=prefix, min_length=min_length, no_repeat=no_repeat, repetition_penalty=repetition_penalty, ban=banned,
    )  # fmt: skip
    runner.check(request, prefixed=prefix_column)
    wanted = Wanted(scores=scores, alignment=alignment, pictured=any(plots), json=call.json)
    sources = Sources(runner, column=prefix_column)
    lines = Lines(runner, sources, request, wanted)
    try:
        if markup is not None:
            _document(markup, runner, lines, sources, request, strict=call.strict)
        else:
            rows = (lambda _: "") if prefix_column else paired
            call.answer(lines.verb(), "each line is translated", join=partial(warned_of_first, rows=rows))
    finally:  # after Ctrl-C too
        warn_unknown(sources)
        warn_lost(lines, sources, where="" if markup else " (--json says which lines)")
        _warn_torn(sources)
    if any(plots) and lines.first is None:
        warn("no line was translated: there is no picture")
    elif lines.first is not None:
        _draw(*lines.first, runner, request, plots)


def _document(kind: str, runner: Runner, lines: Lines, sources: Sources, request: Request, *, strict: bool) -> None:
    """Translate the document on standard input."""
    from seqtool.families.translation.markup import LARGEST, decoded, translate

    if sys.stdin.isatty():
        note("a document is translated: end it by Ctrl-D")
    document = decoded(sys.stdin.buffer.read(LARGEST + 1))
    emit(translate(document, kind, runner, sources, request, lines.lost, strict=strict), end="")


def warn_unknown(sources: Sources) -> None:
    """Warn of the symbols in the lines that the model does not know."""
    if sources.unseen:
        total, most = sum(sources.unseen.values()), sources.unseen.most_common(8)
        more = len(sources.unseen) - len(most)
        named = ", ".join(repr(symbol) for symbol, _ in most) + (f" and {counted(more, 'other')}" if more else "")
        times = "once" if total == 1 else f"{total:,} times"
        warn(f"{times} read as unknown, because the model's vocabulary lacks it: {named}")


def warn_lost(lines: Lines, sources: Sources, where: str) -> None:
    """Warn of what translations lack of their sources, unknown symbols aside."""
    lost = [span for span, _ in lines.lost.most_common() if span not in sources.unseen]
    if lost:
        named = ", ".join(map(repr, lost[:8])) + (f" and {counted(len(lost) - 8, 'other')}" if len(lost) > 8 else "")
        warn(f"translations lack numbers or other spans of their sources{where}: {named}")


def _warn_torn(sources: Sources) -> None:
    if sources.torn:
        texts = f"{counted(len(sources.torn), 'text')} with a sentence too long for the model"
        warn(f"{texts} (the first: number {sources.torn[0]}): torn at commas or blanks, the pieces translated apart")


def _draw(
    number: int, first: Translation, runner: Runner, request: Request, plots: tuple[Path | None, Path | None]
) -> None:
    attention_plot, beam_plot = plots
    if attention_plot is not None:
        from seqtool.report.attention import picture

        assert first.attention is not None  # the request asked for it
        picture(first.attention, first.source_tokens or [], first.tokens or [], attention_plot)
        note(f"picture of line {number}: {attention_plot}")
    if beam_plot is not None:
        from seqtool.report import beam_tree

        beam_tree.picture(*runner.beam_tree(first.source, request), beam_plot)
        note(f"picture of the search for line {number}: {beam_plot}")
