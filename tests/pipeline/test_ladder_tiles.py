"""The ladder in tiles: neither their number nor the workers change what is found."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.maps.registry import climb, rungs, tiles_of_rivals
from privaudit.release.release import DotRelease

pytestmark = pytest.mark.heavy

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FILE = SHARED / "val-de-marne-addresses.csv.gz"
TWO = ("94042", "94047")
MASK = Donut(r_min=20, r_max=80)
ARRAYS = ("address", "confidence", "person", "person_confidence", "opinion",
          "opinion_confidence", "credible", "k_addresses", "k_people")  # fmt: skip


@pytest.fixture(scope="module")
def two_communes():
    """A masked map of two real communes: the release, a register of invented people, results."""
    if not FILE.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    table = pd.read_csv(FILE, dtype={"code_insee": str, "numero": str})
    rows = table[table["code_insee"].isin(TWO)].reset_index(drop=True)
    rng = np.random.default_rng(3)
    n = len(rows)
    frame = rows[["id", "numero", "nom_voie", "nom_commune", "code_insee", "x", "y"]].set_axis(
        ["id", "number", "street", "commune", "station", "x", "y"], axis=1
    )
    base = AddressBase(frame.assign(electors=rng.integers(1, 9, n)), crs="EPSG:2154", real=True)
    electors = base.frame["electors"].to_numpy()
    register = pd.DataFrame({"address": np.repeat(np.arange(n), electors)})
    register["sex"] = rng.choice(["F", "M"], len(register))
    person = rng.choice(len(register), 1_500, replace=False)
    home = register["address"].to_numpy()[person]
    dots = pd.DataFrame(MASK(base.xy[home], rng=rng), columns=["x", "y"])
    dots["sex"] = register["sex"].to_numpy()[person]
    dots["presumed_leaning"] = "right"
    leak = DotRelease(
        records=dots,
        roles=Roles(location=["x", "y"], key=["sex"], sensitive=["presumed_leaning"]),
        backdrop=base,
    )
    results = pd.DataFrame({"station": TWO, "right": [0.2, 0.4]})
    return leak, register, results, home


def same(first, second):
    for one, other in zip(first, second, strict=True):
        assert one.attack == other.attack
        assert one.notes == other.notes
        assert one.reliable == other.reliable
        for name in ARRAYS:
            assert np.array_equal(
                getattr(one, name), getattr(other, name), equal_nan=name.startswith("k_")
            ), name


def test_workers_and_backends_change_nothing(two_communes):
    from joblib import parallel_config

    leak, register, results, _ = two_communes
    ladder = rungs(MASK, results=results, register=register)
    assert len(ladder) == 5
    alone = climb(leak, ladder, seed=5, dots_a_tile=400)
    same(alone, climb(leak, ladder, seed=5, dots_a_tile=400, workers=2))
    with parallel_config(backend="loky"):
        same(alone, climb(leak, ladder, seed=5, dots_a_tile=400, workers=3))


def test_adversaries_who_look_up_the_same_find_what_each_finds_alone(two_communes):
    leak, register, results, home = two_communes
    ladder = rungs(MASK, results=results, register=register)
    one_dot = Adversary(name="one to one", mask=MASK, one_to_one=True)
    how = {"seed": 5, "dots_a_tile": 400, "summarise": True, "beside": home}
    together = climb(leak, [*ladder, one_dot], **how)
    alone = [climb(leak, [one], **how)[0] for one in (*ladder, one_dot)]
    same(together, alone)
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one.error, other.error, equal_nan=True)
        assert np.array_equal(one.beside, other.beside)


def test_one_tile_is_the_attack_itself_and_tiles_change_only_ties(two_communes):
    leak, register, results, home = two_communes
    ladder = rungs(MASK, results=results, register=register)
    whole = climb(leak, ladder, seed=5, keep_posterior=True)
    tiled = climb(leak, ladder, seed=5, dots_a_tile=400, keep_posterior=True)
    for rung, one, other in zip(ladder, whole, tiled, strict=True):
        direct = guess(leak, rung, rng=stream(5, "attack", rung.name))
        same([direct], [one])
        assert other.confidence == pytest.approx(one.confidence)
        assert np.array_equal(one.posterior.indptr, other.posterior.indptr)
        assert np.array_equal(one.posterior.candidate, other.posterior.candidate)
        assert other.posterior.probability == pytest.approx(one.posterior.probability)
    # Better informed adversaries expect to find no less.
    sure = [one.confidence.mean() for one in whole]
    assert sure[1] <= sure[2] <= sure[3] <= sure[4] + 1e-12
    found = [(one.address == home).mean() for one in whole]
    assert found[0] < found[2]


def test_a_mask_that_is_worked_out_is_worked_out_once(two_communes):
    leak, *_ = two_communes
    found = climb(leak, rungs(None), seed=5, dots_a_tile=400)
    assert [one.attack for one in found] == ["nearest", "unknown_mask"]
    assert [note.key for note in found[1].notes].count("mask_averaged") == 1
    assert not found[1].reliable


@pytest.mark.parametrize("mask", [MASK, Donut(r_min=5, r_max=20), None])
def test_one_dot_an_address_in_tiles_is_the_whole_map(two_communes, mask):
    leak, *_ = two_communes
    leak = replace(leak, records=leak.records.iloc[::5].reset_index(drop=True))
    one = Adversary(name="one to one", mask=mask, one_to_one=True)
    whole = guess(leak, one, rng=stream(5, "attack", "one to one"))
    (tiled,) = climb(leak, [one], seed=5, dots_a_tile=40, workers=2, keep_posterior=True)
    for name in ("indptr", "candidate"):
        assert np.array_equal(getattr(whole.posterior, name), getattr(tiled.posterior, name))
    # Rounding alone: vector units take the last elements of an array another way.
    for one_way, other in (
        (whole.posterior.probability, tiled.posterior.probability),
        (whole.confidence, tiled.confidence),
    ):
        np.testing.assert_allclose(other, one_way, rtol=1e-14, atol=1e-16)
    for name in ("credible", "k_addresses"):
        assert np.array_equal(getattr(whole, name), getattr(tiled, name), equal_nan=True)
    crowded = [note for note in tiled.notes if note.key == "rivals_beyond_a_tile"]
    assert len(crowded) == (mask is MASK)
    rest = [note for note in tiled.notes if note not in crowded]
    assert set(rest) == set(whole.notes)
    assert tiled.reliable == whole.reliable


def test_rivals_share_a_tile_and_others_need_not(two_communes):
    leak, *_ = two_communes
    points = leak.records[["x", "y"]].to_numpy()[::5]
    mask = Donut(r_min=0, r_max=30)
    tiles = tiles_of_rivals(points, leak.backdrop, Adversary.knows_mask(mask), 25)
    assert np.array_equal(np.sort(np.concatenate(tiles.rows)), np.arange(len(points)))
    sizes = [len(rows) for rows in tiles.rows]
    assert len(sizes) > 5
    assert tiles.crowded == sum(size for size in sizes if size > 25)
    # By another way: doors within reach of a dot are those of no dot of another tile.
    gap = np.hypot(*(points[:, None, :] - leak.backdrop.xy[None]).T).T
    doors = [set(np.flatnonzero((gap[rows] < 30).any(axis=0))) for rows in tiles.rows]
    assert sum(map(len, doors)) == len(set.union(*doors))


def test_notes_count_dots_of_the_whole_map(two_communes):
    leak, *_ = two_communes
    narrow = Adversary.knows_mask(Donut(r_min=0, r_max=1))
    (found,) = climb(leak, [narrow], seed=5, dots_a_tile=400)
    lost = int((found.address < 0).sum())
    assert lost > 0
    (note,) = [note for note in found.notes if note.key == "unexplained_dots"]
    assert (note.values["dots"], note.values["of"]) == (lost, 1_500)
    assert not found.reliable


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"dots_a_tile": 0}])
def test_numbers_that_cannot_be(two_communes, wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        climb(two_communes[0], [Adversary.nearest()], **wrong)


@pytest.mark.parametrize("estimates", [False, True])
def test_a_posterior_that_nobody_asked_for_is_not_put_together(
    two_communes, monkeypatch, estimates
):
    """What a map of a million dots gives away fits in the memory of a slice."""
    leak, mask = two_communes[0], None if estimates else MASK
    who = Adversary(name="knows_mask", mask=mask, estimates_mask=estimates)
    whole = climb(leak, (who,), seed=1, keep_posterior=True)[0]
    monkeypatch.setattr(sys.modules["privaudit.maps.guess"], "gather", None)
    lean = climb(leak, (who,), seed=1)[0]
    assert whole.posterior is not None
    assert lean.posterior is None
    for name in ("address", "confidence", "credible", "k_addresses", "k_people"):
        np.testing.assert_array_equal(getattr(lean, name), getattr(whole, name))
    assert lean.notes == whole.notes
