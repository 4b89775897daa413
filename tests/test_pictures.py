"""Pictures: the size of an attention's, and the characters that a font lacks."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path

import numpy as np

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
    seen, forecast = axis.lines[:2]
    assert forecast.get_marker() == "o" != seen.get_marker()
    (band,) = axis.collections
    assert [segment[:, 1].tolist() for segment in band.get_segments()] == [[1.0, 3.0]]
