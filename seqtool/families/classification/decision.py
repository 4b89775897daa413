"""From probabilities to answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

HALF = 0.5


def answers(probabilities: NDArray[Any], threshold: float = HALF) -> NDArray[np.int64]:
    """Return the class [N] of each row of probabilities [N,C]: of two the second where it is above `threshold`.

    Of more than two, the most likely; of equals the first.
    """
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] > threshold).astype(np.int64)
    return np.asarray(probabilities.argmax(axis=1))
