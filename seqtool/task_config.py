"""Hyper-parameters that families share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from seqtool.config import Opt

LEAST_STEPS, LEAST_EPOCHS = 1000, 8  # of a training whose configuration leaves their number open


@dataclass(frozen=True)
class TaskConfig:
    """Hyper-parameters that every family shares; a family adds its own below."""

    NETWORK: ClassVar[tuple[str, ...]] = ()
    """Settings that decide what the weights mean: with `--init-from` they are those of that run, and no others."""
    INHERITED: ClassVar[tuple[str, ...]] = ()
    """Settings that with `--init-from` are those of that run where nobody gives others."""

    FROM_DATA: ClassVar[tuple[str, ...]] = ()
    """Settings that the family has a rule for, by the size of the data: those that `from_data` may name."""

    source: Annotated[str, Opt("named data set to train on; empty: the task's own")] = ""
    format: Annotated[
        Literal[
            "auto", "csv", "tsv", "semicolon", "pipe", "jsonl", "json", "lines", "conllu", "columns", "slashes", "penn"
        ],
        Opt("how a data file is written; auto: as its content says"),
    ] = "auto"
    encoding: Annotated[str, Opt("encoding of data files, such as windows-1252; empty: UTF-8 or UTF-16")] = ""
    from_data: Annotated[
        tuple[str, ...], Opt("settings that follow the size of the data where no option gives a number; empty: none")
    ] = ()
    batch: Annotated[int, Opt("records (windows, sentences, streams) a step", ge=1, le=65536)] = 64
    epochs: Annotated[
        int, Opt("passes over the training data at most; 0: 8, or as many as make 1,000 steps", ge=0, le=100_000)
    ] = 30
    max_steps: Annotated[int, Opt("optimiser steps at most; 0: no limit", ge=0, le=100_000_000)] = 0
    max_minutes: Annotated[
        float,
        Opt(
            "minutes of the whole training, scores and pictures included; its steps and schedule fit in; 0: no limit",
            ge=0,
            le=1_000_000,
        ),
    ] = 0.0
    evaluate_every: Annotated[int, Opt("steps between evaluations; 0: once an epoch", ge=0)] = 0
    patience: Annotated[int, Opt("evaluations without a better one before stopping; 0: never", ge=0)] = 0
    metric: Annotated[
        str,
        Opt("validation figure that chooses the best weights and counts for --patience; empty: error, else loss"),
    ] = ""
    optimiser: Annotated[Literal["adam", "rmsprop", "sgd", "adagrad"], Opt("optimiser")] = "adam"
    learning_rate: Annotated[float, Opt("learning rate (peak of one-cycle)", gt=0, le=100)] = 1e-3
    momentum: Annotated[float, Opt("momentum of sgd and rmsprop", ge=0, lt=1)] = 0.0
    rms_decay: Annotated[float, Opt("averaging constant of rmsprop", ge=0, lt=1)] = 0.99
    schedule: Annotated[
        Literal["constant", "one-cycle", "exponential", "inverse-square-root", "luong5", "luong10", "luong234"],
        Opt("learning-rate schedule; luong5, luong10, luong234: those of tensorflow/nmt, halved in the last part"),
    ] = "constant"
    warm_up: Annotated[float, Opt("share of the steps in which one-cycle and inverse-square-root rise", ge=0, lt=1)] = (
        0.3
    )
    decay: Annotated[float, Opt("factor of each next rate of the exponential schedule", gt=0, le=1)] = 0.98
    decay_every: Annotated[int, Opt("steps of the exponential schedule at one rate", ge=1, le=100_000_000)] = 10_000
    precision: Annotated[
        Literal["fp32", "bf16"], Opt("bf16: products in bfloat16, weights and loss in float32 (autocast)")
    ] = "fp32"
    refit: Annotated[
        bool,
        Opt("train again on training and validation part, as long as the best took; scaler and encoders stay"),
    ] = False
    keep: Annotated[
        int, Opt("checkpoints of the last evaluations that stay, for export --checkpoint average:N", ge=1, le=1000)
    ] = 1
    clip: Annotated[float, Opt("largest global norm of the gradient; 0: no clipping", ge=0)] = 1.0
    l2: Annotated[float, Opt("L2 penalty on weights (not on biases)", ge=0)] = 0.0

    def steps(self, of_an_epoch: int) -> int:
        """Return the optimiser steps of a training whose epochs have so many, if it goes to its end."""
        steps = (self.epochs or max(LEAST_EPOCHS, math.ceil(LEAST_STEPS / of_an_epoch))) * of_an_epoch
        return min(steps, self.max_steps) if self.max_steps else steps


@dataclass(frozen=True)
class RecordConfig(TaskConfig):
    """Hyper-parameters of families whose data are records, such as lines, sentences or pairs of them."""

    header: Annotated[Literal["auto", "yes", "no"], Opt("whether a table's first row names its columns")] = "auto"
    tokens: Annotated[int, Opt("tokens a step with their padding at most", ge=1, le=10_000_000)] = 8000
    split: Annotated[
        Literal["distinct", "random"],
        Opt("how what is one file is cut: distinct keeps all copies of a record on one side"),
    ] = "distinct"
    validation: Annotated[float, Opt("share of the records for validation", gt=0, lt=1)] = 0.1
    test: Annotated[float, Opt("share of the records for the test", gt=0, lt=1)] = 0.1
    fold: Annotated[int, Opt("which share is the test part, from 0", ge=0, le=1000)] = 0
