"""Spans that a translation keeps: numbers, codes, placeholders, addresses, characters that training never had."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.subwords import Subwords
from seqtool.data.encoders.vocabulary import UNK
from seqtool.data.kept_spans import JOIN, SLOTS, SpanKeeper, numbers_kept, restored
from seqtool.data.pair_check import check_pairs
from seqtool.data.pair_copies import altered_copies, dictionary
from seqtool.data.pairs import Pair
from seqtool.data.records import Parts

A, B, C, D = SLOTS[:4]
PLAIN = SpanKeeper(frozenset(string.ascii_letters + string.digits + string.punctuation + "äöüÜß"))


@pytest.mark.parametrize(
    ("text", "kept", "spans"),
    [
        ("Tisch 906 ist blau.", f"Tisch {A}906 ist blau.", ["906"]),
        ("7 und 7 sind 14", f"{A}7 und {A}7 sind {B}14", ["7", "14"]),
        ("um 14:30", f"um {A}14:{B}30", ["14", "30"]),
        ("Hallo {ID_42}, {{name}} und ${HOME}", f"Hallo {A}, {B} und {C}", ["{ID_42}", "{{name}}", "${HOME}"]),
        ("%s hat %(count)d", f"{A} hat {B}", ["%s", "%(count)d"]),
        ("100% davon, 5 €", f"{A}100{B} davon, {C}5 {D}", ["100", "%", "5", "€"]),
        ("am 2.2.1786 um 1.000.000", f"am {A} um {B}1.{C}000.{C}000", ["2.2.1786", "1", "000"]),
        ("file_name + x", f"{A} {B} x", ["file_name", "+"]),
        ('(neu) "so" l\'art', f'({JOIN} neu) "{JOIN} so" l\'art', []),
        ("(7) 😀neu", f"({A}7) {B}{JOIN} neu", ["7", "😀"]),
        ("siehe https://a.b/c?d=1. Oder a.b@c.de!", f"siehe {A}. Oder {B}!", ["https://a.b/c?d=1", "a.b@c.de"]),
        ("die A-42 und B52, am 2ten", f"die {A} und {B}, am {C}2ten", ["A-42", "B52", "2"]),
        ("Żółw lief", f"{A} lief", ["Żółw"]),
        (
            "bei -5°C (-12,5), Seite 3-5",
            f"bei {A}5{B}C ({C}12,{D}5), Seite {SLOTS[4]}3-{D}5",
            ["-5", "°", "-12", "5", "3"],
        ),
        ("in /etc/a-b.conf, C:\\x oder ~/y/z.", f"in {A}, {B} oder {C}.", ["/etc/a-b.conf", "C:\\x", "~/y/z"]),
        ("und/oder er/sie/es", "und/oder er/sie/es", []),
        ("gut 😀👍!", f"gut {A}!", ["😀👍"]),
        ("漢字", A, ["漢字"]),
        (
            "\U0001f3c3\u200d\u2642\ufe0f und \u2764\ufe0f.",
            f"{A} und {B}.",
            ["\U0001f3c3\u200d\u2642\ufe0f", "\u2764\ufe0f"],
        ),
        ("a\x07b", "a b", []),
        (f"{B} {A}", f"{A} {B}", [B, A]),
    ],
)
def test_spans_stand_as_slots_in_front_of_the_network(text, kept, spans):
    found = PLAIN.source(text)
    assert found.text == kept
    assert list(found.spans.values()) == spans


def test_a_script_without_blanks_keeps_its_spans_and_no_words_beside_them():
    """Chinese letters stand on both sides of a span, and one unknown letter is no reason to keep its clause."""
    keeper = SpanKeeper(PLAIN.known | set("型号是请写信给看有个这家店很好。《》"))
    text = "型号A-42是x@y.de、请看https://a.b/c。有%d个《https://a.b》这家龘店很好"
    kept = keeper.source(text)
    assert list(kept.spans.values()) == ["A-42", "x@y.de", "、", "https://a.b/c", "%d", "https://a.b", "龘"]
    assert restored(kept.text, kept.spans) == text
    assert keeper.lost(text, "A-42 x@y.de、 https://a.b/c %d https://a.b") == ["龘"]


def test_a_slot_of_the_text_itself_never_stands_for_a_span():
    full = " ".join(f"{letter}-1" for letter in string.ascii_uppercase[: len(SLOTS)])
    for text in (f"{full} {A}b{JOIN}", f"{full} {D}"):
        kept = PLAIN.source(text)
        assert restored(kept.text, kept.spans).rstrip(" b") == full
        assert PLAIN.lost(text, restored(kept.text, kept.spans))
    assert set(PLAIN.target(f"a {A}{JOIN} b", {}) + PLAIN.target(f"{A} 5", {B: "5"})) == set(f"ab {B}")


def test_accents_of_their_own_are_read_as_training_wrote_them():
    apart, whole = (unicodedata.normalize(form, "Über B\u00e4ume, caf\u00e9") for form in ("NFD", "NFC"))
    kept = PLAIN.source(apart)
    assert (kept.text, list(kept.spans.values())) == (f"\u00dcber B\u00e4ume, cafe{A}", ["\u0301"])
    assert PLAIN.lost(apart, whole) == ["\u0301"]  # PLAIN has no \u00e9
    assert SpanKeeper(frozenset(apart)).source(apart).text == apart
    assert SpanKeeper(frozenset(whole)).source(apart).text == whole


def test_a_long_run_of_brackets_is_read_at_once():
    """A search that begins anew at each of them would take minutes."""
    text = "(" * 1_000_000
    assert PLAIN.source(text).text == text


def test_a_translation_has_the_slots_of_its_source_and_gets_the_spans_back():
    source = PLAIN.source("Tisch 906 und Tisch 7")
    target = PLAIN.target("tables 7, 906 and 9067", source.spans)
    assert target == f"tables {B}, {A} and 9067"
    assert restored(target, source.spans) == "tables 7, 906 and 9067"
    assert restored(f"a {C} b", source.spans) == "a  b"  # a slot that no span of the source has
    assert restored(PLAIN.target('"red" (new)', {}), {}) == '"red" (new)'


def test_more_spans_than_slots_stay_as_they_are():
    numbers = [str(number) for number in range(100, 100 + len(SLOTS) + 3)]
    kept = PLAIN.source(" ".join(numbers))
    assert list(kept.spans.values()) == numbers[: len(SLOTS)]
    assert kept.text.endswith(" ".join(["", *numbers[-3:]]))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_character_is_lost_without_a_word(text):
    """A perfect translator copies what it reads; what does not come back, white space aside, is named."""
    kept = PLAIN.source(text)
    digits = dict.fromkeys(kept.spans)
    copied = kept.text
    for slot, span in kept.spans.items():
        if span.isdecimal():
            copied = copied.replace(slot + span, slot)  # the network writes the slot alone
    written = restored(copied, kept.spans)
    lost = "".join(PLAIN.lost(text, written))
    gone = [sign for sign in text if sign not in written]
    assert all(sign in lost and unicodedata.category(sign) == "Cc" for sign in gone)
    assert len(digits) <= len(SLOTS)
    assert not any(sign in PLAIN.known for sign in lost)


def test_what_a_translation_lacks_is_named_once():
    assert PLAIN.lost("7 mal 7 und {x} 漢", "7 times 9") == ["7", "{x}", "漢"]
    assert PLAIN.lost("7 mal 7 und {x} 漢", "{x} 漢: 7 times 7") == []
    assert PLAIN.lost("12", "123") == ["12"]  # a number is kept as a whole


@pytest.mark.parametrize(
    ("text", "translation", "lost"),
    [
        ("{name}, ja {name}!", "{name}!", ["{name}"]),
        ("50 % und 60 %", "50 % and 60", ["%"]),
        ("5 % von %s", "5 of %s", ["%"]),
        ("5 auf https://a.b/5", "https://a.b/5", ["5"]),
        ("A-1 und B5", "A-12 and B5", ["A-1"]),
        ("5 auf https://a.b/5, 6 % von %s, A-1 und A-12", "A-12, A-1: %s 6 %, https://a.b/5 5", []),
    ],
)
def test_what_comes_several_times_or_inside_of_another_span_is_missed_too(text, translation, lost):
    assert PLAIN.lost(text, translation) == lost


def test_numbers_that_both_sides_share_are_counted():
    sources, references = ["1 und 2 und 3", "9"], ["1 and 2", "nine"]
    assert numbers_kept(sources, references, ["2 and 22", "8"]) == (2, 1)
    assert numbers_kept(sources, references, ["1 or 2", ""]) == (2, 2)


LINES = ["das ist ein Haus (neu)", "der Hund läuft 12 Meter", "wo ist das Haus?", "½ Liter … Öl", "that is a dog"] * 3


@pytest.fixture(scope="module", params=["unigram", "bpe"])
def vocabulary(request) -> Subwords:
    return Subwords.fit(LINES, 60, request.param, spelled="all", normalisation="none")


def test_every_character_of_the_training_part_has_a_piece_and_each_digit_its_own(vocabulary):
    assert set("".join(LINES)) - {" "} == vocabulary.characters
    for line in LINES:
        assert vocabulary.decode(vocabulary.encode(line)) == line
        assert UNK not in vocabulary.encode(line)
    assert vocabulary.tokens("12 21")[-2:] == ["2", "1"]


def test_a_slot_is_one_token_and_a_restored_vocabulary_has_it_too(vocabulary):
    again = Subwords.from_json(vocabulary.to_json())
    for slot in SLOTS:
        assert again.tokens(f"Haus{slot}12").count(slot) == 1
    assert again.has_slots
    assert again.characters == vocabulary.characters


def test_an_earlier_vocabulary_keeps_no_spans():
    earlier = Subwords.fit(LINES, 60)
    encoders = TranslationEncoders(earlier, earlier)
    assert not earlier.has_slots
    assert encoders.read("Haus 12") == ("Haus 12", {})
    assert encoders.lost("Haus 34 漢", "house 34") == ["漢"]
    assert encoders.lost("Haus 34", "house") == ["34"]  # altered numbers are named of earlier files too


def test_a_bracket_that_a_translation_lacks_is_named(vocabulary):
    encoders = TranslationEncoders(vocabulary, vocabulary)
    assert "]" in encoders.lost("[Das] (alte) Haus", "[the (old) house")
    assert "".join(encoders.lost("(a) (b)", "(a) b)")).count("(") == 1
    assert encoders.lost("(das) Haus", "the (house)") == []


def test_compatibility_forms_are_kept_unless_asked_otherwise(vocabulary):
    plain = Subwords.fit(LINES, 90, spelled="all", normalisation="nfkc")
    assert vocabulary.decode(vocabulary.encode("½ …")) == "½ …"
    assert plain.decode(plain.encode("…")) == "..."


def test_the_rarest_characters_have_no_piece_where_there_is_no_room():
    signs = [chr(0x4E00 + number) for number in range(100)]
    lines = ["".join(signs[:60]) * 50, *signs]
    vocabulary = Subwords.fit(lines, 100, spelled="all", normalisation="none")
    assert set(signs[:60]) <= vocabulary.characters
    assert 60 <= len(vocabulary.characters) <= 80


PAIRS = [
    Pair(f"der {german} ist {colour}", f"the {english} is {shade}", number)
    for number in range(5)
    for german, english in (("Hund", "dog"), ("Baum", "tree"), ("Tisch", "table"))
    for colour, shade in (("rot", "red"), ("blau", "blue"))
]


def test_words_that_stand_for_each_other_are_found():
    words = {"Hund": "dog", "Baum": "tree", "Tisch": "table", "rot": "red", "blau": "blue"}
    assert dictionary(PAIRS) == {
        "der": "the",
        "ist": "is",
        **words,
    }  # those two are in every pair: the first come first
    assert dictionary([]) == {}
    assert dictionary([Pair("12", "12")]) == {}


def test_copies_are_altered_alike_on_both_sides_and_differ_from_run_to_run_by_the_seed_alone():
    copies = altered_copies(PAIRS * 40)
    assert copies == altered_copies(PAIRS * 40) != altered_copies(PAIRS * 40, seed=1)
    assert len(copies) == 120
    everything = SpanKeeper(PLAIN.known)
    for copy in copies:
        source, target = (everything.source(text).spans.values() for text in (copy.source, copy.target))
        assert sorted(source) == sorted(target)
        assert [copy.source.count(sign) for sign in "()[]!?"] == [copy.target.count(sign) for sign in "()[]!?"]
    assert sum(bool(everything.source(copy.source).spans) for copy in copies) > 60
    assert len({copy.source for copy in copies}) > 100


def test_copies_need_no_words_that_stand_for_each_other():
    (copy,) = altered_copies([Pair("漢字", "kanji")] * 10)
    assert copy.source != "漢字"
    assert "漢字" in copy.source
    assert "kanji" in copy.target
    assert altered_copies([]) == []


def test_check_names_the_characters_that_a_vocabulary_lacks():
    train = tuple(Pair(f"Wagen ist rot {number % 3}", "the car is red", number) for number in range(200))
    held_out = (Pair("Wagen ist rot " * 9 + "7 😀?", "car 7?", 1),)
    parts = Parts(train, held_out, held_out)
    lines = [pair.source for pair in train] + [pair.target for pair in train]
    for spelled, level, said in (("frequent", "warning", "7 (2)"), ("all", "note", "it comes through as it is")):
        vocabulary = Subwords.fit(lines, 60, spelled=spelled)
        found = check_pairs(parts, {"source": vocabulary}, 0, keeps=vocabulary.has_slots)
        (unknown,) = [finding for finding in found if finding.code == "unknown-source"]
        assert unknown.level == level
        assert said in unknown.text
        assert "😀 (2)" in unknown.text
