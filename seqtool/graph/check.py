"""An export is done when ONNX Runtime agrees with PyTorch, on other shapes than the training's too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqtool.errors import SeqtoolError
from seqtool.types import Array, Floats

if TYPE_CHECKING:
    from seqtool.runtime.model import Model

TOLERANCE = 1e-4  # in network units, so that it means the same for prices of 1 and of 100,000


@dataclass(frozen=True)
class Case:
    """Inputs, the network's answers to them, and the size of one network unit in each answer.

    units: for each answer but texts, broadcast against it; the deviation where the file gives raw units, else 1. Texts
    have to be equal. The answers named in `unknown` may hold NaN, where the file must have NaN too.
    """

    feeds: Mapping[str, Array]
    answers: Mapping[str, Array]
    units: Mapping[str, Floats]
    unknown: tuple[str, ...] = ()


Probe = Sequence[Case]


def check(model: Model, probe: Probe) -> float:
    """Compare a model file with the network over every case; return the largest difference in network units.

    Raises `SeqtoolError` when the file fails on a shape, gives another shape, or differs by more than `TOLERANCE`.
    """
    worst = 0.0
    for case in probe:
        shapes = {name: list(value.shape) for name, value in case.feeds.items()}
        try:
            outputs = model.run(case.feeds)
        except SeqtoolError as error:
            raise _disagreement(f"it fails: {error.what}", shapes) from error
        for name, answer in case.answers.items():
            if outputs[name].shape != answer.shape:
                raise _disagreement(f"{name} has shape {list(outputs[name].shape)}, not {list(answer.shape)}", shapes)
            if answer.dtype == object:
                if (outputs[name] != answer).any():
                    raise _disagreement(f"{name} has other texts", shapes)
                continue
            difference = np.abs(outputs[name].astype(np.float64) - answer) / case.units[name]
            if name in case.unknown:
                difference[np.isnan(outputs[name]) & np.isnan(answer)] = 0
            if not (difference <= TOLERANCE).all():  # NaN is a disagreement too
                raise _disagreement(f"{name} differs by {np.nanmax(difference):.2g} network units", shapes)
            worst = max(worst, float(difference.max(initial=0.0)))  # a case may ask for no step
    return worst


def _disagreement(reason: str, shapes: Mapping[str, list[int]]) -> SeqtoolError:
    return SeqtoolError(
        f"the exported graph does not compute what was trained: {reason}",
        where=f"inputs {shapes}",
        cure="this is a fault of seqtool or of ONNX Runtime: please report it; nothing was written",
    )
