"""`seqtool tag`: one sentence a line in, its tags out; or CoNLL-U in and out."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated

from typer import Option

from seqtool.cli.verbs import Call, verb
from seqtool.errors import UsageError
from seqtool.say import note

_FIELD = "the tags to write, such as upos or xpos; stop unless the model gives them (left out: its first ones)"
FieldOption = Annotated[str | None, Option(metavar="NAME", help=_FIELD, show_default=False)]
_CONLLU = "read CoNLL-U, and write it with the model's tags in their columns"
ConlluOption = Annotated[bool, Option("--conllu", help=_CONLLU)]
_TOKENIZE = (
    "split raw text into sentences and words first, by the rules raw.v1 (left out: words have blanks between them)"
)
TokenizeOption = Annotated[bool, Option("--tokenize", help=_TOKENIZE)]
_LANGUAGE = (
    "the language of raw text, by which --tokenize finds sentences and abbreviations: en, de, fr, ... (left out: en)"
)
LanguageOption = Annotated[str | None, Option(metavar="CODE", help=_LANGUAGE, show_default=False)]
_SPANS = "write the entities of each line, and where they stand in it, as JSON"
SpansOption = Annotated[bool, Option("--spans", help=_SPANS)]
_TOP = "name the K likeliest tags of each word with their probabilities, in --json"
TopOption = Annotated[int | None, Option(metavar="K", min=1, help=_TOP, show_default=False)]
_SETS = "name tags of each word that hold the true one with this probability, in --json"
SetsOption = Annotated[float | None, Option(metavar="P", help=_SETS, show_default=False)]


@verb
def command(
    call: Call, field: FieldOption = None, conllu: ConlluOption = False, tokenize: TokenizeOption = False,
    language: LanguageOption = None, spans: SpansOption = False, top: TopOption = None, sets: SetsOption = None,
) -> None:  # fmt: skip
    """Tag each line of a pipe, a sentence whose words have blanks between them: writes word/TAG word/TAG.

    A word may contain a slash: the tag follows the last one.
    """
    others = {"--json": call.json, "--tokenize": tokenize, "--spans": spans, "--top": top, "--sets": sets is not None}
    if conllu and (name := next(filter(others.get, others), "")):
        raise UsageError(f"--conllu reads and writes CoNLL-U: {name} cannot go with it", cure="leave one of them out")
    if (top or sets is not None) and not call.json:
        name = "--top" if top else "--sets"
        shown = "--spans writes entities, not words" if spans else "word/TAG has room for one"
        raise UsageError(f"{name} names several tags of a word, and {shown}", cure="give --json with it")
    if language is not None and not tokenize:
        raise UsageError(
            "--language is of the raw text that --tokenize splits", cure="give --tokenize, or leave it out"
        )
    if language is not None and not re.fullmatch("[a-z]{2,3}", language):
        raise UsageError(f"{language!r:.40} is no code of a language", cure="a code of ISO 639, such as en, de or fr")
    runner, _ = call.open("tagging")
    given = " and ".join(runner.fields)
    if field is not None and field not in runner.fields:
        raise UsageError(f"this model gives {given}, not {field}", cure=f"train one with --field {field}")
    asked = tuple(runner.fields) if field is None else (field,)
    from seqtool.families.tagging.pipe import Lines, Wanted, blocks, blocks_verb, columns_of
    from seqtool.runtime.first_line import warned_of_first
    from seqtool.runtime.first_rows import tagged

    if conllu:
        # Its answers are blocks of several lines, one for each block: `join` makes the records.
        columns = columns_of({name: runner.fields[name] for name in asked})
        call.answer(blocks_verb(runner, columns), "CoNLL-U: each block is tagged", join=blocks)
        return
    labels, wanted = runner.fields[asked[0]], Wanted(top or 0, sets)
    if tokenize or spans:
        from seqtool.families.tagging.placed import Placed, at_blanks

        cut = at_blanks
        if tokenize:
            from seqtool.data.raw_text import cut as cut_raw

            cut = partial(cut_raw, language=language or "en")
        lines: Lines = Placed(runner, cut, json=call.json, entities=spans, field=asked[0], wanted=wanted)
    else:
        lines = Lines(runner, json=call.json, field=asked[0], wanted=wanted)
    call.json = call.json or spans  # entities are objects
    if sets is not None and (said := runner.candidates(0, sets).short_of):
        note(f"note: {said}")
    call.answer(lines.verb(), "each line is tagged", join=partial(warned_of_first, rows=tagged(labels)))
