"""A run has the same bytes with any number of threads, as it has with any number of workers."""

import os
import subprocess
import sys
from threading import Event, Thread

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from threadpoolctl import threadpool_info, threadpool_limits

import privaudit as pa
from privaudit.core.reproducible import one_thread
from privaudit.linkage.link_tables import recalibrated
from privaudit.stats.calibration import calibrated
from privaudit.tables.population.pitman_model import fit_pitman
from privaudit.traces.reidentification import learn_claims


@pytest.fixture(scope="module")
def world():
    return pa.simulate(pa.Town(inhabitants=1_500), seed=5)


def _learnt(world, threads):
    with threadpool_limits(threads):
        campaign = pa.run_campaign(world, seed=5)
        return campaign.evidence.likes, campaign.profiles["score"].to_numpy(float)


@pytest.mark.heavy
def test_what_is_learnt_of_likes_does_not_depend_on_threads(world):
    for one, two in zip(_learnt(world, 1), _learnt(world, 2), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_town_does_not_depend_on_threads():
    """In a town of 3,000 people a product that two threads share differs in its last bit."""

    def liked(threads):
        with threadpool_limits(threads):
            return pa.simulate(pa.Town(inhabitants=3_000), seed=7).interactions

    pd.testing.assert_frame_equal(liked(1), liked(2))


FEW = np.array([0.2, 0.6, 0.9, 0.4])
RIGHT = np.array([False, True, True, False])


@pytest.mark.parametrize(
    "fit",
    [
        lambda: fit_pitman([1, 1, 1, 2, 5]),
        lambda: learn_claims([np.eye(2)], np.arange(2)),
        lambda: recalibrated(FEW, np.arange(4), RIGHT),
        lambda: calibrated(FEW, RIGHT, FEW),
    ],
    ids=["pitman", "claims", "links", "calibration"],
)
def test_a_fit_of_few_numbers_starts_no_threads(fit, monkeypatch):
    """L-BFGS-B solves systems of a few rows: two threads took fifty times what one does."""
    held, minimize = [], scipy.optimize.minimize

    def watched(*given, **named):
        held.extend(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
        return minimize(*given, **named)

    monkeypatch.setattr(scipy.optimize, "minimize", watched)
    with threadpool_limits(2):
        fit()
    assert set(held) == {1}


def test_threads_are_given_back():
    def threads():
        return {library["filepath"]: library["num_threads"] for library in threadpool_info()}

    with one_thread():
        assert set(threads().values()) == {1}
    with threadpool_limits(2):
        before = threads()
        with one_thread():
            assert set(threads().values()) == {1}
        assert threads() == before


def test_what_learns_nothing_holds_linear_algebra_without_scikit_learn():
    code = """
import sys, privaudit.core.reproducible as reproducible
with reproducible.one_thread(learning=False):
    from threadpoolctl import threadpool_info
    held = {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}
    before = len(threadpool_info())
    import numpy.linalg, scipy.linalg, scipy.sparse.linalg
    print(held, len(threadpool_info()) == before, "sklearn" in sys.modules)
"""
    environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stdout.split("\n")[0] == "{1} True False"


def test_who_works_on_is_still_held_when_another_thread_is_done():
    def threads():
        # What OpenMP is told holds in the thread that told it.
        return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"}

    inside, leave = Event(), Event()

    def other():
        with one_thread():
            inside.set()
            leave.wait(10)

    with threadpool_limits(2):
        first = Thread(target=other)
        first.start()
        assert inside.wait(10)
        with one_thread():
            leave.set()
            first.join()
            assert threads() == {1}
        assert threads() == {2}
