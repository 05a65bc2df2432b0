"""Progress bars on a terminal and in a notebook, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

__all__ = ["Tick", "along", "in_steps", "progress", "silent", "step", "watched"]

Tick = Callable[[str], None]
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
# A bar is not shown before as many seconds: what is quick needs none.
DELAY = 2.0
# The bar that is shown: what runs within it shows none.
_OPEN: list[str] = []
# The steps of the stages that run, the innermost last.
_STEPS: list[Tick] = []


def silent(part: str) -> None:
    """Ignore a tick: what a stage calls when nobody watches."""


@contextmanager
def progress(title: str, parts: int) -> Iterator[Tick]:
    """Show a bar of `parts` steps on standard error while a stage runs.

    Yields the function that a stage calls at the start of each part, with the part's name.
    Nothing is written where nobody watches: neither a terminal nor a notebook, no part, or a bar
    that is there already.
    """
    if not parts or _OPEN or not (sys.stderr.isatty() or _in_a_notebook()):
        yield silent
        return
    from tqdm import tqdm

    with tqdm(
        total=parts, desc=title, leave=False, delay=DELAY, mininterval=0, miniters=0,
        bar_format="{desc:<34}{bar:28} {n}/{total}",
    ) as bar:  # fmt: skip

        def tick(part: str) -> None:
            # Drawn by the update, which waits.
            bar.set_description_str(f"{title}: {part}" if part else title, refresh=False)
            bar.update(min(1, parts - bar.n))

        _OPEN.append(title)
        try:
            yield tick
        finally:
            _OPEN.pop()


def watched(title: str, parts: int) -> Callable[[F], F]:
    """Let a function of so many parts show a bar, where its caller gives no ``tick``.

    Examples
    --------
    >>> @watched("count", parts=2)
    ... def count(tick=silent):
    ...     tick("one")
    ...     return 2
    >>> count()
    2
    """

    def over(function: F) -> F:
        @wraps(function)
        def shown(*values: Any, **named: Any) -> Any:
            if "tick" in named:
                return function(*values, **named)
            with progress(title, parts) as tick:
                return function(*values, tick=tick, **named)

        return cast(F, shown)

    return over


def in_steps(title: str, parts: int) -> Callable[[F], F]:
    """Let a function show a bar of so many steps, which it and what it calls say with `step`.

    Examples
    --------
    >>> @in_steps("count", parts=1)
    ... def count():
    ...     step("one")
    ...     return 1
    >>> count()
    1
    """

    def over(function: F) -> F:
        @wraps(function)
        def shown(*values: Any, **named: Any) -> Any:
            with progress(title, parts) as tick:
                _STEPS.append(tick)
                try:
                    return function(*values, **named)
                finally:
                    _STEPS.pop()

        return cast(F, shown)

    return over


def step(part: str) -> None:
    """Say at its end that a step of the stage is done; nothing where no stage shows its steps."""
    if _STEPS:
        _STEPS[-1](part)


def along(title: str, items: Iterable[T]) -> Iterator[T]:
    """Go along items, and show a bar of how many are done.

    Examples
    --------
    >>> list(along("count", [1, 2]))
    [1, 2]
    """
    every = list(items)
    with progress(title, len(every)) as tick:
        for item in every:
            yield item
            tick("")


def _in_a_notebook() -> bool:
    """Whether a kernel runs us for somebody who sees what it writes."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")
