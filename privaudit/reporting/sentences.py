"""A plain sentence for each finding, with its interval, its baseline and its denominator."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from privaudit.exposure.results import Exposure
from privaudit.reporting.names import attack_name, measure_name, view_name
from privaudit.reporting.words import Words, is_share, slug

__all__ = [
    "NO_MORE",
    "beside_label",
    "brackets_of",
    "exposure_sentence",
    "is_bound",
    "label_of",
    "measure_sentence",
    "presumes_nothing",
    "worst_column",
]

# Below, something is not so many times likelier, but about as likely, or less.
NO_MORE = 1.05
_THRESHOLD = re.compile(r"Records with a risk above (\d[\d.e-]*)\.(?: |$)")


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


def label_of(words: Words, name: str, family: str, note: str) -> str:
    """Return the name of a measure, with the threshold of a risk where its note tells one.

    Examples
    --------
    >>> label_of(Words("en"), "share_at_risk", "table", "Records with a risk above 0.2.")
    'records whose risk is above 20\xa0%'
    """
    label = measure_name(words, name, family)
    known = re.match(r"known: (.+); expected$", note)
    if known:
        resident = ", ".join(words.name("known", word) for word in known[1].split(", "))
        return f"{label} ({resident})"
    threshold = _THRESHOLD.search(note)
    if threshold is None:
        return label
    above = words("found.risk_above", value=words.tick(float(threshold[1])))
    return label.replace(words("measure.share_at_risk"), above)


def beside_label(note: str) -> str:
    """Return what a note says beyond the threshold that `label_of` puts into the name.

    Examples
    --------
    >>> beside_label("Records with a risk above 0.2. No population.")
    'No population.'
    """
    return _THRESHOLD.sub("", note)


def presumes_nothing(exposure: Exposure) -> bool:
    """Say whether no record presumes an opinion: nothing was tried, so nothing was missed."""
    row = exposure.overall.loc["opinion"]
    return bool(row["attack"] == 0 and row["confidence"] == 0)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def brackets_of(words: Words, low: float, high: float, n: float, unit: str) -> str:
    """Put an interval and a denominator between brackets, after a space; "" without either."""
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
    where = view_name(words, view, believed=provenance == "audited file")
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
        brackets=brackets_of(words, row["low"], row["high"], row["n"], "share"),
    )
    if math.isfinite(row["baseline"]):
        text += " " + words("found.baseline", value=words.percent(row["baseline"]))
    if math.isfinite(row["control"]):
        text += " " + words(f"found.control_{form}", value=words.percent(row["control"]))
    if not exposure.reliable:
        text += " " + words("found.unreliable")
    return text


def _own(words: Words, section: str, family: str, name: str) -> str:
    """Return the key of a sentence that a measure has of its own, "" where it has none."""
    keys = [f"{section}.{family}_{slug(name)}", f"{section}.{slug(name)}"]
    return next((key for key in keys if words.has(key)), "")


def measure_sentence(
    lang: str,
    name: str,
    row: Mapping[str, float],
    unit: str,
    provenance: str,
    small: bool,
    note: str = "",
    family: str = "",
) -> str:
    """Say what a measure counts.

    Parameters are those of `exposure_sentence`; `row` holds value, low, high, baseline, n.
    A measure with a sentence of its own in the catalogue uses it. One without a value says its
    range, and one whose note calls it a bound says so.
    """
    words = Words(lang)
    lead = words(f"lead.{slug(provenance)}")
    label = label_of(words, name, family, note)
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
    brackets = brackets_of(words, row["low"], row["high"], row["n"], unit)
    own = _own(words, "said", family, name)
    if own and row["value"] < NO_MORE and words.has(f"{own}_same"):
        own += "_same"
    if own and words.is_one(row["value"]) and words.has(f"{own}_one"):
        own += "_one"
    if own:
        n = words.count(row["n"])
        text = words(own, lead=lead, value=value, brackets=brackets, n=n)
    else:
        noun = "" if is_share(unit) else words.noun(unit, row["value"])
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
        key = _own(words, "against", family, name) or "against.other"
        text += " " + words(key, value=words.value(row["baseline"], unit))
    return _capital(text)
