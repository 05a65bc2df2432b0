"""Limits at which a column gets another kind or role, or a count is withheld: at, under, over."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles, known_export
from privaudit.errors import SchemaError
from privaudit.release.column_roles import (
    _MARK,
    KnownColumn,
    RolesFile,
    TextCounts,
    _fields_of,
    _identifier,
    _is_of_the_tool,
    _is_useful_key,
    _keys,
    _kind_by_cells,
    _of_surnames,
    _searched,
    _tells_opinions,
    _texts,
    formats_of,
    known_columns,
    places_of_network,
    proposed_roles,
    read_roles,
    roles_text,
    spoken_of,
)
from privaudit.release.inventory import outward_range
from privaudit.text.dates import are_serial_days


def known(kind, by="header"):
    return KnownColumn(kind=kind, by=by)


@pytest.mark.parametrize(
    ("special", "filled", "speak"),
    [
        # A tenth of few cells, eleven of more, a hundredth of many; none never.
        (4, 50, False), (5, 50, True), (10, 110, False), (11, 110, True), (10, 200, False),
        (11, 200, True), (11, 1_100, True), (11, 1_101, False), (12, 1_200, True), (0, 0, False),
    ],
)  # fmt: skip
def test_a_column_speaks_where_it_is_no_slip(special, filled, speak):
    counts = TextCounts(texts=0, searched=0, special=special, least=0, again=0, others="")
    assert counts.speak(filled) == speak


def words(n, marked=0):
    """So many different words, some of them with a number."""
    letters = [f"{chr(97 + i // 26)}{chr(97 + i % 26)}z" for i in range(n)]
    return letters[: n - marked] + [f"{word}7" for word in letters[n - marked :]]


@pytest.mark.parametrize(
    ("header", "cells", "surnames"),
    [
        ("c", words(59), False), ("c", words(60), True), ("c", words(60, 6), True),
        ("c", words(60, 7), False), ("nom", words(2), True), ("nom", words(2, 1), False),
    ],
)  # fmt: skip
def test_sixty_words_are_surnames_nine_of_ten_without_a_number(header, cells, surnames):
    assert _of_surnames(header, cells) == surnames


@pytest.mark.parametrize(
    ("days", "dates"),
    [
        # Day 36,526 of a spreadsheet is 1 January 2000, day 47,483 the last of 2029.
        ([36_526, 36_527, 36_528, 36_529, 36_531], True),
        ([36_525, 36_527, 36_528, 36_529, 36_531], False),
        ([47_483, 47_482, 47_481, 47_479, 47_478], True),
        ([47_484, 47_482, 47_481, 47_479, 47_478], False),
        ([36_526, 36_527, 36_528, 36_529], False),
        # They lie 4,000 days apart at most, and fewer than two of five end in 0.
        ([37_001, 37_002, 37_003, 37_004, 41_001], True),
        ([37_001, 37_002, 37_003, 37_004, 41_002], False),
        ([37_000, 37_002, 37_003, 37_004, 37_005], True),
        ([37_000, 37_010, 37_003, 37_004, 37_005], False),
    ],
)  # fmt: skip
def test_days_of_a_spreadsheet_are_those_of_thirty_years(days, dates):
    assert are_serial_days([*map(str, days)]) == dates


SIRETS = ["73282932000074", "44306184100047", "55203253400646", "54205118000066", "35600000000048"]


@pytest.mark.parametrize(
    ("texts", "speaks", "kind"),
    [
        # Five numbers that satisfy their check digits, nine of ten of them.
        (SIRETS[:4], {}, ""), (SIRETS, {}, "siret"), ([*SIRETS, "73282932000075"], {}, ""),
        # A postcode is shared by two records on average; none begins with 00 or 96.
        (["75011", "94340"] * 2, {}, "place"), (["75011", "94340", "94340"], {}, ""),
        (["00100", "94340"] * 2, {}, ""), (["96100", "94340"] * 2, {}, ""),
        (["98000", "94340"] * 2, {}, "place"), (["2A004", "94340"] * 2, {}, "place"),
        # Numbers of some tool: twenty records, each another.
        ([f"rec{i}" for i in range(19)], {}, ""), ([f"rec{i}" for i in range(20)], {}, "number"),
        ([*(f"rec{i}" for i in range(19)), "rue A"], {}, ""),
        ([*(f"rec{i}" for i in range(19)), "r" * 39 + "1"], {}, "number"),
        ([*(f"rec{i}" for i in range(19)), "r" * 40 + "1"], {}, ""),
        ([f"rec{i}" for i in range(19)] * 2, {}, ""),
        (["a", "b", "c"], {"party": 0.39}, ""), (["a", "b", "c"], {"party": 0.4}, "support"),
        (["a", "b", "c"], {"party": 0.4, "health": 0.5}, "health"),
        ([], {}, ""), (["F", "M"] * 3, {}, "sex"), (["F"] * 3, {}, ""),
    ],
)  # fmt: skip
def test_cells_of_an_unknown_header_have_a_kind_from_so_many_on(texts, speaks, kind):
    assert _kind_by_cells(texts, speaks) == kind


@pytest.mark.parametrize(
    ("n", "filled", "alone", "useful"),
    [
        # A tenth filled, at most half of these alone.
        (120, 11, 0, False), (120, 12, 0, True), (120, 13, 1, True), (120, 12, 6, True),
        (120, 12, 7, False), (200, 20, 10, True), (200, 20, 11, False),
        # Eleven at least, unless there are no more records.
        (80, 10, 0, False), (80, 11, 0, True), (10, 4, 0, True), (11, 10, 0, False),
    ],
)  # fmt: skip
def test_a_key_is_filled_by_a_tenth_and_half_of_it_not_alone(n, filled, alone, useful):
    rest = [*"ab" * 50][: filled - alone]
    column = pd.Series([f"v{chr(98 + i)}" for i in range(alone)] + rest + [None] * (n - filled))
    assert _is_useful_key(column, column.notna().to_numpy(), known("sex")) == useful


def test_a_key_has_two_values():
    for values, useful in (("aaaa", False), ("aabb", True)):
        column = pd.Series([*values])
        assert _is_useful_key(column, column.notna().to_numpy(), known("sex")) == useful


@pytest.mark.parametrize(("places", "proposed"), [(1, 1), (2, 2), (3, 2)])
def test_two_places_and_one_of_any_other_are_proposed(places, proposed):
    names = [f"p{i}" for i in range(places)]
    frame = pd.DataFrame({**{n: [*"aabb"] for n in names}, "s": [*"FFMM"], "t": [*"FFMM"]})
    kinds = dict.fromkeys(names, known("place")) | {"s": known("sex"), "t": known("sex")}
    there = dict.fromkeys(frame.columns, np.ones(4, bool))
    assert _keys(frame, kinds, there) == ["s", *names[:proposed]]


def test_six_keys_are_proposed_at_most():
    of = ("sex", "age", "place", "place", "birthplace", "nationality", "occupation", "family")
    frame = pd.DataFrame({f"c{i}": [*"aabb"] for i in range(len(of))})
    kinds = {f"c{i}": known(kind) for i, kind in enumerate(of)}
    there = dict.fromkeys(frame.columns, np.ones(4, bool))
    assert _keys(frame, kinds, there) == [f"c{i}" for i in range(6)]


@pytest.mark.parametrize(
    ("kind", "by", "cells", "of_tool"),
    [
        # Nine of ten cells are codes.
        ("occupation", "cells", ["E0034"] * 9 + ["nurse"], True),
        ("occupation", "cells", ["E0034"] * 8 + ["nurse"] * 2, False),
        # More than a tenth of the ages are days after 2009 of a spreadsheet, none after 2050.
        ("age", "header", [40_179] + [30_000] * 8, True),
        ("age", "header", [40_179] + [30_000] * 9, False),
        ("age", "header", [40_178] * 10, False), ("age", "header", [40_179] * 10, True),
        ("age", "header", [55_152] * 10, True), ("age", "header", [55_153] * 10, False),
        # Twenty numbers close together, one each, count the records; years do not.
        ("place", "header", [*range(2_101, 2_121)], True),
        ("place", "header", [*range(2_101, 2_120)], False),
        ("place", "header", [*range(2_081, 2_101)], False),
        ("place", "header", [*range(2_082, 2_102)], True),
        ("place", "header", [*range(3_000, 3_019), 3_039], True),
        ("place", "header", [*range(3_000, 3_019), 3_040], False),
        # Known by cells: days of 2000 to 2050, of which fewer than half end in 0.
        ("place", "cells", [36_526, 36_530], False), ("place", "cells", [36_526, 36_527], True),
        ("place", "cells", [36_530 + 10 * i + (i > 8) for i in range(20)], True),
        ("place", "cells", [36_530 + 10 * i + (i > 9) for i in range(20)], False),
        # Codes in nine cells of ten, and days that are no slip in more than one.
        ("occupation", "header", ["E0034"] * 17 + ["baker"] * 3, False),
        ("occupation", "header", ["E0034"] * 18 + ["baker"] * 2, True),
        ("age", "header", [40_179] * 10 + [30] * 90, False),
        ("age", "header", [40_179] * 11 + [30] * 89, True),
        ("place", "cells", [36_525, 36_527], False), ("place", "cells", [55_153, 36_527], True),
        ("place", "cells", [55_154, 36_527], False), ("place", "header", [36_526, 36_527], False),
    ],
)  # fmt: skip
def test_numbers_of_a_tool_are_told_from_places_and_ages(kind, by, cells, of_tool):
    assert _is_of_the_tool(pd.Series(cells), known(kind, by)) == of_tool


@pytest.mark.parametrize(
    ("header", "speak", "tells"),
    [("metier", 1, False), ("metier", 2, True), ("interets", 1, True), ("interets", 0, False)],
)
def test_a_trade_tells_an_opinion_beyond_a_tenth_of_its_cells(header, speak, tells):
    hits = {"union": np.arange(10) < speak}
    there = {header: np.ones(10, bool)}
    assert _tells_opinions(header, {header: known("occupation")}, there, hits) == tells


def located(rows, points, decimals=5, **more):
    at = [round(48 + 0.01 * (i % points) + 10.0**-decimals, decimals) for i in range(rows)]
    return pd.DataFrame({"lat": at, "lon": 2.0, **more})


@pytest.mark.parametrize(
    ("frame", "kinds", "network"),
    [
        # Ten rows a point beside e-mails.
        (located(18, 2), {"m": "email"}, False), (located(20, 2), {"m": "email"}, True),
        (located(20, 2), {}, False),
        # Beside a mark of a network: three rows on two points, rounded to four decimals.
        (located(3, 2, 4, isp="x"), {}, True), (located(7, 5, 4, isp="x"), {}, False),
        (located(3, 2, 5, isp="x"), {}, False), (located(3, 2, 4), {}, False),
        (located(3, 2, 4, isp="x"), {"a": "address"}, False),
        (located(3, 2, 4, c="81.2.69.142"), {}, True), (located(3, 2, 4, c="81.2.69"), {}, False),
        (located(3, 2, 4, c="8.8.8.8"), {}, True), (located(3, 2, 4, c="81.2.69.1.4"), {}, False),
        (located(3, 2, 4, isp="x").assign(lon=180.0), {}, True),
        (located(3, 2, 4, isp="x").assign(lon=181.0), {}, False),
        (located(20, 2)[["lat"]], {"m": "email"}, False),
    ],
)  # fmt: skip
def test_places_that_many_share_are_those_of_a_network(frame, kinds, network):
    spots = {c: "spot" for c in ("lat", "lon") if c in frame}
    assert places_of_network(frame, {**kinds, **spots}) == network


@pytest.mark.parametrize(("distinct", "identifies"), [(1, False), (2, False), (3, True)])
def test_an_identifier_has_more_than_a_tenth_as_many_values_as_records(distinct, identifies):
    frame = pd.DataFrame({"n": [i % distinct for i in range(20)]})
    there = {"n": np.ones(20, bool)}
    assert _identifier(frame, {"n": known("number")}, there) == (("n",) if identifies else ())
    there["n"][0] = False
    assert _identifier(frame, {"n": known("number")}, there) == ()


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (10, 10, (0, 10)), (11, 11, (11, 11)), (0, 10, (0, 10)), (0, 11, (0, 11)),
        (1, 11, (0, 11)), (40, 50, (40, 51)), (40, 51, (40, 51)), (589, 589, (589, 589)),
        (590, 590, (590, 600)), (580, 589, (580, 600)), (600, 600, (600, 600)),
        (0, 600, (0, 600)), (0, 589, (0, 589)), (0, 590, (0, 600)),
    ],
)  # fmt: skip
def test_a_range_gives_no_count_of_ten_away(low, high, shown):
    """Of 600: neither a bound, nor what it leaves, nor what lies between is 1 to 10 people."""
    assert outward_range(low, high, 600) == shown


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        ('{"a": "x", "b": 2}', "a: x; b: 2"), ('{"a": "x"', '{"a": "x"'), ("[1, 2]", "[1, 2]"),
        ('["x", {"a": null}]', "x"), ('"x"', '"x"'), ("12", "12"), ("", ""), ('{"a"}', '{"a"}'),
    ],
)  # fmt: skip
def test_json_in_a_cell_is_its_fields(cell, texts):
    assert _fields_of(cell) == texts


def test_an_address_of_a_network_identifies_nobody():
    """Several people have one, and each has several."""
    frame = pd.DataFrame({"ip": range(20), "n": range(20)})
    there, kinds = dict.fromkeys(frame, np.ones(20, bool)), dict.fromkeys(frame, known("number"))
    assert _identifier(frame[["ip"]], kinds, there) == ()
    assert _identifier(frame, kinds, there) == ("n",)


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ('["a.csv"]\nrecord_id = "n"\n', {"identifier": ("n",)}),
        ('["a.csv"]\nrecord_id = ["n", "m"]\n', {"identifier": ("n", "m")}),
        ('["a.csv"]\nkey = ["n"]\nweight = "w"\n', {"key": ("n",), "weight": "w"}),
        # A list that is empty says that nobody is identified; an empty field says nothing.
        ('["a.csv"]\ndirect_identifiers = []\nkey = ["n"]\nweight = ""\n',
         {"direct": (), "weight": None}),
        ('["a.csv"]\nkey = ["n"]\n', {"direct": None}),
        ("a = 1\n", "a section"), ('["a.csv"]\nkeys = ["n"]\n', "fields"),
        ('["a.csv"]\nkey = "n"\n', "a list of columns"), ('["a.csv"]\nkey = [1]\n', "a list"),
        ('["a.csv"]\nweight = ["w"]\n', "a column as weight"),
        ('["a.csv"]\nweight = 1\n', "a column"),
        ('["a.csv"]\nrecord_id = [1]\n', "a column as record_id"),
    ],
)  # fmt: skip
def test_a_roles_file_has_sections_fields_and_columns(tmp_path, text, roles):
    (tmp_path / "roles.toml").write_text(text, "utf-8")
    if isinstance(roles, str):
        with pytest.raises(SchemaError, match=roles):
            read_roles(tmp_path / "roles.toml")
        return
    found = read_roles(tmp_path / "roles.toml").roles["a.csv"]
    assert {name: getattr(found, name) for name in roles} == roles


def test_a_roles_file_is_written_as_it_is_read(tmp_path):
    """One number stands as text, two as a list; what is empty is left out, but for four fields."""
    for numbers, line in ((("n",), 'record_id = "n"'), (("n", "m"), 'record_id = ["n", "m"]'),
                          ((), 'record_id = ""')):  # fmt: skip
        roles = Roles(identifier=numbers, key=["k"], time="t", ordered=["k"])
        text = roles_text([("a.csv", roles, "page", {})], [])
        assert text.split("\n")[2:-1] == [
            "direct_identifiers = []", line, 'key = ["k"]', "sensitive = []", 'ordered = ["k"]',
            'time = "t"', 'item = "page"',
        ]  # fmt: skip
        (tmp_path / "r.toml").write_text(text, "utf-8")
        read = read_roles(tmp_path / "r.toml")
        assert (read.roles["a.csv"].identifier, read.items["a.csv"]) == (numbers, "page")
    assert "item" not in roles_text([("a.csv", Roles(key="k"), "", {})], [])


def test_roles_are_of_one_of_the_files_at_least():
    file = RolesFile(name="r.toml", roles={"a.csv": Roles(key="k")}, items={})
    file.refuse_without(["b.csv", "a.csv"], who="t")
    with pytest.raises(SchemaError, match=r"roles of b\.csv"):
        file.refuse_without(["b.csv", "c.csv"], who="t")
    assert file.checked("b.csv", ["k"], who="t") is None
    assert file.checked("a.csv", ["k"], who="t").key == ("k",)


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("5", True), ("123", True), ("1234", False), ("1.5", True), ("1,55", True),
        ("1.555", False), ("3/5", True), ("3 / 100", True), ("3/1000", False), ("★", True),
        ("*****", True), ("******", False), ("★ 5", False),
    ],
)  # fmt: skip
def test_a_mark_is_a_number_of_three_digits_or_five_stars(cell, mark):
    assert (_MARK.fullmatch(cell) is not None) == mark


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        # Days of a spreadsheet that two records share are dates; one each, they count records.
        (["36526", "36527", "36528", "36529", "36531"] * 2, "date"),
        (["36526", "36527", "36528", "36529", "36531"], ""),
        (["2016-05-12", "2016-05-13"], "date"), (["1762000000000", "1762000450000"], "date"),
        (["1762000000", "1762000450"], ""),
        # Nine of ten numbers satisfy their check digits.
        ([*SIRETS, *(f"{siret[:-1]}{int(siret[-1])}" for siret in SIRETS)], "siret"),
    ],
)  # fmt: skip
def test_dates_and_numbers_without_a_header(texts, kind):
    assert _kind_by_cells(texts, {}) == kind


def test_nine_numbers_of_ten_with_their_digits_are_enough():
    """Ten different ones, of which one or two fail: numbers of people by Luhn and by 97."""
    good = [f"2 69 05 49 588 {n:03d} {97 - int(f'2690549588{n:03d}') % 97:02d}" for n in range(10)]
    bad = [f"{text[:-2]}{(int(text[-2:]) + 1) % 97:02d}" for text in good]
    assert _kind_by_cells(good, {}) == "nir"
    assert _kind_by_cells([*good[:9], bad[9]], {}) == "nir"
    assert _kind_by_cells([*good[:8], *bad[8:]], {}) != "nir"


@pytest.mark.parametrize(("filled", "useful"), [(19, False), (20, True), (21, True)])
def test_a_tenth_of_two_hundred_fill_a_key(filled, useful):
    column = pd.Series([*"ab" * 100][:filled] + [None] * (200 - filled))
    assert _is_useful_key(column, column.notna().to_numpy(), known("sex")) == useful


@pytest.mark.parametrize(("levels", "proposed"), [(0, 0), (1, 1), (2, 1), (20, 1), (21, 0)])
def test_what_is_learnt_has_a_value_and_twenty_at_most(levels, proposed):
    values = [f"v{i}" for i in range(levels)] or [None]
    frame = pd.DataFrame({"parti": (values * 42)[:42]}, dtype="str")
    there = {"parti": frame["parti"].notna().to_numpy()}
    roles = proposed_roles(frame, {"parti": known("support")}, there, None, {"parti": ["party"]})
    assert len(roles.sensitive) == proposed


def test_eight_columns_are_proposed_as_sensitive_at_most():
    frame = pd.DataFrame({f"parti{i}": [*"ab"] * 20 for i in range(9)})
    kinds = {c: known("support") for c in frame}
    there = {c: np.ones(40, dtype=bool) for c in frame}
    for columns in (7, 8, 9):
        some = frame.iloc[:, :columns]
        says = {c: ["party"] for c in frame}
        roles = proposed_roles(some, kinds, there, None, says)
        assert len(roles.sensitive) == min(columns, 8)


def test_only_what_might_be_a_key_tells_opinions():
    every = np.ones(4, dtype=bool)
    for kind, tells in (("occupation", True), ("note", False), (None, False)):
        columns = {} if kind is None else {"c": known(kind)}
        assert _tells_opinions("c", columns, {"c": every}, {"health": every}) == tells
    assert not _tells_opinions("c", {"c": known("occupation")}, {"c": every}, {})


def test_a_series_is_of_numbers_alone():
    series = [f"{3_000 + i}" for i in range(20)]
    assert _is_of_the_tool(pd.Series(series), known("place"))
    assert not _is_of_the_tool(pd.Series([*series, "x"]), known("place"))
    days = pd.Series(np.datetime64("2016-01-01") + np.arange(20))
    assert not _is_of_the_tool(days, known("place"))


def test_points_are_the_only_format_of_their_column():
    assert formats_of(["48.8212, 2.4705"] * 3) == ("point",)
    # One cell in a hundred is a slip, two are a format.
    for slips, formats in ((0, 1), (1, 1), (2, 2)):
        cells = ["1980-02-01"] * (100 - slips) + ["01/02/1980"] * slips
        assert len(formats_of(cells)) == formats


def test_coordinates_of_network_addresses_say_so_themselves():
    frame = pd.DataFrame({"IP_lat": [48.85823, 48.1], "IP_lon": [2.33871, 2.2]})
    kinds = dict.fromkeys(frame, "spot")
    assert places_of_network(frame, kinds)
    assert not places_of_network(frame, {"IP_lat": "spot"})
    other = frame.set_axis(["lat", "lon"], axis=1)
    assert not places_of_network(other, dict.fromkeys(other, "spot"))


MAP_LINK = "https://maps.example/maps?q=48.8212,2.4705"
DAYS = ["2016-11-08", "2016-11-09"] * 5


@pytest.mark.parametrize(
    ("header", "cells", "kind", "worked_out"),
    [
        # Free text that is a number is a score, but for an id.
        ("note", ["12", "15,5"] * 5, "profile", True), ("note_id", ["12", "15"] * 5, "", False),
        ("note", ["12", "vu hier"] * 5, "note", False),
        ("note", [None] * 10, "note", False), ("score de soutien", ["1", "2"] * 5, "support", True),
        # The date of a gift is a date; who a contact is, is no source; an address may bounce.
        ("date du don", DAYS, "date", False), ("date du don", ["oui", "non"] * 5, "tie", False),
        ("source", ["person", "Company"] * 5, "technical", False),
        ("source", ["person", "tract"] * 5, "source", False),
        ("source", [None] * 10, "source", False),
        ("bounced_at", ["u1@a.fr", "u2@a.fr"] * 5, "email", False),
        # Notes under a date are notes, and a name under coordinates is a name.
        ("date", [f"pas là encore venu {i}" for i in range(10)], "note", False),
        ("coordonnées", [f"{a} {b}" for a in ("Paul", "Anne") for b in ("Roux", "Roy", "Petit")],
         "name", False),
        # A place whatever the header, and where a network address is.
        ("lien", [MAP_LINK] * 10, "spot", False), ("lat", ["48.8", "48.9"] * 5, "spot", False),
        ("ip_lat", ["48.8212", "48.8213"] * 5, "spot", False),
        # A blank column has the kind of its header, and seconds of a time are a date.
        ("adresse", [None] * 4, "address", False), ("prénom", [None] * 4, "name", False),
        ("seen_at", [1_478_563_200 + 86_400 * i for i in range(20)], "date", False),
    ],
)  # fmt: skip
def test_a_column_is_known_by_its_header_and_corrected_by_its_cells(
    header, cells, kind, worked_out
):
    frame = pd.DataFrame({header: cells, "zz": [f"k{i % 3}" for i in range(len(cells))]})
    found = known_columns(frame, None, {})[header]
    assert (found.kind, found.worked_out) == (kind, worked_out)
    assert bool(found.by) is bool(kind)


@pytest.mark.parametrize(
    ("cell", "holds"),
    [
        # Pieces of 3,900 letters end where no word reaches over: at a sentence's end, or a blank.
        ("x" * 3_896 + " malade", True), ("x" * 3_892 + " malade", True), ("a" * 3_901, False),
        ("xq. " * 974 + "pas malade", False), ("xq. " * 974 + "malade", True),
        ("xq " * 1_298 + "malade " + "xq " * 1_298 + "x", True),
        ("malade " + "x" * 9_000, True), ("x" * 9_000 + " malade", True),
    ],
)  # fmt: skip
def test_a_long_cell_is_cut_between_its_words(cell, holds):
    """A word that stood over the end of a piece was in neither of the two."""
    cells = ["", cell, "malade", cell, "xq"]
    spoken, *_ = spoken_of(cells, [""] * len(cells))
    assert spoken["health"].tolist() == [False, holds, True, holds, False]


@pytest.mark.parametrize(("before", "holds"), [(99_993, True), (99_994, False)])
def test_a_cell_is_searched_for_a_hundred_thousand_letters(before, holds):
    spoken, counts = _searched(pd.Series(["x" * before + " malade"]), known("note"), [""])
    assert ("health" in spoken, counts.special) == (holds, int(holds))


@pytest.mark.parametrize(("n", "names", "identifies"), [
    (10, 1, False), (11, 1, True), (50, 1, True),
    # Two names of each number, or one number fewer with a single one.
    (12, 24, False), (12, 23, True),
])  # fmt: skip
def test_of_a_hundred_records_eleven_numbers_identify_and_none_of_two_names(n, names, identifies):
    rows = [(i % n, (i // n) % 2 if i % n < names - n else 0) for i in range(100)]
    frame = pd.DataFrame(rows, columns=["n", "who"]).astype({"who": "str"})
    there = dict.fromkeys(frame, np.ones(100, bool))
    kinds = {"n": known("number"), "who": known("name")}
    assert _identifier(frame, kinds, there) == (("n",) if identifies else ())


@pytest.mark.parametrize(("known", "by"), [("", "header"), ("nationbuilder", "NationBuilder")])
def test_columns_of_a_known_export_are_known_by_it(known, by):
    frame = pd.DataFrame({"support_level": [1, 2, 3] * 4, "civicrm_id": range(12)})
    found = known_columns(frame, known_export(known) if known else None, {})
    assert [(one.kind, one.by) for one in found.values()] == [("support", by), ("number", by)]


@pytest.mark.parametrize(("speak", "tells"), [(10, False), (11, True)])
def test_eleven_of_a_hundred_trades_tell_an_opinion(speak, tells):
    hits, there = {"union": np.arange(100) < speak}, {"metier": np.ones(100, bool)}
    assert _tells_opinions("metier", {"metier": known("occupation")}, there, hits) == tells


@pytest.mark.parametrize(("cells", "read"), [(799, 799), (800, 400), (801, 401), (1_200, 400)])
def test_every_cell_says_something_or_four_hundred_of_twice_as_many(cells, read):
    assert len(_texts(pd.Series([f"v{i}" for i in range(cells)]))) == read
