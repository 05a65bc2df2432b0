"""Invariants of every simulated town."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privaudit.geo.address_base import AddressBase
from privaudit.simulation.simulate import PARTS, simulate
from privaudit.simulation.town import Town
from privaudit.simulation.world import AGE_BANDS, INTERESTS, LEANINGS, PROFESSIONS

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FLOW = Path(__file__).parents[2] / "docs" / "flow.md"
FRAMES = (
    "stations", "households", "people", "accounts", "pages", "interactions", "directory", "roll",
    "directory_truth", "roll_truth",
)  # fmt: skip
IDS = {
    "households": "household",
    "people": "person",
    "accounts": "account",
    "pages": "page",
    "directory": "entry",
    "roll": "entry",
    "directory_truth": "entry",
    "roll_truth": "entry",
}
KEYS = {
    ("people", "household"): "households",
    ("people", "address"): "addresses",
    ("households", "address"): "addresses",
    ("accounts", "person"): "people",
    ("interactions", "account"): "accounts",
    ("interactions", "page"): "pages",
    ("directory", "address"): "addresses",
    ("roll", "address"): "addresses",
    ("directory_truth", "household"): "households",
    ("roll_truth", "household"): "households",
}

# Few towns, so that the laws share them.
inhabitants = st.sampled_from([200, 333, 600, 1_200])
seeds = st.integers(0, 2)


@lru_cache(maxsize=64)
def world(people, seed):
    return simulate(Town(inhabitants=people), seed=seed)


def columns_of_flow(name):
    """Read the contract: the words of a row of the table of frames, brackets left out."""
    wanted = f"`world.{name}`"
    row = next(line for line in FLOW.read_text("utf-8").splitlines() if wanted in line)
    text = row.split("|")[2].replace("then the share of each leaning among electors:", "")
    depth, plain = 0, ""
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        plain += sign if depth == 0 and sign != ")" else ""
    return [word.strip() for word in plain.split(",")]


@pytest.mark.heavy
@given(inhabitants, seeds)
def test_every_frame_has_exactly_the_columns_of_the_contract(people, seed):
    town = world(people, seed)
    for name in FRAMES:
        assert list(getattr(town, name).columns) == columns_of_flow(name), name
    assert list(town.addresses.frame.columns[:7]) == [
        "id", "number", "street", "commune", "station", "x", "y",
    ]  # fmt: skip
    assert town.addresses.counts == ("households", "electors", "residents")


@pytest.mark.heavy
@given(inhabitants, seeds)
def test_ids_are_row_positions_and_keys_point_into_their_frame(people, seed):
    town = world(people, seed)
    for name, column in IDS.items():
        frame = getattr(town, name)
        assert frame[column].dtype == np.int64
        assert (frame[column].to_numpy() == np.arange(len(frame))).all(), name
    for (name, column), target in KEYS.items():
        values = getattr(town, name)[column]
        assert values.dtype == np.int64, (name, column)
        assert values.between(0, len(getattr(town, target)) - 1).all(), (name, column)
    for name in FRAMES:
        assert not getattr(town, name).isna().to_numpy().any(), name


@pytest.mark.heavy
@given(inhabitants, seeds)
def test_types_and_values_are_those_of_the_contract(people, seed):
    town = world(people, seed)
    p = town.people
    assert set(p["leaning"]) <= set(LEANINGS)
    assert set(p["profession"]) <= set(PROFESSIONS)
    assert set(p["interest"]) <= set(INTERESTS)
    assert set(p["age_band"]) <= set(AGE_BANDS)
    assert set(p["sex"]) <= {"F", "M"}
    assert set(town.zone) <= {"centre", "houses", "hamlet"}
    assert len(town.zone) == len(town.addresses)
    for frame, column in (
        ("people", "birth_date"),
        ("roll", "birth_date"),
        ("interactions", "time"),
    ):
        assert getattr(town, frame)[column].dtype == "datetime64[s]"
    for frame, column in (("people", "last_name"), ("accounts", "email"), ("interactions", "kind")):
        assert getattr(town, frame)[column].dtype == "str"
    time = town.interactions["time"]
    assert time.min() >= pd.Timestamp("2016-03-01")
    assert time.max() < pd.Timestamp("2016-09-15")


@pytest.mark.heavy
@given(inhabitants, seeds)
def test_homonyms_are_counted_by_hand(people, seed):
    """The quality table's shares against a count, adult by adult."""
    town = world(people, seed)
    adults = town.people[town.people["age"] >= 18]
    measured = list(
        zip(adults["household"], adults["last_name"], adults["first_name"], strict=True)
    )
    homes, full = {}, {}
    for home, last, first in measured:
        homes.setdefault(last, set()).add(home)
        full[last, first] = full.get((last, first), 0) + 1
    last = sum(len(homes[last]) > 1 for _, last, _ in measured) / len(measured)
    both = sum(full[last, first] > 1 for _, last, first in measured) / len(measured)
    assert town.quality.value("same_last_name") == pytest.approx(last)
    assert town.quality.value("same_full_name") == pytest.approx(both)


@given(inhabitants, seeds)
def test_people_live_at_the_address_of_their_household(people, seed):
    town = world(people, seed)
    p, h = town.people, town.households
    assert (h["address"].to_numpy()[p["household"]] == p["address"]).all()
    assert (np.bincount(p["household"], minlength=len(h)) == h["size"]).all()
    assert len(p) == pytest.approx(people, rel=0.01)
    a = town.addresses.frame
    assert (np.bincount(p["address"], minlength=len(a)) == a["residents"]).all()
    assert (np.bincount(h["address"], minlength=len(a)) == a["households"]).all()
    assert (np.bincount(p["address"], p["elector"], len(a)) == a["electors"]).all()
    assert (a["station"].to_numpy()[p["address"]] == p["station"]).all()
    assert town.stations["electors"].sum() == p["elector"].sum()


@given(inhabitants, seeds)
def test_families_are_plausible(people, seed):
    town = world(people, seed)
    p = town.people.assign(kind=town.households["kind"].to_numpy()[town.people["household"]])
    for _, home in p[p["kind"].isin(["family", "single_parent"])].groupby("household"):
        adults = 2 if home["kind"].iloc[0] == "family" else 1
        parents, children = home["age"].iloc[:adults], home["age"].iloc[adults:]
        assert len(children)
        assert parents.min() >= 18
        assert parents.max() - children.max() >= 16
    alone = p[p["kind"].isin(["single", "couple", "shared"])]
    assert alone["age"].min() >= 18
    assert p["age"].max() <= 100
    # Minors are people, and neither electors nor anybody's supporters.
    minors = p[p["age"] < 18]
    assert not minors["elector"].any()
    assert (minors["leaning"] == "none").all()
    married = p[p["last_name"] != p["birth_name"]]
    assert (married["sex"] == "F").all()
    assert (married["age"] >= 18).all()


@given(inhabitants, seeds)
def test_only_people_of_13_or_more_have_accounts_and_two_at_most(people, seed):
    town = world(people, seed)
    owner = town.accounts["person"]
    assert owner.value_counts().max() <= 2
    assert town.people["age"].to_numpy()[owner].min() >= 13
    assert set(owner) == set(np.flatnonzero(town.people["has_account"]))


@given(inhabitants, seeds)
def test_the_truth_about_registers_agrees_with_them(people, seed):
    town = world(people, seed)
    p, h = town.people, town.households
    for register, truth in (
        (town.directory, town.directory_truth),
        (town.roll, town.roll_truth),
    ):
        # The household of an entry lives in the dwelling that the entry points at.
        assert (h["address"].to_numpy()[truth["household"]] == register["address"]).all()
        known = truth["person"] >= 0
        assert truth["stale"][~known].all()
        named = p.iloc[truth["person"][known]]
        for column in ("last_name", "first_name"):
            assert (named[column].to_numpy() == register.loc[known, column].to_numpy()).all()
        lives_there = named["household"].to_numpy() == truth.loc[known, "household"].to_numpy()
        assert (lives_there == ~truth.loc[known, "stale"].to_numpy()).all()
    # One line a home at most; every elector once on the roll, and only electors.
    assert town.directory_truth["household"].is_unique
    listed = town.roll_truth["person"][town.roll_truth["person"] >= 0]
    assert listed.is_unique
    assert set(listed) == set(np.flatnonzero(p["elector"]))
    station = town.addresses.frame["station"].to_numpy()
    assert (station[town.roll["address"]] == town.roll["station"]).all()


@pytest.mark.heavy
@settings(max_examples=3)
@given(st.integers(200, 500), st.integers(0, 10_000))
def test_a_seed_makes_one_world(people, seed):
    town = Town(inhabitants=people)
    first, again, other = (simulate(town, seed=s) for s in (seed, seed, seed + 1))
    pd.testing.assert_frame_equal(first.quality.overall, again.quality.overall)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))
    pd.testing.assert_frame_equal(first.addresses.frame, again.addresses.frame)
    assert (first.zone == again.zone).all()
    assert first.recipe == again.recipe
    for name in ("households", "people", "accounts", "interactions", "directory", "roll"):
        assert not getattr(first, name).equals(getattr(other, name)), name


def test_one_more_page_does_not_change_people():
    """Parts draw from streams of their own."""
    first = simulate(Town(inhabitants=400), seed=3)
    other = simulate(Town(inhabitants=400, pages=3_000), seed=3)
    for name in ("people", "accounts", "directory", "roll"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(other, name))


def test_the_order_of_registers_and_accounts_is_random():
    town = world(1_200, 5)
    for truth in (town.directory_truth, town.roll_truth, town.accounts):
        known = truth[truth["person"] >= 0]
        rank = np.corrcoef(np.arange(len(known)), known["person"])[0, 1]
        # Under no order at all the correlation has a spread of 1 / sqrt(n).
        assert abs(rank) < 4 / np.sqrt(len(known))


def test_every_part_is_announced():
    visible = []
    simulate(Town(inhabitants=200), seed=1, tick=visible.append)
    assert visible == list(PARTS)


@pytest.fixture(scope="module")
def joinville():
    if not (SHARED / "joinville-households-200m.csv").exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne and its cells")
    from privaudit.io.public_counts import read_cells

    raw = pd.read_csv(SHARED / "val-de-marne-addresses.csv.gz", dtype=str)
    raw = raw[raw["code_insee"] == "94042"].reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "id": np.arange(len(raw)),
            "number": raw["numero"],
            "street": raw["nom_voie"],
            "commune": raw["code_insee"],
            "station": raw["bureau_de_vote"].fillna(""),
            "x": raw["x"].astype(float),
            "y": raw["y"].astype(float),
        }
    )
    base = AddressBase(frame, crs="EPSG:2154", source="address file", real=True)
    return base, read_cells(SHARED / "joinville-households-200m.csv")


@pytest.fixture(scope="module")
def real_town(joinville):
    base, cells = joinville
    before = base.frame.copy(), cells.copy()
    town = Town.from_addresses(base, cells=cells, pages=100, mean_likes=4, median_likes=2)
    made = simulate(town, seed=7)
    pd.testing.assert_frame_equal(base.frame, before[0])
    pd.testing.assert_frame_equal(cells, before[1])
    return made


def test_real_addresses_keep_the_counts_of_cells(joinville, real_town):
    """Totals and cells within 5 %, cells without an address counted with the nearest one."""
    base, cells = joinville
    from pyproj import Transformer
    from scipy.spatial import cKDTree

    # Assigned here without the library's own reader of cells.
    to_grid = Transformer.from_crs("EPSG:2154", "EPSG:3035", always_xy=True)
    corner = np.floor(np.column_stack(to_grid.transform(*base.xy.T)) / 200).astype(int) * 200
    row = {(x, y): i for i, (x, y) in enumerate(zip(cells["x_laea"], cells["y_laea"], strict=True))}
    home = np.array([row[tuple(c)] for c in corner.tolist()])
    back = Transformer.from_crs("EPSG:3035", "EPSG:2154", always_xy=True)
    centre = np.column_stack(back.transform(cells["x_laea"] + 100, cells["y_laea"] + 100))
    taker = np.where(
        np.isin(np.arange(len(cells)), home),
        np.arange(len(cells)),
        home[cKDTree(base.xy).query(centre)[1]],
    )
    where = home[real_town.households["address"]]
    size = real_town.households["size"].to_numpy()
    for name, weight in (
        ("households", np.ones(len(where))),
        ("residents", size),
        ("one_person", size == 1),
        ("five_plus", size >= 5),
    ):
        wanted = np.bincount(taker, cells[name], len(cells))
        result = np.bincount(where, weight, len(cells))
        assert result.sum() == pytest.approx(wanted.sum(), rel=0.05), name
        assert np.abs(result - wanted).sum() / wanted.sum() < 0.05, name


def test_real_places_keep_their_addresses_and_stations(joinville, real_town):
    base, _ = joinville
    pd.testing.assert_frame_equal(
        real_town.addresses.frame.drop(columns=["households", "electors", "residents"]), base.frame
    )
    assert real_town.addresses.real
    assert real_town.addresses.crs == "EPSG:2154"
    assert set(real_town.zone) == {"centre", "houses", "hamlet"}


def test_threads_do_not_change_the_result():
    town = Town(inhabitants=4_600, pages=2_000, mean_likes=12, median_likes=6)
    first, two = (simulate(town, seed=2, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert len(first.accounts) > 2_048  # more than one part
    pd.testing.assert_frame_equal(first.interactions, two.interactions)
    order = first.interactions.sort_values(["account", "time"], kind="stable")
    pd.testing.assert_frame_equal(first.interactions, order)
