"""The encoders of the two sides of pairs of lines: a vocabulary for each, or one for both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np

from seqtool.data.encoders.subwords import Subwords
from seqtool.data.encoders.vocabulary import TokenWords
from seqtool.data.kept_spans import SLOTS, Kept, SpanKeeper, restored
from seqtool.errors import ModelError
from seqtool.types import Ids, Json

JOINT = "joint"  # the one key in JSON where both sides share a vocabulary

LANGUAGES = "languages"


class SideEncoder(Protocol):
    """Turns a line of one language into ids [T] of its vocabulary and back; PAD to EOS are 0 to 3."""

    kind: ClassVar[str]

    @property
    def size(self) -> int:
        """Ids in all, V."""

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of any text, without BOS and EOS."""

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]."""

    def tokens(self, text: str) -> list[str]:
        """Return the tokens, one for each id of `encode`."""

    def pieces(self, ids: Sequence[int] | Ids) -> list[str]:
        """Return the token of each id [T], as `tokens` would name it."""

    def unknown(self, text: str) -> Counter[str]:
        """Count what the vocabulary lacks: characters for subwords, words for words."""

    def to_json(self) -> Json:
        """Return plain JSON values."""


@dataclass(frozen=True)
class TranslationEncoders:
    """The encoders of the two sides: one object where they share a vocabulary.

    languages: of the source and the target in the training files, before `--reverse`; () where none names them.
    """

    source: SideEncoder
    target: SideEncoder
    languages: tuple[str, str] | tuple[()] = ()

    @property
    def keeps(self) -> bool:
        """Whether spans of a source stand as slots in front of the network."""
        return isinstance(self.source, Subwords) and isinstance(self.target, Subwords) and self.target.has_slots

    @cached_property
    def keeper(self) -> SpanKeeper:
        """What finds the spans that a translation keeps."""
        return SpanKeeper(self.source.characters if self.keeps and isinstance(self.source, Subwords) else None)

    @property
    def never(self) -> Ids:
        """The ids of the target that no translation holds; none in earlier files."""
        return self.target.never if isinstance(self.target, Subwords) else np.zeros(0, np.int64)

    def read(self, source: str, slots: Sequence[str] = SLOTS) -> Kept:
        """Return a source as the network reads it, with the next of `slots` for its spans."""
        return self.keeper.source(source, slots) if self.keeps else Kept(source, {})

    def read_target(self, target: str, spans: Mapping[str, str]) -> str:
        """Return a translation as the network reads it, of a source that has these spans."""
        return self.keeper.target(target, spans) if self.keeps else target

    def written(self, ids: Sequence[int] | Ids, spans: Mapping[str, str]) -> str:
        """Return the text of a translation [U] of a source that has these spans."""
        text = self.target.decode(ids)
        return restored(text, spans) if self.keeps else text

    def lost(self, source: str, translation: str) -> list[str]:
        """Return what of a source its translation lacks: numbers, other spans, and what the vocabulary lacks."""
        lost = self.keeper.lost(source, translation)
        if not self.keeps:
            there = " ".join([translation, *lost])
            lost += [symbol for symbol in self.source.unknown(source) if symbol not in there]
        return lost

    @property
    def by_side(self) -> dict[str, SideEncoder]:
        """The encoders by the name of their side."""
        return {"source": self.source, "target": self.target}

    def to_json(self) -> Json:
        """Return the encoders as a JSON object, a shared one once."""
        known: Json = {LANGUAGES: list(self.languages)} if self.languages else {}
        if self.source is self.target:
            return {JOINT: self.source.to_json(), **known}
        return {side: encoder.to_json() for side, encoder in self.by_side.items()} | known

    @classmethod
    def from_json(cls, stored: Mapping[str, Json]) -> TranslationEncoders:
        """Rebuild what `to_json` gave; raises `ModelError` where it is damaged."""
        try:
            source, target = (str(code) for code in stored[LANGUAGES]) if LANGUAGES in stored else ("", "")
            languages = (source, target) if source else ()
            if JOINT in stored:
                joint = _from_json(stored[JOINT])
                return cls(joint, joint, languages)
            return cls(_from_json(stored["source"]), _from_json(stored["target"]), languages)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"the stored vocabulary is damaged ({error!r})", cure="train and export again") from error


def _from_json(value: Json) -> SideEncoder:
    kinds: dict[str, type[Subwords] | type[TokenWords]] = {Subwords.kind: Subwords, TokenWords.kind: TokenWords}
    return kinds[value["kind"]].from_json(value)
