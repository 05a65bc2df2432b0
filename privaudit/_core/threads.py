"""One thread for linear algebra, so that a sum has the same last digit on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold linear algebra to one thread, as a context or over a function.

    A sum that threads share is rounded by how many they are: the same run would end in other
    digits on another machine, and with another number of workers. Threads that wait for each other
    also cost more here than they save, where several processes work at once.

    Examples
    --------
    >>> import numpy as np
    >>> @one_thread()
    ... def lengths(table):
    ...     return np.linalg.norm(table, axis=1)
    >>> lengths(np.array([[3.0, 4.0]])).tolist()
    [5.0]
    """
    # Only libraries that are loaded can be held: this brings all that are used.
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield
