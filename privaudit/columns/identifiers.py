"""Identifiers in texts: e-mail, telephone, street, numbers with a checksum."""

from __future__ import annotations

import re

from privaudit.columns.headers import WORDS

EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
PHONE = re.compile(
    r"(?<![\d.])(?:(?:\+|00)\d{1,3}[ .-]?(?:\(0\) ?)?\d(?:[ .-]?\d\d){4}|0\d(?:[ .-]?\d\d){4}"
    r"|(?:(?:\+|00)44 ?(?:\(0\) ?)?|0)\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}"
    r"|\+?\d{0,2} ?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\d)"
)
# Hashed passwords: bcrypt, argon2, crypt, WordPress, LDAP, Django.
HASHED = re.compile(
    r"\$(?:2[abxy]|argon2\w{0,2}|[156]|[PHS])\$|\{(?:SSHA|SHA|SMD5|CRYPT)\d*\}|pbkdf2_\w+\$"
)
_BEFORE, _AFTER = ("|".join(sorted(WORDS[name])) for name in ("streets_fr", "streets_en"))
STREETS = WORDS["streets_fr"] | WORDS["streets_en"]
ADDRESS = re.compile(
    rf"\b\d{{1,4}} ?(?:bis|ter|quater|[a-d])?,? +(?:{_BEFORE})\b"
    rf"|\b\d{{1,5}},? (?:[a-z'.-]{{1,30}} ){{1,4}}(?:{_AFTER})\b"
)


# French social security, bank account, establishment and company.
IDENTIFIERS = ("nir", "iban", "siret", "siren")
_NIR = re.compile(
    r"(?<![\dA-Za-z])[1-478](?:[ .-]?\d{2}){2}[ .-]?(?:\d{2}|2[ABab])(?:[ .-]?\d{3}){2}[ .-]?\d{2}"
    r"(?![\d])"
)
# Letters of each country's IBAN: how many there are in all.
_LENGTHS = {country[:2]: int(country[2:]) for country in map(str.upper, WORDS["iban"])}
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2}\d{2})((?:[ ]?[A-Za-z0-9]){11,40})")
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
    bare = text.replace(" ", "").upper()
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
        if length and is_iban(re.sub(" ", "", hit[0])[:length]):
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
