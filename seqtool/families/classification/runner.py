"""Labels and probabilities from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.errors import ModelError, UsageError, damaged
from seqtool.families.classification.answers import HALF, Above, Classified, One, Rule, classified
from seqtool.families.classification.encoders import UNKNOWN, ClassificationEncoders
from seqtool.families.classification.pieces import Outputs, pooling
from seqtool.runtime import runner as base
from seqtool.runtime.model import Model
from seqtool.runtime.runner import as_list, refuse_text
from seqtool.types import Array, Ids, Json, Singles

AT_ONCE, TOKENS = 256, 8192
"""Most texts, and most tokens with their padding, of one call."""


WHOLE, WIDE, NETWORK = "probabilities", "wide", "network"
"""The outputs of a file; the last two are those of its parts alone, and only of a file that has both."""
PARTS = {WIDE: "wide part", NETWORK: "network"}
"""Their names in scores."""


@dataclass(frozen=True)
class Predict:
    """From the ids [T] of N texts to the probabilities of the classes [N,C].

    outputs: gives them by the names of the outputs, with those of the parts where there are parts. thresholds: of
    several labels, above which probabilities [C] each is answered, by the same names.
    """

    outputs: Outputs
    thresholds: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def __call__(self, texts: Sequence[Ids]) -> Array:
        """Return the probabilities [N,C] of the whole model."""
        return self.outputs(texts)[WHOLE]


class Runner(base.Runner):
    """A classifier's file. Raises `ModelError` where the manifest lacks what it needs.

    threshold: above this probability the second of two classes is the answer. multi: whether a text may have several
    labels. longest: most characters of a text; most: most tokens that are read at once, longer texts are read in
    pieces.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        manifest = model.manifest
        with damaged(ModelError("the manifest does not say what a classifier needs", cure="export the model again")):
            self.encoders = ClassificationEncoders.from_json(manifest.encoders)
            # the manifest may be a stranger's: `lower` may be anything, and only true is true
            self.reader = self.encoders.reader(lower=manifest.config["lower"] is True)
            self.threshold: float = manifest.config.get("threshold", HALF)
            if not isinstance(self.threshold, (int, float)) or not 0 <= self.threshold < 1:
                raise ValueError(f"{self.threshold!r:.40} is not a threshold")
            self.longest, self.most = manifest.limit("characters"), manifest.limit("tokens")
            if at_once := manifest.config.get("at_once", 0):  # files of earlier versions have none
                self.most = min(_whole(at_once), self.most)
            classes = next(spec.shape[1] for spec in model.file.outputs if spec.name == "probabilities")
            # a file that reads texts gets words again, for ids 0 and 1 the unknown word
            tokens = self.reader.encoder.tokens if isinstance(self.reader.encoder, Vocabulary) else ()
            self._words = (UNKNOWN, UNKNOWN, *tokens) if model.reads_texts else ()
            if classes != len(self.labels):
                raise ValueError(f"{len(self.labels)} labels, a graph of {classes}")
            # an id beyond the table would fail in the graph, and one short of it stand for another token
            if model.file.tables and self.reader.encoder.size not in model.file.tables:
                raise ValueError(f"{self.reader.encoder.size:,} tokens, a graph of another number")
            self.multi = _several(manifest.config, self.encoders)
        self._names = np.array(self.labels, dtype=object)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the probabilities."""
        return self.encoders.labels.names

    def classify(
        self, texts: Iterable[str], *, threshold: float | None = None, reject: float = 0.0, sets: float | None = None
    ) -> list[Classified]:
        """Return label and probabilities of each text, of a long one pooled from pieces.

        threshold: None for the file's. reject: a text has no label whose likeliest one is less probable. sets: each
        text has a label set that holds the true label with this probability. Raises `DataError` for the first text that
        is not a `str`, is empty, or has more characters than the file takes; `UsageError` as `rule` does.
        """
        listed = as_list(texts)
        for place, text in enumerate(listed):
            refuse_text(text, f"texts[{place}]", self.longest)
        rule = self.rule(threshold, reject, sets)
        return self.answer([self.reader.read(text) for text in listed], rule, len(self.labels))

    def answer(self, texts: Sequence[Ids], rule: Rule, most: int) -> list[Classified]:
        """Answer texts given as ids [T], with the probabilities of the `most` likeliest labels.

        Equal texts are computed once: the lines of a pipe often repeat.
        """
        places: dict[bytes, int] = {}
        which = [places.setdefault(ids.tobytes(), len(places)) for ids in texts]
        if not which:
            return []
        different = list(dict(zip(which, texts, strict=True)).values())
        chances = self._pooled(lambda batch: {WHOLE: self.call(batch)})(different)[WHOLE]
        return classified(chances[which], rule(chances, different)[which], self._names, most)

    def rule(self, threshold: float | None = None, reject: float = 0.0, sets: float | None = None) -> Rule:
        """Return what chooses the labels; raises `UsageError` for what this model cannot be asked."""
        for name, value in (("threshold", threshold), ("level of rejection", reject), ("level of label sets", sets)):
            if value is not None and (not isinstance(value, (int, float, np.number)) or not 0 <= value < 1):
                raise UsageError(f"the {name} {value!r:.40} is not a probability", cure="0 or more, below 1")
        if sets == 0:
            raise UsageError("label sets of the level 0 hold nothing", cure="above 0, below 1, such as 0.9")
        if self.multi:
            return self._of_several(threshold, reject, sets)
        if threshold is not None and len(self.labels) != 2:
            what = f"a threshold needs two classes; this model has {len(self.labels)}"
            raise UsageError(what, cure="leave the threshold out; reject leaves unsure texts without a label")
        if sets is None:
            return One(self.threshold if threshold is None else threshold, reject)
        if threshold is not None or reject:
            raise UsageError("label sets take no threshold and reject nothing", cure="ask for the sets alone")
        from seqtool.families.classification.conformal import Calibration, Sets  # few ask for sets

        test = self.scores.get("test")
        calibration = Calibration.from_json(test.get("calibration")) if isinstance(test, dict) else None
        if calibration is None:
            what = "the file has no probabilities of a test part, which label sets are calibrated on"
            raise UsageError(what, cure="export the run again, with its scores")
        return Sets(calibration, sets)

    def _of_several(self, threshold: float | None, reject: float, sets: float | None) -> Rule:
        if reject or sets is not None:
            what = "rejection and label sets are for one label a text; this model answers any number of labels"
            raise UsageError(what, cure="a threshold leaves out labels that are less probable")
        return Above(np.array(self.encoders.thresholds[WHOLE]) if threshold is None else threshold)

    @property
    def predict(self) -> Predict:
        """From N texts given as ids [T] to the probabilities [N,C]; answers the parts of a file apart too."""
        return Predict(self.outputs, self.encoders.thresholds)

    def outputs(self, texts: Sequence[Ids]) -> dict[str, Array]:
        """Return the probabilities [N,C] of N texts given as ids [T], those of the parts too, where there are parts."""
        return self._pooled(self._run)(texts)

    def _pooled(self, run: Outputs) -> Outputs:
        """Return what answers any number of texts, long ones too, by `run` of a batch."""
        return pooling(lambda texts: self._in_batches(texts, run), self.most, multi=self.multi)

    def _in_batches(self, texts: Sequence[Ids], run: Outputs) -> dict[str, Array]:
        """Run N texts in batches of similar length; return each output of all of them [N,C]."""
        lengths = [len(ids) for ids in texts]
        # the batch of a pipe is one call already: to sort it again would take as long as a small model does
        if len(texts) == 1 or len(texts) * max(lengths) <= TOKENS:
            return run(texts)
        from seqtool.data.splits import LengthSampler  # a batch of a pipe is one call

        batches = LengthSampler(lengths, records=AT_ONCE, tokens=TOKENS, seed=0)
        found: dict[str, Array] = {}
        for _ in range(batches.steps):
            chosen = batches.order()[batches.next()]
            for name, chances in run([texts[place] for place in chosen]).items():
                whole = found.setdefault(name, np.empty((len(texts), len(self.labels)), dtype=np.float32))
                whole[chosen] = chances
        return found

    def call(self, texts: Sequence[Ids]) -> Singles:
        """Return the probabilities [B,C] of one batch of texts given as ids [T]."""
        chances: Singles = self._run(texts)[WHOLE]
        return chances

    def _run(self, texts: Sequence[Ids]) -> dict[str, Array]:
        feeds: dict[str, Array]
        if self._words:
            # words as the reader cut them, a blank between them: the graph cuts at blanks alone
            lines = [" ".join([self._words[number] for number in ids]) for ids in texts]
            feeds = {"text": np.array(lines, dtype=object)}
        else:
            batch = Padded.of(texts)
            feeds = {"tokens": batch.values, "lengths": batch.lengths}
        outputs = self.model.run(feeds)
        return {name: outputs[name] for name in (WHOLE, *PARTS) if name in outputs}


def _whole(value: object) -> int:
    """Return a number of tokens; raises `ValueError` where the manifest has none."""
    if type(value) is not int or value < 1:
        raise ValueError(f"{value!r:.40} is no number of tokens")
    return value


def _several(config: Json, encoders: ClassificationEncoders) -> bool:
    """Return whether texts may have several labels; raises `ValueError` where a manifest says both."""
    multi = config.get("multi", False)  # files of earlier versions do not say it
    if not isinstance(multi, bool):
        raise ValueError(f"multi is {multi!r:.40}")
    if multi and WHOLE not in encoders.thresholds:
        raise ValueError("several labels without thresholds")
    if not multi and (encoders.multi or encoders.thresholds):
        raise ValueError("thresholds of several labels, of which a text has one")
    return multi


def widened(chances: Array, classes: int) -> Array:
    """Return probabilities [N,C] of more classes: 0 for those that the model does not have."""
    return np.pad(chances, ((0, 0), (0, classes - chances.shape[1])))
