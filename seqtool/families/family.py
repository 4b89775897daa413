"""What a family is, the phases that do its work, and where families are found.

A family is a package whose modules are its phases, the same names in each. `Family` imports a phase when it is first
used, so that naming a family costs nothing and a pipe never loads what only a training needs. `families/phases.py`
says what each phase gives.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from seqtool.errors import ModelError, SeqtoolError, UsageError, demand, demand_all, foreign

if TYPE_CHECKING:
    from seqtool.families.phases import (
        ConfigPhase,
        DataPhase,
        ExportPhase,
        ModelPhase,
        PipePhase,
        ReportPhase,
        RunnerPhase,
        ScoresPhase,
    )
    from seqtool.task import Task
    from seqtool.task_config import TaskConfig

_CURE = "update or remove the plugin that gives it: seqtool plugins"
WORDS = frozenset({
    "train", "check", "export", "forecast", "generate", "score", "classify", "tag", "translate", "evaluate",
    "compare", "tasks", "plugins", "presets", "sources", "inspect", "doctor",
})  # fmt: skip
"""The built-in commands, which no family from outside can take."""
Ability = Literal["int8", "text_input", "sampling", "attention", "backtest"]
"""What the files of a family can be exported with, and whether a rolling origin scores them."""


class ExportOptions(NamedTuple):
    """What `export` may add to a file; see `Family.abilities` for which a family has."""

    int8: bool = False
    text_input: bool = False
    sampling: bool = False
    attention: bool = False


@dataclass(frozen=True)
class Family:
    """The shape of a sequence problem: facts, and the phases by name."""

    name: str
    verb: str
    """The command that runs its models, such as `tag`."""
    summary: str
    package: str
    """The package of its phases, such as `seqtool.families.tagging`."""
    abilities: frozenset[Ability] = frozenset()
    vocabularies: tuple[str, ...] = ()
    """Names of the stored encoders by whose symbols the weights are ordered: they mean nothing with others."""
    suffix: str = ".csv"
    """How the name of the sample's file ends."""
    folders: str = ""
    """The files of a folder given as data, such as `*.txt *.md`; empty: a folder is no data."""
    sides: bool = False
    """Whether records are pairs, which two files may hold side by side."""
    answers: str = "answers"
    """What the verb gives, in the plural."""
    records: bool = True
    """Whether its data are records, which a task may read by a reader of its own."""

    def __post_init__(self) -> None:
        demand(self, str, "name", "verb", "summary", "package", "suffix", "folders", "answers")
        demand(self, bool, "sides", "records")
        demand(self, frozenset, "abilities")
        demand_all(self, str, "vocabularies")
        if not self.is_built_in and (self.verb in WORDS or not re.fullmatch("[a-z][a-z0-9-]*", self.verb)):
            raise ValueError(f"Family.verb is {self.verb!r}, no word that is free for a command")
        # it ends the name of a file in the cache: it must not leave it
        if not re.fullmatch(r"(\.\w+)*", self.suffix):
            raise ValueError(f"Family.suffix is {self.suffix!r}, not such as '.csv'")

    @property
    def is_built_in(self) -> bool:
        """Whether it is of this package, not of a plugin."""
        return self.package == f"seqtool.families.{self.name}"

    @property
    def _origin(self) -> str:
        from seqtool.entries import FAMILIES, origin_of  # of plugins, and of faults

        return origin_of(FAMILIES, self.name)

    def _phase(self, name: str) -> Any:
        # At first use: a runner starts without the configuration, a data check without PyTorch.
        module = f"{self.package}.{name}"
        if self.is_built_in:
            return importlib.import_module(module)
        where = f"{self._origin}, {module}"
        with foreign(f"the family {self.name!r} has no {name} that loads", where=where):
            return importlib.import_module(module)

    def complete(self) -> None:
        """Load every phase of a family from outside; raises `SeqtoolError` for one that is not there."""
        if not self.is_built_in:
            for name in ("config", "data", "model", "export", "runner", "report", "scores", "pipe"):
                self._phase(name)

    @property
    def config(self) -> type[TaskConfig]:
        """The configuration of the family; raises `SeqtoolError` where that of a plugin cannot be used."""
        kind = cast("ConfigPhase[TaskConfig]", self._phase("config")).Config
        if not self.is_built_in:
            self._hold(kind)
        return kind

    def _hold(self, kind: object) -> None:
        from seqtool import config_check
        from seqtool.task_config import TaskConfig

        with foreign(f"the configuration of the family {self.name!r} is wrong", where=self._origin):
            if not (isinstance(kind, type) and issubclass(kind, TaskConfig)):
                raise TypeError("Config is no class that extends seqtool.task_config.TaskConfig")
            config_check.hold(kind)

    @property
    def data(self) -> DataPhase[Any, Any, Any]:
        """From files to parts."""
        return cast("DataPhase[Any, Any, Any]", self._phase("data"))

    @property
    def model(self) -> ModelPhase[Any, Any, Any, Any]:
        """The network and its training."""
        return cast("ModelPhase[Any, Any, Any, Any]", self._phase("model"))

    @property
    def export(self) -> ExportPhase[Any, Any]:
        """The graph."""
        return cast("ExportPhase[Any, Any]", self._phase("export"))

    @property
    def runner(self) -> RunnerPhase:
        """Answers from a file."""
        return cast("RunnerPhase", self._phase("runner"))

    @property
    def report(self) -> ReportPhase:
        """Scores as they are kept and shown."""
        return cast("ReportPhase", self._phase("report"))

    @property
    def scores(self) -> ScoresPhase[Any, Any, Any]:
        """Baselines, scores, pictures."""
        return cast("ScoresPhase[Any, Any, Any]", self._phase("scores"))

    @property
    def pipe(self) -> PipePhase:
        """What answers lines."""
        return cast("PipePhase", self._phase("pipe"))

    @property
    def presets(self) -> Path:
        """The folder of the family's presets."""
        return Path(str(importlib.import_module(self.package).__file__)).parent / "presets"

    def sample(self) -> bytes:
        """Return the family's built-in sample, for tasks that have none of their own."""
        sample = self._phase("sample")
        with foreign(f"the sample of the family {self.name!r} fails", where=self._origin):
            return cast(bytes, sample.sample())

    def refuse(self, options: ExportOptions) -> None:
        """Raise `UsageError` for an option of `export` that the family does not have."""
        for ability in ("int8", "text_input", "sampling", "attention"):
            if getattr(options, ability) and ability not in self.abilities:
                word = f"--{ability.replace('_', '-')}"
                raise UsageError(f"{self.name} models have no {word}", cure=f"leave {word} out")


FOLDER = Path(__file__).parent


def find(name: str) -> Family:
    """Return a family by its name: one of this package, else one by an entry point of `seqtool.families`.

    Raises `ModelError` where none has the name: it may come from a file that a newer version wrote.
    """
    # The name may come from a stranger's file: only a folder of this package is imported by it.
    if name.isidentifier() and (FOLDER / name / "__init__.py").is_file():
        return cast(Family, importlib.import_module(f"seqtool.families.{name}").FAMILY)
    from seqtool import plugins
    from seqtool.entries import FAMILIES

    family = plugins.load_object(FAMILIES, name, Family)
    if family is None:
        raise ModelError(f"unknown family {name!r}", cure="update seqtool, or install the plugin that gives it")
    return family


def family_of(task: Task) -> Family:
    """Return the family of a task; raises `SeqtoolError` for a task with a reader that its family would never call."""
    family = find(task.family)
    if task.read is not None and not family.records:
        what = f"the task {task.name!r} has a reader, and {family.name} models read no records"
        raise SeqtoolError(what, where=_origin_of(task), cure=_CURE)
    return family


def _origin_of(task: Task) -> str:
    from seqtool.entries import TASKS, origin_of

    return origin_of(TASKS, task.name)


def config_of(task: Task) -> type[TaskConfig]:
    """Return the configuration of a task: its own, else the family's; raises `SeqtoolError` where it is no such one."""
    family = family_of(task).config
    if task.config is not None and not issubclass(task.config, family):
        what = f"the configuration of the task {task.name!r} does not extend that of {task.family} models"
        raise SeqtoolError(what, where=_origin_of(task), cure=_CURE)
    kind = task.config or family
    if task.defaults:
        _hold_defaults(task, kind)
    return kind


def _hold_defaults(task: Task, kind: type[TaskConfig]) -> None:
    """Raise `SeqtoolError` where the task's defaults are none of its configuration."""
    from seqtool.config import load  # a pipe has no configuration

    try:
        load(kind, defaults=task.defaults)
    except UsageError as error:
        _, *faults = error.what.splitlines()
        what = f"the defaults of the task {task.name!r} are wrong: {'; '.join(map(str.strip, faults))}"
        raise SeqtoolError(what, where=_origin_of(task), cure=_CURE) from error


def configured(
    task: Task, *, preset: Path | None = None, kept: Mapping[str, object] | None = None, file: Path | None = None,
    assignments: Sequence[str] = (), options: Mapping[str, Any] | None = None,
) -> TaskConfig:  # fmt: skip
    """Merge every layer of a task's configuration; see `seqtool.config.load`."""
    from seqtool.config import load  # a pipe has no configuration

    kind = config_of(task)
    layered = partial(load, kind, defaults=task.defaults, preset=preset, kept=kept, file=file)
    return layered(assignments=assignments, options=options)


def presets_of(task: Task) -> dict[str, Path]:
    """Return the presets of a task by name: its own and its family's, its own where both have one.

    A task with a configuration or defaults of its own has its own alone: the family's would undo them.
    """
    from seqtool.config import preset_files

    presets = {} if task.presets is None else preset_files(task.presets)
    if task.config is None and not task.defaults:
        presets = {**preset_files(family_of(task).presets), **presets}
    return dict(sorted(presets.items()))
