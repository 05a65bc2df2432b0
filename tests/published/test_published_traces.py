"""Published figures on traces: the set-ups have what papers give, the page what commands print."""

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import lognorm

from privaudit.release.read_traces import read_traces
from privaudit.stats.intervals import wilson
from privaudit.traces.unicity import unicity
from tests.fixtures.scripts import script

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "docs" / "data" / "traces" / "published.csv"  # the table of docs/traces.md
COMMAND = re.compile(r"`python benchmarks/published_traces\.py ([^`]+)`")


made = script("benchmarks/open_traces.py")
runs = script("benchmarks/published_traces.py")


def number(text):
    return float(text.replace(",", ""))


def page_rows():
    """Rows of the table of figures: command, measures, values, intervals and n."""
    found, command = [], None
    for cells in list(csv.reader(FIGURES.read_text("utf-8").splitlines()))[1:]:
        match = COMMAND.search(cells[7])
        command = match[1] if match else command
        names = re.findall(r"`(\w+)`", cells[2])
        values = [number(part) for part in cells[3].split("; ")]
        spans = [tuple(map(number, part.split(" to "))) for part in cells[4].split("; ")]
        for name, value, span in zip(names, values, spans, strict=True):
            found.append((command, cells[0], name, value, span, int(number(cells[5]))))
    return found


# ---- The set-ups have what the papers give.


def test_amounts_go_through_mean_and_median():
    amount = made._through(96, 209, 17_653, 100_000)
    assert np.median(amount) == pytest.approx(96, rel=1e-3)
    assert amount.mean() == pytest.approx(209, rel=1e-6)
    assert amount.max() <= 17_653


def test_people_use_antennas_as_published():
    rng = np.random.default_rng(0)
    masts = made.Masts.made(400, rng)
    visitors = made.Visitors.made(masts, 20_000, 15, rng)
    events = np.add.reduceat(visitors.rate, visitors.start[:-1])
    # 114 a month; the mean of a lognormal with a standard deviation of 1, in 20,000 draws.
    spread = 114 * 15 * lognorm(1).std() / lognorm(1).mean() / np.sqrt(20_000)
    assert events.mean() == pytest.approx(114 * 15, abs=4 * spread)
    # The second place has 2^-1.2 of the first, the third 3^-1.2.
    several = np.diff(visitors.start) > 2
    first = visitors.start[:-1][several]
    for k in (1, 2):
        ratio = visitors.rate[first + k] / visitors.rate[first]
        np.testing.assert_allclose(ratio, (k + 1) ** -1.2, rtol=1e-4)
    home = np.bincount(visitors.antenna[visitors.start[:-1]], minlength=400)
    assert home.std() == pytest.approx(np.sqrt(20_000 / 400), rel=0.15)
    assert made.hours_of_a_week().mean() == pytest.approx(1)


@pytest.mark.heavy
def test_baskets_are_as_published():
    person, order, orders, item = made.groceries(3_000, np.random.default_rng(1))
    per_order = pd.Series(1, index=[person, order]).groupby(level=[0, 1]).size()
    assert per_order.mean() == pytest.approx(10.1, abs=0.05)
    assert orders.min() >= 4
    assert orders.max() <= 100
    log = pd.DataFrame({"who": person, "order": order, "item": item})
    first = log.groupby(["who", "item"])["order"].transform("min")
    later = log[log["order"] > 0]
    again = (first < log["order"])[log["order"] > 0].mean()
    # 59 % are drawn from what was bought before; a new one may have been bought before too.
    assert 0.59 - 4 / np.sqrt(len(later)) <= again < 0.64
    power = made._power_of_share(49_688, 0.0146)
    share = np.arange(1, 49_689.0) ** -power
    assert share[0] / share.sum() == pytest.approx(0.0146)


def test_calls_are_as_many_as_published():
    source, target, second = made.calls(4_000, 2, np.random.default_rng(2))
    assert 2 * len(source) / 4_000 / 2 == pytest.approx(26, rel=0.02)
    assert (source != target).all()
    days = second // 86_400
    assert (days.min(), days.max()) == (4, 17)


def test_workers_work_where_published():
    some = next(made.commuters(1.0, np.random.default_rng(3)))
    own = (some.work["county"] == some.home["county"]).mean()
    assert own == pytest.approx(0.73, abs=4 * np.sqrt(0.73 * 0.27 / len(some.county)))
    people = np.bincount(some.home["tract"])
    assert people[people > 0].mean() == pytest.approx(1_500, rel=0.05)


# ---- The runs do what they say.


@pytest.mark.slow
def test_drawing_only_what_is_asked_about_changes_nothing():
    # 10,000 people on few antennas: every event drawn, and the library asked; or the short cut.
    short = {name: (value, n) for name, value, _, _, n in runs.montjoye(10_000, 3_000)}
    rng = np.random.default_rng(5)
    masts = made.Masts.made(6_500, rng)
    visitors = made.Visitors.made(masts, 10_000, 15, rng)
    often = rng.poisson(visitors.rate)
    entry = np.repeat(np.arange(len(often)), often)
    hours = int(15 * 365.25 / 12 * 24) // 168 * 168
    week = made.hours_of_a_week()
    hour = rng.choice(168, len(entry), p=week / 168) + 168 * rng.integers(
        0, hours // 168, len(entry)
    )
    log = pd.DataFrame(
        {
            "who": np.searchsorted(visitors.start, entry, side="right") - 1,
            "mast": visitors.antenna[entry],
            "at": pd.Timestamp("1970-01-01") + pd.to_timedelta(hour, unit="h"),
        }
    )
    traces = read_traces(log, person="who", item="mast", time="at")
    whole = unicity(traces, points=[1, 2], hours=1, sample=3_000)
    for points in (1, 2):
        value, n = short[f"unicity_{points}"]
        low, high = wilson(value, n)
        row = whole.row("unicity", points=points)
        # Another country and other people: two intervals that must meet.
        assert row.low <= high, points
        assert low <= row.high, points


def test_the_page_is_read_as_written():
    rows = page_rows()
    assert {command.split()[0] for command, *_ in rows} == set(runs.RUNS)
    for _, _, name, value, (low, high), n in rows:
        assert low <= value <= high, name
        assert n > 0


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted({row[0] for row in page_rows()}))
def test_the_page_says_what_the_command_prints(command):
    study, *options = command.split()
    given = {options[k].strip("-"): int(options[k + 1]) for k in range(0, len(options), 2)}
    printed = runs.RUNS[study](**given)
    by_name = {name: (value, low, high, n) for name, value, low, high, n in printed}
    for _, what, name, value, (low, high), n in (row for row in page_rows() if row[0] == command):
        if name == "people_median":
            name = f"median people, {re.search('by (block|tract|county)', what)[1]}"
        found = by_name[name]
        # Other linear algebra may break a tie otherwise: to within the interval, not the digit.
        assert low <= found[0] <= high, name
        assert found[0] == pytest.approx(value, rel=0.05, abs=0.01), name
        assert found[3] == n, name
