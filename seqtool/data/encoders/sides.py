"""The encoders of the two sides of pairs of lines: a vocabulary for each, or one for both."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

from seqtool.data.encoders.letter_case import Casing
from seqtool.data.encoders.subwords import Subwords
from seqtool.data.encoders.vocabulary import TokenWords
from seqtool.data.kept_spans import SLOTS, Kept, SpanKeeper, restored
from seqtool.errors import ModelError, damaged
from seqtool.types import Ids, Json

JOINT = "joint"  # the one key in JSON where both sides share a vocabulary
BRACKETS = "()[]"  # those of a source that a translation has to have

LANGUAGES, FORM = "languages", "form"
_SPACE = re.compile(r"\s")
_BREAKING = re.compile(r"[^\S\xa0\u2007\u202f]")  # no-break spaces are typography, which a translation keeps


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

    def joined(self, tokens: Sequence[str]) -> str:
        """Return the text of tokens, in which a text of the source may stand for UNK."""

    def spelled(self) -> list[bytes]:
        """Return the UTF-8 of each id as `decode` joins them, but for blanks at the beginning."""

    def unknown(self, text: str) -> Counter[str]:
        """Count what the vocabulary lacks: characters for subwords, words for words."""

    def to_json(self) -> Json:
        """Return plain JSON values."""


def parted_source(text: str) -> str:
    """Return a source in which a blank stands for each white space, vertical tabs and no-break spaces too."""
    return _SPACE.sub(" ", text)


def parted_target(text: str) -> str:
    """Return a translation in which a blank stands for each white space but no-break spaces."""
    return _BREAKING.sub(" ", text)


@dataclass(frozen=True)
class SourceForm:
    """How the training's sources are written: nearly all are one sentence (single), and the case of their words."""

    single: bool
    casing: Casing

    def to_json(self) -> Json:
        """Return plain JSON values."""
        return {"single": self.single, "casing": self.casing.to_json()}

    @classmethod
    def from_json(cls, value: Json) -> SourceForm:
        """Rebuild what `to_json` gave; raises `ModelError`, `KeyError` or `TypeError` where it is damaged."""
        if not isinstance(value["single"], bool):
            raise ModelError("the stored form of sources is damaged", cure="train and export again")
        return cls(value["single"], Casing.from_json(value["casing"]))


@dataclass(frozen=True)
class TranslationEncoders:
    """The encoders of the two sides: one object where they share a vocabulary.

    languages: of the source and the target in the training files, before `--reverse`; () where none names them.
    form: of the training's sources; None in files of earlier versions, which read lines as they are.
    """

    source: SideEncoder
    target: SideEncoder
    languages: tuple[str, str] | tuple[()] = ()
    form: SourceForm | None = None

    @property
    def keeps(self) -> bool:
        """Whether spans of a source stand as slots in front of the network."""
        return isinstance(self.source, Subwords) and isinstance(self.target, Subwords) and self.target.has_slots

    @cached_property
    def keeper(self) -> SpanKeeper:
        """What finds the spans that a translation keeps."""
        return SpanKeeper(self.source.characters if self.keeps and isinstance(self.source, Subwords) else None)

    @cached_property
    def recased_keeper(self) -> SpanKeeper:
        """What finds the spans of a text in capitals that is written as a sentence afterwards."""
        known = self.keeper.known or frozenset()
        return SpanKeeper(known | set("".join(known).upper())) if self.keeps else self.keeper

    def read(self, source: str, slots: Sequence[str] = SLOTS, *, recased: bool = False) -> Kept:
        """Return a source as the network reads it, with the next of `slots` for its spans.

        recased: it is to be written as a sentence after that.
        """
        text = source if self.form is None else parted_source(source)
        keeper = self.recased_keeper if recased else self.keeper
        return keeper.source(text, slots) if self.keeps else Kept(text, {})

    def read_target(self, target: str, spans: Mapping[str, str]) -> str:
        """Return a translation as the network reads it, of a source that has these spans."""
        text = target if self.form is None else parted_target(target)
        return self.keeper.target(text, spans) if self.keeps else text

    def written(self, ids: Sequence[int] | Ids, spans: Mapping[str, str]) -> str:
        """Return the text of a translation [U] of a source that has these spans."""
        text = self.target.decode(ids)
        return restored(text, spans) if self.keeps else text

    def lost(self, source: str, translation: str, *, recased: bool = False) -> list[str]:
        """Return what of a source its translation lacks: numbers, other spans, brackets, what the vocabulary lacks."""
        lost = (self.recased_keeper if recased else self.keeper).lost(source, translation)
        if self.keeps:
            there = translation + "".join(lost)  # a bracket that training never had is named with its span
            lost += [mark for mark in BRACKETS if there.count(mark) < source.count(mark)]
        else:
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
        if self.form is not None:
            known[FORM] = self.form.to_json()
        if self.source is self.target:
            return {JOINT: self.source.to_json(), **known}
        return {side: encoder.to_json() for side, encoder in self.by_side.items()} | known

    @classmethod
    def from_json(cls, stored: Mapping[str, Json]) -> TranslationEncoders:
        """Rebuild what `to_json` gave; raises `ModelError` where it is damaged."""
        with damaged(ModelError("the stored vocabulary is damaged", cure="train and export again")):
            source, target = (str(code) for code in stored[LANGUAGES]) if LANGUAGES in stored else ("", "")
            languages = (source, target) if source else ()
            form = SourceForm.from_json(stored[FORM]) if FORM in stored else None
            if JOINT in stored:
                joint = _from_json(stored[JOINT])
                return cls(joint, joint, languages, form)
            return cls(_from_json(stored["source"]), _from_json(stored["target"]), languages, form)


def _from_json(value: Json) -> SideEncoder:
    kinds: dict[str, type[Subwords] | type[TokenWords]] = {Subwords.kind: Subwords, TokenWords.kind: TokenWords}
    return kinds[value["kind"]].from_json(value)
