"""Names for arrays of numbers, truth values and text, as type hints say them."""

import numpy as np
import numpy.typing as npt

__all__ = ["Bools", "Floats", "Ints", "Strs"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Strs = npt.NDArray[np.str_]
