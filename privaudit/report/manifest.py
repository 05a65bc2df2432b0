"""`manifest.json`: inputs, outputs, digests and the command that rebuilds a report."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit.core.files import code_digest, is_regular, is_unchanged, regular
from privaudit.errors import OutputError, ReadError, visible
from privaudit.report.quoted import check_quoted

if TYPE_CHECKING:
    from privaudit.studies.study import Input

MANIFEST = "manifest.json"
SCHEMA = 1
_CHUNK = 1 << 20
# Bytes of a manifest that is read: some 300,000 files.
_MOST = 1 << 26
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


def write_manifest(
    folder: Path, *, command: str, provenance: str, parameters: Mapping[str, Any],
    inputs: Iterable[Input] = (), dated: bool = False,
) -> Path:  # fmt: skip
    """Write the manifest of a report whose other files stand in `folder`.

    Parameters
    ----------
    folder : Path
    command : str
        The whole command line that makes the report again.
    provenance : str
    parameters : mapping
        Plain JSON values.
    inputs : iterable of Input
    dated : bool
        Write the time of ``SOURCE_DATE_EPOCH``, or of now. Otherwise the manifest has no date,
        and the same run gives the same bytes.

    Returns
    -------
    Path

    Raises
    ------
    ReadError
        An input that cannot be read any more.
    """
    from privaudit import __version__

    values: dict[str, Any] = {
        "schema": SCHEMA,
        "privaudit": {"version": __version__, "commit": _commit(), "code_sha256": code_digest()},
        "command": command,
        "provenance": provenance,
        "parameters": parameters,
        "date": _now() if dated or "SOURCE_DATE_EPOCH" in os.environ else None,
        "inputs": [_input(one) for one in inputs],
        "outputs": [
            {"path": name, **measured(folder / name)}
            for name in _names(folder)
            if not name.startswith(".")
        ],
    }
    path = folder / MANIFEST
    path.write_text(_text(values | {"seal": _seal(values)}), encoding="utf-8", newline="\n")
    return path


def verify(folder: str | Path) -> int:
    """Compare a report with its manifest and its findings, and return how many files agree.

    Each file is compared with ``manifest.json``, each number that its pages quote with
    ``findings.json``.

    Raises
    ------
    ReadError
        There is no manifest, or it is none of ours.
    OutputError
        A file is missing, changed, or not in the manifest; or the manifest itself was changed.
        Or a number of a page is not what its finding bears. The line says how many, and names
        the first.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = (Path(name) / "findings.json").write_text("7.4")
    ...     _ = write_manifest(Path(name), command="", provenance="simulated", parameters={})
    ...     agreed = verify(name)
    ...     _ = (Path(name) / "findings.json").write_text("7.5")
    ...     verify(name)
    Traceback (most recent call last):
    privaudit.errors.OutputError: report: needs 1 files as the manifest has them, but got 1 ...
    """
    beside = compared(Path(folder))
    wrong = beside.not_ours + beside.missing
    if wrong:
        needed = f"{beside.listed} files as the manifest has them"
        came = f"{len(wrong)} that are not: {', '.join(wrong[:3])}"
        raise OutputError.of("report", needed, came, "Make the report again; see its command.")
    check_quoted(Path(folder))
    return beside.listed


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A folder beside its manifest.

    - `listed`: Files that the manifest names.
    - `missing`: What is wrong with those that are not there, in words.
    - `not_ours`: And with what is there, and is not as the manifest has it.
    """

    listed: int
    missing: list[str]
    not_ours: list[str]

    @property
    def agrees(self) -> bool:
        """Whether everything is there, and as the manifest has it."""
        return not self.missing and not self.not_ours


def compared(folder: Path) -> Compared:
    """Compare a folder with its manifest; raise `ReadError` if it has none."""
    known = _read(folder / MANIFEST)
    listed = {one["path"]: one for one in known["outputs"]}
    there = _names(folder)
    wrong = []
    if known.pop("seal", None) != _seal(known):
        wrong.append(f"changed {MANIFEST}")
    for name in there:
        if name not in listed:
            wrong.append(f"not of the report {name}")
        elif measured(folder / name) != {k: listed[name].get(k) for k in ("bytes", "sha256")}:
            wrong.append(f"changed {name}")
    missing = [f"missing {name}" for name in listed if name not in there]
    return Compared(listed=len(listed), missing=missing, not_ours=wrong)


def _read(path: Path) -> dict[str, Any]:
    try:
        if not is_regular(path):
            raise ReadError.of("report", "a folder with a manifest.json", "none there")
        data = regular(path, _MOST)
        if data is None:
            needed = f"a manifest.json of at most {_MOST:,} bytes"
            raise ReadError.of("report", needed, "a larger one")
        known = json.loads(data.decode("utf-8"))
        # Values that JSON cannot hold were not written.
        _text(known)
        fits = known["schema"] == SCHEMA and all(
            isinstance(one["path"], str) for one in known["outputs"]
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        came = "one that cannot be read"
        raise ReadError.of("report", "a manifest.json of privaudit", came) from error
    if not fits:
        raise ReadError.of("report", f"a manifest of schema {SCHEMA}", "another one")
    return dict(known)


def _names(folder: Path) -> list[str]:
    """Every file of the report but the manifest, as paths with slashes, in order."""
    paths = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    names = sorted(path.relative_to(folder).as_posix() for path in paths)
    return [name for name in names if name != MANIFEST]


def _input(one: Input) -> dict[str, Any]:
    try:
        # The target of a link was read.
        sizes = measured(one.path.resolve())
    except OSError as error:
        do = "Put it back, and run again."
        raise ReadError.of("report", f"to read {one.path.name} again", "no file", do) from error
    if not is_unchanged(one.path):
        # Its digest would not be that of the measured file.
        needed = f"{one.path.name} to stay as it was when the run began"
        raise ReadError.of("report", needed, "one that was changed meanwhile", "Run again.")
    named = {"name": one.path.name, "role": one.role, "source": one.source}
    return {**named, **sizes, "date": one.date or None}


def measured(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a regular file; of a link or a pipe, nothing that would open it."""
    if path.is_symlink() or not path.is_file():
        return {"bytes": None, "sha256": None}
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _text(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return visible(text) + "\n"


def _seal(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(values).encode()).hexdigest()


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.datetime.now(datetime.UTC)
    if epoch.isdecimal():
        moment = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    return moment.isoformat(timespec="seconds")


@cache
def _commit() -> str | None:
    """The commit of the checkout that the package stands in, None where it stands in none."""
    git = Path(str(resources.files("privaudit"))).parent / ".git"
    try:
        if git.is_file():
            git = git.parent / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        common = git / "commondir"
        shared = git / common.read_text(encoding="utf-8").strip() if common.is_file() else git
        if head.startswith("ref:"):
            name = head.removeprefix("ref:").strip()
            loose = [folder / name for folder in (git, shared) if (folder / name).is_file()]
            packed = (shared / "packed-refs").read_text(encoding="utf-8") if not loose else ""
            lines = [line.split() for line in packed.splitlines() if line.endswith(f" {name}")]
            head = loose[0].read_text(encoding="utf-8").strip() if loose else lines[0][0]
    except (OSError, IndexError, UnicodeDecodeError):
        return None
    return head if _COMMIT.fullmatch(head) else None
