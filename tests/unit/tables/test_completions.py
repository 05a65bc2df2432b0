"""Ranges over every way to fill blanks in, by hand."""

import numpy as np

from privaudit.tables.missing_keys import people_between, records_under


def test_blanks_that_do_not_do_for_two_classes_help_one_and_a_half():
    # Two people alone, three blanks that may be of either, classes of fewer than three: two blanks
    # join one of them, and with the third the other is still alone, or one of two. At most all
    # three have values of their own.
    assert records_under([1, 1, 3], [True, True, False], [4, 4, 5], 3, 3) == (1, 5)


def test_whoever_is_asked_for_is_one_of_a_population_that_lists_nobody_like_them():
    least, most = people_between([[5, -1], [0, -1]], [[0, 0], [0, 1], [1, 1]], [3, 4, 9])
    np.testing.assert_array_equal(least, [1, 3])
    np.testing.assert_array_equal(most, [1, 4])
