"""`evaluate` and `inspect`, given what is no model or data of another kind: each says in words what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

MODELS = Path(__file__).parent / "models"


def cure(answer) -> str:
    return answer.stderr.partition("cure: ")[2].strip()


@pytest.mark.parametrize("verb", ["evaluate", "inspect"])
def test_a_data_file_in_the_place_of_a_model(cli, tmp_path, monkeypatch, verb):
    monkeypatch.chdir(tmp_path)
    Path("my data.csv").write_text("text,label\nso good,a\nso bad,b\n")
    answer = cli(verb, "my data.csv")
    assert answer.returncode == 2
    assert "no model file of seqtool" in answer.stderr
    assert "export the model again" not in answer.stderr
    assert ("seqtool evaluate MODEL --data 'my data.csv'" in cure(answer)) == (verb == "evaluate")


@pytest.mark.parametrize("verb", ["evaluate", "inspect"])
def test_a_model_that_is_not_there(cli, tmp_path, monkeypatch, verb):
    monkeypatch.chdir(tmp_path)
    answer = cli(verb, "nothing")
    assert answer.returncode == 3
    assert "-m" not in cure(answer)  # neither has that option
    assert "-m FILE" in cure(cli("classify"))


@pytest.mark.parametrize("verb", ["evaluate", "inspect"])
def test_a_folder_inside_of_a_run(cli, tmp_path, monkeypatch, verb):
    monkeypatch.chdir(tmp_path)
    Path("my run/checkpoints").mkdir(parents=True)
    assert "the folder of a run" in cure(cli(verb, "my run/checkpoints"))
    Path("my run/run.json").write_text("{}")
    assert cure(cli(verb, "my run/checkpoints")) == "name the run: 'my run'"
    assert cure(cli(verb, "my run")) == "seqtool export 'my run'"


def test_classes_that_the_model_does_not_have(cli, tmp_path):
    (tmp_path / "a.tsv").write_text("".join(f"{'xyz'[n % 3]}\tthe lamp {n} fell\n" for n in range(30)))
    answer = cli("evaluate", MODELS / "tiny-sentiment.onnx", "--data", tmp_path / "a.tsv")
    assert answer.returncode == 2
    assert "none of its labels is one of the model's: 'x', 'y', 'z'" in answer.stderr
    assert "'negative', 'positive'" in cure(answer)
