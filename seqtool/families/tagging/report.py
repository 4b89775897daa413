"""How the scores of the family are stored and shown. No numpy: `inspect` imports it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from seqtool.data.tag_options import FREE, UNNAMED
from seqtool.report import report as base
from seqtool.report.compared import Compared
from seqtool.report.confusion import class_table
from seqtool.report.report import Row, Rows
from seqtool.say import counted

if TYPE_CHECKING:
    from seqtool.types import Json

LOSS = "cross-entropy, nats a word"
PARTS = "parts of the sentences, or in another field"
CUT = ("split", "fold", "validation", "test")
"""Settings that determine which words are scored."""


@dataclass(frozen=True, kw_only=True)
class Report(base.Report):
    """Scores of a tagger: accuracy of words, of `unknown` words and of whole `sentences`, and skill."""

    MEASURES: ClassVar[Mapping[str, str]] = {
        "entity_f1": "entity F1 %", "entity_precision": "precision %", "entity_recall": "recall %",
        "unseen_recall": "unseen ones %", "accuracy": "words %", "unknown": "unknown words %",
        "sentences": "sentences %", "skill": "skill",
        "ece": "ECE %",
    }  # fmt: skip
    MAIN: ClassVar[str] = "accuracy"

    field: str = ""
    """Which tags were scored, such as `upos`."""
    sentences: int = 0
    words: int = 0
    unknown_words: int = 0
    """Words that the training part lacks."""
    unseen_tags: int = 0
    """Words whose tag the training part lacks: every tagger is wrong on them."""
    tags: Mapping[str, Row] = dataclasses.field(default_factory=dict)
    """Tag -> precision, recall, f1, count."""
    entities: Mapping[str, Row] = dataclasses.field(default_factory=dict)
    """Kind of entity -> precision, recall, f1, count of whole entities; empty where tags are of words alone."""
    impossible: int | None = None
    """Neighbours in the answers that no entity has, such as I-x behind O; None without a scheme."""
    sets: Mapping[str, float] | None = None
    """Of sets of tags: their level, coverage and mean_size, measured on halves of the test part."""
    calibration: Mapping[str, Sequence[float] | int] | None = None
    """What sets of tags are calibrated on; see `conformal.Calibration`."""
    confused: Sequence[Sequence[str | int]] = ()
    """The most frequent mistakes: truth, answer, count."""
    padded: Mapping[str, float | int] | None = None
    """Of an encoder-decoder: accuracy as its recipes report it, with padding counted."""
    more: Sequence[Json] | None = None
    """The scores of each field behind the first, as JSON; None where there is one field."""

    @property
    def others(self) -> list[Report]:
        """The scores of each field behind the first."""
        return [Report.read(dict(stored)) for stored in self.more or ()]

    def lines(self) -> list[str]:
        """Return the scores of each field as lines."""
        return [*super().lines(), *(line for report in self.others for line in ("", *report.lines()))]

    def brief(self) -> list[str]:
        """Return the scores of each field in a few lines."""
        return [*super().brief(), *(line for report in self.others for line in report.brief())]

    def rows(self) -> Rows:
        """Return a run's column of `compare`: the rows of the first field, and the main measure of the others."""
        rows = super().rows()
        for report in self.others:
            rows[0.5, f"{report.field}, {self.MEASURES[report.main_measure]}"] = report.main(base.MODEL)
        return rows

    def extent(self) -> str:
        """Return one line that says what was scored."""
        text = (
            f"{self.split} split of {self.data}: {counted(self.words, 'word')} in {counted(self.sentences, 'sentence')}"
        )
        text += f", {self.unknown_words:,} of them never seen in training; {self.field}"
        return f"{text}, {counted(self.unseen_tags, 'tag')} that training never had" if self.unseen_tags else text

    def title(self) -> str:
        """Return the heading of the names."""
        return "right"

    def details(self) -> list[str]:
        """Return the accuracy of the recipes, a table of tags, the mistakes."""
        lines = ["", *class_table(self.tags)]
        if self.entities:
            lines = ["", *class_table(self.entities, noun="entities"), *lines]
        if self.impossible:
            lines.append(f"{self.impossible:,} tags follow others that they cannot follow, such as I-x behind O")
        if self.padded is not None:
            accuracy, length, share = (self.padded[key] for key in ("accuracy", "length", "padding"))
            text = f"as its recipe counts: {self.cell('', accuracy)} %, each sentence padded to {length}"
            lines.insert(0, f"{text} words and the padding, {self.cell('', share)} % of all, counted as right")
        if self.sets is not None:
            level, coverage, size = (self.sets[key] for key in ("level", "coverage", "mean_size"))
            what = f"sets of tags at {100 * level:.0f} % hold the true tag of {100 * coverage:.1f} % of the words"
            lines.append(f"{what}, with {size:.2f} tags on average")
        if self.confused:
            mistakes = ", ".join(f"{truth} as {answer} {count:,}" for truth, answer, count in self.confused)
            lines += ["", f"most confused: {mistakes}"]
        return lines

    def titles(self) -> dict[str, str]:
        """Return key -> title of the measures that some row has."""
        return self.present(super().titles())

    @property
    def main_measure(self) -> str:
        """The measure that is shown where there is room for one."""
        return "entity_f1" if self.entities else self.MAIN

    def gist(self) -> str:
        """Return the accuracies of the model and the baseline."""
        unknown = self.cell("unknown", self.whole[base.MODEL].get("unknown"))
        best = self.best_baseline
        if self.entities:
            return f"entity F1 {self.main(base.MODEL)} %, {best} {self.main(best)} %"
        return f"words {self.main(base.MODEL)} %, unknown ones {unknown} %, {best} {self.main(best)} %"

    def measured_on(self, run: Compared) -> object:
        """Return the number of words and the settings of the split."""
        # earlier versions called all tags upos
        field = UNNAMED if self.field in FREE else self.field
        return self.words, field, *(run.settings.get(key) for key in CUT)

    def cell(self, key: str, value: float | None) -> str:
        """Return a measure as tables show it, shares in percent."""
        return super().cell(key, value) if value is None or key == "skill" else f"{100 * value:.2f}"


def same_unit(first: Compared, second: Compared) -> bool:
    """Whether the tags of all fields agree: only then are nats per word comparable."""
    return all(first.encoders.get(key) == second.encoders.get(key) for key in ("tags", "more_tags"))
