"""Learning curves: shares of the training part, the line through their errors, and what `check --curve` says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seqtool.data.records import Parts, cut
from seqtool.families.choose import sample_of
from seqtool.families.family import configured, family_of
from seqtool.plugins import load_task
from seqtool.task import Share
from seqtool.task_config import RecordConfig
from seqtool.training.curve import DRAWS, Point, outlook

SIX = [share for share, draws in DRAWS for _ in range(draws)]


def test_a_line_without_strays_is_extended_exactly():
    """A power law: with twice the data the error is 2 ** -0.5 of what it was."""
    told = outlook([Point(share, 0.3 * share**-0.5) for share in SIX])
    assert told == pytest.approx((0.3 / 2**0.5,) * 3)


@given(st.lists(st.floats(0.01, 50), min_size=6, max_size=6))
def test_the_interval_is_that_of_a_regression(errors):
    """Beside least squares by NumPy and SciPy's t distribution."""
    told = outlook([Point(share, error) for share, error in zip(SIX, errors, strict=True)])
    x = np.column_stack([np.ones(6), np.log(SIX)])
    new = np.array([1, np.log(2)])
    weights, *_ = np.linalg.lstsq(x, np.log(errors), rcond=None)
    residual = np.sum((np.log(errors) - x @ weights) ** 2) / 4
    reach = stats.t.ppf(0.975, 4) * np.sqrt(residual * (1 + new @ np.linalg.inv(x.T @ x) @ new))
    likely = new @ weights
    # three decimals of t are kept
    assert np.log(told) == pytest.approx([likely, likely - reach, likely + reach], rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("errors", [[], [0.1, 0.1], [0, 0, 0, 0, 0, 0.1]])
def test_too_few_mistakes_make_no_line(errors):
    assert outlook([Point(share, error) for share, error in zip(SIX, errors, strict=False)]) is None


def test_a_share_of_records_leaves_the_held_out_ones_and_draws_differ():
    records = Parts(tuple(range(1000)))
    whole = cut(records, lambda number: number, RecordConfig())
    tenths = [cut(records, lambda number: number, RecordConfig(), Share(0.1, draw)) for draw in range(3)]
    for tenth in tenths:
        assert (tenth.validation, tenth.test) == (whole.validation, whole.test)
        assert len(tenth.train) == round(0.1 * len(whole.train))
        assert set(tenth.train) < set(whole.train)
        assert list(tenth.train) == sorted(tenth.train)  # the order of the files
    assert len({tenth.train for tenth in tenths}) == 3


def loaded(name, share, **options):
    """Return the splits of a task's sample."""
    task = load_task(name)
    data = sample_of(task)
    return family_of(task).data.load(task, configured(task, options=options), type(data)(data.files, share=share))


def test_a_share_of_a_text_is_a_piece_of_it_and_the_first_draw_ends_it():
    whole, *pieces = (loaded("chargen", share) for share in (Share(1.0), *(Share(0.25, draw) for draw in range(3))))
    for piece in pieces:
        assert piece.train.text in whole.train.text
        assert piece.train.characters == round(0.25 * whole.train.characters)
        assert (piece.validation.text, piece.test.text) == (whole.validation.text, whole.test.text)
    assert whole.train.text.endswith(pieces[0].train.text)
    assert len({piece.train.text for piece in pieces}) == 3


def test_a_share_of_a_series_is_its_newest_steps():
    whole, half = (loaded("sine", share, window=20, horizon=5) for share in (Share(1.0), Share(0.5)))
    length = len(whole.train.values)
    assert np.array_equal(half.train.values, whole.train.values[length - len(half.train.values) :])
    assert len(half.train.values) == pytest.approx(length / 2, abs=1)
    windows = [part.batch(np.arange(len(part))) for part in (whole.test, half.test)]
    for ours, theirs in zip(*windows, strict=True):
        assert np.array_equal(ours, theirs)


def test_check_tells_the_curve_after_its_findings(ok):
    said = ok("check", "sentiment", "--sample", "--curve", "--max-steps", "2", "--threads", "1").stdout.splitlines()
    curve = [line.removeprefix("note curve: ") for line in said if line.startswith("note curve: ")]
    shares = [line.split(" of the training part: ")[0] for line in curve[:-1]]
    assert shares == ["10%", "33%", "100%"]
    assert "in 3 draws" in curve[0]
    assert curve[-1].startswith("twice as much would likely bring ")
    assert said[0].startswith("note format")  # the findings come first


def test_a_share_that_is_too_small_is_said(ok, write):
    """A tenth of twelve texts has one label."""
    table = write("".join(f"{'ab'[n % 2]}\ttext number {n} of few\n" for n in range(15)), "few.tsv")
    result = ok("check", "classify", "--data", table, "--curve", "--max-steps", "1", "--threads", "1")
    assert "10% of the training part: too little: " in result.stdout
