"""The pages of docs/: every name exists, every number is right."""

import calendar
import csv
import gzip
import json
import math
import pkgutil
import re
from inspect import signature
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

import privaudit as pa
from privaudit.results.rows import Rows
from privaudit.words.catalogues import Note

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
DOC = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
FLOW = (ROOT / "docs" / "flow.md").read_text(encoding="utf-8")
FRANCE = (ROOT / "docs" / "unique-in-france.md").read_text(encoding="utf-8")
OVERSEAS = ["971", "972", "973", "974", "976"]
BY = {
    "commune": "commune",
    "département": "departement",
    "sex": "sex",
    "date of birth": "birth_date",
    "month of birth": "birth_month",
    "year of birth": "birth_year",
}
DEPARTEMENTS = {f"{n:02d}" for n in range(1, 96) if n != 20} | {"2A", "2B", *OVERSEAS}


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def section(title, page=DOC):
    return page.split(f"\n## {title}")[1].split("\n## ")[0]


# Columns that name a row, in the lines of a measure: its parameters, and what stands beside it.
BESIDE = {"singled_out_by",
    "points", "places", "hops", "rank", "level", "key", "without", "coarser", "threshold", "least",
    "most", "keys", "column", "control", "residual",
}  # fmt: skip


def documented(title):
    """Measure to range, from the lines of a section that have one."""
    ranges = {}
    for line in section(title).splitlines():
        if line.startswith("| `") and len(cells(line)) == 6:
            name, _, span = cells(line)[:3]
            for one in set(re.findall(r"`([^`]+)`", name)) - BESIDE:
                ranges[one] = span
    return ranges


def inside(value, span):
    """Whether a number is in a range written like [0, 1], (0, 1] or [1, ∞)."""
    if value != value:
        return True
    lower, low, high, upper = re.fullmatch(r"([\[(])(.+), (.+)([\])])", span).groups()
    low, high = (float(end.replace("∞", "inf")) for end in (low, high))
    # Sums of shares differ from 1 in their last digits.
    above = value > low if lower == "(" else value >= low - 1e-12
    below = value < high if upper == ")" else value <= high + 1e-12
    return above and below


def test_a_range_is_read_as_written():
    assert inside(1, "(0, 1]")
    assert not inside(0, "(0, 1]")
    assert inside(math.inf, "[0, ∞]")
    assert not inside(math.inf, "[1, ∞)")
    assert not inside(1.01, "[0, 1]")


def test_every_piece_of_code_named_exists():
    rooms = "campaign|linkage|maps|release|stats|studies|tables|traces"
    named = re.findall(rf"`((?:{rooms})\.[A-Za-z_.]+)`", DOC)
    assert len(named) > 80
    for dotted in set(named):
        assert pkgutil.resolve_name(f"privaudit.{dotted}") is not None, dotted
    for rung in re.findall(r"`Adversary\.([a-z_]+)`", DOC):
        assert callable(getattr(pa.Adversary, rung))


def test_every_public_function_that_measures_is_named():
    """Whatever returns a result is in the table."""
    makers = [
        name
        for space in (pa, pa.linkage, pa.maps, pa.tables, pa.traces)
        for name in space.__all__
        if callable(getattr(space, name))
        and not isinstance(getattr(space, name), type)
        and re.search("Measures|Exposure", str(signature(getattr(space, name)).return_annotation))
    ]
    assert {"audit", "measure", "unicity", "singling_out"} <= set(makers)
    missing = [name for name in makers if not re.search(rf"[`.]{name}[`(]", DOC)]
    assert not missing


@pytest.mark.heavy
@given(data=st.data())
def test_rows_of_a_table_are_named_and_in_their_range(data):
    n = data.draw(st.integers(2, 14))
    column = st.lists(st.sampled_from("abc"), min_size=n, max_size=n)
    people = pd.DataFrame({name: data.draw(column) for name in ("a", "b", "s", "home")})
    table = pa.read_table(people, roles=pa.Roles(key=["a", "b"], sensitive="s"))
    whole = pd.concat([people, people.head(1)])
    ranges = documented("A table")
    for known in ({"sampling_fraction": 0.5}, {"population": whole}):
        found = pa.measure(table, household="home", **known)
        found = found.to_frame().set_index("measure")["value"]
        assert set(found.index) == set(ranges)
        for name, value in found.items():
            assert inside(value, ranges[name]), name


def test_rows_of_traces_are_named_and_in_their_range():
    rng = np.random.default_rng(1)
    log = pd.DataFrame(
        {
            "who": np.repeat(np.arange(30), 12),
            "what": rng.integers(0, 25, 360),
            "when": pd.Timestamp("2016-03-01") + pd.to_timedelta(rng.integers(0, 200, 360), "D"),
        }
    )
    traces = pa.read_traces(log, person="who", item="what", time="when")
    results = [
        pa.unicity(traces, points=[1, 3]),
        pa.unicity(traces, points=3, population=3_000),
        pa.traces.known_points_risk(traces, points=2),
        pa.traces.home_work_risk(traces),
        pa.traces.neighbourhood_risk(traces),
        pa.traces.scoreboard(traces),
        pa.traces.match_periods(traces, at="2016-06-01"),
    ]
    ranges = documented("Traces")
    seen = set()
    for result in results:
        for name, value in result.to_frame()[["measure", "value"]].to_numpy():
            seen.add(name)
            assert inside(value, ranges[name]), name
    assert seen == set(ranges)


def test_rows_of_attacks_on_a_release_are_named():
    people = pd.DataFrame({"age": range(20, 60), "sex": list("FM") * 20})
    names = set(documented("A release against"))
    for found in (
        pa.tables.singling_out(people, people, people),
        pa.tables.linkability(people, people, people, left=["age"], right=["sex"]),
        pa.tables.inference(people, people, people, known=["age"], secret="sex"),
    ):
        assert set(found.to_frame()["measure"]) <= names


@pytest.fixture(scope="module")
def simulated(french_demo):
    """Every family of a small report: its measures, and the names of their parameters."""
    told = {}
    for row in json.loads((french_demo / "findings.json").read_text())["findings"]:
        told.setdefault(row["family"], {}).setdefault(row["measure"], set()).update(row["part"])
    return told


def test_rows_of_what_a_campaign_does_are_named_and_so_are_their_parameters(simulated):
    lines = [cells(line) for line in section("What a campaign").splitlines() if line[:2] == "| "]
    unseen = {"result", "changes", "utility", "belief", "displaced", "shared_points"}
    unseen |= {"rounds", "volunteer_homes"}
    taken = 0
    for result, what, rows, _ in lines:
        kinds = result.replace("-", "_").split(", ")
        families = [simulated[kind] for kind in kinds if kind not in unseen]
        for name in re.findall(r"`(\w+)`", rows) if families else ():
            assert any(name in family for family in families), (result, name)
            taken += 1
        for name in re.findall(r"`(\w+)`", what) if families else ():
            assert any(name in part for family in families for part in family.values()), name
    assert taken > 50
    steps = {name for name in ("step", "whole_climb") if f"`{name}`" in DOC}
    assert steps == set(simulated["steps"])


# ---- The flow.


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(pa.simulate(pa.Town(inhabitants=800), seed=7), seed=7)


@pytest.mark.heavy
def test_frames_have_the_columns_that_are_listed(campaign):
    world, leak = campaign.world, pa.publish(campaign, pa.DotMap(), seed=7)
    places = {"world": world, "campaign": campaign, "AddressBase": world.addresses}
    places["release"] = leak
    lines = section("Frames", FLOW).splitlines()
    taken = 0
    for names, said in (cells(line)[:2] for line in lines if line.startswith("| `")):
        if "quality" in names or names == "`release.records`":
            continue
        # What is said of a column stands in brackets, after a semicolon, or has several words.
        said = re.sub(r"\([^()]*\)", "", said.partition("; of a screenshot")[0])
        said = said.replace("then the share of each leaning among electors:", ",")
        listed = [one.strip() for one in re.split("[,;]", said)]
        for name in re.findall(r"`([\w.]+)`", names):
            owner, _, frame = name.partition(".")
            columns = list(getattr(places[owner], frame).columns)
            assert [one for one in listed if re.fullmatch("[a-z_]+", one)] == columns, name
            taken += 1
    assert taken == 18


def test_the_way_of_a_number_to_the_page_runs(tmp_path):
    block = re.search(r"```python\n(.*?)```", FLOW, re.DOTALL)[1]
    given = {"hits": np.r_[np.ones(30), np.zeros(70)], "others": np.zeros(100), "blind": 0.0}
    given |= {"address": np.arange(100), "Rows": Rows, "Measures": pa.Measures, "Note": Note}
    exec(compile(block, "flow.md", "exec"), given)
    page = pa.report(given["found"], tmp_path / "report")
    found = json.loads(page.with_name("findings.json").read_text(encoding="utf-8"))["findings"]
    assert [one["id"] for one in found] == ["copies.reidentified.copies_10"]
    assert "`copies.reidentified.copies_10`" in FLOW
    assert 'id="copies.reidentified.copies_10"' in page.with_name("annex.html").read_text(
        encoding="utf-8"
    )


# ---- France: sums written here, with a Poisson law and the calendar, apart from the library.


@pytest.fixture(scope="module")
def country():
    """Residents of each commune, département and of the ages, read by hand."""
    path = SHARED / "communes-population.csv.gz"
    if not path.is_file():
        pytest.skip("needs ../shared/data: the communes of France and their population")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["departement"] in DEPARTEMENTS]
    commune = np.array([int(row["population"]) for row in rows])
    where = np.array([row["departement"] for row in rows])
    pyramid = ROOT / "privaudit" / "io" / "data" / "pyramid-france.csv"
    lines = [line for line in pyramid.read_text("utf-8").splitlines() if not line.startswith("#")]
    ages = [(int(r["age"]), r["sex"], int(r["population"])) for r in csv.DictReader(lines)]
    return commune, where, ages


def shares_of_cells(ages, known, tilt=0.0, season=0.0):
    """Share of the population in each kind of cell, and how many cells are of that kind."""
    born = {}
    for age, sex, people in ages:
        key = (age, sex if "sex" in known else "")
        born[key] = born.get(key, 0) + people * math.exp(tilt * age)
    total = sum(born.values())
    out = []
    for (age, _), people in born.items():
        days = [calendar.monthrange(2023 - age, m)[1] for m in range(1, 13)]
        for month, length in enumerate(days):
            wave = 1 + season * math.sin(2 * math.pi * (month + 0.5) / 12)
            share = people / total * length / sum(days) * wave
            out.append((share / length, length) if "date of birth" in known else (share, 1))
        if "year of birth" in known:
            out[-12:] = [(people / total, 1)]
    return np.array(out).T


def few(people, shares, below, by_place=False):
    """Share of residents who share their cell with fewer than `below - 1` others."""
    size, back = np.unique(people[people > 0], return_inverse=True)
    cell, many = shares
    # Months of one year have days of the same share, up to the last digits: one kind.
    cell, code = np.unique(cell.round(18), return_inverse=True)
    weight = np.bincount(code, many) * cell
    share = poisson.cdf(below - 2, np.outer(size, cell)) @ weight
    return share[back] if by_place else float(share[back] @ people[people > 0] / people.sum())


@pytest.mark.heavy
def test_the_table_of_france(country):
    commune, where, ages = country
    departement = pd.Series(commune).groupby(where).sum().to_numpy()
    communes = pd.DataFrame(
        {"commune": range(len(commune)), "departement": where, "population": commune}
    )
    rows = [cells(line) for line in FRANCE.splitlines() if re.match(r"\| (commune|dép)", line)]
    assert len(rows) == 6
    for known, *printed in rows:
        place, _, rest = known.partition(", ")
        people = commune if place == "commune" else departement
        shares = shares_of_cells(ages, rest)
        by = [BY[word] for word in known.split(", ")]
        library = pa.tables.population_uniqueness(communes, by=by).overall["value"]
        # Binomial and Poisson are within p of each other (Barbour and Hall 1984), and n people
        # instead of n - 1 make one p more.
        apart = 2 * shares[0].max()
        for below, number, value in zip((2, 5, 11), printed, library, strict=True):
            share = few(people, shares, below)
            assert f"{share:.2f}" == number, (known, below)
            assert value == pytest.approx(share, abs=apart), (known, below)


def test_the_sentences_on_france(country):
    commune, where, ages = country
    assert f"{len(commune):,} communes and {commune.sum():,} residents" in FRANCE
    assert set(where) == DEPARTEMENTS
    assert f"{sum(people for _, _, people in ages):,} people" in FRANCE
    shares = shares_of_cells(ages, "sex, date of birth")
    alone = pd.Series(few(commune, shares, 2, by_place=True) * commune[commune > 0])
    by = alone.groupby(where[commune > 0]).sum() / pd.Series(commune).groupby(where).sum()
    assert f"{by.min():.1%} of residents ({by.idxmin()}" in FRANCE.replace(" %", "%")
    assert f"to {by.max():.0%} ({by.idxmax()})" in FRANCE.replace(" %", "%")


@pytest.mark.heavy
def test_what_the_model_s_assumptions_are_worth(country):
    commune, _, ages = country
    known = "sex, date of birth"
    mean = {}
    for tilt in (-0.02, 0.02):
        weights = [people * math.exp(tilt * age) for age, _, people in ages]
        age = np.average([age for age, _, _ in ages], weights=weights)
        mean[tilt] = (round(float(age)), few(commune, shares_of_cells(ages, known, tilt), 2))
    young, old = mean[-0.02], mean[0.02]
    text = " ".join(FRANCE.split())
    assert f"is {young[0]} instead of 42 the first figure is {young[1]:.2f}" in text
    assert f"with {old[0]} it is {old[1]:.2f}" in text
    even, uneven = (few(commune, shares_of_cells(ages, known, season=s), 2) for s in (0, 0.08))
    assert 0 < even - uneven < 0.001


def test_no_interval_is_printed_for_france(country):
    commune, _, _ = country
    communes = pd.DataFrame({"commune": range(len(commune)), "population": commune})
    row = pa.tables.population_uniqueness(communes).row("unique")
    assert math.isnan(row.low)
    assert math.isnan(row.high)
    assert row.bound == "upper"
    assert "No interval is printed" in FRANCE


# ---- The map of the second notebook.


def test_the_map_has_one_square_a_departement():
    book = json.loads((ROOT / "notebooks" / "02_who_is_alone_in_france.ipynb").read_text("utf-8"))
    source = "".join("".join(cell["source"]) for cell in book["cells"])
    grid = source.split('GRID = """\n')[1].split('"""')[0]
    squares = [code for code in grid.split() if code != ".."]
    assert len(squares) == len(set(squares)) == 101
    assert set(squares) == DEPARTEMENTS
