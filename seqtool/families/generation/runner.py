"""Continuations and scores from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.encoders.texts import from_json
from seqtool.data.folding import fold
from seqtool.errors import ModelError, UsageError
from seqtool.families.generation.noise import Key, gumbel
from seqtool.manifest import after_of

Ids = NDArray[np.int64]
State = dict[str, NDArray[np.float32]]

CHUNK = 32
"""Symbols of one call while a text is written."""

AT_ONCE = 1 << 22
"""Probabilities of one call while a text is read: 16 MB."""
LONGEST = 256
MOST = 10_000_000
"""What a file may promise at most: its outputs are allocated on its word."""
NEVER = np.float32(-1e30)


@dataclass(frozen=True)
class Request:
    """What is to be written: `count` symbols, or as far as `stop`.

    They are drawn at a temperature (0: the most likely), then among top_k (0: all), then among top_p (1: all).
    """

    count: int = 500
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    stop: str = ""


@dataclass(frozen=True)
class Position:
    """Where B texts stand: the last symbol of each [B], the state before it, each tensor [L,B,H], and the step."""

    last: Ids
    state: State
    step: int = 0


class Runner:
    """A language model's file with its contract.

    encoder: of text (`seqtool.data.encoders`); longest_prompt in characters; most: symbols generated at most.
    Raises `ModelError` where the manifest does not give them.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        manifest = model.manifest
        try:
            self.encoder = from_json(manifest.encoders["encoder"])
            self._lower, self._ascii = (manifest.config[name] is True for name in ("lower", "ascii"))
            self.longest_prompt, self.most = (min(manifest.limit(name), MOST) for name in ("prompt", "generated"))
            inputs = {spec.name: spec.shape for spec in model.file.inputs}
            if inputs["noise"][2] != self.encoder.size:
                raise ValueError(f"{self.encoder.size} symbols, a graph of {inputs['noise'][2]}")
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(
                f"the manifest does not say what a language model needs ({error})", cure="export the model again"
            ) from error
        self._zeros: State = {
            name: np.zeros((shape[0], 1, shape[2]), np.float32)
            for name, shape in inputs.items()
            if name.startswith("state_")
        }

    def first_state(self, rows: int = 1) -> State:
        """Return the state of B rows before the first symbol, each tensor [L,B,H]."""
        return {name: np.repeat(zeros, rows, axis=1) for name, zeros in self._zeros.items()}

    def check(self, request: Request) -> None:
        """Raise `UsageError` for what the model cannot do."""
        size = self.encoder.size
        if not 1 <= request.count <= self.most:
            raise UsageError(f"{request.count:,} symbols cannot be generated", cure=f"-n 1 to {self.most:,}")
        if not 0 <= request.temperature < np.inf:
            raise UsageError(f"a temperature of {request.temperature:g} cannot be", cure="--temperature 0 or more")
        if not 0 <= request.top_k <= size:
            raise UsageError(
                f"--top-k {request.top_k:,} cannot be: the model knows {size:,} symbols",
                cure=f"--top-k 1 to {size:,}, or 0: all",
            )
        if not 0 < request.top_p <= 1:
            raise UsageError(f"--top-p {request.top_p:g} is no share", cure="above 0, up to 1: all")

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text, made as plain as the training text was."""
        return self.encoder.encode(self.fold(text))

    def fold(self, text: str) -> str:
        """Make a text as plain as the training text was."""
        return fold(text, lower=self._lower, ascii=self._ascii)

    def read(self, texts: Sequence[Ids], before: Position | None = None) -> Position:
        """Read B texts, from where others end: each of at least one symbol, or of none after others."""
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
        """Yield `request.count` symbols for each of B texts in chunks [N,B], each with where the texts stand after it.

        keys [B]: whose noise; the symbols are the same whatever the chunk and the batch. `stop` is not looked for.
        """
        end = position.step + request.count
        while position.step < end:
            steps = min(chunk, end - position.step, max(1, AT_ONCE // (len(keys) * self.encoder.size)))
            noise = gumbel(request.seed, keys, position.step, steps, self.encoder.size)
            if self.encoder.unk is not None:
                noise[..., self.encoder.unk] = NEVER  # it says nothing, and a sampled one would be read on
            ids, _, state = self._call(list(position.last[:, None]), position.state, noise, request)
            position = Position(ids[-1], state, position.step + steps)
            yield ids, position

    def score(self, texts: Sequence[Ids]) -> list[NDArray[np.float64]]:
        """Return -log p of each symbol but the first, nats [T-1], of B texts of at least one symbol."""
        found: list[list[NDArray[np.float64]]] = [[] for _ in texts]
        for told, _ in self._through(texts, self.first_state(len(texts))):
            for row, some in enumerate(told):
                found[row].append(-some.astype(np.float64))
        return [np.concatenate(parts) if parts else np.zeros(0) for parts in found]

    def nats(self, ids: Ids) -> NDArray[np.float64]:
        """Return -log p of each symbol of one text but the first, nats [T-1]."""
        return self.score([ids])[0]

    def _through(self, texts: Sequence[Ids], state: State) -> Iterator[tuple[list[NDArray[np.float32]], State]]:
        """Read texts in blocks; yield log p [T] of each row's symbols in a block, and the state after it."""
        block = max(1, min(LONGEST, AT_ONCE // (len(texts) * self.encoder.size)))
        nothing = np.zeros((0, len(texts), self.encoder.size), np.float32)
        for start in range(0, max(map(len, texts)) - 1, block):
            seen = [text[min(start, len(text) - 1) : start + block + 1] for text in texts]  # the last one again
            _, told, state = self._call(seen, state, nothing, Request())
            yield [row[: len(some) - 1] for row, some in zip(told, seen, strict=True)], state

    def _call(
        self, prompts: Sequence[Ids], state: State, noise: NDArray[np.float32], request: Request
    ) -> tuple[Ids, NDArray[np.float32], State]:
        lengths = np.array([len(prompt) for prompt in prompts], dtype=np.int32)
        padded = np.zeros((len(prompts), lengths.max()), dtype=np.int64)
        for row, prompt in zip(padded, prompts, strict=True):
            row[: len(prompt)] = prompt
        feeds = {
            "prompt": padded,
            "lengths": lengths,
            "noise": noise,
            "temperature": np.array(request.temperature, dtype=np.float32),
            "top_k": np.array(request.top_k, dtype=np.int64),
            "top_p": np.array(request.top_p, dtype=np.float32),
        }
        outputs = self.model.run(feeds | state)
        return outputs["ids"], outputs["log_probabilities"], {name: outputs[after_of(name)] for name in self._zeros}
