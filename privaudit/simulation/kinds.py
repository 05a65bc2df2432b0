"""Kinds of town: dense, mixed and rural, as fitted to real communes of the kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from privaudit.simulation.likeness import real_quantiles, real_ranges
from privaudit.simulation.streets import Fabric

__all__ = ["KINDS", "Kind", "kind_by_people", "kind_by_size"]


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
    - `estates`: How much buildings of flats stand together: deviation of a logarithm.
    """

    name: str
    households: float
    density: float
    centre: float
    hamlets: float
    fabric: Fabric
    estates: float = 1.5
    alone: float = 0.0
    open: float = 0.0
    ragged: float = 0.15
    real: Mapping[tuple[str, int, float], float] | None = None

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
        density=9.0,
        centre=0.6,
        hamlets=0.003,
        alone=0.011,
        open=0.15,
        ragged=0.2,
        fabric=Fabric(
            block=2.7,
            outward=0.15,
            uneven=0.4,
            plot=17.4,
            plots=0.49,
            rows=0.28,
            width=9.296,
            widths=0.12,
            bare=0.123,
            blind=0.239,
            gables=0.5,
            slender=3.909,
            lean=0.22,
            crossing=0.526,
            astray=0.25,
        ),
    ),
    Kind(
        name="mixed",
        households=4.15,
        estates=2.7,
        density=9.0,
        centre=0.4,
        hamlets=0.005,
        alone=0.009,
        open=0.065,
        ragged=0.15,
        fabric=Fabric(
            block=2.07,
            outward=0.205,
            uneven=0.25,
            plot=16.5,
            plots=0.54,
            rows=0.2,
            width=8.716,
            widths=0.002,
            bare=0.115,
            blind=0.225,
            gables=0.55,
            slender=3.299,
            lean=0.28,
            crossing=0.594,
        ),
    ),
    Kind(
        name="rural",
        households=1.9,
        density=9.0,
        centre=0.2,
        hamlets=0.012,
        alone=0.012,
        open=0.06,
        ragged=0.25,
        fabric=Fabric(
            block=1.27,
            outward=0.15,
            uneven=0.22,
            plot=18.0,
            plots=0.601,
            rows=0.267,
            width=7.017,
            widths=0.132,
            bare=0.164,
            blind=0.286,
            gables=0.74,
            slender=3.362,
            lean=0.343,
            crossing=0.471,
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
