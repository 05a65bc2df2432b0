"""Rounds on a leaked map: blurred dots of one walk, and the home of the volunteer."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.campaign.canvass import DOORS_A_ROUND
from privaudit.errors import ParameterError, PrivauditError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.posterior import Posterior
from privaudit.maps.scoring.volunteer_homes import homes_exposure
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats import hidden_markov
from privaudit.studies.audit_log import rounds_of_file
from privaudit.traces.rounds import Rounds, Visits, _most_around, _over_scales, homes_at_ends

MASK = Gaussian(sigma=60)
VIEW = pa.DotMap(mask=MASK, popup=("visited_at", "volunteer"))


def published(rounds, seed=3):
    world = pa.simulate(pa.Town(inhabitants=6_000), seed=seed)
    plan = pa.CampaignPlan(rounds=rounds, share_visited=1.0, n_volunteers=2)
    campaign = pa.run_campaign(world, plan, seed=seed, with_score=False)
    return world, campaign, pa.publish(campaign, VIEW, seed=seed)


@pytest.fixture(scope="module")
def walked():
    return published("walk")


def at(*times):
    return pd.DataFrame({"visited_at": times, "volunteer": ["a", "b", "a", "a"][: len(times)]})


def turns_of(records, **columns):
    turns = Visits(**columns).in_turn(records, rng=np.random.default_rng(1))
    return [one.tolist() for one in turns.rounds], turns


def test_a_round_is_of_one_volunteer_until_a_pause():
    log = at("2016-09-01 18:20", "2016-09-01 18:10", "2016-09-01 18:00", "2016-09-02 18:00")
    rounds, turns = turns_of(log)
    assert rounds == [[2, 0], [3], [1]]
    assert turns.walker.tolist() == [0, 0, 1]
    assert turns_of(log, by=None, pause=48)[0] == [[2, 1, 0, 3]]


def test_visits_of_one_moment_have_no_order():
    log = at("2016-09-01 18:20", "", "2016-09-01 18:20", "2016-09-01 18:21")
    rounds, turns = turns_of(log)
    assert sorted(rounds[0][:2]) == [0, 2]
    assert rounds[0][2] == 3
    assert turns.at_once == 2
    leak = on_a_street(log)
    notes = {note.key for note in pa.maps.rounds(leak, Rounds(mask=MASK)).notes}
    assert "visits_at_once" in notes


def on_a_street(log):
    base = AddressBase(
        pd.DataFrame(
            {"id": range(40), "number": "1", "street": "s", "commune": "c", "station": "",
             "x": np.arange(40) * 20.0, "y": 0.0}
        ),
        real=False,
    )  # fmt: skip
    dots = pd.DataFrame({"x": np.arange(len(log)) * 20.0, "y": 3.0}).join(log)
    return pa.read_map(dots, addresses=base)


@pytest.mark.parametrize(
    ("log", "columns", "what"),
    [
        (pd.DataFrame({"volunteer": list("ab")}), {}, "visited_at"),
        (at("2016-09-01 18:00"), {"by": "who"}, "who"),
        (at("", ""), {}, "a time of a visit in 'visited_at'"),
        (at("2016-09-01").assign(volunteer=""), {}, "a volunteer of a visit in 'volunteer'"),
    ],
)
def test_a_map_without_visits_says_so_in_a_line(log, columns, what):
    with pytest.raises(SchemaError, match=what) as error:
        turns_of(log, **columns)
    assert "\n" not in str(error.value)


def test_only_maps_have_rounds():
    with pytest.raises(PrivauditError):
        Rounds(mask=None)
    with pytest.raises(ParameterError):
        Visits(pause=0)
    with pytest.raises(ParameterError):
        Rounds(mask=MASK, shuffles=18)
    with pytest.raises(ParameterError):
        pa.maps.rounds(None, Rounds(mask=MASK))


def test_of_other_releases_than_maps_of_dots_rounds_guess_nothing():
    table = pa.read_table(pd.DataFrame({"age": [30, 40]}), roles=pa.Roles(key=["age"]))
    rng = np.random.default_rng(1)
    with pytest.raises(ParameterError, match=r"a map of dots.*a release of kind table"):
        Rounds(mask=MASK).guess(table, None, rng)


@pytest.mark.heavy
def test_rounds_sharpen_what_is_walked(walked):
    world, _, leak = walked
    found = pa.maps.rounds(leak, Rounds(mask=MASK), truth=world)
    candidates = found.row("candidates")
    assert candidates.value < candidates.baseline
    assert found.value("order_as_good") == pytest.approx(0.05)
    assert found.value("walk") > 0.9
    assert "walk_recognised" in {note.key for note in found.notes}
    apart, joint = (found.row("reidentified", attack=name) for name in ("apart", "rounds"))
    assert joint.baseline == apart.value
    assert joint.confidence > apart.confidence
    assert found.value("difference") == pytest.approx(joint.value - apart.value)
    expected = pa.maps.rounds(leak, Rounds(mask=MASK))
    assert expected.row("reidentified", attack="rounds").value == pytest.approx(joint.confidence)


@pytest.mark.heavy
def test_visits_apart_are_no_walk():
    world, _, leak = published("apart")
    found = pa.maps.rounds(leak, Rounds(mask=MASK), truth=world)
    assert found.value("order_as_good") > 0.05
    assert "no_walk_recognised" in {note.key for note in found.notes}
    apart, joint = (found.row("reidentified", attack=name) for name in ("apart", "rounds"))
    assert joint.confidence == apart.confidence
    assert found.value("difference") == 0


@pytest.mark.heavy
def test_it_is_an_attack_like_any_other(walked):
    world, _, leak = walked
    attack = Rounds(mask=MASK)
    exposure = pa.audit(leak, attack, truth=world, seed=7)
    assert exposure.attack == "rounds"
    weights = np.ones(len(world.addresses))
    weights[::2] = 0
    given = pa.audit(leak, Rounds(mask=MASK, prior=weights), truth=world, seed=7)
    guesses = attack.guess(leak.as_leaked(), world.addresses, np.random.default_rng(1))
    assert len(guesses) == len(leak)
    assert not given.per_person["address"].equals(exposure.per_person["address"])


@pytest.mark.heavy
def test_the_truth_is_not_seen(walked):
    world, campaign, leak = walked
    rng = np.random.default_rng(5)
    sources = leak.sources.sample(frac=1, random_state=5).reset_index(drop=True)
    other = pa.io.DotRelease(
        records=leak.records, roles=leak.roles, backdrop=leak.backdrop, sources=sources,
        doors_checked=leak.doors_checked, labels_checked=leak.labels_checked,
    )  # fmt: skip
    first, second = (
        Rounds(mask=MASK).guess(one.as_leaked(), one.backdrop, np.random.default_rng(1))
        for one in (leak, other)
    )
    np.testing.assert_array_equal(first.address, second.address)
    np.testing.assert_array_equal(first.confidence, second.confidence)
    homes = campaign.volunteers
    moved = homes.assign(home=rng.permutation(len(world.addresses))[: len(homes)])
    one, another = (
        pa.maps.volunteer_homes(leak, truth=truth, evenings=[1]) for truth in (homes, moved)
    )
    assert one.row("home_within", within=50).confidence == pytest.approx(
        another.row("home_within", within=50).confidence
    )


def canvassers(evenings, volunteers=24, near=40.0, seed=1):
    """Rounds that begin near home and lead to one side of it, on a plane of doors."""
    rng = np.random.default_rng(seed)
    doors = rng.uniform(0, 2_000, (1_500, 2))
    frame = pd.DataFrame({"id": range(1_500), "number": "1", "street": "s", "commune": "c",
                          "station": "", "x": doors[:, 0], "y": doors[:, 1]})  # fmt: skip
    home = rng.choice(np.flatnonzero(np.abs(doors - 1_000).max(axis=1) < 600), volunteers)
    side = rng.uniform(0, 2 * np.pi, volunteers)
    rows, when, who = [], [], []
    for volunteer, address in enumerate(home):
        for evening in range(evenings):
            far = np.hypot(*(doors - doors[address]).T)
            chance = np.exp(-far / near)
            first = int(rng.choice(1_500, p=chance / chance.sum()))
            angle = side[volunteer] + rng.normal(0, 0.5)
            way = rng.uniform(100, 600) * np.array([np.cos(angle), np.sin(angle)])
            line = doors[first] + np.linspace(0, 1, 8)[:, None] * way
            visited = [first, *(int(np.hypot(*(doors - at).T).argmin()) for at in line[1:])]
            rows += visited
            begin = np.datetime64("2016-09-01T18:00") + np.timedelta64(evening, "D")
            when += [begin + np.timedelta64(5 * k, "m") for k in range(len(visited))]
            who += [f"v{volunteer:02d}"] * len(visited)
    log = pd.DataFrame({"visited_at": when, "volunteer": who})
    log = log.assign(x=doors[rows, 0], y=doors[rows, 1])
    truth = pd.DataFrame({"volunteer": [f"v{k:02d}" for k in range(volunteers)], "home": home})
    return pa.read_map(log, addresses=AddressBase(frame, real=False)), truth


@pytest.mark.heavy
def test_ends_of_rounds_tell_where_a_volunteer_lives():
    leak, truth = canvassers(8)
    found = pa.maps.volunteer_homes(leak, truth=truth)
    within = [found.row("home_within", evenings=n, within=100) for n in (1, 2, 4, 8)]
    assert [row.n for row in within] == [24] * 4
    # Neither the mean of all visits nor one first door tells as much as eight evenings do.
    assert within[-1].value > 0.8 > within[0].value
    assert within[-1].value > within[-1].baseline + 0.3
    assert within[-1].value > found.row("first_door_within", evenings=8, within=100).value
    assert within[-1].control < 0.2
    for row in found.rows:
        if row.measure == "home_within":
            assert row.confidence < row.value + 0.25


def test_rounds_that_begin_anywhere_tell_nothing_of_the_beginning():
    leak, _ = canvassers(4, near=1e6)
    turns = Visits().in_turn(leak.records, rng=np.random.default_rng(1))
    points = leak.records[["x", "y"]].to_numpy()
    homes = homes_at_ends(points, turns, leak.backdrop)
    assert homes.scale > 600
    total = np.add.reduceat(homes.posterior.probability, homes.posterior.indptr[:-1])
    np.testing.assert_allclose(total, 1, atol=2e-4)


@pytest.mark.heavy
def test_the_homes_of_a_real_log_are_counts_only(walked):
    _, campaign, leak = walked
    real = pa.read_map(leak.records, addresses=leak.backdrop)
    found = pa.maps.volunteer_homes(real, evenings=[1])
    assert len(found.per_record) == 0
    assert {note.key for note in found.notes} == {"expected_not_observed"}
    assert found.row("home_within", within=250).value >= found.row("home_within", within=50).value
    with pytest.raises(SchemaError, match="a home of each volunteer"):
        pa.maps.volunteer_homes(leak, truth=campaign.volunteers[:0])


@pytest.mark.heavy
def test_a_file_that_says_when_is_read_so_too(walked):
    _, _, leak = walked
    real = pa.read_map(leak.records.assign(visited_at=leak.records["visited_at"].astype("str")),
                       addresses=leak.backdrop)  # fmt: skip
    found = rounds_of_file(real, MASK, seed=7)
    assert [*found] == ["rounds", "volunteer_homes"]
    assert found["rounds"].value("walk") > 0.9
    assert [*rounds_of_file(real, None, seed=7)] == ["volunteer_homes"]
    without = pa.read_map(leak.records.drop(columns="volunteer"), addresses=leak.backdrop)
    assert rounds_of_file(without, MASK, seed=7) == {}


def test_so_many_dots_that_it_would_take_long_are_not_joined(walked, monkeypatch):
    _, _, leak = walked
    monkeypatch.setattr(hidden_markov, "_MOST_STEPS", 3)
    real = pa.read_map(leak.records, addresses=leak.backdrop)
    (row,) = rounds_of_file(real, MASK, seed=7)["rounds"].rows
    assert [note.key for note in row.notes] == ["rounds_too_long"]


def test_a_volunteer_walks_to_the_nearest_door_that_is_left(walked):
    world, campaign, leak = walked
    dots = campaign.dots.assign(volunteer=campaign.canvassers())
    assert set(dots["volunteer"]) <= set(campaign.volunteers["volunteer"])
    visited = dots[dots["visited_at"].notna()]
    assert (visited["visited_at"] > visited["appeared_at"]).all()
    assert visited["visited_at"].between("2016-08-26", campaign.plan.as_of).all()
    evening = visited.sort_values("visited_at").groupby(
        ["volunteer", visited["visited_at"].dt.date]
    )
    for _, one in evening:
        assert len(one) <= 2 * DOORS_A_ROUND
        xy = one[["x", "y"]].to_numpy()
        for k in range(len(xy) - 1):
            gaps = np.hypot(*(xy[k + 1 :] - xy[k]).T)
            assert gaps[0] == gaps.min()
    homes = campaign.volunteers
    stations = world.addresses.frame["station"].to_numpy()[homes["home"]]
    assert stations.tolist() == homes["station"].tolist()
    names = dict(zip(leak.sources["account"], leak.records["volunteer"], strict=True))
    account = campaign.profiles["account"].to_numpy()[dots["profile"]]
    assert [names[one] for one in account] == dots["volunteer"].tolist()


def test_walks_need_a_volunteer():
    with pytest.raises(ParameterError, match="a volunteer for rounds='walk'"):
        pa.CampaignPlan(rounds="walk", n_volunteers=0)
    with pytest.raises(ParameterError, match="rounds"):
        pa.CampaignPlan(rounds="run")


def test_a_home_is_located_within_fifty_a_hundred_and_two_hundred_and_fifty_metres():
    """Six homes at one door, guessed at, just within and just beyond each distance."""
    x = [50.0, 51, 100, 101, 250, 251]
    base = AddressBase(
        pd.DataFrame({"id": [*"abcdef"], "number": [*"123456"], "street": "s", "commune": "c",
                      "station": "", "x": x, "y": 0.0}), real=False)  # fmt: skip
    # The first guess may be 50 metres off as well, at 100.
    posterior = Posterior(
        indptr=np.array([0, 2, 3, 4, 5, 6, 7]), candidate=np.array([0, 2, 1, 2, 3, 4, 5]),
        probability=np.array([0.5, 0.5, 1, 1, 1, 1, 1]),
    )  # fmt: skip
    homes = np.zeros((6, 2))
    found = SimpleNamespace(address=np.arange(6), centroid=homes, posterior=posterior,
                            first_door=np.add(homes, [100.0, 0]))  # fmt: skip
    for known in (homes, None):
        rows = Rows(6, "people")
        homes_exposure(rows, found, base, known, 3)
        made = Measures(family="rounds", rows=rows, provenance="simulated")
        for metres, right, first in ((50, 1, 0), (100, 3, 6), (250, 5, 6)):
            row = made.row("home_within", evenings=3, within=metres)
            assert row.confidence == 1
            assert row.reliable is (known is not None)
            if known is not None:
                assert (row.value, row.baseline, row.control) == (right / 6, 1, right / 6)
                door = made.row("first_door_within", evenings=3, within=metres)
                assert door.value == first / 6


@pytest.mark.parametrize(("apart", "found"), [(99.0, 1), (100.0, 1), (101.0, 0)])
def test_the_most_probable_place_has_its_probability_within_a_hundred_metres(apart, found):
    xy = np.array([[0.0, 0.0], [900.0, 0.0], [900.0, apart]])
    assert _most_around(np.arange(3), np.array([0.4, 0.3, 0.3]), xy) == found


@pytest.mark.parametrize(("share", "counts"), [(0.9e-3, False), (1e-3, False), (1.1e-3, True)])
def test_scales_of_over_a_thousandth_of_the_likeliest_count(share, counts):
    # The first scale is even over two homes; the second is sure of the first home.
    says = np.zeros((3, 2, 2))
    says[:, 1, 1] = -3_000.0
    shares = np.zeros((2, 2, 2))
    shares[0, 0, 0], shares[1, 1, 1] = 1.0, share
    found = _over_scales(says, np.ones(2), shares)
    expected = (0.5 + share) / (1 + share) if counts else 0.5
    np.testing.assert_allclose(found, [expected, 1 - expected], rtol=1e-12)
