"""Identifiers in texts: e-mail, telephone, street, numbers with a checksum."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Any

from privaudit.columns.headers import WORDS

# Who takes part in a chat is called by a telephone number, as in an e-mail address; a group is not.
_CHATS = r"s\.whatsapp\.net|[cg]\.us|broadcast|newsletter"
_DIALLED_IN_CHAT = re.compile(r"(?<![\w.])[1-9]\d{6,14}(?::\d{1,3})?@(?:s\.whatsapp\.net|c\.us)\b")
GROUP_OF_CHAT = re.compile(r"[\w.-]+@(?:g\.us|broadcast|newsletter)")
EMAIL = re.compile(
    rf"[\w.+-]{{1,64}}(?:@|%40)(?!(?:{_CHATS})(?![\w.-]))[\w-]{{1,63}}(?:\.[\w-]{{2,63}}){{1,4}}"
)
# The page of a person on a social network, and no post, event, group or page of another kind.
PROFILE = re.compile(
    r"(?:https?://)?(?:www\.|m\.|[a-z]{2}-[a-z]{2}\.)?(?:"
    r"(?:facebook|fb|instagram|twitter|x|threads|snapchat|tiktok|pinterest|vk)\.(?:com|net)"
    r"|t\.me|bsky\.app|mastodon\.\w+|linkedin\.com)/(?:add/|in/|profile/|@)?"
    r"(?!(?:posts?|p|reel|events?|groups?|pages?|watch|status|hashtag|company|stories|share|search)"
    r"(?:[/?]|$))[\w.%-]+(?:\?id=\d+)?/?(?:\?.*)?",
    re.IGNORECASE,
)
# What may be a telephone number: seven to fifteen digits, in groups; what follows after x, ext or
# poste is an extension.
_PHONE = re.compile(
    r"(?<![\w.,/:#=+\\-])(?:tel:)?(\+ ?|00 ?|\()?"
    r"(\d(?:[ \xa0.\u2009\u202f/-]{0,2}[()]?[ \xa0]?\d){6,16})"
    r"(?:(?:;ext=|,? ?(?:x|ext\.?|extension|poste|ext\. ?n) ?)\d{1,6})?(?![\w/]|[.,:-]\d)",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\d+")
_DAY, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:18|19|20)\d\d"
# A day, year first or last; two years; coordinates, and so an address of a network.
_NO_PHONE = re.compile(
    rf"{_YEAR}[-/. ](?:0?[1-9]|1[0-2])[-/. ]{_DAY}(?: \d\d?)?"
    rf"|{_DAY}[-/. ]{_DAY}[-/. ]{_YEAR}(?: \d\d?)?"
    rf"|{_DAY}[-/.]{_DAY}[-/.]\d\d(?: \d\d?)?|{_YEAR} ?[-/ ] ?{_YEAR}"
    r"|\d{1,3}\.\d+\D+\d{1,3}\.\d+"
)
# Digits of a number within its country, with its 0.
_WITHIN = range(9, 12)
# Groups of digits as national numbers are written without a 0 before them, and first digits.
_NATIONAL = {
    (3, 3, 4): r"[2-9]\d\d[2-9]", (1, 3, 3, 4): r"1[2-9]\d\d[2-9]", (2, 2, 2, 2): "[2-9]",
    (4, 4): "[2-9]", (3, 3, 3): "[5-9]", (3, 2, 2, 2): "[3-9]", (3, 3, 2, 2): "[2-9]",
    (2, 3, 2, 2): "[1-9]", (2, 4, 4): "[1-9]", (1, 4, 4): "[1-9]", (2, 5, 4): "[1-9]",
    (5, 5): "[6-9]",
}  # fmt: skip


def is_phone(text: str) -> bool:
    """Return whether a text is a telephone number of any country, and nothing else.

    Examples
    --------
    >>> is_phone("06 12 34 56 78"), is_phone("+90 532 123 45 67"), is_phone("(212) 555-0142")
    (True, True, True)
    >>> is_phone("2016-11-08"), is_phone("732 829 320 00074"), is_phone("48.8566, 2.3522")
    (False, False, False)
    >>> is_phone("33612345678@s.whatsapp.net"), is_phone("33612345678-1466@g.us")
    (True, False)
    """
    match = _PHONE.fullmatch(text.strip())
    return bool((match and _may_be_phone(match)) or _DIALLED_IN_CHAT.fullmatch(text.strip()))


def has_phone(text: str) -> bool:
    """Return whether a text holds a telephone number of any country.

    Examples
    --------
    >>> has_phone("call 0044 20 7946 0018 after six"), has_phone("compteur 20190412")
    (True, False)
    """
    return any(map(_may_be_phone, _PHONE.finditer(text))) or bool(_DIALLED_IN_CHAT.search(text))


def _may_be_phone(match: re.Match[str]) -> bool:
    """Return whether digits in groups are a telephone number.

    With a country's code, phonenumbers decides where it is installed. Without one, a 0 or known
    groups must announce a number.
    """
    prefix, body = (match[1] or "").strip(), match[2]
    groups = tuple(len(group) for group in _GROUP.findall(body))
    digits = "".join(_GROUP.findall(body))
    if _NO_PHONE.fullmatch(body) or is_siret(digits) or is_nir(digits):
        return False
    if prefix in ("+", "00"):
        code = groups[0] <= 3 or min(groups) > 1
        if digits[0] == "0" or len(digits) > 15 or not code:
            return False
        return _confirmed(f"+{digits}")
    if groups[-1] == 1:
        return False
    if digits[0] == "0":
        # 0, and no second one: a number within its country; pairs make ten digits.
        pairs = groups[:4] == (2, 2, 2, 2) and groups != (2, 2, 2, 2, 2)
        return len(digits) in _WITHIN and digits[1] != "0" and len(groups) <= 6 and not pairs
    if groups == (3, 3, 3) and is_siren(digits):
        return False
    # A code of an area in brackets, or known groups.
    if ")" in match[0]:
        return len(digits) <= _WITHIN[-1]
    return groups in _NATIONAL and re.match(_NATIONAL[groups], digits) is not None


# Country codes of telephones, and the digits of a number without them.
COUNTRY_CODES = (("33", 9), ("1", 10), ("44", 10), ("32", 9), ("41", 9), ("352", 9))


def national_number(text: str) -> str:
    """Return a telephone number without country code and leading 0, for joins.

    Examples
    --------
    >>> national_number("+33 (0)6 12 34 56 78"), national_number("06 12 34 56 78")
    ('612345678', '612345678')
    """
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    digits = digits.removeprefix("00")
    for code, length in COUNTRY_CODES:
        within = digits.removeprefix(code).lstrip("0")
        if digits != digits.removeprefix(code) and len(within) == length:
            return within
    return digits.removeprefix("0")


@cache
def _phonenumbers() -> Any:
    """Return the library that knows the numbers of every country; None where it is not there."""
    try:
        return import_module("phonenumbers")
    except ImportError:
        return None


def _confirmed(number: str) -> bool:
    """Return whether an international number is one of its country; True where none can say."""
    library = _phonenumbers()
    if library is None:
        return True
    try:
        return bool(library.is_possible_number(library.parse(number)))
    except library.NumberParseException:
        return False


# Hashed passwords: bcrypt, argon2, crypt, WordPress, LDAP, Django.
HASHED = re.compile(
    r"\$(?:2[abxy]|argon2i?d?|[156]|[PHS])\$|\{(?:SSHA|SHA|SMD5|CRYPT)\d*\}|pbkdf2_\w+\$"
)
_BEFORE, _AFTER = ("|".join(sorted(WORDS[name])) for name in ("streets_fr", "streets_en"))
STREETS = WORDS["streets_fr"] | WORDS["streets_en"]
ADDRESS = re.compile(
    rf"\b\d{{1,4}} ?(?:bis|ter|quater|[a-d])?,? +(?:{_BEFORE})\b"
    rf"|\b\d{{1,5}},? (?:(?:[a-z'.-]{{1,30}}|\d{{1,3}}(?:st|nd|rd|th)) ){{1,4}}(?:{_AFTER})\b"
)

# French social security, bank account, establishment and company.
IDENTIFIERS = ("nir", "iban", "siret", "siren")
_NIR = re.compile(
    r"(?<![\dA-Za-z])[1-478](?:[ .-]?\d{2}){2}[ .-]?(?:\d{2}|2[ABab])(?:[ .-]?\d{3}){2}[ .-]?\d{2}"
    r"(?![\d])"
)
# Letters of each country's IBAN: how many there are in all.
_LENGTHS = {country[:2]: int(country[2:]) for country in map(str.upper, WORDS["iban"])}
# One may begin within what another country's letters begin.
_IBAN = re.compile(r"(?<![A-Za-z0-9])(?=([A-Za-z]{2}\d{2}(?:[ \xa0.-]?[A-Za-z0-9]){11,40}))")
_BETWEEN = re.compile(r"[ \xa0.-]")
_SIRET = re.compile(r"(?<![\d.,])\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?\d{5}(?![\d])")
_SIREN = re.compile(r"(?<![\d.,+])\d{3}[ .]?\d{3}[ .]?\d{3}(?![ .]?\d)")
# One number of nine digits in ten passes: a company's is announced.
_COMPANY = re.compile(r"siren|r\.?c\.?s\b|soci[eé]t[eé]|entreprise|immatricul|company|tva", re.I)
_LA_POSTE = "356000000"


def is_nir(text: str) -> bool:
    """Return whether a text is a French social security number with its key; 2A and 2B are Corsica.

    Examples
    --------
    >>> is_nir("2 69 05 49 588 157 80"), is_nir("2 69 05 2A 588 157 17"), is_nir("269054958815781")
    (True, True, False)
    """
    bare = re.sub(r"[ .-]", "", text).upper()
    if not re.fullmatch(r"[1-478]\d{4}(?:\d{2}|2[AB])\d{8}", bare):
        return False
    month = int(bare[3:5])
    # Above 12 stand those whose month of birth is not known.
    if not (1 <= month <= 12 or 20 <= month <= 42 or month >= 50):
        return False
    number = int(bare[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(bare[13:])


def is_iban(text: str) -> bool:
    """Return whether a text is an account number: its country's length, and 1 modulo 97.

    Examples
    --------
    >>> is_iban("FR76 3000 6000 0112 3456 7890 189"), is_iban("FR7630006000011234567890188")
    (True, False)
    """
    bare = _BETWEEN.sub("", text).upper()
    if not bare.isalnum() or not bare.isascii() or _LENGTHS.get(bare[:2]) != len(bare):
        return False
    return int("".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])) % 97 == 1


def is_siren(text: str) -> bool:
    """Return whether a text is a French company's number: nine digits, by Luhn.

    Examples
    --------
    >>> is_siren("732 829 320"), is_siren("732829321"), is_siren("000000000")
    (True, False, False)
    """
    bare = re.sub(r"[ .]", "", text)
    return bool(re.fullmatch(r"\d{9}", bare)) and bare.strip("0") != "" and _luhn(bare)


def is_siret(text: str) -> bool:
    """Return whether a text is an establishment's number; those of La Poste add up to fives.

    Examples
    --------
    >>> is_siret("73282932000074"), is_siret("356 000 000 49837"), is_siret("73282932000075")
    (True, True, False)
    """
    bare = re.sub(r"[ .]", "", text)
    if not re.fullmatch(r"\d{14}", bare) or not is_siren(bare[:9]):
        return False
    return _luhn(bare) or (bare.startswith(_LA_POSTE) and sum(map(int, bare)) % 5 == 0)


def identifiers_in(text: str) -> list[str]:
    """Return which of `IDENTIFIERS` a text holds.

    Examples
    --------
    >>> identifiers_in("RIB : FR76 3000 6000 0112 3456 7890 189, merci")
    ['iban']
    >>> identifiers_in("RCS 732829320"), identifiers_in("compteur 732829320")
    (['siren'], [])
    """
    result = []
    if any(is_nir(hit[0]) for hit in _NIR.finditer(text)):
        result.append("nir")
    for hit in _IBAN.finditer(text):
        length = _LENGTHS.get(hit[1][:2].upper(), 0)
        if length and is_iban(_BETWEEN.sub("", hit[1])[:length]):
            result.append("iban")
            break
    siret = [hit for hit in _SIRET.finditer(text) if is_siret(hit[0])]
    if siret:
        result.append("siret")
    elif _COMPANY.search(text) and any(is_siren(hit[0]) for hit in _SIREN.finditer(text)):
        result.append("siren")
    return result


def _luhn(digits: str) -> bool:
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(d), 10)) for d in even)) % 10 == 0
