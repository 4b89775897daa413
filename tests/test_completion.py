"""What the shell offers at Tab, asked as bash asks."""

from __future__ import annotations

import json

import pytest

from seqtool.cli import complete


@pytest.fixture
def tab(seqtool_cmd):
    """Return `tab("seqtool train b")`: the words offered for the last one."""

    def press(line: str) -> set[str]:
        words = line.split(" ")
        env = {
            "_SEQTOOL_COMPLETE": "complete_bash",
            "COMP_WORDS": "\n".join(words),
            "COMP_CWORD": str(len(words) - 1),
        }
        shown = seqtool_cmd(env=env)
        assert shown.stderr == ""
        return set(shown.stdout.split("\n")) - {""}

    return press


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Two runs, the newest elsewhere, and two models."""
    runs = tmp_path / "runs"
    for name in ("bitcoin-1", "bitcoin-2"):
        (runs / name).mkdir(parents=True)
        (runs / name / "config.toml").touch()
    (tmp_path / "mine.onnx").touch()
    model = {"family": "forecasting", "task": "bitcoin", "path": "bitcoin-1/model.onnx", "created": ""}
    (runs / "latest.json").write_text(json.dumps({"run": "../elsewhere", "models": [model]}))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands(tab):
    assert tab("seqtool e") == {"export", "evaluate"}
    assert {"train", "tasks"} <= tab("seqtool t")


def test_tasks_after_train_even_with_a_broken_plugin(tab, install):
    install("bomb", "1.0", {"bomb_module": "raise AssertionError"}, tasks={"bomb": "bomb_module"})
    assert tab("seqtool train b") == {"bitcoin", "bomb"}
    assert tab("seqtool train bomb --") == {"--help"}  # the group's own: the plugin's options are unknown


def test_presets_and_choices_of_the_task_in_the_line(tab, tiny):
    assert tab("seqtool train tiny --preset l") == {"large"}
    assert tab("seqtool train tiny --cell ") == {"lstm", "gru"}
    assert tab("seqtool train tiny --hid") == {"--hidden"}
    assert tab("seqtool sources fetch t") == {
        "tatoeba-fr", "tatoeba-vi", "taylor", "tiny-data", "tinyshakespeare", "treebank",
    }  # fmt: skip
    assert "tiny" in tab("seqtool presets ")


def test_a_shell_script_is_shown(seqtool_cmd):
    shown = seqtool_cmd(env={"_SEQTOOL_COMPLETE": "source_bash"})
    assert shown.returncode == 0
    assert "complete -o default -F _seqtool_completion seqtool" in shown.stdout


def test_runs_newest_first(made):
    assert complete.runs("") == ["elsewhere", "runs/bitcoin-2", "runs/bitcoin-1"]
    assert complete.runs("runs/bitcoin-1") == ["runs/bitcoin-1"]


def test_models_exported_and_lying_about(made):
    assert complete.models("") == ["runs/bitcoin-1/model.onnx", "mine.onnx"]
    assert complete.models("./mi") == ["./mine.onnx"]
    assert complete.models("mi*") == []


def test_nothing_is_offered_that_cannot_be_read_or_shown(made):
    (made / "runs" / "latest.json").write_text("{")
    (made / "bell\a.onnx").touch()
    assert complete.runs("") == ["runs/bitcoin-2", "runs/bitcoin-1"]
    assert complete.models("") == ["mine.onnx"]


def test_every_run_of_compare_is_completed(made, tab):
    assert tab("seqtool compare ") == {"elsewhere", "runs/bitcoin-2", "runs/bitcoin-1"}
    assert tab("seqtool compare runs/bitcoin-2 runs/") == {"runs/bitcoin-2", "runs/bitcoin-1"}
