"""Make the frequencies of names of simulated towns from the files of INSEE.

    python benchmarks/name_frequencies.py --first-names nat2022.csv --surnames noms2008nat_txt.txt

Both are open data (Fichier des prénoms, edition 2022; Fichier des noms, edition 2008). Writes
`first_names.csv` of the package, and prints the table `[surnames]` of its `names.toml`.
"""

import argparse
from pathlib import Path

import pandas as pd

from privaudit.simulation.world import DATA

SEXES = {"2": "F", "1": "M"}
FIRST, LAST = 1920, 2010
# Births of 10,000 of a sex and decade; a name is kept that reaches so many in one of them.
KEPT = 2
BORN = tuple(f"_{year}_{year + 9}" for year in range(1931, 2000, 10))
RANKS = [k * 10**n for n in range(6) for k in (1, 2, 5)][:-1]
HEAD = """\
# Births of 10,000 of a sex and decade (the last: after 2009), of first names given to two or more
# in some decade. INSEE, Fichier des prenoms, edition 2022 (Licence Ouverte 2.0). Made by
# benchmarks/name_frequencies.py.
"""


def first_names(births):
    """Return births of 10,000 by decade of each first name and sex that is kept.

    `births` has the columns of INSEE: sexe, preusuel, annais, nombre; births whose year is not
    told (XXXX) are left out, and rare names count among all births only.
    """
    known = births[births["annais"] != "XXXX"]
    decade = known["annais"].astype(int) // 10 * 10
    known = known[decade >= FIRST].assign(decade=decade.clip(upper=LAST))
    every = known.groupby(["sexe", "decade"])["nombre"].sum()
    named = known[known["preusuel"] != "_PRENOMS_RARES"]
    counts = named.groupby(["sexe", "preusuel", "decade"])["nombre"].sum().unstack(fill_value=0)
    share = 10_000 * counts / every.unstack().loc[counts.index.get_level_values(0)].to_numpy()
    share = share.fillna(0)
    share = share[(share >= KEPT).any(axis=1)].round().astype(int)
    spelled = share.index.get_level_values(1).map(
        lambda name: "-".join(part.capitalize() for part in name.split("-"))
    )
    share.index = pd.MultiIndex.from_arrays(
        [share.index.get_level_values(0).map(SEXES), spelled], names=["sex", "name"]
    )
    return share.sort_index()


def surname_shares(births):
    """Return the share of people with one of the commonest surnames, by how many of these.

    `births` has a row a surname (NOM) and a column a decade; "AUTRES NOMS" are people too.
    """
    people = births.set_index("NOM")[[*BORN]].sum(axis=1)
    common = people.drop("AUTRES NOMS").sort_values(ascending=False).cumsum() / people.sum()
    return {rank: round(float(common.iloc[rank - 1]), 5) for rank in RANKS if rank <= len(common)}


def main():
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--first-names", type=Path, required=True)
    asked.add_argument("--surnames", type=Path, required=True)
    given = asked.parse_args()
    # Null is no blank here.
    births = pd.read_csv(given.first_names, sep=";", keep_default_na=False)
    made = first_names(births.astype({"sexe": str, "annais": str}))
    rows = made.astype(str).replace("0", "").to_csv(lineterminator="\n")
    (DATA / "first_names.csv").write_text(HEAD + rows, encoding="utf-8")
    people = pd.read_csv(given.surnames, sep="\t", encoding="latin-1", keep_default_na=False)
    found = surname_shares(people)
    print(f"rank = {list(found)}\nshare = {list(found.values())}")


if __name__ == "__main__":
    main()
