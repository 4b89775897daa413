"""Columns beside the values that say what each value is: below zero, or in another currency or unit."""

from __future__ import annotations

from collections.abc import Sequence, Set

from seqtool.data.numbers import CURRENCIES
from seqtool.data.text_table import Table
from seqtool.data.time_names import words_of
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable
from seqtool.types import Floats

ENOUGH = 1000  # cells that show which words a column has
MOST_KINDS = 8  # words of such a column: `debit`, `credit`, `fee` and more
SIGNS = (
    {"s", "h"}, {"soll", "haben"}, {"dr", "cr"}, {"d", "c"}, {"debit", "credit"}, {"+", "-"}, {"withdrawal", "deposit"},
    {"lastschrift", "gutschrift"}, {"belastung", "gutschrift"}, {"ausgabe", "einnahme"},
    {"expense", "income"}, {"buy", "sell"}, {"bought", "sold"}, {"kauf", "verkauf"}, {"af", "bij"}, {"cargo", "abono"},
    {"débit", "crédit"}, {"addebito", "accredito"},
)  # fmt: skip
"""Words in a column of their own that say whether the amounts beside them are below zero."""
_LONG = 3  # letters of words that say so beside others; shorter ones do only where they stand alone
AMOUNTS = frozenset(
    {"amount", "amounts", "amt", "sum", "value", "betrag", "summe", "umsatz", "wert", "montant", "somme", "importe"}
    | {"monto", "valor", "importo", "valore", "bedrag", "belopp", "beløb", "kwota"}
)
"""Words in names of values that another column may give a sign."""
UNSIGNED = frozenset(
    {"price", "preis", "kurs", "rate", "prix", "precio", "prezzo", "close", "koers"}
    | {"balance", "saldo", "kontostand", "solde"}
)
"""Words in names of values that no other column gives a sign."""
UNITS = (
    {"w", "kw", "mw", "gw"}, {"wh", "kwh", "mwh", "gwh", "twh", "j", "kj", "mj", "gj"}, {"g", "kg", "lb", "lbs"},
    {"l", "ml", "hl", "m3", "m³", "gal"}, {"mm", "cm", "m", "km", "ft", "mi"}, {"°c", "°f", "celsius", "fahrenheit"},
    {"hpa", "pa", "kpa", "bar", "psi"}, {"m/s", "km/h", "mph", "kn"},
)  # fmt: skip
"""Units of one quantity each."""
DEGREES = frozenset({"°c", "°f"})
"""Units that are no words of another meaning."""

CURRENCY_NAMES = frozenset(
    {"currency", "currencies", "ccy", "währung", "waehrung", "devise", "moneda", "moeda", "valuta", "munt", "waluta"}
)
"""Words in names of columns of currencies."""
UNIT_NAMES = CURRENCY_NAMES | {
    "unit", "units", "uom", "einheit", "einheiten", "maßeinheit", "masseinheit", "messeinheit", "unité", "unite",
    "unidad", "unidade", "unità", "eenheid",
}  # fmt: skip
"""Words in names of columns of units."""
_BESIDE = frozenset(
    {"of", "the", "de", "di", "code", "iso", "name", "type", "measure", "measurement", "mesure", "medida", "misura"}
    | {"transaction", "account", "order", "invoice", "payment", "billing", "booking", "local", "original"}
)
"""Words beside those of units and of the values in such a name: of any amount, where the largest is one of them."""


def check_kinds(table: Table, time: str, names: Sequence[str], values: Floats, where: str) -> list[Finding]:
    """Warn of a column that may say which of the values [T,F] are below zero, where none is.

    time: the column of the time stamps, names: those of the values. Raises `DataError` where a column surely says so,
    or in which unit each value is.
    """
    import shlex  # at each training, but no forecast

    findings = []
    may_have_signs = not (values < 0).any() and not all(words_of(name) & UNSIGNED for name in names)
    amounts = any(words_of(name) & AMOUNTS and not words_of(name) & UNSIGNED for name in names)
    known = {time, *names}
    for name in (name for name in table.columns if name not in known):
        cells = table.columns[name][:ENOUGH]
        words = {cell.strip().casefold() for cell in cells if cell and cell.strip()}
        if len(words) > MOST_KINDS:
            continue
        column, ignore = f"column '{printable(name)}'", f"where they are to stay: --ignore-column {shlex.quote(name)}"
        signs = _signs(words) if may_have_signs else set()
        says = "which values are below zero"
        if signs and amounts:
            what = f"{column} ({', '.join(sorted(words))}) says {says}"
            raise DataError(what, where=where, cure=f"write a minus before these; {ignore}")
        if any(len(sign) >= _LONG for sign in signs):
            text = f"{column} ({', '.join(sorted(words))}) may say {says}: where it does, write a minus before these"
            findings.append(Finding("warning", "signs-beside", text))
        if _are_units(name, words, names):
            what = f"{column} ({', '.join(sorted({cell.strip() for cell in cells if cell}))}) says that the values "
            what += "beside it are not of one unit"
            each = f"--id-column {shlex.quote(name)}, a series of each"
            raise DataError(what, where=where, cure=f"{each}, or keep the rows of one; {ignore}")
    return findings


def _signs(words: Set[str]) -> Set[str]:
    """Return the two words of a column that may say which amounts are below zero, none where it has no such words."""
    for pair in SIGNS:
        if pair == words or (pair <= words and all(len(word) >= _LONG for word in pair)):
            return pair
    return set()


def _are_units(name: str, words: Set[str], values: Sequence[str]) -> bool:
    """Tell whether a column says that values of these names are of several units of a quantity, or of currencies.

    Its name has to say so, `unit` or `currency of sales`; or it is one other word, and the cells are nothing but units.
    """
    called = words_of(name).difference(_BESIDE, *map(words_of, values))
    if len(words) < 2 or (len(called) > 1 and not called <= UNIT_NAMES):
        return False
    if not called & UNIT_NAMES:
        return all(word in CURRENCIES for word in words) or words <= DEGREES
    codes = all(word in CURRENCIES or (called & CURRENCY_NAMES and len(word) == 3) for word in words)
    return codes or any(units.issuperset(words) for units in UNITS)
