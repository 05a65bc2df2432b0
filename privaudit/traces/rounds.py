"""Rounds of canvassers: dots that were visited one after another lie on one walk.

Over several evenings, where rounds begin and end tells where the volunteer may live.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.columns.headers import WORDS, visit_headers
from privaudit.core.checks import (
    an_instance,
    columns_present,
    in_range,
    keyword_only,
    plain_fields,
    whole,
)
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary, Attack, Prior
from privaudit.maps.guess import guess, prior_over_addresses
from privaudit.maps.masks.mask import Mask
from privaudit.maps.posterior import Guesses, Posterior
from privaudit.release.release import DotRelease, Release
from privaudit.stats.hidden_markov import (
    SCALES,
    Places,
    StepLaws,
    WalkFit,
    WalkGround,
    ground_of,
    walk_evidence,
    walk_posterior,
)
from privaudit.text.dates import looks_like_dates, parse_dates
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note

# Seconds since 1970 of a row without a visit.
_NEVER = np.iinfo(np.int64).min
# Places of each dot by which orders of visits are compared.
_COMPARED = 80
# Orders tried at least, and the share of them that may be as good as that of a walk.
_SHUFFLES, _CHANCE = 19, 0.05


class VisitedInTurn(NamedTuple):
    """The rounds of a map.

    - `rounds`: Rows of each round, in the order of visits.
    - `walker` (int, shape (rounds,)): Whose each is, a code from 0.
    - `at_once`: Visits that share their time with another of the round: their order is not known.
    """

    rounds: tuple[np.ndarray, ...]
    walker: np.ndarray
    at_once: int

    def shuffled(self, rng: np.random.Generator) -> VisitedInTurn:
        """Return the same rounds, the visits of each in a random order."""
        return self._replace(rounds=tuple(rng.permutation(one) for one in self.rounds))


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Visits:
    """Which columns of a map say when each dot was visited, and by whom.

    Parameters
    ----------
    time : str
        Column of times; a row without one was not visited.
    by : str, optional
        Column of volunteers; a visit without one is in no round. None: one volunteer for all.
    pause : float
        Hours without a visit after which the volunteer's next one begins another round.

    Examples
    --------
    >>> times = ["2016-09-01 18:10", "2016-09-01 18:00", "", "2016-09-02 18:00"]
    >>> log = pd.DataFrame({"visited_at": times})
    >>> [one.tolist() for one in Visits(by=None).in_turn(log, rng=np.random.default_rng(7)).rounds]
    [[1, 0], [3]]
    """

    time: str = "visited_at"
    by: str | None = "volunteer"
    pause: float = 3.0

    def __post_init__(self) -> None:
        in_range("Visits", "pause", self.pause, 0, open_low=True)

    @classmethod
    def of_file(cls, records: pd.DataFrame) -> Visits | None:
        """Return the columns of a file by their headers; None where one of them is not there.

        Times are cells that look like dates; answers of yes or no name no volunteer.

        Examples
        --------
        >>> seen = pd.DataFrame({"Visité le": ["2016-09-01 18:00", "02/09/2016"],
        ...                      "Bénévole": ["b1", "b2"]})
        >>> Visits.of_file(seen), Visits.of_file(seen[["Bénévole"]])
        (Visits(time='Visité le', by='Bénévole', pause=3.0), None)
        """
        when, whom = visit_headers(records.columns)
        when = [one for one in when if _are_times(records[one])]
        whom = [one for one in whom if not _are_flags(records[one])]
        return cls(time=when[0], by=whom[0]) if when and whom else None

    def in_turn(self, records: pd.DataFrame, *, rng: np.random.Generator) -> VisitedInTurn:
        """Return the rounds of a map's records.

        Visits of one volunteer at one time are put in a random order.

        Raises
        ------
        SchemaError
            A column is missing, no row has a time, or none of these a volunteer.
        """
        named = [self.time, *([] if self.by is None else [self.by])]
        columns_present("rounds", "column", named, records.columns, "the map")
        moment = _seconds(records[self.time])
        who = np.zeros(len(records), dtype=np.int64)
        if self.by is not None:
            who = pd.factorize(records[self.by].replace("", None), sort=True)[0]
        rows = np.flatnonzero((moment != _NEVER) & (who >= 0))
        if not (moment != _NEVER).any():
            do = "Name the column of times with time=."
            raise SchemaError.of("rounds", f"a time of a visit in '{self.time}'", "none", do)
        if not len(rows):
            raise SchemaError.of("rounds", f"a volunteer of a visit in '{self.by}'", "none")
        rows = rows[np.lexsort((rng.random(len(rows)), moment[rows], who[rows]))]
        new = np.diff(who[rows]) != 0
        gap = np.diff(moment[rows])
        cuts = np.flatnonzero(new | (gap > 3600 * self.pause)) + 1
        rounds = tuple(np.split(rows, cuts))
        same = ~new & (gap == 0)
        tied = np.append(same, False) | np.append(False, same)
        walker = np.array([who[one[0]] for one in rounds], dtype=np.int64)
        return VisitedInTurn(rounds, walker, int(tied.sum()))


def _are_times(column: pd.Series) -> bool:
    """Return whether a column has times, or texts that look so."""
    given = column.dropna()
    if pd.api.types.is_datetime64_any_dtype(column):
        return len(given) > 0
    texts = [text for text in given.astype("str") if text.strip()]
    return bool(texts) and looks_like_dates(texts)


def _are_flags(column: pd.Series) -> bool:
    """Return whether a column has no value, or only answers of yes or no."""
    values = {fold(value) for value in column.dropna().astype("str").unique()} - {""}
    return values <= WORDS["yes_no"]


def _seconds(column: pd.Series) -> np.ndarray:
    """Return times as seconds since 1970; `_NEVER` where there is none."""
    if pd.api.types.is_datetime64_any_dtype(column):
        read = pd.to_datetime(column, utc=True).dt.tz_localize(None).to_numpy()
    else:
        texts = column.astype("str").where(column.notna(), "").tolist()
        read = parse_dates(texts, century="20").time
    moment = read.astype("datetime64[s]")
    return np.where(np.isnat(moment), _NEVER, moment.astype(np.int64))


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Rounds(Attack):
    """Know the mask, and that the dots of one round lie on one walk.

    A hidden Markov chain: the posterior of each dot alone is what it says of its address, and a
    volunteer goes to near addresses rather than to far ones. How far they go, and whether there is
    a walk at all, is learnt from all rounds (`walk_posterior`). Where random orders of the visits
    are as likely a walk as that of the map, guesses are those of dots apart. Dots that nobody has
    visited yet are guessed as by `knows_mask`.

    Parameters
    ----------
    mask : Mask
        How the dots are believed to have been moved.
    prior : {"addresses", "electors"} or array_like
        As for `Adversary`.
    visits : Visits
        Which columns say when each was visited, and by whom.
    shuffles : int
        Random orders of each round's visits with which that of the map is compared, 19 or more: it
        must be likelier than 95 in 100 of them.

    Raises
    ------
    ParameterError
        No mask, too few shuffles, or a release that is no map of dots.
    SchemaError
        The map does not say when a dot was visited.

    References
    ----------
    Rabiner (1989), equations 19 to 27.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=2_000), seed=8)
    >>> campaign = pa.run_campaign(world, pa.CampaignPlan(rounds="walk"), seed=7)
    >>> mask = pa.masks.Gaussian(sigma=50)
    >>> view = pa.DotMap(mask=mask, popup=("visited_at", "volunteer"))
    >>> pa.audit(pa.publish(campaign, view, seed=7), pa.maps.Rounds(mask=mask), truth=world).attack
    'rounds'
    """

    word = "rounds"

    mask: Mask
    prior: Prior = "addresses"
    visits: Visits = Visits()
    shuffles: int = _SHUFFLES

    def __post_init__(self) -> None:
        an_instance("Rounds", "mask", self.mask, Mask, "Write Gaussian(sigma=50).")
        an_instance("Rounds", "visits", self.visits, Visits)
        whole("Rounds", "shuffles", self.shuffles, _SHUFFLES)
        self.believed()

    def believed(self) -> Adversary:
        """Return the adversary who knows as much and looks at each dot alone."""
        return Adversary.knows_mask(self.mask, prior=self.prior)

    def recipe(self) -> dict[str, Any]:
        """Return its parameters as plain JSON values; of weights of one's own, the word."""
        known = {"mask": self.mask.recipe(), "prior": self.believed().prior_word}
        visits = {"visits": plain_fields(self.visits), "shuffles": self.shuffles}
        return {"attack": self.name, **known, **visits}

    def guess(self, leak: Release, addresses: AddressBase, rng: np.random.Generator) -> Guesses:
        """Guess the address of each dot by the whole round."""
        if not isinstance(leak, DotRelease):
            raise ParameterError.of("rounds", "a map of dots", f"a release of kind {leak.kind}")
        return self.walked(leak, self.apart(leak, rng=rng), rng=rng).guesses

    def apart(self, leak: DotRelease, *, rng: np.random.Generator) -> Guesses:
        """Guess the address of each dot alone."""
        return guess(leak, self.believed(), rng=rng)

    def walked(self, leak: DotRelease, apart: Guesses, *, rng: np.random.Generator) -> Walked:
        """Revise guesses of dots apart by the rounds of the map, where their order is a walk."""
        chain, turns = Chain.of(self, leak, apart), self.visits.in_turn(leak.records, rng=rng)
        orders = [turns.shuffled(rng) for _ in range(self.shuffles)]
        fit = chain.fit(turns)
        as_good = chain.as_good(turns, orders)
        walk = as_good <= _CHANCE and fit.walk >= 0.5
        guesses = chain.joined(apart, fit, rng) if walk else apart
        made = chain.joined(apart, chain.fit(orders[0]), rng)
        notes = (*apart.notes, *_notes(turns, fit.scale if walk else None))
        guesses = replace(guesses, attack=self.name, notes=notes)
        return Walked(guesses, turns, fit, as_good, made)


class Walked(NamedTuple):
    """Guesses of a map by its rounds, the rounds, and what they say of the walk.

    - `as_good` (float): Share of orders of the visits, that of the map among them, that are as
      likely a walk.
    - `shuffled`: Guesses by the rounds as if a random order were a walk.
    """

    guesses: Guesses
    turns: VisitedInTurn
    fit: WalkFit
    as_good: float
    shuffled: Guesses


class Chain(NamedTuple):
    """What rounds are held against: the places of each dot, and the addresses around."""

    places: Places
    ground: WalkGround
    laws: StepLaws

    @classmethod
    def of(cls, attack: Rounds, leak: DotRelease, apart: Guesses) -> Chain:
        """Return it for the guesses of dots apart."""
        before, laws = apart.posterior, StepLaws.usual()
        if before is None:
            came = "a map too wide for the posterior of each dot"
            raise ParameterError.of("rounds", "a posterior that fits in memory", came)
        base = leak.backdrop
        ground = ground_of(base.xy, prior_over_addresses(base, attack.believed()), laws.scale)
        return cls(Places(before.indptr, before.candidate, before.probability), ground, laws)

    def fit(self, turns: VisitedInTurn) -> WalkFit:
        """Return the joint posterior under some order of the visits."""
        return walk_posterior(self.places, turns.rounds, self.ground, self.laws)

    def joined(self, apart: Guesses, fit: WalkFit, rng: np.random.Generator) -> Guesses:
        """Return the guesses of a joint posterior."""
        posterior = Posterior(self.places.indptr, self.places.place, fit.weight)
        return apart.revised(posterior, rng=rng)

    def as_good(self, turns: VisitedInTurn, orders: Sequence[VisitedInTurn]) -> float:
        """Return the share of orders, the given one among them, that are as likely a walk.

        By the likeliest places of each dot alone: so many orders are tried.
        """
        own, *others = (
            walk_evidence(self.places, one.rounds, self.ground, self.laws, most=_COMPARED)
            for one in (turns, *orders)
        )
        return (1 + sum(other >= own for other in others)) / (1 + len(others))


def _notes(turns: VisitedInTurn, scale: float | None) -> Sequence[Note]:
    """Return what is to be known of the rounds beside the guesses; scale None: no walk."""
    dots = {"rounds": len(turns.rounds), "dots": sum(map(len, turns.rounds))}
    notes = [Note("no_walk_recognised", **dots)]
    if scale is not None:
        notes = [Note("walk_recognised", **dots, metres=scale)]
    if turns.at_once:
        notes.append(Note("visits_at_once", dots=turns.at_once, of=dots["dots"]))
    return notes


# Chance that a round begins, or ends, anywhere.
_ANYWHERE = 0.1
# What rounds say of a home: where they begin, where they end, where they lie.
_KINDS = 3


class VolunteerHomes(NamedTuple):
    """Where each volunteer may live.

    - `walker` (int, shape (n,)): Volunteers, by the codes of the rounds.
    - `posterior`: The likeliest addresses of each, with .9999 of the probability.
    - `address` (int, shape (n,)): The address whose surroundings are likeliest.
    - `centroid`, `first_door` (float, shape (n, 2)): Mean of all places visited, and the first of
      the first round, metres: what anyone would guess.
    - `scale` (float): Posterior mean of the scale of the way from home to the first door, metres;
      inf where rounds rather begin anywhere.
    """

    walker: np.ndarray
    posterior: Posterior
    address: np.ndarray
    centroid: np.ndarray
    first_door: np.ndarray
    scale: float


def homes_at_ends(
    points: np.ndarray,
    turns: VisitedInTurn,
    base: AddressBase,
    *,
    evenings: int | None = None,
) -> VolunteerHomes:
    """Work out where volunteers live from the first and last visits of their rounds.

    A stop longer than a pause splits a round in two, so that a way home between visits is two ends.
    Of the doors that are left, a round begins at one that is near home, of its own doors it ends at
    one, each with a chance of ``exp(-distance / scale)``; and all doors lie around home. The three
    scales are averaged by their evidence over all volunteers, no relation to home among them.

    Parameters
    ----------
    points : float, shape (dots, 2)
        Where each dot is shown, metres.
    turns : VisitedInTurn
    base : AddressBase
    evenings : int, optional
        Use the first so many rounds of each volunteer, and only volunteers who have as many.

    References
    ----------
    Hassan et al. (2018): ends of activities around hidden zones give the protected place of 95.1 %
    of moderately active users away.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.traces.rounds import Visits
    >>> base = AddressBase(pd.DataFrame({"id": list("abcd"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 300.0, 600.0, 900.0], "y": 0.0}), real=False)
    >>> log = pd.DataFrame({"visited_at": pd.to_datetime(["2016-09-01 18:00", "2016-09-01 18:09",
    ...     "2016-09-02 18:00", "2016-09-02 18:09"]), "x": [300.0, 300.0, 300.0, 0.0]})
    >>> turns = Visits(by=None).in_turn(log, rng=np.random.default_rng(7))
    >>> homes_at_ends(np.column_stack([log["x"], 0 * log["x"]]), turns, base).address.tolist()
    [1]
    """
    # Each address is as likely a home.
    weight, xy = np.full(len(base), 1 / len(base)), base.xy
    walkers, often = np.unique(turns.walker, return_counts=True)
    walkers = walkers[often >= (evenings or 1)]
    several = [
        [turns.rounds[k] for k in np.flatnonzero(turns.walker == walker)][:evenings]
        for walker in walkers
    ]
    doors = [points[np.concatenate(one)] for one in several]
    size = [np.array([len(round_) for round_ in one]) for one in several]
    # Two loops over the volunteers: the arrays of one take the memory of all addresses of a city.
    evidence = np.zeros((len(SCALES) + 1,) * _KINDS)
    for mine, many in zip(doors, size, strict=True):
        evidence += _evidence(_of_rounds(xy, mine, many), weight)
    share = np.exp(evidence - evidence.max())
    share /= share.sum()
    rows = [
        _likely(_over_scales(_of_rounds(xy, mine, many), weight, share))
        for mine, many in zip(doors, size, strict=True)
    ]
    nobody = np.empty((0, 2))
    return VolunteerHomes(
        walkers,
        Posterior(
            indptr=np.cumsum([0, *(len(at) for at, _ in rows)]),
            candidate=np.concatenate([np.empty(0, np.int64), *(at for at, _ in rows)]),
            probability=np.concatenate([np.empty(0), *(each for _, each in rows)]),
        ),
        np.array([_most_around(*row, xy) for row in rows], dtype=np.int64),
        np.array([mine.mean(axis=0) for mine in doors]) if doors else nobody,
        np.array([mine[0] for mine in doors]) if doors else nobody,
        _mean_scale(share),
    )


def _of_rounds(xy: np.ndarray, doors: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return the log likelihood of one volunteer's rounds for a home at each address.

    Shape (3, scales and no relation, m): of where rounds begin, of where they end, and of where
    all of them lie.
    """
    apart = np.hypot(doors[:, :1] - xy[:, 0], doors[:, 1:] - xy[:, 1])
    middle = np.hypot(*(xy - doors.mean(axis=0)).T)
    begins = np.cumsum(size) - size
    # One middle says nothing of how far it is from home: no less than doors are from it.
    spread = float(np.hypot(*(doors - doors.mean(axis=0)).T).mean())
    says = np.zeros((_KINDS, len(SCALES) + 1, len(xy)))
    area = float(np.prod(np.maximum(np.ptp(xy, axis=0), 1.0)))
    for k, scale in enumerate(SCALES):
        near = np.exp(-apart / scale) + np.finfo(float).tiny
        for begin, many in zip(begins, size, strict=True):
            # Any door that was left might have been the first, any of the round the last.
            round_ = slice(begin, begin + many)
            for kind, at, of in ((0, begin, slice(begin, None)), (1, begin + many - 1, round_)):
                even = 1 / len(near[of])
                # Beyond the doors others would stand as densely: nobody starts from far away.
                # Their area: that of the box around them, and 50 metres around it.
                room = float(np.prod(np.ptp(doors[of], axis=0) + 100.0))
                beyond = len(near[of]) * 2 * np.pi * scale**2 / room
                chosen = near[at] / (near[of].sum(axis=0) + beyond)
                says[kind, k] += np.log(((1 - _ANYWHERE) * chosen + _ANYWHERE * even) / even)
        wide = max(scale, spread)
        says[2, k] = np.log(area / (2 * np.pi * wide**2)) - middle / wide
    return says


def _evidence(says: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the log evidence of one volunteer for each combination of scales."""
    evidence = np.empty((says.shape[1],) * _KINDS)
    for at in np.ndindex(evidence.shape):
        joint = says[range(_KINDS), at].sum(axis=0)
        evidence[at] = joint.max() + np.log(np.exp(joint - joint.max()) @ weight)
    return evidence


def _over_scales(says: np.ndarray, weight: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return the posterior of one home, averaged over combinations of scales by their share."""
    probability = np.zeros(len(weight))
    for at in map(tuple, np.argwhere(share > share.max() * 1e-3)):
        joint = says[range(_KINDS), at].sum(axis=0)
        each = weight * np.exp(joint - joint.max())
        probability += share[at] * each / each.sum()
    return np.asarray(probability / probability.sum())


def _likely(probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest addresses that hold .9999 of a posterior, and their probabilities."""
    order = np.argsort(-probability, kind="stable")
    many = int(np.searchsorted(np.cumsum(probability[order]), 0.9999)) + 1
    return order[:many], probability[order[:many]]


def _mean_scale(share: np.ndarray) -> float:
    """Return the mean scale of beginnings, inf where these rather have none."""
    begins = share.sum(axis=tuple(range(1, _KINDS)))
    known = float(begins[:-1].sum())
    return float(begins[:-1] @ np.array(SCALES)) / known if known > 0.5 else np.inf


def _most_around(
    address: np.ndarray, probability: np.ndarray, xy: np.ndarray, within: float = 100.0
) -> int:
    """Return the address, of the 500 likeliest, with the most probability within some metres."""
    few = address[:500]
    apart = np.hypot(*(xy[few][:, None] - xy[address]).transpose(2, 0, 1))
    return int(few[((apart <= within) @ probability).argmax()])
