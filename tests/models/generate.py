"""Makes `tiny-forecast.onnx`, which the tests of the runtime open without PyTorch: python tests/models/generate.py."""

from __future__ import annotations

from pathlib import Path

import torch

from seqtool.config import to_dict
from seqtool.data.encoders import Scaler
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.task import ForecastingTask
from seqtool.graph.model import plain_bytes, to_bytes
from seqtool.manifest import Manifest, signature_of

FILE = Path(__file__).with_name("tiny-forecast.onnx")
CONFIG = ForecastingConfig(window=8, horizon=4, hidden=4, scaling="standard", season=7)
SCALER = Scaler("standard", (100.0,), (10.0,))


class Tiny(ForecastingTask):
    """A forecasting task of no data: its network has the first weights of a seed."""

    name, summary = "tiny", "weights of a seed"

    def sample(self) -> bytes:
        return b""


def network() -> torch.nn.Module:
    """Return the network whose twin the file holds."""
    torch.manual_seed(7)
    return Tiny().network(CONFIG, {"scaler": SCALER}).eval()


def tiny_forecast() -> bytes:
    """Return the bytes of the file: an LSTM encoder, and an LSTM decoder in a Loop."""
    task, encoders = Tiny(), {"scaler": SCALER, "columns": ("Close",), "step": 86400, "season": 7}
    with torch.random.fork_rng(devices=[]):
        model = task.graph(network(), encoders)
    return to_bytes(
        model,
        Manifest(
            task=task.name,
            family=task.family,
            config=to_dict(CONFIG),
            encoders=task.encoders_to_json(encoders),
            signature=signature_of(plain_bytes(model)),
            limits=task.limits(CONFIG),
            data={
                "source": "",
                "sample": True,
                "files": [{"name": "tiny.csv", "label": "", "sha256": "0" * 64}],
            },
            scores={"test": SCORES},
            versions={"seqtool": "0.1.0", "torch": "2.13.0"},
            created="2026-01-02T03:04:05+00:00",
        ),
    )


SCORES = {
    "split": "test",
    "data": "built-in sample (simulated)",
    "from": "2023-05-25",
    "to": "2024-02-08",
    "origins": 221,
    "horizons": {
        "1": {"model": {"rmse": 564.03}, "last value": {"rmse": 564.9436}},
        "4": {"model": {"rmse": 2804.854}, "last value": {"rmse": 3119.17601}},
    },
    "best_baseline": "last value",
    "verdict": ["The model does not beat the last value over 4 steps: there are too few origins to tell."],
}


if __name__ == "__main__":
    FILE.write_bytes(tiny_forecast())
