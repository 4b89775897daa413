"""The list of runs: newest first, relative, whole under two writers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seqtool import runs
from seqtool.errors import NotFound, SeqtoolError

LIST = Path("runs/latest.json")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A working folder of its own."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def model(path, task="bitcoin", family="forecasting", created="2026-01-01"):
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"")
    runs.note_model(task, family, file, created)
    return file


def test_nothing_made_yet():
    assert runs.latest() == {"run": None, "models": []}
    with pytest.raises(NotFound, match="no run here yet") as caught:
        runs.newest_run()
    assert caught.value.exit_code == 3
    with pytest.raises(NotFound, match="no exported model of bitcoin here"):
        runs.newest_model("bitcoin", "task")
    assert not Path("runs").exists()  # looking makes nothing


def test_the_newest_run_and_the_newest_model_of_a_task_or_family():
    first, second = runs.new_folder("bitcoin", None), runs.new_folder("sine", Path("elsewhere"))
    runs.note_run(first)
    one = model(first / "model.onnx")
    runs.note_run(second)
    two = model(second / "model.onnx", "sine")
    three = model("runs/x/model.onnx", "nmt", "translation")
    assert runs.newest_run() == second
    assert runs.newest_model("forecasting", "family") == two
    assert runs.newest_model("bitcoin", "task") == one
    assert runs.newest_model("nmt", "task") == three
    assert [entry["task"] for entry in runs.latest()["models"]] == ["nmt", "sine", "bitcoin"]
    runs.note_run(first)  # as --resume does
    assert runs.newest_run() == first
    assert len(runs.latest()["models"]) == 3


def test_the_file_holds_paths_relative_to_itself_and_no_others():
    runs.note_run(Path("runs/a"))
    model("runs/a/model.onnx", created="then")
    model("other/model.onnx")
    assert json.loads(LIST.read_text()) == {
        "run": "a",
        "models": [
            {"family": "forecasting", "task": "bitcoin", "path": "../other/model.onnx", "created": "2026-01-01"},
            {"family": "forecasting", "task": "bitcoin", "path": "a/model.onnx", "created": "then"},
        ],
    }


def test_exported_again_a_model_stands_once_in_front_however_it_is_named(here):
    model("runs/a/model.onnx", created="first")
    model("runs/b/model.onnx")
    model(here / "runs" / "a" / "model.onnx", created="second")
    model("runs/b/../a/./model.onnx", created="third")
    found = [(Path(entry["path"]).parts[1], entry["created"]) for entry in runs.latest()["models"]]
    assert found == [("a", "third"), ("b", "2026-01-01")]


def test_a_moved_folder_keeps_its_runs(here, monkeypatch):
    folder = runs.new_folder("bitcoin", None)
    runs.note_run(folder)
    model(folder / "model.onnx")
    moved = here.rename(here.with_name("moved"))
    monkeypatch.chdir(moved)
    assert runs.newest_run().resolve() == (moved / folder).resolve()
    assert runs.newest_model("bitcoin", "task").resolve() == (moved / folder / "model.onnx").resolve()


def test_a_deleted_model_gives_way_to_the_one_before_and_a_deleted_run_is_said():
    old, new = model("runs/a/model.onnx"), model("runs/b/model.onnx")
    new.unlink()
    assert runs.newest_model("bitcoin", "task") == old
    runs.note_run(Path("runs/gone"))
    with pytest.raises(NotFound, match="no run here yet"):
        runs.newest_run()


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b'{"run": "a", "mod',
        b"[]",
        b"\xff\xfe",
        b'{"models": [1]}',
        b'{"models": [{}]}',
        b'{"models": null}',
        b'{"run": 5}',
    ],
)
def test_a_damaged_list_is_said_with_its_place_and_cure_and_left_alone(damage):
    LIST.parent.mkdir()
    LIST.write_bytes(damage)
    for act in (runs.latest, runs.newest_run, lambda: runs.note_run(Path("runs/a"))):
        with pytest.raises(SeqtoolError, match="the list of runs is damaged") as caught:
            act()
        assert caught.value.where == str(LIST)
        assert caught.value.cure == "delete that file"
    assert LIST.read_bytes() == damage
    assert not (LIST.parent / ".lock").exists()


def test_the_list_does_not_grow_for_ever():
    entries = [{"family": "f", "task": "t", "path": f"{n}/model.onnx", "created": ""} for n in range(runs.KEPT_MODELS)]
    LIST.parent.mkdir()
    LIST.write_text(json.dumps({"run": None, "models": entries}))
    model("runs/new/model.onnx")
    kept = [entry["path"] for entry in json.loads(LIST.read_text())["models"]]
    assert kept == ["new/model.onnx", *(entry["path"] for entry in entries[:-1])]


WRITER = """
import sys
from pathlib import Path
from seqtool import runs
print(flush=True)
sys.stdin.readline()
for number in range(50):
    runs.note_model(sys.argv[1], "forecasting", Path(f"runs/{sys.argv[1]}-{number}/model.onnx"), "now")
"""


def test_two_processes_that_write_at_once_lose_nothing(here):
    """Both wait for a word, so that they do begin at once; 50 models each."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, name], cwd=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name in ("one", "two")
    ]
    for writer in writers:
        writer.stdout.readline()
    for writer in writers:
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    found = [Path(entry["path"]).parts[1] for entry in runs.latest()["models"]]
    assert sorted(found) == sorted(f"{name}-{number}" for name in ("one", "two") for number in range(50))
    for name in ("one", "two"):  # each writer's own order is kept, the newest first
        assert [one for one in found if one.startswith(name)] == [f"{name}-{number}" for number in reversed(range(50))]
    assert sorted(path.name for path in (here / "runs").iterdir()) == ["latest.json"]


@pytest.mark.parametrize("away", [-3600, 0, 3600])
def test_a_lock_left_by_a_dead_process_holds_nobody_whatever_the_clock_says(away):
    lock = Path("runs/.lock")
    lock.parent.mkdir()
    lock.write_text("1\n")
    when = time.time() + away
    os.utime(lock, (when, when))
    runs.note_run(Path("runs/a"))
    assert runs.latest()["run"] == os.path.normpath("runs/a")
    assert not lock.exists()


def test_runs_of_the_same_second_get_folders_of_their_own(monkeypatch):
    """Even where the other process made its folder between our look and our own making."""
    monkeypatch.setattr(Path, "exists", lambda path, **_: False)
    folders = [runs.new_folder("bitcoin", None) for _ in range(3)]
    assert len(set(folders)) == 3
    assert all(folder.is_dir() and folder.name.startswith("bitcoin-20") for folder in folders)


def test_a_named_folder_must_be_empty_or_new(here):
    (here / "empty").mkdir()
    assert runs.new_folder("bitcoin", Path("empty")) == Path("empty")
    (here / "empty" / "x").touch()
    for taken in (Path("empty"), Path("empty/x")):
        with pytest.raises(SeqtoolError, match="not empty") as caught:
            runs.new_folder("bitcoin", taken)
        assert caught.value.cure == "choose another --out"
    (here / "empty" / "run.json").touch()
    with pytest.raises(SeqtoolError, match="not empty") as caught:
        runs.new_folder("bitcoin", Path("empty"))
    assert "--resume it" in caught.value.cure
    with pytest.raises(SeqtoolError, match="cannot make the run folder"):
        runs.new_folder("bitcoin", Path("empty/x/y"))
    Path("runs").write_text("a file in the way")
    for act in (lambda: runs.new_folder("bitcoin", None), lambda: runs.note_run(Path("a"))):
        with pytest.raises(SeqtoolError, match="cannot make the run folder"):
            act()
