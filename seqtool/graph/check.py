"""An export is done when ONNX Runtime agrees with PyTorch, on other shapes than the training's too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import SeqtoolError

Arrays = Mapping[str, NDArray[Any]]
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Case:
    """Inputs, what the network answers to them, and the size of one network unit in each answer.

    `units` has one for each answer, broadcast against it: 1 where the answer is in network units already, the
    deviation in raw units where the file gives raw units. The tolerance counts in it. Texts have none: they are to
    be the same. The answers named in `unknown` may hold NaN, where the file must have it too.
    """

    feeds: Arrays
    answers: Arrays
    units: Mapping[str, NDArray[np.float64]]
    unknown: tuple[str, ...] = ()


Probe = Sequence[Case]


def check(model: Any, probe: Probe) -> float:
    """Compare a model file with the network over every case; return the largest difference in network units.

    Raises `SeqtoolError` when the file fails on a shape, gives another shape, or differs by more than
    `TOLERANCE`.
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


def _disagreement(reason: str, shapes: Mapping[str, Any]) -> SeqtoolError:
    return SeqtoolError(
        f"the exported graph does not compute what was trained: {reason}",
        where=f"inputs {shapes}",
        cure="this is a fault of seqtool or of ONNX Runtime: please report it; nothing was written",
    )
