"""Tagged sentences in files: what a file is, and its sentences."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seqtool.data import json_lines, separated
from seqtool.data.conllu import NO_TAG, OTHERS, Block, read_conllu, tag_field
from seqtool.data.decode import Text, decode
from seqtool.data.file_kinds import is_plain_zip, refuse_markup, refuse_packed
from seqtool.data.files import read_bytes
from seqtool.data.penn import read_penn
from seqtool.data.row_names import without_row_names
from seqtool.data.slashes import PENN_ESCAPE, read_slashes, refuse_other_parts, separator_of
from seqtool.data.tag_formats import CURE, format_of
from seqtool.data.tag_objects import accepted, hold_texts, objects_of, read_tag_objects
from seqtool.data.tag_options import TagOptions
from seqtool.data.text_table import Table
from seqtool.data.word_columns import WordColumns
from seqtool.data.word_cures import named_for_task
from seqtool.data.word_names import TAGS, plain
from seqtool.data.word_tables import described, read_words, sentences_of
from seqtool.data.written_tables import naming_sheet, written_table
from seqtool.data.written_tabs import refuse_written_tabs
from seqtool.data.zipped import is_zip, members
from seqtool.errors import DataError, UsageError
from seqtool.reads import Finding, Read
from seqtool.say import printable

PENN = "xpos"  # the field of Penn's tags
# Trees before chunks: chunks do not mark where a sentence ends, and reading them finds 95 of 100 sentences of the
# treebank sample.
IN_ZIP = (".mrg", ".pos")


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


def read_tagged(path: Path, field: str = "upos", options: TagOptions | None = None) -> Read[Sentence]:
    """Read the sentences of a file; `field` names the tags of CoNLL-U, "upos" or "xpos", where there are no `options`.

    Sentences of CoNLL-U with an untagged word are left out and counted. Raises `NotFound`; `UsageError` for options
    that the file cannot obey; and `DataError` for a file without sentences or without tags of that kind, for one whose
    content does not say what it is, and for what the readers refuse.
    """
    options = options or TagOptions(field)
    options.refuse_contradictions()
    where, data = str(path), read_bytes(path, CURE)
    if (table := written_table(data, path)) is not None:
        with naming_sheet(table):
            return _of_table(table, options, where)
    if is_zip(data) and not is_plain_zip(data):
        refuse_packed(data, where)
    if is_zip(data) or path.name.lower().endswith(".zip"):
        return _zipped(data, options, where)
    text = decode(data, where, options.encoding)
    bare = without_row_names(text.text, (*separated.MARKS.values(), " "))
    read = _read(bare.text, Text(bare.text).lines(), options, where)
    if not read.records:
        raise DataError("there are no sentences in it", where=where, cure=CURE)
    return Read(read.records, (*text.findings, *text.control_characters(), *bare.findings, *read.findings))


def _read(text: str, lines: Sequence[str], options: TagOptions, where: str) -> Read[Sentence]:
    format = options.format
    if format in ("auto", *json_lines.FORMATS) and not options.separator:
        objects = json_lines.read_objects(text, where, format)
        if objects is not None:
            return _of_objects(objects, objects.table().findings, options, where)
    if format == "auto":
        refuse_written_tabs(text, where)
        refuse_markup(text, where, CURE)
        format = format_of(text, lines, options.separator, where)
    if format == "conllu":
        return _conllu(lines, options, where)
    if format == "penn":
        return _penn(text, options, where)
    if format == "slashes":
        return _slashes(lines, options, where)
    return _of_words(*read_words(text, lines, format, options, where), options)


def _of_objects(
    objects: json_lines.Objects, findings: Iterable[Finding], options: TagOptions, where: str
) -> Read[Sentence]:
    objects, rejected = (objects, []) if options.tag == "answer" else accepted(objects)
    if hold_texts(objects, options):
        read = _of_words(*sentences_of(replace(objects.table(), findings=(*findings,)), options, where), options)
        return Read(read.records, (*read.findings, *rejected))
    lists, tag, about = read_tag_objects(objects, options, where)
    return Read(_numbered(lists), (*findings, *about, *rejected, *_named_by(options, tag)))


def _of_words(
    table: Table, chosen: WordColumns, sentences: Iterable[Sequence[Sequence[str]]], options: TagOptions
) -> Read[Sentence]:
    findings = [*table.findings, described(table, chosen)]
    if table.named and not options.tag:
        tags = [name for name in table.columns if plain(name) in TAGS]
        findings += named_for_task(options.task, chosen.tag, tags)
    findings += _named_by(options, chosen.tag)
    return Read(_numbered(sentences), tuple(findings))


def _of_table(table: Table, options: TagOptions, where: str) -> Read[Sentence]:
    """Return the sentences of a table that a program wrote: a row a word, or a row a sentence of lists."""
    if (objects := objects_of(table)) is not None:
        return _of_objects(objects, table.findings, options, where)
    return _of_words(*sentences_of(table, options, where), options)


def _conllu(lines: Iterable[str], options: TagOptions, where: str) -> Read[Sentence]:
    if options.word_column not in ("", "form", "2") or options.sentence_column:
        what = "the words of CoNLL-U are its column 2, and empty lines part its sentences"
        raise UsageError(what, where=where, cure="leave --word-column and --sentence-column out")
    try:
        blocks = list(read_conllu(lines))
    except DataError as error:
        raise DataError(error.what, where=where, cure=error.cure) from error
    field = tag_field(options.field)
    if (named := tag_field(options.tag) if options.tag else field) in OTHERS:
        what = f"of CoNLL-U the columns upos and xpos are read as tags, not {named}"
        cure = f"{'--tag-column' if options.tag else '--field'} upos; or write word<TAB>{named} in a file of its own"
        raise UsageError(what, where=where, cure=cure)
    if options.tag and tag_field(options.tag) != field:
        what = f"--tag-column {printable(options.tag)} and --field {printable(field)} name two columns of CoNLL-U"
        raise UsageError(what, where=where, cure=f"--field {tag_field(options.tag)}, without --tag-column")
    return _tagged_in(field, blocks, Finding("note", "format", "read as CoNLL-U"), options, where)


def _penn(text: str, options: TagOptions, where: str) -> Read[Sentence]:
    if options.tag != PENN:
        options.refuse_columns("the file is of the Penn Treebank")
    blocks = _penn_blocks(text, where)
    return _tagged_in(options.field, blocks, Finding("note", "format", "read as Penn Treebank"), options, where)


def _penn_blocks(text: str, where: str, before: int = 0) -> list[Block]:
    """Return Penn's sentences, numbered from `before` + 1."""
    try:
        sentences = list(read_penn(text))
    except DataError as error:
        raise DataError(error.what, where=where, cure=error.cure) from error
    return [Block(words, {PENN: tags}, (), n) for n, (words, tags) in enumerate(sentences, start=before + 1)]


def _zipped(data: bytes, options: TagOptions, where: str) -> Read[Sentence]:
    if options.tag != PENN:
        options.refuse_columns("the file holds the Penn Treebank")
    for suffix in IN_ZIP:
        blocks: list[Block] = []
        findings: dict[Finding, None] = {}
        for name, content in members(data, suffix, where):
            place = f"{where}, member {name!r}"
            text = decode(content, place, options.encoding)
            findings |= dict.fromkeys(text.findings)
            blocks += _penn_blocks(text.text, place, len(blocks))
        if blocks:
            note = Finding("note", "format", f"read as Penn Treebank: the {suffix} files of a .zip")
            read = _tagged_in(options.field, blocks, note, options, where)
            return Read(read.records, (*findings, *read.findings))
    what = f"a .zip with no {' and no '.join(IN_ZIP)} files in it"
    raise DataError(what, where=where, cure=f"unpack it: unzip {shlex.quote(where)}; then {CURE}")


def _tagged_in(field: str, blocks: Sequence[Block], note: Finding, options: TagOptions, where: str) -> Read[Sentence]:
    """Return the sentences whose words all have a tag of `field`."""
    whole = tuple(
        Sentence(block.words, block.tags[field], block.number)
        for block in blocks
        if NO_TAG not in block.tags.get(field, (NO_TAG,))
    )
    if blocks and not whole:
        tagged = [name for name, tags in blocks[0].tags.items() if NO_TAG not in tags]
        option = "--tag-column" if options.tag else "--field"
        cure = f"{option} {tagged[0]}" if tagged else CURE
        raise DataError(f"no sentence is tagged in {printable(field)}", where=where, cure=cure)
    findings = [note]
    if missing := len(blocks) - len(whole):
        text = f"{missing:,} of {len(blocks):,} sentences with words that have no {field}: left out"
        findings.append(Finding("warning", "no-label", text))
    return Read(whole, tuple(findings))


def _slashes(lines: Sequence[str], options: TagOptions, where: str) -> Read[Sentence]:
    options.refuse_columns("a line holds words with their tags")
    separator = options.separator or separator_of(lines, where)[0]
    # Who names the format has seen what stands in the file.
    pairs = list(read_slashes(lines, separator, where, traces=options.format == "slashes"))
    sentences = [tuple(zip(*sentence, strict=True)) for sentence in pairs]
    if options.format != "slashes":
        refuse_other_parts(sentences, separator, where)
    findings = [Finding("note", "format", f"read as lines of word{separator}TAG"), *_named_by(options)]
    escaped = [word for words, _ in sentences for word in words if PENN_ESCAPE.search(word)]
    if escaped:
        what = f"{len(escaped):,} words are written as in the Penn Treebank, such as '{printable(escaped[0])}'"
        findings.append(Finding("note", "penn-escapes", f"{what}: kept; --format penn reads what they stand for"))
    return Read(_numbered(sentences), tuple(findings))


def _named_by(options: TagOptions, column: str = "") -> list[Finding]:
    """Return the note on what a model calls the tags, [] where that is the name of their column."""
    if options.field == column:
        return []
    return [Finding("note", "field", f"the model calls these tags {options.field}: --field gives another name")]


def _numbered(sentences: Iterable[Sequence[Sequence[str]]]) -> tuple[Sentence, ...]:
    return tuple(Sentence(tuple(words), tuple(tags), n) for n, (words, tags) in enumerate(sentences, start=1))
