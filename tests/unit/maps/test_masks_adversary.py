"""Rungs read from words, and what a station's result adds to a declared opinion."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary, trust_in_labels
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.opinion import trust_by_station
from privaudit.maps.posterior import Posterior
from privaudit.maps.registry import RUNGS, parse_adversary
from privaudit.release.release import DotRelease

MASK = Donut(r_min=5, r_max=20)
RESULTS = pd.DataFrame(
    {"station": ["east", "west"], "electors": [300, 100], "right": [0.1, 0.5], "left": [0.9, 0.5]}
)
REGISTER = pd.DataFrame({"address": [0, 1]})


def street(stations=("west", "east", "")):
    frame = pd.DataFrame({"x": [0.0, 10.0, 20.0], "y": 0.0, "station": list(stations)})
    frame = frame.assign(id=list("abc"), number="1", street="s", commune="c", electors=1)
    columns = ["id", "number", "street", "commune", "station", "x", "y", "electors"]
    return AddressBase(frame[columns], real=False)


@pytest.mark.parametrize("word", RUNGS)
def test_every_rung_can_be_said(word):
    rung = parse_adversary(word, mask=MASK, register=REGISTER, results=RESULTS)
    assert isinstance(rung, Adversary)
    assert (rung.mask is None) == (word in ("nearest", "unknown_mask"))
    holders = ("holds_register", "neighbour", "unknown_mask")
    assert (rung.register is None) == (word not in holders)
    assert (rung.results is None) == (word != "knows_results")
    again = parse_adversary(
        word.replace("_", "-").upper(), mask=MASK, register=REGISTER, results=RESULTS
    )
    assert again.name == rung.name
    # The copies are the release's: whoever holds them knows the mask, and no more.
    assert rung.name == ("knows_mask" if word == "holds_versions" else word)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("knows_masc", "Did you mean 'knows_mask'"),
        ("knows_mask", "needs a mask, but got none for 'knows_mask'. Give mask="),
        ("knows_results", "needs a mask"),
        ("holds_register", "needs a register"),
    ],
)
def test_a_rung_that_cannot_be(word, message):
    with pytest.raises(ParameterError, match=message):
        parse_adversary(word)


def test_results_need_stations():
    with pytest.raises(SchemaError, match="station"):
        Adversary.knows_results(MASK, pd.DataFrame({"right": [0.2]}))


def test_trust_follows_the_base_rate_of_where_the_dot_may_be():
    """By hand: the area's rate is (300 x .1 + 100 x .5) / 400 = .2; a trust of .7 there is a
    likelihood ratio of (.7 / .3) (.8 / .2) = 28 / 3. At .5: 28 / 31. At .1: 28 / 55. Half and
    half: a rate of .3, and (28 / 3) .3 / (.7 + (28 / 3) .3) = .8. Without station: .7."""
    posterior = Posterior(
        np.array([0, 1, 2, 4, 5, 5]), np.array([0, 1, 0, 1, 2]), np.array([1, 1, 0.5, 0.5, 1])
    )
    (trust,) = trust_by_station(
        np.array(["right"] * 5),
        [np.full(5, 0.7)],
        posterior,
        street(),
        Adversary.knows_results(MASK, RESULTS),
    )
    assert trust == pytest.approx([28 / 31, 28 / 55, 0.8, 0.7, 0.7])


def test_what_the_results_do_not_name_stays():
    posterior = Posterior(np.array([0, 1, 2]), np.array([0, 0]), np.ones(2))
    opinion, trust = np.array(["", "centre"]), np.array([0.0, 0.6])
    adversary = Adversary.knows_results(MASK, RESULTS)
    (found,) = trust_by_station(opinion, [trust], posterior, street(), adversary)
    assert found.tolist() == [0, 0.6]


def test_results_of_other_stations_are_refused():
    posterior = Posterior(np.array([0, 1]), np.array([0]), np.ones(1))
    with pytest.raises(ParameterError, match="stations"):
        trust_by_station(
            np.array(["right"]),
            [np.array([0.7])],
            posterior,
            street(("n", "n", "n")),
            Adversary.knows_results(MASK, RESULTS),
        )


def test_a_whole_attack_with_results():
    dots = pd.DataFrame({"x": [0.0], "y": [-20.0], "presumed_leaning": ["right"]})
    roles = Roles(location=["x", "y"], sensitive=["presumed_leaning"])
    leak = DotRelease(records=dots, roles=roles, backdrop=street())
    found = guess(leak, Adversary.knows_results(MASK, RESULTS), rng=np.random.default_rng(0))
    # Only the home at 0, 0 is within 20 m of the dot.
    assert found.address.tolist() == [0]
    assert found.opinion.tolist() == ["right"]
    # How often a label is right is an assumption with its range; four in five there vote so.
    trust = trust_in_labels(leak.labels_checked).value
    right, wrong = trust * 0.8, (1 - trust) * 0.2
    assert found.opinion_confidence == pytest.approx([right / (right + wrong)])
