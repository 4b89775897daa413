"""The linear part of a classifier as a model file of its own: its graph, and the cases that it is checked by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op

from seqtool.errors import UsageError
from seqtool.families.classification.export import SHAPES, case, chances_from, inputs, model_of
from seqtool.families.classification.runner import PARTS, WHOLE, WIDE, Predict
from seqtool.graph.basic import pad_single_row
from seqtool.graph.wide import Wide

if TYPE_CHECKING:
    import onnx

    from seqtool.families.classification.encoders import ClassificationEncoders
    from seqtool.families.classification.model import Classifier
    from seqtool.graph.check import Probe
    from seqtool.types import Array, Ids


@dataclass(frozen=True)
class BaselineFile:
    """The model of the linear part, the encoders in the place of the network's, and its probe."""

    model: onnx.ModelProto
    encoders: ClassificationEncoders
    probe: Probe


def baseline_file(name: str, network: Classifier, encoders: ClassificationEncoders) -> BaselineFile:
    """Make the file of the linear part alone; raises `UsageError` for another name, and where the run has none."""
    wide = PARTS[WIDE]
    if network.wide is None:
        raise UsageError("the run has no linear part beside its network", cure="leave --baseline out")
    if name != wide:
        raise UsageError(f"a classifier's run has no baseline {name!r} to write", cure=f"--baseline '{wide}'")
    from seqtool.families.classification.model import predictor

    answer = predictor(network, encoders, whole=True)

    def outputs(texts: Sequence[Ids]) -> dict[str, Array]:
        return {WHOLE: answer.outputs(texts)[WIDE]}

    given = inputs()
    tokens, lengths = (pad_single_row(column) for column in given.values())
    logits = Wide(network.wide)(op.transpose(tokens, perm=[1, 0]), lengths)
    model = model_of(given, {WHOLE: chances_from(network, logits)}, given["lengths"], network.classes)
    rng = np.random.default_rng(0)
    probe = [case(Predict(outputs), rng, network.vocabulary, shape) for shape in SHAPES]
    thresholds = {WHOLE: encoders.thresholds[WIDE]} if encoders.thresholds else {}
    return BaselineFile(model, replace(encoders, mix=None, thresholds=thresholds), probe)
