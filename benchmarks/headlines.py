"""The README's table: a dozen results, each beside a baseline and, where there is one, a published figure."""

from typing import NamedTuple

MULTI30K = "33.5 (model card of msarmi9/multi30k), LSTM with attention, lower-cased"
NANOGPT = "[1.470](https://github.com/karpathy/nanoGPT), transformer of 6 layers"
WNUT17 = "41.86 (the shared task's best), with vectors from outside"
SPACY = "96.9 (spaCy's model card of en_udv25_englishewt_trf), pretrained transformer"
TREE_LSTM = "[86.3](https://arxiv.org/abs/1503.00075), 2 LSTM layers, pretrained word vectors"


class Headline(NamedTuple):
    """A row: what was measured, the figures of model and baseline by their keys in the line, and what others report."""

    data: str
    model: str
    measure: str
    line: tuple[str, str]
    """Name and preset of the line."""
    figure: str
    """Keys of the model's figure, with slashes between."""
    baseline: str
    versus: str
    """Keys of the baseline's figure."""
    published: str = ""


HEADLINES = (
    Headline(
        "daily price of bitcoin, 40 days ahead", "`bitcoin`", "RMSE", ("bitcoin", "default"),
        "path/model", "last value", "path/last value",
    ),
    Headline(
        "demand for electricity, 48 half hours ahead", "`electricity`, `--refit`", "RMSE",
        ("electricity", "default --refit"), "path/model", "ridge", "path/ridge",
    ),
    Headline(
        "one electricity meter, 15 minutes ahead", "`electricity quarter-hour`", "RMSE",
        ("electricity", "quarter-hour"), "path/model", "same time yesterday", "path/seasonal",
    ),
    Headline(
        "Shakespeare, character by character", "`chargen`", "nats per character", ("chargen", "default"),
        "whole/model/nats_per_character", "5-gram model", "whole/5-gram/nats_per_character", NANOGPT,
    ),
    Headline(
        "sentiment of SST-2 sentences", "`sentiment`, mean of 5 seeds", "accuracy, %",
        ("SST-2 sentences, accuracy, sentiment default", ""), "mean", "TF-IDF", "tf_idf", TREE_LSTM,
    ),
    Headline(
        "sentiment of UMICH sentences, cut at random", "`sentiment umich-lstm`", "accuracy, %",
        ("SI650 cut at random, accuracy, sentiment umich-lstm", ""), "mean", "bag of bigrams", "bag_of_bigrams",
        "99, the recipe",
    ),
    Headline(
        "parts of speech, English of the web", "`pos`", "words right, %", ("tagging, pos default, ewt upos", ""),
        "accuracy", "most frequent tag", "most_frequent_tag", SPACY,
    ),
    Headline(
        "Penn tags, NLTK's sample", "`pos`", "words right, %", ("tagging, pos default, treebank xpos", ""),
        "accuracy", "most frequent tag", "most_frequent_tag",
    ),
    Headline(
        "the same, another cut", "`pos treebank-bilstm`", "words right, %",
        ("tagging, pos treebank-bilstm, treebank xpos", ""), "accuracy", "most frequent tag", "most_frequent_tag",
        "92, the recipe, which counts padding as right",
    ),
    Headline(
        "entities of forums and tweets", "`pos entities`", "F1 of entities", ("entities, wnut17, preset entities", ""),
        "mean_f1", "CRF", "crf_f1", WNUT17,
    ),
    Headline(
        "Multi30k, German to English", "`nmt`", "BLEU", ("translation, nmt default, multi30k de-en", ""),
        "bleu", "a copy of the source", "copy_bleu", MULTI30K,
    ),
    Headline(
        "the same, 10 epochs without attention", "`nmt`", "BLEU",
        ("translation, nmt default, multi30k de-en, 10 epochs without attention", ""),
        "bleu", "a copy of the source", "copy_bleu",
    ),
    Headline(
        "Tatoeba, English to French", "`nmt`", "BLEU", ("translation, nmt default, tatoeba en-fr", ""),
        "bleu", "a copy of the source", "copy_bleu",
    ),
)  # fmt: skip


def headlines(lines):
    """Return the table in Markdown; a line that is not there has no row."""
    found = {(line["name"], line["figures"].get("preset", "")): line["figures"] for line in lines}
    rows = [
        f"| {row.data} | {row.model} | {row.measure} | {look_up(found[row.line], row.figure)} | "
        f"{row.baseline} {look_up(found[row.line], row.versus)} | {row.published} |"
        for row in HEADLINES
        if row.line in found
    ]
    heads = ("data", "task", "measure on the test part", "seqtool", "baseline", "published elsewhere")
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows])


def look_up(figures, keys):
    """Return the figure under keys with slashes between, as text."""
    for key in keys.split("/"):
        figures = figures[key]
    if figures >= 100:
        return f"{figures:,.4g}"
    return f"{figures:.3f}" if 1 <= figures < 10 else f"{figures:.2f}"
