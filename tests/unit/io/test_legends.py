"""Codes and what they stand for: each limit of a legend, of a codebook and of a list of answers."""

from dataclasses import replace

import pandas as pd
import pytest

from privaudit.core.limits import Limits, limited
from privaudit.errors import ReadError
from privaudit.io import legends
from privaudit.io.file_frame import FileFrame
from privaudit.io.legends import Legend

PARTIES = {"1": "PS", "2": "FN", "3": "EELV"}


def table(rows, header, name="book › codes"):
    return FileFrame(frame=pd.DataFrame(rows, columns=header), name=name)


def codes_of(rows, header=("code", "libelle"), name="book › codes", **more):
    found = legends._legend_of(table(rows, list(header), name), **more)
    return None if found is None else found.codes


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["a", "b"], (0, 1)), (["label", "code"], (1, 0)), (["code", "x"], (0, 1)),
        (["a", "b", "c"], (0, 1)), (["x", "label", "code"], (2, 1)), (["a", "b", "c", "d"], None),
        (["x", "code", "y", "label"], (1, 3)), (["x", "code", "y", "z"], None),
        (["x", "y", "z", "label"], None),
    ],
)  # fmt: skip
def test_columns_of_a_legend_are_the_first_two_of_three_or_have_its_names(header, columns):
    assert legends._columns_of(header) == columns


@pytest.mark.parametrize(("n", "legend"), [(1, False), (2, True), (60, True), (61, False)])
def test_a_legend_has_two_to_sixty_codes(n, legend):
    rows = [[str(at), f"parti {at}"] for at in range(1, n + 1)]
    assert (codes_of(rows) is not None) is legend


@pytest.mark.parametrize(("columns", "legend"), [(1, False), (2, True), (12, True), (13, False)])
def test_a_legend_has_two_to_twelve_columns(columns, legend):
    header = ["code", "libelle", *(f"w{at}" for at in range(10 + 1))][:columns]
    rows = [[f"{row}", f"parti {row}", *["z"] * 11][:columns] for row in range(1, 4)]
    assert (codes_of(rows, header) is not None) is legend


@pytest.mark.parametrize(
    ("rows", "legend"),
    [
        ([["1", "PS"], ["2", "FN"]], True), ([["1", "PS"], ["1", "FN"]], False),
        ([["1", "PS"], ["2", ""]], False), ([["1", "PS"], ["", "FN"]], False),
        # What a number stands for is no number, and no letter alone.
        ([["1", "10"], ["2", "20"]], False), ([["1", "a"], ["2", "b"]], False),
        ([["1", "10"], ["2", "vingt"]], True), ([["a" * 40, "PS"], ["b", "FN"]], True),
        ([["a" * 41, "PS"], ["b", "FN"]], False),
        # Half of the names of people are none; candidates of half of whom a side is known are one.
        ([["1", "Marie Durand"], ["2", "Paul Petit"]], False),
        ([["1", "Marie Durand"], ["2", "rue Haute"], ["3", "autre"]], True),
        ([["1", "Marie Durand"], ["2", "rue Haute"]], False),
        ([["1", "Marie Durand (PS)"], ["2", "Paul Petit (FN)"]], True),
    ],
)  # fmt: skip
def test_codes_stand_once_for_something_that_is_nobody(rows, legend):
    assert (codes_of(rows) is not None) is legend


def test_one_code_alone_is_that_of_no_answer():
    assert codes_of([["99", "sans réponse"]], least=1) == {"99": "sans réponse"}
    assert codes_of([["99", "PS"]], least=1) is None
    assert codes_of([["99", "sans réponse"]]) is None


def test_a_first_line_that_is_a_code_is_no_header():
    assert codes_of([["2", "FN"], ["3", "EELV"]], ["1", "PS"]) == PARTIES
    assert codes_of([["b", "FN"], ["c", "EELV"]], ["a", "PS"])["a"] == "PS"
    assert "ab" not in codes_of([["b", "FN"], ["c", "EELV"]], ["ab", "PS"])


@pytest.mark.parametrize(
    ("header", "legend"),
    [("email", False), ("age", False), ("lat", False), ("adresse", False), ("rang", True)],
)
def test_a_table_with_a_column_of_people_or_places_is_no_legend(header, legend):
    rows = [["1", "PS", "x"], ["2", "FN", "y"]]
    assert (codes_of(rows, ["code", "libelle", header]) is not None) is legend


@pytest.mark.parametrize(
    ("name", "code", "columns", "general"),
    [
        ("Légende", "1", 2, True), ("Légende", "abcd", 2, True), ("Légende", "abcde", 2, False),
        ("Légende", "1", 3, True), ("Légende", "1", 4, False),
    ],
)  # fmt: skip
def test_a_legend_of_any_column_is_called_so_and_has_short_codes(name, code, columns, general):
    header = ["code", "libelle", "rang", "ordre"][:columns]
    rows = [[code, "PS", "x", "y"][:columns], ["2", "FN", "x", "y"][:columns]]
    found = legends._legend_of(table(rows, header, f"book › {name}"))
    assert (found.general, found.name) == (general, name)
    other = table([["1", "PS"], ["2", "FN"]], ["motif", "sens"], "visites")
    assert not legends._legend_of(other).general


@pytest.mark.parametrize(
    ("ids", "texts", "codes"),
    [
        (["1", "2", ""], ["PS", "FN", ""], 2), (["1", "2", "q x"], ["PS", "FN", "x"], 2),
        (["1", "2", "1"], ["PS", "FN", "UMP"], 2), (["1"], ["PS"], 0), ([], [], 0),
        (["1", "2"], ["PS", ""], 0), (["1", "2"], ["10", "20"], 0),
        (["1", "2"], ["Marie Durand", "Paul Petit"], 0), (["1", "2", "3"], ["PS", "FN", "UMP"], 3),
    ],
)  # fmt: skip
def test_codes_below_a_question_end_at_what_is_none(ids, texts, codes):
    found = legends._codes_below(ids, texts)
    assert found == dict(zip(ids[:codes], texts[:codes], strict=True))


BOOK = {"nom": ["v1", "1", "2", "v2", "1", "2"],
        "texte": ["Quel parti ?", "PS", "FN", "Quel sexe ?", "homme", "femme"]}  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "book", "found"),
    [
        (["v1", "v2"], BOOK, ["v1", "v2"]), (["v1", "v3"], BOOK, []),
        (["v1", "v2"], {**BOOK, "nom": ["v1", "1", "2", "v1", "1", "2"]}, []),
        (["v1", "v2"], {"nom": BOOK["nom"], "autre": BOOK["texte"]}, []),
        (["v1", "v2"], {**BOOK, "texte": ["", "PS", "FN", "Quel sexe ?", "homme", "femme"]}, []),
        (["v1", "v2"], {name: cells[:2] for name, cells in BOOK.items()}, []),
        (["v1", "v2"], {"nom": ["v1", "1", "2", "v2"], "texte": ["Quel parti ?", "PS", "FN",
         "Quel âge ?"]}, ["v1"]),
    ],
)  # fmt: skip
def test_answers_stand_below_each_of_two_questions(columns, book, found):
    answers = FileFrame(frame=pd.DataFrame(columns=columns), name="data.csv")
    other = FileFrame(frame=pd.DataFrame(book), name="codes.csv")
    left, made = legends._answers_apart(answers, other)
    assert [one.name for one in made] == found
    assert len(left.frame) == (2 if found else len(book["nom"]))


@pytest.mark.parametrize(("rows", "columns", "some"), [(1_000, 2, True), (1_001, 2, False),
                                                      (6, 60, True), (6, 61, False)])  # fmt: skip
def test_a_codebook_has_so_many_rows_and_columns_at_most(rows, columns, some):
    cells = {
        "nom": [*BOOK["nom"], *["-"] * (rows - 6)], "texte": [*BOOK["texte"], *["-"] * (rows - 6)],
        **{f"w{at}": ["z"] * rows for at in range(columns - 2)},
    }  # fmt: skip
    answers = FileFrame(frame=pd.DataFrame(columns=["v1", "v2"]), name="data.csv")
    _, made = legends._answers_apart(answers, FileFrame(frame=pd.DataFrame(cells), name="b"))
    assert bool(made) is some


@pytest.mark.parametrize(
    ("name", "cells", "share", "written"),
    [
        ("outcome", ["1", "2", "1"], 1.0, ["PS", "FN", "PS"]),
        ("outcome", ["1", "9", "2"], 1.0, None),
        # Four of five are codes of the legend; what is none stays as it is.
        ("outcome", ["1", "2", "1", "2", "9"], 0.8, ["PS", "FN", "PS", "FN", "9"]),
        ("outcome", ["1", "2", "1", "8", "9"], 0.8, None), ("outcome", ["1", "1"], 1.0, None),
        ("outcome", ["1.0", 2, ""], 1.0, ["PS", "FN", None]),
        ("outcome", ["1, 2", "3"], 1.0, ["PS, FN", "EELV"]), ("outcome", ["1, 9", "3"], 1.0, None),
        ("age", ["1", "2"], 1.0, None),
    ],
)  # fmt: skip
def test_codes_of_a_column_are_written_out_where_enough_are_of_the_legend(name, cells, share,
                                                                        written):  # fmt: skip
    column = pd.DataFrame({name: pd.Series(cells, dtype="object")})
    general = share == 1.0
    legend = Legend(place="b", name="x" if general else name, codes=PARTIES, general=general)
    found = decoded(column, legend)[0][name]
    assert found == (cells if written is None else written)


def decoded(frame, *others):
    made = legends.decoded_by(FileFrame(frame=pd.DataFrame(frame), name="t"), others)
    return made.frame.astype(object).where(made.frame.notna(), None).to_dict("list"), made.notes


@pytest.mark.parametrize(("columns", "refused"), [(1, False), (2, False), (3, True)])
def test_texts_of_all_columns_are_counted_before_they_are_written_out(columns, refused):
    """Four cells of five letters a column: 40 letters in two of them, 60 in three."""
    legend = Legend(place="b", name="x", codes={"1": "aaaaa", "2": "bbbbb"}, general=True)
    cells = {f"outcome_{at}": ["1", "2", "1", "2"] for at in range(columns)}
    with limited(Limits(memory=8 * 40)):
        if refused:
            with pytest.raises(ReadError, match="codes: needs at most 40 bytes when decoded"):
                decoded(cells, legend)
        else:
            assert decoded(cells, legend)[0]["outcome_0"] == ["aaaaa", "bbbbb"] * 2


@pytest.mark.parametrize(("several", "written"), [(60, "PS"), (61, "1")])
def test_a_cell_of_more_codes_than_a_legend_has_stays_as_it_is(several, written):
    legend = Legend(place="b", name="x", codes=PARTIES, general=True)
    cells = [", ".join(["1"] * several), *["1", "2"] * 9]
    frame, _ = decoded({"outcome": cells}, replace(legend, name="outcome", general=False))
    assert frame["outcome"][0] == ", ".join([written] * several)


def test_a_legend_called_like_the_column_goes_before_one_that_is_called_a_legend():
    own = Legend(place="a", name="outcome", codes={"1": "absent", "2": "vu"})
    any_ = Legend(place="b", name="Légende", codes=PARTIES, general=True)
    cells = {"outcome": ["1", "2"]}
    assert decoded(cells, any_, own)[0] == {"outcome": ["absent", "vu"]}
    found, notes = decoded(cells, any_)
    assert found == {"outcome": ["PS", "FN"]}
    assert [dict(note.items) for note in notes] == [{"column": "outcome", "table": "b"}]
    # Of two that are called so it is not known which; of any other name none is of this column.
    two = Legend(place="c", name="Légende", codes={"1": "x y", "2": "z"}, general=True)
    assert decoded(cells, any_, two)[0] == cells
    assert decoded(cells, Legend(place="d", name="sexe", codes=PARTIES))[0] == cells
    # One of its name may lack a fifth of the cells, a general one none.
    four = {"outcome": ["1", "2", "1", "2", "9"]}
    assert decoded(four, own)[0] == {"outcome": ["absent", "vu", "absent", "vu", "9"]}
    assert decoded(four, any_)[0] == four


def test_a_code_of_no_answer_is_blank_in_a_column_of_numbers():
    none = Legend(place="a", name="Age", codes={"99": "sans réponse", "1": "un an"})
    found, notes = decoded({"age": [31, 99, 40]}, none)
    assert found == {"age": [31, None, 40]}
    assert len(notes) == 1
    assert decoded({"age": [31, 40]}, none)[1] == ()


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        ({"field": ["q1", "q2"], "question": ["Your faith?", "Your age?"]}, ["q1", "q2"]),
        ({"field": ["q1", "x"], "question": ["Your faith?", "Your age?"]}, []),
        # Little else, each once, and a text beside each.
        ({"field": ["q1", "q2", "x", "y"], "question": ["a b"] * 4}, ["q1", "q2"]),
        ({"field": ["q1", "q2", "x", "y", "z"], "question": ["a b"] * 5}, []),
        ({"field": ["q1", "q2", "q1"], "question": ["a b"] * 3}, []),
        ({"field": ["q1", "q2"], "question": ["Your faith?", ""]}, []),
        ({"field": ["q1", "q2"], "question": ["Faith", "Age"]}, []),
        ({"field": ["q1", "q2"], "other": ["Your faith?", "Your age?"]}, []),
        ({"field": ["q1", "q2"], "question": ["q1", "Your age?"]}, ["q2"]),
    ],
)  # fmt: skip
def test_a_form_words_columns_of_a_table(cells, asked):
    form = FileFrame(frame=pd.DataFrame(cells), name="form")
    assert [*legends._questions_of(["id", "q1", "q2"], form)] == asked


@pytest.mark.parametrize(("rows", "some"), [(250, True), (251, False)])
def test_a_form_has_two_hundred_and_fifty_questions_at_most(rows, some):
    names = [f"q{at}" for at in range(rows)]
    form = pd.DataFrame({"field": names, "question": [f"Quelle {at} ?" for at in range(rows)]})
    assert bool(legends._questions_of(names, FileFrame(frame=form, name="f"))) is some


def test_two_columns_of_one_question_keep_their_names_before_it():
    form = table([["q1", "Votre foi ?"], ["q2", "Votre foi ?"], ["q3", "id"], ["q4", "À lire ?"]],
                 ["field", "question"])  # fmt: skip
    answers = FileFrame(frame=pd.DataFrame(columns=["id", "q1", "q2", "q3", "q4"]), name="t")
    assert legends._with_questions(answers, [form]).questions == {
        "q1": "q1 Votre foi ?", "q2": "q2 Votre foi ?", "q3": "q3 id", "q4": "À lire ?"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        # From nought, as the column shows; from one, where it has the last; else nobody knows.
        (["0", "1"], {"0": "PS", "1": "FN"}), (["1", "2"], {"1": "PS", "2": "FN"}),
        (["1", "1"], {}), (["2, 1"], {"1": "PS", "2": "FN"}),
    ],
)  # fmt: skip
def test_texts_by_their_places_count_from_nought_or_from_one(column, codes):
    by_place = Legend(place="a", name="p", codes={"0": "PS", "1": "FN"}, by_place=True)
    assert legends._from_one(by_place, pd.Series(column)).codes == codes
    fixed = Legend(place="a", name="p", codes={"0": "PS"})
    assert legends._from_one(fixed, pd.Series(column)) is fixed


@pytest.mark.parametrize(
    ("node", "codes"),
    [
        ({"5": "FN", "6": "PS"}, {"5": "FN", "6": "PS"}), ({"FN": 5, "PS": 6},
         {"5": "FN", "6": "PS"}), (["FN", "PS"], {"0": "FN", "1": "PS"}),
        ({"5": "FN"}, None), ({"5": "FN", "6": 7}, None), (["FN", "FN"], None), (["FN", 3], None),
        ({"FN": True, "PS": False}, None), ({"a b": "FN", "6": "PS"}, None),
        ({"5": "1", "6": "2"}, None), ({"1": "Marie Durand", "2": "Paul Petit"}, None),
    ],
)  # fmt: skip
def test_an_object_of_codes_and_texts_is_an_enumeration(node, codes):
    found = legends.enumerations({"outcomes": node}, {})
    assert [dict(one.codes) for one in found] == ([] if codes is None else [codes])
    assert all(one.by_place is isinstance(node, list) for one in found)


def nested(depth):
    node = {"5": "FN", "6": "PS"}
    for at in range(depth):
        node = {f"k{at}": node}
    return node


@pytest.mark.parametrize(("depth", "found"), [(1, 1), (8, 1), (9, 0)])
def test_objects_are_looked_through_eight_deep(depth, found):
    assert len(legends.enumerations(nested(depth), {})) == found


@pytest.mark.parametrize(("rows", "found"), [(1, 0), (2, 1), (60, 1), (61, 0)])
def test_lists_of_objects_are_legends_of_two_to_sixty(rows, found):
    listed = [{"id": at, "label": f"parti {at}"} for at in range(1, rows + 1)]
    assert len(legends.enumerations({}, {"a.status": listed})) == found
    node = {str(at): f"parti {at}" for at in range(rows)}
    assert len(legends.enumerations({"status": node}, {})) == found


@pytest.mark.parametrize(
    ("name", "column", "called"),
    [
        ("opinions", "opinion_id", True), ("Opinion", "opinion", True), ("q1", "q2", False),
        ("code", "id", False), ("roles", "role", True), ("parti", "partis pris", True),
        ("sexe", "outcome", False), ("labels", "label", False),
    ],
)  # fmt: skip
def test_a_legend_is_called_like_its_column_by_a_word_of_both(name, column, called):
    assert legends._is_called(name, column) is called


@pytest.mark.parametrize(
    ("lists", "answers"),
    [
        ([[("q1", "a")], [("q1", "b")]], [{"q1": "a"}, {"q1": "b"}]),
        # Each question twice on average, and once a record.
        ([[("q1", "a")], [("q2", "b")]], None), ([[("q1", "a"), ("q1", "b")], [("q1", "c")]], None),
        ([[("q1", "a"), ("q2", "x")], [("q1", "b"), ("q2", "y")]],
         [{"q1": "a", "q2": "x"}, {"q1": "b", "q2": "y"}]), ([[], []], None),
        ([[("", "a")], [("q1", "b")]], None),
    ],
)  # fmt: skip
def test_answers_are_columns_by_what_was_asked(lists, answers):
    items = [[{"field": name, "value": value} for name, value in one] for one in lists]
    assert legends._answers(items) == answers


def test_answers_beside_which_anything_differs_stay_in_their_list():
    rows = [{"answers": [{"field": "q1", "value": "a", "at": at}]} for at in (1, 2)]
    assert legends.with_answers(rows) == rows
    same = [{"answers": [{"field": "q1", "value": value, "at": 1}]} for value in "ab"]
    assert legends.with_answers(same) == [{"q1": "a"}, {"q1": "b"}]
    # Of a name that the record has already they stay together.
    own = [{"q1": 0, "answers": [{"field": "q1", "value": value}]} for value in "ab"]
    assert legends.with_answers(own)[0] == {"q1": 0, "answers": {"q1": "a"}}
    # Half of the records have such a list, and all others none.
    some = [*same, {}, {}]
    assert legends.with_answers(some)[:2] == [{"q1": "a"}, {"q1": "b"}]
    few = [*same, {}, {}, {}]
    assert legends.with_answers(few) == few
    other = [*same, {"answers": 3}]
    assert legends.with_answers(other) == other


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        ({"type": "text", "text": "a", "value": "b"}, ("text", "a")), ({"value": "b"},
         ("value", "b")), ({"type": 3, "answer": "c"}, ("answer", "c")), ({"field": "q"}, None),
    ],
)  # fmt: skip
def test_an_answer_stands_under_its_type_or_a_name(item, answer):
    assert legends._answer(item, "field") == answer


@pytest.mark.parametrize(("rows", "some"), [(1_000, True), (1_001, False)])
def test_a_form_names_the_list_of_each_choice(rows, some):
    form = pd.DataFrame({"type": ["select_one rel", *["text"] * (rows - 1)],
                         "name": ["religion", *["nom"] * (rows - 1)]})  # fmt: skip
    found = legends._lists_asked([FileFrame(frame=form, name="survey")])
    assert found == ({"rel": ["religion"]} if some else {})


def test_a_codebook_with_a_column_of_variables_holds_several_legends():
    book = table([["q7", "1", "PS"], [None, "2", "FN"], ["sexe", "F", "femme"],
                  [None, "M", "homme"]], ["variable", "code", "libellé"])  # fmt: skip
    found = legends._legends_of(book)
    assert [(one.name, dict(one.codes)) for one in found] == [
        ("q7", {"1": "PS", "2": "FN"}), ("sexe", {"F": "femme", "M": "homme"})
    ]  # fmt: skip
    # Of two columns one names no variable.
    assert legends._legends_of(table([["1", "PS"], ["2", "FN"]], ["variable", "libellé"])) != []


@pytest.mark.parametrize(
    ("codes", "surnames"),
    [
        ({"901": "Garnier", "902": "Lambert", "903": "Faure"}, True),
        ({"1": "Favorable", "2": "Hostile", "3": "Absent"}, False),
        ({"a": "Garnier", "b": "Lambert"}, False), ({"1": "garnier", "2": "Lambert"}, False),
        # One usual word of four is too many.
        ({"1": "Garnier", "2": "Lambert", "3": "Faure", "4": "Favorable"}, False),
        ({"1": "Garnier", "2": "Lambert", "3": "Faure", "4": "Nollet", "5": "Favorable"}, True),
    ],
)  # fmt: skip
def test_numbered_surnames_are_people_and_no_legend(codes, surnames):
    assert legends._are_surnames("nom", codes) is surnames
    assert legends._are_surnames("outcome", codes) is False


CODED = pd.DataFrame({"syndic": [1, 2, 2] * 20, "relig": [1, 2, 5] * 20})
OF_CODES = [
    ["syndic", "Membre d'un syndicat", "1", "Oui"], ["syndic", "Membre d'un syndicat", "2", "Non"],
    ["relig", "Religion déclarée", "1", "Catholique"],
    ["relig", "Religion déclarée", "2", "Musulman"], ["relig", "Religion déclarée", "5", "Refus"],
]  # fmt: skip


@pytest.mark.parametrize("first_alone", [False, True])
@pytest.mark.parametrize(
    "header",
    [["Variable", "Variable label", "Value", "Value label"],
     ["variable", "libelle_variable", "modalite", "libelle_modalite"],
     ["var", "question", "code", "reponse"]],
)  # fmt: skip
def test_a_codebook_words_a_variable_beside_each_of_its_codes(header, first_alone):
    """Each code was called as its variable: whoever refused had a religion, all were members."""
    book = pd.DataFrame(OF_CODES, columns=header)
    if first_alone:
        book.loc[[1, 3, 4], header[:2]] = ""
    coded, codes = (FileFrame(frame=f, name=n) for f, n in ((CODED, "data"), (book, "labels")))
    table = legends.decoded([coded, codes])[0]
    assert table.frame["syndic"].tolist() == ["Oui", "Non", "Non"] * 20
    assert table.frame["relig"].tolist() == ["Catholique", "Musulman", "Refus"] * 20
    assert table.questions == {"syndic": "Membre d'un syndicat", "relig": "Religion déclarée"}


@pytest.mark.parametrize("beside", [["a b", "b", "c", "d", "e"], ["a a", "a a", "b b", "b b", "c"]])
def test_what_differs_between_codes_of_a_variable_is_no_name_of_it(beside):
    book = pd.DataFrame({"variable": [row[0] for row in OF_CODES], "remark text": beside,
                         "value": [row[2] for row in OF_CODES],
                         "label": [row[3] for row in OF_CODES]})  # fmt: skip
    coded, codes = (FileFrame(frame=f, name=n) for f, n in ((CODED, "data"), (book, "labels")))
    table = legends.decoded([coded, codes])[0]
    assert table.questions == {}


def test_codes_of_one_label_are_no_name_of_a_variable():
    """Where three codes are worded alike, each voter of a party was called "Parti"."""
    rows = [["q1", "Opinion", str(k), "Oui" if k < 4 else "Non"] for k in range(1, 5)]
    rows += [["q2", "Parti", str(k), "PS" if k < 3 else "LR"] for k in range(1, 4)]
    book = pd.DataFrame(rows, columns=["Variable", "Variable label", "Value", "Value label"])
    data = pd.DataFrame({"q1": [1, 2, 3, 4] * 15, "q2": [1, 2, 3, 3] * 15})
    coded, codes = (FileFrame(frame=f, name=n) for f, n in ((data, "data"), (book, "labels")))
    frame = legends.decoded([coded, codes])[0].frame
    assert frame.iloc[:, 0].tolist() == ["Oui", "Oui", "Oui", "Non"] * 15
    assert frame.iloc[:, 1].tolist() == ["PS", "PS", "LR", "LR"] * 15


def test_a_codebook_of_one_variable_is_no_name_of_its_codes():
    book = pd.DataFrame(OF_CODES[:2], columns=["variable", "label", "value", "value label"])
    coded, codes = (FileFrame(frame=f, name=n) for f, n in ((CODED, "data"), (book, "labels")))
    assert legends.decoded([coded, codes])[0].frame["syndic"].tolist() == ["Oui", "Non", "Non"] * 20


@pytest.mark.parametrize(("questions", "worded"), [(249, 249), (250, 250), (251, 0)])
def test_a_form_words_up_to_250_questions(questions, worded):
    rows = [(f"q{k}", f"What is number {k}?") for k in range(questions)]
    form = table(rows, ["field", "question"])
    found = legends._questions_of([field for field, _ in rows], form)
    assert found == (dict(rows) if worded else {})
    # As one list of a document too.
    answers = FileFrame(frame=pd.DataFrame([[1] * questions], columns=list(dict(rows))), name="a")
    asked = legends.worded(answers, {"form": [*form.frame.to_dict("records")]}).frame.columns
    assert list(asked) == list(dict(rows).values() if worded else dict(rows))


@pytest.mark.parametrize("typed", ["religion déclarée", "Religion déclarée (suite)", "Religion"])
@pytest.mark.parametrize(
    "header",
    [["Variable", "Variable label", "Value", "Value label"],
     ["variable", "question_text", "modalite_code", "text"]],
)  # fmt: skip
def test_a_variable_that_is_worded_twice_is_no_answer(header, typed):
    """One other spelling, and all sixty people were members of a union."""
    book = pd.DataFrame(OF_CODES, columns=header)
    book.iloc[3, 1] = typed
    coded, codes = (FileFrame(frame=f, name=n) for f, n in ((CODED, "data"), (book, "labels")))
    table = legends.decoded([coded, codes])[0]
    assert table.frame["syndic"].tolist() == ["Oui", "Non", "Non"] * 20
    assert table.frame["relig"].tolist() == ["Catholique", "Musulman", "Refus"] * 20


@pytest.mark.parametrize(
    ("name", "texts"),
    [("label::English", ["Yes", "No", "Jewish", "Muslim", "Refused"]),
     ("remark text", ["a b", "c d", "e f", "g h", "i j"]), ("N", ["3", "3", "5", "6", "7"])],
)  # fmt: skip
def test_answers_of_one_text_are_those_of_the_first_label(name, texts):
    """A column in which two codes are refusals is that of answers, whatever stands beside it."""
    labels = [*[row[3] for row in OF_CODES[:3]], "Refus", "Refus"]
    book = pd.DataFrame(OF_CODES, columns=["variable", "_", "code", "label"])
    book = book.drop(columns="_").assign(**{"label": labels, name: texts})
    coded, codes = (FileFrame(frame=f, name=n) for f, n in ((CODED, "data"), (book, "labels")))
    table = legends.decoded([coded, codes])[0]
    assert table.frame["syndic"].tolist() == ["Oui", "Non", "Non"] * 20
    assert table.frame["relig"].tolist() == ["Catholique", "Refus", "Refus"] * 20
