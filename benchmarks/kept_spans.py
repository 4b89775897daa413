"""What a translator's file carries over: numbers, placeholders, brackets, end marks, and characters it never met.

Lines are made here: sentences of a language with numbers and other spans drawn at random, and sentences with one
character of every block of Unicode. Give a model file and the language of its sources:

    python benchmarks/kept_spans.py MODEL de
"""

import argparse
import random
import sys
import unicodedata
from collections import Counter
from pathlib import Path

from results import record
from seqtool.python import open_model

from seqtool.data.kept_spans import NUMBER

COUNT = 2000
SENTENCES = {
    "de": (
        "Wagen {n} ist rot.", "Der Mann mit der Nummer {n} läuft.", "Tisch {n} steht neben Stuhl {n}.",
        "Ein Kind hält {n} Bälle in der Hand.", "Der Zug {n} fährt um {h}:{m} Uhr.", "Am {d}.{d}.{y} regnet es.",
        "Das Haus kostet {n} Euro.", "Die Frau liest Seite {n} von {n}.", "Raum {n}, Stock {d}", "{n} Hunde spielen.",
        "Zwei Männer laufen {n} Meter.", "Hallo {{NAME_{d}}}, das Essen ist fertig.", "Die Datei %s hat {n} Zeilen.",
        "Schreib an mann{d}@beispiel.de!", "Siehe www.beispiel{n}.de für mehr.", "Teil {c} ist blau.",
        "Spieler {n} wirft den Ball zu Spieler {n}.", "{n}: ein Junge springt", "Ein Junge springt ({n}).",
        "Die Telefonnummer ist {n} {n}.", "Im Jahr {y} stand hier ein Baum.", "Der Hund wiegt {d},{d} Kilo.",
    ),
    "en": (
        "Car {n} is red.", "The man with number {n} runs.", "Table {n} stands next to chair {n}.",
        "A child holds {n} balls in its hand.", "Train {n} leaves at {h}:{m}.", "It rains on {y}-{d}-{d}.",
        "The house costs {n} euros.", "The woman reads page {n} of {n}.", "Room {n}, floor {d}", "{n} dogs are playing.",
        "Two men run {n} metres.", "Hello {{NAME_{d}}}, the food is ready.", "The file %s has {n} lines.",
        "Write to man{d}@example.com!", "See www.example{n}.com for more.", "Part {c} is blue.",
        "Player {n} throws the ball to player {n}.", "{n}: a boy is jumping", "A boy is jumping ({n}).",
        "The phone number is {n} {n}.", "In {y} a tree stood here.", "The dog weighs {d}.{d} kilos.",
    ),
}  # fmt: skip
PLAIN = {
    "de": ("Ein Mann läuft", "Zwei Hunde spielen im Gras", "Eine Frau liest ein Buch", "Das Haus ist rot"),
    "en": ("A man is running", "Two dogs play in the grass", "A woman is reading a book", "The house is red"),
}
BRACKETS, ENDS = ("()", "[]", '""'), (".", "!", "?", ":", ";", "...")


def filled(sentence, dice):
    """Fill each place of a sentence by a drawn number or code."""
    draws = {
        "n": lambda: str(dice.randrange(10 ** dice.randint(1, 5))), "h": lambda: str(dice.randrange(24)),
        "m": lambda: f"{dice.randrange(60):02}", "d": lambda: str(dice.randint(1, 12)),
        "y": lambda: str(dice.randint(1500, 2100)), "c": lambda: f"{dice.choice('ABXZ')}-{dice.randint(10, 9999)}",
    }  # fmt: skip
    sentence = sentence.replace("{{", "\0").replace("}}", "\1")
    for name, draw in draws.items():
        while f"{{{name}}}" in sentence:
            sentence = sentence.replace(f"{{{name}}}", draw(), 1)
    return sentence.replace("\0", "{").replace("\1", "}")


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


def main(path, language):
    """Measure a file and record it."""
    dice = random.Random(0)
    runner = open_model(path)
    numbers = [filled(dice.choice(SENTENCES[language]), dice) for _ in range(COUNT)]
    answers = runner.translate(numbers)
    shared = [
        (Counter(NUMBER.findall(line)), Counter(NUMBER.findall(answer.translation)))
        for line, answer in zip(numbers, answers, strict=True)
    ]
    kept = sum((source & there).total() for source, there in shared) / sum(source.total() for source, _ in shared)
    spans = [
        (span, answer)
        for line, answer in zip(numbers, answers, strict=True)
        for span in line.split()
        if span[0] in "{%" or "@" in span or "www" in span or span[1:2] == "-"
    ]
    whole = sum(span.rstrip(".,!") in answer.translation for span, answer in spans) / len(spans)
    for line, answer in list(zip(numbers, answers, strict=True)):
        if answer.lost:
            print("lost", answer.lost, "|", line, "|", answer.translation)
    lines = [marked(dice.choice(PLAIN[language]), dice) for _ in range(COUNT)]
    answers = runner.translate(lines)
    signs = Counter()
    for line, answer in zip(lines, answers, strict=True):
        for sign in line:
            if sign in '()[]"':
                signs["brackets"] += 1
                signs["brackets kept"] += line.count(sign) == answer.translation.count(sign)
        end = next(end for end in sorted(ENDS, key=len, reverse=True) if line.endswith(end))
        signs["ends"] += 1
        signs["ends kept"] += answer.translation.endswith(end) and not answer.translation.endswith("." + end)
        if not answer.translation.endswith(end) and signs["shown"] < 10:
            signs["shown"] += 1
            print(line, "|", answer.translation)
    lines = [(sign, foreign(dice.choice(PLAIN[language]), sign, dice)) for sign in blocks()]
    answers = runner.translate([line for _, line in lines])
    silent = [
        (sign, answer)
        for (sign, _), answer in zip(lines, answers, strict=True)
        if sign not in answer.translation and not answer.lost
    ]
    named = sum(bool(answer.lost) for answer in answers)
    for sign, answer in silent[:20]:
        print("silent", ascii(sign), answer.source, "|", answer.translation)
    figures = {
        "lines": COUNT, "numbers": sum(source.total() for source, _ in shared), "numbers_kept": round(100 * kept, 2),
        "other_spans": len(spans), "other_spans_kept": round(100 * whole, 2),
        "brackets_kept": round(100 * signs["brackets kept"] / signs["brackets"], 2),
        "end_marks_kept": round(100 * signs["ends kept"] / signs["ends"], 2),
        "characters": len(lines), "lost_without_a_mark": len(silent), "named": named,
    }  # fmt: skip
    print(figures)
    record(f"kept spans, {runner.model.manifest.task} {language}", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("language", choices=sorted(SENTENCES))
    arguments = parser.parse_args()
    sys.exit(main(arguments.model, arguments.language))
