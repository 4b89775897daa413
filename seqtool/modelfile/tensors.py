"""Tensors and tensor types of an ONNX file: checked against what they declare, and counted."""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass

from seqtool.errors import ModelError
from seqtool.modelfile import messages
from seqtool.modelfile.protobuf import BYTES, FIXED32, FIXED64, VARINT, Reader, count, signed, text, varints

_DTYPES = {  # number in the file: name in NumPy, bytes an element
    1: ("float32", 4),
    2: ("uint8", 1),
    3: ("int8", 1),
    4: ("uint16", 2),
    5: ("int16", 2),
    6: ("int32", 4),
    7: ("int64", 8),
    8: ("string", 0),
    9: ("bool", 1),
    10: ("float16", 2),
    11: ("float64", 8),
    12: ("uint32", 4),
    13: ("uint64", 8),
}
_LISTS = {  # where a tensor without raw_data keeps its elements: wire type, dtypes
    "float_data": (FIXED32, {"float32"}),
    "int32_data": (VARINT, {"int32", "int16", "int8", "uint16", "uint8", "bool", "float16"}),
    "int64_data": (VARINT, {"int64"}),
    "double_data": (FIXED64, {"float64"}),
    "uint64_data": (VARINT, {"uint64", "uint32"}),
    "string_data": (BYTES, {"string"}),
}


@dataclass(frozen=True)
class TensorSpec:
    """An input or output: name, NumPy dtype ("string" for texts) and shape, an axis being a size or a name."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


@dataclass
class Tensor:
    """A constant of the file; `elements`: the product of its dims, `rows`: the first of them, `size`: its bytes."""

    name: str = ""
    dtype: str = ""
    elements: int = 1
    rows: int = 0
    size: int = 0
    raw: memoryview | None = None
    listed: tuple[int | memoryview, ...] = ()  # the first of them

    def numbers(self) -> tuple[int, ...] | None:
        """Return the elements of a small int64 tensor, such as a shape or a count of rounds; None for any other."""
        if self.dtype != "int64" or self.elements > messages.MAX_RANK:
            return None
        if self.raw is not None:
            numbers = tuple(number for (number,) in struct.iter_unpack("<q", self.raw))
        else:
            numbers = tuple(number for value in self.listed for number in varints(value))
        return numbers if len(numbers) == self.elements else None


def read_tensor(reader: Reader, data: memoryview) -> Tensor:
    """Check that a tensor holds exactly the elements that it declares, in one place; raises `ModelError`."""
    tensor, itemsize, rank = Tensor(), 0, 0
    held: Counter[str] = Counter()
    for name, value in reader.fields(data, messages.TENSOR):
        if name == "dims":
            for dim in varints(value):
                rank, tensor.elements = rank + 1, tensor.elements * _size(dim, rank)
                tensor.rows = dim if rank == 1 else tensor.rows
        elif name == "data_type":
            tensor.dtype, itemsize = _dtype(value)
        elif name == "name":
            tensor.name = text(value)
        elif name == "raw_data":
            held[name], tensor.size, tensor.raw = len(value), len(value), value
        elif name == "string_data":
            held[name], tensor.size = held[name] + 1, tensor.size + len(value)
        elif name in _LISTS:
            held[name] += count(value, _LISTS[name][0])
            if len(tensor.listed) < messages.MAX_RANK:
                tensor.listed = (*tensor.listed, value)
        elif name == "external_data" or (name == "data_location" and value):
            raise ModelError("the file keeps weights in another file")  # its path could be that of any file
    _check(tensor, itemsize, +held)  # without the empty lists
    tensor.size = tensor.size or tensor.elements * itemsize
    return tensor


def _check(tensor: Tensor, itemsize: int, held: Counter[str]) -> None:
    """Compare the bytes of raw_data or the elements of a list with the declared ones."""
    # a file of a few bytes could declare terabytes
    declared = tensor.elements
    for name in held:
        if name == "raw_data" and itemsize:
            declared *= itemsize
        elif name == "raw_data" or tensor.dtype not in _LISTS[name][1]:
            raise ModelError(f"the tensor {tensor.name!r} keeps {tensor.dtype or 'nothing'} in {name}")
    if len(held) > 1 or held.total() != declared or not tensor.dtype:
        raise ModelError(f"the tensor {tensor.name!r} does not hold the elements that it declares")


def _size(dim: int, rank: int) -> int:
    if dim < 0 or dim >= 1 << 40 or rank >= messages.MAX_RANK:
        raise ModelError("a tensor of the file has an impossible shape")
    return dim


def _dtype(number: int) -> tuple[str, int]:
    if number not in _DTYPES:
        raise ModelError(f"the file uses the element type {number}, which no model of seqtool has")
    return _DTYPES[number]


def read_value_info(reader: Reader, data: memoryview, *, complete: bool) -> TensorSpec:
    """Return name, dtype and shape of a value; raises `ModelError` where with `complete` one is missing."""
    name, dtype = "", ""
    shape: tuple[int | str, ...] | None = None
    for field, value in reader.fields(data, messages.VALUE_INFO):
        if field == "name":
            name = text(value)
        elif field == "type":
            dtype, shape = _tensor_type(reader, value)
    if complete and (not name or not dtype or shape is None or "" in shape):
        raise ModelError(f"the input or output {name!r} lacks a name, a type, a shape or the name of an axis")
    return TensorSpec(name, dtype, shape or ())


def _tensor_type(reader: Reader, data: memoryview) -> tuple[str, tuple[int | str, ...] | None]:
    dtype = ""
    shape: tuple[int | str, ...] | None = None
    for _, tensor in (field for field in reader.fields(data, messages.TYPE) if field[0] == "tensor"):
        for name, value in reader.fields(tensor, messages.TENSOR_TYPE):
            if name == "dtype":
                dtype, _ = _dtype(value)
            else:
                shape = tuple(_axis(reader, axis) for _, axis in reader.fields(value, messages.SHAPE))
    return dtype, shape


def _axis(reader: Reader, data: memoryview) -> int | str:
    """Return the size or the name of an axis, "" when it has neither."""
    axis: int | str = ""
    for name, value in reader.fields(data, messages.DIM):
        if name == "denotation":
            continue
        if axis != "":
            raise ModelError("an axis of the file has both a size and a name")
        axis = text(value) if name == "name" else _size(signed(value), 0)
    return axis
