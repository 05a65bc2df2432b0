"""Named random streams: the same name and seed give the same draws, on any number of workers."""

from __future__ import annotations

import hashlib

import numpy as np

from privaudit._core.checks import whole

__all__ = ["stream"]


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
    root = whole("random stream", "seed", seed, 0)
    key: list[int] = []
    for name in names:
        typed = f"{type(name).__name__}:{name}".encode()
        digest = hashlib.blake2b(typed, digest_size=8).digest()
        key += [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(root, spawn_key=tuple(key))))
