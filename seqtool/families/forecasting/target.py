"""Later tables without the column that a model forecasts, such as a file of the days to come."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.data.reading import Reading
from seqtool.errors import DataError
from seqtool.families.forecasting.encoders import names_of
from seqtool.say import listing, printable
from seqtool.types import Json


def lacking(names: Sequence[str], columns: Sequence[str], config: Json, reading: Reading) -> str:
    """Return what a model of `columns` forecasts where all columns of a table stood beside that in the training.

    "" for other tables: a column of another name may hold it.
    """
    if names_of(config, "id_column"):
        target = reading.value
    else:
        target = columns[0] if len(columns) == 1 and config.get("several") != "pooled" and not reading.value else ""
    trained = {name.casefold() for name in reading.names}
    beside = trained - {target.casefold()}
    return target if beside < trained and {name.casefold() for name in names} <= beside else ""


def without_target(target: str, names: Sequence[str], where: str) -> DataError:
    """Return the error for a table without the column that a model forecasts."""
    target = printable(target)
    what = f"no column '{target}', which the model forecasts: {listing(names)} stood beside it in the training"
    cure = f"give the rows whose '{target}' is known, the newest last: a forecast continues them, and scores need it; "
    return DataError(what, where=where, cure=f"{cure}a file of the days to come alone has nothing to go on from")
