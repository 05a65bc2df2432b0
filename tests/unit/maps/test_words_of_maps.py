"""Every row, note and parameter of the map families has its words, and each noun its gain."""

import re
import tomllib
from dataclasses import replace
from functools import cache
from importlib import resources

import numpy as np
import pytest

import privaudit as pa
from privaudit.campaign.views.dot_map import DotMapVersions, LookUp, open_look_up
from privaudit.maps.guess import guess
from privaudit.maps.message_attacks import ask_for_everybody
from privaudit.maps.scoring.access import access_exposure, leak_exposure, tier_exposure
from privaudit.maps.scoring.harms import harms
from privaudit.maps.scoring.household import (
    dissent_exposure,
    household_exposure,
    neighbour_exposure,
)
from privaudit.maps.scoring.message_exposure import look_up_exposure
from privaudit.maps.scoring.score import score
from privaudit.maps.scoring.spatial_k import spatial_k_anonymity
from privaudit.maps.scoring.truth import Truth
from privaudit.maps.scoring.versions import (
    copy_changes,
    difference_exposure,
    public_likes,
    timing_exposure,
)
from privaudit.maps.utility import map_utility
from privaudit.maps.version_links import difference, likely_accounts, link_versions
from privaudit.results.rows import NUMBERS
from privaudit.studies.audit_access import audit_averages, audit_copies
from privaudit.studies.audit_views import audit_absence
from privaudit.studies.frontier import frontier
from privaudit.words.catalogues import LANGUAGES, Words, placeholders

OTHER_NOUNS = {
    "address": {"en": r"\bhouseholds?\b", "fr": r"\bfoyers?\b"},
    "household": {"en": r"\baddress(es)?\b", "fr": r"\badresses?\b|\bimmeubles?\b"},
}


@cache
def fragment(lang):
    source = resources.files("privaudit.words") / "catalogue" / f"{lang}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found():
    """Each family on one small town, by name."""
    world = pa.simulate(pa.Town(inhabitants=1_500), seed=7)
    campaign = pa.run_campaign(world, seed=7)
    mask = pa.masks.Donut(r_min=50, r_max=200)
    leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
    truth = Truth.of(world, leak, rng=np.random.default_rng(1))
    who = pa.Adversary.holds_register(world.roll, mask=mask)
    guesses = guess(leak.as_leaked(), who, rng=np.random.default_rng(2))
    entries = world.roll_truth["person"].to_numpy()
    day = np.timedelta64(1, "D")
    at = tuple(campaign.plan.as_of - k * day for k in range(5, -1, -1))
    versions = pa.publish(campaign, DotMapVersions(at=at), seed=7)
    leaked = [version.as_leaked() for version in versions]
    linked = link_versions(leaked)
    appeared = difference(leaked, at, linked)
    likes = public_likes(campaign)
    timed = likely_accounts(appeared, likes, rng=np.random.default_rng(3))
    tool = open_look_up(campaign, LookUp(wide=True))
    asked, record = ask_for_everybody(tool.as_leaked(), world.roll, rng=np.random.default_rng(4))
    moved = leak.records[["x", "y"]].to_numpy(dtype=float)
    door = world.addresses.xy[leak.sources["marked_address"].to_numpy()]
    rung = pa.Adversary.knows_mask(mask)
    told = score(
        guess(leak.as_leaked(), rung, rng=np.random.default_rng(5)), truth, leak, adversary=rung
    )
    copies = audit_copies(campaign, mask, (3,)).rows
    nearest = [row for row in copies if row.measure == "reidentified"]
    averaged = audit_averages(campaign, mask, copies=(3,), link="assignment")
    results = [
        household_exposure(campaign),
        access_exposure(campaign),
        tier_exposure(campaign),
        leak_exposure(campaign, [1, 100]),
        look_up_exposure(asked, record, tool, world, entries),
        harms(guesses, truth, leak, world, adversary=who, entries=entries),
        neighbour_exposure(guesses, truth, leak, world, adversary=who),
        dissent_exposure(campaign),
        audit_absence(campaign),
        spatial_k_anonymity(told, world.addresses),
        map_utility(door, moved, world.addresses),
        frontier(campaign, [mask]).measures("address", "household", "person", "opinion"),
        replace(averaged, rows=[*averaged.rows, *nearest]),
        difference_exposure(campaign, versions[-1], appeared, linked),
        copy_changes(versions, linked),
        timing_exposure(
            timed, versions[-1], likes, appeared=appeared,
            guesses=guess(leaked[-1], pa.Adversary.nearest(), rng=np.random.default_rng(6)),
            addresses=world.people["address"].to_numpy()[world.accounts["person"].to_numpy()],
        ),
    ]  # fmt: skip
    return {result.family: result for result in results}


def filled(lang, text, values):
    """Fill a sentence as the page does: word-valued parameters by their word."""
    parts = fragment(lang)["part"]
    said = {k: parts.get(v, v) if isinstance(v, str) else v for k, v in values.items()}
    # {x:N} is the nearest whole number.
    text = re.sub(r"\{(\w+):N\}", r"{\1}", text)
    words = Words(lang)
    words._texts = {**words._texts, "test.text": text, **{f"part.{k}": v for k, v in parts.items()}}
    return words("test.text", **said)


def test_both_languages_have_the_same_keys_and_placeholders():
    en, fr = fragment("en"), fragment("fr")
    assert en.keys() == fr.keys()
    for section in en:
        assert list(en[section]) == list(fr[section])
        for key, text in en[section].items():
            assert placeholders(fr[section][key]) == placeholders(text), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_row_has_a_label_and_every_noun_its_gain(found, lang):
    words = fragment(lang)
    for family, result in found.items():
        assert family in words["family"]
        for row in result.rows:
            key = f"{family}__{row.measure}"
            texts = [
                filled(lang, words["measure"][key], {"n": row.n, "value": row.value, **row.part})
            ]
            if key in words["sentence"]:
                numbers = {name: getattr(row, name) for name in NUMBERS}
                hits = np.nan if np.isnan(row.value) else round(row.value * np.nan_to_num(row.n))
                values = {**numbers, "n": row.n, "hits": hits, "chance": 0, "net": hits, **row.part}
                texts.append(filled(lang, words["sentence"][key], values))
                assert texts[-1][0].isupper() or texts[-1][0].isdigit() or texts[-1][0] == "–"
                assert texts[-1].endswith(".")
            for text in texts:
                assert "{" not in text
                if row.gain in OTHER_NOUNS:
                    assert not re.search(OTHER_NOUNS[row.gain][lang], text.lower()), text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_note_and_word_has_its_sentence(found, lang):
    words = fragment(lang)
    made = {note for result in found.values() for row in result.rows for note in row.notes}
    made |= {note for r in found.values() for note in r.notes if not isinstance(note, str)}
    assert len(made) > 6
    for note in made:
        assert filled(lang, words["note"][note.key], note.values).endswith(".")
    for result in found.values():
        for row in result.rows:
            for name in set(row.part) & {"moment", "role", "tier", "group", "noise"}:
                assert row.part[name] in words["part"], row.part[name]


def test_no_word_is_left_that_no_row_uses(found):
    made = {f"{family}__{row.measure}" for family, r in found.items() for row in r.rows}
    words = fragment("en")
    for section in ("measure", "sentence"):
        ours = {key for key in words[section] if key.partition("__")[0] in found}
        assert ours
        # A register of its own, a homonym or a screenshot is not in this small town.
        assert ours <= made, sorted(ours - made)


def test_a_noun_of_the_other_gain_is_seen():
    assert re.search(OTHER_NOUNS["address"]["fr"], "le foyer de 3 personnes")
    assert re.search(OTHER_NOUNS["household"]["en"], "found at their address")


def test_every_guess_about_people_says_what_chance_or_others_would_give(found):
    # Each row with a gain has a baseline or a control, or is part of one that has.
    without = {
        f"{family}.{row.measure}"
        for family, result in found.items()
        for row in result.rows
        if row.gain and np.isnan(row.baseline) and np.isnan(row.control)
    }
    assert without <= {
        "household.wrong_addresses_homonym", "household.wrong_addresses_stale",
        "household.told_at_wrong_households", "look_up.taken_for_another",
        "look_up.accused_wrongly", "harms.prior_vulnerability", "harms.named_innocent",
        "harms.members_by_address", "harms.minors_by_address", "harms.members_by_household",
        "harms.minors_by_household", "tiers.expected_findings_by_address",
        "tiers.expected_findings_by_household", "tiers.expected_people_by_address",
        "tiers.expected_people_by_household",
    }  # fmt: skip
