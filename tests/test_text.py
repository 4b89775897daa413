"""Text in files: what is no text goes and is named, what cannot be read is refused in words."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.folding import fold, join_lines
from seqtool.data.text import read_text, strip_gutenberg
from seqtool.data.text_records import TextFormat
from seqtool.errors import DataError, NotFound
from seqtool.families.choose import unfolded
from seqtool.reads import DataFile
from seqtool.task import Data

BODY = "Once there was a mill.\n\nIt stood still.\n"


@pytest.fixture
def read(tmp_path):
    """Return `read(b"...", ...)`: the document of files of these bytes."""

    def of(*contents: bytes):
        files = []
        for number, content in enumerate(contents, start=1):
            path = tmp_path / f"{number}.txt"
            path.write_bytes(content)
            files.append(DataFile(path))
        return read_text(files, TextFormat())

    return of


def codes(document) -> dict[str, str]:
    return {finding.code: finding.level for finding in document.findings}


def test_a_plain_file_comes_as_it_is(read):
    document = read(BODY.encode())
    assert (document.text, document.findings) == (BODY, ())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\xef\xbb\xbf" + BODY.encode(), {"bom": "note"}),
        (BODY.replace("\n", "\r\n").encode(), {"crlf": "note"}),
        (BODY.replace("\n", "\r\n", 1).encode(), {"mixed-line-ends": "warning"}),
        (BODY.replace("\n", "\r").encode(), {"cr": "note"}),
        (BODY.encode("utf-16"), {"bom": "note", "encoding": "note"}),
        (gzip.compress(BODY.encode()), {}),
    ],
)
def test_marks_line_ends_and_gzip_leave_the_text_alone(read, content, found):
    document = read(content)
    assert document.text == BODY
    assert codes(document) == found


def test_what_is_odd_is_named_and_left(read):
    text = BODY + "\u201cDon\u2019t,\u201d \x1b[1m \ufffd\n"
    document = read(text.encode())
    assert document.text == text
    assert codes(document) == {
        "curly-quotes": "note", "control-characters": "warning", "replacement-characters": "warning"
    }  # fmt: skip
    said = " ".join(finding.text for finding in document.findings)
    assert "3 curly quotes" in said
    assert "'\\x1b' (U+001B)" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("content", "said", "cure"),
    [
        (b"", "empty", "text file"),
        (b" \n\n ", "no text", "with text"),
        (b"caf\xe9\nand more", "not UTF-8: byte 0xe9 in line 1", "--encoding"),
        (b"PK\x03\x04\x00\x00\xff\xfe", "binary", "text file"),
        (b"ab\x00cd", "binary", "text file"),
        (rb"{\rtf1\ansi Once.\par}", "RTF", "plain text"),
        (bytes(range(32)) * 3, "binary", "text file"),
        (gzip.compress(b"a" * 5000)[:30], "damaged gzip", "fetch"),
    ],
)
def test_what_is_no_text_is_refused_in_words(read, content, said, cure):
    with pytest.raises(DataError, match=said) as caught:
        read(content)
    assert "1.txt" in caught.value.where
    assert cure in caught.value.cure


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NotFound, match="no such file"):
        read_text([DataFile(tmp_path / "none.txt")], TextFormat())


def test_stories_are_joined_by_a_blank_line_and_copies_are_named(read):
    document = read(b"A story.\n\n", b"another one", b"a  STORY.\n")
    assert document.text == "A story.\n\nanother one\n\na  STORY.\n"
    assert codes(document) == {"duplicate-stories": "warning"}
    assert document.findings[0].text == "1 file again: 3.txt is 1.txt"


def test_a_folder_is_its_text_files_in_natural_order(tmp_path):
    for name in ("10.txt", "9.txt", "b2.txt", "b10.txt", "notes.md"):
        (tmp_path / name).write_text(name)
    files = unfolded([DataFile(tmp_path)], "*.txt")
    assert [file.path.name for file in files] == ["9.txt", "10.txt", "b2.txt", "b10.txt"]
    files = unfolded([DataFile(tmp_path)], "*.txt *.md")
    assert [file.path.name for file in files] == ["9.txt", "10.txt", "b2.txt", "b10.txt", "notes.md"]
    assert unfolded([DataFile(tmp_path)], "") == (DataFile(tmp_path),)
    with pytest.raises(DataError, match=r"no file \*\.csv"):
        unfolded([DataFile(tmp_path)], "*.csv")


def test_many_files_have_a_short_name(tmp_path):
    files = tuple(DataFile(tmp_path / f"{number}.txt") for number in range(1, 210))
    assert Data(files).name == "1.txt to 209.txt (209 files)"
    assert Data(files[:2]).name == "1.txt, 2.txt"


HEAD = "The Project Gutenberg EBook of Mills\n\nThis eBook is for the use of anyone.\n"
FORMS = {
    "this": (
        "*** START OF THIS PROJECT GUTENBERG EBOOK MILLS ***\n\n\n",
        "\nEnd of Project Gutenberg's Mills\n\n*** END OF THIS PROJECT GUTENBERG EBOOK MILLS ***\nlicence\n",
    ),
    "the": (
        "*** START OF THE PROJECT GUTENBERG EBOOK A LONG NAME\nOF MILLS ***\n",
        "*** END OF THE PROJECT GUTENBERG EBOOK MILLS ***\nlicence\n",
    ),
    "small print": (
        "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n",
        "End of the Project Gutenberg Etext\n",
    ),
    "1994": (
        "****   SMALL PRINT! FOR __ COMPLETE MILLS ****\n[\"Small Print\" V.12.08.93]\n\n"
        "<<THIS ELECTRONIC VERSION OF THE MILLS\nIS COPYRIGHT>>  \n",
        "<<THIS ELECTRONIC VERSION OF THE MILLS\nIS COPYRIGHT>>\n\nEnd of this Etext of The Mills\n\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_gutenbergs_words_go_in_every_form(form):
    before, after = FORMS[form]
    whole = HEAD + before + BODY + after
    assert strip_gutenberg(whole) == (BODY, len(whole) - len(BODY))


@pytest.mark.parametrize("text", [BODY, HEAD + BODY, "*** START OF THIS PROJECT ***\n" + BODY])
def test_a_text_without_both_name_and_mark_stays(text):
    assert strip_gutenberg(text) == (text, 0)


def test_folding_is_that_of_the_recipe():
    assert fold("\u2018Caf\u00e9\u2019 \u2014 \u4e2dNO\u2026", lower=True, ascii=True) == "'cafe' -- no..."
    assert fold("\u2018Caf\u00e9\u2019", lower=True) == "\u2018caf\u00e9\u2019"
    assert fold("As It Is\u2019") == "As It Is\u2019"
    assert join_lines("  one\n\n two \n\n\nthree\n") == "one two three"


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=80))
def test_folded_text_is_ascii_and_folding_twice_is_folding_once(text):
    once = fold(text, lower=True, ascii=True)
    assert once.isascii()
    assert fold(once, lower=True, ascii=True) == once


@pytest.mark.data
def test_the_books_are_read_without_gutenbergs_words(tmp_path):
    import os
    from pathlib import Path

    mirror = Path(os.environ["SEQTOOL_MIRROR"])
    ends = {
        "alice/alice.txt": ("ALICE\u2019S ADVENTURES IN WONDERLAND\n", "              THE END\n"),
        "grimm/pg2591.txt": ("Produced by Emma Dudding", "ever\nsince.\n"),
        "shakespeare/gutenberg100_shakespeare.txt.gz": ("1609\n\nTHE SONNETS\n", "maid.'\n\nTHE END\n"),
    }
    for name, (first, last) in ends.items():
        text = read_text([DataFile(mirror / name)], TextFormat()).text
        assert text.startswith(first)
        assert text.endswith(last)
        assert "gutenberg" not in text.lower()
        assert "\r" not in text


FRONT = "---\ntitle: The mill\ntags:\n  - old\n- still\n# a remark\n\ndate: 2024-01-01\n---\n\n"


@pytest.mark.parametrize("end", ["---", "..."])
def test_the_front_matter_of_markdown_is_no_text(tmp_path, end):
    path = tmp_path / "a.md"
    path.write_text(FRONT.replace("---\n\n", f"{end}\n\n") + "# The mill\n\n---\nIt: stood.\n---\n")
    document = read_text([DataFile(path)], TextFormat())
    assert document.text == "# The mill\n\n---\nIt: stood.\n---\n"
    assert [found.code for found in document.findings] == ["front-matter"]
    assert read_text([DataFile(path)], TextFormat(format="lines")).text == path.read_text()


def test_front_matter_in_toml_is_no_text(tmp_path):
    path = tmp_path / "a.md"
    front = '+++\ntitle = "The mill"\n# a remark\ntags = [\n  "old",\n]\n\n[params]\n  a.b = 1\n+++\n\n'
    path.write_text(front + "The mill = old.\n")
    assert read_text([DataFile(path)], TextFormat()).text == "The mill = old.\n"
    path.write_text("+++\nThe mill stood.\n+++\n")
    assert read_text([DataFile(path)], TextFormat()).text == path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "---\nA line of prose, then: a colon.\n---\nMore.\n",
        "---\ntitle: never closed\n" + "- more: of it\n" * 300,
        "---\ntitle: x\nA line of prose.\n---\n",
        "---\n---\nText.\n",
        "----\ntitle: x\n---\n",
    ],
)
def test_rules_between_paragraphs_are_text(tmp_path, text):
    path = tmp_path / "a.md"
    path.write_text(text)
    assert read_text([DataFile(path)], TextFormat()).text == text
