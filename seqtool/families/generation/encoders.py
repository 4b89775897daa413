"""Texts as symbols: the encoder, where a text stands while it is written, and symbols back to text as they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

from seqtool.data.encoders.texts import Encoder, from_json
from seqtool.families.texts import SPELLING
from seqtool.types import Array, Floats, Ids, Json, Singles

State = dict[str, Singles]
INCOMPLETE = "\ufffd"  # what Python decodes the first bytes of a character to


@dataclass(frozen=True)
class GenerationEncoders:
    """What a language model's file knows about text: its symbols."""

    encoder: Encoder

    def to_json(self) -> Json:
        """Return the encoders as a JSON object."""
        return {"encoder": self.encoder.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> GenerationEncoders:
        """Rebuild the encoders from `to_json`; raises `ModelError` where they are damaged."""
        return cls(from_json(stored.get("encoder", {})))


@dataclass(frozen=True)
class Position:
    """Where B texts stand: the last symbol of each [B], the state before it, each tensor [L,B,H], and the step.

    Where rules are on also what was written since the beginning [B,W], and the state [B] that it left the automaton of
    banned texts in.
    """

    last: Ids
    state: State
    step: int = 0
    written: Ids | None = None
    banned: Ids | None = None


class Generated(NamedTuple):
    """A prompt and its continuations, one for each sample."""

    prompt: str
    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The first continuation."""
        return self.texts[0]


def spelled(nats: Floats, ids: Array, encoder: Encoder) -> Floats:
    """Add to nats [T-1] the cost of naming the unseen character behind each `unk` of ids [T]."""
    # models and baselines alike: else a vocabulary that lacks much would flatter its model
    return nats if encoder.unk is None else nats + SPELLING * (ids[1:] == encoder.unk)


class Decoder:
    """Turns symbols into text, chunk by chunk, independent of the chunks, up to `stop` or to a negative symbol.

    It holds a character back until all its bytes are there, and a possible beginning of `stop` until that is certain.
    done: the end has come. least: the first symbols, in which `stop` is not looked for.
    """

    def __init__(self, encoder: Encoder, stop: str = "", least: int = 0) -> None:
        self._encoder, self._stop, self._least = encoder, stop, least
        self._ids: list[int] = []
        # The first ids are decoded already. They stay: their neighbours decide how symbols are written.
        self._decoded = 0
        self._held = ""
        self.done = False

    def feed(self, ids: Iterable[int]) -> str:
        """Add symbols; return the text that is certain now."""
        given = list(map(int, ids))
        symbols = list(takewhile(lambda number: number >= 0, given))
        text, place = "", 0
        while self._least and place < len(symbols):
            text += self._added(symbols[place : place + 1])
            place += 1
            # the last of the first symbols may begin a character: `stop` is not looked for in that either
            if self._least > 1 or self._decoded == len(self._ids):
                self._least -= 1
        text += self._added(symbols[place:])
        if len(symbols) < len(given):
            text += self.end()
            self.done = True
        return text

    def _added(self, symbols: list[int]) -> str:
        if self.done:
            return ""
        self._ids.extend(symbols)
        whole = self._encoder.decode(self._ids)
        # the rest of a character's bytes may come with the next symbols
        return "" if whole.endswith(INCOMPLETE) else self._certain(self._new(whole))

    def end(self) -> str:
        """Return what was held back."""
        if self.done:
            return ""
        text = self._certain(self._new(self._encoder.decode(self._ids)))
        return text if self.done else text + self._held

    def _new(self, whole: str) -> str:
        before = self._encoder.decode(self._ids[: self._decoded])
        del self._ids[: self._decoded]
        self._decoded = len(self._ids)
        return whole[len(before) :]

    def _certain(self, new: str) -> str:
        text, self._held = self._held + new, ""
        if not self._stop or self._least:
            return text
        before, stop, _ = text.partition(self._stop)
        if stop:
            self.done = True
            return before
        lengths = range(min(len(self._stop) - 1, len(text)), 0, -1)
        held = next((length for length in lengths if text.endswith(self._stop[:length])), 0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]
