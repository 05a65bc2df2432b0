"""A leak that nobody moved is read as such, with its evidence, and never as beyond all doubt."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fixtures.crooked_streets import crooked_streets

from privaudit.errors import ParameterError
from privaudit.maps.masks.mask import parse_mask
from privaudit.report.answers import answer_of
from privaudit.report.sentences import ResultLookup
from privaudit.studies.audit_map import SeizedMap, audit_map
from privaudit.words.catalogues import Words


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """900 addresses on crooked streets, 120 of them with a dot, moved in several ways."""
    folder = tmp_path_factory.mktemp("town")
    rng = np.random.default_rng(4)
    places = crooked_streets(folder / "addresses.csv", rng)
    marked = places[rng.choice(900, 120, replace=False)]
    for name, spec in (("exact", "none"), ("near", "gaussian:4"), ("donut", "donut:50:200")):
        moved = parse_mask(spec)(marked, rng=rng)
        pd.DataFrame(moved, columns=["x", "y"]).to_csv(folder / f"{name}.csv", index=False)
    pd.DataFrame(marked[:2], columns=["x", "y"]).to_csv(folder / "two.csv", index=False)
    pd.DataFrame(marked[:11], columns=["x", "y"]).to_csv(folder / "eleven.csv", index=False)
    astray = marked[:11] + np.eye(11, 2) * 15.0  # one is beyond 5 m, and one more
    pd.DataFrame(astray, columns=["x", "y"]).to_csv(folder / "astray.csv", index=False)
    return folder


def study_of(town, name, **options):
    seized = SeizedMap(
        leaks=[town / f"{name}.csv"], addresses=town / "addresses.csv", crs="EPSG:2154", **options
    )
    return audit_map(seized)[0]


def test_an_exact_leak_is_reliable_where_a_swap_is_excluded(town):
    study = study_of(town, "exact", swapped=False)
    assert "--not-swapped" in study.command
    assert [(e.view, e.attack, e.reliable) for e in study.exposures] == [
        ("none", "nearest", True), ("none", "knows_mask", True),
    ]  # fmt: skip
    reading = study.measures["reading"]
    assert reading.value("on_address") == 1.0
    # Points spread evenly: a disc of 5 m at each of 900 addresses, over 660 m by 1,650 m or so.
    assert reading.row("on_address").baseline == pytest.approx(900 * np.pi * 25 / 1.09e6, abs=0.03)
    assert reading.value("next_mask_behind") > 10
    assert reading.value("reidentified", believed="in_place") == 1.0
    # Whoever swaps dots among addresses leaves the same picture.
    assert reading.value("reidentified", believed="swapped") < 0.1
    assert "exact_unless_swapped" in [note.key for note in study.notes]


@pytest.mark.heavy
def test_without_that_knowledge_both_are_said(town):
    study = study_of(town, "exact")
    assert not any(e.reliable for e in study.exposures)
    informed = study.exposures[-1]
    assert informed.attack == "unknown_mask"
    (doubt,) = [note for note in informed.notes if note.key == "exact_or_swapped"]
    assert doubt.values["in_place"] > 0.99
    assert doubt.values["swapped"] < 0.1
    # As probably the one as the other: half is claimed.
    assert informed.per_person["confidence_address"].mean() == pytest.approx(0.5, abs=0.03)
    assert study.measures["reading"].value("reidentified", believed="swapped") < 0.1


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.parametrize("name", ["near", "donut", "two", "astray"])
def test_dots_off_addresses_or_too_few_are_not_taken_for_exact(town, name):
    study = study_of(town, name)
    assert "reading" not in study.measures
    assert {e.view for e in study.exposures} == {"unknown"}
    assert not any(e.reliable for e in study.exposures)


@pytest.mark.heavy
def test_eleven_dots_on_addresses_are_read_as_a_hundred_and_twenty_are(town):
    # By chance one of them is there in twelve (the disc of 5 m, above); that all are, 1 in 1e12.
    found = study_of(town, "eleven").measures["reading"]
    assert found.row("on_address").n == 11
    assert found.value("on_address") == found.value("reidentified", believed="in_place") == 1.0


@pytest.mark.parametrize("options", [{"mask": "donut:50:200"}, {"adversary": "unknown_mask"}])
def test_what_is_said_of_the_mask_is_not_overruled(town, options):
    assert "reading" not in study_of(town, "exact", **options).measures


@pytest.mark.heavy
def test_copies_are_linked_by_any_column_and_what_is_not_is_said(town):
    # Moved afresh in each copy: nothing but the column says which dot is which.
    addresses = pd.read_csv(town / "addresses.csv")
    homes = addresses[["x", "y"]].to_numpy()[::10]
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        moved = parse_mask("gaussian:60")(homes, rng=rng)
        copy = pd.DataFrame(moved, columns=["x", "y"]).assign(id=[f"d{i}" for i in range(90)])
        copy = copy.sample(frac=1, random_state=seed)
        copy.iloc[: 80 if seed == 1 else 90].to_csv(town / f"copy{seed}.csv", index=False)
    seized = SeizedMap(
        leaks=[town / "copy2.csv", town / "copy1.csv"], addresses=town / "addresses.csv",
        crs="EPSG:2154", mask="gaussian:60", adversary="holds_versions",
    )  # fmt: skip

    def keys(study):
        return {note.key for note in study.measures["changes"].notes}

    # Without it, the column is named, at the top of the page; with it, ten dots are gone.
    plain = audit_map(seized)[0]
    assert "column_may_be_id" in keys(plain)
    study = audit_map(replace(seized, link="id"))[0]
    assert study.measures["changes"].reliable
    (lost,) = [n for n in study.measures["changes"].notes if n.key == "links_to_none"]
    assert lost.values == {"records": 10, "of": 90}
    assert "--link id" in study.command
    answer = answer_of(study, Words("en"), ResultLookup(study), [])
    assert "10 are linked to no dot of the last one" in answer.leads[0]
    with pytest.raises(ParameterError, match="two copies of a map for --link"):
        study_of(town, "exact", link="id")


@pytest.mark.heavy
@pytest.mark.parametrize("fresh", [True, False])
def test_dots_on_addresses_that_move_between_copies_were_not_left_in_place(town, fresh):
    """A swap of each copy ends on addresses too: the other copy tells that it was no home."""
    addresses = pd.read_csv(town / "addresses.csv")
    places = addresses[["x", "y"]].to_numpy()
    rng = np.random.default_rng(6)
    stand = rng.choice(900, 100, replace=False)
    for at in (1, 2):
        shown = places[np.minimum(stand + rng.integers(0, 4, 100), 899) if fresh else stand]
        copy = pd.DataFrame(shown, columns=["x", "y"]).assign(id=[f"d{i}" for i in range(100)])
        copy.to_csv(town / f"swap{at}.csv", index=False)
    seized = SeizedMap(
        leaks=[town / "swap1.csv", town / "swap2.csv"], addresses=town / "addresses.csv",
        crs="EPSG:2154", link="id",
    )  # fmt: skip
    study = audit_map(seized)[0]
    assert ("reading" in study.measures) == (not fresh)
    headline = re.sub(
        "<[^>]+>", "", answer_of(study, Words("en"), ResultLookup(study), []).headline
    )
    assert ("100 of the 100 people" in headline.replace("\u00a0", " ")) == (not fresh)
