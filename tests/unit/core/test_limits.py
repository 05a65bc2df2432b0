"""How much of a file is read at most, as docs/security.md has it."""

import signal
import time

import pytest

from privaudit.core.limits import Limits, ended_after, limited, limits, refuse_beyond
from privaudit.errors import ReadError

# The table of docs/security.md.
TOLD = {
    "columns": 5_000, "cells": 40_000_000, "pixels": 50_000_000, "depth": 200, "seconds": 14_400,
}  # fmt: skip


def test_limits_are_those_of_the_page():
    assert {name: getattr(Limits(), name) for name in TOLD} == TOLD
    assert Limits().bytes is None
    assert Limits().held == 512_000_000
    assert Limits(bytes=7).held == 7


@pytest.mark.parametrize("what", ["columns", "cells", "pixels", "depth", "bytes"])
def test_as_many_are_read_and_one_more_is_not(what):
    most = TOLD.get(what, 512_000_000)
    refuse_beyond(what, most, who="read", name="f")
    with pytest.raises(ReadError, match=f"--max-{what} {most + 1}"):
        refuse_beyond(what, most + 1, who="read", name="f")


@pytest.mark.parametrize("name", ["bytes", "cells", "columns", "pixels", "depth", "seconds"])
def test_a_limit_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match=name):
        Limits(**{name: 0})
    assert getattr(Limits(**{name: 1}), name) == 1


def test_another_limit_holds_for_a_block_alone():
    with limited(Limits(columns=3)):
        assert limits().columns == 3
    assert limits().columns == 5_000


def test_what_takes_too_long_ends_and_the_clock_is_given_back():
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(ReadError, match="longer"), ended_after(0.01, who="map"):
        time.sleep(5)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    with ended_after(60, who="map"):
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 60
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
