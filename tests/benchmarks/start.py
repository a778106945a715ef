"""Measures the start: imports, the first explorer, JupyterLab with an open notebook, and the installation.

Run it as ``python tests/benchmarks/start.py``. The installation is made anew in a temporary environment;
how long its download takes depends on the network, so the time stands beside that of NumPy alone.
"""

import json
import subprocess
import sys
import venv
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import nbformat
from nbclient import NotebookClient
from side_by_side import conditions, markdown, seconds

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

import lab

ROOT = Path(__file__).parents[2]
ROUNDS = 21
STATEMENTS = ("import numpy", "import leaky_lib", "from leaky_lib import explorers")
FIRST_CELLS = ("import numpy", "from leaky_lib import explorers\nexplorers.shape()")
# Run in the new environment: every distribution, its size on disk in MB, and what it asks for.
INVENTORY = """
import json, re
from importlib.metadata import distributions
from packaging.requirements import Requirement
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
found = {}
for one in distributions():
    size = sum(file.locate().stat().st_size for file in one.files or () if file.locate().is_file())
    asked = [Requirement(text) for text in one.requires or ()]
    needs = [plain(each.name) for each in asked if not each.marker or each.marker.evaluate({"extra": ""})]
    found[plain(one.name)] = (size / 1e6, needs)
print(json.dumps(found))
"""


def imports() -> str:
    """What importing costs beside NumPy, in fresh interpreters in turn."""
    rounds = [
        [
            seconds(lambda code=code: subprocess.run([sys.executable, "-c", code], check=True))
            for code in STATEMENTS
        ]
        for _ in range(ROUNDS)
    ][1:]
    medians = [median(times) for times in zip(*rounds, strict=True)]
    rows = [
        [f"`{code}`", f"{1000 * time:.0f}", f"{time / medians[0]:.2f}"]
        for code, time in zip(STATEMENTS, medians, strict=True)
    ]
    return markdown(["in a new interpreter", "median, ms", "relative to NumPy"], rows)


def first_cell(code: str) -> float:
    """Seconds from the start of a kernel to the end of its first cell."""
    cell = nbformat.v4.new_code_cell(code)
    client = NotebookClient(nbformat.v4.new_notebook(cells=[cell]), kernel_name="python3")
    began = perf_counter()
    with client.setup_kernel():
        client.execute_cell(cell, 0)
        return perf_counter() - began


def lab_with_notebook() -> float:
    """Seconds from the JupyterLab command to the first notebook on the screen, its pictures included."""
    with TemporaryDirectory() as root, TemporaryDirectory() as home, lab.browse() as browser:
        began = perf_counter()
        with lab.serve(Path(root), Path(home)) as server:
            page = lab.Lab(server, browser)
            page.open("notebooks/00_start_here.ipynb")
            page.page.locator(".jp-Notebook img").first.wait_for()
            time = perf_counter() - began
            page.close()
    return time


def starts() -> str:
    """Kernels and JupyterLab."""
    rows = [
        [f"a kernel, then `{code.splitlines()[-1]}`", f"{median(first_cell(code) for _ in range(5)):.1f}"]
        for code in FIRST_CELLS
    ]
    rows.append(
        ["JupyterLab, then 00 on the screen", f"{median(lab_with_notebook() for _ in range(3)):.1f}"]
    )
    return markdown(["from nothing to", "median, s"], rows)


def installed(folder: Path, *what: str) -> tuple[float, dict[str, tuple[float, list[str]]]]:
    """Seconds that pip takes in a new environment, and what is in there then."""
    venv.create(folder, with_pip=True)
    python = next(folder.glob("[Bb]*in*/python*"))
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    time = seconds(lambda: subprocess.run([*pip, *what], check=True, cwd=ROOT, stderr=subprocess.DEVNULL))
    subprocess.run([*pip, "packaging"], check=True, stderr=subprocess.DEVNULL)
    return time, json.loads(subprocess.check_output([python, "-c", INVENTORY]))


def needed_by(roots: list[str], found: dict[str, tuple[float, list[str]]]) -> set[str]:
    """Everything that these packages bring along."""

    @cache
    def closure(name: str) -> frozenset[str]:
        seen, waiting = set(), [name]
        while waiting:
            if (one := waiting.pop()) in found and one not in seen:
                seen.add(one)
                waiting += found[one][1]
        return frozenset(seen)

    return set().union(*map(closure, roots))


def installation() -> str:
    """How long it takes, how large it is, and what each requirement alone brings."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        of_numpy, _ = installed(Path(one), "numpy")
        time, found = installed(Path(other), "-r", "requirements.txt")
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [line.partition(">")[0] for line in lines if ">" in line and not line.startswith("#")]
    everything = needed_by(asked, found)
    size = {name: found[name][0] for name in everything}
    rows = [["all of `requirements.txt`", len(everything), f"{sum(size.values()):.0f}"]]
    for name in asked:
        alone = everything - needed_by([other for other in asked if other != name], found)
        rows.append([f"only because of `{name}`", len(alone), f"{sum(map(size.get, alone)):.0f}"])
    about = f"Installed in {time:.0f} s, NumPy alone in {of_numpy:.0f} s."
    return about + "\n\n" + markdown(["what", "packages", "MB on disk"], rows)


def report() -> str:
    """The three tables, with their conditions."""
    about = conditions("numpy", "matplotlib", "ipywidgets", "jupyterlab")
    return "\n\n".join([f"{about}.", imports(), starts(), installation()])


if __name__ == "__main__":
    print(report())
