"""The way from a call to its arithmetic grows no longer: files and functions, counted by a run.

The numbers may only go down: whoever shortens a way writes the new count here. (Two functions of
the guard, of few classes and few counts, were worth a longer one.)
"""

import pytest

from tests.fixtures.scripts import script

house = script("benchmarks/house.py")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("call", "files", "functions"), [(house.audited, 18, 84), (house.measured, 23, 247)]
)
def test_a_call_passes_through_no_more_of_ours_than_it_did(call, files, functions):
    passed = house.way(call())
    assert passed[0] <= files
    assert passed[1] <= functions


def test_a_way_counts_the_files_and_functions_of_the_package():
    # `check_jobs` asks `whole`, which asks `_is_single`: one file of ours.
    from privaudit.core.checks import check_jobs

    assert house.way(lambda: check_jobs("a test", 2)) == (1, 3)
