"""The names of months and weekdays in seven languages, whole or abbreviated."""

from __future__ import annotations

import functools
import unicodedata

# English, German, French, Spanish, Italian, Portuguese, Dutch; the last ones are abbreviations that begin no name.
_MONTHS = (
    "january januar janner janvier enero gennaio janeiro januari",
    "february februar feber fevrier febrero febbraio fevereiro februari",
    "march marz mars marzo marco maart maerz mrz mrt",
    "april avril abril aprile",
    "may mai mayo maggio maio mei",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto augustus",
    "september septembre septiembre setiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)
_WEEKDAYS = (
    "monday montag lundi lunes lunedi segunda maandag",
    "tuesday dienstag mardi martes martedi terca dinsdag",
    "wednesday mittwoch mercredi miercoles mercoledi quarta woensdag",
    "thursday donnerstag jeudi jueves giovedi quinta donderdag",
    "friday freitag vendredi viernes venerdi sexta vrijdag",
    "saturday samstag sonnabend samedi sabado sabato zaterdag",
    "sunday sonntag dimanche domingo domenica zondag",
)
ENGLISH = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def month_of(name: str) -> int:
    """Return the month 1..12 that a name, or its first three letters or more, stands for; 0 for none or several."""
    months = _beginning(name, _MONTHS, 3)
    return months[0] if len(months) == 1 else 0


def weekdays_of(name: str) -> tuple[int, ...]:
    """Return the weekdays 1..7, Monday first, that a name, or its first letters, may stand for; () for none."""
    return _beginning(name, _WEEKDAYS, 2)


@functools.lru_cache(500)
def _beginning(name: str, table: tuple[str, ...], fewest: int) -> tuple[int, ...]:
    """Return the places, from 1, of the lists that have a word which begins so; accents and case do not count."""
    letters = unicodedata.normalize("NFKD", name.casefold().removesuffix("-feira"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if len(bare) < fewest:
        return ()
    return tuple(
        place for place, words in enumerate(table, start=1) if any(word.startswith(bare) for word in words.split())
    )
