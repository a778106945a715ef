"""What the benchmarks share: ways timed in turn in one run, and tables that name machine and versions."""

import os
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import machine, python_version
from time import perf_counter


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def fastest(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The fewest seconds of each way; they take turns, so that a busy moment harms all of them."""
    for work in ways.values():
        work()  # compiles, allocates, warms up
    times = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            times[name].append(seconds(work))
    return {name: min(found) for name, found in times.items()}


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def conditions(*packages: str) -> str:
    """The machine, and the versions of what was measured."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        )
        if Path("/proc/cpuinfo").exists()
        else (),
        machine(),
    )
    versions = [f"{package} {_version(package)}" for package in packages]
    return ", ".join([f"{os.cpu_count()} cores ({processor})", f"Python {python_version()}", *versions])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
