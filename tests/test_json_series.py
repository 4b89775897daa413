"""JSON objects that hold a series: a record a row, one object of stamps and numbers, or lists, which are refused."""

from __future__ import annotations

import json

import pytest

from seqtool.data.tables import read_series
from seqtool.errors import DataError
from seqtool.reads import DataFile

STAMPS = [f"2024-01-{day:02d} 00:00:00" for day in range(1, 31)]


def read(tmp_path, value, *, lines=False):
    path = tmp_path / "a.json"
    path.write_text("\n".join(map(json.dumps, value)) if lines else json.dumps(value))
    return read_series([DataFile(path)])


def test_an_object_of_stamps_and_numbers_is_a_series(tmp_path):
    series = read(tmp_path, {stamp: place if place != 4 else None for place, stamp in enumerate(STAMPS)})
    assert series.columns == ("value",)
    assert series.values[:4, 0].tolist() == [0, 1, 2, 3]
    assert (len(series.values), str(series.times[-1])) == (30, "2024-01-30T00:00:00")


@pytest.mark.parametrize("lines", [False, True])
def test_numbers_inside_of_fields_are_refused_by_their_field(tmp_path, lines):
    with pytest.raises(DataError, match="in objects in the field 'v'"):
        read(tmp_path, [{"t": place, "v": {"a": place % 5}} for place in range(30)], lines=lines)
    with pytest.raises(DataError, match="in lists in the field 'target'") as refused:
        read(tmp_path, [{"start": STAMPS[0], "target": [1, 2, 3], "item_id": name} for name in "ab"], lines=lines)
    example = refused.value.cure.removeprefix("write a record a step and series: ")
    assert json.loads(example) == {"id": "a", "time": "2024-01-01", "value": 1.5}


def test_objects_beside_a_value_are_no_fault(tmp_path):
    rows = [{"time": stamp, "y": place % 7, "about": {"n": 3}} for place, stamp in enumerate(STAMPS)]
    assert read(tmp_path, rows).columns == ("y",)
    rows = [
        {"time": stamp, "y": None if place < 2 else f"{place % 7}.5", "n": [3]} for place, stamp in enumerate(STAMPS)
    ]
    assert read(tmp_path, rows).columns == ("y",)
