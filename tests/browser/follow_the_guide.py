"""Follows the instructor's guide to the letter in JupyterLab, at the size of a projector.

Run it as ``python tests/browser/follow_the_guide.py FOLDER [NUMBER ...]``: it prepares each notebook as the
guide says, does every step in it, and writes FOLDER/LESSON_MINUTE_NUMBER.png after everything it does.
It prints what does not work, and pictures that do not fit in the window.
"""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import lab

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))

import guide

from leaky_lib.exercises import QUESTIONS

PROJECTOR = {"width": 1280, "height": 720}
EXPLORER_CALL = re.compile(r"explorers\.(\w+)\(")


class Instructor:
    """Somebody who does what a step says, in a notebook that is open."""

    def __init__(self, page: lab.Lab, number: str, folder: Path) -> None:
        self.page, self.folder = page, folder
        scenes = guide.scenes(number).items()
        self.places = [(title, name) for title, code in scenes for name in EXPLORER_CALL.findall(code)]
        self.troubles: list[str] = []

    def prepare(self, notebook: str) -> None:
        """What stands under "Before the class"."""
        self.page.page.set_viewport_size(PROJECTOR)
        self.page.open(f"notebooks/{notebook}.ipynb")
        self.page.page.keyboard.press("Control+b")
        self.page.page.locator(".jp-CodeCell .jp-InputArea-prompt").first.click()
        self.page.page.keyboard.press("b")
        self.page.page.keyboard.press("Enter")
        self.page.page.keyboard.type("figures.projector()")
        self.page.page.keyboard.press("Escape")
        self.page.page.keyboard.press("Control+s")
        file = self.page.server.root / self.page.notebook
        self.page.wait_until(lambda: "projector" in file.read_text(encoding="utf-8"), "it is saved")
        self.page.page.wait_for_timeout(500)
        self.page.read_cells()
        self.page.restart_and_run_all()
        self.troubles += [*self.page.cell_errors(), *self.page.widget_errors()]

    def follow(self, step: guide.Step, label: str) -> None:
        """Do everything that a step says, in its order."""
        heading = step.place.partition(" · ")[2]
        title = self.page.page.locator(".jp-Notebook :is(h1, h2)").filter(has_text=heading).first
        title.evaluate("title => title.scrollIntoView()")
        self.look(f"{label}_00")
        for number, span in enumerate(step.spans, start=1):
            try:
                self.do(" ".join(span.split()), heading)
            except Exception as error:
                self.troubles.append(f"{label}: {span}: {error}")
            self.look(f"{label}_{number:02d}")

    def do(self, span: str, heading: str) -> None:
        """Ask a question, or move an explorer."""
        if span.startswith("ask "):
            self.ask(span.removeprefix("ask "))
        elif ": " in span:
            name, _, order = span.partition(": ")
            explorer = self.page.explorers[self.places.index((heading, name))]
            explorer.root.evaluate("root => root.scrollIntoView()")
            self.move(explorer, order)
            if order != "press Play":
                explorer.wait_for_rest()
            if message := explorer.message():
                raise AssertionError(message)
            self.see_whole(explorer, span)

    def see_whole(self, explorer: lab.Explorer, span: str) -> None:
        """Scroll where the picture does not fit under its controls, and say so."""
        if self.hidden(explorer) > 0:
            print(f"  {span}: the picture wants a scroll of {self.hidden(explorer):.0f} pixels")
            explorer.image.evaluate("image => image.scrollIntoView({block: 'end'})")
        if self.hidden(explorer) > 1:
            raise AssertionError("the picture does not fit in the window")

    def hidden(self, explorer: lab.Explorer) -> float:
        """How many pixels of the picture are outside of what the window shows of the notebook."""
        picture = explorer.image.bounding_box()
        window = self.page.page.locator(".jp-WindowedPanel-outer").first.bounding_box()
        above = window["y"] - picture["y"]
        below = picture["y"] + picture["height"] - window["y"] - window["height"]
        beside = picture["x"] + picture["width"] - window["x"] - window["width"]
        return max(above, below, beside)

    def move(self, explorer: lab.Explorer, order: str) -> None:
        """Press a button, or set a control."""
        if order.startswith("press "):
            text = order.removeprefix("press ")
            explorer.button(text).click()
            if text == "Run":
                says = explorer.root.locator(".leaky-time-left")
                self.page.wait_until(lambda: "done" in says.text_content(), "the run ends")
            elif text == "Play":
                self.page.page.wait_for_timeout(3000)
                self.look("play")
                return
            return
        label, _, value = order.partition(" = ")
        (control,) = [control for control in explorer.controls if control.label == label]
        if control.is_number:
            control.type(float(value.replace("−", "-")))
        else:
            control.handle.select_option(label=value)

    def ask(self, name: str) -> None:
        """Click the first choice, as a room may well do, and wait for the reply."""
        (question,) = [
            each
            for each in self.page.page.locator(".leaky-question").all()
            if QUESTIONS[name].prompt in " ".join(each.text_content().split())
        ]
        question.evaluate("question => question.scrollIntoView()")
        if not question.locator(".leaky-answer").text_content().strip():
            question.get_by_role("radio").first.check()
        answer = question.locator(".leaky-answer")
        self.page.wait_until(lambda: answer.text_content().strip(), f"a reply to {name}")

    def look(self, label: str) -> None:
        """Take a picture of the window."""
        self.page.page.wait_for_timeout(200)
        self.page.screenshot(self.folder / f"{label}.png")


def main(folder: Path, numbers: list[str]) -> int:
    """Follow all lessons, notebook by notebook; return 1 if something did not work."""
    folder.mkdir(parents=True, exist_ok=True)
    lessons = guide.lessons(guide.GUIDE.read_text(encoding="utf-8"))
    troubles = 0
    with (
        TemporaryDirectory() as root,
        TemporaryDirectory() as home,
        lab.serve(Path(root), Path(home)) as server,
        lab.browse() as browser,
    ):
        for path in sorted(lab.NOTEBOOKS.glob("*.ipynb")):
            steps = [
                (f"{nth}_{step.start:02d}_{path.stem[:2]}", step)
                for nth, lesson in enumerate(lessons)
                for step in lesson.steps
                if step.place.startswith(f"{path.stem[:2]} · ")
            ]
            if not steps or (numbers and path.stem[:2] not in numbers):
                continue
            instructor = Instructor(lab.Lab(server, browser), path.stem[:2], folder)
            instructor.prepare(path.stem)
            for label, step in steps:
                instructor.follow(step, label)
            print(path.stem, f"{len(steps)} steps", *instructor.troubles, sep="\n  ")
            troubles += len(instructor.troubles)
            instructor.page.close()
    return int(troubles > 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
