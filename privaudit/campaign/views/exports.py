"""Exports of a campaign: `TableExport` of profiles, `PeopleTable` of a canvassing system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from privaudit.campaign.campaign import Campaign
from privaudit.campaign.canvass import behind_entry
from privaudit.campaign.plan import check_shares, check_switches, set_choices
from privaudit.campaign.publish import KEY_COLUMNS, NAME_COLUMNS, KeyColumn, View, shuffled
from privaudit.columns.roles import Roles, check_table, known_export, roles_known
from privaudit.core.checks import an_instance, keyword_only, one_of, plain_fields
from privaudit.core.files import packaged_toml
from privaudit.core.reproducible import stream
from privaudit.core.thresholds import ADULT_AGE
from privaudit.errors import OutputError, ParameterError
from privaudit.release.release import TableRelease
from privaudit.simulation.world import scenario_ranges

SCENARIOS = scenario_ranges("people_table")
# Support as a volunteer marks it after a visit, 1 strong support to 5 strong opposition.
_MARKED = {"meaningful_interaction": 1, "answered": 3, "not_interested": 4, "refused": 5}
# Telephone numbers reserved for fiction in France: 06 39 98 and four digits.
_FICTION = 10_000
# Suffixes of text files, and of a compressed one.
_ENDINGS, _PACKED = ("", ".csv", ".txt", ".tsv"), ".gz"


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Filled:
    """Shares of the people table that are filled, in [0, 1]; each is a scenario.

    Parameters
    ----------
    emails : float
        Share of profiles that left an e-mail address, on a newsletter or a petition.
    phones : float
        Share of these that left a telephone number too.
    notes : float
        Share of visits after which a volunteer wrote a note.
    unsubscribed : float
        Share of profiles with an e-mail address that have unsubscribed.

    Raises
    ------
    ParameterError
        A share outside 0 to 1.

    Examples
    --------
    >>> Filled(emails=0.9).phones
    0.25
    """

    emails: float = 0.4
    phones: float = 0.25
    notes: float = 0.6
    unsubscribed: float = 0.05

    def __post_init__(self) -> None:
        check_shares(self, *SCENARIOS)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        return plain_fields(self)


def people_facts(campaign: Campaign, filled: Filled, *, seed: int) -> pd.DataFrame:
    """Return the facts that an export is made of: one row a profile, in the order of profiles.

    Facts are declared, looked up in registers or presumed; only a volunteer's note comes from the
    simulated world itself. Text is "" where unknown.

    Parameters
    ----------
    campaign : Campaign
    filled : Filled
    seed : int

    Returns
    -------
    pandas.DataFrame
        id (the tool's own number), profile, the profile's columns, then email, phone, number,
        street, commune, birth_date (NaT unknown), inferred (1 to 5, nan), marked (1 to 5, nan),
        visited_at (NaT), contact_status, note, do_not_contact, unsubscribed (bool), volunteer (of
        the turf), capital (cents).
    """
    world, profiles = campaign.world, campaign.profiles
    rng, address = stream(seed, "people", "table"), profiles["address"].to_numpy()
    written, own = ["number", "street", "commune"], _reached_by(campaign, filled, rng)
    place = world.addresses.frame[written].iloc[np.maximum(address, 0)]
    facts = profiles.assign(
        id=own["id"],
        email=own["email"],
        phone=own["phone"],
        birth_date=_birth_dates(campaign),
        inferred=_inferred(profiles["score"].to_numpy()),
        unsubscribed=own["unsubscribed"],
        volunteer=_volunteers(profiles["station"].to_numpy(dtype=str), campaign),
    )
    for column in written:
        facts[column] = np.where(address >= 0, place[column].to_numpy(dtype=object), "")
    facts = _visited(facts, campaign, filled, rng)
    facts["do_not_contact"] = facts["contact_status"] == "refused"
    facts["capital"] = 100 * facts["side_interactions"] + 500 * (facts["marked"] == 1)
    return _named(facts)


def mail_facts(campaign: Campaign, filled: Filled, *, seed: int) -> pd.DataFrame:
    """Return the profiles that get a mail, with their e-mail address, as `people_facts` has them.

    Who unsubscribed or refused contact gets none.
    """
    own = _reached_by(campaign, filled, stream(seed, "people", "table"))
    sent = (own["email"] != "") & ~own["unsubscribed"] & (_last_status(campaign) != "refused")
    facts: pd.DataFrame = _named(campaign.profiles.assign(email=own["email"])).loc[sent]
    return facts.reset_index(drop=True)


def _reached_by(
    campaign: Campaign, filled: Filled, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Draw the number that the tool gives each profile, and how it can be reached."""
    account = campaign.profiles["account"].to_numpy()
    emails, n = campaign.world.accounts["email"].to_numpy(dtype=object), len(account)
    has_email = rng.random(n) < filled.emails
    has_phone = has_email & (rng.random(n) < filled.phones)
    own = {"id": 1_000 + rng.permutation(n), "email": np.where(has_email, emails[account], "")}
    own |= {"phone": _phones(has_phone, rng)}
    return own | {"unsubscribed": has_email & (rng.random(n) < filled.unsubscribed)}


def _phones(has_phone: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw telephone numbers reserved for fiction; "" where there is none."""
    last = (rng.integers(_FICTION) + np.arange(len(has_phone))) % _FICTION
    phones = np.full(len(has_phone), "", dtype=object)
    phones[has_phone] = [f"06 39 98 {d // 100:02d} {d % 100:02d}" for d in last[has_phone].tolist()]
    return phones


def _last_status(campaign: Campaign) -> np.ndarray:
    """Return the answer at the last visit to each profile, "" without one."""
    log, status = campaign.contact_log, np.full(len(campaign.profiles), "", dtype=object)
    visited = campaign.dots["profile"].to_numpy()[log["dot"].to_numpy()]
    status[visited] = log["status"].to_numpy(dtype=object)
    return status


def _birth_dates(campaign: Campaign) -> np.ndarray:
    """Return the birth date of the entry of the roll that each profile was matched to."""
    profiles, roll = campaign.profiles, campaign.world.roll
    born = np.full(len(profiles), np.datetime64("NaT", "s"))
    rows = (profiles["register"] == "roll").to_numpy()
    born[rows] = roll["birth_date"].to_numpy()[profiles["entry"].to_numpy()[rows]]
    return born


def _inferred(score: np.ndarray) -> np.ndarray:
    """Return five bands of the score, 1 the highest; nan where there is none."""
    band = 5.0 - np.searchsorted([0.2, 0.4, 0.6, 0.8], score, side="right")
    return np.asarray(np.where(np.isnan(score), np.nan, band))


def _volunteers(station: np.ndarray, campaign: Campaign) -> np.ndarray:
    """Return the volunteer of each turf, "" where it has none."""
    users = campaign.users[campaign.users["role"] == "volunteer"].drop_duplicates("station")
    turfs = zip(users["station"], users["user"], strict=True)
    mail = {turf: f"benevole{user:02d}@campagne.example" for turf, user in turfs if turf}
    return np.array([mail.get(turf, "") for turf in station.tolist()], dtype=object)


def _visited(
    facts: pd.DataFrame, campaign: Campaign, filled: Filled, rng: np.random.Generator
) -> pd.DataFrame:
    """Add the last visit of each profile, with the mark and the note after it."""
    log = campaign.contact_log
    profile = campaign.dots["profile"].to_numpy()[log["dot"].to_numpy()]
    n = len(facts)
    at = np.full(n, np.datetime64("NaT", "s"))
    status, note = _last_status(campaign), np.full(n, "", dtype=object)
    at[profile] = log["time"].to_numpy()
    members = _HouseholdMembers(campaign)
    for place, opened_by in zip(profile.tolist(), log["opened_by"].tolist(), strict=True):
        if rng.random() < filled.notes:
            other = members.besides(place, child=opened_by == "child")
            note[place] = _note(other, opened_by, status[place], rng)
    marked = pd.Series(status).map(_MARKED).to_numpy(dtype=float)
    return facts.assign(visited_at=at, contact_status=status, note=note, marked=marked)


class _HouseholdMembers:
    """The other members of the household at each profile's door."""

    def __init__(self, campaign: Campaign) -> None:
        people = campaign.world.people
        household = people["household"].to_numpy()
        self._by_home = np.argsort(household, kind="stable")
        self._homes = household[self._by_home]
        self._home = behind_entry(campaign.world, campaign.profiles, "household")
        accounts = campaign.world.accounts["person"].to_numpy()
        self._person = accounts[campaign.profiles["account"].to_numpy()]
        self._age, self._name = people["age"].to_numpy(), people["first_name"].to_numpy(object)

    def besides(self, profile: int, *, child: bool) -> tuple[str, int] | None:
        """Return the first name and age of the first other child, or adult; None without one."""
        ends = np.searchsorted(self._homes, self._home[profile] + np.arange(2))
        living = self._by_home[slice(*ends)]
        others = living[living != self._person[profile]]
        others = others[(self._age[others] < ADULT_AGE) == child]
        return (str(self._name[others[0]]), int(self._age[others[0]])) if len(others) else None


def _note(
    member: tuple[str, int] | None, opened_by: str, status: str, rng: np.random.Generator
) -> str:
    """Draw a volunteer's note by who opened the door, or by the answer of the person."""
    templates = _templates().get(opened_by) or _templates().get(status, ())
    if member is None:
        templates = tuple(t for t in templates if "{" not in t)
    if not templates:
        return ""
    chosen = templates[int(rng.integers(len(templates)))]
    if member is None:
        return chosen
    return chosen.format(first=member[0], age=member[1], partner=member[0])


@cache
def _templates() -> dict[str, tuple[str, ...]]:
    """Return the templates of notes by who opened the door, or by the person's answer."""
    lists = packaged_toml("privaudit.campaign", "notes.toml").values()
    return {key: tuple(v.strip().splitlines()) for each in lists for key, v in each.items()}


def _named(facts: pd.DataFrame) -> pd.DataFrame:
    """Split the displayed name into first and last where no register gave them."""
    names = {
        column: facts[column].to_numpy(dtype=object, copy=True)
        for column in ("first_name", "last_name")
    }
    unknown = np.flatnonzero(names["last_name"] == "")
    for at, shown in zip(unknown.tolist(), facts["display_name"].iloc[unknown], strict=True):
        names["first_name"][at], _, names["last_name"][at] = shown.partition(" ")
    return facts.assign(**names)


_LAYOUTS = packaged_toml("privaudit.campaign", "exports.toml")
SYSTEMS = ("nationbuilder", "van", "osdi")


def export_cells(
    campaign: Campaign, system: str, filled: Filled, *, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the people of a campaign and the cells of their export, in one random order.

    Parameters
    ----------
    campaign : Campaign
    system : {"nationbuilder", "van", "osdi"}
    filled : Filled
    seed : int

    Returns
    -------
    facts : pandas.DataFrame
        As returned by `people_facts`.
    cells : pandas.DataFrame of str
        Every column of the export, "" where a cell is empty.
    """
    facts = people_facts(campaign, filled, seed=seed)
    order = shuffled(len(facts), seed)
    layout, known = _LAYOUTS[system], known_export(system)
    derived = _with_cells(facts, campaign)
    cells = {
        column: _cells(derived, layout["columns"].get(column, "="), layout)
        for column in (*known.columns, *known.custom)
    }
    return facts.iloc[order], pd.DataFrame(cells).iloc[order].reset_index(drop=True)


def _cells(facts: pd.DataFrame, written: str, layout: Mapping[str, Any]) -> pd.Series:
    """Return the cells of a column of an export; see `exports.toml`."""
    value, _, condition = written.partition(" where ")
    name, _, form = value.partition(":")
    if value.startswith("="):
        cells = pd.Series(value[1:], index=facts.index, dtype="str")
    elif form in ("day", "moment"):
        cells = _dates(facts[name], layout[form])
    else:
        cells = _text(facts[name])
        cells = cells.map(layout[form]).fillna("") if form else cells
    return cells.where(facts[condition], "") if condition else cells


def _text(column: pd.Series) -> pd.Series:
    """Return cells as text, "" where missing; whole numbers without a point."""
    if column.dtype.kind == "b":
        return column.map({True: "true", False: "false"}).astype("str")
    known = column.notna()
    plain = column.where(known, 0).astype("int64") if column.dtype.kind == "f" else column
    return plain.astype("str").where(known, "")


def _dates(times: pd.Series, form: str) -> pd.Series:
    written: pd.Series = times.dt.strftime(form).fillna("").astype("str")
    return written


def _with_cells(facts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Add the columns that only exports derive from the facts."""
    visited, born, status = facts["visited_at"], facts["birth_date"], facts["contact_status"]
    placed, supporter = facts["street"] != "", facts["presumed_leaning"] != ""
    created = facts["first_seen"].fillna(pd.Timestamp(campaign.plan.launch))
    return facts.assign(
        placed=placed,
        supporter=supporter,
        prospect=supporter & visited.isna(),
        on_roll=(facts["register"] == "roll") & placed,
        canvassed=status != "",
        reached=status.isin(list(_MARKED)),
        has_email=facts["email"] != "",
        has_phone=facts["phone"] != "",
        has_mark=facts["marked"].notna(),
        subscribed=~facts["unsubscribed"],
        subscription=np.where(facts["unsubscribed"], "unsubscribed", "subscribed"),
        created=created,
        updated=visited.fillna(created),
        birth_month=born.dt.month,
        birth_day=born.dt.day,
        birth_year=born.dt.year,
        age=(pd.Timestamp(campaign.plan.as_of) - born).dt.days // 365.2425,
        elector="E" + facts["entry"].astype("str"),
        uri="campaign:" + facts["id"].astype("str"),
        line=facts["number"] + " " + facts["street"],
        user_name=facts["display_name"].str.replace(" ", ".").str.lower(),
        volunteer_id=_number_in(facts["volunteer"]),
        priority=np.where(supporter, 5, np.where(facts["inferred"] <= 2, 4, np.nan)),
        percent=(100 * facts["score"]).round(),
        amount=(facts["capital"] / 100).map("{:.2f}".format),
        tags=_tags(facts),
    )


def _number_in(volunteer: pd.Series) -> pd.Series:
    number: pd.Series = volunteer.str.extract(r"(\d+)")[0].fillna("")
    return number


def _tags(facts: pd.DataFrame) -> list[str]:
    """Return the tags of each profile: origin, interests and events, as in real exports."""
    tagged = {
        "like-page-": facts["presumed_leaning"], "signup-imported-from-": facts["register"],
        "interest-": facts["interest"],
        "": facts["contact_status"].map({"refused": "NE-PAS-RELANCER"}).fillna(""),
        "porte-": facts["contact_status"],
    }  # fmt: skip
    rows = zip(*tagged.values(), strict=True)
    tags = ([p + v for p, v in zip(tagged, row, strict=True) if v] for row in rows)
    return [", ".join(["sm-Facebook", *each]) for each in tags]


def _nationbuilder_files(facts: pd.DataFrame, campaign: Campaign) -> Mapping[str, pd.DataFrame]:
    """Return the other files of the export: contacts, lists, paths, social capital."""
    mapped = facts.iloc[campaign.dots["profile"].to_numpy()]
    turfs = mapped.groupby("station", sort=True).size()
    lists = pd.DataFrame(
        {
            "id": np.arange(len(turfs) + 1) + 1,
            "name": ["porte-a-porte", *(f"secteur {turf}" for turf in turfs.index)],
            "author_id": 1,
            "parent_id": ["", *["1"] * len(turfs)],
            "count": [len(mapped), *turfs],
        }
    )
    met = mapped["visited_at"].notna().to_numpy()
    status = mapped["marked"].map({1: "completed", 5: "abandoned"}).fillna("active")
    paths = pd.DataFrame(
        {
            "signup_id": mapped["id"].to_numpy(),
            "path_name": "sympathisant",
            "step": np.where(met, "rencontre", "a_rencontrer"),
            "status": status.to_numpy(),
        }
    )
    earned = facts[facts["capital"] > 0]
    capital = pd.DataFrame(
        {
            "signup_id": earned["id"].to_numpy(),
            "amount_in_cents": earned["capital"].to_numpy(),
            "type": "political_capital",
            "created_at": _moments(earned["first_seen"]).to_numpy(),
        }
    )
    contacts = _contacts(facts, campaign)
    return {"contacts": contacts, "lists": lists, "paths": paths, "capital": capital}


def _moments(times: pd.Series) -> pd.Series:
    return _dates(times, _LAYOUTS["nationbuilder"]["moment"])


def _contacts(facts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return the contact log, in order of time: visits, first contacts, the mail of the launch."""
    log = campaign.contact_log
    visited = facts.iloc[campaign.dots["profile"].to_numpy()[log["dot"].to_numpy()]]
    visited = visited.assign(
        method="door_knock", status=log["status"].to_numpy(), at=log["time"].to_numpy()
    )
    others = facts.assign(note="", status="other")
    liked = others[facts["first_seen"].notna()].assign(method="facebook", at=facts["first_seen"])
    mailed = others[(facts["email"] != "") & ~facts["unsubscribed"]]
    mailed = mailed.assign(method="email_blast", at=pd.Timestamp(campaign.plan.launch))
    contacts = pd.concat([visited, liked, mailed], ignore_index=True)
    contacts = contacts.sort_values("at", kind="stable", ignore_index=True)
    return pd.DataFrame(
        {
            "id": np.arange(len(contacts)) + 1,
            "signup_id": contacts["id"],
            "author_id": _number_in(contacts["volunteer"]),
            "contact_method": contacts["method"],
            "contact_status": contacts["status"],
            "content": contacts["note"],
            "pc_in_cents": 500 * (contacts["status"] == "meaningful_interaction"),
            "created_at": _moments(contacts["at"]),
        }
    )


def write_nationbuilder(
    campaign: Campaign, path: str | os.PathLike[str], *, filled: Filled | None = None, seed: int = 7
) -> tuple[Path, ...]:
    """Write the people table of a simulated campaign as NationBuilder exports it.

    The file has every column of the export, most of them empty, and an apostrophe before each cell
    that is filled, so that a spreadsheet reads it as text. ``support_level`` is 1 for strong
    support to 5 for strong opposition; dates have the month first. Notes of
    volunteers may describe other members of the household.

    Parameters
    ----------
    campaign : Campaign
        From `run_campaign`; all people are fictional.
    path : path
        File of the people, ``.csv`` (also ``.txt``, ``.tsv`` or without a suffix; compressed with
        ``.gz``). The contact log, the lists, the paths and the social capital are written beside
        it: ``people-contacts.csv`` beside ``people.csv``.
    filled : Filled, optional
        How much of the table is filled.
    seed : int
        Of the shuffle, of who left an e-mail, and of what volunteers wrote.

    Returns
    -------
    tuple of Path
        The file of the people, then those beside it.

    Raises
    ------
    ParameterError
        Not a campaign, or no path of a file of text.
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=500), seed=7), seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     people, *beside = pa.io.write_nationbuilder(campaign, f"{folder}/people.csv")
    ...     table = pa.read_table(people)
    >>> [file.name for file in beside][0], table.roles.identifier, len(table.records.columns)
    ('people-contacts.csv', ('nationbuilder_id',), 207)
    """
    return _write("nationbuilder", campaign, path, filled, seed)


def write_van(
    campaign: Campaign, path: str | os.PathLike[str], *, filled: Filled | None = None, seed: int = 7
) -> tuple[Path, ...]:
    """Write the people table of a simulated campaign as a canvass table of VAN, with tabs.

    One row a person, with the last canvass: its result code, or the answer to the survey
    (``"1 - Strong"`` to ``"5 - Against"``), and a note. Parameters, returns and errors are those
    of `write_nationbuilder`; no other file is written.

    Examples
    --------
    >>> import tempfile
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=500), seed=7), seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     people, *_ = pa.io.write_van(campaign, f"{folder}/people.txt")
    ...     pa.read_table(people).roles.identifier
    ('Voter File VANID',)
    """
    return _write("van", campaign, path, filled, seed)


def write_osdi(
    campaign: Campaign, path: str | os.PathLike[str], *, filled: Filled | None = None, seed: int = 7
) -> tuple[Path, ...]:
    """Write the people table of a simulated campaign with the terms of OSDI.

    One row a person with their canvass (action_date, contact_type, status_code), nested names
    joined by dots. Parameters, returns and errors are those of `write_nationbuilder`; no
    other file is written.

    Examples
    --------
    >>> import tempfile
    >>> import privaudit as pa
    >>> campaign = pa.run_campaign(pa.simulate(pa.Town(inhabitants=500), seed=7), seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     people, *_ = pa.io.write_osdi(campaign, f"{folder}/people.csv")
    ...     pa.read_table(people).roles.identifier
    ('identifiers.0',)
    """
    return _write("osdi", campaign, path, filled, seed)


def _write(
    system: str, campaign: Any, path: Any, filled: Filled | None, seed: int
) -> tuple[Path, ...]:
    """Write the export of a system, and the files beside it."""
    who = f"write_{system}"
    an_instance(who, "campaign", campaign, Campaign, "Use run_campaign.")
    an_instance(who, "path", path, (str, os.PathLike))
    file = Path(path)
    packed = file.suffix if file.suffix.lower() == _PACKED else ""
    plain = file.with_suffix("") if packed else file
    if plain.suffix.lower() not in _ENDINGS:
        do = "Name it .csv."
        raise ParameterError.of(who, "a file of text", f"one named {plain.suffix}", do)
    facts, cells = export_cells(campaign, system, filled or Filled(), seed=seed)
    frames = {file: cells}
    if system == "nationbuilder":
        frames[file] = ("'" + cells).where(cells != "", "")
        # In the order of profiles, as in the campaign's own frames.
        for name, frame in _nationbuilder_files(facts.sort_values("profile"), campaign).items():
            frames[file.with_name(f"{plain.stem}-{name}{plain.suffix}{packed}")] = frame
    separator = "\t" if system == "van" else ","
    for where, frame in frames.items():
        try:
            frame.to_csv(where, index=False, sep=separator, encoding="utf-8", lineterminator="\r\n")
        except OSError as error:
            needed, do = "a file that can be written", "Check its folder and its rights."
            raise OutputError.not_written(who, needed, where.name, error, do) from None
    return tuple(frames)


SCORE_BANDS = ("0.0-0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", "0.8-1.0")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class TableExport(View[TableRelease]):
    """The profile table as exported: key variables, presumed leaning, score in five bands.

    Parameters
    ----------
    columns : tuple of str
        Key variables, among age_band, sex, profession, interest, station.
    names : bool
        Export display_name, first_name and last_name too.
    map_only : bool
        Export only the profiles that have a dot, instead of all.

    Raises
    ------
    ParameterError
        An unknown column, one asked for twice, or a switch that is not True or False.

    Examples
    --------
    >>> TableExport(columns=("age_band", "sex")).names
    False
    """

    word, example, label_fields = "table", "table", ()

    columns: tuple[KeyColumn, ...] = ("age_band", "sex", "profession", "station")
    names: bool = False
    map_only: bool = False

    def __post_init__(self) -> None:
        set_choices(self, "columns", allowed=KEY_COLUMNS)
        check_switches(self, "names", "map_only")

    def published(self, campaign: Campaign, *, seed: int) -> TableRelease:
        """Publish the table."""
        profiles = campaign.profiles
        if self.map_only:
            profiles = profiles.iloc[campaign.dots["profile"].to_numpy()]
        profiles = profiles.iloc[shuffled(len(profiles), seed)].reset_index(drop=True)
        profiles = profiles.assign(score_band=score_bands(profiles["score"].to_numpy()))
        names, sensitive = NAME_COLUMNS if self.names else (), ("presumed_leaning", "score_band")
        return TableRelease(
            records=profiles[[*names, *self.columns, *sensitive]],
            roles=Roles(identifier=names, key=self.columns, sensitive=sensitive),
            name="table export",
            sources=self.sources(campaign, profiles),
            **self.stamped(campaign, seed),
        )


def score_bands(score: np.ndarray) -> pd.Series:
    """Return the band of each score, closed below, the last also above; "" without a score."""
    band = np.searchsorted([0.2, 0.4, 0.6, 0.8], score, side="right")
    named = np.where(np.isnan(score), "", np.array(SCORE_BANDS)[band])
    return pd.Series(named, dtype="str")


@keyword_only
@dataclass(frozen=True, kw_only=True)
class PeopleTable(View[TableRelease]):
    """The people table of a canvassing system: the headers of its export, most of them empty.

    Parameters
    ----------
    system : {"nationbuilder", "van", "osdi"}
        System whose headers, scales and terms are used: see ``privaudit/columns/systems.toml``.
    filled : Filled
        Shares of it that are filled.

    Raises
    ------
    ParameterError
        An unknown system.

    Examples
    --------
    >>> PeopleTable(system="van").word
    'people'
    """

    word, example, label_fields = "people", "people:nationbuilder", ("system",)

    system: Literal["nationbuilder", "van", "osdi"] = "nationbuilder"
    filled: Filled = field(default_factory=Filled)

    def __post_init__(self) -> None:
        one_of("PeopleTable", "system", self.system, SYSTEMS)
        do = "Write filled=Filled(emails=0.2)."
        an_instance("PeopleTable", "filled", self.filled, Filled, do)

    def published(self, campaign: Campaign, *, seed: int) -> TableRelease:
        """Publish the table as a reader of the export has it."""
        facts, cells = export_cells(campaign, self.system, self.filled, seed=seed)
        records, notes = check_table(cells.mask(cells == ""))
        roles, about_roles = roles_known(records)
        return TableRelease(
            records=records,
            roles=roles,
            notes=(*about_roles, *notes),
            name=f"people table of {known_export(self.system).word}",
            sources=self.sources(campaign, facts),
            **self.stamped(campaign, seed),
        )
