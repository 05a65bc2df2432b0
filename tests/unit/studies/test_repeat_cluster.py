"""`repeat` on the workers of a Dask cluster: the same bytes as one process."""

import pandas as pd
import pytest

import privaudit as pa


def test_workers_of_a_cluster_change_nothing():
    distributed = pytest.importorskip(
        "distributed", reason="needs dask[distributed], which no part of the library needs"
    )
    from joblib import parallel_config

    said = {
        "views": pa.DotMap(mask=pa.masks.Donut(r_min=50, r_max=200)),
        "adversaries": "holds_register",
        "seeds": range(3), "vary": {"non_aligned": [0.0, 0.6]},
    }  # fmt: skip
    alone = pa.repeat(pa.Town(inhabitants=500), **said)
    # In this process, for the suite opens no connection; docs/how-to/many-towns.md has a real one.
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        parallel_config(backend="dask"),
    ):
        there = pa.repeat(pa.Town(inhabitants=500), n_jobs=2, **said)
    pd.testing.assert_frame_equal(there.runs, alone.runs)
    assert there.rows == alone.rows
