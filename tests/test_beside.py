"""Columns beside the values of a series: read, coded, held to be there, and what they do to the values."""

from __future__ import annotations

import json

import numpy as np
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.arima.model import ARIMA

from seqtool.data.encoders.inputs import UNSEEN, Input, coded, doubts, fitted, indicators
from seqtool.data.reading import Reading
from seqtool.data.series import rows
from seqtool.data.tables import read_series
from seqtool.errors import DataError, ModelError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.effects import inputs_of
from seqtool.families.forecasting.inputs import columns_of, input_findings
from seqtool.families.forecasting.pooled import window_units
from seqtool.families.forecasting.public_holidays import holiday_inputs
from seqtool.families.forecasting.windows import windows
from seqtool.reads import DataFile

DAY = np.datetime64("2024-03-01")


def read(folder, text, *, ids=(), many=False, training=True, **reading):
    path = folder / "t.csv"
    path.write_text(text)
    return read_series(
        [DataFile(path, "")], id_column=ids, reading=Reading(**reading), many=many, for_training=training
    )


def long_table(series, days=8, ahead=3):
    """Rows of series by name: the price of series n on day d is n + d / 10; the last days have no value."""
    lines = ["day,shop,sold,price,open,kind"]
    for n, name in enumerate(series):
        for day in range(days + ahead):
            sold = f"{10 * n + day}" if day < days else ""
            price, kind = f"{n + day / 10:.1f}", "abc"[n % 3]
            lines.append(f"{DAY + day},{name},{sold},{price},{'yes' if day % 2 else 'no'},{kind}")
    return lines


def test_a_table_goes_on_with_what_is_known_where_the_values_end(tmp_path):
    lines = long_table(["north", "south"])
    series = read(tmp_path, "\n".join(lines), ids=("shop",), many=True, known=("price", "open"), static=("kind",))
    assert series.columns == ("north", "south")
    assert series.values.shape == (8, 2)
    beside = series.beside
    assert (beside.names, beside.kinds) == (("price", "open", "kind"), ("number", "flag", "category"))
    assert beside.levels == ((), (), ("a", "b"))
    wanted = np.arange(11)[:, None] / 10 + [0, 1]
    np.testing.assert_allclose(beside.values[..., 0], wanted)
    np.testing.assert_array_equal(beside.values[..., 1], np.repeat((np.arange(11) % 2)[:, None], 2, axis=1))
    np.testing.assert_array_equal(beside.values[..., 2], [[0, 1]] * 11)
    assert series.reading.kinds == ("number", "flag", "category")
    assert any(
        "known ahead: 'price' (number), 'open' (flag); static: 'kind' (category)" in f.text for f in series.findings
    )
    np.testing.assert_allclose(rows(series, slice(2, 5)).beside.values[..., 0], wanted[2:])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), reverse=st.booleans(), gap=st.booleans(), dated=st.booleans())
def test_columns_go_the_way_of_the_values(tmp_path_factory, seed, reverse, gap, dated):
    """Whatever the order of the rows, a column stays beside its value; a missing row has none."""
    rng = np.random.default_rng(seed)
    values, price = rng.integers(1, 99, 12), rng.integers(1, 99, 15)
    numbers = [n for n in range(15) if not (gap and dated and n == 5)]
    lines = [f"{DAY + n if dated else ''},{values[n] if n < 12 else ''},{price[n]}" for n in numbers]
    lines = lines[::-1] if reverse and dated else lines
    header, lines = ("day,sold,price", lines) if dated else ("sold,price", [line[1:] for line in lines])
    series = read(tmp_path_factory.mktemp("t"), "\n".join([header, *lines]), known=("price",), past=())
    kept = [n for n in range(12) if n in numbers]
    assert series.values[np.isfinite(series.values)].tolist() == values[kept].tolist()
    column = series.beside.values[:, 0, 0]
    assert column[np.isfinite(column)].tolist() == price[numbers].tolist()
    assert len(column) == 15
    np.testing.assert_array_equal(np.isfinite(column[:12]), np.isfinite(series.values[:, 0]))


PLAIN = "day,sold,price,kind\n" + "".join(f"{DAY + n},{n},{n % 3}.5,{'ab'[n % 2]}\n" for n in range(9))


SERIES_ROWS = "name,v1,v2,v3,v4,v5,v6,v7,v8\na,1,2,3,4,5,6,7,8\n"


@pytest.mark.parametrize(
    ("text", "options", "error", "said", "cure"),
    [
        (PLAIN, {"known": ("prize",)}, UsageError, "no column 'prize'", "price"),
        (PLAIN, {"known": ("price",), "past": ("price",)}, UsageError, "'price' is named twice", "once"),
        (PLAIN, {"known": ("day",), "time": ("day",)}, UsageError, "'day' is that of the time stamps", "--calendar"),
        (PLAIN, {"static": ("price",)}, DataError, "'price' changes, and --static says it does not: 0.5", "--past"),
        (
            PLAIN, {"static": ("kind",), "ignore": ("price",)}, DataError,
            "'kind' changes, and --static says it does not: 'a' and 'b'", "--past",
        ),
        (
            PLAIN.replace("4,1.5", "4,"), {"known": ("price",)}, DataError,
            "'price' has no value at 2024-03-05 (1 row", "--past price",
        ),
        (PLAIN.replace("4,1.5", "4,many"), {"known": ("price",)}, DataError, "'many'", "--category price takes"),
        (
            PLAIN, {"known": ("price",), "resample": "sum", "step": "week"}, UsageError,
            "--resample says nothing", "leave --resample",
        ),
        (SERIES_ROWS, {"known": ("v1",)}, UsageError, "one series a row", "--id-column"),
    ],
)  # fmt: skip
def test_what_cannot_stand_beside_the_values_is_refused_by_name(tmp_path, text, options, error, said, cure):
    with pytest.raises(error) as raised:
        read(tmp_path, text, **options)
    assert said in str(raised.value)
    assert cure in str(raised.value.cure)


def test_texts_without_end_are_no_category(tmp_path):
    text = "day,sold,note\n" + "".join(f"{DAY + n},{n},note {n}\n" for n in range(120))
    with pytest.raises(DataError, match="'note' holds 120 different texts"):
        read(tmp_path, text, past=("note",))


def test_a_vector_shares_its_columns_or_is_refused(tmp_path):
    lines = long_table(["north", "south"])
    shared = read(tmp_path, "\n".join(lines), ids=("shop",), known=("open",), ignore=("price",))
    assert shared.beside.values.shape == (11, 1, 1)
    with pytest.raises(DataError, match="'price' differs from series to series") as raised:
        read(tmp_path, "\n".join(lines), ids=("shop",), known=("price",))
    assert raised.value.cure == "--several pooled"


def test_a_later_table_is_read_as_the_training_s_was(tmp_path):
    known = Reading(known=("price", "open"), kinds=("number", "flag"))
    text = "day,sold,price,open\n" + "".join(f"{DAY + n},{n},{n}.5,{n % 2}\n" for n in range(6))
    path = tmp_path / "later.csv"
    path.write_text(text)
    series = read_series([DataFile(path, "")], reading=known, for_training=False)
    np.testing.assert_array_equal(series.beside.values[:, 0, 1], [0, 1, 0, 1, 0, 1])
    path.write_text(text.replace("5,5.5,1", "5,5.5,perhaps"))
    with pytest.raises(DataError, match="'perhaps' in column 'open' is neither yes nor no"):
        read_series([DataFile(path, "")], reading=known, for_training=False)


def test_levels_that_the_training_had_not_are_none_of_them(tmp_path):
    text = "day,sold,kind,price\n" + "".join(f"{DAY + n},{n},{'xyz'[n % 3]},{n}\n" for n in range(9))
    series = read(tmp_path, text, known=("kind", "price"))
    beside = series.beside
    inputs = fitted(beside.names, beside.values[:2], beside.levels, 2, 0)  # of z the training saw nothing
    assert inputs[0].levels == ("x", "y")
    codes = coded(beside, inputs)
    np.testing.assert_array_equal(codes[:, 0, 0], [0, 1, UNSEEN] * 3)
    np.testing.assert_array_equal(indicators(codes, inputs)[:3, 0, :2], [[1, 0], [0, 1], [0, 0]])
    new, far = doubts(beside, inputs, 0)
    assert "column 'kind' has z, which the training had not" in new
    assert "column 'price' is at 8; the training part went from 0 to 1" in far
    assert not doubts(read(tmp_path, text.replace(",z,", ",x,"), known=("kind", "price")).beside, inputs, 9)


@settings(max_examples=50, deadline=None)
@given(
    levels=st.lists(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=5), unique=True, max_size=4),
    features=st.integers(1, 3), numbers=st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4),
)  # fmt: skip
def test_an_input_comes_back_from_json(levels, features, numbers):
    size = len(levels) or 1
    effect = tuple(tuple(numbers[:1] * features) for _ in range(size))
    scale = {} if levels else {"mean": numbers[0], "deviation": abs(numbers[1]) + 1, "low": numbers[2], "high": 1e7}
    one = Input("price", known=True, levels=tuple(levels), effect=effect, **scale)
    assert Input.from_json(json.loads(json.dumps(one.to_json()))) == one


@pytest.mark.parametrize(
    "broken",
    [
        {"name": "a\nb"}, {"deviation": 0.0}, {"mean": float("nan")}, {"effect": [[1.0], [2.0]]}, {"effect": "none"},
        {"days": ["yesterday"], "last": 2030},
    ],
)  # fmt: skip
def test_a_damaged_input_is_refused(broken):
    stored = Input("price", known=True, mean=1.0, deviation=2.0, effect=((0.5,),)).to_json() | broken
    with pytest.raises((ValueError, TypeError, ModelError)):
        Input.from_json(stored)


def simulated(count=600, seed=0, *, pooled=False):
    """A table of series that follow their own past, a price, a holiday and a kind of day; and what these do."""
    rng = np.random.default_rng(seed)
    names = ["a", "b", "c"] if pooled else ["a"]
    lines = ["day,shop,sold,price,free,kind"]
    for n, name in enumerate(names):
        rest = np.zeros(count)
        for t in range(1, count):
            rest[t] = 0.6 * rest[t - 1] + rng.normal()
        price, free, kind = 10 + rng.normal(size=count).round(3), rng.random(count) < 0.1, rng.integers(0, 3, count)
        level = 3 * (np.arange(count) % 7 == 5) + rest - 1.5 * (price - 10) + 4 * free + np.array([0, 2, -1])[kind]
        sold = 10.0 ** (n + 2) * np.exp(0.05 * level) if pooled else 100 + level
        lines += [f"{DAY + t},{name},{sold[t]:.6f},{price[t]},{int(free[t])},{'xyz'[kind[t]]}" for t in range(count)]
    return "\n".join(lines)


def effects_of(series, scaling, **settings):
    config = ForecastingConfig(known=("price", "free", "kind"), scaling=scaling, window=14, horizon=3, **settings)
    pooled = config.several == "pooled"
    train = windows(series, slice(0, 500), 14, 3, "training", pooled=pooled)
    inputs, values = inputs_of(config, train, 7)
    return train, inputs, values


def test_the_effects_are_those_of_a_regression_with_arima_errors(tmp_path):
    """Against statsmodels' ARIMA with regressors: each within a standard error or two of it."""
    text = simulated()
    series = read(tmp_path, text, known=("price", "free", "kind"), ignore=("shop",))
    _, inputs, values = effects_of(series, "standard")
    price, free, kind = inputs
    design = indicators(coded(series.beside, inputs), inputs)[:500, 0]
    saturday = (np.arange(500) % 7 == 5).astype(float)
    exog = np.column_stack([design[:, :2], design[:, 2] - design[:, 4], design[:, 3] - design[:, 4], saturday])
    fit = ARIMA(series.values[:500, 0], exog=exog, order=(1, 0, 0)).fit()
    names = fit.model.param_names
    found = dict(zip(names, fit.params, strict=True))
    error = dict(zip(names, fit.bse, strict=True))
    mine = [price.effect[0][0], free.effect[0][0]]
    for number, own in enumerate(mine, start=1):
        assert own == pytest.approx(found[f"x{number}"], abs=3 * error[f"x{number}"])
    a, b, c = (row[0] for row in kind.effect)
    assert b - a == pytest.approx(2, abs=0.5)
    assert c - a == pytest.approx(-1, abs=0.5)
    # what is left of the values no longer moves with the price
    rest = np.diff(values[:, 0], 1)
    assert abs(np.corrcoef(rest, np.diff(design[:, 0]))[0, 1]) < 0.1
    assert abs(np.corrcoef(np.diff(series.values[:500, 0]), np.diff(design[:, 0]))[0, 1]) > 0.5


@pytest.mark.parametrize("scaling", ["log-window", "window", "mean"])
def test_pooled_effects_have_no_unit_of_a_series(tmp_path, scaling):
    series = read(tmp_path, simulated(pooled=True), ids=("shop",), many=True, known=("price", "free", "kind"))
    _, inputs, values = effects_of(series, scaling, several="pooled")
    np.testing.assert_array_equal(values, series.values[:500])  # each window is freed of them by itself
    unit = (
        1.0
        if scaling in ("log-window", "mean")
        else float(np.mean(np.nanstd(series.values[:500], axis=0) / series.values[:500].mean(axis=0)))
    )
    price, free = (one.effect[0][0] * unit / one.deviation for one in inputs[:2])
    assert price == pytest.approx(-1.5 * 0.05, rel=0.15)
    assert free == pytest.approx(4 * 0.05, rel=0.2)


def test_chance_has_no_effect(tmp_path):
    """Columns of another series: their effects are small beside those that are there, most of them none."""
    sizes = []
    for seed in range(6):
        lines, other = simulated(seed=seed).splitlines(), simulated(seed=seed + 50).splitlines()
        mixed = [",".join(a.split(",")[:3] + b.split(",")[3:]) for a, b in zip(lines, other, strict=True)]
        series = read(tmp_path, "\n".join(mixed), known=("price", "free", "kind"), ignore=("shop",))
        sizes += [abs(row[0]) for one in effects_of(series, "standard")[1] for row in one.effect]
    assert np.mean(np.array(sizes) == 0) > 0.5
    assert max(sizes) < 0.4  # the price has 1.5


def test_holidays_are_those_of_the_calendar_and_of_known_years(tmp_path):
    text = "day,sold\n" + "".join(f"{np.datetime64('2023-12-20') + n},{n % 5}\n" for n in range(20))
    series = read(tmp_path, text)
    inputs = holiday_inputs(("DE", "US-CA"), series)
    assert [one.name for one in inputs] == ["holidays DE", "holidays US-CA"]
    columns = columns_of(series, inputs, 5)
    days = (np.datetime64("2023-12-20") + np.arange(25)).astype(str)
    assert [day for day, flag in zip(days, columns[:, 0, 0], strict=True) if flag] == [
        "2023-12-25",
        "2023-12-26",
        "2024-01-01",
    ]
    assert [day for day, flag in zip(days, columns[:, 0, 1], strict=True) if flag] == ["2023-12-25", "2024-01-01"]
    assert inputs == tuple(Input.from_json(json.loads(json.dumps(one.to_json()))) for one in inputs)
    late = read(tmp_path, text.replace("2023-", "2063-").replace("2024-", "2064-"))
    with pytest.raises(DataError, match="knows holidays DE from 2023 to 2044, and 2064 is asked for"):
        columns_of(late, inputs)


@pytest.mark.parametrize(
    ("step", "places", "said"),
    [
        ("D", ("XX",), "no holidays are known of 'XX'"),
        ("D", ("DE-XX",), "'DE-XX'"),
        ("M", ("DE",), "holidays are days"),
    ],
)
def test_holidays_that_nobody_knows_are_refused(tmp_path, step, places, said):
    stamps = np.arange(np.datetime64("2020-01", step), np.datetime64("2021-06", step)).astype("datetime64[D]")
    series = read(tmp_path, "day,sold\n" + "".join(f"{day},{n % 5}\n" for n, day in enumerate(stamps)))
    with pytest.raises(UsageError, match=said):
        holiday_inputs(places, series)


@pytest.mark.parametrize(
    ("cells", "options", "kind", "levels"),
    [
        ("1 2 3", {}, "number", ()), ("1 2 3", {"category": ("code",)}, "category", ("1", "2", "3")),
        ("01 02 10", {}, "category", ("01", "02", "10")), ("0 1 1", {}, "flag", ()), ("yes no yes", {}, "flag", ()),
        ("none tv flyer", {}, "category", ("flyer", "none", "tv")), ("NA DE FR", {}, "category", ("DE", "FR", "NA")),
        ("0.5 1 NA", {}, "number", ()), ("- x -", {}, "category", ("-", "x")),
    ],
)  # fmt: skip
def test_what_a_column_holds_is_told_from_its_cells_or_by_name(tmp_path, cells, options, kind, levels):
    cells = cells.split()
    text = "day,sold,code\n" + "".join(f"{DAY + n},{n},{cells[n % 3]}\n" for n in range(9))
    role = {"past": ("code",)} if "NA" in cells and kind == "number" else {"known": ("code",)}
    beside = read(tmp_path, text, **role, **options).beside
    assert (beside.kinds, beside.levels) == ((kind,), (levels,))


def test_few_whole_numbers_may_be_names_and_it_is_said(tmp_path):
    text = "day,sold,code\n" + "".join(f"{DAY + n},{n},{n % 3}\n" for n in range(9))
    findings = read(tmp_path, text, known=("code",)).findings
    assert any("'code' (number; --category code takes its 3 numbers as names)" in finding.text for finding in findings)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"known": ("price",), "ignore": ("price",)}, "left out by --ignore-column, and named beside the values too"),
        ({"known": ("price",), "category": ("kind",)}, "--category kind is no column beside the values"),
    ],
)
def test_a_column_has_one_role(tmp_path, options, said):
    with pytest.raises(UsageError, match=said):
        read(tmp_path, PLAIN, **options)


def test_percent_signs_of_a_column_are_its_own(tmp_path):
    """The values have none: another table of the same form is read, one whose column lost its signs is refused."""
    text = "day,sold,off\n" + "".join(f"{DAY + n},{n},{n % 3}5%\n" for n in range(9))
    reading = read(tmp_path, text, known=("off",)).reading
    path = tmp_path / "later.csv"
    path.write_text(text)
    again = read_series([DataFile(path, "")], columns=("sold",), reading=reading, for_training=False)
    np.testing.assert_array_equal(again.beside.values[:3, 0, 0], [5, 15, 25])
    path.write_text(text.replace("off", "OFF"))
    spelled = read_series([DataFile(path, "")], columns=("sold",), reading=reading, for_training=False)
    np.testing.assert_array_equal(spelled.beside.values, again.beside.values)
    path.write_text(text.replace("%", ""))
    with pytest.raises(DataError, match="'off' is not written with %"):
        read_series([DataFile(path, "")], columns=("sold",), reading=reading, for_training=False)


def test_a_column_that_never_changes_in_the_training_and_a_level_that_comes_later_are_said(tmp_path):
    text = "day,sold,price,kind\n" + "".join(
        f"{DAY + n},{n},{5 + (n > 6)},{'ab'[n % 2] if n < 7 else 'z'}\n" for n in range(9)
    )
    series = read(tmp_path, text, known=("price", "kind"), value="sold")
    inputs = fitted(series.beside.names, series.beside.values[:6], series.beside.levels, 2, 0)
    told = {finding.code: finding.text for finding in input_findings(inputs, series, 6)}
    assert told["constant-column"] == "'price' never changes in the training part: no effect"
    assert "column 'kind' has z, which the training had not" in told["unseen-category"]


def test_a_series_that_climbs_has_the_effect_of_its_windows(tmp_path):
    """Two series, one with a slope: a price takes 3 from both, though one moves ten times as far as a whole."""
    rng = np.random.default_rng(4)
    lines = ["day,shop,sold,price"]
    for name, slope in (("flat", 0.0), ("steep", 0.2)):
        price = rng.integers(0, 2, 400)
        sold = slope * np.arange(400) + rng.normal(size=400) - 3 * price
        lines += [f"{DAY + t},{name},{sold[t]:.5f},{price[t]}" for t in range(400)]
    series = read(tmp_path, "\n".join(lines), ids=("shop",), many=True, known=("price",))
    config = ForecastingConfig(known=("price",), scaling="window", window=14, horizon=3, several="pooled")
    (price,), _ = inputs_of(config, windows(series, slice(0, None), 14, 3, "training", pooled=True), 1)
    units = window_units(series.values, 14, 1.0, "window")
    brute = [np.mean([column[i : i + 14].std() for i in range(387)]) for column in series.values.T]
    np.testing.assert_allclose(units, brute, rtol=1e-9)
    np.testing.assert_allclose(price.effect[0][0] / price.deviation * units, -3, rtol=0.15)


def test_numbers_of_a_frame_are_not_taken_for_percentages(tmp_path):
    """0.2 of a workbook that shows 20 % would be read as a fifth of a percent."""
    text = "day,sold,off\n" + "".join(f"{DAY + n},{n},{n % 3}5%\n" for n in range(9))
    reading = read(tmp_path, text, known=("off",)).reading
    path = tmp_path / "later.parquet"
    polars.DataFrame({"day": [str(DAY + n) for n in range(9)], "sold": range(9), "off": [0.05] * 9}).write_parquet(path)
    with pytest.raises(DataError, match="'off' holds numbers, and the training's were written with %"):
        read_series([DataFile(path, "")], columns=("sold",), reading=reading, for_training=False)


@pytest.mark.parametrize("typed", ["4", "PRICE", "price"])
def test_a_column_is_kept_by_the_name_that_it_has(tmp_path, typed):
    """A number counts the columns of the file; a later table has them in another order."""
    lines = [f"{DAY + n},7{n},{n}%,{n}.5" for n in range(9)]
    text = "day,other,sold,price\n" + "\n".join(lines)
    series = read(tmp_path, text, known=(typed,), ignore=("other",))
    assert series.reading.known == series.beside.names == ("price",)
    turned = "price,day,other,sold\n" + "\n".join(
        ",".join([line.split(",")[3], *line.split(",")[:3]]) for line in lines
    )
    (tmp_path / "t.csv").write_text(turned)
    later = read_series([DataFile(tmp_path / "t.csv", "")], reading=series.reading, for_training=False)
    np.testing.assert_array_equal(later.beside.values, series.beside.values)


@pytest.mark.parametrize("mark", ["Unknown", "x", "-999"])
def test_what_a_person_says_is_missing_is_no_category(tmp_path, mark):
    text = "day,sold,kind,open,price\n" + "".join(
        f"{DAY + n},{n}," + (",".join([f"{mark}"] * 3) if n % 3 else f"{'ab'[n % 2]},{n % 2},{n}.5") + "\n"
        for n in range(9)
    )
    beside = read(tmp_path, text, past=("kind", "open", "price"), missing=(mark,)).beside
    assert (beside.kinds, beside.levels[0]) == (("category", "flag", "number"), ("a", "b"))
    np.testing.assert_array_equal(beside.values[::3, 0], [[0, 0, 0.5], [1, 1, 3.5], [0, 0, 6.5]])
    assert np.isnan(np.delete(beside.values, [0, 3, 6], axis=0)).all()


def test_three_decimals_beside_values_of_two_are_those_of_the_training(tmp_path):
    """Such cells alone may be thousands where a column had none; these are read as the training read them."""
    lines = [f"{DAY + n},{n}.{60 + n},{n + 1}.{125 + 7 * n},{n}.{90 - n}" for n in range(9)]
    text = "day,sold,heat,price\n" + "\n".join(lines)
    series = read(tmp_path, text, known=("price",), past=("heat",))
    assert (series.reading.never_three, series.reading.three) == (True, ("heat",))
    reading = Reading.from_json(json.loads(json.dumps(series.reading.to_json())))
    again = read_series([DataFile(tmp_path / "t.csv", "")], reading=reading, for_training=False)
    np.testing.assert_array_equal(again.beside.values, series.beside.values)
    dear = [",".join([*line.split(",")[:3], "1.000"]) for line in lines]
    (tmp_path / "t.csv").write_text("\n".join(["day,sold,heat,price", *dear]))
    with pytest.raises(DataError, match=r"'1\.000' is 1 .*no number of the training has three decimals"):
        read_series([DataFile(tmp_path / "t.csv", "")], reading=reading, for_training=False)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{0},5;{0}.5;{0}", "'sold' has decimal commas, column 'price' decimal points"),
        ("{0};{0}.5;{0},5", "'price' has decimal points, column 'heat' decimal commas"),
        ("{0}.5;{0};{0},5", "'sold' has decimal points, column 'heat' decimal commas"),
    ],
)
def test_columns_of_two_decimal_marks_are_refused_before_a_training(tmp_path, row, said):
    """A model keeps one mark: it could read no later table of this form."""
    text = "day;sold;price;heat\n" + "\n".join(f"{DAY + n};{row.format(n)}" for n in range(9))
    with pytest.raises(DataError, match=said):
        read(tmp_path, text, known=("price",), past=("heat",))


def test_an_empty_column_of_percentages_is_missing(tmp_path):
    """In a later table, as each of its lines in a stream."""
    lines = [f"{DAY + n},{n}," for n in range(9)]
    trained = read(
        tmp_path, "day,sold,off\n" + "".join(f"{line}{n}5%\n" for n, line in enumerate(lines)), past=("off",)
    )
    (tmp_path / "t.csv").write_text("day,sold,off\n" + "\n".join(lines))
    later = read_series([DataFile(tmp_path / "t.csv", "")], reading=trained.reading, for_training=False)
    assert np.isnan(later.beside.values).all()
