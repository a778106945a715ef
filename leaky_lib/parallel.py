"""Many networks in turn: chunks that stay in the cache of the processor, and a thread per core for them."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from math import ceil
from sys import platform
from threading import Lock
from types import SimpleNamespace
from typing import TypeVar

import numpy as np

__all__ = ["chunk_slices", "on_all_cores", "usable_threads"]

Job = TypeVar("Job")

CHUNK_ELEMENTS = 1 << 17
"""Networks are taken in chunks whose widest layer holds about so many numbers (0.5 MB in float32), so
that they stay in the processor's cache. All at once is slower than one at a time. Twice as many would save
up to a fifth with two threads (they wait less for Python's lock), but take a fifth more memory in the
convolutional runs."""

THREAD_ELEMENTS = 1 << 15
"""A thread's chunk holds at least so many. With fewer, threads hand Python's lock to and fro more than they
compute: 15 networks of eight layers on batches of 50 take 1.3 to 2 times as long with two as with one."""


_blas = SimpleNamespace(lock=Lock(), users=set(), before=[])
"""Who holds BLAS to one thread, and what it had before; see `_one_blas_thread`."""


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


@contextmanager
def _one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread: who comes first sets the limit, who leaves last restores what was before.

    Threads overlap, and the limit is the whole process's: if each restored what it found, the last one
    would restore the 1 of another. Only with OpenMP every thread has a limit of its own.
    """
    shared, of_this_thread = _blas_libraries()
    user, own = object(), _threads_of(of_this_thread)
    try:
        _set_blas_threads([(library, 1) for library, _ in own])
        with _blas.lock:
            if not _blas.users:
                _blas.before = _threads_of(shared)
                _set_blas_threads([(library, 1) for library in shared])
            _blas.users.add(user)
        yield
    finally:
        with _blas.lock:
            _blas.users.discard(user)
            if not _blas.users:
                _set_blas_threads(_blas.before)
        _set_blas_threads(own)


@cache
def _blas_libraries() -> tuple[list, list]:
    """Those with one limit for the process, and those with one for each thread."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:  # Python in the browser: no threads to hold back
        return [], []
    found = ThreadpoolController().select(user_api="blas").lib_controllers
    openmp = [library for library in found if getattr(library, "threading_layer", "") == "openmp"]
    return [library for library in found if library not in openmp], openmp


def _threads_of(libraries: list) -> list[tuple[object, int]]:
    return [(library, library.num_threads) for library in libraries]


def _set_blas_threads(numbers: list[tuple[object, int]]) -> None:
    """Set them from any thread: threadpoolctl, from 3.8 on, hears only the one that was first."""
    for library, threads in numbers:
        let_go = getattr(library, "clear_controlling_thread", lambda force: None)
        let_go(force=True)
        library.set_num_threads(threads)
        let_go(force=True)
