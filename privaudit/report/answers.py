"""The first screen of a report: a headline with counts, what it rests on, and its buttons."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from privaudit.columns.headers import IDENTIFYING_KINDS
from privaudit.core.thresholds import MANY_SET_ASIDE, READINGS_AGREE, SMALL_CELL
from privaudit.release.inventory import Inventory
from privaudit.report.dossier_page import dossier_headline
from privaudit.report.guard import kind_of_doubt
from privaudit.report.maps import areas_answer
from privaudit.report.names import (
    attack_name,
    capital,
    in_a_row,
    quoted_note,
    rung_name,
    set_aside,
    view_name,
)
from privaudit.report.rules_story import rules_headline
from privaudit.report.sentences import (
    ResultLookup,
    beside_the_key,
    by_chance,
    counts_of,
    enough,
    has_control,
    hits_of,
    is_of_doubles,
    net,
    people_of,
    times,
)
from privaudit.results.rows import Row
from privaudit.studies.study import doubtful_columns, grave_columns, mentioning_columns
from privaudit.words.catalogues import QUOTED, Note, Quoted, Words

if TYPE_CHECKING:
    from privaudit.results.exposure import Exposure
    from privaudit.studies.study import Study

# Notes that belong on the first screen.
_WEIGHTY = (
    "no_header", "sheets_hidden", "features_without_point", "records_deleted",
    "recipients_shown", "links_of_one", "members_unread", "pivot_table",
)  # fmt: skip


def inspect_headline(study: Study, words: Words, results: ResultLookup) -> Headline:
    """Return the headline, with emphasis marks, and the leads under it."""
    files = study.inventories
    grave = [c for one in files for c in grave_columns(one)]
    special, who = (results.row("inspect", name) for name in ("grave", "identifying"))
    assert special is not None
    assert who is not None
    counts = {"columns": special.n, "special": special.value, "who": who.value}
    # A few cells of employers or of contacts are no column of a special category either.
    doubt = [c for one in files for c in (*mentioning_columns(one), *doubtful_columns(one))]
    doubt = [c for c in doubt if c not in grave]
    key = "" if grave else "_doubtful" if doubt else "_none"
    headline = words(f"inspect.headline{key}", **counts)
    leads = [_records(words, one, results) for one in files if len(files) == 1]  # else on cards
    leads += dict.fromkeys(quoted_note(words, note) for note in study.notes if _weighs(note))
    named = {
        "text": [c for c in grave if c.role == "text_special"],
        "doubtful": doubt,
        "hints": [c for one in files for c in one.of_role("hint")],
        "inferred": [c for c in grave if c.declared == "inferred"],
        "credential": [c for one in files for c in one.of_role("credential")],
    }
    leads += [
        words(f"inspect.lead_{key}", columns=[column.name for column in columns])
        for key, columns in named.items() if columns
    ]  # fmt: skip
    if len(files) == 1 and files[0].absent:
        names = ", ".join(words(f"absent.{what}") for what in files[0].absent)
        leads.append(words("inspect.lead_absent", absent=names))
    key = "inspect.lead_minors" if len(files) == 1 else "inspect.lead_minors_of"
    for one in (one for one in files if one.minors > 0):
        least = "_least" if one.most_minors > one.minors else ""
        leads.append(words(f"{key}{least}", file=one.name, n=one.minors))
    return headline, leads


def _weighs(note: Note) -> bool:
    """Whether a note is about people who were not read, or are identified elsewhere."""
    return note.inner.key in _WEIGHTY or {"at", "others"} <= set(note.inner.values)


def _records(words: Words, one: Inventory, results: ResultLookup) -> str:
    size = results.row("inspect", "size")
    assert size is not None
    values = {"n": size.value, "columns": size.n, "system": one.system}
    return words(f"inspect.{'lead_system' if one.system else 'lead_records'}", **values)


def headline_without_numbers(words: Words, results: ResultLookup) -> str:
    """Return the headline without numbers: too few people, or no reliable estimate."""
    exposures = results.study.exposures
    if any(row.n >= SMALL_CELL for one in exposures for row in one.rows):
        return words(f"story.headline_{kind_of_doubt(results.study)}")
    return words("story.headline_few", smallest=SMALL_CELL)


def unstated_mask_answer(words: Words, results: ResultLookup) -> Headline | None:
    """Return the headline and its leads for an undeclared mask; None if neither is known."""
    return _in_place(words, results) or _ranged(words, results)


def _in_place(words: Words, results: ResultLookup) -> Headline | None:
    """Return both readings of dots on addresses: left in place, and swapped."""
    left, swapped = (results.row("reading", "reidentified", one) for one in ("in_place", "swapped"))
    on = results.row("reading", "on_address")
    if left is None or swapped is None or on is None:
        return None
    values = {"hits": people_of(left), "of": left.n, "swapped": people_of(swapped)}
    headline = words("story.headline_in_place", **values)
    chance = times(on, "baseline", on.n)
    return headline, [words("story.lead_in_place", n=hits_of(on), of=on.n, chance=chance)]


def _ranged(words: Words, results: ResultLookup) -> Headline | None:
    """Return the range over the masks that the dots leave possible."""
    for exposure in reversed(results.study.exposures):
        rows = {row.gain: row for row in reversed(results.of(exposure)) if enough(row)}
        row, named = rows.get("address"), rows.get("person")
        if row is None or not math.isnan(row.value) or not row.low < row.high:
            continue
        leads = [words("story.lead_between")]
        if named is not None and named.low < named.high:
            leads.append(words("story.lead_between_named", **_whole_ends(named, row.n)))
        leads += [quoted_note(words, n) for n in exposure.notes if n.key == "copies_averaged"]
        return words("story.headline_between", **_whole_ends(row, row.n)), [" ".join(leads)]
    return None


def _whole_ends(row: Row, of: float) -> dict[str, float]:
    """Return a range of shares as whole people, rounded outward, of how many."""
    return {"low": times(row, "low", of), "high": times(row, "high", of), "of": of}


# The headline of the first screen, with emphasis marks, and the leads under it.
Headline = tuple[str, list[str]]
# Studies of people who are in a file.
_OF_PEOPLE = ("table", "map", "log", "link")
# Notes on dots of several copies that were not linked, or on a picture that may be no map.
_DOUBTED = ("links_to_none", "links_left_out", "links_unread", "column_may_be_id", "may_be_no_map")


@dataclass(frozen=True)
class Choice:
    """A button of the first screen: its label, the panel it shows, and what it says."""

    label: str
    view: str
    caption: str
    big: str
    sentence: str


@dataclass(frozen=True)
class Answer:
    """The first screen: a sentence, what it rests on, buttons, and the notes of its leads."""

    headline: Markup
    leads: Sequence[str] = ()
    exact: str = ""
    choices: Sequence[Choice] = ()
    question: str = ""
    chosen: int = 0
    notes: Sequence[Note] = ()


def marked(text: str) -> Markup:
    """Turn ``*text*`` of a catalogue into emphasis, and escape everything else.

    Examples
    --------
    >>> marked("of *3 < 4* people")
    Markup('of <em>3 &lt; 4</em> people')
    """
    parts = str(escape(text)).split("*")
    return Markup("".join(f"<em>{p}</em>" if i % 2 else p for i, p in enumerate(parts)))


def answer_of(study: Study, words: Words, results: ResultLookup, findings: Sequence[Any]) -> Answer:
    """Return the first screen of a study, by its kind."""
    if study.kind not in _OF_PEOPLE:
        return _by_kind(study, words, results, findings)
    if not results.people:
        return Answer(marked(headline_without_numbers(words, results)), [words("story.lead_few")])
    answer, aside = _by_kind(study, words, results, findings), set_aside(study)
    if aside < MANY_SET_ASIDE * (aside + results.people):
        return answer
    lead = words("story.lead_aside", rows=aside, used=results.people)
    return replace(answer, leads=(lead, *answer.leads))


def _by_kind(study: Study, words: Words, results: ResultLookup, findings: Sequence[Any]) -> Answer:
    if study.kind in ("demo", "map") and results.exposures_on_maps():
        answer = _shown_first(study, words, results, _map_answer(study, words, results))
        return replace(answer, leads=(*_doubted(study, words), *answer.leads))
    makers: dict[str, Callable[[Words, ResultLookup], Headline | None]] = {
        "table": table_answer, "log": log_answer, "country": country_answer, "link": linked_answer,
        "map": areas_answer,
    }  # fmt: skip
    made: Headline | None = None
    if study.case is not None:
        made = dossier_headline(study, words, findings)
    elif study.rulings:
        made = rules_headline(study, words, results)
    elif study.inventories:
        made = inspect_headline(study, words, results)
    elif study.kind in makers:
        made = makers[study.kind](words, results)
    if made is None and study.kind != "demo" and study.exposures:
        made = _one_headline(words, results)
    if made is None:
        said = [words("story.kind_demo")] if study.kind == "demo" else quoted(words, findings)
        made = next(((text, list[str]()) for text in said), _nothing(words))
    notes = [note for note in study.notes if study.kind == "inspect" and _weighs(note)]
    return Answer(marked(made[0]), made[1], notes=notes)


# Properties that are sensitive even without a name.
GRAVE = ("support", "origin", "note", "others", "age", "address")
LEADING_KINDS = (*IDENTIFYING_KINDS, *GRAVE)


def _shown_first(study: Study, words: Words, results: ResultLookup, then: Answer) -> Answer:
    """Lead with what is written beside the dots, before the result of an attack."""
    properties = study.measures.get("properties")
    if properties is None:
        return then
    shown = {str(row.part["what"]): row for row in results.rows("properties", "shown")}
    leads = [quoted_note(words, note) for note in properties.notes]
    unknown = results.row("properties", "unknown_columns")
    if unknown is not None:
        leads.append(words("story.lead_unknown", n=unknown.value))
    if shown:
        first = [what for what in shown if what in LEADING_KINDS] or list(shown)
        items = [
            words("story.shown_item", what=words.name("held", what), n=hits_of(shown[what]))
            for what in first
        ]
        of = next(iter(shown.values())).n
        leads.insert(0, words("story.lead_shown", of=of, items=", ".join(items)))
    headline = _shown_headline(words, results, shown)
    if not headline:
        return replace(then, leads=[*then.leads, *leads], notes=properties.notes)
    leads += [unmarked(then.headline), *then.leads]
    return replace(then, headline=marked(headline), leads=leads, notes=properties.notes)


def _shown_headline(words: Words, results: ResultLookup, shown: Mapping[str, Row]) -> str:
    """Return the headline on dots that identify a person, else on the most sensitive property.

    "" where no property is sensitive.
    """
    who = results.row("properties", "identified")
    side = results.row("properties", "identified_with", "support")
    what = "support" if who else next((kind for kind in GRAVE if kind in shown), "")
    if not what:
        return ""
    row, key = who or shown[what], "headline_shown" if who else "headline_beside"
    values: dict[str, Any] = {"n": hits_of(row), "of": row.n, "what": words.name("held", what)}
    if who and side and hits_of(side):
        return words("story.headline_shown_side", side=hits_of(side), **values)
    return words(f"story.{key}", **values)


def unmarked(headline: Markup) -> str:
    """Remove the emphasis of `marked`, and keep no-break spaces."""
    # Markup.striptags would turn no-break spaces into plain ones.
    return html.unescape(str(headline).replace("<em>", "").replace("</em>", ""))


def _map_answer(study: Study, words: Words, results: ResultLookup) -> Answer:
    exact, masked = results.exact(), results.masked()
    first, then = results.best(exact), results.best(masked)
    row, blurred = (results.found(e) if e is not None else None for e in (first, then))
    if row is None or blurred is None or first is None or then is None:
        headline, leads = _one_headline(words, results) or _nothing(words)
        larger = [words("story.lead_few_town")] if study.kind == "demo" else []
        return Answer(marked(headline), leads or larger)
    exact_counts, counts = counts_of(row), counts_of(blurred)
    here = {f"exact_{name}": n for name, n in exact_counts.items()} | counts
    lead, typical = _lead(study, words), _typical(words, results, first, then)
    who = attack_name(words, then.attack, then.copies, masked)
    if typical:
        headline = words("story.headline_typical", lead=lead, of=row.n, **typical)
        leads = [words("story.lead_typical", who=who, towns=results.n_towns, **typical)]
        if {"exact_household", "blurred_household"} <= set(typical):
            leads.append(words("story.lead_typical_household", **typical))
    else:
        pair = {"exact": here["exact_n"], "blurred": here["n"], "of": row.n}
        headline = words("story.headline_address", lead=lead, **pair)
        leads = []
    leads.append(words("story.lead_here" if typical else "story.lead_two", who=who, **here))
    choices, question, chosen = _choices(study, words, results, masked)
    of = words("story.of", **exact_counts)
    return Answer(marked(headline), leads, of, choices, question, chosen)


def _lead(study: Study, words: Words) -> str:
    """Return the opening words; people are called simulated where places are real."""
    real = study.real_places and study.provenance == "simulated"
    return words(f"story.if{'_simulated' if real else ''}")


def _typical(
    words: Words, results: ResultLookup, first: Exposure, then: Exposure
) -> dict[str, Quoted | str]:
    """Return the means and the ranges over simulated towns, as people of this one."""
    values: dict[str, Quoted | str] = {}
    for prefix, exposure in (("exact", first), ("blurred", then)):
        row, household = (results.found(exposure, gain) for gain in ("address", "household"))
        if row is None or not math.isfinite(row.mean):
            return {}
        low, high = (times(row, name, row.n) for name in ("between_low", "between_high"))
        key = "in_all_towns" if low == high else "from_town_to_town"
        values[f"{prefix}_towns"] = words(f"story.{key}", low=low, high=high)
        values[prefix] = times(row, "mean", row.n)
        if household is not None and math.isfinite(household.mean):
            values[f"{prefix}_household"] = times(household, "mean", household.n)
    return values


def _doubted(study: Study, words: Words) -> list[str]:
    """Return the notes on dots of copies that were not linked, or on a picture of anything."""
    notes = study.measures["changes"].notes if "changes" in study.measures else study.notes
    return [quoted_note(words, note) for note in notes if note.key in _DOUBTED]


def _beside(words: Words, row: Row, attack: str, view: str) -> str:
    """Return the lead on the adversary, with what chance gives."""
    key = "lead_beside" if by_chance(row) else "lead_gross"
    return words(f"story.{key}", who=attack_name(words, attack, view=view), **counts_of(row))


def _choices(
    study: Study, words: Words, results: ResultLookup, masked: str
) -> tuple[list[Choice], str, int]:
    """Return the buttons: one per mask if several are drawn, else one per adversary."""
    best = {view: results.best(view) for view in study.blurred}
    known = {
        view: (e, row) for view, e in best.items()
        if e is not None and (row := results.found(e)) is not None
    }  # fmt: skip
    if len(known) > 1:
        made = [
            _choice(words, view, row, e.attack, view_name(words, view, "view_least"))
            for view, (e, row) in known.items()
        ]
        chosen = list(known).index(masked) if masked in known else 0
        return made, words("story.pick_blur"), chosen
    made = [
        _choice(words, masked, row, e.attack, rung_name(words, e.attack))
        for e, row in results.rungs(masked)
    ]
    return made, words("story.pick_who"), max(0, len(made) - 1)


def _choice(words: Words, view: str, row: Row, attack: str, label: str) -> Choice:
    counts, caption = counts_of(row), capital(view_name(words, view, "view_short"))
    key = "say_address_beside" if counts["control"] else "say_address"
    sentence = words(f"story.{key}", view=caption, who=attack_name(words, attack), **counts)
    if row.residual_low <= 0:
        sentence += " " + words("found.within_chance")
    return Choice(label, view, caption, words("story.of", **counts), sentence)


def _one_headline(words: Words, results: ResultLookup) -> Headline | None:
    """Answer for one view and its strongest adversary; None without exposures."""
    for exposure in reversed(results.study.exposures):
        row = results.found(exposure) if exposure.reliable else None
        if row is None:
            continue
        lead = _beside(words, row, exposure.attack, exposure.view)
        if exposure.expected:
            low, high = times(row, "low", row.n), times(row, "high", row.n)
            lead = words("story.lead_expected", low=low, high=high, of=row.n)
        headline = words(
            f"story.headline_{'expected' if exposure.expected else 'one'}_address",
            hits=people_of(row), of=row.n,
            who=attack_name(words, exposure.attack, exposure.copies, exposure.view),
            place=words(f"story.in_{'table' if exposure.view == 'table' else 'map'}"),
        )  # fmt: skip
        return headline, [lead]
    answer = unstated_mask_answer(words, results)
    if answer is None and results.study.exposures:
        return headline_without_numbers(words, results), doubts_of(words, results)
    return answer


# Why the estimates of a map are refused whose mask was stated.
_MASK_DOUBTS = ("fits_other_mask", "dots_unexplained", "dots_off_addresses")


def doubts_of(words: Words, results: ResultLookup) -> list[str]:
    """Return why the strongest adversary of a map has no number; none where one has."""
    if any(exposure.reliable for exposure in results.study.exposures):
        return []
    for exposure in reversed(results.study.exposures):
        for row in results.of(exposure):
            doubts = [note for note in row.notes if note.key in _MASK_DOUBTS]
            if doubts and row.n >= SMALL_CELL:
                return [quoted_note(words, note, row.finding) for note in doubts]
    return []


def country_answer(words: Words, results: ResultLookup) -> Headline | None:
    """Return the headline and leads of a country; None if nobody is counted."""
    alone = results.row("country", "unique")
    few = results.row("country", "class_under", SMALL_CELL)
    if alone is None:
        return None
    most = "_most" if alone.bound == "upper" else ""
    # Of less than one in 100 the share is said: "0 are alone" would be wrong.
    share = "_share" if 0 < alone.value < 0.005 else ""
    values = {"n": times(alone, "value", 100), "share": alone.value}
    headline = words(f"story.headline_country{share}{most}", **values)
    # What is known of a person, the result, then what the model leaves out.
    notes = sorted(results.study.measures["country"].notes, key=lambda note: -len(note.values))
    leads = [quoted_note(words, note) for note in notes if note.values]
    leads += [] if few is None else [words("story.lead_country", n=times(few, "value", 100))]
    return headline, leads + [quoted_note(words, note) for note in notes if not note.values]


def _nothing(words: Words) -> Headline:
    """Return why nothing is said on the first screen, and what to do."""
    return words("story.headline_nothing"), [words("story.lead_nothing")]


def evidence_of(answer: Answer, findings: Sequence[Any]) -> str:
    """Return the anchor in the annex of the first number of the first screen."""
    ids = {finding.id for finding in findings}
    quoted = re.findall(f"{QUOTED[0]}(\\S+) ", " ".join([str(answer.headline), *answer.leads]))
    first = next((name for name in quoted if name in ids), "")
    first = first or next((finding.id for finding in findings), "")
    return f"annex.html#{first}" if first else "annex.html"


def quoted(words: Words, findings: Iterable[Any]) -> list[str]:
    """Return the sentences of findings, without repeats."""
    texts = []
    for finding in findings:
        sentence = getattr(finding, "sentence", "")
        text = (
            sentence.get(words.lang, "") if isinstance(sentence, Mapping) else str(sentence or "")
        )
        if text and getattr(finding, "reliable", True) and text not in texts:
            texts.append(text)
    return texts


# Notes on values that may mean a missing answer, and how many the first screen shows.
_MAY_BE_NO_ANSWER, _DOUBTS = ("number_like_a_mark", "word_like_a_mark"), 2


def table_answer(words: Words, results: ResultLookup) -> Headline | None:
    """Return the headline and leads of a table; None if too few are counted."""
    alone = next((r for r in results.rows("table", "sample_uniques") if not r.part), None)
    if alone is None:
        return _table_of_few(words, results)
    k = results.row("table", "k_anonymity")
    key = "headline_table" if alone.value else "headline_table_none"
    values = {"alone": alone.value, "of": alone.n, "counts": alone.counts}
    named_key = _key_named(words, results)
    headline = words(f"story.{key}", k=k.value if k else math.nan, key=named_key, **values)
    first, blanks = _blanks(words, results, alone)
    proposed = [note.values["key"] for note in results.study.notes if note.key == "roles_proposed"]
    headline, by_keys = first or headline, list[str]()
    if named := _named_headline(words, results):
        headline, by_keys = named, [unmarked(marked(headline))]
    return headline, [
        *by_keys,
        *beside_the_key(words, results),
        *(words("story.lead_proposed", key=", ".join(keys)) for keys in proposed),
        *blanks,
        *_in_population(words, results, alone),
        *_possible_blanks(words, results),
        *_constant_columns(words, results, alone),
        *_guess(words, results),
    ]


# Columns of a key that a headline names.
_KEYS_NAMED = 6


def _key_named(words: Words, results: ResultLookup) -> str:
    """Return the columns of the key; "key variables" where the study does not name them."""
    keys = [words.name("column", name) for name in results.keys]
    if not keys:
        return words("story.key_variables")
    names = [words("dossier.quoted", name=name) for name in keys[:_KEYS_NAMED]]
    if len(keys) > _KEYS_NAMED:
        return f"{', '.join(names)} {words('story.and_more')}"
    return in_a_row(words, names, "and")


def _table_of_few(words: Words, results: ResultLookup) -> Headline | None:
    """Return the headline on people who are named, or on a range where few are counted."""
    named, values = _named_headline(words, results), {"key": _key_named(words, results)}
    alone = next((r for r in results.family("table") if r.measure == "sample_uniques"), None)
    k = next((r for r in results.family("table") if r.measure == "k_anonymity"), None)
    texts = []
    if k is not None and math.isnan(k.value) and k.high < SMALL_CELL:
        texts.append(words("story.headline_table_few", of=k.n, counts=k.counts, **values))
    if alone is not None and alone.low < alone.high and enough(alone):
        most = {"high": alone.high, "of": alone.n, "counts": alone.counts}
        texts.append(words("story.headline_table_most", **most, **values))
    first, *more = [named, *texts] if named else texts or [""]
    leads = [*(unmarked(marked(text)) for text in more), *beside_the_key(words, results)]
    return (first, [*leads, *_guess(words, results)]) if first else None


def _named_headline(words: Words, results: ResultLookup) -> str:
    """Return the headline on records that say who the person is; "" where none does."""
    who = results.row("inventory", "identified")
    if who is None or not hits_of(who):
        return ""
    shown = {row.part["what"] for row in results.rows("inventory", "shown")}
    kinds = [words.name("held", kind) for kind in IDENTIFYING_KINDS if kind in shown]
    values = {"n": hits_of(who), "of": who.n, "counts": who.counts}
    values["what"] = in_a_row(words, kinds, "or")
    return words("story.headline_named", **values)


def _blanks(words: Words, results: ResultLookup, alone: Row) -> Headline:
    """Return the headline on complete records, and the leads on what blanks may hide.

    Where the ways to read blanks disagree by one record in a hundred, that comes first.
    """
    read = {row.part["missing"]: row for row in results.rows("table", "uniques_by_reading")}
    complete = read.pop("exclude", None)
    nouns: Any = {"counts": alone.counts, "of": alone.n, "key": _key_named(words, results)}
    if complete is not None and complete.n == alone.n:
        leads = [quoted_note(words, note) for note in results.empty_keys]
        if len(leads) < max(len(results.keys), 1):
            return "", leads  # Without any key, "none is alone" would clear what was not measured.
        return words("story.headline_over_blanks", low=alone.low, high=alone.high, **nouns), leads
    shares = [row.value / row.n for row in (*read.values(), *([complete] if complete else []))]
    first, leads = [], []
    values: dict[str, Any] = {"value": alone.value, "low": alone.low, "high": alone.high}
    # Rounded, or .16 less .15 would be more than .12 less .11.
    if round((alone.high - alone.low) / alone.n, 9) >= READINGS_AGREE:
        # What holds whatever the blanks hide; ways to count them are no such range.
        first = [words("story.headline_over_blanks", **values, **nouns)]
        leads = [words("story.lead_blanks_expected", **values, **nouns)] if "likely" in read else []
    elif alone.low < alone.high:
        leads = [words("story.lead_blanks", **values, **nouns)]
    elif len(read) > 1 and round(max(shares) - min(shares), 9) >= READINGS_AGREE:
        ways = [row.value for row in read.values()]
        first = [words("story.headline_readings", least=min(ways), most=max(ways), **nouns)]
    if complete is not None:
        of = {"complete": complete.n, "alone": complete.value, **nouns, "counts": complete.counts}
        first.append(words(f"story.headline_blanks{'' if complete.value else '_none'}", **of))
    if {"wildcard", "value"} <= set(read):
        fields = {"wildcard": read["wildcard"].value, "as_value": read["value"].value}
        leads.append(words("story.lead_readings", **fields))
    return " ".join(first), leads


def _in_population(words: Words, results: ResultLookup, alone: Row) -> list[str]:
    """Return the lead on population uniques among sample uniques, or why it is unknown."""
    row = next((row for row in results.family("table") if row.measure == "tau1"), None)
    if row is None or row.withheld or not (alone.value and enough(row)):
        return []
    if any(note.key == "needs_rate" for note in row.notes):
        return []  # The file was not declared a sample.
    values = {"alone": alone.value, "value": row.value, "low": row.low, "high": row.high}
    if not math.isfinite(row.value):
        why = " ".join(quoted_note(words, note, row.finding) for note in row.notes)
        return [words("story.lead_sample_unknown", why=why, **values)]
    exact = not row.low < row.high
    return [words("story.lead_sample_counted" if exact else "story.lead_sample", **values)]


def _possible_blanks(words: Words, results: ResultLookup) -> list[str]:
    """Return the leads on values that may mean a missing answer."""
    notes = [note.values for note in results.study.notes if note.key in _MAY_BE_NO_ANSWER]
    notes.sort(key=lambda values: -values["records"])
    return [
        words(
            "story.lead_doubted", column=words.name("column", values["column"]),
            mark=values.get("mark", values.get("value")), records=values["records"],
        )
        for values in notes[:_DOUBTS]
    ]  # fmt: skip


def _constant_columns(words: Words, results: ResultLookup, alone: Row) -> list[str]:
    """Return the leads on sensitive columns with a single value."""
    rows = [row for row in results.family("table") if row.measure == "vulnerability_prior"]
    of: dict[float, list[str]] = {}
    for row in filter(enough, rows):
        for note in row.notes:
            if note.key == "column_constant":
                of.setdefault(row.n, []).append(words.name("column", note.values["column"]))
    # One line for several such columns.
    return [
        words(
            f"story.lead_constant{'s' if len(columns) > 1 else ''}",
            column=columns[0], columns=tuple(columns), n=n, of=alone.n, counts=alone.counts,
        )
        for n, columns in of.items()
    ]  # fmt: skip


def _guess(words: Words, results: ResultLookup) -> list[str]:
    """Return the lead on guesses for a person of the file beside one outside it.

    Of several sensitive columns, the one of which the keys tell most.
    """
    rows = results.rows("table", "vulnerability_posterior")
    if not rows:
        return []
    row = max(rows, key=lambda one: one.value - one.baseline)
    if not row.value > row.baseline:
        return [words("story.guess_nothing")]
    column = next((v for v in row.part.values() if isinstance(v, str)), "")
    what = words("story.the_value")
    if column:
        what = words("story.value_of", column=words.name("column", column))
    values = {"in_file": row.value, "without": row.baseline, "held_out": row.control}
    key = "guess_net" if math.isfinite(row.control) else "guess_gross"
    return [words(f"story.{key}", what=what, **values)]


def people_answer(words: Words, results: ResultLookup) -> Headline | None:
    """Return the headline and leads of two tables linked by their people."""
    matched = next(iter(results.rows("linked_people", "matched")), None)
    if matched is None or not math.isfinite(matched.value):
        return None
    values: dict[str, Any] = {"table": matched.part["table"], "other": matched.part["other"]}
    values |= {"n": hits_of(matched), "of": matched.n}
    chance = times(matched, "baseline", matched.n)
    headline = words("story.headline_people", chance=chance, **values)
    expected, right, found = (
        results.row("linked_people", measure)
        for measure in ("expected_matches", "match_precision", "match_recall")
    )
    leads = []
    if expected is not None and right is not None and found is not None:
        ends = {name: times(expected, name, 1) for name in ("value", "low", "high")}
        shares = {"right": right.value, "right_low": right.low, "right_high": right.high}
        key = f"story.lead_people{'_doubles' * is_of_doubles(expected)}"
        leads.append(words(key, expected=ends.pop("value"), **ends, **shares, all=found.value))
    learnt = list[str]()
    for row in results.rows("linked_people", "learnt"):
        if not math.isfinite(row.baseline):  # withheld: too near to the value
            continue
        new = hits_of(row) - times(row, "baseline", row.n)
        if new > 0 and len(learnt) < _LEARNT:
            learnt.append(_learnt(words, row))
    return headline, leads + learnt


# Kinds of what is learnt that a first screen names.
_LEARNT = 3


def _learnt(words: Words, row: Row) -> str:
    part = {name: row.part[name] for name in ("table", "other")}
    what = words.name("held", str(row.part["what"]))
    blind = times(row, "baseline", row.n)
    return words("story.lead_learnt", n=hits_of(row), of=row.n, what=what, blind=blind, **part)


def linked_answer(words: Words, results: ResultLookup) -> Headline | None:
    """Return the headline and leads of a table joined to a map, or to another table."""
    if results.rows("linked_people", "matched"):
        return people_answer(words, results)
    named = identity_row(results)
    moved = _moved_note(results)
    if moved is not None and (named is None or not adds(named)):
        # Nothing was compared by position, which shows no safety.
        return _linked_range(words, results), [quoted_note(words, moved)]
    if named is None:
        return None
    alone, both = times(named, "baseline", named.n), hits_of(named)
    joins = results.rows("linked", "dot_named")[-1:]
    compared = [row for row in joins if has_control(row) and row.n == named.n]
    key = "_none" if both <= alone else "_beside" if compared else ""
    chance = by_chance(compared[0]) if compared else 0
    headline = words(f"story.headline_linked{key}", n=both, alone=alone, of=named.n, chance=chance)
    leads = []
    every = results.row("linked", "dot_tells", "all_three")
    before = times(every, "baseline", every.n) if every is not None else 0
    # What is withheld is above nothing.
    if every is not None and hits_of(every) > before:
        leads.append(words("story.lead_all_three", n=hits_of(every), alone=before, of=every.n))
    for row in joins:
        key = "lead_linked" if has_control(row) else "lead_linked_gross"
        values = {"by": row.part["by"], "n": hits_of(row), "of": row.n, "chance": by_chance(row)}
        leads.append(words(f"story.{key}", **values))
    agree = results.row("linked", "columns_agree")
    if agree is not None and math.isfinite(agree.value + agree.baseline):
        values = {"n": hits_of(agree), "of": agree.n, "chance": times(agree, "baseline", agree.n)}
        leads.append(words("story.lead_agree", **values))
    return headline, leads


def _linked_range(words: Words, results: ResultLookup) -> str:
    """Return the headline on a blurred map: a range, or that nothing was compared."""
    placed = results.row("linked", "placed_between")
    if placed is None:
        return words("story.headline_linked_moved")
    return words("story.headline_linked_between", **_whole_ends(placed, placed.n))


def _moved_note(results: ResultLookup) -> Note | None:
    """Return the note on dots that stand on no address, if there is one."""
    notes = [
        n for one in results.study.measures.values() if one.family == "linked" for n in one.notes
    ]
    return next((note for note in notes if note.key == "dots_moved_off"), None)


def identity_row(results: ResultLookup) -> Row | None:
    """Return the row on identified dots, of the first pair of files that adds any.

    None too where what a file shows alone is withheld, because the other adds few.
    """
    rows = [
        row for row in results.rows("linked", "dot_tells")
        if row.part.get("what") == "identity" and math.isfinite(row.value + row.baseline)
    ]  # fmt: skip
    return next((row for row in rows if adds(row)), rows[0] if rows else None)


def adds(row: Row) -> bool:
    """Return whether a row's value is known and above its baseline."""
    return math.isfinite(row.value + row.baseline) and row.value > row.baseline


def unicity_rows(results: ResultLookup) -> list[tuple[int, Row]]:
    """Return the rows of the finest resolution, with the number of known points."""
    rows: list[Row] = []
    for family in results.study.measures:
        rows += results.rows(family, "unicity")
    series: dict[str, list[tuple[int, Row]]] = {}
    for row in rows:
        points = [v for k, v in row.part.items() if k in ("points", "known", "p")]
        points = points or [v for v in row.part.values() if isinstance(v, int)]
        others = [str(v) for v in row.part.values() if v not in points]
        if points:
            series.setdefault("|".join(others), []).append((int(points[0]), row))
    if not series:
        return []
    # The finest resolution singles out most, by fewer points where all are singled out by many.
    best = max(series.values(), key=lambda part: sorted((r.value for _, r in part), reverse=True))
    return sorted(best, key=lambda pair: pair[0])


def half_singled_out(points: list[tuple[int, Row]]) -> tuple[int, Row]:
    """Return the fewest points that single out half of the people, else the most telling."""
    half = (pair for pair in points if net(pair[1]) >= 0.5)
    return next(half, max(points, key=lambda pair: net(pair[1])))


def log_answer(words: Words, results: ResultLookup) -> Headline | None:
    """Return the headline and leads of a log."""
    points = unicity_rows(results)
    if not points:
        return None
    known, row = half_singled_out(points)
    values = {"points": known, **counts_of(row)}
    lead = words(f"story.lead_log{'' if math.isfinite(row.control) else '_gross'}", **values)
    window = str(row.part.get("window", "no_time"))
    key = "story.headline_log" if window == "no_time" else "story.headline_log_when"
    headline = words(key, window=words.name("part", window), **values)
    return headline, [lead, *_left_out(words, row)]


def _left_out(words: Words, row: Row) -> list[str]:
    """Return the leads on people with too few points, and on sampling."""
    few, people = 0, round(1 / row.baseline) if row.baseline > 0 else round(row.n)
    for note in row.notes:
        if note.key == "fewer_points":
            few, people = int(note.values["few"]), int(note.values["of"])
    texts = []
    if few >= SMALL_CELL:
        texts.append(words("story.lead_log_few", few=few, people=people))
    if row.n < people - few:
        texts.append(words("story.lead_log_drawn", of=row.n))
    return texts
