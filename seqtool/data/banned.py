"""Texts that an output must not contain, as an automaton over the symbols of a vocabulary (Aho and Corasick 1975)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import UsageError

MOST = 1 << 25  # states times symbols: 128 MB
FORBIDDEN = -1
Table = NDArray[np.int32]
"""[S,V]: the state after each symbol, `FORBIDDEN` where a banned text would end in it. The first state is 0."""


def automaton(texts: Sequence[str], spelled: Sequence[bytes], never: Sequence[int] = (), join: bytes = b"") -> Table:
    """Return the table of banned texts for V symbols, spelled in UTF-8.

    never: symbols that are not written at all. join: how a mark is spelled that goes with one blank behind it.

    It follows the bytes of what is written, not its symbols: a text is found however it is cut into symbols. At
    least two states. Raises `UsageError` for texts that are too many, and where they leave no symbol.
    """
    following, dead = _by_bytes([text.encode("utf-8", "surrogatepass") for text in texts])
    marks = [number for number, spelling in enumerate(spelled) if join and spelling == join]
    wide = len(spelled) * (2 if marks else 1)
    if len(following) * wide > MOST:
        what = f"{len(texts):,} banned texts are too many for {len(spelled):,} symbols"
        raise UsageError(what, cure=f"ban about {MOST // wide:,} characters at most")
    table = _by_symbols(following, dead, spelled, never)
    if marks and dead > 1:
        # each state comes twice: behind a mark the blank of the next symbol is not written
        behind = _by_symbols(following, dead, [spelling.removeprefix(b" ") for spelling in spelled], never)
        table = np.concatenate([table, behind])
        table[:, marks] = (dead + np.arange(len(table), dtype=np.int32) % dead)[:, None]
    written = [number for number, spelling in enumerate(spelled) if spelling and number not in never]
    if not (table[0, written] >= 0).any():
        raise UsageError("what is banned leaves no symbol to begin with", cure="ban less")
    # to a graph one state says that nothing is banned
    return np.concatenate([table, table]) if len(table) == 1 else table


def _by_symbols(following: Table, dead: int, spelled: Sequence[bytes], never: Sequence[int]) -> Table:
    """Return the states [S,V] after each symbol."""
    states = np.repeat(np.arange(len(following), dtype=np.int32)[:, None], len(spelled), axis=1)
    for place in range(max(map(len, spelled))):
        symbols = [number for number, spelling in enumerate(spelled) if len(spelling) > place]
        states[:, symbols] = following[states[:, symbols], [spelled[number][place] for number in symbols]]
    states[:, list(never)] = dead
    return np.where(states == dead, FORBIDDEN, states)[:dead]


def _by_bytes(texts: Sequence[bytes]) -> tuple[Table, int]:
    """Return the states [S+1,256] after each byte, and S, the state after a whole text: it is never left."""
    children: list[dict[int, int]] = [{}]
    whole = [False]
    for text in texts:
        state = 0
        for byte in text:
            if byte not in children[state]:
                children[state][byte] = len(children)
                children.append({})
                whole.append(False)
            state = children[state][byte]
        whole[state] = True
    following = np.zeros((len(children), 256), np.int32)
    waiting = deque([(0, 0)])  # a state, and that of the longest end of its text that begins another
    while waiting:
        state, shorter = waiting.popleft()
        whole[state] |= whole[shorter]
        if state:
            following[state] = following[shorter]
        for byte, child in children[state].items():
            waiting.append((child, int(following[shorter, byte]) if state else 0))
            following[state, byte] = child
    return _without_whole(following, np.array(whole))


def _without_whole(following: Table, whole: NDArray[np.bool_]) -> tuple[Table, int]:
    """Number the states anew, all whole texts as one that is last."""
    kept = np.flatnonzero(~whole)
    numbers = np.full(len(whole), len(kept), np.int32)
    numbers[kept] = np.arange(len(kept))
    return np.concatenate([numbers[following[kept]], np.full((1, 256), len(kept), np.int32)]), len(kept)


def walked(table: Table, state: int, symbols: Sequence[int]) -> int:
    """Return the state after symbols, `FORBIDDEN` where they hold what is banned."""
    for symbol in symbols:
        if state != FORBIDDEN:
            state = int(table[state, symbol])
    return state
