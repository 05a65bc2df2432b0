"""Where a notebook keeps what is simulated."""

from __future__ import annotations

import os
from pathlib import Path

from privaudit._core.cache import Store
from privaudit._core.checks import an_instance

__all__ = ["cache", "kept_in"]

_KEPT: list[Store] = []


def cache(directory: str | Path | None) -> Store | None:
    """Keep simulated towns and campaigns in a folder from here on: for a notebook.

    The same `simulate` and `run_campaign` then come from the folder, in another session too. What
    was finished before a run was stopped stays. Nothing of a real file is ever kept.

    Parameters
    ----------
    directory : path or None
        Made where it does not exist; None keeps nothing any more.

    Returns
    -------
    Store or None
        Its `summary` tells what is kept, `clear` forgets it.

    Raises
    ------
    OutputError
        The folder is somebody else's, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import privaudit as pa
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = cache(folder)
    ...     for _ in range(2):
    ...         world = pa.simulate(pa.Town(inhabitants=300))
    ...     print(store.misses, store.hits)
    ...     cache(None)
    ['world'] ['world']
    """
    if directory is not None:
        an_instance("cache", "directory", directory, (str, os.PathLike))
    while _KEPT:
        _KEPT.pop().close()
    if directory is not None:
        _KEPT.append(Store(directory))
    return kept_in()


def kept_in() -> Store | None:
    """Return the folder that `cache` named, where there is one."""
    return _KEPT[0] if _KEPT else None
