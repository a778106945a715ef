"""Proves that pictures are whole, readable and the same however one got to them."""

import re
from dataclasses import replace
from io import BytesIO
from itertools import combinations, pairwise

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from normal import mean_and_spread
from PIL import Image
from showcase import INSTANT, LIVE, NAMES, at_start, make, small_death, small_rescue

from leaky_lib import experiments, explorers, figures
from leaky_lib.experiments import Result
from leaky_lib.explorers import Walk, choosing, definition, derivative, dying, limits, pattern, start
from leaky_lib.family import FAMILY

WHITE = "#FFFFFF"


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)))


def places(explorer) -> list[dict]:
    """The controls' values at both ends of each and at the start, and the presets'."""
    start = explorer.values
    ends = [
        {**start, name: type(control.value)(control.places[end])}
        for name, control in explorer.controls.items()
        if hasattr(control, "places")
        for end in (0, -1)
    ]
    return [start, *ends, *({**start, **preset} for preset in explorer.presets.values())]


@pytest.mark.parametrize("name", INSTANT)
def test_a_moved_picture_is_the_one_drawn_afresh(name):
    moved = make(name)
    for values in places(moved):
        moved.set(**values)
        fresh = drawn_at_once(name, moved, values)
        assert moved.message.value == ""
        assert np.array_equal(pixels(moved.picture.value), pixels(fresh)), values


def drawn_at_once(name: str, explorer, values: dict) -> bytes:
    """The picture of a new explorer of the same kind that has shown nothing but its start before."""
    fresh = make(name)
    if isinstance(fresh, Walk):
        fresh.rates = explorer.rates
    fresh.set(**values)
    return fresh.picture.value


@pytest.mark.parametrize("name", INSTANT)
def test_moving_any_control_changes_picture_and_words(name):
    explorer = make(name)
    for control in explorer.controls.values():
        explorer._preset("Reset")
        seen = set()
        for end in (0, -1):
            control.value = type(control.value)(control.places[end])
            seen.add((explorer.picture.value, explorer.words))
        assert len({picture for picture, _ in seen}) == 2, control
        assert len({words for _, words in seen}) == 2, control


@pytest.fixture(params=[False, True], ids=["desk", "projector"])
def on_a_projector(request):
    figures.projector(request.param)
    yield request.param
    figures.projector(False)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off(name, on_a_projector):
    explorer = make(name)
    for values in places(explorer):
        explorer.set(**values)
        assert sticks_out(explorer) <= 1, values


def test_nothing_is_cut_off_a_long_walk(on_a_projector):
    explorer = make("kill")
    for _ in range(12):
        explorer.step(100)
        assert sticks_out(explorer) <= 1, explorer.words


def sticks_out(explorer) -> float:
    """By how many pixels the picture is too small for what is on it."""
    canvas = explorer.canvas
    with figures.in_house_style():
        left, bottom, right, top = canvas.figure.get_tightbbox().extents * canvas.figure.dpi
    width, height = canvas.size
    return max(-left, -bottom, right - width, top - height)


@pytest.mark.parametrize("name", NAMES)
def test_on_a_projector_the_picture_is_larger_and_still_fits_under_its_controls(name):
    desk = at_start(name).canvas
    figures.projector()
    try:
        large = make(name).canvas
    finally:
        figures.projector(False)
    assert large.figure.dpi >= 1.25 * desk.figure.dpi, "text and lines scale with the dots"
    assert large.size[0] <= 1060
    assert large.size[1] <= 560
    assert make(name).canvas.size == desk.size, "and there is a way back"


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_has_the_size_of_its_canvas_on_a_white_ground(name):
    explorer = at_start(name)
    picture = pixels(explorer.picture.value)
    assert picture.shape[1::-1] == explorer.canvas.size
    assert (picture[0, 0] == 255).all()
    assert explorer.canvas.size[0] == round(100 * figures.WIDTH)


@pytest.mark.parametrize("name", LIVE)
def test_a_live_explorer_says_that_it_waits_for_run(name):
    explorer = make(name)
    explorer.results.clear()
    explorer.redraw()
    assert "press Run" in explorer.words


def test_a_result_is_drawn_with_its_numbers_in_words():
    _, words = drawn(dying.draw_death, small_death())
    assert "95 %" in words
    assert f"{small_death().mean('never_positive', alpha=0):.0%}" in words


def drawn(draw, result: Result, height: str = "middle") -> tuple[Figure, str]:
    """A figure with a result, laid out, and the words for it."""
    with figures.in_house_style():
        figure = figures.empty(height)
        words = draw(figure, result)
        figure.canvas.draw()
    return figure, words


class TestPalette:
    """Luminance and contrast as WCAG 2 defines them; colour blindness after Machado et al. (2009)."""

    DEFICIENCIES = (
        np.eye(3),
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    )

    @staticmethod
    def linear(colour: str) -> np.ndarray:
        channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)

    @classmethod
    def lab(cls, linear: np.ndarray) -> np.ndarray:
        to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
        xyz = np.array(to_xyz) @ linear.clip(0, 1) / [0.9505, 1.0, 1.089]
        f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    @pytest.mark.parametrize("name", ["relu", "leaky", "theory", "dead", "ink"])
    def test_colours_stand_out_on_white(self, name):
        assert self.contrast_with_white(name) >= 4.5

    def test_what_is_drawn_faintly_can_be_seen(self):
        assert self.contrast_with_white("faint") >= 3  # WCAG's least for what is not text

    @pytest.mark.parametrize(("a", "b"), [*combinations([0, 0.01, 0.1, 0.3, 1], 2)])
    def test_slopes_differ_at_a_glance_and_are_seen_on_white(self, a, b):
        colours = [style["color"] for style in figures.styles_of([a, b])]
        for matrix in self.DEFICIENCIES:
            seen = [self.lab(np.array(matrix) @ self.linear(colour)) for colour in colours]
            assert np.linalg.norm(seen[0] - seen[1]) > 10
        assert min(map(self.contrast_with_white, colours)) >= 3

    @classmethod
    def contrast_with_white(cls, name: str) -> float:
        luminance = cls.linear(figures.COLOURS.get(name, name)) @ [0.2126, 0.7152, 0.0722]
        return 1.05 / (luminance + 0.05)

    @pytest.mark.parametrize(("a", "b"), [*combinations([*figures.COLOURS, "white"], 2)])
    def test_colours_stay_apart_for_colour_blind_readers(self, a, b):
        colours = {**figures.COLOURS, "white": "#FFFFFF"}
        for matrix in self.DEFICIENCIES:
            seen = [self.lab(np.array(matrix) @ self.linear(colours[name])) for name in (a, b)]
            # A difference of 2.3 is just noticeable; thin lines need several times that.
            assert np.linalg.norm(seen[0] - seen[1]) > 10

    def test_slopes_differ_in_more_than_colour(self):
        styles = figures.styles_of([0.0, 0.01, 0.1, 0.3])
        assert len({style["linestyle"] for style in styles}) == 4
        assert len({style["marker"] for style in styles}) == 4
        assert styles[0]["color"] != styles[1]["color"]


def dark() -> None:
    plt.style.use("dark_background")


def in_a_hand_of_ones_own() -> None:
    plt.xkcd()


def with_many_settings() -> None:
    ours = {"image.origin": "lower", "lines.marker": "o", "font.family": "monospace", "text.usetex": True}
    plt.rcParams.update({**ours, "axes.facecolor": "black", "savefig.dpi": 30, "axes.grid": False})


@pytest.mark.parametrize("settings", [dark, in_a_hand_of_ones_own, with_many_settings])
def test_pictures_do_not_depend_on_a_readers_own_matplotlib(settings):
    def drawn() -> list[bytes]:
        result = small_death()
        return [make("shape").picture.value, figures.show(figures.by_layer({"one": result}), "words").png]

    expected = drawn()
    with matplotlib.rc_context():
        settings()
        assert drawn() == expected


class TestPicture:
    def test_a_notebook_gets_the_picture_its_alternative_text_and_its_words(self, monkeypatch):
        shown = []
        monkeypatch.setattr(
            "IPython.display.display", lambda bundle, **options: shown.append((bundle, options))
        )
        picture = figures.show(figures.path_map("03"), "Seven chapters.")
        picture._ipython_display_()
        (image, options), (words, _) = shown
        assert image["text/plain"] == words["text/markdown"] == repr(picture) == "Seven chapters."
        assert options["metadata"] == {"image/png": {"alt": "Seven chapters."}}
        assert image["image/png"].startswith("iVBOR")

    def test_the_map_fills_where_one_is_and_names_every_chapter(self):
        figure = figures.path_map("02")
        texts = {text.get_text(): text for text in figure.findobj(Text)}
        assert {title for _, title, _ in figures.CHAPTERS} <= set(texts)
        assert texts["02"].get_bbox_patch().get_facecolor() != texts["01"].get_bbox_patch().get_facecolor()

    def test_titles_of_a_divergence_say_what_happened(self):
        wild = experiments.divergence(values=(0.5, 8.0), alphas=(0.0, 0.3), seeds=5, steps=40)
        diverged, right = figures.divergences(wild).axes
        assert diverged.get_title(loc="left") == "Leaky ReLU 0.3 diverges most"
        most, fewer = (wild.count("diverged", value=8, alpha=alpha) for alpha in (0.3, 0))
        assert most == 5 > fewer
        found = wild.mean("accuracy", value=8, alpha=0).value
        assert right.get_title(loc="left") == f"Of the others, ReLU has {found:.2f} at 8"
        tame = experiments.divergence(values=(0.5,), alphas=(0.0, 0.3), seeds=2, steps=5)
        assert figures.divergences(tame).axes[0].get_title(loc="left") == "None diverges"

    @pytest.mark.parametrize("turned_up", ["learning_rate", "gain", "depth"])
    def test_marks_of_one_value_stand_nearer_to_each_other_than_to_the_next(self, turned_up):
        settings = {"alphas": (0.0, 0.01, 0.1, 0.3), "seeds": 1, "steps": 1, "width": 2}
        values = limits.TURNED_UP[turned_up]
        axes = figures.divergences(
            experiments.divergence(turned_up=turned_up, values=values, **settings)
        ).axes[0]
        groups = np.log(np.sort([line.get_xdata() for line in axes.lines], axis=0)).T
        assert groups.shape == (len(values), 4)
        widest = np.ptp(groups, axis=1).max()
        assert np.all(np.diff(groups, axis=1) > 0.02)
        assert np.all(groups[1:, 0] - groups[:-1, -1] > widest / 3)

    @pytest.mark.parametrize("depths", [(2,), (1, 2, 4, 6, 8), tuple(range(1, 13))])
    def test_a_sweep_of_any_depths_has_its_whole_legend_and_headline(self, depths):
        settings = {"alphas": (0.0, 0.1), "width": 2, "seeds": 2, "steps": 1, "batch": 20}
        explorer = explorers.sweep(experiments.sweep(data="moons", depths=depths, **settings))
        figure = explorer.canvas.figure
        (slopes,), depths_drawn = figure.legends, figure.axes[1].get_legend()
        texts = [*slopes.get_texts(), *(depths_drawn.get_texts() if depths_drawn else []), figure._suptitle]
        for text in texts:
            place = text.get_window_extent()
            assert 0 <= place.x0 < place.x1 <= figure.bbox.x1, text.get_text()
        assert len(slopes.get_texts()) == 2
        assert (depths_drawn is None) == (len(depths) == 1)

    def test_shifts_have_a_line_for_each_function(self):
        shift = np.random.default_rng(0).random((3, 3, 2))  # layers, functions, networks
        left, right = figures.shifts({"one": shift, "two": shift}, [0.0, 0.1, "ELU"]).axes
        assert [len(axes.lines) for axes in (left, right)] == [3, 3]
        np.testing.assert_allclose(left.lines[2].get_ydata(), shift[:, 2].mean(axis=-1))

    def test_dots_have_a_row_per_slope_and_run(self):
        figure = figures.dots({"one": small_death(), "two": small_death()})
        labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
        assert labels == ["one: ReLU", "one: Leaky ReLU 0.1", "two: ReLU", "two: Leaky ReLU 0.1"]

    def test_layers_say_who_loses_what_and_of_what_is_left(self):
        alive, dead = small_death(bias=1.0), small_death(bias=-50.0)
        wild = small_death(learning_rate=1e20)
        figure = figures.by_layer({"alive": alive, "dead": dead, "wild": wild})
        titles = [axes.get_title(loc="left") for axes in figure.axes]
        assert titles[0] == "alive\nReLU loses none, 0.1 none"
        assert titles[1] == "dead\nReLU loses 100%, 0.1 100%"
        assert titles[2].endswith("0.1 –")


class TestRaster:
    """Dark and grey, step by step, and what the title counts."""

    @staticmethod
    def drawn(result: Result, alpha: float):
        _, axes = figures.new()
        with figures.in_house_style():
            figures.draw_raster(result, alpha, axes)
        return axes

    def test_a_look_stands_for_the_steps_around_it(self):
        result = small_death.__wrapped__(steps=22)
        assert result.axes["step"] == (0, 6, 12, 18, 22)
        never = result.values["never_positive"]
        never[:] = np.reshape([look % 2 for look in range(5)], (5, 1, 1, 1, 1))
        axes = self.drawn(result, 0.0)
        picture = pixels(figures.Canvas(axes.figure).png())
        places = axes.transData.transform([(x, 10) for x in (2, 4, 8, 10, 14, 16, 19, 21)]).astype(int)
        black = [bool(picture[-1 - y, x].mean() < 128) for x, y in places]
        assert black == [False, True, True, False, False, True, True, False]
        assert axes.get_xlabel() == "training step"

    def test_with_networks_that_diverged_the_share_is_that_of_the_others(self):
        calm, wild = small_death(), small_death(learning_rate=1e20)
        share = calm.mean("never_positive", alpha=0).value
        assert self.drawn(calm, 0.0).get_title(loc="left") == f"ReLU\n{share:.0%} never positive"
        axes = self.drawn(wild, 0.1)
        assert axes.get_title(loc="left") == "Leaky ReLU 0.1\nall diverged"
        assert "grey: 5 of 5 diverged" in axes.get_xlabel()


def test_the_axis_of_the_signal_reaches_as_far_as_it_must_and_no_further():
    view = choosing.SignalView()
    for alpha, gain, decades in ((0.2, "relu", 2), (0.0, "one", 18), (0.2, "own", 2), (0.5, "relu", 6)):
        view.update(alpha=alpha, gain=gain)
        assert view.axes.get_ylim() == pytest.approx((10.0**-decades, 10.0**decades))


@pytest.mark.parametrize(
    ("alpha", "gain"), [(0.31, "relu"), (0.9, "one"), (0.2, "own"), (0.0, "one"), (1.0, "relu")]
)
def test_what_becomes_of_a_signal_is_said_of_the_number_before_it(alpha, gain):
    words = choosing.SignalView().update(alpha=alpha, gain=gain)
    number = float(re.search(r"the mean square of the signal is (\S+) after", words)[1])
    verdict = "fades" if number < 0.01 else "grows" if number > 100 else "stays within a factor of 100"
    assert words.endswith(f"The signal {verdict}.")


def test_titles_of_a_sweep_say_what_was_found():
    settings = {"data": "spirals", "width": 8, "optimiser": "adam", "learning_rates": (0.003, 0.03)}
    sweep = experiments.sweep(alphas=(0, 1), depths=(2,), seeds=6, steps=150, **settings)
    rates, pairs = (axes.get_title(loc="left") for axes in figures.sweeps(sweep).axes)
    assert rates == "2 hidden layers"
    assert (
        pairs
        == f"Clear −{-100 * sweep.at_best_rate().paired('accuracy', alpha=1).value:.0f}: α = 1, 2 layers"
    )


def test_accuracies_stand_where_their_axis_says_and_what_diverged_is_hollow():
    sweep = experiments.sweep(
        data="moons", alphas=(0, 0.3), depths=(2,), learning_rates=(0.1, 0.3), seeds=4, steps=60, width=8
    )
    sweep.values["diverged"][0, 1, 1, 0], sweep.values["accuracy"][0, 1, 1, 0] = 1, np.nan
    (axes,) = figures.rates({"moons": sweep}).axes
    ticks = dict(zip(axes.get_yticks(), (t.get_text() for t in axes.get_yticklabels()), strict=True))
    assert all(float(text) == pytest.approx(1 - error) for error, text in ticks.items())
    low, high = axes.get_ylim()
    assert low > high, "the most accurate are on top"
    points = [line for line in axes.lines if len(line.get_xdata()) == 1 and line.get_linestyle() == "None"]
    drawn = {(line.get_xdata()[0], round(line.get_ydata()[0], 9)): line for line in points}
    for alpha in (0, 0.3):
        for rate in (0.1, 0.3):
            right = sweep.mean("accuracy", alpha=alpha, learning_rate=rate).value
            point = drawn[rate, round(1 - right, 9)]
            hollow = point.get_markerfacecolor() == "white"
            assert hollow == (alpha == 0.3 and rate == 0.3)


def test_a_line_ends_where_more_than_half_diverged_and_only_some_slopes_are_drawn_if_asked():
    few = {"depths": (2,), "learning_rates": (0.1, 0.3), "seeds": 4, "steps": 5, "width": 8}
    sweep = experiments.sweep(data="moons", alphas=(0, 0.1, 0.3), **few)
    sweep.values["diverged"][0, 2, 1, :3], sweep.values["accuracy"][0, 2, 1, :3] = 1, np.nan
    (axes,) = figures.rates({"moons": sweep}, alphas=(0, 0.3)).axes
    lines = [line for line in axes.lines if len(line.get_xdata()) == 2]
    assert [np.isnan(line.get_ydata()).tolist() for line in lines] == [[False, False], [False, True]]


@pytest.mark.parametrize("lost", [0.004, 0.319])
@pytest.mark.parametrize("alpha", [0.85, 0.3333, "PReLU", "RReLU"])
def test_the_largest_clear_difference_fits_over_its_panel(alpha, lost):
    few = {"depths": (12,), "learning_rates": (0.1,), "seeds": 6, "steps": 1, "width": 2}
    sweep = experiments.sweep(data="moons", alphas=(0, 0.1, alpha), **few)
    accuracy = np.full((1, 3, 1, 6), 0.9)
    accuracy[0, 1] += np.linspace(-1, 0.9, 6)  # a larger difference on average, but not a clear one
    accuracy[0, 2] -= lost
    figure = figures.sweeps(replace(sweep, values={**sweep.values, "accuracy": accuracy}))
    figure.draw_without_rendering()
    title = figure.axes[1]._left_title
    slope = {0.85: "α = 0.85", 0.3333: "α = 0.333"}.get(alpha, alpha)
    assert title.get_text() == f"Clear {'−0.4' if lost < 0.1 else '−32'}: {slope}, 12 layers"
    assert title.get_window_extent().x1 <= figure.bbox.x1


def test_a_sweep_shows_the_depths_that_have_been_trained_so_far():
    so_far = experiments.sweep.live(data="moons", alphas=(0, 0.1), depths=(1, 2), seeds=3, steps=5, width=2)
    said = [drawn(choosing.draw_swept, result)[1] for result in so_far]
    assert "no network is trained yet" in said[0]
    assert any("with 1 hidden layer," in words for words in said)
    assert "with 2 hidden layers" in said[-1]
    assert "100%" in said[-1]


def test_a_finite_curve_is_in_sight_or_counted():
    x = np.linspace(-1, 1, 9)
    height = np.array([-0.59, -0.61, 1.99, 2.01, 1e30, np.inf, np.nan])
    output = np.stack([np.multiply.outer(height, np.ones(9)), np.full((7, 9), 0.5)])
    axes = {"alpha": (0.0, 0.1), "seed": tuple(range(7)), "x": tuple(x.tolist())}
    diverged = ~np.isfinite(output).all(axis=-1)
    values = {"output": output, "constant": np.ones((2, 7), bool), "diverged": diverged}
    figure = figures.curves(Result(axes, values))
    assert [axes.get_xlabel() for axes in figure.axes] == ["x\n2 diverged\n3 leaving the frame", "x"]


def test_a_rescue_says_how_many_networks_diverged():
    whole = small_rescue()
    diverged = whole.values["diverged"].copy()
    diverged[-1, 2, :3] = diverged[-1, 3] = True
    assert "diverged" not in drawn(dying.draw_rescued, whole)[1]
    some = replace(whole, values={**whole.values, "diverged": diverged})
    figure, words = drawn(dying.draw_rescued, some)
    left, _ = figure.axes
    assert left.get_xlabel() == "training step\ndiverged: 0, 0, 3, 5 of 5"
    assert "(3 of 5 diverged)" in words
    assert "(5 of 5 diverged): – of the units never positive" in words


def test_a_rescue_by_one_slope_is_drawn_however_it_is_told():
    few = {"seeds": 2, "steps": 9, "swap": 3, "back": 6, "depth": 1, "width": 4}
    one, same = (
        drawn(dying.draw_rescued, experiments.rescue(alphas=alphas, **few)) for alphas in (0.1, [0.1])
    )
    assert "to Leaky ReLU 0.1, and back to ReLU" in one[1]
    assert one[1] == same[1]
    assert figures.Canvas(one[0]).png() == figures.Canvas(same[0]).png()


def test_no_accuracy_of_a_rescue_is_cut_off():
    result = small_rescue()
    low = result.values["accuracy"] * [0.2, 1, 1, 1, 1]
    result = replace(result, values={**result.values, "accuracy": low})
    figure = figures.empty()
    figures.draw_rescue(result, figure)
    lowest = min(
        result.mean("accuracy", course=course, step=step).low
        for course in result.axes["course"]
        for step in result.axes["step"]
    )
    assert lowest < 0.4
    assert figure.axes[1].get_ylim()[0] < lowest


def test_a_neuron_that_diverges_is_not_alive_again():
    walk = make("kill")
    walk.set(alpha=1.0, learning_rate=1.0)
    walk.start_over()
    walk.step(500)
    assert "diverging" in walk.words
    assert "linear (α = 1) is at w = nan, b = nan, alive" not in walk.words


def test_the_mean_of_a_layer_is_written_beside_its_line():
    view = definition.LayerView()
    for centre in np.linspace(-4, 4, 17):
        view.update(alpha=1.0, centre=centre)
        view.canvas.png()
        (place, _), _ = view.mean.axes.transData.transform([(view.mean.get_xdata()[0], 0), (0, 0)])
        box = view.label.get_window_extent()
        assert not box.x0 < place < box.x1, centre


def test_nothing_of_a_gradient_that_is_left_whole_is_called_little():
    view = derivative.LongWayView()
    assert "little, but not nothing" in view.update(alpha=0.01, depth=10, negative=0.5)
    assert "little" not in view.update(alpha=0.86, depth=10, negative=0.1)


@pytest.mark.parametrize("centre", [-3.0, 0.0, 3.0])
@pytest.mark.parametrize("alpha", [0.0, 0.01, 1.0])
def test_no_bar_of_a_layer_is_cut_off_and_no_value_left_out(alpha, centre):
    view = definition.LayerView()
    view.update(alpha=alpha, centre=centre)
    for panel in (view.before, view.after):
        bars = panel.get_data().values
        assert bars.max() <= panel.axes.get_ylim()[1]
        assert bars.sum() == pytest.approx(1, abs=0.001)


def test_a_divergence_that_was_stopped_says_no_more_than_it_knows():
    looks = list(experiments.divergence.live(values=(0.5, 1.0), alphas=(0.0, 0.3), seeds=2, steps=2))
    said = [drawn(limits.draw_diverged, look)[1] for look in (looks[0], looks[-2], looks[-1])]
    titles = ["No value is done yet", "None diverges so far", "None diverges"]
    for words, look, title in zip(said, (looks[0], looks[-2], looks[-1]), titles, strict=True):
        figure = figures.empty()
        figures.draw_divergence(look, figure)
        assert figure.axes[0].get_title() == title
        assert "raining" not in figure.axes[1].get_title()
        assert ("nowhere" in words) == (title != titles[0])
        assert ("nowhere so far" in words) == (title == titles[1])


def test_a_leak_too_small_to_be_counted_is_not_called_0():
    view = start.OneNumberView()
    words = view.update(1e-17)
    assert "α = 0 " not in words
    assert "not 0 on paper" in words
    assert view.verdict.get_text() != "z never changes"
    assert "any other number of them" in view.update(0.0)


def test_below_its_line_a_gradient_is_0_in_float32_and_above_it_is_not():
    border = derivative.LongWayView.LARGEST_ZERO_IN_FLOAT32
    assert np.float32(border) == 0
    assert np.float32(np.nextafter(border, 1)) > 0


@pytest.mark.parametrize("x", [-10.0, 5.0])
def test_the_points_of_the_family_are_whole_at_both_ends(x):
    def ink(view) -> int:
        return int((pixels(view.canvas.png()) < 60).all(axis=-1).sum())

    view = limits.FamilyView()
    counts = []
    for place in (x, -7.5):
        view.update("GELU", place)
        with_points = ink(view)
        view.value_at.set_data([], [])
        view.slope_at.set_data([], [])
        counts.append(with_points - ink(view))
    assert counts[0] > 0.8 * counts[1]


def test_what_is_learned_in_the_first_step_is_not_rounded_away():
    assert "first step adds 1.25 to z" in start.OneNumberView().update(0.5)


@pytest.mark.parametrize("alpha", pattern.ALPHAS)
def test_the_way_to_the_positive_side_does_not_run_through_its_label(alpha):
    view = start.OneNumberView()
    view.update(alpha)
    view.canvas.png()
    place = view.label.get_window_extent()
    way = view.label.axes.transData.transform(np.column_stack(view.way.get_data()))[:3_000]
    x, y = np.linspace(way[:-1], way[1:], 20).T
    assert not ((place.x0 <= x) & (x <= place.x1) & (place.y0 <= y) & (y <= place.y1)).any()


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("steps", [3, 9, 10, 11, 111, 161, 5_000])
@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0])
def test_a_gradient_of_any_size_fits_over_its_panel(alpha, steps):
    view = dying.KillView()
    words = view.update(1.0, alpha, (1.0,) * steps)
    view.canvas.png()
    right = view.canvas.figure.bbox.x1
    assert all(title.get_window_extent().x1 <= right for title in view.titles)
    assert ("diverging" in view.titles[2].get_text()) == ("diverging" in words)


@pytest.mark.parametrize(
    ("centre", "said"), [(-3.0, "99.9% exactly 0, 99.9% near 0"), (3.0, "0.1% exactly 0")]
)
def test_a_title_says_all_only_of_all(centre, said):
    view = definition.LayerView()
    words = view.update(0.0, centre)
    assert view.title.get_text().startswith(said)
    assert said.split()[0] in words


@pytest.mark.parametrize("diverged", [1, 9, 10, 30])
def test_counts_of_networks_that_diverged_stay_under_their_own_raster(diverged, on_a_projector):
    settings = {"alphas": (0.0, 0.01, 0.1, 0.3), "seeds": 30, "steps": 1, "width": 2, "depth": 2}
    kind = {"data": "digits", "network": "convolutional", "batch": 10, "look_at": 10}
    result = experiments.training_death(**settings, **kind)
    result.values["diverged"][:, :, :diverged] = True
    explorer = pattern.LiveExplorer(
        dying.draw_death, {}, {}, lambda: iter(()), lambda: "all of them", result, height="high"
    )
    figure = explorer.canvas.figure
    labels = [axes.xaxis.label.get_window_extent() for axes in figure.axes[:4]]
    assert all(left.x1 < right.x0 for left, right in pairwise(labels))
    assert labels[-1].x1 <= figure.bbox.x1
    upper, lower = (figure.axes[place].yaxis.label.get_window_extent() for place in (0, 4))
    assert lower.y1 < upper.y0
    assert upper.y1 < figure._suptitle.get_window_extent().y0


def test_titles_of_the_shape_do_not_run_together():
    view = definition.ShapeView()
    for alpha in (0, 0.001, 0.01, 0.8, 1, 0.060558, 0.3333333, 1.2345e-5):
        for z in (-5, -4.9, -0.1, 0, 5, -2.7019, 1 / 3, -1.2345e-5, 4.9876543):
            view.update(alpha=alpha, z=z)
            left, right = view.title.get_window_extent(), view.magnified.get_window_extent()
            assert right.x0 - left.x1 > 8, view.title.get_text()
    view.update(alpha=0.001, z=-4.9)
    assert view.title.get_text() == "leaky_relu(-4.9, alpha=0.001)  →  -0.0049"
    view.update(alpha=0.060558, z=-2.7019)
    assert view.title.get_text() == "f(-2.702)  →  -0.1636"


MANY = (0.0, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5)


@pytest.mark.parametrize("slopes", [2, 4, 5, 6])
@pytest.mark.parametrize("kind", ["death", "collapse"])
def test_panels_of_many_slopes_keep_their_titles_and_their_legend_apart(kind, slopes):
    few = {"alphas": MANY[:slopes], "seeds": 3, "depth": 2, "width": 4, "learning_rate": 4.0}
    if kind == "death":
        result = experiments.training_death(**few, steps=8, snapshots=4)
        figure, _ = drawn(dying.draw_death, result, height="high")
    else:
        figure = figures.curves(experiments.collapse(**few, steps=8, snapshots=4))
    figure.canvas.draw()
    for part in (lambda axes: axes._left_title, lambda axes: axes.xaxis.label):
        boxes = [part(axes).get_window_extent() for axes in figure.axes[:slopes]]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
        assert boxes[-1].x1 <= figure.bbox.x1
    legends = [legend for part in (figure, *figure.subfigs) for legend in part.legends]
    for box in (legend.get_window_extent() for legend in legends):
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1


def test_no_two_of_many_slopes_look_alike():
    styles = figures.styles_of([*MANY, 0.7, 0.8, 1.0])
    assert len({(style["color"], style["marker"]) for style in styles}) == 10


@pytest.mark.parametrize("function", list(FAMILY))
def test_titles_of_the_family_do_not_run_together(function):
    view = limits.FamilyView()
    view.update(function, 0.0)
    view.canvas.png()  # laid out once and for all; what follows only writes other titles
    typed = np.linspace(-9.999, 4.987, 101).round(4)
    for x in (*np.linspace(-10, 5, 151).round(1), *typed):
        view.update(function, float(x))
        places = [title.get_window_extent() for title in (view.name, view.slope_title, view.bell_title)]
        assert all(right.x0 - left.x1 > 8 for left, right in pairwise(places)), x


@pytest.mark.parametrize("function", list(FAMILY))
def test_the_words_of_the_family_give_mean_and_spread_right_to_the_last_digit(function):
    mean, spread = mean_and_spread(FAMILY[function].compute)
    assert f"mean {mean:z.2f} and spread {spread:.2f}." in limits.FamilyView().update(function, 0.0)


def test_a_raster_of_the_start_alone_says_so():
    first, *_, last = filter(None, experiments.training_death.live(seeds=2, steps=4, snapshots=2, width=3))
    for result, said in ((first, True), (last, False)):
        axes = figures.empty().subplots()
        figures.draw_raster(result, 0.0, axes)
        assert axes.get_title().endswith("% at first" if said else "never positive")


@pytest.mark.parametrize("slopes", [10, 18])
def test_no_label_of_a_slope_lies_on_the_next(slopes):
    alphas = [0, 0.001, *np.round(np.linspace(0.01, 1, slopes - 4), 2).tolist(), "PReLU", "RReLU"]
    result = experiments.sweep(alphas=alphas, depths=[1], seeds=2, steps=1)
    figure = figures.sweeps(result)
    figure.canvas.draw()
    _, axes = figure.axes
    boxes = [label.get_window_extent() for label in axes.get_xticklabels()]
    upright = axes.get_xticklabels()[0].get_rotation() == 90
    assert upright == (slopes == 18)
    assert not upright or all(there.x0 > here.x1 for here, there in pairwise(boxes))


@pytest.mark.parametrize(("alpha", "depth", "seen"), [(1e-4, 20, 16), (1e-9, 10, 7), (1e-17, 20, 4)])
def test_a_gradient_too_small_for_the_picture_leaves_it_and_is_not_drawn_as_zero(alpha, depth, seen):
    view = derivative.LongWayView()
    words = view.update(alpha=alpha, depth=depth, negative=1.0)
    heights = view.leaky.get_ydata()
    np.testing.assert_allclose(heights[:seen], alpha ** np.arange(seen))
    assert np.isnan(heights[seen:]).all()
    assert (view.relu.get_ydata()[1:] == view.axes.get_ylim()[0]).all(), "ReLU's lies on its zero"
    assert f"{alpha:g}^{depth}" in words
    assert "α = 0 " not in words


def test_a_leak_of_nothing_lies_on_the_zero_of_relu():
    view = derivative.LongWayView()
    words = view.update(alpha=0.0, depth=10, negative=0.5)
    np.testing.assert_array_equal(view.leaky.get_ydata(), view.relu.get_ydata())
    assert "with α = 0 Leaky ReLU is ReLU" in words


def test_the_note_of_the_long_way_stays_in_the_picture_and_off_the_curves():
    view = derivative.LongWayView()
    for alpha in (0.001, 0.01):
        for depth in range(1, 21):
            view.update(alpha=alpha, depth=depth, negative=1.0)
            view.canvas.png()
            low, high = view.axes.get_ylim()
            if not low < view.LARGEST_ZERO_IN_FLOAT32 < high:
                continue
            box = view.note.get_window_extent()
            frame = view.axes.bbox
            assert frame.x0 < box.x0 < box.x1 < frame.x1
            points = view.axes.transData.transform(view.leaky.get_xydata())
            inside = (points[:, 0] > box.x0) & (points[:, 0] < box.x1)
            assert (points[inside, 1] > box.y1).all()


def test_no_line_runs_through_a_legend():
    view = derivative.TangentView()
    view.canvas.png()
    assert all(axes.get_legend() is None for axes in view.canvas.figure.axes)
    assert len(view.canvas.figure.legends) == 1


@pytest.mark.parametrize(("alpha", "back"), [(0.0003, True), (0.0001, False), (1e-9, False)])
def test_a_neuron_that_is_negative_after_all_its_steps_is_not_called_positive(alpha, back):
    view = start.OneNumberView()
    words = view.update(alpha=alpha)
    assert ("z is positive after" in words) == back
    assert ("Positive" in view.verdict.get_text()) == back
    assert "after 0 steps" not in words
    assert ("still negative after 10,000 steps" in words) != back


def test_a_picture_that_cannot_be_is_named():
    with pytest.raises(ValueError, match=r"^here must be one of '00', .*; got '3'"):
        figures.path_map("3")
    with pytest.raises(ValueError, match=r"^height must be one of .*'middle'.*; got 'tall'"):
        figures.new(height="tall")
