"""Dated rules: data files that say which text may be cited, and which rule holds, on which day."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from privaudit.errors import ParameterError, SchemaError
from privaudit.rules.duties import CHECKS
from privaudit.words.catalogues import LANGUAGES

# Verdicts of a rule that fires, gravest first.
GRAVITIES = ("breach", "concern")
_READ = "C"
# Fields of a text, and of a rule with what its branches leave to it; True: must be there.
_TEXT: dict[str, tuple[type, bool]] = {
    "name": (dict, True), "from": (datetime.date, True), "to": (datetime.date, False),
    "sure": (str, True), "read": (dict, False),
}  # fmt: skip
_RULE: dict[str, tuple[type, bool]] = {
    "title": (dict, True), "verdict": (str, True), "remedy": (dict, True), "cites": (list, True),
    "norm": (bool, False), "from": (datetime.date, False), "to": (datetime.date, False),
    "id": (str, False),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text that rules cite.

    Parameters
    ----------
    id : str
    name : mapping of str to str
        By language.
    valid_from : datetime.date
        The first day on which it may be cited.
    valid_to : datetime.date, optional
        The last one; None while it holds.
    sure : str
        Confidence that it says this: C, C-part, M-high, M-low, press reading.
    read : mapping of str to str
        What a lawyer must still read in it, by language; empty where it was read.
    """

    id: str
    name: Mapping[str, str]
    valid_from: datetime.date
    valid_to: datetime.date | None
    sure: str
    read: Mapping[str, str]

    def holds_on(self, day: datetime.date) -> bool:
        """Return whether it may be cited on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, kw_only=True)
class Citation:
    """A text, and where in it, by language."""

    text: Text
    point: Mapping[str, str]

    def where(self, lang: str) -> str:
        """Return the text and the place in it."""
        name = self.text.name.get(lang, self.text.name["en"])
        point = self.point.get(lang, self.point["en"])
        return f"{name}, {point}" if point else name


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule, or one branch of it, as it holds between two days.

    Parameters
    ----------
    id : str
        R01 to R37, or H1; the check of that id tests it.
    branch : str
        The case that is tested; "" where the rule has one only.
    title, remedy : mapping of str to str
        By language.
    cites : tuple of Citation
        From `rules_on`: those that may be cited on the day.
    verdict : {"breach", "concern"}
        Verdict when it fires.
    norm : bool
        Whether the text binds only who declared under it.
    begins, ends : datetime.date, optional
        A narrower window than that of its texts.
    """

    id: str
    branch: str
    title: Mapping[str, str]
    remedy: Mapping[str, str]
    cites: tuple[Citation, ...]
    verdict: str
    norm: bool = False
    begins: datetime.date = datetime.date.min
    ends: datetime.date = datetime.date.max

    @property
    def case(self) -> str:
        """Key of the sentence of what it tests."""
        return f"{self.id}_{self.branch}" if self.branch else self.id

    def where(self, lang: str) -> str:
        """Return what it cites, for a reader of a language."""
        return (" ; " if lang == "fr" else "; ").join(dict.fromkeys(
            cite.where(lang) for cite in self.cites))  # fmt: skip

    @property
    def confidence(self) -> str:
        """Confidence in each text that it cites, once each."""
        return ", ".join(dict.fromkeys(cite.text.sure for cite in self.cites))

    @property
    def to_verify(self) -> bool:
        """Whether a person must still read a text that it cites."""
        return any(cite.text.read for cite in self.cites)

    def on(self, day: datetime.date) -> Rule:
        """Return the rule with the texts that may be cited on a day: none where it does not hold.

        Parameters
        ----------
        day : datetime.date

        Returns
        -------
        Rule
        """
        held = self.begins <= day <= self.ends
        return replace(self, cites=tuple(c for c in self.cites if held and c.text.holds_on(day)))


def texts_of(text: str, name: str) -> dict[str, Text]:
    """Read the texts of a pack.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        Name of the file, for messages.

    Returns
    -------
    dict of str to Text

    Raises
    ------
    SchemaError
        An entry is broken; the line names it by its id.
    """
    texts = {}
    for key, entry in _entries(text, name).get("text", {}).items():
        _check_fields(entry, _TEXT, key, name)
        if entry.get("to", entry["from"]) < entry["from"]:
            raise _refused(name, f"to of {key} after from", "another")
        texts[key] = Text(
            id=key, name=entry["name"], valid_from=entry["from"], valid_to=entry.get("to"),
            sure=entry["sure"], read=entry.get("read", {}),
        )  # fmt: skip
    return texts


def rules_of(text: str, name: str, texts: Mapping[str, Text]) -> tuple[Rule, ...]:
    """Read the rules of a pack, one a branch.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        Name of the file, for messages.
    texts : mapping of str to Text
        Those that they cite.

    Returns
    -------
    tuple of Rule

    Raises
    ------
    SchemaError
        An entry is broken; the line names it by its id.
    """
    rules: list[Rule] = []
    for key, entry in _entries(text, name).items():
        if key not in CHECKS:
            raise _refused(name, f"an id that has a check as {key}", "another")
        limits = entry.get("limits", {})
        values = limits.values() if isinstance(limits, Mapping) else [None]
        if not all(isinstance(value, (int, datetime.date)) for value in values):
            raise _refused(name, f"whole numbers or days as limits of {key}", "another")
        shared = {k: v for k, v in entry.items() if k not in ("branch", "limits")}
        rules += [_rule(key, shared | own, name, texts) for own in entry.get("branch", [{}])]
    if not rules:
        raise _refused(name, "rules", "none")
    for k, rule in enumerate(rules):
        if any(other.case == rule.case and _overlap(rule, other) for other in rules[:k]):
            raise _refused(name, f"{rule.case} once a day", "twice")
    return tuple(rules)


def _entries(text: str, name: str) -> dict[str, Any]:
    """Return the tables of a data file."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(name, "TOML", str(error).rpartition("(")[2]) from None


def _refused(pack: str, needed: str, came: str) -> SchemaError:
    """Return the error of a broken pack."""
    return SchemaError.of(f"pack {pack}", needed, came)


def _check_fields(entry: Any, fields: Mapping[str, tuple[type, bool]], key: str, pack: str) -> None:
    """Refuse an entry with a field that is missing, unknown or of another kind."""
    if not isinstance(entry, Mapping):
        raise _refused(pack, f"a table as {key}", "something else")
    for name, (kind, due) in fields.items():
        value = entry.get(name)
        if (due or value is not None) and not isinstance(value, kind):
            raise _refused(pack, f"{name} of {key}", "none, or another kind")
        # What a language lacks it has in English.
        if isinstance(value, dict) and not ({"en"} <= value.keys() <= set(LANGUAGES)):
            needed = f"{name} of {key} in en, and others of {', '.join(LANGUAGES)}"
            raise _refused(pack, needed, "another")
    if unknown := set(entry) - set(fields):
        raise _refused(pack, f"fields of {key} that are known", min(unknown))


def _rule(key: str, entry: dict[str, Any], pack: str, texts: Mapping[str, Text]) -> Rule:
    """Return a rule of a pack, checked."""
    _check_fields(entry, _RULE, key, pack)
    if entry["verdict"] not in GRAVITIES:
        raise _refused(pack, f"verdict of {key} among {', '.join(GRAVITIES)}", "another")
    if not all(cite and cite[0] in texts for cite in entry["cites"]):
        raise _refused(pack, f"texts of {key} that are known", "another")
    cites = tuple(
        Citation(text=texts[text], point=dict(zip(("en", "fr"), points, strict=False)))
        for text, *points in entry["cites"]
    )
    rule = Rule(
        id=key, branch=entry.get("id", ""), title=entry["title"], remedy=entry["remedy"],
        cites=cites, verdict=entry["verdict"], norm=entry.get("norm", False),
    )  # fmt: skip
    return replace(rule, begins=entry.get("from", rule.begins), ends=entry.get("to", rule.ends))


def _overlap(rule: Rule, other: Rule) -> bool:
    """Return whether two rules hold on some day both."""
    days = {max(cite.text.valid_from, r.begins) for r in (rule, other) for cite in r.cites}
    return any(rule.on(day).cites and other.on(day).cites for day in days)


def rules_on(as_of: Any) -> tuple[Rule, ...]:
    """Return the rules that hold on a day, by id, one a branch, with what they may cite.

    Parameters
    ----------
    as_of : date, or text such as "2016-11-08"

    Returns
    -------
    tuple of Rule

    Raises
    ------
    ParameterError
        No day, or one before the first text of the law of 1978 as it is tested here.

    Examples
    --------
    >>> {rule.where("en") for rule in rules_on("2025-10-10") if rule.id == "R28"}
    {'Regulation (EU) 2024/900, art. 18'}
    >>> [rule for rule in rules_on("2025-10-09") if rule.id == "R28"]
    []
    """
    day, first = day_of(as_of), _texts()["lil_2004"].valid_from
    if day < first:
        do = "Take a later --as-of."
        raise ParameterError.of("rules", f"a day from {first} on", str(day), do)
    held = [rule.on(day) for rule in all_rules()]
    return tuple(sorted((r for r in held if r.cites), key=lambda r: (r.id[0] == "H", r.id)))


def text_names() -> Mapping[str, Mapping[str, str]]:
    """Return the name of every text in each language, by its id."""
    return {key: text.name for key, text in _texts().items()}


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
    'Effacement après le scrutin'
    """
    return next((rule.title for rule in all_rules() if rule.id == name), {})


def to_be_read(rules: Iterable[Rule], lang: str) -> list[tuple[str, str]]:
    """Return what a lawyer must still read before relying on some rules.

    Parameters
    ----------
    rules : iterable of Rule
        With the texts that they cite on the day.
    lang : str

    Returns
    -------
    list of (str, str)
        A text and what to read in it, then each open question with the rules that rest on it.

    Examples
    --------
    >>> held = [rule for rule in rules_on("2025-10-21") if rule.id == "R04"]
    >>> to_be_read(held, "en")
    [('CJEU C-252/21', 'paragraphs 73 to 85')]
    """
    rules = list(rules)
    texts = {cite.text.id: cite.text for rule in rules for cite in rule.cites if cite.text.read}
    citing = {(rule.id, cite.text.id) for rule in rules for cite in rule.cites}
    lines = [
        (text.name.get(lang, text.name["en"]), text.read.get(lang, text.read["en"]))
        for text in sorted(texts.values(), key=lambda text: text.valid_from)
    ]
    for question in _entries(_resource("texts"), "texts")["question"]:
        names = {name for name, text in citing if question.get("of", text) == text}
        if own := [name for name in question["rules"] if name in names]:
            lines.append((", ".join(own), question.get(lang, question["en"])))
    return lines


def day_of(value: Any, *, who: str = "rules", name: str = "as_of") -> datetime.date:
    """Read a day.

    Parameters
    ----------
    value : date, or text such as "2016-11-08"
        A year or a month alone would be read as its first day, and is refused.
    who, name : str
        What the error names: a function, and its parameter.

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
        needed = f"{name} a day such as 2016-11-08"
        raise ParameterError.of(who, needed, "something else")
    return day


def _resource(name: str) -> str:
    """Return a data file that comes with the package."""
    file = resources.files("privaudit.rules") / "packs" / f"{name}.toml"
    return file.read_text(encoding="utf-8")


@cache
def _texts() -> dict[str, Text]:
    """Return the texts that come with the package."""
    return texts_of(_resource("texts"), "texts")


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule that comes with the package, one a branch, with all that it ever cites."""
    return rules_of(_resource("rules"), "rules", _texts())
