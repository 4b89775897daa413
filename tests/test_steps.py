"""How long a training is, and whether its curve was flat at the end."""

from __future__ import annotations

import pytest
import torch

from seqtool.data.splits import Sampler
from seqtool.task_config import TaskConfig
from seqtool.training.loop import Trainer, still_falling


@pytest.mark.parametrize(("steps_an_epoch", "epochs", "most", "total"), [
    (25, 0, 0, 1000), (300, 0, 0, 2400), (400, 0, 0, 3200), (3, 0, 0, 1002), (25, 5, 0, 125), (25, 0, 40, 40),
])  # fmt: skip
def test_epochs_left_open_make_a_thousand_steps_and_eight_epochs_at_least(
    tmp_path, steps_an_epoch, epochs, most, total
):
    """A rare class of a small file is not learnt in 200 steps."""
    config = TaskConfig(epochs=epochs, max_steps=most)
    sampler = Sampler(steps_an_epoch * config.batch, config.batch, 0)
    network = torch.nn.Linear(1, 1)
    assert Trainer(network, None, sampler, config, tmp_path, torch.device("cpu")).total == total


@pytest.mark.parametrize(
    ("errors", "falling"),
    [
        ([3.0, 2.0, 1.5, 1.2], True), ([3.0, 2.0, 1.0, 1.2], False), ([1.0, 0.5, 0.5, 0.499], False), ([1.0], False),
        ([1.0, 0.9, 0.8, 0.7, 0.699, 0.698, 0.697, 0.6965], False), ([1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.45, 0.4], True),
    ],
)  # fmt: skip
def test_a_curve_that_still_falls_is_told_from_a_flat_one(errors, falling):
    assert still_falling(errors) == falling
