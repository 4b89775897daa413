"""What a training is told to take before its first step, and that the measuring leaves no trace."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from seqtool.data.splits import LengthSampler, Sampler, evenly
from seqtool.families.choose import sample_of
from seqtool.families.family import configured, family_of
from seqtool.plugins import load_task
from seqtool.training.costs import Costs
from seqtool.training.run import TrainOptions, dry_run, train

TINY = {
    "bitcoin": {"hidden": 4, "window": 8, "horizon": 4, "max_steps": 9, "evaluate_every": 4, "dropout": 0.2},
    "chargen": {"hidden": 8, "max_steps": 9, "evaluate_every": 4, "dropout": 0.2},
    "sentiment": {"embedding": 4, "hidden": 4, "vocabulary": 100, "max_steps": 9, "dropout": 0.2},
    "nmt": {"embedding": 8, "hidden": 8, "vocabulary": 120, "max_steps": 5, "dropout": 0.2},
    "pos": {"embedding": 8, "hidden": 8, "characters": 4, "character_hidden": 4, "max_steps": 5, "word_dropout": 0.2},
}  # fmt: skip
each = pytest.mark.parametrize("name", TINY)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def of(name, **settings):
    task = load_task(name)
    return task, configured(task, options={**TINY[name], **settings}), sample_of(task)


def run(name, out, *, tell):
    return train(*of(name), TrainOptions(out=Path(out), device="cpu", threads=1, tell=tell))


@each
def test_what_is_measured_changes_no_bit_of_the_training(name):
    """Dropout draws from the state of the generators, which is as if nothing had been measured."""
    fits = [run(name, out, tell=tell) for out, tell in (("plain", False), ("told", True))]
    assert fits[0].best == fits[1].best
    plain, told = (load_file(Path(fit.run) / "checkpoints" / str(fit.step) / "network.safetensors") for fit in fits)
    assert all((plain[key] == told[key]).all() for key in plain)
    record = json.loads(Path("told/run.json").read_text())["told"]
    assert record["steps"] == fits[1].step
    assert record["step"] > 0
    assert record["megabytes"] > 50


@each
def test_a_dry_run_says_steps_time_and_memory_and_writes_nothing(name, tmp_path):
    said = dry_run(*of(name), TrainOptions(device="cpu", threads=1))
    steps = TINY[name]["max_steps"]
    assert re.fullmatch(rf"{steps} steps, .*, then \d+ s of scoring, [\d,]+ MB(, less if --patience ends it)?", said)
    assert not [*tmp_path.iterdir()]


def test_words_are_steps_times_their_seconds_and_the_evaluations():
    costs = Costs(step=0.03, evaluation=0.5, end=5.2, baselines=1.0, megabytes=300)
    assert costs.training(600, 100) == pytest.approx(600 * 0.03 + 6 * 0.5)
    assert costs.training(601, 100) == pytest.approx(601 * 0.03 + 7 * 0.5)
    assert costs.told(600, 100) == "600 steps, about 21 s, then 5 s of scoring, 300 MB"
    assert costs.told(60_000, 10_000) == "60,000 steps, about 30 min, then 5 s of scoring, 300 MB"
    assert costs.told(600, 100, 1.1).endswith("then 5 s of scoring, then at most 23 s of refit, 300 MB")


def test_batches_are_spread_from_the_shortest_records_to_the_longest():
    lengths = np.random.default_rng(0).integers(1, 90, 500)
    sampler = LengthSampler(lengths, records=16, tokens=400, seed=0)
    chosen = sampler.spread(12)
    longest = [int(lengths[records].max()) for records in chosen]
    assert longest == sorted(longest)
    assert max(map(len, chosen)) <= 16
    assert lengths[sampler.spread(sampler.steps)[-1]].max() == lengths.max()
    mean = np.mean([lengths[records].max() * len(records) for records in chosen])
    all_of_them = [sampler.order()[sampler.next()] for _ in range(sampler.steps)]
    assert mean == pytest.approx(np.mean([lengths[records].max() * len(records) for records in all_of_them]), rel=0.1)
    assert [len(records) for records in Sampler(10, 4, 0).spread(9)] == [4, 4, 2]


def test_places_are_spread_evenly_and_few_are_all():
    assert list(range(1000))[evenly(1000, 0.1)] == list(range(0, 1000, 10))
    assert list(range(60))[evenly(60, 0.1)] == list(range(60))


RECORDS = {
    "bitcoin": lambda part: part.starts.tolist(),
    "sentiment": lambda part: [*zip(part.texts, part.gold.tolist(), (ids.tolist() for ids in part.ids), strict=True)],
    "nmt": lambda part: [*zip(part.pairs, map(tuple, part.source), map(tuple, part.target), strict=True)],
    "pos": lambda part: [*zip(part.words, part.tags, strict=True)],
}


@pytest.mark.parametrize("name", RECORDS)
def test_few_records_of_a_part_are_whole_records_of_it(name):
    task, config, data = of(name)
    part = family_of(task).data.load(task, config, data).validation
    whole, few = RECORDS[name](part), RECORDS[name](part.few(0.1))
    assert 50 <= len(few) < max(len(whole), 51)
    assert all(record in whole for record in few)
