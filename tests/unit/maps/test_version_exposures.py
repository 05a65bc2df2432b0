"""Versions, moments, areas and absences scored on the two hand-counted streets.

Dots 0 to 4 stand for people 0, 4, 6, 9, 10 and mark addresses 0, 3, 4, 1, 2 (homes 0, 6, 7, 3,
5). Three appear on 25 August, dot 3 on the 31st and Éric's (4) on 10 September.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.publish import publish
from privaudit.campaign.views.area_and_heat_maps import AreaMap
from privaudit.campaign.views.dot_map import DotMapVersions
from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.scoring.versions import (
    copy_changes,
    difference_exposure,
    public_likes,
    timing_exposure,
)
from privaudit.maps.version_links import Linked, difference, likely_accounts, link_versions
from privaudit.release.release import DotRelease, TableRelease
from privaudit.stats.intervals import wilson
from privaudit.studies.audit import audit_versions
from privaudit.studies.audit_access import audit_averages
from privaudit.studies.audit_views import audit_absence, audit_area_maps
from privaudit.words.catalogues import Note

AT = ("2016-08-26", "2016-09-01", "2016-09-10T12:00")


@pytest.fixture
def played(campaign):
    """The campaign with places, two visits and what was said at them."""
    visited = ["2016-08-30", "2016-09-10", "NaT", "NaT", "NaT"]
    dots = campaign.dots.assign(
        x=[0.0, 1040.0, 1100.0, 30.0, 1000.0],
        y=0.0,
        visited_at=np.array(visited, "datetime64[s]"),
        status=["visited", "visited", "to_meet", "to_meet", "to_meet"],
    )
    log = pd.DataFrame(
        {
            "contact": range(4),
            "dot": [0, 1, 2, 3],
            "status": ["refused", "answered", "no_answer", "answered"],
            "opened_by": ["spouse", "stranger", "nobody", "target"],
        }
    )
    profiles = campaign.profiles.assign(
        **dict.fromkeys(("first_name", "last_name", "age_band", "sex"), "")
    )
    times = ["2016-08-20", "2016-08-21", "2016-08-22", "2016-08-31", "2016-09-09", "2016-09-10"]
    world = replace(
        campaign.world,
        pages=campaign.world.pages.assign(side=["right", "left", "right"]),
        interactions=campaign.world.interactions.assign(
            time=np.array([*times, "2016-08-20", "2016-08-20"], "datetime64[s]")
        ),
    )
    return replace(campaign, world=world, dots=dots, contact_log=log, profiles=profiles)


def value(found, *names, **part):
    if not part:
        return found.overall.loc[list(names), "value"].tolist()
    return [found.value(name, **part) for name in names]


def test_differences_by_hand(played):
    versions = publish(played, DotMapVersions(at=AT))
    leaked = [version.as_leaked() for version in versions]
    linked = link_versions(leaked)
    subtracted = difference(leaked, AT, linked)
    found = difference_exposure(played, versions[-1], subtracted, linked)
    assert set(found.overall["counts"]) == {"dots"}
    # Of five dots, 3 and 4 appeared between two copies (six and nine days apart); both grey
    # ones turned grey between two.
    assert value(found, "appeared_between", "appeared_within_a_day") == [0.4, 0.0]
    assert value(found, "visited_between", "visited_within_a_day") == [1.0, 0.0]
    # Behind the two grey dots one refused, both opened; of the four visits one refused and
    # three opened.
    assert value(found, "opened_when_visited", "refusal_by_elimination") == [1.0, 0.5]
    assert found.overall.loc["opened_when_visited", "baseline"] == 0.75
    assert found.overall.loc["refusal_by_elimination", "baseline"] == 0.25
    # Two of the five are grey.
    assert value(found, "not_visited") == [0.6]
    assert found.overall["n"].tolist() == [5, 5, 2, 2, 5, 2, 2]
    assert found.overall.loc["appeared_between", "low"] == pytest.approx(wilson(0.4, 5)[0])
    assert found.provenance == "simulated"
    with pytest.raises(ParameterError, match="sealed sources"):
        difference_exposure(played, leaked[-1], subtracted, linked)
    with pytest.raises(ParameterError, match="sealed sources"):
        difference_exposure(played, versions[-1], subtracted.iloc[:2], linked)


def test_public_likes_are_those_of_the_candidate_alone(played):
    # Accounts 0, 2, 3, 4, 5 like the candidate of the right; 5 and 6 a page, 7 the left's.
    assert public_likes(played)["account"].tolist() == [0, 2, 3, 4, 5]
    early = replace(played, plan=replace(played.plan, as_of=np.datetime64("2016-09-05", "s")))
    assert public_likes(early)["account"].tolist() == [0, 2, 3, 4]


@pytest.mark.parametrize(("seconds", "counted"), [(-1, 4), (0, 5), (1, 5)])
def test_a_like_at_the_moment_of_the_map_counts(played, seconds, counted):
    """Account 5 liked last."""
    last = np.datetime64(public_likes(played)["time"].max(), "s")
    at = replace(played.plan, as_of=last + np.timedelta64(seconds, "s"))
    assert len(public_likes(replace(played, plan=at))) == counted


def timed(played):
    versions = publish(played, DotMapVersions(at=AT))
    leaked = [version.as_leaked() for version in versions]
    appeared = difference(leaked, AT, link_versions(leaked))
    likes = pd.concat(
        [
            public_likes(played),
            # Account 7 liked as well, with dot 3, and has no dot.
            pd.DataFrame({"account": [7], "time": np.array(["2016-08-29"], "datetime64[s]")}),
        ]
    )
    return versions[-1], appeared, likes


def test_timing_by_hand(played):
    last, appeared, likes = timed(played)
    likely = likely_accounts(appeared, likes, rng=np.random.default_rng(0))
    guesses = guess(last.as_leaked(), Adversary.nearest(), rng=np.random.default_rng(0))
    world = played.world
    addresses = world.people["address"].to_numpy()[world.accounts["person"].to_numpy()]
    found = timing_exposure(
        likely, last, likes, appeared=appeared, guesses=guesses, addresses=addresses
    )
    # Dots 0, 1, 2 may each be of accounts 0, 2, 3; dot 3 of 4 or 7; dot 4 of 5 alone.
    assert value(found, "account_named")[0] == pytest.approx((3 / 3 + 1 / 2 + 1) / 5)
    assert value(found, "account_named_new") == [0.75]
    assert value(found, "account_certain") == [0.2]
    # At their own address: dots 0, 3 and 4.
    assert value(found, "account_and_address")[0] == pytest.approx((1 / 3 + 1 / 2 + 1) / 5)
    assert value(found, "accused_without_dot", "candidates") == [0.5, 3.0]
    assert found.overall.loc["account_named", "baseline"] == pytest.approx(1 / 6)
    assert found.overall["n"].tolist() == [5, 2, 5, 5, 1, 5]
    assert found.overall["counts"].tolist() == ["dots"] * 4 + ["accounts", "dots"]
    assert found.overall["gain"].tolist() == ["person"] * 3 + ["address", "person", ""]
    # Account 7 has no dot, and is given half of dot 3, none of the others.
    assert found.row("account_named").control == pytest.approx(0.5 / 5)
    assert found.row("account_named_new").control == pytest.approx(0.5 / 2)
    assert found.row("account_named").residual == pytest.approx((0.5 - 0.1) / 0.9)
    # No dot is of account 7 alone, and it lives at none of the addresses guessed.
    assert found.row("account_certain").control == 0
    assert found.row("account_and_address").control == 0


def asked_in_turn(found, absent, homes, guessed, account):
    """Ask at each dot for its own account, and for each absent one: hits, certain, at home."""
    asked = []
    for dot in range(len(account)):
        given = slice(*found.posterior.indptr[dot : dot + 2])
        chance = dict(
            zip(found.posterior.candidate[given], found.posterior.probability[given], strict=True)
        )
        alone = set(chance) if len(chance) == 1 else set()
        for one in [account[dot], *absent]:
            at_home = homes[one] == guessed[dot]
            p = chance.get(one, 0.0)
            asked.append((one == account[dot], p, one in alone, p * at_home))
    return pd.DataFrame(asked, columns=["own", "named", "certain", "at_home"])


@pytest.mark.parametrize("with_absent", [True, False])
def test_timing_and_its_controls_by_brute_force(with_absent):
    rng = np.random.default_rng(11)
    step, dots, everybody = np.timedelta64(6 * 3600, "s"), 40, 70
    start = np.datetime64("2016-08-01", "s")
    liked = start + rng.integers(0, 120, everybody) * step
    homes = rng.integers(0, 12, everybody)
    account = rng.permutation(everybody)[:dots]
    likers = np.arange(everybody) if with_absent else np.sort(account)
    likes = pd.DataFrame({"account": likers, "time": liked[likers]})
    # Some dots came long after their like, and seem to come from somebody else's.
    by = np.where(rng.random(dots) < 0.3, liked[rng.integers(0, everybody, dots)], liked[account])
    appeared = pd.DataFrame({"appeared_after": by - step, "appeared_by": by})
    found = likely_accounts(appeared, likes, rng=rng)
    release = TableRelease(
        records=pd.DataFrame({"seen": np.ones(dots)}),
        roles=Roles(),
        sources=pd.DataFrame({"account": account, "person": account}),
    )
    guessed = np.where(rng.random(dots) < 0.6, homes[account], rng.integers(0, 12, dots))
    rows = timing_exposure(
        found, release, likes, appeared=appeared,
        guesses=SimpleNamespace(address=guessed), addresses=homes,
    )  # fmt: skip
    absent = np.setdiff1d(likers, account)
    asked = asked_in_turn(found, absent, homes, guessed, account)
    names = {
        "account_named": "named", "account_certain": "certain", "account_and_address": "at_home",
    }  # fmt: skip
    for measure, column in names.items():
        row = rows.row(measure)
        assert 0 < row.value == pytest.approx(asked.loc[asked["own"], column].mean())
        if not with_absent:
            assert np.isnan(row.control)
            assert np.isnan(row.residual)
            continue
        control = asked.loc[~asked["own"], column].mean()
        assert 0 < row.control == pytest.approx(control)
        assert row.residual == pytest.approx((row.value - control) / (1 - control))


def test_timing_needs_what_belongs_together(played):
    last, appeared, likes = timed(played)
    likely = likely_accounts(appeared, likes, rng=np.random.default_rng(0))
    with pytest.raises(ParameterError, match="one row a record"):
        timing_exposure(likely, last, likes, appeared=appeared.iloc[:2])
    with pytest.raises(ParameterError, match="sealed sources"):
        timing_exposure(likely, last.as_leaked(), likes, appeared=appeared)


def test_averaging_by_hand(played):
    mask = Gaussian(sigma=30)
    found = audit_averages(played, mask, copies=(1, 4))
    versions = publish(
        played,
        DotMapVersions(
            at=[played.plan.as_of + i * np.timedelta64(1, "m") for i in range(4)], mask=mask
        ),
    )
    home = {0: 0.0, 2: 1040.0, 3: 1100.0, 4: 30.0, 5: 1000.0}  # of each account
    by_dot = {account: [] for account in home}
    for version in versions:
        for row, account in zip(
            version.records.itertuples(), version.sources["account"], strict=True
        ):
            by_dot[account].append((row.x - home[account], row.y))
    single = np.mean([np.hypot(*moves[0]) for moves in by_dot.values()])
    four = np.mean([np.hypot(*np.mean(moves, axis=0)) for moves in by_dot.values()])
    errors = [found.row("error", copies=n) for n in (1, 4)]
    assert [row.value for row in errors] == pytest.approx([single, four])
    assert [row.baseline for row in errors] == pytest.approx([single, single])
    assert [(row.n, row.counts, row.unit) for row in errors] == [(5, "dots", "metres")] * 2
    assert errors[1].part == {"copies": 4, "noise": "fresh", "mask": str(mask)}
    assert (found.overall["low"] <= found.overall["value"]).all()
    assert (found.overall["value"] <= found.overall["high"]).all()


def test_persistent_noise_keeps_its_error(played):
    found = audit_averages(played, Gaussian(sigma=30), copies=(1, 9), noise="persistent")
    assert value(found, "error", copies=1) == pytest.approx(value(found, "error", copies=9))


def test_links_far_apart_are_right_and_close_ones_are_not(played):
    apart = audit_averages(played, Gaussian(sigma=0.5), copies=(3,), link="assignment")
    assert value(apart, "linked") == [1.0]
    row = apart.row("linked", copies=3)
    # Two copies of five dots are linked to the last one.
    assert (row.baseline, row.n, row.counts) == (0.2, 10, "pairs")
    weighed = audit_averages(played, Gaussian(sigma=0.5), copies=(3,), link="weighed")
    assert weighed.value("linked") == 1
    certain = audit_averages(played, Gaussian(sigma=0.5), copies=(3,), link="certain")
    assert [row.value for row in certain.rows] == [row.value for row in apart.rows]
    none = audit_averages(played, Gaussian(sigma=2000), copies=(3,), link="certain")
    assert none.row("linked").n == 0
    assert np.isnan(none.value("linked"))
    blurred = audit_averages(played, Gaussian(sigma=2000), copies=(9,), link="assignment")
    assert blurred.value("linked") < 0.6
    shown = audit_averages(played, Gaussian(sigma=0.5), copies=(3,), link="id")
    assert "linked" not in shown.overall.index


def test_areas_by_hand(played):
    # Stations S1 (homes 0-4, addresses 0 and 1) and S2 (homes 5-7): 2 and 3 dots.
    found = audit_area_maps(played, [AreaMap(by="station")])
    in_one, in_two = 1 - 0.8**2, 1 - (2 / 3) ** 3
    # Marked: homes 0 and 3 of S1, all of S2; not marked: homes 1, 2, 4.
    assert value(found, "given_to_marked")[0] == pytest.approx((2 * in_one + 3 * in_two) / 5)
    assert value(found, "given_to_unmarked")[0] == pytest.approx(in_one)
    assert found.overall.loc["given_to_marked", "baseline"] == pytest.approx(1 - (7 / 8) ** 5)
    assert value(found, "likely", "cleared") == [3.0, 0.0]
    # Both groups have under 11 homes and hold a dot; their 8 homes.
    assert value(found, "groups_told", "in_groups_told") == [2.0, 8.0]
    assert value(found, "hidden_counts_told") == [0.0]


def test_a_hidden_count_may_be_told_by_another_map(played):
    hidden = AreaMap(by="station", suppress_under=3)
    alone = audit_area_maps(played, [hidden], total_known=False)
    # S1 has one dot of each colour: both are hidden, so 1 at least, and so is a total under 3.
    assert value(alone, "hidden_counts_told") == [1.0]
    wider = audit_area_maps(played, [AreaMap(by="station", suppress_under=4)], total_known=False)
    assert value(wider, "hidden_counts_told") == [0.0]
    assert alone.overall.loc["hidden_counts_told", "n"] == 1
    assert np.isnan(alone.overall.loc["given_to_marked", "baseline"])
    with_total = audit_area_maps(played, [hidden])
    assert value(with_total, "hidden_counts_told") == [1.0]
    # Squares of 500 m: addresses 0 and 1; 2, 3, 4.
    crossed = audit_area_maps(played, [hidden, AreaMap(size=500)], total_known=False)
    assert crossed.notes == ()
    assert crossed.recipe["maps"][0]["view"]["suppress_under"] == 3
    assert value(crossed, "hidden_counts_told") == [1.0]


def test_odds_that_are_an_approximation_are_said(played, monkeypatch):
    from privaudit.stats import overlapping_counts as count_transfer

    monkeypatch.setattr(count_transfer, "MOST_STEPS", 0)
    hidden = AreaMap(by="station", suppress_under=4)
    found = audit_area_maps(played, [hidden], total_known=False)
    # S1 with its five homes and S2 with its three hold 2 or 3 dots each.
    assert found.notes == (Note("odds_of_even_spread", households=8, of=8),)


def test_absences_by_hand(played):
    found = audit_absence(played)
    # Fourteen electors: people 0, 1, 3, 4, 6, 7, 9 of S1 and 10, 11, 13, 14, 15, 16 of S2.
    # Of the right: 0, 3, 6, 7, 10, 13, 14; with a dot: 0, 4, 6, 9, 10, three of them right.
    dot = found.row("of_the_side", group="with_dot")
    assert (dot.value, dot.n, dot.counts, dot.gain) == (0.6, 5, "electors", "opinion")
    base = {"S1": 0.5, "S2": 0.4}
    assert dot.baseline == pytest.approx(0.48)
    without = found.row("of_the_side", group="without_dot")
    assert without.value == pytest.approx(4 / 8)
    assert without.baseline == pytest.approx((3 * 0.5 + 5 * 0.4) / 8)
    # s = 3 / 7 of the right, f = 2 / 6 of the others.
    s, f = 3 / 7, 2 / 6
    claims = [p * (1 - s) / (p * (1 - s) + (1 - p) * (1 - f)) for p in (base["S1"], base["S2"])]
    claimed = (3 * claims[0] + 5 * claims[1]) / 8
    assert found.value("claimed", group="without_dot") == pytest.approx(claimed)
    assert found.value("shift") == pytest.approx(3.5 / 8 - claimed)
    assert [note.key for note in found.notes][-1] == "absence_rates_own"


def test_doors_called_at_and_passed_by(played):
    found = audit_absence(played, sensitivity=0.5, false_positive=0.5)
    # Volunteers called at addresses 0 and 3: electors 1, 3 and 13, 14 live there without a dot.
    called = found.row("of_the_side", group="visited_without_dot")
    assert (called.value, called.n) == (0.75, 4)
    # Every address has a dot: nobody was passed by.
    passed = found.row("of_the_side", group="passed_by_without_dot")
    assert passed.n == 0
    assert np.isnan(passed.value)
    # A map that is chance shifts nothing; rates that are given are nobody's own.
    assert found.value("shift") == pytest.approx(0.0)
    assert "absence_rates_own" not in [note.key for note in found.notes]
    with pytest.raises(ParameterError, match="sensitivity"):
        audit_absence(played, sensitivity=2)


def test_a_map_without_dots_has_no_versions(played):
    empty = replace(played, dots=played.dots.iloc[:0])
    for call in (
        lambda: audit_averages(empty, Gaussian(sigma=30)),
        lambda: audit_area_maps(empty, [AreaMap()]),
        lambda: audit_absence(empty),
    ):
        with pytest.raises(ParameterError, match="holds a dot"):
            call()
    with pytest.raises(ParameterError, match="a view"):
        audit_area_maps(played, [])
    with pytest.raises(ParameterError, match="each once"):
        audit_averages(played, Gaussian(sigma=30), copies=(2, 2))
    with pytest.raises(ParameterError, match="link"):
        audit_averages(played, Gaussian(sigma=30), link="position")


def test_versions_are_scored_like_a_map(played):
    world = replace(played.world, people=played.world.people)
    versions = publish(played, DotMapVersions(at=AT, mask=Gaussian(sigma=0.5), shows_id=True))
    found = audit_versions(versions, Adversary.knows_mask(Gaussian(sigma=0.5)), truth=world)
    # Moves of half a metre hide nothing: dots 0, 3, 4 mark the home of whom they stand for.
    assert found.overall.loc["address", "value"] == pytest.approx(0.6)
    assert found.overall.loc["address", "n"] == 5
    assert (found.attack, found.copies) == ("knows_mask", 3)
    marked = found.calibration[found.calibration["gain"] == "marked_address"]
    assert marked["observed"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("rows", "appeared", "grey", "gone"),
    [
        # The first record of all counts; -1 is where a dot was not there.
        ([[-1], [0], [0]], 1, 0, 0), ([[0], [0], [0]], 0, 1, 0), ([[-1], [-1], [0]], 1, 0, 2),
    ],
)  # fmt: skip
def test_changes_are_counted_from_the_first_record_on(rows, appeared, grey, gone):
    """Three copies of a dot, red in the first and grey in the others; so many records lost."""
    doors = {"id": ["a"], "number": "1", "street": "s", "commune": "c", "station": ""}
    base = AddressBase(pd.DataFrame({**doors, "x": [0.0], "y": 0.0}), real=False)
    versions = [
        DotRelease(records=pd.DataFrame({"x": [0.0], "y": 0.0, "status": [status]}),
                   roles=Roles(location=("x", "y")), backdrop=base)
        for status in ("red", "grey", "grey")
    ]  # fmt: skip
    changes = copy_changes(versions, Linked(rows=np.array(rows), how="position", lost=gone))
    assert changes.value("appeared_between") == appeared
    assert changes.value("turned_grey") == grey
    assert changes.value("gone") == gone / 2
    with pytest.raises(ParameterError, match="two copies or more"):
        copy_changes(versions[:2], Linked(rows=np.array(rows), how="position", lost=gone))
    with pytest.raises(ParameterError, match="two copies or more"):
        copy_changes(versions[:1], Linked(rows=np.array(rows[:1]), how="position", lost=0))
