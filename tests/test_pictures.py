"""Pictures: the size of an attention's, and the characters that a font lacks."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path

import numpy as np
import pytest

from seqtool.data.grid import Grid
from seqtool.data.series import Series
from seqtool.families.forecasting import pictures
from seqtool.families.forecasting.windows import Forecasts, windows
from seqtool.report import plots
from seqtool.report.attention import picture
from seqtool.report.plots import cover, figure, save


def size(path: Path) -> tuple[int, int]:
    """The width and height that a PNG says of itself, in pixels."""
    return struct.unpack(">II", path.read_bytes()[16:24])


def attention(tmp_path: Path, source: list[str], target: list[str]) -> tuple[int, int]:
    weights = np.full((len(target), len(source)), 1 / len(source), np.float32)
    return size(picture(weights, source, target, tmp_path / "seen.png"))


def test_a_picture_grows_with_the_sentence_and_not_beyond_what_can_be_read(tmp_path):
    short, long = attention(tmp_path, ["ein"] * 10, ["a"] * 10), attention(tmp_path, ["ein"] * 60, ["a"] * 60)
    most, beyond = attention(tmp_path, ["ein"] * 80, ["a"] * 80), attention(tmp_path, ["ein"] * 4001, ["a"] * 8000)
    assert short < long < most == beyond
    assert max(beyond) < 4000


def test_long_names_below_the_axis_have_room(tmp_path):
    short, long = (attention(tmp_path, [name] * 6, ["a"])[1] for name in ("ein", "Donaudampfschifffahrt"))
    assert long - short > 100


def test_an_empty_translation_has_a_picture(tmp_path):
    assert min(attention(tmp_path, ["ein", "</s>"], [])) > 200


def test_characters_without_a_font_are_said_once_and_no_warning_of_a_library_is_seen(tmp_path, capsys):
    attention(tmp_path, ["日本", "日", "über", "\U000f0000"], ["a", "$x$"])
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("warning: no font here has ")
    assert said[0].count("\U000f0000") == 1
    assert "ü" not in said[0]
    assert said[0].endswith("in seen.png; install one that has")


def test_another_font_of_the_machine_stands_in(tmp_path, capsys):
    symbol = "\u24b6"  # in STIX, which matplotlib brings along, and not in DejaVu
    made, (axis,) = figure()
    axis.set(title=f"a {symbol}")
    assert cover(made) == ""
    assert len(axis.title.get_fontfamily()) == 2
    save(made, tmp_path / "symbol.png")
    assert capsys.readouterr().err == ""


def test_a_name_with_dollar_signs_is_no_formula(tmp_path):
    made, (axis,) = figure()
    axis.set(title="nmt on a$_{$.tsv")
    assert size(save(made, tmp_path / "title.png")) == (990, 352)


def test_curves_show_what_chose_the_best_weights(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(plots, "save", lambda made, path: seen.append(made) or path)
    line = {"step": 1, "train_loss": 3.0, "loss": 2.0, "bleu": 30.0, "error": 70.0}
    plots.curves([line, {**line, "step": 2, "loss": 1.9, "bleu": 29.0, "error": 71.0}], tmp_path / "x.png", "t", "nats")
    loss, bleu = seen[0].axes
    assert bleu.get_ylabel() == "BLEU of greedy translations"
    assert [axis.lines[-1].get_xydata().tolist() for axis in (loss, bleu)] == [[[1.0, 2.0]], [[1.0, 30.0]]]


@pytest.mark.parametrize(("best", "scale"), [(0.01, "log"), (-0.5, "linear")])
def test_a_loss_below_zero_is_on_no_logarithmic_axis(tmp_path, monkeypatch, best, scale):
    seen = []
    monkeypatch.setattr(plots, "save", lambda made, path: seen.append(made) or path)
    rows = [{"step": step, "train_loss": 3.0, "loss": loss} for step, loss in ((1, 2.0), (2, best))]
    plots.curves(rows, tmp_path / "x.png", "t", "likelihood")
    assert seen[0].axes[0].get_yscale() == scale


def test_dates_below_an_axis_do_not_run_into_each_other(tmp_path):
    made, (axis,) = figure()
    days = np.datetime64("2023-10-13", "s") + np.arange(20) * np.timedelta64(1, "D")
    axis.plot(days, np.arange(20))
    save(made, tmp_path / "days.png")
    labels = [label.get_window_extent() for label in axis.get_xticklabels() if label.get_text()]
    assert len(labels) > 3
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(labels))
    assert axis.xaxis.get_offset_text().get_text() == "2023-Nov"


def test_a_forecast_of_one_step_can_be_seen():
    _, (axis,) = figure()
    plots.continuation(axis, (np.arange(3), np.ones(3)), (np.empty(0), np.empty(0)), (np.array([3]), np.array([2.0])))
    plots.fan(axis, np.array([3]), np.array([[1.0, 3.0]]), (0.1, 0.9))
    seen, forecast, marks = axis.lines[:3]
    assert marks.get_marker() == "o" != seen.get_marker()
    assert marks.get_xydata().tolist() == [[3, 2]]
    assert forecast.get_xydata().tolist() == [[2, 1], [3, 2]]  # no gap after what was seen
    (band,) = axis.collections
    assert [segment[:, 1].tolist() for segment in band.get_segments()] == [[1.0, 3.0]]


def test_truth_and_forecast_begin_at_the_last_known_value():
    _, (axis,) = figure()
    steps, ahead = np.arange(5), np.arange(5, 25)
    plots.continuation(axis, (steps, np.array([1.0, 2, 3, np.nan, np.nan])), (ahead, ahead + 1.0), (ahead, ahead + 2.0))
    _, truth, forecast, _ = axis.lines
    assert [line.get_xydata()[:2].tolist() for line in (truth, forecast)] == [[[2, 3], [5, 6]], [[2, 3], [5, 7]]]
    assert len(axis.lines) == 4  # twenty steps have no marks
    unseen = (steps, np.full(5, np.nan))
    plots.continuation(axis, unseen, (ahead, ahead + 1.0), (ahead, ahead + 2.0))


@pytest.mark.parametrize(("rows", "shown"), [(300, 100), (3000, 400)])
def test_forecasts_of_one_step_are_drawn_over_the_part(tmp_path, monkeypatch, rows, shown):
    """Each step's truth beside its forecast, the newest at most; the title begins with the column's name."""
    drawn = []
    monkeypatch.setattr(pictures, "save", lambda figure, path: drawn.append(figure) or path)
    values = np.cumsum(np.random.default_rng(0).normal(size=(rows, 2)), axis=0)
    times = np.datetime64("2020-01-01", "s") + np.arange(rows) * np.timedelta64(1, "D")
    series = Series(("price", "volume"), values, times, Grid(seconds=86_400), ())
    part = windows(series, slice(rows // 2, None), 51, 1, "validation")

    def copied(part):
        history, _ = part.batch(np.arange(len(part)))
        return Forecasts(history[:, -1:], history[:, -1:, :, None] + np.array([-1.0, 1.0]))

    pictures.windows_picture(copied, part, tmp_path / "w.png", "forecast on x.csv, validation", (0.1, 0.9))
    axes = drawn[0].axes
    assert axes[0].get_title() == "price / volume: forecast on x.csv, validation, one step ahead"
    assert [axis.get_ylabel() for axis in axes] == ["price", "volume"]
    for column, axis in enumerate(axes):
        truth, forecast = (line.get_ydata() for line in axis.lines)
        assert len(truth) == len(forecast) == min(shown, len(part))
        np.testing.assert_array_equal(truth, values[-len(truth) :, column])
        np.testing.assert_array_equal(forecast[1:], truth[:-1])


def test_the_names_of_the_lines_of_all_panels_lie_once_and_on_none_of_them():
    drawn, axes = figure(2)
    for axis, names in zip(axes, (["seen", "forecast"], ["seen", "true", "forecast"]), strict=True):
        for name in names:
            axis.plot([1, 2], [1, 2], label=name)
    plots.legend(drawn)
    drawn.canvas.draw()
    (legend,) = drawn.legends
    assert [text.get_text() for text in legend.get_texts()] == ["seen", "forecast", "true"]
    assert not any(legend.get_window_extent().overlaps(axis.get_window_extent()) for axis in axes)
