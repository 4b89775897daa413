"""One clock for all stamps of a table: what its clocks showed, or instants."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from seqtool.data.grid import Grid
from seqtool.data.reading import UTC
from seqtool.data.regular import grid_of
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.types import Ids, Times


class Clock(NamedTuple):
    """Stamps [T] on one clock: instants that are shown in `zone`, or with zone "" what the clocks there showed.

    timezone: what is known of the zone, for later tables; "" where the stamps are naive.
    """

    times: Times
    zone: str
    timezone: str

    def local(self) -> Clock:
        """Return what the clocks of the zone showed, in the place of instants."""
        from seqtool.data.zones import to_local  # few series have a zone

        return Clock(to_local(self.times, self.zone), "", self.timezone)


def on_one_clock(
    times: Times, offsets: Ids | None, timezone: str, where: str, *, known: Grid | None = None,
    series: Sequence[Hashable] = (),
) -> Clock:  # fmt: skip
    """Put stamps [T] as written, with their offsets from UTC, on one clock.

    Local days and open hours stay on the clocks of the zone `timezone`; anything else becomes instants. Of a model
    `known` decides. Raises what `zones.to_utc` raises, and `DataError` for offsets that the zone does not have, or that
    no training stamp had.
    """
    if offsets is None and timezone in ("", UTC):
        return Clock(times, "", timezone)
    from seqtool.data.zones import fixed_zone, to_local, to_utc  # few series have a zone

    if offsets is None:
        if _stays_local(times, known):
            return Clock(times, "", timezone)
        return Clock(to_utc(times, timezone, where, series), timezone, timezone)
    if is_of_no_zone(known) and not timezone and offsets.any():
        what = "the stamps have offsets from UTC, those of the training had none: nothing says where its clocks stood"
        raise DataError(what, where=where, cure="write local times as in the training, or train on stamps with offsets")
    instants = times - offsets.astype("timedelta64[s]")
    if not timezone:
        if (offsets != offsets[0]).any() and _stays_local(times, known):
            return Clock(times, "", "")  # of a zone that is not known, but each day is a day
        timezone = fixed_zone(int(offsets[0])) if (offsets == offsets[0]).all() and offsets[0] else UTC
    if timezone == UTC:
        return Clock(instants, UTC if known is None else known.zone, UTC)
    local = to_local(instants, timezone)
    if known is None:
        _refuse_other_offsets(times, local, offsets, timezone, where)
    return Clock(local, "", timezone) if _stays_local(local, known) else Clock(instants, timezone, timezone)


def _stays_local(local: Times, known: Grid | None) -> bool:
    return _by_local_days(np.sort(local)) if known is None else known.zone == ""


def _refuse_other_offsets(times: Times, local: Times, offsets: Ids, timezone: str, where: str) -> None:
    """Raise `DataError` where stamps have an offset that their zone never has then; UTC is no contradiction."""
    if (wrong := (times != local) & (offsets != 0)).any():
        from seqtool.data.zones import fixed_zone

        stamp, offset = times[wrong][0], fixed_zone(int(offsets[wrong][0]))
        what = f"the time stamp {stamp}{offset} has an offset that {timezone} does not have then"
        raise DataError(what, where=where, cure="--timezone NAME, of the zone of the table; or leave it out")


def _by_local_days(local: Times) -> bool:
    """Tell whether the steps of sorted local stamps are days or longer, or whether they keep to open hours."""
    local = np.unique(local)
    if len(local) < 2:
        return False
    try:
        grid = grid_of(local)
    except DataError:
        return False
    return grid.whole_days or bool(grid.open)


def is_of_no_zone(known: Grid | None) -> bool:
    """Tell whether a model has hours, and nothing says of which zone; a day is a day wherever it is."""
    return known is not None and not known.zone and not known.whole_days


def bare_stamps() -> Finding:
    """Warn of stamps without an offset, of a model whose training stamps had one."""
    text = "the training's stamps had offsets from UTC, and these have none: they were read as UTC; where they are "
    text += "local times, write their offset behind them, or train with --timezone NAME"
    return Finding("warning", "no-offsets", text)


def zoned_stamps() -> Finding:
    """Warn of stamps in UTC, of a model whose training stamps were of no zone."""
    text = "the stamps are in UTC, and those of the training had no offset: where they were local times, all hours "
    text += "here are off by the zone's; write local times, or train with --timezone NAME"
    return Finding("warning", "offsets", text)
