"""How a weak attack is to be read: what a result says when nothing can be told from it."""

import numpy as np
import pytest

from privaudit.tables.singling_out import WEAK, attack_result
from privaudit.words.catalogues import Note


def gains(yes, n=100):
    return np.repeat([1.0, 0.0], [yes, n - yes])


def result(attack, control, baseline, **more):
    beside = control / 100, 100.0
    return attack_result("inference", gains(attack), beside, baseline, recipe={}, **more)


@pytest.mark.parametrize(
    ("attack", "control", "baseline", "reliable", "said"),
    [
        # Wilson: 60 of 100 is .50 to .69, 15 of 100 is .09 to .23.
        (60, 15, 0.30, True, None),
        (60, 55, 0.30, True, "nothing_added"),
        (60, 15, 0.65, False, "weak_attack"),
        (60, 55, 0.65, False, "weak_attack"),
        (100, 100, 0.30, True, "nothing_added"),
    ],
)
def test_what_is_said_of_an_attack(attack, control, baseline, reliable, said):
    found = result(attack, control, baseline)
    assert found.reliable is reliable
    assert found.row("inference").reliable is reliable
    assert [note.key for note in found.notes] == ([said] if said else [])


def test_control_and_residual_stand_in_the_row_of_the_attack():
    (row,) = result(60, 15, 0.3).rows
    assert (row.value, row.control, row.baseline, row.n) == (0.6, 0.15, 0.3, 100)
    assert row.residual == pytest.approx((0.6 - 0.15) / 0.85)
    assert row.residual_low < row.residual < row.residual_high


def test_other_doubts_come_first_and_are_kept():
    doubt = Note("few_predicates", predicates=3)
    found = result(60, 55, 0.3, doubts=[doubt])
    assert not found.reliable
    assert found.notes == (doubt, Note("nothing_added"))
    assert result(60, 15, 0.65).notes == (WEAK,)


def test_a_residual_whose_interval_is_wider_than_half_its_span_is_not_reliable():
    # Five people on each side: all are guessed, and four of those outside.
    found = attack_result("inference", np.ones(5), (0.8, 5.0), 0.1, recipe={})
    (row,) = found.rows
    assert row.residual_high - row.residual_low > 1
    assert not row.reliable
    assert Note("residual_too_wide") in found.notes
    # Twenty times as many: the same shares, and an interval that says something.
    assert attack_result("inference", np.ones(100), (0.8, 100.0), 0.1, recipe={}).reliable
