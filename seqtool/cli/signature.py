"""The options of `train TASK` and `check TASK`: shared ones, and one for each field of the task's configuration."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from seqtool import config
from seqtool.cli import complete
from seqtool.cli.groups import parameters_of, with_parameters
from seqtool.cli.options import SIDES, DataOption, SrcOption, TgtOption, data_files
from seqtool.config import Field, Opt
from seqtool.errors import SeqtoolError, UsageError
from seqtool.families.family import config_of, configured, family_of, presets_of

if TYPE_CHECKING:
    from seqtool.reads import DataFile
    from seqtool.task import Data, Task
    from seqtool.task_config import TaskConfig

_METAVARS = {int: "INTEGER", float: "NUMBER", str: "TEXT"}
SampleOption = Annotated[bool, Option("--sample", help="use the built-in sample: small, simulated, no download")]
_PRESET = 'preset to start from (left out: "default" where the task has it)'
PresetOption = Annotated[str | None, Option(metavar="NAME", help=_PRESET, autocompletion=complete.presets)]
ConfigOption = Annotated[Path | None, Option(metavar="FILE", help="TOML file of settings; they replace the preset's")]
_INIT = "begin with the weights and the vocabulary of this run (or of RUN/checkpoints/STEP); what is new is added"
InitOption = Annotated[Path | None, Option(metavar="RUN", help=_INIT, autocompletion=complete.runs)]
_REPLAY = "with --init-from: share of the earlier training data that is trained on again, so that less is forgotten"
ReplayOption = Annotated[float | None, Option(metavar="SHARE", help=_REPLAY)]
SetOption = Annotated[list[str] | None, Option("--set", metavar="KEY=VALUE", help="change one setting; repeatable")]


@dataclass(frozen=True)
class Inputs:
    """What `train` and `check` work on: data, and the layers of the configuration."""

    data: DataOption = None
    src: SrcOption = None
    tgt: TgtOption = None
    sample: SampleOption = False
    preset: PresetOption = None
    config: ConfigOption = None
    set: SetOption = None
    init_from: InitOption = None
    replay: ReplayOption = None
    options: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """Field of the task's configuration -> value of its option, None where it was not given."""

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The files of --data, --src and --tgt."""
        return data_files(self.data, self.src, self.tgt)

    def configured(self, task: Task) -> tuple[TaskConfig, str]:
        """Merge preset, file, assignments and options; return the configuration and the preset's name ("" for none).

        Raises `UsageError` naming every fault, `NotFound` where the file is not there.
        """
        presets = presets_of(task)
        usual = "default" if "default" in presets else ""
        name = usual if self.preset is None else self.preset
        path = config.preset(presets, name) if name else None
        settings = self.set or ()
        merged = partial(configured, task, preset=path, file=self.config, assignments=settings, options=self.options)
        if self.init_from is None:
            return merged(), name
        from seqtool.training import begun

        before = begun.read(self.init_from, task)
        kept = begun.settings(before, configured(task, preset=path))
        return begun.held(before, merged(kept=kept)), name

    def begun(self, task: Task, config: TaskConfig, data: Data) -> Data:
        """Return data with what is taken over from the run of --init-from.

        Raises `UsageError` for a --replay that cannot be, `NotFound` and `DataError` for one of data that are gone.
        """
        share = self.replay or 0.0
        cure = "--init-from RUN --replay 0.1 trains on a tenth of that run's training data again"
        if not 0 <= share <= 1:
            raise UsageError(f"--replay {share:g} is no share from 0 to 1", cure=cure)
        if self.replay is not None and self.init_from is None:
            raise UsageError("--replay is about a run to begin with, and there is none", cure=cure)
        if self.init_from is None:
            return data
        from seqtool.training import begun

        return dataclasses.replace(data, begun=begun.begin(begun.read(self.init_from, task), config, share))


def task_command(function: Callable[..., None], task: Task, text: str) -> Callable[..., None]:
    """Return `function(task, inputs, **its own options)` as the function of a command; `text` is its help.

    Raises `SeqtoolError` where a field of the task's configuration has the name of another option.
    """
    kind = config_of(task)
    shared, specific = parameters_of(Inputs), parameters_of(function)
    left_out = {"options"} if family_of(task).sides else {"options", *SIDES}
    for name in left_out:
        del shared[name]
    for name in ("task", "inputs"):
        del specific[name]
    usual = _usual_values(task)
    following = usual.get(config.FROM_DATA, ())
    settings = {
        field.name: _parameter(field, FOLLOWS if field.name in following else usual.get(field.name, field.default))
        for field in config.fields(kind)
    }
    taken = sorted(settings.keys() & {*shared, *specific})
    if taken:
        what = f"{kind.__name__} has a field with the name of a general option: {', '.join(taken)}"
        raise SeqtoolError(what, cure="rename the field in the plugin")

    def command(**values: Any) -> None:
        chosen = {name: values.pop(name) for name in shared}
        extra = {name: values.pop(name) for name in specific}
        function(task, Inputs(**chosen, options=values), **extra)

    return with_parameters(command, {**shared, **specific, **settings}.values(), text)


FOLLOWS = "by the size of the data"


def _usual_values(task: Task) -> dict[str, Any]:
    """Return the settings that the task and its default preset change."""
    default = presets_of(task).get("default")
    values = {} if default is None else config.read_toml(default)
    return {**task.defaults, **{key.replace("-", "_"): value for key, value in values.items()}}


def _parameter(field: Field, default: object) -> inspect.Parameter:
    plain = str if field.is_list or field.is_number_or_word else field.type
    metavar = _METAVARS.get(field.item, "TEXT") + ",..." if field.is_list else _METAVARS.get(plain)
    if field.is_number_or_word:
        metavar = "|".join((_METAVARS[int], *field.choices))
    # Without a range: `seqtool.config.load` sees every layer, and reports all faults at once.
    facts = "; ".join(text for text in (_range(field.opt), _default(default)) if text)
    text = f"{field.opt.help}  [{facts}]" if facts else field.opt.help
    words = [f"--{field.name.replace('_', '-')}", field.opt.also] if field.opt.also else []
    if field.name.startswith("no_"):  # without a --no-no-
        words = [f"--{field.name.replace('_', '-')}"]
    option = Option(*words, help=text, metavar=metavar, show_default=False)
    # None stands for "not given", so that a preset or a file is not overruled by a default.
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(field.name, kind, default=None, annotation=Annotated[plain | None, option])


def _range(opt: Opt) -> str:
    """Return a range as a person writes it: `1 <= x <= 4096`, `x > 0`."""
    lower = [(opt.ge, "<=", ">="), (opt.gt, "<", ">")]
    upper = [(opt.le, "<="), (opt.lt, "<")]
    high = "".join(f" {sign} {_number(bound)}" for bound, sign in upper if bound is not None)
    for bound, before, after in lower:
        if bound is not None:
            return f"{_number(bound)} {before} x{high}" if high else f"x {after} {_number(bound)}"
    return f"x{high}" if high else ""


def _number(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def _default(value: object) -> str:
    if value is dataclasses.MISSING:
        return ""
    if isinstance(value, bool):
        return f"default: {'on' if value else 'off'}"
    shown = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f"default: {shown}" if shown else ""
