"""The built-in sample: opinions that a small grammar makes, nobody's text."""

from __future__ import annotations

import random

_COUNT = 4000
_SLIPS = 0.04
"""Share of the labels that are wrong, as people's are."""
_NOUNS = (
    "plot", "ending", "hero", "music", "kettle", "hotel", "breakfast", "view", "lecture", "garden", "recipe", "soup",
    "sofa", "game", "map", "museum", "ferry", "harbour", "phone", "keyboard", "novel", "poem", "teacher", "waiter",
    "room", "bread", "bicycle", "camera", "concert", "puzzle",
)  # fmt: skip
_GOOD = (
    "good", "lovely", "clever", "charming", "fresh", "warm", "honest", "brilliant", "pleasant", "neat", "sweet",
    "delightful", "graceful", "splendid", "cosy", "witty", "tender", "crisp", "radiant", "superb", "handy", "quaint",
    "dazzling", "flawless", "inviting", "soothing", "sturdy", "uplifting", "vivid", "wholesome",
)  # fmt: skip
_BAD = (
    "bad", "dull", "clumsy", "boring", "stale", "cold", "fake", "awful", "rude", "messy", "bitter", "dreadful",
    "tedious", "shabby", "grim", "silly", "harsh", "soggy", "bleak", "dismal", "useless", "gaudy", "sloppy", "flimsy",
    "jarring", "painful", "rotten", "sluggish", "tacky", "vile",
)  # fmt: skip
_DEGREES = ("", "", "", "very", "really", "quite", "so", "all that", "terribly", "in any way")
_PLAIN = (
    "the {noun} was {degree} {word}", "i found the {noun} {degree} {word}", "what a {word} {noun}",
    "the {noun} was {word} from the first minute", "nobody can deny that the {noun} was {word}",
    "the {noun} was not only {word} but {degree} {more}", "no doubt the {noun} was {degree} {word}",
    "i did not expect it , yet the {noun} was {word}", "never before was a {noun} so {word}",
)  # fmt: skip
_TURNED = (
    "the {noun} was not {degree} {word}", "i would not call the {noun} {degree} {word}",
    "nobody found the {noun} {degree} {word}", "there was nothing {word} about the {noun}",
    "the {noun} was never {degree} {word}", "i did not think for a minute that the {noun} was {word}",
    "no one who saw the {noun} came home and called it {word}", "it is not true that the {noun} was {degree} {word}",
)  # fmt: skip
_TWO = (
    "{side} , but {main}", "although {side} , {main}", "{main} , although {side}", "{side} ; still , {main}",
    "{main} , even if {side}",
)  # fmt: skip
LABELS = ("negative", "positive")


def sample(count: int = _COUNT, seed: int = 0) -> bytes:
    """Return `count` lines of `label<TAB>text`, ASCII; the same seed gives the same bytes.

    What a negation turns round, and which of two clauses counts, is told by the order of the words: a bag of them
    cannot know.
    """
    dice = random.Random(seed)
    return "".join(f"{_review(dice)}\n" for _ in range(count)).encode("ascii")


def _review(dice: random.Random) -> str:
    good = dice.random() < 0.5
    text = _clause(dice, good)
    if dice.random() < 0.35:
        side = _clause(dice, good if dice.random() < 0.2 else not good)
        text = dice.choice(_TWO).format(main=text, side=side)
    label = LABELS[good != (dice.random() < _SLIPS)]
    return f"{label}\t{text} ."


def _clause(dice: random.Random, good: bool) -> str:
    """Say something good or bad: by a word of that kind, or by the other kind turned round."""
    turned = dice.random() < 0.35
    words = _GOOD if good != turned else _BAD
    pattern = dice.choice(_TURNED if turned else _PLAIN)
    word, more = _common(dice, words), _common(dice, words)
    text = pattern.format(noun=dice.choice(_NOUNS), degree=dice.choice(_DEGREES), word=word, more=more)
    return " ".join(text.split())


def _common(dice: random.Random, words: tuple[str, ...]) -> str:
    """Draw a word, the first ones far more often than the last."""
    return words[int(len(words) * dice.random() ** 2.5)]
