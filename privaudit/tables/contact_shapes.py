"""How people write where they are reached: e-mail, telephone, street and number."""

from __future__ import annotations

import re

__all__ = ["ADDRESS", "EMAIL", "HASHED", "PHONE", "STREETS"]

EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
PHONE = re.compile(
    r"(?<![\d.])(?:(?:\+|00)\d{1,3}[ .-]?(?:\(0\) ?)?\d(?:[ .-]?\d\d){4}|0\d(?:[ .-]?\d\d){4}"
    r"|(?:(?:\+|00)44 ?(?:\(0\) ?)?|0)\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}"
    r"|\+?\d{0,2} ?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?!\d)"
)
# As systems keep a password: bcrypt, argon2, crypt, WordPress, LDAP, Django.
HASHED = re.compile(
    r"\$(?:2[abxy]|argon2\w{0,2}|[156]|[PHS])\$|\{(?:SSHA|SHA|SMD5|CRYPT)\d*\}|pbkdf2_\w+\$"
)
_WAYS = (
    "rue|avenue|av|boulevard|bd|bld|bvd|chemin|allee|allees|impasse|place|quai|cours|route|square|"
    "sentier|ruelle|villa|cite|residence|passage|faubourg|esplanade|promenade"
)
_ROADS = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|close|way|boulevard|blvd|terrace|"
    "place|crescent|square|gardens|row"
)
STREETS = frozenset(f"{_WAYS}|{_ROADS}".split("|"))
ADDRESS = re.compile(
    rf"\b\d{{1,4}} ?(?:bis|ter|quater|[a-d])?,? +(?:{_WAYS})\b"
    rf"|\b\d{{1,5}},? (?:[a-z'.-]{{1,30}} ){{1,4}}(?:{_ROADS})\b"
)
