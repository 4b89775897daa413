"""The runner of translators and what answers lines, on a graph played by Python: contract, order, refusals."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from seqtool.data.encoders.letter_case import CASES, Casing
from seqtool.data.encoders.sides import SourceForm, TranslationEncoders
from seqtool.data.encoders.subwords import Subwords
from seqtool.data.encoders.vocabulary import EOS, UNK, TokenWords
from seqtool.errors import DataError, ModelError, UsageError
from seqtool.families.translation.data import LIMITS
from seqtool.families.translation.pipe import Lines, PairScores, Sources, Wanted
from seqtool.families.translation.reading import SEEN
from seqtool.families.translation.runner import BUDGET, Runner
from seqtool.families.translation.search import Request
from seqtool.runtime.first_rows import paired
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Output, answer_all

DE, EN = TokenWords(("der", "hund", "schl\u00e4ft", "gut")), TokenWords(("the", "dog", "sleeps", "well"))


WORDS = TranslationEncoders(DE, EN)


class Mirror:
    """Plays a graph: beam k writes the source's ids, the last k + 1 of them; a token below UNK + 1 stays unknown."""

    def __init__(self, extras=(), limits=LIMITS, encoders=WORDS):
        encoders = encoders.to_json()
        both = {**LIMITS, **limits}
        self.manifest = SimpleNamespace(encoders=encoders, config={}, limit=both.__getitem__)
        names = ["noise", "temperature"] if "sampling" in extras else []
        outputs = ["ids", "attention"] if "attention" in extras else ["ids"]
        self.file = SimpleNamespace(
            inputs=[SimpleNamespace(name=name) for name in names], outputs=[SimpleNamespace(name=n) for n in outputs]
        )
        self.attends, self.workers, self.calls = "attention" in extras, 1, []

    def run(self, feeds):
        self.calls.append(feeds)
        rows, beams, steps = len(feeds["source"]), int(feeds["beam_size"]), int(max(feeds["max_length"]))
        noise = feeds.get("noise")
        sampled = noise is not None and len(noise) > 0
        beams = 1 if sampled else beams
        ids = np.zeros((rows, beams, steps), np.int64)
        for row in range(rows):
            source = feeds["source"][row, : feeds["lengths"][row]]
            for beam in range(beams if steps else 0):
                made = source[beam:][: feeds["max_length"][row]]
                ids[row, beam, : len(made)] = made
            if sampled:
                ids[row, 0] = 0
                ids[row, 0, 0] = 4 + int(noise[0, row].argmax()) % 4
        scores = np.tile(-np.arange(1.0, beams + 1, dtype=np.float32), (rows, 1))
        made = {"ids": ids, "scores": scores, "target_log_probabilities": -(feeds["target"] % 7).astype(np.float32)}
        if self.attends:
            eye = np.eye(steps, feeds["source"].shape[1], dtype=np.float32)
            made["attention"] = np.broadcast_to(eye, (rows, beams, *eye.shape))
        return made


def answers(lines, *texts):
    written, said = [], []
    records = [Record(number, text) for number, text in enumerate(texts, start=1)]
    answer_all(lines.verb(), records, Output(written.append, lambda: None, said.append, lines_are_json(lines)))
    return written, said


def lines_are_json(lines):
    return isinstance(lines, Lines) and lines._wanted.json


def translator(*extras, request=None, limits=LIMITS, encoders=WORDS, **wanted):
    runner = Runner(Mirror(extras, limits, encoders))
    asked = request or Request(beam=2)
    runner.check(asked)
    sources = Sources(runner)
    return Lines(runner, sources, asked, Wanted(**wanted)), sources


def test_lines_come_back_in_order_and_each_has_its_own_limit():
    lines, _ = translator()
    texts = ["der hund", "gut " * 60, "", "hund"] * 40
    written, said = answers(lines, *texts)
    assert written == ["the dog", " ".join(["well"] * 60), "", "dog"] * 40
    assert not said
    for call in lines._runner.model.calls:
        assert (call["max_length"] == 2 * call["lengths"] + 10).all()  # the lengths count EOS
        assert call["source"].size <= BUDGET
        assert call["target"].shape == (len(call["source"]), 0)
        assert (call["source"][np.arange(len(call["source"])), call["lengths"] - 1] == EOS).all()


def test_max_length_is_of_every_sentence_and_reaches_the_graph():
    lines, _ = translator(request=Request(beam=1, max_length=1))
    assert answers(lines, "der hund", "gut")[0] == ["the", "well"]
    assert (lines._runner.model.calls[0]["max_length"] == 1).all()


def test_scores_stand_behind_a_tab():
    lines, _ = translator(scores=True)
    assert answers(lines, "der hund")[0] == ["the dog\t-1.0000"]


def test_an_object_has_translation_and_score_and_the_n_best_are_sorted():
    one, _ = translator(json=True)
    assert answers(one, "der hund")[0] == [{"source": "der hund", "translation": "the dog", "score": -1.0}]
    lines, _ = translator(request=Request(beam=3, n_best=2), json=True)
    (made,), _ = answers(lines, "der hund")
    assert made["translations"] == [
        {"translation": "the dog", "score": -1.0}, {"translation": "dog", "score": -2.0},
    ]  # fmt: skip
    json.dumps(made)


def test_alignment_names_the_place_in_the_source_of_each_token():
    lines, _ = translator("attention", request=Request(beam=2, attention=True), alignment=True, json=True)
    (made,), _ = answers(lines, "der hund")
    assert (made["tokens"], made["source_tokens"], made["alignment"]) == (
        ["the", "dog"], ["der", "hund", "</s>"], [0, 1],
    )  # fmt: skip


def test_an_unknown_word_is_counted_and_may_be_replaced_by_the_word_of_the_source():
    lines, sources = translator("attention")
    assert answers(lines, "der Fritz schl\u00e4ft")[0] == ["the <unk> sleeps"]
    assert sources.unseen == {"Fritz": 1}
    lines, _ = translator("attention", request=Request(beam=2, replace_unknown=True))
    assert answers(lines, "der Fritz schl\u00e4ft")[0] == ["the Fritz sleeps"]


def test_an_unknown_character_may_be_replaced_by_that_of_the_source_which_it_looks_at_most():
    pieces = Subwords.fit(["eins zwei drei " * 90] * 90, 40)
    texts = ["eins \u5a32 zwei \u6f22 drei", "drei", "zwei\u6f22"]
    lines, _ = translator("attention", encoders=TranslationEncoders(pieces, pieces))
    assert [" ".join(text.split()) for text in answers(lines, *texts)[0]] == ["eins zwei drei", "drei", "zwei"]
    asked = Request(beam=2, replace_unknown=True)
    lines, _ = translator("attention", request=asked, encoders=TranslationEncoders(pieces, pieces))
    assert answers(lines, *texts)[0] == texts


def test_only_unknown_words_are_refused_and_counted():
    lines, sources = translator()
    written, said = answers(lines, "foo bar", "der foo", "hund")
    assert written == ["", "the <unk>", "dog"]
    assert said == ["1 record was nothing that the model knows (the first: line 1): answered by an empty line"]
    assert sources.unseen == {"foo": 2, "bar": 1}


def test_more_tokens_than_the_limit_are_refused_and_neighbours_are_not():
    lines, _ = translator(limits={"tokens": 100})
    written, said = answers(lines, "der", "hund " * 100, "gut")
    assert written == ["the", "", "well"]
    assert said == ["1 record was longer than 100 tokens (the first: line 2): answered by an empty line"]


@pytest.mark.parametrize(("beam", "longest"), [(1, 0), (5, 0), (100, 0), (5, 8012), (100, 1)])
def test_what_attention_is_told_of_fits_into_memory(beam, longest):
    asked = Request(beam=beam, max_length=longest)
    assert Runner(Mirror()).reader.room(asked) == LIMITS["tokens"]
    room = Runner(Mirror(("attention",))).reader.room(asked)
    sizes = [beam * (longest or 2 * tokens + 10) * tokens for tokens in (room, room + 1)]
    assert sizes[0] <= SEEN < sizes[1] or room == LIMITS["tokens"]


def test_a_line_whose_attention_fills_the_memory_is_refused_and_cut_in_a_score():
    asked = Request(beam=100)
    lines, _ = translator("attention", request=asked)
    written, said = answers(lines, "der", "hund " * 500)
    assert written == ["the", ""]
    assert said == ["1 record was longer than 407 tokens (the first: line 2): answered by an empty line"]
    cut = Runner(Mirror(("attention",))).predict(["hund " * 500], asked)
    assert len(cut[0].split()) == 406


def test_the_first_line_is_kept_for_its_picture():
    lines, _ = translator("attention", request=Request(beam=2, attention=True), pictured=True)
    answers(lines, "der hund schl\u00e4ft gut", "foo", "hund")
    number, seen = lines.first
    assert (number, seen.source_tokens[0], seen.tokens[-1], seen.attention.shape) == (1, "der", "well", (4, 5))


def test_samples_hang_on_seed_line_and_number_alone():
    def drawn(seed, *texts):
        lines, _ = translator("sampling", request=Request(beam=1, seed=seed, sample=True, n_best=8), json=True)
        return [[one["translation"] for one in made["translations"]] for made in answers(lines, *texts)[0]]

    together = drawn(1, *["hund"] * 20, "der hund schl\u00e4ft gut")
    assert together[:3] == drawn(1, *["hund"] * 3)
    assert drawn(2, "hund") != together[:1]
    assert len({*map(tuple, together)}) > 10


BAD = {
    "beam 0": (Request(beam=0), "--beam 1"),
    "beam above the limit": (Request(beam=101), "to 100"),
    "a negative length": (Request(max_length=-1), "--max-length 1 to 8,012"),
    "a length above the limit": (Request(max_length=8013), "--max-length 1 to 8,012"),
    "a penalty that is none": (Request(length_penalty=float("nan")), "0 (none) to 10"),
    "a beam that is no number": (Request(beam="5"), "give a whole number"),  # type: ignore[arg-type]
    "a penalty of a list": (Request(length_penalty=[1]), "give a number"),  # type: ignore[arg-type]
    "no temperature": (Request(temperature=-1), "--temperature 0 to 1e6"),
    "rules of an old file": (Request(no_repeat=2, prefix="dog"), "seqtool export again"),
    "a penalty that rewards": (Request(repetition_penalty=0.5), "--repetition-penalty 1 (none) to 100"),
    "long n-grams": (Request(no_repeat=101), "--no-repeat 1 to 100"),
    "banned texts that are one": (Request(ban="the"), "give a list of texts"),  # type: ignore[arg-type]
    "copies of what is banned": (Request(ban=("the",), replace_unknown=True), "leave out --ban"),
    "no room for an end": (Request(min_length=9, max_length=9), "--min-length 0 to 8"),
    "no share": (Request(top_p=0.0), "above 0, up to 1"),
    "more symbols than there are": (Request(top_k=9), "--top-k 1 to 8"),
    "more of the best than the beam": (Request(n_best=6), "--n-best 1 to 5, or a larger --beam"),
    "more samples than fit": (Request(sample=True, n_best=10_001), "--n-best 1 to 10000"),
    "attention of a file without": (Request(attention=True), "seqtool export --attention"),
    "replaced words of a file without attention": (Request(replace_unknown=True), "seqtool export --attention"),
    "samples of a file that searches": (Request(sample=True), "seqtool export --sampling"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_a_file_cannot_do_is_refused(name):
    request, cure = BAD[name]
    with pytest.raises(UsageError) as caught:
        Runner(Mirror(("attention",) if "copies" in name else ())).check(request)
    assert cure in caught.value.cure


def test_pairs_are_scored_with_the_end_of_the_sentence():
    runner = Runner(Mirror())
    scores = PairScores(runner, Sources(runner), json=False)
    written, said = answers(scores, "der hund\tthe dog", "gut", "a\tb\tc", "\tthe", "foo\twell", "gut\twell")
    # ids 4, 5 and EOS 3 cost 12 nats, 7 characters
    nats, bits, perplexity = map(float, written[0].split("\t"))
    assert (nats, bits) == (12, pytest.approx(12 / np.log(2) / 7, rel=1e-5))
    assert perplexity == pytest.approx(np.exp(12 / 3), rel=1e-5)
    assert written[1:5] == [""] * 4
    assert float(written[5].split("\t")[0]) == 0 + EOS  # id 7 % 7, and EOS
    assert said[0].startswith("3 records were not a source, one tab and a translation (the first: line 2)")
    assert scores.totals.lines == 2
    assert "2 lines, 11 characters: 15 nats" in scores.totals.summary()


def test_unknown_words_of_both_sides_of_a_pair_are_counted():
    runner = Runner(Mirror())
    sources = Sources(runner)
    answers(PairScores(runner, sources, json=False), "der Fritz\tthe Fred", "gut\tnot well")
    assert sources.unseen == {"Fritz": 1, "Fred": 1, "not": 1}


def test_ids_without_names_are_refused():
    model = Mirror()
    model.run = lambda feeds: {"ids": np.full((1, 1, 1), 99), "scores": np.zeros((1, 1), np.float32)}
    with pytest.raises(ModelError, match="no names"):
        Runner(model).graph.search([np.array([4, EOS])], Request())


def test_a_manifest_without_limits_is_refused():
    model = Mirror()
    model.manifest.limit = {}.__getitem__
    with pytest.raises(ModelError, match="does not say what a translator needs"):
        Runner(model)


def test_many_texts_are_translated_in_the_order_they_came():
    texts = ["der " * (1 + number % 30) for number in range(200)]
    assert Runner(Mirror()).predict(texts) == [text.replace("der", "the").strip() for text in texts]
    assert UNK != EOS


def test_the_method_answers_as_the_pipe_does():
    texts = ["der hund", "gut " * 60, "hund foo", "schl\u00e4ft"] * 20
    runner = Runner(Mirror())
    translations = runner.translate(texts)
    lines, _ = translator(request=Request(), json=True)
    assert [
        {
            "source": one.source,
            "translation": one.translation,
            "score": one.score,
            **({"lost": list(one.lost)} if one.lost else {}),
        }
        for one in translations
    ] == answers(lines, *texts)[0]
    assert translations[0].tokens is translations[0].attention is None
    assert translations[0].translations == ()
    assert runner.translate([]) == []
    assert runner.labels == ()


def test_the_method_lists_the_best_and_says_where_it_looked_as_the_pipe_does():
    runner = Runner(Mirror(("attention",)))
    (translation,) = runner.translate(["der hund"], beam=3, n_best=2, attention=True)
    lines, _ = translator("attention", request=Request(beam=3, n_best=2, attention=True), alignment=True, json=True)
    names = ("translation", "score", "tokens", "source_tokens", "alignment")
    listed = [{name: getattr(one, name) for name in names} for one in translation.translations]
    assert answers(lines, "der hund")[0] == [{"source": "der hund", "translations": listed}]
    assert translation.translation == translation.translations[0].translation == "the dog"
    assert translation.attention.shape == (2, 3)
    (replaced,) = runner.translate(["der Fritz"], replace_unknown=True)
    assert (replaced.translation, replaced.tokens) == ("the Fritz", None)


def test_the_method_draws_as_the_pipe_draws():
    texts = ["hund", "gut", "hund"]
    drawn = Runner(Mirror(("sampling",))).translate(texts, sample=True, n_best=4, seed=3)
    lines, _ = translator("sampling", request=Request(seed=3, sample=True, n_best=4), json=True)
    assert [[one.translation for one in each.translations] for each in drawn] == [
        [one["translation"] for one in made["translations"]] for made in answers(lines, *texts)[0]
    ]


def test_the_method_scores_as_the_pipe_does():
    pairs = [("der hund", "the dog"), ("gut", "well not"), ("schl\u00e4ft " * 40, "sleeps")]
    runner = Runner(Mirror())
    told = PairScores(runner, Sources(runner), json=True)
    written = []
    records = [Record(number, "\t".join(pair)) for number, pair in enumerate(pairs, start=1)]
    answer_all(told.verb(), records, Output(written.append, lambda: None, print, True))
    scores = runner.score(pairs)
    assert [score.to_json() for score in scores] == written
    assert scores[0].nats == 12
    assert runner.score([]) == []


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["gut", " "], r"texts\[1\] is empty"),
        (["gut", None], r"texts\[1\] is a NoneType, not a text"),
        (["\ud800"], r"texts\[0\] is not a text"),
        (["gut", "gut", "foo bar"], r"texts\[2\]: nothing in it that the model knows"),
        (["a" * 4001], r"texts\[0\] has 4,001 characters, more than 4,000"),
        (["hund " * 100], r"texts\[0\]: 101 tokens, more than 100"),
    ],
)
def test_a_bad_text_is_named_by_its_place(texts, said):
    with pytest.raises(DataError, match=said):
        Runner(Mirror(limits={"tokens": 100})).translate(texts)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("ab", r"pairs\[1\] is not a source and its translation"),
        (("gut",), r"pairs\[1\] is not a source and its translation"),
        (("gut", ""), r"pairs\[1\]\[1\] is empty"),
        (("foo", "well"), r"pairs\[1\]: nothing in it that the model knows"),
        (("gut", "well " * 50), r"pairs\[1\]: a translation of 50 tokens, 50 or more"),
    ],
)
def test_a_bad_pair_is_named_by_its_place(pair, said):
    with pytest.raises(DataError, match=said):
        Runner(Mirror(limits={"generated": 50})).score([("gut", "well"), pair])


def test_one_text_is_not_a_list_of_texts():
    with pytest.raises(UsageError, match="instead of a list"):
        Runner(Mirror()).translate("gut")


def in_capitals(encoder):
    """Return a runner, whose graph writes what it reads, of a training in lower case alone."""
    form = SourceForm(True, Casing(EN.words, False, False, CASES))
    mirror = Mirror(encoders=TranslationEncoders(encoder, encoder, form=form))
    mirror.file.inputs.append(SimpleNamespace(name="no_repeat"))
    return Runner(mirror)


@pytest.mark.parametrize(
    ("text", "asked", "written"),
    [
        ("THE DOG SLEEPS", {}, "THE DOG SLEEPS"),
        ("THE DOG SLEEPS", {"ban": ["DOG"]}, "the dog sleeps"),
        ("The Dog Sleeps", {"ban": ["og S"]}, "the dog sleeps"),
        ("THE DOG SLEEPS", {"ban": ["cat"]}, "THE DOG SLEEPS"),
        ("THE DOG SLEEPS", {"prefix": "the"}, "the dog sleeps"),
    ],
)
def test_capitals_bring_nothing_that_is_banned_and_leave_a_prefix_as_it_is(text, asked, written):
    assert in_capitals(EN).translate([text], beam=1, **asked)[0].translation == written


def test_a_text_in_capitals_that_training_never_had_is_read_as_a_sentence():
    pieces = Subwords.fit(["the dog sleeps well", "well the dog"] * 20, 30, spelled="all")
    [answer] = in_capitals(pieces).translate(["THE DOG SLEEPS (7)"], beam=1)
    assert (answer.translation, answer.lost) == ("THE DOG SLEEPS (7)", ())


def test_a_source_with_its_translation_is_warned_of():
    pairs = ["der Hund\tthe dog", "gut\twell"]
    assert "cut -f 1 takes the first of them" in paired(pairs)
    assert paired([pairs[0], "gut", pairs[1]]) == paired(["der\t", "gut\t"]) == paired(pairs[:1]) == ""
