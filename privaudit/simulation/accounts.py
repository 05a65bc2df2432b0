"""Accounts on a social network, and the names that they display."""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.arrays import Bools, Ints
from privaudit.simulation.names import draw_first_names, draw_surname_ranks, surname
from privaudit.simulation.town import Town
from privaudit.text.normalise import unaccented

__all__ = ["draw_accounts", "write_email"]

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
