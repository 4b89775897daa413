"""A sum of the records of a part, by which a run knows them: a file may be read otherwise than at the training."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

BLOCK = 1 << 16
"""Records, or characters of a text, that are written at once: all of them would take the memory of the part again."""


def part_sum(part: object) -> str:
    """Return the sha256 of what a part holds; "" where a plugin's part cannot be written down."""
    digest = hashlib.sha256()
    try:
        for piece in _pieces(part):
            digest.update(piece)
    except (TypeError, ValueError, RecursionError):
        return ""
    return digest.hexdigest()


def _pieces(value: Any) -> Iterator[bytes]:
    """Yield the bytes that stand for a value, in any process and on any machine.

    Of a dataclass, the fields that its == compares: what follows from them, or only tells of them, may change its form.
    """
    if isinstance(value, np.ndarray) and value.dtype != object:
        plain = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False)
        yield f"array {plain.dtype.str} {plain.shape} ".encode()
        yield plain.tobytes()
    elif isinstance(value, str):
        yield f"text {len(value)} ".encode()
        for start in range(0, len(value), BLOCK):
            yield value[start : start + BLOCK].encode("utf-8", "surrogatepass")
    elif isinstance(value, (tuple, list)):
        yield f"list {len(value)} ".encode()
        for start in range(0, len(value), BLOCK):
            yield _written(value[start : start + BLOCK])
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        from seqtool.data.series import LATER  # here, for a sum of texts needs no series

        for field in dataclasses.fields(value):
            if field.compare and not (LATER in field.metadata and getattr(value, field.name) == field.default):
                yield from _pieces(getattr(value, field.name))
    else:
        yield _written(value)


def _written(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, default=_stand_in).encode()


def _stand_in(value: object) -> str:
    """Return what stands in JSON for what JSON does not have; raises `TypeError` for a class that tells nothing."""
    if isinstance(value, np.ndarray) or dataclasses.is_dataclass(value):
        return part_sum(value)
    raise TypeError(f"a {type(value).__name__} has no form to be written in")
