"""Notebook 04: borders, the signal, and a sweep of your own."""

from collections.abc import Sequence
from functools import cache
from typing import ClassVar

import numpy as np
from matplotlib.figure import Figure

from leaky_lib import data, experiments, networks
from leaky_lib.activations import leaky_relu_gain
from leaky_lib.experiments.choice import KINDS
from leaky_lib.experiments.result import Result
from leaky_lib.explorers.pattern import (
    ALPHAS,
    OPTIMISERS,
    Choice,
    Explorer,
    Listed,
    LiveExplorer,
    Number,
    controls_for,
    listed_values,
    write_on,
)
from leaky_lib.figures import (
    COLOURS,
    Canvas,
    deepest,
    draw_region,
    draw_sweep,
    in_house_style,
    new,
    region_shares,
)
from leaky_lib.optimisers import Adam
from leaky_lib.progress import last_of
from leaky_lib.tables import counted, name_of
from leaky_lib.training import accuracy, train


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


def ends() -> Explorer:
    """ReLU, a slope of choice and a linear network, from one start, on the spirals."""
    view = EndsView()
    return Explorer(
        view.canvas,
        view.update,
        {
            "alpha": Number("α", (0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1), 0.1),
            "depth": Number("hidden layers", range(1, 5), 2, whole=True),
            "start": Number("start number", range(10), 0, whole=True),
        },
        {
            "usual: α = 0.01": {"alpha": 0.01},
            "half: α = 0.5": {"alpha": 0.5},
            "nearly linear: α = 0.9": {"alpha": 0.9},
        },
    )


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
        result = experiments.signal(
            [alpha], gain=value, layers=self.LAYERS, width=64, networks=20, examples=16
        )
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


def signal() -> Explorer:
    """The signal through fifty layers, by slope and gain."""
    gains = SignalView.GAINS
    view = SignalView()
    return Explorer(
        view.canvas,
        view.update,
        {"alpha": Number("α", ALPHAS, 0.2), "gain": Choice("gain of the weights", gains, "relu")},
        {
            "usual: α = 0.01": {"alpha": 0.01},
            "α = 0.2": {"alpha": 0.2},
            "linear: α = 1": {"alpha": 1.0},
            "corrected": {"gain": "own"},
        },
    )


def draw_swept(figure: Figure, result: Result) -> str:
    """A sweep: accuracy against the learning rate, and differences between twins by slope."""
    if np.isnan(result.values["diverged"]).all():
        write_on(figure, "No network is trained yet")
        return f"{result.progress:.0%}: no network is trained yet."
    draw_sweep(result, figure)
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
        f"{result.progress:.0%} of the networks trained. Test accuracy with "
        f"{counted(depth, 'hidden layer')}, each at its own best learning rate: {'; '.join(parts)}."
    )


def _slope(text: str) -> float | str:
    return text if text in KINDS else float(text)


def sweep(first: Result | None = None) -> LiveExplorer:
    """Your experiment: a sweep over α with settings of your own; starts from ``first`` if given."""
    if first is None:
        first = experiments.sweep(data="moons", alphas=(0.0, 0.1, 0.3), seeds=5, steps=200, width=16)
    settings = first.settings
    numbers = controls_for(
        settings,
        {
            "width": range(2, 65),
            "seeds": range(2, 101),
        },
    )
    sets = {name: name for name in ("moons", "spirals", "digits")}
    controls: dict[str, Number | Choice | Listed] = {
        "alphas": Listed("slopes α", first.axes["alpha"]),
        "learning_rates": Listed("learning rates", first.axes["learning_rate"]),
        "depths": Listed("hidden layers", first.axes["depth"]),
        "data": Choice("data", sets, settings["data"]),
        **numbers,
    }

    def read(alphas: str, learning_rates: str, depths: str, **values: object) -> dict[str, object]:
        return {
            **settings,
            **values,
            "alphas": listed_values("slopes α", alphas, _slope, f"numbers, {', '.join(KINDS)}"),
            "learning_rates": listed_values("learning rates", learning_rates, float, "numbers above 0"),
            "depths": listed_values("hidden layers", depths, _depth, "whole numbers from 1 to 12"),
            **{name: int(values[name]) for name in ("width", "seeds")},
        }

    def headline(**values: object) -> str:
        asked = read(**values)
        optimiser = OPTIMISERS[asked["optimiser"]]
        several = counted(len(asked["learning_rates"]), "learning rate")
        return (
            f"{asked['data']} · {_depths(asked['depths'])} of {asked['width']} units · "
            f"{optimiser}, {several} · {counted(len(asked['alphas']), 'slope')} × {asked['seeds']} seeds"
        )

    return LiveExplorer(
        draw_swept,
        controls,
        {
            "small: 36 networks": {
                **{"alphas": "0, 0.1, 0.5", "learning_rates": "0.03, 0.1, 0.3"},
                **{"depths": "2", "seeds": 4.0},
            },
            "spirals, Adam": {
                **{"data": "spirals", "optimiser": "adam", "learning_rates": "0.003, 0.01, 0.03"},
                **{"width": 16.0},
            },
            f"all as at first: {counted(first.values['accuracy'].size, 'network')}": {
                name: control.value for name, control in controls.items()
            },
        },
        lambda **values: experiments.sweep.live(**read(**values)),
        headline,
        first,
        save_as="sweep",
    )


def _depths(depths: Sequence[int]) -> str:
    """Depths in words that fit over the picture."""
    if len(depths) > 4:
        return f"{len(depths)} depths, {min(depths)} to {max(depths)} hidden layers"
    *others, last = depths
    return " and ".join(filter(None, [", ".join(map(str, others)), counted(last, "hidden layer")]))


def _depth(text: str) -> int:
    depth = int(text)
    if not 1 <= depth <= 12:
        raise ValueError
    return depth
