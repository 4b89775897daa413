"""How many processor threads this process may and should use."""

from __future__ import annotations

import os
from pathlib import Path

SMALL = 200_000
"""Weights below which a second thread only doubles the processor time."""


def cores() -> int:
    """Return the cores this process may use: its affinity, and its control group's share of time."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _quota() or allowed))


def _quota(file: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return the whole cores of a control group's quota (version 2), 0 where there is none."""
    try:
        quota, period = file.read_text().split()
        return 0 if quota == "max" else max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return 0


def choose(parameters: int, asked: int = 0) -> int:
    """Return the threads for a model of that many weights: what was asked, 1 for a small one, else every core."""
    if asked:
        return asked
    return 1 if parameters < SMALL else cores()
