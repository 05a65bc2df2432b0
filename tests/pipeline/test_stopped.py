"""Ctrl-C leaves what is done, ends every process, and the same command goes on."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import privaudit as pa
from privaudit.core.cache import Store

ROOT = Path(__file__).parents[2]
STUDY = """
[study]
title = "stopped"
towns = 10
outputs = ["overall", "runs"]
[town.village]
inhabitants = 1_200
[[leak]]
view = "donut:50:200"
adversaries = ["knows_mask"]
"""


def in_group(group):
    """The processes of a group that are alive."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, leader = stat.read_text().rsplit(")", 1)[1].split()[:3]
        except OSError:
            continue
        if int(leader) == group and state != "Z":
            found.append(stat.parent.name)
    return found


def kept(cache):
    """How many runs a folder keeps."""
    if not any(cache.rglob("cache.db")):
        return 0
    store = Store(cache)
    try:
        return int(store.summary()["stages"])
    finally:
        store.close()


def study(folder, out, workers):
    command = [
        sys.executable, "-m", "privaudit", "study", str(folder / "study.toml"),
        "--out", str(folder / out), "--cache", str(folder / "kept"), "--workers", str(workers),
    ]  # fmt: skip
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, env=env, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def progressed(said):
    """What is said beside the lines of progress, which a slow machine prints."""
    return re.sub(r"privaudit study \d+/10: towns simulated alike\n", "", said)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize("whom", ["the terminal's whole group", "the command alone"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_study_that_is_stopped_goes_on_where_it_was(tmp_path, workers, whom):
    (tmp_path / "study.toml").write_text(STUDY)
    running = study(tmp_path, "out", workers)
    end = time.monotonic() + 120
    while kept(tmp_path / "kept") < 2 and time.monotonic() < end:
        time.sleep(0.1)
    stop = os.killpg if whom != "the command alone" else os.kill
    stop(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    # One line: no trace of Python, of the workers either.
    assert progressed(said).count("\n") == 1, said
    assert "kept in" in said
    end = time.monotonic() + 10
    while in_group(running.pid) and time.monotonic() < end:
        time.sleep(0.1)
    assert in_group(running.pid) == []
    assert not (tmp_path / "out").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"study.toml", "kept"}
    before = kept(tmp_path / "kept")
    assert 2 <= before < 10
    again = study(tmp_path, "out", workers)
    assert progressed(again.communicate(timeout=120)[1]) == ""
    assert again.returncode == 0
    assert kept(tmp_path / "kept") == 10
    whole = pa.repeat(
        pa.Town(inhabitants=1_200), views=pa.DotMap(mask=pa.masks.Donut(r_min=50, r_max=200)),
        adversaries="knows_mask", seeds=range(7, 17),
    )  # fmt: skip
    runs = (tmp_path / "out" / "runs.csv").read_text()
    assert len(runs.splitlines()) == 1 + len(whole.runs)


def test_what_is_done_is_returned_with_a_note(monkeypatch):
    from privaudit.studies import repeat as module

    made = []
    simulate = module.simulate

    def stopped(*values, **named):
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(named["seed"])
        return simulate(*values, **named)

    monkeypatch.setattr(module, "simulate", stopped)
    found = pa.repeat(
        pa.Town(inhabitants=500), views=pa.DotMap(), adversaries="nearest", seeds=range(6)
    )
    assert sorted(found.runs["seed"].unique()) == [0, 1, 2]
    (note,) = (note for note in found.notes if note.key == "stopped_early")
    assert note.values == {"done": 3, "of": 6}
    made[:] = [0, 0]
    with pytest.raises(KeyboardInterrupt):
        pa.repeat(
            pa.Town(inhabitants=500), views=pa.DotMap(), adversaries="nearest", seeds=range(6)
        )
