"""Training speed: the product's loop against a plain tight loop, in one process, turn by turn.

LSTM of 256 units over a window of 7, batch 64, one step ahead (recipe S19's network). The rival stands below,
whole: index batches, fused Adam, nothing else. Both run the same number of steps on the same data from the
same weights; the weights after ten steps are compared first.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from results import record
from torch import nn

from seqtool.data.encoders.scaler import Scaler
from seqtool.data.series import Series
from seqtool.data.splits import Sampler
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.model import Objective
from seqtool.families.forecasting.network import Forecaster
from seqtool.families.forecasting.windows import windows
from seqtool.training.loop import Trainer
from seqtool.training.setup import choose_device

WINDOW, HIDDEN, BATCH, ROWS = 7, 256, 64, 70_000


class Plain(nn.Module):
    """The rival's network."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(1, HIDDEN, batch_first=True)
        self.output = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        y, _ = self.rnn(x)
        return self.output(y[:, -1])


def rival(x, y, order, start, device):
    """Return the network and a function that takes steps of the plain loop; `start` are the weights to begin from."""
    network = Plain().to(device)
    network.load_state_dict(start)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    batches = iter(order.split(BATCH))

    def steps(count):
        for _ in range(count):
            indices = next(batches)
            optimiser.zero_grad(set_to_none=True)
            loss = nn.functional.mse_loss(network(x[indices]), y[indices])
            loss.backward()
            optimiser.step()
        return loss

    return network, steps


def ours(series, device):
    """Return the product's trainer on the same data."""
    config = ForecastingConfig(
        network="direct", window=WINDOW, horizon=1, hidden=HIDDEN, scaling="standard", batch=BATCH,
        clip=0.0, learning_rate=1e-3, epochs=1000,
    )  # fmt: skip
    scaler = Scaler.fit("standard", series.values, series.columns)
    part = windows(series, slice(0, None), WINDOW, 1, "whole")
    network = Forecaster(config, scaler).to(device)
    objective = Objective(network, part, part, device, seed=0)
    sampler = Sampler(len(part), BATCH, seed=0)
    folder = Path(tempfile.mkdtemp())
    return Trainer(network, objective, sampler, config, folder, device, lambda event, values: None), scaler


def finish(device):
    """Wait until the device has done its work."""
    if device.type == "cuda":
        torch.cuda.synchronize()


def main(rounds, steps, device_name):
    """Run both loops in turns and print steps a second and the ratio."""
    torch.manual_seed(0)
    device = choose_device(device_name)
    values = np.cumsum(np.random.default_rng(0).normal(size=(ROWS, 1)), axis=0)
    series = Series(("value",), values, None, None, ())
    trainer, scaler = ours(series, device)
    core = trainer.network.core
    start = {f"rnn.{name}": tensor.clone() for name, tensor in core.encoder.rnn.state_dict().items()}
    start |= {f"output.{name}": tensor.clone() for name, tensor in core.output.state_dict().items()}
    z = torch.as_tensor(scaler.encode(values), dtype=torch.float32, device=device)
    x = z[:, 0].unfold(0, WINDOW + 1, 1)[:, :WINDOW, None].contiguous()
    y = z[WINDOW:].contiguous()
    network, plain = rival(x, y, torch.as_tensor(trainer.sampler.order(), device=device), start, device)
    last = plain(10)
    for _ in range(10):
        trainer.step()
    torch.testing.assert_close(network.rnn.weight_hh_l0, core.encoder.rnn.weight_hh_l0, rtol=1e-3, atol=1e-4)
    ratios, speeds = [], []
    for _ in range(rounds):
        begun = time.perf_counter()
        last = plain(steps)
        finish(device)
        middle = time.perf_counter()
        for _ in range(steps):
            trainer.step()
        finish(device)
        end = time.perf_counter()
        ratios.append((middle - begun) / (end - middle))
        speeds.append((steps / (end - middle), steps / (middle - begun)))
    assert torch.isfinite(last)
    mine, theirs = (statistics.median(column) for column in zip(*speeds, strict=True))
    ratio = statistics.median(ratios)
    print(f"LSTM {HIDDEN}, window {WINDOW}, batch {BATCH}, {device.type}, {torch.get_num_threads()} threads:")
    print(
        f"  seqtool {mine:.0f} steps/s, plain loop {theirs:.0f} steps/s, "
        f"ratio {ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )
    record("training speed", {
        "device": device.type, "threads": torch.get_num_threads(), "seqtool_steps_per_s": round(mine, 1),
        "plain_steps_per_s": round(theirs, 1), "ratio": round(ratio, 3), "rounds": rounds,
    })  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    main(options.rounds, options.steps, options.device)
