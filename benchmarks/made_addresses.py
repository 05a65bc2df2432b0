"""Addresses of no real place, as dense as a suburb, in the columns of the national address base.

Communes are squares of about 2,900 doors, as the 47 of a département with 138,280 have; so made in
parts, one commune after the other, that no size has to be held.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

# Addresses per square metre over Val-de-Marne: 138,280 on 245 square kilometres.
DENSITY = 138_280 / 245e6
A_COMMUNE = 138_280 // 47
# Metres of a side of a commune.
SIDE = float(np.sqrt(A_COMMUNE / DENSITY))
# About the middle of France, metres of Lambert-93.
_WEST, _SOUTH = 650_000.0, 6_600_000.0
_NAMES = ("Rue des Lilas", "Avenue de la Gare", "Allée Haute", "Rue du Stade", "Impasse du Puits",
          "Boulevard du Midi", "Chemin Vert", "Place de l'Église")  # fmt: skip


def commune_addresses(commune: int, many: int, across: int) -> dict[str, np.ndarray]:
    """Return the columns of one commune: `across` communes stand side by side."""
    rng = np.random.default_rng([commune, many])
    row, column = divmod(commune, across)
    xy = rng.random((many, 2)) * SIDE + (_WEST + column * SIDE, _SOUTH + row * SIDE)
    number = rng.integers(1, 200, many)
    street = rng.integers(0, 40, many)
    names = np.array([f"{name} {k}" for k in range(5) for name in _NAMES], dtype=object)
    code = f"{commune // 900 + 1:02d}{commune % 900 + 1:03d}"
    return {
        "id": np.char.add(f"ADR{commune:06d}_", np.arange(many).astype(str)).astype(object),
        "code_insee": np.full(many, code, dtype=object),
        "nom_commune": np.full(many, _town(commune), dtype=object),
        "numero": number,
        "nom_voie": names[street],
        "x": xy[:, 0].round(2),
        "y": xy[:, 1].round(2),
        "bureau_de_vote": street % 7 + 1,
        "residents": rng.geometric(0.25, many),
    }


def _town(commune: int) -> str:
    """Return a name of letters alone, as towns have."""
    return "Commune-sur-" + "".join(chr(97 + commune // 26**k % 26) for k in (3, 2, 1, 0)).title()


def made_addresses(n: int) -> pd.DataFrame:
    """Return n addresses of as many communes as they fill."""
    return pd.concat(made_parts(n), ignore_index=True)


def communes_of(n: int) -> tuple[int, int]:
    """Return of how many communes n addresses are, and how many of these stand side by side."""
    communes = -(-n // A_COMMUNE)
    return communes, int(np.ceil(np.sqrt(communes)))


def made_parts(n: int):
    """Yield the addresses commune by commune."""
    communes, across = communes_of(n)
    for commune in range(communes):
        many = min(A_COMMUNE, n - commune * A_COMMUNE)
        yield pd.DataFrame(commune_addresses(commune, many, across))
