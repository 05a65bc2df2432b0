"""Uniqueness in a country: closed form, brute force, simulation, readers and refusals."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.io.public_counts import (
    birth_cells,
    communes_and_others,
    read_communes,
    read_pyramid,
)
from privaudit.report.write import report
from privaudit.tables.population.uniqueness import class_share, population_uniqueness

SHARED = Path(__file__).parents[3].parent / "shared" / "data"


def share_by_enumeration(n, probability, below):
    """Every way that n people can fall in the cells, weighted by its probability."""
    total = 0.0
    for fall in itertools.product(range(len(probability)), repeat=n):
        size = np.bincount(fall, minlength=len(probability))
        small = sum(size[cell] < below for cell in fall) / n
        total += small * np.prod([probability[cell] for cell in fall])
    return total


@pytest.mark.parametrize("below", [2, 3, 4])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_share_is_that_of_every_possible_fall(n, below):
    probability = [0.5, 0.2, 0.2, 0.1]
    found = class_share([n], [0.5, 0.2, 0.1], [1, 2, 1], below=below)
    np.testing.assert_allclose(found, share_by_enumeration(n, probability, below), rtol=1e-12)


def test_one_cell_takes_everybody():
    np.testing.assert_array_equal(class_share([1, 2, 3], [1.0], below=3), [1.0, 1.0, 0.0])


def test_a_place_without_people_has_no_share():
    assert np.isnan(class_share([0], [0.5], [2])).all()


@pytest.mark.parametrize(("n", "cells", "below"), [(1000, 1500, 2), (800, 300, 5)])
def test_the_share_is_that_of_a_simulation(n, cells, below):
    rng = np.random.default_rng(20240101)
    runs = 3000
    seen = np.empty(runs)
    for run in range(runs):
        size = np.bincount(rng.integers(0, cells, n), minlength=cells)
        seen[run] = size[size < below].sum() / n
    share = float(class_share([n], [1 / cells], [cells], below=below)[0])
    assert abs(seen.mean() - share) < 4 * seen.std() / np.sqrt(runs)


def test_cells_of_a_pyramid_add_up_and_know_leap_years():
    pyramid = pd.DataFrame(
        {"year": 2025, "sex": ["F", "M"], "age": [0, 1], "population": [300, 100]}
    )
    probability, cells = birth_cells(pyramid)  # born in 2024 (leap) and 2023
    np.testing.assert_array_equal(cells, [366, 365])
    np.testing.assert_allclose(probability, [0.75 / 366, 0.25 / 365])
    probability, cells = birth_cells(pyramid, birth="birth_month")
    assert cells.sum() == 24
    february = [29 / 366 * 0.75, 28 / 365 * 0.25]
    np.testing.assert_allclose(probability[cells == 1], february)
    for birth in ("birth_date", "birth_month", "birth_year"):
        probability, cells = birth_cells(pyramid, birth=birth, sex=False)
        assert probability @ cells == pytest.approx(1)


def test_the_national_share_weighs_people_not_communes():
    communes = pd.DataFrame(
        {"commune": ["a", "b", "c"], "departement": ["1", "1", "2"], "population": [1, 2, 0]}
    )
    twin_age = pd.DataFrame({"year": 2025, "sex": ["F", "M"], "age": 0, "population": 1})
    found = population_uniqueness(communes, twin_age, by=("commune", "sex", "birth_year"))
    # The lone one is unique; the two of b are told apart by sex half of the time.
    assert found.value("unique") == pytest.approx((1 + 2 * 0.5) / 3)
    assert found.row("unique").n == 3
    assert list(found.per_record["place"]) == ["a", "b"]
    whole = population_uniqueness(communes, twin_age, by=("departement", "birth_year"))
    assert whole.value("unique") == 0


def test_a_model_is_an_upper_bound_without_an_interval():
    # Over a whole country chance is nothing, and the error of the model is not known.
    communes = pd.DataFrame({"commune": ["a", "b"], "population": [2000, 70_000]})
    found = population_uniqueness(communes)
    assert [row.label for row in found.rows] == [
        "unique",
        "class_under(threshold=5)",
        "class_under(threshold=11)",
    ]
    for row in found.rows:
        assert np.isnan([row.low, row.high]).all()
        assert (row.bound, row.counts, row.unit) == ("upper", "residents", "share")
        assert 0 < row.value < 1
    assert "country_model" in [note.key for note in found.notes]


def test_knowing_less_never_makes_more_people_unique():
    communes = pd.DataFrame(
        {"commune": ["a", "b"], "departement": "1", "region": "2", "population": [900, 5000]}
    )
    chain = [
        ("commune", "sex", "birth_date"),
        ("commune", "birth_date"),
        ("departement", "birth_date"),
        ("departement", "birth_month"),
        ("region", "birth_year"),
        ("country", "birth_year"),
    ]
    shares = [population_uniqueness(communes, by=by).overall["value"].to_numpy() for by in chain]
    assert (np.diff(np.array(shares), axis=0) <= 1e-12).all()


@pytest.mark.parametrize(
    "by", [("commune", "sex"), ("birth_date",), ("commune", "region", "birth_date"), "commune"]
)
def test_by_needs_one_place_and_one_birth(by):
    with pytest.raises(ParameterError, match="one place, one birth"):
        population_uniqueness(pd.DataFrame({"commune": ["a"], "population": [1]}), by=by)


def test_by_suggests_the_word():
    with pytest.raises(ParameterError, match="Did you mean 'birth_date'"):
        population_uniqueness(pd.DataFrame({"commune": ["a"]}), by=("commune", "birthdate"))


def test_no_residents_is_an_error():
    with pytest.raises(ParameterError, match="residents"):
        population_uniqueness(pd.DataFrame({"commune": ["a"], "population": [0]}))


def test_packaged_pyramid_adds_up_to_the_published_population():
    pyramid = read_pyramid()
    # INSEE, Bilan démographique 2023: 68,373,000 people in France on 1 January 2024.
    assert round(int(pyramid["population"].sum()), -3) == 68_373_000
    assert pyramid.groupby("sex")["age"].apply(list).map(lambda a: a == list(range(100))).all()


def test_the_offices_own_format_is_read(tmp_path):
    file = tmp_path / "donnees_pyramide_act.csv"
    file.write_text(
        "ANNEE;SEXE;AGE;POP\n2023;M;0;5\n2023;F;0;5\n2024;M;0;6\n2024;F;99 ou +;1 007\n"
    )
    assert read_pyramid(file)["population"].tolist() == [6, 1007]
    assert read_pyramid(file)["age"].tolist() == [0, 99]
    assert read_pyramid(file, year=2023)["population"].tolist() == [5, 5]
    with pytest.raises(SchemaError, match="year=1990"):
        read_pyramid(file, year=1990)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ANNEE;SEXE;AGE\n2024;M;0\n", "population"),
        ("ANNEE;SEXE;AGE;POP\n2024;M;0;-3\n", "1 rows without"),
        ("ANNEE;SEXE;AGE;POP\n2024;E;0;3\n", "F or M"),
        ("ANNEE;SEXE;AGE;POP\n2024;M;0;3\n2024;M;0;3\n", "twice"),
    ],
)
def test_a_bad_pyramid_is_refused(tmp_path, text, said):
    file = tmp_path / "pyramid.csv"
    file.write_text(text)
    with pytest.raises(SchemaError, match=said):
        read_pyramid(file)


def test_communes_are_read_from_the_offices_headers(tmp_path):
    file = tmp_path / "communes.csv"
    file.write_text("CODGEO;LIBGEO;DEP;PMUN\n01001;L'Abergement;01;860\n98832;Yaté;988;1588\n")
    communes = read_communes(file)
    assert communes.to_dict("list") == {
        "commune": ["01001"],
        "name": ["L'Abergement"],
        "departement": ["01"],
        "region": [""],
        "population": [860],
    }
    assert len(read_communes(file, collectivities=True)) == 2


def test_rows_that_are_no_communes_are_set_aside(tmp_path):
    towns = [f"{n:05d};Ville {n};01;{100 + n}" for n in range(1001, 1031)]
    paris = [f"751{n:02d};Paris {n}e;75;100" for n in range(1, 21)]
    lines = [*towns, "75056;Paris;75;2000", *paris, "FRANCE;France entière;;33000", "01;Ain;01;9"]
    file = tmp_path / "communes.csv"
    file.write_text("\n".join(["CODGEO;LIBGEO;DEP;PMUN", *lines]) + "\n", encoding="utf-8")
    communes, aside = communes_and_others(file)
    assert communes["population"].sum() == sum(100 + n for n in range(1001, 1031)) + 2000
    assert {note.key: n for note, n in aside.items()} == {"no_commune": 2, "arrondissement": 20}
    # Without the commune as a whole, its arrondissements are what is counted.
    file.write_text("\n".join(["CODGEO;LIBGEO;DEP;PMUN", *towns, *paris]) + "\n")
    assert len(read_communes(file)) == 50


def test_bad_communes_are_refused(tmp_path):
    file = tmp_path / "communes.csv"
    file.write_text("code,departement,population\n01001,01,860\n01001,01,860\n")
    with pytest.raises(SchemaError, match="twice"):
        read_communes(file)
    file.write_text("code,departement,population\n01001,01,many\n")
    with pytest.raises(SchemaError, match="1 rows without") as caught:
        read_communes(file)
    assert "many" not in str(caught.value)
    with pytest.raises(ReadError):
        read_communes(tmp_path / "absent.csv")


def test_france_from_the_commune_table():
    path = SHARED / "communes-population.csv.gz"
    if not path.exists():
        pytest.skip("needs ../shared/data: the commune table of France")
    communes = read_communes(path)
    found = population_uniqueness(communes)
    people = communes["population"].to_numpy(float)
    # The same sum, written out for every commune and every cell with the Poisson law.
    probability, cells = birth_cells(read_pyramid())
    alone = np.array([(cells * probability * np.exp(-n * probability)).sum() for n in people])
    assert found.value("unique") == pytest.approx(float(people @ alone / people.sum()), abs=1e-4)
    assert found.per_record["departement"].nunique() == 101


def test_a_report_lists_what_is_known_of_a_resident(tmp_path):
    village = pd.DataFrame({"commune": ["00001"], "population": [460]})
    page = report(population_uniqueness(village, by=["commune", "birth_year"]), tmp_path, lang="fr")
    text = page.read_text(encoding="utf-8")
    assert "Ce que l’on sait d’une personne\u00a0: commune, année de naissance" in text
    assert "population uniqueness" not in text.split("Pour reproduire ce rapport")[0]


@pytest.mark.parametrize("population", ["many", None, 12.5, -1, np.inf])
def test_a_population_that_is_no_count_is_refused(population):
    communes = pd.DataFrame({"commune": ["00001", "00002"], "population": [460, population]})
    with pytest.raises(SchemaError, match="whole number of 0 or more, but got 1 rows without"):
        population_uniqueness(communes)


def test_two_headers_that_are_one_word_are_refused_and_counted(tmp_path):
    file = tmp_path / "communes.csv"
    file.write_text("code insee;code_insee;dep;population\n01001;01002;01;460\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="one column for commune, but got 2 in communes"):
        read_communes(file)
    # Of two counts that the statistical office gives, the first of our list is meant.
    file.write_text("com;dep;ptot;pmun\n01001;01;480;460\n", encoding="utf-8")
    assert read_communes(file)["population"].tolist() == [460]


def communes(tmp_path, *rows):
    """Communes read, and rows set aside by reason."""
    file = tmp_path / "c.csv"
    file.write_text("\n".join(["commune;departement;population", *rows]), "utf-8")
    frame, aside = communes_and_others(file)
    return frame["commune"].tolist(), {note.key: n for note, n in aside.items()}


ROWS = [f"010{n:02d};01;100" for n in range(30)]


@pytest.mark.parametrize(("odd", "aside"), [(1, True), (3, True), (4, False)])
def test_codes_are_of_communes_where_nine_of_ten_are(odd, aside, tmp_path):
    """Of thirty rows: three others are a tenth, four are more."""
    rows = ROWS[: 30 - odd] + [f"XX{n};01;100" for n in range(odd)]
    kept, by = communes(tmp_path, *rows)
    assert len(kept) == (30 - odd if aside else 30)
    assert by == ({"no_commune": odd} if aside else {})


@pytest.mark.parametrize(
    ("others", "people", "aside"),
    [
        # Under no code of a commune, beside ten other rows or more, of more than two fifths of
        # everybody: 800 of 2,000 are just these.
        (12, 800, False), (12, 801, True), (10, 667, True), (10, 666, False), (9, 900, False),
    ],
)  # fmt: skip
def test_a_row_of_two_fifths_of_everybody_counts_the_others_together(
    others, people, aside, tmp_path
):
    rows = [f"X{n};01;100" for n in range(others)]
    kept, by = communes(tmp_path, *rows, f"FR;01;{people}")
    assert ("FR" not in kept) == aside
    assert by == ({"no_commune": 1} if aside else {})


@pytest.mark.parametrize(
    ("year", "days"), [(2000, 366), (1900, 365), (2004, 366), (2003, 365), (2100, 365)]
)
def test_a_year_has_the_days_of_its_calendar(year, days):
    pyramid = pd.DataFrame({"year": [year + 1], "sex": ["F"], "age": [0], "population": [10]})
    share, cells = birth_cells(pyramid, birth="birth_date", sex=False)
    assert cells.tolist() == [days]
    assert share.tolist() == [1 / days]
    share, months = birth_cells(pyramid, birth="birth_month", sex=False)
    assert months.tolist() == [7, 4, 1]
    assert (share * days).tolist() == pytest.approx([31, 30, days - 337])


@pytest.mark.parametrize(
    ("written", "code"),
    [("94046.0", "94046"), ("94 046", "94046"), ("2A 004", "2A004"), ("1001.0", "01001"),
     ("1001", "01001"), ("'94046", "94046"),
     ("01001", "01001"), ("2A004", "2A004"), ("940461.0", "940461.0"), ("94-046", "94-046")],
)  # fmt: skip
def test_a_code_that_a_program_changed_is_the_code_again(written, code, tmp_path):
    lines = [f"{written},Bourg,7", *(f"930{n},Ville,100" for n in range(10, 60))]
    (tmp_path / "c.csv").write_text("codgeo,libgeo,dep,pmun\n" + "\n".join(
        line.replace(",Bourg,", ",Bourg,94,").replace(",Ville,", ",Ville,93,") for line in lines
    ))  # fmt: skip
    found, aside = communes_and_others(tmp_path / "c.csv")
    odd = code in ("940461.0", "94-046")
    assert (code in found["commune"].tolist()) != odd
    assert sum(aside.values()) == int(odd)


@pytest.mark.parametrize(("french", "code"), [(2, "01001"), (1, "1001")])
def test_a_zero_is_put_back_where_most_codes_are_french(french, code, tmp_path):
    lines = [*(f"9304{n},Ville,93,100" for n in range(french)), "1001,Bourg,01,7"]
    (tmp_path / "c.csv").write_text("codgeo,libgeo,dep,pmun\n" + "\n".join(lines))
    assert code in read_communes(tmp_path / "c.csv")["commune"].tolist()


def test_a_count_whose_digits_a_program_left_out_is_refused(tmp_path):
    (tmp_path / "c.csv").write_text("codgeo,libgeo,dep,pmun\n75056,Paris,75,2.11E+06\n")
    with pytest.raises(SchemaError, match="1 rows without"):
        read_communes(tmp_path / "c.csv")
