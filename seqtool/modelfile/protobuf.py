"""The protobuf wire format, read within bounds, without copying, and more strictly than by protobuf itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from seqtool.errors import ModelError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # 3 and 4, groups, are refused
_FIXED = {FIXED64: 8, FIXED32: 4}
_SIGN = 1 << 63
_CHUNK = 1 << 20
_CONTINUED = bytes(range(128, 256))


class Field(NamedTuple):
    """One field of a message; `limit` is its largest length in bytes."""

    name: str
    wire: int = BYTES
    repeated: bool = False
    limit: int = 1 << 31


class Message(NamedTuple):
    """A message type: its name and the fields that it may hold, by number."""

    name: str
    fields: Mapping[int, Field]


class Reader:
    """Reads the messages of one file; `budget` bounds the number of fields in all of them together."""

    def __init__(self, budget: int) -> None:
        self._left = budget

    def fields(self, data: memoryview, message: Message) -> Iterator[tuple[str, Any]]:
        """Yield name and value of each field: an int for numbers, a memoryview for bytes, messages, packed numbers.

        Fixed-width numbers come as a memoryview of their bytes. Raises `ModelError` on anything malformed.
        """
        # a value is Any, because the wire type in the field's row decides on its type
        at, seen = 0, set()
        while at < len(data):
            self._left -= 1
            if self._left < 0:  # bounds the time: an empty field takes two bytes alone
                raise ModelError("the file has too many parts to be a model of seqtool")
            key, at = varint(data, at)
            field = message.fields.get(key >> 3)
            if field is None:
                raise ModelError(f"{message.name} holds field {key >> 3}, which no model of seqtool has")
            if field.name in seen and not field.repeated:  # another reader might take the other one
                raise ModelError(f"{message.name} gives {field.name} twice")
            seen.add(field.name)
            value, at = _value(data, at, key & 7, field)
            yield field.name, value


def _value(data: memoryview, at: int, wire: int, field: Field) -> tuple[int | memoryview, int]:
    packed = wire == BYTES and field.repeated  # a writer may pack repeated numbers or not
    if wire != field.wire and not packed:
        raise ModelError(f"{field.name} has wire type {wire} in place of {field.wire}")
    if wire == VARINT:
        return varint(data, at)
    size = _FIXED.get(wire, 0)
    if wire == BYTES:
        size, at = varint(data, at)
    if size > len(data) - at:
        raise ModelError(f"{field.name} goes beyond the end of its message")
    if size > field.limit:
        raise ModelError(f"{field.name} has {size:,} bytes, at most {field.limit:,} are allowed")
    return data[at : at + size], at + size


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return the unsigned number at `at`, below 2**64, and the place after it; raises `ModelError`."""
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            if value >= 1 << 64:
                break
            return value, at
    raise ModelError("the file holds a number that is cut short or too long")


def signed(value: int) -> int:
    """Return the int64 that an unsigned varint stands for."""
    return value - 2 * _SIGN if value >= _SIGN else value


def varints(value: int | memoryview) -> list[int]:
    """Return the numbers of one occurrence of a repeated int64 field, packed or not."""
    if isinstance(value, int):
        return [signed(value)]
    numbers, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        numbers.append(signed(number))
    return numbers


def count(value: int | memoryview, wire: int) -> int:
    """Return the count of numbers in one occurrence of a repeated field, in constant memory."""
    if isinstance(value, int):
        return 1
    if wire != VARINT:
        whole, rest = divmod(len(value), _FIXED[wire])
        if rest:
            raise ModelError("the file holds a list of numbers that is cut short")
        return whole
    if len(value) and value[-1] > 127:
        raise ModelError("the file holds a list of numbers that is cut short")
    # each number ends with the only byte of it below 128
    chunks = (value[at : at + _CHUNK] for at in range(0, len(value), _CHUNK))
    return sum(len(bytes(chunk).translate(None, _CONTINUED)) for chunk in chunks)


def text(value: memoryview) -> str:
    """Return a string field; raises `ModelError` when it is not UTF-8."""
    try:
        return str(value, "utf-8")
    except UnicodeDecodeError as error:
        raise ModelError("the file holds a text that is not UTF-8") from error


def write_bytes(number: int, value: bytes) -> bytes:
    """Return the wire format of a bytes field (a string, a message)."""
    return _write_varint(number << 3 | BYTES) + _write_varint(len(value)) + value


def _write_varint(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])
