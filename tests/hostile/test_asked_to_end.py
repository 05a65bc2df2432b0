"""A run that is asked to end, by whoever stops it or by the system: tidy, whole, and in a line."""

import importlib
import os
import signal
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

from privaudit import cli
from privaudit.cli import exit_status_and_signals
from privaudit.cli.exit_status_and_signals import Stopped, stopped_when_asked
from privaudit.geo.address_base import AddressBase
from privaudit.io.duckdb import Spill
from privaudit.maps.adversary import Adversary
from privaudit.maps.masks.mask import Exact
from privaudit.release.read_map import read_map
from privaudit.report.write import Place
from privaudit.studies.frontier import audit_blurs

ASKS = [signal.SIGTERM, signal.SIGHUP]


def people(folder):
    """Write a table in other letters than UTF-8: it is counted through a copy."""
    rows = pd.DataFrame({"âge": [str(20 + i % 9) for i in range(60)], "sex": ["F", "M"] * 30})
    (folder / "people.csv").write_bytes(rows.to_csv(index=False).encode("cp1252"))
    return str(folder / "people.csv")


def below(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*")
            if p.is_file()}  # fmt: skip


@pytest.fixture(autouse=True)
def heard():
    """Requests are heard here, though the tests themselves may run under nohup."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in ASKS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("asked", ASKS)
def test_a_report_half_written_goes_and_the_former_stays(tmp_path, monkeypatch, capsys, asked):
    command = ["inspect", people(tmp_path), "--out", str(tmp_path / "out")]
    assert cli.main(command) == 0
    before = below(tmp_path)
    capsys.readouterr()
    monkeypatch.setattr(Place, "_swap", lambda place: os.kill(os.getpid(), asked))
    assert cli.main([*command, "--lang", "fr"]) == 128 + asked
    assert capsys.readouterr().err == "privaudit: stopped; nothing was written\n"
    assert below(tmp_path) == before


def test_a_copy_of_a_real_file_goes(tmp_path, monkeypatch, capsys):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    copied, seen = Spill.copied, []

    def then_asked(spill, parts):
        path = copied(spill, parts)
        seen.extend((tmp_path / "tmp").iterdir())
        os.kill(os.getpid(), signal.SIGTERM)
        return path

    monkeypatch.setattr(Spill, "copied", then_asked)
    words = ["table", people(tmp_path), "--key", "âge,sex", "--memory-limit", "300MB"]
    assert cli.main([*words, "--out", str(tmp_path / "out")]) == 143
    assert seen
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "out").exists()


def test_what_is_ignored_stays_ignored_and_all_is_as_it_was():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopped_when_asked():  # as under nohup
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_second_request_does_not_cut_short_what_tidies_up():
    tidied = []

    @stopped_when_asked()
    def run():
        try:
            os.kill(os.getpid(), signal.SIGHUP)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            tidied.append(True)

    with pytest.raises(Stopped) as stop:
        run()
    assert tidied
    assert stop.value.status == 129
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_for_five_seconds_a_request_is_the_same_one(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(exit_status_and_signals, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with stopped_when_asked():
        with pytest.raises(Stopped):
            os.kill(os.getpid(), signal.SIGTERM)
        now[0] = 104.99
        os.kill(os.getpid(), signal.SIGTERM)
        now[0] = 105.0
        with pytest.raises(Stopped):
            os.kill(os.getpid(), signal.SIGTERM)


def test_what_compares_masks_is_not_told_of_those_that_were_done(monkeypatch):
    """Ctrl-C was taken for "enough": a map's report told of one mask, with status 0."""
    at = np.arange(60)
    places = pd.DataFrame({"id": at.astype(str), "number": "1", "street": "a", "commune": "b",
                           "station": "", "x": 25.0 * (at % 8), "y": 25.0 * (at // 8)})  # fmt: skip
    leak = read_map(places[["x", "y"]].head(30), addresses=AddressBase(places, real=False))
    frontier_module = sys.modules["privaudit.studies.frontier"]
    one, done = frontier_module._point, []

    def stopped(*values):
        if done:
            raise KeyboardInterrupt
        done.append(one(*values))
        return done[0]

    monkeypatch.setattr(frontier_module, "_point", stopped)
    with pytest.raises(KeyboardInterrupt):
        audit_blurs(leak, Adversary.knows_mask(Exact()))
    assert done


def test_a_worker_that_is_ended_is_a_line_and_no_fault_of_ours(tmp_path, monkeypatch, capsys):
    """A system without memory left ends one of them: it was said to be a fault of the program."""
    (tmp_path / "study.toml").write_text(
        '[study]\ntowns = 2\n[town.a]\ninhabitants = 500\n[plan.a]\n[[leak]]\nview = "exact"\n'
        'adversaries = ["nearest"]\n'
    )

    def ended(*_):
        raise TerminatedWorkerError("the signals are SIGKILL(-9)")

    monkeypatch.setattr(importlib.import_module("privaudit.studies.repeat"), "in_turn", ended)
    words = ["study", str(tmp_path / "study.toml"), "--workers", "2", "--out", str(tmp_path / "o")]
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("privaudit: one of its processes was ended from outside. ")
    assert said.count("\n") == 1
    assert not (tmp_path / "o").exists()
