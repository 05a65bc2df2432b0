"""tau1 and tau2: by their definition, and whether the check lets only what holds be told."""

import math
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from privaudit.errors import ParameterError
from privaudit.tables.equivalence_classes import classes
from privaudit.tables.population import loglinear_model
from privaudit.tables.population.loglinear_model import (
    LoglinearRisk,
    _counted_tau,
    _doubt,
    _estimated_taus,
    _LoglinearSample,
    _of_households,
    _of_pairs,
    _of_triples,
    _range_of,
    _scattered,
    _share,
    _steepness,
    _tau,
    fit_main_effects,
    loglinear_risk,
    tau_estimates,
)
from privaudit.tables.population.sample_ranges import Estimate
from privaudit.words.catalogues import Note

CODES = np.array([[0, 0]] * 4 + [[0, 1]] * 2 + [[1, 0]] * 3 + [[1, 1]])


def independent(people, rng):
    margins = [rng.dirichlet(np.full(k, 1.0)) for k in (6, 10, 12, 15)]
    return np.stack([rng.choice(len(q), people, p=q) for q in margins], axis=1)


def dependent(people, rng):
    """Keys that are independent only within each of six kinds of people."""
    kind, n = rng.integers(0, 6, people), np.arange(people)
    keys = []
    for k in (2, 7, 16, 40):
        of_kind = [rng.choice(k, people, p=rng.dirichlet(np.full(k, 0.4))) for _ in range(6)]
        keys.append(np.array(of_kind)[kind, n])
    return np.stack(keys, axis=1)


def truth(people, drawn):
    """tau1 and tau2 of the records that are drawn."""
    groups = classes(people)
    inside = np.bincount(groups.label[drawn], minlength=len(groups.size))
    everybody = groups.size[inside == 1]
    return {"tau1": (everybody == 1).sum(), "tau2": (1 / everybody).sum()}


def test_main_effects_written_out():
    # Ten records; the only unique is (1, 1), with margins 4 / 10 and 3 / 10.
    mu = 10 * 0.4 * 0.3 * (4 - 1)
    got = loglinear_risk(CODES, 4.0)
    assert (got.uniques, got.pairs, got.parameters) == (1, 1, 2)
    assert got.tau1 == pytest.approx(math.exp(-mu))
    assert got.tau2 == pytest.approx((1 - math.exp(-mu)) / mu)
    # Without the unique: 9 records, 3 of (1, .) and 2 of (., 1). A pair stands for 2 (4 - 1).
    assert got.expected_pairs == pytest.approx(9 * 3 / 9 * 2 / 9 * (4 - 1) / (2 * (4 - 1)))


def test_unequal_weights_written_out():
    # Those of key (1, .) stand for 5 people each, the others for 2: 32 people in all.
    weight = np.where(CODES[:, 0] == 1, 5.0, 2.0)
    everybody = 32 * (4 * 5 / 32) * ((2 * 2 + 5) / 32)
    mu = everybody - 10 * 0.4 * 0.3
    assert loglinear_risk(CODES, weight).tau1 == pytest.approx(math.exp(-mu))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_influence_of_a_record_is_what_a_little_more_weight_does(seed):
    rng = np.random.default_rng(seed)
    levels = np.concatenate([np.array(list(product(range(2), range(3), range(4))))] * 2)
    weight, at = rng.uniform(1, 3, len(levels)), rng.choice(len(levels), 9, replace=False)
    slope = rng.normal(size=9)
    got = fit_main_effects(levels, weight).influence(at, slope)
    for record in (0, 5, at[0]):
        sums = []
        for step in (1e-5, -1e-5):
            moved = weight.copy()
            moved[record] += step
            sums.append(slope @ np.log(fit_main_effects(levels, moved).mean[at]))
        assert got[record] == pytest.approx((sums[0] - sums[1]) / 2e-5, rel=1e-5)


def test_the_rest_is_the_fit_of_the_others():
    levels = independent(60, np.random.default_rng(4))
    levels = np.stack([np.unique(c, return_inverse=True)[1] for c in levels.T], axis=1)
    fit = fit_main_effects(levels, np.ones(60))
    for record in (0, 17, 59):
        others = np.delete(levels, record, axis=0)
        shares = [(others[:, j] == levels[record, j]).mean() for j in range(4)]
        assert fit.rest[record] == pytest.approx(59 * np.prod(shares))


def tried(make, rate, draws, seed, people=20_000, weight=None):
    """How often tau1 and tau2 are told, held, and how far the told ones are off."""
    rng = np.random.default_rng(seed)
    told, held = [], []
    for _ in range(draws):
        keys = make(people, rng)
        each = np.full(people, rate) if weight is None else 1 / weight(keys, rng)
        drawn = rng.random(people) < each
        found = tau_estimates(keys[drawn], 1 / rate if weight is None else 1 / each[drawn])
        for word, true in truth(keys, drawn).items():
            told.append(found[word].reliable)
            held.append(found[word].low <= true <= found[word].high)
    return np.array(told), np.array(held)


def test_independent_keys_are_told_and_held():
    told, held = tried(independent, 0.2, 10, 3)
    assert told.mean() > 0.7
    # 20 intervals of 95 %: fewer than 17 inside happens once in 60 times.
    assert held.sum() >= 17


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.2])
def test_dependent_keys_are_not_told_however_few_are_sampled(rate):
    told, held = tried(dependent, rate, 6, 5)
    assert not told.any()
    assert held.all()


def test_where_pairs_are_few_the_check_is_weak_and_nothing_is_told():
    rng = np.random.default_rng(2)
    keys = independent(20_000, rng)
    found = tau_estimates(keys[rng.random(20_000) < 0.02], 50.0)["tau1"]
    assert not found.reliable
    assert found.reason.key == "check_too_weak"
    assert found.high - found.low > 0.2 * found.reason.values["pairs"]


def by_level(keys, rng):
    return np.where(keys[:, 0] < 2, 2.0, 9.0)


def of_its_own(keys, rng):
    return rng.choice([2.0, 4.0, 12.0], len(keys))


@pytest.mark.parametrize("weight", [by_level, of_its_own])
def test_unequal_weights_are_used_rightly(weight):
    told, held = tried(independent, 0.0, 8, 9, weight=weight)
    assert told.mean() > 0.5
    assert held.sum() >= 14


def test_a_right_model_rarely_fails_its_check():
    rng = np.random.default_rng(8)
    failed = [
        abs(loglinear_risk(independent(800, rng)[:, :3], 5.0).misfit) > 2.5 for _ in range(100)
    ]
    # Four checks at 2.5 standard deviations: one in a hundred each, were they normal.
    assert np.mean(failed) < 0.12


def test_twins_drawn_together_are_no_pair():
    # Each key is that of two people of one household, and both are always drawn.
    rng = np.random.default_rng(6)
    keys = independent(3_000, rng)
    both, home = np.repeat(keys, 2, axis=0), np.repeat(np.arange(3_000), 2)
    assert loglinear_risk(both, 5.0, household=home).pairs == 0
    apart = np.concatenate([keys, independent(20, rng)])
    unknown = np.r_[np.arange(3_000), np.full(20, -1)]
    together = loglinear_risk(apart, 5.0, household=unknown)
    assert together.pairs == loglinear_risk(apart, 5.0).pairs


def test_with_everybody_in_the_file_uniques_are_counted():
    found = tau_estimates(CODES, 1.0)
    assert (found["tau1"].value, found["tau1"].reliable) == (1, True)
    assert (found["tau2"].value, found["tau2"].low, found["tau2"].high) == (1, 1, 1)


def test_where_nobody_is_alone_in_the_file_nobody_is_in_the_population():
    found = tau_estimates(np.repeat(CODES, 2, axis=0), 100.0)["tau2"]
    assert (found.value, found.high, found.reliable) == (0, 0, True)


def test_a_parameter_for_every_cell_checks_nothing():
    one = np.repeat(np.arange(6), [1, 1, 20, 30, 40, 50])[:, None]
    assert math.isnan(loglinear_risk(one, 3.0).misfit)
    found = tau_estimates(one, 3.0)["tau1"]
    assert found.reason == Note("a_parameter_for_every_cell")
    assert (found.low, found.high) == (0, 2)


def test_triples_that_stand_for_nobody_else_check_nothing():
    # The triple (1, 0) has weights of 1, 1 and 5: (w - 1) (v - 1) is 0 for each two of them.
    weight = np.where(CODES.any(axis=1) & (CODES[:, 1] == 0), 1.0, 4.0)
    weight[8] = 5.0
    # 35 people, 11 of (1, .) and 12 of (., 1).
    mu = 35 * (11 / 35) * (12 / 35) - 10 * 0.4 * 0.3
    assert loglinear_risk(CODES, weight).tau1 == pytest.approx(math.exp(-mu))


def test_a_weight_below_one_is_refused():
    with pytest.raises(ParameterError, match="weight"):
        loglinear_risk(CODES, 0.5)


def test_a_level_of_one_record_has_nobody_beside_it():
    fit = fit_main_effects(np.array([[0], [1], [1]]), np.ones(3))
    assert fit.rest.tolist() == [0, 1, 1]


def test_shares_of_a_sample_unique_are_means_over_a_poisson():
    mu = np.array([0.0, 0.3, 2.0])
    some = np.arange(60)
    for at, m in enumerate(mu):
        chance = [math.exp(-m) * m**k / math.factorial(k) for k in some.tolist()]
        assert _share("tau1", mu)[at] == pytest.approx(chance[0])
        assert _share("tau2", mu)[at] == pytest.approx(sum(np.array(chance) / (1 + some)))
    # Their fall where mu grows, by differences; beside nought by the series.
    for name in ("tau1", "tau2"):
        for m in (0.0005, 0.3, 2.0):
            ends = _share(name, np.array([m - 1e-5, m + 1e-5]))
            fall = (ends[0] - ends[1]) / 2e-5
            assert _steepness(name, np.array([m]))[0] == pytest.approx(fall, rel=1e-4)
        # The series and the difference meet.
        near = _steepness(name, np.array([0.001 - 1e-12, 0.001]))
        assert near[0] == pytest.approx(near[1], rel=1e-5)


@pytest.mark.parametrize("spread", [0.2, 1.5])
def test_scattered_shares_are_means_over_a_gamma(spread):
    # Given that one was drawn, a gamma of variance v has a mean larger by 1 + v: shape 1 / v + 1.
    from scipy.stats import gamma

    m = 0.8
    grid = np.linspace(0, 1, 20_001)[1:-1]
    values = gamma.ppf(grid, 1 / spread + 1, scale=spread * m)
    for name in ("tau1", "tau2"):
        mean = float(_share(name, values).mean())
        assert _scattered(name, np.array([m]), spread)[0] == pytest.approx(mean, rel=1e-3)


def test_records_of_one_household_are_no_class():
    home = np.array([7, 7, 8, 9, -1, -1])
    pairs = np.array([[0, 1], [0, 2], [4, 5], [3, 4]])
    assert _of_households(pairs, home).tolist() == [[0, 2], [4, 5], [3, 4]]
    assert _of_households(pairs, None) is pairs
    triples = np.array([[2, 0, 1], [0, 2, 3]])
    assert _of_households(triples, home).tolist() == [[0, 2, 3]]
    assert len(_of_households(np.empty((0, 2), int), home)) == 0


def sample_of(weight, alone, pairs=(), triples=(), unseen=None, rest=None, **more):
    """A sample of which the fit says so much of each record."""
    weight = np.asarray(weight, float)
    unseen = np.zeros(len(weight)) if unseen is None else np.asarray(unseen, float)
    return _LoglinearSample(
        weight=weight, home=more.get("home"), alone=np.array(alone, int),
        pairs=np.array(pairs, int).reshape(-1, 2), triples=np.array(triples, int).reshape(-1, 3),
        unseen=unseen, rest=unseen if rest is None else np.asarray(rest, float),
        sway=more.get("sway", lambda slope: np.zeros(len(weight))),
    )  # fmt: skip


def fay_and_feuer(total, squares, one_more, beyond=0.00135):
    """Their interval (1997) by chi-square, at three standard deviations to either side."""
    from scipy.stats import chi2

    more, larger = total + one_more, squares + one_more**2
    return (
        squares / (2 * total) * chi2.ppf(beyond, 2 * total**2 / squares),
        larger / (2 * more) * chi2.isf(beyond, 2 * more**2 / larger),
    )


def test_pairs_stand_for_the_people_beside_uniques_by_hand():
    # Two alone, fitted to have 3 and 5 people unseen; two pairs of weights (2, 3) and (4, 5).
    weight = [2, 2, 2, 3, 4, 5]
    one = sample_of(weight, [0, 1], [[2, 3], [4, 5]], rest=[3, 5, 0, 0, 0, 0])
    # One and two unseen of the first pair, three and four of the second: ten, beside eight.
    mean = 2 * (1 + 1 + 1 + 2 + 3 + 4) / 6
    low, high = fay_and_feuer(10.0, 9.0 + 49.0, mean)
    found, misfit = _of_pairs(one, np.ones(6))
    assert found == pytest.approx((low / 8, high / 8))
    assert misfit == pytest.approx((10 - 8) / math.sqrt((mean * 8 + 58) / 2))
    # By weights of 2 on the first cells and 3 on the last.
    weigh = np.array([2.0, 3.0, 2.0, 2.0, 3.0, 3.0])
    fitted, total, squares = 2 * 3 + 3 * 5, 2 * 3 + 3 * 7, 6**2 + 21**2
    variance = mean * (4 * 3 + 9 * 5) / fitted
    low, high = fay_and_feuer(total, squares, variance)
    found, misfit = _of_pairs(one, weigh)
    assert found == pytest.approx((low / fitted, high / fitted))
    assert misfit == pytest.approx((total - fitted) / math.sqrt((variance * fitted + squares) / 2))
    # Where nobody is fitted to be unseen nothing is compared.
    assert _of_pairs(sample_of(weight, [0, 1], [[2, 3]]), np.ones(6)) == ((1.0, 1.0), 0.0)


def test_triples_stand_for_squares_by_hand():
    # One alone with two unseen; a class of three of weights 2, 3 and 5: 1 x 2, 1 x 4, 2 x 4 twice.
    one = sample_of([2, 2, 3, 5], [0], triples=[[1, 2, 3]], unseen=[2, 1, 1, 1])
    weigh = np.exp([-2.0, -1.0])
    fitted, event = weigh[0] * 2**2, weigh[1] * 28
    variance = (28 * fitted * weigh[0] + event**2) / 2
    assert _of_triples(one) == pytest.approx((event - fitted) / math.sqrt(variance))
    # Where two of them stand for nobody else, or nobody is unseen, nothing is compared.
    assert _of_triples(sample_of([2, 1, 1, 5], [0], triples=[[1, 2, 3]], unseen=[2, 1, 1, 1])) == 0
    assert _of_triples(sample_of([2, 2, 3, 5], [0], triples=[[1, 2, 3]])) == 0


def test_a_range_holds_the_coin_the_fit_and_the_households(monkeypatch):
    monkeypatch.setattr(loglinear_model, "_of_pairs", lambda sample, weigh: ((0.5, 1.0), 1.25))
    moved = np.array([0.3, 0.4, -0.2])

    def ranged(home):
        one = sample_of(
            np.full(3, 2.0), [0, 1], unseen=[1, 2, 0], rest=[0.9, 1.8, 0], home=home,
            sway=lambda slope: moved,
        )  # fmt: skip
        return _range_of("tau1", one)

    share = np.exp([-1.0, -2.0])
    value = share.sum()
    # Half as many unseen is the most; no factor beyond one is open, and nothing is scattered.
    most = np.exp([-0.45, -0.9]).sum()
    for home, squares in (
        (None, 0.3**2 + 0.4**2 + 0.2**2), (np.array([5, 5, -1]), 0.7**2 + 0.2**2),
        (np.array([-1, -1, -1]), 0.3**2 + 0.4**2 + 0.2**2),
    ):  # fmt: skip
        half = 1.959963984540054 * math.sqrt((share * (1 - share)).sum() + squares)
        found = ranged(home)
        assert (found.value, found.misfit) == (pytest.approx(value), 1.25)
        assert found.low == pytest.approx(max(value - half, 0))
        assert found.high == pytest.approx(min(value + math.hypot(half, most - value), 2))


def risk(**said):
    plain = {"tau1": 5.0, "tau1_low": 3.0, "tau1_high": 7.0, "tau2": 9.0, "tau2_low": 8.0,
             "tau2_high": 10.0, "uniques": 20, "pairs": 4, "expected_pairs": 4.0, "misfit": 0.0,
             "parameters": 10}  # fmt: skip
    return LoglinearRisk(**plain | said)


@pytest.mark.parametrize(
    ("said", "records", "why"),
    [
        # Five records a parameter, two and a half deviations.
        ({}, 50, None), ({}, 49, "too_many_parameters"), ({"misfit": 2.5}, 50, None),
        ({"misfit": -2.51}, 50, "keys_not_independent"), ({"misfit": 2.51}, 50,
        "keys_not_independent"), ({"misfit": math.nan}, 50, "a_parameter_for_every_cell"),
    ],
)  # fmt: skip
def test_a_fit_is_doubted_beyond_its_limits(said, records, why):
    found = _doubt(risk(**said), records)
    assert (found and found.key) == why


def test_a_range_of_a_fifth_of_the_uniques_is_reliable(monkeypatch):
    # Of 20: four wide; and a little more.
    for high, weak in ((7.0, False), (7.001, True)):
        monkeypatch.setattr(loglinear_model, "loglinear_risk",
                            lambda *_, high=high, **__: risk(tau1_high=high))  # fmt: skip
        found = tau_estimates(np.zeros((50, 1), int), 2.0)["tau1"]
        assert (found.value, found.low, found.high, found.reliable) == (5, 3, high, not weak)
    monkeypatch.setattr(loglinear_model, "loglinear_risk", lambda *_, **__: risk(misfit=9.0))
    found = tau_estimates(np.zeros((50, 1), int), 2.0)["tau2"]
    assert (found.low, found.high, found.reliable) == (0, 20, False)
    # Nothing is estimated with everybody in the file, whatever the fit.
    assert tau_estimates(np.zeros((50, 1), int), 1.0)["tau1"].reliable


def counted(people, between=None, most=math.inf, word="tau2", doubt=None):
    """Tau of records a and b, each alone, and of two c."""
    size, label = np.array([1, 1, 2]), np.array([0, 1, 2, 2])
    sizes = SimpleNamespace(weight=np.ones(4), most=lambda name, value: most)
    population = SimpleNamespace(people=np.array(people, float), doubt=doubt, notes=(),
                                 between=between and tuple(map(np.array, between)))  # fmt: skip
    groups = SimpleNamespace(size=size, label=label)
    return _counted_tau(SimpleNamespace(population=population, sizes=sizes, groups=groups), word)


def test_matches_in_a_listed_population_are_counted():
    found = counted([1, 4, 5, 5])
    assert (found["value"], found["low"], found["high"]) == (1.25, 1.25, 1.25)
    assert (found["reliable"], found["worst_case"]) == (True, False)
    assert counted([1, 4, 5, 5], word="tau1")["value"] == 1
    assert not counted([1, 4, 5, 5], doubt=Note("x"))["reliable"]
    # Whatever blanks hide: one is alone for sure, the second perhaps; each c is one of five.
    between = ([1, 1, 5, 5], [1, 4, 5, 5])
    found = counted([1, 2, 5, 5], between)
    assert (found["value"], found["low"], found["high"]) == (1.5, 1, pytest.approx(2.4))
    assert found["worst_case"]
    assert counted([1, 2, 5, 5], between, word="tau1")["high"] == 2
    # No more than may be alone in the file; a value outside is moved to the end.
    assert counted([1, 2, 5, 5], between, most=1.2)["value"] == 1.2
    assert counted([2, 4, 5, 5], between)["value"] == 1


def test_why_tau_cannot_be_had():
    population = SimpleNamespace(source="weights")
    for counts, fewer, why in ((True, {}, "needs_records"), (False, {2: 1}, "needs_complete")):
        context = SimpleNamespace(population=population, counted=counts,
                                  sizes=SimpleNamespace(fewer=fewer))  # fmt: skip
        assert _tau(context, "tau1").key.startswith(why)


def test_where_the_model_does_not_fit_pairs_bound_from_below(monkeypatch):
    doubt = Estimate(value=5.0, low=0.0, high=20.0, reliable=False, reason=Note("x"))
    sure = Estimate(value=5.0, low=1.0, high=20.0)
    asked = []

    def estimates(codes, weight, household):
        asked.append(weight)
        return {"tau1": doubt, "tau2": sure}

    monkeypatch.setattr(loglinear_model, "tau_estimates", estimates)
    monkeypatch.setattr(loglinear_model, "fewest_alone", lambda size, people: 16.0)
    table = SimpleNamespace(codes=None, weight=np.array([0.5, 3.0]))
    context = SimpleNamespace(table=table, household=None, size=None,
                              population=SimpleNamespace(people=None))  # fmt: skip
    found = _estimated_taus(context, SimpleNamespace(uneven=True, value=0.5))
    # Sixteen, less two deviations.
    assert (found["tau1"].low, found["tau2"].low) == (8, 1)
    _estimated_taus(context, SimpleNamespace(uneven=False, value=0.25))
    assert (asked[0].tolist(), asked[1]) == ([1, 3], 4)
    for fewest, low in ((4.0, 0), (900.0, 20)):
        monkeypatch.setattr(loglinear_model, "fewest_alone", lambda *_, fewest=fewest: fewest)
        found = _estimated_taus(context, SimpleNamespace(uneven=False, value=0.25))
        assert found["tau1"].low == low
