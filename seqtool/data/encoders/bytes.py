"""Text as the bytes of its UTF-8: 256 symbols that can say everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seqtool.data.encoders.encoder import Ids


@dataclass(frozen=True)
class Bytes:
    """The id of a byte is its value; a lone surrogate is a `?`."""

    kind: ClassVar[str] = "bytes"
    size: ClassVar[int] = 256
    unk: ClassVar[None] = None

    def encode(self, text: str) -> Ids:
        """Return the ids [T] of a text."""
        return np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8).astype(np.int64)

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """Return the text of ids [T]; bytes that are no UTF-8 become U+FFFD."""
        return bytes(np.asarray(ids, dtype=np.uint8)).decode("utf-8", "replace")

    def unseen(self, text: str) -> dict[str, int]:
        """Return {}: bytes can say everything."""
        return {}

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Bytes:
        """Rebuild what `to_json` gave."""
        return cls()
