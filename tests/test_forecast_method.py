"""`Runner.forecast`: a DataFrame in, the rows of `seqtool forecast` out, whoever made it and in whatever thread."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqtool
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table
from seqtool.errors import DataError, ModelError, SeqtoolError, UsageError
from seqtool.families.forecasting.continuation import Continuation
from seqtool.families.forecasting.history import from_table
from seqtool.families.forecasting.runner import Prediction, Runner
from seqtool.families.forecasting.table import read_frame
from seqtool.say import emit_json

TINY = Path(__file__).parent / "models" / "tiny-forecast.onnx"
DAYS = np.datetime64("2024-01-01") + np.arange(20)
VALUES = [None if day == 12 else round(100 + 10 * math.sin(day), 4) for day in range(20)]


@pytest.fixture(scope="module")
def runner():
    return seqtool.load(TINY)


@pytest.fixture
def printed(cli, tmp_path):
    """Return `printed(model, "--horizon", "3")`: the rows of the command as text, and as numbers."""
    path = tmp_path / "prices.csv"
    rows = [f"{day},{'' if value is None else value}" for day, value in zip(DAYS, VALUES, strict=True)]
    path.write_text("\n".join(["Date,Close", *rows]) + "\n")

    def run(model, *options):
        words = ["forecast", "-m", model, "--data", path, *options]
        text, objects = cli(*words), cli(*words, "--json")
        assert (text.returncode, objects.returncode) == (0, 0), text.stderr
        return list(csv.reader(text.stdout.splitlines())), [json.loads(line) for line in objects.stdout.splitlines()]

    return run


def times(days):
    return days.astype("datetime64[us]")


FRAMES = {
    "polars text": polars.DataFrame({"Date": [str(day) for day in DAYS], "Close": VALUES}),
    "polars dates": polars.DataFrame({"Date": DAYS, "Close": VALUES}),
    "polars times": polars.DataFrame({"Close": VALUES, "when": times(DAYS)}),
    "polars zone": polars.DataFrame({"when": times(DAYS), "Close": VALUES}).with_columns(
        polars.col("when").dt.replace_time_zone("UTC")
    ),
    "polars nan": polars.DataFrame({"Date": DAYS, "Close": [math.nan if v is None else v for v in VALUES]}),
    "polars backwards": polars.DataFrame({"Date": DAYS, "Close": VALUES}).reverse(),
    "pandas text": pandas.DataFrame({"Date": [str(day) for day in DAYS], "Close": VALUES}),
    "pandas times": pandas.DataFrame({"Date": pandas.to_datetime(DAYS), "Close": VALUES}),
    "pandas index": pandas.DataFrame({"Close": VALUES}, index=pandas.to_datetime(DAYS)),
    "pandas zone": pandas.DataFrame({"Date": pandas.to_datetime(DAYS).tz_localize("UTC"), "Close": VALUES}),
    "pandas nullable": pandas.DataFrame({"Date": DAYS, "Close": pandas.array(VALUES, dtype="Float64")}),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_gives_the_rows_of_the_command_bit_for_bit(runner, printed, name):
    table, objects = printed(TINY, "--horizon", "6")
    forecast = runner.forecast(FRAMES[name], 6)
    assert type(forecast) is type(FRAMES[name])
    assert list(forecast.columns) == table[0] == ["time", "Close"]
    assert list(forecast["time"]) == [row[0] for row in table[1:]] == [one["time"] for one in objects]
    assert list(forecast["Close"]) == [one["Close"] for one in objects]
    assert [f"{value:.8g}" for value in forecast["Close"]] == [row[1] for row in table[1:]]


def test_left_out_the_horizon_is_the_trained_one(runner):
    assert len(runner.forecast(FRAMES["polars text"])) == runner.horizon == 4
    assert runner.labels == runner.columns == ("Close",)


def test_rows_without_stamps_are_steps(runner):
    with pytest.warns(UserWarning, match=r"it reads 'price'|the table has no time stamps"):
        forecast = runner.forecast(polars.DataFrame({"price": VALUES}), 2)
    assert forecast.columns == ["time", "price"]  # a single series keeps its own name, as in the command
    assert forecast["time"].to_list() == ["21", "22"]


@pytest.mark.parametrize("library", [polars, pandas])
def test_quantiles_stand_beside_their_column_and_are_missing_where_unknown(cli, project, library):
    """The sample of the project, 40 steps and two beyond those that the training measured."""
    opened = seqtool.load("runs/tiny")
    lines = cli("forecast", "--horizon", "42", "--quantiles", "--json").stdout.splitlines()
    objects = [json.loads(line) for line in lines]
    (sample,) = Path("cache").glob("**/bitcoin-*.csv")
    forecast = opened.forecast(library.read_csv(sample), 42, quantiles=True)
    assert isinstance(forecast, library.DataFrame)
    assert list(forecast.columns) == ["time", "Close", "Close q0.1", "Close q0.5", "Close q0.9"]
    assert list(forecast["time"]) == [one["time"] for one in objects]
    assert list(forecast["Close"]) == [one["Close"] for one in objects]
    for level in ("0.1", "0.5", "0.9"):
        column = forecast[f"Close q{level}"]
        missing = (column.is_null() if library is polars else column.isna()).to_list()
        assert missing == [one["quantiles"]["Close"][level] is None for one in objects] == [False] * 40 + [True] * 2
        assert list(column)[:40] == [one["quantiles"]["Close"][level] for one in objects[:40]]
    plain = opened.forecast(library.read_csv(sample), 42)
    assert list(plain.columns) == ["time", "Close"]
    assert list(plain["Close"]) == list(forecast["Close"])


def test_many_threads_get_the_answers_of_one(runner):
    frames = [FRAMES["polars dates"][:stop] for stop in range(8, 21)] * 6
    alone = [runner.forecast(frame, 5) for frame in frames]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda frame: runner.forecast(frame, 5), frames))
    assert all(one.equals(other) for one, other in zip(alone, together, strict=True))


@pytest.mark.parametrize(
    ("table", "horizon", "error", "said"),
    [
        ({"Close": VALUES}, 1, UsageError, "dict is not a DataFrame"),
        ("prices.csv", 1, UsageError, "str is not a DataFrame"),
        (FRAMES["polars text"].lazy(), 1, UsageError, "LazyFrame is not a DataFrame"),
        (FRAMES["polars text"], 0, UsageError, "a horizon of 0 asks for nothing"),
        (FRAMES["polars text"], 10**6, UsageError, "at most, not 1000000"),
        (FRAMES["polars text"][:5], 1, DataError, "the model sees 8 steps, the series has 5"),
        (polars.DataFrame({"Date": DAYS, "a": VALUES, "b": VALUES}), 1, SeqtoolError, "2 columns of numbers"),
        (pandas.DataFrame(np.ones((9, 2)), columns=["Close", "Close"]), 1, DataError, "two columns have one name"),
        (polars.DataFrame({"Date": DAYS, "Close": ["x"] * 20}), 1, DataError, "'x' in column 'Close' is no number"),
        (polars.DataFrame({"Date": ["2024-01-01"] * 20, "Close": VALUES}), 1, DataError, "there more than once"),
    ],
)
def test_what_is_no_history_is_refused_in_words(runner, table, horizon, error, said):
    with pytest.raises(error, match=said) as caught:
        runner.forecast(table, horizon)
    assert caught.value.cure


def test_quantiles_of_a_model_that_has_none_are_refused(runner):
    with pytest.raises(UsageError, match="the model gives no quantiles"):
        runner.forecast(FRAMES["polars text"], quantiles=True)


@pytest.mark.parametrize("library", [polars, pandas])
@pytest.mark.parametrize("other", [None, "prose"])
def test_stamps_are_read_to_the_second_as_they_are_from_a_file(library, other):
    """A column of text sends the whole frame through text."""
    stamps = np.array(["2024-01-01T10:00:00.250", "2024-01-01T12:00:00.999"], dtype="datetime64[ms]")
    text = {} if other is None else {"said": [other, None]}
    series = read_frame(library.DataFrame({"t": stamps, "a": [1.5, 2], **text}), ("a",), {}, Reading())
    assert series.times.astype(str).tolist() == ["2024-01-01T10:00:00", "2024-01-01T12:00:00"]
    assert series.values.tolist() == [[1.5], [2]]


def outcome(read, *args):
    """What a reader gives or raises, to be compared."""
    try:
        series = read(*args)
    except SeqtoolError as error:
        return type(error), str(error)
    values = np.where(np.isnan(series.values), np.nan, series.values)  # a NaN of either sign
    return series.columns, values.tobytes(), str(series.times), str(series.grid)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_columns_of_a_dtype_give_what_their_text_does(data):
    """Gaps, repeats, any order, missing numbers, whole numbers, other columns, other spellings; the same errors too."""
    rows = data.draw(st.integers(1, 12))
    unit = np.timedelta64(data.draw(st.sampled_from([1, 3600, 86400, 90000])), "s")
    distinct = data.draw(st.sampled_from([True, True, True, False]))
    places = data.draw(st.lists(st.integers(0, rows + rows // 2), min_size=rows, max_size=rows, unique=distinct))
    times = np.datetime64("2024-01-01", "s") + np.array(places) * unit
    names = data.draw(
        st.lists(st.sampled_from(["Close", "a", "B", "time", "Volume"]), unique=True, min_size=1, max_size=3)
    )
    endless = data.draw(st.sampled_from([False, False, False, True]))
    floats = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=endless))
    kinds = [data.draw(st.sampled_from([floats, st.integers(-(2**60), 2**60)])) for _ in names]
    columns = {
        name: data.draw(st.lists(kind, min_size=rows, max_size=rows)) for name, kind in zip(names, kinds, strict=True)
    }
    frame = {"when": times.astype("datetime64[us]"), **columns}
    library = data.draw(st.sampled_from([polars, pandas]))
    if data.draw(st.booleans()):  # stamps as text, plain as from most programs, or one of them broken
        frame["when"] = times.astype(str).tolist()
        broken = data.draw(st.sampled_from(["", "", "", "2024-02-30T00:00:00", "soon", " "]))
        if broken:
            frame["when"][-1] = broken
    table = polars.DataFrame(frame, strict=False) if library is polars else pandas.DataFrame(frame)
    own = tuple(name.lower() for name in data.draw(st.permutations(names)))
    wanted = data.draw(st.sampled_from([own, own[:1], ("Close",), ("a", "b"), ("when",)]))
    reading = Reading(time=data.draw(st.sampled_from([(), (), ("WHEN",), ("a",)])))
    config = data.draw(st.sampled_from([{}, {}, {"id_column": "b"}]))
    if isinstance(frame["when"], list):
        columns = {"when": frame["when"], **columns}
    text = {
        name: [None if gone else str(value) for gone, value in zip(pandas.isna(cells), cells, strict=True)]
        for name, cells in {"when": times.astype(str).tolist(), **columns}.items()
    }
    assert outcome(read_frame, table, wanted, config, reading) == outcome(
        from_table, Table(text, numeric=names), wanted, config, reading, "the table"
    )


@pytest.mark.parametrize("column", [[None, None, float("nan")], [1.0, 2.0, float("nan")]])
def test_a_nan_names_no_series(column):
    """To polars NaN is a number, to pandas a missing value: a column of names means the same in both."""
    stamps = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[us]")
    table = {"when": stamps, "id": column, "value": [1.0, 2.0, 3.0]}
    results = [
        outcome(read_frame, library.DataFrame(table), ("1.0",), {"id_column": "id"}, Reading())
        for library in (polars, pandas)
    ]
    assert results[0] == results[1]


@pytest.mark.parametrize("kind", ["times", "text", "periods"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_stamps_in_the_index_are_stamps_whatever_their_type(runner, kind, newest_first):
    """As text they were no times to us, and a table with the newest row first ran backwards."""
    frame = FRAMES["pandas index"]
    index = {"times": frame.index, "text": frame.index.astype(str), "periods": frame.index.to_period("D")}[kind]
    given = frame.set_axis(index)[:: -1 if newest_first else 1]
    assert runner.forecast(given, 2).equals(runner.forecast(frame, 2))


@pytest.mark.parametrize(("given", "untouched"), [("polars", "pandas"), ("pandas", "polars")])
def test_the_library_that_is_not_given_is_not_imported_and_pytorch_never(given, untouched):
    program = (
        f"import sys, {given}, seqtool; runner = seqtool.load({str(TINY)!r});"
        f"runner.forecast({given}.DataFrame({{'Close': [float(n) for n in range(1, 20)]}}), 3);"
        f"assert not {{{untouched!r}, 'torch', 'onnx', 'pluggy', 'matplotlib'}} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_graph_whose_answer_has_another_shape_is_refused_in_words(monkeypatch):
    runner = seqtool.load(Path(__file__).parent / "models" / "tiny-forecast.onnx")
    flat = {"forecast": np.float32(1.0)}
    monkeypatch.setattr(type(runner.model), "run", lambda self, feeds: flat)
    with pytest.raises(ModelError, match=r"the graph gives forecast of shape \[\], not \[1, 3, 1\]"):
        runner.forecast_batch(np.ones((1, 30, 1)), 3)


def test_seconds_in_the_index_are_stamps_and_row_numbers_are_none():
    seconds = DAYS.astype("datetime64[s]").astype(np.int64)
    values = np.arange(20.0)
    reversed_frame = pandas.DataFrame({"Close": values[::-1]}, index=seconds[::-1])
    series = read_frame(reversed_frame, ("Close",), {}, Reading())
    assert series.values[:, 0].tolist() == values.tolist()
    assert series.stamps() == [str(day) for day in DAYS]
    kept = pandas.DataFrame({"Close": values})[values != 5]  # its index has a gap, and counts rows
    assert read_frame(kept, ("Close",), {}, Reading()).times is None


def test_names_and_stamps_in_an_index_of_two_levels_are_columns():
    index = pandas.MultiIndex.from_product([["a", "b"], pandas.to_datetime(DAYS)], names=["shop", "ds"])
    frame = pandas.DataFrame({"y": np.arange(40.0)}, index=index)
    series = read_frame(frame, ("b", "a"), {"id_column": ["shop"]}, Reading())
    assert series.values[3].tolist() == [23, 3]
    assert series.stamps()[3] == "2024-01-04"


def test_a_series_called_time_keeps_its_stamps():
    steps = Continuation(["2024-01-01"], ["time"], np.array([[7.0]]), (), np.empty((1, 1, 0)), 12)
    assert list(steps.records()) == [{"time_": "2024-01-01", "time": 7.0}]
    assert list(steps.columns_by_name()) == ["time_", "time"]


def test_what_speaks_against_a_frame_is_a_warning(runner):
    days = pandas.date_range("2024-01-01", periods=20)
    values = np.arange(20.0) + 100
    with pytest.warns(UserWarning, match="the model continues 'Close': it reads 'volume'"):
        runner.forecast(pandas.DataFrame({"date": days, "volume": values}), 1)
    hours = pandas.date_range("2024-01-01", periods=20, freq="h")
    with pytest.raises(DataError, match="the table is hourly, the model was trained on a series that is daily"):
        runner.forecast(polars.DataFrame({"date": hours.to_numpy(), "Close": values}), 1)
    gap = days.delete(5)
    with pytest.warns(UserWarning, match="1 time stamp is missing, the first 2024-01-06"):
        runner.forecast(pandas.DataFrame({"date": gap, "Close": values[:19]}), 1)


def test_numbers_among_objects_are_numbers():
    values = pandas.Series([1200.125] * 11 + [None], dtype=object)
    series = read_frame(pandas.DataFrame({"y": values}), ("y",), {}, Reading(decimal=",", thousands="."))
    assert series.values[0].tolist() == [1200.125]


AMOUNTS = [Decimal("1204.500"), None, Decimal("87.125"), Decimal("950.000")]
DATES = [f"2024-03-0{day}" for day in range(1, 5)]


@pytest.mark.parametrize(
    "column",
    [
        polars.Series(AMOUNTS, dtype=polars.Decimal(10, 3)),
        pandas.Series(AMOUNTS, dtype=object),
        pandas.Series([1204.5, pandas.NA, 87.125, 950], dtype=object),
        pandas.Series([1204.5, pandas.NA, 87.125, 950.0], dtype="Float64"),
    ],
    ids=lambda column: f"{type(column).__module__.partition('.')[0]} {column.dtype}",
)
def test_decimals_of_a_database_are_numbers_whatever_marks_the_training_table_had(column):
    library = polars if isinstance(column, polars.Series) else pandas
    german = Reading(decimal=",", thousands=".", names=("when", "sum"))
    for when in (DATES, [f"{day}.3.2024" for day in range(1, 5)]):  # plain stamps, and those read as text
        series = read_frame(library.DataFrame({"when": when, "sum": column}), ("sum",), {}, german)
        np.testing.assert_array_equal(series.values[:, 0], [1204.5, np.nan, 87.125, 950])


def test_the_column_that_a_frame_is_asked_to_name_is_that_of_its_text():
    frame = polars.DataFrame({"when": DATES, "once": [None, None, 0.0, 0.0], "sold": [0, 3, 1, 2]})
    with pytest.raises(DataError) as caught:
        read_frame(frame, ("sum",), {}, Reading())
    assert caught.value.cure == "choose one: --value-column sold"


@pytest.mark.parametrize(("number", "quantile"), [(-math.inf, 0), (math.nan, 0), (0, math.inf)])
def test_a_forecast_that_left_the_range_of_numbers_is_refused(runner, cli, monkeypatch, number, quantile, tmp_path):
    # the tiny network is bounded; one with a highway of lags is not
    endless = Prediction(np.full((1, 2, 1), number), {}, np.full((1, 2, 1, 3), quantile))
    monkeypatch.setattr(Runner, "forecast_batch", lambda *_, **__: endless)
    with pytest.raises(DataError, match="the forecast is no number"):
        runner.forecast(polars.DataFrame({"Date": times(DAYS), "Close": VALUES}), 2)
    rows = [f"{day},{place}" for place, day in enumerate(DAYS)]
    (tmp_path / "huge.csv").write_text("\n".join(["Date,Close", *rows]) + "\n")
    for form in ((), ("--json",)):
        answer = cli("forecast", "-m", TINY, "--data", tmp_path / "huge.csv", "--horizon", "2", *form)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert "the forecast is no number: the values are too large" in answer.stderr


def test_json_has_null_for_what_is_no_number(capsys):
    emit_json({"a": math.inf, "b": [math.nan, 1.5, "NaN"], "c": "é"})
    assert capsys.readouterr().out == '{"a": null, "b": [null, 1.5, "NaN"], "c": "é"}\n'
