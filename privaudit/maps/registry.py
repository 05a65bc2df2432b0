"""Registry of attacks: parsing, help, the ladder and the catalogues derive from it."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import pandas as pd

from privaudit.core import declaration
from privaudit.core.checks import one_of
from privaudit.core.declaration import enter
from privaudit.errors import ParameterError
from privaudit.maps.adversary import Adversary, Attack, KnownAttack, leaked
from privaudit.maps.area_inversion import CROSSES_AREAS
from privaudit.maps.guess import KNOWS_ELECTORS, KNOWS_MASK, NEAREST
from privaudit.maps.heat_inversion import UNDOES_HEAT
from privaudit.maps.masks.mask import Mask
from privaudit.maps.messages import ASKS_BY_NAME
from privaudit.maps.naming import HOLDS_REGISTER, NEIGHBOUR
from privaudit.maps.opinion import KNOWS_RESULTS
from privaudit.maps.undeclared_mask import UNKNOWN_MASK
from privaudit.maps.version_averaging import HOLDS_VERSIONS
from privaudit.maps.version_links import COMPARES_COPIES, TIMES_LIKES
from privaudit.release.release import DotRelease, PictureRelease, Release
from privaudit.screenshots.read_screenshot import read_screenshot

READS_PICTURE = KnownAttack(word="reads_picture", kinds=(PictureRelease,))


def read_back(release: Release, dot_radius: float | None = None) -> DotRelease:
    """Read the dots of a leaked screenshot.

    Colours are separated, overlapping dots split, and the picture is laid by its edges where it
    says where they are, by the pattern of its dots otherwise (`read_screenshot`).

    - `dot_radius`: How large the application draws them, in pixels; found in the picture if None.
    - returns: One record a dot that was read; `resolution` says how finely.
    """
    held = leaked("read_back", "a screenshot", release, PictureRelease)
    picture = held.picture
    box = None if picture.georeference is None else picture.box
    where: Any = {"addresses": held.backdrop, "bbox": box}
    return read_screenshot(picture.image, dot_radius=dot_radius, **where)


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
    >>> from privaudit.maps.masks.donut import Donut
    >>> parse_adversary("knows-electors", mask=Donut(r_min=50, r_max=200)).name
    'knows_electors'
    """
    plain = "_".join(str(word).strip().lower().replace("-", " ").replace("_", " ").split())
    enter(declaration.ATTACKS, plain, Attack.declared, Attack)
    if plain in Attack.declared and plain not in RUNGS:
        return _own(Attack.declared[plain], mask)
    rung = RUNGS[one_of("parse_adversary", "adversary", plain, {**RUNGS, **Attack.declared})]
    return rung.adversary(
        mask=mask,
        register=register,
        electors=electors,
        copies=copies > 1,
        **({} if register is None else {"residents": register}),
        **({"results": results} if "results" in rung.needs else {}),
    )


def _own(kind: type[Attack], mask: Mask | None) -> Adversary:
    """Make a caller's attack from its word; it may need the mask only."""
    parts: tuple[Any, ...] = fields(kind) if is_dataclass(kind) else ()
    given = {"mask": mask} if mask is not None and "mask" in [f.name for f in parts] else {}
    needed = [
        f.name for f in parts
        if f.init and f.default is MISSING and f.default_factory is MISSING and f.name not in given
    ]  # fmt: skip
    if needed:
        do = "Give it --mask." if needed == ["mask"] else "Use it from Python."
        came = f"a word for one that needs {', '.join(needed)}"
        raise ParameterError.of("parse_adversary", "an attack without parameters", came, do)
    return kind(**given).adversary()
