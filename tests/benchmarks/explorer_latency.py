"""Measures, in JupyterLab in Chromium, the time from a key press on a slider to the changed picture.

Run it as ``python tests/benchmarks/explorer_latency.py``; it prints a Markdown table. Beside the
explorers stand ``interact`` with a new figure each time, and the explorer *Shape* without blitting. The
clock is the page's: from the key's event to the new image being decoded.
"""

import sys
from inspect import signature
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import nbformat

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

import lab

from leaky_lib import explorers

MOVES, WARM_UP = 60, 10

INTERACT = """\
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import interact
from leaky_lib import leaky_relu
x = np.linspace(-5, 5, 101)
def draw(alpha):
    _, (whole, glass) = plt.subplots(1, 2, figsize=(8.2, 3.9), width_ratios=[3, 2], layout="constrained")
    for axes in (whole, glass):
        axes.plot(x, np.maximum(x, 0), label="ReLU")
        axes.plot(x, leaky_relu(x, alpha), label="Leaky ReLU")
    glass.set(xlim=(-5, 0), ylim=(-0.5, 0.05))
    whole.legend()
    plt.show()
_ = interact(draw, alpha=(0.0, 1.0, 0.01))
"""
UNBLITTED = """\
from leaky_lib import explorers
explorer = explorers.shape()
blitted = explorer.view.canvas.png
def whole_figure():
    explorer.view.canvas._background = None
    return blitted()
explorer.view.canvas.png = whole_figure
explorer
"""
WATCH = """cell => {
    const handle = cell.querySelector(".noUi-handle");
    const seen = cell.querySelector("img")?.src;
    window.changed = new Promise(resolve => {
        let pressed;
        handle.addEventListener("keydown", () => pressed = performance.now(), {once: true, capture: true});
        const observer = new MutationObserver(async () => {
            const image = cell.querySelector(".jp-OutputArea img");
            if (!image || image.src === seen) return;
            observer.disconnect();
            await image.decode().catch(() => {});
            resolve(performance.now() - pressed);
        });
        const what = {subtree: true, childList: true, attributes: true, attributeFilter: ["src"]};
        observer.observe(cell, what);
    });
}"""


def ways() -> dict[str, str]:
    """The code of each way to show a control, by its name."""
    instant = [
        name
        for name in explorers.__all__
        if name.islower() and signature(getattr(explorers, name)).return_annotation is explorers.Explorer
    ]
    ours = {
        f"explorers.{name}()": f"from leaky_lib import explorers\nexplorers.{name}()" for name in instant
    }
    return {"interact": INTERACT, "explorers.shape(), not blitted": UNBLITTED, **ours}


def milliseconds(page: lab.Lab, cell: int) -> list[float]:
    """Time of each move of the first slider of a cell."""
    area = page.page.locator(".jp-Notebook .jp-Cell").nth(cell)
    area.scroll_into_view_if_needed()
    handle = area.locator(".noUi-handle").first
    handle.press("End")  # where every place of every slider gives a picture of its own
    page.page.wait_for_timeout(1000)
    times = []
    for move in range(WARM_UP + MOVES):
        area.evaluate(WATCH)
        handle.press("ArrowLeft" if move % 20 < 10 else "ArrowRight")
        times.append(page.page.evaluate("window.changed"))
        page.page.wait_for_timeout(60)
    return times[WARM_UP:]


def main() -> None:
    """Print the table."""
    cells = [nbformat.v4.new_code_cell(code) for code in ways().values()]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    with TemporaryDirectory() as root, TemporaryDirectory() as home:
        (Path(root) / "notebooks").mkdir()
        nbformat.write(notebook, Path(root) / "notebooks" / "latency.ipynb")
        with lab.serve(Path(root), Path(home)) as server, lab.browse() as browser:
            page = lab.Lab(server, browser)
            page.open("notebooks/latency.ipynb")
            page.restart_and_run_all()
            times = {name: milliseconds(page, cell) for cell, name in enumerate(ways())}
            page.close()
    print("| way | median, ms | 95th percentile, ms | relative to `interact` |\n|---|---|---|---|")
    for name, found in times.items():
        middle, late = median(found), quantiles(found, n=20)[-1]
        print(f"| `{name}` | {middle:.0f} | {late:.0f} | {middle / median(times['interact']):.2f} |")


if __name__ == "__main__":
    main()
