"""JSON as records: what is read, and what is refused in words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.data.json_lines import read_objects
from seqtool.errors import DataError

RECORD = st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.none() | st.lists(st.text()), min_size=1)


@given(records=st.lists(RECORD, min_size=1), ascii=st.booleans(), form=st.sampled_from(["lines", "array"]))
def test_what_was_written_is_read_back(records, ascii, form):
    text = "\n".join(json.dumps(record, ensure_ascii=ascii) for record in records)
    if form == "array":
        text = json.dumps(records, ensure_ascii=ascii)
    objects = read_objects(text, "a.json")
    assert objects is not None
    assert objects.records == records


def both_forms(bad: str) -> list[tuple[str, str]]:
    """A good object and a bad one as lines and as an array, and the place of the bad one in each."""
    good = r'{"text": "a whole \ud83d\ude00 face"}'
    return [(f"{good}\n\n{bad}\n", "line 3"), (f"[{good}, {bad}]", "record 2")]


@pytest.mark.parametrize(
    "bad", [r'{"text": "half \ud83d"}', r'{"text": "\uDE00\ud83d"}', r'{"a\ud83d": 1}', r'{"tags": ["x", "\udc00"]}']
)
def test_half_of_a_character_is_refused_with_its_place(bad):
    for text, place in both_forms(bad):
        with pytest.raises(DataError, match=f"{place} holds half of a character") as error:
            read_objects(text, "a.json")
        assert error.value.where == "a.json"


def test_a_backslash_before_u_is_no_half():
    objects = read_objects(json.dumps({"text": r"C:\ud83d"}), "a.json")
    assert objects is not None
    assert objects.records == [{"text": r"C:\ud83d"}]


def test_a_key_that_stands_twice_is_refused():
    for text, _ in both_forms('{"text": "x", "label": "a", "label": "b"}'):
        with pytest.raises(DataError, match="has the key 'label' twice") as error:
            read_objects(text, "a.json")
        assert error.value.where == "a.json"
        assert ("line 3" in error.value.what) == (text[0] == "{")
