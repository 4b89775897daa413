"""How long a classifier trains, and in what batches, by its records.

Tried on SST-2 cut to 1, 3 and 10 %, on its validation part; all of it gives the numbers of the preset. The sizes
of the network do not follow: dropout, and the linear part beside it, keep a large one from learning few texts by heart.
"""

from __future__ import annotations

import math
from typing import Any

from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.sizes import chosen, evaluated_every, following, on_line, whole

SMALL, FULL, LARGE = 500, 6_900, 500_000  # records: a first file, SST-2, and a crawl
LEAST_STEPS = 1000  # a rare class of a small file needs them


def sized(config: ClassificationConfig, records: int) -> dict[str, Any]:
    """Return the settings that a configuration leaves to the training records."""
    small = records < FULL
    sizes = ((SMALL, 16), (FULL, 32)) if small else ((FULL, 32), (LARGE, 128))
    batch = following(config, "batch", whole(on_line(records, *sizes), 8))
    of_an_epoch = math.ceil(max(1, records) / batch)
    # many texts say in two readings what few say in eight
    epochs = max(8, math.ceil(LEAST_STEPS / of_an_epoch)) if small else round(on_line(records, (FULL, 8), (LARGE, 2)))
    epochs = following(config, "epochs", epochs)
    every = evaluated_every(epochs, of_an_epoch)
    return chosen(config, {"batch": batch, "epochs": epochs, "evaluate_every": every})
