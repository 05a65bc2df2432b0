"""What each row of `limits.py` runs: our work, and the code that marks the limit of it.

Each function takes a size and gives back two calls that take nothing: ours, and the least that the
same answer asks of a machine (None where there is none to be had, and seconds are the target).
"""

from __future__ import annotations

import compileall
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
from made_addresses import DENSITY, made_addresses

KEYS = tuple("abcdef")


def _dots(addresses, dots, high):
    from privaudit.maps.masks.donut import Donut

    rng, mask = np.random.default_rng(0), Donut(r_min=high / 4, r_max=high)
    places = rng.random((addresses, 2)) * np.sqrt(addresses / DENSITY)
    return places, mask(places[rng.integers(addresses, size=dots)], rng=rng), mask


def _posterior(addresses, dots, high):
    from scipy.spatial import cKDTree

    from privaudit.geo.neighbours import z_order
    from privaudit.maps.posterior import posterior

    places, points, mask = _dots(addresses, dots, high)
    prior = np.ones(addresses)

    def pairs_alone():
        """List every pair and its distance, points and places in the order that trees like."""
        tree = cKDTree(places[z_order(places)], balanced_tree=False, compact_nodes=False)
        there = points[z_order(points)]
        for start in range(0, len(there), 8_192):
            block = cKDTree(there[start : start + 8_192])
            block.sparse_distance_matrix(tree, high, output_type="ndarray")

    def ours():
        posterior(points, places, prior, mask.density, mask.reach, people=prior)

    return ours, pairs_alone


def posterior_200(dots):
    return _posterior(138_280, dots, 200.0)


def posterior_as_given(dots):
    """The same beside a k-d tree asked at once, points and places as they come."""
    from scipy.spatial import cKDTree

    places, points, _ = _dots(138_280, dots, 200.0)

    def pairs_at_once():
        tree = cKDTree(places)
        cKDTree(points).sparse_distance_matrix(tree, 200.0, output_type="coo_matrix")

    return posterior_200(dots)[0], pairs_at_once


def posterior_50(dots):
    return _posterior(1_000_000, dots, 50.0)


def _codes(n, levels):
    rng = np.random.default_rng(0)
    return [rng.integers(0, levels, n, dtype=np.int16) for _ in KEYS]


def _counted(n, levels):
    from privaudit.tables.equivalence_classes import count_class_sizes

    columns = _codes(n, levels)

    def packed_and_counted():
        """Six columns into one number, a table of counts, and the counts of counts."""
        key = columns[0].astype(np.int64)
        for column in columns[1:]:
            key *= levels
            key += column
        np.bincount(np.bincount(key, minlength=levels**6))

    return lambda: count_class_sizes(columns), packed_and_counted


def counts_small(n):
    return _counted(n, 4)


def counts_middle(n):
    return _counted(n, 8)


def counts_large(n):
    return _counted(n, 14)


def counts_one_key(n):
    """One column of a domain of 262,144: `bincount` by itself, twice."""
    from privaudit.tables.equivalence_classes import count_class_sizes

    key = np.random.default_rng(0).integers(0, 262_144, n)
    return lambda: count_class_sizes([key]), lambda: np.bincount(np.bincount(key))


def counts_sorted(n):
    """47 M classes of 48 M records: nothing but a sort is left."""
    from privaudit.tables.equivalence_classes import count_class_sizes

    columns = _codes(n, 32)

    def sorted_alone():
        key = columns[0].astype(np.int32)
        for column in columns[1:]:
            key *= 32
            key += column
        key.sort()

    return lambda: count_class_sizes(columns), sorted_alone


def counts_file(n):
    """A Parquet file, ours held to 1 GB, DuckDB held to nothing."""
    import duckdb
    import polars

    from privaudit.tables.counting import class_sizes

    folder = tempfile.mkdtemp(prefix="limits-")
    path = Path(folder, "table.parquet")
    polars.DataFrame(dict(zip(KEYS, _codes(n, 32), strict=True))).write_parquet(path)
    sql = f"SELECT s, count(*) FROM (SELECT count(*) s FROM '{path}' GROUP BY {', '.join(KEYS)}) \
        GROUP BY s"

    def ours():
        class_sizes(path, KEYS, memory_limit="1GB", spill_directory=folder)

    return ours, lambda: duckdb.connect(config={"temp_directory": folder}).execute(sql).fetchall()


# Text as names are compared: letters only; of a name, the first word and the rest.
_PLAIN = "trim(regexp_replace(lower(strip_accents({})), '[^a-z ]', ' ', 'g'))"
_NAMES = """
    CREATE TABLE a AS SELECT i, split_part(n, ' ', 1) f,
        replace(n[length(split_part(n, ' ', 1)) + 2 :], ' ', '') l
        FROM (SELECT i, {shown} n FROM x);
    CREATE TABLE b AS SELECT j, replace({first}, ' ', '') f, replace({last}, ' ', '') l FROM y;
    CREATE TABLE ac AS SELECT *, regexp_replace(l, '[aeiouy]', '', 'g') c FROM a;
    CREATE TABLE bc AS SELECT *, regexp_replace(l, '[aeiouy]', '', 'g') c FROM b;
"""
_SLIP = """SELECT i, j FROM ac JOIN bc ON ac.f = bc.f AND {}
    WHERE ac.l <> bc.l AND damerau_levenshtein(ac.l, bc.l) <= 1"""
_ALIKE = ("left(ac.l, 3) = left(bc.l, 3)", "right(ac.l, 3) = right(bc.l, 3)", "ac.c = bc.c")


def matching(accounts):
    """Every account with the people of a register of 200,000 whose names agree in some way.

    The limit cleans the same text and makes the same joins in SQL: one last name and how the first
    begins; one first name and a last name a slip of the pen away. It reads each name one way,
    knows no pet names, emails or names of birth, and says of no pair how likely it is.
    """
    import duckdb
    from linkage_frames import frames

    from privaudit.linkage.fellegi_sunter import compare_names, link
    from privaudit.text.normalise import name_words

    made, register, _, _ = frames(accounts, 200_000)

    def ours():
        name_words.cache_clear()
        link(compare_names(made, register))

    def joins():
        connection = duckdb.connect(config={"threads": 1})
        connection.register("x", made.reset_index(names="i"))
        connection.register("y", register.reset_index(names="j"))
        columns = {"shown": "display_name", "first": "first_name", "last": "last_name"}
        connection.execute(_NAMES.format(**{k: _PLAIN.format(v) for k, v in columns.items()}))
        slips = " UNION ".join(_SLIP.format(how) for how in _ALIKE)
        connection.execute(
            "SELECT i, j FROM ac JOIN bc ON ac.l = bc.l AND left(ac.f, 1) = left(bc.f, 1) "
            f"UNION {slips}"
        ).fetchnumpy()

    return ours, joins


def _address_file(n):
    path = Path(tempfile.mkdtemp(prefix="limits-"), "addresses.csv")
    made_addresses(n).to_csv(path, index=False)
    return path


def addresses_pandas(n):
    from privaudit.io.addresses import read_addresses

    path = _address_file(n)
    return lambda: read_addresses(path), lambda: pd.read_csv(path)


def addresses_duckdb(n):
    """DuckDB reads the file into a frame, as text and numbers that are told."""
    import duckdb

    from privaudit.io.addresses import read_addresses

    path = _address_file(n)
    return lambda: read_addresses(path), lambda: duckdb.connect().read_csv(str(path)).df()


def measured(n):
    """`pa.measure` of seven skewed keys and an opinion."""
    import privaudit as pa

    levels = (2, 5, 9, 16, 40, 70, 100)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {f"k{k}": rng.choice(k, n, p=rng.dirichlet(np.full(k, 0.6))) for k in levels}
    )
    keys = list(frame)
    frame["opinion"] = rng.integers(0, 6, n)
    roles = pa.Roles(key=keys, sensitive=["opinion"])
    return lambda: pa.measure(frame, roles), None


def special_uniques(n):
    from bench_tables import LEVELS, keys

    from privaudit.tables.special_uniques import find_minimal_uniques

    codes = keys(n, (*LEVELS, 6, 15, 42))
    return lambda: find_minimal_uniques(codes), None


def _map_of(addresses, dots, mask, denser=1.0):
    from privaudit.columns.roles import Roles
    from privaudit.io.addresses import read_addresses
    from privaudit.release.release import DotRelease

    made = made_addresses(addresses)
    made[["x", "y"]] = made[["x", "y"]].min() + (made[["x", "y"]] - made[["x", "y"]].min()) / (
        denser**0.5
    )
    base = read_addresses(made)
    rng = np.random.default_rng(0)
    home = rng.integers(len(base), size=dots)
    records = pd.DataFrame(mask(base.xy[home], rng=rng), columns=["x", "y"])
    return DotRelease(records=records, roles=Roles(location=("x", "y")), backdrop=base)


def ladder(dots, workers=1):
    """Five rungs over 47 communes, from the nearest address to a register of who lives where."""
    from privaudit.maps.masks.donut import Donut
    from privaudit.maps.registry import climb, rungs

    mask = Donut(r_min=50, r_max=200)
    leak = _map_of(138_280, dots, mask)
    base = leak.backdrop
    stations = sorted(set(base.frame["station"]))
    share = np.random.default_rng(1).uniform(0.1, 0.5, (2, len(stations)))
    results = pd.DataFrame({"station": stations, "left": share[0], "right": share[1]})
    residents = base.frame["residents"].to_numpy()
    register = pd.DataFrame({"address": np.repeat(np.arange(len(base)), residents)})
    ladder = rungs(mask, results=results, register=register)
    assert len(ladder) == 5, [rung.name for rung in ladder]
    return lambda: climb(leak, ladder, workers=workers, dots_a_tile=20_000), None


def ladder_of_two(dots):
    """The ladder in two processes beside one: seconds that pass, so that rest is not counted."""
    return ladder(dots, workers=2)[0], ladder(dots)[0]


def heat(addresses):
    """The exact heat map of a simulated town, undone with what is told of it."""
    import privaudit as pa
    from privaudit.studies.audit_views import audit_heat

    campaign = pa.run_campaign(
        pa.simulate(pa.Town(inhabitants=round(addresses * 4.75)), seed=7), seed=7
    )
    release = pa.publish(campaign, pa.HeatMap(), seed=7)
    print(f"# heat map over {len(release.backdrop):,} addresses")
    return lambda: audit_heat(release, campaign.world, seed=7), None


def likes(accounts):
    """What so many accounts of a town like of 55,814 pages, its people given."""
    from privaudit.core.reproducible import stream
    from privaudit.simulation.network import GivenInteractions, draw_members, draw_network, partners
    from privaudit.simulation.simulate import simulate
    from privaudit.simulation.town import Town

    town = Town(inhabitants=round(accounts * 121_000 / 58_466), pages=55_814)
    world = simulate(town, seed=7, generic_likes=False)
    partner = partners(world.people, world.households)
    members = draw_members(world.people, town, partner=partner, rng=stream(7, "accounts"))

    def ours():
        draw_network(
            town,
            world.people,
            members,
            brought=GivenInteractions(),
            ordinary=True,
            workers=1,
            seed=7,
        )

    return ours, None


def demo(towns):
    """The whole command as it is typed, with two workers, its report written."""
    from privaudit.cli import main

    def ours():
        with tempfile.TemporaryDirectory() as folder:
            out = str(Path(folder, "report"))
            main(["demo", "--out", out, "--towns", str(towns), "--no-cache"])

    return ours, None


def _people_file(n):
    """A CSV of ten columns: 49 MB with 600,000 people."""
    rng, path = np.random.default_rng(1), Path(tempfile.mkdtemp(prefix="limits-"), "people.csv")
    births = np.datetime64("1940-01-01") + rng.integers(0, 25_000, n)
    pd.DataFrame(
        {
            "id": np.arange(n) + 100_000,
            "first_name": rng.choice(["Jean", "Marie", "Luc", "Zoé", "Hélène", "Karim"], n),
            "last_name": rng.choice([f"Nom{i:04d}" for i in range(3_000)], n),
            "birth_date": births.astype(str),
            "sex": rng.choice(["F", "M"], n),
            "commune": rng.choice([f"Commune-sur-Mer {i}" for i in range(400)], n),
            "postcode": rng.choice(["01000", "33000", "75011", "13002", "59000"], n),
            "score": rng.integers(0, 1_000, n) / 10,
            "opinion": rng.choice(["left", "right", "centre", "green", "none", ""], n),
            "email": [f"u{i}@a.fr" for i in range(n)],
        }
    ).to_csv(path, index=False)
    return path


def _command(*words):
    """Run a command as it is typed, its report written; compiled, as an installation leaves it."""
    import privaudit

    compileall.compile_dir(Path(privaudit.__file__).parent, quiet=1)

    def ours():
        with tempfile.TemporaryDirectory() as folder:
            call = [
                sys.executable,
                "-m",
                "privaudit",
                *map(str, words),
                "--out",
                f"{folder}/report",
            ]
            subprocess.run(call, check=True, stdout=subprocess.DEVNULL)

    return ours


_OF_PEOPLE = ("--key", "birth_date,sex,postcode", "--sensitive", "opinion")


def command_table(n):
    path = _people_file(n)
    least = [sys.executable, "-c", f"import pandas; pandas.read_csv({str(path)!r})"]
    return _command("table", path, *_OF_PEOPLE), lambda: subprocess.run(least, check=True)


def command_small(n):
    return _command("table", _people_file(n), *_OF_PEOPLE), None


def command_inspect(n):
    """Six columns of notes, names, towns, dates, answers and numbers, over and over."""
    rng, path = np.random.default_rng(2), Path(tempfile.mkdtemp(prefix="limits-"), "wide.csv")
    words = ["Vu sa femme", "rappeler lundi", "sort de chimio", "votera gauche", "école privée"]
    made = {
        "note": lambda: [f"{a} {b}" for a, b in zip(rng.choice(words, n), rng.integers(0, 3_000, n),
                                                    strict=True)],
        "nom": lambda: [f"Nom{i}" for i in rng.integers(0, 9_000, n)],
        "ville": lambda: rng.choice([f"Ville {i}" for i in range(300)], n),
        "date": lambda: (np.datetime64("1950-01-01") + rng.integers(0, 20_000, n)).astype(str),
        "tag": lambda: rng.choice(["oui", "non", "", "n/a", "peut-être"], n),
        "score": lambda: rng.integers(0, 100, n),
    }  # fmt: skip
    kinds = [[*made][k % len(made)] for k in range(146)]
    columns = {f"{kind}_{k}": made[kind]() for k, kind in enumerate(kinds)}
    pd.DataFrame(columns).to_csv(path, index=False)
    return _command("inspect", path), None


def _seizure(n):
    """Write what is seized of n people: tables, a map, a log, a mailing, and what goes with it."""
    from privaudit.maps.masks.donut import Donut

    folder, rng = Path(tempfile.mkdtemp(prefix="limits-")), np.random.default_rng(3)
    addresses = made_addresses(n)
    addresses.to_csv(folder / "addresses.csv", index=False)
    home = rng.integers(len(addresses), size=n)
    door = addresses.iloc[home].reset_index(drop=True)
    first = rng.choice(["Jean", "Marie", "Luc", "Zoé", "Hélène", "Karim", "Anne-Claire"], n)
    last = rng.choice([f"Nom{i:04d}" for i in range(3_000)], n)
    said = ["Vu sa femme", "rappeler lundi", "sort de chimio", "votera gauche", "école privée",
            "absent", "", "son fils Paul a ouvert", "va à la messe", "délégué CGT"]  # fmt: skip
    people = pd.DataFrame(
        {
            "compte": [f"c{i:06d}x" for i in range(n)],
            "nom": last,
            "prenom": first,
            "date_naissance": (np.datetime64("1940-01-01") + rng.integers(0, 25_000, n)).astype(
                str
            ),
            "sexe": rng.choice(["F", "M"], n),
            "adresse": door["numero"].astype(str) + " " + door["nom_voie"],
            "commune": door["nom_commune"],
            "email": [f"u{i}@a.fr" for i in range(n)],
            "soutien": rng.integers(1, 6, n),
            "notes": [f"{text} {k}" for text, k in zip(rng.choice(said, n), home, strict=True)],
        }
    )
    people.to_csv(folder / "fiches.csv", index=False)
    roll = people[["nom", "prenom", "date_naissance", "adresse", "commune"]]
    roll.iloc[rng.permutation(n)[: n // 2]].to_csv(folder / "liste.csv", index=False)
    marked = rng.permutation(n)[: n // 20]
    xy = Donut(r_min=50, r_max=200)(door[["x", "y"]].to_numpy()[marked], rng=rng).round(1)
    dots = {"x": xy[:, 0], "y": xy[:, 1], "status": rng.choice(["to_meet", "visited"], len(xy))}
    pd.DataFrame(dots).to_csv(folder / "carte.csv", index=False)
    who = people["compte"].to_numpy()
    day = np.datetime64("2016-08-01")
    log = {"compte": rng.choice(who[: n // 5], 2 * n), "page": rng.integers(0, 400, 2 * n)}
    log["date"] = (day + rng.integers(0, 90, 2 * n)).astype(str)
    pd.DataFrame(log).to_csv(folder / "likes.csv", index=False)
    sent = {"email": people["email"], "subject": "Réunion", "date": "2016-09-02"}
    sent["opened"] = rng.choice(["oui", "non"], n)
    pd.DataFrame(sent).to_csv(folder / "envoi.csv", index=False)
    text = resources.files("privaudit.rules").joinpath("examples/story.toml").read_text("utf-8")
    (folder / "holder.toml").write_text(text, encoding="utf-8")
    return folder


def command_dossier(n):
    """Two tables, a map of a twentieth of the people, a log and a mailing, with their addresses."""
    folder = _seizure(n)
    files = [folder / f"{name}.csv" for name in ("fiches", "liste", "carte", "likes", "envoi")]
    given = {"description": folder / "holder.toml", "addresses": folder / "addresses.csv",
             "exhibit": "1", "as-of": "2016-11-08"}  # fmt: skip
    options = [word for name, value in given.items() for word in (f"--{name}", value)]
    return _command("dossier", *files, *options), None


def command_demo_cold(inhabitants):
    """The whole command by one process, into a folder of its own; no stage is kept."""
    return _command("demo", "--inhabitants", inhabitants, "--workers", 1, "--no-cache"), None


def command_demo_warm(inhabitants):
    folder = tempfile.mkdtemp(prefix="limits-")
    ours = _command("demo", "--inhabitants", inhabitants, "--workers", 1, "--cache", f"{folder}/c")
    # The first call keeps what the others take.
    ours()
    return ours, None


def measured_file(n):
    """`pa.measure` of a file; the sizes of its classes, and the opinions in each."""
    import privaudit as pa

    path, keys = _people_file(n), ["birth_date", "sex", "postcode"]
    roles = pa.Roles(key=keys, sensitive=["opinion"])

    def least():
        groups = pd.read_csv(path).groupby(keys, dropna=False)
        groups.size(), groups["opinion"].nunique()

    return lambda: pa.measure(path, roles), least


# Pairs of a dot and an address within 200 m where streets are, over those of addresses spread
# evenly: 13.3 M for 7.1 M.
_IN_TOWNS = 1.88


def audited(dots):
    """`pa.audit` of a donut, addresses as dense as in a town; the same answer, sorted once.

    The limit weighs each pair, and gives the best address of each dot, how sure it is, how many
    addresses hold 95 %, how many addresses and people are as near as the home, and how far off it
    is. It allows for no ties, far prior or empty rows.
    """
    import privaudit as pa
    from privaudit.maps.masks.donut import Donut

    mask = Donut(r_min=50, r_max=200)
    leak = _map_of(138_280, dots, mask, denser=_IN_TOWNS)
    base, points = leak.backdrop, leak.records[["x", "y"]].to_numpy(dtype=float)
    return (
        lambda: pa.audit(leak, pa.Adversary.knows_mask(mask)),
        lambda: _least_of_donut(points, base.xy, base.people(), mask),
    )


def _least_of_donut(points, places, people, mask):
    from scipy.spatial import cKDTree

    from privaudit.geo.neighbours import z_order

    order = z_order(places)
    places, people, points = places[order], people[order], points[z_order(points)]
    tree, answers = cKDTree(places, balanced_tree=False, compact_nodes=False), []
    for start in range(0, len(points), 2_048):
        block = points[start : start + 2_048]
        pairs = cKDTree(block).sparse_distance_matrix(tree, mask.r_max, output_type="ndarray")
        # Each dot's addresses side by side, the nearest first: one number a pair is sorted, of
        # the dot, the distance in tenths of a millimetre, and where the pair stands.
        key = (pairs["i"] << 42) + ((pairs["v"] * 1e4).astype(np.int64) << 20)
        at = np.sort(key + np.arange(len(key))) & ((1 << 20) - 1)
        dot, apart, home = (pairs[name][at] for name in "ivj")
        size = np.bincount(dot, minlength=len(block))
        first = np.cumsum(size) - size
        inside = (apart >= mask.r_min).astype(float)
        share = inside / np.repeat(np.add.reduceat(inside, first), size)
        rank = np.arange(1, len(at) + 1) - np.repeat(first, size)
        folk = np.cumsum(people[home])
        folk -= np.repeat(folk[first] - people[home[first]], size)
        best = first + np.minimum(np.bincount(dot, apart < mask.r_min).astype(int), size - 1)
        gap = places[home] - np.repeat(places[home[best]], size, axis=0)
        off = np.sqrt(gap[:, 0] ** 2 + gap[:, 1] ** 2)
        sums = [np.add.reduceat(share * each, first) for each in (rank, folk, off)]
        answers.append((home[best], share[best], np.ceil(0.95 / share[best]), *sums))
    return answers


def linked(people):
    """`link_releases` of a table with addresses in words and a map of as many people.

    The limit joins the same words as text, and the columns that both show, and counts whom one
    fits; then twenty times over with dots put anywhere, and with cells drawn anew. It reads no
    name, and knows addresses in one form only.
    """
    from linkage_frames import draw_people

    from privaudit.io.addresses import read_addresses
    from privaudit.release.read_map import read_map
    from privaudit.release.read_table import read_table
    from privaudit.studies.link_releases import link_releases

    rng, given = np.random.default_rng(3), made_addresses(138_280)
    base, named = read_addresses(given), draw_people(people, 0.0, rng)
    home = rng.integers(len(given), size=people)
    there, born = given.iloc[home].reset_index(drop=True), rng.integers(0, 25_000, people)
    table = pd.DataFrame(
        {
            "nom": named["last_name"],
            "prenom": named["first_name"],
            "naissance": (np.datetime64("1940-01-01") + born).astype(str),
            "adresse": there["numero"].astype(str) + " " + there["nom_voie"],
            "commune": there["nom_commune"],
            "sexe": rng.choice(["F", "M"], people),
            "tranche": rng.choice(["18-24", "25-39", "40-64", "65+"], people),
            "opinion": rng.choice(["left", "right", "centre", "green", "none", ""], people),
        }
    )
    some = rng.permutation(people)
    shown = table[["sexe", "tranche"]].iloc[some].reset_index(drop=True)
    dots = shown.assign(x=base.xy[home[some], 0], y=base.xy[home[some], 1])
    leak, people_table = read_map(dots, addresses=base), read_table(table)
    return (
        lambda: link_releases(people_table, leak),
        lambda: _least_of_link(table, dots, given, rng),
    )


def _least_of_link(table, dots, given, rng):
    from scipy.spatial import cKDTree

    def written(*columns):
        text = columns[0].astype(str).str.cat([one.astype(str) for one in columns[1:]], sep=" ")
        text = text.str.normalize("NFKD").str.lower().str.replace(r"[^a-z0-9]+", " ", regex=True)
        return text.str.strip()

    there = written(given["numero"], given["nom_voie"], given["nom_commune"])
    here = written(table["adresse"], table["commune"])
    only = pd.Series(np.arange(len(there)), index=there)[~there.duplicated(keep=False).to_numpy()]
    record = only.reindex(here).fillna(-1).to_numpy(dtype=np.int64)
    dot = cKDTree(given[["x", "y"]].to_numpy()).query(dots[["x", "y"]].to_numpy())[1]
    shared, cells = ["sexe", "tranche"], np.zeros((2, len(dots)), dtype=np.int64)
    for column in shared:
        code = pd.factorize(pd.concat([table[column], dots[column]]))[0].reshape(2, -1)
        cells = cells * (code.max() + 1) + code
    many, answers = cells.max() + 1, []

    def matched(asked, among):
        times = np.bincount(among[among >= 0], minlength=len(given) * many)
        return np.where(asked >= 0, times[asked], 0)

    for at, own, top in ((dot, record, 1), (dot, record, many), (dot * 0, record * 0, many)):
        for drawn in range(21):
            place = rng.integers(len(given), size=len(at)) if drawn and at is dot else at
            mine = place * top + (rng.permutation(cells[1]) if drawn else cells[1]) * (top > 1)
            known = np.where(own >= 0, own * top + cells[0] * (top > 1), -1)
            answers.append(
                [np.mean(matched(*pair) == 1) for pair in ((mine, known), (known, mine))]
            )
    return answers


def command_map(dots):
    """`privaudit map` of a file of dots that a donut moved, which nobody says."""
    from privaudit.maps.masks.donut import Donut

    leak, folder = _map_of(138_280, dots, Donut(r_min=50, r_max=200)), tempfile.mkdtemp()
    paths = [Path(folder, name) for name in ("dots.csv", "addresses.csv")]
    leak.records[["x", "y"]].to_csv(paths[0], index=False)
    made_addresses(138_280).to_csv(paths[1], index=False)
    options = ("--addresses", paths[1], "--mask", "unknown", "--crs", "EPSG:2154")
    return _command("map", paths[0], *options), None


def towns_of_two(towns):
    """An audit repeated in towns, by two workers beside one (seconds that pass)."""
    import privaudit as pa

    def repeated(workers):
        view = pa.DotMap(mask=pa.masks.Donut(r_min=50, r_max=200))
        return lambda: pa.repeat(pa.Town(), views=view, adversaries="knows_mask",
                                 seeds=range(towns), n_jobs=workers)  # fmt: skip

    return repeated(2), repeated(1)


def five_surnames(accounts):
    """Accounts beside ten times as many people, all of five surnames."""
    from linkage_frames import frames

    from privaudit.linkage.fellegi_sunter import compare_names, link

    made, register, _, _ = frames(accounts, 10 * accounts, unlisted=0.0, surnames=5)
    return lambda: link(compare_names(made, register)), None
