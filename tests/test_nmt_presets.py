"""The presets of nmt against the recipes that they reproduce, number by number."""

from __future__ import annotations

import pytest
from seqtool_nmt import NMT as TASK

from seqtool.families.family import configured

SMALL = {
    # An LSTM encoder-decoder from Vietnamese to English (IWSLT'15), words from vocabulary files.
    "source": "iwslt15",
    "vocabulary_kind": "words",
    "joint": False,
    "cell": "lstm",
    "layers": 2,
    "hidden": 128,
    "embedding": 128,
    "bidirectional": False,
    "attention": "none",
    "forget_bias": 1.0,
    "dropout": 0.2,
    "optimiser": "sgd",
    "learning_rate": 1.0,
    "schedule": "exponential",
    "decay": 0.98,
    "decay_every": 10_000,
    "max_steps": 12_000,
    "clip": 5.0,
    "batch": 128,
    "longest": 50,
    "label_smoothing": 0.0,
}
RECIPES = {
    "nmt-small": SMALL,
    "nmt-small-luong": SMALL | {"attention": "scaled_luong", "input_feeding": True},
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_preset_holds_every_number_of_its_recipe(name):
    path = TASK.presets / f"{name}.toml"
    config = configured(TASK, preset=path)
    assert {key: getattr(config, key) for key in RECIPES[name]} == RECIPES[name]
    assert path.read_text().count("# put right: ") == 3


def test_the_limit_of_tokens_never_cuts_a_batch_of_the_recipe():
    config = configured(TASK, preset=TASK.presets / "nmt-small.toml")
    assert config.tokens >= config.batch * 2 * (config.longest + 1)
