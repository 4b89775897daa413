"""A bounded walk over the bytes of an ONNX file; no weight is copied."""

# The standard library alone: the walk runs before anything that a crafted file could attack.

from __future__ import annotations

from collections import Counter

from seqtool.errors import ModelError
from seqtool.modelfile import constants, messages
from seqtool.modelfile.constants import Graph, Operator
from seqtool.modelfile.protobuf import Reader, text
from seqtool.modelfile.tensors import Tensor, TensorSpec, read_tensor, read_value_info

MAX_NODES = 2000  # a translator with every option has some 800; the time to load grows with the square
MAX_CONSTANTS = 4000  # so does it with these
MAX_INPUTS = 1000  # of one operator, and its outputs
MAX_DEPTH = 8
MAX_PARTS = 1_000_000
_MAX_GRAPHS = 2  # the branches of an If
_MAX_ENTRIES = 2  # the manifest and the seal
_OPTIONAL_OUTPUTS = {"GRU", "LSTM", "RNN"}
_IR_VERSIONS = range(7, 12)
_OPSETS = {"ai.onnx": range(13, 24), "ai.onnx.ml": range(1, 6)}


class Walk:
    """The contents of a whole ONNX file; raises `ModelError` at the first part out of bounds."""

    def __init__(self, data: memoryview) -> None:
        self._reader = Reader(MAX_PARTS)
        self._nodes = self._held = 0
        self.ir_version = 0
        self.opsets: dict[str, int] = {}
        self.inputs: list[TensorSpec] = []
        self.outputs: list[TensorSpec] = []
        self.operators: Counter[str] = Counter()
        self.parameters = self.weight_bytes = 0
        self.metadata: dict[str, str] = {}
        self._looked_up: dict[bytes, bool] = {}  # name of an input -> whether it is only looked up, by Gather
        self._constants: list[Tensor] = []
        self._whole = Graph()
        self._model(data)
        constants.bound(self._whole, self.parameters)
        tables = [tensor for tensor in self._constants if self._looked_up.get(tensor.name.encode())]
        self.multiplied = self.parameters - sum(table.elements for table in tables)
        self.tables = frozenset(table.rows for table in tables)

    def _model(self, data: memoryview) -> None:
        graph = None
        for name, value in self._reader.fields(data, messages.MODEL):
            if name == "ir_version":
                self.ir_version = value
            elif name == "opset_import":
                self._opset(value)
            elif name == "metadata":
                self._entry(value)
            elif name == "graph":
                graph = value
        if self.ir_version not in _IR_VERSIONS:
            raise ModelError(f"its IR version {self.ir_version} is not within {_span(_IR_VERSIONS)}")
        if graph is None or "ai.onnx" not in self.opsets:
            raise ModelError("the file holds no graph of standard ONNX operators")
        self._whole = self._graph(graph, 1)

    def _opset(self, data: memoryview) -> None:
        domain, version = "", 0
        for name, value in self._reader.fields(data, messages.OPSET):
            if name == "domain":
                domain = text(value)
            else:
                version = value
        domain = _allowed(domain)
        if domain in self.opsets:
            raise ModelError(f"the operator set {domain} is given twice")
        if version not in _OPSETS[domain]:
            raise ModelError(f"its operator set {domain} {version} is not within {_span(_OPSETS[domain])}")
        self.opsets[domain] = version

    def _entry(self, data: memoryview) -> None:
        entry = {name: text(value) for name, value in self._reader.fields(data, messages.ENTRY)}
        key = entry.get("key", "")
        if key in self.metadata:
            raise ModelError(f"the metadata {key!r} is given twice")
        if len(self.metadata) == _MAX_ENTRIES:
            raise ModelError("the file holds more metadata than a model of seqtool")
        self.metadata[key] = entry.get("value", "")

    def _graph(self, data: memoryview, depth: int) -> Graph:
        if depth > MAX_DEPTH:
            raise ModelError(f"graphs are nested deeper than {MAX_DEPTH}")
        graph = Graph()
        for name, value in self._reader.fields(data, messages.GRAPH):
            if name == "node":
                graph.operators.append(self._node(value, depth))
            elif name == "initializer":
                tensor = self._tensor(value)
                graph.held[tensor.name.encode()] = tensor
                if self._held > MAX_CONSTANTS:
                    raise ModelError(f"the file has more than {MAX_CONSTANTS:,} constants")
                if tensor.dtype != "string":
                    self._constants.append(tensor)
            elif name in ("input", "output", "value_info"):
                public = depth == 1 and name != "value_info"
                spec = read_value_info(self._reader, value, complete=public)
                if public:
                    (self.inputs if name == "input" else self.outputs).append(spec)
        return graph

    def _node(self, data: memoryview, depth: int) -> Operator:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ModelError(f"the file has more than {MAX_NODES:,} operators")
        kind = domain = ""
        inputs: list[bytes] = []
        outputs: list[bytes] = []
        operator = Operator("", inputs, outputs)
        for name, value in self._reader.fields(data, messages.NODE):
            if name == "op_type":
                kind = text(value)
            elif name == "input":
                inputs.append(bytes(value))
            elif name == "output":
                outputs.append(bytes(value))
            elif name == "domain":
                domain = text(value)
            elif name == "attribute":
                self._attribute(value, depth, operator)
        domain = _allowed(domain)
        if not kind or domain not in self.opsets:
            raise ModelError("the file holds an operator without a type or without its operator set")
        _check_names(kind, inputs, outputs)
        for place, read in enumerate(inputs):
            table = kind == "Gather" and place == 0
            self._looked_up[read] = table and self._looked_up.get(read, True)
        operator.kind = kind if domain == "ai.onnx" else f"{domain}.{kind}"
        if kind != "Constant":
            operator.value = None
        elif operator.value is None:  # it may be a list of numbers or texts too
            operator.value = Tensor(dtype="list", elements=len(data))
        self.operators[operator.kind] += 1
        return operator

    def _attribute(self, data: memoryview, depth: int, operator: Operator) -> None:
        for name, value in self._reader.fields(data, messages.ATTRIBUTE):
            if name == "tensor":
                operator.value = self._tensor(value)
            elif name == "graph":
                if len(operator.graphs) == _MAX_GRAPHS:
                    raise ModelError(f"an operator of the file has more than {_MAX_GRAPHS} graphs")
                operator.graphs = (*operator.graphs, self._graph(value, depth + 1))

    def _tensor(self, data: memoryview) -> Tensor:
        tensor = read_tensor(self._reader, data)
        self._held += 1
        self.weight_bytes += tensor.size
        if tensor.dtype != "string":
            self.parameters += tensor.elements
        return tensor


def _check_names(kind: str, inputs: list[bytes], outputs: list[bytes]) -> None:
    """Refuse an operator on which ONNX Runtime would crash (no name of an output) or never end (no count, many)."""
    if kind not in _OPTIONAL_OUTPUTS and b"" in outputs:
        raise ModelError(f"the operator {kind[:80]} has an output without a name")
    if max(len(inputs), len(outputs)) > MAX_INPUTS:
        raise ModelError(f"the operator {kind[:80]} has more than {MAX_INPUTS:,} inputs or outputs")
    if kind == "Loop" and b"" in inputs[:1]:
        raise ModelError("a Loop of the file has no number of rounds")


def _allowed(domain: str) -> str:
    """Return the plain name of an allowed domain; raises `ModelError` for every other one."""
    domain = domain or "ai.onnx"
    if domain not in _OPSETS:
        raise ModelError(f"the file uses operators of {domain[:80]!r}, which are not standard")
    return domain


def _span(versions: range) -> str:
    return f"{versions.start} to {versions.stop - 1}"
