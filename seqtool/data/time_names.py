"""How columns of time are called, in small letters."""

from __future__ import annotations

import re

YEARS = (1500, 2200)  # that series have
NEARLY = 0.9  # of the cells of a column that says nothing by its name
TIME_NAMES = frozenset(
    {"date", "time", "timestamp", "datetime", "ds", "date time", "date_time", "date/time", "unix", "epoch", "datum"}
    | {"_time"}  # of InfluxDB
    | {"zeit", "zeitpunkt", "zeitstempel", "fecha", "hora", "data", "ora", "日期", "时间", "日付", "дата"}
    | {"year", "jahr", "año", "ano", "année", "annee", "anno", "jaar", "period"}
    | {"month", "monat", "mes", "mês", "mois", "mese", "maand", "day", "tag", "jour", "week", "quarter"}
)
"""Names of columns that hold the time."""
PARTS = frozenset({"month", "monat", "mes", "mês", "mois", "mese", "maand", "day", "tag", "jour", "week", "quarter"})
"""Names of time that no column of years has."""
WEEKS = frozenset({"week", "woche", "semaine", "semana", "kw"})
"""Names of columns of weeks, as numbers."""
WEEK_WORDS = WEEKS | {"yearweek", "yearwk", "yyyyww", "isoweek", "weekyear", "calendarweek", "kalenderwoche"}
"""Words in names of columns of weeks."""
QUARTER_WORDS = frozenset({"quarter", "quartal", "trimestre", "qtr", "vierteljahr"})
"""Words in names of columns of quarters."""
DAYS_OF_YEARS = frozenset({"doy", "dayofyear", "day_of_year", "day of year", "yday", "jday", "julian day"})
"""Names of columns of the days of a year, from 1 to 366."""
BESIDE_YEARS = WEEKS | DAYS_OF_YEARS | QUARTER_WORDS
"""Names of columns that hold a part of a year, as a number."""
PIECES = (
    ("year", "jahr", "año", "année", "yr"), ("month", "monat", "mes", "mois", "mo"),
    ("day", "tag", "día", "jour", "dy"),
    HOUR_NAMES := ("hour", "stunde", "hora", "heure", "hr"),
    ("minute", "min", "minutes", "minute(s)", "mins", "mn", "minuten", "minuto", "minutos"),
)  # fmt: skip
"""Names of columns that hold a part of the time, from the year on."""
PROGRESS = frozenset(
    {"step", "steps", "epoch", "iteration", "iter", "t", "time", "cycle", "lap", "round", "tick", "frame", "batch"}
)
"""Words in names of columns that count how far one series has come, where `id` and `no` may number any rows."""
COUNTERS = frozenset({"time", "t", "step", "hora", "zeit", "ora"})
"""Names of time that are no names of dates: whole numbers in such a column count something."""
DATE_NAMES = TIME_NAMES - COUNTERS
"""Names of columns whose numbers may be dates."""
CLOCK_NAMES = frozenset({"time", "clock", "hour", "zeit", "uhrzeit", "uhr", "hora", "heure", "ora", "tijd", "时间"})
"""Names of columns that hold the time of the day, beside one of dates."""
PARTS_OF_TIME = BESIDE_YEARS.union(CLOCK_NAMES, *PIECES[1:])
"""Names of columns that hold a part of the time, and no names of series."""
PERIODS = frozenset({"period", "interval", "periode", "intervall", "periodo", "intervalo", "sp", "hh", "ptu", "mtu"})
"""Words in names of columns that number the half hours of a day, or the like."""
HOUR_PARTS = frozenset({"halfhour", "quarterhour", "halbstunde", "viertelstunde"})
"""Words in names of columns that number parts of the hours of a day; in English they may be two."""
TIME_WORDS = frozenset({"date", "datetime", "epoch", "stamp", "time", "timestamp", "ts", "unix", "utc", "zeit"})
"""Words in the name of a column whose numbers, as long as seconds since 1970, are these."""


_MONTHS = {"month", "monat", "mes", "mês", "mois", "mese", "maand", "monthofyear", "month_of_year"}
_WEEKDAYS = {"weekday", "wochentag", "dow", "dayofweek", "day_of_week", "day of week", "jour de semaine", "weekdag"}
RANGES = {
    **dict.fromkeys(("quarter", "quartal", "trimestre", "qtr"), (1, 4)),
    **dict.fromkeys(_MONTHS, (1, 12)),
    **dict.fromkeys(WEEKS | {"weekofyear", "week_of_year", "isoweek", "weeknum", "week_number"}, (1, 53)),
    **dict.fromkeys(_WEEKDAYS, (0, 7)),
    **dict.fromkeys(("day", "tag", "dayofmonth", "day_of_month", "jour", "día"), (1, 31)),
    **dict.fromkeys(DAYS_OF_YEARS, (1, 366)),
    **dict.fromkeys(("hour", "stunde", "heure", "hourofday", "hour_of_day"), (0, 24)),
    **dict.fromkeys(("year", "jahr", "année", "annee", "año", "anno", "jaar"), YEARS),
    **dict.fromkeys(("yearweek", "year_week", "yearmonth", "year_month", "yyyyww", "yyyymm"), (150_001, 220_053)),
}
"""Names of columns of numbers that are parts of the time and no values, and between which numbers these are."""


def called_weeks(name: str) -> bool:
    """Tell whether a column is called like weeks: `week`, `KW`, `Calendar week`, `YearWeek`."""
    return bool(words_of(name) & WEEK_WORDS)


def called_quarters(name: str) -> bool:
    """Tell whether a column is called like quarters: `quarter`, `Fiscal Qtr`."""
    return bool(words_of(name) & QUARTER_WORDS)


def called_periods(name: str) -> bool:
    """Tell whether a column is called like numbered periods: `SP`, `Settlement Period`, `half_hour`."""
    words = words_of(name)
    return bool(words & (PERIODS | HOUR_PARTS)) or ("hour" in words and bool(words & {"half", "quarter"}))


def words_of(name: str) -> set[str]:
    """Return the words in the name of a column, in small letters; `YearWeek` has two, `powerKW` one."""
    return {word.casefold() for word in re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name))}
