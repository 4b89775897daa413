"""Where to train, and the same numbers each time."""

from __future__ import annotations

import os

import numpy as np
import torch

from seqtool.errors import DeviceError, UsageError


def device(asked: str) -> torch.device:
    """Return the device: `cuda` is a demand (raises `DeviceError`), `auto` takes a GPU when there is one."""
    if asked not in ("auto", "cpu", "cuda"):
        raise UsageError(f"unknown device {asked!r}", cure="auto, cpu or cuda")
    there = torch.cuda.is_available()
    if asked == "cuda" and not there:
        raise DeviceError("PyTorch finds no CUDA device", cure="--device cpu, or see: seqtool doctor")
    return torch.device("cuda" if there and asked != "cpu" else "cpu")


def reproducible(seed: int, threads: int) -> None:
    """Seed everything and ask for kernels that give the same bits on every run.

    `threads` 0 leaves the number to PyTorch, which takes every core.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    torch.use_deterministic_algorithms(True, warn_only=True)
    # else a pass over every new tensor, though none is read before it is written
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # torch hides its type
    if threads:
        torch.set_num_threads(threads)
