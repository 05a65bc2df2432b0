"""Where a report goes: what may be replaced there, and how a finished one takes its place.

Only what a manifest says is ours is ever replaced or removed, and only under the names of a
report. A run writes into ``.NAME.new``, which it marks as its own and unfinished, then moves it;
for that moment the former report is ``.NAME.former``. Whatever a killed run left of these, the
next look at the place puts back or removes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from privaudit._core.checks import say
from privaudit._core.outputs import hold, is_held, regular
from privaudit.errors import OutputError, PrivauditError
from privaudit.reporting.manifest import MANIFEST, compared

__all__ = ["cannot_write", "check_output", "fresh_folder", "swap"]

# What a report is made of: its files, and its folders with the kind of file that they hold.
_FILES = ("index.html", "annex.html", "findings.json", MANIFEST)
_KINDS = {"figures": (".svg",), "tables": (".csv",), "drafts": (".html", ".txt")}
# Stands in a folder that a run has begun to fill, until all of it is written.
_UNFINISHED = ".privaudit-unfinished"
_NEEDED = "a new folder, an empty one or a former report"


def check_output(out: str | Path) -> None:
    """Refuse a place that a report must not take, before any work is done for it.

    What a killed run left there is put back or removed.

    Raises
    ------
    OutputError
        It is a file, the current folder, holds something else than a report, or cannot be
        looked at; or another run is writing there.
    """
    place = Path(out).resolve()
    try:
        if place == place.parent or Path.cwd().is_relative_to(place):
            came, do = "the current folder, or one above it", "Give a folder of its own."
            raise OutputError(say("report", _NEEDED, came, do))
        _mend(place)
        if not os.path.lexists(place):
            return
        if not place.is_dir():
            raise OutputError(say("report", _NEEDED, f"'{place.name}', a file", "Give a folder."))
        if why := _why_not_ours(place):
            came = f"'{place.name}', which holds other files ({why})"
            raise OutputError(say("report", _NEEDED, came, "Give another folder, or move them."))
    except OSError as error:
        raise cannot_write(place, error) from error


def cannot_write(place: Path, error: OSError) -> OutputError:
    """Say in one line that a report could not be written, and why."""
    reason = (error.strerror or type(error).__name__).lower()
    return OutputError(
        say("report", "a folder that can be written", f"'{place.name}': {reason}", "Give another.")
    )


@contextmanager
def fresh_folder(place: Path) -> Iterator[Path]:
    """Make a folder beside a place, and remove it unless it was moved."""
    fresh = _beside(place, "new")
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh.mkdir()
    descriptor = os.open(fresh, os.O_RDONLY)
    try:
        if not hold(descriptor) or not os.path.samestat(os.fstat(descriptor), fresh.lstat()):
            raise _another_run(fresh)
        (fresh / _UNFINISHED).touch()
        yield fresh
    finally:
        _remove(fresh)
        os.close(descriptor)


def swap(place: Path, fresh: Path) -> None:
    """Move a finished report into place; put the former one back if that fails."""
    (fresh / _UNFINISHED).unlink()
    former = _beside(place, "former")
    if place.exists():
        os.rename(place, former)
    try:
        os.rename(fresh, place)
    except OSError:
        if former.exists():
            os.rename(former, place)
        raise
    _remove(former)


def _mend(place: Path) -> None:
    """Put back or remove what a killed run left beside a place; refuse what is not its."""
    former, fresh = _beside(place, "former"), _beside(place, "new")
    for beside in (former, fresh):
        if os.path.lexists(beside) and _why_not_ours(beside):
            if is_held(beside):
                raise _another_run(beside)
            came, do = f"'{beside.name}' beside it, which is none", "Move it away."
            raise OutputError(say("report", _NEEDED, came, do))
    if former.is_dir() and not place.exists() and _is_whole(former):
        former.rename(place)
    if fresh.is_dir() and is_held(fresh):
        raise _another_run(fresh)
    _remove(former)
    _remove(fresh)


def _another_run(fresh: Path) -> OutputError:
    needed = "a place where no other run writes"
    return OutputError(
        say("report", needed, f"'{fresh.name}' of another run", "Wait for it, or give another.")
    )


def _beside(place: Path, word: str) -> Path:
    """Name a folder on the same disk, where a rename is a single step."""
    return place.parent / f".{place.name}.{word}"


def _is_whole(place: Path) -> bool:
    """Say whether a folder is a report to which nothing is wanting, or empty."""
    try:
        return not any(place.iterdir()) or compared(place).agrees
    except PrivauditError:
        return False


def _why_not_ours(place: Path) -> str:
    """Say what in a folder is not ours to remove, "" where all of it is."""
    if place.is_symlink() or not place.is_dir():
        return "no folder"
    paths = list(place.rglob("*"))
    if other := [path for path in paths if not _has_our_name(path, place)]:
        return f"not of the report: {other[0].relative_to(place).as_posix()}"
    if other := [path for path in paths if path.is_symlink()]:
        return f"a link: {other[0].relative_to(place).as_posix()}"
    if not paths or regular(place / _UNFINISHED) == b"":
        return ""
    try:
        wrong = compared(place).not_ours
    except PrivauditError:
        return f"no {MANIFEST} of a report"
    return wrong[0] if wrong else ""


def _has_our_name(path: Path, place: Path) -> bool:
    name = path.relative_to(place).as_posix()
    if name in (*_FILES, _UNFINISHED):
        return True
    if path.parent == place:
        return name in _KINDS and path.is_dir() and not path.is_symlink()
    return path.parent.parent == place and path.suffix in _KINDS.get(path.parent.name, ())


def _remove(place: Path) -> None:
    """Delete a folder of a report, its manifest last; anything else stays."""
    if not os.path.lexists(place) or _why_not_ours(place):
        return
    with suppress(OSError):
        for kind in _KINDS:
            for path in (place / kind).glob("*"):
                path.unlink()
            with suppress(FileNotFoundError):
                (place / kind).rmdir()
        for name in (*_FILES, _UNFINISHED):
            (place / name).unlink(missing_ok=True)
        place.rmdir()
