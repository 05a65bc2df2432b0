"""Projections against values that others computed."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import GeometryError
from privaudit.geo.crs import in_degrees, metric_crs, project

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def test_val_de_marne_longitude_latitude_gives_its_lambert_93():
    """Published as degrees to six decimals and metres to two, which round the same points.

    The largest difference is half a centimetre, the rounding of the metres: whoever made the
    file projected the very degrees that it holds.
    """
    file = SHARED / "val-de-marne-addresses.csv.gz"
    if not file.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    base = pd.read_csv(file, usecols=["lon", "lat", "x", "y"])
    ours = project(base["lon"], base["lat"], source="EPSG:4326", target="EPSG:2154")
    off = np.abs(ours - base[["x", "y"]].to_numpy())
    assert len(off) == 138_280
    assert off.max() <= 0.005 + 1e-6


def test_the_origin_of_each_zone_by_its_definition():
    # Lambert-93: 3° E, 46.5° N is 700 km, 6,600 km. UTM: its meridian at the equator is 500 km.
    assert project([3], [46.5], source="EPSG:4326", target="EPSG:2154") == pytest.approx(
        np.array([[700_000.0, 6_600_000.0]]), abs=1e-3
    )
    for crs, meridian in [("EPSG:5490", -63), ("EPSG:2972", -51), ("EPSG:4467", -57)]:
        assert project([meridian], [0], source="EPSG:4326", target=crs) == pytest.approx(
            np.array([[500_000.0, 0.0]]), abs=1e-3
        )
    for crs, meridian in [("EPSG:2975", 57), ("EPSG:4471", 45)]:  # southern: 10,000 km added
        assert project([meridian], [0], source="EPSG:4326", target=crs) == pytest.approx(
            np.array([[500_000.0, 10_000_000.0]]), abs=1e-3
        )
    # ETRS89-LAEA: 10° E, 52° N is 4,321 km, 3,210 km.
    assert project([10], [52], source="EPSG:4326", target="EPSG:3035") == pytest.approx(
        np.array([[4_321_000.0, 3_210_000.0]]), abs=1e-3
    )


def test_overseas_communes_have_their_own_projection():
    legal = {
        "75056": "EPSG:2154",
        "2B033": "EPSG:2154",
        "97105": "EPSG:5490",
        "97209": "EPSG:5490",
        "97302": "EPSG:2972",
        "97411": "EPSG:2975",
        "97502": "EPSG:4467",
        "97608": "EPSG:4471",
        "97701": "EPSG:5490",
        "97801": "EPSG:5490",
    }
    assert {code: metric_crs(code) for code in legal} == legal


@pytest.mark.parametrize("code", ["", "94", "940421", "00042", "96042", "98818", "2C004"])
def test_a_code_that_is_no_commune_is_refused(code):
    with pytest.raises(GeometryError, match="INSEE code"):
        metric_crs(code)


@pytest.mark.parametrize(
    "crs", ["Lambert-93", "EPSG:999999", "", "fictional", "+proj=longlat", "EPSG:5773", None]
)
def test_unknown_projection_says_how_to_write_one(crs):
    with pytest.raises(GeometryError) as caught:
        project([0.0], [0.0], source=crs, target="EPSG:2154")
    assert re.match(r"project: needs .*'EPSG:2154'.* but got ", str(caught.value))
    with pytest.raises(GeometryError):
        in_degrees(crs)


def test_arrays_of_two_lengths_are_refused():
    with pytest.raises(GeometryError, match="one length"):
        project([0.0, 1.0], [0.0], source="EPSG:4326", target="EPSG:2154")


def test_a_point_that_the_projection_cannot_hold_is_infinite():
    far = project([3.0], [95.0], source="EPSG:4326", target="EPSG:2154")
    assert not np.isfinite(far).any()
