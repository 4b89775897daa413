"""How the scores of the family are stored and shown. No numpy: `inspect` imports it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from seqtool.report import report as base
from seqtool.report.compared import Compared
from seqtool.report.confusion import class_table
from seqtool.report.report import MODEL, Row
from seqtool.report.tables import number
from seqtool.say import counted, listing

if TYPE_CHECKING:
    from seqtool.types import Json

LOSS = "cross-entropy, nats a text"
SHOWN = 20  # classes named one by one
PARTS = "parts of the texts"
CUT = ("multi", "split", "fold", "validation", "test", "separator")
"""Settings that determine which texts are scored."""
UNITS = ("class_weights",)
"""Settings that the unit of the loss is of."""
FOR_ANSWERS = ("calibration",)
"""Scores that a file keeps for its answers: `compare` shows none of them."""


@dataclass(frozen=True, kw_only=True)
class Report(base.Report):
    """Scores of a classifier: accuracy, macro_f1, log_loss (nats per text), and skill, see `reporting.skill`."""

    MEASURES: ClassVar[Mapping[str, str]] = {
        "micro_f1": "micro F1 %", "accuracy": "accuracy %", "macro_f1": "macro F1 %", "subset": "all right %",
        "log_loss": "log loss", "ece": "ECE %", "skill": "skill",
    }  # fmt: skip
    MAIN: ClassVar[str] = "accuracy"

    texts: int = 0
    multi: bool = False
    """Whether a text may have several labels: micro F1 then stands for accuracy."""
    classes: Mapping[str, Row] = dataclasses.field(default_factory=dict)
    """Class -> precision, recall, f1, count; of several labels `threshold` too."""
    confusion: Sequence[Sequence[int]] | None = None
    """Counts [C,C], a row for each true class; None above `LARGEST_MATRIX` classes."""
    rival: str = ""
    """Of several labels: the linear rival, whose classes are shown beside those of the model."""
    rival_classes: Mapping[str, Row] = dataclasses.field(default_factory=dict)
    threshold: float | None = None
    """Of two classes; each of several labels has its own among `classes`."""
    sets: Mapping[str, float] | None = None
    """Of label sets: their level, coverage, mean_size and share of empty ones, measured on halves of the test part."""
    calibration: Mapping[str, Sequence[float]] | None = None
    """What label sets are calibrated on; see `conformal.Calibration`."""
    seen: float | None = None
    """The share of texts that the training part has too; None without a training part."""
    unknown: float = 0.0
    """The share of tokens that the vocabulary lacks."""
    tokens: str = "tokens"
    """What a token is, in the plural."""

    def to_json(self) -> Json:
        """Return the scores as a JSON object; `seen` and `confusion` are null where unknown."""
        # null, not left out: programs that read `evaluate --json` look for these keys
        return {**super().to_json(), "seen": self.seen, "confusion": self.confusion}

    def extent(self) -> str:
        """Return one line that says what was scored."""
        text = f"{self.split} split of {self.data}: {counted(self.texts, 'text')}"
        if self.seen is not None:
            text += f", {100 * self.seen:.1f} % of them stand in the training part too"
        return f"{text}; {100 * self.unknown:.1f} % of their {self.tokens} are unknown"

    def details(self) -> list[str]:
        """Return a table of the classes, and which of them have no texts."""
        absent = [name for name, row in self.classes.items() if row.get("count") == 0]
        silent = [name for name, row in self.classes.items() if row.get("count") and row.get("precision") is None]
        lines = [f"never answered: {listing(silent, SHOWN)}"] if silent else []
        said = f"no text of {listing(absent, SHOWN)} was scored: the scores say nothing about it"
        lines += [said] if absent else []
        return ["", *class_table(self.classes, self.rival, self.rival_classes), *lines, *self._sets()]

    def _sets(self) -> list[str]:
        """Return a line on label sets, where they were measured."""
        if self.sets is None:
            return []
        level, coverage, size = (self.sets[key] for key in ("level", "coverage", "mean_size"))
        what = f"label sets at {100 * level:.0f} % hold the true label of {100 * coverage:.1f} % of the texts"
        # files of earlier versions do not say it
        empty = self.sets.get("empty", 0)
        none = f", {100 * empty:.1f} % of them none" if empty else ""
        return [f"{what}; they have {size:.2f} labels on average{none}"]

    def titles(self) -> dict[str, str]:
        """Return key -> title of the measures that some row has."""
        return self.present(super().titles())

    @property
    def main_measure(self) -> str:
        """The measure that is shown where there is room for one."""
        return "micro_f1" if self.multi else self.MAIN

    def gist(self) -> str:
        """Return the accuracies of the model and the best baseline, of several labels their micro F1."""
        measure = "micro F1" if self.multi else "accuracy"
        return f"{measure} {self.main(MODEL)} %, {self.best_baseline} {self.main(self.best_baseline)} %"

    def measured_on(self, run: Compared) -> object:
        """Return the number of texts and the settings of the split."""
        return self.texts, *(run.settings.get(key) for key in CUT)

    def cell(self, key: str, value: float | None) -> str:
        """Return a measure as tables show it: accuracy and F1 in percent."""
        if value is None or key == "skill":
            return super().cell(key, value)
        return number(value) if key == "log_loss" else f"{100 * value:.1f}"


def same_unit(first: Compared, second: Compared) -> bool:
    """Whether labels and class weights agree: only then are nats per text comparable."""
    units = [[run.settings.get(name) for name in UNITS] for run in (first, second)]
    return bool(first.encoders["labels"] == second.encoders["labels"]) and units[0] == units[1]
