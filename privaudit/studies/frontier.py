"""The privacy-utility frontier of masks, a row a mask, and the cost of a wrong belief about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.core.checks import an_instance, check_jobs, columns_present, listed, one_of
from privaudit.core.progress import progress
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import UNEXPLAINED_DOTS
from privaudit.errors import ParameterError, SchemaError
from privaudit.maps.adversary import Adversary, Attack
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import EXACT_METRES, Exact, Mask, no_mask
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.masks.snapping import GridSnap
from privaudit.maps.registry import parse_adversary
from privaudit.maps.scoring.spatial_k import belief_exposure
from privaudit.maps.scoring.truth import Homes
from privaudit.maps.utility import UTILITIES, map_utility
from privaudit.release.release import DotRelease, Release
from privaudit.results.exposure import Exposure
from privaudit.results.measures import Measures, joined
from privaudit.results.repeated import Repeated
from privaudit.results.rows import GAINS, Rows
from privaudit.simulation.world import SimulatedWorld
from privaudit.stats.intervals import percentile
from privaudit.studies.audit import attacked
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import AdversaryWord, GainWord, UtilityWord

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.results.painter import Display


# Of each gain: the attack with its interval, and what it is held against.
_PARTS = ("", "_low", "_high", "_baseline", "_control")
RISKS = tuple(f"{gain}{part}" for gain in GAINS for part in _PARTS)
# Percentiles over the people of one map, which a frontier of many towns does not have.
OF_ONE_MAP = ("confidence_p99", "k_addresses_p50", "k_people_p50", "error_p50")
FRONTIER_COLUMNS = (
    "mask", "adversary", "reliable", "n", *RISKS,
    "confidence", *OF_ONE_MAP,
    *(f"{name}{part}" for name in UTILITIES for part in ("", "_baseline")),
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Frontier:
    """What each mask still gives away, and what it costs.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a mask, in the order asked, with `FRONTIER_COLUMNS`. Risk: for each gain the
        attack, its 95 % interval, baseline and control, as shares of the n people of the map
        *without* a mask, so that people whom a mask leaves out count as not found, under every
        mask alike; the mean of the confidence that the adversary claims for the address, over
        these n people too; of a single map its 99th percentile and the medians of spatial k
        and of the error (metres) over the people shown. Utility: each of `UTILITIES` and its
        baseline, the map that tells nothing. Of every risk and cost 0 is best; k and error are
        safe when large.
    expected : bool
        True where there is no truth: risks are the posterior's own expectation.
    provenance : str
    notes : tuple of Note
    recipe : mapping

    Raises
    ------
    SchemaError
        A column is missing, or two rows are of one mask.
    """

    frame: pd.DataFrame
    expected: bool = False
    provenance: str = "simulated"
    notes: tuple[Note, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        needed = [name for name in FRONTIER_COLUMNS if name not in OF_ONE_MAP]
        columns_present("Frontier", "column", needed, self.frame.columns, "the frame")
        if not self.frame["mask"].is_unique:
            raise SchemaError.of("Frontier", "each mask once", "one that stands twice")

    def __repr__(self) -> str:
        kind = "expected" if self.expected else "observed"
        masks = ", ".join(self.frame["mask"].head(4)) + (", ..." if len(self.frame) > 4 else "")
        return f"Frontier({kind}, {self.provenance}, {len(self.frame)} masks: {masks})"

    def _repr_html_(self) -> str:
        from html import escape

        # The safest first.
        shown = self.frame.sort_values("address")[["mask", *GAINS, *UTILITIES]]
        table = shown.to_html(index=False, border=0, float_format=lambda v: f"{v:.3g}", na_rep="–")
        return f"<p>{escape(repr(self))}</p>{table}"

    def to_frame(self) -> pd.DataFrame:
        """Return risks and utilities as a tidy frame, a row a mask and measure."""
        return self.measures(*GAINS).to_frame()

    def measures(self, *risks: GainWord) -> Measures:
        """Return risks and all utilities as measures, with ``mask`` as a parameter.

        Parameters
        ----------
        *risks : {"address", "household", "person", "opinion"}
            "address" and "household" where none is given.

        Returns
        -------
        Measures
            Family "frontier". For each mask and risk reidentified_<risk>, with its 95 % interval,
            baseline, control and residual; and each of `UTILITIES` with that of a map that
            tells nothing as its baseline; n: people, dots.

        Raises
        ------
        ParameterError
            Another risk.
        """
        asked = risks or ("address", "household")
        for risk in asked:
            one_of("Frontier.measures", "risk", risk, GAINS)
        rows = Rows(0, "people")
        for row in self.frame.to_dict("records"):
            fields: dict[str, Any] = {"part": {"mask": row["mask"]}, "n": row["n"]}
            fields["reliable"] = bool(row["reliable"])
            for risk in asked:
                parts = {part[1:]: row[f"{risk}{part}"] for part in _PARTS[1:]}
                left = 1 - parts["control"]
                parts["residual"] = (row[risk] - parts["control"]) / left if left > 0 else np.nan
                rows.add(f"reidentified_{risk}", row[risk], "share", gain=risk, **parts, **fields)
            for name, unit in UTILITIES.items():
                baseline = row[f"{name}_baseline"]
                rows.count(name, row[name], unit, baseline=baseline, counts="dots", **fields)
        return Measures(
            family="frontier",
            rows=rows,
            provenance=self.provenance,
            notes=self.notes,
            recipe=dict(self.recipe),
        )

    def plot(
        self,
        risk: GainWord = "address",
        utility: UtilityWord = "density_moved",
        *,
        lang: str = "en",
    ) -> Display:
        """Draw what is found against what the mask costs; the best corner is the lower left.

        Parameters
        ----------
        risk : {"address", "household", "person", "opinion"}
        utility : str
            One of `UTILITIES`.
        lang : str

        Returns
        -------
        Display

        Raises
        ------
        ParameterError
            Another name.
        """
        from privaudit.results.display import draw_frontier

        one_of("Frontier.plot", "risk", risk, GAINS)
        one_of("Frontier.plot", "utility", utility, tuple(UTILITIES))
        return draw_frontier(self, risk, utility, lang)


Belief = Adversary | Attack | AdversaryWord | Callable[[Mask], Adversary | Attack]
_BELIEF = "Pass Adversary.nearest(), or Adversary.knows_mask, which is given each mask."


def frontier(
    shown: Campaign | Release | Repeated,
    masks: Sequence[Mask] = (),
    adversary: Belief = Adversary.knows_mask,
    *,
    truth: Homes | None = None,
    seed: int = 7,
    n_jobs: int = 1,
) -> Frontier:
    """Put risk beside utility for several masks of the same map.

    Parameters
    ----------
    shown : Campaign, Release or Repeated
        A campaign, whose truth scores the attack; or a real map of exact dots, whose masked
        versions are then attacked: each dot's home is the address that it stands on. Dots that
        stand on none were moved before, and exposure is then as the posterior expects it. Or a
        design of `repeat` with ``utility=True``: each view over its towns, judged by the strongest
        of its adversaries; nothing else is given then.
    masks : sequence of Mask
        Each once; `Exact()` shows what the map gives away without one.
    adversary : callable, Adversary, Attack or str
        From a mask to the adversary who meets it: `Adversary.knows_mask` (default) or
        `Adversary.knows_electors` know each mask as it is, and so does one by its word, such as
        ``"knows_mask"``; an adversary believes the same whatever the mask was.
    truth : Homes, optional
        Of a real map, where its people live, where that is not the address of their dot.
    seed : int
        Every mask meets the same dots and the same control people.
    n_jobs : int
        Masks at a time; changes no result.

    Returns
    -------
    Frontier

    Raises
    ------
    ParameterError
        No mask, one that stands twice, a table, a map without addresses, or a truth for a campaign.

    Examples
    --------
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=1_000), seed=7), seed=7)
    >>> both = frontier(campaign, [pa.masks.Exact(), pa.masks.Donut(r_min=50, r_max=200)])
    >>> both.frame[["mask", "suppressed"]].values.tolist()
    [['exact', 0.0], ['donut:50:200', 0.0]]
    """
    from joblib import Parallel, delayed

    if isinstance(shown, Repeated):
        return _of_towns(shown)
    check_jobs("frontier", n_jobs)
    an_instance("frontier", "shown", shown, (Campaign, Release))
    if not callable(adversary):
        an_instance("frontier", "adversary", adversary, (Adversary, Attack, str), _BELIEF)
    masks = listed("frontier", "masks", masks)
    for mask in masks:
        if not isinstance(mask, Mask):
            raise no_mask("frontier", "masks such as Donut(r_min=50, r_max=200)", mask)
    names = ["exact" if isinstance(mask, Exact) else str(mask) for mask in masks]
    if not names or len(set(names)) < len(names):
        came = ", ".join(names) or "none"
        raise ParameterError.of("frontier", "at least one mask, each once", came)
    if isinstance(shown, Release) and not isinstance(shown, DotRelease):
        raise ParameterError.of("frontier", "a map of dots", f"a {shown.kind}")
    believers = [_adversary(adversary, mask) for mask in masks]
    shown, homes = _with_homes(shown, truth)
    # Threads: the arrays are shared, and NumPy and SciPy leave the lock while they count.
    pool = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")
    each = pool(
        delayed(_point)(shown, mask, name, believer, homes, seed)
        for mask, name, believer in zip(masks, names, believers, strict=True)
    )
    rows, early = _collected(each, len(masks))
    notes = [note for row in rows for note in row.pop("notes")]
    first: Any = rows[0]
    return Frontier(
        frame=pd.DataFrame(rows)[list(FRONTIER_COLUMNS)],
        expected=isinstance(shown, Release) and homes is None,
        provenance="simulated" if isinstance(shown, Campaign) else shown.provenance,
        notes=tuple(dict.fromkeys([*early, *notes])),
        recipe={
            "study": "frontier",
            "masks": [mask.recipe() for mask in masks],
            "adversary": first["adversary"],
            "map": dict(shown.recipe),
            "seed": seed,
        },
    )


def _collected(
    each: Iterable[dict[str, Any]], masks: int
) -> tuple[list[dict[str, Any]], list[Note]]:
    """Collect the rows as they are done; a stopped run keeps those, with a note."""
    rows: list[dict[str, Any]] = []
    try:
        with progress("frontier", masks) as tick:
            for row in each:
                rows.append(row)
                tick(row["mask"])
    except KeyboardInterrupt:
        if not rows:
            raise
        return rows, [Note("stopped_early", done=len(rows), of=masks)]
    return rows, []


def _adversary(belief: Belief, mask: Mask) -> Adversary:
    made = belief(mask) if callable(belief) else belief
    made = parse_adversary(made, mask=mask) if isinstance(made, str) else made
    made = made.adversary() if isinstance(made, Attack) else made
    believer: Adversary = an_instance("frontier", "adversary", made, Adversary, _BELIEF)
    return believer


def _with_homes(
    shown: Campaign | Release, truth: Homes | None
) -> tuple[Campaign | Release, Homes | None]:
    """Return what is scored, and where the people of a real map live.

    That is where its dots stand, if they stand on addresses; those that do not are left out.
    """
    if isinstance(shown, Campaign):
        if truth is not None:
            came, do = "one", "Leave truth out: a campaign has its own."
            raise ParameterError.of("frontier", "a real map for a truth", came, do)
        return shown, None
    if truth is None and isinstance(shown, DotRelease) and len(shown):
        dots = shown.records[["x", "y"]].to_numpy(dtype=float)
        apart, address = cKDTree(shown.backdrop.xy).query(dots)
        exact = apart <= EXACT_METRES
        if exact.mean() >= 1 - UNEXPLAINED_DOTS:
            truth = Homes(address=np.where(exact, address, -1))
    if truth is None:
        return shown, None
    homes, known = truth.of(shown)
    records = shown.records.iloc[known].reset_index(drop=True)
    return replace(shown, records=records, rows=None, sources=None, world=""), homes


def _point(
    shown: Campaign | DotRelease,
    mask: Mask,
    name: str,
    adversary: Adversary,
    homes: Homes | None,
    seed: int,
) -> dict[str, Any]:
    """Make one row: publish under one mask, and attack; an empty map re-identifies nobody."""
    truth: SimulatedWorld | Homes | None
    if isinstance(shown, Campaign):
        leak = publish(shown, DotMap(mask=mask), seed=seed)
        before, after = moved_dots(shown, leak)
        account = shown.profiles["account"].iloc[shown.dots["profile"].to_numpy()]
        truth, people = shown.world, int(shown.world.accounts["person"].iloc[account].nunique())
    else:
        before = shown.records[["x", "y"]].to_numpy(dtype=float)
        after = mask.on(shown.backdrop)(before, rng=stream(seed, "frontier", "mask"))
        left = np.isfinite(after).all(axis=1)
        records = shown.records.assign(x=after[:, 0], y=after[:, 1])[left].reset_index(drop=True)
        leak = replace(shown, records=records, view=name, sources=None, world="", rows=None)
        truth = None if homes is None else homes.where(left)
        people = len(before) if homes is None else homes.people
    row: dict[str, Any] = dict.fromkeys(FRONTIER_COLUMNS, np.nan)
    row |= {"mask": name, "adversary": adversary.name, "n": people, "reliable": True, "notes": ()}
    if len(leak):
        row |= _risks(attacked(leak, adversary, truth=truth, seed=seed), people, name)
    else:
        row |= dict.fromkeys((*GAINS, "confidence"), 0.0)
    costs = map_utility(before, after, leak.backdrop, seed=seed)
    utility: Any
    for utility in UTILITIES:
        cost = costs.row(utility)
        row |= {utility: cost.value, f"{utility}_baseline": cost.baseline}
    return row


def moved_dots(campaign: Campaign, leak: DotRelease) -> tuple[np.ndarray, np.ndarray]:
    """Return where each dot of a campaign was, and where a map shows it, nan where left out."""
    marked = leak.opened("frontier")["marked_address"].to_numpy()
    # Dots that the mask left out are those of the campaign that the release does not hold.
    n = len(leak.backdrop)
    left = np.bincount(campaign.dots["address"], minlength=n) - np.bincount(marked, minlength=n)
    before = leak.backdrop.xy[np.concatenate([marked, np.repeat(np.arange(n), left)])]
    after = np.full(before.shape, np.nan)
    after[: len(marked)] = leak.records[["x", "y"]].to_numpy(dtype=float)
    return before, after


def _of_towns(design: Repeated) -> Frontier:
    """Return the frontier of a design: each view by the strongest of its adversaries."""
    named = "view" in design.varied
    beside = set(design.varied) - {"view", "adversary"}
    have = {row.measure for row in design.rows}
    if beside or not {f"utility_{name}" for name in UTILITIES} <= have:
        needed = "a design of views and adversaries alone, made with utility=True"
        raise ParameterError.of("frontier", needed, "another")
    ranked = {"view", "adversary"} <= {*design.varied}
    strongest = design.rank()["adversary"].dropna() if ranked else None
    lines = []
    for view in design.levels["view"]:
        part = {"view": view} if named else {}
        who = design.levels["adversary"][0] if strongest is None else strongest.get(view)
        levels = part if strongest is None else part | {"adversary": who}
        words: dict[str, Any] = {name: f"utility_{name}" for name in UTILITIES}
        costs = {name: design.row(word, **levels) for name, word in words.items()}
        # People whom a mask leaves out are not found, under every mask alike.
        left = 1 - costs["suppressed"].value
        line: dict[str, Any] = {"mask": view, "adversary": who, "reliable": True}
        for gain in GAINS:
            row = design.row("reidentified", gain, **levels)
            line[gain] = row.value * left
            if gain == "address":
                line |= {"n": row.n / left, "confidence": row.confidence * left}
            line |= {f"{gain}_{part}": getattr(row, part) * left for part in _OF_GAIN}
        for name, cost in costs.items():
            line |= {name: cost.value, f"{name}_baseline": cost.baseline}
        lines.append(line)
    columns = [name for name in FRONTIER_COLUMNS if name not in OF_ONE_MAP]
    recipe = {"study": "frontier", "of": dict(design.recipe)}
    return Frontier(frame=pd.DataFrame(lines)[columns], notes=design.notes, recipe=recipe)


# What stands beside each gain of a frontier.
_OF_GAIN = ("low", "high", "baseline", "control")


def _risks(exposure: Exposure, people: int, name: str) -> dict[str, Any]:
    """Return what an attack finds of all the people, those who were left out among them."""
    scores, overall = exposure.per_person, exposure.overall
    shown = len(scores) / people
    row: dict[str, Any] = {"confidence": float(overall["confidence"]["address"]) * shown}
    for gain in GAINS:
        row[gain] = overall["value"][gain] * shown
        for part in _OF_GAIN:
            row[f"{gain}_{part}"] = overall[part][gain] * shown
    row["confidence_p99"] = percentile(scores["confidence_address"], 0.99).value
    for score in ("k_addresses", "k_people", "error"):
        row[f"{score}_p50"] = percentile(scores[score], 0.5).value
    notes = tuple(Note("of_mask", mask=name, note=note) for note in exposure.notes)
    return row | {"reliable": exposure.reliable, "notes": notes}


MASKS = (
    Exact(),
    Donut(r_min=20, r_max=100),
    Donut(r_min=50, r_max=200),
    Donut(r_min=100, r_max=400),
    Gaussian(sigma=50),
    Gaussian(sigma=100),
)
# What the exact dots of a real map could be moved by, to say what that would save.
BLURS = (Donut(r_min=50, r_max=200), Donut(r_min=100, r_max=400), GridSnap(size=200))
MOST_DOTS = 20_000
# What is believed, and what was done: two wrong beliefs and, to compare with, a right one.
BELIEVED = Donut(r_min=50, r_max=200)
DONE = (Donut(r_min=100, r_max=400), Gaussian(sigma=100), BELIEVED)


def audit_masks(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Put what each mask gives away beside what it costs.

    Returns
    -------
    Measures
        See `Frontier.measures`.
    """
    return _of_every_mask(frontier(campaign, MASKS, Adversary.knows_electors, seed=seed))


def _of_every_mask(masks: Frontier) -> Measures:
    """Return the measures; a frontier that was stopped early stops its caller too."""
    if any(note.key == "stopped_early" for note in masks.notes):
        raise KeyboardInterrupt
    made = masks.measures()
    under = Note("masks_under", adversary=str(masks.frame["adversary"].iloc[0]))
    return replace(made, notes=(under, *made.notes))


def audit_blurs(release: DotRelease, adversary: Adversary, *, seed: int = 7) -> Measures:
    """Estimate what masks would save on a real map of exact dots.

    - `adversary`: Who knows most of the map as it is, and would know each mask.

    Returns
    -------
    Measures
        See `Frontier.measures`; of `MOST_DOTS` drawn at random where there are more, as the
        notes say.
    """
    who = Adversary.knows_electors if adversary.prior_word == "electors" else Adversary.knows_mask
    notes: tuple[Note, ...] = ()
    if len(release) > MOST_DOTS:
        drawn = stream(seed, "blurs").choice(len(release), MOST_DOTS, replace=False)
        records = release.records.iloc[np.sort(drawn)].reset_index(drop=True)
        notes = (Note("blurs_of_a_sample", dots=MOST_DOTS, of=len(release)),)
        release = replace(release, records=records, rows=None)
    measures = _of_every_mask(frontier(release, (Exact(), *BLURS), who, seed=seed))
    shown = 0 if release.dots_shown is None else round(release.dots_shown[1])
    if shown > len(release):
        read = Note("blurs_of_dots_read", dots=len(release), of=shown)
        rows = [replace(row, notes=(*row.notes, read)) for row in measures.rows]
        measures = replace(measures, rows=rows)
    return replace(measures, notes=(*notes, *measures.notes))


def audit_beliefs(campaign: Campaign, *, seed: int = 7) -> Measures:
    """Attack maps that were masked otherwise than the adversary believes.

    Returns
    -------
    Measures
        As `belief_exposure`, for each mask that was ``used``, which is the view, and the one
        ``believed``; who knows the right one is the baseline.
    """
    parts = {}
    for mask in DONE:
        leak = publish(campaign, DotMap(mask=mask), seed=seed)
        wrong, right = (
            attacked(leak, Adversary.knows_electors(m), truth=campaign.world, seed=seed)
            for m in (BELIEVED, mask)
        )
        belief = belief_exposure(wrong, right)
        rows = [replace(r, part={"believed": str(BELIEVED), **r.part}) for r in belief.rows]
        parts[leak.view] = replace(belief, rows=rows)
    return joined("belief", parts, by="used")
