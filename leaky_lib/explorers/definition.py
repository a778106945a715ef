"""Notebook 01: the curve, and a layer."""

import numpy as np

from leaky_lib import data
from leaky_lib.activations import leaky_relu, leaky_relu_inverse
from leaky_lib.explorers.pattern import ALPHAS, Explorer, Number
from leaky_lib.figures import (
    COLOURS,
    Canvas,
    in_house_style,
    new,
)


class ShapeView:
    """The curve of Leaky ReLU, a point on it, and its negative side under a magnifying glass."""

    LIMIT = 5.0
    STRONG, WEAK = 100, 10
    """How many times taller the glass shows; the strong one holds slopes up to 0.018."""
    ROOM = 42
    """Letters of a title that end before the next one begins."""
    x = np.array([-LIMIT, 0.0, LIMIT])

    @in_house_style()
    def __init__(self) -> None:
        figure, (whole, glass) = new(1, 2, width_ratios=[3, 2])
        self.canvas = Canvas(figure)
        whole.set(xlim=(-self.LIMIT, self.LIMIT), ylim=(-self.LIMIT, self.LIMIT))
        whole.set(xlabel="pre-activation z", ylabel="activation f(z)")
        glass.set(xlim=(-self.LIMIT, 0), xlabel="pre-activation z")
        self.magnified = glass.set_title(" ", fontweight="normal")
        for axes in (whole, glass):
            axes.axhline(0, color=COLOURS["ink"], linewidth=0.8)
            axes.axvline(0, color=COLOURS["ink"], linewidth=0.8)
            axes.plot(self.x, np.maximum(self.x, 0), color=COLOURS["relu"], linestyle=":", label="ReLU")
        self.title = whole.set_title(" ")
        self.curves = [
            axes.plot(self.x, self.x, color=COLOURS["leaky"], label="Leaky ReLU")[0]
            for axes in (whole, glass)
        ]
        self.guides = [
            axes.plot([], [], color=COLOURS["dead"], linewidth=1.2, linestyle="--")[0]
            for axes in (whole, glass)
        ]
        self.points = [
            axes.plot([], [], "o", markersize=11, color=COLOURS["ink"], clip_on=False)[0]
            for axes in (whole, glass)
        ]
        whole.legend(loc="upper left")
        self.glass = glass
        self.canvas.moves(self.title, *self.curves, *self.guides, *self.points)
        self.update(alpha=0.01, z=-3.0)
        self.canvas.png()  # laid out once, with the widest labels

    def update(self, alpha: float, z: float) -> str:
        """Bend the curve to ``alpha`` and put the point at ``z``."""
        h = float(leaky_relu(z, alpha))
        self._magnify(self.STRONG if abs(alpha) * self.LIMIT < 9 / self.STRONG else self.WEAK)
        for curve, guide, point in zip(self.curves, self.guides, self.points, strict=True):
            curve.set_ydata(leaky_relu(self.x, alpha))
            guide.set_data([z, z, 0], [0, h, h])
            point.set_data([z], [h])
        inside = z <= 0 and self.glass.get_ylim()[0] <= h
        self.points[1].set_visible(inside)
        self.guides[1].set_visible(inside)
        call = f"leaky_relu({z:g}, alpha={alpha:g})"
        whole = f"{call}  →  {h:g}"
        self.title.set_text(whole if len(whole) <= self.ROOM else f"f({z:.4g})  →  {h:.4g}")
        return f"{call} gives {h:g}: {self._in_words(alpha, z)} {self._reachable(alpha)}"

    def _magnify(self, times: int) -> None:
        """Show the negative side so many times taller; only when that changes is the background drawn."""
        limits = (-9 / times, 1 / times)
        if self.glass.get_ylim() != limits:
            self.glass.set_ylim(*limits)
            self.magnified.set_text(f"The negative side, {times} × taller")
            self.canvas.refresh(layout=False)

    @staticmethod
    def _in_words(alpha: float, z: float) -> str:
        if z >= 0:
            return "a positive z stays as it is, whatever α." if z else "zero stays zero."
        if alpha == 0:
            return "ReLU gives 0 for every negative z."
        if alpha == 1:
            return "with α = 1 the function is a straight line."
        if alpha < 0:
            return "a negative α makes negative numbers positive."
        return f"a negative z is multiplied by {alpha:.3g}."

    @staticmethod
    def _reachable(alpha: float) -> str:
        if alpha == 0:
            return "No z gives an output below 0."
        if alpha < 0:
            return "Each positive output comes from two values of z."
        return f"The output −1 comes from z = {float(leaky_relu_inverse(-1.0, alpha)):.4g}."


def shape() -> Explorer:
    """The curve, a point on it, and the call that computes it."""
    view = ShapeView()
    return Explorer(
        view.canvas,
        view.update,
        {
            "alpha": Number("α", ALPHAS, 0.01),
            "z": Number("z", np.linspace(-5, 5, 101).round(1), -3.0),
        },
        {
            "ReLU: α = 0": {"alpha": 0.0},
            "usual: α = 0.01": {"alpha": 0.01},
            "large: α = 0.2": {"alpha": 0.2},
            "identity: α = 1": {"alpha": 1.0},
        },
    )


class LayerView:
    """A bell of pre-activations goes in; the histogram of activations comes out."""

    EDGES = np.arange(-32, 33) / 5
    VALUES = 10_000

    @in_house_style()
    def __init__(self) -> None:
        figure, (before, after) = new(1, 2)
        self.canvas = Canvas(figure)
        before.set(ylim=(0, 0.1), xlabel="pre-activation z", ylabel="share of the layer's values")
        after.set(ylim=(0, 1), xlabel="activation f(z)", ylabel="share, on ten times the scale")
        for axes in (before, after):
            axes.set_xlim(self.EDGES[0], self.EDGES[-1])
            axes.axvline(0, color=COLOURS["ink"], linewidth=0.8)
        before.set_title(f"In: {self.VALUES:,} pre-activations")
        self.bell = data.bell(self.VALUES)
        self.title = after.set_title(" ")
        flat = np.zeros(len(self.EDGES) - 1)
        self.before = before.stairs(flat, self.EDGES, fill=True, color=COLOURS["dead"])
        self.after = after.stairs(flat, self.EDGES, fill=True, color=COLOURS["leaky"])
        self.mean = after.axvline(0, color=COLOURS["theory"], linestyle="--", zorder=0.9)  # behind the bars
        self.label = after.text(
            0.97, 0.95, "", transform=after.transAxes, ha="right", va="top", color=COLOURS["theory"]
        )
        self.canvas.moves(self.title, self.before, self.after, self.mean, self.label)

    def update(self, alpha: float, centre: float) -> str:
        """Send a bell around ``centre`` through Leaky ReLU."""
        z = self.bell + centre
        h = leaky_relu(z, alpha)
        self.before.set_data(self._shares(z))
        self.after.set_data(self._shares(h))
        self.after.set_color(COLOURS["relu" if alpha == 0 else "leaky"])
        mean, zero, near = float(h.mean()), np.mean(h == 0), np.mean(np.abs(h) < 0.05)
        self.mean.set_xdata([mean, mean])
        self.label.set_text(f"mean {mean:z.3f}")
        # On the side that the line is not on.
        self.label.set(x=0.03 if mean > 1 else 0.97, horizontalalignment="left" if mean > 1 else "right")
        self.title.set_text(f"{zero:.1%} exactly 0, {near:.1%} near 0")
        negative = float(np.mean(z < 0))
        return (
            f"{negative:.1%} of the pre-activations are negative. With α = {alpha:g}, {zero:.1%} of the "
            f"activations are exactly 0 and {near:.1%} lie within 0.05 of it; their mean is {mean:z.3f}."
        )

    def _shares(self, values: np.ndarray) -> np.ndarray:
        return np.histogram(values, self.EDGES)[0] / len(values)


def layer() -> Explorer:
    """A bell of pre-activations and what Leaky ReLU makes of it."""
    view = LayerView()
    return Explorer(
        view.canvas,
        view.update,
        {
            "alpha": Number("α", ALPHAS, 0.01),
            "centre": Number("centre of the bell", np.linspace(-3, 3, 61).round(1), 0.0),
        },
        {
            "ReLU: α = 0": {"alpha": 0.0},
            "usual: α = 0.01": {"alpha": 0.01},
            "large: α = 0.2": {"alpha": 0.2},
            "identity: α = 1": {"alpha": 1.0},
            "nearly all negative: centre = −3": {"centre": -3.0},
        },
    )
