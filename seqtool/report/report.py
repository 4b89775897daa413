"""The scores of a model on one part of the data: the base of every family's report."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from seqtool.errors import ModelError, damaged
from seqtool.report.tables import columns, number

if TYPE_CHECKING:
    from seqtool.report.compared import Compared
    from seqtool.types import Json

Row = Mapping[str, float | None]
"""The measures of one model or baseline; None where one is not known."""
Rows = dict[tuple[float, str], str]
"""A run's column of `compare`: (place, label) -> cell; rows of a lower place stand higher."""
MODEL = "model"


@dataclass(frozen=True, kw_only=True)
class Report(ABC):
    """Scores of a model on a part, beside the baselines.

    Every field has a default, so that stored scores stay readable when a field is added.
    """

    MEASURES: ClassVar[Mapping[str, str]] = {}
    """Titles of measures: key in a row of `whole` -> title of its column. A measure without one goes by its key."""
    KEYS: ClassVar[Mapping[str, str]] = {}
    """Field -> its name in JSON, where that is a keyword of Python, such as `from`."""
    MAIN: ClassVar[str] = ""
    """The measure that is shown of a baseline where there is room for one."""

    split: str = ""
    """`validation`, `test`, or `whole` for data given to `evaluate`."""
    data: str = ""
    whole: Mapping[str, Row] = field(default_factory=dict)
    """Measures over the whole part: `model`, then each baseline."""
    best_baseline: str = ""
    differences: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    """Baseline -> mean of the paired difference (model less baseline) and its 95 % interval."""
    verdict: Sequence[str] = ()
    """Sentences: what the scores show, and what they do not."""
    refit: bool = False
    """Whether the weights come from a second training, on the training and validation part."""

    @classmethod
    def from_json(cls, stored: object) -> Self:
        """Read stored scores of any version; raises `ModelError` where they have another form.

        Absent fields have their default, unknown ones are ignored.
        """
        with damaged(ModelError("the stored scores have another form", cure="export the model again")):
            if not isinstance(stored, Mapping):  # `dict` would take a list of pairs
                raise TypeError("scores that are no object")
            report = cls.read(dict(stored))
            # Shown once here, so that scores of another form are refused in one place.
            if not all(isinstance(line, str) for line in (*report.lines(), *report.brief(), *report.rows().values())):
                raise TypeError("a line that is not a text")
            return report

    @classmethod
    def read(cls, stored: Json) -> Self:
        """Make a report of a JSON object, unchecked: `from_json` then shows it to see whether it can be used."""
        keys = {cls.KEYS.get(field.name, field.name): field.name for field in dataclasses.fields(cls)}
        return cls(**{keys[key]: value for key, value in stored.items() if key in keys})

    def to_json(self) -> Json:
        """Return the scores as a JSON object, without fields that are None, and without `refit` where it is False."""
        stored = {self.KEYS.get(name, name): value for name, value in dataclasses.asdict(self).items()}
        return {key: value for key, value in stored.items() if value is not None and (key != "refit" or value)}

    @abstractmethod
    def extent(self) -> str:
        """Return one line: what was scored."""

    def lines(self) -> list[str]:
        """Return the scores as lines: what was scored, a table of model and baselines, details, the verdict."""
        titles = self.titles()
        cells = [[self.title(), *titles.values()]]
        cells += [[name, *(self.cell(key, row.get(key)) for key in titles)] for name, row in self.whole.items()]
        return [self.extent(), "", *columns(cells), *self.details(), "", *self.verdict]

    def titles(self) -> dict[str, str]:
        """Return key -> title of the measures in `whole`, those of `MEASURES` first."""
        untitled = {key: key for row in self.whole.values() for key in row if key not in self.MEASURES}
        return {**self.MEASURES, **untitled}

    def present(self, titles: Mapping[str, str]) -> dict[str, str]:
        """Return those of some titles whose measure a row of `whole` has: a family's may not apply to all its data."""
        known = {key for row in self.whole.values() for key in row}
        return {key: title for key, title in titles.items() if key in known}

    def title(self) -> str:
        """Return the title above the names in the table of `lines`."""
        return ""

    def details(self) -> list[str]:
        """Return the lines between the table and the verdict."""
        return []

    def brief(self) -> list[str]:
        """Return the scores in a few lines, for `inspect`."""
        return [self.extent(), self.gist(), *self.verdict]

    @abstractmethod
    def gist(self) -> str:
        """Return one line: the model beside the best baseline."""

    def rows(self) -> Rows:
        """Return a run's column of `compare`."""
        model = self.whole.get(MODEL, {})
        shown: Rows = {(0.0, title): self.cell(key, model.get(key)) for key, title in self.titles().items()}
        shown[1.0, "best baseline"] = self.best_baseline
        shown[1.0, f"its {self.MEASURES[self.main_measure]}"] = self.main(self.best_baseline)
        return shown

    def main(self, name: str) -> str:
        """Return the main measure of the model or a baseline, as text."""
        return self.cell(self.main_measure, self.whole.get(name, {}).get(self.main_measure))

    @property
    def main_measure(self) -> str:
        """The measure that is shown of a baseline where there is room for one."""
        return self.MAIN

    @property
    def beats_best(self) -> bool:
        """Whether the model is better than the best baseline beyond chance, or nobody can tell.

        Better: the 95 % interval of the paired difference, of which less is better in every family, ends below zero.
        """
        if self.best_baseline not in self.differences:
            return True
        high = self.differences[self.best_baseline][2]
        return high is not None and high < 0

    @abstractmethod
    def measured_on(self, run: Compared) -> object:
        """Return what must be equal for the scores of two runs on the same data to be comparable."""

    def cell(self, key: str, value: float | None) -> str:
        """Return a measure as text."""
        if value is None:
            return "-"
        return f"{value:+.3f}" if key == "skill" else number(value)
