"""How the scores of each family are shown, by `compare` and elsewhere: a row of `FAMILIES` each."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seqtool.errors import SeqtoolError
from seqtool.report import classification_scores, generation_scores, tagging_scores, translation_scores
from seqtool.report.compared import Compared
from seqtool.report.tables import forecast_brief, forecast_scores, number

Rows = dict[tuple[float, str], str]
"""A run's column of a table: (place, label) -> cell; rows of a lower place stand higher."""

MEASURES = {"rmse": "RMSE", "mae": "MAE", "mase": "MASE", "skill": "skill"}
CLOSE = 0.05
"""Deviations that differ by less make one unit: another window or gap moves the training part a little."""


@dataclass(frozen=True)
class Family:
    """A run's column of `compare`, what it was measured on, whether two runs' losses are in one unit; all as lines.

    `brief` is for `inspect`; `loss` names the unit of the validation loss, `parts` what `measured_on` tells apart.
    """

    rows: Callable[[Mapping[str, Any]], Rows]
    measured_on: Callable[[Compared, Mapping[str, Any]], Hashable]
    same_unit: Callable[[Compared, Compared], bool]
    lines: Callable[[Mapping[str, Any]], list[str]]
    brief: Callable[[Mapping[str, Any]], list[str]]
    loss: str
    parts: str


def score_lines(family: str, scores: Mapping[str, Any]) -> list[str]:
    """Return scores as lines of text, as JSON where the family is not known here; raises as a damaged file does."""
    return FAMILIES[family].lines(scores) if family in FAMILIES else [json.dumps(scores, ensure_ascii=False)]


def score_brief(family: str, scores: Mapping[str, Any]) -> list[str]:
    """Return the gist of scores as lines; raises `KeyError` where the family is not known here."""
    return FAMILIES[family].brief(scores)


def loss_unit(family: str) -> str:
    """Return the unit of a family's validation loss."""
    return FAMILIES[family].loss if family in FAMILIES else "loss"


def score_rows(run: Compared, split: str) -> Rows:
    """Return the rows of a run's scores, {} without; raises `SeqtoolError` where they are damaged."""
    if split not in run.scores or run.family not in FAMILIES:
        return {}
    with _damaged(run):
        return FAMILIES[run.family].rows(run.scores[split])


def scored_on(run: Compared, split: str) -> Hashable:
    """Return what must be equal for two runs' scores on the same data to be comparable."""
    if run.family not in FAMILIES:
        return None
    with _damaged(run):
        return FAMILIES[run.family].measured_on(run, run.scores[split])


def same_unit(first: Compared, second: Compared) -> bool:
    """Whether the losses of two runs can stand in one picture, as far as task, data and encoders tell."""
    if (first.family, first.task, first.sums) != (second.family, second.task, second.sums):
        return False
    if first.family not in FAMILIES:
        return first.encoders == second.encoders
    return FAMILIES[first.family].same_unit(first, second)


def part_words(family: str) -> str:
    """Return what scores of a family on the same data may differ in."""
    return FAMILIES[family].parts if family in FAMILIES else "parts of the data"


@contextlib.contextmanager
def _damaged(run: Compared) -> Iterator[None]:
    """Turn what a file of another shape raises into words."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SeqtoolError("scores.json is damaged", where=str(run.folder), cure="train again") from error


def _forecast_rows(scores: Mapping[str, Any]) -> Rows:
    """Show the model at each horizon and over the whole path, the best baseline there, and its quantiles' worth."""
    rows: Rows = {}
    for horizon, made in scores["horizons"].items():
        rows |= _measures(int(horizon), f"horizon {horizon}", made["model"])
    best, path = str(scores["best_baseline"]), scores["path"]
    whole = scores["whole"]["model"] if "whole" in scores else {"rmse": path["model"]}  # none in the first models
    rows |= _measures(math.inf, "path", whole)
    rows[math.inf, "best baseline"] = best
    rows[math.inf, "its path RMSE"] = number(path[best])
    if scores.get("wql", {}).get("path") is not None:
        rows[math.inf, "path WQL"] = number(scores["wql"]["path"])
    for nominal, shares in scores.get("coverage", {}).items():
        if shares["path"] is not None:
            rows[math.inf, f"{100 * float(nominal):g} % interval covers"] = f"{100 * shares['path']:.1f} %"
    return rows


def _measures(place: float, where: str, found: Mapping[str, float | None]) -> Rows:
    return {
        (place, f"{where} {label}"): f"{value:+.3f}" if key == "skill" else number(value)
        for key, label in MEASURES.items()
        if (value := found.get(key)) is not None
    }


def _forecast_measured_on(run: Compared, scores: Mapping[str, Any]) -> Hashable:
    return tuple(run.encoders["columns"]), str([scores[key] for key in ("from", "to", "origins")]), *scores["horizons"]


def _forecast_same_unit(first: Compared, second: Compared) -> bool:
    """Compare the scalers, whose deviations are the unit of the mean squared error."""
    one, other = first.encoders["scaler"], second.encoders["scaler"]
    alike = ("kind", "factor", "season")
    return [one[key] for key in alike] == [other[key] for key in alike] and (
        first.encoders["columns"] == second.encoders["columns"]
        and all(math.isclose(a, b, rel_tol=CLOSE) for a, b in zip(one["deviation"], other["deviation"], strict=True))
    )


FAMILIES = {
    "forecasting": Family(
        _forecast_rows, _forecast_measured_on, _forecast_same_unit, forecast_scores, forecast_brief,
        "mean squared error", "columns, origins or horizons",
    ),
    "generation": Family(
        generation_scores.rows, generation_scores.measured_on, generation_scores.same_unit, generation_scores.lines,
        generation_scores.brief, "cross-entropy, nats a symbol",
        "parts of the text, or on one made plainer in another way",
    ),
    "classification": Family(
        classification_scores.rows, classification_scores.measured_on, classification_scores.same_unit,
        classification_scores.lines, classification_scores.brief, "cross-entropy, nats a text", "parts of the texts",
    ),
    "tagging": Family(
        tagging_scores.rows, tagging_scores.measured_on, tagging_scores.same_unit, tagging_scores.lines,
        tagging_scores.brief, "cross-entropy, nats a word", "parts of the sentences, or in another field",
    ),
    "translation": Family(
        translation_scores.rows, translation_scores.measured_on, translation_scores.same_unit,
        translation_scores.lines, translation_scores.brief, "cross-entropy, nats a token",
        "parts of the pairs, or in the other direction",
    ),
}  # fmt: skip
