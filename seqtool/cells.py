"""The recurrent cells, a row each: all that other rooms ask of a cell by its name stands here.

A row names its PyTorch layer and its ONNX twins as `module:function`, so that a list of names costs no import. A cell
from outside is an entry point of the group `seqtool.cells` whose object is a `Cell` of the same name.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seqtool import plugins
from seqtool.entries import CELLS, origin_of
from seqtool.errors import SeqtoolError, UsageError, demand, foreign
from seqtool.say import warn


@dataclass(frozen=True)
class Cell:
    """One recurrent cell.

    states: a letter for each tensor that is carried from step to step, h first; files name their inputs by it.
    layer: makes the PyTorch module of `nn.recurrent.Sizes`. operators: makes of an `nn.recurrent.Recurrent` what runs
    whole sequences in a graph. step: makes of a `Recurrent`, a layer's number, an `Affine` and a table one step of a
    loop. weight_drop: whether it has weights from h to h that can be dropped. everywhere: whether every family may
    take it, padded rows and second directions included; else language models alone.
    """

    name: str
    states: str
    layer: str
    operators: str
    step: str
    help: str = ""
    weight_drop: bool = True
    everywhere: bool = True

    def __post_init__(self) -> None:
        demand(self, str, "name", "states", "layer", "operators", "step", "help")
        demand(self, bool, "weight_drop", "everywhere")
        if self.states[:1] != "h" or len(set(self.states)) < len(self.states):
            raise ValueError(f"Cell.states is {self.states!r}, not different letters with h first")

    def load(self, part: str) -> Callable[..., Any]:
        """Import one of `layer`, `operators` and `step`."""
        module, _, name = str(getattr(self, part)).partition(":")
        # what a cell from outside names may not be there
        where = "" if self.name in BUILT_IN else origin_of(CELLS, self.name)
        with foreign(f"the {part} of the cell {self.name!r} does not load", where=where):
            function: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return function


_ROWS = (
    Cell("lstm", "hc", "seqtool.nn.recurrent:lstm", "seqtool.graph.recurrent:lstm", "seqtool.graph.cells:lstm"),
    Cell("gru", "h", "seqtool.nn.recurrent:gru", "seqtool.graph.recurrent:gru", "seqtool.graph.cells:gru"),
    Cell("rnn", "h", "seqtool.nn.recurrent:rnn", "seqtool.graph.recurrent:rnn", "seqtool.graph.cells:rnn"),
    Cell(
        "peephole", "hc", "seqtool.nn.peephole:peephole", "seqtool.graph.recurrent:peephole",
        "seqtool.graph.cells:peephole", "LSTM whose gates see the cell",
    ),
    Cell(
        "scrn", "hs", "seqtool.nn.scrn:scrn", "seqtool.graph.scrn:Scrn", "seqtool.graph.cells:scrn",
        "RNN with slow context units (RNN-CF)", everywhere=False,
    ),
)  # fmt: skip
BUILT_IN = {row.name: row for row in _ROWS}


def every() -> dict[str, str]:
    """Return the names of all cells and, where it needs saying, what each is."""
    return {name: cell.help for name, cell in _cells().items()}


def everywhere() -> dict[str, str]:
    """Return the cells that every family may take."""
    return {name: cell.help for name, cell in _cells().items() if cell.everywhere}


def find(name: str) -> Cell:
    """Return the row of a cell; raises `UsageError` for an unknown one, `SeqtoolError` for a broken plugin."""
    # First the built-in ones: an export or a network of theirs asks no entry point.
    if name in BUILT_IN:
        return BUILT_IN[name]
    if name in plugins.entry_names(plugins.CELLS):
        return _outside(name)
    cure = f"one of {', '.join(_cells())}, or install the plugin that gives it"
    raise UsageError(f"unknown cell {name!r}", cure=cure)


def state_names(cell: str) -> tuple[str, ...]:
    """Return the names of a cell's states in a file, such as ("state_h", "state_c")."""
    return tuple(f"state_{letter}" for letter in find(cell).states)


@functools.cache
def _cells() -> dict[str, Cell]:
    """Return every cell by name; one from outside that cannot be used is reported and left out."""
    cells = dict(BUILT_IN)
    for name in plugins.entry_names(plugins.CELLS):
        try:
            cells[name] = _outside(name)
        except SeqtoolError as error:
            warn(f"{error.what} ({error.where})")
    return cells


def _outside(name: str) -> Cell:
    """Load a cell from outside, which may not take the name of a built-in one; raises `SeqtoolError`."""
    cell = None if name in BUILT_IN else plugins.load_object(plugins.CELLS, name, Cell)
    if cell is None:
        what = f"a plugin gives the cell {name!r}, which is built in"
        raise SeqtoolError(what, where=plugins.CELLS, cure="give it another name")
    return cell
