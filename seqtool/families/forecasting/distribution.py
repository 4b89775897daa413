"""Which configurations give a distribution of each step, not its mean alone."""

from __future__ import annotations

from seqtool.errors import UsageError
from seqtool.families.forecasting.config import ForecastingConfig


def check_distribution(config: ForecastingConfig) -> None:
    """Raise `UsageError` where a network cannot give a distribution, or another loss is asked for beside it."""
    if config.distribution == "none":
        return
    if config.network != "autoregressive":
        what = f"only an autoregressive network gives a distribution of each step, not --network {config.network}"
        raise UsageError(what, cure="--network autoregressive, or --distribution none")
    if config.stateful:
        what = "a stateful model is trained on single values: it gives no distribution"
        raise UsageError(what, cure="leave out --stateful, or --distribution none")
    if config.loss != "squared":
        what = f"the loss of a distribution is its likelihood, and --loss {config.loss} is another"
        raise UsageError(what, cure="leave out --loss, or --distribution none")
