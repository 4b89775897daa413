"""The encoders of the two sides of pairs of lines: a vocabulary each, or one for both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from seqtool.data.encoders.encoder import Ids
from seqtool.data.encoders.subwords import Subwords
from seqtool.data.encoders.token_words import TokenWords
from seqtool.errors import ModelError

JOINT = "joint"
"""The one key of a vocabulary of both sides in JSON."""


class SideEncoder(Protocol):
    """What turns a line of one language into ids [T] of its vocabulary and back, PAD to EOS being 0 to 3."""

    kind: ClassVar[str]

    @property
    def size(self) -> int:
        """Ids in all, V."""

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text, without BOS and EOS; nothing in it is refused."""

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]."""

    def tokens(self, text: str) -> list[str]:
        """Return the tokens, one for each id of `encode`."""

    def pieces(self, ids: Sequence[int] | Ids) -> list[str]:
        """Return the token of each id [T], as `tokens` would name it."""

    def unknown(self, text: str) -> Counter[str]:
        """Count what the vocabulary cannot say: characters of subwords, words of words."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""


def sides_to_json(encoders: Mapping[str, SideEncoder]) -> dict[str, Any]:
    """Return the encoders `source` and `target` as JSON, once where they are one object."""
    if encoders["source"] is encoders["target"]:
        return {JOINT: encoders["source"].to_json()}
    return {side: encoders[side].to_json() for side in ("source", "target")}


def sides_from_json(stored: Mapping[str, Any]) -> dict[str, SideEncoder]:
    """Rebuild what `sides_to_json` gave; raises `ModelError` where it is damaged."""
    try:
        if JOINT in stored:
            both = _from_json(stored[JOINT])
            return {"source": both, "target": both}
        return {side: _from_json(stored[side]) for side in ("source", "target")}
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the stored vocabulary is damaged ({error!r})", cure="train and export again") from error


def _from_json(value: Mapping[str, Any]) -> SideEncoder:
    kinds: dict[str, type[Subwords] | type[TokenWords]] = {Subwords.kind: Subwords, TokenWords.kind: TokenWords}
    return kinds[value["kind"]].from_json(value)
