"""The bitcoin presets against the recipes that they reproduce, number by number."""

from __future__ import annotations

import dataclasses
import tomllib

import pytest
from seqtool_bitcoin import BITCOIN as TASK

from seqtool.families.family import configured, presets_of

PRESETS = presets_of(TASK)

RECIPES = {
    # A GRU encoder-decoder: 40 days of two currencies in, 40 days out.
    "gru-seq2seq": {
        "cell": "gru",
        "network": "seq2seq",
        "layers": 2,
        "hidden": 12,
        "window": 40,
        "horizon": 40,
        "skip": 1000,  # the first 1000 days are dropped
        "test": 0.2,  # 80/20 in time
        "scaling": "window",  # (x - mean) / (2.5 deviations) of each window
        "scale_factor": 2.5,
        "output_gain": True,  # linear output times a learned scale
        "optimiser": "rmsprop",
        "learning_rate": 0.007,
        "rms_decay": 0.92,
        "momentum": 0.5,
        "l2": 0.003,
        "batch": 5,
        "max_steps": 150,
        "evaluate_every": 10,
    },
    # An LSTM over seven closing prices, one day ahead.
    "lstm-window7": {
        "cell": "lstm",
        "network": "direct",
        "layers": 1,
        "hidden": 256,
        "window": 7,
        "horizon": 1,
        "columns": ("Close",),
        "scaling": "standard",
        "initial_deviation": 0.05,  # N(0, 0.05), truncated
        "optimiser": "adam",
        "learning_rate": 0.001,
        "clip": 4.0,
        "batch": 7,
        "epochs": 100,
    },
}

PUT_RIGHT = {
    # setting -> a word of its comment: what the recipe did and is not done again
    "gru-seq2seq": {
        "teacher_forcing": "encoder's past inputs",
        "l2": "biases",
        "rms_decay": "averaging constant",
        "batch": "grows with the batch",
        "evaluate_every": "test set",
        "test": "windows cut inside each part",
        "validation": "no validation part",
        "source": "closed",
        "": "raw units beside baselines",  # of the whole recipe, above its settings
    },
    "lstm-window7": {
        "scaling": "whole series",
        "clip": "clipped gradients",
        "batch": "shorter batch",
        "validation": "none",
        "test": "newest first",
        "": "wrapped round",
    },
}
NO_FAULT = {"source", "rms_decay"}
"""Another data set and a clearer name: they say so, but put no mistake right."""


@pytest.mark.parametrize("name", RECIPES)
def test_a_preset_has_every_number_of_its_recipe(name):
    config = configured(TASK, preset=PRESETS[name])
    assert {field: getattr(config, field) for field in RECIPES[name]} == RECIPES[name]


def test_the_first_thousand_windows_of_the_lstm_recipe_are_the_training_part():
    """1273 days are in its file; 1000 windows of 7 + 1 days need 1007."""
    config = configured(TASK, preset=PRESETS["lstm-window7"])
    days = 1273 - int(config.validation) - int(config.test)
    assert days - config.window - config.horizon + 1 == 1000


@pytest.mark.parametrize("name", RECIPES)
def test_a_preset_sets_nothing_that_neither_recipe_nor_deviation_explains(name):
    """What else stands there must only switch off what the recipe does not have."""
    config = configured(TASK, preset=PRESETS[name])
    others = {key: getattr(config, key) for key in tomllib.loads(PRESETS[name].read_text(encoding="utf-8"))}
    others = {key: value for key, value in others.items() if key not in RECIPES[name] | PUT_RIGHT[name]}
    off = {
        "clip": 0,
        "l2": 0,
        "patience": 0,
        "schedule": "constant",
        "epochs": 1000,
        "source": "btc-2014-2018",
        "season": "week",
    }
    assert others == {key: off[key] for key in others}


@pytest.mark.parametrize(("name", "setting"), [(name, setting) for name in RECIPES for setting in PUT_RIGHT[name]])
def test_each_deviation_stands_as_a_comment_beside_its_setting(name, setting):
    lines = [line.partition("#") for line in PRESETS[name].read_text(encoding="utf-8").splitlines()]
    comments = [comment for before, _, comment in lines if before.partition("=")[0].strip() == setting]
    found = [comment for comment in comments if PUT_RIGHT[name][setting] in comment]
    assert len(found) == 1
    assert ("put right" in found[0]) == (setting not in NO_FAULT)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_loads_names_only_its_tasks_sources_and_begins_with_what_it_is(name):
    config = configured(TASK, preset=PRESETS[name])
    assert dataclasses.is_dataclass(config)
    assert config.source in {"", *(source.name for source in TASK.sources)}
    assert PRESETS[name].read_text(encoding="utf-8").startswith("# ")


def test_there_is_a_default():
    assert "default" in PRESETS
    assert set(RECIPES) < set(PRESETS)
