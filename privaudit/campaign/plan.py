"""`CampaignPlan`: parameters of a simulated campaign."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from privaudit.core.checks import (
    in_range,
    keyword_only,
    listed,
    one_of,
    plain_fields,
    shown,
    whole,
)
from privaudit.errors import ParameterError
from privaudit.simulation.world import scenario_ranges
from privaudit.words.vocabulary import RoundsWord

RegisterWord: TypeAlias = Literal["directory", "roll"]
REGISTERS: tuple[RegisterWord, ...] = get_args(RegisterWord)
# A date, or a text in ISO form that is read as one.
Moment: TypeAlias = np.datetime64 | Any
_LAUNCH = np.datetime64("2016-08-25", "s")
_RESTRICTED_AT = np.datetime64("2016-09-02", "s")
_AS_OF = np.datetime64("2016-09-15", "s")
ROUNDS = ("apart", "walk")
SCENARIOS = scenario_ranges("campaign")
_DATES = ("launch", "restricted_at", "as_of")
_SHARES = (
    "label_share", "match_threshold", "email_shown", "profession_shown", "attributes_shown",
    "share_visited", "door_open_rate",
)  # fmt: skip


@keyword_only
@dataclass(frozen=True, kw_only=True)
class CampaignPlan:
    """Parameters of a campaign. Dates follow the Knockin case of 2016.

    A default without a published figure is marked as a *scenario*: a result that depends on it must
    be shown for other values too.

    Parameters
    ----------
    side : {"right", "left"}
        The candidate's side. A contact of the candidate's page is presumed to lean to it.
    launch, restricted_at, as_of : datetime64, or str in ISO form
        The day on which the map opens to registration, on which it is restricted, and of the audit.
        Defaults: end of August 2016, the day the press revealed it (2 September 2016), and a
        fortnight later (scenario).
    min_interactions : int
        Interactions with the candidate's page from which a leaning is presumed. Default 1: one like
        made a "sympathiser".
    label_share : float
        Share of accounts, 0 to 1, that declared their leaning to the campaign; the score is learnt
        from them. Scenario: compared with one in two, one in ten lowers the AUC of the score of the
        default town by .03 (three seeds), one in five by .01.
    match_threshold : float
        Match probability, 0 to 1, from which an account is linked to an entry of a register.
        Scenario. At .4 one of two namesakes is linked; a higher threshold gives fewer false links.
    email_shown : float
        Share of accounts, 0 to 1, whose e-mail address the campaign has, such as from a newsletter.
        Scenario.
    registers : tuple of str
        Registers in which a name is looked up, in this order. The press reported that the electoral
        roll was used; it is not proven.
    profession_shown : float
        Share of accounts, 0 to 1, that show a profession. Scenario.
    attributes_shown : float
        Share of accounts, 0 to 1, that show each other attribute (age, sex, family, interest); the
        others' are inferred from these. Scenario.
    share_visited : float
        Share of dots, 0 to 1, knocked at before `as_of`. Scenario.
    door_open_rate : float
        Probability, 0 to 1, that an inhabited door is opened. Default .45: 900 doors
        of some 2,000, one party section in Paris, 2012 (Liberation, 26 March 2012; anecdotal).
    rounds : {"apart", "walk"}
        Whether each visit is drawn apart, or a volunteer walks from one door to the next (see
        `walk_rounds`). Scenario; the map is the same unless it shows visits.
    n_public_users, n_volunteers, n_team : int
        Accounts of the map: registered by the public while it was open, volunteers with a polling
        station as turf, and the campaign's team. Scenario.

    Raises
    ------
    ParameterError
        A share outside 0 to 1, an unknown side or register, dates out of order.

    Examples
    --------
    >>> CampaignPlan(as_of="2016-10-01").as_of
    np.datetime64('2016-10-01T00:00:00')
    """

    side: Literal["right", "left"] = "right"
    launch: Moment = _LAUNCH
    restricted_at: Moment = _RESTRICTED_AT
    as_of: Moment = _AS_OF
    min_interactions: int = 1
    label_share: float = 0.2
    match_threshold: float = 0.4
    email_shown: float = 0.3
    registers: tuple[RegisterWord, ...] = REGISTERS
    profession_shown: float = 0.4
    attributes_shown: float = 0.3
    share_visited: float = 0.5
    door_open_rate: float = 0.45
    rounds: RoundsWord = "apart"
    n_public_users: int = 60
    n_volunteers: int = 20
    n_team: int = 3

    def __post_init__(self) -> None:
        who = "CampaignPlan"
        one_of(who, "side", self.side, ("right", "left"))
        one_of(who, "rounds", self.rounds, ROUNDS)
        set_moments(self, *_DATES)
        for later in ("restricted_at", "as_of"):
            if not self.launch < getattr(self, later):
                came = f"launch={self.launch}, {later}={getattr(self, later)}"
                raise ParameterError.of(who, f"launch before {later}", came)
        check_shares(self, *_SHARES)
        for name in ("min_interactions", "n_public_users", "n_volunteers", "n_team"):
            least = int(name == "min_interactions")
            object.__setattr__(self, name, whole(who, name, getattr(self, name), least))
        if self.rounds == "walk" and not self.n_volunteers:
            raise ParameterError.of(who, "a volunteer for rounds='walk'", "n_volunteers=0")
        set_choices(self, "registers", allowed=REGISTERS)
        if not self.registers:
            do = f"Name one of {', '.join(map(repr, REGISTERS))}."
            raise ParameterError.of(who, "at least one register", "none", do)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return plain_fields(self)


def check_shares(parameters: Any, *names: str) -> None:
    """Check some parameters of a frozen dataclass, each a share in [0, 1].

    Parameters
    ----------
    parameters : Any
    *names : str
    """
    who = type(parameters).__name__
    for name in names:
        share = in_range(who, name, getattr(parameters, name), 0, 1)
        object.__setattr__(parameters, name, share)


def set_moments(parameters: Any, *names: str) -> None:
    """Read some parameters of a frozen dataclass as dates, to the second.

    Parameters
    ----------
    parameters : Any
    *names : str
    """
    for name in names:
        when = moment(type(parameters).__name__, name, getattr(parameters, name))
        object.__setattr__(parameters, name, when)


def set_choices(parameters: Any, *names: str, allowed: tuple[str, ...]) -> None:
    """Read some parameters of a frozen dataclass as words, each known and given once.

    Parameters
    ----------
    parameters : Any
    *names : str
    allowed : tuple of str
        Known words.
    """
    who = type(parameters).__name__
    for name in names:
        value = getattr(parameters, name)
        chosen = (value,) if isinstance(value, str) else listed(who, name, value)
        for word in chosen:
            one_of(who, name, word, allowed)
        if len(set(chosen)) < len(chosen):
            raise ParameterError.of(who, f"{name} each once", f"{name}={chosen!r}")
        object.__setattr__(parameters, name, chosen)


def set_pairs(parameters: Any, *names: str, low: float = -math.inf, high: float = math.inf) -> None:
    """Read some parameters of a frozen dataclass as two numbers each, within bounds.

    Parameters
    ----------
    parameters : Any
    *names : str
    low, high : float
    """
    who = type(parameters).__name__
    for name in names:
        pair = listed(who, name, getattr(parameters, name))
        if len(pair) != 2:
            raise ParameterError.of(who, f"two numbers as {name}", str(len(pair)))
        object.__setattr__(parameters, name, tuple(in_range(who, name, x, low, high) for x in pair))


def check_switches(parameters: Any, *names: str) -> None:
    """Check some parameters of a dataclass, each True or False.

    Parameters
    ----------
    parameters : Any
    *names : str
    """
    for name in names:
        one_of(type(parameters).__name__, name, getattr(parameters, name), (True, False))


def moment(who: str, name: str, value: Any) -> np.datetime64:
    """Return a date as datetime64 to the second; raise `ParameterError` if it cannot be read.

    Parameters
    ----------
    who : str
        Caller that an error names.
    name : str
    value : Any

    Returns
    -------
    datetime64
    """
    try:
        read = np.datetime64(value, "s")
    except (ValueError, TypeError):
        read = np.datetime64("NaT", "s")
    if np.isnat(read):
        needed = f"{name} a date such as '2016-09-02'"
        raise ParameterError.of(who, needed, shown(name, value))
    return read
