"""Bytes become text by one rule: marks, encodings, broken bytes, ends of lines."""

from __future__ import annotations

import codecs
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.data.decode import decode
from seqtool.data.file_kinds import packed_kind
from seqtool.data.labelled import read_labelled
from seqtool.data.tables import read_table
from seqtool.data.tagged import read_tagged
from seqtool.errors import DataError, UsageError
from seqtool.runtime.first_line import doubt_of

TEXT = "Größe: 3 €\nzweite Zeile\n"


def codes(read) -> list[str]:
    return [finding.code for finding in read.findings]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
    ],
)
def test_unicode_is_read_whatever_its_marks_and_line_ends(data):
    assert decode(data, "a.txt").text == TEXT


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1252", "Das Mädchen möchte Käse – 3 €\nein Café\n"),
        ("windows-1251", "Привет, как дела? Это очень хороший фильм\nВторая строка текста\n" * 3),
        ("shift_jis", "これはとても良い映画です。\nもう一度見たいと思います。\n" * 3),
    ],
)
def test_another_encoding_is_refused_with_the_option_that_reads_it(encoding, text):
    data = text.encode(encoding)
    with pytest.raises(DataError, match=r"the text is not UTF-8: byte 0x.. in line 1") as caught:
        decode(data, "a.txt")
    named = caught.value.cure.split("--encoding ")[1].split(" ")[0]
    assert decode(data, "a.txt", named).text == text  # the cure works
    assert decode(data, "a.txt", encoding).text == text
    assert "\ufffd" in decode(data, "a.txt", "utf-8").text  # and so does the other


def test_few_broken_lines_are_read_with_a_warning_and_more_are_refused():
    lines = [b"plain text, line after line"] * 3000
    lines[7] = lines[1009] = "ein Stück Käse".encode("latin-1")
    read = decode(b"\n".join(lines), "a.txt")
    assert read.text.count("\ufffd") == 4
    (finding,) = read.findings
    assert (finding.level, finding.code) == ("warning", "broken-utf8")
    assert "2 lines (first 8)" in finding.text
    assert "--encoding windows-1252" in finding.text
    with pytest.raises(DataError, match="the first of 2 such lines"):
        decode(b"\n".join(lines[:1500]), "a.txt")


def test_lines_end_in_one_way_that_the_whole_text_decides():
    assert decode(b"a\rb\rc\r", "x").lines() == ["a", "b", "c"]
    assert codes(decode(b"a\rb\r", "x")) == ["cr"]
    assert codes(decode(b"a\r\nb\r\n", "x")) == ["crlf"]
    assert codes(decode(b'a,"b\nc"\r\nd,e\r\n', "x")) == ["crlf"]  # a cell of two lines in a file of CR LF
    assert codes(decode(b"a\r\nb\n", "x")) == ["mixed-line-ends"]
    assert decode(b"a\rb\rc\r\n", "x").lines() == ["a", "b", "c"]
    mixed = decode(b"a\r\nb\rc\nd\r\r\n", "x")
    assert mixed.lines() == ["a", "b c", "d"]
    assert codes(mixed) == ["mixed-line-ends"]


@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02\x03", b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 9, b"a" + b"\x01" * 99]
)
def test_what_is_no_text_is_refused(data):
    with pytest.raises(DataError, match=r"binary|not UTF-8"):
        decode(data, "a.txt")


@pytest.mark.parametrize("quotes", [1, 80])
def test_windows_1252_is_named_where_it_is_read_as_latin_1(quotes):
    text = "caf\u00e9\n" + "a film\u2019s \u201ename\u201c\n" * quotes
    data = text.encode("windows-1252")
    with pytest.raises(DataError, match="windows-1252, not ISO-8859-1: byte 0x92 in line 2") as error:
        decode(data, "x", "latin-1")
    assert decode(data, "x", error.value.cure.removeprefix("--encoding ")).text == text
    assert decode("caf\u00e9 \u00ab\u00bb\n".encode("latin-1"), "x", "latin-1").text == "caf\u00e9 \u00ab\u00bb\n"


def test_nul_in_one_cell_is_named_with_its_line_and_cell():
    with pytest.raises(DataError, match=r"line 22 holds NUL, in 'a,the .*x00 film'") as error:
        decode(b"label,text\n" + b"a,a film\n" * 20 + b"a,the \0 film\nb,so\n", "x")
    assert "remove its control characters" in error.value.cure


@pytest.mark.parametrize("name", ["utf-99", "base64", "rot13", "", "\0", "x" * 300])
def test_an_encoding_that_nobody_knows_is_refused(name):
    if not name:
        assert decode(b"a\n", "x", name).text == "a\n"
        return
    with pytest.raises(UsageError, match="no encoding"):
        decode(b"a\n", "x", name)


def test_an_encoding_that_does_not_fit_is_refused_or_doubted():
    with pytest.raises(DataError, match="the text is not ASCII: byte 0xff in line 2"):
        decode(b"a\n\xff\n", "x", "ascii")
    doubted = decode("é\n".encode(), "x", "windows-1252")
    assert doubted.text == "é\n"  # of two files one may be UTF-8
    assert [finding.level for finding in doubted.findings] == ["warning"]


ENDS = st.sampled_from(["\r", "\n", "\r\n"])


@given(rows=st.lists(st.text("ab, ", min_size=1, max_size=5), min_size=2, max_size=30), end=ENDS, last=ENDS)
def test_the_end_of_the_last_line_does_not_decide_on_the_others(rows, end, last):
    read = decode((end.join(rows) + last).encode(), "x")
    assert len(read.lines()) == len(rows) or (len(rows) == 2 and end == "\r")  # one CR and one LF tell nothing
    assert read.findings or end == last == "\n"


@given(first=ENDS, second=ENDS, rows=st.lists(st.text("ab", max_size=5), min_size=15, max_size=40))
def test_two_files_put_together_lose_no_line(first, second, rows):
    text = "".join(row + first for row in rows) + "c" + first + "".join(row + second for row in rows * 2)
    read = decode(text.encode(), "x")
    assert [line for line in read.lines() if line] == [line for line in (*rows, "c", *rows * 2) if line]


def test_a_return_inside_of_quotes_ends_no_line():
    rows = b'a,"b\rc\rd\re"\n'
    assert decode(rows * 30, "x").lines() == ['a,"b c d e"'] * 30
    assert decode(b'a,"b\nc"\rd,e\r' * 9, "x").lines() == ['a,"b', 'c"', "d,e"] * 9


_LANGUAGES = {
    "windows-1252": "Das Frühstück war üppig und die Straße ruhig\nDéjà vu, mais où est passé le garçon ?\n",
    "cp1250": "Zażółć gęślą jaźń, mówi ciocia\nWróciłem późno i byłem głodny\n",
    "iso8859_2": "Kůň běžel přes žlutou louku\nŠťáva je příliš sladká, řekla žena\n",
    "cp1251": "neg\tДоставка опоздала на неделю\npos\tОтличный магазин, советую друзьям\n",
    "koi8_r": "neg\tДоставка опоздала на неделю\npos\tОтличный магазин, советую друзьям\n",
    "cp866": "neg\tДоставка опоздала на неделю\npos\tОтличный магазин, советую друзьям\n",
    "cp1253": "Το φαγητό ήταν εξαιρετικό\nΔεν θα ξαναπάω ποτέ εκεί\n",
    "cp1254": "Kargo geç geldi, kutu ezilmişti\nÇalışanlar güler yüzlüydü, tavsiye ediyorum\n",
    "cp1255": "האוכל היה טעים מאוד\nלא אחזור לשם שוב לעולם\n",
    "cp1256": "الطعام كان لذيذا جدا\nلن أعود إلى هناك مرة أخرى\n",
    "mac_roman": "El año pasado llovió muchísimo aquí\n¿Qué pasó con el señor García?\n",
    "cp850": "El año pasado llovió muchísimo aquí\n¿Qué pasó con el señor García?\n",
    "shift_jis": "neg\t昨日の映画はつまらなかった\npos\tラーメンがおいしいお店です\n",
    "euc_jp": "neg\t昨日の映画はつまらなかった\npos\tラーメンがおいしいお店です\n",
    "gb18030": "neg\t昨天的电影很无聊\npos\t这家餐厅的面条很好吃\n",
    "big5": "neg\t昨天的電影很無聊\npos\t這家餐廳的麵條很好吃\n",
    "euc_kr": "neg\t어제 본 영화는 지루했어요\npos\t이 식당은 국수가 맛있어요\n",
    "iso2022_jp": "neg\t昨日の映画はつまらなかった\npos\tラーメンがおいしいお店です\n",
}


@pytest.mark.parametrize("encoding", _LANGUAGES)
def test_the_first_encoding_that_a_refusal_names_reads_the_text(encoding):
    text = _LANGUAGES[encoding]
    with pytest.raises(DataError) as caught:
        decode(text.encode(encoding), "a.txt")
    named = caught.value.cure.split("--encoding ")[1].split(" ")[0]
    assert decode(text.encode(encoding), "a.txt", named).text == text


@pytest.mark.parametrize("encoding", ["shift_jis", "gb18030", "euc_kr"])
@pytest.mark.parametrize("odd", ["", "x"])
def test_a_long_line_of_letters_of_two_bytes_is_known_wherever_the_sample_ends(encoding, odd):
    line = odd + _LANGUAGES[encoding].split("\t")[-1].strip() * 2000
    with pytest.raises(DataError) as caught:
        decode(line.encode(encoding), "a.txt")
    assert f"--encoding {encoding} " in caught.value.cure


def test_bytes_of_which_two_encodings_make_words_are_refused_with_both():
    with pytest.raises(DataError) as caught:
        decode("schön groß\n".encode("cp850"), "a.txt")
    readings = caught.value.cure.split("; ")[0]
    assert "--encoding cp850" in readings
    assert "'schön groß'" in readings
    assert readings.count("--encoding") == 2


@pytest.mark.parametrize("mark", ["le", "be"])
@pytest.mark.parametrize("text", ["Доброе утро\nвсем\n", "おはよう\nございます\n", "สวัสดี\nครับ\n", "这是一句\n一\n"])
def test_utf_16_without_a_mark_is_read_in_every_script(text, mark):
    read = decode(text.encode(f"utf-16-{mark}"), "a.txt")
    assert read.text == text
    assert [finding.text for finding in read.findings] == [f"the text is UTF-16-{mark.upper()}"]


@pytest.mark.parametrize("text", ["Das Frühstück war süß\n", "Où est passé l’été\n", "Цена хорошая\n"])
def test_utf_8_that_was_read_as_windows_1252_is_warned_of(text):
    twice = b"".join(bytes([byte]) for byte in text.encode()).decode("latin-1")
    windows = "".join(bytes([ord(char)]).decode("cp1252", "ignore") or char for char in twice)
    (finding,) = decode((windows * 9).encode(), "a.txt").findings
    assert (finding.level, finding.code) == ("warning", "read-twice")
    word = next(word for word in text.split() if not word.isascii())
    assert f"for '{word}'" in finding.text
    assert decode((text * 9).encode(), "a.txt").findings == ()


def test_some_odd_letters_are_no_sign_of_a_wrong_encoding():
    assert decode("Ãƒ is not Ü, and É is not Ã¼: déjà là où\n".encode(), "a.txt").findings == ()


def test_marks_in_front_of_lines_and_inside_are_said():
    text = decode("\ufeffname\n\ufeffname\n\ufeff\ufeffother\n".encode(), "f")
    assert text.text == "name\nname\nother\n"
    (said,) = [finding.text for finding in text.findings if finding.code == "inner-bom"]
    assert "2 lines (first 2)" in said
    text = decode("a,b\nlast\ufeffa,b\n".encode(), "f")
    (said,) = [finding.text for finding in text.findings if finding.code == "inner-bom"]
    assert "inside of 1 line (number 2)" in said


def test_one_line_in_another_encoding_does_not_turn_the_others():
    lines = [f"der Bär {n} lässt Äpfel fallen\n".encode() for n in range(1, 20)]
    lines[6] = "die Tür\n".encode("cp1252")
    with pytest.raises(DataError, match=r"UTF-8 but for 1 line \(number 7\)") as error:
        decode(b"".join(lines), "f")
    assert error.value.cure.startswith("write line 7 as UTF-8")
    assert "--encoding windows" not in error.value.cure
    assert decode(b"".join(lines), "f", "utf-8").text.count("\ufffd") == 1
    forced = decode(b"".join(lines), "f", "windows-1252")
    (said,) = [finding.text for finding in forced.findings if finding.code == "read-twice"]
    assert "iconv" not in said
    assert "--encoding utf-8" in said


def test_two_carriage_returns_before_a_feed_are_one_end():
    text = decode(b"a b\r\r\nc d\r\r\n", "f")
    assert text.text == "a b\nc d\n"
    assert [finding.level for finding in text.findings] == ["note"]


def test_a_mark_that_is_a_word_joins_no_files():
    assert decode("\u00b4\tO\na \ufeff b\n".encode(), "f").findings == ()


def _archive(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "application/epub+zip" if name == "mimetype" else "<x/>")
    return data.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PACKED = {
    "of a word processor": (_archive("[Content_Types].xml", "word/document.xml"), "plain text"),
    "of a spreadsheet": (_archive("content.xml", "application/vnd.oasis.opendocument.spreadsheet"), "CSV"),
    "of slides": (_archive("[Content_Types].xml", "ppt/presentation.xml"), "plain text"),
    "of an old Excel": (OLE + "Workbook".encode("utf-16-le"), "CSV"),
    "of an old word processor": (OLE + bytes(600), "plain text"),
    "an archive of 7z": (b"7z\xbc\xaf'\x1c" + bytes(40), "7z"),
    "of Excel": (_archive("[Content_Types].xml", "xl/workbook.xml"), "CSV"),
    "EPUB": (_archive("mimetype", "a.xhtml"), "pandoc -t plain"),
    "a .zip": (_archive("a.txt"), "unzip"),
    "PDF": (b"%PDF-1.7\n" + bytes(range(256)), "pdftotext"),
    "RTF": (b"{\\rtf1 a}", "plain text"),
}


@pytest.mark.parametrize("kind", PACKED)
def test_packed_texts_are_named_with_what_makes_text_of_them(kind):
    data, cure = PACKED[kind]
    with pytest.raises(DataError, match=f"is {kind}") as error:
        decode(data, "x")
    assert cure in error.value.cure


@pytest.mark.parametrize("kind", [kind for kind in PACKED if kind != "of Excel"])
def test_every_family_says_what_such_a_file_is(kind, tmp_path):
    (path := tmp_path / "my data").write_bytes(PACKED[kind][0])
    plain = "a .zip with no .mrg" if kind == "a .zip" else f"is {kind}"
    for read, what in ((read_table, f"is {kind}"), (read_tagged, plain), (read_labelled, f"is {kind}")):
        with pytest.raises(DataError, match=what) as refused:
            read(path)
        assert PACKED[kind][1] in refused.value.cure
        assert "FILE" not in refused.value.cure


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1251", "ISO-8859-15"])
def test_the_encoding_that_xml_declares_is_read_where_the_text_is_no_utf8(encoding):
    letters = "дом" if "1251" in encoding else "grün"
    text = f"<?xml version='1.0' encoding='{encoding}'?>\n<a>{letters}</a>\n" * 30
    assert decode(text.encode(encoding), "x").text == text
    assert decode(text.encode(), "x").text == text  # a declaration may be old
    with pytest.raises(DataError, match="not UTF-8"):
        decode(text.replace(encoding, "utf-8").encode(encoding), "x")


@pytest.mark.parametrize("text", ["a\t\ufeffb\n", "a\ufeff\tb\n", "the end\ufeff\n"])
def test_marks_at_the_edge_of_a_cell_are_said(text):
    read = decode(text.encode(), "f")
    assert read.text == text
    (said,) = [finding.text for finding in read.findings if finding.code == "inner-bom"]
    assert "1 line (number 1)" in said


def test_marks_all_over_a_text_are_counted_in_all_lines():
    lines = [f"the la\ufeffmp {n}" if n % 2 else f"the lamp \ufeff{n}" for n in range(40)]
    read = decode("\n".join(lines).encode(), "f")
    (said,) = [finding.text for finding in read.findings if finding.code == "inner-bom"]
    assert said == "byte order marks inside of 40 lines (first 1): read as part of the text"


@pytest.mark.parametrize(("line", "kind"), [("%PDF-1.7", "PDF"), (r"{\rtf1\ansi", "RTF")])
def test_a_pipe_that_begins_like_a_packed_text_is_warned_of(line, kind):
    assert doubt_of(line).startswith(f"line 1 begins as a file of {kind} does")


def test_a_packed_pdf_is_unpacked_first_and_an_old_file_may_be_a_sheet():
    kind, cure = packed_kind(b"%PDF-1.7\n", "a b.pdf.gz")
    assert cure == "gunzip -k 'a b.pdf.gz'; pdftotext 'a b.pdf' makes text of it; then give the text file"
    kind, cure = packed_kind(OLE + bytes(600), "k.xls")
    assert "spreadsheet" in kind
    assert "CSV" in cure
    assert "Excel" in packed_kind(OLE + "Book\0".encode("utf-16-le"), "k.xls")[0]
    assert packed_kind(OLE + "WordDocument".encode("utf-16-le"), "k.doc")[0].endswith("of an old word processor")
