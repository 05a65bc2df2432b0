"""How real communes lie, by kind: makes `privaudit/simulation/data/communes.csv`.

From an address file, the communes' populations, and the households on 200 m cells of one commune::

    python benchmarks/real_towns.py ADDRESSES POPULATIONS CELLS COMMUNE

Only quantiles over communes are written: no address, no person.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from privaudit.geo.address_base import AddressBase
from privaudit.io.addresses import read_addresses
from privaudit.io.public_counts import cell_of, read_cells, read_communes
from privaudit.simulation.spatial_statistics import shape_of, shared_by_station
from privaudit.simulation.town import kind_by_people

HEAD = """\
# How addresses lie in 47 real communes of Val-de-Marne, by kind: rural under 5 people an address
# (8 communes), dense from 12 (16), mixed between (23). value: the median commune's quantile over
# its addresses; low, high: the lowest and highest commune's. metres: a radius, 0 where none is.
# people_by_station: people of a commune, shared out alike among its polling stations, and those of
# each among its addresses. Where low is high, of one commune, Joinville-le-Pont: households on
# cells of 200 m, shared out among the addresses of each cell.
# Sources: Base Adresse Nationale by way of bureaux-de-vote-reconstruction; populations and Filosofi
# 2017 of INSEE; Licence Ouverte 2.0. Made by benchmarks/real_towns.py.
"""


def quantiles(addresses, populations, cells, commune):
    """Return the table of quantiles by kind of commune."""
    base = read_addresses(addresses)
    people = read_communes(populations).set_index("commune")["population"]
    grid = read_cells(cells)
    home = cell_of(base, grid)
    doors = np.bincount(home[home >= 0], minlength=len(grid))
    rows = []
    for code, frame in base.frame.groupby("commune"):
        many = people[code] / len(frame)
        station = frame["station"].to_numpy(dtype=str)
        kind, shared = (
            kind_by_people(many),
            {"of_stations": shared_by_station(station, people[code])},
        )
        if code == commune:
            here = home[frame.index]
            share = grid["households"].to_numpy(dtype=float) / np.maximum(doors, 1)
            shared["households"] = np.where(here >= 0, share[here], 0.0)
        rows.append((kind, "people_an_address", 0, 0.5, many))
        here = AddressBase(frame.reset_index(drop=True), real=False)
        rows += [(kind, *found[:4]) for found in shape_of(here, **shared)]
    table = pd.DataFrame(rows, columns=["kind", "measure", "metres", "quantile", "value"])
    found = table.groupby(["kind", "measure", "metres", "quantile"])["value"]
    return found.agg(value="median", low="min", high="max").round(3).reset_index()


if __name__ == "__main__":
    sys.stdout.write(HEAD + quantiles(*sys.argv[1:]).to_csv(index=False))
