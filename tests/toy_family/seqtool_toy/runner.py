"""Numbers from a model file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqtool.runtime import runner as base
from seqtool_toy.data import Counts, encoders_from_json

if TYPE_CHECKING:
    from seqtool.runtime.model import Model
    from seqtool.types import Floats


class Runner(base.Runner):
    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.encoders: Counts = encoders_from_json(model.manifest.encoders)
        self.longest = model.manifest.limit("characters")

    def predict(self, texts: Sequence[str]) -> Floats:
        features = self.encoders.features(texts).astype(np.float32)
        return self.model.run({"features": features})["number"].astype(np.float64)

    def count(self, texts: Sequence[str]) -> list[float]:
        """The verb, from Python."""
        return self.predict(texts).tolist()
