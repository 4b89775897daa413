r"""Lines of a pipe answered by their continuations or their scores; prompts and states in files.

A line holds a whole text: `\n` stands for a line end in it, `\\` for a backslash.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqtool.errors import DataError
from seqtool.families.generation.encoders import Position
from seqtool.families.generation.runner import LONG, ROWS, Request, Runner
from seqtool.families.texts import Totals
from seqtool.reads import Finding
from seqtool.runtime.noise import Key
from seqtool.runtime.records import Record
from seqtool.runtime.state import Stream, read_stream, write_stream
from seqtool.runtime.stream import Answer, Refusal, Verb
from seqtool.types import Ids, Json

NOTHING = Refusal("nothing in it that the model can read", "nothing that the model can read")
MOST_DIGITS = 18  # of a number that fits into 64 bits
ALONE = Refusal("a single symbol has nothing before it to be predicted from", "too short to be scored")
_ESCAPE = re.compile(r"\\[n\\]")


def verb(runner: Runner, *, json: bool) -> Verb:
    """Return the verb that continues each line."""
    return generate_verb(runner, Prompts(runner), Request(), json=json)


def escaped(text: str) -> str:
    """Return a text as one line."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def unescaped(line: str) -> str:
    """Undo `escaped`; a backslash before anything else stands for itself."""
    return _ESCAPE.sub(lambda match: "\n" if match[0] == "\\n" else "\\", line)


class Prompts:
    """Turns lines into symbols and counts the characters that the model does not know."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.unseen: Counter[str] = Counter()

    def read(self, record: Record) -> Ids:
        r"""Return the ids [T] of a line, `\n` and `\\` in it unescaped."""
        return self.encode(unescaped(record.text))

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text."""
        folded = self._runner.fold(text)
        self.unseen.update(self._runner.encoder.unseen(folded))
        return self._runner.encoder.encode(folded)


def generate_verb(runner: Runner, prompts: Prompts, request: Request, *, samples: int = 0, json: bool = False) -> Verb:
    """Return the verb that continues each line; with `samples` > 0 an object has a list `texts`, else one `text`."""
    each = max(1, samples)

    def answer(records: Sequence[Record]) -> list[Answer]:
        read = {record.number: prompts.read(record) for record in records}
        keys = [Key(number, sample) for number, ids in read.items() if len(ids) for sample in range(each)]
        texts: dict[int, list[str]] = {number: [] for number in read}
        written = runner.continuations([read[key.line] for key in keys], request, keys)
        for key, text in zip(keys, written, strict=True):
            texts[key.line].append(text)
        return [shown(record, texts[record.number]) for record in records]

    def shown(record: Record, texts: list[str]) -> Answer:
        if not texts:
            return NOTHING
        return described(unescaped(record.text), texts, samples) if json else escaped(texts[0])

    # the window is one batch: a line waits for the whole window, and a text takes long to write
    window = max(1, ROWS // each)
    return Verb(answer, runner.longest_prompt, lambda record: each * _cost(record), budget=ROWS, window=window)


def described(prompt: str, texts: list[str], samples: int) -> Json:
    """Return the object of a prompt: its `text`, or its `texts` with `samples` > 0."""
    return {"prompt": prompt, **({"texts": texts} if samples else {"text": texts[0]})}


class Scores:
    """Answers lines by their scores and adds them up."""

    def __init__(self, runner: Runner, prompts: Prompts, *, json: bool) -> None:
        self._runner, self._prompts, self._json = runner, prompts, json
        self.totals = Totals()

    def verb(self) -> Verb:
        """Return the verb."""
        return Verb(self, self._runner.longest_prompt, _cost, budget=ROWS, window=16 * ROWS)

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Score a batch of lines."""
        read = [self._prompts.read(record) for record in records]
        scores = iter(self._runner.likelihoods([ids for ids in read if len(ids) > 1]))
        return [self.totals.answer(next(scores), json=self._json) if len(ids) > 1 else ALONE for ids in read]


def _cost(record: Record) -> int:
    # by its characters: a line is encoded only when it is answered
    return 1 + len(record.text) // LONG


def read_prompt(path: Path, encoding: str) -> tuple[str, Sequence[Finding]]:
    """Read a text as a training text is read; raises what `read_text_file` raises."""
    from seqtool.data.decode import read_text_file  # a pipe reads no file

    read = read_text_file(path, encoding)
    return read.text, read.findings


def read_position(runner: Runner, path: Path) -> Position | None:
    """Return the position in a state file, None where there is no file yet; raises as `read_stream` does."""
    if not path.exists():
        return None
    stream = read_stream(path, runner.first_state(), runner.model.sha256)
    symbol, _, step = stream.last.partition(" ")
    numbers = all(word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS for word in (symbol, step))
    if not numbers or int(symbol) >= runner.encoder.size:
        raise DataError("the state file is damaged", where=str(path), cure="begin a new one")
    return Position(np.array([int(symbol)]), dict(stream.tensors), int(step))


def keep_position(runner: Runner, path: Path, position: Position) -> None:
    """Write the position of one text to a state file."""
    # last symbol and step go where the state file of a forecast has its last time stamp
    last = f"{position.last[0]} {position.step}"
    write_stream(path, Stream(position.state, last), runner.model.sha256)
