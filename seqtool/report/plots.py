"""Pictures: loss curves, windows, forecasts."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.errors import MissingExtra
from seqtool.paths import replacing
from seqtool.report.tables import cut, cut_middle
from seqtool.runs import decisive
from seqtool.say import warn

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from seqtool.types import Array

    Points = tuple[Array, Array]

SEEN, TRUTH, FORECAST = "#5b6770", "#1b7837", "#d95f02"
# Okabe and Ito (2008): colour-blind readers can tell these apart. Their yellow is left out: it is faint on white.
RUNS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
LEGEND = 40  # characters of a name
FEW_STEPS = 12  # of a forecast that are marked one by one
DOTS = 110  # per inch
SHOWN = 20  # characters that no font has, in the warning
# Figures of an evaluation that choose the best weights in place of the loss; the first one present is drawn.
DECIDING = {"bleu": "BLEU of greedy translations", "error": "share of errors"}
TITLES = {
    **DECIDING, "chrf": "chrF of greedy translations", "micro_f1": "micro F1", "macro_f1": "macro F1",
    "entity_f1": "F1 of entities", "rmse": "RMSE over the path", "mae": "MAE", "mase": "MASE", "smape": "sMAPE, %",
    "wql": "weighted quantile loss", "log_loss": "log loss, nats", "bits_per_character": "bits a character",
}  # fmt: skip
STEEP = 20  # an axis is logarithmic where the largest value is this many times the smallest
BOXES = "Last Resort"  # a font that has a box for every character: it would hide what is lacking


def figure(rows: int = 1, height: float = 3.2, width: float = 9.0) -> tuple[Figure, list[Axes]]:
    """Return a figure and its axes, height and width in inches; raises `MissingExtra` without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("plots need matplotlib", cure='pip install "seqtool[train]"') from error
    # Not pyplot: it keeps every figure, and looks for a screen.
    canvas = Figure(figsize=(width, height * rows), layout="constrained")
    FigureCanvasAgg(canvas)
    axes = canvas.subplots(rows, 1, squeeze=False)[:, 0]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25, linewidth=0.6)
        axis.set_axisbelow(True)
    return canvas, list(axes)


def _shorten_dates(axis: Axes) -> None:
    """Write what the dates of an axis share once, at its end: whole dates run into each other."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = axis.xaxis.get_major_locator()
    if isinstance(locator, AutoDateLocator):
        axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def legend(drawn: Figure) -> None:
    """Name the lines of all axes of a figure once, below them: inside a name may lie on a line."""
    named: dict[str, Artist] = {}
    for axis in drawn.axes:
        handles, labels = axis.get_legend_handles_labels()
        named |= dict(zip(labels, handles, strict=True))
    drawn.legend([*named.values()], [*named], frameon=False, fontsize=8, ncols=4, loc="outside lower center")


def save(drawn: Figure, path: Path) -> Path:
    """Write a figure, whole or not at all: SVG where the file is named so, else PNG; warn of what no font here has."""
    for axis in drawn.axes:
        axis.title.set_parse_math(False)  # a file may be called a$b$
        _shorten_dates(axis)
    with warnings.catch_warnings(), replacing(path) as temporary:
        warnings.filterwarnings("ignore", message="Glyph ")  # said below, once
        form = "svg" if path.suffix.lower() == ".svg" else "png"
        drawn.savefig(temporary, format=form, dpi=DOTS)
        # Only a drawn figure has all its texts, such as those of the ticks: it is drawn twice where it needs fonts.
        lacking = cover(drawn)
        if lacking is not None:
            drawn.savefig(temporary, format=form, dpi=DOTS)
    if lacking:
        warn(f"no font here has {cut(lacking, SHOWN)}: boxes stand in their place in {path.name}; install one that has")
    return path


def cover(drawn: Figure) -> str | None:
    """Give the texts of a drawn figure fonts of this machine for characters that matplotlib's own font lacks.

    Returns the characters that no font has, in order, each once; None where the figure needs no other font.
    """
    from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
    from matplotlib.text import Text

    texts = [text for text in drawn.findobj(Text) if not text.get_text().isascii()]
    wanted = dict.fromkeys(ord(letter) for text in texts for letter in text.get_text() if not letter.isspace())
    lacking = wanted.keys() - get_font(findfont(FontProperties())).get_charmap().keys()
    if not lacking:
        return None
    families = ["sans-serif"]
    for font in fontManager.ttflist:
        if font.style != "normal" or font.name.startswith(BOXES):
            continue
        covered = lacking & get_font(font.fname).get_charmap().keys()
        if covered:
            families.append(font.name)
            lacking -= covered
        if not lacking:
            break
    for text in texts:
        text.set_fontfamily(families)
    return "".join(chr(code) for code in wanted if code in lacking)


def curves(metrics: Sequence[Mapping[str, float]], path: Path, title: str, unit: str, metric: str = "") -> Path:
    """Draw training and validation loss over the steps, the best marked; below, the figure that chose it instead.

    metric: what chose it where that was set.
    """
    decided_by = next((key for key in DECIDING if key in metrics[0]), None)
    if metric:
        decided_by = metric if metric != "loss" else None
    drawn, (axis, *below) = figure(rows=2 if decided_by else 1)
    steps = [line["step"] for line in metrics]
    dot = "." if len(steps) == 1 else None  # a line of one point is invisible
    axis.plot(steps, [line["train_loss"] for line in metrics], marker=dot, color=SEEN, label="training", linewidth=1.2)
    axis.plot(steps, [line["loss"] for line in metrics], color=FORECAST, label="validation", linewidth=1.6)
    best = min(metrics, key=lambda line: decisive(line, metric))
    perplexity = f", perplexity {best['perplexity']:.4g}" if "perplexity" in best else ""
    label = f"best: {best['loss']:.4g}{perplexity} at step {best['step']:.0f}"
    axis.plot([best["step"]], [best["loss"]], "o", color=FORECAST, label=label)
    least = min(*(line["train_loss"] for line in metrics), best["loss"])  # below zero where it is a likelihood
    if least > 0 and max(line["loss"] for line in metrics) > STEEP * best["loss"]:
        axis.set_yscale("log")
    axis.locator_params(axis="x", integer=True)
    axis.set(title=title, xlabel="step", ylabel=unit)
    if "bits_per_character" in best:
        import numpy as np  # not at the top: `compare` without --plot needs none

        factor = best["bits_per_character"] / best["loss"]
        functions = (lambda y: np.multiply(y, factor), lambda y: np.divide(y, factor))
        right = axis.secondary_yaxis("right", functions=functions)
        right.set_ylabel("bits a character")
    axis.legend(frameon=False)
    if decided_by:
        values = [line[decided_by] for line in metrics]
        below[0].plot(steps, values, marker=dot, color=FORECAST, linewidth=1.6)
        below[0].plot([best["step"]], [best[decided_by]], "o", color=FORECAST, label=f"best: {best[decided_by]:.4g}")
        below[0].set(xlabel="step", ylabel=TITLES.get(decided_by, decided_by))
        below[0].legend(frameon=False)
    return save(drawn, path)


def several_curves(
    runs: Mapping[str, Sequence[Mapping[str, float]]], path: Path, unit: str, chosen: Mapping[str, str] | None = None
) -> Path:
    """Draw the losses of several runs, by name, over the steps: validation solid, training dashed, the best marked.

    chosen: the --metric of each run.
    """
    drawn, (axis,) = figure(height=4.5)
    for number, (name, metrics) in enumerate(runs.items()):
        color, steps = RUNS[number % len(RUNS)], [line["step"] for line in metrics]
        axis.plot(steps, [line["train_loss"] for line in metrics], "--", color=color, linewidth=1.0, alpha=0.7)
        axis.plot(steps, [line["loss"] for line in metrics], color=color, linewidth=1.8, label=name)
        metric = (chosen or {}).get(name, "")
        best = min(metrics, key=lambda line: decisive(line, metric))
        axis.plot([best["step"]], [best["loss"]], "o", color=color)
    losses = [line[key] for metrics in runs.values() for line in metrics for key in ("loss", "train_loss")]
    if min(losses) > 0 and max(losses) > STEEP * min(losses):  # a log-likelihood of densities may be negative
        axis.set_yscale("log")
    lengths = [metrics[-1]["step"] for metrics in runs.values()]
    if max(lengths) > STEEP * min(lengths):
        axis.set_xscale("log")
    axis.set(xlabel="step", ylabel=unit, title="validation loss (dashed: training; dot: best)")
    # By lines: matplotlib leaves a label out that begins with an underscore, and a folder's name may.
    legend = axis.legend(axis.lines[1::3], [cut_middle(name, LEGEND) for name in runs], frameon=False, fontsize=9)
    for text in legend.get_texts():
        text.set_parse_math(False)  # a folder may be called a$b$
    return save(drawn, path)


def fan(axis: Axes, x: Array, quantiles: Array, levels: Sequence[float], *, first: bool = True) -> None:
    """Draw quantiles [N,Q] over x [N] as bands: from the lowest level to the highest, and so on inwards."""
    for low in range(len(levels) // 2):
        high = len(levels) - 1 - low
        label = f"{100 * levels[low]:g} to {100 * levels[high]:g} %" if first else None
        edges = quantiles[:, low], quantiles[:, high]
        if len(x) == 1:  # nor can a band of one step
            axis.vlines(x, *edges, color=FORECAST, alpha=0.18, linewidth=9, label=label or "_nolegend_")
            continue
        axis.fill_between(x, *edges, color=FORECAST, alpha=0.18, linewidth=0, label=label)


def continuation(axis: Axes, seen: Points, truth: Points, forecast: Points, *, first: bool = True) -> None:
    """Draw the history, the true values (NaN where unknown) and the forecast, each given as (x, y).

    Truth and forecast begin at the last value that was seen; few steps have a mark each.
    """
    import numpy as np  # not at the top: `compare` without --plot needs none

    known = np.flatnonzero(np.isfinite(seen[1]))
    last = known[-1:]  # none where nothing was seen
    lines = [(truth, TRUTH, "true", "-"), (forecast, FORECAST, "forecast", "--")]
    axis.plot(*seen, "-", color=SEEN, linewidth=1.5, label="seen" if first else None)
    for (x, y), color, label, style in lines:
        if not len(x):
            continue
        joined = np.concatenate([seen[0][last], x]), np.concatenate([seen[1][last], y])
        axis.plot(*joined, style, color=color, linewidth=1.5, label=label if first else None)
        if len(x) <= FEW_STEPS:
            axis.plot(x, y, "o", color=color, markersize=4, label="_nolegend_")
    axis.axvline(forecast[0][0], color=SEEN, linewidth=0.6, alpha=0.6)
