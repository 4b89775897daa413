"""Documents: what is text in them, that their marks stay byte for byte, and where translations are put."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.markup import reader_of
from seqtool.data.markup.document import translated
from seqtool.data.markup.flows import Slot
from seqtool.data.markup.placing import placed
from seqtool.errors import DataError

GLAGOLITIC = re.compile("[\u2c30-\u2c5f.!? ]+")
CYRILLIC = re.compile("[\u0430-\u044f.!? ]+")


def told(kind, document, words, language="en"):
    """Translate a document by a table of texts; what it lacks stays. Also return what was asked for."""
    asked = []

    def translate(texts):
        asked.extend(texts)
        return [words.get(text, text) for text in texts]

    return translated(document, reader_of(kind)(document), translate, language), asked


HTML = """<p class="Hund">{0}  <b>{1}</b>
 {2}</p><pre>Der Hund</pre><!-- Der Hund --><script>if (a < b) { Hund }</script><li>{3}<br>{3} <code>Hund</code></li>
<p translate=no>Hund</p>"""
MARKDOWN = """---
title: Hund
---
# {0} #

* {1} **{2}
  {0}** {3}.
* [{0}](http://hund.de "Hund") ![Hund](h.png)

| {0} | `Hund` |
|---|:-:|
| {0} | 1 |

    Hund

~~~
Hund
~~~

> {0}
> {0}

[Hund]: http://hund.de
"""
SRT = """1\r
00:00:01,000 --> 00:00:02,500\r
<i>{0}</i>\r
{1}.\r
\r
2\r
00:00:03,000 --> 00:00:04,000\r
\r
3\r
00:00:05,000 --> 00:00:06,000\r
- {2}?\r
- {2}!\r
\r
4\r
00:00:07,000 --> 00:00:08,000\r
{{\\an8}}5"""
VTT = """WEBVTT Hund

NOTE Hund
Hund

STYLE
::cue {{ color: red }}

Hund
00:01.000 --> 00:02.000 align:start
<v Hund>{0} &amp; {0}

00:03.000 --> 00:04.000
{0}
"""
WORDS = {
    "Hund": "dog", "Hund Hund": "dog dog", "rote": "red", "schläft": "sleeps", "Hund?": "dog?",
    "Der rote Hund & Er schläft!": "The red dog < It sleeps!", "Der rote Hund schläft.": "The red dog sleeps.",
    "Der Hund schläft.": "The dog is sleeping now.", "Der Hund": "The dog", "Hund!": "dog!", "Hund & Hund": "dog & dog",
}  # fmt: skip
EXACT = {
    "html": (
        HTML,
        ["Der", "rote", "Hund &amp; Er <i>schl&auml;ft</i>!", "Hund"],
        ["The", "red", "dog &lt; It <i>sleeps</i>!", "dog"],
    ),
    "markdown": (MARKDOWN, ["Hund", "Der", "rote", "schläft"], ["dog", "The", "red", "sleeps"]),
    "srt": (SRT, ["Der Hund", "schläft", "Hund"], ["The dog", "is sleeping now", "dog"]),
    "vtt": (VTT, ["Hund"], ["dog"]),
}


def filled(template, texts):
    return template.replace("{ Hund }", "{{ Hund }}").format(*texts)


@pytest.mark.parametrize("kind", EXACT)
def test_a_document_is_translated_and_all_else_stays(kind):
    template, texts, translations = EXACT[kind]
    assert told(kind, filled(template, texts), WORDS)[0] == filled(template, translations)


PARTS = {
    "html": [
        "<p id='7'>{0}.</p>", "<li>{0}. <a href=1>{1}</a>", "{0} <b>{1}</b><i>!</i>\n", "<p>{0}<br/>{1}? <img src=1>",
        "{0}<em><u>{1}</u></em>. {0}", "<!-- 1 --> <hr><code>1</code>\n\n", "{0} <code>1</code> <b>{1}\n</b>",
    ],
    "markdown": [
        "- {0} **{1}**.\n  {1}\n\n", "{0} `1` *{1}*\n{1}!\n\n", "> {0} [{1}](http://1.de)\n> {1}  \n> {0}\n\n",
        "## {0} ##\n\n", "| {0} | {1} |\n|---|---|\n| *{1}* | {0} |\n\n", "```\n1\n```\n\n***\n\n",
        "<div>\n{0} <b>{1}</b>\n</div>\n\n", "{0}\n===\n\n1. {1}\n\n",
    ],
    "srt": [
        "1\n00:00:01,000 --> 00:00:02,000\n<i>{0}</i>\n{1}.\n\n",
        "2\n00:00:01,000 --> 00:00:02,000\n- {0}\n- {1}.\n\n\n",
        "3\n00:00:01,000 --> 00:00:02,000\n\n",
    ],
    "vtt": [
        "00:01.000 --> 00:02.000\n<v 1>{0} <c.1>{1}</c>\n\n", "NOTE 1\n1\n\n",
        "1\n00:01.000 --> 00:02.000\n{0}\n{1}?\n\n",
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", PARTS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_without_its_text_a_document_is_the_same_byte_for_byte(kind, data):
    seed = data.draw(st.randoms(use_true_random=False))
    parts = data.draw(st.lists(st.sampled_from(PARTS[kind]), min_size=1, max_size=5))

    def words(alphabet):
        return " ".join("".join(seed.choices(alphabet, k=seed.randint(1, 5))) for _ in range(seed.randint(1, 6)))

    def translate(texts):
        return [words("\u2c30\u2c31\u2c32") + seed.choice(["", ".", "!"]) for _ in texts]

    document = "".join(part.format(words("\u0430\u0431\u0432"), words("\u0433\u0434\u0435")) for part in parts)
    source = f"WEBVTT\n\n{document}" if kind == "vtt" else document
    source = source.replace("\n", seed.choice(["\n", "\r\n"]))
    answer = translated(source, reader_of(kind)(source), translate, seed.choice(["", "en"]))
    assert not re.search("[\u0430-\u044f]", answer)  # all of it was translated
    assert GLAGOLITIC.sub("", answer) == CYRILLIC.sub("", source)


def test_what_a_translator_writes_is_never_a_mark():
    answer, _ = told("markdown", "Hund\n\n* Hund\n", {"Hund": "1. *a* <b> [c](d) `e` _f_ & &amp; g_h"})
    assert answer == (
        r"1\. \*a\* \<b> \[c\](d) \`e\` \_f\_ & \&amp; g_h"
        "\n\n* "
        r"1\. \*a\* \<b> \[c\](d) \`e\` \_f\_ & \&amp; g_h"
        "\n"
    )
    assert told("html", "<p>Hund</p>", {"Hund": "<b>&amp;"})[0] == "<p>&lt;b&gt;&amp;amp;</p>"
    assert told("vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHund", {"Hund": "a --> b"})[0].endswith("\na --&gt; b")
    assert told("srt", "1\n00:00:01,000 --> 00:00:02,000\nHund", {"Hund": "a --> b"})[0].endswith("\na -> b")


def test_sentences_are_translated_one_by_one_and_not_torn_at_tags():
    _, asked = told("html", "<p>Der <b>rote</b> Hund. Er schläft, siehe https://a.de/b!</p>", {})
    assert asked[0] == "Der rote Hund."
    assert "Er schläft, siehe https://a.de/b!" in asked
    _, asked = told("html", "<p>Der <b>rote</b> Hund. Er schläft.</p>", {}, language="")
    assert asked[0] == "Der rote Hund. Er schläft."


def test_code_that_a_translation_lacks_parts_the_sentence_and_nothing_else_does():
    words = {
        "Nimm ls hier, der rote Hund.": "Take it.", "Nimm": "Take", "rote": "red",
        "hier, der rote Hund.": "here, the red dog.",
    }  # fmt: skip
    answer, _ = told("html", "<p>Nimm <code>ls</code> hier, der <b>rote</b> Hund.</p>", words)
    assert answer == "<p>Take <code>ls</code> here, the <b>red</b> dog.</p>"


def slots(*texts):
    """Slots of texts: `<` before one that stands inside of marks, `#` before code, "|" for a mark."""
    kinds = {"#": "kept", "|": "mark"}
    return [
        Slot(0, 0, kinds.get(text[0], "text"), text.lstrip("<#|"), int(text[0] == "<")) for text in texts
    ]  # fmt: skip


PLACED = {
    "what is inside is found": (["a ", "|", "<b", "|", " c"], "x y z", [*"  y  "], ["x ", "", "y", "", " z"]),
    "nothing is left behind it": (["a ", "|", "<b", "|", " c"], "x y z", [*"  z  "], ["x ", "", "y", "", " z"]),
    "else by its length": (["aaaa aaaa ", "|", "<bbbb", "|"], "u v w", ["", "", "q", ""], ["u v ", "", "w", ""]),
    "a point goes behind": (["a ", "|", "<b", "|", "."], "u v.", ["", "", "v", "", ""], ["u ", "", "v", "", "."]),
    "the blank goes outside": (["l'", "|", "<b", "|", "c"], "u v w", ["", "", "v", "", ""], ["u ", "", "v", "", " w"]),
    "code stands where it stands": (["a ", "#b", " c"], "u b, w", ["", "", ""], ["u ", "", ", w"]),
    "code that is lost": (["a ", "#b", " c"], "u v w", ["", "", ""], None),
    "too few words": (["a ", "|", "<b", "|", " c"], "u v", ["", "", "", "", ""], None),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACED)
def test_a_translation_is_shared_out_between_marks(name):
    texts, whole, alone, wanted = PLACED[name]
    assert placed(slots(*texts), whole, alone) == wanted


BROKEN = {
    "a tag": ("html", "<p>a\n<b", "'<b' is never closed", "line 2"),
    "a comment": ("html", "a <!-- b", "'<!-- b' is never closed", "line 1"),
    "code": ("html", "<p>\n<code>a", "<code> is never closed", "line 2"),
    "a fence": ("markdown", "a\n\n```\ncode", "``` is never closed", "line 3"),
    "a tag in subtitles": ("srt", "1\n00:00:01,000 --> 00:00:02,000\n<i a\n", "'<i a' is never closed", "line 3"),
    "no time": ("srt", "00:00:01 --> 2\na\n", "this is no time", "line 1"),
    "no subtitles": ("srt", "a\n", "text stands before the time", "line 1"),
    "an empty file": ("srt", "", "no time of a subtitle", ""),
    "no WebVTT": ("vtt", "1\n", "begins with WEBVTT", "line 1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_marks_that_are_not_closed_are_refused_with_their_line(name):
    kind, document, what, where = BROKEN[name]
    with pytest.raises(DataError, match=re.escape(what)) as raised:
        reader_of(kind)(document)
    assert (raised.value.where or "") == where


def test_a_text_that_cannot_be_translated_stays():
    document = "<p>Der <b>rote</b> Hund.</p><p>Hund</p>"
    assert translated(document, reader_of("html")(document), lambda texts: [None] * len(texts), "en") == document


def upper(kind, document, compare=None):
    """Translate a document into capitals, which are no other language but tell what was read."""

    def translate(texts):
        return [text.upper() for text in texts]

    return translated(document, reader_of(kind)(document), translate, "en", compare)


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        ("- [ ] a cat\n- [x] a dog[^1]\n", "- [ ] A CAT\n- [x] A DOG[^1]\n"),
        ("[^a-1]: a *red* dog\n", "[^a-1]: A *RED* DOG\n"),
        ("the [dog] and [`cat`][]\n\n[dog]: x.html\n[`cat`]: y.html\n",
         "THE [dog] AND [`cat`][]\n\n[dog]: x.html\n[`cat`]: y.html\n"),
        ("the [*red* dog][dog] ran\n\n[dog]: x.html\n", "THE [*RED* DOG][dog] RAN\n\n[dog]: x.html\n"),
        ("| a | b |\n|--|--|\n| cat \\| dog | *cow* |\n", "| A | B |\n|--|--|\n| CAT \\| DOG | *COW* |\n"),
        ("the [x] is not a link\n", "THE \\[X\\] IS NOT A LINK\n"),
    ],
)  # fmt: skip
def test_boxes_footnotes_and_names_of_links_stay_and_bars_in_cells_are_text(document, wanted):
    assert upper("markdown", document) == wanted


def test_what_the_document_has_in_place_of_each_sentence_is_compared():
    compared = []
    upper("html", "<p>5 red <b>dogs</b>. A <code>cat</code> sits.</p><p>7</p>", lambda *texts: compared.append(texts))
    assert compared == [("5 red dogs.", "5 RED DOGS."), ("A cat sits.", "A cat SITS.")]
