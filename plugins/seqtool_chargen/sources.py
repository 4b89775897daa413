"""Books and tales: public copies, each pinned to a commit and a sum."""

from __future__ import annotations

from pathlib import Path

from seqtool import Source, SourceFile

_RAW = "https://raw.githubusercontent.com"
_CORPORA = f"{_RAW}/johnlaudun/corpora/440e3141fa1f86f9339d10f1403741a0a9b7e5c1/folklore_books"
_GUTENBERG = "public domain; Project Gutenberg licence"


def _tales() -> tuple[SourceFile, ...]:
    """Return the 209 tales in order; the sums stand in a file of their own: number, bytes, sha256."""
    rows = Path(__file__).with_name("grimm.txt").read_text(encoding="ascii").split("\n")
    return tuple(
        SourceFile(
            name=f"grimm/stories/{number}.txt", url=f"{_CORPORA}/grimms/{number}.txt", sha256=sum_, size=int(size)
        )
        for number, size, sum_ in map(str.split, filter(None, rows))
    )


def _grimm(count: int, tales: tuple[SourceFile, ...]) -> Source:
    return Source(
        name=f"grimm-{count}",
        summary=f"the first {count} of 209 tales of the brothers Grimm" if count < 209 else "209 tales of the Grimms",
        home="https://www.cs.cmu.edu/~spok/grimmtmp/",
        licence="public domain (translated by Margaret Hunt, 1884)",
        files=tales[:count],
    )


_TALES = _tales()

SOURCES: tuple[Source, ...] = (
    Source(
        name="tinyshakespeare",
        summary="40,000 lines of Shakespeare's plays, 1,115,394 characters, 65 different",
        home="https://github.com/karpathy/char-rnn",
        licence="public domain",
        files=(
            SourceFile(
                name="shakespeare/tinyshakespeare_input.txt",
                url=f"{_RAW}/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt",
                sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
                size=1_115_394,
            ),
        ),
        citation="A. Karpathy (2015), The Unreasonable Effectiveness of Recurrent Neural Networks",
    ),
    Source(
        name="gutenberg100-shakespeare",
        summary="the complete works of Shakespeare, 5.3 million characters without their notices",
        home="https://www.gutenberg.org/ebooks/100",
        licence="World Library notice in the text: personal, non-commercial use; the plays are public domain",
        files=(
            SourceFile(
                name="shakespeare/gutenberg100_shakespeare.txt",
                url=f"{_RAW}/sgentle/fetch-progress-lol/23a0706212dd1bb5292280c370c592cfeb1a4b07/shakespeare.txt.gz",
                sha256="c5601d266987ac885ca96522b1b4e439feb7eca39f0fe1111f7342b63b6468f3",
                size=5_458_199,
            ),
        ),
        citation="Project Gutenberg etext 100 (1994)",
    ),
    Source(
        name="alice",
        summary="Alice's Adventures in Wonderland by Lewis Carroll, 144,000 characters",
        home="https://www.gutenberg.org/ebooks/11",
        licence=_GUTENBERG,
        files=(
            SourceFile(
                name="alice/alice.txt",
                url=f"{_RAW}/MarkPotanin/rnn_seminar/0cac6f0f0ab1e96a4fd077a211df087ae6a9cc75/data/alice.txt",
                sha256="49a0b2726606e1290ac03a63978fa1dd1bd38a8d805704d98265f393533ea094",
                size=173_595,
            ),
        ),
    ),
    *(_grimm(count, _TALES) for count in (20, 100, 209)),
    Source(
        name="pg2591",
        summary="Grimms' Fairy Tales, another translation and selection, 521,000 characters",
        home="https://www.gutenberg.org/ebooks/2591",
        licence=_GUTENBERG,
        files=(
            SourceFile(
                name="grimm/pg2591.txt",
                url=f"{_CORPORA}/gutenberg/pg2591.txt",
                sha256="4d909d18d528fbf393a06ecc05487006d6983f69d55a16138e4bc7642213eb90",
                size=549_746,
            ),
        ),
    ),
)
