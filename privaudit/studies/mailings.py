"""What targeted messages tell, and to whom: the attack, and the truth beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privaudit._core.checks import say
from privaudit._core.streams import stream
from privaudit.attacks.read_mail import OBSERVERS, guess_from_mail
from privaudit.errors import ParameterError
from privaudit.exposure.mailings.served import served_rows
from privaudit.exposure.mailings.told import segment_rows, told_rows
from privaudit.results.measures import Measures, joined
from privaudit.results.rows import Rows
from privaudit.simulation.world import INTERESTS

if TYPE_CHECKING:
    from privaudit.release.release import AdRelease, MailRelease
    from privaudit.simulation.world import SimulatedWorld

__all__ = ["audit_adverts", "audit_mailing"]


def audit_mailing(
    release: MailRelease, truth: SimulatedWorld | None = None, *, seed: int = 7
) -> Measures:
    """Say what a mailing tells of those who got it.

    Parameters
    ----------
    release : MailRelease
        From ``publish(campaign, Mailing(...))``.
    truth : SimulatedWorld, optional
        The world that it came from. Without it only the segments and the records are counted.
    seed : int
        Of the people without a message who are the control.

    Returns
    -------
    Measures
        Family "mailing": rows of `segment_rows`, and with the truth of `told_rows`, whose
        `per_record` has the probability to lean to the campaign's bloc before and after the text
        is seen, a row a person.

    Raises
    ------
    ParameterError
        A truth of another world, or a mailing to nobody.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.Mailing(), seed=7)
    >>> found = pa.audit(leak, truth=world)
    >>> found.row("learnt", observer="screen", what="side").counts
    'people'
    """
    if not len(release):
        raise ParameterError(say("audit", "a mailing to somebody", "nobody", release.why_empty()))
    rows = Rows(len(release), "people")
    segment_rows(rows, release)
    scores = None
    if truth is not None:
        if release.world != truth.identity:
            do = "Give the world of the campaign that was published."
            raise ParameterError(say("audit", "the truth of this mailing", "another world", do))
        leaked = release.as_leaked()
        guesses = [guess_from_mail(leaked, observer) for observer in OBSERVERS]
        rng = stream(seed, "control", "mailing")
        scores = told_rows(rows, release, guesses, truth, rng=rng)
    return Measures(
        family="mailing",
        rows=rows,
        per_record=scores,
        name=release.name,
        provenance=release.provenance,
        recipe={"release": dict(release.recipe), "seed": seed},
    )


def audit_adverts(releases: tuple[AdRelease, ...], truth: SimulatedWorld | None = None) -> Measures:
    """Say what being served each of some ads tells; the commercial ones are the control run.

    Parameters
    ----------
    releases : tuple of AdRelease
        From ``publish(campaign, Audience(...))``, such as one on politics and one of a shop.
    truth : SimulatedWorld
        The world that they came from.

    Returns
    -------
    Measures
        Family "advert": the rows of `served_rows` by ``ad``, the subject. Of an ad on politics the
        interest is that of the first shop, or the first interest where there is none.

    Raises
    ------
    ParameterError
        No truth, or that of another world; or two ads on one subject.
    """
    if truth is None or any(release.world != truth.identity for release in releases):
        do = "Give truth=world: only a simulation knows who leans where."
        came = "none" if truth is None else "another world"
        raise ParameterError(say("audit", "the truth of an audience", came, do))
    subjects = [release.subject for release in releases]
    if len(set(subjects)) < len(subjects):
        needed, do = "ads on subjects of their own", "Audit two ads on one subject one by one."
        raise ParameterError(say("audit", needed, ", ".join(subjects), do))
    shops = [subject for subject in subjects if subject in INTERESTS]
    found = {}
    for release in releases:
        rows = Rows(len(release), "people")
        mine = release.subject if release.subject in INTERESTS else (*shops, INTERESTS[0])[0]
        served_rows(rows, release, truth, mine)
        found[release.subject] = Measures(
            family="advert", rows=rows, provenance=release.provenance, recipe=dict(release.recipe)
        )
    return joined("advert", found, by="ad")
