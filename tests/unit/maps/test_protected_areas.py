"""Area maps with rounding, cell keys and noise: published, attacked and scored."""

from dataclasses import replace
from math import factorial

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.campaign.publish import parse_view
from privaudit.campaign.views.area_and_heat_maps import areas_of_addresses
from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.area_inversion import invert_change, invert_counts
from privaudit.release.release import AreaRelease
from privaudit.stats.protections import parse_protection
from privaudit.studies.audit_views import audit_area_maps, audit_areas

WORDS = ["rounding:5", "random_rounding:5", "cell_key:5:2", "geometric:1", "discrete_gaussian:2"]


@pytest.fixture(scope="module")
def campaign():
    world = pa.simulate(pa.Town(inhabitants=2_000), seed=7)
    return pa.run_campaign(world, seed=7)


def base(homes):
    n = len(homes)
    rows = {"id": [str(i) for i in range(n)], "number": "1", "street": "s", "commune": "c"}
    places = {"station": "", "x": np.arange(float(n)), "y": 0.0, "households": homes}
    return AddressBase(pd.DataFrame({**rows, **places}), real=False)


def shown(addresses, names, totals, word):
    return AreaRelease(
        records=pd.DataFrame({"area": names, "x": 0.0, "y": 0.0, "total": totals}),
        roles=Roles(location=["x", "y"]),
        backdrop=addresses,
        protection=parse_protection(word),
    )


@pytest.mark.parametrize("word", WORDS)
def test_a_word_publishes_and_is_attacked(word, campaign):
    view = parse_view(f"areas:grid:500:0:{word}")
    assert view == pa.AreaMap(size=500, protection=word)
    assert str(view) == f"areas:grid:500:0:{word}"
    leak = pa.publish(campaign, view, seed=7)
    assert list(leak.records.columns) == ["area", "x", "y", "total"]
    assert leak.as_leaked().protection == parse_protection(word)
    plain = pa.publish(campaign, pa.AreaMap(size=500), seed=7).records["total"]
    reach = parse_protection(word).reach
    assert (leak.records["total"] - plain).abs().max() <= reach
    result = pa.audit(leak, truth=campaign.world)
    assert 0 <= result.row("small_narrowed").value <= 1


@pytest.mark.heavy
def test_the_same_cell_has_the_same_noise_whatever_the_map(campaign):
    """Stations and squares that hold the same dots are shown alike; other seeds give others."""
    views = [pa.AreaMap(size=size, protection="cell_key:5:2") for size in (1e6, 2e6)]
    one, other = (pa.publish(campaign, view, seed=7).records["total"].tolist() for view in views)
    assert one == other
    assert len({pa.publish(campaign, views[0], seed=s).records["total"][0] for s in range(12)}) > 1


@pytest.mark.heavy
def test_noise_of_two_days_is_not_the_same(campaign):
    """A difference of two days would give the new dots back."""
    day = campaign.plan.as_of
    shown = [pa.AreaMap(by="station", at=at, protection="geometric:0.1")
             for at in (day, day - np.timedelta64(1, "h"))]  # fmt: skip
    one, other = (pa.publish(campaign, view, seed=7).records["total"].to_numpy() for view in shown)
    true = [pa.publish(campaign, replace(view, protection=None), seed=7).records["total"].to_numpy()
            for view in shown]  # fmt: skip
    assert ((one - true[0]) != (other - true[1])).any()


@pytest.mark.parametrize("word", ["geometric:1", "random_rounding:5"])
def test_two_days_of_a_protected_map_are_audited(word, campaign):
    day = campaign.plan.as_of
    days = [pa.publish(campaign, pa.AreaMap(by="station", at=at, protection=word), seed=7)
            for at in (day - np.timedelta64(5, "D"), day)]  # fmt: skip
    row = pa.audit(tuple(days), truth=campaign.world).row("small_narrowed")
    assert 0 <= row.value <= 1


def test_the_posterior_of_one_rounded_count_by_hand():
    """10 shown for a total of 8 to 12 in two areas, one of which is 0 by its other map."""
    addresses = base([1, 1])
    area = np.array(["a", "b"])
    leak = shown(addresses, ["a", "b"], [5.0, 0.0], "random_rounding:5")
    found = invert_counts([leak], [area], total=6)
    # Counts (2..6, 4..0): weight 1/(n! m!) times P(5 | n) P(0 | m).
    n = np.arange(7)
    prior = np.array([1 / (factorial(k) * factorial(6 - k)) for k in n])
    up = np.where(n <= 5, n / 5, (10 - n) / 5)
    none = np.where(6 - n < 5, 1 - (6 - n) / 5, 0)
    law = prior * up * none
    law /= law.sum()
    assert found.expected[0] == pytest.approx(law @ n)
    assert found.low.tolist() == [2, 0]
    assert found.high.tolist() == [6, 4]


@pytest.mark.heavy
@pytest.mark.parametrize("word", [*WORDS, "geometric:0.3"])
def test_credible_ranges_hold_the_count_as_often_as_they_say(word):
    """Dots fall as the prior says, 60 times: ranges of .95 or more, so .92 of them hold.

    Six counts each, of which two thirds are worth one: a standard error of .014 at .95.
    """
    rng = np.random.default_rng(17)
    homes = np.array([3, 8, 1, 5, 12, 2])
    addresses, area = base(homes), np.array(list("abcdef"))
    protection, hits = parse_protection(word), []
    for _ in range(60):
        count = rng.multinomial(25, homes / homes.sum())
        totals = protection.protect(count, rng.random(6)).astype(float)
        known = None if protection.additive else 25
        found = invert_counts([shown(addresses, area, totals, word)], [area], total=known)
        assert ((found.low <= count) & (count <= found.high)).all()
        hits.append((found.likely_low <= count) & (count <= found.likely_high))
    assert np.mean(hits) >= 0.92


@pytest.mark.heavy
def test_a_second_map_across_narrows_what_noise_leaves(campaign):
    """Crossed maps tell more of an area's count than one map does."""

    def width(maps):
        leaks = [pa.publish(campaign, view, seed=7) for view in maps]
        areas = [areas_of_addresses(one.backdrop, one) for one in leaks]
        found = invert_counts([one.as_leaked() for one in leaks], areas)
        return float((found.likely_high - found.likely_low).mean())

    one = pa.AreaMap(size=400, protection="geometric:1")
    across = pa.AreaMap(size=400, origin=(200.0, 200.0), protection="geometric:1")
    assert width([one, across]) < width([one])
    measured = audit_area_maps(campaign, [one, across])
    assert 0 <= measured.row("small_narrowed").value <= 1


def test_two_days_of_a_protected_map_are_subtracted():
    addresses, area = base([1, 1]), np.array(["a", "b"])
    before = shown(addresses, ["a", "b"], [0.0, 5.0], "rounding:5")
    after = shown(addresses, ["a", "b"], [5.0, 5.0], "rounding:5")
    found = invert_change(before, after, area)
    # 0 to 2 before and 3 to 7 after; 3 to 7 both days.
    assert found.low.tolist() == [1, 0]
    assert found.high.tolist() == [7, 4]


def test_what_a_protection_leaves_is_in_the_audit(campaign):
    rows = audit_areas(campaign)
    left = {part: rows.row("small_narrowed", counted=part)
            for part in ("squares", "rounded", "keyed", "noised")}  # fmt: skip
    # Exact counts are known; no protection leaves more than they do.
    assert left["squares"].value == 1.0
    assert all(row.value <= 1 for row in left.values())
    # The baseline knows homes and the number of dots, and is the same for all.
    assert len({row.baseline for row in left.values()}) == 1
    # So is that of the probabilities, though no number stands beside noise.
    beside = {rows.row("given_to_marked", counted=part).baseline for part in left}
    assert len(beside) == 1
    assert np.isfinite(list(beside)).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"protection": "rounding:5", "suppress_under": 11}, "a threshold or a protection"),
        ({"protection": "rounded:5"}, "rounding:5"),
        ({"protection": 5}, "protection"),
    ],
)
def test_protections_that_do_not_fit_are_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        pa.AreaMap(**given)


def test_a_total_that_no_count_is_shown_as_is_refused():
    area = np.array(["a"])
    with pytest.raises(ParameterError, match="no count is shown as"):
        invert_counts([shown(base([1]), ["a"], [3.0], "rounding:5")], [area])
