"""Exposure: what an adversary's guesses gain, observed against the truth or expected without it.

A gain is of an address, a household, a person or an opinion, or one of the caller's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.core.checks import an_instance, listed, one_of
from privaudit.core.thresholds import UNEXPLAINED_DOTS
from privaudit.errors import ParameterError
from privaudit.maps.adversary import REGISTERED
from privaudit.maps.guess import prior_over_addresses
from privaudit.maps.masks.mask import EXACT_METRES
from privaudit.maps.scoring.truth import Truth
from privaudit.release.release import DotRelease, Release
from privaudit.results.exposure import CALIBRATION_COLUMNS, SCORES, Exposure, Scores, summarise
from privaudit.results.measures import Measures
from privaudit.results.repeated import Repeated
from privaudit.results.rows import GAINS, Rows
from privaudit.stats.calibration import Reliability, reliability
from privaudit.stats.intervals import percentile
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase
    from privaudit.maps.adversary import Adversary
    from privaudit.maps.posterior import ComparedAddress, Guesses, Posterior


def posterior_of(who: str, guesses: Guesses, truth: Truth, release: Release) -> Posterior:
    """Return the posterior of guesses on a map, one a record.

    Raises
    ------
    ParameterError
        A table, guesses without a posterior, or lengths that differ.
    """
    posterior = guesses.posterior
    if posterior is None or not isinstance(release, DotRelease):
        raise ParameterError.of(who, "guesses on a map, with their posterior", "others")
    if not len(guesses) == len(truth) == len(release):
        came = f"{len(guesses):,} guesses, {len(truth):,} truths, {len(release):,} records"
        raise ParameterError.of(who, "one guess and one truth a record", came)
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
        One a person; the same without the release. nan values are left out.
    shares : sequence of int
        Percentiles, each the parameter ``percentile`` of its row.
    most : float
        Upper limit of the bounds; the lower one is 0.
    **fields
        Others of `Row`: unit, gain.
    """
    for share in shares:
        value, low, high = percentile(values, share / 100)
        numbers = {"low": max(low, 0.0), "high": min(high, most), "n": np.isfinite(values).sum()}
        usual, part = percentile(blind, share / 100).value, {"percentile": share}
        rows.add(measure, value, baseline=usual, part=part, **numbers, **fields)


def scored(
    family: str,
    rows: Rows,
    guesses: Guesses,
    release: Release,
    adversary: Adversary,
    *notes: Note,
) -> Measures:
    """Return rows about guesses as `Measures`, with the notes of the attack."""
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


def ladder_steps(rungs: Sequence[Exposure] | Repeated, *, gain: str = "address") -> Measures:
    """Return how many more people each adversary finds than the one before, on one release.

    Parameters
    ----------
    rungs : sequence of Exposure
        Two or more results of `audit` on one release, the least informed adversary first; or a
        design of `repeat` with several adversaries, whose steps are those of
        `Repeated.difference` over its towns.
    gain : {"address", "household", "person", "opinion"}

    Returns
    -------
    Measures
        Family "steps". ``step(view=, attack=, over=)``, one row a rung but the first: the
        difference of the shares of people found, in [-1, 1], 0 = nothing more; then
        ``whole_climb``, the last rung over the first. The 95 % interval is paired, over the
        effective number of people where some share an address. Baseline 0; n counts people; nan
        where a gain is not known. A step between exposures of which one is not reliable is not
        reliable.

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
    if isinstance(rungs, Repeated):
        return _steps_over_towns(rungs, gain)
    rungs = listed(who, "rungs", rungs, "Audit one release with each adversary.")
    if len(rungs) < 2 or not all(isinstance(rung, Exposure) for rung in rungs):
        raise ParameterError.of(who, "two exposures of one release or more", f"{len(rungs)}")
    first, last = rungs[0], rungs[-1]
    one_of(who, "gain", gain, tuple(g for g in first.gains if all(g in r.gains for r in rungs)))
    if any(not same_people(first, rung) for rung in rungs[1:]):
        do = "Audit the same release with each adversary."
        raise ParameterError.of(who, "exposures of the same people", "others", do)
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


def _steps_over_towns(design: Repeated, gain: Any) -> Measures:
    """Return the steps of a design, from each of its adversaries to the next."""
    names = tuple(design.levels.get("adversary", ()))
    if "adversary" not in design.varied:
        do = "Repeat with adversaries=[...]."
        raise ParameterError.of("ladder_steps", "a design with several adversaries", "one", do)
    rows = Rows(0, "people")
    steps = [("step", before, after) for before, after in pairwise(names)]
    for measure, before, after in [*steps, ("whole_climb", names[0], names[-1])]:
        found = design.difference({"adversary": after}, {"adversary": before}, gain=gain)
        for row in found.rows:
            if row.measure == "difference":
                beside = {k: v for k, v in row.part.items() if k not in ("adversary", "over")}
                part = {**beside, "attack": after, "over": before}
                rows.put(replace(row, measure=measure, part=part))
    recipe = {"gain": gain, "of": dict(design.recipe)}
    return Measures(family="steps", rows=rows, provenance=design.provenance, recipe=recipe)


def same_people(one: Exposure, other: Exposure) -> bool:
    """Return whether two exposures are of the same people: as many, in the same groups."""
    if len(one.per_person) != len(other.per_person) or one.expected != other.expected:
        return False
    known = ("age_band", "sex", "profession", "station", "zone")
    groups = [c for c in known if c in one.per_person]
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
    recipe: Mapping[str, Any] | None = None,
) -> Exposure:
    """Score an attack's guesses: its gains for the people of the release.

    With a truth, for the person *i* behind a record:

    - **address**: 1 where the guessed address is the home of *i*, else 0.
    - **household**: that, divided by the households that live there.
    - **person**: 1 where the named register entry is *i*; for an adversary without a register,
      the address gain divided by the people of voting age there (0 for a minor).
    - **opinion**: 1 where the presumed side is the leaning of *i*.

    A record without a guess counts 0. A person behind several records counts once, with the
    mean over these records. The *baseline* is the same gain for an adversary who has only the
    prior and no release: the most probable address of the prior, 1 / number of ties; an entry
    of the register drawn at random; the commonest leaning of the person's polling station
    (known from its results, which favours the baseline). The *control* compares the same guess
    with a person of the same station who is not in the release. *Confidence* is the
    adversary's probability of the same gain: divided by the households, or electors, at the
    guessed address by the public addresses, nan where these do not count them.

    Without a truth (a real file) each gain is its posterior expectation: the probability of
    the guessed address, divided likewise. Each record is taken for one person. Baseline: the
    highest probability in the prior; control: the prior probability of the guessed address. An
    opinion has nothing to be compared with, and is nan. `reliable` is False where the mask was
    estimated or does not fit the dots.

    Parameters
    ----------
    guesses : Guesses
        One guess a record of `release`.
    truth : Truth or None
    release : Release
        Only its addresses and provenance are read.
    adversary : Adversary
        Who made the guesses; its prior gives the baseline.
    entries : array_like of int, optional
        Which person each entry of the adversary's register names, -1 for nobody of the town
        (such as ``world.roll_truth["person"]``). Needed where it holds one and there is a truth.
    believed : Posterior or ComparedAddress, optional
        Without a truth, the posterior under which gains are expected; the adversary's own where
        None. Confidence stays the adversary's.
    own : pandas.DataFrame, optional
        The caller's own gains, a row a record (`own_gains`).
    recipe : mapping, optional
        How the guesses came about, in place of what is known of them here.

    Returns
    -------
    Exposure
        Gains in [0, 1], 0 is safe; the denominator is people. Wilson intervals on the effective
        number of people (those of one home, or without a truth of one guessed address, are not
        independent).

    Raises
    ------
    ParameterError
        Nobody to score, lengths that differ, a guess outside of the addresses or of the
        register, or a register without `entries`.

    Examples
    --------
    A real dot that may be of two addresses: the likelier one, at .75, has three households.

    >>> from privaudit.maps.adversary import Adversary
    >>> from privaudit.maps.posterior import Guesses
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
               value  baseline
    gain
    address     0.75  0.500000
    household   0.25  0.333333
    """
    _check(guesses, truth, release)
    backdrop = release.backdrop
    if backdrop is None and truth is not None:
        backdrop = truth.addresses
    if backdrop is not None and guesses.address.max() >= len(backdrop):
        needed = f"guessed addresses among {len(backdrop):,}"
        raise ParameterError.of("score", needed, "a row beyond the last")
    prior = np.empty(0) if backdrop is None else prior_over_addresses(backdrop, adversary)
    register = adversary.register
    claims = claimed(guesses, backdrop, named=register is not None)
    names = [] if own is None else [str(c) for c in own if f"baseline_{c}" in own]
    claims |= {} if own is None else {str(c): own[c].to_numpy() for c in own}
    doubts = _doubts(guesses, release, adversary, claim_only=truth is None and believed is None)
    notes = [*guesses.notes, *doubts]
    scores: Scores
    if truth is None:
        size = None if register is None else len(register)
        rows = scores = expected(guesses, backdrop, prior, size, believed).assign(**claims)
        clusters = np.where(guesses.address >= 0, guesses.address, -1 - np.arange(len(rows)))
        calibration = pd.DataFrame(columns=list(CALIBRATION_COLUMNS))
        notes += [Note("expected_not_observed"), Note("opinion_without_truth")]
    else:
        persons = None if register is None else _persons(guesses, truth, register, entries)
        gains = _observed(guesses, truth, prior, persons)
        rows, scores, clusters = _people(gains | claims, truth)
        calibration = _calibration(guesses, truth, gains, claims, names)
        if (truth.control_person < 0).any():
            notes.append(Note("no_control_left"))
        if silent := int((guesses.opinion == "").sum()):
            notes.append(Note("records_without_opinion", records=silent, of=len(guesses)))
    codes = np.unique(clusters, return_inverse=True)[1]
    return Exposure(
        attack=guesses.attack,
        view=release.view or "map",
        copies=guesses.copies,
        per_person=rows,
        overall=summarise(scores, codes, (*GAINS, *names)),
        calibration=calibration,
        clusters=codes,
        expected=truth is None,
        provenance=release.provenance,
        notes=tuple(dict.fromkeys(notes)),
        reliable=bool(guesses.reliable) and not doubts,
        recipe=_recipe(guesses, release, adversary) if recipe is None else recipe,
    )


def _recipe(guesses: Guesses, release: Release, adversary: Adversary) -> dict[str, Any]:
    return {
        "stage": "exposure",
        "attack": guesses.attack,
        "prior": adversary.prior_word,
        "release": dict(release.recipe),
    }


def _check(guesses: Guesses, truth: Truth | None, release: Release) -> None:
    if len(release) == 0:
        raise ParameterError.of("score", "a release that holds somebody", "0 records")
    if len(guesses.address) != len(release):
        came = f"{len(guesses):,} guesses for {len(release):,} records"
        raise ParameterError.of("score", "one guess a record", came)
    if truth is not None and len(truth.person) != len(release):
        came = f"a truth of {len(truth):,} records for {len(release):,}"
        raise ParameterError.of("score", "the truth of this release", came)


def _doubts(
    guesses: Guesses, release: Release, adversary: Adversary, *, claim_only: bool
) -> list[Note]:
    """Return the reasons why the mask that the adversary believes in does not fit the dots."""
    if not isinstance(release, DotRelease):
        return []
    doubts = []
    guessed = guesses.address >= 0
    dots = release.records[["x", "y"]].to_numpy(dtype=float)
    # A dot of a picture that was not read is no evidence.
    was_read = np.isfinite(dots).all(axis=1)
    lost, of = int((was_read & ~guessed).sum()), int(was_read.sum())
    if not of or lost / of > UNEXPLAINED_DOTS:
        doubts.append(Note("dots_unexplained", dots=lost, of=of))
    if claim_only and adversary.mask is None and release.backdrop is not None and guessed.any():
        # The nearest address claims certainty, which only unmoved dots justify.
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
        needed = "entries, the person that each entry of the register names"
        came = "none, while the adversary holds a register"
        do = "Pass the register's truth, such as world.roll_truth['person']."
        raise ParameterError.of("score", needed, came, do)
    persons = np.asarray(entries, dtype=np.int64)
    if len(persons) != len(register):
        came = f"{len(persons):,} of them for a register of {len(register):,}"
        raise ParameterError.of("score", "one person an entry", came)
    if guesses.person.max() >= len(persons) or persons.max(initial=-1) >= truth.n_people:
        needed = "guessed entries and people of this world"
        raise ParameterError.of("score", needed, "an id beyond the last")
    return persons


def _people(
    by_record: Mapping[str, np.ndarray], truth: Truth
) -> tuple[pd.DataFrame, dict[str, np.ndarray], np.ndarray]:
    """Return one row a person, its gains (means over their records), and the home of each."""
    first, person = np.unique(truth.person, return_index=True, return_inverse=True)[1:]
    groups = truth.groups.iloc[first].reset_index(drop=True)
    scores = {name: np.asarray(one, dtype=float) for name, one in by_record.items()}
    if len(first) == len(person):
        scores = {name: values[first] for name, values in scores.items()}
    else:
        means = pd.DataFrame(scores).groupby(person).mean()
        scores = {name: means[name].to_numpy() for name in scores}
        for column in {"door", "label"} & set(groups):
            several = truth.groups[column].groupby(person).nunique() > 1
            groups[column] = groups[column].where(~several, "mixed")
    last = {name: scores.pop(name) for name in SCORES if name in scores}
    return pd.DataFrame(scores | dict(groups.items()) | last), scores, truth.home[first]


def mean_gains(
    guesses: Guesses,
    truth: Truth,
    release: DotRelease,
    adversary: Adversary,
    entries: np.ndarray | None,
) -> pd.DataFrame:
    """Return a row a gain: what `score` has as value, baseline and control of it, and no more.

    For a map among many, of which no group, no interval and no claim is asked.
    """
    _check(guesses, truth, release)
    register = adversary.register
    persons = None if register is None else _persons(guesses, truth, register, entries)
    prior = prior_over_addresses(release.backdrop, adversary)
    first, person = np.unique(truth.person, return_index=True, return_inverse=True)[1:]
    each = pd.DataFrame(_observed(guesses, truth, prior, persons), dtype=float)
    gains = each.iloc[first] if len(first) == len(person) else each.groupby(person).mean()
    parts = {"value": "", "baseline": "baseline_", "control": "control_"}
    columns = {
        part: [gains[f"{of}{gain}"].to_numpy().mean() for gain in GAINS]
        for part, of in parts.items()
    }
    return pd.DataFrame({"gain": pd.Series(GAINS, dtype="str"), **columns, "n": len(first)})


def _calibration(
    guesses: Guesses,
    truth: Truth,
    gains: Mapping[str, np.ndarray],
    claims: Mapping[str, np.ndarray],
    own: Sequence[str],
) -> pd.DataFrame:
    """Return the reliability curve of the adversary's confidence, for each gain."""
    located, right = guesses.address >= 0, guesses.address == truth.marked_address
    placed, before_move = truth.marked_address >= 0, guesses.confidence / guesses.right_doors
    named, presumed = guesses.person >= 0, guesses.opinion != ""
    checks = [
        ("address", guesses.confidence, gains["address"], located),
        ("marked_address", before_move, right, located & placed),
        ("person", guesses.person_confidence, gains["person"], named),
        ("opinion", guesses.opinion_confidence, gains["opinion"], presumed),
    ]
    for gain in own:
        checks.append((gain, claims[f"confidence_{gain}"], claims[gain], located))
    curves = {}
    for gain, confidence, outcome, made in checks:
        outcomes = np.asarray(outcome, dtype=float)
        made = made & np.isfinite(outcomes)
        curves[gain] = reliability(confidence[made], outcomes[made])
    numbers = [np.concatenate(column) for column in zip(*curves.values(), strict=True)]
    each = [gain for gain, curve in curves.items() for _ in curve.n]
    table = {"gain": pd.Series(each, dtype="str")} | dict(
        zip(Reliability._fields, numbers, strict=True)
    )
    return pd.DataFrame(table)[list(CALIBRATION_COLUMNS)]


_CONTROLS = [f"control_{gain}" for gain in GAINS]


def observed(
    guesses: Guesses, truth: Truth, prior: np.ndarray, persons: np.ndarray | None
) -> pd.DataFrame:
    """Compare each guess with the person of its record, and with the control person.

    Parameters
    ----------
    guesses : Guesses
    truth : Truth
    prior : ndarray, shape (addresses,)
        Probability of each address before the release is seen.
    persons : ndarray of int64, optional
        Person that each entry of the register names; None for an adversary without one.

    Returns
    -------
    pandas.DataFrame
        One row a record: for each gain g the columns g, baseline_g, control_g in [0, 1]
        (control_g nan where there is nobody to compare with), and error, the metres from the
        guessed address to the home (nan without a guess).
    """
    return pd.DataFrame(_observed(guesses, truth, prior, persons))


def _observed(
    guesses: Guesses, truth: Truth, prior: np.ndarray, persons: np.ndarray | None
) -> dict[str, np.ndarray]:
    guessed = guesses.address >= 0
    address = guessed & (guesses.address == truth.home)
    control = guessed & (guesses.address == truth.control_home)
    modal = prior == prior.max()
    blind = np.where(modal[truth.home], 1 / modal.sum(), 0.0)
    if persons is None:
        person = address * truth.person_share
        blind_person = blind * truth.person_share
        control_person = control * truth.control_person_share
    else:
        named = np.where(guesses.person >= 0, persons[guesses.person], -1)
        person = named == truth.person
        known = np.bincount(persons[persons >= 0], minlength=truth.n_people)
        blind_person = known[truth.person] / len(persons)
        # Where there is nobody to compare with, -1, the controls are nan below.
        control_person = named == truth.control_person
    says = guesses.opinion != ""
    apart = np.hypot(*(truth.addresses.xy[guesses.address] - truth.addresses.xy[truth.home]).T)
    compared = truth.control_person >= 0
    columns = {
        "address": address,
        "household": address / truth.households,
        "person": person,
        "opinion": says & (guesses.opinion == truth.leaning),
        "baseline_address": blind,
        "baseline_household": blind / truth.households,
        "baseline_person": blind_person,
        "baseline_opinion": truth.usual_leaning,
        "control_address": control,
        "control_household": control / truth.control_households,
        "control_person": control_person,
        "control_opinion": says & (guesses.opinion == truth.control_leaning),
        "error": np.where(guessed, apart, np.nan),
    }
    for name in _CONTROLS:
        columns[name] = np.where(compared, columns[name], np.nan)
    columns |= dict.fromkeys(truth.unknown, np.full(len(guessed), np.nan))
    return {name: np.asarray(one, dtype=float) for name, one in columns.items()}


def expected(
    guesses: Guesses,
    backdrop: AddressBase | None,
    prior: np.ndarray,
    register_size: int | None,
    believed: Posterior | ComparedAddress | None = None,
) -> pd.DataFrame:
    """Return the posterior expectation of each gain, where no truth is known.

    `believed` is the posterior to expect by; the adversary's own confidence where None.

    Returns
    -------
    pandas.DataFrame
        As `observed`. Baselines are the highest prior probability, controls the prior
        probability of the guessed address; error is the posterior's mean distance, in metres,
        from the guessed address. The opinion is nan throughout.
    """
    guessed = guesses.address >= 0
    sure = guesses.confidence if believed is None else believed.at(guesses.address)
    best, at = np.nan, np.full(len(guessed), np.nan)
    if len(prior):
        best, at = prior.max(), np.where(guessed, prior[guesses.address], 0.0)
    rows = pd.DataFrame({"address": np.where(guessed, sure, 0.0)})
    rows["baseline_address"], rows["control_address"] = best, at
    for gain, share in _shares(backdrop).items():
        if gain == "person" and register_size is not None:
            rows["person"] = np.where(guesses.person >= 0, guesses.person_confidence, 0.0)
            rows["baseline_person"] = rows["control_person"] = 1 / max(register_size, 1)
            continue
        at_guess = np.where(guessed, share[guesses.address], 0.0 * share[0])
        rows[gain] = rows["address"] * at_guess
        rows[f"baseline_{gain}"] = best * share[prior == best].mean() if len(prior) else np.nan
        rows[f"control_{gain}"] = rows["control_address"] * at_guess
    rows[["opinion", "baseline_opinion", "control_opinion"]] = np.nan
    error = guesses.error
    if error is None and guesses.posterior is not None and backdrop is not None:
        error = guesses.posterior.mean_distance(guesses.address, backdrop.xy)
    return rows.assign(error=np.nan if error is None else error)


def claimed(
    guesses: Guesses, backdrop: AddressBase | None, *, named: bool
) -> dict[str, np.ndarray]:
    """Return the adversary's confidence in each record, and the size of its candidate set.

    Returns
    -------
    dict of str to ndarray
        One number a record: confidence_g for each gain (0 without a guess; nan throughout where
        the public addresses do not say how many live there), confidence_opinion_low and
        confidence_opinion_high where a range is stated, candidates (addresses that hold 95 % of
        the posterior), k_addresses, k_people.
    """
    guessed, n = guesses.address >= 0, len(guesses.address)
    sure = np.where(guessed, guesses.confidence, 0.0)
    columns = {"confidence_address": sure}
    for gain, share in _shares(backdrop).items():
        columns[f"confidence_{gain}"] = sure * np.where(
            guessed, share[guesses.address], 0.0 * share[0]
        )
    if named:
        sure = np.where(guesses.person >= 0, guesses.person_confidence, 0.0)
        columns["confidence_person"] = sure
    for name, claim in (
        ("opinion", guesses.opinion_confidence),
        ("opinion_low", guesses.opinion_low),
        ("opinion_high", guesses.opinion_high),
    ):
        if claim is not None:
            columns[f"confidence_{name}"] = np.where(guesses.opinion != "", claim, 0.0)
    for name, values in (
        ("candidates", guesses.credible),
        ("k_addresses", guesses.k_addresses),
        ("k_people", guesses.k_people),
    ):
        columns[name] = np.full(n, np.nan) if values is None else np.asarray(values, dtype=float)
    return columns


def _shares(backdrop: AddressBase | None) -> dict[str, np.ndarray]:
    """Return 1 / households, and 1 / adults, at each address; nan where not counted.

    Adults are the electors and those on no roll (`REGISTERED`); a count of 0 is taken for 1.
    """
    n = 1 if backdrop is None else len(backdrop)
    shares = {}
    for gain, count, part in (("household", "households", 1.0), ("person", "electors", REGISTERED)):
        shares[gain] = np.full(n, np.nan)
        if backdrop is not None and count in backdrop.frame:
            shares[gain] = 1 / np.maximum(backdrop.frame[count].to_numpy(dtype=float), 1) * part
    return shares


Gain = Callable[[np.ndarray, np.ndarray], Any]
# Homes drawn from the prior, and candidate places, for the best guess without the release.
_HOMES, _PLACES = 500, 200


def checked_gains(gains: Mapping[str, Gain] | None) -> dict[str, Gain]:
    """Check that gains are functions with names of their own."""
    if gains is None:
        return {}
    an_instance("audit", "gains", gains, Mapping, "Such as {'within_50m': f}.")
    for name, gain in gains.items():
        free = isinstance(name, str) and name.isidentifier() and name not in (*GAINS, *SCORES)
        if not free or name.partition("_")[0] in ("baseline", "control", "confidence"):
            needed = "gains with names of their own, such as 'within_50m'"
            raise ParameterError.of("audit", needed, repr(name))
        if not callable(gain):
            raise ParameterError.of("audit", f"gain {name} a function", type(gain).__name__)
    return dict(gains)


def own_gains(
    gains: Mapping[str, Gain],
    guesses: Guesses,
    truth: Truth | None,
    base: AddressBase,
    prior: np.ndarray,
    *,
    believed: Posterior | ComparedAddress | None = None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Compute the caller's own gains, each with baseline, control and confidence.

    Baseline: the place of the highest expected gain under the prior, among some drawn from it.
    Control: the same guess for the control person; without a truth, its prior expectation.
    Confidence: the posterior expectation; without a posterior, the confidence in the address.

    Returns
    -------
    pandas.DataFrame
        One row a record, columns as of `observed`; a record without a guess counts 0.
    """
    xy, guessed = base.xy, guesses.address >= 0
    at = xy[guesses.address]
    homes = xy[rng.choice(len(base), size=_HOMES, p=prior)]
    places = xy[rng.choice(len(base), size=_PLACES, p=prior)]
    columns = {}
    for name, gain in gains.items():
        # The place with the highest mean gain, as one row.
        blind = places[[int(np.argmax(_of_anybody(name, gain, homes, places)))]]
        claim = _expected(name, gain, guesses, guesses.posterior, xy)
        if truth is None:
            # A posterior that was not kept whole cannot be asked about a gain.
            known = None if isinstance(believed, tuple) else believed
            whole = known or guesses.posterior
            columns[name] = _expected(name, gain, guesses, whole, xy)
            columns[f"baseline_{name}"] = np.full(len(at), _values(name, gain, homes, blind).mean())
            columns[f"control_{name}"] = _of_anybody(name, gain, homes, at) * guessed
        else:
            home, other = xy[truth.home], xy[truth.control_home]
            columns[name] = _values(name, gain, home, at) * guessed
            columns[f"baseline_{name}"] = _values(name, gain, home, blind)
            control = _values(name, gain, other, at) * guessed
            columns[f"control_{name}"] = np.where(truth.control_home >= 0, control, np.nan)
        columns[f"confidence_{name}"] = claim
    return pd.DataFrame(columns).astype(float)


def _values(name: str, gain: Gain, true: np.ndarray, guessed: np.ndarray) -> np.ndarray:
    """Return the checked values of a gain: one a row, each in [0, 1]."""
    true, guessed = np.broadcast_arrays(true, guessed)
    value = np.asarray(gain(true.copy(), guessed.copy()))
    if value.shape != (len(true),) or value.dtype.kind not in "biuf":
        needed = f"gain {name} to return one number a row of its two arrays (n, 2)"
        raise ParameterError.of("audit", needed, f"shape {value.shape} of {value.dtype}")
    value = value.astype(float)
    if not ((value >= 0) & (value <= 1)).all():
        raise ParameterError.of("audit", f"gain {name} in [0, 1]", "a value outside of it")
    return value


def _expected(
    name: str, gain: Gain, guesses: Guesses, posterior: Posterior | None, xy: np.ndarray
) -> np.ndarray:
    """Return the posterior expectation of a gain for each guess."""
    guessed = guesses.address >= 0
    if posterior is None:
        return np.where(guessed, guesses.confidence, 0.0)
    record = np.repeat(np.arange(len(posterior)), np.diff(posterior.indptr))
    worth = np.zeros(len(record))
    if len(record):
        worth = _values(name, gain, xy[posterior.candidate], xy[guesses.address[record]])
    total = np.bincount(record, posterior.probability * worth, minlength=len(guesses))
    return np.where(guessed, np.minimum(total, 1.0), 0.0)


def _of_anybody(name: str, gain: Gain, homes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the mean gain of each guess over homes drawn from the prior."""
    return np.array([_values(name, gain, homes, place[None]).mean() for place in at])
