"""The documentation names only what exists: commands, options, presets, sources, make targets, files, variables."""

from __future__ import annotations

import ast
import importlib
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
DOCS = ROOT / "docs"
README, ARCHITECTURE, COMMANDS_PAGE = ROOT / "README.md", DOCS / "architecture.md", DOCS / "commands.md"
PAGES = [
    README,
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(DOCS.glob("*.md")),
    *sorted((ROOT / "examples").glob("**/README.md")),
]
# task -> the page that has the table of its presets
PRESETS = {
    "bitcoin": "forecasting.md",
    "chargen": "generation.md",
    "electricity": "forecasting.md",
    "nmt": "translation.md",
    "pos": "tagging.md",
    "sentiment": "classification.md",
    "sine": "forecasting.md",
}
OWN_DATA = {"classify", "forecast", "generate", "tag", "translate"}
# pages speak of the example tasks too; the options of one demo of forecasting are those of every one
TASKS = {"TASK", "broken", "entities", "many-to-many", "tides", *OWN_DATA, *PRESETS}
ASKED = {"chargen", "nmt", "pos", "sentiment", *OWN_DATA}
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
            command = [words[0], words[1] if words[1] in ASKED else "bitcoin"]
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
    spans = [span.split() for span in SPAN.findall(prose)]
    named = {words[0] for words in spans if re.match(r"--?[a-z]", words[0])}
    assert named <= every
    for words in spans:
        if words[0] in COMMANDS:  # `export --int8`
            given = {word.partition("=")[0] for word in words if word.startswith("-")}
            assert given <= every, f"{path.name} names: {' '.join(words)}"


@page
def test_make_targets_exist(path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = {words[0] for words in commands(path, "make") if words}
    assert shown <= targets


def test_the_first_two_commands_are_those_of_a_fresh_machine():
    assert FENCE.search(README.read_text())[2] == "make bitcoin\nmake test\n"


def test_readme_is_one_short_page():
    text = README.read_text()
    assert len(text.splitlines()) <= 200
    assert len(text.split()) <= 1500


@pytest.fixture(scope="module")
def lists() -> dict[str, list]:
    """What `seqtool presets` and `seqtool sources` have said so far."""
    return {}


@pytest.fixture
def listed(cli, lists):
    def look_up(command: str) -> list:
        if command not in lists:
            lists[command] = [json.loads(line) for line in cli(command, "--json").stdout.splitlines()]
        return lists[command]

    return look_up


@pytest.mark.parametrize("task", sorted(PRESETS))
def test_table_of_presets_is_complete(task, listed):
    text = (DOCS / PRESETS[task]).read_text()
    rows = text.partition(f"| preset of {task} |")[2].partition("\n\n")[0].splitlines()[2:]
    named = [name for row in rows for name in re.findall(r"`([\w-]+)`", row.split("|")[1])]
    assert sorted(named) == sorted(row["name"] for row in listed("presets") if row["task"] == task)


@page
def test_presets_and_sources_exist(path, listed):
    presets = {row["name"] for row in listed("presets")} | {"NAME"}
    sources = {row["name"] for row in listed("sources")} | {"NAME"}
    tables = [line for line in path.read_text().splitlines() if line.startswith("| `default`")]
    assert set(re.findall(r"`(btc[\w-]*)`", "\n".join(tables))) <= sources
    for words in commands(path, "seqtool"):
        if words[:1] == ["sources"] and words[2:]:
            assert words[2] in sources
        for option, names in (("--preset", presets), ("--source", sources)):
            if option in words:
                assert words[words.index(option) + 1] in names


@page
def test_links_resolve(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if not target.startswith("https://"):
            name, _, anchor = target.partition("#")
            linked = path.parent / name if name else path
            assert linked.exists(), target
            assert not anchor or anchor in anchors(linked), target


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


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
    rooms = re.findall(r'\["(seqtool\..*?)<br>', text)
    assert len(hooks) == 3
    assert not [name for name in hooks if f"`{name}(" not in text]
    assert rooms == contracts[0]["layers"]
    assert len(text.splitlines()) <= 150


def test_every_layer_is_in_the_table_of_twins_or_said_to_have_none():
    text = ARCHITECTURE.read_text().partition("## Each layer and its twin")[2].partition("\n## ")[0]
    layers = {f"nn/{path.name}" for path in (ROOT / "seqtool" / "nn").glob("*.py") if path.name != "__init__.py"}
    assert layers == set(re.findall(r"nn/\w+\.py", text))
    same = re.search(r"^\| (`nn/stack.*?) \| the file of the same name", text, re.MULTILINE)
    assert all((ROOT / "seqtool" / "graph" / Path(name).name).exists() for name in re.findall(r"nn/\w+\.py", same[1]))


def test_modules_named_by_architecture_exist():
    """`training/loop.py` is seqtool/training/loop.py; `network.py` and its like are files of every family."""
    named = {span for span in SPAN.findall(ARCHITECTURE.read_text()) if re.fullmatch(r"[\w/*.]+\.py", span)}
    missing = [name for name in named if not [*ROOT.glob(name), *(ROOT / "seqtool").glob(f"**/{name}")]]
    assert not missing


def test_every_environment_variable_is_in_its_table_and_no_other():
    sources = [path.read_text() for path in (ROOT / "seqtool").glob("**/*.py")]
    read = set(re.findall(r"""["'](SEQTOOL_[A-Z]+)["']""", "\n".join(sources)))
    table = COMMANDS_PAGE.read_text().partition("| variable |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(SEQTOOL_\w+)`", table, re.MULTILINE)) == read


def test_every_exit_code_of_an_error_is_in_its_table():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    table = COMMANDS_PAGE.read_text().partition("| code |")[2].partition("\n\n")[0]
    codes = re.findall(r"^\| (\d+) \|", table, re.MULTILINE)
    assert set(map(int, codes)) == {0} | {kind.exit_code for kind in kinds}


@page
def test_python_of_a_page_uses_public_names(path):
    for language, block in FENCE.findall(path.read_text()):
        if language == "python":
            nodes = list(ast.walk(ast.parse(block)))
            imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "seqtool"]
            names = {alias.name for node in imports for alias in node.names}
            names |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and is_seqtool(node.value)}
            assert names <= set(seqtool.__all__)


def is_seqtool(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "seqtool"


def test_tables_of_results_are_those_of_the_measurements(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    tables = importlib.import_module("tables")
    lines = [json.loads(line) for line in tables.FILE.read_text().splitlines()]
    made = tables.tables(tables.newest(lines))
    assert set(made) == {mark for marks in tables.PAGES.values() for mark in marks}
    for name, marks in tables.PAGES.items():
        text = (ROOT / name).read_text()
        for mark in marks:
            assert f"<!-- {mark} -->\n{made[mark]}\n<!-- /{mark} -->" in text, f"{name}: run benchmarks/tables.py"


@page
def test_pages_say_when_and_not_how_stale(path):
    assert not re.search(r"\bstale\b", path.read_text(), re.IGNORECASE)
