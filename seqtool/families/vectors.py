"""Vectors of words from a file, `--vectors`: which tokens get one, what is said of them, and what a run keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seqtool.data.decode import read_lines
from seqtool.data.part_sums import part_sum
from seqtool.data.token_vectors import TokenVectors
from seqtool.data.word_vectors import CURE, WordVectors, read_word_vectors
from seqtool.errors import DataError, SeqtoolError, UsageError
from seqtool.families.choose import checksum
from seqtool.families.vector_options import WithVectors
from seqtool.paths import write_bytes
from seqtool.reads import Finding
from seqtool.runs import read_json, read_run
from seqtool.say import counted, printable
from seqtool.types import Json, Singles

FILE = "vectors.npz"
"""What a run keeps for its first step and that of its refit, beside its encoders."""
MOST_KEPT = 200_000
"""Words of `--keep-words` that get a vector: as many as the largest vocabulary."""
MANY = 0.5
"""Share of the places of the training part whose words have a vector: less is worth a warning."""


SMALLEST, LARGEST = 1e-4, 100.0
"""Root mean squares of vectors that can be learnt from."""


class Kept(NamedTuple):
    """The words of `--keep-words`, as a vocabulary has them, and the file."""

    words: tuple[str, ...] = ()
    path: Path | None = None


NONE = Kept()


def kept_words(config: WithVectors, tokens: Callable[[str], Iterable[str]]) -> Kept:
    """Read `--keep-words`; tokens: from a word to what the vocabulary has of it.

    Raises `NotFound`, and `DataError` for a file that has no words, or several in a line.
    """
    if not config.keep_words:
        return NONE
    path = Path(config.keep_words)
    lines = [line.strip() for line in read_lines(path).records]
    several = next((number for number, line in enumerate(lines, start=1) if len(line.split()) > 1), 0)
    if several or not any(lines):
        what = f"line {several:,} holds several words" if several else "there are no words in it"
        raise DataError(what, where=str(path), cure="a file for --keep-words holds one word a line")
    return Kept(tuple(dict.fromkeys(token for line in lines if line for token in tokens(line))), path)


def vocabulary(
    config: WithVectors, counts: Counter[str], size: int, at_least: int, kept: Kept
) -> tuple[tuple[str, ...], TokenVectors]:
    """Return the words of a vocabulary, those of the training part first, and the vectors that a file has of them.

    counts: the words of the training part. At most `size` of them: those that occur `at_least` times, and rarer ones
    that have a vector. Raises what `read_word_vectors` raises, and `DataError` where no word has a vector.
    """
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    often = [word for word in ordered if counts[word] >= at_least][:size]
    rare = ordered[len(often) :] if len(often) < size else []
    known = set(often)
    more = [word for word in kept.words if word not in known]
    file = read_word_vectors(Path(config.vectors), (*often, *rare, *more))
    words = (often + [word for word in rare if file.row(word) is not None])[:size]
    known = set(words)
    words += [word for word in more if file.row(word) is not None and word not in known]
    if len(words) > len(known) + MOST_KEPT:
        what = f"{len(words) - len(known):,} words of --keep-words would get a vector, more than {MOST_KEPT:,}"
        raise UsageError(what, where=str(kept.path), cure="keep fewer words")
    return tuple(words), of_tokens(config, file, words, counts, kept)


def of_tokens(
    config: WithVectors, file: WordVectors, tokens: Sequence[str], counts: Counter[str], kept: Kept = NONE,
    *, first: int = 2, unit: str = "words",
) -> TokenVectors:  # fmt: skip
    """Return the vectors that a file has of the tokens of a vocabulary, whose ids begin with `first`.

    Raises `DataError` where it has none, and `UsageError` where its vectors are not of the size asked for.
    """
    path = Path(config.vectors)
    if config.embedding not in (0, file.width):
        what = f"the vectors have {file.width:,} numbers, and --embedding says {config.embedding:,}"
        raise UsageError(what, where=str(path), cure="leave --embedding out: it is that of the vectors")
    rows = {place: row for place, token in enumerate(tokens) if (row := file.row(token)) is not None}
    found = [tokens[place] for place in rows if tokens[place] in counts]
    if not found:
        what = f"none of the {unit} of the training part has a vector"
        raise DataError(what, where=str(path), cure=f"give vectors of the language of the data; {CURE}")
    facts: Json = {
        "name": path.name, "sha256": file.sha256, "width": file.width, "unit": unit,
        "words": len(counts), "found": len(found),
        "places": counts.total(), "places_found": sum(counts[token] for token in found),
    }  # fmt: skip
    if kept.path is not None:
        had = sum(file.row(word) is not None for word in kept.words)
        facts["keep"] = {
            "name": kept.path.name, "sha256": checksum(kept.path), "words": len(kept.words), "found": had
        }  # fmt: skip
    values = file.values[[*rows.values()]]
    findings = (coverage(facts), *_scale(file, values), *(_capitals(file) if config.lower else ()), *file.findings)
    return TokenVectors(np.array([*rows], dtype=np.int64) + first, values, facts, findings)


def coverage(facts: Json) -> Finding:
    """Say how many words of the training part have a vector."""
    share = facts["places_found"] / facts["places"]
    text = in_words(facts) + ("; the others begin at random, scaled alike" if facts["found"] < facts["words"] else "")
    return Finding("note" if share >= MANY else "warning", "vectors", text)


def in_words(facts: Json) -> str:
    """Return what a run or a model file says of its vectors; raises for what is none of that."""
    name, unit = printable(str(facts["name"])), facts["unit"]
    shares = f"{100 * facts['found'] / facts['words']:.1f} %; {100 * facts['places_found'] / facts['places']:.1f} %"
    has = "has" if facts["found"] == 1 else "have"
    text = (
        f"{name}: {facts['found']:,} of {facts['words']:,} {unit} of the training part {has} a vector of "
        f"{counted(facts['width'], 'number')} ({shares} of its places)"
    )
    if (keep := facts.get("keep")) is not None:
        text += f", and {keep['found']:,} of {keep['words']:,} words of {printable(str(keep['name']))}"
    return text


def _scale(file: WordVectors, values: Singles) -> list[Finding]:
    """Warn of vectors that a network can do nothing with: all zero, or of another scale than any that were trained."""
    size = float(np.sqrt(np.square(values, dtype=np.float64).mean()))
    if SMALLEST <= size <= LARGEST:
        return []
    what = f"{printable(file.name)}: the numbers have a root mean square of {size:.3g}, and usual vectors one near 0.3"
    return [Finding("warning", "vectors-scale", f"{what}: nothing is learnt from them, or the training diverges")]


def _capitals(file: WordVectors) -> list[Finding]:
    if not file.capitals:
        return []
    stand = "stands" if file.capitals == 1 else "stand"
    what = f"{counted(file.capitals, 'other word')} {stand} there with capitals alone"
    return [Finding("note", "vectors-capitals", f"{printable(file.name)}: {what}: --no-lower reads words as written")]


def settled(vectors: TokenVectors | None) -> dict[str, Any]:
    """Return the settings that vectors settle: their size, and names without the folders of this machine."""
    if vectors is None or not vectors.facts:  # of a run that goes on they are settled
        return {}
    kept = vectors.facts.get("keep")
    return {
        "vectors": vectors.facts["name"], "embedding": vectors.facts["width"],
        "keep_words": "" if kept is None else kept["name"],
    }  # fmt: skip


def keep(vectors: TokenVectors, run: Path) -> None:
    """Keep the vectors in a run, for each first step: the file is not asked for again."""
    write_bytes(run / "encoders" / FILE, vectors.to_bytes())


def of_run(config: WithVectors, run: Path) -> tuple[Json, TokenVectors | None]:
    """Return the stored encoders of a run that goes on, and the vectors that it began with, if it has them.

    Raises `SeqtoolError` where they are not what the training wrote.
    """
    stored, record = read_json(run, "encoders/encoders.json"), read_run(run)
    cure = "bring back the run's own file, or train again"
    if record.encoders and part_sum(stored) != record.encoders:
        raise SeqtoolError("encoders.json was changed after the training", where=str(run), cure=cure)
    if not config.refit and not (run / "encoders" / FILE).exists():  # earlier versions kept them for a refit alone
        return stored, None
    try:
        return stored, TokenVectors.from_bytes((run / "encoders" / FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise SeqtoolError(f"the run has lost its {FILE}, or it is damaged", where=str(run), cure=cure) from error
