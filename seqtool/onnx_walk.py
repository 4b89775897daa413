"""A bounded walk over the bytes of an ONNX file, in the standard library alone; no weight is copied."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from seqtool import onnx_schema as schema
from seqtool.errors import ModelError
from seqtool.protobuf import FIXED32, FIXED64, VARINT, Reader, count, signed, text, varints

MAX_NODES = 20_000
MAX_DEPTH = 8
MAX_PARTS = 1_000_000
_IR_VERSIONS = range(7, 12)
_OPSETS = {"ai.onnx": range(13, 24), "ai.onnx.ml": range(1, 6)}
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
}


@dataclass(frozen=True)
class TensorSpec:
    """An input or output: name, NumPy dtype ("string" for texts) and shape, an axis being a size or a name."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


class Walk:
    """What a walk over a whole ONNX file has found; raises `ModelError` at the first thing out of bounds."""

    def __init__(self, data: memoryview) -> None:
        self._reader = Reader(MAX_PARTS)
        self.ir_version = 0
        self.opsets: dict[str, int] = {}
        self.inputs: list[TensorSpec] = []
        self.outputs: list[TensorSpec] = []
        self.operators: Counter[str] = Counter()
        self.nodes = self.parameters = self.weight_bytes = 0
        self.metadata: dict[str, str] = {}
        self._model(data)

    def _model(self, data: memoryview) -> None:
        graph = None
        for name, value in self._reader.fields(data, schema.MODEL):
            if name == "ir_version":
                self.ir_version = value
            elif name == "opset_import":
                self._opset(value)
            elif name == "metadata":
                self._entry(value)
            elif name == "graph":
                graph = value
        if self.ir_version not in _IR_VERSIONS:
            raise ModelError(f"IR version {self.ir_version} is outside of {_span(_IR_VERSIONS)}")
        if graph is None or "ai.onnx" not in self.opsets:
            raise ModelError("the file holds no ONNX model")
        self.graph = graph
        self._graph(graph, 1)

    def _opset(self, data: memoryview) -> None:
        domain, version = "", 0
        for name, value in self._reader.fields(data, schema.OPSET):
            if name == "domain":
                domain = text(value)
            else:
                version = value
        domain = _known(domain)
        if domain in self.opsets:
            raise ModelError(f"the operator set {domain} is given twice")
        if version not in _OPSETS[domain]:
            raise ModelError(f"operator set {version} of {domain} is outside of {_span(_OPSETS[domain])}")
        self.opsets[domain] = version

    def _entry(self, data: memoryview) -> None:
        key = entry = ""
        for name, value in self._reader.fields(data, schema.ENTRY):
            if name == "key":
                key = text(value)
            else:
                entry = text(value)
        if key in self.metadata:
            raise ModelError(f"the metadata {key!r} is given twice")
        self.metadata[key] = entry

    def _graph(self, data: memoryview, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ModelError(f"graphs are nested deeper than {MAX_DEPTH}")
        for name, value in self._reader.fields(data, schema.GRAPH):
            if name == "node":
                self._node(value, depth)
            elif name == "initializer":
                self._tensor(value)
            elif name in ("input", "output", "value_info"):
                spec = self._value_info(value, strict=depth == 1 and name != "value_info")
                if depth == 1 and name == "input":
                    self.inputs.append(spec)
                elif depth == 1 and name == "output":
                    self.outputs.append(spec)

    def _node(self, data: memoryview, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise ModelError(f"the file has more than {MAX_NODES:,} operators")
        kind = domain = ""
        for name, value in self._reader.fields(data, schema.NODE):
            if name == "op_type":
                kind = text(value)
            elif name == "domain":
                domain = text(value)
            elif name == "attribute":
                self._attribute(value, depth)
        domain = _known(domain)
        if not kind or domain not in self.opsets:
            raise ModelError("the file holds an operator without a type or without an operator set")
        self.operators[kind if domain == "ai.onnx" else f"{domain}.{kind}"] += 1

    def _attribute(self, data: memoryview, depth: int) -> None:
        for name, value in self._reader.fields(data, schema.ATTRIBUTE):
            if name == "tensor":
                self._tensor(value)
            elif name == "graph":
                self._graph(value, depth + 1)

    def _tensor(self, data: memoryview) -> None:
        """Check that a tensor holds exactly the elements that it declares, in exactly one place."""
        dtype, itemsize, label = "", 0, ""
        dims: list[int] = []
        raw = -1
        found: Counter[str] = Counter()
        for name, value in self._reader.fields(data, schema.TENSOR):
            if name == "dims":
                dims += _dims(dims, value)
            elif name == "data_type":
                dtype, itemsize = _dtype(value)
            elif name == "name":
                label = text(value)
            elif name == "raw_data":
                raw = len(value)
            elif name == "string_data":
                found[name] += 1
                self.weight_bytes += len(value)
            elif name in _LISTS:
                found[name] += count(value, _LISTS[name][0])
            elif name == "external_data" or (name == "data_location" and value):
                raise ModelError("the file keeps weights in another file")
        _check_elements(label, dtype, itemsize, _product(dims), raw, found)
        if dtype != "string":
            self.parameters += _product(dims)
            self.weight_bytes += _product(dims) * itemsize

    def _value_info(self, data: memoryview, *, strict: bool) -> TensorSpec:
        """Read name and type; `strict` demands a tensor of known dtype and rank, as a public input has."""
        name, kind = "", None
        for field, value in self._reader.fields(data, schema.VALUE_INFO):
            if field == "name":
                name = text(value)
            elif field == "type":
                kind = value
        dtype, shape = self._type(kind) if kind is not None else ("", None)
        if strict and (not name or not dtype or shape is None):
            raise ModelError("an input or output has no name, dtype or shape")
        return TensorSpec(name, dtype, shape or ())

    def _type(self, data: memoryview) -> tuple[str, tuple[int | str, ...] | None]:
        dtype, shape = "", None
        for name, value in self._reader.fields(data, schema.TYPE):
            if name != "tensor":
                continue
            for part, inner in self._reader.fields(value, schema.TENSOR_TYPE):
                if part == "dtype":
                    dtype = _dtype(inner)[0]
                else:
                    shape = self._shape(inner)
        return dtype, shape

    def _shape(self, data: memoryview) -> tuple[int | str, ...]:
        axes: list[int | str] = []
        for _, axis in self._reader.fields(data, schema.SHAPE):
            size: int | str = ""
            for name, value in self._reader.fields(axis, schema.DIM):
                if name == "size":
                    size = signed(value)
                elif name == "name":
                    size = text(value)
            axes.append(size)
        if len(axes) > schema.MAX_RANK:
            raise ModelError(f"a tensor has more than {schema.MAX_RANK} axes")
        return tuple(axes)


def _known(domain: str) -> str:
    """Return the full name of an operator set; raises `ModelError` for one that is not standard."""
    domain = domain or "ai.onnx"
    if domain not in _OPSETS:
        raise ModelError(f"the file needs operators of {domain!r}, which is not standard ONNX")
    return domain


def _span(versions: range) -> str:
    return f"{versions.start} to {versions.stop - 1}"


def _dtype(number: int) -> tuple[str, int]:
    if number not in _DTYPES:
        raise ModelError(f"a tensor has the unknown data type {number}")
    return _DTYPES[number]


def _dims(so_far: list[int], value: int | memoryview) -> list[int]:
    more = varints(value)
    if len(so_far) + len(more) > schema.MAX_RANK:
        raise ModelError(f"a tensor has more than {schema.MAX_RANK} axes")
    if any(size < 0 for size in more):
        raise ModelError("a tensor has an axis of negative size")
    return more


def _product(dims: list[int]) -> int:
    """Return the number of elements (exact: Python's integers do not overflow)."""
    return math.prod(dims)


def _check_elements(label: str, dtype: str, itemsize: int, count: int, raw: int, found: Counter[str]) -> None:
    """Raise `ModelError` unless exactly one place holds exactly `count` elements of `dtype`."""
    if not dtype:
        raise ModelError(f"the tensor {label!r} has no data type")
    places = [name for name, number in found.items() if number] + (["raw_data"] if raw >= 0 else [])
    if len(places) > 1:
        raise ModelError(f"the tensor {label!r} keeps its elements in two places")
    if dtype == "string":
        held = found["string_data"] if raw < 0 else -1
    elif raw >= 0:
        held = raw // itemsize if raw % itemsize == 0 else -1
    else:
        held = sum(number for name, number in found.items() if name in _LISTS and dtype in _LISTS[name][1])
    if held != count:
        raise ModelError(f"the tensor {label!r} declares {count:,} elements and holds another number")
