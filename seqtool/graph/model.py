"""From a built graph to the bytes of a model file."""

from __future__ import annotations

from collections.abc import Mapping

import onnx

from seqtool.modelfile.manifest import Manifest, seal

IR_VERSION = 10  # pinned: another spox would write another one, which an older ONNX Runtime refuses


def to_bytes(model: onnx.ModelProto, manifest: Manifest) -> bytes:
    """Serialise a model with its manifest and seal inside."""
    return seal(plain_bytes(model), manifest)


def plain_bytes(model: onnx.ModelProto) -> bytes:
    """Serialise a built model as it goes into a file, without metadata."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.ir_version = IR_VERSION
    copy.producer_name = "seqtool"
    data: bytes = copy.SerializeToString(deterministic=True)
    return data


def name_axes(model: onnx.ModelProto, outputs: Mapping[str, tuple[int | str, ...]]) -> onnx.ModelProto:
    """Write the public axes of the outputs into a model: inference does not find names for all of them."""
    for value in model.graph.output:
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        for axis in outputs[value.name]:
            shape.dim.add(**({"dim_param": axis} if isinstance(axis, str) else {"dim_value": axis}))
    return model
