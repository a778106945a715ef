"""Proves that the notebooks make slide shows: what begins a slide, what is left out, what is said."""

import re
from pathlib import Path

import hygiene
import pytest
import slides
from bs4 import BeautifulSoup, Tag
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
GUIDE = slides.GUIDE.read_text(encoding="utf-8")
LONG = "A word or two. " * 100


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
            [new_code_cell('exercises.ask("a")'), new_markdown_cell("The answer.")],
            ["subslide", "subslide"],
        ),
        ([new_markdown_cell("Hint", metadata={"tags": ["solution"]})], ["skip"]),
        ([new_code_cell("check()", metadata={"tags": ["exercise-check"]})], ["skip"]),
        ([new_code_cell("exercises.predictions()")], ["skip"]),
        (
            [new_markdown_cell(LONG), new_markdown_cell("So:"), new_code_cell("x = 1\n" * 10)],
            ["-", "subslide", "-"],
        ),
    ],
)
def test_the_rule(cells, expected):
    assert types(*cells) == expected


@pytest.mark.parametrize(
    ("source", "on_slides", "in_the_lab"),
    [
        ("f(2)", False, False),
        ("explorers.shape()", True, True),
        ("figures.show(\n    it, 'A line.'\n)", True, True),
        ("it = draw(x)\nfigures.show(it, 'A line.')", True, False),
        ("f = 2\nexercises.defend({'two': f == 2})", True, True),
    ],
)
def test_code_is_hidden_where_only_its_outcome_counts_and_in_the_lab_where_none_is_a_readers(
    source, on_slides, in_the_lab
):
    (cell,) = slides.mark(new_notebook(cells=[new_code_cell(source)])).cells
    assert cell.metadata.get("tags", []) == ["hide-input"] * on_slides
    assert cell.metadata.get("jupyter", {}) == ({"source_hidden": True} if in_the_lab else {})


@pytest.fixture(scope="module")
def decks(tmp_path_factory) -> dict[str, BeautifulSoup]:
    """The slide shows that the command of the instructor's guide makes."""
    folder = tmp_path_factory.mktemp("slides")
    slides.write(folder, [])
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
    said = {_heading(note) for note in deck.find_all("aside", class_="notes")}
    assert {heading for number, heading in slides.notes(GUIDE) if number == name[:2]} == said
    text = deck.get_text()
    assert "A solution" not in text
    assert "exercises.check(" not in text
    assert "figures.show(" not in text
    assert "Not attempted yet" not in text


def _heading(note: Tag) -> str:
    return note.find_parent("section").find(re.compile("h[1-3]")).get_text().removesuffix("¶")


@pytest.mark.parametrize("name", NAMES)
def test_pictures_in_a_deck_have_their_alternative_text(name, decks):
    assert all(len(image.get("alt", "")) > 20 for image in decks[name].find_all("img"))


def test_a_long_table_that_is_put_together_can_be_folded():
    cell = new_code_cell("rows = []\nTable(rows)", metadata={"tags": ["fold-code"]})
    (marked,) = slides.mark(new_notebook(cells=[cell])).cells
    assert marked.metadata["tags"] == ["fold-code", "hide-input"]
    assert marked.metadata["jupyter"] == {"source_hidden": True}
