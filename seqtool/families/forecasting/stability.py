"""A highway that is fed its own forecasts must not run away."""

from __future__ import annotations

from typing import Any

import torch

from seqtool.errors import SeqtoolError

WINDOWS = 10
GROWTH = 2.0
"""After ten windows a forecast may be this many times as large as all before it, in network units."""


def refuse_growth(network: Any) -> None:
    """Roll an autoregressive network with a highway ten windows ahead; raise `SeqtoolError` where it grows.

    It starts from noise of the usual size, so that every root of the recursion takes part.
    """
    config, core = network.config, network.core
    if config.network != "autoregressive" or core.highway is None:
        return
    noise = torch.Generator().manual_seed(0)
    z = torch.randn((8, config.window, core.output.out_features), generator=noise)
    steps = WINDOWS * config.window
    calendar = None if network.calendar is None else torch.zeros(8, config.window + steps, sum(network.calendar.sizes))
    with torch.no_grad():
        rolled, _ = core.continued(z, steps, calendar, None)
    sizes = torch.cat([z, rolled], dim=1).abs().amax(dim=(0, 2)).view(WINDOWS + 1, config.window).amax(dim=1)
    before, last = sizes[:2].max().item(), sizes[-1].item()
    if not last <= GROWTH * before:  # NaN has run away too
        raise SeqtoolError(
            f"the model is not stable: run {WINDOWS} windows ahead, its forecast grows from {before:.3g} to {last:.3g}",
            where="network units; the highway is fed its own forecasts",
            cure="train with fewer --highway lags, with --network direct, or with another --scaling",
        )
