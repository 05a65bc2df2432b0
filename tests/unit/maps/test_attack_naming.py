"""Addresses and key variables to names: Bayes by hand, groups, missing values, age bands."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.naming import SharedKeys
from privaudit.release.release import DotRelease, TableRelease
from privaudit.stats.calibration import expected_calibration_error
from privaudit.words.catalogues import Note

RING = Donut(r_min=50, r_max=200)


def street(n=3):
    # Addresses at 60, 70, 80 m of the origin, one direction each: all as likely in the ring.
    x, y = np.array([[60.0, 0], [0, 70], [-80, 0]])[:n].T
    names = {"id": list("abc")[:n], "number": "1", "street": "Rue", "commune": "C", "station": ""}
    return AddressBase(pd.DataFrame({**names, "x": x, "y": y}), real=False)


def dot(base, n=1, **popup):
    records = pd.DataFrame({"x": np.zeros(n), "y": np.zeros(n), **popup})
    return DotRelease(records=records, roles=Roles(location=["x", "y"]), backdrop=base)


def table(**columns):
    return TableRelease(records=pd.DataFrame(columns), roles=Roles(key=list(columns)))


def run(release, adversary, seed=0):
    return guess(release, adversary, rng=np.random.default_rng(seed))


def test_without_keys_a_name_is_one_of_those_who_live_there():
    register = pd.DataFrame({"address": [0, 0, 1, 1, 1]})
    found = run(dot(street(2)), Adversary.neighbour(mask=RING, register=register))
    # Prior 2 to 3, then one of the entries of the address: 1/5 each, whoever is drawn.
    assert found.address.tolist() == [1]
    assert found.confidence == pytest.approx([0.6])
    assert found.person_confidence == pytest.approx([0.2])
    assert found.person[0] in range(5)


def test_a_sex_shown_rules_out_an_address_for_the_neighbour():
    register = pd.DataFrame({"address": [0, 0, 1, 1, 2], "sex": ["F", "F", "F", "M", "F"]})
    found = run(dot(street(), sex="M"), Adversary.neighbour(mask=RING, register=register))
    assert found.person.tolist() == [3]
    assert found.person_confidence.tolist() == pytest.approx([1.0])
    assert found.address.tolist() == [1]
    assert found.confidence.tolist() == pytest.approx([1.0])
    assert found.credible.tolist() == [1]


def test_bayes_by_hand_with_a_register_that_misses_people():
    # Entries: 2 at a (one man), 1 at b (a man), none at c. Coverage 3/4: 3 entries, one more
    # person spread over three addresses, a man with probability 2/3 as in the register. Men:
    # 1 + 2/9 at a, 1 + 2/9 at b, 2/9 at c, 24/9 in all, and each named one is 1 of them.
    register = pd.DataFrame({"address": [0, 0, 1], "sex": ["F", "M", "M"]})
    adversary = Adversary.holds_register(register, mask=RING, coverage=0.75)
    found = run(dot(street(), sex="M"), adversary)
    order = np.argsort(found.posterior.candidate)
    assert found.posterior.probability[order] == pytest.approx([11 / 24, 11 / 24, 2 / 24])
    assert found.person[0] in (1, 2)
    assert found.person_confidence == pytest.approx([9 / 24])


def test_names_are_calibrated_where_the_register_misses_people():
    """A town whose addresses hold Poisson many, one in five of them in no register."""
    hits, sures, homes, at = [], [], [], []
    mask = Donut(r_min=0, r_max=30)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        xy = rng.random((300, 2)) * 300
        names = {"id": "", "number": "", "street": "", "commune": "", "station": ""}
        base = AddressBase(pd.DataFrame({**names, "x": xy[:, 0], "y": xy[:, 1]}), real=False)
        lives = np.repeat(np.arange(300), rng.poisson(1.5, 300))
        sex = rng.choice(["F", "M"], len(lives))
        held = np.flatnonzero(rng.random(len(lives)) < 0.8)
        register = pd.DataFrame({"address": lives[held], "sex": sex[held]})
        person = rng.choice(len(lives), 400)
        dots = pd.DataFrame(mask(xy[lives[person]], rng=rng), columns=["x", "y"])
        leak = DotRelease(
            records=dots.assign(sex=sex[person]),
            roles=Roles(location=["x", "y"], key=["sex"]),
            backdrop=base,
        )
        found = guess(leak, Adversary.holds_register(register, mask=mask, coverage=0.8), rng=rng)
        hits.append((found.person >= 0) & (held[found.person] == person))
        sures.append(found.person_confidence)
        homes.append(found.address == lives[person])
        at.append(found.confidence)
    for outcome, claim in ((hits, sures), (homes, at)):
        sure, true = np.concatenate(claim), np.concatenate(outcome)
        assert expected_calibration_error(sure, true) < 0.02
        chance = np.sqrt((sure * (1 - sure)).sum()) / len(sure)
        assert abs(true.mean() - sure.mean()) < 3 * chance


def test_nobody_fits():
    register = pd.DataFrame({"address": [0, 1], "sex": ["F", "F"]})
    found = run(dot(street(2), sex="M"), Adversary.neighbour(mask=RING, register=register))
    assert found.person.tolist() == [-1]
    assert found.person_confidence.tolist() == [0]
    assert found.address[0] in (0, 1)  # the dot's own posterior stands
    assert found.confidence.tolist() == [0.5]
    assert Note("unnamed_records", records=1, of=1) in found.notes


def test_what_is_missing_on_either_side_rules_nobody_out():
    register = pd.DataFrame(
        {"address": [0, 1, 2], "sex": ["F", None, "M"], "station": ["S", "S", ""]}
    )
    release = table(sex=["M", None, "F"], station=["S", "", "S"])
    keys = SharedKeys.of(release, Adversary.holds_register(register))
    agrees = [
        [bool(keys.agree(np.array([i]), np.array([j]))[0]) for j in range(3)] for i in range(3)
    ]
    assert agrees == [[False, True, True], [True, True, True], [True, True, False]]
    assert keys.share_that_agrees() == pytest.approx([2 / 3, 1, 2 / 3])


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_those_of_a_dense_comparison(seed):
    rng = np.random.default_rng(seed)

    def draw(n):
        return {
            "sex": rng.choice(["F", "M", ""], n),
            "age_band": rng.choice(["18-24", "25-34", "35-49", ""], n),
            "station": rng.choice(["1", "2"], n),
        }

    release = table(**draw(60))
    register = pd.DataFrame({"address": np.arange(80), **draw(80)})
    keys = SharedKeys.of(release, Adversary.holds_register(register))
    i, j = np.divmod(np.arange(60 * 80), 80)
    dense = keys.agree(i, j).reshape(60, 80)
    seen = np.zeros((60, 80), dtype=bool)
    for rows, group, entries, indptr in keys.groups():
        for row, g in zip(rows, group, strict=True):
            seen[row, entries[indptr[g] : indptr[g + 1]]] = True
    assert np.array_equal(seen, dense)
    assert keys.share_that_agrees() == pytest.approx(dense.mean(axis=1))


def test_a_table_names_one_of_a_group_at_its_largest_home():
    register = pd.DataFrame(
        {"address": [4, 7, 7, 9, -1, -1], "sex": ["F", "F", "F", "M", "F", "F"]}
    )
    adversary = Adversary.holds_register(register, coverage=0.8)
    found = run(table(sex=["F", "M"]), adversary)
    assert found.person[0] in (1, 2)
    assert found.person[1] == 3
    assert found.person_confidence == pytest.approx([0.8 / 5, 0.8])
    assert found.address.tolist() == [7, 9]
    assert found.confidence == pytest.approx([0.8 * 2 / 5, 0.8])
    assert found.posterior is None


def test_a_record_that_no_entry_fits_is_at_no_address():
    register = pd.DataFrame({"address": [4, 7], "sex": ["F", "F"]})
    found = run(table(sex=["M", "F"]), Adversary.holds_register(register))
    assert (found.person[0], found.address[0]) == (-1, -1)
    assert (found.person_confidence[0], found.confidence[0]) == (0, 0)
    assert found.person[1] in (0, 1)


def test_a_table_that_shares_nothing_names_nobody():
    register = pd.DataFrame({"address": [0], "sex": ["F"]})
    found = run(table(hobby=["chess"]), Adversary.holds_register(register))
    assert found.person.tolist() == [-1]
    assert found.notes == (Note("no_shared_column"),)


def test_groups_do_not_become_a_matrix():
    # 40,000 records against 40,000 entries with one key of two values: 8 10^8 pairs if spelt out.
    sex = np.tile(["F", "M"], 20_000)
    register = pd.DataFrame({"address": np.arange(40_000) // 3, "sex": sex})
    found = run(table(sex=sex), Adversary.holds_register(register, coverage=1.0))
    assert found.person_confidence == pytest.approx(np.full(40_000, 1 / 20_000))
    assert (sex[found.person] == sex).all()


def test_names_on_the_map_find_the_person_across_the_street():
    register = pd.DataFrame(
        {"address": [0, 1, 2], "last_name": ["Durand", "MEYER", "Petit"], "first_name": "Ann"}
    )
    found = run(
        dot(street(), last_name="Meyer"),
        Adversary.holds_register(register, mask=RING, coverage=0.9),
    )
    assert found.person.tolist() == [1]
    # c F/N = .9 at the right door, and (1 - c) q = .1 / 3 at each; prior alike.
    assert found.person_confidence == pytest.approx([0.9 / (0.9 + 3 * 0.1 / 3)])
    assert found.address.tolist() == [1]


def test_ages_come_from_birth_dates_on_the_day():
    born = pd.to_datetime(["1971-09-02", "1971-09-03", "2010-01-01", None])
    register = pd.DataFrame({"address": [0, 1, 2, 3], "birth_date": born})
    release = table(age_band=["35-44", "45-54", "80+", "unknown"])
    keys = SharedKeys.of(release, Adversary.holds_register(register))
    agrees = keys.agree(np.repeat(np.arange(4), 4), np.tile(np.arange(4), 4)).reshape(4, 4)
    # On 2 September 2016 the first is 45 that day, the second turns 45 tomorrow.
    assert agrees[0].tolist() == [False, True, True, True]
    assert agrees[1].tolist() == [True, False, True, True]


def test_many_dots_in_slices_name_as_one_by_one(monkeypatch):
    rng = np.random.default_rng(4)
    base = street()
    register = pd.DataFrame({"address": rng.integers(0, 3, 40), "sex": rng.choice(["F", "M"], 40)})
    release = dot(base, 50, sex=rng.choice(["F", "M"], 50))
    whole = run(release, Adversary.neighbour(mask=RING, register=register))
    monkeypatch.setattr("privaudit.maps.naming.ENTRIES_AT_ONCE", 7)
    sliced = run(release, Adversary.neighbour(mask=RING, register=register))
    assert np.array_equal(whole.person, sliced.person)
    assert np.array_equal(whole.person_confidence, sliced.person_confidence)
    assert np.array_equal(whole.posterior.probability, sliced.posterior.probability)


def test_whoever_lives_at_the_first_address_of_all_has_an_address():
    """One man, at row 0; of two women one lives at row 2, and nobody knows where the other."""
    register = pd.DataFrame({"address": [0, 2, -1], "sex": ["M", "F", "F"]})
    found = run(table(sex=["M", "F"]), Adversary.holds_register(register, coverage=0.9))
    assert found.person[0] == 0
    assert found.address[0] == 0
    assert found.confidence[0] == pytest.approx(0.9)
    # Each woman is the person once in two, and who has no home is at none.
    assert found.person_confidence[1] == pytest.approx(0.45)
    assert found.confidence[1] == pytest.approx(0.45 if found.address[1] == 2 else 0)
