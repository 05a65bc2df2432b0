"""Numbers with a suffix or noughts, and streets by a part of their name: each door, or none."""

import numpy as np
import pandas as pd
import pytest

from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import match_addresses


def base_of(doors, town, postcode, language):
    frame = pd.DataFrame(doors, columns=["number", "street"]).assign(commune=town, station="")
    frame.insert(0, "id", [str(i) for i in range(len(doors))])
    frame["x"], frame["y"] = np.arange(len(doors)) * 500.0, 0.0
    written = pd.DataFrame({"postcode": postcode, "town": town, "also": ""}, index=frame.index)
    return AddressBase(frame, crs="EPSG:3035", real=True, written=written, language=language)


BOURG = base_of(
    [("12", "Rue Haute"), ("12 bis", "Rue Haute"), ("12", "Rue Basse"), ("12 ter", "Rue Basse"),
     ("14", "Rue Basse")],
    "Bourg", "94340", "fr",
)  # fmt: skip
ROMA = base_of(
    [("12", "Via Appia"), ("12 bis", "Via Appia"), ("14", "Via Appia")], "Roma", "00184", "it"
)
SALEM = base_of(
    [("12", "N Main St"), ("12", "S Main St"), ("20", "N Oak Ave"), ("30", "Elm Street"),
     ("30", "Elm Court"), ("40", "Pine Ave"), ("50", "W 4th St"), ("70", "Main St"),
     ("80", "Birch Road"), ("90", "Cedar St"), ("95", "N Cedar St"), ("7", "Park Ave")],
    "Salem", "97301", "en",
)  # fmt: skip
RADOM = base_of(
    [("5", "Józefa Piłsudskiego"), ("5", "Generała Władysława Sikorskiego"), ("7", "Jana Pawła II"),
     ("9", "Adama Mickiewicza"), ("3", "Bronisława Piłsudskiego"), ("4", "Nowa Kolejowa")],
    "Radom", "26-600", "pl",
)  # fmt: skip
LARISA = base_of(
    [("12", "Ελευθερίου Βενιζέλου"), ("3", "Αγίου Γεωργίου"), ("5", "28ης Οκτωβρίου"),
     ("7", "Κωνσταντίνου Καραμανλή"), ("8", "Παλαιά Αγορά")],
    "Λάρισα", "41222", "",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "base", "door"),
    [
        ("0012 rue Haute, 94340 Bourg", BOURG, ("12", "Rue Haute")),
        ("012 bis rue Haute", BOURG, ("12 bis", "Rue Haute")),
        # A number whose street has it with other letters is not the bare one.
        ("12 bis rue Basse", BOURG, None),
        ("14 bis rue Basse", BOURG, ("14", "Rue Basse")),
        ("Via Appia 12 bis, 00184 Roma", ROMA, ("12 bis", "Via Appia")),
        ("Via Appia 12/bis", ROMA, ("12 bis", "Via Appia")),
        ("Via Appia 12bis", ROMA, ("12 bis", "Via Appia")),
        ("Via Appia 12 ter", ROMA, None),
        ("Via Appia 014", ROMA, ("14", "Via Appia")),
        # Directions and kinds of streets that are left out, where one street is meant.
        ("12 Main St, Salem, OR 97301", SALEM, None),
        ("12 Main St N, Salem, OR 97301", SALEM, ("12", "N Main St")),
        ("20 Oak Ave, Salem, OR", SALEM, ("20", "N Oak Ave")),
        ("20 Oak, Salem OR 97301", SALEM, ("20", "N Oak Ave")),
        ("30 Elm, Salem, OR 97301", SALEM, None),
        ("40 Pine, Salem, OR 97301", SALEM, ("40", "Pine Ave")),
        ("20 b Oak, Salem OR 97301", SALEM, ("20", "N Oak Ave")),
        ("50 W 4th, Salem", SALEM, ("50", "W 4th St")),
        ("80 W Birch Rd, Salem, OR 97301", SALEM, ("80", "Birch Road")),
        ("80 Birch Rd W, Salem, OR 97301", SALEM, ("80", "Birch Road")),
        # Another direction or another kind is another street.
        ("20 S Oak Ave, Salem, OR 97301", SALEM, None),
        ("40 Pine St, Salem, OR 97301", SALEM, None),
        ("7 Park Ave Ct, Salem, OR 97301", SALEM, None),
        ("70 Main St S, Salem, OR 97301", SALEM, None),
        ("95 Cedar St, Salem, OR 97301", SALEM, None),
        ("70 Main St", SALEM, ("70", "Main St")),
        # A surname alone, with a title, an initial or another given name.
        ("ul. Sikorskiego 5, 26-600 Radom", RADOM, ("5", "Generała Władysława Sikorskiego")),
        ("ul. gen. Sikorskiego 5 m. 2, Radom", RADOM, ("5", "Generała Władysława Sikorskiego")),
        ("Gen. W. Sikorskiego 5, Radom", RADOM, ("5", "Generała Władysława Sikorskiego")),
        ("Henryka Sikorskiego 5, Radom", RADOM, None),
        ("ul. A. Mickiewicza 9, Radom", RADOM, ("9", "Adama Mickiewicza")),
        ("ul. S. Mickiewicza 9, Radom", RADOM, None),
        ("ul. Piłsudskiego 5, Radom", RADOM, None),
        ("ul. J. Piłsudskiego 5, Radom", RADOM, ("5", "Józefa Piłsudskiego")),
        ("ul. Kolejowa 4, Radom", RADOM, None),
        ("Βενιζέλου 12, 41222 Λάρισα", LARISA, ("12", "Ελευθερίου Βενιζέλου")),
        ("Ελ. Βενιζέλου 12, Λάρισα", LARISA, ("12", "Ελευθερίου Βενιζέλου")),
        ("ΚΩΝ. ΚΑΡΑΜΑΝΛΗ 7, ΛΑΡΙΣΑ", LARISA, ("7", "Κωνσταντίνου Καραμανλή")),
        ("Γ. Καραμανλή 7, Λάρισα", LARISA, None),
        ("Οδός Αγ. Γεωργίου 3, Λάρισα", LARISA, ("3", "Αγίου Γεωργίου")),
        ("28 Οκτωβρίου 5, Λάρισα", LARISA, ("5", "28ης Οκτωβρίου")),
        ("Αγορά 8, Λάρισα", LARISA, None),
    ],
)
def test_a_door_is_found_by_a_short_name_or_none_is(text, base, door):
    (row,), _ = match_addresses([text], base)
    found = None if row < 0 else tuple(base.frame.loc[row, ["number", "street"]])
    assert found == door
