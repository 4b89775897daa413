"""The scores of a language model as lines, as rows of `compare`, and in brief."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from seqtool.report.compared import Compared
from seqtool.report.tables import columns, number

MEASURES = {
    "bits_per_character": "bits/char",
    "nats_per_character": "nats/char",
    "nats_per_symbol": "nats/symbol",
    "perplexity": "perplexity",
    "skill": "skill",
}
FOLDING = ("lower", "ascii", "join_lines")


def lines(scores: Mapping[str, Any]) -> list[str]:
    """Return the scores as lines: what was read, a table of forecasters, the verdict."""
    cells = [["", *MEASURES.values()]]
    for name, row in scores["whole"].items():
        cells.append([name, *(_cell(key, row[key]) for key in MEASURES)])
    return [_extent(scores), "", *columns(cells), "", *scores["verdict"]]


def brief(scores: Mapping[str, Any]) -> list[str]:
    """Return the scores in a line for what was read, one for the model beside the best baseline, and the verdict."""
    best, whole = scores["best_baseline"], scores["whole"]
    model, baseline = (whole[name]["bits_per_character"] for name in ("model", best))
    figures = f"{number(model)} bits a character, {best} {number(baseline)}"
    return [_extent(scores), figures, *scores["verdict"]]


def rows(scores: Mapping[str, Any]) -> dict[tuple[float, str], str]:
    """Return a run's column of `compare`: (place, label) -> cell."""
    best, whole = scores["best_baseline"], scores["whole"]
    model = {(0.0, label): _cell(key, whole["model"][key]) for key, label in MEASURES.items()}
    return {
        **model,
        (1.0, "best baseline"): str(best),
        (1.0, "its bits/char"): number(whole[best]["bits_per_character"]),
    }


def measured_on(run: Compared, scores: Mapping[str, Any]) -> Hashable:
    """Return what must be equal: the part's length, and how the text was made plainer."""
    return scores["characters"], *(run.settings.get(key) for key in FOLDING)


def same_unit(first: Compared, second: Compared) -> bool:
    """Compare the encoders: a nat of a symbol is one of as many characters."""
    return bool(first.encoders["encoder"] == second.encoders["encoder"])


def _extent(scores: Mapping[str, Any]) -> str:
    units = "" if scores["encoder"] == "characters" else f" in {scores['symbols']:,} {scores['encoder']}"
    unseen = f", {scores['unseen']:,} of them unseen in training" if scores["unseen"] else ""
    return f"{scores['split']} split of {scores['data']}: {scores['characters']:,} characters{units}{unseen}"


def _cell(key: str, value: float | None) -> str:
    if key == "skill" and value is not None:
        return f"{value:+.3f}"
    return number(value)
