"""The protocols of a family's phases: mypy and `seqtool.testing.check_family` hold the modules against them.

Apart from `family.py`, which every command imports: to make the protocols takes 3 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    import onnx
    import torch

    from seqtool.data.splits import Encoders, Sampler, Splits
    from seqtool.families.family import ExportOptions
    from seqtool.graph.check import Probe
    from seqtool.nn.objective import Objective
    from seqtool.reads import DataFile, Finding
    from seqtool.report import report as base
    from seqtool.report.compared import Compared
    from seqtool.runtime.stream import Verb
    from seqtool.task import Data, Task
    from seqtool.task_config import TaskConfig
    from seqtool.types import Json

# What the protocols are generic in. The _in variants are for protocols that only take such a value.
C = TypeVar("C", bound="TaskConfig")
C_in = TypeVar("C_in", contravariant=True)
"""The configuration of a family."""
P = TypeVar("P")
"""A part of its data: records or windows, encoded."""
E = TypeVar("E", bound="Encoders")
E_in = TypeVar("E_in", contravariant=True)
"""Its encoders."""
N = TypeVar("N")
N_in = TypeVar("N_in", contravariant=True)
"""Its network."""
R = TypeVar("R")
"""The runner of its model files."""


@dataclass(frozen=True)
class Int8(Generic[R, P]):
    """How a family weighs an int8 file against its float twin.

    error: what less is better of, over a part, in `unit`, of which int8 may cost `tolerance`. work: what is timed.
    weights: which weights become int8, in words.
    """

    unit: str
    tolerance: float
    weights: str
    error: Callable[[R, P], float]
    work: Callable[[R, P], object]


class ConfigPhase(Protocol[C]):
    """`config.py`: the hyper-parameters."""

    Config: type[C]


class DataPhase(Protocol[C_in, P, E]):
    """`data.py`: from files to three parts and encoders. numpy; no torch, no onnx."""

    def load(self, task: Task, config: C_in, data: Data) -> Splits[P, E]:
        """Read and split the data; fit encoders on the training part."""

    def check(self, task: Task, config: C_in, data: Data) -> Sequence[Finding]:
        """Return what a person should know about the data before training on it."""

    def held_out(self, task: Task, config: C_in, encoders: E, files: Sequence[DataFile]) -> tuple[P, Sequence[Finding]]:
        """Read all of some files as one part for `evaluate`, by the encoders of a model file."""

    def joined(self, config: C_in, splits: Splits[P, E]) -> Splits[P, E]:
        """Return splits whose training part is the training and validation part of `splits`, for a refit."""

    def sampler(self, config: C_in, splits: Splits[P, E], seed: int) -> Sampler:
        """Return what chooses the training records of each step."""

    def encoders_from_json(self, stored: Mapping[str, Any]) -> E:
        """Rebuild what `to_json` of the encoders gave; raises `SeqtoolError` where it is damaged."""

    def limits(self, config: C_in) -> dict[str, int]:
        """Return what a file of this configuration promises at most."""


class ModelPhase(Protocol[C_in, P, E, N]):
    """`model.py`: the network and its training. PyTorch."""

    def network(self, config: C_in, encoders: E) -> N:
        """Build the network, with fresh weights."""

    def objective(self, network: N, splits: Splits[P, E], device: torch.device, seed: int) -> Objective[Any, E]:
        """Put the data on the device; return what the training loop minimises."""

    def predictor(self, network: N, encoders: E) -> Callable[..., Any]:
        """Return what answers as `Runner.predict` of a file does; `ScoresPhase.score` takes either."""


class ExportPhase(Protocol[E_in, N_in]):
    """`export.py`: the ONNX graph, and what it is checked by. spox."""

    def build(self, network: N_in, encoders: E_in, options: ExportOptions) -> onnx.ModelProto:
        """Build the model of a trained network; raises `UsageError` for options that the network cannot have."""

    def probe(self, network: N_in, encoders: E_in, options: ExportOptions) -> Probe:
        """Return inputs of several shapes and the network's own answers."""


class RunnerPhase(Protocol):
    """`runner.py`: answers from a model file. numpy and ONNX Runtime."""

    Runner: type[Any]
    """`Runner(model)`; raises `ModelError` where the manifest does not give what the family needs."""


class ReportPhase(Protocol):
    """`report.py`: scores as they are kept and shown. Standard library: `inspect` and `compare` read it."""

    LOSS: str
    """The unit of the validation loss."""
    PARTS: str
    """What scores of the family on the same data may differ in, in words."""

    @property
    def Report(self) -> type[base.Report]:
        """The dataclass of the family's scores."""

    def same_unit(self, first: Compared, second: Compared) -> bool:
        """Whether the losses of two runs of one task on the same data are in one unit."""


class ScoresPhase(Protocol[C_in, P, E]):
    """`scores.py`: baselines, scores, the verdict, pictures. numpy."""

    @property
    def INT8(self) -> Int8[Any, P] | None:
        """How int8 is weighed; None where the family has no int8."""

    def baselines(self, config: C_in, splits: Splits[P, E], stored: Json | None) -> Json:
        """Fit the baselines; with `stored` ones fit them again on the training part, their choices kept (a refit)."""

    def score(
        self, predict: Callable[..., Any], splits: Splits[P, E], split: Literal["validation", "test"], stored: Json,
        config: C_in, data: str,
    ) -> base.Report:  # fmt: skip
        """Score a model over a part, beside the `stored` baselines; data: its name."""

    def score_again(
        self, predict: Callable[..., Any], part: P, encoders: E, stored: Json | None, config: C_in, data: str
    ) -> base.Report:
        """Score a file over other data, beside the baselines that need no fitting; stored: those of the file."""

    def pictures(
        self, predict: Callable[..., Any], splits: Splits[P, E], config: C_in, folder: Path, title: str
    ) -> list[Path]:
        """Draw what the model does on the validation part into `folder`; return the files."""


class PipePhase(Protocol):
    """`pipe.py`: what answers lines. numpy and ONNX Runtime."""

    def verb(self, runner: Any, *, json: bool) -> Verb:
        """Return the verb of the family, with its options left out."""


def hold(
    config: ConfigPhase[C], data: DataPhase[C, P, E], model: ModelPhase[C, P, E, N], export: ExportPhase[E, N],
    runner: RunnerPhase, report: ReportPhase, scores: ScoresPhase[C, P, E], pipe: PipePhase,
) -> None:  # fmt: skip
    """Hold the phases of a family against their protocols: mypy reads the call, nothing runs it."""
