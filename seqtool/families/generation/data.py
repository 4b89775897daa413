"""From a text to its three parts: cut first, encoded afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqtool.data.check import Finding
from seqtool.data.encoders.alphabet import shown
from seqtool.data.encoders.encoder import Encoder
from seqtool.data.encoders.texts import fit
from seqtool.data.folding import fold, join_lines
from seqtool.data.splits import Splits, Streams, in_time_order
from seqtool.data.text import Document, read_text
from seqtool.errors import DataError
from seqtool.families.generation.config import GenerationConfig, refuse
from seqtool.task import DataFile

LONG_LINE = 40
"""Characters from which on a line that is there twice is a copy, not chance."""
MANY = 0.01


@dataclass(frozen=True)
class TextPart:
    """A contiguous part of a text: ids [T] of its symbols."""

    ids: NDArray[np.int64]
    encoder: Encoder
    text: str

    @property
    def characters(self) -> int:
        """How many characters the part has: nats and bits a character do not depend on the vocabulary."""
        return len(self.text)

    @classmethod
    def of(cls, text: str, encoder: Encoder) -> TextPart:
        """Encode a text."""
        return cls(encoder.encode(text), encoder, text)


def read(files: Sequence[DataFile], config: GenerationConfig) -> Document:
    """Read files and make their text as plain as the configuration asks.

    Raises `DataError` or `NotFound` as `read_text` does.
    """
    document = read_text(files)
    text = fold(document.text, lower=config.lower, ascii=config.ascii)
    text = join_lines(text) if config.join_lines else text
    if not text.strip():
        raise DataError("there is no ASCII character in the text", cure="leave --ascii out")
    found = tuple(one for one in document.findings if not (config.ascii and one.code == "curly-quotes"))
    return Document(text, found)


def split(text: str, config: GenerationConfig) -> Splits[TextPart]:
    """Cut a text into validation, train and test, in this order; fit the encoder on the training text.

    The training text reaches up to the test: what it lacks of the names and words right before would be held against
    the model, not against the baselines, which know all of the text before the test.
    Raises `DataError` where a part is too short or the vocabulary cannot be, `UsageError` for too many streams.
    """
    if len(text) < 10:
        raise DataError(f"a text of {len(text)} characters is too short to learn from", cure="give a longer text")
    _, held_out, last = in_time_order(len(text), config.validation, config.test)
    first = held_out.stop - held_out.start
    cuts = (slice(first, held_out.stop), slice(0, first), last)
    encoder = fit(config.encoder, text[cuts[0]], config.vocabulary)
    refuse(config, encoder.size)
    train, validation, test = (TextPart.of(text[cut], encoder) for cut in cuts)
    parts = Splits(train, validation, test, {"encoder": encoder})
    _refuse_short(parts, config)
    return parts


def joined(splits: Splits[TextPart]) -> Splits[TextPart]:
    """Take training and validation part for training; the encoder stays."""
    whole = TextPart.of(splits.validation.text + splits.train.text, splits.train.encoder)
    return Splits(whole, splits.validation, splits.test, splits.encoders)


def _refuse_short(parts: Splits[TextPart], config: GenerationConfig) -> None:
    length = len(parts.train.ids)
    if length <= config.window:
        raise DataError(
            f"the training text of {length} symbols is shorter than one window of {config.window}",
            cure=f"give a longer text, or --window {max(1, length // 2)} or less",
        )
    Streams.of(length, config.batch, config.window)  # refuses a batch that is too large
    for name, part in (("validation", parts.validation), ("test", parts.test)):
        if len(part.ids) < 2:
            raise DataError(
                f"the {name} text of {part.characters} characters is too short to be scored",
                cure=f"give a longer text, or a larger --{name}",
            )


def check(document: Document, splits: Splits[TextPart]) -> list[Finding]:
    """Say what a person should know: unseen characters, lines that are in two parts, sizes."""
    found = [*document.findings]
    if unseen := splits.train.encoder.unseen(splits.validation.text + splits.test.text):
        said = f"validation and test have {sum(unseen.values()):,} characters that the training text has not"
        found.append(Finding("warning", "unseen-characters", f"{said}: {shown(unseen)}; the model reads them as one"))
    if copies := _copies(splits):
        found.append(copies)
    return [*found, Finding("note", "sizes", _sizes(splits))]


def _copies(splits: Splits[TextPart]) -> Finding | None:
    """Count the long lines of the test part that the parts before have too."""
    known = set(_long_lines(splits.validation.text + splits.train.text))
    lines = _long_lines(splits.test.text)
    again = sum(line in known for line in lines)
    if not again:
        return None
    share = again / len(lines)
    text = f"{again:,} of {len(lines):,} long lines of the test part ({100 * share:.1f} %) stand in the others too"
    return Finding("warning" if share > MANY else "note", "copies-across-splits", text)


def _long_lines(text: str) -> list[str]:
    return [line for line in (line.strip() for line in text.split("\n")) if len(line) >= LONG_LINE]


def _sizes(splits: Splits[TextPart]) -> str:
    encoder = splits.train.encoder
    named = {"training": splits.train, "validation": splits.validation, "test": splits.test}
    sizes = ", ".join(f"{name} {part.characters:,}" for name, part in named.items())
    characters = sum(part.characters for part in named.values())
    each = splits.train.characters / len(splits.train.ids)
    units = "" if encoder.kind == "characters" else f", {each:.2f} characters each"
    return f"{characters:,} characters ({sizes}); vocabulary: {encoder.size:,} {encoder.kind}{units}"
