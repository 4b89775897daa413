"""Continuations and scores from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, overload

import numpy as np

from seqtool.data.batches import Padded
from seqtool.data.folding import fold
from seqtool.data.line_ends import lines_end_in_lf
from seqtool.errors import DataError, ModelError, damaged
from seqtool.families.generation.encoders import Decoder, Generated, GenerationEncoders, Position, State, spelled
from seqtool.families.rules import Ruled, Rules, bans
from seqtool.families.texts import Likelihood, in_batches, require, require_draws, require_kinds, require_seed
from seqtool.modelfile.manifest import after_of
from seqtool.runtime import runner as base
from seqtool.runtime.model import is_text
from seqtool.runtime.noise import Key, gumbel
from seqtool.runtime.runner import as_list
from seqtool.types import Array, Floats, Ids, Singles

if TYPE_CHECKING:
    from seqtool.runtime.model import Model

CHUNK = 32  # symbols of one call while a text is written to a reader who waits, or may stop anywhere
WHOLE = 2048  # symbols of one call while nobody waits: each call costs about 0.3 ms
AT_ONCE = 1 << 22  # probabilities of one call: 16 MB
LONGEST = 256  # symbols of one call while a text is read, at most
ROWS = 64  # texts of one call
SAMPLES = 10_000  # texts of one prompt: they stay in memory
LONG = 256  # symbols of a text that cost as much as one more text
MOST = 10_000_000  # bound on the limits that a file names: outputs are allocated by them
# The noise of a symbol that must not be drawn. Finite: the graph multiplies it by the temperature, which may be 0.
NEVER = np.float32(-1e30)


@dataclass(frozen=True)
class Request(Rules):
    """Settings of a continuation: `length` symbols, fewer where `stop` comes, which is not looked for in the first
    `min_length`, or where the rules leave no symbol. The rules are of what is written, not of the prompt.

    A symbol is drawn at a temperature (0: the most likely), among top_k (0: all), then among top_p (1: all).
    """

    length: int = 500
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    stop: str = ""


class Runner(base.Runner):
    """A language model's file with its contract.

    encoder: of text (`seqtool.data.encoders`). longest_prompt: in characters. most: symbols of a continuation.
    Raises `ModelError` where the manifest lacks them.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        with damaged(
            ModelError("the manifest does not say what a language model needs", cure="export the model again")
        ):
            self.encoders = GenerationEncoders.from_json(model.manifest.encoders)
            self.encoder = self.encoders.encoder
            self._lower, self._ascii = (self.config[name] is True for name in ("lower", "ascii"))
            self.longest_prompt, self.most = (min(model.manifest.limit(name), MOST) for name in ("prompt", "generated"))
            inputs = {spec.name: spec.shape for spec in model.file.inputs}
            if inputs["noise"][2] != self.encoder.size:
                raise ValueError(f"{self.encoder.size} symbols, a graph of {inputs['noise'][2]}")
            unknown = [] if self.encoder.unk is None else [self.encoder.unk]
            self.rules = Ruled(inputs, self.encoder.size, self.encoder.spelled, unknown)
            states = [(name, shape) for name, shape in inputs.items() if name.startswith("state_")]
            self._zeros = {name: np.zeros((int(shape[0]), 1, int(shape[2])), np.float32) for name, shape in states}

    @overload
    def generate(
        self, prompt: str, *, length: int = ..., temperature: float = ..., top_k: int = ..., top_p: float = ...,
        seed: int = ..., stop: str = ..., samples: int = ..., repetition_penalty: float = ..., no_repeat: int = ...,
        min_length: int = ..., ban: Iterable[str] = ...,
    ) -> Generated: ...  # fmt: skip

    @overload
    def generate(
        self, prompt: list[str] | tuple[str, ...], *, length: int = ..., temperature: float = ..., top_k: int = ...,
        top_p: float = ..., seed: int = ..., stop: str = ..., samples: int = ..., repetition_penalty: float = ...,
        no_repeat: int = ..., min_length: int = ..., ban: Iterable[str] = ...,
    ) -> list[Generated]: ...  # fmt: skip

    def generate(
        self, prompt: str | Sequence[str], *, length: int = 500, temperature: float = 1.0, top_k: int = 0,
        top_p: float = 1.0, seed: int = 0, stop: str = "", samples: int = 1, repetition_penalty: float = 1.0,
        no_repeat: int = 0, min_length: int = 0, ban: Iterable[str] = (),
    ) -> Generated | list[Generated]:  # fmt: skip
        """Continue a prompt by `length` symbols, or up to `stop`; for several prompts return a list.

        The texts are the same as from `seqtool generate`, with the prompts as lines of a pipe. Raises `DataError`
        naming the index of a prompt that is empty or too long, `UsageError` for an impossible setting.
        """
        request = Request(
            length, temperature, top_k, top_p, seed, stop, repetition_penalty=repetition_penalty, no_repeat=no_repeat,
            min_length=min_length, ban=self.folded(bans(ban)),
        )  # fmt: skip
        self.check(request)
        require_kinds({"samples": samples}, {"samples": 1})
        require(1 <= samples <= SAMPLES, f"{samples} samples cannot be", f"1 to {SAMPLES:,}")
        prompts = [prompt] if isinstance(prompt, str) else as_list(prompt)
        read = self._read(prompts, least=1)
        # a prompt has the noise of its line in a pipe, counted from 1; a prompt alone is the first line
        keys = [Key(line, sample) for line in range(1, len(prompts) + 1) for sample in range(samples)]
        texts = self.continuations([read[key.line - 1] for key in keys], request, keys)
        groups = [tuple(texts[start : start + samples]) for start in range(0, len(texts), samples)]
        results = [Generated(*pair) for pair in zip(prompts, groups, strict=True)]
        return results[0] if isinstance(prompt, str) else results

    def score(self, texts: Sequence[str]) -> list[Likelihood]:
        """Return how likely texts are after their first symbol; raises `DataError` for too short or too long a text."""
        return self.likelihoods(self._read(as_list(texts), least=2))

    def _read(self, texts: Sequence[str], least: int) -> list[Ids]:
        read, most = [], self.longest_prompt
        for index, text in enumerate(texts):
            where = f"text {index}"
            if not is_text(text):
                raise DataError("it is not a text in Unicode", where=where, cure="give a str without lone surrogates")
            if len(text) > most:
                raise DataError(f"the text is longer than {most:,} characters", where=where, cure="shorten it")
            read.append(self.encode(text))
            if len(read[-1]) < least:
                fault = "is empty: there is nothing to continue" if least == 1 else "is too short to be scored"
                raise DataError(f"the text {fault}", where=where, cure=f"symbols that the model knows, {least} or more")
        return read

    def first_state(self, rows: int = 1) -> State:
        """Return the state of B rows before the first symbol, each tensor [L,B,H]."""
        return {name: np.repeat(zeros, rows, axis=1) for name, zeros in self._zeros.items()}

    def check(self, request: Request) -> None:
        """Raise `UsageError` for a setting that the model cannot follow."""
        require_kinds(vars(request), vars(Request()))
        require_seed(request.seed)
        count = request.length
        require(1 <= count <= self.most, f"{count:,} symbols cannot be generated", f"-n 1 to {self.most:,}")
        require_draws(request.temperature, request.top_k, request.top_p, self.encoder.size)
        least, most = request.min_length, request.length
        fault = "--min-length is for --stop: a text has -n symbols, or ends before --stop"
        require(bool(request.stop) or not least, fault, "give --stop TEXT, or leave --min-length out")
        fault = f"--min-length {least:,} of {most:,} symbols cannot be"
        require(0 <= least <= most, fault, f"--min-length 0 to {most:,}")
        self.rules.check(request, request.asked)

    def folded(self, ban: Iterable[str]) -> tuple[str, ...]:
        """Make banned texts as plain as the training text was: the model writes no others."""
        return tuple(filter(None, map(self.fold, ban)))

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text, made as plain as the training text was."""
        return self.encoder.encode(self.fold(text))

    def fold(self, text: str) -> str:
        """Make a text as plain as the training text was, with its line ends."""
        return fold(lines_end_in_lf(text)[0], lower=self._lower, ascii=self._ascii)

    def read(self, texts: Sequence[Ids], before: Position | None = None) -> Position:
        """Read B texts, after those that end at `before`; without it each needs at least one symbol."""
        state, step = self.first_state(len(texts)), 0
        if before is not None:
            texts = [np.append(last, text) for last, text in zip(before.last, texts, strict=True)]
            state, step = before.state, before.step
        for _, after in self._through(texts, state):
            state = after
        return Position(np.array([text[-1] for text in texts]), state, step)

    def write(
        self, position: Position, request: Request, keys: Sequence[Key], chunk: int = CHUNK
    ) -> Iterator[tuple[Ids, Position]]:
        """Yield `request.length` symbols for each of B texts in chunks [N,B], each with the position after it.

        keys [B] name each text's noise: the symbols do not depend on the chunk or the batch. `stop` is ignored.
        """
        # counted from the first symbol ever drawn: a text that goes on later draws as in one call
        end = position.step + request.length
        while position.step < end:
            steps = min(chunk, end - position.step, max(1, AT_ONCE // (len(keys) * self.encoder.size)))
            noise = gumbel(request.seed, keys, position.step, steps, self.encoder.size)
            if self.encoder.unk is not None:
                noise[..., self.encoder.unk] = NEVER  # it has no text, and the model would read it on
            ids, _, state = self._call(list(position.last[:, None]), position.state, noise, request, position)
            position = self._after(position, ids, state, request)
            yield ids, position

    def _after(self, position: Position, ids: Ids, state: State, request: Request) -> Position:
        """Return the position after symbols [N,B]."""
        after = Position(ids[-1], state, position.step + len(ids))
        if not request.asked:
            return after
        table = self.rules.table(request.ban)
        before, banned = position.written, position.banned
        if before is None or banned is None:
            before, banned = ids[:0].T, np.zeros(ids.shape[1], np.int64)
        for symbols in ids:
            banned = table[banned, symbols].astype(np.int64)
        return replace(after, written=np.concatenate([before, ids.T], axis=1), banned=banned)

    def pieces(
        self, position: Position, request: Request, keys: Sequence[Key], chunk: int = CHUNK
    ) -> Iterator[tuple[list[str], Position]]:
        """Yield how B texts go on, piece by piece and up to `stop`, each with the position after it."""
        decoders = [Decoder(self.encoder, request.stop, request.min_length) for _ in keys]
        for ids, after in self.write(position, request, keys, chunk):
            position = after
            yield [decoder.feed(ids[:, row]) for row, decoder in enumerate(decoders)], position
            # not where one is done: the rest of the batch may still wait for its `stop`
            if all(decoder.done for decoder in decoders):
                break
        yield [decoder.end() for decoder in decoders], position

    def continued(self, position: Position, request: Request, keys: Sequence[Key]) -> tuple[list[str], Position]:
        """Return how B texts go on, and the position after them."""
        chunks = []
        for texts, after in self.pieces(position, request, keys, CHUNK if request.stop else WHOLE):
            chunks.append(texts)
            position = after
        return ["".join(row) for row in zip(*chunks, strict=True)], position

    def continuations(self, prompts: Sequence[Ids], request: Request, keys: Sequence[Key]) -> list[str]:
        """Continue any number of prompts, each of at least one symbol, by the noise of `keys`."""

        def answer(batch: Sequence[tuple[Ids, Key]]) -> list[str]:
            position = self.read([prompt for prompt, _ in batch])
            return self.continued(position, request, [key for _, key in batch])[0]

        items = list(zip(prompts, keys, strict=True))
        return in_batches(items, [len(text) for text in prompts], ROWS * LONG, LONG, answer)

    def likelihoods(self, texts: Sequence[Ids]) -> list[Likelihood]:
        """Return how likely any number of texts are, each of at least two symbols."""

        def answer(batch: Sequence[Ids]) -> list[Likelihood]:
            # The exact sum: NumPy's depends on how many numbers it adds at once. Characters of the scored symbols
            # alone: the first symbol has nothing before it.
            return [
                Likelihood(math.fsum(spelled(nats, text, self.encoder)), len(nats), len(self.encoder.decode(text[1:])))
                for text, nats in zip(batch, self.nats(batch), strict=True)
            ]

        return in_batches(texts, [len(text) for text in texts], ROWS * LONG, LONG, answer)

    def nats(self, texts: Sequence[Ids]) -> list[Floats]:
        """Return -log p of each symbol but the first, nats [T-1], of B texts of at least one symbol."""
        rows: list[list[Floats]] = [[] for _ in texts]
        for blocks, _ in self._through(texts, self.first_state(len(texts))):
            for row, block in zip(rows, blocks, strict=True):
                row.append(-block.astype(np.float64))
        return [np.concatenate(row) if row else np.zeros(0) for row in rows]

    def predict(self, ids: Ids) -> Floats:
        """Return -log p of each symbol of one text but the first, nats [T-1]."""
        return self.nats([ids])[0]

    def _through(self, texts: Sequence[Ids], state: State) -> Iterator[tuple[list[Singles], State]]:
        """Read texts in blocks; yield log p [T] of each row's symbols in a block, and the state after it."""
        block = max(1, min(LONGEST, AT_ONCE // (len(texts) * self.encoder.size)))
        nothing = np.zeros((0, len(texts), self.encoder.size), np.float32)
        for start in range(0, max(map(len, texts)) - 1, block):
            # a block begins with the last symbol of the one before, which no state has read; a text that has ended
            # gives its last symbol alone, and its state stays
            seen = [text[min(start, len(text) - 1) : start + block + 1] for text in texts]
            _, likely, state = self._call(seen, state, nothing, Request())
            yield [row[: len(ids) - 1] for row, ids in zip(likely, seen, strict=True)], state

    def _call(
        self, rows: Sequence[Ids], state: State, noise: Singles, request: Request, before: Position | None = None
    ) -> tuple[Ids, Singles, State]:
        """Read rows [T], and write by noise [N,B,V]; before: what was written under the rules of the request."""
        batch = Padded.of(rows)
        feeds: dict[str, Array] = {
            "prompt": batch.values,
            "lengths": batch.lengths,
            "noise": noise,
            "temperature": np.array(request.temperature, dtype=np.float32),
            "top_k": np.array(request.top_k, dtype=np.int64),
            "top_p": np.array(request.top_p, dtype=np.float32),
            **state,
        }
        if self.rules.known:
            nothing, begin = np.zeros((len(rows), 0), np.int64), np.zeros(len(rows), np.int64)
            written, banned = (None, None) if before is None else (before.written, before.banned)
            feeds |= self.rules.feeds(request)
            feeds["written"] = nothing if written is None else written
            feeds["banned_state"] = begin if banned is None else banned
        outputs = self.model.run(feeds)
        return outputs["ids"], outputs["log_probabilities"], {name: outputs[after_of(name)] for name in self._zeros}
