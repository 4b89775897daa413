"""The hyper-parameters of a forecaster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from seqtool.config import Opt
from seqtool.families.recurrent import RecurrentConfig

Statistic = Literal["ets", "theta", "arima"]


@dataclass(frozen=True)
class ForecastingConfig(RecurrentConfig):
    """Data, network and training of a forecaster; each field is an option of `train`."""

    FROM_DATA: ClassVar[tuple[str, ...]] = (
        "validation", "window", "horizon", "highway", "batch", "epochs", "patience", "evaluate_every",
    )  # fmt: skip

    columns: Annotated[
        tuple[str, ...],
        Opt("columns, or series of a long table, to forecast; empty: found", also="--value-column"),
    ] = ()
    time_column: Annotated[
        tuple[str, ...], Opt("column of time stamps, or several: date,clock or year,month,day,hour; empty: found")
    ] = ()
    id_column: Annotated[
        tuple[str, ...], Opt("column that names the series of a long table, or several; empty: a wide one")
    ] = ()
    known: Annotated[
        tuple[str, ...], Opt("columns beside the values that the future has too, such as price,holiday")
    ] = ()
    past: Annotated[tuple[str, ...], Opt("columns beside the values that end with them, such as temperature")] = ()
    static: Annotated[tuple[str, ...], Opt("columns that are one value a series, such as region (pooled)")] = ()
    category: Annotated[tuple[str, ...], Opt("columns beside the values whose numbers are names, such as codes")] = ()
    holidays: Annotated[
        tuple[str, ...], Opt("countries, or parts of them, whose holidays are known: DE or DE-BY (seqtool[holidays])")
    ] = ()
    ignore_column: Annotated[tuple[str, ...], Opt("columns to leave out")] = ()
    header: Annotated[Literal["auto", "yes", "no"], Opt("whether a table's first row names its columns")] = "auto"
    decimal: Annotated[str, Opt("decimal mark of numbers, . or ,; empty: found")] = ""
    thousands: Annotated[str, Opt("mark between thousands: . , ' or blank; empty: found")] = ""
    missing: Annotated[tuple[str, ...], Opt("marks of missing values beside the usual ones, such as -999")] = ()
    date_order: Annotated[
        Literal["auto", "dmy", "mdy"], Opt("whether the day or the month of a date such as 1/2/2024 comes first")
    ] = "auto"
    date_format: Annotated[
        str, Opt("how dates are written, in the words of strptime, such as %d/%m/%y; empty: found")
    ] = ""
    timezone: Annotated[str, Opt("zone of time stamps without an offset, such as Europe/Madrid; empty: none")] = ""
    periods: Annotated[int, Opt("numbered periods of a day beside its date: 24, 48 or 96; 0: found", ge=0, le=96)] = 0
    resample: Annotated[
        Literal["", "mean", "sum", "last"], Opt("how rows are put together into longer steps (--step); empty: not")
    ] = ""
    step: Annotated[
        Literal["", "minute", "hour", "day", "week", "month", "quarter", "year"],
        Opt("the longer step of --resample; empty: none"),
    ] = ""
    several: Annotated[
        Literal["joint", "pooled", "auto"],
        Opt("several series: a vector that is forecast as a whole, or each alone by one model; auto: pooled with ids"),
    ] = "joint"
    no_time: Annotated[bool, Opt("rows are steps, the oldest first, whatever columns there are")] = False
    skip: Annotated[int, Opt("first time steps to leave out", ge=0)] = 0
    validation: Annotated[float, Opt("share (below 1) or number of time steps for validation", gt=0)] = 0.1
    test: Annotated[float, Opt("share (below 1) or number of time steps, the newest, for the test", gt=0)] = 0.2
    gap: Annotated[int, Opt("time steps between the targets of two parts; -1: a window", ge=-1, le=100_000)] = -1
    season: Annotated[
        int | Literal["day", "week", "year"],
        Opt("time steps of a season, or what they make; 0: found in the training part", ge=0, le=100_000),
    ] = 0
    window: Annotated[int, Opt("time steps the model sees", ge=2, le=100_000)] = 40
    horizon: Annotated[int, Opt("time steps it is trained to forecast", ge=1, le=10_000)] = 40
    scaling: Annotated[
        Literal["auto", "log-return", "standard", "min-max", "window", "log-window", "mean", "seasonal-difference"],
        Opt(
            "log-returns; standard scores or range of the training part; of each window, or of its logarithms; by the "
            "mean size of each window; seasonal differences; auto: log-returns, or log-window if pooled, where all is "
            "above zero, else window"
        ),
    ] = "auto"
    scale_factor: Annotated[float, Opt("deviations of a window that make one unit (scaling window)", gt=0)] = 1.0
    network: Annotated[
        Literal["seq2seq", "direct", "autoregressive"],
        Opt("encoder-decoder of any horizon; all steps of the horizon at once; one step, fed back"),
    ] = "seq2seq"
    stateful: Annotated[bool, Opt("train on contiguous streams and carry the state on (autoregressive)")] = False
    residual: Annotated[bool, Opt("forecast the change from each step to the next (autoregressive)")] = False
    calendar: Annotated[tuple[Literal["hour", "weekday", "month"], ...], Opt("inputs from the calendar")] = ()
    hidden: Annotated[int, Opt("hidden units of a layer", ge=1, le=4096)] = 32
    dropout: Annotated[float, Opt("dropout between layers", ge=0, lt=1)] = 0.0
    bidirectional: Annotated[bool, Opt("read the history in both directions")] = False
    highway: Annotated[int, Opt("last steps that a linear highway reads (not seq2seq); 0: none", ge=0, le=100_000)] = 0
    loss: Annotated[
        Literal["squared", "absolute"],
        Opt("error that the training minimises: its square aims at the mean, its size at the median (not stateful)"),
    ] = "squared"
    distribution: Annotated[
        Literal["none", "gaussian"],
        Opt("what each step gives beside its mean, for sample paths; its likelihood is the loss (autoregressive)"),
    ] = "none"
    own: Annotated[
        int, Opt("maps that known series mix as their own beside the highway (pooled, direct); 0: none", ge=0, le=256)
    ] = 0
    teacher_forcing: Annotated[
        float, Opt("share of the batches in which the decoder sees the true previous values (seq2seq)", ge=0, le=1)
    ] = 0.5
    quantiles: Annotated[
        tuple[float, ...],
        Opt("levels of the forecast's quantiles, from validation residuals; empty: none", gt=0, lt=1, increasing=True),
    ] = (0.1, 0.5, 0.9)
    floor: Annotated[
        tuple[float, ...], Opt("least value of a forecast, one for all columns or one for each; empty: none")
    ] = ()
    ceiling: Annotated[
        tuple[float, ...], Opt("greatest value of a forecast, one for all columns or one for each; empty: none")
    ] = ()
    baselines: Annotated[
        tuple[Statistic, ...], Opt("further baselines, of statistics (pip install 'seqtool[stats]'); empty: none")
    ] = ()
    output_gain: Annotated[bool, Opt("a learned factor a series on the output (seq2seq)")] = False
    initial_deviation: Annotated[
        float, Opt("standard deviation of normal first weights, cut at two; 0: PyTorch's own", ge=0, le=1)
    ] = 0.0


Config = ForecastingConfig
