"""Kinds of town: dense, mixed and rural, as fitted to real communes of the kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from privaudit.simulation.spatial_statistics import real_quantiles, real_ranges
from privaudit.simulation.streets import Fabric


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What makes a town of a kind.

    - `households`: Households an address.
    - `density`: Addresses a hectare.
    - `centre`, `hamlets`, `alone`: Shares of addresses in the centre, in hamlets, and by themselves
      beyond the edge: of real dense communes, .95 % have no other within 50 m.
    - `open`, `ragged`: Share of the doors that would stand where nobody builds (woods, works,
      rails), and deviation of how far the town reaches, from one side to another (a logarithm).
    - `fabric`: How streets and plots lie.
    - `real`: Quantiles that its addresses are to have (`shape_of`); those of the real communes of
      the kind where None.
    - `drafted`: The lowest and the highest that towns came to which were drafted as like that.
    - `estates`: How much buildings of flats stand together: deviation of a logarithm.
    - `room`: How much room they need: they are rarer by this power of the addresses around.
    """

    name: str
    households: float
    density: float
    centre: float
    hamlets: float
    fabric: Fabric
    estates: float
    room: float
    alone: float = 0.0
    open: float = 0.0
    ragged: float = 0.15
    real: Mapping[tuple[str, int, float], float] | None = None
    drafted: Mapping[tuple[str, int, float], tuple[float, float]] = field(default_factory=dict)

    def targets(self) -> Mapping[tuple[str, int, float], float]:
        """Return the quantiles that a town of the kind is compared with."""
        return real_quantiles(self.name) if self.real is None else self.real

    def ranges(self) -> Mapping[tuple[str, int, float], tuple[float, float]]:
        """Return between which values real communes of the kind lie; one file has no range."""
        return real_ranges(self.name) if self.real is None else {}


_KINDS = (
    Kind(
        name="dense",
        households=7.6,
        estates=1.3,
        room=1.4,
        density=7.95,
        centre=0.6,
        hamlets=0.003,
        alone=0.011,
        open=0.194,
        ragged=0.243,
        fabric=Fabric(
            block=2.28,
            outward=0.153,
            uneven=0.43,
            plot=17.75,
            plots=0.5,
            rows=0.266,
            width=7.5,
            widths=0.15,
            bare=0.108,
            blind=0.234,
            gables=0.66,
            slender=3.17,
            lean=0.405,
            crossing=0.537,
            square=0.504,
            bend=9.4,
            astray=0.295,
        ),
    ),
    Kind(
        name="mixed",
        households=4.15,
        estates=2.4,
        room=2.7,
        density=9.3,
        centre=0.4,
        hamlets=0.005,
        alone=0.0095,
        open=0.08,
        ragged=0.24,
        fabric=Fabric(
            block=1.64,
            outward=0.148,
            uneven=0.26,
            plot=17.6,
            plots=0.63,
            rows=0.19,
            width=6.6,
            widths=0.002,
            bare=0.091,
            blind=0.178,
            gables=0.56,
            slender=3.04,
            lean=0.645,
            crossing=0.627,
            square=0.53,
            bend=7.8,
            astray=0.53,
        ),
    ),
    Kind(
        name="rural",
        households=1.9,
        estates=1.9,
        room=0.8,
        density=8.3,
        centre=0.2,
        hamlets=0.012,
        alone=0.0107,
        open=0.058,
        ragged=0.193,
        fabric=Fabric(
            block=1.166,
            outward=0.136,
            uneven=0.207,
            plot=17.4,
            plots=0.51,
            rows=0.223,
            width=5.6,
            widths=0.14,
            bare=0.188,
            blind=0.348,
            gables=0.714,
            slender=3.07,
            lean=0.463,
            crossing=0.418,
            square=0.33,
            bend=9.7,
            astray=0.73,
        ),
    ),
)
KINDS = {kind.name: kind for kind in _KINDS}


def kind_by_people(people_an_address: float) -> str:
    """Tell the kind of a real commune: rural under 5 people an address, dense from 12."""
    return "rural" if people_an_address < 5 else "mixed" if people_an_address < 12 else "dense"


def kind_by_size(inhabitants: int) -> str:
    """Guess the kind of a town: rural under 5,000 people, dense from 100,000."""
    return "rural" if inhabitants < 5_000 else "mixed" if inhabitants < 100_000 else "dense"
