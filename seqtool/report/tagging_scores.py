"""The scores of a tagger as lines, as rows of `compare`, and in brief."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from seqtool.report.compared import Compared
from seqtool.report.confusion import class_table
from seqtool.report.tables import columns

MEASURES = {"accuracy": "words %", "unknown": "unknown words %", "sentences": "sentences %", "skill": "skill"}
SPLIT = ("field", "split", "fold", "validation", "test")


def lines(scores: Mapping[str, Any]) -> list[str]:
    """Return the scores as lines: what was read, a table of taggers, one of tags, the mistakes, the verdict."""
    cells = [["right", *MEASURES.values()]]
    for name, row in scores["whole"].items():
        cells.append([name, *(_cell(key, row[key]) for key in MEASURES)])
    confused = ", ".join(f"{truth} as {answer} {count:,}" for truth, answer, count in scores["confused"])
    return [
        _extent(scores), "", *columns(cells), *_padded(scores), "", *class_table(scores["tags"]), "",
        *([f"most confused: {confused}", ""] if confused else []), *scores["verdict"],
    ]  # fmt: skip


def brief(scores: Mapping[str, Any]) -> list[str]:
    """Return the scores in a line for what was read, one for the model beside the baseline, and the verdict."""
    best, whole = scores["best_baseline"], scores["whole"]
    model, baseline = (_cell("accuracy", whole[name]["accuracy"]) for name in ("model", best))
    unknown = _cell("unknown", whole["model"]["unknown"])
    return [_extent(scores), f"words {model} %, unknown ones {unknown} %, {best} {baseline} %", *scores["verdict"]]


def rows(scores: Mapping[str, Any]) -> dict[tuple[float, str], str]:
    """Return a run's column of `compare`: (place, label) -> cell."""
    best, whole = scores["best_baseline"], scores["whole"]
    model = {(0.0, label): _cell(key, whole["model"][key]) for key, label in MEASURES.items()}
    return {
        **model,
        (1.0, "best baseline"): str(best),
        (1.0, "its words %"): _cell("accuracy", whole[best]["accuracy"]),
    }


def measured_on(run: Compared, scores: Mapping[str, Any]) -> Hashable:
    """Return what must be equal: how many words, and how they were cut."""
    return scores["words"], *(run.settings.get(key) for key in SPLIT)


def same_unit(first: Compared, second: Compared) -> bool:
    """Compare the tags: a nat of a word is one of the same choice."""
    return bool(first.encoders["tags"] == second.encoders["tags"])


def _extent(scores: Mapping[str, Any]) -> str:
    said = (
        f"{scores['split']} split of {scores['data']}: {scores['words']:,} words in {scores['sentences']:,} sentences"
    )
    said += f", {scores['unknown_words']:,} of them never seen in training; {scores['field']}"
    unseen = scores["unseen_tags"]
    return f"{said}, {unseen:,} tags that training never had" if unseen else said


def _padded(scores: Mapping[str, Any]) -> list[str]:
    """Return what the recipes of a network called its accuracy, where it has some."""
    if "padded" not in scores:
        return []
    found = scores["padded"]
    said = f"as its recipe counts: {_cell('accuracy', found['accuracy'])} %, each sentence padded to {found['length']}"
    return [f"{said} words and the padding, {_cell('', found['padding'])} % of all, counted as right"]


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:+.3f}" if key == "skill" else f"{100 * value:.2f}"
