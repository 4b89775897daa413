"""Tagged sentences in files: CoNLL-U, Penn trees, word/TAG, plain or in a .zip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqtool.data.archives import members
from seqtool.data.check import Finding
from seqtool.data.conllu import NO_TAG, Sentence, read_conllu
from seqtool.data.lines import read_lines
from seqtool.data.penn import is_bracketed, read_penn
from seqtool.data.records import Read
from seqtool.errors import DataError

IN_ZIP = (".mrg", ".pos")
"""The first of these that a .zip file has is read: trees know where sentences end."""
_CURE = "give CoNLL-U, or word/TAG with one sentence a line"


def read_tagged(path: Path, field: str) -> Read[Sentence]:
    """Read the sentences of a file that are tagged in `field` ("upos" or "xpos").

    Sentences with words that have no tag there are left out and counted. Raises `NotFound`, and `DataError` for a file
    without sentences or without tags of that kind, and what the readers refuse.
    """
    findings: tuple[Finding, ...] = ()
    if path.name.lower().endswith(".zip"):
        sentences = _zipped(path)
    else:
        lines = read_lines(path)
        sentences, findings = _sentences(lines.lines, str(path)), lines.findings
    if not sentences:
        raise DataError("there are no sentences in it", where=str(path), cure=_CURE)
    whole = tuple(one for one in sentences if NO_TAG not in one.tags.get(field, (NO_TAG,)))
    if not whole:
        other = next(
            (name for name in sentences[0].tags if name != field and NO_TAG not in sentences[0].tags[name]), ""
        )
        cure = f"--field {other}" if other else _CURE
        raise DataError(f"no sentence is tagged in {field}", where=str(path), cure=cure)
    if gone := len(sentences) - len(whole):
        text = f"{gone:,} of {len(sentences):,} sentences with words that have no {field}: left out"
        findings = (*findings, Finding("warning", "no-label", text))
    return Read(whole, findings)


def _sentences(lines: tuple[str, ...], where: str) -> list[Sentence]:
    first = next((line for line in lines if line.strip() and not line.startswith("# ")), "")
    try:
        if "\t" in first and not is_bracketed(first):
            return list(read_conllu(lines))
        return list(read_penn("\n".join(lines))) if first else []
    except DataError as error:
        raise DataError(error.what, where=where, cure=error.cure) from error


def _zipped(path: Path) -> list[Sentence]:
    """Read the members that hold tagged text, numbering the sentences through."""
    for suffix in IN_ZIP:
        found = [one for name, content in members(path, suffix) for one in _member(path, name, content)]
        if found:
            return [Sentence(one.words, one.tags, (), number) for number, one in enumerate(found, start=1)]
    raise DataError(f"no {' and no '.join(IN_ZIP)} files in it", where=str(path), cure=_CURE)


def _member(path: Path, name: str, content: bytes) -> Iterator[Sentence]:
    where = f"{path}, member {name!r}"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"not UTF-8 text: byte {error.start + 1:,} is 0x{content[error.start]:02x}",
            where=where, cure="convert it, for example: iconv -f windows-1252 -t utf-8",
        ) from error  # fmt: skip
    try:
        yield from read_penn(text.replace("\r\n", "\n"))
    except DataError as error:
        raise DataError(error.what, where=where, cure=error.cure) from error
