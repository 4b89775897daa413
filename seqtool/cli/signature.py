"""Configuration fields become command-line options: one dataclass gives help, choices and ranges."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Container, Mapping
from typing import Annotated, Any

import typer

from seqtool.config import Field, Opt, fields
from seqtool.errors import SeqtoolError

_METAVARS = {int: "INTEGER", float: "NUMBER", str: "TEXT"}


def with_config(
    function: Callable[..., None], config: type, preset: Mapping[str, Any], leave_out: Container[str] = ()
) -> Callable[..., None]:
    """Let `function(..., **options)` take every field of `config` as an option, None where it is not given.

    Parameters of `function` that `leave_out` names are no options and keep their defaults. The help shows the values
    of `preset`, the one that is used unless another is named, as the defaults.
    Ranges stay with `seqtool.config.load`, which sees every layer and reports all faults at once.
    Raises `SeqtoolError` when a field's name is taken by an option of `function`.
    """
    signature = inspect.signature(function, eval_str=True)
    own = [
        parameter
        for parameter in signature.parameters.values()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD and parameter.name not in leave_out
    ]
    taken = {parameter.name for parameter in own} & {field.name for field in fields(config)}
    if taken:
        raise SeqtoolError(
            f"{config.__name__} has a field with the name of a general option: {', '.join(sorted(taken))}",
            cure="rename the field in the plugin",
        )
    parameters = [
        *own,
        *(_parameter(field, preset.get(field.name, field.default)) for field in fields(config)),
    ]
    function.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # inspect reads it, types do not know it
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return function


def _parameter(field: Field, default: Any) -> inspect.Parameter:
    plain = str if field.is_list else field.type
    metavar = _METAVARS.get(field.item, "TEXT") + ",..." if field.is_list else _METAVARS.get(plain)
    option = typer.Option(help=_help(field, default), metavar=metavar, show_default=False)
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(field.name, kind, default=None, annotation=Annotated[plain | None, option])


def _help(field: Field, default: Any) -> str:
    """Return the field's help with its range and default."""
    facts = [text for text in (_range(field.opt), _default(default)) if text]
    return f"{field.opt.help}  [{'; '.join(facts)}]" if facts else field.opt.help


def _range(opt: Opt) -> str:
    """Return a range as a person writes it: `1 <= x <= 4096`, `x > 0`."""
    above = [(opt.ge, "<=", ">="), (opt.gt, "<", ">")]
    below = [(opt.le, "<="), (opt.lt, "<")]
    high = "".join(f" {sign} {_number(bound)}" for bound, sign in below if bound is not None)
    for bound, before, after in above:
        if bound is not None:
            return f"{_number(bound)} {before} x{high}" if high else f"x {after} {_number(bound)}"
    return f"x{high}" if high else ""


def _number(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def _default(value: Any) -> str:
    if value is dataclasses.MISSING:
        return ""
    if isinstance(value, bool):
        return f"default: {'on' if value else 'off'}"
    shown = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f"default: {shown}" if shown else ""
