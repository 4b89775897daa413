"""First words of lines that tell labels from prose: usual labels and codes, and the function words of languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_FUNCTION = """
a an the this that these those i you he she it we they my your his her its our their and or but so if as at by
for from in into of off on out over to up with about after before is are was were be been has have had do does
did not there here what when where which who why how then than some any all one two three no-one every each
der die das den dem des ein eine einen einem einer ich du er sie es wir ihr und oder aber mit von zu im ist war
nicht auf für als wenn wie de het een ik jij hij wij zij en maar met van te is niet op voor
le la les un une des je tu il elle nous vous ils elles et ou mais dans avec pour sur est ce cette el los las una
unos unas yo y o pero con para por del al que lo gli uno io lui noi voi loro ma di per che os as um uma eu ele
ela nós eles elas e em com não
ett jag han hon det vi den och men på som et jeg hun og и в не на я что он она мы вы они но с
"""  # noqa: RUF001 - Russian
FUNCTION_WORDS = frozenset(_FUNCTION.split())
"""Words with which sentences of twelve languages begin, in lower case."""
_USUAL = """
pos neg neu positive negative neutral mixed pro con good bad ugly ham spam phishing fake real true false yes no
maybe unknown other none misc toxic clean hate offensive abusive normal insult threat obscene
joy anger sadness fear love surprise disgust happy sad angry happiness trust anticipation boredom
sport sports world business sci/tech scitech science tech technology politics entertainment health economy
culture education travel finance weather music food medical legal news opinion
subjective objective subj obj relevant irrelevant support deny query comment favor against agree disagree
entailment contradiction question statement request complaint praise bug feature urgent important
ironic irony sarcastic sarcasm human bot ai class label category male female low medium high
"""
LABELS = frozenset(_USUAL.split())
"""Words by which labels are often called, in lower case."""
_CODE = re.compile(r"__label__\S+|[^\W\d_]+\d+|\w+(?:[_:./&+-]\w+)+")
_PICTURE = frozenset({"So", "Sk", "Mn", "Cf"})  # with the shades and joints of pictures
_KINDS_OF_LINES = (
    frozenset(["trace", "debug", "info", "notice", "warn", "warning", "err", "error", "critical", "fatal", "severe"]),
    frozenset(["q", "a", "question", "answer"]),
    frozenset(["id", "title", "text", "review", "sentence", "comment", "message"])
    | frozenset(["label", "class", "category", "sentiment", "rating", "score"]),
)


def is_function_word(head: str) -> bool:
    """Tell whether a first word is one with which sentences begin."""
    return head.strip("\"'«»“”„‘’¿¡([*_,.…-").casefold() in FUNCTION_WORDS  # noqa: RUF001 - quotes of books


def is_bullet(head: str) -> bool:
    """Tell whether a first word holds neither letters nor digits nor pictures, as the bullets of a list do."""
    return not any(char.isalnum() or unicodedata.category(char) == "So" for char in head)


def is_usual_label(head: str) -> bool:
    """Tell whether a first word is a usual label, or of stars or other pictures."""
    return head.casefold() in LABELS or all(unicodedata.category(char) in _PICTURE for char in head)


def is_code(head: str) -> bool:
    """Tell whether a first word is written as labels are: `LABEL_1` or `sci.space`."""
    # capitals alone are no sign: `SELECT name`, `GET /path`, `KING Good morrow`
    return _CODE.fullmatch(head) is not None


def are_kinds_of_lines(heads: Iterable[str]) -> bool:
    """Tell whether first words are those of a log, `INFO`, of questions and answers, or names of fields."""
    different = {head.casefold() for head in heads}
    return any(different <= kinds for kinds in _KINDS_OF_LINES)
