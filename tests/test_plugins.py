"""The door: one plugin is loaded when named, a broken one is blamed by name and breaks nothing else."""

from __future__ import annotations

import json
import sys

import pytest

from seqtool import plugins
from seqtool.cells import Cell
from seqtool.errors import SeqtoolError, UsageError
from seqtool.families.family import Family

TASK = """
from seqtool import Task, hookimpl
@hookimpl
def register_task():
    return Task("{name}", "a tiny task", family="tagging")
"""
FAMILY = "from seqtool.families.family import Family\n"
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


OWN = "class Own(BaseException): pass\n"
MUTE = "class Mute(Exception):\n    def __str__(self): return 1 / 0\n"


def ill(field: str) -> str:
    """Return a plugin whose task has one field that is wrong."""
    given = field if field.startswith("summary") else f"summary='x', {field}"
    source = TASK.format(name="ill").replace(RETURN, f"return Task('ill', family='tagging', {given})")
    return source.replace("import Task", "import Source, SourceFile, Task")


def listing() -> list[plugins.PluginInfo]:
    return plugins.listing({plugins.FAMILIES: Family, plugins.CELLS: Cell})


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
        (ill("summary=None"), "TypeError: Task.summary is a NoneType, not a str"),
        (ill("summary='\\x1b[31mred'"), "ValueError: Task.summary has a line end or a control character"),
        (ill("summary='two\\nlines'"), "Task.summary has a line end"),
        (ill("sources=('x',)"), "Task.sources has a str, not a Source"),
        (ill("sources=None"), "Task.sources is a NoneType, not a tuple or list"),
        (ill("sources=(s for s in ())"), "Task.sources is a generator, not a tuple or list"),
        (ill("columns='USD'"), "Task.columns is a str, not a tuple or list"),
        (ill("presets='x'"), "Task.presets is a str, not a Path or None"),
        (ill("defaults=['hidden']"), "Task.defaults is a list, not a Mapping"),
        (ill("defaults={1: 2}"), "Task.defaults has a key that is no text"),
        (ill("config='Config'"), "Task.config is a str, not a type or None"),
        (ill("sample=b'bytes'"), "Task.sample is no function"),
        (ill("read=3"), "Task.read is no function"),
        (ill("sources=(Source('s', 'x', 'h', 'l', (SourceFile('../up', '', 0),)),)"), "not <folder>/<file>"),
        (ill("sources=(Source('s', 'x', 'h', 'l', (SourceFile('a/b', '', '9'),)),)"), "SourceFile.size is a str"),
        (ill("sources=(Source('s', 'x', 'h', 'l', None),)"), "Source.files is a NoneType"),
        (OWN + task("ill").replace(RETURN, "raise Own"), "fails in register_task: Own"),
        (f"{OWN}raise Own", "does not load: Own"),
        (f"{MUTE}raise Mute", "does not load: Mute"),
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
    assert all("two plugins" in p.error for p in listing() if p.name == "same")


def test_a_task_that_is_built_in_stays_and_the_plugin_is_shown_with_its_error(install):
    install("taker", "3.1", {"taker_module": task("tag")}, tasks={"tag": "taker_module"})
    assert plugins.load_task("tag").summary != "a tiny task"
    errors = {p.distribution: p.error for p in listing() if p.name == "tag"}
    assert errors["taker"] == "plugin 'tag' gives a task that is built in: it needs another name"
    assert [error for distribution, error in errors.items() if distribution != "taker"] == [""]


def test_a_command_that_is_built_in_stays_and_the_extension_is_shown_with_its_error(install, cli):
    install("taker", "3.1", {"taker_module": extension("train")}, extensions={"taker": "taker_module"})
    rows = [json.loads(line) for line in cli("plugins", "--json").stdout.splitlines()]
    (error,) = (row["error"] for row in rows if row["name"] == "taker")
    assert error == "plugin 'taker' gives commands that are built in: train"
    assert "commands that are built in: train (taker 3.1)" in cli("trane").stderr
    assert "train spoke" not in cli("train", "--help").stdout


def test_selection_by_the_environment(install, monkeypatch):
    for name in ("one", "two", "three"):
        install(name, "1.0", {f"{name}_module": task(name)}, tasks={name: f"{name}_module"})
    monkeypatch.setenv("SEQTOOL_PLUGINS", "one, three")
    assert plugins.names() == ["one", "three"]
    with pytest.raises(UsageError, match="SEQTOOL_PLUGINS=one, three"):
        plugins.load_task("two")
    monkeypatch.setenv("SEQTOOL_PLUGINS", "")
    assert plugins.names() == []
    assert listing() == []


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


@pytest.mark.parametrize(
    ("kind", "source", "said"),
    [
        ("families", "ODD = 3", "gives a int, not a Family"),
        ("cells", "ODD = 3", "gives a int, not a Cell"),
        ("families", FAMILY + "ODD = Family('odd', 'v', 's', None)", "Family.package"),
        ("families", FAMILY + "ODD = Family('other', 'v', 's', 'p')", "another name"),
        ("cells", "from seqtool.cells import Cell\nODD = Cell('odd', 'ch', 'a:b', 'a:b', 'a:b')", "h first"),
    ],
)
def test_an_object_that_is_no_family_or_cell_is_listed_with_its_error(install, cli, kind, source, said):
    install("odd-plugin", "1.0", {"odd_module": source}, **{kind: {"odd": "odd_module:ODD"}})
    lines = [json.loads(line) for line in cli("plugins", "--json").stdout.splitlines()]
    (odd,) = [line for line in lines if line["name"] == "odd"]
    assert said in odd["error"]
    assert cli("tasks").returncode == 0


def test_a_family_without_its_modules_and_a_cell_without_its_layer_are_named(install, cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    family = FAMILY + "ODD = Family('hollow', 'v', 's', 'no_such_package')"
    cell = "from seqtool.cells import Cell\nODD = Cell('hollow', 'h', 'no_layer:l', 'no_layer:o', 'no_layer:s')"
    modules = {"odd_family": family, "odd_cell": cell, "odd_task": task("hollow").replace("tagging", "hollow")}
    install("hollow", "1.0", modules, families={"hollow": "odd_family:ODD"}, tasks={"hollow": "odd_task"})
    install("hollow-cell", "1.0", {"odd_cell": cell}, cells={"hollow": "odd_cell:ODD"})
    answer = cli("train", "hollow", "--sample")
    assert answer.returncode == 1
    assert "the family 'hollow' has no config that loads: ModuleNotFoundError" in answer.stderr
    answer = cli("train", "sine", "--sample", "--cell", "hollow", "--max-steps", "2")
    assert answer.returncode == 1
    assert "the layer of the cell 'hollow' does not load: ModuleNotFoundError" in answer.stderr


CONFIG = """
from dataclasses import dataclass
from typing import Annotated
from seqtool.config import Opt
from seqtool.families.tagging.config import Config
@dataclass(frozen=True)
class Mine(Config):
    {field}
"""


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("extra: dict = None", "the type of 'extra' is no number, text, flag, Literal or list"),
        ("extra: int = 'x'", "the default of 'extra', 'x', is not of its type"),
        ("extra: Annotated[str, Opt('x', choices=lambda: 1 / 0)] = 'a'", "ZeroDivisionError"),
        ("extra: Annotated[str, Opt('x', choices=lambda: ['a'])] = 'a'", "AttributeError"),
        ("extra: 'NoSuchName' = 1", "NameError"),
    ],
)
def test_a_configuration_that_cannot_be_options_is_named(install, cli, field, said):
    source = task("mine").replace("from seqtool", "from mine_config import Mine\nfrom seqtool", 1)
    source = source.replace('family="tagging"', 'family="tagging", config=Mine')
    modules = {"mine_module": source, "mine_config": CONFIG.format(field=field)}
    install("mine", "1.0", modules, tasks={"mine": "mine_module"})
    answer = cli("train", "mine", "--sample")
    assert answer.returncode == 1
    assert "plugin 'mine' has a configuration 'Mine' that is wrong" in answer.stderr
    assert said in answer.stderr


def test_a_configuration_of_another_family_and_a_reader_that_nobody_calls_are_named(install, cli):
    source = "from seqtool.families.forecasting.config import Config\n" + task("mine")
    source = source.replace('family="tagging"', 'family="tagging", config=Config')
    reader = task("deaf").replace('family="tagging"', 'family="forecasting", read=len')
    modules = {"mine_module": source, "deaf_module": reader}
    install("mine", "1.0", modules, tasks={"mine": "mine_module", "deaf": "deaf_module"})
    answer = cli("train", "mine", "--sample")
    assert answer.returncode == 1
    assert "does not extend that of tagging models" in answer.stderr
    assert "forecasting models read no records" in cli("check", "deaf", "--sample").stderr
    assert "forecasting models read no records" in cli("tasks").stdout


READER = """
from seqtool import Finding, Labelled, Pair, Read, Sentence, Task, hookimpl
def read(path):
    {body}
@hookimpl
def register_task():
    return Task("mine", "a tiny task", family="{family}", read=read)
"""


@pytest.mark.parametrize(
    ("family", "body", "said"),
    [
        ("classification", "return Read((Labelled(None, 'a'),))", "text of record 1 has a NoneType, not a text"),
        ("classification", "return Read((Labelled('x', 3),))", "label of record 1 has a int"),
        ("classification", "return Read((Labelled(('x',), 'a'),))", "text of record 1 has a tuple"),
        ("classification", "return Read((Labelled('x', 'a', 1, ['a']),))", "labels of record 1 has a list"),
        ("classification", "return Read((Labelled('\\ud800', 'a'),))", "UnicodeEncodeError"),
        ("tagging", "return Read((Sentence((None,), ('N',)),))", "words of record 1 has a NoneType"),
        ("tagging", "return Read((Sentence(('a',), None),))", "TypeError"),
        ("translation", "return Read((Pair('a', None),))", "target of record 1 has a NoneType"),
        ("translation", "return Read(None)", "TypeError"),
        ("translation", "return Read((), ('a',))", "gives a str, not a Finding"),
        ("translation", "return 3", "returns a int, not a Read"),
        ("translation", "raise type('Own', (BaseException,), dict())()", "Own"),
    ],
)
def test_a_reader_that_gives_no_records_is_named(install, cli, tmp_path, family, body, said):
    install("mine", "1.0", {"mine_module": READER.format(family=family, body=body)}, tasks={"mine": "mine_module"})
    (tmp_path / "data.txt").write_text("a\n")
    answer = cli("check", "mine", "--data", str(tmp_path / "data.txt"))
    assert answer.returncode == 1
    assert "the reader of the task 'mine' fails" in answer.stderr
    assert said in answer.stderr


FAULTS = [
    ("tagging", "Sentence('a b', 'N V')", "record 2: a word is empty"),
    ("tagging", "Sentence(('a', 'b', 'c'), ('N', 'V'))", "record 2: it has 3 words and 2 tags"),
    ("tagging", "Sentence(('a',), ('N', 'V'))", "record 2: it has 1 words and 2 tags"),
    ("tagging", "Sentence((), ())", "record 2: it has no words"),
    ("tagging", "Sentence(('a\\n',), ('N',))", "record 2: a word has a line end"),
    ("tagging", "Sentence(('a',), ('',))", "record 2: a tag is empty"),
    ("tagging", "Sentence(('a',), ('N',), 'two')", "record 2: its number is no whole number"),
    ("classification", "Labelled('a b', '')", "record 2: a label is empty"),
    ("classification", "Labelled('a b', 'x\\ny')", "record 2: a label has a line end"),
    ("classification", "Labelled('a b', 'x', 2, ('x', ''))", "record 2: a label is empty"),
    ("translation", "Pair('a', '')", "record 2: the target is empty"),
    ("translation", "Pair('a\\nb', 'c')", "record 2: the source has a line end"),
]
SOUND = {"tagging": "Sentence(('a',), ('N',))", "classification": "Labelled('a', 'x')", "translation": "Pair('a', 'b')"}


@pytest.mark.parametrize("command", ["check", "train"])
@pytest.mark.parametrize(("family", "record", "said"), FAULTS)
def test_a_record_that_cannot_be_trained_on_is_refused_with_its_number(
    install, cli, tmp_path, monkeypatch, command, family, record, said
):
    monkeypatch.chdir(tmp_path)
    body = f"return Read(({SOUND[family]}, {record}))"
    source = READER.format(family=family, body=body)
    install("mine", "1.0", {"mine_module": source}, tasks={"mine": "mine_module"})
    (tmp_path / "data.txt").write_text("a\n")
    answer = cli(command, "mine", "--data", "data.txt")
    assert answer.returncode == 1
    assert f"the reader of the task 'mine' fails: {said}" in answer.stderr
    assert "where: data.txt, read by mine 1.0" in answer.stderr
    assert not (tmp_path / "runs").exists()


def test_records_without_a_number_are_named_by_their_place(install, cli, tmp_path):
    body = "return Read(tuple(Pair('long ' * 40 if n == 6 else f'word {n}', f'wort {n}') for n in range(60)))"
    source = READER.format(family="translation", body=body)
    install("mine", "1.0", {"mine_module": source}, tasks={"mine": "mine_module"})
    (tmp_path / "data.txt").write_text("a\n")
    answer = cli("check", "mine", "--data", str(tmp_path / "data.txt"))
    assert answer.returncode == 0
    assert "on the source side (line 7 of its file)" in answer.stdout


def test_records_from_a_generator_are_read_once_and_kept(install, cli, tmp_path):
    body = "return Read((Labelled('word ' * (n + 1), 'ab'[n % 2]) for n in range(40)), (f for f in ()))"
    source = READER.format(family="classification", body=body)
    install("mine", "1.0", {"mine_module": source}, tasks={"mine": "mine_module"})
    (tmp_path / "data.txt").write_text("a\n")
    answer = cli("check", "mine", "--data", str(tmp_path / "data.txt"))
    assert answer.returncode == 0
    assert "40 records (training 32, validation 4, test 4)" in answer.stdout
