"""What is claimed of address, household, person and opinion is what is found, town after town.

FAULTS 3.4, over 200 towns: version 0.1.0 claimed 1.14 to 1.16 times as many persons as it found,
1.11 times as many opinions, 1.08 times as many addresses and households of neighbours.
"""

import numpy as np
import pytest
from scipy import stats

from privaudit.simulation.town import Town
from tests.fixtures.scripts import script

judging = script("benchmarks/town_reliability.py")
labels = script("benchmarks/label_reliability.py")


@pytest.mark.heavy
def test_claims_are_borne_out_in_a_few_towns():
    town = Town(inhabitants=1_500, **judging.FEW_LIKES)
    seeds, guessers = range(300, 305), ("knows electors", "neighbour")
    table = judging.told_claims(
        judging.claims_of_towns(seeds, town, masks=("exact",), guessers=guessers)
    )
    assert len(table) == 8
    assert (table["n"] > 40).all()
    # Five towns tell little: within three standard errors of a binomial that is as claimed (what is
    # found of few may be all of them, whose own error would be none), at least .02.
    error = 3 * (table["claimed"] * (1 - table["claimed"]) / table["n"]) ** 0.5
    assert ((table["claimed"] - table["found"]).abs() < error.clip(lower=0.02)).all()
    # The address of an exact dot is claimed less than for certain: some doors are another's.
    assert table.loc[table["gain"] == "address", "claimed"].between(0.9, 0.99).all()


@pytest.mark.slow
@pytest.mark.parametrize("inhabitants", [3_000, 10_000])
def test_claims_are_borne_out_in_two_hundred_towns(inhabitants):
    town = Town(inhabitants=inhabitants, **judging.FEW_LIKES)
    table = judging.told_claims(judging.claims_of_towns(range(20_000, 20_200), town))
    print(table.round(4).to_string(index=False))
    # Within 3 %, and errors under .02; what chance makes of either is apart, so that squares add.
    apart = (table["claimed"] - table["found"]).abs()
    assert (apart <= np.hypot(0.03 * table["found"], table["half"])).all()
    assert (table["ece"] < np.hypot(0.02, table["chance"])).all()
    # Nobody looks at the mean alone: a label is right in a town as often as the range says.
    assert (table.loc[table["gain"] == "opinion", "outside"] <= 0.05).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", labels.SETTINGS)
def test_the_range_of_labels_holds_whatever_nobody_sees(name):
    """FAULTS 3.4: it missed 12 to 15 towns in 100 where many, or few, like without leaning."""
    towns = labels.labels_of_towns(name, range(21_000, 21_040))
    print(labels.told_labels(towns).round(3).to_string(index=False))
    missed = (towns["found"] < towns["low"]) | (towns["found"] > towns["high"])
    # One town in twenty may be missed: so many that this is refuted, one time in a hundred.
    least = stats.binomtest(int(missed.sum()), len(towns), 0.05, alternative="greater")
    assert least.pvalue > 0.01


@pytest.mark.slow
def test_scores_are_borne_out_in_towns():
    scores = judging.scores_of_towns(range(22_000, 22_010), Town(inhabitants=6_000))
    print(judging.told_scores(scores))
    sure, hit = scores["score"].to_numpy(), scores["ours"].to_numpy()
    assert abs(sure.mean() - hit.mean()) < 0.03 * hit.mean()
    error, chance = (judging.expected_calibration_error(sure, hit), judging.chance_error(sure))
    assert error < np.hypot(0.02, chance)
