"""What `scale.py` runs, each at one size in a process of its own; all data are made here."""

from __future__ import annotations

import gzip
import time
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from made_addresses import A_COMMUNE, SIDE, commune_addresses, communes_of

# Communes a side of a tile: 10 x 10 hold 294,200 addresses, about those of two départements.
_TILE = 10
# Metres of neighbours that a tile's dots may come from.
_EDGE = 210.0
_COLUMNS = ("code_insee", "numero", "nom_voie", "x", "y")


def _stripe(folder: Path, row: int) -> Path:
    return folder / f"communes-{row:05d}.parquet"


def _written(folder: Path, n: int) -> tuple[int, int]:
    """Write n addresses, one Parquet file a row of communes, one group of rows a commune."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    communes, across = communes_of(n)
    for row in range(-(-communes // across)):
        path, writer = _stripe(folder, row), None
        if path.exists():
            continue
        for commune in range(row * across, min((row + 1) * across, communes)):
            many = min(A_COMMUNE, n - commune * A_COMMUNE)
            made = commune_addresses(commune, many, across)
            table = pa.table({name: made[name] for name in _COLUMNS})
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()
    return communes, across


def _around(folder: Path, across: int, top: int, left: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Read a tile with its neighbours' edge; tell which addresses are the tile's own."""
    import pyarrow.dataset as ds

    rows = range(max(top - 1, 0), min(top + _TILE + 1, across))
    paths = [str(_stripe(folder, row)) for row in rows if _stripe(folder, row).exists()]
    x, y = ds.field("x"), ds.field("y")
    west, south = 650_000.0 + left * SIDE, 6_600_000.0 + top * SIDE
    east, north = west + _TILE * SIDE, south + _TILE * SIDE
    box = (x >= west - _EDGE) & (x < east + _EDGE) & (y >= south - _EDGE) & (y < north + _EDGE)
    frame = ds.dataset(paths).to_table(filter=box, use_threads=False).to_pandas()
    mine = (frame["x"] >= west) & (frame["x"] < east)
    mine &= (frame["y"] >= south) & (frame["y"] < north)
    return frame, np.flatnonzero(mine)


def national(n: int, folder: Path) -> str:
    """n addresses in Parquet, one dot for 26 of them, moved 50 to 200 m; tile by tile.

    Each tile is attacked by two rungs with its neighbours' addresses, and counted; neither the
    country's addresses nor anybody's posterior is ever held.
    """
    from privaudit.columns.roles import Roles
    from privaudit.core.reproducible import stream
    from privaudit.io.addresses import read_addresses
    from privaudit.maps.adversary import Adversary
    from privaudit.maps.masks.donut import Donut
    from privaudit.maps.registry import climb
    from privaudit.release.release import DotRelease

    begun = time.process_time()
    _, across = _written(folder, n)
    made, mask = time.process_time() - begun, Donut(r_min=50, r_max=200)
    rungs = Adversary.nearest(), Adversary.knows_mask(mask)
    dots, found, claimed, held = 0, np.zeros(2), np.zeros(2), 0
    for top in range(0, across, _TILE):
        for left in range(0, across, _TILE):
            if not _stripe(folder, top).exists():
                continue
            frame, mine = _around(folder, across, top, left)
            if not len(mine):
                continue
            rng, base = stream(7, "scale", top, left), read_addresses(frame)
            assert len(base) == len(frame)
            home = rng.choice(mine, len(mine) // 26)
            where = pd.DataFrame(mask(base.xy[home], rng=rng), columns=["x", "y"])
            leak = DotRelease(records=where, roles=Roles(location=("x", "y")), backdrop=base)
            for k, told in enumerate(climb(leak, rungs, seed=7)):
                found[k] += (told.address == home).sum()
                claimed[k] += told.confidence.sum()
            dots += len(home)
            held = max(held, len(base))
    (near, knows), claim = found / dots, claimed[1] / dots
    return (
        f"{dots:,} dots, tiles of at most {held:,}; nearest finds {near:.4f}, knowing the mask "
        f"{knows:.4f}, claimed {claim:.4f}; {made:.0f} CPU s of it to make the addresses"
    )


def department(dots: int, folder: Path) -> str:
    """The 47 communes of a département from one gzipped file: the whole command and its report."""
    from made_addresses import made_addresses

    from privaudit.cli import main
    from privaudit.maps.masks.donut import Donut

    table = made_addresses(138_280)
    with gzip.open(folder / "adresses.csv.gz", "wt", encoding="utf-8", compresslevel=1) as file:
        table.to_csv(file, index=False)
    rng, mask = np.random.default_rng(0), Donut(r_min=50, r_max=200)
    home = rng.integers(len(table), size=dots)
    points = mask(table[["x", "y"]].to_numpy()[home], rng=rng)
    pd.DataFrame(points, columns=["x", "y"]).to_csv(folder / "dots.csv", index=False)
    del table, points, home
    status = main([
        "map", str(folder / "dots.csv"), "--addresses", str(folder / "adresses.csv.gz"),
        "--crs", "EPSG:2154", "--mask", "donut:50:200", "--out", str(folder / "report"),
    ])  # fmt: skip
    written = sum(p.stat().st_size for p in (folder / "report").rglob("*") if p.is_file())
    return f"status {status}, a report of {written / 1e3:,.0f} kB"


def traces(people: int, folder: Path) -> str:
    """Who is singled out by four known points of a hundred; accounts' likes, 55,814 items."""
    from bench_traces import ITEMS, made

    from privaudit.traces.unicity import unicity

    found = unicity(made(people, 100, *ITEMS["likes"]), points=4, sample=None)
    return f"singled out {found.rows[0].value:.4f}"


def table_of(rows: int, folder: Path) -> Path:
    """Write a Parquet table of six keys, eight levels each, some million rows at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, rng, writer = folder / f"table-{rows}.parquet", np.random.default_rng(0), None
    for start in range(0, rows, 4_000_000):
        many = min(4_000_000, rows - start)
        keys = {key: rng.integers(0, 8, many, dtype=np.int16) for key in "abcdef"}
        writer = writer or pq.ParquetWriter(path, pa.table(keys).schema)
        writer.write_table(pa.table(keys), row_group_size=1_000_000)
    if writer is not None:
        writer.close()
    return path


def _counted(source, **options) -> str:
    from privaudit.tables.counting import class_sizes

    begun, used = time.perf_counter(), time.process_time()
    found = class_sizes(source, tuple("abcdef"), **options)
    spent = time.perf_counter() - begun, time.process_time() - used
    told = ", ".join(f"{s}:{c:,}" for s, c in zip(found.size[:3], found.classes[:3], strict=True))
    check = zlib.crc32(np.stack([found.size, found.classes]).tobytes())
    return (
        f"{int(found.classes.sum()):,} classes ({told}, …; checksum of all sizes {check:08x}), "
        f"{spent[0]:.1f} s to count"
    )


def count_duckdb(rows: int, folder: Path) -> str:
    """The same call on the file itself: DuckDB held to 1 GB."""
    path = table_of(rows, folder)
    return _counted(path, memory_limit="1GB", spill_directory=str(folder))


def count_dask(rows: int, folder: Path) -> str:
    """The same call on a Dask frame, counted by a cluster of two workers on this machine."""
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    path = table_of(rows, folder)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit="2.5GB", dashboard_address=None,
        local_directory=str(folder),
    ) as cluster, Client(cluster):  # fmt: skip
        # By itself Dask makes one partition of a small file, whatever it unpacks to.
        return _counted(dd.read_parquet(path, split_row_groups=2))


def count_spark(rows: int, folder: Path) -> str:
    """The same call on a PySpark frame, local mode, two threads."""
    from pyspark.sql import SparkSession

    path = table_of(rows, folder)
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "3g")
        .config("spark.sql.shuffle.partitions", "32")
        .config("spark.local.dir", str(folder))
        .getOrCreate()
    )
    try:
        return _counted(session.read.parquet(str(path)))
    finally:
        session.stop()


def backends(dots: int, folder: Path) -> str:
    """Tiles of a map, and towns of `repeat`, alone and on joblib's dask backend: bit for bit."""
    import limit_codes
    from distributed import Client, LocalCluster
    from joblib import parallel_config

    import privaudit as pa
    from privaudit.maps.adversary import Adversary
    from privaudit.maps.masks.donut import Donut
    from privaudit.maps.registry import climb

    mask = Donut(r_min=50, r_max=200)
    leak = limit_codes._map_of(20_000, dots, mask)
    rungs = Adversary.nearest(), Adversary.knows_mask(mask), Adversary.knows_electors(mask)

    def everything(workers):
        tiles = climb(leak, rungs, workers=workers, dots_a_tile=max(1, dots // 6))
        towns = pa.repeat(
            pa.Town(inhabitants=600), views=pa.DotMap(mask=mask), adversaries="knows_mask",
            seeds=range(4), n_jobs=workers,
        )  # fmt: skip
        arrays = [getattr(one, name).tobytes() for one in tiles
                  for name in ("address", "confidence", "credible", "k_addresses")]  # fmt: skip
        return arrays, towns.runs

    alone = everything(1)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(folder)
    ) as cluster, Client(cluster), parallel_config(backend="dask"):  # fmt: skip
        other = everything(2)
    assert alone[0] == other[0]
    pd.testing.assert_frame_equal(alone[1], other[1], check_exact=True)
    return f"{len(alone[0])} arrays of tiles and {len(alone[1])} rows of towns: equal, bit for bit"
