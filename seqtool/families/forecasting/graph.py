"""The forecaster as a graph: the ONNX twin of `network.py`."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.data.encoders.scaler import Scaler
from seqtool.families.forecasting.forecasts import first_state
from seqtool.families.forecasting.graph_cores import CORES, Scaled
from seqtool.graph.basic import END, Var, first_rows, integers, nan_to_zero, pad_single_row, size
from seqtool.graph.calendar import one_hot
from seqtool.graph.model import name_axes
from seqtool.graph.scaling import scaling
from seqtool.manifest import after_of


def graph(network: Any, scaler: Scaler) -> Any:
    """Build the ModelProto of a `Forecaster`: history [B,T,F], horizon [] -> forecast [B,N,F].

    With calendar inputs it also takes `covariates` [B,T+N,C]; a stateful one takes and gives `state_*` [L,B,H];
    a calibrated one also gives `quantiles` [B,N,F,Q].
    """
    features, config = len(scaler.mean), network.config
    inputs = {
        "history": argument(Tensor(np.float32, ("B", "T", features))),
        "horizon": argument(Tensor(np.int64, ())),
    }
    if network.calendar is not None:
        inputs["covariates"] = argument(Tensor(np.float32, ("B", "T+N", len(network.calendar.sizes))))
    first = first_state(config) or {}
    inputs |= {name: argument(Tensor(np.float32, (config.layers, "B", config.hidden))) for name in first}
    outputs, state = _network(network, scaler, inputs, [inputs[name] for name in first])
    after = {after_of(name): tensor for name, tensor in zip(first, state if first else (), strict=True)}
    axes = {"forecast": ("B", "N", features), **dict.fromkeys(after, (config.layers, "B", config.hidden))}
    if network.offsets is not None:
        axes["quantiles"] = ("B", "N", *network.offsets.shape[1:])
    return name_axes(build(inputs, {**outputs, **after}), axes)


def _network(
    network: Any, scaler: Scaler, inputs: dict[str, Var], state: list[Var]
) -> tuple[dict[str, Var], tuple[Var, ...]]:
    """Return what is told of the steps to come, in raw units, and the state after the history."""
    history = inputs["history"]
    scale = scaling(scaler, pad_single_row(history))
    z = scale.encode()
    indicators = None
    if network.calendar is not None:
        lost = op.sub(size(history, 1), size(z, 1))
        codes = op.slice(pad_single_row(inputs["covariates"]), lost, integers([END]), integers([1]))
        indicators = op.transpose(one_hot(codes, network.calendar.sizes), perm=[1, 0, 2])
    scaled = Scaled(
        op.transpose(nan_to_zero(z), perm=[1, 0, 2]), op.reshape(inputs["horizon"], integers([1])), indicators
    )
    carried = tuple(pad_single_row(tensor, axis=1) for tensor in state)
    made, after = CORES[network.config.network](network.core, scaled, carried)
    told = {"forecast": scale.decode(made)}
    if network.offsets is not None:
        told["quantiles"] = scale.spread(told["forecast"], network.offsets.cpu().numpy())
    told = {name: first_rows(value, like=history) for name, value in told.items()}
    return told, tuple(first_rows(tensor, like=history, axis=1) for tensor in after)
