"""Annotated CSV of InfluxDB: one table or several, and never two series as one."""

from __future__ import annotations

import re

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.errors import DataError

GROUP = "#group,false,false,true,true,false,false,true,true"
TYPES = "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,{},string,string"
HEADER = ",result,table,_start,_stop,_time,_value,_field,_measurement"


def rows(field: str, number: int = 0, month: int = 1, value: str = "", more: str = "") -> list[str]:
    return [
        f",,{number},2024-01-01T00:00:00Z,2024-03-01T00:00:00Z,2024-{month:02d}-{day:02d}T00:00:00Z,"
        f"{value or f'{100 * number + day}.5'},{field},room{more}"
        for day in range(1, 29)
    ]


def block(lines: list[str], kind: str = "double", result: str = "_result", tag: str = "") -> list[str]:
    """Return annotations, a header and rows; with a tag there is a column more."""
    ends = [",true", ",string", ",", f",{tag}"] if tag else [""] * 4
    head = [GROUP, TYPES.format(kind), f"#default,{result},,,,,,,", HEADER]
    return [*(line + end for line, end in zip(head, ends, strict=True)), *lines]


def read(*blocks: list[str], **options):
    return clean(parse_table("\n\n".join("\n".join(lines) for lines in blocks) + "\n\n"), **options)


def test_one_table_needs_no_option():
    series = read(block(rows("temp")))
    assert (series.columns, len(series.values), series.values[0, 0]) == (("_value",), 28, 1.5)


@pytest.mark.parametrize("month", [1, 2])
@pytest.mark.parametrize("blocks", [
    lambda month: [block(rows("temp")), block(rows("hum", 1, month))],
    lambda month: [block(rows("temp") + rows("hum", 1, month))],
    lambda month: [block(rows("temp")), block(rows("hum", 1, month, more=",h1"), tag="host")],
    lambda month: [[HEADER, *rows("temp")], [HEADER, *rows("hum", 1, month)]],
    lambda month: [block(rows("temp")), block(rows("hum", 1, month)), block(rows("state", 2, value="on"), "string")],
])  # fmt: skip
def test_two_series_are_asked_for_and_the_cure_reads_them(blocks, month):
    with pytest.raises(DataError, match="2 series, named in '_field': temp, hum") as refused:
        read(*blocks(month))
    assert refused.value.cure == "--id-column _field"
    series = read(*blocks(month), id_column=("_field",))
    assert series.columns == ("temp", "hum")
    known = np.isfinite(series.values)
    assert known.sum(axis=0).tolist() == [28, 28]
    assert [series.values[known[:, place], place][0] for place in (0, 1)] == [1.5, 101.5]


def test_results_and_missing_tags_tell_series_apart_where_nothing_else_does():
    results = [block(rows("temp"), result="mean"), block(rows("temp", 0, 2), result="max")]
    tags = [block(rows("temp")), block(rows("temp", 1, 2, more=",h1"), tag="host")]
    for blocks, name, columns in ((results, "result", ("mean", "max")), (tags, "host", ("-", "h1"))):
        with pytest.raises(DataError) as refused:
            read(*blocks)
        assert refused.value.cure == f"--id-column {name}"
        assert read(*blocks, id_column=(name,)).columns == columns


def test_windows_of_one_series_are_one_series():
    series = read(block(rows("temp")), block(rows("temp", 1, 2)))
    assert (len(series.times), str(series.times[-1])) == (28 + 3 + 28, "2024-02-28T00:00:00")


def test_a_fault_is_named_with_its_line_in_the_file():
    lines = [*block(rows("temp")), "", *block(rows("temp", 1, 2))]
    lines[40] = lines[40].replace("102.5", "1o2").replace("103.5", "1o3").replace("104.5", "1o4")
    place = next(number for number, line in enumerate(lines, start=1) if re.search("1o", line))
    with pytest.raises(DataError, match=f"line {place}: '1o"):
        read(lines)
