"""Pictures: loss curves, windows, forecasts."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seqtool.cli.output import warn
from seqtool.errors import MissingExtra
from seqtool.paths import replacing
from seqtool.report.fonts import cover
from seqtool.report.tables import cut, cut_middle
from seqtool.task import decisive

SEEN, TRUTH, FORECAST = "#5b6770", "#1b7837", "#d95f02"
# Okabe and Ito (2008): told apart by colour-blind readers too; without their yellow, which is faint on white
RUNS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
LEGEND = 40
DOTS = 110
"""Of an inch."""
SHOWN = 20
"""Characters of those that no font has."""
DECIDING = {"bleu": "BLEU of greedy translations", "error": "share of errors"}
"""What an evaluation may tell beside the loss that decides on the best: the first that it has is drawn."""
STEEP = 20
"""A range this many times its smallest value is drawn on a logarithmic axis."""


def figure(rows: int = 1, height: float = 3.2, width: float = 9.0) -> tuple[Any, list[Any]]:
    """Return a figure and its axes, drawn without a screen; raises `MissingExtra` where matplotlib is not."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("plots need matplotlib", cure='pip install "seqtool[train]"') from error
    made = Figure(figsize=(width, height * rows), layout="constrained")
    FigureCanvasAgg(made)
    axes = made.subplots(rows, 1, squeeze=False)[:, 0]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25, linewidth=0.6)
        axis.set_axisbelow(True)
    return made, list(axes)


def save(made: Any, path: Path) -> Path:
    """Write a figure as PNG, whole or not at all; say which characters no font of this machine has."""
    for axis in made.axes:
        axis.title.set_parse_math(False)  # a file may be called a$b$
    with warnings.catch_warnings(), replacing(path) as temporary:
        warnings.filterwarnings("ignore", message="Glyph ")  # said below, once
        made.savefig(temporary, format="png", dpi=DOTS)
        lacking = cover(made)
        if lacking is not None:
            made.savefig(temporary, format="png", dpi=DOTS)
    if lacking:
        warn(f"no font here has {cut(lacking, SHOWN)}: boxes stand in their place in {path.name}; install one that has")
    return path


def curves(metrics: Sequence[Mapping[str, float]], path: Path, title: str, unit: str) -> Path:
    """Draw training and validation loss over the steps, the best marked; below, what chose it where that is no loss."""
    decided_by = next((key for key in DECIDING if key in metrics[0]), None)
    made, (axis, *below) = figure(rows=2 if decided_by else 1)
    steps = [line["step"] for line in metrics]
    dot = "." if len(steps) == 1 else None  # a line of one point is not seen
    axis.plot(steps, [line["train_loss"] for line in metrics], marker=dot, color=SEEN, label="training", linewidth=1.2)
    axis.plot(steps, [line["loss"] for line in metrics], color=FORECAST, label="validation", linewidth=1.6)
    best = min(metrics, key=decisive)
    perplexity = f", perplexity {best['perplexity']:.4g}" if "perplexity" in best else ""
    said = f"best: {best['loss']:.4g}{perplexity} at step {best['step']:.0f}"
    axis.plot([best["step"]], [best["loss"]], "o", color=FORECAST, label=said)
    if min(line["train_loss"] for line in metrics) > 0 and max(line["loss"] for line in metrics) > STEEP * best["loss"]:
        axis.set_yscale("log")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set(title=title, xlabel="step", ylabel=unit)
    if "bits_per_character" in best:
        _second_axis(axis, best["bits_per_character"] / best["loss"], "bits a character")
    axis.legend(frameon=False)
    if decided_by:
        values = [line[decided_by] for line in metrics]
        below[0].plot(steps, values, marker=dot, color=FORECAST, linewidth=1.6)
        below[0].plot([best["step"]], [best[decided_by]], "o", color=FORECAST, label=f"best: {best[decided_by]:.4g}")
        below[0].set(xlabel="step", ylabel=DECIDING[decided_by])
        below[0].legend(frameon=False)
    return save(made, path)


def _second_axis(axis: Any, factor: float, unit: str) -> None:
    """Show the values times `factor` at the right."""
    axis.secondary_yaxis("right", functions=(lambda y: y * factor, lambda y: y / factor)).set_ylabel(unit)


def several_curves(runs: Mapping[str, Sequence[Mapping[str, float]]], path: Path, unit: str) -> Path:
    """Draw the losses of several runs, by name, over the steps: validation solid, training dashed, the best marked."""
    made, (axis,) = figure(height=4.5)
    for number, (name, metrics) in enumerate(runs.items()):
        color, steps = RUNS[number % len(RUNS)], [line["step"] for line in metrics]
        axis.plot(steps, [line["train_loss"] for line in metrics], "--", color=color, linewidth=1.0, alpha=0.7)
        axis.plot(steps, [line["loss"] for line in metrics], color=color, linewidth=1.8, label=name)
        best = min(metrics, key=decisive)
        axis.plot([best["step"]], [best["loss"]], "o", color=color)
    _logarithmic(axis, runs.values())
    axis.set(xlabel="step", ylabel=unit, title="validation loss (dashed: training; dot: best)")
    legend = axis.legend(axis.lines[1::3], [cut_middle(name, LEGEND) for name in runs], frameon=False, fontsize=9)
    for text in legend.get_texts():
        text.set_parse_math(False)  # a folder may be called a$b$
    return save(made, path)


def _logarithmic(axis: Any, runs: Iterable[Sequence[Mapping[str, float]]]) -> None:
    """Make an axis logarithmic where linear steps would press a curve flat."""
    losses = [line[key] for metrics in runs for line in metrics for key in ("loss", "train_loss")]
    if min(losses) > 0 and max(losses) > STEEP * min(losses):
        axis.set_yscale("log")
    lengths = [metrics[-1]["step"] for metrics in runs]
    if max(lengths) > STEEP * min(lengths):
        axis.set_xscale("log")


def fan(axis: Any, x: Any, quantiles: Any, levels: Sequence[float], *, first: bool = True) -> None:
    """Draw quantiles [N,Q] over x [N] as bands, each from a level to the one as far from the other end."""
    for low in range(len(levels) // 2):
        high = len(levels) - 1 - low
        label = f"{100 * levels[low]:g} to {100 * levels[high]:g} %" if first else None
        axis.fill_between(
            x, quantiles[:, low], quantiles[:, high], color=FORECAST, alpha=0.18, linewidth=0, label=label
        )


def continuation(axis: Any, seen: Any, truth: Any, forecast: Any, *, first: bool = True) -> None:
    """Draw what was seen, what came (NaN where unknown) and what was forecast, each (x, y)."""
    for (x, y), color, label, style in (
        (seen, SEEN, "seen", "-"),
        (truth, TRUTH, "true", "-"),
        (forecast, FORECAST, "forecast", "--"),
    ):
        if len(x):
            axis.plot(x, y, style, color=color, linewidth=1.5, label=label if first else None)
    axis.axvline(forecast[0][0], color=SEEN, linewidth=0.6, alpha=0.6)
