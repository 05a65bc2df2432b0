"""How a weak attack is to be read: what a result says when nothing can be told from it."""

import numpy as np
import pytest

from privaudit.exposure.tables.attack_rows import WEAK, attack_result, attack_rows


def gains(yes, n=100):
    return np.repeat([1.0, 0.0], [yes, n - yes])


@pytest.mark.parametrize(
    ("attack", "control", "baseline", "reliable", "said"),
    [
        # Wilson: 60 of 100 is .50 to .69, 15 of 100 is .09 to .23.
        (60, 15, 0.30, True, None),
        (60, 55, 0.30, True, "cannot be told from 0"),
        (60, 15, 0.65, False, "no better than its baseline"),
        (60, 55, 0.65, False, "no better than its baseline"),
        (100, 100, 0.30, True, "cannot be told from 0"),
    ],
)
def test_what_is_said_of_an_attack(attack, control, baseline, reliable, said):
    rows = attack_rows("inference", gains(attack), gains(control), baseline)
    found = attack_result("inference", rows, {})
    assert found.reliable is reliable
    assert [said in note for note in found.notes] == ([True] if said else [])
    assert all("weak attack does not make a release safe" in note.lower() for note in found.notes)


# X make a release safe" in note for note in found.notes)


def test_other_doubts_come_first_and_are_kept():
    rows = attack_rows("inference", gains(60), gains(55), 0.3)
    found = attack_result("inference", rows, {}, ["A doubt."])
    assert not found.reliable
    assert found.notes[0] == "A doubt."
    assert len(found.notes) == 2
    assert "weak" in WEAK
