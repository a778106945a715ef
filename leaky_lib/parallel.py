"""Many networks in turn: chunks that stay in the cache of the processor, and a thread per core for them."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil
from sys import platform
from threading import Lock
from typing import TypeVar

import numpy as np

try:
    from threadpoolctl import threadpool_limits
except ImportError:  # Python in the browser: no threads to hold back
    threadpool_limits = None

Job = TypeVar("Job")

CHUNK_ELEMENTS = 1 << 17
"""Networks are taken in chunks whose widest layer holds about so many numbers (0.5 MB in float32), so
that they stay in the processor's cache. All at once is slower than one at a time."""

THREAD_ELEMENTS = 1 << 15
"""A thread's chunk holds at least so many. With fewer, threads hand Python's lock to and fro more than they
compute: 15 networks of eight layers on batches of 50 take 1.3 to 2 times as long with two as with one."""


def chunk_slices(networks: int, numbers: int, threads: int) -> list[slice]:
    """Cut a row of networks so that a chunk fits the cache and every thread that pays gets as many.

    ``numbers`` stand in the widest layer of one. Every network's own come out the same however it is cut:
    no operation mixes networks.
    """
    fits = max(1, CHUNK_ELEMENTS // max(1, numbers))
    threads = max(1, min(threads, networks * numbers // THREAD_ELEMENTS))
    rounds = ceil(networks / (fits * threads))
    size = ceil(networks / (rounds * threads))
    return [slice(start, min(start + size, networks)) for start in range(0, networks, size)]


def on_all_cores(work: Callable[[Job], object], jobs: Sequence[Job], threads: int | None = None) -> list:
    """``[work(job) for job in jobs]``, with a thread per core and one BLAS thread in each."""
    threads = usable_threads() if threads is None else threads

    def quietly(job: Job) -> object:
        # A network that diverges to infinity is an outcome that we count, not a warning.
        with np.errstate(all="ignore"):
            return work(job)

    with _one_blas_thread():
        if threads == 1 or len(jobs) == 1:
            return [quietly(job) for job in jobs]
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(quietly, jobs))


def usable_threads() -> int:
    """Cores worth a thread each; one in the browser, where Python has no threads.

    No more than ``OMP_NUM_THREADS`` says, by which people share a machine: where others want the cores as
    well, two threads take half as much processor time again as one, and are done no sooner.
    """
    if platform == "emscripten":
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return min(cores, int(allowed)) if allowed.isdecimal() and int(allowed) else cores


_limit = Lock()
"""Held by the one who holds BLAS to one thread."""


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread, and leave it as it was; does nothing where somebody holds it already.

    The limit is the whole process's: if of two threads that overlap each restored what it found, the last
    one would restore the 1 of the other.
    """
    if threadpool_limits is None or not _limit.acquire(blocking=False):
        yield
        return
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        _limit.release()
