"""`forecast --follow`: what a line says, and that following gives what the table gives."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.calendar import calendar
from seqtool.data.encoders.scaler import Scaler
from seqtool.data.grid import Grid
from seqtool.data.number_table import parse_table
from seqtool.data.reading import BEFORE, Reading
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.export import graph
from seqtool.families.forecasting.history import from_table, go_on, keep
from seqtool.families.forecasting.network import Forecaster
from seqtool.families.forecasting.pipe import STEPS, verb
from seqtool.families.forecasting.runner import Prediction, Runner
from seqtool.families.load import runner_of as runner
from seqtool.modelfile.tensors import TensorSpec
from seqtool.runtime.model import open_model
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Refusal

TINY = Path(__file__).parent / "models" / "tiny-forecast.onnx"
SERIES = [f"2024-01-{day:02d},{100 + 10 * math.sin(day):.4f}" for day in range(1, 21)]


def reading_as(reading: Reading) -> SimpleNamespace:
    """Encoders of a table that is written so, to which no value is strange."""
    return SimpleNamespace(reading=reading, inputs=(), strange=lambda history: [])


@dataclass
class Toy:
    """A forecaster of two series whose first step is the last row, each further one 1000 more."""

    columns: tuple[str, ...] = ("a", "b")
    window: int = 3
    needs_positive: bool = False
    digits: int = 8
    calendar: tuple[str, ...] = ()
    stateful: bool = False
    pooled: bool = False
    grid: Grid | None = field(default_factory=lambda: Grid(seconds=3600))
    encoders: SimpleNamespace = field(default_factory=lambda: reading_as(BEFORE))
    seen: list = field(default_factory=list)
    codes: list = field(default_factory=list)

    def check_horizon(self, horizon: int) -> None: ...

    def forecast_batch(self, history, horizon, covariates=None):
        self.seen += history.tolist()
        self.codes += [] if covariates is None else covariates.tolist()
        last = np.nan_to_num(history[:, -1:, :], nan=-1)
        return Prediction(last + 1000 * np.arange(horizon)[None, :, None], {})


def numbered(*texts: str) -> list[Record]:
    return [Record(number, text) for number, text in enumerate(texts, start=1)]


def follow(*texts: str, horizon: int = 1, json: bool = False, **toy) -> list:
    """Answer lines in one batch, refusals by their reason."""
    answers = verb(Toy(**toy), horizon, json=json).answer(numbered(*texts))
    return [answer.reason if isinstance(answer, Refusal) else answer for answer in answers]


@pytest.fixture
def by_file(cli, tmp_path, monkeypatch):
    """Return `by_file("--horizon", "2", lines=[...])`: the lines on stdout, the lines piped in from a file."""
    monkeypatch.chdir(tmp_path)

    def run(*args, lines):
        Path("lines").write_text("\n".join(lines))
        with Path("lines").open() as stream, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", stream)
            answer = cli("forecast", "-m", TINY, *args)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.split("\n")[:-1]

    return run


def test_each_line_is_answered_as_the_table_up_to_it(by_file):
    answers = by_file("--follow", "--horizon", "3", lines=["Date,Close", *SERIES])
    assert answers[:8] == [""] * 8  # the header and seven lines before the first window of eight
    for stop in (8, 9, 20):
        table = by_file("--horizon", "3", lines=["Date,Close", *SERIES[:stop]])
        assert answers[stop].split(",") == [row.split(",")[1] for row in table[1:]]


def test_json_names_the_stamp_or_the_line(by_file):
    texts = by_file("--follow", "--horizon", "2", lines=SERIES)
    stamped = [json.loads(line) for line in by_file("--follow", "--json", "--horizon", "2", lines=SERIES)]
    bare = by_file("--follow", "--json", lines=[line.split(",")[1] for line in SERIES])
    assert stamped[:7] == [{}] * 7
    assert [one["time"] for one in stamped[7:]] == [f"2024-01-{day:02d}" for day in range(8, 21)]
    assert [json.loads(line)["time"] for line in bare[7:]] == [*range(8, 21)]
    for one, text in zip(stamped[7:], texts[7:], strict=True):
        assert [f"{row[0]:.8g}" for row in one["forecast"]] == text.split(",")


TINY_RUNNER = runner(open_model(TINY), "forecasting")


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 12), max_size=4))
def test_answers_are_the_same_bits_wherever_batches_end(sizes):
    lines = numbered("Close", *[line.split(",")[1] for line in SERIES], "", "x", *["77", "nan"] * 9)
    lines = [record for record in lines if not record.empty]
    whole = verb(TINY_RUNNER, 2, json=True).answer(lines)
    following, stops = verb(TINY_RUNNER, 2, json=True), np.cumsum([0, *sizes, len(lines)])
    parts = [following.answer(lines[a:b]) for a, b in itertools.pairwise(stops) if lines[a:b]]
    assert [answer for part in parts for answer in part] == whole


def test_series_come_step_by_step():
    assert follow("1,10", "2,20", "3,30", "4,40", horizon=2) == [None, None, "3,30,1003,1030", "4,40,1004,1040"]
    assert follow("1,10", "2,20", "3,30", horizon=2, json=True)[2] == {
        "time": 3,
        "forecast": [[3.0, 30.0], [1003.0, 1030.0]],
    }


@pytest.mark.parametrize(
    "line", ["3,30", "3;30", "3\t30", "3, 30 ", '"3","30"', "2024-01-01,3,30", "1/2/2024 10:00;3;30", '="3",="30"']
)
def test_ways_to_write_a_row(line):
    assert follow("1,10", "2,20", line)[2] == "3,30"


@pytest.mark.parametrize("missing", ["", "nan", "NA", "null", "-"])
def test_missing_cells_reach_the_model_as_nan(missing):
    toy = Toy()
    answers = verb(toy, 1).answer(numbered("1,10", "2,20", f"{missing},30", "4,40"))
    assert answers == [None, None, "-1,30", "4,40"]
    np.testing.assert_equal(toy.seen[0], [[1, 10], [2, 20], [math.nan, 30]])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x,30", "'x' is no number"),
        ("3,1_0", "'1_0' is no number"),
        ("3,30\u20281", "'30\\u20281' is no number"),
        ("3,30\rx", "1 fields: the model takes 2 values, with or without a time stamp in front"),
        ("3", "1 fields: the model takes 2 values, with or without a time stamp in front"),
        ("7,3,30", "3 fields: the model takes 2 values, with or without a time stamp in front"),
        ("2024-01-01,1,2,3", "4 fields: the model takes 2 values, with or without a time stamp in front"),
        ("3,inf", "'inf' is no number"),
        ("3,1e39", "'1e39' is too large"),
        ("a,b", "'a' is no number"),  # a header is the first line, or none
    ],
)
def test_a_line_that_is_no_row_is_refused_and_stands_for_a_missing_step(line, reason):
    toy = Toy()
    answers = verb(toy, 1).answer(numbered("1,10", "2,20", line, "4,40"))
    assert answers[2].reason == reason
    assert answers[3] == "4,40"
    np.testing.assert_equal(toy.seen[1], [[2, 20], [math.nan, math.nan], [4, 40]])


def test_what_the_model_cannot_take_is_refused():
    assert follow("1,10", "0,20", needs_positive=True) == [None, "0: a model on log-returns needs values above zero"]
    assert follow(*["1,10"] * 3, "nan,1", "nan,1")[2:] == [
        "1,10",
        "-1,1",
        "fewer than 2 known values in the last 3 steps",
    ]
    (cut,) = verb(Toy(), 1).answer([Record(1, "1,10", cut=True)])
    assert cut.reason == "too long: its numbers cannot be trusted"


@pytest.mark.parametrize("line", ['{"time": "2024-01-01", "a": 1, "b": 2}', "[1, 2]"])
def test_json_is_refused_and_no_header(line):
    assert follow(line, line) == ["JSON: --follow reads cells with a mark between them, such as time,value"] * 2


def test_an_answer_that_is_no_number_is_refused(monkeypatch):
    infinite = Prediction(np.full((1, 1, 2), np.inf), {})
    monkeypatch.setattr(Toy, "forecast_batch", lambda self, *_, **__: infinite)
    assert follow("1,10", "2,20", "3,30")[2] == "the forecast is no number: the values are too large for the model"


def test_memory_is_the_window_and_the_batch_is_bounded():
    assert verb(Toy(window=STEPS + 1), 1).window == 1
    assert verb(Toy(window=STEPS // 2), 1).window == 2
    following = verb(Toy(), 1)
    for _ in range(100):
        following.answer(numbered("1,10", "2,20"))
    assert following.answer._follower._rows.shape == (2, 2)
    assert following.answer._follower._rows.base is None


def test_calendar_codes_go_from_the_window_s_first_step_to_the_last_forecast():
    toy = Toy(calendar=("hour",))
    lines = [f"2024-01-01 {hour}:00,{hour},1" for hour in (20, 21, 22)]
    answers = verb(toy, 3).answer(numbered(*lines, "x,1", "2024-01-02 00:00,5,1"))
    assert [answer and not isinstance(answer, Refusal) for answer in answers] == [None, None, True, False, True]
    hours = [20, 21, 22, 23, 0, 1], [21, 22, 23, 0, 1, 2], [22, 23, 0, 1, 2, 3]  # the refused line is 23:00
    assert toy.codes == [[[hour] for hour in row] for row in hours]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,10", "no time stamp in front: the model reads the calendar (hour)"),
        ("1/2/2024,1,10", "the time stamp '1/2/2024' is not certain: write YYYY-MM-DD, without an offset"),
        ("2024-02-30,1,10", "the time stamp '2024-02-30' is not certain: write YYYY-MM-DD, without an offset"),
        (
            "2024-02-03 10:00+02:00,1,10",
            "the time stamp '2024-02-03 10:00+02:00' is not certain: write YYYY-MM-DD, without an offset",
        ),
    ],
)
def test_a_model_of_the_calendar_needs_a_time_it_can_read(line, reason):
    (refused,) = verb(Toy(calendar=("hour",)), 1).answer(numbered(line))
    assert refused.reason == reason


DAILY = Grid(seconds=86_400)


def specs(nodes) -> tuple[TensorSpec, ...]:
    """Describe inputs or outputs of a session as those of a model file."""
    types = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(int64)": "int64"}
    return tuple(TensorSpec(node.name, types[node.type], tuple(node.shape)) for node in nodes)


def stateful_runner(grid: Grid = DAILY, **settings) -> Runner:
    """The runner of a graph that carries a state, opened without a file."""
    torch.manual_seed(0)
    settings = {"network": "autoregressive", "hidden": 4, "window": 8, "horizon": 4, "stateful": True, **settings}
    config = ForecastingConfig(**settings, scaling="standard")
    scaler = Scaler("standard", (100.0,), (10.0,))
    made = graph(Forecaster(config, scaler).eval(), scaler).SerializeToString()
    opened = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    names = [output.name for output in opened.get_outputs()]
    return Runner(
        SimpleNamespace(
            manifest=SimpleNamespace(
                config=asdict(config),
                encoders=ForecastingEncoders(
                    scaler, ("Close",), 7, grid, reading=Reading(timezone=grid.zone)
                ).to_json(),
                limits={"window": 8, "horizon": 4},
            ),
            file=SimpleNamespace(inputs=specs(opened.get_inputs()), outputs=specs(opened.get_outputs())),
            sha256="0" * 64,
            run=lambda feeds: dict(zip(names, opened.run(None, feeds), strict=True)),
        )
    )


@pytest.mark.parametrize("names", [(), ("weekday", "month")])
def test_a_state_carried_from_line_to_line_is_the_whole_series_at_once_bit_for_bit(names):
    forecaster = stateful_runner(calendar=names)
    following = verb(forecaster, 3, json=True)
    lines = numbered("Date,Close", *SERIES[:9], "2024-01-10,", *SERIES[10:15], "2024-01-16,x", *SERIES[16:])
    answers = [answer for part in (lines[:1], lines[1:6], lines[6:]) for answer in following.answer(part)]
    series = np.array([float(line.split(",")[1]) for line in SERIES])
    series[[9, 15]] = np.nan  # the empty cell and the refused line
    times = np.datetime64("2024-01-01", "s") + np.arange(25) * np.timedelta64(1, "D")
    for stop in (1, 2, 9, 10, 15, 17, 20):
        codes = calendar(times[: stop + 3], names)[None] if names else None
        whole = forecaster.forecast_batch(series[None, :stop, None], 3, covariates=codes).forecast[0]
        assert answers[stop] == {"time": f"2024-01-{stop:02d}", "forecast": whole.tolist()}
    assert answers[16].reason == "'x' is no number"


GRIDS = {
    "working days": Grid(seconds=86_400, open=((0, 5),)),
    "ends of months": Grid(months=1, day=31),
    "open hours": Grid(seconds=3600, open=tuple((24 * day + 9, 24 * day + 17) for day in range(6))),
    "hours of a zone": Grid(seconds=3600, zone="Europe/Madrid"),
}


@pytest.mark.parametrize("name", GRIDS)
def test_a_series_in_pieces_and_by_lines_is_the_whole_whatever_its_calendar(name, tmp_path):
    grid = GRIDS[name]
    forecaster = stateful_runner(grid, calendar=("hour", "weekday", "month"))
    begin = np.array(["2023-10-28T15:00:00"], dtype="datetime64[s]")  # a day before the clocks change
    times = grid.stamps(grid.places(begin) + np.arange(40))
    stamps = [text[:19] for text in grid.written(times)]  # without offsets
    rows = [f"{stamp},{100 + 10 * math.sin(place):.4f}" for place, stamp in enumerate(stamps)]

    def read(part: slice, path: Path) -> tuple[list[str], list]:
        """Return stamps and forecast of the three steps after some rows, which a stream reads."""
        table = parse_table("Date,Close\n" + "\n".join(rows[part]) + "\n")
        series = from_table(table, ("Close",), {}, forecaster.encoders.reading, "", forecaster.grid)
        new, stream = go_on(forecaster, series, path)
        prediction = forecaster.continuation(new, 3, stream.tensors)
        keep(forecaster, path, prediction.state, new)
        return new.future(3), prediction.forecast.tolist()

    whole = read(slice(0, 40), tmp_path / "whole")
    pieces = [read(part, tmp_path / "pieces") for part in (slice(0, 8), slice(6, 20), slice(20, 37), slice(37, 40))]
    assert pieces[-1] == whole
    assert whole[0] == grid.written(grid.after(times[-1], 3))
    lines = verb(forecaster, 3, json=True).answer(numbered("Date,Close", *rows))
    assert lines[-1]["forecast"] == whole[1][0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--follow", "--data", "x.csv"], "--data cannot go with it"),
        (["--follow", "--plot", "x.png"], "--plot cannot go with it"),
        (["--follow", "--at", "2024-01-01"], "--at cannot go with it"),
        (["--strict"], "that needs --follow"),
        (["--follow", "--horizon", "0"], "a horizon of 0 asks for nothing"),
        (["--follow", "--horizon", "1000001"], "at most, not 1000001"),
    ],
)
def test_options_that_do_not_go_together(cli, options, said):
    answer = cli("forecast", "-m", TINY, *options)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert answer.stdout == ""


def trained(**reading) -> SimpleNamespace:
    return reading_as(Reading(**reading))


@pytest.mark.parametrize(
    ("reading", "columns", "lines", "answer"),
    [
        # the header says where the columns stand; without one, the training table does
        ({"time": ("t",), "names": ("t", "a", "b")}, ("a", "b"), ["b,x,a,t", "9,0,8,2024-01-03"], "8,9"),
        ({"time": ("t",), "names": ("t", "b", "x", "a")}, ("a", "b"), ["2024-01-03,9,0,8"], "8,9"),
        ({"time": ("t",), "names": ("t", "b", "x", "a")}, ("a", "b"), ["2024-01-03,8,9"], "8,9"),
        ({"time": ("t",), "names": ("t", "b", "x", "a")}, ("a", "b"), ["8,9"], "8,9"),
        ({"decimal": ",", "thousands": ".", "mark": ";"}, ("a",), ["12.100,50"], "12100.5"),
        ({"decimal": ",", "mark": ";", "time": ("t",)}, ("a",), ["03.01.2024;12,50"], "12.5"),
        (
            {"decimal": ".", "mark": ";", "names": ("t", "a")},
            ("a",),
            ["2024-01-03;99,280"],
            "'99,280' is 99,280 (decimal points, commas",
        ),
        ({"decimal": ".", "mark": ";", "names": ("t", "a")}, ("a",), ["2024-01-03;9,280.5"], "9280.5"),
        ({"decimal": ".", "names": ("t", "a"), "never_three": True}, ("a",), ["2024-01-03,9.280"], "'9.280' is 9.28 ("),
        ({"decimal": ".", "names": ("t", "a"), "never_three": True}, ("a",), ["2024-01-03,9.28"], "9.28"),
        ({"decimal": ".", "names": ("t", "a")}, ("a",), ["2024-01-03,9.280"], "9.28"),
        ({"names": ("t", "a"), "currency": ("€",)}, ("a",), ["2024-01-03,$9"], "'$9': the training's have €"),
        ({"names": ("t", "a"), "currency": ("€",)}, ("a",), ["2024-01-03,9 €"], "9"),
        ({"names": ("t", "a"), "time": ("t",)}, ("a",), ["when,price", "2024-01-03,8"], "8"),
        ({"names": ("t", "a"), "time": ("t",)}, ("a",), ["7,8"], "'7' is no time stamp"),
        # the stamp of several columns of the training may come in one
        ({"names": ("d", "c", "a"), "time": ("d", "c")}, ("a",), ["2024-01-03 01:00,8"], "8"),
        ({"names": ("t", "a"), "time": ("t",)}, ("a",), ["Jan-24,8"], "8"),
        ({"names": ("t", "a"), "time": ("t",)}, ("a",), ["4. Mai 2024,8"], "8"),
        ({"names": ("year", "a"), "time": ("year",)}, ("a",), ["2024,8"], "8"),
        ({"names": ("t", "a"), "time": ("t",), "date_format": "%d/%m/%y"}, ("a",), ["13/01/24,8"], "8"),
        ({"names": ("t", "a"), "time": ("t",), "date_format": "%d/%m/%y"}, ("a",), ["2024-01-13,8"], "'2024-01-13' is"),
        ({"names": ("t", "a"), "no_time": True}, ("a",), ["whenever,8"], "8"),
        ({"no_time": True}, ("a",), ["t,a", "whenever,8"], "8"),
        (
            {"names": ("t", "a", "b"), "time": ("t",)},
            ("a", "b"),
            ["t,x,y", "2024-01-03,8,9"],
            "the header does not name",
        ),
    ],
)
def test_the_columns_of_a_line_are_those_of_its_header_or_of_the_training_table(reading, columns, lines, answer):
    last = follow(*lines, lines[-1], columns=columns, window=2, grid=None, encoders=trained(**reading))[-1]
    assert last[: len(answer)] == answer


def test_steps_that_lines_leave_out_are_missing_values_and_lines_of_the_past_are_refused():
    toy = Toy(window=3, grid=DAILY, encoders=trained(time=("t",)))
    days = [
        "2024-01-01,1,10",
        "2024-01-02,2,20",
        "2024-01-05,5,50",
        "2024-01-05,6,60",
        "2024-01-03,7,70",
        "2024-01-06,8,80",
    ]
    answers = verb(toy, 1).answer(numbered(*days))
    assert [getattr(answer, "reason", answer) for answer in answers] == [
        None, None, "fewer than 2 known values in the last 3 steps", "'2024-01-05' is not after the line before",
        "'2024-01-03' is not after the line before", "8,80",
    ]  # fmt: skip
    np.testing.assert_equal(toy.seen[-1], [[math.nan, math.nan], [5, 50], [8, 80]])


def test_lines_of_a_shorter_step_are_refused_and_no_steps():
    toy = Toy(window=2, grid=DAILY, encoders=trained(time=("t",)))
    lines = ["2024-01-01,1,10", "2024-01-01T12:00,2,20", "2024-01-02T00:00,3,30"]
    answers = verb(toy, 1).answer(numbered(*lines))
    reason = "'2024-01-01T12:00' falls into the step of the line before: the model's series is daily"
    assert [getattr(answer, "reason", answer) for answer in answers] == [None, reason, "3,30"]
    np.testing.assert_equal(toy.seen[-1], [[1, 10], [3, 30]])


def test_a_line_on_a_closed_day_is_refused_and_no_step():
    working = GRIDS["working days"]
    toy = Toy(window=2, grid=working, encoders=trained(time=("t",)))
    lines = ["2024-05-30T17:00,1,10", "2024-05-31T17:00,2,20", "2024-06-01T17:00,3,30", "2024-06-03T17:00,4,40"]
    answers = verb(toy, 1).answer(numbered(*lines))
    assert answers[2].reason.startswith(
        "'2024-06-01T17:00' is where the training had no rows (daily, Monday to Friday)"
    )


@pytest.mark.parametrize("line", ["05/02/2024,3,30", "2024-02-30,3,30", "2024-13-01,3,30"])
def test_a_stamp_that_cannot_be_read_is_no_next_step_of_a_dated_model(line):
    toy = Toy(window=2, grid=DAILY, encoders=trained(time=("t",)))
    answers = verb(toy, 1).answer(numbered("2024-01-01,1,10", "2024-01-02,2,20", line))
    assert "is not certain" in answers[2].reason


def test_a_date_in_the_place_of_a_number_is_refused_where_no_header_names_the_columns():
    units = Reading(names=("units", "date", "v"), time=("date",))
    toy = {"columns": ("v",), "window": 2, "grid": Grid(seconds=86400), "encoders": reading_as(units)}
    moved = "the date '2020-01-02' stands where the training had 'units': give a header above the rows"
    assert follow("4,2020-01-01,7.5", "2020-01-02,2019,8.5", **toy) == [None, moved]
    named = follow("date,units,v", "2020-01-01,2018,7.5", "2020-01-02,2019,8.5", **toy)
    assert named == [None, None, "8.5"]


def test_a_second_column_of_dates_beside_numbers_of_time_is_no_moved_one():
    both = Reading(names=("date", "epoch", "v"), time=("epoch",))
    toy = {"columns": ("v",), "window": 2, "grid": Grid(seconds=86400), "encoders": reading_as(both)}
    assert follow("2020-01-01,1577836800,7.5", "2020-01-02,1577923200,8.5", **toy) == [None, "8.5"]


def test_a_later_table_without_a_header_whose_date_has_moved_is_refused():
    units = Reading(names=("units", "date", "v"), time=("date",))
    with pytest.raises(DataError, match="the date '2020-01-01' stands where the training table had 'units'"):
        from_table(parse_table("2020-01-01,2019,7\n2020-01-02,2020,8\n"), ("v",), {}, units, "")


@pytest.mark.parametrize(
    "above",
    [
        ["date,b,a"],
        ["Loads of a town", "Area:,north", "date,b,a"],
        ["Loads,,", "Year:,2024,", "", "date,b,a", ",MW,MW"],
        ["Loads of a town, by hour", "date,b,a", "time,one,two"],
    ],
)
def test_titles_and_units_around_the_header_of_a_stream_are_no_rows(above):
    above = [line for line in above if line]
    toy = {"window": 2, "grid": DAILY, "encoders": trained(names=("date", "b", "a"), time=("date",))}
    answers = follow(*above, "2024-01-01,1,10", "2024-01-02,2,20", **toy)
    assert (len(answers), answers[-1]) == (len(above) + 2, "20,2")
    assert follow("Loads", "in MW", "2024-01-01,1,10", "2024-01-02,2,20", **toy)[-1] == "20,2"


def test_a_title_above_the_header_of_one_series_is_no_header():
    toy = {"columns": ("v",), "window": 2, "grid": DAILY, "encoders": trained(names=("date", "v"), time=("date",))}
    assert follow("Loads", "when,load", "2024-01-01,1", "2024-01-02,2", **toy) == [None, None, None, "2"]


@pytest.mark.parametrize("line", ["date,meter,kW", "2024-01-01,a,7"])
def test_the_lines_of_a_long_table_are_refused_at_once(line):
    long = trained(names=("date", "meter", "kW"), time=("date",), value="kW")
    toy = {"window": 2, "grid": DAILY, "encoders": long}
    with pytest.raises(DataError, match="the lines are those of a long table") as caught:
        follow(line, "2024-01-01,b,8", **toy)
    assert caught.value.cure.startswith("pipe one line a step, with a cell each for a, b;")
    assert follow("date,a,b", "2024-01-01,1,10", "2024-01-02,2,20", **toy)[-1] == "2,20"
    assert follow("2024-01-01,1,10", "2024-01-02,2,20", **toy)[-1] == "2,20"


def test_lines_parted_by_blanks_as_the_training_table_was():
    blanks = Reading(mark=" ", decimal=",", names=("date", "v", "w"), time=("date",))
    toy = {"columns": ("v", "w"), "window": 2, "grid": Grid(seconds=86400), "encoders": reading_as(blanks)}
    assert follow(" 2020-01-01   7,5    1 ", "2020-01-02  8,5 2", **toy) == [None, "8.5,2"]


def test_a_model_of_sums_of_days_takes_no_lines_of_hours():
    reading = replace(BEFORE, resample="sum", step="day")
    with pytest.raises(UsageError, match="the sum of each day, and --follow takes a line as a step") as caught:
        verb(Toy(encoders=reading_as(reading)))
    assert "--data FILE" in caught.value.cure


@pytest.mark.parametrize(("time", "lines", "step"), [
    (("year", "DOY"), ["2021,364,1,1", "2021,365,2,2", "2022,1,3,3"], 86_400),
    (("year", "week"), ["2021,51,1,1", "2021,52,2,2", "2022,1,3,3"], 7 * 86_400),
    (("year", "quarter"), ["2021,Q3,1,1", "2021,Q4,2,2", "2022,Q1,3,3"], 92 * 86_400),
    (("quarter",), ["2021-3,1,1", "2021-4,2,2", "2022-1,3,3"], 92 * 86_400),
    (("week",), ["2021-51,1,1", "2021-52,2,2", "2022-01,3,3"], 7 * 86_400),
])  # fmt: skip
def test_parts_of_years_follow_one_another(time, lines, step):
    reading = replace(BEFORE, time=time, names=(*time, "a", "b"))
    encoders = reading_as(reading)
    answers = follow(*lines, encoders=encoders, grid=Grid(seconds=step, phase=step and 0))
    assert answers[-1] == "3,3"  # a step that is missing would be one of the last three


def test_days_with_an_offset_are_read_where_the_training_had_days_without():
    encoders = reading_as(replace(BEFORE, time=("when",), names=("when", "a", "b")))
    lines = [f"2023-09-{day}T00:00:00+02:00,{day},1" for day in (27, 28, 29)]
    assert follow(*lines, encoders=encoders, grid=Grid(seconds=86_400)) == [None, None, "29,1"]
    answers = verb(Toy(encoders=encoders, grid=Grid(seconds=86_400))).answer(numbered("29.09.23,1,2"))
    assert (answers[0].kind, answers[0].reason) == (
        "without a time stamp that can be read",
        "'29.09.23' is no time stamp",
    )


@pytest.mark.parametrize(("day_end", "midnight"), [("00:00", "2023-09-27T00:00"), ("24:00", "2023-09-27T24:00")])
def test_the_midnight_that_ends_a_day_is_the_hour_after_its_last(day_end, midnight):
    encoders = reading_as(replace(BEFORE, time=("when",), names=("when", "a", "b"), day_end=day_end))
    lines = ["2023-09-27T23:00,1,10", f"{midnight},2,20", "2023-09-28T01:00,3,30"]
    assert follow(*lines, encoders=encoders)[-1] == "3,30"
    toy = Toy(encoders=encoders)
    verb(toy, 1).answer(numbered(*lines))
    assert toy.seen == [[[1, 10], [2, 20], [3, 30]]]


def test_seconds_since_1970_are_instants_beside_a_zone():
    encoders = reading_as(replace(BEFORE, time=("t",), names=("t", "a", "b"), timezone="Europe/Berlin"))
    toy = Toy(encoders=encoders, calendar=("hour",), grid=Grid(seconds=3600, zone="Europe/Berlin"), window=2)
    verb(toy, 1).answer(numbered("1729926000,1,2", "1729929600,2,3"))  # 07:00 and 08:00 in UTC
    assert np.ravel(toy.codes).tolist() == [9, 10, 11]


@pytest.mark.parametrize(("zone", "stamp", "words"), [
    ("UTC", "2024-01-01T{:02d}:00", "these have none"), ("", "2024-01-01T{:02d}:00Z", "the stamps are in UTC"),
    ("UTC", "2024-01-01T{:02d}:00Z", ""), ("", "2024-01-01T{:02d}:00", ""),
])  # fmt: skip
def test_a_zone_that_the_training_had_not_is_said_once(capsys, zone, stamp, words):
    encoders = reading_as(replace(BEFORE, time=("t",), names=("t", "a", "b"), timezone=zone))
    follow(*(stamp.format(hour) + f",{hour},2" for hour in range(6)), encoders=encoders, grid=Grid(3600, zone=zone))
    said = capsys.readouterr().err
    assert (said.count("warning"), words in said) == (bool(words), True)


def test_lines_of_a_longer_step_are_said_once(capsys):
    encoders = reading_as(replace(BEFORE, time=("t",), names=("t", "a", "b")))
    follow(*(f"2024-01-{day:02d},{day},2" for day in range(1, 9)), encoders=encoders)
    said = capsys.readouterr().err
    assert "the first lines are 24 steps apart each, and the model's series is hourly" in said
    assert said.count("warning") == 1
    follow(*(f"2024-01-{day:02d},{day},2" for day in (1, 3, 4, 6, 8)), encoders=encoders, grid=Grid(86400))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("names", [("step", "a", "b"), ("run", "step", "a", "b")])
def test_a_counter_or_a_label_of_a_training_without_dates_is_no_time_stamp(names):
    encoders = reading_as(replace(BEFORE, names=names))
    label = ["r1"] * (len(names) - 3)
    lines = [",".join([*label, str(step), str(step + 1), "7"]) for step in range(3)]
    for header in ([], [",".join(names)]):
        assert follow(*header, *lines, encoders=encoders, grid=None)[-3:] == [None, None, "3,7"]
    dated = [f"2024-01-0{day},{day},7" for day in (1, 2, 3)]
    assert follow("date,a,b", *dated, encoders=encoders, grid=None)[-3:] == [None, None, "3,7"]
