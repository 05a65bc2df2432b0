"""Whom each record stands for, and who it is compared with."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.scoring.truth import (
    Homes,
    People,
    Truth,
    _controls,
    _controls_homes,
    _counted,
)
from privaudit.release.release import DotRelease
from privaudit.simulation.world import LEANINGS


def rng(seed=1):
    return np.random.default_rng(seed)


def test_homes_and_people_are_those_of_the_street_plan(world, release):
    truth = Truth.of(world, release, rng=rng())
    assert truth.person.tolist() == [0, 4, 6, 9, 10]
    assert truth.home.tolist() == [0, 0, 1, 1, 2]
    assert truth.households.tolist() == [3, 3, 2, 2, 1]
    assert truth.residents.tolist() == [6, 6, 4, 4, 3]
    # People of voting age: five at address 0 (one of them no elector), three at 1, two at 2.
    assert truth.person_share.tolist() == [1 / 5, 1 / 5, 1 / 3, 1 / 3, 1 / 2]
    assert truth.leaning.tolist() == ["right", "left", "right", "far_right", "right"]
    # S1 leans right; S2 is a tie of left and right.
    assert truth.usual_leaning.tolist() == [1, 0, 1, 0, 0.5]


def test_groups_say_which_doors_and_labels_are_right(world, release):
    groups = Truth.of(world, release, rng=rng()).groups
    assert groups["door"].tolist() == ["right", "wrong", "wrong", "right", "right"]
    assert groups["label"].tolist() == ["right", "wrong", "right", "wrong", "right"]
    assert groups["zone"].tolist() == ["centre"] * 4 + ["houses"]
    assert groups["station"].tolist() == ["S1"] * 4 + ["S2"]
    assert groups["age_band"].tolist() == ["35-49", "25-34", "50-64", "25-34", "35-49"]


def test_a_record_without_address_or_label_is_neither_right_nor_wrong(world, release):
    sources = release.sources.assign(marked_address=[-1, 3, 4, 1, 2])
    records = release.records.assign(presumed_leaning=["", "right", "right", "right", "left"])
    bare = dataclasses.replace(release, sources=sources, records=records)
    groups = Truth.of(world, bare, rng=rng()).groups
    assert groups["door"].tolist() == ["none", "wrong", "wrong", "right", "right"]
    assert groups["label"].tolist() == ["none", "wrong", "right", "wrong", "wrong"]


def test_a_minor_is_not_among_the_people_of_voting_age(world, release):
    sources = release.sources.assign(person=[2, 4, 6, 9, 10])
    truth = Truth.of(world, dataclasses.replace(release, sources=sources), rng=rng())
    assert truth.person_share[0] == 0


@pytest.mark.parametrize("seed", range(20))
def test_controls_are_electors_of_the_station_outside_of_the_release(world, release, seed):
    truth = Truth.of(world, release, rng=rng(seed))
    control = truth.control_person
    assert len(set(control)) == 5
    assert set(control) <= {1, 3, 7, 11, 13, 14, 15, 16}  # electors without a dot
    # S1 has three left for four people; the fourth is compared with somebody of S2.
    assert set(control[:4]) > {1, 3, 7}
    assert control[4] in {11, 13, 14, 15, 16}
    homes = world.people["address"].to_numpy()
    assert truth.control_home.tolist() == homes[control].tolist()
    assert truth.control_leaning.tolist() == world.people["leaning"].to_numpy()[control].tolist()


def test_every_elector_of_the_station_may_be_drawn(world, release):
    drawn = {int(Truth.of(world, release, rng=rng(s)).control_person[4]) for s in range(60)}
    assert drawn == {11, 13, 14, 15, 16}


def test_controls_do_not_depend_on_the_order_of_records(world, release):
    turned = dataclasses.replace(
        release,
        records=release.records.iloc[::-1].reset_index(drop=True),
        sources=release.sources.iloc[::-1].reset_index(drop=True),
    )
    straight = Truth.of(world, release, rng=rng(3)).control_person
    assert Truth.of(world, turned, rng=rng(3)).control_person.tolist() == straight[::-1].tolist()


def test_when_nobody_is_left_there_is_no_control(world, release):
    crowd = world.people.assign(elector=world.people.index.isin([0, 4, 6, 9, 10]))
    truth = Truth.of(dataclasses.replace(world, people=crowd), release, rng=rng())
    assert truth.control_person.tolist() == [-1] * 5


def test_when_too_few_are_left_somebody_is_drawn_again(world, release):
    few = world.people.assign(elector=world.people.index.isin([0, 4, 6, 9, 10, 11, 13]))
    truth = Truth.of(dataclasses.replace(world, people=few), release, rng=rng())
    assert set(truth.control_person) == {11, 13}


def test_what_cannot_be_opened_is_refused(world, release):
    with pytest.raises(ParameterError, match="a real file has no truth"):
        Truth.of(world, release.as_leaked(), rng=rng())
    nobody = dataclasses.replace(
        release, records=release.records.iloc[:0], sources=release.sources.iloc[:0]
    )
    with pytest.raises(ParameterError, match="0 records"):
        Truth.of(world, nobody, rng=rng())
    for sources, said in (
        (release.sources.iloc[:3], "one source a record"),
        (release.sources.drop(columns="person"), "'person' is not a column"),
        (release.sources.assign(person=99), "world's 19"),
        (release.sources.assign(marked_address=-2), "world's 5"),
    ):
        with pytest.raises(SchemaError, match=said):
            Truth.of(world, dataclasses.replace(release, sources=sources), rng=rng())


def test_repr_holds_counts_only(world, release):
    assert repr(Truth.of(world, release, rng=rng())) == "Truth(5 records, 5 people)"


def test_the_world_is_the_one_that_the_release_came_from(world, release):
    named = dataclasses.replace(world, identity="7")
    leak = dataclasses.replace(release, world="7")
    assert len(Truth.of(named, leak, rng=rng())) == 5
    # As large, so every id fits: only the identity tells them apart.
    another = dataclasses.replace(world, identity="8")
    with pytest.raises(ParameterError, match="needs the world of the release as truth"):
        Truth.of(another, leak, rng=rng())


@pytest.mark.parametrize("truth", [{}, 7, None])
def test_a_truth_is_a_world(truth, release):
    with pytest.raises(ParameterError, match="needs a SimulatedWorld as truth"):
        Truth.of(truth, release, rng=rng())


@pytest.mark.parametrize(
    ("column", "value", "good"),
    [
        ("person", 0, True), ("person", 18, True), ("person", -1, False), ("person", 19, False),
        ("marked_address", -1, True), ("marked_address", 4, True), ("marked_address", -2, False),
        ("marked_address", 5, False),
    ],
)  # fmt: skip
def test_an_id_is_one_of_the_world(world, release, column, value, good):
    """Nineteen people, five addresses; -1 is no address."""
    first = [value, *release.sources[column].tolist()[1:]]
    moved = dataclasses.replace(release, sources=release.sources.assign(**{column: first}))
    if good:
        assert len(Truth.of(world, moved, rng=rng())) == 5
    else:
        with pytest.raises(SchemaError, match="an id outside of it"):
            Truth.of(world, moved, rng=rng())


STREET = AddressBase(
    pd.DataFrame({"id": [*"abc"], "number": "1", "street": "s", "commune": "c", "station": "",
                  "x": [0.0, 1.0, 2.0], "y": 0.0, "electors": [0, 1, 4], "households": [0, 2, 1]}),
    real=False,
)  # fmt: skip


def dots(n=2):
    records = pd.DataFrame({"x": np.zeros(n), "y": 0.0})
    return DotRelease(records=records, roles=Roles(location=("x", "y")), backdrop=STREET)


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ([0, 2], [0, 2]), ([-1, 2], [2]), ([-5, 2], [2]), (["a", "c"], [0, 2]), (["", "b"], [1]),
        ([0, 3], None), (["a", "d"], None), ([0.0, 1.0], None), ([-1, -1], None), ([0], None),
    ],
)  # fmt: skip
def test_homes_are_rows_or_ids_of_the_addresses(address, known):
    if known is None:
        with pytest.raises(ParameterError):
            Homes(address=address).of(dots())
    else:
        assert Homes(address=address).of(dots())[0].address.tolist() == known


@pytest.mark.parametrize(
    ("rows", "homes", "known"),
    [
        # One a record, or one a row of the file, whose rows 1 and 3 are on the map.
        (None, [0, 1], [0, 1]), ([1, 3], [0, 1], [0, 1]), ([1, 3], [0, 1, 2], [0, 2]),
        ([1, 4], [0, 1, 2], None), (None, [0, 1, 2], None),
    ],
)  # fmt: skip
def test_homes_are_one_a_record_or_one_a_row_of_the_file(rows, homes, known):
    release = dataclasses.replace(dots(), rows=None if rows is None else np.array(rows))
    if known is None:
        with pytest.raises(ParameterError, match="a home for each record"):
            Homes(address=homes).of(release)
    else:
        assert Homes(address=homes).of(release)[0].address.tolist() == known


def test_counts_of_nobody_are_one():
    assert _counted(STREET, "electors").tolist() == [1, 1, 4]
    assert np.isnan(_counted(STREET, "residents")).all()


def test_a_truth_of_ones_own_leaves_out_what_it_does_not_know():
    homes = Homes(address=[0, 2], opinion=["a", "b"])
    truth = homes.truth(dots(), Adversary.nearest(), rng=rng())
    # Two opinions are as common: either is guessed half of the time.
    assert truth.usual_leaning.tolist() == [0.5, 0.5]
    assert truth.unknown == ("control_opinion",)
    assert truth.person_share.tolist() == [1, 1 / 4]
    bare = Homes(address=[0, 2]).truth(dots(), Adversary.nearest(), rng=rng())
    assert set(bare.unknown) == {"control_opinion", "opinion", "baseline_opinion"}


@pytest.mark.parametrize(
    ("mean", "records"), [([1.0, 3.0], [1.0, 3.0]), ([2.0], [1.0, 3.0]), ([3.0], [np.nan, 3.0])]
)
def test_a_person_has_the_mean_of_the_known_records(mean, records):
    person = [0, 1] if len(mean) == 2 else [0, 0]
    truth = SimpleNamespace(
        person=np.array(person), home=np.array(person), control_home=np.array(person),
        control_person=np.array([0, -1]),
    )  # fmt: skip
    people = People(truth)
    assert people.mean(np.array(records)).tolist() == mean
    assert people.controlled.tolist() == [True, False]
    assert np.isnan(people.mean(np.array([np.nan, np.nan]))).all()


@pytest.mark.parametrize(("age", "share"), [(17, 0), (18, 1 / 6), (19, 1 / 6)])
def test_who_turns_eighteen_is_one_of_the_adults_of_the_door(world, release, age, share):
    """Person 2 lives at address 0, with five adults."""
    people = world.people.assign(age=world.people["age"].where(world.people.index != 2, age))
    sources = release.sources.assign(person=[2, 4, 6, 9, 10])
    leak = dataclasses.replace(release, sources=sources)
    truth = Truth.of(dataclasses.replace(world, people=people), leak, rng=rng())
    assert truth.person_share[0] == pytest.approx(share)


@pytest.mark.parametrize(
    ("electors", "taken", "control"),
    [
        # Person 0 of station a is the one who is left for 1, though another is left in b.
        ([0, 1, 2], [1], [0]), ([1, 2], [1], [2]), ([1], [1], [-1]), ([0, 1], [1], [0]),
        # Two of a: the first gets 0; for the second somebody of b is left.
        ([0, 1, 2, 3], [1, 3], [0, 2]),
    ],
)  # fmt: skip
def test_a_control_is_of_the_station_first(electors, taken, control):
    station, elector = np.array([0, 0, 1, 0]), np.isin(range(4), electors)
    assert _controls(station, elector, np.array(taken), rng()).tolist() == control


def test_whom_nobody_is_compared_with_has_no_home_beside(world, release, monkeypatch):
    """The first person of the town is a control like any other; -1 is none."""
    drawn = np.array([0, -1, 12, -1, 0])
    monkeypatch.setattr("privaudit.maps.scoring.truth._controls", lambda *_: drawn)
    truth = Truth.of(world, release, rng=rng())
    assert truth.control_home.tolist() == [0, -1, 2, -1, 0]
    assert truth.control_households.tolist() == [3, 1, 1, 1, 3]
    assert truth.control_person_share.tolist() == [1 / 5, 0, 0, 0, 1 / 5]
    assert truth.control_leaning.tolist() == ["right", "", *truth.control_leaning[2:3], "", "right"]


def test_a_station_or_side_that_is_not_known_has_no_usual_leaning(world, release):
    """Row 0 of the stations and the first leaning of all are known."""
    nowhere = world.people.assign(station=world.people["station"].where(
        world.people.index != 0, "nowhere"))  # fmt: skip
    truth = Truth.of(dataclasses.replace(world, people=nowhere), release, rng=rng())
    assert truth.usual_leaning.tolist() == [0, 0, 1, 0, 0.5]
    first = world.people.assign(leaning=[LEANINGS[0], *world.people["leaning"][1:]])
    shares = world.stations.assign(**dict.fromkeys(LEANINGS, 0.1) | {LEANINGS[0]: 0.5})
    other = dataclasses.replace(world, people=first, stations=shares)
    assert Truth.of(other, release, rng=rng()).usual_leaning[0] == 1


def test_a_register_names_nobody_unless_it_is_said_whom():
    homes = Homes(address=[0, 2], person=["q", "p"], entry=[1, -1])
    assert homes.entries(Adversary.nearest()) is None
    held = Adversary.holds_register(pd.DataFrame({"address": [0, 1]}))
    # "p" is person 0 and "q" person 1; entry 1 names "q", entry 0 nobody.
    assert homes.entries(held).tolist() == [-1, 1]
    assert Homes(address=[0, 2]).entries(held).tolist() == [-1, -1]
    for entry, good in ((1, True), (2, False)):
        last = Homes(address=[0, 2], entry=[entry, -1])
        if good:
            assert last.entries(held).tolist() == [-1, 0]
        else:
            with pytest.raises(ParameterError, match="a row beyond it"):
                last.entries(held)
    truth = homes.truth(dots(), held, rng=rng())
    assert truth.unknown == ("control_opinion", "opinion", "baseline_opinion", "control_person")
    bare = Homes(address=[0, 2]).truth(dots(), held, rng=rng())
    assert bare.unknown[3:] == ("control_person", "person", "baseline_person")


def test_homes_need_a_map_and_arrays_as_long_as_they_are():
    with pytest.raises(ParameterError, match="a map over addresses"):
        Homes(address=[0, 2]).of(SimpleNamespace(backdrop=None, kind="table"))
    for name, values in (("person", [1]), ("opinion", ["a"]), ("entry", [1])):
        with pytest.raises(ParameterError, match="as long as address"):
            Homes(address=[0, 2], **{name: values}).of(dots())
    for wrong in ({"entry": ["a", "b"]}, {"person": [[1], [2]]}):
        with pytest.raises(ParameterError, match="one a record"):
            Homes(address=[0, 2], **wrong)
    assert Homes(address=[0, 2]).people == 2
    assert Homes(address=[0, 2], person=["p", "p"]).people == 1


def test_nobody_is_compared_where_nobody_else_lives():
    """Of the residents (1, 2, 1), those of the map are taken off; the place is one station."""
    base = AddressBase(STREET.frame.assign(residents=[1, 2, 1]), real=False)
    for home, drawn in (([0, 2], {1}), ([1, 1], {0, 2}), ([0, 1], {1, 2})):
        homes = np.array(home)
        found = {
            tuple(_controls_homes(base, homes, np.array([0, 1]), rng(seed))) for seed in range(40)
        }
        assert {at for pair in found for at in pair} == drawn
    lone = AddressBase(base.frame.iloc[:1], real=False)
    assert _controls_homes(lone, np.array([0]), np.array([0]), rng()).tolist() == [-1]
    used = base.frame.assign(station=["a", "a", "b"], residents=[1, 1, 3])
    # Where the station is used up, somebody of another is drawn.
    two = np.array([0, 1])
    assert _controls_homes(AddressBase(used, real=False), two, two, rng()).tolist() == [2, 2]
