"""`--encoder auto`: the tokens that the script of the texts asks for; what `check` says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from seqtool.data.unspaced import unspaced
from seqtool.reads import Finding

if TYPE_CHECKING:
    from seqtool.families.classification.config import ClassificationConfig


def chosen(config: ClassificationConfig, texts: Sequence[str]) -> Literal["words", "sentencepiece", "characters"]:
    """Return the encoder of training texts: for `auto` words, or characters where no blanks part the words."""
    if config.encoder != "auto":
        return config.encoder
    return "characters" if unspaced(texts) else "words"


def findings(config: ClassificationConfig, texts: Sequence[str]) -> list[Finding]:
    """Return a note where `auto` takes no words, and a warning of words where no blanks part them."""
    if config.encoder not in ("auto", "words") or not unspaced(texts):
        return []
    what = "no blanks part the words of the texts"
    if config.encoder == "auto":
        return [Finding("note", "encoder", f"{what}: a token is a character (--encoder characters)")]
    text = f"{what}, and --encoder words cuts at blanks and marks alone: --encoder characters reads them"
    return [Finding("warning", "no-blanks", text)]
