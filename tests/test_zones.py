"""Local times and instants, against zoneinfo, on both sides of the equator."""

from __future__ import annotations

import datetime
import zoneinfo

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.reading import Reading
from seqtool.data.series import join
from seqtool.data.zones import fixed_zone, known_zone, offsets_at, second_of, to_local, to_utc
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.history import cut_at, from_files, from_table
from seqtool.families.forecasting.table import read_frame
from seqtool.reads import DataFile

ZONES = [
    "Europe/Madrid", "America/New_York", "Australia/Sydney", "America/Santiago", "Asia/Kolkata", "Africa/Casablanca",
    "Australia/Lord_Howe", "Pacific/Apia", "+05:45", "-03:30",
]  # fmt: skip


def oracle(name: str) -> datetime.tzinfo:
    if name[0] in "+-":
        seconds = int(name[1:3]) * 3600 + int(name[4:]) * 60
        return datetime.timezone(datetime.timedelta(seconds=-seconds if name[0] == "-" else seconds))
    return zoneinfo.ZoneInfo(name)


def utc(moment: datetime.datetime, count: int, minutes: int) -> np.ndarray:
    return np.datetime64(moment.replace(microsecond=0), "s") + np.arange(count) * np.timedelta64(60 * minutes, "s")


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    start=st.datetimes(datetime.datetime(1975, 1, 1), datetime.datetime(2037, 1, 1)),
    newest_first=st.booleans(),
)
def test_hours_of_a_year_come_back_from_local_time(name, start, newest_first):
    instants = utc(start.replace(minute=0, second=0), 24 * 366, 60)
    local = to_local(instants, name)
    rules = oracle(name)
    for place in range(0, len(instants), 97):
        moment = instants[place].item().replace(tzinfo=datetime.UTC).astimezone(rules)
        assert local[place].item() == moment.replace(tzinfo=None)
        assert offsets_at(instants[place : place + 1], name)[0] == moment.utcoffset().total_seconds()
    order = slice(None, None, -1 if newest_first else 1)
    assert (to_utc(local[order], name) == instants[order]).all()


def test_quarter_hours_of_an_hour_that_comes_twice_and_of_two_series():
    instants = utc(datetime.datetime(2023, 10, 28, 20), 32, 15)
    assert (to_utc(to_local(instants, "Europe/Madrid"), "Europe/Madrid") == instants).all()
    both = np.repeat(instants, 2)
    series = ["a", "b"] * len(instants)
    assert (to_utc(to_local(both, "Europe/Madrid"), "Europe/Madrid", series=series) == both).all()


def test_a_time_that_the_clocks_leave_out_is_refused():
    with pytest.raises(DataError, match="2023-03-26T02:30:00 does not exist in Europe/Madrid"):
        to_utc(np.array(["2023-03-26T02:30:00"], dtype="datetime64[s]"), "Europe/Madrid")


def test_names():
    assert [known_zone(name) for name in ("UTC", "Z", "+01:00", "Europe/Madrid")] == [
        "UTC",
        "UTC",
        "+01:00",
        "Europe/Madrid",
    ]
    assert [fixed_zone(seconds) for seconds in (0, 3600, -12600)] == ["+00:00", "+01:00", "-03:30"]
    for wrong in ("Europe/Madird", "../etc/passwd", "+1", "Mars"):
        with pytest.raises(UsageError, match="no time zone"):
            known_zone(wrong)


def table(stamps) -> str:
    return "time,y\n" + "".join(f"{stamp},{place % 24}.5\n" for place, stamp in enumerate(stamps))


MADRID = zoneinfo.ZoneInfo("Europe/Madrid")
IN_MADRID = Reading(timezone="Europe/Madrid")
HOURS = [datetime.datetime(2023, 10, 20, tzinfo=datetime.UTC) + datetime.timedelta(hours=n) for n in range(400)]


@pytest.mark.parametrize("spelled", ["local", "offset", "utc"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_series_through_a_change_of_clocks_has_no_gap_and_is_answered_in_its_zone(spelled, newest_first):
    moments = [moment.astimezone(datetime.UTC if spelled == "utc" else MADRID) for moment in HOURS]
    texts = [(moment.replace(tzinfo=None) if spelled == "local" else moment).isoformat() for moment in moments]
    series = clean(parse_table(table(texts[::-1] if newest_first else texts)), reading=IN_MADRID)
    assert len(series.values) == 400
    assert series.stamps() == [moment.astimezone(MADRID).isoformat() for moment in HOURS]
    ahead = [HOURS[-1] + datetime.timedelta(hours=n) for n in (1, 2, 3)]
    assert series.future(3) == [moment.astimezone(MADRID).isoformat() for moment in ahead]
    assert series.reading.timezone == "Europe/Madrid"


def test_a_fixed_offset_is_kept_and_other_ones_become_utc():
    fixed = clean(parse_table(table(f"2023-01-0{1 + n // 24}T{n % 24:02d}:00:00+01:00" for n in range(60))))
    assert fixed.future(1) == ["2023-01-03T12:00:00+01:00"]
    mixed = clean(parse_table(table(moment.astimezone(MADRID).isoformat() for moment in HOURS)))
    assert (mixed.future(1), mixed.reading.timezone) == (["2023-11-05T16:00:00Z"], "UTC")


@pytest.mark.parametrize("name", ["Europe/Madrid", "America/Santiago"])
def test_days_stay_days_where_the_clocks_change(name):
    """In Santiago the change is at midnight: there is no such local time."""
    days = [str(np.datetime64("2022-08-01") + n) for n in range(60)]
    assert clean(parse_table(table(days)), reading=Reading(timezone=name)).stamps() == days
    midnights = [datetime.datetime(2023, 3, n, tzinfo=MADRID).isoformat() for n in range(20, 32)]
    assert clean(parse_table(table(midnights)), reading=IN_MADRID).future(1) == ["2023-04-01"]


def test_a_zone_that_contradicts_its_offsets_is_refused():
    text = table(["2023-07-01T00:00:00+01:00", "2023-07-01T01:00:00+01:00"])
    with pytest.raises(DataError, match=r"2023-07-01T00:00:00\+01:00 has an offset that Europe/Madrid does not have"):
        clean(parse_table(text), reading=IN_MADRID)


def test_the_second_of_a_doubled_hour():
    first = np.datetime64("2023-10-29T00:30:00")
    assert second_of(first, "Europe/Madrid") == np.datetime64("2023-10-29T01:30:00")
    assert second_of(first - np.timedelta64(1, "D"), "Europe/Madrid") == first - np.timedelta64(1, "D")


def test_local_days_with_changing_offsets_and_no_zone_are_days():
    days = [datetime.datetime(2023, 3, 1, tzinfo=MADRID) + datetime.timedelta(days=n) for n in range(60)]
    series = clean(parse_table(table(day.isoformat() for day in days)))
    assert (str(series.grid), series.future(1)) == ("daily", ["2023-04-30"])
    later = parse_table(table(day.isoformat() for day in days[:30]))
    assert from_table(later, ("y",), {}, series.reading, "", series.grid).future(1) == ["2023-03-31"]


def test_days_of_a_zone_are_put_together_by_its_clocks():
    hours = [datetime.datetime(2018, 2, 28, 23, tzinfo=datetime.UTC) + datetime.timedelta(hours=n) for n in range(960)]
    local = [hour.astimezone(MADRID).replace(tzinfo=None).isoformat() for hour in hours]
    text = "time,y\n" + "".join(f"{stamp},1\n" for stamp in local)
    series = clean(parse_table(text), reading=Reading(timezone="Europe/Madrid", resample="sum", step="day"))
    assert series.values[24, 0] == 23  # 25 March
    assert (series.values[:24, 0] == 24).all()


def test_an_offset_of_another_zone_is_an_instant_to_a_model():
    trained = clean(parse_table(table(moment.astimezone(MADRID).isoformat() for moment in HOURS)), reading=IN_MADRID)
    new_york = zoneinfo.ZoneInfo("America/New_York")
    later = parse_table(table(moment.astimezone(new_york).isoformat() for moment in HOURS[:30]))
    series = from_table(later, ("y",), {}, trained.reading, "", trained.grid)
    assert series.future(1) == [HOURS[30].astimezone(MADRID).isoformat()]


def test_a_table_that_begins_in_the_second_of_two_hours_goes_on_from_there():
    instants = utc(datetime.datetime(2023, 10, 29, 1), 5, 60)  # the second 02:00 in Madrid
    assert (to_utc(to_local(instants, "Europe/Madrid"), "Europe/Madrid") == instants).all()
    both = utc(datetime.datetime(2023, 10, 29, 0), 5, 60)
    assert (to_utc(to_local(both, "Europe/Madrid"), "Europe/Madrid") == both).all()


def test_files_with_and_without_offsets_are_not_joined_before_the_zone_is_known():
    local = [f"2023-04-0{1 + n // 24}T{n % 24:02d}:00:00" for n in range(72)]
    zoned = table(f"{text}+02:00" for text in local)
    with pytest.raises(DataError, match="of 'B' have an offset from UTC, those of 'A' have none") as caught:
        join([clean(parse_table(table(local))), clean(parse_table(zoned))], ["A", "B"])
    assert caught.value.cure.startswith("--timezone NAME")
    for name, common in (("+02:00", 72), ("UTC", 70)):
        both = [clean(parse_table(text), reading=Reading(timezone=name)) for text in (table(local), zoned)]
        assert len(join(both, ["A", "B"]).values) == common
    days = [clean(parse_table(table(texts))) for texts in (
        [f"2023-04-0{n}" for n in range(1, 9)], [f"2023-04-0{n}T00:00:00+02:00" for n in range(1, 9)]
    )]  # fmt: skip
    assert len(join(days, ["A", "B"]).values) == 8


def test_a_model_of_instants_says_that_a_later_table_has_no_offsets():
    texts = [f"2023-04-01T{hour:02d}:00:00" for hour in range(24)]
    trained = clean(parse_table(table(f"{text}Z" for text in texts)))

    def codes(text):
        later = from_table(parse_table(text), ("value",), {}, trained.reading, "", trained.grid)
        return {finding.code for finding in later.findings}

    assert "no-offsets" in codes(table(texts))
    assert "no-offsets" not in codes(table(f"{text}Z" for text in texts)) | codes(
        table(str(1_680_307_200 + 3600 * hour) for hour in range(24))
    )
    frame = pandas.DataFrame({"when": pandas.to_datetime(texts), "value": np.arange(24.0)})
    series = read_frame(frame, ("value",), {}, trained.reading, trained.grid)
    assert [finding.code for finding in series.findings] == ["no-offsets"]


@pytest.mark.parametrize("months", [False, True])
def test_local_days_and_months_in_utc_name_the_zone_as_the_cure(months):
    first = [datetime.datetime(2021 + n // 12, 1 + n % 12, 1, tzinfo=MADRID) for n in range(24)]
    days = [datetime.datetime(2021, 1, 1, tzinfo=MADRID) + datetime.timedelta(n) for n in range(200)]
    text = table(moment.astimezone(datetime.UTC).isoformat() for moment in (first if months else days))
    with pytest.raises(
        DataError, match=r"look like local days or months in UTC: .* an hour earlier in summer"
    ) as caught:
        clean(parse_table(text))
    assert caught.value.cure.startswith("--timezone NAME")
    one = clean(parse_table(text), reading=IN_MADRID)
    assert one.stamps() == [str(moment.date()) for moment in (first if months else days)]


def test_open_hours_of_a_place_in_utc_name_the_zone():
    york = zoneinfo.ZoneInfo("America/New_York")
    days = [datetime.datetime(2022, 2, 7, 9, 30, tzinfo=york) + datetime.timedelta(n) for n in range(70)]
    hours = [day + datetime.timedelta(minutes=30 * n) for day in days if day.weekday() < 5 for n in range(13)]
    text = table(moment.astimezone(datetime.UTC).isoformat() for moment in hours)
    warned = next(finding.text for finding in clean(parse_table(text)).findings if finding.code == "missing-stamps")
    assert "--timezone NAME" in warned
    local = clean(parse_table(text), reading=Reading(timezone="America/New_York"))
    assert len(local.values) == len(hours)
    assert "missing-stamps" not in {finding.code for finding in local.findings}


@pytest.mark.parametrize(("days", "own"), [(7, "weekly"), (3, "every 3 days")])
def test_a_table_of_longer_steps_than_the_model_is_refused(days, own):
    trained = clean(parse_table(table(str(np.datetime64("2021-06-01") + n) for n in range(60))))
    text = table(str(np.datetime64("2022-06-06") + days * n) for n in range(20))
    with pytest.raises(DataError, match=f"the table is {own}, the model was trained on a series that is daily"):
        from_table(parse_table(text), ("y",), {}, trained.reading, "", trained.grid)


def test_later_files_with_and_without_offsets_are_not_joined_either(tmp_path):
    texts = [f"2023-04-01T{hour:02d}:00:00" for hour in range(24)]
    for name, end in (("bare", ""), ("also", ""), ("zoned", "Z")):
        (tmp_path / f"{name}.csv").write_text(table(f"{text}{end}" for text in texts))
    trained = clean(parse_table(table(f"{text}Z" for text in texts)))

    def later(*names, **config):
        files = [DataFile(tmp_path / f"{name}.csv", label) for name, label in zip(names, "AB", strict=True)]
        return from_files(files, ("A", "B"), config, trained.reading, trained.grid)

    with pytest.raises(DataError, match="of 'B' have an offset from UTC, those of 'A' have none"):
        later("bare", "zoned")
    assert "no-offsets" in {finding.code for finding in later("bare", "also").findings}
    assert len(later("bare", "zoned", timezone="UTC").values) == 24


@pytest.mark.parametrize("end", ["+02:00", "-05:30"])
def test_offsets_are_refused_by_a_model_whose_training_had_none(end):
    """Nothing says where the training's clocks stood: the wall clock of another zone would be hours off."""
    hours = [f"2024-03-{5 + n // 24:02d}T{n % 24:02d}:00:00" for n in range(72)]
    trained = clean(parse_table(table(hours)))
    with pytest.raises(DataError, match="have offsets from UTC, those of the training had none"):
        from_table(parse_table(table(hour + end for hour in hours)), ("y",), {}, trained.reading, "", trained.grid)
    days = clean(parse_table(table(f"2024-03-{n:02d}" for n in range(1, 29))))
    later = table(f"2024-04-{n:02d}T00:00:00{end}" for n in range(1, 29))
    read = from_table(parse_table(later), ("y",), {}, days.reading, "", days.grid)
    assert read.stamps()[0][:10] == "2024-04-01"  # a day is a day


def test_utc_is_warned_of_by_a_model_whose_training_had_no_offsets():
    hours = [f"2024-03-{5 + n // 24:02d}T{n % 24:02d}:00:00" for n in range(72)]
    trained = clean(parse_table(table(hours)))
    read = from_table(parse_table(table(hour + "Z" for hour in hours)), ("y",), {}, trained.reading, "", trained.grid)
    assert "offsets" in {finding.code for finding in read.findings if finding.level == "warning"}
    again = from_table(parse_table(table(hours)), ("y",), {}, trained.reading, "", trained.grid)
    assert "offsets" not in {finding.code for finding in again.findings}


def test_seconds_since_1970_are_instants_beside_a_zone():
    start = np.datetime64("2024-10-26T07:00", "s")
    seconds = int(start.astype(np.int64)) + 3600 * np.arange(100)
    text = "time,kw\n" + "".join(f"{second},{n}.5\n" for n, second in enumerate(seconds))
    one = clean(parse_table(text), reading=Reading(timezone="Europe/Berlin"))
    assert (one.times == start + np.arange(100) * np.timedelta64(1, "h")).all()
    assert (one.stamps()[0], one.stamps()[-1]) == ("2024-10-26T09:00:00+02:00", "2024-10-30T11:00:00+01:00")
    later = from_table(parse_table(text[: len("time,kw\n")] + f"{seconds[-1] + 3600},1\n"), ("kw",), {}, one.reading,
                       "", one.grid)  # fmt: skip
    assert later.stamps() == ["2024-10-30T12:00:00+01:00"]
    assert len(cut_at(one, str(seconds[4])).values) == 5
    days = clean(parse_table(text), reading=Reading(timezone="Europe/Berlin", resample="sum", step="day"))
    assert days.stamps() == ["2024-10-27", "2024-10-28", "2024-10-29"]
    assert days.values[0, 0] == sum(n + 0.5 for n in range(15, 40))  # the day of 25 hours


def test_an_empty_row_for_the_hour_that_the_clocks_leave_out_is_none():
    local = np.datetime64("2024-03-30T00:00", "s") + np.arange(72) * np.timedelta64(1, "h")
    gone = np.datetime64("2024-03-31T02:00", "s")
    cells = ["NaN" if time == gone else f"{n}.5" for n, time in enumerate(local)]
    text = "time,kw\n" + "".join(f"{time},{cell}\n" for time, cell in zip(local, cells, strict=True))
    one = clean(parse_table(text), reading=Reading(timezone="Europe/Berlin"))
    assert (len(one.values), one.stamps()[-1], np.isnan(one.values).any()) == (71, "2024-04-01T23:00:00+02:00", False)
    with pytest.raises(DataError, match="does not exist in Europe/Berlin"):
        clean(parse_table(text.replace("NaN", "7")), reading=Reading(timezone="Europe/Berlin"))
