"""Progress of a training: one line for each evaluation, and on a terminal a live line below them."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqtool.runs import deciding

if TYPE_CHECKING:
    from rich.progress import Progress as Live
    from rich.progress import TaskID

REFRESH = 0.2  # seconds


class Progress:
    """A context that is called with the loop's events "step" and "epoch"; everything goes to stderr."""

    def __init__(self, steps: int, metric: str = "") -> None:
        self.total, self.metric = steps, metric
        self.terminal = sys.stderr.isatty()
        self.started, self.first_step, self.next_refresh = time.monotonic(), 0, 0.0
        self._live: tuple[Live, TaskID] | None = None
        self._words = ""

    def __enter__(self) -> Progress:
        if self.terminal:
            from rich.console import Console  # a log does without rich
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Live

            live = Live(
                TextColumn("step"), MofNCompleteColumn(), BarColumn(bar_width=24), TextColumn("{task.fields[words]}"),
                TextColumn("{task.fields[speed]} steps/s, left"), TimeRemainingColumn(),
                console=Console(stderr=True), transient=True, refresh_per_second=5,
            )  # fmt: skip
            self._live = live, live.add_task("train", total=self.total, words="", speed="")
            live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live[0].stop()

    def __call__(self, event: str, values: Mapping[str, Any]) -> None:
        """Show a step or an evaluation."""
        if event == "epoch":
            self._evaluated(values)
        elif self._live is not None and time.monotonic() >= self.next_refresh:
            self.next_refresh = time.monotonic() + REFRESH
            self._advance(values["step"])

    def _advance(self, step: int) -> None:
        if self._live is None:
            return
        live, bar = self._live
        self.first_step = self.first_step or step  # a resumed run does not begin at step 0
        elapsed = time.monotonic() - self.started
        speed = (step - self.first_step) / elapsed if elapsed > 0 else 0.0
        live.update(bar, completed=step, words=self._words, speed=f"{speed:.0f}")

    def _evaluated(self, values: Mapping[str, Any]) -> None:
        by = deciding(values, self.metric)
        self._words = f"{by} {values[by]:.4f}, best {values['best']:.4f}"
        self._advance(values["step"])
        rate = values["step"] / values["seconds"] if values["seconds"] > 0 else 0.0
        error = f"  {by} {values[by]:.4f}" if by != "loss" else ""
        sys.stderr.write(
            f"step {values['step']}/{values['total']}  train {values['train_loss']:.4f}  "
            f"validation {values['loss']:.4f}{error}  best {values['best']:.4f}{_seen(values)}  {rate:.0f} steps/s\n"
        )
        sys.stderr.flush()


def _seen(values: Mapping[str, Any]) -> str:
    """Return the figures that not every evaluation has, each behind two blanks."""
    shown = [
        ("bleu", "BLEU {:.2f}"), ("perplexity", "perplexity {:.4g}"), ("gradient_norm", "gradient {:.3g}"),
        ("tokens_per_second", "{:,.0f} tokens/s"),
    ]  # fmt: skip
    return "".join("  " + form.format(values[name]) for name, form in shown if name in values)
