"""Matching, counted by hand on the street."""

import dataclasses

import numpy as np
import pytest

from privaudit.campaign.matching import MATCH_COLUMNS, match_accounts, match_quality
from privaudit.campaign.plan import CampaignPlan
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows

# account: match, register, address
EXPECTED = {
    0: ("exact", "directory", 0),
    1: ("exact", "roll", 0),
    2: ("exact", "directory", 1),
    4: ("near", "directory", 4),
    5: ("exact", "directory", 5),
    6: ("none", "", -1),
    7: ("near", "directory", 7),
    8: ("near", "roll", 8),
    9: ("none", "", -1),
    10: ("none", "", -1),
    11: ("none", "", -1),
    12: ("near", "roll", 6),
    13: ("exact", "roll", 6),
}


def measured(judge, *what):
    rows = Rows(0, "accounts")
    judge(rows, *what)
    return Measures(family="campaign", rows=rows, provenance="simulated")


def test_each_account_meets_its_entry(street):
    matched = match_accounts(street, CampaignPlan(), seed=7)
    assert tuple(matched.columns) == MATCH_COLUMNS
    assert len(matched) == len(street.accounts)
    for account, (match, register, address) in EXPECTED.items():
        row = matched.loc[account]
        assert (row["match"], row["register"], row["address"]) == (match, register, address)
        assert row["candidates"] == (0 if match == "none" else 1)
    assert matched.loc[12, ["first_name", "last_name", "station"]].tolist() == [
        *("Julie", "Morel", "2"),
    ]
    assert matched.loc[9, ["first_name", "last_name", "station"]].tolist() == ["", "", ""]
    assert matched.loc[9, "entry"] == -1


def test_namesakes_are_told_apart_by_chance_only(street):
    matched = match_accounts(street, CampaignPlan(), seed=7)
    assert matched.loc[3, "candidates"] == 2
    # The same two entries for 300 accounts called Marie Martin.
    crowd = street.accounts.iloc[[3] * 300].reset_index(drop=True)
    chosen = match_accounts(dataclasses.replace(street, accounts=crowd), CampaignPlan(), seed=7)
    assert set(chosen["address"]) == {2, 3}
    # 300 fair draws: four standard deviations are 34.6.
    assert abs((chosen["address"] == 2).sum() - 150) < 34.6


def test_registers_are_asked_in_the_plan_s_order(street):
    matched = match_accounts(street, CampaignPlan(registers=("roll", "directory")), seed=7)
    assert matched.loc[0, "register"] == "roll"
    # The roll knows where Luc Fabre lives today.
    assert matched.loc[5, ["register", "address"]].tolist() == ["roll", 9]


def test_one_register_alone(street):
    matched = match_accounts(street, CampaignPlan(registers=("directory",)), seed=7)
    assert set(matched["register"]) == {"directory", ""}
    assert matched.loc[13, "match"] == "none"


def test_a_strict_threshold_forgives_no_slip(street):
    matched = match_accounts(street, CampaignPlan(near_name_threshold=1.0), seed=7)
    assert matched.loc[7, "match"] == "none"
    assert matched.loc[4, "match"] == "near"


def test_empty_registers_match_nobody(street):
    world = dataclasses.replace(
        street,
        directory=street.directory.iloc[:0],
        directory_truth=street.directory_truth.iloc[:0],
        roll=street.roll.iloc[:0],
        roll_truth=street.roll_truth.iloc[:0],
    )
    matched = match_accounts(world, CampaignPlan(), seed=7)
    assert (matched["match"] == "none").all()
    row = measured(match_quality, world, matched).row
    assert np.isnan(row("match_precision", match="exact_name").value)
    assert row("match_recall", match="exact_name").value == 0


@pytest.mark.parametrize("seed", range(3))
def test_quality_is_the_hand_count(street, seed):
    matched = match_accounts(street, CampaignPlan(), seed=seed)
    quality = measured(match_quality, street, matched)
    row = quality.row
    # Exact: accounts 0, 1, 2, 3, 5, 13; Marie Martin (3) is right where number 2 was drawn.
    # Luc Fabre's entry (5) names him, at a door that is no longer his.
    marie = int(matched.loc[3, "address"] == 2)
    assert row("match_precision", match="exact_name").value == pytest.approx((5 + marie) / 6)
    assert row("match_precision", match="exact_name").n == 6
    assert row("match_recall", match="exact_name").value == pytest.approx((5 + marie) / 14)
    assert row("match_right_household", match="exact_name").value == pytest.approx((4 + marie) / 6)
    # Near: accounts 4, 7, 8, 12, all right.
    assert row("match_precision", match="near_name").value == 1
    assert row("match_recall", match="near_name").value == pytest.approx(4 / 14)
    assert all(row.low <= row.value <= row.high for row in quality.rows)
    assert {row.gain for row in quality.rows} == {"person", "household"}
