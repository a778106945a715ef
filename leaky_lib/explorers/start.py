"""Notebook 00: what one number does."""

import numpy as np

from leaky_lib.activations import leaky_relu
from leaky_lib.explorers.pattern import ALPHAS, Explorer, Number
from leaky_lib.figures import (
    COLOURS,
    Canvas,
    in_house_style,
    new,
    style_of,
)
from leaky_lib.tables import counted


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


def one_number() -> Explorer:
    """What α is for: a neuron that is negative becomes positive, or does not."""
    view = OneNumberView()
    return Explorer(
        view.canvas,
        view.update,
        {"alpha": Number("α", ALPHAS, 0.01)},
        {"α = 0": {"alpha": 0.0}, "α = 0.01": {"alpha": 0.01}, "α = 0.2": {"alpha": 0.2}},
    )
