"""The sections of the main page, and the steps of the invented family."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from privaudit.core.thresholds import MANY_SET_ASIDE, SMALL_CELL
from privaudit.report.answers import (
    LEADING_KINDS,
    adds,
    doubts_of,
    half_singled_out,
    identity_row,
    quoted,
    unicity_rows,
)
from privaudit.report.charts import moved_most
from privaudit.report.findings import notes_of
from privaudit.report.guard import kind_of_doubt
from privaudit.report.mitigations import Remedy, sentences_of
from privaudit.report.names import (
    attack_name,
    capital,
    note_text,
    quoted_note,
    set_aside,
    view_name,
)
from privaudit.report.sentences import (
    ResultLookup,
    compared_with,
    counts_of,
    hits_of,
    is_of_doubles,
    net_hits,
    people_of,
    times,
)
from privaudit.results.painter import Display
from privaudit.results.rows import Row
from privaudit.text.normalise import slug
from privaudit.words.catalogues import GAIN_NOUNS, Note, Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study


@dataclass(frozen=True)
class Happening:
    """A step of the invented family: its key, text and frequency, and whether it is only drawn."""

    icon: str
    head: str
    text: str
    number: str = ""
    drawn: bool = False


def happenings_of(study: Study, words: Words, results: ResultLookup) -> list[Happening]:
    """Return the steps of the invented family, with their frequency in the town."""
    right = results.row("campaign", "label_precision")
    exact, near = (
        results.row("campaign", "match_precision", kind) for kind in ("exact_name", "near_name")
    )
    best = results.best(results.exact())
    shown = None if best is None else results.found(best)
    visited = results.row("differences", "visited_between")
    doors = results.row("household", "wrong_addresses")
    opened = results.row("household", "opened_by_minors")
    values: dict[str, Any] = {
        "like": right and {"n": right.n},
        "score": right and {"n": times(right, "value", 100)},
        "name": exact and near and {
            "n": times(exact, "value", 1_000), "near": times(near, "value", 1_000),
        },
        "door": doors and {"n": people_of(doors), "of": doors.n},
        "open": opened and {"n": opened.value, "of": opened.n},
        "grey": visited and shown and {"n": visited.n, "of": shown.n},
    }  # fmt: skip
    before, after = (
        results.row("access", "people_median", moment, "public") for moment in ("before", "after")
    )
    values |= {
        "seen": before and {"n": before.value}, "before": None, "blurred": None,
        "closed": after and {"n": after.value},
    }  # fmt: skip
    moved = capital(view_name(words, results.masked(), "view_short")) if results.masked() else ""
    return [
        Happening(
            icon, moved if icon == "blurred" else words(f"steps.{icon}_head"),
            words(f"steps.{icon}"),
            "" if counts is None else words(f"steps.{icon}_number", **counts),
            drawn=icon in ("before", "blurred"),
        )
        for icon, counts in values.items()
    ]  # fmt: skip


@dataclass(frozen=True)
class StorySection:
    """A section of the main page.

    - `contents`: What leads to it from the top of the page; "" where the part before it does.
    - `folded`: Whether its items open below its text, since the figure says what they do.
    """

    id: str
    title: str
    texts: Sequence[str] = ()
    items: Sequence[tuple[str, str]] = ()
    figure: Display | None = None
    link: str = ""
    code: Sequence[str] = ()
    contents: str | None = None
    folded: bool = False


def sections_of(
    study: Study, words: Words, results: ResultLookup, drawings: Mapping[str, Display],
    findings: Sequence[Any], remedies: Sequence[Remedy],
) -> list[StorySection]:  # fmt: skip
    """Return the sections that a study fills."""
    if study.case is not None:
        # The numbered findings stand before.
        return [_mend(study, words, remedies, drawings.get("mend"), "")]

    def section(name: str, texts: Sequence[str], *about: str) -> StorySection | None:
        figure = drawings.get(name)
        if figure is None and not texts:
            return None
        title, link = words(f"story.{name}"), anchor(findings, *about)
        return StorySection(name, title, texts, figure=figure, link=link)

    exact, masked = (_best(results, view) for view in (results.exact(), results.masked()))
    result = section("gains", _gains(words, results, tuple(GAIN_NOUNS)), *exact)
    if "chain" in drawings:
        # The headline has the addresses, the chain the labels.
        texts = [*_chain(words, results), *_gains(words, results, ("household", "person"))]
        result = section("chain", texts, "chain", "whole")
    made = [
        _shown(words, results, drawings.get("shown"), findings),
        section("access", _access(words, results), "tiers", "people", "tier_any_account"),
        result,
        section("ladder", _sure(words, results), *masked),
        section("others", _others(words, results, drawings.get("others")), "household"),
        section("unicity", [], "log") if study.kind == "log" else None,
        section("classes", [], "table") if study.kind == "table" else None,
        _ways(words, results, drawings.get("ways"), findings),
        _assumed(words, results, findings),
        _quotes(study, words, findings),
        _mend(study, words, remedies, drawings.get("mend"), _advice(study, words, results)),
    ]
    return [one for one in made if one is not None]


# Notes of what a file holds and no number of the page takes in.
_LEFT_UNREAD = (
    "answers_read", "database_damaged", "file_left", "layer_read", "list_read", "member_read",
    "members_unread", "picture_colours_unread", "points_of_paths", "points_of_tracks_left",
    "sheet_read", "statements_not_applied", "zones_beside",
)  # fmt: skip


# Lines that may be of records, set aside.
_LINES_LOST = ("line_with_more_fields", "line_with_an_open_quote", "line_unreadable")


def first_lines(
    study: Study, words: Words, results: ResultLookup, remedies: Sequence[Remedy],
    quoted_above: Collection[Note] = (),
) -> list[tuple[str, str]]:  # fmt: skip
    """Return how sure the headline of a real file is, what to do first, and what was not read.

    A note that the leads under the headline quote is not quoted again.
    """
    if study.kind == "demo":
        return []
    unread = [note for note in notes_of(study) if note.inner.key in _LEFT_UNREAD]
    left = [("", quoted_note(words, note)) for note in unread if note not in quoted_above]
    if any(reason.inner.key == "other_table" for reason in study.set_aside):
        left.append(("", f"{note_text(words, Note('other_table'), 'aside')}."))
    aside, n = set_aside(study), sum(one.n for one in study.inventories)
    lost = any(reason.inner.key in _LINES_LOST for reason in study.set_aside)
    if study.kind == "inspect" and lost and aside > MANY_SET_ASIDE * (aside + n):
        left.append(("", words("method_short.aside", rows=aside)))
    texts = {"sure": _how_sure(study, words, results), "do": ""}
    doubt = study.kind == "map" and doubts_of(words, results)
    if remedies and study.case is None and not doubt:
        texts["do"] = ". ".join(sentences_of(words, remedies[:1])[0])
    else:
        texts["do"] = _advice(study, words, results)
    return [*((words(f"story.first_{key}"), text) for key, text in texts.items() if text), *left]


def _advice(study: Study, words: Words, results: ResultLookup) -> str:
    """Return what to do where no remedy was computed, by kind of study."""
    if kind_of_doubt(study) == "no_map":
        return words("story.do_no_map")
    if study.kind == "map" and doubts_of(words, results):
        return words("story.do_doubt")
    if study.rulings and study.case is None:
        fired = {verdict: len(study.rulings[0].of(verdict)) for verdict in ("breach", "concern")}
        first = [words(f"story.do_rules_{verdict}", n=n) for verdict, n in fired.items() if n][:1]
        left = [words("story.do_rules")] if study.rulings[0].of("not_assessable") else []
        return " ".join([*first, *left])
    few = study.kind == "table" and not results.people
    which = "_few" if few else "_none" if _finds_nobody(study, results) else ""
    key = f"story.do_{study.kind}{which}"
    advice = [words(key, smallest=SMALL_CELL)] if words.has(key) else []
    # Of so few people a copy without names is no way out.
    names = [] if few else _without_names(study, words, results)
    return " ".join([*names, *advice])


def _without_names(study: Study, words: Words, results: ResultLookup) -> list[str]:
    """Return the advice to remove the columns of a table that say who a person is, if any do."""
    for row in results.family("inventory") if study.kind == "table" else ():
        if row.measure == "shown_without" and row.part["what"] == "identity":
            names = [words.name("column", name) for name in row.part["without"]]
            return [words("story.do_table_named", columns=words("dossier.quoted", name=names))]
    return []


def _finds_nobody(study: Study, results: ResultLookup) -> bool:
    """Return whether nobody is in a small group of a table, or in both of two tables."""
    counted: Sequence[Row] = ()
    if study.kind == "table":
        named = results.row("inventory", "identified")
        # Of a sensitive column a large group may say as much.
        learnt = results.rows("table", "distinct_l") or (named is not None and named.value)
        counted = () if learnt else results.rows("table", "share_under")
    elif study.kind == "link":
        counted = results.rows("linked_people", "matched")
    # What is withheld is above nothing, and so is what a blank may hide.
    return bool(counted) and all(row.value == 0 and not row.worst_case for row in counted)


def _how_sure(study: Study, words: Words, results: ResultLookup) -> str:
    """Return the range of the headline's number, or how it was counted."""
    if study.kind == "log":
        points = unicity_rows(results)
        row = half_singled_out(points)[1] if points else None
    elif study.kind == "link":
        named = identity_row(results)
        if named is not None and not adds(named) and hits_of(named):
            return words("story.sure_on_map")
        right = results.row("linked_people", "match_precision")
        if right is not None:
            # How many are matched was counted; whether they are right is what is not known.
            return words("story.sure_matches", n=right.n, low=right.low, high=right.high)
        expected = results.row("linked_people", "expected_matches")
        linked = study.measures.get("linked_people")
        for note in linked.notes if linked else ():
            if note.key == "matches_by_chance":
                return quoted_note(words, note)
        if expected is not None and not is_of_doubles(expected):
            ends = {name: times(expected, name, 1) for name in ("value", "low", "high")}
            return words("story.sure_in_both", expected=ends.pop("value"), **ends)
        row = next(iter(results.rows("linked", "dot_named")[-1:]), None)
    else:
        row = results.row("table", "sample_uniques") if study.kind == "table" else None
        if row is not None and not row.low < row.high:
            return words("story.sure_counted")
        if study.inventories and study.kind == "inspect":
            return _searched_of(study, words, results)
        return words("story.sure_dossier") if study.case is not None else ""
    if row is None or not row.low < row.high:
        return ""
    ends = {end: times(row, end, row.n) for end in ("low", "high")}
    return words("story.sure_between", of=row.n, counts=row.counts, **ends)


def _searched_of(study: Study, words: Words, results: ResultLookup) -> str:
    """Return how much of the gravest file was searched for words."""
    one = study.inventories[0]
    several = len(study.inventories) > 1
    row = results.row("inspect", "searched", *[one.name] * several)
    return "" if row is None else words("story.sure_inspect", n=row.value, of=row.n, file=one.name)


def _best(results: ResultLookup, view: str) -> tuple[str, ...]:
    """Return the parts of the id of the strongest adversary's address."""
    best = results.best(view)
    named = () if best is None else (slug(best.view), slug(best.attack))
    return ("map", *named, "address")


def anchor(findings: Sequence[Any], *about: str) -> str:
    """Return the anchor of the first finding whose id holds these parts."""
    for finding in findings:
        parts = str(finding.id).split(".")
        if parts[0] == about[0] and all(part in parts for part in about):
            return f"annex.html#{finding.id}"
    return "annex.html"


def _shown(
    words: Words, results: ResultLookup, figure: Display | None, findings: Sequence[Any]
) -> StorySection | None:
    """Return the section on properties written beside the dots."""
    rows = results.rows("properties", "shown")
    # The figure shows the others.
    grave = [row for row in rows if row.part["what"] in LEADING_KINDS]
    items = []
    for row in grave or rows:
        texts = [words("story.shown_of", n=hits_of(row), of=row.n)]
        texts += [quoted_note(words, note, row.finding) for note in row.notes]
        items.append((capital(words.name("held", row.part["what"])), " ".join(texts)))
    return _listed(words, "shown", items, anchor(findings, "properties"), figure)


def _access(words: Words, results: ResultLookup) -> list[str]:
    if not results.family("tiers"):
        return []
    copies = results.row("tiers", "copies_possible")
    possible = [] if copies is None else [words("story.access_copies", n=copies.value)]
    return [words("story.access_text"), *possible]


def _chain(words: Words, results: ResultLookup) -> list[str]:
    """Return how many are found at home under a right and under a wrong label."""
    right = results.row("chain", "so_far", "location")
    wrong = results.row("chain", "wrong_label", "at_home")
    if right is None or wrong is None:
        return []
    return [words("story.chain_text", of=right.n, n=people_of(right), wrong=people_of(wrong))]


def _gains(words: Words, results: ResultLookup, gains: Sequence[str]) -> list[str]:
    """Return the sentences of the gains."""
    best = results.best(results.exact())
    if best is None or best.expected:
        return []
    rows = {gain: results.found(best, gain) for gain in gains}
    texts = [
        words(f"story.reidentified_{gain}", **counts_of(row))
        for gain, row in rows.items() if row is not None
    ]  # fmt: skip
    return [" ".join(texts)] if texts else []


def _sure(words: Words, results: ResultLookup) -> list[str]:
    """Return the calibration of the strongest adversary, and the most overconfident one."""
    view = results.masked()
    best = results.best(view)
    row = results.found(best) if best is not None else None
    if row is None or best is None or best.expected or not math.isfinite(row.confidence):
        return []
    over = "over" if row.confidence > row.high else "under" if row.confidence < row.low else "good"
    texts = [words(f"story.sure_{over}", who=capital(attack_name(words, best.attack, best.copies)))]
    rash = [(e, r) for e, r in results.rungs(view) if e is not best and r.confidence > r.high]
    if rash:
        exposure, row = max(rash, key=lambda one: one[1].confidence - one[1].value)
        claims = {"sure": times(row, "confidence", row.n), "right": people_of(row)}
        who = attack_name(words, exposure.attack, exposure.copies)
        texts.append(words("story.sure_rash", who=who, of=row.n, **claims))
    return texts


def _others(words: Words, results: ResultLookup, figure: Display | None) -> list[str]:
    texts = []
    row = results.row("household", "households_one_interacted")
    if row is not None and figure is None:
        values = {"n": row.value, "of": row.n, "random": times(row, "baseline", 1)}
        texts.append(words("story.one_household", **values))
    beside = _beside_random_doors(results)
    return [*texts, words(f"story.others_{beside}")] if beside else texts


def _beside_random_doors(results: ResultLookup) -> str | None:
    """Return which groups exceed those behind random doors."""
    more = {}
    for who in ("adults", "minors"):
        row = results.row("household", f"{who}_never_interacted")
        if row is None:
            continue
        if row.beyond_chance and row.value < row.baseline:
            return None
        more[who] = row.beyond_chance
    if not any(more.values()):
        return "text" if more else None
    return "more" if all(more.values()) else next(who for who, beyond in more.items() if beyond)


def _assumed(words: Words, results: ResultLookup, findings: Sequence[Any]) -> StorySection | None:
    """Return the section on the most influential assumption of each map."""
    size = results.row("sensitivity", "inhabitants")
    if size is None:
        return None
    items = []
    on_map = results.rows("sensitivity", "reidentified")
    by_chance = {tuple(r.part.items()): r for r in results.rows("sensitivity", "by_chance")}
    for view in dict.fromkeys(row.part["view"] for row in on_map):
        moved = moved_most([row for row in on_map if row.part["view"] == view])
        if not moved:
            continue
        name, low, high = moved[0]
        absent = [by_chance[tuple(row.part.items())] for row in (low, high)]
        text = words(
            "story.assumed_most", towns=low.n, inhabitants=size.value,
            what=words.name("assumption", name), low=low.value, high=high.value,
            low_from=low.low, low_to=low.high, high_from=high.low, high_to=high.high,
            usual=low.baseline, low_chance=absent[0].value, high_chance=absent[1].value,
            usual_chance=absent[0].baseline,
        )  # fmt: skip
        if low.high >= high.low:
            text = f"{text} {words('story.assumed_overlap')}"
        items.append((capital(view_name(words, view, "view_short")), text))
    made = _listed(words, "assumed", items, anchor(findings, "sensitivity"))
    return made and replace(made, texts=[words("story.assumed_each")], folded=True)


def _listed(
    words: Words, name: str, items: Sequence[tuple[str, str]], link: str = "",
    figure: Display | None = None,
) -> StorySection | None:  # fmt: skip
    """Return a section of items; None without any."""
    title = words(f"story.{name}")
    return StorySection(name, title, items=items, figure=figure, link=link) if items else None


def _ways(
    words: Words, results: ResultLookup, figure: Display | None, findings: Sequence[Any]
) -> StorySection | None:
    values: dict[str, dict[str, Any]] = {}
    leak = results.row("leak", "any_leak", 100)
    if leak is not None:
        each = float(leak.part["each"])
        values["accounts"] = {"n": times(leak, "value", 100), "each": round(100 * each)}
    # The figure shows how many a picture and the search box find.
    for row in () if figure else results.rows("screenshots", "reidentified"):
        if any(v == 12 for v in row.part.values()) and math.isfinite(row.value):
            values.setdefault("picture", counts_of(row))
    first, last = (results.row("copies", "error", copies, "fresh") for copies in (1, 10))
    if first is not None and last is not None:
        values["copies"] = {"first": times(first, "value", 1), "last": times(last, "value", 1)}
    named = results.row("look_up", "names_answered")
    if named is not None and figure is None:
        values["search"] = {"n": named.value, "of": named.n}
    items = [(words(f"ways.{n}"), words(f"ways.{n}_text", **of)) for n, of in values.items()]
    return _listed(words, "ways", items, anchor(findings, "leak"), figure)


# Measures of a table that are quoted.
_OF_TABLE = (
    "membership", "inference", "singling_out", "k_anonymity", "prosecutor_risk_mean",
    "vulnerability_posterior", "distinct_l", "suda_score_with", "population_unique_share",
    "t_closeness", "special_uniques",
)  # fmt: skip


def _quotes(study: Study, words: Words, findings: Sequence[Any]) -> StorySection | None:
    """Return the leading sentences of an audit, one per measure."""
    if study.kind == "demo":
        return None
    chosen: dict[Any, Any] = {}
    for finding in findings:
        row, family = finding.row, finding.family
        # Properties of dots have a section of their own.
        if family == "properties" or not finding.sentence or not _telling(row):
            continue
        key: Any = row.measure if study.kind == "table" else (family, row.measure, row.gain)
        if family == "reading":
            key = key, *row.part.values()
        first = chosen.setdefault(key, finding)
        # Of several, the strongest adversary; else the largest gain over the baseline.
        if family == "map" or _more(row) > _more(first.row):
            chosen[key] = finding
    if study.kind == "table":
        chosen = {name: chosen[name] for name in _OF_TABLE if name in chosen}
    items = [("", text) for text in quoted(words, chosen.values())[:5]]
    return _listed(words, "quotes", items)


def _telling(row: Row) -> bool:
    """Whether a row is worth quoting."""
    if math.isfinite(row.control) and net_hits(row) == 0:
        return False
    least = {
        "k_anonymity": 2, "t_closeness": 0.5, "suda_score_with": 0.2, "likelier_elsewhere": 2,
    }  # fmt: skip
    most = {"distinct_l": 1, "suda_score_with": 0.99, "claimed": -1}
    return least.get(row.measure, -math.inf) <= row.value <= most.get(row.measure, math.inf)


def _more(row: Row) -> float:
    known = compared_with(row)
    return row.value - known if math.isfinite(known) else 0.0


def _mend(
    study: Study, words: Words, remedies: Sequence[Remedy], figure: Display | None, advice: str
) -> StorySection:
    if not remedies:
        texts = [text for text in (advice, words("story.mend_none")) if text]
        return StorySection("mend", words("story.mend"), texts)
    return StorySection(
        "mend", words("story.mend"), [words("story.mend_text")], sentences_of(words, remedies),
        figure, "annex.html#mend", folded=study.kind == "demo" and figure is not None,
    )  # fmt: skip
