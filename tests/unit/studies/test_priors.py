"""What an answer owes to the prior: `pa.maps.sensitivity`, on maps whose answers are known."""

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import PRIORS
from privaudit.stats.intervals import paired_difference

DISK = pa.masks.Disk(radius=30)
PLACES, DOORS = 12, 4
HOMES = np.arange(PLACES) * DOORS
AT_HOME = np.isin(np.arange(PLACES * DOORS), HOMES)


def doors(**counts):
    """Twelve places 1 km apart, of four doors 10 m apart each."""
    at = np.arange(PLACES * DOORS)
    frame = pd.DataFrame({
        "id": [f"a{k}" for k in at], "number": "1", "street": "s", "commune": "c", "station": "",
        "x": 1_000.0 * (at // DOORS) + 10.0 * (at % DOORS), "y": 0.0, **counts,
    })  # fmt: skip
    return AddressBase(frame, real=False)


def dots(**counts):
    """A dot a place, as near to its four doors as the mask allows."""
    frame = pd.DataFrame({"x": 1_000.0 * np.arange(PLACES) + 15.0, "y": 0.0})
    return pa.read_map(frame, addresses=doors(**counts))


TRUTH = pa.maps.Homes(address=HOMES)


def found(result, prior, measure="reidentified", gain="address", **part):
    (row,) = [
        row for row in result.rows
        if row.measure == measure and row.gain == gain and row.part["prior"] == prior
        and part.items() <= row.part.items()
    ]  # fmt: skip
    return row


def test_a_prior_at_the_homes_finds_all_and_one_without_them_nobody():
    priors = {"homes": AT_HOME.astype(float), "elsewhere": 1.0 - AT_HOME}
    result = pa.maps.sensitivity(
        dots(), pa.Adversary.knows_mask(DISK), priors=priors, truth=TRUTH, seed=3
    )
    assert found(result, "homes").value == 1
    assert found(result, "elsewhere").value == 0
    # Every door is as likely: one in four is right, whichever is taken.
    own = pa.audit(dots(), pa.Adversary.knows_mask(DISK), truth=TRUTH, seed=3)
    assert found(result, "addresses").value == own.overall.loc["address", "value"]
    row = found(result, "homes", "difference")
    before = own.per_person["address"]
    assert (row.value, row.low, row.high) == paired_difference(before, np.ones(PLACES))
    assert row.part == {"adversary": "knows_mask", "prior": "homes", "over": "addresses"}


def test_without_a_truth_each_expects_by_its_own_prior():
    weights = np.tile([3.0, 1.0, 0.0, 0.0], PLACES)
    result = pa.maps.sensitivity(
        dots(), pa.Adversary.knows_mask(DISK), priors={"three to one": weights}
    )
    assert found(result, "addresses").value == pytest.approx(1 / 4)
    assert found(result, "three to one").value == pytest.approx(3 / 4)
    assert found(result, "three to one", "difference").value == pytest.approx(1 / 2)


def test_a_prior_by_name_is_the_same_as_its_weights():
    electors = np.tile([1, 5, 2, 2], PLACES)
    leak, who = dots(electors=electors), pa.Adversary.knows_mask(DISK)
    even = pa.maps.sensitivity(leak, who, priors={"even": np.full(48, 7.0)}, truth=TRUTH)
    assert found(even, "even", "difference").value == 0
    assert found(even, "even").value == found(even, "addresses").value
    by_name = pa.maps.sensitivity(leak, who, priors=["electors"], truth=TRUTH)
    by_hand = pa.maps.sensitivity(leak, who, priors={"hand": electors}, truth=TRUTH)
    for gain in ("address", "household"):
        one, other = found(by_name, "electors", gain=gain), found(by_hand, "hand", gain=gain)
        assert (one.low, one.value, one.high) == pytest.approx(
            (other.low, other.value, other.high), nan_ok=True
        )
    # The nearest door is the nearest door, whatever is believed; the baseline is not.
    near = pa.maps.sensitivity(leak, "nearest", priors={"hand": electors}, truth=TRUTH)
    assert found(near, "hand", "difference").value == 0


def test_adversaries_stand_in_their_order_and_lack_what_they_lack():
    register = pd.DataFrame({"address": HOMES})
    who = [
        pa.Adversary.unknown_mask(register=register),
        pa.Adversary.nearest(),
        pa.Adversary.knows_mask(DISK),
    ]
    result = pa.maps.sensitivity(dots(), who)
    named = list(dict.fromkeys(row.part["adversary"] for row in result.rows))
    assert named == ["unknown_mask", "nearest", "knows_mask"]
    row = found(result, "register", adversary="nearest")
    assert np.isnan(row.value)
    (note,) = row.notes
    assert "register" in note.values["reason"]
    assert np.isnan(found(result, "electors", adversary="knows_mask").value)
    frame = result.to_frame()
    assert {"adversary", "prior", "over", "gain", "low", "value", "high"} <= set(frame.columns)


@pytest.mark.parametrize("make", [
    lambda **prior: pa.Adversary.nearest(**prior),
    lambda **prior: pa.Adversary.knows_mask(DISK, **prior),
    lambda **prior: pa.Adversary.knows_electors(DISK, **prior),
    lambda **prior: pa.Adversary.knows_results(DISK, pd.DataFrame({"station": ["s"]}), **prior),
    lambda **prior: pa.Adversary.holds_register(pd.DataFrame({"address": [0]}), **prior),
    lambda **prior: pa.Adversary.unknown_mask(**prior),
    lambda **prior: pa.Adversary.neighbour(**prior),
])  # fmt: skip
def test_every_adversary_takes_a_prior(make):
    assert make().prior in PRIORS
    assert make(prior="electors").prior == "electors"
    assert make(prior=[1, 2]).prior.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"priors": [np.ones(3)]}, "one weight an address"),
        ({"priors": {"mine": [-1.0] * 48}}, "0 or more"),
        ({"priors": ["voters"]}, "prior one of"),
        ({"priors": []}, "priors, one or more.*but got none"),
        ({"priors": {"electors": np.ones(48)}}, "names of their own"),
        ({"adversaries": ["nearest", pa.Adversary.nearest()]}, "one name twice"),
        (
            {"release": pa.read_table(pd.DataFrame({"age": [1]}), roles=pa.Roles(key=["age"]))},
            "release",
        ),
    ],
)
def test_what_cannot_be_is_one_line_before_anything_runs(more, what):
    asked = {"release": dots(), "adversaries": "nearest"} | more
    with pytest.raises(ParameterError, match=what) as error:
        pa.maps.sensitivity(**asked)
    assert "\n" not in str(error.value)
