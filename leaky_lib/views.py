"""What explorers show: figures kept alive, one per explorer; they know no widgets.

A *view* draws its figure once. ``update`` then moves the artists to the values of the controls and says
in words what is to be seen; the words are the caption, and the text alternative.
"""

from collections.abc import Sequence
from functools import cache
from typing import ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterMathtext, MaxNLocator
from matplotlib.transforms import offset_copy

from leaky_lib import data, networks
from leaky_lib.activations import leaky_relu, leaky_relu_gain, leaky_relu_inverse
from leaky_lib.experiments.neuron import NEURON_EXAMPLES, neuron_path
from leaky_lib.experiments.result import Result
from leaky_lib.experiments.signal import signal
from leaky_lib.family import FAMILY
from leaky_lib.figures import (
    COLOURS,
    IN_A_ROW,
    Canvas,
    deepest,
    draw,
    draw_divergence,
    draw_raster,
    draw_region,
    draw_rescue,
    draw_sweep,
    empty,
    from_to,
    in_house_style,
    new,
    noun_of,
    region_shares,
    style_of,
    values_done,
)
from leaky_lib.optimisers import Adam
from leaky_lib.progress import last_of
from leaky_lib.tables import counted, name_of
from leaky_lib.training import accuracy, train
from leaky_lib.units import never_positive

__all__ = [
    "ChannelsView",
    "DivergenceView",
    "EndsView",
    "FamilyView",
    "KillView",
    "LayerView",
    "LongWayView",
    "OneNumberView",
    "RescueView",
    "ShapeView",
    "SignalView",
    "SweepView",
    "TangentView",
    "TrainingDeathView",
]

LEAKY = {**style_of(0.01), "color": COLOURS["leaky"]}
"""Of Leaky ReLU, whatever its slope."""

# --- Notebook 00: start here -----------------------------------------------------------------------


class OneNumberView:
    """A neuron's curve, and how a neuron that starts at −3 becomes positive step by step, or does not."""

    START, TARGET = -3.0, 1.0
    STEPS = 10_000
    x = np.array([-5.0, 0.0, 5.0])

    @in_house_style()
    def __init__(self) -> None:
        figure, (curve, way) = new(1, 2, width_ratios=[2, 3])
        self.canvas = Canvas(figure)
        curve.set(xlim=(-5, 5), ylim=(-5, 5), xlabel="pre-activation z", ylabel="output f(z)")
        way.set(xscale="log", xlim=(1, self.STEPS), ylim=(-3.5, 1.5))
        way.set(xlabel="learning step", ylabel="pre-activation z")
        for axes in (curve, way):
            axes.axhline(0, color=COLOURS["ink"], linewidth=0.8)
        curve.axvline(0, color=COLOURS["ink"], linewidth=0.8)
        self.label = way.text(0, 0.08, "positive above this line", va="bottom", color=COLOURS["ink"])
        self.name = curve.set_title(" ")
        self.verdict = way.set_title(" ")
        (self.curve,) = curve.plot(self.x, self.x)
        (self.point,) = curve.plot([], [], "o", markersize=11, color=COLOURS["ink"])
        (self.way,) = way.plot([], [])
        self.canvas.moves(self.name, self.verdict, self.curve, self.point, self.way, self.label)

    def path(self, alpha: float) -> np.ndarray:
        """The pre-activation at the start and after each step: the loop of notebook 00, to its end."""
        path = [self.START]
        for _ in range(self.STEPS):
            slope = 1.0 if path[-1] > 0 else alpha
            path.append(path[-1] + slope * (self.TARGET - slope * path[-1]))
        return np.array(path)

    def update(self, alpha: float) -> str:
        """Bend the neuron to ``alpha``, and let it learn."""
        z = self.path(alpha)
        colour = style_of(alpha)["color"]
        self.curve.set_ydata(leaky_relu(self.x, alpha))
        self.point.set_data([self.START], [leaky_relu(self.START, alpha)])
        self.way.set_data(np.arange(1, len(z)), z[1:])
        for line in (self.curve, self.way):
            line.set_color(colour)
        # On the side where the curve does not rise through it.
        rises_early = z[100] > 0
        self.label.set(x=9_000 if rises_early else 1.15, ha="right" if rises_early else "left")
        self.name.set_text(f"α = {alpha:g}")
        verdict, words = self._in_words(alpha, z)
        self.verdict.set_text(verdict)
        return words

    def _in_words(self, alpha: float, z: np.ndarray) -> tuple[str, str]:
        """A title for the way, and a caption."""
        learns = z[1] - z[0]
        if alpha == 0:
            return "z never changes", (
                "At z = −3 and with α = 0 this neuron outputs 0. A step adds 0 to z, "
                f"so z is −3 after {self.STEPS:,} steps and after any other number of them."
            )
        if learns == 0:
            return "A step is too small to count", (
                f"With α = {alpha:g} a step is not 0 on paper, but z = −3 does not change: "
                "a number in the computer has 16 digits."
            )
        learning = (
            f"At z = −3 and with α = {alpha:g} this neuron outputs −{-leaky_relu(self.START, alpha):g}. "
            f"The first step adds {learns:.3g} to z,"
        )
        if not (z > 0).any():
            return f"Still negative after {self.STEPS:,} steps", (
                f"{learning} and z is still negative after {self.STEPS:,} steps, at {z[-1]:.4g}."
            )
        back = counted(int((z > 0).argmax()), "step")
        return f"Positive after {back}", f"{learning} and z is positive after {back}."


# --- Notebook 01: the definition -------------------------------------------------------------------


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


# --- Notebook 02: the derivative --------------------------------------------------------------------


class TangentView:
    """Slopes of secants to the left, to the right and across, as their step ε shrinks."""

    LIMIT = 2.0
    STEPS = np.geomspace(1, 1e-6, 61)
    WAYS = ("left", "right", "across")

    @in_house_style()
    def __init__(self) -> None:
        figure, (curve, slopes) = new(1, 2)
        self.canvas = Canvas(figure)
        limits = (-self.LIMIT, self.LIMIT)
        curve.set(xlim=limits, ylim=limits, xlabel="z", ylabel="f(z), and its secants")
        slopes.set(xscale="log", xlim=(2, 5e-7), ylim=(-0.1, 1.1))
        slopes.set(xlabel="step ε, shrinking to the right", ylabel="slope of the line")
        for axes in (curve, slopes):
            axes.axhline(0, color=COLOURS["ink"], linewidth=0.8)
        curve.axvline(0, color=COLOURS["ink"], linewidth=0.8)
        self.title, self.verdict = curve.set_title(" "), slopes.set_title(" ")
        wedge = {"color": COLOURS["theory"], "alpha": 0.2, "linewidth": 0}
        (self.fan,) = curve.fill([0.0] * 6, [0.0] * 6, **wedge)
        (self.curve,) = curve.plot([], [], color=COLOURS["leaky"], linewidth=4)
        styles = [
            {"color": COLOURS["ink"], "linestyle": "--", "marker": "<"},
            {"color": COLOURS["ink"], "linestyle": ":", "marker": ">"},
            {"color": COLOURS["theory"], "linestyle": "-", "marker": "o"},
        ]
        self.secants, self.quotients, self.here = [], [], []
        for way, style in zip(self.WAYS, styles, strict=True):
            plain = {**style, "marker": None, "linewidth": 1.8}
            self.secants += curve.plot([], [], label=way, **plain)
            self.quotients += slopes.plot(self.STEPS, self.STEPS, **plain)
            self.here += slopes.plot([], [], markersize=10, label=way, **style)
        self.points = curve.plot([], [], "o", markersize=8, color=COLOURS["ink"])[0]
        figure.legend(*slopes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        moving = [self.fan, self.curve, *self.secants, self.points, *self.quotients, *self.here]
        self.canvas.moves(self.title, self.verdict, *moving)

    def update(self, alpha: float, z: float, step: float) -> str:
        """Put the secants at ``z`` with this step."""

        def f(value: np.ndarray) -> np.ndarray:
            return leaky_relu(value, alpha)

        def quotients(step: np.ndarray) -> list[np.ndarray]:
            left, right = (f(z) - f(z - step)) / step, (f(z + step) - f(z)) / step
            return [left, right, (left + right) / 2]

        corners = np.array([-self.LIMIT, 0.0, self.LIMIT])
        self.curve.set_data(corners, f(corners))
        self.points.set_data([z - step, z, z + step], f(np.array([z - step, z, z + step])))
        now = quotients(np.float64(step))
        through = [f(z), f(z), (f(z - step) + f(z + step)) / 2]
        ends = np.array([-3 * self.LIMIT, 3 * self.LIMIT])
        for place, many in enumerate(quotients(self.STEPS)):
            self.secants[place].set_data(z + ends, through[place] + now[place] * ends)
            self.quotients[place].set_ydata(many)
            self.here[place].set_data([step], [now[place]])
        wide = self.LIMIT * (z == 0)
        self.fan.set_xy(
            [(0, 0), (wide, wide), (wide, alpha * wide), (0, 0), (-wide, -wide), (-wide, -alpha * wide)]
        )
        left, right, across = (float(np.round(slope, 6)) for slope in now)
        self.title.set_text(f"At z = {z:.3g}, α = {alpha:.3g}")
        self.verdict.set_text(f"Slopes {left:.2f}, {right:.2f}, across {across:.2f}")
        return (
            f"At z = {z:g} with step ε = {step:g} the slope to the left is {left:.4g}, to the right "
            f"{right:.4g}, across {across:.4g}. " + self._in_words(alpha, z, left, right)
        )

    @staticmethod
    def _in_words(alpha: float, z: float, left: float, right: float) -> str:
        if alpha == 1:
            return "With α = 1 there is no corner: the slope is 1 everywhere."
        if z == 0:
            return (
                "However small ε is, they do not meet: there is no derivative here. Every slope from "
                f"{alpha:g} to 1 gives a line that is nowhere above the curve (shaded)."
            )
        if left == right:
            return "All three agree: this is the derivative."
        return "A step still reaches across the corner. Once ε is below |z|, all three agree."


class ZeroAtTheBottom(LogFormatterMathtext):
    """Writes powers of ten, and 0 at the lower edge, where a logarithmic axis puts what is exactly 0."""

    def __call__(self, value: float, pos: int | None = None) -> str:
        """Text of the tick at ``value``."""
        at_the_bottom = np.isclose(value, self.axis.get_view_interval().min(), rtol=1e-3, atol=0)
        return "0" if at_the_bottom else super().__call__(value, pos)


class LongWayView:
    """What is left of a gradient after many layers, some of whose pre-activations are negative."""

    DEEPEST = 20
    LARGEST_ZERO_IN_FLOAT32 = 2.0**-150
    """What is not above it rounds to 0: the smallest number above 0 is twice as large."""

    FLOORS = (1e-3, 1e-9, 1e-21, 1e-62)

    @in_house_style()
    def __init__(self) -> None:
        figure, self.axes = new()
        self.canvas = Canvas(figure)
        axes = self.axes
        axes.set(yscale="log", xlabel="layers passed, from the output back towards the input")
        axes.set_ylabel("gradient, as a share of what it was")
        self.title = axes.set_title(" ")
        (self.relu,) = axes.plot([], [], markersize=7, label="ReLU", **style_of(0.0))
        (self.leaky,) = axes.plot([], [], markersize=6, label="Leaky ReLU", **LEAKY)
        self.zero = axes.text(0, 1, "exactly 0", color=COLOURS["relu"], fontweight="bold", va="bottom")
        axes.axhline(self.LARGEST_ZERO_IN_FLOAT32, color=COLOURS["ink"], linestyle=":", linewidth=1.4)
        # Left of the middle: to the right of it, the steepest path comes down.
        place, beside_the_curves = (0.4, self.LARGEST_ZERO_IN_FLOAT32 / 30), axes.get_yaxis_transform()
        self.note = axes.text(
            *place, "below: 0 in float32 as well", ha="center", va="top", transform=beside_the_curves
        )
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(ZeroAtTheBottom())
        axes.legend(loc="upper right")
        self.canvas.moves(self.title, self.relu, self.leaky, self.zero)
        axes.set(xlim=(-0.3, self.DEEPEST + 0.3), ylim=(self.FLOORS[-1], 10))
        self.canvas.png()  # laid out once, with the widest labels

    def update(self, alpha: float, depth: float, negative: float) -> str:
        """Send a gradient back through ``depth`` layers, a share ``negative`` of them on the left side."""
        depth = int(depth)
        off = round(negative * depth)
        passed = np.arange(depth + 1)
        negatives = np.floor(passed * off / depth + 1e-9)
        leaky = np.power(float(alpha), negatives)
        relu = np.where(negatives > 0, 0.0, 1.0)
        self._frame(depth, leaky)
        floor = self.axes.get_ylim()[0]
        self.relu.set_data(passed, np.maximum(relu, floor))
        # Above 0 it may leave the picture, but never lie on the line that says "exactly 0".
        self.leaky.set_data(passed, np.where(leaky >= floor, leaky, np.nan if alpha else floor))
        self.zero.set_visible(bool(off))
        first = float((negatives > 0).argmax())
        early = first < depth / 2
        self.zero.set_position((first if early else first - 0.3, floor * (1 / floor) ** 0.04))
        self.zero.set_horizontalalignment("left" if early else "right")
        power = f"{alpha:g}^{off} = {leaky[-1]:.2g}"
        counts = f"{off} of {depth} negative ({negative:.0%})"
        self.title.set_text(f"{counts}: ReLU {relu[-1]:g}, Leaky ReLU {power}")
        counted = (
            f"On this path {off} of {depth} pre-activations are negative ({negative:.0%}, rounded to whole "
            f"layers), and α = {alpha:g}. "
        )
        return counted + self._in_words(alpha, off, float(leaky[-1]), power)

    @staticmethod
    def _in_words(alpha: float, off: int, left: float, power: str) -> str:
        if off == 0:
            return "ReLU and Leaky ReLU both pass the whole gradient back."
        if alpha == 0:
            return "ReLU passes back exactly 0, and with α = 0 Leaky ReLU is ReLU."
        if left == 0:
            return (
                f"ReLU passes back exactly 0. Leaky ReLU passes {alpha:g}^{off} of it: not 0 on paper, but "
                "too small for a number of the computer."
            )
        if left == 1:
            return "ReLU passes back exactly 0. With α = 1 nothing is bent and all of it comes through."
        ending = ": little, but not nothing." if left < 0.1 else "."
        return f"ReLU passes back exactly 0. Leaky ReLU passes {power} of it{ending}"

    def _frame(self, depth: int, leaky: np.ndarray) -> None:
        """Fit the axes to the path; only when they change is the background drawn again."""
        smallest = leaky[leaky > 0].min()
        floor = next(floor for floor in self.FLOORS if floor < smallest or floor == self.FLOORS[-1])
        limits = (-0.3, depth + 0.3), (floor, 10)
        if (self.axes.get_xlim(), self.axes.get_ylim()) != limits:
            self.axes.set(xlim=limits[0], ylim=limits[1])
            self.note.set_visible(floor < self.LARGEST_ZERO_IN_FLOAT32)
            self.canvas.refresh(layout=False)


# --- Notebook 03: the dying ReLU -------------------------------------------------------------------


class KillView:
    """One neuron and its twin: their outputs, and the paths that they walk over their loss surfaces."""

    LIMIT = 4.0
    FAR = 1e6
    """From there no step leads back."""
    LEVELS = (0.05, 0.2, 0.5, 1, 1.5, 2, 2.3, 3, 5, 10, 20, 40)

    @in_house_style()
    def __init__(self) -> None:
        figure, (data_axes, *surfaces) = new(1, 3)
        self.canvas = Canvas(figure)
        data_axes.set(xlim=(0, 4), ylim=(-4, 8), xlabel="input x", ylabel="output")
        dots = {"color": COLOURS["ink"], "markersize": 9, "label": "target"}
        data_axes.plot(NEURON_EXAMPLES, NEURON_EXAMPLES, "o", **dots)
        for axes in surfaces:
            limits = (-self.LIMIT, self.LIMIT)
            axes.set(xlim=limits, ylim=limits, xlabel="weight w", xticks=range(-4, 5, 2))
            axes.plot([1], [0], "*", color=COLOURS["theory"], markersize=15)
        surfaces[0].set_ylabel("bias b")
        surfaces[1].set_yticklabels([])
        self.surface = surfaces[1]
        self._contour(surfaces[0], 0.0)
        # Never positive on x = 1, 2, 3: below both lines w + b = 0 and 3 w + b = 0.
        surfaces[0].fill(
            *([-4, -4, 0, 4 / 3], [-4, 4, 0, -4]),
            **{"facecolor": "none", "edgecolor": COLOURS["dead"], "hatch": "//", "linewidth": 0},
        )
        surfaces[0].text(-2.6, -3.7, "flat: dead", backgroundcolor="white", fontsize=11)
        self.contour, self.contour_alpha = None, None

        relu, leaky = style_of(0.0), LEAKY
        self.titles = [axes.set_title(" ", fontsize=12) for axes in (data_axes, *surfaces)]
        self.outputs, self.ways_there, self.ways_back, self.steps, self.ends = [], [], [], [], []
        for axes, style, name in zip(surfaces, (relu, leaky), ("ReLU", "Leaky ReLU"), strict=True):
            line = {"color": style["color"], "linestyle": style["linestyle"]}
            self.outputs += data_axes.plot([], [], label=name, **line)
            self.ways_there += axes.plot([], [], linewidth=1.2, color=style["color"], linestyle="--")
            beside = offset_copy(axes.transData, figure, y=6, units="points")
            self.ways_back += axes.plot(
                [], [], color=style["color"], transform=beside, solid_capstyle="butt"
            )
            self.steps += axes.plot([], [], color=COLOURS["ink"], linewidth=1.6, linestyle=":")
            self.ends += axes.plot([], [], style["marker"], color=style["color"], markersize=10)
        figure.legend(*data_axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        self.canvas.moves(*self.titles, *self.outputs, *self.ways_there, *self.ways_back)
        self.canvas.moves(*self.steps, *self.ends)

    def update(self, learning_rate: float, alpha: float, rates: Sequence[float] = ()) -> str:
        """Walk both twins at ``rates``, one step each; ``learning_rate`` is that of the step to come."""
        if alpha != self.contour_alpha:
            if self.contour is not None:
                self.contour.remove()
            self.contour, self.contour_alpha = self._contour(self.surface, alpha), alpha
            self.canvas.refresh(layout=False)
        inputs = np.linspace(0, 4, 81)
        said = []
        for place, slope in enumerate((0.0, alpha)):
            twin = neuron_path(slope, rates)
            w, b = twin.places[-1]
            self.outputs[place].set_data(inputs, leaky_relu(w * inputs + b, slope))
            turn = twin.places[:, 0].argmin()
            self.ways_there[place].set_data(*twin.places[: turn + 1].T)
            self.ways_back[place].set_data(*twin.places[turn:].T)
            self.ends[place].set_data([w], [b])
            gradient = twin.gradients[-1] + 0.0  # no minus before a zero
            there = twin.places[-1] - learning_rate * gradient
            self.steps[place].set_data([w, there[0]], [b, there[1]])
            along_w, along_b = gradient
            name = name_of(slope)
            pull = f"gradient {_short(along_w)}, {_short(along_b)}"
            state = self._state(twin.places[-1], twin.never_positive)
            self.titles[1 + place].set_text(f"{name}\n{state if state == 'diverging' else pull}")
            said.append(
                f"{name} is at w = {w:.3g}, b = {b:.3g}, {state}, and its gradient is "
                f"({along_w:.3g}, {along_b:.3g})"
                + (", exactly zero" if not gradient.any() else "")
                + f": the next step, at learning rate {learning_rate:g}, leads to w = {there[0]:.3g}."
            )
        steps = f"After {counted(len(rates), 'step')}"
        self.titles[0].set_text(f"{steps}\nlearning rate {learning_rate:g}")
        return f"{steps}. " + " ".join(said)

    @staticmethod
    def _state(place: np.ndarray, never: np.ndarray) -> str:
        if not (np.abs(place) < KillView.FAR).all():
            return "diverging"
        if not never.any():
            return "positive on some example"
        since = len(never) - int((never[::-1] != never[-1]).argmax())
        return f"never positive since step {since}" if never[-1] else f"positive again since step {since}"

    def _contour(self, axes: Axes, alpha: float) -> ContourSet:
        side = np.linspace(-self.LIMIT, self.LIMIT, 121)
        w, b = np.meshgrid(side, side)
        errors = [leaky_relu(w * x + b, alpha) - x for x in NEURON_EXAMPLES]
        loss = np.mean(np.square(errors), axis=0) / 2
        return axes.contour(w, b, loss, self.LEVELS, colors=COLOURS["faint"], linewidths=1)


class RescueView:
    """Copies of half-dead ReLU networks, trained on under other slopes."""

    @in_house_style()
    def __init__(self) -> None:
        figure, _ = new()
        self.canvas = Canvas(figure)

    @in_house_style()
    def update(self, result: Result | None, headline: str) -> str:
        """Draw a result, whole or so far; without one, an empty frame under ``headline``."""
        figure = waiting(self.canvas, headline) if result is None else under(self.canvas, headline)
        if result is None:
            return f"{headline}. Not run yet: press Run."
        draw_rescue(result, figure)
        parts = [
            f"{course}{_of_those_diverged(result, course)}: "
            f"{result.mean('never_positive', course=course):.0%} of the units never "
            f"positive, accuracy {result.mean('accuracy', course=course):.3f}"
            for course in result.axes["course"]
        ]
        return f"{headline}. After {result.axes['step'][-1]} steps: {'; '.join(parts)}."


def _of_those_diverged(result: Result, course: str) -> str:
    diverged = result.count("diverged", course=course)
    return f" ({diverged} of {len(result.axes['seed'])} diverged)" if diverged else ""


class TrainingDeathView:
    """Death in training: a raster of units for each slope, and both measures with their intervals."""

    @in_house_style()
    def __init__(self) -> None:
        figure, _ = new(height="high")
        self.canvas = Canvas(figure)

    @in_house_style()
    def update(self, result: Result | None, headline: str) -> str:
        """Draw a result, whole or so far; without one, an empty frame under ``headline``."""
        figure = waiting(self.canvas, headline) if result is None else under(self.canvas, headline)
        if result is None:
            return f"{headline}. Not run yet: press Run."
        upper, lower = figure.subfigures(2, 1, height_ratios=[1.1, 1])
        alphas, noun = result.axes["alpha"], noun_of(result)
        panels = np.atleast_1d(upper.subplots(1, len(alphas), sharey=True))
        for alpha, axes in zip(alphas, panels, strict=True):
            draw_raster(result, alpha, axes)
        panels[0].set_ylabel(f"{noun}; black:\nnever positive")
        never, stuck = lower.subplots(1, 2, sharey=True)
        draw(result, never, "never_positive")
        draw(result, stuck, "stuck")
        for axes, measure, name in ((never, "never_positive", "Never positive"), (stuck, "stuck", "Stuck")):
            finals = [result.mean(measure, alpha=alpha) for alpha in alphas]
            axes.set_title(f"{name}: {from_to(finals)}")
        never.set_ylabel(f"share of {noun}")
        lower.legend(*never.get_legend_handles_labels(), loc="outside lower center", ncols=IN_A_ROW)
        return f"{headline}. {describe(result)}"


# --- Notebook 04: choosing alpha -------------------------------------------------------------------


class EndsView:
    """What networks from one start answer on the spirals: ReLU, a slope of choice, and no bend at all."""

    @in_house_style()
    def __init__(self) -> None:
        self.data = data.load("spirals")
        figure, panels = new(1, 3, sharey=True)
        figure.set_layout_engine("compressed")  # made for squares; the usual one cuts them in a low figure
        self.canvas = Canvas(figure)
        self.images = [draw_region(axes, self.data) for axes in panels]
        self.points = [line for axes in panels for line in axes.get_lines()]
        self.titles = [axes.set_title("linear (α = 1)\naccuracy 0.000") for axes in panels]
        for axes in panels:
            axes.set_xlabel("first input")
        panels[0].set_ylabel("second input")
        self.canvas.moves(*self.images, *self.points, *self.titles)

    def update(self, alpha: float, depth: float, start: float) -> str:
        """Train the three networks from start number ``start``."""
        slopes = (0.0, alpha, 1.0)
        trained = [self._trained(slope, int(depth), int(start)) for slope in slopes]
        said = []
        for slope, (share, right), image, title in zip(
            slopes, trained, self.images, self.titles, strict=True
        ):
            image.set_data(share)
            title.set_text(f"{name_of(slope)}\naccuracy {right:.3f}")
            said.append(f"{name_of(slope)} {right:.1%}")
        return (
            f"Three networks with {counted(depth, 'hidden layer')} from start number {start:g}, trained "
            f"alike. Right on the test spirals: {', '.join(said)}. "
            "The linear one can only draw a straight border."
        )

    @staticmethod
    @cache
    def _trained(alpha: float, depth: int, start: int) -> tuple[np.ndarray, float]:
        spirals = data.load("spirals")
        fresh = networks.initialise([2, *[16] * depth, 2], alpha=alpha, seed=start)
        run = train(fresh, spirals.train_x, spirals.train_y, steps=400, optimiser=Adam(0.01))
        ensemble = last_of(run).ensemble
        right = accuracy(ensemble, spirals.test_x, spirals.test_y)
        return region_shares(ensemble, spirals)[0], float(right[0])


class SignalView:
    """The signal through fifty layers, for one slope and one way of drawing the weights."""

    LAYERS = 50
    GAINS: ClassVar[dict[str, str]] = {
        "own": "for this slope",
        "relu": "for ReLU: √2",
        "one": "for no bend: 1",
    }
    DECADES = (2, 6, 18)
    """How far the axis can reach, up and down; the least of them that holds mean and theory."""

    @in_house_style()
    def __init__(self) -> None:
        figure, axes = new()
        self.canvas = Canvas(figure)
        axes.set(yscale="log", xlim=(0, self.LAYERS), xlabel="layer")
        axes.set_ylabel("mean square of the signal")
        self.axes, self.decades = axes, 0
        self._reach(max(self.DECADES))
        self.title = axes.set_title(" ")
        faint = {"color": COLOURS["leaky"], "alpha": 0.3, "linewidth": 0.7}
        self.networks = [axes.plot([], [], **faint)[0] for _ in range(20)]
        (self.mean,) = axes.plot([], [], color=COLOURS["leaky"], label="mean of 20 networks")
        theory = {"color": COLOURS["theory"], "linestyle": "--"}
        (self.theory,) = axes.plot([], [], label="theory", **theory)
        axes.legend(loc="upper left")
        self.canvas.moves(self.title, *self.networks, self.mean, self.theory)
        self.canvas.png()  # laid out once and for all, with room for the widest labels

    def update(self, alpha: float, gain: str) -> str:
        """Send a signal through fresh networks of slope ``alpha``."""
        value = {"own": float(leaky_relu_gain(alpha)), "relu": 2**0.5, "one": 1.0}[gain]
        result = signal([alpha], gain=value, layers=self.LAYERS, width=64, networks=20, examples=16)
        layer = np.arange(self.LAYERS + 1)
        seen = np.maximum(result.values["mean_square"][:, 0], 10.0 ** -max(self.DECADES) / 10)
        for line, each in zip(self.networks, seen.T, strict=True):
            line.set_data(layer, each)
        self.mean.set_data(layer, seen.mean(axis=-1))
        theory = result.values["theory"][:, 0]
        self.theory.set_data(layer, theory)
        furthest = np.abs(np.log10([*seen.mean(axis=-1), *theory])).max()
        self._reach(next((reach for reach in self.DECADES if furthest < reach), max(self.DECADES)))
        ends = result.mean("mean_square", layer=self.LAYERS, alpha=alpha)
        last, expected = ends.value, theory[-1]
        kind = self.GAINS[gain].partition(":")[0]
        self.title.set_text(
            f"α = {alpha:g}, gain {kind}, {value:.3f}: {last:.2g} after {self.LAYERS} layers"
        )
        verdict = "stays within a factor of 100" if 0.01 < last < 100 else "fades" if last < 1 else "grows"
        return (
            f"With α = {alpha:g} and the gain {kind}, {value:.3f}, the mean square of the signal is "
            f"{last:.2g} after {self.LAYERS} layers, 95 % interval of this mean [{ends.low:.2g}, "
            f"{ends.high:.2g}]; theory: {expected:.2g}. The signal {verdict}."
        )

    def _reach(self, decades: int) -> None:
        """Let the axis span so many powers of ten, up and down."""
        if decades != self.decades:
            self.decades = decades
            self.axes.set_ylim(10.0**-decades, 10.0**decades)
            self.canvas.refresh(layout=False)


class SweepView:
    """A sweep: accuracy against the learning rate, and differences between twins by slope."""

    @in_house_style()
    def __init__(self) -> None:
        figure, _ = new()
        self.canvas = Canvas(figure)

    @in_house_style()
    def update(self, result: Result | None, headline: str) -> str:
        """Draw a result, whole or so far; without one, an empty frame under ``headline``."""
        if result is None:
            waiting(self.canvas, headline)
            return f"{headline}. Not run yet: press Run."
        if np.isnan(result.values["diverged"]).all():
            waiting(self.canvas, headline, "No network is trained yet")
            return f"{headline}. {result.progress:.0%}: no network is trained yet."
        draw_sweep(result, under(self.canvas, headline))
        depth = deepest(result)
        own = result.at(depth=depth).at_best_rate()
        parts = []
        for alpha in own.axes["alpha"]:
            diverged = own.count("diverged", alpha=alpha)
            parts.append(
                f"{name_of(alpha)} {own.mean('accuracy', alpha=alpha):.3f} "
                f"at {own.number('learning_rate', alpha=alpha):g}"
                + (f", {diverged} diverged" if diverged else "")
            )
        return (
            f"{headline}. {result.progress:.0%} of the networks trained. Test accuracy with "
            f"{counted(depth, 'hidden layer')}, each at its own best learning rate: {'; '.join(parts)}."
        )


# --- Notebook 05: going deep -----------------------------------------------------------------------


class ChannelsView:
    """One digit on its way through a convolutional ReLU network and through its leaking twin."""

    RATES: ClassVar[dict[str, str]] = {"0.03": "0.03", "0.01": "0.01"}
    ALPHA = 0.1
    EXAMPLES = 240

    @in_house_style()
    def __init__(self) -> None:
        figure = empty("low")
        self.canvas = Canvas(figure)
        left, right = figure.subfigures(1, 2, width_ratios=[1, 4])
        axes = left.subplots()
        axes.axis("off")
        self.digit = axes.imshow(np.zeros((8, 8)), cmap="gray_r", vmin=-1, vmax=2)
        self.label = axes.set_title(" ")
        panels = right.subplots(2, 8)
        self.titles = [right.suptitle(" ", fontsize=13, fontweight="bold", x=0.01, ha="left")]
        self.maps, self.crosses = [], []
        for row, name in zip(panels, ("ReLU", f"Leaky {self.ALPHA:g}"), strict=True):
            row[0].set_ylabel(name)
            for axes in row:
                axes.set(xticks=[], yticks=[])
                axes.grid(False)
                axes.spines[:].set(visible=True, color=COLOURS["faint"])
                self.maps.append(axes.imshow(np.zeros((8, 8)), cmap="gray_r", vmin=0, vmax=1))
                (cross,) = axes.plot(
                    [0, 1, np.nan, 0, 1],
                    [0, 1, np.nan, 1, 0],
                    transform=axes.transAxes,
                    color=COLOURS["relu"],
                    linewidth=1.6,
                )
                self.crosses.append(cross)
        frames = [spine for axes in panels.flat for spine in axes.spines.values()]
        self.canvas.moves(self.digit, self.label, *self.titles, *self.maps, *frames, *self.crosses)

    def update(self, image: float, layer: float, learning_rate: str) -> str:
        """Show the maps of a layer for a test image; crossed out are channels that are never positive."""
        image, layer = int(image), int(layer)
        maps, never = self._seen(learning_rate)
        digits = data.load("digits")
        shown = maps[layer - 1][:, image - 1]
        for place, (twin, channel) in enumerate(np.ndindex(2, 8)):
            picture = np.maximum(shown[twin, ..., channel], 0)
            # The square root, so that faint maps can be seen beside strong ones.
            self.maps[place].set_data(np.sqrt(picture / max(float(shown[twin].max()), 1e-9)))
            self.crosses[place].set_visible(bool(never[layer - 1][twin, channel]))
        self.digit.set_data(digits.test_x[image - 1].reshape(8, 8))
        self.label.set_text(f"image {image}: a {digits.test_y[image - 1]}")
        relu, leaky = never[layer - 1].sum(axis=-1)
        self.titles[0].set_text(
            f"Layer {layer}: never positive {relu} of 8 channels, and {leaky} of 8 in the twin"
        )
        return (
            f"Image {image}, a {digits.test_y[image - 1]}, in layer {layer} after training at "
            f"learning rate {learning_rate}: {relu} of 8 ReLU channels are positive on no pixel of any "
            f"training image looked at (crossed out), {leaky} of 8 channels of the twin with "
            f"α = {self.ALPHA:g}."
        )

    @classmethod
    @cache
    def _seen(cls, learning_rate: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
        digits = data.load("digits")
        alphas = np.array([0.0, cls.ALPHA])
        start = networks.initialise(
            digits.widths(8, 8), alpha=alphas, gain=None, seed=1, network="convolutional"
        )[:, 0]
        optimiser = Adam(float(learning_rate))
        run = train(start, digits.train_x, digits.train_y, steps=60, batch=60, optimiser=optimiser)
        twins = last_of(run).ensemble
        trained = networks.forward(twins, digits.train_x[: cls.EXAMPLES])
        never = [never_positive(z) for z in trained.pre_activations[:-1]]
        shown = networks.forward(twins, digits.test_x[:20])
        sides = [8, 8, 8, 8, 4, 4, 4, 4]
        maps = [h.reshape(2, 20, side, side, 8) for h, side in zip(shown.activations, sides, strict=True)]
        return maps, never


# --- Notebook 06: limits ---------------------------------------------------------------------------


class FamilyView:
    """One activation function: its curve, its slope, and what it makes of a bell around 0."""

    LIMIT = 5.0
    EDGES = np.linspace(-3, 3, 61)
    LEFT = -10.0
    x = np.linspace(LEFT, LIMIT, 1201)

    @in_house_style()
    def __init__(self) -> None:
        figure, (curve, slope, bell) = new(1, 3)
        self.canvas = Canvas(figure)
        self.bell_z = data.bell(20_000)
        faint = {"color": COLOURS["relu"], "linewidth": 1.6, "linestyle": ":"}
        for axes, values in zip((curve, slope), FAMILY["ReLU"].compute(self.x), strict=True):
            axes.plot(self.x, values, label="ReLU", **faint)
            axes.axhline(0, color=COLOURS["ink"], linewidth=0.8)
            axes.set(xlim=(self.LEFT, self.LIMIT), xlabel="z", xticks=[-10, -5, 0, 5])
        curve.set(ylim=(-2.5, 5.3))
        slope.set(ylim=(-0.3, 1.9))
        bell.set(xlim=(-3, 3), ylim=(0, 2500), yticks=[], xlabel="f(z), z a bell around 0")
        titles = [axes.set_title(" ") for axes in (curve, slope, bell)]
        self.name, self.slope_title, self.bell_title = titles
        blue = {"color": COLOURS["leaky"], "label": "this one"}
        (self.curve,), (self.slope,) = curve.plot([], [], **blue), slope.plot([], [], **blue)
        ink = {"color": COLOURS["ink"], "markersize": 9, "clip_on": False, "in_layout": False}
        (self.value_at,), (self.slope_at,) = curve.plot([], [], "o", **ink), slope.plot([], [], "o", **ink)
        flat = np.zeros(len(self.EDGES) - 1)
        self.bell = bell.stairs(flat, self.EDGES, fill=True, color=COLOURS["leaky"])
        self.mean = bell.axvline(0, color=COLOURS["theory"], linestyle="--")
        curve.legend(loc="upper left")
        moving = (self.curve, self.slope, self.value_at, self.slope_at, self.bell, self.mean)
        self.canvas.moves(*titles, *moving)

    def update(self, function: str, z: float) -> str:
        """Show a function of `leaky_lib.family.FAMILY`, and its value and slope at z."""
        compute = FAMILY[function].compute
        value, slope = compute(self.x)
        self.curve.set_data(self.x, value)
        self.slope.set_data(self.x, slope)
        here, slope_here = (float(part[0]) + 0.0 for part in compute([z]))  # no minus before a zero
        self.value_at.set_data([z], [here])
        self.slope_at.set_data([z], [slope_here])
        out, _ = compute(self.bell_z)
        self.bell.set_data(np.histogram(out, self.EDGES)[0])
        mean, spread = out.mean(), out.std()
        self.mean.set_xdata([mean, mean])
        self.name.set_text(function)
        digits = 2 if abs(slope_here) >= 0.001 else 1
        self.slope_title.set_text(f"Slope {slope_here:.{digits}g} here".replace("-", "−"))
        self.bell_title.set_text(f"Mean {mean:z.2f}")
        return (
            f"{function} at z = {z:g}: value {here:.3g}, slope {slope_here:.2g}. Of a standard normal "
            f"bell it makes numbers with mean {mean:z.2f} and spread {spread:.2f}. "
            f"Dead zone: {FAMILY[function].dead_zone}."
        ).replace("-", "−")


class DivergenceView:
    """Networks that diverge as a setting is turned up."""

    @in_house_style()
    def __init__(self) -> None:
        figure, _ = new()
        self.canvas = Canvas(figure)

    @in_house_style()
    def update(self, result: Result | None, headline: str) -> str:
        """Draw a result, whole or so far; without one, an empty frame under ``headline``."""
        if result is None:
            waiting(self.canvas, headline)
            return f"{headline}. Not run yet: press Run."
        draw_divergence(result, under(self.canvas, headline))
        return f"{headline}. {result.progress:.0%} done. {describe_divergence(result)}"


def describe_divergence(result: Result) -> str:
    """Say from which value on networks diverge, slope by slope."""
    done = values_done(result)
    if not done:
        return "No value is done yet."
    nowhere = "nowhere" if done == result.axes["value"] else "nowhere so far"

    def first(alpha: float) -> str:
        most = (v for v in done if result.share("diverged", value=v, alpha=alpha).value > 0.5)
        return next((f"from {value:g} on" for value in most), nowhere)

    parts = (f"{name_of(alpha)} {first(alpha)}" for alpha in result.axes["alpha"])
    return "More than half diverge: " + ", ".join(parts) + "."


def _short(value: float) -> str:
    """A number in few characters, however small or large it is."""
    if value == 0 or 0.01 <= abs(value) < 100 or not np.isfinite(value):
        return f"{value:.2g}"
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}e{int(exponent)}"


def under(canvas: Canvas, headline: str) -> Figure:
    """An empty figure under a headline, to be drawn anew."""
    figure = canvas.figure
    figure.clear()
    figure.suptitle(headline, fontsize=12, x=0.01, ha="left", color=COLOURS["ink"])
    canvas.refresh()
    return figure


def waiting(canvas: Canvas, headline: str, until: str = "Press Run") -> Figure:
    """A figure that says that there is nothing to see yet."""
    figure = under(canvas, headline)
    axes = figure.subplots()
    axes.axis("off")
    axes.text(0.5, 0.5, until, ha="center", fontsize=22, color=COLOURS["dead"])
    return figure


def describe(result: Result) -> str:
    """Say in words where an experiment on death in training stands."""
    seeds = len(result.axes["seed"])
    parts = []
    for alpha in result.axes["alpha"]:
        never, stuck = (result.mean(measure, alpha=alpha) for measure in ("never_positive", "stuck"))
        diverged = result.count("diverged", alpha=alpha)
        parts.append(
            f"{name_of(alpha)}: {never:.0%} of {noun_of(result)} never positive, {stuck:.0%} stuck, "
            f"test accuracy {result.mean('accuracy', alpha=alpha):.3f}"
            + (f", {diverged} of {seeds} networks diverged" if diverged else "")
        )
    return (
        f"After {result.axes['step'][-1]} steps, {seeds} twins per slope, 95 % intervals. "
        + "; ".join(parts)
        + "."
    )
