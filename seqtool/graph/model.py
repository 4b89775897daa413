"""From a built graph to the bytes of a model file."""

from __future__ import annotations

from typing import Any

import onnx

from seqtool.manifest import Manifest, seal

DTYPES = {1: "float32", 6: "int32", 7: "int64"}
"""TensorProto.DataType of what a public input or output may be."""
IR_VERSION = 10


def signature(model: Any) -> dict[str, list[dict[str, Any]]]:
    """Return names, dtypes and axes of a model's inputs and outputs."""
    return {
        "inputs": [_tensor(value) for value in model.graph.input],
        "outputs": [_tensor(v) for v in model.graph.output],
    }


def _tensor(value: Any) -> dict[str, Any]:
    tensor = value.type.tensor_type
    shape = [axis.dim_param or axis.dim_value for axis in tensor.shape.dim]
    return {"name": value.name, "dtype": DTYPES[tensor.elem_type], "shape": shape}


def to_bytes(model: Any, manifest: Manifest) -> bytes:
    """Serialise a model with its manifest and seal inside."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    made.ir_version = IR_VERSION
    made.producer_name = "seqtool"
    text = manifest.to_json()
    graph = made.graph.SerializeToString(deterministic=True)
    onnx.helper.set_model_props(made, {"seqtool": text, "seqtool.sha256": seal(graph, text)})
    data: bytes = made.SerializeToString(deterministic=True)
    return data


def name_axes(model: Any, outputs: dict[str, tuple[int | str, ...]]) -> Any:
    """Write the public axes of the outputs into a model: inference does not find names for all of them."""
    for value in model.graph.output:
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        for axis in outputs[value.name]:
            shape.dim.add(**({"dim_param": axis} if isinstance(axis, str) else {"dim_value": axis}))
    return model
