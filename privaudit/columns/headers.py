"""Kinds of columns by their headers, and headers that may name a person.

A header has the kind of the longest run of its words in ``headers.toml``: ``primary_email1`` and
``adresse_mail`` hold an e-mail, ``person.name.first`` a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources

from privaudit.core.files import packaged_toml
from privaudit.text.normalise import canonical, fold, header_words

_LISTS: dict[str, dict[str, list[str]]] = {
    section: {name: words.split() for name, words in lists.items()}
    for section, lists in packaged_toml("privaudit.columns", "headers.toml").items()
}
_YES_AND_NO = packaged_toml("privaudit.text", "yes_and_no.toml")
_YES, _NO = (frozenset[str](_YES_AND_NO[name].split()) for name in ("yes", "no"))
WORDS = {name: frozenset(words) for name, words in _LISTS["words"].items()}
WORDS |= {
    "yes_no": _YES | _NO,
    "agreed": _YES.union(_YES_AND_NO["yes_alone"].split()),
    "refused": _NO.union(_YES_AND_NO["no_alone"].split()),
}
# Acronyms that are flags of a union, a party, an illness, by the kind of each.
ACRONYMS = {word: kind for kind, words in _LISTS["acronyms"].items() for word in words}
# Usual headers of coordinates, in lower case, and words of those in degrees.
LONGITUDE, LATITUDE, METRES_X, METRES_Y, _DEGREES = map(tuple, _LISTS["of_coordinates"].values())
COORDINATES = frozenset((*LONGITUDE, *LATITUDE, *METRES_X, *METRES_Y))
OF_COORDINATES = frozenset(_DEGREES)
# Headers of an area's name, and of what is counted there.
AREA_NAMES, AREA_COUNTS = _LISTS["of_areas"]["names"], _LISTS["of_areas"]["counts"]
# In the order of a report.
KINDS = tuple(_LISTS["headers"])
# What rows show, by columns of these kinds: a diet shows a faith, a birth abroad a hint.
SHOWN_KINDS = (
    *(kind for kind in KINDS if kind not in ("thing", "diet", "couple")),
    "religion",
    "abroad",
)
# Kinds that identify a person by themselves.
IDENTIFYING_KINDS = ("name", "email", "phone", "account")
# Kinds that name a person or an account: never a key, and no cell is ever shown.
NAMING_KINDS = (*IDENTIFYING_KINDS, "others", "note", "number", "credential")
# A header of two kinds has the graver one: "prenom conjoint" is the name of a third party.
_RANK = {
    kind: rank for rank, kind in reversed(list(enumerate([*_LISTS["order"]["gravity"], *KINDS])))
}
# Kinds whose header may be about consent instead ("email opt-in").
_OF_PERSONS = (*IDENTIFYING_KINDS, "note", "address", "age")
# Kinds whose header may be about a relative instead.
_OF_ONE = ("support", "tie", "origin", "birthplace", "nationality", "health", "union", "sex_life")
_LONGEST = 48
_SHORT = {short: word for short, (word,) in _LISTS["short"].items()}
# "O/N", "H/F": possible answers, no initials.
_CHOICE = re.compile(r"\b[A-Za-z]/[A-Za-z]\b")
_YEAR = re.compile(r"(?<!\d)(?:(?:19|20)\d\d|\d\d)(?!\d)")
# Five words and a question mark, on one line, without a mail or a number to call; what is asked
# for in turn may follow ("Si oui, lequel").
_QUESTION = re.compile(r"(?!.*@)(?!.*\d(?:[ .-]?\d){4})(?:\S+\s+){4,40}\S*\s?\?.{0,80}")
# "En tenir compte" is no account, and "Comment avez-vous connu ... ?" no comment.
_IDIOM = re.compile(
    r"\b(?:ten(?:ir|ons|ez|u)|prendre|pren(?:ons|ez)|pris(?:e|es)?|rend(?:re|ons|ez)) (?:en )?"
    r"compte\b|\bcompte tenu\b|\A\W*(?:\w{1,4}\W+)?comment(?= (?:[\w'’]{1,9}[ -]){1,3}.*\?)",
    re.IGNORECASE,
)
# What a question of a form tells of, whatever else its words may be; and kinds that its words are
# by chance.
_REVEALING = ("health", "sex_life", "union", "origin", "support", "biometric")
_BY_CHANCE = (
    "",
    "account",
    "address",
    "note",
    "occupation",
    "others",
    "place",
    "technical",
    "thing",
    "tie",
)
# Terms that people accept, or have read, say nothing about them; what they certify stands in the
# question, and not in the answer.
_AGREES = re.compile(
    r"\b(?:accept\w*|agree\w*|consent\w*|autoris\w*|authori[sz]\w*|lu|read|pris connaissance)\b.*"
    r"\b(?:terms?|conditions?|polic(?:y|ies)|politiques?|charte|charter|rules|reglement|donnees|data)\b"
)
_CERTIFIES = re.compile(
    r"(?:je|j|i|we|you) (?:\w+ )?"
    r"(?:certif(?:ie|y)|atteste?|confirme?|declare|autorise|authori[sz]e)\b"
    r"|(?:certifiez|attestez|confirmez|declarez|autorisez) vous|^autorisation"
)
_OF_A_FORM = ("health", "origin", "sex_life")
# A path within records, such as "comment.timestamp", and a column of Core Data, "ZLASTNAME"; kinds
# of a path that its last part decides.
_PATH, _CORE_DATA = re.compile(r"[^\s?]+(?:\.[^\s?.]+)+"), re.compile(r"Z([A-Z0-9]{3,})")
_BY_LAST_PART = ("", "note", "thing")
_MAIL_OR_NUMBER = re.compile(r"@|\d(?:[ .-]?\d){4}")


_Run = tuple[str, ...]


@cache
def _runs_of(*sections: str) -> dict[_Run, tuple[str, bool]]:
    """Return the kind of each run of words, and whether it must be the whole header."""
    result: dict[_Run, tuple[str, bool]] = {}
    for section in sections:
        for kind, runs in _LISTS[section].items():
            for run in runs:
                words = tuple(_content_words(run))
                result.setdefault(words, (kind, section == "alone"))
    return result


def _content_words(header: str) -> list[str]:
    """Return the words that say what a header holds, short ones written out."""
    words = header_words(_IDIOM.sub(" ", re.sub("№|(?<=[Nn])º", " num ", header)))
    terms = [w for w in words if not w.isdigit() and w not in WORDS["small"]]
    return [_SHORT.get(word, word) for word in terms]


def _longest_run(header: str, *sections: str) -> tuple[str, bool, int]:
    """Return the kind of the longest known run of a header's words, and how long it is."""
    words = _content_words(header)
    known = _runs_of(*sections)
    for length in range(len(words), 0, -1):
        runs = [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]
        runs = [run for run in runs if run in known and (length == len(words) or not known[run][1])]
        if runs:
            run = min(runs, key=lambda one: _RANK.get(known[one][0], len(_RANK)))
            kind, whole = known[run]
            # "What is your date of birth?" is about the date; "is_email" is about an e-mail.
            about = "?" not in header and WORDS["about"] & (set(words) - set(run))
            return ("", False, 0) if about and kind in _OF_PERSONS else (kind, whole, length)
    return "", False, 0


def _kind_within(header: str, kind: str, *sections: str) -> tuple[str, bool]:
    """Return the kind of the last known part of a path, or of a name of Core Data; "" of none.

    Parameters
    ----------
    kind : str
        Of the whole header.
    """
    name = _CORE_DATA.fullmatch(header)
    if kind in _BY_LAST_PART and _PATH.fullmatch(header):
        kinds = (_longest_run(part, *sections)[:2] for part in reversed(header.split(".")))
        return next((one for one in kinds if one[0]), ("", False))
    return _longest_run(name[1], *sections)[:2] if name is not None and not kind else ("", False)


def _agrees_to(header: str) -> bool:
    """Return whether a header asks to agree to terms, or to have read them."""
    return _AGREES.search(" ".join(header_words(header))) is not None


def _kind_asked(header: str) -> str:
    """Return the gravest kind that a question tells of, "" where it tells of none."""
    words, known = _content_words(header), _runs_of("headers")
    runs = (
        tuple(words[at:end]) for at in range(len(words)) for end in range(at + 1, len(words) + 1)
    )
    kinds = {known[run][0] for run in runs if run in known}
    return min(kinds & {*_REVEALING}, key=lambda kind: _RANK[kind], default="")


def kind_of_header(header: str) -> tuple[str, bool]:
    """Return the kind of a header, "" where it is not known, and whether its cells must agree.

    Examples
    --------
    >>> kind_of_header("Date de naissance"), kind_of_header("primary_email1")
    (('age', False), ('email', False))
    >>> kind_of_header("nom"), kind_of_header("email_opt_in"), kind_of_header("fid")
    (('name', True), ('', False), ('', False))
    >>> kind_of_header("Primary2016"), kind_of_header("General2016"), kind_of_header("Primary")
    (('support', False), ('turnout', False), ('', False))
    """
    result = _longest_run(header, "headers", "alone")[:2]
    if (within := _kind_within(header, result[0], "headers", "alone"))[0]:
        result = within
    if result[0] in _BY_CHANCE and _QUESTION.fullmatch(header) and (kind := _kind_asked(header)):
        result = kind, False
    if result[0] in _OF_A_FORM and _agrees_to(header):
        return "", False
    if result[0] == "health" and _CERTIFIES.search(" ".join(header_words(header))):
        return "medical", False
    if result[0] in ("email", "phone", "address") and header_words(header)[-1] in WORDS["which_of"]:
        # "Téléphone 1 - Libellé" says which of several it is.
        return "", False
    if result[0] in _OF_ONE and WORDS["relatives"] & {*header_words(header)}:
        # "Parti du père" is the father's, whose side is not his child's.
        return "others", False
    return result if result[0] or not _YEAR.search(header) else (_of_election(header), False)


# So many months make a calendar: "SEP" is no illness there, nor "SUD" a union beside "NORD".
_MONTHS = 2


def several_of(words: str, headers: Iterable[str]) -> list[str]:
    """Return the headers that are months, or sides of the sky, where there are several."""
    result = [header for header in headers if fold(header).strip(".") in WORDS[words]]
    return result if len(result) >= _MONTHS else []


def stands_for_people(header: str) -> bool:
    """Return whether the values of a header are people, by number or under a word for them.

    Examples
    --------
    >>> [stands_for_people(header) for header in ("user_id", "id", "num_adherent", "person")]
    [True, True, True, True]
    >>> [stands_for_people(header) for header in ("zone_id", "libelle", "ville", "age")]
    [False, False, False, False]
    """
    words, kind = {*header_words(header)}, kind_of_header(header)[0]
    people = words & (WORDS["numbered_people"] | WORDS["givers"])
    if kind == "name":
        return bool(people)
    return kind == "number" and not words - WORDS["number"] - people


# "?" among the answers to a question of opinion is one where it has this share of them at least.
UNDECIDED, UNDECIDED_SHARE = "?", 0.05


@cache
def sex_of(cell: str) -> str:
    """Return "f" or "m" where a cell names a sex, else "".

    Examples
    --------
    >>> [sex_of(cell) for cell in ("Mme", "H", "femme", "?")]
    ['f', 'm', 'f', '']
    """
    word = fold(cell).rstrip(".")
    return "f" if word in WORDS["women"] else "m" if word in WORDS["men"] else ""


# Values of columns of sexes and of titles; longest code of a sex, in letters.
_TITLES, _CODE = WORDS["sexes"] | WORDS["titles"], 3


def may_be_sex(cell: str) -> bool:
    """Return whether a cell may be a sex, a title, or a code of one: no genus of a tree is.

    Examples
    --------
    >>> may_be_sex("Féminin"), may_be_sex("2"), may_be_sex("Platanus")
    (True, True, False)
    """
    return len(cell) <= _CODE or not _TITLES.isdisjoint(header_words(cell))


_OF_CAMPAIGN = ("support", "turnout")


def is_campaign_table(headers: Iterable[str], kinds: Iterable[str]) -> bool:
    """Return whether a table is one of a campaign, by what its columns hold or are called.

    Examples
    --------
    >>> is_campaign_table(["nom", "don"], ["name", "tie"])
    False
    >>> is_campaign_table(["parti"], ["support"])
    True
    """
    # A log of places calls the likeliest of them "visit.topCandidate".
    words = {w for header in headers if ".topCandidate" not in header for w in header_words(header)}
    return bool({*_OF_CAMPAIGN} & {*kinds} or WORDS["political"] & words)


def asks_an_opinion(header: object) -> bool:
    """Return whether a header is one of an opinion, where "?" is an answer: undecided.

    Examples
    --------
    >>> asks_an_opinion("opinion"), asks_an_opinion("note"), asks_an_opinion(3)
    (True, False, False)
    """
    return isinstance(header, str) and kind_of_header(header)[0] in ("support", "tie")


_SURNAME = WORDS["family"] | {"noms", "name"}
_GIVEN = WORDS["given"] | {"name", "nom"}


def surname_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the kind of headers of surnames that stand beside headers of given names.

    A tie before both is that of the people: "Bénévole Nom" beside "Bénévole Prénom".

    Parameters
    ----------
    headers : mapping of str to str
        The kind of each, "" unknown.

    Examples
    --------
    >>> surname_headers({"Nom enfant": "", "Prénom enfant": "name", "Nom commune": ""})
    {'Nom enfant': 'name'}
    """
    words = {header: frozenset(header_words(header)) for header in headers}
    of = {
        words[header] - _GIVEN: kind for header, kind in headers.items()
        if kind in ("name", "others") and words[header] & WORDS["given"]
    }  # fmt: skip
    return {
        header: of[words[header] - _SURNAME] for header, kind in headers.items()
        if words[header] & _SURNAME and words[header] - _SURNAME in of
        and (not kind or (kind in ("tie", "support") and _is_tie_of_people(header)))
    }  # fmt: skip


def _is_tie_of_people(header: str) -> bool:
    """Return whether a tie beside "Nom" is that of people: "Nom bénévole" is a name, no "Nom vote".

    Examples
    --------
    >>> _is_tie_of_people("Bénévole Nom"), _is_tie_of_people("Vote Nom")
    (True, False)
    """
    tie = [word for word in header_words(header) if word not in _SURNAME]
    return bool(tie) and kind_of_header(" ".join(["nom", *tie]))[0] == "name"


def object_of(header: str) -> str:
    """Return the object within a record that a header is of, "" of the record itself.

    Examples
    --------
    >>> object_of("tags.1.name"), object_of("firstName"), object_of("Nom resp. légal")
    ('tags.1', '', '')
    """
    of, _, last = header.rpartition(".")
    return of if _PATH.fullmatch(header) and kind_of_header(last)[0] == "name" else ""


def _of_election(header: str) -> str:
    """Return the kind of a header of an election and a year: a side, or turnout."""
    words = tuple(_content_words(header))
    return _runs_of("elections").get(words, ("", False))[0]


def visit_headers(headers: Iterable[object]) -> tuple[list[str], list[str]]:
    """Return the headers that may say when a door was visited, and by whom, the likeliest first.

    Examples
    --------
    >>> visit_headers(["Visité le", "Bénévole", "is_volunteer", "status"])
    (['Visité le'], ['Bénévole'])
    """
    words = {header: tuple(_content_words(header)) for header in map(str, headers)}
    when, whom = (
        [header for run in _LISTS["visits"][what] for header in words
         if words[header] == tuple(_content_words(run))]
        for what in ("when", "whom")
    )  # fmt: skip
    return [*dict.fromkeys(when)], [*dict.fromkeys(whom)]


def kind_of_record(header: str) -> str:
    """Return the kind of a column about the record itself: its source, its consent, its date.

    "" where the header is rather about a person.

    Examples
    --------
    >>> kind_of_record("email_opt_in"), kind_of_record("unsubscribed_at"), kind_of_record("email")
    ('consent', 'objection', '')
    """
    kind, _, length = _longest_run(header, "of_records")
    of_person, _, longest = _longest_run(header, "headers", "alone")
    if _agrees_to(header) and of_person not in ("support", "union"):
        # Who accepts the charter of a party, or of a union, is a member.
        return "consent"
    if length > longest:
        return kind
    if of_person in _BY_LAST_PART and _PATH.fullmatch(header):
        for part in reversed(header.split(".")):
            kind = _longest_run(part, "of_records")[0]
            if _longest_run(part, "headers", "alone")[0]:
                return ""
            if kind:
                return kind
    name = _CORE_DATA.fullmatch(header)
    return _longest_run(name[1], "of_records")[0] if name is not None and not of_person else ""


@cache
def given_names() -> frozenset[str]:
    """Return common given names of many languages, lower case, without accents."""
    text = (resources.files("privaudit.columns") / "given_names.txt").read_text(encoding="ascii")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


@cache
def _vocabulary() -> frozenset[str]:
    return (
        frozenset(word for run in _runs_of("headers", "alone", "of_records") for word in run)
        | WORDS["of_tables"]
    )


def may_name_a_person(header: str) -> bool:
    """Return whether a header may itself be a person's: a name, an e-mail, a number, a sentence.

    A known header does not; of an unknown one, every word must be usual in tables.

    Examples
    --------
    >>> [may_name_a_person(h) for h in ("Marie Dupont", "0612345678", "Niveau de soutien", "zone")]
    [True, True, False, False]
    """
    header = canonical(header)
    if _QUESTION.fullmatch(header):
        # The question of a form, which is asked of everybody.
        return False
    # Of a path within records each part counts.
    longest = max(map(len, header.split("."))) if _PATH.fullmatch(header) else len(header)
    if longest > _LONGEST or _MAIL_OR_NUMBER.search(header):
        return True
    header = _CHOICE.sub(" ", header)
    strange = set(header_words(header)) - _vocabulary()
    if strange & given_names():
        return True
    capitals = [word for word in re.findall(r"(?<!\w)[^\W\d_a-z][\w'-]*", header)
                if word[0].isupper()]  # fmt: skip
    if sum(not strange.isdisjoint(header_words(word)) for word in capitals) > 1:
        return True
    # What is left is a word of a table's, or in letters that are not ours.
    return bool(strange) and not any(map(str.isascii, header_words(header)))


def partners_in(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the two columns of the sexes of a couple, where a file has them.

    Parameters
    ----------
    headers : mapping of str to str
        The kind of each.

    Examples
    --------
    >>> partners_in({"Partenaire 1": "name", "Sexe 1": "sex", "Sexe 2": "sex"})
    ('Sexe 1', 'Sexe 2')
    >>> partners_in({"Sexe enfant 1": "sex", "Sexe enfant 2": "sex"}) is None
    True
    """
    of_sex = [header for header, kind in headers.items() if kind in ("sex", "couple")]
    if len(of_sex) != 2:
        return None
    words = {header: {*header_words(header)} for header in headers}
    apart = words[of_sex[0]] ^ words[of_sex[1]]
    paired = all(not word.isalpha() or len(word) == 1 for word in apart)
    couples = any(WORDS["couple"] & values for values in words.values())
    of_partners = headers[of_sex[1]] == "couple" or (paired and couples)
    return (of_sex[0], of_sex[1]) if of_partners else None


# Below a question, what a survey tool writes in the second line of its header; an e-mail.
_ANSWERS = frozenset(("response", "open-ended response", "reponse", "reponse ouverte"))
_NO_NAME = re.compile(r"[^@]*@[^@]*|[\W\d_]+|.*\d{4,}.*")
# Lines of the header of a poll: a month, a day, an hour.
_MOST_OF_POLL, _FEWEST_ANSWERS = 4, 3


def header_of_survey(
    first: Sequence[str], below: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], int] | None:
    """Return the names of columns that stand in several lines, and how many follow the first.

    As survey tools write them. A part stands below a blank, or below its question, and nothing
    below the name of another column, such as a number or a date; or the questions stand below
    their codes, and the places of both in the tool below these; or every column has a name below
    that of its group; or, as polls do, several lines leave the corner blank above the names of
    those who answered. None where there is one line.

    Examples
    --------
    >>> first = ["Respondent ID", "Contact", "", "Any remarks?"]
    >>> lines = ["", "Name", "E-mail", "Response"], ["17", "Roux", "a@b.fr", ""]
    >>> header_of_survey(first, lines)
    (('Respondent ID', 'Contact Name', 'Contact E-mail', 'Any remarks?'), 1)
    >>> header_of_survey(["Q1", "Q2"], [["Age?", "Why?"], ['{"ImportId":"QID1"}'] * 2, ["17", ""]])
    (('Age?', 'Why?'), 2)
    >>> header_of_survey(["id", "", "note"], [["", "absent", "x"], ["17", "seen", ""]]) is None
    True
    >>> header_of_survey(["", "May", ""], [["", "Mon 2", "Tue 3"], *([n, "OK", ""] for n in "ABC")])
    (('', 'May Mon 2', 'May Tue 3'), 1)
    """
    if (poll := _header_of_poll([first, *below])) is not None:
        return poll
    second, *others = ([cell.strip() for cell in row] for row in below) if below else ([],)
    if len(second) != len(first) or not others or not (first[0].strip() or second[0]):
        return None
    if all(cell.startswith('{"ImportId"') for cell in others[0] if cell) and any(others[0]):
        texts = [
            " ".join(two.split()) or one.strip() for one, two in zip(first, second, strict=True)
        ]
        return tuple(
            text if texts.count(text) == 1 else f"{one.strip()} {text}"
            for one, text in zip(first, texts, strict=True)
        ), 2
    names, group, known, whole, parts = list[str](), "", 0, 0, 0
    for at, (one, two) in enumerate(zip(map(str.strip, first), second, strict=True)):
        column = [row[at] for row in others if at < len(row)]
        answer = fold(two) in _ANSWERS
        group = one or group
        names.append(group if answer or not two else f"{group} {two}".strip())
        if not two:
            whole += bool(one) and 2 * sum(map(bool, column)) > len(column)
        elif _NO_NAME.fullmatch(two) or (two in column and not answer and {*column} - {"", two}):
            # Below a choice stands nothing else.
            return None
        else:
            parts += 1
            filled = [cell for cell in column if cell and cell != two]
            other_kind = bool(filled) and all(map(_NO_NAME.fullmatch, filled))
            known += (
                answer
                or other_kind
                or two in column
                or bool(kind_of_header(two)[0] or kind_of_record(two))
            )
    several = any(not one.strip() for one in first) or any(fold(two) in _ANSWERS for two in second)
    above = [
        bool(kind_of_header(one)[0] or kind_of_record(one)) for one in filter(str.strip, first)
    ]
    # Names of groups are no names of columns.
    groups = parts == len(second) and len(above) > 1 and sum(above) * parts < known * len(above)
    if not (several and (whole or groups) and 2 * known > parts) or len({*names}) < len(names):
        return None
    return tuple(names), 1


def _header_of_poll(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], int] | None:
    """Return the names of columns below a corner of several blanks, and how many lines follow."""
    corner = next((at for at, row in enumerate(rows) if row and row[0].strip()), 0)
    lines, answers = rows[:corner], [row for row in rows[corner:] if row]
    width = len(rows[0])
    if not 1 < corner <= _MOST_OF_POLL or len(answers) < _FEWEST_ANSWERS or width < 2:
        return None
    if any(len(row) != width for row in lines) or not all(lines[-1][1:]):
        return None
    # Every answer has a name before it, and no answer repeats a column name.
    if not all(row[0].strip() for row in answers) or {*lines[-1][1:]} & {
        cell for row in answers for cell in row[1:]
    }:
        return None
    names = [""]
    above = [""] * (corner - 1)
    for at in range(1, width):
        above = [row[at].strip() or last for row, last in zip(lines, above, strict=False)]
        names.append(" ".join(filter(None, [*above, lines[-1][at].strip()])))
    return (tuple(names), corner - 1) if len({*names}) == width else None


# Words of headers of network addresses, and of the hour at such a place.
_OF_NETWORK, _OF_ITS_HOUR = frozenset(("ip", "geoip")), frozenset(("gmtoff", "dstoff", "geoip"))


def is_of_network(names: Sequence[str]) -> bool:
    """Return whether coordinates are those of network addresses, by the headers of a file.

    Examples
    --------
    >>> is_of_network(["IP_lat", "IP_lon"]), is_of_network(["LATITUDE", "LONGITUDE", "GMTOFF"])
    (True, True)
    >>> is_of_network(["ip", "lat", "lon"])
    False
    """
    words = [{*header_words(name)} for name in names]
    spots = [one for one in words if one & OF_COORDINATES]
    of_ip = bool(spots) and all(one & _OF_NETWORK for one in spots)
    return of_ip or any(one & _OF_ITS_HOUR for one in words)
