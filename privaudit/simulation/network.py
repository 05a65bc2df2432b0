"""Social network of a town: accounts and their names, pages, interactions, or the caller's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.cache import fingerprint
from privaudit.core.checks import Bools, Ints, an_instance, columns_present
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError, SchemaError
from privaudit.simulation.interactions import (
    FIRST_DAY,
    KINDS,
    PAGE_KINDS,
    SIDES,
    Acts,
    PageExposure,
    Pages,
    candidate_pages,
    draw_candidate_acts,
    draw_ordinary_acts,
    draw_pages,
    draw_political_likes,
    draw_traits,
    of_candidate,
    zipf_shares,
)
from privaudit.simulation.population import draw_first_names, draw_surname_ranks, surname
from privaudit.simulation.town import Town
from privaudit.simulation.world import read_figures
from privaudit.text.normalise import unaccented

# Forms of the displayed name, fake and shared accounts apart (scenario).
_FORMS = ("civil", "nickname", "birth", "initial", "handle", "pseudonym")
_SHARES = (0.62, 0.15, 0.05, 0.08, 0.07, 0.03)
_HANDLES = ("lune", "loup", "soleil", "chat", "tigre", "pixel", "velo", "jazz", "cactus", "moka")


@dataclass(frozen=True, eq=False)
class Members:
    """Accounts; `also`, the second person behind each, or -1; `partner` of each person, or -1."""

    accounts: pd.DataFrame
    also: Ints
    partner: Ints


def draw_members(
    people: pd.DataFrame, town: Town, *, partner: Ints, rng: np.random.Generator
) -> Members:
    """Draw the accounts of people, one or two each, and the name that each displays.

    Parameters
    ----------
    people : pandas.DataFrame
        Columns age, sex, first_name, last_name, birth_name, birth_date.
    town : Town
        Shares of fake, duplicate and shared accounts.
    partner : ndarray of int
        The partner of each person, or -1; see `partners`.
    rng : numpy.random.Generator

    Returns
    -------
    Members
        Its accounts have account, person, display_name, email, city_shown, aligned; in random
        order, so that the number of an account reveals nothing about its person.
    """
    age = people["age"].to_numpy()
    figures = read_figures("population")["account_by_age"]
    between = np.interp(age, figures["ages"], figures["chance"])
    chance = np.where(age < figures["ages"][0], 0.0, between)
    has = rng.random(len(age)) < chance
    again = has & (rng.random(len(age)) < town.duplicate_accounts / (1 - town.duplicate_accounts))
    person = rng.permutation(np.concatenate([np.flatnonzero(has), np.flatnonzero(again)]))
    fake = rng.random(len(person)) < town.fake_accounts
    paired = (partner[person] >= 0) & ~fake
    share = min(1.0, town.shared_accounts * len(person) / max(int(paired.sum()), 1))
    shared = paired & (rng.random(len(person)) < share)
    also = np.where(shared, partner[person], -1)
    shown, email = _names(people, person, also, fake, rng)
    accounts = pd.DataFrame(
        {
            "account": np.arange(len(person)),
            "person": person,
            "display_name": pd.Series(shown, dtype="str"),
            "email": pd.Series(email, dtype="str"),
            "city_shown": rng.random(len(person)) < town.city_shown,
            "aligned": rng.random(len(person)) >= town.non_aligned,
        }
    )
    return Members(accounts, also, partner)


def _names(
    people: pd.DataFrame, person: Ints, also: Ints, fake: Bools, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Return the display name and the e-mail address of each account."""
    n = len(person)
    owner = people[["first_name", "last_name", "birth_name", "birth_date", "sex"]].iloc[person]
    first, last = owner["first_name"].to_list(), owner["last_name"].to_list()
    birth = owner["birth_name"].to_list()
    other = people["first_name"].iloc[np.maximum(also, 0)].to_list()
    year = owner["birth_date"].dt.year.to_list()
    form = rng.choice(_FORMS, n, p=_SHARES).astype("<U9")
    form[fake] = "civil"  # an invented name has the form of a civil one
    form[also >= 0] = "couple"
    new_last = surname(draw_surname_ranks(n, rng=rng))
    new_first = draw_first_names(owner["sex"].to_numpy(dtype=str), np.array(year), rng=rng)
    plain = rng.random(n) < 0.15
    word, digits = rng.integers(len(_HANDLES), size=n), rng.integers(1, 1_000, n)
    pattern = rng.integers(4, size=n)
    words = [_HANDLES[k] for k in word.tolist()]
    handles = [f"{one}{number}" for one, number in zip(words, digits.tolist(), strict=True)]
    invented = new_first.tolist(), new_last.tolist()
    for i in np.flatnonzero(fake).tolist():
        first[i], last[i] = invented[0][i], invented[1][i]
    shown = [_display(*one) for one in zip(form.tolist(), first, last, birth, handles, strict=True)]
    for i in np.flatnonzero(form == "pseudonym").tolist():
        shown[i] = f"{invented[0][i]} {words[i].capitalize()}"
    for i in np.flatnonzero(form == "couple").tolist():
        shown[i] = f"{first[i]} et {other[i]} {last[i]}"
    for i in np.flatnonzero(plain).tolist():
        shown[i] = unaccented(shown[i])
    return shown, list(map(write_email, first, last, year, handles, pattern.tolist()))


def write_email(first: str, last: str, birth_year: int, handle: str, pattern: int) -> str:
    """Write an e-mail address, at a domain that cannot exist.

    Pattern 0 is first.last, 1 the initial and the year of birth, 2 the first name and the
    handle, 3 the handle alone.

    Parameters
    ----------
    first : str
    last : str
    birth_year : int
        Year of birth each.
    handle : str
    pattern : int
        0 to 3.

    Returns
    -------
    str

    Examples
    --------
    >>> write_email("Éric", "Meyer", 1971, "jazz7", 0)
    'eric.meyer@courriel.example'
    """
    a, b = _in_email(first), _in_email(last)
    local = (f"{a}.{b}", f"{a[0]}{b}{birth_year % 100:02d}", f"{a}.{handle}", handle)[pattern]
    return f"{local}@courriel.example"


# Names are drawn from lists: most are asked for again and again.
@lru_cache(maxsize=1 << 14)
def _in_email(name: str) -> str:
    return unaccented(name).lower().replace(" ", "")


def _display(form: str, first: str, last: str, birth: str, handle: str) -> str:
    """Write the name that an account displays, in one of `_FORMS`."""
    if form == "nickname":
        short = read_figures("names")["nicknames"].get(first, first.split("-")[0][:4])
        return f"{short} {last}"
    if form == "initial":
        return f"{first} {last[0]}."
    if form == "handle":
        return handle
    return f"{first} {birth if form == 'birth' else last}"


_YEARS = (1990, 2080)


def own_pages(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Index]:
    """Check pages that the caller gives.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns page (id), kind, side and topic; the last three may be left out.

    Returns
    -------
    pages : pandas.DataFrame
        kind, side, topic, in the order given, with the pages of a candidate for every side that has
        none.
    ids : pandas.Index
        The ids of the rows of the frame.
    """
    who = "simulate(pages=)"
    ids = _ids(who, _frame(who, frame, ("page",)), "page")
    _refuse(who, "each page once", ids.duplicated(), "repeat one", "Drop them.")
    pages = pd.DataFrame(
        {
            "kind": _words(who, frame, "kind", PAGE_KINDS, "generic"),
            "side": _words(who, frame, "side", ("", *SIDES), ""),
            "topic": _words(who, frame, "topic", None, ""),
        }
    )
    sided = pages["side"] != ""
    lacks = pages["kind"].isin(("partisan", "candidate")) & ~sided
    _refuse(who, "a side for each partisan and candidate page", lacks, "have none")
    needed, do = "generic pages without a side", "Call them partisan or candidate."
    _refuse(who, needed, (pages["kind"] == "generic") & sided, "have one", do)
    has = [side for side in SIDES if of_candidate(pages, side).any()]
    others = candidate_pages()
    others = others[~others["side"].isin(has)]
    return pd.concat([pages, others], ignore_index=True), pd.Index(ids)


def own_acts(
    frame: pd.DataFrame, ids: pd.Index | None, accounts: int, *, rng: np.random.Generator
) -> tuple[Acts, pd.DataFrame | None]:
    """Check interactions that the caller gives, and assign their accounts at random to the town's.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns account and page (ids), time, and kind ("like" where left out).
    ids : pandas.Index, optional
        The ids of the pages; None where no pages were given.
    accounts : int
        Number of accounts of the town. The assignment is not returned.
    rng : numpy.random.Generator

    Returns
    -------
    pages : pandas.DataFrame
        Kind, side, topic of the pages, where none were given.
    """
    who = "simulate(interactions=)"
    _frame(who, frame, ("account", "page", "time"))
    account, names = pd.factorize(_ids(who, frame, "account"), sort=True)
    if len(names) > accounts:
        needed, do = f"at most {accounts:,} accounts, as the town has", "Town(inhabitants=...)"
        raise ParameterError.of(who, needed, f"{len(names):,}", f"Take a larger town: {do}.")
    page, pages = _pages_of(who, _ids(who, frame, "page"), ids)
    kind = pd.Categorical(_words(who, frame, "kind", KINDS, "like"), categories=list(KINDS)).codes
    second = _seconds(who, frame["time"])
    assigned = rng.permutation(accounts)
    return Acts.in_order(assigned[account], page, kind.astype(np.int64), second), pages


def _pages_of(who: str, named: pd.Series, ids: pd.Index | None) -> tuple[Ints, pd.DataFrame | None]:
    """Return the row of each named page, and the pages where no frame of them was given."""
    if ids is None:
        page, distinct = pd.factorize(named, sort=True)
        plain = {"kind": "generic", "side": "", "topic": ""}
        made = pd.DataFrame(plain, index=range(len(distinct))).astype("str")
        return page, pd.concat([made, candidate_pages()], ignore_index=True)
    page = ids.get_indexer(pd.Index(named))
    needed, do = "pages of the frame of pages", "Write ids alike in both frames."
    _refuse(who, needed, page < 0, "name another", do)
    return page, None


def _frame(who: str, frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Check that a frame has some columns, and a row."""
    an_instance(who, "it", frame, pd.DataFrame, f"Columns: {', '.join(columns)}.")
    columns_present(who, "column", columns, frame.columns, "the frame")
    if frame.empty:
        raise SchemaError.of(who, "at least one row", "none")
    return frame


def _ids(who: str, frame: pd.DataFrame, name: str) -> pd.Series:
    """Return the ids of a column: all whole numbers, or all text."""
    values = frame[name].reset_index(drop=True)
    blank = values.isna()
    if values.dtype == object or isinstance(values.dtype, (pd.StringDtype, pd.CategoricalDtype)):
        values = values.astype(object)
        text = pd.Series([isinstance(value, str) for value in values])
        blank |= np.array([isinstance(value, str) and not value.strip() for value in values])
        odd = ~text & ~blank
    else:
        odd = ~blank & (not pd.api.types.is_integer_dtype(values.dtype))
    _refuse(who, f"a value of '{name}' in each row", blank, "are blank")
    _refuse(who, f"'{name}' as whole numbers or as text", odd, "are neither, or mixed")
    return values


def _words(
    who: str, frame: pd.DataFrame, name: str, known: tuple[str, ...] | None, default: str
) -> pd.Series:
    """Return a column of words, each one of those known, or the default where it is absent."""
    if name not in frame.columns:
        return pd.Series(default, index=range(len(frame)), dtype="str")
    columns_present(who, "column", (name,), frame.columns, "the frame")
    values = frame[name].reset_index(drop=True).fillna(default).astype("str")
    if known is not None:
        needed = f"'{name}' one of {', '.join(map(repr, known))}"
        _refuse(who, needed, ~values.isin(known), "are none of them")
    return values


def _seconds(who: str, time: pd.Series) -> Ints:
    """Return the seconds since the first day; times with a zone in universal time."""
    needed = "'time' as dates, such as '2016-08-30 20:10'"
    if pd.api.types.is_numeric_dtype(time.dtype):
        raise SchemaError.of(who, needed, "numbers", "Use pandas.to_datetime.")
    read = pd.to_datetime(time, errors="coerce", format="ISO8601", utc=True)
    _refuse(who, needed, read.isna(), "are blank or cannot be read")
    of_another = ~read.dt.year.between(*_YEARS)
    _refuse(who, "times from {} to {}".format(*_YEARS), of_another, "are of another year")
    moment = read.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    return np.asarray((moment - FIRST_DAY).astype(np.int64))


def _refuse(who: str, needed: str, odd: npt.ArrayLike, are: str, do: str = "") -> None:
    """Raise an error with the number of odd rows, if there is one."""
    rows = np.asarray(odd)
    if rows.any():
        came = f"{int(rows.sum()):,} of {len(rows):,} rows that {are}"
        raise SchemaError.of(who, needed, came, do)


_READ = ("account", "page", "kind", "time", "side", "topic")


@dataclass(frozen=True, eq=False)
class GivenInteractions:
    """Interactions and pages that the caller gives, or None."""

    interactions: pd.DataFrame | None = None
    pages: pd.DataFrame | None = None

    def recipe(self) -> dict[str, Any]:
        """Return their numbers of rows and fingerprints."""
        given = {"interactions": self.interactions, "pages": self.pages}
        return {name: _fingerprint(frame) for name, frame in given.items()}


def _fingerprint(frame: pd.DataFrame | None) -> dict[str, Any] | None:
    """Return the number of rows and the fingerprint of the columns that are read, as text."""
    if frame is None:
        return None
    read = [name for name in _READ if name in frame.columns]
    plain = pd.DataFrame({name: frame[name].astype("str").array for name in read})
    return {"rows": len(frame), "fingerprint": fingerprint(plain)}


def draw_network(
    town: Town,
    people: pd.DataFrame,
    members: Members,
    *,
    brought: GivenInteractions,
    ordinary: bool,
    workers: int,
    seed: int,
) -> tuple[Pages, Acts]:
    """Draw pages and interactions with them, or use those that the caller gives.

    Given interactions are all that accounts do, including with candidates where one of the given
    pages is a candidate's; otherwise interactions with candidates are drawn.

    Parameters
    ----------
    town : Town
    people : pandas.DataFrame
    members : Members
    brought : GivenInteractions
    ordinary : bool
        False leaves out interactions with pages that are no candidate's.
    workers : int
    seed : int
    """
    own, ids = (None, None) if brought.pages is None else own_pages(brought.pages)
    acts = None
    if brought.interactions is not None:
        rng = stream(seed, "own interactions")
        acts, made = own_acts(brought.interactions, ids, len(members.accounts), rng=rng)
        own = made if own is None else own
    pages = _pages(town, own, seed)
    candidates = _candidates(town, people, members, pages, seed)
    if acts is not None:
        theirs = own is not None and ids is not None and of_candidate(own[: len(ids)]).any()
        return pages, acts if theirs else acts.and_also(candidates)
    if not ordinary or not pages.popularity.any():
        return pages, candidates
    traits = _traits(town, people, members, seed)
    spread = np.sqrt(2 * np.log(town.mean_likes / town.median_likes))
    draw = stream(seed, "how many likes").standard_normal(len(traits))
    likes = np.rint(np.clip(town.median_likes * np.exp(spread * draw), 1, _most(pages)))
    likes = likes.astype(np.int64)
    meetings = PageExposure.fitted(traits, likes, pages, slope=town.page_slope)
    rng = stream(seed, "likes")
    return pages, draw_ordinary_acts(traits, likes, meetings, candidates, workers=workers, rng=rng)


def _most(pages: Pages) -> float:
    """Return the most likes of an account: half of the pages."""
    return max(1.0, int((pages.popularity > 0).sum()) / 2)


def _pages(town: Town, own: pd.DataFrame | None, seed: int) -> Pages:
    ordinary = np.ones(town.pages, dtype=bool) if own is None else ~of_candidate(own)
    popularity = np.zeros(len(ordinary))
    if ordinary.any():
        popularity[ordinary] = zipf_shares(
            int(ordinary.sum()), town.popularity, town.top_reach / town.mean_likes
        )
    return draw_pages(popularity, town, given=own, rng=stream(seed, "pages"))


def _candidates(
    town: Town, people: pd.DataFrame, members: Members, pages: Pages, seed: int
) -> Acts:
    owner = people[["age", "leaning"]].iloc[members.accounts["person"].to_numpy()]
    aligned, rng = members.accounts["aligned"].to_numpy(), stream(seed, "political likes")
    likes = draw_political_likes(owner, aligned, town, rng=rng)
    return draw_candidate_acts(likes, pages, rng=stream(seed, "what candidates get"))


def _traits(
    town: Town, people: pd.DataFrame, members: Members, seed: int
) -> npt.NDArray[np.float32]:
    """Return the traits of accounts: those of the person, or the mean of a couple's."""
    person, also = members.accounts["person"].to_numpy(), members.also
    known = np.unique(np.concatenate([person, also[also >= 0]]))
    couple = members.partner[known] >= 0
    of_person = draw_traits(people.iloc[known], couple, town, rng=stream(seed, "traits"))
    traits = of_person[np.searchsorted(known, person)]
    two = np.flatnonzero(also >= 0)
    traits[two] = (traits[two] + of_person[np.searchsorted(known, also[two])]) / 2
    return traits


def partners(people: pd.DataFrame, households: pd.DataFrame) -> Ints:
    """Return the partner that each person lives with as a couple, or -1.

    Parameters
    ----------
    people : pandas.DataFrame
        Sorted by household; adults come first, and the two of a couple or family are partners.
    households : pandas.DataFrame

    Returns
    -------
    ndarray of int
    """
    household = people["household"].to_numpy()
    paired = households["kind"].isin(("couple", "family")).to_numpy()
    first = np.flatnonzero(np.append(True, household[1:] != household[:-1]))
    older = first[paired[household[first]]]
    partner = np.full(len(people), -1, dtype=np.int64)
    partner[older], partner[older + 1] = older + 1, older
    return partner
