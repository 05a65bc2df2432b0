"""Kinds of town: dense, mixed and rural, as fitted to real communes of the kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from privaudit.simulation.likeness import real_quantiles
from privaudit.simulation.streets import Fabric

__all__ = ["KINDS", "Kind", "kind_by_people", "kind_by_size"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What makes a town of a kind.

    - `households`: Households an address.
    - `density`: Addresses a hectare.
    - `centre`, `hamlets`: Shares of addresses in the centre and in hamlets.
    - `fabric`: How streets and plots lie.
    - `real`: Quantiles that its addresses are to have (`shape_of`); those of the real communes of
      the kind where None.
    - `estates`: How much buildings of flats stand together: deviation of a logarithm.
    """

    name: str
    households: float
    density: float
    centre: float
    hamlets: float
    fabric: Fabric
    estates: float = 1.6
    real: Mapping[tuple[str, int, float], float] | None = None

    def targets(self) -> Mapping[tuple[str, int, float], float]:
        """Return the quantiles that a town of the kind is compared with."""
        return real_quantiles(self.name) if self.real is None else self.real


_FABRIC = Fabric(
    block=2.135,
    outward=0.286,
    uneven=0.418,
    plot=16.871,
    plots=0.518,
    rows=0.313,
    width=10.799,
    widths=0.0,
    bare=0.123,
    blind=0.2,
    gables=0.634,
    slender=3.92,
    lean=0.153,
    crossing=0.661,
)
_KINDS = (
    Kind(name="dense", households=7.6, density=9.0, centre=0.6, hamlets=0.005, fabric=_FABRIC),
    Kind(name="mixed", households=3.95, density=9.0, centre=0.4, hamlets=0.015, fabric=_FABRIC),
    Kind(name="rural", households=1.9, density=7.0, centre=0.2, hamlets=0.04, fabric=_FABRIC),
)
KINDS = {kind.name: kind for kind in _KINDS}


def kind_by_people(people_an_address: float) -> str:
    """Tell the kind of a real commune: rural under 5 people an address, dense from 12."""
    return "rural" if people_an_address < 5 else "mixed" if people_an_address < 12 else "dense"


def kind_by_size(inhabitants: int) -> str:
    """Guess the kind of a town: rural under 5,000 people, dense from 100,000."""
    return "rural" if inhabitants < 5_000 else "mixed" if inhabitants < 100_000 else "dense"
