"""Notebook 06: the relatives, and divergence."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from leaky_lib import data, experiments
from leaky_lib.experiments.limits import TAMING
from leaky_lib.experiments.result import Result
from leaky_lib.explorers.pattern import Choice, Explorer, LiveExplorer, Number
from leaky_lib.family import FAMILY
from leaky_lib.figures import (
    COLOURS,
    Canvas,
    draw_divergence,
    in_house_style,
    new,
    values_done,
)
from leaky_lib.tables import name_of


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


def family() -> Explorer:
    """The relatives of Leaky ReLU, one at a time beside ReLU."""
    names = {name: name for name in FAMILY}
    view = FamilyView()
    return Explorer(
        view.canvas,
        view.update,
        {
            "function": Choice("function", names, "Leaky ReLU 0.01"),
            "z": Number("z", np.linspace(-10, 5, 151).round(1), -1.0),
        },
        {
            "ReLU": {"function": "ReLU"},
            "ELU": {"function": "ELU"},
            "GELU": {"function": "GELU"},
            "z = −10": {"z": -10.0},
        },
    )


def draw_diverged(figure: Figure, result: Result) -> str:
    """Networks that diverge as a setting is turned up."""
    draw_divergence(result, figure)
    return f"{result.progress:.0%} done. {describe_divergence(result)}"


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


TURNED_UP = {
    "learning_rate": (0.25, 0.5, 1.0, 2.0, 4.0, 8.0),
    "gain": (1.0, 1.4, 2.0, 3.0, 4.0, 6.0),
    "depth": (2, 3, 4, 6, 8, 12),
}


def divergence(first: Result | None = None) -> LiveExplorer:
    """Turn a setting up until networks diverge, and tame them; starts from ``first`` if given."""
    first = experiments.divergence(seeds=10) if first is None else first
    settings = first.settings
    turned = {"learning_rate": "learning rate", "gain": "gain", "depth": "hidden layers"}
    tamed = {one: one for one in TAMING}

    def experiment(turned_up: str, tamed_by: str, seeds: float) -> Iterator[Result]:
        asked = {"turned_up": turned_up, "tamed_by": tamed_by, "seeds": int(seeds)}
        values = settings["values"] if turned_up == settings["turned_up"] else TURNED_UP[turned_up]
        return experiments.divergence.live(**{**settings, **asked, "values": values})

    def headline(turned_up: str, tamed_by: str, seeds: float) -> str:
        return (
            f"moons, SGD · {turned[turned_up]} turned up · tamed by {tamed_by} · {seeds:g} twins per slope"
        )

    return LiveExplorer(
        draw_diverged,
        {
            "turned_up": Choice("turned up", turned, settings["turned_up"]),
            "tamed_by": Choice("tamed by", tamed, settings["tamed_by"]),
            "seeds": Number("seeds", range(5, 51, 5), settings["seeds"], whole=True),
        },
        {
            "clipping": {"tamed_by": "clipping"},
            "normalising": {"tamed_by": "normalising"},
            "gain turned up": {"turned_up": "gain"},
            "depth turned up": {"turned_up": "depth"},
        },
        experiment,
        headline,
        first,
    )
