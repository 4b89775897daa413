"""Lines of a pipe answered by their continuations, or by their scores."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.families.generation.decoder import Decoder
from seqtool.families.generation.escapes import escaped, unescaped
from seqtool.families.generation.noise import Key
from seqtool.families.generation.runner import Ids, Position, Request, Runner
from seqtool.families.likelihood import Totals, written
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb

ROWS = 64
"""Texts of one call."""
LONG = 256
"""Symbols of a prompt that cost as much as one text."""


class Prompts:
    """Turns lines into symbols, and counts the characters that the model does not know."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.unseen: Counter[str] = Counter()

    def read(self, record: Record) -> Ids:
        """Return the ids [T] of a line, `\\n` and `\\\\` in it unescaped."""
        return self.encode(unescaped(record.text))

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text."""
        folded = self._runner.fold(text)
        self.unseen.update(self._runner.encoder.unseen(folded))
        return self._runner.encoder.encode(folded)


def continuations(
    runner: Runner, position: Position, request: Request, keys: Sequence[Key]
) -> tuple[list[str], Position]:
    """Go on with B texts; return what is written, and where they stand then. keys [B] name the noise."""
    decoders = [Decoder(runner.encoder, request.stop) for _ in keys]
    texts = [""] * len(keys)
    reached = position
    for ids, after in runner.write(position, request, keys):
        for row, decoder in enumerate(decoders):
            texts[row] += decoder.feed(ids[:, row])
        reached = after
        if all(decoder.done for decoder in decoders):
            break
    return [text + decoder.end() for text, decoder in zip(texts, decoders, strict=True)], reached


def generate_verb(runner: Runner, prompts: Prompts, request: Request, *, samples: int = 0, json: bool = False) -> Verb:
    """Return the verb that continues each line; with `samples` an object has so many `texts`, 0: one `text`."""
    each = max(1, samples)

    def answer(records: Sequence[Record]) -> list[Answer]:
        read = {record.number: prompts.read(record) for record in records}
        keys = [Key(number, sample) for number, ids in read.items() if len(ids) for sample in range(each)]
        texts: dict[int, list[str]] = {number: [] for number in read}
        for start in range(0, len(keys), ROWS):
            some = keys[start : start + ROWS]
            position = runner.read([read[key.line] for key in some])
            made, _ = continuations(runner, position, request, some)
            for key, text in zip(some, made, strict=True):
                texts[key.line].append(text)
        return [shown(record, texts[record.number]) for record in records]

    def shown(record: Record, texts: list[str]) -> Answer:
        if not texts:
            return NOTHING
        if not json:
            return escaped(texts[0])
        return described(unescaped(record.text), texts, samples)

    return Verb(
        answer=answer,
        limit=runner.longest_prompt,
        cost=lambda record: each * (1 + len(record.text) // LONG),
        budget=ROWS,
        window=max(1, ROWS // each),
    )


def described(prompt: str, texts: list[str], samples: int) -> dict[str, Any]:
    """Return the object of a prompt: its `text`, or with `samples` its `texts`."""
    return {"prompt": prompt, **({"texts": texts} if samples else {"text": texts[0]})}


class Scores:
    """Answers lines by their scores, and adds them up."""

    def __init__(self, runner: Runner, prompts: Prompts, *, json: bool) -> None:
        self._runner, self._prompts, self._json = runner, prompts, json
        self.totals = Totals()

    def verb(self) -> Verb:
        """Return the verb."""
        limit = self._runner.longest_prompt
        return Verb(self, limit, cost=lambda record: 1 + len(record.text) // LONG, budget=ROWS, window=16 * ROWS)

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Score a batch of lines."""
        read = [self._prompts.read(record) for record in records]
        nats = self._runner.score([ids if len(ids) else np.zeros(1, np.int64) for ids in read])
        return [self._answer(ids, one) for ids, one in zip(read, nats, strict=True)]

    def _answer(self, ids: Ids, nats: NDArray[np.float64]) -> Answer:
        if not len(nats):
            return ALONE
        told = self.totals.add(math.fsum(nats), len(nats), len(self._runner.encoder.decode(ids[1:])))
        return told if self._json else written(told)


NOTHING = Refusal("nothing in it that the model can read", "nothing that the model can read")
ALONE = Refusal("a single symbol has nothing before it to be told from", "too short to be scored")
