"""Published and computed figures that traces and countries must give."""

import numpy as np
import pytest

from privaudit.io.public_counts import read_pyramid
from privaudit.tables.population.uniqueness import class_share


def test_one_zip_code_of_the_united_states():
    # 9,330 people in 2 sexes x 365 days x 78 years: exp(-n / d) = .849; a published
    # simulation of that ZIP code gives .843 to .857.
    cells = 2 * 365 * 78
    share = float(class_share([9330], [1 / cells], [cells])[0])
    assert share == pytest.approx(np.exp(-9330 / cells), abs=1e-4)
    assert round(share, 3) == 0.849
    assert 0.843 <= share <= 0.857


def test_population_of_france_by_sex():
    # INSEE, Bilan démographique 2023: 68,373,000 people on 1 January 2024.
    assert abs(int(read_pyramid()["population"].sum()) - 68_373_000) < 500
