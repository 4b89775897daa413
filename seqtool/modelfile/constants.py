"""What ONNX Runtime would make of a graph's constants: their sizes when it folds them, and constant counts of rounds.

ONNX Runtime computes whatever depends on constants alone while it loads a file. A file of 4 kB can so take gigabytes
before it has read any input. What depends on an input is not bounded here: that is what `--isolate` is for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from seqtool.errors import ModelError
from seqtool.modelfile.tensors import Tensor

MOST_ROUNDS = 1_000_000  # of loops within loops, their counts multiplied
MOST_FOLDED = 1 << 24  # elements, or bytes of texts, beyond four times what the file holds itself
# no more elements than their largest input has
_KEPT = {
    "Abs", "ArgMax", "ArgMin", "Cast", "Ceil", "CumSum", "Erf", "Exp", "Flatten", "Floor", "Identity", "IsNaN", "Log",
    "LogSoftmax", "Neg", "Not", "Reciprocal", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Relu",
    "Reshape", "Round", "Shape", "Sigmoid", "Sign", "Size", "Slice", "Softmax", "Sqrt", "Squeeze", "Tanh", "Transpose",
    "Trilu", "Unsqueeze",
}  # fmt: skip
# at most the product of the elements of their inputs
_MULTIPLIED = {
    "Add", "And", "Div", "Einsum", "Equal", "Gather", "GatherElements", "GatherND", "Gemm", "Greater", "GreaterOrEqual",
    "Less", "LessOrEqual", "MatMul", "MatMulInteger", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "StringConcat",
    "Sub", "Sum", "Where", "Xor",
}  # fmt: skip
# as many elements as whole numbers among their inputs say
_AS_SAID = {"ConstantOfShape", "Expand", "OneHot", "Pad", "Range", "Tile"}


@dataclass(slots=True)
class Operator:
    """An operator of a graph; value: what a Constant holds; graphs: its bodies and branches."""

    kind: str
    inputs: list[bytes]
    outputs: list[bytes]
    value: Tensor | None = None
    graphs: tuple[Graph, ...] = ()


@dataclass
class Graph:
    """A graph as far as its constants go: the tensors that it holds by name, and its operators in their order."""

    held: dict[bytes, Tensor] = field(default_factory=dict)
    operators: list[Operator] = field(default_factory=list)


def bound(graph: Graph, elements: int) -> None:
    """Refuse what would fold to more than a file of so many elements should, or run constantly many rounds.

    Raises `ModelError`.
    """
    _Folding(MOST_FOLDED + 4 * elements).read(graph, {}, 1)


class _Folding:
    """Goes through a graph as ONNX Runtime does; left: the elements that may still be computed."""

    def __init__(self, left: int) -> None:
        self._left = left

    def read(self, graph: Graph, outer: dict[bytes, Tensor], rounds: int) -> set[bytes]:
        """Read a graph within `outer` constants and so many rounds; return the names that nothing in it defines."""
        known, defined = outer | graph.held, set(graph.held)
        lacking: set[bytes] = set()
        for operator in graph.operators:
            lacking.update(name for name in operator.inputs if name not in defined)
            if operator.graphs:
                inner = rounds * _rounds(operator, known)
                if inner > MOST_ROUNDS:
                    raise ModelError(f"a Loop of the file runs more than {MOST_ROUNDS:,} rounds, whatever its input is")
                for body in operator.graphs:
                    lacking |= self.read(body, known, inner) - defined
            lacking.discard(b"")  # an input that is left out, as an output may be
            if not lacking.isdisjoint(operator.outputs):  # the order is what shows that a value is constant
                raise ModelError("the operators of the file are not in the order in which they run")
            defined.update(operator.outputs)
            if (constant := self._folded(operator, known)) is not None:
                known.update(dict.fromkeys(operator.outputs, constant))
        return lacking

    def _folded(self, operator: Operator, known: dict[bytes, Tensor]) -> Tensor | None:
        """Return what stands for the outputs of an operator on constants alone, None for any other operator."""
        if operator.value is not None:
            return operator.value
        inputs: list[Tensor] = []
        for name in operator.inputs:
            if name and name not in known:
                return None
            inputs += [known[name]] if name else []
        if not inputs or operator.graphs:  # a loop is never folded, nor is what has no input, such as a random number
            return None
        if operator.kind == "Identity":
            return inputs[0]
        elements = _elements(operator.kind, inputs)
        self._left -= elements * len(operator.outputs)
        if self._left < 0:
            raise ModelError(f"the file grows a constant by {operator.kind[:80]} to more than a model needs")
        # the bytes of a text stand in the place of its elements: a text can double too
        text = any(tensor.dtype == "string" for tensor in inputs)
        return Tensor(dtype="string" if text else "computed", elements=elements, size=elements if text else 0)


def _elements(kind: str, inputs: list[Tensor]) -> int:
    """Return the most elements that an operator makes of constants; raises `ModelError` where nothing says it."""
    sizes = [max(1, tensor.elements, tensor.size if tensor.dtype == "string" else 1) for tensor in inputs]
    if kind in _KEPT:
        return max(sizes)
    if kind in ("Concat", "Split"):
        return sum(sizes)
    if kind in _MULTIPLIED:
        return math.prod(sizes)
    if kind in _AS_SAID:
        said = [tensor.numbers() for tensor in inputs if tensor.dtype != "bool" and tensor.elements]
        known = [numbers for numbers in said if numbers is not None]
        # the value that is repeated may be anything, but the counts must stand in the file
        if len(known) >= len(said) - (kind != "Range"):
            return math.prod(sizes) * math.prod(max(1, abs(number)) for numbers in known for number in numbers)
    raise ModelError(f"the file computes a constant by {kind[:80]}, whose size it does not say")


def _rounds(operator: Operator, known: dict[bytes, Tensor]) -> int:
    """Return the rounds of a Loop whose count is constant, 1 for all else; raises `ModelError` for a computed count."""
    count = known.get(operator.inputs[0]) if operator.kind == "Loop" and operator.inputs else None
    if count is None:
        return 1
    if (numbers := count.numbers()) is None:
        raise ModelError("a Loop of the file has a number of rounds that is computed from constants")
    return max(1, *numbers)
