"""Every reader of files that others write, with good files of its kinds, and a seeded mutation of them."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openpyxl
import polars

from seqtool import runs
from seqtool.data.encoders import texts
from seqtool.data.encoders.sentencepiece import SentencePiece
from seqtool.data.labelled import read_labelled
from seqtool.data.markup import reader_of
from seqtool.data.markup.flows import written
from seqtool.data.pair_table import PairFormat
from seqtool.data.pair_table import read_table as read_pairs
from seqtool.data.tables import read_series, read_table
from seqtool.data.tagged import read_tagged
from seqtool.data.text import read_text
from seqtool.data.text_records import TextFormat
from seqtool.data.token_vectors import TokenVectors
from seqtool.data.word_vectors import read_word_vectors
from seqtool.errors import SeqtoolError
from seqtool.modelfile.manifest import Manifest
from seqtool.reads import DataFile
from seqtool.runtime.state import Stream, read_stream, write_stream
from seqtool.training import checkpoint

GOLDEN = Path(__file__).parent / "golden"
TINY = Path(__file__).parent / "models" / "tiny-forecast.onnx"
DAYS = [f"2024-01-{day:02d}" for day in range(1, 29)]
ZEROS = {"state_h": np.zeros((1, 1, 4), np.float32)}
CONLLU = "".join(
    f"# text = go {n}\n1\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n2\tnow\tnow\tADV\tRB\t_\t1\t_\t_\t_\n\n" for n in range(4)
)
TREES = "( (S (NP (DT the) (NN cat)) (VP (VBZ sits))) )\n" * 4
TMX = (
    '<?xml version="1.0"?><tmx version="1.4"><header srclang="de"/><body>'
    + "".join(
        f'<tu><tuv xml:lang="de"><seg>Hund {n}</seg></tuv><tuv xml:lang="en"><seg>dog <b>{n}</b></seg></tuv></tu>'
        for n in range(5)
    )
    + "</body></tmx>"
)
MARKDOWN = """# A title

Some *words*, `code` and [a link](http://a.b/c).

- one
- two

| a | b |
|---|---|
| 1 | 2 |

```
x = 1
```
<b>html</b>
"""
HTML = (
    "<!doctype html><html><head><title>A</title><script>x<1</script></head>"
    "<body><p>Some <b>bold</b> &amp; more<br/><!-- no --></p></body></html>"
)
SRT = "1\n00:00:01,000 --> 00:00:02,000\nSome words\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>and</i> more\n"
PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b'"', b"'", b"\\", b"\\ud800", b"{",
    b"[", b"(", b"]}", b"<", b">", b"<!--", b"&#x110000;", b"\t", b"\r", b"\n\n", b";", b",", b"|", b"e999",
    b"9" * 400, b"9" * 5000, b"NaN", b"-", b"Infinity", b"1e309", b"0000-00-00", b"9999-12-31", b"\xe2\x80\xa8",
    b"\x1b[31m", b"[" * 3000, b"<a>" * 500, b"*" * 200, b"`" * 50, b"> " * 200, b"\xcc\x81" * 100, b"\xd9\xa3",
)  # fmt: skip


class Fuzzed(NamedTuple):
    """A reader: good files, and what reads a file. slow: it starts a process for each file."""

    good: list[bytes]
    read: Callable[[Path], object]
    slow: bool = False


def mutated(good: list[bytes], dice: random.Random) -> bytes:
    """Return one of the files with some bytes changed, left out, doubled, moved or put in."""
    data = bytearray(dice.choice(good))
    for _ in range(dice.choice((1, 1, 2, 4, 8))):
        first, length = dice.randrange(len(data) + 1), dice.choice((1, 1, 2, 8, 64, 512))
        match dice.randrange(6):
            case 0 if data:
                data[dice.randrange(len(data))] = dice.choice((dice.randrange(256), 0, 127, 255))
            case 1:
                del data[first : first + length]
            case 2:
                data[first:first] = data[first : first + length] * dice.choice((1, 2, 20))
            case 3:
                data[first:first] = dice.choice(PIECES)
            case 4:
                del data[first:]
            case _:
                lines = data.split(b"\n")
                dice.shuffle(lines)
                data = bytearray(b"\n".join(lines))
    return bytes(data)


def table(text: str) -> list[bytes]:
    return [
        text.encode(),
        text.replace(",", "\t").encode(),
        text.replace(",", ";").encode("utf-16"),
        gzip.compress(text.encode()),
    ]


def series(path: Path) -> object:
    return read_series([DataFile(path)])


def markup(kind: str) -> Callable[[Path], object]:
    def read(path: Path) -> object:
        text = path.read_bytes().decode("utf-8", "replace")
        flows = reader_of(kind)(text)
        assert written(text, {}) == text, "a document whose texts stay is another one"
        return flows

    return read


def packed(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def array(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


def in_run(name: str, read: Callable[[Path], object]) -> Callable[[Path], object]:
    """Read a file as that of its name in a run folder."""

    def inner(path: Path) -> object:
        folder = path.parent / "run"
        folder.mkdir(exist_ok=True)
        (folder / name).unlink(missing_ok=True)
        path.rename(folder / name)
        return read(folder)

    return inner


def vectors_of_run(path: Path) -> object:
    try:
        return TokenVectors.from_bytes(path.read_bytes())
    except ValueError as error:  # what it promises to whom it serves
        raise SeqtoolError(str(error)) from error


def pieces(path: Path) -> object:
    encoder = texts.from_json(json.loads(path.read_bytes().decode("utf-8", "replace")))
    return encoder.decode(encoder.encode("the cat"))


def json_pieces(path: Path) -> object:
    try:
        return pieces(path)
    except (ValueError, RecursionError) as error:  # who reads a model file finds both in its manifest
        raise SeqtoolError(str(error)) from error


def all_readers(folder: Path) -> Iterator[tuple[str, Fuzzed]]:
    """Yield the readers by name; folder: for files that are written to be read."""
    rows = "Date,Close,Open\n" + "".join(f"{day},{n}.5,{n}\n" for n, day in enumerate(DAYS))
    yield "table", Fuzzed([*table(rows)], series)
    objects = "".join(f'{{"Date": "{day}", "Close": {n}.5}}\n' for n, day in enumerate(DAYS))
    yield (
        "JSON table",
        Fuzzed([objects.encode(), f"[{','.join(objects.splitlines())}]".encode(), b"[1, 2.5, null, 4]"], series),
    )
    labelled = "text,label\n" + "".join(f'"a film, of {n}",{"good" if n % 2 else "bad"}\n' for n in range(12))
    fasttext = "".join(f"__label__{'ab'[n % 2]} some text {n}\n" for n in range(12))
    lines = "".join(f'{{"text": "film {n}", "label": "{"ab"[n % 2]}"}}\n' for n in range(12))
    yield "labelled", Fuzzed([*table(labelled), fasttext.encode(), lines.encode()], read_labelled)
    slashes = "The/DT cat/NN sits/VBZ ./.\n" * 5
    words = "EU\tB-ORG\nrejects\tO\n\nGerman\tB-MISC\ncall\tO\n\n" * 3
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("a.mrg", TREES)
    tagged = [CONLLU.encode(), TREES.encode(), slashes.encode(), words.encode(), archive.getvalue()]
    yield "tagged", Fuzzed(tagged, read_tagged)
    pairs = "".join(f"Hund {n}\tdog {n}\n" for n in range(8))
    records = "".join(f'{{"translation": {{"de": "Hund {n}", "en": "dog {n}"}}}}\n' for n in range(8))
    yield "pairs", Fuzzed([pairs.encode(), records.encode()], lambda path: read_pairs(path, PairFormat()))
    yield "TMX", Fuzzed([TMX.encode(), TMX.encode("utf-16")], lambda path: read_pairs(path, PairFormat()))
    book = "---\ntitle: x\n---\nOnce upon a time.\n" + "She went on.\n" * 20
    yield "text", Fuzzed([book.encode(), lines.encode()], lambda path: read_text([DataFile(path)], TextFormat()))
    yield "NumPy", Fuzzed([array(np.ones((30, 2))), array(np.arange(40))], read_table)
    write_stream(folder / "state", Stream(ZEROS, "2024-01-01T00:00:00"), "ab")
    yield "state", Fuzzed([(folder / "state").read_bytes()], lambda path: read_stream(path, ZEROS, "ab"))
    yield "vectors of a run", Fuzzed([packed(ids=np.arange(3), values=np.ones((3, 4), np.float32))], vectors_of_run)
    glove = "".join(f"word{n} 0.1 -0.25 {n}.5\n" for n in range(20))
    vectors = [glove.encode(), f"20 3\n{glove}".encode(), gzip.compress(glove.encode())]
    yield "word vectors", Fuzzed(vectors, lambda path: read_word_vectors(path, ["word1", "word2"]))
    yield "SRT", Fuzzed([SRT.encode()], markup("srt"))
    yield "VTT", Fuzzed([b"WEBVTT\n\n" + SRT.replace(",0", ".0").encode()], markup("vtt"))
    yield "HTML", Fuzzed([HTML.encode()], markup("html"))
    yield "Markdown", Fuzzed([MARKDOWN.encode()], markup("markdown"))
    manifest = TINY.read_bytes()
    manifest = manifest[manifest.index(b'{"') :].rpartition(b"}")[0] + b"}"
    yield "manifest", Fuzzed([manifest], lambda path: Manifest.from_json(path.read_bytes().decode("utf-8", "replace")))
    model = json.dumps(SentencePiece.fit("the cat sat on the mat and the dog ran to the cat " * 20, 300).to_json())
    yield "sentencepiece", Fuzzed([model.encode()], json_pieces)
    data = {"source": "", "sample": True, "paths": [], "files": []}
    record = {"task": "sine", "family": "forecasting", "seed": 0, "device": "cpu", "threads": 1, "data": data}
    yield "run.json", Fuzzed([json.dumps(record).encode()], in_run("run.json", runs.read_run))
    metrics = "".join(f'{{"step": {n}, "train_loss": 0.5, "loss": 0.{n}}}\n' for n in range(1, 9))
    yield "metrics", Fuzzed([metrics.encode()], in_run("metrics.jsonl", runs.read_metrics))
    yield (
        "checkpoint index",
        Fuzzed([b'{"best": 3, "last": 6, "kept": [3, 6]}'], in_run("index.json", checkpoint.index)),
    )
    stream = io.BytesIO()
    polars.DataFrame({"Date": DAYS, "Close": [float(n) for n in range(28)]}).write_parquet(stream)
    yield "Parquet", Fuzzed([stream.getvalue()], series, slow=True)
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in [("Date", "Close"), *[(day, n) for n, day in enumerate(DAYS)]]:
        book.active.append(row)
    book.save(stream)
    yield "Excel", Fuzzed([stream.getvalue()], series, slow=True)
