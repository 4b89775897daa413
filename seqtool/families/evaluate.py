"""Score a model file again, on other data: the same for every family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool import config as configuration
from seqtool import plugins
from seqtool.data.records import find_parts
from seqtool.errors import OF_DATA, ModelError, SeqtoolError, UsageError, within_memory, without_options
from seqtool.families.choose import checksum, unfolded
from seqtool.families.family import Family, config_of, configured, find
from seqtool.reads import DataFile, Finding
from seqtool.say import listing, note, warn
from seqtool.task import Data, Task
from seqtool.task_config import RecordConfig
from seqtool.types import Json

if TYPE_CHECKING:
    from seqtool.modelfile.manifest import Manifest
    from seqtool.report.report import Report
    from seqtool.runtime.model import Model
    from seqtool.task_config import TaskConfig


COLUMNS = (
    "text_column", "label_column", "word_column", "tag_column", "sentence_column", "source_column", "target_column",
)  # fmt: skip
"""Settings that name the columns of a file of records: another file than the training's may call them otherwise."""


def evaluate(model: Model, files: Sequence[DataFile], columns: Mapping[str, str] | None = None) -> Report:
    """Score a file over all of some files, beside the baselines that need no fitting.

    columns: what these files call the columns, by `COLUMNS`; those of the training else. Says what was found while
    reading. Raises `DataError`, `NotFound`, or `UsageError`.
    """
    manifest = model.manifest
    family = find(manifest.family)
    # First the runner: it says in words what a damaged manifest lacks.
    runner = family.runner.Runner(model)
    task = _task(manifest)
    config = config_in(manifest, task, columns)
    data = Data(unfolded(files, family.folders))
    with (
        within_memory(data.name),
        _naming_columns([name for name in _columns_of(family) if name not in (columns or {})]),
    ):
        part, findings = family.data.held_out(task, config, runner.encoders, data.files)
    parts = isinstance(config, RecordConfig)
    say_findings([*trained_on(manifest.data.get("files", ()), data.files, parts_by_name=parts), *findings])
    stored = manifest.scores.get("baselines")
    return family.scores.score_again(runner.predict, part, runner.encoders, stored, config, data.name)


def option_of(setting: str) -> str:
    """Return the option of a setting."""
    return f"--{setting.replace('_', '-')}"


def _columns_of(family: Family) -> list[str]:
    return [name for name in COLUMNS if hasattr(family.config, name)]


def refuse_columns(columns: Mapping[str, str], family: Family) -> None:
    """Raise `UsageError` for a column that the data of a family do not have."""
    own = _columns_of(family)
    for name in columns:
        if name not in own:
            has = f"give {listing([*map(option_of, own)])}" if own else f"leave {option_of(name)} out"
            raise UsageError(f"{option_of(name)} is not for the data of {family.name} models", cure=has)


@contextmanager
def _naming_columns(free: Sequence[str]) -> Iterator[None]:
    """Say in errors of columns that options name those of this file; `free`: the settings that nobody gave."""
    options = [*map(option_of, free)]
    try:
        with without_options(kept=(*OF_DATA, *(option.removeprefix("--") for option in options))):
            yield
    except SeqtoolError as error:
        if "no column" in error.what and options and not any(option in error.cure for option in options):
            error.cure = "; ".join([*filter(None, [error.cure]), f"{listing(options)} name those of this file"])
        raise


def trained_on(stored: Sequence[Json], files: Sequence[DataFile], *, parts_by_name: bool) -> list[Finding]:
    """Warn of files among those that the training read, but as its test part.

    stored: the files as a manifest keeps them; parts_by_name: where none has a label, their names say the parts.
    """
    named = [DataFile(Path(str(file.get("name"))), str(file.get("label") or "")) for file in stored]
    tested = [file.label == "test" for file in named]
    if parts_by_name and not any(file.label for file in named):
        test = find_parts(named)[0].get("test", [])
        tested = [file in test for file in named]
    read = {file.get("sha256") for file, is_test in zip(stored, tested, strict=True) if not is_test}
    known = [file.path.name for file in files if checksum(file.path) in read]
    text = f"the model was trained on {listing(known)}, all of it or a part: these scores say nothing of other data"
    return [Finding("warning", "trained-on", text)] if known else []


def say_findings(findings: Sequence[Finding]) -> None:
    """Say what was found while reading."""
    for finding in findings:
        say = warn if finding.level == "warning" else note
        say(f"{finding.code}: {finding.text}")


def _task(manifest: Manifest) -> Task:
    """Return the model's task, for its reader; where it is not installed, files are read as the family reads them."""
    try:
        return plugins.load_task(manifest.task)
    except UsageError:  # its plugin is not installed
        note(f"the task {manifest.task} is not installed: the data is read as a {manifest.family} file")
        return Task(manifest.task, "", manifest.family)


def config_in(manifest: Manifest, task: Task, columns: Mapping[str, str] | None = None) -> TaskConfig:
    """Return the configuration that a file holds, as far as this version knows its fields; raises `ModelError`.

    columns: settings in place of those in the file.
    """
    # A file of another version may have more fields or fewer: those that are shared decide how its data is read.
    names = {field.name for field in configuration.fields(config_of(task))}
    try:
        stored = {key: value for key, value in manifest.config.items() if key in names}
        return configured(task, options={**stored, **(columns or {})})
    except UsageError as error:
        raise ModelError(
            f"the file's configuration is not one of {task.name}: {error.what}", cure="export it again"
        ) from error
