"""Progress of a run: bars on a terminal, lines elsewhere, notes in a log."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial, wraps
from typing import Any, TypeVar, cast

LOGGER = logging.getLogger("privaudit")
LOGGER.addHandler(logging.NullHandler())
Tick = Callable[[str], None]
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
# A bar is not shown before as many seconds: what is quick needs none.
DELAY = 2.0
# The bar that is shown: what runs within it shows none.
_OPEN: list[str] = []
# The steps of the stages that run, the innermost last.
_STEPS: list[Tick] = []


@contextmanager
def _held(stack: list[T], item: T) -> Iterator[None]:
    """Hold an item on a stack until the block ends."""
    stack.append(item)
    try:
        yield
    finally:
        stack.pop()


# What is to be said as soon as work begins, when the input is known to be good.
_AHEAD: list[Callable[[], None]] = []


@contextmanager
def said_ahead(say: Callable[[], None]) -> Iterator[None]:
    """Call a function at the first tick of a block; never where bad input ends it before."""
    _AHEAD.append(say)
    try:
        yield
    finally:
        _AHEAD.clear()


def silent(part: str) -> None:
    """Show nothing of a tick: the default of every stage."""
    while _AHEAD:
        _AHEAD.pop()()


# Whether a command runs, which writes lines where no bar can be drawn, and seconds between two.
_IN_LINES: list[bool] = []
EVERY = 5.0


@contextmanager
def in_lines() -> Iterator[None]:
    """Let stages write plain lines where no terminal watches: a pipe, a file, a scheduler."""
    with _held(_IN_LINES, True):
        yield


class _ProgressLines:
    """Lines on standard error: which part of a stage runs, one in `EVERY` seconds while it does."""

    def __init__(self, title: str, parts: int) -> None:
        self._title, self._parts, self._done, self._part = title, parts, 0, ""
        self._since = time.monotonic()
        self._written = ("", -1)
        self._closed = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def tick(self, part: str) -> None:
        """Note the part that begins."""
        _note(self._title, part)
        self._done, self._part = min(self._done + 1, self._parts), part
        self._since = time.monotonic()

    def _run(self) -> None:
        while not self._closed.wait(EVERY):
            self._write()

    def _write(self) -> None:
        part = f": {self._part}" if self._part else ""
        # A part that is still the same says since when, so that no line repeats another.
        now = (self._part, self._done)
        part += f" ({time.monotonic() - self._since:.0f} s)" if now == self._written else ""
        self._written = now
        # Where nobody reads on, the work goes on.
        with suppress(OSError, ValueError):
            print(f"{self._title} {self._done}/{self._parts}{part}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Write no more."""
        self._closed.set()


def _note(title: str, part: str) -> None:
    """Log a part: names of stages, masks and views, nothing of a file."""
    silent(part)
    LOGGER.info("%s: %s", title, part)


@contextmanager
def progress(title: str, parts: int) -> Iterator[Tick]:
    """Show a bar of `parts` steps on standard error while a stage runs.

    Yields the function that a stage calls at the start of each part, with the part's name.
    Nothing is written where nobody watches: neither a terminal nor a notebook nor a command, no
    part, or a bar that is there already.
    """
    watched = sys.stderr.isatty() or _in_a_notebook()
    if not parts or _OPEN or not (watched or _IN_LINES):
        yield partial(_note, title)
        return
    if not watched:
        lines = _ProgressLines(title, parts)
        with closing(lines), _held(_OPEN, title):
            yield lines.tick
        return
    from tqdm import tqdm

    with tqdm(
        total=parts, desc=title, leave=False, delay=DELAY, mininterval=0, miniters=0,
        bar_format="{desc:<34}{bar:28} {n}/{total}",
    ) as bar:  # fmt: skip

        def tick(part: str) -> None:
            _note(title, part)
            # Drawn by the update, which waits.
            bar.set_description_str(f"{title}: {part}" if part else title, refresh=False)
            bar.update(min(1, parts - bar.n))

        with _held(_OPEN, title):
            yield tick


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


@contextmanager
def in_steps(title: str, parts: int) -> Iterator[None]:
    """Show a bar of so many steps, which a function and its callees report with `step`.

    Examples
    --------
    >>> @in_steps("count", parts=1)
    ... def count():
    ...     step("one")
    ...     return 1
    >>> count()
    1
    """
    with progress(title, parts) as tick, _held(_STEPS, tick):
        yield


def step(part: str) -> None:
    """Report that a step of the stage is done."""
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
    """Return whether a kernel runs this process."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")
