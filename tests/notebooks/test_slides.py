"""Proves that the notebooks make slide shows: what begins a slide, what is left out, what is said."""

import subprocess
import sys
from pathlib import Path

import hygiene
import pytest
import slides
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
LONG = "A word or two. " * 100
LAST = ("## What you can now defend", "## Carry it on")


def picture(source: str = "explorers.shape()"):
    data = {"image/png": "iVBORw0KGgo=", "text/plain": "A line."}
    return new_code_cell(source, outputs=[new_output("display_data", data=data)])


def types(*cells) -> list[str]:
    notebook = new_notebook(cells=[new_code_cell("import math"), *cells])
    return list(slides.slide_types(notebook))[1:]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([new_markdown_cell("## A scene"), new_markdown_cell("Short.")], ["slide", "-"]),
        ([new_markdown_cell("## A scene"), new_markdown_cell(LONG)], ["slide", "-"]),
        ([new_markdown_cell(LONG), new_markdown_cell(LONG)], ["-", "subslide"]),
        (
            [new_markdown_cell("### Part"), picture(), new_markdown_cell("Seen.")],
            ["slide", "-", "subslide"],
        ),
        ([new_markdown_cell(LONG), picture()], ["-", "subslide"]),
        (
            [new_code_cell('questions.ask("a")'), new_markdown_cell("The answer.")],
            ["subslide", "subslide"],
        ),
        ([new_markdown_cell("Hint", metadata={"tags": ["solution"]})], ["skip"]),
        ([new_code_cell("check()", metadata={"tags": ["exercise-check"]})], ["skip"]),
        ([new_code_cell("questions.predictions()")], ["skip"]),
        ([new_markdown_cell("Say it.", metadata={"tags": ["notes"]})], ["notes"]),
        (
            [new_markdown_cell(LONG), new_markdown_cell("So:"), new_code_cell("x = 1\n" * 10)],
            ["-", "subslide", "-"],
        ),
    ],
)
def test_the_rule(cells, expected):
    assert types(*cells) == expected


def test_code_that_only_makes_a_picture_is_hidden_and_other_code_is_not():
    notebook = new_notebook(cells=[picture("figures.show(\n    it\n)"), new_code_cell("f(2)")])
    tags = [cell.metadata.get("tags", []) for cell in slides.mark(notebook).cells]
    assert tags == [["hide-input"], []]


@pytest.mark.parametrize("name", NAMES)
def test_every_scene_has_a_note_for_whoever_teaches_it(name):
    cells = hygiene.load(FOLDER / f"{name}.ipynb").cells
    headings = {number: cell.source for number, cell in enumerate(cells) if cell.source.startswith("## ")}
    scenes = [number for number, text in headings.items() if not text.startswith(LAST)]
    assert scenes
    for number in scenes:
        note = cells[number + 1]
        assert "notes" in note.metadata.get("tags", []), cells[number].source.split("\n")[0]
        assert note.source.startswith("<details>\n<summary>For whoever teaches this</summary>\n\n")
        assert note.source.endswith("\n\n</details>")


@pytest.fixture(scope="module")
def decks(tmp_path_factory) -> dict[str, BeautifulSoup]:
    """The slide shows that the command of the instructor's guide makes."""
    folder = tmp_path_factory.mktemp("slides")
    command = slides.command(FOLDER / "*.ipynb", folder)
    subprocess.run([sys.executable, "-m", *command[1:]], check=True, capture_output=True)
    return {name: _parsed(folder / f"{name}.slides.html") for name in NAMES}


def _parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find(class_="slides")


@pytest.mark.parametrize("name", NAMES)
def test_a_deck_has_its_scenes_pictures_and_notes_and_nothing_that_gives_answers_away(name, decks):
    deck, cells = decks[name], hygiene.load(FOLDER / f"{name}.ipynb").cells
    headings = [cell for cell in cells if cell.source.startswith(("# ", "## ", "### "))]
    assert len(deck.find_all("section", recursive=False)) == len(headings)
    pictures = [cell for cell in cells if slides.has_picture(cell)]
    assert len(deck.find_all("img")) == len(pictures)
    notes = [cell for cell in cells if "notes" in cell.metadata.get("tags", [])]
    assert len(deck.find_all("aside", class_="notes")) == len(notes)
    text = deck.get_text()
    assert "A solution" not in text
    assert "exercises.check(" not in text
    assert "figures.show(" not in text
    assert "Not attempted yet" not in text


@pytest.mark.parametrize("name", NAMES)
def test_pictures_in_a_deck_have_their_alternative_text(name, decks):
    assert all(len(image.get("alt", "")) > 20 for image in decks[name].find_all("img"))
