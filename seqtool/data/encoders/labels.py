"""Labels: the classes of a data set as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from seqtool.data.answer_names import fit_names
from seqtool.errors import DataError, ModelError

if TYPE_CHECKING:
    from seqtool.types import Ids, Json

SHOWN = 8  # labels in a message: a data set may have thousands


@dataclass(frozen=True)
class Labels:
    """Different names in order; names[i] has the id i."""

    names: tuple[str, ...]
    kind: ClassVar[str] = "labels"

    @classmethod
    def fit(cls, labels: Iterable[str]) -> Labels:
        """Take the different labels of the training part, sorted."""
        return cls(tuple(sorted(set(labels))))

    def extended(self, names: Iterable[str]) -> Labels:
        """Return these labels, and behind them the others of `names`: an id keeps its label."""
        return Labels(with_new(self.names, names))

    @property
    def size(self) -> int:
        """Labels in all, C."""
        return len(self.names)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    def encode(self, labels: Sequence[str]) -> Ids:
        """Return the ids [T] of labels; raises `DataError` for one that the training part lacks."""
        try:
            return np.array([self._ids[label] for label in labels], dtype=np.int64)
        except KeyError as error:
            what = f"the label {error.args[0]!r:.80} never occurs in the training part"
            where = "known: " + ", ".join(self.names[:SHOWN]) + (" ..." if self.size > SHOWN else "")
            raise DataError(what, where=where, cure="mend that label, or train on data that has it") from error

    def decode(self, ids: Sequence[int] | Ids) -> list[str]:
        """Return the labels of ids [T]."""
        return [self.names[number] for number in ids]

    def to_json(self) -> Json:
        """Return plain JSON values."""
        return {"kind": self.kind, "names": list(self.names)}

    @classmethod
    def from_json(cls, value: Json) -> Labels:
        """Rebuild what `to_json` gave; raises `ModelError` where it is none."""
        return cls(fit_names(different_texts(value, cls.kind, "names")))


def with_new(known: tuple[str, ...], more: Iterable[str], most: int | None = None) -> tuple[str, ...]:
    """Return known texts, and behind them the others of `more` in their order, while there are at most `most`."""
    have = set(known)
    new = [text for text in dict.fromkeys(more) if text not in have]
    return (*known, *(new if most is None else new[: max(0, most - len(known))]))


def different_texts(value: object, kind: str, key: str) -> tuple[str, ...]:
    """Return the list `key` of a stored encoder; raises `ModelError` unless it holds different texts."""
    texts = value.get(key) if isinstance(value, dict) and value.get("kind") == kind else None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts) or len(set(texts)) < len(texts):
        raise ModelError(f"the stored {kind} is damaged", cure="train and export again")
    return tuple(texts)
