"""Notebook 02: the slope at the corner, and the long way back."""

import numpy as np
from matplotlib.ticker import LogFormatterMathtext, MaxNLocator

from leaky_lib.activations import leaky_relu
from leaky_lib.explorers.pattern import ALPHAS, LEAKY, Explorer, Number
from leaky_lib.figures import (
    COLOURS,
    Canvas,
    in_house_style,
    new,
    style_of,
)


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


def tangent() -> Explorer:
    """Slopes to the left, to the right and across, as the step shrinks."""
    view = TangentView()
    return Explorer(
        view.canvas,
        view.update,
        {
            "alpha": Number("α", ALPHAS, 0.2),
            "z": Number("z", np.linspace(-1.5, 1.5, 31).round(1), 0.0),
            "step": Number("step ε", np.geomspace(1e-6, 1, 61), 1.0),
        },
        {
            "shrink ε": {"step": 1e-3},
            "the corner: z = 0": {"z": 0.0},
            "left of it: z = −0.5": {"z": -0.5},
            "usual: α = 0.01": {"alpha": 0.01},
        },
    )


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


def long_way() -> Explorer:
    """What is left of a gradient on its way back through many layers."""
    deepest = LongWayView.DEEPEST
    view = LongWayView()
    return Explorer(
        view.canvas,
        view.update,
        {
            "alpha": Number("α", ALPHAS, 0.01),
            "depth": Number("layers", range(2, deepest + 1), 10, whole=True),
            "negative": Number("share negative", np.linspace(0, 1, 21).round(2), 0.5),
        },
        {
            "all positive": {"negative": 0.0},
            "one in ten negative": {"negative": 0.1},
            "large: α = 0.3": {"alpha": 0.3},
            "very deep, all negative": {"depth": deepest, "negative": 1.0},
        },
    )
