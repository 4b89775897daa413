"""The base class of forecasting tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from seqtool.errors import SeqtoolError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.task import Data, Task

if TYPE_CHECKING:
    import torch

    from seqtool.data.check import Finding
    from seqtool.data.series import Series
    from seqtool.data.splits import Sampler, Splits, Streams
    from seqtool.families.forecasting.data import Windows
    from seqtool.families.forecasting.network import Forecaster
    from seqtool.families.forecasting.objective import Objective
    from seqtool.families.forecasting.runner import Runner
    from seqtool.families.forecasting.streams import StreamObjective
    from seqtool.graph.check import Probe

ANY_HORIZON = 10_000
"""The largest horizon of a model whose loop could go on for ever."""


class ForecastingTask(Task):
    """A series in, its continuation out. A plugin gives name, summary, sources and a sample."""

    family: ClassVar[str] = "forecasting"
    verb: ClassVar[str] = "forecast"
    config: ClassVar[type[ForecastingConfig]] = ForecastingConfig
    columns_hint: ClassVar[Sequence[str]] = ("close", "value", "y")
    """Names of columns worth forecasting, looked for in this order when none is named."""

    def series(self, config: ForecastingConfig, data: Data) -> Series:
        """Read the data; raises `DataError`, `NotFound` or `UsageError`."""
        from seqtool.data.tables import read_series

        return read_series(
            data.files,
            columns=config.columns,
            preferred=tuple(self.columns_hint),
            time_column=config.time_column,
            id_column=config.id_column,
        )

    def load(self, config: ForecastingConfig, data: Data) -> Splits[Windows]:
        """Read, split in time order, fit the scaler on the training part, cut windows."""
        from seqtool.families.forecasting.data import split

        return split(self.series(config, data), config)

    def check(self, config: ForecastingConfig, data: Data) -> Sequence[Finding]:
        """Say what was found while reading, and what the split looks like."""
        from seqtool.data.check import Finding
        from seqtool.families.forecasting.data import split

        series = self.series(config, data)
        parts = split(series, config)
        stamps = series.stamps()
        named = {"training": parts.train, "validation": parts.validation, "test": parts.test}
        sizes = ", ".join(f"{name} {len(part)}" for name, part in named.items())
        facts = f"{len(stamps)} rows of {', '.join(series.columns)}, {stamps[0]} to {stamps[-1]}; windows: {sizes}"
        found = [] if config.season else [_season_found(parts.encoders["season"], parts.encoders["step"])]
        return [*series.findings, *found, Finding("note", "sizes", facts)]

    def network(self, config: ForecastingConfig, encoders: Mapping[str, Any]) -> Forecaster:
        """Build the PyTorch network."""
        from seqtool.families.forecasting.network import Forecaster

        return Forecaster(config, encoders["scaler"], encoders.get("offsets"))

    def joined(self, config: ForecastingConfig, splits: Splits[Windows]) -> Splits[Windows]:
        """Cut the training windows anew, over the rows of training and validation."""
        from seqtool.families.forecasting.data import joined

        return joined(config, splits)

    def sampler(self, config: ForecastingConfig, splits: Splits[Windows], seed: int) -> Sampler:
        """Shuffle windows, or read the chunks of streams in order."""
        from seqtool.data.splits import Sampler

        if not config.stateful:
            return Sampler(len(splits.train), config.batch, seed)
        return Sampler(_streams(config, splits).chunks, 1, seed, shuffled=False)

    def objective(
        self, network: Any, splits: Splits[Windows], device: torch.device, seed: int
    ) -> Objective | StreamObjective:
        """Put the data on the device, for the training loop."""
        from seqtool.families.forecasting.objective import Objective
        from seqtool.families.forecasting.streams import StreamObjective

        if network.config.stateful:
            cut = _streams(network.config, splits)
            return StreamObjective(network, splits.train, splits.validation, cut, device)
        return Objective(network, splits.train, splits.validation, device, seed)

    def prepare(self, network: Any, objective: Any, first: Any = None) -> None:
        """Fit the linear highway by ridge regression."""
        from seqtool.families.forecasting.objective import prepare

        prepare(network, objective, first)

    def encoders_to_json(self, encoders: Mapping[str, Any]) -> dict[str, Any]:
        """Return the encoders as JSON, for the run and the model file."""
        return {**encoders, "scaler": encoders["scaler"].to_json(), "columns": list(encoders["columns"])}

    def encoders_from_json(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Rebuild what `encoders_to_json` gave; raises `SeqtoolError` where parts are missing."""
        from seqtool.data.encoders.scaler import Scaler

        try:
            return {**stored, "scaler": Scaler.from_json(stored["scaler"]), "columns": tuple(stored["columns"])}
        except (KeyError, TypeError) as error:
            raise SeqtoolError(f"the stored encoders are damaged: {error}", cure="train again") from error

    def graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX graph of a trained network; raises `SeqtoolError` where its forecasts run away."""
        from seqtool.families.forecasting.graph import graph
        from seqtool.families.forecasting.stability import refuse_growth

        refuse_growth(network)
        return graph(network, encoders["scaler"])

    def limits(self, config: ForecastingConfig) -> dict[str, int]:
        """Return what a file of this configuration promises at most."""
        horizon = config.horizon if config.network == "direct" else ANY_HORIZON
        return {"window": config.window, "horizon": horizon}

    def probe(self, network: Any, config: ForecastingConfig, encoders: Mapping[str, Any]) -> Probe:
        """Return inputs of several shapes and the network's own answers, for the check of an export."""
        from seqtool.families.forecasting.probe import probe

        return probe(network, config, encoders["scaler"])

    def runner(self, model: Any) -> Runner:
        """Return the runner of an opened model file."""
        from seqtool.families.forecasting.runner import Runner

        return Runner(model)

    def calibrate(self, network: Any, splits: Splits[Windows], config: ForecastingConfig) -> dict[str, Any]:
        """Return the `offsets` [N][F][Q] of the quantiles that the configuration asks for."""
        from seqtool.families.forecasting.intervals import calibrate

        if not config.quantiles:
            return {}
        return {"offsets": calibrate(network, splits.validation, config.quantiles)}

    def baselines(self, config: ForecastingConfig, splits: Splits[Windows]) -> dict[str, Any]:
        """Fit the baselines on the training part; JSON, kept in the run and in the model file."""
        from seqtool.families.forecasting.baselines import fitted

        return fitted(splits.train, splits.validation, splits.encoders["season"])

    def refitted_baselines(self, stored: dict[str, Any], splits: Splits[Windows]) -> dict[str, Any]:
        """Fit the autoregression again, its lags and penalty as chosen before."""
        from seqtool.families.forecasting.baselines import refitted

        return refitted(stored, splits.train)

    def validation_scores(
        self, network: Any, splits: Splits[Windows], stored: dict[str, Any], data: str
    ) -> dict[str, Any]:
        """Score the network on the validation part."""
        from seqtool.families.forecasting.network import predictor_of
        from seqtool.families.forecasting.scores import score

        levels = network.config.quantiles
        return score(predictor_of(network), splits.validation, stored, split="validation", data=data, levels=levels)

    def test_scores(self, model: Any, splits: Splits[Windows], stored: dict[str, Any], data: str) -> dict[str, Any]:
        """Score a model FILE on the test part."""
        from seqtool.families.forecasting.scores import score

        runner = self.runner(model)
        return score(runner.over, splits.test, stored, split="test", data=data, levels=runner.levels)

    def pictures(self, network: Any, splits: Splits[Windows], folder: Path, title: str) -> list[Path]:
        """Draw the windows picture into `folder`."""
        from seqtool.families.forecasting.network import predictor_of
        from seqtool.families.forecasting.pictures import windows_picture

        levels = network.config.quantiles
        return [windows_picture(predictor_of(network), splits.validation, folder / "windows.png", title, levels)]


def _season_found(season: int, step: int | None) -> Finding:
    """Say which season was found; `step` in seconds."""
    from seqtool.data.check import Finding
    from seqtool.data.grid import span

    length = f" ({span(season * step)})" if step and season > 1 else ""
    steps = f"the training part shows a season of {season} steps{length}" if season > 1 else "no season was found"
    return Finding("note", "season", f"{steps}; --season N says another")


def _streams(config: ForecastingConfig, splits: Splits[Windows]) -> Streams:
    from seqtool.data.splits import Streams

    return Streams.of(len(splits.train.values), config.batch, config.window)
