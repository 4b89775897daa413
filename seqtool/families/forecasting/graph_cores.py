"""The networks of forecasters as graphs: the ONNX twins of `cores.py`, with the loop inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import spox.opset.ai.onnx.v20 as op

from seqtool.graph import recurrent
from seqtool.graph.basic import END, Var, integers, linear, size, weight
from seqtool.graph.highway import highway
from seqtool.graph.loop import loop

State = tuple[Var, ...]


@dataclass(frozen=True)
class Scaled:
    """What a core reads: z [T,B,F] as the operators want it, the count [1] of steps N, indicators [T+N,B,K] or None."""

    z: Var
    count: Var
    indicators: Var

    def beside(self, shift: int = 0) -> Var:
        """Return z with the indicators of its steps, or of those `shift` later: [T,B,F+K]."""
        if self.indicators is None:
            return self.z
        stop = op.add(size(self.z, 0), integers([shift]))
        return op.concat([self.z, _rows(self.indicators, integers([shift]), stop)], axis=2)

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


def _rows(x: Var, start: Var, stop: Var) -> Var:
    return op.slice(x, start, stop, integers([0]))


def _by_row(x: Var) -> Var:
    """[T,B,F] <-> [B,T,F]."""
    return op.transpose(x, perm=[1, 0, 2])


def direct(core: Any, scaled: Scaled, state: State) -> tuple[Var, State]:
    """Map the last state to all steps at once: [B,N,F]."""
    encoder = recurrent.Recurrent.of(core.encoder)
    after = encoder.last(scaled.beside())
    flat = linear(recurrent.top(after, encoder.directions, encoder.hidden), core.output)
    whole = op.reshape(flat, integers([-1, core.horizon, core.features]))
    if core.highway is not None:
        whole = op.add(whole, highway(_by_row(scaled.z), core.highway))
    made = op.slice(whole, integers([0]), scaled.count, integers([1]))
    if core.calendar is not None:
        ahead = _rows(scaled.indicators, size(scaled.z, 0), integers([END]))
        made = op.add(made, _by_row(linear(ahead, core.calendar)))
    return made, ()


def seq2seq(core: Any, scaled: Scaled, state: State) -> tuple[Var, State]:
    """Read the history, then let the decoder feed itself from the GO token: [B,N,F]."""
    read = recurrent.Recurrent.of(core.encoder).last(scaled.beside())
    decoder = recurrent.Recurrent.of(core.decoder)
    if core.bridge.directions == 2:
        read = tuple(_merge(tensor, module, decoder) for tensor, module in zip(read, core.bridge.maps, strict=True))
    go = weight(core.go.detach().cpu().numpy())
    rows = op.concat([size(scaled.z, 1), integers([go.type.shape[0]])], axis=0)
    first = op.unsqueeze(op.expand(go, rows), integers([0]))  # [1,B,F]
    gain = None if core.gain is None else weight(core.gain.detach().cpu().numpy())

    def step(number: Var, carried: Any) -> tuple[list[Var], Var]:
        previous, *now = carried
        outputs, after = decoder(scaled.with_step(previous, op.add(scaled.length(), number)), tuple(now))
        emitted = linear(outputs, core.output)
        emitted = emitted if gain is None else op.mul(emitted, gain)
        return [emitted, *after], emitted

    return _stacked(loop(scaled.count, [first, *read], step)), ()


def autoregressive(core: Any, scaled: Scaled, state: State) -> tuple[Var, State]:
    """Read the history from `state`, then feed each forecast back: [B,N,F] and the state after the history."""
    decoder = recurrent.Recurrent.of(core.decoder)
    after = decoder.last(scaled.beside(shift=1), state or None)
    last = [op.slice(x, integers([-1]), integers([END]), integers([0])) for x in (after[0], scaled.z)]
    first = _next(core, *last)  # [1,B,F]
    lags = core.highway.lags if core.highway is not None else 0
    past = [op.slice(scaled.z, integers([-lags]), integers([END]), integers([0]))] if lags else []

    def step(number: Var, carried: Any) -> tuple[list[Var], Var]:
        emitted, *now = carried
        if lags:
            *now, seen = now
            emitted = op.add(emitted, _by_row(highway(_by_row(seen), core.highway)))
            seen = op.slice(op.concat([seen, emitted], axis=0), integers([1]), integers([END]), integers([0]))
        following = op.add(op.add(scaled.length(), number), integers(1))
        outputs, then = decoder(scaled.with_step(emitted, following), tuple(now))
        return [_next(core, outputs, emitted), *then, *([seen] if lags else [])], emitted

    return _stacked(loop(scaled.count, [first, *after, *past], step)), after


def _next(core: Any, outputs: Var, previous: Var) -> Var:
    made = linear(outputs, core.output)
    return op.add(made, previous) if core.residual else made


CORES = {"direct": direct, "seq2seq": seq2seq, "autoregressive": autoregressive}


def _stacked(emitted: Var) -> Var:
    """[N,1,B,F] -> [B,N,F]."""
    return _by_row(op.squeeze(emitted, integers([1])))


def _merge(tensor: Var, module: Any, decoder: recurrent.Recurrent) -> Var:
    """The twin of `nn.Bridge` for one state tensor of two directions: [L*2,B,H] -> [L,B,H]."""
    pairs = op.concat([integers([decoder.layers, 2]), size(tensor, 1), integers([decoder.hidden])], axis=0)
    by_layer = op.transpose(op.reshape(tensor, pairs), perm=[0, 2, 1, 3])  # [L,B,2,H]
    flat = op.reshape(by_layer, integers([0, 0, 2 * decoder.hidden]))
    return op.tanh(linear(flat, module))
