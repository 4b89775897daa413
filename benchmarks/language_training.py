"""Training speed of a language model: the product's loop against a plain tight loop, in one process, turn by turn.

Two LSTM layers of 128 units over 50 streams in chunks of 50 characters (Karpathy 2015's char-rnn), each chunk from the
state of the last. The rival stands below, whole: slices of a matrix of streams, fused Adam, clipping, nothing else.
Both begin with the same weights and read the same chunks; the losses of ten steps are compared first.
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

from seqtool.data.encoders.texts import Bytes
from seqtool.data.splits import Sampler, Splits, Streams
from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.data import TextPart
from seqtool.families.generation.encoders import GenerationEncoders
from seqtool.families.generation.model import LanguageModel, Objective
from seqtool.training.loop import Trainer

HIDDEN, LAYERS, BATCH, WINDOW, VOCABULARY, CHUNKS = 128, 2, 50, 50, 67, 400
LENGTH = BATCH * WINDOW * CHUNKS + 1


class Plain(nn.Module):
    """The rival's network."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, 64)
        self.rnn = nn.LSTM(64, HIDDEN, LAYERS, batch_first=True)
        self.output = nn.Linear(HIDDEN, VOCABULARY)

    def forward(self, ids, state):
        y, state = self.rnn(self.embedding(ids), state)
        return self.output(y), state


def rival(ids, start):
    """Return a function that takes steps of the plain loop and gives their losses."""
    network = Plain()
    network.load_state_dict(start)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    x, y = (ids[first : first + LENGTH - 1].view(BATCH, -1) for first in (0, 1))
    state, place = None, 0

    def steps(count):
        nonlocal state, place
        losses = []
        for _ in range(count):
            if place + WINDOW > x.shape[1]:
                state, place = None, 0
            logits, (h, c) = network(x[:, place : place + WINDOW], state)
            state = (h.detach(), c.detach())
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y[:, place : place + WINDOW].flatten())
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0, foreach=True)
            optimiser.step()
            place += WINDOW
            losses.append(loss.detach())
        return torch.stack(losses)

    return steps


def ours(ids):
    """Return the product's trainer on the same text."""
    config = GenerationConfig(hidden=HIDDEN, layers=LAYERS, batch=BATCH, window=WINDOW, epochs=1000)
    network = LanguageModel(config, VOCABULARY)
    streams = Streams.of(len(ids), BATCH, WINDOW)
    train, validation = (TextPart(part, Bytes(), "x" * len(part)) for part in (ids, ids[:1000]))
    splits = Splits(train, validation, validation, GenerationEncoders(Bytes()))
    objective = Objective(network, splits, torch.device("cpu"), seed=0)
    sampler = Sampler(streams.chunks, 1, 0, shuffled=False)
    folder = Path(tempfile.mkdtemp())
    return Trainer(network, objective, sampler, config, folder, torch.device("cpu"))


def main(rounds, steps):
    """Run both loops in turns and print steps a second and the ratio."""
    torch.manual_seed(0)
    ids = np.random.default_rng(0).integers(0, VOCABULARY, LENGTH)
    trainer = ours(ids)
    weights = trainer.network.state_dict()
    start = {name.removeprefix("recurrent."): tensor.clone() for name, tensor in weights.items()}
    plain = rival(torch.as_tensor(ids), start)
    theirs, own = plain(10), []
    for _ in range(10):
        before = trainer.sum.item()
        trainer.step()
        own.append(trainer.sum.item() - before)
    torch.testing.assert_close(torch.tensor(own), theirs, rtol=1e-4, atol=1e-4)
    ratios, speeds = [], []
    for _ in range(rounds):
        begun = time.perf_counter()
        plain(steps)
        middle = time.perf_counter()
        for _ in range(steps):
            trainer.step()
        end = time.perf_counter()
        ratios.append((middle - begun) / (end - middle))
        speeds.append((steps / (end - middle), steps / (middle - begun)))
    mine, plain_speed = (statistics.median(column) for column in zip(*speeds, strict=True))
    ratio = statistics.median(ratios)
    threads = torch.get_num_threads()
    print(f"{LAYERS} LSTM layers of {HIDDEN}, batch {BATCH}, chunks of {WINDOW}, {threads} threads:")
    print(
        f"  seqtool {mine:.1f} steps/s, plain loop {plain_speed:.1f} steps/s, "
        f"ratio {ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )
    record("language model training speed", {
        "threads": threads, "seqtool_steps_per_s": round(mine, 1), "plain_steps_per_s": round(plain_speed, 1),
        "ratio": round(ratio, 3), "rounds": rounds,
    })  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    main(options.rounds, options.steps)
