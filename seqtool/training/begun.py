"""What a training takes from the run whose weights it begins with, beside the weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from seqtool.config import load, read_toml
from seqtool.task_config import TaskConfig
from seqtool.training.checkpoint import run_of

C = TypeVar("C", bound=TaskConfig)


def begun(path: Path, config: C) -> C:
    """Return a configuration whose settings that say `auto` are those of the run or checkpoint `path`.

    Other data may ask for another encoder, whose symbols are not those of the weights. Raises `NotFound` where there is
    no run, and `UsageError` where its config.toml is damaged.
    """
    open_ = [name for name in config.INHERITED if getattr(config, name) == "auto"]
    file = run_of(path) / "config.toml"
    if not open_ or not file.is_file():
        return config
    kept = {name: value for name, value in read_toml(file).items() if name in open_}
    checked = load(type(config), options=kept)
    return replace(config, **{name: getattr(checked, name) for name in kept})
