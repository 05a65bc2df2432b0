"""Where a report goes: what may be replaced there, and how a finished one takes its place.

Only what a manifest says is ours is ever replaced or removed, and only under the names of a
report. A run writes into ``.NAME.new``, which it marks as its own and unfinished, then moves it;
for that moment the former report is ``.NAME.former``. Whatever a killed run left of these, the
next look at the place puts back or removes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from privaudit._core.checks import say
from privaudit._core.outputs import hold, is_held, regular
from privaudit.errors import OutputError, PrivauditError
from privaudit.reporting.manifest import MANIFEST, compared

__all__ = ["STUDY", "Place", "Shape", "check_output"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Shape:
    """What a folder of ours is made of.

    - `word`: What it is called.
    - `files`: Names of its files.
    - `kinds`: Its folders, with the endings of the files that they hold.
    """

    word: str
    files: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]


REPORT = Shape(
    word="report",
    files=("index.html", "annex.html", "findings.json", MANIFEST),
    kinds={"figures": (".svg",), "tables": (".csv",), "drafts": (".html", ".txt")},
)
STUDY = Shape(
    word="study",
    files=("overall.csv", "runs.csv", "study.toml", MANIFEST),
    kinds={"figures": (".svg",)},
)
# Stands in a folder that a run has begun to fill, until all of it is written.
_UNFINISHED = ".privaudit-unfinished"


def check_output(out: str | Path, shape: Shape = REPORT) -> None:
    """Refuse a place that a report must not take, before any work is done for it.

    What a killed run left there is put back or removed.

    Raises
    ------
    OutputError
        It is a file, the current folder, holds something else than a report, or cannot be
        looked at; or another run is writing there.
    """
    Place(out, shape).check()


class Place:
    """A folder to be filled. Behind a link, the one that it leads to."""

    def __init__(self, out: str | Path, shape: Shape = REPORT) -> None:
        self.path, self.shape = Path(out).resolve(), shape
        # On the same disk, where a rename is a single step.
        self._fresh = self.path.parent / f".{self.path.name}.new"
        self._former = self.path.parent / f".{self.path.name}.former"

    def check(self) -> None:
        """Refuse a place that must not be taken; see `check_output`."""
        try:
            if self.path == self.path.parent or Path.cwd().is_relative_to(self.path):
                raise self._refused(
                    "the current folder, or one above it", "Give a folder of its own."
                )
            self._mend()
            self._refuse_what_is_not_ours()
        except OSError as error:
            raise self._cannot_write(error) from error

    @contextmanager
    def filling(self) -> Iterator[Path]:
        """Make a folder beside the place, and move it there when the block ends well."""
        self.check()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._fresh.mkdir()
            descriptor = os.open(self._fresh, os.O_RDONLY)
            try:
                mine = os.path.samestat(os.fstat(descriptor), self._fresh.lstat())
                if not hold(descriptor) or not mine:
                    raise self._another_run()
                (self._fresh / _UNFINISHED).touch()
                yield self._fresh
                self._swap()
            finally:
                self._remove(self._fresh)
                os.close(descriptor)
        except OSError as error:
            raise self._cannot_write(error) from error

    def _swap(self) -> None:
        """Move the finished folder into place; put the former one back if that fails."""
        # While this run worked, somebody may have put something of theirs there.
        self._refuse_what_is_not_ours()
        (self._fresh / _UNFINISHED).unlink()
        try:
            if self.path.exists():
                os.rename(self.path, self._former)
            os.rename(self._fresh, self.path)
        except BaseException:  # a run may be stopped between the two
            if self._former.exists() and not self.path.exists():
                os.rename(self._former, self.path)
            raise
        finally:
            if self.path.exists():
                self._remove(self._former)

    def _refuse_what_is_not_ours(self) -> None:
        if not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            raise self._refused(f"'{self.path.name}', a file", "Give a folder.")
        if why := self._why_not_ours(self.path):
            came = f"'{self.path.name}', which holds other files ({why})"
            raise self._refused(came, "Give another folder, or move them.")

    def _mend(self) -> None:
        """Put back or remove what a killed run left beside the place; refuse what is not its."""
        for beside in (self._former, self._fresh):
            if not os.path.lexists(beside):
                continue
            if beside.is_dir() and not beside.is_symlink() and is_held(beside):
                raise self._another_run()
            if self._why_not_ours(beside):
                raise self._refused(f"'{beside.name}' beside it, which is none", "Move it away.")
        if self._former.is_dir() and not self.path.exists() and self._is_whole(self._former):
            self._former.rename(self.path)
        self._remove(self._former)
        self._remove(self._fresh)

    def _is_whole(self, folder: Path) -> bool:
        """Say whether nothing is wanting to a folder, or it is empty."""
        try:
            return not any(folder.iterdir()) or compared(folder).agrees
        except PrivauditError:
            return False

    def _why_not_ours(self, folder: Path) -> str:
        """Say what in a folder is not ours to remove, "" where all of it is."""
        if folder.is_symlink() or not folder.is_dir():
            return "no folder"
        paths = list(folder.rglob("*"))
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                return f"a link: {name}"
            if not self._has_our_name(path, folder):
                return f"not of the {self.shape.word}: {name}"
        if not paths or regular(folder / _UNFINISHED, 0) == b"":
            return ""
        try:
            wrong = compared(folder).not_ours
        except PrivauditError:
            return f"no {MANIFEST} of a {self.shape.word}"
        return wrong[0] if wrong else ""

    def _has_our_name(self, path: Path, folder: Path) -> bool:
        name, kinds = path.relative_to(folder).as_posix(), self.shape.kinds
        if name in (*self.shape.files, _UNFINISHED):
            return True
        if path.parent == folder:
            return name in kinds and path.is_dir()
        return path.parent.parent == folder and path.suffix in kinds.get(path.parent.name, ())

    def _remove(self, folder: Path) -> None:
        """Delete a folder of ours, its manifest last; anything else stays."""
        if not os.path.lexists(folder) or self._why_not_ours(folder):
            return
        with suppress(OSError):
            for kind in self.shape.kinds:
                for path in (folder / kind).glob("*"):
                    path.unlink()
                with suppress(FileNotFoundError):
                    (folder / kind).rmdir()
            for name in (*self.shape.files, _UNFINISHED):
                (folder / name).unlink(missing_ok=True)
            folder.rmdir()

    def _refused(self, came: str, do: str) -> OutputError:
        needed = f"a new folder, an empty one or a former {self.shape.word}"
        return OutputError(say(self.shape.word, needed, came, do))

    def _another_run(self) -> OutputError:
        needed, came = "a place where no other run writes", f"'{self._fresh.name}' of another run"
        return OutputError(say(self.shape.word, needed, came, "Wait for it, or give another."))

    def _cannot_write(self, error: OSError) -> OutputError:
        reason = (error.strerror or type(error).__name__).lower()
        came = f"'{self.path.name}': {reason}"
        return OutputError(say(self.shape.word, "a folder that can be written", came))
