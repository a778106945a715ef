"""Proves, without a browser, that every control answers, says what is wrong, and loses nothing."""

import asyncio
import base64
import builtins
import re
from itertools import repeat
from types import SimpleNamespace

import ipywidgets as widgets
import numpy as np
import pytest
from play import play
from showcase import LIVE, NAMES, at_start, make, small_death, small_deep_death

from leaky_lib import explorers, figures
from leaky_lib.explorers import Explorer, LiveExplorer, Number, definition
from leaky_lib.explorers.pattern import listed_values

numbers = [
    pytest.param(name, key, id=f"{name}-{key}")
    for name in NAMES
    for key, control in at_start(name).controls.items()
    if isinstance(control, Number)
]


class TestNumber:
    def test_field_and_slider_follow_the_value(self):
        number = Number("α", [0, 0.1, 1.0], 0.1)
        number.value = 1.0
        assert (number.field.value, number.slider.value) == (1.0, 1.0)
        number.slider.index = 0
        assert (number.field.value, number.value) == (0.0, 0.0)

    def test_a_typed_value_between_two_places_is_kept(self):
        number = Number("α", [0, 0.1, 1.0], 0.1)
        number.field.value = 0.3
        assert (number.value, number.field.value, number.slider.value) == (0.3, 0.3, 0.1)

    @pytest.mark.parametrize("typed", [-0.1, 1.1, 1e9, float("nan"), float("inf")])
    def test_a_typed_value_out_of_range_is_refused_in_words(self, typed):
        number = Number("α", [0, 0.1, 1.0], 0.1)
        number.field.value = typed
        assert number.value == 0.1
        assert number.problem.startswith("α must be between 0 and 1; got ")
        number.settle()
        assert (number.problem, number.field.value) == ("", 0.1)

    def test_a_fraction_is_no_whole_number_and_said_so(self):
        number = Number("layers", range(2, 10), 3, whole=True)
        number.field.value = 3.5
        assert (number.value, number.slider.value) == (3, 3)
        assert number.problem == "layers must be a whole number between 2 and 9; got 3.5."
        number.field.value = 4
        assert (number.problem, number.value) == ("", 4)

    def test_a_refused_number_is_repeated_as_it_was_typed(self):
        number = Number("seed", range(100), 3, whole=True)
        number.field.value = 12_345_678
        assert number.problem == "seed must be a whole number between 0 and 99; got 12345678."


@pytest.mark.parametrize(("name", "key"), numbers)
def test_a_number_out_of_range_is_answered_in_place_and_changes_nothing_else(name, key):
    explorer = at_start(name)
    control, before = explorer.controls[key], (explorer.picture.value, explorer.words)
    low, high = control.places[[0, -1]]
    for wrong in (low - 1, high + 1):
        control.field.value = wrong
        for part in (control.label, f"{low:g}", f"{high:g}"):
            assert part in explorer.message.value
        assert (explorer.picture.value, explorer.words) == before
    control.field.value = low
    assert explorer.message.value == ""


@pytest.mark.parametrize("name", NAMES)
class TestEveryExplorer:
    def test_it_starts_with_a_picture_words_and_no_message(self, name):
        explorer = at_start(name)
        assert bytes(explorer.picture.value).startswith(b"\x89PNG")
        assert explorer.words in _unescaped(explorer.caption.value)
        assert len(explorer.words) > 20
        assert explorer.message.value == ""

    def test_presets_set_what_they_say_and_reset_restores_all(self, name):
        explorer = at_start(name)
        start, picture, words = explorer.values, explorer.picture.value, explorer.words
        for text, values in explorer.presets.items():
            explorer._preset(text)
            assert {key: explorer.values[key] for key in values} == values
            assert explorer.message.value == ""
        assert (explorer.values, explorer.picture.value, explorer.words) == (start, picture, words)

    def test_a_preset_sets_the_numbers_that_its_text_names(self, name):
        explorer = at_start(name)
        for text, values in explorer.presets.items():
            named = [float(number.replace("−", "-")) for number in re.findall(r"−?\d+\.\d+", text)]
            assert set(named) <= set(values.values()), text

    def test_reset_mends_a_wrong_number(self, name):
        explorer = at_start(name)
        control = next(control for control in explorer.controls.values() if isinstance(control, Number))
        good = control.field.value
        control.field.value = 10**9
        explorer._preset("Reset")
        assert (control.field.value, explorer.message.value) == (good, "")

    def test_a_message_goes_when_the_number_is_right_again_not_before(self, name):
        explorer, said = at_start(name), []
        control = next(control for control in explorer.controls.values() if isinstance(control, Number))
        good = control.field.value
        control.field.value = 10**9
        explorer.message.observe(lambda change: said.append((change["new"], control.field.value)), "value")
        explorer._preset("Reset")
        assert said == [("", good)]

    def test_where_no_kernel_lives_the_picture_and_its_words_stand(self, name):
        explorer = at_start(name)
        bundle, metadata = explorer._repr_mimebundle_()
        assert base64.b64decode(bundle["image/png"]) == explorer.picture.value
        assert bundle["text/plain"] == metadata["image/png"]["alt"] == explorer.words
        assert "application/vnd.jupyter.widget-view+json" in bundle

    def test_an_error_is_shown_in_words_and_the_next_value_works(self, name, monkeypatch):
        explorer = make(name)

        def fails():
            raise RuntimeError("the pen <slipped>")

        key, control = next((k, c) for k, c in explorer.controls.items() if isinstance(c, Number))
        elsewhere = next(place for place in control.places.tolist() if place != control.value)
        monkeypatch.setattr(explorer.canvas, "png", fails)
        explorer.set(**{key: elsewhere})
        assert "RuntimeError: the pen &lt;slipped&gt;" in explorer.message.value
        monkeypatch.undo()
        explorer.redraw()
        assert explorer.message.value == ""

    def test_it_keeps_its_size_so_that_nothing_jumps(self, name):
        explorer = at_start(name)
        layout, (width, height) = explorer.picture.layout, explorer.canvas.size
        assert (layout.width, layout.height) == (f"{width}px", f"{height}px")


def _unescaped(text: str) -> str:
    import html

    return html.unescape(text)


@pytest.mark.parametrize("name", NAMES)
def test_any_play_ends_where_a_fresh_explorer_with_these_values_stands(name):
    problems, played = play(name, events=12)
    assert problems == []
    assert played.total() == 12


def leaves_a_mark(view):
    view.canvas.figure.text(0.5, 0.5, "left over")
    view.canvas.refresh()


def fails(view):
    raise RuntimeError("the pen slipped")


@pytest.mark.parametrize(
    ("spoil", "told"), [(leaves_a_mark, "the picture is not"), (fails, "RuntimeError")]
)
def test_a_play_tells_what_goes_wrong(spoil, told, monkeypatch):
    update = definition.ShapeView.update

    def spoilt(view, **values):
        if values["alpha"] == 0.2:
            spoil(view)
        return update(view, **values)

    monkeypatch.setattr(definition.ShapeView, "update", spoilt)
    problems, _ = play("shape", events=60)
    assert any(told in problem for problem in problems)


def test_the_caption_cannot_smuggle_in_html():
    def draw(x):
        return "<script>alert(1)</script>"

    explorer = Explorer(figures.Canvas(figures.empty()), draw, {"x": Number("x", [0, 1], 0)})
    assert "<script>" not in explorer.caption.value


def draw(figure, result):
    """Draw nothing, and say what the result is."""
    return str(result)


class Count:
    """A result that counts to ``to``."""

    def __init__(self, now: int, to: int) -> None:
        self.progress = now / to
        self.now = now

    def __str__(self) -> str:
        return f"counted to {self.now}"


def counting(fail_at: int | None = None, first: Count | None = None) -> LiveExplorer:
    def experiment(to):
        for now in range(1, int(to) + 1):
            if now == fail_at:
                raise ValueError("cannot count that far")
            yield Count(now, int(to))

    return LiveExplorer(
        draw, {"to": Number("to", range(1, 101), 10)}, {}, experiment, lambda to: f"to {to:g}", first
    )


def played(explorer: LiveExplorer, *moves) -> LiveExplorer:
    """Make moves, each followed by some time for the run, on an event loop."""

    async def play() -> None:
        for move in moves:
            move()
            await asyncio.sleep(0.02)
        if explorer.task is not None:
            await asyncio.gather(explorer.task, return_exceptions=True)

    asyncio.run(play())
    return explorer


class TestLiveExplorer:
    def test_it_waits_for_run_and_then_shows_the_result(self):
        explorer = counting()
        assert explorer.words == "to 10. Not run yet: press Run."
        played(explorer, explorer.run_button.click)
        assert explorer.words == "to 10. counted to 10"
        assert explorer.bar.value == 1
        assert "done" in explorer.time_left.value
        assert (explorer.run_button.disabled, explorer.stop_button.disabled) == (False, True)

    def test_stop_keeps_what_was_computed_and_run_works_again(self):
        explorer = counting()
        explorer.set(to=100)
        played(explorer, explorer.run, explorer.stop_button.click)
        kept = explorer.results[("to", 100.0),]
        assert 0 < kept.now < 100
        assert explorer.words == f"to 100. counted to {kept.now}"
        assert "stopped" in explorer.time_left.value
        played(explorer, explorer.run)
        assert explorer.words == "to 100. counted to 100"

    def test_a_stopped_run_does_not_take_the_place_of_a_longer_one(self):
        explorer = counting()
        explorer.set(to=100)
        played(explorer, explorer.run)
        assert explorer.words == "to 100. counted to 100"
        played(explorer, explorer.run, explorer.stop)
        assert "stopped" in explorer.time_left.value
        assert "the longer run from before is kept" in explorer.time_left.value
        assert explorer.words == "to 100. counted to 100"

    def test_stop_is_heard_before_the_next_picture_is_drawn(self):
        def experiment(to):
            asyncio.get_running_loop().call_soon(explorer.stop_button.click)
            yield Count(1, 3)

        def drawn(figure, result):
            said[str(result)] = explorer.time_left.value
            return str(result)

        explorer = LiveExplorer(
            draw, {"to": Number("to", range(1, 4), 3)}, {}, experiment, lambda to: f"to {to:g}"
        )
        explorer.REDRAW_SECONDS = -1  # always time for a picture
        said = {}
        explorer.draw = drawn
        played(explorer, explorer.run)
        assert list(said) == ["counted to 1"]
        assert "stopped" in said["counted to 1"]

    def test_stop_is_heard_before_there_is_any_result(self):
        def experiment(to):
            for _ in range(100):
                yield None
            raise AssertionError("nobody has heard Stop")

        explorer = counting()
        explorer.experiment = experiment
        played(explorer, explorer.run, explorer.stop)
        assert explorer.time_left.value == "stopped at 0%; nothing was computed yet"
        assert explorer.words == "to 10. Not run yet: press Run."
        assert explorer.message.value == ""
        explorer.experiment = counting().experiment
        played(explorer, explorer.run, explorer.stop, explorer.run)
        assert explorer.words == "to 10. counted to 10"

    def test_a_longer_run_stays_where_another_is_stopped_before_its_first_result(self):
        explorer = played(counting(first=Count(3, 10)), lambda: None)
        explorer.experiment = lambda to: repeat(None)
        played(explorer, explorer.run, explorer.stop)
        assert explorer.words == "to 10. counted to 3"
        assert explorer.time_left.value == "stopped at 0%; the longer run from before is kept"

    def test_what_is_said_of_a_run_goes_when_the_next_one_begins(self):
        def experiment(to):
            seen.append((explorer.bar.value, explorer.time_left.value))
            yield Count(1, 1)

        explorer, seen = played(counting(), lambda: None), []
        played(explorer, explorer.run)
        assert "done" in explorer.time_left.value
        explorer.experiment = experiment
        played(explorer, explorer.run)
        assert seen == [(0, "under way")]

    def test_a_result_is_drawn_once_so_that_one_can_go_back_at_once(self):
        explorer = played(counting(), lambda: None)
        played(explorer, explorer.run)
        shown, drawn = (explorer.picture.value, explorer.words), []
        update = explorer.draw
        explorer.draw = lambda *args: drawn.append(args) or update(*args)
        explorer.set(to=7)
        explorer.set(to=10)
        assert (explorer.picture.value, explorer.words) == shown
        explorer.set(to=7)
        assert drawn == []
        played(explorer, explorer.run)
        assert explorer.words == "to 7. counted to 7"

    @pytest.mark.parametrize(("moves", "ending"), [(["run"], "done"), (["run", "stop"], "stopped")])
    def test_who_reads_that_a_run_has_ended_can_press_run(self, moves, ending):
        explorer, seen = counting(), []
        explorer.set(to=100)
        buttons = (explorer.run_button, explorer.stop_button)
        explorer.time_left.observe(
            lambda change: seen.append((change["new"], [button.disabled for button in buttons])), "value"
        )
        played(explorer, *(getattr(explorer, move) for move in moves))
        text, disabled = seen[-1]
        assert ending in text
        assert disabled == [False, True]

    def test_who_reads_that_a_run_is_done_sees_its_result(self):
        explorer, seen = counting(), []
        explorer.time_left.observe(
            lambda change: seen.append((change["new"], explorer.words, explorer.picture.value)), "value"
        )
        played(explorer, explorer.run)
        text, words, picture = seen[-1]
        assert "done" in text
        assert words == "to 10. counted to 10"
        assert picture == explorer.picture.value

    def test_a_control_moved_during_a_run_leaves_the_run_its_own_result(self):
        explorer = counting()
        explorer.set(to=50)
        played(explorer, explorer.run, lambda: explorer.set(to=7))
        assert explorer.words == "to 7. Not run yet: press Run."
        explorer.set(to=50)
        assert explorer.words == "to 50. counted to 50"

    def test_while_another_setting_runs_it_says_so_and_this_one_can_be_run(self):
        def experiment(to):
            for now, shown in enumerate((3, 2, 3), start=1):
                explorer.set(to=shown)
                yield Count(now, to)
                seen.append((explorer.time_left.value, explorer.run_button.disabled))

        explorer, seen = counting(), []
        explorer.set(to=3)
        explorer.experiment = experiment
        played(explorer, explorer.run)
        assert [disabled for _, disabled in seen] == [True, False, True]
        assert [said.endswith("s left (at other settings)") for said, _ in seen] == [False, True, False]
        assert (explorer.run_button.disabled, explorer.stop_button.disabled) == (False, True)

    def test_what_is_said_of_a_run_goes_when_another_result_is_shown(self):
        explorer = counting(first=Count(3, 3))
        assert (explorer.bar.value, explorer.time_left.value) == (1, "")
        explorer.set(to=100)
        assert (explorer.bar.value, explorer.time_left.value) == (0, "")
        played(explorer, explorer.run, explorer.stop)
        stopped = explorer.bar.value
        assert 0 < stopped < 1
        assert "stopped" in explorer.time_left.value
        explorer._preset("Reset")
        assert explorer.words == "to 10. counted to 3"
        assert (explorer.bar.value, explorer.time_left.value) == (1, "")
        explorer.set(to=100)
        assert (explorer.bar.value, explorer.time_left.value) == (stopped, "")

    def test_a_run_that_ends_while_other_settings_are_shown_says_so(self):
        explorer = counting()
        explorer.set(to=50)
        played(explorer, explorer.run, lambda: explorer.set(to=7))
        assert explorer.words == "to 7. Not run yet: press Run."
        assert re.fullmatch(r"done in .* s \(at other settings\)", explorer.time_left.value)
        played(explorer, explorer.run)
        assert re.fullmatch(r"done in [^(]* s", explorer.time_left.value)

    def test_a_second_run_takes_over_from_the_first(self):
        explorer = counting()
        explorer.set(to=100)
        played(explorer, explorer.run, lambda: explorer.set(to=5), explorer.run)
        assert explorer.words == "to 5. counted to 5"
        assert explorer.results[("to", 100.0),].now < 100
        assert "done" in explorer.time_left.value
        assert (explorer.run_button.disabled, explorer.stop_button.disabled) == (False, True)

    def test_an_error_during_the_run_is_shown_and_the_part_before_it_kept(self):
        explorer = played(counting(fail_at=4))
        played(explorer, explorer.run)
        assert "ValueError: cannot count that far" in explorer.message.value
        assert (explorer.run_button.disabled, explorer.stop_button.disabled) == (False, True)
        explorer.redraw()
        assert explorer.words == "to 10. counted to 3"

    def test_stop_without_a_run_does_nothing(self):
        explorer = counting()
        explorer.stop()
        assert explorer.words == "to 10. Not run yet: press Run."

    def test_a_first_result_is_shown_at_once(self):
        first = Count(3, 3)
        explorer = LiveExplorer(
            draw, {"to": Number("to", range(1, 5), 3)}, {}, lambda to: iter(()), lambda to: "", first
        )
        assert "counted to 3" in explorer.words


class TestSaving:
    def saving(self) -> LiveExplorer:
        class Kept(Count):
            def to_csv(self, path):
                path.write_text(f"{self}\n", encoding="utf-8")

        return LiveExplorer(
            *(draw, {"to": Number("to", range(1, 5), 3)}, {}, lambda to: iter(()), lambda to: "counting"),
            first=Kept(3, 3),
            save_as="count",
        )

    def test_table_and_picture_are_written_and_named(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        explorer = self.saving()
        explorer.save()
        assert (tmp_path / "count_1.csv").read_text(encoding="utf-8") == "counted to 3\n"
        assert (tmp_path / "count_1.png").read_bytes() == explorer.picture.value
        assert "count_1.csv, count_1.png" in explorer.time_left.value

    def test_nothing_is_overwritten(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "count_1.png").write_text("mine", encoding="utf-8")
        explorer = self.saving()
        explorer.save()
        explorer.save()
        assert (tmp_path / "count_1.png").read_text(encoding="utf-8") == "mine"
        assert {path.name for path in tmp_path.iterdir()} == {
            *("count_1.png", "count_2.csv", "count_2.png", "count_3.csv", "count_3.png")
        }

    def test_where_there_is_nothing_it_says_so(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        explorer = self.saving()
        explorer.set(to=1)
        explorer.save()
        assert "nothing to save yet" in explorer.message.value
        assert list(tmp_path.iterdir()) == []


class TestLists:
    def test_values_are_read_between_commas(self):
        assert listed_values("depths", "1, 2 ,3,", int, "whole numbers") == (1, 2, 3)

    @pytest.mark.parametrize(("text", "found"), [("1, x", "got 'x'"), (" , ", "at least one")])
    def test_what_is_none_is_named(self, text, found):
        with pytest.raises(ValueError, match=f"depths .*whole numbers.*{found}|depths .*{found}"):
            listed_values("depths", text, int, "whole numbers")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"alphas": "0, ELUS"}, "slopes α can list numbers, PReLU, RReLU, ELU, GELU, SiLU"),
            ({"learning_rates": "0.1, fast"}, "learning rates can list numbers above 0"),
            ({"alphas": ""}, "slopes α must list at least one"),
            ({"depths": "99"}, "hidden layers can list whole numbers from 1 to 12"),
        ],
    )
    def test_a_sweep_says_in_its_place_what_is_wrong_and_goes_on(self, change, said):
        explorer = make("sweep")
        before = explorer.words
        explorer.set(**change)
        assert said in _unescaped(explorer.message.value)
        explorer._preset("Reset")
        assert (explorer.message.value, explorer.words) == ("", before)

    def test_a_list_that_cannot_be_read_and_a_number_too_large_are_both_said_until_mended(self):
        explorer = make("sweep")
        starts = explorer.controls["seeds"].field
        good = starts.value
        explorer.set(alphas="0, ELUS")
        starts.value = 10**9
        assert "can list numbers" in explorer.message.value
        assert "whole number between" in explorer.message.value
        starts.value = good
        assert "can list numbers" in explorer.message.value
        assert "whole number between" not in explorer.message.value
        starts.value = 10**9
        explorer.set(alphas="0, 0.1")
        assert "can list numbers" not in explorer.message.value
        assert "whole number between" in explorer.message.value

    @pytest.mark.parametrize("alphas", ["0, 0", "0, nan"])
    def test_what_only_the_sweep_can_tell_is_said_at_run(self, alphas):
        explorer = make("sweep")
        explorer.set(alphas=alphas)
        played(explorer, explorer.run)
        assert "ValueError: alpha" in explorer.message.value


class TestWalk:
    def test_steps_are_taken_at_the_learning_rate_of_their_time(self):
        walk = explorers.kill()
        walk.start_over()
        assert walk.words.startswith("After 0 steps.")
        walk.set(learning_rate=1.0)
        walk.step()
        walk.set(learning_rate=0.1)
        walk.step(100)
        assert walk.rates == [1.0] + [0.1] * 100
        assert walk.words.startswith("After 101 steps.")

    def test_a_control_moves_the_step_to_come_and_not_the_steps_taken(self):
        walk = explorers.kill()
        taken, words = list(walk.rates), walk.words
        walk.set(learning_rate=0.9)
        assert walk.rates == taken
        assert walk.words != words

    def test_play_walks_on_until_pause(self):
        walk = explorers.kill()
        walk.PAUSE_SECONDS = 0.001
        walk.start_over()
        played(walk, walk.play, lambda: None, walk.pause)
        assert 0 < len(walk.rates) < walk.MOST
        assert walk.task.done()

    def test_it_stops_at_the_most_steps_and_says_so(self):
        walk = explorers.kill()
        walk.step(walk.MOST)
        assert len(walk.rates) == walk.MOST
        assert "start over" in walk.message.value
        walk.start_over()
        assert (walk.rates, walk.message.value) == ([], "")

    def test_reset_shows_the_first_steps_again(self):
        walk = explorers.kill()
        start = walk.words
        walk.step(10)
        walk._preset("Reset")
        assert walk.words == start


@pytest.mark.parametrize("name", LIVE)
def test_a_real_run_ends_with_a_picture_of_its_own(name):
    explorer = make(name)
    explorer.set(
        **{key: float(c.places[0]) for key, c in explorer.controls.items() if isinstance(c, Number)}
    )
    before = explorer.picture.value
    played(explorer, explorer.run)
    assert explorer.message.value == ""
    assert "Run" not in explorer.words
    assert not np.array_equal(explorer.picture.value, before)


def test_what_run_keeps_and_no_control_shows_is_said_over_the_picture():
    assert explorers.training_death(small_death()).words.split(". ")[0].endswith("twins per slope")
    odd = explorers.training_death(small_death(gain=3.0, bias=-1.0, normalised=True))
    assert "twins per slope · gain 3.0 · biases -1 · normalised. " in odd.words
    assert "· gain of each slope. " in explorers.training_death(small_death(gain=None)).words


def test_a_result_of_the_other_kind_of_network_is_refused():
    with pytest.raises(ValueError, match=r"^first must be a result of dense networks; got 'convolutional'"):
        explorers.training_death(small_deep_death())
    with pytest.raises(ValueError, match=r"^first must be a result of convolutional networks; got 'dense'"):
        explorers.deep_death(small_death())


# --- What is no longer seen is given back


def running(cell: str, run: str) -> SimpleNamespace:
    """A kernel in which a cell runs, as JupyterLab says it."""
    return SimpleNamespace(get_parent=lambda: {"metadata": {"cellId": cell}, "header": {"msg_id": run}})


@pytest.mark.parametrize("name", ["shape", "training_death"])
def test_a_closed_explorer_leaves_no_widget_behind(name):
    registry = widgets.widget._instances  # ipywidgets holds every widget there until it is closed
    make(name).close()
    before = len(registry)
    make(name).close()
    assert len(registry) == before


def test_a_cell_that_runs_again_closes_what_it_replaces_and_nothing_else(monkeypatch):
    def made(cell: str, run: str) -> explorers.Explorer:
        monkeypatch.setattr(builtins, "get_ipython", lambda: running(cell, run), raising=False)
        return explorers.shape()

    first, beside, elsewhere = made("a", "1"), made("a", "1"), made("b", "2")
    again = made("a", "3")
    assert [each.comm is None for each in (first, beside, elsewhere, again)] == [True, True, False, False]
    assert first.picture.comm is None
    assert bytes(again.picture.value[1:4]) == b"PNG"
