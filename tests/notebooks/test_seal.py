"""Proves that notebooks need no network and write nothing where they stand."""

from pathlib import Path

import nbformat
import pytest
import seal
from nbformat.v4 import new_code_cell, new_notebook


@pytest.mark.parametrize("name", ["00_start_here", "01_definition"])
def test_a_notebook_runs_without_network_on_a_read_only_checkout(name):
    assert seal.problems(seal.ROOT / "notebooks" / f"{name}.ipynb") == []


def written(folder: Path, source: str) -> Path:
    path = folder / "specimen.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)
    return path


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import urllib.request\nurllib.request.urlopen('http://example.org')", "example.org"),
        ("import socket\nsocket.create_connection(('192.0.2.1', 80))", "192.0.2.1"),
        (
            "import socket\ntry:\n    socket.gethostbyname('example.org')\nexcept OSError:\n    pass",
            "example.org",
        ),
        ("open('notes.txt', 'w')", "read-only checkout"),
        ("import os\nos.mkdir('results')", "read-only checkout"),
        ("import pathlib\npathlib.Path('specimen.ipynb').unlink()", "read-only checkout"),
    ],
)
def test_a_notebook_that_does_otherwise_is_seen(source, told, tmp_path):
    found = seal.problems(written(tmp_path, source), checkout=tmp_path.resolve())
    assert any(told in problem for problem in found)
