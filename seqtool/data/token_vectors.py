"""Vectors from outside for the tokens of a vocabulary, and how a run keeps them."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from seqtool.errors import DataError, reading
from seqtool.reads import Finding
from seqtool.types import Ids, Json, Singles


@dataclass(frozen=True, eq=False)
class TokenVectors:
    """Vectors from outside [N,E] for some tokens of a vocabulary: ids [N]. facts, findings: where they come from.

    facts are for run.json and the model file, and tell nothing of the machine.
    """

    ids: Ids
    values: Singles
    facts: Json
    findings: tuple[Finding, ...] = ()

    def to_bytes(self) -> bytes:
        """Return what a run keeps of them: ids and values."""
        stream = io.BytesIO()
        np.savez(stream, ids=self.ids, values=self.values)
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> TokenVectors:
        """Rebuild what `to_bytes` gave; raises `ValueError` where it is damaged."""
        try:
            with reading("", ""):
                stored = np.load(io.BytesIO(data), allow_pickle=False)
                ids, values = stored["ids"], stored["values"]
        except (OSError, DataError) as error:
            raise ValueError(str(error)) from error
        if ids.dtype != np.int64 or values.dtype != np.float32 or values.ndim != 2 or ids.shape != values.shape[:1]:
            raise ValueError("other arrays")
        return cls(ids, values, {})
