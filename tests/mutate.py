"""Mutates a file of the library and counts the mutants that its tests let live.

    python tests/mutate.py tables activations            every mutant of these files
    python tests/mutate.py --sample 60 networks          60 of them, drawn at random
    python tests/mutate.py --sample 60 --lines 41,97 networks    those of the 60 that change these lines

Needs cosmic-ray, which makes the mutants, and a system that can fork. Everything happens in a copy of the
repository. The tests of a file are those listed in ``TESTS``, else ``tests/unit/test_<file>.py``.
"""

import argparse
import contextlib
import difflib
import importlib
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import hypothesis
import pytest
from cosmic_ray import plugins
from cosmic_ray.commands import init
from cosmic_ray.mutating import use_mutation
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkItem

# Loaded once, here; each mutant is tried in a fork of this process.
for peer in ("numpy", "matplotlib.figure", "ipywidgets", "torch"):
    with contextlib.suppress(ImportError):
        importlib.import_module(peer)

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 240
LOOKS_PER_SECOND = 100
SLOW_SECONDS = 0.5
MOST_BYTES = 4 << 30
"""A mutant that asks for more memory is refused it."""

EXERCISES = ["notebooks/test_exercises.py", "notebooks/test_wrong_answers.py"]
TESTS = {
    **{f"exercises/{name}": EXERCISES for name in ("check", "cases", "judges")},
    "experiments/choice": ["unit/test_sweeps.py"],
    "networks": ["unit/test_networks.py", "unit/test_convolutions.py"],
    "optimisers": ["unit/test_training.py"],
    "parallel": ["unit/test_networks.py"],
    "take_home": ["unit/test_units.py"],
}


def tests_of(name: str) -> list[str]:
    """Where the tests of a file of the library stand."""
    return [f"tests/{path}" for path in TESTS.get(name, [f"unit/test_{Path(name).name}.py"])]


@contextlib.contextmanager
def copy_of_the_repository() -> Iterable[None]:
    """Work in a copy, which is the one that `import leaky_lib` finds."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve()
        for part in ("leaky_lib", "tests", "notebooks"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("pyproject.toml", "README.md", "requirements.txt"):
            shutil.copy(ROOT / part, copy)
        sys.path.insert(0, folder)
        os.environ |= {"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}
        with contextlib.chdir(copy):
            yield


def mutants_of(
    name: str, sample: int | None = None, seed: int = 0, lines: set[int] | None = None
) -> list[WorkItem]:
    """Every mutant of a file, or a sample of them; with ``lines``, those of it that begin there."""
    with use_db(":memory:", WorkDB.Mode.create) as database:
        init([Path("leaky_lib") / f"{name}.py"], database, {})
        items = list(database.work_items)
    if sample is not None:
        items = random.Random(seed).sample(items, min(sample, len(items)))
    return [item for item in items if lines is None or item.mutations[0].start_pos[0] in lines]


def whole_numbers(text: str) -> set[int]:
    """``"3,5"`` as {3, 5}."""
    return {int(number) for number in text.split(",")}


def outcome(name: str, cpu_seconds: int = 600) -> tuple[str, float]:
    """Run the tests of a file in a fork: do they pass, fail, or not end; and the CPU seconds they took."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
        os._exit(exit_code_of_tests(name))
    # In looks, not by the clock: neither a busy machine nor a pause makes a mutant late.
    for _ in range(LIMIT_SECONDS * LOOKS_PER_SECOND):
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
            result = "out of time" if late else "fail" if status else "pass"
            return result, used.ru_utime + used.ru_stime
        time.sleep(1 / LOOKS_PER_SECOND)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "out of time", 0.0


def exit_code_of_tests(name: str) -> int:
    """Run the tests of a file until the first that fails, in silence; 0 if there is none."""
    os.setsid()
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    # A failing example is enough; the smallest one is not wanted.
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutants", phases=phases, derandomize=True, database=None)
    hypothesis.settings.load_profile("mutants")
    options = [
        "-x",
        "-q",
        "-p",
        "no:nbval",
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=--import-mode=importlib",
    ]
    return min(int(pytest.main([*options, *tests_of(name)], plugins=[SlowOnesLast()])), 100)


class SlowOnesLast:
    """Remembers, in a file, which tests are slow, and runs them after the others the next time."""

    file = Path("slow_tests.txt")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a test that takes long."""
        if report.when == "call" and report.duration > SLOW_SECONDS:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(f"{report.nodeid}\n")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the slow ones last."""
        slow = set(self.file.read_text(encoding="utf-8").splitlines()) if self.file.exists() else set()
        items.sort(key=lambda item: item.nodeid in slow)


def tried(item: WorkItem, name: str, cpu_seconds: int) -> tuple[str, str]:
    """How the tests take a mutant, and what was changed."""
    (mutation,) = item.mutations
    operator = plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        result, _ = outcome(name, cpu_seconds)
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    changed = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return result, "\n".join([f"line {mutation.start_pos[0]}", *changed])


def main() -> int:
    """Print the survivors of each file, and how many there were."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--sample", type=int, help="try so many mutants of each file")
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    parser.add_argument("--lines", type=whole_numbers, help="try those on these lines: 41,97")
    asked = parser.parse_args()
    with copy_of_the_repository():
        for name in asked.files:
            sys.dont_write_bytecode = False
            result, used = outcome(name)
            # Two mutants written within a second would share one compiled file.
            sys.dont_write_bytecode = True
            if result != "pass":
                print(f"{name}: its tests fail without a mutant")
                return 1
            results = Counter()
            for item in mutants_of(name, asked.sample, asked.seed, asked.lines):
                result, difference = tried(item, name, cpu_seconds=int(10 + 5 * used))
                results[result] += 1
                if result == "pass":
                    print(f"{name}, {difference}\n", flush=True)
            killed = results["fail"] + results["out of time"]
            late = f" ({results['out of time']} by running out of time)" if results["out of time"] else ""
            print(f"{name}: {killed} of {results.total()} mutants killed{late}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
