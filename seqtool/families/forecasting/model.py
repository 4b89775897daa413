"""The network of a forecaster and its training."""

from __future__ import annotations

import torch

from seqtool.data.splits import Splits
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import streams
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.network import Forecaster, predictor_of
from seqtool.families.forecasting.objective import Objective, StreamObjective
from seqtool.families.forecasting.windows import Predictor, Windows


def network(config: ForecastingConfig, encoders: ForecastingEncoders) -> Forecaster:
    """Build the network with fresh weights, and with the offsets of quantiles of a calibrated training."""
    return Forecaster.of(config, encoders)


def objective(
    network: Forecaster, splits: Splits[Windows, ForecastingEncoders], device: torch.device, seed: int
) -> Objective | StreamObjective:
    """Put the data on the device; return what the training loop minimises."""
    if network.config.stateful:
        cut = streams(network.config, splits.train)
        return StreamObjective(network, splits.train, splits.validation, cut, device, splits.encoders)
    return Objective(network, splits.train, splits.validation, device, seed, splits.encoders)


def predictor(network: Forecaster, encoders: ForecastingEncoders) -> Predictor:
    """Return a function that forecasts the windows of a part by the network."""
    return predictor_of(network)
