"""Faults of plugins: each is said in words with its distribution and version, and nothing else breaks."""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from seqtool.cli.root import COMMANDS
from seqtool.config_check import RESERVED
from seqtool.families.family import WORDS

TOY = Path(__file__).parent / "toy_family" / "seqtool_toy"
SMALL = ("--sample", "--max-steps", "3", "--evaluate-every", "3", "--out", "run")
numbers = itertools.count()

TASK = """
from seqtool import Task, hookimpl
{before}
@hookimpl
def register_task():
    {body}
"""
RETURN = "return Task('ill', 'a tiny task', family='tagging')"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A working folder of its own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def faulty(install):
    """Return `faulty("data", "def load(*a): ...")`: the toy family installed, with code added to one module."""

    def lay(module: str, code: str, *, without: str = "", swap: tuple[str, str] = ("", "")) -> str:
        package = f"counting_{next(numbers)}"
        entries = {"families": {"counting": f"{package}:FAMILY"}, "tasks": {"vowels": f"{package}.tasks"}}
        site = install("ill-family", "4.2", {}, **entries)
        shutil.copytree(TOY, site / package, ignore=shutil.ignore_patterns("__pycache__"))
        for file in (site / package).glob("*.py"):
            source = file.read_text().replace("seqtool_toy", package)
            source = source.replace(*swap) if swap[0] else source
            file.write_text(source + (f"\n{code}\n" if file.stem == module else ""))
        if without:
            (site / package / f"{without}.py").unlink()
        return package

    return lay


def source(body: str = RETURN, before: str = "") -> str:
    return TASK.format(body=body, before=before)


SUBCLASS = """
class Odd(Task):
    @property
    def {name}(self): raise RuntimeError('asked')
    @{name}.setter
    def {name}(self, value): pass
"""
STRANGE = "class Strange(Exception):\n    def __str__(self): raise SystemExit(0)\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (source(before=f"{STRANGE}raise Strange"), "Strange"),
        (source("raise Strange", STRANGE), "Strange"),
        (source(before="raise KeyboardInterrupt"), "KeyboardInterrupt"),
        (source("raise KeyboardInterrupt"), "KeyboardInterrupt"),
        (source("t = Task('ill', 's', 'tagging'); object.__setattr__(t, 'summary', 5); return t"), "Task.summary"),
        (source("t = Task('ill', 's', 'tagging'); object.__delattr__(t, 'family'); return t"), "family"),
        (source("return Odd('ill', 's', 'tagging')", SUBCLASS.format(name="summary")), "RuntimeError: asked"),
        (source("return Odd('ill', 's', 'tagging')", SUBCLASS.format(name="family")), "RuntimeError: asked"),
        (source(before="raise ValueError('\\x1b[2J' + 'x' * 100_000)"), "ValueError: \\x1b[2Jxxx"),
        (source("from seqtool import DataError; raise DataError('no such thing')"), "no such thing"),
    ],
)
def test_a_plugin_that_fails_takes_no_other_with_it(install, seqtool_cmd, code, said):
    install("ill-plugin", "2.5", {"ill_module": code}, tasks={"ill": "ill_module"})
    listed = seqtool_cmd("tasks")
    assert (listed.returncode, listed.stderr) == (0, "")
    (line,) = [line for line in listed.stdout.splitlines() if line.startswith("ill ")]
    assert said in line
    assert len(line) < 500
    assert "translate" in listed.stdout
    trained = seqtool_cmd("train", "ill", "--sample")
    assert trained.returncode in (1, 2)
    assert said in trained.stderr
    assert "where: ill-plugin 2.5" in trained.stderr


def test_what_a_plugin_prints_goes_to_stderr(install, seqtool_cmd):
    code = source("print('at its task'); " + RETURN, "print('at its import')")
    install("loud", "1.0", {"loud_module": code}, tasks={"ill": "loud_module"})
    listed = seqtool_cmd("tasks", "--json")
    assert "ill" in [json.loads(line)["name"] for line in listed.stdout.splitlines()]
    assert "at its import\n" in listed.stderr
    assert "at its task\n" in listed.stderr


def test_what_a_family_prints_goes_to_stderr(faulty, seqtool_cmd, cli):
    """The path that `train` prints, and the answers of a pipe, stand alone."""
    faulty("data", "_load = load\ndef load(*given):\n    print('at its load')\n    return _load(*given)")
    answer = seqtool_cmd("train", "vowels", *SMALL, cwd=Path.cwd())
    assert (answer.returncode, answer.stdout) == (0, "run\n"), answer.stderr
    assert "at its load\n" in answer.stderr
    assert cli("check", "vowels", "--sample", "--json").stdout.startswith("{")


def test_what_a_family_prints_while_it_answers_goes_to_stderr(faulty, seqtool_cmd, cli):
    code = "import sys\ndef verb(runner, *, json):\n    def answer(records):\n        print('at work')\n"
    code += "        sys.stdout.write('too\\n')\n        return [f'{len(records)}' for _ in records]\n"
    faulty("pipe", code + "    return Verb(answer, 1000, lambda record: 1, 64)")
    assert cli("train", "vowels", *SMALL).returncode == 0
    assert cli("export", "run").returncode == 0
    answer = seqtool_cmd("count", "-m", Path("run/model.onnx").resolve(), stdin="aei\nxx\n")
    assert (answer.returncode, answer.stdout) == (0, "2\n2\n"), answer.stderr
    assert "at work\ntoo\n" in answer.stderr


def test_help_versions_completion_and_commands_of_extensions_print_where_they_did(install, seqtool_cmd):
    code = "from seqtool.hookspecs import hookimpl\n@hookimpl\ndef register_commands(app):\n"
    code += "    @app.command()\n    def spoken():\n        print('it spoke')\n"
    install("loud", "1.0", {"loud_module": code}, extensions={"loud": "loud_module"})
    assert seqtool_cmd("spoken").stdout == "it spoke\n"
    assert "--resume" in seqtool_cmd("train", "tag", "--help").stdout
    assert "Usage" in seqtool_cmd("forecast", "-h").stdout
    assert seqtool_cmd("--version").stdout.startswith("seqtool ")
    words = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # else the shell of the test runner decides
    assert "_SEQTOOL_COMPLETE" in seqtool_cmd("--show-completion", "bash", env=words).stdout


def test_presets_that_cannot_be_read_are_named_and_the_others_shown(install, cli):
    code = source("return Task('ill', 's', 'tagging', presets=Path(__file__).parent / 'p')", "from pathlib import Path")
    site = install("ill-plugin", "2.5", {"ill_module": code}, tasks={"ill": "ill_module"})
    (site / "p" / "folder.toml").mkdir(parents=True)
    (site / "p" / "latin.toml").write_bytes(b"# caf\xe9\n")
    (site / "p" / "broken.toml").write_text("# broken\nx = [\n")
    (site / "p" / "whole.toml").write_text("# a whole one\n")
    shown = cli("presets")
    assert shown.returncode == 0
    assert "a whole one" in shown.stdout
    assert "bitcoin" in shown.stdout
    for name in ("folder", "latin", "broken"):
        assert f"ill: the preset {name}.toml cannot be used" in shown.stderr
    assert "(ill-plugin 2.5)" in shown.stderr


@pytest.mark.parametrize("name", ["-x", "--help", "../../x", "a/b", ".hidden"])
def test_a_name_that_is_no_word_is_refused(install, cli, name):
    install("ill-plugin", "2.5", {"ill_module": source(RETURN.replace("ill", name))}, tasks={name: "ill_module"})
    listed = cli("tasks")
    assert listed.returncode == 0
    assert "gives a Task whose name is no word" in listed.stdout


@pytest.mark.parametrize("verb", ["train", "tag", "", "--json", "two words", "../x"])
def test_a_verb_that_is_no_free_word_is_refused(faulty, cli, verb):
    faulty("", "", swap=('verb="count"', f'verb="{verb}"'))
    trained = cli("train", "vowels", *SMALL)
    assert trained.returncode == 1
    assert "no word that is free for a command" in trained.stderr
    assert "where: ill-family 4.2" in trained.stderr


@pytest.mark.parametrize("suffix", ["/../../evil.tsv", "tsv", ".tsv\0"])
def test_a_suffix_that_leaves_the_cache_is_refused(faulty, cli, suffix):
    faulty("", "", swap=('suffix=".tsv"', f"suffix={suffix!r}"))
    checked = cli("check", "vowels", "--sample")
    assert checked.returncode == 1
    assert "Family.suffix" in checked.stderr
    assert "where: ill-family 4.2" in checked.stderr


def test_the_words_that_are_taken_are_those_of_the_commands(tiny, cli):
    assert set(COMMANDS) == WORDS
    shown = cli("train", "tiny", "--help").stdout + cli("check", "tiny", "--help").stdout
    for name in RESERVED:
        assert f"--{name.replace('_', '-')}" in shown
    from seqtool.cli import check, train
    from seqtool.cli.groups import parameters_of
    from seqtool.cli.signature import Inputs

    options = {**parameters_of(Inputs), **parameters_of(train.command), **parameters_of(check.command)}
    # src and tgt are options of families with sides alone
    assert options.keys() - {"task", "inputs", "options", "src", "tgt"} == RESERVED - {"help"}


CONFIG = """
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal
from seqtool import Task, hookimpl
from seqtool.config import Opt
from seqtool.families.tagging.config import Config
{decorator}
class Mine(Config):
    {body}
@hookimpl
def register_task():
    return Task("ill", "a tiny task", family="tagging", config=Mine)
"""


def with_config(install, body: str, decorator: str = "@dataclass(frozen=True)") -> None:
    code = CONFIG.format(body=body, decorator=decorator)
    install("ill-plugin", "2.5", {"ill_module": code}, tasks={"ill": "ill_module"})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("help: Annotated[bool, Opt('x')] = True", "'help' has the name of an option"),
        ("out: Annotated[str, Opt('x')] = 'o'", "'out' has the name of an option"),
        ("more: Annotated[int, Opt('x', also='--batch')] = 1", "'more' gives the option --batch, which"),
        ("more: Annotated[int, Opt('x', also='--out')] = 1", "'more' gives the option --out, which every task"),
        ("more: Annotated[int, Opt('x', also='two words')] = 1", "'more': Opt.also is 'two words'"),
        ("no_refit: Annotated[bool, Opt('x')] = True", "'no_refit' gives the option --no-refit, which"),
        ("_more: Annotated[int, Opt('x')] = 1", "'_more' cannot be an option"),
        ("more: Annotated[int, Opt('x', ge='a')] = 1", "'more': Opt.ge is a str"),
        ("more: Annotated[int, Opt(5)] = 1", "'more': Opt.help is a int"),
        ("more: Annotated[int, Opt('x', ge=5)] = 1", "the default of the field 'more', 1, must be at least 5"),
        ("batch: Annotated[int, Opt('x')] = 0", "the default of the field 'batch', 0, must be at least 1"),
        ("batch: Annotated[str, Opt('x')] = 'many'", "'batch' has another type than the one of the family"),
        ("def __init__(self): pass", "TypeError"),
        ("def __post_init__(self): raise RuntimeError('post')", "RuntimeError: post"),
        ("def __post_init__(self): raise SystemExit(0)", "SystemExit: 0"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused_with_its_field(install, cli, body, said):
    with_config(install, body)
    (line,) = [line for line in cli("tasks").stdout.splitlines() if line.startswith("ill ")]
    assert said in line
    shown = cli("train", "ill", "--help")
    assert shown.returncode == 1
    assert "where: ill-plugin 2.5" in shown.stderr


@pytest.mark.parametrize(
    ("defaults", "said"),
    [
        ("{'nosuch': 1}", "unknown option 'nosuch' in the task's defaults"),
        ("{'batch': 0}", "batch = 0 must be at least 1"),
        ("{'batch': 'x'}", "batch = 'x' must be a whole number"),
    ],
)
def test_defaults_of_a_task_that_its_configuration_lacks_are_refused(install, cli, defaults, said):
    code = source(f"return Task('ill', 's', 'tagging', defaults={defaults})")
    install("ill-plugin", "2.5", {"ill_module": code}, tasks={"ill": "ill_module"})
    assert said in next(line for line in cli("tasks").stdout.splitlines() if line.startswith("ill "))
    shown = cli("train", "ill", "--help")
    assert shown.returncode == 1
    assert said in shown.stderr
    assert "where: ill-plugin 2.5" in shown.stderr


def test_a_configuration_without_a_dataclass_or_without_a_default_is_refused(install, cli):
    with_config(install, "batch: int = 5", decorator="")
    assert "Mine has the field 'batch' and no @dataclass" in cli("train", "ill", "--help").stderr
    with_config_without_default = CONFIG.format(
        body="more: Annotated[int, Opt('x')]", decorator="@dataclass(frozen=True, kw_only=True)"
    )
    entries = {"none": "none_module"}
    install("no-default", "1.0", {"none_module": with_config_without_default.replace("ill", "none")}, tasks=entries)
    assert "the field 'more' has no default" in cli("train", "none", "--help").stderr


def test_a_configuration_may_narrow_a_field_count_its_classes_and_make_a_default(install, cli):
    body = "FACT: ClassVar[int] = 3; batch: Annotated[int, Opt('x', ge=2)] = 7; "
    body += "letters: Annotated[tuple[str, ...], Opt('x')] = field(default_factory=lambda: ('a',))"
    with_config(install, body)
    shown = cli("train", "ill", "--sample", "--show-config")
    assert shown.returncode == 0
    assert "batch = 7" in shown.stdout


MINE = "@dataclass(frozen=True)\nclass Mine(CountingConfig):\n    def __post_init__(self): {act}\nConfig = Mine"
PHASES = [
    ("data", "def load(*a): {act}", "data, load"),
    ("data", "def check(*a): {act}", "data, check"),
    ("data", "def sampler(*a): {act}", "data, sampler"),
    ("model", "def network(*a): {act}", "model, network"),
    ("model", "def _loss(self, indices): {act}\nObjective.loss = _loss", "model, _loss"),
    ("model", "def _evaluate(self): {act}\nObjective.evaluate = _evaluate", "model, _evaluate"),
    ("config", MINE, ""),
    ("scores", "def baselines(*a): {act}", "scores, baselines"),
]
LATE = [
    ("scores", "def score(*a): {act}", "scores, score"),
    ("scores", "def pictures(*a): {act}", "scores, pictures"),
]
OTHER = """
built = build
def build(network, encoders, options):
    import copy
    other = copy.deepcopy(network)
    other.linear.bias.data += 1
    return built(other, encoders, options)
"""
EXPORTS = [
    ("export", "def build(*a): {act}", "export, build"),
    ("export", "def probe(*a): {act}", "export, probe"),
    ("runner", "def _init(self, model): {act}\nRunner.__init__ = _init", "runner, _init"),
    ("runner", "def _predict(self, texts): {act}\nRunner.predict = _predict", "runner, _predict"),
    ("data", "def limits(config): {act}", "data, limits"),
]
ACTS = [("raise SystemExit(0)", "SystemExit: 0"), ("raise OSError('boom')", "OSError: boom")]


def held(answer, said: str, place: str) -> None:
    assert answer.returncode == 1
    assert said in answer.stderr
    assert place in answer.stderr
    assert "where: ill-family 4.2" in answer.stderr
    assert "internal error" not in answer.stderr


@pytest.mark.parametrize(("act", "said"), ACTS)
@pytest.mark.parametrize(("module", "code", "place"), PHASES)
def test_a_phase_that_fails_before_a_step_is_named_and_leaves_no_run(faulty, cli, module, code, place, act, said):
    faulty(module, code.format(act=act))
    held(cli("train", "vowels", *SMALL), said, place)
    assert not Path("run").exists()
    assert not Path("runs").exists()


@pytest.mark.parametrize("module", ["data", "model", "scores", "report", "export", "runner", "pipe"])
def test_a_phase_that_is_not_there_is_named_before_anything_is_trained(faulty, cli, module):
    faulty("", "", without=module)
    answer = cli("train", "vowels", *SMALL)
    held(answer, f"the family 'counting' has no {module} that loads", "")
    assert not Path("run").exists()


@pytest.mark.parametrize(("act", "said"), ACTS)
@pytest.mark.parametrize(("module", "code", "place"), LATE)
def test_a_phase_that_fails_after_the_training_keeps_the_run(faulty, cli, module, code, place, act, said):
    faulty(module, code.format(act=act))
    held(cli("train", "vowels", *SMALL), said, place)
    assert Path("run/checkpoints/index.json").exists()


@pytest.mark.parametrize(("act", "said"), ACTS)
@pytest.mark.parametrize(("module", "code", "place"), EXPORTS)
def test_an_export_by_a_phase_that_fails_is_named_and_writes_nothing(faulty, cli, module, code, place, act, said):
    faulty(module, code.format(act=act))
    assert cli("train", "vowels", *SMALL).returncode == 0
    held(cli("export", "run"), said, place)
    assert not Path("run/model.onnx").exists()


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("data", "def check(*a): return None"),
        ("model", "def network(*a): return None"),
        ("model", "Objective.loss = lambda self, indices: 1.0"),
        ("model", "Objective.evaluate = lambda self: {'x': 1}"),
        ("data", "def sampler(*a): return None"),
    ],
)
def test_what_a_phase_gives_and_nothing_can_use_is_named(faulty, cli, module, code):
    faulty(module, code)
    held(cli("train", "vowels", *SMALL), "a plugin gives what cannot be used in seqtool.", "Error: ")
    assert not Path("run").exists()


def test_a_probe_without_a_case_checks_nothing_and_is_refused(faulty, cli):
    faulty("export", "def probe(*a): return []")
    assert cli("train", "vowels", *SMALL).returncode == 0
    answer = cli("export", "run")
    assert answer.returncode == 1
    assert "the family 'counting' gives no case to check the file by" in answer.stderr
    assert not Path("run/model.onnx").exists()


@pytest.mark.parametrize(
    ("module", "code", "said"),
    [
        ("export", OTHER, "does not compute what was trained"),
        ("data", "def limits(config): return {'characters': 'many'}", "an impossible value for 'limits'"),
        ("data", "Counts.to_json = lambda self: {'letters': float('nan')}", "a number that is not finite"),
    ],
)
def test_a_file_that_a_plugin_makes_wrong_is_its_fault(faulty, cli, module, code, said):
    faulty(module, code)
    assert cli("train", "vowels", *SMALL).returncode == 0
    answer = cli("export", "run")
    assert answer.returncode in (1, 2)
    assert said in answer.stderr
    assert "where: ill-family 4.2" in answer.stderr
    assert "report it" not in answer.stderr
    assert not Path("run/model.onnx").exists()


def test_an_answer_that_fails_is_named(faulty, seqtool_cmd, cli):
    code = "def verb(runner, *, json):\n    def answer(records): raise SystemExit(0)\n"
    faulty("pipe", code + "    return Verb(answer, 1000, lambda record: 1, 64)")
    assert cli("train", "vowels", *SMALL).returncode == 0
    assert cli("export", "run").returncode == 0
    held(seqtool_cmd("count", "-m", Path("run/model.onnx").resolve(), stdin="aei\n"), "SystemExit: 0", "pipe, verb")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("[5 for _ in records]", "an answer is a int"),
        ("['a\\nb' for _ in records]", "an answer has a line end"),
        ("['a\\r' for _ in records]", "an answer has a line end"),
        ("['a\\u2028b' for _ in records]", "an answer has a line end"),
        ("['\\x85' for _ in records]", "an answer has a line end"),
        ("'ab'", "the answers are a str, not a list"),
    ],
)
def test_an_answer_that_is_no_line_is_refused(faulty, seqtool_cmd, cli, given, said):
    code = f"def verb(runner, *, json):\n    def answer(records): return {given}\n"
    faulty("pipe", code + "    return Verb(answer, 1000, lambda record: 1, 64)")
    assert cli("train", "vowels", *SMALL).returncode == 0
    assert cli("export", "run").returncode == 0
    answer = seqtool_cmd("count", "-m", Path("run/model.onnx").resolve(), stdin="aei\nxx\n")
    held(answer, said, "a plugin gives what cannot be used")
    assert answer.stdout == ""


@pytest.mark.parametrize(
    ("sizes", "said"),
    [("-1, COST, 64", "Verb.limit is -1"), ("9, COST, 0", "Verb.budget is 0"), ("9, COST, 'x'", "'x'")],
)
def test_a_verb_of_impossible_sizes_is_refused(faulty, seqtool_cmd, cli, sizes, said):
    code = "def verb(runner, *, json):\n    def answer(records): return (json for _ in records)\n"
    faulty("pipe", code + f"    return Verb(answer, {sizes.replace('COST', 'lambda record: 1')})")
    assert cli("train", "vowels", *SMALL).returncode == 0
    assert cli("export", "run").returncode == 0
    answer = seqtool_cmd("count", "-m", Path("run/model.onnx").resolve(), stdin="aei\nxx\n")
    held(answer, said, "a plugin gives what cannot be used")


def test_a_reader_that_turns_gradients_off_does_not_stop_a_training(faulty, cli):
    faulty(
        "data",
        "_load = load\ndef load(*given):\n    __import__('torch').set_grad_enabled(False)\n    return _load(*given)",
    )
    answer = cli("train", "vowels", *SMALL)
    assert answer.returncode == 0, answer.stderr


def test_a_raised_interrupt_is_a_fault_of_the_plugin(faulty, seqtool_cmd):
    faulty("model", "def network(*a): raise KeyboardInterrupt")
    held(seqtool_cmd("train", "vowels", *SMALL), "KeyboardInterrupt", "model, network")


def test_a_run_that_fails_at_once_leaves_the_newest_run_as_it_was(faulty, cli, install):
    assert cli("train", "sine", "--sample", "--max-steps", "1", "--hidden", "4", "--window", "8").returncode == 0
    before = Path("runs/latest.json").read_text()
    listed = sorted(Path("runs").iterdir())
    faulty("model", "def network(*a): raise ValueError('net')")
    assert cli("train", "vowels", "--sample").returncode == 1
    assert Path("runs/latest.json").read_text() == before
    assert sorted(Path("runs").iterdir()) == listed


def test_an_extension_does_not_change_the_random_numbers_of_a_training(install, cli):
    code = """
from seqtool import hookimpl
import torch
@hookimpl
def run_event(event, run, values):
    print("heard", event)
    torch.manual_seed(1)
"""
    small = ("--sample", "--max-steps", "4", "--evaluate-every", "4", "--hidden", "4", "--embedding", "4")
    options = (*small, "--dropout", "0.5")
    first = cli("train", "classify", *options, "--out", "one")
    assert first.returncode == 0
    install("dice", "1.0", {"dice_module": code}, extensions={"dice": "dice_module"})
    from seqtool import plugins

    plugins.extensions.cache_clear()
    second = cli("train", "classify", *options, "--out", "two")
    assert second.stdout == "two\n"
    assert "heard step" in second.stderr
    weights = [Path(run, "checkpoints/4/network.safetensors").read_bytes() for run in ("one", "two")]
    assert weights[0] == weights[1]


def test_a_person_s_interrupt_ends_a_plugin_that_takes_long(install, tmp_path):
    code = "import time\nprint('asleep', flush=True)\ntime.sleep(60)\n"
    install("slow", "1.0", {"slow_module": code}, tasks={"ill": "slow_module"})
    command = [sys.executable, "-P", "-m", "seqtool", "tasks"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as listing:
        assert listing.stderr.readline() == b"asleep\n"
        listing.send_signal(signal.SIGINT)
        out, said = listing.communicate(timeout=30)
    assert listing.returncode == -signal.SIGINT
    assert (out, said) == (b"", b"")


CELL = """
from seqtool.cells import Cell
CELL = Cell("ill", "h", "{name}:layer", "{name}:operators", "{name}:step", "a cell that fails", weight_drop=False)
def layer(sizes):
    {layer}
def operators(recurrent):
    raise SystemExit(0)
"""


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("raise SystemExit(0)", "layer: SystemExit: 0"),
        ("raise ValueError('lay')", "layer: ValueError: lay"),
        ("return None", "a plugin gives what cannot be used in seqtool."),
    ],
)
def test_a_cell_whose_layer_fails_is_named_and_leaves_no_run(install, cli, layer, said):
    name = f"ill_cell_{next(numbers)}"
    install("ill-cell", "3.1", {name: CELL.format(name=name, layer=layer)}, cells={"ill": f"{name}:CELL"})
    answer = cli("train", "sine", *SMALL, "--cell", "ill", "--hidden", "4", "--window", "8")
    assert answer.returncode == 1
    assert said in answer.stderr
    assert "where: ill-cell 3.1" in answer.stderr
    assert not Path("run").exists()


def test_a_cell_whose_graph_fails_is_named_and_nothing_is_written(install, cli):
    name = f"ill_cell_{next(numbers)}"
    layer = "from seqtool.nn.recurrent import rnn; return rnn(sizes)"
    install("ill-cell", "3.1", {name: CELL.format(name=name, layer=layer)}, cells={"ill": f"{name}:CELL"})
    small = ("--hidden", "4", "--window", "8", "--highway", "0")
    assert cli("train", "sine", *SMALL, "--cell", "ill", *small).returncode == 0
    answer = cli("export", "run")
    assert answer.returncode == 1
    assert f"a plugin fails in {name}, operators: SystemExit: 0" in answer.stderr
    assert "where: ill-cell 3.1" in answer.stderr
    assert not Path("run/model.onnx").exists()
