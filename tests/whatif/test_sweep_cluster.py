"""Sweeps on a Dask cluster of real processes."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

import symshape
from symshape.errors import SymshapeError, UsageError
from symshape.whatif import sweep_to

pytestmark = [pytest.mark.tables, pytest.mark.slow]

LENET = symshape.zoo.lenet5().derive()
OVER = {"H": range(10, 410), "W": range(12, 212)}


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made:
        yield made


def undisturbed():
    return LENET.sweep(**OVER).to_arrow()


def test_a_cluster_gives_the_same_rows(cluster, tmp_path):
    data = sweep_to(LENET, tmp_path / "data", rows=5000, scheduler=cluster.scheduler_address, **OVER)
    assert len(data.files) == 16
    assert data.to_arrow().to_table() == undisturbed()


def test_a_killed_worker_loses_and_repeats_nothing(cluster, tmp_path):
    from distributed import Client

    folder = tmp_path / "data"
    there = {}
    with Client(cluster) as client:
        before = set(client.run(os.getpid).values())

        def kill_one():
            while len(list(folder.glob("*.parquet"))) < 5:
                time.sleep(0.001)
            os.kill(min(before), signal.SIGKILL)
            there.update({path: path.stat().st_mtime_ns for path in folder.glob("*.parquet")})

        killer = threading.Thread(target=kill_one)
        killer.start()
        data = sweep_to(LENET, folder, rows=800, scheduler=client, **OVER)
        killer.join()
        assert min(before) not in client.run(os.getpid).values()
    assert len(data.files) == 100
    assert 5 <= len(there) < 100
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert data.to_arrow().to_table() == undisturbed()
    assert not list(folder.glob(".*"))


def test_a_run_begun_in_one_process_goes_on_in_a_cluster(cluster, tmp_path, monkeypatch):
    from symshape.whatif.sweeping import dataset

    whole = dataset.Job.write

    def write(job, place):
        if place == 7:
            raise KeyboardInterrupt
        return whole(job, place)

    with monkeypatch.context() as patch:
        patch.setattr(dataset.Job, "write", write)
        with pytest.raises(KeyboardInterrupt):
            sweep_to(LENET, tmp_path / "data", rows=5000, **OVER)
    there = {path: path.stat().st_mtime_ns for path in (tmp_path / "data").glob("*.parquet")}
    assert len(there) == 7
    data = sweep_to(LENET, tmp_path / "data", rows=5000, scheduler=cluster.scheduler_address, **OVER)
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert data.to_arrow().to_table() == undisturbed()


def test_a_cluster_of_this_machine(tmp_path):
    data = sweep_to(LENET, tmp_path / "data", rows=40_000, scheduler="local", **OVER)
    assert data.to_arrow().to_table() == undisturbed()


def test_schedulers_that_are_none_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="is no scheduler"):
        sweep_to(LENET, tmp_path / "a", scheduler=8786, **OVER)
    with pytest.raises(SymshapeError, match="no Dask scheduler answers at nowhere"):
        sweep_to(LENET, tmp_path / "b", scheduler="nowhere://x", **OVER)
