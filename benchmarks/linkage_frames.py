"""Accounts and a register whose truth is known: names in every form, some of nobody listed."""

import numpy as np
import pandas as pd

from privaudit.simulation.population import draw_first_names, draw_surname_ranks, surname
from privaudit.text.normalise import PET_NAMES

# How the accounts name themselves, each with its share; "other" is a handle or an invented name.
FORMS = {
    "civil": 0.50, "plain": 0.10, "short": 0.10, "birth": 0.05, "both names": 0.03,
    "initial": 0.05, "last initial": 0.05, "turned": 0.03, "slip": 0.04, "other": 0.05,
}  # fmt: skip
_PETS = {full: pet for pet, fulls in PET_NAMES.items() for full in fulls}
_ACCENTS = str.maketrans("àâäçéèêëîïôöùûüÉÈÊÎÔ", "aaaceeeeiioouuuEEEIO")


def draw_people(n, concentration, rng, surnames=None):
    """Adults of a town; `concentration` of them bear one of 40 names of the place.

    With `surnames`, everybody bears one of so many.
    """
    sex = rng.choice(["F", "M"], n)
    year = rng.integers(1926, 1998, n)
    rank = draw_surname_ranks(n, rng=rng)
    local = rng.random(n) < concentration
    weight = 1 / np.arange(1, 41)
    rank[local] = 1_000 + 37 * rng.choice(40, int(local.sum()), p=weight / weight.sum())
    if surnames is not None:
        rank %= surnames
    birth = np.where((sex == "F") & (rng.random(n) < 0.5), draw_surname_ranks(n, rng=rng), rank)
    if surnames is not None:
        birth %= surnames
    return pd.DataFrame(
        {
            "first_name": draw_first_names(sex, year, rng=rng),
            "last_name": surname(rank),
            "birth_name": surname(birth),
            "birth_year": year,
        }
    )


def _slip(name, rng):
    at, how = int(rng.integers(1, max(len(name) - 1, 2))), rng.integers(3)
    if how == 0:
        return name[:at] + name[at + 1 :]
    if how == 1:
        return name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]
    return name[:at] + "abcdefghilmnoprstu"[int(rng.integers(18))] + name[at + 1 :]


def _shown(form, person, rng):
    first, last, birth = person.first_name, person.last_name, person.birth_name
    if form == "plain":
        first, last = first.translate(_ACCENTS).replace("-", " "), last.translate(_ACCENTS)
    if form == "short":
        plain = first.translate(_ACCENTS).lower().replace("-", "")
        first = _PETS.get(plain, first.split("-")[0][:4]).capitalize()
    if form == "birth":
        last = birth
    if form == "both names":
        last = f"{birth} {last}" if birth != last else last
    if form == "initial":
        first = first[0]
    if form == "last initial":
        last = f"{last[0]}."
    if form == "slip":
        last = _slip(last, rng)
    if form == "turned":
        return f"{last.upper() if rng.random() < 0.5 else last} {first}"
    if form == "other":
        return f"pixel{rng.integers(1, 1000)}"
    return f"{first} {last}"


def _email(person, rng):
    first, last = (
        text.translate(_ACCENTS).lower().replace(" ", "").replace("-", "")
        for text in (person.first_name, person.last_name)
    )
    return (
        f"{first}.{last}@courriel.example",
        f"{first[0]}{last}{person.birth_year % 100:02d}@courriel.example",
        f"{first}.jazz{rng.integers(1, 99)}@courriel.example",
        f"lune{rng.integers(1, 999)}@courriel.example",
    )[int(rng.integers(4))]


def frames(
    accounts, entries, *, concentration=0.0, unlisted=0.25, emails=0.3, surnames=None, seed=1
):
    """Return accounts, a register, and which entry each account is (-1 nobody listed).

    A share `unlisted` of the accounts is of people who are not in the register, drawn from the
    same town, and one in twenty-five bears an invented name.
    """
    rng = np.random.default_rng(seed)
    outside = round(entries * unlisted / (1 - unlisted))
    people = draw_people(entries + outside, concentration, rng, surnames)
    order = rng.permutation(len(people))
    entry_of = np.full(len(people), -1)
    entry_of[order[:entries]] = np.arange(entries)
    register = people.iloc[order[:entries]].reset_index(drop=True)
    owner = rng.choice(len(people), accounts, replace=False)
    form = rng.choice(list(FORMS), accounts, p=list(FORMS.values()))
    fake = rng.random(accounts) < 0.04
    invented = draw_people(accounts, concentration, rng, surnames)
    rows, truth = [], np.where(fake, -1, entry_of[owner])
    invented, owners = (list(f.itertuples()) for f in (invented, people.iloc[owner]))
    for i in range(accounts):
        person = invented[i] if fake[i] else owners[i]
        email = _email(person, rng) if rng.random() < emails else ""
        rows.append((_shown(form[i], person, rng), email))
    frame = pd.DataFrame(rows, columns=["display_name", "email"]).astype("str")
    return frame, register, truth, np.where(fake, "invented", form)


__all__ = ["FORMS", "draw_people", "frames"]
