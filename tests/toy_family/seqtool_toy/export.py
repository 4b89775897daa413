"""The linear layer as a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op
import torch
from spox import Tensor, argument
from spox import build as build_model

from seqtool.families.family import ExportOptions
from seqtool.graph.basic import integers, weight
from seqtool.graph.check import Case, Probe
from seqtool.graph.model import name_axes
from seqtool_toy.data import Counts

if TYPE_CHECKING:
    import onnx

    from seqtool_toy.model import Counter


def build(network: Counter, encoders: Counts, options: ExportOptions) -> onnx.ModelProto:
    features = argument(Tensor(np.float32, ("B", 2)))
    matrix, bias = (tensor.detach().numpy() for tensor in (network.linear.weight.T, network.linear.bias))
    number = op.squeeze(op.add(op.matmul(features, weight(matrix)), weight(bias)), integers([1]))
    return name_axes(build_model({"features": features}, {"number": number}), {"number": ("B",)})


def probe(network: Counter, encoders: Counts, options: ExportOptions) -> Probe:
    cases = []
    for size in (1, 3, 8):
        x = np.random.default_rng(size).normal(size=(size, 2)).astype(np.float32)
        with torch.no_grad():
            answer = network(torch.tensor(x)).numpy()
        cases.append(Case({"features": x}, {"number": answer}, {"number": np.ones(1)}))
    return cases
