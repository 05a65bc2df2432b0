"""Dots to addresses: priors, exact dots, dots that nothing explains, rounding at the edge."""

import json

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import locate_dots, prior_over_addresses
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import Exact
from privaudit.maps.masks.noise import Gaussian
from privaudit.words.catalogues import Note


def addresses(positions, **counts):
    x, y = np.asarray(positions, float).reshape(-1, 2).T
    n = len(x)
    frame = {"id": [f"a{i}" for i in range(n)], "number": "1", "street": "Rue", "commune": "C"}
    return AddressBase(pd.DataFrame({**frame, "station": "", "x": x, "y": y, **counts}), real=False)


def seek(points, base, adversary, seed=0):
    return locate_dots(np.asarray(points, float), base, adversary, rng=np.random.default_rng(seed))


def test_nearest_is_sure_and_splits_ties():
    base = addresses([[0, 0], [0, 0], [100, 0]])
    found = seek([[1, 0], [90, 0]], base, Adversary.nearest())
    assert found.address[1] == 2
    assert found.address[0] in (0, 1)
    assert found.confidence.tolist() == [0.5, 1.0]
    assert found.k_addresses.tolist() == [2.0, 1.0]


@pytest.mark.parametrize("adversary", [Adversary.nearest(), Adversary.knows_mask(Exact())])
def test_addresses_are_named_by_their_row_in_the_file(adversary):
    places = np.random.default_rng(2).permutation(50)[:, None] * np.array([[40.0, 70.0]])
    rows = np.random.default_rng(3).permutation(50)
    found = seek(places[rows] + 0.03, addresses(places), adversary)
    assert np.array_equal(found.address, rows)
    assert np.array_equal(found.posterior.candidate, rows)


def test_ties_fall_on_each_address_alike():
    base = addresses([[0, 0], [0, 0], [0, 0]])
    found = seek(np.zeros((3000, 2)), base, Adversary.nearest())
    # Standard error 26; four of them.
    assert np.abs(np.bincount(found.address, minlength=3) - 1000).max() < 104


def test_a_donut_leaves_out_the_nearest_address():
    # Homes at 10, 60 and 100 m; a donut of 50 to 200 m cannot have come from the first.
    base = addresses([[10, 0], [0, 60], [-100, 0]], residents=[1, 2, 5])
    found = seek([[0, 0]], base, Adversary.knows_mask(Donut(r_min=50, r_max=200)))
    assert sorted(found.posterior.candidate) == [1, 2]
    assert found.posterior.probability.tolist() == [0.5, 0.5]
    assert found.k_addresses.tolist() == [2.5]  # half 2 addresses, half 3
    assert found.k_people.tolist() == [0.5 * 3 + 0.5 * 8]
    by_radius = Adversary.knows_mask(Donut(r_min=50, r_max=200, uniform="radius"))
    found = seek([[0, 0]], base, by_radius)
    assert found.address.tolist() == [1]
    assert found.confidence[0] == pytest.approx((1 / 60) / (1 / 60 + 1 / 100))


def test_electors_weigh_as_counted():
    base = addresses([[60, 0], [0, 60], [-60, 0]], electors=[1, 3, 0], residents=[9, 9, 9])
    found = seek([[0, 0]], base, Adversary.knows_electors(Donut(r_min=50, r_max=200)))
    assert found.address.tolist() == [1]
    assert found.confidence.tolist() == [0.75]
    assert found.credible.tolist() == [2]


def test_residents_stand_in_for_electors_and_no_count_is_refused():
    rung = Adversary.knows_electors(Exact())
    assert prior_over_addresses(addresses([[0, 0], [9, 0]], residents=[1, 3]), rung)[1] == 0.75
    with pytest.raises(ParameterError, match="electors or residents at each address"):
        prior_over_addresses(addresses([[0, 0]]), rung)
    with pytest.raises(ParameterError, match="above 0 somewhere"):
        prior_over_addresses(addresses([[0, 0]], electors=[0]), rung)


def test_where_nobody_votes_all_candidates_are_alike_and_it_is_said():
    base = addresses([[60, 0], [0, 60], [900, 0]], electors=[0, 0, 7])
    found = seek([[0, 0]], base, Adversary.knows_electors(Donut(r_min=50, r_max=200)))
    assert found.posterior.probability.tolist() == [0.5, 0.5]
    (note,) = found.tally.notes
    assert note == Note("dots_without_prior", dots=1, of=1, prior="electors")


def test_a_dot_that_nothing_explains_has_no_guess():
    base = addresses([[0, 0], [900, 0]])
    found = seek([[0, 0], [0, 100]], base, Adversary.knows_mask(Donut(r_min=50, r_max=200)))
    assert found.address.tolist() == [-1, 0]
    assert found.confidence.tolist() == [0, 1]
    assert found.credible.tolist() == [0, 1]
    assert np.isnan(found.k_addresses[0])
    (note,) = found.tally.notes
    assert note == Note("unexplained_dots", dots=1, of=2, mask=str(Donut(r_min=50, r_max=200)))
    found = seek([[0, 5.1], [0, 4.9]], base, Adversary.knows_mask(Exact()))
    assert found.address.tolist() == [-1, 0]


def test_no_dot_explained_at_all():
    found = seek([[0, 5000]], addresses([[0, 0]]), Adversary.knows_mask(Gaussian(sigma=10)))
    assert found.address.tolist() == [-1]
    assert len(found.posterior.candidate) == 0


def test_exact_dots_within_their_rounding_share_the_posterior():
    base = addresses([[0, 0], [0, 0.08], [0, 3]])
    found = seek([[0, 0], [0, 3.4]], base, Adversary.knows_mask(Exact()))
    assert np.diff(found.posterior.indptr).tolist() == [2, 1]
    assert found.confidence.tolist() == [0.5, 1.0]


@pytest.mark.parametrize("uniform", ["area", "radius"])
def test_a_rounded_coordinate_does_not_lose_the_home(uniform):
    # .07 m beyond the edge: what six decimals of a degree can do.
    base = addresses([[200.07, 0], [0, 49.93], [260, 0]])
    mask = Donut(r_min=50, r_max=200, uniform=uniform)
    found = seek([[0, 0]], base, Adversary.knows_mask(mask))
    assert sorted(found.posterior.candidate) == [0, 1]


def test_a_register_is_a_prior_and_what_it_misses_is_anywhere():
    register = pd.DataFrame({"address": [0, 0, 0, 1, -1]})
    base = addresses([[0, 0], [9, 0], [99, 0]])
    sure = Adversary.neighbour(register=register)
    assert prior_over_addresses(base, sure).tolist() == [0.75, 0.25, 0.0]
    # Half the people missing: 4 entries and 4 people spread over three addresses.
    half = Adversary.holds_register(register, coverage=0.5)
    assert prior_over_addresses(base, half) == pytest.approx(np.array([13, 7, 4]) / 24)


def test_registers_that_do_not_fit():
    base = addresses([[0, 0]])
    beyond = Adversary.neighbour(register=pd.DataFrame({"address": [1]}))
    with pytest.raises(ParameterError, match="rows 0 to 0 of the backdrop"):
        prior_over_addresses(base, beyond)
    text = Adversary.neighbour(register=pd.DataFrame({"address": ["0"]}))
    with pytest.raises(ParameterError, match="rows 0 to 0 of the backdrop"):
        prior_over_addresses(base, text)
    with pytest.raises(SchemaError, match="'address' is not a column of the register"):
        Adversary.neighbour(register=pd.DataFrame({"adress": [0]}))


def test_positions_that_cannot_be():
    with pytest.raises(GeometryError, match="finite x and y"):
        seek([[np.nan, 0]], addresses([[0, 0]]), Adversary.nearest())
    with pytest.raises(GeometryError, match="at least one address"):
        seek([[0, 0]], addresses(np.empty((0, 2))), Adversary.nearest())


def test_no_dot_at_all():
    found = seek(np.empty((0, 2)), addresses([[0, 0]]), Adversary.nearest())
    assert len(found.address) == len(found.posterior) == 0


def test_adversaries_that_cannot_be():
    with pytest.raises(ParameterError, match="Did you mean 'electors'"):
        Adversary(name="x", prior="elector")
    with pytest.raises(ParameterError, match="trust_in_label"):
        Adversary(name="x", trust_in_label=1.2)
    with pytest.raises(ParameterError, match="either a mask or estimates_mask"):
        Adversary(name="x", mask=Exact(), estimates_mask=True)
    with pytest.raises(ParameterError, match="parse_mask"):
        Adversary(name="x", mask="donut:50:200")
    with pytest.raises(ParameterError, match="a register for prior='register'"):
        Adversary(name="x", prior="register")


def test_repr_never_shows_the_register():
    register = pd.DataFrame({"address": [0], "last_name": ["Zzyzx"]})
    shown = repr(Adversary.neighbour(register=register))
    assert "Zzyzx" not in shown
    assert "register of 1 entries" in shown


def test_the_recipe_is_plain_values_without_the_register():
    register = pd.DataFrame({"address": [0], "last_name": ["Zzyzx"]})
    recipe = Adversary.neighbour(mask=Donut(r_min=1, r_max=2), register=register).recipe()
    assert json.loads(json.dumps(recipe)) == recipe
    assert "Zzyzx" not in json.dumps(recipe)
    assert recipe["register_entries"] == 1
    assert recipe["mask"] == {"mask": "donut", "r_min": 1, "r_max": 2, "uniform": "area"}


def test_a_posterior_that_is_not_kept_gives_the_same_summaries():
    """Slices are summarised and let go where memory would not do: no number may change."""
    rng = np.random.default_rng(4)
    places = rng.uniform(0, 600, (60, 2))
    base = addresses(places, residents=rng.integers(0, 3, 60), electors=[9] + [0] * 29 + [2] * 30)
    # The last dot is 5 km from everything: no mask can have put it there.
    dots = np.vstack([places[:25] + rng.normal(0, 60, (25, 2)), [[9_000, 9_000]]])
    adversary = Adversary(name="x", mask=Donut(r_min=20, r_max=120), prior="electors")
    kept, told = (
        locate_dots(dots, base, adversary, rng=np.random.default_rng(1), keep=keep)
        for keep in (True, False)
    )
    assert told.posterior is None
    assert kept.posterior is not None
    for name in ("address", "confidence", "credible", "k_addresses", "k_people"):
        np.testing.assert_allclose(getattr(told, name), getattr(kept, name), err_msg=name)
    assert told.tally == kept.tally
    assert told.tally.unexplained == 1
    assert told.tally.without_prior > 0
    assert (told.address == 0).any()
