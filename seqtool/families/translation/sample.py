"""The built-in sample: German and English sentences that a small grammar makes, nobody's text."""

from __future__ import annotations

import random
from dataclasses import dataclass

_COUNT = 4000
_NAMES = ("Anna", "Karim", "Mira", "Tomas", "Olsen", "Priya")
# German singular, plural and gender, English singular and plural.
_NOUNS = tuple(
    line.split()
    for line in (
        "Hund Hunde m dog dogs", "Vogel Vögel m bird birds", "Mann Männer m man men", "Baum Bäume m tree trees",
        "Brief Briefe m letter letters", "Apfel Äpfel m apple apples", "Tisch Tische m table tables",
        "Katze Katzen f cat cats", "Frau Frauen f woman women", "Blume Blumen f flower flowers",
        "Stadt Städte f town towns", "Lampe Lampen f lamp lamps", "Brücke Brücken f bridge bridges",
        "Kind Kinder n child children", "Pferd Pferde n horse horses", "Haus Häuser n house houses",
        "Buch Bücher n book books", "Boot Boote n boat boats", "Bild Bilder n picture pictures",
    )
)  # fmt: skip
_QUALITIES = (
    ("alt", "old"), ("klein", "small"), ("schwarz", "black"), ("weiß", "white"), ("still", "quiet"), ("neu", "new"),
    ("schön", "beautiful"), ("rot", "red"), ("grün", "green"), ("lang", "long"),
)  # fmt: skip
# German: he sees, they see (and to see), he saw, they saw; English: see, sees, saw.
_VERBS = tuple(
    line.split()
    for line in (
        "sieht sehen sah sahen see sees saw", "findet finden fand fanden find finds found",
        "kauft kaufen kaufte kauften buy buys bought", "malt malen malte malten paint paints painted",
        "trägt tragen trug trugen carry carries carried", "liebt lieben liebte liebten love loves loved",
        "kennt kennen kannte kannten know knows knew", "hört hören hörte hörten hear hears heard",
        "zieht ziehen zog zogen pull pulls pulled", "vergisst vergessen vergaß vergaßen forget forgets forgot",
    )
)  # fmt: skip
_TIMES = (("heute", "today"), ("oft", "often"), ("manchmal", "sometimes"), ("jetzt", "now"))
_MODALS = (("kann", "können", "can", "can"), ("will", "wollen", "wants to", "want to"))
# By gender, or m, for many: ends of "dies-", of "ein-" and "mein-", and of qualities behind each of them.
_STRONG = {"m": "er", "f": "e", "n": "es", "p": "e"}
_AFTER_EIN = {"m": "er", "f": "e", "n": "es", "p": "en"}
_THE = {"m": "der", "f": "die", "n": "das", "p": "die"}


@dataclass(frozen=True)
class _Phrase:
    """Somebody or something in both languages, one or `many`."""

    german: str
    english: str
    many: bool = False


def sample(count: int = _COUNT, seed: int = 0) -> bytes:
    """Return `count` different pairs, `German<TAB>English`, UTF-8; the same seed gives the same bytes.

    Words agree in gender, case and number in German, in number in English; the German verb moves to the second place
    or to the end.
    """
    dice = random.Random(seed)
    pairs: dict[str, str] = {}
    while len(pairs) < count:
        german, english = _sentence(dice)
        pairs.setdefault(german[0].upper() + german[1:], english[0].upper() + english[1:])
    return "".join(f"{german}\t{english}\n" for german, english in pairs.items()).encode()


def _sentence(dice: random.Random) -> tuple[str, str]:
    kind = dice.randrange(6)
    who, whom = _somebody(dice), _thing(dice, accusative=True)
    one, many, _, _, see, sees, _ = verb = dice.choice(_VERBS)
    if kind == 0:  # Sieht der Hund die Katze?
        german = f"{many if who.many else one} {who.german} {whom.german}?"
        return german, f"{'do' if who.many else 'does'} {who.english} {see} {whom.english}?"
    if kind == 1:  # Der Hund kann die Katze sehen.
        can_one, can_many, can, they_can = dice.choice(_MODALS)
        german = f"{who.german} {can_many if who.many else can_one} {whom.german} {many}."
        return german, f"{who.english} {they_can if who.many else can} {see} {whom.english}."
    if kind == 2:  # Heute sieht der Hund die Katze.
        time, english_time = dice.choice(_TIMES)
        german = f"{time} {many if who.many else one} {who.german} {whom.german}."
        return german, f"{english_time} {who.english} {see if who.many else sees} {whom.english}."
    if kind == 3:  # Anna sagt, dass der Hund die Katze sieht.
        name = dice.choice(_NAMES)
        german = f"{name} sagt, dass {who.german} {whom.german} {many if who.many else one}."
        return german, f"{name} says that {who.english} {see if who.many else sees} {whom.english}."
    return _plain(who, whom, verb, past=kind == 4)


def _plain(who: _Phrase, whom: _Phrase, verb: list[str], *, past: bool) -> tuple[str, str]:
    """Say what somebody does, or did."""
    one, many, did, they_did, see, sees, saw = verb
    german_verb = (they_did if who.many else did) if past else (many if who.many else one)
    english_verb = saw if past else (see if who.many else sees)
    return f"{who.german} {german_verb} {whom.german}.", f"{who.english} {english_verb} {whom.english}."


def _somebody(dice: random.Random) -> _Phrase:
    """Name who does something: a pronoun, a person, a thing."""
    kind = dice.random()
    if kind < 0.2:
        german, english, many = dice.choice(
            (("er", "he", False), ("sie", "she", False), ("sie", "they", True), ("wir", "we", True))
        )
        return _Phrase(german, english, many)
    if kind < 0.3:
        name = dice.choice(_NAMES)
        return _Phrase(name, name)
    return _thing(dice, accusative=False)


def _thing(dice: random.Random, *, accusative: bool) -> _Phrase:
    """Name one thing or several, with or without a quality."""
    singular, plural, gender, english_one, english_many = dice.choice(_NOUNS)
    many = dice.random() < 0.35
    form = "p" if many else gender
    german, english, end = _article(dice, form, accusative)
    if dice.random() < 0.5:
        quality, english_quality = dice.choice(_QUALITIES)
        german, english = f"{german} {quality}{end}", f"{english} {english_quality}"
    english = f"{english} {english_many if many else english_one}"
    if english.startswith(("a a", "a o")):
        english = "an" + english[1:]
    return _Phrase(f"{german} {plural if many else singular}", english, many)


def _article(dice: random.Random, form: str, accusative: bool) -> tuple[str, str, str]:
    """Return an article in both languages and the end of a German quality behind it.

    In the accusative only the masculine differs: den, diesen, einen alten Hund.
    """
    masculine = accusative and form == "m"
    weak = "en" if masculine or form == "p" else "e"
    mixed = "en" if masculine else _AFTER_EIN[form]
    strong = "en" if masculine else _STRONG[form]
    ein = "en" if masculine else {"m": "", "f": "e", "n": "", "p": "e"}[form]
    choices = [
        ("den" if masculine else _THE[form], "the", weak),
        (f"dies{strong}", "these" if form == "p" else "this", weak),
        (f"mein{ein}", "my", mixed),
        dice.choice((("zwei", "two", "e"), ("drei", "three", "e"))) if form == "p" else (f"ein{ein}", "a", mixed),
    ]
    german, english, end = dice.choice(choices)
    return german, english, end
