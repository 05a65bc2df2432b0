"""The national address base as downloaded: columns, communes, rows set aside, refusals."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from privaudit.errors import GeometryError, ParameterError, ReadError, SchemaError
from privaudit.geo.address_base import PLACE_COLUMNS
from privaudit.io.addresses import read_addresses
from privaudit.words.catalogues import Note

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
DOWNLOAD = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;"
    "code_insee_ancienne_commune;nom_ancienne_commune;x;y;lon;lat;type_position;alias;"
    "nom_ld;libelle_acheminement;nom_afnor;source_position;source_nom_voie;"
    "certification_commune;cad_parcelles"
)


def row(number="1", rep="", street="Rue du Port", code="94042", town="Joinville-le-Pont", **at):
    """One line of the download; Lambert-93 of 3° E, 46.5° N unless said otherwise."""
    at = {"x": "700000", "y": "6600000", "lon": "3", "lat": "46.5", "id": f"{code}_{number}"} | at
    place = f"{at['x']};{at['y']};{at['lon']};{at['lat']}"
    return f"{at['id']};;{number};{rep};{street};94340;{code};{town};;;{place};;;;;;;;1;"


def write(folder: Path, *lines: str, header: str = DOWNLOAD, name: str = "ban.csv") -> Path:
    file = folder / name
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def val_de_marne() -> Path:
    file = SHARED / "val-de-marne-addresses.csv.gz"
    if not file.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    return file


def test_the_download_as_it_comes(tmp_path):
    base = read_addresses(write(tmp_path, row("12", "bis"), row("14", street='"Rue ""A;B"""')))
    assert tuple(base.frame.columns) == PLACE_COLUMNS
    assert base.frame["number"].tolist() == ["12 bis", "14"]
    assert base.frame["street"].tolist() == ["Rue du Port", 'Rue "A;B"']
    assert base.frame["commune"].tolist() == ["94042", "94042"]
    assert base.frame["station"].tolist() == ["", ""]
    assert base.xy.tolist() == [[700_000, 6_600_000]] * 2
    assert base.crs == "EPSG:2154"
    assert base.real
    assert base.set_aside == {}
    assert base.source == "ban.csv, Joinville-le-Pont (94042)"


def test_degrees_stand_in_for_missing_metres(tmp_path):
    base = read_addresses(write(tmp_path, row(x="", y=""), row("2", lon="", lat="")))
    assert base.xy == pytest.approx(np.array([[700_000, 6_600_000]] * 2), abs=1e-3)


def test_overseas_metres_are_those_of_their_zone(tmp_path):
    # 57° E is the middle of UTM 40 south, which Réunion uses: the way from the equator, to scale.
    far = row(code="97411", town="Saint-Denis", x="", y="", lon="57", lat="-21")
    base = read_addresses(write(tmp_path, far))
    assert base.crs == "EPSG:2975"
    south = 0.9996 * Geod(ellps="GRS80").line_length([57, 57], [0, -21])
    assert base.xy == pytest.approx(np.array([[500_000, 10_000_000 - south]]), abs=1e-3)


@pytest.mark.parametrize(("lon", "lat"), [("2.73", "54.21"), ("48.79", "2.45")])
def test_degrees_that_are_none_of_the_country_are_refused(tmp_path, lon, lat):
    """Grads of the same place, and longitude and latitude exchanged."""
    with pytest.raises(GeometryError, match="far outside the area"):
        read_addresses(write(tmp_path, row(x="", y="", lon=lon, lat=lat)))


def test_a_door_that_stands_again_under_another_id_counts_once(tmp_path):
    base = read_addresses(write(tmp_path, row(id="a"), row(id="b")))
    assert len(base) == 1
    assert base.set_aside == {Note("same_address_again"): 1}


def test_two_zones_are_refused_and_one_of_them_is_not(tmp_path):
    far = row(code="97411", town="Saint-Denis", x="", y="", lon="57", lat="0")
    file = write(tmp_path, row(), far)
    with pytest.raises(GeometryError, match=r"EPSG:2154, EPSG:2975 in ban\.csv"):
        read_addresses(file)
    assert len(read_addresses(file, commune="94042")) == 1


def test_several_communes_in_the_order_of_the_file(tmp_path):
    lines = [row(str(i), code=code) for i, code in enumerate(["94068", "94042", "94001"], 1)]
    base = read_addresses(write(tmp_path, *lines), commune="94042, 94068")
    assert base.frame["commune"].tolist() == ["94068", "94042"]


def test_a_selected_commune_has_its_written_addresses(tmp_path):
    """Postcodes and towns are rows of their own beside the addresses."""
    lines = [row(str(i), code=code) for i, code in enumerate(["94068", "94042", "94001"], 1)]
    every = read_addresses(write(tmp_path, *lines))
    one = read_addresses(every, commune="94042")
    assert one.frame["number"].tolist() == ["2"]
    assert len(one.written) == 1


def test_a_code_that_lost_its_zero(tmp_path):
    base = read_addresses(write(tmp_path, row(code="1004")), commune="01004")
    assert base.frame["commune"].tolist() == ["01004"]


def test_counts_and_stations(tmp_path):
    header = "code_insee,numero,nom_voie,x,y,bureau_de_vote,residents,electors"
    lines = ["94042,1,A,700000,6600000,7,12,9", "94042,2,A,700000,6600000,0012,3,0"]
    base = read_addresses(write(tmp_path, *lines, header=header))
    assert base.frame["station"].tolist() == ["94042_0007", "94042_0012"]
    assert base.frame["residents"].tolist() == [12, 3]
    assert base.frame["electors"].dtype == np.int64
    assert base.counts == ("electors", "residents")


def test_rows_set_aside_are_counted_by_reason(tmp_path):
    header = "id;code_insee;numero;nom_voie;x;y;lon;lat;electors"
    good = [f"{i};94042;{i};A;700000;6600000;3;46.5;1" for i in range(1, 7)]
    bad = [
        "7;94042;7;A;;;;;1",
        "8;94042;8;A;north;6600000;;;1",
        "9;94042;9;A;700100;6600000;3;46.5;1",
        "10;94042;10;A;700000;6600000;3;46.5;-2",
        "11;94042;11;A;700000;6600000;3;46.5;1;1;1",
        good[0],
    ]
    base = read_addresses(write(tmp_path, *good, *bad, header=header))
    assert len(base) == 6
    assert base.set_aside == {
        Note("no_position"): 2,
        Note("two_places"): 1,
        Note("electors_not_whole"): 1,
        Note("line_unreadable"): 1,
        Note("same_address_again"): 1,
    }


def test_addresses_of_one_position_all_stay(tmp_path):
    assert len(read_addresses(write(tmp_path, row("1"), row("2"), row("3")))) == 3


@pytest.mark.parametrize("bad", [2, 3])
def test_refused_when_most_rows_are_bad(tmp_path, bad):
    file = write(
        tmp_path, row("1"), row("2"), *(row(str(i), x="Dupont", lon="") for i in range(bad))
    )
    if bad <= 2:
        assert read_addresses(file).set_aside == {Note("no_position"): 2}
        return
    with pytest.raises(ReadError, match=r"3 rows of 5 set aside \(no position: 3\)"):
        read_addresses(file)


def test_unreadable_lines_weigh_on_a_whole_file_and_on_no_commune(tmp_path):
    file = write(tmp_path, row("1"), *["one;two;three"] * 2)
    with pytest.raises(ReadError, match="2 rows of 3 set aside"):
        read_addresses(file)
    assert len(read_addresses(file, commune="94042")) == 1


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (DOWNLOAD.replace("numero;", "number;"), "'numero' is not a column"),
        (DOWNLOAD.replace(";x;", ";easting;"), "'x' is not a column"),
        (DOWNLOAD.replace("id_fantoir", "code_insee"), "stands 2 times"),
        ("code_insee;numero;nom_voie;lon", "'lat' is not a column"),
    ],
)
def test_missing_and_doubled_columns(tmp_path, header, says):
    with pytest.raises(SchemaError, match=says):
        read_addresses(write(tmp_path, row(), header=header))


def test_unknown_commune_names_the_nearest(tmp_path):
    file = write(tmp_path, row(), row(code="94068", town="Saint-Maur"))
    with pytest.raises(ParameterError, match=r"2 communes of ban.csv. Did you mean '94042'"):
        read_addresses(file, commune="94142")
    # Paris is nobody's slip for a place in Val-de-Marne.
    with pytest.raises(ParameterError, match=r"2 communes of ban.csv. Check the code"):
        read_addresses(file, commune="75056")
    with pytest.raises(ParameterError, match=r"Did you mean '94068' \(Saint-Maur\)"):
        read_addresses(file, commune="saint-maur")
    for wrong in ("", "94042,", 94042):
        with pytest.raises(ParameterError, match="commune as text"):
            read_addresses(file, commune=wrong)


def test_files_that_are_no_address_file(tmp_path):
    with pytest.raises(ReadError, match="no such file"):
        read_addresses(tmp_path / "absent.csv")
    with pytest.raises(ReadError, match="the folder"):
        read_addresses(tmp_path)
    with pytest.raises(ReadError, match="only a header"):
        read_addresses(write(tmp_path))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress((DOWNLOAD + "\n").encode() * 50)[:-20])
    with pytest.raises(ReadError, match="damaged or cut short"):
        read_addresses(tmp_path / "cut.csv.gz")


def test_a_path_is_not_a_pattern(tmp_path):
    write(tmp_path, row(), name="other.csv")
    file = write(tmp_path, row(), row("2"), name="[ban]'*?.csv")
    assert len(read_addresses(file)) == 2
    assert len(read_addresses(write(tmp_path, row(), name="o'her.csv"))) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends(tmp_path, encoding, end):
    file = tmp_path / "ban.csv"
    text = end.join([DOWNLOAD, row(street="Allée des Érables"), ""])
    file.write_bytes(text.encode(encoding))
    assert read_addresses(file).frame["street"].tolist() == ["Allée des Érables"]


@pytest.mark.heavy
def test_the_whole_department(val_de_marne):
    base = read_addresses(val_de_marne)
    raw = pd.read_csv(val_de_marne, dtype=str, keep_default_na=False)
    assert len(base) == 138_278  # the data's README has two more, of number 0
    assert base.set_aside == {Note("no_door"): 2}
    raw = raw[raw["numero"] != "0"]
    assert base.frame["commune"].nunique() == 47
    assert np.array_equal(base.xy, raw[["x", "y"]].astype(float).to_numpy())
    assert base.frame["street"].tolist() == raw["nom_voie"].tolist()
    stations = raw["code_insee"] + raw["bureau_de_vote"].astype(int).astype(str)
    assert base.frame["station"].nunique() == stations.nunique()


def test_one_commune_of_the_department(val_de_marne):
    base = read_addresses(val_de_marne, commune="94042")
    assert len(base) == 2225  # lines of the file that hold this code
    assert base.source.endswith("Joinville-le-Pont (94042)")


def test_metres_of_another_projection_are_refused(tmp_path):
    """Lambert II of 3° E, 46.5° N, as metres of Lambert-93 in the sea off Nigeria."""
    file = write(tmp_path, row("1", x="600000", y="2167000", lon="", lat=""))
    with pytest.raises(GeometryError, match="points far outside the area"):
        read_addresses(file)


def test_doors_without_a_number_at_one_place_stay(tmp_path):
    lines = [f"94042_{n};94042;;Rue Haute;659100;6858900" for n in range(4)]
    file = tmp_path / "adresses.csv"
    file.write_text("\n".join(["id;code_insee;numero;nom_voie;x;y", *lines]), encoding="utf-8")
    assert len(read_addresses(file).frame) == 4
