"""Forecast the price of bitcoin."""

from __future__ import annotations

from pathlib import Path

from seqtool import Task, hookimpl
from seqtool_bitcoin.sample import simulated_prices
from seqtool_bitcoin.sources import SOURCES

BITCOIN = Task(
    name="bitcoin",
    summary="forecast daily prices of bitcoin, or of anything else that has a price",
    family="forecasting",
    sample=simulated_prices,  # no real market is in them
    sources=SOURCES,
    examples=(
        "seqtool train bitcoin",
        "seqtool train bitcoin --preset gru-seq2seq",
        "seqtool forecast bitcoin --horizon 30 --plot forecast.png",
    ),
    presets=Path(__file__).parent / "presets",
)


@hookimpl
def register_task() -> Task:
    """Give the task to seqtool."""
    return BITCOIN
