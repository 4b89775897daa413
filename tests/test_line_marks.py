"""What stands around the text of every line is named: verses and ids in front, ids behind, quotes of Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqtool.data.line_marks import count_up, marks_around
from seqtool.data.text import read_text
from seqtool.data.text_records import TextFormat
from seqtool.reads import DataFile

TEXTS = [f"in the {'abcdefghij'[n % 10]} beginning it's {n * 'very '}so" for n in range(30)]


def lines(form: str) -> list[str]:
    return [form.format(text=text, n=n, chapter=1 + n // 10, verse=1 + n % 10) for n, text in enumerate(TEXTS)]


MARKED = {
    "verses-in-lines": [
        lines("GEN {chapter}:{verse} {text}"),
        lines("1 Kings {chapter}:{verse} {text}"),
        lines("1. Mose {chapter},{verse} {text}"),
        lines("創世記 {chapter}:{verse} {text}"),
        lines("[Song of Songs {chapter}.{verse}] {text}"),
    ],
    "ids-in-lines": [lines("{text} (utt{n:04d})"), lines("{text} [spk1-{n}]")],
    "quotes-in-lines": [[repr(text.replace("'", "")) for text in TEXTS], [repr(text.encode()) for text in TEXTS]],
    "columns-in-lines": [lines("{n}. {text}"), lines("utt-{n:04d} {text}")],
}


@pytest.mark.parametrize(("code", "given"), [(code, given) for code, many in MARKED.items() for given in many])
def test_each_mark_is_named_in_a_warning(tmp_path: Path, code, given):
    assert [finding.code for finding in marks_around(given)] == [code]
    path = tmp_path / "a.txt"
    path.write_text("\n".join(given) + "\n", encoding="utf-8")
    document = read_text([DataFile(path)], TextFormat())
    assert document.text == path.read_text()  # named, never taken away
    assert code in [finding.code for finding in document.findings]


def test_the_line_that_is_shown_has_the_mark():
    (found,) = marks_around([*lines("{n}. {text}"), "the end"])
    assert "such as '29. in the" in found.text


@pytest.mark.parametrize(
    "given",
    [
        TEXTS,
        lines("at 10:30 {text}"),
        [f"Milk {n * n % 7 + 1}.5 {text}" for n, text in enumerate(TEXTS)],
        [f"Milch {n * n % 7},{n % 4} {text}" for n, text in enumerate(TEXTS)],
        lines("{text} (so)"),
        lines("{text} (1999)"),
        ["'Yes,' he said.", *TEXTS],
        lines("'{text}"),
        lines('"{text}"'),  # quotes alone may be of speech: named where files are read
        lines("{text}")[:3],
        [],
    ],
)
def test_other_lines_have_no_marks(given):
    assert marks_around(given) == []


def test_numbers_count_up_or_not():
    assert count_up([f"{n} a" for n in range(9)])
    assert not count_up([f"{n * n % 7} a" for n in range(90)])


@pytest.mark.parametrize("name", ["pairs.tsv", "two files"])
@pytest.mark.parametrize("code", [*MARKED])
def test_check_names_them_on_both_sides_of_pairs(cli, tmp_path: Path, name, code):
    given = MARKED[code][-1]
    other = [line.upper().replace("B'", "b'") for line in given]
    (tmp_path / "pairs.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in zip(given, other, strict=True)))
    for side, own in (("a.en", given), ("a.de", other)):
        (tmp_path / side).write_text("".join(f"{line}\n" for line in own))
    two = ["--src", tmp_path / "a.en", "--tgt", tmp_path / "a.de"]
    answer = cli("check", "translate", *(two if name == "two files" else ["--data", tmp_path / "pairs.tsv"]))
    assert answer.returncode == 0, answer.stderr
    assert (answer.stdout + answer.stderr).count(f"warning {code}") == 2


def test_marks_around_the_records_of_a_table_are_named(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("text\n" + "".join(f'"{line}"\n' for line in MARKED["verses-in-lines"][0]), encoding="utf-8")
    assert "verses-in-lines" in [finding.code for finding in read_text([DataFile(path)], TextFormat()).findings]
