"""`seqtool tag`: a sentence a line in, its tags out; or CoNLL-U in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from seqtool.cli.options import DeviceOption, JsonOption, StrictOption, ThreadsOption
from seqtool.cli.verbs import ModelOption, TaskArgument, open_runner
from seqtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from seqtool.families.tagging.runner import Runner

FieldOption = Annotated[
    Literal["upos", "xpos"] | None,
    typer.Option(help="the tags that the model must be of (left out: whichever it has)", show_default=False),
]
ConlluOption = Annotated[
    bool, typer.Option("--conllu", help="read CoNLL-U and write it again with the model's tags in their column")
]
TokenizeOption = Annotated[
    bool, typer.Option("--tokenize", help="cut raw text into words first (left out: blanks stand between them)")
]


def command(
    task: TaskArgument = None,
    model: ModelOption = None,
    field: FieldOption = None,
    conllu: ConlluOption = False,
    tokenize: TokenizeOption = False,
    json: JsonOption = False,
    strict: StrictOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    """Tag each line of a pipe, a sentence whose words have blanks between them: writes word/TAG word/TAG.

    A word may hold a slash: the tag stands behind the last one.
    """
    if conllu and (json or tokenize):
        name = "--json" if json else "--tokenize"
        raise UsageError(f"--conllu reads and writes CoNLL-U: {name} cannot go with it", cure="one of them")
    _, _, runner = open_runner("tagging", model, task, device, threads)
    if field is not None and field != runner.field:
        raise UsageError(f"this model tells {runner.field}, not {field}", cure=f"train one with --field {field}")
    _answer(runner, conllu=conllu, tokenized=not tokenize, json=json, strict=strict)


def _answer(runner: Runner, *, conllu: bool, tokenized: bool, json: bool, strict: bool) -> None:
    from seqtool.cli.pipe import answer_pipe

    if conllu:
        from seqtool.families.tagging.blocks import blocks, blocks_verb

        answer_pipe(blocks_verb(runner), hint="CoNLL-U: each block is tagged", strict=strict, join=blocks)
        return
    from seqtool.families.tagging.answers import Lines, between_blanks

    words_of = between_blanks if tokenized else _tokenize()
    answer_pipe(Lines(runner, words_of, json=json).verb(), hint="each line is tagged", json=json, strict=strict)


def _tokenize() -> Callable[[str], list[str]]:
    from seqtool.data.tokenize import tokenize

    return tokenize
