"""The hour that clocks show twice: the order of the rows tells its two instants apart, or the table is refused."""

from __future__ import annotations

import datetime
import random
import zoneinfo

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.errors import DataError

MADRID = zoneinfo.ZoneInfo("Europe/Madrid")
START = datetime.datetime(2023, 10, 26, tzinfo=datetime.UTC)
LOCAL = [f"{(START + datetime.timedelta(hours=hour)).astimezone(MADRID):%Y-%m-%d %H:%M}" for hour in range(120)]
IN_ZONE = Reading(timezone="Europe/Madrid")
LONG = [f"{stamp},{name},{hour + 1000 * place}" for hour, stamp in enumerate(LOCAL) for place, name in enumerate("ab")]


def read(rows, header="time,id,y", id_column=("id",)):
    return clean(parse_table("\n".join([header, *rows]) + "\n"), id_column=id_column, reading=IN_ZONE)


@pytest.mark.parametrize(
    "rows", [LONG, LONG[::-1], sorted(LONG, key=lambda row: row.split(",")[1]), sorted(LONG, key=lambda row: row[:18])]
)
def test_rows_in_the_order_of_time_tell_the_two_hours_apart(rows):
    series = read(rows)
    order = [series.columns.index(name) for name in "ab"]
    assert (series.values[:, order] == np.arange(120)[:, None] + [0, 1000]).all()


@pytest.mark.parametrize("seed", range(8))
def test_shuffled_rows_are_refused(seed):
    rows = [*LONG]
    random.Random(seed).shuffle(rows)
    with pytest.raises(DataError, match=r"show the hour of 2023-10-29T02:00:00 twice.* not in the order") as refused:
        read(rows)
    assert "--timezone" not in refused.value.cure
    wide = [f"{stamp},{hour}" for hour, stamp in enumerate(LOCAL)]
    random.Random(seed).shuffle(wide)
    with pytest.raises(DataError, match="not in the order of time") as refused:
        read(wide, "time,y", ())
    assert "--timezone" not in refused.value.cure


def test_one_of_two_hours_is_no_reason_to_give_the_zone_again():
    rows = [f"{stamp},{hour}" for hour, stamp in enumerate(LOCAL)]
    doubled = [place for place, stamp in enumerate(LOCAL) if LOCAL.count(stamp) == 2]
    for place in doubled:
        series = read(rows[:place] + rows[place + 1 :], "time,y", ())
        (text,) = [finding.text for finding in series.findings if finding.code == "clock-change"]
        assert "guessed" in text
        assert "--timezone" not in text


def test_two_series_without_a_name_are_told_as_such():
    with pytest.raises(DataError, match=r"--id-column|time stamp"):
        read(LONG, id_column=())
