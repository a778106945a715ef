"""Measures what one server needs for a class: N kernels that all run notebook 03 at once.

    python tests/benchmarks/classroom.py          1, 8 and 24 learners
    python tests/benchmarks/classroom.py 1 8      these

Prints, for each N, the memory per learner, the time until the last has finished, and how many failed.
Memory is the most that a kernel holds and that would be free again if it ended.
"""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import psutil
from nbclient.exceptions import CellControlSignal, DeadKernelError
from side_by_side import conditions, markdown

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from refresh_notebooks import client_of

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_dying_relu.ipynb"
LOOK_EVERY_SECONDS = 0.5
"""Reading what is shared takes the machine's time too."""


def own_memory(process: psutil.Process) -> int:
    """Bytes that would be free if this process ended."""
    try:
        return process.memory_full_info().uss
    except psutil.Error:
        return 0


@contextmanager
def watched_children() -> Iterator[dict[int, int]]:
    """While it lasts, note for each child process the most memory it holds."""
    most: dict[int, int] = {}
    over = Event()

    def watch() -> None:
        while not over.wait(LOOK_EVERY_SECONDS):
            for child in psutil.Process().children(recursive=True):
                most[child.pid] = max(most.get(child.pid, 0), own_memory(child))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        over.set()
        watcher.join()


def learner(_: int) -> tuple[float, bool]:
    """Seconds until one learner's notebook has run or failed, and whether it failed."""
    began = time.perf_counter()
    try:
        client_of(NOTEBOOK).execute()
    except (CellControlSignal, DeadKernelError, RuntimeError) as problem:
        print(problem, file=sys.stderr)
        return time.perf_counter() - began, True
    return time.perf_counter() - began, False


def report(*sizes: str) -> str:
    """The table for classes of these sizes, with its conditions."""
    rows = []
    for size in map(int, sizes or ("1", "8", "24")):
        with watched_children() as most, ThreadPoolExecutor(size) as pool:
            results = list(pool.map(learner, range(size)))
        seconds = sorted(result[0] for result in results)
        kernels = sorted(most.values(), reverse=True)[:size]
        memory = sum(kernels) / size / 2**20
        failed = sum(result[1] for result in results)
        rows.append([size, f"{seconds[0]:.0f}", f"{seconds[-1]:.0f}", f"{memory:.0f}", failed])
    header = [
        "learners at once",
        "first finished, s",
        "last finished, s",
        "memory per learner, MB",
        "failed",
    ]
    total = psutil.virtual_memory().total / 2**30
    return f"{total:.0f} GB, {conditions('numpy', 'ipykernel')}.\n\n{markdown(header, rows)}"


if __name__ == "__main__":
    print(report(*sys.argv[1:]))
