"""A document translated: its sentences go out, their translations come back between the same marks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from seqtool.data.markup.flows import Flow, Slot, plain, split, written
from seqtool.data.markup.placing import placed

Translate = Callable[[Sequence[str]], Sequence[str | None]]
"""From texts of one line to their translations, None where a text cannot be translated."""
Compare = Callable[[str, str], None]
"""Gets each sentence and what the document has in its place."""


def translated(
    document: str, flows: Sequence[Flow], translate: Translate, language: str, compare: Compare | None = None
) -> str:
    """Return a document with the translations of its sentences; a text that cannot be translated stays.

    language: of the document, by which sentences are found; "" where a paragraph is translated as a whole.
    """
    sentences = [(slots, flow.escape) for flow in flows for slots in split(flow, language)]
    spoken = [(slots, escape) for slots, escape in sentences if any(slot.spoken for slot in slots)]
    wanted = list(dict.fromkeys(chain.from_iterable(_texts(slots) for slots, _ in spoken)))
    known = dict(zip(wanted, translate(wanted), strict=True))
    texts: dict[tuple[int, int], str] = {}
    for slots, escape in spoken:
        new = [
            text if slot.kind == "text" and slot.said.strip() else None
            for slot, text in zip(slots, _answers(slots, known), strict=True)
        ]
        texts |= {
            (slot.start, slot.end): escape(text) for slot, text in zip(slots, new, strict=True) if text is not None
        }
        if compare is not None:
            compare(
                _said(slots),
                _said(
                    [
                        slot._replace(said=slot.said if text is None else text)
                        for slot, text in zip(slots, new, strict=True)
                    ]
                ),
            )
    return written(document, texts)


def _texts(slots: Sequence[Slot]) -> list[str]:
    """Return what is translated of a sentence: all of it, what stands between code, and each slot by itself."""
    several = [slots, *_between_code(slots)] if len(slots) > 1 else [slots]
    said = [_said(some) for some in several if any(slot.spoken for slot in some)]
    return [*said, *(plain(slot.said) for slot in slots if slot.spoken)]


def _said(slots: Sequence[Slot]) -> str:
    return plain("".join(slot.said for slot in slots))


def _between_code(slots: Sequence[Slot]) -> list[list[Slot]]:
    """Return the slots between code and addresses."""
    parts: list[list[Slot]] = [[]]
    for slot in slots:
        if slot.kind == "kept":
            parts.append([])
        else:
            parts[-1].append(slot)
    return parts


def _answers(slots: Sequence[Slot], known: Mapping[str, str | None]) -> list[str | None]:
    """Return the new text of each slot, None where it stays.

    A translation that cannot be shared out is replaced by those of the parts between code, then of the slots.
    """
    alone = [known.get(plain(slot.said)) if slot.spoken else None for slot in slots]
    whole = known.get(_said(slots)) if any(slot.spoken for slot in slots) else None
    if len(slots) > 1 and whole is not None:
        shared = placed(slots, whole, [text or "" for text in alone])
        if shared is not None:
            return [*shared]
    if any(slot.kind == "kept" for slot in slots):
        first, *others = (_answers(part, known) for part in _between_code(slots))
        return [*first, *(answer for part in others for answer in (None, *part))]
    return [_in_blanks(slot, text) for slot, text in zip(slots, alone, strict=True)]


def _in_blanks(slot: Slot, text: str | None) -> str | None:
    """Return a text between the blanks of its slot."""
    return None if text is None else slot.said.replace(slot.said.strip(), text, 1)
