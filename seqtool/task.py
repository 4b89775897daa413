"""What a plugin registers, and the records that it speaks in: plain data, no behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from seqtool.errors import demand, demand_all
from seqtool.reads import DataFile, Reader, Side

if TYPE_CHECKING:
    from seqtool.task_config import TaskConfig
    from seqtool.types import Json

MOST_NAMES = 4
"""Files that are named one by one."""


@dataclass(frozen=True)
class SourceFile:
    """One file of a data set: name `<folder>/<file>`, URL pinned to a full commit, sum and size of the plain bytes.

    sha256 "" and size 0 where nobody has pinned them: a person puts that file into the cache, and it is not checked.
    """

    name: str
    sha256: str
    size: int
    url: str = ""
    """Empty where the home needs a login: the message then says what to download and where to put it."""
    label: str = ""
    """The name of its column when several files are joined; of records their part: train, validation or test."""
    start: str = ""
    """Time of the first row, for a file that has no time stamps of its own."""
    step: int = 0
    """Seconds between its rows then."""
    side: Side = ""
    """Of pairs in two files: which side this one holds, line for line."""

    def __post_init__(self) -> None:
        demand(self, str, "name", "sha256", "url", "label", "start", "side")
        demand(self, int, "size", "step")
        parts = self.name.split("/")
        # it names a file of the cache: it must not leave it
        if not all(parts) or {".", ".."} & set(parts) or set("\\:") & set(self.name):
            raise ValueError(f"SourceFile.name is {self.name!r}, not <folder>/<file>")


@dataclass(frozen=True)
class Source:
    """A named data set: where it lives, what it holds, under which terms."""

    name: str
    summary: str
    home: str
    licence: str
    files: tuple[SourceFile, ...]
    citation: str = ""

    def __post_init__(self) -> None:
        demand(self, str, "name", "summary", "home", "licence", "citation")
        demand_all(self, SourceFile, "files")


class Share(NamedTuple):
    """A share of the training part, above 0 and at most 1; `draw` tells several of one size apart."""

    size: float
    draw: int = 0


WHOLE = Share(1.0)


@dataclass(frozen=True)
class Data:
    """What a task is to be trained or scored on, and what it may be called in public."""

    files: tuple[DataFile, ...] = ()
    source: str = ""
    """The name of the source, "" for the user's own files."""
    sample: bool = False
    """True for the built-in sample, which is simulated."""
    left_out: tuple[str, ...] = ()
    """What stands in folders that were given, and is not read."""
    run: Path | None = None
    """The run that goes on, or is exported: its encoders are fitted already. None for a new one."""
    begun: Begun | None = None
    """What a training takes over from the run whose weights are its first; None for one with random weights."""

    share: Share = WHOLE
    """How much of the training part is learnt from: less than all of it for a learning curve."""

    @property
    def name(self) -> str:
        """A short name for scores and plots."""
        if self.sample:
            return "built-in sample (simulated)"
        names = [file.path.name for file in self.files]
        listed = ", ".join(names) if len(names) <= MOST_NAMES else f"{names[0]} to {names[-1]} ({len(names)} files)"
        return self.source or listed


@dataclass(frozen=True)
class Earlier:
    """The data of an earlier training, and how that training read them; name: the run, for messages."""

    name: str
    task: Task
    config: TaskConfig
    data: Data


@dataclass(frozen=True)
class Begun:
    """What a training takes over from the run whose weights are its first.

    encoders: as that run stores them; new symbols come behind. earlier: the trainings before this one, oldest first.
    lost: names of those whose data are gone. replay: the share of the training records of each that are read again.
    """

    name: str
    encoders: Json
    earlier: tuple[Earlier, ...] = ()
    lost: tuple[str, ...] = ()
    replay: float = 0.0


@dataclass(frozen=True)
class Task:
    """A task: what `seqtool train NAME` trains. None in a field: the family's own.

    Facts alone: the family's phases do the work, and read from here what differs.
    """

    name: str
    summary: str
    family: str
    """The name of its family, such as `tagging`."""
    # A function, not bytes: naming a task must not make its sample.
    sample: Callable[[], bytes] | None = None
    """Makes the built-in sample as the bytes of a data file: simulated or generated, seeded."""
    config: type[TaskConfig] | None = None
    """A frozen dataclass on the family's configuration, where its choices differ or it has more fields."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """Values of fields of the configuration that are this task's defaults."""
    read: Reader | None = None
    """Reads a file of the task's own format, for families whose data are records."""
    columns: tuple[str, ...] = ()
    """Of tables: names of columns worth forecasting, looked for in this order when none is named."""
    sources: Sequence[Source] = ()
    """Named data sets; the first is trained on when nothing is named."""
    examples: Sequence[str] = ()
    presets: Path | None = None
    """A folder of TOML files, beside the family's presets and stronger than those of the same name."""

    def __post_init__(self) -> None:
        demand(self, str, "name", "summary", "family")
        demand(self, (type, type(None)), "config")
        demand(self, (Path, type(None)), "presets")
        demand(self, Mapping, "defaults")
        demand_all(self, str, "columns", "examples")
        demand_all(self, Source, "sources")
        if not all(isinstance(key, str) for key in self.defaults):
            raise TypeError("Task.defaults has a key that is no text")
        for name in ("sample", "read"):
            if not (getattr(self, name) is None or callable(getattr(self, name))):
                raise TypeError(f"Task.{name} is no function")
