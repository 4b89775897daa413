"""Labels and probabilities from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.batches import Padded
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.splits import LengthSampler
from seqtool.errors import ModelError, UsageError
from seqtool.families.classification.decision import HALF
from seqtool.families.classification.reading import UNKNOWN, Ids, Reader

AT_ONCE, TOKENS = 256, 8192
"""Texts, and tokens with their padding, of one call."""


class Runner:
    """A classifier's file with its contract.

    reader: how a text becomes ids; labels: the classes; threshold: of two classes, above which the second is the
    answer; longest: characters, and most: tokens, of a text. Raises `ModelError` where the manifest does not say.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        manifest = model.manifest
        try:
            self.reader = Reader.from_json(manifest.encoders["encoder"], lower=manifest.config["lower"] is True)
            self.labels = Labels.from_json(manifest.encoders["labels"])
            self.threshold = _share(manifest.config.get("threshold", HALF))
            self.longest, self.most = (manifest.limit(name) for name in ("characters", "tokens"))
            classes = next(spec.shape[1] for spec in model.file.outputs if spec.name == "probabilities")
            tokens = self.reader.encoder.tokens if isinstance(self.reader.encoder, Vocabulary) else ()
            self._words = (UNKNOWN, UNKNOWN, *tokens) if model.reads_texts else ()
            if classes != self.labels.size:
                raise ValueError(f"{self.labels.size} labels, a graph of {classes}")
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration) as error:
            raise ModelError(
                f"the manifest does not say what a classifier needs ({error})", cure="export the model again"
            ) from error

    def decide_at(self, threshold: float | None) -> float:
        """Return the threshold to use: the file's where none is given; raises `UsageError` for what cannot be."""
        if threshold is None:
            return self.threshold
        if self.labels.size != 2:
            raise UsageError(
                f"a threshold parts two classes; this model has {self.labels.size}", cure="leave --threshold out"
            )
        if not 0 <= threshold < 1:
            raise UsageError(f"--threshold {threshold:g} is no probability", cure="0 or more, below 1")
        return threshold

    def predict(self, texts: Sequence[Ids]) -> NDArray[np.float32]:
        """Return the probabilities [N,C] of the classes of N texts, ids [T] each, in batches of similar length."""
        batches = LengthSampler([len(ids) for ids in texts], records=AT_ONCE, tokens=TOKENS, seed=0)
        found = np.empty((len(texts), self.labels.size), dtype=np.float32)
        for _ in range(batches.steps):
            chosen = batches.order()[batches.next()]
            found[chosen] = self.call([texts[place] for place in chosen])
        return found

    def call(self, texts: Sequence[Ids]) -> NDArray[np.float32]:
        """Return the probabilities [B,C] of one batch."""
        made: NDArray[np.float32] = self.model.run(self._feeds(texts))["probabilities"]
        return made

    def _feeds(self, texts: Sequence[Ids]) -> dict[str, NDArray[Any]]:
        """Return the inputs of the file: numbers, or for one that reads texts words again, a blank between them."""
        if self._words:
            lines = [" ".join([self._words[number] for number in ids]) for ids in texts]
            return {"text": np.array(lines, dtype=object)}
        batch = Padded.of(texts)
        return {"tokens": batch.values, "lengths": batch.lengths}


def _share(value: object) -> float:
    if not isinstance(value, (int, float)) or not 0 <= value < 1:
        raise ValueError(f"{value!r:.40} is no threshold")
    return float(value)
