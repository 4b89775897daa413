"""Configuration fields become command-line options: one dataclass gives help, choices and ranges."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Annotated

import typer

from seqtool.config import Field, Opt, fields
from seqtool.errors import SeqtoolError


def with_config(function: Callable[..., None], config: type) -> Callable[..., None]:
    """Let `function(..., **options)` take every field of `config` as an option, None where it is not given.

    Ranges stay with `seqtool.config.load`, which sees every layer and reports all faults at once.
    Raises `SeqtoolError` when a field's name is taken by an option of `function`.
    """
    signature = inspect.signature(function, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    taken = {parameter.name for parameter in own} & {field.name for field in fields(config)}
    if taken:
        raise SeqtoolError(
            f"{config.__name__} has a field with the name of a general option: {', '.join(sorted(taken))}",
            cure="rename the field in the plugin",
        )
    parameters = [*own, *(_parameter(field) for field in fields(config))]
    function.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return function


def _parameter(field: Field) -> inspect.Parameter:
    plain = str if field.is_list else field.type
    metavar = "TEXT,..." if field.is_list else None
    option = typer.Option(help=_help(field), metavar=metavar, show_default=False)
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(field.name, kind, default=None, annotation=Annotated[plain | None, option])


def _help(field: Field) -> str:
    """Return the field's help with its range and default."""
    facts = [text for text in (_range(field.opt), _default(field)) if text]
    return f"{field.opt.help}  [{'; '.join(facts)}]" if facts else field.opt.help


def _range(opt: Opt) -> str:
    """Return a range as a person writes it: `1 <= x <= 4096`, `x > 0`."""
    low = f"{opt.ge:g} <= " if opt.ge is not None else f"{opt.gt:g} < " if opt.gt is not None else ""
    high = f" <= {opt.le:g}" if opt.le is not None else f" < {opt.lt:g}" if opt.lt is not None else ""
    if low and not high:
        return f"x >= {opt.ge:g}" if opt.ge is not None else f"x > {opt.gt:g}"
    return f"{low}x{high}" if high else ""


def _default(field: Field) -> str:
    if field.default is dataclasses.MISSING:
        return ""
    if isinstance(field.default, bool):
        return f"default: {'on' if field.default else 'off'}"
    shown = ",".join(field.default) if field.is_list else str(field.default)
    return f"default: {shown}" if shown else ""
