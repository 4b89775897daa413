"""The messages of onnx.proto and their fields that an ONNX file of seqtool may hold.

Refused, since left out: training_info, functions, sparse tensors, types other than tensors, references to attributes of
functions, segments, quantisation annotations, overloads and device configurations.
"""

from __future__ import annotations

from seqtool.modelfile.protobuf import FIXED32, FIXED64, VARINT, Field, Message

MAX_METADATA = 16 << 20
MAX_RANK = 16
_NAME, _DOC = 4096, 1 << 20

ENTRY = Message("metadata", {1: Field("key", limit=256), 2: Field("value", limit=MAX_METADATA)})
OPSET = Message("opset_import", {1: Field("domain", limit=_NAME), 2: Field("version", VARINT)})
DIM = Message("axis", {1: Field("size", VARINT), 2: Field("name", limit=_NAME), 3: Field("denotation", limit=_NAME)})
SHAPE = Message("shape", {1: Field("axis", repeated=True, limit=2 * _NAME + 64)})
TENSOR_TYPE = Message("tensor type", {1: Field("dtype", VARINT), 2: Field("shape", limit=_DOC)})
TYPE = Message("type", {1: Field("tensor", limit=_DOC), 6: Field("denotation", limit=_NAME)})
VALUE_INFO = Message(
    "value info", {1: Field("name", limit=_NAME), 2: Field("type", limit=_DOC), 3: Field("doc_string", limit=_DOC)}
)
TENSOR = Message(
    "tensor",
    {
        1: Field("dims", VARINT, repeated=True, limit=10 * MAX_RANK),  # a varint has 10 bytes at most
        2: Field("data_type", VARINT),
        4: Field("float_data", FIXED32, repeated=True),
        5: Field("int32_data", VARINT, repeated=True),
        6: Field("string_data", repeated=True, limit=_DOC),
        7: Field("int64_data", VARINT, repeated=True),
        8: Field("name", limit=_NAME),
        9: Field("raw_data"),
        10: Field("double_data", FIXED64, repeated=True),
        11: Field("uint64_data", VARINT, repeated=True),
        12: Field("doc_string", limit=_DOC),
        13: Field("external_data", repeated=True),  # known here, so that the refusal can say why
        14: Field("data_location", VARINT),
    },
)
ATTRIBUTE = Message(
    "attribute",
    {
        1: Field("name", limit=_NAME),
        2: Field("f", FIXED32),
        3: Field("i", VARINT),
        4: Field("s", limit=_DOC),
        5: Field("tensor"),
        6: Field("graph"),
        7: Field("floats", FIXED32, repeated=True),
        8: Field("ints", VARINT, repeated=True),
        9: Field("strings", repeated=True, limit=_DOC),
        13: Field("doc_string", limit=_DOC),
        20: Field("type", VARINT),
    },
)
NODE = Message(
    "node",
    {
        1: Field("input", repeated=True, limit=_NAME),
        2: Field("output", repeated=True, limit=_NAME),
        3: Field("name", limit=_NAME),
        4: Field("op_type", limit=_NAME),
        5: Field("attribute", repeated=True),
        6: Field("doc_string", limit=_DOC),
        7: Field("domain", limit=_NAME),
    },
)
GRAPH = Message(
    "graph",
    {
        1: Field("node", repeated=True),
        2: Field("name", limit=_NAME),
        5: Field("initializer", repeated=True),
        10: Field("doc_string", limit=_DOC),
        11: Field("input", repeated=True, limit=_DOC),
        12: Field("output", repeated=True, limit=_DOC),
        13: Field("value_info", repeated=True, limit=_DOC),
    },
)
MODEL = Message(
    "model",
    {
        1: Field("ir_version", VARINT),
        2: Field("producer_name", limit=_NAME),
        3: Field("producer_version", limit=_NAME),
        4: Field("domain", limit=_NAME),
        5: Field("model_version", VARINT),
        6: Field("doc_string", limit=_DOC),
        7: Field("graph"),
        8: Field("opset_import", repeated=True, limit=2 * _NAME),
        14: Field("metadata", repeated=True, limit=MAX_METADATA + 1024),
    },
)
