"""JSON objects as a table of numbers: a record a row, or one object that has a time stamp before each number."""

from __future__ import annotations

import itertools

from seqtool.data.columns import INDEX_NAMES
from seqtool.data.dates import is_stamp
from seqtool.data.json_lines import Objects
from seqtool.data.numbers import is_number
from seqtool.data.text_table import Table
from seqtool.data.time_names import words_of
from seqtool.data.value_choice import KEYS
from seqtool.errors import DataError
from seqtool.say import printable


def series_table(objects: Objects, where: str) -> Table:
    """Return objects as a table; one object of time stamps and numbers has a row for each of them.

    Raises `DataError` where no field but those that count has numbers, and one holds lists or objects of them.
    """
    records = objects.records
    if len(records) == 1 and len(records[0]) > 1 and all(map(is_stamp, records[0])):
        (record,) = records
        if all(value is None or _is_number(value) for value in record.values()):
            return Objects([{"time": stamp, "value": value} for stamp, value in record.items()], ()).table()
    _refuse_inner_numbers(objects, where)
    return objects.table()


def _refuse_inner_numbers(objects: Objects, where: str) -> None:
    first = objects.records[0]
    inner = [
        name for name, value in first.items() if isinstance(value, (dict, list)) and any(map(_is_number, _of(value)))
    ]
    fields = {name for record in objects.records for name, value in record.items() if _may_be_number(value)}
    if not inner or any(not _counts(objects, name) for name in fields):
        return
    name = inner[0]
    lists = isinstance(first[name], list)
    what = f"the numbers stand in {'lists' if lists else 'objects'} in the field '{printable(name)}' of each record"
    cure = 'each number in a field of the record itself: {"time": "2024-01-01", "value": 1.5}'
    if lists:
        cure = 'a record a step and series: {"id": "a", "time": "2024-01-01", "value": 1.5}'
    raise DataError(what, where=where, cure=f"write {cure}")


def _counts(objects: Objects, name: str) -> bool:
    """Tell whether a field is called like a counter or a key and its numbers rise by equal steps."""
    if not (name.casefold() in INDEX_NAMES or words_of(name) & KEYS):
        return False
    values = [record.get(name) for record in objects.records]
    numbers = [value for value in values if isinstance(value, (int, float))]
    return len(numbers) == len(values) and len({b - a for a, b in itertools.pairwise(numbers)}) < 2


def _of(value: dict[str, object] | list[object]) -> list[object]:
    return [*value.values()] if isinstance(value, dict) else value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _may_be_number(value: object) -> bool:
    return _is_number(value) or (isinstance(value, str) and is_number(value))
