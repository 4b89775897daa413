"""The forecaster as a graph: the ONNX twin of `network.py`, with the loop inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.data.encoders import Scaler
from seqtool.graph import recurrent
from seqtool.graph.basic import (
    Var,
    first_rows,
    integers,
    linear,
    nan_to_zero,
    pad_single_row,
    size,
    weight,
)
from seqtool.graph.highway import highway
from seqtool.graph.loop import loop
from seqtool.graph.model import name_axes
from seqtool.graph.scaling import scaling


def graph(network: Any, scaler: Scaler) -> Any:
    """Build the ModelProto of a `Forecaster`: history [B,T,F], horizon [] -> forecast [B,N,F]."""
    features = len(scaler.mean)
    history = argument(Tensor(np.float32, ("B", "T", features)))
    horizon = argument(Tensor(np.int64, ()))
    padded = pad_single_row(history)
    scale = scaling(scaler, padded)
    z = op.transpose(nan_to_zero(scale.encode()), perm=[1, 0, 2])  # [T,B,F], as the operators want it
    count = op.reshape(horizon, integers([1]))
    core = {"direct": _direct, "seq2seq": _seq2seq}[network.config.network](network.core, z, count)
    forecast = first_rows(scale.decode(core), like=history)
    model = build({"history": history, "horizon": horizon}, {"forecast": forecast})
    return name_axes(model, {"forecast": ("B", "N", features)})


def _direct(core: Any, z: Var, count: Var) -> Var:
    encoder = recurrent.Recurrent.of(core.encoder)
    state = encoder.last(z)
    flat = linear(recurrent.top(state, encoder.directions, encoder.hidden), core.output)
    whole = op.reshape(flat, integers([-1, core.horizon, core.features]))
    if core.highway is not None:
        whole = op.add(whole, highway(op.transpose(z, perm=[1, 0, 2]), core.highway))
    return op.slice(whole, integers([0]), count, integers([1]))


def _seq2seq(core: Any, z: Var, count: Var) -> Var:
    state = recurrent.Recurrent.of(core.encoder).last(z)
    decoder = recurrent.Recurrent.of(core.decoder)
    if core.bridge.directions == 2:
        state = tuple(_merge(tensor, module, decoder) for tensor, module in zip(state, core.bridge.maps, strict=True))
    go = weight(core.go.detach().cpu().numpy())
    rows = op.concat([size(z, 1), integers([go.type.shape[0]])], axis=0)
    first = op.unsqueeze(op.expand(go, rows), integers([0]))  # [1,B,F]
    gain = None if core.gain is None else weight(core.gain.detach().cpu().numpy())

    def step(number: Var, carried: Any) -> tuple[list[Var], Var]:
        previous, *now = carried
        outputs, after = decoder(previous, tuple(now))
        emitted = linear(outputs, core.output)
        emitted = emitted if gain is None else op.mul(emitted, gain)
        return [emitted, *after], emitted

    stacked = loop(count, [first, *state], step)  # [N,1,B,F]
    return op.transpose(op.squeeze(stacked, integers([1])), perm=[1, 0, 2])


def _merge(tensor: Var, module: Any, decoder: recurrent.Recurrent) -> Var:
    """The twin of `nn.Bridge` for one state tensor of two directions: [L*2,B,H] -> [L,B,H]."""
    pairs = op.concat([integers([decoder.layers, 2]), size(tensor, 1), integers([decoder.hidden])], axis=0)
    by_layer = op.transpose(op.reshape(tensor, pairs), perm=[0, 2, 1, 3])  # [L,B,2,H]
    flat = op.reshape(by_layer, integers([0, 0, 2 * decoder.hidden]))
    return op.tanh(linear(flat, module))
