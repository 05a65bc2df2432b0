"""The social network of a town: accounts, pages, and what is done with them.

- Accounts on a social network, and the names that they display.
- Somebody's own likes and pages, checked and read, for a town whose people stay fictional.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from privaudit.core.cache import fingerprint
from privaudit.core.checks import Bools, Ints, an_instance, columns_present, error_message
from privaudit.core.progress import stream
from privaudit.errors import ParameterError, SchemaError
from privaudit.simulation.interactions import (
    FIRST_DAY,
    KINDS,
    PAGE_KINDS,
    SIDES,
    Acts,
    Meetings,
    Pages,
    Tastes,
    candidate_pages,
    draw_candidate_acts,
    draw_ordinary_acts,
    draw_pages,
    draw_political_likes,
    draw_traits,
    of_candidate,
    zipf_shares,
)
from privaudit.simulation.names import draw_first_names, draw_surname_ranks, surname
from privaudit.simulation.town import Town
from privaudit.text.normalise import unaccented

# Chance of an account by age: nobody under 13, over nine in ten at 18-24; 56 % of people were
# on a social network in France in 2016 (Baromètre du numérique; 31 M on Facebook, May 2016).
_AGES = (13, 16, 18, 24, 35, 50, 65, 80, 95)
_CHANCE = (0.40, 0.80, 0.92, 0.92, 0.76, 0.52, 0.31, 0.12, 0.03)
# How accounts name themselves, fake and shared ones apart (scenario).
_FORMS = ("civil", "nickname", "birth", "initial", "handle", "pseudonym")
_SHARES = (0.62, 0.15, 0.05, 0.08, 0.07, 0.03)
_SHORT = {
    "Alexandre": "Alex", "Anthony": "Antho", "Benjamin": "Ben", "Catherine": "Cathy",
    "Christophe": "Chris", "Dominique": "Dom", "Élisabeth": "Babeth", "Emmanuel": "Manu",
    "Florian": "Flo", "Frédéric": "Fred", "Grégory": "Greg", "Isabelle": "Isa",
    "Jacqueline": "Jackie", "Laurence": "Lolo", "Ludovic": "Ludo", "Maxime": "Max",
    "Michel": "Mich", "Mélanie": "Mel", "Nathalie": "Nath", "Nicolas": "Nico", "Patrick": "Pat",
    "Philippe": "Phil", "Sandrine": "Sandy", "Sébastien": "Seb", "Stéphane": "Steph",
    "Stéphanie": "Steph", "Thomas": "Tom", "Valérie": "Val", "Véronique": "Véro",
    "Vincent": "Vince",
}  # fmt: skip
_HANDLES = ("lune", "loup", "soleil", "chat", "tigre", "pixel", "velo", "jazz", "cactus", "moka")


def draw_accounts(
    people: pd.DataFrame,
    town: Town,
    *,
    partner: Ints,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, Ints]:
    """Draw who has one account or two, and the name that each displays.

    Parameters
    ----------
    people : pandas.DataFrame
        Columns age, sex, first_name, last_name, birth_name, birth_date.
    town : Town
        Shares of fake, duplicate and shared accounts.
    partner : ndarray of int
        The partner of each person, or -1.
    rng : numpy.random.Generator

    Returns
    -------
    accounts : pandas.DataFrame
        account, person, display_name, email, city_shown, aligned; in random order, so that the
        number of an account reveals nothing of its person.
    also : ndarray of int
        The second person behind each account, or -1.
    """
    age = people["age"].to_numpy()
    chance = np.where(age < 13, 0.0, np.interp(age, _AGES, _CHANCE))
    has = rng.random(len(age)) < chance
    again = has & (rng.random(len(age)) < town.duplicate_accounts / (1 - town.duplicate_accounts))
    person = rng.permutation(np.concatenate([np.flatnonzero(has), np.flatnonzero(again)]))
    fake = rng.random(len(person)) < town.fake_accounts
    could = (partner[person] >= 0) & ~fake
    often = min(1.0, town.shared_accounts * len(person) / max(int(could.sum()), 1))
    shared = could & (rng.random(len(person)) < often)
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
    return accounts, also


def _names(
    people: pd.DataFrame,
    person: Ints,
    also: Ints,
    fake: Bools,
    rng: np.random.Generator,
) -> tuple[list[str], list[str]]:
    """Return the display name and the e-mail address of each account."""
    n = len(person)
    owner = people.iloc[person]
    first, last = owner["first_name"].to_list(), owner["last_name"].to_list()
    birth = owner["birth_name"].to_list()
    other = people["first_name"].iloc[np.maximum(also, 0)].to_list()
    year = owner["birth_date"].dt.year.to_list()
    form = rng.choice(_FORMS, n, p=_SHARES).astype("<U9")
    # An invented name has the form of a civil one.
    form[fake] = "civil"
    form[also >= 0] = "couple"
    new_last = surname(draw_surname_ranks(n, rng=rng))
    new_first = draw_first_names(owner["sex"].to_numpy(dtype=str), np.array(year), rng=rng)
    plain = rng.random(n) < 0.15
    word, digits = rng.integers(len(_HANDLES), size=n), rng.integers(1, 1_000, n)
    pattern = rng.integers(4, size=n)
    shown, email = [], []
    for i in range(n):
        given, family = (new_first[i], new_last[i]) if fake[i] else (first[i], last[i])
        handle = f"{_HANDLES[word[i]]}{digits[i]}"
        if form[i] == "pseudonym":
            name = f"{new_first[i]} {_HANDLES[word[i]].capitalize()}"
        elif form[i] == "couple":
            name = f"{given} et {other[i]} {family}"
        else:
            name = _display(form[i], given, family, birth[i], handle)
        shown.append(unaccented(name) if plain[i] else name)
        email.append(write_email(given, family, year[i], handle, pattern[i]))
    return shown, email


def write_email(first: str, last: str, birth_year: int, handle: str, pattern: int) -> str:
    """Write an e-mail address, at a domain that cannot exist.

    Pattern 0 is first.last, 1 the initial and the year of birth, 2 the first name and the
    handle, 3 the handle alone.

    Examples
    --------
    >>> write_email("Éric", "Meyer", 1971, "jazz7", 0)
    'eric.meyer@courriel.example'
    """
    a, b = (unaccented(text).lower().replace(" ", "") for text in (first, last))
    local = (f"{a}.{b}", f"{a[0]}{b}{birth_year % 100:02d}", f"{a}.{handle}", handle)[pattern]
    return f"{local}@courriel.example"


def _display(form: str, first: str, last: str, birth: str, handle: str) -> str:
    if form == "nickname":
        return f"{_SHORT.get(first, first.split('-')[0][:4])} {last}"
    if form == "birth":
        return f"{first} {birth}"
    if form == "initial":
        return f"{first} {last[0]}."
    if form == "handle":
        return handle
    return f"{first} {last}"


_YEARS = (1990, 2080)
# Kinds of pages that stand for a side, and those that cannot.
_OF_A_SIDE, _OF_NONE = ("partisan", "candidate"), ("generic",)


def own_pages(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Index]:
    """Check somebody's own pages.

    - `frame`: Columns page (id), kind, side and topic; what is left out is generic, "" and "".
    - returns `pages`: kind, side, topic, in the order given, with what candidates have for every
      side that has no page of its own.
    - returns `ids`: The ids of the rows of the frame.
    """
    who = "simulate(pages=)"
    ids = _ids(who, _frame(who, frame, ("page",)), "page")
    twice = int(ids.duplicated().sum())
    if twice:
        _refuse(who, "each page once", twice, len(ids), "repeat one", "Drop them.")
    pages = pd.DataFrame(
        {
            "kind": _words(who, frame, "kind", PAGE_KINDS, "generic"),
            "side": _words(who, frame, "side", ("", *SIDES), ""),
            "topic": _words(who, frame, "topic", None, ""),
        }
    )
    sided = (pages["side"] != "").to_numpy()
    lacks = int((pages["kind"].isin(_OF_A_SIDE).to_numpy() & ~sided).sum())
    if lacks:
        _refuse(who, "a side for each partisan and candidate page", lacks, len(ids), "have none")
    much = int((pages["kind"].isin(_OF_NONE).to_numpy() & sided).sum())
    if much:
        do = "Call them partisan or candidate."
        _refuse(who, "generic pages without a side", much, len(ids), "have one", do)
    has = [side for side in SIDES if of_candidate(pages, side).any()]
    others = candidate_pages()
    others = others[~others["side"].isin(has)]
    return pd.concat([pages, others], ignore_index=True), pd.Index(ids)


def own_acts(
    frame: pd.DataFrame, ids: pd.Index | None, accounts: int, *, rng: np.random.Generator
) -> tuple[Acts, pd.DataFrame | None]:
    """Check somebody's own interactions, and deal their accounts to those of the town at random.

    - `frame`: Columns account and page (ids), time, and kind, which is like where left out.
    - `ids`: The ids of the pages; None where no pages were given.
    - `accounts`: How many the town has. Nobody learns which is which.
    - returns `pages`: kind, side, topic of the pages, where none were given.
    """
    who = "simulate(interactions=)"
    _frame(who, frame, ("account", "page", "time"))
    account, names = pd.factorize(_ids(who, frame, "account"), sort=True)
    if len(names) > accounts:
        needed, do = f"at most {accounts:,} accounts, as the town has", "Town(inhabitants=...)"
        raise ParameterError(
            error_message(who, needed, f"{len(names):,}", f"Take a larger town: {do}.")
        )
    page, pages = _pages_of(who, _ids(who, frame, "page"), ids)
    kind = pd.Categorical(_words(who, frame, "kind", KINDS, "like"), categories=list(KINDS)).codes
    second = _seconds(who, frame["time"])
    dealt = rng.permutation(accounts)
    return Acts.in_order(dealt[account], page, kind.astype(np.int64), second), pages


def _pages_of(who: str, named: pd.Series, ids: pd.Index | None) -> tuple[Ints, pd.DataFrame | None]:
    if ids is None:
        page, found = pd.factorize(named, sort=True)
        plain = {"kind": "generic", "side": "", "topic": ""}
        made = pd.DataFrame(plain, index=range(len(found))).astype("str")
        return page, pd.concat([made, candidate_pages()], ignore_index=True)
    page = ids.get_indexer(pd.Index(named))
    lost = int((page < 0).sum())
    if lost:
        needed, do = "pages that stand in the frame of pages", "Write ids alike in both frames."
        _refuse(who, needed, lost, len(page), "name another", do)
    return page, None


def _frame(who: str, frame: Any, columns: tuple[str, ...]) -> pd.DataFrame:
    do = f"Columns: {', '.join(columns)}."
    found: pd.DataFrame = an_instance(who, "it", frame, pd.DataFrame, do)
    columns_present(who, "column", columns, frame.columns, "the frame")
    if frame.empty:
        raise SchemaError(error_message(who, "at least one row", "none"))
    return found


def _ids(who: str, frame: pd.DataFrame, name: str) -> pd.Series:
    """Ids are whole numbers or text, all of them."""
    values = frame[name].reset_index(drop=True)
    blank = values.isna()
    if values.dtype == object or isinstance(values.dtype, (pd.StringDtype, pd.CategoricalDtype)):
        values = values.astype(object)
        text = np.array([isinstance(value, str) for value in values])
        blank |= np.array([isinstance(value, str) and not value.strip() for value in values])
        odd = int((~text & ~blank.to_numpy()).sum())
    else:
        odd = 0 if pd.api.types.is_integer_dtype(values.dtype) else int((~blank).sum())
    if blank.any():
        _refuse(who, f"a value of '{name}' in each row", int(blank.sum()), len(values), "are blank")
    if odd:
        needed = f"'{name}' as whole numbers or as text"
        _refuse(who, needed, odd, len(values), "are neither, or mixed")
    return values


def _words(
    who: str, frame: pd.DataFrame, name: str, known: tuple[str, ...] | None, default: str
) -> pd.Series:
    if name not in frame.columns:
        return pd.Series(default, index=range(len(frame)), dtype="str")
    columns_present(who, "column", (name,), frame.columns, "the frame")
    found = frame[name].reset_index(drop=True).fillna(default).astype("str")
    if known is not None:
        odd = int((~found.isin(known)).sum())
        if odd:
            needed = f"'{name}' one of {', '.join(map(repr, known))}"
            _refuse(who, needed, odd, len(found), "are none of them")
    return found


def _seconds(who: str, time: pd.Series) -> Ints:
    """Seconds since the first day; times with a zone in universal time."""
    needed = "'time' as dates, such as '2016-08-30 20:10'"
    if pd.api.types.is_numeric_dtype(time.dtype):
        raise SchemaError(error_message(who, needed, "numbers", "Use pandas.to_datetime."))
    read = pd.to_datetime(time, errors="coerce", format="ISO8601", utc=True)
    odd = int(read.isna().sum())
    if odd:
        _refuse(who, needed, odd, len(time), "are blank or cannot be read")
    far = int((~read.dt.year.between(*_YEARS)).sum())
    if far:
        first, last = _YEARS
        _refuse(who, f"times from {first} to {last}", far, len(time), "are of another year")
    moment = read.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    return np.asarray((moment - FIRST_DAY).astype(np.int64))


def _refuse(who: str, needed: str, odd: int, of: int, are: str, do: str = "") -> None:
    raise SchemaError(error_message(who, needed, f"{odd:,} of {of:,} rows that {are}", do))


_READ = ("account", "page", "kind", "time", "side", "topic")


@dataclass(frozen=True, eq=False)
class Brought:
    """Interactions and pages that somebody brings along, or None."""

    interactions: pd.DataFrame | None = None
    pages: pd.DataFrame | None = None

    def recipe(self) -> dict[str, Any]:
        """Say how many rows they have, and their fingerprint."""
        given = {"interactions": self.interactions, "pages": self.pages}
        return {name: _said(frame) for name, frame in given.items()}


def _said(frame: pd.DataFrame | None) -> dict[str, Any] | None:
    """Rows and fingerprint of the columns that are read, whatever types they are of."""
    if frame is None:
        return None
    read = [name for name in _READ if name in frame.columns]
    plain = pd.DataFrame({name: frame[name].astype("str").array for name in read})
    return {"rows": len(frame), "fingerprint": fingerprint(plain)}


@dataclass(frozen=True, eq=False)
class Members:
    """Accounts; `also`, the second person behind each, or -1; `partner` of each person, or -1."""

    accounts: pd.DataFrame
    also: Ints
    partner: Ints


def draw_members(
    people: pd.DataFrame, households: pd.DataFrame, town: Town, *, seed: int
) -> Members:
    """Draw who has an account."""
    partner = _partners(people, households)
    rng = stream(seed, "accounts")
    accounts, also = draw_accounts(people, town, partner=partner, rng=rng)
    return Members(accounts, also, partner)


def draw_network(
    town: Town,
    people: pd.DataFrame,
    members: Members,
    *,
    brought: Brought,
    ordinary: bool,
    workers: int,
    seed: int,
) -> tuple[Pages, Acts]:
    """Draw pages and what accounts do with them, or take what somebody brings.

    Brought interactions stand for all that accounts do, candidates too where one of them has a
    page among the brought ones; else what is done with candidates is drawn, as ever.

    - `ordinary`: False leaves out what is done with pages that are no candidate's.
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
    meetings = Meetings.fitted(traits, likes, pages, slope=town.page_slope)
    rng = stream(seed, "likes")
    return pages, draw_ordinary_acts(traits, likes, meetings, candidates, workers=workers, rng=rng)


def _most(pages: Pages) -> float:
    """Nobody likes more than half of what there is."""
    return max(1.0, int((pages.popularity > 0).sum()) / 2)


def _pages(town: Town, own: pd.DataFrame | None, seed: int) -> Pages:
    if own is None:
        ordinary = np.ones(town.pages, dtype=bool)
    else:
        ordinary = ~of_candidate(own)
    popularity = np.zeros(len(ordinary))
    if ordinary.any():
        popularity[ordinary] = zipf_shares(
            int(ordinary.sum()), town.popularity, town.top_reach / town.mean_likes
        )
    return draw_pages(
        popularity,
        partisan=town.partisan_pages,
        political_sd=town.page_political_sd,
        partisan_position=town.partisan_position,
        given=own,
        rng=stream(seed, "pages"),
    )


def _candidates(
    town: Town, people: pd.DataFrame, members: Members, pages: Pages, seed: int
) -> Acts:
    owner = people.iloc[members.accounts["person"].to_numpy()]
    likes = draw_political_likes(
        owner["leaning"].to_numpy(dtype=str),
        members.accounts["aligned"].to_numpy(),
        owner["age"].to_numpy(),
        reach=town.candidate_reach,
        own_side=town.own_side,
        no_party=town.no_party_likers,
        rng=stream(seed, "political likes"),
    )
    return draw_candidate_acts(likes, pages, rng=stream(seed, "what candidates get"))


def _traits(
    town: Town, people: pd.DataFrame, members: Members, seed: int
) -> npt.NDArray[np.float32]:
    """Place accounts: where their person stands, a couple's in the middle."""
    person, also = members.accounts["person"].to_numpy(), members.also
    known = np.unique(np.concatenate([person, also[also >= 0]]))
    who = people.iloc[known]
    tastes = Tastes(
        leaning=who["leaning"].to_numpy(dtype=str),
        age=who["age"].to_numpy(),
        sex=who["sex"].to_numpy(dtype=str),
        couple=members.partner[known] >= 0,
        interest=who["interest"].to_numpy(dtype=str),
        correlation=(town.age_in_taste, town.sex_in_taste, town.couple_in_taste),
        label_noise=town.label_noise,
    )
    of_person = draw_traits(tastes, rng=stream(seed, "traits"))
    traits = of_person[np.searchsorted(known, person)]
    two = np.flatnonzero(also >= 0)
    traits[two] = (traits[two] + of_person[np.searchsorted(known, also[two])]) / 2
    return traits


def _partners(people: pd.DataFrame, households: pd.DataFrame) -> Ints:
    """Return the person whom each one lives with as a couple, or -1."""
    household = people["household"].to_numpy()
    paired = np.isin(households["kind"].to_numpy(dtype=str), ("couple", "family"))
    # Adults stand first in their household.
    first = np.flatnonzero(np.append(True, household[1:] != household[:-1]))
    one = first[paired[household[first]]]
    partner = np.full(len(people), -1, dtype=np.int64)
    partner[one], partner[one + 1] = one + 1, one
    return partner
