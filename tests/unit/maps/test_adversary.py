"""What an adversary may be, from the first value that is taken to the first that is not."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError, SchemaError
from privaudit.maps.adversary import HOLDS, Adversary, KnownAttack, Recipient, recipients
from privaudit.maps.masks.donut import Disk
from privaudit.maps.masks.voronoi import VoronoiDots

REGISTER = pd.DataFrame({"address": [0, 1, 1], "age_band": ["18-24", "under 18", "25-34"]})
RESULTS = pd.DataFrame({"station": ["a"]})


def who(**more):
    return Adversary(name="x", **more)


@pytest.mark.parametrize(
    "prior", [[1.0, -1e-9], [0.0, 0.0], [1.0, np.nan], [1.0, np.inf], [[1.0]], ["1"], [True]]
)
def test_weights_of_ones_own_are_finite_and_one_is_above_nothing(prior):
    with pytest.raises(ParameterError, match="a finite weight of 0 or more"):
        who(prior=np.array(prior))
    assert who(prior=np.array([0, 3])).prior.tolist() == [0.0, 3.0]
    assert who(prior=np.array([0.0, 1e-9], dtype=np.float32)).prior_word == "own"


@pytest.mark.parametrize("name", ["coverage", "right_doors"])
def test_shares_are_above_nothing_and_one_at_most(name):
    for value in (1e-9, 1):
        assert getattr(who(**{name: value}), name) == value
    for value in (0, 1 + 1e-9):
        with pytest.raises(ParameterError, match=name):
            who(**{name: value})


def test_what_contradicts_itself_is_refused():
    for more, said in (
        ({"mask": Disk(radius=9), "estimates_mask": True}, "either a mask or estimates_mask"),
        ({"mask": VoronoiDots()}, "a mask with a likelihood of one dot"),
        ({"mask": "disk"}, "mask a mask such as"),
        ({"prior": "register"}, "a register for prior='register'"),
        ({"prior": "nobody"}, "prior"),
    ):
        with pytest.raises(ParameterError, match=said):
            who(**more)
    for more in ({"register": REGISTER[["age_band"]]}, {"results": REGISTER}):
        with pytest.raises(SchemaError, match=r"address|station"):
            who(**more)
    assert who(prior="register", needs_register=True).register is None
    with pytest.raises(ParameterError, match="a register of who lives where"):
        who().entries()


def test_equal_knowledge_is_equal_whoever_copied_the_frame():
    one = who(register=REGISTER, prior=np.array([1, 2.0]))
    assert one == who(register=REGISTER.copy(), prior=np.array([1, 2.0]))
    assert hash(one) == hash(who(register=REGISTER.copy(), prior=np.array([1, 2.0])))
    for other in (
        who(register=REGISTER[:2], prior=np.array([1, 2.0])), who(register=REGISTER),
        who(register=REGISTER, prior=np.array([1, 2.5])), who(prior=np.array([1, 2.0])),
        who(register=REGISTER, prior=np.array([1, 2.0]), side="left"), "x",
    ):  # fmt: skip
        assert one != other


def test_entries_are_at_the_rows_of_the_addresses_and_unknown_below():
    base = range(2)
    assert who(register=REGISTER).register_addresses(base).tolist() == [1, 2, 2]
    unknown = REGISTER.assign(address=[-1, -7, 1])
    assert who(register=unknown).register_addresses(base).tolist() == [0, 0, 2]
    assert who(register=REGISTER[:0]).register_addresses(base).tolist() == []
    for wrong in ([0, 1, 2], [0.0, 1.0, 1.0], ["0", "1", "1"]):
        with pytest.raises(ParameterError, match="as rows 0 to 1 of the backdrop"):
            who(register=REGISTER.assign(address=wrong)).register_addresses(base)
    # Of 98 in 100 people 49 stand for 50: one is missed, over four addresses.
    missed = who(register=REGISTER, coverage=0.98).missing_an_address(np.array([40, 9, 0, 0]))
    assert missed == pytest.approx(1 / 4)


def test_an_attack_is_not_made_without_what_it_needs():
    def believes(**held):
        return tuple(sorted(held))

    attack = KnownAttack(word="w", needs=("mask", "electors"), uses=("results",), believes=believes)
    assert attack.adversary(mask=1, electors=True, results=2, register=3) == ("mask", "results")
    assert attack.adversary(mask=1, results=None) == ("mask",)
    for held in ({"mask": None}, {"mask": 1, "electors": False}):
        with pytest.raises(ParameterError, match="none for 'w'"):
            attack.adversary(**held)
    no_rung = KnownAttack(word="w")
    assert attack.is_rung
    assert not no_rung.is_rung
    with pytest.raises(ParameterError, match="a rung of the ladder"):
        no_rung.adversary()


def test_a_recipient_uses_the_best_that_there_is():
    mask, frames = Disk(radius=9), {"residents": REGISTER, "roll": REGISTER[:2]}
    known = {"mask": mask, "electors": True, "results": RESULTS, "directory": None, **frames}
    every = Recipient(word="w", holds=HOLDS, seconds=2, hours=1)
    assert every.most == 1_800
    assert every.hours_for(900) == 0.5
    assert Recipient(word="w", seconds=0, hours=1).most == np.inf
    assert every.lacks(known) == ("directory",)
    assert every.adversary(known).name == "neighbour"
    assert every.adversary(known).register is REGISTER
    del known["residents"]
    assert every.adversary(known).register is frames["roll"]
    del known["roll"]
    assert every.adversary(known) == Adversary.knows_electors(mask)
    assert every.adversary({"mask": mask}) == Adversary.knows_mask(mask)
    assert every.adversary({"mask": VoronoiDots()}) == Adversary.nearest()
    # What each has: seconds a record, hours, euros an hour, metres around the own door.
    assert [(one.seconds, one.hours, one.euros, one.near) for one in recipients()] == [
        (30, 6, 0, 0), (0.01, 8, 80, 0), (20, 2, 0, 200), (300, 70, 40, 0), (0.1, 35, 60, 0),
    ]  # fmt: skip
