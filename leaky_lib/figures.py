"""What a result looks like: one palette, one style, and pictures that carry their own description.

`draw` and the other functions put a result on axes. A `Canvas` redraws what moves over what does not. And
a `Picture` is what a notebook shows: a PNG with a text alternative.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import cycle, pairwise
from threading import RLock

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_hex
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator
from PIL import Image

from leaky_lib import data
from leaky_lib.arguments import check_memory, name_among, whole_number
from leaky_lib.experiments.birth import born_dead_bounds
from leaky_lib.experiments.choice import Slope
from leaky_lib.experiments.result import Result
from leaky_lib.intervals import Estimate
from leaky_lib.networks import Ensemble, outputs
from leaky_lib.tables import counted, name_of

__all__ = [
    "CHAPTERS",
    "COLOURS",
    "Picture",
    "born_dead",
    "by_layer",
    "curves",
    "divergences",
    "dots",
    "draw",
    "new",
    "path_map",
    "projector",
    "rates",
    "shifts",
    "show",
    "style_of",
    "sweeps",
]

COLOURS = {
    "relu": "#C44601",  # vermilion
    "leaky": "#0072B2",  # blue
    "theory": "#117A55",  # green
    "dead": "#5F5F5F",  # grey
    "faint": "#8C8C8C",
    "ink": "#1A1A1A",
}
"""Wherever networks are compared, ReLU is vermilion and Leaky ReLU blue. The colours stay apart for
colour-blind readers, and line styles and markers differ as well."""

STYLE = {
    # Matplotlib's own defaults come first: a reader's settings are for the reader's figures.
    **{name: value for name, value in matplotlib.rcParamsDefault.items() if name != "backend"},
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
}

WIDTH = 8.2 + 1e-9  # 8.2 × 100 dots is a hair under 820, and Matplotlib 3.10 cuts that to 819
"""In inches, for every figure."""


@dataclass(frozen=True)
class Size:
    """How large figures are: dots per inch, three heights in inches, and what it asks of the page."""

    dots: int
    heights: Mapping[str, float]
    page: str = ""
    words: str = ""

    def _repr_html_(self) -> str:
        return f"<style>{self.page}</style>{self.words}"

    def __repr__(self) -> str:
        return self.words


DESK = Size(
    100,
    {"low": 3.0, "middle": 3.9, "high": 5.2},
    words="Figures and explorers made from here on have the size for one reader at a desk.",
)

# More dots make text, lines and marks larger alike; lower figures keep a picture and its controls
# together in the 600 pixels that JupyterLab leaves to a notebook on a projector of 1280 by 720.
PROJECTOR = Size(
    128,
    {"low": 2.7, "middle": 3.3, "high": 4.3},
    page="""
.jp-Notebook {
    --jp-content-font-size1: 20px;
    --jp-code-font-size: 18px;
    --jp-widgets-font-size: 19px;
    --jp-widgets-inline-height: 32px;
    --jp-cell-prompt-width: 40px;
}
.jp-Notebook .jupyter-widgets {font-size: var(--jp-widgets-font-size)}
.jp-Notebook .widget-html-content {font-size: 20px}
.jp-Notebook .jp-RenderedHTMLCommon table {font-size: 17px}
.leaky-control .widget-hslider {width: 10em !important}
.leaky-question > * {max-width: 1060px !important}
.leaky-question .widget-radio-box label {height: auto; line-height: 32px; font-size: 20px}
.leaky-question .widget-radio-box input {width: 18px; height: 18px; margin: 7px 8px 7px 1px}
.leaky-predictions {max-width: 1060px !important}
""",
    words="Figures and explorers made from here on have the size for a projector. "
    "figures.projector(False) leads back.",
)


def projector(on: bool = True) -> Size:
    """Make everything large enough for the last row, or, with ``False``, for one reader again.

    What is drawn from here on has larger text and thicker lines, so run the cells below once more. Text,
    code, controls and questions of the page follow at once, as long as the answer of this call, which
    carries their style, stands in the notebook.
    """
    global _size
    _size = PROJECTOR if on else DESK
    return _size


_size = DESK


DRAWING = RLock()
"""Held by whoever draws: JupyterLab runs a control's callback in another thread than a cell, and neither
Matplotlib nor a figure is made for two threads at once."""


@contextmanager
def in_house_style() -> Iterator[None]:
    """Decorates whatever makes or draws a figure."""
    with DRAWING, matplotlib.rc_context({**STYLE, "figure.dpi": _size.dots}):
        yield


@in_house_style()
def new(
    rows: int = 1, columns: int = 1, height: str = "middle", **options: object
) -> tuple[Figure, object]:
    """A figure of the house style and its axes; it belongs to no pyplot window."""
    inches = _size.heights[name_among("height", height, _size.heights)]
    figure = Figure(figsize=(WIDTH, inches), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **options)


def empty(height: str = "middle") -> Figure:
    """A figure of the house style, with nothing on it."""
    figure, _ = new(height=height)
    figure.clear()
    return figure


def style_of(alpha: float, rank: int = 0) -> dict[str, object]:
    """Colour, line and marker of the networks of one slope; ``rank`` tells several Leaky ReLUs apart.

    ReLU is vermilion. The blue of Leaky ReLU deepens with the slope, from 0.01 to 1.
    """
    if alpha == 0:
        return {"color": COLOURS["relu"], "linestyle": "-", "marker": "o"}
    lines, markers = ("--", "-.", ":", (0, (6, 1, 1, 1, 1, 1))), "s^DvPX*<>"
    line, marker = lines[rank % len(lines)], markers[rank % len(markers)]
    depth = np.clip(1 + np.log10(max(abs(alpha), 0.01)) / 2, 0, 1)
    return {"color": to_hex(BLUES(depth)), "linestyle": line, "marker": marker}


BLUES = LinearSegmentedColormap.from_list("blues", ["#3B97D3", "#005C99", "#001728"])


def styles_of(alphas: Sequence[float]) -> list[dict[str, object]]:
    """`style_of` for a list of slopes, in its order."""
    ranks = np.cumsum(np.asarray(alphas) != 0) - 1
    return [style_of(alpha, int(rank)) for alpha, rank in zip(alphas, ranks, strict=True)]


RELATIVES = {
    name: {"color": COLOURS["ink"], "linestyle": line, "marker": marker}
    for name, line, marker in (
        ("PReLU", "--", "s"),
        ("RReLU", "-.", "^"),
        ("ELU", "--", "D"),
        ("GELU", "-.", "v"),
        ("SiLU", ":", "P"),
    )
}
"""How the networks look whose slope is no number."""


IN_A_ROW = 4
"""So many names of networks fit side by side."""


def panel_name(alpha: float, panels: int) -> str:
    """The networks of a slope, in few letters where many panels stand side by side."""
    return name_of(alpha) if panels <= IN_A_ROW or alpha == 0 else f"α = {alpha:g}"


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

    def refresh(self, layout: bool = True) -> None:
        """Have the background drawn anew after limits or ticks have changed, and all laid out anew.

        Without a new ``layout`` the axes stay where they are, so the first one has to leave room.
        """
        if layout:
            self.figure.set_layout_engine("constrained")
        self._background = None

    @in_house_style()
    def png(self) -> bytes:
        """The picture as it now is."""
        if self._background is None:
            self.agg.draw()
            self.figure.set_layout_engine("none")  # a second layout could move the axes
            self._background = self.agg.copy_from_bbox(self.figure.bbox.padded(1))
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


def draw_by_step(result: Result, measure: str, axes: Axes, styles: Iterable[dict], faint: float) -> None:
    """Draw a measure against the step, one line per slope or course, with its 95 % interval."""
    steps, compared = result.axes["step"], result.axes[result.compared]
    for which, style in zip(compared, styles, strict=True):
        estimates = [result.mean(measure, **{result.compared: which, "step": step}) for step in steps]
        low, value, high = np.array([(e.low, e.value, e.high) for e in estimates]).T
        name = which if result.compared == "course" else name_of(which)
        axes.plot(steps, value, markevery=5, markersize=7, label=name, **style)
        axes.fill_between(steps, low, high, color=style["color"], alpha=faint, linewidth=0)
    axes.set(xlabel="training step", xlim=(0, result.settings["steps"]))


def draw(result: Result, axes: Axes, measure: str = "never_positive") -> None:
    """Draw a share of units against the step, one line per slope, with its 95 % interval."""
    draw_by_step(result, measure, axes, styles_of(result.axes["alpha"]), faint=0.18)
    axes.set(ylim=(0, 1.0))


def noun_of(result: Result) -> str:
    """What is counted: the units of a dense network, the channels of a convolutional one."""
    return "channels" if result.settings.get("network") == "convolutional" else "units"


def draw_raster(result: Result, alpha: float, axes: Axes) -> None:
    """Every unit of every network of one slope against the step: black where it is never positive."""
    positive, never, diverged = 0, 1, 2
    of_slope, alphas = result.at(alpha=alpha).values, result.axes["alpha"]
    steps = np.array(result.axes["step"])
    units = np.where(
        of_slope["diverged"][..., None, None],
        diverged,
        np.where(of_slope["never_positive"], never, positive),
    ).reshape(len(steps), -1)
    # A look stands for the time that is nearer to it than to any other.
    between = (steps[1:] + steps[:-1]) / 2
    edges = np.array([0, *between, max(steps[-1], 1)])
    by_end = np.lexsort(((units == never).sum(axis=0), units[-1] == never, units[-1] == diverged))
    axes.pcolorfast(
        edges,
        np.arange(units.shape[1] + 1),
        units[:, by_end].T,
        cmap=ListedColormap(["#FFFFFF", COLOURS["ink"], COLOURS["faint"]]),
        vmin=positive,
        vmax=diverged,
    )
    count, seeds = result.count("diverged", alpha=alpha), len(result.axes["seed"])
    crowded = len(alphas) > IN_A_ROW
    share = f"{result.mean('never_positive', alpha=alpha).value:.0%}"
    found = share if crowded else f"{share} never positive"
    if count == seeds:
        found = "all diverged"
    elif len(steps) == 1:  # too narrow to be seen
        found = f"{share} at first"
    axes.set(xlim=(0, result.settings["steps"]), ylim=(units.shape[1], 0), yticks=[])
    small = 11 if len(alphas) > 3 else None
    axes.set_title(f"{panel_name(alpha, len(alphas))}\n{found}", fontsize=small)
    # Where four panels share the width, one line would reach into the next one.
    apart = "\n" if len(alphas) > 3 else " "
    axes.set_xlabel("training step" + (f"\ngrey: {count} of {seeds}{apart}diverged" if count else ""))
    axes.xaxis.set_major_locator(MaxNLocator(3, prune="upper"))
    axes.grid(False)


def from_to(estimates: Iterable[Estimate], spec: str = ".0%") -> str:
    """The smallest and the largest of some numbers, for a title; those of no network are left out."""
    known = [estimate.value for estimate in estimates if estimate.networks]
    return f"{min(known):{spec}} to {max(known):{spec}}" if known else "–"


@in_house_style()
def curves(result: Result) -> Figure:
    """A panel per slope: the output of every network, over what it was to learn."""
    alphas, x = result.axes["alpha"], np.array(result.axes["x"])
    figure, panels = new(1, len(alphas), sharey=True, squeeze=False)
    panels = panels[0]
    low, high = -0.6, 2.0
    for drawn, alpha, axes in zip(result.values["output"], alphas, panels, strict=True):
        lines = np.stack([np.broadcast_to(x, drawn.shape), drawn], axis=-1)
        colour = style_of(alpha)["color"]
        axes.add_collection(LineCollection(list(lines), colors=colour, linewidths=0.8, alpha=0.35))
        axes.plot(x, np.abs(x), color=COLOURS["ink"], linestyle="--", linewidth=1.6)
        axes.set(xlim=(-1.8, 1.8), ylim=(low, high))
        leaving = np.isfinite(drawn).all(axis=-1) & ((drawn < low) | (drawn > high)).any(axis=-1)
        apart = "\n" if len(panels) > IN_A_ROW else " "
        counts = {
            "diverged": result.count("diverged", alpha=alpha),
            f"leaving{apart}the frame": int(leaving.sum()),
        }
        notes = [f"\n{count} {what}" for what, count in counts.items() if count]
        axes.set_xlabel("".join(["x", *notes]))
        constant = f"{result.share('constant', alpha=alpha).value:.0%}{apart}constant"
        axes.set_title(f"{panel_name(alpha, len(panels))}\n{constant}")
    panels[0].set_ylabel("output; dashed: the target |x|")
    return figure


def draw_rescue(result: Result, figure: Figure | SubFigure) -> None:
    """Share of never-positive units, and accuracy, by step; one line per course, with 95 % intervals."""
    panels, courses = figure.subplots(1, 2), result.axes["course"]
    slopes = np.ravel(result.settings["alphas"])
    ends = {}
    for axes, measure in zip(panels, ("never_positive", "accuracy"), strict=True):
        draw_by_step(result, measure, axes, styles_of([0.0, *slopes, slopes[-1]]), faint=0.15)
        for name in ("swap", "back"):
            axes.axvline(result.settings[name], color=COLOURS["ink"], linestyle=":", linewidth=1.4)
        ends[measure] = [result.mean(measure, course=course) for course in courses]
    panels[0].set(ylabel="share of units", ylim=(0, 1))
    panels[0].set_title(f"Never positive: {from_to(ends['never_positive'])}")
    diverged = [result.count("diverged", course=course) for course in courses]
    if any(diverged):
        counts = ", ".join(map(str, diverged))
        panels[0].set_xlabel(f"training step\ndiverged: {counts} of {len(result.axes['seed'])}")
    panels[1].set(
        ylim=_accuracies(panels[1], 0.4), title=f"Test accuracy: {from_to(ends['accuracy'], '.2f')}"
    )
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)


def _accuracies(axes: Axes, bottom: float) -> tuple[float, float]:
    """An axis for accuracies: from ``bottom``, or from as far below as something is drawn, to 1."""
    return min(bottom, axes.dataLim.y0 - 0.03), 1.02


BORN_DEAD_PUBLISHED = {3: (0.60, "about 60 %"), 5: (0.10, "more than 10 %"), 10: (0.01, "less than 1 %")}
"""Lu et al. (2019), nine hidden layers, by width."""


@in_house_style()
def born_dead(shares: Mapping[tuple[int, int], float]) -> Figure:
    """Share of networks that are born dead against depth, by (width, depth), beside theory and Lu et al."""
    figure, axes = new()
    for width in sorted({width for width, _ in shares}):
        depths = sorted(depth for each, depth in shares if each == width)
        low, high = born_dead_bounds(width, depths)
        axes.fill_between(depths, low, high, color=COLOURS["theory"], alpha=0.25, linewidth=0)
        found = [shares[width, depth] for depth in depths]
        axes.plot(depths, found, "o", color=COLOURS["relu"], markersize=5)
        axes.text(depths[-1] + 0.4, found[-1], f"{width} wide", va="center")
        if width in BORN_DEAD_PUBLISHED:
            share, said = BORN_DEAD_PUBLISHED[width]
            axes.plot([9], [share], "D", color=COLOURS["ink"], markersize=8)
            axes.annotate(said, (9, share), (8, 4), textcoords="offset points", fontsize=10)
    axes.set(xlabel="hidden layers", ylabel="share that is born dead", ylim=(-0.03, 1.03), xlim=(0.5, 23))
    axes.set_xticks(range(0, 21, 5))
    axes.set_title("Depth kills, width protects")
    return figure


@in_house_style()
def dots(results: Mapping[str, Result]) -> Figure:
    """Final share of never-positive units, and test accuracy: a dot and an interval per slope and run."""
    figure, (never, right) = new(1, 2, sharey=True)
    places, shares, scores = [], [], []
    for result in results.values():
        start, alphas = places[-1] + 2 if places else 0, result.axes["alpha"]
        these = start + np.arange(len(alphas))
        places.extend(these.tolist())
        for alpha, place, style in zip(alphas, these, styles_of(alphas), strict=True):
            shares.append(result.mean("never_positive", alpha=alpha))
            scores.append(result.mean("accuracy", alpha=alpha))
            _dot(never, shares[-1], place, style)
            _dot(right, scores[-1], place, style)
    names = [f"{run}: {name_of(a)}" for run, result in results.items() for a in result.axes["alpha"]]
    never.set_yticks(places, names)
    never.invert_yaxis()
    never.set(xlabel="share of units", title=f"Never positive: {from_to(shares)}")
    right.set(xlabel="test accuracy", title=f"Accuracy: {from_to(scores, '.1%')}")
    never.set(xlim=(-0.02, 1.02), xticks=(0, 0.5, 1))
    right.set_xlim(np.nanmin([score.low for score in scores]) - 0.03, 1.01)
    return figure


@in_house_style()
def by_layer(results: Mapping[str, Result]) -> Figure:
    """Final share of never-positive units by layer, a panel per run, with 95 % intervals."""
    figure, panels = new(1, len(results), sharey=True)
    for (name, result), axes in zip(results.items(), np.atleast_1d(panels), strict=True):
        layers, alphas = result.axes["layer"], result.axes["alpha"]
        for alpha, style in zip(alphas, styles_of(alphas), strict=True):
            found = [result.mean("never_positive", alpha=alpha, layer=layer) for layer in layers]
            low, value, high = np.array([(e.low, e.value, e.high) for e in found]).T
            places = np.arange(1, len(found) + 1)
            axes.plot(places, value, markersize=7, label=name_of(alpha), **style)
            axes.fill_between(places, low, high, color=style["color"], alpha=0.15, linewidth=0)
        axes.set(xlabel="layer", ylim=(-0.02, 1))
        axes.set_title(f"{name}\n{_who_loses(result)}", fontsize=11)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    panels = np.atleast_1d(panels)
    panels[0].set_ylabel("share never positive")
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=IN_A_ROW)
    return figure


def _who_loses(result: Result) -> str:
    """What share of their units the networks of the first slope lose, and those of the last."""

    def lost(alpha: float) -> str:
        share = result.mean("never_positive", alpha=alpha)
        return "–" if not share.networks else "none" if share.value < 0.005 else f"{share.value:.0%}"

    first, *_, last = result.axes["alpha"]
    return f"{name_of(first)} loses {lost(first)}, {last:g} {lost(last)}"


@in_house_style()
def shifts(results: Mapping[str, np.ndarray], functions: Sequence[float | str]) -> Figure:
    """The shift of the mean by layer, (layers, functions, networks), a panel per kind of network."""
    figure, panels = new(1, len(results), sharey=True)
    slopes = [function for function in functions if not isinstance(function, str)]
    others = {"color": COLOURS["theory"], "linestyle": ":", "marker": "P"}
    styles = [*styles_of(slopes), *[others] * (len(functions) - len(slopes))]
    for (name, shift), axes in zip(results.items(), np.atleast_1d(panels), strict=True):
        layer = np.arange(1, len(shift) + 1)
        for row, (function, style) in enumerate(zip(functions, styles, strict=True)):
            axes.plot(layer, shift[:, row].mean(axis=-1), label=name_of(function), markersize=6, **style)
        axes.set(xlabel="layer", title=name, ylim=(0, None))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    first = np.atleast_1d(panels)[0]
    first.set_ylabel("shift of the mean, in spreads")
    figure.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def draw_divergence(result: Result, figure: Figure | SubFigure) -> None:
    """Share of networks that diverged, and accuracy of the others, as a setting is turned up."""
    diverged, right = figure.subplots(1, 2)
    _against_values(diverged, result, result.share, "diverged")
    _against_values(right, result, result.mean, "accuracy")
    diverged.set(title=_who_diverges(result), ylabel="share of networks that diverged", ylim=(-0.03, 1.03))
    guess = {"color": COLOURS["dead"], "linestyle": ":", "linewidth": 1.2}
    right.axhline(1 / 2, label="a guess", **guess)
    right.set(
        title=_how_good_the_others_are(result), ylabel="test accuracy of the others", ylim=(0.4, 1.02)
    )
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=5)


def _who_diverges(result: Result) -> str:
    counts = np.nansum(result.values["diverged"], axis=(0, 2))
    if counts.any():
        return f"{name_of(result.axes['alpha'][counts.argmax()])} diverges most"
    if not (done := values_done(result)):
        return "No value is done yet"
    return "None diverges" if done == result.axes["value"] else "None diverges so far"


def values_done(result: Result) -> tuple[float, ...]:
    """Those values of the setting that is turned up whose networks are trained."""
    trained = (~np.isnan(result.values["diverged"])).any(axis=(1, 2))
    return tuple(value for value, done in zip(result.axes["value"], trained, strict=True) if done)


def _how_good_the_others_are(result: Result) -> str:
    """How accurate the networks are that did not diverge, at the last value where there are such."""
    done = values_done(result)
    for value in done[::-1]:
        found = {a: result.mean("accuracy", value=value, alpha=a).value for a in result.axes["alpha"]}
        left = {alpha: right for alpha, right in found.items() if not np.isnan(right)}
        if left:
            alpha = max(left, key=left.get)
            return f"Of the others, {name_of(alpha)} has {left[alpha]:.2f} at {value:g}"
    return "All diverge" if done else "No value is done yet"


def _against_values(axes: Axes, result: Result, estimate: Callable[..., Estimate], measure: str) -> None:
    """A line per slope; the intervals stand beside each other, so that none hides another."""
    alphas, values = result.axes["alpha"], np.array(result.axes["value"])
    middle = (len(alphas) - 1) / 2
    closest = min((more / less for less, more in pairwise(values)), default=np.inf)
    # Between the groups of two neighbouring values stays more room than within a group.
    apart = min(1.1, closest ** (1 / (len(alphas) + 2)))
    for rank, (alpha, style) in enumerate(zip(alphas, styles_of(alphas), strict=True)):
        found = [estimate(measure, value=value, alpha=alpha) for value in values]
        places = values * apart ** (rank - middle)
        axes.plot(places, [e.value for e in found], markersize=6, label=name_of(alpha), **style)
        axes.vlines(places, [e.low for e in found], [e.high for e in found], color=style["color"])
    low, high = values[[0, -1]]
    axes.set(xscale="log", xlabel=result.settings["turned_up"].replace("_", " "))
    axes.set(xlim=(low / 1.4, high * 1.4))
    axes.set_xticks(values, [f"{value:g}" for value in values])
    axes.minorticks_off()


@in_house_style()
def divergences(result: Result) -> Figure:
    """`draw_divergence` as a figure of its own."""
    figure = empty()
    draw_divergence(result, figure)
    return figure


def _dot(axes: Axes, estimate: Estimate, place: float, style: dict[str, object]) -> None:
    axes.plot([estimate.low, estimate.high], [place, place], color=style["color"])
    axes.plot([estimate.value], [place], marker=style["marker"], color=style["color"], markersize=9)


REGION = (-2.2, 2.2)
"""The square of the plane that is shown, in both inputs."""


def region_shares(ensemble: Ensemble, dataset: data.Dataset, side: int = 81) -> np.ndarray:
    """The probability of class 1 on a grid: shape (*members, side, side)."""
    side = whole_number("side", side, minimum=1)
    check_memory(64 * side**2 * ensemble.flat().members[0], side=side)
    line = np.linspace(*REGION, side)
    grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    logits = outputs(ensemble, grid)
    with np.errstate(over="ignore"):
        share = 1 / (1 + np.exp(logits[..., 0] - logits[..., 1]))
    return share.reshape(*ensemble.members, side, side)


def draw_region(axes: Axes, dataset: data.Dataset) -> AxesImage:
    """The examples of both classes over an image, still empty, of what a network answers."""
    colours = [COLOURS["relu"], "#FFFFFF", COLOURS["leaky"]]
    image = axes.imshow(
        np.full((2, 2), 0.5),
        origin="lower",
        extent=(*REGION, *REGION),
        vmin=-0.6,
        vmax=1.6,
        cmap=LinearSegmentedColormap.from_list("answers", colours),
        interpolation="bilinear",
    )
    for label, marker in enumerate("o^"):
        these = dataset.train_x[dataset.train_y == label]
        axes.plot(*these.T, marker, color=COLOURS["ink"], markersize=3, markerfacecolor="none")
    axes.set(xlim=REGION, ylim=REGION, xticks=[-2, 0, 2], yticks=[-2, 0, 2])
    axes.grid(False)
    return image


MOST_SLANTED_LABELS = 12
"""More slopes than these have their labels upright, so that none lies on the next."""


def draw_sweep(result: Result, figure: Figure | SubFigure) -> None:
    """Test accuracy against the learning rate, and the difference from the baseline twins by slope.

    On the left the deepest networks that have been trained, a line per slope; on the right a line per
    depth, each slope at its own best learning rate.
    """
    left, right = figure.subplots(1, 2)
    depth = deepest(result)
    _draw_rates(left, result, depth)
    left.set(ylabel="test accuracy", title=counted(depth, "hidden layer"))
    _accuracies_on(left)
    _draw_pairs(right, result)
    depths = result.axes["depth"]
    if len(depths) > 1:
        right.legend(fontsize=9, loc="best", ncols=1 + len(depths) // 5)
    figure.legend(
        *left.get_legend_handles_labels(), loc="outside lower center", ncols=IN_A_ROW, fontsize=10
    )


def deepest(result: Result) -> int:
    """The largest depth of which a network has been trained."""
    trained = (~np.isnan(result.values["diverged"])).any(axis=(1, 2, 3))
    return max(zip(trained, result.axes["depth"], strict=True))[1]


def _draw_rates(axes: Axes, result: Result, depth: int, alphas: Sequence[Slope] | None = None) -> None:
    """A line per slope, ringed at its best learning rate, hollow where some of its networks diverged.

    It ends where more than half of them did: those that are left are no fair sample.
    """
    alphas = result.axes["alpha"] if alphas is None else alphas
    of_depth, rates_ = result.at(depth=depth), result.axes["learning_rate"]
    own = of_depth.at_best_rate()
    numbers = [alpha for alpha in alphas if not isinstance(alpha, str)]
    styles = dict(zip(numbers, styles_of(numbers), strict=True))
    for alpha in alphas:
        style = RELATIVES[alpha] if isinstance(alpha, str) else styles[alpha]
        means = [_error(of_depth, alpha, rate) for rate in rates_]
        marks = {**style, "linestyle": "none", "markersize": 7}
        axes.plot(rates_, means, **{**style, "marker": ""}, linewidth=1.6)
        for rate, mean in zip(rates_, means, strict=True):
            hollow = of_depth.count("diverged", alpha=alpha, learning_rate=rate) > 0
            axes.plot([rate], [mean], **marks, markerfacecolor="white" if hollow else style["color"])
        axes.plot([], [], **style, markersize=7, label=name_of(alpha))
        best = own.number("learning_rate", alpha=alpha)
        ring = {"marker": "o", "markersize": 13, "markerfacecolor": "none", "color": style["color"]}
        axes.plot([best], [_error(of_depth, alpha, best)], **ring)
    axes.set(xscale="log", xlabel="learning rate", yscale="log")
    axes.set_xticks(rates_, [f"{rate:g}" for rate in rates_], fontsize=10)
    axes.minorticks_off()


def _accuracies_on(axes: Axes) -> None:
    """Turn an axis of errors upside down, and name the accuracies on it."""
    low, high = axes.get_ylim()
    ticks = [right for right in ACCURACIES if low <= 1 - right <= high]
    axes.set_yticks([1 - right for right in ticks], [f"{right:g}" for right in ticks])
    axes.minorticks_off()
    axes.set_ylim(high, low)


ACCURACIES = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
"""What an axis of accuracies can name. It is even in the ratio of the errors, so that 0.97 and 0.98 stand
apart where another network is right by chance."""


def _error(result: Result, alpha: Slope, rate: float) -> float:
    """Share of wrong answers, or what is as good as none on that axis; NaN if more than half diverged."""
    right = result.mean("accuracy", alpha=alpha, learning_rate=rate)
    if result.count("diverged", alpha=alpha, learning_rate=rate) > right.networks:
        return np.nan
    return max(1 - right.value, 0.001)


def _draw_pairs(axes: Axes, result: Result) -> None:
    """Differences from the baseline twins with intervals that hold together, a line per depth."""
    own, alphas, depths = result.at_best_rate(), result.axes["alpha"], result.axes["depth"]
    places = np.arange(len(alphas))
    numbers = [place for place, alpha in enumerate(alphas) if not isinstance(alpha, str)]
    for depth, marker in zip(depths, cycle("osD^vPX*<>hd"), strict=False):
        shade = COLOURS["leaky" if depth == max(depths) else "theory"]
        line = "-" if depth == max(depths) else "--"
        found = [own.paired("accuracy", alpha=alpha, depth=depth) for alpha in alphas]
        low, value, high = 100 * np.array([(e.low, e.value, e.high) for e in found]).T
        axes.plot(places[numbers], value[numbers], line, color=shade, linewidth=1.6)
        axes.plot(places, value, marker, color=shade, label=counted(depth, "hidden layer"))
        axes.vlines(places, low, high, color=shade, linewidth=1.6)
    axes.axhline(0, color=COLOURS["relu"], linewidth=1.2)
    axes.set_xticks(places, [str(a) if isinstance(a, str) else f"{a:g}" for a in alphas])
    axes.tick_params(axis="x", rotation=60 if len(places) <= MOST_SLANTED_LABELS else 90)
    axes.set(xlabel="slope α", xlim=(-0.4, len(places) - 0.6))
    axes.set_ylabel(f"minus {name_of(alphas[0])}, points")
    axes.set_title(_largest_clear_difference(own))


@in_house_style()
def rates(results: Mapping[str, Result], alphas: Sequence[Slope] | None = None) -> Figure:
    """Test accuracy against the learning rate: a panel per sweep of one depth, a line per slope."""
    figure, panels = new(1, len(results), sharey=True, squeeze=False)
    for (name, result), axes in zip(results.items(), panels[0], strict=True):
        _draw_rates(axes, result, deepest(result), alphas)
        axes.set_title(name)
    panels[0, 0].set_ylabel("test accuracy")
    _accuracies_on(panels[0, 0])
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=IN_A_ROW)
    return figure


def _largest_clear_difference(own: Result) -> str:
    pairs = {
        (alpha, depth): own.paired("accuracy", alpha=alpha, depth=depth)
        for depth in own.axes["depth"]
        for alpha in own.axes["alpha"][1:]
    }
    clear = {at: pair for at, pair in pairs.items() if pair.low > 0 or pair.high < 0}
    if not clear:
        return "No clear difference"
    (alpha, depth), pair = max(clear.items(), key=lambda item: abs(item[1].value))
    slope = alpha if isinstance(alpha, str) else f"α = {alpha:.3g}"
    points = 100 * pair.value
    shown = f"{points:+.1f}" if abs(points) < 10 else f"{points:+.0f}"
    return f"Clear {shown}: {slope}, {counted(depth, 'layer')}".replace("-", "−")


@in_house_style()
def sweeps(result: Result) -> Figure:
    """`draw_sweep` as a figure of its own."""
    figure = empty()
    draw_sweep(result, figure)
    return figure


CHAPTERS = (
    ("00", "Start here", "one number"),
    ("01", "The definition", "what to do with bad news?"),
    ("02", "The derivative", "what comes back?"),
    ("03", "The dying ReLU", "how does a neuron die?"),
    ("04", "Choosing alpha", "which α, and who says so?"),
    ("05", "Going deep", "and with convolutions?"),
    ("06", "Limits", "when not to use it?"),
)
"""The notebooks: number, title and question."""


@in_house_style()
def path_map(here: str) -> Figure:
    """The chapters as stations of a path; ``here``, such as "03", is filled."""
    name_among("here", here, [number for number, _, _ in CHAPTERS])
    figure, axes = new(height="low")
    axes.set(xlim=(-0.5, 3.5), ylim=(-0.6, 1.55))
    axes.axis("off")
    # Four stations above, then back below from right to left, so that every step is a short one.
    places = [(0, 1), (1, 1), (2, 1), (3, 1), (3, 0), (2, 0), (1, 0)]
    below_the_words = 0.36
    for x, y in (((0, 3), (1, 1)), ((3, 3, 1), (below_the_words, 0, 0))):
        axes.plot(x, y, color=COLOURS["faint"], linewidth=3, zorder=0)
    for (number, title, question), (x, y) in zip(CHAPTERS, places, strict=True):
        colour = COLOURS["leaky" if number == here else "ink"]
        axes.text(
            *(x, y, number),
            **{"ha": "center", "va": "center", "fontweight": "bold", "fontsize": 15},
            color="white" if number == here else colour,
            bbox={
                "boxstyle": "circle,pad=0.35",
                "facecolor": colour if number == here else "white",
                "edgecolor": colour,
            },
        )
        label = {"ha": "center", "va": "top"}
        axes.text(x, y - 0.3, title, fontweight="bold", color=colour, **label)
        axes.text(x, y - 0.48, question, fontsize=10, color=COLOURS["ink"], **label)
    axes.set_title("Seven questions, each raised by the one before")
    return figure
