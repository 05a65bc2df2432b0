"""A plain sentence for each finding, with its interval, its baseline and its denominator."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from privaudit.exposure.results import Exposure
from privaudit.reporting.words import Words, is_share, slug

__all__ = [
    "attack_name",
    "exposure_sentence",
    "is_bound",
    "measure_name",
    "measure_sentence",
    "presumes_nothing",
    "view_name",
    "worst_column",
]


def view_name(words: Words, view: str, section: str = "view") -> str:
    """Say what leaked, from the label of a view.

    Examples
    --------
    >>> view_name(Words("en"), "donut:50:200")
    'on the map of dots moved by 50 to 200\xa0m'
    >>> view_name(Words("en"), "donut:50:200", "view_short")
    'dots moved by 50 to 200\xa0m'
    """
    kind, *numbers = str(view).split(":")
    metres = [words.count(float(n)) for n in numbers if re.fullmatch(r"\d+(\.\d+)?", n)]
    low, high = (*metres, "", "")[:2]
    key = f"{section}.{slug(kind)}"
    needed = {"donut": 2, "gaussian": 1}.get(kind, 0)
    if not words.has(key) or len(metres) < needed:
        return words(f"{section}.other", name=view)
    return words(key, low=low, high=high)


def attack_name(words: Words, attack: str) -> str:
    """Say who attacks, as the subject of a sentence."""
    key = f"who.{slug(attack)}"
    return words(key) if words.has(key) else words("who.other", name=attack)


def measure_name(words: Words, name: str) -> str:
    """Say what a measure counts; ``distinct_l[party]`` is the measure of one column.

    Examples
    --------
    >>> measure_name(Words("en"), "unheard_of[party]")
    'unheard of (party)'
    >>> measure_name(Words("fr"), "k_map[without age]")[-10:]
    '(sans age)'
    """
    stem, _, column = str(name).partition("[")
    label = words.name("measure", stem)
    column = column.removesuffix("]")
    change, _, variable = column.partition(" ")
    if variable and words.has(f"change.{change}"):
        column = words(f"change.{change}", name=variable)
    return f"{label} ({column})" if column else label


def is_bound(note: str) -> bool:
    """Say whether the note of a measure calls its value an upper bound."""
    return "an upper bound" in note


def worst_column(note: str) -> str:
    """Return the column that a measure over several of them speaks of, "" where there is one.

    Examples
    --------
    >>> worst_column("Of 'party'. Total variation distance."), worst_column("Alone.")
    ('party', '')
    """
    match = re.match(r"Of '(.+?)'\.(?: |$)", note)
    return match[1] if match else ""


def presumes_nothing(exposure: Exposure) -> bool:
    """Say whether no record presumes an opinion: nothing was tried, so nothing was missed."""
    row = exposure.overall.loc["opinion"]
    return bool(row["attack"] == 0 and row["confidence"] == 0)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _brackets(words: Words, low: float, high: float, n: float, unit: str) -> str:
    parts = [words.interval(low, high, unit)]
    parts += [words("number.n", n=words.count(n))] if math.isfinite(n) else []
    text = ", ".join(part for part in parts if part)
    return f" ({text})" if text else ""


def exposure_sentence(
    lang: str,
    exposure: Exposure,
    gain: str,
    row: Mapping[str, float],
    view: str,
    provenance: str,
    small: bool,
) -> str:
    """Say what an attack finds of a gain.

    Parameters
    ----------
    lang : {"en", "fr"}
    exposure : Exposure
        For its attack, and whether its numbers are observed or expected.
    gain : str
        One of `GAINS`.
    row : mapping
        attack, low, high, baseline, control, n; shares of 0 to 1.
    view : str
        What leaked.
    provenance : {"simulated", "audited file"}
    small : bool
        The numbers are withheld: fewer than 11 people.

    Returns
    -------
    str
        One to three sentences.
    """
    words = Words(lang)
    where = view_name(words, view)
    lead = words(f"lead.{slug(provenance)}")
    who = attack_name(words, exposure.attack)
    if small:
        return words("found.withheld", lead=lead, who=who, where=where)
    if gain == "opinion" and presumes_nothing(exposure):
        blind = words.percent(row["baseline"])
        return words("found.presumes_nothing", lead=lead, who=who, where=where, value=blind)
    form = "expected" if exposure.expected else "observed"
    text = words(
        f"found.{form}",
        lead=lead,
        who=who,
        does=words(f"does_{form}.{gain}"),
        value=words.percent(row["attack"]),
        where=where,
        brackets=_brackets(words, row["low"], row["high"], row["n"], "share"),
    )
    if math.isfinite(row["baseline"]):
        text += " " + words("found.baseline", value=words.percent(row["baseline"]))
    if math.isfinite(row["control"]):
        text += " " + words(f"found.control_{form}", value=words.percent(row["control"]))
    if not exposure.reliable:
        text += " " + words("found.unreliable")
    return text


def measure_sentence(
    lang: str,
    name: str,
    row: Mapping[str, float],
    unit: str,
    provenance: str,
    small: bool,
    note: str = "",
) -> str:
    """Say what a measure counts.

    Parameters are those of `exposure_sentence`; `row` holds value, low, high, baseline, n.
    A measure with a sentence of its own in the catalogue uses it. One without a value says its
    range, and one whose note calls it a bound says so.
    """
    words = Words(lang)
    lead = words(f"lead.{slug(provenance)}")
    label = measure_name(words, name)
    if small:
        return words("found.measure_withheld", lead=lead, label=label)
    if math.isnan(row["value"]):
        if not row["low"] < row["high"]:
            return words("found.measure_absent", lead=lead, label=label)
        ends = {end: words.value(row[end], unit) for end in ("low", "high")}
        return words("found.measure_range", lead=lead, label=label, **ends)
    value = words.value(row["value"], unit)
    if is_bound(note):
        value = words("number.at_most", value=value)
    brackets = _brackets(words, row["low"], row["high"], row["n"], unit)
    own = f"said.{slug(name)}"
    if words.has(own):
        n = words.count(row["n"])
        text = words(own, lead=lead, value=value, brackets=brackets, n=n)
    else:
        noun = "" if is_share(unit) else words.name("unit", unit)
        text = words(
            "found.measure",
            lead=lead,
            label=label,
            value=f"{value}\u00a0{noun}".rstrip(),
            brackets=brackets,
        )
    column = worst_column(note)
    if column:
        text += " " + words("found.worst_column", column=column)
    if is_bound(note):
        text += " " + words("found.bound")
    if math.isfinite(row["baseline"]):
        against = f"against.{slug(name)}"
        key = against if words.has(against) else "against.other"
        text += " " + words(key, value=words.value(row["baseline"], unit))
    return _capital(text)
