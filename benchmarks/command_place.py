"""A folder with small inputs in which commands run, and what should be there afterwards."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
ADDRESSES = 400


def town(folder: Path) -> None:
    """Write a small town's address file, a leak, a table and a log."""
    sys.path.insert(0, str(ROOT))
    from privaudit.geo.crs import project

    rng = np.random.default_rng(1)
    place = np.arange(ADDRESSES)
    lon, lat = 2.47 + 0.0006 * (place % 20), 48.81 + 0.0005 * (place // 20)
    metres = project(lon, lat, source="EPSG:4326", target="EPSG:2154")
    lines = ["numero,nom_voie,code_insee,nom_commune,lon,lat,x,y"]
    for i, (x, y) in enumerate(metres.tolist()):
        lines.append(f"{i + 1},Rue A,94042,Joinville,{lon[i]:.6f},{lat[i]:.6f},{x:.1f},{y:.1f}")
    (folder / "adresses.csv").write_text("\n".join(lines) + "\n")
    some = rng.choice(ADDRESSES, 120)
    leak = [f"{lon[i]:.6f},{lat[i]:.6f},{('red', 'grey')[i % 2]}" for i in some]
    (folder / "leak.csv").write_text("lon,lat,status\n" + "\n".join(leak) + "\n")
    later = [f"{lon[i]:.6f},{lat[i]:.6f},{('red', 'grey')[i % 2]}" for i in some[20:]]
    (folder / "later.csv").write_text("lon,lat,status\n" + "\n".join(later) + "\n")
    people = [
        f"{rng.integers(18, 90)},{'FM'[rng.integers(2)]},z{rng.integers(9)},"
        f"{('left', 'right')[rng.integers(2)]}"
        for _ in range(3_000)
    ]
    table = "âge,sex,zone,opinion\n" + "\n".join(people) + "\n"
    # In other letters than UTF-8: counted through a copy, which must not stay.
    (folder / "people.csv").write_bytes(table.encode("cp1252"))
    log = [
        f"p{rng.integers(300)},i{rng.integers(40)},2016-09-{d % 28 + 1:02d}" for d in range(4_000)
    ]
    study = ["[study]", "towns = 2", "[town.a]", "inhabitants = 1500", "[plan.a]"]
    study += ["[[leak]]", 'view = "exact"', 'adversaries = ["nearest"]']
    (folder / "study.toml").write_text("\n".join(study) + "\n")
    (folder / "log.csv").write_text("person,item,day\n" + "\n".join(log) + "\n")


class Place:
    """A folder with the inputs, where commands run, and what should be there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("work", "tmp", "home"):
            (root / name).mkdir(parents=True)
        town(root / "work")
        from privaudit.cli import main as run

        with contextlib.redirect_stdout(io.StringIO()):
            run(["rules", "--init", str(root / "work" / "d.toml")])
        self.inputs = held(root / "work")

    def start(
        self, words: list[str], *, before: Callable[[], None] | None = None, out: str = ""
    ) -> subprocess.Popen[bytes]:
        """Start a command in a group of processes of its own."""
        env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
        env |= {name: str(self.root / "home") for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
        env |= {"TMPDIR": str(self.root / "tmp"), "HOME": str(self.root / "home")}
        place = out or ("m.csv" if words[0] == "mask" else "out")
        return subprocess.Popen(
            [sys.executable, "-m", "privaudit", *words, "--out", place],
            cwd=self.root / "work", env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, preexec_fn=before,
        )  # fmt: skip

    def run(self, words: list[str], **how: object) -> tuple[int, str]:
        """Run a command to its end; return its status and what it complained of."""
        process = self.start(words, **how)  # type: ignore[arg-type]
        _, err = process.communicate(timeout=900)
        return process.returncode, complaints(err)

    def made(self) -> dict[str, bytes]:
        """What a command has made."""
        return {n: v for n, v in held(self.root / "work").items() if n not in self.inputs}

    def clean(self) -> None:
        """Take away what was made."""
        for path in (self.root / "work").iterdir():
            if path.name not in self.inputs:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def wrong(self, made: dict[str, bytes], want: dict[str, bytes]) -> list[str]:
        """Say what differs from what should be there."""
        said = [f"lost or changed {name}" for name in want if made.get(name) != want[name]]
        said += [f"left {name}" for name in made if name not in want]
        said += [f"left {path.name} in tmp" for path in (self.root / "tmp").iterdir()]
        known = {"cache.db", "cache.db-wal", "cache.db-shm", "owner", "cache.key"}
        for path in (self.root / "home").rglob("*"):
            if path.is_file() and path.name not in known and path.suffix != ".val":
                said.append(f"left {path.name} at home")
        inputs = held(self.root / "work")
        return said + [f"changed {n}" for n, v in self.inputs.items() if inputs.get(n) != v]


def complaints(err: bytes) -> str:
    """Return what a command complained of, without the lines on its progress."""
    return re.sub(r"(?m)^privaudit \w+ \d+/\d+.*\n", "", err.decode())


def held(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
