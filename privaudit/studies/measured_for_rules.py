"""The numbers that rules ask for, from what was measured: who sees it, wrong doors, how grave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from privaudit._core.checks import kind_of, say
from privaudit.campaign.campaign import Campaign
from privaudit.errors import ParameterError
from privaudit.exposure.maps.access import access_exposure
from privaudit.exposure.maps.household import household_exposure
from privaudit.release.coordinates import coordinate_pairs
from privaudit.release.release import Release
from privaudit.results.measures import Measures
from privaudit.results.row import Row
from privaudit.rules.description import Description, read_description
from privaudit.rules.facts import SPECIAL_KINDS
from privaudit.rules.packs import day_of
from privaudit.studies.study import Study
from privaudit.tables.headers import kind_of_header
from privaudit.tables.recognise import held
from privaudit.tables.shown_cells import told_by_hints

__all__ = ["measured_for_rules"]

_PLACE = {"address", "location"}
_WIDER = ("volunteer", "partner", "any_account", "public")


def measured_for_rules(
    found: Campaign | Study | Release | pd.DataFrame | None,
    description: Any = None,
    *,
    as_of: Any = None,
    seed: int = 7,
) -> dict[str, Row]:
    """Return what `check_rules` takes as ``measured``.

    Parameters
    ----------
    found : Campaign, Study, Release or pandas.DataFrame, optional
        A simulated campaign, or the study of one, gives all four; a real file or its study has
        no truth, and gives no wrong door.
    description : path, mapping or Description, optional
        Who receives it, where nothing was measured of that.
    as_of : date, optional
        A campaign's map was narrowed on a day: as it stood on this one, else before.
    seed : int
        Of what is drawn at random for the households of a campaign.

    Returns
    -------
    dict of str to Row
        Those of these that are known:

        - people_seen: whom an account that anybody may open sees, the one that sees most; 0 is
          safe.
        - wrong_doors: share of dots at an address where whoever interacted does not live.
        - severity, 1 to 4 on the CNIL's scale: 3 where data of article 9 stand with a home, 2 where
          one of them does, else 1. Never 4 by itself.
        - likelihood, 1 to 4: 4 where anybody may register, 3 where any volunteer has an account
          or nothing is logged, 2 where staff alone have one and reading is logged.

    Raises
    ------
    ParameterError
        Another kind of thing.

    Examples
    --------
    >>> import pandas as pd
    >>> file = pd.DataFrame({"support_level": [1, 5], "adresse": ["1 rue A", "2 rue B"]})
    >>> told = {"recipients": [{"role": "staff"}], "security": {"access_log": True}}
    >>> {name: row.value for name, row in measured_for_rules(file, told).items()}
    {'severity': 3.0, 'likelihood': 2.0}
    """
    if not (found is None or isinstance(found, (Campaign, Study, Release, pd.DataFrame))):
        needed = "a campaign, a study, a release or a frame"
        raise ParameterError(say("measured_for_rules", needed, kind_of(found)))
    told = read_description({} if description is None else description)
    families: Mapping[str, Measures] = {}
    if isinstance(found, Campaign):
        families = {
            "access": access_exposure(found), "household": household_exposure(found, seed=seed),
        }  # fmt: skip
    elif isinstance(found, Study):
        families = found.measures
    after = isinstance(found, Campaign) and as_of is not None and (
        day_of(as_of) >= day_of(str(found.plan.restricted_at)[:10])
    )  # fmt: skip
    seen = _seen_by(families, "after" if after else "before")
    rows = {
        "people_seen": seen.get("public") or _described_audience(found, told),
        "wrong_doors": _wrong_doors(families),
        "severity": _severity(found, told),
        "likelihood": _likelihood(seen, told),
    }
    return {name: row for name, row in rows.items() if row is not None}


def _seen_by(families: Mapping[str, Measures], moment: str) -> dict[str, Row]:
    """Return, by role, what the account that sees most sees, of roles that have an account."""
    rows = families["access"].rows if "access" in families else ()
    return {
        str(row.part["role"]): Row(
            measure="people_seen", value=row.value, unit="people", n=row.n, counts=row.counts
        )
        for row in rows
        if row.measure == "people_max" and row.part.get("moment") == moment and row.value > 0
    }


def _described_audience(found: Any, told: Description) -> Row | None:
    """Say that every dot is seen where any account is said to see the whole map."""
    whole = any("scope" not in one for one in told.each("recipients") if _is_open(one))
    records = _records(found)
    if not whole or records is None or not coordinate_pairs(list(records.columns)):
        return None
    n = len(records)
    return Row(measure="people_seen", value=n, unit="dots", n=n, counts="dots")


def _wrong_doors(families: Mapping[str, Measures]) -> Row | None:
    if "household" not in families:
        return None
    found = [row for row in families["household"].rows if row.measure == "wrong_addresses"]
    return found[0] if found else None


def _level(measure: str, value: float) -> Row:
    return Row(measure=measure, value=value, unit="index", n=4, counts="levels")


def _severity(found: Any, told: Description) -> Row | None:
    """Grade what a leak would do by what stands together: what article 9 is of, a home, both."""
    kinds = {kind for column in told.columns if (kind := kind_of_header(column)[0])}
    opinion = bool(told.get("processing", "political"))
    opinion |= any(one.get("source") == "inferred" for one in told.columns.values())
    if isinstance(found, Campaign) or (isinstance(found, Study) and found.kind == "demo"):
        kinds |= {"support", "location"}
    elif (records := _records(found)) is not None:
        known = held(records)
        kinds |= {one.kind for one in known.values()}
        kinds |= {"origin"} if told_by_hints(records, known) else set()
        kinds |= {"location"} if coordinate_pairs(list(records.columns)) else set()
    elif not kinds and not opinion:
        return None
    opinion |= bool(kinds & {*SPECIAL_KINDS})
    return _level("severity", 1 + opinion + bool(kinds & _PLACE))


def _records(found: Any) -> pd.DataFrame | None:
    records = found.records if isinstance(found, Release) else found
    return records if isinstance(records, pd.DataFrame) else None


def _is_open(recipient: Mapping[str, Any]) -> bool:
    """Say whether anybody may become such a recipient."""
    return recipient.get("role") in ("any_account", "public") and not recipient.get("vetted")


def _likelihood(seen: Mapping[str, Row], told: Description) -> Row | None:
    """Grade how easily it is read, by who can."""
    given = told.each("recipients")
    if not seen and not given:
        return None
    if "public" in seen or any(map(_is_open, given)):
        return _level("likelihood", 4)
    logged = told.get("security", "access_log") is True
    wider = "volunteer" in seen or any(one.get("role") in _WIDER for one in given)
    return _level("likelihood", 3 if wider or not logged else 2)
