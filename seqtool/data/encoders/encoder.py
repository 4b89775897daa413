"""What every encoder of text can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


class Encoder(Protocol):
    """What turns text into ids [T] of a vocabulary and back."""

    kind: ClassVar[str]

    @property
    def size(self) -> int:
        """Symbols in the vocabulary, V."""

    @property
    def unk(self) -> int | None:
        """The id of what the vocabulary cannot say; None where it can say everything."""

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text."""

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]."""

    def unseen(self, text: str) -> dict[str, int]:
        """Count the characters of a text that the vocabulary cannot say."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
