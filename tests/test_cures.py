"""Cures by options: each one that a message prints is followed as a person would, and the file is then read."""

from __future__ import annotations

import datetime
import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CLASSES, WORDS = ("good", "bad", "so"), ("the", "cat", "saw", "a", "dog", "and", "ran", "home", "in", "rain")
OPTION = re.compile(r"--no-time|--[a-z-]+ (?:'[^']*'|\S+)")


@dataclass(frozen=True)
class Case:
    """A file that is refused, the task that reads it, and what a person fills in for a NAME in its cure."""

    task: str
    name: str
    content: str
    options: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)


def text(n: int) -> str:
    return " ".join(WORDS[(n * k + k) % len(WORDS)] for k in range(1, 6)) + f" {'abcdefghij'[n % 10] * (1 + n // 10)}"


def lines(form: str, count: int = 60, header: str = "") -> str:
    """Write rows: {n} a number, {day} a date, {label}, {text}, {other} another text, {b} a number below 17."""
    rows = [header] if header else []
    for n in range(count):
        rows.append(
            form.format(
                n=n, label=CLASSES[n % 3], text=text(n), other=text(n + 7).upper(),
                day=f"2024-{1 + n // 28:02d}-{1 + n % 28:02d}", group=f"{1 + n % 9}.{n:03d}", b=n * n % 17,
            )
        )  # fmt: skip
    return "\n".join(rows) + "\n"


def stamped(begin: str, hours: int, count: int, form: str, header: str = "") -> str:
    """Write rows so many hours apart: {day}, {hour}, and {n} and {b} as in `lines`."""
    rows = [header] if header else []
    for n in range(count):
        moment = datetime.datetime.fromisoformat(begin) + n * datetime.timedelta(hours=hours)
        rows.append(form.format(day=moment.date(), hour=f"{moment:%H}", n=n % 9, b=n * n % 17))
    return "\n".join(rows) + "\n"


TAGGED = "".join(
    f"{word}{n % 11}\t{word[0].upper()}\t{word[-1].upper()}\n" + "\n" * (n % 5 == 4)
    for n, word in enumerate(WORDS * 12)
)

CASES = {
    "numbers in two ways": Case("forecast", "a.csv", lines("{day};{group}", header="day;value")),
    "several values of several series": Case(
        "forecast", "a.csv",
        "".join(f"{line},{place}\n" for line in lines("{day},{n},{b}").split() for place in ("oak", "elm")).replace(
            "2024", "day,units,takings,shop\n2024", 1
        ),
        ("--id-column", "shop"),
    ),
    "signs in a column": Case(
        "forecast", "a.csv", lines("{day},{b},S", header="day,sum,kind").replace("4,S", "4,H")
    ),
    "two currencies in a column": Case(
        "forecast", "a.csv", lines("{day},{b},EUR", header="day,sum,currency").replace("4,EUR", "4,USD")
    ),
    "hours or decimals behind a blank": Case("forecast", "a.txt", lines("{day} {b},5")),
    "several values": Case("forecast", "a.csv", lines("{day},{n},{b}", header="day,north,south")),
    "several series": Case(
        "forecast", "a.csv",
        "day,shop,value\n" + "".join(f"2024-01-{d:02d},{s},{d * 3 % 7 + s}\n" for d in range(1, 31) for s in (1, 2)),
    ),
    "years of two digits": Case(
        "forecast", "a.csv", "when,value\n" + "".join(f"{d:02d}/01/99,{d * d % 7}\n" for d in range(1, 31))
    ),
    "no dates": Case("forecast", "a.csv", lines("soon {n},{b}", header="date,value")),
    "years of two digits beside a clock": Case(
        "forecast", "a.csv",
        "when,at,value\n" + "".join(f"04/01/99,{m // 60}:{m % 60:02d},{m * m % 7}\n" for m in range(90)),
    ),
    "two columns of dates": Case("forecast", "a.csv", lines("{day},{day},{b}", header="sent,paid,value")),
    "decimal commas or two columns": Case("forecast", "a.csv", lines("{b},1{b}"), names={"NAME": "1"}),
    "blanks between thousands or columns": Case("forecast", "a.txt", lines("1 2{b:02d}", header="value")),
    "years as names": Case("forecast", "a.csv", lines("{n},{b},{n}", header="2019,2020,2021"), ("--value-column", "2")),
    "a falling count": Case(
        "forecast", "a.csv", "left,y\n" + "".join(f"{90 - n},{n * n % 17}\n" for n in range(60))
    ),
    "rows at any time": Case(
        "forecast", "a.csv", stamped("2024-01-01T00", 5, 240, "{day} {hour}:{b:02d},{b}", "time,y")
    ),
    "two frequencies": Case(
        "forecast", "a.csv",
        stamped("2024-01-01T00", 1, 300, "{day} {hour}:00,{b}", "time,y")
        + stamped("2024-01-13T12", 2, 300, "{day} {hour}:00,{b}"),
    ),
    "a doubled hour": Case(
        "forecast", "a.csv",
        stamped("2023-10-27T00", 1, 51, "{day} {hour}:00,{b}", "time,y")
        + stamped("2023-10-29T02", 1, 60, "{day} {hour}:00,{b}"),
        names={"NAME": "Europe/Madrid"},
    ),
    "a constant column": Case(
        "forecast", "a.csv", lines("{day},1,{b}", header="day,value,real"), ("--columns", "value"), {"NAME": "real"}
    ),
    "labels in two columns": Case("classify", "a.tsv", lines("{label}\t{label}\t{text}")),
    "columns of 0 and 1": Case(
        "classify", "a.csv",
        "text,good,bad,so so\n" + "".join(f"{text(n)},{','.join('100010001'[n % 3 * 3 :][:3])}\n" for n in range(60)),
    ),
    "prose": Case("classify", "a.txt", "".join(f"{WORDS[n % 5].title()} {text(n)}.\n" for n in range(60))),
    "first words or the last cell": Case(
        "classify", "a.txt", "".join(f"{CLASSES[n % 3]} {text(n)}, {WORDS[n % 7]}\n" for n in range(60))
    ),
    "texts with commas": Case(
        "classify", "a.csv", "".join(f"{CLASSES[n % 3]},{text(n)}, {text(n + 3)}, so\n" for n in range(60)),
        names={"NAME": "2"},
    ),
    "two columns of spans and one of O": Case(
        "tag", "a.tsv", re.sub(r"(?m)^(\w+)\t(\w)\t(\w)$", r"\1\tB-\2\tB-\3\tO", TAGGED)
    ),
    "two texts": Case("classify", "a.csv", lines("{label},{text},{other}", header="class,title,summary")),
    "several labels in a cell": Case(
        "classify", "a.csv",
        "text,label\n" + "".join(f'{text(n)},"{"a,b" if n % 5 == 0 else "ab"[n % 2]}"\n' for n in range(60)),
    ),
    "a header, maybe": Case("classify", "a.tsv", "zunge\tw99\n" + "".join(f"l{n % 3}\tw{n}\n" for n in range(40))),
    "first or last": Case("classify", "a.tsv", "".join(f"very long {n % 6}\tt{n}\n" for n in range(40))),
    "commas or tabs": Case(
        "classify", "a.csv", lines('"{label}\ttext\t{text}",{label}', 40) + lines('"{label}\ttext {text}",{label}', 40)
    ),
    "two marks in labels": Case("classify", "a.csv", lines("{label};{text},{label}")),
    "no sure columns": Case(
        "classify", "a.csv", lines("{n},x{n},y{n}", header="a,b,c"),
        names={"--label-column NAME": "--label-column a", "--text-column NAME": "--text-column b"},
    ),
    "words with tags, as labels": Case(
        "classify", "a.txt", "".join(f"{'the' if n % 2 else 'a'}/D w{n}/N ran/V\n" for n in range(60))
    ),
    "two tags": Case("tag", "a.tsv", TAGGED),
    "a header of words": Case("tag", "a.tsv", "wort\tart\n" + re.sub(r"\t.\n", "\n", TAGGED)),
    "three languages": Case("translate", "a.csv", lines('"{text}","{other}","{text} x"', header="en,de,fr")),
    "two columns, numbers first": Case("translate", "a.tsv", lines("{n}\t{text}")),
    "one language before two texts": Case("translate", "a.tsv", lines("en\t{text}\t{other}")),
    "four columns of texts": Case("translate", "a.tsv", lines("{text}\t{other}\t{text} x\t{other} y")),
    "codes or words": Case(
        "translate", "a.tsv", "en\tde\n" + "".join(f"{w}{end}\t{w.upper()}\n" for end in "abcdefghi" for w in WORDS)
    ),
    "commas in sentences": Case("translate", "a.txt", lines("{text}, {other} and so on.")),
    "a title or a header": Case("translate", "a.tsv", lines("{text}.\t{other}.", header="Anfang\tBeginning")),
    "one side named": Case(
        "translate", "a.csv", lines('"{text}","{other}","{text} x"', header="one,two,three"),
        ("--source-column", "one"), {"NAME": "three"},
    ),
    "fields of texts": Case(
        "generate", "a.jsonl", "".join(json.dumps({"a": text(n), "b": text(n + 1)}) + "\n" for n in range(200)),
        names={"NAME": "a"},
    ),
}  # fmt: skip


def options_of(cure: str) -> Iterator[list[str]]:
    """Yield the options of each way out that a cure names."""
    for part in re.split(r"(?:,|;)? or |; |, (?=--)|: ", cure):
        found = [shlex.split(option) for option in OPTION.findall(part)]
        if found:
            yield [word if word == "," else word.rstrip(",;") for pair in found for word in pair]


@pytest.mark.parametrize("name", CASES)
def test_every_option_that_a_cure_names_leads_on(cli: Callable[..., object], tmp_path: Path, monkeypatch, name: str):
    case = CASES[name]
    monkeypatch.chdir(tmp_path)
    Path(case.name).write_text(case.content, encoding="utf-8")
    small = ("--window", "4", "--horizon", "2") if case.task == "forecast" else ()
    followed = follow(cli, case, (*small, *case.options), seen=())
    assert followed, "the file was read at once: nothing was refused"


def follow(cli, case: Case, options: tuple[str, ...], seen: tuple[str, ...]) -> bool:
    """Check the file; where it is refused, follow every way out. Return whether it was refused."""
    answer = cli("check", case.task, "--data", case.name, *options)
    if answer.returncode == 0:
        return False
    assert answer.returncode == 2, answer.stderr
    assert answer.stderr not in seen, f"cures in a circle: {answer.stderr}"
    assert len(seen) < 4, f"no end: {answer.stderr}"
    cure = answer.stderr.partition("cure: ")[2].strip()
    for placeholder, choice in case.names.items():
        cure = cure.replace(placeholder, choice)
    ways = [*options_of(cure)]
    assert ways, f"no option in: {answer.stderr}"
    for way in ways:
        named = {word for word in way if word.startswith("--")}
        kept, skip = [], False
        for word in options:  # an option given again replaces the one before
            skip = word in named if word.startswith("--") else skip
            if not skip:
                kept.append(word)
        follow(cli, case, (*kept, *way), (*seen, answer.stderr))
    return True


MODELS = {"sentiment": ("classify",), "pos": ("tag",)}
OF_EVALUATE = re.compile(r"--(data|src|tgt|(text|label|word|tag|sentence)-column|json|backtest|plot|device|threads)\b")


@pytest.mark.parametrize(
    ("model", "name"),
    [(model, name) for name, case in CASES.items() for model in ("sentiment", "pos") if case.task in MODELS[model]],
)
def test_evaluate_names_no_option_of_the_training(cli, tmp_path, monkeypatch, model, name):
    monkeypatch.chdir(tmp_path)
    Path("given.txt").write_text(CASES[name].content, encoding="utf-8")
    answer = cli("evaluate", Path(__file__).parent / "models" / f"tiny-{model}.onnx", "--data", "given.txt")
    assert "--" not in OF_EVALUATE.sub("", answer.stderr.partition("cure: ")[2])
