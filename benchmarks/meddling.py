"""What `faults.py` does to a run besides killing it: too little of something, stops, meddling."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from command_place import complaints

if TYPE_CHECKING:
    from command_place import Place

# How a run is asked to end, by which signal, and how many times each.
ASKED = (("Ctrl-C", signal.SIGINT), ("SIGTERM", signal.SIGTERM),
         ("a terminal that closes", signal.SIGHUP))  # fmt: skip
ASKED_TIMES = 3


class Trial:
    """A command whose former report stands, and what must be true of it after each meddling."""

    def __init__(self, place: Place, words: list[str], other: list[str], seed: int) -> None:
        self.place, self.words, self.other = place, words, other
        self.rng = random.Random(seed)
        # Once, to have the towns in the cache: the runs that follow are as long as each other.
        place.run(words)
        began = time.perf_counter()
        place.run(words)
        self.length = time.perf_counter() - began
        self.want = place.made()
        place.run(other)
        self.before = place.made()

    def again(self) -> None:
        """Put the former report back."""
        self.place.clean()
        self.place.run(self.other)

    def refused(self, status: int, err: str, codes: Sequence[int] = (2,)) -> list[str]:
        """One line, its status, and the former report as it was."""
        faults = self.place.wrong(self.place.made(), self.before)
        if status not in codes or err.count("\n") != (status > 0):
            faults.append(f"status {status}: {err[-200:]!r}")
        return faults

    def done(self, status: int, err: str) -> list[str]:
        """A whole new report, whatever happened."""
        faults = self.place.wrong(self.place.made(), self.want)
        return faults + ([f"status {status}: {err[-200:]!r}"] if status else [])


def wanting(trial: Trial) -> dict[str, list[list[str]]]:
    """Too little disk at the first write and at the last, memory, and right."""
    largest = max(map(len, trial.want.values()))

    def full(size: int) -> Callable[[], None]:
        def limit() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        return limit

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (700_000_000, 700_000_000))

    place, found = trial.place, {}
    found["full disk"] = [trial.refused(*place.run(trial.words, before=full(2_000)))]
    found["disk full at the largest file's end"] = [
        trial.refused(*place.run(trial.words, before=full(largest - 1)))
    ]
    status, err = place.run(trial.words, before=small)
    # Enough for some commands.
    memory = trial.refused(status, err, (1, 2)) if status else trial.done(status, err)
    found["700 MB of memory"] = [memory + (["a traceback"] if "Traceback" in err else [])]
    trial.again()
    found["no right to write"] = [trial.refused(*place.run(trial.words, out="/proc/none/out"))]
    return found


def asked_to_end(trial: Trial) -> dict[str, list[list[str]]]:
    """Stop a command in each way, at random moments: tidy, in a line, and the next goes on."""
    found: dict[str, list[list[str]]] = {name: [] for name, _ in ASKED}
    for name, number in ASKED * ASKED_TIMES:
        process = trial.place.start(trial.words)
        time.sleep(trial.rng.uniform(0.05, 0.95) * trial.length)
        # A terminal tells the whole group, a system the process alone.
        (os.kill if number == signal.SIGTERM else os.killpg)(process.pid, number)
        err = complaints(process.communicate(timeout=120)[1])
        if process.returncode == 0 or trial.place.made() == trial.want:
            found[name].append(trial.place.wrong(trial.place.made(), trial.want))
            trial.again()
            continue
        # While Python loads, a signal ends it without a word.
        found[name].append(trial.refused(process.returncode, err, (128 + number, -number)))
    return found


def meddled(trial: Trial) -> dict[str, list[list[str]]]:
    """Take away or put there what a run is about to write or to replace, while it writes."""
    work = trial.place.root / "work"
    fresh, out = work / ".out.new", work / "out"

    def while_it_writes(act: Callable[[], object]) -> tuple[int, str]:
        process = trial.place.start(trial.words)
        while process.poll() is None and not fresh.exists():
            time.sleep(0.002)
        act()
        err = complaints(process.communicate(timeout=300)[1])
        return process.returncode, err

    found = {}
    status, err = while_it_writes(lambda: shutil.rmtree(out))
    found["its former report removed meanwhile"] = [trial.done(status, err)]
    trial.again()
    status, err = while_it_writes(lambda: shutil.rmtree(fresh, ignore_errors=True))
    found["what it has begun removed meanwhile"] = [trial.refused(status, err)]
    trial.again()
    status, err = while_it_writes(lambda: (out / "mine.txt").write_text("mine"))
    mine = out / "mine.txt"
    faults = [] if mine.exists() and mine.read_text() == "mine" else ["lost a file of the user's"]
    mine.unlink(missing_ok=True)
    found["a file of the user's put there meanwhile"] = [faults + trial.refused(status, err)]
    read = work / trial.words[1]
    if read.is_file():
        data, told = read.read_bytes(), read.stat()
        status, err = while_it_writes(lambda: read.write_bytes(data + data.splitlines(True)[-1]))
        read.write_bytes(data)
        # A dossier says of when each exhibit is.
        os.utime(read, ns=(told.st_atime_ns, told.st_mtime_ns))
        found["what it has read changed meanwhile"] = [trial.refused(status, err)]
    return found


def at_once(trial: Trial) -> dict[str, list[list[str]]]:
    """Three runs into one place: one whole report, and a line of each that was refused."""
    runs = [trial.place.start(trial.words) for _ in range(3)]
    ends = [(run, complaints(run.communicate(timeout=600)[1])) for run in runs]
    faults = trial.place.wrong(trial.place.made(), trial.want)
    if all(run.returncode for run, _ in ends):
        faults.append("none of them was done")
    for run, err in ends:
        if run.returncode not in (0, 2) or err.count("\n") != (run.returncode > 0):
            faults.append(f"status {run.returncode}: {err[-200:]!r}")
    return {"three runs at once into one place": [faults]}


def of_a_town(trial: Trial) -> dict[str, list[list[str]]]:
    """Remove the cache under a run, and end one of its processes."""
    home = trial.place.root / "home"

    def half_way(act: Callable[[int], object]) -> tuple[int, str]:
        shutil.rmtree(home / "privaudit" / "stages", ignore_errors=True)
        process = trial.place.start(trial.words)
        while process.poll() is None and not act(process.pid):
            time.sleep(0.02)
        err = complaints(process.communicate(timeout=600)[1])
        return process.returncode, err

    def no_cache(_: int) -> bool:
        kept = [*(home / "privaudit" / "stages").rglob("*.val")]
        if kept:
            shutil.rmtree(home / "privaudit" / "stages")
        return bool(kept)

    def no_worker(pid: int) -> bool:
        workers = [at for at in children(pid) if b"LokyProcess" in command_of(at)]
        if workers:
            os.kill(workers[-1], signal.SIGKILL)
        return bool(workers)

    first = trial.done(*half_way(no_cache))
    found = {"its cache removed meanwhile": [first, trial.done(*trial.place.run(trial.words))]}
    trial.again()
    found["one of its processes killed"] = [trial.refused(*half_way(no_worker))]
    return found


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    told = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, check=False
    )
    return [int(one) for one in told.stdout.split()]


def command_of(pid: int) -> bytes:
    """Return the words that a process was started with; none where it has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
