"""Tagged sentences: public copies, each pinned to a commit and a sum."""

from __future__ import annotations

from seqtool import Source, SourceFile

_RAW = "https://raw.githubusercontent.com"
_EWT = f"{_RAW}/UniversalDependencies/UD_English-EWT/15d613d8447b3478787d4c278730a1e48a945efb"
_WNUT = f"{_RAW}/leondz/emerging_entities_17/e52a2d2a71ac1a051ca2d532eef28653c5c02603"

SOURCES: tuple[Source, ...] = (
    Source(
        name="ewt",
        summary="16,622 English sentences of the web, 254,818 words, upos and xpos, in three parts",
        home="https://github.com/UniversalDependencies/UD_English-EWT",
        licence="CC BY-SA 4.0",
        files=(
            SourceFile(
                name="ud-english-ewt/en_ewt-ud-train.conllu",
                url=f"{_EWT}/en_ewt-ud-train.conllu",
                sha256="3fb78e2b55482c8ee00caa653af436c88c9e5bc9a73ce26e4ae3ddc79d2b7e7b",
                size=14_203_025,
                label="train",
            ),
            SourceFile(
                name="ud-english-ewt/en_ewt-ud-dev.conllu",
                url=f"{_EWT}/en_ewt-ud-dev.conllu",
                sha256="531a54ff90d6ab12201c5a50c3e78e6ddac4de69abc4bce5d275d3cd29efe2b6",
                size=1_805_545,
                label="validation",
            ),
            SourceFile(
                name="ud-english-ewt/en_ewt-ud-test.conllu",
                url=f"{_EWT}/en_ewt-ud-test.conllu",
                sha256="e266e515a0a7547657ed3d90d9ba46487d6bd251f27ad4269d4e8a427c8555cd",
                size=1_804_515,
                label="test",
            ),
        ),
        citation="N. Silveira et al. (2014), A Gold Standard Dependency Corpus for English (LREC)",
    ),
    Source(
        name="treebank",
        summary="NLTK's sample of the Penn Treebank: 3,914 sentences of the Wall Street Journal, 45 tags (xpos)",
        home="https://www.nltk.org/nltk_data/",
        licence="(C) LDC 1995; a sample to illustrate NLTK, non-commercial use only",
        files=(
            SourceFile(
                name="treebank/treebank.zip",
                url=f"{_RAW}/nltk/nltk/c90be5e1b36a576057c8bef2ba948cafd28e863d/nltk_data/corpora/treebank.zip",
                sha256="cc00cb1b66ab405d0d61e9924a48b5c70c4e772c07e7f8e2f23b5d611b3ef8ae",
                size=1_710_651,
            ),
        ),
        citation="M. P. Marcus, B. Santorini, M. A. Marcinkiewicz (1993), Building a Large Annotated Corpus of English",
    ),
    Source(
        name="wnut17",
        summary="5,690 English sentences of forums and tweets, 101,857 words, entities of six kinds, in three parts",
        home="https://noisy-text.github.io/2017/emerging-rare-entities.html",
        licence="CC BY 4.0",
        files=(
            SourceFile(
                name="wnut17/wnut17train.conll",
                url=f"{_WNUT}/wnut17train.conll",
                sha256="731820e13f71af324c6b55a1575ec2ce59fbaa2a0806f8f0400b98d56cd6a7a5",
                size=493_781,
                label="train",
            ),
            SourceFile(
                name="wnut17/emerging.dev.conll",
                url=f"{_WNUT}/emerging.dev.conll",
                sha256="e053b752b8155113ca66e7db08af5f2f5f43ab993694e4774f1ec5bad42312d8",
                size=114_749,
                label="validation",
            ),
            SourceFile(
                name="wnut17/emerging.test.annotated",
                url=f"{_WNUT}/emerging.test.annotated",
                sha256="2aa79b764e56ec9264a1b30fdd9b70195bd00ff400b62edd8f399d5f13c178f0",
                size=192_425,
                label="test",
            ),
        ),
        citation="L. Derczynski et al. (2017), Results of the WNUT2017 Shared Task (W-NUT)",
    ),
)
