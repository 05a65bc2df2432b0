"""Compare what a command says it will take with what it takes: `python benchmarks/foretold.py`.

Each command runs on made files of several sizes, as a process of its own; a row has the processor
seconds and the peak memory, and what `cost` in privaudit/cli/options.toml foretells of them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from limit_codes import _people_file
from made_addresses import made_addresses

from privaudit.cli import _parser
from privaudit.studies.commands import commands
from privaudit.studies.study_file import read_study

PLACES = 20_000
STORY = Path(__file__).parents[1] / "privaudit" / "rules" / "examples" / "story.toml"


def _dots(folder, places, n):
    rng, path = np.random.default_rng(3), folder / "dots.csv"
    home = places.iloc[rng.integers(len(places), size=n)]
    frame = pd.DataFrame({"x": home["x"] + rng.normal(0, 40, n), "y": home["y"], "status": "red"})
    frame.to_csv(path, index=False)
    return path


def _log(folder, n):
    rng, path = np.random.default_rng(4), folder / "log.csv"
    when = np.datetime64("2016-01-01T00:00:00") + rng.integers(0, 20_000_000, n)
    frame = pd.DataFrame({"account": rng.integers(0, max(n // 20, 1), n), "when": when,
                          "page": rng.integers(0, 3_000, n)})  # fmt: skip
    frame.to_csv(path, index=False)
    return path


def _communes(n):
    rng = np.random.default_rng(5)
    people = (np.exp(rng.normal(6.2, 1.3, n)) + 20).astype(int)
    code = [f"{1 + k % 95:02d}{k // 95:03d}" for k in range(n)]
    return pd.DataFrame({"commune": code, "name": "", "departement": [c[:2] for c in code],
                         "region": "11", "population": people})  # fmt: skip


def asked(folder):
    """Return the words of each command, by its name and its size."""
    places, addresses = made_addresses(PLACES), folder / "addresses.csv"
    places.to_csv(addresses, index=False)
    people = {n: _people_file(n) for n in (20_000, 200_000)}
    dots = {n: _dots(folder / str(n), places, n) for n in (300, 3_000)}
    logs = {n: _log(folder / str(n), n) for n in (20_000, 200_000)}
    key = ("--key", "birth_date,sex,postcode", "--sensitive", "opinion")
    of = ("--addresses", addresses)
    for n, path in people.items():
        yield "table", n, (path, *key)
        yield "inspect", n, (path,)
        yield (
            "dossier",
            n,
            (path, "--description", STORY, "--as-of", "2016-11-08", "--exhibit", "1"),
        )
    for n, path in dots.items():
        yield "map", n, (path, *of, "--mask", "gaussian:40")
        yield "mask", n, (path, *of, "--mask", "donut:50:200")
    for n, path in logs.items():
        yield "traces", n, (path, "--person", "account", "--item", "page", "--time", "when")
    yield "link", 20_000, (people[20_000], dots[300], *of)
    description = folder / "holder.toml"
    description.write_text(STORY.read_text("utf-8"), encoding="utf-8")
    for n, path in people.items():
        words = ("--table", path, "--as-of", "2016-11-08")
        yield "rules", n, (description, *words)
    communes = folder / "communes.csv"
    for n in (3_500, 35_000):
        _communes(n).to_csv(communes, index=False)
        yield "country", n, ("--population", communes)
    for towns, view in ((2, "donut:50:200"), (8, "donut:50:200"), (2, "mailing")):
        study = folder / f"study-{towns}-{view.split(':')[0]}.toml"
        study.write_text(f'[study]\ntowns = {towns}\n[[leak]]\nview = "{view}"\n')
        yield "study", f"{towns} {view}", (study,)
    for towns in (1, 20):
        yield "demo", towns, ("--towns", towns, "--no-cache")


def run(name, words, folder):
    """Run a command; return its processor seconds and its gigabytes, its own and foretold."""
    out = folder / ("out.csv" if name == "mask" else f"report-{name}-{os.urandom(4).hex()}")
    typed = [name, *map(str, words), "--out", str(out)]
    before = os.times()
    done = subprocess.Popen([sys.executable, "-m", "privaudit", *typed],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    _, status, used = os.wait4(done.pid, 0)
    after = os.times()
    taken = after.children_user + after.children_system
    taken -= before.children_user + before.children_system
    given = vars(_parser().parse_args(typed))
    if name == "study":
        given["work"] = read_study(words[0]).work
    return status, taken, used.ru_maxrss / 1e6, *commands()[name].foretold(given)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", action="append", help="one command; may be given again")
    wanted = parser.parse_args().command
    print("| command | n | CPU s | foretold | GB | foretold |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n in (300, 3_000, 20_000, 200_000):
            (folder / str(n)).mkdir()
        for command, n, words in asked(folder):
            if wanted is None or command in wanted:
                status, *figures = run(command, words, folder)
                seconds, memory, said, least = figures
                note = "" if status == 0 else f" (status {status})"
                print(f"| {command} | {n}{note} | {seconds:.1f} | {said:.1f} | {memory:.2f} | "
                      f"{least:.2f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
