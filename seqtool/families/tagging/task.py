"""The base class of tagging tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from seqtool.families.tagging.config import TaggingConfig
from seqtool.task import Data, Task

if TYPE_CHECKING:
    import torch

    from seqtool.data.check import Finding
    from seqtool.data.splits import Sampler, Splits
    from seqtool.families.tagging.data import TagPart
    from seqtool.families.tagging.network import Tagger
    from seqtool.families.tagging.objective import Objective
    from seqtool.graph.check import Probe


class TaggingTask(Task):
    """A sentence in, a tag for each of its words out. A plugin gives name, summary, sources and a sample."""

    family: ClassVar[str] = "tagging"
    verb: ClassVar[str] = "tag"
    config: ClassVar[type[TaggingConfig]] = TaggingConfig
    vocabularies: ClassVar[Sequence[str]] = ("words", "characters", "tags")
    suffix: ClassVar[str] = ".conllu"

    def load(self, config: TaggingConfig, data: Data) -> Splits[TagPart]:
        """Read, cut into three parts, fit words, characters and tags on the first."""
        from seqtool.families.tagging.data import read, split

        return split(read(data.files, config), config)

    def check(self, config: TaggingConfig, data: Data) -> Sequence[Finding]:
        """Say what was found while reading, and what the parts look like."""
        from seqtool.families.tagging.data import check, read

        return check(read(data.files, config), config)

    def network(self, config: TaggingConfig, encoders: Mapping[str, Any]) -> Tagger:
        """Build the PyTorch network."""
        from seqtool.families.tagging.network import Tagger

        alphabet = encoders["characters"].size if config.characters else 0
        return Tagger(config, encoders["words"].size, alphabet, encoders["tags"].size)

    def joined(self, config: TaggingConfig, splits: Splits[TagPart]) -> Splits[TagPart]:
        """Take training and validation sentences for training."""
        from seqtool.families.tagging.data import joined

        return joined(splits)

    def sampler(self, config: TaggingConfig, splits: Splits[TagPart], seed: int) -> Sampler:
        """Read sentences of similar length together."""
        from seqtool.data.splits import LengthSampler

        lengths = [len(words) for words in splits.train.words]
        return LengthSampler(lengths, records=config.batch, tokens=config.tokens, seed=seed)

    def objective(self, network: Any, splits: Splits[TagPart], device: torch.device, seed: int) -> Objective:
        """Put the sentences on the device, for the training loop."""
        from seqtool.families.tagging.objective import Objective

        return Objective(network, splits.train, splits.validation, splits.encoders, device)

    def encoders_to_json(self, encoders: Mapping[str, Any]) -> dict[str, Any]:
        """Return the encoders as JSON, for the run and the model file."""
        return {name: encoder.to_json() for name, encoder in encoders.items()}

    def encoders_from_json(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Rebuild what `encoders_to_json` gave; raises `ModelError` where it is damaged."""
        from seqtool.families.tagging.words import encoders_from_json

        return encoders_from_json(stored)

    def graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX graph of a trained network."""
        from seqtool.families.tagging.graph import graph

        return graph(network, encoders)

    def int8_graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX graph with int8 tables and an int8 output."""
        from seqtool.families.tagging.graph import graph

        return graph(network, encoders, int8=True)

    def int8_costs(self, full: Any, small: Any, splits: Splits[TagPart]) -> dict[str, Any]:
        """Return the share of wrong words of both on the validation part, and how much faster int8 tags."""
        from seqtool.families.tagging.int8 import costs

        return costs(self.runner(full), self.runner(small), splits.validation)

    def text_graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX graph that reads texts; raises `UsageError` where words are spelled."""
        from seqtool.families.tagging.graph import text_graph

        return text_graph(network, encoders)

    def text_probe(self, network: Any, config: TaggingConfig, encoders: Mapping[str, Any]) -> Probe:
        """Return texts and the network's own answers, for the check of what `text_graph` builds."""
        from seqtool.families.tagging.probe import text_probe

        return text_probe(network, encoders)

    def limits(self, config: TaggingConfig) -> dict[str, int]:
        """Return what a file of this configuration promises at most."""
        from seqtool.families.tagging.words import LIMITS

        return dict(LIMITS)

    def probe(self, network: Any, config: TaggingConfig, encoders: Mapping[str, Any]) -> Probe:
        """Return inputs of several shapes and the network's own answers, for the check of an export."""
        from seqtool.families.tagging.probe import probe

        return probe(network, encoders)

    def runner(self, model: Any) -> Any:
        """Return the runner of an opened model file."""
        from seqtool.families.tagging.runner import Runner

        return Runner(model)

    def baselines(self, config: TaggingConfig, splits: Splits[TagPart]) -> dict[str, Any]:
        """Count the tags of the training part's words; JSON, kept in the run and in the model file."""
        from seqtool.families.tagging.baselines import fitted

        return fitted(splits.train)

    def refitted_baselines(self, stored: Mapping[str, Any], splits: Splits[TagPart]) -> dict[str, Any]:
        """Count again."""
        from seqtool.families.tagging.baselines import fitted

        return fitted(splits.train)

    def validation_scores(
        self, network: Any, splits: Splits[TagPart], stored: Mapping[str, Any], data: str
    ) -> dict[str, Any]:
        """Score the network on the validation part, beside the most frequent tags."""
        from seqtool.config import to_dict
        from seqtool.families.tagging.objective import tagger_of
        from seqtool.families.tagging.scores import score

        predict, config = tagger_of(network, splits.encoders), to_dict(network.config)
        return score(predict, splits.validation, splits.encoders, stored, config, split="validation", data=data)

    def test_scores(self, model: Any, splits: Splits[TagPart], stored: Mapping[str, Any], data: str) -> dict[str, Any]:
        """Score a model FILE on the test part, beside the most frequent tags."""
        from seqtool.families.tagging.scores import score

        predict, config = self.runner(model).tag_all, model.manifest.config
        return score(predict, splits.test, splits.encoders, stored, config, split="test", data=data)

    def pictures(self, network: Any, splits: Splits[TagPart], folder: Path, title: str) -> list[Path]:
        """Draw which tags are taken for which others."""
        from seqtool.families.tagging.objective import tagger_of
        from seqtool.families.tagging.scores import confused
        from seqtool.report.confusion import picture

        part, labels = splits.validation, splits.encoders["tags"]
        matrix = confused(part, tagger_of(network, splits.encoders)(part.words), labels)
        return [picture(matrix, labels.names, folder / "confusion.png", title)]
