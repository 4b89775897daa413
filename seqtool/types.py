"""Names of types that many rooms share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]
Times = NDArray[np.datetime64]
Array = NDArray[Any]
"""An array whose dtype the place does not fix."""

Json = dict[str, Any]
"""A JSON object as `json.loads` gives it: only the code that reads a key knows its type."""
