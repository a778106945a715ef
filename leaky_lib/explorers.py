"""Explorers: controls and one picture, one line in a notebook.

There is one pattern. A *view* of `leaky_lib.views` draws; an `Explorer` puts controls, presets, a
caption in words and a place for error messages around its picture. The picture is a PNG in a widget of
fixed size: nothing jumps, and where no kernel runs the same picture stands in the notebook, with the
caption as its text alternative.

A `LiveExplorer` has work to do first: Run starts it as a task on the kernel's own event loop (no
threads, so it also runs where Python runs in the browser), Stop keeps what was computed.
"""

import asyncio
import builtins
import html
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from sys import platform
from time import monotonic
from typing import ClassVar, Protocol
from weakref import WeakValueDictionary

import ipywidgets as widgets
import numpy as np
import traitlets

from leaky_lib import experiments, figures, page, views
from leaky_lib.experiments.choice import KINDS
from leaky_lib.experiments.limits import TAMING
from leaky_lib.experiments.result import Result
from leaky_lib.family import FAMILY
from leaky_lib.tables import counted

__all__ = [
    "Choice",
    "Explorer",
    "Listed",
    "LiveExplorer",
    "Number",
    "Walk",
    "channels",
    "deep_death",
    "divergence",
    "ends",
    "family",
    "kill",
    "layer",
    "long_way",
    "one_number",
    "rescue",
    "shape",
    "signal",
    "sweep",
    "tangent",
    "training_death",
]

ALPHAS = (0, *np.round(np.geomspace(0.001, 1, 46), 4).tolist())
"""Where an α slider can stand: 0, then evenly in ratio from 0.001 to 1."""

RATES = (*(round(part * decade, 4) for decade in (0.001, 0.01, 0.1) for part in (1, 1.5, 2, 3, 5, 7)), 1.0)
"""Where a slider for a learning rate can stand, up to 1."""


BREATH_SECONDS = 0.03 if platform == "emscripten" else 0.001
"""How long a run waits, again and again, for what its reader does. In a browser a click goes through some
ten turns of the event loop before it is heard, and a shorter wait lets it through one."""

OPTIMISERS = {"sgd": "SGD", "momentum": "momentum", "adam": "Adam"}

ROW = {"flex_flow": "row wrap", "grid_gap": "0 0.7em"}
"""Widgets beside each other, in as many lines as they need."""


WITH_MARGINS = "calc(100% - 4px)"
"""All of the width there is: every widget has a margin of 2 px on each side."""


class View(Protocol):
    """What an explorer shows: a figure kept alive."""

    canvas: figures.Canvas

    def update(self, **values: object) -> str:
        """Move the picture to these values, and say in words what it shows."""


class Number(widgets.HBox):
    """A slider and a number field for one value; the field takes any number in the range.

    The slider stands on a list of places, evenly spaced or not; the field carries the label.
    """

    value = traitlets.Float()
    problem = traitlets.Unicode()

    def __init__(self, label: str, places: Sequence[float], start: float, whole: bool = False) -> None:
        self.label = label
        self.places = np.asarray(places, dtype=float)
        self.whole = whole
        # Not IntText for whole numbers: it cuts 3.5 to 3, and leaves "3.5" standing beside that picture.
        self.field = widgets.FloatText(
            value=start,
            step=1 if whole else None,
            description=label,
            style={"description_width": "initial"},
            layout={"width": f"{7 + 0.6 * len(label):.1f}em", "flex": "0 0 auto"},
        )
        self.slider = widgets.SelectionSlider(
            options=[(f"{place:g}", place) for place in self.places.tolist()],
            index=self._nearest(start),
            readout=False,
            # In a narrow window the slider shrinks, and the field, which has to be read, does not.
            layout={"width": "15em", "min_width": "5em"},
        )
        named = page.handle_named(label, [text for text, _ in self.slider.options])
        # At its end the handle stands out by some pixels: no reason for a scroll bar, nor to be cut.
        super().__init__(
            [self.field, self.slider, named],
            value=start,
            layout={"overflow": "visible", "max_width": "calc(100% - 0.8em)"},
        )
        self.add_class("leaky-control")
        self.slider.observe(self._slid, "value")
        self.field.observe(self._typed, "value")
        self.observe(lambda _: self.settle(), "value")

    def settle(self) -> None:
        """Bring field and slider to the value, then forget what was typed wrongly."""
        self.field.value = self.value
        self.slider.index = self._nearest(self.value)
        self.problem = ""

    def _nearest(self, value: float) -> int:
        return int(np.abs(self.places - value).argmin())

    def _slid(self, change: dict) -> None:
        # A slider that was only moved to the nearest place must not overwrite the typed value.
        if self.slider.index != self._nearest(self.value):
            self.value = change["new"]

    def _typed(self, change: dict) -> None:
        low, high = self.places[[0, -1]]
        typed = change["new"]
        if low <= typed <= high and not (self.whole and typed % 1):
            self.problem = ""
            self.value = typed
        else:
            kind = "a whole number " * self.whole
            self.problem = f"{self.label} must be {kind}between {low:g} and {high:g}; got {typed:.12g}."


class Choice(widgets.Dropdown):
    """One of a few options, ``{value: text shown}``."""

    problem = traitlets.Unicode()

    def __init__(self, label: str, options: Mapping[str, str], start: str) -> None:
        super().__init__(
            options=[(text, value) for value, text in options.items()],
            value=start,
            description=label,
            style={"description_width": "initial"},
            layout={
                "width": f"{max(9, 4 + 0.6 * max(map(len, options.values()))) + 0.6 * len(label):.1f}em"
            },
        )
        self.places = tuple(options)
        self.add_class("leaky-control")

    def settle(self) -> None:
        """Nothing to do: a list cannot be set wrongly."""


class Listed(widgets.Text):
    """A list of values, typed with commas between them."""

    problem = traitlets.Unicode()

    def __init__(self, label: str, start: Sequence) -> None:
        super().__init__(
            value=", ".join(str(part) if isinstance(part, str) else f"{part:g}" for part in start),
            description=label,
            continuous_update=False,
            style={"description_width": "initial"},
            layout={"width": f"{max(14, 0.65 * len(label) + 0.6 * sum(4 for _ in start)):.1f}em"},
        )
        self.add_class("leaky-list")

    def settle(self) -> None:
        """Nothing to do: a wrong part is said when the list is read."""


def listed_values(name: str, text: str, parsed: Callable[[str], object], allowed: str) -> tuple:
    """The values that a text lists, or an error that names the part that is none."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(parsed(part))
        except ValueError:
            raise ValueError(f"{name} can list {allowed}, with commas between; got {part!r}") from None
    if not found:
        raise ValueError(f"{name} must list at least one: {allowed}, with commas between")
    return tuple(found)


class _NamedImage(widgets.Image):
    """An image that a screen reader can name.

    Its tooltip becomes the picture's accessible name in the page; the page's code only copes with a
    tooltip where there is a description too, which `ipywidgets.Image` does not have.
    """

    description = traitlets.Unicode("").tag(sync=True)


IN_CELLS: dict[str, tuple[str, list["Explorer"]]] = {}
"""Of each cell of the notebook which run of it made which explorers."""


def _close_those_replaced_by(explorer: "Explorer") -> None:
    """Close the explorers that an earlier run of this cell has made: nobody sees them any more."""
    shell = getattr(builtins, "get_ipython", lambda: None)()
    running = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = running.get("metadata", {}).get("cellId")
    if cell is None:
        return
    run = running["header"]["msg_id"]
    former_run, made = IN_CELLS.get(cell, (run, []))
    if former_run != run:
        for former in made:
            former.close()
        made = []
    IN_CELLS[cell] = run, [*made, explorer]


def _parts_of(widget: widgets.Widget) -> list[widgets.Widget]:
    """A widget, all that stands in it, and what says how they look."""
    parts = [widget]
    for child in getattr(widget, "children", ()):
        parts += _parts_of(child)
    return [*parts, *(getattr(widget, name) for name in ("layout", "style") if hasattr(widget, name))]


class Explorer(widgets.VBox):
    """Controls around the picture of a view.

    Parameters
    ----------
    view : View
    controls : mapping of str to Number, Choice or Listed
        By the name of the argument that ``view.update`` takes.
    presets : mapping of str to dict
        Buttons, by their text: values for some controls. Reset comes on its own.
    """

    task: asyncio.Task | None = None
    """What goes on by itself on the kernel's event loop, where there is such a thing: a run, or a walk."""

    def __init__(
        self,
        view: View,
        controls: Mapping[str, "Number | Choice | Listed"],
        presets: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        self.view = view
        self.controls = dict(controls)
        self.words = ""
        start = {key: control.value for key, control in controls.items()}
        self.presets = {**(presets or {}), "Reset": start}
        width, height = view.canvas.size
        self.picture = _NamedImage(
            format="png",
            tooltip="The picture that the words below describe",
            # In a narrow window it shrinks within a box of the same height, so nothing below it jumps.
            layout={
                **{"width": f"{width}px", "height": f"{height}px", "max_width": WITH_MARGINS},
                **{"object_fit": "contain", "object_position": "left top"},
            },
        )
        self.picture.add_class("leaky-picture")
        self.caption = widgets.HTML(
            layout={"width": f"{width}px", "max_width": WITH_MARGINS, "min_height": "3.2em"}
        )
        self.caption.add_class("leaky-caption")
        self.failure = ""
        self.message = widgets.HTML()
        self.message.add_class("leaky-message")
        super().__init__(
            [
                widgets.HBox(list(self.controls.values()), layout=ROW),
                *(widgets.HBox(row, layout=ROW) for row in self._rows_of_buttons()),
                self.picture,
                self.caption,
                self.message,
                page.arrows_kept(),
            ],
            layout={"overflow": "auto"},
        )
        self.add_class("leaky-explorer")
        self._held = False
        for control in self.controls.values():
            control.observe(self._changed, "value")
            control.observe(lambda _: self._show_problems(), "problem")
        _close_those_replaced_by(self)
        self.redraw()

    @property
    def values(self) -> dict[str, object]:
        """What the controls say."""
        return {key: control.value for key, control in self.controls.items()}

    def set(self, **values: object) -> None:
        """Move several controls, and draw once."""
        with figures.DRAWING:
            self._held = True
            try:
                for key, value in values.items():
                    self.controls[key].value = value
                    self.controls[key].settle()
            finally:
                self._held = False
            self.redraw()

    def redraw(self) -> None:
        """Bring picture and caption to the controls' values; an error is said in its place."""
        with figures.DRAWING, self.errors_shown():
            self.put(self.view.update(**self.values))

    def put(self, words: str) -> None:
        """Show the view's picture, and these words under it."""
        self.show(self.view.canvas.png(), words)

    def show(self, picture: bytes, words: str) -> None:
        """Show a picture, and these words under it."""
        self.picture.value = picture
        self.words = words
        self.caption.value = f'<div role="status" style="line-height: 1.4">{html.escape(words)}</div>'

    def close(self) -> None:
        """Give back what the explorer holds: its picture, and all its widgets."""
        self._call_off()
        for part in _parts_of(self):
            widgets.Widget.close(part)
        self.view = None  # IPython keeps what a cell returned

    def errors_shown(self) -> "_ErrorsShown":
        """A context in which an exception ends as a message in the explorer, which goes on working."""
        return _ErrorsShown(self)

    def say(self, failure: str) -> None:
        """Say why there is no picture for the controls' values, or take that away."""
        self.failure = failure
        self._show_problems()

    @property
    def is_running(self) -> bool:
        """Whether something goes on by itself."""
        return self.task is not None and not self.task.done()

    def _call_off(self) -> None:
        if self.is_running:
            # The button may be heard in another thread than the one that runs the task.
            self.task.get_loop().call_soon_threadsafe(self.task.cancel)

    def _show_problems(self) -> None:
        """What failed, and what was entered wrongly, each on a line until it is mended."""
        problems = filter(None, [self.failure, *(control.problem for control in self.controls.values())])
        lines = "<br>".join(map(html.escape, problems))
        style = "border-left: 4px solid #C44601; padding: 0.2em 0.6em"
        self.message.value = f'<div role="alert" style="{style}">{lines}</div>' if lines else ""

    def _rows_of_buttons(self) -> list[list[widgets.Widget]]:
        return [[self._button(text, partial(self._preset, text)) for text in self.presets]]

    def _button(self, text: str, action: Callable[[], None]) -> widgets.Button:
        button = widgets.Button(description=text, layout={"width": "auto"})
        button.on_click(lambda _: action())
        return button

    def _preset(self, text: str) -> None:
        self.set(**self.presets[text])

    def _changed(self, change: dict) -> None:
        with figures.DRAWING:
            if not self._held:
                self.redraw()

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        live = super()._repr_mimebundle_(**kwargs)
        still, metadata = figures.picture_bundle(self.picture.value, self.words)
        return {**live, **still}, metadata


class _ErrorsShown:
    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer

    def __enter__(self) -> None:
        self.explorer.say("")

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, Exception):
            return False
        self.explorer.say(f"{type(error).__name__}: {error}")
        return True


class LiveExplorer(Explorer):
    """An explorer whose picture is the result of a longer run.

    Parameters
    ----------
    view, controls, presets
        As for `Explorer`; ``view.update(result, headline)`` also takes ``None`` for a result.
    experiment : callable
        ``experiment(**values)`` yields results so far, each with a ``progress`` from 0 to 1; or None, as
        long as there is none.
    headline : callable
        ``headline(**values)`` says in a line what is to be run.
    first : optional
        A result for the controls' values at the start. Without one the explorer waits for Run.
    save_as : str, optional
        With it there is a Save button, which writes ``save_as_1.csv`` (the result) and ``save_as_1.png``
        (the picture) beside the notebook; the next free number each time.
    """

    REDRAW_SECONDS = 0.4
    """Between two pictures of a run; more where drawing is slow, so that the run gets most of the time."""
    LATEST: ClassVar[MutableMapping[tuple, "LiveExplorer"]] = WeakValueDictionary()
    """Of each experiment and its first result the explorer made last: what its cell shows."""

    def __init__(
        self,
        view: View,
        controls: Mapping[str, "Number | Choice | Listed"],
        presets: Mapping[str, Mapping[str, object]],
        experiment: Callable[..., Iterator],
        headline: Callable[..., str],
        first: object | None = None,
        save_as: str | None = None,
    ) -> None:
        self.experiment = experiment
        self.save_as = save_as
        self.headline = headline
        self.results: dict[tuple, object] = {}
        self.drawn: dict[tuple, tuple[object, bytes, str]] = {}
        self.under_way: tuple | None = None
        self.bar = widgets.FloatProgress(min=0, max=1, layout={"width": "16em"})
        self.time_left = widgets.HTML("")
        self.time_left.add_class("leaky-time-left")
        start = {key: control.value for key, control in controls.items()}
        if first is not None:
            self.results[tuple(start.items())] = first
        super().__init__(view, controls, presets)
        self._take_over(experiment.__qualname__, id(first))

    def close(self) -> None:
        """Give back what the explorer holds, and the results of its runs."""
        super().close()
        self.results, self.drawn = {}, {}

    def _take_over(self, *place: object) -> None:
        """Stop what the cell's former explorer still runs: nobody sees it any more."""
        if place in self.LATEST:
            self.LATEST[place].stop()
        self.LATEST[place] = self

    def redraw(self) -> None:
        """Show the result for the controls' values if there is one, else say that it waits for Run.

        A picture is drawn once for each result, so that one can go back at once.
        """
        with figures.DRAWING, self.errors_shown():
            at = tuple(self.values.items())
            result = self.results.get(at)
            if at not in self.drawn or self.drawn[at][0] is not result:
                words = self.view.update(result, self.headline(**self.values))
                self.drawn[at] = (result, self.view.canvas.png(), words)
            self.show(*self.drawn[at][1:])
            self.run_button.disabled = at == self.under_way
            if not self.is_running:  # what was said of another run does not hold for this result
                self.bar.value = 0 if result is None else result.progress
                self.time_left.value = ""

    def run(self) -> None:
        """Start the experiment with the controls' values; a run under way is stopped first."""
        self.stop()
        with self.errors_shown():
            self.task = asyncio.get_running_loop().create_task(self._work(self.values))

    def stop(self) -> None:
        """Stop the run under way, if any, and keep what it has computed."""
        self._call_off()

    def save(self) -> None:
        """Write what is shown to two files of a new name, and say where they are."""
        with figures.DRAWING, self.errors_shown():
            result = self.results.get(tuple(self.values.items()))
            if result is None:
                raise ValueError("there is nothing to save yet: press Run first")
            free = (Path(f"{self.save_as}_{number}") for number in count(1))
            name = next(n for n in free if not any(n.with_suffix(s).exists() for s in (".csv", ".png")))
            result.to_csv(name.with_suffix(".csv"))
            name.with_suffix(".png").write_bytes(self.picture.value)
            self.time_left.value = f"saved beside the notebook: {name}.csv, {name}.png"

    async def _work(self, values: dict[str, object]) -> None:
        began = drawn = monotonic()
        pause, progress = self.REDRAW_SECONDS, 0.0
        at = self.under_way = tuple(values.items())
        earlier = self.results.get(at)
        self.run_button.disabled, self.stop_button.disabled = True, False
        self.bar.value = progress
        self._say_of_run(at, "under way")  # what was said of the run before no longer holds
        ending = ""
        try:
            with self.errors_shown():
                for result in self.experiment(**values):
                    if result is not None:
                        self.results[at] = result
                        progress = self.bar.value = result.progress
                    if progress > 0:
                        left = (monotonic() - began) * (1 / progress - 1)
                        self._say_of_run(at, f"{progress:.0%}, about {left:.0f} s left")
                    if monotonic() - drawn > pause:
                        await asyncio.sleep(BREATH_SECONDS)  # Stop need not wait for the picture, too
                        redrawing = monotonic()
                        self.redraw()
                        drawn = monotonic()
                        pause = max(self.REDRAW_SECONDS, 3 * (drawn - redrawing))
                    await asyncio.sleep(BREATH_SECONDS)  # let Stop and the other controls in
                ending = f"done in {monotonic() - began:.1f} s"
                self.redraw()  # first the picture: who reads that a run is done sees its result
        except asyncio.CancelledError:
            kept = "what was computed is kept" if at in self.results else "nothing was computed yet"
            ending = f"stopped at {progress:.0%}; {kept}"
        finally:
            if earlier is not None and earlier.progress > progress:
                self.results[at] = earlier
                ending = f"stopped at {progress:.0%}; the longer run from before is kept"
            if self.task is asyncio.current_task():  # else another run has begun
                # First the buttons: who reads that a run has ended can press Run.
                self.under_way = None
                self.run_button.disabled, self.stop_button.disabled = False, True
                self._say_of_run(at, ending)
            if not self.failure:
                self.redraw()

    def _say_of_run(self, at: tuple, words: str) -> None:
        elsewhere = words and at != tuple(self.values.items())
        self.time_left.value = words + (" (at other settings)" if elsewhere else "")

    def _rows_of_buttons(self) -> list[list[widgets.Widget]]:
        self.run_button = self._button("Run", self.run)
        self.run_button.button_style = "primary"
        self.stop_button = self._button("Stop", self.stop)
        self.stop_button.disabled = True
        save = [self._button("Save", self.save)] if self.save_as else []
        # In a row of their own, where no text about the time left can push anything aside.
        return [
            [self.run_button, self.stop_button, *save, self.bar, self.time_left],
            *super()._rows_of_buttons(),
        ]


class Walk(Explorer):
    """An explorer whose picture is a walk: steps taken so far, each at the setting of its time.

    Parameters
    ----------
    view, controls, presets
        As for `Explorer`; ``view.update(**values, rates=...)`` also takes the learning rate of every step.
    first : sequence of float
        Learning rates of the steps shown at the start, and after Reset.
    """

    MOST = 5_000
    STRIDE = 4
    PAUSE_SECONDS = 0.08

    def __init__(
        self,
        view: View,
        controls: Mapping[str, "Number | Choice | Listed"],
        presets: Mapping[str, Mapping[str, object]],
        first: Sequence[float],
    ) -> None:
        self.first = list(first)
        self.rates = list(first)
        super().__init__(view, controls, presets)

    def redraw(self) -> None:
        """Bring picture and caption to the walk so far."""
        with figures.DRAWING, self.errors_shown():
            self.put(self.view.update(**self.values, rates=tuple(self.rates)))

    def step(self, count: int = 1) -> None:
        """Take steps at the learning rate of the controls."""
        with figures.DRAWING:
            room = self.MOST - len(self.rates)
            self.rates += [self.values["learning_rate"]] * min(count, room)
            self.redraw()
            if count > room:
                self.pause()
                self.say(f"{self.MOST:,} steps are the most this picture walks; start over to walk again.")

    def play(self) -> None:
        """Walk on until Pause."""
        self.pause()
        with self.errors_shown():
            self.task = asyncio.get_running_loop().create_task(self._go_on())

    def pause(self) -> None:
        """Stop walking."""
        self._call_off()

    def start_over(self) -> None:
        """Go back to before the first step."""
        self.pause()
        self.rates = []
        self.redraw()

    async def _go_on(self) -> None:
        while len(self.rates) < self.MOST:
            self.step(self.STRIDE)
            await asyncio.sleep(self.PAUSE_SECONDS)

    def _preset(self, text: str) -> None:
        if text == "Reset":
            self.pause()
            self.rates = list(self.first)
        super()._preset(text)

    def _rows_of_buttons(self) -> list[list[widgets.Widget]]:
        moves = {
            "Step": self.step,
            "100 steps": partial(self.step, 100),
            "Play": self.play,
            "Pause": self.pause,
            "Start over": self.start_over,
        }
        return [[self._button(text, move) for text, move in moves.items()], *super()._rows_of_buttons()]


# --- Notebook 00: start here -----------------------------------------------------------------------


def one_number() -> Explorer:
    """What α is for: a neuron that is negative becomes positive, or does not."""
    return Explorer(
        views.OneNumberView(),
        {"alpha": Number("α", ALPHAS, 0.01)},
        {"α = 0": {"alpha": 0.0}, "α = 0.01": {"alpha": 0.01}, "α = 0.2": {"alpha": 0.2}},
    )


# --- Notebook 01: the definition -------------------------------------------------------------------


def shape() -> Explorer:
    """The curve, a point on it, and the call that computes it."""
    return Explorer(
        views.ShapeView(),
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


def layer() -> Explorer:
    """A bell of pre-activations and what Leaky ReLU makes of it."""
    return Explorer(
        views.LayerView(),
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


# --- Notebook 02: the derivative --------------------------------------------------------------------


def tangent() -> Explorer:
    """Slopes to the left, to the right and across, as the step shrinks."""
    return Explorer(
        views.TangentView(),
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


def long_way() -> Explorer:
    """What is left of a gradient on its way back through many layers."""
    deepest = views.LongWayView.DEEPEST
    return Explorer(
        views.LongWayView(),
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


# --- Notebook 03: the dying ReLU -------------------------------------------------------------------


def kill() -> Walk:
    """One neuron, killed by one step that is too large, and its leaking twin."""
    return Walk(
        views.KillView(),
        {
            "learning_rate": Number("learning rate", np.linspace(0, 1, 41).round(3), 0.1),
            "alpha": Number("α of the twin", ALPHAS[1:], 0.1),  # at 0 it is no twin
        },
        {"too large: 1": {"learning_rate": 1.0}, "gentle: 0.1": {"learning_rate": 0.1}},
        [1.0] + [0.1] * 40,
    )


def rescue(first: Result | None = None) -> LiveExplorer:
    """Dead networks, rescued by another slope; starts from ``first`` if given."""
    first = experiments.rescue() if first is None else first
    controls = _controls_for(
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
        views.RescueView(),
        controls,
        {
            "Adam 0.01": {"optimiser": "adam", "learning_rate": 0.01},
            "SGD 0.3": {"optimiser": "sgd", "learning_rate": 0.3},
            "biases −2": {"bias": -2.0},
        },
        _with(experiments.rescue.live, first.settings),
        headline,
        first,
    )


LABELS = {
    "learning_rate": "learning rate",
    "depth": "hidden layers",
    "bias": "bias",
    "width": "width",
    "seeds": "seeds",
}
WHOLE = ("depth", "width", "seeds")


def _controls_for(
    settings: Mapping[str, object], places: Mapping[str, Sequence[float]]
) -> dict[str, Number | Choice]:
    """A list of optimisers, and a number for each setting named, standing where ``settings`` say."""
    numbers = {
        name: Number(LABELS[name], where, settings[name], whole=name in WHOLE)
        for name, where in places.items()
    }
    return {"optimiser": Choice("optimiser", OPTIMISERS, settings["optimiser"]), **numbers}


def _with(live: Callable[..., Iterator], settings: Mapping[str, object]) -> Callable[..., Iterator]:
    """An experiment under fixed settings, those of the controls aside."""

    def experiment(**values: object) -> Iterator:
        whole = {name: int(value) for name, value in values.items() if name in WHOLE}
        return live(**{**settings, **values, **whole})

    return experiment


def training_death(first: Result | None = None) -> LiveExplorer:
    """Death in training, with its settings in the learner's hands; starts from ``first`` if given."""
    first = _of_kind("dense", experiments.training_death() if first is None else first)
    numbers = _controls_for(
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
        views.TrainingDeathView(),
        controls,
        {
            "moons: SGD 0.5": {"data": "moons", "optimiser": "sgd", "learning_rate": 0.5},
            "moons: SGD 2": {"data": "moons", "optimiser": "sgd", "learning_rate": 2.0},
            "moons: Adam 0.3": {"data": "moons", "optimiser": "adam", "learning_rate": 0.3},
            "digits: Adam 0.1": {"data": "digits", "optimiser": "adam", "learning_rate": 0.1},
        },
        _with(experiments.training_death.live, first.settings),
        headline,
        first,
    )


def _of_kind(network: str, first: Result) -> Result:
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


# --- Notebook 04: choosing alpha -------------------------------------------------------------------


def ends() -> Explorer:
    """ReLU, a slope of choice and a linear network, from one start, on the spirals."""
    return Explorer(
        views.EndsView(),
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


def signal() -> Explorer:
    """The signal through fifty layers, by slope and gain."""
    gains = views.SignalView.GAINS
    return Explorer(
        views.SignalView(),
        {"alpha": Number("α", ALPHAS, 0.2), "gain": Choice("gain of the weights", gains, "relu")},
        {
            "usual: α = 0.01": {"alpha": 0.01},
            "α = 0.2": {"alpha": 0.2},
            "linear: α = 1": {"alpha": 1.0},
            "corrected": {"gain": "own"},
        },
    )


def _slope(text: str) -> float | str:
    return text if text in KINDS else float(text)


def sweep(first: Result | None = None) -> LiveExplorer:
    """Your experiment: a sweep over α with settings of your own; starts from ``first`` if given."""
    if first is None:
        first = experiments.sweep(data="moons", alphas=(0.0, 0.1, 0.3), seeds=5, steps=200, width=16)
    settings = first.settings
    numbers = _controls_for(
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
        views.SweepView(),
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


# --- Notebook 05: going deep -----------------------------------------------------------------------


def channels() -> Explorer:
    """What the channels of a ReLU network and of its leaking twin see in a digit, layer by layer."""
    return Explorer(
        views.ChannelsView(),
        {
            "image": Number("test image", range(1, 21), 1, whole=True),
            "layer": Number("layer", range(1, 9), 3, whole=True),
            "learning_rate": Choice("learning rate", views.ChannelsView.RATES, "0.03"),
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
    first = _of_kind("convolutional", first)
    numbers = _controls_for(
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
    run = _with(experiments.training_death.live, first.settings)

    def headline(**values: object) -> str:
        kind = "normalised" if values["normalised"] == "yes" else "not normalised"
        return (
            f"digits · {values['depth']:g} convolutions, {kind} · {OPTIMISERS[values['optimiser']]} "
            f"{values['learning_rate']:g} · {values['seeds']:g} twins per slope"
        )

    return LiveExplorer(
        views.TrainingDeathView(),
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
    )


# --- Notebook 06: limits ---------------------------------------------------------------------------


def family() -> Explorer:
    """The relatives of Leaky ReLU, one at a time beside ReLU."""
    names = {name: name for name in FAMILY}
    return Explorer(
        views.FamilyView(),
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
        views.DivergenceView(),
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
