"""The built-in sample: tales that a small grammar makes, nobody's text."""

from __future__ import annotations

import random

_SIZE = 200_000
_HEROES = (
    ("miller", "he", "his"), ("weaver", "she", "her"), ("ferryman", "he", "his"), ("potter", "she", "her"),
    ("shepherd", "he", "his"), ("baker", "she", "her"), ("tinker", "he", "his"), ("beekeeper", "she", "her"),
)  # fmt: skip
_NAMES = ("Ada", "Bram", "Cora", "Dirk", "Elin", "Falk", "Greta", "Hauke", "Inge", "Jorn", "Klara", "Lutz")
_QUALITIES = ("old", "young", "patient", "hungry", "clever", "silent", "proud", "merry", "careful", "tired")
_BEASTS = ("heron", "otter", "raven", "hare", "owl", "badger", "mole", "swan", "fox", "goat")
_THINGS = ("lantern", "kettle", "ladder", "ribbon", "bell", "spoon", "basket", "mirror", "key", "drum")
_STUFFS = ("copper", "straw", "silver", "willow", "glass", "iron", "clay", "wool")
_PLACES = ("river", "mill", "bridge", "orchard", "marsh", "harbour", "hill", "market", "well", "quarry")
_TIMES = ("One morning", "That evening", "In the first frost", "At noon", "When the moon was full", "Before dawn")
_VERBS = (("carry", "carried"), ("hide", "hid"), ("mend", "mended"), ("sell", "sold"), ("polish", "polished"))
_ADVICE = (
    "do not cross the {place} after dark", "give the {thing} to whoever asks first", "count to {number} and look again",
    "never trust a {beast} that smiles", "follow the water, not the road",
)  # fmt: skip
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "nine", "twelve")


def sample(size: int = _SIZE, seed: int = 0) -> bytes:
    """Return `size` bytes or a tale more of UTF-8 text; the same seed gives the same bytes.

    A tale keeps its people, beast, thing and places from its title to its end: there is something to learn from
    far back.
    """
    dice, tales, length = random.Random(seed), [], 0
    while length < size:
        tales.append(_tale(dice))
        length += len(tales[-1])
    return "\n".join(tales).encode("ascii")


def _tale(dice: random.Random) -> str:
    who, they, their = dice.choice(_HEROES)
    verb, past = dice.choice(_VERBS)
    place, other = dice.sample(_PLACES, 2)
    words = {
        "who": who, "they": they, "They": they.capitalize(), "their": their, "name": dice.choice(_NAMES), "verb": verb,
        "past": past, "place": place, "other": other, "beast": dice.choice(_BEASTS), "thing": dice.choice(_THINGS),
        "stuff": dice.choice(_STUFFS), "quality": dice.choice(_QUALITIES), "number": dice.choice(_NUMBERS),
    }  # fmt: skip
    middle = [_episode(dice) for _ in range(dice.randint(2, 5))]
    text = "\n".join([_TITLE, "", _OPENING, *middle, dice.choice(_ENDINGS)])
    return text.format(**words, advice=dice.choice(_ADVICE).format(**words)) + "\n"


_TITLE = "The tale of {name} and the {stuff} {thing}"
_OPENING = "There was once a {quality} {who} called {name}, who lived by the {place} and had a {thing} made of {stuff}."
_EVENTS = (
    "{name} {past} the {thing} on the way to the {other}, and a {beast} saw it.",
    "the {beast} came to the {place} and asked for the {thing}.",
    "{number} strangers came over the {place}, but none of them would {verb} the {thing}.",
    "the {thing} was gone, and the {who} looked for it at the {other}.",
    "{name} went to the {other}, and {their} {beast} went with {name}.",
)
_SPEECHES = (
    '"Tell me, {beast}," said {name}, "who will {verb} my {thing}?" The {beast} said: "Remember this: {advice}."',
    '"It is only {stuff}," said the {who}. "It is more than {stuff}," said the {beast}.',
    '{They} laughed and said: "For {number} days I would {verb} it, and then no more."',
    '"Where have you been?" asked the {beast}. "At the {other}," said {name}, "and {advice}."',
)
_ENDINGS = (
    "So {name} the {who} kept the {stuff} {thing}, and the {beast} lives by the {place} to this day.",
    "From then on the {beast} and the {who} shared the {thing}, and nobody went to the {other} again.",
    "And when {number} years had gone, {they} gave the {thing} to the {beast}, for {they} was {quality} no longer.",
)


def _episode(dice: random.Random) -> str:
    event = f"{dice.choice(_TIMES)} {dice.choice(_EVENTS)}"
    return f"{event} {dice.choice(_SPEECHES)}" if dice.random() < 0.7 else event
