"""Prints the decision page of notebook 06, as it is saved there, in a real browser."""

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbformat import NO_CONVERT, read

from leaky_lib.tables import Table

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_limits.ipynb"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """What the notebook's `decision.to_html` writes, from the table that is saved."""
    (cell,) = (cell for cell in read(NOTEBOOK, NO_CONVERT).cells if "\ndecision = " in cell.source)
    names = {
        each.targets[0].id: each.value.value
        for each in ast.parse(cell.source).body
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant)
    }
    shown = next(output.data["text/markdown"] for output in cell.outputs if "data" in output)
    heading, _, *rows = (
        tuple(part.replace("\\|", "|") for part in re.split(r" (?<!\\)\| ", line[2:-2]))
        for line in shown.splitlines()
    )
    assert len(rows) > 5
    return Table(heading, tuple(rows)).to_html(tmp_path / "page.html", names["title"], names["counting"])


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_decision_page_is_printed_on_one_page(paper: str, page: Path, browser: "Browser"):
    tab = browser.new_page()
    try:
        tab.goto(page.as_uri())
        printed = tab.pdf(format=paper, prefer_css_page_size=False)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
        assert tab.locator("tbody tr").count() > 5
    finally:
        tab.close()
