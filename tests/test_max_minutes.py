"""`--max-minutes`: how many steps fit into a time, by a clock that only the test moves, and what a run says of it."""

import json
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from seqtool.families.choose import sample_of
from seqtool.families.family import configured
from seqtool.plugins import load_task
from seqtool.runs import read_metrics
from seqtool.training import checkpoint
from seqtool.training.limit import TimeLimit
from seqtool.training.loop import Trainer
from seqtool.training.optimisers import learning_rate
from seqtool.training.run import TrainOptions, resume, train

TINY = {
    "hidden": 4, "window": 8, "horizon": 4, "epochs": 20, "evaluate_every": 7, "layers": 2, "schedule": "one-cycle",
}  # fmt: skip


class Clock:
    """Seconds that pass only where a test says so."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def limited(clock, seconds, **settings):
    costs = {"step": 1.0, "evaluation": 5.0, "end": 0.0, "every": 10, "most": 1000, **settings}
    return TimeLimit(began=clock.now, until=clock.now + seconds, clock=clock, **costs)


@given(
    seconds=st.floats(0, 400), step=st.floats(0.1, 5), evaluation=st.floats(0, 20), every=st.integers(1, 50),
    done=st.integers(0, 30),
)  # fmt: skip
def test_the_most_steps_whose_end_is_in_time_are_taken(seconds, step, evaluation, every, done):
    """Beside a count of step after step."""
    clock = Clock()
    told = limited(clock, seconds, step=step, evaluation=evaluation, every=every, most=300).steps(done)
    fitting, spent = max(1, done), 0.0
    for steps in range(done + 1, 301):
        spent += step
        if spent + evaluation <= seconds:  # each may be the last, after which there is an evaluation
            fitting = steps
        if steps % every == 0:
            spent += evaluation
    assert abs(told - fitting) <= 1  # sums in another order


def trained_by(clock, limit, step, evaluation):
    """Take steps of so many seconds, by the number of the step, until the limit says that they are enough."""
    stop, done = limit.steps(0), 0
    while done < stop:
        clock.now += step(done)
        done += 1
        look = limit.due(done)
        limit.stepped()
        if look:
            stop = limit.steps(done)
        if done % limit.every == 0 or done == stop:
            clock.now += evaluation
            limit.evaluated()
    return done


@pytest.mark.parametrize("step", [
    lambda done: 1.0, lambda done: 2.0, lambda done: 0.4, lambda done: 0.5 + done / 100,
    lambda done: 4.0 if done > 40 else 1.0,
])  # fmt: skip
@pytest.mark.parametrize("evaluation", [1.0, 5.0, 12.0])
def test_whatever_the_steps_turn_out_to_take_the_end_is_in_time(clock, step, evaluation):
    """Measured was 1 second a step and 5 an evaluation."""
    taken = limited(clock, 200)
    done = trained_by(clock, taken, step, evaluation)
    assert 200 - 25 <= taken.used <= 200 + 12
    assert done > 20


def test_the_end_is_taken_to_change_as_an_evaluation_did(clock):
    """Evaluations take half of what was measured: so will the 40 seconds of scoring."""
    taken = limited(clock, 200, evaluation=10.0, end=40.0)
    trained_by(clock, taken, lambda done: 1.0, 5.0)
    assert 200 - 20 - 8 <= taken.used <= 200 - 20 + 1


def test_a_training_that_has_time_takes_all_its_steps(clock):
    taken = limited(clock, 5000, most=300)
    assert trained_by(clock, taken, lambda done: 1.0, 5.0) == 300


def run(out, **settings):
    task = load_task("bitcoin")
    config = configured(task, options={**TINY, **settings})
    return train(task, config, sample_of(task), TrainOptions(out=Path(out), device="cpu", threads=1))


@pytest.fixture
def slow(clock, monkeypatch):
    """Let each step take a second and each evaluation five, by a clock that nothing else moves."""
    took = {"learn": 1.0, "figures": 5.0}
    for name, seconds in took.items():
        method = getattr(Trainer, name)

        def timed(trainer, *values, method=method, seconds=seconds):
            clock.now += seconds
            return method(trainer, *values)

        monkeypatch.setattr(Trainer, name, timed)
    monkeypatch.setattr("seqtool.training.minutes.TimeLimit", partial(TimeLimit, clock=clock))
    monkeypatch.setattr("time.monotonic", clock)
    return clock


def test_a_run_ends_in_time_with_its_schedule_and_says_what_ended_it(slow, capfd):
    fit = run("run", max_minutes=2)
    assert slow.now - 100 <= 120
    assert fit.limit == "--max-minutes"
    lines = read_metrics(Path("run"))
    assert lines[-1]["step"] == fit.step < 400
    config = configured(load_task("bitcoin"), options=TINY)
    assert lines[-1]["learning_rate"] == learning_rate(config, fit.step - 1, fit.step)  # the end of the cycle
    said = capfd.readouterr().err
    assert f"ended by --max-minutes after {fit.step} of " in said
    assert "as many as fit into --max-minutes" in said
    record = json.loads(Path("run/run.json").read_text())
    assert record["training"]["limit"] == "--max-minutes"
    assert Path("run/scores.json").exists()


def weights(out, step):
    return load_file(Path(out) / "checkpoints" / str(step) / "network.safetensors")


def test_a_limit_that_does_not_cut_changes_no_bit():
    first, second = run("free", epochs=1), run("limited", epochs=1, max_minutes=1000)
    assert (second.limit, first.step) == ("", second.step)
    one, other = weights("free", first.step), weights("limited", first.step)
    assert all((one[name] == other[name]).all() for name in one)


def test_a_resumed_training_counts_the_time_that_it_had(slow, interrupted):
    with interrupted(18), pytest.raises(KeyboardInterrupt):
        run("cut", max_minutes=2)
    index = checkpoint.index(Path("cut/checkpoints"))
    used = checkpoint.load(Path("cut/checkpoints"), index.last).state["used"]
    assert used > 18
    slow.now += 1_000_000  # a night between
    began = slow.now
    fit = resume(load_task("bitcoin"), Path("cut"), device="cpu", began=began)
    assert fit.limit == "--max-minutes"
    assert 60 < used + slow.now - began <= 120


def test_a_training_whose_time_is_up_takes_a_step_and_is_scored():
    fit = run("run", max_minutes=1e-6)
    assert fit.step == 1
    assert Path("run/scores.json").exists()
