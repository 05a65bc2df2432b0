"""Dumps are read as a database reads them: SQLite runs the same statements and is the oracle."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privaudit.errors import ReadError
from privaudit.io.dump_tables import DumpTable, ScratchDatabase
from privaudit.io.readers import read_frame
from privaudit.words.catalogues import Note

NAMES = st.sampled_from(["Petit", "L'Haÿ", "é; (x)", "NULL", "--", ""])
CITIES = st.sampled_from(["Brest", "Lyon", None])
AGES = st.one_of(st.none(), st.integers(1, 99))


def literal(value):
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


@st.composite
def statements(draw):
    """Draw statements on a table of four columns that SQLite and the reader both run."""
    lines, number = [], 0
    for _ in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(
            ["all", "list", "list", "update", "delete", "begin", "rollback", "commit", "replace",
             "or_nothing"]
        ))  # fmt: skip
        if kind in ("all", "list", "replace", "or_nothing"):
            number += 1
            at = draw(st.integers(1, number)) if kind in ("replace", "or_nothing") else number
            values = {"id": at, "name": draw(NAMES), "city": draw(CITIES), "age": draw(AGES)}
            given_columns = draw(st.permutations(["name", "city", "age"]))
            names = ["id", *given_columns[: draw(st.integers(0, 3))]]
            if kind == "all":
                lines.append(
                    f"INSERT INTO people VALUES ({', '.join(map(literal, values.values()))})"
                )
                continue
            verb = "REPLACE" if kind == "replace" else "INSERT"
            row = ", ".join(literal(values[name]) for name in names)
            rest = " ON CONFLICT DO NOTHING" if kind == "or_nothing" else ""
            lines.append(f"{verb} INTO people ({', '.join(names)}) VALUES ({row}){rest}")
        elif kind == "update":
            age = draw(st.integers(1, 99))
            lines.append(
                f"UPDATE people SET city = {literal(draw(CITIES))}, age = age + 1 WHERE age > {age}"
            )
        elif kind == "delete":
            lines.append(f"DELETE FROM people WHERE name = {literal(draw(NAMES))}")
        else:
            lines.append(kind.upper())
    return lines


def _oracle(lines):
    """Run statements in SQLite; leave out those that it refuses, such as a second BEGIN."""
    run = []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.execute(CREATE)
        for line in lines:
            try:
                database.execute(line)
            except sqlite3.Error:
                continue
            run.append(line)
        if database.in_transaction:
            database.execute("COMMIT")
            run.append("COMMIT")
        return run, database.execute("SELECT * FROM people ORDER BY id").fetchall()


CREATE = (
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, city TEXT DEFAULT 'Paris', age INT)"
)


@pytest.mark.heavy
@settings(max_examples=150)
@given(statements())
def test_a_dump_holds_the_rows_that_sqlite_gives(tmp_path_factory, lines):
    run, rows = _oracle(lines)
    file = tmp_path_factory.mktemp("dump") / "t.sql"
    file.write_text(";\n".join([CREATE, *run]) + ";\n", encoding="utf-8")
    if not rows:
        return
    read = read_frame(file, gives="table")
    frame = read.frame.sort_values("id") if rows else read.frame
    got = [[None if x is None or x != x else x for x in row] for row in frame.to_numpy(object)]
    # A blank text and NULL are both no answer.
    wanted = [[None if x in (None, "") else str(x) for x in row] for row in rows]
    got = [[None if x in (None, "") else str(x).removesuffix(".0") for x in row] for row in got]
    assert sorted(map(str, got)) == sorted(map(str, wanted))
    assert not [note for note in read.notes if note.key == "statements_not_applied"]


def test_a_key_is_looked_up_among_the_rows_that_a_rollback_left(tmp_path):
    lines = [
        "INSERT INTO people VALUES (1, 'Petit', 'Brest', NULL)", "BEGIN",
        "DELETE FROM people WHERE name = 'Petit'", "REPLACE INTO people (id) VALUES (2)",
        "ROLLBACK", "REPLACE INTO people (id) VALUES (1)",
    ]  # fmt: skip
    read = _frame(tmp_path, ";\n".join([CREATE, *lines]) + ";\n")
    assert (len(read.frame), read.frame["id"].tolist()) == (1, [1])


def _frame(tmp_path, text, sheet=None):
    file = tmp_path / "t.sql"
    file.write_text(text, encoding="utf-8")
    return read_frame(file, gives="table", sheet=sheet)


def test_the_list_of_columns_of_each_insert_is_its_own(tmp_path):
    read = _frame(
        tmp_path,
        "CREATE TABLE p (id int, city text, vote text, note text);\n"
        "INSERT INTO p (id, city, vote) VALUES (1, 'Brest', 'FN');\n"
        "INSERT INTO p (vote, id) VALUES ('PS', 2);\n"
        "INSERT INTO p VALUES (3, 'Lyon', 'UMP', 'x');\n",
    )
    assert read.frame["vote"].tolist() == ["FN", "PS", "UMP"]
    assert read.frame["city"].fillna("").tolist() == ["Brest", "", "Lyon"]
    assert not read.set_aside


def test_without_a_create_later_columns_are_added(tmp_path):
    read = _frame(
        tmp_path, "INSERT INTO p (id, a) VALUES (1, 'x');\nINSERT INTO p (b, id) VALUES ('y', 2);\n"
    )
    assert read.frame.fillna("").astype(str).to_numpy().tolist() == [["1", "x", ""], ["2", "", "y"]]


def test_two_tables_of_one_name_in_two_databases_stay_two(tmp_path):
    text = "".join(
        f"USE `{base}`;\nCREATE TABLE `p` (`id` int);\nINSERT INTO `p` VALUES {rows};\n"
        for base, rows in (("nord", "(1), (2), (3)"), ("sud", "(4), (5)"))
    )
    read = _frame(tmp_path, text)
    assert read.frame["id"].tolist() == [1, 2, 3]
    assert [
        (n.values["part"], n.values["others"]) for n in read.notes if n.key == "layer_read"
    ] == [("nord.p", 1)]
    assert _frame(tmp_path, text, "sud.p").frame["id"].tolist() == [4, 5]


def test_set_hexadecimal_and_bits(tmp_path):
    read = _frame(
        tmp_path,
        "INSERT INTO p SET id = 1, name = 'Jean', flag = b'1';\n"
        "INSERT INTO p SET name = X'4A6F73C3A9', id = 2;\n"
        "INSERT INTO p (id, name) VALUES (3, 0x4D6172696E), (4, X'00FF');\n",
    )
    assert read.frame["name"].fillna("").tolist() == ["Jean", "José", "Marin", ""]
    assert Note("values_binary", n=1) in read.notes


@pytest.mark.parametrize(
    ("statement", "verb"),
    [
        ("UPDATE p SET a = (SELECT b FROM other) WHERE id = 1", "UPDATE"),
        ("UPDATE p SET a = soundex_of(a)", "UPDATE"),
        ("DELETE FROM p USING q WHERE p.id = q.id", "DELETE"),
        ("DELETE FROM p WHERE a = load_extension('x')", "DELETE"),
        ("INSERT INTO p SELECT * FROM q", "INSERT"),
        ("MERGE INTO p USING q ON p.id = q.id WHEN MATCHED THEN DELETE", "MERGE"),
        ("LOAD DATA INFILE 'x' INTO TABLE p", "LOAD"),
        ("ALTER TABLE p DROP COLUMN a", "ALTER"),
        ("CREATE TABLE r AS SELECT * FROM p", "CREATE"),
        ("CREATE TRIGGER t AFTER INSERT ON p BEGIN DELETE FROM p; END", "CREATE TRIGGER"),
        ("SAVEPOINT here", "SAVEPOINT"),
    ],
)
def test_what_is_not_applied_is_listed_and_what_follows_is_read(tmp_path, statement, verb):
    read = _frame(
        tmp_path,
        "CREATE TABLE p (id int, a text);\nINSERT INTO p VALUES (1, 'x'), (2, 'y');\n"
        f"{statement};\nINSERT INTO p VALUES (3, 'z');\n",
    )
    assert read.frame["a"].tolist() == ["x", "y", "z"]
    assert Note("statements_not_applied", n=1, which=f"{verb} (1)") in read.notes


def test_statements_of_common_dumps_are_no_news(tmp_path):
    read = _frame(
        tmp_path,
        "mysqldump: [Warning] Using a password on the command line.\n"
        "SET NAMES utf8;\nDROP TABLE IF EXISTS `p`;\n"
        "CREATE TABLE `p` (`id` int, `a` text, KEY `k` (`a`));\n"
        "LOCK TABLES `p` WRITE;\n/*!40000 ALTER TABLE `p` DISABLE KEYS */;\n"
        "INSERT INTO `p` VALUES (1,'d\\'eau'),(2,'UPDATE p; DELETE');\nUNLOCK TABLES;\n"
        "UPDATE `p` SET `a`='L\\'Haÿ' WHERE `a`='D\\'EAU';\n"
        "ALTER TABLE `p` ADD PRIMARY KEY (`id`);\n",
    )
    assert read.frame["a"].tolist() == ["L'Haÿ", "UPDATE p; DELETE"]
    assert not [note for note in read.notes if note.key == "statements_not_applied"]


def test_a_changed_table_keeps_cells_as_they_are_written(tmp_path):
    read = _frame(
        tmp_path,
        "CREATE TABLE p (id int, code text, price decimal(5,2));\n"
        "INSERT INTO p VALUES (1, '01000', 1.10), (2, '2A004', 2.50);\n"
        "UPDATE p SET code = '29200' WHERE price > 2;\n",
    )
    assert read.frame["code"].tolist() == ["01000", "29200"]


def test_a_statement_without_end_stops(tmp_path):
    many = ", ".join(f"({n})" for n in range(3_000))
    read = _frame(
        tmp_path,
        f"CREATE TABLE p (id int);\nINSERT INTO p VALUES {many};\n"
        "DELETE FROM p WHERE (SELECT count(*) FROM p a, p b, p c) > 0;\n",
    )
    assert len(read.frame) == 3_000
    assert Note("statements_not_applied", n=1, which="DELETE (1)") in read.notes


@pytest.mark.parametrize("between", ["GO\n", "", "GO\n\nPRINT 'next'\nGO\n"])
def test_scripts_of_sql_server_have_no_semicolons(tmp_path, between):
    # Each line of GO ends a batch, and the statement below it begins another.
    script = (
        "USE [Campagne]\nGO\nSET ANSI_NULLS ON\nGO\n"
        "CREATE TABLE [dbo].[People](\n\t[Id] [int] NOT NULL,\n\t[Name] [nvarchar](50) NULL,\n"
        "\t[Born] [date] NULL\n) ON [PRIMARY]\nGO\nSET IDENTITY_INSERT [dbo].[People] ON \n"
        + between
        + between.join(
            f"INSERT [dbo].[People] ([Id], [Name], [Born]) VALUES ({at}, N'L''Haÿ {at}',"
            f" CAST(N'2001-05-0{at}' AS Date))\n"
            for at in (1, 2, 3)
        )
        + "SET IDENTITY_INSERT [dbo].[People] OFF\nGO\n"
    )
    (tmp_path / "script.sql").write_text(script, encoding="utf-16")
    read = read_frame(tmp_path / "script.sql")
    assert read.frame["Name"].tolist() == ["L'Haÿ 1", "L'Haÿ 2", "L'Haÿ 3"]
    assert read.frame["Born"].tolist() == ["2001-05-01", "2001-05-02", "2001-05-03"]


@pytest.mark.parametrize(
    "before",
    ["CREATE TABLE p (id int, replace int)", "SET NOCOUNT ON", "DELETE FROM p", "TRUNCATE TABLE p"],
)
def test_rows_below_a_statement_without_end_are_read(tmp_path, before):
    (tmp_path / "a.sql").write_text(
        f"{before}\nINSERT INTO p (id) VALUES (1)\ninsert p (id) values (2)\n"
    )
    assert read_frame(tmp_path / "a.sql").frame["id"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "written",
    [
        "to_date('06/05/2001','DD/MM/YYYY')",
        "TO_DATE( '06/05/2001' , 'DD/MM/YYYY' )",
        "str_to_date('06/05/2001', '%d/%m/%Y')",
        "CAST(N'06/05/2001' AS Date)",
        "CAST('06/05/2001' AS DateTime2)",
        "DATE '06/05/2001'",
        "'06/05/2001'::date",
    ],
)
def test_a_date_within_what_makes_it_one_is_read(tmp_path, written):
    (tmp_path / "a.sql").write_text(f"INSERT INTO p (a, born, b) VALUES (1, {written}, 'x');")
    read = read_frame(tmp_path / "a.sql")
    assert read.frame["born"].tolist() == ["06/05/2001"]
    assert read.frame["b"].tolist() == ["x"]
    assert not any(note.key == "expressions" for note in read.notes)


def test_what_is_worked_out_is_still_counted(tmp_path):
    (tmp_path / "a.sql").write_text("INSERT INTO p (a, b) VALUES (1, date_add('2001-01-01', 3));")
    assert Note("expressions", n=1) in read_frame(tmp_path / "a.sql").notes


def _dumped(tmp_path, *lines):
    (tmp_path / "a.sql").write_text("-- MySQL dump 10.13\n" + "\n".join(lines))
    return read_frame(tmp_path / "a.sql")


def test_texts_in_double_quotes_are_texts(tmp_path):
    read = _dumped(
        tmp_path, "CREATE TABLE p (id int, town text);",
        'INSERT INTO p VALUES (1, "L\'Haÿ, Val"), (2, "a ""b"" (c)"), (3,"\\"x\\""), (4, "");',
    )  # fmt: skip
    assert read.frame["id"].tolist() == [1, 2, 3, 4]
    assert read.frame["town"].fillna("").tolist() == ["L'Haÿ, Val", 'a "b" (c)', '"x"', ""]
    assert not read.set_aside


def test_a_variable_stands_for_what_it_was_set_to(tmp_path):
    read = _dumped(
        tmp_path, "CREATE TABLE p (id int, town text);", "SET @Town = 'Brest';", "SET @a := 7;",
        "INSERT INTO p VALUES (1, @town), (@a, @town);", "SET @town = 'Lyon';",
        "INSERT INTO p VALUES (2, @town), (3, @never_set);",
    )  # fmt: skip
    assert read.frame["id"].tolist() == [1, 7, 2, 3]
    assert read.frame["town"].fillna("").tolist() == ["Brest", "Brest", "Lyon", ""]
    assert Note("expressions", n=1) in read.notes


def test_remarks_that_mysql_runs_are_run(tmp_path):
    read = _dumped(
        tmp_path, "CREATE TABLE p (id int, town text);",
        "/*!40000 ALTER TABLE `p` DISABLE KEYS */;", "/*!50001 INSERT INTO p VALUES (1, 'a') */;",
        "/* INSERT INTO p VALUES (2, 'b') */", "/*! INSERT INTO p VALUES (3, 'c*d') */;",
        "/*!50001 DELETE FROM p WHERE id = 1 */;",
    )  # fmt: skip
    assert read.frame.iloc[:, 0].tolist() == [3]


# The text format of COPY, by the manual of PostgreSQL: a tab between cells, \N for NULL, letters
# behind a backslash, and a line of a backslash and a dot at the end.
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_of_a_copy_end_with_a_backslash_and_a_dot(tmp_path, end):
    lines = [
        "CREATE TABLE p (id int, a text, b text);", r"COPY public.p (b, id, a) FROM stdin;",
        "x\t1\t\\N", "a\\tb\t2\tc\\\\d", "e;f 'g\t3\t-- h", "too few\t4", "\\.", "",
        "INSERT INTO p VALUES (5, 'i', 'j');",
    ]  # fmt: skip
    read = _frame(tmp_path, end.join(lines))
    assert read.frame["id"].tolist() == [1, 2, 3, 5]
    assert read.frame["b"].tolist() == ["x", "a\tb", "e;f 'g", "j"]
    assert read.frame["a"].fillna("").tolist() == ["", r"c\d", "-- h", "i"]
    assert read.set_aside == {Note("line_unreadable"): 1}


def test_of_a_copy_that_is_cut_the_last_row_is_set_aside(tmp_path):
    read = _frame(tmp_path, "COPY p (id, a) FROM stdin;\n1\tx\n2\ty\n3\tz")
    assert read.frame["a"].tolist() == ["x", "y"]
    assert read.set_aside == {Note("line_unreadable"): 1}


@pytest.mark.parametrize("form", ["{}", "`{}`", '"{}"', "[{}]"])
@pytest.mark.parametrize(("letters", "read"), [(1, True), (128, True), (129, False)])
def test_a_name_has_at_most_128_letters(tmp_path, form, letters, read):
    """SQL Server's 128 are the most; PostgreSQL has 63, MySQL 64."""
    text = f"INSERT INTO {form.format('a' * letters)} VALUES (1, 'x'), (2, 'y');\n"
    if read:
        assert len(_frame(tmp_path, text).frame) == 2
    else:
        with pytest.raises(ReadError, match="no row of a table"):
            _frame(tmp_path, text)


@pytest.mark.parametrize(("before", "escapes"), [(387, True), (388, False)])
def test_a_dump_of_mysql_says_so_in_its_first_four_hundred_letters(tmp_path, before, escapes):
    # In MySQL alone a backslash stands before a quote of the text.
    text = "-" * (before - 1) + "\n-- MySQL dump\nINSERT INTO p VALUES ('d\\'eau'), ('x\\\\y');\n"
    assert len(text.split("-- MySQL")[0]) == before
    read = _frame(tmp_path, text) if escapes else None
    if escapes:
        assert read.frame.iloc[:, 0].tolist() == ["d'eau", r"x\y"]
    else:
        with pytest.raises(ReadError, match="no row of a table"):
            _frame(tmp_path, text)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("'a''b'", "a'b"), (r"E'a\'b\n'", "a'b\n"), (r"'a\b'", r"a\b"), ("N'x'", "x"),
        ("true", "True"), ("FALSE", "False"), ("NULL", ""), ("null", ""), ("b'101'", "5"),
        ("b'102'", ""), ("x'41'", "A"), ("0x41", "A"), ("0xZZ", ""), ("X'C3A9'", "é"),
        ("X'00'", ""), ("DEFAULT", ""), ("CURRENT_DATE", ""), ("@x", ""), ("-1.50", "-1.50"),
        ("'x'::text", "x"),
        ("now()", ""), ("coalesce('a)', 'b')", ""), ("cast('x' AS text)", "x"), ("_utf8'x'", "x"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_a_database_reads_it(tmp_path, written, text):
    read = _frame(
        tmp_path, f"INSERT INTO p (id, v, w) VALUES ('k', {written}, 'l'), ('m', 'zz', 'n');"
    )
    assert read.frame["w"].tolist() == ["l", "n"]
    assert str(read.frame["v"].fillna("")[0]) == text


def test_columns_that_are_left_out_have_their_default(tmp_path):
    made = "CREATE TABLE p (id int PRIMARY KEY, a text DEFAULT 'x, (y)', b int DEFAULT 7, c text)"
    read = _frame(
        tmp_path,
        f"{made};\nINSERT INTO p (id) VALUES (1);\nINSERT INTO p (id, a) VALUES (2, NULL);\n"
        "INSERT INTO p VALUES (3, 'z', 8, 'w');\n",
    )
    assert read.frame["a"].fillna("").tolist() == ["x, (y)", "", "z"]
    assert read.frame["b"].tolist() == [7, 7, 8]
    assert read.frame["c"].fillna("").tolist() == ["", "", "w"]


@pytest.mark.parametrize(
    ("statement", "rows", "listed"),
    [
        ("REPLACE INTO p VALUES (1, 'z')", ["z", "y"], ""),
        ("INSERT OR REPLACE INTO p VALUES (1, 'z')", ["z", "y"], ""),
        ("INSERT IGNORE INTO p VALUES (1, 'z'), (3, 'w')", ["x", "y", "w"], ""),
        ("INSERT INTO p VALUES (1, 'z') ON CONFLICT DO NOTHING", ["x", "y"], ""),
        ("INSERT INTO p VALUES (3, 'z') ON DUPLICATE KEY UPDATE a = 'q'", ["x", "y", "z"], ""),
        ("INSERT INTO p VALUES (1, 'z') ON DUPLICATE KEY UPDATE a = 'q'", ["x", "y", "z"],
         "ON DUPLICATE (1)"),
        ("TRUNCATE TABLE p; INSERT INTO p VALUES (4, 'v')", ["v"], ""),
        ("DROP TABLE p; INSERT INTO p VALUES (4, 'v')", ["v"], ""),
        ("DELETE FROM p WHERE id = 1", ["y"], ""), ("UPDATE p SET a = 'q' WHERE id = 2", ["x", "q"],
                                                     ""),
        ("CREATE FUNCTION f() RETURNS int AS $$ DELETE FROM p; $$", ["x", "y"],
         "CREATE FUNCTION (1)"),
        # Statements of a body are not run, however many stand before its END.
        ("CREATE TRIGGER t AFTER DELETE ON p BEGIN INSERT INTO p VALUES (8, 'q');\n"
         "INSERT INTO p VALUES (9, 'r'); END;\nINSERT INTO p VALUES (3, 'z')", ["x", "y", "z"],
         "CREATE TRIGGER (1)"),
        # Whose END stands in quotes: rows to the END of the next one, or all, were lost.
        ("CREATE FUNCTION f() RETURNS trigger AS $$\nBEGIN\n DELETE FROM p;\n RETURN NEW;\nEND;\n$$"
         " LANGUAGE plpgsql;\nINSERT INTO p VALUES (3, 'z')", ["x", "y", "z"],
         "CREATE FUNCTION (1)"),
        ("DELIMITER ;;\nCREATE TRIGGER `t` AFTER INSERT ON p FOR EACH ROW DELETE FROM p;;\n"
         "DELIMITER ;", ["x", "y"], "CREATE TRIGGER (1)"),
    ],
)  # fmt: skip
def test_a_statement_leaves_the_rows_that_its_database_would(tmp_path, statement, rows, listed):
    read = _frame(
        tmp_path,
        "CREATE TABLE p (id int, a text, PRIMARY KEY (id));\n"
        f"INSERT INTO p VALUES (1, 'x'), (2, 'y');\n{statement};\n",
    )
    assert read.frame.iloc[:, 1].tolist() == rows
    notes = [n.values["which"] for n in read.notes if n.key == "statements_not_applied"]
    assert notes == ([listed] if listed else [])


@pytest.mark.parametrize(
    ("statement", "verb"), [("REPLACE", "REPLACE"), ("INSERT IGNORE", "INSERT IGNORE")]
)
def test_without_a_key_it_is_not_known_which_rows_go(tmp_path, statement, verb):
    read = _frame(tmp_path, f"{statement} INTO p (id) VALUES (1), (1);\n")
    assert len(read.frame) == 2
    assert Note("statements_not_applied", n=1, which=f"{verb} (1)") in read.notes


@pytest.mark.parametrize(("end", "new"), [("", 2), ("COMMIT;\n", 0), ("ROLLBACK;\n", 0)])
def test_rows_of_a_transaction_that_does_not_end_are_counted(tmp_path, end, new):
    """A database drops them; a dump that was cut short may hold nothing else."""
    read = _frame(
        tmp_path,
        "CREATE TABLE p (id int, a text);\nINSERT INTO p VALUES (1, 'x');\nBEGIN;\n"
        f"INSERT INTO p VALUES (2, 'y'), (3, 'z');\n{end}",
    )
    notes = [note.values["n"] for note in read.notes if note.key == "transaction_open"]
    assert notes == [new] * (new > 0)


@pytest.mark.parametrize(
    ("written", "letter"), [(r"b\ud83d\ude00", "b😀"), (r"b\ud800", "b\ufffd"), (r"b\\c", "b\\c")]
)
def test_halves_of_letters_are_put_together(tmp_path, written, letter):
    dump = f"""CREATE TABLE p (id int, nom text);
INSERT INTO p VALUES (1,'a'),(2,unistr('{written}'));
UPDATE p SET nom = 'z' WHERE id = 1;
"""
    (tmp_path / "d.sql").write_text(dump, encoding="utf-8")
    read = read_frame(tmp_path / "d.sql", gives="table")
    assert read.frame["nom"].tolist() == ["z", letter]


def test_rows_that_the_scratch_database_refuses_are_there_once():
    """The last cell is no text that SQLite takes, so that the statement is not applied."""
    table = DumpTable(columns=["nom"], numeric=[False], rows=[["a"], ["b"], ["\ud800"]])
    scratch = ScratchDatabase(table, folds_case=False)
    assert not scratch.run("UPDATE p SET nom = 'z'", "p", 1_000)
    scratch.settle()
    assert table.rows == [["a"], ["b"], ["\ud800"]]


@pytest.mark.parametrize(("most", "applied"), [(3, False), (400, True)])
def test_a_change_that_takes_too_many_pages_is_not_applied(most, applied):
    """A hundred texts of a thousand bytes: three or four in a page of 4,096."""
    table = DumpTable(columns=["nom"], numeric=[False], rows=[["a"]] * 100)
    scratch = ScratchDatabase(table, folds_case=False)
    assert scratch.run("UPDATE p SET nom = hex(zeroblob(500))", "p", most) is applied
    scratch.settle()
    assert table.rows == [["0" * 1_000 if applied else "a"]] * 100


def test_after_a_change_that_takes_too_many_pages_no_other_is_tried():
    table = DumpTable(columns=["nom"], numeric=[False], rows=[["a"]] * 100)
    scratch = ScratchDatabase(table, folds_case=False)
    assert not scratch.run("UPDATE p SET nom = hex(zeroblob(500))", "p", 3)
    assert not scratch.run("UPDATE p SET nom = 'b'", "p", 400)
    scratch.settle()
    assert table.rows == [["a"]] * 100


@pytest.mark.parametrize(("steps", "applied"), [([1], False), ([2_000], True)])
def test_changes_of_a_dump_take_so_many_steps_together(steps, applied):
    """Of 1,100 rows each is compared with each: 1.21 million steps at least."""
    table = DumpTable(columns=["nom"], numeric=[False], rows=[["a"]] * 1_100)
    scratch = ScratchDatabase(table, folds_case=False, steps=steps)
    costly = "UPDATE p SET nom = (SELECT count(*) FROM p x, p y WHERE x.nom < y.nom)"
    assert scratch.run(costly, "p", 4_000) is applied
    assert steps[0] < 2_000
    scratch.settle()
