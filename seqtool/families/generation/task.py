"""The base class of generation tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from seqtool.families.generation.config import GenerationConfig
from seqtool.task import Data, Task

if TYPE_CHECKING:
    import torch

    from seqtool.data.check import Finding
    from seqtool.data.splits import Sampler, Splits, Streams
    from seqtool.families.generation.data import TextPart
    from seqtool.families.generation.network import LanguageModel
    from seqtool.families.generation.objective import Objective
    from seqtool.graph.check import Probe


class GenerationTask(Task):
    """A text in, its continuation out. A plugin gives name, summary, sources and a sample."""

    family: ClassVar[str] = "generation"
    verb: ClassVar[str] = "generate"
    config: ClassVar[type[GenerationConfig]] = GenerationConfig
    vocabularies: ClassVar[Sequence[str]] = ("encoder",)
    suffix: ClassVar[str] = ".txt"
    folders: ClassVar[str] = "*.txt"

    def load(self, config: GenerationConfig, data: Data) -> Splits[TextPart]:
        """Read, cut into contiguous parts, fit the encoder on the first."""
        from seqtool.families.generation.data import read, split

        return split(read(data.files, config).text, config)

    def check(self, config: GenerationConfig, data: Data) -> Sequence[Finding]:
        """Say what was found while reading, and what the parts look like."""
        from seqtool.families.generation.data import check, read, split

        document = read(data.files, config)
        return check(document, split(document.text, config))

    def network(self, config: GenerationConfig, encoders: Mapping[str, Any]) -> LanguageModel:
        """Build the PyTorch network."""
        from seqtool.families.generation.network import LanguageModel

        return LanguageModel(config, encoders["encoder"].size)

    def joined(self, config: GenerationConfig, splits: Splits[TextPart]) -> Splits[TextPart]:
        """Take training and validation text for training."""
        from seqtool.families.generation.data import joined

        return joined(splits)

    def sampler(self, config: GenerationConfig, splits: Splits[TextPart], seed: int) -> Sampler:
        """Read the chunks of the streams in order."""
        from seqtool.data.splits import Sampler

        return Sampler(_streams(config, splits).chunks, 1, seed, shuffled=False)

    def objective(self, network: Any, splits: Splits[TextPart], device: torch.device, seed: int) -> Objective:
        """Put the text on the device, for the training loop."""
        from seqtool.families.generation.objective import Objective

        train, validation = splits.train, splits.validation
        streams = _streams(network.config, splits)
        return Objective(network, train.ids, validation.ids, validation.characters, streams, device, seed)

    def encoders_to_json(self, encoders: Mapping[str, Any]) -> dict[str, Any]:
        """Return the encoder as JSON, for the run and the model file."""
        return {**encoders, "encoder": encoders["encoder"].to_json()}

    def encoders_from_json(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Rebuild what `encoders_to_json` gave; raises `ModelError` where it is damaged."""
        from seqtool.data.encoders.texts import from_json

        return {**stored, "encoder": from_json(stored.get("encoder", {}))}

    def graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX graph of a trained network."""
        from seqtool.families.generation.graph import graph

        return graph(network)

    def int8_graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX graph with int8 weights."""
        from seqtool.families.generation.graph import graph

        return graph(network, int8=True)

    def int8_costs(self, full: Any, small: Any, splits: Splits[TextPart]) -> dict[str, Any]:
        """Return bits per character of both on the validation part, and how much faster int8 writes."""
        from seqtool.families.generation.int8 import costs

        return costs(self.runner(full), self.runner(small), splits.validation)

    def limits(self, config: GenerationConfig) -> dict[str, int]:
        """Return what a file of this configuration promises at most."""
        return {"prompt": 1_000_000, "generated": 1_000_000}

    def probe(self, network: Any, config: GenerationConfig, encoders: Mapping[str, Any]) -> Probe:
        """Return inputs of several shapes and the network's own answers, for the check of an export."""
        from seqtool.families.generation.probe import probe

        return probe(network)

    def runner(self, model: Any) -> Any:
        """Return the runner of an opened model file."""
        from seqtool.families.generation.runner import Runner

        return Runner(model)

    def baselines(self, config: GenerationConfig, splits: Splits[TextPart]) -> dict[str, Any]:
        """Count the symbols of the training text; JSON, kept in the run and in the model file."""
        from seqtool.families.generation.baselines import fitted

        return fitted(splits.train)

    def refitted_baselines(self, stored: Mapping[str, Any], splits: Splits[TextPart]) -> dict[str, Any]:
        """Count again."""
        from seqtool.families.generation.baselines import fitted

        return fitted(splits.train)

    def validation_scores(
        self, network: Any, splits: Splits[TextPart], stored: Mapping[str, Any], data: str
    ) -> dict[str, Any]:
        """Score the network on the validation part, beside baselines that know the training part."""
        from seqtool.families.generation.objective import predictor_of
        from seqtool.families.generation.scores import score

        predict = predictor_of(network)
        return score(predict, splits.validation, stored, split="validation", data=data, known=splits.train)

    def test_scores(self, model: Any, splits: Splits[TextPart], stored: Mapping[str, Any], data: str) -> dict[str, Any]:
        """Score a model FILE on the test part, beside baselines that know all of the text before it."""
        from seqtool.families.generation.data import joined
        from seqtool.families.generation.scores import score

        known = joined(splits).train
        return score(self.runner(model).nats, splits.test, stored, split="test", data=data, known=known)

    def evaluated(self, network: Any, splits: Splits[TextPart], run: Path, step: int) -> str:
        """Add to samples.txt what the network writes by now."""
        from seqtool.families.generation.samples import append

        append(network, splits.validation, run, step)
        return ""

    def pictures(self, network: Any, splits: Splits[TextPart], folder: Path, title: str) -> list[Path]:
        """Draw nothing: the curves of the training say it all."""
        return []


def _streams(config: GenerationConfig, splits: Splits[TextPart]) -> Streams:
    from seqtool.data.splits import Streams

    return Streams.of(len(splits.train.ids), config.batch, config.window)
