"""Measures how long each notebook takes from a fresh kernel to its end, and its kernel's peak memory.

Run it as ``python tests/benchmarks/notebooks.py``, or with the beginnings of some names, such as ``03 04``.
The kernel's start is not counted; the first imports are.
"""

import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import nbformat
from side_by_side import conditions, markdown

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from refresh_notebooks import client_of

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def measure(path: Path) -> tuple[float, float]:
    """Seconds to run every cell, and the kernel's peak resident memory in MB."""
    client = client_of(path)
    notebook = client.nb
    with client.setup_kernel():
        began = perf_counter()
        for index, cell in enumerate(list(notebook.cells)):
            client.execute_cell(cell, index)
        seconds = perf_counter() - began
        probe = nbformat.v4.new_code_cell(PEAK)
        notebook.cells.append(probe)
        client.execute_cell(probe, len(notebook.cells) - 1)
    return seconds, int(probe.outputs[0].text) / 1024


def report(*names: str) -> str:
    """The table, with its conditions: of three runs the median time and the largest memory."""
    rows = []
    for path in NOTEBOOKS:
        if path.name.startswith(names or ("",)):
            runs = [measure(path) for _ in range(3)]
            rows.append(
                [path.name, f"{median(run[0] for run in runs):.1f}", f"{max(run[1] for run in runs):.0f}"]
            )
    header = ["notebook", "Restart & Run All, s", "peak memory of the kernel, MB"]
    return f"{conditions('numpy', 'matplotlib', 'ipykernel')}.\n\n{markdown(header, rows)}"


if __name__ == "__main__":
    print(report(*sys.argv[1:]))
