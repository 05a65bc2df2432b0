"""Kinds that are one word with their parameters: written, read back, and refused."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest

from privaudit.core import declaration
from privaudit.core.declaration import Declared, enter, enter_all, is_ours, number, words_of
from privaudit.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class Ring(Declared):
    """Two numbers, a word, and one that is not written."""

    kind: ClassVar[str] = "mask"
    word: ClassVar[str] = "ring"
    label_fields: ClassVar[tuple[str, ...]] = ("low", "high", "people", "shape")
    low: float
    high: float = 200
    people: int = 11
    shape: str = "disc"
    inner: float = 0


@pytest.mark.parametrize(
    ("ring", "word"),
    [
        (Ring(low=50), "ring:50"), (Ring(low=0.5, high=200), "ring:0.5"),
        (Ring(low=50, people=12), "ring:50:200:12"), (Ring(low=1 / 3), f"ring:{1 / 3!r}"),
        (Ring(low=50, shape="ring", inner=3), "ring:50:200:11:ring"),
    ],
)  # fmt: skip
def test_what_is_written_is_read_back(ring, word):
    assert str(ring) == word
    assert str(Ring.read(word.split(":")[1:])) == word
    recipe = {"mask": "ring", "low": ring.low, "high": ring.high, "people": ring.people}
    assert ring.recipe() == {**recipe, "shape": ring.shape, "inner": ring.inner}


@pytest.mark.parametrize(
    ("values", "takes"),
    [([], False), (["1"], True), (["1"] * 4, True), (["1"] * 5, False)],
)
def test_so_many_values_follow_as_there_are_fields(values, takes):
    assert Ring.takes(values) is takes
    if not takes:
        came = f"a word such as ring:LOW, but got {len(values)} values after 'ring'"
        with pytest.raises(ParameterError, match=came):
            Ring.read(values)


@pytest.mark.parametrize(
    ("values", "needs"),
    [
        (["x"], "a number for low, as in ring:LOW"), (["1", "2", "11.5"], "people a whole number"),
        (["1", "2", "nan"], "people a whole number"), (["1", "2", "inf"], "people a whole number"),
    ],
)  # fmt: skip
def test_a_value_is_of_its_type(values, needs):
    with pytest.raises(ParameterError, match=needs):
        Ring.read(values)
    read = Ring.read(["1.5", "2", "11.0", "12"])
    assert (read.low, read.people, type(read.people), read.shape) == (1.5, 11, int, "12")


def test_a_number_reads_back_the_same():
    for value in (50.0, 0.005, 11, 1 / 3, 123_456_789.0, 1e-7):
        assert float(number(value)) == value
    assert number(123_456_789.0) == "123456789.0"


def test_a_class_that_is_no_dataclass_is_refused_and_one_without_a_word_shown():
    class Plain(Declared):
        word = "plain"

    with pytest.raises(ParameterError, match="to be a frozen dataclass"):
        Plain.takes([])
    assert str(Plain()) == "plain"
    assert Plain().recipe() == {"": "plain"}
    bare = Declared()
    assert str(bare) == repr(bare)


def test_a_word_of_the_library_is_its_own(monkeypatch):
    monkeypatch.setattr(Declared, "unlisted", {})
    ours = type("Ours", (Declared,), {"word": "donut", "__module__": "privaudit.maps.masks"})
    theirs = type("Theirs", (Declared,), {"word": "donut", "__module__": "somebody"})
    known = {}
    theirs.enter(known)
    assert known == {"donut": theirs}
    # The library takes its word back; its own and theirs may each be entered again.
    for kind in (ours, ours):
        kind.enter(known)
        assert known == {"donut": ours}
    with pytest.raises(ParameterError, match="a word of its own"):
        theirs.enter(known)
    assert known == {"donut": ours}
    again = {"donut": theirs}
    type("Other", (Declared,), {"word": "donut", "__module__": "else"}).enter(again)
    assert again["donut"].__name__ == "Other"
    # Without a word of its own a class of somebody's is called as it is named, a hidden one not.
    for name, module, word in (
        ("MyOwnRing2B", "somebody", "my_own_ring2_b"),
        ("_Hidden", "somebody", None),
        ("InLibrary", "privaudit.maps", None),
    ):
        kind = type(name, (Declared,), {"__module__": module})
        kind.enter(known)
        assert Declared.unlisted == ({word: kind} if word else {})
        Declared.unlisted.clear()
    assert known == {"donut": ours}
    assert is_ours(ours)
    assert not is_ours(theirs)
    assert not is_ours(type("Near", (), {"__module__": "privaudit_more.masks"}))


def entries(monkeypatch, **loads):
    """Let packages be installed that bring such classes, by their words."""

    class Entry:
        def __init__(self, name, kind):
            self.name, self.kind = name, kind

        def load(self):
            if isinstance(self.kind, Exception):
                raise self.kind
            return self.kind

    found = tuple(Entry(*pair) for pair in loads.items())
    assert hasattr(EntryPoint, "load")
    monkeypatch.setattr(declaration, "entry_points", lambda group: found)


def test_classes_of_installed_packages_are_known_by_their_words(monkeypatch, caplog):
    good = type("Good", (Declared,), {})
    named = type("Named", (Declared,), {"word": "other"})
    broken = ImportError("x")
    entries(monkeypatch, wide=good, shifted=named, lost=broken, odd=int)
    assert words_of("g") == ["lost", "odd", "shifted", "wide"]
    known = {}
    enter_all("g", known, Declared)
    assert known == {"wide": good, "other": named}
    assert good.word == "wide"
    assert [("lost" in text, "odd" in text) for text in caplog.messages] == [
        (True, False), (False, True)
    ]  # fmt: skip
    known = {}
    enter("g", "wide", known, Declared)
    enter("g", "unknown", known, Declared)
    assert known == {"wide": good}
    for word in ("lost", "odd"):
        with pytest.raises(ParameterError, match=f"'{word}' of an installed package"):
            enter("g", word, known, Declared)
        enter("g", word, {word: int}, Declared)
