"""Measures how long each notebook takes from a fresh kernel to its end, and its kernel's peak memory.

Run it as ``python tests/benchmarks/notebooks.py``; it prints a Markdown table. The kernel's start is not
counted; the first imports are.
"""

import os
from pathlib import Path
from platform import machine, python_version
from time import perf_counter

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def measure(path: Path) -> tuple[float, float]:
    """Seconds to run every cell, and the kernel's peak resident memory in MB."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}})
    with client.setup_kernel():
        began = perf_counter()
        for index, cell in enumerate(list(notebook.cells)):
            client.execute_cell(cell, index)
        seconds = perf_counter() - began
        probe = nbformat.v4.new_code_cell(PEAK)
        notebook.cells.append(probe)
        client.execute_cell(probe, len(notebook.cells) - 1)
    return seconds, int(probe.outputs[0].text) / 1024


def main() -> None:
    """Measure every notebook three times; print the median time and the largest memory."""
    print(f"Python {python_version()}, {os.cpu_count()} cores, {machine()}\n")
    print("| notebook | Restart & Run All, s | peak memory of the kernel, MB |\n|---|---|---|")
    for path in NOTEBOOKS:
        runs = [measure(path) for _ in range(3)]
        seconds = sorted(run[0] for run in runs)[1]
        memory = max(run[1] for run in runs)
        print(f"| {path.name} | {seconds:.1f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
