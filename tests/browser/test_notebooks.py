"""Proves that every notebook works for a person at a keyboard, in JupyterLab."""

import json
import os
import re
from pathlib import Path

import hands
import pytest
from lab import NOTEBOOKS, PATIENCE, VIEWPORT, Explorer, Lab

from leaky_lib import explorers as library

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
EXPLORER_CALL = re.compile(r"\bexplorers\.(\w+)\(")
LONG = bool(os.environ.get("LEAKY_LONG"))
"""Whether to take the time to interrupt every run, and to play with every explorer for long."""

EVENTS = 100 if LONG else 5
TURNS = 20 if LONG else 8
FULL = re.compile(r"width:\s*100%")


def explorers_in(path: Path) -> list[str]:
    """The names of the explorers that a notebook's code shows, in order."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return [name for source in sources for name in EXPLORER_CALL.findall(source)]


EXPLORERS = {name: explorers_in(NOTEBOOKS / f"{name}.ipynb") for name in NAMES}

for_each_notebook = pytest.mark.parametrize("lab", NAMES, indirect=True, scope="module")


def is_a(kind: type, explorer: str) -> bool:
    """Whether the explorer of this name is of this kind."""
    return getattr(library, explorer).__annotations__["return"] is kind


def for_each(explorers: list[tuple[str, int, str]]) -> pytest.MarkDecorator:
    """Give a test the page and the number of each of these explorers."""
    chosen = [pytest.param(name, nth, id=f"{name}-{nth}-{which}") for name, nth, which in explorers]
    return pytest.mark.parametrize(("lab", "nth"), chosen, indirect=["lab"], scope="module")


ALL = [(name, nth, which) for name in NAMES for nth, which in enumerate(EXPLORERS[name])]
for_each_explorer = for_each(ALL)
LIVE = [place for place in ALL if is_a(library.LiveExplorer, place[2])]
for_each_live_explorer = for_each(LIVE)
for_each_interrupted_explorer = for_each(LIVE if LONG else LIVE[:1])
for_each_played_explorer = for_each(ALL if LONG else [place for place in ALL if place[1] == 0])
for_each_walk = for_each([place for place in ALL if is_a(library.Walk, place[2])])


def at_start(lab: Lab, nth: int) -> Explorer:
    """The nth explorer of the page, reset."""
    assert nth < len(lab.explorers), "there is no such explorer on the page"
    explorer = lab.explorers[nth]
    assert explorer.first, "the explorer shows no picture"
    explorer.wait_for_rest()  # what the test before has left behind
    explorer.reset()
    return explorer


@for_each_notebook
def test_runs_from_top_to_bottom(lab: Lab) -> None:
    assert lab.cell_errors() == []


@for_each_notebook
def test_shows_all_its_widgets(lab: Lab, request: pytest.FixtureRequest) -> None:
    expected = EXPLORERS[request.node.callspec.params["lab"]]
    assert len(lab.explorers) == len(expected), f"expected {expected}"
    assert [explorer.has_picture() for explorer in lab.explorers] == [True] * len(expected)
    assert lab.widget_errors() == []


@pytest.mark.parametrize("lab", NAMES[:1], indirect=True, scope="module")
def test_the_button_of_the_set_up_check_replies(lab: Lab) -> None:
    lab.page.get_by_role("button", name="Press me").click()
    lab.wait_until(lambda: lab.page.get_by_role("button", name="It works").count(), "a reply")


@for_each_notebook
def test_questions_reply_to_every_choice(lab: Lab) -> None:
    for question in lab.page.locator(".leaky-question").all():
        replies: list[str] = []
        answer = question.locator(".leaky-answer")
        for choice in question.get_by_role("radio").all():
            choice.check()
            lab.wait_until(
                lambda answer=answer, replies=replies: answer.text_content().strip() not in ("", *replies),
                f"a reply of its own to choice {len(replies) + 1} of {question.text_content()!r}",
            )
            replies.append(answer.text_content().strip())
        assert len(replies) > 1, f"a question with {len(replies)} choices: {question.text_content()!r}"


PREDICTED = [
    name
    for name in NAMES
    if "exercises.predictions" in (NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8")
]
with_predictions = pytest.mark.parametrize("lab", PREDICTED, indirect=True, scope="module")


@with_predictions
def test_sets_first_predictions_against_what_was_found(lab: Lab) -> None:
    table = lab.page.locator(".leaky-predictions")
    questions = lab.page.locator(".leaky-question").all()
    first = []
    for question in questions:
        choices = question.get_by_role("radio").all()
        if not question.locator(".leaky-answer").text_content().strip():
            choices[0].check()
        choices[-1].check()  # a later choice does not count
        first.append(question.locator(".widget-radio-box label").first.text_content().strip())
    lab.wait_until(
        lambda: f"{len(questions)} of {len(questions)}" in table.text_content(), "all are in the table"
    )
    rows = [row.locator("td").all_text_contents() for row in table.locator("tr").all()[1:]]
    assert [row[1] for row in rows] == first
    assert [row[3] for row in rows] == ["yes" if row[1] == row[2] else "no" for row in rows]


@with_predictions
def test_a_question_that_is_asked_again_stands_where_it_was_first_answered(lab: Lab) -> None:
    question = lab.page.locator(".leaky-question").first
    if not question.locator(".leaky-answer").text_content().strip():
        question.get_by_role("radio").first.check()
    question.get_by_role("radio").last.check()
    lab.run_again(question)
    lab.wait_until(lambda: question.get_by_role("radio").first.is_checked(), "the first choice again")
    assert question.locator(".leaky-answer").text_content().strip()
    assert "not answered" not in lab.page.locator(".leaky-predictions tr").nth(1).text_content()


@for_each_notebook
def test_keeps_nobody_out(lab: Lab) -> None:
    pytest.importorskip("axe_playwright_python", reason="axe-core, which looks for barriers, is missing")
    assert lab.barriers() == []
    assert lab.pictures_without_words() == 0


@for_each_explorer
def test_has_accessible_names(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    assert [control.label for control in explorer.controls if not control.has_name()] == []
    assert explorer.root.get_by_role("img", name=re.compile(r"\S")).count() == 1, "the picture has no name"
    assert all(explorer.buttons()), "a button has no text"
    assert explorer.caption(), "there are no words for the picture"


@for_each_explorer
def test_follows_the_keyboard(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    assert explorer.controls
    for control in explorer.controls:
        explorer.reset()
        for key in ("Home", "End"):
            before = explorer.look()
            explorer.send(control, key)
            assert explorer.message() == "", control.label
            assert explorer.scroll_bars() == [], f"{control.label}: {key}"
            if control.is_number:
                assert float(control.says()) == pytest.approx(float(control.field.input_value()), rel=1e-4)
            assert explorer.look().box == before.box, f"the picture jumped at {control.label}: {key}"


@for_each_explorer
def test_no_control_is_cut_off_in_a_narrow_window(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    try:
        lab.page.set_viewport_size({"width": 800, "height": VIEWPORT["height"]})
        lab.wait_until(lambda: explorer.root.bounding_box()["width"] < 500, "a narrow place for it")
        assert explorer.what_sticks_out() == []
        assert explorer.scroll_bars() == []
    finally:
        lab.page.set_viewport_size(VIEWPORT)


@for_each_explorer
def test_refuses_numbers_that_are_out_of_range_or_not_whole(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    for control in explorer.controls:
        if not control.is_number:
            continue
        low, high = control.ends(explorer)
        fraction = [(low + 0.5, low)] * control.is_whole()
        for wrong, right in ((high + 1, low), (low - 1, high), *fraction):
            before = explorer.look()
            control.type(wrong)
            lab.wait_until(explorer.message, f"a message when {control.label} is {wrong:g}")
            assert explorer.look() == before, f"{wrong:g} for {control.label} changed more than the message"
            control.type(right)
            explorer.wait_for_other(before, f"{control.label} was set right, to {right:g}")
            assert explorer.message() == "", f"the message about {control.label} stays"


@for_each_explorer
def test_reset_puts_a_wrong_number_right(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    for control in explorer.controls:
        if not control.is_number:
            continue
        start = control.field.input_value()
        control.type(1e9)
        lab.wait_until(explorer.message, f"a message when {control.label} is 1e9")
        explorer.reset()
        lab.wait_until(lambda: not explorer.message(), "no message after Reset")
        assert control.field.input_value() == start, f"{control.label} still shows the wrong number"


@for_each_explorer
def test_presets_change_the_picture(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    for text in explorer.buttons():
        if text in ("Run", "Stop", "Pause", "Save"):
            continue
        # Where the last one has left it there may be nothing to do; at one of the ends there is.
        tries = [(key, seconds) for seconds in (2, PATIENCE) for key in (None, "Home", "End")]
        assert any(_changes_from(explorer, text, *each) for each in tries), f"{text!r} did nothing"
        assert explorer.message() == "", text
    explorer.reset()


def _changes_from(explorer: Explorer, preset: str, key: str | None, seconds: float) -> bool:
    explorer.halt()
    if key:
        explorer.send_all(key)
    before = explorer.look()
    explorer.button(preset).click()
    try:
        explorer.lab.wait_until(lambda: explorer.shows_other(before), "", seconds)
    except AssertionError:
        return False
    return True


for_each_with_lists = for_each([place for place in ALL if place[2] == "sweep"])


@for_each_with_lists
def test_lists_are_read_or_answered(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    assert explorer.lists
    for field in explorer.lists:
        before = explorer.look()
        field.fill("1, no number")
        field.press("Enter")
        lab.wait_until(lambda: "'no number'" in explorer.message(), "a message that names what is wrong")
        field.fill("1")
        field.press("Enter")
        explorer.wait_for_other(before, "a list of one")
        assert explorer.message() == ""
        explorer.reset()


@for_each_with_lists
def test_saves_a_table_and_the_picture_beside_the_notebook(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    folder = (lab.server.root / lab.notebook).parent
    before = set(folder.iterdir())
    explorer.button("Save").click()
    says = explorer.root.locator(".leaky-time-left")
    lab.wait_until(lambda: "saved" in says.text_content(), "a word about where it was saved")
    new = {path.suffix: path for path in set(folder.iterdir()) - before if path.is_file()}
    assert all(new[suffix].name in says.text_content() for suffix in (".csv", ".png"))
    assert new[".csv"].read_text(encoding="utf-8").startswith("data,")
    assert new[".png"].read_bytes().startswith(b"\x89PNG")
    assert explorer.look() == explorer.first


@for_each_explorer
def test_survives_hurry(lab: Lab, nth: int) -> None:
    """JupyterLab hands buttons and sliders to different threads of the kernel: do not wait between them."""
    explorer = at_start(lab, nth)
    for turn in range(TURNS):
        explorer.controls[turn % len(explorer.controls)].press(("Home", "End")[turn // 2 % 2])
        explorer.button("Reset").click()
        assert explorer.message() == ""
    explorer.wait_for_rest()
    explorer.reset()
    assert explorer.message() == ""


@for_each_walk
def test_plays_and_pauses(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    explorer.button("Start over").click()
    lab.wait_until(lambda: "After 0 steps" in explorer.caption(), "the walk to start over")
    explorer.button("Play").click()
    lab.wait_until(lambda: steps_in(explorer) > 20, "more than 20 steps")
    explorer.button("Pause").click()
    explorer.wait_for_rest()
    paused = steps_in(explorer)
    explorer.button("Step").click()
    lab.wait_until(lambda: steps_in(explorer) == paused + 1, "one more step after Pause")
    explorer.button("100 steps").click()
    lab.wait_until(lambda: steps_in(explorer) == paused + 101, "a hundred more steps")
    assert explorer.message() == ""
    explorer.reset()


def steps_in(explorer: Explorer) -> int:
    """How many steps the caption says were taken."""
    return int(re.search(r"After ([\d,]+) step", explorer.caption())[1].replace(",", ""))


@for_each_live_explorer
def test_runs_and_stops(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    assert explorer.has_run
    run, stop = explorer.button("Run"), explorer.button("Stop")
    bar = explorer.root.locator(".progress-bar")

    explorer.send_all("End")  # the longest run
    assert stop.is_disabled()
    explorer.start()
    explorer.stop()
    assert stop.is_disabled()
    assert not FULL.search(bar.get_attribute("style"))

    explorer.wait_for_rest()  # a last picture of the stopped run
    explorer.reset()
    explorer.send_all("Home")  # the shortest run
    before = explorer.look()
    explorer.finish()
    assert run.is_enabled()
    assert explorer.look().picture != before.picture
    assert explorer.caption() != before.caption
    assert FULL.search(bar.get_attribute("style"))
    assert re.search(r"\d", explorer.caption())
    assert "Run" not in explorer.caption()
    assert explorer.message() == ""
    assert explorer.look().box == before.box, "the picture jumped"
    explorer.reset()


@for_each_interrupted_explorer
def test_nothing_is_lost_by_stopping_and_interrupting(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    explorer.send_all("End")
    explorer.start()
    explorer.stop()
    explorer.start()
    explorer.send(explorer.controls[0], "Home")  # a control is moved during the run
    explorer.stop()
    explorer.send(explorer.controls[0], "End")
    assert "press Run" not in explorer.caption(), "what the stopped run has computed is not there"
    explorer.start()
    lab.choose("Kernel", "Interrupt Kernel")
    explorer.halt()
    explorer.wait_for_rest()
    assert explorer.message() == ""
    explorer.reset()  # its first picture is still there

    lab.run_again(explorer.root)
    lab.wait_until(lambda: explorer.root.count() == 1 and not explorer.says(), "a new explorer")
    explorer.wait_for_rest()
    explorer.reset()
    explorer.send_all("Home")
    explorer.finish()
    assert "press Run" not in explorer.caption()
    assert explorer.message() == ""
    assert lab.widget_errors() == []
    explorer.reset()


@for_each_played_explorer
def test_after_any_play_it_stands_where_a_fresh_one_does(lab: Lab, nth: int) -> None:
    explorer = at_start(lab, nth)
    assert hands.play(explorer, EVENTS) == []
    _start_over(explorer)
    played, values = explorer.look(), explorer.values()
    explorer.button("Reset").click()
    explorer.wait_for_rest()
    explorer.first = explorer.look()  # where it was run at its first values, it has a new result
    explorer.set(values)
    _start_over(explorer)
    assert explorer.look() == played, values
    assert lab.widget_errors() == []
    explorer.reset()


def _start_over(explorer: Explorer) -> None:
    """Have a walk forget its steps."""
    if explorer.button("Start over").count():
        explorer.button("Start over").click()
    explorer.wait_for_rest()
