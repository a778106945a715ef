"""Measures, in JupyterLab in Chromium, the time from a key press on a slider to the changed picture.

Run it as ``python tests/benchmarks/explorer_latency.py``, with plotly, anywidget and ipympl installed.
Beside the explorers stand ``interact`` with a new figure each time, the explorer *Shape* without blitting,
and the same two panels in ipympl and in plotly. The clock is the page's: from the key's event to the new
image being decoded, the canvas being painted or the first line of the drawing being changed. Then the keys
come 30 a second for two seconds: how long after the last one does the picture still change, does it move?
"""

import sys
from inspect import signature
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import nbformat
from side_by_side import conditions, markdown

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
blitted = explorer.canvas.png
def whole_figure():
    explorer.canvas._background = None
    return blitted()
explorer.canvas.png = whole_figure
explorer
"""
PANELS = """\
import numpy as np
from ipywidgets import FloatSlider, VBox
from leaky_lib import leaky_relu
x = np.linspace(-5, 5, 101)
slider = FloatSlider(value=0.5, min=0, max=1, step=0.01)
"""
IPYMPL = (
    PANELS
    + """\
%matplotlib widget
import matplotlib.pyplot as plt
with plt.ioff():
    figure, both = plt.subplots(1, 2, figsize=(8.2, 3.9), width_ratios=[3, 2], layout="constrained")
lines = []
for axes in both:
    axes.plot(x, np.maximum(x, 0), label="ReLU")
    lines += axes.plot(x, leaky_relu(x, 0.5), label="Leaky ReLU")
both[1].set(xlim=(-5, 0), ylim=(-0.5, 0.05))
def draw(change):
    for line in lines:
        line.set_ydata(leaky_relu(x, change.new))
    figure.canvas.draw_idle()
slider.observe(draw, "value")
VBox([slider, figure.canvas])
"""
)
PLOTLY = (
    PANELS
    + """\
from plotly.graph_objects import FigureWidget
from plotly.subplots import make_subplots
figure = FigureWidget(make_subplots(1, 2, column_widths=[0.6, 0.4]))
for column in (1, 2):
    figure.add_scatter(x=x, y=np.maximum(x, 0), name="ReLU", row=1, col=column)
    figure.add_scatter(x=x, y=leaky_relu(x, 0.5), name="Leaky ReLU", row=1, col=column)
figure.update_layout(width=820, height=390, xaxis2_range=[-5, 0], yaxis2_range=[-0.5, 0.05])
def draw(change):
    with figure.batch_update():
        for line in (figure.data[1], figure.data[3]):
            line.y = leaky_relu(x, change.new)
slider.observe(draw, "value")
VBox([slider, figure])
"""
)
PICTURE = ".jp-OutputArea img, .jp-OutputArea canvas, .jp-OutputArea .js-plotly-plot"
# Nothing tells of paint on a canvas but the call that paints.
HEAR_PAINT = """() => {
    const paint = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...what) {
        paint.apply(this, what);
        this.canvas.closest(".jp-Cell")?.dispatchEvent(new Event("painted"));
    };
}"""
WATCH = """cell => {
    const handle = cell.querySelector(".noUi-handle");
    const seen = cell.querySelector("img")?.src;
    window.changed = new Promise(resolve => {
        let pressed;
        handle.addEventListener("keydown", () => pressed = performance.now(), {once: true, capture: true});
        setTimeout(() => resolve(null), 10000);
        const done = () => pressed && resolve(performance.now() - pressed);
        cell.addEventListener("painted", done);
        const observer = new MutationObserver(async changes => {
            const image = cell.querySelector(".jp-OutputArea img");
            const drawn = changes.some(change => change.attributeName === "d");
            if (!drawn && (!image || image.src === seen)) return;
            observer.disconnect();
            if (!drawn) await image.decode().catch(() => {});
            done();
        });
        const what = {subtree: true, childList: true, attributes: true, attributeFilter: ["src", "d"]};
        observer.observe(cell, what);
    });
}"""


FOLLOW = """async ([cell, keys, pause]) => {
    const handle = cell.querySelector(".noUi-handle");
    const where = () => cell.querySelector(PICTURE)?.getBoundingClientRect().toJSON();
    let last = 0;
    const changed = () => { last = performance.now(); };
    const observer = new MutationObserver(changed);
    const what = {subtree: true, attributes: true, childList: true, attributeFilter: ["src", "d"]};
    observer.observe(cell.querySelector(".jp-OutputArea"), what);
    cell.addEventListener("painted", changed);
    const box = JSON.stringify(where());
    let stopped = 0;
    for (let key = 0; key < keys; key++) {
        const code = key % 8 < 4 ? "ArrowLeft" : "ArrowRight";
        handle.dispatchEvent(new KeyboardEvent("keydown", {key: code, bubbles: true, cancelable: true}));
        stopped = performance.now();
        await new Promise(resolve => setTimeout(resolve, pause));
    }
    await new Promise(resolve => setTimeout(resolve, 1500));
    observer.disconnect();
    return {settled: Math.max(0, last - stopped), jumped: JSON.stringify(where()) !== box};
}""".replace("PICTURE", repr(PICTURE))


def ways() -> dict[str, str]:
    """The code of each way to show a control, by its name; runs answer to a button, not to a control."""
    instant = [
        name
        for name in explorers.__all__
        if name.islower()
        and signature(getattr(explorers, name)).return_annotation is not explorers.LiveExplorer
    ]
    ours = {
        f"explorers.{name}()": f"from leaky_lib import explorers\nexplorers.{name}()" for name in instant
    }
    others = {"interact": INTERACT, "explorers.shape(), not blitted": UNBLITTED}
    return {**others, "ipympl": IPYMPL, "plotly": PLOTLY, **ours}


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
        handle.press("ArrowLeft" if move % 8 < 4 else "ArrowRight")
        times.append(page.page.evaluate("window.changed"))
        if times[-1] is None:
            raise RuntimeError(f"the picture of cell {cell} does not change at move {move}")
        page.page.wait_for_timeout(60)
    return times[WARM_UP:]


def followed(page: lab.Lab, cell: int) -> dict[str, object]:
    """What the picture does while the keys come 30 a second."""
    area = page.page.locator(".jp-Notebook .jp-Cell").nth(cell)
    area.scroll_into_view_if_needed()
    return page.page.evaluate(FOLLOW, [area.element_handle(), MOVES, 1000 / 30])


def report() -> str:
    """The table, with its conditions."""
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
            page.page.evaluate(HEAR_PAINT)
            times = {name: milliseconds(page, cell) for cell, name in enumerate(ways())}
            in_hurry = {name: followed(page, cell) for cell, name in enumerate(ways())}
            page.close()
    rows = []
    for name, found in times.items():
        middle, late, hurry = median(found), quantiles(found, n=20)[-1], in_hurry[name]
        ratios = [f"{middle / median(times[other]):.2f}" for other in ("interact", "plotly")]
        seen = [f"{hurry['settled']:.0f}", "yes" if hurry["jumped"] else "no"]
        rows.append([f"`{name}`", f"{middle:.0f}", f"{late:.0f}", *ratios, *seen])
    header = ["way", "median, ms", "95th percentile, ms", "of `interact`", "of plotly"]
    header += ["still after the last of 30 a second, ms", "jumped"]
    about = conditions("jupyterlab", "ipywidgets", "matplotlib", "ipympl", "plotly")
    return f"{about}; {MOVES} moves each.\n\n{markdown(header, rows)}"


if __name__ == "__main__":
    print(report())
