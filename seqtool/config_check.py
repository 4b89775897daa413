"""Whether a plugin's configuration can be options, TOML keys and ranges: asked once, when its task is registered."""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from collections.abc import Iterator
from types import NoneType
from typing import Any

from seqtool.config import Field, raw_fields
from seqtool.errors import demand

RESERVED = frozenset({
    "help", "data", "sample", "preset", "config", "set", "out", "resume", "init_from", "seed", "device", "threads",
    "replay", "show_config", "dry_run", "json", "curve",
})  # fmt: skip
"""Names of the options that `train` and `check` have for every task."""


def hold(kind: type[Any]) -> None:
    """Raise `TypeError` or `ValueError` that names the field for a configuration that cannot be used."""
    for owner in kind.__mro__:
        _hold_class(owner)
    fields = raw_fields(kind)
    for field in fields:
        _hold_field(kind, field)
    _hold_words(fields)
    defaults = {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
    kind(**defaults)  # what __init__ and __post_init__ raise is said now, not after the data was read


def _hold_class(owner: type) -> None:
    # not __dict__: from Python 3.14 on annotations are made when they are asked for
    own = inspect.get_annotations(owner) if owner is not object else {}
    names = [name for name, hint in own.items() if "ClassVar" not in str(hint)]
    if names and "__dataclass_fields__" not in owner.__dict__:
        raise TypeError(f"{owner.__name__} has the field {names[0]!r} and no @dataclass(frozen=True)")


def _hold_field(kind: type, field: Field) -> None:
    if not re.fullmatch(r"[^\W\d_]\w*", field.name):
        raise ValueError(f"the field {field.name!r} cannot be an option: it begins with no letter")
    if field.name in RESERVED:
        raise ValueError(f"the field {field.name!r} has the name of an option that every task has")
    _hold_option(field)
    default = field.default
    if default is dataclasses.MISSING:
        # `kind` is a dataclass, as was held before: its type does not say so
        if kind.__dataclass_fields__[field.name].default_factory is dataclasses.MISSING:  # type: ignore[attr-defined]
            raise ValueError(f"the field {field.name!r} has no default")
        return
    for known in (field, *_same_field(kind, field.name)):
        if _plain(known.type) != _plain(field.type):
            raise TypeError(f"the field {field.name!r} has another type than the one of the family")
        if fault := known.fault(default):
            raise ValueError(f"the default of the field {field.name!r}, {default!r}, {fault}")


def _hold_option(field: Field) -> None:
    try:
        demand(field.opt, str, "help", "also")
        demand(field.opt, (int, float, NoneType), "ge", "gt", "le", "lt")
    except (TypeError, ValueError) as error:
        raise type(error)(f"the field {field.name!r}: {error}") from None
    if field.opt.also and not re.fullmatch("--[a-z][a-z0-9-]*", field.opt.also):
        raise ValueError(f"the field {field.name!r}: Opt.also is {field.opt.also!r}, no option such as --value-column")


def _same_field(kind: type, name: str) -> Iterator[Field]:
    """Yield the field of that name of every class that the configuration extends."""
    for base in kind.__mro__[1:]:
        if dataclasses.is_dataclass(base) and name in base.__dataclass_fields__:
            yield from (field for field in raw_fields(base) if field.name == name)


def _plain(hint: Any) -> Any:
    """Return a type with a text for the words of a Literal: a task may have fewer of them, or more."""
    if typing.get_origin(hint) is typing.Literal:
        return type(typing.get_args(hint)[0])
    return (tuple, _plain(typing.get_args(hint)[0])) if typing.get_origin(hint) is tuple else hint


def _hold_words(fields: tuple[Field, ...]) -> None:
    """Raise `ValueError` where two fields, or a field and an option of every task, give one option."""
    owners = {f"--{name.replace('_', '-')}": "every task" for name in RESERVED}
    for field in fields:
        for word in _words(field):
            if word in owners:
                raise ValueError(f"the field {field.name!r} gives the option {word}, which {owners[word]} has too")
            owners[word] = f"the field {field.name!r}"


def _words(field: Field) -> list[str]:
    """Return the options of a field, as `seqtool.cli.signature` makes them."""
    word = field.name.replace("_", "-")
    also = [field.opt.also] if field.opt.also else []
    off = [f"--no-{word}"] if field.type is bool and not also and not field.name.startswith("no_") else []
    return [f"--{word}", *off, *also]
