"""What a task is: the object a plugin registers. Families implement most of it; a plugin fills in the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from seqtool.errors import UsageError
from seqtool.task_config import TaskConfig

if TYPE_CHECKING:
    import torch

    from seqtool.data.check import Finding
    from seqtool.data.splits import Sampler, Splits
    from seqtool.graph.check import Probe


MOST_NAMES = 4
"""Files that are named one by one."""
Side = Literal["", "source", "target"]
"""The sides of pairs: what is read, and what is written."""


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


@dataclass(frozen=True)
class Source:
    """A named data set: where it lives, what it holds, under which terms."""

    name: str
    summary: str
    home: str
    licence: str
    files: tuple[SourceFile, ...]
    citation: str = ""


@dataclass(frozen=True)
class DataFile:
    """One file to be read: its path on this machine and the label of its column, or the part of the records that it is.

    `start` and `step`: time of the first row and seconds between rows, for a file that has no time stamps of its own.
    `side`: which side of pairs it holds, line for line; "" for both, or where there are no pairs.
    """

    path: Path
    label: str = ""
    start: str = ""
    step: int = 0
    side: Side = ""


@dataclass(frozen=True)
class Data:
    """What a task is to be trained or scored on, and what it may be called in public."""

    files: tuple[DataFile, ...] = ()
    source: str = ""
    """The name of the source, "" for the user's own files."""
    sample: bool = False
    """True for the built-in sample, which is simulated."""

    @property
    def name(self) -> str:
        """A short name for scores and plots."""
        if self.sample:
            return "built-in sample (simulated)"
        names = [file.path.name for file in self.files]
        listed = ", ".join(names) if len(names) <= MOST_NAMES else f"{names[0]} to {names[-1]} ({len(names)} files)"
        return self.source or listed


def deciding(figures: Mapping[str, Any]) -> Literal["error", "loss"]:
    """Return which figure of an evaluation, less is better, decides on the best weights.

    "error", where a family has one: a network that is surer of its mistakes is not worse; else "loss".
    """
    return "error" if "error" in figures else "loss"


def decisive(figures: Mapping[str, Any]) -> float:
    """Return the value of the figure that is `deciding`."""
    return float(figures[deciding(figures)])


class Objective(Protocol):
    """What a family gives the training loop."""

    def loss(self, indices: torch.Tensor) -> torch.Tensor:
        """Return the mean loss [] of the training records `indices` [B]."""

    def evaluate(self) -> dict[str, float]:
        """Return the validation figures; "error", else "loss", decides on the best: see `decisive`."""

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return what the objective has to remember."""

    def load_state_dict(self, state: dict[str, torch.Tensor]) -> None:
        """Go on from `state_dict`."""


class Task(ABC):
    """A task. A family's subclass gives all of it; a plugin overrides what differs.

    Methods import what they need inside, so that naming a task costs nothing.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    family: ClassVar[str]
    verb: ClassVar[str]
    """The command that runs the family's models, such as `forecast`."""
    config: ClassVar[type[TaskConfig]]
    sources: ClassVar[Sequence[Source]] = ()
    examples: ClassVar[Sequence[str]] = ()
    suffix: ClassVar[str] = ".csv"
    """How the name of the sample's file ends."""
    folders: ClassVar[str] = ""
    """The files of a folder given as data, such as `*.txt`; empty: a folder is no data."""
    sides: ClassVar[bool] = False
    """Whether records are pairs, which two files may hold side by side."""
    vocabularies: ClassVar[Sequence[str]] = ()
    """Names of the encoders by whose symbols the weights are ordered: they mean nothing with others."""
    extras: ClassVar[Sequence[str]] = ()
    """What `export --sampling` and `--attention` may add: the keyword `extras` of `graph`, `int8_graph` and `probe`."""

    @property
    def presets(self) -> Path:
        """The folder of the task's presets, beside its module."""
        import inspect

        return Path(inspect.getfile(type(self))).parent / "presets"

    @abstractmethod
    def sample(self) -> bytes:
        """Return the built-in sample as the bytes of a data file: simulated or generated, seeded."""

    @abstractmethod
    def load(self, config: Any, data: Data) -> Splits[Any]:
        """Read and split the data; fit encoders on the training part."""

    @abstractmethod
    def check(self, config: Any, data: Data) -> Sequence[Finding]:
        """Return what a person should know of the data before training on it."""

    @abstractmethod
    def network(self, config: Any, encoders: Mapping[str, Any]) -> torch.nn.Module:
        """Build the PyTorch network."""

    @abstractmethod
    def objective(self, network: Any, splits: Splits[Any], device: torch.device, seed: int) -> Objective:
        """Put the data on the device; return what the training loop minimises."""

    @abstractmethod
    def sampler(self, config: Any, splits: Splits[Any], seed: int) -> Sampler:
        """Return what chooses the training records of each step."""

    @abstractmethod
    def joined(self, config: Any, splits: Splits[Any]) -> Splits[Any]:
        """Return splits whose training part is the training and validation part of `splits`, for a refit."""

    def prepare(self, network: Any, objective: Any, first: Any = None) -> None:  # noqa: B027 - most have nothing
        """Set what has a closed form, before the first step of a training (not of a resumed one).

        In a refit `first` is the trained network of the first fit, whose choices are kept.
        """

    def evaluated(self, network: Any, splits: Splits[Any], run: Path, step: int) -> str:
        """Write into the run folder what figures do not show, after the evaluation at `step`; return a line of it."""
        return ""

    @abstractmethod
    def encoders_to_json(self, encoders: Mapping[str, Any]) -> dict[str, Any]:
        """Return the encoders as JSON, for the run and the model file."""

    @abstractmethod
    def encoders_from_json(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Rebuild what `encoders_to_json` gave."""

    def calibrate(self, network: Any, splits: Splits[Any], config: Any) -> dict[str, Any]:
        """Return what the errors of the trained network on validation tell of its answers: JSON for the encoders.

        `network` and `graph` find it there. Most families have nothing to say.
        """
        return {}

    @abstractmethod
    def graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX model of a trained network."""

    def int8_graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX model with int8 weights; raises `UsageError` where the family has none."""
        raise UsageError(f"{self.family} models have no int8 form", cure="leave --int8 out")

    def int8_costs(self, full: Any, small: Any, splits: Splits[Any]) -> dict[str, Any]:
        """Measure a model file and its int8 twin on the validation part.

        JSON: `float` and `int8` in `unit` (less is better), of which int8 may cost `tolerance`, and `speed`. Raises
        `UsageError` where the family has no such measure.
        """
        raise UsageError(f"{self.family} models have no measure of what int8 costs", cure="leave --int8 out")

    def text_graph(self, network: Any, encoders: Mapping[str, Any]) -> Any:
        """Build the ONNX model that reads texts; raises `UsageError` where the task has none."""
        raise UsageError(f"{self.family} models read no texts inside the file", cure="leave --text-input out")

    def text_probe(self, network: Any, config: Any, encoders: Mapping[str, Any]) -> Probe:
        """Return texts and the network's own answers, for the check of what `text_graph` builds."""
        raise UsageError(f"{self.family} models have no texts to be checked by", cure="leave --text-input out")

    @abstractmethod
    def limits(self, config: Any) -> dict[str, int]:
        """Return what a file of this configuration promises at most."""

    @abstractmethod
    def probe(self, network: Any, config: Any, encoders: Mapping[str, Any]) -> Probe:
        """Return inputs of several shapes and the network's own answers, for the check of an export."""

    @abstractmethod
    def runner(self, model: Any) -> Any:
        """Return the runner of an opened model file."""

    @abstractmethod
    def baselines(self, config: Any, splits: Splits[Any]) -> dict[str, Any]:
        """Fit what the scores are held against; JSON, kept in the run and in the model file."""

    @abstractmethod
    def refitted_baselines(self, stored: Any, splits: Splits[Any]) -> dict[str, Any]:
        """Fit the stored baselines again on the training part of `joined`, their choices kept: rivals of a refit."""

    @abstractmethod
    def validation_scores(self, network: Any, splits: Splits[Any], stored: Any, data: str) -> dict[str, Any]:
        """Score a network on the validation part, beside the stored baselines."""

    @abstractmethod
    def test_scores(self, model: Any, splits: Splits[Any], stored: Any, data: str) -> dict[str, Any]:
        """Score a model FILE on the test part, beside the stored baselines."""

    @abstractmethod
    def pictures(self, network: Any, splits: Splits[Any], folder: Path, title: str) -> list[Path]:
        """Draw what the network does into `folder`."""


@dataclass(frozen=True)
class Fit:
    """What a finished training hands to its caller."""

    run: Path
    step: int
    best_step: int
    best: float
    interrupted: int = 0
    """The signal that ended it early, 0 for none."""
