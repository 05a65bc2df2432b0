"""Pictures that another program drew: the street map of the benchmarks, on a fictional town."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.places.address_base import AddressBase

STREET_MAP = Path(__file__).parents[3] / "benchmarks" / "street_map.py"


@pytest.fixture(scope="session")
def street_map():
    spec = importlib.util.spec_from_file_location("street_map", STREET_MAP)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def village():
    """Eight hundred addresses along forty crooked streets, both sides, twelve metres apart."""
    rng = np.random.default_rng(11)
    rows = []
    for street in range(40):
        at, heading = rng.random(2) * [1400, 1100], rng.uniform(0, 2 * np.pi)
        for number in range(1, 21):
            side = 7 if number % 2 else -7
            across = np.array([-np.sin(heading), np.cos(heading)])
            x, y = at + side * across + rng.normal(0, 1.5, 2) + [650_000, 6_850_000]
            rows.append((f"{street}_{number}", str(number), f"rue {street}", x, y))
            at = at + 6 * np.array([np.cos(heading), np.sin(heading)]) * rng.uniform(0.7, 1.6)
            heading += rng.normal(0, 0.08)
    frame = pd.DataFrame(rows, columns=["id", "number", "street", "x", "y"])
    frame = frame.assign(commune="Bourg", station="")
    return AddressBase(
        frame[["id", "number", "street", "commune", "station", "x", "y"]], real=False
    )
