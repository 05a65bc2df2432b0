"""Progress bars on a terminal and in a notebook, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Tick", "progress", "silent"]

Tick = Callable[[str], None]


def silent(part: str) -> None:
    """Ignore a tick: what a stage calls when nobody watches."""


@contextmanager
def progress(title: str, parts: int) -> Iterator[Tick]:
    """Show a bar of `parts` steps on standard error while a stage runs.

    Yields the function that a stage calls at the start of each part, with the part's name.
    Nothing is written where nobody watches: neither a terminal nor a notebook, or no part.
    """
    if not parts or not (sys.stderr.isatty() or _in_a_notebook()):
        yield silent
        return
    from tqdm import tqdm

    with tqdm(
        total=parts, desc=title, leave=False, bar_format="{desc:<34}{bar:28} {n}/{total}"
    ) as bar:

        def tick(part: str) -> None:
            bar.set_description_str(f"{title}: {part}")
            bar.update(min(1, parts - bar.n))

        yield tick


def _in_a_notebook() -> bool:
    """Whether a kernel runs us for somebody who sees what it writes."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")
