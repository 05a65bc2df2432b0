"""Drafts of what has to be written: the record, the information, the notices of a breach.

A draft holds what is known, and a visible gap wherever something is not.

- What a description says, as lines in a reader's language: for the PIA file and for notices.
- A file that the CNIL's PIA tool imports: what is known is filled in, what is not is a gap.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from privaudit.results.rows import Row
from privaudit.rules.check_rules import Rulings
from privaudit.rules.description import Description

_SAFE = ("authentication", "encryption", "export_control", "access_log")


class Says(Protocol):
    """Words of one language: `privaudit.words.catalogues.Words`."""

    lang: str

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return the sentence of a key."""
        ...

    def translated(self, texts: Mapping[str, str], /) -> str:
        """Return the text of its language, else the English one."""
        ...


@dataclass(frozen=True)
class DescribedRulings:
    """A description and the rulings of a day, said in one language.

    Each property is a list of lines, empty where nothing is told: a gap is shown then.

    Parameters
    ----------
    description : Description
    rulings : Rulings
    say : Says
    """

    description: Description
    rulings: Rulings
    say: Says

    def _of(self, section: str, key: str) -> Any:
        return self.description.get(section, key)

    @property
    def name(self) -> list[str]:
        """What the processing is called."""
        name = self._of("processing", "name")
        return [name] if name else []

    @property
    def controller(self) -> list[str]:
        """Who decides."""
        name, kind = (self._of("controller", key) for key in ("name", "type"))
        if kind is None:
            return [name] if name else []
        word = self.say(f"choice.{kind}")
        return [self.say("told.controller", name=name, type=word) if name else word]

    @property
    def purposes(self) -> list[str]:
        """What it is for."""
        return list(self._of("processing", "purpose") or ())

    @property
    def channels(self) -> list[str]:
        """By which ways people are contacted."""
        return [self.say(f"choice.{one}") for one in self._of("processing", "channels") or ()]

    @property
    def since(self) -> list[str]:
        """When it began, and the ballot."""
        days = (("started_at", "told.started"), ("election_date", "told.ballot"))
        return [
            self.say(key, day=str(day))
            for name, key in days
            if (day := self._of("processing", name))
        ]  # fmt: skip

    @property
    def columns(self) -> list[str]:
        """Each column, where it came from, and what it rests on."""
        lines = []
        for name, one in self.description.columns.items():
            source, basis = (
                self.say(f"choice.{one[key]}") if key in one else self.say("told.unsaid")
                for key in ("source", "legal_basis")
            )
            lines.append(self.say("told.column", name=name, source=source, basis=basis))
        return lines

    @property
    def bases(self) -> list[str]:
        """The legal bases that are declared, once each."""
        told = (one.get("legal_basis") for one in self.description.columns.values())
        return [self.say(f"choice.{one}") for one in dict.fromkeys(told) if one]

    @property
    def sources(self) -> list[str]:
        """Where data came from, once each."""
        told = (one.get("source") for one in self.description.columns.values())
        return [self.say(f"choice.{one}") for one in dict.fromkeys(told) if one]

    @property
    def recipients(self) -> list[str]:
        """Who receives it, and how many accounts where that is told."""
        lines = []
        for one in self.description.each("recipients"):
            role = self.say(f"choice.{one['role']}") if "role" in one else self.say("told.unsaid")
            known = "n" in one
            lines.append(self.say("told.recipients", role=role, n=one["n"]) if known else role)
        return lines

    @property
    def retention(self) -> list[str]:
        """How long it is kept."""
        lines = [
            self.say(f"told.{key}", n=n)
            for key in ("prospects_days", "regular_days")
            if (n := self._of("retention", key)) is not None
        ]
        ballot = self._of("retention", "end_of_ballot")
        return lines + ([self.say("told.end_of_ballot")] if ballot else [])

    @property
    def processors(self) -> list[str]:
        """Who works for the controller."""
        lines = []
        for one in self.description.each("processors"):
            contract = one.get("contract")
            key = "unsaid" if contract is None else "yes" if contract else "no"
            unsaid = self.say("told.unsaid")
            lines.append(
                self.say("told.processor", name=one.get("name", unsaid),
                         country=one.get("country", unsaid), contract=self.say(f"told.{key}"))
            )  # fmt: skip
        return lines

    @property
    def safeguards(self) -> list[str]:
        """What keeps it safe, by the description."""
        return [self.say(f"safeguard.{key}") for key in _SAFE if self._of("security", key)]

    @property
    def mentions(self) -> list[str]:
        """What people are told, and what they are not."""
        told = self.description.told.get("information", {})
        return [
            self.say("told.mention", what=self.say(f"mention.{key}"),
                     given=self.say(f"told.{'yes' if given else 'no'}"))
            for key, given in told.items()
        ]  # fmt: skip

    def verdicts(self, names: Iterable[str]) -> list[str]:
        """Return the verdicts of some rules, as far as they hold on that day."""
        wanted = set(names)
        return [
            self.say(
                "told.verdict", verdict=self.say(f"verdict.{one.verdict}"), rule=one.rule.id,
                title=self.say.translated(one.rule.title),
                where=one.rule.where(self.say.lang),
            )
            for one in self.rulings
            if one.rule.id in wanted
        ]  # fmt: skip

    @property
    def standards(self) -> list[str]:
        """The sources of the rules that held that day, once each."""
        return list(dict.fromkeys(one.rule.where(self.say.lang) for one in self.rulings))


_Lines = Callable[[DescribedRulings], list[str]]


def _unknown(told: DescribedRulings) -> list[str]:
    return []


def _day(key: str) -> _Lines:
    def lines(told: DescribedRulings) -> list[str]:
        day = told.description.get("breach", key)
        return [] if day is None else [str(day)]

    return lines


def _said(key: str) -> _Lines:
    return lambda told: [told.say(f"notice.{key}")]


def _automated(told: DescribedRulings) -> list[str]:
    auto = told.description.get("decisions", "automated")
    return [] if auto is None else [told.say(f"told.{'yes' if auto else 'no'}")]


def _people(told: DescribedRulings) -> list[str]:
    """How many records the rules were held against, where that may be shown."""
    counted = [one.checked.n for one in told.rulings
               if one.checked.counts == "records" and math.isfinite(one.checked.n)]  # fmt: skip
    return [told.say("notice.records", n=max(counted))] if counted else []


_CONTROLLER: tuple[tuple[str, _Lines], ...] = (
    ("controller", lambda t: t.controller), ("contact", _unknown), ("officer", _unknown),
)  # fmt: skip
_RIGHTS: tuple[tuple[str, _Lines], ...] = (
    ("rights", _said("rights_text")), ("complaint", _said("complaint_text")),
)  # fmt: skip
# Each draft: its headings in order, and what stands under each.
DRAFTS: dict[str, tuple[tuple[str, _Lines], ...]] = {
    "record": (
        ("processing", lambda t: t.name), *_CONTROLLER, ("purposes", lambda t: t.purposes),
        ("people", _people), ("data", lambda t: t.columns),
        ("recipients", lambda t: t.recipients), ("processors", lambda t: t.processors),
        ("transfers", _unknown), ("retention", lambda t: t.retention),
        ("safeguards", lambda t: t.safeguards),
    ),
    "information": (
        *_CONTROLLER, ("purposes", lambda t: t.purposes), ("basis", lambda t: t.bases),
        ("data", lambda t: t.columns), ("origin", lambda t: t.sources),
        ("recipients", lambda t: t.recipients), ("transfers", _unknown),
        ("retention", lambda t: t.retention), ("automated", _automated), *_RIGHTS,
    ),
    "authority": (
        *_CONTROLLER, ("known_at", _day("known_at")), ("nature", _unknown), ("people", _people),
        ("data", lambda t: t.columns), ("consequences", _unknown),
        ("safeguards", lambda t: t.safeguards), ("measures", _unknown),
        ("people_told", _day("people_told_at")), ("late", _unknown),
    ),
    "people": (
        *_CONTROLLER, ("nature", _unknown), ("data", lambda t: t.columns),
        ("consequences", _unknown), ("measures", _unknown), ("advice", _unknown), *_RIGHTS,
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One draft.

    Parameters
    ----------
    name : str
        A key of `DRAFTS`.
    title : str
    caution : str
        That it is a draft, and no advice.
    parts : tuple of (str, tuple of str)
        Headings, and the lines under each; none of them: a gap.
    gap, lang : str
        What stands where nothing is known; the language.
    """

    name: str
    title: str
    caution: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    gap: str
    lang: str

    @property
    def gaps(self) -> int:
        """How many parts are still to be filled in."""
        return sum(not lines for _, lines in self.parts)

    @property
    def text(self) -> str:
        """The draft as plain text."""
        told = [self.title, "=" * len(self.title), "", self.caution, ""]
        for head, lines in self.parts:
            told += [head, "-" * len(head), *(f"- {line}" for line in lines or (self.gap,)), ""]
        return "\n".join(told)

    @property
    def html(self) -> str:
        """The draft as a page that loads nothing."""
        return _PAGE.format(
            lang=self.lang, title=html.escape(self.title), caution=html.escape(self.caution),
            parts="".join(_part(head, lines, self.gap) for head, lines in self.parts),
        )  # fmt: skip


def notices(told: DescribedRulings) -> tuple[Notice, ...]:
    """Return the four drafts: record (30), information (14), authority (33), people (34)."""
    return tuple(_notice(told, name, parts) for name, parts in DRAFTS.items())


def _notice(told: DescribedRulings, name: str, parts: Sequence[tuple[str, _Lines]]) -> Notice:
    say: Any = told.say
    filled = tuple((say(f"notice.{head}"), tuple(lines(told))) for head, lines in parts)
    return Notice(
        name=name, title=say(f"notice.title_{name}"), caution=say("notice.caution"),
        parts=filled, gap=say("told.gap"), lang=say.lang,
    )  # fmt: skip


def _part(head: str, lines: Sequence[str], gap: str) -> str:
    told = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    told = told or f"<li><mark>{html.escape(gap)}</mark></li>"
    return f"<h2>{html.escape(head)}</h2>\n<ul>{told}</ul>\n"


_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{max-width:44rem;margin:2rem auto;padding:0 1rem;\
font:17px/1.5 system-ui,sans-serif}}h1{{font-size:1.6rem;line-height:1.2}}\
h2{{font-size:1.1rem;margin:1.4rem 0 .2rem}}ul{{margin:0;padding-left:1.2rem}}\
li{{overflow-wrap:anywhere}}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{caution}</p>
{parts}</main>
</body>
</html>
"""


# The three feared events, by the tens of their questions: access, modification, disappearance.
_EVENTS = {32: "access", 33: "change", 34: "loss"}
_TEXTS = (111, 112, 113, 121, 122, 123, *range(211, 216), *range(221, 228))
_LISTS = tuple(10 * event + k for event in _EVENTS for k in (1, 2, 3, 4))
_GAUGES = tuple(10 * event + k for event in _EVENTS for k in (5, 6))
QUESTIONS = (*_TEXTS, *_LISTS, *_GAUGES)
_WP216 = ("singling_out", "linkability", "inference")
# What a text answer is made of, and the rules whose verdict it carries.
_FILLED: dict[int, tuple[Callable[[DescribedRulings], list[str]], tuple[str, ...]]] = {
    111: (lambda t: [*t.name, *t.purposes, *t.channels, *t.since], ("R01",)),
    112: (lambda t: [*t.controller, *t.processors], ("R10", "R25")),
    113: (lambda t: t.standards, ()),
    121: (lambda t: [*t.columns, *t.recipients, *t.retention], ("R03", "R11")),
    122: (lambda t: [*t.sources, *t.recipients, *t.retention], ("R12", "R14")),
    123: (lambda t: [], ()),
    211: (lambda t: t.purposes, ("R18", "R21")),
    212: (lambda t: t.bases, ("R02", "R04", "R13", "R28")),
    213: (lambda t: t.columns, ("R20", "R22")),
    214: (lambda t: [], ("R23",)),
    215: (lambda t: t.retention, ("R07", "R08", "R09")),
    221: (lambda t: t.mentions, ("R15", "R16")),
    222: (lambda t: [], ("R02", "R19")),
    223: (lambda t: [], ()),
    224: (lambda t: [], ()),
    225: (lambda t: [], ("R17",)),
    226: (lambda t: t.processors, ("R10",)),
    227: (lambda t: t.processors, ()),
}


def pia_file(told: DescribedRulings, graded: Mapping[str, Row]) -> dict[str, Any]:
    """Return what the tool imports, as plain JSON values.

    Parameters
    ----------
    told : Told
        The description and the rulings of a day, in one language.
    graded : mapping of str to Row
        ``severity`` and ``likelihood`` of an illegitimate access, 1 to 4, where they are known;
        see `measured_for_rules`. Of the two other events nothing was measured: 0, a gap. Of
        ``singling_out_table`` and its like, see `three_tests`: they go to questions 213 and 325.

    Returns
    -------
    dict
        ``pia``, ``answers`` (all 36), ``measures``, ``evaluations``, ``comments``.
    """
    # The day that was asked, not the day of writing: the same run gives the same bytes.
    stamp = f"{told.rulings.as_of}T00:00:00.000Z"
    answers = [
        {"pia_id": 1, "reference_to": number, "data": _data(told, graded, number),
         "created_at": stamp, "updated_at": stamp}
        for number in QUESTIONS
    ]  # fmt: skip
    measures = [
        {"id": k + 1, "title": name, "content": _html([told.say("pia.described")]),
         "placeholder": "", "created_at": stamp}
        for k, name in enumerate(told.safeguards)
    ]  # fmt: skip
    return {
        "pia": _pia(told, stamp), "answers": answers, "measures": measures, "evaluations": [],
        "comments": [],
    }  # fmt: skip


def _pia(told: DescribedRulings, stamp: str) -> dict[str, Any]:
    gap = told.say("told.gap")
    return {
        "name": next(iter(told.name), gap), "author_name": gap, "evaluator_name": gap,
        "validator_name": gap, "status": 0, "category": "", "created_at": stamp,
        # In the tool 0 is an unfavourable opinion: none was given.
        "updated_at": stamp, "dpos_names": gap, "dpo_status": None, "dpo_opinion": "",
        "people_names": gap, "concerned_people_searched_opinion": False,
        "concerned_people_searched_content": gap, "concerned_people_status": None,
        "concerned_people_opinion": "", "rejection_reason": "", "applied_adjustments": "",
    }  # fmt: skip


def _data(told: DescribedRulings, graded: Mapping[str, Row], number: int) -> dict[str, Any]:
    if number in _GAUGES:
        return _gauge(told, graded, number)
    if number in _LISTS:
        named = _listed(told, graded, number) or [told.say("told.gap")]
        return {"text": None, "gauge": None, "list": named}
    lines, rules = _FILLED[number]
    found = [*lines(told), *(_tests(told, graded) if number == 213 else []), *told.verdicts(rules)]
    # A verdict says what speaks against it; it does not answer the question.
    gap = [] if lines(told) else [told.say("told.gap")]
    return {"text": _html([*gap, *found]), "gauge": None, "list": []}


def _listed(told: DescribedRulings, graded: Mapping[str, Row], number: int) -> list[str]:
    """Return impacts, threats, sources or measures of one feared event, where they are known."""
    event, kind = _EVENTS[number // 10], number % 10
    if kind == 4:
        return told.safeguards
    if kind == 3:
        return told.recipients
    severity = graded.get("severity")
    grave = severity is not None and severity.value >= 3
    if kind == 1:
        return [told.say(f"pia.impact_{event}")] if grave else []
    easy = graded.get("likelihood")
    known = event == "access" and easy is not None
    return [told.say(f"pia.threat_{easy.value:.0f}")] if known and easy is not None else []


def _gauge(told: DescribedRulings, graded: Mapping[str, Row], number: int) -> dict[str, Any]:
    """Return the gauge of a feared event; only of an access is anything measured."""
    name = "severity" if number % 10 == 5 else "likelihood"
    row = graded.get(name) if _EVENTS[number // 10] == "access" else None
    if row is None:
        return {"text": _html([told.say("told.gap")]), "gauge": 0, "list": []}
    # The gravest is for a person to choose.
    level = min(int(row.value), 3) if name == "severity" else int(row.value)
    reasons = _tests(told, graded) if name == "severity" else []
    lines = [told.say(f"pia.{name}_{level}"), *reasons]
    return {"text": _html(lines), "gauge": level, "list": []}


def _tests(told: DescribedRulings, graded: Mapping[str, Row]) -> list[str]:
    """Say what the three tests of WP216 come to, with their intervals and what they count."""
    lines = []
    for name, row in graded.items():
        test = next((one for one in _WP216 if name.startswith(one)), "")
        if not test:
            continue
        values: dict[str, Any] = {"value": row.value, "n": row.n, "counts": row.counts}
        values["of"] = row.part["tested"]
        lines.append(told.say(f"pia.{test}", **values))
        if row.low < row.high:
            lines[-1] += " " + told.say("pia.interval", low=row.low, high=row.high)
        beside = row.control if math.isfinite(row.control) else row.baseline
        if math.isfinite(beside):
            key = "held_out" if math.isfinite(row.control) else "by_chance"
            lines[-1] += " " + told.say(f"pia.{key}", value=beside)
    return lines


def _html(lines: Sequence[str]) -> str:
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines)
