"""The sections of the main page, and the steps of the invented family."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from privaudit.columns.headers import IDENTIFYING_KINDS
from privaudit.report.answers import GRAVE, quoted
from privaudit.report.charts import moved_most
from privaudit.report.mitigations import Remedy
from privaudit.report.names import attack_name, capital, is_masked, note_text, part_value, view_name
from privaudit.report.sentences import ResultLookup, hits_of, net_hits, whole
from privaudit.results.painter import Display
from privaudit.results.rows import Row
from privaudit.text.normalise import slug
from privaudit.words.catalogues import GAIN_NOUNS, Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study


@dataclass(frozen=True)
class Happening:
    """A step of the invented family: icon, text and frequency."""

    icon: str
    head: str
    text: str
    number: str = ""


def happenings_of(study: Study, words: Words, results: ResultLookup) -> list[Happening]:
    """Return the steps of the invented family, with their frequency in the town."""
    right = results.row("campaign", "label_precision")
    matched = results.row("campaign", "match_precision", "exact_name")
    doors = results.row("household", "wrong_addresses")
    opened = results.row("household", "opened_by_minors")
    before = results.row("access", "people_median", "before", "public")
    after = results.row("access", "people_median", "after", "public")
    dots = study.dots
    visited = int((dots["status"] == "visited").sum()) if dots is not None else 0
    wrong = None if right is None else 100 - round(100 * right.value)
    others = None if matched is None else whole(1 - matched.value, 1_000)
    values: dict[str, dict[str, Any] | None] = {
        "like": None if right is None else {"n": right.n},
        "score": None if wrong is None else {"n": wrong},
        "name": None if others is None else {"n": others},
        "door": None if doors is None else {"n": whole(doors.value, doors.n), "of": doors.n},
        "open": None if opened is None else {"n": opened.value, "of": opened.n},
        "grey": {"n": visited, "of": len(dots)} if dots is not None and visited else None,
        "seen": None if before is None else {"n": before.value},
        "closed": None if after is None else {"n": after.value},
    }
    steps = []
    for icon, told_values in values.items():
        number = words(f"steps.{icon}_number", **told_values) if told_values is not None else ""
        steps.append(Happening(icon, words(f"steps.{icon}_head"), words(f"steps.{icon}"), number))
    return steps


@dataclass(frozen=True)
class StorySection:
    """A section of the main page.

    - `contents`: What leads to it from the top of the page; "" where the part before it does.
    """

    id: str
    title: str
    texts: Sequence[str] = ()
    items: Sequence[tuple[str, str]] = ()
    figure: Display | None = None
    link: str = ""
    code: Sequence[str] = ()
    contents: str | None = None


def sections_of(
    study: Study,
    words: Words,
    results: ResultLookup,
    drawings: Mapping[str, Display],
    findings: Sequence[Any],
    remedies: Sequence[Remedy],
) -> list[StorySection]:
    """Return the sections that a study fills."""
    if study.case is not None:
        # The numbered findings stand before.
        return [_mend(words, remedies, drawings.get("mend"))]
    made = [
        _shown(words, results, drawings.get("shown"), findings),
        _section(words, "access", drawings, findings, _access(words, results), _ACCESS),
        _found(words, results, drawings, findings),
        _section(words, "ladder", drawings, findings, _sure(words, results), _best(results, True)),
        _section(words, "others", drawings, findings, _others(words, results), ("household",)),
        *(
            _section(words, name, drawings, findings, [], (about,))
            for name, about in (("unicity", "log"), ("classes", "table"))
            if study.kind == about
        ),
        _ways(words, results, findings),
        _assumed(words, results, findings),
        _quotes(study, words, findings),
        _mend(words, remedies, drawings.get("mend")),
    ]
    return [section for section in made if section is not None]


_ACCESS = ("tiers", "people", "tier_any_account")


def _best(results: ResultLookup, masked: bool) -> tuple[str, ...]:
    """Return the parts of the id of the strongest adversary's address."""
    views = [v for v in results.exposures_on_maps() if is_masked(v) == masked]
    best = results.best(views[0]) if views else None
    return (
        ("map", "address")
        if best is None
        else ("map", slug(best.view), slug(best.attack), "address")
    )


def _section(
    words: Words,
    name: str,
    drawings: Mapping[str, Display],
    findings: Sequence[Any],
    texts: Sequence[str],
    about: tuple[str, ...],
) -> StorySection | None:
    figure = drawings.get(name)
    if figure is None and not texts:
        return None
    title = words(f"story.{name}")
    return StorySection(name, title, texts, figure=figure, link=anchor(findings, *about))


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
    grave = [row for row in rows if row.part["what"] in (*IDENTIFYING_KINDS, *GRAVE)]
    items = []
    for row in grave or rows:
        texts = [words("story.shown_of", n=hits_of(row), of=row.n)]
        texts += [note_text(words, note) for note in row.notes]
        items.append((capital(words.name("held", row.part["what"])), " ".join(texts)))
    if not items:
        return None
    link = anchor(findings, "properties")
    return StorySection("shown", words("story.shown"), items=items, figure=figure, link=link)


def _access(words: Words, results: ResultLookup) -> list[str]:
    copies = results.row("tiers", "copies_possible")
    texts = [words("story.access_text")]
    if copies is not None:
        texts.append(words("story.access_copies", n=copies.value))
    return texts if results.family("tiers") else []


def _found(
    words: Words, results: ResultLookup, drawings: Mapping[str, Display], findings: Sequence[Any]
) -> StorySection | None:
    """Return the section on the chain if there is one, else on the gains."""
    if "chain" not in drawings:
        gains = _gains(words, results, tuple(GAIN_NOUNS))
        return _section(words, "gains", drawings, findings, gains, _best(results, False))
    # The headline has the addresses, the chain the labels.
    texts = [*_chain(words, results), *_gains(words, results, ("household", "person"))]
    return _section(words, "chain", drawings, findings, texts, ("chain", "whole"))


def _chain(words: Words, results: ResultLookup) -> list[str]:
    """Return how many are found at home under a right and under a wrong label."""
    right = results.row("chain", "so_far", "location")
    wrong = results.row("chain", "wrong_label", "at_home")
    if right is None or wrong is None:
        return []
    values = {"n": whole(right.value, right.n), "wrong": whole(wrong.value, wrong.n)}
    return [words("story.chain_text", **values)]


def _gains(words: Words, results: ResultLookup, gains: Sequence[str]) -> list[str]:
    """Return the sentences of the gains."""
    views = results.exposures_on_maps()
    exact = next((v for v in views if not is_masked(v)), "")
    best = results.best(exact)
    if best is None or best.expected:
        return []
    texts = []
    for gain in gains:
        row = results.found(best, gain)
        if row is not None:
            texts.append(words(f"story.reidentified_{gain}", n=net_hits(row), of=row.n))
    return [" ".join(texts)] if texts else []


def _sure(words: Words, results: ResultLookup) -> list[str]:
    """Return the calibration of the strongest adversary, and the most overconfident one."""
    view = results.masked()
    best = results.best(view)
    row = results.found(best) if best is not None else None
    if row is None or best is None or best.expected or not math.isfinite(row.confidence):
        return []
    over = "over" if row.confidence > row.high else "under" if row.confidence < row.low else "good"
    texts = [words(f"story.sure_{over}", who=capital(attack_name(words, best.attack)))]
    others = [(e, r) for e in results.exposures(view) if e is not best and (r := results.found(e))]
    rash = [(r.confidence - r.value, e, r) for e, r in others if r.confidence > r.high]
    if rash:
        _, exposure, r = max(rash, key=lambda item: item[0])
        claims = {"sure": whole(r.confidence, r.n), "right": whole(r.value, r.n)}
        who = capital(attack_name(words, exposure.attack))
        texts.append(words("story.sure_rash", who=who, **claims))
    return texts


def _others(words: Words, results: ResultLookup) -> list[str]:
    texts = []
    one = results.row("household", "households_one_interacted")
    if one is not None:
        values = {"n": one.value, "of": one.n, "random": round(one.baseline)}
        texts.append(words("story.one_household", **values))
    beside = _beside_random_doors(results)
    if beside is not None:
        texts.append(words(f"story.others_{beside}"))
    return texts


def _beside_random_doors(results: ResultLookup) -> str | None:
    """Return which groups exceed those behind random doors."""
    more = []
    for who in ("adults", "minors"):
        row = results.row("household", f"{who}_never_interacted")
        if row is None:
            continue
        if row.beyond_chance and row.value < row.baseline:
            return None
        more.append((who, bool(row.beyond_chance)))
    above = [who for who, beyond in more if beyond]
    if not more or not above:
        return "text" if more else None
    return "more" if len(above) == len(more) else above[0]


def _assumed(words: Words, results: ResultLookup, findings: Sequence[Any]) -> StorySection | None:
    """Return the section on the most influential assumption of each map."""
    items = []
    on_map = results.rows("sensitivity", "net")
    for view in dict.fromkeys(row.part["view"] for row in on_map):
        moved = moved_most([row for row in on_map if row.part["view"] == view])
        if moved:
            name, low, high = moved[0]
            values = {"low": low.value, "high": high.value, "usual": low.baseline}
            what = words.name("assumption", name)
            told_of = {"n": len(moved), "towns": low.n, "what": what}
            text = words("story.assumed_most", **told_of, **values)
            items.append((capital(view_name(words, view, "view_short")), text))
    if not items:
        return None
    link = anchor(findings, "sensitivity")
    return StorySection("assumed", words("story.assumed"), items=items, link=link)


def _ways(words: Words, results: ResultLookup, findings: Sequence[Any]) -> StorySection | None:
    items = []
    leak = results.row("leak", "any_leak", 100)
    if leak is not None:
        each = float(leak.part.get("each", 0.01))
        values = {"n": round(100 * leak.value), "each": round(100 * each)}
        items.append((words("ways.accounts"), words("ways.accounts_text", **values)))
    every = results.rows("screenshots", "reidentified")
    seen = [row for row in every if any(v == 12 for v in row.part.values())]
    if seen:
        n = net_hits(seen[0])
        items.append((words("ways.picture"), words("ways.picture_text", n=n, of=seen[0].n)))
    pair = [results.row("copies", "error", copies, "fresh") for copies in (1, 10)]
    if all(pair):
        first, last = (row.value for row in pair if row is not None)
        text = words("ways.copies_text", first=round(first), last=round(last))
        items.append((words("ways.copies"), text))
    looked = results.row("look_up", "names_answered")
    if looked is not None:
        text = words("ways.search_text", n=looked.value, of=looked.n)
        items.append((words("ways.search"), text))
    if not items:
        return None
    return StorySection(
        "ways", words("story.ways"), items=items,
        link=anchor(findings, "leak"),
    )  # fmt: skip


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
        row = finding.row
        # Properties of dots have a section of their own.
        if finding.family == "properties" or not finding.sentence or not _telling(row):
            continue
        readings = tuple(row.part.values()) if finding.family == "reading" else ()
        key = row.measure if study.kind == "table" else (finding.family, row.measure, row.gain)
        first = chosen.setdefault((key, *readings) if readings else key, finding)
        # Of several, the strongest adversary; else the largest gain over the baseline.
        if finding.family == "map" or _more(row) > _more(first.row):
            chosen[(key, *readings) if readings else key] = finding
    if study.kind == "table":
        chosen = {name: chosen[name] for name in _OF_TABLE if name in chosen}
    items = [("", text) for text in quoted(words, chosen.values())[:5]]
    return StorySection("quotes", words("story.quotes"), items=items) if items else None


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
    known = row.control if math.isfinite(row.control) else row.baseline
    return row.value - known if math.isfinite(known) else 0.0


def _mend(words: Words, remedies: Sequence[Remedy], figure: Display | None) -> StorySection:
    if not remedies:
        return StorySection("mend", words("story.mend"), [words("story.mend_none")])
    items = []
    for remedy in remedies:
        before, after = remedy.pair
        named = {n: part_value(words, v, n) for n, v in remedy.action.values.items()}
        values = named | {"before": before, "after": after, "of": remedy.before.n}
        name = note_text(words, remedy.action).rstrip(".")
        items.append((name, words(f"mend.{remedy.action.key}", **values)))
    return StorySection(
        "mend", words("story.mend"), [words("story.mend_text")], items, figure, "annex.html#mend",
    )  # fmt: skip
