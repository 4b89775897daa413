"""Tagged sentences in files: CoNLL-U, Penn trees, word/TAG, plain or in a .zip."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from seqtool.data.conllu import NO_TAG, Block, read_conllu
from seqtool.data.files import read_bytes, read_lines
from seqtool.data.penn import is_bracketed, read_penn
from seqtool.errors import DataError
from seqtool.task import Finding, Read

PENN = "xpos"  # the field of Penn's tags
# Trees before chunks: chunks do not mark where a sentence ends, and reading them finds 95 of 100 sentences of the
# treebank sample.
IN_ZIP = (".mrg", ".pos")
MOST_MEMBERS = 20_000
MOST_BYTES = 256 << 20  # of all members read, inflated
_CURE = "give CoNLL-U, or word/TAG with one sentence a line"
_ZIP_CURE = "give a .zip file that is whole and has no password, or the files in it"


@dataclass(frozen=True)
class Sentence:
    """The words of a sentence and a tag for each; `number` counts the sentences of its file from 1, 0: unknown."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    number: int = 0

    def __post_init__(self) -> None:
        # a plugin's reader may give lists; copies are found by their words, which must then be hashable
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "tags", tuple(self.tags))


def read_tagged(path: Path, field: str) -> Read[Sentence]:
    """Read the sentences of a file with their tags of `field` ("upos" or "xpos").

    Sentences with an untagged word are left out and counted. Raises `NotFound`, and `DataError` for a file without
    sentences or without tags of that kind, and for what the readers refuse.
    """
    findings: tuple[Finding, ...] = ()
    if path.name.lower().endswith(".zip"):
        blocks = _zipped(path)
    else:
        lines = read_lines(path)
        blocks, findings = _blocks(lines.records, str(path)), lines.findings
    if not blocks:
        raise DataError("there are no sentences in it", where=str(path), cure=_CURE)
    whole = tuple(
        Sentence(block.words, block.tags[field], block.number)
        for block in blocks
        if NO_TAG not in block.tags.get(field, (NO_TAG,))
    )
    if not whole:
        tagged = [name for name, tags in blocks[0].tags.items() if NO_TAG not in tags]
        cure = f"--field {tagged[0]}" if tagged else _CURE
        raise DataError(f"no sentence is tagged in {field}", where=str(path), cure=cure)
    if missing := len(blocks) - len(whole):
        text = f"{missing:,} of {len(blocks):,} sentences with words that have no {field}: left out"
        findings = (*findings, Finding("warning", "no-label", text))
    return Read(whole, findings)


def _blocks(lines: Sequence[str], where: str) -> list[Block]:
    first = next((line for line in lines if line.strip() and not line.startswith("# ")), "")
    try:
        if "\t" in first and not is_bracketed(first):
            return list(read_conllu(lines))
        return list(_penn("\n".join(lines))) if first else []
    except DataError as error:
        raise DataError(error.what, where=where, cure=error.cure) from error


def _penn(text: str, before: int = 0) -> Iterator[Block]:
    """Yield Penn's sentences, numbered from `before` + 1."""
    for number, (words, tags) in enumerate(read_penn(text), start=before + 1):
        yield Block(words, {PENN: tags}, (), number)


def _zipped(path: Path) -> list[Block]:
    for suffix in IN_ZIP:
        blocks: list[Block] = []
        for name, content in _members(path, suffix):
            blocks += _member(f"{path}, member {name!r}", content, len(blocks))
        if blocks:
            return blocks
    raise DataError(f"no {' and no '.join(IN_ZIP)} files in it", where=str(path), cure=_CURE)


def _member(where: str, content: bytes, before: int) -> list[Block]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"not UTF-8 text: byte {error.start + 1:,} is 0x{content[error.start]:02x}"
        raise DataError(what, where=where, cure="convert it, for example: iconv -f windows-1252 -t utf-8") from error
    try:
        return list(_penn(text.replace("\r\n", "\n"), before))
    except DataError as error:
        raise DataError(error.what, where=where, cure=error.cure) from error


def _members(path: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the members whose names end in `suffix`, ordered by name, without any README."""
    # streamed: nothing is unpacked, so a path in the archive that leads out of it does no harm
    left = MOST_BYTES
    with _opened(path) as archive:
        names = archive.infolist()
        if len(names) > MOST_MEMBERS:
            raise DataError(f"more than {MOST_MEMBERS:,} files in a .zip", where=str(path), cure=_ZIP_CURE)
        for info in sorted(names, key=lambda info: info.filename):
            name = PurePosixPath(info.filename).name
            if name.endswith(suffix) and not name.startswith("README"):
                content = _content(archive, info, left, path)
                left -= len(content)
                yield info.filename, content


def _opened(path: Path) -> zipfile.ZipFile:
    # zipfile has many words for damage; NotImplementedError is a form of archive that it lacks
    try:
        return zipfile.ZipFile(io.BytesIO(read_bytes(path, _ZIP_CURE)))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DataError(f"a damaged .zip file: {error}", where=str(path), cure=_ZIP_CURE) from error


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, path: Path) -> bytes:
    where = f"{path}, member {info.filename!r}"
    if info.flag_bits & 1:
        raise DataError("the .zip file is encrypted", where=where, cure=_ZIP_CURE)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError("the .zip file is compressed in an unusual way", where=where, cure="zip it with deflate")
    # beside zipfile's own words those of the inflater, and of a place in the archive that cannot be
    try:
        with archive.open(info) as stream:
            content = stream.read(most + 1)  # what a member declares may be a lie
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise DataError(f"a damaged .zip file: {error or 'it is cut short'}", where=where, cure=_ZIP_CURE) from error
    if len(content) > most:
        raise DataError(f"the .zip file holds more than {MOST_BYTES >> 20} MiB", where=where, cure=_ZIP_CURE)
    return content
