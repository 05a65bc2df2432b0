"""Record linkage on the street against hand counts."""

import dataclasses
import gc
import weakref

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.matching import (
    MATCH_COLUMNS,
    SHOWN,
    WHY,
    _kind_shown,
    _matches,
    assigned,
    match_accounts,
    match_quality,
)
from privaudit.campaign.plan import CampaignPlan
from privaudit.linkage.fellegi_sunter import NamePairs
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.text.normalise import letters_of

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
    10: ("near", "roll", 6),
    11: ("none", "", -1),
    12: ("near", "roll", 6),
    13: ("exact", "roll", 6),
}


def measured(judge, *what):
    rows = Rows(0, "accounts")
    judge(rows, *what)
    return Measures(family="campaign", rows=rows, provenance="simulated")


def test_each_account_is_linked_to_its_entry(street):
    matched = match_accounts(street, CampaignPlan(), seed=7)
    assert tuple(matched.columns) == MATCH_COLUMNS
    assert len(matched) == len(street.accounts)
    for account, (match, register, address) in EXPECTED.items():
        row = matched.loc[account]
        assert (row["match"], row["register"], row["address"]) == (match, register, address)
        assert row["candidates"] == (0 if match == "none" else 1)
        # Nobody else of the street could be meant.
        assert row["match_probability"] == 0 if match == "none" else row["match_probability"] > 0.7
    assert matched.loc[12, ["first_name", "last_name", "station"]].tolist() == [
        *("Julie", "Morel", "2"),
    ]
    assert matched.loc[9, ["first_name", "last_name", "station"]].tolist() == ["", "", ""]
    assert matched.loc[9, "entry"] == -1


def test_accounts_that_are_changed_are_matched_again(street):
    met = dataclasses.replace(street, accounts=street.accounts.copy())
    assert (match_accounts(met, CampaignPlan(), seed=7)["match"] == "exact").any()
    # Cell by cell and as a whole: the frame stays the same one.
    for account in range(len(met.accounts)):
        met.accounts.loc[account, "display_name"] = "Zz Xqww"
    met.accounts["email"] = ""
    assert (match_accounts(met, CampaignPlan(), seed=7)["match"] == "none").all()


def test_the_frames_of_a_world_are_held_once_whatever_the_seeds_and_plans(street, monkeypatch):
    world, copies = dataclasses.replace(street), []
    copied = pd.DataFrame.copy

    def copy(frame, *args, **kwargs):
        made = copied(frame, *args, **kwargs)
        if any(frame is one for one in (world.accounts, world.directory, world.roll)):
            copies.append(weakref.ref(made))
        return made

    monkeypatch.setattr(pd.DataFrame, "copy", copy)
    asked = [(CampaignPlan(), 7), (CampaignPlan(registers=("roll",)), 7), (CampaignPlan(), 8)] * 2
    found = [match_accounts(world, plan, seed=seed) for plan, seed in asked]
    gc.collect()
    assert sum(made() is not None for made in copies) == 3
    for one, again in zip(found[:3], found[3:], strict=True):
        pd.testing.assert_frame_equal(one, again)


def test_ties_of_namesakes_are_broken_at_random(street):
    matched = match_accounts(street, CampaignPlan(), seed=7)
    assert matched.loc[3, "candidates"] == 2
    # Twelve fair draws are all alike once in 2,048.
    drawn = {match_accounts(street, CampaignPlan(), seed=s).loc[3, "address"] for s in range(12)}
    assert drawn == {2, 3}


def test_many_accounts_of_one_name_share_its_entries(street):
    # 300 accounts called Marie Martin, two entries: at most two are theirs.
    crowd = street.accounts.iloc[[3] * 300].reset_index(drop=True)
    met = dataclasses.replace(street, accounts=crowd)
    assert (match_accounts(met, CampaignPlan(), seed=7)["match"] == "none").all()
    taken = match_accounts(met, CampaignPlan(match_threshold=0), seed=7)
    assert sorted(taken.loc[taken["match"] != "none", "address"]) == [2, 3]
    assert taken["match_probability"].sum() <= 2 * 2 / 300 + 1e-6


def test_registers_are_used_in_the_plan_s_order(street):
    matched = match_accounts(street, CampaignPlan(registers=("roll", "directory")), seed=7)
    assert matched.loc[0, "register"] == "roll"
    # The roll knows where Luc Fabre lives today.
    assert matched.loc[5, ["register", "address"]].tolist() == ["roll", 9]


def test_one_register_alone(street):
    matched = match_accounts(street, CampaignPlan(registers=("directory",)), seed=7)
    assert set(matched["register"]) == {"directory", ""}
    assert matched.loc[13, "match"] == "none"


def test_a_high_threshold_links_no_namesake(street):
    matched = match_accounts(street, CampaignPlan(match_threshold=0.6), seed=7)
    assert matched.loc[3, "match"] == "none"
    assert matched.loc[0, "match"] == "exact"
    assert (match_accounts(street, CampaignPlan(match_threshold=1), seed=7)["entry"] == -1).all()


def test_two_namesakes_with_an_account_each_have_an_entry_each(street):
    # The accounts of numbers 2 and 3, and the two entries: one to one, in either order.
    both = street.accounts.iloc[[3, 3, 0]].reset_index(drop=True)
    both.loc[1, "person"] = 6
    met = dataclasses.replace(street, accounts=both)
    matched = match_accounts(met, CampaignPlan(), seed=7)
    assert set(matched.loc[:1, "address"]) == {2, 3}
    assert matched.loc[:1, "match_probability"].between(0.4, 0.5).all()


def test_hidden_towns_are_not_inferred_from_e_mail(street):
    # Accounts that hide the town are not linked, whatever their e-mail address.
    values = street.accounts.assign(email="helene.garnier@courriel.example")
    met = dataclasses.replace(street, accounts=values)
    matched = match_accounts(met, CampaignPlan(email_shown=1), seed=7)
    assert matched.loc[6, "match"] == "none"
    assert matched.loc[9, "last_name"] == "Garnier"


def test_empty_registers_give_no_match(street):
    world = dataclasses.replace(
        street,
        directory=street.directory.iloc[:0],
        directory_truth=street.directory_truth.iloc[:0],
        roll=street.roll.iloc[:0],
        roll_truth=street.roll_truth.iloc[:0],
    )
    matched = match_accounts(world, CampaignPlan(), seed=7)
    assert (matched["match"] == "none").all()
    row = measured(match_quality, world, CampaignPlan(), matched).row
    assert np.isnan(row("match_precision", match="exact_name").value)
    assert row("match_recall", match="exact_name").value == 0


@pytest.mark.parametrize("seed", range(3))
def test_quality_is_the_hand_count(street, seed):
    matched = match_accounts(street, CampaignPlan(), seed=seed)
    quality = measured(match_quality, street, CampaignPlan(), matched)
    row = quality.row
    # Exact: accounts 0, 1, 2, 3, 5, 13; Marie Martin (3) is right where number 2 was drawn.
    # Luc Fabre's entry (5) names him, at a door that is no longer his.
    marie = int(matched.loc[3, "address"] == 2)
    assert row("match_precision", match="exact_name").value == pytest.approx((5 + marie) / 6)
    assert row("match_precision", match="exact_name").n == 6
    assert row("match_recall", match="exact_name").value == pytest.approx((5 + marie) / 14)
    assert row("match_right_household", match="exact_name").value == pytest.approx((4 + marie) / 6)
    # Near: accounts 4, 7, 8, 10, 12, all right.
    assert row("match_precision", match="near_name").value == 1
    assert row("match_recall", match="near_name").value == pytest.approx(5 / 14)
    # Civil: 0, 2, 3, 5, 6, 11, 13, of which 6 hides the town and 11 is on no register. A letter
    # too few, or a handle, is another name.
    assert row("shown_recall", shown="shown_civil").value == pytest.approx((4 + marie) / 7)
    assert row("shown_precision", shown="shown_civil").value == pytest.approx((4 + marie) / 5)
    for shown, n in {"birth": 1, "short": 2, "initial": 2, "other": 2}.items():
        assert row("shown_recall", shown=f"shown_{shown}").n == n
    assert row("shown_precision", shown="shown_other").value == 1
    assert set(SHOWN) == {"civil", "birth", "short", "initial", "other"}
    # Luc Fabre has moved; Marie Martin of number 3 never liked anything.
    assert row("false_doors").value == pytest.approx((2 - marie) / 11)
    assert row("homonym_victims").value == pytest.approx((1 - marie) / 11)
    assert row("false_claims").value == 0
    assert row("false_claims").n == 1
    why = {reason: row("unmatched", why=reason).value * 14 for reason in WHY}
    assert why == pytest.approx(
        {"town_hidden": 1, "name_hidden": 1, "not_listed": 1, "namesakes": 0}
    )
    claimed = matched.loc[matched["match"] != "none", "match_probability"].mean()
    assert row("match_claimed").value == pytest.approx(claimed)
    judged = [row for row in quality.rows if not np.isnan(row.low)]
    assert all(row.low <= row.value <= row.high for row in judged)
    assert {row.gain for row in quality.rows} == {"", "person", "household", "address"}


@pytest.mark.parametrize(
    ("shown", "kind"),
    [
        ("Alexandre Roux", "civil"), ("ROUX Alexandre", "civil"), ("Alexandre Weil", "birth"),
        ("Weil Alexandre", "birth"), ("Alex Roux", "short"), ("Alex Weil", "short"),
        ("A. Roux", "initial"), ("Alexandre R.", "initial"), ("Alexandre W.", "initial"),
        ("Alexandre Z.", "other"), ("Alex R.", "other"), ("Alexandre", "other"), ("Roux", "other"),
        ("Luc Roux", "other"), ("Alex Zxq", "other"), ("Alexandre Ro", "other"), ("", "other"),
    ],
)  # fmt: skip
def test_the_kind_of_a_name_that_is_shown(shown, kind):
    words = [name.split() for name in letters_of([shown, "Alexandre", "Roux", "Weil"])]
    assert _kind_shown(*words) == kind


def pairs_of(account, entry):
    """Pairs of accounts and entries that agree in first and last name."""
    none = np.zeros(len(account), dtype=np.int64)
    return NamePairs(
        account=np.array(account), entry=np.array(entry), turned=none, first=none, last=none,
        year=none, read=none, read_turned=none, read_first=none, read_last=none, same_year=none,
        looked=0.0, listed=9, accounts=9,
    )  # fmt: skip


@pytest.mark.parametrize("others", [False, True])
@pytest.mark.parametrize(("probability", "taken"), [(0.95e-9, 0), (1e-9, 1), (1.05e-9, 1)])
def test_an_account_is_left_unmatched_for_a_thousandth_of_a_millionth(probability, taken, others):
    # Alone, or beside a second account that has the same entry and another, which is its own.
    pairs = pairs_of([0, 1, 1], [0, 0, 1]) if others else pairs_of([0], [0])
    each = np.array([probability, 0.5, 0.9])[: len(pairs.account)]
    chosen = assigned(pairs, each, 0.0, np.random.default_rng(7))
    assert chosen.tolist() == ([0] * taken + [2] if others else [0] * taken)


@pytest.mark.parametrize(("rival", "candidates"), [(0.0499, 1), (0.05, 2), (0.0501, 2)])
def test_an_entry_a_tenth_as_likely_as_the_chosen_one_is_a_candidate(street, rival, candidates):
    pairs, places = pairs_of([0, 0], [0, 1]), pd.DataFrame({"roll": [0, 1]})
    plan = CampaignPlan(registers=("roll",))
    probability = np.array([0.5, rival])
    matched = _matches(street, plan, places, pairs, probability, np.array([0]))
    assert matched.loc[0, "candidates"] == candidates
