"""Laws of the attacks on dots, on small random towns, against a dense Bayes oracle."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps import posterior
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.noise import Gaussian
from privaudit.release.release import DotRelease

seeds = st.integers(0, 2**32)
masks = st.sampled_from(
    [
        Donut(r_min=50, r_max=200),
        Donut(r_min=20, r_max=90, uniform="radius"),
        Donut(r_min=0, r_max=120),
        Gaussian(sigma=40),
    ]
)


def town(seed, mask, addresses=40, dots=25):
    """Return places (some doubled), prior weights (some 0), people and masked dots."""
    rng = np.random.default_rng(seed)
    places = rng.random((addresses, 2)) * 500
    places[1] = places[0]
    prior = rng.integers(0, 5, addresses).astype(float)
    prior[2] = 3.0
    people = rng.integers(0, 9, addresses).astype(float)
    home = rng.choice(addresses, dots, p=prior / prior.sum())
    return places, prior, people, home, mask(places[home], rng=rng)


def release_of(places, prior, points):
    frame = {"id": [f"a{i}" for i in range(len(places))], "number": "1", "street": "R"}
    base = AddressBase(
        pd.DataFrame(
            {
                **frame,
                "commune": "C",
                "station": "",
                "x": places[:, 0],
                "y": places[:, 1],
                "electors": prior.astype(np.int64),
            }
        ),
        real=False,
    )
    records = pd.DataFrame({"x": points[:, 0], "y": points[:, 1]})
    return DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=base)


def dense(indptr, place, probability, columns):
    table = np.zeros((len(indptr) - 1, columns))
    table[np.repeat(np.arange(len(indptr) - 1), np.diff(indptr)), place] = probability
    return table


def dense_bayes(points, places, prior, mask):
    """Bayes on the whole matrix, within the mask's reach: what the sparse one must equal."""
    distance = np.hypot(*(points[:, None] - places[None]).transpose(2, 0, 1))
    joint = prior * mask.density(distance) * (distance <= mask.reach)
    return joint / joint.sum(axis=1, keepdims=True), distance


@given(seeds, masks)
def test_sparse_equals_dense_bayes_and_sums_to_one(seed, mask):
    places, prior, people, _, points = town(seed, mask)
    found = posterior.posterior(points, places, prior, mask.density, mask.reach, people=people)
    expected, distance = dense_bayes(points, places, prior, mask)
    got = dense(*found[:3], len(places))
    assert np.allclose(got, expected, atol=1e-12)
    assert np.allclose(got.sum(axis=1), 1)
    # Spatial k from its definition: the posterior mean of a count over all addresses.
    near = distance[:, None, :] <= distance[:, :, None] + 1e-9
    assert np.allclose(found.k_places, (expected * near.sum(axis=2)).sum(axis=1))
    assert np.allclose(found.k_people, (expected * (near @ people)).sum(axis=1))
    ranked = np.sort(expected, axis=1)[:, ::-1].cumsum(axis=1)
    assert np.array_equal(found.credible, (ranked < 0.95 - 1e-9).sum(axis=1) + 1)


@given(seeds, masks, st.sampled_from([1, 50, 3000]))
def test_the_size_of_slices_changes_no_bit(seed, mask, at_once):
    places, prior, people, _, points = town(seed, mask, dots=200)
    whole = posterior.posterior(points, places, prior, mask.density, mask.reach, people=people)
    sliced = posterior.posterior(
        points, places, prior, mask.density, mask.reach, people=people, at_once=at_once
    )
    assert all(np.array_equal(a, b) for a, b in zip(whole, sliced, strict=True))


@given(seeds, masks)
def test_the_order_of_rows_and_of_addresses_changes_nothing(seed, mask):
    places, prior, _, _, points = town(seed, mask)
    adversary = Adversary.knows_electors(mask)
    first = guess(release_of(places, prior, points), adversary, rng=np.random.default_rng(1))
    rng = np.random.default_rng(seed + 1)
    rows, doors = rng.permutation(len(points)), rng.permutation(len(places))
    again = guess(
        release_of(places[doors], prior[doors], points[rows]),
        adversary,
        rng=np.random.default_rng(1),
    )
    # The doubled address is one place: which of its two rows is named may differ.
    there = places[doors][again.address]
    assert np.allclose(there, places[first.address][rows])
    assert np.allclose(again.confidence, first.confidence[rows])
    assert np.array_equal(again.credible, first.credible[rows])
    assert np.allclose(again.k_addresses, first.k_addresses[rows])


@given(seeds, masks, st.floats(0, 2 * np.pi), st.floats(-1e6, 1e6))
def test_turning_and_shifting_the_world_changes_nothing(seed, mask, turn, shift):
    places, prior, people, _, points = town(seed, mask)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    found = posterior.posterior(points, places, prior, mask.density, mask.reach, people=people)
    moved = posterior.posterior(
        points @ rotation.T + shift,
        places @ rotation.T + shift,
        prior,
        mask.density,
        mask.reach,
        people=people,
    )
    size = len(places)
    assert np.allclose(dense(*found[:3], size), dense(*moved[:3], size), atol=1e-6)
    assert np.allclose(found.k_places, moved.k_places, atol=1e-4)


@given(seeds, masks)
def test_each_dot_finds_at_least_the_even_prior(seed, mask):
    # With an even prior over m addresses, the best of at most m candidates has at least 1 / m.
    places, prior, _, _, points = town(seed, mask)
    found = guess(
        release_of(places, prior, points), Adversary.knows_mask(mask), rng=np.random.default_rng(0)
    )
    assert (found.confidence >= 1 / len(places) - 1e-12).all()


@given(seeds, masks)
def test_posterior_vulnerability_is_at_least_the_prior(seed, mask):
    # V = integral of max_a p(a) C(z|a) over the plane, on a grid of 8 m.
    places, prior, *_ = town(seed, mask)
    prior = prior / prior.sum()
    side = np.arange(-mask.reach, 500 + mask.reach, 8.0)
    grid = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    found = posterior.posterior(grid, places, prior, mask.density, mask.reach)
    best = np.zeros(len(grid))
    filled = np.diff(found.indptr) > 0
    best[filled] = np.maximum.reduceat(found.probability, found.indptr[:-1][filled])
    vulnerability = (best * found.evidence).sum() * 64.0
    total = found.evidence.sum() * 64.0
    assert total == pytest.approx(1, abs=0.05)  # the grid sees the whole of the density
    assert vulnerability / total >= prior.max() - 0.02


def expected_hit_rate(places, mask, rng, draws=4000):
    """Posterior vulnerability, as the mean confidence over homes and moves."""
    points = mask(places[rng.integers(len(places), size=draws)], rng=rng)
    found = posterior.posterior(points, places, np.ones(len(places)), mask.density, mask.reach)
    return np.maximum.reduceat(found.probability, found.indptr[:-1]).mean()


@pytest.mark.parametrize("uniform", ["area", "radius"])
def test_a_wider_donut_never_finds_more_on_average(uniform):
    towns = [np.random.default_rng(seed).random((80, 2)) * 800 for seed in range(6)]
    rates = np.array(
        [
            [
                expected_hit_rate(
                    places, Donut(r_min=40, r_max=high, uniform=uniform), np.random.default_rng(9)
                )
                for high in (80, 120, 200, 350)
            ]
            for places in towns
        ]
    )
    # The steps are of several points; 24,000 confidences leave less than half a point.
    assert (np.diff(rates.mean(axis=0)) < -0.005).all()


@given(seeds, masks)
def test_the_truth_cannot_be_seen(seed, mask):
    places, prior, _, home, points = town(seed, mask)
    release = release_of(places, prior, points)
    adversary = Adversary.knows_electors(mask)
    plain = guess(release, adversary, rng=np.random.default_rng(3))
    permuted = np.random.default_rng(seed).permutation(home)
    for truth in (home, permuted):
        sealed = replace(release, sources=pd.DataFrame({"person": truth, "marked_address": truth}))
        with pytest.raises(ParameterError, match="as_leaked"):
            guess(sealed, adversary, rng=np.random.default_rng(3))
        leaked = guess(sealed.as_leaked(), adversary, rng=np.random.default_rng(3))
        assert np.array_equal(leaked.address, plain.address)
        assert np.array_equal(leaked.confidence, plain.confidence)


def test_confidence_is_the_hit_rate_when_the_adversary_is_right():
    # 60,000 dots of one town: the mean confidence and the hit rate within three errors.
    mask = Donut(r_min=20, r_max=90, uniform="radius")
    places, prior, _, home, points = town(4, mask, addresses=60, dots=60_000)
    found = guess(
        release_of(places, prior, points),
        Adversary.knows_electors(mask),
        rng=np.random.default_rng(0),
    )
    hit = found.address == home
    error = np.sqrt((found.confidence * (1 - found.confidence)).sum()) / len(hit)
    assert abs(hit.mean() - found.confidence.mean()) < 3 * error
