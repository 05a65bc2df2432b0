"""The description of a processing, as its holder states it in a TOML file.

Everything may be left out; a rule that needs what is not there is not assessable.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from privaudit.columns.headers import may_name_a_person
from privaudit.core.checks import kind_of
from privaudit.core.files import packaged_toml, read_toml
from privaudit.errors import ParameterError, SchemaError, did_you_mean
from privaudit.text.normalise import columns_named

ONLINE = ("email", "messaging", "social", "online_ad")


@dataclass(frozen=True)
class _Kind:
    """Kind of a field: a type, or one or several of some words."""

    type: type
    of: tuple[str, ...] = ()
    many: bool = False


@dataclass(frozen=True)
class Country:
    """A country: the days on which it was in the EEA, or held to protect data adequately."""

    code: str
    eea: tuple[tuple[datetime.date, datetime.date], ...] = ()
    adequate: tuple[tuple[datetime.date, datetime.date], ...] = ()
    listed: tuple[tuple[datetime.date, datetime.date], ...] = ()

    def on(self, day: datetime.date) -> str:
        """Return its standing on a day.

        Parameters
        ----------
        day : datetime.date

        Returns
        -------
        {"eea", "adequate", "listed", ""}
            "listed": adequate for the companies of a list only.
        """
        spans = {"eea": self.eea, "adequate": self.adequate, "listed": self.listed}
        return next((standing for standing, known in spans.items()
                     if any(first <= day <= last for first, last in known)), "")  # fmt: skip


def _countries() -> dict[str, Country]:
    """Return the countries with a standing, by their code."""
    spans: dict[str, dict[str, tuple[tuple[datetime.date, datetime.date], ...]]] = {}
    for standing, codes in packaged_toml("privaudit.rules", "packs/countries.toml").items():
        for code, days in codes.items():
            several = days if isinstance(days[0], list) else [days]
            spans.setdefault(code, {})[standing] = tuple(
                (first, last[0] if last else datetime.date.max) for first, *last in several
            )
    return {code: Country(code, **known) for code, known in spans.items()}


def _sections() -> dict[str, dict[str, _Kind]]:
    """Return the fields of each section."""
    kinds = {name: _Kind(str, tuple(words)) for name, words in _DATA["words"].items()}
    kinds |= {"text": _Kind(str), "texts": _Kind(str, many=True), "yes": _Kind(bool),
              "count": _Kind(int), "date": _Kind(datetime.date)}  # fmt: skip
    return {
        section: {
            key: kinds[kind] if isinstance(kind, str) else replace(kinds[kind[0]], many=True)
            for key, kind in fields.items()
        }
        for section, fields in _DATA["fields"].items()
    }


_DATA = packaged_toml("privaudit.rules", "sections.toml")
SECTIONS = _sections()
COUNTRIES = _countries()
# Words of each kind of purpose, the gravest kind first.
PURPOSES: dict[str, frozenset[str]] = {k: frozenset(v) for k, v in _DATA["purposes"].items()}
# First and last day on which a field, or a whole section, means something.
_KNOWN: dict[str, dict[str, datetime.date]] = _DATA["known"]
_LISTS = ("recipients", "processors", "segments", "controllers", "requests", "exhibits")
# Section, first date, and the date that cannot come before it.
_ORDER = (("breach", "known_at", "notified_at"), ("breach", "known_at", "people_told_at"))


@dataclass(frozen=True)
class Description:
    """A description of a processing.

    Parameters
    ----------
    sections : mapping
        Sections by name, as `SECTIONS` lists them; ``columns`` by column; ``recipients``,
        ``processors``, ``segments``, ``controllers``, ``requests`` and ``exhibits`` as lists.
    name : str
        Name of its source, for messages.
    """

    sections: Mapping[str, Any] = field(default_factory=dict)
    name: str = "description"

    def get(self, section: str, key: str) -> Any:
        """Return a value, or None where nothing is stated."""
        return self.sections.get(section, {}).get(key)

    def each(self, section: str) -> tuple[Mapping[str, Any], ...]:
        """Return the entries of a section that has several."""
        return tuple(self.sections.get(section, ()))

    @property
    def columns(self) -> Mapping[str, Mapping[str, Any]]:
        """Statements about each column, by its name."""
        columns: Mapping[str, Mapping[str, Any]] = self.sections.get("columns", {})
        return columns

    def for_columns(self, headers: Iterable[str]) -> Description:
        """Return this description under the names that the columns of a file have.

        Parameters
        ----------
        headers : iterable of str
            Names of the file's columns.

        Returns
        -------
        Description
        """
        headers, sections = list(headers), dict(self.sections)
        if "columns" in sections:
            names = columns_named(sections["columns"], headers)
            sections["columns"] = dict(zip(names, sections["columns"].values(), strict=True))
        if "people" in sections:
            names = columns_named(sections["people"].values(), headers)
            sections["people"] = dict(zip(sections["people"], names, strict=True))
        return replace(self, sections=sections)


def read_description(source: Any) -> Description:
    """Read a description from a TOML file or a mapping.

    Parameters
    ----------
    source : path, mapping or Description
        A TOML file, its sections, or a description that was read before.

    Returns
    -------
    Description

    Raises
    ------
    SchemaError
        No TOML, an unknown section or field, a value of another kind, or dates out of order; the
        line names where, never the content of a person's cell.

    Examples
    --------
    >>> read_description({"processing": {"channels": ["door_knock"]}}).get("processing", "channels")
    ['door_knock']
    >>> read_description({"procesing": {}})
    Traceback (most recent call last):
    privaudit.errors.SchemaError: description: needs sections that are known, but got 'procesing'. \
Did you mean 'processing'?
    """
    if isinstance(source, Description):
        return source
    if isinstance(source, Mapping):
        return _checked(dict(source), "description")
    if not isinstance(source, (str, os.PathLike)):
        do = "Give a TOML file or a mapping."
        raise ParameterError.of("check_rules", "a description", kind_of(source), do)
    return _checked(read_toml(source), Path(source).name)


def refuse_unknown_columns(described: Description, headers: Collection[str]) -> None:
    """Refuse a description that names a column of people which no file has.

    Parameters
    ----------
    described : Description
    headers : collection of str
        Of every file that is checked; none that may be a person's name is shown.

    Raises
    ------
    SchemaError

    Examples
    --------
    >>> described = read_description({"people": {"consent": "acord"}})
    >>> refuse_unknown_columns(described, ["nom", "accord"])
    Traceback (most recent call last):
    privaudit.errors.SchemaError: description: needs people.consent a column of the files, but got \
one that none of them has. Did you mean 'accord'?
    """
    for key, column in described.sections.get("people", {}).items():
        if columns_named([column], headers)[0] not in headers:
            public = [header for header in headers if not may_name_a_person(header)]
            needed, came = f"people.{key} a column of the files", "one that none of them has"
            do = did_you_mean(column, public)
            raise SchemaError.of(described.name, needed, came, do)


def refuse_other_dates(described: Description, days: Iterable[datetime.date]) -> None:
    """Refuse a description with a field that means nothing on any of the days.

    Parameters
    ----------
    described : Description
    days : iterable of datetime.date

    Raises
    ------
    SchemaError

    Examples
    --------
    >>> described = read_description({"accountability": {"record_19": True}})
    >>> refuse_other_dates(described, [datetime.date(2016, 11, 8)])
    Traceback (most recent call last):
    privaudit.errors.SchemaError: description: needs fields of 2016-11-08, but got \
accountability.record_19, which is known from 2024-03-20. Remove it, or add a day with --also.
    """
    days = list(days)
    for path, known in _KNOWN.items():
        section, _, key = path.partition(".")
        fields = described.sections.get(section, {})
        first = known.get("from", datetime.date.min)
        last = known.get("to", datetime.date.max)
        stated = key in fields if key else bool(fields)
        if stated and not any(first <= day <= last for day in days):
            bounds = [f"{word} {known[end]}" for word, end in (("from", "from"), ("until", "to"))
                      if end in known]  # fmt: skip
            raise SchemaError.of(
                described.name, f"fields of {', '.join(map(str, days))}",
                f"{path}, which is known {' '.join(bounds)}",
                "Remove it, or add a day with --also.",
            )  # fmt: skip


def _checked(sections: dict[str, Any], name: str) -> Description:
    """Return a description whose sections and fields are known and of their kind."""

    def refuse(needed: str, came: str, do: str = "") -> NoReturn:
        raise SchemaError.of(name, needed, came, do)

    for section, values in sections.items():
        if section not in SECTIONS:
            refuse("sections that are known", repr(section), did_you_mean(section, SECTIONS))
        for path, entry in _entries(section, values, refuse):
            for key, value in entry.items():
                if key not in SECTIONS[section]:
                    known = did_you_mean(key, SECTIONS[section])
                    refuse(f"fields of {path} that are known", repr(key), known)
                _check_value(f"{path}.{key}", SECTIONS[section][key], value, refuse)
    for section, first, then in _ORDER:
        early, late = (sections.get(section, {}).get(key) for key in (first, then))
        if early and late and late < early:
            refuse(f"{section}.{first} before {section}.{then}", "the reverse")
    return Description(sections, name)


def _entries(
    section: str, values: Any, refuse: Callable[..., NoReturn]
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return each table of a section with its path."""
    if section in _LISTS:
        if not isinstance(values, list) or not all(isinstance(entry, Mapping) for entry in values):
            refuse(f"[[{section}]]", f"[{section}]")
        return [(f"{section} {k + 1}", entry) for k, entry in enumerate(values)]
    if not isinstance(values, Mapping):
        refuse(f"a section [{section}]", kind_of(values))
    if section == "columns":
        if not all(isinstance(entry, Mapping) for entry in values.values()):
            refuse("[columns.NAME] for each column", "a value")
        return [(f"columns.{column}", entry) for column, entry in values.items()]
    return [(section, values)]


def _check_value(path: str, kind: _Kind, value: Any, refuse: Callable[..., NoReturn]) -> None:
    """Refuse a value that is not of the kind of its field."""
    values = value if kind.many else [value]
    if not isinstance(values, list):
        refuse(f"a list as {path}", kind_of(value))
    for item in values:
        right = isinstance(item, kind.type) and (kind.type is bool or not isinstance(item, bool))
        if not right or (kind.type is datetime.date and isinstance(item, datetime.datetime)):
            known = {bool: "true or false", int: "a whole number", str: "text"}
            wanted = known.get(kind.type, "a date such as 2016-09-02, without quotes")
            refuse(f"{wanted} as {path}", kind_of(item))
        if kind.type is int and item < 0:
            refuse(f"0 or more as {path}", "less")
        if kind.of and item not in kind.of:
            needed = f"{path} among {', '.join(kind.of)}"
            refuse(needed, "another word", did_you_mean(str(item), kind.of))
