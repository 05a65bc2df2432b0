"""The description of a processing: what its holder says of it, read from a TOML file and checked.

Everything may be left out; a rule that needs what is not there is not assessable."""

from __future__ import annotations

import datetime
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from privaudit.columns.headers import may_name_somebody
from privaudit.core.checks import did_you_mean, error_message, kind_of
from privaudit.core.files import read_toml
from privaudit.errors import ParameterError, SchemaError
from privaudit.text.column_names import columns_named

CHANNELS = (
    "door_knock", "post", "phone", "sms", "email", "messaging", "social", "online_ad",
)  # fmt: skip
ONLINE = ("email", "messaging", "social", "online_ad")
CONTROLLERS = ("candidate", "party", "association", "elected", "vendor", "other")
SOURCES = (
    "direct", "indirect", "inferred", "electoral_list", "directory", "social", "rented",
)  # fmt: skip
BASES = (
    "consent", "legitimate_interest", "contract", "legal_obligation", "public_interest",
    "manifestly_public", "regular_contact", "none",
)  # fmt: skip
ROLES = (
    "elected", "candidate", "party_officer", "staff", "financing_agent", "processor", "volunteer",
    "any_account", "public", "partner",
)  # fmt: skip


@dataclass(frozen=True)
class _Kind:
    """What a field takes: a type, or one or several of some words."""

    type: type
    of: tuple[str, ...] = ()
    many: bool = False


_TEXT, _YES, _DATE = _Kind(str), _Kind(bool), _Kind(datetime.date)
_TEXTS, _COUNT = _Kind(str, many=True), _Kind(int)
SECTIONS: dict[str, dict[str, _Kind]] = {
    "processing": {
        "name": _TEXT, "purpose": _TEXTS, "political": _YES, "election_date": _DATE,
        "channels": _Kind(str, CHANNELS, many=True), "started_at": _DATE,
        "collected_for": _TEXT,
    },
    "controller": {"type": _Kind(str, CONTROLLERS), "name": _TEXT},
    "columns": {
        "source": _Kind(str, SOURCES), "legal_basis": _Kind(str, BASES), "collected_at": _DATE,
        "collected_for": _TEXT, "by_matching": _YES, "used_for": _TEXTS, "public_setting": _YES,
        "proof": _YES,
    },
    "people": {
        "contact_class": _TEXT, "consent": _TEXT, "consent_at": _TEXT, "consent_proof": _TEXT,
        "informed_at": _TEXT, "objected_at": _TEXT, "first_message_at": _TEXT,
        "last_contact_at": _TEXT, "messages": _TEXT, "source": _TEXT, "replied": _TEXT,
        "birth_date": _TEXT, "last_name": _TEXT,
    },
    "messages": {
        "origin_stated": _YES, "opt_out_offered": _YES, "identity_stated": _YES,
        "most_per_person": _COUNT, "recipients_visible": _YES,
    },
    "recipients": {
        "role": _Kind(str, ROLES), "n": _COUNT, "authenticated": _YES, "vetted": _YES,
        "scope": _TEXT,
    },
    "retention": {
        "prospects_days": _COUNT, "end_of_ballot": _YES, "regular_days": _COUNT,
        "other_use_consent": _YES,
    },
    "processors": {"name": _TEXT, "country": _TEXT, "contract": _YES},
    "security": {
        "authentication": _YES, "encryption": _YES, "export_control": _YES, "access_log": _YES,
    },
    "accountability": {
        "dpia": _YES, "dpo": _YES, "record_art30": _YES, "balancing_test": _YES,
    },
    "information": {
        "identity": _YES, "purpose": _YES, "legal_basis": _YES, "retention": _YES, "rights": _YES,
        "complaint": _YES, "origin": _YES,
    },
    "segments": {
        "name": _TEXT, "columns": _TEXTS, "channel": _Kind(str, CHANNELS), "under_17": _YES,
        "consent": _YES, "by_name": _YES,
    },
    "decisions": {"automated": _YES, "human_step": _YES},
    "breach": {"known_at": _DATE, "notified_at": _DATE, "people_told_at": _DATE},
    "electoral_list": {"undertaking": _YES, "commercial_use": _YES},
}  # fmt: skip
_LISTS = ("recipients", "processors", "segments")
# Dates that cannot come before others.
_ORDER = (("breach", "known_at", "notified_at"), ("breach", "known_at", "people_told_at"))


@dataclass(frozen=True)
class Description:
    """What is said of a processing.

    Parameters
    ----------
    told : mapping
        Sections by name, as `SECTIONS` lists them; ``columns`` by column, ``recipients``,
        ``processors`` and ``segments`` one after the other.
    name : str
        Where it came from, for messages.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    name: str = "description"

    def get(self, section: str, key: str) -> Any:
        """Return what is said, or None where nothing is."""
        return self.told.get(section, {}).get(key)

    def each(self, section: str) -> tuple[Mapping[str, Any], ...]:
        """Return the entries of a section that has several."""
        return tuple(self.told.get(section, ()))

    @property
    def columns(self) -> Mapping[str, Mapping[str, Any]]:
        """What is said of each column, by its name."""
        columns: Mapping[str, Mapping[str, Any]] = self.told.get("columns", {})
        return columns

    def for_columns(self, headers: Iterable[str]) -> Description:
        """Return this description under the names that the columns of a file have."""
        have, told = list(headers), dict(self.told)
        if "columns" in told:
            names = columns_named(told["columns"], have)
            told["columns"] = dict(zip(names, told["columns"].values(), strict=True))
        if "people" in told:
            named = columns_named(told["people"].values(), have)
            told["people"] = dict(zip(told["people"], named, strict=True))
        return replace(self, told=told)


def read_description(source: Any) -> Description:
    """Read a description: a TOML file, its sections as a mapping, or one that was read before.

    Raises
    ------
    SchemaError
        No TOML, an unknown section or field, a value of another kind, or dates out of order; the
        line names where, never what a person's cell holds.

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
        raise ParameterError(error_message("check_rules", "a description", kind_of(source), do))
    return _checked(read_toml(source), Path(source).name)


def refuse_unknown_columns(told: Description, headers: Collection[str]) -> None:
    """Refuse a description that names a column of people which no file has.

    - `headers`: Of every file that is held against it; none that may be somebody's name is said.

    Raises
    ------
    SchemaError

    Examples
    --------
    >>> told = read_description({"people": {"consent": "acord"}})
    >>> refuse_unknown_columns(told, ["nom", "accord"])
    Traceback (most recent call last):
    privaudit.errors.SchemaError: description: needs people.consent a column of the files, but got \
one that none of them has. Did you mean 'accord'?
    """
    for key, column in told.told.get("people", {}).items():
        if columns_named([column], headers)[0] not in headers:
            able = [header for header in headers if not may_name_somebody(header)]
            needed, came = f"people.{key} a column of the files", "one that none of them has"
            raise SchemaError(error_message(told.name, needed, came, did_you_mean(column, able)))


def _checked(told: dict[str, Any], name: str) -> Description:
    for section, values in told.items():
        if section not in SECTIONS:
            hint = did_you_mean(section, SECTIONS)
            raise SchemaError(error_message(name, "sections that are known", repr(section), hint))
        for where, entry in _entries(name, section, values):
            for key, value in entry.items():
                _one(name, where, section, key, value)
    for section, first, then in _ORDER:
        early, late = (told.get(section, {}).get(key) for key in (first, then))
        if early and late and late < early:
            raise SchemaError(
                error_message(name, f"{section}.{first} before {section}.{then}", "the reverse")
            )
    return Description(told, name)


def _entries(name: str, section: str, values: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Return each table of a section with where it stands."""
    if section in _LISTS:
        if not isinstance(values, list) or not all(isinstance(one, Mapping) for one in values):
            raise SchemaError(error_message(name, f"[[{section}]]", f"[{section}]"))
        return [(f"{section} {k + 1}", one) for k, one in enumerate(values)]
    if not isinstance(values, Mapping):
        raise SchemaError(error_message(name, f"a section [{section}]", kind_of(values)))
    if section == "columns":
        if not all(isinstance(one, Mapping) for one in values.values()):
            raise SchemaError(error_message(name, "[columns.NAME] for each column", "a value"))
        return [(f"columns.{column}", one) for column, one in values.items()]
    return [(section, values)]


def _one(name: str, where: str, section: str, key: str, value: Any) -> None:
    kinds = SECTIONS[section]
    if key not in kinds:
        raise SchemaError(error_message(name, f"fields of {where} that are known", repr(key),
                              did_you_mean(key, kinds)))  # fmt: skip
    kind = kinds[key]
    values = value if kind.many else [value]
    if not isinstance(values, list):
        raise SchemaError(error_message(name, f"a list as {where}.{key}", kind_of(value)))
    for one in values:
        right = isinstance(one, kind.type) and (kind.type is bool or not isinstance(one, bool))
        if kind.type is datetime.date:
            right = isinstance(one, datetime.date) and not isinstance(one, datetime.datetime)
        if not right:
            known = {bool: "true or false", int: "a whole number", str: "text"}
            wanted = known.get(kind.type, "a date such as 2016-09-02, without quotes")
            raise SchemaError(error_message(name, f"{wanted} as {where}.{key}", kind_of(one)))
        if kind.type is int and one < 0:
            raise SchemaError(error_message(name, f"0 or more as {where}.{key}", "less"))
        if kind.of and one not in kind.of:
            hint = did_you_mean(str(one), kind.of)
            needed = f"{where}.{key} among {', '.join(kind.of)}"
            raise SchemaError(error_message(name, needed, "another word", hint))
