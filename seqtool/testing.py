"""The contracts of tasks and families, as tests that a plugin's author imports: `check_task(TASK)`.

It trains on the task's sample for one small epoch, exports, opens the file and runs it, in a temporary
folder. A broken promise is an `AssertionError` that says which.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqtool.config import fields, preset_summary
from seqtool.errors import SeqtoolError
from seqtool.families import phases as protocols
from seqtool.families.choose import sample_bytes, sample_of
from seqtool.families.family import ExportOptions, Family, config_of, configured, family_of, find, presets_of
from seqtool.families.load import runner_of
from seqtool.task import Task
from seqtool.types import Json

HEAVY = ("torch", "onnx", "spox", "polars", "matplotlib")
PHASES = {
    "data": protocols.DataPhase,
    "model": protocols.ModelPhase,
    "export": protocols.ExportPhase,
    "runner": protocols.RunnerPhase,
    "report": protocols.ReportPhase,
    "scores": protocols.ScoresPhase,
    "pipe": protocols.PipePhase,
}


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
    """Name, summary and family are there, and so is the family; every field of the configuration has help."""
    for name in ("name", "summary", "family"):
        assert getattr(task, name), f"the task has no {name}"
    family_of(task)
    config = config_of(task)
    assert dataclasses.is_dataclass(config), "config is a frozen dataclass"
    for field in fields(config):
        assert field.default is not dataclasses.MISSING, f"the field {field.name} has no default"
        assert field.opt.help, f"the field {field.name} has no help: Annotated[..., Opt('...')]"
    for example in task.examples:
        assert example.startswith("seqtool "), f"the example {example!r} is no command of seqtool"


def check_presets(task: Task) -> None:
    """Every preset loads, and its first line says what it is for."""
    for name, path in presets_of(task).items():
        try:
            configured(task, preset=path)
        except SeqtoolError as error:
            raise AssertionError(f"preset {path.name}: {error.what}".replace("\n", " ")) from error
        assert preset_summary(path), f"preset {name} does not say in its first line what it is for"


def check_imports(task: Task) -> None:
    """Importing what the task names loads nothing heavy."""
    for part in filter(None, (task.sample, task.read, task.config)):
        module = part.__module__
        program = f"import sys, {module}; print([n for n in {HEAVY!r} if n in sys.modules])"
        # A process of its own: in this one everything heavy may have been imported by other tests.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, f"importing {module} fails: {done.stderr}"
        assert done.stdout.strip() == "[]", f"importing {module} loads {done.stdout.strip()}"


def check_sample(task: Task) -> None:
    """The sample is there and the same each time; a task with a reader has one that its reader reads."""
    assert task.sample or not task.read, "the task has a reader and no sample in its format"
    content = sample_bytes(task)
    assert content, "the sample is empty"
    assert content == sample_bytes(task), "the sample differs from call to call: seed it"


def check_training(task: Task, folder: Path, settings: Json) -> None:
    """Train on the sample, export with the check against the weights, open the file, score it, run it."""
    from seqtool.runtime.model import open_model
    from seqtool.training.export import export_task
    from seqtool.training.run import TrainOptions, train

    config = configured(task, options=settings)
    before = Path.cwd()
    os.chdir(folder)  # the list of runs lies in the working folder
    try:
        run = folder / "run"
        train(task, config, sample_of(task), TrainOptions(out=run, device="cpu", threads=1))
        exported = export_task(task, run, ExportOptions())
        opened = open_model(exported.path, device="cpu")
        assert opened.manifest.task == task.name, "the file names another task"
        assert exported.manifest.scores["test"]["verdict"], "the scores have no verdict"
        runner_of(opened, task.family)
    finally:
        os.chdir(before)


def check_family(family: Family, sample: Callable[[], bytes] | None = None, **settings: Any) -> None:
    """Hold a family against its contract, by a task of it that has nothing of its own.

    sample: the data to train on, where the family has no sample. Every phase is there with every member of its
    protocol, and a small training goes from data to answers.
    """
    check_phases(family)
    task = Task(f"check-{family.name}", "a task for the contract test", family.name, sample=sample)
    check_names(task)
    check_sample(task)
    with tempfile.TemporaryDirectory() as folder:
        check_training(task, Path(folder), {"epochs": 1, "max_steps": 5, **settings})


def check_phases(family: Family) -> None:
    """The family is found by its name; each phase has what its protocol asks for."""
    assert find(family.name) == family, f"find({family.name!r}) gives another family"
    for name, protocol in PHASES.items():
        phase = getattr(family, name)
        wanted = {member for member in (*vars(protocol), *protocol.__annotations__) if not member.startswith("_")}
        missing = sorted(member for member in wanted if not hasattr(phase, member))
        assert not missing, f"{family.package}.{name} has no {', '.join(missing)}"
