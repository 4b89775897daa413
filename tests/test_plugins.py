"""The door: one plugin is loaded when named, a broken one is blamed by name and breaks nothing else."""

from __future__ import annotations

import json
import sys

import pytest

from seqtool import plugins
from seqtool.errors import SeqtoolError, UsageError

TASK = """
from seqtool import Task, hookimpl
@hookimpl
def register_task():
    return Task("{name}", "a tiny task", family="tagging")
"""
RETURN = 'return Task("ill", "a tiny task", family="tagging")'
EXTENSION = """
from seqtool.hookspecs import hookimpl
heard = []
@hookimpl
def register_commands(app):
    @app.command()
    def {word}():
        print("{word} spoke")
@hookimpl
def run_event(event, values):
    heard.append((event, dict(values)))
    {act}
"""


def task(name: str) -> str:
    return TASK.format(name=name)


def extension(word: str, act: str = "pass") -> str:
    return EXTENSION.format(word=word, act=act)


def test_names_import_no_plugin(install):
    install("bomb", "1.0", {"bomb_module": "raise AssertionError('imported')"}, tasks={"bomb": "bomb_module"})
    assert "bomb" in plugins.names()
    assert "bomb_module" not in sys.modules


def test_naming_a_task_loads_that_plugin_alone(install):
    install("bomb", "1.0", {"bomb_module": "raise AssertionError('imported')"}, tasks={"bomb": "bomb_module"})
    install("fine", "1.0", {"fine_module": task("fine")}, tasks={"fine": "fine_module"})
    assert plugins.load_task("fine").summary == "a tiny task"
    assert "bomb_module" not in sys.modules


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("def broken(:", "SyntaxError"),
        ("", "gives no Task"),
        (task("ill").replace(RETURN, "return 'a text'"), "gives no Task"),
        (task("ill").replace(RETURN, "return Task('ill', None, 'tagging')"), "summary or family is no text"),
        (task("ill").replace(RETURN, "return Task('ill', 'x', 'tagging', sources=('x',))"), "no Source"),
        (task("ill").replace(RETURN, "return 1 / 0"), "ZeroDivisionError: division by zero"),
        (task("else"), "another name, 'else'"),
        (task("ill").replace("def register_task", "def register_tasks"), "unknown hook 'register_tasks'"),
        (task("ill").replace("register_task()", "register_task(application)"), "PluginValidationError"),
    ],
)
def test_a_plugin_that_fails_is_named_with_distribution_and_version(install, source, said):
    install("ill-plugin", "2.5", {"ill_module": source}, tasks={"ill": "ill_module"})
    with pytest.raises(SeqtoolError) as caught:
        plugins.load_task("ill")
    assert caught.value.exit_code == 1
    assert "plugin 'ill'" in caught.value.what
    assert said in caught.value.what
    assert "ill-plugin 2.5" in caught.value.where


def test_an_unknown_task_is_a_usage_error_with_a_hint(install):
    install("fine", "1.0", {"fine_module": task("fine")}, tasks={"fine": "fine_module"})
    with pytest.raises(UsageError, match="did you mean 'fine'"):
        plugins.load_task("fien")


def test_one_name_twice_names_both_distributions(install):
    for number in ("1", "2"):
        install(
            f"dist-{number}",
            f"{number}.0",
            {f"module{number}": task("same")},
            tasks={"same": f"module{number}"},
        )
    with pytest.raises(SeqtoolError) as caught:
        plugins.load_task("same")
    assert caught.value.where == "dist-1 1.0 and dist-2 2.0"
    assert all("two plugins" in p.error for p in plugins.listing() if p.name == "same")


def test_selection_by_the_environment(install, monkeypatch):
    for name in ("one", "two", "three"):
        install(name, "1.0", {f"{name}_module": task(name)}, tasks={name: f"{name}_module"})
    monkeypatch.setenv("SEQTOOL_PLUGINS", "one, three")
    assert plugins.names() == ["one", "three"]
    with pytest.raises(UsageError, match="SEQTOOL_PLUGINS=one, three"):
        plugins.load_task("two")
    monkeypatch.setenv("SEQTOOL_PLUGINS", "")
    assert plugins.names() == []
    assert plugins.listing() == []


def test_every_event_reaches_every_extension(install, tmp_path):
    install("ear", "1.0", {"ear_module": extension("speak")}, extensions={"ear": "ear_module"})
    plugins.notify("step", tmp_path, {"loss": 0.5})
    plugins.notify("end", tmp_path, {})
    assert sys.modules["ear_module"].heard == [("step", {"loss": 0.5}), ("end", {})]


@pytest.mark.parametrize("act", ["raise OSError('no route')", "raise SystemExit(9)"])
def test_a_failing_tracker_is_reported_once_and_stops_nothing(install, tmp_path, capsys, act):
    install("a-bad", "0.1", {"bad_module": extension("bad", act)}, extensions={"a-bad": "bad_module"})
    install("b-ear", "1.0", {"ear_module": extension("speak")}, extensions={"b-ear": "ear_module"})
    for _ in range(3):
        plugins.notify("step", tmp_path, {})
    said = capsys.readouterr().err
    assert said.count("plugin 'a-bad' failed") == 1
    assert "(a-bad 0.1)" in said
    assert len(sys.modules["ear_module"].heard) == 3
    assert len(sys.modules["bad_module"].heard) == 1


def test_a_tracker_cannot_change_what_the_training_reports(install, tmp_path):
    source = extension("x", "values.clear()")
    install("thief", "1.0", {"thief_module": source}, extensions={"thief": "thief_module"})
    values = {"loss": 1.0}
    plugins.notify("step", tmp_path, values)
    assert values == {"loss": 1.0}


def test_commands_of_extensions_are_found_by_their_word(install, cli):
    install("speaker", "1.0", {"speaker_module": extension("hello")}, extensions={"speaker": "speaker_module"})
    assert cli("hello").stdout == "hello spoke\n"
    wrong = cli("helo")
    assert wrong.returncode == 2
    assert "Did you mean 'hello'" in wrong.stderr


def test_a_broken_extension_does_not_hide_a_command_of_another(install, cli):
    install("a-bomb", "0.2", {"bomb_module": "raise ValueError('boom')"}, extensions={"a-bomb": "bomb_module"})
    refusing = extension("x").replace("@app.command()", "raise KeyError(7)")
    install("b-bad", "0.3", {"refusing_module": refusing}, extensions={"b-bad": "refusing_module"})
    install("speaker", "1.0", {"speaker_module": extension("hello")}, extensions={"speaker": "speaker_module"})
    answer = cli("hello")
    assert (answer.returncode, answer.stdout) == (0, "hello spoke\n")
    assert "'a-bomb' does not load: ValueError: boom (a-bomb 0.2" in answer.stderr
    assert "'b-bad' gives no commands: KeyError: 7 (b-bad 0.3)" in answer.stderr


def test_two_extensions_with_one_command_are_an_error(install, cli):
    for number in ("1", "2"):
        module = {f"speaker{number}": extension("hello")}
        install(f"speaker-{number}", "1.0", module, extensions={f"speaker-{number}": f"speaker{number}"})
    answer = cli("hello")
    assert answer.returncode == 1
    assert "speaker-1 1.0 and speaker-2 1.0" in answer.stderr


def test_an_extension_cannot_take_a_built_in_word(install, cli):
    install("thief", "1.0", {"thief_module": extension("tasks")}, extensions={"thief": "thief_module"})
    assert "spoke" not in cli("tasks").stdout
    assert "thief_module" not in sys.modules  # a built-in word loads no extension at all


def test_the_listing_gives_hooks_and_errors(install, cli):
    install("fine", "1.0", {"fine_module": task("fine")}, tasks={"fine": "fine_module"})
    install("speaker", "2.0", {"speaker_module": extension("hello")}, extensions={"speaker": "speaker_module"})
    install("bomb", "3.0", {"bomb_module": "raise ValueError('boom')"}, tasks={"bomb": "bomb_module"})
    lines = [json.loads(line) for line in cli("plugins", "--json").stdout.splitlines()]
    found = {line["name"]: line for line in lines}
    assert found["fine"]["hooks"] == ["register_task"]
    assert found["speaker"] == {
        "name": "speaker", "group": "seqtool.extensions", "distribution": "speaker", "version": "2.0",
        "hooks": ["register_commands", "run_event"], "error": "",
    }  # fmt: skip
    assert found["bomb"]["error"] == "plugin 'bomb' does not load: ValueError: boom"
    assert "bomb 3.0" in cli("plugins").stdout


def test_the_examples_install_and_the_broken_one_breaks_nothing(example_site, seqtool_cmd):
    env = {"PYTHONPATH": str(example_site)}
    listed = {
        (line["name"], line["group"]): line
        for line in map(json.loads, seqtool_cmd("plugins", "--json", env=env).stdout.splitlines())
    }
    broken = listed["broken", "seqtool.tasks"]
    assert (broken["distribution"], broken["version"]) == ("seqtool-broken", "0.3")
    assert "RuntimeError: this plugin is broken on purpose" in broken["error"]
    assert listed["tides", "seqtool.tasks"]["error"] == ""
    tasks = seqtool_cmd("tasks", env=env)
    assert tasks.returncode == 0
    assert "hourly water level" in tasks.stdout
    assert "broken on purpose" in tasks.stdout
    failed = seqtool_cmd("train", "broken", env=env)
    assert failed.returncode == 1
    assert "seqtool-broken 0.3" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "--window" in seqtool_cmd("train", "tides", "--help", env=env).stdout
