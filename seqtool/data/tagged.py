"""Tagged sentences in files: what a file is, and its sentences."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from seqtool.data import json_lines, separated
from seqtool.data.conllu import FIELDS, NO_TAG, OTHERS, Block, read_conllu, tag_field
from seqtool.data.decode import Text, decode
from seqtool.data.file_kinds import is_plain_zip, refuse_markup, refuse_packed
from seqtool.data.files import read_bytes
from seqtool.data.penn import read_penn
from seqtool.data.row_names import without_row_names
from seqtool.data.slashes import PENN_ESCAPE, read_slashes, refuse_other_parts, separator_of
from seqtool.data.tag_formats import CURE, format_of
from seqtool.data.tag_objects import accepted, hold_texts, objects_of, read_tag_objects
from seqtool.data.tag_options import UNNAMED, TagOptions, refuse_twice
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
    """The words of a sentence and a tag for each; `number` counts the sentences of its file from 1, 0: unknown.

    more: name -> the tags of another kind, where a tagger learns several. called: what the file calls the tags, ""
    where it does not.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    number: int = 0
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    called: str = ""

    def __post_init__(self) -> None:
        # a plugin's reader may give lists; copies are found by their words, which must then be hashable
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "tags", tuple(self.tags))
        if self.more:
            object.__setattr__(self, "more", {name: tuple(tags) for name, tags in self.more.items()})


def read_tagged(path: Path, field: str = "", options: TagOptions | None = None) -> Read[Sentence]:
    """Read the sentences of a file; `field` names the tags of CoNLL-U where there are no `options`; "" for upos.

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
    objects, rejected = (objects, []) if "answer" in options.tag_column else accepted(objects)
    if hold_texts(objects, options):
        read = _of_words(*sentences_of(replace(objects.table(), findings=(*findings,)), options, where), options)
        return Read(read.records, (*read.findings, *rejected))
    lists, tags, about = read_tag_objects(objects, options, where)
    return Read(_numbered(lists, options, tags[0]), (*findings, *about, *rejected, *_named_by(options, tags)))


def _of_words(
    table: Table, chosen: WordColumns, sentences: Iterable[Sequence[Sequence[str]]], options: TagOptions
) -> Read[Sentence]:
    findings = [*table.findings, described(table, chosen)]
    if table.named and not options.tag_column:
        tags = [name for name in table.columns if plain(name) in TAGS]
        findings += named_for_task(options.task, chosen.tags[0], tags)
    columns = chosen.tags if table.named else options.tag_column
    findings += _named_by(options, columns)
    return Read(_numbered(sentences, options, chosen.tags[0] if table.named else ""), tuple(findings))


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
    fields = tuple(map(tag_field, _or_usual(options.fields, "upos")))
    columns = tuple(map(tag_field, options.tag_column)) or fields
    option = "--tag-column" if options.tag_column else "--field"
    if others := [name for name in columns if name in OTHERS]:
        what = f"of CoNLL-U the columns upos and xpos are read as tags, not {others[0]}"
        cure = f"{option} upos; or write word<TAB>{others[0]} in a file of its own"
        raise UsageError(what, where=where, cure=cure)
    # any other name is one that the model gives the column
    named = zip(map(tag_field, options.fields), columns, strict=True)
    if any(field in FIELDS and field != column for field, column in named):
        given, names = (printable(",".join(some)) for some in (options.tag_column, fields))
        what = f"--tag-column {given} and --field {names} name two columns of CoNLL-U"
        cure = f"--tag-column {','.join(columns)}, without --field"
        cure = cure if len(columns) > 1 else f"--field {columns[0]}, without --tag-column"
        raise UsageError(what, where=where, cure=cure)
    refuse_twice(option, columns, where)
    return _tagged_in(columns, blocks, Finding("note", "format", "read as CoNLL-U"), options, where)


def _penn(text: str, options: TagOptions, where: str) -> Read[Sentence]:
    if options.tag_column != (PENN,):
        options.refuse_columns("the file is of the Penn Treebank")
    blocks, fields = _penn_blocks(text, where), _or_usual(options.fields, PENN)
    return _tagged_in(fields, blocks, Finding("note", "format", "read as Penn Treebank"), options, where)


def _penn_blocks(text: str, where: str, before: int = 0) -> list[Block]:
    """Return Penn's sentences, numbered from `before` + 1."""
    try:
        sentences = list(read_penn(text))
    except DataError as error:
        raise DataError(error.what, where=where, cure=error.cure) from error
    return [Block(words, {PENN: tags}, (), n) for n, (words, tags) in enumerate(sentences, start=before + 1)]


def _zipped(data: bytes, options: TagOptions, where: str) -> Read[Sentence]:
    if options.tag_column != (PENN,):
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
            read = _tagged_in(_or_usual(options.fields, PENN), blocks, note, options, where)
            return Read(read.records, (*findings, *read.findings))
    what = f"a .zip with no {' and no '.join(IN_ZIP)} files in it"
    raise DataError(what, where=where, cure=f"unpack it: unzip {shlex.quote(where)}; then {CURE}")


def _or_usual(fields: tuple[str, ...], usual: str) -> tuple[str, ...]:
    """Return fields of which the first is the usual one of a format, where nobody names it."""
    first, *others = fields
    return (usual if first in ("", UNNAMED) else first, *others)


def _tagged_in(
    fields: Sequence[str], blocks: Sequence[Block], note: Finding, options: TagOptions, where: str
) -> Read[Sentence]:
    """Return the sentences whose words all have a tag of each of some fields."""
    tagged = {name: [NO_TAG not in block.tags.get(name, (NO_TAG,)) for block in blocks] for name in fields}
    whole = [block for block, *has in zip(blocks, *tagged.values(), strict=True) if all(has)]
    if blocks and not whole:
        has = [name for name, tags in blocks[0].tags.items() if NO_TAG not in tags]
        asked = [name for field in fields for name in field.split(",") if name in has]
        # a name that is no column's is the model's own, and stays
        own = options.tag_column or len(asked) > 1 or fields[0] not in FIELDS
        option = "--tag-column" if own else "--field"
        every = f" (it has {' and '.join(has)})" if len(has) > 1 else ""
        cure = f"{option} {','.join(asked or has[:1])}{every}" if has else CURE
        lacking = [name for name in fields if not any(tagged[name])] or [" and ".join(fields)]
        raise DataError(f"no sentence is tagged in {printable(lacking[0])}", where=where, cure=cure)
    findings = [note]
    if missing := len(blocks) - len(whole):
        text = f"{missing:,} of {len(blocks):,} sentences with words that have no {' or no '.join(fields)}: left out"
        findings.append(Finding("warning", "no-label", text))
    lists = ([block.words, *(block.tags[name] for name in fields)] for block in whole)
    numbers = (block.number for block in whole)
    return Read(_sentences(lists, numbers, options, fields[0]), tuple(findings))


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
    return Read(_numbered(sentences, options), tuple(findings))


def _named_by(options: TagOptions, columns: tuple[str, ...] = ()) -> list[Finding]:
    """Return the note on what a model calls the tags, [] where that is the names of their columns."""
    if not any(options.fields):
        return []
    first, *others = options.fields
    names = (first or columns[0], *others)
    if names == columns:
        return []
    text = f"the model calls these tags {', '.join(names)}: --field gives another name"
    return [Finding("note", "field", text)]


def _numbered(lists: Iterable[Sequence[Sequence[str]]], options: TagOptions, called: str = "") -> tuple[Sentence, ...]:
    return _sentences(lists, itertools.count(1), options, called)


def _sentences(
    lists: Iterable[Sequence[Sequence[str]]], numbers: Iterable[int], options: TagOptions, called: str
) -> tuple[Sentence, ...]:
    """Return sentences of lists: the words of each, and its tags of each field, the first `called` so in the file."""
    names = options.fields[1:]
    return tuple(
        Sentence(tuple(words), tuple(tags), number, dict(zip(names, map(tuple, others), strict=True)), called)
        for (words, tags, *others), number in zip(lists, numbers, strict=False)
    )
