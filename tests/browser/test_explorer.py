"""The explorer of a demo in a browser: its numbers, keyboard, touch, and the page without script.

Needs `make browser`, which brings playwright-core from npm into this folder, and Debian's Chromium.
"""

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.campaign.publish import masked_word
from privaudit.core.reproducible import stream
from privaudit.maps.guess import attempt
from privaudit.studies.demo import LOOKERS, MOVES, looker
from tests.fixtures.chromium import PEOPLE, SEED, needs, node

pytestmark = needs("playwright-core")
DOTS = (1, 4, 9, 16)


@pytest.fixture(scope="module")
def played(three_towns):
    return node("explore.mjs", str(three_towns / "index.html"), ",".join(map(str, DOTS)))


@pytest.fixture(scope="module")
def campaign():
    """The same town, made again by the public calls."""
    return pa.run_campaign(pa.simulate(pa.Town(inhabitants=PEOPLE), seed=SEED), seed=SEED)


def test_counters_are_rows_of_the_table(three_towns, played):
    table = pd.read_csv(three_towns / "tables" / "explorer.csv")
    assert len(played["settings"]) == len(MOVES) * len(LOOKERS)
    for one in played["settings"]:
        view = masked_word(MOVES[one["step"]])
        rows = table[(table["view"] == view) & (table["looker"] == one["who"])]
        shown = rows[rows["town"] == "shown"].set_index("gain")
        people = int(shown["n"].iloc[0])
        hits, luck = (
            (shown[column] * shown["n"]).round(4).map(lambda v: int(np.floor(v + 0.5)))
            for column in ("value", "control")
        )
        assert [int(one[k]) for k in ("right", "luck", "homes", "home_luck")] == [
            hits["address"], luck["address"], hits["household"], luck["household"]
        ]  # fmt: skip
        assert int(one["wrong"]) == people - hits["address"]
        assert sum(one["marks"]) == people
        assert sum(one["marks"][:2]) == hits["address"]
        assert f"{hits['address']} of the {people} people" in one["quote"]
        assert f"would give {luck['address']}." in one["quote"]
        others = rows[rows["town"] != "shown"].sort_values("town")
        # The page has shares to four digits.
        places = [float(left.removesuffix("%")) for left in one["towns"]]
        assert places == pytest.approx(list(100 * others["value"]), abs=0.006)
        assert "in 3 towns" in one["range"]


def test_the_town_of_the_map_is_the_first_of_the_towns(three_towns):
    table = pd.read_csv(three_towns / "tables" / "explorer.csv")
    table = table[table["gain"] == "address"].set_index(["view", "looker"])
    first = table[table["town"] == str(SEED)]["value"]
    assert first.equals(table[table["town"] == "shown"]["value"])


def test_lit_addresses_are_those_of_the_attack(played, campaign):
    for one in played["settings"]:
        mask = MOVES[one["step"]]
        leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=SEED)
        adversary = looker(one["who"], campaign, mask)
        rng = stream(SEED, "attack", adversary.name)
        guesses = attempt(leak.as_leaked(), adversary, rng=rng)
        for seen in one["seen"]:
            at = seen["dot"] - 1
            assert seen["lit"] == seen["possible"] >= 1
            if mask is not None:
                x, y = leak.records.loc[at, ["x", "y"]].astype(float)
                away = np.hypot(*(campaign.world.addresses.xy - [x, y]).T)
                inside = (away >= mask.r_min - 0.1) & (away <= mask.r_max + 0.1)
                # A centimetre of the page may put a door at the edge in or out.
                assert abs(seen["possible"] - inside.sum()) <= 1
            assert seen["likeliest"] == pytest.approx(guesses.confidence[at], rel=0.02)


def test_the_page_obeys_its_own_policy_and_says_what_it_does(played):
    assert played["errors"] == []
    dots = [int(played[key].split()[1]) for key in ("first", "second")]
    assert dots[1] == dots[0] + 1
    assert played["touched"].startswith("Dot ")
    assert played["still"] in ("0s", "0s, 0s")


def test_a_dot_is_chosen_before_anything_is_touched_and_the_slider_spreads_it(played):
    opened = played["opened"]
    assert opened["said"].startswith("Dot ")
    assert opened["lit"] >= 1
    assert opened["moved"] > 3 * opened["lit"]


def test_without_a_script_the_buttons_of_the_first_screen_work(played):
    assert played["hidden"]
    assert played["told"]


def test_the_sentence_of_a_figure_is_copied_and_no_button_is_dead(played):
    assert played["buttons"] == 0
    assert played["copied"]["button"] == "Copied"
    assert played["copied"]["text"] == played["copied"]["shown"] != ""
    assert "privaudit" in played["copied"]["text"]


def test_the_page_stays_light(three_towns):
    assert (three_towns / "index.html").stat().st_size < 700_000
