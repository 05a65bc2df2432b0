"""A table beside a map: counts by brute force, the truth, and what is refused."""

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit import cli
from privaudit.columns.recognise import column_kinds
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.linkage.join_files import join_keys, shared_columns
from privaudit.linkage.person_index import KeyCodes, fitting
from privaudit.results.measures import guarded
from privaudit.studies.link_releases import SeizedPair
from tests.fixtures.doors import write_doors


def fits(keys, dot, record):
    """Whether no key tells a dot from a record, by the definition."""
    for k in range(len(keys.needed)):
        a, b = keys.dots[k, dot], keys.records[k, record]
        if (a < 0 or b < 0) and keys.needed[k]:
            return False
        if a >= 0 and b >= 0 and a != b:
            return False
    return True


@pytest.mark.parametrize("far", [1, 10**6], ids=["few codes", "codes far apart"])
@pytest.mark.parametrize("seed", range(6))
def test_who_fits_is_counted_as_by_brute_force(seed, far):
    rng = np.random.default_rng(seed)
    k, n, m = int(rng.integers(1, 4)), 25, 30
    dots, records = (np.where(code > 0, code * far, code) for code in
                     (rng.integers(-1, 4, (k, n)), rng.integers(-1, 4, (k, m))))  # fmt: skip
    keys = KeyCodes(
        dots=dots, records=records,
        needed=rng.random(k) < 0.5, names=tuple(f"key {i}" for i in range(k)),
    )  # fmt: skip
    label = rng.integers(0, 12, m)
    found = fitting(keys.dots, keys.records, keys.needed, label)
    for dot in range(n):
        mine = [record for record in range(m) if fits(keys, dot, record)]
        assert found.many[dot] == len(mine)
        labels = {int(label[record]) for record in mine}
        assert found.one[dot] == (labels.pop() if len(labels) == 1 else -1)
        assert keys.fit(np.full(m, dot), np.arange(m)).tolist() == [r in mine for r in range(m)]


def test_nobody_fits_an_empty_file():
    none = np.zeros((1, 0), dtype=np.int64)
    found = fitting(np.zeros((1, 3), dtype=np.int64), none, np.array([True]), none[0])
    assert found.many.tolist() == [0, 0, 0]
    assert found.one.tolist() == [-1, -1, -1]


def street(doors):
    """A street with a door every 30 m."""
    number = [str(n) for n in range(1, doors + 1)]
    return AddressBase(
        pd.DataFrame(
            {"id": number, "number": number, "street": "Rue Haute", "commune": "Bourg",
             "station": "", "x": [30.0 * n for n in range(doors)], "y": 0.0}
        ), real=False)  # fmt: skip


PEOPLE = pd.DataFrame(
    {
        "nom": ["Petit", "Roux", "Morel", "Blanc", "Girard", "Faure"],
        "adresse": [f"{n} rue Haute" for n in (1, 2, 2, 3, 4, 9)],
        "soutien": ["1", "2", "5", "1", "2", "1"],
    }
)
# Doors 1, 2, 3 and 5; the last dot lies in a field.
DOTS = pd.DataFrame(
    {"x": [0.0, 30.0, 60.0, 120.0, 500.0], "y": [0.0, 0.0, 0.0, 0.0, 900.0],
     "support_level": ["1.0", "5", "2", "1", "1"], "status": list("abbab")}
)  # fmt: skip


@pytest.fixture(scope="module")
def laid():
    return pa.linkage.link_releases(PEOPLE, DOTS, addresses=street(8), seed=1)


def test_dots_are_named_by_place_and_by_columns_as_counted_by_hand(laid):
    # Door 1 has Petit, door 2 Roux and Morel, door 3 Blanc, door 5 nobody.
    assert laid.value("dot_named", by="address") == 2 / 5
    assert laid.value("dot_among", by="address") == 1 / 5
    assert laid.value("in_both", by="address") == 2 / 5
    assert laid.value("record_located", by="address") == 4 / 6
    # With the support level: of the two at door 2 only Morel is at 5; Blanc is at 1, the dot at 2.
    assert laid.value("dot_named", by="place_and_columns") == 2 / 5
    assert laid.value("record_located", by="place_and_columns") == 2 / 6
    # One door on, door 2, 3, 4 and 6 (of 1, 2, 3, 5): the nearest other door, the lower of two.
    assert laid.row("dot_named", by="address").control == pytest.approx(
        np.mean([door in (1, 3, 4) for door in (2, 1, 2, 4, -1)])
    )
    # By the support level alone nobody stands out but Morel.
    assert laid.value("dot_named", by="columns") == 1 / 5


def test_a_blind_join_names_what_an_address_at_random_would(laid):
    # Of eight doors, 1, 3 and 4 have one person; every dot on an address is put at any.
    blind = laid.row("dot_named", by="address").baseline
    assert blind == pytest.approx(3 / 8 * 4 / 5, abs=0.1)


def test_agreement_is_of_dots_that_the_place_names(laid):
    row = laid.row("columns_agree")
    assert (row.n, row.value) == (2, 1 / 2)  # Petit agrees, Blanc does not.


def test_what_both_tell_is_what_one_tells_and_whom_it_names(laid):
    # Petit and Morel by place and level: the map alone names nobody.
    row = laid.row("dot_tells", what="identity")
    assert (row.value, row.baseline) == (2 / 5, 0)
    assert laid.row("record_tells", what="visit").value == 2 / 6
    assert laid.row("record_tells", what="location").baseline == 5 / 6  # Faure's door is unknown.
    assert laid.row("dot_tells", what="all_three").value == 2 / 5


def test_withholding_addresses_leaves_columns(laid):
    assert laid.value("dot_named_without", what="address") == laid.value("dot_named", by="columns")
    assert laid.value("dot_named_without", what="columns") == 2 / 5


def test_people_who_are_not_on_the_map_are_the_control():
    away = pd.DataFrame({"nom": ["Noir", "Vert"], "adresse": ["1 rue Haute", "7 rue Haute"],
                         "soutien": ["3", "3"]})  # fmt: skip
    found = pa.linkage.link_releases(PEOPLE, DOTS, addresses=street(8), absent=away)
    row = found.row("record_located", by="address")
    assert (row.n, row.value, row.control) == (6, 4 / 6, 1 / 2)
    with pytest.raises(ParameterError, match="columns in absent"):
        pa.linkage.link_releases(PEOPLE, DOTS, addresses=street(8), absent=away.drop(columns="nom"))


def test_coordinates_of_the_table_meet_those_of_the_map():
    people = PEOPLE.drop(columns=["adresse", "soutien"]).assign(
        x=[0.0, 30.0, 30.0, 60.0, 90.0, 500.0], y=[1.0, 0.0, 2.0, 0.0, 0.0, 900.0]
    )
    found = pa.linkage.link_releases(
        people, DOTS.drop(columns="support_level"), addresses=street(8)
    )
    assert found.value("dot_named", by="coordinates") == 3 / 5  # The field too, by the metre.


def test_names_that_both_show_are_compared_in_any_order():
    people = PEOPLE.assign(prenom=["Anne", "Luc", "Éric", "Zoé", "Paul", "Marie"])
    dots = DOTS.assign(name=["PETIT Anne", "luc roux", "Eric Morel", "Paul Autre", ""])
    found = pa.linkage.link_releases(people, dots, addresses=street(8))
    assert found.value("dot_named", by="identity") == 3 / 5
    assert np.isnan(found.row("dot_named", by="identity").baseline)


def test_shared_columns_agree_in_their_cells():
    people = pd.DataFrame({"soutien": ["1", "2"], "statut": ["oui", "non"]})
    beside = pd.DataFrame({"support_level": ["2", "1"], "status": ["to_meet", "visited"]})
    told = column_kinds(people), column_kinds(beside)
    assert shared_columns(people, beside, *told) == {"soutien": "support_level"}
    one = beside.assign(support_level="1")
    assert shared_columns(people, one, *told) == {}  # What is the same of all tells nobody apart.


@pytest.fixture(scope="module")
def pair(knocked):
    """A table of a few columns and a map, of one small campaign."""
    table = pa.publish(knocked, pa.PeopleTable(), seed=3)
    few = ["nationbuilder_id", "full_name", "registered_address1", "primary_address1", "sex"]
    table = replace(table, records=table.records[few], roles=pa.Roles(identifier=few[0]))
    return table, pa.publish(knocked, pa.DotMap(popup=("sex",)), seed=3)


@pytest.fixture(scope="module")
def found(pair):
    return pa.linkage.link_releases(*pair)


def test_the_truth_says_who_is_right_and_who_would_be_named_anyhow(pair, found):
    table, dots = pair
    home, person = (table.sources[c].to_numpy() for c in ("marked_address", "person"))
    where, who = (dots.sources[c].to_numpy() for c in ("marked_address", "person"))
    named, without, right = [], [], []
    for at, one in zip(where, who, strict=True):
        here = [p for h, p in zip(home, person, strict=True) if h == at]
        others = [p for p in here if p != one]
        named.append(len(here) == 1)
        without.append(len(others) == 1)
        right.append(here.count(one) / len(here) if here else 0)
    row = found.row("dot_named", by="address")
    assert (row.value, row.control) == (np.mean(named), np.mean(without))
    assert found.row("dot_right", by="address").value == pytest.approx(np.mean(right))
    off = ~np.isin(person, who)
    on_map = np.isin(home, where)
    assert found.row("record_located", by="address").control == pytest.approx(on_map[off].mean())


def test_no_claim_reads_the_truth(pair, found):
    table, dots = pair
    rng = np.random.default_rng(1)
    other = table.sources.assign(person=rng.permutation(table.sources["person"].to_numpy()))
    lied = pa.linkage.link_releases(replace(table, sources=other), dots)
    for one, two in zip(found.rows, lied.rows, strict=True):
        if not one.measure.endswith("right"):
            assert one.value == two.value or np.isnan(one.value), one.label
    blind = join_keys(table.as_leaked(), dots.as_leaked())
    assert set(blind.ways) == {"columns", "address", "place_and_columns"}


@pytest.mark.heavy
def test_a_blurred_map_is_sent_to_the_attack_for_it(knocked, pair):
    blurred = pa.publish(knocked, pa.DotMap(mask=pa.masks.Donut(r_min=50, r_max=200)), seed=3)
    found = pa.linkage.link_releases(pair[0], blurred)
    assert "dots_moved_off" in [note.key for note in found.notes]
    # Some stand on an address all the same, whose people are not those of the dot.
    assert not [row for row in found.rows if row.part.get("by") == "address"]


def test_what_is_no_table_or_no_map_is_refused(pair):
    table, dots = pair
    with pytest.raises(ParameterError, match="the addresses of the map"):
        pa.linkage.link_releases(table, DOTS)
    with pytest.raises(ParameterError, match="a table for table"):
        pa.linkage.link_releases(dots, dots)
    with pytest.raises(ParameterError, match="DotRelease"):
        pa.linkage.link_releases(table, table)
    with pytest.raises(SchemaError, match="shared column"):
        pa.linkage.link_releases(table, dots, shared={"nope": "sex"})


def test_the_command_writes_a_page_and_says_bad_input_in_a_line(tmp_path, capsys):
    write_doors(tmp_path)
    rng = np.random.default_rng(3)
    people = pd.DataFrame(
        {"nom": [f"Nom{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(60)],
         "adresse": [f"{n} rue Haute" for n in rng.integers(1, 41, 60)],
         "soutien": rng.integers(1, 6, 60)}
    )  # fmt: skip
    people.to_csv(tmp_path / "people.csv", index=False)
    doors = 700_000 + 30 * rng.integers(1, 41, 30)
    dots = pd.DataFrame({"x": doors, "y": 6_600_000, "soutien": rng.integers(1, 6, 30)})
    dots.to_csv(tmp_path / "map.csv", index=False)
    files = [str(tmp_path / name) for name in ("people.csv", "map.csv")]
    given = ["--addresses", str(tmp_path / "adresses.csv"), "--out", str(tmp_path / "out")]
    assert cli.main(["link", *files, *given, "--lang", "fr"]) == 0, capsys.readouterr().err
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Avec les deux fichiers" in page
    assert "Noma" not in page
    assert (tmp_path / "out" / "figures" / "linked.svg").is_file()
    capsys.readouterr()
    assert cli.main(["link", *files, *given, "--share", "nope=soutien"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("lang", "said", "cleared"),
    [
        ("en", "the address of *{} to {} of {} dots* would be found", "does not show"),
        ("fr", "trouverait l'adresse de *{} à {} des {} points*", "ne prouve pas"),
    ],
)
def test_a_blurred_map_is_not_cleared_by_its_table(knocked, pair, lang, said, cleared):
    from privaudit.report.answers import linked_answer
    from privaudit.report.sentences import ResultLookup
    from privaudit.studies.study import Study
    from privaudit.words.catalogues import Words

    blurred = pa.publish(knocked, pa.DotMap(mask=pa.masks.Donut(r_min=50, r_max=200)), seed=3)
    found = pa.linkage.link_releases(pair[0], blurred)
    placed = next(row for row in found.rows if row.measure == "placed_between")
    named = next(row for row in found.rows if row.measure == "named_between")
    assert 0 <= placed.low < placed.high == placed.value
    assert named.high <= placed.high
    # Whoever knows where all of them live, and how they were moved, finds as many.
    sure = pa.audit(blurred, pa.Adversary.holds_register(
        knocked.world.roll, mask=pa.masks.Donut(r_min=50, r_max=200),
    ), truth=knocked.world)  # fmt: skip
    assert placed.low <= sure.overall.loc["address", "value"] <= 1

    def headline(measures):
        study = Study(kind="link", title="t", provenance="simulated", real_places=False,
                      measures={"linked": measures})  # fmt: skip
        text, leads = linked_answer(Words(lang), ResultLookup(study))
        return re.sub(r"[\u00a0\u202f]", " ", text).replace("\u2019", "'"), leads

    ends = math.floor(placed.low * placed.n), math.ceil(placed.high * placed.n), len(blurred)
    text, leads = headline(found)
    assert said.format(*ends) in text
    note = next(note for note in found.notes if note.key == "dots_moved_off")
    for told in ("standing", "most"):
        assert str(note.values[told]) in leads[0]
    assert note.values["standing"] <= note.values["most"]
    # Where no address of the table is known, nothing is told, and nobody cleared.
    assert cleared in headline(replace(found, rows=[]))[0]


def test_a_map_of_which_one_dot_is_off_still_names_by_place():
    from privaudit.geo.address_base import AddressBase

    n = 30
    place = AddressBase(
        pd.DataFrame(
            {"id": [str(i) for i in range(n)], "number": [str(i) for i in range(n)],
             "street": "Rue A", "commune": "Bourg", "station": "", "x": np.arange(n) * 40.0,
             "y": 0.0}
        ),
        real=False,
    )  # fmt: skip
    people = pd.DataFrame({"nom": [f"N{i}" for i in range(n)],
                           "adresse": [f"{i} rue A" for i in range(n)]})  # fmt: skip
    dots = pd.DataFrame({"x": [*np.arange(20) * 40.0, 17.0], "y": 0.0, "status": "red"})
    found = pa.linkage.link_releases(people, dots, addresses=place)
    assert [note.key for note in found.notes if note.key.startswith("dots_")] == [
        "dots_off_addresses"
    ]
    assert found.value("dot_named", by="address") == pytest.approx(20 / 21)


def test_a_map_that_was_read_has_addresses_of_its_own():
    read = pa.read_map(DOTS, addresses=street(8))
    for given in ({"addresses": "no such file"}, {"addresses": street(8)}, {"commune": "94042"}):
        with pytest.raises(ParameterError, match="has its own"):
            pa.linkage.link_releases(PEOPLE, read, **given)


@pytest.mark.parametrize(("few", "printed"), [(9, False), (11, True)])
def test_a_union_of_notes_is_not_printed_beside_a_column_of_few(few, printed):
    """45 have a note, 9 a comment, 54 one of both: an inventory prints the 45."""
    n = 120
    note = ["Absent, malade"] * 45 + [None] * (n - 45)
    comment = [None] * 45 + ["Repasser, malade"] * few + [None] * (n - 45 - few)
    people = pd.DataFrame(
        {"nom": ["Petit"] * n, "adresse": [f"{1 + k % 8} rue Haute" for k in range(n)],
         "soutien": ["1", "2"] * (n // 2), "note": note, "commentaire": comment}
    )  # fmt: skip
    found = pa.linkage.link_releases(people, DOTS, addresses=street(8))
    row = found.row("record_tells", what="note")
    assert row.baseline == pytest.approx((45 + few) / n)
    (shown,) = (r for r in guarded(found.rows) if r.label == row.label)
    assert math.isnan(shown.baseline) is not printed


@pytest.mark.parametrize(
    ("named", "refused"), [("t.csv", False), ("m.csv", False), ("c.csv", True)]
)
def test_a_roles_file_has_the_table_or_the_map(tmp_path, named, refused):
    (tmp_path / "r.toml").write_text(f'["{named}"]\nkey = ["age"]\n', "utf-8")
    pair = SeizedPair(
        table=tmp_path / "t.csv", dots=tmp_path / "m.csv", roles_file=tmp_path / "r.toml"
    )
    if refused:
        with pytest.raises(SchemaError, match="link: needs roles of"):
            _ = pair.stated
    else:
        assert [roles is None for roles in pair.stated] == [named != "t.csv", named != "m.csv"]
