"""Forecasting speed: the model file on ONNX Runtime against the same network in PyTorch eager, one core each.

A window of 336 and a horizon of 48, for one series and for 1,000 in one call. PyTorch runs with oneDNN on and off,
and the faster counts. Weights are those of a seed: speed does not depend on them. The answers are compared first,
within 1e-4 network units; then all take turns, and the ratio is that of the medians.
"""

import argparse
import os
import statistics
import tempfile
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from results import record

from seqtool.config import to_dict
from seqtool.data.encoders.scaler import Scaler
from seqtool.data.grid import Grid
from seqtool.families.forecasting import data, export, model
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.network import call
from seqtool.graph.model import plain_bytes, to_bytes
from seqtool.modelfile.manifest import Manifest, signature_of
from seqtool.runtime.model import open_model

WINDOW, HORIZON = 336, 48
BATCHES = {1: 20, 1000: 1}
"""Series in one call, and calls in one round."""
DEVIATION = 0.02
FORMS = {
    "seq2seq lstm": {},
    "seq2seq gru": {"cell": "gru"},
    "autoregressive lstm": {"network": "autoregressive"},
    "direct lstm": {"network": "direct"},
    "direct gru": {"network": "direct", "cell": "gru"},
}
"""What differs from a forecaster's defaults: one layer of 32, log-returns."""


def model_file(network, config, encoders, folder):
    """Write a network as `export` does, without scores; return the opened file."""
    graph = export.graph(network, encoders.scaler)
    manifest = Manifest(
        task="bitcoin", family="forecasting", config=to_dict(config), encoders=encoders.to_json(),
        signature=signature_of(plain_bytes(graph)), limits=data.limits(config),
        data={"source": "", "sample": True, "files": []}, scores={}, versions={},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip
    path = Path(folder) / "model.onnx"
    path.write_bytes(to_bytes(graph, manifest))
    return open_model(path, device="cpu", threads=1)


def rivals(settings, folder):
    """Return the file and the network, with oneDNN and without: each a function of the file's inputs."""
    torch.manual_seed(0)
    config = ForecastingConfig(window=WINDOW, horizon=HORIZON, scaling="log-return", **settings)
    encoders = ForecastingEncoders(Scaler(config.scaling, (0.0,), (DEVIATION,)), ("Close",), grid=Grid(seconds=3600))
    network = model.network(config, encoders)
    opened, eager = model_file(network, config, encoders, folder), call(network)

    def pytorch(one_dnn):
        def answer(feeds, calls):
            with torch.backends.mkldnn.flags(enabled=one_dnn):
                return timed(lambda feeds: eager(feeds)["forecast"], feeds, calls)

        return answer

    return {
        "seqtool": lambda feeds, calls: timed(lambda feeds: opened.run(feeds)["forecast"], feeds, calls),
        "oneDNN on": pytorch(True),
        "oneDNN off": pytorch(False),
    }


def timed(function, feeds, calls):
    """Return the milliseconds of one call out of `calls`, and its answer."""
    begun = time.perf_counter()
    for _ in range(calls):
        answer = function(feeds)
    return (time.perf_counter() - begun) / calls * 1000, answer


def compare(named, feeds):
    """Raise where an answer differs from the file's by more than 1e-4 network units."""
    answers = [function(feeds, 1)[1] for function in named.values()]
    for other in answers[1:]:
        np.testing.assert_array_less(np.abs(other - answers[0]) / (DEVIATION * np.abs(other)), 1e-4)


def measure(named, feeds, calls, rounds):
    """Return the median milliseconds of each, in turns."""
    times = [[function(feeds, calls)[0] for function in named.values()] for _ in range(rounds)]
    return dict(zip(named, map(statistics.median, zip(*times, strict=True)), strict=True))


def main(rounds, core):
    """Measure every form and print."""
    os.sched_setaffinity(0, {core})
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message="TF32")
    rng = np.random.default_rng(0)
    for form, settings in FORMS.items():
        figures = {"threads": 1, "window": WINDOW, "horizon": HORIZON}
        with tempfile.TemporaryDirectory() as folder:
            named = rivals(settings, folder)
        for batch, calls in BATCHES.items():
            walk = 100 * np.exp(np.cumsum(rng.normal(0, DEVIATION, (batch, WINDOW, 1)), axis=1))
            feeds = {"history": walk, "horizon": np.array(HORIZON)}
            compare(named, feeds)
            mine, on, off = measure(named, feeds, calls, rounds).values()
            print(
                f"{form}, {batch:,} series: seqtool {mine:.2f} ms, "
                f"PyTorch {on:.2f} (oneDNN on), {off:.2f} (off), ratio {min(on, off) / mine:.2f}"
            )
            figures |= {
                f"{batch}_series_ms": round(mine, 3), f"{batch}_series_pytorch_ms": round(min(on, off), 3),
                f"{batch}_series_ratio": round(min(on, off) / mine, 2),
            }  # fmt: skip
        record(f"forecast speed, {form}", {**figures, "rounds": rounds})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--core", type=int, default=0, help="the processor core to run on")
    options = parser.parse_args()
    main(options.rounds, options.core)
