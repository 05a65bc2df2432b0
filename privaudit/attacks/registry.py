"""Every attack, the least informed first: parsing, help, ladder and catalogues derive from it."""

from __future__ import annotations

import pandas as pd

from privaudit._core.checks import one_of
from privaudit.attacks.adversary import Adversary
from privaudit.attacks.aggregates import CROSSES_AREAS
from privaudit.attacks.differencing import COMPARES_COPIES
from privaudit.attacks.heat_inversion import UNDOES_HEAT
from privaudit.attacks.locate import KNOWS_ELECTORS, KNOWS_MASK, NEAREST
from privaudit.attacks.lookup_oracle import ASKS_BY_NAME
from privaudit.attacks.naming import HOLDS_REGISTER, NEIGHBOUR
from privaudit.attacks.read_back import READS_PICTURE
from privaudit.attacks.station_results import KNOWS_RESULTS
from privaudit.attacks.timing import TIMES_LIKES
from privaudit.attacks.unknown_mask import UNKNOWN_MASK
from privaudit.attacks.versions import HOLDS_VERSIONS
from privaudit.release.masks import Mask

__all__ = ["ATTACKS", "RUNGS", "parse_adversary"]

ATTACKS = (
    NEAREST,
    UNKNOWN_MASK,
    KNOWS_MASK,
    KNOWS_ELECTORS,
    KNOWS_RESULTS,
    HOLDS_VERSIONS,
    HOLDS_REGISTER,
    NEIGHBOUR,
    READS_PICTURE,
    CROSSES_AREAS,
    UNDOES_HEAT,
    COMPARES_COPIES,
    TIMES_LIKES,
    ASKS_BY_NAME,
)
# Those whom an adversary stands for, by the word that asks for them.
RUNGS = {attack.word: attack for attack in ATTACKS if attack.is_rung}


def parse_adversary(
    word: str,
    *,
    mask: Mask | None = None,
    register: pd.DataFrame | None = None,
    results: pd.DataFrame | None = None,
    electors: bool = True,
    copies: int = 2,
) -> Adversary:
    """Read a rung of the ladder from one word of a command line.

    Parameters
    ----------
    word : str
        A key of `RUNGS`; a space or hyphen does as well.
    mask, register, results : optional
        What the rung needs of them is taken; the rest is left.
    electors : bool
        Whether the addresses carry electors or residents.
    copies : int
        How many copies of the map there are.

    Raises
    ------
    ParameterError
        Another word, or a rung without what it needs.

    Examples
    --------
    >>> from privaudit.release.masks import Donut
    >>> parse_adversary("knows-electors", mask=Donut(low=50, high=200)).name
    'knows_electors'
    """
    plain = "_".join(str(word).strip().lower().replace("-", " ").replace("_", " ").split())
    rung = RUNGS[one_of("parse_adversary", "adversary", plain, RUNGS)]
    return rung.adversary(
        mask=mask,
        register=register,
        electors=electors,
        copies=copies > 1,
        **({} if register is None else {"residents": register}),
        **({"results": results} if "results" in rung.needs else {}),
    )
