"""The base class of translation tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from seqtool.families.translation.config import TranslationConfig
from seqtool.task import Data, Task

if TYPE_CHECKING:
    import torch

    from seqtool.data.check import Finding
    from seqtool.data.splits import Sampler, Splits
    from seqtool.families.translation.data import PairPart
    from seqtool.families.translation.network import Translator
    from seqtool.families.translation.objective import Objective
    from seqtool.graph.check import Probe


class TranslationTask(Task):
    """A sentence of one language in, a sentence of another out. A plugin gives name, summary, sources and a sample."""

    family: ClassVar[str] = "translation"
    verb: ClassVar[str] = "translate"
    config: ClassVar[type[TranslationConfig]] = TranslationConfig
    vocabularies: ClassVar[Sequence[str]] = ("joint", "source", "target")
    suffix: ClassVar[str] = ".tsv"
    sides: ClassVar[bool] = True
    extras: ClassVar[Sequence[str]] = ("sampling", "attention")

    def load(self, config: TranslationConfig, data: Data) -> Splits[PairPart]:
        """Read, cut into three parts, fit the vocabularies on the first."""
        from seqtool.families.translation.data import load

        return load(config, data)

    def check(self, config: TranslationConfig, data: Data) -> Sequence[Finding]:
        """Say what was found while reading, and what the parts look like."""
        from seqtool.families.translation.data import check

        return check(config, data)

    def network(self, config: TranslationConfig, encoders: Mapping[str, Any]) -> Translator:
        """Build the PyTorch network."""
        from seqtool.families.translation.network import Translator

        return Translator(config, encoders["source"].size, encoders["target"].size)

    def joined(self, config: TranslationConfig, splits: Splits[PairPart]) -> Splits[PairPart]:
        """Take training and validation pairs for training."""
        from seqtool.families.translation.data import joined

        return joined(splits)

    def sampler(self, config: TranslationConfig, splits: Splits[PairPart], seed: int) -> Sampler:
        """Read pairs of similar length together."""
        from seqtool.families.translation.objective import sampler

        return sampler(config, splits.train, seed)

    def objective(self, network: Any, splits: Splits[PairPart], device: torch.device, seed: int) -> Objective:
        """Put the pairs on the device, for the training loop."""
        from seqtool.families.translation.objective import Objective

        return Objective(network, splits, device)

    def evaluated(self, network: Any, splits: Splits[PairPart], run: Path, step: int) -> str:
        """Add to samples.txt how a few validation sources are translated by now; return one."""
        from seqtool.families.translation.samples import append

        return append(network, splits, run, step)

    def encoders_to_json(self, encoders: Mapping[str, Any]) -> dict[str, Any]:
        """Return the encoders as JSON, for the run and the model file."""
        from seqtool.data.encoders.sides import sides_to_json

        return sides_to_json(encoders)

    def encoders_from_json(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Rebuild what `encoders_to_json` gave; raises `ModelError` where it is damaged."""
        from seqtool.data.encoders.sides import sides_from_json

        return {**sides_from_json(stored)}

    def graph(
        self, network: Any, encoders: Mapping[str, Any], *, int8: bool = False, extras: Sequence[str] = ()
    ) -> Any:
        """Build the ONNX graph of a trained network, with what `--sampling` and `--attention` add to it."""
        from seqtool.errors import UsageError
        from seqtool.families.translation.graph import graph

        if "attention" in extras and network.config.attention == "none":
            raise UsageError("a network without attention has none to tell", cure="leave --attention out")
        return graph(network, int8=int8, sampling="sampling" in extras, attention="attention" in extras)

    def int8_graph(self, network: Any, encoders: Mapping[str, Any], *, extras: Sequence[str] = ()) -> Any:
        """Build the ONNX graph with int8 weights."""
        return self.graph(network, encoders, int8=True, extras=extras)

    def int8_costs(self, full: Any, small: Any, splits: Splits[PairPart]) -> dict[str, Any]:
        """Return the BLEU of both on the validation part, and how much faster int8 translates."""
        from seqtool.families.translation.int8 import costs

        return costs(self.runner(full), self.runner(small), splits.validation)

    def limits(self, config: TranslationConfig) -> dict[str, int]:
        """Return what a file of this configuration promises at most."""
        from seqtool.families.translation.limits import LIMITS

        return dict(LIMITS)

    def probe(
        self, network: Any, config: TranslationConfig, encoders: Mapping[str, Any], *, extras: Sequence[str] = ()
    ) -> Probe:
        """Return inputs of several shapes and the network's own answers, for the check of an export."""
        from seqtool.families.translation.probe import probe

        return probe(network, sampling="sampling" in extras, attention="attention" in extras)

    def runner(self, model: Any) -> Any:
        """Return the runner of an opened model file."""
        from seqtool.families.translation.runner import Runner

        return Runner(model)

    def baselines(self, config: TranslationConfig, splits: Splits[PairPart]) -> dict[str, Any]:
        """Fit nothing: a copy of the source has nothing to learn."""
        return {}

    def refitted_baselines(self, stored: Mapping[str, Any], splits: Splits[PairPart]) -> dict[str, Any]:
        """Fit nothing."""
        return {}

    def validation_scores(
        self, network: Any, splits: Splits[PairPart], stored: Mapping[str, Any], data: str
    ) -> dict[str, Any]:
        """Score the network's greedy translations of the validation part, beside copies of the sources."""
        from seqtool.families.translation.greedy import translator_of
        from seqtool.families.translation.scores import score

        translate, encoder = translator_of(network, splits.encoders), splits.encoders["target"]
        pairs, known = splits.validation.pairs, splits.train.pairs
        return score(translate, pairs, encoder, split="validation", data=data, known=known)

    def test_scores(self, model: Any, splits: Splits[PairPart], stored: Mapping[str, Any], data: str) -> dict[str, Any]:
        """Score a model FILE on the test part, by its usual beam, beside copies of the sources."""
        from seqtool.families.translation.scores import score

        translate, encoder = self.runner(model).translate_all, splits.encoders["target"]
        return score(translate, splits.test.pairs, encoder, split="test", data=data, known=splits.train.pairs)

    def pictures(self, network: Any, splits: Splits[PairPart], folder: Path, title: str) -> list[Path]:
        """Draw BLEU by length of the source."""
        from seqtool.families.translation.bleu import measured
        from seqtool.families.translation.greedy import translator_of
        from seqtool.families.translation.pictures import lengths_picture
        from seqtool.families.translation.scores import by_length

        pairs = splits.validation.pairs
        sources = [pair.source for pair in pairs]
        bleu = measured(translator_of(network, splits.encoders)(sources), [pair.target for pair in pairs])
        return [lengths_picture(by_length(bleu, sources), folder / "lengths.png", title)]
