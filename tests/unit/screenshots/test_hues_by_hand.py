"""Which colours have one hue, and how far dots on a lattice may be off: by hand."""

import numpy as np
import pytest

from privaudit.screenshots.colour_families_and_coverage import _same_hue
from privaudit.screenshots.registration import rounded_error


@pytest.mark.parametrize(
    ("hue", "wanted", "same"),
    [
        # Below a strength of 15 a colour is grey, and what is within 30 of grey is too.
        ((0, 29.9), (14.9, 0), True), ((0, 30), (14.9, 0), False), ((-29, 0), (0, 14), True),
        ((0, 29.9), (15, 0), False), ((-10, 0), (15, 0), False),
        # Half as strong along the hue, and within .87, the cosine of 29.5 degrees.
        ((20, 0), (40, 0), True), ((19.9, 0), (40, 0), False), ((90, 0), (40, 0), True),
        ((88, 47.4), (100, 0), True), ((86, 51.1), (100, 0), False),
    ],
)  # fmt: skip
def test_a_hue_is_one_by_its_strength_and_turn(hue, wanted, same):
    found = _same_hue(np.array([hue], dtype=float), np.array(wanted, dtype=float))
    assert found.tolist() == [same]


@pytest.mark.parametrize("step", [1.0, 2.0])
@pytest.mark.parametrize("aside", [0.0, 0.5])
def test_errors_of_reading_and_of_rounding_add_as_variances(step, aside):
    at = np.round(np.random.default_rng(5).uniform(0, 400, (60, 2))) * step
    found, of, beside = rounded_error(at + aside * step, np.full(60, 3.0))
    # Nine of reading, a twelfth of a squared step, and half a step where all may lie aside.
    assert found == pytest.approx(np.sqrt(9 + step**2 / 12 + (aside * step) ** 2), rel=1e-6)
    assert (of, beside) == pytest.approx((step, aside * step))
