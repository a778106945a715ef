"""The pattern of all explorers: controls, a picture, and words under it.

The picture is a PNG in a widget of fixed size: nothing jumps, and where no kernel runs the same picture
stands in the notebook, with the caption as its text alternative. A `LiveExplorer` has work to do first:
Run starts it as a task on the kernel's own event loop (no threads, so it also runs where Python runs in
the browser), Stop keeps what was computed.
"""

import asyncio
import builtins
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from sys import platform
from time import monotonic

import ipywidgets as widgets
import numpy as np
import traitlets
from matplotlib.figure import Figure

from leaky_lib import figures, page
from leaky_lib.experiments.result import Result
from leaky_lib.figures import (
    COLOURS,
    style_of,
)

ALPHAS = (0, *np.round(np.geomspace(0.001, 1, 46), 4).tolist())
"""Where an α slider can stand: 0, then evenly in ratio from 0.001 to 1."""


RATES = (*(round(part * decade, 4) for decade in (0.001, 0.01, 0.1) for part in (1, 1.5, 2, 3, 5, 7)), 1.0)
"""Where a slider for a learning rate can stand, up to 1."""


BREATH_SECONDS = 0.03 if platform == "emscripten" else 0.001
"""How long a run waits, again and again, for what its reader does. In a browser a click goes through some
ten turns of the event loop before it is heard, and a shorter wait lets it through one."""


OPTIMISERS = {"sgd": "SGD", "momentum": "momentum", "adam": "Adam"}


LEAKY = {**style_of(0.01), "color": COLOURS["leaky"]}
"""Of a Leaky ReLU whose slope a control moves."""

ROW = {"flex_flow": "row wrap", "grid_gap": "0 0.7em"}
"""Widgets beside each other, in as many lines as they need."""


WITH_MARGINS = "calc(100% - 4px)"
"""All of the width there is: every widget has a margin of 2 px on each side."""


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
    """Controls around a picture.

    Parameters
    ----------
    canvas : Canvas
        Where the picture is.
    draw : callable
        ``draw(**values)`` brings it to the controls' values, and says in words what it shows.
    controls : mapping of str to Number, Choice or Listed
        By the name of the argument that ``draw`` takes.
    presets : mapping of str to dict
        Buttons, by their text: values for some controls. Reset comes on its own.
    """

    task: asyncio.Task | None = None
    """What goes on by itself on the kernel's event loop, where there is such a thing: a run, or a walk."""

    def __init__(
        self,
        canvas: figures.Canvas,
        draw: Callable[..., str],
        controls: Mapping[str, "Number | Choice | Listed"],
        presets: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        self.canvas, self.draw = canvas, draw
        self.controls = dict(controls)
        self.words = ""
        start = {key: control.value for key, control in controls.items()}
        self.presets = {**(presets or {}), "Reset": start}
        width, height = canvas.size
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
            self.put(self.draw(**self.values))

    def put(self, words: str) -> None:
        """Show the view's picture, and these words under it."""
        self.show(self.canvas.png(), words)

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
        self.canvas = self.draw = None  # IPython keeps what a cell returned

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


def write_on(figure: Figure, text: str) -> None:
    """Say on a figure that there is nothing to see yet."""
    axes = figure.subplots()
    axes.axis("off")
    axes.text(0.5, 0.5, text, ha="center", fontsize=22, color=COLOURS["dead"])


class LiveExplorer(Explorer):
    """An explorer whose picture is the result of a longer run.

    Parameters
    ----------
    draw : callable
        ``draw(figure, result)`` puts a result, whole or so far, on an empty figure, and says it in words.
    controls, presets
        As for `Explorer`.
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

    def __init__(
        self,
        draw: Callable[[Figure, Result], str],
        controls: Mapping[str, "Number | Choice | Listed"],
        presets: Mapping[str, Mapping[str, object]],
        experiment: Callable[..., Iterator],
        headline: Callable[..., str],
        first: object | None = None,
        save_as: str | None = None,
        height: str = "middle",
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
        super().__init__(figures.Canvas(figures.empty(height)), draw, controls, presets)

    def close(self) -> None:
        """Give back what the explorer holds, and the results of its runs."""
        super().close()
        self.results, self.drawn = {}, {}

    def redraw(self) -> None:
        """Show the result for the controls' values if there is one, else say that it waits for Run.

        A picture is drawn once for each result, so that one can go back at once.
        """
        with figures.DRAWING, self.errors_shown():
            at = tuple(self.values.items())
            result = self.results.get(at)
            if at not in self.drawn or self.drawn[at][0] is not result:
                words = self._draw_anew(result, self.headline(**self.values))
                self.drawn[at] = (result, self.canvas.png(), words)
            self.show(*self.drawn[at][1:])
            self.run_button.disabled = at == self.under_way
            if not self.is_running:  # what was said of another run does not hold for this result
                self.bar.value = 0 if result is None else result.progress
                self.time_left.value = ""

    @figures.in_house_style()
    def _draw_anew(self, result: Result | None, headline: str) -> str:
        """Draw under a headline what is known, and say it in words."""
        figure = self.canvas.figure
        figure.clear()
        figure.suptitle(headline, fontsize=12, x=0.01, ha="left", color=COLOURS["ink"])
        self.canvas.refresh()
        if result is None:
            write_on(figure, "Press Run")
            return f"{headline}. Not run yet: press Run."
        return f"{headline}. {self.draw(figure, result)}"

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
    canvas, draw, controls, presets
        As for `Explorer`; ``draw(**values, rates=...)`` also takes the learning rate of every step.
    first : sequence of float
        Learning rates of the steps shown at the start, and after Reset.
    """

    MOST = 5_000
    STRIDE = 4
    PAUSE_SECONDS = 0.08

    def __init__(
        self,
        canvas: figures.Canvas,
        draw: Callable[..., str],
        controls: Mapping[str, "Number | Choice | Listed"],
        presets: Mapping[str, Mapping[str, object]],
        first: Sequence[float],
    ) -> None:
        self.first = list(first)
        self.rates = list(first)
        super().__init__(canvas, draw, controls, presets)

    def redraw(self) -> None:
        """Bring picture and caption to the walk so far."""
        with figures.DRAWING, self.errors_shown():
            self.put(self.draw(**self.values, rates=tuple(self.rates)))

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


LABELS = {
    "learning_rate": "learning rate",
    "depth": "hidden layers",
    "bias": "bias",
    "width": "width",
    "seeds": "seeds",
}


WHOLE = ("depth", "width", "seeds")


def controls_for(
    settings: Mapping[str, object], places: Mapping[str, Sequence[float]]
) -> dict[str, Number | Choice]:
    """A list of optimisers, and a number for each setting named, standing where ``settings`` say."""
    numbers = {
        name: Number(LABELS[name], where, settings[name], whole=name in WHOLE)
        for name, where in places.items()
    }
    return {"optimiser": Choice("optimiser", OPTIMISERS, settings["optimiser"]), **numbers}


def under_settings(
    live: Callable[..., Iterator], settings: Mapping[str, object]
) -> Callable[..., Iterator]:
    """An experiment under fixed settings, those of the controls aside."""

    def experiment(**values: object) -> Iterator:
        whole = {name: int(value) for name, value in values.items() if name in WHOLE}
        return live(**{**settings, **values, **whole})

    return experiment
