"""Write the tables of the documentation from docs/results.jsonl: the newest line of each measurement.

Each row says when, at which commit and on which machine it was measured. A table stands between two marks of its page,
such as `<!-- speed -->` and `<!-- /speed -->`.
"""

import json
import re

from headlines import headlines
from results import FILE, ROOT

TRANSLATOR = "translation, nmt default, "
"""How the names of the translators' measurements begin."""

BEGINNINGS = {
    "classifiers": ("SST-2 sentences, ", "SI650 "),
    "cuts": ("classes, ",),
    "sets": ("label sets, ",),
    "several": ("several labels, ",),
    "taggers": ("tagging, ",),
    "entities": ("entities, ",),
    "start": ("cold start",),
    "training": ("training", "language model training speed"),
    "pipes": ("classify through the pipe", "tag through the pipe"),
    "sampling": ("sampling speed",),
    "forecast-speed": ("forecast speed",),
    "translation-speed": ("translation speed, ",),
    "rivals": ("translation speed in int8",),
}
"""Mark -> how the names of its measurements begin. What no mark names goes to the table `checks`."""

MIXED = ("start", "training", "pipes", "checks")
"""Marks whose measurements differ in kind: their figures stand in one cell."""

PAGES = {
    "README.md": ("headlines",),
    "docs/results.md": (
        "results",
        "language",
        "classifiers",
        "cuts",
        "sets",
        "several",
        "taggers",
        "entities",
        "translators",
        "checks",
    ),
    "docs/performance.md": ("start", "training", "pipes", "sampling", "forecast-speed", "translation-speed", "rivals"),
}
MEASURED = ("date, commit, machine", "command")


def newest(lines):
    """Keep the last line of each measurement (and preset)."""
    found = {}
    for line in lines:
        figures = line["figures"]
        found[line["name"], figures.get("preset", ""), figures.get("checkpoint", "")] = line
    return list(found.values())


def measured(line):
    """Return the last cells of a row: when, at which commit, where and by which command it was measured."""
    machine = re.sub(r"\b1 cores", "1 core", line["machine"])
    return [f"{line['date']}, {line['commit']}, {machine}", f"`{line['command']}`"]


def table(heads, rows):
    """Return a table in Markdown."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *body])


def forecasters(lines):
    """Return the table of the forecasting presets, over the whole path."""
    heads = ("task, preset", "data, test split", "steps", "model RMSE", "last value", "season", "autoregression")
    rows = []
    for line in (line for line in lines if "path" in line["figures"]):
        figures = line["figures"]
        named = ("model", "last value", "seasonal", "autoregression")
        numbers = [f"{figures['path'][who]:,.6g}" if who in figures["path"] else "no season" for who in named]
        place = f"{figures['data']}, {figures['from']} to {figures['to']}, {figures['origins']} origins"
        covered = figures.get("coverage")
        covers = "" if covered is None else f"{100 * covered:.1f} %"
        verdict = " ".join(sentence.split(": its mean")[0].rstrip(".") + "." for sentence in figures["verdict"])
        steps = f"1 to {max(map(int, figures['rmse']))}"
        name = f"`{line['name']} {figures['preset']}`"
        rows.append([name, place, steps, *numbers, covers, verdict, *measured(line)])
    return table((*heads, "80 % interval covers", "verdict", *MEASURED), rows)


def language_models(lines):
    """Return the table of the language models, nats per character of the test part."""
    heads = ("task, preset, weights", "data, test part", "minutes", "nats (bits) per character", "int8", "5-gram", "xz")
    rows = []
    for line in (line for line in lines if "whole" in line["figures"]):
        figures = line["figures"]
        whole = figures["whole"]
        model, gram, xz = (whole[name]["nats_per_character"] for name in ("model", "5-gram", "xz"))
        cells = [
            f"`{line['name']} {figures['preset']}`, {figures['checkpoint']}",
            f"{figures['data']}, {figures['characters']:,} characters", str(figures["minutes"]),
            f"{model} ({whole['model']['bits_per_character']})",
            str(figures.get("int8", {}).get("nats_per_character", "")), str(gram), str(xz), figures["verdict"][0],
        ]  # fmt: skip
        rows.append([*cells, *measured(line)])
    return table((*heads, "verdict", *MEASURED), rows)


def translators(lines):
    """Return the table of the translators, by their files on the test part."""
    heads = ("nmt, preset default", "pairs", "minutes, cores", "BLEU", "chrF", "int8, BLEU", "a copy of the source")
    rows = []
    for line in (line for line in lines if line["name"].startswith(TRANSLATOR)):
        figures = line["figures"]
        cells = [
            line["name"].removeprefix(TRANSLATOR), f"{figures['pairs']:,}",
            f"{figures['minutes']}, {figures['threads']}", f"{figures['bleu']:.2f}", f"{figures['chrf']:.2f}",
            str(figures.get("int8_bleu", "")), f"{figures['copy_bleu']:.2f}", f"{figures['percent_of_sources_seen']} %",
        ]  # fmt: skip
        rows.append([*cells, *measured(line)])
    return table((*heads, "sources seen in training", *MEASURED), rows)


def in_words(value):
    """Return a figure as text: lists and mappings without their brackets."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {in_words(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return (" / " if any(isinstance(inner, dict) for inner in value) else "; ").join(map(in_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def by_column(lines):
    """Return a table with a column for each figure: measurements of one kind."""
    keys = list(dict.fromkeys(key for line in lines for key in line["figures"]))
    rows = [
        [line["name"], *(in_words(line["figures"].get(key, "")) for key in keys), *measured(line)] for line in lines
    ]
    return table(("what", *(key.replace("_", " ") for key in keys), *MEASURED), rows)


def by_row(lines):
    """Return a table with all figures of a measurement in one cell: measurements of different kinds."""
    rows = []
    for line in lines:
        figures = "<br>".join(f"{key.replace('_', ' ')}: {in_words(value)}" for key, value in line["figures"].items())
        rows.append([line["name"], figures, *measured(line)])
    return table(("what", "figures", *MEASURED), rows)


def home(line):
    """Return the mark of a line that no table of its own shows, or None."""
    if {"path", "whole"} & line["figures"].keys() or line["name"].startswith(TRANSLATOR):
        return None
    return next((mark for mark, names in BEGINNINGS.items() if line["name"].startswith(names)), "checks")


def tables(lines):
    """Return mark -> its table."""
    made = {
        "headlines": headlines(lines), "results": forecasters(lines), "language": language_models(lines),
        "translators": translators(lines),
    }  # fmt: skip
    for mark in (*BEGINNINGS, "checks"):
        write = by_row if mark in MIXED else by_column
        made[mark] = write([line for line in lines if home(line) == mark])
    return made


def fill(text, mark, made):
    """Put a table between its marks."""
    return re.sub(f"(<!-- {mark} -->).*?(<!-- /{mark} -->)", lambda m: f"{m[1]}\n{made}\n{m[2]}", text, flags=re.DOTALL)


if __name__ == "__main__":
    made = tables(newest(json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()))
    for page, marks in PAGES.items():
        text = (ROOT / page).read_text(encoding="utf-8")
        for mark in marks:
            text = fill(text, mark, made[mark])
        (ROOT / page).write_text(text, encoding="utf-8")
