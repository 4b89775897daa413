"""Texts in folders: a folder for each class, a file for each text."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from seqtool.data.decode import read_text_file
from seqtool.data.front_matter import FRONT_MATTER, without_front_matter
from seqtool.data.label_lines import Raw
from seqtool.data.label_names import bare
from seqtool.data.records import PART_WORDS
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, listing, printable

_UNLABELLED = frozenset({"unsup", "unsupervised", "unlabelled", "unlabeled", "nolabel"})  # IMDB has unsup
_OF_SYSTEMS = frozenset({"desktop.ini", "thumbs.db", "__macosx"})  # those of Windows and macOS
_HTML = re.compile(r"</(?:html|body|head|div|p)\s*>", re.IGNORECASE)  # not `<br />`, which IMDB has
SHOWN = 20  # folders in a note
_NUMBERED = re.compile(r"(.*?[^\W\d_])[-_. ()]*\d+[)]?(?:\.\w+)?")  # negative_1.txt


def read_folder(path: Path, encoding: str) -> tuple[list[Raw], list[Finding]]:
    """Return a record for each file in the folders of a folder, whose names are the labels.

    Raises `DataError` where there are no folders, folders that are parts of the data, and what a file's text raises.
    """
    where = str(path)
    folders = [inside for inside in _visible(path) if inside.is_dir()]
    if not folders:
        raise _flat(path)
    if all(folder.name.lower() in PART_WORDS for folder in folders):
        cure = " ".join(f"--data {PART_WORDS[folder.name.lower()]}={shlex.quote(str(folder))}" for folder in folders)
        raise DataError("the folders in it are parts of the data, not classes", where=where, cure=cure)
    raw: list[Raw] = []
    findings = _without_class([folder.name for folder in folders])
    counts = []
    for folder in folders:
        texts = list(read_texts(folder, encoding, findings))
        raw += [(0, (folder.name,), text) for text in texts]
        counts.append(f"{printable(folder.name)} {len(texts):,}")
    more = f" and {len(counts) - SHOWN} more" if len(counts) > SHOWN else ""
    note = f"a folder for each class, a file for each text: {', '.join(counts[:SHOWN])}{more}"
    if alone := [inside.name for inside in _visible(path) if not inside.is_dir()]:
        note += f"; not read: {listing(alone, SHOWN)}"
    return raw, [Finding("note", "format", note), *findings]


def _without_class(names: Sequence[str]) -> list[Finding]:
    """Return the warning that a folder beside classes is called as texts without a class are."""
    unlabelled = [name for name in names if bare(name) in _UNLABELLED]
    if not unlabelled or len(names) < 3:
        return []
    what = f"the folder {printable(unlabelled[0])} is read as a class: move it away if its texts have none"
    return [Finding("warning", "unlabelled-folder", what)]


def _flat(path: Path) -> DataError:
    """Return the error for a folder without folders: of a file for each text, or of files of records."""
    names = [inside.name for inside in _visible(path)]
    what = "the folder has no folders, of which each would be a class"
    classes = sorted({match[1] for name in names if (match := _NUMBERED.fullmatch(name))})
    if len(names) > len(classes) > 1:
        places = ", ".join(shlex.quote(str(path / name)) for name in classes[:SHOWN])
        return DataError(what, where=str(path), cure=f"move the files of each class into a folder of its own: {places}")
    example = shlex.quote(str(path / (names or ["FILE"])[0]))
    cure = f"name its files, such as --data {example}, or make a folder for each class"
    options = {name.partition(".")[0]: str(path / name) for name in names}
    if 1 < len(options) == len(names) <= SHOWN and not any(option.lower() in PART_WORDS for option in options):
        each = " ".join(f"--data {shlex.quote(f'{name}={place}')}" for name, place in options.items())
        cure = f"{cure}; if each file is a class: {each}"
    else:
        own = shlex.quote(f"{path.name}={path}")
        cure = f"{cure}; if each file is a text of one class among others: --data {own}"
    return DataError(what, where=str(path), cure=cure)


def read_texts(folder: Path, encoding: str, findings: list[Finding]) -> Iterator[str]:
    """Yield the text of each file in a folder that has one, in the order of their names.

    Add each finding once, by its code, and one of the files without a text.
    """
    empty: list[str] = []
    for path in _visible(folder):
        if path.is_dir():
            cure = "put the files of a class into its folder itself"
            raise DataError("a folder in the folder of a class", where=str(path), cure=cure)
        read = read_text_file(path, encoding) if path.stat().st_size else None
        text = without_front_matter(read.text, path) if read else ""  # it often names the class
        if read is None or not text.strip():
            empty.append(f"{folder.name}/{path.name}")
            continue
        known = {finding.code for finding in findings}
        for finding in (*read.findings, *_about(text, read.text)):
            if finding.code not in known:
                findings.append(Finding(finding.level, finding.code, f"{path.name} and maybe more: {finding.text}"))
        yield text
    if empty:
        text = f"{counted(len(empty), 'file')} without a text ({listing(empty, SHOWN)}): left out"
        findings.append(Finding("warning", "no-text", text))


def _about(text: str, given: str) -> Iterator[Finding]:
    """Yield what was found in a text that was made of a given one."""
    if len(text) < len(given):
        yield Finding("note", "front-matter", f"{FRONT_MATTER} was left out")
    if _HTML.search(text):
        yield Finding("warning", "html", "it holds tags of HTML, which are read as words: save the text alone")


def _visible(folder: Path) -> list[Path]:
    """Return what a person put into a folder, in the order of the names."""
    inside = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted(path for path in inside if path.name.lower() not in _OF_SYSTEMS)
