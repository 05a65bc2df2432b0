"""The walk as a hidden Markov chain: all sequences counted, and walks drawn from the model."""

import itertools
import math

import numpy as np
import pytest

from privaudit.errors import ParameterError
from privaudit.stats import hidden_markov
from privaudit.stats.hidden_markov import (
    SCALES,
    Places,
    StepLaws,
    WalkGround,
    ground_of,
    likely_places,
    walk_evidence,
    walk_posterior,
)


def exact_ground(xy, prior, scales):
    """The same places, Z summed over all of them."""
    apart = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1))
    return WalkGround(
        xy, prior, np.array([(prior * np.exp(-apart / s)).sum(axis=1) for s in scales])
    )


def transitions(ground, scale, reached, stay, jump):
    """The whole matrix of steps, as the definition has it."""
    apart = np.hypot(*(ground.xy[:, None] - ground.xy).transpose(2, 0, 1))
    near = ground.prior * np.exp(-apart / scale) / reached[:, None]
    whole = stay * np.eye(len(apart)) + (1 - stay) * ((1 - jump) * near + jump * ground.prior)
    np.testing.assert_allclose(whole.sum(axis=1), 1)
    return whole


def counted(places, chain, ground, laws):
    """Marginals and evidence of each law, every sequence of places enumerated."""
    found = []
    for k, scale in enumerate(laws.scale):
        for stay, jump in zip(laws.stay, laws.jump, strict=True):
            step = transitions(ground, scale, ground.reached[k], stay, jump)
            of = [places.of(dot) for dot in chain]
            total, sums = 0.0, [np.zeros(len(place)) for place, _ in of]
            for at in itertools.product(*(range(len(place)) for place, _ in of)):
                homes = [place[i] for (place, _), i in zip(of, at, strict=True)]
                # A weight is prior times likelihood.
                likely = math.prod(
                    weight[i] / ground.prior[h]
                    for (_, weight), i, h in zip(of, at, homes, strict=True)
                )
                walked = math.prod(step[a, b] for a, b in itertools.pairwise(homes))
                each = likely * ground.prior[homes[0]] * walked
                total += each
                for one, i in zip(sums, at, strict=True):
                    one[i] += each
            found.append((total, [one / total for one in sums]))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_all_sequences_counted(seed):
    rng = np.random.default_rng(seed)
    xy, prior = rng.uniform(0, 400, (12, 2)), rng.dirichlet(np.ones(12))
    laws = StepLaws(np.array([160.0, 80.0, 37.0]), np.array([0.0, 0.2]), np.array([0.1, 0.05]))
    ground, size = exact_ground(xy, prior, laws.scale), rng.integers(1, 5, 4)
    place = [np.sort(rng.choice(12, many, replace=False)) for many in size]
    weight = np.concatenate([rng.dirichlet(np.ones(many)) for many in size])
    places = Places(np.append(0, np.cumsum(size)), np.concatenate(place), weight)
    chain = np.array([2, 0, 3])
    fit = walk_posterior(places, [chain, np.array([1])], ground, laws)
    laws_counted = counted(places, chain, ground, laws)
    evidence = np.array([total for total, _ in laws_counted])
    assert fit.evidence == pytest.approx(math.log(evidence.mean()), abs=1e-9)
    assert fit.walk == pytest.approx(evidence.mean() / (1 + evidence.mean()), abs=1e-9)
    assert walk_evidence(places, [chain], ground, laws) == pytest.approx(fit.evidence, abs=1e-9)
    expected = weight.copy()
    for at, dot in enumerate(chain):
        mine = slice(places.indptr[dot], places.indptr[dot + 1])
        joint = sum(
            e * marginal[at]
            for e, (_, marginal) in zip(evidence / evidence.sum(), laws_counted, strict=True)
        )
        expected[mine] = (1 - fit.walk) * weight[mine] + fit.walk * joint
    np.testing.assert_allclose(fit.weight, expected, atol=1e-9)


def test_a_place_from_which_the_next_dot_cannot_be_reached_is_excluded():
    """Two places 100 km apart, no jumps: the second dot, and so the first, is at the second.

    Of a walk 1/2 (prior) x 1 (stays there) x 2 (the second dot excludes half of the prior) = 1:
    a walk is as likely as none, and the first dot's weight is (1/2, 1/2) or (0, 1).
    """
    laws = StepLaws(np.array([50.0]), np.zeros(1), np.zeros(1))
    ground = exact_ground(np.array([[0.0, 0], [1e5, 0]]), np.array([0.5, 0.5]), laws.scale)
    places = Places(np.array([0, 2, 3]), np.array([0, 1, 1]), np.array([0.5, 0.5, 1.0]))
    fit = walk_posterior(places, [np.array([0, 1])], ground, laws)
    assert fit.walk == pytest.approx(0.5)
    assert fit.weight == pytest.approx([0.25, 0.75, 1.0])


def blurred(rng, ground, homes, sigma):
    """Places of dots blurred by a Gaussian, with Bayes' weights."""
    dots = ground.xy[homes] + rng.normal(0, sigma, (len(homes), 2))
    apart = np.hypot(*(dots[:, None] - ground.xy).transpose(2, 0, 1))
    weight = ground.prior * np.exp(-0.5 * (apart / sigma) ** 2)
    weight /= weight.sum(axis=1, keepdims=True)
    m = len(ground.prior)
    return Places(np.arange(len(homes) + 1) * m, np.tile(np.arange(m), len(homes)), weight.ravel())


def drawn(rng, ground, length, scale):
    """A walk drawn from the law of a step."""
    laws = StepLaws(np.array([scale]), np.zeros(1), np.array([0.02]))
    reached = exact_ground(ground.xy, ground.prior, laws.scale).reached[0]
    step = transitions(ground, scale, reached, 0.0, 0.02)
    homes = [int(rng.choice(len(step), p=ground.prior))]
    while len(homes) < length:
        homes.append(int(rng.choice(len(step), p=step[homes[-1]])))
    return np.array(homes)


@pytest.fixture(scope="module")
def ground():
    rng = np.random.default_rng(1)
    xy = rng.uniform(0, 900, (250, 2))
    return ground_of(xy, np.full(250, 1 / 250), np.array(SCALES))


def test_of_guesses_with_confidence_p_p_are_right(ground):
    rng, laws = np.random.default_rng(2), StepLaws.usual()
    hit, sure, alone = [], [], []
    for _ in range(25):
        homes = drawn(rng, ground, 40, 60.0)
        places = blurred(rng, ground, homes, 60.0)
        rounds = np.split(np.arange(40), 4)
        weight = walk_posterior(places, rounds, ground, laws).weight.reshape(40, -1)
        hit += [*(weight.argmax(axis=1) == homes)]
        sure += [*weight.max(axis=1)]
        alone += [*(places.weight.reshape(40, -1).argmax(axis=1) == homes)]
    hit, sure = np.array(hit), np.array(sure)
    # 1,000 dots of 25 walks: three standard errors of a share, dots of a walk going together.
    assert abs(hit.mean() - sure.mean()) < 0.05
    for low, high in ((0.0, 0.15), (0.15, 0.3), (0.3, 1.0)):
        some = (sure >= low) & (sure < high)
        error = math.sqrt(sure[some].mean() * (1 - sure[some].mean()) / some.sum())
        assert abs(hit[some].mean() - sure[some].mean()) < 4 * error
    assert hit.mean() > 1.4 * np.mean(alone)


def test_dots_in_no_order_are_guessed_apart(ground):
    rng, laws = np.random.default_rng(3), StepLaws.usual()
    homes = rng.integers(0, 250, 60)
    places = blurred(rng, ground, homes, 50.0)
    fit = walk_posterior(places, np.split(np.arange(60), 4), ground, laws)
    assert fit.walk < 0.5
    assert np.abs(fit.weight - places.weight).max() < 0.1


def test_an_endless_scale_is_no_walk(ground):
    rng = np.random.default_rng(4)
    laws = StepLaws(np.array([1e12]), np.zeros(1), np.array([0.02]))
    places = blurred(rng, ground, rng.integers(0, 250, 9), 50.0)
    wide = exact_ground(ground.xy, ground.prior, laws.scale)
    fit = walk_posterior(places, [np.arange(9)], wide, laws)
    assert fit.evidence == pytest.approx(0, abs=1e-3)
    _, entry = likely_places(places)
    np.testing.assert_allclose(fit.weight[entry], places.weight[entry], rtol=1e-3)


def test_the_raster_sums_what_is_around(ground):
    exact = exact_ground(ground.xy, ground.prior, np.array(SCALES)).reached
    np.testing.assert_allclose(ground.reached, exact, rtol=0.04)


def test_the_likeliest_places_are_left():
    places = Places(np.array([0, 3, 3, 5]), np.arange(5), np.array([0.2, 0.5, 0.3, 0.5, 0.5]))
    few, entry = likely_places(places, most=2)
    assert few.indptr.tolist() == [0, 2, 2, 4]
    assert entry.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(few.weight, [0.625, 0.375, 0.5, 0.5])


def test_a_dot_without_a_place_is_skipped(ground):
    laws = StepLaws.usual()
    places = Places(np.array([0, 2, 2, 4]), np.array([0, 1, 0, 1]), np.full(4, 0.5))
    fit = walk_posterior(places, [np.array([0, 1, 2])], ground, laws)
    np.testing.assert_allclose(np.add.reduceat(fit.weight, [0, 2]), 1)
    alone = walk_posterior(places, [np.array([1]), np.array([0])], ground, laws)
    assert math.isnan(alone.scale)
    np.testing.assert_array_equal(alone.weight, places.weight)


def test_what_would_take_long_is_refused(ground, monkeypatch):
    monkeypatch.setattr(hidden_markov, "_MOST_STEPS", 3)
    places = Places(np.array([0, 2, 4]), np.array([0, 1, 0, 1]), np.full(4, 0.5))
    with pytest.raises(ParameterError, match="several parts"):
        walk_posterior(places, [np.array([0, 1])], ground, StepLaws.usual())
