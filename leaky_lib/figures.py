"""What a result looks like: one palette, one style, and pictures that carry their own description.

Three kinds of thing live here. `draw` and the other functions put a result on axes. A *view* is a
figure kept alive: `update` moves its artists and returns a caption in words; it knows no widgets. And
`Picture` is what a notebook shows: a PNG with a text alternative.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from statistics import NormalDist
from threading import RLock

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from leaky_lib import data, networks
from leaky_lib.activations import leaky_relu, leaky_relu_inverse
from leaky_lib.diagnostics import (
    STUCK_RELATIVE,
    Estimate,
    exactly_zero_share,
    near_zero_share,
    never_positive,
)
from leaky_lib.experiments import FORMS, Race, TrainingDeath, hidden_gradient_norms, name_of
from leaky_lib.training import gradients_of_loss

__all__ = [
    "COLOURS",
    "DeadOrAliveView",
    "LayerView",
    "Picture",
    "RaceView",
    "ShapeView",
    "TrainingDeathView",
    "dots",
    "draw",
    "new",
    "sheet_of_digits",
    "show",
    "style_of",
]

COLOURS = {
    "relu": "#C44601",  # vermilion
    "leaky": "#0072B2",  # blue
    "theory": "#117A55",  # green
    "dead": "#5F5F5F",  # grey
    "faint": "#B8B8B8",
    "ink": "#1A1A1A",
}
"""One meaning per colour, everywhere. They stay apart for colour-blind readers, and line styles and
markers differ as well."""

STYLE = {
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 12,
    "axes.edgecolor": COLOURS["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E3E3",
    "legend.frameon": False,
    "legend.fontsize": 11,
    "lines.linewidth": 2.4,
    "figure.dpi": 100,
    "savefig.dpi": 100,
}

WIDTH = 8.2
HEIGHTS = {"low": 3.0, "middle": 3.9, "high": 5.2}
"""The size grid, in inches at 100 dots each: one width, three heights."""


DRAWING = RLock()
"""Held by whoever draws: JupyterLab runs a control's callback in another thread than a cell, and neither
Matplotlib nor a figure is made for two threads at once."""


@contextmanager
def in_house_style() -> Iterator[None]:
    """Decorates whatever makes or draws a figure."""
    with DRAWING, matplotlib.rc_context(STYLE):
        yield


@in_house_style()
def new(
    rows: int = 1, columns: int = 1, height: str = "middle", **options: object
) -> tuple[Figure, object]:
    """A figure of the house style and its axes; it belongs to no pyplot window."""
    figure = Figure(figsize=(WIDTH, HEIGHTS[height]), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **options)


def style_of(alpha: float, rank: int = 0) -> dict[str, object]:
    """Colour, line and marker of the networks of one slope; ``rank`` tells several Leaky ReLUs apart."""
    if alpha == 0:
        return {"color": COLOURS["relu"], "linestyle": "-", "marker": "o"}
    line, marker = [("--", "s"), ("-.", "^"), (":", "D")][rank % 3]
    return {"color": COLOURS["leaky"], "linestyle": line, "marker": marker}


def styles_of(alphas: Sequence[float]) -> list[dict[str, object]]:
    """`style_of` for a list of slopes, in its order."""
    ranks = np.cumsum(np.asarray(alphas) != 0) - 1
    return [style_of(alpha, int(rank)) for alpha, rank in zip(alphas, ranks, strict=True)]


class Picture:
    """A PNG and its description in words; a notebook shows both.

    The words are an output of their own: JupyterLab and GitHub do not pass on the alternative text that
    a picture carries in its metadata.
    """

    def __init__(self, png: bytes, text: str) -> None:
        self.png = png
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _ipython_display_(self) -> None:
        from IPython.display import display

        bundle, metadata = picture_bundle(self.png, self.text)
        display(bundle, metadata=metadata, raw=True)
        display({"text/markdown": self.text, "text/plain": self.text}, raw=True)


def picture_bundle(png: bytes, text: str) -> tuple[dict[str, str], dict[str, dict]]:
    """The display data and metadata of a picture with a text alternative."""
    return {"image/png": b64encode(png).decode(), "text/plain": text}, {"image/png": {"alt": text}}


def show(figure: Figure, text: str) -> Picture:
    """Finish a figure: what it looks like, and ``text``, what is to be seen in it."""
    return Picture(Canvas(figure).png(), text)


class Canvas:
    """A figure whose moving artists are redrawn over a background that is not.

    Drawing everything takes five times as long; see `refresh` for when that is needed.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.agg = figure.canvas if isinstance(figure.canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
        self._moving: list[Artist] = []
        self._background: object | None = None

    def moves(self, *artists: Artist) -> None:
        """Say which artists change from picture to picture; anything else belongs to the background."""
        for artist in artists:
            artist.set_animated(True)
        self._moving += artists
        self._background = None

    def refresh(self) -> None:
        """Have everything laid out and drawn anew: after limits, ticks, labels or titles have changed."""
        self.figure.set_layout_engine("constrained")
        self._background = None

    @in_house_style()
    def png(self) -> bytes:
        """The picture as it now is."""
        if self._background is None:
            self.agg.draw()
            self.figure.set_layout_engine("none")  # a second layout could move the axes
            self._background = self.agg.copy_from_bbox(self.figure.bbox)
        self.agg.restore_region(self._background)
        for artist in self._moving:
            self.figure.draw_artist(artist)
        pixels = np.ascontiguousarray(np.asarray(self.agg.buffer_rgba())[..., :3])
        file = BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
        return file.getvalue()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.agg.get_width_height()


# --- Notebook 01: the definition -------------------------------------------------------------------


class ShapeView:
    """The curve of Leaky ReLU, a point on it, and its negative side under a magnifying glass."""

    LIMIT = 5.0
    x = np.array([-LIMIT, 0.0, LIMIT])

    @in_house_style()
    def __init__(self) -> None:
        figure, (whole, glass) = new(1, 2, width_ratios=[3, 2])
        self.canvas = Canvas(figure)
        whole.set(xlim=(-self.LIMIT, self.LIMIT), ylim=(-self.LIMIT, self.LIMIT))
        whole.set(xlabel="pre-activation x", ylabel="activation f(x)")
        glass.set(xlim=(-self.LIMIT, 0), ylim=(-0.5, 0.05), xlabel="pre-activation x")
        glass.set_title("The negative side, 10 × taller", fontweight="normal")
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

    def update(self, alpha: float, x: float) -> str:
        """Bend the curve to ``alpha`` and put the point at ``x``."""
        y = float(leaky_relu(x, alpha))
        for curve, guide, point in zip(self.curves, self.guides, self.points, strict=True):
            curve.set_ydata(leaky_relu(self.x, alpha))
            guide.set_data([x, x, 0], [0, y, y])
            point.set_data([x], [y])
        inside = x <= 0 and self.glass.get_ylim()[0] <= y
        self.points[1].set_visible(inside)
        self.guides[1].set_visible(inside)
        call = f"leaky_relu({x:g}, alpha={alpha:g})"
        self.title.set_text(f"{call}  →  {y:g}")
        return f"{call} gives {y:g}: {self._in_words(alpha, x, y)} {self._reachable(alpha)}"

    @staticmethod
    def _in_words(alpha: float, x: float, y: float) -> str:
        if x >= 0:
            return "a positive input passes unchanged, whatever α." if x else "zero stays zero."
        if alpha == 0:
            return "ReLU throws the whole negative input away."
        if alpha == 1:
            return "with α = 1 nothing is bent: the function is a straight line."
        if alpha < 0:
            return "a negative α turns bad news into good news; the curve is folded."
        return f"{alpha:.3g} times the input leaks through."

    @staticmethod
    def _reachable(alpha: float) -> str:
        if alpha == 0:
            return "No input gives an output below 0."
        if alpha < 0:
            return "Two inputs share each positive output."
        return f"The output −1 comes from x = {float(leaky_relu_inverse(-1.0, alpha)):.4g}."


class LayerView:
    """A bell of pre-activations goes in; the histogram of activations comes out."""

    EDGES = np.linspace(-4, 4, 81)
    VALUES = 10_000

    @in_house_style()
    def __init__(self) -> None:
        figure, (before, after) = new(1, 2)
        self.canvas = Canvas(figure)
        before.set(ylim=(0, 0.06), xlabel="pre-activation z", ylabel="share of the layer's values")
        after.set(ylim=(0, 0.6), xlabel="activation f(z)")
        for axes in (before, after):
            axes.set_xlim(-4, 4)
            axes.axvline(0, color=COLOURS["ink"], linewidth=0.8)
        before.set_title(f"In: {self.VALUES:,} pre-activations")
        # Evenly spaced quantiles of the normal distribution: a bell without the luck of a draw.
        quantile = NormalDist().inv_cdf
        self.bell = np.array([quantile((i + 0.5) / self.VALUES) for i in range(self.VALUES)])
        self.title = after.set_title(" ")
        flat = np.zeros(len(self.EDGES) - 1)
        self.before = before.stairs(flat, self.EDGES, fill=True, color=COLOURS["dead"])
        self.after = after.stairs(flat, self.EDGES, fill=True, color=COLOURS["leaky"])
        self.mean = after.axvline(0, color=COLOURS["theory"], linestyle="--")
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
        mean, zero, near = float(h.mean()), exactly_zero_share(h), near_zero_share(h)
        self.mean.set_xdata([mean, mean])
        self.label.set_text(f"mean {mean:.3f}")
        self.title.set_text(f"Out: {zero:.0%} exactly 0, {near:.0%} near 0")
        negative = float(np.mean(z < 0))
        return (
            f"{negative:.0%} of the pre-activations are negative. With α = {alpha:g}, {zero:.1%} of the "
            f"activations are exactly 0 and {near:.1%} lie within 0.05 of it; their mean is {mean:.3f}."
        )

    def _shares(self, values: np.ndarray) -> np.ndarray:
        return np.histogram(values, self.EDGES)[0] / len(values)


class RaceView:
    """How long three ways to write Leaky ReLU take, as multiples of the fastest."""

    def __init__(self) -> None:
        figure, self.axes = new(height="low")
        self.canvas = Canvas(figure)

    @in_house_style()
    def update(self, result: Race | None, headline: str) -> str:
        """Draw the ratios; without a result, an empty frame."""
        self.canvas.refresh()
        self.axes.clear()
        forms = list(FORMS)
        self.axes.set_yticks(range(len(forms)), forms)
        self.axes.invert_yaxis()
        self.axes.grid(False, axis="y")
        self.axes.set(xlabel="time, as a multiple of the fastest", xlim=(0, None))
        if result is None:
            self.axes.set(title="Press Run to time it here", xticks=[])
            return f"{headline}. Not run yet: press Run, and this machine answers."
        ratios = [result.ratios[form] for form in forms]
        bars = self.axes.barh(range(len(forms)), ratios, color=COLOURS["leaky"], height=0.6)
        self.axes.bar_label(bars, [f"{ratio:.1f} ×" for ratio in ratios], padding=4)
        slowest = max(result.ratios, key=result.ratios.get)
        self.axes.set_xlim(0, 1.15 * max(ratios))
        self.axes.set_title(
            f"{slowest.split('(')[0] or 'arithmetic'} takes {max(ratios):.1f} × as long as the fastest"
        )
        times = ", ".join(f"{form} {ratio:.1f} ×" for form, ratio in result.ratios.items())
        return f"{headline}, relative to the fastest: {times}."


# --- Notebook 03: the dying ReLU -------------------------------------------------------------------


class DeadOrAliveView:
    """One unit of a small network on the moons data, pushed down by its bias: dead or alive."""

    ALPHAS = (0.0, 0.01, 0.1)
    UNIT = 3
    EDGES = np.linspace(-8, 5, 66)

    @in_house_style()
    def __init__(self) -> None:
        self.data = data.load("moons")
        self.start = networks.initialise([2, 16, 16, 2], alpha=self.ALPHAS, seed=1)
        figure, (values, gradients) = new(1, 2, width_ratios=[3, 2])
        self.canvas = Canvas(figure)
        values.set(xlim=(-8, 5), ylim=(0, 60))
        values.set(xlabel="pre-activation z of the unit", ylabel="training examples")
        values.axvline(0, color=COLOURS["ink"], linewidth=1.2)
        values.text(0.15, 57, "positive →", va="top", color=COLOURS["ink"])
        self.title = values.set_title(" ")
        flat = np.zeros(len(self.EDGES) - 1)
        self.negative = values.stairs(flat, self.EDGES, fill=True, color=COLOURS["dead"])
        self.positive = values.stairs(flat, self.EDGES, fill=True, color=COLOURS["theory"])

        self.floor = 1e-5
        gradients.set(xlim=(-0.6, 3.7), ylim=(self.floor, 2), yscale="log")
        gradients.set_xticks(range(3), ["ReLU", "Leaky\n0.01", "Leaky\n0.1"])
        gradients.set_ylabel("gradient into its weights\n(share of the largest)")
        gradients.axhline(STUCK_RELATIVE, color=COLOURS["ink"], linestyle=":", linewidth=1.6)
        gradients.text(2.5, STUCK_RELATIVE * 0.8, "stuck\nbelow", va="top")
        gradients.grid(False, axis="x")
        self.verdict = gradients.set_title(" ")
        colours = [style_of(alpha)["color"] for alpha in self.ALPHAS]
        self.bars = gradients.bar(range(3), 1.0, color=colours, width=0.6, hatch=["", "//", "\\\\"])
        self.zeros = [
            gradients.text(place, self.floor * 1.3, "0", ha="center", va="bottom", fontweight="bold")
            for place in range(3)
        ]
        self.canvas.moves(self.title, self.verdict, self.negative, self.positive, *self.bars, *self.zeros)

    def update(self, bias: float) -> str:
        """Give the unit this bias, and look at its pre-activations and its gradient."""
        networks_now = self.start.copy()
        networks_now.biases[0][..., self.UNIT] = bias
        _, trace = gradients_of_loss(networks_now, self.data.train_x, self.data.train_y)
        z = trace.pre_activations[0][0, 0, :, self.UNIT]
        norms = hidden_gradient_norms(trace)[:, 0]
        shares = norms[:, 0, self.UNIT] / norms.max(axis=(-2, -1))

        counts = np.histogram(np.clip(z, *self.EDGES[[0, -1]]), self.EDGES)[0]
        right = self.EDGES[:-1] >= -1e-9
        self.negative.set_data(np.where(right, 0, counts))
        self.positive.set_data(np.where(right, counts, 0))
        for bar, zero, share in zip(self.bars, self.zeros, shares, strict=True):
            bar.set_height(max(share, self.floor))
            zero.set_visible(bool(share == 0))
        positive = int((z > 0).sum())
        dead = bool(never_positive(z[:, None])[0])
        self.title.set_text("Never positive" if dead else f"Positive on {positive} of {len(z)} examples")
        held = [name_of(a) for a, share in zip(self.ALPHAS, shares, strict=True) if share <= STUCK_RELATIVE]
        self.verdict.set_text("Stuck: " + (", ".join(held).replace("Leaky ReLU ", "") or "none"))
        return (
            f"With bias {bias:g} the unit is "
            + ("never positive" if dead else f"positive on {positive} of {len(z)} training examples")
            + ". The gradient into its weights, as a share of the largest in its network: "
            + ", ".join(f"{name_of(a)} {share:.2g}" for a, share in zip(self.ALPHAS, shares, strict=True))
            + f". Stuck (at most {STUCK_RELATIVE:g}): {', '.join(held) or 'none'}."
        )


def draw(result: TrainingDeath, axes: Axes, measure: str = "never_positive") -> None:
    """Draw a share of units against the step, one line per slope, with its 95 % interval."""
    for alpha, style in zip(result.alphas, styles_of(result.alphas), strict=True):
        estimates = [result.mean_share(measure, alpha, time) for time in range(len(result.steps))]
        low, value, high = np.array([(e.low, e.value, e.high) for e in estimates]).T
        axes.plot(result.steps, value, markevery=5, markersize=7, label=name_of(alpha), **style)
        axes.fill_between(result.steps, low, high, color=style["color"], alpha=0.18, linewidth=0)
    axes.set(xlabel="training step", ylim=(0, 1.0), xlim=(0, result.settings["steps"]))


def draw_raster(result: TrainingDeath, alpha: float, axes: Axes) -> None:
    """Every unit of every network of one slope against the step: dark where it is never positive."""
    alive, dead, not_finite = 0, 1, 2
    row = result.row(alpha)
    dead_share = result.mean_share("never_positive", alpha).value
    units = np.where(
        result.finite[:, row, :, None, None],
        np.where(result.never_positive[:, row], dead, alive),
        not_finite,
    ).reshape(len(result.steps), -1)
    sorted_by_end = np.lexsort(((units == dead).sum(axis=0), units[-1] == dead, units[-1] == not_finite))
    axes.imshow(
        units[:, sorted_by_end].T,
        aspect="auto",
        interpolation="nearest",
        cmap=ListedColormap(["#FFFFFF", COLOURS["ink"], COLOURS["faint"]]),
        vmin=alive,
        vmax=not_finite,
        extent=(0, result.steps[-1], units.shape[1], 0),
    )
    axes.set(xlim=(0, result.settings["steps"]), yticks=[], title=f"{name_of(alpha)}: {dead_share:.0%}")
    axes.xaxis.set_major_locator(MaxNLocator(4, prune="both"))
    axes.grid(False)
    if gone := result.not_finite(alpha):
        axes.set_xlabel(f"grey: {gone} of {result.finite.shape[-1]} not finite")


@in_house_style()
def dots(results: Mapping[str, TrainingDeath]) -> Figure:
    """Final share of never-positive units, and test accuracy: a dot and an interval per slope and run."""
    figure, (dead, right) = new(1, 2, sharey=True)
    places = []
    for result in results.values():
        start = places[-1] + 2 if places else 0
        these = start + np.arange(len(result.alphas))
        places.extend(these.tolist())
        for alpha, place, style in zip(result.alphas, these, styles_of(result.alphas), strict=True):
            _dot(dead, result.mean_share("never_positive", alpha), place, style)
            _dot(right, result.mean_accuracy(alpha), place, style)
    names = [f"{run}: {name_of(a)}" for run, result in results.items() for a in result.alphas]
    dead.set_yticks(places, names)
    dead.invert_yaxis()
    shares = [
        result.mean_share("never_positive", a).value for result in results.values() for a in result.alphas
    ]
    scores = [result.mean_accuracy(a).value for result in results.values() for a in result.alphas]
    dead.set(xlabel="share of units", title=f"Never positive: {min(shares):.0%} to {max(shares):.0%}")
    right.set(xlabel="test accuracy", title=f"Accuracy: {min(scores):.1%} to {max(scores):.1%}")
    for axes in (dead, right):
        axes.set_xlim(0, 1.02)
    return figure


def _dot(axes: Axes, estimate: Estimate, place: float, style: dict[str, object]) -> None:
    axes.plot([estimate.low, estimate.high], [place, place], color=style["color"])
    axes.plot([estimate.value], [place], marker=style["marker"], color=style["color"], markersize=9)


@in_house_style()
def sheet_of_digits(digits: data.Dataset, count: int = 20) -> Figure:
    """The first ``count`` training images and their labels."""
    figure, panels = new(2, count // 2, height="low")
    for image, label, axes in zip(digits.train_x, digits.train_y, panels.flat, strict=False):
        axes.imshow(image.reshape(8, 8), cmap="gray_r")
        axes.set_title(str(label), fontweight="normal", loc="center")
        axes.axis("off")
    return figure


class TrainingDeathView:
    """Death in training: a raster of units for each slope, and both measures with their intervals."""

    @in_house_style()
    def __init__(self) -> None:
        figure, _ = new(height="high")
        self.canvas = Canvas(figure)

    @in_house_style()
    def update(self, result: TrainingDeath | None, headline: str) -> str:
        """Draw a result, whole or so far; without one, an empty frame under ``headline``."""
        figure = self.canvas.figure
        figure.clear()
        figure.suptitle(headline, fontsize=12, x=0.01, ha="left", color=COLOURS["ink"])
        self.canvas.refresh()
        if result is None:
            axes = figure.subplots()
            axes.axis("off")
            axes.text(0.5, 0.5, "Press Run", ha="center", fontsize=22, color=COLOURS["dead"])
            return f"{headline}. Not run yet: press Run."
        upper, lower = figure.subfigures(2, 1, height_ratios=[1, 1.2])
        panels = np.atleast_1d(upper.subplots(1, len(result.alphas), sharey=True))
        for alpha, axes in zip(result.alphas, panels, strict=True):
            draw_raster(result, alpha, axes)
        panels[0].set_ylabel("units of all networks\ndark: never positive")
        never, held = lower.subplots(1, 2, sharey=True)
        draw(result, never, "never_positive")
        draw(result, held, "stuck")
        never.set(title="Never positive", ylabel="share of units")
        held.set_title("Stuck: no gradient worth the name")
        lower.legend(*never.get_legend_handles_labels(), loc="outside lower center", ncols=len(panels))
        return f"{headline}. {describe(result)}"


def describe(result: TrainingDeath) -> str:
    """Say in words where an experiment on death in training stands."""
    seeds = result.finite.shape[-1]
    parts = []
    for alpha in result.alphas:
        never, held = (result.mean_share(measure, alpha) for measure in ("never_positive", "stuck"))
        gone = result.not_finite(alpha)
        parts.append(
            f"{name_of(alpha)}: {never:.0%} of units never positive, {held:.0%} stuck, "
            f"test accuracy {result.mean_accuracy(alpha).value:.3f}"
            + (f", {gone} of {seeds} networks not finite" if gone else "")
        )
    return (
        f"After {result.steps[-1]} steps, {seeds} twins per slope, 95 % intervals. "
        + "; ".join(parts)
        + "."
    )
