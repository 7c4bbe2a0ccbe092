"""The blocks of a data set, computed and written by the workers of a Dask cluster.

The workers write into the same folder, which they must all see. A worker that is killed loses the block it was at;
Dask gives it to another one. Only so many blocks are asked for at a time as keep the workers busy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import Any

from symshape.errors import SymshapeError, UsageError
from symshape.whatif.sweeping.dataset import Job
from symshape.whatif.sweeping.extras import needed
from symshape.whatif.sweeping.progress import Progress

__all__ = ["run"]

_AHEAD = 4  # blocks for each worker
_RETRIES = 3


def run(job: Job, places: Sequence[int], scheduler: Any, progress: Progress) -> None:
    """Write these blocks on a cluster: `scheduler` is an address, "local" for one of this machine, or a Dask client."""
    distributed = needed("distributed", "cluster", "a sweep on a cluster")
    with _client(distributed, scheduler) as client:
        shared = client.scatter(job, broadcast=True)
        waiting = iter(places)

        def submit(count: int) -> list[Any]:
            return [
                client.submit(_write, shared, place, pure=False, retries=_RETRIES) for place in islice(waiting, count)
            ]

        workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        running = distributed.as_completed(submit(_AHEAD * workers))
        for future in running:
            try:
                place = future.result()
            except distributed.KilledWorker as error:
                raise SymshapeError(f"workers die again and again: {error}; run it again to go on") from None
            if not job.done(place):
                raise UsageError(
                    f"a worker has written block {place}, but not into {job.folder}: all must see that folder"
                )
            progress.add(job.size(place))
            for next_one in submit(1):
                running.add(next_one)


def _write(job: Job, place: int) -> int:
    return job.write(place)


def _client(distributed: Any, scheduler: Any) -> AbstractContextManager[Any]:
    if isinstance(scheduler, distributed.Client):
        return _kept(scheduler)
    if scheduler == "local":
        return _local(distributed)
    if not isinstance(scheduler, str):
        raise UsageError(f"{scheduler!r} is no scheduler: give an address such as tcp://host:8786, or local")
    try:
        return distributed.Client(scheduler, timeout=30)  # type: ignore[no-any-return]
    except (OSError, TimeoutError, ValueError) as error:
        raise SymshapeError(f"no Dask scheduler answers at {scheduler}: {error}") from None


@contextmanager
def _kept(client: Any) -> Iterator[Any]:
    """A client that is the caller's to close."""
    yield client


@contextmanager
def _local(distributed: Any) -> Iterator[Any]:
    with (
        distributed.LocalCluster(threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client
