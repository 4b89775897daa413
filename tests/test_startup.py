"""What each door costs: the modules that are loaded, never the time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seqtool.cli.root import COMMANDS

HEAVY = {
    "numpy",
    "rich",
    "pydantic",
    "polars",
    "torch",
    "onnx",
    "onnxruntime",
    "http.client",
    "matplotlib",
    "sentencepiece",
    "sentencex",
    "markdown_it",
}

# The last thing that main does is os._exit: the modules are shown just before.
PROBE = """
import os, sys
leave = os._exit
def show(code):
    print("\\n".join(sorted(sys.modules)), file=sys.stderr, flush=True)
    leave(code)
os._exit = show
sys.argv = ["seqtool", *sys.argv[1:]]
from seqtool.cli import main
main()
"""


def loaded(*args: str, **settings: object) -> set[str]:
    """Return the modules that a command line has loaded when it ends."""
    probe = [sys.executable, "-P", "-c", PROBE, *args]
    finished = subprocess.run(probe, capture_output=True, text=True, timeout=60, check=True, **settings)
    return set(finished.stderr.split())


@pytest.mark.parametrize("args", [["--help"], ["--version"]])
def test_the_root_needs_typer_alone_and_looks_for_no_plugin(args, tmp_path):
    modules = loaded(*args, cwd=tmp_path)
    assert "typer" in modules
    assert not modules & HEAVY
    assert not modules & {"pluggy", "importlib.metadata", "seqtool.plugins", "seqtool_bitcoin"}


@pytest.mark.parametrize("group", ["train", "check"])
def test_listing_the_tasks_of_a_group_imports_nothing_heavy(group, tmp_path):
    modules = loaded(group, "--help", cwd=tmp_path)
    assert "seqtool_bitcoin" in modules  # its summary is shown
    assert not modules & HEAVY


def test_a_group_alone_lists_the_tasks_with_their_summaries_and_a_broken_plugin_as_such(cli, install):
    install("bomb", "1.0", {"bomb_module": "raise AssertionError('boom')"}, tasks={"bomb": "bomb_module"})
    shown = " ".join(cli("train").stderr.split())
    assert "classify tell the classes of your own labelled texts apart" in shown
    assert "bomb error: plugin 'bomb' does not load" in shown


MODELS = Path(__file__).parent / "models"


@pytest.mark.parametrize(
    "args",
    [
        ("forecast", "--follow", "-m", MODELS / "tiny-forecast.onnx"),
        ("generate", "-n", "5", "-m", MODELS / "tiny-chargen.onnx"),
        ("score", "-m", MODELS / "tiny-chargen.onnx"),
        ("classify", "-m", MODELS / "tiny-sentiment.onnx"),
        ("tag", "-m", MODELS / "tiny-pos.onnx"),
        ("tag", "--json", "-m", MODELS / "tiny-pos.onnx"),
        ("tag", "--conllu", "-m", MODELS / "tiny-pos.onnx"),
        ("translate", "-m", MODELS / "tiny-nmt.onnx"),
        ("score", "-m", MODELS / "tiny-nmt.onnx"),
    ],
    ids=lambda args: " ".join(map(str, args[:-2])),
)
def test_a_pipe_needs_numpy_onnxruntime_and_typer(args, tmp_path):
    modules = loaded(*map(str, args), input="11\n", cwd=tmp_path)
    assert modules & HEAVY == {"numpy", "onnxruntime"}
    assert not modules & {"pluggy", "importlib.metadata", "seqtool.plugins"}


def ours(modules: set[str]) -> int:
    """Return how many of the modules are seqtool's own."""
    return sum(name.partition(".")[0] == "seqtool" for name in modules)


@pytest.mark.parametrize(("verb", "model", "most"), [("tag", "pos", 41), ("classify", "sentiment", 51)])
def test_a_pipe_loads_no_more_modules_of_ours_than_it_did(verb, model, most, tmp_path):
    assert ours(loaded(verb, "-m", str(MODELS / f"tiny-{model}.onnx"), input="11\n", cwd=tmp_path)) <= most


def test_a_training_an_export_and_a_forecast_load_no_more_modules_of_ours_than_they_did(tmp_path):
    days = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]")
    table = "Date,Close\n" + "".join(f"{day},{1000 + 1.25 * place}\n" for place, day in enumerate(days))
    assert ours(loaded("train", "bitcoin", "--sample", "--max-steps", "1", cwd=tmp_path)) <= 171
    assert ours(loaded("export", "--no-scores", cwd=tmp_path)) <= 177
    # a plain table: any other is read by some thirty modules more
    model = next(tmp_path.rglob("model.onnx"))
    assert ours(loaded("forecast", "-m", str(model), input=table, cwd=tmp_path)) <= 42


def test_importing_the_package_costs_nothing(tmp_path):
    code = "import sys, seqtool; print('\\n'.join(sys.modules))"
    finished = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    modules = set(finished.stdout.split())
    assert not modules & (HEAVY | {"typer", "pluggy", "importlib.metadata"})


def test_every_command_has_a_module_and_a_line_that_fits(seqtool_cmd):
    shown = seqtool_cmd("--help").stdout
    for name, (_, text) in COMMANDS.items():
        assert f"  {name}" in shown
        assert text in shown, "the line is cut by the help"
