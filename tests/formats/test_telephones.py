"""Address books of telephones: a row a value there, a row a person here."""

import datetime
import sqlite3
from contextlib import closing

import pytest

from privaudit.io.readers import read_frame
from privaudit.studies.inspect import inspect

AS_OF = datetime.date(2016, 11, 8)
PEOPLE = [
    (f"Zq{n}", f"Fy{n}", AS_OF.replace(year=2016 - (9 if n < 14 else 30 + n)), f"06{n:08d}")
    for n in range(40)
]
ANDROID = """
CREATE TABLE android_metadata (locale TEXT);
CREATE TABLE mimetypes (_id INTEGER PRIMARY KEY, mimetype TEXT);
CREATE TABLE raw_contacts (_id INTEGER PRIMARY KEY, contact_id INTEGER, deleted INTEGER,
    display_name TEXT);
CREATE TABLE data (_id INTEGER PRIMARY KEY, mimetype_id INTEGER, raw_contact_id INTEGER,
    {});
INSERT INTO android_metadata VALUES ('fr_FR');
"""
KINDS = ["name", "phone_v2", "email_v2", "note", "contact_event", "postal-address_v2"]


def android(path, people=PEOPLE):
    """Each person stands in two accounts: a name and a telephone in one, the rest in another."""
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(ANDROID.format(", ".join(f"data{n} TEXT" for n in range(1, 16))))
        kinds = [(n, f"vnd.android.cursor.item/{kind}") for n, kind in enumerate(KINDS, 1)]
        base.executemany("INSERT INTO mimetypes VALUES (?, ?)", kinds)
        for n, (first, last, born, phone) in enumerate(people):
            both = 2 * n + 1, 2 * n + 2
            base.executemany("INSERT INTO raw_contacts VALUES (?, ?, 0, ?)",
                             [(one, n + 1, f"{first} {last}") for one in both])  # fmt: skip
            values = [
                (1, both[0], f"{first} {last}", first, last),
                (2, both[0], phone, "2", None),
                (2, both[1], "07" + phone[2:], "1", None),
                (4, both[1], "rappeler lundi", None, None),
                (5, both[1], born.isoformat(), "3", None),
                (5, both[1], "2010-05-06", "1", None),
            ]
            base.executemany("INSERT INTO data (mimetype_id, raw_contact_id, data1, data2, data3)"
                             " VALUES (?, ?, ?, ?, ?)", values)  # fmt: skip
    return path


def apple(path, people=PEOPLE):
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript("""
            CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT, Birthday TEXT);
            CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER,
                property INTEGER, value TEXT);
            CREATE TABLE ABMultiValueEntry (parent_id INTEGER, key INTEGER, value TEXT);
            CREATE TABLE ABMultiValueEntryKey (value TEXT);
            INSERT INTO ABMultiValueEntryKey VALUES ('Street'), ('City');
        """)
        for n, (first, last, born, phone) in enumerate(people, 1):
            seconds = (born - datetime.date(2001, 1, 1)).days * 86_400 + 43_200
            base.execute(
                "INSERT INTO ABPerson VALUES (?, ?, ?, ?)", (n, first, last, f"{seconds}.0")
            )
            base.executemany("INSERT INTO ABMultiValue VALUES (?, ?, ?, ?)",
                             [(3 * n, n, 3, phone), (3 * n + 1, n, 4, f"p{n}@x.fr"),
                              (3 * n + 2, n, 5, None)])  # fmt: skip
            base.execute("INSERT INTO ABMultiValueEntry VALUES (?, 2, 'Brest')", (3 * n + 2,))
    return path


@pytest.mark.parametrize(
    ("write", "birth"), [(android, "birth_date"), (apple, "Birthday")]
)  # fmt: skip
def test_a_person_is_a_row_with_what_the_telephone_knows(tmp_path, write, birth):
    path = write(tmp_path / "contacts.db")
    read = read_frame(path, gives="table")
    assert len(read.frame) == len(PEOPLE)
    assert "contacts_put_together" in {note.key for note in read.notes}
    assert read.frame[birth].str[:10].tolist() == [born.isoformat() for _, _, born, _ in PEOPLE]
    assert read.frame["phone"].astype(int).tolist() == [int(phone) for *_, phone in PEOPLE]
    inventory = inspect(path, as_of=AS_OF)
    assert (inventory.minors, inventory.most_minors) == (14, 14)


def test_two_accounts_of_one_person_are_one_row(tmp_path):
    frame = read_frame(android(tmp_path / "contacts2.db"), gives="table").frame
    assert [*frame] == ["name", "given_name", "family_name", "phone", "phone_2", "note",
                        "birth_date", "date"]  # fmt: skip


def test_a_table_of_that_name_in_another_database_is_read_as_it_stands(tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as base, base:
        base.execute("CREATE TABLE data (_id INTEGER, nom TEXT)")
        base.execute("INSERT INTO data VALUES (1, 'Zq'), (2, 'Fy')")
    assert [*read_frame(tmp_path / "a.db", gives="table").frame] == ["_id", "nom"]


@pytest.mark.parametrize(("write", "behind"), [(android, "raw_contacts"), (apple, "ABMultiValue")])
@pytest.mark.parametrize("damaged", [True, False])
def test_a_damaged_table_of_an_address_book_is_said(write, behind, damaged, tmp_path):
    """Five people: each table is one page, of which the first records stand at the end."""
    file = write(tmp_path / "contacts.db", PEOPLE[:5])
    with closing(sqlite3.connect(file)) as base:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        ((page,),) = base.execute(query, (behind,)).fetchall()
    if damaged:
        data = bytearray(file.read_bytes())
        data[page * 4096 - 60 : page * 4096] = bytes(60)
        file.write_bytes(data)
    said = {note.key for note in read_frame(file, gives="table").notes}
    assert ("database_damaged" in said) == damaged
