"""A bar on what takes more than two seconds: on a terminal and in a notebook, none elsewhere."""

import sys
import time
import types

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.core import progress as module
from privaudit.core.cache import Store

TOWN = pa.Town(inhabitants=800)


@pytest.fixture(scope="module")
def world():
    return pa.simulate(TOWN, seed=7)


@pytest.fixture(scope="module")
def campaign(world):
    return pa.run_campaign(world, seed=7)


@pytest.fixture(scope="module")
def likes(world):
    return pa.read_traces(world.interactions, person="account", item="page", time="time")


def calls(world):
    rng = np.random.default_rng(1)
    kin = rng.integers(0, 150, (300, 2))
    log = pd.DataFrame(kin[rng.integers(0, 300, 9_000)], columns=["who", "whom"])
    log["at"] = pd.Timestamp("2016-03-01") + pd.to_timedelta(np.arange(9_000), unit="h")
    return pa.read_traces(log, person="who", item="whom", time="at", items_are_people=True)


def picture(world, campaign):
    shot = pa.publish(campaign, pa.Screenshot(metres_per_pixel=3), seed=7).picture
    return {"source": shot.image, "addresses": world.addresses, "bbox": shot.box}


# Each takes longer than two seconds at some size in use.
LONG = {
    "simulate": lambda world, campaign, likes: pa.simulate(TOWN, seed=8),
    "run_campaign": lambda world, campaign, likes: pa.run_campaign(world, seed=8),
    "repeat": lambda world, campaign, likes: pa.repeat(
        TOWN, views=pa.DotMap(), adversaries="nearest", seeds=[1, 2]
    ),
    "frontier": lambda world, campaign, likes: pa.frontier(campaign, [pa.masks.Exact()]),
    "likes_needed": lambda world, campaign, likes: pa.likes_needed(world),
    "heat_curve": lambda world, campaign, likes: pa.maps.heat_curve(campaign, [50, 200]),
    "audit": lambda world, campaign, likes: pa.audit(pa.publish(campaign, pa.HeatMap())),
    "unknown mask": lambda world, campaign, likes: pa.audit(
        pa.publish(campaign, pa.DotMap(mask=pa.masks.Gaussian(sigma=50))), "unknown_mask"
    ),
    "audit_homonyms": lambda world, campaign, likes: pa.maps.audit_homonyms(TOWN, levels=(0, 0.4)),
    "read_screenshot": lambda world, campaign, likes: pa.screenshots.read_screenshot(
        **picture(world, campaign)
    ),
    "unicity_curve": lambda world, campaign, likes: pa.traces.unicity_curve(world, points=[1, 2]),
    "known_points_risk": lambda world, campaign, likes: pa.traces.known_points_risk(
        likes, points=2, knows="frequency", sample=30
    ),
    "scoreboard": lambda world, campaign, likes: pa.traces.scoreboard(likes, sample=30),
    "match_periods": lambda world, campaign, likes: pa.traces.match_periods(likes, sample=30),
    "match_neighbourhoods": lambda world, campaign, likes: pa.traces.match_neighbourhoods(
        calls(world)
    ),
    "inspect": lambda world, campaign, likes: pa.inspect(world.roll),
    "link_releases": lambda world, campaign, likes: pa.linkage.link_releases(
        world.roll, pa.publish(campaign, pa.DotMap())
    ),
}


@pytest.mark.sampled
@pytest.mark.parametrize("name", LONG)
def test_what_is_long_shows_how_far_it_is(name, world, campaign, likes, monkeypatch, capsys):
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setattr(module, "DELAY", 0)
    LONG[name](world, campaign, likes)
    drawn = capsys.readouterr().err
    assert name in drawn
    # It ends where all is done: as many steps as it said there are.
    ends = [part.split("/") for part in drawn.split() if part.replace("/", "").isdigit()]
    assert any(done == of for done, of in ends), drawn[-300:]
    assert not module._OPEN
    assert not module._STEPS


def test_nothing_is_written_where_nobody_watches(world, campaign, likes, monkeypatch, capsys):
    monkeypatch.setattr(module, "DELAY", 0)
    pa.traces.match_periods(likes, sample=30)
    assert capsys.readouterr().err == ""


def test_a_stage_that_fails_leaves_no_bar_behind(monkeypatch):
    @module.in_steps("count", parts=2)
    def count():
        module.step("one")
        raise ValueError

    with pytest.raises(ValueError):
        count()
    assert not module._STEPS
    module.step("of nobody")


def lines_of(capsys, ticks, *, every, monkeypatch):
    """What a command writes that ticks at such seconds, by a clock of its own."""
    monkeypatch.setattr(module, "EVERY", every)
    with module.in_lines(), module.progress("privaudit demo", len(ticks)) as tick:
        for name, pause in ticks:
            tick(name)
            time.sleep(pause)
    return capsys.readouterr().err.splitlines()


def test_a_command_into_a_pipe_writes_a_line_of_the_part_that_runs(capsys, monkeypatch):
    ticks = [("people", 0.02), ("map", 0.5), ("attack", 0.3)]
    # The first line is due while the map is made.
    lines = lines_of(capsys, ticks, every=0.2, monkeypatch=monkeypatch)
    assert [line for line in lines if not line.endswith(" s)")] == [
        "privaudit demo 2/3: map", "privaudit demo 3/3: attack"
    ]  # fmt: skip


@pytest.mark.heavy
def test_a_part_that_is_long_is_not_silent(capsys, monkeypatch):
    """A part of 2.3 seconds, a line in a second: the second line says since when it runs."""
    lines = lines_of(capsys, [("report", 2.3)], every=1.0, monkeypatch=monkeypatch)
    assert lines == ["privaudit demo 1/1: report", "privaudit demo 1/1: report (2 s)"]
    time.sleep(1.1)
    assert capsys.readouterr().err == ""


def test_lines_are_at_least_so_many_seconds_apart_and_plain(capsys, monkeypatch):
    """Sixty parts in .6 seconds, a line in .2 at most: three, and never more."""
    ticks = [(f"part {n}", 0.01) for n in range(60)]
    lines = lines_of(capsys, ticks, every=0.2, monkeypatch=monkeypatch)
    assert 1 <= len(lines) <= 5
    assert all(line.isprintable() and line.startswith("privaudit demo ") for line in lines)


def test_what_is_quick_writes_no_line(capsys, monkeypatch):
    assert lines_of(capsys, [("people", 0), ("map", 0)], every=5, monkeypatch=monkeypatch) == []


def test_stages_are_logged_and_nothing_is_printed_of_them(world, capsys, caplog):
    with caplog.at_level("INFO", logger="privaudit"):
        pa.run_campaign(world, seed=7)
    stages = ("presuming leanings", "matching names", "writing profiles", "knocking on doors")
    assert [text for text in caplog.messages if text.startswith("run_campaign: ")] == [
        f"run_campaign: {stage}" for stage in (*stages, "opening the map")
    ]
    assert capsys.readouterr().err == ""


def test_without_a_handler_the_logger_is_silent(capsys):
    """A library's warning without a handler would be printed by Python itself."""
    module.LOGGER.warning("nobody listens")
    assert capsys.readouterr().err == ""
    assert module.LOGGER.name == "privaudit"


def test_a_stage_that_cannot_be_kept_is_a_warning(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    store = Store(tmp_path / "cache")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store._cache, "set", full)
    assert store.stage("towns", version=1, recipe={}, make=lambda: 3, types=()) == 3
    store.close()
    assert caplog.messages == ["cache: towns could not be kept (OSError)"]
