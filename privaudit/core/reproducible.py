"""The same digits of the same seed: named random streams, one thread for linear algebra."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from privaudit.core.checks import whole

if TYPE_CHECKING:
    import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Open the generator that belongs to a seed and a path of names.

    Each name becomes a spawn key of a `numpy.random.SeedSequence`, so that two names never
    share draws and a stage may be cut in parts without changing any of them.

    - `seed`: The user's seed, 0 or more.
    - `*names`: Path of the stream, such as ``"interactions", "94042"``.

    Examples
    --------
    >>> a, b = stream(7, "people"), stream(7, "people")
    >>> bool(a.random() == b.random())
    True
    >>> bool(stream(7, "people").random() == stream(7, "households").random())
    False
    """
    # The command line starts without NumPy.
    import numpy as np

    root = whole("random stream", "seed", seed, 0)
    key: list[int] = []
    for name in names:
        typed = f"{type(name).__name__}:{name}".encode()
        digest = hashlib.blake2b(typed, digest_size=8).digest()
        key += [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(root, spawn_key=tuple(key))))


@contextmanager
def one_thread(*, learning: bool = True) -> Iterator[None]:
    """Hold linear algebra to one thread, as a context or over a function.

    Without `learning` no classifier is fitted, and scikit-learn is not loaded, which takes longer
    than most work.

    A sum that threads share is rounded by how many they are: the same run would end in other
    digits on another machine, and with another number of workers. Threads that wait for each other
    also cost more here than they save, where several processes work at once; in L-BFGS-B, whose
    matrices are tiny, fifty times what it computes.

    Examples
    --------
    >>> import numpy as np
    >>> @one_thread()
    ... def lengths(table):
    ...     return np.linalg.norm(table, axis=1)
    >>> lengths(np.array([[3.0, 4.0]])).tolist()
    [5.0]
    """
    with _linear_algebra(learning).limit(limits=1):
        yield


@cache
def _linear_algebra(learning: bool) -> Any:
    """Return the controller of the libraries' threads: they are looked for once."""
    # Only libraries that are loaded can be held: this brings all that are used. What is loaded
    # later is not held where no classifier is fitted, and sums nothing there.
    import scipy.linalg  # noqa: F401

    if learning:
        import sklearn.linear_model  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
