"""What a plugin says, and what is said when one is gone or two are in each other's way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from seqtool.errors import DataError, foreign
from seqtool.reads import Finding

TOY = Path(__file__).parent / "toy_family" / "seqtool_toy"
READER = """
from seqtool import DataError, Finding, Labelled, Read, Task, hookimpl
def read(path):
    {act}
@hookimpl
def register_task():
    return Task("odd", "odd words", family="classification", read=read)
"""
RECORDS = "return Read(tuple(Labelled(label='ab'[n % 2], text=f'word {{n}}') for n in range(40)), ({finding},))"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("n.txt").write_text("1\n")


def lay_family(install, name: str, task: str, verb: str) -> None:
    """Install the toy family under another name, with a task and a verb of its own."""
    entries = {"families": {name: f"{name}:FAMILY"}, "tasks": {task: f"{name}.tasks"}}
    site = install(f"{name}-family", "4.2", {}, **entries)
    shutil.copytree(TOY, site / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (site / name).glob("*.py"):
        words = {"seqtool_toy": name, '"counting"': f'"{name}"', '"vowels"': f'"{task}"', '"count"': f'"{verb}"'}
        source = file.read_text()
        for old, new in words.items():
            source = source.replace(old, new)
        file.write_text(source)


@pytest.mark.parametrize("raised", ["DataError(5)", "DataError('w', where=5, cure=None)", "DataError(['w'])"])
def test_an_error_whose_words_are_no_text_is_shown(install, cli, raised):
    install("odd-words", "1.1", {"odd": READER.format(act=f"raise {raised}")}, tasks={"odd": "odd"})
    answer = cli("check", "odd", "--data", "n.txt")
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: ")
    assert "odd-words 1.1" in answer.stderr


def test_words_of_a_plugin_s_error_stand_in_one_line_each(install, cli):
    act = r"raise DataError('bad \x1b[2J thing\nerror: second', where='a\rb', cure='c\u2028d')"
    install("odd-words", "1.1", {"odd": READER.format(act=act)}, tasks={"odd": "odd"})
    answer = cli("check", "odd", "--data", "n.txt")
    assert answer.stderr.splitlines() == [
        r"error: bad \x1b[2J thing error: second",
        "  where: a b, read by odd-words 1.1",
        "  cure: c d",
    ]


def test_words_of_a_finding_stand_in_one_line(install, cli):
    finding = r"Finding('warning', 'odd', 'multi\nwarning: line \x1b[2J é')"
    install("odd-words", "1.1", {"odd": READER.format(act=RECORDS.format(finding=finding))}, tasks={"odd": "odd"})
    assert "warning odd: multi\\nwarning: line \\x1b[2J é\n" in cli("check", "odd", "--data", "n.txt").stdout
    trained = cli("train", "odd", "--data", "n.txt", "--max-steps", "1", "--hidden", "4", "--out", "run")
    assert "warning: odd: multi\\nwarning: line \\x1b[2J é\n" in trained.stderr


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        ("Finding('fatal', 'odd', 'text')", "Finding.level is 'fatal', not note or warning"),
        ("Finding('note', 'od\\nd', 'text')", "Finding.code has a line end"),
        ("Finding('note', 'odd', 7)", "Finding.text is a int"),
    ],
)
def test_a_finding_that_is_none_is_refused(install, cli, finding, said):
    install("odd-words", "1.1", {"odd": READER.format(act=RECORDS.format(finding=finding))}, tasks={"odd": "odd"})
    for command in ("check", "train"):
        answer = cli(command, "odd", "--data", "n.txt")
        assert answer.returncode == 1
        assert said in answer.stderr
        assert "odd-words 1.1" in answer.stderr


def test_a_finding_tells_what_it_quotes_and_an_error_keeps_its_words():
    assert Finding("note", "x", "„Grüße“ 10 %").text == "„Grüße“ 10 %"
    with pytest.raises(DataError) as raised, foreign("it fails", where="there"):
        raise DataError("what", cure="cure")
    assert str(raised.value) == "what\n  where: there\n  cure: cure"


def test_notes_are_safe_in_a_log_too(install, cli):
    assert "no\\x1b[2Jtask" in cli("export", "no\x1b[2Jtask").stderr


def test_a_run_whose_task_is_gone_says_what_to_install(install, cli, monkeypatch):
    lay_family(install, "counted", "letters", "tally")
    assert cli("train", "letters", "--sample", "--max-steps", "2", "--out", "run").returncode == 0
    monkeypatch.setenv("SEQTOOL_PLUGINS", "tag")
    for command in (("export", "run"), ("train", "letters", "--resume", "run")):
        answer = cli(*command)
        assert answer.returncode == 2
        assert "letters" in answer.stderr
        assert "install the plugin that gives it" in answer.stderr


def test_two_families_with_one_verb_are_refused_before_a_training(install, cli):
    lay_family(install, "counted", "letters", "tally")
    assert cli("train", "letters", "--sample", "--max-steps", "2", "--out", "run").returncode == 0
    lay_family(install, "summed", "words", "tally")
    for task in ("letters", "words"):
        answer = cli("train", task, "--sample", "--max-steps", "2", "--out", "other")
        assert answer.returncode == 1
        for said in ("'counted'", "'summed'", "'tally'", "counted-family 4.2", "summed-family 4.2", "uninstall one"):
            assert said in answer.stderr
    assert not Path("other").exists()
    rows = [json.loads(line) for line in cli("plugins", "--json").stdout.splitlines()]
    errors = {row["name"]: row["error"] for row in rows if row["group"] == "seqtool.families"}
    assert all("'tally'" in errors[name] for name in ("counted", "summed"))


@pytest.mark.parametrize("task", ["classify", "tag"])
def test_damaged_encoders_of_a_run_are_cured_by_a_training(cli, task):
    assert cli("train", task, "--sample", "--max-steps", "2", "--hidden", "4", "--out", "run").returncode == 0
    Path("run/encoders/encoders.json").write_text("{}")
    answer = cli("export", "run")
    assert answer.returncode != 0
    assert "cure: train again" in answer.stderr
