"""Names worked on all at once: each as it would be by itself, by the plain definition."""

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from privaudit.linkage.fellegi_sunter import _joined
from privaudit.linkage.name_parsing import _both, _of_email, _of_words, read_accounts
from privaudit.text.edit_distance_and_phonetics import Letters, one_edit_pairs, phonetic_keys
from privaudit.text.normalise import letters_of, name_words, one_edit_apart

# Letters that rules of spelling look at come up often.
NAMES = st.text("aaeeuuioyhxlcgmnsdtpqkrwz", max_size=12) | st.text("abcdeghlmnortux", max_size=40)
SHOWN = st.text("abCDÉéœßŒ -'’?.\n3\u0301Þ李", max_size=12)
LIKE_TEXT = st.sampled_from(["Éric", "MEYER", "Meyer", "de", "La", "J-F-K", "jean", "ÉRIC", "Zoé"])
ACCOUNT = SHOWN | st.lists(LIKE_TEXT, min_size=1, max_size=5).map(" ".join)
EMAIL = SHOWN | st.sampled_from(
    ["e.meyer71@x", "meyereric@x.fr", "zoe1985@x", "eric.meyer\n@x", ""]
)

# How a name sounds, a rule after the other: what `phonetic_keys` does to many with fewer patterns.
# A letter is of one vowel only: the e of "eu" is not that of "ei" in "eui".
RULES = [
    (re.compile(pattern), said)
    for pattern, said in (
        ("[ae]?aul?[dtxs]*$", "o"), ("ph", "f"), ("(?<!c)h", ""), ("ch(?=[lr])", "k"),
        ("sch|sh|ch", "S"), ("e?aux?", "o"), ("[ao]u(?=m?$)", "o"), ("oeu|eu|[ae][iy]", "e"),
        ("y", "i"), ("c(?=[eiy])", "s"), ("qu|q|c", "k"), ("g(?=[eiy])", "j"),
        ("gu(?=[ei])", "g"), ("ge(?=[ao])", "j"), ("w", "v"), ("x", "ks"), ("z", "s"),
        ("[ae][mn](?![aeiou])", "A"), ("(?<=.)[dtspxke]+$", ""), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip


def sound(name):
    for pattern, said in RULES:
        name = pattern.sub(said, name)
    return name


def classes(name):
    """Classes of the consonants of a name, its silent end left out, of a run the first."""
    kept = name.rstrip("dtspxzeh").translate(
        str.maketrans("bfvcgjqsxzdm", "pppkkkkkkktn", "aeiouyhw")
    )
    return re.sub(r"(.)\1+", r"\1", kept)[:16]


def test_a_vowel_of_two_letters_shares_none_with_the_next():
    # Breuil has the vowel of "peu" before an i, Breil that of "peine".
    assert phonetic_keys(["breuil", "breil", "euy"]) == ["breil", "brel", "ei"]


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, max_size=30))
@example(["euy", "breuil", "oeuyeu"])
def test_each_of_many_sounds_as_it_does_alone(names):
    assert phonetic_keys(names) == [sound(name) for name in names]


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, max_size=30))
def test_numbers_of_letters_are_one_where_the_letters_are(names):
    letters = Letters(names)
    assert letters.length.tolist() == list(map(len, names))
    assert letters.initials().tolist() == [ord(name[0]) if name else 0 for name in names]
    for numbers, of in (
        (letters.beginnings(), lambda name: name[:3]),
        (letters.ends(), lambda name: name[-3:]),
        (letters.consonants(), classes),
    ):
        texts = [of(name) for name in names]
        pairs = set(zip(numbers.tolist(), texts, strict=True))
        assert len(pairs) == len(set(texts)) == len(set(numbers.tolist()))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab", max_size=5) | NAMES, min_size=1, max_size=12), st.randoms())
def test_pairs_of_names_are_a_slip_apart_as_two_are(names, random):
    # Each name, and each a slip or two from another.
    others = list(names)
    for name in names:
        at = random.randrange(len(name) + 1)
        others += [
            name[:at] + name[at + 1 :],
            name[:at] + "b" + name[at:],
            name[:at] + name[at:][::-1],
        ]
        others.append(name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :])
    mine, other = (a.ravel() for a in np.indices((len(names), len(others))))
    found = one_edit_pairs(Letters(names), mine, Letters(others), other)
    assert found.tolist() == [
        names[i] != others[j] and one_edit_apart(names[i], others[j])
        for i, j in zip(mine.tolist(), other.tolist(), strict=True)
    ]


@settings(max_examples=100, deadline=None)
@given(st.lists(ACCOUNT, max_size=20))
def test_words_of_many_names_are_those_of_each(names):
    assert letters_of(names) == [" ".join(name_words(name)) for name in names]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(ACCOUNT, EMAIL), max_size=20))
def test_accounts_are_read_as_each_is(accounts):
    firsts, lasts = {"eric", "zoe", "ab", "jean", "j"}, {"meyer", "lameyer", "zoe", "eric", "d"}
    rows, years = read_accounts(*([one[k] for one in accounts] for k in (0, 1)), firsts, lasts)
    alone = []
    for name, email in accounts:
        shown, local = _of_words(name, name_words(name), firsts, lasts), email.partition("@")[0]
        alone.append(_both(shown, *_of_email(local, name_words(local), firsts, lasts)))
    assert years == [year for _, year in alone]
    assert rows == [(i, *one) for i, (found, _) in enumerate(alone) for one in dict.fromkeys(found)]


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_joined_are_all_pairs_of_one_key(data):
    numbers = st.integers(-3, 3) | st.integers(-(2**62), 2**62)
    keys = np.array(data.draw(st.lists(numbers, max_size=20)), dtype=np.int64)
    wanted = np.array(data.draw(st.lists(numbers, max_size=20)), dtype=np.int64)
    one, other = _joined(wanted, keys)
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == [
        (i, j) for i, want in enumerate(wanted) for j in np.flatnonzero(keys == want).tolist()
    ]


@pytest.mark.parametrize("length", [1, 2, 22, 23, 24, 25, 26])
def test_names_of_any_length_are_compared(length):
    """A letter more, a letter less, another letter and two exchanged are one edit."""
    name = ("abcdefghijklmnopqrstuvwxyz" * 2)[:length]
    turned = name[1::-1] + name[2:]
    cases = {name: False, f"{name}z": True, name[:-1]: length > 1, f"0{name[1:]}": True,
             f"{name}zz": False, turned: length > 1}  # fmt: skip
    others = [other for other in cases if other]
    found = one_edit_pairs(
        Letters([name]), np.zeros(len(others), dtype=np.int64),
        Letters(others), np.arange(len(others)),
    )  # fmt: skip
    assert dict(zip(others, found.tolist(), strict=True)) == {one: cases[one] for one in others}
