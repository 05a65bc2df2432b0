"""A map too large for its posterior says what it would say with it."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.maps.masks.donut import Donut
from privaudit.maps.posterior import ComparedAddress, Posterior
from privaudit.maps.registry import climb
from privaudit.studies import audit_map as map_rungs
from privaudit.studies.audit_map import SeizedMap, audit_map


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("map"), np.random.default_rng(0)
    n = 400
    xy = (rng.random((n, 2)) * 600).round(2)
    addresses = pd.DataFrame({
        "code_insee": "94042", "numero": np.arange(n), "nom_voie": "Rue Haute",
        "x": 650_000 + xy[:, 0], "y": 6_860_000 + xy[:, 1], "residents": rng.integers(1, 6, n),
    })  # fmt: skip
    addresses.to_csv(folder / "addresses.csv", index=False)
    home = addresses[["x", "y"]].to_numpy()[rng.integers(n, size=60)]
    dots = Donut(r_min=20, r_max=90)(home, rng=rng)
    pd.DataFrame(dots, columns=["x", "y"]).to_csv(folder / "dots.csv", index=False)
    return folder


def audited(files):
    seized = SeizedMap(
        leaks=[files / "dots.csv"], addresses=files / "addresses.csv", mask="donut:20:90",
        crs="EPSG:2154",
    )  # fmt: skip
    return audit_map(seized)[0].exposures


def test_it_says_the_same_without_ever_holding_the_posterior(files, monkeypatch):
    whole = audited(files)
    monkeypatch.setattr(map_rungs, "_DOTS_AT_ONCE", 0)
    tiled = audited(files)
    assert [one.attack for one in whole] == ["nearest", "knows_mask", "knows_electors"]
    for one, other in zip(whole, tiled, strict=True):
        pd.testing.assert_frame_equal(one.per_person, other.per_person, check_exact=True)
        pd.testing.assert_frame_equal(one.overall, other.overall, check_exact=True)
        assert one.notes == other.notes
    # What the nearest address is worth is told by whoever knows the mask: it is never 1.
    assert tiled[0].per_person["address"].max() < 1
    assert np.isfinite(tiled[1].per_person["error"]).all()


def test_tiles_keep_what_is_asked_of_each_posterior(files, monkeypatch):
    """Tiles change ties only, and what is expected of tied addresses is one and the same."""
    whole = audited(files)
    monkeypatch.setattr(map_rungs, "_DOTS_AT_ONCE", 0)
    monkeypatch.setattr(map_rungs, "climb", partial(climb, dots_a_tile=7))
    for one, other in zip(whole, audited(files), strict=True):
        found = other.per_person["address"].to_numpy()
        np.testing.assert_allclose(found, one.per_person["address"], rtol=1e-12)


def test_what_was_kept_is_of_the_addresses_it_was_kept_for():
    posterior = Posterior(np.array([0, 2]), np.array([4, 6]), np.array([0.25, 0.75]))
    kept = ComparedAddress(np.array([4]), posterior.at(np.array([4])))
    assert kept.at(np.array([4])).tolist() == [0.25]
    with pytest.raises(ParameterError, match="kept for"):
        kept.at(np.array([6]))


@pytest.mark.parametrize(
    ("versions", "shown", "dots", "in_tiles"),
    [
        (1, None, 6, True), (1, None, 5, False), (1, 6, 6, False), (2, None, 6, False),
        (2, 6, 5, False),
    ],
)  # fmt: skip
def test_one_map_of_more_dots_than_are_held_at_once_is_attacked_in_tiles(
    monkeypatch, versions, shown, dots, in_tiles
):
    class Version:
        dots_shown = shown

        def as_leaked(self):
            return self

        def __len__(self):
            return dots

    monkeypatch.setattr(map_rungs, "_DOTS_AT_ONCE", 5)
    monkeypatch.setattr(map_rungs, "_climb_large", lambda *_: "tiles")
    monkeypatch.setattr(map_rungs, "guess", lambda *_, **__: "one")
    monkeypatch.setattr(map_rungs, "guess_versions", lambda *_, **__: "versions")
    blind = SimpleNamespace(name="a", mask=None, estimates_mask=False)
    every = tuple(Version() for _ in range(versions))
    found = map_rungs.climb_map(every, [blind], None, 1, lambda _: None)
    assert (found == "tiles") is in_tiles
    if not in_tiles:
        assert [guesses for _, guesses in found] == ["one" if versions == 1 else "versions"]
