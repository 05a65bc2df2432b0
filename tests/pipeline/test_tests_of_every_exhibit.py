"""The three tests of WP216 in a dossier: of every table and map, counted by hand."""

from importlib import resources

import pandas as pd

from privaudit.studies.dossier import Seizure, audit_dossier

STORY = resources.files("privaudit.rules") / "examples" / "story.toml"


def test_every_table_and_map_is_tested(tmp_path):
    """They were made on one table and one map; a second list of names was told by nobody."""
    names = ["Zxq" + "abcdefghij"[i // 10] + "klmnopqrst"[i % 10] for i in range(40)]
    frames = {
        "fiches.csv": pd.DataFrame({"nom": names, "prenom": "Anne", "soutien": [1, 2] * 20}),
        "codes.csv": pd.DataFrame({"sexe": list("FM") * 20, "montant": [5, 9] * 20}),
        "liste.csv": pd.DataFrame({"email": [f"p{i}@x.fr" for i in range(30)]}),
        "carte.csv": pd.DataFrame({"lon": [2.4] * 20 + [2.5 + i / 99 for i in range(20)],
                                   "lat": 48.8, "soutien": 1}),
        "autre.csv": pd.DataFrame({"lon": [2.4 + i / 99 for i in range(25)], "lat": 48.8}),
    }  # fmt: skip
    for name, frame in frames.items():
        frame.to_csv(tmp_path / name, index=False)
    (tmp_path / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    seizure = Seizure(files=[tmp_path / name for name in frames], exhibit="S",
                      description=tmp_path / "d.toml")  # fmt: skip
    study = audit_dossier(seizure, as_of="2017-04-23")
    alone = {row.part["file"]: round(row.value * row.n) for row in study.measures["wp216"].rows
             if row.measure == "singling_out"}  # fmt: skip
    # Twenty dots of the map stand on one point; a sex singles nobody of forty out.
    assert alone == {"fiches.csv": 40, "codes.csv": 0, "liste.csv": 30, "carte.csv": 20,
                     "autre.csv": 25}  # fmt: skip
    tied = {row.part["file"]: round(row.value * row.n) for row in study.measures["wp216"].rows
            if row.measure == "linkability"}  # fmt: skip
    assert tied == {"fiches.csv": 40, "codes.csv": 0, "liste.csv": 30, "carte.csv": 40,
                    "autre.csv": 25}  # fmt: skip
