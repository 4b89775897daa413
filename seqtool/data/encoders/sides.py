"""The encoders of the two sides of pairs of lines: a vocabulary for each, or one for both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from seqtool.data.encoders.subwords import Subwords
from seqtool.data.encoders.vocabulary import TokenWords
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

    def joined(self, tokens: Sequence[str]) -> str:
        """Return the text of tokens, in which a text of the source may stand for UNK."""

    def spelled(self) -> list[bytes]:
        """Return the UTF-8 of each id as `decode` joins them, but for blanks at the beginning."""

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
