"""The training loop: seeded, and resumable bit for bit."""

from __future__ import annotations

import contextlib
import json
import math
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Self

import torch
from torch import Tensor, nn

from seqtool.data.splits import Encoders, Sampler
from seqtool.errors import SeqtoolError
from seqtool.nn.objective import Objective
from seqtool.paths import write_text
from seqtool.runs import HIGHER, deciding, decisive, read_metrics, sound
from seqtool.task_config import TaskConfig
from seqtool.training import checkpoint
from seqtool.training.limit import TimeLimit
from seqtool.training.optimisers import learning_rate, optimiser
from seqtool.types import Json

FLAT = 0.01  # share by which a figure falls at most where its curve is flat

MEASURED = {"step", "epoch", "train_loss", "gradient_norm", "tokens_per_second", "learning_rate", "seconds"}
"""What the loop adds to the figures of an evaluation."""

Event = Callable[[str, Json], None]
"""Takes "step" or "epoch" (an evaluation), and its figures."""


class Interrupt(contextlib.ExitStack):
    """While entered, the first SIGINT or SIGTERM sets `asked`; the next one has its usual effect."""

    asked: signal.Signals | None = None

    def __enter__(self) -> Self:
        # Python lets no other thread set handlers
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self.callback(signal.signal, number, signal.signal(number, self._ask))
        return self

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = signal.Signals(number)
        self.close()


@dataclass(frozen=True)
class Fit:
    """How far a training came; best: the deciding figure at `best_step`; interrupted: the signal that ended it or 0.

    best is infinite before the first evaluation. limit: the option that ended it before its steps were done, or "".
    """

    run: Path
    step: int
    best_step: int
    best: float
    interrupted: int = 0
    limit: str = ""


def still_falling(errors: Sequence[float]) -> bool:
    """Tell whether the deciding figure of the last evaluation is the best, and clearly better than a quarter before."""
    before = errors[: -max(1, len(errors) // 4)]
    # figures of which more is better come as negative ones
    return bool(before) and errors[-1] <= min(errors) and errors[-1] < min(before) - FLAT * abs(min(before))


def _hold(figures: Json) -> None:
    """Raise `TypeError` or `ValueError` for figures that are no numbers, or that the loop itself writes."""
    if "loss" not in figures or set(figures) & MEASURED:
        raise ValueError(f"an evaluation gives {', '.join(map(str, figures))}; its own figures, `loss` among them")
    for name, value in figures.items():
        if not isinstance(value, (int, float)):
            raise TypeError(f"the figure {name!r} of an evaluation is a {type(value).__name__}, not a number")


class Trainer:
    """A training: `fit` runs it to its end or to an interrupt."""

    def __init__(
        self, network: nn.Module, objective: Objective[nn.Module, Encoders], sampler: Sampler, config: TaskConfig,
        run: Path, device: torch.device,
    ) -> None:  # fmt: skip
        self.network, self.objective, self.sampler, self.config = network, objective, sampler, config
        self.run, self.device = run, device
        self.optimiser = optimiser(network, config)
        self.parameters = list(network.parameters())
        self.total = config.steps(sampler.steps)
        self.stop = self.total
        """The step to stop at; a refit stops earlier than `total`."""
        self.limit: TimeLimit | None = None
        self.step_number, self.bad, self.seconds = 0, 0, 0.0
        self.best, self.best_step = math.inf, 0
        self.kept: list[int] = []
        """The steps of the last evaluations, whose checkpoints are kept."""
        # the loss is summed on the device: reading it at each step would make the device wait for the host
        self.sum = torch.zeros((), dtype=torch.float64, device=device)
        self.norms = torch.zeros_like(self.sum)
        """The sum of the gradient's global norms before clipping; zero where nothing is clipped."""
        self.count = 0
        self._order: Tensor | None = None
        self._tokens, self._since = 0, time.monotonic()  # of the training since the last evaluation or the start

    def fit(self, event: Event) -> Fit:
        """Train until the steps or the patience run out, or the first Ctrl-C."""
        started = time.monotonic() - self.seconds
        evaluated, self._since = self.step_number, time.monotonic()
        with Interrupt() as interrupt:
            while self.step_number < self.stop and not self._out_of_patience():
                self.step()
                self._hold_limit()
                event("step", {"step": self.step_number, "total": self.stop})
                if self._evaluation_due() or self.step_number == self.stop:
                    self.seconds = time.monotonic() - started
                    event("epoch", self.evaluate())
                    evaluated, self._since = self.step_number, time.monotonic()
                    if self.limit is not None:
                        self.limit.evaluated()
                if interrupt.asked:
                    break
        if evaluated != self.step_number:
            self.seconds = time.monotonic() - started
            self.save()
        finished = self.step_number >= self.stop or self._out_of_patience()
        ended_by = 0 if finished or interrupt.asked is None else int(interrupt.asked)
        limit = self._limited() if finished else ""
        return Fit(self.run, self.step_number, self.best_step, self._best_figure, interrupted=ended_by, limit=limit)

    def hold_to(self, limit: TimeLimit) -> None:
        """End in time: the learning rate follows the steps that fit, which are counted again on the way."""
        self.limit = limit
        self.total = self.stop = limit.steps(self.step_number)

    def _hold_limit(self) -> None:
        if self.limit is None:
            return
        look = self.limit.due(self.step_number)
        if look or self._evaluation_due():
            self.sum.item()  # waits for the device
        self.limit.stepped()
        if look:
            self.hold_to(self.limit)

    def _limited(self) -> str:
        """Return the option that ended the training before its steps were done, or ""."""
        if self._out_of_patience():
            return "--patience"
        return "--max-minutes" if self.limit is not None and self.stop < self.limit.most else ""

    @property
    def every(self) -> int:
        """The steps from one evaluation to the next."""
        return self.config.evaluate_every or self.sampler.steps

    @property
    def _best_figure(self) -> float:
        """The deciding figure at `best_step`, as an evaluation gives it."""
        return -self.best if self.config.metric in HIGHER and self.best_step else self.best

    def _out_of_patience(self) -> bool:
        return bool(self.config.patience) and self.bad >= self.config.patience

    def _evaluation_due(self) -> bool:
        every = self.config.evaluate_every
        return self.step_number % every == 0 if every else self.sampler.at_epoch_end

    def step(self) -> None:
        """Take one optimiser step."""
        indices = self._next_indices()
        self._tokens += self.objective.tokens(indices)
        # a function of the step alone: a resumed training has nothing to restore
        rate = learning_rate(self.config, self.step_number, self.total)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.learn(indices)
        self.step_number += 1

    def learn(self, indices: Tensor) -> None:
        """Move the weights by the loss of some training records [B]."""
        self.optimiser.zero_grad(set_to_none=True)
        # bf16 around the loss alone: weights, optimiser, validation and file stay float32
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.precision == "bf16"):
            loss = self.objective.loss(indices)
        loss.backward()  # type: ignore[no-untyped-call]  # torch annotates it without types
        if self.config.clip:
            self.norms += nn.utils.clip_grad_norm_(self.parameters, self.config.clip, foreach=True)
        self.optimiser.step()
        self.sum += loss.detach()
        self.count += 1

    def _next_indices(self) -> Tensor:
        new_epoch = self._order is None or self.sampler.at_epoch_end
        chosen = self.sampler.next()
        if new_epoch:  # one copy to the device an epoch, not one a step
            device = "cpu" if self.sampler.on_host else self.device
            self._order = torch.as_tensor(self.sampler.order(), device=device)
        assert self._order is not None
        return self._order[chosen]

    def evaluate(self) -> Json:
        """Score the validation part, append the figures to metrics.jsonl, write a checkpoint; return the figures."""
        train_loss = (self.sum / max(1, self.count)).item()  # waits for the device: its steps are timed
        measured = self._measured(time.monotonic() - self._since)
        self.network.eval()
        figures = self.figures()
        self.network.train()
        _hold(figures)
        if not (math.isfinite(train_loss) and math.isfinite(figures["loss"])):
            raise SeqtoolError(
                f"the training diverged: the loss is {figures['loss']} at step {self.step_number}",
                where=str(self.run),
                cure="lower --learning-rate, or --clip the gradient",
            )
        if not math.isfinite(error := decisive(figures, self.config.metric)):
            what = f"{deciding(figures, self.config.metric)} cannot be measured at step {self.step_number}"
            raise SeqtoolError(what, where=str(self.run), cure="choose by another --metric")
        if error < self.best:
            self.best, self.best_step, self.bad = error, self.step_number, 0
        else:
            self.bad += 1
        self.kept = [*self.kept, self.step_number][-self.config.keep :]
        self.sum.zero_()
        self.norms.zero_()
        self.count = self._tokens = 0
        record = {
            "step": self.step_number,
            "epoch": round(self.step_number / self.sampler.steps, 4),
            "train_loss": train_loss,
            **figures,
            **measured,
            "learning_rate": learning_rate(self.config, self.step_number - 1, self.total),
            "seconds": round(self.seconds, 3),
        }
        with (self.run / "metrics.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        self.save()
        return {**record, "best": self._best_figure, "best_step": self.best_step, "total": self.stop}

    def figures(self) -> dict[str, float]:
        """Return the figures of an evaluation, the one that decides among them."""
        figures, metric = self.objective.evaluate(), self.config.metric
        return {**figures, metric: self.objective.measure(metric)} if metric and metric not in figures else figures

    def _measured(self, seconds: float) -> Json:
        """Return the gradient's norm, before clipping, and the speed, where the objective counts tokens.

        The norm is the mean over the steps since the last evaluation. Without clipping it is that of the last step:
        there no step computes it, and in a small network it costs 2 % of one.
        """
        norm = (self.norms / max(1, self.count)).item() if self.config.clip else self._last_norm()
        figures = {"gradient_norm": norm} if math.isfinite(norm) else {}
        if self._tokens:
            figures["tokens_per_second"] = round(self._tokens / max(seconds, 1e-9), 1)
        return figures

    def _last_norm(self) -> float:
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        return nn.utils.get_total_norm(gradients, foreach=True).item()

    def save(self) -> None:
        """Write a checkpoint."""
        state = {
            "step": self.step_number, "bad": self.bad, "seconds": self.seconds, "count": self.count,
            # JSON has no infinity
            "best": self.best if math.isfinite(self.best) else None, "best_step": self.best_step,
            "kept": self.kept, "sampler": self.sampler.state_dict(),
        }  # fmt: skip
        if self.limit is not None:
            state |= {"total": self.total, "used": self.limit.used}
        random = {"torch": torch.get_rng_state(), "sum": self.sum, "norms": self.norms, **self.objective.state_dict()}
        if self.device.type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state(self.device)
        parts = checkpoint.Checkpoint(
            dict(self.network.state_dict()), checkpoint.flatten(self.optimiser.state_dict()), random, state
        )
        # before the first evaluation the last checkpoint stands for the best
        best = self.best_step or self.step_number
        checkpoint.save(self.run / "checkpoints", self.step_number, parts, best=best, kept=self.kept)

    def restore(self, saved: checkpoint.Checkpoint) -> None:
        """Go on from `saved`; drops later lines of metrics.jsonl, which will be written again."""
        checkpoint.into(self.network, saved.network, self.run)
        self.optimiser.load_state_dict(checkpoint.unflatten(saved.optimiser, self.optimiser.state_dict()))
        state = saved.state
        self.step_number, self.bad, self.seconds = state["step"], state["bad"], state["seconds"]
        self.total = self.stop = state.get("total", self.total)
        self.best = math.inf if state["best"] is None else state["best"]
        self.best_step, self.count, self.kept = state["best_step"], state["count"], state.get("kept", [])
        self.sum.copy_(saved.random["sum"])
        # earlier versions kept no norms: with NaN the next evaluation has none
        self.norms.copy_(saved.random.get("norms", self.norms + (math.nan if self.count else 0.0)))
        with sound("state.json", self.run):
            self.sampler.load_state_dict(state["sampler"])
        self.objective.load_state_dict(saved.random)
        torch.set_rng_state(saved.random["torch"])
        if self.device.type == "cuda" and "cuda" in saved.random:
            torch.cuda.set_rng_state(saved.random["cuda"], self.device)
        metrics = self.run / "metrics.jsonl"
        if metrics.exists():
            kept = [line for line in read_metrics(self.run) if line["step"] <= self.step_number]
            write_text(metrics, "".join(json.dumps(line) + "\n" for line in kept))
