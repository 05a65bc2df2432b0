"""The attack on one release: address, name and opinion of each record, with confidence.

Dots are located at the nearest address, or by Bayes' posterior over addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any, NamedTuple

import numpy as np

from privaudit.core.checks import an_instance
from privaudit.core.reproducible import stream
from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import PlaceTree, expected_pairs, nearest, place_tree, z_order
from privaudit.maps.adversary import (
    Adversary,
    KnownAttack,
    leaked,
    trust_in_doors,
    trust_in_labels,
    trust_note,
)
from privaudit.maps.masks.digitising_error import as_read
from privaudit.maps.masks.mask import EXACT_METRES, Exact
from privaudit.maps.model_averaging import AveragedMask
from privaudit.maps.naming import name_at_addresses, name_by_keys
from privaudit.maps.opinion import trust_by_station
from privaudit.maps.posterior import (
    MOST_PAIRS,
    Guesses,
    Located,
    Posterior,
    PosteriorSummary,
    SparsePosterior,
    Tally,
    gather,
    posterior_of_pairs,
    posteriors_in_slices,
)
from privaudit.maps.undeclared_mask import MOST_DOTS, infer_mask
from privaudit.release.release import DotRelease, Release, TableRelease
from privaudit.stats.csr import credible_size
from privaudit.stats.matching_marginals import matching_marginals
from privaudit.words.catalogues import Note

NEAREST = KnownAttack(word="nearest", believes=Adversary.nearest)
KNOWS_MASK = KnownAttack(word="knows_mask", needs=("mask",), believes=Adversary.knows_mask)
KNOWS_ELECTORS = KnownAttack(
    word="knows_electors", needs=("mask", "electors"), believes=Adversary.knows_electors
)


def prior_over_addresses(base: AddressBase, adversary: Adversary) -> np.ndarray:
    """Return how likely each address is to an adversary who has seen no dot.

    - returns (float, shape (len(base),)): Sums to 1.
    """
    weight: np.ndarray
    if adversary.prior_word == "own":
        weight = np.asarray(adversary.prior)
        if len(weight) != len(base):
            came = f"{len(weight):,} for {len(base):,}"
            raise ParameterError.of("guess", "a prior with one weight an address", came)
    elif adversary.prior == "addresses":
        weight = np.ones(len(base))
    elif adversary.prior == "register":
        entries = np.bincount(adversary.register_addresses(base), minlength=len(base) + 1)[1:]
        # Those whom the register does not hold may live anywhere.
        weight = entries + adversary.missing_an_address(entries)
    else:
        known = next((name for name in ("electors", "residents") if name in base.counts), None)
        if known is None:
            needed = "electors or residents at each address for prior='electors'"
            do = "Add them with AddressBase.with_counts, or use prior='addresses'."
            raise ParameterError.of("guess", needed, "addresses without counts", do)
        weight = base.frame[known].to_numpy(dtype=float)
    total = float(weight.sum())
    if total <= 0:
        needed = f"a prior of {adversary.prior_word} above 0 somewhere"
        raise ParameterError.of("guess", needed, "0 at every address")
    return weight / total


def draws_by_position(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one uniform draw a point, made in the order of positions.

    Neither the order of the rows nor that of any file then changes who gets which draw.
    """
    draws = np.empty(len(points))
    draws[z_order(points)] = rng.random(len(points))
    return draws


class AttackRun(NamedTuple):
    """An adversary who locates dots, with draws of their own.

    - `keep`: Whether to keep the whole posterior. Default: up to 100 million pairs of a dot and an
      address; beyond, each slice is summarised and discarded.
    - `summary`: What to keep of a posterior that is discarded.
    - `sizes`: Whether guesses say how many addresses hold 95 %, and how many are as near as the
      home; where only the address counts, they are None.
    """

    adversary: Adversary
    rng: np.random.Generator
    keep: bool | None = None
    summary: PosteriorSummary | None = None
    sizes: bool = True


def uses_posterior(adversary: Adversary) -> bool:
    """Return whether an adversary makes something of the whole posterior of all dots."""
    with_others = adversary.register is not None or adversary.results is not None
    return adversary.one_to_one or with_others


def locate_dots(
    points: np.ndarray,
    base: AddressBase,
    adversary: Adversary,
    *,
    rng: np.random.Generator,
    keep: bool | None = None,
    ground: PlaceTree | None = None,
) -> Located:
    """Guess the address of each dot.

    Without a mask the adversary takes the nearest address, and is sure of it up to ties. With
    one, an address is as likely as its prior times the likelihood that the mask gives to the
    dot. Where every address that the mask allows has a prior of 0 (nobody is known to vote
    there) the prior is left out for that dot, for its home must be one of them. A dot that the
    mask cannot have put there from any address has no guess: the mask believed is wrong for it.

    - `points` (float, shape (n, 2)): Metres, in the projection of `base`.
    - `adversary`: With a mask, or none; one that estimates it must be given its estimate first.
    - `keep`: See `AttackRun`.
    - `ground`: The tree of the addresses, where several calls share it.
    """
    return locate_together(points, base, [AttackRun(adversary, rng, keep)], ground=ground)[0]


def locate_together(
    points: np.ndarray,
    base: AddressBase,
    runs: Sequence[AttackRun],
    *,
    ground: PlaceTree | None = None,
) -> list[Located]:
    """Guess the address of each dot for several adversaries who believe in one mask.

    Each gets what `locate_dots` gives them; the addresses near a dot are looked up once for all.
    """
    n = len(points)
    if len(base) == 0:
        raise GeometryError.of("guess", "at least one address", "an empty address base")
    if not np.isfinite(points).all():
        raise GeometryError.of("guess", "finite x and y", "a missing position")
    mask = runs[0].adversary.mask
    ground = place_tree(base.xy) if ground is None else ground
    if mask is None or isinstance(mask, Exact):
        return [_at_the_nearest(points, base, one, ground) for one in runs]
    priors = [prior_over_addresses(base, one.adversary) for one in runs]
    placed = mask.on(base)
    believed = placed.among(priors[0])
    if len(runs) > 1 and believed is not placed:
        return [locate_together(points, base, [one], ground=ground)[0] for one in runs]
    placed = believed
    reach = placed.reach_of(points)
    asked = any(one.keep is None for one in runs)
    few = asked and n * expected_pairs(points, ground.tree, reach) <= MOST_PAIRS
    whole = [few if one.keep is None else one.keep or n == 0 for one in runs]
    draws = [draws_by_position(points, one.rng) for one in runs]
    xy, sizes = base.xy, any(one.sizes for one in runs)
    slices: list[list[Any]] = [[] for _ in runs]
    people, level = base.people(), mask.credible_level if sizes else None
    for rows, parts in posteriors_in_slices(
        points, ground, priors, placed.likelihood, reach, people=people, level=level
    ):
        for k, (one, part) in enumerate(zip(runs, parts, strict=True)):
            if whole[k]:
                slices[k].append((rows, part))
            else:
                found = located_from(part, draws[k][rows], one.adversary, sizes=one.sizes)
                error = beside = None
                if one.summary is not None and found.posterior is not None:
                    error, beside = one.summary.of(found.posterior, found.address, xy, rows)
                found = replace(found, posterior=None, error=error, beside=beside)
                slices[k].append((rows, found))
    return [
        located_from(gather(slices[k], n), draws[k], one.adversary, sizes=one.sizes)
        if whole[k]
        else _joined(slices[k], n)
        for k, one in enumerate(runs)
    ]


def _joined(slices: list[tuple[np.ndarray, Located]], n: int) -> Located:
    """Put the located dots of slices, without their posteriors, in the order of the points."""
    columns: dict[str, Any] = {}
    for name in ("address", "confidence", "credible", "k_addresses", "k_people", "error", "beside"):
        if getattr(slices[0][1], name) is None:
            continue
        columns[name] = np.empty(n, dtype=getattr(slices[0][1], name).dtype)
        for rows, part in slices:
            columns[name][rows] = getattr(part, name)
    tally = reduce(add, (part.tally for _, part in slices))
    return replace(slices[0][1], **columns, tally=tally)


def _at_the_nearest(
    points: np.ndarray, base: AddressBase, run: AttackRun, ground: PlaceTree
) -> Located:
    """Locate dots that are believed to stand where they belong, or of which nothing is believed."""
    adversary, people = run.adversary, base.people()
    prior, mask = prior_over_addresses(base, adversary), adversary.mask
    # Candidates in the order of positions, so that ties do not follow the file's order.
    order = ground.order
    tolerance = mask.rounding if isinstance(mask, Exact) else 0.0
    pairs = nearest(points, ground.places[order], tolerance, ground.tree)
    likelihood = np.ones(len(pairs.place))
    if isinstance(mask, Exact):
        likelihood[pairs.distance > EXACT_METRES] = 0.0
    counted = None if people is None else people[order]
    posterior = posterior_of_pairs(pairs, likelihood, prior[order], counted, sizes=run.sizes)
    posterior = posterior._replace(place=order[posterior.place])
    draws = draws_by_position(points, run.rng)
    return located_from(posterior, draws, adversary, sizes=run.sizes)


def located_from(
    sparse: SparsePosterior, draws: np.ndarray, adversary: Adversary, *, sizes: bool = True
) -> Located:
    """Pick the best address of each row of a posterior, ties by `draws` (`draws_by_position`).

    Credible sets hold 95 %, and more where the mask was inferred.
    """
    posterior = Posterior(sparse.indptr, sparse.place.astype(np.int64), sparse.probability)
    address, confidence = posterior.best(draws)
    credible = sparse.credible
    level = sparse.level if adversary.mask is None else adversary.mask.credible_level
    if sizes and level != sparse.level:
        credible = credible_size(sparse.indptr, sparse.probability, level)
    return Located(
        posterior=posterior,
        address=address,
        confidence=confidence,
        credible=credible if sizes else None,
        k_addresses=sparse.k_places if sizes else None,
        k_people=sparse.k_people if sizes else None,
        tally=Tally(
            records=len(address),
            mask=adversary.mask,
            prior=adversary.prior_word,
            unexplained=int((np.diff(sparse.indptr) == 0).sum()),
            without_prior=int(sparse.without_prior.sum()),
        ),
        level=level,
    )


def revised(
    located: Located, posterior: Posterior, points: np.ndarray, *, rng: np.random.Generator
) -> Located:
    """Put another posterior in the place of the one that distances alone leave.

    k stays what the distances say; ties are drawn in the order of `points`.
    """
    address, confidence = posterior.best(draws_by_position(points, rng))
    credible = located.credible
    if credible is not None:
        credible = credible_size(posterior.indptr, posterior.probability, located.level)
    return replace(
        located, posterior=posterior, address=address, confidence=confidence, credible=credible
    )


def assign(located: Located, points: np.ndarray, *, rng: np.random.Generator) -> Located:
    """Revise a posterior by the belief that no address has two dots.

    Each dot's posterior is taken for its weight at each address, and replaced by the marginals
    of the one-to-one assignments (`matching_marginals`: counted in small groups, by belief
    propagation, an approximation, where many dots compete). Where the belief is true they are as
    calibrated as the posterior was; where couples have a dot each, they are not, and a note says
    so if it shows.

    - `points` (float, shape (n, 2)): Positions that order the draws.
    - returns: k stays what the distances alone say.
    """
    before = located.kept("assign")
    matched = matching_marginals(before.indptr, before.candidate, before.probability)
    after = Posterior(before.indptr, before.candidate, matched.probability)
    located = revised(located, after, points, rng=rng)
    tally = replace(located.tally, crowd=float(matched.load), change=float(matched.change))
    return replace(located, tally=tally)


LABEL, STATUS = "presumed_leaning", "status"
# Both colours of a canvassing map are people of the side that drew it.
ON_THE_MAP = ("to_meet", "visited")


class DeclaredOpinions(NamedTuple):
    """Declared opinion of n records, "" where there is none, and the trust in it.

    The names are those of `Guesses`. Confidence and the ends of its 95 % range (float, in [0, 1])
    are 0 where nothing is declared. Notes say what a trust rests on that was not stated.
    """

    opinion: np.ndarray
    opinion_confidence: np.ndarray
    opinion_low: np.ndarray
    opinion_high: np.ndarray
    notes: tuple[Note, ...]


def declared_opinion(release: Release, adversary: Adversary) -> DeclaredOpinions:
    """Return the leaning that each record declares, and how far the adversary trusts it.

    The column ``presumed_leaning`` is read, else the first sensitive column of text. A map
    with neither declares the side of the campaign that drew it, red or grey alike, if the
    adversary knows that side. It is trusted as far as labels are (`trust_in_labels`): a score that
    was released with it is of something else, or was never held against anybody.
    """
    records = release.records
    texts = (c for c in release.roles.sensitive if records[c].dtype.kind not in "iuf")
    column = LABEL if LABEL in records.columns else next(texts, None)
    if column is not None:
        opinion = records[column].astype("str").fillna("").to_numpy(dtype=str)
    elif STATUS in records.columns and adversary.side:
        shown = records[STATUS].isin(ON_THE_MAP).to_numpy()
        opinion = np.where(shown, adversary.side, "")
    else:
        opinion = np.full(len(records), "")
    trust = trust_in_labels(release.labels_checked, adversary.trust_in_label)
    sure, low, high = (np.where(opinion == "", 0.0, share) for share in trust[:3])
    notes = []
    if isinstance(adversary.trust_in_label, tuple) and (opinion != "").any():
        notes.append(trust_note("labels", trust))
    if adversary.right_doors is None and release.doors_checked is not None:
        notes.append(trust_note("doors", trust_in_doors(release, adversary)))
    return DeclaredOpinions(opinion, sure, low, high, tuple(notes))


# Column of a map that shows the campaign's match probability; no match is given up wholly.
MATCHED, _LEAST_SURE = "match_probability", 1e-6
# A sum of probabilities may be so much above 1.
_ROUNDING = 1e-9


def guess(
    release: Release,
    adversary: Adversary,
    *,
    seed: int = 7,
    rng: np.random.Generator | None = None,
) -> Guesses:
    """Work out what an adversary can from a leaked release.

    Parameters
    ----------
    release : Release
        Without sources, as `Release.as_leaked` gives it.
    adversary : Adversary
    seed : int
        Of the ties that the attack breaks; the guesses are those of ``pa.audit(seed=seed)``.
    rng : numpy.random.Generator, optional
        Breaks them instead.

    Returns
    -------
    Guesses
        One row a record, in the order of the release. ``reliable`` is False where the mask had to
        be estimated, or where it leaves more than one dot in twenty unexplained, or where a table
        is read without a register to find anybody in.

    Raises
    ------
    ParameterError
        The release holds its sources, or the adversary lacks a register that it needs.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=500), seed=7), seed=7)
    >>> leak = pa.publish(campaign, pa.DotMap(), seed=7)
    >>> guesses = guess(leak.as_leaked(), Adversary.nearest(), seed=7)
    >>> len(guesses.address) == len(leak)
    True
    """
    if rng is None:
        rng = stream(seed, "attack", an_instance("guess", "adversary", adversary, Adversary).name)
    return attempt(release, adversary, rng=rng).with_notes()


def attempt(
    release: Release,
    adversary: Adversary,
    *,
    rng: np.random.Generator,
    keep: bool | None = None,
    summary: PosteriorSummary | None = None,
    ground: PlaceTree | None = None,
) -> Guesses:
    """Do what `guess` does, with all that can be counted left in its tally: for tiles.

    - `keep`, `summary`, `ground`: Whether to keep the posterior of dots, or what of it, and the
      tree of their addresses; see `AttackRun`.
    """
    leaked("guess", "a release", release, Release)
    if adversary.needs_register:
        adversary.entries()
    if adversary.attack is not None:
        return _guess_own(release, adversary, rng)
    if isinstance(release, DotRelease):
        run = AttackRun(adversary, rng, keep, summary)
        return attempt_together(release, [run], ground=ground)[0]
    if isinstance(release, TableRelease):
        return _guess_table(release, adversary, rng)
    do = "Audit counts by area without an adversary; read a picture with read_back first."
    raise ParameterError.of("guess", "dots or a table", f"a release of kind {release.kind}", do)


def _guess_own(release: Release, adversary: Adversary, rng: np.random.Generator) -> Guesses:
    """Let an attack of one's own guess; what it does not say is filled in.

    Its generator tells nothing of the seed, by which the moves of a mask could be made again.
    """
    assert adversary.attack is not None
    apart = np.random.default_rng(rng.integers(0, 2**63, 4))
    addresses: Any = release.backdrop  # None where a table has none
    made = adversary.attack.guess(release, addresses, apart)
    do = "Return pa.maps.Guesses(address=)."
    an_instance(adversary.name, "what guess returns", made, Guesses, do)
    if len(made) != len(release):
        came = f"{len(made):,} guesses for {len(release):,} records"
        raise ParameterError.of(adversary.name, "one guess a record", came)
    most = -1 if release.backdrop is None else len(release.backdrop) - 1
    shares = ("confidence", "person_confidence", "opinion_confidence")
    listed = 0 if adversary.register is None else len(adversary.register)
    rows = ("address", -1, most), ("person", -1, listed - 1)
    for name, low, high in (*rows, *((share, 0, 1) for share in shares)):
        value = getattr(made, name)
        if not ((value >= low) & (value <= high + _ROUNDING)).all():
            needed = f"{name} from {low} to {high:,}"
            do = "It is a row of the adversary's register." if name == "person" else ""
            raise ParameterError.of(adversary.name, needed, "one outside, or none", do)
    made = replace(made, attack=adversary.name)
    if (made.opinion == "").all():
        read = declared_opinion(release, adversary)._replace(notes=made.notes)
        made = replace(made, **read._asdict())
    return made


def attempt_together(
    release: DotRelease, seekers: Sequence[AttackRun], *, ground: PlaceTree | None = None
) -> list[Guesses]:
    """Locate each dot, then name it where a register is held, for all who believe in one mask."""
    points = release.records[["x", "y"]].to_numpy(dtype=float)
    informed, remarks = [], []
    for one in seekers:
        if one.adversary.needs_register:
            one.adversary.entries()
        adversary = one.adversary
        notes: tuple[Note, ...] = ()
        doubts: tuple[Note, ...] = ()
        if adversary.estimates_mask:
            adversary, notes, doubts = with_inferred_mask(release, adversary, one.rng)
        remarks.append((adversary.mask, notes, doubts))
        if adversary.mask is not None and release.resolution > 0:
            # Dots read from a picture are known to a fraction of a pixel only.
            adversary = replace(adversary, mask=as_read(adversary.mask, release.resolution))
        informed.append(one._replace(adversary=adversary))
    results = []
    posteriors = locate_together(points, release.backdrop, informed, ground=ground)
    for one, located, (believed, notes, doubts) in zip(informed, posteriors, remarks, strict=True):
        if one.adversary.one_to_one:
            located = assign(located, points, rng=one.rng)
        located = replace(located, tally=replace(located.tally, mask=believed))
        guesses = guesses_from_located(release, located, points, one.adversary, rng=one.rng)
        results.append(replace(guesses, notes=(*notes, *guesses.notes), doubts=doubts))
    return results


def with_inferred_mask(
    release: DotRelease, adversary: Adversary, rng: np.random.Generator
) -> tuple[Adversary, tuple[Note, ...], tuple[Note, ...]]:
    """Let an adversary who does not know the mask work it out; also return notes and doubts.

    What was worked out is doubted, unless dots stand where they belong beyond doubt. Dots on
    addresses may be swapped ones: then both are reported, with what would be found under each.
    """
    if not adversary.estimates_mask or not len(release):
        return adversary, (), ()
    base = release.backdrop
    points = release.records[["x", "y"]].to_numpy(dtype=float)
    prior = prior_over_addresses(base, adversary)
    belief = infer_mask(
        points, base, prior, resolution=release.resolution, swapped=adversary.swapped, rng=rng
    )
    informed = replace(adversary, mask=belief.mask, estimates_mask=False)
    if belief.exact:
        return informed, (belief.note,), ()
    if not belief.on_addresses:
        return informed, (belief.note,), (belief.doubt,)
    some, under = points[:: max(1, len(points) // MOST_DOTS)], {}
    for name, kind in (("in_place", "exact"), ("swapped", "swap")):
        believer = replace(informed, mask=belief.mask.only(kind))
        under[name] = float(locate_dots(some, base, believer, rng=rng).confidence.mean())
    return informed, (belief.note,), (Note("exact_or_swapped", **under),)


def guesses_from_located(
    release: DotRelease,
    located: Located,
    points: np.ndarray,
    adversary: Adversary,
    *,
    rng: np.random.Generator,
) -> Guesses:
    """Make guesses of dots that are located: the opinion declared, a name where one is held.

    - `points` (float, shape (n, 2)): Positions that order the draws.
    """
    base, mask = release.backdrop, adversary.mask
    read = declared_opinion(release, adversary)
    person = np.full(len(points), -1, dtype=np.int64)
    person_confidence = np.zeros(len(points))
    if adversary.register is not None:
        draws, before = draws_by_position(points, rng), located.kept("guess")
        named, posterior = name_at_addresses(release, before, base, adversary, draws)
        located = revised(located, posterior, points, rng=rng)
        located = replace(located, tally=replace(located.tally, unnamed=named.unnamed))
        person, person_confidence = named.person, named.confidence
    if adversary.results is not None:
        # The stations' results revise the trust in declared opinions.
        posterior = located.kept("guess")
        trusts = read.opinion_confidence, read.opinion_low, read.opinion_high
        sure, low, high = trust_by_station(read.opinion, trusts, posterior, base, adversary)
        read = read._replace(opinion_confidence=sure, opinion_low=low, opinion_high=high)
    right: float | np.ndarray = trust_in_doors(release, adversary).value
    if release.doors_checked is not None and len(release) and MATCHED in release.records:
        # Where the map shows how surely each was matched, the mean is what the doors say, and the
        # share of right doors is in proportion to it.
        sure = release.records[MATCHED].to_numpy(dtype=float)
        sure = np.where(np.isfinite(sure), np.clip(sure, _LEAST_SURE, 1), 1)
        right = np.minimum(right * sure / sure.mean(), 1.0)
    if adversary.needs_register:
        # Who has moved away is in their old register, and not among the neighbours.
        person_confidence = right * person_confidence
    return Guesses(
        attack=adversary.name,
        right_doors=right,
        address=located.address,
        confidence=right * located.confidence,
        person=person,
        person_confidence=person_confidence,
        **read._asdict(),
        posterior=located.posterior,
        credible=located.credible,
        k_addresses=located.k_addresses,
        k_people=located.k_people,
        error=located.error,
        beside=located.beside,
        tally=located.tally,
        right_between=mask.right_between if isinstance(mask, AveragedMask) else None,
        both_readings=isinstance(mask, AveragedMask) and mask.both_readings,
    )


def _guess_table(release: TableRelease, adversary: Adversary, rng: np.random.Generator) -> Guesses:
    """Name the records of a table where a register is held; they have no place of their own."""
    n = len(release)
    read = declared_opinion(release, adversary)
    guesses = Guesses(
        attack=adversary.name,
        address=np.full(n, -1, dtype=np.int64),
        **read._asdict(),
    )
    if adversary.register is None:
        # Nothing found is no sign of safety where nothing was looked for.
        return replace(guesses, doubts=(Note("nothing_looked_for"),))
    matched = name_by_keys(release, adversary, rng)
    if matched is None:
        return replace(guesses, notes=(*guesses.notes, Note("no_shared_column")))
    named, address, at_address = matched
    return replace(
        guesses,
        address=address,
        confidence=at_address,
        person=named.person,
        person_confidence=named.confidence,
        tally=Tally(records=n, unnamed=named.unnamed),
    )
