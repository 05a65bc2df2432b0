"""Dated packs of rules: data files that say which rule holds from which day, by which text."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from privaudit.errors import ParameterError, SchemaError
from privaudit.rules.checks import CHECKS
from privaudit.words.catalogues import LANGUAGES

PACKS = ("FR-2016", "EU-2018", "EU-2025")
# Verdicts of a rule that fires, gravest first.
GRAVITIES = ("breach", "concern")
_FIELDS: dict[str, type] = {
    "id": str, "title": dict, "source": str, "point": str, "valid_from": datetime.date,
    "confidence": str, "verdict": str, "to_verify": bool, "remedy": dict,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule of a pack.

    Parameters
    ----------
    id : str
        R01 to R28, or H1; the check of that id tests it.
    pack : str
    title, remedy : mapping of str to str
        By language.
    source, point : str
        The text, and where in it.
    source_fr, point_fr : str
        The same for a French reader, where it is not the same.
    valid_from : datetime.date
    valid_to : datetime.date, optional
        The last day; None while it holds.
    confidence : str
        Confidence that the source says this: C, C-part, M-high, M-low, press reading.
    verdict : {"breach", "concern"}
        Verdict when the rule fires.
    to_verify : bool
        Whether a person must still read the source.
    """

    id: str
    pack: str
    title: Mapping[str, str]
    remedy: Mapping[str, str]
    source: str
    point: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    confidence: str
    verdict: str
    to_verify: bool
    source_fr: str = ""
    point_fr: str = ""

    def where(self, lang: str) -> str:
        """Return the source and the place in it, for a reader of a language."""
        own = lang == "fr"
        source = (own and self.source_fr) or self.source
        point = (own and self.point_fr) or self.point
        return f"{source}, {point}" if point else source


def pack_of(text: str, name: str) -> tuple[Rule, ...]:
    """Read a pack.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        Name of the pack, for messages.

    Returns
    -------
    tuple of Rule

    Raises
    ------
    SchemaError
        An entry is broken; the line names it by its id.
    """
    try:
        entries = tomllib.loads(text).get("rule", [])
    except tomllib.TOMLDecodeError as error:
        raise _refused(name, "TOML", str(error).rpartition("(")[2]) from None
    rules = [_rule(entry, name, place) for place, entry in enumerate(entries)]
    if not rules:
        raise _refused(name, "[[rule]] entries", "none")
    for k, rule in enumerate(rules):
        if any(other.id == rule.id and _overlap(rule, other) for other in rules[:k]):
            raise _refused(name, f"{rule.id} once a day", "twice")
    return tuple(rules)


def _refused(pack: str, needed: str, came: str) -> SchemaError:
    """Return the error of a broken pack."""
    return SchemaError.of(f"pack {pack}", needed, came)


def rules_on(as_of: Any) -> tuple[Rule, ...]:
    """Return the rules that hold on a day, by id.

    Parameters
    ----------
    as_of : date, or text such as "2016-11-08"

    Returns
    -------
    tuple of Rule

    Raises
    ------
    ParameterError
        No day, or one before the first pack.

    Examples
    --------
    >>> [rule.source for rule in rules_on("2025-10-10") if rule.id == "R28"]
    ['Regulation (EU) 2024/900']
    >>> [rule for rule in rules_on("2025-10-09") if rule.id == "R28"]
    []
    """
    day = day_of(as_of)
    every = [rule for name in PACKS for rule in _packed(name)]
    first = min(rule.valid_from for rule in every)
    if day < first:
        do = "Take a later --as-of."
        raise ParameterError.of("rules", f"a day from {first} on", str(day), do)
    held = [r for r in every if r.valid_from <= day and (r.valid_to is None or day <= r.valid_to)]
    return tuple(sorted(held, key=lambda r: (r.id[0] == "H", r.id)))


def titles_of(name: str) -> Mapping[str, str]:
    """Return the title of a rule in each language, none where there is no such rule.

    Parameters
    ----------
    name : str
        Id of the rule.

    Returns
    -------
    mapping of str to str

    Examples
    --------
    >>> titles_of("R08")["fr"]
    'Listes effacées après le scrutin'
    """
    return next((r.title for pack in PACKS for r in _packed(pack) if r.id == name), {})


def day_of(value: Any) -> datetime.date:
    """Read a day.

    Parameters
    ----------
    value : date, or text such as "2016-11-08"
        A year or a month alone would be read as its first day, and is refused.

    Returns
    -------
    datetime.date

    Raises
    ------
    ParameterError
    """
    if isinstance(value, str):
        value = value.strip() if re.fullmatch(r"\s*\d{4}-\d\d-\d\d\s*", value) else "NaT"
    day = None
    with suppress(ValueError, TypeError):
        day = np.datetime64(value, "D").item()
    if not isinstance(day, datetime.date):
        needed = "as_of a day such as 2016-11-08"
        raise ParameterError.of("rules", needed, "something else")
    return day


@cache
def _packed(name: str) -> tuple[Rule, ...]:
    """Return the rules of a pack that comes with the package."""
    file = resources.files("privaudit.rules") / "packs" / f"{name}.toml"
    return pack_of(file.read_text(encoding="utf-8"), name)


def _rule(entry: Any, pack: str, place: int) -> Rule:
    """Return a rule of a pack, checked."""
    if not isinstance(entry, Mapping):
        raise _refused(pack, f"a table as {place + 1}", "something else")
    name = entry.get("id", f"entry {place + 1}")
    for key, kind in _FIELDS.items():
        if not isinstance(entry.get(key), kind):
            raise _refused(pack, f"{key} of {name}", "none, or another kind")
    also = {key: entry.get(key, "") for key in ("source_fr", "point_fr")}
    if not all(isinstance(text, str) for text in also.values()):
        raise _refused(pack, f"text as source_fr and point_fr of {name}", "another kind")
    unknown = set(entry) - {*_FIELDS, *also, "valid_to"}
    if unknown:
        raise _refused(pack, f"fields of {name} that are known", min(unknown))
    if entry["id"] not in CHECKS:
        raise _refused(pack, f"an id that has a check as {name}", "another")
    if entry["verdict"] not in GRAVITIES:
        raise _refused(pack, f"verdict of {name} among {', '.join(GRAVITIES)}", "another")
    for key in ("title", "remedy"):
        # A language that lacks it has the English one.
        if not {"en"} <= entry[key].keys() <= set(LANGUAGES) or not all(entry[key].values()):
            needed = f"{key} of {name} in en, and others of {', '.join(LANGUAGES)}"
            raise _refused(pack, needed, "another")
    last = entry.get("valid_to")
    if last is not None and (not isinstance(last, datetime.date) or last < entry["valid_from"]):
        raise _refused(pack, f"valid_to of {name} after valid_from", "another")
    return Rule(pack=pack, valid_to=last, **also, **{key: entry[key] for key in _FIELDS})


def _overlap(rule: Rule, other: Rule) -> bool:
    """Return whether two rules hold on some day both."""
    far = datetime.date.max
    return rule.valid_from <= (other.valid_to or far) and other.valid_from <= (rule.valid_to or far)
