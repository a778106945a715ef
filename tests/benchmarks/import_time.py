"""Measures what ``import leaky_lib`` costs beside ``import numpy``, in fresh interpreters in turn.

Run it as ``python tests/benchmarks/import_time.py``; it prints a Markdown table.
"""

import subprocess
import sys
from statistics import median
from time import perf_counter

ROUNDS = 21
STATEMENTS = ("import numpy", "import leaky_lib", "from leaky_lib import explorers")


def seconds(statement: str) -> float:
    """How long an interpreter takes to start and run a statement."""
    began = perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return perf_counter() - began


def main() -> None:
    """Print the medians."""
    rounds = [[seconds(statement) for statement in STATEMENTS] for _ in range(ROUNDS)][1:]
    medians = [median(times) for times in zip(*rounds, strict=True)]
    print("| statement | median, ms | relative to NumPy |\n|---|---|---|")
    for statement, time in zip(STATEMENTS, medians, strict=True):
        print(f"| `{statement}` | {1000 * time:.0f} | {time / medians[0]:.2f} |")


if __name__ == "__main__":
    main()
