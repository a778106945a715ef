"""Mutates a file of the library and counts the mutants that its tests let live.

    python tests/mutate.py tables activations            every mutant of these files
    python tests/mutate.py --sample 60 networks          60 of them, drawn at random

Needs cosmic-ray, which makes the mutants, and a system that can fork. Everything happens in a copy of the
repository. The tests of a file are those listed in ``TESTS``, else ``tests/unit/test_<file>.py``.
"""

import argparse
import contextlib
import difflib
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

# Loaded once, here; each mutant is tried in a fork of this process.
import hypothesis
import numpy  # noqa: F401
import pytest
from cosmic_ray import plugins
from cosmic_ray.commands import init
from cosmic_ray.mutating import use_mutation
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkItem

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 240
TESTS = {
    "exercises": ["notebooks/test_wrong_answers.py", "notebooks/test_exercises.py"],
    "published": ["unit/test_choosing.py"],
    "races": ["unit/test_experiments.py"],
}


def tests_of(name: str) -> list[str]:
    """Where the tests of a file of the library stand."""
    return [f"tests/{path}" for path in TESTS.get(name, [f"unit/test_{name}.py"])]


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
        # Two mutants written within a second would share one compiled file.
        os.environ |= {"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}
        sys.dont_write_bytecode = True
        with contextlib.chdir(copy):
            yield


def mutants_of(name: str, sample: int | None, seed: int) -> list[WorkItem]:
    """Every mutant of a file, or some."""
    with use_db(":memory:", WorkDB.Mode.create) as database:
        init([Path("leaky_lib") / f"{name}.py"], database, {})
        items = list(database.work_items)
    return items if sample is None else random.Random(seed).sample(items, min(sample, len(items)))


def outcome(name: str) -> str:
    """Run the tests of a file in a fork: do they pass, fail, or not end in time."""
    child = os.fork()
    if child == 0:
        os.setsid()
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        # A failing example is enough; the smallest one is not wanted.
        phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
        hypothesis.settings.register_profile("mutants", phases=phases, derandomize=True, database=None)
        hypothesis.settings.load_profile("mutants")
        plain = [
            "-x",
            "-q",
            "-p",
            "no:nbval",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=--import-mode=importlib",
        ]
        os._exit(min(int(pytest.main([*plain, *tests_of(name)])), 100))
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "pass" if status == 0 else "fail"
        time.sleep(0.01)
    os.killpg(child, 9)
    os.waitpid(child, 0)
    return "out of time"


def tried(item: WorkItem, name: str) -> tuple[str, str]:
    """How the tests take a mutant, and what was changed."""
    (mutation,) = item.mutations
    operator = plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        result = outcome(name)
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    changed = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return result, "\n".join([f"line {mutation.start_pos[0]}", *changed])


def main() -> int:
    """Print the survivors of each file, and how many there were."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--sample", type=int, help="try so many mutants of each file")
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    asked = parser.parse_args()
    with copy_of_the_repository():
        for name in asked.files:
            if outcome(name) != "pass":
                print(f"{name}: its tests fail without a mutant")
                return 1
            results = Counter()
            for item in mutants_of(name, asked.sample, asked.seed):
                result, difference = tried(item, name)
                results[result] += 1
                if result == "pass":
                    print(f"{name}, {difference}\n", flush=True)
            killed = results["fail"] + results["out of time"]
            late = f" ({results['out of time']} by running out of time)" if results["out of time"] else ""
            print(f"{name}: {killed} of {results.total()} mutants killed{late}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
