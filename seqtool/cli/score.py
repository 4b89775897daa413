"""`seqtool score`: how likely each line is, a line out for each line in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from seqtool.cli.verbs import Call, verb
from seqtool.say import note

if TYPE_CHECKING:
    from seqtool.families.generation.pipe import Scores
    from seqtool.families.translation.pipe import PairScores


@verb
def command(call: Call) -> None:
    r"""Score each line of a pipe: nats, bits per character and perplexity, tabs between them; all lines on stderr.

    For a language model a line is a text: its first symbol is given, not scored; \n stands for a line end within it
    and \\ for a backslash. For a translator a line is a source, a tab and its translation.
    """
    runner, _ = call.open("generation", "translation")
    scores: Scores | PairScores
    warn_unknown: Callable[[], None]
    if runner.model.manifest.family == "translation":
        from seqtool.cli import translate
        from seqtool.families.translation.pipe import PairScores, Sources

        sources, hint = Sources(runner), "each line is scored: a source, a tab, its translation"
        scores, warn_unknown = PairScores(runner, sources, json=call.json), lambda: translate.warn_unknown(sources)
    else:
        from seqtool.cli import generate
        from seqtool.families.generation.pipe import Prompts, Scores

        prompts, hint = Prompts(runner), "each line is scored"
        scores, warn_unknown = Scores(runner, prompts, json=call.json), lambda: generate.warn_unknown(prompts)
    try:
        call.answer(scores.verb(), hint)
    finally:  # after Ctrl-C too: what was scored until then counts
        warn_unknown()
        if scores.totals.lines:
            note(scores.totals.summary())
