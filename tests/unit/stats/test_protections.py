"""Rounding, cell keys and noise on counts: laws, published values, privacy by definition."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from privaudit.core.checks import keyword_only
from privaudit.errors import ParameterError
from privaudit.stats.protections import (
    CellKey,
    CountProtection,
    DiscreteGaussian,
    GeometricNoise,
    RandomRounding,
    Rounding,
    cell_keys,
    delta,
    epsilon_at_least,
    parse_protection,
)

EVERY = [
    Rounding(step=3), Rounding(step=10), RandomRounding(step=3), RandomRounding(step=5),
    RandomRounding(step=10), CellKey(most=5, variance=2), CellKey(most=5, variance=3, blocked=2),
    GeometricNoise(epsilon=0.5), GeometricNoise(epsilon=2), DiscreteGaussian(sigma=1.5),
]  # fmt: skip
each = pytest.mark.parametrize("protection", EVERY, ids=str)


@each
def test_what_is_shown_is_a_law_and_has_no_bias(protection):
    for count in range(25):
        values, chance = protection.outcomes(count)
        assert (np.diff(values) > 0).all()
        assert (chance >= 0).all()
        assert chance.sum() == pytest.approx(1, abs=1e-12)
        if not isinstance(protection, Rounding):
            assert values @ chance == pytest.approx(count, abs=1e-9)
        assert np.abs(values - count).max() <= protection.reach


@each
def test_likelihoods_are_the_laws_read_the_other_way(protection):
    """P(shown | count) by `outcomes`, for each count that `likelihood` gives, and for no other."""
    for shown in np.unique(np.concatenate([protection.outcomes(n)[0] for n in (0, 3, 11)])):
        first, weight = protection.likelihood(int(shown))
        by_law = np.zeros(first + len(weight) + 60)
        for count in range(len(by_law)):
            values, chance = protection.outcomes(count)
            by_law[count] = chance[values == shown].sum()
        np.testing.assert_allclose(by_law[first : first + len(weight)], weight, atol=1e-15)
        outside = np.delete(by_law, np.arange(first, first + len(weight)))
        assert outside.max() <= 1e-9 * weight.max()


@each
def test_a_word_reads_back(protection):
    assert parse_protection(str(protection)) == protection


@each
def test_draws_follow_the_law(protection):
    """Chi-square of 20,000 draws against the exact law, at one in ten thousand."""
    from scipy.stats import chi2

    draws = protection.protect(np.full(20_000, 7), np.random.default_rng(3).random(20_000))
    values, chance = protection.outcomes(7)
    often = chance * 20_000 >= 5
    counted = np.array([(draws == v).sum() for v in values])
    cells = np.append(counted[often], counted[~often].sum())
    expected = np.append(20_000 * chance[often], 20_000 * chance[~often].sum())
    cells, expected = cells[expected > 1e-6], expected[expected > 1e-6]
    if len(cells) == 1:
        assert cells[0] == 20_000
        return
    assert ((cells - expected) ** 2 / expected).sum() < chi2.ppf(1 - 1e-4, len(cells) - 1)


def test_rounding_by_hand():
    assert [int(Rounding(step=3).outcomes(n)[0][0]) for n in range(6)] == [0, 0, 3, 3, 3, 6]
    values, chance = RandomRounding(step=3).outcomes(4)
    assert values.tolist() == [3, 6]
    np.testing.assert_allclose(chance, [2 / 3, 1 / 3])


def test_cell_key_has_the_published_table():
    """R package ptable 1.0.0, vignette: ``create_cnt_ptable(D = 2, V = 1)``, row of 2 and more."""
    chance = CellKey(most=2, variance=1).outcomes(2)[1]
    assert chance[0] == pytest.approx(0.0638, abs=5e-5)
    assert chance[2] == pytest.approx(0.383, abs=5e-4)


@pytest.mark.parametrize("blocked", [0, 1, 2])
def test_cell_key_noise_has_its_variance_its_ends_and_no_blocked_count(blocked):
    protection = CellKey(most=5, variance=3, blocked=blocked)
    for count in range(1, 12):
        values, chance = protection.outcomes(count)
        assert (values - count) ** 2 @ chance == pytest.approx(3, abs=1e-9)
        assert ((values == 0) | (values > blocked)).all()
    assert protection.outcomes(0)[0].tolist() == [0]


def test_cell_key_noise_has_the_largest_entropy():
    """No step that keeps mass, mean and variance raises the entropy."""
    for count in (1, 2, 4, 9):
        values, chance = CellKey(most=4, variance=2).outcomes(count)
        fixed = np.stack([np.ones(len(values)), values, values**2])
        around = np.linalg.svd(fixed)[2][3:]
        entropy = -(chance * np.log(chance)).sum()
        for step in around:
            for sign in (1, -1):
                other = chance + sign * 1e-4 * step
                if (other > 0).all():
                    assert -(other * np.log(other)).sum() < entropy


def test_the_same_records_get_the_same_noise():
    """Whatever the cell is called, and wherever it stands, its key is the sum of its records'."""
    keys = np.random.default_rng(5).random(30)
    cell = np.arange(30) % 3
    one = cell_keys(keys, cell, 3)
    other = cell_keys(np.append(keys[cell == 1], 0.3), [0] * 10 + [1], 2)
    assert other[0] == pytest.approx(one[1])
    # The key of a cell with any one record more is uniform again.
    assert other[1] == pytest.approx(0.3)


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("members", [1, 3])
def test_geometric_noise_is_private_at_epsilon_and_no_less(epsilon, members):
    noise = GeometricNoise(epsilon=epsilon)
    assert delta(noise, members * epsilon, members=members) < 1e-12
    assert delta(noise, 0.9 * members * epsilon, members=members) > 1e-3
    # A household's epsilon is the sum over its members.
    assert members == 1 or delta(noise, epsilon, members=members) > 1e-3


@keyword_only
@dataclass(frozen=True, kw_only=True)
class HalfTheNoise(GeometricNoise):
    """A mechanism whose scale is wrong by two."""

    def noise(self):
        law = np.exp(-2 * self.epsilon * np.abs(np.arange(-self.reach, self.reach + 1)))
        return law / law.sum()


def test_a_wrong_scale_is_caught_by_enumeration_and_by_draws():
    wrong, right = HalfTheNoise(epsilon=1), GeometricNoise(epsilon=1)
    assert delta(wrong, 1.0) > 0.1
    rng = np.random.default_rng(1)

    def audited(noise):
        return epsilon_at_least(
            *(noise.protect(np.full(4_000, n), rng.random(4_000)) for n in (4, 5))
        )

    assert audited(wrong) > 1.0
    assert audited(right) <= 1.0


def test_the_audited_bound_exceeds_epsilon_in_no_more_than_a_twentieth():
    rng = np.random.default_rng(11)
    noise, above = GeometricNoise(epsilon=1), 0
    for _ in range(200):
        draws = [noise.protect(np.full(400, n), rng.random(400)) for n in (0, 1)]
        above += epsilon_at_least(*draws) > 1.0
    # Binomial(200, .05): 20 or more once in a thousand.
    assert above < 20


@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("epsilon", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("members", [1, 2])
def test_the_discrete_gaussian_has_the_delta_of_its_theorem(sigma, epsilon, members):
    """Canonne, Kamath and Steinke 2020, theorem 7: tails at eps s^2 / D -+ D / 2."""
    x = np.arange(-200, 201)
    law = np.exp(-(x**2) / (2 * sigma**2))
    law /= law.sum()
    middle = epsilon * sigma**2 / members
    closed = (
        law[x > middle - members / 2].sum()
        - math.exp(epsilon) * law[x > middle + members / 2].sum()
    )
    found = delta(DiscreteGaussian(sigma=sigma), epsilon, members=members, counts=[0, 5])
    assert found == pytest.approx(closed, abs=1e-12)


def test_rounding_and_cell_keys_bound_no_epsilon():
    assert delta(Rounding(step=5), 5.0) == 1.0
    # One of 0 is shown as 0 always; of 1 as 5 with probability 1/5.
    assert delta(RandomRounding(step=5), 50.0) == pytest.approx(0.2)
    assert delta(CellKey(most=5, variance=2), 50.0) > 0.1


def test_words_are_unique_and_wrong_ones_are_refused():
    words = [kind.word for kind in CountProtection.declared.values()]
    assert all(a != b for a, b in pairwise(sorted(words)))
    for text, message in [
        ("rounding", "rounding:5"), ("roundin:5", "Did you mean 'rounding'"),
        ("geometric:x", "a number"),
        ("cell_key:5:9", "variance"), ("cell_key:2:1:2", "a variance between"),
        ("rounding:1", "step"),
        ("geometric:0", "epsilon"), ("discrete_gaussian:-1", "sigma"),
    ]:  # fmt: skip
        with pytest.raises(ParameterError, match=message):
            parse_protection(text)
    with pytest.raises(ParameterError, match="no count is shown as"):
        Rounding(step=5).likelihood(3)


@pytest.mark.parametrize("epsilon", [0.01, 0.5, 1, 20])
def test_geometric_noise_reaches_the_first_move_of_one_in_ten_million_billions(epsilon):
    reach = GeometricNoise(epsilon=epsilon).reach
    assert math.exp(-epsilon * reach) <= 1e-16 < math.exp(-epsilon * (reach - 1))


@pytest.mark.parametrize("sigma", [0.1, 1.5, 1000])
def test_gaussian_noise_reaches_the_first_move_of_one_in_ten_million_billions(sigma):
    reach = DiscreteGaussian(sigma=sigma).reach
    far, nearer = (math.exp(-(move**2) / (2 * sigma**2)) for move in (reach, reach - 1))
    assert far <= 1e-16 < nearer
