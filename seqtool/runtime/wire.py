"""Messages between two processes: a JSON object, and arrays as plain bytes.

No pickle: the other process runs a stranger's graph, and what it sends is not trusted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from seqtool.types import Array, Json

LONGEST_HEAD = 1 << 20  # bytes
LARGEST = 1 << 31  # bytes of one array
_DTYPES = {
    "bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
}  # fmt: skip
_SIZE = 8


def write(stream: IO[bytes], head: Json, arrays: Mapping[str, Array]) -> None:
    """Write a message; raises `OSError`, and `ValueError` for an array of no dtype that a graph has."""
    described, payloads = [], []
    for name, array in arrays.items():
        texts = array.dtype == object
        payload = json.dumps(array.ravel().tolist()).encode() if texts else array.tobytes()
        dtype = "string" if texts else array.dtype.name
        if not texts and dtype not in _DTYPES:
            raise ValueError(f"{name} has dtype {dtype}")
        described.append([name, dtype, array.shape, len(payload)])
        payloads.append(payload)
    text = json.dumps({**head, "arrays": described}).encode()
    stream.write(len(text).to_bytes(_SIZE, "little") + text)
    for payload in payloads:
        stream.write(payload)
    stream.flush()


def read(stream: IO[bytes]) -> tuple[Json, dict[str, Array]]:
    """Read a message; raises `EOFError` where the stream ends, and `ValueError` for anything but a message."""
    size = int.from_bytes(_exactly(stream, _SIZE), "little")
    if size > LONGEST_HEAD:
        raise ValueError("the head of a message is too long")
    try:
        head = json.loads(_exactly(stream, size))
        described = head.pop("arrays")
        return head, {str(name): _array(stream, *rest) for name, *rest in described}
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ValueError("this is no message") from error


def _array(stream: IO[bytes], dtype: str, shape: list[int], size: int) -> Array:
    if not 0 <= size <= LARGEST:
        raise ValueError("an array is too large")
    payload = _exactly(stream, size)
    if dtype != "string":
        if dtype not in _DTYPES:
            raise ValueError(f"no dtype: {dtype!r:.40}")
        return np.frombuffer(payload, dtype).reshape(shape)
    texts = json.loads(payload)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("an array of texts holds something else")
    array = np.empty(len(texts), object)
    array[:] = texts
    return array.reshape(shape)


def _exactly(stream: IO[bytes], size: int) -> bytearray:
    """Return the next `size` bytes, in memory that may be written to, as the arrays of ONNX Runtime are."""
    data = bytearray(size)
    at = 0
    with memoryview(data) as view:
        while at < size:
            count = stream.readinto(view[at:])  # type: ignore[attr-defined]  # IO has no readinto, BinaryIO neither
            if not count:
                raise EOFError
            at += count
    return data
