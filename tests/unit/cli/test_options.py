"""How values of options are read, and the limits of what is said or refused before a run."""

import argparse
import re
from types import SimpleNamespace

import pytest

from privaudit.cli import options


@pytest.mark.parametrize(
    ("text", "read"),
    [("soutien=support", {"soutien": "support"}), ("a = b, c=d", {"a": "b", "c": "d"})],
)
def test_pairs_of_columns_are_read(text, read):
    assert options.pairs(text) == read


@pytest.mark.parametrize("text", ["", ",", "a", "a=b,c", "c,a=b", "a=", "=b", "a=b=c", "a=b,c="])
def test_what_is_no_pair_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="pairs, such as"):
        options.pairs(text)


@pytest.mark.parametrize("text", ["1,2,3", "1,2,3,4,5"])
def test_four_numbers_are_four(text):
    assert options.four_numbers("1,2.5,-3,4") == (1, 2.5, -3, 4)
    with pytest.raises(argparse.ArgumentTypeError, match="four numbers"):
        options.four_numbers(text)


def test_a_seed_is_nought_or_more():
    assert [options.seed(text) for text in ("0", " 7 ")] == [0, 7]
    for text in ("-1", "1.5", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="0 or more"):
            options.seed(text)


@pytest.mark.parametrize(("most", "refused"), [(999_999_999, True), (10**9, False), (-1, False)])
def test_a_gigabyte_of_addresses_is_enough(monkeypatch, most, refused):
    resource = pytest.importorskip("resource")
    assert resource.RLIM_INFINITY == -1
    monkeypatch.setattr(resource, "getrlimit", lambda _: (most, most))
    assert bool(options.narrow_address_space()) == refused


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(10, ""), (10.1, "10 s"), (89.9, "90 s"), (90, "2 min"), (149, "2 min"), (151, "3 min")],
)
def test_a_run_of_over_ten_seconds_is_foretold(monkeypatch, capsys, seconds, said):
    cost = SimpleNamespace(foretold=lambda _: (seconds, 1.5))
    monkeypatch.setattr(options, "commands", lambda: {"table": cost})
    options.foretell(argparse.Namespace(command="table"))
    err = capsys.readouterr().err
    assert "".join(re.findall(r"\b\d+ (?:s|min)\b", err)) == said
    assert ("1.5" in err) == bool(said)
