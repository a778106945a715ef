"""Notebook 05: channels, and death in deep networks."""

from functools import cache
from typing import ClassVar

import numpy as np

from leaky_lib import data, experiments, networks
from leaky_lib.experiments.result import Result
from leaky_lib.explorers.dying import draw_death, of_kind
from leaky_lib.explorers.pattern import (
    OPTIMISERS,
    RATES,
    Choice,
    Explorer,
    LiveExplorer,
    Number,
    controls_for,
    under_settings,
)
from leaky_lib.figures import (
    COLOURS,
    Canvas,
    empty,
    in_house_style,
)
from leaky_lib.optimisers import Adam
from leaky_lib.progress import last_of
from leaky_lib.training import train
from leaky_lib.units import never_positive


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


def channels() -> Explorer:
    """What the channels of a ReLU network and of its leaking twin see in a digit, layer by layer."""
    view = ChannelsView()
    return Explorer(
        view.canvas,
        view.update,
        {
            "image": Number("test image", range(1, 21), 1, whole=True),
            "layer": Number("layer", range(1, 9), 3, whole=True),
            "learning_rate": Choice("learning rate", ChannelsView.RATES, "0.03"),
        },
        {
            "first layer": {"layer": 1},
            "last layer": {"layer": 8},
            "smaller learning rate": {"learning_rate": "0.01"},
        },
    )


def deep_death(first: Result | None = None) -> LiveExplorer:
    """Death in deep convolutional networks, with settings of your own; starts from ``first`` if given."""
    if first is None:
        first = experiments.training_death(
            **{"data": "digits", "network": "convolutional", "optimiser": "adam", "gain": None},
            **{"learning_rate": 0.03, "depth": 8, "width": 8, "alphas": (0.0, 0.1)},
            **{"steps": 60, "batch": 60, "seeds": 5, "snapshots": 6, "look_at": 240},
        )
    first = of_kind("convolutional", first)
    numbers = controls_for(
        first.settings,
        {
            "learning_rate": RATES,
            "depth": range(2, 11),
            "seeds": range(2, 31),
        },
    )
    norms = {"no": "no", "yes": "yes"}
    controls = {
        **numbers,
        "normalised": Choice("normalised", norms, "yes" if first.settings["normalised"] else "no"),
    }
    run = under_settings(experiments.training_death.live, first.settings)

    def headline(**values: object) -> str:
        kind = "normalised" if values["normalised"] == "yes" else "not normalised"
        return (
            f"digits · {values['depth']:g} convolutions, {kind} · {OPTIMISERS[values['optimiser']]} "
            f"{values['learning_rate']:g} · {values['seeds']:g} twins per slope"
        )

    return LiveExplorer(
        draw_death,
        controls,
        {
            "Adam 0.01": {"optimiser": "adam", "learning_rate": 0.01},
            "momentum 0.03": {"optimiser": "momentum", "learning_rate": 0.03},
            "momentum 0.1": {"optimiser": "momentum", "learning_rate": 0.1},
            "normalised": {"normalised": "yes"},
        },
        lambda normalised, **values: run(normalised=normalised == "yes", **values),
        headline,
        first,
        height="high",
    )
