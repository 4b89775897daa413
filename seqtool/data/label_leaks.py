"""Texts that hold their own label at the begin or the end: a model of them reads its answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from seqtool.data.labelled import Labelled
from seqtool.reads import Finding
from seqtool.say import printable

NEARLY = 0.9
"""The share of the records, and of those of each label, that shows no chance."""
FEW = 5
"""Records of a label that show nothing."""
_SPAN = 100
"""Characters of a text that are looked at, at each end."""
_BEFORE, _BEHIND = re.compile(r"^[\W_]+"), re.compile(r"[\W_]+$")
Holds = Callable[[str, str], bool]


def label_in_text(records: Sequence[Labelled]) -> list[Finding]:
    """Return the warning that nearly all texts, and those of each label, begin or end with a label of their own."""
    labelled = [record for record in records if record.all_labels]
    for where, holds in (("begins", _begins), ("ends", _ends)):
        found = [record for record in labelled if any(holds(record.text, label) for label in record.all_labels)]
        if len(labelled) > FEW and _are_nearly_all(found, labelled):
            many = f"the text of {len(found):,} of {len(labelled):,} records {where} with its own label"
            shown = found[0].text[:_SPAN] if holds is _begins else found[0].text[-_SPAN:]
            text = f"{many}, such as '{printable(shown, 40)}': the model reads its answer; take it out of the texts"
            return [Finding("warning", "label-in-text", text)]
    return []


def _are_nearly_all(found: Sequence[Labelled], whole: Sequence[Labelled]) -> bool:
    some, every = (Counter(label for record in records for label in record.all_labels) for records in (found, whole))
    often = [label for label, count in every.items() if count >= FEW]
    return len(found) >= NEARLY * len(whole) and all(some[label] >= NEARLY * every[label] for label in often)


def _begins(text: str, label: str) -> bool:
    """Tell whether a text begins with a label as a word of its own, behind marks such as `#` and `[`."""
    start, word = _BEFORE.sub("", text[:_SPAN]).casefold(), _bare(label)
    return bool(word) and start.startswith(word) and not start[len(word) : len(word) + 1].isalnum()


def _ends(text: str, label: str) -> bool:
    """Tell whether a text ends with a label as a word of its own, before marks such as `]`."""
    end, word = _BEHIND.sub("", text[-_SPAN:]).casefold(), _bare(label)
    return bool(word) and end.endswith(word) and not end[: -len(word)][-1:].isalnum()


def _bare(label: str) -> str:
    return _BEHIND.sub("", _BEFORE.sub("", label)).casefold()
