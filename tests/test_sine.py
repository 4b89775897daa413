"""The task sine: its wave, how it is read, and the recipe's row."""

from __future__ import annotations

import numpy as np

from seqtool.families.choose import choose
from seqtool.families.family import configured, presets_of
from seqtool.families.forecasting import data
from seqtool.plugins import load_task
from seqtool.testing import check_task

TASK = load_task("sine")
ROW = {
    "layers": 2, "hidden": 30, "cell": "lstm", "window": 10, "horizon": 1, "network": "direct", "optimiser": "adagrad",
    "learning_rate": 0.1, "batch": 32, "max_steps": 10_000, "test": 1000,
}  # fmt: skip


def test_the_wave_is_the_sine_at_a_gap_of_a_hundredth():
    table = np.loadtxt(TASK.sample().decode().splitlines(), delimiter=",", skiprows=1)
    assert table.shape == (11_000, 2)
    np.testing.assert_array_equal(table[:, 0], np.arange(11_000) / 100)
    np.testing.assert_allclose(table[:, 1], np.sin(table[:, 0]), atol=1e-15)


def test_only_y_is_the_series_and_x_is_no_time():
    config = configured(TASK, preset=presets_of(TASK)["lstm2x30"])
    series = data.read(TASK, config, choose(TASK, config))
    assert (series.columns, series.times, len(series.values)) == (("y",), None, 11_000)


def test_the_recipe_s_row_stands_in_its_preset():
    config = configured(TASK, preset=presets_of(TASK)["lstm2x30"])
    assert {name: getattr(config, name) for name in ROW} == ROW


def test_ten_thousand_points_train_and_validate_a_thousand_test_and_no_window_has_points_of_two_parts():
    config = configured(TASK, preset=presets_of(TASK)["lstm2x30"])
    splits = data.load(TASK, config, choose(TASK, config))
    parts = (splits.train, splits.validation, splits.test)
    rows = [(int(part.starts[0]), int(part.starts[-1]) + config.window + config.horizon) for part in parts]
    assert rows == [(0, 9000), (9000, 10_000), (10_000, 11_000)]


def test_the_task_keeps_its_contract():
    check_task(TASK, hidden=4, window=10, horizon=5, network="direct")
