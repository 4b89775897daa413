"""Where the rows of a stream of lines begin: below titles, a header and units, as in the table of a training."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.data.dates import is_stamp
from seqtool.data.numbers import is_number
from seqtool.data.separated import MOST_ABOVE
from seqtool.data.table_head import is_header
from seqtool.data.text_table import spellings
from seqtool.errors import DataError
from seqtool.families.forecasting.rows import Places, Row, cells, is_json, places_of, read_row
from seqtool.families.forecasting.runner import Runner
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Refusal


class Head:
    """Reads lines as rows, and learns from those above the first row where the columns stand."""

    def __init__(self, runner: Runner) -> None:
        self._runner, self._reading = runner, runner.encoders.reading
        self._left = MOST_ABOVE  # lines that may still stand above the first row
        self._places: Places | Refusal | None = None
        self._width = 0
        self._named = False

    def row(self, record: Record) -> Row | None:
        """Return the row that a line is, None for a title, a header or units above the first one.

        Raises `DataError` where the lines are of a long table, or for a model of many series of a wide one.
        """
        if not self._left or is_json(record.text):
            return read_row(record, self._runner, self._places)
        fields = cells(record.text, self._reading)
        if self._runner.pooled:
            from seqtool.families.forecasting.long_rows import refuse_wide  # most models have one series

            refuse_wide(fields, self._runner)
        else:
            self._refuse_long(fields)
        if is_header(fields) and not (self._runner.pooled and any(map(is_stamp, fields))):
            self._left -= 1
            self._learn(fields)
            return None
        if isinstance(self._places, Refusal) and self._width != len(fields):
            self._places = None  # a title: it says nothing of the columns
        row = read_row(record, self._runner, self._places)
        self._left = self._left - 1 if isinstance(row.values, Refusal) else 0
        return row

    def _learn(self, fields: Sequence[str]) -> None:
        """Keep where a header says that the columns stand; one that names them all is followed by units at most."""
        fields = [field.strip() for field in fields]  # as the names of a table
        found = places_of(fields, self._runner)
        if self._named or (isinstance(found, Refusal) and isinstance(self._places, Places)):
            return
        self._places, self._width = found, len(fields)
        self._named = bool(spellings(fields, self._runner.columns))

    def _refuse_long(self, fields: Sequence[str]) -> None:
        """Raise `DataError` for a line of a long table: its header, or a row with the name of a series."""
        columns, names = self._runner.columns, self._reading.names
        if not self._reading.value or spellings(fields, columns):
            return
        named = bool(names) and bool(spellings(fields, names))
        if named or any(field.strip() in columns and not is_number(field) for field in fields):
            what = "the lines are those of a long table, and --follow takes one line a step"
            cure = (
                f"pipe one line a step, with a cell each for {', '.join(columns)}; or leave --follow out: --data FILE"
            )
            raise DataError(what, cure=cure)
