"""Tagged sentences that cannot be trained on: each refused in words, with its place."""

from __future__ import annotations

import pytest

from seqtool.data.conllu import Sentence
from seqtool.data.records import Parts
from seqtool.errors import DataError
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.data import TagPart, check, read, split, tag_ids, unseen
from seqtool.task import DataFile

ROW = "{}\t{}\t_\t{}\t{}\t_\t_\t_\t_\t_\n"


def conllu(*sentences):
    blocks = []
    for sentence in sentences:
        items = [item.split("/") for item in sentence.split()]
        blocks.append("".join(ROW.format(n, *item) for n, item in enumerate(items, start=1)))
    return "\n".join(blocks)


def test_words_and_tags_that_differ_in_number_name_the_sentence():
    bad = Sentence(("a", "b", "c"), {"upos": ("X", "Y")}, (), 7)
    with pytest.raises(DataError, match="sentence 7 has 3 words and 2 tags"):
        TagPart.of([bad], "upos")
    with pytest.raises(DataError, match="sentence 7 has 3 words and 0 tags"):
        TagPart.of([bad], "xpos")


def test_a_word_without_a_tag_names_the_sentence(tmp_path):
    (tmp_path / "a.txt").write_text("the/DT cat/NN\nthe/DT cat sat/VBD\n")
    with pytest.raises(DataError, match=r"sentence 2.*cat"):
        read([DataFile(tmp_path / "a.txt")], TaggingConfig(field="xpos"))


def test_a_field_that_the_file_has_not_is_named_with_the_one_it_has(tmp_path):
    (tmp_path / "a.txt").write_text("the/DT cat/NN\n" * 3)
    with pytest.raises(DataError, match="upos") as refused:
        read([DataFile(tmp_path / "a.txt")], TaggingConfig(field="upos"))
    assert refused.value.cure == "--field xpos"


def test_one_tag_for_all_words_is_nothing_to_learn():
    sentences = tuple(Sentence((str(n),), {"upos": ("X",)}, (), n) for n in range(9))
    with pytest.raises(DataError, match="nothing to tell apart"):
        split(Parts(sentences, sentences, sentences), TaggingConfig())


def test_a_tag_that_training_never_had_is_told_and_never_right(tmp_path):
    (tmp_path / "train.conllu").write_text(conllu("a/X/x b/Y/y", "b/Y/y a/X/x"))
    (tmp_path / "dev.conllu").write_text(conllu("a/X/x c/Y/y"))
    (tmp_path / "test.conllu").write_text(conllu("a/X/x b/Z/z", "d/X/x"))
    config = TaggingConfig()
    parts = read([DataFile(tmp_path / f"{name}.conllu") for name in ("train", "dev", "test")], config)
    found = {one.code: one for one in check(parts, config)}
    assert found["unseen-labels"].level == "warning"
    assert "has no Z" in found["unseen-labels"].text
    splits = split(parts, config)
    assert tag_ids(splits.test.tags[0], splits.encoders["tags"]).tolist() == [0, -1]
    assert unseen(splits.test, splits.encoders).tolist() == [False, False, True]


def test_all_copies_of_a_sentence_are_in_one_part(tmp_path):
    some = [f"w{n}/X/x v{n}/Y/y" for n in range(40)]
    (tmp_path / "all.conllu").write_text(conllu(*some, *some[:20], *some[10:30]))
    parts = read([DataFile(tmp_path / "all.conllu")], TaggingConfig(validation=0.2, test=0.2))
    each = [{one.words for one in part} for part in (parts.train, parts.validation, parts.test)]
    assert [len(words) for words in each] == [24, 8, 8]
    assert not each[0] & each[1]
    assert not each[0] & each[2]
    assert not each[1] & each[2]
