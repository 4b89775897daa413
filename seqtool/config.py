"""Configuration: one frozen dataclass a task gives command-line options, TOML files, ranges and help.

`from_data` names settings whose numbers come from the data: see `families/sizes.py`.

Precedence, strongest first: options of the command line, `--set`, `--config FILE`, what a trained model has with which
a training begins, the preset, the task's defaults, the defaults of the fields.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
import tomllib
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from seqtool.errors import NotFound, UsageError, did_you_mean, foreign

C = TypeVar("C")
FROM_DATA = "from_data"
"""The field that names settings which follow the data: each keeps to it until a stronger layer gives a number."""
_UNIONS = (typing.Union, types.UnionType)  # `int | Literal[...]` is the first, `int | str` the second
_CURE = "update or remove the plugin that gives it: seqtool plugins"


@dataclass(frozen=True)
class Opt:
    """Help and range of a configuration field, written as `Annotated[int, Opt("hidden units", ge=1)]`."""

    help: str
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    increasing: bool = False
    """Of a list: each number is above the one before."""
    choices: Callable[[], Mapping[str, str]] | None = None
    """Of a text: the words it may be, asked when they are needed, and what each is, "" where it needs no saying."""
    also: str = ""
    """A second spelling of the option, such as `--value-column`."""
    unless: str = ""
    """A field that gives this number itself: where it is set, defaults and the preset give way, and this one is 0."""

    def fault(self, value: float) -> str:
        """Return what is wrong with `value`, or ""."""
        if isinstance(value, float) and not math.isfinite(value):
            return "must be a finite number"
        if self.ge is not None and value < self.ge:
            return f"must be at least {self.ge:,g}"
        if self.gt is not None and value <= self.gt:
            return f"must be above {self.gt:,g}"
        if self.le is not None and value > self.le:
            return f"must be at most {self.le:,g}"
        if self.lt is not None and value >= self.lt:
            return f"must be below {self.lt:,g}"
        return ""

    def faults(self, values: Sequence[float]) -> str:
        """Return what is wrong with a list of numbers, or ""."""
        if fault := next(filter(None, map(self.fault, values)), ""):
            return f"{fault}, each of them"
        if self.increasing and any(after <= before for before, after in itertools.pairwise(values)):
            return "must increase"
        return ""


@dataclass(frozen=True)
class Field:
    """One field of a configuration: name, plain type, default and option."""

    name: str
    type: Any
    default: Any
    opt: Opt

    @property
    def choices(self) -> tuple[str, ...]:
        """The words of a Literal, alone or beside whole numbers; () for any other type."""
        words = typing.get_args(self.type)[-1] if self.is_number_or_word else self.type
        return typing.get_args(words) if typing.get_origin(words) is Literal else ()

    @property
    def is_number_or_word(self) -> bool:
        """True for `int | Literal[...]`."""
        return typing.get_origin(self.type) in _UNIONS

    @property
    def is_list(self) -> bool:
        """True for `tuple[str, ...]` and other tuples, written with commas on the command line."""
        return typing.get_origin(self.type) is tuple

    @property
    def item(self) -> Any:
        """The type of a list's items: `str`, `float` or a Literal."""
        return typing.get_args(self.type)[0]

    def fault(self, value: Any) -> str:
        """Return what is wrong with a value of the field's type, or ""."""
        if self.is_list and self.item is float:
            return self.opt.faults(value)
        return self.opt.fault(value) if isinstance(value, (int, float)) else ""


def fields(config: type) -> tuple[Field, ...]:
    """Return the fields of a configuration dataclass, in order."""
    with foreign(f"the configuration {config.__name__!r} of a plugin is wrong", cure=_CURE):
        return raw_fields(config)


def raw_fields(config: type) -> tuple[Field, ...]:
    """Return the fields as `fields` does; raises whatever a plugin's class makes Python raise."""
    hints = typing.get_type_hints(config, include_extras=True)
    return tuple(_field(field, hints[field.name]) for field in dataclasses.fields(config))


def _field(field: dataclasses.Field[Any], hint: Any) -> Field:
    plain, opt = hint, Opt("")
    if typing.get_origin(hint) is typing.Annotated:
        plain, *extras = typing.get_args(hint)
        opt = next((extra for extra in extras if isinstance(extra, Opt)), opt)
    # Asked here and not when the class is made: choices from plugins need their entry points.
    if opt.choices is not None:
        words = opt.choices()
        plain = Literal[tuple(words)]
        explained = [f"{word}: {text}" for word, text in words.items() if text]
        opt = dataclasses.replace(opt, help="; ".join([opt.help, *explained]))
    # An option has one metavar and one TOML type, and its default is of it.
    inside = typing.get_args(plain)
    item = inside[0] if typing.get_origin(plain) is tuple and inside[1:] == (...,) else plain
    if typing.get_origin(item) in _UNIONS:
        is_known = inside[0] is int and len(inside) == 2 and typing.get_origin(inside[1]) is Literal
        item = inside[1] if is_known else None
    if item not in (int, float, str, bool) and typing.get_origin(item) is not Literal:
        raise TypeError(f"the type of {field.name!r} is no number, text, flag, Literal or list of them")
    if field.default is not dataclasses.MISSING:
        try:
            _typed(field.default, plain)
        except (TypeError, OverflowError):
            raise TypeError(f"the default of {field.name!r}, {field.default!r}, is not of its type") from None
    return Field(field.name, plain, field.default, opt)


def load(
    config: type[C],
    *,
    defaults: Mapping[str, object] | None = None,
    preset: Path | None = None,
    kept: Mapping[str, object] | None = None,
    file: Path | None = None,
    assignments: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> C:
    """Merge every layer into one `config`; kept: settings of the run that a training begins with.

    Raises `UsageError` naming every fault at once (unknown keys, types, choices, ranges),
    `NotFound` when a file is not there.
    """
    # Every layer is read before anything is refused: a person mends all faults in one go.
    merged: dict[str, Any] = {}
    faults: list[str] = []
    layers: list[tuple[str, Mapping[str, Any]]] = [("the task's defaults", defaults or {})]
    if preset is not None:
        layers.append((preset.name, read_toml(preset)))
    usual = len(layers)
    layers.append(("the run of --init-from", kept or {}))
    if file is not None:
        layers.append((str(file), read_toml(file)))
    layers.append(("--set", dict(_assignment(text) for text in assignments)))
    layers.append(("options", {name: value for name, value in (options or {}).items() if value is not None}))
    known_fields = {field.name: field for field in fields(config)}
    for origin, layer in layers:
        for key, value in layer.items():
            name = key.replace("-", "_")
            if name not in known_fields:
                faults.append(f"unknown option {key!r} in {origin}: {did_you_mean(name, known_fields)}")
            else:
                merged[name] = _of_text(value, known_fields[name])
    asked = {key.replace("-", "_") for _, layer in layers[usual:] for key in layer}
    for name, field in known_fields.items():
        if field.opt.unless and merged.get(field.opt.unless) and name not in asked:
            merged[name] = 0
    values: dict[str, Any] = {}
    for name in [name for name in known_fields if name in merged]:
        field, raw = known_fields[name], merged[name]
        try:
            values[name] = _typed(raw, field.type)
        except (TypeError, OverflowError):
            wanted = _type_name(field)
            faults.append(f"{name} = {raw!r} must be {wanted}")
            continue
        if fault := field.fault(values[name]):
            faults.append(f"{name} = {raw!r} {fault}")
    if names := values.get(FROM_DATA):
        values[FROM_DATA], wrong = _following(config, names, layers)
        faults += wrong
    if faults:
        raise UsageError(
            "\n  ".join(["the configuration is wrong:", *faults]),
            cure="seqtool train TASK --help lists every option",
        )
    with foreign(f"the configuration {config.__name__!r} of a plugin fails", cure=_CURE):
        return config(**values)


def _following(
    config: type, names: Sequence[str], layers: Sequence[tuple[str, Mapping[str, Any]]]
) -> tuple[tuple[str, ...], list[str]]:
    """Return the settings of `from_data` that no stronger layer gives, and a fault for each that has no rule."""
    keys = [{key.replace("-", "_") for key in layer} for _, layer in layers]
    says = max(place for place, given in enumerate(keys) if FROM_DATA in given)
    # a file may hold a number beside its name, as presets do; who gives a number on the command line means it
    stronger = set[str]().union(*keys[says + 1 :], *keys[-2:])
    rules = getattr(config, "FROM_DATA", ())
    plain = tuple(name.replace("-", "_") for name in names)
    faults = [
        f"from_data names {name!r}, which follows no data here: {did_you_mean(name, rules)}"
        for name in plain
        if name not in rules
    ]
    return tuple(name for name in plain if name not in stronger), faults


def _typed(value: Any, wanted: Any) -> Any:
    """Return a value as a field's type; raises `TypeError` for what Python would quietly convert (True, "3")."""
    kind, inside = typing.get_origin(wanted), typing.get_args(wanted)
    if kind is tuple and isinstance(value, (list, tuple)):
        return tuple(_typed(part, inside[0]) for part in value)
    if kind in _UNIONS:
        number, word = inside
        return _typed(value, word if isinstance(value, str) else number)
    if kind is Literal and value in inside:
        return value
    # TOML writes 1 for 1.0, so a float may be a whole number; a bool is an int to Python, and never meant as one.
    accepted = (int, float) if wanted is float else wanted
    if kind is None and isinstance(value, accepted) and isinstance(value, bool) == (wanted is bool):
        return wanted(value)
    raise TypeError(value)


def _type_name(field: Field) -> str:
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    if field.choices:
        return ("a whole number, or " if field.is_number_or_word else "") + "one of " + ", ".join(field.choices)
    if not field.is_list:
        return names.get(field.type, str(field.type))
    if typing.get_origin(field.item) is Literal:
        return "a list of " + ", ".join(typing.get_args(field.item))
    return "a list of numbers" if field.item is float else "a list of texts"


def _of_text(value: Any, field: Field) -> Any:
    """Make a list, or the number of `int | Literal`, of the text that an option gives; leave all else as it is."""
    if field.is_list:
        return _listed(value, field.item)
    if field.is_number_or_word and isinstance(value, str):
        return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value
    return value


def _listed(value: Any, item: Any) -> Any:
    """Make a list of what stands between commas, or of a single number; what is no number stays a text."""
    if isinstance(value, str):
        parts = [part.strip() for part in value.split(",") if part.strip()]
        return [_number(part) for part in parts] if item is float else parts
    return [value] if item is float and isinstance(value, (int, float)) else value


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _assignment(text: str) -> tuple[str, Any]:
    """Read `key=value`; the value is TOML, a bare word is a text."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--set {text!r} is no assignment", cure="write --set key=value")
    try:
        return key.strip(), tomllib.loads(f"x = {value}")["x"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises `NotFound` or `UsageError` with the place of the fault."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound("no such configuration file", where=str(path), cure="check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not valid TOML: {error}", where=str(path), cure="mend that line") from error
    except OSError as error:
        raise NotFound(f"cannot read: {error.strerror}", where=str(path), cure="check the path") from error


def to_dict(config: Any) -> dict[str, Any]:
    """Return every field of a configuration as plain TOML and JSON values."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in _items(config)}


def _items(config: Any) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(config):
        yield field.name, getattr(config, field.name)


def preset_files(folder: Path) -> dict[str, Path]:
    """Return the presets of a folder by name, in order."""
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def preset(presets: Mapping[str, Path], name: str) -> Path:
    """Return the file of a preset; raises `UsageError` with a hint when there is none."""
    if name not in presets:
        raise UsageError(f"unknown preset {name!r}", cure=did_you_mean(name, presets))
    return presets[name]


def preset_summary(path: Path) -> str:
    """Return the first line of a preset's comment; raises what `read_toml` raises."""
    read_toml(path)
    return path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ").strip()
