"""How a table is written: what options say, and what its content decided. It is kept: later tables are read alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from seqtool.data.numbers import COMMA, NONE, POINT, THOUSANDS, Written, known_marks, missing_marks
from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.types import Json

Header = Literal["auto", "yes", "no"]
"""Whether the first row of a table names its columns."""
UTC = "UTC"
"""The time zone of stamps that all have an offset."""
Resample = Literal["", "mean", "sum", "last"]
DayEnd = Literal["", "24:00", "00:00", "begins"]
ENDS: tuple[DayEnd, ...] = ("24:00", "00:00")
"""How midnights are written that end a day."""
COUNTS = (24, 48, 96)
"""How many periods a day may have that are numbered: hours, half hours, quarter hours."""
Step = Literal["", "minute", "hour", "day", "week", "month", "quarter", "year"]
Kind = Literal["number", "flag", "category"]
NUMBER: Kind = "number"
FLAG: Kind = "flag"
CATEGORY: Kind = "category"
"""What a column beside the values holds."""


@dataclass(frozen=True)
class Reading:
    """How a table of numbers is read; an empty field is decided by the content of each table.

    format, encoding, header: as the options of `train`. mark: what parts its cells. decimal: `.` or `,`. thousands: the
    mark between thousands, `none` for no mark. missing: marks of missing values beside the usual ones. date_order:
    `dmy` or `mdy`. date_format: how dates are written, in the words of strptime. no_time: whether rows are steps,
    whatever columns there are. time: the columns that make up the time stamp. ignore: columns that are left out. names:
    all columns of the training table, in its order, by which a later table without a header is read. percent: the
    columns of values that are written with %. currency: the signs of currencies at its values. value: the column of
    values of a long table. timezone: of stamps without an offset, UTC where all have one. resample, step: how rows are
    put together into longer steps, and into which. events: whether the sum of a step without rows is 0, since rows of
    the training table stood at any time. day_end: how the midnight that ends a day is written, `00:00` with the date of
    that day; `begins` where midnights begin a day, "" where rows have none beside other times.
    known, past, static: the columns beside the values, and kinds: what each of them holds, in that order. category:
    those whose numbers are names.
    periods: how many numbered periods a day has that stand beside its date, 0 for clocks. never_three: whether no value
    of the training table has three decimals: `1.000` of a later one may be a thousand. three: the columns beside the
    values that have three.
    """

    format: str = "auto"
    encoding: str = ""
    header: Header = "auto"
    mark: str = ""
    decimal: str = ""
    thousands: str = ""
    missing: tuple[str, ...] = ()
    date_order: str = ""
    date_format: str = ""
    no_time: bool = False
    time: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    percent: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()
    value: str = ""
    timezone: str = ""
    resample: Resample = ""
    step: Step = ""
    events: bool = False
    day_end: DayEnd = ""
    known: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    periods: int = 0
    never_three: bool = False
    three: tuple[str, ...] = ()
    guess: str = ""
    """The date order that is taken where nothing decides; "": such a table is refused."""

    @property
    def written(self) -> Written:
        """What is known of how numbers are written."""
        return Written(self.decimal, self.thousands, missing_marks(self.missing))

    @property
    def beside(self) -> tuple[str, ...]:
        """The columns beside the values: known of the future too, of the past alone, one value a series."""
        return (*self.known, *self.past, *self.static)

    def of_beside(self, name: str) -> Reading:
        """Return how the numbers of a column beside the values are read, which may have three decimals."""
        there = name.casefold() in (other.casefold() for other in self.three)
        return replace(self, never_three=self.never_three and not there)

    def has_percent(self, name: str, *, alone: bool) -> bool:
        """Tell whether a column is written with %; alone: it is the only one of values, whatever it is called."""
        percent, beside = ({one.casefold() for one in names} for names in (self.percent, self.beside))
        if name.casefold() in percent | beside:
            return name.casefold() in percent
        return alone and bool(percent - beside)

    @classmethod
    def of(cls, config: object) -> Reading:
        """Take what the options of a configuration say; raises `UsageError` for what cannot be."""
        names = {"time_column": "time", "ignore_column": "ignore"}
        fields = {field.name for field in dataclasses.fields(cls)}
        options = {names.get(name, name): value for name, value in vars(config).items()}
        taken = {name: value for name, value in options.items() if name in fields}
        if taken.get("date_order") == "auto":
            taken["date_order"] = ""
        if taken.get("no_time") and taken.get("time"):
            raise UsageError("--no-time and --time-column contradict each other", cure="leave one of them out")
        if taken.get("date_format"):
            from seqtool.data.date_format import refuse_unknown  # few tables need it

            refuse_unknown(taken["date_format"])
        if taken.get("timezone"):
            from seqtool.data.zones import known_zone

            taken["timezone"] = known_zone(taken["timezone"])
        if taken.get("periods") and taken["periods"] not in COUNTS:
            raise UsageError(f"no day has {taken['periods']} periods", cure="--periods 24, 48 or 96")
        _refuse_half_resampling(taken.get("resample", ""), taken.get("step", ""))
        decimal, thousands = known_marks(taken.get("decimal", ""), taken.get("thousands", ""))
        return cls(**{**taken, "decimal": decimal, "thousands": thousands})

    def to_json(self) -> Json:
        """Return the fields that are not empty."""
        fields = dataclasses.asdict(self)
        default = dataclasses.asdict(Reading())
        kept = {name: value for name, value in fields.items() if value != default[name]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Reading:
        """Rebuild what `to_json` gave; raises `TypeError` or `ValueError` for anything else."""
        kinds = {field.name: type(field.default) for field in dataclasses.fields(cls)}
        values: dict[str, Any] = {}
        for name, value in stored.items():
            if name not in kinds:
                continue  # of a newer version
            if kinds[name] is tuple:
                if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                    raise TypeError(f"{value!r:.40} is no list of names")
                value = tuple(value)
            elif not isinstance(value, kinds[name]):
                raise TypeError(f"{value!r:.40} is no {'text' if kinds[name] is str else 'yes or no'}")
            values[name] = value
        reading = cls(**values)
        for name, choices in (("header", Header), ("resample", Resample), ("step", Step), ("day_end", DayEnd)):
            if getattr(reading, name) not in get_args(choices):
                raise ValueError(f"{getattr(reading, name)!r:.9} says nothing of {name}")
        if reading.kinds and len(reading.kinds) != len(reading.beside):
            raise ValueError("columns beside the values without a kind")
        if not {*reading.kinds} <= {*get_args(Kind)}:
            raise ValueError(f"{reading.kinds!r:.40} are no kinds of columns")
        if reading.periods and reading.periods not in COUNTS:
            raise ValueError(f"no day has {reading.periods!r:.9} periods")
        if bool(reading.resample) != bool(reading.step):
            raise ValueError("a way to resample and its step belong together")
        if reading.decimal not in ("", POINT, COMMA) or reading.thousands not in ("", NONE, *THOUSANDS):
            raise ValueError(f"{reading.decimal!r:.9} and {reading.thousands!r:.9} are no marks of numbers")
        return reading


def _refuse_half_resampling(resample: str, step: str) -> None:
    """Raise `UsageError` where one of two options stands alone."""
    if resample and not step:
        raise UsageError("--resample needs the step to come to", cure=f"--step {', '.join(get_args(Step)[1:])}")
    if step and not resample:
        raise UsageError("--step needs the way to come to it", cure=f"--resample {', '.join(get_args(Resample)[1:])}")


BEFORE = Reading(decimal=POINT, thousands=NONE, guess="mdy")
"""How files are read by models that do not say: those of versions before 0.2."""


def common(readings: Sequence[Reading]) -> Reading:
    """Return what several tables have in common; a field in which they differ is decided table by table."""
    first = readings[0]
    empty = Reading()
    differ = {
        field.name: getattr(empty, field.name)
        for field in dataclasses.fields(first)
        if any(getattr(reading, field.name) != getattr(first, field.name) for reading in readings)
    }
    return replace(first, **differ)
