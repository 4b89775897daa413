"""The scores of a translator as lines, as rows of `compare`, and in brief."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from seqtool.report.compared import Compared
from seqtool.report.tables import columns

MEASURES = {"bleu": "BLEU", "chrf": "chrF"}
SPLIT = ("reverse", "split", "fold", "validation", "test")


def lines(scores: Mapping[str, Any]) -> list[str]:
    """Return the scores as lines: what was read, a table of translators, one by length, signatures, the verdict."""
    cells = [["", *MEASURES.values()]]
    for name, row in scores["whole"].items():
        cells.append([name, *(f"{row[key]:.2f}" for key in MEASURES)])
    lengths = [["words of the source", "pairs", "BLEU"]]
    for row in scores["lengths"]:
        lengths.append([span(row), f"{row['pairs']:,}", f"{row['bleu']:.2f}"])
    signatures = scores["signatures"]
    return [
        _extent(scores), "", *columns(cells), "", *columns(lengths), "",
        f"BLEU {signatures['bleu']}", f"chrF {signatures['chrf']}", "", *scores["verdict"],
    ]  # fmt: skip


def brief(scores: Mapping[str, Any]) -> list[str]:
    """Return the scores in a line for what was read, one for the model beside the baseline, and the verdict."""
    best, whole = scores["best_baseline"], scores["whole"]
    model, copy = whole["model"], whole[best]
    said = f"BLEU {model['bleu']:.2f}, chrF {model['chrf']:.2f}; {best} BLEU {copy['bleu']:.2f}"
    return [_extent(scores), said, *scores["verdict"]]


def span(row: Mapping[str, Any]) -> str:
    """Return the words of a row by length, such as `6-10`."""
    return f"{row['from']} or more" if row["to"] is None else f"{row['from']}-{row['to']}"


def rows(scores: Mapping[str, Any]) -> dict[tuple[float, str], str]:
    """Return a run's column of `compare`: (place, label) -> cell."""
    best, whole = scores["best_baseline"], scores["whole"]
    model = {(0.0, label): f"{whole['model'][key]:.2f}" for key, label in MEASURES.items()}
    return {**model, (1.0, "best baseline"): str(best), (1.0, "its BLEU"): f"{whole[best]['bleu']:.2f}"}


def measured_on(run: Compared, scores: Mapping[str, Any]) -> Hashable:
    """Return what must be equal: how many pairs, in which direction, and how they were cut."""
    return scores["pairs"], *(run.settings.get(key) for key in SPLIT)


def same_unit(first: Compared, second: Compared) -> bool:
    """Compare the vocabularies of the target: a nat of a token is one of the same choice."""
    return bool(_target(first) == _target(second))


def _target(run: Compared) -> Any:
    return run.encoders.get("joint", run.encoders.get("target"))


def _extent(scores: Mapping[str, Any]) -> str:
    said = f"{scores['split']} split of {scores['data']}: {scores['pairs']:,} pairs"
    return f"{said}, {scores['tokens_per_second']:,.0f} tokens a second written"
