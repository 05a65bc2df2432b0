"""A mask, an attack, a gain and a truth of one's own, through public names only."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

import privaudit as pa


@dataclass(frozen=True, kw_only=True)
class Tapered(pa.masks.Mask):
    reach: float

    def density(self, distance):
        left = np.maximum(1 - np.asarray(distance) / self.reach, 0)
        return 3 * left / (np.pi * self.reach**2)


class Nearest(pa.maps.Attack):
    def guess(self, leak, addresses, rng):
        return pa.maps.Guesses(address=cKDTree(addresses.xy).query(leak.records[["x", "y"]])[1])


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(
        pa.simulate(pa.Town(inhabitants=1_500), seed=10, generic_likes=False),
        seed=10,
        with_score=False,
    )


@pytest.fixture(scope="module")
def leak(campaign):
    return pa.publish(campaign, pa.DotMap(mask=Tapered(reach=90)), seed=7)


def within_50m(true, guessed):
    return np.hypot(*(true - guessed).T) <= 50


def places(n):
    """A street of addresses 40 m apart, two households and three electors at each."""
    at = np.arange(n)
    frame = pd.DataFrame(
        {"id": [f"a{i}" for i in at], "number": at.astype(str), "street": "s", "commune": "c",
         "station": "", "x": 40.0 * at, "y": 0.0, "households": 2, "electors": 3}
    )  # fmt: skip
    return pa.io.AddressBase(frame, real=False)


def test_distances_come_from_a_density_that_says_no_more():
    # Of a cone, the share within d is 3 (d / r)^2 - 2 (d / r)^3.
    d = Tapered(reach=90).distance(np.linspace(0, 1, 11))
    assert 3 * (d / 90) ** 2 - 2 * (d / 90) ** 3 == pytest.approx(np.linspace(0, 1, 11), abs=1e-6)
    assert pa.masks.check_mask(Tapered(reach=90))["density_sum"] == pytest.approx(1)


@dataclass(frozen=True, kw_only=True)
class TooDense(Tapered):
    def density(self, distance):
        return 1.1 * super().density(distance)


@dataclass(frozen=True, kw_only=True)
class Uniform(Tapered):
    def move(self, points, rng):
        return points + self.reach * (rng.random(points.shape) - 0.5)


@dataclass(frozen=True, kw_only=True)
class Eastward(Tapered):
    def move(self, points, rng):
        return points + np.c_[self.distance(rng.random(len(points))), np.zeros(len(points))]


@dataclass(frozen=True, kw_only=True)
class Together(Tapered):
    def move(self, points, rng):
        angle = rng.random() * 2 * np.pi
        away = self.distance(rng.random(len(points)))[:, None]
        return points + away * np.array([np.cos(angle), np.sin(angle)])


@dataclass(frozen=True, kw_only=True)
class Shared(Tapered):
    def move(self, points, rng):
        return super().move(points, np.random.default_rng())


@dataclass(frozen=True, kw_only=True)
class Always(Tapered):
    def move(self, points, rng):
        return super().move(points, np.random.default_rng(3))


@dataclass(frozen=True, kw_only=True)
class Still(Tapered):
    def move(self, points, rng):
        return points


@dataclass(frozen=True, kw_only=True)
class Nowhere(Tapered):
    def move(self, points, rng):
        return np.full_like(points, np.nan)


@dataclass(frozen=True, kw_only=True)
class OfComplex(Tapered):
    def move(self, points, rng):
        return super().move(points, rng) + 1j


@dataclass(frozen=True, kw_only=True)
class OfText(Tapered):
    def move(self, points, rng):
        return points.astype("str")


@dataclass(frozen=True, kw_only=True)
class Holding(Tapered):
    where: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(3))


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (TooDense(reach=90), "sums to 1 over the plane, but got 1.1"),
        (Uniform(reach=90), "moves that follow its density"),
        (Eastward(reach=90), "moves that follow its density"),
        (Together(reach=90), "moves that follow its density"),
        (Shared(reach=90), "the same moves of the same generator"),
        (Always(reach=90), "other moves of another generator"),
        (Still(reach=90), "moves that follow its density"),
        (Nowhere(reach=90), "leave a dot on the map, but got nan for every dot"),
        (OfComplex(reach=90), "floats of shape .*, but got a numpy ndarray of complex128"),
        (OfText(reach=90), "floats of shape .*, but got a numpy ndarray of <U"),
        (Holding(reach=90), "parameters that compare and hash"),
        (Tapered, "Give one"),
    ],
)
def test_check_mask_refuses_what_does_not_keep_its_word(mask, said):
    with pytest.raises(pa.PrivauditError, match=said):
        pa.masks.check_mask(mask)


@dataclass(frozen=True, kw_only=True)
class Listed(Tapered):
    def move(self, points, rng):
        return super().move(points, rng).tolist()


@dataclass(frozen=True, kw_only=True)
class LeavingOut(Tapered):
    def move(self, points, rng):
        moved = super().move(points, rng)
        moved[rng.random(len(points)) < 0.1] = np.nan
        return moved


@dataclass(frozen=True, kw_only=True)
class Box(pa.masks.Mask):
    """Uniform in a turned rectangle around a lattice point, or around the home."""

    along: float
    across: float
    turn: float = 0.0
    cell: float = 0.0

    def on(self, addresses):
        return PlacedBox(mask=self, places=addresses.xy)


@dataclass(frozen=True, eq=False)
class PlacedBox(pa.masks.PlacedMask):
    mask: Box
    places: np.ndarray

    @property
    def reach(self):
        return np.hypot(self.mask.along, self.mask.across) + self.mask.cell

    def _axes(self):
        c, s = np.cos(self.mask.turn), np.sin(self.mask.turn)
        return np.array([[c, s], [-s, c]])

    def _centre(self, points):
        cell = self.mask.cell
        return (np.floor(points / cell) + 0.5) * cell if cell else points

    def move(self, points, rng):
        step = (2 * rng.random(points.shape) - 1) * [self.mask.along, self.mask.across]
        return self._centre(points) + step @ self._axes()

    def likelihood(self, dots, pairs, rounding=0.1):
        gap = np.abs((dots[pairs.point] - self._centre(self.places[pairs.place])) @ self._axes().T)
        inside = (gap <= np.array([self.mask.along, self.mask.across]) + rounding).all(axis=1)
        return inside / (4 * self.mask.along * self.mask.across)


@pytest.mark.parametrize(
    "mask",
    [
        Listed(reach=90), LeavingOut(reach=90), Box(along=80, across=4), Box(along=200, across=1),
        Box(along=80, across=4, turn=0.5), Box(along=7, across=7, cell=50),
    ],
)  # fmt: skip
def test_check_mask_takes_what_keeps_its_word(mask):
    assert pa.masks.check_mask(mask)["density_sum"] == pytest.approx(1, abs=0.02)


def test_a_class_of_the_same_name_that_came_later_is_named():
    first, later = (
        dataclass(frozen=True, kw_only=True)(type("Twice", (Tapered,), {"__module__": __name__}))
        for _ in range(2)
    )
    with pytest.raises(pa.errors.ParameterError, match="a word of its own"):
        pa.masks.check_mask(first(reach=90))
    assert pa.masks.check_mask(later(reach=90))["density_sum"] == pytest.approx(1)


def test_a_word_of_the_library_is_not_taken():
    with pytest.raises(pa.PrivauditError, match="'donut', which is that of Donut"):
        type("Ring", (pa.masks.Mask,), {"word": "donut", "__module__": "mine"})
    assert pa.masks.parse_mask("donut:50:200") == pa.masks.Donut(r_min=50, r_max=200)


def test_persistent_noise_moves_by_a_mask_of_one_s_own():
    mask = pa.masks.Persistent(mask=Uniform(reach=90), seed=7)
    points = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 0.0]])
    first = mask(points, rng=np.random.default_rng(0))
    assert (first == mask(points, rng=np.random.default_rng(1))).all()
    assert (first[0] == first[2]).all()
    assert np.abs(first - points).max() <= 45


class Naming(Nearest):
    def guess(self, leak, addresses, rng):
        made = super().guess(leak, addresses, rng)
        return dataclasses.replace(made, person=made.address)


def test_an_attack_that_names_people_without_a_register_is_refused(campaign, leak):
    with pytest.raises(pa.PrivauditError, match=r"person from -1 to -1, but got .*register\."):
        pa.audit(leak, Naming(), truth=campaign.world, seed=7)


def test_an_attack_of_one_s_own_is_scored_as_the_library_s(campaign, leak):
    mine = pa.audit(leak, Nearest(), truth=campaign.world, seed=7)
    theirs = pa.audit(leak, "nearest", truth=campaign.world, seed=7)
    parts = ["value", "low", "high", "baseline", "control", "n"]
    assert mine.attack == "nearest"
    pd.testing.assert_frame_equal(mine.overall[parts], theirs.overall[parts])
    # Whoever sees a map can take the nearest address.
    alone = pa.audit(leak, truth=campaign.world, seed=7)
    pd.testing.assert_frame_equal(alone.overall, theirs.overall)


@pytest.mark.heavy
def test_an_attack_of_one_s_own_goes_wherever_an_adversary_goes(campaign, leak, tmp_path):
    assert pa.maps.check_attack(Nearest())["n"] > 10
    masks = [pa.masks.Exact(), Tapered(reach=90)]
    found = pa.frontier(campaign, masks, Nearest(), seed=7).frame
    exact = pa.publish(campaign, pa.DotMap(), seed=7)
    theirs = pa.audit(exact, "nearest", truth=campaign.world, seed=7)
    assert found["address"].tolist()[0] == theirs.overall["value"]["address"] > 0.9
    repeated = pa.repeat(
        pa.Town(inhabitants=500), views=pa.DotMap(mask=Tapered(reach=90)), adversaries=Nearest(),
        seeds=range(2),
    )  # fmt: skip
    assert repeated.row("reidentified", "address").n > 0
    rungs = [pa.audit(leak, who, truth=campaign.world) for who in (Nearest(), "knows_mask")]
    assert len(pa.maps.ladder_steps(rungs).rows) == 2
    assert pa.report(rungs[0], tmp_path / "report", lang="fr").exists()


class Short(pa.maps.Attack):
    def guess(self, leak, addresses, rng):
        return pa.maps.Guesses(address=np.zeros(len(leak) - 1, int))


class Beyond(pa.maps.Attack):
    def guess(self, leak, addresses, rng):
        return pa.maps.Guesses(address=np.full(len(leak), len(addresses)))


class Unseeded(pa.maps.Attack):
    def guess(self, leak, addresses, rng):
        drawn = np.random.default_rng().integers(len(addresses), size=len(leak))
        return pa.maps.Guesses(address=drawn)


class Changing(Nearest):
    def guess(self, leak, addresses, rng):
        leak.records["x"] += 1
        return super().guess(leak, addresses, rng)


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (Short(), "one guess a record"),
        (Beyond(), "address from -1 to"),
        (Unseeded(), "the same address of the same generator"),
        (Changing(), "left as it is"),
    ],
)
def test_check_attack_refuses_what_does_not_keep_its_word(attack, said):
    with pytest.raises(pa.PrivauditError, match=said):
        pa.maps.check_attack(attack)


def test_an_attack_that_names_the_truth_is_refused(campaign, leak):
    class Cheats(pa.maps.Attack):
        def guess(self, _, addresses, rng):
            return pa.maps.Guesses(address=leak.sources["marked_address"].to_numpy())

    class Holds(Nearest):
        def __init__(self):
            self.world = campaign.world

    class Opens(pa.maps.Attack):
        def guess(self, leak, addresses, rng):
            return pa.maps.Guesses(address=leak.sources["marked_address"].to_numpy())

    for attack, name in ((Cheats(), "leak"), (Holds(), "world"), (Opens(), "sources")):
        with pytest.raises(pa.PrivauditError, match=f"cannot reach the truth, but got '{name}'"):
            pa.maps.check_attack(attack)


def test_no_generator_that_an_attack_gets_tells_the_seed(leak):
    held = []

    class Looks(Nearest):
        def guess(self, leak, addresses, rng):
            held.append((leak, rng.bit_generator.seed_seq))
            return super().guess(leak, addresses, rng)

    pa.audit(leak, Looks(), seed=7)
    (seen, sown) = held[0]
    assert seen.sources is None
    assert not seen.recipe
    assert 7 not in np.atleast_1d(sown.entropy).tolist()
    assert sown.spawn_key == ()


def test_a_truth_and_a_gain_of_one_s_own_by_hand():
    base = places(6)
    # Four people; three dots of them right, one 80 m off; the last one's home is not known.
    dots = pd.DataFrame({"x": [1.0, 41.0, 81.0, 159.0, 200.0], "y": 0.0})
    leak = pa.read_map(dots, addresses=base)
    homes = pa.maps.Homes(address=["a0", "a1", "a2", "a2", ""])
    found = pa.audit(leak, truth=homes, gains={"near": lambda t, g: np.hypot(*(t - g).T) <= 90})
    assert found.overall["value"].round(6).to_dict() == pytest.approx(
        # Two households and three electors an address.
        {"address": 3 / 4, "household": 3 / 8, "person": 1 / 4, "opinion": np.nan, "near": 1},
        nan_ok=True,
    )
    assert found.overall["n"].tolist() == [4] * 5
    assert found.overall.loc["address", "baseline"] == pytest.approx(1 / 6)
    assert [note.values for note in found.notes if note.key == "homes_unknown"] == [
        {"records": 1, "of": 5}
    ]
    assert not found.expected
    # Two records of one person are one person, with their mean.
    same = pa.maps.Homes(address=[0, 1, 2, 2, -1], person=["p", "q", "r", "r", "s"])
    assert pa.audit(leak, truth=same).overall.loc["address", "value"] == pytest.approx(2.5 / 3)


@pytest.mark.parametrize("label", ["", "left"])
def test_a_map_without_a_label_is_right_about_no_opinion_and_wrong_about_none(label):
    dots = pd.DataFrame({"x": 40.0 * np.arange(20), "y": 0.0, "presumed_leaning": label})
    leak = pa.read_map(dots if label else dots[["x", "y"]], addresses=places(20))
    homes = pa.maps.Homes(address=np.arange(20), opinion=["left"] * 15 + ["right"] * 5)
    found = pa.audit(leak, truth=homes).overall.loc["opinion"]
    # Where a label stands, it is right for fifteen of twenty.
    assert found["value"] == pytest.approx(15 / 20 if label else np.nan, nan_ok=True)
    assert np.isnan(found["baseline"]) == (not label)


def test_the_control_of_a_truth_of_one_s_own_lives_elsewhere():
    base = places(40)
    leak = pa.read_map(pd.DataFrame({"x": 40.0 * np.arange(30), "y": 0.0}), addresses=base)
    found = pa.audit(leak, truth=pa.maps.Homes(address=np.arange(30)), gains={"in": within_50m})
    # Three electors an address, one of whom is on the map at 30 of 40: 2 / (30 * 2 + 10 * 3) each.
    assert found.overall.loc["address", "control"] < 0.2
    assert found.overall.loc["address", "value"] == 1


def test_gains_of_one_s_own_stand_beside_the_four(campaign, leak, tmp_path):
    found = pa.audit(leak, "knows_mask", truth=campaign.world, gains={"within_50m": within_50m})
    assert found.gains == ("address", "household", "person", "opinion", "within_50m")
    own = found.overall.loc["within_50m"]
    assert own["value"] == found.per_person["within_50m"].mean() >= found.overall["value"].iloc[0]
    assert own["baseline"] < own["value"]
    assert set(found.calibration["gain"]) >= {"within_50m"}
    assert found.by("sex").index.names == ["sex", "gain"]
    page = pa.report(found, tmp_path / "report")
    assert "within_50m" in page.with_name("findings.json").read_text(encoding="utf-8")
    expected = pa.audit(leak, "knows_mask", gains={"within_50m": within_50m}).overall
    assert expected.loc["within_50m", "value"] == pytest.approx(own["confidence"])


@pytest.mark.parametrize(
    ("gains", "said"),
    [
        ({"far": lambda t, g: np.hypot(*(t - g).T)}, r"gain far in \[0, 1\]"),
        ({"one": lambda t, g: 1.0}, "one number a row"),
        ({"address": within_50m}, "names of their own"),
        ({"near": 50}, "gain near a function"),
    ],
)
def test_a_gain_that_is_none_is_refused(leak, gains, said):
    with pytest.raises(pa.PrivauditError, match=said):
        pa.audit(leak, gains=gains)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ([0, 1], "a home for each record"),
        (["a0", "a1", "b9"], "1 that are none"),
        ([0, 1, 6], "rows 0 to 5"),
        ([-1, -1, -1], "a home that is known"),
    ],
)
def test_homes_that_do_not_fit_are_refused(address, said):
    leak = pa.read_map(pd.DataFrame({"x": [0.0, 40, 80], "y": 0.0}), addresses=places(6))
    with pytest.raises(pa.PrivauditError, match=said):
        pa.audit(leak, truth=pa.maps.Homes(address=address))


def test_a_prior_of_one_s_own_weighs_addresses():
    base = places(3)
    leak = pa.read_map(pd.DataFrame({"x": [20.0], "y": 0.0}), addresses=base)
    disk = pa.masks.Disk(radius=30)
    told = pa.Adversary(name="mine", mask=disk, prior=[3, 1, 0])
    assert "prior='own'" in repr(told)
    made = pa.maps.guess(leak, told, rng=np.random.default_rng(0))
    assert made.address.tolist() == [0]
    assert made.confidence == pytest.approx([3 / 4])
    with pytest.raises(pa.PrivauditError, match="one weight an address, but got 2 for 3"):
        pa.audit(leak, dataclasses.replace(told, prior=[1, 1]))
    for wrong in ([1, -1, 1], [0, 0, 0], [1, np.nan, 1]):
        with pytest.raises(pa.PrivauditError, match="weight of 0 or more"):
            pa.Adversary(name="mine", prior=wrong)


def test_a_word_spelt_wrong_says_what_was_meant(leak):
    with pytest.raises(pa.PrivauditError, match="Did you mean 'knows_mask'"):
        pa.audit(leak, "knows_maks")


def test_the_frontier_of_a_real_exact_map_is_observed(campaign):
    exact = pa.publish(campaign, pa.DotMap(), seed=7)
    real = pa.read_map(exact.records, addresses=campaign.world.addresses)
    found = pa.frontier(real, [pa.masks.Exact(), Tapered(reach=90)], "knows_electors")
    assert not found.expected
    assert found.frame["address"][0] == 1
    # By hand: the same moves, the same attack, held against where the dots stood.
    assert 0 < found.frame["address"][1] < 1
    moved = pa.publish(campaign, pa.DotMap(mask=pa.masks.Donut(r_min=50, r_max=200)), seed=7)
    unknown = pa.read_map(moved.records, addresses=campaign.world.addresses)
    assert pa.frontier(unknown, [pa.masks.Exact()]).expected


@dataclass(frozen=True, kw_only=True)
class TwoSpreads(pa.masks.Mask):
    """Nine dots in ten are moved by a normal law of 20 m, the others by one of 500 m."""

    def on(self, addresses):
        return PlacedSpreads(places=addresses.xy)


@dataclass(frozen=True, eq=False)
class PlacedSpreads(pa.masks.PlacedMask):
    places: np.ndarray
    reach = 3_000.0
    laws = ((0.9, 20.0), (0.1, 500.0))

    def move(self, points, rng):
        wide = np.where(rng.random(len(points)) < self.laws[1][0], 500.0, 20.0)
        return points + wide[:, None] * rng.normal(size=points.shape)

    def likelihood(self, dots, pairs, rounding=0.1):
        return sum(p * np.exp(-((pairs.distance / s) ** 2) / 2) / (2 * np.pi * s**2)
                   for p, s in self.laws)  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_right_mask_that_peaks_within_few_cells_passes(seed):
    assert pa.masks.check_mask(TwoSpreads(), seed=seed)["density_sum"] == pytest.approx(1, abs=0.02)
