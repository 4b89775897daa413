"""The networks of forecasters as graphs: the ONNX twins of `network_parts.py`, with the loop inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.families.forecasting.network_parts import LEAST, Autoregressive, Core, Direct, Seq2Seq
from seqtool.graph.basic import (
    END,
    Linear,
    Var,
    constant,
    doubles,
    highway,
    integers,
    pad_single_row,
    size,
    softplus,
    weight,
)
from seqtool.graph.loop import run
from seqtool.graph.recurrent import Operators, operators, top
from seqtool.types import Floats

if TYPE_CHECKING:
    from torch import nn

State = tuple[Var, ...]


@dataclass(frozen=True)
class Scaled:
    """The inputs of a core: z [T,B,F], time first as operators want it; count [1], the N steps; indicators [T+N,B,K].

    indicators: None without a calendar. noise [B,N,F]: how many deviations from its mean each step lies, as it comes;
    None without a distribution.
    """

    z: Var
    count: Var
    indicators: Var
    noise: Var = None

    def beside(self, shift: int = 0) -> Var:
        """Return z with the indicators of its steps, or of those `shift` later: [T,B,F+K]."""
        if self.indicators is None:
            return self.z
        stop = op.add(size(self.z, 0), integers([shift]))
        return op.concat([self.z, op.slice(self.indicators, integers([shift]), stop, integers([0]))], axis=2)

    def with_step(self, value: Var, number: Var) -> Var:
        """Put the indicators of row `number` [] (the last one where it is too far) beside value [1,B,F]."""
        if self.indicators is None:
            return value
        last = op.reshape(op.sub(size(self.indicators, 0), integers([1])), integers([]))
        row = op.gather(self.indicators, op.min([number, last]), axis=0)
        return op.concat([value, op.unsqueeze(row, integers([0]))], axis=2)

    def length(self) -> Var:
        """Return T []."""
        return op.reshape(size(self.z, 0), integers([]))


def by_row(x: Var) -> Var:
    """Transpose [T,B,F] to [B,T,F], or back."""
    return op.transpose(x, perm=[1, 0, 2])


def core_graph(core: Core, scaled: Scaled, state: State) -> tuple[Var, State]:
    """Return the forecast [B,N,F] of a core and the state after the history; only `Autoregressive` has one."""
    if isinstance(core, Direct):
        return direct(core, scaled), ()
    if isinstance(core, Seq2Seq):
        return seq2seq(core, scaled), ()
    return autoregressive(core, scaled, state)


def direct(core: Direct, scaled: Scaled) -> Var:
    """Map the last state to all steps of the horizon at once: [B,N,F]."""
    encoder = operators(core.encoder)
    after = encoder.last(scaled.beside())  # in blocks of steps that fit the cache
    flat = Linear(core.output)(top(after, encoder.directions, encoder.hidden))
    whole = op.reshape(flat, integers([-1, core.horizon, core.features]))
    if core.highway is not None:
        whole = op.add(whole, highway(by_row(scaled.z), core.highway))
    forecast = op.slice(whole, integers([0]), scaled.count, integers([1]))
    if core.calendar is not None:
        ahead = op.slice(scaled.indicators, size(scaled.z, 0), integers([END]), integers([0]))
        forecast = op.add(forecast, by_row(Linear(core.calendar)(ahead)))
    return forecast


def seq2seq(core: Seq2Seq, scaled: Scaled) -> Var:
    """Read the history, then let the decoder feed itself from the GO token: [B,N,F]."""
    read = operators(core.encoder).last(scaled.beside())
    decoder = operators(core.decoder)
    if core.bridge.directions == 2:
        read = tuple(_merge(tensor, module, decoder) for tensor, module in zip(read, core.bridge.maps, strict=True))
    go = weight(core.go.detach().cpu().numpy())
    rows = op.concat([size(scaled.z, 1), integers([len(core.go)])], axis=0)
    first = op.unsqueeze(op.expand(go, rows), integers([0]))  # [1,B,F]
    # Made outside the loop, so that it is stored once.
    gain = None if core.gain is None else weight(core.gain.detach().cpu().numpy())

    def step(number: Var, carried: Sequence[Var]) -> tuple[list[Var], Var]:
        previous, *before = carried
        outputs, after = decoder(scaled.with_step(previous, op.add(scaled.length(), number)), tuple(before))
        emitted = Linear(core.output)(outputs)
        emitted = emitted if gain is None else op.mul(emitted, gain)
        return [emitted, *after], emitted

    return _stacked(run(scaled.count, [first, *read], step)[1])


def autoregressive(core: Autoregressive, scaled: Scaled, state: State) -> tuple[Var, State]:
    """Read the history from `state`, then feed each forecast back: [B,N,F] and the state after the history."""
    decoder = operators(core.decoder)
    after = decoder.last(scaled.beside(shift=1), state or None)
    emit = Emission(core)
    last = [op.slice(x, integers([-1]), integers([END]), integers([0])) for x in (after[0], scaled.z)]
    first = emit(*last)
    lags = 0 if core.highway is None else core.highway.lags  # only what the highway reads next is carried
    past = [op.slice(scaled.z, integers([-lags]), integers([END]), integers([0]))] if lags else []
    places = len(first), len(first) + len(after)

    def step(number: Var, carried: Sequence[Var]) -> tuple[list[Var], Var]:
        (emitted, *deviation), before = carried[: places[0]], carried[places[0] : places[1]]
        seen = list(carried[places[1] :])
        if core.highway is not None:
            emitted = op.add(emitted, by_row(highway(by_row(seen[0]), core.highway)))
        if deviation:
            # This step's alone: what the loop alone reads is computed at each step.
            drawn = op.unsqueeze(pad_single_row(op.gather(scaled.noise, number, axis=1)), integers([0]))
            emitted = op.add(emitted, op.mul(*deviation, drawn))
        if core.highway is not None:
            seen = [op.slice(op.concat([*seen, emitted], axis=0), integers([1]), integers([END]), integers([0]))]
        following = op.add(op.add(scaled.length(), number), integers(1))
        outputs, then = decoder(scaled.with_step(emitted, following), tuple(before))
        return [*emit(outputs, emitted), *then, *seen], emitted

    return _stacked(run(scaled.count, [*first, *after, *past], step)[1]), after


class Emission:
    """What the outputs of a step [1,B,H] give: the forecast of the next, and its deviation with a distribution."""

    def __init__(self, core: Autoregressive) -> None:
        self.output, self.residual = Linear(core.output), core.residual
        self.deviation = None if core.deviation is None else Linear(core.deviation)

    def __call__(self, outputs: Var, previous: Var) -> list[Var]:
        """Return the forecast [1,B,F] without the highway, and the deviation [1,B,F] where there is one."""
        following = self.output(outputs)
        following = op.add(following, previous) if self.residual else following
        if self.deviation is None:
            return [following]
        return [following, op.add(softplus(self.deviation(outputs)), constant(LEAST))]


def _stacked(emitted: Var) -> Var:
    """[N,1,B,F] -> [B,N,F]."""
    return by_row(op.squeeze(emitted, integers([1])))


def _merge(tensor: Var, module: nn.Module, decoder: Operators) -> Var:
    """The twin of `nn.Bridge` for one state tensor of two directions: [L*2,B,H] -> [L,B,H]."""
    pairs = op.concat([integers([decoder.layers, 2]), size(tensor, 1), integers([decoder.hidden])], axis=0)
    by_layer = op.transpose(op.reshape(tensor, pairs), perm=[0, 2, 1, 3])  # [L,B,2,H]
    flat = op.reshape(by_layer, integers([0, 0, 2 * decoder.hidden]))
    return op.tanh(Linear(module)(flat))


def first_steps(offsets: Floats, count: Var) -> Var:
    """Return the first `count` [1] steps of offsets [M,F,Q], NaN beyond M."""
    beyond = np.full((1, *offsets.shape[1:]), np.nan)
    stop = op.reshape(count, integers([]))
    numbers = op.min([op.range(integers(0), stop, integers(1)), integers(len(offsets))])
    return op.gather(doubles(np.concatenate([offsets, beyond])), numbers, axis=0)
