"""A document translated: its sentences go out, their translations come back between the same marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from seqtool.data.markup.flows import Flow, Slot, plain, split, written
from seqtool.data.markup.placing import placed

Translate = Callable[[Sequence[str]], Sequence[str | None]]
"""From texts of one line to their translations, None where a text cannot be translated."""


def translated(document: str, flows: Sequence[Flow], translate: Translate, language: str) -> str:
    """Return a document with the translations of its sentences; a text that cannot be translated stays.

    language: of the document, by which sentences are found; "" where a paragraph is translated as a whole.
    """
    sentences = [(slots, flow.escape) for flow in flows for slots in split(flow, language)]
    spoken = [(slots, escape) for slots, escape in sentences if any(slot.spoken for slot in slots)]
    wanted = list(dict.fromkeys(chain.from_iterable(_texts(slots) for slots, _ in spoken)))
    known = dict(zip(wanted, translate(wanted), strict=True))
    texts: dict[tuple[int, int], str] = {}
    for slots, escape in spoken:
        for slot, text in zip(slots, _answers(slots, known), strict=True):
            if slot.kind == "text" and slot.said.strip() and text is not None:
                texts[slot.start, slot.end] = escape(text)
    return written(document, texts)


def _texts(slots: Sequence[Slot]) -> list[str]:
    """Return what is translated of a sentence: all of it, and of several slots each by itself."""
    whole = _said(slots)
    return [whole] if len(slots) == 1 else [whole, *(plain(slot.said) for slot in slots if slot.spoken)]


def _said(slots: Sequence[Slot]) -> str:
    return plain("".join(slot.said for slot in slots))


def _answers(slots: Sequence[Slot], known: dict[str, str | None]) -> Sequence[str | None]:
    """Return the new text of each slot, None where it stays."""
    whole = known[_said(slots)]
    alone = [known.get(plain(slot.said)) if slot.spoken else None for slot in slots]
    if len(slots) == 1:
        return [whole]
    shared = placed(slots, whole, [text or "" for text in alone]) if whole is not None else None
    return shared or [_in_blanks(slot, text) for slot, text in zip(slots, alone, strict=True)]


def _in_blanks(slot: Slot, text: str | None) -> str | None:
    """Return a text between the blanks of its slot."""
    inner = slot.said.strip()
    return None if text is None else slot.said.replace(inner, text, 1)
