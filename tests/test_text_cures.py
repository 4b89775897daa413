"""Cures of the readers of classes, tags, pairs and texts: each option that a message names is followed to its end."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from seqtool.data.pair_kinds import all_ids
from seqtool.data.written_tabs import refuse_written_tabs
from seqtool.errors import DataError
from tests.test_cures import CLASSES, WORDS, Case, follow, lines, text

VERBS = ("saw", "ran")


def rows(form: Callable[[int], str], count: int = 60) -> str:
    return "".join(form(n) + "\n" for n in range(count))


def words(n: int) -> list[str]:
    return [*text(n).split()[: 3 + n % 3], text(n).split()[-1]]


def tag(word: str) -> str:
    return "VERB" if word in VERBS else "NOUN"


def tagged(form: str) -> Callable[[int], str]:
    return lambda n: " ".join(form.format(word=word, tag=tag(word)) for word in words(n))


def columns(form: str) -> str:
    """Write a word a line, {n} counting the words of a sentence and {s} the sentences; a form ends with its line."""
    sentences = (
        [form.format(n=n, s=s, word=word, tag=tag(word)) for n, word in enumerate(words(s), 1)] for s in range(60)
    )
    return "\n".join("".join(lines) for lines in sentences)


def objects(*keys: str) -> str:
    return rows(lambda n: json.dumps({"tokens": words(n), **{key: [*map(tag, words(n))] for key in keys}}))


def label(n: int) -> str:
    return CLASSES[n % 3]


TITLED = rows(lambda n: json.dumps({"title": text(n), "summary": text(n + 1), "label": label(n)}))
SQL = "SELECT a, b{n} FROM t WHERE c\t{label}"

CASES = {
    # classes
    "SQL before its label": Case("classify", "a.tsv", lines("INSERT INTO t VALUES ({n}, 2)\t{label};")),
    "JSON before its label": Case("classify", "a.tsv", lines('{{"a": {n}}}\t{label}')),
    "dicts of Python before a label": Case("classify", "a.tsv", lines("{{'a': {n}}}, {label}\t{label})")),
    "bars of Vowpal Wabbit": Case("classify", "a.tsv", lines("1 |text {text}\t{label}")),
    "SQL of two lines": Case("classify", "a.tsv", lines(SQL.replace(" WHERE", "\n WHERE d, e"), 20) + lines(SQL)),
    "two columns of labels": Case("classify", "a.csv", lines("{label},{text},{b}", header="class,text,label")),
    "two fields of texts": Case("classify", "a.jsonl", TITLED),
    "a colon in labels": Case("classify", "a.txt", rows(lambda n: f"{label(n)}:{WORDS[n % 10]} {text(n)}")),
    "a csv of lines": Case("classify", "a.csv", rows(lambda n: f"{n % 2} {text(n)}")),
    "an object as the label": Case(
        "classify", "a.jsonl",
        rows(lambda n: json.dumps({"text": text(n), "label": {"a": n} if n % 2 else "so", "kind": label(n)})),
        names={"NAME": "kind"},
    ),
    "two texts and a name with a blank": Case(
        "classify", "a.csv", lines("{label},{text},{other}", header="class,the title,its text")
    ),
    # tags
    "two lists of tags": Case("tag", "a.jsonl", objects("pos_tags", "ner_tags")),
    "a list with a blank in its name": Case("tag", "a.jsonl", objects("pos tags", "ner tags")),
    "lists of unusual names": Case("tag", "a.jsonl", objects("a", "b"), names={"NAME": "a"}),
    "two lists of words": Case(
        "tag", "a.jsonl", rows(lambda n: json.dumps({"tokens": words(n), "words": words(n), "tags": words(n)}))
    ),
    "a slash and an underscore": Case("tag", "a.txt", rows(tagged("{word}_{tag}/{tag}"))),
    "bars between words and tags": Case("tag", "a.txt", rows(tagged("{word}|{tag}"))),
    "traces": Case("tag", "a.txt", rows(lambda n: f"{tagged('{word}/{tag}')(n)} *T*-1/-NONE-")),
    "three parts": Case("tag", "a.txt", rows(tagged("{word}/{word}/{tag}"))),
    "a word a line": Case("tag", "a.txt", columns("{word}/{tag}\n")),
    "a blank between word and tag": Case("tag", "a.txt", columns("{word} {tag}\n"), ("--separator", " ")),
    "a field of others": Case(
        "tag", "a.conllu", columns("{n}\t{word}\t_\t{tag}\t_\t_\t0\troot\t_\t_\n"), ("--field", "deprel")
    ),
    "a field without tags": Case(
        "tag", "a.conllu", columns("{n}\t{word}\t_\t{tag}\t_\t_\t0\troot\t_\t_\n"), ("--field", "xpos")
    ),
    "sentences that are numbered": Case(
        "tag", "a.tsv", columns("{s}\t{word}\t{tag}\tx{tag}\n").replace("\n\n", "\n"), names={"NAME": "1"}
    ),
    "two columns of words": Case(
        "tag", "a.csv", "sentence,word,token,tag\n" + columns("{s},{word},{word}s,{tag}\n").replace("\n\n", "\n")
    ),
    "tags before words": Case("tag", "a.tsv", columns("{tag}\t{word}\tx{word}\n")),
    # pairs
    "SQL before its question": Case("translate", "a.tsv", lines("INSERT INTO t VALUES ({n}, 2)\t{text} (so)")),
    "JSON before its text": Case("translate", "a.tsv", lines('{{"a": {n}}}\t{text}')),
    "two targets": Case("translate", "a.csv", lines('"{text}","{other}","{text} x"', header="src,mt,ref")),
    "numbers called source": Case("translate", "a.csv", lines('{n},"{text}","{other}"', header="source,target,note"),
        names={"--source-column NAME": "--source-column target", "--target-column NAME": "--target-column note"},
    ),
    "one text": Case("translate", "a.csv", lines('{n},"{text}"', header="n,text")),
    "bars or tabs": Case("translate", "a.txt", lines("{text} | {other}", 20) + lines("{text}\t| {other}", 60)),
    "fields of numbers": Case(
        "translate", "a.jsonl",
        rows(lambda n: json.dumps({"one": text(n), "two": text(n + 1).upper(), "three": text(n + 2)})),
        names={"--source-column NAME": "--source-column one", "--target-column NAME": "--target-column two"},
    ),
    # texts
    "columns of texts": Case("generate", "a.csv", lines('"{text}","{other}"', 200), names={"NAME": "2"}),
    "marks that part equally": Case("generate", "a.csv", lines("a{n};b{n},c{n}", 400, "x;y,z"), names={"NAME": "1"}),
    "code that begins as JSON": Case("generate", "a.js", lines('{{"a": {n}}} // {text}', 200)),
    "names of R, two texts": Case(
        "generate", "a.txt", rows(lambda n: f'"{n + 1}" "{text(n)}" "{text(n + 1)}"', 200), names={"NAME": "1"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_option_of_a_text_family_leads_on(cli, tmp_path: Path, monkeypatch, name: str):
    case = CASES[name]
    monkeypatch.chdir(tmp_path)
    Path(case.name).write_text(case.content, encoding="utf-8")
    assert follow(cli, case, case.options, seen=()), "the file was read at once: nothing was refused"


@pytest.mark.parametrize("encoding", ["windows-1252", "iso-2022-jp", "shift_jis"])
def test_the_encodings_of_a_cure_lead_on(cli, tmp_path: Path, monkeypatch, encoding: str):
    monkeypatch.chdir(tmp_path)
    beyond = "für über" if encoding == "windows-1252" else "これは日本語の文章です"
    Path("a.tsv").write_bytes(rows(lambda n: f"{label(n)}\t{beyond} {text(n)}").encode(encoding))
    assert follow(cli, Case("classify", "a.tsv", ""), (), seen=())


def test_the_command_for_written_tabs_leads_on(cli, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for task, content in (
        ("classify", rows(lambda n: rf"{label(n)}\t{text(n)}")),
        ("translate", rows(lambda n: rf"{text(n)}\t{text(n + 1).upper()}")),
        ("tag", rows(lambda n: rf"{text(n).split()[-1]}\t{'AB'[n % 2]}" if n % 5 else "")),
    ):
        Path("a.txt").write_text(content)
        answer = cli("check", task, "--data", "a.txt")
        assert answer.returncode == 2
        command = answer.stderr.partition("cure: ")[2].partition(" writes")[0]
        program, script, file = shlex.split(command)
        assert (program, script, file) == ("sed", r"s/\\t/\t/", "FILE")
        Path("b.txt").write_text(content.replace(r"\t", "\t"))
        assert cli("check", task, "--data", "b.txt").returncode == 0


OF_CLASSES = {
    "a.sql": "INSERT INTO t VALUES ({n}, 2);",
    "a.txt": "SELECT a, b{n} FROM t\t{label}",
    "a.csv": "SELECT a, b{n} FROM t WHERE x",
    "b.csv": 'SELECT "a"{n}, b FROM t',
    "a.py": "{{'a': {n}}}",
}


@pytest.mark.parametrize("name", OF_CLASSES)
def test_the_cures_of_files_that_are_a_class_lead_on(cli, tmp_path: Path, monkeypatch, name: str):
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(lines(OF_CLASSES[name]))
    Path("other.txt").write_text(lines("{text}"))
    files = ("--data", f"one={name}", "--data", "two=other.txt")
    answer = cli("check", "classify", *files)
    assert "--format lines" in answer.stderr.partition("cure: ")[2]
    assert cli("check", "classify", *files, "--format", "lines").returncode == 0


@pytest.mark.parametrize(
    "lines",
    [
        ["text,label", *(f"saved to C:\\temp\\new {n},{'ab'[n % 2]}" for n in range(40))],
        [f"__label__{'ab'[n % 2]} saved to C:\\temp\\f{n}" for n in range(40)],
        [f'pos,printf("%d\\t%s{n}")' for n in range(40)],
        [f"$\\theta_{n} \\to \\tau$,$\\textbf{{{n}}}$" for n in range(40)],
    ],
)
def test_paths_code_and_latex_have_no_written_tabs(lines):
    refuse_written_tabs("\n".join(lines) + "\n", "a file")


@pytest.mark.parametrize(
    "lines",
    [
        [
            f"{('pos', 'neg')[n % 2]}\\t{word} films of number {n}"
            for n, word in enumerate(["good", "bad", "fine", "dull", "odd"] * 8)
        ],
        [f"a film of number {n}\\t{('pos', 'neg')[n % 2]}" for n in range(40)],
        [f"{word} house {n}\\t{word}es Haus {n}" for n, word in enumerate(map(chr, range(97, 122)))],
    ],
)
def test_written_tabs_between_parts_are_refused(lines):
    with pytest.raises(DataError, match="stand where a tab belongs"):
        refuse_written_tabs("\n".join(lines) + "\n", "a file")


def test_a_clause_of_chinese_with_a_number_is_a_text_not_an_id():
    rows = [(f"I see {n} dogs today", f"我今天看见{n}只狗", f"CC-BY 2.0 Attribution: #{n}") for n in range(20)]
    assert not all_ids(rows, 1)
    assert all_ids([("x", f"a{n}") for n in range(20)], 1)
