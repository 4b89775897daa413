"""Write the README's tables from docs/results.jsonl: the newest line of each measurement.

A line whose code has changed since is marked stale, not run again.
"""

import json
import re
import subprocess
from pathlib import Path

from results import FILE, ROOT

README = ROOT / "README.md"
TRANSLATOR = "translation, nmt default, "
"""How the names of the translators' measurements begin."""


def newest(lines):
    """Keep the last line of each measurement (and preset)."""
    found = {}
    for line in lines:
        figures = line["figures"]
        found[line["name"], figures.get("preset", ""), figures.get("checkpoint", "")] = line
    return list(found.values())


def stale(line):
    """Return a mark when the code has changed since the line's commit."""
    commit = line["commit"].rstrip("+")
    words = ["git", "diff", "--quiet", commit, "--", "seqtool", "plugins"]
    return "" if subprocess.run(words, cwd=ROOT, check=False, capture_output=True).returncode == 0 else " (stale)"


def forecasts(lines):
    """Return the table of the forecasting presets, over the whole path."""
    heads = ("task, preset", "data, test split", "steps", "model RMSE", "last value", "season", "autoregression")
    heads += ("80 % interval covers", "verdict")
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for line in (line for line in lines if "path" in line["figures"]):
        figures = line["figures"]
        path = figures["path"]
        named = ("model", "last value", "seasonal", "autoregression")
        numbers = [f"{path[who]:,.6g}" if who in path else "no season" for who in named]
        place = f"{figures['data']}, {figures['from']} to {figures['to']}, {figures['origins']} origins"
        last = max(map(int, figures["rmse"]))
        verdict = " ".join(sentence.split(":")[0] + "." for sentence in figures["verdict"][:1])
        covered = figures.get("coverage")
        covers = "" if covered is None else f"{100 * covered:.1f} %"
        cells = [f"`{line['name']} {figures['preset']}`{stale(line)}", place, f"1 to {last}", *numbers, covers, verdict]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def language_models(lines):
    """Return the table of the language models, nats a character of the test part."""
    heads = (
        "task, preset, weights",
        "data, test part",
        "minutes",
        "nats (bits) a character",
        "int8",
        "5-gram",
        "xz",
        "verdict",
    )
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for line in (line for line in lines if "whole" in line["figures"]):
        figures = line["figures"]
        whole = figures["whole"]
        model, gram, xz = (whole[name]["nats_per_character"] for name in ("model", "5-gram", "xz"))
        small = figures.get("int8", {}).get("nats_per_character", "")
        cells = [
            f"`{line['name']} {figures['preset']}`, {figures['checkpoint']}{stale(line)}",
            f"{figures['data']}, {figures['characters']:,} characters", str(figures["minutes"]),
            f"{model} ({whole['model']['bits_per_character']})", str(small), str(gram), str(xz), figures["verdict"][0],
        ]  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def translators(lines):
    """Return the table of the translators, by their files on the test part."""
    heads = ("nmt, preset default", "pairs", "minutes, cores", "BLEU", "chrF", "int8, BLEU", "a copy of the source")
    heads += ("sources seen in training",)
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for line in (line for line in lines if line["name"].startswith(TRANSLATOR)):
        figures = line["figures"]
        cells = [
            f"{line['name'].removeprefix(TRANSLATOR)}{stale(line)}", f"{figures['pairs']:,}",
            f"{figures['minutes']}, {figures['threads']}", f"{figures['bleu']:.2f}", f"{figures['chrf']:.2f}",
            str(figures.get("int8_bleu", "")), f"{figures['copy_bleu']:.2f}", f"{figures['percent_of_sources_seen']} %",
        ]  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def speed(lines):
    """Return the table of ratios and counts."""
    rows = ["| what | figure | machine | command |", "|---|---|---|---|"]
    others = (line for line in lines if "preset" not in line["figures"] and not line["name"].startswith(TRANSLATOR))
    for line in others:
        figures = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in line["figures"].items())
        rows.append(
            f"| {line['name']}{stale(line)} | {figures} | {line['machine']}, {line['date']} | `{line['command']}` |"
        )
    return "\n".join(rows)


def fill(text, mark, table):
    """Put a table between its marks."""
    return re.sub(
        f"(<!-- {mark} -->).*?(<!-- /{mark} -->)", lambda m: f"{m[1]}\n{table}\n{m[2]}", text, flags=re.DOTALL
    )


if __name__ == "__main__":
    lines = newest(json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines())
    text = Path(README).read_text(encoding="utf-8")
    filled = text
    tables = {"results": forecasts, "language": language_models, "translators": translators, "speed": speed}
    for mark, table in tables.items():
        filled = fill(filled, mark, table(lines))
    README.write_text(filled, encoding="utf-8")
