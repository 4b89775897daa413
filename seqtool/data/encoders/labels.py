"""Labels: the classes of a data set as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from seqtool.data.encoders.encoder import Ids
from seqtool.errors import DataError, ModelError

SHOWN = 8
"""Labels that a message names."""


@dataclass(frozen=True)
class Labels:
    """Different names in order; names[i] has the id i."""

    names: tuple[str, ...]
    kind: ClassVar[str] = "labels"

    @classmethod
    def fit(cls, labels: Iterable[str]) -> Labels:
        """Take the different labels of the training part, sorted."""
        return cls(tuple(sorted(set(labels))))

    @property
    def size(self) -> int:
        """Labels in all, C."""
        return len(self.names)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    def encode(self, labels: Sequence[str]) -> Ids:
        """Return the ids [T] of labels; raises `DataError` for one that the training part never had."""
        try:
            return np.array([self._ids[label] for label in labels], dtype=np.int64)
        except KeyError as error:
            known = ", ".join(self.names[:SHOWN]) + (" ..." if self.size > SHOWN else "")
            raise DataError(
                f"the label {error.args[0]!r:.80} never occurs in the training part",
                where=f"known: {known}",
                cure="mend that label, or train on data that has it",
            ) from error

    def decode(self, ids: Sequence[int] | Ids) -> list[str]:
        """Return the labels of ids [T]."""
        return [self.names[number] for number in ids]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, "names": list(self.names)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Labels:
        """Rebuild what `to_json` gave; raises `ModelError` where it is none."""
        return cls(different_texts(value, cls.kind, "names"))


def different_texts(value: Mapping[str, Any], kind: str, key: str) -> tuple[str, ...]:
    """Return the texts of a stored encoder, all different; raises `ModelError` where that is not what is there."""
    texts = value.get(key) if isinstance(value, Mapping) and value.get("kind") == kind else None
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts) or len(set(texts)) < len(texts):
        raise ModelError(f"the stored {kind} is damaged", cure="train and export again")
    return tuple(texts)
