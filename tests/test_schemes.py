"""Schemes of entities, from files to scores: what is told, what is rewritten and said, what is refused."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from seqtool.cli import run
from seqtool.data.entities import impossible
from seqtool.data.records import Parts
from seqtool.data.tagged import Sentence
from seqtool.errors import DataError, ModelError
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.data import check, held_out, load
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.families.tagging.schemes import in_one_scheme
from seqtool.reads import DataFile
from seqtool.task import Data, Task

TASK = Task("toys", "", "tagging")
KINDS = ("per", "geo-pol")
LETTERS = {"bilou": "BILU", "bioes": "BIES", "bmes": "BMES"}


def sentences_of(seed, count, *, outside=3):
    """Draw sentences as pairs: a word, and None or its kind with its place in its entity and that one's length."""
    dice, drawn = random.Random(seed), []
    for number in range(count):
        words = [(f"only{number}", None)]
        for _ in range(dice.randint(1, 5)):
            kind = dice.choice((*KINDS, *[None] * outside))
            length = dice.randint(1, 3) if kind else 1
            words += [
                (f"{kind or 'w'}{dice.randrange(9)}", (kind, place, length) if kind else None)
                for place in range(length)
            ]
        drawn.append(words)
    return drawn


def written(sentence, scheme):
    """The tags of a sentence in a scheme, by its textbook rule."""
    tags, before = [], None
    for _, entity in sentence:
        if entity is None:
            tags.append("O")
        elif scheme == "io":
            tags.append(entity[0])
        else:
            kind, place, length = entity
            if scheme == "iob2":
                letter = "I" if place else "B"
            elif scheme == "iob1":
                letter = "B" if place == 0 and before is not None and before[0] == kind else "I"
            else:
                begin, inside, end, single = LETTERS[scheme]
                letter = single if length == 1 else begin if place == 0 else end if place == length - 1 else inside
            tags.append(f"{letter}-{kind}")
        before = entity
    return tags


def entities_of(sentence):
    """The entities of a sentence as it was drawn: kind, first word, last + 1."""
    places = enumerate(entity for _, entity in sentence)
    return [(entity[0], place, place + entity[2]) for place, entity in places if entity and entity[1] == 0]


def lines(sentences, tags):
    return "\n".join(
        "".join(f"{word}\t{tag}\n" for (word, _), tag in zip(sentence, own, strict=True))
        for sentence, own in zip(sentences, tags, strict=True)
    )


TAKEN = "the tags mark entities by the scheme"


def said(findings, code="scheme"):
    return [one.text for one in findings if one.code == code]


def trained_on(path, **options):
    """Words and tags of all sentences as a training has them, by their first word; and the encoders."""
    splits = load(TASK, TaggingConfig(**{"scheme": "auto", **options}), Data((DataFile(path),)))
    whole = splits.train + splits.validation + splits.test
    return {words[0]: tags for words, tags in zip(whole.words, whole.tags, strict=True)}, splits.encoders


SENTENCES = sentences_of(0, 60)


def mixed(first, second):
    return [written(one, (first, second)[n % 2]) for n, one in enumerate(SENTENCES)]


def slips():
    tags = [written(one, "iob2") for one in SENTENCES]
    tags[5] = [tag.replace("B-", "I-", 1) for tag in tags[5]]
    return tags


FILES = {
    "iob2": (lambda: mixed("iob2", "iob2"), "iob2"),
    "iob1": (lambda: mixed("iob1", "iob1"), "iob1"),
    "bilou": (lambda: mixed("bilou", "bilou"), "bilou"),
    "bioes": (lambda: mixed("bioes", "bioes"), "bilou"),
    "slips": (slips, "iob2"),
    "half in iob1": (lambda: mixed("iob1", "iob2"), "iob2"),
    "half in bio": (lambda: mixed("bilou", "iob2"), "bilou"),
    "two alphabets": (lambda: mixed("bilou", "bioes"), "bilou"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_training_has_tags_of_one_scheme_for_the_same_entities(tmp_path, name):
    make, scheme = FILES[name]
    tags = make()
    (tmp_path / "a.tsv").write_text(lines(SENTENCES, tags))
    found, encoders = trained_on(tmp_path / "a.tsv")
    assert encoders.scheme() == scheme
    letters = "bioes" if name == "bioes" else scheme
    wanted = {one[0][0]: tuple(written(one, letters)) for one in SENTENCES}
    if name == "slips":  # two entities that stood side by side are one where the second's B is lost
        changed = SENTENCES[5][0][0]
        assert not impossible(found.pop(changed), "iob2")
        del wanted[changed]
    assert found == wanted
    different = sum(old != new for old, one in zip(tags, SENTENCES, strict=True)
                    for old, new in zip(old, written(one, letters), strict=True))  # fmt: skip
    findings = check(TASK, TaggingConfig(scheme="auto"), Data((DataFile(tmp_path / "a.tsv"),)))
    if not different:
        assert said(findings) == [f"{TAKEN} {scheme}: --scheme none takes each for itself"]
        assert [one.level for one in findings if one.code == "scheme"] == ["note"]
    else:
        (text,) = said(findings)
        count = 1 if name == "slips" else different
        start = f"{count:,} tag{'s' * (count > 1)} did not follow the scheme {scheme}: written by it, "
        assert text.startswith(f"{start}for the same entities, the first ")
        assert [one.level for one in findings if one.code == "scheme"] == ["warning"]


def test_any_tag_may_follow_any_where_that_is_asked(tmp_path):
    tags = slips()
    (tmp_path / "a.tsv").write_text(lines(SENTENCES, tags))
    found, encoders = trained_on(tmp_path / "a.tsv", scheme="none")
    assert found == {one[0][0]: tuple(own) for one, own in zip(SENTENCES, tags, strict=True)}
    assert (encoders.scheme(), encoders.allowed(), "schemes" in encoders.to_json()) == (None, None, False)
    assert not said(check(TASK, TaggingConfig(scheme="none"), Data((DataFile(tmp_path / "a.tsv"),))))


@pytest.mark.parametrize("asked", ["iob2", "iob1", "bilou", "io"])
@pytest.mark.parametrize("given", ["iob2", "iob1", "bilou"])
def test_the_scheme_that_is_asked_for_is_learnt(tmp_path, given, asked):
    some = sentences_of(1, 40, outside=1)  # most words stand in entities
    (tmp_path / "a.tsv").write_text(lines(some, [written(one, given) for one in some]))
    found, encoders = trained_on(tmp_path / "a.tsv", scheme=asked)
    assert encoders.scheme() == asked
    assert found == {one[0][0]: tuple(written(one, asked)) for one in some}


def test_tags_without_letters_are_kinds(tmp_path):
    (tmp_path / "a.tsv").write_text(lines(SENTENCES, [written(one, "io") for one in SENTENCES]))
    found, encoders = trained_on(tmp_path / "a.tsv")
    assert encoders.schemes == ("io",)
    assert encoders.allowed() is None
    assert found == {one[0][0]: tuple(written(one, "io")) for one in SENTENCES}
    # where most words are of some kind nobody can tell, but a person may say it
    dense = sentences_of(2, 40, outside=0)
    (tmp_path / "a.tsv").write_text(lines(dense, [written(one, "io") for one in dense]))
    assert trained_on(tmp_path / "a.tsv")[1].schemes == ()
    assert trained_on(tmp_path / "a.tsv", scheme="io")[1].schemes == ("io",)


CHINESE = ["北京 大学 在 北京", "我们 在 中国人民大学 学习", "我 学习", "中国 的 大学", "在 这里"] * 6


def test_words_of_chinese_by_their_characters(tmp_path):
    rows = []
    for number, sentence in enumerate(CHINESE):
        letters = "".join("S" if len(word) == 1 else f"B{'M' * (len(word) - 2)}E" for word in sentence.split())
        rows.append([*zip([f"{number}", *sentence.replace(" ", "")], f"S{letters}", strict=True)])
    text = "\n".join("".join(f"{character}\t{tag}\n" for character, tag in row) for row in rows)
    (tmp_path / "a.tsv").write_text(text)
    found, encoders = trained_on(tmp_path / "a.tsv")
    assert encoders.schemes == ("bilou",)
    assert {*encoders.tags.names} == set("BMES")
    assert found == {row[0][0]: tuple(tag for _, tag in row) for row in rows}
    (taken,) = said(check(TASK, TaggingConfig(scheme="auto"), Data((DataFile(tmp_path / "a.tsv"),))))
    assert taken.startswith(f"{TAKEN} bilou")
    odd = text.replace("北\tB\n京\tE\n大", "北\tM\n京\tE\n大", 1)  # nothing began the word
    (tmp_path / "a.tsv").write_text(odd)
    assert trained_on(tmp_path / "a.tsv")[0] == found
    (line,) = said(check(TASK, TaggingConfig(scheme="auto"), Data((DataFile(tmp_path / "a.tsv"),))))
    assert "the first M as B in sentence 1" in line


@pytest.mark.parametrize("tags", [("NOUN", "B-VERB", "O"), ("SUB-x", "B-x", "I-x"), ("NOUN", "VERB", "DET")])
def test_letters_before_some_tags_are_those_of_words_alone(tmp_path, tags):
    # most are O, and one has no letter: kinds such as B-VERB would be scored as entities that nobody marked
    rows = [[(f"w{n}", tags[0]), ("saw", tags[1]), ("it", tags[2])] + [("x", tags[2])] * 5 for n in range(30)]
    (tmp_path / "a.tsv").write_text("\n".join("".join(f"{word}\t{tag}\n" for word, tag in row) for row in rows))
    found, encoders = trained_on(tmp_path / "a.tsv")
    assert encoders.schemes == ()
    assert found == {row[0][0]: tuple(tag for _, tag in row) for row in rows}


def test_a_scheme_for_tags_of_words_is_refused_with_a_cure(tmp_path, monkeypatch, refused):
    monkeypatch.chdir(tmp_path)
    Path("a.tsv").write_text("\n".join(f"w{n}\tNOUN\nis\tVERB\n" for n in range(30)))
    for command in (("check", "tag"), ("train", "tag", "--out", "run")):
        refused(*command, "--data", "a.tsv", "--scheme", "iob2", code=2, said=[
            "--scheme iob2: the tags mark no entities (NOUN, VERB)", "leave --scheme out", "--tag-column",
        ])  # fmt: skip


def test_each_field_has_a_scheme_of_its_own():
    config = TaggingConfig(tag_column=("ner", "pos", "chunk"), scheme="auto")
    rows = [
        Sentence((f"w{n}", "is", "in", "Rome"), ("O", "O", "O", "I-loc"), n,
                 {"pos": ("N", "V", "I", "N"), "chunk": ("I-NP", "B-VP", "O", "B-NP")})
        for n in range(9)
    ]  # fmt: skip
    rows[3] = replace(rows[3], tags=("O", "O", "O", "B-loc"))
    parts = in_one_scheme(Parts(tuple(rows[:5]), tuple(rows[5:7]), tuple(rows[7:])), config)
    assert {one.tags for part in parts.by_name.values() for one in part} == {("O", "O", "O", "I-loc")}
    assert {tuple(one.more) for one in parts.train} == {("pos", "chunk")}
    assert {one.more["pos"] for one in parts.train} == {("N", "V", "I", "N")}
    assert {one.more["chunk"] for one in parts.test} == {("B-NP", "B-VP", "O", "B-NP")}
    assert [text.split(":")[0] for text in said(parts.findings)] == [
        "1 tag of ner did not follow the scheme iob1", "9 tags of chunk did not follow the scheme iob2",
    ]  # fmt: skip


SMALL = ["--max-steps", "30", "--hidden", "8", "--layers", "1", "--embedding", "8", "--characters", "0",
         "--evaluate-every", "30", "--learning-rate", "0.05"]  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A folder with a file `model.onnx` that was trained on entities in IOB2."""
    folder = tmp_path_factory.mktemp("schemes")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("a.tsv").write_text(lines(SENTENCES, [written(one, "iob2") for one in SENTENCES]))
        assert run(["train", "tag", "--data", "a.tsv", *SMALL, "--from-data", "", "--out", "run"]) == 0
        assert run(["export", "run", "--out", "model.onnx"]) == 0
    return folder / "model.onnx"


def apart(sentence):
    """Whether no two entities of one kind stand side by side: IO would join them."""
    kinds = [(entity and entity[0], entity and entity[1]) for _, entity in sentence]
    return not any(a[0] and a[0] == b[0] and b[1] == 0 for a, b in itertools.pairwise(kinds))


def test_a_file_in_another_scheme_has_the_same_scores(cli, tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    some = [one for one in sentences_of(9, 50) if apart(one)]
    scores = {}
    for scheme in ("iob2", "iob1", "bilou", "bioes", "io"):
        Path("new.tsv").write_text(lines(some, [written(one, scheme) for one in some]))
        answer = cli("evaluate", model, "--data", "new.tsv", "--json")
        assert answer.returncode == 0, answer.stderr
        scores[scheme] = json.loads(answer.stdout)
        assert ("did not follow the scheme iob2: written by it" in answer.stderr) == (scheme != "iob2")
    assert scores["iob2"]["entities"]["geo-pol"]["count"] == sum(
        entity[0] == "geo-pol" for one in some for entity in entities_of(one)
    )
    assert scores["iob2"]["whole"]["model"]["entity_f1"] > 0.3
    for other in scores.values():
        assert other == scores["iob2"]


def test_a_file_that_lacks_o_or_has_an_odd_tag_is_not_read_as_kinds(cli, tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    Path("new.tsv").write_text("per1\tB-per\nper2\tI-per\n\nper1\tI-per\n")
    found = json.loads(cli("evaluate", model, "--data", "new.tsv", "--json").stdout)
    assert {kind: row["count"] for kind, row in found["entities"].items() if row["count"]} == {"per": 2}
    odd = lines(SENTENCES, [written(one, "iob2") for one in SENTENCES]) + "\nx\tMISC\n"
    Path("odd.tsv").write_text(odd)
    answer = cli("evaluate", model, "--data", "odd.tsv", "--json")
    assert "scheme" not in answer.stderr
    found = json.loads(answer.stdout)
    assert found["unseen_tags"] == 1
    assert {*found["entities"]} == {*KINDS}


def test_kinds_that_look_like_letters_are_those_of_a_model_that_was_asked_for_kinds(tmp_path):
    rows = [[(f"w{n}", "O"), ("a", "E-mail"), ("b", "phone"), ("c", "E-mail")] for n in range(30)]
    text = "\n".join("".join(f"{word}\t{tag}\n" for word, tag in row) for row in rows)
    (tmp_path / "a.tsv").write_text(text)
    found, encoders = trained_on(tmp_path / "a.tsv", scheme="io")
    assert encoders.scheme() == "io"
    assert found == {row[0][0]: tuple(tag for _, tag in row) for row in rows}
    config = TaggingConfig(scheme="io")
    (tmp_path / "b.tsv").write_text("w1\tO\na\tE-mail\n\nw2\tO\nc\tE-mail\n")
    part, findings = held_out(TASK, config, encoders, [DataFile(tmp_path / "b.tsv")])
    assert part.tags == (("O", "E-mail"),) * 2
    assert not said(findings)


def test_encoders_of_earlier_files_have_no_scheme_and_damaged_ones_are_refused(tmp_path):
    (tmp_path / "a.tsv").write_text(lines(SENTENCES, mixed("iob2", "iob2")))
    stored = json.loads(json.dumps(trained_on(tmp_path / "a.tsv")[1].to_json()))
    assert stored["schemes"] == ["iob2"]
    older = TaggingEncoders.from_json({key: value for key, value in stored.items() if key != "schemes"})
    assert (older.scheme(), older.allowed()) == (None, None)
    for damaged in ("iob2", [], ["iob2", None], ["iob9"], [3], [["iob2"]], {"0": "iob2"}):
        with pytest.raises(ModelError, match="schemes of tags are damaged"):
            TaggingEncoders.from_json(stored | {"schemes": damaged})
    with pytest.raises(DataError, match="mark no entities"):
        trained_on(tmp_path / "a.tsv", scheme="iob1", tag_column=("1",), word_column="2")


ODD = {
    "one without a letter": (lambda tag: tag, ["X-per"]),
    "lower case": (lambda tag: tag[0].lower() + tag[1:] if tag != "O" else tag, ["b-geo-pol", "b-per", "i-per"]),
    "another mark": (lambda tag: tag.replace("-", ".", 1), ["B.geo-pol", "B.per", "I.per"]),
    "behind the kind": (lambda tag: f"{tag[2:]}-{tag[0]}" if tag != "O" else tag, ["geo-pol-B", "per-B", "per-I"]),
}


@pytest.mark.parametrize("name", ODD)
def test_tags_that_keep_others_from_being_entities_are_named(tmp_path, name):
    """Nothing told that an odd tag turned the entities off, or that `b-x` and `i-x` became two kinds."""
    change, odd = ODD[name]
    tags = [[*map(change, written(one, "iob2"))] for one in SENTENCES]
    if name == "one without a letter":
        tags[3][0] = "X-per"
    (tmp_path / "a.tsv").write_text(lines(SENTENCES, tags))
    found, encoders = trained_on(tmp_path / "a.tsv")
    assert encoders.schemes == ()
    assert list(found.values()).count(tuple(tags[3])) >= 1
    (text,) = said(check(TASK, TaggingConfig(scheme="auto"), Data((DataFile(tmp_path / "a.tsv"),))), "odd-tags")
    assert all(tag in text for tag in odd)
    assert "none is read as that of an entity" in text
    if name == "one without a letter":
        assert "X-per (1 word, the first in sentence 4)" in text
    with pytest.raises(DataError, match="not all tags are O or a letter before a kind") as refused:
        load(TASK, TaggingConfig(scheme="iob2"), Data((DataFile(tmp_path / "a.tsv"),)))
    assert odd[0] in refused.value.what


def test_a_few_letters_of_another_scheme_are_slips(tmp_path):
    tags = [written(one, "iob2") for one in SENTENCES]
    row, place = next(
        (row, place) for row in tags for place in range(len(row) - 1) if row[place : place + 2] == ["B-per", "O"]
    )
    row[place] = "S-per"
    (tmp_path / "a.tsv").write_text(lines(SENTENCES, tags))
    found, encoders = trained_on(tmp_path / "a.tsv")
    assert encoders.scheme() == "iob2"
    assert not {tag for tags in found.values() for tag in tags} - {"O", *(f"{a}-{b}" for a in "BI" for b in KINDS)}
    (text,) = said(check(TASK, TaggingConfig(scheme="auto"), Data((DataFile(tmp_path / "a.tsv"),))))
    assert text.startswith("1 tag did not follow the scheme iob2")


def test_the_training_part_tells_the_scheme():
    parts = [
        [Sentence(tuple(word for word, _ in one), tuple(written(one, scheme)), n) for n, one in enumerate(SENTENCES)]
        for scheme in ("iob2", "bilou", "iob1")
    ]
    rewritten = in_one_scheme(Parts(*map(tuple, parts)), TaggingConfig(scheme="auto"))
    for part in (rewritten.train, rewritten.validation, rewritten.test):
        assert [one.tags for one in part] == [one.tags for one in parts[0]]


@pytest.mark.parametrize("kinds", [("L", "M", "E"), ("E-mail", "S-Bahn"), ("E-mail", "S-Bahn", "phone")])
def test_kinds_that_are_letters_or_begin_with_them_stay_whole(tmp_path, kinds):
    """A letter that ends an entity is none where no B begins one."""
    dice = random.Random(0)
    rows = [[(f"only{n}", "O"), *((f"w{dice.randrange(9)}", dice.choice(("O", "O", *kinds))) for _ in range(5))]
            for n in range(60)]  # fmt: skip
    (tmp_path / "a.tsv").write_text("\n".join("".join(f"{word}\t{tag}\n" for word, tag in row) for row in rows))
    for scheme in ("io", "auto"):
        found, encoders = trained_on(tmp_path / "a.tsv", scheme=scheme)
        assert found == {row[0][0]: tuple(tag for _, tag in row) for row in rows}
        assert scheme == "auto" or encoders.scheme() == "io"
        assert {*encoders.tags.names} == {"O", *kinds}


def test_letters_alone_are_kinds_where_kinds_are_asked_for(tmp_path):
    """They became tags without a name."""
    rows = [[(f"only{n}", "O"), ("a", "B"), ("b", "I"), ("c", "O")] for n in range(60)]
    (tmp_path / "a.tsv").write_text("\n".join("".join(f"{word}\t{tag}\n" for word, tag in row) for row in rows))
    _, encoders = trained_on(tmp_path / "a.tsv", scheme="io")
    assert encoders.tags.names == ("B", "I", "O")


@pytest.mark.parametrize("scheme", ["iob1", "bilou"])
def test_a_later_file_with_an_odd_tag_is_written_in_the_scheme_but_for_that_tag(tmp_path, scheme):
    """All its other tags stayed in their own scheme, so that three words in four were wrong, and nothing said so."""
    (tmp_path / "a.tsv").write_text(lines(SENTENCES, [written(one, "iob2") for one in SENTENCES]))
    encoders = trained_on(tmp_path / "a.tsv")[1]
    tags = [written(one, scheme) for one in SENTENCES]
    tags[3][0] = "X"
    (tmp_path / "b.tsv").write_text(lines(SENTENCES, tags))
    config = TaggingConfig(scheme="auto")
    part, findings = held_out(TASK, config, encoders, (DataFile(tmp_path / "b.tsv"),))
    wanted = [written(one, "iob2") for one in SENTENCES]
    wanted[3][0] = "X"
    assert [*map(list, part.tags)] == wanted
    assert "X (1 word, the first in sentence 4); they stay as they are" in said(findings, "odd-tags")[0]
    assert said(findings)


def test_a_file_of_other_tags_is_refused_by_the_tags_that_it_has(tmp_path):
    """Verbs and nouns are no entities: written in the scheme of the model they would be B-V and I-N."""
    tags = [written(one, "iob2") for one in SENTENCES]
    (tmp_path / "a.tsv").write_text(lines(SENTENCES, tags))
    _, encoders = trained_on(tmp_path / "a.tsv")
    (tmp_path / "b.tsv").write_text(lines(SENTENCES, [["N", *"V" * (len(row) - 1)] for row in tags]))
    config = TaggingConfig(scheme="auto", field="tags")
    with pytest.raises(DataError, match="none of its tags is one of the model's: 'N', 'V'"):
        held_out(TASK, config, encoders, (DataFile(tmp_path / "b.tsv"),))


def test_kinds_with_few_o_are_said_to_be_open(tmp_path):
    dense = sentences_of(3, 60, outside=0)
    (tmp_path / "a.tsv").write_text(lines(dense, [written(one, "io") for one in dense]))
    data = Data((DataFile(tmp_path / "a.tsv"),))
    assert said(check(TASK, TaggingConfig(scheme="auto"), data)) == [
        "the tags are taken as those of words: --scheme io, if all but O are kinds of entities"
    ]
    assert said(check(TASK, TaggingConfig(scheme="io"), data)) == [f"{TAKEN} io: --scheme none takes each for itself"]


def test_neighbours_of_one_kind_that_io_makes_one_entity_are_counted(tmp_path):
    rows = [["B-per", "I-per", "B-per", "O", "B-geo", "B-per"], ["O", "B-geo", "O"]] * 20
    words = [[(f"w{n}", None), *((word, None) for word in "abcde"[: len(row) - 1])] for n, row in enumerate(rows)]
    (tmp_path / "a.tsv").write_text(lines(words, rows))
    (text,) = said(check(TASK, TaggingConfig(scheme="io"), Data((DataFile(tmp_path / "a.tsv"),))))
    assert text == (
        "120 tags did not follow the scheme io: written by it, the first B-per as per in sentence 1; "
        "20 entities cannot be told from the one before"
    )
