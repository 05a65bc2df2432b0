"""The same file in several hands: what each recipient finds, and in what time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.checks import an_instance, of_kind, say
from privaudit._core.streams import stream
from privaudit.attacks.guess import guess
from privaudit.attacks.recipients import RECIPIENTS, Recipient
from privaudit.errors import ParameterError
from privaudit.release.masks import Exact
from privaudit.release.release import DotRelease, Release, TableRelease
from privaudit.release.views.dot_map import DotMap
from privaudit.release.views.parse import parse_view
from privaudit.results.measures import Measures
from privaudit.results.row import NUMBERS, Row
from privaudit.results.rows import Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.studies.audits import held_against
from privaudit.studies.registers import NEIGHBOURS_KNOW, equipped
from privaudit.tables.headers import DIRECT
from privaudit.tables.measures import measure
from privaudit.tables.recognise import held
from privaudit.tables.shown_cells import shown_by
from privaudit.words.note import Note

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.attacks.guesses import Posterior
    from privaudit.release.masks import Mask

__all__ = ["by_recipient"]

_WHO = "by_recipient"
# Hours of a working day.
_DAY = 7


def by_recipient(
    release: Release,
    *,
    truth: SimulatedWorld | None = None,
    mask: Mask | None = None,
    registers: Mapping[str, pd.DataFrame] | None = None,
    recipients: Sequence[Recipient] | None = None,
    seed: int = 7,
) -> Measures:
    """Say what the same map, or table, tells each of those whom it may reach.

    Parameters
    ----------
    release : DotRelease or TableRelease
    truth : SimulatedWorld, optional
        The world that a simulated release came from: it scores guesses, and lends the registers.
    mask : Mask, optional
        How the dots of a real map are believed to have been moved (``pa.Exact()``: not at all);
        of a published one its view says it.
    registers : mapping of str to pandas.DataFrame, optional
        Of a real release: "directory", "roll", "residents", each with a column ``address`` (row
        of the addresses); and "results", with a column ``station``.
    recipients : sequence of Recipient, optional
        Default: those of `privaudit.recipients`.
    seed : int

    Returns
    -------
    Measures
        Family "recipients"; 0 is safe. For each ``recipient``, with what is assumed in notes:

        - found, a gain each: as of any `Exposure`, whatever time it takes. Of a table that names
          people, all who can read find them: who, and who with a presumed side.
        - reached: share of the records that their time allows, near their door where they know
          nobody else.
        - found_in_time: that, times found.
        - days, euros: working days of seven hours for every record, and their cost.

        What a recipient would hold and is not there is left out, and a note says so: found is a
        lower bound then.

    Raises
    ------
    ParameterError
        Neither a map of dots nor a table; a real map without `mask`.

    Examples
    --------
    >>> import privaudit as pa
    >>> world = pa.simulate(pa.Town(inhabitants=1_000), seed=7)
    >>> leak = pa.publish(pa.run_campaign(world, seed=7), pa.DotMap(), seed=7)
    >>> found = pa.by_recipient(leak, truth=world)
    >>> found.value("reidentified", "address", recipient="vendor") > 0.5
    True
    """
    if not isinstance(release, (DotRelease, TableRelease)):
        came = f"a {release.kind}" if isinstance(release, Release) else type(release).__name__
        raise ParameterError(say(_WHO, "a map of dots or a table", came))
    asked = RECIPIENTS if recipients is None else recipients
    chosen = of_kind(_WHO, "recipients", asked, Recipient)
    if truth is not None:
        an_instance(_WHO, "truth", truth, SimulatedWorld, "Give campaign.world.")
    registers = {} if registers is None else registers
    an_instance(_WHO, "registers", registers, Mapping, "A frame by its name, each.")
    known = _known(release, truth, mask, registers)
    rows = Rows(len(release), "dots" if isinstance(release, DotRelease) else "records")
    believed = None
    if isinstance(release, DotRelease) and truth is None:
        believed = _believed(release, known["mask"], seed)
    for one in chosen:
        told = _assumed(one, known)
        for row in _found(release, one, known, truth, believed, seed):
            part = {"recipient": one.word}
            rows.put(replace(row, measure="reidentified", part=part, notes=(*told, *row.notes)))
        _add_time(rows, release, one)
    return Measures(
        family="recipients", rows=rows, name=release.name, provenance=release.provenance,
        recipe={"stage": "recipients", "seed": seed, "release": dict(release.recipe)},
    )  # fmt: skip


def _known(
    release: Release,
    truth: SimulatedWorld | None,
    mask: Mask | None,
    registers: Mapping[str, pd.DataFrame],
) -> dict[str, Any]:
    """Return what there is to be held, by the words of `Recipient.holds`."""
    known: dict[str, Any] = dict(registers)
    if truth is not None:
        residents = truth.people[NEIGHBOURS_KNOW]
        known |= {"directory": truth.directory, "roll": truth.roll, "residents": residents}
    if isinstance(release, DotRelease):
        view = parse_view(release.view) if mask is None and release.view else None
        if isinstance(view, DotMap):
            mask = view.mask or Exact()
        if mask is None:
            do = "Give mask=, such as pa.Exact() where no dot was moved."
            raise ParameterError(say(_WHO, "how the dots were moved", "nothing that says it", do))
        counted = {"electors", "residents"} & set(release.backdrop.counts)
        known |= {"mask": mask, "electors": True if counted else None}
    return known


def _assumed(one: Recipient, known: Mapping[str, Any]) -> tuple[Note, ...]:
    """Say what is assumed of a recipient, and what could not be tried."""
    assumed = Note("recipient_assumes", seconds=one.seconds, hours=one.hours, euros=one.euros,
                   holds=one.holds or ("nothing",))  # fmt: skip
    near = (Note("recipient_near", metres=one.near),) if one.near else ()
    lacks = one.lacks(known)
    return (assumed, *near, *((Note("recipient_lacks", holds=lacks),) if lacks else ()))


def _believed(release: DotRelease, mask: Mask, seed: int) -> Posterior | None:
    """Return what is to be believed of a real map, which tells what guesses are worth."""
    from privaudit.attacks.adversary import Adversary

    who = Adversary.knows_mask(mask)
    return guess(release.as_leaked(), who, rng=stream(seed, "attack", who.name)).posterior


def _found(
    release: DotRelease | TableRelease,
    one: Recipient,
    known: Mapping[str, Any],
    truth: SimulatedWorld | None,
    believed: Posterior | None,
    seed: int,
) -> list[Row]:
    """Return a row a gain."""
    if isinstance(release, TableRelease):
        read = _read(release)
        if read:
            return read
    adversary = equipped(one.adversary(known), truth)
    if isinstance(release, TableRelease) and adversary.register is None:
        return _by_key(release, one)
    guesses = guess(release.as_leaked(), adversary, rng=stream(seed, "attack", adversary.name))
    # Whoever takes the nearest address claims to be right each time: the mask tells its worth.
    worth = believed if adversary.mask is None else None
    exposure = held_against(guesses, release, adversary, truth=truth, seed=seed, believed=worth)
    return [row for row in exposure.rows if math.isfinite(row.value)]


def _read(table: TableRelease) -> list[Row]:
    """Say whom a table names by itself, and whose side it tells beside the name."""
    shown = shown_by(table.records, held(table.records))
    who = [which for (kind, _), which in shown.items() if kind in DIRECT]
    if not who:
        return []
    rows = Rows(len(table), "records")
    named = np.logical_or.reduce(who)
    rows.share("reidentified", named, gain="person", baseline=0.0)
    side = [which for (kind, _), which in shown.items() if kind == "support"]
    if side:
        rows.share("reidentified", named & np.logical_or.reduce(side), gain="opinion", baseline=0.0)
    return list(rows)


def _by_key(table: TableRelease, one: Recipient) -> list[Row]:
    """Say what the key alone tells whoever knows that somebody is in the table."""
    if not table.roles.key or "residents" not in one.holds:
        return []
    found = measure(table).row("prosecutor_risk_mean")
    note = Note("recipient_knows_keys")
    return [replace(found, gain="person", part={}, notes=(note, *found.notes))]


def _add_time(rows: Rows, release: Release, one: Recipient) -> None:
    """Add how many records they get through, what they find in that time, and what all takes."""
    n, part = len(release), {"recipient": one.word}
    near = _near(release, one.near)
    reached = min(1.0, one.most / n, near) if n else math.nan
    counts = rows.counts
    rows.add("reached", reached, "share", n=n, counts=counts, part=part)
    for row in [r for r in rows if r.measure == "reidentified" and dict(r.part) == part]:
        scaled = {
            name: getattr(row, name) * reached for name in NUMBERS
            if name in ("value", "low", "high", "baseline", "control")
        }  # fmt: skip
        if row.gain in ("address", "person"):
            rows.put(Row(measure="found_in_time", unit=row.unit, n=row.n, counts=row.counts,
                         gain=row.gain, part=part, reliable=row.reliable, **scaled))  # fmt: skip
    hours = one.hours_for(n * near)
    rows.add("days", hours / _DAY, "days", n=n, counts=counts, part=part)
    rows.add("euros", hours * one.euros, "euros", n=n, counts=counts, part=part)


def _near(release: Release, metres: float) -> float:
    """Return the share of the records within reach of a door, on average over the doors shown."""
    if not metres or not isinstance(release, DotRelease):
        return 1.0
    from scipy.spatial import cKDTree

    tree = cKDTree(release.records[["x", "y"]].to_numpy(dtype=float))
    many = tree.query_ball_point(tree.data, metres, return_length=True)
    return float(np.mean(many)) / len(release)
