"""Forecast the price of bitcoin."""

from __future__ import annotations

from seqtool import ForecastingTask, hookimpl
from seqtool_bitcoin.sample import simulated_prices
from seqtool_bitcoin.sources import SOURCES


class Bitcoin(ForecastingTask):
    """Daily prices in, daily prices out."""

    name = "bitcoin"
    summary = "forecast daily prices of bitcoin, or of anything else that has a price"
    sources = SOURCES
    examples = (
        "seqtool train bitcoin",
        "seqtool train bitcoin --preset gru-seq2seq",
        "seqtool forecast bitcoin --horizon 30 --plot forecast.png",
    )

    def sample(self) -> bytes:
        """Return simulated prices: no real market is in them."""
        return simulated_prices()


@hookimpl
def register_task() -> Bitcoin:
    """Give the task to seqtool."""
    return Bitcoin()
