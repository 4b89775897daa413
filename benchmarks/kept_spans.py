"""What a translator's file carries over: numbers, placeholders, brackets, end marks, and characters it never met.

Lines are made here: sentences of a language with numbers and other spans drawn at random, and sentences with one
character of every block of Unicode. Give a model file and the language of its sources:

    python benchmarks/kept_spans.py MODEL de
"""

import argparse
import random
import re
import unicodedata
from pathlib import Path

from results import record

from seqtool.data.kept_spans import numbers_kept
from seqtool.families.load import load

COUNT = 2000
SENTENCES = {
    "de": (
        "Wagen {n} ist rot.", "Der Mann mit der Nummer {n} läuft.", "Tisch {n} steht neben Stuhl {n}.",
        "Ein Kind hält {n} Bälle in der Hand.", "Der Zug {n} fährt um {h}:{m} Uhr.", "Am {d}.{d}.{y} regnet es.",
        "Das Haus kostet {n} Euro.", "Die Frau liest Seite {n} von {n}.", "Raum {n}, Stock {d}", "{n} Hunde spielen.",
        "Zwei Männer laufen {n} Meter.", "Hallo {NAME_{d}}, das Essen ist fertig.", "Die Datei %s hat {n} Zeilen.",
        "Schreib an mann{d}@beispiel.de!", "Siehe www.beispiel{n}.de für mehr.", "Teil {c} ist blau.",
        "Spieler {n} wirft den Ball zu Spieler {n}.", "{n}: ein Junge springt", "Ein Junge springt ({n}).",
        "Die Telefonnummer ist {n} {n}.", "Im Jahr {y} stand hier ein Baum.", "Der Hund wiegt {d},{d} Kilo.",
    ),
    "en": (
        "Car {n} is red.", "The man with number {n} runs.", "Table {n} stands next to chair {n}.",
        "A child holds {n} balls in its hand.", "Train {n} leaves at {h}:{m}.", "It rains on {y}-{d}-{d}.",
        "The house costs {n} euros.", "The woman reads page {n} of {n}.", "Room {n}, floor {d}", "{n} dogs play.",
        "Two men run {n} metres.", "Hello {NAME_{d}}, the food is ready.", "The file %s has {n} lines.",
        "Write to man{d}@example.com!", "See www.example{n}.com for more.", "Part {c} is blue.",
        "Player {n} throws the ball to player {n}.", "{n}: a boy is jumping", "A boy is jumping ({n}).",
        "The phone number is {n} {n}.", "In {y} a tree stood here.", "The dog weighs {d}.{d} kilos.",
    ),
}  # fmt: skip
PLAIN = {
    "de": (
        "Ein Mann läuft", "Zwei Hunde spielen im Gras", "Eine Frau liest ein Buch", "Das Haus ist rot",
        "Ein Junge springt ins Wasser", "Drei Kinder sitzen auf einer Bank", "Eine Gruppe steht vor einem Haus",
        "Ein kleines Mädchen trägt ein blaues Kleid", "Zwei Männer arbeiten auf dem Dach", "Die Frau fährt mit dem Rad",
        "Ein brauner Hund rennt über die Wiese", "Der Koch steht in der Küche",
    ),
    "en": (
        "A man is running", "Two dogs play in the grass", "A woman is reading a book", "The house is red",
        "A boy jumps into the water", "Three children sit on a bench", "A group of people stands in front of a house",
        "A little girl is wearing a blue dress", "Two men are working on the roof", "The woman rides a bicycle",
        "A brown dog runs across the field", "The cook stands in the kitchen",
    ),
}  # fmt: skip
BRACKETS, ENDS = ("()", "[]"), (".", "!", "?", ":", ";", "...")
BRACKET_SIGNS = "()[]"
TAIL = re.compile(r"[.!?:;]*$")
OTHERS = re.compile(r"\{NAME_\d+\}|%s|[\w.]+@[\w.]+\w|www\.\w+\.\w+|[ABXZ]-\d+")


def filled(sentence, dice):
    """Fill each place of a sentence by a drawn number or code."""
    draws = {
        "n": lambda: str(dice.randrange(10 ** dice.randint(1, 5))), "h": lambda: str(dice.randrange(24)),
        "m": lambda: f"{dice.randrange(60):02}", "d": lambda: str(dice.randint(1, 12)),
        "y": lambda: str(dice.randint(1500, 2100)), "c": lambda: f"{dice.choice('ABXZ')}-{dice.randint(10, 9999)}",
    }  # fmt: skip
    return re.sub(r"\{([nhmdyc])\}", lambda place: draws[place[1]](), sentence)


def marked(sentence, dice):
    """Put a word or the whole into brackets, and a mark at the end."""
    words, (before, after) = sentence.split(), dice.choice(BRACKETS)
    place = dice.randrange(len(words))
    words[place] = f"{before}{words[place]}{after}"
    return " ".join(words) + dice.choice(ENDS)


def foreign(sentence, sign, dice):
    """Put a character between two words, or behind the last."""
    words = sentence.split()
    words.insert(dice.randint(1, len(words)), sign)
    return " ".join(words) + "."


def blocks():
    """Return characters of every 128th part of Unicode that has any, no white space and no controls."""
    signs = []
    for start in range(0, 0x110000, 0x80):
        there = [chr(point) for point in range(start, start + 0x80) if unicodedata.category(chr(point))[0] in "LNPSM"]
        signs += there[:: max(1, len(there) // 3)][:3]
    return signs


def numbers_of(runner, language, dice):
    """Measure numbers and other spans in lines that training never had."""
    lines = [filled(dice.choice(SENTENCES[language]), dice) for _ in range(COUNT)]
    answers = runner.translate(lines)
    shared, kept = numbers_kept(lines, lines, [answer.translation for answer in answers])
    others = spans = 0
    for line, answer in zip(lines, answers, strict=True):
        for span in OTHERS.findall(line):
            others, spans = others + 1, spans + (span in answer.translation)
        if answer.lost:
            print("lost", answer.lost, "|", line, "|", answer.translation)
    return {
        "lines": COUNT, "numbers": shared, "numbers_kept": round(100 * kept / shared, 2),
        "other_spans": others, "other_spans_kept": round(100 * spans / others, 2),
    }  # fmt: skip


def marks_of(runner, language, dice):
    """Measure brackets and end marks."""
    lines = [marked(dice.choice(PLAIN[language]), dice) for _ in range(COUNT)]
    brackets = kept = ends = 0
    for line, answer in zip(lines, runner.translate(lines), strict=True):
        if any(line.count(sign) > answer.translation.count(sign) for sign in BRACKET_SIGNS):
            print("bracket", line, "|", answer.translation)
        brackets += sum(line.count(sign) for sign in BRACKET_SIGNS)
        kept += sum(min(line.count(sign), answer.translation.count(sign)) for sign in BRACKET_SIGNS)
        alike = TAIL.search(line)[0] == TAIL.search(answer.translation)[0]
        ends += alike
        if not alike:
            print("end", line, "|", answer.translation)
    return {
        "brackets": brackets,
        "brackets_kept": round(100 * kept / brackets, 2),
        "end_marks_kept": 100 * ends / COUNT,
    }


def characters_of(runner, language, dice):
    """Measure characters of all of Unicode in sentences: which are neither in the translation nor named."""
    lines = [(sign, foreign(dice.choice(PLAIN[language]), sign, dice)) for sign in blocks()]
    answers = runner.translate([line for _, line in lines])
    silent = 0
    for (sign, line), answer in zip(lines, answers, strict=True):
        if sign not in answer.translation and not answer.lost:
            silent += 1
            print("silent", ascii(sign), line, "|", answer.translation)
    named = sum(bool(answer.lost) for answer in answers)
    return {"characters": len(lines), "characters_lost_in_silence": silent, "characters_named": named}


def main(path, language):
    """Measure a file and record it."""
    dice, runner = random.Random(0), load(path)
    figures = {}
    for measure in (numbers_of, marks_of, characters_of):
        figures |= measure(runner, language, dice)
    print(figures)
    record(f"kept spans, from {language}", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("language", choices=sorted(SENTENCES))
    arguments = parser.parse_args()
    main(arguments.model, arguments.language)
