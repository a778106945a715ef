"""Proves that notebooks can be run twice, and their scenes' cells in other orders."""

import again
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def test_a_notebook_runs_again_as_it_ran_first():
    assert again.problems(again.ROOT / "notebooks" / "01_definition.ipynb") == []


def test_a_notebook_that_remembers_is_seen(tmp_path):
    cells = [
        new_code_cell("from leaky_lib import exercises\nruns = 0"),
        new_markdown_cell("## A scene"),
        new_code_cell("runs += 1\nruns"),
        new_code_cell("if runs == 1:\n    later = None"),
        new_code_cell("print(later)\ndel later"),
        new_code_cell("mine = ...", metadata={"tags": ["exercise"]}),
        new_code_cell('exercises.check("first_dead_layer", mine)', metadata={"tags": ["exercise-check"]}),
        new_markdown_cell("```python\nmine = 7.5\n```", metadata={"tags": ["solution"]}),
        new_code_cell("print(runs)", metadata={"tags": ["nbval-ignore-output"]}),
    ]
    path = tmp_path / "specimen.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    found = again.problems(path)
    assert "the first run: check 6 fails" in found
    assert any("cell 4 fails: NameError: name 'later' is not defined" in problem for problem in found)
    assert any("cell 2 shows something else" in problem for problem in found)
    assert not any("cell 8" in problem for problem in found)
