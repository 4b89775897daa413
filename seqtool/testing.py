"""The contract of a task, as a test that a plugin's author imports: `check_task(MyTask())`.

It trains on the task's sample for one small epoch, exports, opens the file and runs it, in a temporary
folder. A broken promise is an `AssertionError` that says which.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from seqtool.config import fields, load, preset_files, preset_summary
from seqtool.errors import SeqtoolError
from seqtool.task import Task

HEAVY = ("torch", "onnx", "spox", "polars", "matplotlib")


def check_task(task: Task, **settings: Any) -> None:
    """Hold a task against its contract; `settings` of its configuration make the training small."""
    check_promises(task)
    with tempfile.TemporaryDirectory() as folder:
        check_training(task, Path(folder), {"epochs": 1, "max_steps": 5, **settings})


def check_promises(task: Task) -> None:
    """The quick half: what can be said without a training."""
    check_names(task)
    check_imports(task)
    check_sample(task)
    check_presets(task)


def check_names(task: Task) -> None:
    """Name, summary, family, verb and examples are there; every field of the configuration has help."""
    for name in ("name", "summary", "family", "verb"):
        assert getattr(task, name, ""), f"the task has no {name}"
    assert dataclasses.is_dataclass(task.config), "config is a frozen dataclass"
    for field in fields(task.config):
        assert field.default is not dataclasses.MISSING, f"the field {field.name} has no default"
        assert field.opt.help, f"the field {field.name} has no help: Annotated[..., Opt('...')]"
    for example in task.examples:
        assert example.startswith("seqtool "), f"the example {example!r} is no command of seqtool"


def check_presets(task: Task) -> None:
    """Every preset loads, and its first line says what it is for."""
    for name, path in preset_files(task.presets).items():
        try:
            load(task.config, preset=path)
        except SeqtoolError as error:
            raise AssertionError(f"preset {path.name}: {error.what}".replace("\n", " ")) from error
        assert preset_summary(path), f"preset {name} does not say in its first line what it is for"


def check_imports(task: Task) -> None:
    """Importing the plugin loads nothing heavy."""
    module = type(task).__module__
    program = f"import sys, {module}; print([n for n in {HEAVY!r} if n in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, f"importing {module} fails: {done.stderr}"
    assert done.stdout.strip() == "[]", f"importing {module} loads {done.stdout.strip()}"


def check_sample(task: Task) -> None:
    """The sample is there and the same each time."""
    sample = task.sample()
    assert sample, "the sample is empty"
    assert sample == task.sample(), "the sample differs from call to call: seed it"


def check_training(task: Task, folder: Path, settings: dict[str, Any]) -> None:
    """Train on the sample, export with the check against the weights, open the file, score it."""
    from seqtool.data.choose import sample_of
    from seqtool.runtime.model import open_model
    from seqtool.train.export import export_task
    from seqtool.train.run import train

    config = load(task.config, options=settings)
    before = Path.cwd()
    os.chdir(folder)  # the list of runs lies in the working folder
    try:
        run = folder / "run"
        train(task, config, sample_of(task), preset="", out=run, seed=0, device="cpu", threads=1)
        path, manifest, _ = export_task(task, run, out=None, which="best", scores=True)
        opened = open_model(path, device="cpu")
        assert opened.manifest.task == task.name, "the file names another task"
        assert manifest.scores["test"]["verdict"], "the scores have no verdict"
        task.runner(opened)
    finally:
        os.chdir(before)
