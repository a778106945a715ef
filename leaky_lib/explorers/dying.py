"""Notebook 03: how a neuron dies, death in training, and rescue."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy

from leaky_lib import experiments
from leaky_lib.activations import leaky_relu
from leaky_lib.experiments.neuron import NEURON_EXAMPLES, neuron_path
from leaky_lib.experiments.result import Result
from leaky_lib.explorers.pattern import (
    ALPHAS,
    LEAKY,
    OPTIMISERS,
    RATES,
    Choice,
    LiveExplorer,
    Number,
    Walk,
    controls_for,
    under_settings,
)
from leaky_lib.figures import (
    COLOURS,
    IN_A_ROW,
    Canvas,
    draw,
    draw_raster,
    draw_rescue,
    from_to,
    in_house_style,
    new,
    noun_of,
    style_of,
)
from leaky_lib.tables import counted, name_of


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


def _short(value: float) -> str:
    """A number in few characters, however small or large it is."""
    if value == 0 or 0.01 <= abs(value) < 100 or not np.isfinite(value):
        return f"{value:.2g}"
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}e{int(exponent)}"


def kill() -> Walk:
    """One neuron, killed by one step that is too large, and its leaking twin."""
    view = KillView()
    return Walk(
        view.canvas,
        view.update,
        {
            "learning_rate": Number("learning rate", np.linspace(0, 1, 41).round(3), 0.1),
            "alpha": Number("α of the twin", ALPHAS[1:], 0.1),  # at 0 it is no twin
        },
        {"too large: 1": {"learning_rate": 1.0}, "gentle: 0.1": {"learning_rate": 0.1}},
        [1.0] + [0.1] * 40,
    )


def draw_rescued(figure: Figure, result: Result) -> str:
    """Copies of half-dead ReLU networks, trained on under other slopes."""
    draw_rescue(result, figure)
    parts = [
        f"{course}{_of_those_diverged(result, course)}: "
        f"{result.mean('never_positive', course=course):.0%} of the units never "
        f"positive, accuracy {result.mean('accuracy', course=course):.3f}"
        for course in result.axes["course"]
    ]
    return f"After {result.axes['step'][-1]} steps: {'; '.join(parts)}."


def _of_those_diverged(result: Result, course: str) -> str:
    diverged = result.count("diverged", course=course)
    return f" ({diverged} of {len(result.axes['seed'])} diverged)" if diverged else ""


def rescue(first: Result | None = None) -> LiveExplorer:
    """Dead networks, rescued by another slope; starts from ``first`` if given."""
    first = experiments.rescue() if first is None else first
    controls = controls_for(
        first.settings,
        {
            "learning_rate": RATES,
            "bias": np.linspace(-2, 0, 9),
            "depth": range(1, 9),
            "seeds": range(5, 101, 5),
        },
    )

    def headline(**values: object) -> str:
        return (
            f"moons · {values['depth']:g} × {first.settings['width']} units, biases {values['bias']:g} "
            f"at the start · {OPTIMISERS[values['optimiser']]} {values['learning_rate']:g} · "
            f"{values['seeds']:g} networks"
        )

    return LiveExplorer(
        draw_rescued,
        controls,
        {
            "Adam 0.01": {"optimiser": "adam", "learning_rate": 0.01},
            "SGD 0.3": {"optimiser": "sgd", "learning_rate": 0.3},
            "biases −2": {"bias": -2.0},
        },
        under_settings(experiments.rescue.live, first.settings),
        headline,
        first,
    )


def draw_death(figure: Figure, result: Result) -> str:
    """Death in training: a raster of units for each slope, and both measures with their intervals."""
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
    return f"{describe(result)}"


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


def training_death(first: Result | None = None) -> LiveExplorer:
    """Death in training, with its settings in the learner's hands; starts from ``first`` if given."""
    first = of_kind("dense", experiments.training_death() if first is None else first)
    numbers = controls_for(
        first.settings,
        {
            "learning_rate": (*RATES, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0),
            "depth": range(1, 9),
            "seeds": range(5, 101, 5),
        },
    )
    sets = {name: name for name in ("moons", "spirals", "digits")}
    controls = {"data": Choice("data", sets, first.settings["data"]), **numbers}

    def headline(**values: object) -> str:
        return (
            f"{values['data']} · {values['depth']:g} × {first.settings['width']} units · "
            f"{OPTIMISERS[values['optimiser']]}, learning rate {values['learning_rate']:g} · "
            f"{values['seeds']:g} twins per slope{_unlike_usual(first.settings)}"
        )

    return LiveExplorer(
        draw_death,
        controls,
        {
            "moons: SGD 0.5": {"data": "moons", "optimiser": "sgd", "learning_rate": 0.5},
            "moons: SGD 2": {"data": "moons", "optimiser": "sgd", "learning_rate": 2.0},
            "moons: Adam 0.3": {"data": "moons", "optimiser": "adam", "learning_rate": 0.3},
            "digits: Adam 0.1": {"data": "digits", "optimiser": "adam", "learning_rate": 0.1},
        },
        under_settings(experiments.training_death.live, first.settings),
        headline,
        first,
        height="high",
    )


def of_kind(network: str, first: Result) -> Result:
    """The result, if it is one of this kind of network."""
    if first.settings["network"] != network:
        raise ValueError(f"first must be a result of {network} networks; got {first.settings['network']!r}")
    return first


def _unlike_usual(settings: Mapping[str, object]) -> str:
    """What no control shows and Run keeps, where it is not what it usually is."""
    gain, bias = settings["gain"], settings["bias"]
    unusual = {
        "gain of each slope": gain is None,
        f"gain {gain}": gain is not None and gain != 2**0.5,
        f"biases {bias:g}": bias != 0,
        "normalised": settings["normalised"],
    }
    return "".join(f" · {words}" for words, holds in unusual.items() if holds)
