"""From bytes to text: byte order marks, UTF-8, UTF-16, or the encoding that a person names; then the ends of lines."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from seqtool.data.file_kinds import declared_encoding, refuse_packed
from seqtool.data.files import counted_lines, read_bytes
from seqtool.data.limits import hold_lines
from seqtool.errors import DataError, UsageError
from seqtool.reads import Finding, Read
from seqtool.say import printable

CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_CONTROL_BYTES = bytes([*range(9), 0x0B, *range(0x0E, 0x20), 0x7F])
FEW_CONTROL, MOST_CONTROL = 8, 0.01  # more control characters than this number and this share: a binary file
MOST_BROKEN = 0.001  # of the lines: a few may be damaged, more are another encoding
# UTF-32 first: its mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_USUAL_NAMES = {"cp1252": "windows-1252"}
_TWICE = re.compile(
    "[\u00c2\u00c3\u00c4\u00c5\u00d0\u00d1\u00e2][\u0080-\u00bf\u0152-\u2122]"
)  # UTF-8 read as windows-1252
_SHIFT = b"\x1b$B"  # begins Japanese in ISO-2022-JP
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})  # kinds of characters: control, none, private, halves
CURE = "give a text file, gzipped or not"
_SAMPLE = 1 << 16  # bytes that tell UTF-16


class Text(NamedTuple):
    """The text of a file, its lines ended by LF, and what was found on the way."""

    text: str
    findings: tuple[Finding, ...] = ()

    def lines(self) -> list[str]:
        """Return the lines without their ends."""
        return self.text.removesuffix("\n").split("\n")

    def control_characters(self) -> list[Finding]:
        """Return the warning that lines hold control characters; [] where none does."""
        if not _control(self.text):
            return []
        control = [number for number, line in enumerate(self.lines(), start=1) if CONTROL.search(line)]
        return [Finding("warning", "control-characters", f"{counted_lines(control)} with control characters")]


def read_text_file(path: Path, encoding: str = "") -> Text:
    """Read a file of text, gzipped or not; raises `NotFound`, and what `decode` raises."""
    return decode(read_bytes(path, CURE), str(path), encoding)


def read_lines(path: Path, encoding: str = "") -> Read[str]:
    """Read a file's lines without their ends; raises what `read_text_file` raises."""
    read = read_text_file(path, encoding)
    # Not splitlines(): it also cuts at U+2028, form feeds and others, and a pipe ends its records at LF alone.
    return Read(tuple(read.lines()), (*read.findings, *read.control_characters()))


def decode(data: bytes, where: str, encoding: str = "", *, one_line: bool = False) -> Text:
    """Return the text of `data`, which is UTF-8 or UTF-16 unless `encoding` names another.

    Of UTF-8, up to `MOST_BROKEN` of the lines may hold bytes that are none: those become U+FFFD, with a warning. With
    `encoding` utf-8 any number may. one_line: whether a whole text may stand in one line, as an array of JSON may.
    Raises `UsageError` for an unknown encoding, `DataError` for another encoding, for what is no text, and for a line
    beyond `limits.LINE`.
    """
    refuse_packed(data, where)
    if not (one_line or _is_array(data)):
        hold_lines(data, where)
    if not encoding and (declared := declared_encoding(data)) and not (data.isascii() or _is_utf8(data)):
        encoding = declared
    name = known_encoding(encoding) if encoding else ""
    findings: list[Finding] = []
    marked = next((found for mark, found in MARKS if data.startswith(mark)), "")
    if marked:
        data = data.removeprefix(next(mark for mark, found in MARKS if found == marked))
        findings.append(Finding("note", "bom", "a byte order mark was left out"))
    if name not in ("", "utf-8") and not marked and _is_utf8(data):
        # Of two files one may be in another encoding than the other, and the option is one for both.
        text = f"the text is UTF-8, and was read so, not as {name.upper()}"
        findings.append(Finding("warning", "encoding", text))
        name = "utf-8"
    name = marked or name or _utf16_without_mark(data)
    if name and name != "utf-8":
        from seqtool.data.encodings import refuse_windows  # most files are UTF-8

        text = _strict(data, name, where)
        if name == "iso8859-1":
            refuse_windows(text, where)
        findings.append(Finding("note", "encoding", f"the text is {name.upper()}"))
    else:
        text = _utf8(data, where, findings, lenient=bool(encoding))
    if "\0" in text:
        from seqtool.data.encodings import place_of_nul  # few files hold one

        few = _control(text) <= FEW_CONTROL + MOST_CONTROL * len(text)
        raise binary_file(where, place_of_nul(text) if few else "")
    # U+0085 ends lines on some systems
    if (count := _control(text) - text.count("\x85")) > FEW_CONTROL + MOST_CONTROL * len(text):
        first = next(match for match in CONTROL.finditer(text) if match[0] != "\x85")
        line = text.count("\n", 0, first.start()) + 1
        raise binary_file(where, f": {count:,} control characters, the first {ascii(first[0])[1:-1]} in line {line:,}")
    text = text.lstrip("\ufeff")
    if "\r" in text or "\ufeff" in text:
        from seqtool.data.line_ends import lines_end_in_lf, without_inner_marks  # most files have neither

        text, about = lines_end_in_lf(text)
        text, inner = without_inner_marks(text)
        findings += [*about, *inner]
    return Text(text, (*findings, *_read_twice(text, name)))


def _is_array(data: bytes) -> bool:
    """Tell whether a file may be one array, or one object, of JSON; the brackets of its ends tell it from brackets."""
    start = data[:64].removeprefix(codecs.BOM_UTF8).lstrip()[:2]
    return start[:1] in (b"[", b"{") and start[1:] not in (b"[", b"") and data[-64:].rstrip()[-1:] in (b"]", b"}")


def _read_twice(text: str, encoding: str) -> list[Finding]:
    """Return the warning that the letters beyond ASCII are UTF-8 that was read as windows-1252, [] where not.

    encoding: the one by which the text was read just now, "" for UTF-8.
    """
    if text.isascii() or not _TWICE.search(text, 0, _SAMPLE):
        return []
    from seqtool.data.encodings import read_twice  # few texts look so

    word, was = read_twice(text)
    if not word:
        return []
    if encoding not in ("", "utf-8"):
        what = f"most of the file is UTF-8, and '{printable(was, 20)}' was read as '{printable(word, 20)}'"
        cure = "mend the lines that are not; --encoding utf-8 puts U+FFFD in place of what is broken"
        return [Finding("warning", "read-twice", f"{what}: {cure}")]
    what = f"the letters were read in a wrong encoding before, '{printable(word, 20)}' for '{printable(was, 20)}'"
    return [Finding("warning", "read-twice", f"{what}: iconv -f utf-8 -t windows-1252 FILE mends it")]


def _control(text: str) -> int:
    """Count the control characters of a text."""
    if text.isascii():  # a pattern takes ten times as long
        return len(text) - len(text.encode("ascii").translate(None, _CONTROL_BYTES))
    return len(CONTROL.findall(text))


def binary_file(where: str, why: str = "") -> DataError:
    """Return the error for a file that holds no text; `why` says what it holds."""
    cure = f"{CURE}; if it is text, remove its control characters" if why else CURE
    return DataError(f"the file is binary, not text{why}", where=where, cure=cure)


def known_encoding(name: str) -> str:
    """Return Python's name of an encoding of text; raises `UsageError` where there is none of that name."""
    try:
        info = codecs.lookup(name)
        if info._is_text_encoding:  # not base64 and its like; Python has no public word for it
            return info.name
    except (LookupError, ValueError):
        pass
    cure = "--encoding windows-1252, utf-16, shift_jis or another name that Python knows"
    raise UsageError(f"no encoding '{printable(name)}'", cure=cure)


def _utf16_without_mark(data: bytes) -> str:
    """Return the kind of UTF-16 that text without a mark is: every other byte of its ASCII characters is NUL."""
    head = data[:_SAMPLE]
    even, odd = head[::2].count(0), head[1::2].count(0)
    name = "utf-16-be" if even > odd else "utf-16-le"
    if 5 * max(even, odd) >= 2 * len(head) > 0:
        return name if 8 * min(even, odd) <= max(even, odd) else ""
    if not max(even, odd):
        return ""
    # other scripts have NUL at blanks, ends of lines, and in a few characters of Chinese
    return next((kind for kind in ("utf-16-le", "utf-16-be") if _is_text(head, kind)), "")


def _is_text(head: bytes, name: str) -> bool:
    """Tell whether the beginning of a text is read as lines, without characters that no text holds."""
    import unicodedata  # few texts need it

    try:
        text = codecs.getincrementaldecoder(name)().decode(head)
    except UnicodeDecodeError:
        return False
    return "\n" in text and all(char in "\t\r\n" or unicodedata.category(char) not in _NO_TEXT for char in text)


def _is_utf8(data: bytes) -> bool:
    """Tell whether bytes are UTF-8 with characters beyond ASCII: other encodings hardly ever look so."""
    if data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _strict(data: bytes, name: str, where: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"the text is not {name.upper()}: byte 0x{data[error.start]:02x} in line {line:,}"
        raise DataError(what, where=where, cure="give --encoding another name, or leave it out") from error


def _utf8(data: bytes, where: str, findings: list[Finding], *, lenient: bool) -> str:
    try:
        text = data.decode("utf-8")
        if not lenient and data.isascii() and _SHIFT in data:
            cure = _named(_looks_like(data.split(b"\n")), 1)
            raise DataError("the text is ASCII with the marks of ISO-2022-JP", where=where, cure=cure)
        return text
    except UnicodeDecodeError as error:
        first = data.count(b"\n", 0, error.start) + 1
        broken = _broken_lines(data)
        if b"\0" in data:
            raise binary_file(where) from error
        looks = _looks_like([line for _, line in broken])
        if not lenient and len(broken) > MOST_BROKEN * (data.count(b"\n") + 1):
            if _lines_beyond_ascii(data) > 2 * len(broken):
                raise _nearly_utf8(broken, looks, where) from error
            count = f", the first of {len(broken):,} such lines" if len(broken) > 1 else ""
            what = f"the text is not UTF-8: byte 0x{data[error.start]:02x} in line {first:,}{count}"
            hint = f"{_named(looks, broken[0][0])}; " if looks else ""
            cure = f"{hint}--encoding utf-8 puts U+FFFD in place of what is broken"
            raise DataError(what, where=where, cure=cure) from error
        count = counted_lines([number for number, _ in broken])
        hint = f"; it looks like --encoding {' or '.join(looks)}" if looks else ""
        text = f"{count} not UTF-8: what could not be read became U+FFFD{hint}"
        findings.append(Finding("warning", "broken-utf8", text))
        return data.decode("utf-8", "replace")


def _named(looks: dict[str, str], line: int) -> str:
    """Return the options for encodings, each with a line as it would read it."""
    (name, example), *others = looks.items()
    more = "".join(f", --encoding {name} as '{example}'" for name, example in others)
    return f"--encoding {name} would read line {line:,} as '{example}'{more}"


def _lines_beyond_ascii(data: bytes) -> int:
    return sum(not line.isascii() for line in data.split(b"\n"))


def _nearly_utf8(broken: list[tuple[int, bytes]], looks: dict[str, str], where: str) -> DataError:
    """Return the error for a file of UTF-8 some of whose lines are in another encoding."""
    what = f"the text is UTF-8 but for {counted_lines([number for number, _ in broken])}"
    like = "".join(f", {name} would read it as '{example}'" for name, example in looks.items())
    cure = f"write line {broken[0][0]:,} as UTF-8{like}; --encoding utf-8 puts U+FFFD in place of what is broken"
    return DataError(what, where=where, cure=cure)


def _broken_lines(data: bytes) -> list[tuple[int, bytes]]:
    broken = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            broken.append((number, line))
    return broken


def _looks_like(lines: list[bytes]) -> dict[str, str]:
    """Return the encodings that lines look like, in the order of their chances, and the first line read by each."""
    from seqtool.data.encodings import likely  # only where a text is not UTF-8

    names = {_USUAL_NAMES.get(name, name): name for name in likely(b"\n".join(lines))}
    return {shown: printable(lines[0].decode(name, "replace").strip(), 60) for shown, name in names.items()}
