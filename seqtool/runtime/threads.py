"""The number of processor threads that this process may and should use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from seqtool.errors import UsageError

SMALL = 200_000  # multiplied weights below which a second thread of a call only doubles the processor time
SIDE_BY_SIDE = 2  # calls of a small model at the same time: more would wait for the interpreter between them
MOST = 1024


def cores() -> int:
    """Return the cores this process may use: its affinity, and its control group's share of time."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _quota() or allowed))


def _quota(member: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> int:
    """Return the least whole cores that the control groups (version 2) above this process allow, 0: no limit."""
    try:
        name = next(line[4:] for line in member.read_text().splitlines() if line.startswith("0::/"))
    except (OSError, StopIteration):
        name = ""  # no control groups of version 2; the root may still have a limit
    group = root / name
    files = [folder / "cpu.max" for folder in (group, *group.parents) if folder.is_relative_to(root)]
    return min(filter(None, map(_limit, files)), default=0)


def _limit(file: Path) -> int:
    """Return the whole cores of one cpu.max, at least 1; 0 where there is none."""
    try:
        quota, period = file.read_text().split()
        return 0 if quota == "max" else max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return 0


class Threads(NamedTuple):
    """call: the threads of one call. calls: the most calls at the same time."""

    call: int
    calls: int


def choose(weights: int, asked: int = 0, *, divisible: bool = True) -> Threads:
    """Return the threads for a model that multiplies `weights` weights: `asked` threads, or with 0 every core.

    A small model runs two calls of one thread side by side, where there are cores for them; so does one whose call
    is not `divisible`. Raises `UsageError` for an impossible number.
    """
    if not isinstance(asked, int):
        raise UsageError(f"threads is a {type(asked).__name__}", cure="give a whole number; 0 chooses")
    if not 0 <= asked <= MOST:  # each thread takes memory at once, whether there is a core for it or not
        raise UsageError(f"{asked:,} threads cannot be", cure=f"0 (chosen by the model's size) to {MOST:,}")
    count = asked or cores()
    if divisible and (asked or weights >= SMALL):
        return Threads(count, 1)
    return Threads(1, min(count, SIDE_BY_SIDE))
