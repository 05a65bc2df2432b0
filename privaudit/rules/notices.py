"""Drafts of the record, of information and of breach notices; the file of the CNIL's PIA tool.

A draft holds what is known, and a visible gap wherever something is not.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from privaudit.core.files import packaged_toml
from privaudit.results.rows import Row
from privaudit.rules.check_rules import Ruling, Rulings
from privaudit.rules.description import Description
from privaudit.rules.duties import SAFEGUARDS

# The page and the headings of the drafts, and the answers of the PIA file.
_DRAFTS = packaged_toml("privaudit.rules", "drafts.toml")


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
    """A description and the rulings of a day, as lines of text in one language.

    Each property is a list of lines, empty where nothing is stated: a gap is shown then.

    Parameters
    ----------
    description : Description
    rulings : Rulings
    say : Says
    """

    description: Description
    rulings: Rulings
    say: Says

    def _choices(self, words: Iterable[str | None]) -> list[str]:
        """Return the distinct words of a list of choices, in the reader's language."""
        return [self.say(f"choice.{word}") for word in dict.fromkeys(words) if word]

    def _of_columns(self, key: str) -> list[str]:
        """Return what columns state under a key, once each."""
        return self._choices(column.get(key) for column in self.description.columns.values())

    def _choice(self, entry: Mapping[str, Any], key: str) -> str:
        """Return the word of a choice, or that it is not stated."""
        return self.say(f"choice.{entry[key]}" if key in entry else "told.unsaid")

    def _yes_or_no(self, value: bool | None) -> str:
        """Return yes, no, or that it is not stated."""
        return self.say("told.unsaid" if value is None else f"told.{'yes' if value else 'no'}")

    def _dates(self, section: str, key: str) -> list[str]:
        """Return a date, where it is stated."""
        day = self.description.get(section, key)
        return [] if day is None else [str(day)]

    @property
    def name(self) -> list[str]:
        """Name of the processing."""
        name = self.description.get("processing", "name")
        return [name] if name else []

    @property
    def controller(self) -> list[str]:
        """Name and type of the controller."""
        name, kind = (self.description.get("controller", key) for key in ("name", "type"))
        if kind is None:
            return [name] if name else []
        word = self.say(f"choice.{kind}")
        return [self.say("told.controller", name=name, type=word) if name else word]

    @property
    def purposes(self) -> list[str]:
        """Purposes of the processing."""
        return list(self.description.get("processing", "purpose") or ())

    @property
    def channels(self) -> list[str]:
        """Channels by which people are contacted."""
        return self._choices(self.description.get("processing", "channels") or ())

    @property
    def since(self) -> list[str]:
        """Start of the processing, and date of the ballot."""
        days = (("started_at", "told.started"), ("election_date", "told.ballot"))
        return [self.say(key, day=day) for name, key in days
                for day in self._dates("processing", name)]  # fmt: skip

    @property
    def columns(self) -> list[str]:
        """Source and legal basis of each column."""
        return [
            self.say("told.column", name=name, source=self._choice(column, "source"),
                     basis=self._choice(column, "legal_basis"))
            for name, column in self.description.columns.items()
        ]  # fmt: skip

    @property
    def bases(self) -> list[str]:
        """Legal bases that are declared, once each."""
        return self._of_columns("legal_basis")

    @property
    def sources(self) -> list[str]:
        """Sources of the data, once each."""
        return self._of_columns("source")

    @property
    def recipients(self) -> list[str]:
        """Roles of recipients, and how many accounts where that is stated."""
        lines = []
        for entry in self.description.each("recipients"):
            role = self._choice(entry, "role")
            known = "n" in entry
            lines.append(self.say("told.recipients", role=role, n=entry["n"]) if known else role)
        return lines

    @property
    def retention(self) -> list[str]:
        """Retention periods."""
        stated = {key: self.description.get("retention", key)
                  for key in ("prospects_days", "regular_days")}  # fmt: skip
        lines = [self.say(f"told.{key}", n=n) for key, n in stated.items() if n is not None]
        ballot = self.description.get("retention", "end_of_ballot")
        return lines + ([self.say("told.end_of_ballot")] if ballot else [])

    @property
    def processors(self) -> list[str]:
        """Processors, their country and whether a contract binds them."""
        unsaid = self.say("told.unsaid")
        return [
            self.say("told.processor", name=entry.get("name", unsaid),
                     country=entry.get("country", unsaid),
                     contract=self._yes_or_no(entry.get("contract")))
            for entry in self.description.each("processors")
        ]  # fmt: skip

    @property
    def safeguards(self) -> list[str]:
        """Security measures that are stated."""
        return [
            self.say(f"safeguard.{key}")
            for key in SAFEGUARDS
            if self.description.get("security", key)
        ]

    @property
    def mentions(self) -> list[str]:
        """Mentions that people are given, or not."""
        return [
            self.say("told.mention", what=self.say(f"mention.{key}"), given=self._yes_or_no(given))
            for key, given in self.description.sections.get("information", {}).items()
        ]

    @property
    def automated(self) -> list[str]:
        """Whether decisions are automated."""
        auto = self.description.get("decisions", "automated")
        return [] if auto is None else [self._yes_or_no(auto)]

    @property
    def known_at(self) -> list[str]:
        """Day on which the breach was known."""
        return self._dates("breach", "known_at")

    @property
    def people_told_at(self) -> list[str]:
        """Day on which people were informed of the breach."""
        return self._dates("breach", "people_told_at")

    @property
    def rights(self) -> list[str]:
        """Rights of the people concerned."""
        return [self.say("notice.rights_text")]

    @property
    def complaint(self) -> list[str]:
        """Right to complain to the authority."""
        return [self.say("notice.complaint_text")]

    @property
    def records(self) -> list[str]:
        """Number of records that the rules were checked on, where it may be shown."""
        n = [ruling.checked.n for ruling in self.rulings
             if ruling.checked.counts == "records" and math.isfinite(ruling.checked.n)]  # fmt: skip
        return [self.say("notice.records", n=max(n))] if n else []

    def verdicts(self, rules: Iterable[str]) -> list[str]:
        """Return the verdicts of some rules, as far as they hold on that day."""
        wanted = set(rules)
        return [
            self.say(
                "told.verdict", verdict=self.say(f"verdict.{ruling.verdict}"), rule=ruling.rule.id,
                title=self.say.translated(ruling.rule.title),
                where=ruling.rule.where(self.say.lang),
            )
            for ruling in self.rulings
            if ruling.rule.id in wanted
        ]  # fmt: skip

    @property
    def standards(self) -> list[str]:
        """Texts that the rules of that day cite, once each."""
        rules = [one.rule for ruling in self.rulings for one in ruling.branches]
        return list(dict.fromkeys(c.where(self.say.lang) for rule in rules for c in rule.cites))

    def lines(self, names: str) -> list[str]:
        """Return the lines of some properties, by their names with blanks between."""
        return [line for name in names.split() for line in getattr(self, name)]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One draft.

    Parameters
    ----------
    name : str
        A draft of ``drafts.toml``.
    title : str
    caution : str
        That it is a draft, and no advice.
    parts : tuple of (str, tuple of str)
        Headings, and the lines under each; none of them: a gap.
    gap, lang : str
        Text of a gap; the language.
    """

    name: str
    title: str
    caution: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    gap: str
    lang: str

    @property
    def gaps(self) -> int:
        """Number of parts that are still to be filled in."""
        return sum(not lines for _, lines in self.parts)

    @property
    def text(self) -> str:
        """The draft as plain text."""
        text = [self.title, "=" * len(self.title), "", self.caution, ""]
        for head, lines in self.parts:
            text += [head, "-" * len(head), *(f"- {line}" for line in lines or (self.gap,)), ""]
        return "\n".join(text)

    @property
    def html(self) -> str:
        """The draft as a page that loads nothing."""
        parts = []
        for head, lines in self.parts:
            items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
            items = items or f"<li><mark>{html.escape(self.gap)}</mark></li>"
            parts.append(f"<h2>{html.escape(head)}</h2>\n<ul>{items}</ul>\n")
        page: str = _DRAFTS["page"]
        return page.format(
            lang=self.lang, title=html.escape(self.title), caution=html.escape(self.caution),
            parts="".join(parts),
        )  # fmt: skip


def notices(described: DescribedRulings) -> tuple[Notice, ...]:
    """Draft the record, the information of people, and the two notices of a breach.

    Parameters
    ----------
    described : DescribedRulings
        The description and the rulings of a day, in one language.

    Returns
    -------
    tuple of Notice

    References
    ----------
    GDPR, articles 30, 14, 33 and 34.
    """
    say = described.say
    return tuple(
        Notice(
            name=name, title=say(f"notice.title_{name}"), caution=say("notice.caution"),
            parts=tuple((say(f"notice.{head}"), tuple(described.lines(names)))
                        for head, names in parts.items()),
            gap=say("told.gap"), lang=say.lang,
        )
        for name, parts in _DRAFTS["drafts"].items()
    )  # fmt: skip


# The three feared events, by the tens of their questions: access, modification, disappearance.
_EVENTS = {32: "access", 33: "change", 34: "loss"}
_TEXTS = (111, 112, 113, 121, 122, 123, *range(211, 216), *range(221, 228))
# Those that the tool evaluates one by one.
_EVALUATED = (*range(211, 216), *range(221, 228))
_LISTS = tuple(10 * event + k for event in _EVENTS for k in (1, 2, 3, 4))
_GAUGES = tuple(10 * event + k for event in _EVENTS for k in (5, 6))
_WP216 = ("singling_out", "linkability", "inference")


def pia_file(
    described: DescribedRulings,
    graded: Mapping[str, Row],
    remedies: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return the content of a file that the CNIL's PIA tool imports, as plain JSON values.

    Parameters
    ----------
    described : DescribedRulings
        The description and the rulings of a day, in one language.
    graded : mapping of str to Row
        ``severity`` and ``likelihood`` of an illegitimate access, 1 to 4, where they are known;
        see `measured_for_rules`. Of the two other events nothing was measured: 0, a gap.
        ``singling_out_table`` and its like, see `three_tests`, go to questions 213 and 325.
    remedies : sequence of (str, str)
        What would lower a number that was measured, and the number before and after it: measures
        that are to be taken.

    Returns
    -------
    dict
        ``pia``, ``answers`` (all 36), ``measures``, ``evaluations``, ``comments``. Evaluations are
        the action plan: what remedies each rule that fires, at the question that the rule is of,
        else at a measure that is to be taken; and the remedies.
    """
    # The day that was asked, not the day of writing: the same run gives the same bytes.
    stamp = f"{described.rulings.as_of}T00:00:00.000Z"
    answers = [
        {"pia_id": 1, "reference_to": number, "data": _data(described, graded, number),
         "created_at": stamp, "updated_at": stamp}
        for number in (*_TEXTS, *_LISTS, *_GAUGES)
    ]  # fmt: skip
    measures = [
        {"id": k + 1, "title": name, "content": _html([described.say("pia.described")]),
         "placeholder": "", "created_at": stamp}
        for k, name in enumerate(described.safeguards)
    ]  # fmt: skip
    taken, evaluations = _plan(described, len(measures), stamp)
    measures += taken
    for title, numbers in remedies:
        number = len(measures) + 1
        measures.append(_to_take(described, number, title, stamp))
        evaluations.append(_evaluation(f"3.1.{number}", [numbers], [f"{title}."], stamp))
    return {
        "pia": _pia(described, stamp), "answers": answers, "measures": measures,
        "evaluations": evaluations, "comments": [],
    }  # fmt: skip


def _plan(
    described: DescribedRulings, taken: int, stamp: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return further measures, which are to be taken, and the evaluations of the action plan.

    - `taken`: Measures that there are.
    """
    # A reading of the press asks for no remedy.
    firing = [one for one in described.rulings
              if one.is_firing and one.rule.confidence != "press reading"]  # fmt: skip
    questions = {number: _DRAFTS["answers"][str(number)]["rules"] for number in _EVALUATED}
    evaluations = []
    for number, rules in questions.items():
        of_it = [one for one in firing if one.rule.id in rules]
        if of_it:
            place = f"2.{str(number)[1]}.{number}"
            evaluations.append(_evaluation(place, *_of_rules(described, of_it), stamp))
    measures: list[dict[str, Any]] = []
    for one in firing:
        if any(one.rule.id in rules for rules in questions.values()):
            continue
        number = taken + len(measures) + 1
        title = f"{one.rule.id}, {described.say.translated(one.rule.title)}"
        measures.append(_to_take(described, number, title, stamp))
        evaluations.append(_evaluation(f"3.1.{number}", *_of_rules(described, [one]), stamp))
    return measures, evaluations


def _to_take(described: DescribedRulings, number: int, title: str, stamp: str) -> dict[str, Any]:
    """Return a measure that is to be taken."""
    content = _html([described.say("pia.to_take")])
    return {"id": number, "title": title, "content": content, "placeholder": "",
            "created_at": stamp}  # fmt: skip


def _of_rules(described: DescribedRulings, firing: Sequence[Ruling]) -> tuple[list[str], list[str]]:
    """Return what is wrong by some rules, and what remedies it."""
    say = described.say
    branches = [one for ruling in firing for one in ruling.branches]
    reasons = []
    for one in branches:
        case, verdict = (say(key) for key in (f"case.{one.rule.case}", f"verdict.{one.verdict}"))
        texts = [say("pia.reason", rule=one.rule.id, verdict=verdict, case=case)]
        if one.checked.columns:
            texts.append(say("pia.by_field", fields=tuple(one.checked.columns)))
        texts.append(say("story.source_of", source=one.rule.where(say.lang)))
        reasons.append(" ".join(texts))
    return reasons, list(dict.fromkeys(say.translated(one.rule.remedy) for one in branches))


def _evaluation(
    place: str, reasons: Sequence[str], remedies: Sequence[str], stamp: str
) -> dict[str, Any]:
    """Return an evaluation of a question or a measure, as the action plan lists it."""
    return {
        # To be fixed: an improvable answer would be locked, gaps and all.
        "reference_to": place, "status": 1, "global_status": 1, "gauges": {"x": 0, "y": 0},
        "evaluation_comment": _html(reasons), "action_plan_comment": _html(remedies),
        "estimated_implementation_date": None, "person_in_charge": "", "created_at": stamp,
    }  # fmt: skip


def _pia(described: DescribedRulings, stamp: str) -> dict[str, Any]:
    """Return the assessment itself: names and opinions are gaps."""
    gap = described.say("told.gap")
    return {
        "name": next(iter(described.name), gap), "author_name": gap, "evaluator_name": gap,
        "validator_name": gap, "status": 0, "category": "", "created_at": stamp,
        # In the tool 0 is an unfavourable opinion: none was given.
        "updated_at": stamp, "dpos_names": gap, "dpo_status": None, "dpo_opinion": "",
        "people_names": gap, "concerned_people_searched_opinion": False,
        "concerned_people_searched_content": gap, "concerned_people_status": None,
        "concerned_people_opinion": "", "rejection_reason": "", "applied_adjustments": "",
    }  # fmt: skip


def _data(described: DescribedRulings, graded: Mapping[str, Row], number: int) -> dict[str, Any]:
    """Return the answer to a question: a text, a list or a gauge."""
    gap = described.say("told.gap")
    if number in _GAUGES:
        return _gauge(described, graded, number)
    if number in _LISTS:
        return {"text": None, "gauge": None, "list": _listed(described, graded, number) or [gap]}
    answer = _DRAFTS["answers"].get(str(number), {"properties": "", "rules": ()})
    lines = described.lines(answer["properties"])
    tests = _tests(described, graded) if number == 213 else []
    # A verdict is an objection; it does not answer the question.
    text = [*([] if lines else [gap]), *lines, *tests, *described.verdicts(answer["rules"])]
    return {"text": _html(text), "gauge": None, "list": []}


def _listed(described: DescribedRulings, graded: Mapping[str, Row], number: int) -> list[str]:
    """Return impacts, threats, sources or measures of one feared event, where they are known."""
    event, kind = _EVENTS[number // 10], number % 10
    severity, likelihood = graded.get("severity"), graded.get("likelihood")
    if kind == 4:
        return described.safeguards
    if kind == 3:
        return described.recipients
    if kind == 1 and severity is not None and severity.value >= 3:
        return [described.say(f"pia.impact_{event}")]
    if kind == 2 and event == "access" and likelihood is not None:
        return [described.say(f"pia.threat_{likelihood.value:.0f}")]
    return []


def _gauge(described: DescribedRulings, graded: Mapping[str, Row], number: int) -> dict[str, Any]:
    """Return the gauge of a feared event; only of an access is anything measured."""
    name = "severity" if number % 10 == 5 else "likelihood"
    row = graded.get(name) if _EVENTS[number // 10] == "access" else None
    if row is None:
        return {"text": _html([described.say("told.gap")]), "gauge": 0, "list": []}
    # The gravest level is for a person to choose.
    level = min(int(row.value), 3) if name == "severity" else int(row.value)
    reasons = _tests(described, graded) if name == "severity" else []
    lines = [described.say(f"pia.{name}_{level}"), *reasons]
    return {"text": _html(lines), "gauge": level, "list": []}


def _tests(described: DescribedRulings, graded: Mapping[str, Row]) -> list[str]:
    """Return the results of the three tests of WP216, with their intervals and units."""
    lines = []
    for name, row in graded.items():
        test = next((test for test in _WP216 if name.startswith(test)), "")
        if not test:
            continue
        values: dict[str, Any] = {"value": row.value, "n": row.n, "counts": row.counts}
        sentence = [described.say(f"pia.{test}", **values, of=row.part["tested"])]
        if row.low < row.high:
            key = f"pia.{'worst_case' if row.worst_case else 'interval'}"
            sentence.append(described.say(key, low=row.low, high=row.high))
        held_out = math.isfinite(row.control)
        beside = row.control if held_out else row.baseline
        if math.isfinite(beside):
            key = "held_out" if held_out else "by_chance"
            sentence.append(described.say(f"pia.{key}", value=beside))
        lines.append(" ".join(sentence))
    return lines


def _html(lines: Sequence[str]) -> str:
    """Return lines as paragraphs."""
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines)
