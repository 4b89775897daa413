"""Names of types that many rooms share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ids = NDArray[np.int64]
Flags = NDArray[np.bool_]
Array = NDArray[Any]
"""An array whose dtype the place does not fix."""

LATER = "later"
"""In the metadata of a field that older parts of data lack: where it is None, their sums stay as they are."""

Json = dict[str, Any]
"""A JSON object as `json.loads` gives it: only the code that reads a key knows its type."""
