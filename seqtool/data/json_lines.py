"""JSON Lines, and arrays of JSON objects: a record an object, its columns by name."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from seqtool.data.printed import refuse_printed
from seqtool.data.text_table import Table
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable

FORMATS = ("jsonl", "json")
_OBJECT = re.compile(r'[\ufeff\s]*\{\s*"(?:[^"\\\n]|\\.)*"\s*:')  # where one begins, whatever follows
_BLANKS = re.compile(r"[\ufeff\s]*")
MOST_DEEP = 500  # values inside of values: Python's own writer goes no further than a thousand
_CURE = "write one JSON object a line, or an array of them"


@dataclass(frozen=True)
class Objects:
    """JSON objects, and the line in which each begins: () in an array, where that is not known."""

    records: list[dict[str, Any]]
    lines: Sequence[int]

    def table(self) -> Table:
        """Return the objects as a table: text as it is, null and NaN as a missing cell, the rest as JSON writes it.

        A field that holds empty lists alone, as the comments of doccano, has missing cells too.
        """
        names = dict.fromkeys(name for record in self.records for name in record)
        empty = {name for name in names if all(record.get(name) in (None, [], {}) for record in self.records)}
        columns = {
            name: [None if name in empty else _cell(record.get(name)) for record in self.records] for name in names
        }
        numeric = [name for name in names if all(_is_number(record.get(name)) for record in self.records)]
        note = Finding("note", "format", f"read as {'JSON Lines' if self.lines else 'a JSON array'}")
        return Table(columns, self.lines, findings=(note,), numeric=numeric)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _cell(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raises `DataError` where a key stands in it twice."""
    record = dict(pairs)
    if len(record) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        what = f"a JSON object has the key '{printable(twice)}' twice"
        raise DataError(what, cure="give every key of an object a name of its own")
    return record


def _constant(word: str) -> float | None:
    """Return what a word beyond JSON stands for: NaN, as pandas and Python write a missing value, is null."""
    return None if word == "NaN" else float(word)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_constant)  # made once: it is slow to make


def read_objects(text: str, where: str, format: str = "auto") -> Objects | None:
    """Read JSON objects, one behind the other or in one array; None where the text is no JSON.

    Raises `DataError`, with the line where it is known, where one is damaged, has a key twice or holds half of a
    character, with `format` jsonl or json where it is no such text, and with `auto` for what `refuse_printed` refuses.
    """
    objects = _read(text, where, format)
    if objects is None:
        if format == "auto":
            refuse_printed(text, where)
        return None
    _refuse_deep(objects, where)
    _refuse_nested(objects, where)
    _refuse_frame(objects, where)
    if "\\ud" in text or "\\uD" in text:
        _refuse_halves(objects, where)
    return objects


def _read(text: str, where: str, format: str) -> Objects | None:
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if format == "json" or (format == "auto" and start == "["):
        records = _array(text, where)
        if records is None and format == "json":
            raise DataError("no array of JSON objects", where=where, cure="write [{...}, {...}], or --format jsonl")
        return None if records is None else Objects(records, ())
    if format == "jsonl" or (format == "auto" and start == "{" and _begins_with(text, _is_object)):
        return _lines(text, where)
    return _over_lines(text, where) if format == "auto" and _OBJECT.match(text) else None


def _refuse_deep(objects: Objects, where: str) -> None:
    """Raise `DataError` for the first record whose values stand too deep inside of each other."""
    for place, record in enumerate(objects.records):
        inner: list[Any] = [value for value in record.values() if isinstance(value, (dict, list))]
        for _ in range(MOST_DEEP):
            inner = [
                value
                for outer in inner
                for value in (outer.values() if isinstance(outer, dict) else outer)
                if isinstance(value, (dict, list))
            ]
            if not inner:
                break
        if inner:
            raise _too_deep(f"line {objects.lines[place]:,}" if objects.lines else f"record {place + 1:,}", where)


def _too_deep(place: str, where: str) -> DataError:
    what = f"{place} holds lists or objects more than {MOST_DEEP} deep inside of each other"
    return DataError(what, where=where, cure="leave that field out of the records")


def _refuse_nested(objects: Objects, where: str) -> None:
    """Raise `DataError` where one object holds the records in a field."""
    fields = objects.records[0].items() if len(objects.records) == 1 else ()
    for name, value in fields:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            what = f"the records stand in the field '{printable(name)}' of one JSON object"
            raise DataError(what, where=where, cure="write that array alone: [{...}, {...}]")


def _refuse_frame(objects: Objects, where: str) -> None:
    """Raise `DataError` where one object is a whole frame of pandas: its columns, its rows, or its parts."""
    if len(objects.records) != 1:
        return
    (record,) = objects.records
    values = list(record.values())
    parts = isinstance(record.get("columns"), list) and isinstance(record.get("data"), list)
    alike = len(values) > 1 and all(isinstance(value, dict) and value.keys() == values[0].keys() for value in values)
    if parts or (alike and len(values[0]) > 1):
        what = "one JSON object holds the columns or rows of a whole table, as pandas writes a frame"
        raise DataError(what, where=where, cure="write an object a row: to_json(FILE, orient='records', lines=True)")


def _refuse_halves(objects: Objects, where: str) -> None:
    """Raise `DataError` for the first record with half of a pair of surrogates, which no UTF-8 can say."""
    for place, record in enumerate(objects.records):
        try:
            json.dumps(record, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = f"\\u{ord(error.object[error.start]):04x}"
            row = f"line {objects.lines[place]:,}" if len(objects.lines) else f"record {place + 1:,}"
            what = f"{row} holds half of a character, {half} without its other half"
            raise DataError(what, where=where, cure="write the text as UTF-8, or remove what is broken") from error


def _array(text: str, where: str) -> list[dict[str, Any]] | None:
    """Return the objects of an array; None where the text is no JSON, or numbers alone."""
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        if _OBJECT.match(text.lstrip().removeprefix("[")):
            raise _too_deep("the JSON array", where) from error
        return None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError) and _OBJECT.match(text.lstrip().removeprefix("[")):
            raise _damaged(error.lineno, error, where) from error
        if _begins_with(text, _holds_texts):
            raise DataError("the lines are JSON arrays, not objects", where=where, cure=_CURE) from error
        return None
    except DataError as error:
        raise DataError(error.what, where=where, cure=error.cure) from error
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return value
    if _holds_texts(value):
        what = "a JSON array of texts or lists, not of objects"
        raise DataError(what, where=where, cure='write [{"text": "..."}, {"text": "..."}], with names for the fields')
    return None


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _holds_texts(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, (str, list, dict)) for item in value)


def _over_lines(text: str, where: str) -> Objects:
    """Read objects, each over several lines, one behind the other."""
    records, lines = [], []
    place, number = 0, 1
    while rest := _BLANKS.match(text, place):
        number, place = number + text.count("\n", place, rest.end()), rest.end()
        if place == len(text):
            break
        try:
            record, end = _DECODER.raw_decode(text, place)
        except RecursionError as error:
            raise _too_deep(f"line {number:,}", where) from error
        except ValueError as error:  # without a line for a number of thousands of digits
            raise _damaged(getattr(error, "lineno", number), error, where) from error
        except DataError as error:
            raise DataError(f"line {number:,}: {error.what}", where=where, cure=error.cure) from error
        if not isinstance(record, dict):
            raise DataError(f"in line {number:,} no JSON object begins", where=where, cure=_CURE)
        records.append(record)
        lines.append(number)
        number, place = number + text.count("\n", place, end), end
    return Objects(records, lines)


def _damaged(line: int, error: Exception, where: str) -> DataError:
    reason = str(error).partition("\n")[0].partition(": line ")[0]
    return DataError(f"line {line:,} is no JSON: {reason}", where=where, cure=_CURE)


def _begins_with(text: str, fits: Callable[[object], bool]) -> bool:
    """Tell whether the first line that is not blank is JSON that fits."""
    line = next(line for line in text.split("\n") if line.strip("\ufeff \t\r"))
    try:
        return fits(json.loads(line.lstrip("\ufeff")))
    except (ValueError, RecursionError):
        return False


def _lines(text: str, where: str) -> Objects:
    records, lines = [], []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = _DECODER.decode(line)
        except RecursionError as error:
            raise _too_deep(f"line {number:,}", where) from error
        except ValueError as error:
            raise _damaged(number, error, where) from error
        except DataError as error:
            raise DataError(f"line {number:,}: {error.what}", where=where, cure=error.cure) from error
        if not isinstance(value, dict):
            what = f"line {number:,} is no JSON object"
            raise DataError(what, where=where, cure='write one object a line, such as {"text": "...", "label": "..."}')
        records.append(value)
        lines.append(number)
    if not records:
        raise DataError("there are no JSON objects in it", where=where, cure="write one JSON object a line")
    return Objects(records, lines)
