"""The README's own Python runs as it stands."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

README = Path(__file__).parents[2] / "README.md"


def test_every_line_of_the_python_block_runs(tmp_path, monkeypatch):
    block = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    rng = np.random.default_rng(3)
    people = pd.DataFrame(
        {
            "age": rng.integers(18, 90, 90),
            "sex": rng.choice(["F", "M"], 90),
            "commune": rng.choice(["a", "b"], 90),
            "opinion": rng.choice(["left", "right"], 90),
        }
    )
    log = pd.DataFrame({"account": np.repeat(np.arange(30), 6), "page": rng.integers(0, 40, 180)})
    log["when"] = pd.Timestamp("2016-09-01") + pd.to_timedelta(rng.integers(0, 900, 180), "h")
    monkeypatch.chdir(tmp_path)
    people.to_csv("export.csv", index=False)
    # Longitude and latitude of nine doors in a row, and a map of three of them.
    lon, lat = 2.47 + np.arange(9) / 5_000, np.full(9, 48.82)
    rows = [f"94042_1_{k};{k};Rue A;94340;94042;Ici;{lon[k]};{lat[k]}" for k in range(9)]
    head = "id;numero;nom_voie;code_postal;code_insee;nom_commune;lon;lat"
    Path("adresses-94.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    Path("leak.csv").write_text("lon,lat\n" + "".join(f"{x},48.82\n" for x in lon[:3]))
    for there, here in (("leak.geojson", "leak.csv"), ("adresses-94.csv.gz", "adresses-94.csv")):
        assert there in block
        block = block.replace(there, here)
    given = {
        "frame": log, "original": people[:40], "published": people[:40], "control": people[40:],
    }  # fmt: skip
    exec(compile(block, "README.md", "exec"), given)
    assert (tmp_path / "report" / "index.html").exists()
