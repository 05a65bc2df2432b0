"""Kill, starve and crowd whole commands: the former report stays whole, the next run goes on.

``python benchmarks/faults.py --kills 200 --write docs/reliability.md``. Every command that writes
is run once untouched; then it is killed (SIGKILL, with all its processes) at random moments of a
run, over a former report that differs from what it makes. After each kill the former report must be
whole, in its place or where the next look puts it back; after the next run the bytes must be those
of the untouched one, and nothing else may be there: no file beside the report, none in the
temporary folder, no process. Then, of each command (`meddling.py`): a full disk, at once and at the
end; an output folder that cannot be written; too little memory; Ctrl-C, SIGTERM and a terminal that
closes, at random moments; what it writes or replaces taken away meanwhile, or a file put there;
three runs into one place. Of a demo its cache removed under it, one of its processes killed, and
four runs that make the same towns in one cache.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from command_place import ROOT, Place, held
from meddling import Trial, asked_to_end, at_once, meddled, of_a_town, wanting

BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
# What meets all other trouble.
WANTING = ("demo", "map", "table", "traces", "mask", "inspect", "dossier", "link", "study")


def commands(workers: int = 2) -> dict[str, list[str]]:
    """The words of every command that writes, but for where."""
    found = {
        "demo": ["demo", "--inhabitants", "2000", "--towns", "2", "--workers", str(workers)],
        "map": ["map", "leak.csv", "--addresses", "adresses.csv", "--commune", "94042", "--mask",
                "donut:50:200"],
        "table": ["table", "people.csv", "--key", "âge,sex,zone", "--sensitive", "opinion"],
        "table counted": ["table", "people.csv", "--key", "âge,sex", "--memory-limit", "300MB"],
        "traces": ["traces", "log.csv", "--person", "person", "--item", "item", "--time", "day"],
        "mask": ["mask", "leak.csv", "--mask", "donut:50:200", "--seed", "3"],
        "inspect": ["inspect", "people.csv"],
        "dossier": ["dossier", "people.csv", "leak.csv", "--description", "d.toml", "--as-of",
                    "2016-11-08", "--exhibit", "x"],
        "dossier of maps": ["dossier", "people.csv", "leak.csv", "later.csv", "--addresses",
                            "adresses.csv", "--commune", "94042", "--description", "d.toml",
                            "--as-of", "2016-11-08", "--exhibit", "x"],
        "link": ["link", "people.csv", "leak.csv", "--addresses", "adresses.csv", "--commune",
                 "94042"],
        "study": ["study", "study.toml"],
        # What is done is kept, and the next run goes on from there.
        "study kept": ["study", "study.toml", "--cache", "../home/study"],
    }  # fmt: skip
    sys.path.insert(0, str(ROOT))
    from privaudit.cli import _parser

    choices: set[str] = set()
    for action in _parser()._actions:
        choices |= set(action.choices or ()) if isinstance(action.choices, dict) else set()
    return {name: words for name, words in found.items() if words[0] in choices}


def former(made: dict[str, bytes], words: list[str]) -> list[str]:
    """The words of another run into the same place."""
    if words[0] == "mask":
        return [*words[:-1], "4"]
    return [*words, "--lang", "fr"]


def alive(group: int) -> bool:
    """Whether a process of a group lives, after a moment for the system to tidy up."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    return True


def killed(place: Place, name: str, words: list[str], times: int, rng: random.Random) -> list[str]:
    """Kill a command at random moments, a third of them while it writes."""
    faults: list[str] = []
    began = time.perf_counter()
    status, err = place.run(words)
    length = time.perf_counter() - began
    if status:
        return [f"untouched run: status {status} {err[:200]}"]
    want = place.made()
    place.clean()
    place.run(former(want, words))
    before = place.made()
    for _ in range(times):
        process = place.start(words)
        after = rng.uniform(0, length) if rng.random() < 0.7 else length * rng.uniform(0.75, 1.05)
        try:
            process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        if alive(process.pid):
            faults.append("a process lives on")
        faults += whole(place, before, want)
        # The next run goes on, to the same bytes, and sweeps.
        if rng.random() < 0.34 or not before:
            status, err = place.run(words)
            faults += [f"resumed: status {status} {err[:200]}"] if status else []
            faults += [f"resumed: {said}" for said in place.wrong(place.made(), want)]
            place.clean()
            place.run(former(want, words))
            faults += place.wrong(place.made(), before)
    place.clean()
    return faults


def whole(place: Place, before: dict[str, bytes], want: dict[str, bytes]) -> list[str]:
    """What is in place is the former report or the new one; for a moment it is beside it."""
    made = place.made()
    shown = {n: v for n, v in made.items() if not n.startswith(".")}
    aside = {n.removeprefix(".out.former/"): v for n, v in made.items() if ".former/" in n}
    beside = {f"out/{name}": data for name, data in aside.items()}
    # Until it is done, a recipe also says what its copy replaces.
    shown = {n: alone(v) if "recipe" in n else v for n, v in shown.items()}
    before, want = ({n: alone(v) if "recipe" in n else v for n, v in one.items()}
                    for one in (before, want))  # fmt: skip
    known = (before, want, {**before, **{n: want[n] for n in want if "recipe" in n}})
    return [] if shown in known or (not shown and beside == before) else ["the former is not whole"]


def alone(recipe: bytes) -> bytes:
    """Return a recipe without what its copy replaces."""
    told = json.loads(recipe)
    told.pop("replaces", None)
    return json.dumps(told).encode()


def troubled(place: Place, name: str, words: list[str], seed: int) -> dict[str, list[list[str]]]:
    """Do to a command whatever else befalls one; return the faults of each time."""
    trial = Trial(place, words, former({}, words), seed)
    found = wanting(trial) | asked_to_end(trial)
    if words[0] != "mask":  # which writes two files, and no folder
        found |= meddled(trial)
    found |= at_once(trial)
    if name == "demo":
        found |= of_a_town(trial)
    place.clean()
    return found


def crowded(place: Place, words: list[str]) -> list[str]:
    """Four processes, one cache, the same towns: four equal reports."""
    runs = [place.start(words, out=f"out{i}") for i in range(4)]
    faults = []
    for run in runs:
        _, err = run.communicate(timeout=3_600)
        if run.returncode:
            faults.append(f"status {run.returncode}: {err.decode()[:200]}")
    reports = [held(place.root / "work" / f"out{i}") for i in range(4)]
    if any(report != reports[0] for report in reports) or not reports[0]:
        faults.append("the reports differ")
    if list((place.root / "home").rglob("*.part")) or list((place.root / "tmp").iterdir()):
        faults.append("something is left")
    place.clean()
    return faults


def main() -> int:
    """Try everything, print the table, and say by the status whether something was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--workers", type=int, default=2, help="of a demo")
    parser.add_argument("--kills-only", action="store_true", help="neither want nor crowds")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    rng, lines, lost = random.Random(options.seed), list[str](), list[str]()
    chosen = {n: w for n, w in commands(options.workers).items() if options.only in ("", n)}
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        place = Place(Path(folder) / "p")
        for i, (name, words) in enumerate(chosen.items()):
            times = options.kills // len(chosen) + (i < options.kills % len(chosen))
            faults = killed(place, name, words, times, rng)
            lines.append(row(f"`{name}` killed at random moments", times, faults))
            lost += faults
            print(lines[-1], flush=True)
        every: dict[str, list[list[str]]] = {}
        for name in [] if options.kills_only else [n for n in WANTING if n in chosen]:
            for what, times in troubled(place, name, chosen[name], options.seed).items():
                every.setdefault(what, []).extend(times)
                lost += [f"{name}, {what}: {fault}" for faults in times for fault in faults]
            print(name, flush=True)
        lines += [row(w, len(times), [f for t in times for f in t]) for w, times in every.items()]
        print("\n".join(lines[len(chosen) :]), flush=True)
        if "demo" in chosen and not options.kills_only:
            faults = crowded(place, chosen["demo"])
            lines.append(row("four runs of `demo` at once on one cache", 4, faults))
            lost += faults
            print(lines[-1], flush=True)
    for fault in dict.fromkeys(lost):
        print(fault)
    if options.write and not options.only:
        written(options.write, lines)
    return int(bool(lost))


def row(what: str, tried: int, faults: list[str]) -> str:
    """A line of the table."""
    return f"| {what} | {tried} | {len(faults)} |"


def written(file: Path, lines: list[str]) -> None:
    """Put the table into its place in a page."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )
    table = ["| what was done | times | lost, left or wrong |", "|---|---|---|", *lines]
    text = file.read_text(encoding="utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    body = "\n".join(["", f"On {machine}.", "", *table, ""])
    file.write_text(text[:start] + body + text[end:], encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
