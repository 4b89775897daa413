"""The scores of a classifier as lines, as rows of `compare`, and in brief."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from seqtool.report.compared import Compared
from seqtool.report.confusion import class_table
from seqtool.report.tables import columns, number

MEASURES = {"accuracy": "accuracy %", "macro_f1": "macro F1 %", "log_loss": "log loss", "skill": "skill"}
SPLIT = ("split", "fold", "validation", "test", "separator")


def lines(scores: Mapping[str, Any]) -> list[str]:
    """Return the scores as lines: what was read, a table of models, one of classes, the verdict."""
    cells = [["", *MEASURES.values()]]
    for name, row in scores["whole"].items():
        cells.append([name, *(_cell(key, row[key]) for key in MEASURES)])
    return [_extent(scores), "", *columns(cells), "", *class_table(scores["classes"]), "", *scores["verdict"]]


def brief(scores: Mapping[str, Any]) -> list[str]:
    """Return the scores in a line for what was read, one for the model beside the best baseline, and the verdict."""
    best, whole = scores["best_baseline"], scores["whole"]
    model, baseline = (_cell("accuracy", whole[name]["accuracy"]) for name in ("model", best))
    return [_extent(scores), f"accuracy {model} %, {best} {baseline} %", *scores["verdict"]]


def rows(scores: Mapping[str, Any]) -> dict[tuple[float, str], str]:
    """Return a run's column of `compare`: (place, label) -> cell."""
    best, whole = scores["best_baseline"], scores["whole"]
    model = {(0.0, label): _cell(key, whole["model"][key]) for key, label in MEASURES.items()}
    return {
        **model,
        (1.0, "best baseline"): str(best),
        (1.0, "its accuracy %"): _cell("accuracy", whole[best]["accuracy"]),
    }


def measured_on(run: Compared, scores: Mapping[str, Any]) -> Hashable:
    """Return what must be equal: how many texts, and how they were cut."""
    return scores["texts"], *(run.settings.get(key) for key in SPLIT)


def same_unit(first: Compared, second: Compared) -> bool:
    """Compare labels and weights: a nat of a text is one of the same choice."""
    weights = (run.settings.get("class_weights") for run in (first, second))
    return bool(first.encoders["labels"] == second.encoders["labels"]) and len(set(weights)) == 1


def _extent(scores: Mapping[str, Any]) -> str:
    said = f"{scores['split']} split of {scores['data']}: {scores['texts']:,} texts"
    if scores["seen"] is not None:
        said += f", {100 * scores['seen']:.1f} % of them stand in the training part too"
    return f"{said}; {100 * scores['unknown']:.1f} % of their {scores['tokens']} are unknown"


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "-"
    if key == "skill":
        return f"{value:+.3f}"
    return number(value) if key == "log_loss" else f"{100 * value:.1f}"
