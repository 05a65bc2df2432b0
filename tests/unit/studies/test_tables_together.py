"""Tables laid beside tables: who stands in both, by what, beside chance; counted by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.linkage.join_tables import Comparison, compare_tables, linked_tables
from privaudit.linkage.person_index import PersonIndex
from privaudit.release.read_table import read_table
from privaudit.report.guard import shown_of
from privaudit.results.measures import as_printed, guarded
from privaudit.studies.dossier import tables_together
from privaudit.studies.study import Study

GIVEN = ("Marie", "Jean", "Anne", "Paul", "Julien", "Hélène", "Claude", "Zoé")


def surname(i):
    return "Zxq" + "abcdefghij"[i // 10] + "klmnopqrst"[i % 10]


def members(n=60):
    """Members 0 to n - 1: a name, a birth, an e-mail, a party card's number."""
    return pd.DataFrame({
        "id": [5_000 + 7 * i for i in range(n)], "nom": [surname(i) for i in range(n)],
        "prenom": [GIVEN[i % 8] for i in range(n)],
        "courriel": [f"P.{i}@x.fr" for i in range(n)],
        "date_naissance": [f"{1 + i % 28:02d}/03/{1950 + i % 40}" for i in range(n)],
    })  # fmt: skip


def people(**frames):
    return [PersonIndex.of(read_table(frame), name) for name, frame in frames.items()]


def laid(**frames):
    return linked_tables(people(**frames), rng=np.random.default_rng(3))


def count(found, measure, table, other, **part):
    row = found.row(measure, table=table, other=other, **part)
    return round(row.value * row.n), row.n


def test_an_email_in_capitals_is_the_same_and_chance_has_no_say():
    """Donors 40 to 79 gave the e-mail of a person of that number; of these, 20 are members."""
    donors = pd.DataFrame({"email": [f"p.{i}@X.FR" for i in range(40, 80)], "montant": range(40),
                           "religion": ["catholique"] * 15 + [None] * 25})  # fmt: skip
    found = laid(adherents=members(), dons=donors)
    assert count(found, "found_in", "dons", "adherents", by="email") == (20, 40)
    assert count(found, "found_in", "adherents", "dons", by="email") == (20, 60)
    # Fifteen of the twenty have a religion among the donors, and none among the members.
    assert count(found, "learnt", "adherents", "dons", what="origin") == (15, 60)
    assert count(found, "learnt", "dons", "adherents", what="name") == (20, 40)
    assert np.isnan(found.row("found_in", table="dons", other="adherents", by="email").baseline)


def test_two_mails_that_differ_by_a_dot_are_of_two_people():
    one = pd.DataFrame({"email": [f"a.b{i}@x.fr" for i in range(20)]})
    other = pd.DataFrame({"email": [f"ab{i}@x.fr" for i in range(20)]})
    found = laid(a=one, b=other)
    assert found.value("found_in", table="a", other="b", by="any") == 0
    # Once of both.
    assert len(found.rows) == 1


def test_a_telephone_is_known_however_it_is_written():
    one = pd.DataFrame({"mobile": [f"+33 6 12 34 5{i // 10} 7{i % 10}" for i in range(30)]})
    other = pd.DataFrame({"tel": [f"6123450{70 + i}" if i < 10 else f"06.12.34.5{i // 10}.7{i % 10}"
                                  for i in range(30)]})  # fmt: skip
    found = laid(a=one, b=other)
    # 612345070 to 79 are not 6 12 34 50 70 to 79 (612345070): the first ten are the same digits.
    assert count(found, "found_in", "a", "b", by="phone") == (30, 30)


def test_a_name_with_a_birth_finds_who_has_homonyms():
    """A roll in capitals, with every given name and births written otherwise; all 60 are on it.

    Every name stands on it twice, once with another birth: by the name alone nobody is told apart.
    """
    mine = members()
    again = pd.DataFrame({
        "Nom de naissance": [surname(i % 60).upper() for i in range(120)],
        "Prénoms": [f"{GIVEN[i % 60 % 8]}, Louis" for i in range(120)],
        "Date de naissance": [f"{1950 + i % 60 % 40 + i // 60 * 50}-03-{1 + i % 60 % 28:02d}"
                              for i in range(120)],
    })  # fmt: skip
    found = laid(adherents=mine, liste=again)
    assert count(found, "found_in", "adherents", "liste", by="name_birth") == (60, 60)
    row = found.row("found_in", table="adherents", other="liste", by="name_birth")
    # Two of one surname are none: with the birth of another, nobody is found, none has a double.
    assert (row.baseline, row.control) == (0, 0)
    assert count(found, "found_in", "adherents", "liste", by="name") == (0, 60)
    assert count(found, "found_among", "adherents", "liste", by="name") == (60, 60)


@pytest.mark.parametrize(
    ("abroad", "at_home"),
    [("+1 415 555 01{:02d}", "(415) 555-01{:02d}"), ("0044 20 7946 09{:02d}", "020 7946 09{:02d}"),
     ("+32 475 12 34 {:02d}", "0475 12 34 {:02d}"), ("+352 621 123 4{:02d}", "621 123 4{:02d}")],
)  # fmt: skip
def test_a_telephone_of_another_country_is_the_same_with_its_code(abroad, at_home):
    """Ten digits in America and Great Britain, nine in Belgium and Luxembourg's mobiles."""
    one = pd.DataFrame({"telephone": [abroad.format(i + 10) for i in range(30)]})
    other = pd.DataFrame({"tel": [at_home.format(i + 10) for i in range(30)]})
    assert count(laid(a=one, b=other), "found_in", "a", "b", by="phone") == (30, 30)


def test_who_fits_one_or_two_or_more_is_told_apart():
    """Nobody fits 0; one fits 1; two fit 2; three fit 3; one alone fits 4, by both ways."""
    shared = Comparison(rows=np.array([0, 1, 2, 3, 4, 4]), codes=np.array([9, 1, 2, 3, 4, 5]), n=5,
                    their_rows=np.array([0, 1, 2, 3, 4, 5, 6, 6]),
                    their_codes=np.array([1, 2, 2, 3, 3, 3, 4, 5]))  # fmt: skip
    met = shared.matches()
    assert met.some.tolist() == [False, True, True, True, True]
    assert met.one.tolist() == [-1, 0, -1, -1, 6]
    assert met.two.tolist() == [False, False, True, False, False]


@pytest.mark.parametrize(("digits", "counted"), [(15, True), (16, False)])
def test_numbers_longer_than_fifteen_digits_are_given_and_not_counted(digits, counted):
    """What counts up meets by chance: all fifty numbers of one stand in the other by that alone."""
    ids = [10 ** (digits - 1) + i for i in range(50)]
    one = pd.DataFrame({"id": ids, "nom": [surname(i) for i in range(50)], "prenom": "Anne"})
    other = one.assign(nom=[surname(i + 50) for i in range(50)])
    assert ("number" not in compare_tables(*people(a=one, b=other))) is counted


def test_tables_of_a_seizure_that_tell_of_somebody_are_laid_beside_each_other(tmp_path):
    members().to_csv(tmp_path / "adherents.csv", index=False)
    pd.DataFrame({"email": [f"p.{i}@X.FR" for i in range(40, 80)]}).to_csv(
        tmp_path / "dons.csv", index=False
    )
    pd.DataFrame({"note": ["bon", "moyen"] * 20}).to_csv(tmp_path / "notes.csv", index=False)
    (tmp_path / "vide.csv").write_text("")
    found = tables_together(
        [SimpleNamespace(path=path, kind="table") for path in sorted(tmp_path.iterdir())]
    )
    assert {row.part["table"] for row in found.rows} == {"adherents.csv", "dons.csv"}
    assert count(found, "found_in", "dons.csv", "adherents.csv", by="email") == (20, 40)


def test_numbers_that_count_up_are_by_chance_unless_the_header_tells():
    """Rows 1 to 50 of both meet by chance. A column called after the other table tells it."""
    one = pd.DataFrame({"id": range(1, 51), "nom": [surname(i) for i in range(50)],
                        "prenom": GIVEN[0]})  # fmt: skip
    other = pd.DataFrame({"id": range(1, 51), "nom": [surname(i + 50) for i in range(50)],
                          "prenom": GIVEN[1]})  # fmt: skip
    found = laid(a=one, b=other)
    assert count(found, "found_in", "a", "b", by="any") == (0, 50)
    # Numbers that do not count up meet, of people who bear other names: nobody's own.
    apart = [frame.assign(id=range(5_000, 5_350, 7)) for frame in (one, other)]
    row = laid(a=apart[0], b=apart[1]).row("found_in", table="a", other="b", by="number")
    assert (row.value, round(row.baseline, 2), row.reliable) == (1, 0.15, False)
    # Ten of them gave twice.
    gifts = pd.DataFrame({"id": range(1, 61), "person_id": [*range(1, 51), *range(1, 11)],
                          "montant": range(60)})  # fmt: skip
    told = laid(people=one, gifts=gifts)
    assert count(told, "found_in", "gifts", "people", by="reference") == (50, 50)


def test_notes_tell_of_the_people_of_another_table():
    people = pd.DataFrame({"id": range(1, 41), "nom": [surname(i) for i in range(40)],
                           "prenom": "Anne"})  # fmt: skip
    visits = pd.DataFrame({"person_id": [*range(1, 31)] * 2, "remarque": ["rien"] * 40 +
                           ["catholique pratiquant"] * 20})  # fmt: skip
    found = laid(people=people, visits=visits)
    assert count(found, "learnt", "people", "visits", what="origin") == (20, 40)


def test_who_sent_all_messages_is_none_of_those_who_got_them():
    """The sender stood as a name, and an e-mail of every recipient: nobody was told of."""
    people = pd.DataFrame({"nom": [surname(i) for i in range(40)], "prenom": "Anne",
                           "email": [f"p{i}@x.fr" for i in range(40)]})  # fmt: skip
    sent = pd.DataFrame({"sender": "p3@x.fr", "recipient": [f"p{i}@x.fr" for i in range(20, 60)],
                         "parti": "LR"})  # fmt: skip
    found = laid(people=people, sent=sent)
    assert count(found, "found_in", "sent", "people", by="email") == (20, 40)
    assert count(found, "learnt", "people", "sent", what="support") == (20, 40)


def test_a_shared_telephone_of_another_name_is_not_the_same_person():
    """Thirty couples share a telephone: he is in one file, she in the other."""
    tels = [f"01 40 00 {i // 10:02d} {70 + i % 10}" for i in range(30)]
    he = pd.DataFrame({"nom": [surname(i) for i in range(30)], "prenom": "Paul", "tel": tels})
    she = pd.DataFrame({"nom": [surname(i) for i in range(30)], "prenom": "Anne", "tel": tels,
                        "religion": "catholique"})  # fmt: skip
    found = laid(a=he, b=she)
    assert count(found, "found_in", "a", "b", by="phone") == (30, 30)
    assert found.value("same_name", table="a", other="b", by="phone") == 0
    assert not [row for row in found.rows if row.measure == "learnt"]


def test_the_telephone_of_a_couple_is_hers_where_her_e_mail_says_so():
    """Donors without a name; her e-mail and their telephone: he, with the telephone, is not one."""
    tels = [f"01 40 00 {i // 10:02d} {70 + i % 10}" for i in range(30)]
    couple = pd.DataFrame({"nom": [surname(i % 30) for i in range(60)],
                           "prenom": ["Anne"] * 30 + ["Paul"] * 30, "tel": tels * 2,
                           "courriel": [f"p{i}@x.fr" for i in range(60)]})  # fmt: skip
    donors = pd.DataFrame({"email": couple["courriel"][:30], "mobile": tels, "culte": "catholique"})
    found = laid(a=couple, b=donors)
    assert count(found, "found_in", "a", "b", by="phone") == (60, 60)
    assert count(found, "found_in", "a", "b", by="any") == (30, 60)
    assert count(found, "learnt", "a", "b", what="origin") == (30, 60)


def test_an_address_is_known_without_the_public_addresses():
    one = pd.DataFrame({"adresse": [f"{i} bd. de l'Église 94340 Bourg" for i in range(1, 31)]})
    other = pd.DataFrame({"numero": range(16, 46), "voie": "BOULEVARD DE L EGLISE",
                          "code_postal": "94340"})  # fmt: skip
    found = laid(a=one, b=other)
    assert count(found, "same_address", "a", "b") == (15, 30)


def test_who_lives_with_whom_is_somebody_else():
    """Thirty live alone with themselves in both files; eleven have a neighbour there."""
    one = pd.DataFrame({"nom": [surname(i) for i in range(30)], "prenom": "Anne",
                        "date_naissance": "02/03/1970",
                        "adresse": [f"{i + 1} rue Haute" for i in range(30)]})  # fmt: skip
    more = one[:11].assign(nom=[surname(i + 50) for i in range(11)])
    other = pd.concat([one, more], ignore_index=True)
    found = laid(a=one, b=other)
    assert count(found, "found_in", "a", "b", by="name_birth") == (30, 30)
    assert count(found, "same_address", "a", "b") == (11, 30)


def test_what_is_new_is_told_beside_what_their_own_record_says():
    """Forty in both: she is a member (own record), and the other file says a party of all."""
    one = pd.DataFrame({"email": [f"p{i}@x.fr" for i in range(40)],
                        "party_member": ["oui"] * 25 + [None] * 15})  # fmt: skip
    other = pd.DataFrame({"email": one["email"], "parti": ["LR", "PS"] * 20})
    row = laid(a=one, b=other).row("learnt", table="a", other="b", what="support")
    assert (row.value, round(row.baseline * row.n)) == (1, 25)
    # Of five of whom it is new, their number is not told by a difference.
    few = one.assign(party_member=["oui"] * 35 + [None] * 5)
    found = laid(a=few, b=other)
    assert found.row("learnt", table="a", what="support").baseline == 35 / 40
    assert np.isnan(as_printed(found).row("learnt", table="a", what="support").baseline)


def test_two_of_one_name_at_two_addresses_are_two_people():
    """Thirty donors; five more bear a name of theirs and live elsewhere: they were one."""
    one = pd.DataFrame({"donateur": [f"{surname(i).upper()} Anne" for i in range(30)],
                        "adresse": [f"{i + 1} rue Haute" for i in range(30)]})  # fmt: skip
    more = one[:5].assign(adresse=[f"{i + 1} rue Basse" for i in range(5)])
    both = pd.concat([one, more], ignore_index=True)
    assert people(dons=both)[0].n == 35
    found = laid(dons=both, liste=one)
    assert count(found, "found_in", "dons", "liste", by="name_address") == (30, 35)
    # By the name alone all are found, and what is said beside it is how many live there.
    row = found.row("found_in", table="dons", other="liste", by="name")
    assert row.value == 1
    (note,) = [note for note in row.notes if note.key == "addresses_agree"]
    assert (note.values["same"], note.values["of"]) == (30, 35)


def test_a_first_name_alone_tells_nobody():
    one = pd.DataFrame({"prenom": [GIVEN[i % 8] for i in range(40)]})
    found = laid(a=one, b=one.drop_duplicates())
    assert found.value("found_in", table="a", other="b", by="any") == 0


def test_who_comes_back_in_a_log_of_contacts_is_one_person():
    seen = pd.DataFrame({"nom": [surname(i % 20) for i in range(60)], "prenom": "Anne",
                         "resultat": ["absent", "ouvert", "refus"] * 20})  # fmt: skip
    assert people(log=seen)[0].n == 20


def test_what_chance_would_find_is_no_group_that_is_withheld():
    """Of sixty who bear each given name with each surname, chance finds some: sixty are told."""
    names = [(surname(i // 8), GIVEN[i % 8]) for i in range(60)]
    one = pd.DataFrame({"nom": [last for last, _ in names], "prenom": [g for _, g in names]})
    more = pd.DataFrame({"nom": [surname(i + 20) for i in range(60)], "prenom": "Anne"})
    found = laid(a=one, b=pd.concat([one, more], ignore_index=True))
    row = found.row("found_in", table="b", other="a", by="name")
    assert 0 < row.baseline * row.n < row.n
    study = Study(kind="dossier", title="t", provenance="audited file", real_places=True,
                  measures={"linked_tables": found})  # fmt: skip
    assert not any(row.withheld for row in shown_of(study).rows["linked_tables"])


@pytest.mark.parametrize("few", [3, 10])
def test_few_are_withheld_in_both_directions_and_so_is_the_whole(few):
    """Of forty, `few` meet by telephone: neither file tells how many, nor does the whole."""
    one = pd.DataFrame(
        {
            "email": [f"p{i}@x.fr" for i in range(40)],
            "tel": [f"06 10 20 {i // 10:02d} {70 + i % 10}" for i in range(40)],
        }
    )
    other = one.assign(email=[f"{'p' if i < 20 else 'q'}{i}@x.fr" for i in range(40)],
                       tel=one["tel"].where(np.arange(40) >= 40 - few))  # fmt: skip
    found = laid(a=one, b=other)
    study = Study(kind="dossier", title="t", provenance="audited file", real_places=True,
                  measures={"linked_tables": found})  # fmt: skip
    rows = shown_of(study).rows["linked_tables"]
    hidden = {row.part["by"] for row in rows if row.measure == "found_in" and row.withheld}
    assert hidden == {"phone", "any"}
    assert {row.withheld for row in rows if row.part.get("by") == "email"} == {False}


@pytest.mark.parametrize("found_in", [0, 1, 10, 11])
def test_those_whom_several_match_do_not_tell_who_is_found(found_in):
    """Of 60 all but those found have a double on the list; 1 to 10 who are found are withheld."""
    twice = [i for i in range(60) for _ in range(1 if i < found_in else 2)]
    again = pd.DataFrame({"nom": [surname(i) for i in twice],
                          "prenom": [GIVEN[i % 8] for i in twice],
                          "tel": [f"06{k:08d}" for k in range(len(twice))]})  # fmt: skip
    found = laid(adherents=members(), liste=again)
    several = 60 - found_in
    assert count(found, "found_in", "adherents", "liste", by="name") == (found_in, 60)
    assert count(found, "found_among", "adherents", "liste", by="name") == (several, 60)
    of = [row for row in guarded(found.rows)
          if row.part["table"] == "adherents" and row.part.get("by") == "name"]  # fmt: skip
    both = [("found_in", False), ("found_among", False)]
    assert [(row.measure, row.withheld) for row in of if row.measure.startswith("found")] == (
        [("found_in", True)] if 0 < found_in < 11 else both
    )


def test_two_dots_of_one_name_are_two_people():
    """Three dots bear the name of each of ten people: nobody is told which of the three it is."""
    spots = [0.001 * i for i in range(30)]
    dots = pd.DataFrame({"nom": [surname(i % 10) for i in range(30)],
                         "prenom": [GIVEN[i % 10 % 8] for i in range(30)],
                         "lat": [48.7 + one for one in spots], "lon": spots})  # fmt: skip
    found = laid(carte=dots, adherents=members(20))
    assert [one.n for one in people(carte=dots)] == [30]
    assert count(found, "found_among", "adherents", "carte", by="name") == (10, 20)
    # Whoever gave a birth is one person, wherever the telephone stood at each visit.
    born = dots.assign(date_naissance="01/03/1950")
    assert [one.n for one in people(carte=born)] == [10]


def test_tables_that_were_laid_in_another_way_are_left_out():
    tables = people(a=members(), b=members(40), c=members(30))
    found = linked_tables(tables, laid=[frozenset("ab")], rng=np.random.default_rng(3))
    pairs = {(row.part["table"], row.part["other"]) for row in found.rows}
    assert pairs == {("a", "c"), ("c", "a"), ("b", "c"), ("c", "b")}


@pytest.mark.parametrize("matches", [0, 1, 2])
def test_the_first_person_of_both_tables_is_one_like_any_other(matches):
    """Persons 0, and 1, have one e-mail in both; the second table knows their religion."""
    one = pd.DataFrame({"email": [f"p.{i}@x.fr" for i in range(20)]})
    mails = [f"p.{i}@x.fr" if i < matches else f"q.{i}@x.fr" for i in range(20)]
    other = pd.DataFrame({"email": mails, "religion": ["catholique"] * 20})
    found = laid(a=one, b=other)
    if not matches:
        assert found.value("found_in", table="a", other="b", by="any") == 0
        return
    assert count(found, "found_in", "a", "b", by="email") == (matches, 20)
    assert count(found, "learnt", "a", "b", what="origin") == (matches, 20)
