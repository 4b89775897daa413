"""`seqtool generate`: a prompt in, its continuation out; without a prompt a line in, a line out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from seqtool.cli.options import BanOption, NoRepeatOption, RepetitionOption, banned_in
from seqtool.cli.verbs import Call, verb
from seqtool.errors import UsageError
from seqtool.say import emit, emit_json, stdout, warn

if TYPE_CHECKING:
    from seqtool.families.generation.pipe import Prompts
    from seqtool.families.generation.runner import Request, Runner

PromptOption = Annotated[str | None, Option(metavar="TEXT", help="the text to continue")]
FileOption = Annotated[Path | None, Option(metavar="FILE", help="a file with the text to continue")]
_ENCODING = "encoding of the prompt file, such as windows-1252 (left out: UTF-8 or UTF-16)"
EncodingOption = Annotated[str, Option(metavar="NAME", help=_ENCODING)]
CountOption = Annotated[int, Option("-n", help="symbols to generate: characters or words, as the model reads them")]
_TEMPERATURE = "below 1: likelier symbols; above 1: rarer ones; 0: always the likeliest"
TemperatureOption = Annotated[float, Option(help=_TEMPERATURE)]
TopKOption = Annotated[int, Option(help="draw among this number of the likeliest symbols; 0: among all")]
_TOP_P = "draw among the likeliest symbols whose probabilities add up to this share; 1: among all"
TopPOption = Annotated[float, Option(help=_TOP_P)]
SeedOption = Annotated[int, Option(help="seed of the draws: the same seed gives the same text")]
_LEAST = "symbols in which --stop is not looked for"
LeastOption = Annotated[int, Option(metavar="N", help=_LEAST)]
StopOption = Annotated[str, Option(metavar="TEXT", help="end before this text")]
_SAMPLES = "continuations of each prompt, in a list (needs --json); 0: one, without a list"
SamplesOption = Annotated[int, Option(metavar="INTEGER", help=_SAMPLES)]
_STREAM = "show the text while it is written (left out: on a terminal only)"
StreamOption = Annotated[bool | None, Option("--stream/--no-stream", help=_STREAM, show_default=False)]
_STATE = "start from the state in this file, then save the new one there; the first call needs a --prompt"
StateOption = Annotated[Path | None, Option(metavar="FILE", help=_STATE)]


@verb
def command(
    call: Call,
    prompt: PromptOption = None,
    prompt_file: FileOption = None,
    encoding: EncodingOption = "",
    count: CountOption = 500,
    temperature: TemperatureOption = 1.0,
    top_k: TopKOption = 0,
    top_p: TopPOption = 1.0,
    seed: SeedOption = 0,
    stop: StopOption = "",
    min_length: LeastOption = 0,
    no_repeat: NoRepeatOption = 0,
    repetition_penalty: RepetitionOption = 1.0,
    ban: BanOption = None,
    samples: SamplesOption = 0,
    stream: StreamOption = None,
    state: StateOption = None,
) -> None:
    r"""Continue a text: writes what follows the prompt. Without a prompt each line of a pipe is one.

    In a pipe \n stands for a line end and \\ for a backslash, in prompts and in answers.
    """
    alone = prompt is not None or prompt_file is not None or state is not None
    _refuse(call, alone, samples, stream)
    rules = {"--no-repeat": no_repeat, "--repetition-penalty": repetition_penalty != 1, "--ban": ban is not None}
    for name, value in {"--stop": stop, "--samples": samples, **rules}.items():
        if state is not None and value:
            what = f"--state keeps the end of one whole text: {name} cannot go with it"
            raise UsageError(what, cure="leave one of them out")
    banned = banned_in(ban)
    runner, _ = call.open("generation")
    from seqtool.families.generation.pipe import Prompts, generate_verb
    from seqtool.families.generation.runner import Request

    request = Request(
        count, temperature, top_k, top_p, seed, stop, min_length=min_length, no_repeat=no_repeat,
        repetition_penalty=repetition_penalty, ban=runner.folded(banned),
    )  # fmt: skip
    prompts = Prompts(runner)
    runner.check(request)
    try:
        if alone:
            text = _prompt(runner, prompt, prompt_file, encoding)
            flowing = stdout().isatty() if stream is None else stream
            _write(runner, prompts, text, request, samples, state, json=call.json, flowing=flowing)
        else:
            lines = generate_verb(runner, prompts, request, samples=samples, json=call.json)
            call.answer(lines, "each line is a prompt; or give --prompt TEXT")
    finally:  # after Ctrl-C too
        warn_unknown(prompts)


def warn_unknown(prompts: Prompts) -> None:
    """Warn of the characters that the model does not know."""
    if prompts.unseen:
        from seqtool.data.encoders.alphabet import shown

        total = sum(prompts.unseen.values())
        characters = "1 character" if total == 1 else f"{total:,} characters"
        warn(f"{characters} that the training text has not, read as unknown: {shown(prompts.unseen)}")


def _refuse(call: Call, alone: bool, samples: int, stream: bool | None) -> None:
    """Raise `UsageError` for options that do not go together; alone: one prompt is given, not a pipe."""
    if samples < 0:
        raise UsageError(f"{samples} samples cannot be", cure="--samples 1 or more")
    if samples and not call.json:
        raise UsageError("several samples of a prompt need --json", cure="add --json, or leave --samples out")
    if stream and (call.json or not alone):
        raise UsageError("--stream shows one text as it comes", cure="give a --prompt and leave --json out")
    if call.strict and alone:
        raise UsageError("--strict stops at the first bad line: a prompt is none", cure="leave it out")


def _prompt(runner: Runner, prompt: str | None, file: Path | None, encoding: str) -> str:
    if prompt is not None and file is not None:
        raise UsageError("--prompt and --prompt-file are both given", cure="leave one of them out")
    if encoding and file is None:
        raise UsageError("--encoding is for a prompt file", cure="give --prompt-file FILE, or leave --encoding out")
    if file is not None:
        from seqtool.families.generation.pipe import read_prompt

        prompt, findings = read_prompt(file, encoding)
        for finding in findings:
            if finding.level == "warning":
                warn(f"{file.name}: {finding.text}")
    if prompt is not None and len(prompt) > runner.longest_prompt:
        raise UsageError(f"a prompt has {runner.longest_prompt:,} characters at most", cure="give its end")
    return prompt or ""


def _write(
    runner: Runner, prompts: Prompts, text: str, request: Request, samples: int, state: Path | None, *,
    json: bool, flowing: bool,
) -> None:  # fmt: skip
    """Continue one text: as an object, or as text, which is flushed piece by piece where it is `flowing`."""
    from seqtool.families.generation.pipe import described, keep_position, read_position
    from seqtool.runtime.noise import Key

    before = None if state is None else read_position(runner, state)
    ids = prompts.encode(text)
    if before is None and not len(ids):
        raise UsageError("the prompt is empty: there is nothing to continue", cure="--prompt TEXT")
    keys = [Key(1, sample) for sample in range(max(1, samples))]
    position = runner.read([ids] * len(keys), before)
    if json:
        texts, position = runner.continued(position, request, keys)
        emit_json(described(text, texts, samples))
    else:
        for (piece,), reached in runner.pieces(position, request, keys):
            emit(piece, end="")
            if flowing:
                stdout().flush()
            position = reached
        emit("", end="\n" if stdout().isatty() else "")
    if state is not None:
        stdout().flush()  # a state is kept only where its text has arrived
        keep_position(runner, state, position)
