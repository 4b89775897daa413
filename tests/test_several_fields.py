"""Several fields of tags at once: read, learnt, exported, answered and scored as each of them alone would be."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch.nn.functional import cross_entropy

from seqtool.cli import run
from seqtool.data.encoders.labels import Labels
from seqtool.data.records import Parts
from seqtool.data.tag_options import TagOptions, names_of_tags
from seqtool.data.tagged import Sentence, read_tagged
from seqtool.errors import DataError, ModelError, SeqtoolError, UsageError
from seqtool.families.family import ExportOptions
from seqtool.families.tagging import export
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.data import check, held_out, joined, load, split
from seqtool.families.tagging.encoders import Answer, TaggingEncoders
from seqtool.families.tagging.frequent import fitted
from seqtool.families.tagging.model import Objective, network
from seqtool.families.tagging.part import TagPart
from seqtool.families.tagging.report import Report
from seqtool.families.tagging.runner import Runner, Tags
from seqtool.families.tagging.scores import baselines as fit
from seqtool.families.tagging.scores import score_part
from seqtool.reads import DataFile, Read
from seqtool.runtime.model import open_model
from seqtool.task import Data, Task

TASK = Task("toys", "", "tagging")
ROW = "{}\t{}\t_\t{}\t{}\t_\t_\t_\t_\t_\n"
THREE = TagOptions(tag_column=("pos", "ner", "chunk"))
WORDS, POS, NER, CHUNK = ("Bo", "saw", "Al"), ("N", "V", "N"), ("B-P", "O", "B-P"), ("B-NP", "B-VP", "B-NP")
FILES = {
    "a.csv": "sentence,word,chunk,pos,ner\n" + "".join(
        f"{n},{word},{chunk},{pos},{ner}\n"
        for n in (1, 2)
        for word, pos, ner, chunk in zip(WORDS, POS, NER, CHUNK, strict=True)
    ),
    "a.jsonl": 2 * (json.dumps({"tokens": WORDS, "chunk": CHUNK, "pos": POS, "ner": NER}) + "\n"),
    "rows.csv": "text,ner,pos,chunk\n" + 2 * (",".join(map(" ".join, (WORDS, NER, POS, CHUNK))) + "\n"),
}  # fmt: skip


def conllu(*sentences):
    """CoNLL-U of texts such as `a/X/x b/Y/y`: word, upos, xpos."""
    items = [[item.split("/") for item in sentence.split()] for sentence in sentences]
    return "\n".join("".join(ROW.format(n, *item) for n, item in enumerate(one, start=1)) for one in items)


@pytest.mark.parametrize("name", FILES)
def test_all_columns_that_are_named_are_read(tmp_path, name):
    (tmp_path / name).write_text(FILES[name])
    read = read_tagged(tmp_path / name, options=THREE)
    assert [(one.words, one.tags, one.more) for one in read.records] == [(WORDS, POS, {"ner": NER, "chunk": CHUNK})] * 2
    alone = read_tagged(tmp_path / name, options=TagOptions(tag_column=("ner",)))
    assert [(one.words, one.tags, one.more) for one in alone.records] == [(WORDS, NER, {})] * 2


def test_numbers_of_columns_get_names_in_their_order(tmp_path):
    lines = [f"{word} {pos} {chunk} {ner}\n" for word, pos, chunk, ner in zip(WORDS, POS, CHUNK, NER, strict=True)]
    (tmp_path / "conll.txt").write_text(("".join(lines) + "\n") * 2)
    read = read_tagged(tmp_path / "conll.txt", options=TagOptions("pos,entity", tag_column=("2", "4")))
    assert (read.records[0].tags, read.records[0].more) == (POS, {"entity": NER})
    # the words are the column that is neither: in front of them stand tags
    swapped = [f"{pos} {ner} {word}\n" for word, pos, ner in zip(WORDS, POS, NER, strict=True)]
    (tmp_path / "behind.txt").write_text(("".join(swapped) + "\n") * 2)
    read = read_tagged(tmp_path / "behind.txt", options=TagOptions("pos,entity", tag_column=("1", "2")))
    assert read.records[0].words == WORDS


def test_names_are_those_of_the_columns_unless_others_are_given():
    assert names_of_tags("upos", ()) == ("upos",)
    assert names_of_tags("", ()) == names_of_tags("", ("4",)) == ("",)
    assert names_of_tags("", ("2", "ner")) == names_of_tags(",ner", ("2", "ner")) == ("", "ner")
    assert names_of_tags("a,b", ("ner",)) == ("a,b",)
    assert names_of_tags("upos", ("ner", "pos")) == ("ner", "pos")
    assert names_of_tags("main", ("ner", "pos")) == ("main", "pos")
    assert names_of_tags("upos", ("2", "4")) == ("upos", "4")
    assert names_of_tags("a,b", ("2", "4")) == ("a", "b")
    for field, columns in (("upos", ("x,y", "z")), ("a,b", ("2", "4")), ("upos", ("ner", "pos"))):
        names = names_of_tags(field, columns)
        assert names_of_tags(",".join(names), columns) == names
    with pytest.raises(UsageError, match="2 names to 3 columns"):
        TaggingConfig(field="a,b", tag_column=("1", "2", "3"))


def test_a_sentence_without_one_of_the_tags_is_left_out_and_counted(tmp_path):
    (tmp_path / "a.conllu").write_text(conllu("a/X/x b/Y/y", "a/X/_ b/Y/y", "c/_/x", "d/X/x"))
    read = read_tagged(tmp_path / "a.conllu", options=TagOptions(tag_column=("xpos", "upos")))
    assert [(one.number, one.tags, one.more) for one in read.records] == [
        (1, ("x", "y"), {"upos": ("X", "Y")}), (4, ("x",), {"upos": ("X",)}),
    ]  # fmt: skip
    assert "2 of 4 sentences with words that have no xpos or no upos: left out" in [one.text for one in read.findings]


REFUSED = {
    "twice": (FILES["a.csv"], ("pos", "pos"), "--tag-column names 'pos' twice", "--tag-column pos"),
    "twice by number": (FILES["a.csv"], ("pos", "4"), "--tag-column names 'pos' twice", ""),
    "no such column": (FILES["a.csv"], ("pos", "lemma"), "no column 'lemma'", "sentence, word, chunk, pos, ner"),
    "no such key": (FILES["a.jsonl"], ("pos", "lemma"), "no object has the key 'lemma'", "tokens, chunk, pos, ner"),
    "no such tags": (conllu("a/X/x"), ("upos", "ner"), "tagged in ner", "--tag-column upos (it has upos and xpos)"),
    "others": (conllu("a/X/x"), ("upos", "feats"), "upos and xpos are read as tags, not feats", "--tag-column upos"),
    "one twice": (conllu("a/X/x"), ("upos", "UPOS"), "names 'upos' twice", "--tag-column upos"),
    "empty": (conllu("a/X/_"), ("upos", "xpos"), "no sentence is tagged in xpos", "--tag-column upos"),
    "lines": ("a/X b/Y\nb/Y a/X\n", ("upos", "xpos"), "it has no columns", "--tag-column"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_columns_that_cannot_be_learnt_are_refused_in_words(tmp_path, name):
    content, columns, said, cure = REFUSED[name]
    path = tmp_path / ("a.csv" if "," in content.split("\n")[0] and "{" not in content else "a.txt")
    path.write_text(content)
    with pytest.raises((UsageError, DataError)) as refused:
        read_tagged(path, options=TagOptions(tag_column=columns))
    assert said in refused.value.what
    assert cure in refused.value.cure


def test_names_between_commas_without_columns_are_told_the_option(tmp_path):
    (tmp_path / "a.conllu").write_text(conllu("a/X/x"))
    with pytest.raises(DataError) as refused:
        read_tagged(tmp_path / "a.conllu", "upos,xpos")
    assert refused.value.cure.startswith("--tag-column upos,xpos")
    with pytest.raises(UsageError, match="--field names 'a' twice"):
        read_tagged(tmp_path / "a.conllu", options=TagOptions("a,a", tag_column=("upos", "xpos")))


TRAIN = ("the/D/d1 cat/N/n1 sat/V/v1", "a/D/d2 cat/N/n1", "cats/N/n2", "the/D/d1 cat/N/n1 sees/V/v2 a/D/d2 lamb/N/n1")
VALIDATION = ("the/D/d1 dog/N/n9 sat/V/v1 oddly/R/v1", "a/D/d2")
SMALL = {"embedding": 4, "characters": 3, "character_hidden": 3, "hidden": 5}
BOTH = {"tag_column": ("upos", "xpos")}


def sentences(lines):
    rows = [[item.split("/") for item in line.split()] for line in lines]
    columns = (tuple(zip(*row, strict=True)) for row in rows)
    return tuple(
        Sentence(words, tags, number, {"xpos": others}) for number, (words, tags, others) in enumerate(columns, start=1)
    )


def made(**fields):
    config = TaggingConfig(**SMALL | BOTH | fields)
    splits = split(Parts(sentences(TRAIN), sentences(VALIDATION), sentences(VALIDATION)), config)
    torch.manual_seed(0)
    return network(config, splits.encoders), splits


def logits(net, splits, part):
    """Logits [N,C] of the words of a part without spelling, of each field, sentence by sentence."""
    told = []
    for words in part.words:
        ids = torch.from_numpy(splits.encoders.words.encode(words))[None]
        y, _ = net.recurrent(net.embedding(ids), lengths=torch.tensor([len(words)]))
        told.append(y[0])
    y = torch.cat(told)
    return y @ net.output.weight.T + net.output.bias, y @ net.more[0].weight.T + net.more[0].bias


def test_the_loss_is_the_sum_over_fields_of_mean_cross_entropy_over_known_tags():
    net, splits = made(characters=0)
    # a refit trains on tags that the encoders lack: n9 has no id, nor has R
    splits = joined(net.config, splits)
    objective = Objective(net, splits, torch.device("cpu"))
    first, second = logits(net, splits, splits.train)
    tags = "DNVDNNDNVDNDNV-D"
    more = ["d1", "n1", "v1", "d2", "n1", "n2", "d1", "n1", "v2", "d2", "n1", "d1", "-", "v1", "v1", "d2"]
    upos = torch.tensor(["DNV".find(tag) if tag != "-" else -1 for tag in tags])
    names = ["d1", "d2", "n1", "n2", "v1", "v2"]
    xpos = torch.tensor([names.index(tag) if tag in names else -1 for tag in more])
    expected = cross_entropy(first[upos >= 0], upos[upos >= 0]) + cross_entropy(second[xpos >= 0], xpos[xpos >= 0])
    loss = objective.loss(torch.arange(6))
    torch.testing.assert_close(loss, expected)
    assert all(one is not None for one in torch.autograd.grad(loss, list(net.parameters())))


def test_held_out_figures_are_of_all_fields():
    net, splits = made(characters=0)
    net.eval()
    first, second = logits(net, splits, splits.validation)
    upos, xpos = torch.tensor([0, 1, 2, -1, 0]), torch.tensor([0, -1, 4, 4, 1])
    figures = Objective(net, splits, torch.device("cpu")).evaluate()
    nats = cross_entropy(first[upos >= 0], upos[upos >= 0]) + cross_entropy(second[xpos >= 0], xpos[xpos >= 0])
    assert figures["loss"] == pytest.approx(nats.item(), rel=1e-5)
    right = (first.argmax(-1) == upos).sum() + (second.argmax(-1) == xpos).sum()
    assert figures["error"] == pytest.approx(1 - right.item() / 10)


def test_one_field_has_the_weights_names_and_stored_form_that_it_had():
    two, splits = made()
    one, alone = made(tag_column=("upos",))
    assert {*one.state_dict()} < {*two.state_dict()}
    assert "output.weight" in one.state_dict()
    assert not [name for name in one.state_dict() if name.startswith("more")]
    for name, tensor in one.state_dict().items():  # the first draws are the same
        assert torch.equal(tensor, two.state_dict()[name])
    assert set(alone.encoders.to_json()) == {"words", "forms", "tags", "characters"}
    stored = json.loads(json.dumps(splits.encoders.to_json()))
    assert TaggingEncoders.from_json(stored) == splits.encoders
    assert [labels.names for labels in splits.encoders.fields] == [
        ("D", "N", "V"), ("d1", "d2", "n1", "n2", "v1", "v2"),
    ]  # fmt: skip
    names = [one.name for one in export.build(one.eval(), alone.encoders, ExportOptions()).graph.output]
    assert names == ["tags", "scores", "probabilities"]
    with pytest.raises(ModelError, match="labels is damaged"):
        TaggingEncoders.from_json(stored | {"more_tags": [3]})


def test_scores_of_each_field_are_worked_by_hand():
    _, splits = made()
    part, config = splits.validation, TaggingConfig(**BOTH)
    names = splits.encoders.more_tags[0].names
    upos = [np.array([0, 1, 1, 1]), np.array([0])]
    xpos = [np.array([names.index(tag) for tag in ("d1", "n1", "v1", "v2")]), np.array([names.index("d1")])]
    stored = json.loads(json.dumps(fit(config, splits, None)))
    upos, xpos = ([Answer(ids, np.ones(len(ids), np.float32)) for ids in field] for field in (upos, xpos))
    report = score_part(lambda words: [upos, xpos], part, splits.encoders, stored, config, split="test", data="here")
    found = json.loads(json.dumps(report.to_json(), allow_nan=False))
    # D N right, V wrong, R unseen; D right. d1 right, n9 unseen, v1 right, v1 wrong; d2 wrong.
    assert (found["field"], found["whole"]["model"]["accuracy"]) == ("upos", pytest.approx(3 / 5))
    (other,) = found["more"]
    assert (other["field"], other["split"], other["data"]) == ("xpos", "test", "here")
    assert other["whole"]["model"]["accuracy"] == pytest.approx(2 / 5)
    assert other["whole"]["model"]["unknown"] == 0  # dog, oddly
    assert found["whole"]["model"]["unknown"] == 1 / 2
    assert (other["unseen_tags"], other["tags"]["d1"]["precision"]) == (1, 1 / 2)
    # the baseline of words seen once: lamb n1, sees v2, cats n2, sat v1: n1 first by code point
    right = {"d1", "v1", "d2"}
    assert other["whole"]["most frequent tag"]["accuracy"] == pytest.approx(len(right) / 5)
    lines = Report.from_json(found).lines()
    assert lines == report.lines()
    assert [line for line in lines if line.endswith("; xpos, 1 tag that training never had")]
    assert report.rows()[0.5, "xpos, words %"] == "40.00"
    alone = score_part(
        lambda words: [upos], TagPart(part.words, part.tags), replace(splits.encoders, more_tags=()),
        fitted(splits.train), TaggingConfig(field="upos"), split="test", data="here",
    )  # fmt: skip
    assert "more" not in alone.to_json()
    assert {key: value for key, value in found.items() if key != "more"} == json.loads(json.dumps(alone.to_json()))


def test_a_reader_of_a_task_gives_more_tags_by_name(tmp_path):
    config = TaggingConfig(tag_column=("pos", "ner"))
    some = [Sentence([f"w{n}", "is"], ["N", "V"], more={"ner": ["B-X", "O"]}) for n in range(30)]
    splits = load(replace(TASK, read=lambda path: Read(tuple(some))), config, Data((DataFile(tmp_path),)))
    assert splits.encoders.more_tags == (Labels(("B-X", "O")),)
    bare = [Sentence([f"w{n}", "is"], ["N", "V"]) for n in range(30)]
    with pytest.raises(DataError, match="has no tags 'ner'"):
        load(replace(TASK, read=lambda path: Read(tuple(bare))), config, Data((DataFile(tmp_path),)))
    for more in ({"ner": ["O"]}, {"ner": ["O", 3]}, {"ner": "O"}):
        odd = Read((Sentence(["a", "is"], ["N", "V"], more=more),))
        with pytest.raises(SeqtoolError, match="the reader of the task 'toys' fails"):
            load(replace(TASK, read=lambda path, odd=odd: odd), config, Data((DataFile(tmp_path),)))


def test_the_check_tells_of_each_field(tmp_path):
    (tmp_path / "a.conllu").write_text(conllu(*(f"w{n}/X/x is/Y/a\u200bb v{n}/X/ab" for n in range(30))))
    found = check(TASK, TaggingConfig(**BOTH), Data((DataFile(tmp_path / "a.conllu"),)))
    labels = [one.text for one in found if one.code == "labels"]
    assert labels[0].startswith("2 different: X 66.7 %")
    assert labels[1].startswith("xpos: 3 different: ")
    assert [one.text[:6] for one in found if one.code == "labels-alike"] == ["xpos: "]
    assert len([one for one in found if one.code == "sizes"]) == 1
    (tmp_path / "b.conllu").write_text(conllu(*(f"w{n}/X/x is/Y/x" for n in range(30))))
    with pytest.raises(DataError, match="nothing to tell apart") as refused:
        load(TASK, TaggingConfig(**BOTH), Data((DataFile(tmp_path / "b.conllu"),)))
    assert refused.value.where == "the tags of xpos"


SIZES = {
    "hidden": 6,
    "layers": 1,
    "embedding": 5,
    "character-hidden": 4,
    "batch": 64,
    "max-steps": 20,
    "evaluate-every": 10,
}
OPTIONS = [word for key, value in SIZES.items() for word in (f"--{key}", str(value))]
RUNS = {"spelled": ("--characters", "4", "--refit"), "words": ("--characters", "0"), "one": ("--characters", "0")}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with small trainings of xpos and upos on the sample, exported; `one` of xpos alone."""
    folder = tmp_path_factory.mktemp("fields")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        for name, options in RUNS.items():
            fields = "xpos" if name == "one" else "xpos,upos"
            column = ("--tag-column", fields)
            assert run(["train", "pos", "--sample", *OPTIONS, *options, *column, "--out", name]) == 0
            assert run(["export", name]) == 0
        assert run(["export", "words", "--text-input", "--out", "text.onnx"]) == 0
        assert run(["export", "spelled", "--int8", "--out", "int8.onnx"]) == 0
    return folder


@pytest.fixture
def here(trained, tmp_path, monkeypatch):
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEQTOOL_CACHE", "cache")


def runner_of(path):
    return Runner(open_model(Path(path), device="cpu", threads=1))


@pytest.mark.usefixtures("here")
def test_one_file_answers_all_fields_as_the_network_does():
    runner = runner_of("words/model.onnx")
    assert [one.name for one in onnx.load("words/model.onnx").graph.output] == [
        "tags",
        "scores",
        "probabilities",
        "tags_2",
        "scores_2",
        "probabilities_2",
    ]
    assert list(runner.fields) == ["xpos", "upos"]
    assert runner.field == "xpos"
    assert {"NOUN", "DET"} <= {*runner.fields["upos"]}
    config = TaggingConfig(**json.loads(json.dumps(runner.model.manifest.config)) | {"tag_column": ("xpos", "upos")})
    net = network(config, runner.encoders).eval()
    from seqtool.training.checkpoint import initial

    net.load_state_dict(initial(Path("words"), Task("pos", "", "tagging"), config, runner.encoders))
    given = [["The", "can", "saw", "."], ["unseen"], ["the"] * 9]
    ids = [torch.from_numpy(runner.encoders.words.encode(words))[None] for words in given]
    for words, one, told in zip(given, ids, runner.tag(given), strict=True):
        with torch.no_grad():
            y, _ = net.recurrent(net.embedding(one), lengths=torch.tensor([len(words)]))
            chances = [(y[0] @ out.weight.T + out.bias).softmax(-1) for out in (net.output, net.more[0])]
        fields = (Tags(told.tags, told.scores), told.more["upos"])
        for chance, (tags, scores, _, _), names in zip(chances, fields, runner.fields.values(), strict=True):
            assert tags == [names[number] for number in chance.argmax(-1)]
            np.testing.assert_allclose(scores, chance.amax(-1), atol=2e-6)
    texts = runner_of("text.onnx")
    assert texts.tag(given) == runner.tag(given)


@pytest.mark.usefixtures("here")
def test_the_pipe_writes_the_field_that_is_asked_and_json_all(seqtool_cmd):
    def tag(*options, stdin="The can saw .\n\n"):
        done = seqtool_cmd("tag", "-m", "spelled/model.onnx", *options, stdin=stdin)
        assert done.returncode == 0
        assert "simulated sample" in done.stderr
        return done.stdout

    (told,) = runner_of("spelled/model.onnx").tag(["The can saw ."])
    plain = tag().split("\n")[0].split(" ")
    assert plain == ["/".join(pair) for pair in zip(told.words, told.tags, strict=True)]
    other = tag("--field", "upos").split("\n")[0].split(" ")
    assert other == ["/".join(pair) for pair in zip(told.words, told.more["upos"].tags, strict=True)]
    first, empty = map(json.loads, tag("--json").splitlines())
    assert empty == {}
    assert {key: first[key] for key in ("tags", "scores")} == first["fields"]["xpos"]
    assert first["fields"]["upos"]["tags"] == told.more["upos"].tags
    assert first["fields"]["upos"]["scores"] == np.round(told.more["upos"].scores, 4).tolist()
    asked = json.loads(tag("--json", "--field", "upos").splitlines()[0])
    assert asked["tags"] == first["fields"]["upos"]["tags"]
    assert asked["fields"] == first["fields"]
    block = conllu(*["The/A/a can/B/b saw/C/c ./D/d"])
    rows = [line.split("\t")[3:5] for line in tag("--conllu", stdin=block).strip().split("\n")]
    assert rows == [list(pair) for pair in zip(told.more["upos"].tags, told.tags, strict=True)]
    rows = [line.split("\t")[3:5] for line in tag("--conllu", "--field", "upos", stdin=block).strip().split("\n")]
    assert rows == [list(pair) for pair in zip(told.more["upos"].tags, "abcd", strict=True)]


@pytest.mark.usefixtures("here")
def test_a_field_that_the_model_has_not_is_refused_with_those_that_it_has(cli):
    refused = cli("tag", "-m", "words/model.onnx", "--field", "ner")
    assert refused.returncode == 2
    assert "this model gives xpos and upos, not ner" in refused.stderr


@pytest.mark.usefixtures("here")
def test_scores_stand_in_all_places_and_are_those_of_the_answers(cli):
    test = json.loads(cli("evaluate", "words", "--json").stdout)
    assert json.loads(Path("words/scores.json").read_text())["test"] == test
    (other,) = test["more"]
    assert (test["field"], other["field"]) == ("xpos", "upos")
    assert "unknown words %" in cli("evaluate", "words").stdout
    inspected = cli("inspect", "words/model.onnx").stdout
    assert inspected.count("never seen in training; ") == 2
    assert cli("evaluate", "int8.onnx").returncode == 0
    assert Path("spelled/plots/confusion.png").exists()
    assert Path("spelled/plots/confusion-2.png").exists()
    Path("some.conllu").write_text(conllu(*["the/DET/DT can/NOUN/NN ./PUNCT/.", "he/PRON/PRP can/AUX/MD"]))
    again = json.loads(cli("evaluate", "words", "--data", "some.conllu", "--json").stdout)
    told = runner_of("words/model.onnx").tag(["the can .", "he can"])
    gold = ["DET", "NOUN", "PUNCT", "PRON", "AUX"]
    answers = [tag for one in told for tag in one.more["upos"].tags]
    share = sum(map(str.__eq__, gold, answers)) / 5
    assert again["more"][0]["whole"]["model"]["accuracy"] == pytest.approx(share)
    Path("half.conllu").write_text(conllu(*["the/DET/_ can/NOUN/_ ./PUNCT/_"]))
    refused = cli("evaluate", "words", "--data", "half.conllu")
    assert refused.returncode != 0
    assert "no sentence is tagged in xpos" in refused.stderr
    assert "with xpos and upos" in refused.stderr
    one = cli("evaluate", "words", "--data", "some.conllu", "--tag-column", "xpos")
    assert one.returncode == 2
    assert "tells 2 kinds of tags" in one.stderr
    both = cli("evaluate", "words", "--data", "some.conllu", "--tag-column", "xpos,upos", "--json")
    assert json.loads(both.stdout)["whole"] == again["whole"]


@pytest.mark.usefixtures("here")
def test_runs_of_several_fields_are_compared_by_the_first(cli):
    done = cli("compare", "words", "spelled", "one")
    assert done.returncode == 0, done.stderr
    assert "upos, words %" in done.stdout
    assert "different parts" not in done.stderr
    refused = cli("train", "pos", "--sample", *OPTIONS, *RUNS["one"], "--tag-column", "xpos", "--init-from", "words",
                  "--out", "new")  # fmt: skip
    assert refused.returncode == 2
    assert "the model tells 2 kinds of tags of each word" in refused.stderr


@pytest.mark.usefixtures("here")
def test_a_training_of_several_fields_goes_on_where_it_was_interrupted(cli, interrupted):
    small = ["train", "pos", "--sample", *OPTIONS, *RUNS["words"], "--tag-column", "xpos,upos", "--out", "cut"]
    with interrupted(12):
        assert cli(*small).returncode == 130
    done = cli("train", "pos", "--resume", "cut")
    assert done.returncode == 0, done.stderr
    whole, cut = (json.loads(Path(name, "scores.json").read_text())["validation"] for name in ("words", "cut"))
    assert cut == whole


def test_a_file_without_one_of_the_fields_is_refused_where_none_of_its_tags_is_known(tmp_path):
    _, splits = made()
    (tmp_path / "a.conllu").write_text(conllu("the/D/q cat/N/r"))
    with pytest.raises(DataError, match=r"none of its tags is one of the model's: 'q', 'r'"):
        held_out(TASK, TaggingConfig(**BOTH), splits.encoders, [DataFile(tmp_path / "a.conllu")])
