"""From a built graph to the bytes of a model file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnx

from seqtool.manifest import Manifest, seal

IR_VERSION = 10


def to_bytes(model: Any, manifest: Manifest) -> bytes:
    """Serialise a model with its manifest and seal inside."""
    return seal(plain_bytes(model), manifest)


def plain_bytes(model: Any) -> bytes:
    """Serialise a built model as it goes into a file, without metadata."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    made.ir_version = IR_VERSION
    made.producer_name = "seqtool"
    data: bytes = made.SerializeToString(deterministic=True)
    return data


def name_axes(model: Any, outputs: Mapping[str, tuple[int | str, ...]]) -> Any:
    """Write the public axes of the outputs into a model: inference does not find names for all of them."""
    for value in model.graph.output:
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        for axis in outputs[value.name]:
            shape.dim.add(**({"dim_param": axis} if isinstance(axis, str) else {"dim_value": axis}))
    return model
