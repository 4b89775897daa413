"""Names that go into answers hold no line end, tab or control character, wherever they come from."""

from __future__ import annotations

import pytest

from seqtool.data.answer_names import breaking_finding, refuse_breaking, unparsed, unparsed_finding
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import TokenWords
from seqtool.errors import DataError, ModelError
from seqtool.families.forecasting.encoders import ForecastingEncoders

GOOD = ["a b", "\u00e9", "\U0001f600", "\u200fabc"]


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\x1bb", "a\u2028b", "a\x85b", "a\x7f"])
def test_a_name_that_would_break_an_answer_is_refused_and_never_shown_raw(name):
    refuse_breaking(GOOD, "labels")
    assert not breaking_finding(GOOD, "labels")
    with pytest.raises(DataError, match="labels with a line end, a tab or a control character") as caught:
        refuse_breaking([*GOOD, name], "labels")
    (finding,) = breaking_finding([*GOOD, name], "labels")
    assert finding.level == "warning"
    assert name not in str(caught.value) + finding.text


@pytest.mark.parametrize("name", ["a\nb", "a\x1bb", "a\u2028b"])
def test_a_file_that_gives_such_names_is_not_opened(name):
    scaler = {"kind": "standard", "mean": [0.0], "deviation": [1.0], "factor": 1.0, "season": 1}
    with pytest.raises(ModelError, match="the file gives names"):
        Labels.from_json({"kind": "labels", "names": ["a", name]})
    with pytest.raises(ModelError, match="the file gives names"):
        TokenWords.from_json({"kind": "token-words", "words": [name]})
    with pytest.raises(ModelError, match="the file gives names"):
        ForecastingEncoders.from_json({"scaler": scaler, "columns": [name], "season": 1, "step": None})


def test_the_place_of_the_first_such_name_is_said():
    with pytest.raises(DataError) as caught:
        refuse_breaking(["a", "b\x1b", "c\n"], "labels", lambda place: f"line {place + 1}")
    assert caught.value.where == "line 2"


@pytest.mark.parametrize("tag", ["N/A", "a b", "a\u00a0b", "/", ""])
def test_a_tag_that_a_line_of_words_and_tags_does_not_hold_is_named(tag):
    assert unparsed(["NN", "PRP$", ",", "B-PER", tag]) == [tag]
    (finding,) = unparsed_finding(["NN", tag])
    assert (finding.level, finding.code) == ("warning", "unfit-tags")
    assert not unparsed_finding(["NN", "N|Sg", "``"])
