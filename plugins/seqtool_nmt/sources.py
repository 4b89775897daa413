"""Pairs of sentences: public copies, each pinned to a commit and a sum where there is one."""

from __future__ import annotations

from seqtool import Source, SourceFile

_RAW = "https://raw.githubusercontent.com"
_MULTI30K = f"{_RAW}/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a/data/task1/raw"
_HEAD = f"{_RAW}/SixingWu/nmt/20c7713f1ce531c2099d3089576a658cf675e706/nmt_data"
_TATOEBA_FR = "https://github.com/genimind/seq2seq/blob/4f3f8eb0adde54fcc8b89394336b002e7961244c/fra-eng.zip"
_TATOEBA_VI = f"{_RAW}/chimsedibui/Machine-Translation2/6e5030b9910c5b1fcd1fb2c863b36d8b33debdfe/vie-eng/vie.txt"
_IWSLT_HOME = "https://nlp.stanford.edu/projects/nmt/"
_IWSLT_LICENCE = "TED talks, CC BY-NC-ND; research use"
_IWSLT_CITATION = (
    "M.-T. Luong, C. D. Manning (2015), Stanford Neural Machine Translation Systems for Spoken Language Domains (IWSLT)"
)
_IWSLT_REST = (
    SourceFile(
        name="iwslt15-en-vi/tst2012.vi",
        sha256="01004078b3f36b0c46e81b65fc6851230b3c823405c76d1d82ef3b786b512ff0",
        size=188_396,
        label="validation",
        side="source",
    ),
    SourceFile(
        name="iwslt15-en-vi/tst2012.en",
        sha256="b8fbcd0d4199d41276421d1f7228298df67dd9e2c5c134c2ee8cdf3ec27801e2",
        size=140_250,
        label="validation",
        side="target",
    ),
    SourceFile(
        name="iwslt15-en-vi/tst2013.vi",
        sha256="29af16842808da2812b8fd4d47fc05d082ba870e60ab7755090ad04b380994cd",
        size=183_855,
        label="test",
        side="source",
    ),
    SourceFile(
        name="iwslt15-en-vi/tst2013.en",
        sha256="3860ce60bc5b85d96cc2d3d580cf1bc9d62440e939c1b964676d3607c4e8f1df",
        size=132_264,
        label="test",
        side="target",
    ),
    SourceFile(
        name="iwslt15-en-vi/vocab.vi",
        url=f"{_HEAD}/vocab.vi",
        sha256="383628b92b1dcbce472fa9857724add8b2976c2ed2bbe1d76ea8dca108c3396a",
        size=46_767,
        label="vocabulary",
        side="source",
    ),
    SourceFile(
        name="iwslt15-en-vi/vocab.en",
        url=f"{_HEAD}/vocab.en",
        sha256="827ac2c6d51c50014376cefc1d7b6b01c412f227c4dfbc6dbcb0e88891c0b759",
        size=139_741,
        label="vocabulary",
        side="target",
    ),
)
"""Development and test part, and the vocabularies of the recipes, which `--vocabulary-kind words --no-joint` reads."""

SOURCES: tuple[Source, ...] = (
    Source(
        name="multi30k",
        summary="31,014 captions of pictures, German to English, in three parts (test_2016_flickr)",
        home="https://github.com/multi30k/dataset",
        licence="derived from Flickr30k: research and education, non-commercial",
        files=(
            SourceFile(
                name="multi30k/train.de",
                url=f"{_MULTI30K}/train.de.gz",
                sha256="2c2b73fd2b548fbcde3a875e0a78d6ee94d498bfdee6bd3eae3945779e9ddf72",
                size=2_110_398,
                label="train",
                side="source",
            ),
            SourceFile(
                name="multi30k/train.en",
                url=f"{_MULTI30K}/train.en.gz",
                sha256="460a15fbd157e34a7a9957ee388c1ca247fe47af3ef25fb50442af6c274e0fc6",
                size=1_801_238,
                label="train",
                side="target",
            ),
            SourceFile(
                name="multi30k/val.de",
                url=f"{_MULTI30K}/val.de.gz",
                sha256="660e09eb7e1da2f856ea13ee5ad3cf6d36b3d5b0b733c857e94c5747a3dfc660",
                size=75_981,
                label="validation",
                side="source",
            ),
            SourceFile(
                name="multi30k/val.en",
                url=f"{_MULTI30K}/val.en.gz",
                sha256="1f2a23d992769b5b3d209b0a10dd0b77c08cceb1f20dfb97ed0aafa49d107227",
                size=63_297,
                label="validation",
                side="target",
            ),
            SourceFile(
                name="multi30k/test_2016_flickr.de",
                url=f"{_MULTI30K}/test_2016_flickr.de.gz",
                sha256="4be6b5b3236b79c25475c6bb829800a7ce559e9ba7a1f6c2394fe4d40be46d16",
                size=70_649,
                label="test",
                side="source",
            ),
            SourceFile(
                name="multi30k/test_2016_flickr.en",
                url=f"{_MULTI30K}/test_2016_flickr.en.gz",
                sha256="399a4382932c1aadd3ceb9bef1008d388a64c76d4ae4e9d4728c6f4301cac182",
                size=62_076,
                label="test",
                side="target",
            ),
        ),
        citation="D. Elliott et al. (2016), Multi30K: Multilingual English-German Image Descriptions (ACL W16-3210)",
    ),
    Source(
        name="tatoeba-fr",
        summary="142,787 pairs, English to French, 98,659 different English sides, edition of 2017-09-29",
        home=_TATOEBA_FR,
        licence="CC BY 2.0 (manythings.org/anki, tatoeba.org)",
        files=(
            SourceFile(
                name="tatoeba/fra.txt",
                sha256="2546838ae46e0eac4c02ab7032ea0a02a006074a5340077a36a9444f41e02888",
                size=10_009_515,
            ),
        ),
        citation="Tatoeba project, tatoeba.org; selected by manythings.org/anki",
    ),
    Source(
        name="tatoeba-vi",
        summary="9,426 pairs, English to Vietnamese, 7,387 different English sides, edition of 2024-10-06",
        home="https://www.manythings.org/anki/",
        licence="CC BY 2.0 (each row names its authors)",
        files=(
            SourceFile(
                name="tatoeba/vie.txt",
                url=_TATOEBA_VI,
                sha256="a8adad56b5e902c0a79847f9e86617d4f5baf7b0fc99db434de8f743dfed3191",
                size=1_501_253,
            ),
        ),
        citation="Tatoeba project, tatoeba.org; selected by manythings.org/anki",
    ),
    Source(
        name="iwslt15",
        summary="133,317 pairs of talks, Vietnamese to English, and tst2012, tst2013: their home has the files",
        home=_IWSLT_HOME,
        licence=_IWSLT_LICENCE,
        files=(
            SourceFile(name="iwslt15-en-vi/train.vi", sha256="", size=0, label="train", side="source"),
            SourceFile(name="iwslt15-en-vi/train.en", sha256="", size=0, label="train", side="target"),
            *_IWSLT_REST,
        ),
        citation=_IWSLT_CITATION,
    ),
    Source(
        name="iwslt15-head",
        summary="the first 1,000 training lines of iwslt15: they show that all runs, and teach nothing",
        home=_IWSLT_HOME,
        licence=_IWSLT_LICENCE,
        files=(
            SourceFile(
                name="iwslt15-en-vi/train-first1000.vi",
                url=f"{_HEAD}/train.vi",
                sha256="eb38299a5dd3e61d2e06d6756b99ee63be9752f15dd7c3e0c8a50b9f1751ee88",
                size=125_900,
                label="train",
                side="source",
            ),
            SourceFile(
                name="iwslt15-en-vi/train-first1000.en",
                url=f"{_HEAD}/train.en",
                sha256="e95efd05118b6be80b6ecbfd4a1b6b21a4b2e05a4633becf3b2d2823b0cb8746",
                size=94_429,
                label="train",
                side="target",
            ),
            *_IWSLT_REST,
        ),
        citation=_IWSLT_CITATION,
    ),
)
