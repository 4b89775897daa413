"""Whether the JSON of a run is what a training wrote: a person may have edited it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeGuard

from seqtool.machine import MOST_THREADS

if TYPE_CHECKING:
    from seqtool.types import Json

SEEDS = 2**64
"""PyTorch takes 64 bits."""


def is_count(value: object, limit: float = math.inf) -> bool:
    """Whether it is a whole number from 0 to below `limit`; True, 4.7 and "4" are none."""
    return type(value) is int and 0 <= value < limit


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number that a float holds; NaN and infinity are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def is_text(value: object) -> bool:
    """Whether it is a text that can name a file."""
    return isinstance(value, str) and "\0" not in value


_PARTS: dict[str, Callable[[Any], bool]] = {
    "task": is_text, "family": is_text, "device": is_text, "preset": is_text, "created": is_text,
    "encoders": is_text,
    "baselines": is_text,
    "seed": lambda value: is_count(value, SEEDS),
    "threads": lambda value: is_count(value, MOST_THREADS + 1),
    "versions": lambda value: isinstance(value, dict) and all(map(is_text, value.values())),
    "config": lambda value: value is None or isinstance(value, dict),
    "parts": lambda value: value is None or (isinstance(value, dict) and all(map(is_text, value.values()))),
    "init_from": lambda value: value is None or is_text(value),
    "earlier": lambda value: isinstance(value, list) and all(map(_is_earlier, value)),
    "replay": lambda value: is_number(value) and 0 <= value <= 1,
    "told": lambda value: value is None or (isinstance(value, dict) and all(map(_is_cost, value.values()))),
    "training": lambda value: value is None or isinstance(value, dict),
    "refit": lambda value: value is None or isinstance(value, dict),
}  # fmt: skip
_DATA: dict[str, Callable[[Any], bool]] = {
    "source": is_text, "sample": lambda value: isinstance(value, bool), "name": is_text,
    "files": lambda value: isinstance(value, list) and all(map(_is_file, value)),
    "paths": lambda value: isinstance(value, list) and all(map(is_text, value)),
    "vectors": lambda value: isinstance(value, dict),
}  # fmt: skip


def _is_cost(value: object) -> bool:
    return value is None or is_number(value)


def record_fault(stored: Json) -> str:
    """Return what is wrong with what run.json holds, or ""; what it lacks is no fault."""
    for name, fits in _PARTS.items():
        if name in stored and not fits(stored[name]):
            return f"{name!r} is not what a training writes"
    return _data_fault(stored.get("data", {}))


def _data_fault(data: Json) -> str:
    for name, fits in _DATA.items():
        if name in data and not fits(data[name]):
            return f"{name!r} of the data is not what a training writes"
    if len(data.get("files", ())) != len(data.get("paths", ())):
        return "there are not as many paths as files"
    return ""


def _is_earlier(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"name", "task", "data", "parts", "config"}:
        return False
    data = value["data"]
    return (
        is_text(value["name"])
        and is_text(value["task"])
        and all(isinstance(value[name], dict) for name in ("data", "parts", "config"))
        and {"source", "sample", "name", "files", "paths"} <= data.keys()
        and not _data_fault(data)
    )


def _is_file(value: object) -> bool:
    if not (isinstance(value, dict) and {"name", "label", "sha256"} <= value.keys()):
        return False
    return all(map(is_text, value.values())) and value.get("side", "") in ("", "source", "target")


def is_evaluation(value: object) -> bool:
    """Whether it is a line of metrics.jsonl: numbers by name, the step and both losses among them."""
    if not (isinstance(value, dict) and is_count(value.get("step"))):
        return False
    needed = all(is_number(value.get(name)) for name in ("train_loss", "loss"))
    return needed and all(type(figure) in (int, float, type(None)) for figure in value.values())


def is_state(value: object, step: int) -> bool:
    """Whether it is the state.json of the checkpoint of `step`."""
    if not isinstance(value, dict) or value.get("step") != step:
        return False
    sampler, best = value.get("sampler"), value.get("best", "")
    return (
        all(is_count(value.get(name)) for name in ("step", "bad", "best_step", "count"))
        and is_number(value.get("seconds"))
        and (best is None or is_number(best))
        and isinstance(sampler, dict)
        and all(map(is_count, sampler.values()))
        and is_counts(value.get("kept", []))
        and is_count(value.get("total", 0))
        and is_number(value.get("used", 0.0))
        and value["best_step"] <= step
    )


def is_counts(value: object) -> bool:
    """Whether it is a list of whole numbers that a float can hold."""
    return isinstance(value, list) and all(is_count(number, 2**53) for number in value)
