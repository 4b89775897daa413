"""The commands of the framework and the boundary where errors become words and exit codes."""

from __future__ import annotations

import dataclasses
import json
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from seqtool import __version__
from seqtool.cli.options import data_files
from seqtool.errors import DataError, DeviceError, NotFound
from seqtool.families import forecasting
from seqtool.reads import DataFile, Finding
from seqtool.say import escape
from seqtool.task import Data, Source, SourceFile
from seqtool.training.loop import Fit
from seqtool.training.run import TrainOptions


@pytest.fixture
def training(monkeypatch):
    """Stand-ins for the two functions that `train` calls; what they were given is in `calls`."""
    calls = []
    fit = SimpleNamespace(value=Fit(Path("runs/tiny-1"), step=5, best_step=4, best=0.1))

    def choose(task, config, files, sample):
        calls.append(("choose", files, sample))
        return Data(files=files, sample=sample)

    def train(task, config, data, options):
        calls.append(("train", config, dataclasses.asdict(options)))
        return fit.value

    def dry_run(task, config, data, options):
        return "12 steps"

    def resume(task, run, *, device, began):
        calls.append(("resume", run, device))
        return fit.value

    monkeypatch.setitem(sys.modules, "seqtool.families.choose", SimpleNamespace(choose=choose))
    monkeypatch.setitem(
        sys.modules,
        "seqtool.training.run",
        SimpleNamespace(train=train, resume=resume, dry_run=dry_run, TrainOptions=TrainOptions),
    )
    return SimpleNamespace(calls=calls, fit=fit)


def test_version(cli):
    assert cli("--version").stdout == f"seqtool {__version__}\n"


@pytest.mark.parametrize("args", [["-h"], ["--help"]])
def test_help_ends_with_the_exit_codes(cli, args):
    shown = cli(*args)
    assert shown.returncode == 0
    assert "Exit codes: 0 done; 1 the work failed" in " ".join(shown.stdout.split())


def test_nothing_given_shows_help_and_is_a_usage_error(cli):
    shown = cli()
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "Commands:" in shown.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["trian"], "No such command 'trian'. Did you mean 'train'?"),
        (["--no-such"], "No such option: --no-such"),
        (["tasks", "--jsn"], "No such option: --jsn"),
        (["train", "tinny"], "error: unknown task 'tinny'\n  cure: did you mean 'tiny'?"),
        (["check", "tinny"], "error: unknown task 'tinny'"),
        (["presets", "tinny"], "error: unknown task 'tinny'"),
        (["train", "tiny", "--hiden", "3"], "No such option: --hiden"),
        (["train", "tiny", "--hidden", "many"], "'many' is not a valid int"),
        (["train", "tiny", "--cell", "rnn"], "'rnn' is not one of 'lstm', 'gru'"),
        (["train", "tiny", "--device", "tpu"], "'tpu' is not one of 'auto', 'cpu', 'cuda'"),
        (
            ["train", "tiny", "--preset", "larg"],
            "error: unknown preset 'larg'\n  cure: did you mean 'large'?",
        ),
        (["train", "tiny", "--set", "hidden"], "error: --set 'hidden' is no assignment"),
        (["train", "tiny", "--hidden", "0"], "hidden = 0 must be at least 1"),
        (
            ["sources", "describe", "tiny-dat"],
            "error: unknown source 'tiny-dat'\n  cure: did you mean 'tiny-data'?",
        ),
    ],
)
def test_usage_errors_exit_2_and_say_what_was_meant(cli, tiny, training, args, said):
    answer = cli(*args)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert said in answer.stderr
    assert training.calls == []


FAIL = "failing_module, register_commands.<locals>.fail"
UPDATE = "update that plugin; SEQTOOL_DEBUG=1 shows where it fails"
LESS = "a smaller --batch, a smaller model or shorter records"
FAULTS = [
    ("DataError('bad', where='x.csv', cure='mend it')", 2, "error: bad\n  where: x.csv\n  cure: mend it\n"),
    ("NotFound('no such run')", 3, "error: no such run\n"),
    ("DeviceError('no GPU')", 4, "error: no GPU\n"),
    ("SeqtoolError('it failed')", 1, "error: it failed\n"),
    ("KeyError('x')", 1, f"error: a plugin fails in {FAIL}: KeyError: 'x'\n  where: failing 1.0\n  cure: {UPDATE}\n"),
    ("MemoryError()", 1, f"error: out of memory\n  cure: {LESS}\n"),
    ("OSError(28, 'No space left on device', '/x')", 1, "error: No space left on device\n  where: /x\n"),
    ("KeyboardInterrupt()", 130, ""),
    ("SystemExit(7)", 7, ""),
    ("SystemExit()", 0, ""),
    ("SystemExit('gone')", 1, "gone\n"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "code", "said"), FAULTS, ids=[fault for fault, _, _ in FAULTS])
def test_what_each_exception_becomes(cli, install, monkeypatch, fault, code, said):
    source = f"""
from seqtool.errors import *
from seqtool.hookspecs import hookimpl
@hookimpl
def register_commands(app):
    @app.command()
    def fail():
        raise {fault}
"""
    install("failing", "1.0", {"failing_module": source}, extensions={"failing": "failing_module"})
    answer = cli("fail")
    assert (answer.returncode, answer.stdout, answer.stderr) == (code, "", said)
    monkeypatch.setenv("SEQTOOL_DEBUG", "1")
    if code not in (0, 7, 130) and "gone" not in said:
        assert "Traceback" in cli("fail").stderr


def test_train_hands_over_configuration_data_and_settings(cli, tiny, training, tmp_path):
    answer = cli(
        "train", "tiny", "--data", "btc=a.csv", "--data", "b.csv", "--hidden", "32", "--cell", "gru",
        "--columns", "open,high", "--both", "--set", "rate=0.25", "--seed", "7", "--device", "cpu",
        "--threads", "2", "--out", "my-run", "--learning-rate", "1e-2",
    )  # fmt: skip
    assert (answer.returncode, answer.stdout) == (0, "runs/tiny-1\n")
    assert answer.stderr.splitlines() == [
        "training tiny on a.csv, b.csv: preset default, seed 7, device cpu",
        "next: seqtool export runs/tiny-1",
    ]
    (_, files, sample), (_, config, settings) = training.calls
    assert files == (DataFile(Path("a.csv"), "btc"), DataFile(Path("b.csv")))
    assert sample is False
    assert (config.hidden, config.cell, config.columns, config.both) == (32, "gru", ("open", "high"), True)
    assert (config.rate, config.learning_rate) == (0.25, 0.01)
    assert settings.pop("began") <= time.monotonic()
    places = {"out": Path("my-run"), "init_from": None}
    assert settings == {"preset": "default", "seed": 7, "device": "cpu", "threads": 2, "tell": True, **places}


def test_options_not_given_leave_the_lower_layers_alone(cli, tiny, training, tmp_path):
    (tmp_path / "mine.toml").write_text("both = true\ncell = 'gru'\n")
    cli("train", "tiny", "--sample", "--config", tmp_path / "mine.toml", "--no-both")
    config = training.calls[1][1]
    assert (config.hidden, config.cell, config.both) == (16, "gru", False)  # preset, file, option
    assert training.calls[0] == ("choose", (), True)
    assert training.calls[1][2]["seed"] == 0


def test_show_config_prints_the_merged_toml_and_trains_nothing(cli, tiny, training):
    import tomllib

    answer = cli("train", "tiny", "--preset", "large", "--set", "cell=gru", "--show-config")
    shown = tomllib.loads(answer.stdout)
    assert (shown["hidden"], shown["cell"], shown["columns"]) == (512, "gru", ["open", "close"])
    assert training.calls == []


def test_a_dry_run_prints_what_a_training_would_take_and_trains_nothing(cli, tiny, training):
    assert cli("train", "tiny", "--sample", "--dry-run").stdout == "12 steps\n"
    assert [call[0] for call in training.calls] == ["choose"]
    assert "takes no --dry-run" in cli("train", "tiny", "--resume", "runs/tiny-1", "--dry-run").stderr


def test_resume_takes_the_run_as_it_was_begun(cli, tiny, training):
    assert cli("train", "tiny", "--resume", "runs/tiny-1", "--device", "cpu").returncode == 0
    assert training.calls == [("resume", Path("runs/tiny-1"), "cpu")]
    refused = cli("train", "tiny", "--resume", "runs/tiny-1", "--hidden", "3", "--sample", "--set", "cell=gru")
    assert refused.returncode == 2
    assert all(word in refused.stderr for word in ("--hidden", "--sample", "--set"))
    assert len(training.calls) == 1


def test_an_interrupted_training_says_how_to_go_on(cli, tiny, training):
    training.fit.value = Fit(Path("runs/tiny-1"), step=5, best_step=4, best=0.1, interrupted=signal.SIGINT)
    answer = cli("train", "tiny", "--sample")
    assert answer.returncode == 130
    assert "seqtool train tiny --resume runs/tiny-1" in answer.stderr


@pytest.mark.parametrize("library", ["torch", "onnx", "safetensors"])
def test_training_without_its_libraries_is_exit_4_before_all_else(cli, tiny, training, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    answer = cli("train", "tiny", "--preset", "no-such")
    assert answer.returncode == 4
    assert 'pip install "seqtool[train]"' in answer.stderr
    assert library in answer.stderr
    assert cli("train", "tiny", "--help").returncode == 0


def test_the_help_of_a_task_comes_from_its_configuration(cli, tiny):
    shown = " ".join(cli("train", "tiny", "--help").stdout.split())
    assert "--hidden INTEGER hidden units [1 <= x <= 4096; default: 16]" in shown  # the default preset's
    assert "--rate NUMBER rate [x > 0; default: 0.5]" in shown
    assert "--cell <lstm|gru> recurrent cell [default: lstm]" in shown
    assert "--columns TEXT,... columns to use [default: open,close]" in shown
    assert "--both / --no-both both ways [default: off]" in shown
    assert "Exit codes:" in shown


def test_a_field_that_takes_a_general_option_s_name_is_refused(cli, tiny):
    module = tiny / "tiny_module.py"
    module.write_text(module.read_text().replace("hidden: Annotated", "seed: Annotated"))
    answer = cli("train", "tiny", "--help")
    assert answer.returncode == 1
    assert "the field 'seed' has the name of an option that every task has" in answer.stderr


def test_check_prints_findings_as_lines_or_json(cli, tiny, training, monkeypatch):
    findings = [
        Finding("warning", "newest-first", "the rows go back in time"),
        Finding("note", "rows", "3 rows"),
    ]
    monkeypatch.setattr("seqtool.families.forecasting.data.check", lambda task, config, data: findings)
    assert cli("check", "tiny", "--sample").stdout.splitlines() == [
        "warning newest-first: the rows go back in time",
        "note rows: 3 rows",
    ]
    first = json.loads(cli("check", "tiny", "--sample", "--json").stdout.splitlines()[0])
    assert first == {"level": "warning", "code": "newest-first", "text": "the rows go back in time"}
    findings.clear()
    calm = cli("check", "tiny", "--sample")
    assert (calm.returncode, calm.stdout) == (0, "")
    assert "nothing odd in built-in sample (simulated)" in calm.stderr


def test_the_two_files_of_pairs_are_options_of_tasks_of_pairs(cli, tiny, training, monkeypatch):
    words = ["--src", "train=a.de", "--tgt", "train=a.en", "--src", "dev.de", "--data", "b.tsv"]
    unknown = cli("train", "tiny", *words)
    assert (unknown.returncode, "--src" in unknown.stderr) == (2, True)
    assert "--tgt" not in cli("train", "tiny", "--help").stdout
    pairs = dataclasses.replace(forecasting.FAMILY, sides=True)
    monkeypatch.setattr(forecasting, "FAMILY", pairs)
    assert "--tgt [PART=]FILE" in cli("train", "tiny", "--help").stdout
    assert cli("train", "tiny", *words).returncode == 0
    assert training.calls[-2][1] == (
        DataFile(Path("b.tsv")),
        DataFile(Path("a.de"), "train", side="source"),
        DataFile(Path("dev.de"), side="source"),
        DataFile(Path("a.en"), "train", side="target"),
    )
    refused = cli("train", "tiny", "--resume", "runs/tiny-1", *words)
    assert "takes no --data and no --src and no --tgt" in refused.stderr
    seen = []
    monkeypatch.setattr("seqtool.families.forecasting.data.check", lambda task, config, data: seen.append(data) or [])
    assert cli("check", "tiny", *words).returncode == 0
    assert seen[0].files == training.calls[-1][1]


def test_data_words(tmp_path):
    odd = tmp_path / "a=b.csv"
    odd.touch()
    assert data_files(["x.csv", "btc=y.csv", str(odd), "/no/a=b", "=z"]) == (
        DataFile(Path("x.csv")),
        DataFile(Path("y.csv"), "btc"),
        DataFile(odd),
        DataFile(Path("/no/a=b")),
        DataFile(Path("=z")),
    )


def test_tasks_and_presets_are_listed_as_text_and_json(cli, tiny):
    assert ["tiny", "forecasting", "forecast", "a", "tiny", "task"] in map(str.split, cli("tasks").stdout.splitlines())
    lines = [json.loads(line) for line in cli("tasks", "--json").stdout.splitlines()]
    assert {"name": "tiny", "family": "forecasting", "verb": "forecast", "summary": "a tiny task"} in lines
    assert cli("presets", "tiny").stdout.splitlines() == [
        "tiny  default  What most people want.",
        "tiny  large    For a GPU.",
    ]
    large = json.loads(cli("presets", "tiny", "--json").stdout.splitlines()[1])
    path = str(tiny / "presets" / "large.toml")
    assert large == {"task": "tiny", "name": "large", "summary": "For a GPU.", "path": path}


def test_listings_survive_a_broken_plugin(cli, tiny, install, data_sources):
    install("bomb", "0.9", {"bomb_module": "raise ValueError('boom')"}, tasks={"bomb": "bomb_module"})
    tasks = cli("tasks", "--json")
    assert tasks.returncode == 0
    assert {"name": "bomb", "error": "plugin 'bomb' does not load: ValueError: boom"} in [
        json.loads(line) for line in tasks.stdout.splitlines()
    ]
    for listing in (cli("presets"), cli("sources")):
        assert listing.returncode == 0
        assert "tiny" in listing.stdout
        assert "bomb 0.9" in listing.stderr


@pytest.fixture
def data_sources(monkeypatch, tmp_path):
    """A stand-in for seqtool.data.sources."""
    asked = []

    def fetch(source: Source, *, timeout: float = 10.0, offline: bool = False):
        asked.append(("fetch", source.name))
        return (DataFile(tmp_path / "numbers.csv", "n"),)

    def verify(source: Source):
        asked.append(("verify", source.name))
        if len(asked) > 1:
            raise DataError("numbers.csv is damaged")

    stand_in = SimpleNamespace(fetch=fetch, verify=verify, cached=lambda source: False, asked=asked)
    monkeypatch.setitem(sys.modules, "seqtool.data.sources", stand_in)
    monkeypatch.setattr("seqtool.data.sources", stand_in, raising=False)
    return stand_in


@pytest.mark.parametrize("words", [["sources"], ["sources", "list"]])
def test_sources_are_listed(cli, tiny, data_sources, words):
    assert "tiny-data" in cli(*words).stdout
    line = next(line for line in cli(*words).stdout.splitlines() if line.startswith("tiny-data"))
    assert line.split() == ["tiny-data", "-", "1,234", "bytes", "CC0-1.0", "numbers"]
    lines = [json.loads(line) for line in cli(*words, "--json").stdout.splitlines()]
    line = next(line for line in lines if line["name"] == "tiny-data")
    assert (line["name"], line["cached"], line["size"], line["licence"]) == (
        "tiny-data",
        False,
        1234,
        "CC0-1.0",
    )


def test_a_source_is_described_fetched_and_verified(cli, tiny, data_sources, tmp_path):
    shown = cli("sources", "describe", "tiny-data").stdout
    assert "home: https://example.org" in shown
    assert f"file: tiny/numbers.csv  1,234 bytes  sha256 {'ab' * 32}" in shown
    whole = json.loads(cli("sources", "describe", "tiny-data", "--json").stdout)
    files = (SourceFile("tiny/numbers.csv", "ab" * 32, 1234),)
    assert whole["files"][0]["sha256"] == files[0].sha256
    assert cli("sources", "fetch", "tiny-data").stdout == f"{tmp_path / 'numbers.csv'}\n"
    assert data_sources.asked == [("fetch", "tiny-data")]
    data_sources.asked.clear()
    assert cli("sources", "verify", "tiny-data").returncode == 0
    assert cli("sources", "verify", "tiny-data").returncode == 2


def test_exit_codes_of_the_errors():
    assert [error("").exit_code for error in (DataError, NotFound, DeviceError)] == [2, 3, 4]


def test_no_terminal_obeys_what_is_shown():
    assert escape("plain é 日本 🌊\ttab") == "plain é 日本 🌊\ttab"
    assert escape("\x1b[31mred\x07") == r"\x1b[31mred\x07"
    assert escape("a\u202eb\u2066c\x9b\u2028") == r"a\u202eb\u2066c\x9b\u2028"


def test_a_listing_of_nothing_is_empty(cli, monkeypatch, data_sources):
    monkeypatch.setenv("SEQTOOL_PLUGINS", "")
    for words in (["tasks"], ["plugins"], ["presets"], ["sources"]):
        answer = cli(*words)
        assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
