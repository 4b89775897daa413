"""`seqtool generate`: a prompt in, its continuation out; without a prompt a line in, a line out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seqtool.cli.options import DeviceOption, JsonOption, StrictOption, ThreadsOption
from seqtool.cli.output import emit, emit_json, warn
from seqtool.cli.verbs import ModelOption, TaskArgument, open_runner
from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.families.generation.answers import Prompts
    from seqtool.families.generation.noise import Key
    from seqtool.families.generation.runner import Position, Request, Runner

PromptOption = Annotated[str | None, typer.Option(metavar="TEXT", help="the text to continue")]
FileOption = Annotated[
    Path | None, typer.Option("--prompt-file", metavar="FILE", help="the text to continue, in UTF-8")
]
CountOption = Annotated[int, typer.Option("-n", help="symbols to generate (characters, words: what the model reads)")]
TemperatureOption = Annotated[
    float, typer.Option(help="below 1: more likely symbols; above: rarer ones; 0: always the most likely")
]
TopKOption = Annotated[int, typer.Option(help="draw among so many of the most likely symbols; 0: all")]
TopPOption = Annotated[float, typer.Option(help="draw among the most likely symbols of this share in all; 1: all")]
SeedOption = Annotated[int, typer.Option(help="another seed, another text; the same, the same")]
StopOption = Annotated[str, typer.Option(metavar="TEXT", help="end before this text")]
SamplesOption = Annotated[
    int, typer.Option(metavar="INTEGER", help="so many continuations of each prompt (needs --json); 0: one")
]
StreamOption = Annotated[
    bool | None,
    typer.Option("--stream/--no-stream", help="show text as it comes (left out: on a terminal)", show_default=False),
]
StateOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="go on from this state, then keep it there; needs a first --prompt")
]


def command(
    task: TaskArgument = None,
    model: ModelOption = None,
    prompt: PromptOption = None,
    prompt_file: FileOption = None,
    count: CountOption = 500,
    temperature: TemperatureOption = 1.0,
    top_k: TopKOption = 0,
    top_p: TopPOption = 1.0,
    seed: SeedOption = 0,
    stop: StopOption = "",
    samples: SamplesOption = 0,
    stream: StreamOption = None,
    state: StateOption = None,
    json: JsonOption = False,
    strict: StrictOption = False,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
) -> None:
    r"""Continue a text: writes what follows the prompt. Without one each line of a pipe is a prompt.

    Line by line a line end is written as \n and a backslash as \\, in prompts and in answers.
    """
    alone = any(given is not None for given in (prompt, prompt_file, state))
    _refuse(alone, samples, {"--stop": stop, "--samples": samples}, state, stream=stream, json=json, strict=strict)
    _, _, runner = open_runner("generation", model, task, device, threads)
    from seqtool.families.generation.answers import Prompts
    from seqtool.families.generation.runner import Request

    request, prompts = Request(count, temperature, top_k, top_p, seed, stop), Prompts(runner)
    runner.check(request)
    try:
        if alone:
            text = _prompt(runner, prompt, prompt_file)
            flowing = sys.stdout.isatty() if stream is None else stream
            _write(runner, prompts, text, request, samples, state, json=json, flowing=flowing)
        else:
            _answer(runner, prompts, request, samples, json=json, strict=strict)
    finally:
        tell_unseen(prompts)


def tell_unseen(prompts: Prompts) -> None:
    """Say which characters the model does not know."""
    if prompts.unseen:
        from seqtool.data.encoders.alphabet import shown

        total = sum(prompts.unseen.values())
        characters = "1 character" if total == 1 else f"{total:,} characters"
        warn(f"{characters} that the training text has not, read as unknown: {shown(prompts.unseen)}")


def _refuse(
    alone: bool, samples: int, whole: Mapping[str, Any], state: Path | None, *,
    stream: bool | None, json: bool, strict: bool,
) -> None:  # fmt: skip
    """Raise `UsageError` for options that do not go together."""
    if samples < 0:
        raise UsageError(f"{samples} samples cannot be", cure="--samples 1 or more")
    if samples and not json:
        raise UsageError("several samples of a prompt need --json", cure="add --json, or leave --samples out")
    if stream and (json or not alone):
        raise UsageError("--stream shows one text as it comes", cure="give a --prompt and leave --json out")
    if strict and alone:
        raise UsageError("--strict stops at the first bad line: a prompt is none", cure="leave it out")
    for name, value in whole.items():
        if state is not None and value:
            raise UsageError(f"--state keeps the end of one whole text: {name} cannot go with it", cure="one of them")


def _prompt(runner: Runner, prompt: str | None, file: Path | None) -> str:
    """Return the text to continue; raises `UsageError`, or what reading a file may."""
    if prompt is not None and file is not None:
        raise UsageError("--prompt and --prompt-file are both given", cure="one of them")
    if file is not None:
        from seqtool.families.generation.files import read_prompt

        prompt = read_prompt(file, runner.longest_prompt)
    if prompt is not None and len(prompt) > runner.longest_prompt:
        raise UsageError(f"a prompt has {runner.longest_prompt:,} characters at most", cure="give its end")
    return prompt or ""


def _write(
    runner: Runner, prompts: Prompts, text: str, request: Request, samples: int, state: Path | None, *,
    json: bool, flowing: bool,
) -> None:  # fmt: skip
    """Continue one text: as an object, or as it comes."""
    from seqtool.families.generation.answers import continuations, described
    from seqtool.families.generation.files import keep_position, read_position
    from seqtool.families.generation.noise import Key

    before = None if state is None else read_position(runner, state)
    ids = prompts.encode(text)
    if before is None and not len(ids):
        raise UsageError("the prompt is empty: there is nothing to continue", cure="--prompt TEXT")
    keys = [Key(1, sample) for sample in range(max(1, samples))]
    position = runner.read([ids] * len(keys), before)
    if json:
        texts, position = continuations(runner, position, request, keys)
        emit_json(described(text, texts, samples))
    else:
        position = _flow(runner, position, request, keys, flowing=flowing)
    if state is not None:
        sys.stdout.flush()
        keep_position(runner, state, position)


def _flow(runner: Runner, position: Position, request: Request, keys: Sequence[Key], *, flowing: bool) -> Position:
    """Write one text, each piece at once where it is `flowing`; return where it stands then."""
    from seqtool.families.generation.decoder import Decoder

    decoder = Decoder(runner.encoder, request.stop)
    reached = position
    for ids, after in runner.write(position, request, keys):
        emit(decoder.feed(ids[:, 0]), end="")
        if flowing:
            sys.stdout.flush()
        reached = after
        if decoder.done:
            break
    emit(decoder.end(), end="\n" if sys.stdout.isatty() else "")
    return reached


def _answer(
    runner: Runner, prompts: Prompts, request: Request, samples: int, *, json: bool, strict: bool
) -> None:  # fmt: skip
    """Answer each line of standard input by its continuation."""
    from seqtool.cli.pipe import answer_pipe
    from seqtool.families.generation.answers import generate_verb

    verb = generate_verb(runner, prompts, request, samples=samples, json=json)
    answer_pipe(verb, hint="each line is a prompt; or give --prompt TEXT", json=json, strict=strict)
