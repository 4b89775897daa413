"""The base class of classification tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from seqtool.families.classification.config import ClassificationConfig
from seqtool.task import Data, Task

if TYPE_CHECKING:
    import torch

    from seqtool.data.check import Finding
    from seqtool.data.splits import Sampler, Splits
    from seqtool.families.classification.data import TextPart
    from seqtool.families.classification.network import Classifier
    from seqtool.families.classification.objective import Objective
    from seqtool.graph.check import Probe


class ClassificationTask(Task):
    """A text in, its label out. A plugin gives name, summary, sources and a sample."""

    family: ClassVar[str] = "classification"
    verb: ClassVar[str] = "classify"
    config: ClassVar[type[ClassificationConfig]] = ClassificationConfig
    vocabularies: ClassVar[Sequence[str]] = ("encoder", "labels")
    suffix: ClassVar[str] = ".tsv"

    def load(self, config: ClassificationConfig, data: Data) -> Splits[TextPart]:
        """Read the parts, fit encoder and labels on the first."""
        from seqtool.families.classification.data import read, split

        return split(read(data.files, config), config)

    def check(self, config: ClassificationConfig, data: Data) -> Sequence[Finding]:
        """Say what was found while reading, and what the parts look like."""
        from seqtool.families.classification.data import check, read

        return check(read(data.files, config), config)

    def network(self, config: ClassificationConfig, encoders: Mapping[str, Any]) -> Classifier:
        """Build the PyTorch network."""
        from seqtool.families.classification.network import Classifier
        from seqtool.families.classification.reading import Reader

        reader = Reader(encoders["encoder"], config.lower)
        return Classifier(config, reader.encoder.size, encoders["labels"].size, reader.unknown)

    def joined(self, config: ClassificationConfig, splits: Splits[TextPart]) -> Splits[TextPart]:
        """Take training and validation part for training."""
        from seqtool.families.classification.data import joined

        return joined(splits)

    def sampler(self, config: ClassificationConfig, splits: Splits[TextPart], seed: int) -> Sampler:
        """Choose texts of similar length."""
        from seqtool.data.splits import LengthSampler

        lengths = [len(ids) for ids in splits.train.ids]
        return LengthSampler(lengths, records=config.batch, tokens=config.tokens, seed=seed)

    def objective(self, network: Any, splits: Splits[TextPart], device: torch.device, seed: int) -> Objective:
        """Put the texts on the device, for the training loop."""
        from seqtool.families.classification.objective import Objective

        return Objective(network, splits.train, splits.validation, device)

    def encoders_to_json(self, encoders: Mapping[str, Any]) -> dict[str, Any]:
        """Return encoder and labels as JSON, for the run and the model file."""
        return {**encoders, **{name: encoders[name].to_json() for name in self.vocabularies}}

    def encoders_from_json(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Rebuild what `encoders_to_json` gave; raises `ModelError` where it is damaged."""
        from seqtool.data.encoders.labels import Labels
        from seqtool.families.classification.reading import Reader

        encoder = Reader.from_json(stored.get("encoder", {}), lower=False).encoder
        return {**stored, "encoder": encoder, "labels": Labels.from_json(stored.get("labels", {}))}

    def graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX graph of a trained network."""
        from seqtool.families.classification.graph import graph

        return graph(network)

    def int8_graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX graph with int8 weights."""
        from seqtool.families.classification.graph import graph

        return graph(network, int8=True)

    def int8_costs(self, full: Any, small: Any, splits: Splits[TextPart]) -> dict[str, Any]:
        """Return the share of wrong answers of both on the validation part, and how much faster int8 answers."""
        from seqtool.families.classification.int8 import costs

        return costs(self.runner(full), self.runner(small), splits.validation)

    def text_graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX graph that reads texts; raises `UsageError` where tokens are no words."""
        from seqtool.families.classification.graph import text_graph
        from seqtool.families.classification.reading import words_of

        words = words_of(encoders["encoder"], lower=network.config.lower)
        return text_graph(network, words, encoders["labels"], network.config.threshold)

    def text_probe(self, network: Any, config: ClassificationConfig, encoders: Mapping[str, Any]) -> Probe:
        """Return texts of several numbers of words and the network's own answers."""
        from seqtool.families.classification.probe import text_probe
        from seqtool.families.classification.reading import words_of

        return text_probe(network, words_of(encoders["encoder"], lower=config.lower), encoders["labels"])

    def limits(self, config: ClassificationConfig) -> dict[str, int]:
        """Return what a file of this configuration promises at most."""
        return {"characters": 1_000_000, "tokens": 50_000}

    def probe(self, network: Any, config: ClassificationConfig, encoders: Mapping[str, Any]) -> Probe:
        """Return inputs of several shapes and the network's own answers, for the check of an export."""
        from seqtool.families.classification.probe import probe

        return probe(network)

    def runner(self, model: Any) -> Any:
        """Return the runner of an opened model file."""
        from seqtool.families.classification.runner import Runner

        return Runner(model)

    def baselines(self, config: ClassificationConfig, splits: Splits[TextPart]) -> dict[str, Any]:
        """Count the classes, choose the linear model's penalty; JSON, kept in the run and in the model file."""
        from seqtool.families.classification.baselines import fitted

        return fitted(splits.train, splits.validation)

    def refitted_baselines(self, stored: Mapping[str, Any], splits: Splits[TextPart]) -> dict[str, Any]:
        """Count again; the penalty stays."""
        from seqtool.families.classification.baselines import refitted

        return refitted(stored, splits.train)

    def validation_scores(
        self, network: Any, splits: Splits[TextPart], stored: Mapping[str, Any], data: str
    ) -> dict[str, Any]:
        """Score the network on the validation part, beside baselines that know the training part."""
        from seqtool.families.classification.objective import predictor_of
        from seqtool.families.classification.scores import score

        return score(
            predictor_of(network), splits.validation, stored, split="validation", data=data,
            threshold=network.config.threshold, known=splits.train,
        )  # fmt: skip

    def test_scores(self, model: Any, splits: Splits[TextPart], stored: Mapping[str, Any], data: str) -> dict[str, Any]:
        """Score a model FILE on the test part, beside baselines that know what it was trained on."""
        from seqtool.families.classification.data import joined
        from seqtool.families.classification.scores import score

        runner, known = self.runner(model), (joined(splits) if stored.get("joined") else splits).train
        return score(
            runner.predict, splits.test, stored, split="test", data=data, threshold=runner.threshold, known=known
        )

    def pictures(self, network: Any, splits: Splits[TextPart], folder: Path, title: str) -> list[Path]:
        """Draw the confusion of the validation part."""
        from seqtool.data.confusion import confusion
        from seqtool.families.classification.decision import answers
        from seqtool.families.classification.objective import predictor_of
        from seqtool.report.confusion import picture

        part, names = splits.validation, splits.validation.labels.names
        chosen = answers(predictor_of(network)(part.ids), network.config.threshold)
        return [picture(confusion(part.gold, chosen, len(names)), names, folder / "confusion.png", title)]
