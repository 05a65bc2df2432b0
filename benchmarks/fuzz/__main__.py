"""Damaged and hostile files against every reader and command: a result, or one line and status 2.

``python benchmarks/fuzz --cases 20000``. Each case has a number, and is the same again under it:
``--only 1234`` runs one and shows what came. A case is one mutated file and one door: a function
that reads or a whole command, in a process of its own kind whose time, memory, files and terminal
are looked at. A fault is anything but a result, or a line and status 2: a traceback, a warning, a
second line, status 1, 60 CPU seconds, 2 GB, a file that is left, an input that is changed, a mark
of a person in any file or line.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import json
import multiprocessing
import os
import platform
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

# What is tried is the code beside this file, whichever is installed.
sys.path.insert(1, str(Path(__file__).resolve().parents[2]))

from corpus import MARK, addresses, csv_of, people, seeds, zip_of
from mutations import mutated, pick

CPU_SECONDS, WALL_SECONDS, MEMORY = 60, 900, 2 * 10**9
# Other files of an ending, by the name of their seed.
MORE = (" map", " chat", " sheets", " several", " register", " log", " kin", " wkt", " wkb",
        " pair", " object", " placed", " degrees", " link")  # fmt: skip
OF_SHEETS = (".xlsx", ".xlsx sheets", ".ods", ".sqlite", ".gpkg", ".sql", ".zip", ".zip several")
BEGIN, END = "<!-- fuzz: begin -->", "<!-- fuzz: end -->"
TABLE = "data/reliability/fuzz.csv"


# Doors: what is called with a mutated file. A function, or the words of a command.

# A slow run says how far it is.
_PROGRESS = re.compile(r"(?m)^(?:(?:privaudit )?\w+ \d+/\d+: .*|privaudit: \w+: about [\d.]+ .*)\n")


def functions() -> dict[str, Callable[[Path, AddressFile], Any]]:
    """Every function that reads a file of a user."""
    from privaudit.columns.roles import Roles
    from privaudit.core.cache import Store
    from privaudit.io.addresses import read_addresses
    from privaudit.io.public_counts import read_cells, read_communes, read_pyramid
    from privaudit.io.readers import GIVES, read_frame
    from privaudit.release.read_map import read_map
    from privaudit.release.read_table import read_table
    from privaudit.release.read_traces import read_traces
    from privaudit.rules.description import read_description
    from privaudit.screenshots.open_picture import open_picture
    from privaudit.tables.coded_table import take_in
    from privaudit.tables.counting import class_sizes

    keys = Roles(key=("age", "zone"), sensitive="opinion")

    def cache(file: Path, _: AddressFile) -> None:
        folder = file.parent.parent / "tmp" / "cache"
        try:
            store = Store(folder)
            store.stage("s", version=1, recipe={}, make=lambda: 1, types=())
            store.close()
            (folder / "cache.db").write_bytes(file.read_bytes())
            store = Store(folder)
            store.stage("s", version=1, recipe={}, make=lambda: 1, types=())
            store.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    found: dict[str, Callable[[Path, AddressFile], Any]] = {
        "read_table": lambda file, _: read_table(file, roles=keys),
        "read_map": lambda file, town: read_map(file, addresses=town.base),
        "read_traces": lambda file, _: read_traces(file, person="name", item="zone", time="day"),
        "take_in": lambda file, _: take_in(file, keys, who="measure"),
        "class_sizes": lambda file, _: class_sizes(file, ("age", "zone"), memory_limit="300MB"),
        "read_addresses": lambda file, _: read_addresses(file, commune="94042"),
        "read_cells": lambda file, _: read_cells(file),
        "read_communes": lambda file, _: read_communes(file),
        "read_pyramid": lambda file, _: read_pyramid(file),
        "open_picture": lambda file, _: open_picture(file),
        "read_description": lambda file, _: read_description(file),
        "cache": cache,
    }
    for gives in GIVES:
        found[f"read_frame {gives}"] = lambda file, _, gives=gives: read_frame(file, gives=gives)
    return found


class AddressFile:
    """A good address file beside the mutated one, and what is read of it."""

    def __init__(self, folder: Path) -> None:
        from privaudit.io.addresses import read_addresses

        self.file = folder / "adresses.csv"
        self.file.write_bytes(addresses())
        self.base = read_addresses(self.file, commune="94042")


def commands() -> dict[str, list[str]]:
    """The words of every command that reads a file: F the mutated one, O out.

    A the addresses, D a description, L and M two maps, N a zip that holds one, T and R two tables
    of the same people: good ones.
    """
    return {
        "table": ["table", "F", "--key", "age,zone", "--sensitive", "opinion", "--out", "O"],
        "table told": ["table", "F", "--key", "zone,sex", "--contributions", "--out", "O"],
        "table limited": ["table", "F", "--key", "age", "--memory-limit", "300MB", "--out", "O"],
        "traces": ["traces", "F", "--person", "name", "--item", "zone", "--sample", "20", "--out",
                   "O"],
        "map": ["map", "F", "--addresses", "A", "--commune", "94042", "--mask", "donut:20:90",
                "--adversary", "knows_mask", "--out", "O"],
        "map of F": ["map", "L", "--addresses", "F", "--mask", "donut:20:90", "--out", "O"],
        "mask": ["mask", "F", "--mask", "donut:20:90", "--out", "O.csv"],
        "mask kept": ["mask", "F", "--mask", "grid:50", "--keep", "zone", "--out", "O.csv"],
        "rules": ["rules", "F", "--as-of", "2016-11-08", "--out", "O"],
        "rules table": ["rules", "D", "--table", "F", "--as-of", "2016-11-08", "--out", "O"],
        "country": ["country", "--population", "F", "--out", "O"],
        "report": ["report", "--verify", "F"],
        "cache": ["cache", "--cache", "F"],
        "inspect": ["inspect", "F", "--out", "O"],
        "inspect told": ["inspect", "F", "L", "A", "--missing-values", "NC", "--date-order", "day",
                         "--decimal", "comma", "--as-of", "2016-11-08", "--out", "O"],
        "table sheet": ["table", "F", "--sheet", "2", "--key", "age,zone", "--out", "O"],
        "dossier": ["dossier", "F", "--description", "D", "--as-of", "2016-11-08", "--exhibit", "x",
                    "--out", "O"],
        "dossier maps": ["dossier", "T", "F", "L", "M", "--description", "D", "--as-of",
                         "2016-11-08", "--exhibit", "x", "--addresses", "A", "--commune", "94042",
                         "--out", "O"],
        "dossier of F": ["dossier", "T", "L", "--description", "F", "--as-of", "2016-11-08",
                         "--exhibit", "x", "--out", "O"],
        "link": ["link", "F", "L", "--addresses", "A", "--commune", "94042", "--out", "O"],
        "link sheet": ["link", "F", "N", "--addresses", "A", "--commune", "94042", "--sheet", "1",
                       "--map-sheet", "leak.geojson", "--out", "O"],
        "link map of F": ["link", "R", "F", "--addresses", "A", "--commune", "94042", "--map-sheet",
                          "1", "--absent", "R", "--out", "O"],
        "traces written": ["traces", "F", "--person", "name", "--item", "zone", "--time",
                           "day", "--sample", "20", "--out", "O"],
        "dossier tables": ["dossier", "T", "F", "R", "L", "--description", "D", "--as-of",
                           "2016-11-08", "--exhibit", "x", "--addresses", "A", "--commune", "94042",
                           "--out", "O"],
        "study": ["study", "F", "--out", "O"],
    }  # fmt: skip


def known_commands() -> dict[str, list[str]]:
    """Those that this version has."""
    from privaudit import cli

    parser = cli._parser()
    have = next(a.choices for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {word: words for word, words in commands().items() if words[0] in have}


# One case.


class Bench:
    """A worker's folders, its good files, and how a case is tried there."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        for name in ("in", "tmp", "home", "out", "good"):
            (root / name).mkdir(parents=True, exist_ok=True)
        for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            os.environ[name] = str(root / "home")
        os.environ["TMPDIR"] = tempfile.tempdir = str(root / "tmp")
        self.seeds = seeds(root / "good", np.random.default_rng(seed))
        self.town = AddressFile(root / "good")
        (root / "good" / "leak.geojson").write_bytes(self.seeds[".geojson"])
        (root / "good" / "other.csv").write_bytes(csv_of(people(np.random.default_rng(14))))
        (root / "good" / "people.csv").write_bytes(self.seeds[".csv"])
        (root / "good" / "register.csv").write_bytes(self.seeds[".csv register"])
        held = zip_of({"people.csv": self.seeds[".csv"], "leak.geojson": self.seeds[".geojson"]})
        (root / "good" / "maps.zip").write_bytes(held)
        self.blank = root / "good" / "d.toml"
        self.run(["rules", "--init", str(self.blank)])
        self.seeds[".toml"] = self.blank.read_bytes()
        from privaudit.io.readers import readers

        self.readers = readers()
        self.functions, self.commands = functions(), known_commands()

    def case(self, number: int) -> dict[str, Any]:
        """Make a case, try it, and say what came and what is wrong with it."""
        rng = np.random.default_rng([13, number])
        whole = rng.random() < 0.12
        door = pick(rng, sorted(self.commands if whole else self.functions))
        ending = pick(rng, sorted(self.seeds))
        if rng.random() < 0.8:  # mostly what the door is for
            ending = self.fitting(door, ending, rng)
        data, how = mutated(ending, self.seeds[ending], rng)
        file = self.root / "in" / f"leak{ending.split()[0]}"
        file.write_bytes(data)
        start = time.process_time()
        said = self.command(self.commands[door], file) if whole else self.function(door, file)
        said |= {"case": number, "door": f"privaudit {door}" if whole else door, "file": ending}
        said |= {"how": how, "seconds": round(time.process_time() - start, 2)}
        if hashlib.sha256(data).digest() != hashlib.sha256(file.read_bytes()).digest():
            said["wrong"].append("the input was changed")
        file.unlink()
        return said | {"wrong": said["wrong"] + self.left(said["status"])}

    def fitting(self, door: str, ending: str, rng: np.random.Generator) -> str:
        """Choose an ending that a door is made for."""
        if door in ("read_addresses", "read_cells", "read_communes", "read_pyramid", "map of F"):
            name = door.removeprefix("read_").replace("map of F", "addresses")
            return f".csv {pick(rng, ('addresses', 'quoted')) if name == 'addresses' else name}"
        if door == "country":
            return ".csv communes"
        if door in ("read_description", "rules", "dossier of F"):
            return ".toml"
        if door == "study":
            return ".toml study"
        if door == "open_picture":
            return ".png"
        if door == "cache":
            return ".sqlite"
        gives = {"traces": "traces", "mask": "dots", "map": "dots"}.get(door.split()[0], "table")
        gives = "dots" if door in ("dossier maps", "link map of F") else gives
        gives = door.split()[1] if door.startswith("read_frame") else gives
        gives = {"read_map": "dots", "read_traces": "traces"}.get(door, gives)
        able = [e for reader in self.readers if gives in reader.gives for e in reader.endings]
        if door in ("class_sizes", "take_in", "table limited"):  # counted where they are
            able = [e for reader in self.readers if reader.counted for e in reader.endings]
        able = list(OF_SHEETS) if door in ("link sheet", "table sheet") else able
        able += [f"{e}{more}" for e in able for more in (".gz", *MORE)]
        return pick(rng, [e for e in able if e in self.seeds] or [ending])

    def function(self, door: str, file: Path) -> dict[str, Any]:
        """Call a function: a result, or one line that names nobody."""
        from privaudit.errors import PrivauditError

        wrong: list[str] = []
        status = 0
        with self.terminal() as shown:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    self.functions[door](file, self.town)
            except PrivauditError as error:
                status, line = 2, str(error)
                if len(line.splitlines()) != 1 or not line.isprintable():
                    wrong.append("not one printable line")
                if MARK in line:
                    wrong.append("a person in the line")
            except MemoryError:
                status = 2
            except BaseException as error:
                status = 1
                wrong.append(f"{type(error).__name__} at {_where(error)}")
        if text := shown():
            wrong.append(f"said {text[:90]!r}")
        return {"status": status, "wrong": wrong}

    def command(self, words: list[str], file: Path) -> dict[str, Any]:
        """Run a command: status 0, or one line and status 2."""
        good = {"F": str(file), "A": str(self.town.file), "D": str(self.blank)}
        told = {"L": "leak.geojson", "M": "other.csv", "T": "people.csv", "R": "register.csv",
                "N": "maps.zip"}  # fmt: skip
        good |= {letter: str(self.root / "good" / name) for letter, name in told.items()}
        good |= {"O": str(self.root / "out" / "r"), "O.csv": str(self.root / "out" / "r.csv")}
        status, out, err = self.run([good.get(word, word) for word in words])
        wrong = []
        if status not in (0, 2):
            wrong.append(f"status {status}: {err[:160]}")
        elif (said := _PROGRESS.sub("", err)).count("\n") != (status == 2):
            wrong.append(f"{said.count(chr(10))} lines beside status {status}: {said[:160]!r}")
        if not (out + err).replace("\n", "").isprintable():
            wrong.append("not printable")
        if MARK in out + err:
            wrong.append("a person on the terminal")
        return {"status": status, "wrong": wrong}

    def run(self, words: list[str]) -> tuple[int, str, str]:
        """Run a command in this process, its terminal caught at the system's level."""
        from privaudit.cli import main

        with self.terminal("1") as out, self.terminal("2") as err:
            try:
                status = main(words)
            except SystemExit as stop:
                status = int(stop.code or 0)
        return status, out(), err()

    @contextlib.contextmanager
    def terminal(self, which: str = "2"):  # type: ignore[no-untyped-def]
        """Catch what is written to a descriptor."""
        number = int(which)
        stream = sys.stdout if number == 1 else sys.stderr
        stream.flush()
        kept = os.dup(number)
        with tempfile.TemporaryFile(dir=self.root) as caught:
            os.dup2(caught.fileno(), number)
            text: list[str] = []
            try:
                yield lambda: text[0]
            finally:
                stream.flush()
                os.dup2(kept, number)
                os.close(kept)
                caught.seek(0)
                text.append(caught.read().decode("utf-8", "replace"))

    def left(self, status: int) -> list[str]:
        """Look at what is on the disk, and tidy up."""
        wrong = [f"left {path.name} in tmp" for path in (self.root / "tmp").iterdir()]
        if status and any((self.root / "out").iterdir()):
            wrong.append(f"left {next((self.root / 'out').iterdir()).name} in out")
        for folder in ("out", "home", "tmp"):
            for path in (self.root / folder).rglob("*"):
                if MARK in path.name or (path.is_file() and MARK.encode() in path.read_bytes()):
                    wrong.append(f"a person in {path.name}")
        for folder in ("out", "tmp"):
            shutil.rmtree(self.root / folder)
            (self.root / folder).mkdir()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        if peak > MEMORY:
            wrong.append(f"{peak / 1e9:.1f} GB")
        return wrong


def _where(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "privaudit/" in f.filename]
    at = ours[-1] if ours else last
    return f"{Path(at.filename).name}:{at.lineno}"


# Many cases, in processes that may die.


def _worker(root: Path, numbers: list[int], out: Any, deadline: float) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (8 * 10**9, 8 * 10**9))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    bench = Bench(root, seed=13)
    for number in numbers:
        if time.time() > deadline:
            break
        out.send(number)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        said = bench.case(number)
        signal.setitimer(signal.ITIMER_PROF, 0)
        out.send(said)
        # A peak is never taken back: the next case needs a process of its own.
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > MEMORY / 2:
            break
    out.send(None)


def tried(root: Path, numbers: list[int], deadline: float) -> list[dict[str, Any]]:
    """Try cases one after the other; a process that dies or hangs is a fault of its case."""
    fork, found, left = multiprocessing.get_context("fork"), [], list(numbers)
    while left and time.time() < deadline:
        here, there = fork.Pipe(duplex=False)
        process = fork.Process(target=_worker, args=(root, left, there, deadline))
        process.start()
        there.close()
        begun, done = None, 0
        while True:
            try:
                if not here.poll(WALL_SECONDS):
                    raise EOFError
                said = here.recv()
            except EOFError:
                process.kill()
                process.join()
                if begun is None:
                    raise SystemExit("fuzz: the worker does not start") from None
                wrong = [f"died or hung ({process.exitcode})"]
                found.append({"case": begun, "door": "?", "status": 1, "wrong": wrong, "how": "?"})
                print(json.dumps(found[-1]), flush=True)
                done += 1
                break
            if said is None:
                process.join()
                break
            if isinstance(said, int):
                begun = said
            else:
                found.append(said)
                done += 1
                if said["wrong"]:  # told as it comes: a whole run takes an hour
                    print(json.dumps(said), flush=True)
        left = left[done:]
    return found


def main() -> int:
    """Run cases, print a table of doors and every fault, and say by the status if there was one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--write", type=Path, help="page to put the table into")
    options = parser.parse_args()
    started, deadline = time.time(), time.time() + options.seconds
    import privaudit.cli  # loaded once, before the workers
    import privaudit.studies.audit_map
    import privaudit.studies.audit_table  # noqa: F401

    last = options.first + options.cases
    numbers = [options.only] if options.only is not None else list(range(options.first, last))
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        shares = [numbers[i :: options.workers] for i in range(options.workers)]
        jobs = [(Path(folder) / str(i), s, deadline) for i, s in enumerate(shares) if s]
        if len(jobs) == 1:
            results = [tried(*jobs[0])]
        else:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(len(jobs)) as pool:
                results = list(pool.map(lambda job: tried(*job), jobs))
    found = [said for part in results for said in part]
    lines = table(found)
    print("\n".join([*lines, "", f"{time.time() - started:.0f} s"]))
    if options.write:
        written(options.write, lines)
    return int(any(said["wrong"] for said in found))


def table(found: list[dict[str, Any]]) -> list[str]:
    """Return what was tried and what came, a line a door."""
    doors = Counter((said["door"], said["status"]) for said in found)
    lines = ["| door | cases | a result | refused in a line | faults |", "|---|---|---|---|---|"]
    for door in [*sorted({door for door, _ in doors}), "all"]:
        some = [said for said in found if door in ("all", said["door"])]
        fine, no = (sum(said["status"] == status for said in some) for status in (0, 2))
        bad = sum(bool(said["wrong"]) for said in some)
        lines.append(f"| {door} | {len(some)} | {fine} | {no} | {bad} |")
    return lines


def written(file: Path, lines: list[str]) -> None:
    """Write the table beside a page, and into its place there the machine that gave it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"
    machine += f", Python {platform.python_version()}"
    text = file.read_text(encoding="utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    body = f"\nOn {machine}.\n\n```{{csv-table}}\n:file: {TABLE}\n:header-rows: 1\n```\n"
    file.write_text(text[:start] + body + text[end:], encoding="utf-8")
    with (file.parent / TABLE).open("w", encoding="utf-8", newline="") as beside:
        rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
        csv.writer(beside, lineterminator="\n").writerows(row for row in rows if "---" not in row)


if __name__ == "__main__":
    sys.exit(main())
