"""The built-in sample: tagged sentences that a small grammar makes, nobody's text."""

from __future__ import annotations

import random
from collections.abc import Sequence

Word = tuple[str, str, str]
"""A form, its upos, its xpos."""

_COUNT = 1600
_INVENTED = 0.2
"""Share of the nouns, verbs, adjectives and adverbs that are made up: only their ends tell what they are."""
# Many of these forms stand in several lists: only their neighbours tell which they are.
_THINGS = (
    "can", "saw", "light", "watch", "plant", "water", "back", "cut", "walk", "play", "house", "child", "river", "field",
    "bread", "letter", "market", "boat", "hand", "name", "answer", "round", "drink", "turn", "dream",
)  # fmt: skip
_MANY = ("cans", "lights", "plants", "walks", "plays", "houses", "rivers", "letters", "boats", "answers", "dreams")
_DO = (
    "light", "watch", "plant", "water", "back", "cut", "walk", "play", "can", "answer", "round", "drink", "see",
    "leave",
)  # fmt: skip
_DOES = ("lights", "plants", "walks", "plays", "cans", "answers", "sees", "leaves", "drinks", "dreams")
_DID = ("saw", "left", "cut", "planted", "watched", "drank", "answered", "played", "watered", "found", "closed", "held")
_DONE = (
    "seen", "left", "cut", "planted", "watched", "drunk", "answered", "played", "watered", "found", "closed", "held",
)  # fmt: skip
_LIKE = ("light", "back", "close", "left", "hard", "fast", "old", "small", "green", "quiet", "cold", "round", "long")
_HOW = ("back", "close", "hard", "fast", "long", "soon", "often", "still", "well", "round", "here")
_PEOPLE = ("Anna", "Bela", "Karim", "Lund", "Mira", "Olsen", "Priya", "Tomas", "Will", "Mark", "Rose", "Grace")
_CLOSED = {
    "a": "DET DT", "the": "DET DT", "this": "DET DT", "every": "DET DT", "these": "DET DT", "some": "DET DT",
    "he": "PRON PRP", "she": "PRON PRP", "it": "PRON PRP", "they": "PRON PRP", "we": "PRON PRP", "him": "PRON PRP",
    "them": "PRON PRP", "will": "AUX MD", "can": "AUX MD", "may": "AUX MD", "must": "AUX MD", "was": "AUX VBD",
    "were": "AUX VBD", "had": "AUX VBD", "did": "AUX VBD", "to": "PART TO", "not": "PART RB",
    "in": "ADP IN", "near": "ADP IN", "with": "ADP IN", "by": "ADP IN",
    "and": "CCONJ CC", "but": "CCONJ CC", "said": "VERB VBD", "wants": "VERB VBZ", "want": "VERB VBP",
    "two": "NUM CD", "seven": "NUM CD", ".": "PUNCT .", ",": "PUNCT ,", "?": "PUNCT .",
}  # fmt: skip
_ENDS = {
    "NN": ("ness", "tion", "ment", "er"), "NNS": ("ers", "ments", "tions"), "JJ": ("ous", "ful", "ish", "less"),
    "RB": ("ly",), "VB": ("ise", "ify"), "VBP": ("ise", "ify"), "VBZ": ("ises", "ifies"),
    "VBD": ("ised", "ified"), "VBN": ("ised", "ified"),
}  # fmt: skip
_OPEN = {
    "NN": ("NOUN", _THINGS), "NNS": ("NOUN", _MANY), "JJ": ("ADJ", _LIKE), "RB": ("ADV", _HOW), "VB": ("VERB", _DO),
    "VBP": ("VERB", _DO), "VBZ": ("VERB", _DOES), "VBD": ("VERB", _DID), "VBN": ("VERB", _DONE),
}  # fmt: skip


def sample(count: int = _COUNT, seed: int = 0) -> bytes:
    """Return `count` sentences in CoNLL-U with upos and xpos, ASCII; the same seed gives the same bytes.

    Common forms are several parts of speech by turns (`can`, `saw`, `light`), and a test part holds words that no
    training part has.
    """
    dice = random.Random(seed)
    blocks = [_block(number, _sentence(dice)) for number in range(1, count + 1)]
    return ("# simulated: a grammar made these sentences\n" + "\n".join(blocks)).encode("ascii")


def _block(number: int, words: Sequence[Word]) -> str:
    first, upos, xpos = words[0]
    words = [(first[0].upper() + first[1:], upos, xpos), *words[1:]]
    rows = [f"{n}\t{form}\t_\t{upos}\t{xpos}" + "\t_" * 5 for n, (form, upos, xpos) in enumerate(words, start=1)]
    return "\n".join([f"# sent_id = {number}", *rows]) + "\n"


def _sentence(dice: random.Random) -> list[Word]:
    kind = dice.random()
    if kind < 0.12:
        return [_closed("did"), *_subject(dice), *_action(dice, "VB"), _closed("?")]
    if kind < 0.3:
        return [*_clause(dice), _closed(","), _closed(dice.choice(("and", "but"))), *_clause(dice), _closed(".")]
    if kind < 0.42:
        that = ("that", "SCONJ", "IN")
        return [*_subject(dice), _closed("said"), that, *_clause(dice), _closed(".")]
    return [*_clause(dice), _closed(".")]


def _clause(dice: random.Random) -> list[Word]:
    """Say what somebody does, can do, wants to do, had done, is, or what is done to him."""
    who = _subject(dice)
    many = who[-1][2] == "NNS" or who[-1][0] in ("they", "we")
    was = [*who, _closed("were" if many else "was")]
    kind = dice.randrange(7)
    if kind == 0:
        return [*who, *_action(dice, "VBD")]
    if kind == 1:
        return [*who, *_action(dice, "VBP" if many else "VBZ")]
    if kind == 2:
        no = [_closed("not")] * (dice.random() < 0.2)
        return [*who, _closed(dice.choice(("can", "can", "will", "may", "must"))), *no, *_action(dice, "VB")]
    if kind == 3:
        return [*who, _closed("want" if many else "wants"), _closed("to"), *_action(dice, "VB")]
    if kind == 4:
        return [*who, _closed("had"), *_action(dice, "VBN")]
    return [*was, _open(dice, "JJ")] if kind == 5 else [*was, _open(dice, "VBN"), _closed("by"), *_object(dice)]


def _action(dice: random.Random, form: str) -> list[Word]:
    """Say a verb with its object, how and where."""
    words = [_open(dice, form)]
    if dice.random() < 0.75:
        words += _object(dice)
    if dice.random() < 0.35:
        words.append(_open(dice, "RB"))
    if dice.random() < 0.3:
        words += [dice.choice((_closed("in"), _closed("near"), _closed("with"), ("to", "ADP", "IN"))), *_named(dice)]
    return words


def _subject(dice: random.Random) -> list[Word]:
    return [_closed(dice.choice(("he", "she", "it", "they", "we")))] if dice.random() < 0.3 else _named(dice)


def _object(dice: random.Random) -> list[Word]:
    kind = dice.random()
    if kind < 0.12:
        return [_closed(dice.choice(("him", "them", "it")))]
    return [("her", "PRON", "PRP")] if kind < 0.2 else _named(dice)


def _named(dice: random.Random) -> list[Word]:
    """Name a person or a thing, its quality before it by turns."""
    kind = dice.random()
    if kind < 0.15:
        return [(dice.choice(_PEOPLE), "PROPN", "NNP")]
    quality = [_open(dice, "JJ")] if dice.random() < 0.4 else []
    if kind < 0.3:
        return [("her", "PRON", "PRP$"), *quality, _open(dice, dice.choice(("NN", "NNS")))]
    if kind < 0.5:
        return [_closed(dice.choice(("the", "these", "some", "two", "seven"))), *quality, _open(dice, "NNS")]
    that = [("that", "DET", "DT")] if kind < 0.58 else [_closed(dice.choice(("a", "the", "this", "every")))]
    return [*that, *quality, _open(dice, "NN")]


def _closed(form: str) -> Word:
    upos, xpos = _CLOSED[form].split()
    return (form, upos, xpos)


def _open(dice: random.Random, xpos: str) -> Word:
    """Draw a word of a kind, the first of its list more often, or make one up."""
    upos, forms = _OPEN[xpos]
    if dice.random() < _INVENTED:
        return (_stem(dice) + dice.choice(_ENDS[xpos]), upos, xpos)
    return (forms[int(len(forms) * dice.random() ** 1.5)], upos, xpos)


def _stem(dice: random.Random) -> str:
    heads, vowels, tails = (
        ("b", "cl", "d", "fr", "gr", "m", "pl", "sk", "t", "v"),
        "aeiou",
        ("rd", "l", "nt", "p", "sk"),
    )
    return dice.choice(heads) + dice.choice(vowels) + dice.choice(tails) + dice.choice(("", "ol", "am", "en"))
