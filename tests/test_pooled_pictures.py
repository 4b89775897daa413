"""What the pictures of many series show: which series, which of their steps, and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest

from seqtool.data.grid import Grid
from seqtool.data.series import Series
from seqtool.families.forecasting import pooled_pictures
from seqtool.families.forecasting.many import Many
from seqtool.families.forecasting.pooled_pictures import many_picture, ranked_picture
from seqtool.families.forecasting.windows import Forecasts, windows

DAY = np.timedelta64(1, "D")


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are drawn, in the place of files."""
    figures = []
    monkeypatch.setattr(pooled_pictures, "save", lambda figure, path: figures.append(figure) or path)
    return figures


def series_of(values):
    times = np.datetime64("2024-01-01", "s") + np.arange(len(values)) * DAY
    names = tuple(f"s{n}" for n in range(values.shape[1]))
    return Series(names, values, times, Grid(seconds=86_400), (), panel=True)


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (9, 6)])
def test_the_first_series_are_drawn_from_their_own_ends_with_the_truth_where_it_is_known(drawn, tmp_path, count, shown):
    values = np.random.default_rng(0).normal(size=(40, count))
    last = np.full(count, 30) - np.arange(count)
    forecast = np.arange(2 * count, dtype=float).reshape(count, 2)
    if count > 1:
        forecast[1] = np.nan  # it could not be continued
        values[last[2] + 1 :, 2] = np.nan  # it ended
    quantiles = forecast[..., None] + np.array([-1.0, 0, 1])
    names = tuple(f"s{n}" for n in range(count))
    many = Many(names, last, [], forecast, (0.1, 0.5, 0.9), quantiles, ("id", "time", "y"), 12)
    many_picture(series_of(values), many, tmp_path / "p.png", "forecast: 2 steps")
    axes, chosen = drawn[0].axes, [n for n in range(count) if n != 1][:6]
    assert drawn[0].get_suptitle() == f"forecast: 2 steps, {shown} of {count} series"
    assert [axis.get_title(loc="left") for axis in axes] == [f"s{n}" for n in chosen]
    for axis, number in zip(axes, chosen, strict=True):
        seen, *others = [line for line in axis.lines if len(line.get_xdata()) > 2 or line.get_linestyle() != "None"]
        end = last[number] + 1
        np.testing.assert_array_equal(seen.get_ydata(), values[end - 6 : end, number])
        paths = {tuple(line.get_ydata()) for line in others}
        assert (values[end - 1, number], *forecast[number]) in paths
        assert ((values[end - 1, number], *values[end : end + 2, number]) in paths) == (number != 2)
        assert len(axis.collections) == 1


def part_of(count, horizon):
    """A part of some series, forecast by 0, so that the error of each is its size, and the wanted order of them."""
    size = np.random.default_rng(1).permutation(count) + 1.0
    values = np.tile(np.array([1.0, -1.0]), 20)[:, None] * size  # in units of its change all would be alike
    values[20:] *= size  # so later ones are larger by their size
    part = windows(series_of(values), slice(20, None), 6, horizon, "validation", pooled=True)
    return part, values[:20], np.argsort(-size)


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_the_worst_the_median_and_the_best_series_are_drawn(drawn, tmp_path, count, horizon):
    part, train, order = part_of(count, horizon)

    def zero(part):
        zeros = np.zeros((len(part), horizon, 1))
        return Forecasts(zeros, zeros[..., None] + np.array([-1.0, 0, 1]))

    ranked_picture(zero, part, train, 1, tmp_path / "p.png", "t, validation", (0.1, 0.5, 0.9))
    titles = [axis.get_title(loc="left") for axis in drawn[0].axes]
    places = {1: {"the series": 0}, 2: {"worst": 0, "best": 1}}
    wanted = places.get(count, {"worst": 0, "median": (count - 1) // 2, "best": count - 1})
    assert [title.rpartition(": ")[2] for title in titles] == [f"s{order[place]}" for place in wanted.values()]
    assert [title.split(" of ")[0].split(":")[0] for title in titles] == [*wanted]
    if count > 1:
        error = (count - np.array([*wanted.values()])) / 2  # over its change of one step, twice its size
        assert [float(title.split("MASE, ")[1].split(":")[0]) for title in titles] == pytest.approx(error)
    assert drawn[0].get_suptitle() == "t, validation" + (", one step ahead" if horizon == 1 else "")
    last = part.values[-1, order[0]]
    assert drawn[0].axes[0].lines[0 if horizon == 1 else 1].get_ydata()[-1] == last
