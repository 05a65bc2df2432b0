"""A heat map turned back into doors: by hand, against every placement, and by its laws."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.heat import (
    KERNELS,
    bend_of,
    calibrated,
    colour_steps,
    deconvolve,
    disc_radius,
    heat_kernel,
    kernel_of,
    layered_heat,
    merged_in_cells,
)
from privaudit.maps.heat_inversion import (
    HeatRaster,
    KernelCandidate,
    _raster,
    invert_change,
    invert_heat,
    misses_whole_discs,
    noise_of,
    saturation_of,
)
from privaudit.release.release import HeatRelease, TableRelease
from privaudit.screenshots.read_heat import quantise_heat
from privaudit.stats.calibration import reliability

pytestmark = pytest.mark.heavy

FOUR = np.array([[0.0, 0.0], [120.0, 0.0], [120.0, 90.0], [20.0, 160.0]])


def addresses(xy, homes=None):
    frame = pd.DataFrame({"id": [str(i) for i in range(len(xy))], "x": xy[:, 0], "y": xy[:, 1]})
    for column in ("number", "street", "commune", "station"):
        frame[column] = "1"
    return AddressBase(frame if homes is None else frame.assign(households=homes), real=False)


# Each kernel at squared distances in bandwidths, by its formula; all integrate to 1.
FORMULAS = {
    "gaussian": lambda q: np.exp(-q / 2) / (2 * np.pi),
    "quartic": lambda q: 3 / np.pi * np.clip(1 - q, 0, None) ** 2,
    "epanechnikov": lambda q: 2 / np.pi * np.clip(1 - q, 0, None),
    "triweight": lambda q: 4 / np.pi * np.clip(1 - q, 0, None) ** 3,
    "disc": lambda q: (q <= 1) / np.pi,
    "triangular": lambda q: 3 / np.pi * np.clip(1 - np.sqrt(q), 0, None),
    # No kernel of ours: a ring.
    "ring": lambda q: 2 / np.pi * q * (q <= 1),
}


def heat_of(dots, xy, bandwidth, cell=20.0, levels=None, kernel="gaussian"):
    """Dots a square kilometre by the formula of the kernel, with no code of the library's."""
    low, high = xy.min(axis=0) - 3 * bandwidth, xy.max(axis=0) + 3 * bandwidth
    x, y = np.meshgrid(*(np.arange(low[k], high[k] + cell, cell) for k in (0, 1)))
    squared = (x[..., None] - dots[:, 0]) ** 2 + (y[..., None] - dots[:, 1]) ** 2
    heat = FORMULAS[kernel](squared / bandwidth**2).sum(axis=-1) / bandwidth**2 * 1e6
    if levels:
        step = heat.max() / levels
        heat = (np.minimum(np.floor(heat / step), levels - 1) + 0.5) * step
    return pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "intensity": heat.ravel()})


# Heat of one dot of a disc of radius 10 is 1 / (100 pi): by hand, heights of 0 to 3 dots.
@pytest.mark.parametrize(
    ("dots", "radius"),
    [([0, 1, 3], 10.0), ([2, 3], 10.0), ([0, 2, 4], 10 / np.sqrt(2)), ([0, 1, 2.5], np.nan),
     ([0, 1, 1 + 1e-9, 2], 10.0), ([0, 1, 1.0015], np.nan), ([0.0, 0.0], np.nan)],
)  # fmt: skip
def test_the_radius_of_flat_discs_is_that_of_the_heat_of_one_dot(dots, radius):
    heat = np.array([dots]) / (100 * np.pi)
    assert disc_radius(heat) == pytest.approx(radius, rel=1e-6, nan_ok=True)


def test_a_disc_whose_edge_is_a_millimetre_from_a_cell_keeps_its_radius():
    """Cells at 0, 20, 40 ... m: a dot 4 mm off its grid puts no cell on the other side."""
    xy = FOUR + np.array([0.004, -0.003])
    found = inverted_unknown(xy[[0, 2]], xy, 60.0)
    assert (found.kernel, found.doubts) == ("disc", ())
    assert found.bandwidth == pytest.approx(60.0, rel=1e-9)


def inverted_unknown(dots, xy, bandwidth):
    release = leak(heat_of(dots, xy, bandwidth, kernel="disc"), addresses(xy))
    return invert_heat(release, rng=np.random.default_rng(0))


def leak(heat, base):
    return HeatRelease(records=heat, roles=Roles(location=("x", "y")), backdrop=base)


def inverted(dots, xy, bandwidth, *, homes=None, seed=0, total=None, **drawn):
    release = leak(heat_of(dots, xy, bandwidth, **drawn), addresses(xy, homes))
    rng = np.random.default_rng(seed)
    return at_addresses(invert_heat(release, rng=rng, bandwidth=bandwidth, total=total))


def at_addresses(found):
    """What is said of each address, in the order of the addresses."""
    assert len(set(found.place)) == len(found.place) == len(found.homes)
    told = {name: getattr(found, name)[found.place] for name in ("expected", "claim")}
    return replace(found, **told)


@pytest.fixture(scope="module")
def town():
    """120 addresses, at least 30 m apart."""
    rng = np.random.default_rng(5)
    at = np.stack(np.meshgrid(np.arange(12), np.arange(10)), -1).reshape(-1, 2) * 50.0
    return at + rng.uniform(-10, 10, at.shape)


def test_a_kernel_is_a_gaussian_at_each_node():
    across, up = np.arange(-40.0, 200.0, 13.0), np.arange(-30.0, 220.0, 17.0)
    nodes = np.stack(np.meshgrid(across, up), -1).reshape(-1, 2)
    apart = np.hypot(*(nodes[:, None] - FOUR[None]).transpose(2, 0, 1))
    by_hand = np.exp(-((apart / 30) ** 2) / 2) / (2 * np.pi * 900)
    by_hand[apart > 150] = 0
    np.testing.assert_allclose(heat_kernel(across, up, FOUR, 30.0).toarray(), by_hand, atol=1e-18)


@pytest.mark.parametrize("name", [name for name in FORMULAS if name not in ("gaussian", "ring")])
def test_other_kernels_follow_their_formula(name):
    across, up = np.arange(-40.0, 200.0, 13.0), np.arange(-30.0, 220.0, 17.0)
    nodes = np.stack(np.meshgrid(across, up), -1).reshape(-1, 2)
    apart = np.hypot(*(nodes[:, None] - FOUR[None]).transpose(2, 0, 1))
    found = heat_kernel(across, up, FOUR, 70.0, name).toarray()
    np.testing.assert_allclose(found, FORMULAS[name]((apart / 70) ** 2) / 70**2, atol=1e-18)


def test_what_leaflet_draws_is_a_disc_blurred():
    # A radius of 25 pixels and a shadow of deviation 7.5, cut at 40: by adding up many points.
    rng = np.random.default_rng(0)
    angle, away = rng.random(400_000) * 2 * np.pi, np.sqrt(rng.random(400_000)) * 25
    points = np.column_stack([away * np.cos(angle), away * np.sin(angle)])
    points += rng.normal(0, 7.5, points.shape)
    apart = np.hypot(*points.T)
    edges = np.arange(0.0, 41.0, 8.0)
    seen = np.histogram(apart, edges)[0] / (apart < 40).sum()
    middle = (np.arange(40) + 0.5) * 1.0
    density = kernel_of("leaflet").density((middle / 25) ** 2) / 25**2 * 2 * np.pi * middle
    np.testing.assert_allclose(density.reshape(5, 8).sum(axis=1), seen, atol=0.003)


@pytest.mark.parametrize("opacity", [0.125, 1.0])
def test_leaflet_lays_dots_over_each_other_and_its_colours_tell_them_apart(opacity):
    # As Leaflet.heat paints: near dots are one, then one sprite after the other over the canvas.
    rng = np.random.default_rng(4)
    across, up, radius = np.arange(0.0, 400.0, 11.0), np.arange(0.0, 300.0, 11.0), 50.0
    points = rng.uniform(20, 280, (25, 2))
    squares = {}
    for x, y in points:
        kept = squares.setdefault((int(x // 40), int(y // 40)), [0.0, 0.0, 0])
        kept[0] = (kept[0] * kept[2] + x) / (kept[2] + 1)
        kept[1] = (kept[1] * kept[2] + y) / (kept[2] + 1)
        kept[2] += 1
    assert len(squares) < 25
    shape, canvas = kernel_of("leaflet"), np.zeros((len(up), len(across)))
    for x, y, many in squares.values():
        x, y = (round(v / 2) * 2 for v in (x, y))
        away = (across[None] - x) ** 2 + (up[:, None] - y) ** 2
        sprite = shape.density(away / radius**2) / shape.density(np.zeros(1))[0]
        laid = np.minimum(min(1.0, many * opacity) * sprite, 254 / 255)
        canvas = laid + canvas * (1 - laid)
    heat = layered_heat(across, up, points, radius, opacity).reshape(canvas.shape)
    peak = shape.density(np.zeros(1))[0] / radius**2
    np.testing.assert_allclose(1 - np.exp(-heat * opacity / peak), canvas, atol=1e-9)
    # A faint dot alone is what it is where heats add up.
    alone = layered_heat(across, up, np.array([[150.0, 150.0]]), radius, 1e-6)
    added = heat_kernel(across, up, np.array([[150.0, 150.0]]), radius, "leaflet").toarray()[:, 0]
    np.testing.assert_allclose(alone, added, rtol=1e-5)


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("name", "bandwidth", "levels"), [("quartic", 130.0, None), ("disc", 90.0, 16)]
)
def test_a_kernel_that_is_not_told_is_found_and_claims_hold(town, name, bandwidth, levels):
    claimed, right = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        marked = rng.choice(len(town), 25)
        heat = heat_of(town[marked], town, bandwidth, levels=levels, kernel=name)
        found = at_addresses(invert_heat(leak(heat, addresses(town)), rng=rng))
        width = found.bandwidth * kernel_of(found.kernel).deviation
        assert width == pytest.approx(bandwidth * kernel_of(name).deviation, rel=0.12)
        assert not found.doubts
        if levels is None:
            assert found.kernel == name
        named = np.argsort(-found.claim, kind="stable")[: found.total]
        claimed.append(found.claim[named].mean())
        right.append(np.isin(named, marked).mean())
    # 75 names: three standard errors.
    assert np.mean(claimed) == pytest.approx(np.mean(right), abs=3 * 0.5 / np.sqrt(75))


@pytest.mark.slow
def test_a_kernel_that_nobody_knows_is_said(town):
    heat = heat_of(town[::5], town, 120.0, kernel="ring")
    found = invert_heat(leak(heat, addresses(town)), rng=np.random.default_rng(0))
    assert [note.key for note in found.doubts] == ["heat_misfit"]
    # Told wrongly, it does not fit either; told rightly, it does.
    drawn = leak(heat_of(town[::5], town, 120.0, kernel="quartic"), addresses(town))
    for told, doubted in (("gaussian", True), ("quartic", False)):
        rng = np.random.default_rng(0)
        found = invert_heat(drawn, rng=rng, bandwidth=120.0, kernel=told)
        assert bool(found.doubts) is doubted


@pytest.mark.slow
@pytest.mark.parametrize(("wide", "flat"), [(80.0, 80.0), (100.0, 64.0), (70.0, 100.0)])
def test_dots_spread_wider_along_one_axis_are_said(town, wide, flat):
    """In ten colours round kernels hold nearly all of such a heat, with dots at other doors."""
    dots = town[np.random.default_rng(3).choice(len(town), 40)]
    low, high = town.min(axis=0) - 250, town.max(axis=0) + 250
    x, y = np.meshgrid(*(np.arange(low[k], high[k], 10.0) for k in (0, 1)))
    apart = ((x[..., None] - dots[:, 0]) / wide) ** 2 + ((y[..., None] - dots[:, 1]) / flat) ** 2
    heat = np.exp(-apart / 2).sum(axis=-1) / (2 * np.pi * wide * flat) * 1e6
    heat = (np.minimum(np.floor(heat / heat.max() * 10), 9) + 0.5) * heat.max() / 10
    heat = pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "intensity": heat.ravel()})
    found = invert_heat(leak(heat, addresses(town)), rng=np.random.default_rng(0), total=40)
    assert [note.key for note in found.doubts] == ["heat_stretched"] * (wide != flat)


@pytest.mark.parametrize(("share", "missed"), [(1.0, False), (0.5, False), (0.59, True)])
def test_steps_of_flat_discs_that_hold_no_whole_disc_are_known(town, share, missed):
    """A colour a disc, its step a share of a disc: of .59, none holds two discs (1.18 to 1.77)."""
    marked = np.random.default_rng(1).choice(len(town), 25)
    heat = heat_of(town[marked], town, 90.0, cell=10.0, kernel="disc")
    x, y, exact = _raster("test", leak(heat, addresses(town)))
    one = 1 / (np.pi * 90**2)
    low = (exact / one).round() * share * one
    step = share * one
    read = HeatRaster("test", x, y, low + step / 2, low, low + step, step)
    assert misses_whole_discs(read, 90.0) is missed


def test_two_dates_show_the_heat_of_the_new_dots(town):
    base, marked = addresses(town), np.array([5, 17, 44, 80])
    later = np.array([5, 17, 44, 80, 101, 33])
    maps = [leak(heat_of(town[dots], town, 25.0), base) for dots in (marked, later)]
    found = at_addresses(
        invert_change(*maps, rng=np.random.default_rng(0), bandwidth=25.0, total=2)
    )
    assert set(np.argsort(-found.claim)[:2]) == {101, 33}
    with pytest.raises(ParameterError, match="more heat"):
        invert_change(maps[1], maps[0], rng=np.random.default_rng(0), bandwidth=25.0)


def test_every_door_of_a_narrow_kernel_is_found(town):
    marked = np.random.default_rng(1).choice(len(town), 15, replace=False)
    found = inverted(town[marked], town, 15.0, cell=10.0)
    assert found.total == 15
    assert set(np.argsort(-found.claim)[:15]) == set(marked)
    assert found.claim[marked].min() > 0.99
    others = np.setdiff1d(np.arange(len(town)), marked)
    assert found.claim[others].max() < 0.01


def test_two_dots_of_one_door_count_as_two(town):
    found = inverted(town[[3, 3, 40]], town, 15.0, cell=10.0)
    np.testing.assert_allclose(found.expected[[3, 40]], [2, 1], atol=1e-3)


def test_one_colour_tells_nothing_but_the_prior():
    # With one step, or a kernel wide beside the town, a place is as likely as its homes say.
    homes = np.array([1, 2, 3, 4])
    for drawn in ({"bandwidth": 30.0, "levels": 1}, {"bandwidth": 1e7, "cell": 2e6}):
        found = inverted(FOUR[[0, 1]], FOUR, homes=homes, total=2, **drawn)
        np.testing.assert_allclose(found.expected, homes * 0.2, rtol=1e-3)


@pytest.mark.parametrize("levels", [None, 4])
def test_against_every_placement_of_two_dots(levels):
    # The best that anybody can say: of all placements, those that give this very raster.
    pairs = list(itertools.product(range(4), repeat=2))
    maps = [heat_of(FOUR[list(p)], FOUR, 80.0, levels=levels) for p in pairs]
    rasters = [m["intensity"].to_numpy() for m in maps]
    claims, came, best = [], [], []
    for pair, raster in zip(pairs, rasters, strict=True):
        fit = [p for p, other in zip(pairs, rasters, strict=True) if np.allclose(other, raster)]
        best.append([np.mean([door in p for p in fit]) for door in range(4)])
        came.append([door in pair for door in range(4)])
        one = inverted(FOUR[list(pair)], FOUR, 80.0, levels=levels, total=2)
        claims.append(one.claim)
    claims, came, best = (np.array(v, dtype=float) for v in (claims, came, best))
    # An exact raster of well kept doors tells them all; nobody beats the exact posterior.
    if levels is None:
        np.testing.assert_array_equal(best, came)
        np.testing.assert_allclose(claims, best, atol=0.02)
    assert ((claims - came) ** 2).mean() >= ((best - came) ** 2).mean() - 1e-12
    # All placements are as likely: a door holds a dot in 7 of 16, and that is the mean claim.
    assert came.mean() == 7 / 16
    assert claims.mean() == pytest.approx(7 / 16, abs=0.05)


@pytest.mark.slow
def test_claims_come_true_as_often_as_they_say(town):
    # Dots at random, as the adversary believes: each bin within what the binomial says of it.
    rng = np.random.default_rng(11)
    homes = rng.choice([1, 1, 2, 5], len(town))
    claims, came = [], []
    for k in range(8):
        marked = rng.choice(len(town), 20, p=homes / homes.sum())
        levels = (None, 8)[k % 2]
        found = inverted(town[marked], town, 60.0, cell=60.0, homes=homes, seed=k, levels=levels,
                         total=20)  # fmt: skip
        claims.append(found.claim)
        came.append(np.isin(np.arange(len(town)), marked))
    curve = reliability(np.concatenate(claims), np.concatenate(came), bins=6)
    sigma = np.sqrt(curve.confidence * (1 - curve.confidence) / curve.n)
    # Three standard deviations of the outcome and as much of the calibration's own sample.
    assert (np.abs(curve.observed - curve.confidence) <= 3 * np.sqrt(2) * sigma + 1e-3).all()
    assert curve.observed[-1] > 3 * np.concatenate(came).mean()


@pytest.mark.parametrize("wrong", [1.0, 1.1])
def test_noise_of_the_heat_is_not_what_a_kernel_leaves(town, wrong):
    """An error of 3 % of the top from cell to cell is measured, by the true kernel or another."""
    rng = np.random.default_rng(3)
    across, up = np.arange(-180.0, 760.0, 15.0), np.arange(-180.0, 660.0, 15.0)
    numbers = rng.multinomial(20, np.full(120, 1 / 120)).astype(float)
    heat = heat_kernel(across, up, town, 60.0) @ numbers
    error = 0.03 * heat.max()
    rough = np.maximum(heat + rng.normal(0, error, len(heat)), 0).reshape(len(up), -1)
    raster = HeatRaster("test", across, up, rough, rough, rough, error / 4)
    measured = noise_of(raster, KernelCandidate("gaussian", 60.0 * wrong, 1, 0), town, numbers)
    assert measured == pytest.approx(error, rel=0.15)


def test_a_top_that_is_cut_off_is_known_by_its_cells():
    away = np.hypot(*np.mgrid[-40:41, -40:41])
    bell = np.round(np.exp(-(away**2) / 2 / 12**2) * 100)
    assert saturation_of(bell, 1.0) == np.inf
    assert saturation_of(np.minimum(bell, 60), 1.0) == 59.5
    # Of few colours, and of an exact map, nothing tells.
    assert saturation_of(np.minimum(np.round(bell / 10), 6), 1.0) == np.inf
    assert saturation_of(np.minimum(bell, 60), 0.0) == np.inf


@pytest.mark.slow
def test_an_error_of_the_heat_is_known_to_the_claims(town):
    """A picture is off by more than its tones: 3 % of the top, of which nothing is told."""
    gaps = []
    for seed in range(6):
        rng = np.random.default_rng([7, seed])
        dots = rng.choice(len(town), 20)
        heat = heat_of(town[dots], town, 60.0)
        top = heat["intensity"].max()
        rough = np.maximum(heat["intensity"] + rng.normal(0, 0.03 * top, len(heat)), 0)
        unit = rough.max() / 100
        release = leak(heat.assign(intensity=np.round(rough / unit) * unit), addresses(town))
        found = at_addresses(invert_heat(release, rng=rng, bandwidth=60.0, total=20))
        named = np.argsort(-found.claim, kind="stable")[:20]
        gaps.append(found.claim[named].mean() - np.isin(named, dots).mean())
    gaps = np.array(gaps)
    # Three standard errors of six maps.
    assert gaps.mean() < 3 * gaps.std(ddof=1) / np.sqrt(len(gaps)), gaps


def test_the_mass_of_the_heat_is_kept(town):
    heat = heat_of(town[::9], town, 40.0, cell=40.0)
    assert heat["intensity"].sum() * 40.0**2 / 1e6 == pytest.approx(len(town[::9]), rel=0.01)
    release = leak(heat, addresses(town))
    found = invert_heat(release, rng=np.random.default_rng(0), bandwidth=40.0)
    assert found.total == len(town[::9])
    assert found.expected.sum() == pytest.approx(found.total)
    assert (found.expected >= 0).all()


def test_a_town_turned_or_moved_is_inverted_alike(town):
    dots, turn = town[[2, 30, 31, 77]], np.array([[0.0, -1.0], [1.0, 0.0]])
    first = inverted(dots, town, 40.0, cell=40.0)
    for change in (lambda at: at @ turn.T, lambda at: at + np.array([7000.0, -300.0])):
        heat = heat_of(dots, town, 40.0, cell=40.0)
        heat[["x", "y"]] = change(heat[["x", "y"]].to_numpy())
        heat = heat.round({"x": 6, "y": 6})
        base = addresses(change(town))
        rng = np.random.default_rng(0)
        again = at_addresses(invert_heat(leak(heat, base), rng=rng, bandwidth=40.0))
        np.testing.assert_allclose(again.expected, first.expected, atol=1e-2)


def test_colour_steps_are_seen_on_the_raster():
    heat = np.random.default_rng(0).gamma(1.0, 3.0, 500)
    heat[0] = 0
    for levels in (1, 8, 256):
        assert colour_steps(quantise_heat(heat, levels)) == pytest.approx(heat.max() / levels)
        assert np.abs(quantise_heat(heat, levels) - heat).max() <= heat.max() / levels / 2 * (
            1 + 1e-9
        )
    assert colour_steps(heat) == colour_steps(heat + 0.1) == 0
    assert quantise_heat(np.zeros(3), 8).tolist() == [0, 0, 0]


def test_a_bandwidth_that_is_not_told_is_found(town):
    heat = heat_of(town[[5, 60, 61]], town, 37.0)
    found = invert_heat(leak(heat, addresses(town)), rng=np.random.default_rng(0))
    assert found.bandwidth == pytest.approx(37.0, rel=1e-4)
    assert len(found.notes) == 3
    # Where colours are steps its shape is less sure than its width.
    heat = heat_of(town[[5, 60, 61]], town, 37.0, levels=64)
    found = invert_heat(leak(heat, addresses(town)), rng=np.random.default_rng(0))
    assert 37 / 1.3 < found.bandwidth * kernel_of(found.kernel).deviation < 37 * 1.3
    assert bend_of(np.eye(2), 10.0)[1] == 0


def test_bounds_that_hold_leave_the_prior_alone():
    kernel = heat_kernel(np.arange(0.0, 200.0, 50.0), np.zeros(1), FOUR, 80.0)
    start = np.array([0.1, 0.2, 0.3, 0.4])
    heat = kernel @ start
    np.testing.assert_allclose(deconvolve(kernel, heat * 0.5, heat * 1.5, start), start)


def test_calibration_is_the_mean_of_what_came():
    # By hand: the pool of two violators, 1 and 0, is a half.
    score = np.array([0.1, 0.2, 0.3, 0.4])
    kind = np.zeros(4, dtype=int)
    came = np.array([0.0, 1.0, 0.0, 1.0])
    assert calibrated(score, kind, score, kind, came).tolist() == [0, 0.5, 0.5, 1]


def test_the_luckiest_scores_are_not_claimed_for_sure():
    # Scores that tell nothing: one in five comes true, and nowhere is much more claimed.
    rng = np.random.default_rng(3)
    score, kind = rng.random(4000), np.zeros(4000, dtype=int)
    came = (rng.random(4000) < 0.2).astype(float)
    assert came[np.argsort(-score)[:3]].mean() > 0.3
    claim = calibrated(score, kind, score, kind, came)
    # Three standard deviations of a step of forty.
    assert claim.max() < 0.2 + 3 * np.sqrt(0.2 * 0.8 / 40)
    assert claim.mean() == pytest.approx(came.mean(), abs=0.01)


def raster(heat, x=None, y=None):
    """Cells of 10 m, row by row, as the records of a release."""
    rows, columns = np.shape(heat)
    x = np.arange(columns) * 10.0 if x is None else np.array(x, float)
    y = np.arange(rows) * 10.0 if y is None else np.array(y, float)
    east, north = np.meshgrid(x, y)
    cells = {"x": east.ravel(), "y": north.ravel(), "intensity": np.ravel(heat)}
    return SimpleNamespace(records=pd.DataFrame(cells))


def test_a_raster_is_square_cells_three_a_side_in_dots_a_square_metre():
    heat = np.arange(12.0).reshape(3, 4)
    x, y, found = _raster("test", raster(heat))
    assert (x.tolist(), y.tolist()) == ([0, 10, 20, 30], [0, 10, 20])
    # Intensity is in dots a square kilometre; 0 is one too.
    assert found == pytest.approx(heat / 1e6)
    backwards = raster(heat).records.iloc[::-1]
    assert _raster("test", SimpleNamespace(records=backwards))[2] == pytest.approx(found)
    assert len(_raster("test", raster(heat, x=[0, 10, 20, 30.0009]))[0]) == 4
    twice = (
        raster(heat)
        .records.assign(y=lambda f: np.r_[0, 0, f["y"][2:]])
        .assign(x=lambda f: np.r_[0, 0, f["x"][2:]])
    )
    for wrong, said in (
        (raster(heat[:2]), "3 a side"), (raster(heat[:, :2]), "3 a side"),
        (raster(heat, x=[0, 10, 20, 30.0011]), "square cells"),
        (raster(heat, y=[0, 12, 24]), "square cells"),
        (raster(np.where(heat == 5, np.nan, heat)), "missing or a negative"),
        (raster(np.where(heat == 5, -1e-9, heat)), "missing or a negative"),
        (SimpleNamespace(records=twice), "a cell twice"),
    ):  # fmt: skip
        with pytest.raises(GeometryError, match=said):
            _raster("test", wrong)
    with pytest.raises(ParameterError, match="0 in every cell"):
        _raster("test", raster(np.zeros((3, 3))))
    assert _raster("test", raster(np.eye(3) * 1e-3))[2].max() == pytest.approx(1e-9)


def test_what_an_inversion_refuses(town):
    heat, base = heat_of(town[:3], town, 60.0, cell=60.0), addresses(town)
    rng = np.random.default_rng(0)
    for wrong, error, said in (
        (leak(heat.iloc[1:], base), GeometryError, "whole raster"),
        (leak(heat.assign(x=np.r_[1e6, heat["x"][1:]]), base), GeometryError, "whole raster"),
        (leak(heat.assign(intensity=-1.0), base), GeometryError, "below 0|negative"),
        (leak(heat.assign(intensity=0.0), base), ParameterError, "0 in every cell"),
        (TableRelease(records=heat, roles=Roles()), ParameterError, "kind table"),
    ):
        with pytest.raises(error, match=said):
            invert_heat(wrong, rng=rng, bandwidth=60.0)
    with pytest.raises(SchemaError, match="intensity"):
        leak(heat.drop(columns="intensity"), base)
    with pytest.raises(ParameterError, match="addresses of its place"):
        leak(heat, None)
    for wrong in ({"bandwidth": 0.0}, {"bandwidth": 60.0, "total": 0}):
        with pytest.raises(ParameterError):
            invert_heat(leak(heat, base), rng=rng, **wrong)
    flat = leak(heat_of(town[:3], town, 60.0, cell=60.0, levels=1), base)
    with pytest.raises(ParameterError, match="Pass bandwidth"):
        invert_heat(flat, rng=rng)


@pytest.mark.parametrize(("many", "claim"), [(199, 99 / 298), (200, 0.0)])
def test_two_hundred_places_of_a_kind_are_calibrated_by_themselves(many, claim):
    """None of the kind came true, and all of the other, half as many."""
    kind = np.repeat([0, 1], [many, many // 2])
    came = (kind == 1).astype(float)
    score = np.full(len(kind), 0.5)
    found = calibrated(np.array([0.5]), np.array([0]), score, kind, came)
    assert found == pytest.approx([claim])


def test_merged_dots_stand_on_the_pixels_of_the_corner():
    """Cells of 20 m and pixels of one, a twenty-fifth of a radius of 25: both from the corner."""
    corner = np.array([100.25, 50.5])
    points = np.add(corner, [[1, 1], [3.4, 1.2], [19.9, 1], [20, 1], [30, 39]])
    merged, many = merged_in_cells(points, corner, 25.0)
    # The mean of the first three is 8.1 east and 1.07 north.
    assert (merged - corner).tolist() == [[8.0, 1.0], [20.0, 1.0], [30.0, 39.0]]
    assert many.tolist() == [3, 1, 1]


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_holds_one_and_spreads_as_it_states(name):
    """Its integral over the plane, and that of half the squared radius: the variance of an axis."""
    kernel = KERNELS[name]
    radius = np.linspace(0, kernel.reach, 200_001)
    ring = 2 * np.pi * radius * kernel.density(radius**2)
    assert np.trapezoid(ring, radius) == pytest.approx(1, abs=5e-4)
    spread = np.sqrt(np.trapezoid(ring * radius**2 / 2, radius))
    # That of the blurred disc has three digits.
    assert spread == pytest.approx(kernel.deviation, abs=5e-4)


@pytest.mark.parametrize(
    ("name", "power"), [("disc", 0), ("epanechnikov", 1), ("quartic", 2), ("triweight", 3)]
)
def test_kernels_of_a_power_are_those_of_the_books(name, power):
    """(k + 1) (1 - r^2)^k / pi within one bandwidth."""
    kernel = KERNELS[name]
    inside = (power + 1) / np.pi * 0.75**power
    assert kernel.reach == KERNELS["triangular"].reach == 1
    assert kernel.density(np.array([0.25]))[0] == pytest.approx(inside)
