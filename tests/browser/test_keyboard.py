"""Proves that a notebook can be worked through with the keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lab as driver
from lab import Explorer, Lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

HAS_FOCUS = "part => part === document.activeElement"
ANSWER = "def my_leaky_relu(x, alpha=0.01):\nreturn np.where(x >= 0, x, alpha * x)"  # the editor indents


def test_notebook_01_needs_no_mouse(server: driver.Server, browser: Browser) -> None:
    lab = Lab(server, browser)
    try:
        lab.open("notebooks/01_definition.ipynb")
        run_every_cell(lab)
        answer_a_question(lab)
        play_with_an_explorer(lab)
        solve_an_exercise(lab)
        open_a_hint(lab)
    finally:
        lab.close()


def run_every_cell(lab: Lab) -> None:
    for _ in lab.cells[:-1]:
        lab.page.keyboard.press("Shift+Enter")
    lab.wait_until_run()
    assert lab.cell_errors() == []


def answer_a_question(lab: Lab) -> None:
    question = lab.page.locator(".leaky-question").first
    answer = question.locator(".leaky-answer")
    go_to_cell(lab, 'exercises.ask("bad_news")')
    tab_to(lab, question.get_by_role("radio").first)
    lab.page.keyboard.press("Space")
    lab.wait_until(lambda: "Not so" in answer.text_content(), "a reply to the first choice")
    lab.page.keyboard.press("ArrowDown")
    lab.wait_until(lambda: "That is it" in answer.text_content(), "a reply to the second choice")
    lab.page.keyboard.press("Shift+Enter")  # on to the next cell; the question stands as first answered
    lab.wait_until(lambda: "Not so" in answer.text_content(), "the first choice again")


def play_with_an_explorer(lab: Lab) -> None:
    go_to_cell(lab, "explorers.shape()")
    explorer = Explorer(lab, lab.page.locator(".leaky-explorer").first)
    alpha = explorer.controls[0]
    tab_to(lab, alpha.field)
    lab.page.keyboard.press("Control+A")
    lab.page.keyboard.type("0.5")
    lab.page.keyboard.press("Enter")
    explorer.wait_for_other(explorer.first, "0.5 was typed for α")
    assert "alpha=0.5)" in explorer.caption()
    typed = explorer.look()
    tab_to(lab, alpha.handle)
    lab.page.keyboard.press("ArrowUp")
    explorer.wait_for_other(typed, "the slider was moved up")
    assert float(alpha.field.input_value()) > 0.5
    tab_to(lab, explorer.button("Reset"))
    lab.page.keyboard.press("Space")
    lab.wait_until(lambda: explorer.look() == explorer.first, "all is as it was, after Reset")


def solve_an_exercise(lab: Lab) -> None:
    stub = go_to_cell(lab, "def my_leaky_relu(")
    reply = lab.page.locator(".jp-Cell").nth(stub + 1).locator(".jp-OutputArea-output")
    assert "Not attempted yet." in reply.text_content()
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.press("Control+A")
    lab.page.keyboard.type(ANSWER)
    lab.page.keyboard.press("Shift+Enter")
    lab.page.keyboard.press("Shift+Enter")
    lab.wait_until(lambda: "Right." in reply.text_content(), "the exercise's answer is found right")


def open_a_hint(lab: Lab) -> None:
    hint = lab.page.locator("details", has_text="A hint").first
    tab_to(lab, hint.locator("summary"))
    lab.page.keyboard.press("Space")
    lab.wait_until(lambda: hint.evaluate("hint => hint.open"), "the hint unfolds")


def tab_to(lab: Lab, part: Locator, most: int = 20) -> None:
    """Press Tab until a part of the page has the focus."""
    for _ in range(most):
        if part.evaluate(HAS_FOCUS):
            return
        lab.page.keyboard.press("Tab")
    raise AssertionError(f"not within {most} times Tab: {part}")


def go_to_cell(lab: Lab, source: str) -> int:
    """Go up or down with the arrow keys to the cell with this source; returns its number.

    The arrow keys pass over a cell whose code is collapsed: from the cell above, Tab leads into its output.
    """
    wanted = next(number for number, cell in enumerate(lab.cells) if source in "".join(cell["source"]))
    while lab.cells[wanted]["metadata"].get("jupyter", {}).get("source_hidden"):
        wanted -= 1
    active = lab.page.locator(".jp-Cell.jp-mod-active")
    for _ in lab.cells:
        here = int(active.get_attribute("data-windowed-list-index"))
        if here == wanted:
            return wanted
        lab.page.keyboard.press("ArrowUp" if here > wanted else "ArrowDown")
    raise AssertionError(f"the arrow keys do not lead to {source!r}")
