"""A file that reads texts: opened and run like any other, guarded where ONNX Runtime is not."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.errors import SeqtoolError, UsageError
from seqtool.graph.check import Case, check
from seqtool.runtime.model import open_model

MODELS = Path(__file__).parent / "models"


def texts(*lines):
    return {"text": np.array(lines, dtype=object)}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("generate", MODELS / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    file = tmp_path_factory.mktemp("models") / "tiny-text.onnx"
    file.write_bytes(generate.tiny_text())
    return open_model(file, device="cpu")


def test_its_signature_says_that_it_reads_texts(model):
    assert model.reads_texts
    assert model.manifest.signature["inputs"] == [{"name": "text", "dtype": "string", "shape": ["B"]}]
    assert not open_model(MODELS / "tiny-chargen.onnx", device="cpu").reads_texts


WORDS = st.sampled_from(["Good", "bad", "film", "not", "a", "naïve", ".", "unheard-of"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=30).map(" ".join), min_size=1, max_size=9))
def test_a_text_has_the_same_answer_alone_and_in_company(model, lines):
    together = model.run(texts(*lines))
    for row, line in enumerate(lines):
        alone = model.run(texts(line))
        np.testing.assert_array_equal(alone["probabilities"][0], together["probabilities"][row])
        assert alone["label"][0] == together["label"][row]
        assert together["label"][row] == ["neg", "pos"][together["probabilities"][row].argmax()]


def test_texts_of_nothing_are_answered_and_no_text_is_refused(model):
    answers = model.run(texts("", "   ", "\t", "unheard-of"))["probabilities"]
    assert np.isfinite(answers).all()
    assert (answers == answers[3]).all()
    with pytest.raises(UsageError, match="empty along B"):
        model.run(texts())


@pytest.mark.parametrize(
    "value",
    [np.array(["a"]), np.array([1]), np.array([None]), np.array([b"a"], object), np.array(["a", 1], object),
     np.array(["a\ud800"], object), np.array([["a"]], object)],
)  # fmt: skip
def test_what_is_no_text_never_reaches_onnx_runtime(model, monkeypatch, value):
    monkeypatch.setattr(model, "_session", None)
    with pytest.raises(UsageError, match="input text"):
        model.run({"text": value})


def test_the_check_of_an_export_compares_texts(model):
    feeds = texts("good film", "bad")
    answers = model.run(feeds)
    units = {"probabilities": np.ones(1)}
    assert check(model, [Case(feeds, answers, units)]) == 0
    turned = {**answers, "label": np.array(["none", "none"], dtype=object)}
    with pytest.raises(SeqtoolError, match="label has other texts"):
        check(model, [Case(feeds, turned, units)])


def test_a_family_without_texts_says_so_and_writes_nothing(cli, project):
    before = sorted(Path("runs/tiny").iterdir())
    answer = cli("export", "--text-input")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "forecasting models have no --text-input" in answer.stderr
    assert sorted(Path("runs/tiny").iterdir()) == before
