"""From a text to its three parts: cut first, encoded afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, cast

from seqtool.data.encoders.alphabet import shown
from seqtool.data.encoders.texts import Encoder, encode_whole, extended, fit
from seqtool.data.folding import fold, join_lines
from seqtool.data.splits import Sampler, Splits, Streams, in_time_order
from seqtool.data.text import Document, lines_of, read_text
from seqtool.data.text_records import TextFormat
from seqtool.errors import DataError
from seqtool.families.generation.config import GenerationConfig, refuse
from seqtool.families.generation.encoders import GenerationEncoders
from seqtool.families.generation.sizes import Facts, sized
from seqtool.families.going_on import kept, leaks, lost, replayed
from seqtool.families.sizes import of_share, told
from seqtool.reads import DataFile, Finding
from seqtool.say import counted, printable
from seqtool.task import WHOLE, Begun, Data, Earlier, Share, Task
from seqtool.types import Array

LONG_LINE = 40  # characters from which on a repeated line is a copy, not chance
MANY = 0.01  # share of copies above which they are a warning, not a note
SHOWN = 5  # names of files that a note lists
LEAST = 10  # characters of the shortest text
LONG = 50_000  # symbols from which on a held-out text is read in rows side by side
MEASURED = 100_000  # symbols of the validation text that an evaluation reads: more would take longer than the training
GOLDEN = (5**0.5 - 1) / 2  # its multiples, without their whole part, are spread evenly however many there are
PIECE = 10_000  # characters of an earlier text, of which the first are read again: as large a share as asked for


@dataclass(frozen=True)
class TextPart:
    """A contiguous part of a text: ids [T] of its symbols."""

    # left out of ==, and of the sum by which a run knows its data: both follow from the text
    ids: Array = field(compare=False)
    encoder: Encoder = field(compare=False)
    text: str

    @property
    def characters(self) -> int:
        """Count the characters: scores per character do not depend on the vocabulary."""
        return len(self.text)

    @classmethod
    def of(cls, text: str, encoder: Encoder) -> TextPart:
        """Encode a text."""
        return cls(encode_whole(encoder, text), encoder, text)

    def few(self, share: float) -> TextPart:
        """Return the first characters, a share of all."""
        return TextPart.of(self.text[: max(LEAST, round(share * len(self.text)))], self.encoder)

    @property
    def long(self) -> bool:
        """Whether a training reads the text in rows side by side, in less time a symbol than a shorter one."""
        return len(self.ids) >= LONG

    def measured(self) -> TextPart:
        """Return what an evaluation during a training reads: `MEASURED` symbols, about, or all of fewer."""
        return self if len(self.ids) <= MEASURED else self.few(MEASURED / len(self.ids))


TextSplits = Splits[TextPart, GenerationEncoders]


def load(task: Task, config: GenerationConfig, data: Data) -> TextSplits:
    """Read the files, cut contiguous parts and fit the encoder; raises as `read` and `split` do."""
    return split(read(data.files, config).text, config, data.begun, data.share)


def read(files: Sequence[DataFile], config: GenerationConfig) -> Document:
    """Read files and make their text as plain as the configuration asks; raises `DataError` or `NotFound`."""
    document = read_text(files, TextFormat(config.format, config.encoding, config.text_column))
    text = fold(document.text, lower=config.lower, ascii=config.ascii)
    if config.join_lines:
        text = join_lines(text)
    if not text.strip():
        raise DataError("there is no ASCII character in the text", cure="leave --ascii out")
    if not config.ascii:
        return Document(text, document.findings)
    # --ascii has replaced curly quotes by straight ones
    return Document(text, tuple(finding for finding in document.findings if finding.code != "curly-quotes"))


def split(text: str, config: GenerationConfig, begun: Begun | None = None, share: Share = WHOLE) -> TextSplits:
    """Cut a text into validation, training and test part, in this order; fit the encoder on the training text.

    With `begun` pieces of earlier training texts stand before the training text, and the encoder is that of that run
    with new symbols behind. Raises `DataError` where a part is too short or the vocabulary is impossible, `UsageError`
    for too many streams. `settled` has the settings that the configuration leaves to the data.
    """
    earlier = _before(begun)
    settled = of_share(sized, config, Facts(len(earlier) + len(text)), share)
    config = replace(config, **settled)
    cut = cut_text(text, config)
    training = earlier + _piece(cut.train, share)
    if begun is None:
        encoder = fit(config.encoder, training, config.vocabulary)
    else:
        encoder = extended(GenerationEncoders.from_json(begun.encoders).encoder, training, config.vocabulary)
    refuse(config, encoder.size)
    train, validation, test = (TextPart.of(part, encoder) for part in (training, cut.validation, cut.test))
    splits = Splits(train, validation, test, GenerationEncoders(encoder), settled)
    _refuse_short(splits, config)
    return splits


class Cut(NamedTuple):
    """The three parts of a text, not encoded."""

    train: str
    validation: str
    test: str


def cut_text(text: str, config: GenerationConfig) -> Cut:
    """Cut a text into validation, training and test part, in this order; raises `DataError` for a short one."""
    if len(text) < LEAST:
        raise DataError(f"a text of {len(text)} characters is too short to learn from", cure="give a longer text")
    _, held_out, last = in_time_order(len(text), config.validation, config.test)
    # The test part follows the training text, as a continuation does. With the validation text between the two, its
    # names would be new to the model, not to the baselines, which read all text before the test part: a 5-gram model
    # of tinyshakespeare has 1.65 nats a character without those 2 %, 1.56 with them.
    first = held_out.stop - held_out.start
    return Cut(text[first : held_out.stop], text[:first], text[last])


def _piece(text: str, share: Share) -> str:
    """Return a contiguous share of a text; draws of a share are spread over it, the first one ends it."""
    kept = round(share.size * len(text))
    last = len(text) - kept  # where the last piece begins
    begin = last - round(last * (share.draw * GOLDEN % 1))
    return text[begin : begin + kept]


def _before(begun: Begun | None) -> str:
    """Return the pieces of earlier training texts that are read again: some of the streams then read nothing else."""
    if begun is None or not begun.replay:
        return ""
    texts = [_earlier(run).train for run in begun.earlier]
    pieces = [text[at : at + PIECE] for text in texts for at in range(0, len(text), PIECE)]
    return "".join(piece[: round(begun.replay * len(piece))] for piece in pieces)


def _earlier(run: Earlier) -> Cut:
    config = cast("GenerationConfig", run.config)
    return cut_text(read(run.data.files, config).text, config)


def _refuse_short(splits: TextSplits, config: GenerationConfig) -> None:
    length = len(splits.train.ids)
    if length <= config.window:
        raise DataError(
            f"the training text of {length} symbols is shorter than one window of {config.window}",
            cure=f"give a longer text, or --window {max(1, length // 2)} or less",
        )
    streams(config, splits)  # refuses a batch that is too large
    for name, part in (("validation", splits.validation), ("test", splits.test)):
        if len(part.ids) < 2:
            raise DataError(
                f"the {name} text of {part.characters} characters is too short to be scored",
                cure=f"give a longer text, or a larger --{name}",
            )


def streams(config: GenerationConfig, splits: TextSplits) -> Streams:
    """Cut the training text into parallel streams; raises `UsageError` for more streams than it has room for."""
    return Streams.of(len(splits.train.ids), config.batch, config.window)


def joined(config: GenerationConfig, splits: TextSplits) -> TextSplits:
    """Return splits that train on training and validation text; the encoder stays."""
    # encoded again: a symbol of several characters may reach over the seam
    whole = TextPart.of(splits.validation.text + splits.train.text, splits.encoders.encoder)
    return Splits(whole, splits.validation, splits.test, splits.encoders)


def sampler(config: GenerationConfig, splits: TextSplits, seed: int) -> Sampler:
    """Read the chunks of the streams in order."""
    return Sampler(streams(config, splits).chunks, 1, seed, shuffled=False)


def held_out(
    task: Task, config: GenerationConfig, encoders: GenerationEncoders, files: Sequence[DataFile]
) -> tuple[TextPart, Sequence[Finding]]:
    """Read files as one text, made as plain as the training text; raises `DataError` where it is too short."""
    document = read(files, config)
    part = TextPart.of(document.text, encoders.encoder)
    if len(part.ids) < 2:
        raise DataError("the text is too short to be scored", where=Data(tuple(files)).name, cure="give a longer text")
    return part, document.findings


encoders_from_json = GenerationEncoders.from_json


def limits(config: GenerationConfig) -> dict[str, int]:
    """Return the limits of a file: characters of a prompt, symbols of a continuation."""
    return {"prompt": 1_000_000, "generated": 1_000_000}


def check(task: Task, config: GenerationConfig, data: Data) -> list[Finding]:
    """Return findings about the data: unseen characters, lines that stand in two parts, sizes."""
    document = read(data.files, config)
    splits = split(document.text, config, data.begun)
    follows, config = bool(config.from_data), replace(config, **splits.settled)
    begun = _begun(config, document.text, splits, data.begun)
    sizes = [_from_data(config, splits)] if follows else []
    return [*_of_folders(data), *findings(document, splits), *begun, *sizes]


def _from_data(config: GenerationConfig, splits: TextSplits) -> Finding:
    characters = sum(part.characters for part in (splits.train, splits.validation, splits.test))
    settings = f"{config.layers} x {config.hidden}, batch {config.batch}, window {config.window}"
    return told(counted(characters, "character"), settings, config.steps(sampler(config, splits, 0).steps))


def _begun(config: GenerationConfig, text: str, splits: TextSplits, begun: Begun | None) -> list[Finding]:
    """Return what is found where a training begins with a run: lines held out on one side, symbols kept and new."""
    if begun is None:
        return []
    result, encoder = lost(begun), splits.encoders.encoder
    now = _lines(cut_text(text, config))
    for run in begun.earlier:
        cut = _earlier(run)
        result += leaks(run.name, now, _lines(cut), "long lines")
        if begun.replay:
            result.append(replayed(run.name, f"{begun.replay:.0%} of {len(cut.train):,} training characters"))
    before = GenerationEncoders.from_json(begun.encoders).encoder
    noun = "pieces" if encoder.kind == "sentencepiece" else encoder.kind
    return [*result, kept(begun, {noun: (before, encoder)}, config.vocabulary)]


def _of_folders(data: Data) -> list[Finding]:
    """Return the notes on several files, and on what stands beside them and is not read."""
    notes = []
    if len(data.files) > 1:
        first, last = (printable(file.path.name) for file in (data.files[0], data.files[-1]))
        text = f"{len(data.files):,} files, one behind the other, from {first} to {last}"
        notes.append(Finding("note", "files", text))
    if data.left_out:
        shown = ", ".join(map(printable, data.left_out[:SHOWN])) + (", ..." if len(data.left_out) > SHOWN else "")
        text = counted(len(data.left_out), "other in the folder is", "others in the folder are") + f" not read: {shown}"
        notes.append(Finding("note", "left-out", text))
    return notes


def findings(document: Document, splits: TextSplits) -> list[Finding]:
    """Return the findings of a document and of its parts."""
    result = [*document.findings]
    if unseen := splits.encoders.encoder.unseen(splits.validation.text + splits.test.text):
        text = f"validation and test have {sum(unseen.values()):,} characters that the training text has not"
        result.append(Finding("warning", "unseen-characters", f"{text}: {shown(unseen)}; the model reads them as one"))
    lines = list(_long_lines(splits.test.text))
    here = set(lines)
    # of the other parts those lines alone are kept: all lines take twice the memory of the text
    before = splits.validation.text + splits.train.text
    others = {line for line in _long_lines(before) if line in here}
    if copies := sum(line in others for line in lines):
        share = copies / len(lines)
        text = f"{copies:,} of {len(lines):,} long lines of the test part ({100 * share:.1f} %) stand in the others too"
        result.append(Finding("warning" if share > MANY else "note", "copies-across-splits", text))
    if len(splits.validation.ids) > MEASURED:
        read = f"the first {splits.validation.measured().characters:,} characters of the validation part"
        result.append(Finding("note", "evaluations", f"evaluations read {read}, the score at the end all of it"))
    return [*result, Finding("note", "sizes", _sizes(splits))]


def _lines(cut: Cut) -> tuple[list[str], list[str]]:
    """Return the long lines that are trained on, and those that are held out."""
    return [*_long_lines(cut.train)], [*_long_lines(cut.validation), *_long_lines(cut.test)]


def _long_lines(text: str) -> Iterator[str]:
    return (line for line in map(str.strip, lines_of(text)) if len(line) >= LONG_LINE)


def _sizes(splits: TextSplits) -> str:
    encoder = splits.encoders.encoder
    parts = {"training": splits.train, "validation": splits.validation, "test": splits.test}
    sizes = ", ".join(f"{name} {part.characters:,}" for name, part in parts.items())
    characters = sum(part.characters for part in parts.values())
    mean = splits.train.characters / len(splits.train.ids)
    units = "" if encoder.kind == "characters" else f", {mean:.2f} characters each"
    return f"{characters:,} characters ({sizes}); vocabulary: {encoder.size:,} {encoder.kind}{units}"
