"""CSV of InfluxDB: blocks of tables, each below annotations and names of its own, become one table."""

from __future__ import annotations

import csv
import io
import itertools
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from seqtool.data.text_table import Table
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, listing, printable

STARTS = ("#group,", "#datatype,", "#default,", ",result,table,")
VALUE = "_value"
_NO_KEYS = frozenset({"column_1", "table", "_start", "_stop", "_time", VALUE})  # of a series: its place and its times
_HEADER = ",result,table,"

Row = list[str]


class _Block(NamedTuple):
    """A table: the lines of its annotations, from 0, of its header, and behind its rows; its names.

    defaults: what stands for empty cells; numbers: whether the values are none of texts.
    """

    annotations: list[int]
    header: int
    end: int
    names: Row
    defaults: Row
    numbers: bool


def as_one_table(text: str) -> tuple[str, tuple[Finding, ...]]:
    """Put the blocks of a text together below the names of all of them, every row in its line, and say so."""
    lines = text.split("\n")
    blocks = _blocks(lines)
    if not blocks or (len(blocks) == 1 and not blocks[0].annotations):
        return text, ()
    names = list(dict.fromkeys(itertools.chain.from_iterable(block.names for block in blocks)))
    alike = all(block.names == names and block.defaults == blocks[0].defaults for block in blocks)
    texts = [block for block in blocks if not block.numbers] if any(block.numbers for block in blocks) else []
    for block in blocks:
        for line in (*block.annotations, block.header, *(range(block.header, block.end) if block in texts else ())):
            lines[line] = ""
        for line in () if alike else range(block.header, block.end):
            if lines[line].strip():
                lines[line] = _written(_moved(_cells(lines[line]), block, names))
    lines[blocks[0].header] = _written(names)
    count = sum(len(block.annotations) for block in blocks)
    note = (
        f"InfluxDB's {counted(len(blocks) - len(texts), 'table')} read as one, {counted(count, 'annotation')} left out"
    )
    lost = f"{counted(len(texts), 'table')} of InfluxDB left out, whose values are texts"
    return "\n".join(lines), (Finding("note", "influx", note), *[Finding("warning", "text-values", lost)][: len(texts)])


def _blocks(lines: Sequence[str]) -> list[_Block]:
    blocks: list[_Block] = []
    annotations: list[int] = []
    for place, line in enumerate(lines):
        if line.startswith(STARTS[:3]):
            annotations.append(place)
        elif line.startswith(_HEADER) or (annotations and annotations[-1] == place - 1):
            if blocks:
                blocks[-1] = blocks[-1]._replace(end=min([*annotations, place]))
            said = {lines[above].partition(",")[0]: _cells(lines[above]) for above in annotations}
            kinds = dict(zip(_cells(line), said.get("#datatype", ()), strict=False))
            defaults = ["", *said.get("#default", ())[1:]]
            numbers = kinds.get(VALUE) not in ("string", "boolean")
            blocks.append(_Block(annotations, place, len(lines), _cells(line), defaults, numbers))
            annotations = []
    return blocks


def _moved(row: Row, block: _Block, names: Sequence[str]) -> Row:
    """Return the cells of a row below the names of all blocks, an empty one as the block's default."""
    filled = [cell or default for cell, default in itertools.zip_longest(row, block.defaults, fillvalue="")]
    own = dict(zip(block.names, filled, strict=False))
    return [own.get(name, "-") for name in names]  # a table without a tag has a name beside those that have one


def _cells(line: str) -> Row:
    return next(csv.reader([line]), [])


def _written(row: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue()


def refuse_several(table: Table, where: str) -> None:
    """Raise `DataError` where the fields or tags of a table of InfluxDB name several series.

    Their rows may stand one behind the other in time: as one series they would look whole.
    """
    rows = [place for place, value in enumerate(table.columns[VALUE]) if value]
    columns = {
        name: [cells[row] or "" for row in rows] for name, cells in table.columns.items() if name not in _NO_KEYS
    }
    keys = {name: cells for name, cells in columns.items() if len({*cells}) > 1}
    series = {*zip(*keys.values(), strict=True)}
    if len(series) < 2 or len(rows) < 2 * len(series):  # a text of its own in each row names none
        return
    ordered = sorted(keys, key=lambda name: ("" in keys[name], name != "_field", name == "result"))
    some = itertools.chain.from_iterable(itertools.combinations(ordered, count) for count in range(1, len(keys) + 1))
    idents = next(names for names in some if len({*_named(keys, names)}) == len(series))
    names = listing(["/".join(name) for name in dict.fromkeys(_named(keys, idents))], 5)
    what = f"the table holds {len(series)} series, named in '{printable(', '.join(idents))}': {names}"
    raise DataError(what, where=where, cure=f"--id-column {shlex.quote(','.join(idents))}")


def _named(keys: Mapping[str, Sequence[str]], names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the names that columns give to each row."""
    return zip(*(keys[name] for name in names), strict=True)
