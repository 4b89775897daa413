"""The documentation names only what exists: commands, options, presets, sources, make targets, files, variables."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqtool
from seqtool import errors, hookspecs
from seqtool.cli.root import COMMANDS

ROOT = Path(__file__).parent.parent
README, ARCHITECTURE = ROOT / "README.md", ROOT / "docs" / "architecture.md"
PAGES = [
    README,
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").glob("**/README.md")),
]
# pages speak of the example tasks too; the options of one forecasting task are those of every one
TASKS = {
    "TASK",
    "bitcoin",
    "broken",
    "chargen",
    "electricity",
    "many-to-many",
    "nmt",
    "pos",
    "sentiment",
    "sine",
    "tides",
}
WITH_OPTIONS = [
    ["train", "bitcoin"],
    ["train", "chargen"],
    ["train", "nmt"],
    ["train", "pos"],
    ["train", "sentiment"],
    ["check", "bitcoin"],
    ["export"],
    ["forecast"],
    ["generate"],
    ["score"],
    ["classify"],
    ["tag"],
    ["translate"],
    ["evaluate"],
    ["compare"],
    ["inspect"],
    ["sources"],
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")

page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())


def blocks(text: str) -> list[str]:
    """Lines of shell: of fenced blocks, of indented ones, and the spans of code inside a sentence."""
    fenced = [
        line.removeprefix("$ ")
        for language, block in FENCE.findall(text)
        for line in block.splitlines()
        if language == "sh" or line.startswith("$ ")
    ]
    prose = FENCE.sub("", text)
    return fenced + re.findall(r"^    (\S.*)$", prose, re.MULTILINE) + SPAN.findall(prose)


def commands(path: Path, program: str) -> Iterator[list[str]]:
    """The words after `program` of every command that a page shows."""
    for line in blocks(path.read_text()):
        for part in re.split(r"\||&&|<|>", line.partition(" #")[0]):
            words = shlex.split(part) if re.match(rf"\s*(\w+=\S+ )*{program}( |$)", part) else []
            if words:
                yield words[words.index(program) + 1 :]


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", text))


@pytest.fixture(scope="module")
def known() -> dict[tuple[str, ...], set[str]]:
    """What `--help` has said so far: command -> its options."""
    return {}


@pytest.fixture
def options_of(cli, known):
    def look_up(words: list[str]) -> set[str]:
        command = words[:1]
        if words[0] in ("train", "check") and words[1:]:
            assert words[1] in TASKS, f"unknown task in: seqtool {' '.join(words)}"
            command = [words[0], words[1] if words[1] in ("chargen", "nmt", "pos", "sentiment") else "bitcoin"]
        elif words[0] == "sources" and words[1:] and not words[1].startswith("-"):
            command = words[:2]
        if tuple(command) not in known:
            shown = cli(*command, "--help")
            assert shown.returncode == 0, f"seqtool {' '.join(command)} --help: {shown.stderr}"
            known[tuple(command)] = options(shown.stdout)
        return known[tuple(command)]

    return look_up


@page
def test_commands_and_their_options_exist(path, options_of):
    for words in commands(path, "seqtool"):
        if not words:
            continue
        assert words[0] in COMMANDS, f"{path.name} shows: seqtool {' '.join(words)}"
        given = {word.partition("=")[0] for word in words if word.startswith("-")}
        assert given <= options_of(words) | {"--help"}, f"{path.name} shows: seqtool {' '.join(words)}"


@page
def test_options_named_in_a_sentence_exist(path, options_of):
    every = {"--help", "--version"}.union(*map(options_of, WITH_OPTIONS))
    prose = FENCE.sub("", path.read_text())
    named = {span.split()[0] for span in SPAN.findall(prose) if re.match(r"--?[a-z]", span)}
    assert named <= every


@page
def test_make_targets_exist(path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = {words[0] for words in commands(path, "make") if words}
    assert shown <= targets


def test_the_first_two_commands_are_those_of_a_fresh_machine():
    assert FENCE.search(README.read_text())[2] == "make bitcoin\nmake test\n"


def test_presets_and_sources_are_those_of_the_task(cli):
    text = README.read_text()
    listed = [json.loads(line) for line in cli("presets", "--json").stdout.splitlines()]
    presets = {row["name"] for row in listed if row["task"] == "bitcoin"}
    every = {row["name"] for row in listed}
    sources = {row["name"] for row in map(json.loads, cli("sources", "--json").stdout.splitlines())}
    table = text.partition("| preset |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE)) == presets
    assert set(re.findall(r"\| `(btc[\w-]*)` \|", table)) <= sources
    for words in commands(README, "seqtool"):
        if words[:1] == ["sources"] and words[2:]:
            assert words[2] in sources
        for option, names in (("--preset", every | {"NAME"}), ("--source", sources | {"NAME"})):
            if option in words:
                assert words[words.index(option) + 1] in names


@page
def test_links_resolve(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if not target.startswith("https://"):
            assert (path.parent / target.partition("#")[0]).exists(), target


@page
def test_files_named_in_a_sentence_exist(path):
    folders = "|".join(["seqtool", "plugins", "tests", "docs", "examples", "benchmarks"])
    named = set(re.findall(rf"^(?:{folders})/[\w./-]+$", "\n".join(SPAN.findall(path.read_text())), re.MULTILINE))
    named -= {"docs/results.jsonl"}  # make bench writes it
    assert not [name for name in named if not (ROOT / name).exists()]


@page
def test_no_path_of_anybody_s_machine(path):
    assert not re.findall(
        r"(?<![\w.~<>/-])/(?:home|root|tmp|work|Users|usr|opt|mnt|var)/\S*|[A-Z]:\\\w+", path.read_text()
    )


def test_architecture_names_every_hook_and_every_ring():
    text = ARCHITECTURE.read_text()
    hooks = [
        name
        for kind in (hookspecs.TaskHooks, hookspecs.ExtensionHooks)
        for name in vars(kind)
        if not name.startswith("_")
    ]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    rows = re.findall(r"^\| (`seqtool\..*?) \|", text, re.MULTILINE)
    assert len(hooks) == 3
    assert not [name for name in hooks if f"`{name}(" not in text]
    assert [" | ".join(re.findall(r"`(.+?)`", row)) for row in rows] == contracts[0]["layers"]


def test_modules_named_by_architecture_exist():
    """`train/loop.py` is seqtool/train/loop.py; `network.py` and its like are files of every family."""
    named = {span for span in SPAN.findall(ARCHITECTURE.read_text()) if re.fullmatch(r"[\w/*.]+\.py", span)}
    missing = [name for name in named if not [*ROOT.glob(name), *(ROOT / "seqtool").glob(f"**/{name}")]]
    assert not missing


def test_every_environment_variable_is_in_the_readme_and_no_other():
    sources = [path.read_text() for path in (ROOT / "seqtool").glob("**/*.py")]
    read = set(re.findall(r"""["'](SEQTOOL_[A-Z]+)["']""", "\n".join(sources)))
    table = README.read_text().partition("| variable |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(SEQTOOL_\w+)`", table, re.MULTILINE)) == read


def test_every_exit_code_of_an_error_is_in_the_readme():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    table = README.read_text().partition("| code |")[2].partition("\n\n")[0]
    codes = re.findall(r"^\| (\d+) \|", table, re.MULTILINE)
    assert set(map(int, codes)) == {0} | {kind.exit_code for kind in kinds}


def test_python_in_the_readme_imports_public_names():
    for language, block in FENCE.findall(README.read_text()):
        if language == "python":
            imports = [node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.ImportFrom)]
            assert {alias.name for node in imports for alias in node.names} <= set(seqtool.__all__)


def test_generated_tables_have_their_places():
    text = README.read_text()
    for name in ("results", "speed"):
        assert text.count(f"<!-- {name} -->") == text.count(f"<!-- /{name} -->") == 1
        assert text.index(f"<!-- {name} -->") < text.index(f"<!-- /{name} -->")
