"""Recipients: the rung that each can climb, what time allows; and what a second release adds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.maps.adversary import RECIPIENTS

SHOWN = pa.masks.Donut(r_min=20, r_max=80)


@pytest.fixture(scope="module")
def leak(knocked):
    return pa.publish(knocked, pa.DotMap(mask=SHOWN), seed=3)


@pytest.fixture(scope="module")
def found(knocked, leak):
    return pa.by_recipient(leak, truth=knocked.world, seed=3)


def test_each_recipient_finds_what_their_rung_does(knocked, leak, found):
    world = knocked.world
    rungs = {
        "volunteer": pa.Adversary.nearest(),
        "vendor": pa.Adversary.knows_electors(SHOWN),
        "neighbour": pa.Adversary.neighbour(),
        "journalist": pa.Adversary.holds_register(world.directory),
        "hostile_campaign": pa.Adversary.holds_register(world.roll, mask=SHOWN),
    }
    for word, adversary in rungs.items():
        told = pa.audit(leak, adversary, truth=world, seed=3).overall.loc["address"]
        row = found.row("reidentified", "address", recipient=word)
        assert (row.value, row.low, row.control) == (told["value"], told["low"], told["control"])


def test_time_is_counted_by_hand(leak, found):
    n = len(leak)
    for one in RECIPIENTS:
        reached = found.value("reached", recipient=one.word)
        within = min(1, one.hours * 3600 / one.seconds / n)
        if one.word == "neighbour":
            xy = leak.records[["x", "y"]].to_numpy()
            near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= 200
            within = min(within, near.mean())
        assert reached == pytest.approx(within)
        known = found.value("reidentified", "address", recipient=one.word)
        in_time = found.value("reidentified_in_time", "address", recipient=one.word)
        assert in_time == pytest.approx(known * reached)
    assert found.value("days", recipient="volunteer") == pytest.approx(n * 30 / 3600 / 7)
    assert found.value("euros", recipient="journalist") == pytest.approx(n * 300 / 3600 * 40)


def test_assumptions_stand_beside_every_number(found):
    for row in found.rows:
        if row.measure == "reidentified":
            assert "recipient_assumes" in [note.key for note in row.notes]
    # The town has no published results: what the campaign would do with them is not tried.
    row = found.row("reidentified", "address", recipient="hostile_campaign")
    assert {"recipient_lacks"} <= {note.key for note in row.notes}


def test_somebody_slower_reaches_fewer(knocked, leak):
    slow = replace(RECIPIENTS[0], seconds=3_600, hours=5)
    found = pa.by_recipient(leak, truth=knocked.world, recipients=[slow])
    assert found.value("reached", recipient="volunteer") == pytest.approx(5 / len(leak))


def test_a_table_that_names_people_is_read_by_all(knocked):
    table = pa.publish(knocked, pa.PeopleTable(), seed=3)
    few = table.records[["nationbuilder_id", "full_name", "sex"]]
    table = replace(table, records=few, roles=pa.Roles(identifier="nationbuilder_id"))
    found = pa.by_recipient(table, truth=knocked.world)
    assert {found.value("reidentified", recipient=one.word) for one in RECIPIENTS} == {1.0}


def test_a_table_of_keys_is_read_beside_a_register(knocked):
    table = pa.publish(knocked, pa.TableExport(), seed=3)
    found = pa.by_recipient(table, truth=knocked.world, seed=3)
    adversary = pa.Adversary.holds_register(knocked.world.roll)
    told = pa.audit(table, adversary, truth=knocked.world, seed=3).overall.loc["person", "value"]
    assert found.value("reidentified", "person", recipient="hostile_campaign") == told
    assert not [
        r for r in found.rows if r.part["recipient"] == "vendor" and r.measure == "reidentified"
    ]
    real = replace(table, sources=None, world="")
    told = pa.measure(table).value("prosecutor_risk_mean")
    assert pa.by_recipient(real).value("reidentified", recipient="neighbour") == told


def test_a_real_map_says_how_it_was_moved_or_is_asked(leak):
    real = replace(leak, sources=None, world="", view="", provenance="audited file")
    with pytest.raises(ParameterError, match="how the dots were moved"):
        pa.by_recipient(real)
    told = pa.by_recipient(real, mask=SHOWN)
    vendor, volunteer = (
        told.value("reidentified", "address", recipient=word) for word in ("vendor", "volunteer")
    )
    assert 0 < volunteer <= vendor < 1
    with pytest.raises(ParameterError, match="a map of dots or a table"):
        pa.by_recipient(pd.DataFrame({"a": [1]}))


def test_a_second_copy_adds_what_both_find_for_the_same_people(knocked):
    first, second = (pa.publish(knocked, pa.DotMap(mask=SHOWN), seed=seed) for seed in (1, 2))
    who, world = pa.Adversary.knows_mask(SHOWN), knocked.world
    found = pa.compare(first, second, adversary=who, truth=world)
    alone = pa.audit(first, who, truth=world).overall.loc["address", "value"]
    both = pa.maps.audit_versions([first, second], who, truth=world).overall.loc["address", "value"]
    row = found.row("added", "address")
    assert found.value("before", "address") == pytest.approx(alone)
    assert row.value == pytest.approx(both - alone)
    assert row.low < row.value < row.high


def test_people_of_both_maps_only_are_compared(knocked):
    first, second = (pa.publish(knocked, pa.DotMap(), seed=seed) for seed in (1, 2))
    keep = np.arange(len(first)) >= 3
    fewer = replace(
        first, records=first.records[keep].reset_index(drop=True),
        sources=first.sources[keep].reset_index(drop=True),
    )  # fmt: skip
    found = pa.compare(fewer, second, adversary=pa.Adversary.nearest(), truth=knocked.world)
    both = set(fewer.sources["person"]) & set(second.sources["person"])
    assert found.row("added", "address").n == len(both)
    assert found.value("added", "address") == 0


def test_a_second_table_adds_keys_to_the_same_people():
    rng = np.random.default_rng(4)
    first = pd.DataFrame({"id": range(60), "age": rng.integers(20, 40, 60)})
    second = pd.DataFrame({"id": range(10, 70), "job": rng.integers(0, 4, 60)})
    one, two = (
        pa.read_table(f, roles=pa.Roles(identifier="id", key=f.columns[1])) for f in (first, second)
    )
    found = pa.compare(one, two)
    both = first.merge(second, on="id")
    sizes = both.groupby("age")["id"].transform("size")
    joint = both.groupby(["age", "job"])["id"].transform("size")
    assert found.row("before", what="alone").n == 50
    assert found.value("before", what="alone") == pytest.approx((sizes == 1).mean())
    assert found.value("both", what="risk") == pytest.approx((1 / joint).mean())
    row = found.row("added", what="risk")
    assert row.value == pytest.approx((1 / joint - 1 / sizes).mean())
    assert row.low <= row.value <= row.high


def test_unlike_things_are_refused_in_a_line(knocked, leak):
    table = pa.read_table(pd.DataFrame({"a": [1, 2]}), roles=pa.Roles(key="a"))
    for before, after, said in (
        (leak, table, "a dots and a table"),
        (table, table, "no identifier that both have"),
    ):
        with pytest.raises(ParameterError, match=said) as caught:
            pa.compare(before, after)
        assert "\n" not in str(caught.value)
    with pytest.raises(ParameterError, match="maps for an adversary"):
        pa.compare(table, table, adversary=pa.Adversary.nearest())
    with pytest.raises(ParameterError, match="adversary"):
        pa.compare(leak, leak)
    one, two = (pa.audit(leak, pa.Adversary.nearest(), truth=t) for t in (knocked.world, None))
    with pytest.raises(ParameterError, match="exposures of the same people"):
        pa.compare(one, two)
    other = pa.audit(leak, pa.Adversary.knows_mask(SHOWN), truth=knocked.world)
    both = pa.compare(one, other)
    assert both.value("added", "address") == pytest.approx(
        other.overall.loc["address", "value"] - one.overall.loc["address", "value"]
    )
