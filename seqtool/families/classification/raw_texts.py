"""How a file that reads texts answers raw ones: its graph splits at blanks alone and lower-cases A to Z alone.

`classify` cuts the same texts into words by the rules of `seqtool/data/tokenize.py`, and long texts into pieces.
numpy loads inside: `inspect` shows the figures without it.
"""

from __future__ import annotations

import string
from collections import Counter
from typing import TYPE_CHECKING

from seqtool.say import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqtool.families.classification.encoders import Reader
    from seqtool.families.classification.part import TextPart
    from seqtool.families.classification.runner import Runner
    from seqtool.types import Json

MARKS, CAPITALS, SPACE = "punctuation at a word", "capitals beyond A to Z", "white space other than blanks"
LENGTH = "more words than are read at once"
"""Why a text is read otherwise."""
FEW = 0.005
"""The share of other answers up to which no reason is said."""
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def compare(runner: Runner, part: TextPart, split: str) -> Json:
    """Count the texts of a part that a file answers otherwise, as raw text, than `classify` does; JSON.

    `reasons`: reason -> how many of these have it; a text may have several.
    """
    answers = (tuple(answer.labels) for answer in runner.answer(part.ids, runner.rule(), 1))
    rows = zip(part.texts, part.ids, answers, _raw_labels(runner, part.texts), strict=True)
    others = [(text, len(ids) > runner.most) for text, ids, labels, raw in rows if {*labels} != {*raw}]
    counts = Counter(reason for text, _ in others for reason in reasons(text, part.reader))
    counts += Counter({LENGTH: sum(is_long for _, is_long in others)})
    return {"split": split, "texts": len(part.texts), "other": len(others), "reasons": dict(counts.most_common())}


def _raw_labels(runner: Runner, texts: Sequence[str]) -> Sequence[Sequence[str]]:
    """Return the labels that the graph gives to each text as it is."""
    import numpy as np

    from seqtool.families.classification.runner import AT_ONCE, TOKENS
    from seqtool.families.texts import in_batches

    def ask(batch: Sequence[str]) -> list[Sequence[str]]:
        outputs = runner.model.run({"text": np.array(batch, dtype=object)})
        if runner.multi:
            return [runner.encoders.labels.decode(np.flatnonzero(row)) for row in outputs["chosen"]]
        return [[label] for label in outputs["label"].tolist()]

    return in_batches(texts, [text.count(" ") + 1 for text in texts], TOKENS, TOKENS // AT_ONCE, ask)


def reasons(text: str, reader: Reader) -> set[str]:
    """Return why the graph reads a text otherwise than `reader` does; empty where both read the same."""
    return set().union(*(_reasons(piece, reader) for piece in text.split(" ") if piece))


def _reasons(piece: str, reader: Reader) -> set[str]:
    """Return why the graph reads what stands between two blanks otherwise than `reader` does."""
    from seqtool.data.encoders.vocabulary import Vocabulary

    assert isinstance(reader.encoder, Vocabulary), "a file that reads texts has words"
    given, words = piece.translate(_LOWER) if reader.lower else piece, reader.words(piece)
    if reader.encoder.encode([given]).tolist() == reader.encoder.encode(words).tolist():
        return set()
    whole = piece.lower() if reader.lower else piece
    # a character that is no word by itself parts words, as a tab does
    between = "".join(character if reader.words(character) else " " for character in whole).split(" ")
    why = {SPACE: between != [whole], CAPITALS: given != whole, MARKS: words != [*filter(None, between)]}
    return {reason for reason, is_so in why.items() if is_so}


def in_words(found: Json) -> str:
    """Return one line: how many texts get another label, and why where they are more than `FEW`."""
    share = found["other"] / max(1, found["texts"])
    texts = (
        f"{found['other']:,} of {counted(found['texts'], 'text')} of the {found['split']} part ({100 * share:.1f} %)"
    )
    said = f"raw texts: {texts} get another label than by classify"
    if share <= FEW:
        return said
    why = ", ".join(f"{count:,} have {reason}" for reason, count in found["reasons"].items())
    short = ["short texts"] if LENGTH in found["reasons"] else []
    tokenised = ["tokenised text in lower case"] if {*found["reasons"]} - {LENGTH} else []
    cure = " and ".join([*tokenised, *short])
    # none has a reason in files of earlier versions, which counted no long texts
    return f"{said}; of these {why}: give this file {cure}, or use classify" if why else f"{said}: use classify"
