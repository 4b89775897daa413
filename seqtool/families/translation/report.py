"""How the scores of the family are kept and shown. No numpy: `inspect` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from seqtool.report import report as base
from seqtool.report.compared import Compared
from seqtool.report.tables import columns
from seqtool.say import counted
from seqtool.types import Json

LOSS = "cross-entropy, nats a token"
PARTS = "parts of the pairs, or in the other direction"
CUT = ("reverse", "split", "fold", "validation", "test")  # settings that decide which pairs are scored


@dataclass(frozen=True, kw_only=True)
class Report(base.Report):
    """Scores of a translator: `whole` has BLEU and chrF of sacreBLEU, 0 to 100.

    numbers: of the numbers that source and reference share, the percentage that the translation has.
    """

    MEASURES: ClassVar[Mapping[str, str]] = {"bleu": "BLEU", "chrf": "chrF", "numbers": "numbers kept %"}
    MAIN: ClassVar[str] = "bleu"

    pairs: int = 0
    signatures: Mapping[str, str] = field(default_factory=dict)  # sacreBLEU's settings of each measure
    lengths: Sequence[Json] = ()  # BLEU and number of pairs whose source has `from` to `to` words (None: no end)
    tokens_per_second: float | None = None  # on the machine that scored
    numbers: int = 0  # that sources and references share
    seen: float | None = None  # share of the sources that training had too; None where the training part is unknown

    def to_json(self) -> Json:
        """Return the scores as a JSON object, with `seen` even where it is None."""
        return {**super().to_json(), "seen": self.seen}

    def titles(self) -> dict[str, str]:
        """Return key -> title of the measures that some row has."""
        return self.present(super().titles())

    def extent(self) -> str:
        """Return one line about the scored part and the speed of the translation."""
        text = f"{self.split} split of {self.data}: {counted(self.pairs, 'pair')}"
        text += f", {counted(self.numbers, 'number')} on both sides" if self.numbers else ""
        speed = self.tokens_per_second
        return text if speed is None else f"{text}, {speed:,.0f} tokens a second written"

    def details(self) -> list[str]:
        """Return a table by length, and the signatures."""
        rows = [[span(row), f"{row['pairs']:,}", self.cell("bleu", row["bleu"])] for row in self.lengths]
        signatures = [f"{self.MEASURES[key]} {text}" for key, text in self.signatures.items()]
        return ["", *columns([["words of the source", "pairs", "BLEU"], *rows]), "", *signatures]

    def gist(self) -> str:
        """Return the model beside the baseline."""
        best, letters = self.best_baseline, self.cell("chrf", self.whole[base.MODEL].get("chrf"))
        return f"BLEU {self.main(base.MODEL)}, chrF {letters}; {best} BLEU {self.main(best)}"

    def measured_on(self, run: Compared) -> object:
        """Return the number of pairs, their direction, and how they were cut."""
        return self.pairs, *(run.settings.get(key) for key in CUT)

    def cell(self, key: str, value: float | None) -> str:
        """Return a measure with two digits."""
        return super().cell(key, value) if value is None else f"{value:.2f}"


def span(row: Json) -> str:
    """Return the range of words of a row of `Report.lengths`, such as `6-10`."""
    return f"{row['from']} or more" if row["to"] is None else f"{row['from']}-{row['to']}"


def same_unit(first: Compared, second: Compared) -> bool:
    """Compare the target vocabularies: nats a token are comparable only for a choice among the same tokens."""
    targets = [run.encoders.get("joint", run.encoders.get("target")) for run in (first, second)]
    return bool(targets[0] == targets[1])
