"""`score`: an adversary's guesses held against the truth, or, without one, against itself.

- What scores of an attack on a map share: the check, percentiles over people, the result.
- What a map of as many homes drawn at random would give: the range of a baseline.
- What each rung of a ladder adds to the one before: a difference over the same people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.core.checks import error_message, listed, one_of
from privaudit.core.policy import UNEXPLAINED_DOTS
from privaudit.errors import ParameterError
from privaudit.maps.locate import EXACT_METRES, prior_over_addresses
from privaudit.maps.scoring.gains import claimed, expected, observed
from privaudit.maps.scoring.truth import Truth
from privaudit.release.release import DotRelease, Release
from privaudit.results.exposure import CALIBRATION_COLUMNS, SCORES, Exposure, summarise
from privaudit.results.measures import Measures
from privaudit.results.rows import GAINS, Rows
from privaudit.stats.calibration import reliability
from privaudit.stats.intervals import percentile
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.maps.adversary import Adversary
    from privaudit.maps.guesses import ComparedAddress, Guesses, Posterior


def posterior_of(who: str, guesses: Guesses, truth: Truth, release: Release) -> Posterior:
    """Return the posterior of guesses on a map, one a record.

    Raises
    ------
    ParameterError
        A table, guesses without a posterior, or lengths that differ.
    """
    posterior = guesses.posterior
    if posterior is None or not isinstance(release, DotRelease):
        raise ParameterError(error_message(who, "guesses on a map, with their posterior", "others"))
    if not len(guesses) == len(truth) == len(release):
        came = f"{len(guesses):,} guesses, {len(truth):,} truths, {len(release):,} records"
        raise ParameterError(error_message(who, "one guess and one truth a record", came))
    return posterior


def percentiles(
    rows: Rows,
    measure: str,
    values: np.ndarray,
    blind: np.ndarray,
    shares: Sequence[int],
    *,
    most: float = np.inf,
    **fields: Any,
) -> None:
    """Add percentiles over people, each with its interval from order statistics.

    Parameters
    ----------
    rows : Rows
    measure : str
    values, blind : ndarray of float
        One a person; the same without the release. nan counts for nobody.
    shares : sequence of int
        Percentiles, each the parameter ``percentile`` of its row.
    most : float
        Above what no bound can lie; 0 is the least.
    **fields
        Others of `Row`: unit, gain.
    """
    for share in shares:
        value, low, high = percentile(values, share / 100)
        rows.add(
            measure,
            value,
            low=max(low, 0.0),
            high=min(high, most),
            baseline=percentile(blind, share / 100).value,
            n=np.isfinite(values).sum(),
            part={"percentile": share},
            **fields,
        )


def scored(
    family: str,
    rows: Rows,
    guesses: Guesses,
    release: Release,
    adversary: Adversary,
    *notes: Note,
) -> Measures:
    """Return rows about guesses, with what the attack says of itself."""
    return Measures(
        family=family,
        rows=rows,
        provenance=release.provenance,
        notes=(*guesses.notes, *notes),
        reliable=guesses.reliable,
        recipe={
            "attack": guesses.attack,
            "adversary": adversary.recipe(),
            "release": dict(release.recipe),
        },
    )


DRAWS = 1_000


def chance_range(
    draw: Callable[[np.random.Generator], np.ndarray],
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> tuple[np.ndarray, np.ndarray]:
    """Return where values that chance alone makes lie 95 times in 100.

    Parameters
    ----------
    draw : callable
        From a generator to the values of one draw, shape (k,).
    rng : numpy.random.Generator
    draws : int

    Returns
    -------
    low, high : ndarray of float, shape (k,)

    Examples
    --------
    Heads among 100 throws: 50 on average, 40 to 60 nearly always.

    >>> low, high = chance_range(lambda rng: rng.integers(2, size=100).sum(keepdims=True),
    ...                          np.random.default_rng(1))
    >>> bool(38 <= low[0] <= 42), bool(58 <= high[0] <= 62)
    (True, True)
    """
    values = np.array([draw(rng) for _ in range(draws)], dtype=float)
    low, high = np.quantile(values, [0.025, 0.975], axis=0, method="inverted_cdf")
    return low, high


def ladder_steps(rungs: Sequence[Exposure], *, gain: str = "address") -> Measures:
    """Say what each adversary finds more than the one before it, on one and the same release.

    Parameters
    ----------
    rungs : sequence of Exposure
        Two or more, of one release, the least informed first, as `audit` returns them.
    gain : {"address", "household", "person", "opinion"}

    Returns
    -------
    Measures
        Family "steps". ``step(view=, attack=, over=)``, one row a rung but the first: the share
        of people that it finds more, in [-1, 1], 0 = nothing more; then ``whole_climb``, the last
        rung over the first. The 95 % interval is paired (`measures.interval.paired_difference`),
        over the effective number of people where some share an address. The baseline is 0, of a
        rung that adds nothing; n counts people; nan where a gain is not known. A step that leans
        on an exposure that is not reliable is not.

    Raises
    ------
    ParameterError
        Fewer than two rungs, another gain, or exposures of different people.

    Examples
    --------
    >>> import privaudit as pa
    >>> mask = pa.masks.Donut(r_min=50, r_max=200)
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(mask=mask), seed=7)
    >>> rungs = [pa.Adversary.nearest(), pa.Adversary.knows_mask(mask)]
    >>> found = [pa.audit(leak, rung, truth=world) for rung in rungs]
    >>> [row.measure for row in ladder_steps(found).rows]
    ['step', 'whole_climb']
    """
    who = "ladder_steps"
    rungs = listed(who, "rungs", rungs, "Audit one release with each adversary.")
    if len(rungs) < 2 or not all(isinstance(rung, Exposure) for rung in rungs):
        raise ParameterError(
            error_message(who, "two exposures of one release or more", f"{len(rungs)}")
        )
    first, last = rungs[0], rungs[-1]
    one_of(who, "gain", gain, tuple(g for g in first.gains if all(g in r.gains for r in rungs)))
    if any(not _same_people(first, rung) for rung in rungs[1:]):
        do = "Audit the same release with each adversary."
        raise ParameterError(error_message(who, "exposures of the same people", "others", do))
    rows = Rows(len(first.per_person), "people")
    steps = [("step", before, after) for before, after in pairwise(rungs)]
    for measure, before, after in [*steps, ("whole_climb", first, last)]:
        reliable = before.reliable and after.reliable
        rows.difference(
            measure,
            before.per_person[gain],
            after.per_person[gain],
            () if reliable else Note("rung_not_reliable"),
            clusters=after.clusters,
            gain=gain if gain in GAINS else "",
            part={"view": after.view, "attack": after.attack, "over": before.attack},
            reliable=reliable,
        )
    return Measures(
        family="steps",
        rows=rows,
        provenance=first.provenance,
        recipe={"gain": gain, "rungs": [dict(rung.recipe) for rung in rungs]},
    )


def _same_people(one: Exposure, other: Exposure) -> bool:
    """Say whether two exposures are of the same people: as many, in the same groups."""
    if len(one.per_person) != len(other.per_person) or one.expected != other.expected:
        return False
    groups = [c for c in ("age_band", "sex", "station") if c in one.per_person]
    if not set(groups) <= set(other.per_person.columns):
        return False
    return one.per_person[groups].equals(other.per_person[groups])


def score(
    guesses: Guesses,
    truth: Truth | None,
    release: Release,
    *,
    adversary: Adversary,
    entries: np.ndarray | pd.Series | None = None,
    believed: Posterior | ComparedAddress | None = None,
    own: pd.DataFrame | None = None,
) -> Exposure:
    """Say how much an attack learnt, for people of the release.

    With a truth, for the person *i* that a record stands for:

    - **address**: 1 where the guessed address is the home of *i*, else 0.
    - **household**: that, divided by the households that live there.
    - **person**: 1 where the named register entry is *i*; for an adversary without a register,
      the address gain divided by the people of voting age there (0 for a minor).
    - **opinion**: 1 where the presumed side is the leaning of *i*.

    A record without a guess counts 0. A person behind several records counts once, with the
    mean over these records. The *baseline* is the same gain for an adversary who has only the
    prior and no release: the most probable address of the prior, 1 / number of ties; an entry
    of the register drawn at random; the commonest leaning of the person's polling station
    (known from its results, which favours the baseline). The *control* is the same guess held
    against somebody of the same station who is not in the release. *Confidence* is what the
    adversary claims for the same gain: divided by the households, or electors, that the
    public addresses give for the guessed address, nan where they do not know.

    Without a truth (a real file) each gain is what the posterior itself expects: the
    probability of the guessed address, divided likewise. Each record is taken for one person.
    Baseline: the highest probability in the prior; control: the prior probability of the
    guessed address. An opinion cannot be compared with anything, and is nan. `reliable` is
    False where the mask was estimated or does not fit the dots: an expectation is worth what
    the belief is.

    Parameters
    ----------
    guesses : Guesses
        One guess a record of `release`.
    truth : Truth or None
    release : Release
        Only its addresses and where it comes from are read.
    adversary : Adversary
        Whose guesses they are: its prior gives the baseline.
    entries : array_like of int, optional
        Which person each entry of the adversary's register names, -1 for nobody of the town
        (such as ``world.roll_truth["person"]``). Needed where it holds one and there is a truth.
    believed : Posterior or Beside, optional
        Without a truth, whose posterior tells what the guesses are worth; the adversary's own
        where None. Confidence stays what the adversary claims.
    own : pandas.DataFrame, optional
        Gains of one's own, a row a record (`own_gains`).

    Returns
    -------
    Exposure
        Gains in [0, 1], 0 is safe; the denominator is people. Intervals are Wilson's, on the
        effective number of people (those of one home are not independent; without a truth,
        those guessed at one address).

    Raises
    ------
    ParameterError
        Nobody to score, lengths that differ, a guess outside of the addresses or of the
        register, or a register without `entries`.

    Examples
    --------
    A real dot that may be of two addresses: the likelier one, at .75, has three households.

    >>> from privaudit.maps.adversary import Adversary
    >>> from privaudit.maps.guesses import Guesses
    >>> from privaudit.geo.address_base import AddressBase
    >>> from privaudit.release.release import DotRelease, Release
    >>> from privaudit.columns.roles import Roles
    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 90.0], "y": 0.0, "households": [3, 1]}),
    ...     real=False)
    >>> dots = pd.DataFrame({"x": [40.0], "y": [0.0]})
    >>> leak = DotRelease(records=dots, roles=Roles(location=["x", "y"]), backdrop=base)
    >>> one = np.zeros(1, dtype=int)
    >>> guesses = Guesses(attack="by hand", address=one, confidence=one + 0.75,
    ...     person=one - 1, person_confidence=one, opinion=np.array([""]), opinion_confidence=one)
    >>> found = score(guesses, None, leak, adversary=Adversary.nearest())
    >>> found.overall.loc[["address", "household"], ["value", "baseline"]]
               attack  baseline
    gain
    address      0.75  0.500000
    household    0.25  0.333333
    """
    _check(guesses, truth, release)
    backdrop = release.backdrop
    if backdrop is None and truth is not None:
        backdrop = truth.addresses
    if backdrop is not None and guesses.address.max() >= len(backdrop):
        raise ParameterError(
            error_message(
                "score", f"guessed addresses among {len(backdrop):,}", "a row beyond the last"
            )
        )
    prior = np.empty(0) if backdrop is None else prior_over_addresses(backdrop, adversary)
    register = adversary.register
    claims = claimed(guesses, backdrop, named=register is not None)
    names = [] if own is None else [str(c) for c in own if f"baseline_{c}" in own]
    claims = claims if own is None else claims.join(own)
    own_claim = truth is None and believed is None
    doubts = _doubts(guesses, release, adversary, claim_only=own_claim)
    notes = [*guesses.notes, *doubts]
    if truth is None:
        size = None if register is None else len(register)
        gains = expected(guesses, backdrop, prior, size, believed)
        rows = gains.join(claims)
        clusters = np.where(guesses.address >= 0, guesses.address, -1 - np.arange(len(rows)))
        calibration = pd.DataFrame(columns=list(CALIBRATION_COLUMNS))
        notes += [Note("expected_not_observed"), Note("opinion_without_truth")]
    else:
        persons = None if register is None else _persons(guesses, truth, register, entries)
        gains = observed(guesses, truth, prior, persons)
        rows, clusters = _people(gains.join(claims), truth)
        own_told = gains.join(claims[names])
        calibration = _calibration(guesses, truth, own_told, claims, named=persons is not None)
        notes += _silent(guesses, truth)
    codes = np.unique(clusters, return_inverse=True)[1]
    return Exposure(
        attack=guesses.attack,
        view=release.view or "map",
        copies=guesses.copies,
        per_person=rows,
        overall=summarise(rows, codes, (*GAINS, *names)),
        calibration=calibration,
        clusters=codes,
        expected=truth is None,
        provenance=release.provenance,
        notes=tuple(dict.fromkeys(notes)),
        reliable=bool(guesses.reliable) and not doubts,
        recipe={
            "stage": "exposure",
            "attack": guesses.attack,
            "prior": adversary.prior_word,
            "release": dict(release.recipe),
        },
    )


def _check(guesses: Guesses, truth: Truth | None, release: Release) -> None:
    if len(release) == 0:
        raise ParameterError(error_message("score", "a release that holds somebody", "0 records"))
    if len(guesses) != len(release):
        came = f"{len(guesses):,} guesses for {len(release):,} records"
        raise ParameterError(error_message("score", "one guess a record", came))
    if truth is not None and len(truth) != len(release):
        came = f"a truth of {len(truth):,} records for {len(release):,}"
        raise ParameterError(error_message("score", "the truth of this release", came))


def _silent(guesses: Guesses, truth: Truth) -> list[Note]:
    """Say for whom there is no control, and no opinion."""
    notes = [Note("no_control_left")] if (truth.control_person < 0).any() else []
    silent = int((guesses.opinion == "").sum())
    if silent:
        notes.append(Note("records_without_opinion", records=silent, of=len(guesses)))
    return notes


def _doubts(
    guesses: Guesses, release: Release, adversary: Adversary, *, claim_only: bool
) -> list[Note]:
    """Say why what the adversary believes of the mask cannot be true of this map."""
    if not isinstance(release, DotRelease):
        return []
    doubts = []
    guessed = guesses.address >= 0
    dots = release.records[["x", "y"]].to_numpy(dtype=float)
    # A dot that was drawn on a picture, and not read, refutes no belief.
    seen = np.isfinite(dots).all(axis=1)
    lost, of = int((seen & ~guessed).sum()), int(seen.sum())
    if not of or lost / of > UNEXPLAINED_DOTS:
        doubts.append(Note("dots_unexplained", dots=lost, of=of))
    if claim_only and adversary.mask is None and release.backdrop is not None and guessed.any():
        # Nearest address: sure of itself, which only dots that were not moved can bear out.
        apart = np.hypot(*(dots - release.backdrop.xy[guesses.address]).T)
        moved = int((apart[guessed] > EXACT_METRES).sum())
        if moved / guessed.sum() > UNEXPLAINED_DOTS and not adversary.estimates_mask:
            doubts.append(
                Note("dots_off_addresses", dots=moved, of=int(guessed.sum()), reach=EXACT_METRES)
            )
    return doubts


def _persons(
    guesses: Guesses,
    truth: Truth,
    register: pd.DataFrame,
    entries: np.ndarray | pd.Series | None,
) -> np.ndarray:
    """Check and return the person that each entry of the register names, -1 for nobody."""
    if entries is None:
        raise ParameterError(
            error_message(
                "score",
                "entries, the person that each entry of the register names",
                "none, while the adversary holds a register",
                "Pass the register's truth, such as world.roll_truth['person'].",
            )
        )
    persons = np.asarray(entries, dtype=np.int64)
    if len(persons) != len(register):
        came = f"{len(persons):,} of them for a register of {len(register):,}"
        raise ParameterError(error_message("score", "one person an entry", came))
    if guesses.person.max() >= len(persons) or persons.max(initial=-1) >= truth.n_people:
        raise ParameterError(
            error_message(
                "score", "guessed entries and people of this world", "an id beyond the last"
            )
        )
    return persons


def _people(by_record: pd.DataFrame, truth: Truth) -> tuple[pd.DataFrame, np.ndarray]:
    """One row a person, the mean over the records that stand for it, and its home."""
    first, person = np.unique(truth.person, return_index=True, return_inverse=True)[1:]
    scores = by_record.groupby(person).mean()
    groups = truth.groups.iloc[first].reset_index(drop=True)
    for column in {"door", "label"} & set(groups):
        several = truth.groups[column].groupby(person).nunique() > 1
        groups[column] = groups[column].where(~several, "mixed")
    gains = [c for c in scores.columns if c not in SCORES]
    rows = pd.concat([scores[gains], groups, scores[list(SCORES)]], axis=1)
    return rows, truth.home[first]


def _calibration(
    guesses: Guesses, truth: Truth, gains: pd.DataFrame, claims: pd.DataFrame, *, named: bool
) -> pd.DataFrame:
    """Reliability of what the adversary claims, over the guesses that it made."""
    at_door = (guesses.address == truth.marked_address).astype(float)
    found, placed = guesses.address >= 0, truth.marked_address >= 0
    checks = [
        ("address", guesses.confidence, gains["address"], found),
        (
            "marked_address",
            guesses.confidence / guesses.right_doors,
            at_door,
            found & placed,
        ),
        ("opinion", guesses.opinion_confidence, gains["opinion"], guesses.opinion != ""),
    ]
    if named:
        checks.insert(
            2, ("person", guesses.person_confidence, gains["person"], guesses.person >= 0)
        )
    told = {gain for gain, *_ in checks} | set(GAINS)
    for own in [str(c) for c in gains if c not in told and f"confidence_{c}" in claims]:
        checks.append((own, claims[f"confidence_{own}"].to_numpy(), gains[own], found))
    tables = []
    for gain, confidence, outcome, made in checks:
        made = made & np.isfinite(np.asarray(outcome, dtype=float))
        curve = reliability(np.asarray(confidence)[made], np.asarray(outcome)[made])
        tables.append(pd.DataFrame(curve._asdict()).assign(gain=gain))
    return pd.concat(tables, ignore_index=True)[list(CALIBRATION_COLUMNS)]
