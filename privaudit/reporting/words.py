"""The words of the report: one catalogue a language, and how numbers are written in it."""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources
from typing import Any

from privaudit._core.checks import one_of

__all__ = ["LANGUAGES", "Words", "catalogue", "french_number", "french_spaces", "is_share", "slug"]

LANGUAGES = ("en", "fr")

# No-break space, and the narrow one that French puts before ; ! ? and between thousands.
NBSP, NARROW = "\u00a0", "\u202f"


def slug(name: str) -> str:
    """Return the stable identifier of a name: lower case, digits, underscores.

    Examples
    --------
    >>> slug("Knows the mask"), slug("donut:50:200")
    ('knows_the_mask', 'donut_50_200')
    """
    plain = unicodedata.normalize("NFKD", str(name)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_") or "unnamed"


def is_share(unit: str) -> bool:
    """Say whether a unit is written in percent: a share of something, or a probability."""
    return unit == "probability" or unit.startswith("share")


def french_spaces(text: str) -> str:
    """Set the no-break spaces and the apostrophes of French typography.

    Examples
    --------
    >>> french_spaces("l'outil : « oui » ?").replace(chr(160), "_").replace(chr(8239), "-")
    'l’outil_: «_oui_»-?'
    """
    text = re.sub(r" (?=[:%»])", NBSP, text)
    text = re.sub(r"(?<=«) ", NBSP, text)
    text = re.sub(r" (?=[;!?])", NARROW, text)
    return text.replace("'", "’")


def french_number(text: str) -> str:
    """Rewrite a number that was formatted for English; any other text stays as it is.

    Examples
    --------
    >>> french_number("5.2%").replace(chr(160), "_"), french_number("25.0"), french_number("x 1.5")
    ('5,2_%', '25', 'x 1.5')
    """
    if not re.fullmatch(r"-?\d[\d,]*(\.\d+)?(e-?\d+)?%?", text):
        return text
    plain = (
        re.sub(r"\.0+(?=%|$)", "", text).replace(",", NARROW).replace(".", ",").replace("-", "−")
    )
    return plain.replace("%", f"{NBSP}%")


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Read the catalogue of a language as a flat mapping ``"section.key"`` to a sentence."""
    one_of("report", "lang", lang, LANGUAGES)
    source = resources.files("privaudit.reporting") / "catalogue" / f"{lang}.toml"
    sections = tomllib.loads(source.read_text(encoding="utf-8"))
    fix = french_spaces if lang == "fr" else (lambda text: text.replace(" %", f"{NBSP}%"))
    # A number and its unit stay on one line.
    return {
        f"{s}.{k}": fix(text).replace("} m", f"}}{NBSP}m").replace("} km", f"}}{NBSP}km")
        for s, keys in sections.items()
        for k, text in keys.items()
    }


class Words:
    """Sentences and numbers in one language.

    Parameters
    ----------
    lang : {"en", "fr"}

    Raises
    ------
    ParameterError
        There is no catalogue of that language.

    Examples
    --------
    >>> Words("en").percent(0.0231), Words("en").count(1284)
    ('2.3\\xa0%', '1,284')
    >>> Words("fr").percent(0.0231), Words("fr").count(1284)
    ('2,3\\xa0%', '1\\u202f284')
    """

    def __init__(self, lang: str) -> None:
        self._texts = catalogue(lang)
        self.lang = lang

    def __call__(self, key: str, **values: Any) -> str:
        """Return a sentence of the catalogue with its values put in."""
        return self._texts[key].format(**values)

    def template(self, key: str) -> str:
        """Return a sentence of the catalogue as it stands, its values not put in."""
        return self._texts[key]

    def has(self, key: str) -> bool:
        """Say whether the catalogue holds a key."""
        return key in self._texts

    def name(self, section: str, value: Any) -> str:
        """Return the word for a value, or the value itself where the catalogue has none."""
        text = self._texts.get(f"{section}.{slug(value)}")
        return str(value).replace("_", " ") if text is None else text

    def noun(self, unit: str, value: float) -> str:
        """Return what is counted, in the number that the value asks; "" for a bare number.

        Examples
        --------
        >>> fr = Words("fr")
        >>> fr.noun("people", 1), fr.noun("people", 2), fr.noun("ratio", 3)
        ('personne', 'personnes', '')
        """
        key = f"unit_one.{slug(unit)}"
        return self(key) if self.is_one(value) and self.has(key) else self.name("unit", unit)

    def is_one(self, value: float) -> bool:
        """Say whether what is counted takes the singular: 1, and in French all under 2."""
        return value == 1 if self.lang == "en" else abs(value) < 2

    def _decimal(self, text: str) -> str:
        if self.lang == "fr":
            return text.replace(",", NARROW).replace(".", ",")
        return text

    def percent(self, share: float, *, short: bool = False) -> str:
        """Write a share of 0 to 1 as a percentage, never rounded to 0 or 100 when it is not.

        With `short`, as a table has room for: "< 0.01 %" instead of "under 0.01 %".

        Examples
        --------
        >>> en = Words("en")
        >>> en.percent(1e-6, short=True), en.percent(-1e-6, short=True), en.percent(-1e-6)
        ('<\\xa00.01\\xa0%', '>\\xa0−0.01\\xa0%', 'over −0.01\\xa0%')
        """
        if not math.isfinite(share):
            return "–"
        value = 100 * abs(share)
        # Below 1 % a single decimal would hide half of what there is.
        digits = 0 if value in (0, 100) else 1 if value >= 0.995 else 2
        bound = "0.01" if 0 < value < 0.01 else "99.9" if 99.95 <= value < 100 else ""
        text = f"{self._decimal(bound or f'{value:.{digits}f}')}{NBSP}%"
        if share < 0:
            text = f"−{text}"
        if not bound:
            return text
        if (share < 0) == (bound == "0.01"):
            return f">{NBSP}{text}" if short else self("number.over", value=text)
        return f"<{NBSP}{text}" if short else self("number.under", value=text)

    def tick(self, share: float) -> str:
        """Write a round share of an axis, without decimals that say nothing."""
        return f"{self._decimal(f'{100 * share:.6g}')}{NBSP}%"

    def count(self, value: float) -> str:
        """Write a number: whole when it is whole, otherwise with two or three figures."""
        if not math.isfinite(value):
            return "∞" if math.isinf(value) else "–"
        if 0 < abs(value) < 0.1:
            # Two significant figures: 0.0031 is not 0.00.
            if abs(value) < 1e-6:
                return self("number.under", value=self._decimal("0.000001"))
            figures = 1 - math.floor(math.log10(abs(value)))
            return self._decimal(f"{value:.{figures}f}").replace("-", "−")
        digits = 0 if value == round(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
        return self._decimal(f"{value:,.{digits}f}").replace("-", "−")

    def value(self, value: float, unit: str, *, short: bool = False) -> str:
        """Write a value as its unit asks: a share in percent, anything else as a number."""
        return self.percent(value, short=short) if is_share(unit) else self.count(value)

    def interval(self, low: float, high: float, unit: str) -> str:
        """Write an interval, empty where the value is a plain count or has none."""
        if not (math.isfinite(low) and math.isfinite(high)) or low == high:
            return ""
        return self("number.interval", low=self.value(low, unit), high=self.value(high, unit))
